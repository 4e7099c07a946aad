/* Layers on floats whose weights are stored as integers of 8 or 4 bits, times a scale. */
#ifndef NNC_WIDENING_LAYERS_H
#define NNC_WIDENING_LAYERS_H

#include "conv2d.h"
#include "narrow.h"

/* The integer at place i of the weights, of which each has 8 or 4 bits. */
NNC_INLINE float nnc_narrow_weight_f32(const void *w, nnc_index i, int bits) {
  return bits == 8 ? (float)(int8_t)nnc_weight_u8((const uint8_t *)w + i) : (float)nnc_unpack_i4((const uint8_t *)w, i);
}

#if NNC_TILE_ROWS_f32 > 0 && !NNC_TILE_MASKS_f32
typedef int8_t nnc_eight_bytes __attribute__((vector_size(8), aligned(1), may_alias));
typedef int32_t nnc_four_words __attribute__((vector_size(16)));
typedef int32_t nnc_eight_words __attribute__((vector_size(32)));
#endif

/* Eight bytes as floats. */
#if NNC_TILE_ROWS_f32 > 0 && !NNC_TILE_MASKS_f32
NNC_INLINE nnc_tile_row_f32 nnc_floats_of_bytes_f32(nnc_eight_bytes bytes) {
#if defined(__AVX2__) && !defined(__clang__)
  /* Of a conversion, gcc makes a dozen instructions. */
  typedef char sixteen __attribute__((vector_size(16)));
  typedef long long two __attribute__((vector_size(16)));
  const two both = {(long long)bytes, 0};
  return __builtin_ia32_cvtdq2ps256((nnc_eight_words)__builtin_ia32_pmovsxbd256((sixteen)both));
#elif defined(__AVX__)
  return __builtin_convertvector(bytes, nnc_eight_floats);
#elif defined(__SSE2__) && !defined(__clang__)
  typedef char sixteen __attribute__((vector_size(16)));
  typedef short eight __attribute__((vector_size(16)));
  typedef long long two __attribute__((vector_size(16)));
  const two both = {(long long)bytes, 0};
  const eight pairs = (eight)__builtin_ia32_punpcklbw128((sixteen)both, (sixteen)both);
  const nnc_four_words low = (nnc_four_words)__builtin_ia32_punpcklwd128(pairs, pairs) >> 24;
  const nnc_four_words high = (nnc_four_words)__builtin_ia32_punpckhwd128(pairs, pairs) >> 24;
  const nnc_tile_row_f32 row = {__builtin_ia32_cvtdq2ps(low), __builtin_ia32_cvtdq2ps(high)};
  return row;
#elif defined(__clang__)
  typedef int16_t eight __attribute__((vector_size(16)));
  typedef float four __attribute__((vector_size(16)));
  const eight pairs = __builtin_convertvector(bytes, eight);
  const nnc_four_words low = (nnc_four_words)__builtin_shufflevector(pairs, pairs, 0, 0, 1, 1, 2, 2, 3, 3) >> 16;
  const nnc_four_words high = (nnc_four_words)__builtin_shufflevector(pairs, pairs, 4, 4, 5, 5, 6, 6, 7, 7) >> 16;
  const nnc_tile_row_f32 row = {__builtin_convertvector(low, four), __builtin_convertvector(high, four)};
  return row;
#else
  typedef float four __attribute__((vector_size(16)));
  const nnc_four_words low = {bytes[0], bytes[1], bytes[2], bytes[3]}, high = {bytes[4], bytes[5], bytes[6], bytes[7]};
  const nnc_tile_row_f32 row = {__builtin_convertvector(low, four), __builtin_convertvector(high, four)};
  return row;
#endif
}
#endif

/* As many neighbouring integers as a row of a tile has, the first at an even place. */
#if NNC_TILE_MASKS_f32
NNC_INLINE nnc_tile_row_f32 nnc_narrow_row_f32(const void *w, nnc_index i, int bits) {
  const __m128i sign = _mm_set1_epi8(8), nibble = _mm_set1_epi8(15);
  if (bits == 8) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)((const int8_t *)w + i))));
  }
  const __m128i pairs = _mm_loadl_epi64((const __m128i *)(const void *)((const uint8_t *)w + i / 2));
  const __m128i bytes = _mm_unpacklo_epi8(_mm_and_si128(pairs, nibble), _mm_and_si128(_mm_srli_epi16(pairs, 4), nibble));
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_sub_epi8(_mm_xor_si128(bytes, sign), sign)));
}
#elif NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_tile_row_f32 nnc_narrow_row_f32(const void *w, nnc_index i, int bits) {
  const nnc_eight_bytes sign = {8, 8, 8, 8, 8, 8, 8, 8};
  const uint8_t *const p = (const uint8_t *)w + i / 2;
  if (bits == 8) return nnc_floats_of_bytes_f32(*(const nnc_eight_bytes *)(const void *)((const int8_t *)w + i));
  /* Each half byte moves to a byte of its own. */
  uint64_t x = p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
  x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
  x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
  x = (x | x << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
  return nnc_floats_of_bytes_f32(((nnc_eight_bytes)x ^ sign) - sign);
}
#endif

/* to = w * factors for `count` rows of `lanes` columns, the first of which is the element `first` of w. */
NNC_INLINE void nnc_widen_rows_f32(const void *w, nnc_index first, int bits, const float *NNC_RESTRICT factors,
    float *NNC_RESTRICT to, nnc_index count, nnc_index lanes) {
#if defined(NNC_MVE)
  if (lanes == 8 && bits == 8) {
    const int8_t *p = (const int8_t *)w + first;
    const float32x4_t low = vld1q_f32(factors), high = vld1q_f32(factors + 4);
    for (float *const end = to + 8 * count; to < end; to += 8, p += 8) {
      vst1q_f32(to, vmulq_f32(vcvtq_f32_s32(vldrbq_s32(p)), low));
      vst1q_f32(to + 4, vmulq_f32(vcvtq_f32_s32(vldrbq_s32(p + 4)), high));
    }
    return;
  }
#endif
#if NNC_TILE_ROWS_f32 > 0
  /* Of several groups of channels, one may begin inside a byte. */
  if (lanes == NNC_TILE_LANES_f32 && (bits == 8 || first % 2 == 0)) {
    const nnc_tile_row_f32 row = nnc_tile_load_f32(factors), none = nnc_tile_all_f32(0.0f);
    for (nnc_index i = 0; i < lanes * count; i += lanes) {
      nnc_tile_store_f32(to + i, nnc_tile_add_products_f32(none, nnc_narrow_row_f32(w, first + i, bits), row));
    }
    return;
  }
#endif
  for (nnc_index i = 0; i < count; ++i) {
    NNC_UNROLL
    for (nnc_index j = 0; j < lanes; ++j) {
      to[i * lanes + j] = nnc_narrow_weight_f32(w, first + i * lanes + j, bits) * factors[j];
    }
  }
}

/* to = w * scales for some panels of `lanes` columns, [depth][lanes], which begin at the element `first` of w. scales: for each of
   `groups` groups of rows a scale for each column; those of the groups are `columns` apart. */
NNC_INLINE void nnc_widen_f32(const void *w, nnc_index first, int bits, const float *NNC_RESTRICT scales, float *NNC_RESTRICT to,
    nnc_index depth, nnc_index columns, nnc_index groups, nnc_index panels, nnc_index lanes) {
  const nnc_index count = depth / groups;
  for (nnc_index p = 0; p < panels; ++p) {
    for (nnc_index g = 0; g < groups; ++g) {
      const nnc_index start = (p * groups + g) * count * lanes;
      float factors[NNC_LANES];
      for (nnc_index j = 0; j < lanes; ++j) factors[j] = nnc_weight_f32(scales + g * columns + p * lanes + j);
      nnc_widen_rows_f32(w, first + start, bits, factors, to + start, count, lanes);
    }
  }
}

/* sums += x * w * factors for `lanes` columns of one row. w: from the element `first`, [count][lanes]. */
NNC_INLINE void nnc_add_narrow_products_f32(const float *NNC_RESTRICT x, const void *w, nnc_index first, int bits,
    const float *NNC_RESTRICT factors, float *NNC_RESTRICT sums, nnc_index count, nnc_index lanes) {
  float own[NNC_LANES] = {0};
  nnc_index i = 0;
#if defined(NNC_MVE)
  if (lanes == 8 && bits == 8) {
    const int8_t *p = (const int8_t *)w + first;
    float32x4_t low = vld1q_f32(own), high = low;
    for (; i < count; ++i, p += 8) {
      low = vfmaq_n_f32(low, vcvtq_f32_s32(vldrbq_s32(p)), x[i]);
      high = vfmaq_n_f32(high, vcvtq_f32_s32(vldrbq_s32(p + 4)), x[i]);
    }
    vst1q_f32(own, low);
    vst1q_f32(own + 4, high);
  }
#endif
#if NNC_TILE_ROWS_f32 > 0
  if (lanes == NNC_TILE_LANES_f32) {
    /* Four sums of each column wait for each other less often. */
    nnc_tile_row_f32 chains[4] = {nnc_tile_load_f32(own), nnc_tile_load_f32(own), nnc_tile_load_f32(own), nnc_tile_load_f32(own)};
    for (; i + 4 <= count; i += 4) {
      NNC_UNROLL_ROWS
      for (nnc_index k = 0; k < 4; ++k) {
        chains[k] = nnc_tile_add_f32(chains[k], x[i + k], nnc_narrow_row_f32(w, first + lanes * (i + k), bits));
      }
    }
    const nnc_tile_row_f32 even = nnc_tile_sum_f32(chains[0], chains[2]), odd = nnc_tile_sum_f32(chains[1], chains[3]);
    nnc_tile_store_f32(own, nnc_tile_sum_f32(even, odd));
  }
#endif
  for (; i < count; ++i) {
    const float value = x[i];
    NNC_UNROLL
    for (nnc_index j = 0; j < lanes; ++j) {
      own[j] = nnc_multiply_add_f32(own[j], value, nnc_narrow_weight_f32(w, first + i * lanes + j, bits));
    }
  }
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) sums[j] = nnc_multiply_add_f32(sums[j], own[j], factors[j]);
}

/* y = activation(x * w * scales + b + z) for `lanes` neighbouring columns of one row. w: from the element `first`. */
NNC_INLINE void nnc_widening_dense_panel_f32(const float *NNC_RESTRICT x, const void *w, nnc_index first, int bits,
    const float *NNC_RESTRICT scales, const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y,
    nnc_index depth, nnc_index columns, nnc_index groups, nnc_activation_f32 activation, float alpha, float beta,
    nnc_index lanes) {
  const nnc_index rows = depth / groups;
  float sums[NNC_LANES], factors[NNC_LANES];
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) {
    const float start = b != NULL ? nnc_weight_f32(b + j) : 0.0f;
    sums[j] = z != NULL ? start + z[j] : start;
  }
  for (nnc_index g = 0; g < groups; ++g) {
    for (nnc_index j = 0; j < lanes; ++j) factors[j] = nnc_weight_f32(scales + g * columns + j);
    nnc_add_narrow_products_f32(x + g * rows, w, first + g * rows * lanes, bits, factors, sums, rows, lanes);
  }
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) y[j] = activation(sums[j], alpha, beta);
}

/* The same for all columns. w: panels of `panel` columns, the last narrower: [depth][lanes]; scales: [groups][columns]. */
NNC_INLINE void nnc_widening_dense_f32(const float *NNC_RESTRICT x, const void *w, int bits, const float *NNC_RESTRICT scales,
    nnc_index groups, const float *NNC_RESTRICT b, const float *NNC_RESTRICT z, float *NNC_RESTRICT y, nnc_index depth,
    nnc_index columns, nnc_index panel, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index rest = columns % panel;
  nnc_index c = 0;
  for (; c + panel <= columns; c += panel) {
    nnc_widening_dense_panel_f32(x, w, c * depth, bits, scales + c, b != NULL ? b + c : b, z != NULL ? z + c : z, y + c, depth,
        columns, groups, activation, alpha, beta, panel);
  }
  if (rest > 0) {
    nnc_widening_dense_panel_f32(x, w, c * depth, bits, scales + c, b != NULL ? b + c : b, z != NULL ? z + c : z, y + c, depth,
        columns, groups, activation, alpha, beta, rest);
  }
}

/* Weights of 8 or 4 bits, their scales, [groups][columns], and memory for those that are floats. */
typedef struct {
  const void *weights;
  int bits;
  const float *scales;
  nnc_index groups;
  float *wide;
} nnc_narrow_weights;

/* Makes floats of the weights of some panels. */
NNC_INLINE const float *nnc_widened_panels_f32(
    const void *weights, const nnc_conv2d_shape *s, nnc_index c, nnc_index panels, nnc_index lanes) {
  const nnc_narrow_weights *const narrow = (const nnc_narrow_weights *)weights;
  const nnc_index taps = s->kernel_height * s->kernel_width * (s->in_channels / s->groups);
  nnc_widen_f32(narrow->weights, c * taps, narrow->bits, narrow->scales + c, narrow->wide, taps, s->out_channels, narrow->groups,
      panels, lanes);
  return narrow->wide;
}

/* y = pool(activation(x * w * scales + b + z)), with operands as for weights that are floats. scales: [groups][out_channels], of
   which each group is for as many neighbouring products. wide: memory for the floats of `span` channels, which are computed
   together. */
NNC_INLINE void nnc_widening_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const void *w, int bits,
    const float *NNC_RESTRICT scales, nnc_index groups, const float *NNC_RESTRICT b, const float *NNC_RESTRICT z,
    float *NNC_RESTRICT y, float *NNC_RESTRICT wide, nnc_index span, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_narrow_weights narrow = {w, bits, scales, groups, wide};
  nnc_conv2d_by_panels_f32(s, x, &narrow, nnc_widened_panels_f32, span, b, z, y, activation, alpha, beta);
}

#endif
