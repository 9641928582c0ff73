/*
 * tally.c - which seeds may stand in more than one place?
 *
 * Most seeds stand alone, and to gather them all only to see that takes more
 * memory, or more rounds, than all the rest.  Where it would take many rounds
 * the seeds of all texts are found and tallied first, in a table of two bits
 * (none, one, more) that a few seeds share by chance; those whose entry says
 * "one" are forgotten.
 *
 * The table would not fit into a cache.  It is never there as a whole: the
 * entries that seeds have are listed, part by part of the table, in the order
 * of the seeds; a part is tallied in cache, and what it says is written over
 * its lists.  When the seeds are gone through again in the same order, each
 * list is read from its begin, and the next of it is the seed's own.  Those
 * that are kept are gathered on the way, if all can be at once.
 */
#include "passage/gather.h"

#include <string.h>

enum {
    ENTRIES = 4, /* for a seed */
    ENTRY_BITS = 16,
    MAX_PART_BITS = 12, /* the last chunks of all parts stay in cache */
    CHUNK = 62,         /* entries */
    SLAB = 1024,        /* chunks */
    FEW_ROUNDS = 2,     /* in which all seeds are gathered sooner */
};

#define NONE UINT32_MAX

struct chunk {
    uint32_t next; /* or NONE */
    uint16_t entries[CHUNK];
};

/* What a part of the table has to enter. */
struct list {
    uint32_t first, last; /* chunks, or NONE */
    uint32_t num;         /* in the last; when it is read, in the first */
};

/* The lists of a stretch of the corpus. */
struct stretch_lists {
    struct list *lists; /* [num_parts] */
    WCP_ARRAY(struct chunk *) slabs;
    uint32_t num_chunks;
    uint64_t num_seeds;
};

struct wcp_tally {
    struct wcp_building *building;
    unsigned part_bits;
    size_t num_parts;
    struct stretch_lists *stretches;
    unsigned num_stretches;
    atomic_size_t num_kept; /* seeds that may stand elsewhere */
};

/* ---- lists ---- */

static inline struct chunk *
chunk_at(const struct stretch_lists *lists, uint32_t number)
{
    return &lists->slabs.at[number / SLAB][number % SLAB];
}

static bool
add_chunk(const struct wcp_memory *mem, struct stretch_lists *lists,
          struct list *list)
{
    uint32_t number = lists->num_chunks;

    if (number / SLAB == lists->slabs.num) {
        if (!wcp_array_grow(mem, &lists->slabs))
            return false;
        lists->slabs.at[lists->slabs.num] =
            wcp_new_array(mem, SLAB, sizeof(struct chunk));
        if (lists->slabs.at[lists->slabs.num] == NULL)
            return false;
        lists->slabs.num++;
    }
    lists->num_chunks++;
    chunk_at(lists, number)->next = NONE;
    if (list->last == NONE)
        list->first = number;
    else
        chunk_at(lists, list->last)->next = number;
    list->last = number;
    list->num = 0;
    return true;
}

static inline size_t
part_of(const struct wcp_tally *tally, uint64_t hash)
{
    return (size_t)(hash >> 1 >> (63 - tally->part_bits));
}

static inline uint16_t
entry_of(const struct wcp_tally *tally, uint64_t hash)
{
    return (uint16_t)(hash >> (64 - ENTRY_BITS - tally->part_bits));
}

static bool
list_seeds(const struct wcp_tally *tally, struct stretch_lists *lists,
           const uint64_t *hashes, size_t num)
{
    const struct wcp_memory *mem = tally->building->lookup->mem;

    for (size_t i = 0; i < num; i++) {
        struct list *list = &lists->lists[part_of(tally, hashes[i])];

        if ((list->last == NONE || list->num == CHUNK) &&
            !add_chunk(mem, lists, list))
            return false;
        chunk_at(lists, list->last)->entries[list->num++] =
            entry_of(tally, hashes[i]);
    }
    lists->num_seeds += num;
    return true;
}

/* ---- the table ---- */

/* Count, or say, what the table has for the entries of a list; to how many it
 * says that they are not alone. */
static size_t
go_through(const struct stretch_lists *lists, const struct list *list,
           uint64_t *table, const bool say)
{
    size_t num_kept = 0;

    for (uint32_t i = list->first; i != NONE; i = chunk_at(lists, i)->next) {
        struct chunk *chunk = chunk_at(lists, i);
        uint32_t num = i == list->last ? list->num : CHUNK;

        for (uint32_t k = 0; k < num; k++) {
            uint16_t entry = chunk->entries[k];
            uint64_t one = UINT64_C(1) << entry % 32 * 2;
            uint64_t *word = &table[entry / 32];

            if (say)
                num_kept += chunk->entries[k] = (*word & one << 1) != 0;
            else
                *word |= one | (*word & one) << 1;
        }
    }
    return num_kept;
}

static void
tally_thread(void *ctx, unsigned thread)
{
    struct wcp_tally *tally = ctx;
    uint64_t table[(1 << ENTRY_BITS) / 32];
    size_t part, num_kept = 0;

    (void)thread;
    while ((part = atomic_fetch_add(&tally->building->next_task, 1)) <
           tally->num_parts) {
        memset(table, 0, sizeof table);
        for (unsigned i = 0; i < tally->num_stretches; i++)
            go_through(&tally->stretches[i], &tally->stretches[i].lists[part],
                       table, false);
        for (unsigned i = 0; i < tally->num_stretches; i++) {
            struct list *list = &tally->stretches[i].lists[part];

            num_kept += go_through(&tally->stretches[i], list, table, true);
            list->num = 0;
        }
    }
    atomic_fetch_add(&tally->num_kept, num_kept);
}

static bool
begin_tally(struct wcp_tally *tally, uint64_t num_seeds)
{
    struct wcp_building *b = tally->building;
    const struct wcp_memory *mem = b->lookup->mem;
    unsigned bits = 0;

    while (bits < MAX_PART_BITS &&
           num_seeds * ENTRIES >> ENTRY_BITS >> bits > 0)
        bits++;
    tally->part_bits = bits;
    tally->num_parts = (size_t)1 << bits;
    tally->num_stretches = b->num_threads == 1 ? 1 : 4 * b->num_threads;
    tally->stretches =
        wcp_new_zeroed(mem, tally->num_stretches, sizeof *tally->stretches);
    if (tally->stretches == NULL)
        return false;
    for (unsigned i = 0; i < tally->num_stretches; i++) {
        struct stretch_lists *lists = &tally->stretches[i];

        lists->lists =
            wcp_new_array(mem, tally->num_parts, sizeof *lists->lists);
        if (lists->lists == NULL)
            return false;
        memset(lists->lists, 0xFF, tally->num_parts * sizeof *lists->lists);
    }
    return true;
}

static void
release_slabs(const struct wcp_memory *mem, struct stretch_lists *lists)
{
    for (size_t k = 0; k < lists->slabs.num; k++)
        wcp_free_array(mem, lists->slabs.at[k], SLAB, sizeof(struct chunk));
    wcp_array_release(mem, &lists->slabs);
}

static void
end_tally(struct wcp_tally *tally)
{
    struct wcp_building *b = tally->building;
    const struct wcp_memory *mem = b->lookup->mem;

    for (unsigned i = 0; tally->stretches != NULL && i < tally->num_stretches;
         i++) {
        struct stretch_lists *lists = &tally->stretches[i];

        b->lookup->num_seeds += lists->num_seeds;
        release_slabs(mem, lists);
        wcp_free_array(mem, lists->lists, tally->num_parts,
                       sizeof *lists->lists);
    }
    wcp_free_array(mem, tally->stretches, tally->num_stretches,
                   sizeof *tally->stretches);
    /* Before the next needs as much, in larger pieces. */
    wcp_memory_tidy(mem);
}

/* ---- all seeds ---- */

/* The words of a block that begins at 'place', of which only the first 'num'
 * places count. */
static void
put_words(const struct wcp_bits *bits, const uint64_t *words, uint32_t place,
          uint32_t num)
{
    const unsigned shift = place % 64;

    for (uint32_t i = 0; i * 64 < num; i++) {
        uint64_t word = words[i];

        if (num - i * 64 < 64)
            word &= (UINT64_C(1) << (num - i * 64)) - 1;
        wcp_bits_put(bits, place / 64 + i,
                     wcp_bits_word(bits, place / 64 + i) | word << shift);
        word = shift > 0 ? word >> (64 - shift) : 0;
        if (word != 0)
            wcp_bits_put(bits, place / 64 + i + 1, word);
    }
}

static void
find_task(struct wcp_building *b, struct wcp_seeder *seeder, uint32_t at,
          uint32_t end)
{
    const struct wcp_bits *bits = &b->lookup->levels[0].members;
    const uint32_t *begins = b->places->begins;
    uint32_t number = wcp_place_text(b->places, at);

    while (at < end) {
        uint64_t words[WCP_SEED_BLOCK / 64];
        uint32_t stop, num;

        while (at >= begins[number + 1])
            number++;
        stop = begins[number + 1] < end ? begins[number + 1] : end;
        num = stop - at < WCP_SEED_BLOCK ? stop - at : WCP_SEED_BLOCK;
        wcp_seeder_find(seeder, &b->places->texts[number], at - begins[number],
                        words);
        put_words(bits, words, at, num);
        at += num;
    }
}

static bool
list_task(const struct wcp_tally *tally, struct stretch_lists *lists,
          uint32_t begin, uint32_t end)
{
    struct wcp_building *b = tally->building;
    struct wcp_seed_group group = { .text = wcp_place_text(b->places, begin) };

    for (uint64_t at = begin; at < end; at += WCP_SEED_GROUP) {
        wcp_hash_group(b, (uint32_t)at, &group);
        if (!list_seeds(tally, lists, group.hashes, group.num))
            return false;
    }
    return true;
}

/* Forget the seeds of a task that stand alone, and gather the others, if 'g' is
 * not NULL. */
static bool
sift_task(const struct wcp_tally *tally, struct stretch_lists *lists,
          struct wcp_gatherer *g, uint32_t begin, uint32_t end)
{
    struct wcp_building *b = tally->building;
    const struct wcp_bits *bits = &b->lookup->levels[0].members;
    struct wcp_seed_group group = { .text = wcp_place_text(b->places, begin) };

    for (uint64_t at = begin; at < end; at += WCP_SEED_GROUP) {
        wcp_hash_group(b, (uint32_t)at, &group);
        for (uint32_t i = 0; i < group.num; i++) {
            struct list *list = &lists->lists[part_of(tally, group.hashes[i])];
            const struct chunk *chunk = chunk_at(lists, list->first);
            const uint32_t place = group.at[i];
            const uint64_t alone = !chunk->entries[list->num++];

            wcp_bits_put(bits, place / 64,
                         wcp_bits_word(bits, place / 64) &
                             ~(alone << place % 64));
            if (list->num == CHUNK) {
                list->first = chunk->next;
                list->num = 0;
            }
            if (g != NULL && !alone &&
                !wcp_gather_seed(b, g, group.hashes[i], place))
                return false;
        }
    }
    return true;
}

/* The places of the i-th task; false behind the last. */
static bool
task_at(const struct wcp_building *b, size_t i, uint32_t *begin, uint32_t *end)
{
    const uint32_t total = b->places->begins[b->places->num_texts];
    const uint64_t at = (uint64_t)i * WCP_SEED_TASK;

    if (at >= total)
        return false;
    *begin = (uint32_t)at;
    *end = total - at > WCP_SEED_TASK ? (uint32_t)at + WCP_SEED_TASK : total;
    return true;
}

bool
wcp_take_task(struct wcp_building *b, uint32_t *begin, uint32_t *end)
{
    return task_at(b, atomic_fetch_add(&b->next_task, 1), begin, end);
}

/* List the seeds of a stretch, or sift them. */
static bool
do_stretch(struct wcp_tally *tally, struct wcp_gatherer *g, unsigned number,
           bool sift)
{
    struct wcp_building *b = tally->building;
    struct stretch_lists *lists = &tally->stretches[number];
    const size_t num =
        b->places->begins[b->places->num_texts] / (size_t)WCP_SEED_TASK + 1;
    const size_t stop = num * (number + 1) / tally->num_stretches;
    uint32_t begin, end;

    for (size_t i = num * number / tally->num_stretches;
         i < stop && task_at(b, i, &begin, &end); i++) {
        if (!sift)
            find_task(b, g->seeder, begin, end);
        if (!(sift ? sift_task(tally, lists, b->gathered ? g : NULL, begin, end)
                   : list_task(tally, lists, begin, end)))
            return false;
    }
    if (sift) /* what is gathered takes their place */
        release_slabs(b->lookup->mem, lists);
    return true;
}

static void
list_thread(void *ctx, unsigned thread)
{
    struct wcp_tally *tally = ctx;
    struct wcp_building *b = tally->building;
    size_t i;

    while ((i = atomic_fetch_add(&b->next_task, 1)) < tally->num_stretches)
        if (!do_stretch(tally, &b->gatherers[thread], (unsigned)i, false))
            atomic_store(&b->no_memory, true);
}

static void
sift_thread(void *ctx, unsigned thread)
{
    struct wcp_tally *tally = ctx;
    struct wcp_building *b = tally->building;
    size_t i;

    while ((i = atomic_fetch_add(&b->next_task, 1)) < tally->num_stretches)
        if (!do_stretch(tally, &b->gatherers[thread], (unsigned)i, true))
            atomic_store(&b->no_memory, true);
}

/* Those that are kept are gathered on the way if one round is enough, so that
 * they need not be hashed again for it. */
static void
plan_sifting(struct wcp_tally *tally)
{
    struct wcp_building *b = tally->building;
    const size_t num = atomic_load(&tally->num_kept);

    wcp_plan_parts(b, num, false);
    b->gathered = wcp_plan_rounds(b, num) == 1;
    b->sifted = true;
}

/* Seeds among so many units, about. */
static uint64_t
guess_seeds(const struct wcp_places *places)
{
    uint64_t num = 0;

    for (uint32_t i = 0; i < places->num_texts; i++)
        num += places->texts[i].num / (places->texts[i].narrow ? 4 : 3);
    return num;
}

static bool
find_many(struct wcp_tally *tally)
{
    void (*const steps[])(void *ctx, unsigned thread) = { list_thread,
                                                          tally_thread,
                                                          sift_thread };
    struct wcp_building *b = tally->building;

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (atomic_load(&b->no_memory))
            return false;
        if (steps[i] == sift_thread)
            plan_sifting(tally);
        atomic_store(&b->next_task, 0);
        wcp_run_threads(b->num_threads, steps[i], tally);
    }
    return !atomic_load(&b->no_memory) &&
           wcp_bits_count(&b->lookup->levels[0].members);
}

static void
find_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;
    uint32_t begin, end;

    while (wcp_take_task(b, &begin, &end))
        find_task(b, b->gatherers[thread].seeder, begin, end);
}

/* Without a tally. */
static bool
find_all(struct wcp_building *b, unsigned num_threads)
{
    struct wcp_bits *members = &b->lookup->levels[0].members;

    atomic_store(&b->next_task, 0);
    wcp_run_threads(num_threads, find_thread, b);
    if (!wcp_bits_count(members))
        return false;
    b->lookup->num_seeds = members->num_set;
    return true;
}

bool
wcp_find_seeds(struct wcp_building *b)
{
    const uint64_t num = guess_seeds(b->places);
    struct wcp_tally tally = { .building = b };
    bool done;

    b->few = num <= WCP_FEW_SEEDS;
    if (b->few)
        return find_all(b, 1);
    if (wcp_plan_all(b, num) <= FEW_ROUNDS)
        return find_all(b, b->num_threads);
    done = begin_tally(&tally, num) && find_many(&tally);
    end_tally(&tally);
    return done;
}
