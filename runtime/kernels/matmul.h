/* Products of matrices of which none need be constant. */
#ifndef NNC_MATMUL_H
#define NNC_MATMUL_H

#include "base.h"
#include "float_tiles.h"

/* y += alpha * a * b. a: [rows][depth], elements a_row and a_column apart; b: [depth][columns]; y: [rows][columns]. */
NNC_INLINE void nnc_gemm_f32(const float *NNC_RESTRICT a, const float *NNC_RESTRICT b, float *NNC_RESTRICT y,
    nnc_index rows, nnc_index depth, nnc_index columns, nnc_index a_row, nnc_index a_column, float alpha) {
  for (nnc_index m = 0; m < rows; ++m) {
    for (nnc_index k = 0; k < depth; ++k) {
      const float factor = alpha * a[m * a_row + k * a_column];
      for (nnc_index n = 0; n < columns; ++n) y[m * columns + n] += factor * b[k * columns + n];
    }
  }
}

/* Integers wrap: 1U keeps products of narrow unsigned integers from being promoted to int. */
NNC_INLINE void nnc_gemm_i32(const int32_t *NNC_RESTRICT a, const int32_t *NNC_RESTRICT b, int32_t *NNC_RESTRICT y,
    nnc_index rows, nnc_index depth, nnc_index columns, nnc_index a_row, nnc_index a_column, int32_t alpha) {
  for (nnc_index m = 0; m < rows; ++m) {
    for (nnc_index k = 0; k < depth; ++k) {
      const uint32_t factor = (uint32_t)(1U * (uint32_t)alpha * (uint32_t)a[m * a_row + k * a_column]);
      for (nnc_index n = 0; n < columns; ++n) {
        const uint32_t product = (uint32_t)(1U * factor * (uint32_t)b[k * columns + n]);
        y[m * columns + n] = (int32_t)(uint32_t)((uint32_t)y[m * columns + n] + product);
      }
    }
  }
}

/* y += alpha * a * b for b: [columns][depth]. */
NNC_INLINE void nnc_gemm_transposed_f32(const float *NNC_RESTRICT a, const float *NNC_RESTRICT b, float *NNC_RESTRICT y,
    nnc_index rows, nnc_index depth, nnc_index columns, nnc_index a_row, nnc_index a_column, float alpha) {
  for (nnc_index m = 0; m < rows; ++m) {
    for (nnc_index n = 0; n < columns; ++n) {
      float sum = 0.0f;
      for (nnc_index k = 0; k < depth; ++k) sum += a[m * a_row + k * a_column] * b[n * depth + k];
      y[m * columns + n] += alpha * sum;
    }
  }
}

NNC_INLINE void nnc_gemm_transposed_i32(const int32_t *NNC_RESTRICT a, const int32_t *NNC_RESTRICT b,
    int32_t *NNC_RESTRICT y, nnc_index rows, nnc_index depth, nnc_index columns, nnc_index a_row, nnc_index a_column,
    int32_t alpha) {
  for (nnc_index m = 0; m < rows; ++m) {
    for (nnc_index n = 0; n < columns; ++n) {
      uint32_t sum = 0;
      for (nnc_index k = 0; k < depth; ++k) {
        const uint32_t product = (uint32_t)(1U * (uint32_t)a[m * a_row + k * a_column] * (uint32_t)b[n * depth + k]);
        sum = (uint32_t)(sum + product);
      }
      sum = (uint32_t)(1U * sum * (uint32_t)alpha);
      y[m * columns + n] = (int32_t)(uint32_t)((uint32_t)y[m * columns + n] + sum);
    }
  }
}

#if NNC_TILE_ROWS_f32 > 0
/* y = a * b in tiles of `lanes` columns side by side, of which there are at least as many. The last tiles overlap those before
   them. */
NNC_INLINE void nnc_matmul_tiles_f32(const float *NNC_RESTRICT a, const float *NNC_RESTRICT b, float *NNC_RESTRICT y,
    nnc_index rows, nnc_index depth, nnc_index columns, nnc_index lanes) {
  const nnc_index panels = nnc_tile_panels_f32(columns / lanes), width = lanes * panels;
  const nnc_index height = nnc_tile_rows_f32(rows, panels);
  for (nnc_index m = 0; m < rows; m += height) {
    const nnc_index row = m + height <= rows ? m : rows - height;
    for (nnc_index n = 0; n < columns; n += width) {
      const nnc_index column = n + width <= columns ? n : columns - width;
      nnc_tile_row_f32 sums[NNC_TILE_SUMS_f32];
      float *tile = y + row * columns + column;
      nnc_tile_begin_f32(sums, NULL, NULL, 0, height, panels, lanes);
      nnc_add_tile_products_f32(a + row * depth, depth, b + column, columns, lanes, sums, depth, height, panels, lanes);
      NNC_UNROLL_ROWS
      for (nnc_index i = 0; i < height * panels; ++i) {
        nnc_tile_store_some_f32(tile + i / panels * columns + i % panels * lanes, sums[i], lanes);
      }
    }
  }
}
#endif

/* y = a * b. a: [rows][depth]; b: [depth][columns]; y: [rows][columns]. */
NNC_INLINE void nnc_matmul_f32(const float *NNC_RESTRICT a, const float *NNC_RESTRICT b, float *NNC_RESTRICT y,
    nnc_index rows, nnc_index depth, nnc_index columns) {
#if NNC_TILE_ROWS_f32 > 0
  if (columns >= NNC_TILE_LANES_f32 || (NNC_TILE_MASKS_f32 && columns > 0)) {
    nnc_matmul_tiles_f32(a, b, y, rows, depth, columns, columns < NNC_TILE_LANES_f32 ? columns : NNC_TILE_LANES_f32);
    return;
  }
#endif
  for (nnc_index i = 0; i < rows * columns; ++i) y[i] = 0.0f;
  nnc_gemm_f32(a, b, y, rows, depth, columns, depth, 1, 1.0f);
}

NNC_INLINE void nnc_matmul_i32(const int32_t *NNC_RESTRICT a, const int32_t *NNC_RESTRICT b, int32_t *NNC_RESTRICT y,
    nnc_index rows, nnc_index depth, nnc_index columns) {
  for (nnc_index i = 0; i < rows * columns; ++i) y[i] = 0;
  nnc_gemm_i32(a, b, y, rows, depth, columns, depth, 1, 1);
}

/* c times a factor, where a product is added to it; integers wrap. */
NNC_INLINE float nnc_gemm_term_f32(float c, float beta) {
  return beta * c;
}

NNC_INLINE int32_t nnc_gemm_term_i32(int32_t c, int32_t beta) {
  return (int32_t)(uint32_t)(1U * (uint32_t)c * (uint32_t)beta);
}

#endif
