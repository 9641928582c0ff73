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

static const struct candidate candidates[] = {
    { &wcp_kernels_portable, always },
};

const struct wcp_kernels *
wcp_kernels_best(void)
{
    size_t i = 0;

    while (!candidates[i].runs_here())
        i++;
    return candidates[i].table;
}
