/*
 * oracle_widen.c - what lies in what, and groups that take it in, as group.h
 * says, every document compared with every other
 */
#include "oracle_widen.h"

#include "oracle_sketch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 12 };

static void *
must(void *ptr)
{
    if (ptr == NULL) {
        perror("oracle_widen");
        exit(EXIT_FAILURE);
    }
    return ptr;
}

/* ---- samples ---- */

uint32_t *
oracle_sample(const struct oracle_set *set, size_t *num_ret)
{
    uint64_t *hashes = must(malloc((set->num_units + 1) * sizeof *hashes));
    uint32_t *sample = must(malloc((set->num_units + 1) * sizeof *sample));
    size_t n = oracle_shingles(set->units, set->num_units, 0, hashes);
    uint64_t before = 0;

    *num_ret = 0;
    for (size_t i = 0; i + WINDOW <= n; i++) {
        uint64_t least = hashes[i];

        for (size_t k = 1; k < WINDOW; k++)
            if (hashes[i + k] < least)
                least = hashes[i + k];
        if (i == 0 || least != before)
            sample[(*num_ret)++] = (uint32_t)least;
        before = least;
    }
    free(hashes);
    return sample;
}

static bool
has(const uint32_t *sample, size_t num, uint32_t value)
{
    for (size_t i = 0; i < num; i++)
        if (sample[i] == value)
            return true;
    return false;
}

/* Different values of one sample, and those of them that are in another. */
static size_t
count_in(const uint32_t *a, size_t num_a, const uint32_t *b, size_t num_b,
         size_t *different_ret)
{
    size_t num = 0;

    *different_ret = 0;
    for (size_t i = 0; i < num_a; i++)
        if (!has(a, i, a[i])) {
            ++*different_ret;
            num += has(b, num_b, a[i]);
        }
    return num;
}

static double
share_in(const struct oracle_set *a, const struct oracle_set *b)
{
    return a->num > 0 ? (double)oracle_set_common(a, b) / (double)a->num : 0;
}

bool
oracle_samples_suffice(const struct oracle_sets *sets, double threshold)
{
    bool suffice = true;

    for (size_t i = 0; i < sets->num && suffice; i++) {
        size_t num, different;
        uint32_t *mine = oracle_sample(&sets->at[i], &num);

        for (size_t k = 0; k < sets->num && suffice; k++) {
            size_t num_theirs;
            uint32_t *theirs;

            if (k == i || share_in(&sets->at[i], &sets->at[k]) < threshold ||
                oracle_same_text(&sets->at[i], &sets->at[k]))
                continue;
            theirs = oracle_sample(&sets->at[k], &num_theirs);
            suffice = num > 0 && (double)count_in(mine, num, theirs, num_theirs,
                                                  &different) >=
                                     (threshold - .2) * (double)different;
            suffice = suffice && different > 0;
            free(theirs);
        }
        free(mine);
    }
    return suffice;
}

/* ---- relations ---- */

struct widening {
    const struct oracle_sets *sets;
    const struct wcp_copy_rules *rules;
    const bool *is_story; /* by document */
};

/* Whether two stories have a third of the smaller sample in common. */
static bool
share_text(const struct oracle_set *a, const struct oracle_set *b)
{
    size_t num_a, num_b, common = 0;
    uint32_t *x = oracle_sample(a, &num_a), *y = oracle_sample(b, &num_b);

    if (num_a > num_b) {
        for (size_t i = 0; i < num_b; i++)
            common += has(x, num_a, y[i]);
        num_a = num_b;
    } else {
        for (size_t i = 0; i < num_a; i++)
            common += has(y, num_b, x[i]);
    }
    free(x);
    free(y);
    return 3 * common >= num_a;
}

static bool
holds_others(const struct widening *w, size_t story, size_t page)
{
    const struct oracle_set *sets = w->sets->at;

    for (size_t i = 0; i < w->sets->num; i++)
        if (w->is_story[i] && i != story && i != page &&
            !oracle_same_text(&sets[i], &sets[story]) &&
            !oracle_same_text(&sets[i], &sets[page]) &&
            share_in(&sets[i], &sets[page]) >= w->rules->threshold &&
            share_in(&sets[page], &sets[i]) < w->rules->threshold &&
            !share_text(&sets[story], &sets[i]))
            return true;
    return false;
}

static enum wcp_relation_kind
relate(const struct widening *w, size_t copy, size_t original)
{
    const struct oracle_set *a = &w->sets->at[copy];
    const struct oracle_set *b = &w->sets->at[original];
    bool in_original = share_in(a, b) >= w->rules->threshold;
    bool in_copy = share_in(b, a) >= w->rules->threshold;

    if (oracle_same_text(a, b))
        return WCP_REL_IDENTICAL;
    if (in_original && in_copy)
        return WCP_REL_REPRINT;
    if (in_original)
        return holds_others(w, copy, original) ? WCP_REL_EMBEDDED
                                               : WCP_REL_ABRIDGED;
    if (in_copy)
        return holds_others(w, original, copy) ? WCP_REL_EMBEDDED
                                               : WCP_REL_EXPANDED;
    return WCP_REL_EXCERPT;
}

static bool
may_join(const struct widening *w, size_t copy, size_t original,
         enum wcp_relation_kind *relation_ret)
{
    *relation_ret = relate(w, copy, original);
    if (*relation_ret == WCP_REL_EMBEDDED || *relation_ret == WCP_REL_EXCERPT ||
        !(w->rules->relations & WCP_REL_BIT(*relation_ret)))
        return false;
    return !w->rules->for_dropping ||
           share_in(&w->sets->at[copy], &w->sets->at[original]) >=
               w->rules->threshold;
}

/* > 0 if document x is more like 'doc' than y is. */
static int
compare_likeness(const struct oracle_sets *sets, size_t doc, size_t x, size_t y)
{
    const struct oracle_set *a = &sets->at[doc];
    uint64_t with_x = oracle_set_common(a, &sets->at[x]);
    uint64_t with_y = oracle_set_common(a, &sets->at[y]);

    return oracle_compare_fractions(with_x, a->num + sets->at[x].num - with_x,
                                    with_y, a->num + sets->at[y].num - with_y);
}

/* ---- groups ---- */

struct state {
    struct widening w;
    size_t *order;     /* documents */
    size_t *first;     /* by document: its original by likeness alone */
    size_t *originals; /* and the one it has now; SIZE_MAX: empty */
    size_t *moved_to;  /* by original: the one it joined, or itself */
    enum wcp_relation_kind *relations; /* by document */
    bool *is_story;
    size_t num;
};

/* Step 1 where a reprint is no copy. */
static void
join_identical(struct state *s)
{
    for (size_t i = 0; i < s->num; i++) {
        size_t doc = s->order[i], k = 0;

        while (k < i && !oracle_same_text(&s->w.sets->at[doc],
                                          &s->w.sets->at[s->order[k]]))
            k++;
        if (s->first[doc] != SIZE_MAX)
            s->first[doc] = s->order[k];
    }
}

/* Step 2, for originals. */
static void
join_originals(struct state *s)
{
    for (size_t i = 0; i < s->num; i++) {
        size_t doc = s->order[i], best = doc;
        enum wcp_relation_kind relation, its = WCP_REL_ORIGINAL;

        s->moved_to[doc] = doc;
        for (size_t k = 0; k < i && s->first[doc] == doc; k++) {
            size_t other = s->order[k];

            if (s->first[other] == other && s->moved_to[other] == other &&
                may_join(&s->w, doc, other, &relation) &&
                (best == doc ||
                 compare_likeness(s->w.sets, doc, other, best) > 0)) {
                best = other;
                its = relation;
            }
        }
        s->moved_to[doc] = best;
        s->relations[doc] = its;
        if (best != doc)
            s->originals[doc] = best;
    }
}

/* Step 2, for their copies. */
static void
move_copies(struct state *s)
{
    for (size_t i = 0; i < s->num; i++) {
        size_t doc = s->order[i], old = s->first[doc], to;
        enum wcp_relation_kind relation;
        size_t best = doc;

        if (old == SIZE_MAX || old == doc)
            continue;
        to = s->moved_to[old];
        s->relations[doc] = relate(&s->w, doc, old);
        if (to == old)
            continue;
        if (oracle_same_text(&s->w.sets->at[doc], &s->w.sets->at[old])) {
            s->originals[doc] = to;
            s->relations[doc] = s->relations[old];
            continue;
        }
        if (may_join(&s->w, doc, to, &relation)) {
            s->originals[doc] = to;
            s->relations[doc] = relation;
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            size_t other = s->order[k];

            if (s->first[other] == old && s->originals[other] == other &&
                oracle_jaccard(&s->w.sets->at[doc], &s->w.sets->at[other]) >=
                    s->w.rules->threshold &&
                (best == doc ||
                 compare_likeness(s->w.sets, doc, other, best) > 0))
                best = other;
        }
        s->originals[doc] = best;
        s->relations[doc] =
            best == doc ? WCP_REL_ORIGINAL
            : oracle_same_text(&s->w.sets->at[doc], &s->w.sets->at[best])
                ? WCP_REL_IDENTICAL
                : WCP_REL_REPRINT;
    }
}

/* Copies of one original, and pages. */
static void
list_copies(const struct state *s, size_t original, struct oracle_copy *copies,
            size_t *num)
{
    const struct oracle_set *sets = s->w.sets->at;

    for (size_t i = 0; i < s->num; i++) {
        size_t doc = s->order[i];
        enum wcp_relation_kind relation = s->relations[doc];

        if (doc == original || s->originals[doc] == SIZE_MAX)
            continue;
        if (s->originals[doc] != original) {
            if (s->w.rules->for_dropping ||
                share_in(&sets[original], &sets[doc]) < s->w.rules->threshold)
                continue;
            relation = relate(&s->w, doc, original);
            if (relation != WCP_REL_EMBEDDED)
                continue;
        }
        if (s->w.rules->relations & WCP_REL_BIT(relation))
            copies[(*num)++] = (struct oracle_copy){ doc, original, relation };
    }
}

struct oracle_copy *
oracle_widen(const struct made_corpus *corpus, const struct oracle_sets *sets,
             const struct wcp_copy_rules *rules, size_t *num_ret)
{
    size_t n = corpus->num + 1;
    struct state s = {
        .order = must(malloc(n * sizeof *s.order)),
        .first = must(malloc(n * sizeof *s.first)),
        .originals = must(malloc(n * sizeof *s.originals)),
        .moved_to = must(malloc(n * sizeof *s.moved_to)),
        .relations = must(malloc(n * sizeof *s.relations)),
        .is_story = must(calloc(n, sizeof *s.is_story)),
        .num = corpus->num,
    };
    struct oracle_copy *copies = must(malloc(n * n * sizeof *copies));

    s.w = (struct widening){ sets, rules, s.is_story };
    oracle_order(corpus, sets, rules->order, s.order);
    oracle_groups(corpus, sets, rules->order, rules->threshold, s.first);
    if (!(rules->relations & WCP_REL_BIT(WCP_REL_REPRINT)))
        join_identical(&s);
    memcpy(s.originals, s.first, corpus->num * sizeof *s.originals);
    for (size_t i = 0; i < corpus->num; i++)
        s.is_story[i] = s.first[i] == i;
    join_originals(&s);
    move_copies(&s);
    for (size_t i = 0; i < corpus->num; i++)
        s.is_story[i] |= s.originals[i] == i;
    *num_ret = 0;
    for (size_t i = 0; i < corpus->num; i++)
        if (s.originals[s.order[i]] == s.order[i])
            list_copies(&s, s.order[i], copies, num_ret);
    free(s.order);
    free(s.first);
    free(s.originals);
    free(s.moved_to);
    free(s.relations);
    free(s.is_story);
    return copies;
}
