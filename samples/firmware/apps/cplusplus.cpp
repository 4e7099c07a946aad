// Two models in a firmware of C++, without exceptions, RTTI or its library: the headers that nnc writes are C++ too.
#include "board.h"
#include "digits.h"
#include "print.h"
#include "parity.h"

extern "C" const float images[IMAGES][DIGITS_IMAGE_ELEMENTS];  // digits_images.S
extern "C" const uint8_t labels[IMAGES];

namespace {

/// The parity of two bits, by a network. An object with a constructor: the startup code has run it before main.
class Parity {
 public:
  Parity() : outputs_{&result_} {}

  bool operator()(bool a, bool b) {
    const float bits[2] = {a ? 1.0f : 0.0f, b ? 1.0f : 0.0f};
    const parity_inputs inputs = {bits};
    return parity_run(&inputs, &outputs_, arena_) == 0 && result_ > 0.5f;
  }

 private:
  alignas(PARITY_ARENA_ALIGNMENT) unsigned char arena_[PARITY_ARENA_BYTES + 1];
  float result_ = 0;
  const parity_outputs outputs_;
};

/// The most probable digit of an image.
class DigitReader {
 public:
  uint8_t operator()(const float *image) {
    float probabilities[DIGITS_PROBABILITIES_ELEMENTS];
    const digits_inputs inputs = {image};
    const digits_outputs outputs = {probabilities};
    if (digits_run(&inputs, &outputs, arena_) != 0) return 255;
    uint8_t best = 0;
    for (uint8_t c = 1; c < DIGITS_PROBABILITIES_ELEMENTS; ++c) {
      if (probabilities[c] > probabilities[best]) best = c;
    }
    return best;
  }

 private:
  alignas(DIGITS_ARENA_ALIGNMENT) unsigned char arena_[DIGITS_ARENA_BYTES];
};

Parity parity;
DigitReader read_digit;

}  // namespace

int main() {
  uint8_t right = 0;
  for (uint8_t bits = 0; bits < 4; ++bits) {
    const bool a = bits & 1, b = bits & 2;
    if (parity(a, b) == (a != b)) ++right;
  }
  for (uint8_t i = 0; i < IMAGES; ++i) {
    if (read_digit(images[i]) == labels[i]) ++right;
  }
  print_fact(TEXT("result"), right, TEXT("answers right"));
  return right == 4 + IMAGES ? 0 : 1;
}
