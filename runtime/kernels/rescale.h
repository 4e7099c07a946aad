/* How sums of products become 8-bit numbers. All targets compute the same bits. */
#ifndef NNC_RESCALE_H
#define NNC_RESCALE_H

#include "base.h"
#include "dot.h"
#include "math.h"
#include "quantize.h"

/* What makes results of the sums of a quantized layer: a bias for each output channel, in which the zero point of x is
   counted; a multiplier for all channels or, where the step is 1, for each; the zero point and the range of results. */
typedef struct {
  const int32_t *bias;
  const float *multipliers;
  nnc_index multiplier_step;
  nnc_sum zero, low, high;
} nnc_quantized_output;

/* The integer nearest to x, of two the even one, held between bounds. Adding 1.5 * 2^23 to a float of at most 22 bits
   rounds it so, and leaves the integer in its lowest bits. */
#if defined(__arm__) && defined(__ARM_FP) && defined(__GNUC__)
NNC_INLINE nnc_sum nnc_nearest(float x, nnc_sum least, nnc_sum greatest) {
  nnc_float_bits number;
  nnc_sum integer;
  __asm__("vcvtr.s32.f32 %0, %1" : "=t"(number.number) : "t"(x));
  integer = (nnc_sum)number.bits;
  return integer < least ? least : integer > greatest ? greatest : integer;
}
#else
NNC_INLINE nnc_sum nnc_nearest(float x, nnc_sum least, nnc_sum greatest) {
  const float low = (float)least, high = (float)greatest;
  nnc_float_bits number;
  number.number = (x < low ? low : x > high ? high : x) + 12582912.0f;
  return (nnc_sum)(number.bits - 0x4b400000U);
}
#endif

/* The result for a sum: times the multiplier, which is positive, as floats are rounded; to the nearest integer, of two the
   even one; plus the zero point, held from low to high.
   Without an FPU the product is one of integers, in units of 2^-32 behind the point of the result. Where it is so near to a
   half that the rounding of floats decides, or beyond 24 bits, floats are computed after all. */
#if NNC_SOFT_FLOAT || defined(__AVR__)
NNC_INLINE nnc_sum nnc_rescale(nnc_sum sum, float multiplier, nnc_sum zero, nnc_sum low, nnc_sum high) {
  const uint32_t magnitude = sum < 0 ? 0U - (uint32_t)sum : (uint32_t)sum;
  nnc_float_bits factor;
  uint32_t shift;
  factor.number = multiplier;
  shift = 126U - (factor.bits >> 23);
  if (magnitude < 0x1000000U && shift - 1U < 31U) {
    const uint64_t product = (uint64_t)magnitude * (factor.bits << 8 | 0x80000000U);
    const uint32_t whole = (uint32_t)(product >> 32);
    const uint32_t fraction = whole << (32U - shift) | (uint32_t)product >> shift;
    if (fraction - 0x7ffe0000U >= 0x40000U) {
      const nnc_sum rounded = (nnc_sum)((whole >> shift) + (fraction >> 31));
      const nnc_sum result = (sum < 0 ? -rounded : rounded) + zero;
      return result < low ? low : result > high ? high : result;
    }
  }
  return nnc_nearest((float)sum * multiplier, low - zero, high - zero) + zero;
}
#else
NNC_INLINE nnc_sum nnc_rescale(nnc_sum sum, float multiplier, nnc_sum zero, nnc_sum low, nnc_sum high) {
  return nnc_nearest((float)sum * multiplier, low - zero, high - zero) + zero;
}
#endif

/* Stores the results for the sums of `lanes` channels. */
NNC_INLINE void nnc_rescale_lanes(const nnc_quantized_output *o, nnc_index channel, const nnc_sum *sums, uint8_t *y,
    nnc_index lanes) {
  for (nnc_index lane = 0; lane < lanes; ++lane) {
    const float multiplier = o->multipliers[(channel + lane) * o->multiplier_step];
    y[lane] = (uint8_t)nnc_rescale(sums[lane], multiplier, o->zero, o->low, o->high);
  }
}

/* The same for 4 channels. */
#if defined(NNC_MVE)
NNC_INLINE void nnc_rescale4(const nnc_quantized_output *o, nnc_index channel, const nnc_sum *sums, uint8_t *y) {
  const float32x4_t multipliers =
      o->multiplier_step > 0 ? vldrwq_f32(o->multipliers + channel) : vdupq_n_f32(o->multipliers[0]);
  const float32x4_t products = vmulq_f32(vcvtq_f32_s32(vldrwq_s32(sums)), multipliers);
  const int32x4_t moved = vqaddq_n_s32(vcvtnq_s32_f32(products), o->zero);
  const int32x4_t results = vminq_s32(vmaxq_s32(moved, vdupq_n_s32(o->low)), vdupq_n_s32(o->high));
  vstrbq_u32(y, vreinterpretq_u32_s32(results));
}
#elif defined(NNC_SSE2)
NNC_INLINE void nnc_rescale4(const nnc_quantized_output *o, nnc_index channel, const nnc_sum *sums, uint8_t *y) {
  const __m128 multipliers =
      o->multiplier_step > 0 ? _mm_loadu_ps(o->multipliers + channel) : _mm_set1_ps(o->multipliers[0]);
  const __m128 low = _mm_set1_ps((float)(o->low - o->zero)), high = _mm_set1_ps((float)(o->high - o->zero));
  const __m128 products =
      _mm_mul_ps(_mm_cvtepi32_ps(_mm_loadu_si128((const __m128i *)(const void *)sums)), multipliers);
  const __m128i rounded = _mm_cvtps_epi32(_mm_min_ps(_mm_max_ps(products, low), high));
  const __m128i bytes = _mm_and_si128(_mm_add_epi32(rounded, _mm_set1_epi32(o->zero)), _mm_set1_epi32(0xff));
  const __m128i packed = _mm_packus_epi16(_mm_packs_epi32(bytes, bytes), bytes);
  ((nnc_word *)(void *)y)->bits = (uint32_t)_mm_cvtsi128_si32(packed);
}
#elif NNC_SOFT_FLOAT || defined(__AVR__)
NNC_INLINE void nnc_rescale4(const nnc_quantized_output *o, nnc_index channel, const nnc_sum *sums, uint8_t *y) {
  nnc_rescale_lanes(o, channel, sums, y, 4);
}
#else
NNC_INLINE void nnc_rescale4(const nnc_quantized_output *o, nnc_index channel, const nnc_sum *sums, uint8_t *y) {
  nnc_rescale_lanes(o, channel, sums, y, 1);
  nnc_rescale_lanes(o, channel + 1, sums + 1, y + 1, 1);
  nnc_rescale_lanes(o, channel + 2, sums + 2, y + 2, 1);
  nnc_rescale_lanes(o, channel + 3, sums + 3, y + 3, 1);
}
#endif

/* The sum of two quantized numbers. Each distance from a zero point is multiplied; `shift` bits of the sum, which fits 32
   bits with its sign, are behind the point. 2^31 is added so that no negative number is shifted. */
NNC_INLINE nnc_sum nnc_quantized_add(nnc_sum a, nnc_sum b, nnc_sum a_zero, nnc_sum b_zero, nnc_sum a_multiplier,
    nnc_sum b_multiplier, int shift, nnc_sum zero, nnc_sum low, nnc_sum high) {
  const uint32_t sum = (uint32_t)((a - a_zero) * a_multiplier + (b - b_zero) * b_multiplier) + 0x80000000U;
  const uint32_t half = ((uint32_t)1 << (shift - 1)) - 1 + (sum >> shift & 1U);
  const nnc_sum result = (nnc_sum)((sum + half) >> shift) - (nnc_sum)(0x80000000U >> shift) + zero;
  return result < low ? low : result > high ? high : result;
}

#endif
