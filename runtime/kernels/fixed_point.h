/* Sums of products in fixed point, for processors without floating point: a number is an integer times a power of two, which
   all numbers of an image share, and all weights of a channel. Integers are exact, so every target computes the same bits. */
#ifndef NNC_FIXED_POINT_H
#define NNC_FIXED_POINT_H

#include "base.h"
#include "math.h"

/* The exponent of a power of two that no magnitude of `count` numbers reaches: 129 if one is infinite or NaN. */
NNC_SHARED int32_t nnc_fixed_exponent(const float *x, nnc_index count) {
  uint32_t largest = 0;
  for (nnc_index i = 0; i < count; ++i) {
    nnc_float_bits number;
    number.number = x[i];
    largest = number.bits << 1 > largest ? number.bits << 1 : largest;
  }
  return (int32_t)(largest < 0x2000000U ? 1 : largest >> 24) - 126;
}

/* The integers nearest to `count` numbers below 2^exponent times 2^(bits - exponent), where bits is at most 30. */
NNC_SHARED void nnc_fixed_convert(const float *x, int32_t *y, nnc_index count, int32_t exponent, int32_t bits) {
  const int32_t shift = exponent + 156 - bits;
  for (nnc_index i = 0; i < count; ++i) {
    nnc_float_bits number;
    const uint32_t field = (number.number = x[i], number.bits >> 23 & 0xff);
    const uint32_t mantissa = (number.bits & 0x7fffff) | (field != 0 ? 0x800000U : 0U);
    const int32_t right = shift - (int32_t)(field != 0 ? field : 1);
    const int32_t magnitude = right < 32 ? (int32_t)(((mantissa << 7 >> right) + 1) >> 1) : 0;
    y[i] = number.bits >> 31 != 0 ? -magnitude : magnitude;
  }
}

/* sum + b * 2^-exponent, of which the exponent changes where the sum would become larger than 2^62 + 2^61. */
NNC_INLINE int64_t nnc_fixed_add_bias(int64_t sum, int32_t *exponent, float b) {
  nnc_float_bits bias;
  const uint32_t field = (bias.number = b, bias.bits >> 23 & 0xff);
  const int32_t magnitude = (int32_t)((bias.bits & 0x7fffff) | (field != 0 ? 0x800000U : 0U));
  const int32_t mantissa = bias.bits >> 31 != 0 ? -magnitude : magnitude;
  const int32_t left = (int32_t)(field != 0 ? field : 1) - 150 - *exponent;
  if (left >= 7 && left < 38) return sum + (int64_t)(mantissa * 128) * ((int32_t)1 << (left - 7));
  if (left >= 0 && left < 7) return sum + mantissa * ((int32_t)1 << left);
  if (left < 0) return sum + (left > -24 ? mantissa / ((int32_t)1 << -left) : 0);
  if (mantissa == 0) return sum;
  *exponent += left - 37; /* a bias so large that the lowest bits of the sum do not matter */
  return (left < 99 ? sum / ((int64_t)1 << (left - 37)) : 0) + (int64_t)mantissa * ((int64_t)1 << 37);
}

/* y = the floats nearest to sums * 2^(exponent + exponents) + b, for sums of at most 2^62; 0 for those below 0 if it
   rectifies. b may be NULL. */
NNC_SHARED void nnc_fixed_round(const int64_t *sums, const int16_t *exponents, const float *b, float *y, nnc_index count,
    int32_t exponent, int rectifies) {
  for (nnc_index j = 0; j < count; ++j) {
    int32_t scale = exponent + exponents[j];
    const int64_t sum = b != NULL ? nnc_fixed_add_bias(sums[j], &scale, b[j]) : sums[j];
    if (sum >= 0) y[j] = nnc_nearest_f32((uint64_t)sum, scale, 0);
    else if (rectifies) y[j] = 0.0f;
    else y[j] = nnc_nearest_f32(0U - (uint64_t)sum, scale, 0x80000000U);
  }
}

/* Sums of products, of `rows` times `count` numbers of x with `lanes` weights each, of at most four: sums[lane] += x * w.
   x: [rows][x_step], of which the first `count` are taken; w: [rows][w_step], of which the first [count][lanes] are. */
NNC_SHARED void nnc_fixed_products(const int32_t *NNC_RESTRICT x, const int32_t *NNC_RESTRICT w,
    int64_t *NNC_RESTRICT sums, nnc_index rows, nnc_index count, nnc_index x_step, nnc_index w_step, nnc_index lanes) {
  int64_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
  if (lanes == 4) {
    for (nnc_index row = 0; row < rows; ++row, x += x_step, w += w_step) {
      const int32_t *from = w;
      for (nnc_index k = 0; k < count; ++k, from += 4) {
        const int64_t number = x[k];
        a += number * from[0];
        b += number * from[1];
        c += number * from[2];
        d += number * from[3];
      }
    }
    sums[3] = d;
  } else {
    for (nnc_index row = 0; row < rows; ++row, x += x_step, w += w_step) {
      for (nnc_index k = 0; k < count; ++k) {
        a += (int64_t)x[k] * w[lanes * k];
        if (lanes > 1) b += (int64_t)x[k] * w[lanes * k + 1];
        if (lanes > 2) c += (int64_t)x[k] * w[lanes * k + 2];
      }
    }
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
}

/* The same for one number for each lane. x: [rows][x_row], of which the first `count` times x_step are taken;
   w: [rows][count][w_step]. */
NNC_SHARED void nnc_fixed_lane_products(const int32_t *NNC_RESTRICT x, const int32_t *NNC_RESTRICT w,
    int64_t *NNC_RESTRICT sums, nnc_index rows, nnc_index count, nnc_index x_row, nnc_index x_step, nnc_index w_step,
    nnc_index lanes) {
  int64_t a = 0, b = 0, c = 0, d = 0;
  for (nnc_index row = 0; row < rows; ++row, x += x_row) {
    const int32_t *from = x;
    for (nnc_index k = 0; k < count; ++k, from += x_step, w += w_step) {
      a += (int64_t)from[0] * w[0];
      if (lanes < 4) continue;
      b += (int64_t)from[1] * w[1];
      c += (int64_t)from[2] * w[2];
      d += (int64_t)from[3] * w[3];
    }
  }
  sums[0] = a;
  if (lanes < 4) return;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
}

#endif
