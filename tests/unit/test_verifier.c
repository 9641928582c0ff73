/*
 * test_verifier.c - exact overlaps against sets made naively
 */
#include "oracle_match.h"

#include <stdlib.h>
#include <string.h>

/* The first document of a class stands for it. */
static const struct oracle_set *
set_of(const struct wcp_store *store, const struct oracle_sets *sets,
       uint32_t c)
{
    return &sets->at[store->class_documents[store->class_begins[c]]];
}

static bool
is_right(const struct wcp_overlap *overlap, const struct oracle_set *a,
         const struct oracle_set *b, double threshold)
{
    if (overlap->size_a != a->num || overlap->size_b != b->num)
        return false;
    if (overlap->common == oracle_set_common(a, b))
        return true;
    return overlap->common == 0 && oracle_jaccard(a, b) < threshold;
}

static void
check_verifier(struct wcp_store *store, const struct oracle_sets *sets,
               size_t max_bytes, double threshold, uint64_t number)
{
    struct test_rng rng = made_rng(number);
    uint32_t n = store->num_classes, num = 0;
    uint32_t *classes = malloc((n + 1) * sizeof *classes);
    struct wcp_verifier *verifier = NULL;
    bool right = true;

    if (!classes)
        abort();
    MADE_CHECK(wcp_verifier_new(store, max_bytes, &verifier, NULL) ==
                   WCP_CODE_OK,
               number);
    for (unsigned turn = 0; turn < 3; turn++) {
        uint64_t before = wcp_verifier_count(verifier);

        num = 0;
        for (uint32_t c = 0; c < n; c++)
            if (turn == 1 || test_below(&rng, 3) > 0)
                classes[num++] = c;
        MADE_CHECK(wcp_verifier_begin(verifier, classes, num, NULL) ==
                       WCP_CODE_OK,
                   number);
        for (unsigned i = 0; num > 0 && i < 300; i++) {
            uint32_t a = (uint32_t)test_below(&rng, num);
            uint32_t b = (uint32_t)test_below(&rng, num);
            struct wcp_overlap overlap = { 7, 7, 7 };

            right &= wcp_verifier_overlap(verifier, a, b, threshold, &overlap,
                                          NULL) == WCP_CODE_OK;
            right &= is_right(&overlap, set_of(store, sets, classes[a]),
                              set_of(store, sets, classes[b]), threshold);
            if (test_below(&rng, 8) == 0)
                wcp_verifier_drop(verifier, (uint32_t)test_below(&rng, num));
        }
        if (threshold <= 0 && num > 0)
            MADE_CHECK(wcp_verifier_count(verifier) == before + 300, number);
    }
    MADE_CHECK(right, number);
    wcp_verifier_free(verifier);
    free(classes);
}

static void
test_overlaps(void)
{
    static const size_t limits[] = { 0, 1, 3000, 20000, (size_t)1 << 30 };
    static const double thresholds[] = { -1, 0, .3, .5, .8, 1 };
    struct wcp_plan plan = made_plan(.8, .99);

    for (uint64_t number = 3000; number < 3030; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        struct oracle_sets sets;
        struct wcp_store *store;

        made_corpus_random(&corpus, &rng, 1 + test_below(&rng, 60),
                           1 + test_below(&rng, 6));
        oracle_sets_init(&sets, &corpus);
        store = made_store(&corpus, &plan);
        check_verifier(store, &sets, limits[number % 5], thresholds[number % 6],
                       number);
        wcp_store_free(store);
        oracle_sets_release(&sets);
        made_corpus_release(&corpus);
    }
}

/* Whether one of two sets has 'share' of the other, and their overlap if so. */
static bool
is_one_in_other(const struct oracle_set *x, const struct oracle_set *y,
                double share, struct wcp_overlap *overlap_ret)
{
    const size_t common = oracle_set_common(x, y);
    const size_t less = x->num < y->num ? x->num : y->num;

    *overlap_ret = (struct wcp_overlap){ (uint32_t)common, (uint32_t)x->num,
                                         (uint32_t)y->num };
    return less > 0 && (double)common / (double)less >= share;
}

/* All pairs of classes at once: many parts of one whole, and wholes of one
 * part. */
static void
check_filled(struct wcp_store *store, const struct oracle_sets *sets,
             double share, uint64_t number)
{
    const uint32_t n = store->num_classes;
    struct wcp_class_pair *pairs = malloc(((size_t)n * n + 1) * sizeof *pairs);
    uint64_t num_verified = 0;
    size_t num = 0, kept = 0;
    bool right;

    if (!pairs)
        abort();
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + 1; b < n; b++)
            pairs[num++] = (struct wcp_class_pair){ .a = a, .b = b };
    right = wcp_overlaps_fill(store, pairs, &num, share, &num_verified, NULL) ==
                WCP_CODE_OK &&
            num_verified == (uint64_t)n * (n - 1) / 2;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + 1; b < n; b++) {
            struct wcp_overlap overlap;

            if (!is_one_in_other(set_of(store, sets, a), set_of(store, sets, b),
                                 share, &overlap))
                continue;
            right = right && kept < num && pairs[kept].a == a &&
                    pairs[kept].b == b &&
                    memcmp(&pairs[kept].overlap, &overlap, sizeof overlap) == 0;
            kept++;
        }
    MADE_CHECK(right && kept == num, number);
    free(pairs);
}

static void
test_overlaps_fill(void)
{
    static const double shares[] = { .3, .5, .8, 1 };
    struct wcp_plan plan = made_plan(.8, .99);

    for (uint64_t number = 3040; number < 3060; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        struct oracle_sets sets;
        struct wcp_store *store;

        made_corpus_random(&corpus, &rng, 1 + test_below(&rng, 40),
                           1 + test_below(&rng, 6));
        oracle_sets_init(&sets, &corpus);
        store = made_store(&corpus, &plan);
        check_filled(store, &sets, shares[number % 4], number);
        wcp_store_free(store);
        oracle_sets_release(&sets);
        made_corpus_release(&corpus);
    }
}

/* Text i begins text i + 1 and has one window less: the Jaccard index is the
 * ratio of the sizes.  What lies at the threshold must not be dropped. */
static void
test_ratio_at_threshold(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct test_rng rng = made_rng(3090);
    struct made_corpus corpus = { 0 };
    struct made_text text = { 0 };
    struct oracle_sets sets;
    struct wcp_store *store;
    struct wcp_verifier *verifier = NULL;
    uint32_t classes[40];
    bool right = true;

    for (uint32_t i = 0; i < 40; i++) {
        made_text_random(&text, &rng, MADE_CHINESE, i + 5);
        for (uint32_t k = 0; k < i + 5; k++)
            text.chars[k] = 0x4E00 + 17 * k;
        made_corpus_add(&corpus, made_text_utf8(&text), "", WCP_NO_DATE);
        classes[i] = i;
    }
    oracle_sets_init(&sets, &corpus);
    store = made_store(&corpus, &plan);
    CU_ASSERT_EQUAL_FATAL(store->num_classes, 40);
    CU_ASSERT_FATAL(wcp_verifier_new(store, 1 << 20, &verifier, NULL) ==
                    WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_verifier_begin(verifier, classes, 40, NULL) ==
                    WCP_CODE_OK);
    for (uint32_t i = 0; i < 40; i++)
        for (uint32_t k = 0; k <= i; k++) {
            double exact = (double)(k + 1) / (double)(i + 1);
            struct wcp_overlap overlap;

            right &= wcp_verifier_overlap(verifier, i, k, exact, &overlap,
                                          NULL) == WCP_CODE_OK &&
                     overlap.common == k + 1 && overlap.size_a == i + 1 &&
                     overlap.size_b == k + 1 && wcp_jaccard(&overlap) == exact;
        }
    CU_ASSERT(right);
    wcp_verifier_free(verifier);
    wcp_store_free(store);
    oracle_sets_release(&sets);
    made_text_release(&text);
    made_corpus_release(&corpus);
}

static size_t
most_kept(struct wcp_store *store, size_t wanted)
{
    struct wcp_verifier *verifier = NULL;
    size_t most;

    if (wcp_verifier_new(store, wanted, &verifier, NULL) != WCP_CODE_OK)
        abort();
    most = wcp_verifier_most(verifier);
    wcp_verifier_free(verifier);
    return most;
}

/* What all threads keep leaves half of a limit to others. */
static void
test_kept_under_limit(void)
{
    const size_t mib = (size_t)1 << 20;
    struct wcp_quota limit = { .limit = 40 * mib, .used = 8 * mib };
    struct wcp_plan plan = made_plan(.8, .99);
    struct made_corpus corpus = { 0 };
    struct wcp_store *store;

    made_corpus_add(&corpus, calloc(1, 1), "", WCP_NO_DATE);
    store = made_store(&corpus, &plan);
    store->opts.memory = NULL;
    CU_ASSERT_EQUAL(most_kept(store, 32 * mib), 32 * mib);
    store->opts.memory = &limit;
    store->opts.num_threads = 2;
    CU_ASSERT_EQUAL(most_kept(store, 32 * mib), 8 * mib);
    CU_ASSERT_EQUAL(most_kept(store, 3 * mib), 3 * mib);
    limit.used = limit.limit;
    CU_ASSERT_EQUAL(most_kept(store, 32 * mib), mib);
    limit.limit = 0; /* none */
    CU_ASSERT_EQUAL(most_kept(store, 32 * mib), 32 * mib);
    store->opts.keep_bytes = 2 * mib;
    CU_ASSERT_EQUAL(most_kept(store, 32 * mib), 2 * mib);
    store->opts.memory = NULL;
    wcp_store_free(store);
    made_corpus_release(&corpus);
}

static struct wcp_overlap
random_overlap(struct test_rng *rng)
{
    uint64_t bits = 1 + test_below(rng, 30);
    uint32_t common = (uint32_t)test_below(rng, UINT64_C(1) << bits);
    uint32_t more_a = (uint32_t)test_below(rng, UINT64_C(1) << bits);
    uint32_t more_b = (uint32_t)test_below(rng, 3);
    uint32_t limit = (uint32_t)1 << 30;

    return (struct wcp_overlap){
        common, common + more_a < limit ? common + more_a : limit,
        common + more_b < limit ? common + more_b : limit
    };
}

static void
test_compare_overlaps(void)
{
    for (uint64_t number = 3100; number < 5100; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_overlap x = random_overlap(&rng), y = random_overlap(&rng);
        uint64_t x_all, y_all;
        int order;

        if (test_below(&rng, 4) == 0)
            y = (struct wcp_overlap){ x.common, x.size_b, x.size_a };
        x_all = (uint64_t)x.size_a + x.size_b - x.common;
        y_all = (uint64_t)y.size_a + y.size_b - y.common;
        if (x_all == 0 || y_all == 0)
            continue;
        order = wcp_overlap_compare(&x, &y);
        order = (order > 0) - (order < 0);
        MADE_CHECK(
            order == oracle_compare_fractions(x.common, x_all, y.common, y_all),
            number);
        MADE_CHECK(wcp_jaccard(&x) == (double)x.common / (double)x_all, number);
    }
    CU_ASSERT_EQUAL(wcp_jaccard(&(struct wcp_overlap){ 0, 0, 0 }), 0);
    CU_ASSERT_EQUAL(wcp_jaccard(&(struct wcp_overlap){ 9, 9, 9 }), 1);
}

void
suite_verifier(void)
{
    CU_pSuite suite = CU_add_suite("verifier", NULL, NULL);

    CU_add_test(suite, "overlaps", test_overlaps);
    CU_add_test(suite, "size ratio at the threshold", test_ratio_at_threshold);
    CU_add_test(suite, "overlaps of given pairs", test_overlaps_fill);
    CU_add_test(suite, "what is kept under a limit", test_kept_under_limit);
    CU_add_test(suite, "comparing overlaps", test_compare_overlaps);
}
