/* What Host has in C: what this processor can do, and the text of the program that times a model. */
#ifndef NNC_HOST_H
#define NNC_HOST_H

/* Which instructions of x86-64 this processor and the system have: 1 for those that all have, 3 for AVX2 with FMA and what came
   with them, 4 for AVX-512 as in the level of that number; 0 on other processors. */
int nnc_host_x86_64_level(void);

/* A file of the program that times a model. */
typedef struct {
  const char *name;
  const char *text;
} nnc_benchmark_file;

/* All of them, up to one without a name. */
extern const nnc_benchmark_file nnc_benchmark_files[];

/* The first of them. */
static inline const nnc_benchmark_file *nnc_benchmark_files_start(void) {
  return nnc_benchmark_files;
}

#endif
