/* Products of recurrent layers in fixed point. */
#ifndef NNC_FIXED_RECURRENT_H
#define NNC_FIXED_RECURRENT_H

#include "base.h"
#include "fixed_point.h"
#include "recurrent.h"

/* nnc_add_to_gates for integers. */
NNC_SHARED void nnc_fixed_gate_products_f32(const nnc_gate_matrix *w, nnc_index first, const float *x, const float *b,
    float *y, nnc_index rows, nnc_index columns, int32_t *room) {
  const int32_t exponent = nnc_fixed_exponent(x, columns);
  const int32_t *row = (const int32_t *)w->weights + first * columns;
  nnc_fixed_convert(x, room, columns, exponent, w->bits);
  for (nnc_index i = 0; i < rows; ++i, row += columns) {
    int64_t sum = 0;
    float product;
    for (nnc_index k = 0; k < columns; ++k) sum += (int64_t)row[k] * room[k];
    nnc_fixed_round(&sum, w->exponents + first + i, b != NULL ? b + i : NULL, &product, 1, exponent - w->bits, 0);
    y[i] += exponent > 128 ? NNC_NAN_f32 : product;
  }
}

#endif
