/*
 * gather.c - seeds of all texts, brought together by the begin of their hashes
 *
 * Several threads go through the seeds of the corpus, or the longer ones that
 * begin where a frequent one does, and gather them in piles, one for each
 * part; then a part is taken from all piles and sorted.
 *
 * To hold all seeds at once may take more memory than is right; they are then
 * gathered in rounds, each for the seeds that begin with some of the units.
 */
#include "passage/gather.h"

#include <string.h>

enum { SLAB = 64 /* chunks */ };

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

/* Where there is one part only, seeds go where they are sorted at once. */
static bool
gather(struct wcp_building *b, struct wcp_gatherer *g, unsigned part,
       uint64_t hash, uint32_t place)
{
    uint64_t seed = (uint64_t)wcp_seed_key(hash) << 32 | place;
    struct wcp_seed_pile *pile = &g->parts[part];

    if (b->num_parts == 1) {
        if (!wcp_array_grow(b->places->mem, &g->sorted))
            return false;
        g->sorted.at[g->sorted.num++] = seed;
        return true;
    }
    if ((pile->last == NONE || pile->num == WCP_SEED_CHUNK) &&
        !add_chunk(b->places->mem, g, pile))
        return false;
    chunk_at(g, pile->last)->seeds[pile->num++] = seed;
    return true;
}

/* Empty the piles; their chunks are used again. */
static void
clear_piles(struct wcp_gatherer *g)
{
    g->sorted.num = g->next.num = 0;
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

/* ---- seeds of a stretch ---- */

void
wcp_hash_group(const struct wcp_building *b, uint32_t begin,
               struct wcp_seed_group *group)
{
    const struct wcp_bits *bits = &b->lookup->levels[0].members;
    const struct wcp_places *places = b->places;
    const size_t first_word = begin / 64;
    uint32_t number = group->text, done = 0, num = 0;

    for (size_t i = first_word;
         i < first_word + WCP_SEED_GROUP / 64 && i < bits->num_words; i++)
        for (uint64_t word = wcp_bits_word(bits, i); word != 0;
             word &= word - 1) {
            uint32_t place = (uint32_t)i * 64 + wcp_lowest_bit(word);

            if (place >= places->begins[number + 1]) {
                wcp_hash_seeds(b->plan, &places->texts[number],
                               places->begins[number], group->at + done,
                               num - done, group->hashes + done);
                done = num;
                while (place >= places->begins[number + 1])
                    number++;
            }
            group->at[num] = place;
            num += wcp_is_turn_of(b, &places->texts[number],
                                  place - places->begins[number]);
        }
    wcp_hash_seeds(b->plan, &places->texts[number], places->begins[number],
                   group->at + done, num - done, group->hashes + done);
    group->text = number;
    group->num = num;
}

/* The seeds of level 0 of a group. */
static bool
gather_group(struct wcp_building *b, struct wcp_gatherer *g, uint32_t begin,
             struct wcp_seed_group *group)
{
    wcp_hash_group(b, begin, group);
    for (uint32_t i = 0; i < group->num; i++) {
        unsigned part = wcp_seed_part(b, group->hashes[i]);

        if (!gather(b, g, part, group->hashes[i], group->at[i]))
            return false;
    }
    return true;
}

/* The longer seeds that begin in a group of places. */
static bool
gather_longer(struct wcp_building *b, struct wcp_gatherer *g, uint32_t begin,
              struct wcp_seed_group *group)
{
    const struct wcp_bits *bits = &b->lookup->levels[0].members;
    const struct wcp_bits *wanted = &b->lookup->levels[b->level].members;
    const struct wcp_places *places = b->places;
    const size_t first_word = begin / 64;

    for (size_t i = first_word;
         i < first_word + WCP_SEED_GROUP / 64 && i < bits->num_words; i++) {
        uint32_t index = bits->ranks[i];

        for (uint64_t word = wcp_bits_word(bits, i); word != 0;
             word &= word - 1, index++) {
            uint32_t place = (uint32_t)i * 64 + wcp_lowest_bit(word);
            const struct wcp_units *text;
            uint64_t hash;

            if (!wcp_bits_has(wanted, index))
                continue;
            while (place >= places->begins[group->text + 1])
                group->text++;
            text = &places->texts[group->text];
            place -= places->begins[group->text];
            if (!wcp_is_turn_of(b, text, place))
                continue;
            hash = wcp_hash_long_seed(b->plan, text, place, b->level);
            if (!gather(b, g, wcp_seed_part(b, hash), hash,
                        places->begins[group->text] + place))
                return false;
        }
    }
    return true;
}

static bool
gather_task(struct wcp_building *b, struct wcp_gatherer *g, uint32_t begin,
            uint32_t end)
{
    struct wcp_seed_group group = { .text = wcp_place_text(b->places, begin) };

    for (uint64_t at = begin; at < end; at += WCP_SEED_GROUP)
        if (!(b->level > 0 ? gather_longer : gather_group)(b, g, (uint32_t)at,
                                                           &group))
            return false;
    return true;
}

static void
gather_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;
    uint32_t begin, end;

    clear_piles(&b->gatherers[thread]);
    while (wcp_take_task(b, &begin, &end))
        if (atomic_load(&b->no_memory) ||
            !gather_task(b, &b->gatherers[thread], begin, end)) {
            atomic_store(&b->no_memory, true);
            return;
        }
}

void
wcp_gather_all(struct wcp_building *b)
{
    atomic_store(&b->next_task, 0);
    for (unsigned t = 0; t < b->num_threads; t++)
        clear_piles(&b->gatherers[t]);
    wcp_run_threads(b->num_parts == 1 ? 1 : b->num_threads, gather_thread, b);
}

/* ---- sorting ---- */

static void
take_pile(const struct wcp_gatherer *g, const struct wcp_seed_pile *pile,
          uint64_t *to)
{
    for (uint32_t i = pile->first; i != NONE; i = g->next.at[i]) {
        size_t num = i == pile->last ? pile->num : WCP_SEED_CHUNK;

        memcpy(to, chunk_at(g, i)->seeds, num * sizeof *to);
        to += num;
    }
}

bool
wcp_sort_part(struct wcp_building *b, struct wcp_gatherer *g, unsigned number)
{
    const struct wcp_memory *mem = b->places->mem;
    size_t num = 0;

    if (b->num_parts > 1) {
        for (unsigned t = 0; t < b->num_threads; t++)
            num += pile_size(&b->gatherers[t], &b->gatherers[t].parts[number]);
        if (!wcp_array_reserve(mem, &g->sorted, num))
            return false;
        g->sorted.num = 0;
        for (unsigned t = 0; t < b->num_threads; t++) {
            const struct wcp_gatherer *from = &b->gatherers[t];

            take_pile(from, &from->parts[number], g->sorted.at + g->sorted.num);
            g->sorted.num += pile_size(from, &from->parts[number]);
        }
    }
    if (!wcp_array_reserve(mem, &g->scratch, g->sorted.num))
        return false;
    if (g->sorted.num > 1)
        wcp_sort_u64(g->sorted.at, g->scratch.at, g->sorted.num);
    return true;
}

void
wcp_gatherer_empty(const struct wcp_memory *mem, struct wcp_gatherer *g)
{
    for (size_t i = 0; i < g->slabs.num; i++)
        wcp_free_array(mem, g->slabs.at[i], SLAB,
                       sizeof(struct wcp_seed_chunk));
    wcp_array_release(mem, &g->slabs);
    wcp_array_release(mem, &g->next);
    wcp_array_release(mem, &g->sorted);
    wcp_array_release(mem, &g->scratch);
}

void
wcp_gatherer_release(const struct wcp_memory *mem, struct wcp_gatherer *g)
{
    wcp_seeder_free(g->seeder);
    wcp_gatherer_empty(mem, g);
}
