/* What every kernel builds on. C99, no library. */
#ifndef NNC_BASE_H
#define NNC_BASE_H

#include <stddef.h>
#include <stdint.h>

/* An index into an array: as wide as the target's pointers, so 16 bits on AVR and 64 on a host. */
typedef ptrdiff_t nnc_index;

/* Kernels are written for arguments that are constants where they are called. Inlining lets the compiler specialise
   them; -DNNC_INLINE=static gives one shared copy instead, smaller and slower. */
#ifndef NNC_INLINE
#if defined(__GNUC__)
#define NNC_INLINE static inline __attribute__((always_inline))
#else
#define NNC_INLINE static inline
#endif
#endif

/* Of functions that are long, or that keep all registers busy, one copy serves every call. */
#ifndef NNC_SHARED
#if defined(__GNUC__)
#define NNC_SHARED static __attribute__((noinline))
#else
#define NNC_SHARED static
#endif
#endif

/* The functions of the steps of a model stay functions, so that each has a size, a stack frame and a time of its own. */
#ifndef NNC_STEP
#if defined(__GNUC__)
#define NNC_STEP static __attribute__((noinline))
#else
#define NNC_STEP static
#endif
#endif

/* What a model does with the call of a step. Define it to time steps or to trace them: `model` is the name of the model,
   `number` that of the step, from 1 on. */
#ifndef NNC_RUN_STEP
#define NNC_RUN_STEP(model, number, call) call
#endif

/* Where the weights lie. Define it to place them, as with __attribute__((section(".external_flash"))). AVR reads the
   memory in which the program lies by instructions of its own. */
#ifndef NNC_WEIGHTS
#if defined(NNC_PROGRAM_MEMORY) && defined(__AVR__)
#define NNC_WEIGHTS __attribute__((section(".progmem.data")))
#else
#define NNC_WEIGHTS
#endif
#endif

/* An element of the weights. */
NNC_INLINE uint8_t nnc_weight_u8(const uint8_t *w) {
#if defined(NNC_PROGRAM_MEMORY) && defined(__AVR__)
  uint8_t byte;
  __asm__("lpm %0, Z" : "=r"(byte) : "z"(w));
  return byte;
#else
  return *w;
#endif
}

NNC_INLINE float nnc_weight_f32(const float *w) {
#if defined(NNC_PROGRAM_MEMORY) && defined(__AVR__)
  float number;
  __asm__("lpm %A0, Z+\n\tlpm %B0, Z+\n\tlpm %C0, Z+\n\tlpm %D0, Z" : "=r"(number), "+z"(w));
  return number;
#else
  return *w;
#endif
}

NNC_INLINE uint32_t nnc_weight_u32(const uint32_t *w) {
#if defined(NNC_PROGRAM_MEMORY) && defined(__AVR__)
  uint32_t word;
  __asm__("lpm %A0, Z+\n\tlpm %B0, Z+\n\tlpm %C0, Z+\n\tlpm %D0, Z" : "=r"(word), "+z"(w));
  return word;
#else
  return *w;
#endif
}

NNC_INLINE int16_t nnc_weight_i16(const int16_t *w) {
#if defined(NNC_PROGRAM_MEMORY) && defined(__AVR__)
  int16_t number;
  __asm__("lpm %A0, Z+\n\tlpm %B0, Z" : "=r"(number), "+z"(w));
  return number;
#else
  return *w;
#endif
}

NNC_INLINE double nnc_weight_f64(const double *w) {
  return *w;
}

/* Copies weights to where all code can read them. */
NNC_INLINE void nnc_copy_from_program_memory(const void *w, void *to, nnc_index count) {
  for (nnc_index i = 0; i < count; ++i) ((uint8_t *)to)[i] = nnc_weight_u8((const uint8_t *)w + i);
}

/* Whether operations on floats are functions of the compiler's library. */
#ifndef NNC_SOFT_FLOAT
#if defined(__SOFTFP__) || (defined(__riscv) && !defined(__riscv_flen))
#define NNC_SOFT_FLOAT 1
#else
#define NNC_SOFT_FLOAT 0
#endif
#endif

/* Promises that an array is reached through one pointer only. */
#if defined(__GNUC__)
#define NNC_RESTRICT __restrict
#elif defined(__cplusplus)
#define NNC_RESTRICT
#else
#define NNC_RESTRICT restrict
#endif

/* Before a loop over neighbouring channels: unrolls it, so that sums stay in registers, where the compiler does not make
   vectors of it. */
#if (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 8)) && !defined(__OPTIMIZE_SIZE__) \
    && !defined(__SSE2__) && !defined(__ARM_NEON) && !defined(__ARM_FEATURE_MVE) && !defined(__riscv_vector)
#define NNC_UNROLL _Pragma("GCC unroll 16")
#else
#define NNC_UNROLL
#endif

/* Before a loop that must stay one where the compiler makes vectors: of what is left of a loop over channels that was unrolled
   first it makes vectors of few or none, and of an unrolled loop over products it keeps more weights than there are registers. */
#if defined(__clang__) && (defined(__SSE2__) || defined(__ARM_NEON) || defined(__riscv_vector))
#define NNC_KEEP_LOOP _Pragma("clang loop unroll(disable)")
#elif defined(__GNUC__) && __GNUC__ >= 8 && (defined(__SSE2__) || defined(__ARM_NEON) || defined(__riscv_vector))
#define NNC_KEEP_LOOP _Pragma("GCC unroll 1")
#else
#define NNC_KEEP_LOOP NNC_UNROLL
#endif

/* sum + a * b, rounded once where the processor has an instruction for it, which compilers may not use by themselves; they
   make no vectors of it for Helium. */
NNC_INLINE float nnc_multiply_add_f32(float sum, float a, float b) {
#if (defined(__ARM_FEATURE_FMA) && !defined(__ARM_FEATURE_MVE)) || defined(__riscv_flen)
  return __builtin_fmaf(a, b, sum);
#else
  return sum + a * b;
#endif
}

NNC_INLINE double nnc_multiply_add_f64(double sum, double a, double b) {
  return sum + a * b;
}

/* Vectors of 16 bytes: Helium. */
#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2)
#include <arm_mve.h>
#define NNC_MVE 1
#endif

/* Keeps accesses to memory that is used again for elements of another type in order. */
#if defined(__GNUC__)
#define NNC_BARRIER() __asm__ volatile("" ::: "memory")
#else
#define NNC_BARRIER() ((void)0)
#endif

/* Infinity and NaN without <math.h>, as constants. */
#if defined(__GNUC__)
#define NNC_INFINITY_f32 (__builtin_inff())
#define NNC_NAN_f32 (__builtin_nanf(""))
#define NNC_INFINITY_f64 (__builtin_inf())
#define NNC_NAN_f64 (__builtin_nan(""))
#else
#define NNC_INFINITY_f32 (1.0f / 0.0f)
#define NNC_NAN_f32 (0.0f / 0.0f)
#define NNC_INFINITY_f64 (1.0 / 0.0)
#define NNC_NAN_f64 (0.0 / 0.0)
#endif

/* Any element type, in kernels that only move elements. */
typedef float nnc_any;

#endif
