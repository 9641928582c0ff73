/*
 * plan.c - bands, rows and the signature filter from threshold and recall
 *
 * b bands of r rows find a pair of Jaccard index t with probability
 * 1 - (1 - t^r)^b (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets",
 * section 3.4).  Of the loss that --recall allows, half may go to too few
 * bands when the rows are chosen and a quarter is aimed at when the bands are;
 * a quarter goes to the filter; what is left is the margin for short
 * documents, whose values are less independent than the formula has it.
 */
#include "match/match.h"

#include <math.h>

static double
band_loss(double threshold, unsigned num_bands, unsigned num_rows)
{
    return pow(1 - pow(threshold, num_rows), num_bands);
}

/*
 * The largest m for which a pair at the threshold has fewer than m equal
 * values with probability 'loss' or less: the lower tail of a binomial
 * distribution over the values.  One-permutation signatures vary less.
 */
static unsigned
least_equal(double threshold, double loss, double *lost_ret)
{
    double tail = 0, log_choose = 0; /* of 128 over m; lgamma() is no help:
                                        it writes a global */

    *lost_ret = 0;
    if (threshold >= 1)
        return WCP_NUM_BINS;
    for (unsigned m = 0; m < WCP_NUM_BINS; m++) {
        double next = tail + exp(log_choose + m * log(threshold) +
                                 (WCP_NUM_BINS - m) * log1p(-threshold));

        if (next > loss)
            return m;
        tail = next;
        *lost_ret = tail;
        log_choose += log((WCP_NUM_BINS - m) / (m + 1.0));
    }
    return WCP_NUM_BINS;
}

void
wcp_plan_minhash(struct wcp_plan *plan, double threshold, double recall)
{
    double loss = 1 - recall, lost;
    unsigned rows = WCP_NUM_BINS, bands = 1;

    while (rows > 1 &&
           band_loss(threshold, WCP_NUM_BINS / rows, rows) > loss / 2)
        rows--;
    while (bands < WCP_NUM_BINS / rows &&
           band_loss(threshold, bands, rows) > loss / 4)
        bands++;
    plan->threshold = threshold;
    plan->num_rows = rows;
    plan->num_bands = bands;
    plan->min_equal = least_equal(threshold, loss / 4, &lost);
    plan->recall = (1 - band_loss(threshold, bands, rows)) * (1 - lost);
}

unsigned
wcp_count_equal(const uint8_t *a, const uint8_t *b)
{
    uint8_t num = 0; /* 128 fits, and bytes add 16 at a time */

    for (size_t i = 0; i < WCP_NUM_BINS; i++)
        num = (uint8_t)(num + (a[i] == b[i]));
    return num;
}

bool
wcp_signatures_allow(const struct wcp_store *store, const struct wcp_plan *plan,
                     uint32_t a, uint32_t b)
{
    if (plan->kind == WCP_SIG_SIMHASH)
        return (unsigned)__builtin_popcountll(
                   store->simhashes[a] ^ store->simhashes[b]) <= plan->distance;
    return wcp_count_equal(store->values + (size_t)a * WCP_NUM_BINS,
                           store->values + (size_t)b * WCP_NUM_BINS) >=
           plan->min_equal;
}
