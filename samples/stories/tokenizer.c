#include "tokenizer.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FIRST_BYTE 3

/* Four little-endian bytes, whatever the byte order of this machine; 0 where the file has them. */
static int read_word(FILE *file, uint32_t *word) {
  unsigned char bytes[4];
  if (fread(bytes, 1, 4, file) != 4) return -1;
  *word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  return 0;
}

static int read_token(tokenizer *t, int index, FILE *file) {
  uint32_t score;
  uint32_t length;
  if (read_word(file, &score) != 0 || read_word(file, &length) != 0) return -1;
  if (length == 0 || length > TOKENIZER_TOKEN_BYTES) return -1;
  memcpy(&t->scores[index], &score, sizeof score);
  t->lengths[index] = (int)length;
  return fread(t->texts[index], 1, length, file) == length ? 0 : -1;
}

int tokenizer_read(tokenizer *t, const char *path) {
  FILE *file = fopen(path, "rb");
  uint32_t longest;
  if (file == NULL) {
    fprintf(stderr, "%s: cannot be opened; give the path of tok512.bin\n", path);
    return -1;
  }
  int status = read_word(file, &longest);
  for (int index = 0; status == 0 && index < TOKENIZER_TOKENS; ++index) status = read_token(t, index, file);
  if (status == 0 && fgetc(file) != EOF) status = -1;
  fclose(file);
  if (status != 0) fprintf(stderr, "%s: not a tokenizer of %d tokens\n", path, TOKENIZER_TOKENS);
  return status;
}

/* The token whose text is `a` and then `b`, or -1. */
static int find(const tokenizer *t, const char *a, int a_length, const char *b, int b_length) {
  for (int token = FIRST_BYTE + 256; token < TOKENIZER_TOKENS; ++token) {
    if (t->lengths[token] == a_length + b_length && memcmp(t->texts[token], a, (size_t)a_length) == 0 &&
        memcmp(t->texts[token] + a_length, b, (size_t)b_length) == 0) {
      return token;
    }
  }
  return -1;
}

/* Joins the two neighbours, from `first` on, whose joint token has the highest score; 0 where there are none. */
static int join_best(const tokenizer *t, int *tokens, int first, int *count) {
  int best = -1;
  int place = 0;
  for (int i = first; i + 1 < *count; ++i) {
    const int a = tokens[i];
    const int b = tokens[i + 1];
    const int joint = find(t, t->texts[a], t->lengths[a], t->texts[b], t->lengths[b]);
    if (joint >= 0 && (best < 0 || t->scores[joint] > t->scores[best])) {
      best = joint;
      place = i;
    }
  }
  if (best < 0) return 0;
  tokens[place] = best;
  --*count;
  memmove(tokens + place + 1, tokens + place + 2, (size_t)(*count - place - 1) * sizeof *tokens);
  return 1;
}

/* Appends the tokens of one character of UTF-8: its own, or one for each byte. Returns 0 or -1. */
static int append(const tokenizer *t, const char *bytes, int length, int *tokens, int *count, int capacity) {
  const int token = find(t, bytes, length, "", 0);
  const int needed = token >= 0 ? 1 : length;
  if (*count + needed > capacity) return -1;
  if (token >= 0) tokens[(*count)++] = token;
  for (int i = 0; token < 0 && i < length; ++i) tokens[(*count)++] = FIRST_BYTE + (unsigned char)bytes[i];
  return 0;
}

int tokenizer_encode(const tokenizer *t, const char *text, int *tokens, int capacity) {
  int count = 0;
  if (capacity < 1) return -1;
  tokens[count++] = TOKENIZER_BEGIN;
  if (text[0] == '\0') return count;
  /* A story begins as if a space came before it. */
  if (append(t, " ", 1, tokens, &count, capacity) != 0) return -1;
  while (*text != '\0') {
    int length = 1;
    while (length < 4 && ((unsigned char)text[length] & 0xc0) == 0x80) ++length;
    if (append(t, text, length, tokens, &count, capacity) != 0) return -1;
    text += length;
  }
  while (join_best(t, tokens, 1, &count)) {
  }
  return count;
}

int tokenizer_decode(const tokenizer *t, int previous, int token, char *byte, const char **text) {
  *text = t->texts[token];
  if (token >= FIRST_BYTE && token < FIRST_BYTE + 256) {
    *byte = (char)(unsigned char)(token - FIRST_BYTE);
    *text = byte;
    return 1;
  }
  const int skip = previous == TOKENIZER_BEGIN && **text == ' ';
  *text += skip;
  return t->lengths[token] - skip;
}
