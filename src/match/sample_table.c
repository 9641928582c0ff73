/*
 * sample_table.c - sorted samples of some values and some classes
 *
 * The file of samples is passed over twice: to count what falls into each
 * bucket of values, and to put it there.  Buckets are then sorted in cache.
 */
#include "match/sample_table.h"

#include <string.h>

enum { MIN_FIRST_BITS = 12, MAX_FIRST_BITS = 26 };

enum wcp_code
wcp_sample_table_init(struct wcp_sample_table *table, struct wcp_store *store,
                      struct wcp_fault *fault)
{
    const unsigned num_threads = store->opts.num_threads;

    *table = (struct wcp_sample_table){
        .store = store,
        .end_range = store->sample_file->num_ranges,
        .end_bucket = WCP_NUM_BUCKETS,
    };
    table->ranges =
        wcp_new_zeroed(store->mem, num_threads, sizeof *table->ranges);
    table->scratch =
        wcp_new_zeroed(store->mem, num_threads, sizeof *table->scratch);
    pthread_mutex_init(&table->lock, NULL);
    if (table->ranges != NULL && table->scratch != NULL)
        return WCP_CODE_OK;
    return wcp_no_memory(fault);
}

static size_t
filter_words(const struct wcp_sample_table *table)
{
    return ((size_t)1 << (32 - table->filter_shift)) / 64;
}

static void
free_filter(struct wcp_sample_table *table)
{
    if (table->filter != NULL)
        wcp_free_array(table->store->mem, table->filter, filter_words(table),
                       sizeof *table->filter);
    table->filter = NULL;
}

static void
release_items(struct wcp_sample_table *table)
{
    const struct wcp_memory *mem = table->store->mem;

    for (unsigned i = 0;
         table->scratch != NULL && i < table->store->opts.num_threads; i++) {
        wcp_free_array(mem, table->scratch[i], 2 * table->scratch_cap,
                       sizeof *table->scratch[i]);
        table->scratch[i] = NULL;
    }
    wcp_free_array(mem, table->items, table->cap, sizeof *table->items);
    wcp_free_array(mem, table->firsts, table->num_firsts,
                   sizeof *table->firsts);
    table->items = NULL;
    table->firsts = NULL;
    table->cap = table->num_firsts = table->scratch_cap = 0;
}

void
wcp_sample_table_release(struct wcp_sample_table *table)
{
    const struct wcp_memory *mem = table->store->mem;
    const unsigned num_threads = table->store->opts.num_threads;

    release_items(table);
    free_filter(table);
    for (unsigned i = 0; table->ranges != NULL && i < num_threads; i++)
        wcp_sample_range_release(table->store, &table->ranges[i]);
    wcp_free_array(mem, table->ranges, num_threads, sizeof *table->ranges);
    wcp_free_array(mem, table->scratch, num_threads, sizeof *table->scratch);
    pthread_mutex_destroy(&table->lock);
}

void
wcp_sample_table_fail(struct wcp_sample_table *table,
                      const struct wcp_fault *fault)
{
    pthread_mutex_lock(&table->lock);
    if (!atomic_load(&table->failed))
        table->fault = *fault;
    atomic_store(&table->failed, true);
    pthread_mutex_unlock(&table->lock);
}

/* Run over the ranges or buckets; whoever fails says so. */
static enum wcp_code
run(struct wcp_sample_table *table, size_t num,
    void (*body)(void *ctx, unsigned thread, size_t i), void *ctx,
    struct wcp_fault *fault)
{
    wcp_parallel_for(table->store->opts.num_threads, num, 1, body, ctx);
    if (!atomic_load(&table->failed))
        return WCP_CODE_OK;
    if (fault != NULL)
        *fault = table->fault;
    return table->fault.code;
}

/* ---- what is taken ---- */

enum wcp_code
wcp_sample_table_filter(struct wcp_sample_table *table, uint64_t num,
                        struct wcp_fault *fault)
{
    enum { LEAST_BITS = 15, MOST_BITS = 30 };
    /* In bits: an eighth of what a table may take. */
    const uint64_t most = wcp_sample_table_bytes(table->store);
    unsigned bits = LEAST_BITS;

    while (bits < MOST_BITS && UINT64_C(1) << bits < 8 * num &&
           UINT64_C(2) << bits <= most)
        bits++;
    if (num > UINT64_C(1) << bits)
        return WCP_CODE_OK;
    table->filter_shift = 32 - bits;
    table->filter = wcp_new_zeroed(table->store->mem, filter_words(table),
                                   sizeof *table->filter);
    return table->filter != NULL ? WCP_CODE_OK : wcp_no_memory(fault);
}

/* ---- passing over the file ---- */

/* The samples of a range, with their notes if these matter; or NULL. */
static const struct wcp_sample_range *
load_range(struct wcp_sample_table *table, unsigned thread, size_t i)
{
    const struct wcp_store *store = table->store;
    const uint32_t *at = store->sample_file->ranges + table->first_range + i;
    struct wcp_sample_range *range = &table->ranges[thread];
    struct wcp_fault fault = { 0 };

    if (atomic_load(&table->failed))
        return NULL;
    if (wcp_sample_range_load(store, at[0], at[1], table->least > 0, range,
                              &fault) == WCP_CODE_OK)
        return range;
    wcp_sample_table_fail(table, &fault);
    return NULL;
}

static bool
is_wanted(const struct wcp_sample_table *table,
          const struct wcp_sample_range *range, size_t i)
{
    if (table->least > 0 &&
        ((range->notes.at[i] & WCP_NOTE_MOST) < table->least ||
         (range->notes.at[i] & table->without) != 0))
        return false;
    return wcp_sample_table_takes(table, range->samples.at[i]);
}

struct counting {
    struct wcp_sample_table *table;
    uint64_t *counts;
    uint32_t *by_range; /* or NULL */
};

static void
count_range(void *ctx, unsigned thread, size_t i)
{
    const struct counting *counting = ctx;
    const struct wcp_sample_table *table = counting->table;
    const struct wcp_sample_range *range =
        load_range(counting->table, thread, i);
    uint32_t counts[WCP_NUM_BUCKETS] = { 0 }, total = 0;
    size_t num;

    if (range == NULL)
        return;
    num = range->begins.at[range->end - range->begin];
    for (size_t k = 0; k < num; k++)
        if (is_wanted(table, range, k))
            counts[wcp_sample_spread(range->samples.at[k]) >>
                   (WCP_BUCKET_SHIFT - 32)]++;
    pthread_mutex_lock(&counting->table->lock);
    for (size_t k = 0; k < WCP_NUM_BUCKETS; k++) {
        counting->counts[k] += counts[k];
        total += counts[k];
    }
    pthread_mutex_unlock(&counting->table->lock);
    if (counting->by_range != NULL)
        counting->by_range[table->first_range + i] = total;
}

enum wcp_code
wcp_sample_table_count(struct wcp_sample_table *table, uint64_t *counts,
                       uint32_t *by_range, struct wcp_fault *fault)
{
    struct counting counting = { table, counts, by_range };

    memset(counts, 0, WCP_NUM_BUCKETS * sizeof *counts);
    return run(table, table->end_range - table->first_range, count_range,
               &counting, fault);
}

static void
fill_range(void *ctx, unsigned thread, size_t i)
{
    struct wcp_sample_table *table = ctx;
    const struct wcp_sample_range *range = load_range(table, thread, i);

    if (range == NULL)
        return;
    for (uint32_t c = range->begin; c < range->end; c++)
        for (size_t k = range->begins.at[c - range->begin];
             k < range->begins.at[c - range->begin + 1]; k++) {
            const uint32_t spread = wcp_sample_spread(range->samples.at[k]);
            const uint32_t bucket = spread >> (WCP_BUCKET_SHIFT - 32);

            if (bucket >= table->first_bucket && bucket < table->end_bucket &&
                is_wanted(table, range, k))
                table->items[atomic_fetch_add_explicit(&table->ends[bucket], 1,
                                                       memory_order_relaxed)] =
                    (uint64_t)spread << 32 | (c - table->minus);
        }
}

/* ---- buckets ---- */

struct sorting {
    struct wcp_sample_table *table;
    void (*each)(struct wcp_sample_table *table, unsigned thread,
                 size_t bucket);
};

/* Sort a bucket and leave each item once. */
static void
sort_bucket(struct wcp_sample_table *table, uint64_t *scratch, size_t bucket)
{
    uint64_t *items = table->items + table->begins[bucket];
    const size_t num =
        (size_t)atomic_load(&table->ends[bucket]) - table->begins[bucket];
    size_t kept = 0;

    wcp_sort_u64(items, scratch, num);
    for (size_t i = 0; i < num; i++)
        if (kept == 0 || items[kept - 1] != items[i])
            items[kept++] = items[i];
    atomic_store(&table->ends[bucket], table->begins[bucket] + kept);
}

/* Where the items of each first bits begin in a bucket. */
static void
note_firsts(struct wcp_sample_table *table, size_t bucket)
{
    const unsigned shift = 64 - table->first_bits;
    const size_t share = (size_t)1 << (WCP_BUCKET_SHIFT - shift);
    const size_t end = (size_t)atomic_load(&table->ends[bucket]);
    size_t at = table->begins[bucket];

    for (size_t first = bucket * share; first < (bucket + 1) * share; first++) {
        while (at < end && table->items[at] >> shift < first)
            at++;
        table->firsts[first] = (uint32_t)at;
    }
}

static void
settle_bucket(void *ctx, unsigned thread, size_t i)
{
    const struct sorting *sorting = ctx;
    struct wcp_sample_table *table = sorting->table;
    const size_t bucket = table->first_bucket + i;
    uint64_t **scratch = &table->scratch[thread];
    struct wcp_fault fault = { 0 };

    if (atomic_load(&table->failed))
        return;
    if (*scratch == NULL)
        *scratch = wcp_new_array(table->store->mem, 2 * table->scratch_cap,
                                 sizeof **scratch);
    if (*scratch == NULL) {
        wcp_no_memory(&fault);
        wcp_sample_table_fail(table, &fault);
        return;
    }
    sort_bucket(table, *scratch, bucket);
    if (sorting->each != NULL)
        sorting->each(table, thread, bucket);
    note_firsts(table, bucket);
}

/* Room for the items, and for a quarter as many firsts. */
static bool
allocate(struct wcp_sample_table *table, const uint64_t *counts)
{
    const struct wcp_memory *mem = table->store->mem;
    uint64_t at = 0, most = 0;

    for (size_t i = 0; i < WCP_NUM_BUCKETS; i++) {
        table->begins[i] = (size_t)at;
        atomic_store(&table->ends[i], at);
        if (i < table->first_bucket || i >= table->end_bucket)
            continue;
        at += counts[i];
        if (most < counts[i])
            most = counts[i];
    }
    table->begins[WCP_NUM_BUCKETS] = (size_t)at;
    if (at > UINT32_MAX)
        return false;
    table->first_bits = MIN_FIRST_BITS;
    while (table->first_bits < MAX_FIRST_BITS && at > (uint64_t)8
                                                          << table->first_bits)
        table->first_bits++;
    table->cap = (size_t)at;
    table->scratch_cap = (size_t)most;
    table->num_firsts = (size_t)1 << table->first_bits;
    table->items = wcp_new_array(mem, table->cap, sizeof *table->items);
    table->firsts =
        wcp_new_array(mem, table->num_firsts, sizeof *table->firsts);
    return table->items != NULL && table->firsts != NULL;
}

enum wcp_code
wcp_sample_table_fill(struct wcp_sample_table *table, const uint64_t *counts,
                      void (*each)(struct wcp_sample_table *table,
                                   unsigned thread, size_t bucket),
                      struct wcp_fault *fault)
{
    struct sorting sorting = { table, each };
    enum wcp_code code;

    release_items(table);
    if (!allocate(table, counts))
        return wcp_no_memory(fault);
    code = run(table, table->end_range - table->first_range, fill_range, table,
               fault);
    if (code == WCP_CODE_OK)
        code = run(table, table->end_bucket - table->first_bucket,
                   settle_bucket, &sorting, fault);
    return code;
}
