/* Convolutions on NHWC data, with bias, activation and pooling applied before a result is stored. */
#ifndef NNC_CONV2D_H
#define NNC_CONV2D_H

#include "activation.h"
#include "base.h"
#include "window.h"

/* The sizes of a convolution. The output of the convolution itself is not stored: its pixels are pooled in windows that
   lie wholly inside it, of 1x1 where there is no pooling. */
typedef struct {
  nnc_index batch, in_height, in_width, in_channels;
  nnc_index out_height, out_width, out_channels; /* after pooling */
  nnc_index kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  nnc_index groups, panel;
  nnc_index pool_height, pool_width, pool_stride_y, pool_stride_x, pool_average;
} nnc_conv2d_shape;

/* The most output channels that are computed side by side. */
#define NNC_LANES 16

/* Four or eight floats at any address that one float may have. */
#if defined(NNC_MVE) || defined(__SSE2__) || defined(__ARM_NEON)
typedef float nnc_four_floats __attribute__((vector_size(16), aligned(4), may_alias));
#endif
#if defined(__AVX__)
typedef float nnc_eight_floats __attribute__((vector_size(32), aligned(4), may_alias));
#endif

/* sums += x * w for 8 neighbouring channels, in vectors, which compilers do not always make of a loop. Two sums of each channel
   wait for each other half as long. */
#if defined(__AVX__)
#define NNC_ADD_PRODUCTS_OF_8 1
NNC_INLINE void nnc_add_products_of_8(const float *x, const float *w, float *sums, nnc_index count) {
  nnc_eight_floats even = *(const nnc_eight_floats *)sums, odd = {0};
  nnc_index i = 0;
  for (; i + 2 <= count; i += 2, w += 16) {
    even = even + x[i] * *(const nnc_eight_floats *)w;
    odd = odd + x[i + 1] * *(const nnc_eight_floats *)(w + 8);
  }
  if (i < count) even = even + x[i] * *(const nnc_eight_floats *)w;
  *(nnc_eight_floats *)sums = even + odd;
}
#elif defined(__SSE2__) || defined(__ARM_NEON)
#define NNC_ADD_PRODUCTS_OF_8 1
NNC_INLINE void nnc_add_products_of_8(const float *x, const float *w, float *sums, nnc_index count) {
  nnc_four_floats low = *(const nnc_four_floats *)sums, high = *(const nnc_four_floats *)(sums + 4);
  for (nnc_index i = 0; i < count; ++i, w += 8) {
    low = low + x[i] * *(const nnc_four_floats *)w;
    high = high + x[i] * *(const nnc_four_floats *)(w + 4);
  }
  *(nnc_four_floats *)sums = low;
  *(nnc_four_floats *)(sums + 4) = high;
}
#endif

/* sums += x * w for `lanes` neighbouring channels. x: [count]; w: [count][lanes]. Compilers use no instruction of Helium that
   multiplies and adds unless told to. */
NNC_INLINE void nnc_add_products_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, float *NNC_RESTRICT sums,
    nnc_index count, nnc_index lanes) {
#if defined(NNC_MVE)
  if (lanes == 8) {
    float32x4_t low = vld1q_f32(sums), high = vld1q_f32(sums + 4);
    for (const float *end = x + count; x < end; ++x, w += 8) {
      const float value = *x;
      low = vfmaq_n_f32(low, *(const nnc_four_floats *)w, value);
      high = vfmaq_n_f32(high, *(const nnc_four_floats *)(w + 4), value);
    }
    vst1q_f32(sums, low);
    vst1q_f32(sums + 4, high);
    return;
  }
#endif
#if defined(NNC_ADD_PRODUCTS_OF_8)
  if (lanes == 8) {
    nnc_add_products_of_8(x, w, sums, count);
    return;
  }
#endif
  for (nnc_index i = 0; i < count; ++i, w += lanes) {
    const float value = x[i];
    NNC_UNROLL
    for (nnc_index j = 0; j < lanes; ++j) sums[j] = nnc_multiply_add_f32(sums[j], value, nnc_weight_f32(w + j));
  }
}

NNC_INLINE void nnc_add_products_f64(const double *NNC_RESTRICT x, const double *NNC_RESTRICT w,
    double *NNC_RESTRICT sums, nnc_index count, nnc_index lanes) {
  for (nnc_index i = 0; i < count; ++i, w += lanes) {
    for (nnc_index j = 0; j < lanes; ++j) sums[j] += x[i] * w[j];
  }
}

/* Adds the products of one window of x, whose corner is at row y0 and column x0, to the sums of `lanes` channels.
   w: [kernel_height][kernel_width][channels][lanes]. */
NNC_INLINE void nnc_conv2d_window_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    float *NNC_RESTRICT sums, nnc_index y0, nnc_index x0, nnc_index channels, nnc_index lanes) {
  const nnc_index first = nnc_taps_before(x0, 0, s->dilation_x, s->kernel_width);
  const nnc_index count = nnc_taps_before(x0, s->in_width, s->dilation_x, s->kernel_width) - first;
  /* Neighbouring pixels lie without a gap, in x as in w, where a window has no gaps and a group all channels. */
  const int is_run = s->dilation_x == 1 && channels == s->in_channels;
  const nnc_index runs = is_run ? 1 : count;
  const nnc_index length = is_run ? count * channels : channels;
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    const float *weights = w + (ky * s->kernel_width + first) * channels * lanes;
    if ((size_t)row >= (size_t)s->in_height) continue;
    for (nnc_index run = 0; run < runs; ++run) {
      const float *pixel = x + (row * s->in_width + x0 + (first + run) * s->dilation_x) * s->in_channels;
      nnc_add_products_f32(pixel, weights + run * channels * lanes, sums, length, lanes);
    }
  }
}

/* Adds the values of `lanes` channels to what is pooled; the first of a window begin it. */
NNC_INLINE void nnc_conv2d_pool_f32(const nnc_conv2d_shape *s, const float *sums, float *pooled, int is_first,
    nnc_activation_f32 activation, float alpha, float beta, nnc_index lanes) {
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) {
    const float value = activation(sums[j], alpha, beta);
    if (is_first) pooled[j] = value;
    else if (s->pool_average) pooled[j] += value;
    else pooled[j] = value > pooled[j] ? value : pooled[j];
  }
}

/* Computes `lanes` neighbouring channels of one pixel of the result. b may be NULL. */
NNC_INLINE void nnc_conv2d_pixel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta,
    nnc_index oy, nnc_index ox, nnc_index lanes) {
  for (nnc_index p = 0; p < s->pool_height * s->pool_width; ++p) {
    const nnc_index y0 = (oy * s->pool_stride_y + p / s->pool_width) * s->stride_y - s->pad_top;
    const nnc_index x0 = (ox * s->pool_stride_x + p % s->pool_width) * s->stride_x - s->pad_left;
    float sums[NNC_LANES];
    NNC_UNROLL
    for (nnc_index j = 0; j < lanes; ++j) sums[j] = b != NULL ? nnc_weight_f32(b + j) : 0.0f;
    nnc_conv2d_window_f32(s, x, w, sums, y0, x0, s->in_channels / s->groups, lanes);
    nnc_conv2d_pool_f32(s, sums, y, p == 0, activation, alpha, beta, lanes);
  }
  if (s->pool_average) {
    for (nnc_index j = 0; j < lanes; ++j) y[j] /= (float)(s->pool_height * s->pool_width);
  }
}

/* The same for all pixels of one image. */
NNC_INLINE void nnc_conv2d_panel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta,
    nnc_index lanes) {
  for (nnc_index oy = 0; oy < s->out_height; ++oy) {
    for (nnc_index ox = 0; ox < s->out_width; ++ox) {
      float *pixel = y + (oy * s->out_width + ox) * s->out_channels;
      nnc_conv2d_pixel_f32(s, x, w, b, pixel, activation, alpha, beta, oy, ox, lanes);
    }
  }
}

/* y = pool(activation(x * w + b)). x: [batch][in_height][in_width][in_channels]; y: [batch][out_height][out_width][out_channels];
   w: for each group, panels of `panel` output channels, the last narrower: [kernel_height][kernel_width][channels][lanes]. */
NNC_INLINE void nnc_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index in_group = s->in_channels / s->groups;
  const nnc_index out_group = s->out_channels / s->groups;
  const nnc_index rest = out_group % s->panel;
  const nnc_index taps = s->kernel_height * s->kernel_width * in_group;
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * s->in_channels;
    float *result = y + n * s->out_height * s->out_width * s->out_channels;
    for (nnc_index g = 0; g < s->groups; ++g) {
      nnc_index c = g * out_group;
      for (; c + s->panel <= (g + 1) * out_group; c += s->panel) {
        nnc_conv2d_panel_f32(s, image + g * in_group, w + c * taps, b != NULL ? b + c : b, result + c, activation, alpha,
            beta, s->panel);
      }
      if (rest > 0) {
        nnc_conv2d_panel_f32(s, image + g * in_group, w + c * taps, b != NULL ? b + c : b, result + c, activation, alpha,
            beta, rest);
      }
    }
  }
}

/* The same for one input channel per output channel: w: [kernel_height][kernel_width][channels]. */
NNC_INLINE void nnc_depthwise_window_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    float *NNC_RESTRICT sums, nnc_index y0, nnc_index x0, nnc_index lanes) {
  const nnc_index first = nnc_taps_before(x0, 0, s->dilation_x, s->kernel_width);
  const nnc_index end = nnc_taps_before(x0, s->in_width, s->dilation_x, s->kernel_width);
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    if ((size_t)row >= (size_t)s->in_height) continue;
    for (nnc_index kx = first; kx < end; ++kx) {
      const float *pixel = x + (row * s->in_width + x0 + kx * s->dilation_x) * s->in_channels;
      const float *weights = w + (ky * s->kernel_width + kx) * s->in_channels;
      NNC_UNROLL
      for (nnc_index j = 0; j < lanes; ++j) sums[j] = nnc_multiply_add_f32(sums[j], pixel[j], nnc_weight_f32(weights + j));
    }
  }
}

/* Computes `lanes` neighbouring channels of one pixel of the result. */
NNC_INLINE void nnc_depthwise_lanes_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta,
    nnc_index oy, nnc_index ox, nnc_index lanes) {
  for (nnc_index p = 0; p < s->pool_height * s->pool_width; ++p) {
    const nnc_index y0 = (oy * s->pool_stride_y + p / s->pool_width) * s->stride_y - s->pad_top;
    const nnc_index x0 = (ox * s->pool_stride_x + p % s->pool_width) * s->stride_x - s->pad_left;
    float sums[NNC_LANES];
    NNC_UNROLL
    for (nnc_index j = 0; j < lanes; ++j) sums[j] = b != NULL ? nnc_weight_f32(b + j) : 0.0f;
    nnc_depthwise_window_f32(s, x, w, sums, y0, x0, lanes);
    nnc_conv2d_pool_f32(s, sums, y, p == 0, activation, alpha, beta, lanes);
  }
  if (s->pool_average) {
    for (nnc_index j = 0; j < lanes; ++j) y[j] /= (float)(s->pool_height * s->pool_width);
  }
}

/* y = pool(activation(x * w + b)) channel by channel. */
NNC_INLINE void nnc_depthwise_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x,
    const float *NNC_RESTRICT w, const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation,
    float alpha, float beta) {
  const nnc_index channels = s->out_channels;
  const nnc_index rest = channels % s->panel;
  for (nnc_index n = 0; n < s->batch; ++n) {
    const float *image = x + n * s->in_height * s->in_width * channels;
    for (nnc_index oy = 0; oy < s->out_height; ++oy) {
      for (nnc_index ox = 0; ox < s->out_width; ++ox) {
        float *pixel = y + ((n * s->out_height + oy) * s->out_width + ox) * channels;
        nnc_index c = 0;
        for (; c + s->panel <= channels; c += s->panel) {
          nnc_depthwise_lanes_f32(s, image + c, w + c, b != NULL ? b + c : b, pixel + c, activation, alpha, beta, oy, ox,
              s->panel);
        }
        if (rest > 0) {
          nnc_depthwise_lanes_f32(s, image + c, w + c, b != NULL ? b + c : b, pixel + c, activation, alpha, beta, oy, ox,
              rest);
        }
      }
    }
  }
}

#endif
