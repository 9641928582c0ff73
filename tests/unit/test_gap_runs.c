/*
 * test_gap_runs.c - runs that texts have in common, against all places
 */
#include "group/pieces.h"
#include "made_corpus.h"

#include <string.h>

enum { MAX_UNITS = 400, GRAM = 8 };

struct texts {
    uint16_t a[MAX_UNITS], b[MAX_UNITS];
    struct wcp_gap gap;
};

/* Pieces of a, changed and repeated, between units of its own. */
static void
make_texts(struct texts *texts, struct test_rng *rng)
{
    const uint32_t kinds = test_below(rng, 2) == 0 ? 3 : 2000;
    uint32_t num = 0;

    for (size_t i = 0; i < MAX_UNITS; i++)
        texts->a[i] = (uint16_t)(0x4E00 + test_below(rng, kinds));
    while (num < MAX_UNITS) {
        const size_t from = test_below(rng, MAX_UNITS);
        const size_t len = 1 + test_below(rng, 40);

        for (size_t i = from; i < from + len && i < MAX_UNITS; i++)
            if (num < MAX_UNITS)
                texts->b[num++] = test_below(rng, 25) == 0
                                      ? (uint16_t)(0x4E00 + i)
                                      : texts->a[i];
        if (num < MAX_UNITS)
            texts->b[num++] = (uint16_t)(0x9000 + test_below(rng, 100));
    }
    texts->gap = (struct wcp_gap){ .a_end = MAX_UNITS, .b_end = MAX_UNITS };
    texts->gap.a_begin = (uint32_t)test_below(rng, 50);
    texts->gap.b_begin = (uint32_t)test_below(rng, 50);
    texts->gap.a_end -= (uint32_t)test_below(rng, 390 - 50);
    texts->gap.b_end -= (uint32_t)test_below(rng, 390 - 50);
}

/* How often a gram of b stands in the gap of a. */
static size_t
count_places(const struct texts *texts, uint32_t b)
{
    size_t num = 0;

    for (uint32_t i = texts->gap.a_begin; i + GRAM <= texts->gap.a_end; i++)
        num += memcmp(texts->a + i, texts->b + b, GRAM * sizeof *texts->a) == 0;
    return num;
}

static bool
is_run(const struct texts *texts, const struct wcp_block *block)
{
    const struct wcp_gap *gap = &texts->gap;

    return block->num >= GRAM && block->a >= gap->a_begin &&
           block->b >= gap->b_begin && block->a + block->num <= gap->a_end &&
           block->b + block->num <= gap->b_end &&
           memcmp(texts->a + block->a, texts->b + block->b,
                  block->num * sizeof *texts->a) == 0 &&
           (block->a + block->num == gap->a_end ||
            block->b + block->num == gap->b_end ||
            texts->a[block->a + block->num] != texts->b[block->b + block->num]);
}

static void
test_against_all_places(void)
{
    size_t num_runs = 0, num_once = 0, num_missed = 0;

    for (uint64_t number = 9900; number < 10100; number++) {
        static struct texts texts;
        struct test_rng rng = made_rng(number);
        struct wcp_run_finder finder = { .mem = &wcp_memory_libc,
                                         .a = texts.a,
                                         .b = texts.b };
        size_t covered[MAX_UNITS] = { 0 };
        bool good = true;

        make_texts(&texts, &rng);
        CU_ASSERT_FATAL(wcp_find_runs(&finder, &texts.gap));
        for (size_t i = 0; i < finder.found.num; i++) {
            const struct wcp_block *block = &finder.found.at[i];

            good &= is_run(&texts, block) &&
                    (i == 0 || finder.found.at[i - 1].num >= block->num);
            for (uint32_t k = 0; good && k < block->num; k++)
                good &= covered[block->b + k]++ == 0;
        }
        MADE_CHECK(good, number);
        /* What stands once touches a run, but where a table is crowded. */
        for (uint32_t k = texts.gap.b_begin; k + GRAM <= texts.gap.b_end; k++)
            if (count_places(&texts, k) == 1) {
                size_t num = 0;

                for (uint32_t i = 0; i < GRAM; i++)
                    num += covered[k + i];
                num_once++;
                num_missed += num == 0;
            }
        num_runs += finder.found.num;
        wcp_run_finder_release(&finder);
    }
    CU_ASSERT(num_runs > 100);
    CU_ASSERT(num_missed <= num_once / 100);
}

void
suite_gap_runs(void)
{
    CU_pSuite suite = CU_add_suite("gap_runs", NULL, NULL);

    CU_add_test(suite, "against all places", test_against_all_places);
}
