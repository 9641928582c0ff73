/*
 * components.c - classes that share a bucket, directly or through others
 *
 * Band by band.  Keys are partitioned by their top bits until a part fits into
 * the cache.  Most keys of a part occur once: two bitmaps find those that may
 * occur twice, and only these go through a hash table, which finds the first
 * class with the same key, and the two are joined.  Chains make components
 * larger than groups; that is harmless, they only decide what is looked at
 * together.
 *
 * Two things decide the speed.  Entries go to their parts by whole cache
 * lines, which are gathered one for each part: 2,048 places to write to are
 * more than a processor keeps open.  And the sets of two classes lie anywhere
 * in memory, so what is to be joined waits in a short list while both are
 * fetched.
 */
#include "match/match.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

enum {
    PART_TARGET = 16384, /* keys; a part stays in L2 */
    MAX_PART_BITS = 16,
    FILTER_BITS = 16, /* of a bitmap's index: 4 bits or more a key, in L1 */
    FILTER_WORDS = 1 << (FILTER_BITS - 6),
    LINE = 8,        /* entries of a cache line */
    MAX_PENDING = 64 /* joins that wait for memory */
};

uint32_t
wcp_sets_root(_Atomic uint32_t *parents, uint32_t a)
{
    for (;;) {
        uint32_t parent =
            atomic_load_explicit(&parents[a], memory_order_relaxed);
        uint32_t above;

        if (parent == a)
            return a;
        above = atomic_load_explicit(&parents[parent], memory_order_relaxed);
        if (above != parent) /* halve the path; losing the race is harmless */
            atomic_compare_exchange_weak_explicit(&parents[a], &parent, above,
                                                  memory_order_relaxed,
                                                  memory_order_relaxed);
        a = above;
    }
}

void
wcp_sets_join(_Atomic uint32_t *parents, uint32_t a, uint32_t b)
{
    for (;;) {
        a = wcp_sets_root(parents, a);
        b = wcp_sets_root(parents, b);
        if (a == b)
            return;
        if (a < b) {
            uint32_t swap = a;

            a = b;
            b = swap;
        }
        /* The larger root goes under the smaller, if it still is a root. */
        if (atomic_compare_exchange_strong_explicit(
                &parents[a], &(uint32_t){ a }, b, memory_order_relaxed,
                memory_order_relaxed))
            return;
    }
}

/* A band key and whose it is. */
struct keyed {
    uint32_t key, class_number;
};

static_assert(LINE * sizeof(struct keyed) == 64, "LINE fills a cache line");

struct band_scratch {
    void *memory;         /* of parted, [parted_cap + LINE] */
    struct keyed *parted; /* [parted_cap], each part begins a cache line */
    struct keyed *lines;  /* [2^part_bits][LINE], the last of each part */
    size_t *begins;       /* [2^part_bits] into parted */
    size_t *ends;         /* [2^part_bits] */
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
    atomic_bool no_memory;
};

/* ---- keys -> parts ---- */

static size_t
part_of(uint32_t key, unsigned part_bits)
{
    return (size_t)((uint64_t)key << part_bits >> 32);
}

/* Where each part begins: at a line, so that lines can be written whole. */
static void
find_begins(const struct band_run *run, struct band_scratch *scratch,
            const uint32_t *keys)
{
    const size_t n = run->store->num_classes;
    const size_t num_parts = (size_t)1 << run->part_bits;
    size_t at = 0;

    memset(scratch->ends, 0, num_parts * sizeof *scratch->ends);
    for (size_t c = 0; c < n; c++)
        scratch->ends[part_of(keys[c], run->part_bits)]++;
    for (size_t i = 0; i < num_parts; i++) {
        const size_t num = scratch->ends[i];

        scratch->begins[i] = scratch->ends[i] = at;
        at += (num + LINE - 1) / LINE * LINE;
    }
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

/* Spread the keys of a band over parts, in stable order. */
static void
partition(const struct band_run *run, struct band_scratch *scratch,
          const uint32_t *keys)
{
    const size_t n = run->store->num_classes;
    const size_t num_parts = (size_t)1 << run->part_bits;

    find_begins(run, scratch, keys);
    for (size_t c = 0; c < n; c++) {
        const size_t part = part_of(keys[c], run->part_bits);
        struct keyed *line = scratch->lines + part * LINE;
        const size_t at = scratch->ends[part]++;

        line[at % LINE] = (struct keyed){ keys[c], (uint32_t)c };
        if (at % LINE == LINE - 1)
            store_line(scratch->parted + at - (LINE - 1), line);
    }
    for (size_t i = 0; i < num_parts; i++) {
        const size_t left = scratch->ends[i] % LINE;

        memcpy(scratch->parted + scratch->ends[i] - left,
               scratch->lines + i * LINE, left * sizeof *scratch->lines);
    }
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
    return scratch->memory != NULL && scratch->lines != NULL &&
           scratch->begins != NULL && scratch->ends != NULL;
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
    wcp_free_array(mem, scratch->slots, scratch->num_slots,
                   sizeof *scratch->slots);
}

static void
join_band(void *ctx, unsigned thread, size_t band)
{
    struct band_run *run = ctx;
    struct band_scratch *scratch = &run->scratch[thread];
    const size_t num_parts = (size_t)1 << run->part_bits;

    if (!scratch_prepare(run, scratch)) {
        atomic_store(&run->no_memory, true);
        return;
    }
    partition(run, scratch, run->store->keys + band * run->store->num_classes);
    for (size_t i = 0; i < num_parts; i++) {
        const size_t begin = scratch->begins[i];

        if (!join_part(run, scratch, scratch->parted + begin,
                       scratch->ends[i] - begin))
            atomic_store(&run->no_memory, true);
    }
}

static enum wcp_code
join_bands(const struct wcp_store *store, _Atomic uint32_t *parents,
           struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    unsigned num_threads = store->opts.num_threads;
    struct band_run run = { .store = store, .parents = parents };

    while (run.part_bits < MAX_PART_BITS &&
           (store->num_classes >> run.part_bits) > PART_TARGET)
        run.part_bits++;
    run.parted_cap = store->num_classes + ((size_t)LINE << run.part_bits);
    run.scratch = wcp_new_zeroed(mem, num_threads, sizeof *run.scratch);
    if (run.scratch == NULL)
        return wcp_no_memory(fault);
    wcp_parallel_for(num_threads, store->opts.num_bands, 1, join_band, &run);
    for (unsigned i = 0; i < num_threads; i++)
        scratch_release(&run, &run.scratch[i]);
    wcp_free_array(mem, run.scratch, num_threads, sizeof *run.scratch);
    return atomic_load(&run.no_memory) ? wcp_no_memory(fault) : WCP_CODE_OK;
}

/* ---- sets -> lists ---- */

/* A component while it is sorted by size. */
struct listed {
    uint32_t root, size, begin;
};

static int
compare_listed(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;

    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return (x->root > y->root) - (x->root < y->root);
}

static bool
is_worth_listing(const struct wcp_store *store, uint32_t root, uint32_t size)
{
    return size > 1 ||
           store->class_begins[root + 1] - store->class_begins[root] > 1;
}

/* places[root] becomes the next free place in its list. */
static bool
list_components(struct wcp_components *components,
                const struct wcp_store *store, _Atomic uint32_t *parents,
                uint32_t *places)
{
    const struct wcp_memory *mem = store->mem;
    uint32_t n = store->num_classes, num = 0, at = 0;
    struct listed *list;

    memset(places, 0, n * sizeof *places);
    for (uint32_t c = 0; c < n; c++)
        places[wcp_sets_root(parents, c)]++;
    for (uint32_t c = 0; c < n; c++)
        if (places[c] > 0 && is_worth_listing(store, c, places[c])) {
            components->num_classes += places[c];
            num++;
        }
    list = wcp_new_array(mem, num, sizeof *list);
    components->begins =
        wcp_new_array(mem, (size_t)num + 1, sizeof *components->begins);
    components->classes = wcp_new_array(mem, components->num_classes,
                                        sizeof *components->classes);
    components->num = components->num_begins = num;
    if (list == NULL || components->begins == NULL ||
        components->classes == NULL) {
        wcp_free_array(mem, list, num, sizeof *list);
        return false;
    }
    num = 0;
    for (uint32_t c = 0; c < n; c++) {
        if (places[c] > 0 && is_worth_listing(store, c, places[c]))
            list[num++] = (struct listed){ c, places[c], 0 };
        places[c] = UINT32_MAX;
    }
    qsort(list, num, sizeof *list, compare_listed);
    for (uint32_t i = 0; i < num; i++) {
        components->begins[i] = places[list[i].root] = at;
        at += list[i].size;
    }
    components->begins[num] = at;
    for (uint32_t c = 0; c < n; c++) {
        uint32_t root = wcp_sets_root(parents, c);

        if (places[root] != UINT32_MAX)
            components->classes[places[root]++] = c;
    }
    wcp_free_array(mem, list, num, sizeof *list);
    return true;
}

enum wcp_code
wcp_components_find(struct wcp_components *components,
                    const struct wcp_store *store, const struct wcp_plan *plan,
                    struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    uint32_t n = store->num_classes;
    _Atomic uint32_t *parents = wcp_new_array(mem, n, sizeof *parents);
    uint32_t *places = wcp_new_array(mem, n, sizeof *places);
    enum wcp_code code = WCP_CODE_OK;

    *components = (struct wcp_components){ .mem = mem };
    if (parents == NULL || places == NULL) {
        code = wcp_no_memory(fault);
        goto out;
    }
    for (uint32_t c = 0; c < n; c++)
        atomic_init(&parents[c], c);
    code = plan->kind == WCP_SIG_SIMHASH
               ? wcp_simhash_join(store, plan->distance, parents, fault)
               : join_bands(store, parents, fault);
    if (code == WCP_CODE_OK &&
        !list_components(components, store, parents, places))
        code = wcp_no_memory(fault);
out:
    wcp_free_array(mem, parents, n, sizeof *parents);
    wcp_free_array(mem, places, n, sizeof *places);
    if (code != WCP_CODE_OK)
        wcp_components_release(components);
    return code;
}

void
wcp_components_release(struct wcp_components *components)
{
    if (components->mem == NULL)
        return;
    wcp_free_array(components->mem, components->begins,
                   (size_t)components->num_begins + 1,
                   sizeof *components->begins);
    wcp_free_array(components->mem, components->classes,
                   components->num_classes, sizeof *components->classes);
    *components = (struct wcp_components){ 0 };
}
