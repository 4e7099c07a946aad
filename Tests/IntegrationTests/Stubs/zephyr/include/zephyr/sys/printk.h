/* Stands in for a header of Zephyr. */
#include <stdio.h>

#define printk printf
