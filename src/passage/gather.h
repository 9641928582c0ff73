/*
 * gather.h - what gather.c, turns.c, tally.c, settle.c and lookup.c
 * share
 */
#ifndef WCP_PASSAGE_GATHER_H
#define WCP_PASSAGE_GATHER_H

#include "passage/engine.h"

/* Parts are as small as fit into a cache, up to so many.  There is one, or as
 * many as that 40 bits of the hashes count. */
#define WCP_MIN_PART_BITS 8
#define WCP_MAX_PART_BITS 11
#define WCP_PLACE_PARTS 256
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
    struct wcp_seed_pile parts[1 << WCP_MAX_PART_BITS];
    struct wcp_seed_pile places[WCP_PLACE_PARTS]; /* of what is settled */
    WCP_ARRAY(struct wcp_seed_chunk *) slabs;     /* of SLAB chunks each */
    size_t num_chunks;                            /* in use, or once used */
    struct wcp_seed_chunk *unused;                /* that were used once */
    WCP_ARRAY(struct wcp_pile_rest) rests;        /* of a part, by thread */
    WCP_ARRAY(uint64_t) sorted;
    WCP_ARRAY(uint64_t) scratch;
    WCP_ARRAY(uint64_t) sieve; /* two bits for some keys of a part */
    uint32_t sieve_mask;
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
    unsigned part_bits;   /* 0 where there are few seeds */
    unsigned place_shift; /* from a place to its part */
    bool few;             /* seeds of level 0, which are in one part */
    bool sifted;          /* few seeds of level 0 stand alone */
    bool compact;         /* those that do are to be no members any more */
    bool gathered;        /* level 0 is, when its seeds have been found */
    struct wcp_gatherer *gatherers;            /* [num_threads] */
    uint32_t place_ranks[WCP_PLACE_PARTS + 1]; /* notes before each stretch */
    atomic_size_t next_task;
    atomic_bool no_memory;
    void (*see_turns)(const uint16_t *units, size_t num, uint16_t num_rounds,
                      uint16_t round, uint8_t *is_turn);
};

/* Places that a thread takes at a time: a whole number of groups, so that no
 * two threads have the same words of bits. */
#define WCP_SEED_TASK (64 * WCP_SEED_BLOCK)

/* So many are sorted at once, and by one thread. */
#define WCP_FEW_SEEDS 16384

static inline unsigned
wcp_seed_part(const struct wcp_building *b, uint64_t hash)
{
    return (unsigned)(hash >> 1 >> (63 - b->part_bits));
}

static inline uint32_t
wcp_seed_key(uint64_t hash)
{
    return (uint32_t)(hash >> 24);
}

/* In which of the rounds the seed that begins with these units is gathered. */
static inline uint16_t
wcp_turn_of(uint32_t u0, uint32_t u1, uint32_t u2, uint32_t u3,
            uint16_t num_rounds)
{
    const uint16_t mixed =
        (uint16_t)(u0 * 0x9E37u + u1 * 0x79B1u + u2 * 0xC2B3u + u3 * 0x85EBu);

    return (uint16_t)((uint32_t)mixed * num_rounds >> 16);
}

/* Seeds of a group, ascending. */
struct wcp_seed_group {
    uint32_t text, num;          /* the text of the last */
    uint32_t at[WCP_SEED_GROUP]; /* places */
    uint64_t hashes[WCP_SEED_GROUP];
};

/* ---- tally.c ---- */

/* Find all seeds of level 0, which become its members; where that saves rounds
 * forget most of those that stand in one place only.  False when out of
 * memory. */
bool wcp_find_seeds(struct wcp_building *b);
/* The next places from b->next_task; false when there are none left. */
bool wcp_take_task(struct wcp_building *b, uint32_t *begin, uint32_t *end);

/* ---- lookup.c ---- */

/* In how many rounds so many seeds of a level are gathered. */
unsigned wcp_plan_rounds(const struct wcp_building *b, uint64_t num);
/* Of level 0, if it is not sifted. */
unsigned wcp_plan_all(const struct wcp_building *b, uint64_t num);

/* So many parts that the seeds of a round fit into a cache; or one. */
void wcp_plan_parts(struct wcp_building *b, uint64_t num, bool one);

/* ---- turns.c ---- */

void wcp_choose_turns(struct wcp_building *b);
/* Whether seeds that begin in units 'begin' .. 'begin' + num - 1 of a text
 * would be gathered in this round, up to WCP_SEED_GROUP of them. */
void wcp_find_turns(const struct wcp_building *b, const struct wcp_units *text,
                    uint32_t begin, uint32_t num,
                    uint64_t words[WCP_SEED_GROUP / 64]);

/* ---- gather.c ---- */

/* Room for one more in a pile.  False when out of memory. */
bool wcp_pile_grow(const struct wcp_memory *mem, struct wcp_gatherer *g,
                   struct wcp_seed_pile *pile);
/* Empty a pile of any thread; this one uses its chunks again. */
void wcp_pile_take(struct wcp_gatherer *g, struct wcp_seed_pile *pile);
size_t wcp_pile_size(const struct wcp_seed_pile *pile);

/* Gather a seed of level 0.  False when out of memory. */
bool wcp_gather_seed(struct wcp_building *b, struct wcp_gatherer *g,
                     uint64_t hash, uint32_t place);
/* The seeds of level 0 that begin in places 'begin' .. 'begin' +
 * WCP_SEED_GROUP - 1, and whose turn is in this round.  The text of the first,
 * or one before, is group->text, which moves on. */
void wcp_hash_group(const struct wcp_building *b, uint32_t begin,
                    struct wcp_seed_group *group);
/* Gather the seeds of this level and round, on all threads; b->no_memory. */
void wcp_gather_all(struct wcp_building *b);
/* The seeds of a part, sorted, in g->sorted, but for most of those that stand
 * alone.  False when out of memory. */
bool wcp_sort_part(struct wcp_building *b, struct wcp_gatherer *g,
                   unsigned number);
void wcp_gatherer_release(const struct wcp_memory *mem, struct wcp_gatherer *g);
/* Only what the seeds of a level were gathered in. */
void wcp_gatherer_empty(const struct wcp_memory *mem, struct wcp_gatherer *g);

/* ---- settle.c ---- */

/* Note that a seed of level 0 stands at 'before' as well, which is the first
 * place of many or the one before it; UINT32_MAX: this is the first.  False
 * when out of memory. */
bool wcp_note_before(struct wcp_building *b, struct wcp_gatherer *g,
                     uint32_t place, uint32_t before, bool many);
/* When a round's seeds have been sorted: enter what was noted, or wait for the
 * last round.  False when out of memory. */
bool wcp_settle_round(struct wcp_building *b);
/* What is kept of so many members of the level at hand. */
bool wcp_level_init(struct wcp_building *b, uint32_t num);

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
