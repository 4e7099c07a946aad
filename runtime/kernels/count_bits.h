/* Counts in how many bits words differ, for many words. */
#ifndef NNC_COUNT_BITS_H
#define NNC_COUNT_BITS_H

#include "base.h"
#include "bit_words.h"
#include "dot.h"

/* How many output channels make a panel of weights: [panel][word][channel]; the last panel of a group may be narrower. */
#define NNC_BIT_PANEL 16

/* How many panels are counted at once at most: for all of them a word of data is read once. */
#if defined(__GNUC__) && defined(__AVX512VPOPCNTDQ__)
#define NNC_BIT_PANELS 4
#else
#define NNC_BIT_PANELS 1
#endif

/* Vectors of words, and what counts their bits. NNC_SSE2 tells of the least of x86. */
#if defined(__GNUC__) && defined(__AVX512VPOPCNTDQ__)
#include <immintrin.h>
#define NNC_AVX512_COUNTS 1
#elif defined(__GNUC__) && defined(__AVX2__)
#include <immintrin.h>
#define NNC_AVX2 1
#elif defined(__GNUC__) && defined(__aarch64__)
#include <arm_neon.h>
#define NNC_NEON 1
#endif

/* Adds to counts: [16] in how many bits `words` words of x differ from those of each channel of a panel. With AVX-512, writes those
   of some panels: [panels][16]. */
#if defined(NNC_AVX512_COUNTS)
NNC_INLINE void nnc_count_panels(const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w, nnc_index words,
    nnc_index panels, uint32_t *NNC_RESTRICT counts) {
  __m512i sums[NNC_BIT_PANELS];
  for (nnc_index p = 0; p < NNC_BIT_PANELS; ++p) sums[p] = _mm512_setzero_si512();
  for (nnc_index i = 0; i < words; ++i) {
    const __m512i word = _mm512_set1_epi32((int)x[i]);
    for (nnc_index p = 0; p < panels; ++p) {
      const __m512i differing = _mm512_xor_si512(word, _mm512_loadu_si512(w + (p * words + i) * 16));
      sums[p] = _mm512_add_epi32(sums[p], _mm512_popcnt_epi32(differing));
    }
  }
  for (nnc_index p = 0; p < panels; ++p) _mm512_storeu_si512(counts + 16 * p, sums[p]);
}
#elif defined(NNC_AVX2)
/* The number of bits of each byte of a ^ b, from a table for nibbles. */
NNC_INLINE __m256i nnc_differing_bits(__m256i a, const uint32_t *b) {
  const __m256i nibbles = _mm256_set1_epi8(15);
  const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const __m256i differing = _mm256_xor_si256(a, _mm256_loadu_si256((const __m256i *)(const void *)b));
  const __m256i low = _mm256_and_si256(differing, nibbles);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi32(differing, 4), nibbles);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}
/* Adds the four bytes of each word to a count. */
NNC_INLINE void nnc_add_bytes(__m256i bytes, uint32_t *counts) {
  const __m256i pairs = _mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1));
  const __m256i sums = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
  __m256i *place = (__m256i *)(void *)counts;
  _mm256_storeu_si256(place, _mm256_add_epi32(_mm256_loadu_si256(place), sums));
}
NNC_INLINE void nnc_count_panel(const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w, nnc_index words,
    uint32_t *NNC_RESTRICT counts) {
  while (words > 0) {
    /* A byte holds the bits of 31 bytes. */
    const nnc_index block = words < 31 ? words : 31;
    __m256i low = _mm256_setzero_si256(), high = low;
    for (nnc_index i = 0; i < block; ++i, w += 16) {
      const __m256i word = _mm256_set1_epi32((int)x[i]);
      low = _mm256_add_epi8(low, nnc_differing_bits(word, w));
      high = _mm256_add_epi8(high, nnc_differing_bits(word, w + 8));
    }
    nnc_add_bytes(low, counts);
    nnc_add_bytes(high, counts + 8);
    x += block;
    words -= block;
  }
}
#elif defined(NNC_SSE2)
/* The number of bits of each nibble of a ^ b. */
NNC_INLINE __m128i nnc_differing_bits(__m128i a, const uint32_t *b) {
  const __m128i fives = _mm_set1_epi8(0x55), threes = _mm_set1_epi8(0x33);
  __m128i x = _mm_xor_si128(a, _mm_loadu_si128((const __m128i *)(const void *)b));
  x = _mm_sub_epi8(x, _mm_and_si128(_mm_srli_epi32(x, 1), fives));
  return _mm_add_epi8(_mm_and_si128(x, threes), _mm_and_si128(_mm_srli_epi32(x, 2), threes));
}
/* Adds in how many bits words differ to the counts of 4 channels: of 3 words in nibbles, of 31 in bytes. */
NNC_INLINE void nnc_count_quarter(const uint32_t *x, const uint32_t *w, nnc_index words, uint32_t *counts) {
  const __m128i low_nibbles = _mm_set1_epi8(15), low_bytes = _mm_set1_epi16(255);
  __m128i *place = (__m128i *)(void *)counts;
  __m128i total = _mm_loadu_si128(place);
  while (words > 0) {
    const nnc_index block = words < 30 ? words : 30;
    __m128i bytes = _mm_setzero_si128();
    for (nnc_index i = 0; i < block;) {
      const nnc_index end = block - i < 3 ? block : i + 3;
      __m128i nibbles = _mm_setzero_si128();
      for (; i < end; ++i, w += 16) {
        nibbles = _mm_add_epi8(nibbles, nnc_differing_bits(_mm_set1_epi32((int)x[i]), w));
      }
      bytes = _mm_add_epi8(bytes, _mm_and_si128(nibbles, low_nibbles));
      bytes = _mm_add_epi8(bytes, _mm_and_si128(_mm_srli_epi32(nibbles, 4), low_nibbles));
    }
    const __m128i pairs = _mm_add_epi16(_mm_and_si128(bytes, low_bytes), _mm_srli_epi16(bytes, 8));
    total = _mm_add_epi32(total, _mm_madd_epi16(pairs, _mm_set1_epi16(1)));
    x += block;
    words -= block;
  }
  _mm_storeu_si128(place, total);
}
NNC_INLINE void nnc_count_panel(const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w, nnc_index words,
    uint32_t *NNC_RESTRICT counts) {
  for (nnc_index lane = 0; lane < 16; lane += 4) nnc_count_quarter(x, w + lane, words, counts + lane);
}
#elif defined(NNC_NEON)
NNC_INLINE void nnc_count_panel(const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w, nnc_index words,
    uint32_t *NNC_RESTRICT counts) {
  while (words > 0) {
    const nnc_index block = words < 31 ? words : 31;
    uint8x16_t bytes[4] = {vdupq_n_u8(0), vdupq_n_u8(0), vdupq_n_u8(0), vdupq_n_u8(0)};
    for (nnc_index i = 0; i < block; ++i, w += 16) {
      const uint32x4_t word = vdupq_n_u32(x[i]);
      for (int j = 0; j < 4; ++j) {
        bytes[j] = vaddq_u8(bytes[j], vcntq_u8(vreinterpretq_u8_u32(veorq_u32(word, vld1q_u32(w + 4 * j)))));
      }
    }
    for (int j = 0; j < 4; ++j) {
      const uint32x4_t sums = vpaddlq_u16(vpaddlq_u8(bytes[j]));
      vst1q_u32(counts + 4 * j, vaddq_u32(vld1q_u32(counts + 4 * j), sums));
    }
    x += block;
    words -= block;
  }
}
#endif

/* Adds in how many bits `words` words of x and of a channel differ, `step` words of w apart, to a count. */
#if defined(__riscv_zbb) || defined(__POPCNT__) || defined(__aarch64__)
NNC_INLINE uint32_t nnc_count_lane(const uint32_t *x, const uint32_t *w, nnc_index words, nnc_index step) {
  uint32_t count = 0;
  for (nnc_index i = 0; i < words; ++i, w += step) count += nnc_count_bits(x[i] ^ *w);
  return count;
}
#else
/* The number of bits of each nibble of x ^ w. */
NNC_INLINE uint32_t nnc_differing_nibbles(uint32_t x, const uint32_t *w) {
  x ^= nnc_weight_u32(w);
  x -= x >> 1 & 0x55555555;
  return (x & 0x33333333) + (x >> 2 & 0x33333333);
}
/* The numbers of the bits of 3 words fit into nibbles, those of 31 into bytes. */
NNC_INLINE uint32_t nnc_count_lane(const uint32_t *x, const uint32_t *w, nnc_index words, nnc_index step) {
  uint32_t count = 0;
  while (words > 0) {
    const nnc_index block = words < 30 ? words : 30;
    uint32_t bytes = 0;
    nnc_index i = 0;
    for (; i + 3 <= block; i += 3, w += 3 * step) {
      const uint32_t nibbles = nnc_differing_nibbles(x[i], w) + nnc_differing_nibbles(x[i + 1], w + step)
          + nnc_differing_nibbles(x[i + 2], w + 2 * step);
      bytes += (nibbles & 0x0F0F0F0F) + (nibbles >> 4 & 0x0F0F0F0F);
    }
    for (; i < block; ++i, w += step) {
      const uint32_t nibbles = nnc_differing_nibbles(x[i], w);
      bytes += (nibbles & 0x0F0F0F0F) + (nibbles >> 4 & 0x0F0F0F0F);
    }
    bytes = (bytes & 0x00FF00FF) + (bytes >> 8 & 0x00FF00FF);
    count += (bytes + (bytes >> 16)) & 0xFFFF;
    x += block;
    words -= block;
  }
  return count;
}
#endif

/* Writes to counts: [lanes] in how many bits `words` words of x differ from those of each channel of a panel, or of some where
   there are more lanes than one has. */
NNC_INLINE void nnc_count_differing(const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w, nnc_index words,
    nnc_index lanes, uint32_t *NNC_RESTRICT counts) {
#if defined(NNC_AVX512_COUNTS)
  if (lanes % NNC_BIT_PANEL == 0) {
    nnc_count_panels(x, w, words, lanes / NNC_BIT_PANEL, counts);
    return;
  }
#elif defined(NNC_SSE2) || defined(NNC_NEON)
  if (lanes == NNC_BIT_PANEL) {
    for (nnc_index j = 0; j < NNC_BIT_PANEL; ++j) counts[j] = 0;
    nnc_count_panel(x, w, words, counts);
    return;
  }
#endif
  for (nnc_index j = 0; j < lanes; ++j) counts[j] = nnc_count_lane(x, w + j, words, lanes);
}

/* The bits of up to 16 sums that are at least their thresholds. */
NNC_INLINE uint32_t nnc_bits_at_least(const int32_t *sums, const int16_t *thresholds, nnc_index lanes) {
  uint32_t bits = 0;
#if defined(NNC_AVX512_COUNTS)
  if (lanes == 16) {
    const __m512i least = _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)thresholds));
    return _mm512_cmp_epi32_mask(_mm512_loadu_si512(sums), least, _MM_CMPINT_NLT);
  }
#endif
  for (nnc_index j = 0; j < lanes; ++j) bits |= (uint32_t)(sums[j] >= nnc_weight_i16(thresholds + j)) << j;
  return bits;
}

#endif
