/*
 * text_dispatch.c - which table of text kernels this processor can run, as
 * sketch/dispatch.c
 *
 * Folding by AVX-512 needs instructions that came after the first AVX-512
 * processors; those take the AVX2 table here.
 */
#include "text/text_kernels.h"

struct candidate {
    const struct wcp_text_kernels *table;
    enum wcp_cpu_set needs;
};

static const struct candidate candidates[] = {
#if defined(__x86_64__)
    { &wcp_text_kernels_avx512, WCP_CPU_AVX512_VBMI2 },
    { &wcp_text_kernels_avx2, WCP_CPU_AVX2 },
#endif
    { &wcp_text_kernels_portable, WCP_CPU_NOTHING },
};

const struct wcp_text_kernels *
wcp_text_kernels_at(size_t wanted)
{
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (wcp_cpu_has(candidates[i].needs) && wanted-- == 0)
            return candidates[i].table;
    return NULL;
}

const struct wcp_text_kernels *
wcp_text_kernels_best(void)
{
    return wcp_text_kernels_at(0);
}
