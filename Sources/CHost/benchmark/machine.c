/* Measures what this machine can do at most, on one thread. Compiled for all instructions that it has, whatever the model is
   compiled for, and with sums and products contracted. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

/* The widest vectors; and how many sums keep the units that multiply and add busy, which take several cycles for each, with as
   many registers as there are. */
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#define SUMS 24
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#define SUMS 12
#elif defined(__aarch64__)
#define VECTOR_BYTES 16
#define SUMS 24
#else
#define VECTOR_BYTES 16
#define SUMS 12
#endif
#define FLOATS (VECTOR_BYTES / 4)

typedef float floats __attribute__((vector_size(VECTOR_BYTES)));
typedef uint32_t words __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* How long a figure is measured, in short trials of which the median counts: as for the model, which other programs disturb as
   much, and which runs at the pace that the processor has most of the time. */
#define NANOSECONDS 50000000
#define NANOSECONDS_OF_TRIAL 500000
#define LEAST_TRIALS 3
#define MOST_TRIALS 201

/* Keeps compilers from leaving out what nobody reads, and from knowing what a number is. */
static volatile float some_float = 1.0f;
static volatile uint32_t some_word;

static int compare(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Does something with `size` elements of data `count` times, and returns the nanoseconds that it took. */
typedef int64_t trial_function(const void *data, size_t size, int64_t count);

static int64_t median_time(trial_function *trial, const void *data, size_t size, int64_t count) {
  int64_t times[MOST_TRIALS];
  size_t trials = 0;
  for (const int64_t end = bench_now() + NANOSECONDS; trials < MOST_TRIALS && (trials < LEAST_TRIALS || bench_now() < end);) {
    times[trials++] = trial(data, size, count);
  }
  qsort(times, trials, sizeof times[0], compare);
  return times[trials / 2];
}

/* Adds a product to each element of all sums, `count` times. */
static int64_t time_of_products(const void *data, size_t size, int64_t count) {
  (void)data;
  (void)size;
  floats sums[SUMS], x, y;
  for (int i = 0; i < FLOATS; ++i) {
    x[i] = some_float;
    y[i] = 0.0f * some_float;
  }
  for (int j = 0; j < SUMS; ++j) sums[j] = x;
  const int64_t start = bench_now();
  for (int64_t i = 0; i < count; ++i) {
#pragma GCC unroll 32
    for (int j = 0; j < SUMS; ++j) sums[j] = sums[j] * x + y;
  }
  const int64_t time = bench_now() - start;
  for (int j = 1; j < SUMS; ++j) sums[0] += sums[j];
  some_float = sums[0][0] / (float)SUMS;
  return time;
}

double machine_products_per_second(void) {
  int64_t count = 1000;
  while (time_of_products(NULL, 0, count) < NANOSECONDS_OF_TRIAL) count *= 2;
  return (double)count * SUMS * FLOATS * 1e9 / (double)median_time(time_of_products, NULL, 0, count);
}

/* Reads `size` blocks of eight vectors, `count` times. */
static int64_t time_of_reading(const void *data, size_t size, int64_t count) {
  words all[8];
  memset(all, 0, sizeof all);
  const int64_t start = bench_now();
  for (int64_t i = 0; i < count; ++i) {
    for (const words *block = data; block < (const words *)data + 8 * size; block += 8) {
#pragma GCC unroll 8
      for (int j = 0; j < 8; ++j) all[j] ^= block[j];
    }
    /* What is read again may have changed. */
    __asm__ volatile("" : : "r"(data) : "memory");
  }
  const int64_t time = bench_now() - start;
  for (int j = 1; j < 8; ++j) all[0] ^= all[j];
  some_word = all[0][0];
  return time;
}

double machine_bytes_per_second(size_t size) {
  const size_t block = 8 * VECTOR_BYTES, blocks = size == 0 ? 1 : (size + block - 1) / block;
  unsigned char *memory = malloc(blocks * block + 64);
  if (memory == NULL) return 0.0;
  memset(memory, 1, blocks * block + 64);
  const void *data = memory + (64 - (uintptr_t)memory % 64);
  int64_t count = 1;
  while (time_of_reading(data, blocks, count) < NANOSECONDS_OF_TRIAL) count *= 2;
  const int64_t time = median_time(time_of_reading, data, blocks, count);
  free(memory);
  return (double)(blocks * block) * (double)count * 1e9 / (double)time;
}
