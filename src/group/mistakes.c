/*
 * mistakes.c - the pairs on which gold and groups differ, worst first
 *
 * A false pair is the worse the less alike its documents are, a missed one the
 * worse the more alike.  There can be thousands of millions of them (two
 * clusters of 10^5 found as one), far more than can be compared exactly.  So
 * they are walked twice: first to count them by how alike their signatures
 * are, which gives a line that leaves some thousands on its far side; then to
 * collect those.  Only they are compared exactly, sorted, and cut to what was
 * asked for.  Where there are no more than some thousands, all are.
 */
#include "group/score.h"

#include <stdlib.h>
#include <string.h>

enum {
    NUM_LEVELS = WCP_NUM_BINS + 1, /* of likeness */
    SPARE = 16384                  /* compared beyond what is asked for */
};
/* Pairs of either kind that are walked, some 0.2 us each, twice. */
#define MAX_WALKED (UINT64_C(1) << 24)
/* Shingle sets that are kept. */
#define KEEP_BYTES ((size_t)256 << 20)

struct search {
    struct wcp_mistakes *mistakes;
    struct wcp_store *store;
    const struct wcp_gold *gold;
    const uint32_t *found;
    uint64_t *keys, *scratch, *sub; /* [num_documents] each */
    bool missed;                    /* what is looked for */
    bool collecting;                /* the second walk */
    uint64_t num_walked;
    uint64_t levels[NUM_LEVELS]; /* how many mistakes are that alike */
    unsigned limit_level;        /* all beyond it are collected */
    uint64_t num_at_limit;       /* and of it as many */
    WCP_ARRAY(uint32_t) classes; /* ascending, each once */
    struct wcp_fault *fault;
};

/* From 0, nothing in common, to 128. */
static unsigned
likeness(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    uint32_t class_a = store->entries[a].class_number;
    uint32_t class_b = store->entries[b].class_number;

    if (class_a == WCP_NO_CLASS || class_b == WCP_NO_CLASS)
        return 0;
    if (store->simhashes != NULL) {
        uint64_t differ = store->simhashes[class_a] ^ store->simhashes[class_b];
        unsigned num = 0;

        for (; differ != 0; differ &= differ - 1)
            num++;
        return NUM_LEVELS - 1 - 2 * num;
    }
    return wcp_count_equal(store->values + (size_t)class_a * WCP_NUM_BINS,
                           store->values + (size_t)class_b * WCP_NUM_BINS);
}

/* The worse the higher: an even footing for both kinds. */
static unsigned
badness(const struct search *search, uint32_t a, uint32_t b)
{
    unsigned level = likeness(search->store, a, b);

    return search->missed ? level : NUM_LEVELS - 1 - level;
}

/* Count or collect one mistake.  False to stop walking. */
static bool
visit(struct search *search, uint32_t a, uint32_t b)
{
    struct wcp_mistakes *mistakes = search->mistakes;
    const struct wcp_store *store = search->store;
    unsigned level;
    bool swap;

    if (search->num_walked++ >= MAX_WALKED) {
        mistakes->incomplete = true;
        return false;
    }
    level = badness(search, a, b);
    if (!search->collecting) {
        search->levels[level]++;
        return true;
    }
    if (level < search->limit_level ||
        (level == search->limit_level && search->num_at_limit == 0))
        return true;
    search->num_at_limit -= level == search->limit_level;
    if (!wcp_array_grow(mistakes->mem, &mistakes->list)) {
        wcp_no_memory(search->fault);
        return false;
    }
    swap = wcp_store_compare(store, a, b) > 0;
    mistakes->list.at[mistakes->list.num++] = (struct wcp_mistake){
        .a = swap ? b : a,
        .b = swap ? a : b,
        .missed = search->missed,
        .empty = store->entries[a].class_number == WCP_NO_CLASS ||
                 store->entries[b].class_number == WCP_NO_CLASS,
        .store = store,
    };
    return true;
}

/* ---- walking ---- */

/* The pairs of one group of one partition that the other keeps apart: members
 * are sorted by their label there. */
static bool
walk_group(struct search *search, const uint64_t *members, size_t num,
           const uint32_t *other)
{
    uint64_t *sub = search->sub;

    for (size_t i = 0; i < num; i++) {
        uint32_t doc = (uint32_t)members[i];

        sub[i] = (uint64_t)other[doc] << 32 | doc;
    }
    wcp_sort_u64(sub, search->scratch, num);
    for (size_t begin = 0, end; begin < num; begin = end) {
        for (end = begin + 1; end < num && sub[end] >> 32 == sub[begin] >> 32;)
            end++;
        for (size_t i = begin; i < end; i++)
            for (size_t k = end; k < num; k++)
                if (!visit(search, (uint32_t)sub[i], (uint32_t)sub[k]))
                    return false;
    }
    return true;
}

static void
walk_partition(struct search *search, const uint32_t *groups,
               const uint32_t *other)
{
    uint64_t *keys = search->keys;
    size_t num = search->store->num_documents, end;

    for (uint32_t doc = 0; doc < num; doc++)
        keys[doc] = (uint64_t)groups[doc] << 32 | doc;
    wcp_sort_u64(keys, search->scratch, num);
    for (size_t begin = 0; begin < num; begin = end) {
        for (end = begin + 1;
             end < num && keys[end] >> 32 == keys[begin] >> 32;)
            end++;
        if (end - begin > 1 &&
            !walk_group(search, keys + begin, end - begin, other))
            return;
    }
}

static void
walk(struct search *search)
{
    const struct wcp_gold *gold = search->gold;
    const uint32_t *found = search->found;

    search->num_walked = 0;
    if (gold->form != WCP_GOLD_PAIRS) {
        walk_partition(search, search->missed ? gold->labels : found,
                       search->missed ? found : gold->labels);
        return;
    }
    for (size_t i = 0; i < gold->pairs.num; i++) {
        const struct wcp_gold_pair *pair = &gold->pairs.at[i];

        if (pair->same == search->missed &&
            (found[pair->a] == found[pair->b]) != pair->same &&
            !visit(search, pair->a, pair->b))
            return;
    }
}

/* Two walks for one kind of mistake. */
static enum wcp_code
collect(struct search *search, bool missed, uint64_t wanted)
{
    uint64_t num = 0;
    unsigned level = NUM_LEVELS;

    search->missed = missed;
    search->collecting = false;
    memset(search->levels, 0, sizeof search->levels);
    walk(search);
    while (level > 0 && num + search->levels[level - 1] <= wanted)
        num += search->levels[--level];
    search->limit_level = level > 0 ? level - 1 : 0;
    search->num_at_limit = level > 0 ? wanted - num : search->levels[0];
    search->collecting = true;
    search->fault->code = WCP_CODE_OK;
    walk(search);
    return search->fault->code;
}

/* ---- comparing ---- */

static int
compare_numbers(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

    return (a > b) - (a < b);
}

static enum wcp_code
list_classes(struct search *search)
{
    const struct wcp_mistakes *mistakes = search->mistakes;
    const struct wcp_entry *entries = search->store->entries;
    size_t num = 0, unique = 0;
    uint32_t *at;

    if (!wcp_array_reserve(mistakes->mem, &search->classes,
                           2 * mistakes->list.num))
        return wcp_no_memory(search->fault);
    at = search->classes.at;
    for (size_t i = 0; i < mistakes->list.num; i++) {
        if (mistakes->list.at[i].empty)
            continue;
        at[num++] = entries[mistakes->list.at[i].a].class_number;
        at[num++] = entries[mistakes->list.at[i].b].class_number;
    }
    if (num > 0)
        qsort(at, num, sizeof *at, compare_numbers);
    for (size_t i = 0; i < num; i++)
        if (i == 0 || at[i] != at[i - 1])
            at[unique++] = at[i];
    search->classes.num = unique;
    return WCP_CODE_OK;
}

static uint32_t
rank_of(const struct search *search, uint32_t doc)
{
    const uint32_t *place =
        bsearch(&search->store->entries[doc].class_number, search->classes.at,
                search->classes.num, sizeof *place, compare_numbers);

    return (uint32_t)(place - search->classes.at);
}

static int
compare_places(const void *x, const void *y)
{
    const struct wcp_mistake *p = x, *q = y;

    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

static int
compare_badness(const void *x, const void *y)
{
    const struct wcp_mistake *p = x, *q = y;
    int order;

    if (p->missed != q->missed)
        return p->missed ? 1 : -1;
    if (p->empty != q->empty)
        return p->empty ? 1 : -1;
    order = p->empty ? 0 : wcp_overlap_compare(&p->overlap, &q->overlap);
    if (order != 0)
        return p->missed ? -order : order;
    order = wcp_store_compare(p->store, p->a, q->a);
    return order != 0 ? order : wcp_store_compare(p->store, p->b, q->b);
}

static enum wcp_code
compare_all(struct search *search)
{
    struct wcp_mistakes *mistakes = search->mistakes;
    struct wcp_verifier *verifier = NULL;
    enum wcp_code code = list_classes(search);

    if (code == WCP_CODE_OK)
        code = wcp_store_spool_classes(search->store, search->classes.at,
                                       search->classes.num, search->fault);
    if (code == WCP_CODE_OK)
        code = wcp_verifier_new(search->store, KEEP_BYTES, &verifier,
                                search->fault);
    if (code == WCP_CODE_OK)
        code = wcp_verifier_begin(verifier, search->classes.at,
                                  (uint32_t)search->classes.num, search->fault);
    /* In order of places, so that a set is used again soon. */
    if (code == WCP_CODE_OK && mistakes->list.num > 0)
        qsort(mistakes->list.at, mistakes->list.num, sizeof *mistakes->list.at,
              compare_places);
    for (size_t i = 0; code == WCP_CODE_OK && i < mistakes->list.num; i++) {
        struct wcp_mistake *mistake = &mistakes->list.at[i];

        if (!mistake->empty)
            code = wcp_verifier_overlap(verifier, rank_of(search, mistake->a),
                                        rank_of(search, mistake->b), 0,
                                        &mistake->overlap, search->fault);
    }
    wcp_verifier_free(verifier);
    return code;
}

/* Sort, and keep 'limit' of each kind. */
static void
cut(struct wcp_mistakes *mistakes, size_t limit)
{
    struct wcp_mistake *at = mistakes->list.at;
    size_t kept[2] = { 0, 0 }, num = 0;

    if (mistakes->list.num > 0)
        qsort(at, mistakes->list.num, sizeof *at, compare_badness);
    for (size_t i = 0; i < mistakes->list.num; i++)
        if (kept[at[i].missed]++ < limit)
            at[num++] = at[i];
    mistakes->list.num = num;
}

enum wcp_code
wcp_mistakes_find(struct wcp_mistakes *mistakes, struct wcp_store *store,
                  const struct wcp_gold *gold, const uint32_t *found,
                  size_t limit, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    size_t num = store->num_documents;
    uint64_t wanted = (uint64_t)limit + SPARE;
    struct wcp_fault own_fault;
    struct search search = { .mistakes = mistakes,
                             .store = store,
                             .gold = gold,
                             .found = found,
                             .fault = fault != NULL ? fault : &own_fault };
    enum wcp_code code = WCP_CODE_OK;

    *mistakes = (struct wcp_mistakes){ .mem = mem };
    search.keys = wcp_new_array(mem, num, sizeof *search.keys);
    search.scratch = wcp_new_array(mem, num, sizeof *search.scratch);
    search.sub = wcp_new_array(mem, num, sizeof *search.sub);
    if (search.keys == NULL || search.scratch == NULL || search.sub == NULL)
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = collect(&search, false, wanted);
    if (code == WCP_CODE_OK)
        code = collect(&search, true, wanted);
    if (code == WCP_CODE_OK)
        code = compare_all(&search);
    if (code == WCP_CODE_OK)
        cut(mistakes, limit);
    else
        wcp_mistakes_release(mistakes);
    wcp_array_release(mem, &search.classes);
    wcp_free_array(mem, search.keys, num, sizeof *search.keys);
    wcp_free_array(mem, search.scratch, num, sizeof *search.scratch);
    wcp_free_array(mem, search.sub, num, sizeof *search.sub);
    return code;
}

void
wcp_mistakes_release(struct wcp_mistakes *mistakes)
{
    if (mistakes->mem == NULL)
        return;
    wcp_array_release(mistakes->mem, &mistakes->list);
    *mistakes = (struct wcp_mistakes){ 0 };
}
