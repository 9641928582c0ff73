/*
 * stories.c - which texts may lie in which
 *
 * Pairs come from samples of shingles (inclusions.c).  Of a dispatch that very
 * many have cut, each cut lies in many others, and nearly all of these pairs
 * come to nothing: what they are is found out when somebody wants to know
 * (settle.c).
 */
#include "group/stories.h"

#include "group/judge.h"

#include <string.h>

enum wcp_code
wcp_stories_init(struct wcp_stories *stories, struct wcp_store *store,
                 double threshold, struct wcp_fault *fault)
{
    const size_t n = store->num_classes;

    *stories = (struct wcp_stories){ .store = store, .threshold = threshold };
    stories->begins =
        wcp_new_zeroed(store->mem, n + 2, sizeof *stories->begins);
    stories->is_story = wcp_new_zeroed(store->mem, n, 1);
    if (stories->begins != NULL && stories->is_story != NULL)
        return WCP_CODE_OK;
    wcp_stories_release(stories);
    return wcp_no_memory(fault);
}

void
wcp_stories_release(struct wcp_stories *stories)
{
    const struct wcp_memory *mem;
    size_t n;

    if (stories->store == NULL)
        return;
    mem = stories->store->mem;
    n = stories->store->num_classes;
    wcp_free_array(mem, stories->wanted, stories->pairs.num, 1);
    wcp_array_release(mem, &stories->pairs);
    wcp_free_array(mem, stories->begins, n + 2, sizeof *stories->begins);
    wcp_free_array(mem, stories->edges, stories->num_edges,
                   sizeof *stories->edges);
    wcp_free_array(mem, stories->is_story, n, 1);
    wcp_array_release(mem, &stories->crowds);
    wcp_sample_index_free(stories->index);
    *stories = (struct wcp_stories){ 0 };
}

/* Pairs of a and b as a << 32 | b, ascending, each once; how many are left. */
static size_t
sort_keys(uint64_t *keys, uint64_t *scratch, size_t num)
{
    size_t kept = 0;

    wcp_sort_u64(keys, scratch, num);
    for (size_t i = 0; i < num; i++)
        if (kept == 0 || keys[kept - 1] != keys[i])
            keys[kept++] = keys[i];
    return kept;
}

static bool
list_edges(struct wcp_stories *stories)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t n = stories->store->num_classes;
    size_t *begins = stories->begins;

    if (stories->pairs.num > UINT32_MAX) /* a hundred gigabytes of them */
        return false;
    wcp_free_array(mem, stories->edges, stories->num_edges,
                   sizeof *stories->edges);
    stories->num_edges = 2 * stories->pairs.num;
    stories->edges =
        wcp_new_array(mem, stories->num_edges, sizeof *stories->edges);
    if (stories->edges == NULL)
        return false;
    memset(begins, 0, (n + 2) * sizeof *begins);
    for (size_t i = 0; i < stories->pairs.num; i++) {
        begins[stories->pairs.at[i].a + 2]++;
        begins[stories->pairs.at[i].b + 2]++;
    }
    for (size_t i = 0; i < n; i++)
        begins[i + 2] += begins[i + 1];
    for (size_t i = 0; i < stories->pairs.num; i++) {
        const struct wcp_class_pair *pair = &stories->pairs.at[i];

        stories->edges[begins[pair->a + 1]++] =
            (struct wcp_edge){ pair->b, (uint32_t)i };
        stories->edges[begins[pair->b + 1]++] =
            (struct wcp_edge){ pair->a, (uint32_t)i };
    }
    return true;
}

/* Whether a pair is there already: of two that were asked at different times
 * each may stand in the other. */
static bool
is_there(const struct wcp_stories *stories, uint64_t key)
{
    const struct wcp_class_pair *pairs = stories->pairs.at;
    size_t low = 0, high = stories->pairs.num;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const uint64_t its = (uint64_t)pairs[middle].a << 32 | pairs[middle].b;

        if (its == key)
            return true;
        if (its < key)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Candidates -> keys of pairs that are not there yet. */
static size_t
list_keys(const struct wcp_stories *stories,
          const struct wcp_inclusions *inclusions, uint64_t *keys,
          uint64_t *scratch)
{
    size_t num = 0;

    for (size_t i = 0; i < inclusions->list.num; i++) {
        const uint32_t x = inclusions->list.at[i].part;
        const uint32_t y = inclusions->list.at[i].whole;
        const uint64_t key =
            x < y ? (uint64_t)x << 32 | y : (uint64_t)y << 32 | x;

        if (!is_there(stories, key))
            keys[num++] = key;
    }
    return sort_keys(keys, scratch, num);
}

/* Have the texts of all pairs at hand at once, for streams are read again. */
static enum wcp_code
spool_keys(const struct wcp_stories *stories, const uint64_t *keys,
           size_t num_keys, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t n = stories->store->num_classes;
    uint8_t *wanted = wcp_new_zeroed(mem, n, 1);
    uint32_t *classes = wcp_new_array(mem, n, sizeof *classes);
    size_t num = 0;
    enum wcp_code code = WCP_CODE_OK;

    if (wanted == NULL || classes == NULL)
        code = wcp_no_memory(fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < num_keys; i++)
        wanted[keys[i] >> 32] = wanted[(uint32_t)keys[i]] = 1;
    for (uint32_t c = 0; code == WCP_CODE_OK && c < n; c++)
        if (wanted[c])
            classes[num++] = c;
    if (code == WCP_CODE_OK)
        code = wcp_store_spool_classes(stories->store, classes, num, fault);
    wcp_free_array(mem, wanted, n, 1);
    wcp_free_array(mem, classes, n, sizeof *classes);
    return code;
}

/* Merge new pairs with the others; both are ascending, and none is there
 * twice.  Mark the classes in them. */
static bool
add_keys(struct wcp_stories *stories, const uint64_t *keys, size_t num,
         uint8_t *changed)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t before = stories->pairs.num;
    struct wcp_class_pair *pairs;
    size_t i = before, k = num;

    if (!wcp_array_reserve(mem, &stories->pairs, before + num))
        return false;
    wcp_free_array(mem, stories->wanted, before, 1);
    stories->pairs.num = before + num;
    stories->wanted = wcp_new_zeroed(mem, before + num, 1);
    if (stories->wanted == NULL)
        return false;
    pairs = stories->pairs.at;
    while (k > 0) {
        const uint32_t a = (uint32_t)(keys[k - 1] >> 32);
        const uint32_t b = (uint32_t)keys[k - 1];

        if (i > 0 && (pairs[i - 1].a > a ||
                      (pairs[i - 1].a == a && pairs[i - 1].b > b))) {
            i--;
            pairs[i + k] = pairs[i];
        } else {
            k--;
            changed[a] = changed[b] = 1;
            pairs[i + k] = (struct wcp_class_pair){ .a = a,
                                                    .b = b,
                                                    .relation = WCP_PAIR_NEW };
        }
    }
    return true;
}

/* Empties the inclusions. */
static enum wcp_code
add_pairs(struct wcp_stories *stories, struct wcp_inclusions *inclusions,
          uint8_t *changed, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t most = inclusions->list.num;
    uint64_t *keys = wcp_new_array(mem, most, sizeof *keys);
    uint64_t *scratch = wcp_new_array(mem, most, sizeof *scratch);
    const bool allocated = keys != NULL && scratch != NULL;
    size_t num = 0;
    enum wcp_code code = allocated ? WCP_CODE_OK : wcp_no_memory(fault);

    if (allocated)
        num = list_keys(stories, inclusions, keys, scratch);
    wcp_free_array(mem, scratch, most, sizeof *scratch);
    wcp_inclusions_release(inclusions);
    if (code == WCP_CODE_OK && num > 0)
        code = spool_keys(stories, keys, num, fault);
    if (code == WCP_CODE_OK && !add_keys(stories, keys, num, changed))
        code = wcp_no_memory(fault);
    wcp_free_array(mem, keys, most, sizeof *keys);
    return code;
}

/* The asked ones are stories now: what was no page for want of others is asked
 * anew, where a text is in new pairs or holds new stories. */
static void
add_stories(struct wcp_stories *stories, const uint8_t *asked, uint8_t *changed)
{
    for (uint32_t c = 0; c < stories->store->num_classes; c++) {
        if (stories->is_story[c] || (asked != NULL && !asked[c]))
            continue;
        stories->is_story[c] = 1;
        for (size_t i = stories->begins[c]; i < stories->begins[c + 1]; i++)
            changed[stories->edges[i].other] = 1;
    }
    for (size_t i = 0; i < stories->pairs.num; i++) {
        struct wcp_class_pair *pair = &stories->pairs.at[i];

        if (pair->relation == 0 && (changed[pair->a] || changed[pair->b]))
            pair->relation = WCP_PAIR_JUDGED;
    }
}

enum wcp_code
wcp_stories_add(struct wcp_stories *stories, const uint8_t *asked,
                bool (*keep)(const void *ctx, uint32_t part, uint32_t whole),
                const void *ctx, struct wcp_fault *fault)
{
    const size_t n = stories->store->num_classes;
    uint8_t *changed = wcp_new_zeroed(stories->store->mem, n, 1);
    struct wcp_inclusions inclusions = { 0 };
    enum wcp_code code = changed != NULL ? WCP_CODE_OK : wcp_no_memory(fault);

    if (code == WCP_CODE_OK && stories->store->opts.sample)
        code = wcp_inclusions_find(
            &inclusions, stories->store,
            stories->judge != NULL ? &stories->judge->index : &stories->index,
            asked, stories->threshold, keep, ctx, fault);
    if (code == WCP_CODE_OK)
        code = add_pairs(stories, &inclusions, changed, fault);
    wcp_inclusions_release(&inclusions);
    if (code == WCP_CODE_OK && !list_edges(stories))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        add_stories(stories, asked, changed);
    if (code == WCP_CODE_OK && !wcp_stories_choose(stories))
        code = wcp_no_memory(fault);
    wcp_free_array(stories->store->mem, changed, n, 1);
    return code;
}

/* ---- what an edge means ---- */

struct wcp_overlap
wcp_overlap_of(const struct wcp_class_pair *pair, uint32_t copy)
{
    struct wcp_overlap overlap = pair->overlap;

    if (pair->a != copy) {
        overlap.size_a = pair->overlap.size_b;
        overlap.size_b = pair->overlap.size_a;
    }
    return overlap;
}

enum wcp_relation_kind
wcp_stories_relate(const struct wcp_stories *stories,
                   const struct wcp_class_pair *pair, uint32_t copy)
{
    const struct wcp_relation_evidence evidence = {
        .threshold = stories->threshold,
        .overlap = wcp_overlap_of(pair, copy),
    };

    if (pair->relation > 0)
        return (enum wcp_relation_kind)pair->relation;
    return wcp_relation(&evidence);
}
