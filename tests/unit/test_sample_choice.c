/*
 * test_sample_choice.c - which samples are asked about, against all of them
 * sorted; how many of those must be found, against draws
 */
#include "made_corpus.h"
#include "match/sample_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 3000, ASKED = 48 };

/* The order, by its definition. */
static uint32_t
order_of(uint32_t value)
{
    return (uint32_t)((uint64_t)(value ^ (value >> 15)) * 0x2C1B3C6DU);
}

static int
compare_values(const void *a, const void *b)
{
    const uint32_t x = order_of(*(const uint32_t *)a);
    const uint32_t y = order_of(*(const uint32_t *)b);

    return (x > y) - (x < y);
}

/* Samples of which some occur again, and some are 0. */
static size_t
make_samples(struct test_rng *rng, uint32_t *samples)
{
    const size_t num = test_below(rng, 4) == 0 ? test_below(rng, MOST + 1)
                                               : test_below(rng, 120);
    const uint64_t most =
        test_below(rng, 3) == 0 ? 1 + test_below(rng, 200) : UINT64_C(1) << 32;

    for (size_t i = 0; i < num; i++)
        samples[i] = (uint32_t)test_below(rng, most);
    return num;
}

static void
check_choice(struct wcp_sample_chooser *chooser, uint64_t number)
{
    struct test_rng rng = made_rng(number);
    uint32_t samples[MOST], sorted[MOST];
    const size_t num = make_samples(&rng, samples);
    struct wcp_sample_choice choice;
    uint32_t bound;
    size_t distinct = 0, below = 0;

    CU_ASSERT_FATAL(wcp_sample_choose(chooser, samples, num, &choice));
    CU_ASSERT_FATAL(wcp_sample_bound(chooser, samples, num, &bound));
    MADE_CHECK(bound == choice.bound, number);
    memcpy(sorted, samples, num * sizeof *samples);
    qsort(sorted, num, sizeof *sorted, compare_values);
    for (size_t i = 0; i < num; i++)
        if (i == 0 || sorted[i] != sorted[i - 1])
            sorted[distinct++] = sorted[i];
    for (size_t i = 0; i < distinct; i++)
        below += wcp_sample_mix(sorted[i]) <= choice.bound;
    MADE_CHECK(choice.num_distinct == distinct, number);
    MADE_CHECK(choice.num == (distinct < ASKED ? distinct : ASKED), number);
    MADE_CHECK(below == choice.num, number);
    MADE_CHECK(wcp_samples_differ(samples, num, MOST) <= distinct, number);
    /* It is the first ones. */
    for (size_t i = 0; i < choice.num; i++)
        MADE_CHECK(wcp_sample_mix(sorted[i]) <= choice.bound, number);
}

static void
test_first(void)
{
    struct wcp_sample_chooser chooser = { .mem = &wcp_memory_libc };

    for (uint64_t number = 8900; number < 9100; number++)
        check_choice(&chooser, number);
    wcp_sample_chooser_release(&chooser);
}

/* Nearly all that differ are told apart. */
static void
test_differ(void)
{
    struct test_rng rng = made_rng(9102);
    uint32_t samples[100];

    for (size_t i = 0; i < 100; i++)
        samples[i] = (uint32_t)test_random(&rng);
    CU_ASSERT_EQUAL(wcp_samples_differ(samples, 0, MOST), 0);
    CU_ASSERT_EQUAL(wcp_samples_differ(samples, 1, MOST), 1);
    CU_ASSERT(wcp_samples_differ(samples, 100, MOST) > 80);
    CU_ASSERT_EQUAL(wcp_samples_differ(samples, 100, 40), 40);
    for (size_t i = 0; i < 100; i++)
        samples[i] = samples[i % 10];
    CU_ASSERT(wcp_samples_differ(samples, 100, MOST) <= 10);
}

/* Different samples stay different in the order. */
static void
test_order(void)
{
    struct test_rng rng = made_rng(9100);

    for (int i = 0; i < 10000; i++) {
        const uint32_t value = (uint32_t)test_random(&rng);

        CU_ASSERT_EQUAL(wcp_sample_mix(value), order_of(value));
        CU_ASSERT_NOT_EQUAL(wcp_sample_mix(value),
                            wcp_sample_mix(value ^ 1U << test_below(&rng, 32)));
    }
}

/* A text of which all samples are asked about must have the share of them;
 * none must have less than one. */
static void
test_least_of_all(void)
{
    for (uint32_t num = 1; num <= ASKED; num++) {
        const struct wcp_sample_choice choice = { UINT32_MAX, num, num };

        for (uint32_t percent = 0; percent <= 100; percent += 5) {
            const uint32_t least = wcp_sample_least(&choice, percent / 100., 1);

            CU_ASSERT(least >= 1);
            CU_ASSERT(100 * least >= percent * num);
            CU_ASSERT(least == 1 || 100 * (least - 1) <= percent * num);
        }
        CU_ASSERT_EQUAL(wcp_sample_least(&choice, -.1, 1), 1);
    }
}

/* Of num samples a share is in another text: of 48 draws without replacement
 * hardly ever fewer are than must be.  Returns how often in a thousand. */
static unsigned
count_short(struct test_rng *rng, uint32_t num, double share)
{
    const struct wcp_sample_choice choice = { 0, ASKED, num };
    const uint32_t least = wcp_sample_least(&choice, share, 1);
    unsigned num_short = 0;

    CU_ASSERT(least <= share * ASKED + 1);
    CU_ASSERT(wcp_sample_least(&choice, share, .5) >= least);
    CU_ASSERT_EQUAL(wcp_sample_least(&choice, share, 0),
                    (uint32_t)ceil(share * ASKED));
    for (int i = 0; i < 1000; i++) {
        uint32_t in = (uint32_t)ceil(share * num), left = num, found = 0;

        for (int k = 0; k < ASKED; k++) {
            const bool is_in = test_below(rng, left--) < in;

            found += is_in;
            in -= is_in;
        }
        num_short += found < least;
    }
    return num_short;
}

static void
test_least_of_some(void)
{
    struct test_rng rng = made_rng(9101);

    for (uint32_t num = ASKED + 1; num < 1000; num += 37) {
        CU_ASSERT(count_short(&rng, num, .5) < 15);
        CU_ASSERT(count_short(&rng, num, .6) < 15);
        CU_ASSERT(count_short(&rng, num, .75) < 15);
    }
}

/* Copies of a long text are no form: what few others have costs nothing of what
 * is allowed for. */
static void
test_need_of_long_texts(void)
{
    const struct wcp_sample_choice choice = { .bound = 1 << 24,
                                              .num = WCP_SAMPLES_ASKED,
                                              .num_distinct = 5000 };
    const uint32_t all = wcp_sample_least(&choice, .8 - WCP_SAMPLE_SLACK, 1);
    uint64_t hits[WCP_SAMPLES_ASKED];

    for (size_t i = 0; i < WCP_SAMPLES_ASKED; i++)
        hits[i] = UINT64_C(2) << WCP_HIT_BITS | i;
    CU_ASSERT_EQUAL(wcp_inclusion_need(.8, &choice, hits, WCP_SAMPLES_ASKED),
                    all);
    for (size_t i = 0; i < WCP_SAMPLES_ASKED; i++)
        hits[i] = UINT64_C(2000) << WCP_HIT_BITS | i;
    CU_ASSERT(wcp_inclusion_need(.8, &choice, hits, WCP_SAMPLES_ASKED) > all);
}

void
suite_sample_choice(void)
{
    CU_pSuite suite = CU_add_suite("sample_choice", NULL, NULL);

    CU_add_test(suite, "the first of them, each once", test_first);
    CU_add_test(suite, "at least so many differ", test_differ);
    CU_add_test(suite, "an order of all values", test_order);
    CU_add_test(suite, "how many of all", test_least_of_all);
    CU_add_test(suite, "how many of some", test_least_of_some);
    CU_add_test(suite, "need of long texts", test_need_of_long_texts);
}
