#include "test_set.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The file holds little-endian floats, whatever the byte order of this machine. */
static float little_endian_float(const unsigned char *bytes) {
  const uint32_t bits =
      (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Reads all images and then all labels; 0 when the file is exactly that long and every label is a class. */
static int read_file(test_set *set, FILE *file) {
  unsigned char bytes[4 * TEST_PIXELS];
  for (int i = 0; i < TEST_IMAGES; ++i) {
    if (fread(bytes, 1, sizeof bytes, file) != sizeof bytes) return -1;
    for (int pixel = 0; pixel < TEST_PIXELS; ++pixel) set->images[i][pixel] = little_endian_float(bytes + 4 * pixel);
  }
  if (fread(set->labels, 1, sizeof set->labels, file) != sizeof set->labels) return -1;
  for (int i = 0; i < TEST_IMAGES; ++i) {
    if (set->labels[i] >= TEST_CLASSES) return -1;
  }
  return fgetc(file) == EOF && !ferror(file) ? 0 : -1;
}

int test_set_load(test_set *set, const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "%s: cannot be opened; give the path of samples/digits/test.bin\n", path);
    return -1;
  }
  const int result = read_file(set, file);
  fclose(file);
  if (result != 0) {
    fprintf(stderr, "%s: not a test set: expected %d images of %d floats, then %d labels below %d; "
                    "samples/digits/train.py writes this file\n",
            path, TEST_IMAGES, TEST_PIXELS, TEST_IMAGES, TEST_CLASSES);
  }
  return result;
}

int test_set_class(const float probabilities[TEST_CLASSES]) {
  int best = 0;
  float sum = 0.0f;
  for (int c = 0; c < TEST_CLASSES; ++c) {
    sum += probabilities[c];
    if (probabilities[c] > probabilities[best]) best = c;
  }
  if (!(sum > 0.999f && sum < 1.001f)) {
    fprintf(stderr, "the probabilities sum to %g, expected 1\n", (double)sum);
    return -1;
  }
  return best;
}
