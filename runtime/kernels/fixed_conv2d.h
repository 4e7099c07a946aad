/* Convolutions on NHWC data in fixed point, and products of matrices, which are convolutions of single pixels. */
#ifndef NNC_FIXED_CONV2D_H
#define NNC_FIXED_CONV2D_H

#include "activation.h"
#include "base.h"
#include "conv2d.h"
#include "fixed_point.h"

/* A layer: weights are w times 2 to the power of the exponent of their output channel, data get so many bits, and negative
   sums become 0 where it rectifies. */
typedef struct {
  const int32_t *w;
  const float *b;
  const int16_t *exponents;
  int32_t bits;
  int rectifies;
} nnc_fixed_layer;

/* Computes the sums of up to 4 neighbouring channels of a pixel, whose taps begin at x. Returns how many it computed. */
typedef nnc_index (*nnc_fixed_sums)(const nnc_conv2d_shape *s, const int32_t *w, const int32_t *x, int64_t *sums,
    nnc_index channel);

/* The rows and columns of the band: what a row of pixels takes of the data, with the padding around it. */
NNC_INLINE nnc_index nnc_fixed_band_height(const nnc_conv2d_shape *s) {
  return (s->kernel_height - 1) * s->dilation_y + 1;
}

NNC_INLINE nnc_index nnc_fixed_band_width(const nnc_conv2d_shape *s) {
  const nnc_index last = (s->out_width - 1) * s->pool_stride_x + s->pool_width - 1;
  return last * s->stride_x + (s->kernel_width - 1) * s->dilation_x + 1;
}

/* w: for each group, panels of 4 output channels, the last narrower: [kernel_height][kernel_width][channels][lanes]. */
NNC_INLINE nnc_index nnc_fixed_conv2d_sums(const nnc_conv2d_shape *s, const int32_t *w, const int32_t *x, int64_t *sums,
    nnc_index channel) {
  const nnc_index in_group = s->in_channels / s->groups, out_group = s->out_channels / s->groups;
  const nnc_index rest = out_group - channel % out_group, lanes = rest < 4 ? rest : 4;
  /* Neighbouring taps that lie one behind the other make one run. */
  const nnc_index runs = s->groups == 1 && s->dilation_x == 1 ? 1 : s->kernel_width;
  const nnc_index run = s->kernel_width / runs * in_group;
  const nnc_index row = s->dilation_y * nnc_fixed_band_width(s) * s->in_channels;
  const int32_t *from = x + channel / out_group * in_group;
  const int32_t *weights = w + channel * s->kernel_height * s->kernel_width * in_group;
  for (nnc_index j = 0; j < 4; ++j) sums[j] = 0;
  for (nnc_index kx = 0; kx < runs; ++kx) {
    nnc_fixed_products(from + kx * s->dilation_x * s->in_channels, weights + kx * run * lanes, sums, s->kernel_height,
        run, row, runs * run * lanes, lanes);
  }
  return lanes;
}

/* w: [kernel_height][kernel_width][channels]. */
NNC_INLINE nnc_index nnc_fixed_depthwise_sums(const nnc_conv2d_shape *s, const int32_t *w, const int32_t *x,
    int64_t *sums, nnc_index channel) {
  const nnc_index channels = s->in_channels, lanes = channels - channel < 4 ? 1 : 4;
  nnc_fixed_lane_products(x + channel, w + channel, sums, s->kernel_height, s->kernel_width,
      s->dilation_y * nnc_fixed_band_width(s) * channels, s->dilation_x * channels, channels, lanes);
  return lanes;
}

/* Moves the rows of the band up, and brings those of an image from row y0 + `from` on in behind them. */
NNC_INLINE void nnc_fixed_fill_band(const nnc_conv2d_shape *s, const float *x, int32_t *band, nnc_index y0, nnc_index from,
    int32_t exponent, int32_t bits) {
  const nnc_index height = nnc_fixed_band_height(s), width = nnc_fixed_band_width(s);
  const nnc_index data = width - s->pad_left < s->in_width ? width - s->pad_left : s->in_width;
  const nnc_index before = s->pad_left * s->in_channels, size = width * s->in_channels;
  for (nnc_index i = 0; i < from * size; ++i) band[i] = band[(height - from) * size + i];
  for (nnc_index row = from; row < height; ++row) {
    const int is_data = y0 + row >= 0 && y0 + row < s->in_height;
    const nnc_index count = is_data ? data * s->in_channels : 0;
    int32_t *to = band + row * size;
    for (nnc_index i = 0; i < before; ++i) to[i] = 0;
    if (is_data) nnc_fixed_convert(x + (y0 + row) * s->in_width * s->in_channels, to + before, count, exponent, bits);
    for (nnc_index i = before + count; i < size; ++i) to[i] = 0;
  }
}

/* Computes all channels of a pixel, and adds them to what is pooled in y; the first of a window begins it. */
NNC_INLINE void nnc_fixed_pixel(const nnc_conv2d_shape *s, nnc_fixed_sums compute, const nnc_fixed_layer *layer,
    const int32_t *x, float *y, int32_t exponent, int is_first, nnc_activation_f32 activation, float alpha, float beta) {
  for (nnc_index c = 0; c < s->out_channels;) {
    int64_t sums[4];
    float reals[4];
    const nnc_index lanes = compute(s, layer->w, x, sums, c);
    nnc_fixed_round(sums, layer->exponents + c, layer->b != NULL ? layer->b + c : NULL, reals, lanes, exponent,
        layer->rectifies);
    for (nnc_index j = 0; j < lanes; ++j, ++c) {
      const float value = activation(reals[j], alpha, beta);
      if (is_first) y[c] = value;
      else if (s->pool_average) y[c] += value;
      else y[c] = value > y[c] ? value : y[c];
    }
  }
}

/* Computes an image whose magnitudes are below 2^exponent. */
NNC_INLINE void nnc_fixed_image(const nnc_conv2d_shape *s, nnc_fixed_sums compute, const nnc_fixed_layer *layer,
    const float *x, float *y, int32_t *band, int32_t exponent, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_index height = nnc_fixed_band_height(s);
  nnc_index ready = -s->pad_top; /* the row before which all others have been in the band */
  for (nnc_index oy = 0; oy < s->out_height; ++oy) {
    for (nnc_index py = 0; py < s->pool_height; ++py) {
      const nnc_index y0 = (oy * s->pool_stride_y + py) * s->stride_y - s->pad_top;
      nnc_fixed_fill_band(s, x, band, y0, ready > y0 ? ready - y0 : 0, exponent, layer->bits);
      ready = y0 + height;
      for (nnc_index ox = 0; ox < s->out_width; ++ox) {
        float *result = y + (oy * s->out_width + ox) * s->out_channels;
        for (nnc_index px = 0; px < s->pool_width; ++px) {
          const int32_t *taps = band + (ox * s->pool_stride_x + px) * s->stride_x * s->in_channels;
          nnc_fixed_pixel(s, compute, layer, taps, result, exponent - layer->bits, py == 0 && px == 0, activation,
              alpha, beta);
        }
      }
    }
  }
}

/* Computes all images of x. */
NNC_INLINE void nnc_fixed_images(const nnc_conv2d_shape *s, nnc_fixed_sums compute, const nnc_fixed_layer *layer,
    const float *NNC_RESTRICT x, float *NNC_RESTRICT y, int32_t *NNC_RESTRICT band, nnc_activation_f32 activation,
    float alpha, float beta) {
  const nnc_index inputs = s->in_height * s->in_width * s->in_channels;
  const nnc_index outputs = s->out_height * s->out_width * s->out_channels;
  const float area = (float)(s->pool_height * s->pool_width);
  for (nnc_index n = 0; n < s->batch; ++n) {
    const int32_t exponent = nnc_fixed_exponent(x + n * inputs, inputs);
    float *result = y + n * outputs;
    if (exponent <= 128) {
      nnc_fixed_image(s, compute, layer, x + n * inputs, result, band, exponent, activation, alpha, beta);
    }
    for (nnc_index i = 0; i < outputs && exponent > 128; ++i) result[i] = NNC_NAN_f32;
    for (nnc_index i = 0; i < outputs && s->pool_average; ++i) result[i] /= area;
  }
}

/* y = pool(activation(x * w * 2^e + b)) for arrays as in a convolution of floats, with panels of 4 channels. e: the exponent
   of each output channel; band: room for the rows and columns of the band, [in_channels] each. An image with an infinity or
   NaN gives NaN. */
NNC_INLINE void nnc_fixed_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const int32_t *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, const int16_t *NNC_RESTRICT e, float *NNC_RESTRICT y, int32_t *NNC_RESTRICT band,
    int32_t bits, int rectifies, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_fixed_layer layer = {w, b, e, bits, rectifies};
  nnc_fixed_images(s, nnc_fixed_conv2d_sums, &layer, x, y, band, activation, alpha, beta);
}

/* The same for one input channel per output channel: w: [kernel_height][kernel_width][channels]. */
NNC_INLINE void nnc_fixed_depthwise_conv2d_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x,
    const int32_t *NNC_RESTRICT w, const float *NNC_RESTRICT b, const int16_t *NNC_RESTRICT e, float *NNC_RESTRICT y,
    int32_t *NNC_RESTRICT band, int32_t bits, int rectifies, nnc_activation_f32 activation, float alpha, float beta) {
  const nnc_fixed_layer layer = {w, b, e, bits, rectifies};
  nnc_fixed_images(s, nnc_fixed_depthwise_sums, &layer, x, y, band, activation, alpha, beta);
}

#endif
