/* The code of the kernels, once for all models of a program that were built with `--runtime link`. Compile it with
   -ffunction-sections and link with -Wl,--gc-sections, so that only what they use remains. */
#define NNC_RUNTIME_DEFINITIONS
#include "nnc_runtime.h"
