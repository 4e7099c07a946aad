/* Interpolation along one axis after the other. */
#ifndef NNC_RESIZE_H
#define NNC_RESIZE_H

#include "base.h"

/* Resizes one axis. x: [outer][extent][inner]; y: [outer][samples][inner]. Sample i is the sum of neighbouring elements of
   the axis, from first[i] on, times the weights from starts[i] to before starts[i + 1]; it is `outside` if it has none. */
NNC_INLINE void nnc_resize_axis_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT y, nnc_index outer, nnc_index extent,
    nnc_index samples, nnc_index inner, const nnc_index *first, const nnc_index *starts, const float *weights,
    float outside) {
  for (nnc_index o = 0; o < outer; ++o) {
    for (nnc_index sample = 0; sample < samples; ++sample) {
      const float *from = x + (o * extent + first[sample]) * inner;
      const nnc_index taps = starts[sample + 1] - starts[sample];
      float *to = y + (o * samples + sample) * inner;
      for (nnc_index i = 0; i < inner; ++i) to[i] = taps > 0 ? 0.0f : outside;
      for (nnc_index tap = 0; tap < taps; ++tap) {
        const float weight = weights[starts[sample] + tap];
        for (nnc_index i = 0; i < inner; ++i) to[i] += weight * from[tap * inner + i];
      }
    }
  }
}

/* A number cut towards zero and held within the range of a type, whose ends are `least` and `greatest`; 0 for NaN. */
NNC_INLINE int32_t nnc_resize_saturated_i32(double x, double low, double high, int32_t least, int32_t greatest) {
  if (x != x) return 0;
  if (x <= low) return least;
  if (x >= high) return greatest;
  return (int32_t)x;
}

NNC_INLINE uint8_t nnc_resize_saturated_bool(double x, double low, double high, uint8_t least, uint8_t greatest) {
  (void)low;
  (void)high;
  return x != 0.0 ? greatest : least;
}

#endif
