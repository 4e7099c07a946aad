/* Reads handwritten digits: the first images of samples/digits/test.bin, which lie in flash, one after the other. */
#include "digits.h"

#include "board.h"
#include "print.h"
#include "ram.h"

#define PIXELS DIGITS_IMAGE_ELEMENTS
#define CLASSES DIGITS_PROBABILITIES_ELEMENTS

/* digits_images.S; IMAGES comes from the Makefile. */
extern const float images[IMAGES][PIXELS];
extern const uint8_t labels[IMAGES];

static unsigned char arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGNMENT)));
static float image[PIXELS];
static float probabilities[CLASSES];

static const digits_inputs inputs = {image};
static const digits_outputs outputs = {probabilities};

static uint8_t most_probable(void) {
  uint8_t best = 0;
  for (uint8_t c = 1; c < CLASSES; ++c) {
    if (probabilities[c] > probabilities[best]) best = c;
  }
  return best;
}

/* Whether the digit is read as it is labelled; adds what that took to the count. */
static int read_digit(uint8_t index, uint64_t *count) {
  uint8_t label;
  board_read_flash(image, images[index], sizeof image);
  board_read_flash(&label, &labels[index], sizeof label);
  const uint64_t start = board_count();
  const int status = digits_run(&inputs, &outputs, arena);
  *count += board_count() - start;
  const uint8_t digit = most_probable();
  board_write(TEXT("label "));
  print_number(label);
  board_write(TEXT(", read as "));
  print_number(digit);
  board_write(TEXT("\n"));
  return status == 0 && digit == label;
}

int main(void) {
  uint8_t right = 0;
  uint64_t count = 0;
  for (uint8_t i = 0; i < IMAGES; ++i) right = (uint8_t)(right + read_digit(i, &count));
  ram_paint();
  digits_run(&inputs, &outputs, arena);
  const size_t stack = ram_used_stack();

  print_fact(TEXT("result"), right, IMAGES == right ? TEXT("images read right, all") : TEXT("images read right, not all"));
  print_fact(TEXT("time"), count / IMAGES, TEXT(BOARD_COUNTS));
  print_fact(TEXT("stack"), stack, TEXT("bytes"));
  return right == IMAGES ? 0 : 1;
}
