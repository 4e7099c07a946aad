/* Matrix products with packed constant weights. */
#ifndef NNC_DENSE_H
#define NNC_DENSE_H

#include "activation.h"
#include "base.h"
#include "conv2d.h"

/* y = activation(x * w + b) for `lanes` neighbouring columns. w: [depth][lanes]. */
NNC_INLINE void nnc_dense_panel_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, const float *NNC_RESTRICT b,
    float *NNC_RESTRICT y, nnc_index depth, nnc_activation_f32 activation, float alpha, float beta, nnc_index lanes) {
  float sums[NNC_LANES];
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) sums[j] = b != NULL ? nnc_weight_f32(b + j) : 0.0f;
  nnc_add_products_f32(x, w, sums, depth, lanes);
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) y[j] = activation(sums[j], alpha, beta);
}

/* y = activation(x * w + b). x: [rows][depth]; y: [rows][columns]; b: [columns] or NULL; w: panels of `panel` columns, the
   last narrower: [depth][lanes]. */
NNC_INLINE void nnc_dense_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, const float *NNC_RESTRICT b,
    float *NNC_RESTRICT y, nnc_index rows, nnc_index depth, nnc_index columns, nnc_index panel,
    nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index rest = columns % panel;
  for (nnc_index m = 0; m < rows; ++m) {
    nnc_index c = 0;
    for (; c + panel <= columns; c += panel) {
      nnc_dense_panel_f32(x + m * depth, w + c * depth, b != NULL ? b + c : b, y + m * columns + c, depth, activation,
          alpha, beta, panel);
    }
    if (rest > 0) {
      nnc_dense_panel_f32(x + m * depth, w + c * depth, b != NULL ? b + c : b, y + m * columns + c, depth, activation,
          alpha, beta, rest);
    }
  }
}

#endif
