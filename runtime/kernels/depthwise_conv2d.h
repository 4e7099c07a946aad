/* Convolutions on NHWC data, of one input channel for each output channel. */
#ifndef NNC_DEPTHWISE_CONV2D_H
#define NNC_DEPTHWISE_CONV2D_H

#include "conv2d_tiles.h"
#include "conv2d_window.h"

/* Adds the products of one window of x, whose corner is at row y0 and column x0, to the sums of `lanes` channels, each of which is
   made of one: w: [kernel_height][kernel_width][channels]. */
NNC_INLINE void nnc_depthwise_window_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    float *NNC_RESTRICT sums, nnc_index y0, nnc_index x0, nnc_index lanes) {
  const nnc_index first = nnc_taps_before(x0, 0, s->dilation_x, s->kernel_width);
  const nnc_index end = nnc_taps_before(x0, s->in_width, s->dilation_x, s->kernel_width);
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    if ((size_t)row >= (size_t)s->in_height) continue;
    for (nnc_index kx = first; kx < end; ++kx) {
      const float *pixel = x + (row * s->in_width + x0 + kx * s->dilation_x) * s->in_channels;
      const float *weights = w + (ky * s->kernel_width + kx) * s->in_channels;
      NNC_UNROLL
      for (nnc_index j = 0; j < lanes; ++j) sums[j] = nnc_multiply_add_f32(sums[j], pixel[j], nnc_weight_f32(weights + j));
    }
  }
}

#if NNC_TILE_ROWS_f32 > 0
/* Adds the products of windows of x, `step` elements apart, to the sums of a tile, each of one channel. */
NNC_INLINE void nnc_depthwise_tile_windows_f32(const nnc_conv2d_shape *s, const float *x, const float *w,
    nnc_tile_row_f32 *sums, nnc_index y0, nnc_index x0, nnc_index step, nnc_index rows, nnc_index panels, nnc_index lanes) {
  const nnc_index first = nnc_taps_before(x0, 0, s->dilation_x, s->kernel_width);
  const nnc_index end = nnc_taps_before(x0, s->in_width, s->dilation_x, s->kernel_width);
  (void)panels;
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    if ((size_t)row >= (size_t)s->in_height) continue;
    for (nnc_index kx = first; kx < end; ++kx) {
      const float *pixel = x + (row * s->in_width + x0 + kx * s->dilation_x) * s->in_channels;
      const nnc_tile_row_f32 weights = nnc_tile_load_some_f32(w + (ky * s->kernel_width + kx) * s->in_channels, lanes);
      NNC_UNROLL_ROWS
      for (nnc_index r = 0; r < rows; ++r) {
        sums[r] = nnc_tile_add_products_f32(sums[r], nnc_tile_load_some_f32(pixel + r * step, lanes), weights);
      }
    }
  }
}
#endif

/* Computes `lanes` neighbouring channels of all pixels of one image. */
NNC_INLINE void nnc_depthwise_panel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta,
    nnc_index lanes) {
#if NNC_TILE_ROWS_f32 > 0
  if (lanes == NNC_TILE_LANES_f32 || (NNC_TILE_MASKS_f32 && lanes < NNC_TILE_LANES_f32)) {
    nnc_conv2d_image_f32(
        s, x, w, b, NULL, y, activation, alpha, beta, nnc_depthwise_tile_windows_f32, nnc_depthwise_window_f32, lanes);
    return;
  }
#endif
  nnc_conv2d_pixels_f32(s, x, w, b, NULL, y, activation, alpha, beta, nnc_depthwise_window_f32, lanes);
}

/* y = pool(activation(x * w + b)) channel by channel. w: [kernel_height][kernel_width][channels]. */
NNC_INLINE void nnc_depthwise_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x,
    const float *NNC_RESTRICT w, const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation,
    float alpha, float beta) {
  const nnc_index channels = s->out_channels, width = NNC_PANEL_LANES;
  /* Where panels are computed in tiles, the last overlaps the one before it if channels do not fill it. */
  const nnc_index end = NNC_TILE_ROWS_f32 > 0 && channels >= width ? channels : channels - channels % width;
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * channels;
    float *result = y + n * s->out_height * s->out_width * channels;
    for (nnc_index panel = 0; panel < end; panel += width) {
      const nnc_index c = panel + width <= channels ? panel : channels - width;
      nnc_depthwise_panel_f32(s, image + c, w + c, b != NULL ? b + c : b, result + c, activation, alpha, beta, width);
    }
    if (end < channels) {
      nnc_depthwise_panel_f32(s, image + end, w + end, b != NULL ? b + end : b, result + end, activation, alpha, beta,
          channels - end);
    }
  }
}

#endif
