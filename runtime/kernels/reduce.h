/* Steps of reductions that are more than arithmetic on two elements. */
#ifndef NNC_REDUCE_H
#define NNC_REDUCE_H

#include "base.h"

/* A sum of 64-bit integers, which might not fit, as quotient and remainder by their number. */
typedef struct {
  int64_t quotient, rest;
} nnc_mean_sum_i64;

typedef struct {
  uint64_t quotient, rest;
} nnc_mean_sum_u64;

NNC_INLINE nnc_mean_sum_i64 nnc_mean_step_i64(nnc_mean_sum_i64 sum, int64_t x, int64_t count) {
  sum.quotient += x / count;
  sum.rest += x % count;
  if (sum.rest >= count) {
    sum.rest -= count;
    ++sum.quotient;
  } else if (sum.rest <= -count) {
    sum.rest += count;
    --sum.quotient;
  }
  return sum;
}

NNC_INLINE nnc_mean_sum_u64 nnc_mean_step_u64(nnc_mean_sum_u64 sum, uint64_t x, uint64_t count) {
  sum.quotient += x / count;
  sum.rest += x % count;
  if (sum.rest >= count) {
    sum.rest -= count;
    ++sum.quotient;
  }
  return sum;
}

/* The quotient, cut towards zero. */
NNC_INLINE int64_t nnc_mean_i64(nnc_mean_sum_i64 sum) {
  if (sum.quotient > 0 && sum.rest < 0) return sum.quotient - 1;
  if (sum.quotient < 0 && sum.rest > 0) return sum.quotient + 1;
  return sum.quotient;
}

NNC_INLINE uint64_t nnc_mean_u64(nnc_mean_sum_u64 sum) {
  return sum.quotient;
}

#endif
