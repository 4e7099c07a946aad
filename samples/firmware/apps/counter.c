/* Checks the counter that all other figures come from, by a loop of known length. */
#include "board.h"
#include "print.h"

#define LENGTH 2000000u

int main(void) {
  const uint64_t start = board_count();
  board_spin(LENGTH);
  const uint64_t count = board_count() - start;
  const int is_right = count >= LENGTH && count <= LENGTH + board_count_error;
  print_fact(TEXT("result"), LENGTH, is_right ? TEXT("counted right") : TEXT("counted wrong"));
  print_fact(TEXT("time"), count, TEXT(BOARD_COUNTS));
  return is_right ? 0 : 1;
}
