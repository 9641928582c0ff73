/*
 * overlaps.c - exact overlaps of pairs that something else has chosen
 *
 * Threads take runs of pairs in order, so that the sets of one run are made
 * once.
 */
#include "match/match.h"

enum { RUN = 64 }; /* pairs that a thread takes at a time */
/* Sets that a thread keeps. */
#define KEEP_BYTES ((size_t)24 << 20)

struct overlaps_run {
    struct wcp_store *store;
    struct wcp_class_pair *pairs;
    size_t num;
    double threshold;
    uint32_t *classes; /* [num_listed], ascending */
    uint32_t *ranks;   /* [num_classes] of those listed */
    uint32_t num_listed;
    uint64_t num_verified;
};

static bool
is_enough(const struct overlaps_run *run, const struct wcp_overlap *overlap)
{
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;

    return less > 0 && (double)overlap->common / less >= run->threshold;
}

static enum wcp_code
fill_pairs(struct overlaps_run *run, struct wcp_verifier *verifier,
           size_t begin, size_t end, struct wcp_fault *fault)
{
    for (size_t i = begin; i < end; i++) {
        struct wcp_class_pair *pair = &run->pairs[i];
        enum wcp_code code;

        pair->overlap = (struct wcp_overlap){ 0 };
        code =
            wcp_verifier_overlap(verifier, run->ranks[pair->a],
                                 run->ranks[pair->b], 0, &pair->overlap, fault);
        if (code != WCP_CODE_OK)
            return code;
    }
    return WCP_CODE_OK;
}

static enum wcp_code
overlaps_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    struct overlaps_run *run = wcp_team_ctx(team);
    struct wcp_verifier *verifier = NULL;
    enum wcp_code code =
        wcp_verifier_new(run->store, KEEP_BYTES, &verifier, fault);

    if (code == WCP_CODE_OK)
        code =
            wcp_verifier_begin(verifier, run->classes, run->num_listed, fault);
    while (code == WCP_CODE_OK) {
        const size_t begin = wcp_team_next(team) * RUN;
        const size_t end = run->num - begin < RUN ? run->num : begin + RUN;

        if (begin >= run->num)
            break;
        code = wcp_team_check(team, number, fault);
        if (code == WCP_CODE_OK)
            code = fill_pairs(run, verifier, begin, end, fault);
        wcp_team_did(team, end - begin);
    }
    if (verifier != NULL) {
        wcp_team_lock(team);
        run->num_verified += wcp_verifier_count(verifier);
        wcp_team_unlock(team);
    }
    wcp_verifier_free(verifier);
    return code;
}

/* List the classes of the pairs; ranks is zeroed. */
static bool
list_classes(struct overlaps_run *run)
{
    const struct wcp_store *store = run->store;

    for (size_t i = 0; i < run->num; i++)
        run->ranks[run->pairs[i].a] = run->ranks[run->pairs[i].b] = 1;
    for (uint32_t c = 0; c < store->num_classes; c++)
        run->num_listed += run->ranks[c];
    run->classes =
        wcp_new_array(store->mem, run->num_listed, sizeof *run->classes);
    if (run->classes == NULL)
        return false;
    run->num_listed = 0;
    for (uint32_t c = 0; c < store->num_classes; c++)
        if (run->ranks[c] > 0) {
            run->ranks[c] = run->num_listed;
            run->classes[run->num_listed++] = c;
        }
    return true;
}

enum wcp_code
wcp_overlaps_fill(struct wcp_store *store, struct wcp_class_pair *pairs,
                  size_t *num, double threshold, uint64_t *verified,
                  struct wcp_fault *fault)
{
    const size_t n = store->num_classes;
    struct overlaps_run run = {
        .store = store, .pairs = pairs, .num = *num, .threshold = threshold
    };
    enum wcp_code code = WCP_CODE_OK;
    size_t kept = 0;

    if (*num == 0)
        return WCP_CODE_OK;
    run.ranks = wcp_new_zeroed(store->mem, n, sizeof *run.ranks);
    if (run.ranks == NULL || !list_classes(&run))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code =
            wcp_store_spool_classes(store, run.classes, run.num_listed, fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_keep_texts(store, run.classes, run.num_listed, fault);
    if (code == WCP_CODE_OK)
        code = wcp_run_team(store->opts.num_threads, &store->opts.watch, *num,
                            overlaps_main, &run, fault);
    wcp_free_array(store->mem, run.ranks, n, sizeof *run.ranks);
    wcp_free_array(store->mem, run.classes, run.num_listed,
                   sizeof *run.classes);
    if (code != WCP_CODE_OK)
        return code;
    for (size_t i = 0; i < *num; i++)
        if (is_enough(&run, &pairs[i].overlap))
            pairs[kept++] = pairs[i];
    *num = kept;
    *verified += run.num_verified;
    return WCP_CODE_OK;
}
