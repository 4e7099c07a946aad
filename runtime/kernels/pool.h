/* Pools on data with channels outermost, with up to three spatial axes. */
#ifndef NNC_POOL_H
#define NNC_POOL_H

#include "arithmetic.h"
#include "base.h"
#include "normalization.h"
#include "window.h"

/* The sizes of a pool. x: [planes][in_depth][in_height][in_width]; y: [planes][out_depth][out_height][out_width]. Where
   there are fewer spatial axes, the outer ones have extent 1. Each window has an element of x. */
typedef struct {
  nnc_index planes, in_depth, in_height, in_width, out_depth, out_height, out_width;
  nnc_index kernel_depth, kernel_height, kernel_width, stride_z, stride_y, stride_x;
  nnc_index dilation_z, dilation_y, dilation_x, pad_front, pad_top, pad_left, pad_back, pad_bottom, pad_right;
} nnc_pool_shape;

/* The part of a window that lies in the data: along each axis from one element to before another. */
typedef struct {
  nnc_index z0, y0, x0, z1, y1, x1;
} nnc_pool_box;

/* The first element of a window that lies in the data. */
NNC_INLINE nnc_index nnc_pool_first(nnc_index start, nnc_index dilation) {
  return start < 0 ? start + (dilation - 1 - start) / dilation * dilation : start;
}

/* Behind the last element of a window that lies in the data. */
NNC_INLINE nnc_index nnc_pool_end(nnc_index start, nnc_index extent, nnc_index dilation, nnc_index kernel) {
  const nnc_index end = start + (kernel - 1) * dilation + 1;
  return end < extent ? end : extent;
}

NNC_INLINE nnc_pool_box nnc_pool_box_at(const nnc_pool_shape *s, nnc_index oz, nnc_index oy, nnc_index ox) {
  const nnc_index z = oz * s->stride_z - s->pad_front;
  const nnc_index y = oy * s->stride_y - s->pad_top;
  const nnc_index x = ox * s->stride_x - s->pad_left;
  nnc_pool_box box;
  box.z0 = nnc_pool_first(z, s->dilation_z);
  box.y0 = nnc_pool_first(y, s->dilation_y);
  box.x0 = nnc_pool_first(x, s->dilation_x);
  box.z1 = nnc_pool_end(z, s->in_depth, s->dilation_z, s->kernel_depth);
  box.y1 = nnc_pool_end(y, s->in_height, s->dilation_y, s->kernel_height);
  box.x1 = nnc_pool_end(x, s->in_width, s->dilation_x, s->kernel_width);
  return box;
}

/* The element at `index` of a plane, were the first spatial axis the fastest. */
NNC_INLINE nnc_index nnc_pool_first_fastest(const nnc_pool_shape *s, nnc_index index) {
  const nnc_index z = index / (s->in_height * s->in_width);
  const nnc_index y = index / s->in_width % s->in_height;
  return z + s->in_depth * (y + s->in_height * (index % s->in_width));
}

/* y = the largest element of each window, indices = where in x it lies; either may be NULL. Of equal elements the first
   counts. */
NNC_INLINE void nnc_max_pool_f32(const nnc_pool_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y,
    int64_t *NNC_RESTRICT indices, int first_axis_is_fastest) {
  const nnc_index volume = s->in_depth * s->in_height * s->in_width;
  nnc_index result = 0;
  for (nnc_index p = 0; p < s->planes; ++p) {
    const float *plane = x + p * volume;
    for (nnc_index oz = 0; oz < s->out_depth; ++oz) {
      for (nnc_index oy = 0; oy < s->out_height; ++oy) {
        for (nnc_index ox = 0; ox < s->out_width; ++ox, ++result) {
          const nnc_pool_box box = nnc_pool_box_at(s, oz, oy, ox);
          nnc_index best = (box.z0 * s->in_height + box.y0) * s->in_width + box.x0;
          for (nnc_index z = box.z0; z < box.z1; z += s->dilation_z) {
            for (nnc_index row = box.y0; row < box.y1; row += s->dilation_y) {
              const nnc_index start = (z * s->in_height + row) * s->in_width;
              for (nnc_index i = start + box.x0; i < start + box.x1; i += s->dilation_x) {
                if (plane[i] > plane[best]) best = i;
              }
            }
          }
          if (y != NULL) y[result] = plane[best];
          if (indices != NULL) {
            indices[result] = (int64_t)(p * volume + (first_axis_is_fastest ? nnc_pool_first_fastest(s, best) : best));
          }
        }
      }
    }
  }
}

/* The sum of term(x, p) over the elements x of a window. */
NNC_INLINE float nnc_pool_sum_f32(const nnc_pool_shape *s, const float *plane, const nnc_pool_box *box,
    nnc_norm_part_f32 term, float p) {
  float sum = 0.0f;
  for (nnc_index z = box->z0; z < box->z1; z += s->dilation_z) {
    for (nnc_index row = box->y0; row < box->y1; row += s->dilation_y) {
      const float *start = plane + (z * s->in_height + row) * s->in_width;
      for (nnc_index column = box->x0; column < box->x1; column += s->dilation_x) sum += term(start[column], p);
    }
  }
  return sum;
}

/* The element itself. */
NNC_INLINE float nnc_pool_element_f32(float x, float p) {
  (void)p;
  return x;
}

/* How many taps of a window lie in the data, or also in the padding. */
NNC_INLINE nnc_index nnc_pool_count(const nnc_pool_shape *s, const nnc_pool_box *box, nnc_index oz, nnc_index oy,
    nnc_index ox, int counts_padding) {
  const nnc_index z = counts_padding ? oz * s->stride_z - s->pad_front : box->z0;
  const nnc_index y = counts_padding ? oy * s->stride_y - s->pad_top : box->y0;
  const nnc_index x = counts_padding ? ox * s->stride_x - s->pad_left : box->x0;
  const nnc_index back = counts_padding ? s->in_depth + s->pad_back : box->z1;
  const nnc_index bottom = counts_padding ? s->in_height + s->pad_bottom : box->y1;
  const nnc_index right = counts_padding ? s->in_width + s->pad_right : box->x1;
  return nnc_taps_before(z, back, s->dilation_z, s->kernel_depth)
      * nnc_taps_before(y, bottom, s->dilation_y, s->kernel_height)
      * nnc_taps_before(x, right, s->dilation_x, s->kernel_width);
}

/* y = the mean of each window. Padding is passed over, or counts as zeros; what lies beyond it never counts. */
NNC_INLINE void nnc_average_pool_f32(const nnc_pool_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y,
    int counts_padding) {
  nnc_index result = 0;
  for (nnc_index p = 0; p < s->planes; ++p) {
    const float *plane = x + p * s->in_depth * s->in_height * s->in_width;
    for (nnc_index oz = 0; oz < s->out_depth; ++oz) {
      for (nnc_index oy = 0; oy < s->out_height; ++oy) {
        for (nnc_index ox = 0; ox < s->out_width; ++ox, ++result) {
          const nnc_pool_box box = nnc_pool_box_at(s, oz, oy, ox);
          const float sum = nnc_pool_sum_f32(s, plane, &box, nnc_pool_element_f32, 0.0f);
          y[result] = sum / (float)nnc_pool_count(s, &box, oz, oy, ox, counts_padding);
        }
      }
    }
  }
}

/* y = the p-norm of each window. */
NNC_INLINE void nnc_lp_pool_f32(const nnc_pool_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y,
    nnc_norm_part_f32 term, nnc_norm_part_f32 root, float p) {
  nnc_index result = 0;
  for (nnc_index plane = 0; plane < s->planes; ++plane) {
    const float *from = x + plane * s->in_depth * s->in_height * s->in_width;
    for (nnc_index oz = 0; oz < s->out_depth; ++oz) {
      for (nnc_index oy = 0; oy < s->out_height; ++oy) {
        for (nnc_index ox = 0; ox < s->out_width; ++ox, ++result) {
          const nnc_pool_box box = nnc_pool_box_at(s, oz, oy, ox);
          y[result] = root(nnc_pool_sum_f32(s, from, &box, term, p), p);
        }
      }
    }
  }
}

/* y = the mean of each plane. x: [planes][count]; y: [planes]. */
NNC_INLINE void nnc_global_average_pool_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT y, nnc_index planes,
    nnc_index count) {
  for (nnc_index p = 0; p < planes; ++p) y[p] = nnc_row_mean_f32(x + p * count, count);
}

/* y = the largest element of each plane. */
NNC_INLINE void nnc_global_max_pool_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT y, nnc_index planes,
    nnc_index count) {
  for (nnc_index p = 0; p < planes; ++p) {
    float largest = x[p * count];
    for (nnc_index i = 1; i < count; ++i) largest = x[p * count + i] > largest ? x[p * count + i] : largest;
    y[p] = largest;
  }
}

/* y = the p-norm of each plane. */
NNC_INLINE void nnc_global_lp_pool_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT y, nnc_index planes,
    nnc_index count, nnc_norm_part_f32 term, nnc_norm_part_f32 root, float p) {
  for (nnc_index plane = 0; plane < planes; ++plane) {
    float sum = 0.0f;
    for (nnc_index i = 0; i < count; ++i) sum += term(x[plane * count + i], p);
    y[plane] = root(sum, p);
  }
}

/* Adds one element of all blocks of a row to a row of the image. */
NNC_INLINE void nnc_col2im_row_f32(const nnc_pool_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y,
    nnc_index offset) {
  const nnc_index first = nnc_taps_before(offset, 0, s->stride_x, s->out_width);
  const nnc_index end = nnc_taps_before(offset, s->in_width, s->stride_x, s->out_width);
  for (nnc_index ox = first; ox < end; ++ox) {
    const nnc_index column = ox * s->stride_x + offset;
    y[column] = nnc_add_f32(y[column], x[ox]);
  }
}

/* Adds the blocks of a plane. x: [kernel_depth][kernel_height][kernel_width][out_depth][out_height][out_width]. */
NNC_INLINE void nnc_col2im_plane_f32(const nnc_pool_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y) {
  for (nnc_index kz = 0; kz < s->kernel_depth; ++kz) {
    for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
      for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
        for (nnc_index oz = 0; oz < s->out_depth; ++oz) {
          for (nnc_index oy = 0; oy < s->out_height; ++oy, x += s->out_width) {
            const nnc_index z = oz * s->stride_z + kz * s->dilation_z - s->pad_front;
            const nnc_index row = oy * s->stride_y + ky * s->dilation_y - s->pad_top;
            if (z < 0 || z >= s->in_depth || row < 0 || row >= s->in_height) continue;
            nnc_col2im_row_f32(s, x, y + (z * s->in_height + row) * s->in_width, kx * s->dilation_x - s->pad_left);
          }
        }
      }
    }
  }
}

/* y = the sums of the elements of all blocks at each place of an image. x: [planes][kernel_depth][kernel_height]
   [kernel_width][out_depth][out_height][out_width]; y: [planes][in_depth][in_height][in_width]. */
NNC_INLINE void nnc_col2im_f32(const nnc_pool_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y) {
  const nnc_index volume = s->in_depth * s->in_height * s->in_width;
  const nnc_index columns = s->kernel_depth * s->kernel_height * s->kernel_width * s->out_depth * s->out_height
      * s->out_width;
  for (nnc_index i = 0; i < s->planes * volume; ++i) y[i] = 0;
  for (nnc_index p = 0; p < s->planes; ++p) nnc_col2im_plane_f32(s, x + p * columns, y + p * volume);
}

#endif
