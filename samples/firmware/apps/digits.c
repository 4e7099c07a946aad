/* Reads a digit at once. */
#include "digits.h"

#include "board.h"
#include "reading.h"

const uint8_t runs_of_image = 1;
float probabilities[CLASSES];

static unsigned char arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGNMENT)));
static float image[DIGITS_IMAGE_ELEMENTS];

static const digits_inputs inputs = {image};
static const digits_outputs outputs = {probabilities};

int read_digit(uint8_t index, uint64_t *count) {
  board_read_flash(image, images[index], sizeof image);
  const uint64_t start = board_count();
  const int status = digits_run(&inputs, &outputs, arena);
  *count += board_count() - start;
  return status;
}

void run_again(void) {
  digits_run(&inputs, &outputs, arena);
}
