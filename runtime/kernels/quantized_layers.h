/* Convolutions, products and means of 8-bit numbers on NHWC data. */
#ifndef NNC_QUANTIZED_LAYERS_H
#define NNC_QUANTIZED_LAYERS_H

#include "base.h"
#include "conv2d.h"
#include "dot.h"
#include "pool2d.h"
#include "rescale.h"

/* Copies bytes, with the bits of `flip` changed. */
NNC_INLINE void nnc_copy_bytes(const uint8_t *NNC_RESTRICT x, uint8_t *NNC_RESTRICT y, nnc_index count, uint8_t flip) {
  for (nnc_index i = 0; i < count; ++i) y[i] = (uint8_t)(x[i] ^ flip);
}

/* Copies those channels of the window with its corner at row y0 and column x0 that begin at x, and puts `padding` where it
   lies outside. patch: [kernel_height][kernel_width][channels]. */
NNC_INLINE void nnc_copy_window(const nnc_conv2d_shape *s, const uint8_t *NNC_RESTRICT x, uint8_t *NNC_RESTRICT patch,
    nnc_index y0, nnc_index x0, nnc_index channels, uint8_t padding, uint8_t flip) {
  const int rows_are_runs = s->dilation_x == 1 && channels == s->in_channels;
  const nnc_index run = rows_are_runs ? s->kernel_width : 1;
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    for (nnc_index kx = 0; kx < s->kernel_width; kx += run) {
      const nnc_index column = x0 + kx * s->dilation_x;
      const nnc_index end = column + run < s->in_width ? column + run : s->in_width;
      const nnc_index first = column > 0 ? column : 0;
      if (row < 0 || row >= s->in_height || first >= end) {
        for (nnc_index i = 0; i < run * channels; ++i) patch[i] = padding;
      } else {
        for (nnc_index i = 0; i < (first - column) * channels; ++i) patch[i] = padding;
        nnc_copy_bytes(x + (row * s->in_width + first) * s->in_channels, patch + (first - column) * channels,
            (end - first) * channels, flip);
        for (nnc_index i = (end - column) * channels; i < run * channels; ++i) patch[i] = padding;
      }
      patch += run * channels;
    }
  }
}

/* Whether the window with its corner at row y0 and column x0 lies inside the image. */
NNC_INLINE int nnc_window_is_inside(const nnc_conv2d_shape *s, nnc_index y0, nnc_index x0) {
  return y0 >= 0 && y0 + (s->kernel_height - 1) * s->dilation_y < s->in_height && x0 >= 0
      && x0 + (s->kernel_width - 1) * s->dilation_x < s->in_width;
}

/* Computes `count` neighbouring output channels of one pixel from `rows` rows of `length` numbers, which lie `step` numbers
   apart. Where there are several rows, blocks of weights divide their length. */
NNC_INLINE void nnc_quantized_pixel(const nnc_quantized_output *o, const int8_t *x, nnc_index step, nnc_index rows,
    nnc_index length, const int8_t *w, uint8_t *NNC_RESTRICT y, nnc_index channel, nnc_index count) {
  const nnc_index rest = count % 4;
  const nnc_index end = channel + count - rest;
  for (; channel < end; channel += 4) {
    nnc_sum sums[4] = {o->bias[channel], o->bias[channel + 1], o->bias[channel + 2], o->bias[channel + 3]};
    for (nnc_index row = 0; row < rows; ++row) {
      nnc_dot4(x + row * step, w, length, sums);
      w += 4 * length;
    }
    nnc_rescale4(o, channel, sums, y);
    y += 4;
  }
  if (rest > 0) {
    nnc_sum sums[3] = {0, 0, 0};
    for (nnc_index lane = 0; lane < rest; ++lane) sums[lane] = o->bias[channel + lane];
    for (nnc_index row = 0; row < rows; ++row) nnc_dot_lanes(x + row * step, w + row * rest * length, length, rest, sums);
    nnc_rescale_lanes(o, channel, sums, y, rest);
  }
}

/* Convolves x: [batch][in_height][in_width][in_channels] with w: for each group panels as nnc_dot4 takes them, of
   [kernel_height][kernel_width][channels] inputs; y: [batch][out_height][out_width][out_channels]. A window that lies
   inside the image is read in place if it can be; others are copied to `patch`. */
NNC_INLINE void nnc_quantized_conv2d(const nnc_conv2d_shape *s, const nnc_quantized_output *o,
    const uint8_t *NNC_RESTRICT x, const int8_t *NNC_RESTRICT w, uint8_t *NNC_RESTRICT y, uint8_t *NNC_RESTRICT patch,
    uint8_t padding, uint8_t flip, int reads_in_place) {
  const nnc_index in_group = s->in_channels / s->groups, out_group = s->out_channels / s->groups;
  const nnc_index depth = s->kernel_height * s->kernel_width * in_group;
  const nnc_index rows = reads_in_place ? s->kernel_height : 1;
  for (nnc_index pixel = 0; pixel < s->batch * s->out_height * s->out_width; ++pixel) {
    const nnc_index n = pixel / (s->out_height * s->out_width);
    const nnc_index y0 = pixel / s->out_width % s->out_height * s->stride_y - s->pad_top;
    const nnc_index x0 = pixel % s->out_width * s->stride_x - s->pad_left;
    const uint8_t *image = x + n * s->in_height * s->in_width * s->in_channels;
    for (nnc_index g = 0; g < s->groups; ++g) {
      const uint8_t *window = patch;
      nnc_index step = depth / rows;
      if (reads_in_place && nnc_window_is_inside(s, y0, x0)) {
        window = image + (y0 * s->in_width + x0) * s->in_channels;
        step = s->dilation_y * s->in_width * s->in_channels;
      } else {
        nnc_copy_window(s, image + g * in_group, patch, y0, x0, in_group, padding, flip);
      }
      nnc_quantized_pixel(o, (const int8_t *)window, step, rows, depth / rows, w + g * out_group * depth,
          y + pixel * s->out_channels + g * out_group, g * out_group, out_group);
    }
  }
}

/* y = x * w. x: [rows][depth]; w: panels as nnc_dot4 takes them; y: [rows][columns]. Unsigned numbers are copied to `row`. */
NNC_INLINE void nnc_quantized_dense(const nnc_quantized_output *o, const uint8_t *NNC_RESTRICT x,
    const int8_t *NNC_RESTRICT w, uint8_t *NNC_RESTRICT y, uint8_t *NNC_RESTRICT row, nnc_index rows, nnc_index depth,
    nnc_index columns, uint8_t flip) {
  for (nnc_index m = 0; m < rows; ++m) {
    const uint8_t *numbers = x + m * depth;
    if (flip != 0) {
      nnc_copy_bytes(numbers, row, depth, flip);
      numbers = row;
    }
    nnc_quantized_pixel(o, (const int8_t *)numbers, 0, 1, depth, w, y + m * columns, 0, columns);
  }
}

/* The sums of 4 channels. */
#if defined(NNC_MVE)
typedef int32x4_t nnc_sum4;
#elif defined(NNC_SSE2)
typedef __m128i nnc_sum4;
#else
typedef struct {
  nnc_sum sums[4];
} nnc_sum4;
#endif

/* Reads them from memory, and writes them there. */
#if defined(NNC_MVE)
NNC_INLINE nnc_sum4 nnc_load_sum4(const nnc_sum *sums) {
  return vldrwq_s32(sums);
}
NNC_INLINE void nnc_store_sum4(nnc_sum *sums, nnc_sum4 from) {
  vstrwq_s32(sums, from);
}
#elif defined(NNC_SSE2)
NNC_INLINE nnc_sum4 nnc_load_sum4(const nnc_sum *sums) {
  return _mm_loadu_si128((const __m128i *)(const void *)sums);
}
NNC_INLINE void nnc_store_sum4(nnc_sum *sums, nnc_sum4 from) {
  _mm_storeu_si128((__m128i *)(void *)sums, from);
}
#else
NNC_INLINE nnc_sum4 nnc_load_sum4(const nnc_sum *sums) {
  const nnc_sum4 result = {{sums[0], sums[1], sums[2], sums[3]}};
  return result;
}
NNC_INLINE void nnc_store_sum4(nnc_sum *sums, nnc_sum4 from) {
  sums[0] = from.sums[0], sums[1] = from.sums[1], sums[2] = from.sums[2], sums[3] = from.sums[3];
}
#endif

/* Adds the product of one number and one weight of each of 4 channels. */
#if defined(NNC_MVE)
NNC_INLINE nnc_sum4 nnc_depthwise4_tap(nnc_sum4 sums, const uint8_t *x, const int8_t *w, int is_signed) {
  const int32x4_t numbers = is_signed ? vldrbq_s32((const int8_t *)x) : vreinterpretq_s32_u32(vldrbq_u32(x));
  return vaddq_s32(sums, vmulq_s32(numbers, vldrbq_s32(w)));
}
#elif defined(NNC_DSP)
NNC_INLINE nnc_sum4 nnc_depthwise4_tap(nnc_sum4 sums, const uint8_t *x, const int8_t *w, int is_signed) {
  const uint32_t numbers = nnc_word_at(x), weights = nnc_word_at(w);
  const int16x2_t even = nnc_even_bytes(numbers, is_signed), even_w = nnc_even_bytes(weights, 1);
  const int16x2_t odd = nnc_odd_bytes(numbers, is_signed), odd_w = nnc_odd_bytes(weights, 1);
  sums.sums[0] = __smlabb(even, even_w, sums.sums[0]);
  sums.sums[1] = __smlabb(odd, odd_w, sums.sums[1]);
  sums.sums[2] = __smlatt(even, even_w, sums.sums[2]);
  sums.sums[3] = __smlatt(odd, odd_w, sums.sums[3]);
  return sums;
}
#elif defined(NNC_SSE2)
NNC_INLINE nnc_sum4 nnc_depthwise4_tap(nnc_sum4 sums, const uint8_t *x, const int8_t *w, int is_signed) {
  /* Each 32-bit lane has a number and 0 as two of 16 bits, of which products are added up. */
  const __m128i zero = _mm_setzero_si128();
  const __m128i numbers = _mm_cvtsi32_si128((int)((const nnc_word *)(const void *)x)->bits);
  const __m128i weights = _mm_cvtsi32_si128((int)((const nnc_word *)(const void *)w)->bits);
  const __m128i wide_w = _mm_srai_epi16(_mm_unpacklo_epi8(weights, weights), 8);
  const __m128i wide =
      is_signed ? _mm_srai_epi16(_mm_unpacklo_epi8(numbers, numbers), 8) : _mm_unpacklo_epi8(numbers, zero);
  return _mm_add_epi32(sums, _mm_madd_epi16(_mm_unpacklo_epi16(wide, zero), _mm_unpacklo_epi16(wide_w, zero)));
}
#else
NNC_INLINE nnc_sum4 nnc_depthwise4_tap(nnc_sum4 sums, const uint8_t *x, const int8_t *w, int is_signed) {
  sums.sums[0] = nnc_add_product(sums.sums[0], nnc_byte(x[0], is_signed), w[0]);
  sums.sums[1] = nnc_add_product(sums.sums[1], nnc_byte(x[1], is_signed), w[1]);
  sums.sums[2] = nnc_add_product(sums.sums[2], nnc_byte(x[2], is_signed), w[2]);
  sums.sums[3] = nnc_add_product(sums.sums[3], nnc_byte(x[3], is_signed), w[3]);
  return sums;
}
#endif

/* Adds the products of 4 channels of one window, whose rows and columns lie so many bytes apart, to the sums of those. Three
   taps, as most kernels have in a row, are computed without a loop. w: [kernel_height][kernel_width][in_channels]. */
NNC_INLINE void nnc_depthwise4(const nnc_conv2d_shape *s, const uint8_t *x, nnc_index row_step, nnc_index column_step,
    const int8_t *w, int is_signed, nnc_sum *sums) {
  nnc_sum4 total = nnc_load_sum4(sums);
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    nnc_index kx = 0;
    for (; kx + 3 <= s->kernel_width; kx += 3) {
      const uint8_t *taps = x + kx * column_step;
      const int8_t *weights = w + kx * s->in_channels;
      total = nnc_depthwise4_tap(total, taps, weights, is_signed);
      total = nnc_depthwise4_tap(total, taps + column_step, weights + s->in_channels, is_signed);
      total = nnc_depthwise4_tap(total, taps + 2 * column_step, weights + 2 * s->in_channels, is_signed);
    }
    for (; kx < s->kernel_width; ++kx) {
      total = nnc_depthwise4_tap(total, x + kx * column_step, w + kx * s->in_channels, is_signed);
    }
    x += row_step;
    w += s->kernel_width * s->in_channels;
  }
  nnc_store_sum4(sums, total);
}

/* The same for one channel. */
NNC_INLINE nnc_sum nnc_depthwise1(const nnc_conv2d_shape *s, const uint8_t *x, nnc_index row_step, nnc_index column_step,
    const int8_t *w, int is_signed, nnc_sum sum) {
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
      const nnc_sum number = nnc_byte(x[ky * row_step + kx * column_step], is_signed);
      sum = nnc_add_product(sum, number, w[(ky * s->kernel_width + kx) * s->in_channels]);
    }
  }
  return sum;
}

/* Convolves each channel of x: [batch][in_height][in_width][in_channels] with its own kernel of w: [kernel_height]
   [kernel_width][in_channels]. A window that reaches beyond the image is copied to `patch`. */
NNC_INLINE void nnc_quantized_depthwise_conv2d(const nnc_conv2d_shape *s, const nnc_quantized_output *o,
    const uint8_t *NNC_RESTRICT x, const int8_t *NNC_RESTRICT w, uint8_t *NNC_RESTRICT y, uint8_t *NNC_RESTRICT patch,
    uint8_t padding, int is_signed) {
  const nnc_index channels = s->in_channels;
  for (nnc_index pixel = 0; pixel < s->batch * s->out_height * s->out_width; ++pixel) {
    const nnc_index n = pixel / (s->out_height * s->out_width);
    const nnc_index y0 = pixel / s->out_width % s->out_height * s->stride_y - s->pad_top;
    const nnc_index x0 = pixel % s->out_width * s->stride_x - s->pad_left;
    const uint8_t *image = x + n * s->in_height * s->in_width * channels;
    const int is_inside = nnc_window_is_inside(s, y0, x0);
    const uint8_t *window = is_inside ? image + (y0 * s->in_width + x0) * channels : patch;
    const nnc_index row_step = is_inside ? s->dilation_y * s->in_width * channels : s->kernel_width * channels;
    const nnc_index column_step = is_inside ? s->dilation_x * channels : channels;
    uint8_t *result = y + pixel * channels;
    nnc_index c = 0;
    if (!is_inside) nnc_copy_window(s, image, patch, y0, x0, channels, padding, 0);
    for (; c + 4 <= channels; c += 4) {
      nnc_sum sums[4] = {o->bias[c], o->bias[c + 1], o->bias[c + 2], o->bias[c + 3]};
      nnc_depthwise4(s, window + c, row_step, column_step, w + c, is_signed, sums);
      nnc_rescale4(o, c, sums, result + c);
    }
    for (; c < channels; ++c) {
      const nnc_sum sum = nnc_depthwise1(s, window + c, row_step, column_step, w + c, is_signed, o->bias[c]);
      nnc_rescale_lanes(o, c, &sum, result + c, 1);
    }
  }
}

/* y = the mean of each window, times `scale`. Taps in the padding are passed over, or count as zeros; those beyond it never
   count. */
NNC_INLINE void nnc_quantized_average_pool2d(const nnc_pool2d_shape *s, const uint8_t *NNC_RESTRICT x,
    uint8_t *NNC_RESTRICT y, int is_signed, nnc_sum x_zero, float scale, nnc_sum zero, nnc_sum low, nnc_sum high) {
  for (nnc_index pixel = 0; pixel < s->batch * s->out_height * s->out_width; ++pixel) {
    const nnc_index n = pixel / (s->out_height * s->out_width);
    const nnc_pool2d_taps rows = nnc_pool2d_taps_at(
        pixel / s->out_width % s->out_height * s->stride_y - s->pad_top, s->in_height, s->dilation_y, s->kernel_height);
    const nnc_pool2d_taps columns = nnc_pool2d_taps_at(
        pixel % s->out_width * s->stride_x - s->pad_left, s->in_width, s->dilation_x, s->kernel_width);
    const nnc_index height = nnc_taps_before(rows.start, s->in_height + s->pad_bottom, s->dilation_y, s->kernel_height);
    const nnc_index width = nnc_taps_before(columns.start, s->in_width + s->pad_right, s->dilation_x, s->kernel_width);
    const nnc_index inside = (rows.end - rows.first) * (columns.end - columns.first);
    const float multiplier = scale / (float)(s->counts_padding ? height * width : inside);
    const uint8_t *image = x + n * s->in_height * s->in_width * s->channels;
    for (nnc_index c = 0; c < s->channels; ++c) {
      nnc_sum sum = 0;
      for (nnc_index ky = rows.first; ky < rows.end; ++ky) {
        for (nnc_index kx = columns.first; kx < columns.end; ++kx) {
          const nnc_index row = rows.start + ky * s->dilation_y, column = columns.start + kx * s->dilation_x;
          sum += nnc_byte(image[(row * s->in_width + column) * s->channels + c], is_signed) - x_zero;
        }
      }
      y[pixel * s->channels + c] = (uint8_t)nnc_rescale(sum, multiplier, zero, low, high);
    }
  }
}

#endif
