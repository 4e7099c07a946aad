/* What the examples of all integrations do. */
#ifndef EXAMPLE_DIGIT_H
#define EXAMPLE_DIGIT_H

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a handwritten seven with the model of samples/digits, and returns which digit it is, or -1 on an error. */
int example_digit(void);

#ifdef __cplusplus
}
#endif

#endif
