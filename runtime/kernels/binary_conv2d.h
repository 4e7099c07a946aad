/* Convolutions of bits, whose equal bits are counted in words.

   Of n products of +1 and -1 the sum is n less twice the number of those whose factors differ. */
#ifndef NNC_BINARY_CONV2D_H
#define NNC_BINARY_CONV2D_H

#include "base.h"
#include "bit_words.h"
#include "conv2d.h"
#include "count_bits.h"

/* Copies those channels of the window with its corner at row y0 and column x0 that begin at bit `channel`, as bits without gaps:
   [kernel_height][kernel_width][channels]. Taps outside the image become `padding`; how many products the others make is the
   result, or all where padding is not 0. */
NNC_INLINE int32_t nnc_copy_bit_window(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x, uint32_t *NNC_RESTRICT patch,
    nnc_index y0, nnc_index x0, nnc_index channel, int padding) {
  const nnc_index channels = s->in_channels / s->groups, words = nnc_bit_words(s->in_channels);
  nnc_index to = 0, inside = 0;
  nnc_clear_words(patch, nnc_bit_words(s->kernel_height * s->kernel_width * channels));
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    for (nnc_index kx = 0; kx < s->kernel_width; ++kx, to += channels) {
      const nnc_index row = y0 + ky * s->dilation_y, column = x0 + kx * s->dilation_x;
      if ((size_t)row < (size_t)s->in_height && (size_t)column < (size_t)s->in_width) {
        const uint32_t *pixel = x + (row * s->in_width + column) * words;
        inside += channels;
        if (channels % 32 == 0 && channel % 32 == 0) {
          for (nnc_index i = 0; i < channels / 32; ++i) patch[to / 32 + i] = pixel[channel / 32 + i];
        } else {
          nnc_or_run(pixel, channel, patch, to, channels);
        }
      } else if (padding > 0) {
        nnc_set_run(patch, to, channels);
      }
    }
  }
  return (int32_t)(padding != 0 ? to : inside);
}

/* For a window of which some taps add nothing: how many bits differ in those, of a channel whose words lie `step` apart. */
NNC_INLINE int32_t nnc_count_outside(const nnc_conv2d_shape *s, const uint32_t *w, nnc_index step, nnc_index y0, nnc_index x0) {
  const nnc_index channels = s->in_channels / s->groups;
  int32_t count = 0;
  nnc_index from = 0;
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    for (nnc_index kx = 0; kx < s->kernel_width; ++kx, from += channels) {
      const nnc_index row = y0 + ky * s->dilation_y, column = x0 + kx * s->dilation_x;
      if ((size_t)row < (size_t)s->in_height && (size_t)column < (size_t)s->in_width) continue;
      for (nnc_index i = from; i < from + channels;) {
        const nnc_index room = 32 - i % 32, width = from + channels - i < room ? from + channels - i : room;
        const uint32_t word = nnc_weight_u32(w + i / 32 * step) >> i % 32;
        count += (int32_t)nnc_count_bits(word & nnc_low_bits(width));
        i += width;
      }
    }
  }
  return count;
}

/* Computes the sums of `lanes` channels, of which a panel consists or some, for a window of which `inside` products count. */
NNC_INLINE void nnc_binary_sums(const nnc_conv2d_shape *s, const uint32_t *patch, const uint32_t *w, nnc_index words,
    nnc_index lanes, int32_t inside, nnc_index y0, nnc_index x0, int32_t *sums) {
  const int32_t all = (int32_t)(s->kernel_height * s->kernel_width * (s->in_channels / s->groups));
  const nnc_index width = lanes < NNC_BIT_PANEL ? lanes : NNC_BIT_PANEL;
  uint32_t counts[NNC_BIT_PANELS * NNC_BIT_PANEL];
  nnc_count_differing(patch, w, words, lanes, counts);
  for (nnc_index j = 0; j < lanes; ++j) sums[j] = inside - 2 * (int32_t)counts[j];
  /* Taps that add nothing are 0 in the patch, and were counted where weights are 1. */
  if (inside < all) {
    for (nnc_index j = 0; j < lanes; ++j) {
      sums[j] += 2 * nnc_count_outside(s, w + j / width * width * words + j % width, width, y0, x0);
    }
  }
}

/* Computes `lanes` channels, of which a panel consists or some, from `channel` on for one pixel of the convolution: their sums
   where these are wanted, else those bits of y that are set, in addition to those that are so already. */
NNC_INLINE void nnc_binary_panel(const nnc_conv2d_shape *s, const uint32_t *patch, const uint32_t *w,
    const int16_t *thresholds, uint32_t *y, int32_t *sums, nnc_index channel, nnc_index lanes, int32_t inside, nnc_index y0,
    nnc_index x0) {
  const nnc_index n = s->kernel_height * s->kernel_width * (s->in_channels / s->groups), words = nnc_bit_words(n);
  int32_t local[NNC_BIT_PANELS * NNC_BIT_PANEL];
  int32_t *const results = sums != NULL ? sums + channel : local;
  nnc_binary_sums(s, patch, w + channel * words, words, lanes, inside, y0, x0, results);
  /* Without sums there are thresholds; gcc knows that only where it is told. */
  if (sums == NULL && thresholds != NULL) {
    for (nnc_index j = 0; j < lanes; j += NNC_BIT_PANEL) {
      const nnc_index width = lanes < NNC_BIT_PANEL ? lanes : NNC_BIT_PANEL;
      nnc_or_bits(y, channel + j, nnc_bits_at_least(local + j, thresholds + channel + j, width), width);
    }
  }
}

/* Computes all channels for the window with its corner at row y0 and column x0. */
NNC_INLINE void nnc_binary_window(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w,
    const int16_t *NNC_RESTRICT thresholds, uint32_t *NNC_RESTRICT y, int32_t *NNC_RESTRICT sums,
    uint32_t *NNC_RESTRICT patch, int padding, nnc_index y0, nnc_index x0) {
  const nnc_index in_group = s->in_channels / s->groups, out_group = s->out_channels / s->groups;
  const nnc_index rest = out_group % NNC_BIT_PANEL;
  /* The only pixel of a window is read in place. */
  const int is_in_place = s->kernel_height * s->kernel_width == 1 && s->groups == 1 && s->pad_top == 0 && s->pad_left == 0
      && s->out_height * s->out_width == 1 && s->pool_height * s->pool_width == 1;
  for (nnc_index g = 0; g < s->groups; ++g) {
    const uint32_t *window = patch;
    int32_t inside = (int32_t)in_group;
    nnc_index c = g * out_group;
    if (is_in_place) window = x;
    else inside = nnc_copy_bit_window(s, x, patch, y0, x0, g * in_group, padding);
    for (; NNC_BIT_PANELS > 1 && c + NNC_BIT_PANELS * NNC_BIT_PANEL <= (g + 1) * out_group; c += NNC_BIT_PANELS * NNC_BIT_PANEL) {
      nnc_binary_panel(s, window, w, thresholds, y, sums, c, NNC_BIT_PANELS * NNC_BIT_PANEL, inside, y0, x0);
    }
    for (; c + NNC_BIT_PANEL <= (g + 1) * out_group; c += NNC_BIT_PANEL) {
      nnc_binary_panel(s, window, w, thresholds, y, sums, c, NNC_BIT_PANEL, inside, y0, x0);
    }
    if (rest > 0) nnc_binary_panel(s, window, w, thresholds, y, sums, c, rest, inside, y0, x0);
  }
}

/* y = pool(x * w >= thresholds), the other way round in the channels whose bit of `flips` is set, which may be NULL.
   x: [batch][in_height][in_width][words of in_channels]; w: for each group panels of NNC_BIT_PANEL channels, the last narrower:
   [word][channel]; y: [batch][out_height][out_width][words of out_channels]. `padding` is the value of taps outside; those that
   are 0 add nothing. patch has the words of kernel_height * kernel_width * in_channels / groups bits. */
NNC_INLINE void nnc_binary_conv2d(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w,
    const int16_t *NNC_RESTRICT thresholds, const uint32_t *NNC_RESTRICT flips, uint32_t *NNC_RESTRICT y,
    uint32_t *NNC_RESTRICT patch, int padding) {
  const nnc_index words = nnc_bit_words(s->out_channels), x_words = nnc_bit_words(s->in_channels);
  for (nnc_index pixel = 0; pixel < s->batch * s->out_height * s->out_width; ++pixel, y += words) {
    const uint32_t *image = x + pixel / (s->out_height * s->out_width) * s->in_height * s->in_width * x_words;
    const nnc_index oy = pixel / s->out_width % s->out_height, ox = pixel % s->out_width;
    nnc_clear_words(y, words);
    for (nnc_index p = 0; p < s->pool_height * s->pool_width; ++p) {
      const nnc_index y0 = (oy * s->pool_stride_y + p / s->pool_width) * s->stride_y - s->pad_top;
      const nnc_index x0 = (ox * s->pool_stride_x + p % s->pool_width) * s->stride_x - s->pad_left;
      nnc_binary_window(s, image, w, thresholds, y, NULL, patch, padding, y0, x0);
    }
    for (nnc_index i = 0; i < words && flips != NULL; ++i) y[i] ^= nnc_weight_u32(flips + i);
  }
}

/* The sums themselves. y: [batch][out_height][out_width][out_channels]. */
NNC_INLINE void nnc_binary_conv2d_sums(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x,
    const uint32_t *NNC_RESTRICT w, int32_t *NNC_RESTRICT y, uint32_t *NNC_RESTRICT patch, int padding) {
  const nnc_index x_words = nnc_bit_words(s->in_channels);
  for (nnc_index pixel = 0; pixel < s->batch * s->out_height * s->out_width; ++pixel, y += s->out_channels) {
    const uint32_t *image = x + pixel / (s->out_height * s->out_width) * s->in_height * s->in_width * x_words;
    const nnc_index oy = pixel / s->out_width % s->out_height, ox = pixel % s->out_width;
    nnc_binary_window(
        s, image, w, NULL, NULL, y, patch, padding, oy * s->stride_y - s->pad_top, ox * s->stride_x - s->pad_left);
  }
}

#endif
