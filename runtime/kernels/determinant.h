/* Determinants of matrices. */
#ifndef NNC_DETERMINANT_H
#define NNC_DETERMINANT_H

#include "arithmetic.h"
#include "base.h"

/* The row from `column` on, which is the diagonal, whose element in that column has the largest magnitude. m: [size][size]. */
NNC_INLINE nnc_index nnc_det_pivot_f32(const float *m, nnc_index size, nnc_index column) {
  nnc_index pivot = column;
  for (nnc_index row = column + 1; row < size; ++row) {
    if (nnc_abs_f32(m[row * size + column]) > nnc_abs_f32(m[pivot * size + column])) pivot = row;
  }
  return pivot;
}

/* The determinant of x: [size][size], by elimination in m, which is as large. 1 where size is 0, and m may be NULL. */
NNC_INLINE float nnc_det_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT m, nnc_index size) {
  float product = 1.0f;
  for (nnc_index i = 0; i < size * size; ++i) m[i] = x[i];
  for (nnc_index column = 0; column < size; ++column) {
    const nnc_index pivot = nnc_det_pivot_f32(m, size, column);
    const float first = m[pivot * size + column];
    product *= pivot == column ? first : -first;
    if (first == 0.0f) break;
    for (nnc_index i = column; i < size && pivot != column; ++i) {
      const float element = m[pivot * size + i];
      m[pivot * size + i] = m[column * size + i];
      m[column * size + i] = element;
    }
    for (nnc_index row = column + 1; row < size; ++row) {
      const float factor = m[row * size + column] / first;
      for (nnc_index i = column + 1; i < size; ++i) m[row * size + i] -= factor * m[column * size + i];
    }
  }
  return product;
}

#endif
