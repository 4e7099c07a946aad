/* Numbers and results as text, without printf. */
#ifndef PRINT_H
#define PRINT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void print_number(uint64_t number);

/* A line `label number unit`; the texts are of the form TEXT("..."). */
void print_fact(const char *label, uint64_t number, const char *unit);

#ifdef __cplusplus
}
#endif

#endif
