/* Feed-forward blocks of which each row of data uses some parts only, its experts. */
#ifndef NNC_MIXTURE_OF_EXPERTS_H
#define NNC_MIXTURE_OF_EXPERTS_H

#include "activation.h"
#include "base.h"
#include "dense.h"

/* The most rows that one expert computes at once. */
#define NNC_EXPERT_ROWS 16

/* The sizes of a mixture: `experts` of `size` neurons, of which the first `shared` serve all rows, and of the others `active` each.
   `band` rows are computed at once. */
typedef struct {
  nnc_index rows, depth, size, columns, experts, shared, active, panel, band;
} nnc_mixture_shape;

/* Marks the experts than which fewer than `active` have a greater score, or the same and come before. */
NNC_INLINE void nnc_choose_experts_f32(
    const float *NNC_RESTRICT scores, uint8_t *NNC_RESTRICT chosen, nnc_index count, nnc_index active) {
  for (nnc_index e = 0; e < count; ++e) {
    const float score = scores[e];
    int32_t better = 0;
    for (nnc_index i = 0; i < e; ++i) better += scores[i] >= score;
    for (nnc_index i = e + 1; i < count; ++i) better += scores[i] > score;
    chosen[e] = better < active;
  }
}

/* y = activation(x * w1 + b1) (x * w3 + b3) * w2 for the rows of a band and one expert. x: [band][depth]; w1, w3: packed
   [depth][size]; w2: packed [size][columns]; b1, b3: [size]. Without w3 there is no factor. hidden: room for twice [band][size]. */
NNC_INLINE void nnc_expert_f32(const nnc_mixture_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w1,
    const float *NNC_RESTRICT b1, const float *NNC_RESTRICT w3, const float *NNC_RESTRICT b3, const float *NNC_RESTRICT w2,
    float *NNC_RESTRICT y, float *NNC_RESTRICT hidden, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index count = s->band * s->size;
  nnc_dense_f32(x, w1, b1, NULL, hidden, s->band, s->depth, s->size, s->panel, activation, alpha, beta);
  if (w3 != NULL) {
    float *factors = hidden + count;
    nnc_dense_f32(x, w3, b3, NULL, factors, s->band, s->depth, s->size, s->panel, nnc_activation_none_f32, 0.0f, 0.0f);
    for (nnc_index i = 0; i < count; ++i) hidden[i] *= factors[i];
  }
  nnc_dense_f32(hidden, w2, NULL, NULL, y, s->band, s->size, s->columns, s->panel, nnc_activation_none_f32, 0.0f, 0.0f);
}

/* y = b + the sum of what the experts of each row make of it. x: [rows][depth]; scores: [rows][experts - shared], or NULL where all
   experts are shared; w1, w3, w2: those of `nnc_expert_f32` for each expert, as b1 and b3, which like w3 may be NULL; b: [columns]
   or NULL; y: [rows][columns]. scratch: room for [band][depth + columns] and twice [band][size]; chosen: for
   [rows][experts - shared]. */
NNC_INLINE void nnc_mixture_of_experts_f32(const nnc_mixture_shape *s, const float *NNC_RESTRICT x,
    const float *NNC_RESTRICT scores, const float *NNC_RESTRICT w1, const float *NNC_RESTRICT b1, const float *NNC_RESTRICT w3,
    const float *NNC_RESTRICT b3, const float *NNC_RESTRICT w2, const float *NNC_RESTRICT b, float *NNC_RESTRICT y,
    float *NNC_RESTRICT scratch, uint8_t *NNC_RESTRICT chosen, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index routed = s->experts - s->shared;
  float *data = scratch, *sums = data + s->band * s->depth, *hidden = sums + s->band * s->columns;
  for (nnc_index r = 0; r < s->rows; ++r) {
    for (nnc_index j = 0; j < s->columns; ++j) y[r * s->columns + j] = b != NULL ? nnc_weight_f32(b + j) : 0.0f;
    if (s->active > 0) nnc_choose_experts_f32(scores + r * routed, chosen + r * routed, routed, s->active);
  }
  for (nnc_index e = 0; e < s->experts; ++e) {
    const nnc_index in = e * s->depth * s->size, out = e * s->size * s->columns;
    nnc_index list[NNC_EXPERT_ROWS], count = 0;
    for (nnc_index r = 0; r < s->rows; ++r) {
      if (e < s->shared || (s->active > 0 && chosen[r * routed + e - s->shared])) list[count++] = r;
      if (count < s->band && (count == 0 || r + 1 < s->rows)) continue;
      /* Rows of the last band that nothing has been found for are computed like its first, and left. */
      for (nnc_index i = 0; i < s->band; ++i) {
        const float *row = x + list[i < count ? i : 0] * s->depth;
        for (nnc_index k = 0; k < s->depth; ++k) data[i * s->depth + k] = row[k];
      }
      nnc_expert_f32(s, data, w1 + in, b1 != NULL ? b1 + e * s->size : b1, w3 != NULL ? w3 + in : w3,
          b3 != NULL ? b3 + e * s->size : b3, w2 + out, sums, hidden, activation, alpha, beta);
      for (nnc_index i = 0; i < count; ++i) {
        for (nnc_index j = 0; j < s->columns; ++j) y[list[i] * s->columns + j] += sums[i * s->columns + j];
      }
      count = 0;
    }
  }
}

#endif
