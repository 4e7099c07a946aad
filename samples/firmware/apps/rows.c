/* Reads a digit row by row, as a scanner delivers it: what the network knows of the rows before lies in a state. */
#include "rows.h"

#include "board.h"
#include "reading.h"

const uint8_t runs_of_image = PIXELS / ROWS_ROW_ELEMENTS;
float probabilities[CLASSES];

static unsigned char arena[ROWS_ARENA_BYTES] __attribute__((aligned(ROWS_ARENA_ALIGNMENT)));
static rows_state state;
static float row[ROWS_ROW_ELEMENTS];

static const rows_inputs inputs = {row};
static const rows_outputs outputs = {probabilities};

/* The result of the last row is that of the image. */
int read_digit(uint8_t index, uint64_t *count) {
  int status = 0;
  rows_reset(&state);
  for (uint8_t i = 0; i < runs_of_image; ++i) {
    board_read_flash(row, images[index] + i * ROWS_ROW_ELEMENTS, sizeof row);
    const uint64_t start = board_count();
    status |= rows_run(&inputs, &outputs, &state, arena);
    *count += board_count() - start;
  }
  return status;
}

void run_again(void) {
  rows_run(&inputs, &outputs, &state, arena);
}
