/*
 * sample_parts.c - the samples of all texts, by value
 *
 * Samples that end with the same bits are a part.  In the place of these bits
 * stands the number of the class within its block, which is of as many bits: so
 * a sample and its class take four bytes.  Where texts are so long that they
 * are asked about few of their samples, only those are taken that any text is
 * asked about.
 */
#include "match/sample_index.h"

enum {
    PART_TARGET = 1 << 14, /* samples in a part */
    MAX_PART_BITS = 12,
    MIN_ASKED_BITS = 15,
    MAX_ASKED_BITS = 30,
};

/* The samples of a class, in memory or not; none if they cannot be read. */
static const uint32_t *
samples_of(struct wcp_sample_parts *parts, unsigned thread, uint32_t c,
           uint32_t *num_ret)
{
    const uint32_t *samples =
        wcp_class_sample(parts->store, c, &parts->ranges[thread]);

    *num_ret = wcp_class_num_sample(parts->store, c);
    if (samples == NULL && *num_ret > 0) {
        *num_ret = 0;
        atomic_store(&parts->failed, true);
    }
    return samples;
}

/* ---- what is asked about ---- */

static size_t
asked_place(const struct wcp_sample_parts *parts, uint32_t sample)
{
    return sample * UINT32_C(0x9E3779B1) >> (32 - parts->asked_bits);
}

static void
mark_asked(struct wcp_sample_parts *parts, const uint32_t *samples,
           uint32_t num, uint32_t bound)
{
    for (uint32_t i = 0; i < num; i++) {
        const size_t bit = asked_place(parts, samples[i]);
        const uint64_t mask = UINT64_C(1) << bit % 64;

        /* Copies ask about the same ones. */
        if (wcp_sample_mix(samples[i]) <= bound &&
            (atomic_load_explicit(&parts->asked[bit / 64],
                                  memory_order_relaxed) &
             mask) == 0)
            atomic_fetch_or_explicit(&parts->asked[bit / 64], mask,
                                     memory_order_relaxed);
    }
}

static void
choose_block(void *ctx, unsigned thread, size_t block)
{
    struct wcp_sample_parts *parts = ctx;
    struct wcp_sample_chooser *chooser = &parts->choosers[thread];
    const uint32_t end = wcp_sample_block_begin(parts, block + 1);
    size_t total = 0;

    for (uint32_t c = wcp_sample_block_begin(parts, block); c < end; c++) {
        uint32_t num;
        const uint32_t *samples = samples_of(parts, thread, c, &num);

        total += num;
        if (!wcp_sample_bound(chooser, samples, num, &parts->bounds[c])) {
            atomic_store(&parts->failed, true);
            return;
        }
        mark_asked(parts, samples, num, parts->bounds[c]);
    }
    parts->taken_begins[block] = total / 64 + 1;
}

/* Whether anybody asks about a sample, 0 or 1. */
static uint64_t
is_asked(const struct wcp_sample_parts *parts, uint32_t sample)
{
    const size_t bit = asked_place(parts, sample);

    return atomic_load_explicit(&parts->asked[bit / 64],
                                memory_order_relaxed) >>
               bit % 64 &
           1;
}

/* ---- samples -> parts ---- */

/* Where it is kept of which samples of a block that holds. */
static uint64_t *
taken_of(const struct wcp_sample_parts *parts, size_t block)
{
    return parts->asked != NULL ? parts->taken + parts->taken_begins[block]
                                : NULL;
}

static void
count_block(void *ctx, unsigned thread, size_t block)
{
    struct wcp_sample_parts *parts = ctx;
    const uint32_t ending = (uint32_t)wcp_sample_num_parts(parts) - 1;
    size_t *counts = parts->cursors + block * wcp_sample_num_parts(parts);
    const uint32_t end = wcp_sample_block_begin(parts, block + 1);
    uint64_t *taken = taken_of(parts, block);
    size_t at = 0;

    for (uint32_t c = wcp_sample_block_begin(parts, block); c < end; c++) {
        uint32_t num;
        const uint32_t *samples = samples_of(parts, thread, c, &num);

        if (parts->asked == NULL)
            for (uint32_t i = 0; i < num; i++)
                counts[samples[i] & ending]++;
        else
            for (uint32_t i = 0; i < num; i++, at++) {
                const uint64_t is = is_asked(parts, samples[i]);

                counts[samples[i] & ending] += is;
                taken[at / 64] |= is << at % 64;
            }
    }
}

static void
spread_block(void *ctx, unsigned thread, size_t block)
{
    struct wcp_sample_parts *parts = ctx;
    const uint32_t ending = (uint32_t)wcp_sample_num_parts(parts) - 1;
    const uint32_t begin = wcp_sample_block_begin(parts, block);
    const uint32_t end = wcp_sample_block_begin(parts, block + 1);
    size_t *cursors = parts->cursors + block * wcp_sample_num_parts(parts);
    const uint64_t *taken = taken_of(parts, block);
    size_t at = 0;

    for (uint32_t c = begin; c < end; c++) {
        uint32_t num;
        const uint32_t *samples = samples_of(parts, thread, c, &num);

        for (uint32_t i = 0; i < num; i++, at++) {
            const uint32_t value = samples[i];

            if (taken == NULL || (taken[at / 64] >> at % 64 & 1) != 0)
                parts->items[cursors[value & ending]++] =
                    (value & ~ending) | (c - begin);
        }
    }
}

/* Counts become the places of the first items; returns how many there are. */
static size_t
place_blocks(struct wcp_sample_parts *parts)
{
    const size_t n = wcp_sample_num_parts(parts),
                 blocks = wcp_sample_num_blocks(parts);
    size_t at = 0;

    for (size_t part = 0; part < n; part++)
        for (size_t block = 0; block < blocks; block++) {
            size_t *cursor = &parts->cursors[block * n + part];
            const size_t num = *cursor;

            *cursor = at;
            at += num;
        }
    return at;
}

/* ---- all of it ---- */

static size_t
num_asked_words(const struct wcp_sample_parts *parts)
{
    return ((size_t)1 << parts->asked_bits) / 64;
}

static void
free_asked(struct wcp_sample_parts *parts)
{
    if (parts->asked != NULL)
        wcp_free_array(parts->store->mem, parts->asked, num_asked_words(parts),
                       sizeof *parts->asked);
    wcp_free_array(parts->store->mem, parts->taken, parts->num_taken,
                   sizeof *parts->taken);
    wcp_free_array(parts->store->mem, parts->taken_begins,
                   wcp_sample_num_blocks(parts) + 1,
                   sizeof *parts->taken_begins);
    parts->asked = NULL;
    parts->taken = NULL;
    parts->taken_begins = NULL;
}

void
wcp_sample_parts_free_items(struct wcp_sample_parts *parts)
{
    const struct wcp_memory *mem = parts->store->mem;

    wcp_free_array(mem, parts->items, parts->num_items, sizeof *parts->items);
    wcp_free_array(mem, parts->cursors,
                   wcp_sample_num_blocks(parts) * wcp_sample_num_parts(parts),
                   sizeof *parts->cursors);
    parts->items = NULL;
    parts->cursors = NULL;
}

void
wcp_sample_parts_release(struct wcp_sample_parts *parts)
{
    const struct wcp_memory *mem = parts->store->mem;
    const unsigned num_threads = parts->store->opts.num_threads;

    wcp_sample_parts_free_items(parts);
    free_asked(parts);
    wcp_free_array(mem, parts->bounds, parts->store->num_classes,
                   sizeof *parts->bounds);
    for (unsigned i = 0; parts->choosers != NULL && i < num_threads; i++)
        wcp_sample_chooser_release(&parts->choosers[i]);
    wcp_free_array(mem, parts->choosers, num_threads, sizeof *parts->choosers);
    for (unsigned i = 0; parts->ranges != NULL && i < num_threads; i++)
        wcp_sample_range_release(parts->store, &parts->ranges[i]);
    wcp_free_array(mem, parts->ranges, num_threads, sizeof *parts->ranges);
}

/* Numbers of words become their places. */
static bool
make_taken(struct wcp_sample_parts *parts)
{
    const size_t num_blocks = wcp_sample_num_blocks(parts);

    for (size_t block = 0; block < num_blocks; block++) {
        const size_t num = parts->taken_begins[block];

        parts->taken_begins[block] = parts->num_taken;
        parts->num_taken += num;
    }
    parts->taken = wcp_new_zeroed(parts->store->mem, parts->num_taken,
                                  sizeof *parts->taken);
    return parts->taken != NULL;
}

/* Samples that nobody is asked about are left out if they are many: to find out
 * which costs more than it saves otherwise. */
static bool
leave_out(struct wcp_sample_parts *parts, size_t num_asked)
{
    const struct wcp_memory *mem = parts->store->mem;
    const unsigned num_threads = parts->store->opts.num_threads;

    parts->asked_bits = MIN_ASKED_BITS;
    while (parts->asked_bits < MAX_ASKED_BITS &&
           num_asked > ((size_t)1 << parts->asked_bits) / 8)
        parts->asked_bits++;
    parts->asked =
        wcp_new_zeroed(mem, num_asked_words(parts), sizeof *parts->asked);
    parts->bounds =
        wcp_new_array(mem, parts->store->num_classes, sizeof *parts->bounds);
    parts->choosers = wcp_new_zeroed(mem, num_threads, sizeof *parts->choosers);
    parts->taken_begins = wcp_new_array(mem, wcp_sample_num_blocks(parts) + 1,
                                        sizeof *parts->taken_begins);
    if (parts->asked == NULL || parts->bounds == NULL ||
        parts->choosers == NULL || parts->taken_begins == NULL)
        return false;
    for (unsigned i = 0; i < num_threads; i++)
        parts->choosers[i].mem = mem;
    wcp_parallel_for(num_threads, wcp_sample_num_blocks(parts), 1, choose_block,
                     parts);
    return !atomic_load(&parts->failed) && make_taken(parts);
}

bool
wcp_sample_parts_make(struct wcp_sample_parts *parts)
{
    const struct wcp_memory *mem = parts->store->mem;
    const unsigned num_threads = parts->store->opts.num_threads;
    size_t total = 0, num_asked = 0, num_blocks;

    parts->ranges = wcp_new_zeroed(mem, num_threads, sizeof *parts->ranges);
    if (parts->ranges == NULL)
        return false;
    for (uint32_t c = 0; c < parts->store->num_classes; c++) {
        const size_t num = wcp_class_num_sample(parts->store, c);

        total += num;
        num_asked += num < WCP_SAMPLES_ASKED ? num : WCP_SAMPLES_ASKED;
    }
    while (parts->part_bits < MAX_PART_BITS &&
           total >> parts->part_bits > PART_TARGET)
        parts->part_bits++;
    num_blocks = wcp_sample_num_blocks(parts);
    if (total > 2 * num_asked && !leave_out(parts, num_asked))
        return false;
    parts->cursors = wcp_new_zeroed(
        mem, num_blocks * wcp_sample_num_parts(parts), sizeof *parts->cursors);
    if (parts->cursors == NULL)
        return false;
    wcp_parallel_for(num_threads, num_blocks, 1, count_block, parts);
    if (atomic_load(&parts->failed))
        return false;
    parts->num_items = place_blocks(parts);
    parts->items = wcp_new_array(mem, parts->num_items, sizeof *parts->items);
    if (parts->items == NULL)
        return false;
    wcp_parallel_for(num_threads, num_blocks, 1, spread_block, parts);
    free_asked(parts);
    return !atomic_load(&parts->failed);
}
