/* Reads the 200 test images of samples/digits row by row, as a scanner would deliver them; what the network knows of the rows
 * before lies in a state. Prints what it got right, what it needs and how long it takes, and reads two images at once.
 *
 *     nnc build rows.json --stream all -o rows.c
 *     cc -std=c99 -O2 -I../digits main.c ../digits/test_set.c rows.c -lm -o rows
 *     ./rows ../digits/test.bin
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "rows.h"
#include "test_set.h"

#define ROUNDS 20
#define PIXELS_IN_ROW ((int)ROWS_ROW_ELEMENTS)
#define ROWS_IN_IMAGE (TEST_PIXELS / PIXELS_IN_ROW)

static test_set digits;
static unsigned char arena[ROWS_ARENA_BYTES] __attribute__((aligned(ROWS_ARENA_ALIGNMENT)));

/* Reads one more row; returns 0, or -1. */
static int read_row(rows_state *state, const float *image, int row, float *probabilities) {
  const rows_inputs inputs = {image + row * PIXELS_IN_ROW};
  const rows_outputs outputs = {probabilities};
  const int status = rows_run(&inputs, &outputs, state, arena);
  if (status != 0) fprintf(stderr, "rows_run: returned %d, expected 0\n", status);
  return status == 0 ? 0 : -1;
}

/* The class of one image, which is known after its last row, or -1. */
static int read_image(const float *image) {
  float probabilities[TEST_CLASSES];
  rows_state state;
  rows_reset(&state);
  for (int row = 0; row < ROWS_IN_IMAGE; ++row) {
    if (read_row(&state, image, row, probabilities) != 0) return -1;
  }
  return test_set_class(probabilities);
}

/* Keeps the class of each image; returns how many are right, or -1. */
static int read_all(int classes[TEST_IMAGES]) {
  int right = 0;
  for (int i = 0; i < TEST_IMAGES; ++i) {
    classes[i] = read_image(digits.images[i]);
    if (classes[i] < 0) return -1;
    if (classes[i] == (int)digits.labels[i]) ++right;
  }
  return right;
}

/* Reads two images at once: a row of the one, a row of the other. Keeps the class after each row; returns 0, or -1. */
static int read_two(int first, int classes[2][ROWS_IN_IMAGE]) {
  float probabilities[TEST_CLASSES];
  rows_state states[2];
  for (int i = 0; i < 2; ++i) rows_reset(&states[i]);
  for (int row = 0; row < ROWS_IN_IMAGE; ++row) {
    for (int i = 0; i < 2; ++i) {
      if (read_row(&states[i], digits.images[first + i], row, probabilities) != 0) return -1;
      classes[i][row] = test_set_class(probabilities);
      if (classes[i][row] < 0) return -1;
    }
  }
  return 0;
}

/* All images two at a time must be read as each alone; prints the first two. Returns 0, or -1. */
static int read_pairs(const int alone[TEST_IMAGES]) {
  int classes[2][ROWS_IN_IMAGE];
  for (int first = 0; first < TEST_IMAGES; first += 2) {
    if (read_two(first, classes) != 0) return -1;
    for (int i = 0; i < 2; ++i) {
      const int last = classes[i][ROWS_IN_IMAGE - 1];
      if (last != alone[first + i]) {
        fprintf(stderr, "image %d: read as %d beside another, as %d alone\n", first + i, last, alone[first + i]);
        return -1;
      }
      if (first > 0) continue;
      printf("%s%d, row by row:", i == 0 ? "Two at once, with a state each: " : "                            and ",
             (int)digits.labels[i]);
      for (int row = 0; row < ROWS_IN_IMAGE; ++row) printf(" %d", classes[i][row]);
      printf("\n");
    }
  }
  return 0;
}

/* Microseconds of processor time per row, or a negative number. */
static double mean_time(void) {
  const clock_t start = clock();
  for (int round = 0; round < ROUNDS; ++round) {
    for (int i = 0; i < TEST_IMAGES; ++i) {
      if (read_image(digits.images[i]) < 0) return -1.0;
    }
  }
  const clock_t end = clock();
  if (start == (clock_t)-1 || end == (clock_t)-1) return -1.0;
  return (double)(end - start) / (double)CLOCKS_PER_SEC * 1e6 / ((double)ROUNDS * TEST_IMAGES * ROWS_IN_IMAGE);
}

int main(int argc, char **argv) {
  static int classes[TEST_IMAGES];
  if (argc != 2) {
    fprintf(stderr, "usage: %s test.bin\n", argc > 0 ? argv[0] : "rows");
    return 1;
  }
  if (test_set_load(&digits, argv[1]) != 0) return 1;
  const int right = read_all(classes);
  if (right < 0 || read_pairs(classes) != 0) return 1;
  const double microseconds = mean_time();
  if (microseconds < 0.0) {
    fprintf(stderr, "the time cannot be measured: clock() or rows_run failed\n");
    return 1;
  }

  printf("Accuracy: %d of %d (%.1f %%)\n", right, TEST_IMAGES, 100.0 * (double)right / TEST_IMAGES);
  printf("State: %lu bytes for each image under way\n", (unsigned long)ROWS_STATE_BYTES);
  printf("Arena: %lu bytes\n", (unsigned long)ROWS_ARENA_BYTES);
  printf("Flash: %lu bytes of weights\n", (unsigned long)ROWS_FLASH_BYTES);
  printf("Time: %.2f microseconds per row, the mean of %d rounds of %d images\n", microseconds, ROUNDS, TEST_IMAGES);
  if (fflush(stdout) != 0) {
    fprintf(stderr, "the result cannot be written to standard output\n");
    return 1;
  }
  return 0;
}
