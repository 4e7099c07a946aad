#include "digit.h"

#include <stdint.h>

#include "digits.h"

/* From the held-out images of samples/digits: ink from 0 to 16. */
static const uint8_t seven[DIGITS_IMAGE_ELEMENTS] = {
    0, 0, 4,  15, 16, 16, 16, 1, /* */
    0, 0, 10, 13, 8,  15, 8,  0, /* */
    0, 0, 14, 5,  3,  16, 2,  0, /* */
    0, 0, 1,  0,  12, 11, 0,  0, /* */
    0, 0, 2,  5,  16, 9,  1,  0, /* */
    0, 0, 15, 16, 16, 14, 3,  0, /* */
    0, 0, 1,  15, 9,  0,  0,  0, /* */
    0, 0, 7,  14, 2,  0,  0,  0,
};

static float image[DIGITS_IMAGE_ELEMENTS], probabilities[DIGITS_PROBABILITIES_ELEMENTS];
static unsigned char arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGNMENT)));

int example_digit(void) {
  const digits_inputs inputs = {image};
  const digits_outputs outputs = {probabilities};
  int digit = 0;
  for (int i = 0; i < DIGITS_IMAGE_ELEMENTS; ++i) image[i] = (float)seven[i] / 16.0f;
  if (digits_run(&inputs, &outputs, arena) != 0) return -1;
  for (int i = 1; i < DIGITS_PROBABILITIES_ELEMENTS; ++i) {
    if (probabilities[i] > probabilities[digit]) digit = i;
  }
  return digit;
}
