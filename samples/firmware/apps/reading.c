/* Reads handwritten digits: the first images of samples/digits/test.bin, which lie in flash, one after the other. */
#include "reading.h"

#include "board.h"
#include "print.h"
#include "ram.h"

static uint8_t most_probable(void) {
  uint8_t best = 0;
  for (uint8_t c = 1; c < CLASSES; ++c) {
    if (probabilities[c] > probabilities[best]) best = c;
  }
  return best;
}

/* Whether the digit is read as it is labelled; adds what its inferences took to the count. */
static int is_right(uint8_t index, uint64_t *count) {
  uint8_t label;
  board_read_flash(&label, &labels[index], sizeof label);
  const int status = read_digit(index, count);
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
  for (uint8_t i = 0; i < IMAGES; ++i) right = (uint8_t)(right + is_right(i, &count));
  ram_paint();
  run_again();
  const size_t stack = ram_used_stack();

  print_fact(TEXT("result"), right, IMAGES == right ? TEXT("images read right, all") : TEXT("images read right, not all"));
  print_fact(TEXT("time"), count / (uint64_t)(IMAGES * runs_of_image), TEXT(BOARD_COUNTS));
  print_fact(TEXT("stack"), stack, TEXT("bytes"));
  return right == IMAGES ? 0 : 1;
}
