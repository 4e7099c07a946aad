/* Convolutions on data with channels outermost, with any operands and up to three spatial axes. */
#ifndef NNC_CONV_H
#define NNC_CONV_H

#include "base.h"
#include "window.h"

/* The sizes of a convolution. Where there are fewer spatial axes, the outer ones have extent 1. */
typedef struct {
  nnc_index batch, groups, in_channels, out_channels; /* channels of all groups */
  nnc_index in_depth, in_height, in_width, out_depth, out_height, out_width;
  nnc_index kernel_depth, kernel_height, kernel_width, stride_z, stride_y, stride_x;
  nnc_index dilation_z, dilation_y, dilation_x, pad_front, pad_top, pad_left;
} nnc_conv_shape;

/* Adds the products of one row of x and one row of a filter to one row of the result. */
NNC_INLINE void nnc_conv_row_f32(const nnc_conv_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    float *NNC_RESTRICT y) {
  for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
    const nnc_index offset = kx * s->dilation_x - s->pad_left;
    const nnc_index first = nnc_taps_before(offset, 0, s->stride_x, s->out_width);
    const nnc_index end = nnc_taps_before(offset, s->in_width, s->stride_x, s->out_width);
    for (nnc_index ox = first; ox < end; ++ox) y[ox] += w[kx] * x[ox * s->stride_x + offset];
  }
}

/* Adds to one row of the result, at oz and oy, what one filter makes of the channels of its group. */
NNC_INLINE void nnc_conv_filter_f32(const nnc_conv_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    float *NNC_RESTRICT y, nnc_index oz, nnc_index oy) {
  for (nnc_index c = 0; c < s->in_channels / s->groups; ++c) {
    for (nnc_index kz = 0; kz < s->kernel_depth; ++kz) {
      const nnc_index z = oz * s->stride_z + kz * s->dilation_z - s->pad_front;
      if (z < 0 || z >= s->in_depth) continue;
      for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
        const nnc_index row = oy * s->stride_y + ky * s->dilation_y - s->pad_top;
        if (row < 0 || row >= s->in_height) continue;
        nnc_conv_row_f32(s, x + ((c * s->in_depth + z) * s->in_height + row) * s->in_width,
            w + ((c * s->kernel_depth + kz) * s->kernel_height + ky) * s->kernel_width, y);
      }
    }
  }
}

/* y = x * w + b. x: [batch][in_channels][in_depth][in_height][in_width]; w: [out_channels][in_channels / groups]
   [kernel_depth][kernel_height][kernel_width]; b: [out_channels] or NULL; y: [batch][out_channels][out_depth][out_height]
   [out_width]. */
NNC_INLINE void nnc_conv_f32(const nnc_conv_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y) {
  const nnc_index in_group = s->in_channels / s->groups;
  const nnc_index volume = s->in_depth * s->in_height * s->in_width;
  const nnc_index taps = s->kernel_depth * s->kernel_height * s->kernel_width;
  for (nnc_index n = 0; n < s->batch; ++n) {
    for (nnc_index m = 0; m < s->out_channels; ++m) {
      const nnc_index group = m / (s->out_channels / s->groups);
      const float *image = x + (n * s->in_channels + group * in_group) * volume;
      for (nnc_index oz = 0; oz < s->out_depth; ++oz) {
        for (nnc_index oy = 0; oy < s->out_height; ++oy) {
          const nnc_index row = ((n * s->out_channels + m) * s->out_depth + oz) * s->out_height + oy;
          float *result = y + row * s->out_width;
          for (nnc_index ox = 0; ox < s->out_width; ++ox) result[ox] = b != NULL ? b[m] : 0.0f;
          nnc_conv_filter_f32(s, image, w + m * in_group * taps, result, oz, oy);
        }
      }
    }
  }
}

/* Adds the multiples of one row of a filter by one row of x to one row of the result. */
NNC_INLINE void nnc_conv_transpose_row_f32(const nnc_conv_shape *s, const float *NNC_RESTRICT x,
    const float *NNC_RESTRICT w, float *NNC_RESTRICT y) {
  for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
    const nnc_index offset = kx * s->dilation_x - s->pad_left;
    const nnc_index first = nnc_taps_before(offset, 0, s->stride_x, s->in_width);
    const nnc_index end = nnc_taps_before(offset, s->out_width, s->stride_x, s->in_width);
    for (nnc_index ix = first; ix < end; ++ix) y[ix * s->stride_x + offset] += w[kx] * x[ix];
  }
}

/* Adds to one channel of the result what one filter makes of one channel of x. */
NNC_INLINE void nnc_conv_transpose_filter_f32(const nnc_conv_shape *s, const float *NNC_RESTRICT x,
    const float *NNC_RESTRICT w, float *NNC_RESTRICT y) {
  for (nnc_index iz = 0; iz < s->in_depth; ++iz) {
    for (nnc_index kz = 0; kz < s->kernel_depth; ++kz) {
      const nnc_index z = iz * s->stride_z + kz * s->dilation_z - s->pad_front;
      if (z < 0 || z >= s->out_depth) continue;
      for (nnc_index iy = 0; iy < s->in_height; ++iy) {
        for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
          const nnc_index row = iy * s->stride_y + ky * s->dilation_y - s->pad_top;
          if (row < 0 || row >= s->out_height) continue;
          nnc_conv_transpose_row_f32(s, x + (iz * s->in_height + iy) * s->in_width,
              w + (kz * s->kernel_height + ky) * s->kernel_width, y + (z * s->out_height + row) * s->out_width);
        }
      }
    }
  }
}

/* The transposed convolution: each element of x adds its multiple of a filter to y. x and y as for the convolution;
   w: [in_channels][out_channels / groups][kernel_depth][kernel_height][kernel_width]. */
NNC_INLINE void nnc_conv_transpose_f32(const nnc_conv_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y) {
  const nnc_index in_group = s->in_channels / s->groups;
  const nnc_index out_group = s->out_channels / s->groups;
  const nnc_index in_volume = s->in_depth * s->in_height * s->in_width;
  const nnc_index out_volume = s->out_depth * s->out_height * s->out_width;
  const nnc_index taps = s->kernel_depth * s->kernel_height * s->kernel_width;
  for (nnc_index n = 0; n < s->batch; ++n) {
    for (nnc_index m = 0; m < s->out_channels; ++m) {
      const nnc_index first = m / out_group * in_group;
      float *result = y + (n * s->out_channels + m) * out_volume;
      for (nnc_index i = 0; i < out_volume; ++i) result[i] = b != NULL ? b[m] : 0.0f;
      for (nnc_index c = first; c < first + in_group; ++c) {
        nnc_conv_transpose_filter_f32(s, x + (n * s->in_channels + c) * in_volume,
            w + (c * out_group + m % out_group) * taps, result);
      }
    }
  }
}

#endif
