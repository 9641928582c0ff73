/*
 * samples.c - a few of a text's shingles, chosen alike in every text
 *
 * The least hash of every window of consecutive shingles (winnowing) is the
 * one way of choosing that misses nothing: what is as long as a window and
 * stands in two texts is sampled in both, wherever it stands.  Taking all
 * hashes below a bound gives as many, but of a short text sometimes none.
 */
#include "sketch/sketcher.h"

#include <string.h>

enum { KEPT = WCP_SAMPLE_WINDOW - 1 }; /* hashes that the next block needs */

_Static_assert(WCP_SKETCH_LEAD >= WCP_SAMPLE_WINDOW - 1,
               "they have room in front of it");

size_t
wcp_sample_portable(const uint64_t *hashes, size_t num, uint64_t *last,
                    uint32_t *samples)
{
    uint64_t least = UINT64_MAX, before = *last;
    size_t place = 0, n = 0; /* of the least */

    if (num < WCP_SAMPLE_WINDOW)
        return 0;
    for (size_t i = 0; i < num; i++) {
        if (hashes[i] <= least) {
            least = hashes[i];
            place = i;
        } else if (i - place == WCP_SAMPLE_WINDOW) {
            least = UINT64_MAX;
            for (size_t k = place + 1; k <= i; k++)
                if (hashes[k] <= least) {
                    least = hashes[k];
                    place = k;
                }
        }
        if (i >= KEPT && least != before) {
            samples[n++] = (uint32_t)least;
            before = least;
        }
    }
    *last = before;
    return n;
}

bool
wcp_sketcher_prepare(struct wcp_sketcher *sketcher, size_t num_units)
{
    struct wcp_sampler *sampler = &sketcher->sampler;

    return wcp_array_reserve(sketcher->mem, sampler, num_units);
}

void
wcp_sampler_begin(struct wcp_sampler *sampler)
{
    sampler->num = 0;
    sampler->carried = 0;
    /* No least hash of twelve is so large. */
    sampler->last = UINT64_MAX;
}

void
wcp_sampler_add(struct wcp_sketcher *sketcher, size_t num)
{
    struct wcp_sampler *sampler = &sketcher->sampler;
    uint64_t *block = wcp_sketcher_block(sketcher);
    const uint64_t *from = block - sampler->carried;
    const size_t all = sampler->carried + num;

    sampler->num += sketcher->kernels->sample(from, all, &sampler->last,
                                              sampler->at + sampler->num);
    sampler->carried = all < KEPT ? all : KEPT;
    memmove(block - sampler->carried, from + all - sampler->carried,
            sampler->carried * sizeof *block);
}

struct wcp_sample
wcp_sketcher_sample(const struct wcp_sketcher *sketcher)
{
    return (struct wcp_sample){ sketcher->sampler.at, sketcher->sampler.num };
}
