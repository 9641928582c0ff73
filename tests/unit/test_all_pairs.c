/*
 * test_all_pairs.c - verified pairs against comparing everything with
 * everything
 */
#include "group/group.h"
#include "oracle_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A corpus with all that is known of it. */
struct trial {
    struct made_corpus corpus;
    struct oracle_sets sets;
    struct wcp_plan plan;
    struct wcp_store *store;
    struct wcp_components components;
    uint64_t number;
};

static void
trial_init(struct trial *trial, uint64_t number, const struct wcp_plan *plan,
           size_t num, size_t num_families)
{
    struct test_rng rng = made_rng(number);

    *trial = (struct trial){ .plan = *plan, .number = number };
    made_corpus_random(&trial->corpus, &rng, num, num_families);
    oracle_sets_init(&trial->sets, &trial->corpus);
    trial->store = made_store(&trial->corpus, plan);
    CU_ASSERT_FATAL(wcp_components_find(&trial->components, trial->store, plan,
                                        NULL) == WCP_CODE_OK);
}

static void
trial_release(struct trial *trial)
{
    wcp_components_release(&trial->components);
    wcp_store_free(trial->store);
    oracle_sets_release(&trial->sets);
    made_corpus_release(&trial->corpus);
}

static const struct oracle_set *
set_of(const struct trial *trial, uint32_t c)
{
    const struct wcp_store *store = trial->store;

    return &trial->sets.at[store->class_documents[store->class_begins[c]]];
}

static void
find_pairs(struct trial *trial, unsigned threads, struct wcp_class_pairs *pairs)
{
    trial->store->opts.num_threads = threads;
    CU_ASSERT_FATAL(wcp_class_pairs_find(pairs, trial->store, &trial->plan,
                                         &trial->components,
                                         NULL) == WCP_CODE_OK);
}

static bool
same_pairs(const struct wcp_class_pairs *a, const struct wcp_class_pairs *b)
{
    return a->list.num == b->list.num &&
           a->num_candidates == b->num_candidates &&
           (a->list.num == 0 || memcmp(a->list.at, b->list.at,
                                       a->list.num * sizeof *a->list.at) == 0);
}

/* Other numbers of threads give the same bytes. */
static void
check_threads(struct trial *trial, const struct wcp_class_pairs *pairs)
{
    static const unsigned thread_counts[] = { 2, 8 };

    for (size_t i = 0; i < sizeof thread_counts / sizeof *thread_counts; i++) {
        struct wcp_class_pairs others;

        find_pairs(trial, thread_counts[i], &others);
        MADE_CHECK(same_pairs(pairs, &others), trial->number);
        wcp_class_pairs_release(&others);
    }
}

/* The pair (a, b) if it stands at *at of the ascending list. */
static const struct wcp_class_pair *
take_pair(const struct wcp_class_pairs *pairs, size_t *at, uint32_t a,
          uint32_t b)
{
    const struct wcp_class_pair *pair = &pairs->list.at[*at];

    if (*at >= pairs->list.num || pair->a != a || pair->b != b)
        return NULL;
    ++*at;
    return pair;
}

static bool
is_exact(const struct trial *trial, const struct wcp_class_pair *pair)
{
    const struct oracle_set *a = set_of(trial, pair->a);
    const struct oracle_set *b = set_of(trial, pair->b);

    return pair->overlap.size_a == a->num && pair->overlap.size_b == b->num &&
           pair->overlap.common == oracle_set_common(a, b);
}

/*
 * Walk all pairs beside the list: nothing may stand there that does not meet
 * the threshold, nothing twice or out of order, and what shares a bucket and
 * enough values must.  Counts the pairs that meet the threshold and those
 * found.
 */
static void
check_pairs(struct trial *trial, size_t counts[2])
{
    struct wcp_class_pairs pairs;
    size_t at = 0;
    bool exact = true, complete = true;

    find_pairs(trial, 1, &pairs);
    for (uint32_t a = 0; a < trial->store->num_classes; a++)
        for (uint32_t b = a + 1; b < trial->store->num_classes; b++) {
            const struct wcp_class_pair *pair;

            if (oracle_jaccard(set_of(trial, a), set_of(trial, b)) <
                trial->plan.threshold)
                continue;
            pair = take_pair(&pairs, &at, a, b);
            counts[0]++;
            counts[1] += pair != NULL;
            if (pair != NULL)
                exact &= is_exact(trial, pair);
            else
                complete &=
                    !oracle_is_candidate(trial->store, &trial->plan, a, b);
        }
    MADE_CHECK(exact, trial->number);
    MADE_CHECK(complete, trial->number);
    MADE_CHECK(at == pairs.list.num, trial->number);
    MADE_CHECK(pairs.num_candidates >= pairs.list.num, trial->number);
    check_threads(trial, &pairs);
    wcp_class_pairs_release(&pairs);
    MADE_CHECK(pairs.list.at == NULL, trial->number);
}

/* One family makes one large component, many make small ones. */
static void
test_against_brute_force(void)
{
    static const double thresholds[] = { .3, .5, .8, .95, 1 };
    static const size_t nums[] = { 0, 1, 20, 63, 64, 66, 130, 200, 400 };
    size_t counts[2] = { 0, 0 };
    uint64_t number = 4000;

    for (size_t i = 0; i < sizeof nums / sizeof *nums; i++)
        for (size_t k = 0; k < sizeof thresholds / sizeof *thresholds; k++) {
            struct wcp_plan plan = made_plan(thresholds[k], .99);
            struct trial trial;
            size_t num_families = number % 2 == 0 ? 1 : 1 + nums[i] / 12;

            trial_init(&trial, number++, &plan, nums[i], num_families);
            check_pairs(&trial, counts);
            trial_release(&trial);
        }
    /* Most pairs lie above the threshold and are found more surely. */
    CU_ASSERT(counts[0] > 1500);
    CU_ASSERT((double)counts[1] >= .985 * (double)counts[0]);
}

/* With the shared words of one large component of many originals. */
static void
test_recall_near_threshold(void)
{
    size_t near = 0, found = 0;

    for (uint64_t number = 4100; number < 4106; number++) {
        struct wcp_plan plan = made_plan(.8, .9);
        struct wcp_class_pairs pairs;
        struct trial trial;
        size_t at = 0;

        trial_init(&trial, number, &plan, 220, 3);
        find_pairs(&trial, 2, &pairs);
        for (uint32_t a = 0; a < trial.store->num_classes; a++)
            for (uint32_t b = a + 1; b < trial.store->num_classes; b++) {
                double jaccard =
                    oracle_jaccard(set_of(&trial, a), set_of(&trial, b));
                bool taken = take_pair(&pairs, &at, a, b) != NULL;

                near += jaccard >= .8 && jaccard < .84;
                found += jaccard >= .8 && jaccard < .84 && taken;
            }
        wcp_class_pairs_release(&pairs);
        trial_release(&trial);
    }
    if ((double)found < .8 * (double)near)
        fprintf(stderr, "%zu of %zu pairs found\n", found, near);
    CU_ASSERT(near > 50);
    CU_ASSERT((double)found >= .8 * (double)near);
}

/* SimHash is complete: the pairs are all those within the distance. */
static void
test_simhash(void)
{
    static const double thresholds[] = { -1, .5, .9 };

    for (uint64_t number = 4200; number < 4212; number++) {
        struct wcp_plan plan =
            made_simhash_plan(thresholds[number % 3], (unsigned)(number % 9));
        struct wcp_class_pairs pairs;
        struct trial trial;
        size_t at = 0;
        bool exact = true;

        trial_init(&trial, number, &plan, number % 2 ? 60 : 200, 4);
        find_pairs(&trial, 1, &pairs);
        for (uint32_t a = 0; a < trial.store->num_classes; a++)
            for (uint32_t b = a + 1; b < trial.store->num_classes; b++) {
                const struct wcp_class_pair *pair;

                if (oracle_distance(trial.store->simhashes[a],
                                    trial.store->simhashes[b]) >
                        plan.distance ||
                    oracle_jaccard(set_of(&trial, a), set_of(&trial, b)) <
                        plan.threshold)
                    continue;
                pair = take_pair(&pairs, &at, a, b);
                exact &= pair != NULL && is_exact(&trial, pair);
            }
        MADE_CHECK(exact && at == pairs.list.num, number);
        check_threads(&trial, &pairs);
        wcp_class_pairs_release(&pairs);
        trial_release(&trial);
    }
}

/* ---- pairs of documents ---- */

struct listing {
    struct trial *trial;
    const struct wcp_class_pairs *pairs;
    size_t *order; /* documents */
    size_t i, k;   /* the pair that is expected next, places in 'order' */
    size_t stop_after;
    bool right;
};

/* Whether two documents are a pair by the list of classes; the overlap that
 * belongs to it. */
static bool
are_paired(const struct listing *listing, size_t a, size_t b)
{
    const struct wcp_entry *entries = listing->trial->store->entries;
    uint32_t class_a = entries[a].class_number;
    uint32_t class_b = entries[b].class_number;

    if (class_a == WCP_NO_CLASS || class_b == WCP_NO_CLASS)
        return false;
    if (class_a == class_b)
        return true;
    for (size_t i = 0; i < listing->pairs->list.num; i++) {
        const struct wcp_class_pair *pair = &listing->pairs->list.at[i];

        if ((pair->a == class_a && pair->b == class_b) ||
            (pair->a == class_b && pair->b == class_a))
            return true;
    }
    return false;
}

/* Go to the next pair that is expected; false when there is none. */
static bool
advance(struct listing *listing)
{
    size_t num = listing->trial->corpus.num;

    for (;; listing->i++, listing->k = listing->i + 1) {
        if (listing->i + 1 >= num)
            return false;
        for (; listing->k < num; listing->k++)
            if (are_paired(listing, listing->order[listing->i],
                           listing->order[listing->k]))
                return true;
    }
}

static bool
take_document_pair(void *ctx, const struct wcp_document_pair *pair)
{
    struct listing *listing = ctx;
    const struct oracle_set *a = &listing->trial->sets.at[pair->a];
    const struct oracle_set *b = &listing->trial->sets.at[pair->b];

    if (!advance(listing) || pair->a != listing->order[listing->i] ||
        pair->b != listing->order[listing->k] ||
        pair->same_text != oracle_same_text(a, b) ||
        wcp_jaccard(&pair->overlap) != oracle_jaccard(a, b) ||
        (!pair->same_text &&
         (pair->overlap.size_a != a->num || pair->overlap.size_b != b->num)))
        listing->right = false;
    listing->k++;
    return --listing->stop_after > 0 && listing->right;
}

static void
test_document_pairs(void)
{
    static const double thresholds[] = { .3, .5, .8, .95 };

    for (uint64_t number = 4300; number < 4308; number++) {
        struct wcp_plan plan = made_plan(thresholds[number % 4], .99);
        struct wcp_class_pairs pairs;
        struct trial trial;
        struct listing listing = { &trial, &pairs, NULL, 0, 1, SIZE_MAX, true };

        trial_init(&trial, number, &plan, 50, 5);
        find_pairs(&trial, 1, &pairs);
        listing.order = malloc(trial.corpus.num * sizeof *listing.order);
        oracle_order(&trial.corpus, &trial.sets, WCP_ORDER_DATE, listing.order);
        MADE_CHECK(wcp_document_pairs_each(trial.store, &pairs,
                                           take_document_pair, &listing,
                                           NULL) == WCP_CODE_OK,
                   number);
        MADE_CHECK(listing.right && !advance(&listing), number);
        listing.i = 0;
        listing.k = 1;
        listing.stop_after = 2;
        MADE_CHECK(wcp_document_pairs_each(trial.store, &pairs,
                                           take_document_pair, &listing,
                                           NULL) == WCP_CODE_STOPPED,
                   number);
        MADE_CHECK(listing.stop_after == 0, number);
        free(listing.order);
        wcp_class_pairs_release(&pairs);
        trial_release(&trial);
    }
}

void
suite_all_pairs(void)
{
    CU_pSuite suite = CU_add_suite("all_pairs", NULL, NULL);

    CU_add_test(suite, "against brute force", test_against_brute_force);
    CU_add_test(suite, "recall near the threshold", test_recall_near_threshold);
    CU_add_test(suite, "SimHash", test_simhash);
    CU_add_test(suite, "pairs of documents", test_document_pairs);
}
