/* Runs one of the two networks over 500 test images and prints what it got right, what it needs and how long it takes.
 *
 *     nnc build mst.json -o network.c
 *     cc -std=c99 -O2 main.c network.c -lm -o bnn-mst
 *     ./bnn-mst test.bin
 *
 * The same with plain.json, for the network that was trained without the loss.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "network.h"

#define ROUNDS 4
#define IMAGES 500
#define PIXELS ((int)NETWORK_IMAGE_ELEMENTS)
#define CLASSES ((int)NETWORK_SCORES_ELEMENTS)

static float images[IMAGES][NETWORK_IMAGE_ELEMENTS]; /* 0 for the background, 1 for the brightest */
static unsigned char labels[IMAGES];

/* C99 cannot ask for an alignment, so the arena is found inside a block that is larger by one alignment. */
static unsigned char arena_block[NETWORK_ARENA_BYTES + NETWORK_ARENA_ALIGNMENT];

static void *aligned_arena(void) {
  const uintptr_t remainder = (uintptr_t)arena_block % (uintptr_t)NETWORK_ARENA_ALIGNMENT;
  const size_t skip = remainder == 0 ? 0 : (size_t)((uintptr_t)NETWORK_ARENA_ALIGNMENT - remainder);
  return arena_block + skip;
}

/* Reads all images, a byte for each pixel, and then all labels; 0 when the file is exactly that long. */
static int read_test_set(FILE *file) {
  unsigned char bytes[NETWORK_IMAGE_ELEMENTS];
  for (int i = 0; i < IMAGES; ++i) {
    if (fread(bytes, 1, sizeof bytes, file) != sizeof bytes) return -1;
    for (int pixel = 0; pixel < PIXELS; ++pixel) images[i][pixel] = (float)bytes[pixel] / 255.0f;
  }
  if (fread(labels, 1, sizeof labels, file) != sizeof labels) return -1;
  for (int i = 0; i < IMAGES; ++i) {
    if (labels[i] >= CLASSES) return -1;
  }
  return fgetc(file) == EOF && !ferror(file) ? 0 : -1;
}

static int load_test_set(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "%s: cannot be opened; give the path of samples/bnn-mst/test.bin\n", path);
    return -1;
  }
  const int result = read_test_set(file);
  fclose(file);
  if (result != 0) {
    fprintf(stderr, "%s: not a test set: expected %d images of %d bytes, then %d labels below %d; "
                    "samples/bnn-mst/train.py writes this file\n",
            path, IMAGES, PIXELS, IMAGES, CLASSES);
  }
  return result;
}

/* The class of one image, or -1. */
static int classify(const float *image, void *arena) {
  float scores[NETWORK_SCORES_ELEMENTS];
  const network_inputs inputs = {image};
  const network_outputs outputs = {scores};
  const int status = network_run(&inputs, &outputs, arena);
  if (status != 0) {
    fprintf(stderr, "network_run: returned %d, expected 0\n", status);
    return -1;
  }
  int best = 0;
  for (int c = 1; c < CLASSES; ++c) {
    if (scores[c] > scores[best]) best = c;
  }
  return best;
}

/* The number of right images, or -1. */
static int count_right(void *arena) {
  int right = 0;
  for (int i = 0; i < IMAGES; ++i) {
    const int prediction = classify(images[i], arena);
    if (prediction < 0) return -1;
    if (prediction == (int)labels[i]) ++right;
  }
  return right;
}

/* Microseconds of processor time per image, or a negative number. */
static double mean_time(void *arena) {
  const clock_t start = clock();
  for (int round = 0; round < ROUNDS; ++round) {
    for (int i = 0; i < IMAGES; ++i) {
      if (classify(images[i], arena) < 0) return -1.0;
    }
  }
  const clock_t end = clock();
  if (start == (clock_t)-1 || end == (clock_t)-1) return -1.0;
  return (double)(end - start) / (double)CLOCKS_PER_SEC * 1e6 / ((double)ROUNDS * (double)IMAGES);
}

int main(int argc, char **argv) {
  void *arena = aligned_arena();
  if (argc != 2) {
    fprintf(stderr, "usage: %s test.bin\n", argc > 0 ? argv[0] : "bnn-mst");
    return 1;
  }
  if (load_test_set(argv[1]) != 0) return 1;
  const int right = count_right(arena);
  if (right < 0) return 1;
  const double microseconds = mean_time(arena);
  if (microseconds < 0.0) {
    fprintf(stderr, "the time cannot be measured: clock() or network_run failed\n");
    return 1;
  }

  printf("Accuracy: %d of %d (%.1f %%)\n", right, IMAGES, 100.0 * (double)right / (double)IMAGES);
  printf("Arena: %lu bytes\n", (unsigned long)NETWORK_ARENA_BYTES);
  printf("Flash: %lu bytes of weights\n", (unsigned long)NETWORK_FLASH_BYTES);
  printf("Time: %.2f microseconds per image, the mean of %d rounds of %d images\n", microseconds, ROUNDS, IMAGES);
  if (fflush(stdout) != 0) {
    fprintf(stderr, "the result cannot be written to standard output\n");
    return 1;
  }
  return 0;
}
