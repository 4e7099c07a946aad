/* Conversions of one element between types. Those between integers, and of integers to float and double, are plain casts
   of C in the generated code. Half-precision floats are their bits. */
#ifndef NNC_CAST_H
#define NNC_CAST_H

#include "arithmetic.h"
#include "base.h"
#include "math.h"

/* Cut towards zero and held within the range of the integer; 0 for NaN. */
NNC_INLINE int32_t nnc_cast_f32_i32(float x) {
  if (x != x) return 0;
  if (x <= (float)NNC_MIN_i32) return NNC_MIN_i32;
  if (x >= (float)NNC_MAX_i32) return NNC_MAX_i32;
  return (int32_t)x;
}

NNC_INLINE int32_t nnc_cast_f64_i32(double x) {
  if (x != x) return 0;
  if (x <= (double)NNC_MIN_i32) return NNC_MIN_i32;
  if (x >= (double)NNC_MAX_i32) return NNC_MAX_i32;
  return (int32_t)x;
}

NNC_INLINE uint8_t nnc_cast_f32_bool(float x) {
  return (uint8_t)(x != 0.0f);
}

NNC_INLINE uint8_t nnc_cast_f64_bool(double x) {
  return (uint8_t)(x != 0.0);
}

NNC_INLINE float nnc_cast_bf16_f32(uint16_t x) {
  nnc_float_bits number;
  number.bits = (uint32_t)x << 16;
  return number.number;
}

/* To nearest, of two the even one. */
NNC_INLINE uint16_t nnc_cast_f32_bf16(float x) {
  nnc_float_bits number;
  number.number = x;
  if (x != x) return 0x7fc0;
  return (uint16_t)((number.bits + 0x7fff + (number.bits >> 16 & 1)) >> 16);
}

/* Subnormal numbers are made from a normal one with the same bits, from which its leading one is taken away. */
NNC_INLINE float nnc_cast_f16_f32(uint16_t x) {
  nnc_float_bits number;
  const uint32_t magnitude = x & 0x7fffU;
  if (magnitude >= 0x7c00U) {
    number.bits = 0x7f800000U | (magnitude & 0x3ffU) << 13; /* infinite or NaN */
  } else if (magnitude >= 0x400U) {
    number.bits = (magnitude << 13) + 0x38000000U;
  } else {
    number.bits = magnitude | 0x4b000000U; /* 2^23 + magnitude */
    number.number = (number.number - 8388608.0f) * 5.96046448e-8f;
  }
  number.bits |= (uint32_t)(x & 0x8000U) << 16;
  return number.number;
}

/* To nearest, of two the even one. */
NNC_INLINE uint16_t nnc_cast_f32_f16(float x) {
  nnc_float_bits number;
  uint32_t sign, magnitude;
  number.number = x;
  sign = number.bits >> 16 & 0x8000U;
  magnitude = number.bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return (uint16_t)(sign | 0x7e00U);
  if (magnitude >= 0x47800000U) return (uint16_t)(sign | 0x7c00U); /* from 65536 on */
  if (magnitude >= 0x38800000U) {
    magnitude += 0xfffU + (magnitude >> 13 & 1U); /* may carry into the exponent, up to infinity */
    return (uint16_t)(sign | ((magnitude - 0x38000000U) >> 13));
  }
  number.bits = magnitude; /* subnormal: adding 0.5 rounds to multiples of 2^-24 */
  number.number += 0.5f;
  return (uint16_t)(sign | (number.bits - 0x3f000000U));
}

/* The float that rounds to a half-precision float as the double does: where it is not exact, its last bit is set. */
NNC_INLINE float nnc_round_to_odd_f32(double x) {
  nnc_float_bits number;
  number.number = (float)x;
  if ((double)number.number != x && x == x && number.number != NNC_INFINITY_f32 && number.number != -NNC_INFINITY_f32
      && (number.bits & 1U) == 0) {
    const int is_below = x < 0.0 ? (double)number.number > x : (double)number.number < x;
    number.bits = is_below ? number.bits | 1U : number.bits - 1U;
  }
  return number.number;
}

NNC_INLINE uint16_t nnc_cast_f64_f16(double x) {
  return nnc_cast_f32_f16(nnc_round_to_odd_f32(x));
}

NNC_INLINE uint16_t nnc_cast_f64_bf16(double x) {
  return nnc_cast_f32_bf16(nnc_round_to_odd_f32(x));
}

/* The float that rounds to a half-precision float as an integer of that magnitude does: bits for which it has no room are
   gathered in its last one. */
NNC_INLINE float nnc_magnitude_f32(uint64_t x) {
  float scale = 1.0f;
  for (; x >> 24 != 0; scale *= 2.0f) x = x >> 1 | (x & 1);
  return (float)x * scale;
}

NNC_INLINE float nnc_signed_f32(int64_t x) {
  return x < 0 ? -nnc_magnitude_f32(0U - (uint64_t)x) : nnc_magnitude_f32((uint64_t)x);
}

#endif
