/*
 * ascent.c - which blocks are in the same order in both texts
 *
 * Of blocks that overlap in neither text, those that ascend in both and have
 * most units are the main ones, as in a listing of differences: a heaviest
 * ascending sequence, found in one walk with a Fenwick tree.
 */
#include "group/pieces.h"

#include <stdlib.h>
#include <string.h>

static int
compare_keys(const void *x, const void *y)
{
    uint64_t p = *(const uint64_t *)x, q = *(const uint64_t *)y;

    return p < q ? -1 : p > q;
}

/* The heaviest ascending sequence (by a Fenwick tree over the order in b). */
struct ascent {
    uint64_t *keys;    /* b << 32 | block, ascending */
    uint32_t *ranks;   /* by block */
    uint64_t *weights; /* of the best sequence that ends in the block */
    uint32_t *before;  /* the block before it, or UINT32_MAX */
    uint32_t *best;    /* by tree node: a block, or UINT32_MAX */
};

static bool
ascent_init(const struct wcp_memory *mem, struct ascent *to, size_t num)
{
    to->keys = wcp_new_array(mem, num, sizeof *to->keys);
    to->ranks = wcp_new_array(mem, num, sizeof *to->ranks);
    to->weights = wcp_new_array(mem, num, sizeof *to->weights);
    to->before = wcp_new_array(mem, num, sizeof *to->before);
    to->best = wcp_new_array(mem, num + 1, sizeof *to->best);
    return to->keys != NULL && to->ranks != NULL && to->weights != NULL &&
           to->before != NULL && to->best != NULL;
}

static void
ascent_release(const struct wcp_memory *mem, struct ascent *from, size_t num)
{
    wcp_free_array(mem, from->keys, num, sizeof *from->keys);
    wcp_free_array(mem, from->ranks, num, sizeof *from->ranks);
    wcp_free_array(mem, from->weights, num, sizeof *from->weights);
    wcp_free_array(mem, from->before, num, sizeof *from->before);
    wcp_free_array(mem, from->best, num + 1, sizeof *from->best);
}

/* Call every block that ascends with the most others a main one. */
static void
mark(struct ascent *ascent, struct wcp_piece_block *blocks, size_t num)
{
    uint32_t last = UINT32_MAX;

    for (size_t i = 0; i < num; i++)
        ascent->keys[i] = (uint64_t)blocks[i].b << 32 | i;
    qsort(ascent->keys, num, sizeof *ascent->keys, compare_keys);
    for (size_t i = 0; i < num; i++)
        ascent->ranks[(uint32_t)ascent->keys[i]] = (uint32_t)i + 1;
    memset(ascent->best, 0xFF, (num + 1) * sizeof *ascent->best);
    for (size_t i = 0; i < num; i++) {
        uint32_t from = UINT32_MAX;

        for (size_t k = ascent->ranks[i] - 1; k > 0; k &= k - 1) {
            uint32_t x = ascent->best[k];

            if (x != UINT32_MAX && (from == UINT32_MAX ||
                                    ascent->weights[x] > ascent->weights[from]))
                from = x;
        }
        ascent->before[i] = from;
        ascent->weights[i] =
            blocks[i].num + (from == UINT32_MAX ? 0 : ascent->weights[from]);
        for (size_t k = ascent->ranks[i]; k <= num; k += k & (~k + 1)) {
            uint32_t x = ascent->best[k];

            if (x == UINT32_MAX || ascent->weights[i] > ascent->weights[x])
                ascent->best[k] = (uint32_t)i;
        }
        if (last == UINT32_MAX || ascent->weights[i] > ascent->weights[last])
            last = (uint32_t)i;
        blocks[i].kind = WCP_BLOCK_MOVED;
    }
    for (; last != UINT32_MAX; last = ascent->before[last]) {
        blocks[last].kind = WCP_BLOCK_MAIN;
        blocks[last].piece = 0;
    }
}

bool
wcp_mark_main(const struct wcp_memory *mem, struct wcp_piece_block *blocks,
              size_t num)
{
    struct ascent ascent = { 0 };
    const bool made = ascent_init(mem, &ascent, num);

    if (made)
        mark(&ascent, blocks, num);
    ascent_release(mem, &ascent, num);
    return made;
}
