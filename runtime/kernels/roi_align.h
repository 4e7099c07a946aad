/* Regions of images, divided into bins in which the image is sampled. */
#ifndef NNC_ROI_ALIGN_H
#define NNC_ROI_ALIGN_H

#include "arithmetic.h"
#include "sampling.h"

/* The sizes of an image and of what is made of a region of it. */
typedef struct {
  nnc_index channels, height, width, out_height, out_width;
  nnc_index samples; /* along each axis of a bin; 0 for as many as elements in it, rounded up */
} nnc_roi_shape;

/* How the samples along one axis of a region lie. */
typedef struct {
  float first, bin; /* where the first bin starts, and how long each is */
  nnc_index count;  /* samples in a bin */
} nnc_roi_axis_f32;

/* At most 2^14 samples are taken, however large a region is. `half` is 0.5 where coordinates are those of edges, else 0. */
NNC_INLINE nnc_roi_axis_f32 nnc_roi_axis_of_f32(float start, float end, nnc_index bins, nnc_index samples, float scale,
    float half) {
  nnc_roi_axis_f32 axis;
  float length;
  axis.first = start * scale - half;
  length = end * scale - half - axis.first;
  axis.bin = (half > 0.0f || length > 1.0f ? length : 1.0f) / (float)bins;
  axis.count = samples > 0 ? samples : -nnc_floor_index_f32(-nnc_held_f32(axis.bin, 0.0f, 16384.0f));
  return axis;
}

/* The two taps of a sample; none farther than 1 outside the axis. */
NNC_INLINE void nnc_roi_taps_f32(nnc_taps_f32 *taps, const nnc_roi_axis_f32 *axis, nnc_index bin, nnc_index sample,
    nnc_index extent) {
  const float x = axis->first + (float)bin * axis->bin + ((float)sample + 0.5f) * axis->bin / (float)axis->count;
  const float inside = nnc_held_f32(x, 0.0f, (float)(extent - 1));
  const nnc_index first = (nnc_index)inside;
  taps->count = x >= -1.0f && x <= (float)extent ? 2 : 0;
  taps->places[0] = first;
  taps->places[1] = first + 1 < extent ? first + 1 : first;
  taps->weights[1] = inside - (float)first;
  taps->weights[0] = 1.0f - taps->weights[1];
}

/* What is gathered of a bin with one more sample. image: [height][width]. */
typedef float (*nnc_roi_step_f32)(float gathered, const float *image, nnc_index width, const nnc_taps_f32 *rows,
    const nnc_taps_f32 *columns);

/* The sum of samples. */
NNC_INLINE float nnc_roi_avg_f32(float gathered, const float *image, nnc_index width, const nnc_taps_f32 *rows,
    const nnc_taps_f32 *columns) {
  for (nnc_index i = 0; i < rows->count; ++i) {
    for (nnc_index j = 0; j < columns->count; ++j) {
      gathered += rows->weights[i] * columns->weights[j] * image[rows->places[i] * width + columns->places[j]];
    }
  }
  return gathered;
}

/* The greatest product of an element and its weight; 0 counts where a sample lies outside. */
NNC_INLINE float nnc_roi_max_f32(float gathered, const float *image, nnc_index width, const nnc_taps_f32 *rows,
    const nnc_taps_f32 *columns) {
  if (rows->count == 0 || columns->count == 0) return nnc_max_f32(gathered, 0.0f);
  for (nnc_index i = 0; i < rows->count; ++i) {
    for (nnc_index j = 0; j < columns->count; ++j) {
      const float element = image[rows->places[i] * width + columns->places[j]];
      gathered = nnc_max_f32(gathered, rows->weights[i] * columns->weights[j] * element);
    }
  }
  return gathered;
}

/* Gathers the samples of one bin of all channels. x: [channels][height][width]; y: [channels][out_height][out_width]. */
NNC_INLINE void nnc_roi_bin_f32(const nnc_roi_shape *s, const float *x, float *y, const nnc_roi_axis_f32 *rows,
    const nnc_roi_axis_f32 *columns, nnc_index row, nnc_index column, nnc_roi_step_f32 step) {
  for (nnc_index i = 0; i < rows->count; ++i) {
    nnc_taps_f32 row_taps;
    nnc_roi_taps_f32(&row_taps, rows, row, i, s->height);
    for (nnc_index j = 0; j < columns->count; ++j) {
      nnc_taps_f32 column_taps;
      nnc_roi_taps_f32(&column_taps, columns, column, j, s->width);
      for (nnc_index c = 0; c < s->channels; ++c) {
        float *result = y + (c * s->out_height + row) * s->out_width + column;
        *result = step(*result, x + c * s->height * s->width, s->width, &row_taps, &column_taps);
      }
    }
  }
}

/* y = the means, or the greatest products, of the samples of each bin of a region, which is x and y of two corners.
   x: [channels][height][width]; y: [channels][out_height][out_width]. */
NNC_INLINE void nnc_roi_align_f32(const nnc_roi_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT region,
    float *NNC_RESTRICT y, nnc_roi_step_f32 step, int is_mean, float scale, float half) {
  const nnc_index count = s->channels * s->out_height * s->out_width;
  const nnc_roi_axis_f32 rows = nnc_roi_axis_of_f32(region[1], region[3], s->out_height, s->samples, scale, half);
  const nnc_roi_axis_f32 columns = nnc_roi_axis_of_f32(region[0], region[2], s->out_width, s->samples, scale, half);
  const int is_empty = rows.count == 0 || columns.count == 0;
  for (nnc_index i = 0; i < count; ++i) y[i] = is_mean || is_empty ? 0.0f : -NNC_INFINITY_f32;
  for (nnc_index row = 0; row < s->out_height; ++row) {
    for (nnc_index column = 0; column < s->out_width; ++column) {
      nnc_roi_bin_f32(s, x, y, &rows, &columns, row, column, step);
    }
  }
  if (is_empty || !is_mean) return;
  for (nnc_index i = 0; i < count; ++i) y[i] /= (float)rows.count * (float)columns.count;
}

#endif
