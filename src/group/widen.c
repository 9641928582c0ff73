/*
 * widen.c - groups take in what was cut, expanded, or stands on a page
 *
 * Of each group only the original is asked where it lies: so a dispatch in n
 * papers does not lead to n^2 comparisons, and each copy is compared with at
 * most one original more.  group.h says what comes out.
 */
#include "group/judge.h"
#include "group/stories.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define KEEP_BYTES ((size_t)32 << 20)

struct widening {
    struct wcp_store *store;
    const struct wcp_copy_rules *rules;
    const struct wcp_groups *from;
    struct wcp_stories stories;
    struct wcp_judge judge;
    uint32_t *original_of; /* [num_documents] */
    uint32_t *leaders;     /* [num_classes]: the original in it, or NONE */
    uint32_t *moved_to;    /* [num_classes]: whose original took its own */
    uint8_t *asked;        /* [num_classes] */
    WCP_ARRAY(struct wcp_member) copies;
    WCP_ARRAY(struct wcp_class_pair) follow; /* a: who might, b: whom */
    struct wcp_fault *fault;
};

static uint32_t
class_of(const struct widening *w, uint32_t document)
{
    return wcp_document_class(w->store, document);
}

static bool
is_allowed(const struct widening *w, enum wcp_relation_kind relation)
{
    return (w->rules->relations & WCP_REL_BIT(relation)) != 0;
}

static bool
add_copy(struct widening *w, uint32_t document, uint32_t original,
         const struct wcp_overlap *overlap, enum wcp_relation_kind relation)
{
    if (!wcp_array_grow(w->store->mem, &w->copies))
        return false;
    w->copies.at[w->copies.num++] =
        (struct wcp_member){ document, original, *overlap, relation };
    return true;
}

/* ---- 1: groups as they were ---- */

/* The document of a class that comes first. */
static uint32_t
first_of(const struct wcp_store *store, enum wcp_order order, uint32_t c)
{
    uint32_t first = store->class_documents[store->class_begins[c]];

    for (uint32_t k = store->class_begins[c] + 1;
         k < store->class_begins[c + 1]; k++)
        if (wcp_store_compare_by(store, order, store->class_documents[k],
                                 first) < 0)
            first = store->class_documents[k];
    return first;
}

/* Where a reprint is no copy, groups are of the same text. */
static bool
group_identical(struct widening *w, struct wcp_groups *groups)
{
    const struct wcp_store *store = w->store;
    const struct wcp_overlap same = { 1, 1, 1 };
    struct wcp_copy_rules rules = *w->rules;
    bool grouped = true;

    rules.relations |= WCP_REL_BIT(WCP_REL_IDENTICAL);
    for (uint32_t c = 0; grouped && c < store->num_classes; c++) {
        const uint32_t first = first_of(store, w->rules->order, c);

        for (uint32_t k = store->class_begins[c];
             grouped && k < store->class_begins[c + 1]; k++)
            if (store->class_documents[k] != first)
                grouped = add_copy(w, store->class_documents[k], first, &same,
                                   WCP_REL_IDENTICAL);
    }
    grouped = grouped && wcp_groups_arrange(groups, store, &rules, w->copies.at,
                                            w->copies.num);
    w->copies.num = 0;
    return grouped;
}

static bool
widening_init(struct widening *w)
{
    const struct wcp_memory *mem = w->store->mem;
    const uint32_t n = w->store->num_classes;
    const uint32_t num_documents = w->store->num_documents;

    w->original_of = wcp_new_array(mem, num_documents, sizeof *w->original_of);
    w->leaders = wcp_new_array(mem, n, sizeof *w->leaders);
    w->moved_to = wcp_new_array(mem, n, sizeof *w->moved_to);
    w->asked = wcp_new_zeroed(mem, n, 1);
    if (w->original_of == NULL || w->leaders == NULL || w->moved_to == NULL ||
        w->asked == NULL)
        return false;
    for (uint32_t doc = 0; doc < num_documents; doc++)
        w->original_of[doc] = doc;
    for (size_t i = 0; i < w->from->members.num; i++)
        w->original_of[w->from->members.at[i].document] =
            w->from->members.at[i].original;
    for (uint32_t c = 0; c < n; c++)
        w->leaders[c] = w->moved_to[c] = NONE;
    for (uint32_t doc = 0; doc < num_documents; doc++)
        if (w->original_of[doc] == doc && class_of(w, doc) != WCP_NO_CLASS) {
            w->leaders[class_of(w, doc)] = doc;
            w->asked[class_of(w, doc)] = 1;
        }
    return true;
}

/* All but the copies, which are what came out. */
static void
release_means(struct widening *w)
{
    const struct wcp_memory *mem = w->store->mem;
    const uint32_t n = w->store->num_classes;

    wcp_stories_release(&w->stories);
    wcp_judge_release(&w->judge);
    wcp_free_array(mem, w->original_of, w->store->num_documents,
                   sizeof *w->original_of);
    wcp_free_array(mem, w->leaders, n, sizeof *w->leaders);
    wcp_free_array(mem, w->moved_to, n, sizeof *w->moved_to);
    wcp_free_array(mem, w->asked, n, 1);
    wcp_array_release(mem, &w->follow);
    w->original_of = w->leaders = w->moved_to = NULL;
    w->asked = NULL;
}

/* What a copy is that met the plan. */
static enum wcp_relation_kind
plain_relation(const struct widening *w, const struct wcp_member *member)
{
    const struct wcp_overlap *overlap = &member->overlap;

    if (member->relation != 0) /* it was judged */
        return member->relation;
    if (class_of(w, member->document) == class_of(w, member->original))
        return WCP_REL_IDENTICAL;
    if (wcp_jaccard(overlap) >= w->rules->threshold)
        return WCP_REL_REPRINT;
    return wcp_relate(false,
                      wcp_overlap_share(overlap->common, overlap->size_b),
                      wcp_overlap_share(overlap->common, overlap->size_a),
                      w->rules->threshold);
}

/* What has joined the original already needs no second look, nor do issues of a
 * form that have been told apart. */
static bool
is_new(const void *ctx, uint32_t part, uint32_t whole)
{
    const struct widening *w = ctx;
    const struct wcp_store *store = w->store;

    if ((w->rules->for_dropping && w->leaders[whole] == NONE) ||
        wcp_are_issues(&w->judge, part, whole))
        return false;
    for (uint32_t k = store->class_begins[whole];
         k < store->class_begins[whole + 1]; k++)
        if (w->original_of[store->class_documents[k]] != w->leaders[part])
            return true;
    return false;
}

/* The order in which originals may be joined, of the classes asked for. */
static bool
rank(const void *ctx, const uint32_t *asked, uint32_t *ranks)
{
    const struct widening *w = ctx;
    const struct wcp_memory *mem = w->store->mem;
    const size_t n = w->store->num_classes;
    uint32_t *list = wcp_new_array(mem, n, sizeof *list);
    size_t num = 0;

    if (list == NULL)
        return false;
    for (size_t c = 0; c < n; c++)
        if (asked[c] != 0 && w->leaders[c] != NONE)
            list[num++] = w->leaders[c];
    /* There is nothing in the ranks yet. */
    wcp_sort_documents(w->store, w->rules->order, list, num, ranks);
    for (size_t c = 0; c < n; c++)
        ranks[c] = NONE;
    for (size_t i = 0; i < num; i++)
        ranks[class_of(w, list[i])] = (uint32_t)i;
    wcp_free_array(mem, list, n, sizeof *list);
    return true;
}

/* ---- 2: originals join originals ---- */

/* Whether class 'copy' of a pair may join the other one's original. */
static bool
may_join(const void *ctx, const struct wcp_class_pair *pair, uint32_t copy)
{
    const struct widening *w = ctx;
    const struct wcp_overlap overlap = wcp_overlap_of(pair, copy);
    const enum wcp_relation_kind relation =
        wcp_stories_relate(&w->stories, pair, copy);

    return relation != WCP_REL_EMBEDDED && is_allowed(w, relation) &&
           (!w->rules->for_dropping ||
            wcp_overlap_share(overlap.common, overlap.size_a) >=
                w->rules->threshold);
}

/* All documents of a class that joined are copies. */
static bool
move_class(struct widening *w, uint32_t c, const struct wcp_class_pair *pair)
{
    const struct wcp_store *store = w->store;
    const uint32_t original = w->leaders[w->moved_to[c]];
    const struct wcp_overlap overlap = wcp_overlap_of(pair, c);
    const enum wcp_relation_kind relation =
        wcp_stories_relate(&w->stories, pair, c);

    for (uint32_t k = store->class_begins[c]; k < store->class_begins[c + 1];
         k++) {
        const uint32_t doc = store->class_documents[k];

        if (!add_copy(w, doc, original, &overlap, relation))
            return false;
        w->original_of[doc] = original;
    }
    return true;
}

static enum wcp_code
join_originals(struct widening *w)
{
    const struct wcp_memory *mem = w->store->mem;
    const size_t n = w->store->num_classes;
    struct wcp_joining joining = {
        .stories = &w->stories,
        .order = w->rules->order,
        .leaders = w->leaders,
        .moved_to = w->moved_to,
        .by = wcp_new_array(mem, n, sizeof *joining.by),
        .may_join = may_join,
        .ctx = w,
    };
    enum wcp_code code = joining.by != NULL
                             ? wcp_join_leaders(&joining, w->fault)
                             : wcp_no_memory(w->fault);

    for (uint32_t c = 0; code == WCP_CODE_OK && c < n; c++) {
        struct wcp_class_pair pair;

        if (w->moved_to[c] == NONE)
            continue;
        pair = wcp_story_pair(&w->stories.pairs, joining.by[c]);
        if (!move_class(w, c, &pair))
            code = wcp_no_memory(w->fault);
    }
    for (size_t c = 0; code == WCP_CODE_OK && c < n; c++)
        if (w->moved_to[c] != NONE)
            w->leaders[c] = NONE;
    wcp_free_array(mem, joining.by, n, sizeof *joining.by);
    return code;
}

/* ---- 2: copies of those that joined ---- */

static size_t
group_end(const struct widening *w, size_t i)
{
    return w->from->begins.at[i + 1];
}

static int
compare_follow(const void *a, const void *b)
{
    const struct wcp_class_pair *x = a, *y = b;

    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return (x->a > y->a) - (x->a < y->a);
}

/* List who might follow whom, each pair once, and compare them. */
static enum wcp_code
compare_followers(struct widening *w)
{
    size_t kept = 0;
    enum wcp_code code;

    for (size_t i = 0; i < w->from->begins.num; i++) {
        const size_t begin = w->from->begins.at[i];
        const uint32_t c = class_of(w, w->from->members.at[begin].original);

        for (size_t k = begin; w->moved_to[c] != NONE && k < group_end(w, i);
             k++) {
            const uint32_t its = class_of(w, w->from->members.at[k].document);

            if (its == c)
                continue;
            if (!wcp_array_grow(w->store->mem, &w->follow))
                return wcp_no_memory(w->fault);
            w->follow.at[w->follow.num++] =
                (struct wcp_class_pair){ .a = its, .b = w->moved_to[c] };
        }
    }
    if (w->follow.num > 1)
        qsort(w->follow.at, w->follow.num, sizeof *w->follow.at,
              compare_follow);
    for (size_t i = 0; i < w->follow.num; i++)
        if (i == 0 || compare_follow(&w->follow.at[i - 1], &w->follow.at[i]))
            w->follow.at[kept++] = w->follow.at[i];
    code = wcp_overlaps_fill(w->store, w->follow.at, &kept, w->rules->threshold,
                             &w->stories.num_verified, w->fault);
    w->follow.num = kept;
    if (code == WCP_CODE_OK && w->rules->judged)
        code = wcp_judge_pairs(&w->judge, w->follow.at, kept, w->fault);
    if (code == WCP_CODE_OK)
        code = wcp_stories_show(&w->stories, w->follow.at, kept, w->fault);
    if (code == WCP_CODE_OK && w->rules->judged)
        code = wcp_judge_pages(w->store, w->follow.at, NULL, kept,
                               w->rules->threshold, w->fault);
    return code;
}

/* Let a copy follow its original to class 'to'; *followed: it did. */
static bool
follow(struct widening *w, uint32_t document, uint32_t to, bool *followed)
{
    const struct wcp_class_pair wanted = { .a = class_of(w, document),
                                           .b = to };
    const struct wcp_class_pair *pair =
        w->follow.num == 0 ? NULL
                           : bsearch(&wanted, w->follow.at, w->follow.num,
                                     sizeof wanted, compare_follow);
    struct wcp_overlap overlap;

    *followed = false;
    if (pair == NULL || !may_join(w, pair, wanted.a))
        return true;
    overlap = wcp_overlap_of(pair, wanted.a);
    *followed = true;
    w->original_of[document] = w->leaders[to];
    return add_copy(w, document, w->leaders[to], &overlap,
                    wcp_stories_relate(&w->stories, pair, wanted.a));
}

/* ---- 2: what is left over ---- */

/* Originals among what is left over of one group. */
struct left_over {
    struct wcp_verifier *verifier;
    WCP_ARRAY(uint32_t) documents; /* in order */
    WCP_ARRAY(uint32_t) classes;   /* of them; the rank is the place */
    WCP_ARRAY(uint32_t) originals; /* places in both */
};

static enum wcp_code
place_left_over(struct widening *w, struct left_over *left, uint32_t place)
{
    const uint32_t doc = left->documents.at[place];
    struct wcp_overlap best = { 0, 1, 1 }, overlap;
    uint32_t to = NONE;

    for (size_t i = 0; i < left->originals.num; i++) {
        const uint32_t other = left->originals.at[i];

        if (left->classes.at[other] == left->classes.at[place]) {
            to = other;
            best = (struct wcp_overlap){ 1, 1, 1 };
            break;
        }
        if (wcp_verifier_overlap(left->verifier, place, other,
                                 w->rules->threshold, &overlap,
                                 w->fault) != WCP_CODE_OK)
            return w->fault->code;
        if (wcp_jaccard(&overlap) >= w->rules->threshold &&
            wcp_overlap_compare(&overlap, &best) > 0) {
            to = other;
            best = overlap;
        }
    }
    if (to == NONE) {
        w->original_of[doc] = doc;
        w->leaders[left->classes.at[place]] = doc;
        w->asked[left->classes.at[place]] = 1;
        if (!wcp_array_grow(w->store->mem, &left->originals))
            return wcp_no_memory(w->fault);
        left->originals.at[left->originals.num++] = place;
        return WCP_CODE_OK;
    }
    to = left->documents.at[to];
    w->original_of[doc] = to;
    if (!add_copy(w, doc, to, &best,
                  class_of(w, doc) == class_of(w, to) ? WCP_REL_IDENTICAL
                                                      : WCP_REL_REPRINT))
        return wcp_no_memory(w->fault);
    return WCP_CODE_OK;
}

static enum wcp_code
place_all_left_over(struct widening *w, struct left_over *left)
{
    const uint32_t num = (uint32_t)left->documents.num;
    enum wcp_code code = WCP_CODE_OK;

    if (num == 0)
        return WCP_CODE_OK;
    if (!wcp_array_reserve(w->store->mem, &left->classes, num))
        return wcp_no_memory(w->fault);
    for (uint32_t i = 0; i < num; i++)
        left->classes.at[i] = class_of(w, left->documents.at[i]);
    left->originals.num = 0;
    if (left->verifier == NULL)
        code =
            wcp_verifier_new(w->store, KEEP_BYTES, &left->verifier, w->fault);
    if (code == WCP_CODE_OK)
        code =
            wcp_verifier_begin(left->verifier, left->classes.at, num, w->fault);
    for (uint32_t i = 0; code == WCP_CODE_OK && i < num; i++)
        code = place_left_over(w, left, i);
    left->documents.num = 0;
    return code;
}

/* The copies of each group, to the original they had or to its new one. */
static enum wcp_code
place_copies(struct widening *w, struct left_over *left)
{
    for (size_t i = 0; i < w->from->begins.num; i++) {
        const size_t begin = w->from->begins.at[i];
        const uint32_t original = w->from->members.at[begin].original;
        const uint32_t c = class_of(w, original);
        enum wcp_code code;

        for (size_t k = begin; k < group_end(w, i); k++) {
            const struct wcp_member *member = &w->from->members.at[k];
            const bool same = class_of(w, member->document) == c;
            bool placed = true;

            if (w->moved_to[c] == NONE) {
                if (member->document != original &&
                    !add_copy(w, member->document, original, &member->overlap,
                              plain_relation(w, member)))
                    return wcp_no_memory(w->fault);
            } else if (!same &&
                       !follow(w, member->document, w->moved_to[c], &placed)) {
                return wcp_no_memory(w->fault);
            }
            if (placed)
                continue;
            if (!wcp_array_grow(w->store->mem, &left->documents))
                return wcp_no_memory(w->fault);
            left->documents.at[left->documents.num++] = member->document;
        }
        code = place_all_left_over(w, left);
        if (code != WCP_CODE_OK)
            return code;
    }
    return WCP_CODE_OK;
}

/* Step 2 for all that is no original; the originals left over are asked what
 * they stand in. */
static enum wcp_code
move_copies(struct widening *w)
{
    const struct wcp_memory *mem = w->store->mem;
    const uint32_t n = w->store->num_classes;
    struct left_over left = { 0 };
    bool any = false;
    enum wcp_code code = compare_followers(w);

    memset(w->asked, 0, n);
    if (code == WCP_CODE_OK)
        code = place_copies(w, &left);
    wcp_verifier_free(left.verifier);
    wcp_array_release(mem, &left.documents);
    wcp_array_release(mem, &left.classes);
    wcp_array_release(mem, &left.originals);
    for (uint32_t c = 0; c < n; c++)
        any |= w->asked[c] != 0;
    if (code == WCP_CODE_OK && any && !w->rules->for_dropping)
        code =
            wcp_stories_add(&w->stories, w->asked, is_new, rank, w, w->fault);
    return code;
}

/* ---- 3: pages ---- */

/* Whether all documents of a page are copies of a story in any case. */
static bool
is_copy(const struct widening *w, uint32_t page, uint32_t story)
{
    const struct wcp_store *store = w->store;

    for (uint32_t k = store->class_begins[page];
         k < store->class_begins[page + 1]; k++)
        if (w->original_of[store->class_documents[k]] != w->leaders[story])
            return false;
    return true;
}

static bool
embed(struct widening *w, uint32_t story, uint32_t edge)
{
    const struct wcp_store *store = w->store;
    const struct wcp_story_pairs *pairs = &w->stories.pairs;
    const uint32_t page = wcp_edge_other(pairs, story, edge);
    const struct wcp_class_pair pair = wcp_edge_pair(pairs, story, edge);
    const struct wcp_overlap overlap = wcp_overlap_of(&pair, page);

    if (pair.relation != WCP_REL_EMBEDDED ||
        wcp_overlap_share(overlap.common, overlap.size_b) < w->rules->threshold)
        return true;
    for (uint32_t k = store->class_begins[page];
         k < store->class_begins[page + 1]; k++) {
        const uint32_t doc = store->class_documents[k];

        if (w->original_of[doc] != w->leaders[story] &&
            !add_copy(w, doc, w->leaders[story], &overlap, WCP_REL_EMBEDDED))
            return false;
    }
    return true;
}

static enum wcp_code
embed_pages(struct widening *w)
{
    const uint32_t n = w->store->num_classes;
    struct wcp_stories *stories = &w->stories;
    struct wcp_story_pairs *pairs = &stories->pairs;
    enum wcp_code code;

    if (w->rules->for_dropping || !is_allowed(w, WCP_REL_EMBEDDED))
        return WCP_CODE_OK;
    for (uint32_t c = 0; c < n; c++)
        for (uint32_t i = 0;
             w->leaders[c] != NONE && i < wcp_num_edges(pairs, c); i++) {
            const size_t place = wcp_edge_place(pairs, c, i);

            if (!wcp_is_settled(wcp_story_relation(pairs, place)) &&
                !is_copy(w, wcp_edge_other(pairs, c, i), c))
                wcp_story_want(pairs, place, true);
        }
    code = wcp_stories_settle_pages(stories, w->fault);
    for (uint32_t c = 0; code == WCP_CODE_OK && c < n; c++)
        for (uint32_t i = 0;
             w->leaders[c] != NONE && i < wcp_num_edges(pairs, c); i++)
            if (!embed(w, c, i))
                return wcp_no_memory(w->fault);
    return code;
}

/* Without samples no text is known to lie in another: groups stay as they are,
 * and what is left to do is to say what each copy is. */
static void
relate_copies(const struct widening *w, struct wcp_groups *groups)
{
    struct wcp_member *members = groups->members.at;
    size_t *const begins = groups->begins.at;
    size_t num_groups = 0, at = 0;

    for (size_t i = 0, k = 0; i < groups->begins.num; i++) {
        const size_t end = begins[i + 1], begin = at;

        members[at] = members[k++];
        members[at++].relation = WCP_REL_ORIGINAL;
        for (; k < end; k++) {
            members[at] = members[k];
            members[at].relation = plain_relation(w, &members[k]);
            at += is_allowed(w, members[at].relation);
        }
        if (at - begin > 1)
            begins[num_groups++] = begin;
        else
            at = begin;
    }
    begins[num_groups] = at;
    groups->begins.num = num_groups;
    groups->members.num = at;
}

static enum wcp_code
widen(struct widening *w)
{
    enum wcp_code code;

    if (!widening_init(w))
        return wcp_no_memory(w->fault);
    code = wcp_stories_add(&w->stories, w->asked, is_new, rank, w, w->fault);
    if (code == WCP_CODE_OK)
        code = join_originals(w);
    if (code == WCP_CODE_OK)
        code = move_copies(w);
    if (code == WCP_CODE_OK)
        code = embed_pages(w);
    if (code == WCP_CODE_OK)
        code = wcp_samples_check(w->store, w->fault);
    return code;
}

enum wcp_code
wcp_groups_widen(struct wcp_groups *groups, struct wcp_store *store,
                 const struct wcp_copy_rules *rules, struct wcp_fault *fault)
{
    struct wcp_fault own = { 0 };
    struct widening w = {
        .store = store,
        .rules = rules,
        .from = groups,
        .fault = fault != NULL ? fault : &own,
    };
    enum wcp_code code =
        wcp_stories_init(&w.stories, store, rules->threshold, w.fault);

    wcp_judge_init(&w.judge, store, rules->threshold);
    w.judge.known.pairs = &w.stories.pairs;
    w.stories.judge = rules->judged ? &w.judge : NULL;
    if (code == WCP_CODE_OK && rules->judged)
        code = wcp_groups_sift(groups, &w.judge, rules, w.fault);
    if (code == WCP_CODE_OK && !is_allowed(&w, WCP_REL_REPRINT) &&
        !group_identical(&w, groups))
        code = wcp_no_memory(w.fault);
    if (code == WCP_CODE_OK && store->opts.sample)
        code = widen(&w);
    groups->num_verified += w.stories.num_verified;
    release_means(&w);
    if (code == WCP_CODE_OK && !store->opts.sample)
        relate_copies(&w, groups);
    else if (code == WCP_CODE_OK &&
             !wcp_groups_arrange(groups, store, rules, w.copies.at,
                                 w.copies.num))
        code = wcp_no_memory(w.fault);
    wcp_array_release(store->mem, &w.copies);
    return code;
}
