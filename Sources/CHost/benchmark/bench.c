/* Times a model: bench INPUTS SECONDS SAMPLES

   INPUTS is a file with the elements of all inputs, one after the other. For SECONDS, or SAMPLES times where that is not 0,
   runs are timed, in turns with one that tells the time after each step where the model does. What was measured goes to the
   standard output:

     clock C             nanoseconds that telling the time adds to a step
     products P          products of floats that the machine adds in a second
     bytes B             bytes that it reads in a second, of as many as the model works on
     runs N              runs in each sample
     whole  SAMPLES FASTEST QUARTILE MEDIAN QUARTILE MIDDLE    nanoseconds of a run
     step N SAMPLES …                                          those of each step
     rest   SAMPLES …                                          and of what is left after the last one

   MIDDLE is the mean of the samples between the quartiles. */
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "facts.h" /* what nnc knows of the model */

#define MOST_SAMPLES 2000
#define LEAST_SAMPLES 5
#define LEAST_NANOSECONDS_OF_SAMPLE 20000.0
#define CLOCK_SAMPLES 200
#define MADE_UP_STEPS 100

int64_t *bench_times = NULL;

int64_t bench_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void fail(const char *message) {
  fprintf(stderr, "%s\n", message);
  exit(1);
}

/* Memory that begins a line of the cache. */
static void *allocate(size_t count) {
  void *memory = NULL;
  if (posix_memalign(&memory, 64, count + 64) != 0) fail("there is not enough memory");
  memset(memory, 0, count + 64);
  return memory;
}

static int compare(const void *a, const void *b) {
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Sorts samples, and returns the mean of those between the quartiles. Where the clock ticks rarely it is finer than the median. */
static double middle_of(float *samples, int count) {
  qsort(samples, (size_t)count, sizeof *samples, compare);
  double sum = 0.0;
  for (int i = count / 4; i < count - count / 4; ++i) sum += (double)samples[i];
  return sum / (count - count / 4 * 2);
}

/* Prints what was found of `count` samples in ticks: each is `nanoseconds` long, and `cost` of them are the clock's. */
static void print_times(const char *what, float *samples, int count, double nanoseconds, double cost) {
  const double middle = middle_of(samples, count);
  const double median = ((double)samples[(count - 1) / 2] + (double)samples[count / 2]) / 2;
  const double figures[] = {(double)samples[0], (double)samples[count / 4], median, (double)samples[count - 1 - count / 4], middle};
  printf("%s %d", what, count);
  for (int i = 0; i < 5; ++i) printf(" %.3f", figures[i] > cost ? (figures[i] - cost) * nanoseconds : 0.0);
  printf("\n");
}

/* A step of no model, such as it has many of. */
#if defined(__GNUC__)
__attribute__((noinline))
#endif
static void made_up_step(volatile float *x) {
  for (int i = 0; i < 8; ++i) x[i] = x[i] * 0.5f + 1.0f;
}

/* How many ticks telling the time adds to a step, where some follow each other. */
static double cost_of_clock(void) {
  static int64_t times[MADE_UP_STEPS];
  static volatile float x[8];
  float samples[CLOCK_SAMPLES];
  for (int i = 0; i < CLOCK_SAMPLES; ++i) {
    const int64_t start = bench_ticks();
    for (int j = 0; j < MADE_UP_STEPS; ++j) NNC_RUN_STEP(made_up, j, made_up_step(x));
    const int64_t middle = bench_ticks();
    bench_times = times;
    for (int j = 0; j < MADE_UP_STEPS; ++j) NNC_RUN_STEP(made_up, j, made_up_step(x));
    bench_times = NULL;
    samples[i] = (float)(bench_ticks() - middle - (middle - start)) / MADE_UP_STEPS;
  }
  const double cost = middle_of(samples, CLOCK_SAMPLES);
  return cost > 0.0 ? cost : 0.0;
}

static void *inputs[INPUT_COUNT + 1];
static void *outputs[OUTPUT_COUNT + 1];
static void *state;
static void *arena;

static void allocate_model(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail("cannot read the inputs");
  for (int i = 0; i < INPUT_COUNT; ++i) {
    void *memory = allocate(input_bytes[i]);
    if (fread(memory, 1, input_bytes[i], file) != input_bytes[i]) fail("the inputs are too short");
    inputs[i] = memory;
  }
  fclose(file);
  for (int i = 0; i < OUTPUT_COUNT; ++i) outputs[i] = allocate(output_bytes[i]);
  state = allocate(STATE_BYTES);
  arena = allocate(ARENA_BYTES);
}

static void free_model(void) {
  for (int i = 0; i < INPUT_COUNT; ++i) free(inputs[i]);
  for (int i = 0; i < OUTPUT_COUNT; ++i) free(outputs[i]);
  free(state);
  free(arena);
}

static void run(void) {
  const int status = run_model(inputs, outputs, state, arena);
  if (status == 0) return;
  fprintf(stderr, "the model returned error %d\n", status);
  exit(1);
}

/* The nanoseconds of some runs, on average. */
static double time_of_runs(int64_t count) {
  const int64_t start = bench_now();
  for (int64_t i = 0; i < count; ++i) run();
  return (double)(bench_now() - start) / (double)count;
}

/* One run that tells the time after each step, each of which takes the ticks since the last one. */
static void time_steps(int64_t *times, float *const *samples, int sample) {
  bench_times = times;
  times[0] = bench_ticks();
  run();
  times[STEP_COUNT + 1] = bench_ticks();
  bench_times = NULL;
  for (int i = 0; i <= STEP_COUNT; ++i) samples[i][sample] = (float)(times[i + 1] - times[i]);
}

/* How many runs make a sample, once caches are full and the processor has its pace. */
static int64_t runs_of_sample(double seconds, int wanted) {
  double estimate = time_of_runs(1);
  const int64_t end = bench_now() + (int64_t)(seconds * 2e8);
  while (bench_now() < end) {
    const double time = time_of_runs(1);
    if (time < estimate) estimate = time;
  }
  double goal = wanted > 0 ? 0.0 : seconds * 1e9 / MOST_SAMPLES;
  if (goal < LEAST_NANOSECONDS_OF_SAMPLE) goal = LEAST_NANOSECONDS_OF_SAMPLE;
  return estimate >= goal ? 1 : (int64_t)(goal / (estimate < 10.0 ? 10.0 : estimate)) + 1;
}

/* Times runs and prints what was found. */
static void measure(double seconds, int wanted) {
  const int64_t runs = runs_of_sample(seconds, wanted);
  const double clock_cost = cost_of_clock();
  const int most = wanted > 0 ? wanted : MOST_SAMPLES;
  float *whole = allocate((size_t)most * sizeof *whole), *samples[STEP_COUNT + 1];
  int64_t *times = allocate((STEP_COUNT + 2) * sizeof *times);
  for (int i = 0; HAS_STEPS && i <= STEP_COUNT; ++i) samples[i] = allocate((size_t)most * sizeof *samples[i]);
  const int64_t start = bench_now(), first_tick = bench_ticks(), end = start + (int64_t)(seconds * 1e9);
  int count = 0;
  while (count < most && (wanted > 0 || count < LEAST_SAMPLES || bench_now() < end)) {
    whole[count] = (float)time_of_runs(runs);
    if (HAS_STEPS) time_steps(times, samples, count);
    ++count;
  }
  const double nanoseconds = (double)(bench_now() - start) / (double)(bench_ticks() - first_tick);
  printf("runs %lld\n", (long long)runs);
  print_times("whole", whole, count, 1.0, 0.0);
  for (int i = 0; HAS_STEPS && i <= STEP_COUNT; ++i) {
    char what[32] = "rest";
    if (i < STEP_COUNT) snprintf(what, sizeof what, "step %d", i + 1);
    print_times(what, samples[i], count, nanoseconds, clock_cost);
    free(samples[i]);
  }
  free(whole);
  free(times);
  printf("clock %.3f\n", clock_cost * nanoseconds);
}

int main(int count, char **arguments) {
  if (count != 4) fail("usage: bench INPUTS SECONDS SAMPLES");
  allocate_model(arguments[1]);
  const double products = machine_products_per_second(), bytes = machine_bytes_per_second(WORKING_BYTES);
  measure(strtod(arguments[2], NULL), atoi(arguments[3]));
  free_model();
  /* Other programs may have been busy before. */
  const double more_products = machine_products_per_second(), more_bytes = machine_bytes_per_second(WORKING_BYTES);
  printf("products %.0f\n", more_products > products ? more_products : products);
  printf("bytes %.0f\n", more_bytes > bytes ? more_bytes : bytes);
  return 0;
}
