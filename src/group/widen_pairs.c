/*
 * widen_pairs.c - pairs of which one lies in the other join those that are
 * alike
 */
#include "group/judge.h"
#include "group/stories.h"

#include <stdlib.h>

static int
compare_pairs(const void *a, const void *b)
{
    const struct wcp_class_pair *x = a, *y = b;

    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

/* What is a pair already needs no second look. */
static bool
is_new(const void *ctx, uint32_t part, uint32_t whole)
{
    const struct wcp_class_pairs *pairs = ctx;
    const struct wcp_class_pair wanted = { .a = part < whole ? part : whole,
                                           .b = part < whole ? whole : part };

    return pairs->list.num == 0 ||
           bsearch(&wanted, pairs->list.at, pairs->list.num, sizeof wanted,
                   compare_pairs) == NULL;
}

/* Merge the pairs of 'stories', which are others, into the list; not those
 * that are apart. */
static bool
merge_pairs(struct wcp_class_pairs *pairs, const struct wcp_stories *stories)
{
    const size_t num = pairs->list.num;
    size_t at = num, i = num, k = wcp_story_pairs_num(&stories->pairs);
    struct wcp_class_pair *list;

    for (size_t m = 0; m < k; m++)
        at += wcp_story_relation(&stories->pairs, m) != WCP_PAIR_APART;

    if (!wcp_array_reserve(pairs->mem, &pairs->list, at))
        return false;
    list = pairs->list.at;
    pairs->list.num = at;
    while (k > 0) {
        const struct wcp_class_pair next =
            wcp_story_pair(&stories->pairs, k - 1);

        if (next.relation == WCP_PAIR_APART) {
            k--;
        } else if (i > 0 && compare_pairs(&list[i - 1], &next) > 0) {
            list[--at] = list[--i];
        } else {
            list[--at] = next;
            k--;
        }
    }
    return true;
}

static enum wcp_relation_kind
relation_of(const struct wcp_stories *stories,
            const struct wcp_class_pair *pair, double threshold)
{
    const struct wcp_overlap *overlap = &pair->overlap;
    const double a = wcp_overlap_share(overlap->common, overlap->size_a);
    const double b = wcp_overlap_share(overlap->common, overlap->size_b);

    if (a >= threshold || b >= threshold)
        return wcp_stories_relate(stories, pair, pair->b);
    return wcp_relate(false, a, b, threshold);
}

/* Which of two documents is the first is not known yet. */
static bool
is_allowed(const struct wcp_copy_rules *rules, enum wcp_relation_kind relation)
{
    const unsigned either =
        WCP_REL_BIT(WCP_REL_ABRIDGED) | WCP_REL_BIT(WCP_REL_EXPANDED);
    const unsigned bit = WCP_REL_BIT(relation);

    return (rules->relations & ((bit & either) != 0 ? either : bit)) != 0;
}

enum wcp_code
wcp_class_pairs_widen(struct wcp_class_pairs *pairs, struct wcp_store *store,
                      const struct wcp_copy_rules *rules,
                      struct wcp_fault *fault)
{
    struct wcp_stories stories = { 0 };
    struct wcp_judge judge;
    enum wcp_code code =
        wcp_stories_init(&stories, store, rules->threshold, fault);
    size_t kept = 0;

    wcp_judge_init(&judge, store, rules->threshold);
    judge.known.pairs = &stories.pairs;
    stories.judge = rules->judged ? &judge : NULL;
    if (code == WCP_CODE_OK && rules->judged)
        code =
            wcp_judge_all_pairs(&judge, pairs->list.at, pairs->list.num, fault);
    if (code == WCP_CODE_OK)
        code = wcp_stories_add(&stories, NULL, is_new, NULL, pairs, fault);
    if (code == WCP_CODE_OK)
        code = wcp_stories_settle_all(&stories, fault);
    if (code == WCP_CODE_OK)
        code =
            wcp_stories_show(&stories, pairs->list.at, pairs->list.num, fault);
    if (code == WCP_CODE_OK && !merge_pairs(pairs, &stories))
        code = wcp_no_memory(fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < pairs->list.num; i++) {
        struct wcp_class_pair *pair = &pairs->list.at[i];
        const enum wcp_relation_kind relation =
            relation_of(&stories, pair, rules->threshold);

        pair->relation = (int32_t)relation;
        if (is_allowed(rules, relation))
            pairs->list.at[kept++] = *pair;
    }
    if (code == WCP_CODE_OK)
        code = wcp_samples_check(store, fault);
    if (code == WCP_CODE_OK)
        pairs->list.num = kept;
    pairs->num_candidates += stories.num_verified;
    wcp_stories_release(&stories);
    wcp_judge_release(&judge);
    return code;
}
