/* The RAM that no variable has: an application takes memory from its start, and the stack grows down from its end. */
#ifndef RAM_H
#define RAM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memory at a multiple of 16, to keep; exits if there is none. For sizes that are not known when the firmware is
   compiled: where they are, variables are better. */
void *ram_take(size_t bytes);

/* Paints what is left. Interrupts are masked until ram_used_stack, so that only the program's own stack counts. */
void ram_paint(void);

/* The bytes of stack used since ram_paint below the frame of its caller: all that is no longer paint. Exits if nothing is
   left, since then the stack has overflowed. */
size_t ram_used_stack(void);

#ifdef __cplusplus
}
#endif

#endif
