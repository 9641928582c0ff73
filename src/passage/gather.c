/*
 * gather.c - seeds of all texts, brought together by the begin of their hashes
 *
 * Several threads find the seeds of stretches of the corpus and gather them in
 * piles, one for each part; then a part is taken from all piles.  Most of its
 * seeds stand alone: they are counted, in a table that lies in cache and has
 * two bits (none, one, more) that several share, so that only what may stand
 * elsewhere is sorted.
 *
 * To hold all seeds at once would take more memory than the text; they are
 * gathered for some of the parts at a time, and found anew for others: finding
 * them is cheaper than keeping notes.
 */
#include "passage/gather.h"

#include <string.h>

enum {
    SLAB = 512,              /* chunks */
    PIECE = 64,              /* blocks of a text that are a task */
    PLACES_A_TASK = 1 << 16, /* that longer seeds are looked for in */
    FEW = 24,                /* seeds */
};

#define NONE UINT32_MAX

static struct wcp_seed_chunk *
chunk_at(const struct wcp_gatherer *g, uint32_t number)
{
    return &g->slabs.at[number / SLAB][number % SLAB];
}

static bool
add_chunk(const struct wcp_memory *mem, struct wcp_gatherer *g,
          struct wcp_seed_pile *pile)
{
    uint32_t number = (uint32_t)g->next.num;

    if (number / SLAB == g->slabs.num) {
        if (!wcp_array_grow(mem, &g->slabs))
            return false;
        g->slabs.at[g->slabs.num] =
            wcp_new_array(mem, SLAB, sizeof(struct wcp_seed_chunk));
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
gather(struct wcp_building *b, struct wcp_gatherer *g, uint64_t hash,
       uint32_t place)
{
    struct wcp_seed_pile *pile = &g->parts[wcp_seed_part(hash)];

    if ((pile->last == NONE || pile->num == WCP_SEED_CHUNK) &&
        !add_chunk(b->places->mem, g, pile))
        return false;
    chunk_at(g, pile->last)->seeds[pile->num++] =
        (uint64_t)wcp_seed_key(hash) << 32 | place;
    return true;
}

/* Empty the piles; their chunks are used again. */
static void
clear_piles(struct wcp_gatherer *g)
{
    g->next.num = 0;
    for (size_t i = 0; i < WCP_SEED_PARTS; i++)
        g->parts[i] = (struct wcp_seed_pile){ NONE, NONE, 0 };
}

static size_t
pile_size(const struct wcp_gatherer *g, const struct wcp_seed_pile *pile)
{
    size_t size = 0;

    for (uint32_t i = pile->first; i != NONE; i = g->next.at[i])
        size += i == pile->last ? pile->num : WCP_SEED_CHUNK;
    return size;
}

static uint32_t
task_end(const struct wcp_building *b, size_t task)
{
    return task + 1 < b->tasks.num ? b->tasks.at[task + 1]
                                   : b->places->begins[b->places->num_texts];
}

/* Those of a block that are gathered in this round, in g->turn; without a
 * branch that nobody can foretell. */
static size_t
pick_turn(const struct wcp_building *b, struct wcp_gatherer *g,
          const struct wcp_seed *seeds, size_t num)
{
    size_t num_picked = 0;

    for (size_t i = 0; i < num; i++) {
        g->turn[num_picked] = seeds[i];
        num_picked += wcp_is_turn_of(b, wcp_seed_part(seeds[i].hash));
    }
    return num_picked;
}

/* Find the seeds of one task of level 0. */
static bool
gather_text(struct wcp_building *b, struct wcp_gatherer *g, size_t number)
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
gather_longer(struct wcp_building *b, struct wcp_gatherer *g, size_t task)
{
    const struct wcp_places *places = b->places;
    size_t word = task * (PLACES_A_TASK / 64);
    size_t end = word + PLACES_A_TASK / 64;
    uint32_t number = wcp_place_text(places, (uint32_t)(word * 64));

    for (; word < end && word < b->num_words; word++) {
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
                wcp_is_turn_of(b, wcp_seed_part(hash)) &&
                !gather(b, g, hash, place))
                return false;
        }
    }
    return true;
}

static size_t
count_tasks(const struct wcp_building *b)
{
    return b->level == 0
               ? b->tasks.num
               : (b->num_words * 64 + PLACES_A_TASK - 1) / PLACES_A_TASK;
}

static bool
gather_task(struct wcp_building *b, struct wcp_gatherer *g, size_t task)
{
    return b->level > 0 ? gather_longer(b, g, task) : gather_text(b, g, task);
}

/* A gatherer takes tasks that follow one another. */
static void
gather_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;
    size_t num = count_tasks(b), number;

    (void)thread;
    while ((number = atomic_fetch_add(&b->next_task, 1)) < b->num_gatherers) {
        struct wcp_gatherer *g = &b->gatherers[number];
        size_t end = num * (number + 1) / b->num_gatherers;

        for (size_t task = num * number / b->num_gatherers; task < end; task++)
            if (atomic_load(&b->no_memory) || !gather_task(b, g, task)) {
                atomic_store(&b->no_memory, true);
                return;
            }
    }
}

void
wcp_gather_all(struct wcp_building *b)
{
    for (unsigned t = 0; t < b->num_gatherers; t++)
        clear_piles(&b->gatherers[t]);
    atomic_store(&b->next_task, 0);
    wcp_run_threads(b->num_threads, gather_thread, b);
}

/* Runs of short texts and pieces of long ones; each begins where a block of
 * its text does. */
bool
wcp_list_tasks(struct wcp_building *b)
{
    const struct wcp_places *places = b->places;
    const uint32_t most = PIECE * WCP_SEED_BLOCK;
    uint32_t last = 0;

    for (uint32_t i = 0; i < places->num_texts; i++) {
        uint64_t end = places->begins[i + 1];

        for (uint64_t at = places->begins[i]; at < end; at += most) {
            if (b->tasks.num > 0 && at - last < most)
                continue;
            if (!wcp_array_grow(b->places->mem, &b->tasks))
                return false;
            last = (uint32_t)at;
            b->tasks.at[b->tasks.num++] = last;
        }
    }
    return true;
}

/* ---- sorting ---- */

/* Count the seeds of a pile, by so many bits of their keys. */
static void
count_pile(const struct wcp_gatherer *g, const struct wcp_seed_pile *pile,
           unsigned bits, uint64_t *counts)
{
    for (uint32_t i = pile->first; i != NONE; i = g->next.at[i]) {
        const uint64_t *seeds = chunk_at(g, i)->seeds;
        size_t num = i == pile->last ? pile->num : WCP_SEED_CHUNK;

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
take_pile(const struct wcp_gatherer *g, const struct wcp_seed_pile *pile,
          unsigned bits, const uint64_t *counts, struct wcp_list64 *to)
{
    uint64_t *out = to->list.at + to->list.num;

    for (uint32_t i = pile->first; i != NONE; i = g->next.at[i]) {
        const uint64_t *seeds = chunk_at(g, i)->seeds;
        size_t num = i == pile->last ? pile->num : WCP_SEED_CHUNK;

        for (size_t k = 0; k < num; k++) {
            uint64_t at = seeds[k] >> (64 - bits);

            *out = seeds[k];
            out += counts[at / 32] >> (at % 32 * 2 + 1) & 1;
        }
    }
    to->list.num = (size_t)(out - to->list.at);
}

/* Take all of a pile, in order. */
static void
take_few(const struct wcp_gatherer *g, const struct wcp_seed_pile *pile,
         struct wcp_list64 *to)
{
    uint64_t *out = to->list.at;

    for (uint32_t i = pile->first; i != NONE; i = g->next.at[i]) {
        const uint64_t *seeds = chunk_at(g, i)->seeds;
        const size_t num = i == pile->last ? pile->num : WCP_SEED_CHUNK;

        for (size_t k = 0; k < num; k++) {
            size_t at = to->list.num++;

            for (; at > 0 && out[at - 1] > seeds[k]; at--)
                out[at] = out[at - 1];
            out[at] = seeds[k];
        }
    }
}

/* The few seeds of a part, as two articles have: not worth a count. */
static bool
sort_few(struct wcp_building *b, struct wcp_gatherer *g, unsigned number,
         size_t num)
{
    g->sorted.list.num = 0;
    if (num < 2)
        return true;
    if (!wcp_array_reserve(b->places->mem, &g->sorted.list, num))
        return false;
    for (unsigned t = 0; t < b->num_gatherers; t++)
        take_few(&b->gatherers[t], &b->gatherers[t].parts[number], &g->sorted);
    return true;
}

bool
wcp_sort_part(struct wcp_building *b, struct wcp_gatherer *g, unsigned number)
{
    const struct wcp_memory *mem = b->places->mem;
    unsigned bits = 8;
    size_t num = 0, num_words;

    for (unsigned t = 0; t < b->num_gatherers; t++)
        num += pile_size(&b->gatherers[t], &b->gatherers[t].parts[number]);
    if (num <= FEW)
        return sort_few(b, g, number, num);
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

void
wcp_gatherer_release(const struct wcp_memory *mem, struct wcp_gatherer *g)
{
    wcp_seeder_free(g->seeder);
    for (size_t i = 0; i < g->slabs.num; i++)
        wcp_free_array(mem, g->slabs.at[i], SLAB,
                       sizeof(struct wcp_seed_chunk));
    wcp_array_release(mem, &g->slabs);
    wcp_array_release(mem, &g->next);
    wcp_array_release(mem, &g->sorted.list);
    wcp_array_release(mem, &g->scratch.list);
    wcp_array_release(mem, &g->counts);
}
