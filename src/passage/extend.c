/*
 * extend.c - from a place that two texts share to the ends of what they share
 *
 * The greedy alignment of Zhang, Schwartz, Wagner and Miller ("A greedy
 * algorithm for aligning DNA sequences", 2000): for 0, 1, 2 ... edits, how far
 * does one get on every diagonal?  Runs that are equal cost nothing but their
 * comparison, so what is nearly alike is aligned in time near its length.  A
 * diagonal is given up when its score lies X below the best: beyond what the
 * texts share that happens after a few edits.  The result ends at the best
 * score, so behind a run of equal units that pays for the edits before it.
 *
 * The steps are kept to find the way back, in memory that does not grow: after
 * MAX_EDITS edits the best way so far is settled and the search begins anew at
 * its end.
 *
 * Score: two for a unit that matches, so one for each side; EDIT_COST less for
 * an edit.  The score grows while less than a fifth of the units on either
 * side are changed and two in five of them together, and falls for unrelated
 * letters, of which edits can make one half equal.
 */
#include "passage/engine.h"

#include <string.h>

enum {
    MAX_EDITS = 64,
    MIDDLE = MAX_EDITS + 2,
    NUM_DIAGONALS = 2 * MIDDLE + 1,
    EDIT_COST = 5,
    FIELD = INT32_MAX / 4, /* units that are compared in one search */
    AHEAD = 16,            /* units that are looked at first */
    FEW = 4,               /* matches among them that lead nowhere */
    DROP = 24,             /* half units below the best that end a way */
    GLANCE = 1 << 12,      /* units of a run that is looked at for its length */
};

/* How far one got on each diagonal with so many edits: units of a that are
 * used up, or NOWHERE.  Diagonal k is a - b; index k + MIDDLE.  Two more on
 * either side are NOWHERE, so that nobody looks beyond the ends. */
struct row {
    int32_t first, last; /* diagonals that are alive */
    int32_t reach[NUM_DIAGONALS];
};

#define NOWHERE (INT32_MIN / 4) /* half units as well */

/* One search for each direction and width, without a test of either inside. */
#if defined(__GNUC__)
#define INLINE __attribute__((always_inline)) static inline
#else
#define INLINE static inline
#endif

struct wcp_extender {
    const struct wcp_memory *mem;
    struct row rows[MAX_EDITS + 1];
    struct wcp_blocks way; /* of one search, from its end to its start */
};

/* The best point of a search. */
struct summit {
    int32_t score, edits, diagonal, reach;
};

struct wcp_extender *
wcp_extender_new(const struct wcp_memory *mem)
{
    struct wcp_extender *extender = wcp_new_array(mem, 1, sizeof *extender);

    if (extender != NULL) {
        extender->mem = mem;
        extender->way = (struct wcp_blocks){ 0 };
    }
    return extender;
}

void
wcp_extender_free(struct wcp_extender *extender)
{
    if (extender == NULL)
        return;
    wcp_array_release(extender->mem, &extender->way.list);
    wcp_free_array(extender->mem, extender, 1, sizeof *extender);
}

/* ---- equal runs ---- */

/* What is left to compare: from its start, away from it. */
struct field {
    const uint16_t *a;
    const void *b;
    int32_t a_len, b_len;
};

INLINE int32_t
equal_right(const uint16_t *a, const uint16_t *b, int32_t most)
{
    int32_t n = 0;

    if (most == 0 || *a != *b)
        return 0;
    for (; n + 4 <= most; n += 4)
        if (memcmp(a + n, b + n, 8) != 0)
            break;
    while (n < most && a[n] == b[n])
        n++;
    return n;
}

INLINE int32_t
equal_left(const uint16_t *a, const uint16_t *b, int32_t most)
{
    int32_t n = 0;

    if (most == 0 || a[-1] != b[-1])
        return 0;
    for (; n + 4 <= most; n += 4)
        if (memcmp(a - n - 4, b - n - 4, 8) != 0)
            break;
    while (n < most && a[-1 - n] == b[-1 - n])
        n++;
    return n;
}

/* Are the units behind the first i of a and j of b the same? */
INLINE bool
are_equal(const struct field *f, int32_t i, int32_t j, const bool left,
          const bool narrow)
{
    const uint16_t *a = f->a;
    const ptrdiff_t p = left ? -1 - (ptrdiff_t)i : i;
    const ptrdiff_t q = left ? -1 - (ptrdiff_t)j : j;

    return a[p] ==
           (narrow ? ((const uint8_t *)f->b)[q] : ((const uint16_t *)f->b)[q]);
}

/* How many units are equal behind the first i of a and j of b. */
INLINE int32_t
equal_run(const struct field *f, int32_t i, int32_t j, const bool left,
          const bool narrow)
{
    int32_t most = f->a_len - i < f->b_len - j ? f->a_len - i : f->b_len - j;
    int32_t n = 0;

    if (narrow) {
        const uint16_t *a = f->a;
        const uint8_t *b = f->b;

        if (left) {
            a -= i;
            b -= j;
            while (n + 4 <= most && wcp_four_units(a - n - 4, 0, false) ==
                                        wcp_four_units(b - n - 4, 0, true))
                n += 4;
            while (n < most && a[-1 - n] == b[-1 - n])
                n++;
        } else {
            a += i;
            b += j;
            while (n + 4 <= most && wcp_four_units(a + n, 0, false) ==
                                        wcp_four_units(b + n, 0, true))
                n += 4;
            while (n < most && a[n] == b[n])
                n++;
        }
        return n;
    }
    return left ? equal_left(f->a - i, (const uint16_t *)f->b - j, most)
                : equal_right(f->a + i, (const uint16_t *)f->b + j, most);
}

/* ---- one search ---- */

static inline int32_t
greatest(int32_t x, int32_t y)
{
    return x > y ? x : y;
}

/* Where an edit leads to on this diagonal from the row before: one unit of a
 * left out, one of both replaced, one of b left out.  Beyond the end of a text
 * that is no edit; the caller cuts it, and the way that got there with one
 * edit less is better. */
static inline int32_t
step(const int32_t *before, int32_t k)
{
    const int32_t *at = before + MIDDLE + k;

    return greatest(greatest(at[-1], at[0]) + 1, at[1]);
}

/* A step to the end of a text, or beyond, or from nowhere; no unit is behind
 * it. */
static int32_t
cut_step(const struct field *f, int32_t i, int32_t k)
{
    if (i > f->a_len)
        i = f->a_len;
    if (i - k > f->b_len)
        i = f->b_len + k;
    return i < 0 || i < k ? NOWHERE : i;
}

static inline void
begin_row(struct row *row, int32_t first, int32_t last)
{
    row->reach[MIDDLE + first - 2] = row->reach[MIDDLE + first - 1] = NOWHERE;
    row->reach[MIDDLE + last + 1] = row->reach[MIDDLE + last + 2] = NOWHERE;
}

/* How many of so many units of b are equal to one of so many of a. */
INLINE unsigned
count_equal(const uint16_t *a, int32_t a_num, const uint16_t *b, int32_t b_num)
{
    uint16_t common[AHEAD] = { 0 };
    unsigned sum = 0;

    for (int32_t i = 0; i < a_num; i++)
        for (int32_t k = 0; k < AHEAD; k++)
            common[k] |= a[i] == b[k];
    for (int32_t k = 0; k < b_num; k++)
        sum += common[k];
    return sum;
}

/* How many of the next units of b, as far as one looks ahead, are equal to one
 * of the next of a; 'done' units are behind. */
INLINE unsigned
count_common(const struct field *f, int32_t done, const bool left)
{
    const int32_t a_rest = f->a_len - done, b_rest = f->b_len - done;
    const int32_t a_num = a_rest < AHEAD ? a_rest : AHEAD;
    const int32_t b_num = b_rest < AHEAD ? b_rest : AHEAD;
    const uint16_t *a = f->a, *b = f->b;
    uint16_t last[AHEAD] = { 0 };

    a = left ? a - done - a_num : a + done;
    b = left ? b - done - b_num : b + done;
    if (a_num == AHEAD && b_num == AHEAD)
        return count_equal(a, AHEAD, b, AHEAD);
    memcpy(last, b, (size_t)b_num * sizeof *b);
    return count_equal(a, a_num, last, b_num);
}

/*
 * Most searches end where they begin, behind the units that are equal.  That
 * is certain where no text goes on; and where at most three of the next units
 * of b are among those of a, as in two texts that have no small alphabet.  An
 * edit costs three and a match brings two: behind one edit two are needed, or
 * three if it leaves out a unit, and behind two four.  With three matches all
 * ways end after ten edits, so before unit 14, if not before at the end of a
 * text.
 */
INLINE bool
is_dead_end(const struct field *f, int32_t done, const bool left,
            const bool narrow)
{
    if (f->a_len == done || f->b_len == done)
        return true;
    return !narrow && equal_run(f, done + 1, done + 1, left, false) <= 1 &&
           equal_run(f, done + 1, done, left, false) <= 2 &&
           equal_run(f, done, done + 1, left, false) <= 2 &&
           count_common(f, done, left) <= 3;
}

/* False when all ways ended; there is nothing to be had behind the best. */
INLINE bool
search(struct wcp_extender *extender, const struct field *f,
       struct summit *best, const bool left, const bool narrow)
{
    struct row *rows = extender->rows;
    int32_t start = equal_run(f, 0, 0, left, narrow);
    int32_t best_score = 2 * start;

    *best = (struct summit){ best_score, 0, 0, start };
    if (is_dead_end(f, start, left, narrow))
        return false;
    begin_row(&rows[0], 0, 0);
    rows[0].first = rows[0].last = 0;
    rows[0].reach[MIDDLE] = start;
    for (int32_t d = 1; d <= MAX_EDITS; d++) {
        const int32_t *before = rows[d - 1].reach;
        int32_t *reach = rows[d].reach;
        int32_t from = rows[d - 1].first - 1, to = rows[d - 1].last + 1;
        int32_t first = to + 1, last = from - 1;

        begin_row(&rows[d], from, to);
        for (int32_t k = from; k <= to; k++) {
            int32_t i = step(before, k), score;

            if ((uint32_t)i >= (uint32_t)f->a_len ||
                (uint32_t)(i - k) >= (uint32_t)f->b_len)
                i = cut_step(f, i, k);
            else if (are_equal(f, i, i - k, left, narrow))
                i += equal_run(f, i, i - k, left, narrow);
            score = 2 * i - k - EDIT_COST * d;
            if (score < best_score - DROP) {
                reach[MIDDLE + k] = NOWHERE;
                continue;
            }
            reach[MIDDLE + k] = i;
            if (first > k)
                first = k;
            last = k;
            if (score > best_score) {
                best_score = score;
                *best = (struct summit){ score, d, k, i };
            }
        }
        if (last < first)
            return false;
        rows[d].first = first;
        rows[d].last = last;
    }
    return true;
}

static bool
put_block(struct wcp_extender *extender, int32_t a, int32_t b, int32_t num)
{
    struct wcp_blocks *way = &extender->way;

    if (num == 0)
        return true;
    if (!wcp_array_grow(extender->mem, &way->list))
        return false;
    way->list.at[way->list.num++] =
        (struct wcp_block){ (uint32_t)a, (uint32_t)b, (uint32_t)num };
    return true;
}

/* The equal runs that lead to the best point, the last first. */
static bool
go_back(struct wcp_extender *extender, const struct summit *best)
{
    int32_t k = best->diagonal, i = best->reach;

    extender->way.list.num = 0;
    for (int32_t d = best->edits; d > 0; d--) {
        const int32_t *before = extender->rows[d - 1].reach;
        int32_t from = step(before, k);

        if (!put_block(extender, from, from - k, i - from))
            return false;
        if (before[MIDDLE + k] + 1 == from)
            i = from - 1;
        else if (before[MIDDLE + k - 1] + 1 == from)
            i = from - 1, k--;
        else
            i = from, k++;
    }
    return put_block(extender, 0, 0, i);
}

static bool
search_any(struct wcp_extender *extender, const struct field *f,
           struct summit *best, bool left, bool narrow)
{
    if (left)
        return narrow ? search(extender, f, best, true, true)
                      : search(extender, f, best, true, false);
    return narrow ? search(extender, f, best, false, true)
                  : search(extender, f, best, false, false);
}

/* ---- searches one after another ---- */

static struct field
field_at(const struct wcp_extension *ext, uint32_t a_done, uint32_t b_done)
{
    uint32_t a = ext->left ? ext->a_at - a_done : ext->a_at + a_done;
    uint32_t b = ext->left ? ext->b_at - b_done : ext->b_at + b_done;
    uint32_t a_len = ext->left ? a - ext->a_end : ext->a_end - a;
    uint32_t b_len = ext->left ? b - ext->b_end : ext->b_end - b;
    const uint32_t most = FIELD;

    return (struct field){
        ext->a + a,
        ext->b->narrow ? (const void *)((const uint8_t *)ext->b->at + b)
                       : (const void *)((const uint16_t *)ext->b->at + b),
        (int32_t)(a_len < most ? a_len : most),
        (int32_t)(b_len < most ? b_len : most),
    };
}

/* Move the way to 'blocks', counted from the start of the extension. */
static bool
take_way(struct wcp_extender *extender, const struct wcp_extension *ext,
         struct wcp_blocks *blocks, struct wcp_reach *reach)
{
    const struct wcp_blocks *way = &extender->way;

    for (size_t i = way->list.num; i-- > 0;) {
        struct wcp_block block = way->list.at[i];

        reach->matched += block.num;
        if (blocks == NULL)
            continue;
        if (!wcp_array_grow(extender->mem, &blocks->list))
            return false;
        block.a += reach->a;
        block.b += reach->b;
        if (ext->left) {
            block.a = ext->a_at - block.a - block.num;
            block.b = ext->b_at - block.b - block.num;
        } else {
            block.a += ext->a_at;
            block.b += ext->b_at;
        }
        blocks->list.at[blocks->list.num++] = block;
    }
    return true;
}

bool
wcp_extend(struct wcp_extender *extender, const struct wcp_extension *ext,
           struct wcp_blocks *blocks, struct wcp_reach *reach)
{
    bool more = true;

    *reach = (struct wcp_reach){ 0 };
    while (more) {
        struct field f = field_at(ext, reach->a, reach->b);
        struct summit best;

        more = search_any(extender, &f, &best, ext->left, ext->b->narrow);
        /* A field ends where its numbers would. */
        more |= f.a_len == FIELD || f.b_len == FIELD;
        if (best.score <= 0)
            return true;
        if (!go_back(extender, &best) ||
            !take_way(extender, ext, blocks, reach))
            return false;
        reach->a += (uint32_t)best.reach;
        reach->b += (uint32_t)(best.reach - best.diagonal);
        reach->score += best.score;
    }
    return true;
}

/* ---- at a glance ---- */

/*
 * The most units that can match behind a run of 'done' units, which ends
 * there.  A way that goes AHEAD units on in either text, with no more than FEW
 * matches, has at least AHEAD - FEW edits, and after one less it lies more
 * than DROP below the best.
 */
static uint32_t
most_behind(const struct field *f, int32_t done, bool left)
{
    const int32_t a_rest = f->a_len - done, b_rest = f->b_len - done;
    const int32_t rest = a_rest < b_rest ? a_rest : b_rest;
    const uint32_t common = count_common(f, done, left);

    _Static_assert(2 * FEW - (EDIT_COST - 2) * (AHEAD - FEW - 1) < -DROP,
                   "a way with few matches ends within the units ahead");
    return common <= FEW  ? common
           : rest < AHEAD ? (uint32_t)rest
                          : WCP_MATCH_UNKNOWN;
}

uint32_t
wcp_match_most(const uint16_t *a, uint32_t a_num, const struct wcp_units *b,
               uint32_t a_at, uint32_t b_at, uint32_t len)
{
    const struct wcp_extension ends[2] = {
        { a, b, a_at, b_at, a_num, b->num, false },
        { a, b, a_at, b_at, 0, 0, true },
    };
    uint32_t most = 0;

    if (b->narrow || len >= GLANCE)
        return WCP_MATCH_UNKNOWN;
    for (int left = 0; left < 2; left++) {
        const struct field f = field_at(&ends[left], 0, 0);
        struct field near = f;
        int32_t run;
        uint32_t behind;

        near.a_len = near.a_len < GLANCE ? near.a_len : GLANCE;
        run = equal_run(&near, 0, 0, left, false);
        if (run == GLANCE || (!left && (uint32_t)run < len))
            return WCP_MATCH_UNKNOWN;
        behind = most_behind(&f, run, left);
        if (behind == WCP_MATCH_UNKNOWN)
            return WCP_MATCH_UNKNOWN;
        most += (uint32_t)run + behind;
    }
    return most;
}
