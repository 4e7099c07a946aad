/* From reset to main on a RISC-V core in machine mode. */
#include "board.h"
#include "memory_image.h"

void reset(void);

/* The registers sp and gp are not set yet, so the first steps cannot be C. */
__attribute__((naked, section(".reset"))) void reset(void) {
  __asm__ volatile(
      ".option push\n .option norelax\n la gp, __global_pointer$\n .option pop\n"
      "la sp, board_stack_top\n"
      "j start");
}

__attribute__((noreturn, used)) static void start(void) {
  prepare_memory();
  board_start_counter();
  board_exit(main());
}
