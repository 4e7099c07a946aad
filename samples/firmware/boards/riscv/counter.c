/* Instructions retired, which the core counts itself, and interrupts by the timer beside it. */
#include "board.h"

/* Control and status registers are an extension of their own since 2019, for which old compilers have no name. */
#if defined(__clang__) && __clang_major__ < 16
#define ZICSR ""
#else
#define ZICSR ".option arch, +zicsr\n"
#endif

#define READ_CSR(name, value) __asm__ volatile(ZICSR "csrr %0, " name : "=r"(value))
#define SET_CSR(name, bits) __asm__ volatile(ZICSR "csrs " name ", %0" : : "r"(bits) : "memory")
#define CLEAR_CSR(name, bits) __asm__ volatile(ZICSR "csrc " name ", %0" : : "r"(bits) : "memory")
#define WRITE_CSR(name, value) __asm__ volatile(ZICSR "csrw " name ", %0" : : "r"(value) : "memory")

#define INTERRUPTS_ENABLED 8u    /* of mstatus */
#define TIMER_INTERRUPT 0x80u    /* of mie */
#define CAUSE_TIMER 0x80000007u  /* of mcause */

/* The timer of the core-local interruptor: 10 MHz, so 100 instructions a tick. */
#define INSTRUCTIONS_PER_TICK 100u
static volatile uint32_t *const compare = (void *)0x02004000;
static volatile uint32_t *const time_now = (void *)0x0200BFF8;

static uint32_t period_ticks;
static void (*interrupted)(void);

/* The instructions that read the counter. */
const uint32_t board_count_error = 100;

/* The high half is read twice, lest the low half overflow in between. */
uint64_t board_count(void) {
  uint32_t high, low, again;
  do {
    READ_CSR("minstreth", high);
    READ_CSR("minstret", low);
    READ_CSR("minstreth", again);
  } while (high != again);
  return (uint64_t)high << 32 | low;
}

static void start_period(void) {
  uint32_t high, low;
  do {
    high = time_now[1];
    low = time_now[0];
  } while (high != time_now[1]);
  const uint64_t next = ((uint64_t)high << 32 | low) + period_ticks;
  compare[0] = UINT32_MAX; /* no moment in between that lies before now */
  compare[1] = (uint32_t)(next >> 32);
  compare[0] = (uint32_t)next;
}

__attribute__((interrupt, aligned(4))) static void trap(void) {
  uint32_t cause;
  READ_CSR("mcause", cause);
  if (cause != CAUSE_TIMER) {
    board_write("fault: the program did what this core cannot do, or reached outside of its memory\n");
    board_exit(70);
  }
  start_period();
  interrupted();
}

/* The count itself needs no start, but interrupts and faults need a place to jump to. */
void board_start_counter(void) { WRITE_CSR("mtvec", trap); }

void board_interrupt(uint32_t period, void (*function)(void)) {
  CLEAR_CSR("mie", TIMER_INTERRUPT);
  if (!function) return;
  interrupted = function;
  period_ticks = period / INSTRUCTIONS_PER_TICK;
  start_period();
  SET_CSR("mie", TIMER_INTERRUPT);
  SET_CSR("mstatus", INTERRUPTS_ENABLED);
}

void board_mask_interrupts(int are_masked) {
  if (are_masked) CLEAR_CSR("mstatus", INTERRUPTS_ENABLED);
  else SET_CSR("mstatus", INTERRUPTS_ENABLED);
}

/* Two instructions each time. */
void board_spin(uint32_t count) {
  uint32_t rest = count / 2;
  __asm__ volatile("1: addi %0, %0, -1\n bnez %0, 1b" : "+r"(rest));
}
