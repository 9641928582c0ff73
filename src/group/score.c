/*
 * score.c - how well what was found agrees with the gold, in pairs
 *
 * Two documents are a pair of a partition if they are in one group of it.  A
 * group of n has n (n - 1) / 2 pairs, and the pairs of both partitions are
 * those inside the cells of the contingency table, whose sizes are the runs of
 * equal (gold, found) labels once those are sorted: a cluster of 10^5 members
 * costs no more than 10^5 clusters of one.
 */
#include "group/score.h"

#include <math.h>

static uint64_t
pairs_of(uint64_t num)
{
    return num % 2 == 0 ? num / 2 * (num - 1) : (num - 1) / 2 * num;
}

/* Pairs inside the runs of equal keys. */
static uint64_t
pairs_in_runs(const uint64_t *keys, size_t num, unsigned shift)
{
    uint64_t pairs = 0;

    for (size_t begin = 0, end; begin < num; begin = end) {
        for (end = begin + 1;
             end < num && keys[end] >> shift == keys[begin] >> shift; end++)
            ;
        pairs += pairs_of(end - begin);
    }
    return pairs;
}

enum wcp_code
wcp_count_pairs(const struct wcp_memory *mem, const uint32_t *gold,
                const uint32_t *found, uint32_t num,
                struct wcp_pair_counts *counts_ret, struct wcp_fault *fault)
{
    uint64_t *keys = wcp_new_array(mem, num, sizeof *keys);
    uint64_t *scratch = wcp_new_array(mem, num, sizeof *scratch);
    enum wcp_code code = WCP_CODE_OK;

    if (keys == NULL || scratch == NULL) {
        code = wcp_no_memory(fault);
    } else {
        counts_ret->all = num > 0 ? pairs_of(num) : 0;
        for (uint32_t i = 0; i < num; i++)
            keys[i] = found[i];
        wcp_sort_u64(keys, scratch, num);
        counts_ret->found = pairs_in_runs(keys, num, 0);
        for (uint32_t i = 0; i < num; i++)
            keys[i] = (uint64_t)gold[i] << 32 | found[i];
        wcp_sort_u64(keys, scratch, num);
        counts_ret->gold = pairs_in_runs(keys, num, 32);
        counts_ret->both = pairs_in_runs(keys, num, 0);
    }
    wcp_free_array(mem, keys, num, sizeof *keys);
    wcp_free_array(mem, scratch, num, sizeof *scratch);
    return code;
}

void
wcp_count_labelled(const struct wcp_gold *gold, const uint32_t *found,
                   struct wcp_pair_counts *counts_ret)
{
    struct wcp_pair_counts counts = { .all = gold->pairs.num };

    for (size_t i = 0; i < gold->pairs.num; i++) {
        const struct wcp_gold_pair *pair = &gold->pairs.at[i];
        bool together = found[pair->a] == found[pair->b];

        counts.gold += pair->same;
        counts.found += together;
        counts.both += pair->same && together;
    }
    *counts_ret = counts;
}

/* ---- ratios ---- */

static double
ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

double
wcp_precision(const struct wcp_pair_counts *counts)
{
    return ratio((double)counts->both, (double)counts->found);
}

double
wcp_recall(const struct wcp_pair_counts *counts)
{
    return ratio((double)counts->both, (double)counts->gold);
}

double
wcp_f1(const struct wcp_pair_counts *counts)
{
    return ratio(2 * (double)counts->both,
                 (double)counts->gold + (double)counts->found);
}

/* A product of two 64-bit numbers. */
struct wide {
    uint64_t high, low;
};

static struct wide
multiply(uint64_t a, uint64_t b)
{
    uint64_t a0 = a & UINT32_MAX, a1 = a >> 32;
    uint64_t b0 = b & UINT32_MAX, b1 = b >> 32;
    uint64_t low = a0 * b0, cross = a1 * b0 + (low >> 32); /* below 2^64 */
    uint64_t middle = a0 * b1 + (cross & UINT32_MAX);

    return (struct wide){ a1 * b1 + (cross >> 32) + (middle >> 32),
                          middle << 32 | (low & UINT32_MAX) };
}

/* x - y, rounded once or twice at the end, not before. */
static double
difference(struct wide x, struct wide y)
{
    bool less = x.high < y.high || (x.high == y.high && x.low < y.low);
    struct wide big = less ? y : x, small = less ? x : y;
    double value =
        ldexp((double)(big.high - small.high - (big.low < small.low)), 64) +
        (double)(big.low - small.low);

    return less ? -value : value;
}

double
wcp_adjusted_rand(const struct wcp_pair_counts *counts)
{
    uint64_t all = counts->all, gold = counts->gold, found = counts->found;
    /*
     * Multiplied by 2 all, so that all is whole numbers.  Above, both * all
     * and gold * found are near each other where the agreement is near chance:
     * their difference must be exact.  Below, gold (all - found) + found
     * (all - gold) has no difference of large products left.
     */
    double above =
        2 * difference(multiply(counts->both, all), multiply(gold, found));
    double below = (double)gold * (double)(all - found) +
                   (double)found * (double)(all - gold);

    return ratio(above, below);
}

void
wcp_label_groups(const struct wcp_groups *groups, const struct wcp_store *store,
                 uint32_t *labels)
{
    for (uint32_t doc = 0; doc < store->num_documents; doc++)
        labels[doc] = doc;
    for (size_t i = 0; i < groups->members.num; i++)
        if (groups->members.at[i].relation != WCP_REL_EMBEDDED)
            labels[groups->members.at[i].document] =
                groups->members.at[i].original;
}
