/*
 * gap_runs.c - runs that two texts have in common, between their common ends
 *
 * Two copies differ in a few places, and most of what lies between these
 * stands once in either text.  So it is enough to look each GRAM units of the
 * one up in a table of those of the other, and to go on from there for as long
 * as both agree; the passage engine, which finds all there is, need then only
 * be asked about what is left.
 */
#include "group/pieces.h"

#include <stdlib.h>
#include <string.h>

enum {
    GRAM = 8,
    MAX_STEPS = 16, /* to a slot; what finds none is not looked up */
};
/* A slot whose gram stands in several places. */
#define AGAIN (UINT32_C(1) << 31)

/* Where grams of a stand: place + 1; 0: free. */
struct grams {
    const uint16_t *units;
    uint32_t *slots; /* [2^bits] */
    unsigned bits;
};

static uint64_t
hash_gram(const uint16_t *units)
{
    uint64_t words[2];

    memcpy(words, units, sizeof words);
    return (words[0] ^ (words[1] << 31 | words[1] >> 33)) *
           UINT64_C(0x9E3779B97F4A7C15);
}

/* The slot of a gram, or where it could be; NULL: too far. */
static uint32_t *
find_slot(const struct grams *grams, const uint16_t *gram)
{
    const size_t mask = ((size_t)1 << grams->bits) - 1;
    size_t slot = (size_t)(hash_gram(gram) >> (64 - grams->bits));

    for (int step = 0; step < MAX_STEPS; step++, slot = (slot + 1) & mask) {
        const uint32_t place = grams->slots[slot] & ~AGAIN;

        if (place == 0 ||
            memcmp(grams->units + place - 1, gram, GRAM * sizeof *gram) == 0)
            return &grams->slots[slot];
    }
    return NULL;
}

static void
enter_grams(struct grams *grams, uint32_t begin, uint32_t end)
{
    for (uint32_t i = begin; i + GRAM <= end; i++) {
        uint32_t *slot = find_slot(grams, grams->units + i);

        if (slot != NULL)
            *slot = *slot == 0 ? i + 1 : *slot | AGAIN;
    }
}

/* The run that goes through a gram at these places, not before b_begin. */
static struct wcp_block
extend(const struct wcp_run_finder *finder, const struct wcp_gap *gap,
       uint32_t a, uint32_t b, uint32_t b_begin)
{
    uint32_t num = GRAM;

    while (a + num < gap->a_end && b + num < gap->b_end &&
           finder->a[a + num] == finder->b[b + num])
        num++;
    while (a > gap->a_begin && b > b_begin &&
           finder->a[a - 1] == finder->b[b - 1]) {
        a--;
        b--;
        num++;
    }
    return (struct wcp_block){ a, b, num };
}

static bool
look_up_all(struct wcp_run_finder *finder, const struct wcp_gap *gap,
            const struct grams *grams)
{
    uint32_t b_begin = gap->b_begin;

    for (uint32_t k = b_begin; k + GRAM <= gap->b_end;) {
        const uint32_t *slot = find_slot(grams, finder->b + k);
        struct wcp_block block;

        if (slot == NULL || *slot == 0 || (*slot & AGAIN) != 0) {
            k++;
            continue;
        }
        block = extend(finder, gap, *slot - 1, k, b_begin);
        if (!wcp_array_grow(finder->mem, &finder->found))
            return false;
        finder->found.at[finder->found.num++] = block;
        k = b_begin = block.b + block.num;
    }
    return true;
}

static int
compare_runs(const void *x, const void *y)
{
    const struct wcp_block *p = x, *q = y;

    if (p->num != q->num)
        return p->num > q->num ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

bool
wcp_find_runs(struct wcp_run_finder *finder, const struct wcp_gap *gap)
{
    const uint32_t num = gap->a_end - gap->a_begin;
    struct grams grams = { .units = finder->a, .bits = 4 };
    bool found;

    finder->found.num = 0;
    if (num < GRAM || gap->b_end - gap->b_begin < GRAM || num >= AGAIN / 2)
        return true;
    while ((uint32_t)1 << grams.bits < 2 * num)
        grams.bits++;
    grams.slots = wcp_new_zeroed(finder->mem, (size_t)1 << grams.bits,
                                 sizeof *grams.slots);
    if (grams.slots == NULL)
        return false;
    enter_grams(&grams, gap->a_begin, gap->a_end);
    found = look_up_all(finder, gap, &grams);
    wcp_free_array(finder->mem, grams.slots, (size_t)1 << grams.bits,
                   sizeof *grams.slots);
    if (found && finder->found.num > 1)
        qsort(finder->found.at, finder->found.num, sizeof *finder->found.at,
              compare_runs);
    return found;
}

void
wcp_run_finder_release(struct wcp_run_finder *finder)
{
    wcp_array_release(finder->mem, &finder->found);
}
