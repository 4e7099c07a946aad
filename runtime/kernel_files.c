/* Carries the text of the kernels. A new file of kernels is named here and in include/nnc_runtime.h. */
#include "nnc_runtime.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char base[] = {
#embed "kernels/base.h"
    , 0};

static const char arithmetic[] = {
#embed "kernels/arithmetic.h"
    , 0};

const nnc_kernel_file nnc_kernel_files[] = {
    {"base.h", base},
    {"arithmetic.h", arithmetic},
    {0, 0},
};
