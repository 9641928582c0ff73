/*
 * cpu.c - which vector instructions this processor has
 *
 * The compiler's runtime asks the processor once, before main(), and keeps
 * the answer; here are only the sets that the vector kernels are written for.
 * Without AVX2, on another architecture or with WCP_PORTABLE none is there.
 */
#include "base/base.h"

#if defined(__x86_64__) && !defined(WCP_PORTABLE)
bool
wcp_cpu_has(enum wcp_cpu_set set)
{
    bool has = true;

    if (set >= WCP_CPU_AVX2)
        has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    if (set >= WCP_CPU_AVX512)
        has = has && __builtin_cpu_supports("avx512f") &&
              __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl");
    if (set >= WCP_CPU_AVX512_VBMI2)
        has = has && __builtin_cpu_supports("avx512vbmi") &&
              __builtin_cpu_supports("avx512vbmi2");
    return has;
}
#else
bool
wcp_cpu_has(enum wcp_cpu_set set)
{
    return set == WCP_CPU_NOTHING;
}
#endif
