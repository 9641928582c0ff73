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

enum wcp_code
wcp_stories_init(struct wcp_stories *stories, struct wcp_store *store,
                 double threshold, struct wcp_fault *fault)
{
    const size_t n = store->num_classes;

    *stories = (struct wcp_stories){ .store = store, .threshold = threshold };
    wcp_story_pairs_init(&stories->pairs, store->mem, store->num_classes);
    stories->is_story = wcp_new_zeroed(store->mem, n, 1);
    if (stories->is_story != NULL)
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
    wcp_story_pairs_release(&stories->pairs);
    wcp_free_array(mem, stories->is_story, n, 1);
    wcp_array_release(mem, &stories->crowds);
    wcp_array_release(mem, &stories->chosen);
    wcp_sample_index_free(stories->index);
    wcp_stories_forget(stories);
    *stories = (struct wcp_stories){ 0 };
}

/* Have the texts of new pairs at hand at once, for streams are read again. */
static enum wcp_code
spool_changed(const struct wcp_stories *stories, const uint8_t *changed,
              struct wcp_fault *fault)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t n = stories->store->num_classes;
    uint32_t *classes;
    size_t num = 0, most = 0;
    enum wcp_code code;

    for (uint32_t c = 0; c < n; c++)
        most += changed[c];
    if (most == 0)
        return WCP_CODE_OK;
    classes = wcp_new_array(mem, most, sizeof *classes);
    if (classes == NULL)
        return wcp_no_memory(fault);
    for (uint32_t c = 0; c < n; c++)
        if (changed[c])
            classes[num++] = c;
    code = wcp_store_spool_classes(stories->store, classes, num, fault);
    wcp_free_array(mem, classes, most, sizeof *classes);
    return code;
}

/* The asked ones are stories now: what was no page for want of others is asked
 * anew, where a text is in new pairs or holds new stories. */
static void
add_stories(struct wcp_stories *stories, const uint8_t *asked, uint8_t *changed)
{
    struct wcp_story_pairs *pairs = &stories->pairs;
    const uint32_t n = stories->store->num_classes;

    for (uint32_t c = 0; c < n; c++) {
        if (stories->is_story[c] || (asked != NULL && !asked[c]))
            continue;
        stories->is_story[c] = 1;
        for (uint32_t i = 0; i < wcp_num_edges(pairs, c); i++)
            changed[wcp_edge_other(pairs, c, i)] = 1;
    }
    for (uint32_t c = 0; pairs->begins != NULL && c < n; c++)
        for (size_t i = pairs->begins[c]; i < pairs->begins[c + 1]; i++)
            if (wcp_story_relation(pairs, i) == 0 &&
                (changed[c] || changed[pairs->others.at[i]]))
                wcp_story_relate(pairs, i, WCP_PAIR_JUDGED);
}

enum wcp_code
wcp_stories_add(struct wcp_stories *stories, const uint8_t *asked,
                bool (*keep)(const void *ctx, uint32_t part, uint32_t whole),
                bool (*rank)(const void *ctx, const uint32_t *asked,
                             uint32_t *ranks),
                const void *ctx, struct wcp_fault *fault)
{
    const struct wcp_inclusion_question question = { asked, stories->threshold,
                                                     keep, rank, ctx };
    struct wcp_sample_index **index =
        stories->judge != NULL ? &stories->judge->index : &stories->index;
    const size_t n = stories->store->num_classes;
    uint8_t *changed = wcp_new_zeroed(stories->store->mem, n, 1);
    struct wcp_inclusions inclusions = { 0 };
    enum wcp_code code = changed != NULL ? WCP_CODE_OK : wcp_no_memory(fault);

    if (code == WCP_CODE_OK && stories->store->opts.sample)
        code =
            rank != NULL
                ? wcp_inclusions_find_thinned(&inclusions, stories->store,
                                              index, &question, fault)
                : wcp_inclusions_find(&inclusions, stories->store, index, asked,
                                      stories->threshold, keep, ctx, fault);
    if (code == WCP_CODE_OK &&
        !wcp_story_pairs_add(&stories->pairs, &inclusions, changed))
        code = wcp_no_memory(fault);
    wcp_inclusions_release(&inclusions);
    if (code == WCP_CODE_OK)
        code = spool_changed(stories, changed, fault);
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
