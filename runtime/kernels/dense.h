/* Matrix products with packed constant weights. */
#ifndef NNC_DENSE_H
#define NNC_DENSE_H

#include "activation.h"
#include "base.h"
#include "float_tiles.h"

/* y = activation(x * w + b + z) for `lanes` neighbouring columns. w: [depth][lanes]. */
NNC_INLINE void nnc_dense_panel_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, const float *NNC_RESTRICT b,
    const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_index depth, nnc_activation_f32 activation, float alpha, float beta,
    nnc_index lanes) {
  float sums[NNC_LANES];
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) {
    const float start = b != NULL ? nnc_weight_f32(b + j) : 0.0f;
    sums[j] = z != NULL ? start + z[j] : start;
  }
  nnc_add_products_f32(x, w, sums, depth, lanes);
  NNC_KEEP_LOOP
  for (nnc_index j = 0; j < lanes; ++j) y[j] = activation(sums[j], alpha, beta);
}

#if NNC_TILE_ROWS_f32 > 0
/* The same for all rows of some panels of as many columns as a tile has lanes, or of one with fewer, in tiles. The last one
   overlaps the one before it where rows do not fill it. */
NNC_INLINE void nnc_dense_tiles_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, const float *NNC_RESTRICT b,
    const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_index rows, nnc_index depth, nnc_index columns,
    nnc_activation_f32 activation, float alpha, float beta, nnc_index panels, nnc_index lanes) {
  const nnc_index height = nnc_tile_rows_f32(rows, panels), width = lanes * panels;
  for (nnc_index i = 0; i < rows; i += height) {
    const nnc_index start = i + height <= rows ? i : rows - height;
    nnc_tile_row_f32 sums[NNC_TILE_SUMS_f32];
    nnc_tile_begin_f32(sums, b, z != NULL ? z + start * columns : z, columns, height, panels, lanes);
    nnc_add_tile_products_f32(x + start * depth, depth, w, lanes, lanes * depth, sums, depth, height, panels, lanes);
    float values[NNC_TILE_SUMS_f32 * NNC_TILE_LANES_f32];
    nnc_tile_end_f32(sums, values, height, panels);
    NNC_UNROLL_ACTIVATIONS
    for (nnc_index r = 0; r < height; ++r) {
      NNC_KEEP_LOOP
      for (nnc_index j = 0; j < width; ++j) {
        y[(start + r) * columns + j] = activation(values[r * panels * NNC_TILE_LANES_f32 + j], alpha, beta);
      }
    }
  }
}
#endif

/* The same for `lanes` neighbouring columns of all rows. */
NNC_INLINE void nnc_dense_columns_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, const float *NNC_RESTRICT b,
    const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_index rows, nnc_index depth, nnc_index columns,
    nnc_activation_f32 activation, float alpha, float beta, nnc_index lanes) {
#if NNC_TILE_ROWS_f32 > 0
  if (rows > 1 && lanes <= NNC_TILE_LANES_f32) {
    nnc_dense_tiles_f32(x, w, b, z, y, rows, depth, columns, activation, alpha, beta, 1, lanes);
    return;
  }
#endif
  for (nnc_index m = 0; m < rows; ++m) {
    nnc_dense_panel_f32(
        x + m * depth, w, b, z != NULL ? z + m * columns : z, y + m * columns, depth, activation, alpha, beta, lanes);
  }
}

/* y = activation(x * w + b + z). x: [rows][depth]; y: [rows][columns]; z: the same or NULL; b: [columns] or NULL; w: panels of
   `panel` columns, the last narrower: [depth][lanes]. */
NNC_INLINE void nnc_dense_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, const float *NNC_RESTRICT b,
    const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_index rows, nnc_index depth, nnc_index columns, nnc_index panel,
    nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index rest = columns % panel;
  nnc_index c = 0;
#if NNC_TILE_ROWS_f32 > 0
  const nnc_index panels = rows > 1 && panel == NNC_TILE_LANES_f32 ? nnc_tile_panels_f32(columns / panel) : 1;
  for (; panels > 1 && c + panels * panel <= columns; c += panels * panel) {
    nnc_dense_tiles_f32(x, w + c * depth, b != NULL ? b + c : b, z != NULL ? z + c : z, y + c, rows, depth, columns, activation,
        alpha, beta, panels, panel);
  }
#endif
  for (; c + panel <= columns; c += panel) {
    nnc_dense_columns_f32(x, w + c * depth, b != NULL ? b + c : b, z != NULL ? z + c : z, y + c, rows, depth, columns, activation,
        alpha, beta, panel);
  }
  if (rest > 0) {
    nnc_dense_columns_f32(x, w + c * depth, b != NULL ? b + c : b, z != NULL ? z + c : z, y + c, rows, depth, columns, activation,
        alpha, beta, rest);
  }
}

#endif
