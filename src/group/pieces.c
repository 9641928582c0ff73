/*
 * pieces.c - what two folded texts share, each unit at most once
 *
 * What both begin and end with is the same for certain.  The passages that b
 * shares with a come from the passage engine, the longest first; where they
 * overlap, the earlier one has it.  An inserted paragraph
 * may hide in what it lies in, and what one text has twice is found once, so
 * the rest of either text is then asked about anew.  Of all blocks that
 * neither text has twice, those that ascend in both and have most units are
 * the main ones, as in a listing of differences; others were moved.  What lies
 * between two blocks is looked at last (fill.c).
 */
#include "group/pieces.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_LENGTH = WCP_PASSAGE_MIN_LENGTH,
    LEAST_WEIGHT = LEAST_LENGTH * WCP_WEIGHT_HAN,
    MAX_ROUNDS = 4,    /* of asking about what is left of a text */
    CHANCE_WEIGHT = 8, /* of a block between two changes */
};

enum { FREE, TAKEN }; /* units */

/* Separates what was left over: no folded text has these, and neither side
 * has that of the other. */
static const uint16_t separators[2] = { WCP_RUN_SEPARATORS, 0xFFFF };

struct pairing {
    const struct wcp_memory *mem;
    const struct wcp_folded *sides[2];
    uint8_t *taken[2]; /* by unit */
    uint32_t num_pieces;
    enum wcp_pieces_want want;
    struct wcp_pieces *result;
};

/* Text that is asked about: all of a side, or what is left of it. */
struct rest {
    WCP_ARRAY(uint16_t) units;
    WCP_ARRAY(uint32_t) places; /* of the units in the text */
};

static bool
is_low_surrogate(uint16_t u)
{
    return (u & 0xFC00) == 0xDC00;
}

static uint64_t
weigh(const struct wcp_folded *text, uint32_t begin, uint32_t num)
{
    const struct wcp_units units = { text->units, (uint32_t)text->num, false };

    return wcp_units_weight(&units, begin, begin + num);
}

/* ---- taking blocks ---- */

static bool
add_block(struct pairing *p, uint32_t a, uint32_t b, uint32_t num,
          enum wcp_block_kind kind)
{
    struct wcp_pieces *to = p->result;
    struct wcp_piece_block *last =
        to->blocks.num > 0 ? &to->blocks.at[to->blocks.num - 1] : NULL;

    if (last != NULL && last->piece == p->num_pieces && last->kind == kind &&
        last->a + last->num == a && last->b + last->num == b) {
        last->num += num;
        return true;
    }
    if (!wcp_array_grow(to->mem, &to->blocks))
        return false;
    to->blocks.at[to->blocks.num++] =
        (struct wcp_piece_block){ a, b, num, p->num_pieces, kind };
    return true;
}

/* Whether unit a, b of a block may be had: as one that both have once, or as
 * one that 'side' has again. */
static bool
may_take(const struct pairing *p, uint32_t a, uint32_t b, int side, bool again)
{
    bool free[2] = { p->taken[0][a] == FREE, p->taken[1][b] == FREE };

    return again ? free[side] && !free[1 - side] : free[0] && free[1];
}

/* Call for the parts of a block that may be had; 'take' says to have them.
 * Adds up what they weigh. */
static bool
take_block(struct pairing *p, const struct wcp_block *block, int side,
           bool again, bool take, uint64_t *weight)
{
    for (uint32_t i = 0; i < block->num;) {
        uint32_t from = i;

        while (i < block->num &&
               may_take(p, block->a + i, block->b + i, side, again))
            i++;
        if (i == from) {
            i++;
            continue;
        }
        *weight += weigh(p->sides[0], block->a + from, i - from);
        if (!take)
            continue;
        if (!add_block(p, block->a + from, block->b + from, i - from,
                       !again      ? WCP_BLOCK_MAIN
                       : side == 0 ? WCP_BLOCK_A_AGAIN
                                   : WCP_BLOCK_B_AGAIN))
            return false;
        if (!again || side == 0)
            memset(p->taken[0] + block->a + from, TAKEN, i - from);
        if (!again || side == 1)
            memset(p->taken[1] + block->b + from, TAKEN, i - from);
    }
    return true;
}

static bool
take_blocks(struct pairing *p, const struct wcp_block *blocks, size_t num,
            int side, bool again)
{
    uint64_t weight = 0;

    for (size_t i = 0; i < num; i++)
        take_block(p, &blocks[i], side, again, false, &weight);
    if (weight < LEAST_WEIGHT)
        return true;
    p->num_pieces++;
    for (size_t i = 0; i < num; i++)
        if (!take_block(p, &blocks[i], side, again, true, &weight))
            return false;
    return true;
}

/* ---- asking the engine ---- */

/* The runs of free units that are long enough; or all of the text. */
static bool
gather_rest(const struct pairing *p, int side, bool all, struct rest *rest)
{
    const struct wcp_folded *text = p->sides[side];
    const uint8_t *taken = p->taken[side];

    rest->units.num = rest->places.num = 0;
    for (uint32_t i = 0; i < text->num;) {
        uint32_t from = i;
        size_t num = rest->units.num;

        while (i < text->num && (all || taken[i] == FREE))
            i++;
        if (i == from) {
            i++;
            continue;
        }
        if (weigh(text, from, i - from) < LEAST_WEIGHT)
            continue;
        if (!wcp_array_reserve(p->mem, &rest->units, num + (i - from) + 1) ||
            !wcp_array_reserve(p->mem, &rest->places, num + (i - from) + 1))
            return false;
        memcpy(rest->units.at + num, text->units + from,
               (i - from) * sizeof *text->units);
        rest->units.at[num + (i - from)] = separators[side];
        for (uint32_t k = 0; k <= i - from; k++)
            rest->places.at[num + k] = from + k;
        rest->units.num = rest->places.num = num + (i - from) + 1;
    }
    return true;
}

/* The longest first. */
static int
compare_matched(const void *x, const void *y)
{
    const struct wcp_alignment *p = x, *q = y;

    if (p->matched != q->matched)
        return p->matched > q->matched ? -1 : 1;
    if (p->a_begin != q->a_begin)
        return p->a_begin < q->a_begin ? -1 : 1;
    return p->b_begin < q->b_begin ? -1 : p->b_begin > q->b_begin;
}

/* From places in the rests to blocks of a and b. */
static void
place_blocks(struct wcp_alignments *found, const struct rest rests[2], int side)
{
    for (size_t i = 0; i < found->blocks.num; i++) {
        struct wcp_block *block = &found->blocks.at[i];
        uint32_t own = rests[side].places.at[block->a];
        uint32_t other = rests[1 - side].places.at[block->b];

        block->a = side == 0 ? own : other;
        block->b = side == 0 ? other : own;
    }
}

/* Ask what the rest of 'side' has that the rest of the other text has too, or
 * again: all of the other text. */
static enum wcp_code
ask_about(struct pairing *p, int side, bool again, struct rest rests[2],
          struct wcp_fault *fault)
{
    const struct wcp_passage_limits limits = { .min_length = LEAST_LENGTH,
                                               .min_copies = 2,
                                               .num_threads = 1 };
    struct wcp_units units[2];
    struct wcp_alignments found;
    enum wcp_code code;
    bool done = true;

    /* Mostly nothing is left of the one. */
    for (int k = 0; k < 2; k++) {
        const int i = k == 0 ? side : 1 - side;

        if (!gather_rest(p, i, again && i != side, &rests[i]))
            return wcp_no_memory(fault);
        units[i] = (struct wcp_units){ rests[i].units.at,
                                       (uint32_t)rests[i].units.num, false };
        if (units[i].num == 0)
            return WCP_CODE_OK;
    }
    if (!wcp_may_share_run(&units[0], &units[1]))
        return WCP_CODE_OK;
    code = wcp_align(&found, p->mem, &units[side], &units[1 - side], &limits,
                     fault);
    if (code != WCP_CODE_OK)
        return code;
    place_blocks(&found, rests, side);
    if (found.list.num > 0)
        qsort(found.list.at, found.list.num, sizeof *found.list.at,
              compare_matched);
    for (size_t i = 0; done && i < found.list.num; i++)
        done = take_blocks(p, found.blocks.at + found.list.at[i].first_block,
                           found.list.at[i].num_blocks, side, again);
    wcp_alignments_release(&found);
    return done ? WCP_CODE_OK : wcp_no_memory(fault);
}

/* Ask until nothing new comes. */
static enum wcp_code
ask_repeatedly(struct pairing *p, int side, bool again, struct rest rests[2],
               struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    for (int round = 0; code == WCP_CODE_OK && round < MAX_ROUNDS; round++) {
        size_t before = p->result->blocks.num;

        code = ask_about(p, side, again, rests, fault);
        if (p->result->blocks.num == before)
            break;
    }
    return code;
}

/* What both begin and end with is in order in any case, however much it
 * repeats itself. */
static bool
take_ends(struct pairing *p)
{
    const struct wcp_folded *a = p->sides[0], *b = p->sides[1];
    size_t most = a->num < b->num ? a->num : b->num, head = 0, tail = 0;
    struct wcp_block block;

    while (head < most && a->units[head] == b->units[head])
        head++;
    while (tail < most - head &&
           a->units[a->num - 1 - tail] == b->units[b->num - 1 - tail])
        tail++;
    block = (struct wcp_block){ 0, 0, (uint32_t)head };
    if (!take_blocks(p, &block, 1, 0, false))
        return false;
    block = (struct wcp_block){ (uint32_t)(a->num - tail),
                                (uint32_t)(b->num - tail), (uint32_t)tail };
    return take_blocks(p, &block, 1, 0, false);
}

/* Take long runs that stand in both texts and once in the first, the longest
 * first. */
static bool
take_runs(struct pairing *p)
{
    const struct wcp_folded *a = p->sides[0], *b = p->sides[1];
    const struct wcp_piece_block *ends = p->result->blocks.at;
    const size_t num_ends = p->result->blocks.num;
    struct wcp_gap gap = { 0,    (uint32_t)a->num, 0, (uint32_t)b->num, false,
                           false };
    struct wcp_run_finder finder = { .mem = p->mem,
                                     .a = a->units,
                                     .b = b->units };
    bool done;

    if (num_ends > 0 && ends[0].a == 0 && ends[0].b == 0) {
        gap.a_begin = ends[0].num;
        gap.b_begin = ends[0].num;
    }
    if (num_ends > 0 &&
        ends[num_ends - 1].a + ends[num_ends - 1].num == a->num) {
        gap.a_end = ends[num_ends - 1].a;
        gap.b_end = ends[num_ends - 1].b;
    }
    done = wcp_find_runs(&finder, &gap);
    for (size_t i = 0; done && i < finder.found.num; i++) {
        uint64_t weight = 0;

        /* Each is a piece, so that drop_chance() sees what is too short and
         * not in order. */
        p->num_pieces++;
        done = take_block(p, &finder.found.at[i], 0, false, true, &weight);
    }
    wcp_run_finder_release(&finder);
    return done;
}

static enum wcp_code
ask_all(struct pairing *p, struct wcp_fault *fault)
{
    struct rest rests[2] = { { { 0 }, { 0 } }, { { 0 }, { 0 } } };
    enum wcp_code code = ask_repeatedly(p, 0, false, rests, fault);

    for (int side = 0; side < 2 && p->want == WCP_PIECES_ALL; side++)
        if (code == WCP_CODE_OK && p->result->blocks.num > 0)
            code = ask_repeatedly(p, side, true, rests, fault);
    for (int side = 0; side < 2; side++) {
        wcp_array_release(p->mem, &rests[side].units);
        wcp_array_release(p->mem, &rests[side].places);
    }
    return code;
}

/* ---- main blocks and those that were moved ---- */

static int
compare_by_a(const void *x, const void *y)
{
    const struct wcp_piece_block *p = x, *q = y;

    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

static int
compare_by_piece(const void *x, const void *y)
{
    const struct wcp_piece_block *p = x, *q = y;

    if (p->kind != q->kind)
        return p->kind < q->kind ? -1 : 1;
    if (p->piece != q->piece)
        return p->piece < q->piece ? -1 : 1;
    return compare_by_a(x, y);
}

static bool
part_main_from_moved(struct pairing *p)
{
    struct wcp_piece_block *blocks = p->result->blocks.at;
    size_t num = 0, all = p->result->blocks.num;
    bool done;

    if (all == 0)
        return true;
    qsort(blocks, all, sizeof *blocks, compare_by_piece);
    while (num < all && blocks[num].kind == WCP_BLOCK_MAIN)
        num++;
    qsort(blocks, num, sizeof *blocks, compare_by_a);
    done = wcp_mark_main(p->mem, blocks, num);
    qsort(blocks, all, sizeof *blocks, compare_by_piece);
    return done;
}

/* ---- cleaning up ---- */

static bool
go_together(const struct wcp_piece_block *x, const struct wcp_piece_block *y)
{
    return x->kind == y->kind && x->piece == y->piece && x->b + x->num <= y->b;
}

static void
let_go(struct pairing *p, const struct wcp_piece_block *block)
{
    if (block->kind != WCP_BLOCK_B_AGAIN)
        memset(p->taken[0] + block->a, FREE, block->num);
    if (block->kind != WCP_BLOCK_A_AGAIN)
        memset(p->taken[1] + block->b, FREE, block->num);
}

/* Drop single letters between changes, which fill.c judges better, and what
 * remains of pieces of which the rest is a main block. */
static void
drop_chance(struct pairing *p)
{
    struct wcp_piece_block *blocks = p->result->blocks.at;
    size_t num = p->result->blocks.num, kept = 0, end;

    for (size_t begin = 0; begin < num; begin = end) {
        enum wcp_block_kind kind = blocks[begin].kind;
        uint32_t piece = blocks[begin].piece;
        uint64_t sum = 0;

        for (end = begin; end < num && blocks[end].kind == kind &&
                          blocks[end].piece == piece;
             end++)
            sum += weigh(p->sides[0], blocks[end].a, blocks[end].num);
        for (size_t i = begin; i < end; i++) {
            struct wcp_piece_block block = blocks[i];
            bool inside = i > begin && i + 1 < end;

            if ((kind != WCP_BLOCK_MAIN && sum < LEAST_WEIGHT) ||
                (inside &&
                 weigh(p->sides[0], block.a, block.num) < CHANCE_WEIGHT))
                let_go(p, &block);
            else
                blocks[kept++] = block;
        }
    }
    p->result->blocks.num = kept;
}

/* Take half characters off the ends. */
static void
trim_blocks(struct pairing *p)
{
    const struct wcp_folded *a = p->sides[0], *b = p->sides[1];
    struct wcp_piece_block *blocks = p->result->blocks.at;
    size_t kept = 0;

    for (size_t i = 0; i < p->result->blocks.num; i++) {
        struct wcp_piece_block block = blocks[i];

        if (is_low_surrogate(a->units[block.a])) {
            block.a++;
            block.b++;
            block.num--;
        }
        if (block.num > 0 &&
            ((block.a + block.num < a->num &&
              is_low_surrogate(a->units[block.a + block.num])) ||
             (block.b + block.num < b->num &&
              is_low_surrogate(b->units[block.b + block.num]))))
            block.num--;
        if (block.num > 0)
            blocks[kept++] = block;
    }
    p->result->blocks.num = kept;
}

/* ---- gaps ---- */

/* The first unit in begin .. end - 1 that is taken (last: behind the last). */
static uint32_t
first_taken(const uint8_t *taken, uint32_t begin, uint32_t end)
{
    while (begin < end && taken[begin] == FREE)
        begin++;
    return begin;
}

static uint32_t
last_taken(const uint8_t *taken, uint32_t begin, uint32_t end)
{
    while (end > begin && taken[end - 1] == FREE)
        end--;
    return end;
}

static bool
fill_one(struct pairing *p, struct wcp_filler *filler,
         const struct wcp_gap *gap, const struct wcp_piece_block *like)
{
    if (!wcp_fill_gap(filler, gap) ||
        !wcp_array_reserve(p->mem, &p->result->blocks,
                           p->result->blocks.num + filler->found.num))
        return false;
    for (size_t i = 0; i < filler->found.num; i++) {
        const struct wcp_block *block = &filler->found.at[i];

        p->result->blocks.at[p->result->blocks.num++] =
            (struct wcp_piece_block){ block->a, block->b, block->num,
                                      like->piece, like->kind };
        if (like->kind != WCP_BLOCK_B_AGAIN)
            memset(p->taken[0] + block->a, TAKEN, block->num);
        if (like->kind != WCP_BLOCK_A_AGAIN)
            memset(p->taken[1] + block->b, TAKEN, block->num);
    }
    return true;
}

/* What is free in a gap may be parted by what was moved there; then only its
 * two ends are looked at. */
static bool
fill_gap(struct pairing *p, struct wcp_filler *filler,
         const struct wcp_gap *gap, const struct wcp_piece_block *like)
{
    bool own_a = like->kind != WCP_BLOCK_B_AGAIN;
    bool own_b = like->kind != WCP_BLOCK_A_AGAIN;
    struct wcp_gap head = *gap, tail = *gap;

    if (own_a) {
        head.a_end = first_taken(p->taken[0], gap->a_begin, gap->a_end);
        tail.a_begin = last_taken(p->taken[0], gap->a_begin, gap->a_end);
    }
    if (own_b) {
        head.b_end = first_taken(p->taken[1], gap->b_begin, gap->b_end);
        tail.b_begin = last_taken(p->taken[1], gap->b_begin, gap->b_end);
    }
    if (head.a_end == gap->a_end && head.b_end == gap->b_end)
        return fill_one(p, filler, gap, like);
    head.before = tail.after = false;
    if (head.a_end == gap->a_end || head.b_end == gap->b_end) {
        /* One text is free there: it goes with either end of the other. */
        if (!fill_one(p, filler, &head, like))
            return false;
        tail.a_begin = last_taken(p->taken[0], tail.a_begin, tail.a_end);
        tail.b_begin = last_taken(p->taken[1], tail.b_begin, tail.b_end);
        return fill_one(p, filler, &tail, like);
    }
    return fill_one(p, filler, &head, like) && fill_one(p, filler, &tail, like);
}

static bool
fill_gaps(struct pairing *p)
{
    uint32_t a_num = (uint32_t)p->sides[0]->num;
    uint32_t b_num = (uint32_t)p->sides[1]->num;
    struct wcp_filler filler = {
        .mem = p->mem,
        .a = p->sides[0]->units,
        .b = p->sides[1]->units,
        .cells_left = (UINT64_C(1) << 26) + 4 * ((uint64_t)a_num + b_num),
    };
    const struct wcp_piece_block start = { .kind = WCP_BLOCK_MAIN };
    struct wcp_piece_block at = start;
    size_t num = p->result->blocks.num;
    bool done = true;

    for (size_t i = 0; done && i < num; i++) {
        struct wcp_piece_block next = p->result->blocks.at[i];
        bool together = go_together(&at, &next);
        const struct wcp_gap gap = { at.a + at.num, next.a,     at.b + at.num,
                                     next.b,        at.num > 0, true };

        if (together)
            done = fill_gap(p, &filler, &gap, &next);
        else if (at.kind == WCP_BLOCK_MAIN) {
            const struct wcp_gap end = { at.a + at.num, a_num,
                                         at.b + at.num, b_num,
                                         at.num > 0,    false };

            done = fill_gap(p, &filler, &end, &at);
        }
        at = next;
    }
    if (done && at.kind == WCP_BLOCK_MAIN) {
        const struct wcp_gap end = { at.a + at.num, a_num,      at.b + at.num,
                                     b_num,         at.num > 0, false };

        done = fill_gap(p, &filler, &end, &at);
    }
    wcp_filler_release(&filler);
    return done;
}

/* Blocks that go on from one another become one. */
static void
join_blocks(struct wcp_pieces *result)
{
    struct wcp_piece_block *blocks = result->blocks.at;
    size_t kept = 0;

    if (result->blocks.num > 0)
        qsort(blocks, result->blocks.num, sizeof *blocks, compare_by_piece);
    for (size_t i = 0; i < result->blocks.num; i++) {
        struct wcp_piece_block *last = kept > 0 ? &blocks[kept - 1] : NULL;

        if (last != NULL && go_together(last, &blocks[i]) &&
            last->a + last->num == blocks[i].a &&
            last->b + last->num == blocks[i].b)
            last->num += blocks[i].num;
        else
            blocks[kept++] = blocks[i];
    }
    result->blocks.num = kept;
}

enum wcp_code
wcp_pieces_find(struct wcp_pieces *result, const struct wcp_memory *mem,
                const struct wcp_folded *a, const struct wcp_folded *b,
                enum wcp_pieces_want want, struct wcp_fault *fault)
{
    struct pairing p = {
        .mem = mem, .sides = { a, b }, .want = want, .result = result
    };
    enum wcp_code code = WCP_CODE_OK;

    *result = (struct wcp_pieces){ .mem = mem };
    if (a->num == b->num && a->num > 0 &&
        memcmp(a->units, b->units, a->num * sizeof *a->units) == 0)
        return add_block(&p, 0, 0, (uint32_t)a->num, WCP_BLOCK_MAIN)
                   ? WCP_CODE_OK
                   : wcp_no_memory(fault);
    for (int i = 0; i < 2; i++) {
        p.taken[i] = wcp_new_zeroed(mem, p.sides[i]->num, 1);
        if (p.taken[i] == NULL)
            code = wcp_no_memory(fault);
    }
    if (code == WCP_CODE_OK &&
        (!take_ends(&p) || (want == WCP_PIECES_MAIN_ROUGHLY && !take_runs(&p))))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = ask_all(&p, fault);
    if (code == WCP_CODE_OK && !part_main_from_moved(&p))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK) {
        drop_chance(&p);
        if (!fill_gaps(&p))
            code = wcp_no_memory(fault);
    }
    if (code == WCP_CODE_OK) {
        join_blocks(result);
        trim_blocks(&p);
        if (result->blocks.num > 0)
            qsort(result->blocks.at, result->blocks.num,
                  sizeof *result->blocks.at, compare_by_a);
    }
    for (int i = 0; i < 2; i++)
        wcp_free_array(mem, p.taken[i], p.sides[i]->num, 1);
    if (code != WCP_CODE_OK)
        wcp_pieces_release(result);
    return code;
}

void
wcp_pieces_release(struct wcp_pieces *result)
{
    if (result->mem == NULL)
        return;
    wcp_array_release(result->mem, &result->blocks);
    *result = (struct wcp_pieces){ 0 };
}
