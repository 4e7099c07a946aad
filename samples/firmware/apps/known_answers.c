/* Runs any model on inputs whose outputs are known: `nnc build --self-test` puts both into the C. The Makefile has the model
   compiled under the name `model`, so that this file fits all. */
#include "board.h"
#include "model.h"
#include "print.h"
#include "ram.h"

/* A model may keep something from one run to the next. */
#ifdef MODEL_STATE_BYTES
static model_state state;
#define STATE &state,
#else
#define STATE
#endif

static unsigned char arena[MODEL_SELF_TEST_ARENA_BYTES] __attribute__((aligned(MODEL_ARENA_ALIGNMENT)));

/* The bytes of an element: its name begins with letters and the bits; what has less than a byte takes one. */
static size_t element_bytes(const char *element) {
  size_t bits = 0;
  while (*element >= 'a') ++element;
  for (; *element >= '0' && *element <= '9'; ++element) bits = bits * 10 + (size_t)(*element - '0');
  return bits > 8 ? bits / 8 : 1;
}

static size_t tensor_bytes(const nnc_tensor *tensor) {
  size_t bytes = element_bytes(tensor->element);
  for (int32_t i = 0; i < tensor->rank; ++i) bytes *= (size_t)tensor->extents[i];
  return bytes;
}

/* Memory for the outputs of any model: the struct has one pointer for each, in their order. */
static void take_outputs(model_outputs *outputs) {
  unsigned char *pointers = (unsigned char *)outputs;
  for (int32_t i = 0; i < model_descriptor.output_count; ++i) {
    void *const memory = ram_take(tensor_bytes(&model_descriptor.outputs[i]));
    __builtin_memcpy(pointers + (size_t)i * sizeof memory, &memory, sizeof memory);
  }
}

int main(void) {
  model_outputs outputs;
  take_outputs(&outputs);
#ifdef MODEL_STATE_BYTES
  model_reset(&state);
#endif
  const int32_t layer = model_self_test(arena);

  uint64_t count = 0;
  int status = 0;
  for (int i = 0; i < MODEL_TESTS; ++i) {
    const uint64_t start = board_count();
    status |= model_run(&model_test_inputs[i], &outputs, STATE arena);
    count += board_count() - start;
  }
  ram_paint();
  status |= model_run(&model_test_inputs[0], &outputs, STATE arena);
  const size_t stack = ram_used_stack();

  if (layer == 0) print_fact(TEXT("result"), MODEL_TESTS, TEXT("known answers right"));
  else print_fact(TEXT("result"), (uint32_t)layer, TEXT("is the first step that differs"));
  print_fact(TEXT("time"), count / MODEL_TESTS, TEXT(BOARD_COUNTS));
  print_fact(TEXT("stack"), stack, TEXT("bytes"));
  return layer == 0 && status == 0 ? 0 : 1;
}
