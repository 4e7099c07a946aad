/* Functions of lines of elements along an axis: x and y are [outer][count][inner], a line has `count` elements that lie
   `inner` apart. y may be x. */
#ifndef NNC_SOFTMAX_H
#define NNC_SOFTMAX_H

#include "base.h"
#include "math.h"
#include "rows.h"

/* The largest of `count` elements that lie `step` apart. */
NNC_INLINE float nnc_line_maximum_f32(const float *x, nnc_index count, nnc_index step) {
  float largest = -NNC_INFINITY_f32;
  for (nnc_index k = 0; k < count; ++k) largest = x[k * step] > largest ? x[k * step] : largest;
  return largest;
}

/* The softmax of a line whose elements lie side by side. */
NNC_INLINE void nnc_softmax_row_f32(const float *from, float *to, nnc_index count) {
  const float largest = nnc_row_maximum_f32(from, count);
  float sum;
#if NNC_TILE_ROWS_f32 > 0
  for (nnc_index k = 0; k < count; k += 64) {
    const nnc_index rest = count - k < 64 ? count - k : 64;
    float values[64]; /* of their own, since y may be x, of which compilers would not make vectors */
    for (nnc_index j = 0; j < rest; ++j) values[j] = nnc_exp_to_89_f32(from[k + j] - largest);
    for (nnc_index j = 0; j < rest; ++j) to[k + j] = values[j];
  }
#else
  for (nnc_index k = 0; k < count; ++k) to[k] = nnc_exp_to_89_f32(from[k] - largest);
#endif
  sum = nnc_row_sum_f32(to, count);
  for (nnc_index k = 0; k < count; ++k) to[k] /= sum;
}

/* Exponentials divided by their sum. Taken relative to the largest element, they cannot overflow. */
NNC_INLINE void nnc_softmax_f32(const float *x, float *y, nnc_index outer, nnc_index count, nnc_index inner) {
  if (inner == 1) {
    for (nnc_index o = 0; o < outer; ++o) nnc_softmax_row_f32(x + o * count, y + o * count, count);
    return;
  }
  for (nnc_index o = 0; o < outer; ++o) {
    for (nnc_index i = 0; i < inner; ++i) {
      const float *from = x + o * count * inner + i;
      float *to = y + o * count * inner + i;
      const float largest = nnc_line_maximum_f32(from, count, inner);
      float sum = 0.0f;
      for (nnc_index k = 0; k < count; ++k) {
        to[k * inner] = nnc_exp_to_89_f32(from[k * inner] - largest);
        sum += to[k * inner];
      }
      for (nnc_index k = 0; k < count; ++k) to[k * inner] /= sum;
    }
  }
}

/* The logarithm of that. */
NNC_INLINE void nnc_log_softmax_f32(const float *x, float *y, nnc_index outer, nnc_index count, nnc_index inner) {
  for (nnc_index o = 0; o < outer; ++o) {
    for (nnc_index i = 0; i < inner; ++i) {
      const float *from = x + o * count * inner + i;
      float *to = y + o * count * inner + i;
      const float largest = nnc_line_maximum_f32(from, count, inner);
      float sum = 0.0f;
      for (nnc_index k = 0; k < count; ++k) sum += nnc_exp_f32(from[k * inner] - largest);
      sum = nnc_log_f32(sum);
      for (nnc_index k = 0; k < count; ++k) to[k * inner] = from[k * inner] - largest - sum;
    }
  }
}

/* 1 for the first of the largest elements, 0 for the others. In a line that begins with a NaN none is the largest. */
NNC_INLINE void nnc_hardmax_f32(const float *x, float *y, nnc_index outer, nnc_index count, nnc_index inner) {
  for (nnc_index o = 0; o < outer; ++o) {
    for (nnc_index i = 0; i < inner; ++i) {
      const float *from = x + o * count * inner + i;
      float *to = y + o * count * inner + i;
      nnc_index best = 0;
      for (nnc_index k = 1; k < count; ++k) {
        if (from[k * inner] > from[best * inner]) best = k;
      }
      for (nnc_index k = 0; k < count; ++k) {
        to[k * inner] = k == best && from[k * inner] == from[k * inner] ? 1.0f : 0.0f;
      }
    }
  }
}

#endif
