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

/* ---- shingles.c, shingle_text.c ---- */

/* What a slot of a table has. */
static inline size_t
wcp_slot_of(const void *table, size_t slot, bool is_short)
{
    return is_short ? ((const uint16_t *)table)[slot]
                    : ((const uint32_t *)table)[slot];
}

/* Where a hash first stands in what is indexed, + 1; 0: nowhere. */
static inline size_t
wcp_shingles_look_up(const struct wcp_shingles *shingles, uint64_t hash)
{
    size_t place;
    const size_t mask = (size_t)(UINT64_MAX >> shingles->shift);
    size_t slot = (size_t)(hash * shingles->multiplier >> shingles->shift);

    while ((place = wcp_slot_of(shingles->table, slot,
                                shingles->short_table)) != 0 &&
           shingles->list.at[place - 1] != hash)
        slot = (slot + 1) & mask;
    return place;
}

/* Set bits begin .. begin + num - 1; num > 0. */
static inline void
wcp_mark_bits(uint64_t *marks, size_t begin, size_t num)
{
    const size_t last = begin + num - 1;
    const uint64_t from = UINT64_MAX << begin % 64;
    const uint64_t to = UINT64_MAX >> (63 - last % 64);

    if (begin / 64 == last / 64) {
        marks[begin / 64] |= from & to;
        return;
    }
    marks[begin / 64] |= from;
    for (size_t i = begin / 64 + 1; i < last / 64; i++)
        marks[i] = UINT64_MAX;
    marks[last / 64] |= to;
}

/* Whether both can be compared by their texts. */
static inline bool
wcp_shingles_have_texts(const struct wcp_shingles *a,
                        const struct wcp_shingles *b)
{
    return a->text != NULL && b->text != NULL && a->narrow == b->narrow;
}

/* Set the bits of places of a, which is indexed, where shingles of b stand,
 * each where it first stands or where it does again, and list what is missing
 * there; how much that is. */
size_t wcp_shingles_mark_text(const struct wcp_sketcher *sketcher,
                              const struct wcp_shingles *a,
                              const struct wcp_shingles *b, uint64_t *marks,
                              uint64_t *missing);

/* Set the bits of places of a, which is indexed, that begin long runs of units
 * which b has too. */
void wcp_shingles_mark_runs(const struct wcp_sketcher *sketcher,
                            const struct wcp_shingles *a,
                            const struct wcp_shingles *b, uint64_t *marks);

/* XXH3_64bits of the units as little-endian bytes, for any num (digest.c). */
uint64_t wcp_text_hash(const uint16_t *units, size_t num);

#endif /* WCP_SKETCH_SKETCHER_H */
