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

static bool
add_chunk(const struct wcp_memory *mem, struct wcp_gatherer *g,
          struct wcp_seed_pile *pile)
{
    const size_t slab = g->num_chunks / SLAB;
    struct wcp_seed_chunk *chunk;

    if (slab == g->slabs.num) {
        if (!wcp_array_grow(mem, &g->slabs))
            return false;
        g->slabs.at[slab] =
            wcp_new_array(mem, SLAB, sizeof(struct wcp_seed_chunk));
        if (g->slabs.at[slab] == NULL)
            return false;
        g->slabs.num++;
    }
    chunk = &g->slabs.at[slab][g->num_chunks++ % SLAB];
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

/* Where there is one part only, seeds go where they are sorted at once. */
bool
wcp_gather_seed(struct wcp_building *b, struct wcp_gatherer *g, uint64_t hash,
                uint32_t place)
{
    uint64_t seed = (uint64_t)wcp_seed_key(hash) << 32 | place;
    struct wcp_seed_pile *pile = &g->parts[wcp_seed_part(b, hash)];

    if (b->num_parts == 1) {
        if (!wcp_array_grow(b->places->mem, &g->sorted))
            return false;
        g->sorted.at[g->sorted.num++] = seed;
        return true;
    }
    if (pile->to == pile->end && !add_chunk(b->places->mem, g, pile))
        return false;
    *pile->to++ = seed;
    return true;
}

/* Empty the piles; their chunks are used again. */
static void
clear_piles(struct wcp_gatherer *g)
{
    g->sorted.num = g->num_chunks = 0;
    memset(g->parts, 0, sizeof g->parts);
}

/* ---- seeds of a stretch ---- */

/* Hash the seeds of the group that are not yet: all in one text. */
static inline void
hash_listed(const struct wcp_building *b, struct wcp_seed_group *group)
{
    const uint32_t done = group->num_hashed;

    wcp_hash_seeds(b->plan, &b->places->texts[group->text],
                   b->places->begins[group->text], group->at + done,
                   group->num - done, group->hashes + done);
    group->num_hashed = group->num;
}

/* Seeds from this place on are in another text. */
static inline void
begin_text(const struct wcp_building *b, struct wcp_seed_group *group,
           uint32_t place)
{
    hash_listed(b, group);
    while (place >= b->places->begins[group->text + 1])
        group->text++;
}

void
wcp_hash_group(const struct wcp_building *b, uint32_t begin,
               struct wcp_seed_group *group)
{
    const struct wcp_bits *bits = &b->lookup->levels[0].members;
    const uint32_t *begins = b->places->begins;
    const size_t first_word = begin / 64;

    group->num = group->num_hashed = 0;
    for (size_t i = first_word;
         i < first_word + WCP_SEED_GROUP / 64 && i < bits->num_words; i++)
        for (uint64_t word = wcp_bits_word(bits, i); word != 0;
             word &= word - 1) {
            uint32_t place = (uint32_t)i * 64 + wcp_lowest_bit(word);

            if (place >= begins[group->text + 1])
                begin_text(b, group, place);
            group->at[group->num++] = place;
        }
    hash_listed(b, group);
}

static bool
gather_listed(struct wcp_building *b, struct wcp_gatherer *g,
              struct wcp_seed_group *group)
{
    hash_listed(b, group);
    for (uint32_t i = 0; i < group->num; i++)
        if (!wcp_gather_seed(b, g, group->hashes[i], group->at[i]))
            return false;
    group->num = group->num_hashed = 0;
    return true;
}

/* ---- level 0 ---- */

/*
 * In the first of several rounds it is seen when each seed has its turn, and
 * noted where in the end stands what it leads to: as a number behind all
 * places.  Later rounds look at these notes only.
 */
static inline uint32_t
note_of(const struct wcp_building *b, unsigned turn)
{
    return b->places->begins[b->places->num_texts] + turn;
}

/* The seeds of a group of places whose turn is first. */
static void
list_first(const struct wcp_building *b, uint32_t begin,
           struct wcp_seed_group *group)
{
    const struct wcp_seed_level *level = &b->lookup->levels[0];
    const struct wcp_places *places = b->places;
    const size_t first_word = begin / 64;
    uint32_t index = level->members.ranks[first_word];

    for (size_t i = first_word;
         i < first_word + WCP_SEED_GROUP / 64 && i < level->members.num_words;
         i++)
        for (uint64_t word = wcp_bits_word(&level->members, i); word != 0;
             word &= word - 1, index++) {
            uint32_t place = (uint32_t)i * 64 + wcp_lowest_bit(word);
            unsigned turn;

            if (place >= places->begins[group->text + 1])
                begin_text(b, group, place);
            turn = wcp_turn_of(b, &places->texts[group->text],
                               place - places->begins[group->text]);
            level->before[index] = turn == 0 ? NONE : note_of(b, turn);
            group->at[group->num] = place;
            group->num += turn == 0;
        }
}

static bool
gather_first(struct wcp_building *b, struct wcp_gatherer *g, uint32_t begin,
             uint32_t end)
{
    struct wcp_seed_group group = { .text = wcp_place_text(b->places, begin) };

    for (uint64_t at = begin; at < end; at += WCP_SEED_GROUP) {
        if (b->num_rounds > 1)
            list_first(b, (uint32_t)at, &group);
        else
            wcp_hash_group(b, (uint32_t)at, &group);
        if (!gather_listed(b, g, &group))
            return false;
    }
    return true;
}

/* Which of 64 numbers, or fewer, are this one. */
static uint64_t
which_are(const uint32_t *numbers, uint32_t num, uint32_t sought)
{
    uint8_t are[64] = { 0 };
    uint64_t bits = 0;

    if (num >= 64)
        for (uint32_t i = 0; i < 64; i++)
            are[i] = numbers[i] == sought;
    else
        for (uint32_t i = 0; i < num; i++)
            are[i] = numbers[i] == sought;
    for (unsigned i = 0; i < 8; i++)
        bits |= wcp_load64(are + 8 * i) * UINT64_C(0x0102040810204080) >>
                56 << 8 * i;
    return bits;
}

/* The n-th bit that is set, from 0. */
static inline unsigned
bit_at(uint64_t word, uint32_t n)
{
    while (n-- > 0)
        word &= word - 1;
    return wcp_lowest_bit(word);
}

/* The seeds that have been noted for this round. */
static bool
gather_noted(struct wcp_building *b, struct wcp_gatherer *g, uint32_t begin,
             uint32_t end)
{
    const struct wcp_seed_level *level = &b->lookup->levels[0];
    const uint32_t *ranks = level->members.ranks;
    const uint32_t last = end % 64 == 0 && end / 64 < level->members.num_words
                              ? ranks[end / 64]
                              : level->members.num_set;
    struct wcp_seed_group group = { .text = wcp_place_text(b->places, begin) };
    size_t word = begin / 64;

    for (uint32_t i = ranks[word]; i < last;
         i += last - i < 64 ? last - i : 64) {
        uint64_t bits =
            which_are(level->before + i, last - i, note_of(b, b->round));

        for (; bits != 0; bits &= bits - 1) {
            const uint32_t index = i + wcp_lowest_bit(bits);
            uint32_t place;

            level->before[index] = NONE;
            while (word + 1 < level->members.num_words &&
                   ranks[word + 1] <= index)
                word++;
            place = (uint32_t)word * 64 +
                    bit_at(wcp_bits_word(&level->members, word),
                           index - ranks[word]);
            if (place >= b->places->begins[group.text + 1])
                begin_text(b, &group, place);
            group.at[group.num++] = place;
        }
        if (group.num > WCP_SEED_GROUP - 64 && !gather_listed(b, g, &group))
            return false;
    }
    return gather_listed(b, g, &group);
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
            if (b->num_rounds > 1 && wcp_turn_of(b, text, place) != b->round)
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
    struct wcp_seed_group group;

    if (b->level == 0)
        return (b->round == 0 ? gather_first : gather_noted)(b, g, begin, end);
    group.text = wcp_place_text(b->places, begin);
    for (uint64_t at = begin; at < end; at += WCP_SEED_GROUP)
        if (!gather_longer(b, g, (uint32_t)at, &group))
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

static size_t
pile_size(const struct wcp_seed_pile *pile)
{
    size_t size = 0;

    for (const struct wcp_seed_chunk *i = pile->first; i != NULL; i = i->next)
        size +=
            i->next == NULL ? (size_t)(pile->to - i->seeds) : WCP_SEED_CHUNK;
    return size;
}

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
take_seeds(struct wcp_pile_rest *rests, unsigned num, uint64_t *to)
{
    struct wcp_pile_rest *from = rests;
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
        *to++ = *from->at++;
        if (from->at == from->end)
            begin_chunk(from, from->chunk->next);
    }
    return to;
}

/* The seeds of a part in the order of their places, which each thread's are
 * in: of those with one key it stays the order when they are sorted. */
static bool
take_part(const struct wcp_building *b, struct wcp_gatherer *g, unsigned number)
{
    const struct wcp_memory *mem = b->places->mem;
    const unsigned num_threads = b->num_threads;
    uint64_t *to, *end;
    size_t num = 0;

    if (!wcp_array_reserve(mem, &g->rests, num_threads))
        return false;
    for (unsigned t = 0; t < num_threads; t++) {
        const struct wcp_seed_pile *pile = &b->gatherers[t].parts[number];

        g->rests.at[t].last = pile->to;
        begin_chunk(&g->rests.at[t], pile->first);
        num += pile_size(pile);
    }
    if (!wcp_array_reserve(mem, &g->sorted, num))
        return false;
    g->sorted.num = num;
    to = g->sorted.at;
    end = to + num;
    while (to < end)
        to = take_seeds(g->rests.at, num_threads, to);
    return true;
}

bool
wcp_sort_part(struct wcp_building *b, struct wcp_gatherer *g, unsigned number)
{
    if ((b->num_parts > 1 && !take_part(b, g, number)) ||
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
}

void
wcp_gatherer_release(const struct wcp_memory *mem, struct wcp_gatherer *g)
{
    wcp_seeder_free(g->seeder);
    wcp_gatherer_empty(mem, g);
}
