/*
 * simhash_tables.c - all SimHashes within a distance, by block permutation
 *
 * The 64 bits are cut into blocks.  Two values that differ in at most d bits
 * agree in all but d of the blocks, so that for one choice of (blocks - d)
 * blocks they agree in all of them: one table for each choice, sorted by those
 * bits, brings them together (Manku, Jain, Das Sarma 2007).  More blocks make
 * keys longer and buckets smaller but tables more numerous; the number is
 * chosen by a count of what each would cost.
 *
 * "Sorted" is more than it takes: 32 bits of a hash of those bits do, since all
 * that meet are compared whole, and three passes sort by them.
 *
 * Equal values are joined first and stand once in the tables, so that a story
 * printed a thousand times does not make a bucket of a thousand.
 */
#include "match/match.h"

#include <math.h>

enum { MAX_BLOCKS = WCP_DISTANCE_MAX + 4 };

struct hashed {
    uint64_t value;
    uint32_t class_number;
    uint32_t key; /* a hash of the bits of the chosen blocks */
};

/* ---- sorting ---- */

enum { DIGIT_BITS = 11, NUM_DIGITS = 3 };

/*
 * Sort by key, in stable order: least digit first, 'other' being as long as
 * 'list'.  Ends in 'list' or in 'other'; returns which.
 */
static struct hashed *
sort_by_key(struct hashed *list, struct hashed *other, size_t num)
{
    size_t places[NUM_DIGITS][1 << DIGIT_BITS] = { { 0 } };
    const uint32_t mask = (1 << DIGIT_BITS) - 1;

    for (size_t i = 0; i < num; i++)
        for (unsigned d = 0; d < NUM_DIGITS; d++)
            places[d][list[i].key >> d * DIGIT_BITS & mask]++;
    for (unsigned d = 0; d < NUM_DIGITS; d++) {
        struct hashed *from = list;
        size_t at = 0;

        for (size_t i = 0; i <= mask; i++) {
            const size_t count = places[d][i];

            places[d][i] = at;
            at += count;
        }
        for (size_t i = 0; i < num; i++)
            other[places[d][from[i].key >> d * DIGIT_BITS & mask]++] = from[i];
        list = other;
        other = from;
    }
    return list;
}

/*
 * A key of 32 bits for the chosen bits of a value.  Others may get the same by
 * chance: they only meet in a bucket, where whole values are compared.
 */
static uint32_t
key_of(uint64_t bits)
{
    bits = (bits ^ bits >> 32) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)((bits ^ bits >> 29) * UINT64_C(0xBF58476D1CE4E5B9) >> 32);
}

/* ---- tables ---- */

static double
choose(unsigned n, unsigned k)
{
    double ways = 1;

    for (unsigned i = 1; i <= k; i++)
        ways = ways * (n - k + i) / i;
    return ways;
}

static unsigned
best_num_blocks(size_t num, unsigned distance)
{
    unsigned best = distance + 1;
    double least = INFINITY, n = (double)num;

    for (unsigned blocks = distance + 1; blocks <= distance + 4; blocks++) {
        double bits = 64.0 * (blocks - distance) / blocks;
        double sort = n * 20, compare = n * n / 2 / exp2(bits);
        double cost = choose(blocks, distance) * (sort + compare);

        if (cost < least) {
            least = cost;
            best = blocks;
        }
    }
    return best;
}

/* The bits of block i of num_blocks. */
static uint64_t
block_mask(unsigned i, unsigned num_blocks)
{
    unsigned begin = 64 * i / num_blocks, end = 64 * (i + 1) / num_blocks;
    uint64_t below_end = end == 64 ? ~UINT64_C(0) : (UINT64_C(1) << end) - 1;

    return below_end & ~((UINT64_C(1) << begin) - 1);
}

/* Join what is within the distance in each run of equal keys. */
static void
join_buckets(const struct hashed *list, size_t num, unsigned distance,
             _Atomic uint32_t *parents)
{
    for (size_t begin = 0, end; begin < num; begin = end) {
        for (end = begin + 1; end < num && list[end].key == list[begin].key;)
            end++;
        for (size_t i = begin; i < end; i++)
            for (size_t j = i + 1; j < end; j++)
                if ((unsigned)__builtin_popcountll(list[i].value ^
                                                   list[j].value) <= distance)
                    wcp_sets_join(parents, list[i].class_number,
                                  list[j].class_number);
    }
}

struct tables {
    const struct hashed *list; /* different values, each once */
    size_t num;
    unsigned distance;
    uint64_t masks[512]; /* choose(MAX_BLOCKS, WCP_DISTANCE_MAX) = 495 */
    size_t num_masks;
    _Atomic uint32_t *parents;
    const struct wcp_memory *mem;
    _Atomic bool no_memory;
};

static void
join_table(void *ctx, unsigned thread, size_t table)
{
    struct tables *tables = ctx;
    const struct wcp_memory *mem = tables->mem;
    const size_t n = tables->num;
    struct hashed *list = wcp_new_array(mem, n, sizeof *list);
    struct hashed *other = wcp_new_array(mem, n, sizeof *other);

    (void)thread;
    if (list == NULL || other == NULL) {
        tables->no_memory = true;
    } else {
        for (size_t i = 0; i < n; i++) {
            list[i] = tables->list[i];
            list[i].key = key_of(list[i].value & tables->masks[table]);
        }
        join_buckets(sort_by_key(list, other, n), n, tables->distance,
                     tables->parents);
    }
    wcp_free_array(mem, list, n, sizeof *list);
    wcp_free_array(mem, other, n, sizeof *other);
}

/*
 * Join equal values and drop all but the first of each; the number of those
 * that are left at the front of 'sorted', which is in order of keys.
 */
static size_t
join_equal(struct hashed *sorted, size_t num, _Atomic uint32_t *parents)
{
    size_t left = 0, first = 0; /* of the key at hand, among those left */

    for (size_t i = 0; i < num; i++) {
        size_t k;

        if (left > 0 && sorted[left - 1].key != sorted[i].key)
            first = left;
        for (k = first; k < left; k++)
            if (sorted[k].value == sorted[i].value)
                break;
        if (k < left)
            wcp_sets_join(parents, sorted[k].class_number,
                          sorted[i].class_number);
        else
            sorted[left++] = sorted[i];
    }
    return left;
}

/* Every choice of num_blocks - distance blocks as the mask of its bits. */
static void
list_masks(struct tables *tables, unsigned num_blocks)
{
    for (unsigned set = 0; set < 1u << num_blocks; set++) {
        uint64_t mask = 0;

        if ((unsigned)__builtin_popcount(set) != num_blocks - tables->distance)
            continue;
        for (unsigned i = 0; i < num_blocks; i++)
            if (set >> i & 1)
                mask |= block_mask(i, num_blocks);
        tables->masks[tables->num_masks++] = mask;
    }
}

enum wcp_code
wcp_simhash_join(const struct wcp_store *store, unsigned distance,
                 _Atomic uint32_t *parents, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_classes;
    struct hashed *list = wcp_new_array(mem, n, sizeof *list);
    struct hashed *other = wcp_new_array(mem, n, sizeof *other);
    struct tables tables = { .distance = distance,
                             .parents = parents,
                             .mem = mem };

    _Static_assert(MAX_BLOCKS == 12 && WCP_DISTANCE_MAX == 8,
                   "masks[] has room for choose(12, 8)");
    if (list == NULL || other == NULL) {
        tables.no_memory = true;
        goto out;
    }
    for (size_t c = 0; c < n; c++)
        list[c] = (struct hashed){ store->simhashes[c], (uint32_t)c,
                                   key_of(store->simhashes[c]) };
    if (sort_by_key(list, other, n) == other) {
        struct hashed *sorted = other;

        other = list;
        list = sorted;
    }
    tables.num = join_equal(list, n, parents);
    wcp_free_array(mem, other, n, sizeof *other);
    other = NULL;
    tables.list = list;
    list_masks(&tables, best_num_blocks(tables.num, distance));
    if (distance > 0)
        wcp_parallel_for(store->opts.num_threads, tables.num_masks, 1,
                         join_table, &tables);
out:
    wcp_free_array(mem, list, n, sizeof *list);
    wcp_free_array(mem, other, n, sizeof *other);
    return tables.no_memory ? wcp_no_memory(fault) : WCP_CODE_OK;
}
