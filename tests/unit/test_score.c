/*
 * test_score.c - gold, scores and mistakes against enumeration of all pairs
 */
#include "group/relation.h"
#include "group/score.h"
#include "oracle_match.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- counts ---- */

static void
enumerate(const uint32_t *gold, const uint32_t *found, uint32_t num,
          struct wcp_pair_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (uint32_t i = 0; i < num; i++)
        for (uint32_t k = 0; k < i; k++) {
            counts->all++;
            counts->gold += gold[i] == gold[k];
            counts->found += found[i] == found[k];
            counts->both += gold[i] == gold[k] && found[i] == found[k];
        }
}

static bool
counts_equal(const struct wcp_pair_counts *x, const struct wcp_pair_counts *y)
{
    return x->all == y->all && x->gold == y->gold && x->found == y->found &&
           x->both == y->both;
}

static void
random_labels(struct test_rng *rng, uint32_t *labels, uint32_t num)
{
    uint64_t groups = 1 + test_below(rng, num + 1);

    for (uint32_t i = 0; i < num; i++)
        labels[i] = (uint32_t)(test_below(rng, groups) % num);
}

static void
test_counts(void)
{
    static const uint32_t sizes[] = { 0, 1, 2, 3, 7, 64, 300 };

    for (uint64_t number = 0; number < 140; number++) {
        struct test_rng rng = made_rng(number);
        uint32_t num = sizes[number % 7], gold[300], found[300];
        struct wcp_pair_counts want, got;

        random_labels(&rng, gold, num > 0 ? num : 1);
        random_labels(&rng, found, num > 0 ? num : 1);
        enumerate(gold, found, num, &want);
        MADE_CHECK(wcp_count_pairs(&wcp_memory_libc, gold, found, num, &got,
                                   NULL) == WCP_CODE_OK,
                   number);
        MADE_CHECK(counts_equal(&want, &got), number);
    }
}

/* 300,000 documents in one cluster, found as two groups of halves. */
static void
test_huge_cluster(void)
{
    enum { NUM = 300000 };
    uint32_t *gold = calloc(NUM, sizeof *gold);
    uint32_t *found = calloc(NUM, sizeof *found);
    struct wcp_pair_counts counts;

    CU_ASSERT_FATAL(gold != NULL && found != NULL);
    for (uint32_t i = 0; i < NUM; i++)
        found[i] = i % 2;
    CU_ASSERT_EQUAL(
        wcp_count_pairs(&wcp_memory_libc, gold, found, NUM, &counts, NULL),
        WCP_CODE_OK);
    CU_ASSERT_EQUAL(counts.gold, UINT64_C(44999850000));
    CU_ASSERT_EQUAL(counts.found, UINT64_C(22499850000));
    CU_ASSERT_EQUAL(counts.both, counts.found);
    CU_ASSERT_EQUAL(counts.all, counts.gold);
    CU_ASSERT_DOUBLE_EQUAL(wcp_precision(&counts), 1, 0);
    /* All in one is what chance would give: nothing is left to agree. */
    CU_ASSERT_DOUBLE_EQUAL(wcp_adjusted_rand(&counts), 0, 0);
    free(gold);
    free(found);
}

/* ---- ratios ---- */

static void
test_ratios(void)
{
    /* The example of six objects: {a b c} {d e f} and {a b} {c d e} {f}. */
    static const uint32_t gold[] = { 0, 0, 0, 3, 3, 3 };
    static const uint32_t found[] = { 0, 0, 2, 2, 2, 5 };
    struct wcp_pair_counts counts;

    CU_ASSERT_EQUAL(
        wcp_count_pairs(&wcp_memory_libc, gold, found, 6, &counts, NULL),
        WCP_CODE_OK);
    CU_ASSERT_EQUAL(counts.all, 15);
    CU_ASSERT_EQUAL(counts.gold, 6);
    CU_ASSERT_EQUAL(counts.found, 4);
    CU_ASSERT_EQUAL(counts.both, 2);
    CU_ASSERT_DOUBLE_EQUAL(wcp_precision(&counts), .5, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(wcp_recall(&counts), 1 / 3., 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(wcp_f1(&counts), .4, 1e-15);
    /* E = 6 * 4 / 15 = 1.6; (2 - 1.6) / (5 - 1.6) */
    CU_ASSERT_DOUBLE_EQUAL(wcp_adjusted_rand(&counts), .4 / 3.4, 1e-15);
}

static void
test_empty_ratios(void)
{
    const struct wcp_pair_counts none = { 10, 0, 0, 0 };
    const struct wcp_pair_counts only_gold = { 10, 3, 0, 0 };
    const struct wcp_pair_counts only_found = { 10, 0, 3, 0 };
    const struct wcp_pair_counts everything = { 10, 10, 10, 10 };

    CU_ASSERT(isnan(wcp_precision(&none)) && isnan(wcp_recall(&none)));
    CU_ASSERT(isnan(wcp_f1(&none)) && isnan(wcp_adjusted_rand(&none)));
    CU_ASSERT(isnan(wcp_precision(&only_gold)));
    CU_ASSERT_EQUAL(wcp_recall(&only_gold), 0);
    CU_ASSERT_EQUAL(wcp_f1(&only_gold), 0);
    CU_ASSERT_EQUAL(wcp_adjusted_rand(&only_gold), 0);
    CU_ASSERT_EQUAL(wcp_precision(&only_found), 0);
    CU_ASSERT(isnan(wcp_recall(&only_found)));
    CU_ASSERT_EQUAL(wcp_f1(&everything), 1);
    CU_ASSERT(isnan(wcp_adjusted_rand(&everything)));
}

/* Counts near 2^62, where products lose 60 bits in a double: found and gold
 * share one pair more than chance gives. */
static void
test_large_ratios(void)
{
    const uint64_t all = (UINT64_C(1) << 32) * ((UINT64_C(1) << 31) - 1);
    const uint64_t gold = UINT64_C(1) << 33, found = (UINT64_C(1) << 31) - 1;
    struct wcp_pair_counts counts = { all, gold, found, 2 }; /* chance: 2 */
    double spread = ((double)gold + (double)found) / 2 - 2;

    CU_ASSERT_EQUAL(wcp_adjusted_rand(&counts), 0);
    counts.both = 3;
    CU_ASSERT_DOUBLE_EQUAL(wcp_adjusted_rand(&counts) * spread, 1, 1e-9);
    counts.both = 1;
    CU_ASSERT_DOUBLE_EQUAL(wcp_adjusted_rand(&counts) * spread, -1, 1e-9);
    counts.gold = counts.found = counts.both = all - 1;
    CU_ASSERT_DOUBLE_EQUAL(wcp_adjusted_rand(&counts), 1, 1e-12);
}

/* ---- gold ---- */

static struct wcp_store *
store_of_ids(const char *const *ids)
{
    const struct wcp_plan plan = made_plan(.8, .99);
    struct made_corpus corpus = { 0 };
    struct wcp_store *store;

    for (size_t i = 0; ids[i] != NULL; i++) {
        char text[64];

        snprintf(text, sizeof text, "the text of document number %zu", i);
        made_corpus_add(&corpus, strdup(text), ids[i], WCP_NO_DATE);
    }
    store = made_store(&corpus, &plan);
    made_corpus_release(&corpus);
    return store;
}

static const char *const abcdef[] = { "a", "b", "c", "d", "e", "f", NULL };

/* Labels as letters: documents a to f. */
static void
check_labels(const char *text, const char *labels)
{
    struct wcp_store *store = store_of_ids(abcdef);
    struct wcp_gold gold;
    struct wcp_fault fault = { 0 };
    enum wcp_code code =
        wcp_gold_make(&gold, store, text, strlen(text), WCP_REL_COPIES, &fault);

    CU_ASSERT_EQUAL(code, WCP_CODE_OK);
    if (code == WCP_CODE_OK) {
        CU_ASSERT_PTR_NOT_NULL(gold.labels);
        for (size_t i = 0; i < 6 && gold.labels != NULL; i++)
            CU_ASSERT_EQUAL('a' + (char)gold.labels[i], labels[i]);
    }
    wcp_gold_release(&gold);
    wcp_store_free(store);
}

static void
test_clusters(void)
{
    check_labels("", "abcdef");
    check_labels("# nothing\n\n", "abcdef");
    check_labels("a\t1\nb\t1\n", "aacdef");
    check_labels("id\tcluster\nf\tx\na\tx", "abcdea");
    check_labels("\xEF\xBB\xBF"
                 "b\t1\r\nc\t1\r\na\t2\r\n",
                 "abbdef");
    check_labels("z\t1\na\t1\nc\t1\n", "abadef"); /* z is nobody */
    check_labels("a\t1\na\t1\nb\t1\n", "aacdef"); /* said twice */
}

static void
test_copies(void)
{
    check_labels("b\ta\treprint\nc\tb\tabridged\n", "aaadef");
    check_labels("copy\toriginal\trelation\nb\ta\tnone\nd\tc\texpanded\n",
                 "abccef");
    check_labels("b\ta\ttemplate\nc\ta\tboilerplate\nf\te\tabridged\n",
                 "abcdee");
    check_labels("b\ta\texcerpt\nd\tc\tembedded\n", "abcdef");
    /* Two copies of an original that the corpus lacks. */
    check_labels("b\tz\treprint\nc\tz\treprint\na\ta\toriginal\n", "abbdef");
}

static void
test_labelled(void)
{
    static const char text[] = "b\ta\t1\na\tb\t1\nc\td\t0\ne\tz\t1\n";
    static const uint32_t found[] = { 0, 0, 2, 2, 4, 5 };
    struct wcp_store *store = store_of_ids(abcdef);
    struct wcp_gold gold;
    struct wcp_pair_counts counts;

    CU_ASSERT_EQUAL_FATAL(wcp_gold_make(&gold, store, text, sizeof text - 1,
                                        WCP_REL_COPIES, NULL),
                          WCP_CODE_OK);
    CU_ASSERT_EQUAL(gold.form, WCP_GOLD_PAIRS);
    CU_ASSERT_EQUAL(gold.pairs.num, 2);
    CU_ASSERT_EQUAL(gold.num_unknown, 1);
    CU_ASSERT_STRING_EQUAL(gold.unknown, "z");
    wcp_count_labelled(&gold, found, &counts);
    CU_ASSERT_EQUAL(counts.all, 2);
    CU_ASSERT_EQUAL(counts.gold, 1);
    CU_ASSERT_EQUAL(counts.found, 2);
    CU_ASSERT_EQUAL(counts.both, 1);
    wcp_gold_release(&gold);
    wcp_store_free(store);
}

static void
check_refused(const char *text, enum wcp_code want, uint64_t line)
{
    struct wcp_store *store = store_of_ids(abcdef);
    struct wcp_gold gold;
    struct wcp_fault fault = { 0 };

    CU_ASSERT_EQUAL(
        wcp_gold_make(&gold, store, text, strlen(text), WCP_REL_COPIES, &fault),
        want);
    CU_ASSERT_EQUAL(fault.code, want);
    CU_ASSERT_EQUAL(fault.at, line);
    CU_ASSERT_PTR_NULL(gold.labels);
    wcp_store_free(store);
}

static void
test_refused(void)
{
    check_refused("a\n", WCP_CODE_BAD_RECORD, 1);
    check_refused("a\t1\nb\n", WCP_CODE_BAD_RECORD, 2);
    check_refused("a\t1\tx\ty\n", WCP_CODE_BAD_RECORD, 1);
    check_refused("a\t\nb\t1\n", WCP_CODE_BAD_RECORD, 1);
    check_refused("\t1\n", WCP_CODE_BAD_RECORD, 1);
    check_refused("a\t1\nb\ta\t1\n", WCP_CODE_BAD_RECORD, 2);
    check_refused("b\ta\treprint\nc\ta\t1\n", WCP_CODE_BAD_RECORD, 2);
    check_refused("b\ta\treprint\n\nc\ta\treprnt\n", WCP_CODE_BAD_RECORD, 3);
    check_refused("b\ta\treprnt\n", WCP_CODE_BAD_RECORD, 1);
    check_refused("a\t1\nb\t1\na\t2\n", WCP_CODE_BAD_RECORD, 3);
    check_refused("a\tb\t1\n#\nb\ta\t0\n", WCP_CODE_BAD_RECORD, 3);
    check_refused("a\ta\t1\n", WCP_CODE_BAD_RECORD, 1);
    check_refused("a\t1\n\xFF\t1\n", WCP_CODE_BAD_TEXT, 2);
    check_refused("x\t1\ny\t1\n", WCP_CODE_BAD_RECORD, 0);
}

static void
test_unknown(void)
{
    static const char text[] = "a\tb\nc\td\nz\tf\nz\tf\ny\te\n";
    static const char pairs[] = "a\tb\nc\td\n";
    static const char twice[] = "a\tb\na\tc\n";
    struct wcp_store *store = store_of_ids(abcdef);
    struct wcp_gold gold;

    CU_ASSERT_EQUAL_FATAL(wcp_gold_make(&gold, store, text, sizeof text - 1,
                                        WCP_REL_COPIES, NULL),
                          WCP_CODE_OK);
    CU_ASSERT_EQUAL(gold.num_unknown, 2);
    CU_ASSERT(gold.looks_like_pairs);
    wcp_gold_release(&gold);
    CU_ASSERT_EQUAL_FATAL(wcp_gold_make(&gold, store, pairs, sizeof pairs - 1,
                                        WCP_REL_COPIES, NULL),
                          WCP_CODE_OK);
    CU_ASSERT_EQUAL(gold.num_unknown, 0);
    CU_ASSERT(gold.looks_like_pairs);
    wcp_gold_release(&gold);
    /* Not "a is in another cluster before". */
    CU_ASSERT_EQUAL_FATAL(wcp_gold_make(&gold, store, twice, sizeof twice - 1,
                                        WCP_REL_COPIES, NULL),
                          WCP_CODE_OK);
    CU_ASSERT(gold.looks_like_pairs);
    wcp_gold_release(&gold);
    wcp_store_free(store);
}

/* Cut anywhere, a gold file is a result or a refusal, and reads no further. */
static void
test_cut_gold(void)
{
    static const char text[] = "copy\toriginal\trelation\r\nb\ta\treprint\r\n"
                               "\xE6\xBE\x9C\tc\tnone\n#x\nd\tc\tabridged";
    struct wcp_store *store = store_of_ids(abcdef);

    for (size_t len = 0; len < sizeof text; len++) {
        uint8_t *bytes = test_guarded(len);
        struct wcp_gold gold;
        enum wcp_code code;

        memcpy(bytes, text, len);
        code = wcp_gold_make(&gold, store, (const char *)bytes, len,
                             WCP_REL_COPIES, NULL);
        CU_ASSERT(code == WCP_CODE_OK || code == WCP_CODE_BAD_RECORD ||
                  code == WCP_CODE_BAD_TEXT);
        wcp_gold_release(&gold);
        test_guarded_free(bytes, len);
    }
    wcp_store_free(store);
}

/* ---- mistakes ---- */

static bool
is_mistake(const struct wcp_gold *gold, const uint32_t *found, uint32_t a,
           uint32_t b, bool missed)
{
    bool in_gold = gold->labels[a] == gold->labels[b];
    bool in_found = found[a] == found[b];

    return missed ? in_gold && !in_found : in_found && !in_gold;
}

/* How many mistakes of the kind there are, and how many are worse than the
 * one given by more than a hair. */
static size_t
count_worse(const struct wcp_gold *gold, const uint32_t *found,
            const struct oracle_sets *sets, const struct wcp_mistake *than,
            size_t *num_ret)
{
    double limit = oracle_jaccard(&sets->at[than->a], &sets->at[than->b]);
    size_t worse = 0;

    *num_ret = 0;
    for (uint32_t a = 0; a < gold->num_documents; a++)
        for (uint32_t b = a + 1; b < gold->num_documents; b++) {
            double jaccard;

            if (!is_mistake(gold, found, a, b, than->missed))
                continue;
            ++*num_ret;
            if (sets->at[a].num == 0 || sets->at[b].num == 0)
                continue;
            jaccard = oracle_jaccard(&sets->at[a], &sets->at[b]);
            worse += than->missed ? jaccard > limit + 1e-12
                                  : jaccard < limit - 1e-12;
        }
    return worse;
}

static void
check_list(const struct wcp_mistakes *mistakes, const struct wcp_gold *gold,
           const uint32_t *found, const struct oracle_sets *sets, size_t limit,
           uint64_t number)
{
    size_t kept[2] = { 0, 0 };

    for (size_t i = 0; i < mistakes->list.num; i++) {
        const struct wcp_mistake *m = &mistakes->list.at[i];
        const struct oracle_set *a = &sets->at[m->a], *b = &sets->at[m->b];
        size_t rank = kept[m->missed]++, num;

        MADE_CHECK(i == 0 || m[-1].missed <= m->missed, number);
        MADE_CHECK(is_mistake(gold, found, m->a, m->b, m->missed), number);
        MADE_CHECK(m->empty == (a->num == 0 || b->num == 0), number);
        if (m->empty)
            continue;
        MADE_CHECK(m->overlap.size_a == a->num && m->overlap.size_b == b->num,
                   number);
        MADE_CHECK(m->overlap.common == oracle_set_common(a, b), number);
        MADE_CHECK(count_worse(gold, found, sets, m, &num) <= rank, number);
        MADE_CHECK(rank + 1 < limit || num >= limit, number);
    }
    MADE_CHECK(kept[0] <= limit && kept[1] <= limit, number);
}

static void
test_mistakes(void)
{
    for (uint64_t number = 0; number < 6; number++) {
        struct test_rng rng = made_rng(number);
        const struct wcp_plan plan =
            number % 3 == 2 ? made_simhash_plan(-1, 3) : made_plan(.7, .99);
        struct made_corpus corpus = { 0 };
        struct oracle_sets sets;
        struct wcp_store *store;
        struct wcp_gold gold = { .form = WCP_GOLD_CLUSTERS };
        struct wcp_mistakes mistakes;
        size_t limit = number % 2 == 0 ? 7 : 100000;
        uint32_t found[80], labels[80];

        made_corpus_random(&corpus, &rng, 79, 9);
        made_corpus_add(&corpus, strdup(" ... "), "empty", WCP_NO_DATE);
        store = made_store(&corpus, &plan);
        oracle_sets_init(&sets, &corpus);
        random_labels(&rng, labels, 80);
        random_labels(&rng, found, 80);
        gold.labels = labels;
        gold.num_documents = 80;
        CU_ASSERT_EQUAL_FATAL(
            wcp_mistakes_find(&mistakes, store, &gold, found, limit, NULL),
            WCP_CODE_OK);
        CU_ASSERT(!mistakes.incomplete);
        check_list(&mistakes, &gold, found, &sets, limit, number);
        wcp_mistakes_release(&mistakes);
        oracle_sets_release(&sets);
        wcp_store_free(store);
        made_corpus_release(&corpus);
    }
}

/* Every allocation may fail: a status, nothing leaked, nothing odd. */
static void
test_no_memory(void)
{
    static const char text[] = "b\ta\treprint\nc\tz\tnone\nd\tc\treprint\n";
    static const uint32_t found[] = { 0, 1, 2, 2, 2, 2 };
    const struct wcp_plan plan = made_plan(.8, .99);
    struct made_corpus corpus = { 0 };
    bool done = false;

    for (size_t i = 0; i < 6; i++)
        made_corpus_add(&corpus, strdup("one text for all of them"), abcdef[i],
                        WCP_NO_DATE);
    for (uint64_t n = 1; !done && n < 1000; n++) {
        struct made_memory memory;
        struct wcp_store *store = NULL;
        struct wcp_gold gold = { 0 };
        struct wcp_mistakes mistakes = { 0 };
        struct wcp_pair_counts counts;
        enum wcp_code code;

        made_memory_init(&memory);
        CU_ASSERT_EQUAL_FATAL(
            made_store_fill(&memory.memory, &corpus, &plan, &store),
            WCP_CODE_OK);
        CU_ASSERT_EQUAL_FATAL(wcp_store_close(store, NULL, NULL), WCP_CODE_OK);
        made_memory_arm(&memory, n, false);
        code = wcp_gold_make(&gold, store, text, sizeof text - 1,
                             WCP_REL_COPIES, NULL);
        if (code == WCP_CODE_OK)
            code = wcp_count_pairs(&memory.memory, gold.labels, found, 6,
                                   &counts, NULL);
        if (code == WCP_CODE_OK)
            code = wcp_mistakes_find(&mistakes, store, &gold, found, 10, NULL);
        done = code == WCP_CODE_OK && memory.num_failed == 0;
        MADE_CHECK(code == WCP_CODE_OK || code == WCP_CODE_NO_MEMORY, n);
        made_memory_arm(&memory, 0, false);
        wcp_mistakes_release(&mistakes);
        wcp_gold_release(&gold);
        wcp_store_free(store);
        MADE_CHECK(memory.live == 0 && !memory.wrong_size, n);
    }
    CU_ASSERT(done);
    made_corpus_release(&corpus);
}

void
suite_score(void)
{
    CU_pSuite suite = CU_add_suite("score", NULL, NULL);

    CU_add_test(suite, "counts", test_counts);
    CU_add_test(suite, "a huge cluster", test_huge_cluster);
    CU_add_test(suite, "ratios", test_ratios);
    CU_add_test(suite, "ratios of nothing", test_empty_ratios);
    CU_add_test(suite, "ratios of large counts", test_large_ratios);
    CU_add_test(suite, "clusters", test_clusters);
    CU_add_test(suite, "copies", test_copies);
    CU_add_test(suite, "labelled pairs", test_labelled);
    CU_add_test(suite, "refused gold", test_refused);
    CU_add_test(suite, "unknown ids", test_unknown);
    CU_add_test(suite, "cut gold", test_cut_gold);
    CU_add_test(suite, "mistakes", test_mistakes);
    CU_add_test(suite, "no memory", test_no_memory);
}
