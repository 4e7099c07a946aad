/* Convolutions with windows of 3x3 neighbours by fewer products: those of transformed tiles (Lavin and Gray, "Fast Algorithms for
   Convolutional Neural Networks", 2016: F(4x4, 3x3)). 6x6 elements of the data give 4x4 of the result by 36 products for each pair
   of channels, not by 144. */
#ifndef NNC_WINOGRAD_CONV2D_H
#define NNC_WINOGRAD_CONV2D_H

#include "conv2d_window.h"

/* The extents of a tile of the data and of the result, and how many places the former has. */
#define NNC_WINOGRAD_IN 6
#define NNC_WINOGRAD_OUT 4
#define NNC_WINOGRAD_PLACES (NNC_WINOGRAD_IN * NNC_WINOGRAD_IN)

/* How many tiles are computed at a time at most, so that weights are read once for all of them. */
#define NNC_WINOGRAD_TILES 8

/* How many panels of channels of the result are computed at a time at most, so that transformed data are read once for all. */
#define NNC_WINOGRAD_PANELS (NNC_TILE_PANELS_f32 > 1 ? 2 : 1)

/* Some channels of a place, which are transformed together. */
#if NNC_TILE_ROWS_f32 > 0
#define NNC_WINOGRAD_LANES NNC_TILE_LANES_f32
typedef nnc_tile_row_f32 nnc_winograd_row_f32;
#else
#define NNC_WINOGRAD_LANES 1
typedef float nnc_winograd_row_f32;
#endif

NNC_INLINE nnc_winograd_row_f32 nnc_winograd_load_f32(const float *p, nnc_index lanes) {
#if NNC_TILE_ROWS_f32 > 0
  return nnc_tile_load_some_f32(p, lanes);
#else
  (void)lanes;
  return *p;
#endif
}

NNC_INLINE void nnc_winograd_store_f32(float *p, nnc_winograd_row_f32 row, nnc_index lanes) {
#if NNC_TILE_ROWS_f32 > 0
  nnc_tile_store_some_f32(p, row, lanes);
#else
  (void)lanes;
  *p = row;
#endif
}

/* sum + factor * row */
NNC_INLINE nnc_winograd_row_f32 nnc_winograd_add_f32(nnc_winograd_row_f32 sum, float factor, nnc_winograd_row_f32 row) {
#if NNC_TILE_ROWS_f32 > 0
  return nnc_tile_add_f32(sum, factor, row);
#else
  return sum + factor * row;
#endif
}

/* Transforms a row or a column of a tile of the data: Bt d. Its elements are `step` floats apart, those of the result
   `out_step`. */
NNC_INLINE void nnc_winograd_data_f32(
    const float *NNC_RESTRICT d, nnc_index step, float *NNC_RESTRICT out, nnc_index out_step, nnc_index lanes) {
  nnc_winograd_row_f32 x[NNC_WINOGRAD_IN];
  NNC_UNROLL_ROWS
  for (nnc_index i = 0; i < NNC_WINOGRAD_IN; ++i) x[i] = nnc_winograd_load_f32(d + i * step, lanes);
  const nnc_winograd_row_f32 even = nnc_winograd_add_f32(x[4], -4.0f, x[2]), odd = nnc_winograd_add_f32(x[3], -4.0f, x[1]);
  const nnc_winograd_row_f32 low = nnc_winograd_add_f32(x[4], -1.0f, x[2]), high = nnc_winograd_add_f32(x[3], -1.0f, x[1]);
  const nnc_winograd_row_f32 first = nnc_winograd_add_f32(x[0], -1.0f, x[2]), last = nnc_winograd_add_f32(x[5], -1.0f, x[3]);
  nnc_winograd_store_f32(out, nnc_winograd_add_f32(low, 4.0f, first), lanes);
  nnc_winograd_store_f32(out + out_step, nnc_winograd_add_f32(even, 1.0f, odd), lanes);
  nnc_winograd_store_f32(out + 2 * out_step, nnc_winograd_add_f32(even, -1.0f, odd), lanes);
  nnc_winograd_store_f32(out + 3 * out_step, nnc_winograd_add_f32(low, 2.0f, high), lanes);
  nnc_winograd_store_f32(out + 4 * out_step, nnc_winograd_add_f32(low, -2.0f, high), lanes);
  nnc_winograd_store_f32(out + 5 * out_step, nnc_winograd_add_f32(last, -4.0f, high), lanes);
}

/* Makes the elements of the result in a row or a column of transformed sums: At m. */
NNC_INLINE void nnc_winograd_sums_f32(
    const float *NNC_RESTRICT m, nnc_index step, float *NNC_RESTRICT out, nnc_index out_step, nnc_index lanes) {
  nnc_winograd_row_f32 x[NNC_WINOGRAD_IN];
  NNC_UNROLL_ROWS
  for (nnc_index i = 0; i < NNC_WINOGRAD_IN; ++i) x[i] = nnc_winograd_load_f32(m + i * step, lanes);
  const nnc_winograd_row_f32 sum = nnc_winograd_add_f32(x[1], 1.0f, x[2]), difference = nnc_winograd_add_f32(x[1], -1.0f, x[2]);
  const nnc_winograd_row_f32 far_sum = nnc_winograd_add_f32(x[3], 1.0f, x[4]);
  const nnc_winograd_row_f32 far_difference = nnc_winograd_add_f32(x[3], -1.0f, x[4]);
  const nnc_winograd_row_f32 first = nnc_winograd_add_f32(x[0], 1.0f, sum), last = nnc_winograd_add_f32(x[5], 1.0f, difference);
  nnc_winograd_store_f32(out, nnc_winograd_add_f32(first, 1.0f, far_sum), lanes);
  nnc_winograd_store_f32(out + out_step, nnc_winograd_add_f32(difference, 2.0f, far_difference), lanes);
  nnc_winograd_store_f32(out + 2 * out_step, nnc_winograd_add_f32(sum, 4.0f, far_sum), lanes);
  nnc_winograd_store_f32(out + 3 * out_step, nnc_winograd_add_f32(last, 8.0f, far_difference), lanes);
}

/* Copies `lanes` channels of the tile of x whose corner is at row y0 and column x0, with zeros outside of x. */
NNC_INLINE void nnc_winograd_copy_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x,
    float (*NNC_RESTRICT d)[NNC_WINOGRAD_LANES], nnc_index y0, nnc_index x0, nnc_index lanes) {
  for (nnc_index i = 0; i < NNC_WINOGRAD_PLACES; ++i) {
    const nnc_index row = y0 + i / NNC_WINOGRAD_IN, column = x0 + i % NNC_WINOGRAD_IN;
    const int is_inside = (size_t)row < (size_t)s->in_height && (size_t)column < (size_t)s->in_width;
    const float *pixel = x + (is_inside ? (row * s->in_width + column) * s->in_channels : 0);
    for (nnc_index j = 0; j < lanes; ++j) d[i][j] = is_inside ? pixel[j] : 0.0f;
  }
}

/* Transforms `lanes` channels of the tile of x whose corner is at row y0 and column x0, into v: [place], `step` floats apart. */
NNC_INLINE void nnc_winograd_tile_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT v, nnc_index y0,
    nnc_index x0, nnc_index step, nnc_index lanes) {
  float rows[NNC_WINOGRAD_PLACES][NNC_WINOGRAD_LANES];
  const nnc_index line = NNC_WINOGRAD_IN * NNC_WINOGRAD_LANES;
  if (y0 >= 0 && x0 >= 0 && y0 + NNC_WINOGRAD_IN <= s->in_height && x0 + NNC_WINOGRAD_IN <= s->in_width) {
    const float *corner = x + (y0 * s->in_width + x0) * s->in_channels;
    for (nnc_index i = 0; i < NNC_WINOGRAD_IN; ++i) {
      nnc_winograd_data_f32(corner + i * s->in_channels, s->in_width * s->in_channels, rows[i], line, lanes);
    }
  } else {
    float d[NNC_WINOGRAD_PLACES][NNC_WINOGRAD_LANES];
    nnc_winograd_copy_f32(s, x, d, y0, x0, lanes);
    for (nnc_index i = 0; i < NNC_WINOGRAD_IN; ++i) nnc_winograd_data_f32(d[i], line, rows[i], line, lanes);
  }
  for (nnc_index i = 0; i < NNC_WINOGRAD_IN; ++i) {
    nnc_winograd_data_f32(rows[i * NNC_WINOGRAD_IN], NNC_WINOGRAD_LANES, v + i * NNC_WINOGRAD_IN * step, step, lanes);
  }
}

/* The sums of some panels of `lanes` channels of `rows` transformed tiles at one place. v: [rows][channels]; w: for each panel, of
   all places, [channels][lanes]; sums: [rows][panels][lanes]. */
NNC_INLINE void nnc_winograd_products_f32(const float *v, const float *w, float *sums, nnc_index channels, nnc_index rows,
    nnc_index panels, nnc_index lanes) {
  const nnc_index w_step = NNC_WINOGRAD_PLACES * channels * lanes;
#if NNC_TILE_ROWS_f32 > 0
  const nnc_index height = nnc_tile_rows_f32(rows, panels);
  for (nnc_index i = 0; rows > 1 && lanes <= NNC_TILE_LANES_f32 && i < rows; i += height) {
    const nnc_index start = i + height <= rows ? i : rows - height;
    nnc_tile_row_f32 tile[NNC_TILE_SUMS_f32];
    nnc_tile_begin_f32(tile, NULL, NULL, 0, height, panels, lanes);
    nnc_add_tile_products_f32(v + start * channels, channels, w, lanes, w_step, tile, channels, height, panels, lanes);
    NNC_UNROLL_ROWS
    for (nnc_index j = 0; j < height * panels; ++j) nnc_tile_store_some_f32(sums + (start * panels + j) * lanes, tile[j], lanes);
  }
  if (rows > 1 && lanes <= NNC_TILE_LANES_f32) return;
#endif
  for (nnc_index r = 0; r < rows; ++r) {
    for (nnc_index p = 0; p < panels; ++p) {
      float *row = sums + (r * panels + p) * lanes;
      for (nnc_index j = 0; j < lanes; ++j) row[j] = 0.0f;
      nnc_add_products_f32(v + r * channels, w + p * w_step, row, channels, lanes);
    }
  }
}

/* Makes `lanes` channels of a tile of the sums of the convolution, whose corner is at row y0 and column x0, of transformed sums
   `step` floats apart, and pools them. */
NNC_INLINE void nnc_winograd_result_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT sums, nnc_index step, const float *b,
    const float *z, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta, nnc_index y0, nnc_index x0,
    nnc_index lanes) {
  float rows[NNC_WINOGRAD_OUT][NNC_WINOGRAD_IN * NNC_WINOGRAD_LANES];
  const nnc_index height = s->out_height * s->pool_height - y0, width = s->out_width * s->pool_width - x0;
  for (nnc_index i = 0; i < NNC_WINOGRAD_IN; ++i) {
    nnc_winograd_sums_f32(sums + i * step, NNC_WINOGRAD_IN * step, rows[0] + i * NNC_WINOGRAD_LANES,
        NNC_WINOGRAD_IN * NNC_WINOGRAD_LANES, lanes);
  }
  for (nnc_index i = 0; i < NNC_WINOGRAD_OUT && i < height; ++i) {
    float values[NNC_WINOGRAD_OUT][NNC_WINOGRAD_LANES];
    nnc_winograd_sums_f32(rows[i], NNC_WINOGRAD_LANES, values[0], NNC_WINOGRAD_LANES, lanes);
    for (nnc_index k = 0; k < NNC_WINOGRAD_OUT && k < width; ++k) {
      const nnc_index row = y0 + i, column = x0 + k;
      const nnc_index place = (row / s->pool_height * s->out_width + column / s->pool_width) * s->out_channels;
      nnc_winograd_row_f32 value = nnc_winograd_load_f32(values[k], lanes);
      if (b != NULL) value = nnc_winograd_add_f32(value, 1.0f, nnc_winograd_load_f32(b, lanes));
      if (z != NULL) value = nnc_winograd_add_f32(value, 1.0f, nnc_winograd_load_f32(z + place, lanes));
      nnc_winograd_store_f32(values[k], value, lanes);
      nnc_conv2d_pool_f32(s, values[k], y + place, row % s->pool_height == 0 && column % s->pool_width == 0, activation, alpha,
          beta, lanes);
    }
  }
}

/* Computes some panels of `lanes` channels of `rows` transformed tiles, from the tile `first` on, and makes results of those that
   are `done` or later. */
NNC_INLINE void nnc_winograd_channels_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT w, const float *NNC_RESTRICT b,
    const float *NNC_RESTRICT z, float *NNC_RESTRICT y, const float *NNC_RESTRICT v, nnc_activation_f32 activation, float alpha,
    float beta, nnc_index across, nnc_index first, nnc_index done, nnc_index rows, nnc_index panels, nnc_index lanes) {
  float sums[NNC_WINOGRAD_PLACES * NNC_WINOGRAD_TILES * NNC_WINOGRAD_PANELS * NNC_PANEL_LANES];
  const nnc_index step = rows * panels * lanes;
  const nnc_index part = lanes < NNC_WINOGRAD_LANES ? lanes : NNC_WINOGRAD_LANES;
  for (nnc_index i = 0; i < NNC_WINOGRAD_PLACES; ++i) {
    nnc_winograd_products_f32(
        v + i * rows * s->in_channels, w + i * s->in_channels * lanes, sums + i * step, s->in_channels, rows, panels, lanes);
  }
  for (nnc_index r = done - first; r < rows; ++r) {
    const nnc_index y0 = (first + r) / across * NNC_WINOGRAD_OUT, x0 = (first + r) % across * NNC_WINOGRAD_OUT;
    for (nnc_index c = 0; c < panels * lanes; c += part) {
      nnc_winograd_result_f32(s, sums + r * panels * lanes + c, step, b != NULL ? b + c : b, z != NULL ? z + c : z, y + c,
          activation, alpha, beta, y0, x0, part);
    }
  }
}

/* Computes `rows` tiles of one image, from the tile `first` on, and makes results of those that are `done` or later. */
NNC_INLINE void nnc_winograd_tiles_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, float *NNC_RESTRICT v,
    nnc_activation_f32 activation, float alpha, float beta, nnc_index across, nnc_index first, nnc_index done, nnc_index rows) {
  const nnc_index panels = s->out_channels % (2 * s->panel) == 0 ? NNC_WINOGRAD_PANELS : 1;
  const nnc_index part = s->panel < NNC_WINOGRAD_LANES ? s->panel : NNC_WINOGRAD_LANES;
  for (nnc_index r = 0; r < rows; ++r) {
    const nnc_index y0 = (first + r) / across * NNC_WINOGRAD_OUT - s->pad_top;
    const nnc_index x0 = (first + r) % across * NNC_WINOGRAD_OUT - s->pad_left;
    for (nnc_index c = 0; c < s->in_channels; c += part) {
      nnc_winograd_tile_f32(s, x + c, v + r * s->in_channels + c, y0, x0, rows * s->in_channels, part);
    }
  }
  for (nnc_index c = 0; c < s->out_channels; c += panels * s->panel) {
    nnc_winograd_channels_f32(s, w + c * s->in_channels * NNC_WINOGRAD_PLACES, b != NULL ? b + c : b, z != NULL ? z + c : z,
        y + c, v, activation, alpha, beta, across, first, done, rows, panels, s->panel);
  }
}

/* y = pool(activation(x * w + b + z)), a convolution with windows of 3x3, one pixel apart.
   x: [batch][in_height][in_width][in_channels]; y and, unless NULL, z, with which nothing is pooled:
   [batch][out_height][out_width][out_channels]; b: [out_channels] or NULL; w: transformed: [out_channels / panel][36][in_channels]
   [panel]; v: scratch, [36][up to 8 tiles][in_channels]. Channels are multiples of the panel, and windows of the pool lie side by
   side. */
NNC_INLINE void nnc_winograd_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, float *NNC_RESTRICT v,
    nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index down = (s->out_height * s->pool_height + NNC_WINOGRAD_OUT - 1) / NNC_WINOGRAD_OUT;
  const nnc_index across = (s->out_width * s->pool_width + NNC_WINOGRAD_OUT - 1) / NNC_WINOGRAD_OUT;
  const nnc_index tiles = down * across, blocks = (tiles + NNC_WINOGRAD_TILES - 1) / NNC_WINOGRAD_TILES;
  const nnc_index rows = (tiles + blocks - 1) / blocks, size = s->out_height * s->out_width * s->out_channels;
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * s->in_channels;
    float *result = y + n * size;
    for (nnc_index done = 0; done < tiles; done += rows) {
      /* The last block overlaps the one before it where it would have fewer tiles. */
      const nnc_index first = done + rows <= tiles ? done : tiles - rows;
      nnc_winograd_tiles_f32(
          s, image, w, b, z != NULL ? z + n * size : z, result, v, activation, alpha, beta, across, first, done, rows);
    }
    for (nnc_index i = 0; s->pool_average && i < size; ++i) result[i] /= (float)(s->pool_height * s->pool_width);
  }
}

#endif
