/*
 * test_shingles.c - shingles in common, against sets compared each with each
 */
#include "oracle_sketch.h"
#include "sketch/sketch.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HASHES = 3000 };

static struct wcp_sketcher *
new_sketcher(const struct wcp_memory *mem, unsigned shingle)
{
    struct wcp_sketcher *sketcher = NULL;

    CU_ASSERT_EQUAL_FATAL(wcp_sketcher_new(mem, shingle, &sketcher, NULL),
                          WCP_CODE_OK);
    return sketcher;
}

/* Whatever hashes, as if a text had them. */
static void
set_hashes(struct wcp_shingles *shingles, const uint64_t *hashes, size_t num)
{
    CU_ASSERT_FATAL(
        wcp_array_reserve(&wcp_memory_libc, &shingles->list, num + 1));
    memcpy(shingles->list.at, hashes, num * sizeof *hashes);
    shingles->list.num = num;
}

static int
compare_hashes(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The place of a hash in a set, + 1; 0: it is not there. */
static size_t
place_in(uint64_t hash, const uint64_t *set, size_t num)
{
    const uint64_t *found =
        num == 0 ? NULL : bsearch(&hash, set, num, sizeof *set, compare_hashes);

    return found == NULL ? 0 : (size_t)(found - set) + 1;
}

/* Each hash of a that is in b is marked where it first stands, and what is
 * missing is listed. */
static bool
are_marks_right(struct wcp_sketcher *sketcher, const struct wcp_shingles *a,
                struct wcp_shingles *b, const uint64_t *set_a,
                const uint64_t *set_b)
{
    static uint64_t marks[MAX_HASHES / 64 + 1], missing[MAX_HASHES];
    static bool met[MAX_HASHES];
    const size_t size_a = a->num_distinct, size_b = b->num_distinct;
    size_t num_missing = 77, num = 0;
    bool right =
        wcp_shingles_mark(sketcher, a, b, marks, missing, &num_missing);

    memset(met, 0, sizeof met);
    for (size_t i = 0; i < 64 * wcp_shingles_num_marks(a); i++) {
        const size_t place =
            i < a->list.num ? place_in(a->list.at[i], set_a, size_a) : 0;
        const bool expected = place > 0 && !met[place - 1] &&
                              place_in(a->list.at[i], set_b, size_b) > 0;

        right &= (marks[i / 64] >> i % 64 & 1) == expected;
        if (place > 0)
            met[place - 1] = true;
    }
    for (size_t i = 0; i < size_b; i++)
        if (place_in(set_b[i], set_a, size_a) == 0)
            right &= num < num_missing && missing[num++] == set_b[i];
    return right && num == num_missing;
}

struct sizes {
    size_t common, a, b;
};

/* What is less than a share of both may be left uncounted, nothing else. */
static bool
is_right_above(struct wcp_sketcher *sketcher, struct wcp_shingles *a,
               struct wcp_shingles *b, double share,
               const struct sizes *expected)
{
    const double common_below = share * (1 + 1e-9);
    const bool less =
        (double)expected->common < common_below * (double)expected->a &&
        (double)expected->common < common_below * (double)expected->b;
    size_t common = 77;

    if (wcp_shingles_apart(a, b, share) && !less)
        return false;
    b->num_distinct = 0;
    return wcp_shingles_common(sketcher, a, b, share, &common) &&
           common == expected->common &&
           (b->num_distinct == expected->b || (less && b->num_distinct == 0));
}

/* Both ways, with and without knowing the other's size. */
static bool
is_right(struct wcp_sketcher *sketcher, const uint64_t *a, size_t num_a,
         const uint64_t *b, size_t num_b)
{
    static uint64_t set_a[MAX_HASHES], set_b[MAX_HASHES];
    struct wcp_shingles of_a = { 0 }, of_b = { 0 };
    size_t size_a, size_b, expected, common = 77;
    bool right;

    memcpy(set_a, a, num_a * sizeof *a);
    memcpy(set_b, b, num_b * sizeof *b);
    size_a = oracle_unique(set_a, num_a);
    size_b = oracle_unique(set_b, num_b);
    expected = oracle_common(set_a, size_a, set_b, size_b);
    set_hashes(&of_a, a, num_a);
    set_hashes(&of_b, b, num_b);
    right = wcp_shingles_index(sketcher, &of_a) &&
            wcp_shingles_common(sketcher, &of_a, &of_b, 0, &common) &&
            common == expected && of_a.num_distinct == size_a &&
            of_b.num_distinct == size_b &&
            are_marks_right(sketcher, &of_a, &of_b, set_a, set_b);
    right = right && wcp_shingles_index(sketcher, &of_b) &&
            wcp_shingles_common(sketcher, &of_b, &of_a, 0, &common) &&
            common == expected && of_a.num_distinct == size_a &&
            of_b.num_distinct == size_b;
    right = right && wcp_shingles_common(sketcher, &of_a, &of_a, 0, &common) &&
            common == size_a;
    for (double share = .1; share < 1.05; share += .15) {
        const struct sizes sizes = { expected, size_a, size_b };

        right = right && is_right_above(sketcher, &of_a, &of_b, share, &sizes);
    }
    wcp_shingles_release(sketcher, &of_a);
    wcp_shingles_release(sketcher, &of_b);
    return right;
}

/* 'kinds' different hashes, all different for 0, of which only 'bits' from
 * bit 'low' on vary. */
struct shape {
    unsigned kinds, low, bits;
};

static uint64_t
make_hash(struct test_rng *rng, const struct shape *shape)
{
    const uint64_t random = test_random(rng);
    const uint64_t mask =
        shape->bits == 64 ? UINT64_MAX : ((uint64_t)1 << shape->bits) - 1;
    const uint64_t kind =
        shape->kinds > 0 ? random % shape->kinds * UINT64_C(0x9E3779B97F4A7C15)
                         : random;

    return (kind & mask) << shape->low |
           UINT64_C(0x1234500000000) >> shape->low;
}

/* What b takes of a: runs that are moved, repeated and broken. */
static size_t
make_copy(struct test_rng *rng, const struct shape *shape, const uint64_t *a,
          size_t num_a, uint64_t *b)
{
    /* Where it is much shorter than a it is counted in another way. */
    const size_t most =
        test_below(rng, test_below(rng, 3) == 0 ? 12 : MAX_HASHES);
    size_t num = 0;

    while (num < most) {
        size_t run = 1 + test_below(rng, test_below(rng, 2) ? 300 : 9);
        const size_t from = num_a > 0 ? test_below(rng, num_a) : 0;
        const bool fresh = num_a == 0 || test_below(rng, 4) == 0;

        for (; run > 0 && num < most; run--)
            b[num++] = fresh ? make_hash(rng, shape) : a[(from + run) % num_a];
        for (size_t i = 0; !fresh && i < 200 && from + i < num_a && num < most;
             i++)
            b[num++] = a[from + i];
    }
    return num;
}

static void
test_common_is_oracles(void)
{
    static const struct shape shapes[] = { { 0, 0, 64 },  { 2, 0, 64 },
                                           { 40, 0, 64 }, { 900, 0, 64 },
                                           { 0, 0, 12 },  { 0, 52, 12 },
                                           { 0, 20, 14 }, { 0, 0, 50 },
                                           { 500, 0, 30 } };
    static uint64_t a[MAX_HASHES], b[MAX_HASHES];
    struct wcp_sketcher *sketcher = new_sketcher(&wcp_memory_libc, 0);
    struct test_rng rng = { test_seed() };

    for (unsigned repeat = 0; repeat < 180; repeat++) {
        const struct shape *shape =
            &shapes[repeat % (sizeof shapes / sizeof *shapes)];
        const size_t num_a = test_below(&rng, repeat % 2 ? 70 : MAX_HASHES);
        size_t num_b;
        bool right;

        for (size_t i = 0; i < num_a; i++)
            a[i] = make_hash(&rng, shape);
        num_b = make_copy(&rng, shape, a, num_a, b);
        right = is_right(sketcher, a, num_a, b, num_b);
        CU_ASSERT(right);
        if (!right)
            printf("common: %zu and %zu, shape %zu, WCP_TEST_SEED=%" PRIu64
                   "\n",
                   num_a, num_b, (size_t)(shape - shapes), test_seed());
    }
    wcp_sketcher_free(sketcher);
}

/* Runs that end at, before and behind every border of a word of marks. */
static void
test_every_run(void)
{
    uint64_t a[200], b[200];
    struct wcp_sketcher *sketcher = new_sketcher(&wcp_memory_libc, 0);
    struct test_rng rng = { test_seed() };
    bool right = true;

    for (size_t i = 0; i < 200; i++)
        a[i] = test_random(&rng);
    for (size_t begin = 0; begin < 200; begin += 1 + begin / 9) {
        for (size_t end = begin; end <= 200; end++) {
            for (size_t i = 0; i < 200; i++)
                b[i] = i >= begin && i < end ? a[i] : test_random(&rng);
            right &= is_right(sketcher, a, 200, b, 200);
        }
    }
    CU_ASSERT(right);
    wcp_sketcher_free(sketcher);
}

static void
test_texts(void)
{
    static const unsigned lengths[] = { 0, 1, 3, 5, 8, 9, 64 };
    struct test_rng rng = { test_seed() };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct wcp_sketcher *sketcher =
            new_sketcher(&wcp_memory_libc, lengths[i]);
        struct wcp_shingles shingles = { 0 };

        for (unsigned repeat = 0; repeat < 100; repeat++) {
            const size_t num = repeat < 90 ? repeat : test_below(&rng, 3000);
            uint16_t *units = (void *)test_guarded(num * sizeof *units);
            uint64_t expected[MAX_HASHES];
            size_t n;

            for (size_t at = 0; at < num; at++)
                units[at] = (uint16_t)((test_below(&rng, 2) ? 0x4E00 : 'a') +
                                       test_below(&rng, 2));
            n = oracle_shingles(units, num, lengths[i], expected);
            CU_ASSERT(wcp_shingles_make(sketcher, units, num, &shingles));
            CU_ASSERT_EQUAL_FATAL(shingles.list.num, n);
            CU_ASSERT(n == 0 || memcmp(shingles.list.at, expected,
                                       n * sizeof *expected) == 0);
            CU_ASSERT(wcp_shingles_index(sketcher, &shingles));
            CU_ASSERT_EQUAL(shingles.num_distinct, oracle_unique(expected, n));
            CU_ASSERT(wcp_shingles_bytes(&shingles) >= n * sizeof *expected);
            test_guarded_free((uint8_t *)units, num * sizeof *units);
        }
        wcp_shingles_release(sketcher, &shingles);
        CU_ASSERT_EQUAL(wcp_shingles_bytes(&shingles), 0);
        wcp_shingles_release(sketcher, &shingles);
        wcp_sketcher_free(sketcher);
    }
}

/* Units of few kinds; with 'pairs' also of two units. */
static void
make_text(struct test_rng *rng, uint16_t *units, size_t num, bool narrow,
          bool pairs)
{
    const uint64_t kinds = test_below(rng, 2) ? 2 : 12;

    for (size_t i = 0; i < num; i++) {
        const uint64_t kind = test_below(rng, kinds);

        units[i] = (uint16_t)(!narrow && test_below(rng, 3) ? 0x4E00 + kind
                                                            : 'a' + kind);
        if (pairs && i + 1 < num && test_below(rng, 100) == 0) {
            units[i++] = 0xD840;
            units[i] = (uint16_t)(0xDC00 + kind);
        }
    }
}

/* Of a text, with stretches put in, left out and changed. */
static size_t
change_text(struct test_rng *rng, const uint16_t *from, size_t num_from,
            uint16_t *to, size_t most)
{
    size_t num = 0;

    for (size_t at = 0; at < num_from && num < most;) {
        const size_t run = 1 + test_below(rng, test_below(rng, 2) ? 300 : 12);

        for (size_t i = 0; i < run && at < num_from && num < most; i++)
            to[num++] = from[at++];
        switch (test_below(rng, 3)) {
        case 0:
            at += test_below(rng, 30);
            break;
        case 1:
            for (size_t i = test_below(rng, 30); i > 0 && num < most; i--)
                to[num++] = (uint16_t)('a' + test_below(rng, 26));
            break;
        default:
            at = test_below(rng, 4) == 0 ? test_below(rng, num_from) : at + 1;
            break;
        }
    }
    return num;
}

/* A copy that ends at an unmapped page. */
static void *
place_text(const uint16_t *units, size_t num, bool narrow)
{
    uint8_t *to = test_guarded(narrow ? num : 2 * num);

    if (!narrow && num > 0)
        memcpy(to, units, 2 * num);
    for (size_t i = 0; narrow && i < num; i++)
        to[i] = (uint8_t)units[i];
    return to;
}

/* Each of the two is compared by its text, or else by its hashes. */
static bool
are_texts_right(struct wcp_sketcher *sketcher, unsigned shingle,
                const uint16_t *const units[2], const size_t nums[2],
                const bool narrow[2])
{
    static uint64_t sets[2][MAX_HASHES];
    size_t sizes[2], expected, common = 77, least = 77;
    void *texts[2];
    bool right = true;

    for (int i = 0; i < 2; i++) {
        texts[i] = place_text(units[i], nums[i], narrow[i]);
        sizes[i] = oracle_unique(
            sets[i], oracle_shingles(units[i], nums[i], shingle, sets[i]));
    }
    expected = oracle_common(sets[0], sizes[0], sets[1], sizes[1]);
    for (unsigned how = 0; how < 3; how++) {
        struct wcp_shingles sides[2];

        memset(sides, 0, sizeof sides);
        for (unsigned i = 0; i < 2; i++)
            right &=
                how == i + 1
                    ? wcp_shingles_make(sketcher, units[i], nums[i], &sides[i])
                    : wcp_shingles_take(sketcher, texts[i], nums[i], narrow[i],
                                        &sides[i]);
        right &=
            wcp_shingles_index(sketcher, &sides[0]) &&
            wcp_shingles_common(sketcher, &sides[0], &sides[1], 0, &common) &&
            common == expected && sides[0].num_distinct == sizes[0] &&
            sides[1].num_distinct == sizes[1];
        right &=
            are_marks_right(sketcher, &sides[0], &sides[1], sets[0], sets[1]) &&
            wcp_shingles_glance(sketcher, &sides[0], &sides[1], &least) &&
            least <= expected;
        for (int i = 0; i < 2; i++)
            wcp_shingles_release(sketcher, &sides[i]);
    }
    for (int i = 0; i < 2; i++)
        test_guarded_free(texts[i], narrow[i] ? nums[i] : 2 * nums[i]);
    return right;
}

static void
test_by_texts(void)
{
    static const unsigned lengths[] = { 0, 1, 3, 5, 8, 9, 64 };
    static uint16_t a[MAX_HASHES], b[MAX_HASHES];
    struct test_rng rng = { test_seed() };

    for (unsigned repeat = 0; repeat < 210; repeat++) {
        const unsigned shingle =
            lengths[repeat % (sizeof lengths / sizeof *lengths)];
        struct wcp_sketcher *sketcher = new_sketcher(&wcp_memory_libc, shingle);
        const bool narrow = test_below(&rng, 2) != 0;
        const bool all_narrow[2] = { narrow, narrow };
        const size_t num_a = test_below(&rng, repeat % 5 ? 1200 : 300);
        const uint16_t *const units[2] = { a, b };
        size_t nums[2] = { num_a, 0 };
        bool right;

        make_text(&rng, a, num_a, narrow, !narrow && test_below(&rng, 4) == 0);
        nums[1] = change_text(&rng, a, num_a, b, MAX_HASHES / 2);
        right = are_texts_right(sketcher, shingle, units, nums, all_narrow);
        CU_ASSERT(right);
        if (!right)
            printf("by texts: %zu and %zu, shingle %u, WCP_TEST_SEED=%" PRIu64
                   "\n",
                   nums[0], nums[1], shingle, test_seed());
        if (narrow) {
            const bool one_narrow[2] = { true, false };

            CU_ASSERT(
                are_texts_right(sketcher, shingle, units, nums, one_narrow));
        }
        wcp_sketcher_free(sketcher);
    }
}

/* Of a copy with some units changed, and more before and behind it, a glance
 * finds nearly all; of another text nothing. */
static void
test_glance(void)
{
    enum { NUM = 1500, BEFORE = 300, MORE = 700 };
    static uint16_t a[NUM], b[NUM + MORE];
    struct wcp_sketcher *sketcher = new_sketcher(&wcp_memory_libc, 0);
    struct test_rng rng = { test_seed() };

    for (unsigned repeat = 0; repeat < 40; repeat++) {
        const bool narrow = repeat % 2 != 0;
        const bool is_copy = repeat % 4 < 2;
        const unsigned first = narrow ? 'a' : 0x4E00;
        struct wcp_shingles of_a = { 0 }, of_b = { 0 };
        size_t common = 77, least = 77;
        void *text_a, *text_b;

        for (size_t i = 0; i < NUM; i++)
            a[i] = (uint16_t)(first + test_below(&rng, narrow ? 26 : 4000));
        for (size_t i = 0; i < NUM + MORE; i++)
            b[i] = (uint16_t)(first + test_below(&rng, narrow ? 26 : 4000));
        if (is_copy)
            memcpy(b + BEFORE, a, sizeof a);
        for (size_t i = test_below(&rng, 200); i < NUM + MORE;
             i += 80 + test_below(&rng, 200))
            b[i] = (uint16_t)first;
        text_a = place_text(a, NUM, narrow);
        text_b = place_text(b, NUM + MORE, narrow);
        CU_ASSERT(
            wcp_shingles_take(sketcher, text_a, NUM, narrow, &of_a) &&
            wcp_shingles_take(sketcher, text_b, NUM + MORE, narrow, &of_b) &&
            wcp_shingles_index(sketcher, &of_a) &&
            wcp_shingles_glance(sketcher, &of_a, &of_b, &least) &&
            wcp_shingles_common(sketcher, &of_a, &of_b, 0, &common));
        CU_ASSERT(least <= common && least >= common / 10 * 9);
        CU_ASSERT(is_copy == (least > NUM / 2));
        wcp_shingles_release(sketcher, &of_a);
        wcp_shingles_release(sketcher, &of_b);
        test_guarded_free(text_a, narrow ? NUM : 2 * NUM);
        test_guarded_free(text_b, narrow ? NUM + MORE : 2 * (NUM + MORE));
    }
    wcp_sketcher_free(sketcher);
}

/* With one block more each time until all succeeds. */
static void
test_without_memory(void)
{
    int left = 100;
    const struct wcp_memory mem = { test_ration, &left };
    struct wcp_sketcher *sketcher = new_sketcher(&mem, 0);
    uint16_t units[1000];
    bool done = false;
    int given = 0;

    for (size_t i = 0; i < 1000; i++)
        units[i] = (uint16_t)(0x4E00 + i % 990);
    for (; !done && given < 20; given++) {
        struct wcp_shingles a = { 0 }, b = { 0 };
        size_t common = 0;

        left = given;
        done = wcp_shingles_take(sketcher, units, 1000, false, &a) &&
               wcp_shingles_make(sketcher, units + 5, 600, &b) &&
               wcp_shingles_index(sketcher, &a) &&
               wcp_shingles_common(sketcher, &a, &b, 0, &common);
        CU_ASSERT(!done || common == 596);
        wcp_shingles_release(sketcher, &a);
        wcp_shingles_release(sketcher, &b);
    }
    CU_ASSERT(done && given > 4);
    wcp_sketcher_free(sketcher);
}

void
suite_shingles(void)
{
    CU_pSuite suite = CU_add_suite("shingles", NULL, NULL);

    CU_add_test(suite, "common is the oracle's", test_common_is_oracles);
    CU_add_test(suite, "every run", test_every_run);
    CU_add_test(suite, "shingles of texts", test_texts);
    CU_add_test(suite, "texts as they stand", test_by_texts);
    CU_add_test(suite, "a glance", test_glance);
    CU_add_test(suite, "without memory", test_without_memory);
}
