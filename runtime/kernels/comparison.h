/* Comparisons, logic and bits of one element. Results of comparisons and logic are 0 or 1. */
#ifndef NNC_COMPARISON_H
#define NNC_COMPARISON_H

#include "base.h"

NNC_INLINE uint8_t nnc_equal_f32(float a, float b) {
  return (uint8_t)(a == b);
}

NNC_INLINE uint8_t nnc_equal_i32(int32_t a, int32_t b) {
  return (uint8_t)(a == b);
}

NNC_INLINE uint8_t nnc_equal_bool(uint8_t a, uint8_t b) {
  return (uint8_t)(a == b);
}

NNC_INLINE uint8_t nnc_less_f32(float a, float b) {
  return (uint8_t)(a < b);
}

NNC_INLINE uint8_t nnc_less_i32(int32_t a, int32_t b) {
  return (uint8_t)(a < b);
}

NNC_INLINE uint8_t nnc_greater_f32(float a, float b) {
  return (uint8_t)(a > b);
}

NNC_INLINE uint8_t nnc_greater_i32(int32_t a, int32_t b) {
  return (uint8_t)(a > b);
}

NNC_INLINE uint8_t nnc_less_or_equal_f32(float a, float b) {
  return (uint8_t)(a <= b);
}

NNC_INLINE uint8_t nnc_less_or_equal_i32(int32_t a, int32_t b) {
  return (uint8_t)(a <= b);
}

NNC_INLINE uint8_t nnc_greater_or_equal_f32(float a, float b) {
  return (uint8_t)(a >= b);
}

NNC_INLINE uint8_t nnc_greater_or_equal_i32(int32_t a, int32_t b) {
  return (uint8_t)(a >= b);
}

NNC_INLINE uint8_t nnc_is_nan_f32(float x) {
  return (uint8_t)(x != x);
}

/* Whether x is an infinity of a sign that counts. */
NNC_INLINE uint8_t nnc_is_inf_f32(float x, float negative, float positive) {
  return (uint8_t)((x == NNC_INFINITY_f32 && positive != 0.0f) || (x == -NNC_INFINITY_f32 && negative != 0.0f));
}

NNC_INLINE uint8_t nnc_and_bool(uint8_t a, uint8_t b) {
  return (uint8_t)(a & b);
}

NNC_INLINE uint8_t nnc_or_bool(uint8_t a, uint8_t b) {
  return (uint8_t)(a | b);
}

NNC_INLINE uint8_t nnc_xor_bool(uint8_t a, uint8_t b) {
  return (uint8_t)(a ^ b);
}

NNC_INLINE uint8_t nnc_not_bool(uint8_t x) {
  return (uint8_t)(x == 0);
}

NNC_INLINE int32_t nnc_bitwise_and_i32(int32_t a, int32_t b) {
  return (int32_t)(a & b);
}

NNC_INLINE int32_t nnc_bitwise_or_i32(int32_t a, int32_t b) {
  return (int32_t)(a | b);
}

NNC_INLINE int32_t nnc_bitwise_xor_i32(int32_t a, int32_t b) {
  return (int32_t)(a ^ b);
}

NNC_INLINE int32_t nnc_bitwise_not_i32(int32_t x) {
  return (int32_t)~x;
}

/* The bits of x moved to the left, or to the right; none remain where they are moved by the width or more. It is used for
   unsigned integers only. */
NNC_INLINE int32_t nnc_bit_shift_i32(int32_t x, int32_t places, int to_left) {
  if (places > (int32_t)(8 * sizeof x - 1)) return 0;
  return to_left ? (int32_t)((uint32_t)x << places) : (int32_t)((uint32_t)x >> places);
}

NNC_INLINE nnc_any nnc_where_any(uint8_t condition, nnc_any a, nnc_any b) {
  return condition ? a : b;
}

#endif
