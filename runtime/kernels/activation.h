/* Activations that kernels apply to what they have computed. alpha and beta are the parameters of those that have any. */
#ifndef NNC_ACTIVATION_H
#define NNC_ACTIVATION_H

#include "base.h"
#include "math.h"

typedef float (*nnc_activation_f32)(float x, float alpha, float beta);

NNC_INLINE float nnc_activation_none_f32(float x, float alpha, float beta) {
  (void)alpha;
  (void)beta;
  return x;
}

NNC_INLINE float nnc_activation_relu_f32(float x, float alpha, float beta) {
  (void)alpha;
  (void)beta;
  return x < 0.0f ? 0.0f : x;
}

NNC_INLINE float nnc_activation_leaky_relu_f32(float x, float alpha, float beta) {
  (void)beta;
  return x < 0.0f ? alpha * x : x;
}

/* Between alpha and beta. */
NNC_INLINE float nnc_activation_clip_f32(float x, float alpha, float beta) {
  const float raised = x < alpha ? alpha : x;
  return raised > beta ? beta : raised;
}

NNC_INLINE float nnc_activation_sigmoid_f32(float x, float alpha, float beta) {
  (void)alpha;
  (void)beta;
  return nnc_sigmoid_f32(x);
}

NNC_INLINE float nnc_activation_tanh_f32(float x, float alpha, float beta) {
  (void)alpha;
  (void)beta;
  return nnc_tanh_f32(x);
}

NNC_INLINE float nnc_activation_hard_sigmoid_f32(float x, float alpha, float beta) {
  const float line = alpha * x + beta;
  return line < 0.0f ? 0.0f : line > 1.0f ? 1.0f : line;
}

NNC_INLINE float nnc_activation_hard_swish_f32(float x, float alpha, float beta) {
  const float line = x * 0.166666667f + 0.5f;
  (void)alpha;
  (void)beta;
  return x * (line < 0.0f ? 0.0f : line > 1.0f ? 1.0f : line);
}

NNC_INLINE double nnc_activation_hard_swish_f64(double x, double alpha, double beta) {
  const double line = x / 6.0 + 0.5;
  (void)alpha;
  (void)beta;
  return x * (line < 0.0 ? 0.0 : line > 1.0 ? 1.0 : line);
}

NNC_INLINE float nnc_activation_gelu_f32(float x, float alpha, float beta) {
  (void)alpha;
  (void)beta;
  return 0.5f * x * (1.0f + nnc_erf_f32(x * 0.707106781f));
}

NNC_INLINE double nnc_activation_gelu_f64(double x, double alpha, double beta) {
  (void)alpha;
  (void)beta;
  return 0.5 * x * (1.0 + nnc_erf_f64(x * 0.70710678118654752));
}

NNC_INLINE float nnc_activation_silu_f32(float x, float alpha, float beta) {
  (void)alpha;
  (void)beta;
  return x * nnc_sigmoid_f32(x);
}

#endif
