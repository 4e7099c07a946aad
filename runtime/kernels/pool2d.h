/* Pooling on NHWC data. */
#ifndef NNC_POOL2D_H
#define NNC_POOL2D_H

#include "base.h"
#include "window.h"

typedef struct {
  nnc_index batch, in_height, in_width, channels, out_height, out_width;
  nnc_index kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  nnc_index pad_bottom, pad_right, counts_padding; /* for a mean */
} nnc_pool2d_shape;

/* The part of a window along one axis that lies in the data: its taps from `first` to before `end`. */
typedef struct {
  nnc_index start, first, end;
} nnc_pool2d_taps;

NNC_INLINE nnc_pool2d_taps nnc_pool2d_taps_at(nnc_index start, nnc_index extent, nnc_index dilation, nnc_index kernel) {
  nnc_pool2d_taps taps;
  taps.start = start;
  taps.first = nnc_taps_before(start, 0, dilation, kernel);
  taps.end = nnc_taps_before(start, extent, dilation, kernel);
  return taps;
}

/* y = the largest element of each window, of equal ones the first. x: [batch][in_height][in_width][channels];
   y: [batch][out_height][out_width][channels]. Taps in the padding are passed over. */
NNC_INLINE void nnc_max_pool2d_f32(const nnc_pool2d_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y) {
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * s->channels;
    for (nnc_index oy = 0; oy < s->out_height; ++oy) {
      const nnc_pool2d_taps rows
          = nnc_pool2d_taps_at(oy * s->stride_y - s->pad_top, s->in_height, s->dilation_y, s->kernel_height);
      for (nnc_index ox = 0; ox < s->out_width; ++ox) {
        const nnc_pool2d_taps columns
            = nnc_pool2d_taps_at(ox * s->stride_x - s->pad_left, s->in_width, s->dilation_x, s->kernel_width);
        float *result = y + ((n * s->out_height + oy) * s->out_width + ox) * s->channels;
        for (nnc_index ky = rows.first; ky < rows.end; ++ky) {
          for (nnc_index kx = columns.first; kx < columns.end; ++kx) {
            const nnc_index row = rows.start + ky * s->dilation_y;
            const float *pixel = image + (row * s->in_width + columns.start + kx * s->dilation_x) * s->channels;
            const int is_first = ky == rows.first && kx == columns.first;
            NNC_KEEP_LOOP
            for (nnc_index c = 0; c < s->channels; ++c) {
              const float most = is_first ? pixel[c] : result[c];
              result[c] = pixel[c] > most ? pixel[c] : most;
            }
          }
        }
      }
    }
  }
}

/* y = the mean of each window. Taps in the padding are passed over, or count as zeros; those beyond it never count. */
NNC_INLINE void nnc_average_pool2d_f32(const nnc_pool2d_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y) {
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * s->channels;
    for (nnc_index oy = 0; oy < s->out_height; ++oy) {
      const nnc_pool2d_taps rows
          = nnc_pool2d_taps_at(oy * s->stride_y - s->pad_top, s->in_height, s->dilation_y, s->kernel_height);
      const nnc_index height
          = nnc_taps_before(rows.start, s->in_height + s->pad_bottom, s->dilation_y, s->kernel_height);
      for (nnc_index ox = 0; ox < s->out_width; ++ox) {
        const nnc_pool2d_taps columns
            = nnc_pool2d_taps_at(ox * s->stride_x - s->pad_left, s->in_width, s->dilation_x, s->kernel_width);
        const nnc_index width
            = nnc_taps_before(columns.start, s->in_width + s->pad_right, s->dilation_x, s->kernel_width);
        const nnc_index inside = (rows.end - rows.first) * (columns.end - columns.first);
        const float count = (float)(s->counts_padding ? height * width : inside);
        float *result = y + ((n * s->out_height + oy) * s->out_width + ox) * s->channels;
        for (nnc_index c = 0; c < s->channels; ++c) result[c] = 0.0f;
        for (nnc_index ky = rows.first; ky < rows.end; ++ky) {
          for (nnc_index kx = columns.first; kx < columns.end; ++kx) {
            const nnc_index row = rows.start + ky * s->dilation_y;
            const float *pixel = image + (row * s->in_width + columns.start + kx * s->dilation_x) * s->channels;
            for (nnc_index c = 0; c < s->channels; ++c) result[c] += pixel[c];
          }
        }
        for (nnc_index c = 0; c < s->channels; ++c) result[c] /= count;
      }
    }
  }
}

#endif
