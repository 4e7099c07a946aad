/* What an application may ask of a board. Everything else in this folder serves these few functions. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* Constants that stay in flash. Only AVR has to be told: elsewhere flash is read as any memory. */
#if defined(__AVR__)
#include <avr/pgmspace.h>
#define TEXT(literal) PSTR(literal)
#define BOARD_COUNTS "cycles"
#else
#define TEXT(literal) (literal)
#define BOARD_COUNTS "instructions"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The application. What it returns becomes the exit status of the emulator. */
int main(void);

/* Writes a text of the form TEXT("..."). */
void board_write(const char *text);

/* Writes one character. */
void board_write_character(char character);

void board_exit(int status) __attribute__((noreturn));

/* Copies constants from flash to RAM. */
void board_read_flash(void *to, const void *flash, size_t bytes);

/* Prepares the counter; the startup code calls it before main. */
void board_start_counter(void);

/* Instructions executed since the start, under the emulator's option -icount shift=0; on AVR clock cycles. */
uint64_t board_count(void);

/* Executes a loop of this many instructions (on AVR: that takes as many cycles), and a few more. */
void board_spin(uint32_t count);

/* By how much two readings of the counter around board_spin may differ from what it was told to execute. */
extern const uint32_t board_count_error;

/* Calls a function from an interrupt, about every `period` instructions; NULL stops that. The counter goes on. Not on
   AVR. */
void board_interrupt(uint32_t period, void (*function)(void));

/* Keeps interrupts from running, or lets them. */
void board_mask_interrupts(int are_masked);

/* The RAM between the variables and the end of the stack. */
extern unsigned char board_free_start[], board_stack_top[];

#ifdef __cplusplus
}
#endif

#endif
