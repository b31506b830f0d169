/* What every kernel header shares: inlining and the choice of instruction set. The kernels allocate nothing, keep no state and
 * need no libc beyond <stdint.h>, <string.h> and <math.h>. They compile as C99 and as C++. */
#ifndef DITMOS_BASE_H
#define DITMOS_BASE_H

#include <stddef.h>
#include <stdint.h>

/* Kernels take every dimension as an argument. Callers pass constants, and the compiler specialises the loops. */
#if defined(__GNUC__)
#define DITMOS_INLINE static inline __attribute__((always_inline, unused))
#else
#define DITMOS_INLINE static inline
#endif

/* A function that stays one copy, however many layers call it; static, so that it is dropped where none does. Nothing is concluded from its
 * body or its callers: some keep to no calling convention but their own. */
#if defined(__GNUC__) && !defined(__clang__)
#define DITMOS_SHARED __attribute__((noipa, unused)) static
#elif defined(__clang__)
#define DITMOS_SHARED __attribute__((noinline, unused)) static
#else
#define DITMOS_SHARED static
#endif

/* What follows from the pointer so far is forgotten: addresses are made from it anew, instead of waiting on the stack. */
#if defined(__GNUC__)
#define DITMOS_FRESH(pointer) __asm__("" : "+r"(pointer))
#else
#define DITMOS_FRESH(pointer) (void)(pointer)
#endif

/* A parameter that only assembly reads. */
#if defined(__GNUC__)
#define DITMOS_UNUSED __attribute__((unused))
#else
#define DITMOS_UNUSED
#endif

/* A function outside the inference, for size. */
#if defined(__GNUC__)
#define DITMOS_RARE __attribute__((cold))
#else
#define DITMOS_RARE
#endif

/* Before a short loop with a constant count, whose arrays then live in registers at any -O. */
#if defined(__GNUC__) && !defined(__clang__)
#define DITMOS_UNROLL _Pragma("GCC unroll 8")
#elif defined(__clang__)
#define DITMOS_UNROLL _Pragma("unroll")
#else
#define DITMOS_UNROLL
#endif

/* Fast paths, each with a plain twin that computes the same. Without optimisation, or with DITMOS_PLAIN defined, there are the twins
 * only.
 *   DITMOS_THUMB2    Armv7-M, Armv8-M mainline and later
 *   DITMOS_DSP       Armv7E-M / Armv8-M with the DSP extension: SXTB16, SMLAD, SMMLA, SSAT
 *   DITMOS_FPU       single-precision VFP registers (VLDM, VFMA)
 *   DITMOS_MVE       Armv8.1-M vector extension, integer
 *   DITMOS_MUL_ADD   0 or 1, default 0: VMUL + VADD instead of VFMA, 2 cycles instead of 3 on Cortex-M4, more instructions. No
 *                    predefined macro tells a Cortex-M4 from an M7, so emitted code defines it. */
#if !defined(DITMOS_PLAIN) && defined(__GNUC__) && defined(__OPTIMIZE__)
#if defined(__thumb2__)
#define DITMOS_THUMB2 1
#endif
#if defined(__ARM_FEATURE_MVE)
#define DITMOS_MVE 1
#endif
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define DITMOS_DSP 1
#endif
#if defined(__ARM_FP) && (__ARM_FP & 4) && defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define DITMOS_FPU 1
#endif
#endif

#if !defined(DITMOS_MUL_ADD)
#define DITMOS_MUL_ADD 0
#endif

#endif
