/*
 * estimates.c - how far the signatures' estimates of the Jaccard index are off
 *
 * Pairs of sets of random hashes, of one size and with a known index, are
 * signed by each kind.  The mean is over the indices 0.3 to 0.95.
 */
#include "bench.h"

#include "sketch/sketch.h"

#include <math.h>

static const size_t sizes[] = { 20, 50, 100, 300, 1000, 5000 };
static const double jaccards[] = { .3, .5, .7, .8, .9, .95 };
enum {
    NUM_SIZES = sizeof sizes / sizeof *sizes,
    NUM_JACCARDS = sizeof jaccards / sizeof *jaccards,
    LARGEST = 5000,
    CLASSIC = 1, /* 0 is minhash */
    SIMHASH = 2,
    KINDS = 3
};

static const unsigned wanted[KINDS] = { WCP_WANT_MINHASH, WCP_WANT_CLASSIC,
                                        WCP_WANT_SIMHASH };
static const char *const kind_names[KINDS] = { "minhash", "minhash-classic",
                                               "simhash" };

/* The estimate for two stretches of 'size' hashes, the second of which begins
 * 'shift' behind the first. */
static double
estimate(const uint64_t *hashes, size_t size, size_t shift, size_t kind)
{
    struct wcp_signature a, b;
    unsigned equal = 0;

    wcp_sketch_hashes(hashes, size, wanted[kind], &a);
    wcp_sketch_hashes(hashes + shift, size, wanted[kind], &b);
    if (kind == SIMHASH)
        return bench_simhash_jaccard(
            (unsigned)__builtin_popcountll(a.simhash ^ b.simhash));
    for (size_t j = 0; j < WCP_NUM_BINS; j++)
        equal += a.minhash[j] == b.minhash[j];
    return (double)equal / WCP_NUM_BINS;
}

/* Adds to each kind's errors; returns what independent values would do. */
static double
measure(struct bench_random *random, size_t size, double jaccard, size_t trials,
        struct bench_errors *errors)
{
    static const double half = .5;
    const double share = 2 * jaccard / (1 + jaccard);
    const size_t both = (size_t)((double)size * share + half);
    const double truth = (double)both / (double)(2 * size - both);
    uint64_t hashes[2 * LARGEST];

    for (size_t t = 0; t < trials; t++) {
        for (size_t i = 0; i < 2 * size - both; i++)
            hashes[i] = bench_random(random);
        for (size_t kind = 0; kind < KINDS; kind++)
            bench_errors_add(&errors[kind],
                             estimate(hashes, size, size - both, kind) - truth);
    }
    return bench_minhash_deviation(truth);
}

/* Means over the Jaccard indices, for one size. */
static void
measure_size(struct bench_table *errors_table, struct bench_table *bias_table,
             size_t column, size_t trials, uint64_t seed)
{
    struct bench_random random = { seed + sizes[column] };
    double rmse[KINDS] = { 0 }, bias[KINDS] = { 0 }, theory = 0;

    for (size_t j = 0; j < NUM_JACCARDS; j++) {
        struct bench_errors errors[KINDS] = { { 0 } };

        theory += measure(&random, sizes[column], jaccards[j], trials, errors) /
                  NUM_JACCARDS;
        for (size_t kind = 0; kind < KINDS; kind++) {
            rmse[kind] += bench_rmse(&errors[kind]) / NUM_JACCARDS;
            bias[kind] += bench_bias(&errors[kind]) / NUM_JACCARDS;
        }
    }
    for (size_t kind = 0; kind < KINDS; kind++) {
        errors_table->rows[kind].cells[column] = bench_counted(rmse[kind]);
        bias_table->rows[kind].cells[column] = bench_counted(bias[kind]);
    }
    errors_table->rows[KINDS].cells[column] = bench_counted(theory);
    bias_table->rows[KINDS].cells[column] =
        bench_counted(theory / sqrt((double)(trials * NUM_JACCARDS)));
}

void
bench_estimates(struct bench_report *report)
{
    const struct bench_settings *settings = report->settings;
    const size_t trials = settings->quick             ? 20
                          : settings->command == NULL ? 100
                                                      : 400;
    struct bench_table errors, bias;
    char name[24];

    bench_table_init(&errors, "sign", "error",
                     "Error of the Jaccard estimate, root mean square, "
                     "by shingles");
    bench_table_init(&bias, "sign", "bias",
                     "Mean error of the estimate, by shingles");
    for (size_t i = 0; i < NUM_SIZES; i++) {
        bench_format((double)sizes[i], name, sizeof name);
        bench_add_column(&errors, name, "", BENCH_LESS);
        bench_add_column(&bias, name, "", BENCH_NEITHER);
    }
    for (size_t kind = 0; kind < KINDS; kind++) {
        bench_add_row(&errors, "%s", kind_names[kind]);
        bench_add_row(&bias, "%s", kind_names[kind]);
    }
    bench_add_row(&errors, "theory: 128 values");
    bench_add_row(&bias, "+/- (MinHash)");
    errors.notes = "  mean over Jaccard indices 0.3 to 0.95; theory: "
                   "sqrt(J (1 - J) / 128)\n";
    bias.notes = "  the last row: one standard error of the figures for "
                 "MinHash\n";
    for (size_t i = 0; i < NUM_SIZES; i++)
        measure_size(&errors, &bias, i, trials, settings->seed);
    bench_report_table(report, &errors);
    bench_report_table(report, &bias);
}
