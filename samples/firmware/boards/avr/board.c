/* An ATmega328P: text by its serial port, clock cycles by its timer 1. */
#include "board.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

static volatile uint32_t overflows;

/* The interrupts of 30 overflows, in a check of two million cycles. */
const uint32_t board_count_error = 2000;

void board_write_character(char character) {
  while (!(UCSR0A & (1 << UDRE0))) {
  }
  UDR0 = (uint8_t)character;
}

void board_write(const char *text) {
  for (char character; (character = (char)pgm_read_byte(text)) != '\0'; ++text) board_write_character(character);
}

/* The emulator ends when the core sleeps with interrupts off; run.sh takes the status from this line. */
void board_exit(int status) {
  board_write(TEXT("exit "));
  board_write_character((char)('0' + status / 10 % 10));
  board_write_character((char)('0' + status % 10));
  board_write_character('\n');
  cli();
  sleep_enable();
  for (;;) sleep_cpu();
}

void board_read_flash(void *to, const void *flash, size_t bytes) {
  uint8_t *t = to;
  for (const uint8_t *f = flash; bytes > 0; --bytes) *t++ = pgm_read_byte(f++);
}

void board_start_counter(void) {
  UCSR0B = 1 << TXEN0;
  TIMSK1 = 1 << TOIE1;
  TCCR1B = 1 << CS10; /* one tick a cycle */
  sei();
}

ISR(TIMER1_OVF_vect) { ++overflows; }

/* An overflow that has not been counted yet is seen by its flag. */
uint64_t board_count(void) {
  const uint8_t status = SREG;
  cli();
  const uint16_t low = TCNT1;
  const int is_pending = (TIFR1 & (1 << TOV1)) && low < 0x8000;
  const uint32_t high = overflows + (is_pending ? 1 : 0);
  SREG = status;
  return (uint64_t)high << 16 | low;
}

void board_mask_interrupts(int are_masked) {
  if (are_masked) cli();
  else sei();
}

/* Eight cycles each time: the subtractions take one each, the jump two. */
void board_spin(uint32_t count) {
  uint32_t rest = count / 8;
  __asm__ volatile("1: subi %A0, 1\n sbci %B0, 0\n sbci %C0, 0\n sbci %D0, 0\n nop\n nop\n brne 1b" : "+d"(rest));
}
