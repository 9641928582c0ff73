/*
 * test_fill.c - gaps are filled as a table of all cells says, cell by cell
 */
#include "group/pieces.h"
#include "made_corpus.h"
#include "passage/passage.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <string.h>

enum { MAX_SIDE = 90, OPEN = 7, NEVER = -1000000 };

struct oracle {
    int run[MAX_SIDE + 1][MAX_SIDE + 1]; /* the cell ends a run */
    int out[MAX_SIDE + 1][MAX_SIDE + 1]; /* or does not, or does */
    bool taken[MAX_SIDE][MAX_SIDE];
};

static int
weight(uint16_t unit)
{
    if (unit >= 0xDC00 && unit < 0xE000)
        return 0;
    return wcp_unit_is_east_asian(unit) ? WCP_WEIGHT_HAN : WCP_WEIGHT_OTHER;
}

static int
larger(int x, int y)
{
    return x > y ? x : y;
}

/* Scores of all cells. */
static void
score(struct oracle *o, const uint16_t *a, const uint16_t *b, int h, int w,
      bool after)
{
    for (int i = 0; i <= h; i++)
        for (int j = 0; j <= w; j++) {
            o->run[i][j] = NEVER;
            o->out[i][j] = 0;
            if (i == 0 && j == 0 && after)
                o->run[0][0] = 0;
            if (i == 0 || j == 0)
                continue;
            if (a[i - 1] == b[j - 1])
                o->run[i][j] =
                    weight(a[i - 1]) +
                    larger(o->run[i - 1][j - 1], o->out[i - 1][j - 1] - OPEN);
            o->out[i][j] = larger(larger(o->out[i - 1][j], o->out[i][j - 1]),
                                  o->run[i][j]);
        }
}

/* The way back: out of runs as long as that is as good, and up before left. */
static size_t
walk(struct oracle *o, int i, int j, bool in_run)
{
    size_t num = 0;

    memset(o->taken, 0, sizeof o->taken);
    while (i > 0 && j > 0) {
        const int outside = larger(o->out[i - 1][j], o->out[i][j - 1]);

        if (in_run || o->run[i][j] > outside) {
            in_run = o->run[i - 1][j - 1] >= o->out[i - 1][j - 1] - OPEN;
            o->taken[--i][--j] = true;
            num++;
        } else if (o->out[i - 1][j] == outside) {
            i--;
        } else {
            j--;
        }
    }
    return num;
}

/* Where so little is the same, leave the runs at the ends that go on from
 * blocks. */
static void
leave_ends(struct oracle *o, int h, int w, const struct wcp_gap *gap)
{
    bool kept[MAX_SIDE][MAX_SIDE] = { { false } };

    for (int k = 0; gap->after && k < h && k < w && o->taken[k][k]; k++)
        kept[k][k] = true;
    for (int k = 1; gap->before && k <= h && k <= w && o->taken[h - k][w - k];
         k++)
        kept[h - k][w - k] = true;
    memcpy(o->taken, kept, sizeof kept);
}

static void
fill_units(struct test_rng *rng, uint16_t *units, size_t num, unsigned kinds)
{
    static const uint16_t some[] = { 'a',    'b',    0x4E2D, 0xD840, 0xDC00,
                                     0x570B, 'c',    'd',    0xAC00, 0x3042,
                                     'e',    0x0434, 'f',    'g',    'h' };

    for (size_t i = 0; i < num; i++)
        units[i] = some[test_below(rng, kinds)];
}

/* Texts that have nothing in common, or much. */
static void
make_sides(struct test_rng *rng, uint16_t *a, uint16_t *b)
{
    const unsigned kinds = 1 + (unsigned)test_below(rng, 15);

    fill_units(rng, a, 2 * MAX_SIDE, kinds);
    fill_units(rng, b, 2 * MAX_SIDE, kinds);
    for (unsigned n = (unsigned)test_below(rng, 5); n > 0; n--) {
        const size_t num = test_below(rng, 40);

        memcpy(b + test_below(rng, MAX_SIDE), a + test_below(rng, MAX_SIDE),
               num * sizeof *a);
    }
}

static void
check_gap(struct wcp_filler *filler, const struct wcp_gap *gap, uint64_t number)
{
    static struct oracle o;
    const int h = (int)(gap->a_end - gap->a_begin);
    const int w = (int)(gap->b_end - gap->b_begin);
    const uint64_t before = filler->cells_left;
    size_t num, left = 0;

    score(&o, filler->a + gap->a_begin, filler->b + gap->b_begin, h, w,
          gap->after);
    num = walk(&o, h, w, gap->before && o.run[h][w] + OPEN > o.out[h][w]);
    if (num * 3 < (size_t)(h < w ? h : w))
        leave_ends(&o, h, w, gap);
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            left += o.taken[i][j];
    MADE_CHECK(wcp_fill_gap(filler, gap), number);
    MADE_CHECK(h == 0 || w == 0 ||
                   before - filler->cells_left ==
                       ((uint64_t)h + 1) * ((uint64_t)w + 1),
               number);
    for (size_t i = 0; i < filler->found.num; i++) {
        const struct wcp_block *block = &filler->found.at[i];

        for (uint32_t k = 0; k < block->num; k++, left--)
            MADE_CHECK(o.taken[block->a + k - gap->a_begin]
                              [block->b + k - gap->b_begin],
                       number);
        MADE_CHECK(i == 0 || (block[-1].a + block[-1].num <= block->a &&
                              block[-1].b + block[-1].num <= block->b),
                   number);
    }
    MADE_CHECK(left == 0, number);
}

static void
test_random_gaps(void)
{
    for (uint64_t number = 0; number < 400; number++) {
        struct test_rng rng = made_rng(8100 + number);
        uint16_t a[2 * MAX_SIDE], b[2 * MAX_SIDE];
        struct wcp_filler filler = {
            .mem = &wcp_memory_libc, .a = a, .b = b, .cells_left = 1 << 20
        };

        make_sides(&rng, a, b);
        /* One filler for several gaps, for its memory is used again. */
        for (unsigned n = 0; n < 4; n++) {
            const uint64_t most = test_below(&rng, 2) == 0 ? MAX_SIDE : 12;
            const uint32_t a_at = (uint32_t)test_below(&rng, MAX_SIDE);
            const uint32_t b_at = (uint32_t)test_below(&rng, MAX_SIDE);
            const struct wcp_gap gap = {
                .a_begin = a_at,
                .a_end = a_at + (uint32_t)test_below(&rng, most + 1),
                .b_begin = b_at,
                .b_end = b_at + (uint32_t)test_below(&rng, most + 1),
                .after = test_below(&rng, 2) == 0,
                .before = test_below(&rng, 2) == 0,
            };

            check_gap(&filler, &gap, 8100 + number);
        }
        wcp_filler_release(&filler);
    }
}

/* The longest of its kind: scores still fit. */
static void
test_large_gaps(void)
{
    enum { SIDE = 1023, THIN = 300000 };
    static uint16_t a[THIN], b[THIN];
    struct wcp_filler filler = {
        .mem = &wcp_memory_libc, .a = a, .b = b, .cells_left = 1 << 22
    };
    struct wcp_gap gap = { 0, SIDE, 0, SIDE, false, false };

    for (size_t i = 0; i < THIN; i++)
        a[i] = b[i] = (uint16_t)(0x4E00 + i % 5000);
    CU_ASSERT(wcp_fill_gap(&filler, &gap));
    CU_ASSERT_EQUAL_FATAL(filler.found.num, 1);
    CU_ASSERT_EQUAL(filler.found.at[0].num, SIDE);
    gap.a_end++;
    gap.b_end++; /* too large */
    CU_ASSERT(wcp_fill_gap(&filler, &gap));
    CU_ASSERT_EQUAL(filler.found.num, 0);
    /* The last two units of a long side, the only ones that are there once. */
    gap = (struct wcp_gap){ 0, THIN, 0, 2, false, false };
    b[0] = a[THIN - 2] = 0x9FA0;
    b[1] = a[THIN - 1] = 0x9FA1;
    CU_ASSERT(wcp_fill_gap(&filler, &gap));
    CU_ASSERT_EQUAL_FATAL(filler.found.num, 1);
    CU_ASSERT_EQUAL(filler.found.at[0].a, THIN - 2);
    CU_ASSERT_EQUAL(filler.found.at[0].num, 2);
    gap = (struct wcp_gap){ 0, 2, 0, THIN, false, false };
    filler.a = b;
    filler.b = a;
    CU_ASSERT(wcp_fill_gap(&filler, &gap));
    CU_ASSERT_EQUAL_FATAL(filler.found.num, 1);
    CU_ASSERT_EQUAL(filler.found.at[0].b, THIN - 2);
    wcp_filler_release(&filler);
}

void
suite_fill(void)
{
    CU_pSuite suite = CU_add_suite("fill", NULL, NULL);

    CU_add_test(suite, "random gaps", test_random_gaps);
    CU_add_test(suite, "large gaps", test_large_gaps);
}
