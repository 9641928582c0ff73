/*
 * sample_notes.c - how many texts have each sample, noted beside it
 *
 * By as many buckets of values as memory holds: all samples of these are
 * sorted, so that those of one value stand together, and then each is looked
 * up and the note written.  Most occur in one text only and are left out of the
 * table first.
 *
 * A long text is asked about few of its samples (sample_choice.c).  Of English
 * news two thirds of all samples are chosen of no text that has them: for these
 * nothing is noted, and nobody comes to them again.
 *
 * Of samples that very many texts have some questions count the first
 * WCP_SAMPLE_LISTED only, in the order of the digests; whether a text is among
 * these is noted too.
 */
#include "match/sample_index.h"
#include "match/sample_table.h"

/* What is known of a value that more than WCP_SAMPLE_LISTED classes have. */
struct frequent {
    uint64_t last; /* order_of() the last that is listed */
    uint32_t num;
};

#define FREQUENT UINT32_C(0x80000000) /* of an item: the rest is its number */

struct noting {
    struct wcp_sample_table table; /* first: each() gets it */
    struct frequent *frequent;
    size_t frequent_cap;
    _Atomic size_t num_frequent;
    bool again;       /* there are notes of other buckets */
    uint32_t *bounds; /* [num_classes]: which samples are chosen */
    struct wcp_sample_chooser *choosers; /* one a thread */
};

/* The order of classes that strangers.c has. */
static uint64_t
order_of(const struct wcp_store *store, uint32_t c)
{
    return (uint64_t)wcp_class_tag(store, c) << 32 | c;
}

/* ---- items -> how many there are ---- */

/* Whether the sample is chosen of any text. */
static bool
is_chosen(const struct noting *noting, const uint64_t *items, size_t num)
{
    const uint32_t mixed =
        wcp_sample_mix(wcp_sample_unspread((uint32_t)(items[0] >> 32)));

    for (size_t i = 0; i < num; i++)
        if (mixed <= noting->bounds[(uint32_t)items[i]])
            return true;
    return false;
}

/* What becomes of the items of a value. */
static uint64_t
sum_up(struct noting *noting, unsigned thread, const uint64_t *items,
       size_t num)
{
    const uint64_t value = items[0] >> 32 << 32;
    uint64_t *order = noting->table.scratch[thread];
    size_t i;

    if (num <= WCP_SAMPLE_LISTED)
        return value | num;
    for (i = 0; i < num; i++)
        order[i] = order_of(noting->table.store, (uint32_t)items[i]);
    wcp_sort_u64(order, order + num, num);
    i = atomic_fetch_add(&noting->num_frequent, 1);
    noting->frequent[i] =
        (struct frequent){ order[WCP_SAMPLE_LISTED - 1],
                           num < UINT32_MAX ? (uint32_t)num : UINT32_MAX };
    return value | FREQUENT | i;
}

/* Leave of each value one item, and none if it occurs but once or nobody asks
 * about it. */
static void
sum_up_bucket(struct wcp_sample_table *table, unsigned thread, size_t bucket)
{
    struct noting *noting = (struct noting *)(void *)table;
    uint64_t *items = table->items;
    const size_t stop = (size_t)atomic_load(&table->ends[bucket]);
    size_t at = table->begins[bucket];

    for (size_t i = at, end; i < stop; i = end) {
        for (end = i + 1; end < stop && items[end] >> 32 == items[i] >> 32;
             end++) {
        }
        if (end - i > 1 && is_chosen(noting, items + i, end - i))
            items[at++] = sum_up(noting, thread, items + i, end - i);
    }
    atomic_store(&table->ends[bucket], at);
}

/* ---- what is chosen ---- */

static void
bound_range(void *ctx, unsigned thread, size_t i)
{
    struct noting *noting = ctx;
    struct wcp_sample_table *table = &noting->table;
    const struct wcp_store *store = table->store;
    const uint32_t *at = store->sample_file->ranges + i;
    struct wcp_sample_range *range = &table->ranges[thread];
    struct wcp_fault fault = { 0 };
    enum wcp_code code;

    if (atomic_load(&table->failed))
        return;
    noting->choosers[thread].mem = store->mem;
    code = wcp_sample_range_load(store, at[0], at[1], false, range, &fault);
    for (uint32_t c = at[0]; code == WCP_CODE_OK && c < at[1]; c++) {
        const uint32_t *samples =
            range->samples.at + range->begins.at[c - at[0]];
        const uint32_t num = wcp_class_num_sample(store, c);

        if (!wcp_sample_bound(&noting->choosers[thread], samples, num,
                              &noting->bounds[c]))
            code = wcp_no_memory(&fault);
        for (uint32_t k = 0; code == WCP_CODE_OK && k < num; k++)
            if (table->filter != NULL &&
                wcp_sample_mix(samples[k]) <= noting->bounds[c])
                wcp_sample_table_take(table, samples[k]);
    }
    if (code != WCP_CODE_OK)
        wcp_sample_table_fail(table, &fault);
}

static enum wcp_code
find_bounds(struct noting *noting, struct wcp_fault *fault)
{
    struct wcp_sample_table *table = &noting->table;
    const struct wcp_store *store = table->store;
    const unsigned num_threads = store->opts.num_threads;
    uint64_t num = 0;
    enum wcp_code code;

    for (uint32_t c = 0; c < store->num_classes; c++) {
        const uint32_t its = wcp_class_num_sample(store, c);

        num += its < WCP_SAMPLES_ASKED ? its : WCP_SAMPLES_ASKED;
    }
    code = wcp_sample_table_filter(table, num, fault);
    if (code != WCP_CODE_OK)
        return code;
    noting->bounds =
        wcp_new_array(store->mem, store->num_classes, sizeof *noting->bounds);
    noting->choosers =
        wcp_new_zeroed(store->mem, num_threads, sizeof *noting->choosers);
    if (noting->bounds == NULL || noting->choosers == NULL)
        return wcp_no_memory(fault);
    wcp_parallel_for(num_threads, store->sample_file->num_ranges, 1,
                     bound_range, noting);
    for (unsigned i = 0; i < num_threads; i++)
        wcp_sample_chooser_release(&noting->choosers[i]);
    if (!atomic_load(&table->failed))
        return WCP_CODE_OK;
    if (fault != NULL)
        *fault = table->fault;
    return table->fault.code;
}

static void
free_bounds(struct noting *noting, const struct wcp_store *store)
{
    wcp_free_array(store->mem, noting->bounds, store->num_classes,
                   sizeof *noting->bounds);
    wcp_free_array(store->mem, noting->choosers, store->opts.num_threads,
                   sizeof *noting->choosers);
}

/* ---- how many there are -> notes ---- */

static bool
is_in_table(const struct wcp_sample_table *table, uint32_t sample)
{
    const uint32_t bucket =
        wcp_sample_spread(sample) >> (WCP_BUCKET_SHIFT - 32);

    return bucket >= table->first_bucket && bucket < table->end_bucket &&
           wcp_sample_table_takes(table, sample);
}

static uint16_t
note_of(const struct noting *noting, uint32_t spread, uint32_t c)
{
    const struct wcp_sample_table *table = &noting->table;
    const struct frequent *frequent;
    size_t at, end;
    uint32_t its;

    if (!wcp_sample_table_find(table, spread, &at, &end))
        return 1;
    its = (uint32_t)table->items[at];
    if ((its & FREQUENT) == 0)
        return (uint16_t)its;
    frequent = &noting->frequent[its & ~FREQUENT];
    its = frequent->num < WCP_NOTE_MOST ? frequent->num : WCP_NOTE_MOST;
    if (order_of(table->store, c) > frequent->last)
        its |= WCP_NOTE_UNLISTED;
    return (uint16_t)its;
}

/* Note about which samples a class does not ask: it has them twice, or they are
 * not chosen. */
static bool
note_unasked(const struct noting *noting, struct wcp_sample_range *range)
{
    const struct wcp_memory *mem = noting->table.store->mem;
    WCP_ARRAY(uint64_t) keys = { 0 };
    bool noted = true;

    for (uint32_t c = 0; noted && c < range->end - range->begin; c++) {
        const size_t begin = range->begins.at[c];
        const size_t num = range->begins.at[c + 1] - begin;

        const uint32_t bound = noting->bounds[range->begin + c];

        noted = wcp_array_reserve(mem, &keys, 2 * num);
        for (size_t k = 0; noted && k < num; k++)
            keys.at[k] = (uint64_t)range->samples.at[begin + k] << 32 | k;
        if (noted && num > 1)
            wcp_sort_u64(keys.at, keys.at + num, num);
        for (size_t k = 1; noted && k < num; k++)
            if (keys.at[k] >> 32 == keys.at[k - 1] >> 32)
                range->notes.at[begin + (uint32_t)keys.at[k]] =
                    WCP_NOTE_UNASKED;
        for (size_t k = 0; noted && k < num; k++)
            if (wcp_sample_mix(range->samples.at[begin + k]) > bound)
                range->notes.at[begin + k] = WCP_NOTE_UNASKED;
    }
    wcp_array_release(mem, &keys);
    return noted;
}

/* Note the samples of a class whose values are in the table. */
static void
note_class(const struct noting *noting, struct wcp_sample_range *range,
           uint32_t c)
{
    const struct wcp_sample_table *table = &noting->table;
    const uint32_t *samples = range->samples.at;
    const size_t begin = range->begins.at[c - range->begin];
    const size_t end = range->begins.at[c - range->begin + 1];

    for (size_t k = begin; k < end; k++)
        if (is_in_table(table, samples[k]))
            wcp_sample_table_ask(table, wcp_sample_spread(samples[k]));
    for (size_t k = begin; k < end; k++)
        if (is_in_table(table, samples[k]))
            wcp_sample_table_await(table, wcp_sample_spread(samples[k]));
    for (size_t k = begin; k < end; k++)
        if (is_in_table(table, samples[k]))
            range->notes.at[k] =
                (uint16_t)((range->notes.at[k] & WCP_NOTE_UNASKED) |
                           note_of(noting, wcp_sample_spread(samples[k]), c));
}

static void
note_range(void *ctx, unsigned thread, size_t i)
{
    struct noting *noting = ctx;
    struct wcp_sample_table *table = &noting->table;
    const struct wcp_store *store = table->store;
    const struct wcp_sample_file *file = store->sample_file;
    struct wcp_sample_range *range = &table->ranges[thread];
    struct wcp_fault fault = { 0 };
    enum wcp_code code;

    if (atomic_load(&table->failed))
        return;
    code = wcp_sample_range_load(store, file->ranges[i], file->ranges[i + 1],
                                 noting->again, range, &fault);
    if (code == WCP_CODE_OK && !noting->again && !note_unasked(noting, range))
        code = wcp_no_memory(&fault);
    for (uint32_t c = range->begin; code == WCP_CODE_OK && c < range->end; c++)
        note_class(noting, range, c);
    if (code == WCP_CODE_OK)
        code = wcp_sample_range_note(store, range, &fault);
    if (code != WCP_CODE_OK)
        wcp_sample_table_fail(table, &fault);
}

/* ---- by as many buckets as memory holds ---- */

/* Without a limit nobody has samples leave memory, but who knows. */
#define MOST_BYTES ((uint64_t)1 << 30)
#define LEAST_BYTES ((uint64_t)1 << 16)

uint64_t
wcp_sample_table_bytes(const struct wcp_store *store)
{
    uint64_t left = wcp_quota_left(store->opts.memory) / 2;

    left = left < MOST_BYTES ? left : MOST_BYTES;
    return left > LEAST_BYTES ? left : LEAST_BYTES;
}

static enum wcp_code
note_buckets(struct noting *noting, const uint64_t *counts,
             struct wcp_fault *fault)
{
    struct wcp_sample_table *table = &noting->table;
    const struct wcp_memory *mem = table->store->mem;
    uint64_t num = 0;
    enum wcp_code code;

    for (size_t i = table->first_bucket; i < table->end_bucket; i++)
        num += counts[i];
    noting->frequent_cap = (size_t)(num / WCP_SAMPLE_LISTED) + 1;
    atomic_store(&noting->num_frequent, 0);
    noting->frequent =
        wcp_new_array(mem, noting->frequent_cap, sizeof *noting->frequent);
    code = noting->frequent == NULL
               ? wcp_no_memory(fault)
               : wcp_sample_table_fill(table, counts, sum_up_bucket, fault);
    if (code == WCP_CODE_OK) {
        wcp_parallel_for(table->store->opts.num_threads,
                         table->store->sample_file->num_ranges, 1, note_range,
                         noting);
        if (atomic_load(&table->failed)) {
            code = table->fault.code;
            if (fault != NULL)
                *fault = table->fault;
        }
    }
    wcp_free_array(mem, noting->frequent, noting->frequent_cap,
                   sizeof *noting->frequent);
    noting->frequent = NULL;
    noting->again = true;
    return code;
}

static enum wcp_code
note_all(struct noting *noting, uint64_t *counts, struct wcp_fault *fault)
{
    struct wcp_sample_table *table = &noting->table;
    const unsigned num_threads = table->store->opts.num_threads;
    enum wcp_code code = wcp_sample_table_count(table, counts, NULL, fault);

    for (uint32_t i = 0; code == WCP_CODE_OK && i < WCP_NUM_BUCKETS;
         i = table->end_bucket) {
        /* Of an item itself, of the firsts and of what is frequent; each
         * thread sorts a bucket. */
        const uint64_t cap = wcp_sample_table_bytes(table->store) / 9;
        uint64_t num = 0, most = 0;

        table->first_bucket = table->end_bucket = i;
        while (table->end_bucket < WCP_NUM_BUCKETS) {
            num += counts[table->end_bucket];
            if (most < counts[table->end_bucket])
                most = counts[table->end_bucket];
            if (table->end_bucket > i && num + 2 * num_threads * most > cap)
                break;
            table->end_bucket++;
        }
        code = note_buckets(noting, counts, fault);
    }
    return code;
}

enum wcp_code
wcp_samples_note(struct wcp_store *store, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    struct noting *noting;
    uint64_t *counts;
    enum wcp_code code;

    if (store->sample_file->noted)
        return WCP_CODE_OK;
    noting = wcp_new_zeroed(mem, 1, sizeof *noting);
    counts = wcp_new_array(mem, WCP_NUM_BUCKETS, sizeof *counts);
    if (noting == NULL || counts == NULL) {
        code = wcp_no_memory(fault);
    } else {
        code = wcp_sample_table_init(&noting->table, store, fault);
        if (code == WCP_CODE_OK)
            code = find_bounds(noting, fault);
        if (code == WCP_CODE_OK)
            code = note_all(noting, counts, fault);
        free_bounds(noting, store);
        wcp_sample_table_release(&noting->table);
    }
    wcp_free_array(mem, noting, 1, sizeof *noting);
    wcp_free_array(mem, counts, WCP_NUM_BUCKETS, sizeof *counts);
    store->sample_file->noted = code == WCP_CODE_OK;
    return code;
}
