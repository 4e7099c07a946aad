/* Lets a model tell the time after each of its steps: compilers read it before the C of the model. */
#ifndef STEPS_H
#define STEPS_H

#include "bench.h"

#define NNC_RUN_STEP(model, number, call) \
  do { \
    call; \
    if (bench_times != NULL) bench_times[number] = bench_ticks(); \
  } while (0)

#endif
