/* The 200 test images of 8x8 pixels in test.bin, and what a network says about one. */
#ifndef TEST_SET_H
#define TEST_SET_H

#define TEST_IMAGES 200
#define TEST_PIXELS 64
#define TEST_CLASSES 10

typedef struct {
  float images[TEST_IMAGES][TEST_PIXELS]; /* 0 for paper, 1 for ink */
  unsigned char labels[TEST_IMAGES];      /* below TEST_CLASSES */
} test_set;

/* Reads the file; returns 0, or -1 behind a message. */
int test_set_load(test_set *set, const char *path);

/* The most probable class, or -1 behind a message if the probabilities are no distribution (NaN is none either). */
int test_set_class(const float probabilities[TEST_CLASSES]);

#endif
