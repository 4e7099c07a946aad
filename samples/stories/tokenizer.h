/* A tokenizer of byte pairs with scores, from the file format of llama2.c: the length of the longest token, then for each
 * token a score (float), a length (int) and its bytes, all little-endian. Tokens 3 to 258 stand for single bytes. */
#ifndef TOKENIZER_H
#define TOKENIZER_H

#include <stddef.h>

#define TOKENIZER_TOKENS 512
#define TOKENIZER_TOKEN_BYTES 32
#define TOKENIZER_BEGIN 1
#define TOKENIZER_END 2

typedef struct {
  float scores[TOKENIZER_TOKENS];
  int lengths[TOKENIZER_TOKENS];
  char texts[TOKENIZER_TOKENS][TOKENIZER_TOKEN_BYTES];
} tokenizer;

/* Reads the file; returns 0, or prints what is wrong and returns -1. */
int tokenizer_read(tokenizer *t, const char *path);

/* Writes the tokens of a text, after the one that begins a story; returns how many, or -1 if they are more than fit. */
int tokenizer_encode(const tokenizer *t, const char *text, int *tokens, int capacity);

/* The bytes of a token after another, which lie in the tokenizer or in `byte`; returns how many. */
int tokenizer_decode(const tokenizer *t, int previous, int token, char *byte, const char **text);

#endif
