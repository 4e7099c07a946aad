/* Recurrent layers: RNN, LSTM and GRU. */
#ifndef NNC_RECURRENT_H
#define NNC_RECURRENT_H

#include "activation.h"
#include "base.h"
#include "math.h"
#include "nonlinear.h"

/* A function that a cell applies. */
typedef struct {
  nnc_activation_f32 function;
  float alpha, beta;
} nnc_gate_function_f32;

/* A matrix of weights: floats; or, with an exponent for each row, integers for data of so many bits. */
typedef struct {
  const void *weights;
  const int16_t *exponents;
  int32_t bits;
} nnc_gate_matrix;

/* y += w * x + b, for `rows` rows of w from `first` on. x: [columns]; b, y: [rows]; b may be NULL; room: [columns], for
   integers. */
typedef void (*nnc_add_to_gates_f32)(const nnc_gate_matrix *w, nnc_index first, const float *x, const float *b, float *y,
    nnc_index rows, nnc_index columns, int32_t *room);

/* The weights of a cell in one direction. w: [gates * hidden][inputs]; r: [gates * hidden][hidden]; b: for the products
   with w, then for those with r, [2][gates * hidden], or NULL; p: the peepholes of LSTM, [3][hidden], or NULL. The input
   of f and g is held between -clip and clip. */
typedef struct {
  nnc_gate_matrix w, r;
  const float *b, *p;
  nnc_gate_function_f32 f, g, h;
  float clip;
  nnc_add_to_gates_f32 add;
  int32_t *room;
} nnc_cell_f32;

/* The sizes of a layer, and how far neighbours in the batch and neighbouring steps lie apart. */
typedef struct {
  nnc_index steps, batch, inputs, hidden;
  nnc_index x_batch, x_step, y_batch, y_step, state_batch;
  nnc_index reverse; /* whether it walks from the last step to the first */
} nnc_recurrent_shape;

/* Computes the state behind a step. x: [inputs]; h, c: [hidden]; gates: room for what cells compute on the way. */
typedef void (*nnc_recurrent_step_f32)(nnc_index inputs, nnc_index hidden, const nnc_cell_f32 *cell, const float *x,
    float *h, float *c, float *gates);

NNC_INLINE float nnc_gate_affine_f32(float x, float alpha, float beta) {
  return alpha * x + beta;
}

NNC_INLINE float nnc_gate_elu_f32(float x, float alpha, float beta) {
  (void)beta;
  return nnc_elu_f32(x, alpha);
}

NNC_INLINE float nnc_gate_scaled_tanh_f32(float x, float alpha, float beta) {
  return alpha * nnc_tanh_f32(beta * x);
}

NNC_INLINE float nnc_gate_softplus_f32(float x, float alpha, float beta) {
  (void)alpha;
  (void)beta;
  return nnc_softplus_f32(x);
}

/* Infinity gives 1. */
NNC_INLINE float nnc_gate_softsign_f32(float x, float alpha, float beta) {
  (void)alpha;
  (void)beta;
  if (x == NNC_INFINITY_f32) return 1.0f;
  return x == -NNC_INFINITY_f32 ? -1.0f : nnc_softsign_f32(x);
}

NNC_INLINE float nnc_gate_thresholded_relu_f32(float x, float alpha, float beta) {
  (void)beta;
  return x >= alpha ? x : 0.0f;
}

/* A function of a gate, which is held between -clip and clip before. */
NNC_INLINE float nnc_gate_f32(const nnc_gate_function_f32 *f, float x, float clip) {
  const float held = x < -clip ? -clip : x > clip ? clip : x;
  return f->function(held, f->alpha, f->beta);
}

/* y = b, or 0 where that is NULL. y, b: [count]. */
NNC_INLINE void nnc_start_gates_f32(const float *b, float *y, nnc_index count) {
  for (nnc_index i = 0; i < count; ++i) y[i] = b != NULL ? b[i] : 0.0f;
}

/* nnc_add_to_gates for floats. */
NNC_INLINE void nnc_gate_products_f32(const nnc_gate_matrix *w, nnc_index first, const float *x, const float *b, float *y,
    nnc_index rows, nnc_index columns, int32_t *room) {
  (void)room;
  for (nnc_index i = 0; i < rows; ++i) {
    const float *row = (const float *)w->weights + (first + i) * columns;
    float sum = b != NULL ? b[i] : 0.0f;
    for (nnc_index k = 0; k < columns; ++k) sum += row[k] * x[k];
    y[i] += sum;
  }
}

/* h = f(w * x + r * h + b). gates: [hidden]. */
NNC_INLINE void nnc_rnn_step_f32(nnc_index inputs, nnc_index hidden, const nnc_cell_f32 *cell, const float *x, float *h,
    float *c, float *gates) {
  (void)c;
  nnc_start_gates_f32(cell->b, gates, hidden);
  cell->add(&cell->w, 0, x, NULL, gates, hidden, inputs, cell->room);
  cell->add(&cell->r, 0, h, cell->b != NULL ? cell->b + hidden : NULL, gates, hidden, hidden, cell->room);
  for (nnc_index i = 0; i < hidden; ++i) h[i] = nnc_gate_f32(&cell->f, gates[i], cell->clip);
}

/* What a peephole adds to a gate. */
NNC_INLINE float nnc_peephole_f32(const float *p, nnc_index index, float c) {
  return p != NULL ? p[index] * c : 0.0f;
}

/* The gates of LSTM: input, output, forget and cell. gates: [4][hidden]. */
NNC_INLINE void nnc_lstm_gates_f32(nnc_index inputs, nnc_index hidden, const nnc_cell_f32 *cell, const float *x,
    const float *h, float *gates) {
  nnc_start_gates_f32(cell->b, gates, 4 * hidden);
  cell->add(&cell->w, 0, x, NULL, gates, 4 * hidden, inputs, cell->room);
  cell->add(&cell->r, 0, h, cell->b != NULL ? cell->b + 4 * hidden : NULL, gates, 4 * hidden, hidden, cell->room);
}

/* c = forget * c + input * g(cell); h = output * h(c). gates: [4][hidden]. */
NNC_INLINE void nnc_lstm_step_f32(nnc_index inputs, nnc_index hidden, const nnc_cell_f32 *cell, const float *x, float *h,
    float *c, float *gates) {
  nnc_lstm_gates_f32(inputs, hidden, cell, x, h, gates);
  for (nnc_index i = 0; i < hidden; ++i) {
    const float in = nnc_gate_f32(&cell->f, gates[i] + nnc_peephole_f32(cell->p, i, c[i]), cell->clip);
    const nnc_index f = 2 * hidden + i;
    const float forget = nnc_gate_f32(&cell->f, gates[f] + nnc_peephole_f32(cell->p, f, c[i]), cell->clip);
    const nnc_index o = hidden + i;
    c[i] = forget * c[i] + in * nnc_gate_f32(&cell->g, gates[3 * hidden + i], cell->clip);
    h[i] = nnc_gate_f32(&cell->f, gates[o] + nnc_peephole_f32(cell->p, o, c[i]), cell->clip)
        * cell->h.function(c[i], cell->h.alpha, cell->h.beta);
  }
}

/* The same where what is taken in is forgotten: forget = 1 - input. gates: [4][hidden]. */
NNC_INLINE void nnc_lstm_coupled_step_f32(nnc_index inputs, nnc_index hidden, const nnc_cell_f32 *cell, const float *x,
    float *h, float *c, float *gates) {
  nnc_lstm_gates_f32(inputs, hidden, cell, x, h, gates);
  for (nnc_index i = 0; i < hidden; ++i) {
    const float in = nnc_gate_f32(&cell->f, gates[i] + nnc_peephole_f32(cell->p, i, c[i]), cell->clip);
    const nnc_index o = hidden + i;
    c[i] = (1.0f - in) * c[i] + in * nnc_gate_f32(&cell->g, gates[3 * hidden + i], cell->clip);
    h[i] = nnc_gate_f32(&cell->f, gates[o] + nnc_peephole_f32(cell->p, o, c[i]), cell->clip)
        * cell->h.function(c[i], cell->h.alpha, cell->h.beta);
  }
}

/* The gates update and reset of GRU, and the part of the gate hidden that comes from x. gates: [3][hidden]. */
NNC_INLINE void nnc_gru_gates_f32(nnc_index inputs, nnc_index hidden, const nnc_cell_f32 *cell, const float *x,
    const float *h, float *gates) {
  nnc_start_gates_f32(cell->b, gates, 3 * hidden);
  cell->add(&cell->w, 0, x, NULL, gates, 3 * hidden, inputs, cell->room);
  cell->add(&cell->r, 0, h, cell->b != NULL ? cell->b + 3 * hidden : NULL, gates, 2 * hidden, hidden, cell->room);
  for (nnc_index i = 0; i < 2 * hidden; ++i) gates[i] = nnc_gate_f32(&cell->f, gates[i], cell->clip);
}

/* h = (1 - update) * g(hidden) + update * h. */
NNC_INLINE void nnc_gru_update_f32(nnc_index hidden, const nnc_cell_f32 *cell, const float *gates, float *h) {
  for (nnc_index i = 0; i < hidden; ++i) {
    const float next = nnc_gate_f32(&cell->g, gates[2 * hidden + i], cell->clip);
    h[i] = (1.0f - gates[i]) * next + gates[i] * h[i];
  }
}

/* The gate hidden takes the product of r with reset * h. gates: [4][hidden]. */
NNC_INLINE void nnc_gru_step_f32(nnc_index inputs, nnc_index hidden, const nnc_cell_f32 *cell, const float *x, float *h,
    float *c, float *gates) {
  float *kept = gates + 3 * hidden;
  (void)c;
  nnc_gru_gates_f32(inputs, hidden, cell, x, h, gates);
  for (nnc_index i = 0; i < hidden; ++i) kept[i] = gates[hidden + i] * h[i];
  cell->add(&cell->r, 2 * hidden, kept, cell->b != NULL ? cell->b + 5 * hidden : NULL, gates + 2 * hidden, hidden,
      hidden, cell->room);
  nnc_gru_update_f32(hidden, cell, gates, h);
}

/* The gate hidden takes reset times the product of r with h. gates: [4][hidden]. */
NNC_INLINE void nnc_gru_linear_step_f32(nnc_index inputs, nnc_index hidden, const nnc_cell_f32 *cell, const float *x,
    float *h, float *c, float *gates) {
  float *product = gates + 3 * hidden;
  (void)c;
  nnc_gru_gates_f32(inputs, hidden, cell, x, h, gates);
  nnc_start_gates_f32(NULL, product, hidden);
  cell->add(&cell->r, 2 * hidden, h, cell->b != NULL ? cell->b + 5 * hidden : NULL, product, hidden, hidden,
      cell->room);
  for (nnc_index i = 0; i < hidden; ++i) gates[2 * hidden + i] += gates[hidden + i] * product[i];
  nnc_gru_update_f32(hidden, cell, gates, h);
}

/* to = from, or 0 where that is NULL; nothing where `to` is NULL. */
NNC_INLINE void nnc_copy_state_f32(const float *from, float *to, nnc_index count) {
  if (to == NULL) return;
  for (nnc_index i = 0; i < count; ++i) to[i] = from != NULL ? from[i] : 0.0f;
}

/* The steps of a sequence of `lengths`, which is held within those that there are; all where that is NULL. */
NNC_INLINE nnc_index nnc_sequence_length(const nnc_recurrent_shape *s, const int32_t *lengths, nnc_index n) {
  if (lengths == NULL) return s->steps;
  return lengths[n] < 0 ? 0 : lengths[n] < s->steps ? (nnc_index)lengths[n] : s->steps;
}

/* A layer in one direction. x: the sequences; lengths: [batch] or NULL; h0, c0: the initial states, or NULL; y: the state
   behind each step, 0 behind the end of a sequence; y_h, y_c: the last states, 0 where a sequence has no steps; each result
   may be NULL. state: [2][hidden]; gates: room for the step. */
NNC_INLINE void nnc_recurrent_f32(const nnc_recurrent_shape *s, nnc_recurrent_step_f32 step, const nnc_cell_f32 *cell,
    const float *x, const int32_t *lengths, const float *h0, const float *c0, float *y, float *y_h, float *y_c,
    float *state, float *gates) {
  const nnc_index hidden = s->hidden;
  float *h = state;
  float *c = state + hidden;
  for (nnc_index n = 0; n < s->batch; ++n) {
    const nnc_index steps = nnc_sequence_length(s, lengths, n);
    const nnc_index place = n * s->state_batch;
    nnc_copy_state_f32(h0 != NULL && steps > 0 ? h0 + place : NULL, h, hidden);
    nnc_copy_state_f32(c0 != NULL && steps > 0 ? c0 + place : NULL, c, hidden);
    for (nnc_index t = 0; t < steps; ++t) {
      const nnc_index at = s->reverse ? steps - 1 - t : t;
      step(s->inputs, hidden, cell, x + n * s->x_batch + at * s->x_step, h, c, gates);
      nnc_copy_state_f32(h, y != NULL ? y + n * s->y_batch + at * s->y_step : NULL, hidden);
    }
    for (nnc_index t = steps; t < s->steps; ++t) {
      nnc_copy_state_f32(NULL, y != NULL ? y + n * s->y_batch + t * s->y_step : NULL, hidden);
    }
    nnc_copy_state_f32(h, y_h != NULL ? y_h + place : NULL, hidden);
    nnc_copy_state_f32(c, y_c != NULL ? y_c + place : NULL, hidden);
  }
}

#endif
