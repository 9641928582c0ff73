/*
 * settle.c - where each seed stands before, brought back to its place
 *
 * When the seeds of a part have been sorted it is known where each stands
 * before, in the order of their hashes; what that is entered into lies in the
 * order of their places.  To enter it at once would wait for memory at each
 * seed, three times.  So it is noted in piles, each for a stretch of places,
 * and all of a stretch is entered while that is in a cache.
 */
#include "passage/gather.h"

#include <string.h>

/* A note: the place in its stretch, whether it stands in many, and the place
 * before it. */
#define MANY (UINT64_C(1) << 32)
#define PLACE_SHIFT 33

bool
wcp_note_before(struct wcp_building *b, struct wcp_gatherer *g, uint32_t place,
                uint32_t before, bool many)
{
    struct wcp_seed_pile *pile = &g->places[place >> b->place_shift];
    const uint32_t at = place & ((UINT32_C(1) << b->place_shift) - 1);

    if (pile->to == pile->end && !wcp_pile_grow(b->places->mem, g, pile))
        return false;
    *pile->to++ = (uint64_t)at << PLACE_SHIFT | (many ? MANY : 0) | before;
    return true;
}

/* The members in a stretch of places. */
struct range {
    uint32_t begin, end;
};

/* Other threads write to the words at either end. */
static inline void
add_many(const struct wcp_bits *many, const struct range *range, uint32_t index)
{
    const size_t word = index / 64;

    if (word > range->begin / 64 && word < range->end / 64)
        wcp_bits_put(many, word,
                     wcp_bits_word(many, word) | UINT64_C(1) << index % 64);
    else
        wcp_bits_add(many, index);
}

static void
enter_pile(const struct wcp_building *b, const struct wcp_seed_pile *pile,
           uint32_t begin, const struct range *range)
{
    const struct wcp_seed_level *level = &b->lookup->levels[0];

    for (const struct wcp_seed_chunk *i = pile->first; i != NULL; i = i->next) {
        const uint64_t *end =
            i->next == NULL ? pile->to : i->seeds + WCP_SEED_CHUNK;

        for (const uint64_t *note = i->seeds; note < end; note++) {
            const uint32_t place = begin + (uint32_t)(*note >> PLACE_SHIFT);
            const uint32_t index = wcp_bits_rank(&level->members, place);

            level->before[index] = (uint32_t)*note;
            if ((*note & MANY) != 0)
                add_many(&level->many, range, index);
        }
    }
}

static void
settle_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;
    const struct wcp_seed_level *level = &b->lookup->levels[0];
    const uint32_t total = b->places->begins[b->places->num_texts];
    size_t part;

    while ((part = atomic_fetch_add(&b->next_task, 1)) < WCP_PLACE_PARTS) {
        const uint64_t begin = (uint64_t)part << b->place_shift;
        const uint64_t end = begin + (UINT64_C(1) << b->place_shift);
        struct range range;

        if (begin >= total)
            return;
        range.begin = wcp_bits_rank(&level->members, (uint32_t)begin);
        range.end =
            wcp_bits_rank(&level->members, end < total ? (uint32_t)end : total);
        if (b->round == 0)
            memset(level->before + range.begin, 0xFF,
                   (range.end - range.begin) * sizeof *level->before);
        for (unsigned t = 0; t < b->num_threads; t++) {
            struct wcp_seed_pile *pile = &b->gatherers[t].places[part];

            enter_pile(b, pile, (uint32_t)begin, &range);
            wcp_pile_take(&b->gatherers[thread], pile);
        }
    }
}

void
wcp_settle_all(struct wcp_building *b)
{
    atomic_store(&b->next_task, 0);
    wcp_run_threads(b->num_threads, settle_thread, b);
}
