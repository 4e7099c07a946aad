#include "ram.h"

#include <stdint.h>

#include "board.h"

#define ALIGNMENT 16u
#define PAINT 0xA5

/* The frames of ram_paint and of what it calls are not painted. */
#define OWN_FRAMES 64

/* The least that is left for the stack. */
#define LEAST_STACK 256

static unsigned char *free_start = board_free_start;
static unsigned char *painted_end;

static size_t free_bytes(void) { return (size_t)((unsigned char *)__builtin_frame_address(0) - free_start); }

static void exit_without_ram(void) {
  board_write(TEXT("this program needs more RAM than this board has\n"));
  board_exit(1);
}

void *ram_take(size_t bytes) {
  const size_t skipped = (ALIGNMENT - (uintptr_t)free_start % ALIGNMENT) % ALIGNMENT;
  if (free_bytes() < skipped + bytes + LEAST_STACK) exit_without_ram();
  unsigned char *taken = free_start + skipped;
  free_start = taken + bytes;
  return taken;
}

void ram_paint(void) {
  board_mask_interrupts(1);
  painted_end = __builtin_frame_address(0);
  volatile unsigned char *end = painted_end - OWN_FRAMES;
  for (volatile unsigned char *p = free_start; p < end; ++p) *p = PAINT;
}

size_t ram_used_stack(void) {
  const unsigned char *p = free_start;
  while (p < painted_end && *p == PAINT) ++p;
  board_mask_interrupts(0);
  if (p == free_start) exit_without_ram();
  return (size_t)(painted_end - p);
}
