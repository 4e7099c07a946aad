#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "digit.h"

int main(void) {
  printk("digit %d\n", example_digit());
  return 0;
}
