/* Many pixels at once, a bit of each: what counts bits in planes of an image. */
#ifndef NNC_PLANE_LANES_H
#define NNC_PLANE_LANES_H

#include "base.h"
#include "bit_words.h"

/* The most pixels for which a model has memory: one for a microcontroller has it for a word of 32 bits. */
#if !defined(NNC_MOST_LANE_BITS)
#if UINTPTR_MAX > 0xFFFFFFFF || defined(__SSE2__) || defined(__ARM_NEON)
#define NNC_MOST_LANE_BITS 128
#else
#define NNC_MOST_LANE_BITS 32
#endif
#endif

/* How many pixels the widest registers hold. Define it to choose fewer. Words of more than 32 bits are read from arrays of
   words of 32, which takes a little-endian processor. */
#if !defined(NNC_LANE_BITS)
#if !defined(__GNUC__) || !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#define NNC_LANE_BITS 32
#elif defined(__AVX512F__) && NNC_MOST_LANE_BITS >= 512
#define NNC_LANE_BITS 512
#elif defined(__AVX2__) && NNC_MOST_LANE_BITS >= 256
#define NNC_LANE_BITS 256
#elif (defined(__SSE2__) || defined(__ARM_NEON)) && NNC_MOST_LANE_BITS >= 128
#define NNC_LANE_BITS 128
#elif UINTPTR_MAX > 0xFFFFFFFF && NNC_MOST_LANE_BITS >= 64
#define NNC_LANE_BITS 64
#else
#define NNC_LANE_BITS 32
#endif
#endif

/* A bit of each of NNC_LANE_BITS pixels, and the same at any address that a word may have. */
#if NNC_LANE_BITS == 512
#include <immintrin.h>
typedef uint64_t __attribute__((vector_size(64), may_alias)) nnc_lanes;
typedef uint64_t __attribute__((vector_size(64), may_alias, aligned(4))) nnc_lanes_anywhere;
#elif NNC_LANE_BITS == 256
typedef uint64_t __attribute__((vector_size(32), may_alias)) nnc_lanes;
typedef uint64_t __attribute__((vector_size(32), may_alias, aligned(4))) nnc_lanes_anywhere;
#elif NNC_LANE_BITS == 128
typedef uint64_t __attribute__((vector_size(16), may_alias)) nnc_lanes;
typedef uint64_t __attribute__((vector_size(16), may_alias, aligned(4))) nnc_lanes_anywhere;
#elif NNC_LANE_BITS == 64
typedef uint64_t __attribute__((may_alias)) nnc_lanes;
typedef uint64_t __attribute__((may_alias, aligned(4))) nnc_lanes_anywhere;
#else
typedef uint32_t nnc_lanes;
typedef uint32_t nnc_lanes_anywhere;
#endif

/* How many words of 32 bits they take. */
#define NNC_LANE_WORDS (NNC_LANE_BITS / 32)

NNC_INLINE nnc_lanes nnc_load_lanes(const uint32_t *x) {
  return *(const nnc_lanes_anywhere *)x;
}

NNC_INLINE void nnc_store_lanes(uint32_t *y, nnc_lanes lanes) {
  *(nnc_lanes_anywhere *)y = lanes;
}

NNC_INLINE nnc_lanes nnc_no_lanes(void) {
  const nnc_lanes none = {0};
  return none;
}

/* All lanes where `bit` is 1, none where it is 0. */
NNC_INLINE nnc_lanes nnc_all_lanes(uint32_t bit) {
#if NNC_LANE_BITS == 32
  return (uint32_t)0 - bit;
#else
  return nnc_no_lanes() - (uint64_t)bit;
#endif
}

/* The lanes from bit `shift`, of 0 to 31, of x on. Reads NNC_LANE_WORDS + 1 words. Neighbouring words of 64 bits overlap in 32,
   so that no shift is by 64. */
NNC_INLINE nnc_lanes nnc_shifted_lanes(const uint32_t *x, nnc_index shift) {
#if NNC_LANE_BITS == 32
  return x[0] >> shift | x[1] << 1 << (31 - shift);
#else
  return nnc_load_lanes(x) >> (uint64_t)shift | nnc_load_lanes(x + 1) << (uint64_t)(32 - shift);
#endif
}

/* Adds a and b to `sum`, lane by lane; the result is the carries. */
NNC_INLINE nnc_lanes nnc_add_lanes(nnc_lanes *sum, nnc_lanes a, nnc_lanes b) {
#if NNC_LANE_BITS == 512
  const __m512i c = (__m512i)*sum;
  *sum = (nnc_lanes)_mm512_ternarylogic_epi64(c, (__m512i)a, (__m512i)b, 0x96);
  return (nnc_lanes)_mm512_ternarylogic_epi64(c, (__m512i)a, (__m512i)b, 0xE8);
#else
  const nnc_lanes differing = a ^ b, c = *sum;
  *sum = differing ^ c;
  return (a & ~differing) | (c & differing);
#endif
}

/* The number of a plane, in memory that holds words at other times. */
#if defined(__GNUC__)
typedef uint16_t __attribute__((may_alias)) nnc_plane_number;
#else
typedef uint16_t nnc_plane_number;
#endif

/* Adds 2, 4, 8 or 16 of the planes, those that `list` names, to sums whose bits have the weights 1, 2, 4 and 8; the result is
   the carries. */
NNC_INLINE nnc_lanes nnc_add_2_planes(const nnc_lanes *planes, const nnc_plane_number *list, nnc_lanes *sums) {
  return nnc_add_lanes(&sums[0], planes[list[0]], planes[list[1]]);
}

NNC_INLINE nnc_lanes nnc_add_4_planes(const nnc_lanes *planes, const nnc_plane_number *list, nnc_lanes *sums) {
  const nnc_lanes a = nnc_add_2_planes(planes, list, sums);
  return nnc_add_lanes(&sums[1], a, nnc_add_2_planes(planes, list + 2, sums));
}

NNC_INLINE nnc_lanes nnc_add_8_planes(const nnc_lanes *planes, const nnc_plane_number *list, nnc_lanes *sums) {
  const nnc_lanes a = nnc_add_4_planes(planes, list, sums);
  return nnc_add_lanes(&sums[2], a, nnc_add_4_planes(planes, list + 4, sums));
}

NNC_INLINE nnc_lanes nnc_add_16_planes(const nnc_lanes *planes, const nnc_plane_number *list, nnc_lanes *sums) {
  const nnc_lanes a = nnc_add_8_planes(planes, list, sums);
  return nnc_add_lanes(&sums[3], a, nnc_add_8_planes(planes, list + 8, sums));
}

/* The most bits that counters have. */
#define NNC_COUNTER_BITS 16

/* Adds the planes that `list` names, a multiple of 8, to counters: [bits], of at least 4 bits. Of the carries of each weight,
   every second one waits for the next, with which it is added; those that wait at the end run through the upper bits together. */
NNC_SHARED void nnc_add_planes(const nnc_lanes *planes, const nnc_plane_number *list, nnc_index count, nnc_lanes *counters,
    nnc_index bits) {
  nnc_lanes sums[4] = {counters[0], counters[1], counters[2], counters[3]}, waiting[NNC_COUNTER_BITS - 4];
  nnc_lanes carry = nnc_no_lanes();
  nnc_index blocks = 0;
  for (; count >= 16; count -= 16, list += 16, ++blocks) {
    nnc_index level = 0;
    carry = nnc_add_16_planes(planes, list, sums);
    for (nnc_index i = blocks; i % 2 != 0; i /= 2, ++level) carry = nnc_add_lanes(&counters[4 + level], carry, waiting[level]);
    waiting[level] = carry;
  }
  carry = nnc_no_lanes();
  if (count > 0) {
    const nnc_lanes by_8 = nnc_add_8_planes(planes, list, sums);
    carry = sums[3] & by_8;
    sums[3] ^= by_8;
  }
  for (nnc_index i = 0; i < 4; ++i) counters[i] = sums[i];
  nnc_index bit = 4;
  for (; blocks != 0; ++bit, blocks /= 2) {
    carry = nnc_add_lanes(&counters[bit], carry, blocks % 2 != 0 ? waiting[bit - 4] : nnc_no_lanes());
  }
  for (; bit < bits; ++bit) {
    const nnc_lanes old = counters[bit];
    counters[bit] = old ^ carry;
    carry &= old;
  }
}

/* In which lanes counters: [bits] are at least `least`, which has no more bits. */
NNC_INLINE nnc_lanes nnc_lanes_at_least(const nnc_lanes *counters, nnc_index bits, uint32_t least) {
  nnc_lanes result = nnc_all_lanes(1);
  for (nnc_index i = 0; i < bits; ++i, least >>= 1) {
    const nnc_lanes clear = nnc_all_lanes(~least & 1);
    result = (counters[i] & (result | clear)) | (result & clear);
  }
  return result;
}

#endif
