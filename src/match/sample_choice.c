/*
 * sample_choice.c - which samples of a text are asked about
 *
 * A text of some thousands of characters has hundreds of samples, and who has
 * most of them is known by a few dozen: of each text the WCP_SAMPLES_ASKED that
 * come first in an order that is the same for all texts and has nothing to do
 * with what they are.  Copies then ask for the same ones, so that most samples
 * of the others need no list.
 *
 * Of a share p of n samples the k that are asked about have a share with the
 * standard deviation of a draw without replacement: three of these are allowed
 * for.  A text that has no more samples than that is asked about all of them.
 *
 * Source: Broder, "On the resemblance and containment of documents" (1997).
 */
#include "match/sample_index.h"

#include <math.h>
#include <string.h>

enum {
    MIN_SLOTS = 1 << 8,
    ENOUGH = WCP_SAMPLES_ASKED * 3 / 2, /* of so many enough are different */
    RANGE_BITS = 6,   /* equal ranges of values that the last one is looked for
                       * in */
    DIFFER_BITS = 11, /* of a sample, by which they are told apart */
};

#define DEVIATIONS 3

void
wcp_sample_chooser_release(struct wcp_sample_chooser *chooser)
{
    wcp_free_array(chooser->mem, chooser->slots, chooser->num_slots,
                   sizeof *chooser->slots);
    wcp_free_array(chooser->mem, chooser->values, chooser->num_slots,
                   sizeof *chooser->values);
    chooser->slots = NULL;
    chooser->values = NULL;
    chooser->num_slots = 0;
}

/* Twice as many slots as values, at least. */
static size_t
slots_for(size_t num)
{
    size_t num_slots = MIN_SLOTS;

    while (num_slots / 2 < num)
        num_slots *= 2;
    return num_slots;
}

static bool
make_room(struct wcp_sample_chooser *chooser, size_t num)
{
    const size_t num_slots = slots_for(num);

    if (num_slots <= chooser->num_slots)
        return true;
    wcp_sample_chooser_release(chooser);
    chooser->slots =
        wcp_new_array(chooser->mem, num_slots, sizeof *chooser->slots);
    chooser->values =
        wcp_new_array(chooser->mem, num_slots, sizeof *chooser->values);
    chooser->num_slots = num_slots;
    if (chooser->slots != NULL && chooser->values != NULL)
        return true;
    wcp_sample_chooser_release(chooser);
    return false;
}

/* Leave each of the values once; how many. */
static size_t
drop_repeats(struct wcp_sample_chooser *chooser, size_t num)
{
    const size_t mask = slots_for(num) - 1;
    uint32_t *const slots = chooser->slots, *const values = chooser->values;
    size_t distinct = 0;
    bool has_zero = false;

    memset(slots, 0, (mask + 1) * sizeof *slots);
    for (size_t i = 0; i < num; i++) {
        const uint32_t value = values[i];
        size_t slot = value & mask;

        while (slots[slot] != 0 && slots[slot] != value)
            slot = (slot + 1) & mask;
        if (value == 0 ? has_zero : slots[slot] == value)
            continue;
        has_zero |= value == 0;
        slots[slot] = value;
        values[distinct++] = value;
    }
    return distinct;
}

/* The values that are below 2^bits, as often as they occur; how many. */
static size_t
list_below(struct wcp_sample_chooser *chooser, const uint32_t *samples,
           size_t num, unsigned bits)
{
    const uint32_t most = UINT32_MAX >> (32 - bits);
    uint32_t *const values = chooser->values;
    size_t kept = 0;

    for (size_t i = 0; i < num; i++) {
        const uint32_t value = wcp_sample_mix(samples[i]);

        values[kept] = value;
        kept += value <= most;
    }
    return kept;
}

/* The last of those that are chosen of different values, which may be put in
 * another order, if enough are below 2^bits. */
static bool
select_last(uint32_t *values, size_t num, unsigned bits, uint32_t *last_ret)
{
    const unsigned shift = bits - RANGE_BITS;
    const uint32_t most = UINT32_MAX >> (32 - bits);
    uint32_t counts[(1 << RANGE_BITS) + 1] = { 0 };
    size_t range = 0, left = WCP_SAMPLES_ASKED, kept = 0;

    for (size_t i = 0; i < num; i++)
        counts[values[i] <= most ? values[i] >> shift : 1 << RANGE_BITS]++;
    if (num - counts[1 << RANGE_BITS] < WCP_SAMPLES_ASKED)
        return false;
    while (counts[range] < left)
        left -= counts[range++];
    for (size_t i = 0; i < num; i++) {
        const uint32_t value = values[i];

        values[i] = values[kept];
        values[kept] = value;
        kept += value >> shift == range;
    }
    for (size_t i = 0; i < left; i++) {
        size_t least = i;
        uint32_t value;

        for (size_t k = i + 1; k < kept; k++)
            if (values[k] < values[least])
                least = k;
        value = values[least];
        values[least] = values[i];
        values[i] = value;
    }
    *last_ret = values[left - 1];
    return true;
}

/* So many bits that of evenly spread values enough are below 2^bits. */
static unsigned
bits_for(size_t num)
{
    unsigned bits = 32;

    while (bits > RANGE_BITS && (uint64_t)num << (bits - 1) >> 32 >= ENOUGH)
        bits--;
    return bits;
}

/* Of so many values which are all different. */
static uint32_t
find_bound(uint32_t *values, size_t num)
{
    uint32_t bound = UINT32_MAX;
    unsigned bits = bits_for(num);

    while (num > WCP_SAMPLES_ASKED && !select_last(values, num, bits, &bound))
        bits++;
    return bound;
}

bool
wcp_sample_bound(struct wcp_sample_chooser *chooser, const uint32_t *samples,
                 size_t num, uint32_t *bound_ret)
{
    *bound_ret = UINT32_MAX;
    if (num <= WCP_SAMPLES_ASKED)
        return true;
    if (!make_room(chooser, num))
        return false;
    for (unsigned bits = bits_for(num); bits <= 32; bits++) {
        const size_t kept =
            drop_repeats(chooser, list_below(chooser, samples, num, bits));

        if (kept > WCP_SAMPLES_ASKED &&
            select_last(chooser->values, kept, bits, bound_ret))
            break;
    }
    return true;
}

bool
wcp_sample_choose(struct wcp_sample_chooser *chooser, const uint32_t *samples,
                  size_t num, struct wcp_sample_choice *choice)
{
    size_t distinct;

    if (!make_room(chooser, num))
        return false;
    distinct = drop_repeats(chooser, list_below(chooser, samples, num, 32));
    *choice = (struct wcp_sample_choice){
        .bound = find_bound(chooser->values, distinct),
        .num = distinct < WCP_SAMPLES_ASKED ? (uint32_t)distinct
                                            : WCP_SAMPLES_ASKED,
        .num_distinct = (uint32_t)distinct,
    };
    return true;
}

uint32_t
wcp_samples_differ(const uint32_t *samples, size_t num, uint32_t enough)
{
    uint64_t seen[1 << (DIFFER_BITS - 6)] = { 0 };
    uint32_t different = 0;

    for (size_t i = 0; i < num && different < enough; i++) {
        const uint32_t bit = samples[i] >> (32 - DIFFER_BITS);
        const uint64_t before = seen[bit / 64];

        seen[bit / 64] = before | UINT64_C(1) << bit % 64;
        different += (before >> bit % 64 & 1) == 0;
    }
    return different;
}

uint32_t
wcp_sample_least(const struct wcp_sample_choice *choice, double share,
                 double allowance)
{
    const double n = choice->num_distinct, k = choice->num;
    double least = share * k;

    if (n > k && share > 0 && share < 1)
        least -= allowance * DEVIATIONS *
                 sqrt(k * share * (1 - share) * (n - k) / (n - 1));
    return least > 1 ? (uint32_t)ceil(least) : 1;
}
