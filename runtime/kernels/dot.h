/* Dot products of 8-bit numbers, in plain C99 and beside it in the instructions that some processors have for them. All
   give the same bits. */
#ifndef NNC_DOT_H
#define NNC_DOT_H

#include "base.h"
#include "quantize.h"

/* Vectors of 16 bytes: x86. */
#if defined(__SSE2__) && defined(__GNUC__)
#include <emmintrin.h>
#define NNC_SSE2 1
#endif

/* Products of pairs of 16-bit numbers: Cortex-M4, M7 and M33. NNC_IN_ORDER keeps the compiler from loading words ahead, for
   which there are too few registers. */
#if defined(__arm__) && defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && defined(__GNUC__) \
    && !defined(__ARM_BIG_ENDIAN) && !defined(NNC_MVE)
#include <arm_acle.h>
#define NNC_DSP 1
#define NNC_IN_ORDER(x, w, sums) \
  __asm__("" : "+r"(x), "+r"(w), "+r"(sums[0]), "+r"(sums[1]), "+r"(sums[2]), "+r"(sums[3]))
#endif

/* A word at any address, where processors can read it. */
#if defined(NNC_DSP) || defined(NNC_SSE2)
typedef struct __attribute__((packed, may_alias)) {
  uint32_t bits;
} nnc_word;
#endif

/* Its bits. */
#if defined(NNC_DSP)
NNC_INLINE uint32_t nnc_word_at(const void *x) {
  return ((const nnc_word *)x)->bits;
}
#endif

/* The bytes 0 and 2, or 1 and 3, of a word, as 16-bit numbers. */
#if defined(NNC_DSP)
NNC_INLINE int16x2_t nnc_even_bytes(uint32_t word, int is_signed) {
  int16x2_t result;
  if (is_signed) __asm__("sxtb16 %0, %1" : "=r"(result) : "r"(word));
  else __asm__("uxtb16 %0, %1" : "=r"(result) : "r"(word));
  return result;
}
NNC_INLINE int16x2_t nnc_odd_bytes(uint32_t word, int is_signed) {
  int16x2_t result;
  if (is_signed) __asm__("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(word));
  else __asm__("uxtb16 %0, %1, ror #8" : "=r"(result) : "r"(word));
  return result;
}
#endif

/* sum plus the products of 4 numbers, of which x are taken apart already. */
#if defined(NNC_DSP)
NNC_INLINE nnc_sum nnc_dot_word(int16x2_t even_x, int16x2_t odd_x, const int8_t *w, nnc_sum sum) {
  const uint32_t word = nnc_word_at(w);
  return __smlad(odd_x, nnc_odd_bytes(word, 1), __smlad(even_x, nnc_even_bytes(word, 1), sum));
}
NNC_INLINE void nnc_dot4_word(const int8_t *x, const int8_t *w, nnc_index width, nnc_sum *sums) {
  const uint32_t word = nnc_word_at(x);
  const int16x2_t even = nnc_even_bytes(word, 1), odd = nnc_odd_bytes(word, 1);
  sums[0] = nnc_dot_word(even, odd, w, sums[0]);
  sums[1] = nnc_dot_word(even, odd, w + width, sums[1]);
  sums[2] = nnc_dot_word(even, odd, w + 2 * width, sums[2]);
  sums[3] = nnc_dot_word(even, odd, w + 3 * width, sums[3]);
}
#endif

/* How many inputs make a block of weights. Weights are divided into panels of 4 output channels, the last one narrower, and
   those into blocks of inputs, the last one shorter: [panel][block][channel][input]. */
#define NNC_DOT_BLOCK 16

/* Adds the products of `width` numbers of x and of each of 4 channels to the sums of those. w: [4][width]. */
#if !defined(NNC_MVE) && !defined(NNC_DSP)
NNC_INLINE void nnc_dot4_plain(const int8_t *x, const int8_t *w, nnc_index width, nnc_sum *sums) {
  nnc_sum sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
  for (nnc_index i = 0; i < width; ++i) {
    const nnc_sum factor = x[i];
    sum0 = nnc_add_product(sum0, factor, w[i]);
    sum1 = nnc_add_product(sum1, factor, w[i + width]);
    sum2 = nnc_add_product(sum2, factor, w[i + 2 * width]);
    sum3 = nnc_add_product(sum3, factor, w[i + 3 * width]);
  }
  sums[0] = sum0, sums[1] = sum1, sums[2] = sum2, sums[3] = sum3;
}
#endif

/* Adds the products of `count` blocks of x and of each of 4 channels to the sums of those. */
#if defined(NNC_MVE)
NNC_INLINE void nnc_dot4_blocks(const int8_t *x, const int8_t *w, nnc_index count, nnc_sum *sums) {
  nnc_sum sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
  for (; count > 0; --count) {
    const int8x16_t factors = vldrbq_s8(x);
    sum0 = vmladavaq_s8(sum0, factors, vldrbq_s8(w));
    sum1 = vmladavaq_s8(sum1, factors, vldrbq_s8(w + NNC_DOT_BLOCK));
    sum2 = vmladavaq_s8(sum2, factors, vldrbq_s8(w + 2 * NNC_DOT_BLOCK));
    sum3 = vmladavaq_s8(sum3, factors, vldrbq_s8(w + 3 * NNC_DOT_BLOCK));
    x += NNC_DOT_BLOCK;
    w += 4 * NNC_DOT_BLOCK;
  }
  sums[0] = sum0, sums[1] = sum1, sums[2] = sum2, sums[3] = sum3;
}
#elif defined(NNC_DSP)
NNC_INLINE void nnc_dot4_blocks(const int8_t *x, const int8_t *w, nnc_index count, nnc_sum *sums) {
  nnc_sum local[4] = {sums[0], sums[1], sums[2], sums[3]};
  for (; count > 0; --count) {
    nnc_dot4_word(x, w, NNC_DOT_BLOCK, local);
    NNC_IN_ORDER(x, w, local);
    nnc_dot4_word(x + 4, w + 4, NNC_DOT_BLOCK, local);
    NNC_IN_ORDER(x, w, local);
    nnc_dot4_word(x + 8, w + 8, NNC_DOT_BLOCK, local);
    NNC_IN_ORDER(x, w, local);
    nnc_dot4_word(x + 12, w + 12, NNC_DOT_BLOCK, local);
    x += NNC_DOT_BLOCK;
    w += 4 * NNC_DOT_BLOCK;
  }
  sums[0] = local[0], sums[1] = local[1], sums[2] = local[2], sums[3] = local[3];
}
#elif defined(NNC_SSE2)
NNC_INLINE __m128i nnc_dot_vector(__m128i low_x, __m128i high_x, const int8_t *w, __m128i sum) {
  const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)w);
  const __m128i low = _mm_madd_epi16(low_x, _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8));
  const __m128i high = _mm_madd_epi16(high_x, _mm_srai_epi16(_mm_unpackhi_epi8(bytes, bytes), 8));
  return _mm_add_epi32(sum, _mm_add_epi32(low, high));
}
NNC_INLINE void nnc_dot4_blocks(const int8_t *x, const int8_t *w, nnc_index count, nnc_sum *sums) {
  __m128i a = _mm_setzero_si128(), b = a, c = a, d = a;
  for (; count > 0; --count) {
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)x);
    const __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
    const __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(bytes, bytes), 8);
    a = nnc_dot_vector(low, high, w, a);
    b = nnc_dot_vector(low, high, w + NNC_DOT_BLOCK, b);
    c = nnc_dot_vector(low, high, w + 2 * NNC_DOT_BLOCK, c);
    d = nnc_dot_vector(low, high, w + 3 * NNC_DOT_BLOCK, d);
    x += NNC_DOT_BLOCK;
    w += 4 * NNC_DOT_BLOCK;
  }
  a = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
  c = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
  a = _mm_add_epi32(_mm_unpacklo_epi64(a, c), _mm_unpackhi_epi64(a, c));
  a = _mm_add_epi32(a, _mm_loadu_si128((const __m128i *)(const void *)sums));
  _mm_storeu_si128((__m128i *)(void *)sums, a);
}
#else
NNC_INLINE void nnc_dot4_blocks(const int8_t *x, const int8_t *w, nnc_index count, nnc_sum *sums) {
  for (; count > 0; --count) {
    nnc_dot4_plain(x, w, NNC_DOT_BLOCK, sums);
    x += NNC_DOT_BLOCK;
    w += 4 * NNC_DOT_BLOCK;
  }
}
#endif

/* The same for a block of `width` inputs. */
#if defined(NNC_MVE)
NNC_INLINE void nnc_dot4_rest(const int8_t *x, const int8_t *w, nnc_index width, nnc_sum *sums) {
  const mve_pred16_t inside = vctp8q((uint32_t)width);
  const int8x16_t factors = vldrbq_z_s8(x, inside);
  for (int lane = 0; lane < 4; ++lane) {
    sums[lane] = vmladavaq_s8(sums[lane], factors, vldrbq_z_s8(w + lane * width, inside));
  }
}
#elif defined(NNC_DSP)
NNC_INLINE void nnc_dot4_rest(const int8_t *x, const int8_t *w, nnc_index width, nnc_sum *sums) {
  nnc_index i = 0;
  for (; i + 4 <= width; i += 4) nnc_dot4_word(x + i, w + i, width, sums);
  for (; i < width; ++i) {
    for (int lane = 0; lane < 4; ++lane) sums[lane] = nnc_add_product(sums[lane], x[i], w[i + lane * width]);
  }
}
#else
NNC_INLINE void nnc_dot4_rest(const int8_t *x, const int8_t *w, nnc_index width, nnc_sum *sums) {
  nnc_dot4_plain(x, w, width, sums);
}
#endif

/* Adds the products of x: [depth] and of each of the 4 channels of a panel to the sums of those. */
NNC_INLINE void nnc_dot4(const int8_t *x, const int8_t *w, nnc_index depth, nnc_sum *sums) {
  const nnc_index blocks = depth / NNC_DOT_BLOCK, rest = depth % NNC_DOT_BLOCK;
  nnc_dot4_blocks(x, w, blocks, sums);
  if (rest > 0) nnc_dot4_rest(x + blocks * NNC_DOT_BLOCK, w + 4 * blocks * NNC_DOT_BLOCK, rest, sums);
}

/* The same for a panel of `lanes` channels. */
NNC_INLINE void nnc_dot_lanes(const int8_t *x, const int8_t *w, nnc_index depth, nnc_index lanes, nnc_sum *sums) {
  for (nnc_index k = 0; k < depth; k += NNC_DOT_BLOCK) {
    const nnc_index width = depth - k < NNC_DOT_BLOCK ? depth - k : NNC_DOT_BLOCK;
    for (nnc_index lane = 0; lane < lanes; ++lane) {
      for (nnc_index i = 0; i < width; ++i) {
        sums[lane] = nnc_add_product(sums[lane], x[k + i], w[k * lanes + lane * width + i]);
      }
    }
  }
}

#endif
