/*
 * test_rarest.c - nothing at the threshold is lost by its rarest shingles
 */
#include "match/match.h"
#include "oracle_sketch.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAX_TEXTS = 120, MAX_SHINGLES = 160, NUM_KINDS = 400 };

/* The shingles of a text as they come, and as a set. */
struct text {
    uint64_t hashes[MAX_SHINGLES], set[MAX_SHINGLES];
    size_t num, size;
};

static uint64_t
kind(uint64_t i)
{
    struct test_rng rng = { i };

    return test_random(&rng);
}

/* A form: most of its shingles are those of all; some are rare, some come
 * twice.  Or one made before with a few others. */
static void
make_text(struct test_rng *rng, struct text *text, const struct text *before,
          size_t num_before)
{
    const bool is_copy = num_before > 0 && test_below(rng, 2) == 0;
    const size_t num_common = test_below(rng, 60);
    const size_t num = 1 + test_below(rng, MAX_SHINGLES - 80);

    text->num = 0;
    if (is_copy) {
        const struct text *from = &before[test_below(rng, num_before)];
        const size_t changes = test_below(rng, 1 + from->num / 5);

        memcpy(text->hashes, from->hashes, sizeof text->hashes);
        text->num = from->num - test_below(rng, 1 + from->num / 6);
        for (size_t i = 0; i < changes && text->num > 0; i++)
            text->hashes[test_below(rng, text->num)] =
                kind(test_below(rng, NUM_KINDS));
        if (text->num == 0)
            text->hashes[text->num++] = kind(1);
    } else {
        for (size_t i = 0; i < num; i++)
            text->hashes[text->num++] =
                kind(i < num_common ? i : test_below(rng, NUM_KINDS));
    }
    memcpy(text->set, text->hashes, sizeof text->set);
    text->size = oracle_unique(text->set, text->num);
}

/* Whether the leaders found are 'from' or above, each once, and none is missing
 * that meets the threshold. */
static bool
is_right(const struct text *texts, const struct text *text, size_t num,
         double threshold, uint32_t from, const uint32_t *found,
         size_t num_found)
{
    unsigned times[MAX_TEXTS] = { 0 };

    for (size_t i = 0; i < num_found; i++)
        if (found[i] >= num || found[i] < from || times[found[i]]++ > 0)
            return false;
    for (size_t i = from; i < num; i++) {
        const size_t common =
            oracle_common(texts[i].set, texts[i].size, text->set, text->size);
        const size_t all = texts[i].size + text->size - common;

        if ((double)common / (double)all >= threshold && times[i] == 0)
            return false;
    }
    return true;
}

static void
check_case(struct wcp_rarest *rarest, struct test_rng *rng, double threshold,
           unsigned number)
{
    static struct text texts[MAX_TEXTS];
    const size_t num = test_below(rng, MAX_TEXTS);
    bool right = true;

    for (size_t i = 0; i < num; i++) {
        make_text(rng, &texts[i], texts, i);
        if (test_below(rng, 4) > 0)
            wcp_rarest_count(rarest, texts[i].hashes, texts[i].num);
    }
    for (size_t i = 0; right && i < num; i++) {
        const uint32_t from = (uint32_t)test_below(rng, i / 2 + 1);
        const uint32_t *found;
        size_t num_found;

        right =
            wcp_rarest_take(rarest, texts[i].hashes, texts[i].num) &&
            wcp_rarest_lookup(rarest, from, &found, &num_found) &&
            is_right(texts, &texts[i], i, threshold, from, found, num_found) &&
            (from > 0 || wcp_rarest_cost(rarest) >= num_found) &&
            wcp_rarest_add(rarest);
    }
    CU_ASSERT(right);
    if (!right)
        printf("rarest: case %u, WCP_TEST_SEED=%" PRIu64 "\n", number,
               test_seed());
}

static void
test_nothing_is_lost(void)
{
    static const double thresholds[] = { .05, .3, .5, .75, .8, .9, 1 };
    struct test_rng rng = { test_seed() };

    for (unsigned number = 0; number < 210; number++) {
        const double threshold = thresholds[number % 7];
        struct wcp_rarest *rarest = NULL;

        CU_ASSERT_FATAL(wcp_rarest_new(&wcp_memory_libc, threshold,
                                       number % 3 * 5000, &rarest,
                                       NULL) == WCP_CODE_OK);
        check_case(rarest, &rng, threshold, number);
        wcp_rarest_free(rarest);
    }
    wcp_rarest_free(NULL);
}

/* Lists of every length, each leader met in each. */
static void
test_long_lists(void)
{
    uint64_t hashes[3] = { kind(1), kind(2), kind(3) };
    struct wcp_rarest *rarest = NULL;
    bool right = true;

    CU_ASSERT_FATAL(wcp_rarest_new(&wcp_memory_libc, .5, 100, &rarest, NULL) ==
                    WCP_CODE_OK);
    for (uint32_t i = 0; i < 200; i++) {
        for (uint32_t from = 0; from <= i; from += 1 + i / 9) {
            const uint32_t *found;
            uint32_t least = i;
            size_t num;

            right &= wcp_rarest_take(rarest, hashes, 3) &&
                     wcp_rarest_lookup(rarest, from, &found, &num) &&
                     num == i - from;
            for (size_t k = 0; right && k < num; k++)
                least = found[k] < least ? found[k] : least;
            right &= num == 0 || least == from;
        }
        right &= wcp_rarest_take(rarest, hashes, 3) && wcp_rarest_add(rarest);
    }
    CU_ASSERT(right);
    wcp_rarest_free(rarest);
}

void
suite_rarest(void)
{
    CU_pSuite suite = CU_add_suite("rarest", NULL, NULL);

    CU_add_test(suite, "nothing is lost", test_nothing_is_lost);
    CU_add_test(suite, "long lists", test_long_lists);
}
