/*
 * neighbours.c - in which texts others nearly stand
 *
 * What is looked up are samples of shingles.  A form of which there are
 * thousands would make that square, and two strangers are all that matters: of
 * the texts that have a sample the first WCP_SAMPLE_LISTED count, in an order
 * that is the same for all samples, that of the digests.  Where there are more,
 * enough of the same texts are among the first of each.
 *
 * Nearly all neighbours of a dispatch are its copies, and known to be.  These
 * are not listed, nor is what is too short to be a stranger.
 */
#include "group/strangers.h"

#include <string.h>

/* The share of samples falls behind that of shingles, see inclusions.c. */
#define SAMPLES .5

struct asking {
    const struct wcp_judge *judge;
    uint8_t *asked;  /* [num_classes] */
    uint32_t *sizes; /* [num_classes]: shingles of those that are asked */
};

/* Whether a class may be a stranger to a part and to some other text. */
static bool
is_wanted(const void *ctx, uint32_t part, uint32_t whole)
{
    const struct asking *asking = ctx;
    const struct wcp_judge *judge = asking->judge;
    const uint32_t units = wcp_class_units(judge->store, whole);
    struct wcp_overlap overlap;

    if (wcp_known_find(&judge->known, part, whole, &overlap))
        return wcp_may_be_strange(judge, &overlap);
    /* It has not more shingles than units, or one. */
    return wcp_is_long_enough(units > 0 ? units : 1, asking->sizes[part]);
}

/* Classes in the order of digests; equal beginnings do not matter. */
static bool
order_classes(const struct wcp_store *store, uint32_t *classes,
              uint32_t *places)
{
    const size_t n = store->num_classes;
    uint64_t *keys = wcp_classes_by_digest(store);

    if (keys == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        places[classes[i] = (uint32_t)keys[i]] = (uint32_t)i;
    wcp_free_array(store->mem, keys, 2 * n, sizeof *keys);
    return true;
}

/* Put what was found in order: by part, then by digest. */
static bool
list_found(struct wcp_neighbours *near, const struct wcp_store *store,
           struct wcp_part *parts, size_t num_parts,
           const struct wcp_inclusions *found)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_classes, num = found->list.num;
    uint64_t *keys = wcp_new_array(mem, 2 * num, sizeof *keys);
    uint32_t *classes = wcp_new_array(mem, 2 * n, sizeof *classes);
    bool listed = keys != NULL && classes != NULL &&
                  order_classes(store, classes, classes + n) &&
                  wcp_array_reserve(mem, &near->list, num);

    for (size_t i = 0; listed && i < num; i++)
        keys[i] = (uint64_t)found->list.at[i].part << 32 |
                  classes[n + found->list.at[i].whole];
    if (listed)
        wcp_sort_u64(keys, keys + num, num);
    for (size_t i = 0, k = 0; listed && i <= num_parts; i++) {
        parts[i].near = k;
        for (;
             i < num_parts && k < num && keys[k] >> 32 == parts[i].class_number;
             k++)
            near->list.at[near->list.num++] = classes[(uint32_t)keys[k]];
    }
    wcp_free_array(mem, keys, 2 * num, sizeof *keys);
    wcp_free_array(mem, classes, 2 * n, sizeof *classes);
    return listed;
}

static enum wcp_code
ask(struct wcp_judge *judge, const struct wcp_part *parts, size_t num,
    struct wcp_inclusions *found, struct wcp_fault *fault)
{
    struct wcp_store *store = judge->store;
    const size_t n = store->num_classes;
    struct asking asking = {
        .judge = judge,
        .asked = wcp_new_zeroed(store->mem, n, 1),
        .sizes = wcp_new_array(store->mem, n, sizeof *asking.sizes),
    };
    const bool allocated = asking.asked != NULL && asking.sizes != NULL;
    enum wcp_code code;

    for (size_t i = 0; allocated && i < num; i++) {
        asking.asked[parts[i].class_number] = 1;
        asking.sizes[parts[i].class_number] = parts[i].size;
    }
    code = !allocated
               ? wcp_no_memory(fault)
               : wcp_nearly_in_find(found, store, &judge->index, asking.asked,
                                    SAMPLES, is_wanted, &asking, fault);
    wcp_free_array(store->mem, asking.asked, n, 1);
    wcp_free_array(store->mem, asking.sizes, n, sizeof *asking.sizes);
    return code;
}

enum wcp_code
wcp_neighbours_find(struct wcp_neighbours *near, struct wcp_judge *judge,
                    struct wcp_part *parts, size_t num, struct wcp_fault *fault)
{
    struct wcp_inclusions found = { 0 };
    enum wcp_code code = ask(judge, parts, num, &found, fault);

    *near = (struct wcp_neighbours){ .mem = judge->store->mem };
    if (code == WCP_CODE_OK &&
        !list_found(near, judge->store, parts, num, &found))
        code = wcp_no_memory(fault);
    wcp_inclusions_release(&found);
    if (code == WCP_CODE_OK)
        code = wcp_store_spool_classes(judge->store, near->list.at,
                                       near->list.num, fault);
    if (code != WCP_CODE_OK)
        wcp_neighbours_release(near);
    return code;
}

void
wcp_neighbours_release(struct wcp_neighbours *near)
{
    if (near->mem != NULL)
        wcp_array_release(near->mem, &near->list);
    *near = (struct wcp_neighbours){ 0 };
}
