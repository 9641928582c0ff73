/*
 * gather.h - what gather.c, tally.c and lookup.c share
 */
#ifndef WCP_PASSAGE_GATHER_H
#define WCP_PASSAGE_GATHER_H

#include "passage/engine.h"

#define WCP_SEED_PARTS 256
#define WCP_SEED_CHUNK 255 /* seeds */
#define WCP_SEED_GROUP                                    \
    512 /* places, of which the seeds are hashed together \
         */

/*
 * Seeds on their way to a part: chunks of them, from slabs.  A growing array
 * for each part would take twice the memory, and tear the heap.
 */
struct wcp_seed_chunk {
    struct wcp_seed_chunk *next;
    uint64_t seeds[WCP_SEED_CHUNK]; /* key << 32 | place */
};

struct wcp_seed_pile {
    struct wcp_seed_chunk *first, *last; /* NULL: none */
    uint64_t *to, *end;                  /* what is free of the last */
};

/* What is left of a pile. */
struct wcp_pile_rest {
    const struct wcp_seed_chunk *chunk; /* NULL: nothing */
    const uint64_t *at, *end;           /* in the chunk */
    const uint64_t *last;               /* the end of all */
};

/* What is gathered by one thread; also what it has to build a part. */
struct wcp_gatherer {
    struct wcp_seeder *seeder;
    struct wcp_seed_pile parts[WCP_SEED_PARTS];
    WCP_ARRAY(struct wcp_seed_chunk *) slabs; /* of SLAB chunks each */
    size_t num_chunks;                        /* in use */
    WCP_ARRAY(struct wcp_pile_rest) rests;    /* of a part, by thread */
    WCP_ARRAY(uint64_t) sorted;
    WCP_ARRAY(uint64_t) scratch;
};

/* The seeds of one level, in their order. */
struct wcp_seed_level {
    struct wcp_bits members; /* places; of later levels, indices of level 0 */
    uint32_t *before;        /* where the seed stands before, or NONE; the
                                first place of one that stands in many */
    struct wcp_bits many;    /* indices of this level: these stand in many
                                places, of which they are not the first */
};

struct wcp_lookup {
    const struct wcp_memory *mem;
    uint64_t num_seeds;
    struct wcp_seed_level levels[WCP_SEED_LEVELS];
};

struct wcp_building {
    struct wcp_lookup *lookup;
    const struct wcp_places *places;
    const struct wcp_seed_plan *plan;
    unsigned num_threads, level, round, num_rounds;
    unsigned num_parts; /* of level 0; 1 where there are few seeds */
    bool gathered;      /* level 0 is, when its seeds have been found */
    struct wcp_gatherer *gatherers; /* [num_threads] */
    atomic_size_t next_task;
    atomic_bool no_memory;
};

/* Places that a thread takes at a time: a whole number of groups, so that no
 * two threads have the same words of bits. */
#define WCP_SEED_TASK (64 * WCP_SEED_BLOCK)

/* So many are sorted at once, and by one thread. */
#define WCP_FEW_SEEDS 16384

static inline unsigned
wcp_seed_part(const struct wcp_building *b, uint64_t hash)
{
    return b->num_parts > 1 ? (unsigned)(hash >> 56) : 0;
}

static inline uint32_t
wcp_seed_key(uint64_t hash)
{
    return (uint32_t)(hash >> 24);
}

/* In which round the seed that begins there is gathered.  That is seen from
 * its first units, so that it is hashed in its turn only. */
static inline unsigned
wcp_turn_of(const struct wcp_building *b, const struct wcp_units *text,
            uint32_t at)
{
    uint64_t hash = wcp_four_units(text->at, at, text->narrow) *
                    UINT64_C(0x9E3779B97F4A7C15);

    return (unsigned)((hash >> 32) * b->num_rounds >> 32);
}

/* Seeds of a group, ascending. */
struct wcp_seed_group {
    uint32_t text, num; /* the text of the last */
    uint32_t num_hashed;
    uint32_t at[WCP_SEED_GROUP]; /* places */
    uint64_t hashes[WCP_SEED_GROUP];
};

/* ---- tally.c ---- */

/* Find all seeds of level 0 and forget most of those that stand in one place
 * only; members of level 0 are what is left.  False when out of memory. */
bool wcp_find_seeds(struct wcp_building *b);
/* The next places from b->next_task; false when there are none left. */
bool wcp_take_task(struct wcp_building *b, uint32_t *begin, uint32_t *end);

/* ---- lookup.c ---- */

/* In how many rounds so many seeds of level 0 are gathered. */
unsigned wcp_plan_rounds(const struct wcp_building *b, uint64_t num);

/* ---- gather.c ---- */

/* Gather a seed of level 0.  False when out of memory. */
bool wcp_gather_seed(struct wcp_building *b, struct wcp_gatherer *g,
                     uint64_t hash, uint32_t place);
/* The seeds of level 0 that begin in places 'begin' .. 'begin' +
 * WCP_SEED_GROUP - 1.  The text of the first, or one before, is group->text,
 * which moves on. */
void wcp_hash_group(const struct wcp_building *b, uint32_t begin,
                    struct wcp_seed_group *group);
/* Gather the seeds of this level and round, on all threads; b->no_memory. */
void wcp_gather_all(struct wcp_building *b);
/* The seeds of a part, sorted, in g->sorted.  False when out of memory. */
bool wcp_sort_part(struct wcp_building *b, struct wcp_gatherer *g,
                   unsigned number);
void wcp_gatherer_release(const struct wcp_memory *mem, struct wcp_gatherer *g);
/* Only what the seeds of a level were gathered in. */
void wcp_gatherer_empty(const struct wcp_memory *mem, struct wcp_gatherer *g);

/* ---- longer.c ---- */

/* The index on a level of the seed that begins at this place. */
static inline uint32_t
wcp_seed_index(const struct wcp_lookup *lookup, unsigned level, uint32_t place)
{
    uint32_t index = wcp_bits_rank(&lookup->levels[0].members, place);

    return level == 0 ? index
                      : wcp_bits_rank(&lookup->levels[level].members, index);
}

/* Make the longer seeds that begin where those of this level stand in many
 * places members of the levels behind it, but for those that lead to nothing
 * new.  False when out of memory. */
bool wcp_list_longer(struct wcp_building *b);

#endif /* WCP_PASSAGE_GATHER_H */
