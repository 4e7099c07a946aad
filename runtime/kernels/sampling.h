/* Sampling of tensors between their elements: along each axis some elements count, its taps, each with a weight. */
#ifndef NNC_SAMPLING_H
#define NNC_SAMPLING_H

#include "arithmetic.h"
#include "base.h"
#include "place.h"
#include "trigonometry.h"

/* Where an element outside an axis comes from: the place in the axis that stands for it, or -1 for a zero. */
typedef nnc_index (*nnc_outside)(nnc_index place, nnc_index extent);

NNC_INLINE nnc_index nnc_outside_zeros(nnc_index place, nnc_index extent) {
  return place < extent && place >= 0 ? place : -1;
}

/* The number held between two others; NaN becomes the lower one. */
NNC_INLINE float nnc_held_f32(float x, float low, float high) {
  return x > low ? (x < high ? x : high) : low;
}

/* The coordinate that stands for one which may lie outside an axis. So no coordinate is large or NaN. */
typedef float (*nnc_hold_f32)(float x, nnc_index extent);

/* Beyond the last taps that lie in the axis there are only zeros. */
NNC_INLINE float nnc_hold_zeros_f32(float x, nnc_index extent) {
  return nnc_held_f32(x, -3.0f, (float)extent + 2.0f);
}

NNC_INLINE float nnc_hold_border_f32(float x, nnc_index extent) {
  return nnc_held_f32(x, 0.0f, (float)extent - 1.0f);
}

/* The same, but coordinates up to the outer edges of the first and the last element remain. */
NNC_INLINE float nnc_hold_edges_f32(float x, nnc_index extent) {
  return x >= -0.5f && x <= (float)extent - 0.5f ? x : nnc_hold_border_f32(x, extent);
}

/* Reflected at two coordinates `length` apart, as often as needed. */
NNC_INLINE float nnc_hold_between_f32(float x, float low, float length) {
  const float rest = nnc_abs_f32(nnc_mod_f32(x - low, 2.0f * length, 1.0f));
  return nnc_held_f32(low + (rest > length ? 2.0f * length - rest : rest), low, low + length);
}

/* Reflected at the centers of the first and the last element. */
NNC_INLINE float nnc_hold_reflect_f32(float x, nnc_index extent) {
  return nnc_hold_between_f32(x, 0.0f, (float)extent - 1.0f);
}

/* Reflected at their outer edges. */
NNC_INLINE float nnc_hold_mirror_f32(float x, nnc_index extent) {
  return nnc_hold_between_f32(x, -0.5f, (float)extent);
}

/* The coordinate in elements of one in a grid, where -1 and 1 are the centers of the first and the last element. */
NNC_INLINE float nnc_grid_centers_f32(float x, nnc_index extent) {
  return (x + 1.0f) / 2.0f * ((float)extent - 1.0f);
}

/* The same where they are the outer edges of these elements. */
NNC_INLINE float nnc_grid_edges_f32(float x, nnc_index extent) {
  return ((x + 1.0f) * (float)extent - 1.0f) / 2.0f;
}

/* The greatest integer that is not greater. */
NNC_INLINE nnc_index nnc_floor_index_f32(float x) {
  const nnc_index cut = (nnc_index)x;
  return (float)cut > x ? cut - 1 : cut;
}

/* The place of the element that is nearest to a coordinate in a grid, of two the even one; -1 for a zero. */
NNC_INLINE nnc_index nnc_grid_nearest_f32(float x, nnc_index extent, nnc_hold_f32 at, nnc_hold_f32 hold,
    nnc_outside outside) {
  return outside((nnc_index)hold(nnc_round_f32(at(x, extent)), extent), extent);
}

/* The taps along one axis. */
typedef struct {
  nnc_index count;
  nnc_index places[4];
  float weights[4];
} nnc_taps_f32;

/* Adds a tap, unless it is a zero. */
NNC_INLINE void nnc_taps_add_f32(nnc_taps_f32 *taps, nnc_index place, float weight) {
  if (place < 0) return;
  taps->places[taps->count] = place;
  taps->weights[taps->count] = weight;
  ++taps->count;
}

/* The taps for a coordinate that is held near the axis. */
typedef void (*nnc_tapping_f32)(nnc_taps_f32 *taps, float x, nnc_index extent, nnc_outside outside);

/* By linear interpolation. */
NNC_INLINE void nnc_taps_linear_f32(nnc_taps_f32 *taps, float x, nnc_index extent, nnc_outside outside) {
  const nnc_index first = nnc_floor_index_f32(x);
  const float rest = x - (float)first;
  taps->count = 0;
  nnc_taps_add_f32(taps, outside(first, extent), 1.0f - rest);
  nnc_taps_add_f32(taps, outside(first + 1, extent), rest);
}

/* The weight in cubic convolution, with coefficient -0.75, of an element at a distance of at most 1, and of 1 to 2. */
NNC_INLINE float nnc_cubic_near_f32(float x) {
  return (1.25f * x - 2.25f) * x * x + 1.0f;
}

NNC_INLINE float nnc_cubic_far_f32(float x) {
  return ((-0.75f * x + 3.75f) * x - 6.0f) * x + 3.0f;
}

/* By cubic interpolation. */
NNC_INLINE void nnc_taps_cubic_f32(nnc_taps_f32 *taps, float x, nnc_index extent, nnc_outside outside) {
  const nnc_index first = nnc_floor_index_f32(x);
  const float rest = x - (float)first;
  taps->count = 0;
  nnc_taps_add_f32(taps, outside(first - 1, extent), nnc_cubic_far_f32(1.0f + rest));
  nnc_taps_add_f32(taps, outside(first, extent), nnc_cubic_near_f32(rest));
  nnc_taps_add_f32(taps, outside(first + 1, extent), nnc_cubic_near_f32(1.0f - rest));
  nnc_taps_add_f32(taps, outside(first + 2, extent), nnc_cubic_far_f32(2.0f - rest));
}

/* The sum of the elements at the taps of three axes, times their weights. x: [...][height][width]. */
NNC_INLINE float nnc_sample_f32(const float *x, nnc_index height, nnc_index width, const nnc_taps_f32 taps[3]) {
  float sum = 0.0f;
  for (nnc_index i = 0; i < taps[0].count; ++i) {
    for (nnc_index j = 0; j < taps[1].count; ++j) {
      const float *row = x + (taps[0].places[i] * height + taps[1].places[j]) * width;
      float line = 0.0f;
      for (nnc_index k = 0; k < taps[2].count; ++k) line += taps[2].weights[k] * row[taps[2].places[k]];
      sum += taps[0].weights[i] * taps[1].weights[j] * line;
    }
  }
  return sum;
}

/* The sizes of a tensor that is sampled at a grid. Where there are fewer spatial axes, the outer ones have extent 1. */
typedef struct {
  nnc_index batch, channels, in_depth, in_height, in_width, points, axes;
} nnc_grid_shape;

/* The taps for a point, whose coordinates are given from the last axis to the first. */
NNC_INLINE void nnc_grid_taps_f32(const nnc_grid_shape *s, const float *point, nnc_taps_f32 taps[3], nnc_hold_f32 at,
    nnc_hold_f32 hold, nnc_outside outside, nnc_tapping_f32 tapping) {
  const nnc_index extents[3] = {s->in_depth, s->in_height, s->in_width};
  for (nnc_index axis = 0; axis < 3; ++axis) {
    /* An axis that X does not have is taken at its only element. */
    const int is_present = axis >= 3 - s->axes;
    const float x = is_present ? hold(at(point[2 - axis], extents[axis]), extents[axis]) : 0.0f;
    tapping(&taps[axis], x, extents[axis], is_present ? outside : nnc_outside_zeros);
  }
}

/* y = x at the points of a grid. x: [batch][channels][in_depth][in_height][in_width]; grid: [batch][points][axes];
   y: [batch][channels][points]. `at` makes coordinates in elements of those in the grid. */
NNC_INLINE void nnc_grid_sample_f32(const nnc_grid_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT grid,
    float *NNC_RESTRICT y, nnc_hold_f32 at, nnc_hold_f32 hold, nnc_outside outside, nnc_tapping_f32 tapping) {
  const nnc_index volume = s->in_depth * s->in_height * s->in_width;
  for (nnc_index n = 0; n < s->batch; ++n) {
    for (nnc_index p = 0; p < s->points; ++p) {
      nnc_taps_f32 taps[3];
      nnc_grid_taps_f32(s, grid + (n * s->points + p) * s->axes, taps, at, hold, outside, tapping);
      for (nnc_index c = 0; c < s->channels; ++c) {
        const nnc_index plane = n * s->channels + c;
        y[plane * s->points + p] = nnc_sample_f32(x + plane * volume, s->in_height, s->in_width, taps);
      }
    }
  }
}

#endif
