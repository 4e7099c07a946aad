/* Sums of products for eight or sixteen neighbouring columns, of several rows at once where the processor has registers for
   them. */
#ifndef NNC_FLOAT_TILES_H
#define NNC_FLOAT_TILES_H

#include "base.h"

/* The most output channels that are computed side by side. */
#define NNC_LANES 16

/* Of how many columns weights lie side by side where layers are wide enough. Define it as 16 for models that are built so. */
#if !defined(NNC_PANEL_LANES)
#define NNC_PANEL_LANES 8
#endif

/* How many columns a row of a tile has. Where it has sixteen, masks leave out those that a layer does not have. */
#if defined(__AVX512F__) && defined(__GNUC__) && NNC_PANEL_LANES >= 16
#include <immintrin.h>
#define NNC_TILE_LANES_f32 16
#define NNC_TILE_MASKS_f32 1
#else
#define NNC_TILE_LANES_f32 8
#define NNC_TILE_MASKS_f32 0
#endif

/* Four, eight or sixteen floats at any address that one float may have. */
#if defined(NNC_MVE) || defined(__SSE2__) || defined(__ARM_NEON)
typedef float nnc_four_floats __attribute__((vector_size(16), aligned(4), may_alias));
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#endif
#if defined(__AVX__)
typedef float nnc_eight_floats __attribute__((vector_size(32), aligned(4), may_alias));
#endif
#if NNC_TILE_MASKS_f32
typedef float nnc_sixteen_floats __attribute__((vector_size(64), aligned(4), may_alias));
#endif

/* How many rows a tile has at most: with its sums, a row of weights and an element, all registers are in use. A row of weights is
   read once for all of them. */
#if NNC_TILE_MASKS_f32
#define NNC_TILE_ROWS_f32 12
#elif defined(__AVX__) || defined(__aarch64__)
#define NNC_TILE_ROWS_f32 8
#elif defined(__SSE2__) || defined(__ARM_NEON)
#define NNC_TILE_ROWS_f32 6
#else
#define NNC_TILE_ROWS_f32 0
#endif

/* How many panels of so many columns a tile spans at most, and how many sets of sums it has then: fewer rows by more columns take
   fewer loads for as many products, where there are registers for several rows of weights. */
#if NNC_TILE_MASKS_f32
#define NNC_TILE_PANELS_f32 3
#define NNC_TILE_SUMS_f32 24
#elif defined(__AVX__)
#define NNC_TILE_PANELS_f32 3
#define NNC_TILE_SUMS_f32 12
#else
#define NNC_TILE_PANELS_f32 1
#define NNC_TILE_SUMS_f32 NNC_TILE_ROWS_f32
#endif

/* There are no tiles of doubles. */
#define NNC_TILE_ROWS_f64 0
#define NNC_TILE_PANELS_f64 1

/* Before a loop over the rows or panels of a tile. A function that clang sees before its arguments are constants must keep its
   loops: copies of their bodies for a number that is not known are in the way of those for the right one. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed" /* where kernels are not inlined, numbers never become known */
#define NNC_UNROLL_ROWS _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__) && __GNUC__ >= 8
#define NNC_UNROLL_ROWS _Pragma("GCC unroll 16")
#else
#define NNC_UNROLL_ROWS
#endif

/* Before a loop over the rows of a tile in which activations are computed: gcc makes vectors of it only where it stays a loop. */
#if defined(__clang__)
#define NNC_UNROLL_ACTIVATIONS NNC_UNROLL_ROWS
#else
#define NNC_UNROLL_ACTIVATIONS
#endif

/* The sums of a row. */
#if NNC_TILE_MASKS_f32
typedef nnc_sixteen_floats nnc_tile_row_f32;
#elif defined(__AVX__)
typedef nnc_eight_floats nnc_tile_row_f32;
#elif NNC_TILE_ROWS_f32 > 0
typedef struct {
  nnc_four_floats low, high;
} nnc_tile_row_f32;
#endif

#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_tile_row_f32 nnc_tile_load_f32(const float *p) {
#if NNC_TILE_MASKS_f32
  return *(const nnc_sixteen_floats *)p;
#elif defined(__AVX__)
  return *(const nnc_eight_floats *)p;
#else
  const nnc_tile_row_f32 row = {*(const nnc_four_floats *)p, *(const nnc_four_floats *)(p + 4)};
  return row;
#endif
}
#endif

/* A row of the same float. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_tile_row_f32 nnc_tile_all_f32(float x) {
#if NNC_TILE_MASKS_f32
  return _mm512_set1_ps(x);
#elif defined(__AVX__)
  const nnc_tile_row_f32 all = {x, x, x, x, x, x, x, x};
  return all;
#else
  const nnc_tile_row_f32 all = {{x, x, x, x}, {x, x, x, x}};
  return all;
#endif
}
#endif

/* The first `lanes` floats of a row, and zeros. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_tile_row_f32 nnc_tile_load_some_f32(const float *p, nnc_index lanes) {
  if (lanes == NNC_TILE_LANES_f32) return nnc_tile_load_f32(p);
#if NNC_TILE_MASKS_f32
  return _mm512_maskz_loadu_ps((__mmask16)((1U << lanes) - 1), p);
#else
  float padded[NNC_TILE_LANES_f32] = {0};
  NNC_UNROLL
  for (nnc_index j = 0; j < lanes; ++j) padded[j] = p[j];
  return nnc_tile_load_f32(padded);
#endif
}
#endif

#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE void nnc_tile_store_f32(float *p, nnc_tile_row_f32 row) {
#if NNC_TILE_MASKS_f32
  *(nnc_sixteen_floats *)p = row;
#elif defined(__AVX__)
  *(nnc_eight_floats *)p = row;
#else
  *(nnc_four_floats *)p = row.low;
  *(nnc_four_floats *)(p + 4) = row.high;
#endif
}
#endif

/* Stores the first `lanes` floats of a row. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE void nnc_tile_store_some_f32(float *p, nnc_tile_row_f32 row, nnc_index lanes) {
  float all[NNC_TILE_LANES_f32];
  if (lanes == NNC_TILE_LANES_f32) {
    nnc_tile_store_f32(p, row);
    return;
  }
  nnc_tile_store_f32(all, row);
  for (nnc_index j = 0; j < lanes; ++j) p[j] = all[j];
}
#endif

#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_tile_row_f32 nnc_tile_sum_f32(nnc_tile_row_f32 a, nnc_tile_row_f32 b) {
#if defined(__AVX__)
  return a + b;
#else
  const nnc_tile_row_f32 row = {a.low + b.low, a.high + b.high};
  return row;
#endif
}
#endif

/* sums + x * w, rounded once where the processor has an instruction for it, which compilers may not use by themselves. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_tile_row_f32 nnc_tile_add_products_f32(nnc_tile_row_f32 sums, nnc_tile_row_f32 x, nnc_tile_row_f32 w) {
#if NNC_TILE_MASKS_f32
  return _mm512_fmadd_ps(x, w, sums);
#elif defined(__AVX__) && defined(__FMA__)
  return __builtin_ia32_vfmaddps256(x, w, sums);
#elif defined(__AVX__)
  return sums + x * w;
#elif defined(__aarch64__)
  const nnc_tile_row_f32 row = {vfmaq_f32(sums.low, x.low, w.low), vfmaq_f32(sums.high, x.high, w.high)};
  return row;
#else
  const nnc_tile_row_f32 row = {sums.low + x.low * w.low, sums.high + x.high * w.high};
  return row;
#endif
}
#endif

/* sums + x * w for one x. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_tile_row_f32 nnc_tile_add_f32(nnc_tile_row_f32 sums, float x, nnc_tile_row_f32 w) {
  return nnc_tile_add_products_f32(sums, nnc_tile_all_f32(x), w);
}
#endif

/* Begins the sums of a tile, [rows][panels], with b, [panels][lanes], and z, whose rows are `z_step` apart. Both may be NULL, and
   of a single panel only some lanes may be in use. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE void nnc_tile_begin_f32(nnc_tile_row_f32 *sums, const float *b, const float *z, nnc_index z_step, nnc_index rows,
    nnc_index panels, nnc_index lanes) {
  NNC_UNROLL_ROWS
  for (nnc_index r = 0; r < rows; ++r) {
    NNC_UNROLL_ROWS
    for (nnc_index p = 0; p < panels; ++p) {
      nnc_tile_row_f32 start = b != NULL ? nnc_tile_load_some_f32(b + lanes * p, lanes) : nnc_tile_all_f32(0.0f);
      if (z != NULL) start = nnc_tile_sum_f32(start, nnc_tile_load_some_f32(z + r * z_step + lanes * p, lanes));
      sums[r * panels + p] = start;
    }
  }
}
#endif

/* The sums of a tile as floats: [rows][panels][NNC_TILE_LANES_f32]. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE void nnc_tile_end_f32(const nnc_tile_row_f32 *sums, float *values, nnc_index rows, nnc_index panels) {
  NNC_UNROLL_ROWS
  for (nnc_index r = 0; r < rows; ++r) {
    NNC_UNROLL_ROWS
    for (nnc_index p = 0; p < panels; ++p) {
      nnc_tile_store_f32(values + (r * panels + p) * NNC_TILE_LANES_f32, sums[r * panels + p]);
    }
  }
}
#endif

/* sums += x * w for the rows of a tile, `step` elements apart. x: [rows][count]; w: for each panel, which are `w_step` apart,
   [count][lanes], whose rows are `width` apart: as many as there are lanes where they are fewer than a row has, in one panel. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE void nnc_add_tile_products_f32(const float *x, nnc_index step, const float *w, nnc_index width, nnc_index w_step,
    nnc_tile_row_f32 *sums, nnc_index count, nnc_index rows, nnc_index panels, nnc_index lanes) {
  /* Without masks, fewer weights than a row has are read with those behind them, which the sums of further lanes may have; the last
     alone. */
  const nnc_index beyond = NNC_TILE_MASKS_f32 ? 0 : (NNC_TILE_LANES_f32 + lanes - 1) / lanes - 1;
  const nnc_index whole = count > beyond ? count - beyond : 0;
  NNC_KEEP_LOOP
  for (nnc_index i = 0; i < whole; ++i, w += width) {
    nnc_tile_row_f32 weights[NNC_TILE_PANELS_f32];
    /* All are set, or compilers that do not know the number of panels would warn. */
    NNC_UNROLL_ROWS
    for (nnc_index p = 0; p < NNC_TILE_PANELS_f32; ++p) {
      const float *row = w + (p < panels ? p : 0) * w_step;
      weights[p] = NNC_TILE_MASKS_f32 ? nnc_tile_load_some_f32(row, lanes) : nnc_tile_load_f32(row);
    }
    NNC_UNROLL_ROWS
    for (nnc_index r = 0; r < rows; ++r) {
      const float value = x[r * step + i];
      NNC_UNROLL_ROWS
      for (nnc_index p = 0; p < panels; ++p) sums[r * panels + p] = nnc_tile_add_f32(sums[r * panels + p], value, weights[p]);
    }
  }
  for (nnc_index i = whole; i < count; ++i, w += width) {
    const nnc_tile_row_f32 weights = nnc_tile_load_some_f32(w, lanes);
    NNC_UNROLL_ROWS
    for (nnc_index r = 0; r < rows; ++r) sums[r] = nnc_tile_add_f32(sums[r], x[r * step + i], weights);
  }
}
#endif

/* How many of `count` panels a tile best spans: as many as divide them, or two, which leave one. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_index nnc_tile_panels_f32(nnc_index count) {
  if (NNC_TILE_PANELS_f32 == 1 || count <= 1) return 1;
  return count % NNC_TILE_PANELS_f32 == 0 ? NNC_TILE_PANELS_f32 : 2;
}
#endif

/* Into tiles of how many rows `count` rows are best divided: as few tiles as possible, of about the same number. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE nnc_index nnc_tile_rows_f32(nnc_index count, nnc_index panels) {
  const nnc_index most = panels == 1 ? NNC_TILE_ROWS_f32 : NNC_TILE_SUMS_f32 / panels;
  const nnc_index tiles = (count + most - 1) / most;
  return tiles == 0 ? 0 : (count + tiles - 1) / tiles;
}
#endif

/* sums += x * w for the columns of one row. Four sums of each column wait for each other less often. */
#if NNC_TILE_ROWS_f32 > 0
NNC_INLINE void nnc_add_row_products_f32(const float *x, const float *w, float *sums, nnc_index count) {
  const nnc_index lanes = NNC_TILE_LANES_f32;
  nnc_tile_row_f32 first = nnc_tile_load_f32(sums), second = nnc_tile_all_f32(0.0f), third = second, fourth = second;
  const nnc_index whole = count - count % 4;
  for (nnc_index i = 0; i < whole; i += 4, w += 4 * lanes) {
    first = nnc_tile_add_f32(first, x[i], nnc_tile_load_f32(w));
    second = nnc_tile_add_f32(second, x[i + 1], nnc_tile_load_f32(w + lanes));
    third = nnc_tile_add_f32(third, x[i + 2], nnc_tile_load_f32(w + 2 * lanes));
    fourth = nnc_tile_add_f32(fourth, x[i + 3], nnc_tile_load_f32(w + 3 * lanes));
  }
  for (nnc_index i = 0; i < count % 4; ++i) first = nnc_tile_add_f32(first, x[whole + i], nnc_tile_load_f32(w + lanes * i));
  nnc_tile_store_f32(sums, nnc_tile_sum_f32(nnc_tile_sum_f32(first, second), nnc_tile_sum_f32(third, fourth)));
}
#endif

/* sums += x * w for `lanes` neighbouring columns. x: [count]; w: [count][lanes]. Compilers use no instruction of Helium that
   multiplies and adds unless told to. */
NNC_INLINE void nnc_add_products_f32(const float *NNC_RESTRICT x, const float *NNC_RESTRICT w, float *NNC_RESTRICT sums,
    nnc_index count, nnc_index lanes) {
#if defined(NNC_MVE)
  if (lanes == 8) {
    float32x4_t low = vld1q_f32(sums), high = vld1q_f32(sums + 4);
    for (const float *end = x + count; x < end; ++x, w += 8) {
      const float value = *x;
      low = vfmaq_n_f32(low, *(const nnc_four_floats *)w, value);
      high = vfmaq_n_f32(high, *(const nnc_four_floats *)(w + 4), value);
    }
    vst1q_f32(sums, low);
    vst1q_f32(sums + 4, high);
    return;
  }
#endif
#if NNC_TILE_ROWS_f32 > 0
  if (lanes == NNC_TILE_LANES_f32) {
    nnc_add_row_products_f32(x, w, sums, count);
    return;
  }
#endif
  for (nnc_index i = 0; i < count; ++i, w += lanes) {
    const float value = x[i];
    NNC_UNROLL
    for (nnc_index j = 0; j < lanes; ++j) sums[j] = nnc_multiply_add_f32(sums[j], value, nnc_weight_f32(w + j));
  }
}

NNC_INLINE void nnc_add_products_f64(const double *NNC_RESTRICT x, const double *NNC_RESTRICT w,
    double *NNC_RESTRICT sums, nnc_index count, nnc_index lanes) {
  for (nnc_index i = 0; i < count; ++i, w += lanes) {
    for (nnc_index j = 0; j < lanes; ++j) sums[j] += x[i] * w[j];
  }
}

#endif
