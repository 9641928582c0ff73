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

enum { CHUNK = 512 }; /* windows whose quarters stay in the L1 cache */

static inline uint64_t
lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Windows of 12 are three of 4; there is no branch that could be mispredicted.
 */
static size_t
sample_chunk(const uint64_t *hashes, size_t num_windows, uint64_t *last,
             uint32_t *samples)
{
    const size_t num_fours = num_windows + 8;
    uint64_t fours[CHUNK + 8], before = *last;
    size_t n = 0;

    for (size_t i = 0; i < num_fours; i++)
        fours[i] = lesser(lesser(hashes[i], hashes[i + 1]),
                          lesser(hashes[i + 2], hashes[i + 3]));
    for (size_t i = 0; i < num_windows; i++) {
        const uint64_t least =
            lesser(lesser(fours[i], fours[i + 4]), fours[i + 8]);

        samples[n] = (uint32_t)least;
        n += least != before;
        before = least;
    }
    *last = before;
    return n;
}

size_t
wcp_sample_portable(const uint64_t *hashes, size_t num, uint64_t *last,
                    uint32_t *samples)
{
    const size_t num_windows = num >= WCP_SAMPLE_WINDOW ? num - KEPT : 0;
    size_t n = 0;

    _Static_assert(WCP_SAMPLE_WINDOW == 12, "a window is three of four");
    for (size_t i = 0; i < num_windows; i += CHUNK) {
        const size_t left = num_windows - i;

        n += sample_chunk(hashes + i, left < CHUNK ? left : CHUNK, last,
                          samples + n);
    }
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
