/* Convolutions of bits whose planes are added, a channel from another one that differs in few weights.

   Where the weights of a channel differ from those of another, its counters do by twice the planes whose w became 1, less twice
   those whose w became 0. So a tree of channels says from which one to go on; at its root all weights are 0, for which counters
   stand when they begin. Channels may come in with all weights inverted, where that is nearer; then the comparison is the other
   way round, as it is where the planes with a w of 0 are added. Steps of the tree that are no channels of the result have for
   each weight what most of three channels have: they lie between those. After MST-compression (Vo et al., ICCV 2023), in
   another form: there is no order of channels but that of the steps. */
#ifndef NNC_PLANE_TREE_H
#define NNC_PLANE_TREE_H

#include "plane_conv2d.h"

/* The most slots of a tree. */
#define NNC_TREE_SLOTS 64

/* Word i of the weights of a channel: twice its number, and one more where they are inverted. */
NNC_INLINE uint32_t nnc_tree_word(const uint32_t *w, nnc_index words, int16_t channel, nnc_index i) {
  return nnc_weight_u32(w + (channel >> 1) * words + i) ^ (channel & 1 ? 0xFFFFFFFF : 0);
}

/* Word i of the weights of a step. tree: a channel, or three of which most decide. */
NNC_INLINE uint32_t nnc_step_word(const uint32_t *w, nnc_index words, const int16_t *tree, int is_channel, nnc_index i) {
  const uint32_t a = nnc_tree_word(w, words, nnc_weight_i16(tree), i);
  if (is_channel) return a;
  const uint32_t b = nnc_tree_word(w, words, nnc_weight_i16(tree + 1), i);
  return (a & b) | ((a | b) & nnc_tree_word(w, words, nnc_weight_i16(tree + 2), i));
}

/* Takes the counters of a chunk from one step to the next: the planes of one list are added, those of another taken away. */
NNC_INLINE void nnc_step_counters(const nnc_lanes *planes, const nnc_plane_number *added, nnc_index added_count,
    const nnc_plane_number *removed, nnc_index removed_count, const nnc_lanes *from, nnc_lanes *to, nnc_index bits) {
  /* What is inverted, added to, and inverted again becomes less. */
  const nnc_lanes inversion = nnc_all_lanes(removed_count > 0);
  to[0] = from[0];
  for (nnc_index i = 1; i < bits; ++i) to[i] = from[i] ^ inversion;
  if (removed_count > 0) {
    nnc_add_planes(planes, removed, removed_count, to + 1, bits - 1);
    for (nnc_index i = 1; i < bits; ++i) to[i] = ~to[i];
  }
  if (added_count > 0) nnc_add_planes(planes, added, added_count, to + 1, bits - 1);
}

/* What a tree is worked on with: planes of chunks; counters [slots][chunks][bits]; rows of weights [slots], where they are needed,
   and one row more; and a list of what is added in a step, followed by what is removed. */
typedef struct {
  nnc_lanes *planes, *counters;
  uint32_t *rows, *removed;
  nnc_plane_number *list;
  nnc_index ones[NNC_TREE_SLOTS]; /* how many weights of a slot are 1 */
} nnc_tree_memory;

/* A step: the slots that it goes on from and fills; the channel that it computes, or -1, and whether with inverted weights; how
   many weights more are 1; and how long its lists are, which are filled up. */
typedef struct {
  nnc_index from, to, channel, more, added, removed;
  int is_inverted;
} nnc_tree_step;

/* Divides memory. */
NNC_INLINE void nnc_divide_tree_memory(
    const nnc_conv2d_shape *s, nnc_index slots, nnc_index words, uint32_t *scratch, nnc_tree_memory *m) {
  const nnc_index n = s->kernel_height * s->kernel_width * s->in_channels, chunks = nnc_plane_chunks(s);
  m->planes = nnc_aligned_lanes(scratch);
  m->counters = m->planes + chunks * (n + 1);
  m->rows = (uint32_t *)(void *)(m->counters + slots * chunks * nnc_counter_bits(n));
  m->removed = m->rows + slots * words;
  m->list = (nnc_plane_number *)(void *)(m->removed + words);
}

/* Makes the planes and the counters of slot 0 for the chunks from `first` on, as many as there is room for, and returns how many
   those are. */
NNC_INLINE nnc_index nnc_begin_tree(
    const nnc_conv2d_shape *s, const uint32_t *x, nnc_tree_memory *m, nnc_index first, int padding) {
  const nnc_index n = s->kernel_height * s->kernel_width * s->in_channels, bits = nnc_counter_bits(n);
  nnc_index chunks = 0;
  m->ones[0] = 0;
  for (; chunks < nnc_plane_chunks(s) && first < nnc_plane_lanes(s); ++chunks, first += NNC_LANE_BITS) {
    nnc_lanes *planes = m->planes + chunks * (n + 1);
    nnc_build_planes(s, x, planes, first, padding);
    nnc_begin_counters(planes, n, m->list, m->counters + chunks * bits, bits);
  }
  return chunks;
}

/* Makes a step whose lists are there, for `chunks` chunks of pixels from `first` on. */
NNC_INLINE void nnc_make_step(const nnc_conv2d_shape *s, const nnc_tree_step *step, nnc_tree_memory *m,
    const int16_t *NNC_RESTRICT thresholds, nnc_index first, nnc_index chunks, uint32_t *NNC_RESTRICT y) {
  const nnc_index n = s->kernel_height * s->kernel_width * s->in_channels, bits = nnc_counter_bits(n);
  const nnc_index room = nnc_plane_chunks(s) * bits, ones = m->ones[step->from] + step->more;
  m->ones[step->to] = ones;
  for (nnc_index chunk = 0; chunk < chunks; ++chunk) {
    nnc_lanes *counters = m->counters + step->to * room + chunk * bits;
    nnc_step_counters(m->planes + chunk * (n + 1), m->list, step->added, m->list + step->added, step->removed,
        m->counters + step->from * room + chunk * bits, counters, bits);
    if (step->channel < 0) continue;
    const int32_t threshold = nnc_weight_i16(thresholds + step->channel);
    const int32_t least = nnc_least_counter(n, bits, threshold, step->is_inverted ? n - ones : ones, step->is_inverted);
    nnc_compare_counters(s, counters, bits, least, step->is_inverted, first + chunk * NNC_LANE_BITS,
        y + step->channel * nnc_bit_words(s->out_height * s->out_width));
  }
}

/* Reads a step whose weights are those of a channel, or those of most of three, and lists what it changes. Returns the next. */
NNC_INLINE const int16_t *nnc_compare_rows(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT w,
    const int16_t *NNC_RESTRICT tree, const nnc_tree_memory *m, nnc_tree_step *step) {
  const nnc_index n = s->kernel_height * s->kernel_width * s->in_channels, words = nnc_bit_words(n);
  const int16_t head = nnc_weight_i16(tree++), channel = nnc_weight_i16(tree);
  const int is_channel = head >> 12 == 0;
  nnc_plane_number *end = m->list;
  step->from = head & 63, step->to = head >> 6 & 63;
  step->channel = is_channel ? channel >> 1 : -1, step->is_inverted = channel & 1;
  for (nnc_index i = 0; i < words; ++i) {
    const uint32_t old = m->rows[step->from * words + i];
    uint32_t word = nnc_step_word(w, words, tree, is_channel, i);
    if (i == words - 1) word &= nnc_used_bits(i, n);
    end = nnc_list_bits(word & ~old, i * 32, end);
    m->removed[i] = old & ~word;
    m->rows[step->to * words + i] = word;
  }
  step->more = end - m->list;
  step->added = nnc_fill_list(m->list, end, n) - m->list;
  end = m->list + step->added;
  for (nnc_index i = 0; i < words; ++i) end = nnc_list_bits(m->removed[i], i * 32, end);
  step->more -= end - m->list - step->added;
  step->removed = nnc_fill_list(m->list + step->added, end, n) - m->list - step->added;
  return tree + (is_channel ? 1 : 3);
}

/* y = pool(x * w >= thresholds) on planes, by a tree: [length], of steps with `slots` places for counters. A step is a number, of which 6
   bits are the place that it goes on from, the next 6 the place of its results, and the next is set unless it is a channel; and
   the channel, or three of which most decide: twice their number, and one more where all weights are inverted.
   scratch: NNC_LANE_BITS / 8 * ((n + 1 + slots * nnc_counter_bits(n)) * min(NNC_PLANE_CHUNKS, chunks of an image) + 1)
   + 4 * (slots + 1) * nnc_bit_words(n) + 2 * (max(most changes of a step, min(ceil(n / 2), 128)) + 24) bytes. */
NNC_INLINE void nnc_plane_tree_conv2d(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x, const uint32_t *NNC_RESTRICT w,
    const int16_t *NNC_RESTRICT thresholds, const uint32_t *NNC_RESTRICT flips, const int16_t *NNC_RESTRICT tree,
    uint32_t *NNC_RESTRICT y, uint32_t *NNC_RESTRICT scratch, int padding, nnc_index length, nnc_index slots) {
  const nnc_index words = nnc_bit_words(s->kernel_height * s->kernel_width * s->in_channels);
  const nnc_index x_words = s->in_channels * nnc_bit_words(s->in_height * s->in_width);
  const nnc_index y_words = s->out_channels * nnc_bit_words(s->out_height * s->out_width);
  nnc_tree_memory m;
  nnc_tree_step step;
  nnc_divide_tree_memory(s, slots, words, scratch, &m);
  for (nnc_index image = 0; image < s->batch; ++image, x += x_words, y += y_words) {
    nnc_clear_words(y, y_words);
    for (nnc_index first = 0, chunks; first < nnc_plane_lanes(s); first += chunks * NNC_LANE_BITS) {
      chunks = nnc_begin_tree(s, x, &m, first, padding);
      nnc_clear_words(m.rows, words);
      for (const int16_t *at = tree; at < tree + length;) {
        at = nnc_compare_rows(s, w, at, &m, &step);
        nnc_make_step(s, &step, &m, thresholds, first, chunks, y);
      }
    }
    nnc_flip_planes(s, flips, y);
  }
}

/* Two bytes, the lower one first. */
NNC_INLINE uint16_t nnc_weight_pair(const uint8_t *x) {
  return (uint16_t)(nnc_weight_u8(x) | (uint16_t)nnc_weight_u8(x + 1) << 8);
}

/* Reads a list of numbers, each of which lies a byte, or a pair, behind the one before. head: how many they are, and whether
   there are pairs. Returns what follows. */
NNC_INLINE const uint8_t *nnc_read_gaps(const uint8_t *gaps, uint16_t head, nnc_plane_number *list) {
  const nnc_plane_number *const end = list + (head & 0x7FFF);
  nnc_index number = 0;
  if (head >> 15 != 0) {
    for (; list != end; gaps += 2) *list++ = (nnc_plane_number)(number += (nnc_index)nnc_weight_pair(gaps));
  } else {
    while (list != end) *list++ = (nnc_plane_number)(number += nnc_weight_u8(gaps++));
  }
  return gaps;
}

/* Reads a step with its lists, and returns the next. */
NNC_INLINE const uint8_t *nnc_read_step(const uint8_t *tree, nnc_index n, const nnc_tree_memory *m, nnc_tree_step *step) {
  const uint16_t channel = nnc_weight_pair(tree + 2), added = nnc_weight_pair(tree + 4), removed = nnc_weight_pair(tree + 6);
  step->from = nnc_weight_u8(tree), step->to = nnc_weight_u8(tree + 1);
  step->channel = channel == 0xFFFF ? -1 : (nnc_index)(channel >> 1), step->is_inverted = channel & 1;
  step->more = (nnc_index)(added & 0x7FFF) - (nnc_index)(removed & 0x7FFF);
  tree = nnc_read_gaps(tree + 8, added, m->list);
  step->added = nnc_fill_list(m->list, m->list + (added & 0x7FFF), n) - m->list;
  tree = nnc_read_gaps(tree, removed, m->list + step->added);
  step->removed = nnc_fill_list(m->list + step->added, m->list + step->added + (removed & 0x7FFF), n) - m->list - step->added;
  return tree;
}

/* The same with a tree whose steps carry what they change, so that the weights themselves are not
   needed: two bytes for the slots; two for the channel, as there, or 0xFFFF; two each for how many weights become 1 and -1, of
   which the highest bit says that gaps are pairs of bytes; and the gaps of both lists.
   scratch: the same, without bit words. */
NNC_INLINE void nnc_plane_list_conv2d(const nnc_conv2d_shape *s, const uint32_t *NNC_RESTRICT x,
    const int16_t *NNC_RESTRICT thresholds, const uint32_t *NNC_RESTRICT flips, const uint8_t *NNC_RESTRICT tree,
    uint32_t *NNC_RESTRICT y, uint32_t *NNC_RESTRICT scratch, int padding, nnc_index length, nnc_index slots) {
  const nnc_index n = s->kernel_height * s->kernel_width * s->in_channels;
  const nnc_index x_words = s->in_channels * nnc_bit_words(s->in_height * s->in_width);
  const nnc_index y_words = s->out_channels * nnc_bit_words(s->out_height * s->out_width);
  nnc_tree_memory m;
  nnc_tree_step step;
  nnc_divide_tree_memory(s, slots, 0, scratch, &m);
  for (nnc_index image = 0; image < s->batch; ++image, x += x_words, y += y_words) {
    nnc_clear_words(y, y_words);
    for (nnc_index first = 0, chunks; first < nnc_plane_lanes(s); first += chunks * NNC_LANE_BITS) {
      chunks = nnc_begin_tree(s, x, &m, first, padding);
      for (const uint8_t *at = tree; at < tree + length;) {
        at = nnc_read_step(at, n, &m, &step);
        nnc_make_step(s, &step, &m, thresholds, first, chunks, y);
      }
    }
    nnc_flip_planes(s, flips, y);
  }
}

#endif
