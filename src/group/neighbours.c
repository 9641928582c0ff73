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

/* ---- lists ---- */

/* Put the neighbours of a part in the order of their digests; equal beginnings
 * do not matter. */
static void
sort_list(const struct wcp_store *store, uint32_t *classes, size_t num,
          uint64_t *keys)
{
    for (size_t i = 0; i < num; i++)
        keys[i] = (uint64_t)wcp_class_tag(store, classes[i]) << 32 | classes[i];
    wcp_sort_u64(keys, keys + num, num);
    for (size_t i = 0; i < num; i++)
        classes[i] = (uint32_t)keys[i];
}

static bool
sort_lists(struct wcp_neighbours *near, const struct wcp_store *store,
           const struct wcp_part *parts, size_t num_parts)
{
    size_t most = 0;
    uint64_t *keys;

    for (size_t i = 0; i < num_parts; i++)
        if (most < parts[i + 1].near - parts[i].near)
            most = parts[i + 1].near - parts[i].near;
    keys = wcp_new_array(store->mem, 2 * most, sizeof *keys);
    if (keys == NULL)
        return false;
    for (size_t i = 0; i < num_parts && most > 0; i++)
        sort_list(store, near->list.at + parts[i].near,
                  parts[i + 1].near - parts[i].near, keys);
    wcp_free_array(store->mem, keys, 2 * most, sizeof *keys);
    return true;
}

/* Put what was found in order: by part, then by digest.  'numbers' has room for
 * the number of each class that is a part. */
static bool
list_found(struct wcp_neighbours *near, const struct wcp_store *store,
           struct wcp_part *parts, size_t num_parts,
           const struct wcp_inclusions *found, uint32_t *numbers)
{
    const size_t num = found->list.num;
    size_t begin = 0;

    if (!wcp_array_reserve(store->mem, &near->list, num))
        return false;
    for (size_t i = 0; i < num_parts; i++) {
        numbers[parts[i].class_number] = (uint32_t)i;
        parts[i].near = 0;
    }
    for (size_t i = 0; i < num; i++)
        parts[numbers[found->list.at[i].part]].near++;
    for (size_t i = 0; i <= num_parts; i++) {
        const size_t its = i < num_parts ? parts[i].near : 0;

        parts[i].near = begin;
        begin += its;
    }
    for (size_t i = 0; i < num; i++)
        near->list.at[parts[numbers[found->list.at[i].part]].near++] =
            found->list.at[i].whole;
    /* Each has been moved on to where the next one begins. */
    for (size_t i = num_parts; i > 0; i--)
        parts[i].near = parts[i - 1].near;
    parts[0].near = 0;
    near->list.num = num;
    return sort_lists(near, store, parts, num_parts);
}

/* ---- asking ---- */

static enum wcp_code
ask(struct wcp_judge *judge, const struct wcp_part *parts, size_t num,
    uint32_t *sizes, struct wcp_inclusions *found, struct wcp_fault *fault)
{
    struct wcp_store *store = judge->store;
    const size_t n = store->num_classes;
    struct asking asking = {
        .judge = judge,
        .asked = wcp_new_zeroed(store->mem, n, 1),
        .sizes = sizes,
    };
    enum wcp_code code;

    if (asking.asked == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num; i++) {
        asking.asked[parts[i].class_number] = 1;
        asking.sizes[parts[i].class_number] = parts[i].size;
    }
    code = wcp_nearly_in_find(found, store, &judge->index, asking.asked,
                              SAMPLES, is_wanted, &asking, fault);
    wcp_free_array(store->mem, asking.asked, n, 1);
    return code;
}

enum wcp_code
wcp_neighbours_find(struct wcp_neighbours *near, struct wcp_judge *judge,
                    struct wcp_part *parts, size_t num, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = judge->store->mem;
    const size_t n = judge->store->num_classes;
    struct wcp_inclusions found = { 0 };
    uint32_t *by_class;
    enum wcp_code code;

    *near = (struct wcp_neighbours){ .mem = mem };
    if (!judge->store->opts.sample) { /* nothing is known of any */
        for (size_t i = 0; i <= num; i++)
            parts[i].near = 0;
        return WCP_CODE_OK;
    }
    /* Of classes that are parts: their sizes, then their numbers. */
    by_class = wcp_new_array(mem, n, sizeof *by_class);
    code = by_class == NULL ? wcp_no_memory(fault)
                            : ask(judge, parts, num, by_class, &found, fault);
    if (code == WCP_CODE_OK &&
        !list_found(near, judge->store, parts, num, &found, by_class))
        code = wcp_no_memory(fault);
    wcp_inclusions_release(&found);
    wcp_free_array(mem, by_class, n, sizeof *by_class);
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
