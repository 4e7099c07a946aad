#include "print.h"

#include "board.h"

void print_number(uint64_t number) {
  char digits[20]; /* 2^64 has 20 */
  int count = 0;
  do {
    digits[count++] = (char)('0' + (int)(number % 10));
    number /= 10;
  } while (number > 0);
  while (count > 0) board_write_character(digits[--count]);
}

void print_fact(const char *label, uint64_t number, const char *unit) {
  board_write(label);
  board_write(TEXT(" "));
  print_number(number);
  board_write(TEXT(" "));
  board_write(unit);
  board_write(TEXT("\n"));
}
