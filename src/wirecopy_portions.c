/*
 * wirecopy_portions.c - the public API: groups and pairs of a corpus that has
 * left memory
 *
 * Portion by portion results are found, as they are in memory, and written in
 * order; then they are merged and handed out.
 */
#include "wirecopy_internal.h"

/* Members while they are found and arranged, lists of documents in order, what
 * they credit; and the state of a class and of its set. */
enum { GROUP_DOCUMENT = 260, GROUP_CLASS = 64 };
/* An original in the buckets of all bands, which grow. */
enum { ORIGINAL_BAND = 160, ORIGINAL = 32 };
/* Pairs are counted as they come; these are the lists of a class. */
enum { PAIR_DOCUMENT = 64, PAIR_CLASS = 128, PAIR_BAND = 20 };

struct portions {
    struct wcp_corpus *corpus;
    enum wcp_order order; /* which document is the original */
    struct wcp_runs *runs;
    WCP_ARRAY(struct wcp_extras) extras; /* of the group at hand */
    /* Pairs: the document at hand and its later partners. */
    const struct wcp_store *portion;
    WCP_ARRAY(struct wcp_member) members;
    enum wcp_code code;
    struct wcp_fault *fault;
};

static struct wcp_portion_costs
group_costs(const struct wcp_corpus *corpus)
{
    return (struct wcp_portion_costs){
        .by_document = GROUP_DOCUMENT,
        .by_class = GROUP_CLASS,
        .by_thread_class = ORIGINAL + corpus->plan.num_bands * ORIGINAL_BAND,
    };
}

static void
take_times(struct wcp_corpus *corpus, double start)
{
    corpus->stats.verify_seconds = wcp_wall_seconds() - start;
    corpus->stats.verify_memory = wcp_peak_memory();
}

/* ---- groups ---- */

static enum wcp_code
write_group(struct portions *portions, const struct wcp_store *portion,
            const struct wcp_groups *groups, size_t i,
            const struct wcp_member_credit *credits, struct wcp_fault *fault)
{
    const size_t begin = groups->begins.at[i];
    struct wcp_result result = {
        .portion = portion,
        .members = groups->members.at + begin,
        .num = groups->begins.at[i + 1] - begin,
    };

    if (!wcp_array_reserve(portion->mem, &portions->extras, result.num))
        return wcp_no_memory(fault);
    for (size_t k = 0; k < result.num; k++) {
        struct wcp_group_member member = { 0 };
        struct wcp_extras *extras = &portions->extras.at[k];

        wcp_credit_give(&member, credits, begin + k);
        extras->at[0] = (struct wcp_extra){ member.credit, member.credit_len };
        extras->at[1] =
            (struct wcp_extra){ member.dateline, member.dateline_len };
    }
    result.extras = portions->extras.at;
    return wcp_runs_add(portions->runs, &result, fault);
}

static enum wcp_code
write_groups(struct portions *portions, struct wcp_store *portion,
             const struct wcp_groups *groups, struct wcp_fault *fault)
{
    struct wcp_corpus *corpus = portions->corpus;
    struct wcp_store *whole = corpus->store;
    struct wcp_member_credit *credits = NULL;
    enum wcp_code code;

    corpus->store = portion; /* whose documents the groups have */
    code = wcp_corpus_find_credits(corpus, groups->members.at,
                                   groups->members.num, NULL, &credits, fault);
    corpus->store = whole;
    for (size_t i = 0; code == WCP_CODE_OK && i < groups->begins.num; i++)
        code = write_group(portions, portion, groups, i, credits, fault);
    wcp_corpus_free_credits(corpus, credits, groups->members.num);
    return code;
}

/* Copies in order of number, each with its original. */
static enum wcp_code
write_removals(struct portions *portions, const struct wcp_store *portion,
               const struct wcp_groups *groups, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = portion->mem;
    const size_t n = portion->num_documents;
    const struct wcp_member **removed = wcp_new_zeroed(mem, n, sizeof *removed);
    enum wcp_code code = WCP_CODE_OK;

    if (removed == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < groups->members.num; i++)
        if (groups->members.at[i].document != groups->members.at[i].original)
            removed[groups->members.at[i].document] = &groups->members.at[i];
    for (size_t i = 0; code == WCP_CODE_OK && i < n; i++) {
        struct wcp_member both[2];

        if (removed[i] == NULL)
            continue;
        both[0] = *removed[i];
        both[1] = (struct wcp_member){ both[0].original, both[0].original,
                                       both[0].overlap, both[0].relation };
        code =
            wcp_runs_add(portions->runs,
                         &(struct wcp_result){ portion, both, NULL, 2 }, fault);
    }
    wcp_free_array(mem, removed, n, sizeof *removed);
    return code;
}

/* The groups of a portion, as of a corpus of its own. */
static enum wcp_code
group_portion(struct portions *portions, struct wcp_store *portion,
              const struct wcp_components *components,
              struct wcp_groups *groups, struct wcp_fault *fault)
{
    struct wcp_corpus *corpus = portions->corpus;
    struct wcp_store *whole = corpus->store;
    const struct wcp_components all = corpus->components;
    const struct wcp_stats before = corpus->stats;
    const bool for_dropping = portions->runs->order == WCP_ORDER_INPUT;
    enum wcp_code code = WCP_CODE_OK;

    corpus->store = portion;
    corpus->components = *components;
    if (!for_dropping)
        code = wcp_corpus_mark_own(corpus, fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_group(corpus, groups, portions->order, for_dropping,
                                fault);
    corpus->store = whole;
    corpus->components = all;
    corpus->stats.verified += before.verified;
    corpus->stats.groups += before.groups;
    corpus->stats.copies += before.copies;
    if (code != WCP_CODE_OK)
        corpus->stats = before;
    return code;
}

static enum wcp_code
find_in_portion(void *ctx, struct wcp_store *portion,
                const struct wcp_components *components,
                struct wcp_fault *fault)
{
    struct portions *portions = ctx;
    struct wcp_groups groups = { 0 };
    enum wcp_code code =
        group_portion(portions, portion, components, &groups, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (!wcp_runs_begin(portions->runs)) {
        code = wcp_no_memory(fault);
    } else {
        code = portions->runs->order == WCP_ORDER_INPUT
                   ? write_removals(portions, portion, &groups, fault)
                   : write_groups(portions, portion, &groups, fault);
        if (code != WCP_CODE_OK)
            wcp_runs_drop(portions->runs);
    }
    wcp_groups_release(&groups);
    return code;
}

/* Find all groups; 'runs' is initialised. */
static enum wcp_code
find_groups(struct wcp_corpus *corpus, enum wcp_order order,
            struct wcp_runs *runs, struct wcp_fault *fault)
{
    struct portions portions = { .corpus = corpus,
                                 .order = order,
                                 .runs = runs };
    const struct wcp_portion_costs costs = group_costs(corpus);
    const double start = wcp_wall_seconds();
    enum wcp_code code;

    corpus->stats.verified = corpus->stats.groups = corpus->stats.copies = 0;
    code = wcp_portions_each(corpus->store, &corpus->components, &costs,
                             find_in_portion, &portions, fault);
    wcp_array_release(&corpus->mem, &portions.extras);
    take_times(corpus, start);
    if (code == WCP_CODE_OK)
        code = wcp_runs_merge(runs, fault);
    return code;
}

enum wcp_code
wcp_corpus_find_portions(struct wcp_corpus *corpus,
                         int32_t (*on_group)(void *ctx,
                                             const struct wcp_group *group),
                         void *ctx, struct wcp_fault *fault)
{
    struct wcp_runs runs;
    uint64_t num = 1, number = 0;
    enum wcp_code code;

    wcp_runs_init(&runs, corpus->store, WCP_ORDER_DATE);
    code = find_groups(corpus, WCP_ORDER_ORIGINAL, &runs, fault);
    while (code == WCP_CODE_OK) {
        struct wcp_group_view view = { .corpus = corpus, .runs = &runs };

        code = wcp_runs_next(&runs, &num, fault);
        if (code != WCP_CODE_OK || num == 0)
            break;
        view.group =
            (struct wcp_group){ ++number, num, wcp_runs_weakest(&runs) };
        if (on_group(ctx, &view.group) != 0)
            code = wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    wcp_runs_release(&runs);
    return code;
}

enum wcp_code
wcp_corpus_removals(struct wcp_corpus *corpus, enum wcp_order order,
                    struct wcp_runs *runs, struct wcp_fault *fault)
{
    wcp_runs_init(runs, corpus->store, WCP_ORDER_INPUT);
    return find_groups(corpus, order, runs, fault);
}

/* ---- pairs ---- */

static bool
write_partners(struct portions *portions)
{
    if (portions->members.num > 0)
        portions->code = wcp_runs_add(
            portions->runs,
            &(struct wcp_result){ portions->portion, portions->members.at, NULL,
                                  portions->members.num },
            portions->fault);
    portions->members.num = 0;
    return portions->code == WCP_CODE_OK;
}

static bool
add_pair(void *ctx, const struct wcp_document_pair *pair)
{
    struct portions *portions = ctx;
    const struct wcp_memory *mem = portions->portion->mem;

    if ((wcp_corpus_relations(portions->corpus) &
         WCP_REL_BIT(pair->relation)) == 0)
        return true;
    if (portions->members.num > 0 &&
        portions->members.at[0].document != pair->a &&
        !write_partners(portions))
        return false;
    if (!wcp_array_reserve(mem, &portions->members,
                           portions->members.num + 2)) {
        portions->code = wcp_no_memory(portions->fault);
        return false;
    }
    if (portions->members.num == 0)
        portions->members.at[portions->members.num++] = (struct wcp_member){
            pair->a, pair->a, { 1, 1, 1 }, WCP_REL_ORIGINAL
        };
    portions->members.at[portions->members.num++] =
        (struct wcp_member){ pair->b, pair->a, pair->overlap, pair->relation };
    return true;
}

static enum wcp_code
write_pairs(struct portions *portions, const struct wcp_store *portion,
            const struct wcp_class_pairs *pairs, struct wcp_fault *fault)
{
    enum wcp_code code;

    portions->portion = portion;
    portions->members.num = 0;
    portions->fault = fault;
    portions->code = WCP_CODE_OK;
    if (!wcp_runs_begin(portions->runs))
        return wcp_no_memory(fault);
    code = wcp_document_pairs_each(portion, pairs, add_pair, portions, fault);
    if (portions->code == WCP_CODE_OK && code == WCP_CODE_OK)
        write_partners(portions);
    if (portions->code != WCP_CODE_OK)
        code = portions->code;
    if (code != WCP_CODE_OK)
        wcp_runs_drop(portions->runs);
    return code;
}

static enum wcp_code
pairs_in_portion(void *ctx, struct wcp_store *portion,
                 const struct wcp_components *components,
                 struct wcp_fault *fault)
{
    struct portions *portions = ctx;
    const struct wcp_copy_rules rules = wcp_corpus_copy_rules(portions->corpus);
    struct wcp_class_pairs pairs = { 0 };
    enum wcp_code code = wcp_class_pairs_find(
        &pairs, portion, &portions->corpus->plan, components, fault);

    if (code == WCP_CODE_OK)
        code = wcp_class_pairs_widen(&pairs, portion, &rules, fault);
    if (code == WCP_CODE_OK)
        code = write_pairs(portions, portion, &pairs, fault);
    if (code == WCP_CODE_OK)
        portions->corpus->stats.verified += pairs.num_candidates;
    wcp_class_pairs_release(&pairs);
    return code;
}

/* Hand out the pairs of the document at hand. */
static enum wcp_code
pass_partners(struct wcp_corpus *corpus, struct wcp_runs *runs, uint64_t num,
              int32_t (*on_pair)(void *ctx, const struct wcp_pair *pair),
              void *ctx, struct wcp_fault *fault)
{
    const struct wcp_found *a = wcp_runs_first(runs);
    const struct wcp_document_info *info =
        wcp_corpus_describe_entry(corpus, &a->entry, a->number, 0);

    for (uint64_t i = 1; i < num; i++) {
        const struct wcp_found *b;
        struct wcp_pair pair = { .a = info };
        enum wcp_code code = wcp_runs_get(runs, i, &b, fault);

        if (code != WCP_CODE_OK)
            return code;
        pair.b = wcp_corpus_describe_entry(corpus, &b->entry, b->number, 1);
        if (pair.a == NULL || pair.b == NULL)
            return wcp_no_memory(fault);
        pair.jaccard = wcp_jaccard(&b->overlap);
        pair.a_in_b = wcp_corpus_share(corpus, b->same_text, b->overlap.common,
                                       b->overlap.size_a);
        pair.b_in_a = wcp_corpus_share(corpus, b->same_text, b->overlap.common,
                                       b->overlap.size_b);
        pair.relation = (enum wcp_relation)b->relation;
        corpus->stats.pairs++;
        if (on_pair(ctx, &pair) != 0)
            return wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    return WCP_CODE_OK;
}

enum wcp_code
wcp_corpus_pairs_portions(struct wcp_corpus *corpus,
                          int32_t (*on_pair)(void *ctx,
                                             const struct wcp_pair *pair),
                          void *ctx, struct wcp_fault *fault)
{
    struct wcp_runs runs;
    struct portions portions = { .corpus = corpus, .runs = &runs };
    const struct wcp_portion_costs costs = {
        .by_document = PAIR_DOCUMENT,
        .by_class = PAIR_CLASS + corpus->plan.num_bands * PAIR_BAND,
        .by_thread_class = 16,
    };
    const double start = wcp_wall_seconds();
    uint64_t num = 1;
    enum wcp_code code;

    wcp_runs_init(&runs, corpus->store, WCP_ORDER_DATE);
    corpus->stats.verified = corpus->stats.pairs = 0;
    code = wcp_portions_each(corpus->store, &corpus->components, &costs,
                             pairs_in_portion, &portions, fault);
    wcp_array_release(&corpus->mem, &portions.members);
    take_times(corpus, start);
    if (code == WCP_CODE_OK)
        code = wcp_runs_merge(&runs, fault);
    while (code == WCP_CODE_OK && num > 0) {
        code = wcp_runs_next(&runs, &num, fault);
        if (code == WCP_CODE_OK && num > 0)
            code = pass_partners(corpus, &runs, num, on_pair, ctx, fault);
    }
    wcp_runs_release(&runs);
    return code;
}
