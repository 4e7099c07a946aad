/* What the files of the program that times a model share. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Nanoseconds since some moment. */
int64_t bench_now(void);

/* Ticks of the clock that takes least to read. It does not wait for what the processor has begun, so that steps overlap as they do
   without it. */
static inline int64_t bench_ticks(void) {
#if defined(__x86_64__)
  return (int64_t)__builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  int64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return bench_now();
#endif
}

/* Where a run notes at which tick each of its steps ended, at the number of the step; NULL where it is not to. */
extern int64_t *bench_times;

/* How many products of floats this machine computes and adds in a second, on one thread. */
double machine_products_per_second(void);

/* How many bytes this machine reads in a second, on one thread, where it reads `size` bytes over and over. */
double machine_bytes_per_second(size_t size);

#endif
