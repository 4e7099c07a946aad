/* Measures how well the model foretells the validation text and how long it takes, and lets it write some text.
 *
 *     nnc build charlm.json -o charlm.c
 *     cc -std=c99 -O2 main.c charlm.c -lm -o charlm
 *     ./charlm valid.txt "ROMEO:"
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "charlm.h"

#define POSITIONS ((int)CHARLM_TOKENS_ELEMENTS)
#define WINDOW (POSITIONS + 1) /* characters: each is the target of the one before it */
#define WINDOWS 64
#define WRITTEN 200
#define TEMPERATURE 0.8

/* The character of each token. */
static const char characters[] = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
#define CHARACTERS ((int)sizeof characters - 1)

static int64_t windows[WINDOWS][CHARLM_TOKENS_ELEMENTS + 1]; /* of the validation text */
static int64_t tokens[CHARLM_TOKENS_ELEMENTS];
static float logits[CHARLM_LOGITS_ELEMENTS]; /* of the next character, after each position */

/* C99 cannot ask for an alignment, so the arena is found inside a block that is larger by one alignment. */
static unsigned char arena_block[CHARLM_ARENA_BYTES + CHARLM_ARENA_ALIGNMENT];

static void *aligned_arena(void) {
  const uintptr_t remainder = (uintptr_t)arena_block % (uintptr_t)CHARLM_ARENA_ALIGNMENT;
  const size_t skip = remainder == 0 ? 0 : (size_t)((uintptr_t)CHARLM_ARENA_ALIGNMENT - remainder);
  return arena_block + skip;
}

/* The logits of `tokens`. */
static int run(void) {
  const charlm_inputs inputs = {tokens};
  const charlm_outputs outputs = {logits};
  const int status = charlm_run(&inputs, &outputs, aligned_arena());
  if (status != 0) fprintf(stderr, "charlm_run: returned %d, expected 0\n", status);
  return status;
}

/* The token of a character, or -1. */
static int token_of(int character) {
  for (int token = 0; token < CHARACTERS; ++token) {
    if (characters[token] == character) return token;
  }
  return -1;
}

/* Reads all windows; 0 when the file is exactly that long, and the model knows all of its characters. */
static int read_windows(FILE *file) {
  for (int i = 0; i < WINDOWS; ++i) {
    for (int position = 0; position < WINDOW; ++position) {
      const int token = token_of(fgetc(file));
      if (token < 0) return -1;
      windows[i][position] = token;
    }
  }
  return fgetc(file) == EOF && !ferror(file) ? 0 : -1;
}

static int load_windows(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "%s: cannot be opened; give the path of samples/charlm/valid.txt\n", path);
    return -1;
  }
  const int result = read_windows(file);
  fclose(file);
  if (result != 0) {
    fprintf(stderr, "%s: not a validation text: expected %d windows of %d of the %d characters that the model knows; "
                    "samples/charlm/train.py writes this file\n",
            path, WINDOWS, WINDOW, CHARACTERS);
  }
  return result;
}

/* How likely each token is after a position, relative to the likeliest, in the order of tokens; returns their sum. */
static double chances(int position, double temperature, double *result) {
  const float *row = logits + position * CHARACTERS;
  float largest = row[0];
  double sum = 0.0;
  for (int token = 1; token < CHARACTERS; ++token) {
    if (row[token] > largest) largest = row[token];
  }
  for (int token = 0; token < CHARACTERS; ++token) {
    result[token] = exp((double)(row[token] - largest) / temperature);
    sum += result[token];
  }
  return sum;
}

/* The nats of a window: what the logarithms of the chances of its targets add up to. */
static double loss_of(const int64_t *window) {
  double loss = 0.0;
  for (int position = 0; position < POSITIONS; ++position) {
    double chance[CHARACTERS];
    const double sum = chances(position, 1.0, chance);
    loss += log(sum / chance[window[position + 1]]);
  }
  return loss;
}

/* Runs the model over all windows, and prints the loss and the time. */
static int measure(void) {
  const double count = (double)WINDOWS * (double)POSITIONS;
  double loss = 0.0, seconds = 0.0;
  for (int i = 0; i < WINDOWS; ++i) {
    memcpy(tokens, windows[i], sizeof tokens);
    const clock_t start = clock();
    if (run() != 0) return -1;
    seconds += (double)(clock() - start) / (double)CLOCKS_PER_SEC;
    loss += loss_of(windows[i]);
  }
  printf("Loss: %.6f nats a character, the mean of %d windows of %d\n", loss / count, WINDOWS, POSITIONS);
  printf("Time: %.2f microseconds per token\n\n", seconds * 1e6 / count);
  return 0;
}

/* A number from 0 until before 1, by Marsaglia's xorshift: the same ones each time. */
static double next_random(void) {
  static uint32_t state = 1;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return (double)state / 4294967296.0;
}

/* A token after a position, by chance. */
static int choose(int position) {
  double chance[CHARACTERS];
  double rest = next_random() * chances(position, TEMPERATURE, chance);
  int token = 0;
  while (token < CHARACTERS - 1 && rest >= chance[token]) rest -= chance[token++];
  return token;
}

/* Puts a token behind the `count` that there are, of which the first makes room where need be; returns their number. */
static int append(int count, int token) {
  if (count == POSITIONS) memmove(tokens, tokens + 1, sizeof tokens - sizeof tokens[0]);
  else ++count;
  tokens[count - 1] = token;
  return count;
}

/* Writes the beginning and what the model makes of it. It looks back only: what follows the last token is no matter. */
static int write_text(const char *beginning) {
  int count = 0;
  for (const char *character = beginning; *character != '\0'; ++character) {
    const int token = token_of(*character);
    if (token < 0) {
      fprintf(stderr, "the beginning: the model does not know the character '%c'; it knows letters and a few signs\n",
              *character);
      return -1;
    }
    count = append(count, token);
  }
  if (count == 0) {
    fprintf(stderr, "the beginning: expected one character at least\n");
    return -1;
  }
  printf("%s", beginning);
  for (int i = 0; i < WRITTEN; ++i) {
    if (run() != 0) return -1;
    const int token = choose(count - 1);
    putchar(characters[token]);
    count = append(count, token);
  }
  putchar('\n');
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s valid.txt [BEGINNING]\n", argc > 0 ? argv[0] : "charlm");
    return 1;
  }
  if (load_windows(argv[1]) != 0 || measure() != 0) return 1;
  memset(tokens, 0, sizeof tokens);
  if (write_text(argc == 3 ? argv[2] : "ROMEO:") != 0) return 1;
  if (fflush(stdout) != 0) {
    fprintf(stderr, "the result cannot be written to standard output\n");
    return 1;
  }
  return 0;
}
