/* Runs the digits model over its 200 test images and prints what it got right, what it needs and how long it takes.
 *
 *     nnc build digits.json -o digits.c
 *     cc -std=c99 -O2 main.c digits.c -lm -o digits
 *     ./digits test.bin
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "digits.h"

#define IMAGES 200
#define ROUNDS 50
#define PIXELS DIGITS_IMAGE_ELEMENTS
#define CLASSES DIGITS_PROBABILITIES_ELEMENTS

static float images[IMAGES][PIXELS];
static unsigned char labels[IMAGES];

/* C99 cannot ask for an alignment, so the arena is found inside a block that is larger by one alignment. */
static unsigned char arena_block[DIGITS_ARENA_BYTES + DIGITS_ARENA_ALIGNMENT];

static void *aligned_arena(void) {
  const uintptr_t remainder = (uintptr_t)arena_block % (uintptr_t)DIGITS_ARENA_ALIGNMENT;
  const size_t skip = remainder == 0 ? 0 : (size_t)((uintptr_t)DIGITS_ARENA_ALIGNMENT - remainder);
  return arena_block + skip;
}

/* The file holds little-endian floats, whatever the byte order of this machine. */
static float little_endian_float(const unsigned char *bytes) {
  const uint32_t bits =
      (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Reads all images and then all labels; 0 when the file is exactly that long and every label is a class. */
static int read_test_set(FILE *file) {
  unsigned char bytes[4 * PIXELS];
  for (size_t i = 0; i < IMAGES; ++i) {
    if (fread(bytes, 1, sizeof bytes, file) != sizeof bytes) return -1;
    for (size_t pixel = 0; pixel < PIXELS; ++pixel) images[i][pixel] = little_endian_float(bytes + 4 * pixel);
  }
  if (fread(labels, 1, sizeof labels, file) != sizeof labels) return -1;
  for (size_t i = 0; i < IMAGES; ++i) {
    if (labels[i] >= CLASSES) return -1;
  }
  return fgetc(file) == EOF && !ferror(file) ? 0 : -1;
}

static int load_test_set(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "%s: cannot be opened; give the path of samples/digits/test.bin\n", path);
    return -1;
  }
  const int result = read_test_set(file);
  fclose(file);
  if (result != 0) {
    fprintf(stderr, "%s: not a test set: expected %d images of %lu floats, then %d labels below %lu; "
                    "train.py writes this file\n",
            path, IMAGES, (unsigned long)PIXELS, IMAGES, (unsigned long)CLASSES);
  }
  return result;
}

/* The class of one image, or -1 when the model fails or its output is not a distribution (NaN fails the test too). */
static int classify(const float *image, void *arena) {
  float probabilities[CLASSES];
  const digits_inputs inputs = {image};
  const digits_outputs outputs = {probabilities};
  const int status = digits_run(&inputs, &outputs, arena);
  if (status != 0) {
    fprintf(stderr, "digits_run: returned %d, expected 0\n", status);
    return -1;
  }
  int best = 0;
  float sum = 0.0f;
  for (int c = 0; c < (int)CLASSES; ++c) {
    sum += probabilities[c];
    if (probabilities[c] > probabilities[best]) best = c;
  }
  if (!(sum > 0.999f && sum < 1.001f)) {
    fprintf(stderr, "digits_run: the probabilities sum to %g, expected 1\n", (double)sum);
    return -1;
  }
  return best;
}

/* Counts each pair of label and prediction; returns the number of right images, or -1. */
static int classify_all(unsigned confusion[CLASSES][CLASSES], void *arena) {
  int right = 0;
  for (size_t i = 0; i < IMAGES; ++i) {
    const int prediction = classify(images[i], arena);
    if (prediction < 0) return -1;
    ++confusion[labels[i]][prediction];
    if (prediction == (int)labels[i]) ++right;
  }
  return right;
}

/* Microseconds of processor time per image, or a negative number. */
static double mean_time(void *arena) {
  float probabilities[CLASSES];
  const digits_outputs outputs = {probabilities};
  const clock_t start = clock();
  for (int round = 0; round < ROUNDS; ++round) {
    for (size_t i = 0; i < IMAGES; ++i) {
      const digits_inputs inputs = {images[i]};
      if (digits_run(&inputs, &outputs, arena) != 0) return -1.0;
    }
  }
  const clock_t end = clock();
  if (start == (clock_t)-1 || end == (clock_t)-1) return -1.0;
  return (double)(end - start) / (double)CLOCKS_PER_SEC * 1e6 / ((double)ROUNDS * (double)IMAGES);
}

static void print_confusion(unsigned confusion[CLASSES][CLASSES]) {
  printf("Rows: the digit written. Columns: the digit recognized.\n\n    ");
  for (int c = 0; c < (int)CLASSES; ++c) printf("%4d", c);
  printf("\n");
  for (int row = 0; row < (int)CLASSES; ++row) {
    printf("%4d", row);
    for (int c = 0; c < (int)CLASSES; ++c) printf("%4u", confusion[row][c]);
    printf("\n");
  }
  printf("\n");
}

int main(int argc, char **argv) {
  static unsigned confusion[CLASSES][CLASSES];
  void *arena = aligned_arena();
  if (argc != 2) {
    fprintf(stderr, "usage: %s test.bin\n", argc > 0 ? argv[0] : "digits");
    return 1;
  }
  if (load_test_set(argv[1]) != 0) return 1;
  const int right = classify_all(confusion, arena);
  if (right < 0) return 1;
  const double microseconds = mean_time(arena);
  if (microseconds < 0.0) {
    fprintf(stderr, "the time cannot be measured: clock() or digits_run failed\n");
    return 1;
  }

  print_confusion(confusion);
  printf("Accuracy: %d of %d (%.1f %%)\n", right, IMAGES, 100.0 * (double)right / (double)IMAGES);
  printf("Arena: %lu bytes\n", (unsigned long)DIGITS_ARENA_BYTES);
  printf("Flash: %lu bytes of weights\n", (unsigned long)DIGITS_FLASH_BYTES);
  printf("Time: %.2f microseconds per image, the mean of %d rounds of %d images\n", microseconds, ROUNDS, IMAGES);
  if (fflush(stdout) != 0) {
    fprintf(stderr, "the result cannot be written to standard output\n");
    return 1;
  }
  return 0;
}
