/*
 * test_leaders.c - looking up originals against a list of all of them
 */
#include "oracle_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Classes with planted signatures of 32-bit values. */
struct planted {
    struct wcp_store store;
    struct wcp_plan plan;
    uint32_t (*minhashes)[WCP_NUM_BINS];
};

static void
plant(struct planted *planted, uint32_t num, const struct wcp_plan *plan)
{
    struct wcp_store *store = &planted->store;

    *planted = (struct planted){ .plan = *plan };
    store->mem = &wcp_memory_libc;
    store->num_classes = num;
    store->opts.kind = plan->kind;
    store->opts.num_bands = plan->num_bands;
    store->opts.num_rows = plan->num_rows;
    store->keys = calloc((size_t)num * plan->num_bands, sizeof *store->keys);
    store->values = calloc(num, WCP_NUM_BINS);
    planted->minhashes = calloc(num, sizeof *planted->minhashes);
    if (!store->keys || !store->values || !planted->minhashes)
        abort();
}

static void
uproot(struct planted *planted)
{
    free(planted->store.keys);
    free(planted->store.values);
    free(planted->minhashes);
}

/* Make keys and values from the minhashes of class c. */
static void
finish_class(struct planted *planted, uint32_t c)
{
    struct wcp_store *store = &planted->store;
    uint32_t keys[WCP_NUM_BINS];

    wcp_band_keys(planted->minhashes[c], planted->plan.num_bands,
                  planted->plan.num_rows, keys);
    for (unsigned band = 0; band < planted->plan.num_bands; band++)
        store->keys[(size_t)band * store->num_classes + c] = keys[band];
    for (unsigned i = 0; i < WCP_NUM_BINS; i++)
        store->values[(size_t)c * WCP_NUM_BINS + i] =
            (uint8_t)planted->minhashes[c][i];
}

/* Class c agrees with 'like' in each value with this probability. */
static void
plant_like(struct planted *planted, struct test_rng *rng, uint32_t c,
           uint32_t like, unsigned per_cent)
{
    for (unsigned i = 0; i < WCP_NUM_BINS; i++)
        planted->minhashes[c][i] = test_below(rng, 100) < per_cent
                                       ? planted->minhashes[like][i]
                                       : (uint32_t)test_random(rng);
    finish_class(planted, c);
}

static struct wcp_leaders *
new_leaders(const struct planted *planted)
{
    struct wcp_leaders *leaders = NULL;

    if (wcp_leaders_new(&planted->store, &planted->plan, &leaders, NULL) !=
        WCP_CODE_OK)
        abort();
    return leaders;
}

/* Whether what was found is the naive list, ascending. */
static bool
same_as_naive(struct wcp_leaders *leaders, const struct planted *planted,
              uint32_t c, uint32_t from)
{
    const uint32_t *found = NULL;
    size_t num = 0, at = 0;
    bool same = wcp_leaders_lookup(leaders, c, from, &found, &num);

    for (uint32_t i = from; same && i < wcp_leaders_num(leaders); i++)
        if (oracle_is_candidate(&planted->store, &planted->plan, c,
                                wcp_leaders_class(leaders, i)))
            same = at < num && found[at++] == i;
    return same && at == num;
}

/* Sixty-four leaders fit into one bucket. */
static void
test_few_leaders(void)
{
    static const double thresholds[] = { .2, .3, .5, .8, .95, 1 };

    for (uint64_t number = 2000; number < 2060; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan = made_plan(thresholds[number % 6], .99);
        struct planted planted;
        struct wcp_leaders *leaders;
        uint32_t num = 1 + (uint32_t)test_below(&rng, 64);
        bool same = true;

        plant(&planted, num, &plan);
        leaders = new_leaders(&planted);
        MADE_CHECK(same_as_naive(leaders, &planted, 0, 0), number);
        for (uint32_t c = 0; c < num; c++) {
            plant_like(&planted, &rng, c, (uint32_t)test_below(&rng, c + 1),
                       c == 0 ? 0 : (unsigned)test_below(&rng, 101));
            if (test_below(&rng, 4) == 0)
                continue;
            MADE_CHECK(wcp_leaders_add(leaders, c), number);
            MADE_CHECK(
                wcp_leaders_class(leaders, wcp_leaders_num(leaders) - 1) == c,
                number);
        }
        for (uint32_t c = 0; c < num; c++) {
            same &= same_as_naive(leaders, &planted, c, 0);
            same &= same_as_naive(leaders, &planted, c,
                                  (uint32_t)test_below(&rng, num + 1));
        }
        MADE_CHECK(same, number);
        wcp_leaders_free(leaders);
        uproot(&planted);
    }
}

/*
 * Forms: each band of a leader is one of a few that all share, or random, so
 * that every bucket of a shared band overflows although the leaders are not
 * alike.
 */
static void
plant_form(struct planted *planted, struct test_rng *rng, uint32_t c,
           unsigned per_cent)
{
    unsigned rows = planted->plan.num_rows;

    for (unsigned i = 0; i < WCP_NUM_BINS; i += rows) {
        bool shared = test_below(rng, 100) < per_cent;
        uint64_t form = test_below(rng, 3);

        for (unsigned k = i; k < i + rows && k < WCP_NUM_BINS; k++)
            planted->minhashes[c][k] = shared ? (uint32_t)(form * 1000 + k)
                                              : (uint32_t)test_random(rng);
    }
    finish_class(planted, c);
}

/* Count what the naive look-up finds at or above the threshold, and how much
 * of that was found. */
static void
count_found(struct wcp_leaders *leaders, const struct planted *planted,
            uint32_t c, size_t counts[2])
{
    const struct wcp_plan *plan = &planted->plan;
    const uint32_t *found = NULL;
    size_t num = 0, at = 0;
    bool good = wcp_leaders_lookup(leaders, c, 0, &found, &num);

    for (size_t i = 0; i < num; i++)
        good &= (i == 0 || found[i] > found[i - 1]) &&
                oracle_is_candidate(&planted->store, plan, c,
                                    wcp_leaders_class(leaders, found[i]));
    CU_ASSERT(good);
    for (uint32_t i = 0; i < wcp_leaders_num(leaders); i++) {
        uint32_t leader = wcp_leaders_class(leaders, i);

        while (at < num && found[at] < i)
            at++;
        if (oracle_num_equal(&planted->store, c, leader) <
                plan->threshold * WCP_NUM_BINS ||
            !oracle_is_candidate(&planted->store, plan, c, leader))
            continue;
        counts[0]++;
        counts[1] += at < num && found[at] == i;
    }
}

static void
check_forms(double threshold, uint32_t num, unsigned shared, uint64_t number)
{
    struct test_rng rng = made_rng(number);
    struct wcp_plan plan = made_plan(threshold, .99);
    uint32_t num_leaders = num * 3 / 5;
    size_t counts[2] = { 0, 0 };
    struct planted planted;
    struct wcp_leaders *leaders;

    plant(&planted, num, &plan);
    leaders = new_leaders(&planted);
    for (uint32_t c = 0; c < num_leaders; c++) {
        plant_form(&planted, &rng, c, shared);
        MADE_CHECK(wcp_leaders_add(leaders, c), number);
    }
    for (uint32_t c = num_leaders; c < num; c++) {
        plant_like(&planted, &rng, c, (uint32_t)test_below(&rng, num_leaders),
                   (unsigned)(threshold * 100) + (unsigned)test_below(&rng, 5));
        count_found(leaders, &planted, c, counts);
    }
    if ((double)counts[1] < .99 * (double)counts[0])
        fprintf(stderr, "threshold %g: %zu of %zu found\n", threshold,
                counts[1], counts[0]);
    MADE_CHECK(counts[0] > 100, number);
    MADE_CHECK((double)counts[1] >= .99 * (double)counts[0], number);
    wcp_leaders_free(leaders);
    uproot(&planted);
}

static void
test_overflowing_buckets(void)
{
    check_forms(.8, 1000, 60, 2100);
    check_forms(.8, 1000, 95, 2101);
    check_forms(.95, 1000, 60, 2102);
    check_forms(.5, 800, 70, 2103);
    check_forms(.3, 800, 70, 2104);
}

/* Thresholds so low that a split needs more bands than it may have. */
static void
test_overflow_at_low_thresholds(void)
{
    check_forms(.2, 800, 70, 2105);
    check_forms(.1, 800, 70, 2106);
}

/*
 * The class agrees with 'like' in as few values as the threshold allows, and
 * in no band but the first.
 */
static void
plant_in_one_band(struct planted *planted, struct test_rng *rng, uint32_t c,
                  uint32_t like)
{
    unsigned rows = planted->plan.num_rows, num_broken = 0;
    unsigned to_break =
        (unsigned)((1 - planted->plan.threshold) * WCP_NUM_BINS);
    uint32_t *values = planted->minhashes[c];

    memcpy(values, planted->minhashes[like], sizeof planted->minhashes[c]);
    for (unsigned band = 1; band < planted->plan.num_bands; band++) {
        values[band * rows + test_below(rng, rows)] ^= 1;
        num_broken++;
    }
    while (num_broken < to_break) {
        size_t i = rows + test_below(rng, WCP_NUM_BINS - rows);

        if (values[i] != planted->minhashes[like][i])
            continue;
        values[i] ^= 1;
        num_broken++;
    }
    finish_class(planted, c);
}

/* All leaders are in one bucket, and only there a copy meets its original:
 * nothing but the split decides whether it is found. */
static void
check_one_bucket(double threshold, unsigned per_cent, uint64_t number)
{
    enum { NUM_LEADERS = 500, NUM = 1000 };
    struct test_rng rng = made_rng(number);
    struct wcp_plan plan = made_plan(threshold, .99);
    struct planted planted;
    struct wcp_leaders *leaders;
    unsigned num_found = 0;

    plant(&planted, NUM, &plan);
    leaders = new_leaders(&planted);
    for (uint32_t c = 0; c < NUM; c++) {
        const uint32_t *found;
        size_t num;

        if (c < NUM_LEADERS) {
            for (unsigned i = 0; i < WCP_NUM_BINS; i++)
                planted.minhashes[c][i] =
                    i < plan.num_rows || test_below(&rng, 100) < per_cent
                        ? 2 * i
                        : (uint32_t)test_random(&rng);
            finish_class(&planted, c);
            MADE_CHECK(wcp_leaders_add(leaders, c), number);
            continue;
        }
        plant_in_one_band(&planted, &rng, c, c - NUM_LEADERS);
        MADE_CHECK(
            wcp_leaders_lookup(leaders, c, c - NUM_LEADERS, &found, &num),
            number);
        num_found += num > 0 && found[0] == c - NUM_LEADERS;
    }
    if (num_found < 490)
        fprintf(stderr, "threshold %g: %u of 500 found\n", threshold,
                num_found);
    MADE_CHECK(num_found >= 490, number);
    wcp_leaders_free(leaders);
    uproot(&planted);
}

static void
test_one_bucket(void)
{
    check_one_bucket(.8, 0, 2110);
    check_one_bucket(.8, 70, 2111);
    check_one_bucket(.8, 80, 2112);
    check_one_bucket(.9, 70, 2113);
    check_one_bucket(.5, 50, 2114);
    check_one_bucket(.3, 20, 2115);
    check_one_bucket(.2, 0, 2116);
}

static void
test_clear_forgets(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct test_rng rng = made_rng(2200);
    struct planted planted;
    struct wcp_leaders *leaders;
    static const uint32_t rounds[] = { 3, 100, 400, 7, 400, 64 };

    plant(&planted, 400, &plan);
    for (uint32_t c = 0; c < 400; c++)
        plant_like(&planted, &rng, c, c / 2, 85);
    leaders = new_leaders(&planted);
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        uint32_t shift = 400 - rounds[i];

        CU_ASSERT_EQUAL(wcp_leaders_num(leaders), 0);
        CU_ASSERT(same_as_naive(leaders, &planted, 0, 0));
        for (uint32_t c = 0; c < rounds[i]; c++)
            CU_ASSERT_FATAL(wcp_leaders_add(leaders, c + shift));
        CU_ASSERT_EQUAL(wcp_leaders_num(leaders), rounds[i]);
        for (uint32_t c = 0; c < 400; c += 9)
            MADE_CHECK(same_as_naive(leaders, &planted, c, 0), i);
        wcp_leaders_clear(leaders);
    }
    CU_ASSERT(same_as_naive(leaders, &planted, 5, 0));
    wcp_leaders_free(leaders);
    wcp_leaders_free(NULL);
    uproot(&planted);
}

static void
test_simhash(void)
{
    enum { NUM = 300 };
    static uint64_t simhashes[NUM];
    struct wcp_store store = { .mem = &wcp_memory_libc,
                               .simhashes = simhashes,
                               .num_classes = NUM };

    for (uint64_t number = 2300; number < 2310; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan = made_simhash_plan(-1, (unsigned)(number % 9));
        struct wcp_leaders *leaders = NULL;
        bool same = true;

        CU_ASSERT_FATAL(wcp_leaders_new(&store, &plan, &leaders, NULL) ==
                        WCP_CODE_OK);
        for (uint32_t c = 0; c < NUM; c++) {
            simhashes[c] = c == 0 ? 0 : simhashes[test_below(&rng, c)];
            for (uint64_t bits = test_below(&rng, 6); bits > 0; bits--)
                simhashes[c] ^= UINT64_C(1) << test_below(&rng, 64);
        }
        for (uint32_t c = 0; c < NUM; c += 2)
            MADE_CHECK(wcp_leaders_add(leaders, c), number);
        for (uint32_t c = 0; c < NUM; c++) {
            uint32_t from = (uint32_t)test_below(&rng, NUM / 2 + 1);
            const uint32_t *found;
            size_t num, at = 0;

            same &= wcp_leaders_lookup(leaders, c, from, &found, &num);
            for (uint32_t i = from; i < NUM / 2; i++)
                if (oracle_distance(simhashes[c], simhashes[2 * i]) <=
                    plan.distance)
                    same &= at < num && found[at++] == i;
            same &= at == num;
        }
        MADE_CHECK(same, number);
        wcp_leaders_free(leaders);
    }
}

void
suite_leaders(void)
{
    CU_pSuite suite = CU_add_suite("leaders", NULL, NULL);

    CU_add_test(suite, "few leaders", test_few_leaders);
    CU_add_test(suite, "buckets that overflow", test_overflowing_buckets);
    CU_add_test(suite, "overflow at low thresholds",
                test_overflow_at_low_thresholds);
    CU_add_test(suite, "one bucket for all", test_one_bucket);
    CU_add_test(suite, "clear forgets", test_clear_forgets);
    CU_add_test(suite, "SimHash", test_simhash);
}
