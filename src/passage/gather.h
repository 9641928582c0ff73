/*
 * gather.h - what gather.c and lookup.c share
 */
#ifndef WCP_PASSAGE_GATHER_H
#define WCP_PASSAGE_GATHER_H

#include "passage/engine.h"

#include <stdatomic.h>

#define WCP_SEED_PARTS 256
#define WCP_SEED_CHUNK 256 /* seeds */

struct wcp_list64 {
    WCP_ARRAY(uint64_t) list;
};

/*
 * Seeds on their way to a part: chunks of them, from slabs.  A growing array
 * for each part would take twice the memory, and tear the heap.
 */
struct wcp_seed_chunk {
    uint64_t seeds[WCP_SEED_CHUNK]; /* key << 32 | place */
};

struct wcp_seed_pile {
    uint32_t first, last; /* chunks, linked by next[]; NONE: none */
    uint32_t num;         /* seeds in the last */
};

/* What is gathered from a stretch of the corpus, by one thread; so the seeds
 * of a part are in order of their places, one gatherer's after another's.
 * Also what a thread has to build a part. */
struct wcp_gatherer {
    struct wcp_seeder *seeder;
    struct wcp_seed_pile parts[WCP_SEED_PARTS];
    WCP_ARRAY(struct wcp_seed_chunk *) slabs; /* of SLAB chunks each */
    WCP_ARRAY(uint32_t) next;                 /* [chunks in use] */
    struct wcp_seed turn[WCP_SEED_BLOCK + 1];
    struct wcp_list64 sorted, scratch;
    uint64_t num_frequent;
    uint64_t num_seeds;
    WCP_ARRAY(uint64_t) counts; /* of the seeds of a part, two bits each */
};

struct wcp_building {
    struct wcp_lookup *lookup;
    const struct wcp_places *places;
    const struct wcp_seed_plan *plan;
    unsigned num_threads, level, round, num_rounds;
    struct wcp_gatherer *gatherers;
    unsigned num_gatherers; /* at least as many as threads */
    /* Of level 0: where texts, or pieces of one, begin. */
    WCP_ARRAY(uint32_t) tasks;
    /* A bit for each place of which this level, and the next, has a seed; of
     * level 0 there is none. */
    _Atomic uint64_t *wanted, *wanted_next; /* [num_words] */
    size_t num_words;
    atomic_size_t next_task;
    atomic_bool no_memory;
};

static inline unsigned
wcp_seed_part(uint64_t hash)
{
    return (unsigned)(hash >> 56);
}

static inline uint32_t
wcp_seed_key(uint64_t hash)
{
    return (uint32_t)(hash >> 24);
}

/* Is this part gathered in this round? */
static inline bool
wcp_is_turn_of(const struct wcp_building *b, unsigned part)
{
    return part * b->num_rounds / WCP_SEED_PARTS == b->round;
}

static inline void
wcp_set_bit(_Atomic uint64_t *bits, uint32_t place)
{
    atomic_fetch_or_explicit(&bits[place / 64], UINT64_C(1) << place % 64,
                             memory_order_relaxed);
}

/* List the tasks of level 0.  False when out of memory. */
bool wcp_list_tasks(struct wcp_building *b);
/* Gather the seeds of this level and round, on all threads; b->no_memory. */
void wcp_gather_all(struct wcp_building *b);
/* The seeds of a part that may not stand alone, sorted, in g->sorted.  False
 * when out of memory. */
bool wcp_sort_part(struct wcp_building *b, struct wcp_gatherer *g,
                   unsigned number);
void wcp_gatherer_release(const struct wcp_memory *mem, struct wcp_gatherer *g);

#endif /* WCP_PASSAGE_GATHER_H */
