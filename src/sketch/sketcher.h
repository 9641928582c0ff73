/*
 * sketcher.h - what a sketcher holds, for the files of this layer
 */
#ifndef WCP_SKETCH_SKETCHER_H
#define WCP_SKETCH_SKETCHER_H

#include "sketch/kernels.h"
#include "sketch/sketch.h"

/* Windows hashed at a time: 16 KB of hashes stay in the L1 cache. */
#define WCP_SKETCH_BLOCK 2048

struct wcp_sketcher {
    const struct wcp_memory *mem;
    const struct wcp_kernels *kernels;
    unsigned shingle;
    uint64_t *scratch; /* for sorting; grows, NULL at first */
    size_t scratch_cap;
    uint64_t block[WCP_SKETCH_BLOCK];
};

/* XXH3_64bits of the units as little-endian bytes, for any num (digest.c). */
uint64_t wcp_text_hash(const uint16_t *units, size_t num);

#endif /* WCP_SKETCH_SKETCHER_H */
