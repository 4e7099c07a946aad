#include "host.h"

int nnc_host_x86_64_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  /* A feature counts only where the system saves the registers that it needs. */
  const int has_3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi")
      && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  const int has_4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return !has_3 ? 1 : has_4 ? 4 : 3;
#else
  return 0;
#endif
}
