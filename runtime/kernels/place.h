/* Where elements come from that are moved by indices, or added around others. */
#ifndef NNC_PLACE_H
#define NNC_PLACE_H

#include "base.h"

/* The place along an axis that an index means: negative ones count from the end. An index that is out of range is held
   within the axis, so that no input can make a model read or write outside its memory. */
NNC_INLINE nnc_index nnc_place_i32(int32_t index, nnc_index extent) {
  if (index < 0) return index < -extent ? 0 : (nnc_index)(index + extent);
  return index < extent ? (nnc_index)index : extent - 1;
}

/* The place that an index means, which counts from the end where it is negative, and may lie outside the axis. */
NNC_INLINE int64_t nnc_wrapped_place(int64_t index, nnc_index extent) {
  return index < 0 ? index + extent : index;
}

/* The place from which an element of a line of `extent` elements comes of which the first `count` are reversed. A count that
   is out of range is held within it. */
NNC_INLINE nnc_index nnc_reversed_place_i32(nnc_index place, int32_t count, nnc_index extent) {
  const nnc_index held = count < 0 ? 0 : count < extent ? (nnc_index)count : extent;
  return place < held ? held - 1 - place : place;
}

/* Where the element at a place before, among or after `count` elements comes from: the nearest one. */
NNC_INLINE nnc_index nnc_pad_edge(nnc_index place, nnc_index count) {
  return place < 0 ? 0 : place < count ? place : count - 1;
}

/* The one at the same distance from the other end. */
NNC_INLINE nnc_index nnc_pad_wrap(nnc_index place, nnc_index count) {
  const nnc_index rest = place % count;
  return rest < 0 ? rest + count : rest;
}

/* The one on the other side of the first or last element, as often as needed. */
NNC_INLINE nnc_index nnc_pad_reflect(nnc_index place, nnc_index count) {
  const nnc_index period = count > 1 ? 2 * (count - 1) : 1;
  const nnc_index phase = nnc_pad_wrap(place, period);
  return phase < count ? phase : period - phase;
}

/* The same where the first and last element are repeated. */
NNC_INLINE nnc_index nnc_pad_mirror(nnc_index place, nnc_index count) {
  const nnc_index phase = nnc_pad_wrap(place, 2 * count);
  return phase < count ? phase : 2 * count - 1 - phase;
}

#endif
