/* Discrete Fourier transforms. Complex numbers are pairs, the real part first. */
#ifndef NNC_FOURIER_H
#define NNC_FOURIER_H

#include "base.h"

/* The sizes of the transforms of outer * inner signals. */
typedef struct {
  nnc_index outer, inner;
  nnc_index length;                    /* of the transform */
  nnc_index given;                     /* samples that there are; the others are 0 */
  nnc_index count;                     /* results of each signal */
  nnc_index x_outer, x_inner, x_stride; /* how far signals and their samples lie apart, in elements */
  nnc_index y_outer, y_inner, y_stride;
  nnc_index x_parts, y_parts;          /* 1 where numbers are real, 2 where they are complex */
  nnc_index inverse;                   /* whether frequencies become samples, and are divided by the length */
  nnc_index mirrored;                  /* whether the second half of the samples are conjugates of the first */
} nnc_dft_shape;

/* A step of a transform that has already joined `done` samples: joins 4 times as many. x, y: [length][2]; rotations: what
   numbers are multiplied by to turn them by each step of a circle, [length * step][2]. */
NNC_INLINE void nnc_fft_radix4_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT y,
    const float *NNC_RESTRICT rotations, nnc_index length, nnc_index done, nnc_index step) {
  const nnc_index quarter = length / 4;
  for (nnc_index start = 0; start < quarter; start += done) {
    const float *const w = rotations + 2 * step * start;
    const float *const v = rotations + 4 * step * start;
    const float *const u = rotations + 6 * step * start;
    for (nnc_index k = 0; k < done; ++k) {
      const float *const a = x + 2 * (start + k);
      const float *const b = a + 2 * quarter;
      const float *const c = b + 2 * quarter;
      const float *const d = c + 2 * quarter;
      float *const p = y + 2 * (4 * start + k);
      float *const q = p + 2 * done;
      float *const r = q + 2 * done;
      float *const s = r + 2 * done;
      const float even_re = a[0] + c[0], even_im = a[1] + c[1], odd_re = b[0] + d[0], odd_im = b[1] + d[1];
      const float left_re = a[0] - c[0], left_im = a[1] - c[1], right_re = b[1] - d[1], right_im = d[0] - b[0];
      const float q_re = left_re + right_re, q_im = left_im + right_im;
      const float r_re = even_re - odd_re, r_im = even_im - odd_im;
      const float s_re = left_re - right_re, s_im = left_im - right_im;
      p[0] = even_re + odd_re;
      p[1] = even_im + odd_im;
      q[0] = q_re * w[0] - q_im * w[1];
      q[1] = q_re * w[1] + q_im * w[0];
      r[0] = r_re * v[0] - r_im * v[1];
      r[1] = r_re * v[1] + r_im * v[0];
      s[0] = s_re * u[0] - s_im * u[1];
      s[1] = s_re * u[1] + s_im * u[0];
    }
  }
}

/* The same for any other factor of the length. */
NNC_INLINE void nnc_fft_radix_f32(const float *NNC_RESTRICT x, float *NNC_RESTRICT y,
    const float *NNC_RESTRICT rotations, nnc_index length, nnc_index done, nnc_index step, nnc_index radix) {
  const nnc_index part = length / radix;
  for (nnc_index start = 0; start < part; start += done) {
    for (nnc_index r = 0; r < radix; ++r) {
      const float *const w = rotations + 2 * step * start * r;
      for (nnc_index k = 0; k < done; ++k) {
        const float *const a = x + 2 * (start + k);
        float *const p = y + 2 * (radix * start + done * r + k);
        float re = a[0], im = a[1];
        nnc_index turn = 0;
        for (nnc_index j = 1; j < radix; ++j) {
          const float *const b = a + 2 * part * j;
          turn = turn + r < radix ? turn + r : turn + r - radix;
          const float *const v = rotations + 2 * step * part * turn;
          re += b[0] * v[0] - b[1] * v[1];
          im += b[0] * v[1] + b[1] * v[0];
        }
        p[0] = re * w[0] - im * w[1];
        p[1] = re * w[1] + im * w[0];
      }
    }
  }
}

/* The transform of a, in a or b: [length][2]. Steps that go back and forth between them leave the results in order, as
   Stockham's method does. rotations: [length * step][2]. */
NNC_INLINE float *nnc_fft_f32(float *a, float *b, const float *rotations, nnc_index length, nnc_index step) {
  nnc_index done = 1;
  while (done < length) {
    const nnc_index rest = length / done;
    nnc_index radix = rest % 4 == 0 ? 4 : 2;
    while (rest % radix != 0) ++radix;
    if (radix == 4) {
      nnc_fft_radix4_f32(a, b, rotations, length, done, step);
    } else {
      nnc_fft_radix_f32(a, b, rotations, length, done, step, radix);
    }
    float *const swapped = a;
    a = b;
    b = swapped;
    done *= radix;
  }
  return a;
}

/* The signal at x as complex numbers: a: [length][2]. Its parts are swapped for the inverse transform, which is then the
   same as the transform, up to another swap. window: [given], or NULL. */
NNC_INLINE void nnc_dft_load_f32(const nnc_dft_shape *shape, const float *x, const float *window, float *a) {
  const nnc_index re = shape->inverse ? 1 : 0;
  const nnc_index half = shape->length / 2;
  for (nnc_index i = 0; i < shape->length; ++i) {
    const nnc_index mirrored = shape->mirrored && i > half;
    const nnc_index source = mirrored ? shape->length - i : i;
    const float *const sample = x + source * shape->x_stride;
    /* A frequency that is its own conjugate is real. */
    const nnc_index real = shape->x_parts == 1 || (shape->mirrored && (i == 0 || 2 * i == shape->length));
    const float factor = source >= shape->given ? 0.0f : window ? window[source] : 1.0f;
    a[2 * i + re] = source < shape->given ? factor * sample[0] : 0.0f;
    a[2 * i + 1 - re] = source < shape->given && !real ? (mirrored ? -factor : factor) * sample[1] : 0.0f;
  }
}

/* Transforms all signals. x, y: as the shape says; window: [given], or NULL; rotations: [length][2];
   room: [2][length][2]. */
NNC_INLINE void nnc_dft_f32(const nnc_dft_shape *shape, const float *NNC_RESTRICT x,
    const float *NNC_RESTRICT window, float *NNC_RESTRICT y, const float *NNC_RESTRICT rotations, float *room) {
  const float scale = shape->inverse ? 1.0f / (float)shape->length : 1.0f;
  const nnc_index re = shape->inverse ? 1 : 0;
  for (nnc_index o = 0; o < shape->outer; ++o) {
    for (nnc_index i = 0; i < shape->inner; ++i) {
      nnc_dft_load_f32(shape, x + o * shape->x_outer + i * shape->x_inner, window, room);
      const float *const a = nnc_fft_f32(room, room + 2 * shape->length, rotations, shape->length, 1);
      float *const result = y + o * shape->y_outer + i * shape->y_inner;
      for (nnc_index k = 0; k < shape->count; ++k) {
        result[k * shape->y_stride] = scale * a[2 * k + re];
        if (shape->y_parts == 2) result[k * shape->y_stride + 1] = scale * a[2 * k + 1 - re];
      }
    }
  }
}

/* Transforms all signals, which are real and of even length: as complex ones of half the length, whose parts are the even
   and the odd samples. The arrays are as for others, but room: [2][length / 2][2]. */
NNC_INLINE void nnc_dft_real_f32(const nnc_dft_shape *shape, const float *NNC_RESTRICT x,
    const float *NNC_RESTRICT window, float *NNC_RESTRICT y, const float *NNC_RESTRICT rotations, float *room) {
  const nnc_index half = shape->length / 2;
  for (nnc_index o = 0; o < shape->outer; ++o) {
    for (nnc_index i = 0; i < shape->inner; ++i) {
      const float *const signal = x + o * shape->x_outer + i * shape->x_inner;
      for (nnc_index k = 0; k < shape->given; ++k) {
        room[k] = window ? window[k] * signal[k * shape->x_stride] : signal[k * shape->x_stride];
      }
      for (nnc_index k = shape->given; k < shape->length; ++k) room[k] = 0.0f;
      const float *const a = nnc_fft_f32(room, room + shape->length, rotations, half, 2);
      float *const result = y + o * shape->y_outer + i * shape->y_inner;
      for (nnc_index k = 0; k < shape->count; ++k) {
        /* Beyond the half, frequencies are conjugates of those at the same distance from the end. */
        const nnc_index place = k <= half ? k : shape->length - k;
        const float *const p = a + 2 * (place < half ? place : 0);
        const float *const q = a + 2 * (place > 0 ? half - place : 0);
        const float *const w = rotations + 2 * place;
        const float odd_re = 0.5f * (p[1] + q[1]), odd_im = 0.5f * (q[0] - p[0]);
        const float im = 0.5f * (p[1] - q[1]) + odd_re * w[1] + odd_im * w[0];
        result[k * shape->y_stride] = 0.5f * (p[0] + q[0]) + odd_re * w[0] - odd_im * w[1];
        result[k * shape->y_stride + 1] = k <= half ? im : -im;
      }
    }
  }
}

#endif
