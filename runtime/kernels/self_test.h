/* How the self-test of a model compares what is computed with what is known. */
#ifndef NNC_SELF_TEST_H
#define NNC_SELF_TEST_H

#include "base.h"

/* A sum of elements, each with a pseudo-random sign: errors of elements cannot cancel out as in a plain sum, and the
   rounding of many elements grows only with the square root of their number. Begins as {1, 0.0f}. */
typedef struct {
  uint32_t random;
  float total;
} nnc_signed_sum;

/* Adds an element; one that is not finite as a number of its own. */
NNC_INLINE void nnc_add_signed(nnc_signed_sum *sum, float x) {
  const float finite = x - x == 0.0f ? x : x != x ? 1.0f : x < 0.0f ? -2.0f : 2.0f;
  sum->random = sum->random * 1664525U + 1013904223U;
  sum->total = sum->random >> 31 != 0 ? sum->total - finite : sum->total + finite;
}

/* Whether a number is further from that expected than allowed. */
NNC_INLINE int nnc_is_far(float x, float expected, float allowed) {
  const float deviation = x < expected ? expected - x : x - expected;
  if (x == expected || (x != x && expected != expected)) return 0;
  return !(deviation <= allowed);
}

/* The hash of some integers and one more, of which the lowest 32 bits count: FNV-1a by words. */
NNC_INLINE uint32_t nnc_hashed(uint32_t hash, uint32_t x) {
  return (hash ^ x) * 16777619U;
}

#endif
