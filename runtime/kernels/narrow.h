/* Elements of at most 8 bits. Where there is code for them they take a byte each: floats as their bits, integers as int8_t
   or uint8_t. Those of less than 8 bits share bytes among the constants of a model, the first in the lowest bits. */
#ifndef NNC_NARROW_H
#define NNC_NARROW_H

#include "base.h"
#include "cast.h"
#include "math.h"

/* The integer whose bits are the lowest of x. */
NNC_INLINE uint8_t nnc_low_u4(uint8_t x) {
  return (uint8_t)(x & 0xf);
}

NNC_INLINE int8_t nnc_low_i4(uint8_t x) {
  return (int8_t)(((x & 0xf) ^ 8) - 8);
}

NNC_INLINE uint8_t nnc_low_u2(uint8_t x) {
  return (uint8_t)(x & 3);
}

NNC_INLINE int8_t nnc_low_i2(uint8_t x) {
  return (int8_t)(((x & 3) ^ 2) - 2);
}

/* Element i of an array in which elements share bytes. */
NNC_INLINE uint8_t nnc_unpack_u4(const uint8_t *x, nnc_index i) {
  return nnc_low_u4((uint8_t)(nnc_weight_u8(x + (i >> 1)) >> ((i & 1) * 4)));
}

NNC_INLINE int8_t nnc_unpack_i4(const uint8_t *x, nnc_index i) {
  return nnc_low_i4((uint8_t)(nnc_weight_u8(x + (i >> 1)) >> ((i & 1) * 4)));
}

NNC_INLINE uint8_t nnc_unpack_f4e2m1(const uint8_t *x, nnc_index i) {
  return nnc_unpack_u4(x, i);
}

NNC_INLINE uint8_t nnc_unpack_u2(const uint8_t *x, nnc_index i) {
  return nnc_low_u2((uint8_t)(nnc_weight_u8(x + (i >> 2)) >> ((i & 3) * 2)));
}

NNC_INLINE int8_t nnc_unpack_i2(const uint8_t *x, nnc_index i) {
  return nnc_low_i2((uint8_t)(nnc_weight_u8(x + (i >> 2)) >> ((i & 3) * 2)));
}

/* The bits of a number, and the number of which they are. */
NNC_INLINE uint32_t nnc_bits_f32(float x) {
  nnc_float_bits number;
  number.number = x;
  return number.bits;
}

NNC_INLINE float nnc_from_bits_f32(uint32_t bits) {
  nnc_float_bits number;
  number.bits = bits;
  return number.number;
}

typedef union {
  double number;
  uint64_t bits;
} nnc_double_bits;

NNC_INLINE uint64_t nnc_bits_f64(double x) {
  nnc_double_bits number;
  number.number = x;
  return number.bits;
}

NNC_INLINE double nnc_from_bits_f64(uint64_t bits) {
  nnc_double_bits number;
  number.bits = bits;
  return number.number;
}

/* The number that a float of 8 bits is, unless it is infinite or NaN. */
NNC_INLINE float nnc_widened_f8(uint8_t x, int fraction, int bias) {
  const float magnitude = nnc_widened_f32(x & 0x7fU, fraction, bias);
  return x & 0x80 ? -magnitude : magnitude;
}

NNC_INLINE float nnc_cast_f8e4m3fn_f32(uint8_t x) {
  return (x & 0x7f) == 0x7f ? NNC_NAN_f32 : nnc_widened_f8(x, 3, 7);
}

NNC_INLINE float nnc_cast_f8e4m3fnuz_f32(uint8_t x) {
  return x == 0x80 ? NNC_NAN_f32 : nnc_widened_f8(x, 3, 8);
}

/* It is the upper half of a half-precision float. */
NNC_INLINE float nnc_cast_f8e5m2_f32(uint8_t x) {
  return nnc_cast_f16_f32((uint16_t)((uint16_t)x << 8));
}

NNC_INLINE float nnc_cast_f8e5m2fnuz_f32(uint8_t x) {
  return x == 0x80 ? NNC_NAN_f32 : nnc_widened_f8(x, 2, 16);
}

NNC_INLINE float nnc_cast_f4e2m1_f32(uint8_t x) {
  const float magnitude = nnc_widened_f32(x & 7U, 1, 1);
  return x & 8 ? -magnitude : magnitude;
}

/* 2 to the power of x - 127. */
NNC_INLINE float nnc_cast_f8e8m0_f32(uint8_t x) {
  if (x == 0xff) return NNC_NAN_f32;
  return nnc_from_bits_f32(x == 0 ? 0x00400000U : (uint32_t)x << 23);
}

/* A float of 8 bits: to nearest, of two the even one; `beyond` for what is larger than the greatest number. */
NNC_INLINE uint8_t nnc_narrowed_f8(float x, int fraction, int bias, uint32_t greatest, uint32_t beyond, uint32_t nan) {
  const uint32_t bits = nnc_bits_f32(x);
  const uint32_t magnitude = nnc_narrowed_f32(nnc_from_bits_f32(bits & 0x7fffffffU), fraction, bias);
  return (uint8_t)((bits >> 24 & 0x80U) | (x != x ? nan : magnitude > greatest ? beyond : magnitude));
}

/* What is too large becomes the greatest number, or NaN unless it saturates. */
NNC_INLINE uint8_t nnc_cast_f32_f8e4m3fn(float x, int saturate) {
  return nnc_narrowed_f8(x, 3, 7, 0x7e, saturate ? 0x7e : 0x7f, 0x7f);
}

/* There is one zero: the bits of a negative one are NaN. */
NNC_INLINE uint8_t nnc_cast_f32_f8e4m3fnuz(float x, int saturate) {
  const uint8_t bits = nnc_narrowed_f8(x, 3, 8, 0x7f, saturate ? 0x7f : 0x80, 0x80);
  return bits == 0x80 && x > -1.0f && x < 1.0f ? 0 : bits;
}

/* What is too large becomes the greatest number, or infinite unless it saturates. */
NNC_INLINE uint8_t nnc_cast_f32_f8e5m2(float x, int saturate) {
  return nnc_narrowed_f8(x, 2, 15, 0x7b, saturate ? 0x7b : 0x7c, 0x7e);
}

NNC_INLINE uint8_t nnc_cast_f32_f8e5m2fnuz(float x, int saturate) {
  const uint8_t bits = nnc_narrowed_f8(x, 2, 16, 0x7f, saturate ? 0x7f : 0x80, 0x80);
  return bits == 0x80 && x > -1.0f && x < 1.0f ? 0 : bits;
}

/* What is too large becomes the greatest number, and NaN -0: there is nothing else. */
NNC_INLINE uint8_t nnc_cast_f32_f4e2m1(float x, int saturate) {
  const uint32_t bits = nnc_bits_f32(x);
  const uint32_t magnitude = nnc_narrowed_f32(nnc_from_bits_f32(bits & 0x7fffffffU), 1, 1);
  (void)saturate;
  return x != x ? 8 : (uint8_t)((bits >> 28 & 8U) | (magnitude < 7U ? magnitude : 7U));
}

/* The power of two for the magnitude of x: the lesser one (0), the greater one (1), or the nearer one, of two the greater
   (2). 255 is NaN, which is also what is too large or too small unless it saturates. */
NNC_INLINE uint8_t nnc_cast_f32_f8e8m0(float x, int mode, int saturate) {
  uint32_t bits = nnc_bits_f32(x) & 0x7fffffffU;
  if (x != x || (bits == 0x7f800000U && !saturate)) return 0xff;
  if (bits < 0x00400000U) return saturate ? 0 : 0xff;
  if (bits < 0x00800000U) bits = (bits - 0x00400000U) << 1; /* from 2^-127 on, subnormal: as if there were an exponent */
  bits = (bits + (mode == 1 ? 0x7fffffU : mode == 2 ? 0x400000U : 0U)) >> 23;
  return (uint8_t)(bits <= 0xfeU ? bits : saturate ? 0xfeU : 0xffU);
}

#endif
