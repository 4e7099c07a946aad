#include <stdio.h>

#include "digit.h"

void app_main(void) {
  printf("digit %d\n", example_digit());
}
