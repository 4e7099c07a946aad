/* Layers on floats whose weights are sums of bits, each times a factor: +1 where a bit is set and -1 where it is clear. */
#ifndef NNC_BIT_LAYERS_H
#define NNC_BIT_LAYERS_H

#include "activation.h"
#include "base.h"
#include "bit_words.h"
#include "conv2d.h"

/* The sizes of such a layer: how many rows of bits there are, of how many words, and for how many channels. */
typedef struct {
  nnc_index terms, channels, length;
} nnc_bit_shape;

/* table[k] = the sum of 4 floats, where those are negated whose bit of k is clear. Neighbours in the table differ in one
   sign, and its second half is the first negated. */
NNC_INLINE void nnc_bit_table_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT table) {
  const float a = x[0] + x[1], b = x[0] - x[1], c = x[2] + x[3], d = x[2] - x[3];
  table[15] = a + c;
  table[14] = c - b;
  table[13] = b + c;
  table[12] = c - a;
  table[11] = a - d;
  table[10] = -b - d;
  table[9] = b - d;
  table[8] = -a - d;
  NNC_UNROLL
  for (int k = 0; k < 8; ++k) table[k] = -table[15 - k];
}

/* sums[rows] += the sums of 32 floats with the signs of a word of each row. tables: [8][16], of 4 floats each. */
NNC_INLINE void nnc_add_signed_f32(const float *NNC_RESTRICT tables, const uint32_t *NNC_RESTRICT bits,
    float *NNC_RESTRICT sums, nnc_index rows, nnc_index words) {
  for (nnc_index row = 0; row < rows; ++row, bits += words) {
    const uint32_t word = nnc_weight_u32(bits);
    const float low = (tables[word & 15] + tables[16 + (word >> 4 & 15)])
        + (tables[32 + (word >> 8 & 15)] + tables[48 + (word >> 12 & 15)]);
    const float high = (tables[64 + (word >> 16 & 15)] + tables[80 + (word >> 20 & 15)])
        + (tables[96 + (word >> 24 & 15)] + tables[112 + (word >> 28)]);
    sums[row] += low + high;
  }
}

/* y[channels] = b + the products of x with all rows of bits, times their factors, + the sum of x times the offset; b and
   offset may be NULL. bits: [terms][channels] rows; scale: [terms][channels]; scratch: 128 floats and one for each row.
   The tables of 32 floats serve all rows. */
NNC_SHARED void nnc_bit_products_f32(const nnc_bit_shape *s, const float *NNC_RESTRICT x,
    const uint32_t *NNC_RESTRICT bits, const float *NNC_RESTRICT scale, const float *NNC_RESTRICT b,
    const float *NNC_RESTRICT offset, float *NNC_RESTRICT y, float *NNC_RESTRICT scratch) {
  const nnc_index rows = s->terms * s->channels;
  const nnc_index words = (s->length + 31) / 32;
  float *sums = scratch + 128;
  float total = 0.0f;
  for (nnc_index row = 0; row < rows; ++row) sums[row] = 0.0f;
  for (nnc_index w = 0; w < words; ++w) {
    for (nnc_index group = 0; group < 8; ++group) {
      const nnc_index first = 32 * w + 4 * group;
      float four[4];
      for (nnc_index i = 0; i < 4; ++i) four[i] = first + i < s->length ? x[first + i] : 0.0f;
      nnc_bit_table_f32(four, scratch + 16 * group);
      total += scratch[16 * group + 15];
    }
    nnc_add_signed_f32(scratch, bits + w, sums, rows, words);
  }
  for (nnc_index c = 0; c < s->channels; ++c) {
    float sum = b != NULL ? nnc_weight_f32(b + c) : 0.0f;
    if (offset != NULL) sum += nnc_weight_f32(offset + c) * total;
    for (nnc_index term = 0; term < s->terms; ++term) {
      sum += nnc_weight_f32(scale + term * s->channels + c) * sums[term * s->channels + c];
    }
    y[c] = sum;
  }
}

/* y = activation(x * w + b) for rows of x. scratch: 128 floats and one for each row of bits. */
NNC_INLINE void nnc_bit_dense_f32(const nnc_bit_shape *s, const float *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT bits,
    const float *NNC_RESTRICT scale, const float *NNC_RESTRICT b, const float *NNC_RESTRICT offset, float *NNC_RESTRICT y,
    float *NNC_RESTRICT scratch, nnc_index rows, nnc_activation_f32 activation, float alpha, float beta) {
  for (nnc_index row = 0; row < rows; ++row, x += s->length, y += s->channels) {
    nnc_bit_products_f32(s, x, bits, scale, b, offset, y, scratch);
    for (nnc_index c = 0; c < s->channels; ++c) y[c] = activation(y[c], alpha, beta);
  }
}

/* Copies the taps of one window of x, whose corner is at row y0 and column x0; those beyond x are 0. */
NNC_INLINE void nnc_copy_window_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT patch,
    nnc_index y0, nnc_index x0) {
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    for (nnc_index kx = 0; kx < s->kernel_width; ++kx, patch += s->in_channels) {
      const nnc_index column = x0 + kx * s->dilation_x;
      const int is_inside = (size_t)row < (size_t)s->in_height && (size_t)column < (size_t)s->in_width;
      const float *pixel = x + (is_inside ? (row * s->in_width + column) * s->in_channels : 0);
      for (nnc_index c = 0; c < s->in_channels; ++c) patch[c] = is_inside ? pixel[c] : 0.0f;
    }
  }
}

/* y = pool(activation(x * w + b)). x: [batch][in_height][in_width][in_channels]; y: [batch][out_height][out_width]
   [out_channels]; scratch: 128 floats, one for each row of bits, one for each tap of a window and one for each channel. */
NNC_INLINE void nnc_bit_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x,
    const uint32_t *NNC_RESTRICT bits, const float *NNC_RESTRICT scale, const float *NNC_RESTRICT b,
    const float *NNC_RESTRICT offset, float *NNC_RESTRICT y, float *NNC_RESTRICT scratch, nnc_index terms,
    nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_bit_shape layer = {terms, s->out_channels, s->kernel_height * s->kernel_width * s->in_channels};
  float *patch = scratch + 128 + terms * s->out_channels;
  float *sums = patch + layer.length;
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * s->in_channels;
    for (nnc_index pixel = 0; pixel < s->out_height * s->out_width; ++pixel, y += s->out_channels) {
      const nnc_index oy = pixel / s->out_width * s->pool_stride_y, ox = pixel % s->out_width * s->pool_stride_x;
      for (nnc_index p = 0; p < s->pool_height * s->pool_width; ++p) {
        nnc_copy_window_f32(s, image, patch, (oy + p / s->pool_width) * s->stride_y - s->pad_top,
            (ox + p % s->pool_width) * s->stride_x - s->pad_left);
        nnc_bit_products_f32(&layer, patch, bits, scale, b, offset, sums, scratch);
        nnc_conv2d_pool_f32(s, sums, y, p == 0, activation, alpha, beta, s->out_channels);
      }
      if (s->pool_average) {
        for (nnc_index c = 0; c < s->out_channels; ++c) y[c] /= (float)(s->pool_height * s->pool_width);
      }
    }
  }
}

#endif
