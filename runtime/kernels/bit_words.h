/* Rows of bits in words of 32: element i is bit i % 32 of word i / 32, and the bits behind the last element are 0. A bit that
   is set stands for +1, one that is clear for -1. */
#ifndef NNC_BIT_WORDS_H
#define NNC_BIT_WORDS_H

#include "base.h"

/* How many words hold `count` bits. */
NNC_INLINE nnc_index nnc_bit_words(nnc_index count) {
  return count / 32 + (count % 32 != 0);
}

/* A word whose lowest `count` bits, of 1 to 32, are set. */
NNC_INLINE uint32_t nnc_low_bits(nnc_index count) {
  return (uint32_t)0xFFFFFFFF >> (32 - count);
}

/* `count` bits, of 1 to 32, from bit `from` of x on. Reads no word that holds none of them. */
NNC_INLINE uint32_t nnc_bits_at(const uint32_t *x, nnc_index from, nnc_index count) {
  const nnc_index shift = from % 32;
  uint32_t value = x[from / 32] >> shift;
  if (shift + count > 32) value |= x[from / 32 + 1] << (32 - shift);
  return value & nnc_low_bits(count);
}

/* Sets those of `count` bits, of 1 to 32, from bit `to` of y on that are set in `value`, which has no others. */
NNC_INLINE void nnc_or_bits(uint32_t *y, nnc_index to, uint32_t value, nnc_index count) {
  const nnc_index shift = to % 32;
  y[to / 32] |= value << shift;
  if (shift + count > 32) y[to / 32 + 1] |= value >> (32 - shift);
}

/* The same for any number of bits of x. */
NNC_INLINE void nnc_or_run(const uint32_t *NNC_RESTRICT x, nnc_index from, uint32_t *NNC_RESTRICT y, nnc_index to,
    nnc_index count) {
  for (nnc_index i = 0; i < count; i += 32) {
    const nnc_index width = count - i < 32 ? count - i : 32;
    nnc_or_bits(y, to + i, nnc_bits_at(x, from + i, width), width);
  }
}

/* Sets `count` bits from bit `to` of y on. */
NNC_INLINE void nnc_set_run(uint32_t *y, nnc_index to, nnc_index count) {
  while (count > 0) {
    const nnc_index room = 32 - to % 32;
    const nnc_index width = count < room ? count : room;
    y[to / 32] |= nnc_low_bits(width) << (to % 32);
    to += width;
    count -= width;
  }
}

NNC_INLINE void nnc_clear_words(uint32_t *y, nnc_index count) {
  for (nnc_index i = 0; i < count; ++i) y[i] = 0;
}

/* How many bits of a word are set. Where there is no instruction for it, pairs, nibbles and bytes of bits are added. */
NNC_INLINE uint32_t nnc_count_bits(uint32_t x) {
#if defined(__POPCNT__) || defined(__riscv_zbb) || defined(__aarch64__)
  return (uint32_t)__builtin_popcountl(x);
#else
  x -= x >> 1 & 0x55555555;
  x = (x & 0x33333333) + (x >> 2 & 0x33333333);
  x = (x + (x >> 4)) & 0x0F0F0F0F;
#if defined(__AVR__) || defined(__riscv)
  x += x >> 8;
  return (x + (x >> 16)) & 63;
#else
  return (x * 0x01010101) >> 24;
#endif
#endif
}

#endif
