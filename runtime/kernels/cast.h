/* Conversions of one element between types. Those between integers, and of integers to float and double, are plain casts
   of C in the generated code. Floats of less than 32 bits are their bits. */
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

/* The number that is the magnitude of a float with so many bits of fraction and that bias of the exponent. */
NNC_INLINE float nnc_widened_f32(uint32_t magnitude, int fraction, int bias) {
  nnc_float_bits number, unit;
  if (magnitude >> fraction != 0) {
    number.bits = (magnitude << (23 - fraction)) + ((uint32_t)(127 - bias) << 23);
    return number.number;
  }
  unit.bits = (uint32_t)(128 - bias - fraction) << 23; /* subnormal: a multiple of the least number */
  return (float)magnitude * unit.number;
}

/* The magnitude of a float with so many bits of fraction and that bias, and as many bits of exponent as it takes, for a
   number that is not negative: to nearest, of two the even one. */
NNC_INLINE uint32_t nnc_narrowed_f32(float x, int fraction, int bias) {
  nnc_float_bits number, unit;
  number.number = x;
  if (number.bits >> 23 >= (uint32_t)(128 - bias)) {
    /* May carry into the exponent. */
    number.bits += ((uint32_t)1 << (22 - fraction)) - 1U + (number.bits >> (23 - fraction) & 1U);
    return (number.bits >> (23 - fraction)) - ((uint32_t)(127 - bias) << fraction);
  }
  unit.bits = (uint32_t)(151 - bias - fraction) << 23; /* subnormal: adding this rounds to multiples of the least number */
  number.number += unit.number;
  return number.bits - unit.bits;
}

NNC_INLINE float nnc_cast_f16_f32(uint16_t x) {
  nnc_float_bits number;
  const uint32_t magnitude = x & 0x7fffU;
  if (magnitude >= 0x7c00U) {
    number.bits = 0x7f800000U | (magnitude & 0x3ffU) << 13; /* infinite or NaN */
  } else {
    number.number = nnc_widened_f32(magnitude, 10, 15);
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
  number.bits &= 0x7fffffffU;
  if (x != x) return (uint16_t)(sign | 0x7e00U);
  magnitude = nnc_narrowed_f32(number.number, 10, 15);
  return (uint16_t)(sign | (magnitude < 0x7c00U ? magnitude : 0x7c00U));
}

/* The float that rounds to a shorter float as the double does: where it is not exact, its last bit is set. */
NNC_INLINE float nnc_round_to_odd_f32(double x) {
  nnc_float_bits number;
  number.number = (float)x;
  if ((double)number.number != x && x == x && (number.bits & 1U) == 0) {
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

/* The float that rounds to a shorter float as an integer of that magnitude does: bits for which it has no room are
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
