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
 * Equal values are joined first and stand once in the tables, so that a story
 * printed a thousand times does not make a bucket of a thousand.
 */
#include "match/match.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_BLOCKS = WCP_DISTANCE_MAX + 4 };

struct hashed {
    uint64_t key; /* the bits of the chosen blocks, or the whole value */
    uint64_t value;
    uint32_t class_number;
};

static int
compare_hashed(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->class_number > y->class_number) -
           (x->class_number < y->class_number);
}

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
    struct hashed *list = wcp_new_array(tables->mem, tables->num, sizeof *list);

    (void)thread;
    if (list == NULL) {
        tables->no_memory = true;
        return;
    }
    for (size_t i = 0; i < tables->num; i++) {
        list[i] = tables->list[i];
        list[i].key = list[i].value & tables->masks[table];
    }
    qsort(list, tables->num, sizeof *list, compare_hashed);
    join_buckets(list, tables->num, tables->distance, tables->parents);
    wcp_free_array(tables->mem, list, tables->num, sizeof *list);
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
    size_t n = store->num_classes;
    struct hashed *list = wcp_new_array(mem, n, sizeof *list);
    struct tables tables = { .distance = distance,
                             .parents = parents,
                             .mem = mem };

    _Static_assert(MAX_BLOCKS == 12 && WCP_DISTANCE_MAX == 8,
                   "masks[] has room for choose(12, 8)");
    if (list == NULL)
        return wcp_no_memory(fault);
    for (uint32_t c = 0; c < n; c++)
        list[c] =
            (struct hashed){ store->simhashes[c], store->simhashes[c], c };
    qsort(list, n, sizeof *list, compare_hashed);
    for (size_t i = 0; i < n; i++) {
        if (tables.num > 0 && list[tables.num - 1].value == list[i].value)
            wcp_sets_join(parents, list[tables.num - 1].class_number,
                          list[i].class_number);
        else
            list[tables.num++] = list[i];
    }
    tables.list = list;
    list_masks(&tables, best_num_blocks(tables.num, distance));
    if (distance > 0)
        wcp_parallel_for(store->opts.num_threads, tables.num_masks, 1,
                         join_table, &tables);
    wcp_free_array(mem, list, n, sizeof *list);
    return tables.no_memory ? wcp_no_memory(fault) : WCP_CODE_OK;
}
