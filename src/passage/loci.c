/*
 * loci.c - spans on grids, one for each doubling of their lengths
 *
 * On its grid a span begins in one cell and overlaps at most the two behind
 * it, so those that overlap another one are in few cells.
 */
#include "passage/engine.h"

#include <string.h>

#define NONE UINT32_MAX

/* Of the cells that are looked at few have a locus: that is seen from a bit,
 * which they share with fewer others than their list. */
enum { MARKS = 8 /* for a list */ };

bool
wcp_loci_init(struct wcp_loci *loci, const struct wcp_memory *mem,
              size_t expected)
{
    *loci = (struct wcp_loci){ .mem = mem, .num_cells = 1024 };
    while (loci->num_cells < expected)
        loci->num_cells *= 2;
    loci->cells = wcp_new_array(mem, loci->num_cells, sizeof *loci->cells);
    loci->marks = wcp_new_zeroed(mem, loci->num_cells, sizeof *loci->marks);
    if (loci->cells == NULL || loci->marks == NULL)
        return false;
    memset(loci->cells, 0xFF, loci->num_cells * sizeof *loci->cells);
    return true;
}

void
wcp_loci_release(struct wcp_loci *loci)
{
    if (loci->mem == NULL)
        return;
    wcp_array_release(loci->mem, &loci->list);
    wcp_free_array(loci->mem, loci->cells, loci->num_cells,
                   sizeof *loci->cells);
    wcp_free_array(loci->mem, loci->marks, loci->num_cells,
                   sizeof *loci->marks);
    *loci = (struct wcp_loci){ 0 };
}

static unsigned
grid_of(uint32_t len)
{
    unsigned grid = 0;

    while (len >> grid > 1)
        grid++;
    return grid;
}

/* Of a cell of a grid, a number of which all but the last bits say where its
 * list is. */
static size_t
mark_at(const struct wcp_loci *loci, unsigned grid, uint32_t number)
{
    uint64_t hash =
        ((uint64_t)grid << 32 | number) * UINT64_C(0x9E3779B97F4A7C15);

    return (size_t)(hash >> 20) & (loci->num_cells * MARKS - 1);
}

bool
wcp_loci_add(struct wcp_loci *loci, struct wcp_span span, uint32_t owner,
             uint32_t *number_ret)
{
    unsigned grid = grid_of(span.end - span.begin);
    size_t mark = mark_at(loci, grid, span.begin >> grid);
    size_t cell = mark / MARKS;
    uint32_t number = (uint32_t)loci->list.num;

    if (grid > loci->last_grid)
        loci->last_grid = grid;
    if (loci->list.num >= NONE || !wcp_array_grow(loci->mem, &loci->list))
        return false;
    loci->list.at[loci->list.num++] =
        (struct wcp_locus){ span, owner, loci->cells[cell], NONE, 0 };
    loci->cells[cell] = number;
    loci->marks[cell] |= (uint8_t)(1u << mark % MARKS);
    if (number_ret != NULL)
        *number_ret = number;
    return true;
}

/* False when see() has returned false. */
static bool
see_cell(const struct wcp_loci *loci, unsigned grid, uint32_t number,
         struct wcp_span span, bool (*see)(void *ctx, uint32_t number),
         void *ctx)
{
    size_t mark = mark_at(loci, grid, number);
    uint32_t i;

    if (!(loci->marks[mark / MARKS] >> mark % MARKS & 1))
        return true;
    i = loci->cells[mark / MARKS];
    for (; i != NONE; i = loci->list.at[i].next) {
        struct wcp_span at = loci->list.at[i].span;

        if ((at.end - at.begin) >> grid == 1 && at.begin >> grid == number &&
            wcp_span_overlap(at, span) > 0 && !see(ctx, i))
            return false;
    }
    return true;
}

void
wcp_loci_each(const struct wcp_loci *loci, struct wcp_span span,
              uint32_t min_len, uint32_t max_len,
              bool (*see)(void *ctx, uint32_t number), void *ctx)
{
    unsigned last = grid_of(max_len);

    if (last > loci->last_grid)
        last = loci->last_grid;
    for (unsigned grid = grid_of(min_len); grid <= last; grid++) {
        uint32_t first = span.begin >> grid, end = (span.end - 1) >> grid;

        first = first > 1 ? first - 2 : 0;
        for (uint32_t cell = first; cell <= end; cell++)
            if (!see_cell(loci, grid, cell, span, see, ctx))
                return;
    }
}
