/*
 * dispatch.c - which table of kernels this processor can run
 *
 * The candidates stand best first, each with what it needs; the last one needs
 * nothing.  The processor is asked at most a few
 * times in a program's life: a sketcher keeps the answer.
 */
#include "base/base.h"
#include "sketch/kernels.h"

struct candidate {
    const struct wcp_kernels *table;
    enum wcp_cpu_set needs;
};

static const struct candidate candidates[] = {
#if defined(__x86_64__)
    { &wcp_kernels_avx512, WCP_CPU_AVX512 },
    { &wcp_kernels_avx2, WCP_CPU_AVX2 },
#endif
    { &wcp_kernels_portable, WCP_CPU_NOTHING },
};

const struct wcp_kernels *
wcp_kernels_at(size_t wanted)
{
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (wcp_cpu_has(candidates[i].needs) && wanted-- == 0)
            return candidates[i].table;
    return NULL;
}

const struct wcp_kernels *
wcp_kernels_best(void)
{
    return wcp_kernels_at(0);
}
