/* Weights that are sums of bits, each times a factor. */
#ifndef NNC_SCALED_BITS_H
#define NNC_SCALED_BITS_H

#include "base.h"

/* y[channels][length] = the sum of scale[terms][channels] times bits[terms][channels][length], which are +1 where set and -1
   where clear, + offset[channels], which may be NULL; rows of bits take whole words. */
NNC_INLINE void nnc_scaled_bits(const uint32_t *NNC_RESTRICT bits, const float *NNC_RESTRICT scale,
    const float *NNC_RESTRICT offset, float *NNC_RESTRICT y, nnc_index terms, nnc_index channels, nnc_index length) {
  const nnc_index words = (length + 31) / 32;
  for (nnc_index channel = 0; channel < channels; ++channel) {
    for (nnc_index i = 0; i < length; ++i) {
      float sum = 0.0f;
      for (nnc_index term = 0; term < terms; ++term) {
        const nnc_index row = term * channels + channel;
        sum += (bits[row * words + i / 32] >> (i % 32) & 1) != 0 ? scale[row] : -scale[row];
      }
      y[channel * length + i] = offset != NULL ? sum + offset[channel] : sum;
    }
  }
}

#endif
