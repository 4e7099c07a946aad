/* The kernels, for models that were built with `--runtime link` and for other C that calls them. Each program has one copy
   of their code, nnc_runtime.c; what includes this header may have more of it inlined. Models that were built without
   --runtime link carry what they use, and need neither. */
#ifndef NNC_RUNTIME_H
#define NNC_RUNTIME_H

/* The version of nnc, and as one number. */
#define NNC_VERSION_MAJOR 0
#define NNC_VERSION_MINOR 1
#define NNC_VERSION_PATCH 0
#define NNC_VERSION (NNC_VERSION_MAJOR * 10000 + NNC_VERSION_MINOR * 100 + NNC_VERSION_PATCH)

/* What C99 calls inline definitions, of which a compiler takes those it likes, and in nnc_runtime.c the external ones, which
   it calls otherwise. In the older dialect of GNU the words for them are others. */
#undef NNC_INLINE
#if defined(NNC_RUNTIME_DEFINITIONS)
#define NNC_INLINE extern
#elif defined(__GNUC_GNU_INLINE__) && !defined(__cplusplus)
#define NNC_INLINE extern inline
#else
#define NNC_INLINE inline
#endif
#undef NNC_SHARED
#define NNC_SHARED NNC_INLINE

/* All models of a program for AVR have their weights in program memory. */
#if defined(__AVR__) && !defined(NNC_PROGRAM_MEMORY)
#define NNC_PROGRAM_MEMORY
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The functions behind instructions of a processor are static in the headers of clang. */
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wstatic-in-inline"
#endif

#include "kernels/base.h"
#include "kernels/weights.h"
#include "kernels/math.h"
#include "kernels/arithmetic.h"
#include "kernels/comparison.h"
#include "kernels/nonlinear.h"
#include "kernels/trigonometry.h"
#include "kernels/cast.h"
#include "kernels/narrow.h"
#include "kernels/place.h"
#include "kernels/reduce.h"
#include "kernels/search.h"
#include "kernels/activation.h"
#include "kernels/window.h"
#include "kernels/conv2d.h"
#include "kernels/widening_layers.h"
#include "kernels/winograd_conv2d.h"
#include "kernels/depthwise_conv2d.h"
#include "kernels/dense.h"
#include "kernels/mixture_of_experts.h"
#include "kernels/skipping_dense.h"
#include "kernels/fixed_point.h"
#include "kernels/fixed_conv2d.h"
#include "kernels/pool2d.h"
#include "kernels/matmul.h"
#include "kernels/determinant.h"
#include "kernels/rows.h"
#include "kernels/softmax.h"
#include "kernels/dot_product_attention.h"
#include "kernels/normalization.h"
#include "kernels/conv.h"
#include "kernels/pool.h"
#include "kernels/resize.h"
#include "kernels/sampling.h"
#include "kernels/roi_align.h"
#include "kernels/deform_conv.h"
#include "kernels/recurrent.h"
#include "kernels/fixed_recurrent.h"
#include "kernels/fourier.h"
#include "kernels/attention.h"
#include "kernels/quantize.h"
#include "kernels/dot.h"
#include "kernels/rescale.h"
#include "kernels/quantized_layers.h"
#include "kernels/learning.h"
#include "kernels/tree.h"
#include "kernels/scaled_bits.h"
#include "kernels/bit_words.h"
#include "kernels/bits.h"
#include "kernels/plane_lanes.h"
#include "kernels/plane_conv2d.h"
#include "kernels/plane_tree.h"
#include "kernels/count_bits.h"
#include "kernels/binary_conv2d.h"
#include "kernels/binarizing_conv2d.h"
#include "kernels/bit_layers.h"
#include "kernels/sparse_layers.h"
#include "kernels/self_test.h"

#ifdef __clang__
#pragma clang diagnostic pop
#endif

#ifdef __cplusplus
}
#endif

#endif
