/* Convolutions of bits whose planes are added, NNC_LANE_BITS pixels at once.

   A bit x of the data and a bit w of the weights are 0 or 1 and stand for -1 and +1. Of n products the sum is
   n - 2 * |w| - 2 * X + 4 * Q, where X is how many x are 1 and Q how many of those have a w of 1. It is at least a threshold T
   where 2 * Q - X >= (T - n) / 2 + |w|: to counters, which begin with a constant less X, the planes with a w of 1 are added
   twice and the result is compared with another constant. With the planes whose w is 0 instead, the same sum is
   2 * |~w| - n + 2 * X - 4 * Q. */
#ifndef NNC_PLANE_CONV2D_H
#define NNC_PLANE_CONV2D_H

#include "base.h"
#include "bit_words.h"
#include "conv2d.h"
#include "plane_lanes.h"

/* How many chunks of NNC_LANE_BITS pixels are worked on together, so that the weights of a channel are made a list only once
   for them: as many as there is memory for. */
#define NNC_PLANE_CHUNKS ((NNC_MOST_LANE_BITS == 32 ? 4 : NNC_MOST_LANE_BITS <= 128 ? 3 : 2) * NNC_MOST_LANE_BITS / NNC_LANE_BITS)

/* How many rows and columns of the convolution the pooled result is made of. */
NNC_INLINE nnc_index nnc_plane_rows(const nnc_conv2d_shape *s) {
  return (s->out_height - 1) * s->pool_stride_y + s->pool_height;
}

NNC_INLINE nnc_index nnc_plane_columns(const nnc_conv2d_shape *s) {
  return (s->out_width - 1) * s->pool_stride_x + s->pool_width;
}

/* Of how many pixels there are results, in rows of in_width. */
NNC_INLINE nnc_index nnc_plane_lanes(const nnc_conv2d_shape *s) {
  return (nnc_plane_rows(s) - 1) * s->in_width + nnc_plane_columns(s);
}

/* How many of their chunks are worked on together. */
NNC_INLINE nnc_index nnc_plane_chunks(const nnc_conv2d_shape *s) {
  const nnc_index all = (nnc_plane_lanes(s) + NNC_LANE_BITS - 1) / NNC_LANE_BITS;
  return all < NNC_PLANE_CHUNKS ? all : NNC_PLANE_CHUNKS;
}

/* Marks those of the pixels from `first` on whose neighbour at a distance of dy rows and dx columns is in the image. */
NNC_INLINE nnc_lanes nnc_plane_mask(const nnc_conv2d_shape *s, nnc_index first, nnc_index dy, nnc_index dx) {
  const nnc_index begin = dx < 0 ? -dx : 0, end = dx > 0 ? s->in_width - dx : s->in_width;
  uint32_t words[NNC_LANE_WORDS];
  nnc_clear_words(words, NNC_LANE_WORDS);
  for (nnc_index row = first / s->in_width; row * s->in_width < first + NNC_LANE_BITS; ++row) {
    const nnc_index start = row * s->in_width - first;
    const nnc_index from = start + begin > 0 ? start + begin : 0;
    const nnc_index to = start + end < NNC_LANE_BITS ? start + end : NNC_LANE_BITS;
    if (row + dy >= 0 && row + dy < s->in_height && from < to) nnc_set_run(words, from, to - from);
  }
  return nnc_load_lanes(words);
}

/* The lanes from bit `shift` of word `at` on of an array of `count` words, with zeros where it has no words. */
NNC_INLINE nnc_lanes nnc_lanes_around(const uint32_t *x, nnc_index count, nnc_index at, nnc_index shift) {
  uint32_t words[NNC_LANE_WORDS + 1];
  if (at >= 0 && at + NNC_LANE_WORDS < count) return nnc_shifted_lanes(x + at, shift);
  for (nnc_index i = 0; i <= NNC_LANE_WORDS; ++i) words[i] = at + i >= 0 && at + i < count ? x[at + i] : 0;
  return nnc_shifted_lanes(words, shift);
}

/* Writes for the pixels from `first` on the plane of each tap of the window and each channel: [ky][kx][channel], and one without
   bits. Bits of neighbouring rows get into lanes without a result, or are replaced by the padding.
   x: [in_channels][words of a plane] */
NNC_INLINE void nnc_build_planes(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x, nnc_lanes *NNC_RESTRICT planes,
    nnc_index first, int padding) {
  const nnc_index pitch = nnc_bit_words(s->in_height * s->in_width);
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
      const nnc_index dy = ky * s->dilation_y - s->pad_top, dx = kx * s->dilation_x - s->pad_left;
      const nnc_index bit = first + dy * s->in_width + dx;
      const nnc_index at = bit >= 0 ? bit / 32 : -((31 - bit) / 32);
      const nnc_lanes mask = padding == 0 ? nnc_all_lanes(1) : nnc_plane_mask(s, first, dy, dx);
      const nnc_lanes outside = padding > 0 ? ~mask : nnc_no_lanes();
      for (nnc_index c = 0; c < s->in_channels; ++c) {
        const nnc_lanes plane = nnc_lanes_around(x, s->in_channels * pitch, c * pitch + at, bit - at * 32);
        *planes++ = (plane & mask) | outside;
      }
    }
  }
  *planes = nnc_no_lanes();
}

/* How many bits the counters of n taps have. */
NNC_INLINE nnc_index nnc_counter_bits(nnc_index n) {
  nnc_index bits = 5;
  while (((int32_t)1 << (bits - 1)) - 1 < (int32_t)n) ++bits;
  return bits;
}

/* Adds numbers of the plane without bits, which lies behind the n others, until a list has a multiple of 8, and returns its
   end. */
NNC_INLINE nnc_plane_number *nnc_fill_list(nnc_plane_number *begin, nnc_plane_number *end, nnc_index n) {
  while ((end - begin) % 8 != 0) *end++ = (nnc_plane_number)n;
  return end;
}

/* Begins the counters of a chunk: 2^(bits - 1) - 1 - X. The list has no room for all planes, so some are added at a time. */
NNC_INLINE void nnc_begin_counters(const nnc_lanes *planes, nnc_index n, nnc_plane_number *list, nnc_lanes *counters, nnc_index bits) {
  const nnc_index some = n < 256 ? (n + 1) / 2 : 128;
  for (nnc_index i = 0; i < bits; ++i) counters[i] = nnc_no_lanes();
  for (nnc_index first = 0; first < n; first += some) {
    nnc_plane_number *end = list;
    for (nnc_index i = first; i < first + some && i < n; ++i) *end++ = (nnc_plane_number)i;
    nnc_add_planes(planes, list, nnc_fill_list(list, end, n) - list, counters, bits);
  }
  for (nnc_index i = 0; i + 1 < bits; ++i) counters[i] = ~counters[i];
}

/* Whether there is an instruction for the index of the lowest bit that is set. */
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) \
    || defined(__riscv_zbb) || (defined(__arm__) && !defined(__ARM_ARCH_6M__)))
#define NNC_LOWEST_BIT(x) __builtin_ctz((unsigned)(x))
#endif

/* Lists the bits of a word that are set, which have the numbers from `first` on, and returns the end of the list. The list has
   room for 8 more. Where a processor guesses how loops go on it is mostly wrong with such bits, so 8 at a time are written there,
   of which the next ones overwrite those that are none; AVX-512 picks 16 at a time. */
NNC_INLINE nnc_plane_number *nnc_list_bits(uint32_t word, nnc_index first, nnc_plane_number *list) {
#if NNC_LANE_BITS == 512
  const __m512i places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (int half = 0; half < 32; half += 16, word >>= 16) {
    const __m512i numbers = _mm512_add_epi32(_mm512_set1_epi32((int)first + half), places);
    const uint32_t count = nnc_count_bits(word & 0xFFFF);
    _mm512_mask_cvtepi32_storeu_epi16(
        list, (__mmask16)((1U << count) - 1), _mm512_maskz_compress_epi32((__mmask16)(word & 0xFFFF), numbers));
    list += count;
  }
  return list;
#elif defined(__x86_64__) || defined(__aarch64__)
  nnc_plane_number *const end = list + nnc_count_bits(word);
  do {
    for (int i = 0; i < 8; ++i, word &= word - 1) *list++ = (nnc_plane_number)(first + NNC_LOWEST_BIT(word | 0x80000000));
  } while (list < end);
  return end;
#else
  (void)nnc_count_bits; /* or it would be a function that nothing uses */
#if defined(NNC_LOWEST_BIT)
  for (; word != 0; word &= word - 1) *list++ = (nnc_plane_number)(first + NNC_LOWEST_BIT(word));
#elif defined(__AVR__)
  for (; word != 0; ++first, word >>= 1) {
    *list = (nnc_plane_number)first;
    list += word & 1;
  }
#else
  /* The product moves five bits to the top that differ for each place of the lowest bit (a de Bruijn sequence). */
  static const uint8_t places[32] = {0, 1, 28, 2, 29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4, 8, 31, 27, 13, 23, 21, 19, 16, 7, 26, 12,
      18, 6, 11, 5, 10, 9};
  for (; word != 0; word &= word - 1) {
    *list++ = (nnc_plane_number)(first + places[(uint32_t)((word & (0 - word)) * 0x077CB531) >> 27]);
  }
#endif
  return list;
#endif
}

/* The bits of word i of a row of `count` bits that stand for weights. */
NNC_INLINE uint32_t nnc_used_bits(nnc_index i, nnc_index count) {
  return nnc_low_bits(count - i * 32 < 32 ? count - i * 32 : 32);
}

/* The bits of even places, each with the next one ORed in, side by side. */
NNC_INLINE uint32_t nnc_or_pairs(uint32_t bits) {
  bits = (bits | bits >> 1) & 0x55555555;
  bits = (bits | bits >> 1) & 0x33333333;
  bits = (bits | bits >> 2) & 0x0F0F0F0F;
  bits = (bits | bits >> 4) & 0x00FF00FF;
  return (bits | bits >> 8) & 0x0000FFFF;
}

/* The same as nnc_or_pooled for windows of two columns. */
NNC_INLINE void nnc_or_pooled_pairs(
    const uint32_t *NNC_RESTRICT bits, nnc_index from, uint32_t *NNC_RESTRICT y, nnc_index to, nnc_index x, nnc_index count) {
  nnc_index i = 0;
  if (x % 2 != 0) nnc_or_bits(y, to + x / 2, nnc_bits_at(bits, from, 1), 1), i = 1;
  for (; i < count; i += 32) {
    const nnc_index width = count - i < 32 ? count - i : 32;
    nnc_or_bits(y, to + (x + i) / 2, nnc_or_pairs(nnc_bits_at(bits, from + i, width)), (width + 1) / 2);
  }
}

/* ORs results of the convolution, for `count` pixels from column x on of a row, into y from bit `to` on. */
NNC_INLINE void nnc_or_pooled(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT bits, nnc_index from,
    uint32_t *NNC_RESTRICT y, nnc_index to, nnc_index x, nnc_index count) {
  if (s->pool_stride_x == 1) {
    nnc_or_run(bits, from, y, to + x, count);
    return;
  }
  if (s->pool_stride_x == 2 && s->pool_width == 2) {
    nnc_or_pooled_pairs(bits, from, y, to, x, count);
    return;
  }
  for (nnc_index i = 0; i < count;) {
    const nnc_index room = s->pool_stride_x - (x + i) % s->pool_stride_x;
    const nnc_index width = count - i < room ? count - i : room;
    const nnc_index used = s->pool_width - (s->pool_stride_x - room);
    if (used > 0 && nnc_bits_at(bits, from + i, width < used ? width : used) != 0) {
      nnc_or_bits(y, to + (x + i) / s->pool_stride_x, 1, 1);
    }
    i += width;
  }
}

/* ORs the results for the pixels from `first` on into a plane of y, which begins with zeros. */
NNC_INLINE void nnc_write_plane(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT bits, nnc_index first,
    uint32_t *NNC_RESTRICT y) {
  const nnc_index rows = nnc_plane_rows(s), columns = nnc_plane_columns(s);
  nnc_index row = first / s->in_width, column = first % s->in_width;
  for (nnc_index i = 0; i < NNC_LANE_BITS && row < rows; ++row, column = 0) {
    const nnc_index rest = s->in_width - column < NNC_LANE_BITS - i ? s->in_width - column : NNC_LANE_BITS - i;
    const nnc_index count = columns - column < rest ? columns - column : rest;
    if (count > 0 && row % s->pool_stride_y < s->pool_height) {
      nnc_or_pooled(s, bits, i, y, row / s->pool_stride_y * s->out_width, column, count);
    }
    i += rest;
  }
}

/* What counters of a channel, with `count` weights of 1, are compared with: they are at least that where the bit of the result
   is set, or, with the planes of the other weights, where it is clear. */
NNC_INLINE int32_t nnc_least_counter(nnc_index n, nnc_index bits, int32_t threshold, nnc_index count, int is_inverted) {
  /* What 2 * Q - X has to be, or may not be where the planes are those with a w of 0. */
  const int32_t above = threshold - (int32_t)n, bound = (above + (above > 0)) / 2 + (int32_t)count;
  return ((int32_t)1 << (bits - 1)) - 1 + (is_inverted ? 1 - bound : bound);
}

/* Compares the counters of a channel, for the pixels from `first` on, and writes the results. */
NNC_INLINE void nnc_compare_counters(const nnc_conv2d_shape *s, const nnc_lanes *counters, nnc_index bits, int32_t least,
    int is_inverted, nnc_index first, uint32_t *NNC_RESTRICT y) {
  nnc_lanes result = nnc_no_lanes();
  uint32_t words[NNC_LANE_WORDS + 1];
  if (least >> bits == 0) result = nnc_lanes_at_least(counters, bits, (uint32_t)least);
  else if (least < 0) result = nnc_all_lanes(1);
  words[NNC_LANE_WORDS] = 0;
  nnc_store_lanes(words, is_inverted ? ~result : result);
  nnc_write_plane(s, words, first, y);
}

/* Computes a channel for `chunks` chunks of pixels from `first` on. begin: the counters of each chunk. */
NNC_INLINE void nnc_plane_channel(const nnc_conv2d_shape *s, const nnc_lanes *planes, const uint32_t *w,
    nnc_plane_number *list, nnc_lanes (*begin)[NNC_COUNTER_BITS], nnc_index bits, int32_t threshold, nnc_index first,
    nnc_index chunks, uint32_t *y) {
  const nnc_index n = s->kernel_height * s->kernel_width * s->in_channels;
  nnc_index count = 0;
  for (nnc_index i = 0; i < nnc_bit_words(n); ++i) count += (nnc_index)nnc_count_bits(nnc_weight_u32(w + i));
  const int is_inverted = count > n / 2;
  const int32_t least = nnc_least_counter(n, bits, threshold, count, is_inverted);
  nnc_plane_number *end = list;
  for (nnc_index i = 0; i < nnc_bit_words(n); ++i) {
    const uint32_t word = nnc_weight_u32(w + i);
    end = nnc_list_bits(is_inverted ? ~word & nnc_used_bits(i, n) : word, i * 32, end);
  }
  end = nnc_fill_list(list, end, n);
  for (nnc_index chunk = 0; chunk < chunks; ++chunk) {
    nnc_lanes counters[NNC_COUNTER_BITS];
    for (nnc_index i = 0; i < bits; ++i) counters[i] = begin[chunk][i];
    nnc_add_planes(planes + chunk * (n + 1), list, end - list, counters + 1, bits - 1);
    nnc_compare_counters(s, counters, bits, least, is_inverted, first + chunk * NNC_LANE_BITS, y);
  }
}

/* Convolves the planes of one image, of which y takes `lanes` pixels in rows of in_width. */
NNC_INLINE void nnc_plane_image(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w,
    const int16_t *NNC_RESTRICT thresholds, uint32_t *NNC_RESTRICT y, nnc_lanes *NNC_RESTRICT planes,
    nnc_plane_number *NNC_RESTRICT list, int padding) {
  const nnc_index n = s->kernel_height * s->kernel_width * s->in_channels, row = nnc_bit_words(n);
  const nnc_index pitch = nnc_bit_words(s->out_height * s->out_width);
  const nnc_index lanes = nnc_plane_lanes(s);
  const nnc_index bits = nnc_counter_bits(n);
  nnc_lanes begin[NNC_PLANE_CHUNKS][NNC_COUNTER_BITS];
  nnc_clear_words(y, s->out_channels * pitch);
  for (nnc_index first = 0; first < lanes; first += NNC_PLANE_CHUNKS * NNC_LANE_BITS) {
    nnc_index chunks = 0;
    for (; chunks < NNC_PLANE_CHUNKS && first + chunks * NNC_LANE_BITS < lanes; ++chunks) {
      nnc_lanes *chunk = planes + chunks * (n + 1);
      nnc_build_planes(s, x, chunk, first + chunks * NNC_LANE_BITS, padding);
      nnc_begin_counters(chunk, n, list, begin[chunks], bits);
    }
    for (nnc_index c = 0; c < s->out_channels; ++c) {
      nnc_plane_channel(s, planes, w + c * row, list, begin, bits, nnc_weight_i16(thresholds + c), first, chunks,
          y + c * pitch);
    }
  }
}

/* Inverts the planes of the channels whose bit of `flips` is set, which may be NULL. */
NNC_INLINE void nnc_flip_planes(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT flips, uint32_t *NNC_RESTRICT y) {
  const nnc_index pixels = s->out_height * s->out_width, pitch = nnc_bit_words(pixels);
  if (flips == NULL) return;
  for (nnc_index c = 0; c < s->out_channels; ++c, y += pitch) {
    if ((nnc_weight_u32(flips + c / 32) >> c % 32 & 1) == 0) continue;
    for (nnc_index i = 0; i < pitch; ++i) y[i] = ~y[i];
    y[pitch - 1] &= nnc_used_bits(pitch - 1, pixels);
  }
}

/* The first lanes in memory at `scratch` whose address is a multiple of their size. */
NNC_INLINE nnc_lanes *nnc_aligned_lanes(uint32_t *scratch) {
  const uintptr_t misaligned = (uintptr_t)scratch % sizeof(nnc_lanes);
  return (nnc_lanes *)(void *)(misaligned == 0 ? scratch : scratch + (sizeof(nnc_lanes) - misaligned) / 4);
}

/* y = pool(x * w >= thresholds), the other way round in the channels whose bit of `flips` is set, which may be NULL.
   x: [batch][in_channels][in_height * in_width]; w: [out_channels][kernel_height * kernel_width * in_channels];
   y: [batch][out_channels][out_height * out_width]. Strides and groups are 1, and the convolution is no wider than x. `padding`,
   the value of taps outside, is -1 or 1, or 0 where there are none.
   scratch: NNC_LANE_BITS / 8 * ((n + 1) * min(NNC_PLANE_CHUNKS, chunks of an image) + 1) + 2 * (ceil(n / 2) + 8) bytes of taps n,
   of which there are at most 32767. */
NNC_INLINE void nnc_plane_conv2d(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w,
    const int16_t *NNC_RESTRICT thresholds, const uint32_t *NNC_RESTRICT flips, uint32_t *NNC_RESTRICT y,
    uint32_t *NNC_RESTRICT scratch, int padding) {
  const nnc_index n = s->kernel_height * s->kernel_width * s->in_channels;
  const nnc_index x_words = s->in_channels * nnc_bit_words(s->in_height * s->in_width);
  const nnc_index y_words = s->out_channels * nnc_bit_words(s->out_height * s->out_width);
  nnc_lanes *planes = nnc_aligned_lanes(scratch);
  nnc_plane_number *list = (nnc_plane_number *)(void *)(planes + (n + 1) * nnc_plane_chunks(s));
  for (nnc_index image = 0; image < s->batch; ++image, x += x_words, y += y_words) {
    nnc_plane_image(s, x, w, thresholds, y, planes, list, padding);
    nnc_flip_planes(s, flips, y);
  }
}

#endif
