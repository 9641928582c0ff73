/*
 * longer.c - which seeds of many places have longer ones that are listed
 *
 * Where a seed stands in many places, a longer one begins at each.  One that is
 * the same as at the first place, and in many others as well, leads to the
 * first once more.  That need not be listed: of 20,000 copies of a text only
 * the places before a change are.
 *
 * To see that takes the text behind each place and behind the first.  The
 * places are gone through in their order, twice: to compare and count how many
 * go on as the first does, and to list those that are left.  In the order of
 * the seeds' hashes each would wait for memory.
 */
#include "passage/gather.h"

#include <string.h>

enum {
    BLOCK = 8,    /* units that are compared at once */
    STRIDE = 128, /* more than are needed now */
};

struct longer {
    struct wcp_building *b;
    /* Of the first places: how many others are the same on the next level,
     * and, times 16, on the one behind it; up to WCP_FEW_PLACES. */
    _Atomic uint8_t *counts; /* [members of this level] */
    uint8_t *notes;          /* of the others, in their order */
};

/*
 * What is noted of a place, two bits each: up to which level its seed is the
 * same as at the first place, and which are the last levels on which the text
 * has one here and there.
 */
static inline uint8_t
make_note(unsigned same, unsigned last, unsigned first_last)
{
    return (uint8_t)(same | last << 2 | first_last << 4);
}

/* A place in its text. */
struct spot {
    const struct wcp_units *text;
    uint32_t at;
};

static inline const uint8_t *
bytes_at(const struct spot *spot, unsigned unit)
{
    return (const uint8_t *)spot->text->at +
           ((size_t)spot->at + unit) * (spot->text->narrow ? 1 : 2);
}

/*
 * Seeds of a copy lead to one behind another in the same text, so what was
 * compared for one need not be for the next: up to 'end' of the text the two
 * are the same, and there they differ, unless it is 'open'.
 */
struct run {
    const struct wcp_units *text, *first;
    uint32_t apart; /* from a unit of 'first' to its like */
    uint32_t end;
    bool open;
};

/* Go on by so many units, if they are the same, or as far as they are. */
static void
extend_run(struct run *run, uint32_t num)
{
    const struct spot x = { run->text, run->end };
    const struct spot y = { run->first, run->end - run->apart };
    const size_t size = run->text->narrow ? 1 : 2;
    const uint32_t x_rest = run->text->num - x.at;
    const uint32_t y_rest = run->first->num - y.at;
    uint32_t most = x_rest < y_rest ? x_rest : y_rest, same = 0;

    run->open = most > num;
    if (most > num)
        most = num;
    while (run->text->narrow == run->first->narrow && most - same >= BLOCK &&
           memcmp(bytes_at(&x, same), bytes_at(&y, same), BLOCK * size) == 0)
        same += BLOCK;
    while (same < most &&
           wcp_unit(x.text, x.at + same) == wcp_unit(y.text, y.at + same))
        same++;
    run->open &= same == most;
    run->end += same;
}

/* Does the run go on at these places, and if so, for how many units?  More
 * than 'need' may not be seen. */
static bool
is_along(struct run *run, const struct spot *spot, const struct spot *first,
         uint32_t need, uint32_t *len_ret)
{
    if (run->text != spot->text || run->first != first->text ||
        run->apart != spot->at - first->at || run->end < spot->at)
        return false;
    if (run->open && run->end - spot->at < need)
        extend_run(run, need - (run->end - spot->at) + STRIDE);
    *len_ret = run->end - spot->at;
    return true;
}

/* Are units from .. to - 1 of both the same? */
static inline bool
are_same(const struct spot *x, const struct spot *y, unsigned from, unsigned to)
{
    if (x->text->narrow == y->text->narrow)
        return memcmp(bytes_at(x, from), bytes_at(y, from),
                      (to - from) * (x->text->narrow ? 1 : 2)) == 0;
    for (unsigned i = from; i < to; i++)
        if (wcp_unit(x->text, x->at + i) != wcp_unit(y->text, y->at + i))
            return false;
    return true;
}

/* The last level on which the text has a seed that begins there. */
static inline unsigned
last_level(const struct wcp_building *b, const struct spot *spot,
           const unsigned lens[WCP_SEED_LEVELS])
{
    unsigned level = b->level;

    while (level + 1 < WCP_SEED_LEVELS &&
           spot->text->num - spot->at >= lens[level + 1])
        level++;
    return level;
}

/* ---- counting ---- */

/* Whoever counts last changes nothing, so that threads do not wait for one
 * another where a text has thousands of copies. */
static void
count_same(_Atomic uint8_t *count, unsigned levels)
{
    uint8_t old = atomic_load_explicit(count, memory_order_relaxed), sum;

    do {
        sum = old;
        if (sum % 16 < WCP_FEW_PLACES)
            sum++;
        if (levels > 1 && sum / 16 < WCP_FEW_PLACES)
            sum = (uint8_t)(sum + 16);
    } while (sum != old &&
             !atomic_compare_exchange_weak_explicit(
                 count, &old, sum, memory_order_relaxed, memory_order_relaxed));
}

/* A seed at a place that is not the first. */
struct later_seed {
    struct spot spot, first;
    uint32_t first_place;
    uint32_t note; /* its number among those with notes */
};

static void
compare_seed(const struct longer *l, const struct later_seed *seed,
             struct run *run)
{
    const struct wcp_building *b = l->b;
    const struct spot *spot = &seed->spot, *first = &seed->first;
    const uint16_t unit = wcp_unit(spot->text, spot->at);
    unsigned lens[WCP_SEED_LEVELS] = { 0 }, last, first_last, same;
    uint32_t len = 0;
    bool along;

    for (unsigned level = 1; level < WCP_SEED_LEVELS; level++)
        lens[level] = wcp_long_seed_length(b->plan, unit, level);
    last = last_level(b, spot, lens);
    first_last = last_level(b, first, lens);
    along = is_along(run, spot, first, lens[WCP_SEED_LEVELS - 1], &len);
    for (same = b->level; same < last && same < first_last; same++)
        if (along ? len < lens[same + 1]
                  : !are_same(first, spot, lens[same], lens[same + 1]))
            break;
    if (!along && same + 1 == WCP_SEED_LEVELS) /* a run begins */
        *run = (struct run){ spot->text, first->text, spot->at - first->at,
                             spot->at + lens[same], true };
    l->notes[seed->note] = make_note(same, last, first_last);
    if (same > b->level)
        count_same(
            &l->counts[wcp_seed_index(b->lookup, b->level, seed->first_place)],
            same - b->level);
}

/* Seeds that are looked at together, since the first places are far apart. */
enum { BATCH = 16 };

struct batch {
    struct later_seed seeds[BATCH];
    unsigned num;
    uint32_t first_text; /* of the last */
    struct run run;
};

static void
compare_batch(const struct longer *l, struct batch *batch)
{
    for (unsigned i = 0; i < batch->num; i++)
        compare_seed(l, &batch->seeds[i], &batch->run);
    batch->num = 0;
}

static void
put_into_batch(const struct longer *l, struct batch *batch, struct spot spot,
               uint32_t first_place, uint32_t note)
{
    const struct wcp_places *places = l->b->places;
    const struct wcp_bits *members = &l->b->lookup->levels[0].members;
    uint32_t number = batch->first_text;
    struct spot first;

    if (first_place < places->begins[number] ||
        first_place >= places->begins[number + 1])
        number = batch->first_text = wcp_place_text(places, first_place);
    first = (struct spot){ &places->texts[number],
                           first_place - places->begins[number] };
    __builtin_prefetch(bytes_at(&first, 0));
    __builtin_prefetch(&members->words[first_place / 64]);
    __builtin_prefetch(&members->ranks[first_place / 64]);
    batch->seeds[batch->num++] =
        (struct later_seed){ spot, first, first_place, note };
    if (batch->num == BATCH)
        compare_batch(l, batch);
}

/* ---- listing ---- */

/* The last level on which many are the same as the first. */
static unsigned
deepest_level(const struct longer *l, uint32_t first_index)
{
    const uint8_t count =
        atomic_load_explicit(&l->counts[first_index], memory_order_relaxed);

    return l->b->level + (count % 16 == WCP_FEW_PLACES) +
           (count / 16 == WCP_FEW_PLACES);
}

static void
list_from(const struct wcp_building *b, unsigned level, unsigned last,
          uint32_t index)
{
    const struct wcp_bits *members;

    if (level > last)
        return;
    members = &b->lookup->levels[level].members;
    if (!wcp_bits_has(members, index))
        wcp_bits_add(members, index);
}

static void
list_seed(const struct longer *l, uint32_t index, uint32_t own)
{
    const struct wcp_building *b = l->b;
    const struct wcp_lookup *lookup = b->lookup;
    const uint32_t first_place = lookup->levels[b->level].before[own];
    const uint8_t note =
        l->notes[wcp_bits_rank(&lookup->levels[b->level].many, own)];
    const unsigned same = note & 3, last = note >> 2 & 3;
    const unsigned first_last = note >> 4;
    uint32_t first_index;
    unsigned deepest;

    if (last == b->level && first_last == b->level)
        return;
    first_index = wcp_seed_index(lookup, 0, first_place);
    deepest = deepest_level(
        l, b->level == 0
               ? first_index
               : wcp_bits_rank(&lookup->levels[b->level].members, first_index));
    list_from(b, 1 + (same < deepest ? same : deepest), last, index);
    list_from(b, 1 + (first_last < deepest ? first_last : deepest), first_last,
              first_index);
}

/* ---- all places ---- */

static void
compare_task(const struct longer *l, uint32_t begin, uint32_t end)
{
    const struct wcp_building *b = l->b;
    const struct wcp_places *places = b->places;
    const struct wcp_seed_level *levels = b->lookup->levels;
    const struct wcp_seed_level *level = &levels[b->level];
    uint32_t number = wcp_place_text(places, begin), note = 0;
    /* Of these, as they are numbered on level 0. */
    const struct wcp_bits *listed =
        b->level == 0 ? &level->many : &level->members;
    struct batch batch = { .num = 0, .first_text = 0 };
    bool any = false;

    for (size_t i = begin / 64; i <= (end - 1) / 64; i++) {
        uint32_t index = levels[0].members.ranks[i];
        uint64_t are_listed = wcp_bits_from(listed, index);

        for (uint64_t word = wcp_bits_word(&levels[0].members, i);
             word != 0 && are_listed != 0;
             word &= word - 1, are_listed >>= 1, index++) {
            uint32_t place = (uint32_t)i * 64 + wcp_lowest_bit(word);
            uint32_t own = index;

            if ((are_listed & 1) == 0)
                continue;
            if (b->level > 0) {
                own = wcp_bits_rank(&level->members, index);
                if (!wcp_bits_has(&level->many, own))
                    continue;
            }
            while (place >= places->begins[number + 1])
                number++;
            /* From here on all that are noted come one after another. */
            note = any ? note + 1 : wcp_bits_rank(&level->many, own);
            any = true;
            put_into_batch(l, &batch,
                           (struct spot){ &places->texts[number],
                                          place - places->begins[number] },
                           level->before[own], note);
        }
    }
    compare_batch(l, &batch);
}

/* Of seeds begin .. end - 1 of level 0. */
static void
list_task(const struct longer *l, uint32_t begin, uint32_t end)
{
    const struct wcp_building *b = l->b;
    const struct wcp_seed_level *level = &b->lookup->levels[b->level];
    const struct wcp_bits *listed =
        b->level == 0 ? &level->many : &level->members;

    for (size_t i = begin / 64; begin < end && i <= (end - 1) / 64; i++)
        for (uint64_t word = wcp_bits_word(listed, i); word != 0;
             word &= word - 1) {
            uint32_t index = (uint32_t)i * 64 + wcp_lowest_bit(word);
            uint32_t own = index;

            if (index < begin || index >= end)
                continue;
            if (b->level > 0)
                own = wcp_bits_rank(&level->members, index);
            if (wcp_bits_has(&level->many, own))
                list_seed(l, index, own);
        }
}

static void
compare_thread(void *ctx, unsigned thread)
{
    const struct longer *l = ctx;
    uint32_t begin, end;

    (void)thread;
    while (wcp_take_task(l->b, &begin, &end))
        compare_task(l, begin, end);
}

static void
list_thread(void *ctx, unsigned thread)
{
    const struct longer *l = ctx;
    const struct wcp_bits *members = &l->b->lookup->levels[0].members;
    uint32_t begin, end;

    (void)thread;
    while (wcp_take_task(l->b, &begin, &end))
        list_task(l, wcp_bits_rank(members, begin),
                  wcp_bits_rank(members, end));
}

bool
wcp_list_longer(struct wcp_building *b)
{
    void (*const steps[])(void *ctx, unsigned thread) = { compare_thread,
                                                          list_thread };
    const struct wcp_memory *mem = b->lookup->mem;
    const uint32_t num = b->lookup->levels[b->level].members.num_set;
    struct wcp_bits *many = &b->lookup->levels[b->level].many;
    struct longer l = { .b = b };
    bool done;

    if (b->level + 1 == WCP_SEED_LEVELS || num <= WCP_FEW_PLACES)
        return true;
    if (!wcp_bits_count(many))
        return false;
    l.counts = wcp_new_zeroed(mem, num, sizeof *l.counts);
    l.notes = wcp_new_array(mem, many->num_set, sizeof *l.notes);
    done = l.counts != NULL && l.notes != NULL;
    for (size_t i = 0; done && i < sizeof steps / sizeof *steps; i++) {
        atomic_store(&b->next_task, 0);
        wcp_run_threads(b->part_bits == 0 ? 1 : b->num_threads, steps[i], &l);
    }
    wcp_free_array(mem, l.counts, num, sizeof *l.counts);
    wcp_free_array(mem, l.notes, many->num_set, sizeof *l.notes);
    return done;
}
