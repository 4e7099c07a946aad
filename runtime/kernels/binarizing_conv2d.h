/* Convolutions of numbers, of whose results bits are made. */
#ifndef NNC_BINARIZING_CONV2D_H
#define NNC_BINARIZING_CONV2D_H

#include "base.h"
#include "bit_words.h"
#include "conv2d.h"

/* A bit for each of some sums that is at least its threshold. */
NNC_INLINE uint32_t nnc_at_least_f32(const float *NNC_RESTRICT sums, const float *NNC_RESTRICT thresholds, nnc_index lanes) {
  uint32_t bits = 0;
#if NNC_TILE_MASKS_f32
  if (lanes == 16) return _mm512_cmp_ps_mask(nnc_tile_load_f32(sums), nnc_tile_load_f32(thresholds), _CMP_GE_OQ);
#elif defined(__AVX__)
  if (lanes == 8) {
    const nnc_eight_floats reached = (nnc_eight_floats)(nnc_tile_load_f32(sums) >= nnc_tile_load_f32(thresholds));
    return (uint32_t)__builtin_ia32_movmskps256(reached);
  }
#endif
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) bits |= (uint32_t)(sums[j] >= nnc_weight_f32(thresholds + j)) << j;
  return bits;
}

/* Sets for one pixel of the result the bits of those of `lanes` channels from `channel` on whose largest sum in the window of
   the pool is at least their threshold. b may be NULL. */
NNC_INLINE void nnc_binarizing_pixel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT thresholds, uint32_t *NNC_RESTRICT y, nnc_index oy, nnc_index ox,
    nnc_index channel, nnc_index lanes) {
  uint32_t bits = 0;
  for (nnc_index p = 0; p < s->pool_height * s->pool_width; ++p) {
    const nnc_index y0 = (oy * s->pool_stride_y + p / s->pool_width) * s->stride_y - s->pad_top;
    const nnc_index x0 = (ox * s->pool_stride_x + p % s->pool_width) * s->stride_x - s->pad_left;
    float sums[NNC_LANES];
    NNC_UNROLL
    for (nnc_index j = 0; j < lanes; ++j) sums[j] = b != NULL ? nnc_weight_f32(b + channel + j) : 0.0f;
    nnc_conv2d_window_f32(s, x, w, sums, y0, x0, lanes);
    bits |= nnc_at_least_f32(sums, thresholds + channel, lanes);
  }
  nnc_or_bits(y, channel, bits, lanes);
}

#if NNC_TILE_ROWS_f32 > 0
/* The same for some pixels of a row, whose windows have all columns in the data, without a pool. The last tile overlaps the one
   before it where the pixels do not fill it. */
NNC_INLINE void nnc_binarizing_row_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT thresholds, uint32_t *NNC_RESTRICT y, nnc_index oy, nnc_window_run run,
    nnc_index channel, nnc_index lanes) {
  const nnc_index rows = nnc_tile_rows_f32(run.end - run.first, 1), words = nnc_bit_words(s->out_channels);
  for (nnc_index ox = run.first; ox < run.end; ox += rows) {
    const nnc_index start = ox + rows <= run.end ? ox : run.end - rows;
    float values[NNC_TILE_ROWS_f32 * NNC_TILE_LANES_f32];
    nnc_conv2d_tile_values_f32(s, x, w, b != NULL ? b + channel : b, NULL, 0, values, nnc_conv2d_tile_windows_f32,
        oy * s->stride_y - s->pad_top, start * s->stride_x - s->pad_left, s->stride_x * s->in_channels, rows, 1, lanes);
    for (nnc_index r = 0; r < rows; ++r) {
      const uint32_t bits = nnc_at_least_f32(values + r * NNC_TILE_LANES_f32, thresholds + channel, lanes);
      nnc_or_bits(y + (start + r) * words, channel, bits, lanes);
    }
  }
}
#endif

/* The same for all pixels of one image. */
NNC_INLINE void nnc_binarizing_panel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT thresholds, uint32_t *NNC_RESTRICT y, nnc_index channel,
    nnc_index lanes) {
  const nnc_index words = nnc_bit_words(s->out_channels);
  nnc_window_run tiles = {0, 0};
#if NNC_TILE_ROWS_f32 > 0
  if (s->pool_height * s->pool_width == 1 && lanes <= NNC_TILE_LANES_f32) {
    const nnc_index reach = (s->kernel_width - 1) * s->dilation_x - s->pad_left;
    tiles = nnc_windows_inside_f32(-s->pad_left, reach, s->in_width, s->stride_x, s->out_width);
  }
#endif
  for (nnc_index oy = 0; oy < s->out_height; ++oy) {
    uint32_t *row = y + oy * s->out_width * words;
#if NNC_TILE_ROWS_f32 > 0
    if (tiles.first < tiles.end) nnc_binarizing_row_f32(s, x, w, b, thresholds, row, oy, tiles, channel, lanes);
#endif
    for (nnc_index i = 0; i < s->out_width - (tiles.end - tiles.first); ++i) {
      const nnc_index ox = i < tiles.first ? i : i + tiles.end - tiles.first;
      nnc_binarizing_pixel_f32(s, x, w, b, thresholds, row + ox * words, oy, ox, channel, lanes);
    }
  }
}

/* y = pool(x * w + b >= thresholds), the other way round in the channels whose bit of `flips` is set, which may be NULL, as b
   may. x: [batch][in_height][in_width][in_channels]; w: as for convolutions of numbers; y: [batch][out_height][out_width][words of
   out_channels]. */
NNC_INLINE void nnc_binarizing_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT thresholds, const uint32_t *NNC_RESTRICT flips,
    uint32_t *NNC_RESTRICT y) {
  const nnc_index in_group = s->in_channels / s->groups, out_group = s->out_channels / s->groups;
  const nnc_index taps = s->kernel_height * s->kernel_width * in_group, rest = out_group % s->panel;
  const nnc_index words = nnc_bit_words(s->out_channels), pixels = s->out_height * s->out_width;
  for (nnc_index n = 0; n < s->batch; ++n, y += pixels * words) {
    const float *image = x + n * s->in_height * s->in_width * s->in_channels;
    nnc_clear_words(y, pixels * words);
    for (nnc_index g = 0; g < s->groups; ++g) {
      nnc_index c = g * out_group;
      for (; c + s->panel <= (g + 1) * out_group; c += s->panel) {
        nnc_binarizing_panel_f32(s, image + g * in_group, w + c * taps, b, thresholds, y, c, s->panel);
      }
      if (rest > 0) nnc_binarizing_panel_f32(s, image + g * in_group, w + c * taps, b, thresholds, y, c, rest);
    }
    for (nnc_index i = 0; i < pixels * words && flips != NULL; ++i) y[i] ^= nnc_weight_u32(flips + i % words);
  }
}

#endif
