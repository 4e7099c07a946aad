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
#if defined(__GNUC__)
#define NNC_SHARED static __attribute__((noinline))
#else
#define NNC_SHARED static
#endif

/* Promises that an array is reached through one pointer only. */
#if defined(__GNUC__)
#define NNC_RESTRICT __restrict
#elif defined(__cplusplus)
#define NNC_RESTRICT
#else
#define NNC_RESTRICT restrict
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
