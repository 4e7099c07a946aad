/* Kernels along a line of elements, of which each lies `stride` after the one before. */
#ifndef NNC_SEARCH_H
#define NNC_SEARCH_H

#include "arithmetic.h"
#include "base.h"

/* The place of the greatest of `count` elements, the first or the last one of equals; NaN comes before all numbers. */
NNC_INLINE int64_t nnc_arg_max_f32(const float *x, nnc_index count, nnc_index stride, int is_last) {
  nnc_index best = 0;
  for (nnc_index i = 1; i < count; ++i) {
    const float a = x[i * stride];
    const float b = x[best * stride];
    if (b == b ? a > b || a != a || (is_last && a == b) : is_last && a != a) best = i;
  }
  return best;
}

NNC_INLINE int64_t nnc_arg_max_i32(const int32_t *x, nnc_index count, nnc_index stride, int is_last) {
  nnc_index best = 0;
  for (nnc_index i = 1; i < count; ++i) {
    const int32_t a = x[i * stride];
    const int32_t b = x[best * stride];
    if (a > b || (is_last && a == b)) best = i;
  }
  return best;
}

/* The place of the least of `count` elements, the first or the last one of equals; NaN comes before all numbers. */
NNC_INLINE int64_t nnc_arg_min_f32(const float *x, nnc_index count, nnc_index stride, int is_last) {
  nnc_index best = 0;
  for (nnc_index i = 1; i < count; ++i) {
    const float a = x[i * stride];
    const float b = x[best * stride];
    if (b == b ? a < b || a != a || (is_last && a == b) : is_last && a != a) best = i;
  }
  return best;
}

NNC_INLINE int64_t nnc_arg_min_i32(const int32_t *x, nnc_index count, nnc_index stride, int is_last) {
  nnc_index best = 0;
  for (nnc_index i = 1; i < count; ++i) {
    const int32_t a = x[i * stride];
    const int32_t b = x[best * stride];
    if (a < b || (is_last && a == b)) best = i;
  }
  return best;
}

/* Whether a comes before b among the greatest, or the least, elements. NaN is greater than all numbers. */
NNC_INLINE int nnc_comes_before_f32(float a, float b, int is_greatest) {
  return is_greatest ? a > b || (a != a && b == b) : a < b || (b != b && a == a);
}

NNC_INLINE int nnc_comes_before_i32(int32_t a, int32_t b, int is_greatest) {
  return is_greatest ? a > b : a < b;
}

/* The first k of `count` elements in order, and their places, by insertion into those found so far; equals keep their
   order. y or places may be NULL. Where k is 0, nothing is done. */
NNC_INLINE void nnc_top_k_f32(const float *x, float *y, int64_t *places, nnc_index count, nnc_index stride, nnc_index k,
    nnc_index y_stride, int is_greatest) {
  nnc_index found = 0;
  if (k == 0) return;
  for (nnc_index i = 0; i < count; ++i) {
    const float value = x[i * stride];
    nnc_index place = found;
    for (; place > 0; --place) {
      const nnc_index last = (place - 1) * y_stride;
      const float other = y != NULL ? y[last] : x[(nnc_index)places[last] * stride];
      if (!nnc_comes_before_f32(value, other, is_greatest)) break;
      if (place == k) continue;
      if (y != NULL) y[last + y_stride] = y[last];
      if (places != NULL) places[last + y_stride] = places[last];
    }
    if (place == k) continue;
    if (y != NULL) y[place * y_stride] = value;
    if (places != NULL) places[place * y_stride] = i;
    if (found < k) ++found;
  }
}

/* The same for integers. */
NNC_INLINE void nnc_top_k_i32(const int32_t *x, int32_t *y, int64_t *places, nnc_index count, nnc_index stride, nnc_index k,
    nnc_index y_stride, int is_greatest) {
  nnc_index found = 0;
  if (k == 0) return;
  for (nnc_index i = 0; i < count; ++i) {
    const int32_t value = x[i * stride];
    nnc_index place = found;
    for (; place > 0; --place) {
      const nnc_index last = (place - 1) * y_stride;
      const int32_t other = y != NULL ? y[last] : x[(nnc_index)places[last] * stride];
      if (!nnc_comes_before_i32(value, other, is_greatest)) break;
      if (place == k) continue;
      if (y != NULL) y[last + y_stride] = y[last];
      if (places != NULL) places[last + y_stride] = places[last];
    }
    if (place == k) continue;
    if (y != NULL) y[place * y_stride] = value;
    if (places != NULL) places[place * y_stride] = i;
    if (found < k) ++found;
  }
}

/* What is gathered with one more element. */
typedef float (*nnc_step_f32)(float gathered, float x);

/* All elements up to each one gathered, from the end where `stride` is negative; `neutral` is what is gathered of none.
   y may be x. */
NNC_INLINE void nnc_cumulate_f32(const float *x, float *y, nnc_index count, nnc_index stride, nnc_step_f32 step,
    float neutral, int is_exclusive) {
  float gathered = neutral;
  for (nnc_index i = 0; i < count; ++i) {
    const float next = step(gathered, x[i * stride]);
    y[i * stride] = is_exclusive ? gathered : next;
    gathered = next;
  }
}

#endif
