/* Reads handwritten digits row by row, as a scanner delivers them: what the network knows of the rows before lies in a state. */
#include "rows.h"

#include "board.h"
#include "print.h"
#include "ram.h"

#define PIXELS_IN_ROW ROWS_ROW_ELEMENTS
#define ROWS_IN_IMAGE 8
#define CLASSES ROWS_PROBABILITIES_ELEMENTS

/* digits_images.S; IMAGES comes from the Makefile. */
extern const float images[IMAGES][ROWS_IN_IMAGE][PIXELS_IN_ROW];
extern const uint8_t labels[IMAGES];

static unsigned char arena[ROWS_ARENA_BYTES] __attribute__((aligned(ROWS_ARENA_ALIGNMENT)));
static rows_state state;
static float row[PIXELS_IN_ROW];
static float probabilities[CLASSES];

static const rows_inputs inputs = {row};
static const rows_outputs outputs = {probabilities};

static uint8_t most_probable(void) {
  uint8_t best = 0;
  for (uint8_t c = 1; c < CLASSES; ++c) {
    if (probabilities[c] > probabilities[best]) best = c;
  }
  return best;
}

/* The result of the last row is that of the image; adds what the rows took to the count. */
static int read_rows(uint8_t index, uint64_t *count) {
  int status = 0;
  rows_reset(&state);
  for (uint8_t i = 0; i < ROWS_IN_IMAGE; ++i) {
    board_read_flash(row, images[index][i], sizeof row);
    const uint64_t start = board_count();
    status |= rows_run(&inputs, &outputs, &state, arena);
    *count += board_count() - start;
  }
  return status;
}

/* Whether the digit is read as it is labelled. */
static int read_digit(uint8_t index, uint64_t *count) {
  uint8_t label;
  board_read_flash(&label, &labels[index], sizeof label);
  const int status = read_rows(index, count);
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
  rows_run(&inputs, &outputs, &state, arena);
  const size_t stack = ram_used_stack();

  print_fact(TEXT("result"), right, IMAGES == right ? TEXT("images read right, all") : TEXT("images read right, not all"));
  print_fact(TEXT("time"), count / (IMAGES * ROWS_IN_IMAGE), TEXT(BOARD_COUNTS));
  print_fact(TEXT("stack"), stack, TEXT("bytes"));
  return right == IMAGES ? 0 : 1;
}
