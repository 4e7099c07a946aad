/* Convolutions on NHWC data. */
#ifndef NNC_CONV2D_H
#define NNC_CONV2D_H

#include "conv2d_tiles.h"
#include "conv2d_window.h"

#if NNC_TILE_ROWS_f32 > 0
/* Adds the products of windows of x, `step` elements apart, the first of whose corner is at row y0 and column x0, to the sums of
   a tile. All of them have the same taps inside the data. */
NNC_INLINE void nnc_conv2d_tile_windows_f32(const nnc_conv2d_shape *s, const float *x, const float *w, nnc_tile_row_f32 *sums,
    nnc_index y0, nnc_index x0, nnc_index step, nnc_index rows, nnc_index panels, nnc_index lanes) {
  const nnc_index width = s->in_channels / s->groups * lanes;
  const nnc_conv2d_taps taps = nnc_conv2d_taps_at(s, x0);
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    const float *weights = w + (ky * s->kernel_width + taps.first) * width;
    if ((size_t)row >= (size_t)s->in_height) continue;
    for (nnc_index run = 0; run < taps.runs; ++run) {
      const float *pixel = x + (row * s->in_width + x0 + (taps.first + run) * s->dilation_x) * s->in_channels;
      nnc_add_tile_products_f32(
          pixel, step, weights + run * width, lanes, nnc_conv2d_panel_size_f32(s, lanes), sums, taps.length, rows, panels, lanes);
    }
  }
}
#endif

/* Computes `lanes` neighbouring channels of all pixels of one image. */
NNC_INLINE void nnc_conv2d_panel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha,
    float beta, nnc_index lanes) {
#if NNC_TILE_ROWS_f32 > 0
  if (lanes <= NNC_TILE_LANES_f32) {
    nnc_conv2d_image_f32(
        s, x, w, b, z, y, activation, alpha, beta, nnc_conv2d_tile_windows_f32, nnc_conv2d_window_f32, lanes);
    return;
  }
#endif
  nnc_conv2d_pixels_f32(s, x, w, b, z, y, activation, alpha, beta, nnc_conv2d_window_f32, lanes);
}

#if NNC_TILE_ROWS_f32 > 0
/* The same convolution as one of fewer and longer rows: of windows of one element in their order, rows do not matter, nor do they
   for the pool of all windows of an image. */
NNC_INLINE nnc_conv2d_shape nnc_conv2d_in_lines_f32(const nnc_conv2d_shape *s) {
  nnc_conv2d_shape line = *s;
  const nnc_index pixels = s->in_height * s->in_width;
  const int is_pointwise = s->kernel_height == 1 && s->kernel_width == 1 && s->stride_y == 1 && s->stride_x == 1
      && s->pad_top == 0 && s->pad_left == 0;
  const int is_plain = s->pool_height == 1 && s->pool_width == 1 && s->out_height * s->out_width == pixels;
  const int pools_all = s->pool_height == s->in_height && s->pool_width == s->in_width;
  if (is_pointwise && is_plain) {
    line.in_width = line.out_width = s->batch * pixels;
    line.batch = line.in_height = line.out_height = 1;
  } else if (is_pointwise && pools_all) {
    line.in_width = line.pool_width = pixels;
    line.in_height = line.pool_height = 1;
  }
  return line;
}
#endif

/* Where the weights of some panels of `lanes` channels, the first of which is c, are as floats: for each panel
   [kernel_height][kernel_width][channels][lanes]. */
typedef const float *(*nnc_panel_weights_function_f32)(
    const void *weights, const nnc_conv2d_shape *s, nnc_index c, nnc_index panels, nnc_index lanes);

/* Those of weights that are floats. */
NNC_INLINE const float *nnc_panel_weights_f32(
    const void *weights, const nnc_conv2d_shape *s, nnc_index c, nnc_index panels, nnc_index lanes) {
  (void)panels, (void)lanes;
  return (const float *)weights + c * (s->kernel_height * s->kernel_width * (s->in_channels / s->groups));
}

/* Computes some panels of `lanes` channels, the first of which is c, of all images. */
NNC_INLINE void nnc_conv2d_panels_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const void *weights,
    nnc_panel_weights_function_f32 panel_weights, const float *NNC_RESTRICT b, const float *NNC_RESTRICT z,
    float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta, nnc_index c, nnc_index panels,
    nnc_index lanes) {
  const float *const w = panel_weights(weights, s, c, panels, lanes);
  const nnc_index first = c / (s->out_channels / s->groups) * (s->in_channels / s->groups);
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * s->in_channels + first;
    const nnc_index place = n * s->out_height * s->out_width * s->out_channels + c;
    const float *const bias = b != NULL ? b + c : b, *const addend = z != NULL ? z + place : z;
#if NNC_TILE_ROWS_f32 > 0
    if (panels > 1) {
      nnc_conv2d_tiles_f32(s, image, w, bias, addend, y + place, activation, alpha, beta, nnc_conv2d_tile_windows_f32,
          nnc_conv2d_window_f32, panels, lanes);
      continue;
    }
#endif
    nnc_conv2d_panel_f32(s, image, w, bias, addend, y + place, activation, alpha, beta, lanes);
  }
}

/* y = pool(activation(x * w + b + z)) for weights that `panel_weights` makes floats of, those of at most `span` channels at a
   time. Other operands as below. */
NNC_INLINE void nnc_conv2d_by_panels_f32(const nnc_conv2d_shape *shape, const float *NNC_RESTRICT x, const void *weights,
    nnc_panel_weights_function_f32 panel_weights, nnc_index span, const float *NNC_RESTRICT b, const float *NNC_RESTRICT z,
    float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta) {
#if NNC_TILE_ROWS_f32 > 0
  const nnc_conv2d_shape line = nnc_conv2d_in_lines_f32(shape), *s = &line;
  const int is_single = s->panel != NNC_TILE_LANES_f32 || nnc_conv2d_pools_many_f32(s);
  const nnc_index most = is_single ? 1 : nnc_tile_panels_f32(s->out_channels / s->groups / s->panel);
  const nnc_index panels = most * s->panel <= span ? most : 1;
#else
  const nnc_conv2d_shape *s = shape;
  (void)span;
#endif
  const nnc_index out_group = s->out_channels / s->groups, rest = out_group % s->panel;
  for (nnc_index g = 0; g < s->groups; ++g) {
    nnc_index c = g * out_group;
#if NNC_TILE_ROWS_f32 > 0
    for (; panels > 1 && c + panels * s->panel <= (g + 1) * out_group; c += panels * s->panel) {
      nnc_conv2d_panels_f32(s, x, weights, panel_weights, b, z, y, activation, alpha, beta, c, panels, s->panel);
    }
#endif
    for (; c + s->panel <= (g + 1) * out_group; c += s->panel) {
      nnc_conv2d_panels_f32(s, x, weights, panel_weights, b, z, y, activation, alpha, beta, c, 1, s->panel);
    }
    if (rest > 0) nnc_conv2d_panels_f32(s, x, weights, panel_weights, b, z, y, activation, alpha, beta, c, 1, rest);
  }
}

/* y = pool(activation(x * w + b + z)). x: [batch][in_height][in_width][in_channels]; y and, unless NULL, z, with which nothing is
   pooled: [batch][out_height][out_width][out_channels]; b: [out_channels] or NULL; w: for each group, panels of `panel` output
   channels, the last narrower: [kernel_height][kernel_width][channels][lanes]. */
NNC_INLINE void nnc_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha,
    float beta) {
  nnc_conv2d_by_panels_f32(s, x, w, nnc_panel_weights_f32, s->out_channels, b, z, y, activation, alpha, beta);
}

#endif
