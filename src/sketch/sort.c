/*
 * sort.c - sort 64-bit numbers that are, as a rule, hashes
 *
 * Hashes are spread evenly, so a few of their top bits set all but some
 * neighbours apart.  A radix sort, least digit first, by just so many bits as
 * make 16 times as many places as there are numbers takes two passes without
 * a branch that depends on the numbers; an insertion sort then finds nearly
 * everything in order.  100 to 30,000 numbers take about 4 ns each, a million
 * 10; dealing them out to buckets of about four and sorting those took 8 to 9
 * (but 3 when the same numbers were sorted again and again, so that their
 * branches could be predicted: measure with fresh ones).
 *
 * Nothing is assumed of the numbers, though: when the insertion sort has moved
 * them further than even numbers would need, it gives up, and they are sorted
 * by all their bytes, in time linear in their count whatever they are.
 */
#include "sketch/sketch.h"

#include <string.h>

#define MAX_DIGIT 11           /* 2048 heads stay in the L1 cache */
#define PARTS_CUTOFF (1 << 17) /* both arrays fill a cache of 2 MB */
#define INSERTION_CUTOFF 16    /* up to here insertion sort alone is as fast */

/*
 * Sort 'from' into 'to', which may be the same.  False when more than
 * 'max_moves' and one number's way were needed; then 'from' has its numbers
 * still, in some order.
 */
static bool
insertion_sort(uint64_t *to, const uint64_t *from, size_t num, size_t max_moves)
{
    size_t moves = 0;

    for (size_t i = 0; i < num; i++) {
        const uint64_t value = from[i];
        size_t j = i;

        for (; j > 0 && to[j - 1] > value; j--)
            to[j] = to[j - 1];
        to[j] = value;
        moves += i - j;
        if (moves > max_moves)
            return false;
    }
    return true;
}

/* Counts become the places where each digit's numbers begin. */
static void
make_heads(size_t *counts, size_t num_counts)
{
    size_t sum = 0;

    for (size_t b = 0; b < num_counts; b++) {
        const size_t count = counts[b];

        counts[b] = sum;
        sum += count;
    }
}

/* ---- any numbers ---- */

/* Sort any 'from' into 'to', which is another array; both are overwritten. */
static void
sort_by_bytes(uint64_t *to, uint64_t *from, size_t num)
{
    size_t heads[8][256] = { { 0 } };
    uint64_t *source = from, *target = to;

    for (size_t i = 0; i < num; i++) {
        for (size_t b = 0; b < 8; b++)
            heads[b][from[i] >> (8 * b) & 0xFF]++;
    }
    for (size_t b = 0; b < 8; b++) {
        uint64_t *const next = source;

        if (heads[b][source[0] >> (8 * b) & 0xFF] == num)
            continue; /* all have the same byte here */
        make_heads(heads[b], 256);
        for (size_t i = 0; i < num; i++)
            target[heads[b][source[i] >> (8 * b) & 0xFF]++] = source[i];
        source = target;
        target = next;
    }
    if (source != to)
        memcpy(to, source, num * sizeof *to);
}

/* ---- evenly spread numbers ---- */

/* How long two digits must be to make 16 places for each number. */
static unsigned
digit_for(size_t num)
{
    unsigned digit = 4;

    while (digit < MAX_DIGIT && num >> (2 * digit - 4) != 0)
        digit++;
    return digit;
}

/* One pass by the 'digit' bits at 'shift'. */
static void
pass(uint64_t *to, const uint64_t *from, size_t num, size_t *heads,
     unsigned shift, unsigned digit)
{
    const size_t mask = ((size_t)1 << digit) - 1;

    make_heads(heads, mask + 1);
    for (size_t i = 0; i < num; i++)
        to[heads[from[i] >> shift & mask]++] = from[i];
}

/* Sort by the two digits below the top 'skip' bits; the result is in
 * 'values'. */
static void
sort_by_digits(uint64_t *values, uint64_t *scratch, size_t num, unsigned skip)
{
    const unsigned digit = digit_for(num);
    const unsigned high = 64 - skip - digit, low = high - digit;
    const size_t mask = ((size_t)1 << digit) - 1;
    size_t heads[2][1 << MAX_DIGIT];

    memset(heads[0], 0, sizeof heads[0][0] << digit);
    memset(heads[1], 0, sizeof heads[1][0] << digit);
    for (size_t i = 0; i < num; i++) {
        heads[0][values[i] >> low & mask]++;
        heads[1][values[i] >> high & mask]++;
    }
    pass(scratch, values, num, heads[0], low, digit);
    pass(values, scratch, num, heads[1], high, digit);
}

static void
sort_part(uint64_t *values, uint64_t *scratch, size_t num)
{
    sort_by_digits(values, scratch, num, 0);
    if (insertion_sort(values, values, num, num))
        return;
    memcpy(scratch, values, num * sizeof *values);
    sort_by_bytes(values, scratch, num);
}

/* Part by the top byte first, so that what follows stays in the cache. */
static void
sort_parts(uint64_t *values, uint64_t *scratch, size_t num)
{
    size_t ends[256] = { 0 }, begin = 0;

    for (size_t i = 0; i < num; i++)
        ends[values[i] >> 56]++;
    pass(scratch, values, num, ends, 56, 8);
    for (size_t b = 0; b < 256; b++) {
        uint64_t *const to = values + begin, *const from = scratch + begin;
        const size_t len = ends[b] - begin;

        begin = ends[b];
        if (len == 0)
            continue;
        sort_by_digits(from, to, len, 8);
        if (!insertion_sort(to, from, len, len))
            sort_by_bytes(to, from, len);
    }
}

void
wcp_sort_u64(uint64_t *values, uint64_t *scratch, size_t num)
{
    if (num <= INSERTION_CUTOFF)
        insertion_sort(values, values, num, SIZE_MAX);
    else if (num < PARTS_CUTOFF)
        sort_part(values, scratch, num);
    else
        sort_parts(values, scratch, num);
}
