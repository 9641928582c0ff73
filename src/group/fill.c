/*
 * fill.c - what is the same in a small gap between two blocks
 *
 * An exhaustive alignment in the manner of Needleman and Wunsch, in which runs
 * count: to open one costs nearly what two Han characters or four letters win,
 * so that nothing is made of single letters that are the same by chance.  A run
 * that goes on from the block before the gap, or into the one behind it, is
 * open already.
 *
 * Cell i, j of the table is about the first i units of a and j of b.  It needs
 * those above it, to its left, and to the left of the one above, so that all
 * cells of a diagonal, which have the same i + j, can be filled at once: the
 * loop over them has no branches and the compiler makes vectors of it.  To have
 * whole vectors some cells behind the last one are filled too, with anything;
 * no cell needs them.
 */
#include "group/pieces.h"

#include <string.h>

enum {
    MAX_CELLS = 1 << 20, /* of one gap */
    OPEN = 7,            /* what a run costs, in weights of units */
    /* No score: the best is that of a run as long as the shorter side, which
     * has less than 1,024 units if there are MAX_CELLS at most. */
    LOST = -(1 << 14),
    LANES = 8, /* of a vector, at least */
};

/* How a cell was reached: a run that ends in it came from a run or from
 * outside; outside of runs one came from a run, from above or from the left. */
enum {
    RUN_FROM_RUN = 1,
    OUT_FROM_RUN = 2,
    OUT_FROM_ABOVE = 4,
};

static int16_t
weight_of(uint16_t unit)
{
    return wcp_unit_is_east_asian(unit) ? WCP_WEIGHT_HAN
           : (unit & 0xFC00) == 0xDC00  ? 0
                                        : WCP_WEIGHT_OTHER;
}

/* ---- the table ---- */

/* Scores of three diagonals by turns, each by i: in runs, and outside. */
struct table {
    uint32_t height, width; /* units of a and of b */
    uint16_t *a;
    uint16_t *b; /* backwards: on a diagonal, too, i and it rise together */
    int16_t *weights; /* of the units of a */
    int16_t *run[3], *out[3];
    uint8_t *steps; /* [height + width - 1][shorter], from i + j = 2 on */
    uint32_t shorter;
};

/* The first cell of a diagonal that is not at the edge. */
static uint32_t
first_cell(const struct table *table, uint32_t diagonal)
{
    return diagonal > table->width ? diagonal - table->width : 1;
}

static uint8_t *
step_at(const struct table *table, uint32_t i, uint32_t diagonal)
{
    return table->steps + (size_t)(diagonal - 2) * table->shorter +
           (i - first_cell(table, diagonal));
}

/* Nothing of one of the texts: a score of 0, and no run has begun. */
static void
set_edges(struct table *table, uint32_t diagonal)
{
    int16_t *const run = table->run[diagonal % 3];
    int16_t *const out = table->out[diagonal % 3];

    if (diagonal <= table->width) {
        run[0] = LOST;
        out[0] = 0;
    }
    if (diagonal <= table->height) {
        run[diagonal] = LOST;
        out[diagonal] = 0;
    }
}

/* What the cells of a diagonal are made from, from the first one on. */
struct inputs {
    const uint16_t *a, *b;
    const int16_t *weights;
    const int16_t *run, *out; /* to the left of the one above */
    const int16_t *above, *left;
};

static void
fill_cells(const struct inputs *from, size_t num, int16_t *restrict run,
           int16_t *restrict out, uint8_t *restrict steps)
{
    const struct inputs in = *from;

    num = (num + LANES - 1) & ~(size_t)(LANES - 1);
    for (size_t k = 0; k < num; k++) {
        const int16_t before = in.run[k];
        const int16_t opened = (int16_t)(in.out[k] - OPEN);
        const int16_t longer = before > opened ? before : opened;
        const int16_t going = (int16_t)(longer + in.weights[k]);
        const int16_t in_run = in.a[k] == in.b[k] ? going : LOST;
        const int16_t above = in.above[k], left = in.left[k];
        const int16_t outside = left > above ? left : above;
        const int16_t goes_on = before >= opened ? RUN_FROM_RUN : 0;
        const int16_t from_above = left > above ? 0 : OUT_FROM_ABOVE;
        const int16_t from_run = in_run > outside ? OUT_FROM_RUN : 0;

        run[k] = in_run;
        out[k] = in_run > outside ? in_run : outside;
        steps[k] = (uint8_t)(goes_on | from_above | from_run);
    }
}

static void
fill_diagonal(struct table *table, uint32_t diagonal)
{
    const uint32_t first = first_cell(table, diagonal);
    const uint32_t end =
        diagonal <= table->height ? diagonal : table->height + 1;
    const unsigned here = diagonal % 3, one = (diagonal - 1) % 3,
                   two = (diagonal - 2) % 3;
    const struct inputs inputs = {
        .a = table->a + first - 1,
        .b = table->b + (table->width + first - diagonal),
        .weights = table->weights + first - 1,
        .run = table->run[two] + first - 1,
        .out = table->out[two] + first - 1,
        .above = table->out[one] + first - 1,
        .left = table->out[one] + first,
    };

    fill_cells(&inputs, end - first, table->run[here] + first,
               table->out[here] + first, step_at(table, first, diagonal));
    set_edges(table, diagonal);
}

/* Room for the table; false when out of memory. */
static bool
begin_table(struct wcp_filler *filler, const struct wcp_gap *gap,
            struct table *table)
{
    const uint32_t height = gap->a_end - gap->a_begin;
    const uint32_t width = gap->b_end - gap->b_begin;
    const size_t side = (size_t)height + 1 + LANES;
    const uint32_t shorter = height < width ? height : width;
    const size_t num_units = side + width + LANES;

    if (!wcp_array_reserve(filler->mem, &filler->steps,
                           ((size_t)height + width) * shorter + LANES) ||
        !wcp_array_reserve(filler->mem, &filler->row, 7 * side) ||
        !wcp_array_reserve(filler->mem, &filler->units, num_units))
        return false;
    memset(filler->row.at, 0, 7 * side * sizeof *filler->row.at);
    memset(filler->units.at, 0, num_units * sizeof *filler->units.at);
    *table = (struct table){ .height = height,
                             .width = width,
                             .a = filler->units.at,
                             .b = filler->units.at + side,
                             .weights = filler->row.at,
                             .steps = filler->steps.at,
                             .shorter = shorter };
    for (size_t i = 0; i < 3; i++) {
        table->run[i] = filler->row.at + (2 * i + 1) * side;
        table->out[i] = filler->row.at + (2 * i + 2) * side;
    }
    for (uint32_t i = 0; i < height; i++) {
        table->a[i] = filler->a[gap->a_begin + i];
        table->weights[i] = weight_of(table->a[i]);
    }
    for (uint32_t j = 0; j < width; j++)
        table->b[j] = filler->b[gap->b_end - 1 - j];
    return true;
}

static void
fill_table(struct table *table, bool after)
{
    set_edges(table, 0);
    table->run[0][0] = after ? 0 : LOST;
    set_edges(table, 1);
    for (uint32_t d = 2; d <= table->height + table->width; d++)
        fill_diagonal(table, d);
}

/* ---- the way back ---- */

static bool
add_unit(struct wcp_filler *filler, uint32_t a, uint32_t b)
{
    struct wcp_block *last =
        filler->found.num > 0 ? &filler->found.at[filler->found.num - 1] : NULL;

    /* Going back from the end, so that runs grow to the left. */
    if (last != NULL && last->a == a + 1 && last->b == b + 1) {
        last->a--;
        last->b--;
        last->num++;
        return true;
    }
    if (!wcp_array_grow(filler->mem, &filler->found))
        return false;
    filler->found.at[filler->found.num++] = (struct wcp_block){ a, b, 1 };
    return true;
}

static bool
go_back(struct wcp_filler *filler, const struct wcp_gap *gap,
        const struct table *table, bool in_run)
{
    uint32_t i = table->height, j = table->width;

    while (i > 0 && j > 0) {
        const uint8_t step = *step_at(table, i, i + j);

        if (in_run || (step & OUT_FROM_RUN) != 0) {
            if (!add_unit(filler, gap->a_begin + i - 1, gap->b_begin + j - 1))
                return false;
            in_run = (step & RUN_FROM_RUN) != 0;
            i--;
            j--;
        } else if ((step & OUT_FROM_ABOVE) != 0) {
            i--;
        } else {
            j--;
        }
    }
    for (size_t k = 0; k < filler->found.num / 2; k++) {
        struct wcp_block block = filler->found.at[k];

        filler->found.at[k] = filler->found.at[filler->found.num - 1 - k];
        filler->found.at[filler->found.num - 1 - k] = block;
    }
    return true;
}

/* Of texts that have nothing to do with each other a part is the same too;
 * then only what goes on from a block counts. */
static void
drop_chance(struct wcp_filler *filler, const struct wcp_gap *gap)
{
    uint32_t a = gap->a_end - gap->a_begin, b = gap->b_end - gap->b_begin;
    uint64_t same = 0;
    size_t kept = 0;

    for (size_t i = 0; i < filler->found.num; i++)
        same += filler->found.at[i].num;
    if (same * 3 >= (a < b ? a : b))
        return;
    for (size_t i = 0; i < filler->found.num; i++) {
        const struct wcp_block *block = &filler->found.at[i];

        if ((gap->after && block->a == gap->a_begin &&
             block->b == gap->b_begin) ||
            (gap->before && block->a + block->num == gap->a_end &&
             block->b + block->num == gap->b_end))
            filler->found.at[kept++] = *block;
    }
    filler->found.num = kept;
}

bool
wcp_fill_gap(struct wcp_filler *filler, const struct wcp_gap *gap)
{
    uint32_t height = gap->a_end - gap->a_begin;
    uint32_t width = gap->b_end - gap->b_begin;
    uint64_t cells = ((uint64_t)height + 1) * ((uint64_t)width + 1);
    struct table table;
    uint32_t last;
    bool in_run;

    filler->found.num = 0;
    if (height == 0 || width == 0 || cells > MAX_CELLS ||
        cells > filler->cells_left)
        return true;
    filler->cells_left -= cells;
    if (!begin_table(filler, gap, &table))
        return false;
    fill_table(&table, gap->after);
    last = (height + width) % 3;
    in_run =
        gap->before && table.run[last][height] + OPEN > table.out[last][height];
    if (!go_back(filler, gap, &table, in_run))
        return false;
    drop_chance(filler, gap);
    return true;
}

void
wcp_filler_release(struct wcp_filler *filler)
{
    wcp_array_release(filler->mem, &filler->steps);
    wcp_array_release(filler->mem, &filler->row);
    wcp_array_release(filler->mem, &filler->units);
    wcp_array_release(filler->mem, &filler->found);
}
