/*
 * gather.c - seeds of all texts, brought together by the begin of their hashes
 *
 * Several threads go through the seeds of the corpus, or the longer ones that
 * begin where a frequent one does, and gather them in piles, one for each
 * part; then a part is taken from all piles and sorted.  Most seeds stand
 * alone: a sieve of two bits for each of some keys sees that for nearly all of
 * them before.
 *
 * To hold all seeds at once may take more memory than is right; they are then
 * gathered in rounds, each for the seeds that begin with some of the units.
 * What a pile was made of is used again.
 */
#include "passage/gather.h"

#include <string.h>

enum {
    SLAB = 1024,      /* chunks */
    SIEVE_PLACES = 4, /* for a seed */
};

#define NONE UINT32_MAX

static struct wcp_seed_chunk *
new_chunk(const struct wcp_memory *mem, struct wcp_gatherer *g)
{
    const size_t slab = g->num_chunks / SLAB;
    struct wcp_seed_chunk *chunk = g->unused;

    if (chunk != NULL) {
        g->unused = chunk->next;
        return chunk;
    }
    if (slab == g->slabs.num) {
        if (!wcp_array_grow(mem, &g->slabs))
            return NULL;
        g->slabs.at[slab] =
            wcp_new_array(mem, SLAB, sizeof(struct wcp_seed_chunk));
        if (g->slabs.at[slab] == NULL)
            return NULL;
        g->slabs.num++;
    }
    return &g->slabs.at[slab][g->num_chunks++ % SLAB];
}

bool
wcp_pile_grow(const struct wcp_memory *mem, struct wcp_gatherer *g,
              struct wcp_seed_pile *pile)
{
    struct wcp_seed_chunk *chunk = new_chunk(mem, g);

    if (chunk == NULL)
        return false;
    chunk->next = NULL;
    if (pile->last == NULL)
        pile->first = chunk;
    else
        pile->last->next = chunk;
    pile->last = chunk;
    pile->to = chunk->seeds;
    pile->end = chunk->seeds + WCP_SEED_CHUNK;
    return true;
}

void
wcp_pile_take(struct wcp_gatherer *g, struct wcp_seed_pile *pile)
{
    if (pile->last == NULL)
        return;
    pile->last->next = g->unused;
    g->unused = pile->first;
    *pile = (struct wcp_seed_pile){ 0 };
}

size_t
wcp_pile_size(const struct wcp_seed_pile *pile)
{
    size_t size = 0;

    for (const struct wcp_seed_chunk *i = pile->first; i != NULL; i = i->next)
        size +=
            i->next == NULL ? (size_t)(pile->to - i->seeds) : WCP_SEED_CHUNK;
    return size;
}

/* Where there is one part only, seeds go where they are sorted at once. */
bool
wcp_gather_seed(struct wcp_building *b, struct wcp_gatherer *g, uint64_t hash,
                uint32_t place)
{
    uint64_t seed = (uint64_t)wcp_seed_key(hash) << 32 | place;
    struct wcp_seed_pile *pile = &g->parts[wcp_seed_part(b, hash)];

    if (b->part_bits == 0) {
        if (!wcp_array_grow(b->places->mem, &g->sorted))
            return false;
        g->sorted.at[g->sorted.num++] = seed;
        return true;
    }
    if (pile->to == pile->end && !wcp_pile_grow(b->places->mem, g, pile))
        return false;
    *pile->to++ = seed;
    return true;
}

/* ---- seeds of a stretch ---- */

/* The members of level 0 from 'begin' to 'end', places of one text, whose turn
 * it is; a seed is hashed in its turn only. */
static uint32_t
list_places(const struct wcp_building *b, uint32_t number, uint32_t begin,
            uint32_t end, uint32_t *to)
{
    const struct wcp_bits *members = &b->lookup->levels[0].members;
    uint64_t turns[WCP_SEED_GROUP / 64];
    uint32_t num = 0;

    if (b->num_rounds > 1)
        wcp_find_turns(b, &b->places->texts[number],
                       begin - b->places->begins[number], end - begin, turns);
    for (uint32_t i = 0, at = begin; at < end; i++, at += 64) {
        uint64_t word = wcp_bits_from(members, at);

        if (end - at < 64)
            word &= (UINT64_C(1) << (end - at)) - 1;
        if (b->num_rounds > 1)
            word &= turns[i];
        for (; word != 0; word &= word - 1)
            to[num++] = at + wcp_lowest_bit(word);
    }
    return num;
}

void
wcp_hash_group(const struct wcp_building *b, uint32_t begin,
               struct wcp_seed_group *group)
{
    const uint32_t *begins = b->places->begins;
    const uint32_t total = begins[b->places->num_texts];
    const uint32_t end =
        total - begin < WCP_SEED_GROUP ? total : begin + WCP_SEED_GROUP;

    group->num = 0;
    for (uint32_t at = begin, stop; at < end; at = stop) {
        uint32_t num;

        while (at >= begins[group->text + 1])
            group->text++;
        stop = begins[group->text + 1] < end ? begins[group->text + 1] : end;
        num = list_places(b, group->text, at, stop, group->at + group->num);
        wcp_hash_seeds(b->plan, &b->places->texts[group->text],
                       begins[group->text], group->at + group->num, num,
                       group->hashes + group->num);
        group->num += num;
    }
}

static bool
gather_group(struct wcp_building *b, struct wcp_gatherer *g, uint32_t begin,
             struct wcp_seed_group *group)
{
    wcp_hash_group(b, begin, group);
    for (uint32_t i = 0; i < group->num; i++)
        if (!wcp_gather_seed(b, g, group->hashes[i], group->at[i]))
            return false;
    return true;
}

/* ---- longer seeds ---- */

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
        uint64_t are_wanted = wcp_bits_from(wanted, bits->ranks[i]);

        for (uint64_t word = wcp_bits_word(bits, i);
             word != 0 && are_wanted != 0; word &= word - 1, are_wanted >>= 1) {
            uint32_t place = (uint32_t)i * 64 + wcp_lowest_bit(word);
            const struct wcp_units *text;
            uint64_t hash;

            if ((are_wanted & 1) == 0)
                continue;
            while (place >= places->begins[group->text + 1])
                group->text++;
            text = &places->texts[group->text];
            place -= places->begins[group->text];
            if (wcp_turn_of(wcp_unit(text, place), wcp_unit(text, place + 1),
                            wcp_unit(text, place + 2),
                            wcp_unit(text, place + 3),
                            (uint16_t)b->num_rounds) != b->round)
                continue;
            hash = wcp_hash_long_seed(b->plan, text, place, b->level);
            if (!wcp_gather_seed(b, g, hash,
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
        if (!(b->level == 0 ? gather_group(b, g, (uint32_t)at, &group)
                            : gather_longer(b, g, (uint32_t)at, &group)))
            return false;
    return true;
}

static void
gather_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;
    uint32_t begin, end;

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
    b->gatherers[0].sorted.num = 0;
    wcp_run_threads(b->part_bits == 0 ? 1 : b->num_threads, gather_thread, b);
}

/* ---- a sieve ---- */

/* Whether none, one or more of the seeds of a part have a key, which it shares
 * with some others. */
static inline void
put_into_sieve(struct wcp_gatherer *g, uint64_t seed)
{
    const uint32_t at = (uint32_t)(seed >> 32) & g->sieve_mask;
    const uint64_t one = UINT64_C(1) << at % 32 * 2;
    uint64_t *word = &g->sieve.at[at / 32];

    *word |= one | (*word & one) << 1;
}

static inline bool
is_kept(const struct wcp_gatherer *g, uint64_t seed)
{
    const uint32_t at = (uint32_t)(seed >> 32) & g->sieve_mask;

    return g->sieve.at[at / 32] >> (at % 32 * 2 + 1) & 1;
}

/* Seeds that were sifted before all stay. */
static bool
fill_sieve(const struct wcp_building *b, struct wcp_gatherer *g,
           unsigned number, size_t num)
{
    size_t size = 32;

    while (!b->sifted && size < num * SIEVE_PLACES && size < 1u << 31)
        size *= 2;
    if (!wcp_array_reserve(b->places->mem, &g->sieve, size / 32))
        return false;
    g->sieve_mask = (uint32_t)size - 1;
    memset(g->sieve.at, b->sifted ? 0xFF : 0, size / 32 * sizeof *g->sieve.at);
    for (unsigned t = 0; !b->sifted && t < b->num_threads; t++) {
        const struct wcp_seed_pile *pile = &b->gatherers[t].parts[number];

        for (const struct wcp_seed_chunk *i = pile->first; i != NULL;
             i = i->next) {
            const uint64_t *end =
                i->next == NULL ? pile->to : i->seeds + WCP_SEED_CHUNK;

            for (const uint64_t *seed = i->seeds; seed < end; seed++)
                put_into_sieve(g, *seed);
        }
    }
    return true;
}

/* ---- sorting ---- */

static inline void
begin_chunk(struct wcp_pile_rest *rest, const struct wcp_seed_chunk *chunk)
{
    rest->chunk = chunk;
    if (chunk == NULL)
        return;
    rest->at = chunk->seeds;
    rest->end =
        chunk->next == NULL ? rest->last : chunk->seeds + WCP_SEED_CHUNK;
}

/* The place of its first seed. */
static inline uint64_t
place_of(const struct wcp_pile_rest *rest)
{
    return rest->chunk == NULL ? UINT64_MAX : (uint32_t)*rest->at;
}

/* Take seeds from one of the rests as long as those of the others are behind
 * them. */
static uint64_t *
take_seeds(struct wcp_gatherer *g, unsigned num, uint64_t *to)
{
    struct wcp_pile_rest *rests = g->rests.at, *from = rests;
    uint64_t until = UINT64_MAX;

    for (unsigned t = 1; t < num; t++) {
        uint64_t place = place_of(&rests[t]);

        if (place < place_of(from)) {
            until = place_of(from);
            from = &rests[t];
        } else if (place < until) {
            until = place;
        }
    }
    while (place_of(from) < until) {
        *to = *from->at++;
        to += is_kept(g, *to);
        if (from->at == from->end)
            begin_chunk(from, from->chunk->next);
    }
    return to;
}

static bool
any_rest(const struct wcp_gatherer *g, unsigned num)
{
    bool any = false;

    for (unsigned t = 0; t < num; t++)
        any |= g->rests.at[t].chunk != NULL;
    return any;
}

/* The seeds of a part in the order of their places, which each thread's are
 * in: of those with one key it stays the order when they are sorted. */
static bool
take_part(const struct wcp_building *b, struct wcp_gatherer *g, unsigned number)
{
    const struct wcp_memory *mem = b->places->mem;
    const unsigned num_threads = b->num_threads;
    uint64_t *to;
    size_t num = 0;

    if (!wcp_array_reserve(mem, &g->rests, num_threads))
        return false;
    for (unsigned t = 0; t < num_threads; t++) {
        const struct wcp_seed_pile *pile = &b->gatherers[t].parts[number];

        g->rests.at[t].last = pile->to;
        begin_chunk(&g->rests.at[t], pile->first);
        num += wcp_pile_size(pile);
    }
    /* One more is written, whether it is kept or not. */
    if (!wcp_array_reserve(mem, &g->sorted, num + 1) ||
        !fill_sieve(b, g, number, num))
        return false;
    to = g->sorted.at;
    while (any_rest(g, num_threads))
        to = take_seeds(g, num_threads, to);
    g->sorted.num = (size_t)(to - g->sorted.at);
    for (unsigned t = 0; t < num_threads; t++)
        wcp_pile_take(g, &b->gatherers[t].parts[number]);
    return true;
}

bool
wcp_sort_part(struct wcp_building *b, struct wcp_gatherer *g, unsigned number)
{
    if ((b->part_bits > 0 && !take_part(b, g, number)) ||
        !wcp_array_reserve(b->places->mem, &g->scratch, g->sorted.num))
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
    wcp_array_release(mem, &g->rests);
    wcp_array_release(mem, &g->sorted);
    wcp_array_release(mem, &g->scratch);
    wcp_array_release(mem, &g->sieve);
    memset(g->parts, 0, sizeof g->parts);
    memset(g->places, 0, sizeof g->places);
    g->unused = NULL;
    g->num_chunks = 0;
}

void
wcp_gatherer_release(const struct wcp_memory *mem, struct wcp_gatherer *g)
{
    wcp_seeder_free(g->seeder);
    wcp_gatherer_empty(mem, g);
}
