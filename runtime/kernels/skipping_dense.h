/* Matrix products with packed constant weights, of which those are not read that would be multiplied with nearly nothing. */
#ifndef NNC_SKIPPING_DENSE_H
#define NNC_SKIPPING_DENSE_H

#include "base.h"
#include "float_tiles.h"

#if defined(__AVX__)
typedef int32_t nnc_eight_integers __attribute__((vector_size(32), aligned(4), may_alias));
#endif

/* Lists the elements of a row whose magnitude is not at most their threshold, or 0 where there are none, and returns their number:
   a NaN is no zero. Most elements are zeros, of which AVX passes over eight at once. */
NNC_INLINE nnc_index nnc_list_elements_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT thresholds,
    float *NNC_RESTRICT values, int32_t *NNC_RESTRICT places, nnc_index depth) {
  nnc_index count = 0, first = 0;
#if defined(__AVX__)
  static const float zeros[8] = {0};
  for (; first + 8 <= depth; first += 8) {
    const nnc_eight_floats limits = *(const nnc_eight_floats *)(thresholds != NULL ? thresholds + first : zeros);
    const nnc_eight_integers sizes = *(const nnc_eight_integers *)(x + first) & 0x7fffffff;
    const nnc_eight_integers small = (nnc_eight_floats)sizes <= limits;
    for (unsigned rest = 0xff & ~(unsigned)__builtin_ia32_movmskps256((nnc_eight_floats)small); rest != 0; rest &= rest - 1) {
      const nnc_index k = first + __builtin_ctz(rest);
      values[count] = x[k];
      places[count++] = (int32_t)k;
    }
  }
#endif
  for (nnc_index k = first; k < depth; ++k) {
    const float size = x[k] < 0.0f ? -x[k] : x[k];
    values[count] = x[k];
    places[count] = (int32_t)k;
    count += !(size <= (thresholds != NULL ? nnc_weight_f32(thresholds + k) : 0.0f));
  }
  return count;
}

#if NNC_TILE_ROWS_f32 > 0
/* y = b + the products of the listed elements for some panels of as many columns as a tile has lanes. w: [panels][depth][lanes]. */
NNC_INLINE void nnc_skipping_panels_f32(const float *NNC_RESTRICT values, const int32_t *NNC_RESTRICT places, nnc_index count,
    const float *NNC_RESTRICT w, const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_index depth, nnc_index panels) {
  nnc_tile_row_f32 sums[NNC_TILE_ROWS_f32];
  nnc_tile_begin_f32(sums, b, NULL, 0, 1, panels, NNC_TILE_LANES_f32);
  for (nnc_index i = 0; i < count; ++i) {
    const float *row = w + NNC_TILE_LANES_f32 * places[i];
    NNC_UNROLL_ROWS
    for (nnc_index p = 0; p < panels; ++p) {
      sums[p] = nnc_tile_add_f32(sums[p], values[i], nnc_tile_load_f32(row + p * depth * NNC_TILE_LANES_f32));
    }
  }
  nnc_tile_end_f32(sums, y, 1, panels);
}
#endif

/* The same for `lanes` neighbouring columns. w: [depth][lanes]. */
NNC_INLINE void nnc_skipping_columns_f32(const float *NNC_RESTRICT values, const int32_t *NNC_RESTRICT places, nnc_index count,
    const float *NNC_RESTRICT w, const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_index lanes) {
  float sums[NNC_LANES];
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) sums[j] = b != NULL ? nnc_weight_f32(b + j) : 0.0f;
  for (nnc_index i = 0; i < count; ++i) {
    const float *row = w + (nnc_index)places[i] * lanes, value = values[i];
    NNC_UNROLL
    for (nnc_index j = 0; j < lanes; ++j) sums[j] = nnc_multiply_add_f32(sums[j], value, nnc_weight_f32(row + j));
  }
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) y[j] = sums[j];
}

/* y = x * w + b without the products of elements whose magnitude is at most their threshold. x: [rows][depth]; thresholds: [depth]
   or NULL where only zeros are left out; b: [columns] or NULL; w: panels of `panel` columns, the last narrower: [depth][lanes];
   y: [rows][columns]; values, places: room for [depth]. */
NNC_INLINE void nnc_skipping_dense_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, const float *NNC_RESTRICT b,
    const float *NNC_RESTRICT thresholds, float *NNC_RESTRICT y, float *NNC_RESTRICT values, int32_t *NNC_RESTRICT places,
    nnc_index rows, nnc_index depth, nnc_index columns, nnc_index panel) {
  const nnc_index rest = columns % panel;
  for (nnc_index r = 0; r < rows; ++r) {
    const nnc_index count = nnc_list_elements_f32(x + r * depth, thresholds, values, places, depth);
    float *row = y + r * columns;
    nnc_index c = 0;
#if NNC_TILE_ROWS_f32 > 0
    const nnc_index end = panel == NNC_TILE_LANES_f32 ? columns : 0, wide = NNC_TILE_LANES_f32 * NNC_TILE_ROWS_f32;
    for (; c + wide <= end; c += wide) {
      nnc_skipping_panels_f32(
          values, places, count, w + c * depth, b != NULL ? b + c : b, row + c, depth, NNC_TILE_ROWS_f32);
    }
    for (; c + panel <= end; c += panel) {
      nnc_skipping_panels_f32(values, places, count, w + c * depth, b != NULL ? b + c : b, row + c, depth, 1);
    }
#endif
    for (; c + panel <= columns; c += panel) {
      nnc_skipping_columns_f32(values, places, count, w + c * depth, b != NULL ? b + c : b, row + c, panel);
    }
    if (rest > 0) nnc_skipping_columns_f32(values, places, count, w + c * depth, b != NULL ? b + c : b, row + c, rest);
  }
}

#endif
