/* Convolutions whose taps are moved. */
#ifndef NNC_DEFORM_CONV_H
#define NNC_DEFORM_CONV_H

#include "conv.h"
#include "sampling.h"

/* The operands of a convolution whose taps are moved. offsets: [batch][offset_groups][taps][axes][positions]; mask:
   [batch][offset_groups][taps][positions] or NULL; x and w as for the convolution. */
typedef struct {
  const float *x, *w, *offsets, *mask;
  nnc_index offset_groups, axes;
} nnc_deform_f32;

/* Along each axis the taps with which x is sampled for tap `tap` of the window at a position. Offsets are given for the last
   `axes` axes, `positions` apart. */
NNC_INLINE void nnc_deform_taps_f32(const nnc_conv_shape *s, const float *offsets, nnc_index axes, nnc_index positions,
    nnc_index position, nnc_index tap, nnc_taps_f32 taps[3]) {
  const nnc_index extents[3] = {s->in_depth, s->in_height, s->in_width};
  const nnc_index x = position % s->out_width * s->stride_x + tap % s->kernel_width * s->dilation_x;
  const nnc_index y = position / s->out_width % s->out_height * s->stride_y
      + tap / s->kernel_width % s->kernel_height * s->dilation_y;
  const nnc_index z = position / s->out_width / s->out_height * s->stride_z
      + tap / s->kernel_width / s->kernel_height * s->dilation_z;
  const nnc_index starts[3] = {z - s->pad_front, y - s->pad_top, x - s->pad_left};
  for (nnc_index axis = 0; axis < 3; ++axis) {
    const nnc_index given = axis - (3 - axes);
    const float place = (float)starts[axis] + (given >= 0 ? offsets[given * positions + position] : 0.0f);
    nnc_taps_linear_f32(&taps[axis], nnc_hold_zeros_f32(place, extents[axis]), extents[axis], nnc_outside_zeros);
  }
}

/* Adds to the result at one position what the channels of one group of offsets give for one tap. */
NNC_INLINE void nnc_deform_add_f32(const nnc_conv_shape *s, const nnc_deform_f32 *d, float *y, nnc_index n,
    nnc_index offset_group, nnc_index tap, nnc_index position) {
  const nnc_index volume = s->in_depth * s->in_height * s->in_width;
  const nnc_index all = s->kernel_depth * s->kernel_height * s->kernel_width;
  const nnc_index positions = s->out_depth * s->out_height * s->out_width;
  const nnc_index moved = (n * d->offset_groups + offset_group) * all + tap;
  const float factor = d->mask != NULL ? d->mask[moved * positions + position] : 1.0f;
  const nnc_index count = s->in_channels / d->offset_groups;
  const nnc_index fan_in = s->in_channels / s->groups;
  const nnc_index fan_out = s->out_channels / s->groups;
  nnc_taps_f32 taps[3];
  nnc_deform_taps_f32(s, d->offsets + moved * d->axes * positions, d->axes, positions, position, tap, taps);
  for (nnc_index c = offset_group * count; c < (offset_group + 1) * count; ++c) {
    const float *image = d->x + (n * s->in_channels + c) * volume;
    const float value = factor * nnc_sample_f32(image, s->in_height, s->in_width, taps);
    const nnc_index first = c / fan_in * fan_out;
    for (nnc_index m = first; m < first + fan_out; ++m) {
      y[(n * s->out_channels + m) * positions + position] += d->w[(m * fan_in + c % fan_in) * all + tap] * value;
    }
  }
}

/* y = the convolution of x with w, plus b: [out_channels] or NULL. Each tap is sampled once for all filters. */
NNC_INLINE void nnc_deform_conv_f32(const nnc_conv_shape *s, const nnc_deform_f32 *d, const float *NNC_RESTRICT b,
    float *NNC_RESTRICT y) {
  const nnc_index taps = s->kernel_depth * s->kernel_height * s->kernel_width;
  const nnc_index positions = s->out_depth * s->out_height * s->out_width;
  for (nnc_index n = 0; n < s->batch; ++n) {
    for (nnc_index m = 0; m < s->out_channels; ++m) {
      float *result = y + (n * s->out_channels + m) * positions;
      for (nnc_index i = 0; i < positions; ++i) result[i] = b != NULL ? b[m] : 0.0f;
    }
    for (nnc_index group = 0; group < d->offset_groups; ++group) {
      for (nnc_index tap = 0; tap < taps; ++tap) {
        for (nnc_index position = 0; position < positions; ++position) {
          nnc_deform_add_f32(s, d, y, n, group, tap, position);
        }
      }
    }
  }
}

#endif
