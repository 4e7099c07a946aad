/* Layers on floats of whose weights most are zero: the others lie row by row, a row for each channel. */
#ifndef NNC_SPARSE_LAYERS_H
#define NNC_SPARSE_LAYERS_H

#include "activation.h"
#include "base.h"
#include "conv2d_window.h"
#include "float_tiles.h"
#include "plane_conv2d.h"

/* Where the values of the next row are: as bits, each row of which begins with a word, or, where these are NULL, as gaps, which
   reach from row to row. */
typedef struct {
  const uint32_t *bits;
  const uint8_t *gaps;
  nnc_index column; /* of the next value, with gaps */
} nnc_sparse_places;

/* How many zeros lie before the next value. */
NNC_INLINE nnc_index nnc_next_gap(nnc_sparse_places *places) {
  nnc_index sum = 0;
  uint8_t gap;
  do {
    gap = nnc_weight_u8(places->gaps++);
    sum += gap;
  } while (gap == 255);
  return sum;
}

/* The places from the first row on. */
NNC_INLINE nnc_sparse_places nnc_first_places(const uint32_t *bits, const uint8_t *gaps) {
  nnc_sparse_places places = {bits, gaps, 0};
  if (bits == NULL) places.column = nnc_next_gap(&places);
  return places;
}

/* Writes the entries of a table for the bits of a word that are set, and returns the end of the list. */
NNC_INLINE int32_t *nnc_list_entries(uint32_t word, const int32_t *NNC_RESTRICT table, int32_t *NNC_RESTRICT list) {
#if defined(NNC_LOWEST_BIT)
  for (; word != 0; word &= word - 1) *list++ = table[NNC_LOWEST_BIT(word)];
#else
  for (; word != 0; ++table, word >>= 1) {
    if (word & 1) *list++ = *table;
  }
#endif
  return list;
}

/* Writes the entries of a table for the places of a row, and returns the end of the list. */
NNC_INLINE int32_t *nnc_list_places(
    nnc_sparse_places *NNC_RESTRICT places, nnc_index columns, const int32_t *NNC_RESTRICT table, int32_t *NNC_RESTRICT list) {
  if (places->bits != NULL) {
    for (nnc_index first = 0; first < columns; first += 32) {
      list = nnc_list_entries(nnc_weight_u32(places->bits++), table + first, list);
    }
    return list;
  }
  nnc_index column = places->column;
  while (column < columns) {
    *list++ = table[column];
    column += 1 + nnc_next_gap(places);
  }
  places->column = column - columns;
  return list;
}

/* The sum of products of the values of a row with x, which has `columns` elements, plus `sum`. Returns the next values. */
NNC_INLINE const float *nnc_add_sparse_products_f32(nnc_sparse_places *NNC_RESTRICT places, nnc_index columns,
    const float *NNC_RESTRICT x, const float *NNC_RESTRICT values, float *NNC_RESTRICT sum) {
  float total = *sum;
  if (places->bits != NULL) {
    for (nnc_index first = 0; first < columns; first += 32) {
      uint32_t word = nnc_weight_u32(places->bits++);
#if defined(NNC_LOWEST_BIT)
      for (; word != 0; word &= word - 1) {
        total = nnc_multiply_add_f32(total, x[first + NNC_LOWEST_BIT(word)], nnc_weight_f32(values++));
      }
#else
      for (nnc_index i = first; word != 0; ++i, word >>= 1) {
        if (word & 1) total = nnc_multiply_add_f32(total, x[i], nnc_weight_f32(values++));
      }
#endif
    }
  } else {
    nnc_index column = places->column;
    while (column < columns) {
      total = nnc_multiply_add_f32(total, x[column], nnc_weight_f32(values++));
      column += 1 + nnc_next_gap(places);
    }
    places->column = column - columns;
  }
  *sum = total;
  return values;
}

/* y = activation(x * w + b + z) for one row x: [depth]; y: [columns]; z: the same or NULL; b: [columns] or NULL. w is the
   transposition of a matrix of [columns] rows. */
NNC_INLINE void nnc_sparse_dense_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT values, const uint32_t *bits,
    const uint8_t *gaps, const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_index depth,
    nnc_index columns, nnc_activation_f32 activation, float alpha, float beta) {
  nnc_sparse_places places = nnc_first_places(bits, gaps);
  for (nnc_index c = 0; c < columns; ++c) {
    float sum = b != NULL ? nnc_weight_f32(b + c) : 0.0f;
    if (z != NULL) sum += z[c];
    values = nnc_add_sparse_products_f32(&places, depth, x, values, &sum);
    y[c] = activation(sum, alpha, beta);
  }
}

/* How many vectors of pixels are computed side by side at most: as many as registers hold, of 64 pixels at most. */
#if NNC_TILE_ROWS_f32 > 0
#define NNC_SPARSE_ROWS_f32 (NNC_TILE_ROWS_f32 < 64 / NNC_TILE_LANES_f32 ? NNC_TILE_ROWS_f32 : 64 / NNC_TILE_LANES_f32)
#else
#define NNC_SPARSE_ROWS_f32 1
#endif

/* Computes `rows` vectors of neighbouring pixels of one channel. planes: the data of a pixel for each place, those of neighbours
   side by side. */
NNC_INLINE void nnc_sparse_pixels_f32(const float *NNC_RESTRICT planes, const int32_t *NNC_RESTRICT list, const int32_t *end,
    const float *NNC_RESTRICT values, float start, float *NNC_RESTRICT sums, nnc_index rows) {
  (void)nnc_multiply_add_f32; /* or it would be a function that nothing uses */
#if NNC_TILE_ROWS_f32 > 0
  nnc_tile_row_f32 tile[NNC_SPARSE_ROWS_f32];
  NNC_UNROLL_ROWS
  for (nnc_index r = 0; r < NNC_SPARSE_ROWS_f32; ++r) tile[r] = nnc_tile_all_f32(start);
  for (; list < end; ++list, ++values) {
    const float *x = planes + *list;
    const float value = *values;
    NNC_UNROLL_ROWS
    for (nnc_index r = 0; r < rows; ++r) {
      tile[r] = nnc_tile_add_f32(tile[r], value, nnc_tile_load_f32(x + NNC_TILE_LANES_f32 * r));
    }
  }
  NNC_UNROLL_ROWS
  for (nnc_index r = 0; r < rows; ++r) nnc_tile_store_f32(sums + NNC_TILE_LANES_f32 * r, tile[r]);
#elif defined(NNC_MVE)
  float32x4_t low = vdupq_n_f32(start), high = low;
  (void)rows;
  for (; list < end; ++list, ++values) {
    low = vfmaq_n_f32(low, *(const nnc_four_floats *)(planes + *list), *values);
    high = vfmaq_n_f32(high, *(const nnc_four_floats *)(planes + *list + 4), *values);
  }
  vst1q_f32(sums, low);
  vst1q_f32(sums + 4, high);
#else
  float pixels[8];
  (void)rows;
  NNC_UNROLL
  for (nnc_index j = 0; j < 8; ++j) pixels[j] = start;
  for (; list < end; ++list, ++values) {
    const float *x = planes + *list;
    const float value = nnc_weight_f32(values);
    NNC_UNROLL
    for (nnc_index j = 0; j < 8; ++j) pixels[j] = nnc_multiply_add_f32(pixels[j], x[j], value);
  }
  NNC_UNROLL
  for (nnc_index j = 0; j < 8; ++j) sums[j] = pixels[j];
#endif
}

/* The copy of the data that a band takes: for each channel, and for each distance of a tap from the multiples of the strides, a
   plane, in which neighbours are what neighbouring pixels of the result meet. */
typedef struct {
  nnc_index phases_y, phases_x, height, width;
} nnc_sparse_planes;

/* The sizes of the planes for a band of so many rows. */
NNC_INLINE nnc_sparse_planes nnc_sparse_planes_of(const nnc_conv2d_shape *s, nnc_index band) {
  const nnc_sparse_planes planes = {
      s->kernel_height == 1 || s->dilation_y % s->stride_y == 0 ? 1 : s->stride_y,
      s->kernel_width == 1 || s->dilation_x % s->stride_x == 0 ? 1 : s->stride_x,
      band + (s->kernel_height - 1) * s->dilation_y / s->stride_y,
      s->out_width + (s->kernel_width - 1) * s->dilation_x / s->stride_x,
  };
  return planes;
}

/* Where each tap of a window lies in the planes, from the pixel on. table: [in_channels][kernel_height][kernel_width]. */
NNC_INLINE void nnc_place_taps(const nnc_conv2d_shape *s, const nnc_sparse_planes *p, int32_t *NNC_RESTRICT table) {
  for (nnc_index c = 0; c < s->in_channels; ++c) {
    for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
      const nnc_index row = ky * s->dilation_y;
      for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
        const nnc_index column = kx * s->dilation_x;
        const nnc_index plane = (c * p->phases_y + row % s->stride_y) * p->phases_x + column % s->stride_x;
        *table++ = (int32_t)((plane * p->height + row / s->stride_y) * p->width + column / s->stride_x);
      }
    }
  }
}

/* Copies one row of the data, or zeros where x is NULL, into a row of the planes. */
NNC_INLINE void nnc_copy_plane_row_f32(const nnc_conv2d_shape *s, const nnc_sparse_planes *p, const float *NNC_RESTRICT x,
    float *NNC_RESTRICT row, nnc_index phase) {
  const nnc_index size = p->phases_y * p->phases_x * p->height * p->width;
  const nnc_index start = phase - s->pad_left;
  const nnc_index left = x == NULL ? p->width : nnc_taps_before(start, 0, s->stride_x, p->width);
  const nnc_index right = x == NULL ? p->width : nnc_taps_before(start, s->in_width, s->stride_x, p->width);
  for (nnc_index c = 0; c < s->in_channels; ++c) {
    for (nnc_index i = 0; i < left; ++i) row[c * size + i] = 0.0f;
    for (nnc_index i = right; i < p->width; ++i) row[c * size + i] = 0.0f;
  }
  for (nnc_index i = left; i < right; ++i) {
    const float *pixel = x + (start + i * s->stride_x) * s->in_channels;
    for (nnc_index c = 0; c < s->in_channels; ++c) row[c * size + i] = pixel[c];
  }
}

/* Copies what a band, from row oy of the result on, takes of an image. */
NNC_INLINE void nnc_copy_planes_f32(const nnc_conv2d_shape *s, const nnc_sparse_planes *p, const float *NNC_RESTRICT x,
    float *NNC_RESTRICT planes, nnc_index oy) {
  for (nnc_index py = 0; py < p->phases_y; ++py) {
    for (nnc_index i = 0; i < p->height; ++i) {
      const nnc_index row = (oy + i) * s->stride_y + py - s->pad_top;
      const float *line = (size_t)row < (size_t)s->in_height ? x + row * s->in_width * s->in_channels : NULL;
      for (nnc_index px = 0; px < p->phases_x; ++px) {
        nnc_copy_plane_row_f32(s, p, line, planes + ((py * p->phases_x + px) * p->height + i) * p->width, px);
      }
    }
  }
}

/* Stores `count` sums of one channel, plus z, which may be NULL, from the pixel `first` of a band on. Rows of sums are `width`
   pixels long, of which those behind the rows of the result are none. */
NNC_INLINE void nnc_store_sparse_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT sums, const float *NNC_RESTRICT z,
    float *NNC_RESTRICT y, nnc_index first, nnc_index count, nnc_index width, nnc_activation_f32 activation, float alpha,
    float beta) {
  nnc_index row = first / width, column = first % width;
  for (nnc_index i = 0; i < count; i += width - column, ++row, column = 0) {
    const nnc_index run = s->out_width - column < count - i ? s->out_width - column : count - i;
    const nnc_index place = (row * s->out_width + column) * s->out_channels;
    for (nnc_index j = 0; j < run; ++j) {
      const nnc_index at = place + j * s->out_channels;
      y[at] = activation(z != NULL ? sums[i + j] + z[at] : sums[i + j], alpha, beta);
    }
  }
}

/* Computes one channel of a band. y and z: the channel of its first pixel. */
NNC_INLINE void nnc_sparse_channel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT planes, nnc_index width, nnc_index band,
    const int32_t *NNC_RESTRICT list, const int32_t *end, const float *NNC_RESTRICT values, float start,
    const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index pixels = (band - 1) * width + s->out_width;
  const nnc_index vectors = (pixels + NNC_TILE_LANES_f32 - 1) / NNC_TILE_LANES_f32;
  const nnc_index tiles = (vectors + NNC_SPARSE_ROWS_f32 - 1) / NNC_SPARSE_ROWS_f32;
  const nnc_index rows = (vectors + tiles - 1) / tiles, most = NNC_TILE_LANES_f32 * rows;
  for (nnc_index first = 0; first < pixels; first += most) {
    float sums[NNC_TILE_LANES_f32 * NNC_SPARSE_ROWS_f32];
    const nnc_index count = pixels - first < most ? pixels - first : most;
    nnc_sparse_pixels_f32(planes + first, list, end, values, start, sums, rows);
    nnc_store_sparse_f32(s, sums, z, y, first, count, width, activation, alpha, beta);
  }
}

/* y = activation(x * w + b + z), `band` rows at a time; the last band overlaps the one before it where rows do not fill it.
   x: [batch][in_height][in_width][in_channels]; y and, unless NULL, z: [batch][out_height][out_width][out_channels]; b:
   [out_channels] or NULL; w: a row for each output channel: [in_channels][kernel_height][kernel_width]. scratch: two numbers
   for each of these, the planes, and 64 floats that may be read behind them. */
NNC_INLINE void nnc_sparse_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT values,
    const uint32_t *bits, const uint8_t *gaps, const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y,
    void *scratch, nnc_index band, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_sparse_planes p = nnc_sparse_planes_of(s, band);
  const nnc_index columns = s->in_channels * s->kernel_height * s->kernel_width;
  const nnc_index size = s->in_channels * p.phases_y * p.phases_x * p.height * p.width;
  int32_t *table = (int32_t *)scratch, *list = table + columns;
  float *planes = (float *)scratch + 2 * columns;
  nnc_place_taps(s, &p, table);
  for (nnc_index i = 0; i < 64; ++i) planes[size + i] = 0.0f;
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * s->in_channels;
    for (nnc_index next = 0; next < s->out_height; next += band) {
      const nnc_index oy = next + band <= s->out_height ? next : s->out_height - band;
      const nnc_index place = (n * s->out_height + oy) * s->out_width * s->out_channels;
      nnc_sparse_places places = nnc_first_places(bits, gaps);
      const float *row = values;
      nnc_copy_planes_f32(s, &p, image, planes, oy);
      for (nnc_index c = 0; c < s->out_channels; ++c) {
        const int32_t *end = nnc_list_places(&places, columns, table, list);
        const float start = b != NULL ? nnc_weight_f32(b + c) : 0.0f;
        nnc_sparse_channel_f32(s, planes, p.width, band, list, end, row, start, z != NULL ? z + place + c : z, y + place + c,
            activation, alpha, beta);
        row += end - list;
      }
    }
  }
}

#endif
