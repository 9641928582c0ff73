/*
 * dispatch.c - which table of kernels this processor can run
 *
 * The candidates stand best first and each knows how to ask for what it
 * needs; the last one needs nothing.  The processor is asked at most a few
 * times in a program's life: a sketcher keeps the answer.
 */
#include "sketch/kernels.h"

#include <stdbool.h>

struct candidate {
    const struct wcp_kernels *table;
    bool (*runs_here)(void);
};

static bool
always(void)
{
    return true;
}

#if defined(__x86_64__)
static bool
has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static bool
has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
}
#endif

static const struct candidate candidates[] = {
#if defined(__x86_64__)
    { &wcp_kernels_avx512, has_avx512 },
    { &wcp_kernels_avx2, has_avx2 },
#endif
    { &wcp_kernels_portable, always },
};

const struct wcp_kernels *
wcp_kernels_at(size_t wanted)
{
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (candidates[i].runs_here() && wanted-- == 0)
            return candidates[i].table;
    return NULL;
}

const struct wcp_kernels *
wcp_kernels_best(void)
{
    return wcp_kernels_at(0);
}
