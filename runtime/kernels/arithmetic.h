/* Arithmetic on one element. _f32 is rewritten for f64, and _i32 for the other integers. */
#ifndef NNC_ARITHMETIC_H
#define NNC_ARITHMETIC_H

#include "base.h"

NNC_INLINE float nnc_add_f32(float a, float b) {
  return a + b;
}

/* Integers wrap. */
NNC_INLINE int32_t nnc_add_i32(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

NNC_INLINE void nnc_copy_any(const nnc_any *x, nnc_any *y, nnc_index count) {
  for (nnc_index i = 0; i < count; ++i) y[i] = x[i];
}

/* A NaN stays one. */
NNC_INLINE float nnc_relu_f32(float x) {
  return x < 0.0f ? 0.0f : x;
}

NNC_INLINE int32_t nnc_relu_i32(int32_t x) {
  return x > 0 ? x : 0;
}

#endif
