/* What the code generator has of the runtime: the text of the kernels, and their version. */
#ifndef NNC_KERNEL_FILES_H
#define NNC_KERNEL_FILES_H

#include "../nnc_runtime.h"

/* The text of a file of kernels. */
typedef struct {
  const char *name;
  const char *text;
} nnc_kernel_file;

/* All files of kernels in the order in which C needs them, up to one without a name. */
extern const nnc_kernel_file nnc_kernel_files[];

/* The first of them. */
static inline const nnc_kernel_file *nnc_kernel_files_start(void) {
  return nnc_kernel_files;
}

#endif
