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

enum { MIN_SLOTS = 1 << 8 };

#define DEVIATIONS 3

void
wcp_sample_chooser_release(struct wcp_sample_chooser *chooser)
{
    wcp_free_array(chooser->mem, chooser->slots, chooser->num_slots,
                   sizeof *chooser->slots);
    wcp_free_array(chooser->mem, chooser->values, 2 * chooser->num_slots,
                   sizeof *chooser->values);
    chooser->slots = NULL;
    chooser->values = NULL;
    chooser->num_slots = 0;
}

/* Twice as many slots as values, at least. */
static bool
make_room(struct wcp_sample_chooser *chooser, size_t num)
{
    size_t num_slots = MIN_SLOTS;

    while (num_slots / 2 < num)
        num_slots *= 2;
    if (num_slots > chooser->num_slots) {
        wcp_sample_chooser_release(chooser);
        chooser->slots =
            wcp_new_array(chooser->mem, num_slots, sizeof *chooser->slots);
        chooser->values =
            wcp_new_array(chooser->mem, 2 * num_slots, sizeof *chooser->values);
        chooser->num_slots = num_slots;
        if (chooser->slots == NULL || chooser->values == NULL) {
            wcp_sample_chooser_release(chooser);
            return false;
        }
    }
    memset(chooser->slots, 0, num_slots * sizeof *chooser->slots);
    return true;
}

/* Each value once to chooser->values; how many. */
static size_t
list_distinct(struct wcp_sample_chooser *chooser, const uint32_t *samples,
              size_t num)
{
    size_t mask = MIN_SLOTS, distinct = 0;
    bool has_zero = false;

    while (mask / 2 < num)
        mask *= 2;
    mask--;
    for (size_t i = 0; i < num; i++) {
        const uint32_t value = wcp_sample_mix(samples[i]);
        size_t slot = value & mask;

        while (chooser->slots[slot] != 0 && chooser->slots[slot] != value)
            slot = (slot + 1) & mask;
        if (value == 0 ? has_zero : chooser->slots[slot] == value)
            continue;
        has_zero |= value == 0;
        chooser->slots[slot] = value;
        chooser->values[distinct++] = value;
    }
    return distinct;
}

/* The last of the first so many of more values. */
static uint32_t
find_bound(uint64_t *values, size_t num)
{
    /* Nearly always enough of them are below. */
    const double expected =
        1.5 * WCP_SAMPLES_ASKED / (double)num * (double)UINT32_MAX;
    const uint64_t most = expected < UINT32_MAX ? (uint64_t)expected : 0;
    size_t kept = 0;

    for (size_t i = 0; i < num; i++) {
        const uint64_t value = values[i];

        values[i] = values[kept];
        values[kept] = value;
        kept += value <= most;
    }
    if (kept < WCP_SAMPLES_ASKED)
        kept = num;
    wcp_sort_u64(values, values + num, kept);
    return (uint32_t)values[WCP_SAMPLES_ASKED - 1];
}

bool
wcp_sample_choose(struct wcp_sample_chooser *chooser, const uint32_t *samples,
                  size_t num, struct wcp_sample_choice *choice)
{
    size_t distinct;

    if (!make_room(chooser, num))
        return false;
    distinct = list_distinct(chooser, samples, num);
    *choice = (struct wcp_sample_choice){
        .bound = UINT32_MAX,
        .num = (uint32_t)distinct,
        .num_distinct = (uint32_t)distinct,
    };
    if (distinct <= WCP_SAMPLES_ASKED)
        return true;
    choice->num = WCP_SAMPLES_ASKED;
    choice->bound = find_bound(chooser->values, distinct);
    return true;
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
