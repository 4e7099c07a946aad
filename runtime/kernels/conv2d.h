/* Convolutions on NHWC data, with bias, activation and pooling applied before a result is stored. */
#ifndef NNC_CONV2D_H
#define NNC_CONV2D_H

#include "activation.h"
#include "base.h"

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

/* Adds the products of one window of x, whose corner is at row y0 and column x0, to the sums of `lanes` channels.
   w: [kernel_height][kernel_width][channels][lanes]. */
NNC_INLINE void nnc_conv2d_window_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    float *NNC_RESTRICT sums, nnc_index y0, nnc_index x0, nnc_index channels, nnc_index lanes) {
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    if (row < 0 || row >= s->in_height) continue;
    for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
      const nnc_index column = x0 + kx * s->dilation_x;
      if (column >= 0 && column < s->in_width) {
        const float *pixel = x + (row * s->in_width + column) * s->in_channels;
        const float *weights = w + (ky * s->kernel_width + kx) * channels * lanes;
        for (nnc_index c = 0; c < channels; ++c) {
          for (nnc_index j = 0; j < lanes; ++j) sums[j] += pixel[c] * weights[c * lanes + j];
        }
      }
    }
  }
}

/* Activates the sums of `lanes` channels, and adds them to what is pooled; the first of a window begins it. */
NNC_INLINE void nnc_conv2d_pool_f32(const nnc_conv2d_shape *s, const float *sums, float *pooled, int is_first,
    nnc_activation_f32 activation, float alpha, float beta, nnc_index lanes) {
  for (nnc_index j = 0; j < lanes; ++j) {
    const float value = activation(sums[j], alpha, beta);
    if (is_first) pooled[j] = value;
    else if (s->pool_average) pooled[j] += value;
    else pooled[j] = value > pooled[j] ? value : pooled[j];
  }
}

/* Computes `lanes` neighbouring channels of all pixels of one image. b may be NULL. */
NNC_INLINE void nnc_conv2d_panel_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta,
    nnc_index lanes) {
  for (nnc_index oy = 0; oy < s->out_height; ++oy) {
    for (nnc_index ox = 0; ox < s->out_width; ++ox) {
      float pooled[NNC_LANES];
      for (nnc_index py = 0; py < s->pool_height; ++py) {
        for (nnc_index px = 0; px < s->pool_width; ++px) {
          const nnc_index y0 = (oy * s->pool_stride_y + py) * s->stride_y - s->pad_top;
          const nnc_index x0 = (ox * s->pool_stride_x + px) * s->stride_x - s->pad_left;
          float sums[NNC_LANES];
          for (nnc_index j = 0; j < lanes; ++j) sums[j] = b != NULL ? b[j] : 0.0f;
          nnc_conv2d_window_f32(s, x, w, sums, y0, x0, s->in_channels / s->groups, lanes);
          nnc_conv2d_pool_f32(s, sums, pooled, py == 0 && px == 0, activation, alpha, beta, lanes);
        }
      }
      for (nnc_index j = 0; j < lanes; ++j) {
        const float area = (float)(s->pool_height * s->pool_width);
        y[(oy * s->out_width + ox) * s->out_channels + j] = s->pool_average ? pooled[j] / area : pooled[j];
      }
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
  for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
    const nnc_index row = y0 + ky * s->dilation_y;
    if (row < 0 || row >= s->in_height) continue;
    for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
      const nnc_index column = x0 + kx * s->dilation_x;
      if (column >= 0 && column < s->in_width) {
        const float *pixel = x + (row * s->in_width + column) * s->in_channels;
        const float *weights = w + (ky * s->kernel_width + kx) * s->in_channels;
        for (nnc_index j = 0; j < lanes; ++j) sums[j] += pixel[j] * weights[j];
      }
    }
  }
}

/* Computes `lanes` neighbouring channels of one pixel of the result. */
NNC_INLINE void nnc_depthwise_lanes_f32(const nnc_conv2d_shape *s, const float *NNC_RESTRICT x, const float *NNC_RESTRICT w,
    const float *NNC_RESTRICT b, float *NNC_RESTRICT y, nnc_activation_f32 activation, float alpha, float beta,
    nnc_index oy, nnc_index ox, nnc_index lanes) {
  float pooled[NNC_LANES];
  for (nnc_index py = 0; py < s->pool_height; ++py) {
    for (nnc_index px = 0; px < s->pool_width; ++px) {
      const nnc_index y0 = (oy * s->pool_stride_y + py) * s->stride_y - s->pad_top;
      const nnc_index x0 = (ox * s->pool_stride_x + px) * s->stride_x - s->pad_left;
      float sums[NNC_LANES];
      for (nnc_index j = 0; j < lanes; ++j) sums[j] = b != NULL ? b[j] : 0.0f;
      nnc_depthwise_window_f32(s, x, w, sums, y0, x0, lanes);
      nnc_conv2d_pool_f32(s, sums, pooled, py == 0 && px == 0, activation, alpha, beta, lanes);
    }
  }
  for (nnc_index j = 0; j < lanes; ++j) {
    y[j] = s->pool_average ? pooled[j] / (float)(s->pool_height * s->pool_width) : pooled[j];
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
