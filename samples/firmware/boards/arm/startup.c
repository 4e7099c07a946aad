/* From reset to main on a Cortex-M. */
#include "board.h"
#include "counter.h"
#include "memory_image.h"

typedef void (*vector)(void);

void reset(void);

/* Floating point and Helium are off after reset; using them before is a fault. */
static void enable_coprocessors(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  volatile uint32_t *const coprocessor_access = (volatile uint32_t *)0xE000ED88;
  *coprocessor_access |= 0xFu << 20;
  __asm__ volatile("dsb\n isb" ::: "memory");
#endif
}

void reset(void) {
  enable_coprocessors();
  prepare_memory();
  board_start_counter();
  board_exit(main());
}

static void fault(void) {
  board_write("fault: the program did what this core cannot do, or reached outside of its memory\n");
  board_exit(70);
}

/* The first words that the core reads: the stack pointer, then what it jumps to. */
__attribute__((section(".vectors"), used)) static const struct {
  unsigned char *stack_top;
  vector exceptions[15];
} vectors = {
    board_stack_top,
    {
        reset, fault, /* NMI */
        fault,        /* HardFault */
        fault,        /* MemManage */
        fault,        /* BusFault */
        fault,        /* UsageFault */
        fault,        /* SecureFault */
        0, 0, 0, fault, /* SVCall */
        fault,        /* DebugMonitor */
        0, fault,     /* PendSV */
        systick_interrupt,
    },
};
