/*
 * wirecopy_outline.c - the public API: what is alike in a corpus of which only
 * an outline is in memory
 *
 * Whole texts are compared by portions, as all is in wirecopy_portions.c; what
 * is found is kept by the numbers of the whole, to be widened there.
 */
#include "wirecopy_internal.h"

#include "store/portion.h"

/* Members while they are found and arranged, lists of documents in order; and
 * the state of a class and of its set. */
enum { GROUP_DOCUMENT = 200, GROUP_CLASS = 64 };
/* An original in the buckets of all bands, which grow. */
enum { ORIGINAL_BAND = 160, ORIGINAL = 32 };
/* The lists of a class; pairs are counted as they come. */
enum { PAIR_DOCUMENT = 16, PAIR_CLASS = 128, PAIR_BAND = 20 };

struct gathering {
    struct wcp_corpus *corpus;
    struct wcp_groups *groups; /* or */
    struct wcp_class_pairs *pairs;
    enum wcp_order order;
    bool for_dropping;
};

/* ---- groups ---- */

static bool
take_groups(const struct gathering *gathering, const struct wcp_store *portion,
            const struct wcp_groups *found)
{
    struct wcp_groups *to = gathering->groups;
    const size_t num = found->members.num;

    if (!wcp_array_reserve(to->mem, &to->members, to->members.num + num))
        return false;
    for (size_t i = 0; i < num; i++) {
        struct wcp_member member = found->members.at[i];

        member.document = portion->numbers[member.document];
        member.original = portion->numbers[member.original];
        to->members.at[to->members.num++] = member;
    }
    to->num_verified += found->num_verified;
    return true;
}

static enum wcp_code
group_portion(void *ctx, struct wcp_store *portion,
              const struct wcp_components *components, struct wcp_fault *fault)
{
    const struct gathering *gathering = ctx;
    struct wcp_corpus *corpus = gathering->corpus;
    struct wcp_store *whole = corpus->store;
    const struct wcp_components all = corpus->components;
    struct wcp_groups found = { 0 };
    enum wcp_code code = WCP_CODE_OK;

    corpus->store = portion;
    corpus->components = *components;
    if (!gathering->for_dropping)
        code = wcp_corpus_mark_own(corpus, fault);
    corpus->store = whole;
    corpus->components = all;
    if (code == WCP_CODE_OK)
        code = wcp_groups_find(&found, portion, &corpus->plan, components,
                               gathering->order, fault);
    if (code == WCP_CODE_OK && !take_groups(gathering, portion, &found))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        wcp_outline_take_own(whole, portion);
    wcp_groups_release(&found);
    return code;
}

enum wcp_code
wcp_corpus_groups_out(struct wcp_corpus *corpus, struct wcp_groups *groups,
                      enum wcp_order order, bool for_dropping,
                      struct wcp_fault *fault)
{
    struct gathering gathering = { .corpus = corpus,
                                   .groups = groups,
                                   .order = order,
                                   .for_dropping = for_dropping };
    const struct wcp_portion_costs costs = {
        .by_document = GROUP_DOCUMENT,
        .by_class = GROUP_CLASS,
        .by_thread_class = ORIGINAL + corpus->plan.num_bands * ORIGINAL_BAND,
    };
    enum wcp_code code;

    *groups = (struct wcp_groups){ .mem = &corpus->mem };
    code = wcp_portions_each(corpus->store, &corpus->components, &costs,
                             group_portion, &gathering, fault);
    if (code == WCP_CODE_OK &&
        !wcp_groups_put_in_order(groups, corpus->store, order))
        code = wcp_no_memory(fault);
    if (code != WCP_CODE_OK)
        wcp_groups_release(groups);
    return code;
}

/* ---- pairs ---- */

static enum wcp_code
pair_portion(void *ctx, struct wcp_store *portion,
             const struct wcp_components *components, struct wcp_fault *fault)
{
    const struct gathering *gathering = ctx;
    const struct wcp_store *whole = gathering->corpus->store;
    struct wcp_class_pairs found = { 0 }, *to = gathering->pairs;
    enum wcp_code code = wcp_class_pairs_find(
        &found, portion, &gathering->corpus->plan, components, fault);

    if (code == WCP_CODE_OK &&
        !wcp_array_reserve(to->mem, &to->list, to->list.num + found.list.num))
        code = wcp_no_memory(fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < found.list.num; i++) {
        struct wcp_class_pair pair = found.list.at[i];

        pair.a = wcp_document_class(
            whole, portion->numbers[wcp_class_document(portion, pair.a)]);
        pair.b = wcp_document_class(
            whole, portion->numbers[wcp_class_document(portion, pair.b)]);
        to->list.at[to->list.num++] = pair;
    }
    if (code == WCP_CODE_OK)
        to->num_candidates += found.num_candidates;
    wcp_class_pairs_release(&found);
    return code;
}

enum wcp_code
wcp_corpus_class_pairs_out(struct wcp_corpus *corpus,
                           struct wcp_class_pairs *pairs,
                           struct wcp_fault *fault)
{
    struct gathering gathering = { .corpus = corpus, .pairs = pairs };
    const struct wcp_portion_costs costs = {
        .by_document = PAIR_DOCUMENT,
        .by_class = PAIR_CLASS + corpus->plan.num_bands * PAIR_BAND,
        .by_thread_class = 16,
    };
    enum wcp_code code;

    *pairs = (struct wcp_class_pairs){ .mem = &corpus->mem };
    code = wcp_portions_each(corpus->store, &corpus->components, &costs,
                             pair_portion, &gathering, fault);
    if (code == WCP_CODE_OK)
        wcp_class_pairs_sort(pairs->list.at, pairs->list.num);
    else
        wcp_class_pairs_release(pairs);
    return code;
}
