/*
 * overlaps.c - exact overlaps of pairs that something else has chosen
 *
 * Most pairs are a short text and a longer one in which it might stand, and
 * many do not.  They are compared in the order of the longer texts, each of
 * which is read once and let go after its last pair; the shorter ones and
 * their tables are kept.
 */
#include "match/match.h"

#include "store/portion.h"

#include <string.h>

enum { RUN = 64 }; /* pairs that a thread takes at a time */
/* Parts of one text for which a table of it pays. */
enum { MANY = 2 };
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
    size_t *order; /* [num]: pairs by their longer text */
    uint64_t num_verified;
};

static bool
is_enough(const struct overlaps_run *run, const struct wcp_overlap *overlap)
{
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;

    return less > 0 && (double)overlap->common / less >= run->threshold;
}

/* The rank of the longer text of a pair; the other's in *part_ret. */
static uint32_t
whole_of(const struct overlaps_run *run, const struct wcp_class_pair *pair,
         uint32_t *part_ret)
{
    const bool a_longer = wcp_class_units(run->store, pair->a) >
                          wcp_class_units(run->store, pair->b);

    *part_ret = run->ranks[a_longer ? pair->b : pair->a];
    return run->ranks[a_longer ? pair->a : pair->b];
}

static enum wcp_code
fill_pairs(struct overlaps_run *run, struct wcp_verifier *verifier,
           size_t begin, size_t end, struct wcp_fault *fault)
{
    uint32_t before = UINT32_MAX, part, other;

    for (size_t i = begin; i < end; i++) {
        struct wcp_class_pair *pair = &run->pairs[run->order[i]];
        const uint32_t whole = whole_of(run, pair, &part);
        enum wcp_code code = WCP_CODE_OK;

        if (before != whole && before != UINT32_MAX)
            wcp_verifier_drop(verifier, before);
        if (before != whole && i + MANY - 1 < end &&
            whole_of(run, &run->pairs[run->order[i + MANY - 1]], &other) ==
                whole)
            code = wcp_verifier_index(verifier, whole, fault);
        before = whole;
        if (code == WCP_CODE_OK)
            code = wcp_verifier_included(verifier, part, whole, run->threshold,
                                         &pair->overlap, fault);
        if (code != WCP_CODE_OK)
            return code;
        if (run->ranks[pair->a] != part) {
            const uint32_t size = pair->overlap.size_a;

            pair->overlap.size_a = pair->overlap.size_b;
            pair->overlap.size_b = size;
        }
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

static bool
sort_by_whole(struct overlaps_run *run)
{
    const struct wcp_memory *mem = run->store->mem;
    const size_t n = (size_t)run->num_listed + 1;
    size_t *begins = wcp_new_zeroed(mem, n, sizeof *begins);
    uint32_t part;

    run->order = wcp_new_array(mem, run->num, sizeof *run->order);
    if (begins != NULL && run->order != NULL) {
        for (size_t i = 0; i < run->num; i++)
            begins[whole_of(run, &run->pairs[i], &part) + 1]++;
        for (size_t i = 1; i < n; i++)
            begins[i] += begins[i - 1];
        for (size_t i = 0; i < run->num; i++)
            run->order[begins[whole_of(run, &run->pairs[i], &part)]++] = i;
    }
    wcp_free_array(mem, begins, n, sizeof *begins);
    return begins != NULL && run->order != NULL;
}

/* Those of a run that are left, in front; how many. */
static size_t
drop_others(const struct overlaps_run *run)
{
    size_t kept = 0;

    for (size_t i = 0; i < run->num; i++)
        if (is_enough(run, &run->pairs[i].overlap))
            run->pairs[kept++] = run->pairs[i];
    return kept;
}

/* Fill in the overlaps of pairs whose texts can be had. */
static enum wcp_code
fill_some(struct overlaps_run *run, struct wcp_fault *fault)
{
    struct wcp_store *store = run->store;
    const size_t n = store->num_classes;
    enum wcp_code code = WCP_CODE_OK;

    run->num_listed = 0;
    run->ranks = wcp_new_zeroed(store->mem, n, sizeof *run->ranks);
    if (run->ranks == NULL || !list_classes(run) || !sort_by_whole(run))
        code = wcp_no_memory(fault);
    if (store->outline != NULL) /* there may be less left than there was */
        wcp_store_limit_kept(store);
    if (code == WCP_CODE_OK)
        wcp_store_keep_texts(store, run->classes, run->num_listed);
    if (code == WCP_CODE_OK)
        code = wcp_run_team(
            wcp_threads_for(store->opts.num_threads, run->num, RUN),
            &store->opts.watch, run->num, overlaps_main, run, fault);
    wcp_free_array(store->mem, run->order, run->num, sizeof *run->order);
    wcp_free_array(store->mem, run->ranks, n, sizeof *run->ranks);
    wcp_free_array(store->mem, run->classes, run->num_listed,
                   sizeof *run->classes);
    run->order = NULL;
    run->ranks = run->classes = NULL;
    return code;
}

/* Have the texts of all pairs at hand at once, for streams are read again. */
static enum wcp_code
spool_pairs(struct wcp_store *store, const struct wcp_class_pair *pairs,
            size_t num, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    uint32_t *classes = wcp_new_array(mem, 2 * num, sizeof *classes);
    enum wcp_code code;

    if (classes == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num; i++) {
        classes[2 * i] = pairs[i].a;
        classes[2 * i + 1] = pairs[i].b;
    }
    code = wcp_store_spool_classes(store, classes, 2 * num, fault);
    wcp_free_array(mem, classes, 2 * num, sizeof *classes);
    return code;
}

/* So many are compared at once, or what memory allows. */
static size_t
pairs_at_once(const struct wcp_store *store)
{
    enum { LEAST = 1 << 12, MOST = 1 << 18 };
    /* Of a pair: itself, its place, and of each of two classes what is listed
     * and what each thread knows of it. */
    const size_t bytes =
        sizeof(struct wcp_class_pair) + sizeof(size_t) +
        2 * (2 * sizeof(uint32_t) + sizeof(size_t) +
             store->opts.num_threads * (size_t)WCP_VERIFIER_CLASS);
    uint64_t num = wcp_quota_left(store->opts.memory) / 4 / bytes;

    num = num < MOST ? num : MOST;
    return num > LEAST ? (size_t)num : LEAST;
}

enum wcp_code
wcp_overlaps_fill(struct wcp_store *store, struct wcp_class_pair *pairs,
                  size_t *num, double threshold, uint64_t *verified,
                  struct wcp_fault *fault)
{
    const size_t step = pairs_at_once(store);
    struct overlaps_run run = { .store = store, .threshold = threshold };
    size_t kept = 0;
    enum wcp_code code;

    if (*num == 0)
        return WCP_CODE_OK;
    code = spool_pairs(store, pairs, *num, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < *num; i += run.num) {
        run.pairs = pairs + i;
        run.num = *num - i < step ? *num - i : step;
        code = fill_some(&run, fault);
        if (code == WCP_CODE_OK) {
            const size_t num_left = drop_others(&run);

            memmove(pairs + kept, run.pairs, num_left * sizeof *pairs);
            kept += num_left;
        }
    }
    if (code != WCP_CODE_OK)
        return code;
    *num = kept;
    *verified += run.num_verified;
    return WCP_CODE_OK;
}
