/* What C expects of memory before main: variables have their values, and constructors of C++ have run. */
#ifndef MEMORY_IMAGE_H
#define MEMORY_IMAGE_H

#include <stdint.h>

/* From the linker script. */
extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[];
extern void (*const constructors_start[])(void);
extern void (*const constructors_end[])(void);

static inline void prepare_memory(void) {
  const uint32_t *from = data_load;
  for (uint32_t *to = data_start; to < data_end; ++to) *to = *from++;
  for (uint32_t *to = bss_start; to < bss_end; ++to) *to = 0;
  for (void (*const *constructor)(void) = constructors_start; constructor < constructors_end; ++constructor) {
    (*constructor)();
  }
}

#endif
