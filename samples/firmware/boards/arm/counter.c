/* Counts instructions by the timer that every Cortex-M has. Under -icount shift=0 an instruction takes a nanosecond, so
   they are ticks times the time of a tick. */
#include "counter.h"

#include "board.h"

/* TICK_PICOSECONDS comes from the table boards.mk: a thousandth of an instruction each. */
#define PER_INSTRUCTION 1000u

#define LONGEST_PERIOD 0x1000000u /* the counter has 24 bits */

static struct {
  volatile uint32_t control, reload, current;
} *const systick = (void *)0xE000E010;

#define ENABLE 1u
#define INTERRUPT 2u
#define CORE_CLOCK 4u

/* The ticks of whole periods, and how many those of now have. */
static volatile uint64_t past_ticks;
static volatile uint32_t period_ticks;

static void (*volatile interrupted)(void);

/* A tick, and the instructions that read the counter. */
const uint32_t board_count_error = TICK_PICOSECONDS / PER_INSTRUCTION + 100;

static void start_periods(uint32_t ticks) {
  systick->control = 0;
  period_ticks = ticks;
  systick->reload = ticks - 1;
  systick->current = 0;
  systick->control = ENABLE | INTERRUPT | CORE_CLOCK;
  while (systick->current == 0) {
  }
}

void board_start_counter(void) { start_periods(LONGEST_PERIOD); }

void systick_interrupt(void) {
  past_ticks += period_ticks;
  if (interrupted) interrupted();
}

/* The two words of past_ticks are read between two equal readings, lest an interrupt change one of them. */
uint64_t board_count(void) {
  uint64_t past;
  uint32_t current;
  do {
    past = past_ticks;
    current = systick->current;
  } while (past != past_ticks);
  const uint64_t ticks = past + (period_ticks - 1 - current);
  return ticks * TICK_PICOSECONDS / PER_INSTRUCTION;
}

void board_interrupt(uint32_t period, void (*function)(void)) {
  board_mask_interrupts(1);
  const uint64_t ticks = (uint64_t)period * PER_INSTRUCTION / TICK_PICOSECONDS;
  past_ticks += period_ticks - 1 - systick->current;
  interrupted = function;
  start_periods(function && ticks < LONGEST_PERIOD ? (uint32_t)ticks : LONGEST_PERIOD);
  board_mask_interrupts(0);
}

void board_mask_interrupts(int are_masked) {
  if (are_masked) __asm__ volatile("cpsid i" ::: "memory");
  else __asm__ volatile("cpsie i" ::: "memory");
}

/* Two instructions each time. */
void board_spin(uint32_t count) {
  uint32_t rest = count / 2;
  __asm__ volatile(".syntax unified\n1: subs %0, %0, #1\n bne 1b" : "+l"(rest) : : "cc");
}
