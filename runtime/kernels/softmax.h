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

/* As many floats, or integers, as the processor has in a vector. */
#if NNC_TILE_ROWS_f32 > 0
#if defined(__AVX2__)
typedef nnc_eight_floats nnc_vector_f32;
#else
typedef nnc_four_floats nnc_vector_f32;
#endif
#define NNC_VECTOR_FLOATS (nnc_index)(sizeof(nnc_vector_f32) / sizeof(float))
typedef int32_t nnc_vector_bits __attribute__((vector_size(sizeof(nnc_vector_f32))));
#endif

#if NNC_TILE_ROWS_f32 > 0
/* e to the power of x for x up to 0, as nnc_exp_to_89_f32 has it, but 0 below -87: numbers that are not normal take long. gcc makes
   no vectors of that function, in which it sees branches. */
NNC_INLINE nnc_vector_f32 nnc_exp_to_0_f32(nnc_vector_f32 x) {
  const nnc_vector_bits is_small = x < -87.0f;
  const nnc_vector_f32 limited = (nnc_vector_f32)((nnc_vector_bits)x & ~is_small); /* 0 for small ones, cleared below */
  const nnc_vector_f32 scaled = limited * 1.44269504f + 12583039.0f; /* 1.5 * 2^23 + 127: leaves n + 127 in the lowest bits */
  const nnc_vector_f32 n = scaled - 12583039.0f, r = limited - n * 0.693359375f - n * -2.12194440e-4f;
  const nnc_vector_f32 p =
      0.4999999305f + r * (0.1666651479f + r * (0.04166845687f + r * (0.008369418724f + r * 0.001381313892f)));
  const nnc_vector_f32 power = (nnc_vector_f32)((nnc_vector_bits)scaled << 23);
  return (nnc_vector_f32)((nnc_vector_bits)((1.0f + r + r * r * p) * power) & ~is_small);
}
#endif

/* The softmax of a line whose elements lie side by side. */
NNC_INLINE void nnc_softmax_row_f32(const float *from, float *to, nnc_index count) {
  const float largest = nnc_row_maximum_f32(from, count);
  nnc_index k = 0;
  float factor;
#if NNC_TILE_ROWS_f32 > 0
  for (; k + NNC_VECTOR_FLOATS <= count; k += NNC_VECTOR_FLOATS) {
    *(nnc_vector_f32 *)(to + k) = nnc_exp_to_0_f32(*(const nnc_vector_f32 *)(from + k) - largest);
  }
#endif
  for (; k < count; ++k) to[k] = nnc_exp_to_89_f32(from[k] - largest);
  factor = 1.0f / nnc_row_sum_f32(to, count);
  for (k = 0; k < count; ++k) to[k] *= factor;
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
