#ifndef COUNTER_H
#define COUNTER_H

/* Where the core jumps to when the counter wraps. */
void systick_interrupt(void);

#endif
