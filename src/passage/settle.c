/*
 * settle.c - where each seed stands before, brought back to its place
 *
 * When the seeds of a part have been sorted it is known where each stands
 * before, in the order of their hashes; what that is entered into lies in the
 * order of their places.  To enter it at once would wait for memory at each
 * seed, three times.  So it is noted in piles, each for a stretch of places,
 * and all of a stretch is entered while that is in a cache.
 *
 * If all seeds are members, most of which stand alone, the notes of all rounds
 * may take less room than to enter each round's.  Those that are noted then
 * are the members that stay.
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

/* The members of a stretch become those that are noted. */
static void
keep_noted(const struct wcp_building *b, size_t part, uint32_t begin,
           size_t num_words, uint32_t rank)
{
    struct wcp_bits *members = &b->lookup->levels[0].members;
    const size_t first = begin / 64;

    for (size_t i = first; i < first + num_words; i++)
        wcp_bits_put(members, i, 0);
    for (unsigned t = 0; t < b->num_threads; t++) {
        const struct wcp_seed_pile *pile = &b->gatherers[t].places[part];

        for (const struct wcp_seed_chunk *i = pile->first; i != NULL;
             i = i->next) {
            const uint64_t *end =
                i->next == NULL ? pile->to : i->seeds + WCP_SEED_CHUNK;

            for (const uint64_t *note = i->seeds; note < end; note++) {
                const size_t at = (size_t)(*note >> PLACE_SHIFT);
                const size_t word = first + at / 64;

                wcp_bits_put(members, word,
                             wcp_bits_word(members, word) | UINT64_C(1)
                                                                << at % 64);
            }
        }
    }
    for (size_t i = first; i < first + num_words; i++) {
        members->ranks[i] = rank;
        rank += wcp_count_bits(wcp_bits_word(members, i));
    }
}

static void
settle_part(struct wcp_building *b, struct wcp_gatherer *g, size_t part)
{
    const struct wcp_seed_level *level = &b->lookup->levels[0];
    const uint32_t total = b->places->begins[b->places->num_texts];
    const uint64_t begin = (uint64_t)part << b->place_shift;
    const uint64_t end = begin + (UINT64_C(1) << b->place_shift);
    const size_t last_word =
        end < total ? (size_t)(end / 64) : level->members.num_words;
    struct range range = { b->place_ranks[part], b->place_ranks[part + 1] };

    if (begin >= total)
        return;
    if (b->compact)
        keep_noted(b, part, (uint32_t)begin, last_word - (size_t)(begin / 64),
                   range.begin);
    else
        range = (struct range){
            wcp_bits_rank(&level->members, (uint32_t)begin),
            wcp_bits_rank(&level->members, end < total ? (uint32_t)end : total),
        };
    if (!b->compact && b->round == 0)
        memset(level->before + range.begin, 0xFF,
               (range.end - range.begin) * sizeof *level->before);
    for (unsigned t = 0; t < b->num_threads; t++) {
        struct wcp_seed_pile *pile = &b->gatherers[t].places[part];

        enter_pile(b, pile, (uint32_t)begin, &range);
        wcp_pile_take(g, pile);
    }
}

static void
settle_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;
    size_t part;

    while ((part = atomic_fetch_add(&b->next_task, 1)) < WCP_PLACE_PARTS)
        settle_part(b, &b->gatherers[thread], part);
}

/* How many notes there are, and how many before each stretch. */
static uint32_t
count_notes(struct wcp_building *b)
{
    uint32_t num = 0;

    for (size_t i = 0; i < WCP_PLACE_PARTS; i++) {
        b->place_ranks[i] = num;
        for (unsigned t = 0; t < b->num_threads; t++)
            num += (uint32_t)wcp_pile_size(&b->gatherers[t].places[i]);
    }
    b->place_ranks[WCP_PLACE_PARTS] = num;
    return num;
}

/* Do the notes of all rounds, and what they are entered into, take less than
 * what those of one are entered into if all members stay? */
static bool
is_less(const struct wcp_building *b, uint64_t num_notes)
{
    const uint64_t num = b->lookup->levels[0].members.num_set;

    return num_notes * (3 * b->num_rounds - 2) < num || b->num_rounds == 1;
}

bool
wcp_settle_round(struct wcp_building *b)
{
    struct wcp_bits *members = &b->lookup->levels[0].members;
    const bool last = b->round + 1 == b->num_rounds;
    const uint32_t num =
        b->compact && (last || b->round == 0) ? count_notes(b) : 0;

    if (b->round == 0 && b->compact)
        b->compact = is_less(b, num);
    if (b->compact && last)
        members->num_set = num;
    if ((b->compact ? last : b->round == 0) &&
        !wcp_level_init(b, members->num_set))
        return false;
    if (b->compact && !last)
        return true;
    atomic_store(&b->next_task, 0);
    wcp_run_threads(b->num_threads, settle_thread, b);
    return true;
}
