/* Runs a model as two compilers wrote it, in one firmware, so under equal conditions. Models have one input and one output of
   f32. The inputs are those of a self-test, of which the linker leaves out everything else. */
#include "board.h"
#include "model.h"
#include "own.h"
#include "print.h"
#include "ram.h"

/* The entry point that the other compiler wrote; its parameters are arrays of the shapes of the model. */
void peer(const float *input, float *output);

#define LARGEST_DIFFERENCE 1e-4f
#define BILLION 1e9f

static unsigned char arena[OWN_ARENA_BYTES + 1] __attribute__((aligned(OWN_ARENA_ALIGNMENT)));
static float *own_output, *peer_output;
static const float *input;

static size_t output_elements(void) {
  const nnc_tensor *output = &own_descriptor.outputs[0];
  size_t elements = 1;
  for (int32_t i = 0; i < output->rank; ++i) elements *= (size_t)output->extents[i];
  return elements;
}

static void run_own(void) {
  const own_inputs inputs = {input};
  const own_outputs outputs = {own_output};
  if (own_run(&inputs, &outputs, arena) != 0) board_exit(1);
}

static void run_peer(void) { peer(input, peer_output); }

static void measure(const char *time_label, const char *memory_label, size_t memory, void (*run)(void)) {
  uint64_t count = 0;
  for (int i = 0; i < MODEL_TESTS; ++i) {
    __builtin_memcpy(&input, &model_test_inputs[i], sizeof input); /* the struct of one input is one pointer */
    const uint64_t start = board_count();
    run();
    count += board_count() - start;
  }
  ram_paint();
  run();
  print_fact(memory_label, memory + ram_used_stack(), TEXT("bytes"));
  print_fact(time_label, count / MODEL_TESTS, TEXT(BOARD_COUNTS));
}

/* Both have run on the last input. */
static float difference(void) {
  float largest = 0.0f;
  for (size_t i = 0; i < output_elements(); ++i) {
    const float signed_difference = own_output[i] - peer_output[i];
    const float size = signed_difference < 0.0f ? -signed_difference : signed_difference;
    if (!(size <= largest)) largest = size;
  }
  return largest;
}

int main(void) {
  own_output = ram_take(output_elements() * sizeof(float));
  peer_output = ram_take(output_elements() * sizeof(float));
  measure(TEXT("nnc"), TEXT("nnc-memory"), OWN_ARENA_BYTES, run_own);
  measure(TEXT("peer"), TEXT("peer-memory"), 0, run_peer);
  const float largest = difference();
  print_fact(TEXT("difference"), (uint64_t)(largest * BILLION), TEXT("billionths"));
  return largest <= LARGEST_DIFFERENCE ? 0 : 1;
}
