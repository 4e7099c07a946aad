/* Two models in one firmware, and two instances of one: an interrupt runs the parity and the digits on one image while
   the program runs the digits on another, each with an arena of its own. All results must be those of a quiet run. */
#include "board.h"
#include "digits.h"
#include "print.h"
#include "parity.h"

#define ROUNDS 20
#define PIXELS DIGITS_IMAGE_ELEMENTS
#define CLASSES DIGITS_PROBABILITIES_ELEMENTS

extern const float images[IMAGES][PIXELS]; /* digits_images.S */

typedef struct {
  unsigned char arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGNMENT)));
  float probabilities[CLASSES];
  float quiet_probabilities[CLASSES];
} instance;

static instance in_program, in_interrupt;

/* One byte at least: the array of a model that needs no arena would have none. */
static unsigned char parity_arena[PARITY_ARENA_BYTES + 1] __attribute__((aligned(PARITY_ARENA_ALIGNMENT)));

static volatile uint32_t interrupts, failures;

static void run(instance *one, const float *image, float *probabilities) {
  const digits_inputs inputs = {image};
  const digits_outputs outputs = {probabilities};
  if (digits_run(&inputs, &outputs, one->arena) != 0) ++failures;
}

static void compare(const instance *one) {
  for (uint8_t c = 0; c < CLASSES; ++c) {
    const float difference = one->probabilities[c] - one->quiet_probabilities[c];
    if (!(difference >= 0.0f && difference <= 0.0f)) {
      ++failures;
      return;
    }
  }
}

static void check_parity(uint32_t a, uint32_t b) {
  const float bits[2] = {(float)a, (float)b};
  float result;
  const parity_inputs inputs = {bits};
  const parity_outputs outputs = {&result};
  if (parity_run(&inputs, &outputs, parity_arena) != 0 || (uint32_t)result != (a ^ b)) ++failures;
}

static void interrupt(void) {
  check_parity(interrupts & 1, interrupts >> 1 & 1);
  run(&in_interrupt, images[1], in_interrupt.probabilities);
  compare(&in_interrupt);
  ++interrupts;
}

int main(void) {
  const uint64_t start = board_count();
  run(&in_program, images[0], in_program.quiet_probabilities);
  const uint64_t time = board_count() - start;
  run(&in_interrupt, images[1], in_interrupt.quiet_probabilities);

  /* Longer than what it interrupts with, and no multiple of it, so that the program is interrupted everywhere. */
  board_interrupt((uint32_t)(time * 2 + time / 7), interrupt);
  for (uint32_t round = 0; round < ROUNDS; ++round) {
    run(&in_program, images[0], in_program.probabilities);
    compare(&in_program);
  }
  board_interrupt(0, NULL);

  print_fact(TEXT("interrupts"), interrupts, TEXT("runs"));
  print_fact(TEXT("result"), failures, TEXT("runs differ from quiet ones"));
  return failures == 0 && interrupts > 4 ? 0 : 1;
}
