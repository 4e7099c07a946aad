/* Tells a story, each token the likeliest after those before it, with a language model of 260 thousand weights.
 *
 *     nnc build stories260k/model.onnx -o stories.c
 *     cc -std=c99 -O2 main.c tokenizer.c stories.c -lm -o stories
 *     ./stories tok512.bin "Once upon a time"
 */
#include <stdint.h>
#include <stdio.h>

#include "stories.h"
#include "tokenizer.h"

#define POSITIONS ((int)STORIES_TOKENS_ELEMENTS)

static tokenizer words;
static int64_t tokens[STORIES_TOKENS_ELEMENTS];
static float logits[STORIES_TOKENS_ELEMENTS][TOKENIZER_TOKENS];

/* C99 cannot ask for an alignment, so the arena is found inside a block that is larger by one alignment. */
static unsigned char arena_block[STORIES_ARENA_BYTES + STORIES_ARENA_ALIGNMENT];

static void *aligned_arena(void) {
  const uintptr_t remainder = (uintptr_t)arena_block % (uintptr_t)STORIES_ARENA_ALIGNMENT;
  const size_t skip = remainder == 0 ? 0 : (size_t)((uintptr_t)STORIES_ARENA_ALIGNMENT - remainder);
  return arena_block + skip;
}

/* The likeliest token after those up to `position`, or -1. The model looks back only, so what follows is of no account. */
static int next_token(int position) {
  const stories_inputs inputs = {tokens};
  const stories_outputs outputs = {&logits[0][0]};
  const int status = stories_run(&inputs, &outputs, aligned_arena());
  if (status != 0) {
    fprintf(stderr, "stories_run: returned %d, expected 0\n", status);
    return -1;
  }
  int best = 0;
  for (int token = 1; token < TOKENIZER_TOKENS; ++token) {
    if (logits[position][token] > logits[position][best]) best = token;
  }
  return best;
}

static void print_token(int previous, int token) {
  char byte;
  const char *text;
  const int length = tokenizer_decode(&words, previous, token, &byte, &text);
  fwrite(text, 1, (size_t)length, stdout);
  fflush(stdout);
}

int main(int argc, char **argv) {
  int prompt[STORIES_TOKENS_ELEMENTS];
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s tok512.bin [BEGINNING]\n", argc > 0 ? argv[0] : "stories");
    return 1;
  }
  if (tokenizer_read(&words, argv[1]) != 0) return 1;
  const int count = tokenizer_encode(&words, argc == 3 ? argv[2] : "", prompt, POSITIONS);
  if (count < 0) {
    fprintf(stderr, "the beginning is too long: the model looks at %d tokens\n", POSITIONS);
    return 1;
  }
  tokens[0] = prompt[0];
  for (int position = 0; position < POSITIONS; ++position) {
    const int token = position + 1 < count ? prompt[position + 1] : next_token(position);
    if (token < 0) return 1;
    if (token == TOKENIZER_BEGIN || token == TOKENIZER_END) break;
    print_token((int)tokens[position], token);
    if (position + 1 < POSITIONS) tokens[position + 1] = token;
  }
  printf("\n");
  return ferror(stdout) ? 1 : 0;
}
