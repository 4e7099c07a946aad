/* The kernels as one header, for C and Swift code that calls them directly. Generated models do not include it: the
   functions they use are copied into them. */
#ifndef NNC_RUNTIME_H
#define NNC_RUNTIME_H

#include "../kernels/base.h"
#include "../kernels/math.h"
#include "../kernels/arithmetic.h"
#include "../kernels/comparison.h"
#include "../kernels/nonlinear.h"
#include "../kernels/trigonometry.h"
#include "../kernels/cast.h"
#include "../kernels/narrow.h"
#include "../kernels/place.h"
#include "../kernels/reduce.h"
#include "../kernels/search.h"
#include "../kernels/activation.h"
#include "../kernels/window.h"
#include "../kernels/conv2d.h"
#include "../kernels/dense.h"
#include "../kernels/fixed_point.h"
#include "../kernels/fixed_conv2d.h"
#include "../kernels/pool2d.h"
#include "../kernels/matmul.h"
#include "../kernels/determinant.h"
#include "../kernels/softmax.h"
#include "../kernels/normalization.h"
#include "../kernels/conv.h"
#include "../kernels/pool.h"
#include "../kernels/resize.h"
#include "../kernels/sampling.h"
#include "../kernels/roi_align.h"
#include "../kernels/deform_conv.h"
#include "../kernels/recurrent.h"
#include "../kernels/fixed_recurrent.h"
#include "../kernels/fourier.h"
#include "../kernels/attention.h"
#include "../kernels/quantize.h"
#include "../kernels/learning.h"
#include "../kernels/tree.h"
#include "../kernels/self_test.h"

/* The text of each file of kernels, as the code generator copies from it. */
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
