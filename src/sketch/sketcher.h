/*
 * sketcher.h - what a sketcher holds, for the files of this layer
 */
#ifndef WCP_SKETCH_SKETCHER_H
#define WCP_SKETCH_SKETCHER_H

#include "sketch/kernels.h"
#include "sketch/sketch.h"

/* Windows hashed at a time: 16 KB of hashes stay in the L1 cache. */
#define WCP_SKETCH_BLOCK 2048
/* Hashes that stay in front of it: a whole number of cache lines. */
#define WCP_SKETCH_LEAD 16

/* The sample of the text at hand. */
struct wcp_sampler {
    uint32_t *at; /* [cap] */
    size_t num, cap;
    uint64_t last;  /* the least hash of the last window */
    size_t carried; /* hashes in front of the block */
};

struct wcp_sketcher {
    const struct wcp_memory *mem;
    const struct wcp_kernels *kernels;
    unsigned shingle;
    uint64_t *scratch; /* for what a call needs; grows, NULL at first */
    size_t scratch_cap;
    struct wcp_sampler sampler;
    /* The last hashes of the block before, then the block itself. */
    uint64_t room[WCP_SKETCH_LEAD + WCP_SKETCH_BLOCK];
};

static inline uint64_t *
wcp_sketcher_block(struct wcp_sketcher *sketcher)
{
    return sketcher->room + WCP_SKETCH_LEAD;
}

/* ---- samples.c ---- */

/* Begin a text; take what the block of 'num' hashes has. */
void wcp_sampler_begin(struct wcp_sampler *sampler);
void wcp_sampler_add(struct wcp_sketcher *sketcher, size_t num);

/* Room for num elements in 'scratch', whose contents are lost
 * (shingle_set.c). */
bool wcp_sketcher_scratch(struct wcp_sketcher *sketcher, size_t num);

/* XXH3_64bits of the units as little-endian bytes, for any num (digest.c). */
uint64_t wcp_text_hash(const uint16_t *units, size_t num);

#endif /* WCP_SKETCH_SKETCHER_H */
