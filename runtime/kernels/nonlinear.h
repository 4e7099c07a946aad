/* Nonlinear functions of one element that are operations of their own. activation.h has those that layers apply. */
#ifndef NNC_NONLINEAR_H
#define NNC_NONLINEAR_H

#include "base.h"
#include "math.h"

/* A NaN stays one. */
NNC_INLINE float nnc_relu_f32(float x) {
  return x < 0.0f ? 0.0f : x;
}

NNC_INLINE int32_t nnc_relu_i32(int32_t x) {
  return x > 0 ? x : 0;
}

NNC_INLINE float nnc_leaky_relu_f32(float x, float alpha) {
  return x < 0.0f ? alpha * x : x;
}

NNC_INLINE float nnc_p_relu_f32(float x, float slope) {
  return x < 0.0f ? slope * x : x;
}

/* Integers wrap. 1U keeps the product of short ones from overflowing int. */
NNC_INLINE int32_t nnc_p_relu_i32(int32_t x, int32_t slope) {
  return x > 0 ? x : (int32_t)(1U * (uint32_t)slope * (uint32_t)x);
}

NNC_INLINE float nnc_thresholded_relu_f32(float x, float alpha) {
  return x > alpha ? x : 0.0f;
}

/* Moved towards zero by bias, or 0 up to lambda from it. */
NNC_INLINE float nnc_shrink_f32(float x, float lambda, float bias) {
  return x < -lambda ? x + bias : x > lambda ? x - bias : 0.0f;
}

NNC_INLINE float nnc_elu_f32(float x, float alpha) {
  return x < 0.0f ? alpha * nnc_expm1_f32(x) : x;
}

NNC_INLINE float nnc_selu_f32(float x, float alpha, float gamma) {
  return gamma * (x > 0.0f ? x : alpha * nnc_expm1_f32(x));
}

/* max(0, x) + min(0, alpha * (exp(x / alpha) - 1)); NaN remains. */
NNC_INLINE float nnc_celu_f32(float x, float alpha) {
  const float tail = alpha * nnc_expm1_f32(x / alpha);
  return x != x ? x : (x > 0.0f ? x : 0.0f) + (tail < 0.0f ? tail : 0.0f);
}

NNC_INLINE float nnc_hard_sigmoid_f32(float x, float alpha, float beta) {
  const float line = alpha * x + beta;
  return line < 0.0f ? 0.0f : line > 1.0f ? 1.0f : line;
}

NNC_INLINE float nnc_hard_swish_f32(float x) {
  const float line = x / 6.0f + 0.5f;
  return x * (line < 0.0f ? 0.0f : line > 1.0f ? 1.0f : line);
}

NNC_INLINE float nnc_swish_f32(float x, float alpha) {
  return x * nnc_sigmoid_f32(alpha * x);
}

/* By erf or by tanh, each within 2e-7 of what that formula gives, times x where x is beyond -1 and 1. */
NNC_INLINE float nnc_gelu_f32(float x, float is_tanh) {
  if (is_tanh != 0.0f) return 0.5f * x * (1.0f + nnc_tanh_f32(0.7978845608f * (x + 0.044715f * x * x * x)));
  return 0.5f * x * (1.0f + nnc_erf_f32(x * 0.707106781f));
}

NNC_INLINE double nnc_gelu_f64(double x, double is_tanh) {
  if (is_tanh != 0.0) return 0.5 * x * (1.0 + nnc_tanh_f64(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
  return 0.5 * x * NNC_LIBM(erfc)(x * -0.70710678118654752440);
}

/* log(1 + exp(x)), without overflow. */
NNC_INLINE float nnc_softplus_f32(float x) {
  const float tail = nnc_log1p_f32(nnc_exp_f32(x > 0.0f ? -x : x));
  return x > 0.0f ? x + tail : tail;
}

NNC_INLINE float nnc_softsign_f32(float x) {
  return x / (1.0f + (x < 0.0f ? -x : x));
}

/* x tanh(log(1 + exp(x))): with n = e^x (e^x + 2), which cancels nothing, it is x n / (n + 2). */
NNC_INLINE float nnc_mish_f32(float x) {
  const float e = nnc_exp_f32(x < 20.0f ? x : 20.0f);
  const float n = e * (e + 2.0f);
  return x < 20.0f ? x * (n / (n + 2.0f)) : x;
}

#endif
