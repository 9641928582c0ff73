/*
 * components.c - classes that share a bucket, directly or through others
 *
 * Band by band: keys are partitioned by their top bits until a part fits into
 * the cache, then a small hash table finds the first class with the same key
 * and the two are joined.  Chains make components larger than groups; that is
 * harmless, they only decide what is looked at together.
 */
#include "match/match.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A part of this many keys, with a table twice as long, stays in L2. */
enum { PART_TARGET = 4096, MAX_PART_BITS = 16 };

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

struct band_scratch {
    struct keyed *parted;  /* [num_classes] */
    uint32_t *part_begins; /* [2^part_bits + 1] */
    uint32_t *slots;       /* class + 1, [num_slots] */
    size_t num_slots;
};

struct band_run {
    const struct wcp_store *store;
    _Atomic uint32_t *parents;
    unsigned part_bits;
    struct band_scratch *scratch; /* one a thread */
    atomic_bool no_memory;
};

/* Spread the keys of a band over parts, in stable order. */
static void
partition(const struct band_run *run, struct band_scratch *scratch,
          const uint32_t *keys)
{
    uint32_t n = run->store->num_classes;
    size_t num_parts = (size_t)1 << run->part_bits;
    unsigned shift = 32 - run->part_bits;
    uint32_t *begins = scratch->part_begins;

    memset(begins, 0, (num_parts + 1) * sizeof *begins);
    for (uint32_t c = 0; c < n; c++)
        begins[(run->part_bits ? keys[c] >> shift : 0) + 1]++;
    for (size_t i = 0; i < num_parts; i++)
        begins[i + 1] += begins[i];
    for (uint32_t c = 0; c < n; c++) {
        uint32_t part = run->part_bits ? keys[c] >> shift : 0;

        scratch->parted[begins[part]++] = (struct keyed){ keys[c], c };
    }
    memmove(begins + 1, begins, num_parts * sizeof *begins);
    begins[0] = 0;
}

/* Join the classes with equal keys in one part. */
static bool
join_part(const struct band_run *run, struct band_scratch *scratch,
          const struct keyed *part, size_t num)
{
    size_t num_slots = 16;

    while (num_slots < 2 * num)
        num_slots *= 2;
    if (num_slots > scratch->num_slots) {
        const struct wcp_memory *mem = run->store->mem;

        wcp_free_array(mem, scratch->slots, scratch->num_slots,
                       sizeof *scratch->slots);
        scratch->slots = wcp_new_array(mem, num_slots, sizeof *scratch->slots);
        scratch->num_slots = scratch->slots != NULL ? num_slots : 0;
        if (scratch->slots == NULL)
            return false;
    }
    memset(scratch->slots, 0, num_slots * sizeof *scratch->slots);
    for (size_t i = 0; i < num; i++) {
        size_t slot = part[i].key * UINT32_C(0x9E3779B1) & (num_slots - 1);

        while (scratch->slots[slot] != 0 &&
               part[scratch->slots[slot] - 1].key != part[i].key)
            slot = (slot + 1) & (num_slots - 1);
        if (scratch->slots[slot] == 0)
            scratch->slots[slot] = (uint32_t)i + 1;
        else
            wcp_sets_join(run->parents,
                          part[scratch->slots[slot] - 1].class_number,
                          part[i].class_number);
    }
    return true;
}

static void
join_band(void *ctx, unsigned thread, size_t band)
{
    struct band_run *run = ctx;
    struct band_scratch *scratch = &run->scratch[thread];
    const struct wcp_memory *mem = run->store->mem;
    size_t n = run->store->num_classes;
    size_t num_parts = (size_t)1 << run->part_bits;

    if (scratch->parted == NULL)
        scratch->parted = wcp_new_array(mem, n, sizeof *scratch->parted);
    if (scratch->part_begins == NULL)
        scratch->part_begins =
            wcp_new_array(mem, num_parts + 1, sizeof *scratch->part_begins);
    if (scratch->parted == NULL || scratch->part_begins == NULL) {
        atomic_store(&run->no_memory, true);
        return;
    }
    partition(run, scratch, run->store->keys + band * n);
    for (size_t i = 0; i < num_parts; i++) {
        uint32_t begin = scratch->part_begins[i];

        if (!join_part(run, scratch, scratch->parted + begin,
                       scratch->part_begins[i + 1] - begin))
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
    bool failed;

    while (run.part_bits < MAX_PART_BITS &&
           (store->num_classes >> run.part_bits) > PART_TARGET)
        run.part_bits++;
    run.scratch = wcp_new_zeroed(mem, num_threads, sizeof *run.scratch);
    if (run.scratch == NULL)
        return wcp_no_memory(fault);
    wcp_parallel_for(num_threads, store->opts.num_bands, 1, join_band, &run);
    for (unsigned i = 0; i < num_threads; i++) {
        struct band_scratch *scratch = &run.scratch[i];

        wcp_free_array(mem, scratch->parted, store->num_classes,
                       sizeof *scratch->parted);
        wcp_free_array(mem, scratch->part_begins,
                       ((size_t)1 << run.part_bits) + 1,
                       sizeof *scratch->part_begins);
        wcp_free_array(mem, scratch->slots, scratch->num_slots,
                       sizeof *scratch->slots);
    }
    wcp_free_array(mem, run.scratch, num_threads, sizeof *run.scratch);
    failed = atomic_load(&run.no_memory);
    return failed ? wcp_no_memory(fault) : WCP_CODE_OK;
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
