/*
 * components.c - classes that share a bucket, directly or through others
 *
 * Bands (bands.c) or tables of SimHashes join the sets.  Chains make components
 * larger than groups; that is harmless, they only decide what is looked at
 * together.
 */
#include "match/match.h"

#include "store/portion.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- sets -> lists ---- */

/* The largest first, then by their roots, which are below 2^32. */
static uint64_t
listing_key(uint32_t root, uint32_t size)
{
    return (uint64_t)(UINT32_MAX - size) << 32 | root;
}

static bool
is_worth_listing(const struct wcp_store *store, uint32_t root, uint32_t size)
{
    return size > 1 || wcp_class_has_copies(store, root);
}

/* places[root] becomes the next free place in its list. */
static bool
list_components(struct wcp_components *components,
                const struct wcp_store *store, _Atomic uint32_t *parents,
                uint32_t *places)
{
    const struct wcp_memory *mem = store->mem;
    uint32_t n = store->num_classes, num = 0, at = 0;
    uint64_t *list;

    memset(places, 0, n * sizeof *places);
    for (uint32_t c = 0; c < n; c++)
        places[wcp_sets_root(parents, c)]++;
    for (uint32_t c = 0; c < n; c++)
        if (places[c] > 0 && is_worth_listing(store, c, places[c])) {
            components->num_classes += places[c];
            num++;
        }
    list = wcp_new_array(mem, 2 * (size_t)num, sizeof *list);
    components->begins =
        wcp_new_array(mem, (size_t)num + 1, sizeof *components->begins);
    components->classes = wcp_new_array(mem, components->num_classes,
                                        sizeof *components->classes);
    components->num = components->num_begins = num;
    if (list == NULL || components->begins == NULL ||
        components->classes == NULL) {
        wcp_free_array(mem, list, 2 * (size_t)num, sizeof *list);
        return false;
    }
    num = 0;
    for (uint32_t c = 0; c < n; c++) {
        if (places[c] > 0 && is_worth_listing(store, c, places[c]))
            list[num++] = listing_key(c, places[c]);
        places[c] = UINT32_MAX;
    }
    wcp_sort_u64(list, list + num, num);
    for (uint32_t i = 0; i < num; i++) {
        components->begins[i] = places[(uint32_t)list[i]] = at;
        at += UINT32_MAX - (uint32_t)(list[i] >> 32);
    }
    components->begins[num] = at;
    for (uint32_t c = 0; c < n; c++) {
        uint32_t root = wcp_sets_root(parents, c);

        if (places[root] != UINT32_MAX)
            components->classes[places[root]++] = c;
    }
    wcp_free_array(mem, list, 2 * (size_t)num, sizeof *list);
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
               : wcp_bands_join(store, parents, fault);
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

/* ---- their texts ---- */

/* Whether any other class of a component may match one of it. */
static bool
has_match(const struct wcp_store *store, const struct wcp_plan *plan,
          const uint32_t *classes, uint32_t num, uint32_t i)
{
    for (uint32_t k = 0; k < num; k++)
        if (k != i && wcp_signatures_allow(store, plan, classes[i], classes[k]))
            return true;
    return false;
}

size_t
wcp_components_list_likely(const struct wcp_components *components,
                           const struct wcp_store *store,
                           const struct wcp_plan *plan, uint32_t begin,
                           uint32_t end, uint32_t *likely, size_t most)
{
    enum { FEW = 8 }; /* in larger components nearly all have one */
    size_t num = 0;

    for (uint32_t c = begin; c < end; c++) {
        const uint32_t *classes = components->classes + components->begins[c];
        const uint32_t n = components->begins[c + 1] - components->begins[c];

        for (uint32_t i = 0; n > 1 && i < n; i++) {
            if (num == most)
                return num;
            if (n > FEW || has_match(store, plan, classes, n, i))
                likely[num++] = classes[i];
        }
    }
    return num;
}

void
wcp_components_keep_texts(const struct wcp_components *components,
                          struct wcp_store *store, const struct wcp_plan *plan,
                          uint32_t least)
{
    /* More than there is room for, as a rule. */
    const size_t most =
        components->num_classes < 1 << 18 ? components->num_classes : 1 << 18;
    uint32_t *likely, num = 0;

    while (num < components->num &&
           components->begins[num + 1] - components->begins[num] >= least)
        num++;
    if (num == 0)
        return;
    likely = wcp_new_array(store->mem, most, sizeof *likely);
    if (likely != NULL)
        wcp_store_keep_texts(store, likely,
                             wcp_components_list_likely(components, store, plan,
                                                        0, num, likely, most));
    wcp_free_array(store->mem, likely, most, sizeof *likely);
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
