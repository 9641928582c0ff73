/*
 * originals.c - which originals of its component a class might belong to
 *
 * In a small component the signatures of all are compared; in others those of
 * the leaders that share a bucket.  Where that has become too much, because
 * very many texts fill in the same form, the leaders are also entered under
 * their rarest shingles.  That means to read again every text, not only those
 * that have a copy, and pays when fewer signatures are compared for it.  From
 * then on each class is looked up in the way that passes fewer leaders.
 *
 * What is counted and compared here follows from the order of the documents
 * alone, so that the result does not depend on that of the files.
 */
#include "match/match.h"

#include <stdlib.h>

enum {
    MIN_COMPARED = 1 << 18, /* signatures, before forms are thought of */
    /* What it takes to read a text, in signatures compared, which lie anywhere
     * in memory: 50 ns each were seen. */
    TEXT_COST = 64,
    UNITS_COST = 16, /* so many units cost one more */
    /* Entries of rare shingles that are passed while one of a bucket is, whose
     * signature is then compared. */
    ENTRY_COST = 16,
    MAX_COUNTED = 1 << 16 /* texts whose shingles are counted */
};

struct wcp_originals {
    const struct wcp_store *store;
    const struct wcp_plan *plan;
    struct wcp_verifier *verifier;
    struct wcp_leaders *leaders;
    struct wcp_rarest *rarest; /* NULL: not needed so far */
    const uint32_t *classes;
    uint32_t num_classes;
    uint64_t num_lookups, num_units; /* of the classes looked up */
    WCP_ARRAY(uint32_t) ranks;       /* by original */
    WCP_ARRAY(uint32_t) candidates;  /* of the last look-up */
};

enum wcp_code
wcp_originals_new(const struct wcp_store *store, const struct wcp_plan *plan,
                  struct wcp_verifier *verifier,
                  struct wcp_originals **originals_ret, struct wcp_fault *fault)
{
    struct wcp_originals *originals =
        wcp_new_zeroed(store->mem, 1, sizeof *originals);
    enum wcp_code code;

    if (originals == NULL)
        return wcp_no_memory(fault);
    originals->store = store;
    originals->plan = plan;
    originals->verifier = verifier;
    code = wcp_leaders_new(store, plan, &originals->leaders, fault);
    if (code != WCP_CODE_OK) {
        wcp_originals_free(originals);
        return code;
    }
    *originals_ret = originals;
    return WCP_CODE_OK;
}

void
wcp_originals_free(struct wcp_originals *originals)
{
    const struct wcp_memory *mem;

    if (originals == NULL)
        return;
    mem = originals->store->mem;
    wcp_leaders_free(originals->leaders);
    wcp_rarest_free(originals->rarest);
    wcp_array_release(mem, &originals->ranks);
    wcp_array_release(mem, &originals->candidates);
    wcp_free_array(mem, originals, 1, sizeof *originals);
}

void
wcp_originals_begin(struct wcp_originals *originals, const uint32_t *classes,
                    uint32_t num_classes)
{
    originals->classes = classes;
    originals->num_classes = num_classes;
    originals->num_lookups = originals->num_units = 0;
    originals->ranks.num = 0;
    wcp_leaders_clear(originals->leaders);
    wcp_rarest_free(originals->rarest);
    originals->rarest = NULL;
}

uint32_t
wcp_originals_num(const struct wcp_originals *originals)
{
    return (uint32_t)originals->ranks.num;
}

uint32_t
wcp_originals_rank(const struct wcp_originals *originals, uint32_t original)
{
    return originals->ranks.at[original];
}

static bool
is_small(const struct wcp_originals *originals)
{
    return originals->num_classes <= WCP_SMALL_COMPONENT;
}

/* ---- rarest shingles ---- */

static uint32_t
num_units(const struct wcp_originals *originals, uint32_t rank)
{
    return wcp_class_units(originals->store, originals->classes[rank]);
}

/* Make the text of a rank the one at hand, or only count its shingles. */
static enum wcp_code
take(struct wcp_originals *originals, uint32_t rank, bool count_only,
     struct wcp_fault *fault)
{
    const struct wcp_shingles *shingles;
    enum wcp_code code =
        wcp_verifier_shingles(originals->verifier, rank, &shingles, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (count_only)
        wcp_rarest_count(originals->rarest, shingles->list.at,
                         shingles->list.num);
    else if (!wcp_rarest_take(originals->rarest, shingles->list.at,
                              shingles->list.num))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

/* Whether it would have been cheaper to read all texts that were looked up. */
static bool
needs_rarest(const struct wcp_originals *originals)
{
    uint64_t num = wcp_leaders_count(originals->leaders);

    return originals->plan->kind != WCP_SIG_SIMHASH &&
           !originals->store->opts.estimate && num > MIN_COMPARED &&
           num / 2 > TEXT_COST * originals->num_lookups +
                         originals->num_units / UNITS_COST;
}

/* The originals so far are many and stand for what comes. */
static enum wcp_code
make_rarest(struct wcp_originals *originals, struct wcp_fault *fault)
{
    const uint64_t num = originals->ranks.num;
    const uint64_t num_counted = num < MAX_COUNTED ? num : MAX_COUNTED;
    enum wcp_code code = wcp_rarest_new(
        originals->store->mem, originals->plan->threshold,
        originals->num_units / originals->num_lookups * originals->num_classes,
        &originals->rarest, fault);

    wcp_leaders_split_no_more(originals->leaders);
    for (uint64_t i = 0; code == WCP_CODE_OK && i < num_counted; i++)
        code = take(originals, originals->ranks.at[i * num / num_counted], true,
                    fault);
    for (uint64_t i = 0; code == WCP_CODE_OK && i < num; i++) {
        code = take(originals, originals->ranks.at[i], false, fault);
        if (code == WCP_CODE_OK && !wcp_rarest_add(originals->rarest))
            code = wcp_no_memory(fault);
    }
    return code;
}

/* ---- look-up ---- */

enum wcp_code
wcp_originals_add(struct wcp_originals *originals, uint32_t rank,
                  struct wcp_fault *fault)
{
    if (!wcp_array_grow(originals->store->mem, &originals->ranks))
        return wcp_no_memory(fault);
    originals->ranks.at[originals->ranks.num++] = rank;
    if (is_small(originals))
        return WCP_CODE_OK;
    if (!wcp_leaders_add(originals->leaders, originals->classes[rank]) ||
        (originals->rarest != NULL && !wcp_rarest_add(originals->rarest)))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

static bool
add_candidate(struct wcp_originals *originals, uint32_t rank, uint32_t i)
{
    if (!wcp_signatures_allow(originals->store, originals->plan,
                              originals->classes[rank],
                              originals->classes[originals->ranks.at[i]]))
        return true;
    if (!wcp_array_grow(originals->store->mem, &originals->candidates))
        return false;
    originals->candidates.at[originals->candidates.num++] = i;
    return true;
}

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* By the rarest shingles of the text at hand. */
static bool
find_by_rarest(struct wcp_originals *originals, uint32_t rank, uint32_t from)
{
    const uint32_t *found;
    size_t num;

    if (!wcp_rarest_lookup(originals->rarest, from, &found, &num))
        return false;
    for (size_t i = 0; i < num; i++)
        if (!add_candidate(originals, rank, found[i]))
            return false;
    if (originals->candidates.num > 1)
        qsort(originals->candidates.at, originals->candidates.num,
              sizeof *originals->candidates.at, compare_numbers);
    return true;
}

static bool
find_among_all(struct wcp_originals *originals, uint32_t rank, uint32_t from)
{
    for (uint32_t i = from; i < originals->ranks.num; i++)
        if (!add_candidate(originals, rank, i))
            return false;
    return true;
}

enum wcp_code
wcp_originals_find(struct wcp_originals *originals, uint32_t rank,
                   uint32_t from, const uint32_t **found_ret, size_t *num_ret,
                   struct wcp_fault *fault)
{
    uint32_t c = originals->classes[rank];
    enum wcp_code code = WCP_CODE_OK;
    bool found;

    originals->candidates.num = 0;
    if (!is_small(originals)) {
        originals->num_lookups++;
        originals->num_units += num_units(originals, rank);
        if (originals->rarest == NULL && needs_rarest(originals))
            code = make_rarest(originals, fault);
        if (code == WCP_CODE_OK && originals->rarest != NULL)
            code = take(originals, rank, false, fault);
        if (code != WCP_CODE_OK)
            return code;
    }
    if (is_small(originals))
        found = find_among_all(originals, rank, from);
    else if (originals->rarest != NULL &&
             wcp_rarest_cost(originals->rarest) / ENTRY_COST <=
                 wcp_leaders_cost(originals->leaders, c))
        found = find_by_rarest(originals, rank, from);
    else
        return wcp_leaders_lookup(originals->leaders, c, from, found_ret,
                                  num_ret)
                   ? WCP_CODE_OK
                   : wcp_no_memory(fault);
    if (!found)
        return wcp_no_memory(fault);
    *found_ret = originals->candidates.at;
    *num_ret = originals->candidates.num;
    return WCP_CODE_OK;
}
