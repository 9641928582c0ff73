/*
 * test_shingle_set.c - sets, their intersections, and the sort below them
 */
#include "oracle_sketch.h"
#include "sketch/kernels.h"
#include "sketch/sketch.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t *
new_hashes(size_t num)
{
    return (void *)test_guarded(num * sizeof(uint64_t));
}

static void
free_hashes(uint64_t *hashes, size_t num)
{
    test_guarded_free((uint8_t *)hashes, num * sizeof *hashes);
}

static bool
same_hashes(const uint64_t *a, const uint64_t *b, size_t num)
{
    return num == 0 || memcmp(a, b, num * sizeof *a) == 0;
}

/* ---- sorting ---- */

static int
compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* What a sort for evenly spread numbers may get wrong. */
enum {
    RANDOM,
    ASCENDING,
    DESCENDING,
    EQUAL,
    EXTREMES,      /* only 0 and the largest */
    FEW_DIFFERENT, /* a few random ones, over and over */
    SMALL,         /* the upper bits are equal */
    ONE_BUCKET,    /* the upper 11 bits are, the rest is random */
    SKEWED,        /* most in one bucket, the others anywhere */
    NESTED,        /* each bit is set half as often as the one below */
    DIGIT,         /* only one byte in the middle varies */
    NUM_SHAPES
};

static uint64_t
element(struct test_rng *rng, unsigned shape, size_t i)
{
    const uint64_t value = test_random(rng);

    switch (shape) {
    case ASCENDING:
        return i * UINT64_C(0x123456789AB);
    case DESCENDING:
        return ~(uint64_t)i;
    case EQUAL:
        return 42;
    case EXTREMES:
        return value & 1 ? UINT64_MAX : 0;
    case FEW_DIFFERENT:
        return value % 7 * UINT64_C(0x2492492492492492);
    case SMALL:
        return value % 100000;
    case ONE_BUCKET:
        return value >> 11 | UINT64_C(0x5540000000000000);
    case SKEWED:
        return value % 10 ? value >> 20 : value;
    case NESTED:
        return value >> test_below(rng, 64);
    case DIGIT:
        return (value & 0xFF) << 24;
    default:
        return value;
    }
}

static void
check_sort(struct test_rng *rng, unsigned shape, size_t num)
{
    uint64_t *values = new_hashes(num), *scratch = new_hashes(num);
    uint64_t *expected = new_hashes(num);
    bool good;

    for (size_t i = 0; i < num; i++)
        expected[i] = values[i] = element(rng, shape, i);
    if (num > 0)
        qsort(expected, num, sizeof *expected, compare);
    wcp_sort_u64(values, scratch, num);
    good = same_hashes(values, expected, num);
    CU_ASSERT(good);
    if (!good)
        printf("sort: %zu numbers of shape %u, WCP_TEST_SEED=%" PRIu64 "\n",
               num, shape, test_seed());
    free_hashes(values, num);
    free_hashes(scratch, num);
    free_hashes(expected, num);
}

static void
test_sort(void)
{
    static const size_t large[] = { 1023,  1024,  1025,  4095, 4096,
                                    16383, 16384, 16385, 50000 };
    struct test_rng rng = { test_seed() };

    for (unsigned shape = 0; shape < NUM_SHAPES; shape++) {
        for (size_t num = 0; num < 300; num++)
            check_sort(&rng, shape, num);
        for (size_t i = 0; i < sizeof large / sizeof *large; i++)
            check_sort(&rng, shape, large[i]);
    }
    for (size_t num = (1 << 17) - 1; num < (1 << 17) + 2; num++) {
        for (unsigned shape = 0; shape < NUM_SHAPES; shape++)
            check_sort(&rng, shape, num);
    }
    check_sort(&rng, RANDOM, 1500000);
}

/* ---- intersections ---- */

static const struct wcp_kernels *
table(size_t i)
{
    return wcp_kernels_at(i);
}

/* Elements of a small or the whole range, ascending, each once. */
static size_t
fill_set(struct test_rng *rng, uint64_t *set, size_t num, uint64_t range)
{
    for (size_t i = 0; i < num; i++)
        set[i] = range ? test_below(rng, range) : test_random(rng);
    return oracle_unique(set, num);
}

static void
check_intersect(const uint64_t *a, size_t num_a, const uint64_t *b,
                size_t num_b)
{
    const size_t expected = oracle_common(a, num_a, b, num_b);

    for (size_t i = 0; table(i); i++) {
        const size_t forth = table(i)->intersect(a, num_a, b, num_b);
        const size_t back = table(i)->intersect(b, num_b, a, num_a);

        CU_ASSERT_EQUAL(forth, expected);
        CU_ASSERT_EQUAL(back, expected);
        CU_ASSERT_EQUAL(table(i)->intersect(a, num_a, a, num_a), num_a);
        if (forth != expected || back != expected)
            printf("intersect: %zu and %zu, WCP_TEST_SEED=%" PRIu64 "\n", num_a,
                   num_b, test_seed());
    }
}

/* Like check_intersect(), with each set right before an unmapped page. */
static void
check_guarded(const uint64_t *a, size_t num_a, const uint64_t *b, size_t num_b)
{
    uint64_t *copy_a = new_hashes(num_a), *copy_b = new_hashes(num_b);

    memcpy(copy_a, a, num_a * sizeof *a);
    memcpy(copy_b, b, num_b * sizeof *b);
    check_intersect(copy_a, num_a, copy_b, num_b);
    free_hashes(copy_a, num_a);
    free_hashes(copy_b, num_b);
}

static void
test_intersect(void)
{
    static const size_t longest[] = { 1, 3, 9, 40, 200, 1500 };
    static const uint64_t part[] = { 0, 1, 2, 5, 1000 };
    const size_t num_longest = sizeof longest / sizeof *longest;
    struct test_rng rng = { test_seed() };
    uint64_t a[1500], b[1500];

    for (unsigned repeat = 0; repeat < 1500; repeat++) {
        const size_t max_a = longest[repeat % num_longest];
        const size_t max_b = longest[repeat / num_longest % num_longest];
        const uint64_t factor = part[test_below(&rng, 5)];
        const uint64_t range = factor * (max_a > max_b ? max_a : max_b);
        size_t num_a, num_b;

        num_a = fill_set(&rng, a, test_below(&rng, max_a + 1), range);
        num_b = fill_set(&rng, b, test_below(&rng, max_b + 1), range);
        check_guarded(a, num_a, b, num_b);
    }
}

/* ---- sets of texts ---- */

static void
check_set(struct wcp_sketcher *sketcher, const uint16_t *units, size_t num,
          unsigned shingle, struct wcp_shingle_set *set)
{
    uint64_t *expected = new_hashes(num);
    size_t n = oracle_shingles(units, num, shingle, expected);
    bool good;

    n = oracle_unique(expected, n);
    CU_ASSERT(wcp_shingle_set_make(sketcher, units, num, set));
    good = set->num == n && same_hashes(set->hashes, expected, n);
    CU_ASSERT(good);
    if (!good)
        printf("set: %zu units, shingle %u, WCP_TEST_SEED=%" PRIu64 "\n", num,
               shingle, test_seed());
    free_hashes(expected, num);
}

static void
test_set_is_oracles(void)
{
    static const unsigned shingles[] = { 0, 1, 3, 5, 8, 9, 64 };
    struct test_rng rng = { test_seed() };

    for (size_t i = 0; i < sizeof shingles / sizeof *shingles; i++) {
        struct wcp_sketcher *sketcher = NULL;
        struct wcp_shingle_set set = { 0 };

        CU_ASSERT_EQUAL_FATAL(
            wcp_sketcher_new(&wcp_memory_libc, shingles[i], &sketcher, NULL),
            WCP_CODE_OK);
        for (unsigned repeat = 0; repeat < 120; repeat++) {
            const size_t num = repeat < 90 ? repeat : test_below(&rng, 6000);
            uint16_t *units = (void *)test_guarded(num * sizeof(uint16_t));

            /* Two letters of each script: shingles come again and again. */
            for (size_t at = 0; at < num; at++)
                units[at] = (uint16_t)((test_below(&rng, 2) ? 0x4E00 : 'a') +
                                       test_below(&rng, 2));
            check_set(sketcher, units, num, shingles[i], &set);
            test_guarded_free((uint8_t *)units, num * sizeof *units);
        }
        wcp_shingle_set_release(sketcher, &set);
        CU_ASSERT_PTR_NULL(set.hashes);
        CU_ASSERT_EQUAL(set.num, 0);
        wcp_shingle_set_release(sketcher, &set);
        wcp_sketcher_free(sketcher);
    }
}

/* "abcdefghij" and "abcdefghijk" share the three windows of the former. */
static void
test_set_common(void)
{
    uint16_t units[11];
    struct wcp_sketcher *sketcher = NULL;
    struct wcp_shingle_set a = { 0 }, b = { 0 }, none = { 0 };

    for (size_t i = 0; i < 11; i++)
        units[i] = (uint16_t)('a' + i);
    CU_ASSERT_EQUAL_FATAL(
        wcp_sketcher_new(&wcp_memory_libc, 0, &sketcher, NULL), WCP_CODE_OK);
    CU_ASSERT(wcp_shingle_set_make(sketcher, units, 10, &a));
    CU_ASSERT(wcp_shingle_set_make(sketcher, units, 11, &b));
    CU_ASSERT_EQUAL(a.num, 3);
    CU_ASSERT_EQUAL(b.num, 4);
    CU_ASSERT_EQUAL(wcp_shingle_set_common(&a, &b), 3);
    CU_ASSERT_EQUAL(wcp_shingle_set_common(&b, &a), 3);
    CU_ASSERT_EQUAL(wcp_shingle_set_common(&a, &none), 0);
    CU_ASSERT(wcp_shingle_set_make(sketcher, NULL, 0, &b));
    CU_ASSERT_EQUAL(b.num, 0);
    wcp_shingle_set_release(sketcher, &a);
    wcp_shingle_set_release(sketcher, &b);
    wcp_sketcher_free(sketcher);
}

static void
test_set_without_memory(void)
{
    int left = 3; /* the sketcher, its scratch, the set */
    const struct wcp_memory mem = { test_ration, &left };
    uint16_t units[1000];
    struct wcp_sketcher *sketcher = NULL;
    struct wcp_shingle_set set = { 0 };
    uint64_t before[20];

    for (size_t i = 0; i < 1000; i++)
        units[i] = (uint16_t)(0x4E00 + i);
    CU_ASSERT_EQUAL_FATAL(wcp_sketcher_new(&mem, 0, &sketcher, NULL),
                          WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_shingle_set_make(sketcher, units, 24, &set));
    CU_ASSERT_EQUAL_FATAL(set.num, 20);
    memcpy(before, set.hashes, sizeof before);
    for (int given = 0; given < 2; given++) {
        left = given;
        CU_ASSERT_FALSE(wcp_shingle_set_make(sketcher, units,
                                             500 + 250 * (size_t)given, &set));
        CU_ASSERT_EQUAL(set.num, 20);
        CU_ASSERT(same_hashes(set.hashes, before, 20));
    }
    left = 2;
    CU_ASSERT(wcp_shingle_set_make(sketcher, units, 1000, &set));
    CU_ASSERT_EQUAL(set.num, 996);
    wcp_shingle_set_release(sketcher, &set);
    wcp_sketcher_free(sketcher);
}

void
suite_shingle_set(void)
{
    CU_pSuite suite = CU_add_suite("shingle_set", NULL, NULL);

    CU_add_test(suite, "sort", test_sort);
    CU_add_test(suite, "intersect", test_intersect);
    CU_add_test(suite, "sets are the oracle's", test_set_is_oracles);
    CU_add_test(suite, "common shingles", test_set_common);
    CU_add_test(suite, "without memory", test_set_without_memory);
}
