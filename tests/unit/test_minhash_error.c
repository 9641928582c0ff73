/*
 * test_minhash_error.c - how far the estimate of Jaccard is off
 *
 * Pairs of sets of random hashes with a known Jaccard index are signed by
 * both kinds of MinHash; the error of each is compared with sqrt(J(1-J)/128),
 * that of 128 independent values.
 *
 * Each union is cut into what only a has, what only b has and what both have;
 * the three are signed and merged by minimum.  test_sketch.c tests that this
 * is the same as signing a and b.
 *
 * With the trials below the mean of a row is good to about 1 % (one standard
 * deviation), so that the bounds hold for any seed unless something is wrong.
 */
#include "sketch/sketch.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define MAX_UNION 8000
#define NUM_JACCARDS 6

static const double jaccards[NUM_JACCARDS] = { .3, .5, .7, .8, .9, .95 };

/* Trials for each Jaccard index. */
static const struct {
    size_t size;
    unsigned trials;
} rows[] = {
    { 20, 3000 },  { 50, 3000 },   { 100, 3000 },
    { 300, 2500 }, { 1000, 2000 }, { 5000, 1200 },
};

/* The share of equal values in the signatures of a and b, which are merged
 * from those of the parts. */
static double
estimate(const struct wcp_signature *only_a, const struct wcp_signature *only_b,
         const struct wcp_signature *both)
{
    unsigned equal = 0;

    for (size_t j = 0; j < WCP_NUM_BINS; j++) {
        const uint32_t shared = both->minhash[j];
        const uint32_t a = only_a->minhash[j], b = only_b->minhash[j];

        equal += (a < shared ? a : shared) == (b < shared ? b : shared);
    }
    return (double)equal / WCP_NUM_BINS;
}

/* How far the estimate is off for sets of 'size' elements, num_both shared. */
static double
error_of(const uint64_t *hashes, size_t size, size_t num_both, unsigned wanted)
{
    const size_t num_only = size - num_both;
    const double truth = (double)num_both / (double)(size + num_only);
    struct wcp_signature only_a, only_b, both;

    wcp_sketch_hashes(hashes, num_both, wanted, &both);
    wcp_sketch_hashes(hashes + num_both, num_only, wanted, &only_a);
    wcp_sketch_hashes(hashes + size, num_only, wanted, &only_b);
    return estimate(&only_a, &only_b, &both) - truth;
}

/* The root of the mean square error over the theoretical one. */
static void
measure(struct test_rng *rng, size_t size, unsigned trials, double jaccard,
        double ratio_ret[2])
{
    static uint64_t hashes[MAX_UNION];
    const double share = 2 * jaccard / (1 + jaccard);
    const size_t num_both = (size_t)((double)size * share + .5);
    const double truth = (double)num_both / (double)(2 * size - num_both);
    const double theory = sqrt(truth * (1 - truth) / WCP_NUM_BINS);
    double squares[2] = { 0, 0 };

    for (unsigned t = 0; t < trials; t++) {
        double error;

        for (size_t i = 0; i < 2 * size - num_both; i++)
            hashes[i] = test_random(rng);
        error = error_of(hashes, size, num_both, WCP_WANT_MINHASH);
        squares[0] += error * error;
        error = error_of(hashes, size, num_both, WCP_WANT_CLASSIC);
        squares[1] += error * error;
    }
    for (size_t kind = 0; kind < 2; kind++)
        ratio_ret[kind] = sqrt(squares[kind] / trials) / theory;
}

static void
test_error(void)
{
    struct test_rng rng = { test_seed() };

    printf("\n    WCP_TEST_SEED=%" PRIu64 "\n", rng.state);
    printf("    shingles  minhash  classic   (RMSE / theory)\n");
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double mean[2] = { 0, 0 };

        for (size_t j = 0; j < NUM_JACCARDS; j++) {
            double ratio[2];

            measure(&rng, rows[r].size, rows[r].trials, jaccards[j], ratio);
            mean[0] += ratio[0] / NUM_JACCARDS;
            mean[1] += ratio[1] / NUM_JACCARDS;
        }
        printf("    %8zu  %7.3f  %7.3f\n", rows[r].size, mean[0], mean[1]);
        CU_ASSERT(mean[0] <= 1.05 * mean[1]);
        CU_ASSERT(fabs(mean[1] - 1) <= .08);
    }
}

void
suite_minhash_error(void)
{
    CU_pSuite suite = CU_add_suite("minhash_error", NULL, NULL);

    CU_add_test(suite, "error of the estimate", test_error);
}
