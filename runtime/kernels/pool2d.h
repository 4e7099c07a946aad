/* Pooling on NHWC data. */
#ifndef NNC_POOL2D_H
#define NNC_POOL2D_H

#include "base.h"

typedef struct {
  nnc_index batch, in_height, in_width, channels, out_height, out_width;
  nnc_index kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  nnc_index average, counts_padding, pad_bottom, pad_right;
} nnc_pool2d_shape;

/* How many taps of a window lie before `end`, the first being at `start`. */
NNC_INLINE nnc_index nnc_taps_before(nnc_index start, nnc_index end, nnc_index dilation, nnc_index taps) {
  const nnc_index count = end <= start ? 0 : (end - start + dilation - 1) / dilation;
  return count < taps ? count : taps;
}

/* y = the largest or the mean of each window. x: [batch][in_height][in_width][channels];
   y: [batch][out_height][out_width][channels]. Taps in the padding are passed over; a mean may count those of them that are
   not beyond it. */
NNC_INLINE void nnc_pool2d_f32(const nnc_pool2d_shape *s, const float *NNC_RESTRICT x, float *NNC_RESTRICT y) {
  for (nnc_index n = 0; n < s->batch; ++n) {
    for (nnc_index oy = 0; oy < s->out_height; ++oy) {
      for (nnc_index ox = 0; ox < s->out_width; ++ox) {
        const nnc_index y0 = oy * s->stride_y - s->pad_top;
        const nnc_index x0 = ox * s->stride_x - s->pad_left;
        const nnc_index ky0 = nnc_taps_before(y0, 0, s->dilation_y, s->kernel_height);
        const nnc_index kx0 = nnc_taps_before(x0, 0, s->dilation_x, s->kernel_width);
        const nnc_index ky1 = nnc_taps_before(y0, s->in_height, s->dilation_y, s->kernel_height);
        const nnc_index kx1 = nnc_taps_before(x0, s->in_width, s->dilation_x, s->kernel_width);
        const nnc_index rows = nnc_taps_before(y0, s->in_height + s->pad_bottom, s->dilation_y, s->kernel_height);
        const nnc_index columns = nnc_taps_before(x0, s->in_width + s->pad_right, s->dilation_x, s->kernel_width);
        const nnc_index count = s->counts_padding ? rows * columns : (ky1 - ky0) * (kx1 - kx0);
        float *result = y + ((n * s->out_height + oy) * s->out_width + ox) * s->channels;
        for (nnc_index c = 0; c < s->channels; ++c) result[c] = s->average ? 0.0f : -NNC_INFINITY_f32;
        for (nnc_index ky = ky0; ky < ky1; ++ky) {
          for (nnc_index kx = kx0; kx < kx1; ++kx) {
            const nnc_index row = n * s->in_height + y0 + ky * s->dilation_y;
            const float *pixel = x + (row * s->in_width + x0 + kx * s->dilation_x) * s->channels;
            for (nnc_index c = 0; c < s->channels; ++c) {
              if (s->average) result[c] += pixel[c];
              else result[c] = pixel[c] > result[c] || pixel[c] != pixel[c] ? pixel[c] : result[c];
            }
          }
        }
        if (s->average) {
          for (nnc_index c = 0; c < s->channels; ++c) result[c] /= (float)count;
        }
      }
    }
  }
}

#endif
