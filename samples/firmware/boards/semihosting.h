/* Calls of the emulator (on a real board, of the debugger): text and the exit status. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

/* A call of the interface that Arm specifies and RISC-V has taken over: an operation with its parameter. */
static inline intptr_t semihosting(intptr_t operation, const void *parameter) {
#if defined(__arm__)
  register intptr_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = parameter;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
#elif defined(__riscv)
  register intptr_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = parameter;
  /* The instructions around the break mark it; the three lie in one line of the cache, uncompressed. */
  __asm__ volatile(
      ".balign 16\n .option push\n .option norvc\n slli x0, x0, 0x1f\n ebreak\n srai x0, x0, 7\n .option pop"
      : "+r"(a0) : "r"(a1) : "memory");
  return a0;
#endif
}

#endif
