/* Attention whose scores are made, turned into weights and used row by row. */
#ifndef NNC_DOT_PRODUCT_ATTENTION_H
#define NNC_DOT_PRODUCT_ATTENTION_H

#include "matmul.h"
#include "softmax.h"

/* The sizes of an attention. Scores of `rows` queries are computed at once; elements of the mask lie `mask_row` and `mask_column`
   apart, 0 where all rows or columns have the same. */
typedef struct {
  nnc_index queries, size, keys, value_size, rows, mask_row, mask_column;
} nnc_attention_shape;

/* y = softmax(scale * q * k + mask) * v. q: [queries][size]; k: [size][keys]; v: [keys][value_size]; y: [queries][value_size]; mask
   may be NULL. scores: room for [rows][keys]. The last rows overlap those before them where queries do not fill them. */
NNC_INLINE void nnc_attention_f32(const nnc_attention_shape *s, const float *NNC_RESTRICT q, const float *NNC_RESTRICT k,
    const float *NNC_RESTRICT v, float *NNC_RESTRICT y, const float *NNC_RESTRICT mask, float scale, float *NNC_RESTRICT scores) {
  for (nnc_index first = 0; first < s->queries; first += s->rows) {
    const nnc_index start = first + s->rows <= s->queries ? first : s->queries - s->rows;
    nnc_matmul_f32(q + start * s->size, k, scores, s->rows, s->size, s->keys);
    for (nnc_index r = 0; r < s->rows; ++r) {
      float *row = scores + r * s->keys;
      for (nnc_index i = 0; i < s->keys; ++i) row[i] *= scale;
      if (mask != NULL) {
        const float *addends = mask + (start + r) * s->mask_row;
        for (nnc_index i = 0; i < s->keys; ++i) row[i] += addends[i * s->mask_column];
      }
      nnc_softmax_row_f32(row, row, s->keys);
    }
    nnc_matmul_f32(scores, v, y + start * s->value_size, s->rows, s->keys, s->value_size);
  }
}

#endif
