/* Runs the digits model over its 200 test images and prints what it got right, what it needs and how long it takes.
 *
 *     nnc build digits.json -o digits.c
 *     cc -std=c99 -O2 main.c test_set.c digits.c -lm -o digits
 *     ./digits test.bin
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "digits.h"
#include "test_set.h"

#define ROUNDS 50

static test_set digits;

/* C99 cannot ask for an alignment, so the arena is found inside a block that is larger by one alignment. */
static unsigned char arena_block[DIGITS_ARENA_BYTES + DIGITS_ARENA_ALIGNMENT];

static void *aligned_arena(void) {
  const uintptr_t remainder = (uintptr_t)arena_block % (uintptr_t)DIGITS_ARENA_ALIGNMENT;
  const size_t skip = remainder == 0 ? 0 : (size_t)((uintptr_t)DIGITS_ARENA_ALIGNMENT - remainder);
  return arena_block + skip;
}

/* The class of one image, or -1. */
static int classify(const float *image, void *arena) {
  float probabilities[TEST_CLASSES];
  const digits_inputs inputs = {image};
  const digits_outputs outputs = {probabilities};
  const int status = digits_run(&inputs, &outputs, arena);
  if (status != 0) {
    fprintf(stderr, "digits_run: returned %d, expected 0\n", status);
    return -1;
  }
  return test_set_class(probabilities);
}

/* Counts each pair of label and prediction; returns the number of right images, or -1. */
static int classify_all(unsigned confusion[TEST_CLASSES][TEST_CLASSES], void *arena) {
  int right = 0;
  for (int i = 0; i < TEST_IMAGES; ++i) {
    const int prediction = classify(digits.images[i], arena);
    if (prediction < 0) return -1;
    ++confusion[digits.labels[i]][prediction];
    if (prediction == (int)digits.labels[i]) ++right;
  }
  return right;
}

/* Microseconds of processor time per image, or a negative number. */
static double mean_time(void *arena) {
  float probabilities[TEST_CLASSES];
  const digits_outputs outputs = {probabilities};
  const clock_t start = clock();
  for (int round = 0; round < ROUNDS; ++round) {
    for (int i = 0; i < TEST_IMAGES; ++i) {
      const digits_inputs inputs = {digits.images[i]};
      if (digits_run(&inputs, &outputs, arena) != 0) return -1.0;
    }
  }
  const clock_t end = clock();
  if (start == (clock_t)-1 || end == (clock_t)-1) return -1.0;
  return (double)(end - start) / (double)CLOCKS_PER_SEC * 1e6 / ((double)ROUNDS * (double)TEST_IMAGES);
}

static void print_confusion(unsigned confusion[TEST_CLASSES][TEST_CLASSES]) {
  printf("Rows: the digit written. Columns: the digit recognized.\n\n    ");
  for (int c = 0; c < TEST_CLASSES; ++c) printf("%4d", c);
  printf("\n");
  for (int row = 0; row < TEST_CLASSES; ++row) {
    printf("%4d", row);
    for (int c = 0; c < TEST_CLASSES; ++c) printf("%4u", confusion[row][c]);
    printf("\n");
  }
  printf("\n");
}

int main(int argc, char **argv) {
  static unsigned confusion[TEST_CLASSES][TEST_CLASSES];
  void *arena = aligned_arena();
  if (argc != 2) {
    fprintf(stderr, "usage: %s test.bin\n", argc > 0 ? argv[0] : "digits");
    return 1;
  }
  if (test_set_load(&digits, argv[1]) != 0) return 1;
  const int right = classify_all(confusion, arena);
  if (right < 0) return 1;
  const double microseconds = mean_time(arena);
  if (microseconds < 0.0) {
    fprintf(stderr, "the time cannot be measured: clock() or digits_run failed\n");
    return 1;
  }

  print_confusion(confusion);
  printf("Accuracy: %d of %d (%.1f %%)\n", right, TEST_IMAGES, 100.0 * (double)right / (double)TEST_IMAGES);
  printf("Arena: %lu bytes\n", (unsigned long)DIGITS_ARENA_BYTES);
  printf("Flash: %lu bytes of weights\n", (unsigned long)DIGITS_FLASH_BYTES);
  printf("Time: %.2f microseconds per image, the mean of %d rounds of %d images\n", microseconds, ROUNDS, TEST_IMAGES);
  if (fflush(stdout) != 0) {
    fprintf(stderr, "the result cannot be written to standard output\n");
    return 1;
  }
  return 0;
}
