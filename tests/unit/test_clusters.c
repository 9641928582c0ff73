/*
 * test_clusters.c - hits that lie close together, and which lead nowhere
 */
#include "support.h"

#include "passage/engine.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 200, TEXTS = 40, MOST_HITS = 300 };

/* ---- what a run may become ---- */

/* Two texts that have a run in common, some of it with an edit. */
struct two_texts {
    uint16_t *units[2];
    uint32_t num[2], run[2], len;
};

static void
make_texts(struct two_texts *t, struct test_rng *rng)
{
    const uint64_t letters = 2 + test_below(rng, 300);

    for (int side = 0; side < 2; side++) {
        t->num[side] = (uint32_t)(20 + test_below(rng, MOST - 19));
        /* What is read beyond the end of either is seen. */
        t->units[side] = (uint16_t *)(void *)test_guarded(2 * t->num[side]);
        for (uint32_t i = 0; i < t->num[side]; i++)
            t->units[side][i] = (uint16_t)(0x4E00 + test_below(rng, letters));
    }
    t->len = (uint32_t)(1 + test_below(rng, 20));
    for (int side = 0; side < 2; side++)
        t->run[side] = (uint32_t)test_below(rng, t->num[side] - t->len + 1);
    for (int at = -30; at < 50; at++) {
        const int64_t a = (int64_t)t->run[0] + at, b = (int64_t)t->run[1] + at;
        const bool in_run = at >= 0 && at < (int)t->len;

        if (a >= 0 && a < t->num[0] && b >= 0 && b < t->num[1] &&
            (in_run || test_below(rng, 3) == 0))
            t->units[1][b] = t->units[0][a];
    }
}

/* Units that match in what is extended to both sides. */
static uint32_t
extend(struct wcp_extender *extender, const struct two_texts *t)
{
    const struct wcp_units b = { t->units[1], t->num[1], false };
    struct wcp_extension ext = { t->units[0], &b, t->run[0], t->run[1],
                                 0,           0,  true };
    struct wcp_reach left, right;

    CU_ASSERT_TRUE(wcp_extend(extender, &ext, NULL, &left));
    ext.left = false;
    ext.a_end = t->num[0];
    ext.b_end = t->num[1];
    CU_ASSERT_TRUE(wcp_extend(extender, &ext, NULL, &right));
    return left.matched + right.matched;
}

static void
test_no_more_matches(void)
{
    struct test_rng rng = { test_seed() };
    struct wcp_extender *extender = wcp_extender_new(&wcp_memory_libc);
    uint32_t num_known = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(extender);
    for (int round = 0; round < 5000; round++) {
        struct two_texts t;
        struct wcp_units b;
        uint32_t most;

        make_texts(&t, &rng);
        b = (struct wcp_units){ t.units[1], t.num[1], false };
        most =
            wcp_match_most(t.units[0], t.num[0], &b, t.run[0], t.run[1], t.len);
        if (most != WCP_MATCH_UNKNOWN) {
            CU_ASSERT_TRUE(extend(extender, &t) <= most);
            CU_ASSERT_TRUE(most >= t.len);
            num_known++;
        }
        for (int side = 0; side < 2; side++)
            test_guarded_free((uint8_t *)t.units[side], 2 * t.num[side]);
    }
    CU_ASSERT_TRUE(num_known > 500);
    wcp_extender_free(extender);
}

static void
test_unknown(void)
{
    const uint16_t a[4] = { 'a', 'b', 'c', 'd' };
    const uint16_t other[4] = { 'a', 'b', 'x', 'd' };
    const struct wcp_units same = { a, 4, false }, b = { other, 4, false };
    const struct wcp_units narrow = { "abcd", 4, true };

    CU_ASSERT_EQUAL(wcp_match_most(a, 4, &same, 0, 0, 4), 4);
    CU_ASSERT_EQUAL(wcp_match_most(a, 4, &b, 0, 0, 2), 3);
    CU_ASSERT_EQUAL(wcp_match_most(a, 4, &b, 0, 0, 3), WCP_MATCH_UNKNOWN);
    CU_ASSERT_EQUAL(wcp_match_most(a, 4, &narrow, 0, 0, 4), WCP_MATCH_UNKNOWN);
}

/* ---- clusters ---- */

static int
compare_hits(const void *x, const void *y)
{
    const uint64_t p = *(const uint64_t *)x, q = *(const uint64_t *)y;

    return (p > q) - (p < q);
}

static uint32_t
text_of(const struct wcp_units *texts, uint64_t hit, uint64_t *end)
{
    uint32_t number = 0;

    for (*end = texts[0].num; hit >> 32 >= *end; *end += texts[number].num)
        number++;
    return number;
}

/* Each hit by itself: with the one before it, if that is near and of the same
 * text. */
static size_t
list_slowly(const struct wcp_units *texts, const uint64_t *hits, uint32_t num,
            uint32_t least, struct wcp_hit_cluster *list)
{
    size_t num_listed = 0;

    for (uint32_t i = 0, end; i < num; i = end) {
        uint64_t text_end;
        const uint32_t number = text_of(texts, hits[i], &text_end);

        for (end = i + 1;
             end < num && hits[end] >> 32 < text_end &&
             (hits[end] >> 32) - (hits[end - 1] >> 32) <= WCP_CHAIN_GAP;)
            end++;
        if (end - i >= least)
            list[num_listed++] = (struct wcp_hit_cluster){ i, end - i, number };
    }
    return num_listed;
}

static void
test_clusters_listed(void)
{
    struct test_rng rng = { test_seed() };
    struct wcp_clusters clusters = { .mem = &wcp_memory_libc };
    uint16_t units[1000] = { 0 };
    struct wcp_hit_cluster expected[MOST_HITS];
    uint64_t hits[MOST_HITS];

    for (int round = 0; round < 200; round++) {
        struct wcp_units texts[TEXTS];
        struct wcp_places places;
        uint64_t total = 0;
        const uint32_t num = (uint32_t)test_below(&rng, MOST_HITS + 1);
        size_t num_expected;

        for (int i = 0; i < TEXTS; i++) {
            const uint32_t most = test_below(&rng, 2) ? 1000 : 50;

            texts[i] =
                (struct wcp_units){ units, (uint32_t)test_below(&rng, most),
                                    false };
            total += texts[i].num;
        }
        texts[0].num += total == 0;
        total += total == 0;
        for (uint32_t i = 0; i < num; i++)
            hits[i] = test_below(&rng, total) << 32 | test_below(&rng, 9);
        qsort(hits, num, sizeof *hits, compare_hits);
        CU_ASSERT_EQUAL_FATAL(
            wcp_places_init(&places, &wcp_memory_libc, texts, TEXTS, NULL),
            WCP_CODE_OK);
        clusters.least = (uint32_t)(1 + test_below(&rng, 2));
        num_expected = list_slowly(texts, hits, num, clusters.least, expected);
        CU_ASSERT_TRUE(wcp_clusters_list(&clusters, &places, hits, num));
        CU_ASSERT_EQUAL_FATAL(clusters.list.num, num_expected);
        CU_ASSERT_TRUE(num_expected == 0 ||
                       memcmp(clusters.list.at, expected,
                              num_expected * sizeof *expected) == 0);
        wcp_places_release(&places);
    }
    wcp_clusters_release(&clusters);
}

void
suite_clusters(void)
{
    CU_pSuite suite = CU_add_suite("clusters", NULL, NULL);

    CU_ADD_TEST(suite, test_no_more_matches);
    CU_ADD_TEST(suite, test_unknown);
    CU_ADD_TEST(suite, test_clusters_listed);
}
