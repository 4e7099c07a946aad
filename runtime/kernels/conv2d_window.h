/* Convolutions on NHWC data, one window after the other, with bias, activation and pooling applied before a result is stored. */
#ifndef NNC_CONV2D_WINDOW_H
#define NNC_CONV2D_WINDOW_H

#include "activation.h"
#include "base.h"
#include "float_tiles.h"
#include "window.h"

/* The sizes of a convolution. The output of the convolution itself is not stored: its pixels are pooled in windows that
   lie wholly inside it, of 1x1 where there is no pooling. */
typedef struct {
  nnc_index batch, in_height, in_width, in_channels;
  nnc_index out_height, out_width, out_channels; /* after pooling */
  nnc_index kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  nnc_index groups, panel;
  nnc_index pool_height, pool_width, pool_stride_y, pool_stride_x, pool_average;
} nnc_conv2d_shape;

/* The taps of a window that lie inside the data, in one of its rows: runs of so many neighbouring elements, the first of which
   begins at the tap `first`. */
typedef struct {
  nnc_index first, runs, length;
} nnc_conv2d_taps;

/* The taps of a window whose first column is x0. */
NNC_INLINE nnc_conv2d_taps nnc_conv2d_taps_at(const nnc_conv2d_shape *s, nnc_index x0) {
  const nnc_index channels = s->in_channels / s->groups;
  const nnc_index first = nnc_taps_before(x0, 0, s->dilation_x, s->kernel_width);
  const nnc_index count = nnc_taps_before(x0, s->in_width, s->dilation_x, s->kernel_width) - first;
  /* Neighbouring pixels lie without a gap, in x as in w, where a window has no gaps and a group all channels. */
  const int is_run = s->dilation_x == 1 && channels == s->in_channels;
  const nnc_conv2d_taps taps = {first, is_run ? 1 : count, is_run ? count * channels : channels};
  return taps;
}

/* Adds the products of one window of x, whose corner is at row y0 and column x0, to the sums of `lanes` channels. */
typedef void (*nnc_conv2d_window_function_f32)(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x,
    const float *NNC_RESTRICT w, float *NNC_RESTRICT sums, nnc_index y0, nnc_index x0, nnc_index lanes);

/* Each of all channels of a group: w: [kernel_height][kernel_width][channels][lanes]. */
NNC_INLINE void nnc_conv2d_window_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    float *NNC_RESTRICT sums, nnc_index y0, nnc_index x0, nnc_index lanes) {
  const nnc_index width = s->in_channels / s->groups * lanes;
  const nnc_conv2d_taps taps = nnc_conv2d_taps_at(s, x0);
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    const float *weights = w + (ky * s->kernel_width + taps.first) * width;
    if ((size_t)row >= (size_t)s->in_height) continue;
    for (nnc_index run = 0; run < taps.runs; ++run) {
      const float *pixel = x + (row * s->in_width + x0 + (taps.first + run) * s->dilation_x) * s->in_channels;
      nnc_add_products_f32(pixel, weights + run * width, sums, taps.length, lanes);
    }
  }
}

/* Adds the values of `lanes` channels to what is pooled; the first of a window begin it. */
NNC_INLINE void nnc_conv2d_pool_f32(const nnc_conv2d_shape *s, const float *sums, float *pooled, int is_first,
    nnc_activation_f32 activation, float alpha, float beta, nnc_index lanes) {
  NNC_KEEP_LOOP
  for (nnc_index j = 0; j < lanes; ++j) {
    const float value = activation(sums[j], alpha, beta);
    if (is_first) pooled[j] = value;
    else if (s->pool_average) pooled[j] += value;
    else pooled[j] = value > pooled[j] ? value : pooled[j];
  }
}

/* Computes `lanes` neighbouring channels of the window whose corner is at row y0 and column x0, plus z, and adds them to what is
   pooled. b and z may be NULL. */
NNC_INLINE void nnc_conv2d_place_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha,
    float beta, nnc_conv2d_window_function_f32 window, nnc_index y0, nnc_index x0, int is_first, nnc_index lanes) {
  float sums[NNC_LANES];
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) {
    const float start = b != NULL ? nnc_weight_f32(b + j) : 0.0f;
    sums[j] = z != NULL ? start + z[j] : start;
  }
  window(s, x, w, sums, y0, x0, lanes);
  nnc_conv2d_pool_f32(s, sums, y, is_first, activation, alpha, beta, lanes);
}

/* Computes `lanes` neighbouring channels of one pixel of the result. */
NNC_INLINE void nnc_conv2d_pixel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha,
    float beta, nnc_conv2d_window_function_f32 window, nnc_index oy, nnc_index ox, nnc_index lanes) {
  const nnc_index place = (oy * s->out_width + ox) * s->out_channels;
  const float *addend = z != NULL ? z + place : z;
  for (nnc_index p = 0; p < s->pool_height * s->pool_width; ++p) {
    const nnc_index y0 = (oy * s->pool_stride_y + p / s->pool_width) * s->stride_y - s->pad_top;
    const nnc_index x0 = (ox * s->pool_stride_x + p % s->pool_width) * s->stride_x - s->pad_left;
    nnc_conv2d_place_f32(s, x, w, b, addend, y + place, activation, alpha, beta, window, y0, x0, p == 0, lanes);
  }
  if (s->pool_average) {
    for (nnc_index j = 0; j < lanes; ++j) y[place + j] /= (float)(s->pool_height * s->pool_width);
  }
}

/* Computes `lanes` neighbouring channels of all pixels of one image. */
NNC_INLINE void nnc_conv2d_pixels_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha,
    float beta, nnc_conv2d_window_function_f32 window, nnc_index lanes) {
  for (nnc_index oy = 0; oy < s->out_height; ++oy) {
    for (nnc_index ox = 0; ox < s->out_width; ++ox) {
      nnc_conv2d_pixel_f32(s, x, w, b, z, y, activation, alpha, beta, window, oy, ox, lanes);
    }
  }
}

#endif
