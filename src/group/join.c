/*
 * join.c - originals join originals
 *
 * Whom a text joins hangs on who of the earlier ones has joined none, and what
 * it is to these.  Nearly all cuts of a dispatch join it, and what they are to
 * each other need not be known.  So it is found out in rounds: whoever waits
 * for nobody else wants to know what it is to those that stayed.  Texts that
 * all stay, as issues of a form do, would wait for one another for long:
 * after some rounds each wants to know about all it may join.
 */
#include "group/stories.h"

#define NONE UINT32_MAX

/* Before all is wanted; fewer where samples have left memory, for each time
 * that strangers are looked for they are gone through. */
enum { MOST_ROUNDS = 3, MOST_ROUNDS_OUT = 1 };

struct rounds {
    const struct wcp_joining *joining;
    struct wcp_stories *stories;
    uint8_t *stayed; /* [num_classes] */
    uint32_t *ranks; /* [num_classes] in order; NONE: no leader, or it joined */
    uint32_t *list;  /* [num] leaders that are open, in order */
    size_t num;
    bool wants_all;
};

/* List the documents that are originals and have an edge, in order. */
static bool
list_leaders(struct rounds *r)
{
    const struct wcp_stories *stories = r->stories;
    const struct wcp_store *store = stories->store;
    const size_t n = store->num_classes;

    r->stayed = wcp_new_zeroed(store->mem, n, 1);
    r->list = wcp_new_array(store->mem, n, sizeof *r->list);
    r->ranks = wcp_new_array(store->mem, n, sizeof *r->ranks);
    if (r->stayed == NULL || r->list == NULL || r->ranks == NULL)
        return false;
    for (size_t c = 0; c < n; c++)
        if (r->joining->leaders[c] != NONE &&
            wcp_num_edges(&stories->pairs, (uint32_t)c) > 0)
            r->list[r->num++] = r->joining->leaders[c];
    /* There is nothing in the ranks yet. */
    wcp_sort_documents(store, r->joining->order, r->list, r->num, r->ranks);
    for (size_t c = 0; c < n; c++)
        r->ranks[c] = NONE;
    for (size_t i = 0; i < r->num; i++)
        r->ranks[wcp_document_class(store, r->list[i])] = (uint32_t)i;
    return true;
}

/* Whether a class may join another one, if that has stayed. */
static bool
is_earlier(const struct rounds *r, uint32_t other, uint32_t c)
{
    return r->ranks[other] < r->ranks[c];
}

/* Whether all is known of whom a class may join; if not, want what can be known
 * now. */
static bool
is_ready(const struct rounds *r, uint32_t c)
{
    struct wcp_story_pairs *pairs = &r->stories->pairs;
    bool ready = true;

    for (uint32_t i = 0; i < wcp_num_edges(pairs, c); i++) {
        const uint32_t other = wcp_edge_other(pairs, c, i);
        bool settled;
        size_t place;

        if (!is_earlier(r, other, c))
            continue;
        ready = ready && r->stayed[other];
        if (!r->stayed[other] && !r->wants_all)
            continue;
        place = wcp_edge_place(pairs, c, i);
        settled = wcp_is_settled(wcp_story_relation(pairs, place));
        ready = ready && settled;
        if (!settled)
            wcp_story_want(pairs, place, true);
    }
    return ready;
}

/* Let a class that is ready join the best, or stay. */
static void
join_best(struct rounds *r, uint32_t c)
{
    const struct wcp_joining *j = r->joining;
    const struct wcp_stories *stories = r->stories;
    struct wcp_overlap best = { 0, 1, 1 };
    uint32_t to = NONE;

    for (uint32_t i = 0; i < wcp_num_edges(&stories->pairs, c); i++) {
        const uint32_t other = wcp_edge_other(&stories->pairs, c, i);
        struct wcp_class_pair pair;
        struct wcp_overlap overlap;
        int order;

        if (!is_earlier(r, other, c))
            continue;
        pair = wcp_edge_pair(&stories->pairs, c, i);
        if (pair.relation == WCP_PAIR_APART)
            continue;
        overlap = wcp_overlap_of(&pair, c);
        order = wcp_overlap_compare(&overlap, &best);
        if (order < 0 ||
            (order == 0 && to != NONE &&
             wcp_store_compare_by(stories->store, j->order, j->leaders[other],
                                  j->leaders[to]) > 0) ||
            !j->may_join(j->ctx, &pair, c))
            continue;
        to = other;
        best = overlap;
        j->by[c] = (uint32_t)wcp_edge_place(&stories->pairs, c, i);
    }
    j->moved_to[c] = to;
    if (to == NONE)
        r->stayed[c] = 1;
    else
        r->ranks[c] = NONE;
}

/* Let all join that are ready; the others wait. */
static void
join_ready(struct rounds *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->num; i++) {
        const uint32_t c = wcp_document_class(r->stories->store, r->list[i]);

        if (is_ready(r, c))
            join_best(r, c);
        else
            r->list[kept++] = r->list[i];
    }
    r->num = kept;
}

enum wcp_code
wcp_join_leaders(struct wcp_joining *joining, struct wcp_fault *fault)
{
    struct wcp_stories *stories = joining->stories;
    const struct wcp_memory *mem = stories->store->mem;
    const size_t n = stories->store->num_classes;
    const int most =
        stories->store->sample_file != NULL ? MOST_ROUNDS_OUT : MOST_ROUNDS;
    struct rounds r = { .joining = joining, .stories = stories };
    enum wcp_code code = list_leaders(&r) ? WCP_CODE_OK : wcp_no_memory(fault);

    for (int round = 1; code == WCP_CODE_OK && r.num > 0; round++) {
        r.wants_all = round > most;
        join_ready(&r);
        if (r.num > 0)
            code = wcp_stories_settle(stories, fault);
    }
    wcp_free_array(mem, r.stayed, n, 1);
    wcp_free_array(mem, r.ranks, n, sizeof *r.ranks);
    wcp_free_array(mem, r.list, n, sizeof *r.list);
    return code;
}
