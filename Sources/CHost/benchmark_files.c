/* Carries the text of the program that times a model. */
#include "host.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char bench[] = {
#embed "benchmark/bench.c"
    , 0};

static const char machine[] = {
#embed "benchmark/machine.c"
    , 0};

static const char bench_header[] = {
#embed "benchmark/bench.h"
    , 0};

static const char steps[] = {
#embed "benchmark/steps.h"
    , 0};

const nnc_benchmark_file nnc_benchmark_files[] = {
    {"bench.c", bench},
    {"machine.c", machine},
    {"bench.h", bench_header},
    {"steps.h", steps},
    {0, 0},
};
