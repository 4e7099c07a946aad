/* What rows of elements that lie side by side add up to. Where the processor has vectors, eight sums are computed beside each
   other and added up at the end. */
#ifndef NNC_ROWS_H
#define NNC_ROWS_H

#include "base.h"
#include "float_tiles.h"

/* The sum of eight numbers. */
NNC_INLINE float nnc_sum_of_eight_f32(const float *sums) {
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/* The sum of `count` elements. */
NNC_INLINE float nnc_row_sum_f32(const float *x, nnc_index count) {
  const nnc_index whole = NNC_TILE_ROWS_f32 > 0 ? count - count % 8 : 0;
  float sum = 0.0f;
  if (NNC_TILE_ROWS_f32 > 0) {
    float sums[8] = {0};
    for (nnc_index k = 0; k < whole; k += 8) {
      for (nnc_index j = 0; j < 8; ++j) sums[j] += x[k + j];
    }
    sum = nnc_sum_of_eight_f32(sums);
  }
  for (nnc_index k = whole; k < count; ++k) sum += x[k];
  return sum;
}

/* The sum of the squares of their distances from `mean`. */
NNC_INLINE float nnc_row_square_sum_f32(const float *x, float mean, nnc_index count) {
  const nnc_index whole = NNC_TILE_ROWS_f32 > 0 ? count - count % 8 : 0;
  float sum = 0.0f;
  if (NNC_TILE_ROWS_f32 > 0) {
    float sums[8] = {0};
    for (nnc_index k = 0; k < whole; k += 8) {
      for (nnc_index j = 0; j < 8; ++j) sums[j] += (x[k + j] - mean) * (x[k + j] - mean);
    }
    sum = nnc_sum_of_eight_f32(sums);
  }
  for (nnc_index k = whole; k < count; ++k) sum += (x[k] - mean) * (x[k] - mean);
  return sum;
}

/* The largest of `count` elements. */
NNC_INLINE float nnc_row_maximum_f32(const float *x, nnc_index count) {
  const nnc_index whole = NNC_TILE_ROWS_f32 > 0 ? count - count % 8 : 0;
  float largest = -NNC_INFINITY_f32;
  for (nnc_index k = whole; k < count; ++k) largest = x[k] > largest ? x[k] : largest;
  if (NNC_TILE_ROWS_f32 > 0) {
    float most[8];
    for (nnc_index j = 0; j < 8; ++j) most[j] = -NNC_INFINITY_f32;
    for (nnc_index k = 0; k < whole; k += 8) {
      for (nnc_index j = 0; j < 8; ++j) most[j] = x[k + j] > most[j] ? x[k + j] : most[j];
    }
    for (nnc_index j = 0; j < 8; ++j) largest = most[j] > largest ? most[j] : largest;
  }
  return largest;
}

#endif
