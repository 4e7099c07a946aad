/* Attention that keeps a state, and the caches of such models. */
#ifndef NNC_ATTENTION_H
#define NNC_ATTENTION_H

#include "base.h"
#include "math.h"
#include "place.h"

/* The sizes of linear attention. A head of keys serves `group` heads of queries. */
typedef struct {
  nnc_index batch, steps, heads, group, key_size, value_size;
  nnc_index decays; /* of each head: 0, 1, or as many as a key has elements */
  nnc_index betas;  /* of each step: 0, 1, or as many as there are heads */
} nnc_linear_attention_shape;

/* One step of one head. state: [key_size][value_size]; k: [key_size]; v, value: [value_size]; decay, beta: NULL for
   none. `value` is room for the value that is added. */
NNC_INLINE void nnc_linear_attention_step_f32(const nnc_linear_attention_shape *s, const float *k, const float *v,
    const float *decay, const float *beta, float *state, float *value) {
  const nnc_index size = s->value_size;
  for (nnc_index j = 0; j < size; ++j) value[j] = 0.0f;
  for (nnc_index i = 0; i < s->key_size; ++i) {
    float *const row = state + i * size;
    if (decay != NULL) {
      const float factor = nnc_exp_f32(decay[s->decays == 1 ? 0 : i]);
      for (nnc_index j = 0; j < size; ++j) row[j] *= factor;
    }
    if (beta != NULL) {
      for (nnc_index j = 0; j < size; ++j) value[j] += row[j] * k[i];
    }
  }
  for (nnc_index j = 0; j < size; ++j) value[j] = beta != NULL ? *beta * (v[j] - value[j]) : v[j];
  for (nnc_index i = 0; i < s->key_size; ++i) {
    for (nnc_index j = 0; j < size; ++j) state[i * size + j] += k[i] * value[j];
  }
}

/* What a query reads from the state: y = scale * q * state. q: [key_size]; y: [value_size]. */
NNC_INLINE void nnc_linear_attention_read_f32(const nnc_linear_attention_shape *s, const float *q, const float *state,
    float scale, float *y) {
  for (nnc_index j = 0; j < s->value_size; ++j) y[j] = 0.0f;
  for (nnc_index i = 0; i < s->key_size; ++i) {
    const float factor = scale * q[i];
    for (nnc_index j = 0; j < s->value_size; ++j) y[j] += factor * state[i * s->value_size + j];
  }
}

/* Linear attention. q: [batch][steps][heads][group][key_size]; k: [batch][steps][heads][key_size]; v: the same with
   value_size; y: as q with value_size; past, state: [batch][heads][key_size][value_size]. past, decay, beta, y and
   state may be NULL; state may be past. room: [key_size + 1][value_size]. */
NNC_INLINE void nnc_linear_attention_f32(const nnc_linear_attention_shape *s, const float *q, const float *k,
    const float *v, const float *past, const float *decay, const float *beta, float scale, float *y, float *state,
    float *room) {
  const nnc_index count = s->key_size * s->value_size;
  for (nnc_index head = 0; head < s->batch * s->heads; ++head) {
    const nnc_index n = head / s->heads;
    const nnc_index h = head % s->heads;
    float *const memory = state != NULL ? state + head * count : room + s->value_size;
    for (nnc_index i = 0; i < count; ++i) memory[i] = past != NULL ? past[head * count + i] : 0.0f;
    for (nnc_index t = n * s->steps; t < (n + 1) * s->steps; ++t) {
      const nnc_index at = t * s->heads + h;
      nnc_linear_attention_step_f32(s, k + at * s->key_size, v + at * s->value_size,
          decay != NULL ? decay + at * s->decays : NULL,
          beta != NULL ? beta + t * s->betas + (s->betas == 1 ? 0 : h) : NULL, memory, room);
      if (y == NULL) continue;
      for (nnc_index g = at * s->group; g < (at + 1) * s->group; ++g) {
        nnc_linear_attention_read_f32(s, q + g * s->key_size, memory, scale, y + g * s->value_size);
      }
    }
  }
}

/* How a sample of a cache [middle][steps][inner] and its update with `updates` steps lie in memory. */
typedef struct {
  nnc_index middle, steps, updates, inner;
} nnc_tensor_scatter_shape;

/* The step that an update begins with: held so that it fits into the cache. */
NNC_INLINE nnc_index nnc_scatter_start(int64_t index, nnc_index steps, nnc_index updates) {
  return index < 0 ? 0 : index < steps - updates ? (nnc_index)index : steps - updates;
}

/* The step that an update begins with in a cache that goes round. */
NNC_INLINE nnc_index nnc_scatter_start_circular(int64_t index, nnc_index steps) {
  const nnc_index rest = (nnc_index)(index % steps);
  return rest < 0 ? rest + steps : rest;
}

/* Replaces `updates` steps of each row of a sample from `start` on, going on at the first after the last. y:
   [middle][steps][inner]; update: [middle][updates][inner]. */
NNC_INLINE void nnc_tensor_scatter_any(const nnc_tensor_scatter_shape *s, const nnc_any *update, nnc_any *y,
    nnc_index start) {
  for (nnc_index m = 0; m < s->middle; ++m) {
    for (nnc_index u = 0; u < s->updates; ++u) {
      const nnc_index step = start + u < s->steps ? start + u : start + u - s->steps;
      const nnc_any *const from = update + (m * s->updates + u) * s->inner;
      nnc_any *const to = y + (m * s->steps + step) * s->inner;
      for (nnc_index i = 0; i < s->inner; ++i) to[i] = from[i];
    }
  }
}

#endif
