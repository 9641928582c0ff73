/*
 * fill.c - what is the same in a small gap between two blocks
 *
 * An exhaustive alignment in the manner of Needleman and Wunsch, in which runs
 * count: to open one costs nearly what two Han characters or four letters win,
 * so that nothing is made of single letters that are the same by chance.  A run
 * that goes on from the block before the gap, or into the one behind it, is
 * open already.
 */
#include "group/pieces.h"

enum {
    MAX_CELLS = 1 << 20, /* of one gap */
    OPEN = 7,            /* what a run costs, in weights of units */
    LOST = -(1 << 28),
};

/* How a cell was reached: a run that ends in it came from a run or from
 * outside; outside of runs one came from a run, from above or from the left. */
enum {
    RUN_FROM_RUN = 1,
    OUT_FROM_RUN = 2,
    OUT_FROM_ABOVE = 4,
};

static uint32_t
weight_of(uint16_t unit)
{
    return wcp_unit_is_east_asian(unit) ? WCP_WEIGHT_HAN
           : (unit & 0xFC00) == 0xDC00  ? 0
                                        : WCP_WEIGHT_OTHER;
}

/* Scores of a row: runs, then outside of them. */
struct rows {
    int32_t *run, *out;
};

static void
first_row(const struct wcp_gap *gap, struct rows *rows, uint8_t *steps,
          uint32_t width)
{
    for (uint32_t j = 0; j <= width; j++) {
        rows->run[j] = LOST;
        rows->out[j] = 0;
        steps[j] = 0;
    }
    if (gap->after)
        rows->run[0] = 0;
    steps[0] = gap->after ? OUT_FROM_RUN : 0;
}

static void
next_row(const struct wcp_filler *filler, const struct wcp_gap *gap, uint32_t i,
         struct rows *rows, uint8_t *steps)
{
    uint32_t width = gap->b_end - gap->b_begin;
    uint16_t unit = filler->a[gap->a_begin + i - 1];
    int32_t weight = (int32_t)weight_of(unit);
    int32_t run_before = rows->run[0], out_before = rows->out[0];

    rows->run[0] = LOST;
    rows->out[0] = 0;
    steps[0] = OUT_FROM_ABOVE;
    for (uint32_t j = 1; j <= width; j++) {
        int32_t run = LOST, out = rows->out[j];
        uint8_t step = OUT_FROM_ABOVE;

        if (unit == filler->b[gap->b_begin + j - 1]) {
            bool goes_on = run_before >= out_before - OPEN;

            run = (goes_on ? run_before : out_before - OPEN) + weight;
            step |= goes_on ? RUN_FROM_RUN : 0;
        }
        run_before = rows->run[j];
        out_before = rows->out[j];
        if (rows->out[j - 1] > out) {
            out = rows->out[j - 1];
            step &= (uint8_t)~OUT_FROM_ABOVE;
        }
        if (run > out) {
            out = run;
            step |= OUT_FROM_RUN;
        }
        rows->run[j] = run;
        rows->out[j] = out;
        steps[j] = step;
    }
}

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
go_back(struct wcp_filler *filler, const struct wcp_gap *gap, bool in_run)
{
    uint32_t i = gap->a_end - gap->a_begin, j = gap->b_end - gap->b_begin;
    size_t width = (size_t)j + 1;

    while (i > 0 && j > 0) {
        uint8_t step = filler->steps.at[i * width + j];

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
    struct rows rows;
    bool in_run;

    filler->found.num = 0;
    if (height == 0 || width == 0 || cells > MAX_CELLS ||
        cells > filler->cells_left)
        return true;
    filler->cells_left -= cells;
    if (!wcp_array_reserve(filler->mem, &filler->steps, (size_t)cells) ||
        !wcp_array_reserve(filler->mem, &filler->row, 2 * ((size_t)width + 1)))
        return false;
    rows.run = filler->row.at;
    rows.out = filler->row.at + width + 1;
    first_row(gap, &rows, filler->steps.at, width);
    for (uint32_t i = 1; i <= height; i++)
        next_row(filler, gap, i, &rows,
                 filler->steps.at + (size_t)i * (width + 1));
    in_run = gap->before && rows.run[width] + OPEN > rows.out[width];
    if (!go_back(filler, gap, in_run))
        return false;
    drop_chance(filler, gap);
    return true;
}

void
wcp_filler_release(struct wcp_filler *filler)
{
    wcp_array_release(filler->mem, &filler->steps);
    wcp_array_release(filler->mem, &filler->row);
    wcp_array_release(filler->mem, &filler->found);
}
