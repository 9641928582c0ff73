/*
 * pages.c - which texts are pages by what they hold besides one story
 *
 * Where no other document of the corpus lies in a text that holds a story, the
 * text itself may tell (rest.c).
 */
#include "group/judge.h"

#include "group/rest.h"

enum { RUN = 16 }; /* pairs that a thread takes at a time */

struct reading {
    struct wcp_store *store;
    struct wcp_class_pair *pairs;
    double threshold;
    WCP_ARRAY(size_t) suspects; /* places in pairs */
};

/* The class that may be a page for the other one of a pair. */
static uint32_t
page_of(const struct wcp_class_pair *pair)
{
    return pair->overlap.size_a > pair->overlap.size_b ? pair->a : pair->b;
}

/* Whether one may be a page for all that shares and lengths say. */
static bool
is_suspect(const struct reading *r, const struct wcp_class_pair *pair)
{
    const bool is_a = page_of(pair) == pair->a;
    const uint32_t less = is_a ? pair->overlap.size_b : pair->overlap.size_a;
    const uint32_t more = is_a ? pair->overlap.size_a : pair->overlap.size_b;
    const uint32_t a = wcp_class_units(r->store, pair->a);
    const uint32_t b = wcp_class_units(r->store, pair->b);
    const uint32_t page = is_a ? a : b, story = is_a ? b : a;

    return pair->relation == 0 &&
           wcp_overlap_share(pair->overlap.common, less) >= r->threshold &&
           wcp_overlap_share(pair->overlap.common, more) < r->threshold &&
           story >= WCP_MIN_STORY_UNITS && page <= WCP_REST_MAX_UNITS &&
           page >= story + WCP_MIN_REST_UNITS;
}

static enum wcp_code
read_pair(const struct reading *r, struct wcp_store_worker *workers[2],
          struct wcp_class_pair *pair, struct wcp_fault *fault)
{
    const uint32_t page = page_of(pair);
    const uint32_t story = page == pair->a ? pair->b : pair->a;
    struct wcp_relation_evidence evidence = { .threshold = r->threshold,
                                              .overlap = pair->overlap };
    const struct wcp_folded *folded, *part;
    struct wcp_string text, its;
    enum wcp_code code =
        wcp_store_fetch_folded(workers[0], wcp_class_document(r->store, page),
                               true, &text, &folded, fault);

    if (page != pair->a) { /* a: the copy */
        evidence.overlap.size_a = pair->overlap.size_b;
        evidence.overlap.size_b = pair->overlap.size_a;
    }
    if (code == WCP_CODE_OK)
        code = wcp_store_fetch_folded(workers[1],
                                      wcp_class_document(r->store, story),
                                      false, &its, &part, fault);
    if (code == WCP_CODE_OK)
        code = wcp_rest_find(&evidence.rest, r->store->mem, part, text, folded,
                             fault);
    if (code == WCP_CODE_OK && wcp_relation(&evidence) == WCP_REL_EMBEDDED)
        pair->relation = WCP_REL_EMBEDDED;
    return code;
}

static enum wcp_code
pages_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct reading *r = wcp_team_ctx(team);
    struct wcp_store_worker *workers[2] = { NULL, NULL };
    enum wcp_code code = wcp_store_worker_new(r->store, &workers[0], fault);

    if (code == WCP_CODE_OK)
        code = wcp_store_worker_new(r->store, &workers[1], fault);
    while (code == WCP_CODE_OK) {
        const size_t begin = wcp_team_next(team) * RUN;

        if (begin >= r->suspects.num)
            break;
        for (size_t i = begin;
             code == WCP_CODE_OK && i < begin + RUN && i < r->suspects.num;
             i++) {
            code = wcp_team_check(team, number, fault);
            if (code == WCP_CODE_OK)
                code =
                    read_pair(r, workers, &r->pairs[r->suspects.at[i]], fault);
            wcp_team_did(team, 1);
        }
    }
    wcp_store_worker_free(workers[0]);
    wcp_store_worker_free(workers[1]);
    return code;
}

enum wcp_code
wcp_judge_pages(struct wcp_store *store, struct wcp_class_pair *pairs,
                const size_t *places, size_t num, double threshold,
                struct wcp_fault *fault)
{
    struct reading r = { .store = store,
                         .pairs = pairs,
                         .threshold = threshold };
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; code == WCP_CODE_OK && i < num; i++) {
        const size_t place = places != NULL ? places[i] : i;

        if (!is_suspect(&r, &pairs[place]))
            continue;
        if (wcp_array_grow(store->mem, &r.suspects))
            r.suspects.at[r.suspects.num++] = place;
        else
            code = wcp_no_memory(fault);
    }
    if (code == WCP_CODE_OK && r.suspects.num > 0)
        code = wcp_run_team(store->opts.num_threads, &store->opts.watch,
                            r.suspects.num, pages_main, &r, fault);
    wcp_array_release(store->mem, &r.suspects);
    return code;
}
