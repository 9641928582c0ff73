/*
 * bands.c - classes that share a bucket are joined, band by band
 *
 * Keys are partitioned by their top bits until a part fits into the cache.
 * Most keys of a part occur once: two bitmaps find those that may occur twice,
 * and only these go through a hash table, which finds the first class with the
 * same key, and the two are joined.
 *
 * Two things decide the speed.  Entries go to their parts by whole cache
 * lines, which are gathered one for each part: 2,048 places to write to are
 * more than a processor keeps open.  And the sets of two classes lie anywhere
 * in memory, so what is to be joined waits in a short list while both are
 * fetched.
 *
 * Where memory does not hold a whole band, its keys are read again for each
 * stretch of parts that fits.
 */
#include "match/match.h"

#include "store/portion.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

enum {
    PART_TARGET = 16384, /* keys; a part stays in L2 */
    MAX_PART_BITS = 16,
    FILTER_BITS = 16, /* of a bitmap's index: 4 bits or more a key, in L1 */
    FILTER_WORDS = 1 << (FILTER_BITS - 6),
    LINE = 8,         /* entries of a cache line */
    MAX_PENDING = 64, /* joins that wait for memory */
    LEAST_PARTED = 1 << 16
};

/* A band key and whose it is. */
struct keyed {
    uint32_t key, class_number;
};

static_assert(LINE * sizeof(struct keyed) == 64, "LINE fills a cache line");

struct band_scratch {     /* begins zeroed */
    void *memory;         /* of parted, [parted_cap + LINE] */
    struct keyed *parted; /* [parted_cap], each part begins a cache line */
    struct keyed *lines;  /* [2^part_bits][LINE], the last of each part */
    size_t *begins;       /* [2^part_bits] into parted */
    size_t *ends;         /* [2^part_bits] */
    size_t *counts;       /* [2^part_bits] */
    uint32_t *slots;      /* entry + 1, [num_slots] */
    size_t num_slots;
    uint64_t seen[FILTER_WORDS], seen_twice[FILTER_WORDS];
};

struct band_run {
    const struct wcp_store *store;
    _Atomic uint32_t *parents;
    unsigned part_bits;
    size_t parted_cap;
    struct band_scratch *scratch; /* one a thread */
    atomic_bool failed;
    pthread_mutex_t lock; /* the fault */
    struct wcp_fault fault;
};

/* Some of the parts, which fit into memory at once. */
struct range {
    size_t begin, end;
};

/* ---- keys -> parts ---- */

static size_t
part_of(uint32_t key, unsigned part_bits)
{
    return (size_t)((uint64_t)key << part_bits >> 32);
}

/* How many keys of the band each part gets. */
static enum wcp_code
count_parts(const struct band_run *run, struct band_scratch *scratch,
            unsigned band, struct wcp_fault *fault)
{
    struct wcp_key_walk walk = { .store = run->store, .band = band };
    const size_t num_parts = (size_t)1 << run->part_bits;
    enum wcp_code code;

    memset(scratch->counts, 0, num_parts * sizeof *scratch->counts);
    while ((code = wcp_key_walk_next(&walk, fault)) == WCP_CODE_OK &&
           walk.num > 0)
        for (size_t i = 0; i < walk.num; i++)
            scratch->counts[part_of(walk.at[i], run->part_bits)]++;
    wcp_key_walk_release(&walk);
    return code;
}

/* Whole lines, so that they can be written as such. */
static size_t
lines_for(size_t num)
{
    return (num + LINE - 1) / LINE * LINE;
}

/* The parts from 'begin' on that fit, at least one, and where they begin. */
static struct range
find_range(const struct band_run *run, struct band_scratch *scratch,
           size_t begin)
{
    const size_t num_parts = (size_t)1 << run->part_bits;
    struct range range = { begin, begin };
    size_t at = 0;

    while (range.end < num_parts &&
           (range.end == begin ||
            at + lines_for(scratch->counts[range.end]) <= run->parted_cap)) {
        scratch->begins[range.end] = scratch->ends[range.end] = at;
        at += lines_for(scratch->counts[range.end++]);
    }
    return range;
}

/*
 * Write a full line.  Past the caches where the processor can: it will not be
 * read before the whole band is parted, and need not be fetched to be written.
 */
#if defined(__x86_64__)
static inline void
store_line(struct keyed *to, const struct keyed *line)
{
    for (size_t i = 0; i < LINE; i++) {
        long long both;

        memcpy(&both, &line[i], sizeof both);
        _mm_stream_si64((long long *)(void *)&to[i], both);
    }
}
#else
static inline void
store_line(struct keyed *to, const struct keyed *line)
{
    memcpy(to, line, LINE * sizeof *line);
}
#endif

/* Spread keys of classes from 'first' on over the parts, in stable order. */
static void
spread_keys(const struct band_run *run, struct band_scratch *scratch,
            struct range range, const struct wcp_key_walk *walk)
{
    const uint32_t *keys = walk->at;

    for (size_t i = 0; i < walk->num; i++) {
        const size_t part = part_of(keys[i], run->part_bits);
        struct keyed *line = scratch->lines + part * LINE;
        size_t at;

        if (part - range.begin >= range.end - range.begin)
            continue;
        at = scratch->ends[part]++;
        line[at % LINE] = (struct keyed){ keys[i], walk->first + (uint32_t)i };
        if (at % LINE == LINE - 1)
            store_line(scratch->parted + at - (LINE - 1), line);
    }
}

static enum wcp_code
partition(const struct band_run *run, struct band_scratch *scratch,
          unsigned band, struct range range, struct wcp_fault *fault)
{
    struct wcp_key_walk walk = { .store = run->store, .band = band };
    enum wcp_code code;

    while ((code = wcp_key_walk_next(&walk, fault)) == WCP_CODE_OK &&
           walk.num > 0)
        spread_keys(run, scratch, range, &walk);
    for (size_t i = range.begin; i < range.end; i++) {
        const size_t left = scratch->ends[i] % LINE;

        memcpy(scratch->parted + scratch->ends[i] - left,
               scratch->lines + i * LINE, left * sizeof *scratch->lines);
    }
    wcp_key_walk_release(&walk);
    return code;
}

/* ---- parts -> joined classes ---- */

/* Bits that the choice of a part has left, and more evenly. */
static uint32_t
spread(uint32_t key)
{
    return key * UINT32_C(0x9E3779B1);
}

/* Move the entries whose key may occur twice to the front; their number. */
static size_t
drop_lonely(struct band_scratch *scratch, struct keyed *part, size_t num)
{
    uint64_t *const seen = scratch->seen, *const twice = scratch->seen_twice;
    size_t kept = 0;

    memset(seen, 0, sizeof scratch->seen);
    memset(twice, 0, sizeof scratch->seen_twice);
    for (size_t i = 0; i < num; i++) {
        const uint32_t at = spread(part[i].key) >> (32 - FILTER_BITS);
        const uint64_t bit = UINT64_C(1) << at % 64, before = seen[at / 64];

        seen[at / 64] = before | bit;
        twice[at / 64] |= before & bit;
    }
    for (size_t i = 0; i < num; i++) {
        const uint32_t at = spread(part[i].key) >> (32 - FILTER_BITS);

        part[kept] = part[i];
        kept += twice[at / 64] >> at % 64 & 1;
    }
    return kept;
}

/* Joins that wait until both parents have come from memory. */
struct pending {
    _Atomic uint32_t *parents;
    size_t num;
    uint32_t pairs[MAX_PENDING][2];
};

static void
join_pending(struct pending *pending)
{
    for (size_t i = 0; i < pending->num; i++)
        wcp_sets_join(pending->parents, pending->pairs[i][0],
                      pending->pairs[i][1]);
    pending->num = 0;
}

static void
join_later(struct pending *pending, uint32_t a, uint32_t b)
{
    __builtin_prefetch(&pending->parents[a]);
    __builtin_prefetch(&pending->parents[b]);
    pending->pairs[pending->num][0] = a;
    pending->pairs[pending->num][1] = b;
    if (++pending->num == MAX_PENDING)
        join_pending(pending);
}

/* An empty table for so many entries; its length, or 0: out of memory. */
static size_t
clear_slots(const struct band_run *run, struct band_scratch *scratch,
            size_t num)
{
    const struct wcp_memory *mem = run->store->mem;
    size_t num_slots = 16;

    while (num_slots < 2 * num)
        num_slots *= 2;
    if (num_slots > scratch->num_slots) {
        wcp_free_array(mem, scratch->slots, scratch->num_slots,
                       sizeof *scratch->slots);
        scratch->slots = wcp_new_array(mem, num_slots, sizeof *scratch->slots);
        scratch->num_slots = scratch->slots != NULL ? num_slots : 0;
        if (scratch->slots == NULL)
            return 0;
    }
    memset(scratch->slots, 0, num_slots * sizeof *scratch->slots);
    return num_slots;
}

/* Join the classes with equal keys in one part. */
static bool
join_part(const struct band_run *run, struct band_scratch *scratch,
          struct keyed *part, size_t num)
{
    const size_t kept = drop_lonely(scratch, part, num);
    const size_t num_slots = clear_slots(run, scratch, kept);
    struct pending pending = { .parents = run->parents };
    uint32_t *const slots = scratch->slots;

    if (num_slots == 0)
        return false;
    for (size_t i = 0; i < kept; i++) {
        size_t slot = spread(part[i].key) & (num_slots - 1);

        while (slots[slot] != 0 && part[slots[slot] - 1].key != part[i].key)
            slot = (slot + 1) & (num_slots - 1);
        if (slots[slot] == 0)
            slots[slot] = (uint32_t)i + 1;
        else
            join_later(&pending, part[slots[slot] - 1].class_number,
                       part[i].class_number);
    }
    join_pending(&pending);
    return true;
}

/* ---- bands ---- */

static bool
scratch_prepare(const struct band_run *run, struct band_scratch *scratch)
{
    const struct wcp_memory *mem = run->store->mem;
    const size_t num_parts = (size_t)1 << run->part_bits;

    if (scratch->memory == NULL) {
        const size_t line = LINE * sizeof *scratch->parted;

        scratch->memory =
            wcp_new_array(mem, run->parted_cap + LINE, sizeof *scratch->parted);
        scratch->parted =
            (struct keyed *)(((uintptr_t)scratch->memory + line - 1) / line *
                             line);
    }
    if (scratch->lines == NULL)
        scratch->lines =
            wcp_new_array(mem, num_parts * LINE, sizeof *scratch->lines);
    if (scratch->begins == NULL)
        scratch->begins =
            wcp_new_array(mem, num_parts, sizeof *scratch->begins);
    if (scratch->ends == NULL)
        scratch->ends = wcp_new_array(mem, num_parts, sizeof *scratch->ends);
    if (scratch->counts == NULL)
        scratch->counts =
            wcp_new_array(mem, num_parts, sizeof *scratch->counts);
    return scratch->memory != NULL && scratch->lines != NULL &&
           scratch->begins != NULL && scratch->ends != NULL &&
           scratch->counts != NULL;
}

static void
scratch_release(const struct band_run *run, struct band_scratch *scratch)
{
    const struct wcp_memory *mem = run->store->mem;
    const size_t num_parts = (size_t)1 << run->part_bits;

    wcp_free_array(mem, scratch->memory, run->parted_cap + LINE,
                   sizeof *scratch->parted);
    wcp_free_array(mem, scratch->lines, num_parts * LINE,
                   sizeof *scratch->lines);
    wcp_free_array(mem, scratch->begins, num_parts, sizeof *scratch->begins);
    wcp_free_array(mem, scratch->ends, num_parts, sizeof *scratch->ends);
    wcp_free_array(mem, scratch->counts, num_parts, sizeof *scratch->counts);
    wcp_free_array(mem, scratch->slots, scratch->num_slots,
                   sizeof *scratch->slots);
}

/* Room for one more key in a table of keyed slots (class + 1), which is at most
 * half full. */
struct key_table {
    struct keyed *slots;
    size_t num_slots, num_used;
};

static struct keyed *
key_slot(const struct key_table *table, uint32_t key)
{
    size_t slot = spread(key) & (table->num_slots - 1);

    while (table->slots[slot].class_number != 0 &&
           table->slots[slot].key != key)
        slot = (slot + 1) & (table->num_slots - 1);
    return &table->slots[slot];
}

static bool
grow_keys(struct key_table *table, const struct wcp_memory *mem)
{
    struct key_table grown = { NULL,
                               table->num_slots == 0 ? 1024
                                                     : 2 * table->num_slots,
                               table->num_used };

    if (2 * (table->num_used + 1) <= table->num_slots)
        return true;
    grown.slots = wcp_new_zeroed(mem, grown.num_slots, sizeof *grown.slots);
    if (grown.slots == NULL)
        return false;
    for (size_t i = 0; i < table->num_slots; i++)
        if (table->slots[i].class_number != 0)
            *key_slot(&grown, table->slots[i].key) = table->slots[i];
    wcp_free_array(mem, table->slots, table->num_slots, sizeof *table->slots);
    *table = grown;
    return true;
}

/*
 * A part that alone is more than fits: few keys are in very many classes.
 * These are joined as they come.
 */
static enum wcp_code
join_streamed(const struct band_run *run, unsigned band, size_t part,
              struct wcp_fault *fault)
{
    const struct wcp_memory *mem = run->store->mem;
    struct wcp_key_walk walk = { .store = run->store, .band = band };
    struct key_table table = { NULL, 0, 0 };
    enum wcp_code code;

    while ((code = wcp_key_walk_next(&walk, fault)) == WCP_CODE_OK &&
           walk.num > 0) {
        for (size_t i = 0; i < walk.num; i++) {
            const uint32_t c = walk.first + (uint32_t)i;
            struct keyed *slot;

            if (part_of(walk.at[i], run->part_bits) != part)
                continue;
            if (!grow_keys(&table, mem)) {
                code = wcp_no_memory(fault);
                goto out;
            }
            slot = key_slot(&table, walk.at[i]);
            if (slot->class_number == 0) {
                *slot = (struct keyed){ walk.at[i], c + 1 };
                table.num_used++;
            } else {
                wcp_sets_join(run->parents, slot->class_number - 1, c);
            }
        }
    }
out:
    wcp_free_array(mem, table.slots, table.num_slots, sizeof *table.slots);
    wcp_key_walk_release(&walk);
    return code;
}

static enum wcp_code
join_range(const struct band_run *run, struct band_scratch *scratch,
           unsigned band, struct range range, struct wcp_fault *fault)
{
    enum wcp_code code;

    if (scratch->counts[range.begin] > run->parted_cap)
        return join_streamed(run, band, range.begin, fault);
    code = partition(run, scratch, band, range, fault);
    for (size_t i = range.begin; code == WCP_CODE_OK && i < range.end; i++) {
        const size_t begin = scratch->begins[i];

        if (!join_part(run, scratch, scratch->parted + begin,
                       scratch->ends[i] - begin))
            code = wcp_no_memory(fault);
    }
    return code;
}

static void
join_band(void *ctx, unsigned thread, size_t band)
{
    struct band_run *run = ctx;
    struct band_scratch *scratch = &run->scratch[thread];
    const size_t num_parts = (size_t)1 << run->part_bits;
    struct wcp_fault fault = { 0 };
    enum wcp_code code = WCP_CODE_OK;
    struct range range = { 0, 0 };

    if (atomic_load(&run->failed))
        return;
    if (!scratch_prepare(run, scratch))
        code = wcp_no_memory(&fault);
    if (code == WCP_CODE_OK)
        code = count_parts(run, scratch, (unsigned)band, &fault);
    while (code == WCP_CODE_OK && range.end < num_parts) {
        range = find_range(run, scratch, range.end);
        code = join_range(run, scratch, (unsigned)band, range, &fault);
    }
    if (code == WCP_CODE_OK)
        return;
    pthread_mutex_lock(&run->lock);
    if (run->fault.code == WCP_CODE_OK)
        run->fault = fault;
    pthread_mutex_unlock(&run->lock);
    atomic_store(&run->failed, true);
}

/* How many entries a thread parts at once: all of a band, if there is no
 * limit of memory, else what a half of it holds for all threads. */
static size_t
choose_cap(const struct band_run *run)
{
    const struct wcp_store *store = run->store;
    const size_t all = store->num_classes + ((size_t)LINE << run->part_bits);
    const uint64_t left = wcp_quota_left(store->opts.memory);
    const uint64_t fit =
        left / 2 / store->opts.num_threads / sizeof(struct keyed);

    if (fit >= all)
        return all;
    return fit > LEAST_PARTED ? (size_t)fit : LEAST_PARTED;
}

enum wcp_code
wcp_bands_join(const struct wcp_store *store, _Atomic uint32_t *parents,
               struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    unsigned num_threads = store->opts.num_threads;
    struct band_run run = { .store = store, .parents = parents };

    while (run.part_bits < MAX_PART_BITS &&
           (store->num_classes >> run.part_bits) > PART_TARGET)
        run.part_bits++;
    run.parted_cap = choose_cap(&run);
    run.scratch = wcp_new_zeroed(mem, num_threads, sizeof *run.scratch);
    if (run.scratch == NULL)
        return wcp_no_memory(fault);
    pthread_mutex_init(&run.lock, NULL);
    wcp_parallel_for(num_threads, store->opts.num_bands, 1, join_band, &run);
    pthread_mutex_destroy(&run.lock);
    for (unsigned i = 0; i < num_threads; i++)
        scratch_release(&run, &run.scratch[i]);
    wcp_free_array(mem, run.scratch, num_threads, sizeof *run.scratch);
    if (run.fault.code != WCP_CODE_OK && fault != NULL)
        *fault = run.fault;
    return run.fault.code;
}
