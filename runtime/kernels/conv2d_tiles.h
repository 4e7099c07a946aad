/* Convolutions on NHWC data, several neighbouring windows at once, for which weights are read once. */
#ifndef NNC_CONV2D_TILES_H
#define NNC_CONV2D_TILES_H

#include "conv2d_window.h"

#if NNC_TILE_ROWS_f32 > 0
/* Of `count` windows, the first of which covers the elements from `start` to `last` and each lies `step` behind the one before it,
   those that lie wholly inside data of the given extent. */
NNC_INLINE nnc_window_run nnc_windows_inside_f32(
    nnc_index start, nnc_index last, nnc_index extent, nnc_index step, nnc_index count) {
  const nnc_index first = nnc_taps_before(start, 0, step, count), end = nnc_taps_before(last, extent, step, count);
  const nnc_window_run run = {first, end < first ? first : end};
  return run;
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* The weights of a panel of `lanes` channels. */
NNC_INLINE nnc_index nnc_conv2d_panel_size_f32(const nnc_conv2d_shape *s, nnc_index lanes) {
  return s->kernel_height * s->kernel_width * (s->in_channels / s->groups) * lanes;
}
#endif

/* Adds the products of some windows of x to the sums of a tile. */
#if NNC_TILE_ROWS_f32 > 0
typedef void (*nnc_conv2d_windows_function_f32)(const nnc_conv2d_shape *s, const float *x, const float *w,
    nnc_tile_row_f32 *sums, nnc_index y0, nnc_index x0, nnc_index step, nnc_index rows, nnc_index panels, nnc_index lanes);
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Computes the channels of some panels, or of one of fewer lanes than a tile has, of `rows` windows, `step` elements apart, plus z,
   whose rows are `z_step` apart, before their activation. values: [rows][panels][NNC_TILE_LANES_f32]. */
NNC_INLINE void nnc_conv2d_tile_values_f32(const nnc_conv2d_shape *s, const float *x, const float *w, const float *b,
    const float *z, nnc_index z_step, float *values, nnc_conv2d_windows_function_f32 windows, nnc_index y0, nnc_index x0,
    nnc_index step, nnc_index rows, nnc_index panels, nnc_index lanes) {
  nnc_tile_row_f32 sums[NNC_TILE_SUMS_f32];
  nnc_tile_begin_f32(sums, b, z, z_step, rows, panels, lanes);
  windows(s, x, w, sums, y0, x0, step, rows, panels, lanes);
  nnc_tile_end_f32(sums, values, rows, panels);
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Computes the same channels of one pixel of the result, panel by panel. */
NNC_INLINE void nnc_conv2d_pixel_panels_f32(const nnc_conv2d_shape *s, const float *x, const float *w, const float *b,
    const float *z, float *y, nnc_activation_f32 activation, float alpha, float beta, nnc_conv2d_window_function_f32 window,
    nnc_index oy, nnc_index ox, nnc_index panels, nnc_index lanes) {
  for (nnc_index p = 0; p < panels; ++p) {
    nnc_conv2d_pixel_f32(s, x, w + p * nnc_conv2d_panel_size_f32(s, lanes), b != NULL ? b + lanes * p : b,
        z != NULL ? z + lanes * p : z, y + lanes * p, activation, alpha, beta, window, oy, ox, lanes);
  }
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Computes the same channels of `rows` pixels of the result, which lie side by side or one below the other. */
NNC_INLINE void nnc_conv2d_tile_f32(const nnc_conv2d_shape *s, const float *x, const float *w, const float *b, const float *z,
    float *y, nnc_activation_f32 activation, float alpha, float beta, nnc_index oy, nnc_index ox,
    nnc_conv2d_windows_function_f32 windows, int is_column, nnc_index rows, nnc_index panels, nnc_index lanes) {
  const nnc_index channels = lanes * panels;
  const nnc_index in_step = is_column ? s->pool_stride_y * s->stride_y * s->in_width : s->pool_stride_x * s->stride_x;
  const nnc_index out_step = (is_column ? s->out_width : 1) * s->out_channels;
  const nnc_index place = (oy * s->out_width + ox) * s->out_channels;
  float *pixels = y + place;
  for (nnc_index p = 0; p < s->pool_height * s->pool_width; ++p) {
    const nnc_index y0 = (oy * s->pool_stride_y + p / s->pool_width) * s->stride_y - s->pad_top;
    const nnc_index x0 = (ox * s->pool_stride_x + p % s->pool_width) * s->stride_x - s->pad_left;
    float values[NNC_TILE_SUMS_f32 * NNC_TILE_LANES_f32];
    nnc_conv2d_tile_values_f32(s, x, w, b, z != NULL ? z + place : z, out_step, values, windows, y0, x0,
        in_step * s->in_channels, rows, panels, lanes);
    NNC_UNROLL_ACTIVATIONS
    for (nnc_index r = 0; r < rows; ++r) {
      nnc_conv2d_pool_f32(
          s, values + r * panels * NNC_TILE_LANES_f32, pixels + r * out_step, p == 0, activation, alpha, beta, channels);
    }
  }
  for (nnc_index r = 0; s->pool_average && r < rows; ++r) {
    for (nnc_index j = 0; j < channels; ++j) pixels[r * out_step + j] /= (float)(s->pool_height * s->pool_width);
  }
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Computes the same channels of some pixels of one row of the result, or of one column. The last tile overlaps the one
   before it where the pixels do not fill it. */
NNC_INLINE void nnc_conv2d_line_f32(const nnc_conv2d_shape *s, const float *x, const float *w, const float *b, const float *z,
    float *y, nnc_activation_f32 activation, float alpha, float beta, nnc_index place, nnc_index first, nnc_index end,
    nnc_conv2d_windows_function_f32 windows, nnc_conv2d_window_function_f32 window, int is_column, nnc_index panels,
    nnc_index lanes) {
  const nnc_index rows = nnc_tile_rows_f32(end - first, panels);
  if (rows == 1) {
    const nnc_index oy = is_column ? first : place, ox = is_column ? place : first;
    nnc_conv2d_pixel_panels_f32(s, x, w, b, z, y, activation, alpha, beta, window, oy, ox, panels, lanes);
    return;
  }
  for (nnc_index i = first; i < end; i += rows) {
    const nnc_index start = i + rows <= end ? i : end - rows;
    nnc_conv2d_tile_f32(s, x, w, b, z, y, activation, alpha, beta, is_column ? start : place, is_column ? place : start,
        windows, is_column, rows, panels, lanes);
  }
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Computes the same channels of one row of the windows that a pixel of the result pools, of which tiles are made. */
NNC_INLINE void nnc_conv2d_pooled_row_f32(const nnc_conv2d_shape *s, const float *x, const float *w, const float *b, float *pixel,
    nnc_activation_f32 activation, float alpha, float beta, nnc_index y0, nnc_index x0,
    nnc_conv2d_windows_function_f32 windows, nnc_conv2d_window_function_f32 window, int is_first, nnc_index lanes) {
  /* Inside of these columns, windows lie inside the data. */
  const nnc_index reach = x0 + (s->kernel_width - 1) * s->dilation_x;
  const nnc_window_run inside = nnc_windows_inside_f32(x0, reach, s->in_width, s->stride_x, s->pool_width);
  const nnc_index left = inside.first, right = inside.end;
  const nnc_index rows = nnc_tile_rows_f32(right - left, 1);
  for (nnc_index px = 0; px < left; ++px) {
    nnc_conv2d_place_f32(
        s, x, w, b, NULL, pixel, activation, alpha, beta, window, y0, x0 + px * s->stride_x, is_first && px == 0, lanes);
  }
  for (nnc_index px = left; px < right; px += rows) {
    /* The last tile begins with windows that are pooled already. */
    const nnc_index start = px + rows <= right ? px : right - rows;
    float values[NNC_TILE_ROWS_f32 * NNC_TILE_LANES_f32];
    nnc_conv2d_tile_values_f32(
        s, x, w, b, NULL, 0, values, windows, y0, x0 + start * s->stride_x, s->stride_x * s->in_channels, rows, 1, lanes);
    for (nnc_index r = px - start; r < rows; ++r) {
      nnc_conv2d_pool_f32(s, values + r * NNC_TILE_LANES_f32, pixel, is_first && start + r == 0, activation, alpha, beta, lanes);
    }
  }
  for (nnc_index px = right; px < s->pool_width; ++px) {
    nnc_conv2d_place_f32(
        s, x, w, b, NULL, pixel, activation, alpha, beta, window, y0, x0 + px * s->stride_x, is_first && px == 0, lanes);
  }
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Computes the same channels of all pixels of one image, which are few and each pool many windows. */
NNC_INLINE void nnc_conv2d_pooled_f32(const nnc_conv2d_shape *s, const float *x, const float *w, const float *b, float *y,
    nnc_activation_f32 activation, float alpha, float beta,
    nnc_conv2d_windows_function_f32 windows, nnc_conv2d_window_function_f32 window, nnc_index lanes) {
  for (nnc_index p = 0; p < s->out_height * s->out_width; ++p) {
    const nnc_index y0 = p / s->out_width * s->pool_stride_y * s->stride_y - s->pad_top;
    const nnc_index x0 = p % s->out_width * s->pool_stride_x * s->stride_x - s->pad_left;
    float *pixel = y + p * s->out_channels;
    for (nnc_index py = 0; py < s->pool_height; ++py) {
      nnc_conv2d_pooled_row_f32(
          s, x, w, b, pixel, activation, alpha, beta, y0 + py * s->stride_y, x0, windows, window, py == 0, lanes);
    }
    for (nnc_index j = 0; s->pool_average && j < lanes; ++j) pixel[j] /= (float)(s->pool_height * s->pool_width);
  }
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Computes the same channels of all pixels of one image. */
NNC_INLINE void nnc_conv2d_tiles_f32(const nnc_conv2d_shape *s, const float *x, const float *w, const float *b, const float *z,
    float *y, nnc_activation_f32 activation, float alpha, float beta,
    nnc_conv2d_windows_function_f32 windows, nnc_conv2d_window_function_f32 window, nnc_index panels, nnc_index lanes) {
  /* Inside of these rows and columns of the result, windows lie inside the data. */
  const nnc_index step_y = s->pool_stride_y * s->stride_y, step_x = s->pool_stride_x * s->stride_x;
  const nnc_index reach_y = (s->pool_height - 1) * s->stride_y + (s->kernel_height - 1) * s->dilation_y - s->pad_top;
  const nnc_index reach_x = (s->pool_width - 1) * s->stride_x + (s->kernel_width - 1) * s->dilation_x - s->pad_left;
  const nnc_window_run rows = nnc_windows_inside_f32(-s->pad_top, reach_y, s->in_height, step_y, s->out_height);
  const nnc_window_run columns = nnc_windows_inside_f32(-s->pad_left, reach_x, s->in_width, step_x, s->out_width);
  const nnc_index top = rows.first, bottom = rows.end, left = columns.first, width = columns.end - left;
  /* Narrow data are taken column by column. */
  const nnc_index right = width < 4 && width < bottom - top ? left : columns.end;
  for (nnc_index oy = 0; oy < s->out_height; ++oy) {
    if (left == right) continue;
    nnc_conv2d_line_f32(s, x, w, b, z, y, activation, alpha, beta, oy, left, right, windows, window, 0, panels, lanes);
  }
  for (nnc_index i = 0; i < s->out_width - (right - left); ++i) {
    const nnc_index ox = i < left ? i : i + right - left;
    if (top < bottom) {
      nnc_conv2d_line_f32(s, x, w, b, z, y, activation, alpha, beta, ox, top, bottom, windows, window, 1, panels, lanes);
    }
    for (nnc_index j = 0; j < s->out_height - (bottom - top); ++j) {
      const nnc_index oy = j < top ? j : j + bottom - top;
      nnc_conv2d_pixel_panels_f32(s, x, w, b, z, y, activation, alpha, beta, window, oy, ox, panels, lanes);
    }
  }
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Whether the pixels of the result are few and each pools many windows, of which tiles are made then. */
NNC_INLINE int nnc_conv2d_pools_many_f32(const nnc_conv2d_shape *s) {
  return s->out_height * s->out_width < s->pool_width;
}
#endif

#if NNC_TILE_ROWS_f32 > 0
/* Computes neighbouring channels, at most as many as a tile has lanes, of all pixels of one image, of windows or of the pools of
   many. */
NNC_INLINE void nnc_conv2d_image_f32(const nnc_conv2d_shape *s, const float *x, const float *w, const float *b, const float *z,
    float *y, nnc_activation_f32 activation, float alpha, float beta,
    nnc_conv2d_windows_function_f32 windows, nnc_conv2d_window_function_f32 window, nnc_index lanes) {
  if (z == NULL && nnc_conv2d_pools_many_f32(s)) {
    nnc_conv2d_pooled_f32(s, x, w, b, y, activation, alpha, beta, windows, window, lanes);
  } else {
    nnc_conv2d_tiles_f32(s, x, w, b, z, y, activation, alpha, beta, windows, window, 1, lanes);
  }
}
#endif

#endif
