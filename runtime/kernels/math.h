/* Functions of real numbers. For float they are computed here, the same on every target, so that no C library is needed;
   a compiler can vectorise loops over them. Only exp is another one, in integers, where there is no floating point. Stated errors are against the exact value, over all arguments.
   The polynomials are minimax fits (Remez) on the stated intervals. */
#ifndef NNC_MATH_H
#define NNC_MATH_H

#include "base.h"

/* Functions of the C library, declared here because not every target has its headers. */
#ifdef __cplusplus
extern "C" {
#endif
float sqrtf(float), powf(float, float), fmodf(float, float), floorf(float), ceilf(float), rintf(float);
float sinf(float), cosf(float), tanf(float), asinf(float), acosf(float), atanf(float);
float sinhf(float), coshf(float), asinhf(float), acoshf(float), atanhf(float);
double sqrt(double), pow(double, double), fmod(double, double), floor(double), ceil(double), rint(double);
double sin(double), cos(double), tan(double), asin(double), acos(double), atan(double);
double sinh(double), cosh(double), asinh(double), acosh(double), atanh(double);
double exp(double), expm1(double), log(double), log1p(double), tanh(double), erf(double), erfc(double);
#ifdef __cplusplus
}
#endif
#define NNC_LIBM(function) function

/* The bits of a float. */
typedef union {
  float number;
  uint32_t bits;
} nnc_float_bits;

/* 2 to the power of an integer from -126 to 127. */
NNC_INLINE float nnc_power_of_two_f32(int32_t exponent) {
  nnc_float_bits result;
  result.bits = (uint32_t)(exponent + 127) << 23;
  return result.number;
}

/* The zeros above the highest bit of a number that is not 0. */
NNC_INLINE int nnc_leading_zeros(uint32_t x) {
#if defined(__GNUC__) && __SIZEOF_INT__ == 4
  return __builtin_clz(x);
#else
  int count = 0;
  for (; x >> 31 == 0; x <<= 1) ++count;
  return count;
#endif
}

/* The float nearest to magnitude * 2^exponent, of two the even one. */
NNC_INLINE float nnc_nearest_f32(uint64_t magnitude, int32_t exponent, uint32_t sign) {
  uint32_t high = (uint32_t)(magnitude >> 32);
  uint32_t low = (uint32_t)magnitude;
  nnc_float_bits result;
  int32_t field = exponent + 190;
  int zeros;
  if (high == 0) {
    high = low;
    low = 0;
    field -= 32;
  }
  result.bits = sign;
  if (high == 0) return result.number;
  zeros = nnc_leading_zeros(high);
  field -= zeros;
  if (zeros != 0) {
    high = high << zeros | low >> (32 - zeros);
    low <<= zeros;
  }
  high |= low != 0; /* bits for which there is no room are gathered in the last one */
  if (field < 1) { /* subnormal */
    high = field > -31 ? high >> (1 - field) | (high << (31 + field) != 0) : 1;
    field = 1;
  }
  result.bits |= field > 254 ? 0x7f800000U
                             : ((uint32_t)(field - 1) << 23) + (high >> 8) + ((high & 0xff) + (high >> 8 & 1) > 0x80);
  return result.number;
}

/* e to the power of x in integers, within 1 unit in the last place: 2^n times a polynomial of the fraction of x / ln 2. */
NNC_SHARED float nnc_integer_exp_f32(float x) {
  static const uint32_t coefficients[] = {0x51b593, 0x27a1724, 0xe34488a, 0x3d7faaf3, 0xb17215af};
  nnc_float_bits number;
  const uint32_t field = (number.number = x, number.bits >> 23 & 0xff);
  const int is_negative = number.bits >> 31 != 0;
  const uint64_t product = (uint64_t)((number.bits & 0x7fffff) | 0x800000) * 0xb8aa3b29U;
  uint32_t fraction, power = 0xe2a0c;
  uint64_t scaled;
  if (field == 255 && (number.bits & 0x7fffff) != 0) return x;
  if (field > 133) return is_negative ? 0.0f : NNC_INFINITY_f32;
  if (field < 95) return 1.0f;
  scaled = field < 127 ? product >> (127 - field) : product << (field - 127); /* 54 bits of fraction */
  scaled = ((uint64_t)256 << 54) + (is_negative ? 0U - scaled : scaled);
  fraction = (uint32_t)(scaled >> 22);
  for (int k = 0; k < 5; ++k) power = coefficients[k] + (uint32_t)((uint64_t)power * fraction >> 32);
  power = (uint32_t)((uint64_t)power * fraction >> 32);
  return nnc_nearest_f32(((uint64_t)1 << 32) + power, (int32_t)(scaled >> 54) - 288, 0);
}

/* a where a condition holds, else b. gcc makes no vectors of a loop in which it sees a branch with a constant. */
NNC_INLINE float nnc_select_f32(int condition, float a, float b) {
#if defined(__GNUC__) && !defined(__clang__) && (defined(__SSE2__) || defined(__aarch64__))
  const uint32_t mask = 0u - (uint32_t)condition;
  nnc_float_bits first, second;
  first.number = a;
  second.number = b;
  first.bits = (first.bits & mask) | (second.bits & ~mask);
  return first.number;
#else
  return condition ? a : b;
#endif
}

NNC_INLINE double nnc_select_f64(int condition, double a, double b) {
  return condition ? a : b;
}

/* e to the power of x for x up to 89, within 2 units in the last place: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2]. */
NNC_INLINE float nnc_exp_to_89_f32(float x) {
  const float limited = nnc_select_f32(x < -104.0f, -104.0f, x); /* a NaN stays one */
  nnc_float_bits scaled, low, high;
  if (NNC_SOFT_FLOAT) return nnc_integer_exp_f32(x);
  scaled.number = limited * 1.44269504f + 12583166.0f; /* 1.5 * 2^23 + 254: leaves n + 254 in the lowest bits */
  {
    const float n = (float)(int32_t)(scaled.bits - 0x4b4000feu);
    const float r = limited - n * 0.693359375f - n * -2.12194440e-4f;
    const float p = 0.4999999305f + r * (0.1666651479f + r * (0.04166845687f + r * (0.008369418724f + r * 0.001381313892f)));
    low.bits = scaled.bits / 2 << 23; /* in two factors, for 2^n itself may be too large or too small */
    high.bits = (scaled.bits - scaled.bits / 2) << 23;
    return (1.0f + r + r * r * p) * low.number * high.number;
  }
}

/* e to the power of x, within 2 units in the last place. */
NNC_INLINE float nnc_exp_f32(float x) {
  return nnc_exp_to_89_f32(nnc_select_f32(x > 89.0f, 89.0f, x));
}

NNC_INLINE double nnc_exp_to_89_f64(double x) {
  return NNC_LIBM(exp)(x);
}

NNC_INLINE double nnc_exp_f64(double x) {
  return NNC_LIBM(exp)(x);
}

/* exp(x) - 1, within 3 units in the last place: the same polynomial, with 1 taken away before anything is rounded. */
NNC_INLINE float nnc_expm1_f32(float x) {
  const float limited = x > 18.0f ? 18.0f : x > -18.0f ? x : -18.0f;
  const float scaled = limited * 1.44269504f;
  const int32_t n = (int32_t)(scaled + (scaled < 0.0f ? -0.5f : 0.5f));
  const float r = limited - (float)n * 0.693359375f - (float)n * -2.12194440e-4f;
  const float p = 0.4999999305f + r * (0.1666651479f + r * (0.04166845687f + r * (0.008369418724f + r * 0.001381313892f)));
  const float power = nnc_power_of_two_f32(n);
  if (x > 18.0f) return nnc_exp_f32(x);
  return x != x ? x : (power - 1.0f) + power * (r + r * r * p);
}

NNC_INLINE double nnc_expm1_f64(double x) {
  return NNC_LIBM(expm1)(x);
}

/* The natural logarithm, within 2 units in the last place: exponent and 2 artanh(f / (2 + f)) of the mantissa 1 + f. */
NNC_INLINE float nnc_log_f32(float x) {
  nnc_float_bits number;
  int32_t exponent = 0;
  number.number = x;
  if (x < 1.17549435e-38f) { /* subnormal */
    number.number = x * 8388608.0f;
    exponent = -23;
  }
  exponent += (int32_t)(number.bits >> 23 & 0xff) - 127;
  number.bits = (number.bits & 0x7fffff) | 0x3f800000;
  if (number.number > 1.41421356f) {
    number.number *= 0.5f;
    ++exponent;
  }
  {
    const float f = number.number - 1.0f;
    const float s = f / (2.0f + f);
    const float z = s * s;
    const float half = 0.5f * f * f;
    const float p = z * (0.6666666655f + z * (0.4000012651f + z * (0.2855031507f + z * 0.2334378062f)));
    const float e = (float)exponent;
    const float result = e * 0.693359375f + (f - (half - (s * (half + p) + e * -2.12194440e-4f)));
    if (x == 0.0f) return -NNC_INFINITY_f32;
    if (x < 0.0f) return NNC_NAN_f32;
    return x < NNC_INFINITY_f32 ? result : x;
  }
}

NNC_INLINE double nnc_log_f64(double x) {
  return NNC_LIBM(log)(x);
}

/* log(1 + x) for x from 0 to 1, within 4 units in the last place: the error of 1 + x is cancelled by its quotient. */
NNC_INLINE float nnc_log1p_f32(float x) {
  const float sum = 1.0f + x;
  return sum == 1.0f ? x : nnc_log_f32(sum) * (x / (sum - 1.0f));
}

NNC_INLINE double nnc_log1p_f64(double x) {
  return NNC_LIBM(log1p)(x);
}

/* The hyperbolic tangent, within 3 units in the last place. */
NNC_INLINE float nnc_tanh_f32(float x) {
  const float magnitude = x < 0.0f ? -x : x;
  const float z = x * x;
  const float p = -0.3333332925f + z * (0.1333279455f + z * (-0.05385407014f + z * (0.02101008306f + z * -0.006113193703f)));
  const float large = 1.0f - 2.0f / (nnc_exp_to_89_f32(2.0f * nnc_select_f32(magnitude < 20.0f, magnitude, 20.0f)) + 1.0f);
  return nnc_select_f32(magnitude >= 0.625f, nnc_select_f32(x < 0.0f, -large, large), x + x * z * p); /* a NaN stays one */
}

NNC_INLINE double nnc_tanh_f64(double x) {
  return NNC_LIBM(tanh)(x);
}

/* The logistic function 1 / (1 + exp(-x)), within 4 units in the last place. */
NNC_INLINE float nnc_sigmoid_f32(float x) {
  const float e = nnc_exp_to_89_f32(x < 0.0f ? x : -x);
  return nnc_select_f32(x < 0.0f, e, 1.0f) / (1.0f + e);
}

/* The error function, within 3 units in the last place: odd polynomial up to 1, then 1 - exp(polynomial). */
NNC_INLINE float nnc_erf_f32(float x) {
  const float magnitude = x < 0.0f ? -x : x;
  const float z = x * x;
  const float t = nnc_select_f32(magnitude < 4.0f, magnitude, 4.0f);
  const float small = 1.128379166f + z * (-0.3761262714f + z * (0.1128360018f + z * (-0.02685444471f
      + z * (0.005189535572f + z * (-8.020843364e-4f + z * 7.889126494e-5f)))));
  const float exponent = 2.043586305e-4f + t * (-1.129661151f + t * (-0.6330396266f + t * (-0.1086389807f
      + t * (0.02537354292f + t * (-0.004282376594f + t * (4.637862829e-4f + t * (-2.531452869e-5f + t * 2.513073026e-7f)))))));
  const float large = 1.0f - nnc_exp_to_89_f32(exponent);
  return nnc_select_f32(magnitude >= 1.0f, nnc_select_f32(x < 0.0f, -large, large), x * small); /* a NaN stays one */
}

NNC_INLINE double nnc_erf_f64(double x) {
  return NNC_LIBM(erf)(x);
}

NNC_INLINE float nnc_sqrt_f32(float x) {
  return NNC_LIBM(sqrtf)(x);
}

NNC_INLINE double nnc_sqrt_f64(double x) {
  return NNC_LIBM(sqrt)(x);
}

#endif
