/* Between numbers and bits, and between layouts of bits. */
#ifndef NNC_BITS_H
#define NNC_BITS_H

#include "base.h"
#include "bit_words.h"
#include "pool2d.h"

/* Bit c of a row of y = (x >= thresholds[c]), the other way round where bit c of `flips` is set. x: [rows][columns]. No
   thresholds are zeros; flips may be NULL. */
NNC_INLINE void nnc_pack_bits_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT thresholds,
    const uint32_t *NNC_RESTRICT flips, uint32_t *NNC_RESTRICT y, nnc_index rows, nnc_index columns) {
  const float zero = (float)0;
  for (nnc_index row = 0; row < rows; ++row) {
    for (nnc_index c = 0; c < columns; c += 32) {
      const nnc_index count = columns - c < 32 ? columns - c : 32;
      uint32_t word = 0;
      for (nnc_index i = 0; i < count; ++i) {
        word |= (uint32_t)(x[c + i] >= (thresholds != NULL ? thresholds[c + i] : zero)) << i;
      }
      *y++ = flips != NULL ? word ^ nnc_weight_u32(flips + c / 32) : word;
    }
    x += columns;
  }
}

/* y = +1 or -1. y: [rows][columns]. */
NNC_INLINE void nnc_unpack_bits_f32(const uint32_t *NNC_RESTRICT x, float *NNC_RESTRICT y, nnc_index rows,
    nnc_index columns) {
  for (nnc_index row = 0; row < rows; ++row) {
    for (nnc_index c = 0; c < columns; c += 32) {
      const nnc_index count = columns - c < 32 ? columns - c : 32;
      const uint32_t word = *x++;
      for (nnc_index i = 0; i < count; ++i) y[c + i] = (word >> i & 1) != 0 ? (float)1 : (float)-1;
    }
    y += columns;
  }
}

/* Turns a square of 32 words of 32 bits about its diagonal, by swapping squares of 16, 8, 4, 2 and 1. */
NNC_SHARED void nnc_transpose_square(uint32_t *words) {
  uint32_t mask = 0x0000FFFF;
  for (int size = 16; size != 0; size >>= 1, mask ^= mask << size) {
    for (int i = 0; i < 32; i = (i + size + 1) & ~size) {
      const uint32_t swapped = (words[i] >> size ^ words[i + size]) & mask;
      words[i] ^= swapped << size;
      words[i + size] ^= swapped;
    }
  }
}

/* y = x with the rows for columns. x: [count][rows][columns]; y: [count][columns][rows]. */
NNC_INLINE void nnc_transpose_bits(const uint32_t *NNC_RESTRICT x, uint32_t *NNC_RESTRICT y, nnc_index count,
    nnc_index rows, nnc_index columns) {
  const nnc_index x_pitch = nnc_bit_words(columns), y_pitch = nnc_bit_words(rows);
  uint32_t square[32];
  for (nnc_index n = 0; n < count; ++n) {
    for (nnc_index row = 0; row < rows; row += 32) {
      const nnc_index height = rows - row < 32 ? rows - row : 32;
      for (nnc_index column = 0; column < columns; column += 32) {
        const nnc_index width = columns - column < 32 ? columns - column : 32;
        for (nnc_index i = 0; i < height; ++i) square[i] = x[(row + i) * x_pitch + column / 32];
        for (nnc_index i = height; i < 32; ++i) square[i] = 0;
        nnc_transpose_square(square);
        for (nnc_index i = 0; i < width; ++i) y[(column + i) * y_pitch + row / 32] = square[i];
      }
    }
    x += rows * x_pitch;
    y += columns * y_pitch;
  }
}

/* y = whether any bit of a window is set, channel by channel. x: [batch][in_height][in_width][channels];
   y: [batch][out_height][out_width][channels]. Taps in the padding are passed over. */
NNC_INLINE void nnc_or_pool_bits(const nnc_pool2d_shape *s, const uint32_t *NNC_RESTRICT x, uint32_t *NNC_RESTRICT y) {
  const nnc_index words = nnc_bit_words(s->channels);
  for (nnc_index pixel = 0; pixel < s->batch * s->out_height * s->out_width; ++pixel, y += words) {
    const nnc_index oy = pixel / s->out_width % s->out_height, ox = pixel % s->out_width;
    const uint32_t *image = x + pixel / (s->out_height * s->out_width) * s->in_height * s->in_width * words;
    const nnc_pool2d_taps rows
        = nnc_pool2d_taps_at(oy * s->stride_y - s->pad_top, s->in_height, s->dilation_y, s->kernel_height);
    const nnc_pool2d_taps columns
        = nnc_pool2d_taps_at(ox * s->stride_x - s->pad_left, s->in_width, s->dilation_x, s->kernel_width);
    nnc_clear_words(y, words);
    for (nnc_index ky = rows.first; ky < rows.end; ++ky) {
      for (nnc_index kx = columns.first; kx < columns.end; ++kx) {
        const nnc_index row = rows.start + ky * s->dilation_y, column = columns.start + kx * s->dilation_x;
        const uint32_t *window = image + (row * s->in_width + column) * words;
        for (nnc_index i = 0; i < words; ++i) y[i] |= window[i];
      }
    }
  }
}

#endif
