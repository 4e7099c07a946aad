/* Normalizations by mean and variance, or by a norm. */
#ifndef NNC_NORMALIZATION_H
#define NNC_NORMALIZATION_H

#include "base.h"
#include "math.h"
#include "rows.h"

/* The mean of `count` elements. */
NNC_INLINE float nnc_row_mean_f32(const float *x, nnc_index count) {
  return nnc_row_sum_f32(x, count) / (float)count;
}

/* One over the square root of their variance plus epsilon. */
NNC_INLINE float nnc_row_inverse_deviation_f32(const float *x, nnc_index count, float mean, float epsilon) {
  return 1.0f / nnc_sqrt_f32(nnc_row_square_sum_f32(x, mean, count) / (float)count + epsilon);
}

/* Rows with mean and variance removed, times scale plus bias. x, y: [rows][count]; scale, bias: [count] or NULL.
   y may be x. */
NNC_INLINE void nnc_layer_normalization_f32(const float *x, const float *scale, const float *bias, float *y,
    nnc_index rows, nnc_index count, float epsilon) {
  for (nnc_index row = 0; row < rows; ++row) {
    const float *from = x + row * count;
    float *to = y + row * count;
    const float mean = nnc_row_mean_f32(from, count);
    const float factor = nnc_row_inverse_deviation_f32(from, count, mean, epsilon);
    for (nnc_index k = 0; k < count; ++k) {
      const float standard = (from[k] - mean) * factor;
      const float scaled = scale != NULL ? standard * scale[k] : standard;
      to[k] = bias != NULL ? scaled + bias[k] : scaled;
    }
  }
}

/* Rows divided by the root of their mean square plus epsilon, times scale. x, y: [rows][count]; scale: [count] or NULL.
   y may be x. */
NNC_INLINE void nnc_rms_normalization_f32(const float *x, const float *scale, float *y, nnc_index rows, nnc_index count,
    float epsilon) {
  for (nnc_index row = 0; row < rows; ++row) {
    const float *from = x + row * count;
    float *to = y + row * count;
    const float factor = nnc_row_inverse_deviation_f32(from, count, 0.0f, epsilon);
    for (nnc_index k = 0; k < count; ++k) to[k] = scale != NULL ? from[k] * factor * scale[k] : from[k] * factor;
  }
}

/* Groups of channels with mean and variance removed, each channel times its scale plus its bias.
   x, y: [samples][groups][channels][inner]; scale, bias: [groups][channels]. y may be x. */
NNC_INLINE void nnc_group_normalization_f32(const float *x, const float *scale, const float *bias, float *y,
    nnc_index samples, nnc_index groups, nnc_index channels, nnc_index inner, float epsilon) {
  for (nnc_index row = 0; row < samples * groups; ++row) {
    const float *from = x + row * channels * inner;
    float *to = y + row * channels * inner;
    const float mean = nnc_row_mean_f32(from, channels * inner);
    const float factor = nnc_row_inverse_deviation_f32(from, channels * inner, mean, epsilon);
    for (nnc_index c = 0; c < channels; ++c) {
      const nnc_index channel = row % groups * channels + c;
      for (nnc_index i = c * inner; i < (c + 1) * inner; ++i) {
        to[i] = (from[i] - mean) * factor * scale[channel] + bias[channel];
      }
    }
  }
}

/* y = x * factor + offset for `samples` runs of `inner` elements, each `step` behind the one before it. y may be x. */
NNC_INLINE void nnc_scale_channel_f32(const float *x, float *y, float factor, float offset, nnc_index samples,
    nnc_index step, nnc_index inner) {
  for (nnc_index n = 0; n < samples; ++n) {
    for (nnc_index i = n * step; i < n * step + inner; ++i) y[i] = x[i] * factor + offset;
  }
}

/* What a norm sums up for an element, and what it makes of the sum. */
typedef float (*nnc_norm_part_f32)(float x, float p);

NNC_INLINE float nnc_l1_term_f32(float x, float p) {
  (void)p;
  return x < 0.0f ? -x : x;
}

NNC_INLINE float nnc_l1_root_f32(float x, float p) {
  (void)p;
  return x;
}

NNC_INLINE float nnc_l2_term_f32(float x, float p) {
  (void)p;
  return x * x;
}

NNC_INLINE float nnc_l2_root_f32(float x, float p) {
  (void)p;
  return nnc_sqrt_f32(x);
}

NNC_INLINE float nnc_lp_term_f32(float x, float p) {
  return NNC_LIBM(powf)(x < 0.0f ? -x : x, p);
}

NNC_INLINE double nnc_lp_term_f64(double x, double p) {
  return NNC_LIBM(pow)(x < 0.0 ? -x : x, p);
}

NNC_INLINE float nnc_lp_root_f32(float x, float p) {
  return NNC_LIBM(powf)(x, 1.0f / p);
}

NNC_INLINE double nnc_lp_root_f64(double x, double p) {
  return NNC_LIBM(pow)(x, 1.0 / p);
}

/* Each line divided by its norm, 0 where that is 0. x, y: [outer][count][inner]; a line has `count` elements that lie
   `inner` apart. y may be x. */
NNC_INLINE void nnc_lp_normalization_f32(const float *x, float *y, nnc_index outer, nnc_index count, nnc_index inner,
    nnc_norm_part_f32 term, nnc_norm_part_f32 root, float p) {
  for (nnc_index o = 0; o < outer; ++o) {
    for (nnc_index i = 0; i < inner; ++i) {
      const float *from = x + o * count * inner + i;
      float *to = y + o * count * inner + i;
      float norm = 0.0f;
      for (nnc_index k = 0; k < count; ++k) norm += term(from[k * inner], p);
      norm = root(norm, p);
      for (nnc_index k = 0; k < count; ++k) to[k * inner] = norm == 0.0f ? 0.0f : from[k * inner] / norm;
    }
  }
}

/* What local response normalization divides by. */
NNC_INLINE float nnc_lrn_divisor_f32(float sum, float factor, float bias, float beta) {
  return NNC_LIBM(powf)(bias + factor * sum, beta);
}

NNC_INLINE double nnc_lrn_divisor_f64(double sum, double factor, double bias, double beta) {
  return NNC_LIBM(pow)(bias + factor * sum, beta);
}

/* y = x / (bias + factor * S)^beta, S being the sum of the squares of a channel, of `before` ones before it and of
   `after` ones behind it. x, y: [samples][channels][inner]. */
NNC_INLINE void nnc_lrn_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT y, nnc_index samples, nnc_index channels,
    nnc_index inner, nnc_index before, nnc_index after, float factor, float bias, float beta) {
  for (nnc_index n = 0; n < samples; ++n) {
    const float *from = x + n * channels * inner;
    for (nnc_index c = 0; c < channels; ++c) {
      const nnc_index first = c < before ? 0 : c - before;
      const nnc_index end = channels - c <= after ? channels : c + after + 1;
      float *to = y + (n * channels + c) * inner;
      for (nnc_index i = 0; i < inner; ++i) to[i] = 0.0f;
      for (nnc_index k = first; k < end; ++k) {
        for (nnc_index i = 0; i < inner; ++i) to[i] += from[k * inner + i] * from[k * inner + i];
      }
      for (nnc_index i = 0; i < inner; ++i) {
        to[i] = from[c * inner + i] / nnc_lrn_divisor_f32(to[i], factor, bias, beta);
      }
    }
  }
}

#endif
