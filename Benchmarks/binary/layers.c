/* Times the kernels of binary convolutions on the layers of CNV and one of 32x32 pixels: counting words beside adding planes.
   measure.py compiles this file in several ways and runs it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NNC_MOST_LANE_BITS 512
#include "nnc_runtime.h"

typedef struct {
  const char *name;
  nnc_index size, in_channels, out_channels, pool;
} layer;

static const layer layers[] = {
    {"64 -> 64, 30x30, pool", 30, 64, 64, 2},   {"64 -> 128, 14x14", 14, 64, 128, 1},
    {"128 -> 128, 12x12, pool", 12, 128, 128, 2}, {"128 -> 256, 5x5", 5, 128, 256, 1},
    {"256 -> 256, 3x3", 3, 256, 256, 1},        {"128 -> 128, 32x32", 32, 128, 128, 1},
};

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
  const nnc_index inner = l->size - 2, out = inner / l->pool, pixels = l->size * l->size, n = 9 * l->in_channels;
  const nnc_conv2d_shape shape = {1, l->size, l->size, l->in_channels, out, out, l->out_channels, 3, 3, 1, 1, 1, 1, 0, 0, 1,
      NNC_BIT_PANEL, l->pool, l->pool, l->pool, l->pool, 0};
  uint32_t *x = random_words(pixels * nnc_bit_words(l->in_channels));
  uint32_t *planes = calloc((size_t)(l->in_channels * nnc_bit_words(pixels)), sizeof *planes);
  uint32_t *rows = random_words(l->out_channels * n / 32);
  uint32_t *panels = in_panels(rows, l->out_channels, n / 32);
  int16_t *thresholds = malloc((size_t)l->out_channels * sizeof *thresholds);
  uint32_t *y = malloc((size_t)(out * out * nnc_bit_words(l->out_channels)) * sizeof *y);
  uint32_t *y_planes = malloc((size_t)(l->out_channels * nnc_bit_words(out * out)) * sizeof *y);
  uint32_t *expected = malloc((size_t)(l->out_channels * nnc_bit_words(out * out)) * sizeof *y);
  uint32_t *scratch = malloc((size_t)n * 64 * 4 + 4 * (size_t)n + 256);
  for (nnc_index c = 0; c < l->out_channels; ++c) thresholds[c] = (int16_t)((int)(random_word() % 65) - 32);
  nnc_transpose_bits(x, planes, 1, pixels, l->in_channels);
  double best_words = 1e9, best_planes = 1e9;
  for (int round = 0; round < 40; ++round) {
    const double start = now();
    nnc_binary_conv2d(&shape, x, panels, thresholds, NULL, y, scratch, 0);
    const double middle = now();
    nnc_plane_conv2d(&shape, planes, rows, thresholds, NULL, y_planes, scratch, 0);
    const double end = now();
    if (middle - start < best_words) best_words = middle - start;
    if (end - middle < best_planes) best_planes = end - middle;
  }
  nnc_transpose_bits(y, expected, 1, out * out, l->out_channels);
  if (memcmp(expected, y_planes, (size_t)(l->out_channels * nnc_bit_words(out * out)) * sizeof *y) != 0) {
    printf("%s: the results differ\n", l->name);
    exit(1);
  }
  const double products = (double)(inner * inner * l->out_channels * n);
  printf("%s;%.1f;%.1f;%.0f;%.0f\n", l->name, best_words * 1e6, best_planes * 1e6, products / best_words * 1e-9,
      products / best_planes * 1e-9);
  free(x), free(planes), free(rows), free(panels), free(thresholds), free(y), free(y_planes), free(expected), free(scratch);
}

int main(void) {
  for (size_t i = 0; i < sizeof layers / sizeof *layers; ++i) measure(&layers[i]);
  return 0;
}
