/*
 * test_align.c - what two texts share, against every pair of their places
 */
#include "oracle_passage.h"
#include "support.h"

#include "passage/passage.h"

#include <CUnit/CUnit.h>
#include <string.h>

enum { MOST = 6000 };

struct text {
    uint16_t units[MOST];
    uint32_t num;
};

static struct wcp_units
units_of(const struct text *text)
{
    return (struct wcp_units){ text->units, text->num, false };
}

static const struct wcp_passage_limits usual = { 40, 2, .5, 1, 0 };

static void
append(struct text *to, const struct text *from, uint32_t begin, uint32_t end)
{
    memcpy(to->units + to->num, from->units + begin,
           (end - begin) * sizeof *to->units);
    to->num += end - begin;
}

/* Random units, of Han or of letters. */
static void
append_random(struct test_rng *rng, struct text *to, uint32_t num, bool han)
{
    for (uint32_t i = 0; i < num; i++)
        to->units[to->num++] = (uint16_t)(han ? 0x4E00 + test_below(rng, 3000)
                                              : 'a' + test_below(rng, 26));
}

/* The same with a share of the units changed, in thousandths. */
static void
append_changed(struct test_rng *rng, struct text *to, const struct text *from,
               unsigned share)
{
    for (uint32_t i = 0; i < from->num; i++) {
        uint16_t unit = from->units[i];

        if (test_below(rng, 1000) >= share) {
            to->units[to->num++] = unit;
            continue;
        }
        switch (test_below(rng, 5)) {
        case 0:
            break;
        case 1:
            to->units[to->num++] = unit;
            to->units[to->num++] = (uint16_t)(unit ^ 1);
            break;
        default:
            to->units[to->num++] = (uint16_t)(unit ^ 1);
        }
    }
}

/* Whatever was found is what it says to be. */
static void
check_found(const struct wcp_alignments *found, const struct text *a,
            const struct text *b, const struct wcp_passage_limits *limits)
{
    for (size_t i = 0; i < found->list.num; i++) {
        const struct wcp_alignment *at = &found->list.at[i];
        const struct wcp_block *blocks = found->blocks.at + at->first_block;
        const struct wcp_block *last = blocks + at->num_blocks - 1;
        uint32_t matched = 0;

        CU_ASSERT_FATAL(at->num_blocks > 0 && at->a_begin < at->a_end &&
                        at->a_end <= a->num && at->b_begin < at->b_end &&
                        at->b_end <= b->num);
        CU_ASSERT(at->a_begin == blocks->a && at->b_begin == blocks->b);
        CU_ASSERT(at->a_end == last->a + last->num &&
                  at->b_end == last->b + last->num);
        for (size_t k = 0; k < at->num_blocks; k++) {
            CU_ASSERT_FATAL(
                k == 0 || (blocks[k].a >= blocks[k - 1].a + blocks[k - 1].num &&
                           blocks[k].b >= blocks[k - 1].b + blocks[k - 1].num));
            CU_ASSERT(memcmp(a->units + blocks[k].a, b->units + blocks[k].b,
                             blocks[k].num * sizeof *a->units) == 0);
            matched += blocks[k].num;
        }
        CU_ASSERT_EQUAL(matched, at->matched);
        CU_ASSERT(2.0 * matched >=
                  limits->min_similarity *
                      (at->a_end - at->a_begin + at->b_end - at->b_begin));
        CU_ASSERT(i == 0 || at->a_begin >= at[-1].a_begin);
    }
}

/* ---- all long runs are found ---- */

/* Units of a that some alignment has in common with b.  A run that stands in b
 * more than once is aligned with one of its places, which will do. */
struct covering {
    uint8_t covered[MOST];
    size_t slack; /* units of a run that may be left when the rest belongs to
                     another one */
};

static void
check_run(void *ctx, const struct oracle_run *run)
{
    const struct covering *c = ctx;
    size_t num = 0;

    for (size_t i = run->a; i < run->a + run->num; i++)
        num += c->covered[i];
    CU_ASSERT(num + c->slack >= run->num);
}

static void
check_two(const struct text *a, const struct text *b,
          const struct wcp_passage_limits *limits, size_t least)
{
    const struct wcp_units x = units_of(a), y = units_of(b);
    struct wcp_alignments found;
    static struct covering covering;

    CU_ASSERT_EQUAL_FATAL(
        wcp_align(&found, &wcp_memory_libc, &x, &y, limits, NULL), WCP_CODE_OK);
    check_found(&found, a, b, limits);
    memset(&covering, 0, sizeof covering);
    covering.slack = least - 1;
    for (size_t i = 0; i < found.blocks.num; i++)
        memset(covering.covered + found.blocks.at[i].a, 1,
               found.blocks.at[i].num);
    oracle_runs(a->units, a->num, b->units, b->num, least, check_run,
                &covering);
    wcp_alignments_release(&found);
}

/* Pieces of one text in another, between other text and out of order. */
static void
test_all_runs(void)
{
    struct test_rng rng = { test_seed() };
    static struct text a, b;

    for (int round = 0; round < 60; round++) {
        bool han = round % 2 == 0;
        uint32_t least = han ? 40 : 100;

        a.num = b.num = 0;
        append_random(&rng, &a, 1500, han);
        for (int piece = 0; piece < 6; piece++) {
            uint32_t num = least + (uint32_t)test_below(&rng, 60);
            uint32_t begin = (uint32_t)test_below(&rng, a.num - num);

            append_random(&rng, &b, (uint32_t)test_below(&rng, 200), han);
            append(&b, &a, begin, begin + num);
        }
        check_two(&a, &b, &usual, least);
        check_two(&b, &a, &usual, least);
    }
}

/* Short runs are found if they are asked for. */
static void
test_short_runs(void)
{
    const struct wcp_passage_limits few = { 8, 2, .5, 1, 0 };
    struct test_rng rng = { test_seed() + 1 };
    static struct text a, b;

    for (int round = 0; round < 60; round++) {
        a.num = b.num = 0;
        append_random(&rng, &a, 600, true);
        for (int piece = 0; piece < 5; piece++) {
            uint32_t begin = (uint32_t)test_below(&rng, 580);

            append_random(&rng, &b, 30 + (uint32_t)test_below(&rng, 60), true);
            append(&b, &a, begin, begin + 8 + (uint32_t)test_below(&rng, 12));
        }
        check_two(&a, &b, &few, 8);
    }
}

/* ---- changed copies ---- */

static uint32_t
longest_of(const struct wcp_alignments *found)
{
    uint32_t most = 0;

    for (size_t i = 0; i < found->list.num; i++)
        if (found->list.at[i].matched > most)
            most = found->list.at[i].matched;
    return most;
}

static void
test_changed(void)
{
    struct test_rng rng = { test_seed() + 2 };
    static struct text passage, a, b;
    int num_found = 0;

    for (int round = 0; round < 100; round++) {
        struct wcp_units x, y;
        struct wcp_alignments found;

        passage.num = a.num = b.num = 0;
        append_random(&rng, &passage, 200, true);
        append_random(&rng, &a, 1000, true);
        append(&a, &passage, 0, 200);
        append_random(&rng, &a, 1000, true);
        append_random(&rng, &b, 700, true);
        append_changed(&rng, &b, &passage, 100);
        append_random(&rng, &b, 300, true);
        x = units_of(&a);
        y = units_of(&b);
        CU_ASSERT_EQUAL_FATAL(
            wcp_align(&found, &wcp_memory_libc, &x, &y, &usual, NULL),
            WCP_CODE_OK);
        check_found(&found, &a, &b, &usual);
        num_found += longest_of(&found) >= 150;
        CU_ASSERT(found.list.num <= 2);
        wcp_alignments_release(&found);
    }
    CU_ASSERT(num_found >= 97);
}

/* Texts that share 60 % in pieces of 15 to 80 characters are one passage. */
static void
test_pieces(void)
{
    struct test_rng rng = { test_seed() + 3 };
    static struct text a, b;
    int num_whole = 0;
    size_t num_pieces = 0;

    for (int round = 0; round < 50; round++) {
        struct wcp_units x, y;
        struct wcp_alignments found;

        a.num = b.num = 0;
        append_random(&rng, &a, 15 + (uint32_t)test_below(&rng, 66), true);
        append(&b, &a, 0, a.num);
        while (a.num < 1200) {
            uint32_t begin, gap = 10 + (uint32_t)test_below(&rng, 43);

            append_random(&rng, &a, gap, true);
            append_random(&rng, &b, gap, true);
            begin = a.num;
            append_random(&rng, &a, 15 + (uint32_t)test_below(&rng, 66), true);
            append(&b, &a, begin, a.num);
        }
        x = units_of(&a);
        y = units_of(&b);
        CU_ASSERT_EQUAL_FATAL(
            wcp_align(&found, &wcp_memory_libc, &x, &y, &usual, NULL),
            WCP_CODE_OK);
        check_found(&found, &a, &b, &usual);
        /* A few short pieces in a row may be worth less than the gaps between
         * them. */
        num_pieces += found.list.num;
        num_whole +=
            found.list.num == 1 &&
            found.list.at[0].a_end - found.list.at[0].a_begin + 150 >= a.num;
        wcp_alignments_release(&found);
    }
    CU_ASSERT(num_pieces <= 57);
    CU_ASSERT(num_whole >= 45);
}

/* Bytes and units of the same text give the same. */
static void
test_narrow(void)
{
    struct test_rng rng = { test_seed() + 4 };
    static struct text a, b;
    static uint8_t bytes[2][MOST];

    for (int round = 0; round < 40; round++) {
        struct wcp_alignments found[4];

        a.num = b.num = 0;
        append_random(&rng, &a, 900, false);
        append_random(&rng, &b, 300, false);
        append_changed(&rng, &b, &a, 40);
        for (uint32_t i = 0; i < a.num; i++)
            bytes[0][i] = (uint8_t)a.units[i];
        for (uint32_t i = 0; i < b.num; i++)
            bytes[1][i] = (uint8_t)b.units[i];
        for (int way = 0; way < 4; way++) {
            struct wcp_units x = units_of(&a), y = units_of(&b);

            if (way & 1)
                x = (struct wcp_units){ bytes[0], a.num, true };
            if (way & 2)
                y = (struct wcp_units){ bytes[1], b.num, true };
            CU_ASSERT_EQUAL_FATAL(
                wcp_align(&found[way], &wcp_memory_libc, &x, &y, &usual, NULL),
                WCP_CODE_OK);
            CU_ASSERT_EQUAL_FATAL(found[way].list.num, found[0].list.num);
            CU_ASSERT_EQUAL_FATAL(found[way].blocks.num, found[0].blocks.num);
            CU_ASSERT(found[0].list.num > 0);
            for (size_t i = 0; i < found[0].list.num; i++) {
                const struct wcp_alignment *p = &found[way].list.at[i];
                const struct wcp_alignment *q = &found[0].list.at[i];

                CU_ASSERT(p->a_begin == q->a_begin && p->a_end == q->a_end &&
                          p->b_begin == q->b_begin && p->b_end == q->b_end &&
                          p->matched == q->matched);
            }
            CU_ASSERT(
                memcmp(found[way].blocks.at, found[0].blocks.at,
                       found[0].blocks.num * sizeof *found[0].blocks.at) == 0);
        }
        for (int way = 0; way < 4; way++)
            wcp_alignments_release(&found[way]);
    }
}

static void
test_limits(void)
{
    static struct text a = { .num = 0 };
    const struct wcp_units none = { NULL, 0, false };
    const struct wcp_passage_limits low = { 7, 2, .5, 1, 0 };
    struct test_rng rng = { 1 };
    struct wcp_units x;
    struct wcp_alignments found;

    a.num = 0;
    append_random(&rng, &a, 100, true);
    x = units_of(&a);
    CU_ASSERT_EQUAL(wcp_align(&found, &wcp_memory_libc, &x, &x, &low, NULL),
                    WCP_CODE_BAD_OPTION);
    CU_ASSERT_EQUAL(
        wcp_align(&found, &wcp_memory_libc, &x, &none, &usual, NULL),
        WCP_CODE_OK);
    CU_ASSERT_EQUAL(found.list.num, 0);
    wcp_alignments_release(&found);
    CU_ASSERT_EQUAL(
        wcp_align(&found, &wcp_memory_libc, &none, &none, &usual, NULL),
        WCP_CODE_OK);
    CU_ASSERT_EQUAL(found.list.num, 0);
    wcp_alignments_release(&found);
    CU_ASSERT_EQUAL(wcp_align(&found, &wcp_memory_libc, &x, &x, &usual, NULL),
                    WCP_CODE_OK);
    CU_ASSERT_EQUAL_FATAL(found.list.num, 1);
    CU_ASSERT_EQUAL(found.list.at[0].matched, 100);
    CU_ASSERT_EQUAL(found.list.at[0].num_blocks, 1);
    wcp_alignments_release(&found);
}

void
suite_align(void)
{
    CU_pSuite suite = CU_add_suite("align", NULL, NULL);

    CU_ADD_TEST(suite, test_all_runs);
    CU_ADD_TEST(suite, test_short_runs);
    CU_ADD_TEST(suite, test_changed);
    CU_ADD_TEST(suite, test_pieces);
    CU_ADD_TEST(suite, test_narrow);
    CU_ADD_TEST(suite, test_limits);
}
