/* Support vector machines, tables of labels, and counts of runs of numbers. */
#ifndef NNC_LEARNING_H
#define NNC_LEARNING_H

#include "base.h"

/* The squared distance of each row of x from each row of y. x: [rows][features]; y: [count][features];
   z: [rows][count]. */
NNC_INLINE void nnc_squared_distances_f32(const float *x, const float *y, float *z, nnc_index rows, nnc_index count,
    nnc_index features) {
  for (nnc_index row = 0; row < rows; ++row) {
    for (nnc_index k = 0; k < count; ++k) {
      float sum = 0.0f;
      for (nnc_index i = 0; i < features; ++i) {
        const float difference = x[row * features + i] - y[k * features + i];
        sum += difference * difference;
      }
      z[row * count + k] = sum;
    }
  }
}

/* The place of x among `count` keys that rise, of which NaN is the last; `count` where it is none of them. */
NNC_INLINE nnc_index nnc_find_f32(float x, const float *keys, nnc_index count) {
  nnc_index first = 0;
  nnc_index end = count;
  while (first < end) {
    const nnc_index middle = first + (end - first) / 2;
    const float key = keys[middle];
    if (key < x || (x != x && key == key)) first = middle + 1;
    else end = middle;
  }
  if (first == count) return count;
  return keys[first] == x || (x != x && keys[first] != keys[first]) ? first : count;
}

NNC_INLINE nnc_index nnc_find_i32(int32_t x, const int32_t *keys, nnc_index count) {
  nnc_index first = 0;
  nnc_index end = count;
  while (first < end) {
    const nnc_index middle = first + (end - first) / 2;
    if (keys[middle] < x) first = middle + 1;
    else end = middle;
  }
  return first < count && keys[first] == x ? first : count;
}

/* The probability that it is class i rather than class j, from those of all pairs in which i is less than j. */
NNC_INLINE float nnc_pair_f32(const float *pairs, nnc_index classes, nnc_index i, nnc_index j) {
  if (i > j) return 1.0f - pairs[j * (2 * classes - j - 1) / 2 + i - j - 1];
  return pairs[i * (2 * classes - i - 1) / 2 + j - i - 1];
}

/* An element of the matrix Q whose quadratic form the probabilities of the classes make least. */
NNC_INLINE float nnc_coupling_f32(const float *pairs, nnc_index classes, nnc_index i, nnc_index j) {
  float sum = 0.0f;
  if (i != j) return -nnc_pair_f32(pairs, classes, j, i) * nnc_pair_f32(pairs, classes, i, j);
  for (nnc_index k = 0; k < classes; ++k) {
    if (k != i) sum += nnc_pair_f32(pairs, classes, k, i) * nnc_pair_f32(pairs, classes, k, i);
  }
  return sum;
}

/* Improves the probabilities p of the classes once, and returns 0 where that was not needed. qp: [classes]. */
NNC_INLINE int nnc_couple_f32(const float *pairs, float *p, float *qp, nnc_index classes, float tolerance) {
  float pqp = 0.0f;
  int is_needed = 0;
  for (nnc_index t = 0; t < classes; ++t) {
    qp[t] = 0.0f;
    for (nnc_index j = 0; j < classes; ++j) qp[t] += nnc_coupling_f32(pairs, classes, t, j) * p[j];
    pqp += p[t] * qp[t];
  }
  for (nnc_index t = 0; t < classes; ++t) {
    if (qp[t] - pqp >= tolerance || pqp - qp[t] >= tolerance) is_needed = 1;
  }
  for (nnc_index t = 0; is_needed && t < classes; ++t) {
    const float weight = nnc_coupling_f32(pairs, classes, t, t);
    const float step = (pqp - qp[t]) / weight;
    const float scale = 1.0f + step;
    p[t] += step;
    pqp = (pqp + step * (step * weight + 2.0f * qp[t])) / scale / scale;
    for (nnc_index j = 0; j < classes; ++j) {
      qp[j] = (qp[j] + step * nnc_coupling_f32(pairs, classes, t, j)) / scale;
      p[j] /= scale;
    }
  }
  return is_needed;
}

/* The probabilities of classes that fit best to those of all pairs of classes.
   pairs: [rows][classes * (classes - 1) / 2]; p: [rows][classes]; scratch: [classes]. */
NNC_INLINE void nnc_pairwise_probabilities_f32(const float *pairs, float *p, float *scratch, nnc_index rows,
    nnc_index classes, nnc_index steps, float tolerance) {
  for (nnc_index row = 0; row < rows; ++row) {
    const float *from = pairs + row * (classes * (classes - 1) / 2);
    float *to = p + row * classes;
    for (nnc_index t = 0; t < classes; ++t) to[t] = 1.0f / (float)classes;
    for (nnc_index step = 0; step < steps; ++step) {
      if (!nnc_couple_f32(from, to, scratch, classes, tolerance)) break;
    }
  }
}

/* Adds to y how often each of `count` runs of `size` numbers occurs among `length` numbers, at distances from 1 to
   `distances`. grams: [count][size]; columns: [count], the places in y. */
NNC_INLINE void nnc_count_grams_i32(const int32_t *x, const int32_t *grams, const uint16_t *columns, float *y,
    nnc_index length, nnc_index count, nnc_index size, nnc_index distances) {
  for (nnc_index distance = 1; distance <= distances; ++distance) {
    for (nnc_index start = 0; start < length - (size - 1) * distance; ++start) {
      for (nnc_index gram = 0; gram < count; ++gram) {
        nnc_index k = 0;
        while (k < size && x[start + k * distance] == grams[gram * size + k]) ++k;
        if (k == size) y[columns[gram]] += 1.0f;
      }
    }
  }
}

#endif
