/* Arithmetic on one element. _f32 is rewritten for f64, and _i32 for the other integers: signed ones and unsigned ones, so
   nothing is compared in a way that is always true for one of them. Integers wrap, by unsigned arithmetic. */
#ifndef NNC_ARITHMETIC_H
#define NNC_ARITHMETIC_H

#include "base.h"
#include "math.h"

/* The ends of the ranges of integers. */
#define NNC_MIN_i8 (-128)
#define NNC_MAX_i8 127

#define NNC_MIN_u8 0
#define NNC_MAX_u8 255

#define NNC_MIN_i16 (-32767 - 1)
#define NNC_MAX_i16 32767

#define NNC_MIN_u16 0
#define NNC_MAX_u16 65535U

#define NNC_MIN_i32 (-2147483647 - 1)
#define NNC_MAX_i32 2147483647

#define NNC_MIN_u32 0
#define NNC_MAX_u32 4294967295U

#define NNC_MIN_i64 (-9223372036854775807LL - 1)
#define NNC_MAX_i64 9223372036854775807LL

#define NNC_MIN_u64 0
#define NNC_MAX_u64 18446744073709551615ULL

NNC_INLINE float nnc_add_f32(float a, float b) {
  return a + b;
}

NNC_INLINE int32_t nnc_add_i32(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

NNC_INLINE float nnc_sub_f32(float a, float b) {
  return a - b;
}

NNC_INLINE int32_t nnc_sub_i32(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a - (uint32_t)b);
}

NNC_INLINE float nnc_mul_f32(float a, float b) {
  return a * b;
}

/* 1U keeps the product of short integers, which C would promote to int, from overflowing. */
NNC_INLINE int32_t nnc_mul_i32(int32_t a, int32_t b) {
  return (int32_t)(1U * (uint32_t)a * (uint32_t)b);
}

NNC_INLINE float nnc_div_f32(float a, float b) {
  return a / b;
}

/* Cut towards zero; 0 where b is. The least integer divided by -1 wraps. */
NNC_INLINE int32_t nnc_div_i32(int32_t a, int32_t b) {
  if (b == 0) return 0;
  if (a == NNC_MIN_i32 && b == (int32_t)-1) return a;
  return (int32_t)(a / b);
}

/* The remainder with the sign of a: of floats, the only one. */
NNC_INLINE float nnc_mod_f32(float a, float b, float has_sign_of_a) {
  (void)has_sign_of_a;
  return NNC_LIBM(fmodf)(a, b);
}

NNC_INLINE double nnc_mod_f64(double a, double b, double has_sign_of_a) {
  (void)has_sign_of_a;
  return NNC_LIBM(fmod)(a, b);
}

/* The remainder with the sign of a, or of b; 0 where b is. */
NNC_INLINE int32_t nnc_mod_i32(int32_t a, int32_t b, int has_sign_of_a) {
  int32_t rest;
  if (b == 0) return 0;
  if (a == NNC_MIN_i32 && b == (int32_t)-1) return 0;
  rest = (int32_t)(a % b);
  return !has_sign_of_a && rest != 0 && (rest > 0) != (b > 0) ? (int32_t)(rest + b) : rest;
}

NNC_INLINE float nnc_pow_f32(float x, float y) {
  return NNC_LIBM(powf)(x, y);
}

NNC_INLINE double nnc_pow_f64(double x, double y) {
  return NNC_LIBM(pow)(x, y);
}

/* x to the power of an integer, whose bits are given and whether it is negative. Negative powers are cut towards zero. */
NNC_INLINE int32_t nnc_pow_i32(int32_t x, uint64_t exponent, int is_negative) {
  int32_t result = 1;
  if (is_negative) return x == 1 ? x : x == (int32_t)-1 && x < 1 ? (exponent & 1 ? x : (int32_t)1) : (int32_t)0;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = nnc_mul_i32(result, x);
    x = nnc_mul_i32(x, x);
  }
  return result;
}

NNC_INLINE float nnc_neg_f32(float x) {
  return -x;
}

NNC_INLINE int32_t nnc_neg_i32(int32_t x) {
  return (int32_t)(0U - (uint32_t)x);
}

/* The sign bit is cleared also of -0 and NaN. */
NNC_INLINE float nnc_abs_f32(float x) {
  nnc_float_bits number;
  number.number = x;
  number.bits &= 0x7fffffffU;
  return number.number;
}

NNC_INLINE double nnc_abs_f64(double x) {
  return x > 0.0 ? x : 0.0 - x;
}

/* The least integer remains. */
NNC_INLINE int32_t nnc_abs_i32(int32_t x) {
  return x > 0 ? x : (int32_t)(0U - (uint32_t)x);
}

NNC_INLINE float nnc_sign_f32(float x) {
  return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x != x ? x : 0.0f;
}

NNC_INLINE int32_t nnc_sign_i32(int32_t x) {
  return x > 0 ? (int32_t)1 : x == 0 ? x : (int32_t)-1;
}

NNC_INLINE float nnc_reciprocal_f32(float x) {
  return 1.0f / x;
}

/* NaN where one is NaN. */
NNC_INLINE float nnc_min_f32(float a, float b) {
  return a != a || a < b ? a : b;
}

NNC_INLINE int32_t nnc_min_i32(int32_t a, int32_t b) {
  return a < b ? a : b;
}

/* NaN where one is NaN. */
NNC_INLINE float nnc_max_f32(float a, float b) {
  return a != a || a > b ? a : b;
}

NNC_INLINE int32_t nnc_max_i32(int32_t a, int32_t b) {
  return a > b ? a : b;
}

NNC_INLINE uint8_t nnc_min_bool(uint8_t a, uint8_t b) {
  return (uint8_t)(a & b);
}

NNC_INLINE uint8_t nnc_max_bool(uint8_t a, uint8_t b) {
  return (uint8_t)(a | b);
}

NNC_INLINE float nnc_sum_f32(float a, float b) {
  return a + b;
}

/* Where low is greater than high, the result is high; NaN remains. */
NNC_INLINE float nnc_clip_f32(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return raised > high ? high : raised;
}

NNC_INLINE int32_t nnc_clip_i32(int32_t x, int32_t low, int32_t high) {
  const int32_t raised = x < low ? low : x;
  return raised > high ? high : raised;
}

NNC_INLINE void nnc_copy_any(const nnc_any *x, nnc_any *y, nnc_index count) {
  for (nnc_index i = 0; i < count; ++i) y[i] = x[i];
}

NNC_INLINE void nnc_fill_any(nnc_any *y, nnc_any value, nnc_index count) {
  for (nnc_index i = 0; i < count; ++i) y[i] = value;
}

#endif
