/* Quantized numbers: integers that stand for (integer - zero point) * scale, and sums of their products. */
#ifndef NNC_QUANTIZE_H
#define NNC_QUANTIZE_H

#include "base.h"
#include "conv.h"
#include "math.h"
#include "window.h"

/* A sum of products of quantized numbers. In kernels that are written for int32_t, that stands for the type of an
   operand, and this for 32 bits. */
typedef int32_t nnc_sum;

/* sum + a * b, which wraps. */
NNC_INLINE nnc_sum nnc_add_product(nnc_sum sum, nnc_sum a, nnc_sum b) {
  return (nnc_sum)((uint32_t)sum + (uint32_t)a * (uint32_t)b);
}

/* An 8-bit number, of which memory holds the byte. */
NNC_INLINE nnc_sum nnc_byte(uint8_t x, int is_signed) {
  return is_signed ? (nnc_sum)(x ^ 0x80) - 128 : (nnc_sum)x;
}

/* The number that a quantized one stands for; the difference wraps. */
NNC_INLINE float nnc_dequantize(nnc_sum x, float scale, nnc_sum zero) {
  return (float)(nnc_sum)((uint32_t)x - (uint32_t)zero) * scale;
}

/* The quantized number for x, in units of the scale: the nearest integer, of two the even one, plus the zero point, held
   from low to high, which have at most 17 bits; the zero point for NaN. Adding 1.5 * 2^23 to a float rounds it so, and
   leaves the integer in its lowest bits. */
NNC_INLINE nnc_sum nnc_quantize(float x, nnc_sum zero, nnc_sum low, nnc_sum high) {
  const float least = (float)(low - zero);
  const float greatest = (float)(high - zero);
  nnc_float_bits number;
  if (x != x) return zero;
  number.number = (x < least ? least : x > greatest ? greatest : x) + 12582912.0f;
  return (nnc_sum)(number.bits - 0x4b400000U) + zero;
}

/* x plus the zero point of floats; one that is 0 leaves the sign of zeros alone. */
NNC_INLINE float nnc_moved_f32(float x, float zero) {
  return zero == 0.0f ? x : x + zero;
}

/* Quantizes x: [count] to y, with the scale and zero point that fit its range, extended to 0. Each of y, scale and zero
   may be NULL. */
NNC_INLINE void nnc_dynamic_quantize(const float *NNC_RESTRICT x, uint8_t *NNC_RESTRICT y, float *NNC_RESTRICT scale,
    uint8_t *NNC_RESTRICT zero, nnc_index count) {
  float least = 0.0f, greatest = 0.0f, unit;
  nnc_sum origin;
  for (nnc_index i = 0; i < count; ++i) {
    if (x[i] < least) least = x[i];
    if (x[i] > greatest) greatest = x[i];
  }
  unit = least < greatest ? (greatest - least) / 255.0f : 1.0f;
  origin = nnc_quantize(-least / unit, 0, 0, 255);
  if (y != NULL) {
    for (nnc_index i = 0; i < count; ++i) y[i] = (uint8_t)nnc_quantize(x[i] / unit, origin, 0, 255);
  }
  if (scale != NULL) *scale = unit;
  if (zero != NULL) *zero = (uint8_t)origin;
}

/* How sums of products are quantized: times x_scale * w_scale / y_scale. There is one w_scale for all or, where the step
   is 1, for each filter or column. Results have 8 bits, from low to high. */
typedef struct {
  float x_scale;
  const float *w_scales;
  nnc_index w_scale_step;
  float y_scale;
  nnc_sum y_zero, low, high;
} nnc_requantization;

/* y: [count], bytes of signed or unsigned numbers, from sums: [count], of which the first has w_scales[first]. */
NNC_INLINE void nnc_requantize(const nnc_requantization *q, const float *w_scales, nnc_index step,
    const nnc_sum *NNC_RESTRICT sums, uint8_t *NNC_RESTRICT y, nnc_index count) {
  for (nnc_index i = 0; i < count; ++i) {
    const float factor = q->x_scale * w_scales[i * step] / q->y_scale;
    y[i] = (uint8_t)nnc_quantize((float)sums[i] * factor, q->y_zero, q->low, q->high);
  }
}

/* One row of a product: sums = (a - a_zero) * (b - b_zeros). a: [depth] bytes, signed or not; b: [depth][columns];
   b_zeros: one or, where the step is 1, [columns], or NULL; sums: [columns]. */
NNC_INLINE void nnc_matmul_integer_row_i32(const uint8_t *NNC_RESTRICT a, int a_is_signed, nnc_sum a_zero,
    const int32_t *NNC_RESTRICT b, const int32_t *NNC_RESTRICT b_zeros, nnc_index b_zero_step,
    nnc_sum *NNC_RESTRICT sums, nnc_index depth, nnc_index columns) {
  nnc_sum total = 0;
  for (nnc_index n = 0; n < columns; ++n) sums[n] = 0;
  for (nnc_index k = 0; k < depth; ++k) {
    const nnc_sum factor = nnc_byte(a[k], a_is_signed) - a_zero;
    total = nnc_add_product(total, factor, 1);
    for (nnc_index n = 0; n < columns; ++n) sums[n] = nnc_add_product(sums[n], factor, b[k * columns + n]);
  }
  if (b_zeros == NULL) return;
  for (nnc_index n = 0; n < columns; ++n) sums[n] = nnc_add_product(sums[n], total, -b_zeros[n * b_zero_step]);
}

/* The zero points of the operands of a convolution. w has one for all filters or, where the step is 1, one for each;
   w_zeros may be NULL. w has 8 bits, signed or not. */
typedef struct {
  nnc_sum x_zero;
  const uint8_t *w_zeros;
  nnc_index w_zero_step;
  int w_is_signed;
} nnc_conv_zeros;

/* Adds the products of one row of x and one row of a filter to one row of sums. */
NNC_INLINE void nnc_conv_integer_row_i32(const nnc_conv_shape *s, const int32_t *NNC_RESTRICT x, nnc_sum x_zero,
    const uint8_t *NNC_RESTRICT w, int w_is_signed, nnc_sum w_zero, nnc_sum *NNC_RESTRICT sums) {
  for (nnc_index kx = 0; kx < s->kernel_width; ++kx) {
    const nnc_index offset = kx * s->dilation_x - s->pad_left;
    const nnc_index first = nnc_taps_before(offset, 0, s->stride_x, s->out_width);
    const nnc_index end = nnc_taps_before(offset, s->in_width, s->stride_x, s->out_width);
    const nnc_sum weight = nnc_byte(w[kx], w_is_signed) - w_zero;
    for (nnc_index ox = first; ox < end; ++ox) {
      sums[ox] = nnc_add_product(sums[ox], weight, x[ox * s->stride_x + offset] - x_zero);
    }
  }
}

/* Computes one row of sums, of filter m on sample n at oz and oy, from a bias on. x, w: as for the convolution of floats;
   sums: [out_width]. */
NNC_INLINE void nnc_conv_integer_filter_i32(const nnc_conv_shape *s, const nnc_conv_zeros *zeros,
    const int32_t *NNC_RESTRICT x, const uint8_t *NNC_RESTRICT w, nnc_index n, nnc_index m, nnc_index oz, nnc_index oy,
    nnc_sum bias, nnc_sum *NNC_RESTRICT sums) {
  const nnc_index in_group = s->in_channels / s->groups;
  const nnc_index first = n * s->in_channels + m / (s->out_channels / s->groups) * in_group;
  const nnc_sum w_zero =
      zeros->w_zeros != NULL ? nnc_byte(zeros->w_zeros[m * zeros->w_zero_step], zeros->w_is_signed) : 0;
  for (nnc_index ox = 0; ox < s->out_width; ++ox) sums[ox] = bias;
  for (nnc_index c = 0; c < in_group; ++c) {
    for (nnc_index kz = 0; kz < s->kernel_depth; ++kz) {
      const nnc_index z = oz * s->stride_z + kz * s->dilation_z - s->pad_front;
      if (z < 0 || z >= s->in_depth) continue;
      for (nnc_index ky = 0; ky < s->kernel_height; ++ky) {
        const nnc_index row = oy * s->stride_y + ky * s->dilation_y - s->pad_top;
        if (row < 0 || row >= s->in_height) continue;
        nnc_conv_integer_row_i32(s, x + (((first + c) * s->in_depth + z) * s->in_height + row) * s->in_width,
            zeros->x_zero,
            w + (((m * in_group + c) * s->kernel_depth + kz) * s->kernel_height + ky) * s->kernel_width,
            zeros->w_is_signed, w_zero, sums);
      }
    }
  }
}

/* y = (x - x_zero) * (w - w_zeros). x, w and y: as for the convolution of floats. */
NNC_INLINE void nnc_conv_integer_i32(const nnc_conv_shape *s, const nnc_conv_zeros *zeros,
    const int32_t *NNC_RESTRICT x, const uint8_t *NNC_RESTRICT w, nnc_sum *NNC_RESTRICT y) {
  for (nnc_index n = 0; n < s->batch; ++n) {
    for (nnc_index m = 0; m < s->out_channels; ++m) {
      for (nnc_index row = 0; row < s->out_depth * s->out_height; ++row) {
        nnc_sum *sums = y + ((n * s->out_channels + m) * s->out_depth * s->out_height + row) * s->out_width;
        nnc_conv_integer_filter_i32(s, zeros, x, w, n, m, row / s->out_height, row % s->out_height, 0, sums);
      }
    }
  }
}

/* y = the same plus b, quantized. b: [out_channels] or NULL; sums: [out_width], which is overwritten; y: bytes. */
NNC_INLINE void nnc_qlinear_conv_i32(const nnc_conv_shape *s, const nnc_conv_zeros *zeros, const nnc_requantization *q,
    const int32_t *NNC_RESTRICT x, const uint8_t *NNC_RESTRICT w, const nnc_sum *NNC_RESTRICT b,
    nnc_sum *NNC_RESTRICT sums, uint8_t *NNC_RESTRICT y) {
  for (nnc_index n = 0; n < s->batch; ++n) {
    for (nnc_index m = 0; m < s->out_channels; ++m) {
      for (nnc_index row = 0; row < s->out_depth * s->out_height; ++row) {
        nnc_conv_integer_filter_i32(s, zeros, x, w, n, m, row / s->out_height, row % s->out_height,
            b != NULL ? b[m] : 0, sums);
        nnc_requantize(q, q->w_scales + m * q->w_scale_step, 0, sums,
            y + ((n * s->out_channels + m) * s->out_depth * s->out_height + row) * s->out_width, s->out_width);
      }
    }
  }
}

#endif
