/*
 * lookup.c - where else does a seed stand?
 *
 * Seeds are gathered by the first byte of their hash into parts, and a part is
 * sorted in cache by hash, then place.  A seed that stands alone is forgotten
 * there: most of them do.  One that stands in a few places keeps them all.
 * One that stands in many keeps its first place only, and at each of its
 * places a longer seed begins, which goes through the same on the next level.
 * Text that is the same in 20,000 places so costs each of them one look, and
 * two documents that share a paragraph made of phrases that all the others
 * use as well still meet: in the longer seeds.
 *
 * Most seeds stand alone.  They are counted, in a table that lies in cache and
 * has two bits (none, one, more) that several share, so that only what may
 * stand elsewhere is sorted.
 *
 * To hold all seeds at once would take more memory than the text; they are
 * gathered for some of the parts at a time, and found anew for others: finding
 * them is cheaper than keeping notes.
 *
 * Two seeds count as the same if 40 bits of their hashes are.  Text is compared
 * later on.
 */
#include "passage/engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
    NUM_PARTS = 256,
    MAX_ROUNDS = 4,
    CHUNK = 256,             /* seeds */
    SLAB = 512,              /* chunks */
    PIECE = 64,              /* blocks of a text that are a task */
    PLACES_A_TASK = 1 << 16, /* that longer seeds are looked for in */
};

#define NONE UINT32_MAX
#define MANY UINT32_C(0x80000000)
#define NO_SLOT UINT64_MAX

/* slots: key << 32 | index in places, by open addressing.  At the index stands
 * the number of places (MANY: one of many), behind it the places. */
struct part {
    uint64_t *slots;
    uint32_t num_slots; /* a power of two, or 0 */
    WCP_ARRAY(uint32_t) places;
};

struct wcp_lookup {
    const struct wcp_memory *mem;
    uint64_t num_seeds;
    _Atomic uint64_t *shared; /* [num_words] */
    size_t num_words;
    struct part parts[WCP_SEED_LEVELS][NUM_PARTS];
};

struct list64 {
    WCP_ARRAY(uint64_t) list;
};

/*
 * Seeds on their way to a part: chunks of them, from slabs.  A growing array
 * for each part would take twice the memory, and tear the heap.
 */
struct chunk {
    uint64_t seeds[CHUNK]; /* key << 32 | place */
};

struct pile {
    uint32_t first, last; /* chunks, linked by next[]; NONE: none */
    uint32_t num;         /* seeds in the last */
};

/* What is gathered from a stretch of the corpus, by one thread; so the seeds
 * of a part are in order of their places, one gatherer's after another's.
 * Also what a thread has to build a part. */
struct gatherer {
    struct wcp_seeder *seeder;
    struct pile parts[NUM_PARTS];
    WCP_ARRAY(struct chunk *) slabs; /* of SLAB chunks each */
    WCP_ARRAY(uint32_t) next;        /* [chunks in use] */
    struct wcp_seed turn[WCP_SEED_BLOCK + 1];
    struct list64 sorted, scratch;
    uint64_t num_frequent;
    uint64_t num_seeds;
    WCP_ARRAY(uint64_t) counts; /* of the seeds of a part, two bits each */
};

struct building {
    struct wcp_lookup *lookup;
    const struct wcp_places *places;
    const struct wcp_seed_plan *plan;
    unsigned num_threads, level, round, num_rounds;
    struct gatherer *gatherers;
    unsigned num_gatherers; /* at least as many as threads */
    /* Of level 0: where texts, or pieces of one, begin. */
    WCP_ARRAY(uint32_t) tasks;
    /* A bit for each place of which this level, and the next, has a seed; of
     * level 0 there is none. */
    _Atomic uint64_t *wanted, *wanted_next;
    atomic_size_t next_task;
    atomic_bool no_memory;
};

static unsigned
part_of(uint64_t hash)
{
    return (unsigned)(hash >> 56);
}

static uint32_t
key_of(uint64_t hash)
{
    return (uint32_t)(hash >> 24);
}

/* ---- gathering ---- */

static struct chunk *
chunk_at(const struct gatherer *g, uint32_t number)
{
    return &g->slabs.at[number / SLAB][number % SLAB];
}

static bool
add_chunk(const struct wcp_memory *mem, struct gatherer *g, struct pile *pile)
{
    uint32_t number = (uint32_t)g->next.num;

    if (number / SLAB == g->slabs.num) {
        if (!wcp_array_grow(mem, &g->slabs))
            return false;
        g->slabs.at[g->slabs.num] =
            wcp_new_array(mem, SLAB, sizeof(struct chunk));
        if (g->slabs.at[g->slabs.num] == NULL)
            return false;
        g->slabs.num++;
    }
    if (!wcp_array_grow(mem, &g->next))
        return false;
    g->next.at[g->next.num++] = NONE;
    if (pile->last == NONE)
        pile->first = number;
    else
        g->next.at[pile->last] = number;
    pile->last = number;
    pile->num = 0;
    return true;
}

static bool
gather(struct building *b, struct gatherer *g, uint64_t hash, uint32_t place)
{
    struct pile *pile = &g->parts[part_of(hash)];

    if ((pile->last == NONE || pile->num == CHUNK) &&
        !add_chunk(b->lookup->mem, g, pile))
        return false;
    chunk_at(g, pile->last)->seeds[pile->num++] =
        (uint64_t)key_of(hash) << 32 | place;
    return true;
}

/* Empty the piles; their chunks are used again. */
static void
clear_piles(struct gatherer *g)
{
    g->next.num = 0;
    for (size_t i = 0; i < NUM_PARTS; i++)
        g->parts[i] = (struct pile){ NONE, NONE, 0 };
}

static size_t
pile_size(const struct gatherer *g, const struct pile *pile)
{
    size_t size = 0;

    for (uint32_t i = pile->first; i != NONE; i = g->next.at[i])
        size += i == pile->last ? pile->num : CHUNK;
    return size;
}

static bool
is_turn_of(const struct building *b, unsigned part)
{
    return part * b->num_rounds / NUM_PARTS == b->round;
}

static void
set_bit(_Atomic uint64_t *bits, uint32_t place)
{
    atomic_fetch_or_explicit(&bits[place / 64], UINT64_C(1) << place % 64,
                             memory_order_relaxed);
}

static uint32_t
task_end(const struct building *b, size_t task)
{
    return task + 1 < b->tasks.num ? b->tasks.at[task + 1]
                                   : b->places->begins[b->places->num_texts];
}

/* Those of a block that are gathered in this round, in g->turn; without a
 * branch that nobody can foretell. */
static size_t
pick_turn(const struct building *b, struct gatherer *g,
          const struct wcp_seed *seeds, size_t num)
{
    size_t num_picked = 0;

    for (size_t i = 0; i < num; i++) {
        g->turn[num_picked] = seeds[i];
        num_picked += is_turn_of(b, part_of(seeds[i].hash));
    }
    return num_picked;
}

/* Find the seeds of one task of level 0. */
static bool
gather_text(struct building *b, struct gatherer *g, size_t number)
{
    uint32_t at = b->tasks.at[number], end = task_end(b, number);
    uint32_t t = wcp_place_text(b->places, at);

    while (at < end) {
        const struct wcp_units *text;
        const struct wcp_seed *seeds;
        uint32_t begin;
        size_t num;

        while (at >= b->places->begins[t + 1])
            t++;
        text = &b->places->texts[t];
        begin = b->places->begins[t];
        num = wcp_seeder_find(g->seeder, text, at - begin, &seeds);
        g->num_seeds += b->round == 0 ? num : 0;
        num = pick_turn(b, g, seeds, num);
        for (size_t i = 0; i < num; i++)
            if (!gather(b, g, g->turn[i].hash, begin + g->turn[i].at))
                return false;
        at = begin + text->num - at <= WCP_SEED_BLOCK ? begin + text->num
                                                      : at + WCP_SEED_BLOCK;
    }
    return true;
}

/* The longer seeds that begin at the places of one task. */
static bool
gather_longer(struct building *b, struct gatherer *g, size_t task)
{
    const struct wcp_places *places = b->places;
    size_t word = task * (PLACES_A_TASK / 64);
    size_t end = word + PLACES_A_TASK / 64;
    uint32_t number = wcp_place_text(places, (uint32_t)(word * 64));

    for (; word < end && word < b->lookup->num_words; word++) {
        uint64_t bits =
            atomic_load_explicit(&b->wanted[word], memory_order_relaxed);

        for (; bits != 0; bits &= bits - 1) {
            uint32_t place = (uint32_t)word * 64 + wcp_lowest_bit(bits);
            uint64_t hash;

            while (place >= places->begins[number + 1])
                number++;
            if (wcp_long_seed(b->plan, &places->texts[number],
                              place - places->begins[number], b->level,
                              &hash) &&
                is_turn_of(b, part_of(hash)) && !gather(b, g, hash, place))
                return false;
        }
    }
    return true;
}

static size_t
count_tasks(const struct building *b)
{
    return b->level == 0 ? b->tasks.num
                         : (b->lookup->num_words * 64 + PLACES_A_TASK - 1) /
                               PLACES_A_TASK;
}

static bool
gather_task(struct building *b, struct gatherer *g, size_t task)
{
    return b->level > 0 ? gather_longer(b, g, task) : gather_text(b, g, task);
}

/* A gatherer takes tasks that follow one another. */
static void
gather_thread(void *ctx, unsigned thread)
{
    struct building *b = ctx;
    size_t num = count_tasks(b), number;

    (void)thread;
    while ((number = atomic_fetch_add(&b->next_task, 1)) < b->num_gatherers) {
        struct gatherer *g = &b->gatherers[number];
        size_t end = num * (number + 1) / b->num_gatherers;

        for (size_t task = num * number / b->num_gatherers; task < end; task++)
            if (atomic_load(&b->no_memory) || !gather_task(b, g, task)) {
                atomic_store(&b->no_memory, true);
                return;
            }
    }
}

/* ---- sorting ---- */

/* Count the seeds of a pile, by so many bits of their keys. */
static void
count_pile(const struct gatherer *g, const struct pile *pile, unsigned bits,
           uint64_t *counts)
{
    for (uint32_t i = pile->first; i != NONE; i = g->next.at[i]) {
        const uint64_t *seeds = chunk_at(g, i)->seeds;
        size_t num = i == pile->last ? pile->num : CHUNK;

        for (size_t k = 0; k < num; k++) {
            uint64_t at = seeds[k] >> (64 - bits);
            uint64_t one = UINT64_C(1) << at % 32 * 2;
            uint64_t word = counts[at / 32];

            counts[at / 32] = word | one | (word & one) << 1;
        }
    }
}

/* Take those that may not stand alone. */
static void
take_pile(const struct gatherer *g, const struct pile *pile, unsigned bits,
          const uint64_t *counts, struct list64 *to)
{
    uint64_t *out = to->list.at + to->list.num;

    for (uint32_t i = pile->first; i != NONE; i = g->next.at[i]) {
        const uint64_t *seeds = chunk_at(g, i)->seeds;
        size_t num = i == pile->last ? pile->num : CHUNK;

        for (size_t k = 0; k < num; k++) {
            uint64_t at = seeds[k] >> (64 - bits);

            *out = seeds[k];
            out += counts[at / 32] >> (at % 32 * 2 + 1) & 1;
        }
    }
    to->list.num = (size_t)(out - to->list.at);
}

/* The seeds of a part that may not stand alone, sorted, in g->sorted. */
static bool
sort_part(struct building *b, struct gatherer *g, unsigned number)
{
    const struct wcp_memory *mem = b->lookup->mem;
    unsigned bits = 8;
    size_t num = 0, num_words;

    for (unsigned t = 0; t < b->num_gatherers; t++)
        num += pile_size(&b->gatherers[t], &b->gatherers[t].parts[number]);
    while (bits < 32 && num >> (bits - 2) > 0)
        bits++;
    num_words = ((size_t)1 << bits) / 32;
    g->sorted.list.num = 0;
    /* One more, which is written to before it is known to be none. */
    if (!wcp_array_reserve(mem, &g->sorted.list, num + 1) ||
        !wcp_array_reserve(mem, &g->counts, num_words))
        return false;
    memset(g->counts.at, 0, num_words * sizeof *g->counts.at);
    for (unsigned t = 0; t < b->num_gatherers; t++)
        count_pile(&b->gatherers[t], &b->gatherers[t].parts[number], bits,
                   g->counts.at);
    for (unsigned t = 0; t < b->num_gatherers; t++)
        take_pile(&b->gatherers[t], &b->gatherers[t].parts[number], bits,
                  g->counts.at, &g->sorted);
    if (!wcp_array_reserve(mem, &g->scratch.list, g->sorted.list.num))
        return false;
    if (g->sorted.list.num > 1)
        wcp_sort_u64(g->sorted.list.at, g->scratch.list.at, g->sorted.list.num);
    return true;
}

static size_t
run_length(const struct list64 *sorted, size_t at)
{
    size_t end = at + 1;

    while (end < sorted->list.num &&
           sorted->list.at[end] >> 32 == sorted->list.at[at] >> 32)
        end++;
    return end - at;
}

static void
put_slot(struct part *part, uint32_t key, uint32_t index)
{
    uint32_t slot = key & (part->num_slots - 1);

    while (part->slots[slot] != NO_SLOT)
        slot = (slot + 1) & (part->num_slots - 1);
    part->slots[slot] = (uint64_t)key << 32 | index;
}

static void
keep_run(struct building *b, struct gatherer *g, struct part *part, size_t at,
         size_t num)
{
    const uint64_t *run = g->sorted.list.at + at;
    bool many = num > WCP_FEW_PLACES;
    size_t kept = many ? 1 : num;

    put_slot(part, (uint32_t)(run[0] >> 32), (uint32_t)part->places.num);
    part->places.at[part->places.num++] = many ? MANY : (uint32_t)num;
    for (size_t i = 0; i < kept; i++)
        part->places.at[part->places.num++] = (uint32_t)run[i];
    for (size_t i = 1; b->level == 0 && i < num; i++)
        set_bit(b->lookup->shared, (uint32_t)run[i]);
    if (!many || b->level + 1 == WCP_SEED_LEVELS)
        return;
    for (size_t i = 0; i < num; i++)
        set_bit(b->wanted_next, (uint32_t)run[i]);
    g->num_frequent += num;
}

static bool
build_part(struct building *b, struct gatherer *g, unsigned number)
{
    const struct wcp_memory *mem = b->lookup->mem;
    struct part *part = &b->lookup->parts[b->level][number];
    size_t num_runs = 0, num_places = 0, num;

    if (!sort_part(b, g, number))
        return false;
    for (size_t i = 0; i < g->sorted.list.num; i += num) {
        num = run_length(&g->sorted, i);
        num_runs += num > 1;
        num_places += num == 1 ? 0 : num > WCP_FEW_PLACES ? 2 : num + 1;
    }
    if (num_runs == 0)
        return true;
    part->num_slots = 16;
    while (part->num_slots < num_runs + num_runs / 2)
        part->num_slots *= 2;
    part->slots = wcp_new_array(mem, part->num_slots, sizeof *part->slots);
    part->places.at = wcp_new_array(mem, num_places, sizeof *part->places.at);
    if (part->places.at != NULL)
        part->places.cap = num_places;
    if (part->slots == NULL || part->places.at == NULL)
        return false;
    memset(part->slots, 0xFF, part->num_slots * sizeof *part->slots);
    for (size_t i = 0; i < g->sorted.list.num; i += num) {
        num = run_length(&g->sorted, i);
        if (num > 1)
            keep_run(b, g, part, i, num);
    }
    return true;
}

static void
build_thread(void *ctx, unsigned thread)
{
    struct building *b = ctx;
    size_t part;

    while ((part = atomic_fetch_add(&b->next_task, 1)) < NUM_PARTS &&
           !atomic_load(&b->no_memory))
        if (is_turn_of(b, (unsigned)part) &&
            !build_part(b, &b->gatherers[thread], (unsigned)part))
            atomic_store(&b->no_memory, true);
}

/* ---- levels ---- */

static bool
build_level(struct building *b)
{
    for (b->round = 0; b->round < b->num_rounds; b->round++) {
        for (unsigned t = 0; t < b->num_gatherers; t++)
            clear_piles(&b->gatherers[t]);
        atomic_store(&b->next_task, 0);
        wcp_run_threads(b->num_threads, gather_thread, b);
        atomic_store(&b->next_task, 0);
        wcp_run_threads(b->num_threads, build_thread, b);
    }
    return !atomic_load(&b->no_memory);
}

/* Runs of short texts and pieces of long ones; each begins where a block of
 * its text does. */
static bool
list_tasks(struct building *b)
{
    const struct wcp_places *places = b->places;
    const uint32_t most = PIECE * WCP_SEED_BLOCK;
    uint32_t last = 0;

    for (uint32_t i = 0; i < places->num_texts; i++) {
        uint64_t end = places->begins[i + 1];

        for (uint64_t at = places->begins[i]; at < end; at += most) {
            if (b->tasks.num > 0 && at - last < most)
                continue;
            if (!wcp_array_grow(b->lookup->mem, &b->tasks))
                return false;
            last = (uint32_t)at;
            b->tasks.at[b->tasks.num++] = last;
        }
    }
    return true;
}

/* In how many rounds so many seeds are gathered: half as many bytes as the
 * texts have, or somewhat more, are no burden. */
static void
plan_rounds(struct building *b, uint64_t num)
{
    const struct wcp_places *places = b->places;
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < places->num_texts; i++)
        bytes +=
            (uint64_t)places->texts[i].num * (places->texts[i].narrow ? 1 : 2);
    b->num_rounds = 1;
    while (b->num_rounds < MAX_ROUNDS &&
           num * sizeof(uint64_t) > bytes * b->num_rounds * 3 / 4)
        b->num_rounds++;
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

/* What is wanted for the next level becomes wanted; false if nothing is. */
static bool
turn_level(struct building *b)
{
    _Atomic uint64_t *wanted = b->wanted;
    uint64_t num = 0;

    for (unsigned t = 0; t < b->num_gatherers; t++) {
        num += b->gatherers[t].num_frequent;
        b->gatherers[t].num_frequent = 0;
    }
    b->wanted = b->wanted_next;
    b->wanted_next = wanted;
    for (size_t i = 0; i < b->lookup->num_words; i++)
        atomic_store_explicit(&wanted[i], 0, memory_order_relaxed);
    plan_rounds(b, num);
    return num > 0;
}

static void
release_gatherer(const struct wcp_memory *mem, struct gatherer *g)
{
    wcp_seeder_free(g->seeder);
    for (size_t i = 0; i < g->slabs.num; i++)
        wcp_free_array(mem, g->slabs.at[i], SLAB, sizeof(struct chunk));
    wcp_array_release(mem, &g->slabs);
    wcp_array_release(mem, &g->next);
    wcp_array_release(mem, &g->sorted.list);
    wcp_array_release(mem, &g->scratch.list);
    wcp_array_release(mem, &g->counts);
}

static void
release_building(struct building *b)
{
    const struct wcp_memory *mem = b->lookup->mem;

    for (unsigned t = 0; b->gatherers != NULL && t < b->num_gatherers; t++) {
        b->lookup->num_seeds += b->gatherers[t].num_seeds;
        release_gatherer(mem, &b->gatherers[t]);
    }
    wcp_free_array(mem, b->gatherers, b->num_gatherers, sizeof *b->gatherers);
    wcp_free_array(mem, b->wanted, b->lookup->num_words, sizeof *b->wanted);
    wcp_free_array(mem, b->wanted_next, b->lookup->num_words,
                   sizeof *b->wanted);
    wcp_array_release(mem, &b->tasks);
}

static bool
build(struct building *b)
{
    const struct wcp_memory *mem = b->lookup->mem;
    uint32_t total = b->places->begins[b->places->num_texts];

    b->num_gatherers = b->num_threads == 1 ? 1 : 4 * b->num_threads;
    b->gatherers = wcp_new_zeroed(mem, b->num_gatherers, sizeof *b->gatherers);
    b->lookup->num_words = (size_t)total / 64 + 1;
    b->lookup->shared =
        wcp_new_zeroed(mem, b->lookup->num_words, sizeof(uint64_t));
    b->wanted = wcp_new_zeroed(mem, b->lookup->num_words, sizeof(uint64_t));
    b->wanted_next =
        wcp_new_zeroed(mem, b->lookup->num_words, sizeof(uint64_t));
    if (b->gatherers == NULL || b->lookup->shared == NULL ||
        b->wanted == NULL || b->wanted_next == NULL || !list_tasks(b))
        return false;
    for (unsigned t = 0; t < b->num_gatherers; t++) {
        b->gatherers[t].seeder = wcp_seeder_new(mem, b->plan);
        if (b->gatherers[t].seeder == NULL)
            return false;
    }
    plan_rounds(b, guess_seeds(b->places));
    for (b->level = 0; b->level < WCP_SEED_LEVELS; b->level++) {
        if (!build_level(b))
            return false;
        if (!turn_level(b))
            break;
    }
    return true;
}

enum wcp_code
wcp_lookup_new(const struct wcp_places *places,
               const struct wcp_seed_plan *plan, unsigned num_threads,
               struct wcp_lookup **lookup_ret, struct wcp_fault *fault)
{
    struct wcp_lookup *lookup = wcp_new_zeroed(places->mem, 1, sizeof *lookup);
    struct building b = { .lookup = lookup,
                          .places = places,
                          .plan = plan,
                          .num_threads = num_threads };
    bool done;

    if (lookup == NULL)
        return wcp_no_memory(fault);
    lookup->mem = places->mem;
    done = build(&b);
    release_building(&b);
    if (!done) {
        wcp_lookup_free(lookup);
        return wcp_no_memory(fault);
    }
    *lookup_ret = lookup;
    return WCP_CODE_OK;
}

void
wcp_lookup_free(struct wcp_lookup *lookup)
{
    if (lookup == NULL)
        return;
    for (unsigned level = 0; level < WCP_SEED_LEVELS; level++)
        for (size_t i = 0; i < NUM_PARTS; i++) {
            struct part *part = &lookup->parts[level][i];

            wcp_free_array(lookup->mem, part->slots, part->num_slots,
                           sizeof *part->slots);
            wcp_array_release(lookup->mem, &part->places);
        }
    wcp_free_array(lookup->mem, lookup->shared, lookup->num_words,
                   sizeof *lookup->shared);
    wcp_free_array(lookup->mem, lookup, 1, sizeof *lookup);
}

/* ---- looking up ---- */

void
wcp_lookup_prefetch(const struct wcp_lookup *lookup, unsigned level,
                    uint64_t hash)
{
    const struct part *part = &lookup->parts[level][part_of(hash)];

    if (part->num_slots > 0)
        __builtin_prefetch(&part->slots[key_of(hash) & (part->num_slots - 1)]);
}

struct wcp_seed_places
wcp_lookup_find(const struct wcp_lookup *lookup, unsigned level, uint64_t hash)
{
    const struct part *part = &lookup->parts[level][part_of(hash)];
    uint32_t key = key_of(hash), slot, index, num;

    if (part->num_slots == 0)
        return (struct wcp_seed_places){ 0 };
    slot = key & (part->num_slots - 1);
    while (part->slots[slot] >> 32 != key) {
        if (part->slots[slot] == NO_SLOT)
            return (struct wcp_seed_places){ 0 };
        slot = (slot + 1) & (part->num_slots - 1);
    }
    if (part->slots[slot] == NO_SLOT) /* the key itself is all ones */
        return (struct wcp_seed_places){ 0 };
    index = (uint32_t)part->slots[slot];
    num = part->places.at[index];
    return (struct wcp_seed_places){ &part->places.at[index + 1],
                                     num == MANY ? 1 : num, num == MANY };
}

const _Atomic uint64_t *
wcp_lookup_shared(const struct wcp_lookup *lookup)
{
    return lookup->shared;
}

uint64_t
wcp_lookup_num_seeds(const struct wcp_lookup *lookup)
{
    return lookup->num_seeds;
}
