/* Times the kernels of binary convolutions on the layers of CNV and one of 32x32 pixels: counting words beside adding planes.
   measure.py compiles this file in several ways and runs it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NNC_MOST_LANE_BITS 512
#include "kernels/binary_conv2d.h"
#include "kernels/bits.h"
#include "kernels/plane_conv2d.h"

/* LAYER(name, size, in_channels, out_channels, pool): convolutions of 3x3 without padding. */
#define LAYERS \
  LAYER("64 -> 64, 30x30, pool", 30, 64, 64, 2) \
  LAYER("64 -> 128, 14x14", 14, 64, 128, 1) \
  LAYER("128 -> 128, 12x12, pool", 12, 128, 128, 2) \
  LAYER("128 -> 256, 5x5", 5, 128, 256, 1) \
  LAYER("256 -> 256, 3x3", 3, 256, 256, 1) \
  LAYER("128 -> 128, 32x32", 32, 128, 128, 1)

typedef struct {
  const char *name;
  nnc_conv2d_shape shape;
  void (*add_planes)(const uint32_t *, const uint32_t *, const int16_t *, uint32_t *, uint32_t *);
  void (*count_words)(const uint32_t *, const uint32_t *, const int16_t *, uint32_t *, uint32_t *);
} layer;

/* As in the C of a model the sizes of a layer are constants, for which compilers specialise the kernels. */
#define SHAPE(size, in_channels, out_channels, pool) \
  {1, size, size, in_channels, (size - 2) / pool, (size - 2) / pool, out_channels, 3, 3, 1, 1, 1, 1, 0, 0, 1, NNC_BIT_PANEL, \
      pool, pool, pool, pool, 0}
#define FUNCTION(kernel, size, in_channels, out_channels, pool) \
  static void kernel##_##in_channels##_##out_channels##_##size( \
      const uint32_t *x, const uint32_t *w, const int16_t *thresholds, uint32_t *y, uint32_t *scratch) { \
    static const nnc_conv2d_shape shape = SHAPE(size, in_channels, out_channels, pool); \
    nnc_##kernel##_conv2d(&shape, x, w, thresholds, NULL, y, scratch, 0); \
  }

#define LAYER(name, size, in_channels, out_channels, pool) \
  FUNCTION(plane, size, in_channels, out_channels, pool) FUNCTION(binary, size, in_channels, out_channels, pool)
LAYERS
#undef LAYER

#define LAYER(name, size, in_channels, out_channels, pool) \
  {name, SHAPE(size, in_channels, out_channels, pool), plane_##in_channels##_##out_channels##_##size, \
      binary_##in_channels##_##out_channels##_##size},
static const layer layers[] = {LAYERS};

static uint32_t random_state = 1;

static uint32_t random_word(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return random_state ^ random_state >> 15;
}

static uint32_t *random_words(nnc_index count) {
  uint32_t *words = malloc((size_t)count * sizeof *words);
  for (nnc_index i = 0; i < count; ++i) words[i] = random_word();
  return words;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* The rows of the weights in panels, as the kernel for words takes them. */
static uint32_t *in_panels(const uint32_t *rows, nnc_index channels, nnc_index words) {
  uint32_t *panels = malloc((size_t)(channels * words) * sizeof *panels);
  for (nnc_index c = 0; c < channels; ++c) {
    const nnc_index first = c / NNC_BIT_PANEL * NNC_BIT_PANEL;
    for (nnc_index i = 0; i < words; ++i) panels[first * words + i * NNC_BIT_PANEL + c % NNC_BIT_PANEL] = rows[c * words + i];
  }
  return panels;
}

static void measure(const layer *l) {
  const nnc_conv2d_shape *s = &l->shape;
  const nnc_index inner = s->in_height - 2, out = s->out_height, pixels = s->in_height * s->in_width, n = 9 * s->in_channels;
  uint32_t *x = random_words(pixels * nnc_bit_words(s->in_channels));
  uint32_t *planes = calloc((size_t)(s->in_channels * nnc_bit_words(pixels)), sizeof *planes);
  uint32_t *rows = random_words(s->out_channels * n / 32);
  uint32_t *panels = in_panels(rows, s->out_channels, n / 32);
  int16_t *thresholds = malloc((size_t)s->out_channels * sizeof *thresholds);
  uint32_t *y = malloc((size_t)(out * out * nnc_bit_words(s->out_channels)) * sizeof *y);
  uint32_t *y_planes = malloc((size_t)(s->out_channels * nnc_bit_words(out * out)) * sizeof *y);
  uint32_t *expected = malloc((size_t)(s->out_channels * nnc_bit_words(out * out)) * sizeof *y);
  uint32_t *scratch = malloc((size_t)n * 64 * 4 + 4 * (size_t)n + 256);
  for (nnc_index c = 0; c < s->out_channels; ++c) thresholds[c] = (int16_t)((int)(random_word() % 65) - 32);
  nnc_transpose_bits(x, planes, 1, pixels, s->in_channels);
  double best_words = 1e9, best_planes = 1e9;
  for (int round = 0; round < 400; ++round) {
    const double start = now();
    l->count_words(x, panels, thresholds, y, scratch);
    const double middle = now();
    l->add_planes(planes, rows, thresholds, y_planes, scratch);
    const double end = now();
    if (middle - start < best_words) best_words = middle - start;
    if (end - middle < best_planes) best_planes = end - middle;
  }
  nnc_transpose_bits(y, expected, 1, out * out, s->out_channels);
  if (memcmp(expected, y_planes, (size_t)(s->out_channels * nnc_bit_words(out * out)) * sizeof *y) != 0) {
    printf("%s: the results differ\n", l->name);
    exit(1);
  }
  const double products = (double)(inner * inner * s->out_channels * n);
  printf("%s;%.1f;%.1f;%.0f;%.0f\n", l->name, best_words * 1e6, best_planes * 1e6, products / best_words * 1e-9,
      products / best_planes * 1e-9);
  free(x), free(planes), free(rows), free(panels), free(thresholds), free(y), free(y_planes), free(expected), free(scratch);
}

int main(void) {
  for (size_t i = 0; i < sizeof layers / sizeof *layers; ++i) measure(&layers[i]);
  return 0;
}
