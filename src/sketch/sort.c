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
 * Nothing is assumed of the numbers, though: the bits that all begin with are
 * left out, and when the insertion sort has moved them further than even
 * numbers would need, it gives up.  Many are then sorted by all their bytes, in
 * time linear in their count whatever they are; few, for which the counts of so
 * many passes would cost most, are merged.
 */
#include "sketch/sketch.h"

#include <string.h>

#define MAX_DIGIT 11           /* 2048 heads stay in the L1 cache */
#define PARTS_CUTOFF (1 << 17) /* both arrays fill a cache of 2 MB */
#define INSERTION_CUTOFF 16    /* up to here insertion sort alone is as fast */
#define MERGE_CUTOFF 1024

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

/* Two sorted runs to another array. */
static void
merge(uint64_t *to, const uint64_t *a, size_t num_a, const uint64_t *b,
      size_t num_b)
{
    size_t i = 0, k = 0;

    while (i < num_a && k < num_b) {
        const bool first = a[i] <= b[k];

        *to++ = first ? a[i] : b[k];
        i += first;
        k += !first;
    }
    memcpy(to, a + i, (num_a - i) * sizeof *to);
    memcpy(to + num_a - i, b + k, (num_b - k) * sizeof *to);
}

/* Sort any few. */
static void
sort_by_merging(uint64_t *values, uint64_t *scratch, size_t num)
{
    uint64_t *from = values, *to = scratch;

    for (size_t i = 0; i < num; i += INSERTION_CUTOFF) {
        const size_t left = num - i;

        insertion_sort(values + i, values + i,
                       left < INSERTION_CUTOFF ? left : INSERTION_CUTOFF,
                       SIZE_MAX);
    }
    for (size_t len = INSERTION_CUTOFF; len < num; len *= 2) {
        uint64_t *const next = from;

        for (size_t i = 0; i < num; i += 2 * len) {
            const size_t left = num - i;
            const size_t num_a = left < len ? left : len;
            const size_t num_b = left - num_a < len ? left - num_a : len;

            merge(to + i, from + i, num_a, from + i + num_a, num_b);
        }
        from = to;
        to = next;
    }
    if (from != values)
        memcpy(values, from, num * sizeof *values);
}

/* ---- evenly spread numbers ---- */

/* How many bits all of them begin with. */
static unsigned
common_bits(const uint64_t *values, size_t num)
{
    uint64_t differ = 1; /* so that 63 is most */

    for (size_t i = 1; i < num; i++)
        differ |= values[i] ^ values[0];
    return (unsigned)__builtin_clzll(differ);
}

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
    const unsigned top = skip + 2 * digit > 64 ? 2 * digit : 64 - skip;
    const unsigned high = top - digit, low = high - digit;
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
    sort_by_digits(values, scratch, num, common_bits(values, num));
    if (insertion_sort(values, values, num, num))
        return;
    if (num < MERGE_CUTOFF) {
        sort_by_merging(values, scratch, num);
        return;
    }
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
