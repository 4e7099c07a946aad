/* What a network that reads handwritten digits has of its own; reading.c is the rest of the program. */
#ifndef READING_H
#define READING_H

#include <stdint.h>

#define PIXELS 64
#define CLASSES 10

/* digits_images.S; IMAGES comes from the Makefile. */
extern const float images[IMAGES][PIXELS];
extern const uint8_t labels[IMAGES];

/* How often the network runs for an image. */
extern const uint8_t runs_of_image;

/* What the network said last. */
extern float probabilities[CLASSES];

/* Lets the network read an image, which lies in flash; adds to the count what its runs took. Returns 0 or an error. */
int read_digit(uint8_t index, uint64_t *count);

/* Runs the network once more on what it has read. */
void run_again(void);

#endif
