/*
 * test_plan.c - bands, rows and the filter against sums made another way
 */
#include "made_corpus.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Both sides of a comparison were rounded differently. */
static const double slack = 1e-9;

static double
loss_of(double threshold, unsigned bands, unsigned rows)
{
    double hit = 1, loss = 1;

    for (unsigned i = 0; i < rows; i++)
        hit *= threshold;
    for (unsigned i = 0; i < bands; i++)
        loss *= 1 - hit;
    return loss;
}

/* tail[m] = P[fewer than m of 128 values agree], value by value. */
static void
list_tails(double threshold, double tails[WCP_NUM_BINS + 2])
{
    double chance[WCP_NUM_BINS + 1] = { 1 };

    for (unsigned i = 1; i <= WCP_NUM_BINS; i++) {
        for (unsigned k = i; k > 0; k--)
            chance[k] = chance[k] * (1 - threshold) + chance[k - 1] * threshold;
        chance[0] *= 1 - threshold;
    }
    tails[0] = 0;
    for (unsigned m = 0; m <= WCP_NUM_BINS; m++)
        tails[m + 1] = tails[m] + chance[m];
}

static void
check_bands(const struct wcp_plan *plan, double threshold, double loss,
            uint64_t number)
{
    unsigned rows = plan->num_rows, bands = plan->num_bands;
    bool any = false;

    for (unsigned r = 1; r <= WCP_NUM_BINS; r++) {
        bool good = loss_of(threshold, WCP_NUM_BINS / r, r) <= loss / 2;

        any |= good;
        MADE_CHECK(r <= rows || loss_of(threshold, WCP_NUM_BINS / r, r) >
                                    loss / 2 * (1 - slack),
                   number);
    }
    if (any) {
        MADE_CHECK(plan->recall >= 1 - loss - slack, number);
        MADE_CHECK(loss_of(threshold, bands, rows) <= loss / 2 * (1 + slack),
                   number);
    } else {
        MADE_CHECK(rows == 1 && bands == WCP_NUM_BINS, number);
    }
    MADE_CHECK(bands == WCP_NUM_BINS / rows ||
                   loss_of(threshold, bands, rows) <= loss / 4 * (1 + slack),
               number);
    MADE_CHECK(bands == 1 ||
                   loss_of(threshold, bands - 1, rows) > loss / 4 * (1 - slack),
               number);
}

static void
check_filter(const struct wcp_plan *plan, double threshold, double loss,
             uint64_t number)
{
    double tails[WCP_NUM_BINS + 2];
    unsigned m = plan->min_equal;
    double found = 1 - loss_of(threshold, plan->num_bands, plan->num_rows);

    list_tails(threshold, tails);
    MADE_CHECK(m <= WCP_NUM_BINS, number);
    if (m > WCP_NUM_BINS)
        return;
    MADE_CHECK(tails[m] <= loss / 4 * (1 + slack), number);
    MADE_CHECK(m == WCP_NUM_BINS || tails[m + 1] > loss / 4 * (1 - slack),
               number);
    MADE_CHECK(fabs(plan->recall - found * (1 - tails[m])) < slack, number);
}

static void
test_formula_and_margins(void)
{
    static const double recalls[] = { .5,  .6,   .8,   .9,    .95,  .98,
                                      .99, .995, .999, .9995, .9999 };
    uint64_t number = 0;

    for (double threshold = .01; threshold < 1.005; threshold += .01)
        for (size_t i = 0; i < sizeof recalls / sizeof *recalls; i++) {
            double t = threshold < 1 ? threshold : 1;
            struct wcp_plan plan = made_plan(t, recalls[i]);

            number++;
            MADE_CHECK(plan.kind == WCP_SIG_MINHASH, number);
            MADE_CHECK(plan.threshold == t, number);
            MADE_CHECK(plan.num_rows >= 1 && plan.num_bands >= 1, number);
            MADE_CHECK(plan.num_bands * plan.num_rows <= WCP_NUM_BINS, number);
            check_bands(&plan, t, 1 - recalls[i], number);
            check_filter(&plan, t, 1 - recalls[i], number);
        }
}

static void
test_asked_recall_is_kept(void)
{
    for (double t = .3; t < 1; t += .001)
        for (double recall = .5; recall < .99; recall += .07)
            MADE_CHECK(made_plan(t, recall).recall >= recall, 0);
    CU_ASSERT(made_plan(.8, .9999).recall >= .9999);
    CU_ASSERT(made_plan(.3, .99).recall >= .99);
}

static void
test_defaults(void)
{
    struct wcp_plan plan = made_plan(.8, .99);

    CU_ASSERT_EQUAL(plan.num_bands, 20);
    CU_ASSERT_EQUAL(plan.num_rows, 6);
    plan = made_plan(1, .99);
    CU_ASSERT_EQUAL(plan.num_bands, 1);
    CU_ASSERT_EQUAL(plan.num_rows, WCP_NUM_BINS);
    CU_ASSERT_EQUAL(plan.min_equal, WCP_NUM_BINS);
    CU_ASSERT_EQUAL(plan.recall, 1);
}

static void
test_extremes(void)
{
    const double thresholds[] = { DBL_MIN,  1e-300, 1e-9,           .5,
                                  1 - 1e-9, 1,      1 - DBL_EPSILON };
    const double recalls[] = { 1e-9, .5, .9999, 1 - DBL_EPSILON };

    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++)
        for (size_t k = 0; k < sizeof recalls / sizeof *recalls; k++) {
            struct wcp_plan plan = made_plan(thresholds[i], recalls[k]);

            MADE_CHECK(plan.num_rows >= 1 && plan.num_bands >= 1, i);
            MADE_CHECK(plan.num_bands * plan.num_rows <= WCP_NUM_BINS, i);
            MADE_CHECK(plan.min_equal <= WCP_NUM_BINS, i);
            MADE_CHECK(plan.recall >= 0 && plan.recall <= 1, i);
        }
}

/* More likeness allows longer keys and a stricter filter, more recall asks
 * for the opposite. */
static void
test_monotone(void)
{
    struct wcp_plan before = made_plan(.005, .99);

    for (double t = .006; t < 1; t += .001) {
        struct wcp_plan plan = made_plan(t, .99);

        MADE_CHECK(plan.num_rows >= before.num_rows, 0);
        MADE_CHECK(plan.min_equal >= before.min_equal, 0);
        before = plan;
    }
    before = made_plan(.7, .4);
    for (double recall = .41; recall < .9999; recall += .0007) {
        struct wcp_plan plan = made_plan(.7, recall);

        MADE_CHECK(plan.num_rows <= before.num_rows, 0);
        MADE_CHECK(plan.min_equal <= before.min_equal, 0);
        before = plan;
    }
}

static void
test_count_equal(void)
{
    uint8_t *a = test_guarded(WCP_NUM_BINS), *b = test_guarded(WCP_NUM_BINS);

    for (unsigned number = 0; number < 300; number++) {
        struct test_rng rng = made_rng(number);
        uint64_t values = number % 3 == 0 ? 1 : 1 + test_below(&rng, 256);
        unsigned equal = 0;

        for (unsigned i = 0; i < WCP_NUM_BINS; i++) {
            a[i] = (uint8_t)test_below(&rng, values);
            b[i] = (uint8_t)test_below(&rng, values);
            equal += a[i] == b[i];
        }
        MADE_CHECK(wcp_count_equal(a, b) == equal, number);
        MADE_CHECK(wcp_count_equal(a, a) == WCP_NUM_BINS, number);
    }
    memset(a, 0, WCP_NUM_BINS);
    memset(b, 255, WCP_NUM_BINS);
    CU_ASSERT_EQUAL(wcp_count_equal(a, b), 0);
    test_guarded_free(a, WCP_NUM_BINS);
    test_guarded_free(b, WCP_NUM_BINS);
}

void
suite_plan(void)
{
    CU_pSuite suite = CU_add_suite("plan", NULL, NULL);

    CU_add_test(suite, "formula and margins", test_formula_and_margins);
    CU_add_test(suite, "asked recall is kept", test_asked_recall_is_kept);
    CU_add_test(suite, "defaults", test_defaults);
    CU_add_test(suite, "extremes", test_extremes);
    CU_add_test(suite, "monotone", test_monotone);
    CU_add_test(suite, "count of equal values", test_count_equal);
}
