/* Functions of the C library, for operations that are rare in neural networks. */
#ifndef NNC_TRIGONOMETRY_H
#define NNC_TRIGONOMETRY_H

#include "math.h"

NNC_INLINE float nnc_sin_f32(float x) {
  return NNC_LIBM(sinf)(x);
}

NNC_INLINE double nnc_sin_f64(double x) {
  return NNC_LIBM(sin)(x);
}

NNC_INLINE float nnc_cos_f32(float x) {
  return NNC_LIBM(cosf)(x);
}

NNC_INLINE double nnc_cos_f64(double x) {
  return NNC_LIBM(cos)(x);
}

NNC_INLINE float nnc_tan_f32(float x) {
  return NNC_LIBM(tanf)(x);
}

NNC_INLINE double nnc_tan_f64(double x) {
  return NNC_LIBM(tan)(x);
}

NNC_INLINE float nnc_asin_f32(float x) {
  return NNC_LIBM(asinf)(x);
}

NNC_INLINE double nnc_asin_f64(double x) {
  return NNC_LIBM(asin)(x);
}

NNC_INLINE float nnc_acos_f32(float x) {
  return NNC_LIBM(acosf)(x);
}

NNC_INLINE double nnc_acos_f64(double x) {
  return NNC_LIBM(acos)(x);
}

NNC_INLINE float nnc_atan_f32(float x) {
  return NNC_LIBM(atanf)(x);
}

NNC_INLINE double nnc_atan_f64(double x) {
  return NNC_LIBM(atan)(x);
}

NNC_INLINE float nnc_sinh_f32(float x) {
  return NNC_LIBM(sinhf)(x);
}

NNC_INLINE double nnc_sinh_f64(double x) {
  return NNC_LIBM(sinh)(x);
}

NNC_INLINE float nnc_cosh_f32(float x) {
  return NNC_LIBM(coshf)(x);
}

NNC_INLINE double nnc_cosh_f64(double x) {
  return NNC_LIBM(cosh)(x);
}

NNC_INLINE float nnc_asinh_f32(float x) {
  return NNC_LIBM(asinhf)(x);
}

NNC_INLINE double nnc_asinh_f64(double x) {
  return NNC_LIBM(asinh)(x);
}

NNC_INLINE float nnc_acosh_f32(float x) {
  return NNC_LIBM(acoshf)(x);
}

NNC_INLINE double nnc_acosh_f64(double x) {
  return NNC_LIBM(acosh)(x);
}

NNC_INLINE float nnc_atanh_f32(float x) {
  return NNC_LIBM(atanhf)(x);
}

NNC_INLINE double nnc_atanh_f64(double x) {
  return NNC_LIBM(atanh)(x);
}

NNC_INLINE float nnc_floor_f32(float x) {
  return NNC_LIBM(floorf)(x);
}

NNC_INLINE double nnc_floor_f64(double x) {
  return NNC_LIBM(floor)(x);
}

NNC_INLINE float nnc_ceil_f32(float x) {
  return NNC_LIBM(ceilf)(x);
}

NNC_INLINE double nnc_ceil_f64(double x) {
  return NNC_LIBM(ceil)(x);
}

/* The nearest integer, of two the even one, in the rounding mode that C programs start in. */
NNC_INLINE float nnc_round_f32(float x) {
  return NNC_LIBM(rintf)(x);
}

NNC_INLINE double nnc_round_f64(double x) {
  return NNC_LIBM(rint)(x);
}

#endif
