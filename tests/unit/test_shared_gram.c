/*
 * test_shared_gram.c - has a part of a text a gram of another one?
 */
#include "support.h"

#include "passage/engine.h"

#include <CUnit/CUnit.h>

enum { MOST = 300 };

/* Two texts of few different units. */
struct pair {
    uint8_t narrow[2][MOST];
    uint16_t wide[2][MOST];
    uint32_t nums[2];
};

static void
make_pair(struct pair *pair, struct test_rng *rng, uint64_t letters,
          uint32_t planted)
{
    for (int side = 0; side < 2; side++) {
        pair->nums[side] = (uint32_t)(40 + test_below(rng, MOST - 39));
        for (uint32_t i = 0; i < pair->nums[side]; i++)
            pair->wide[side][i] = (uint16_t)('0' + test_below(rng, letters));
    }
    if (planted > 0) {
        uint32_t from = (uint32_t)test_below(rng, pair->nums[0] - planted + 1);
        uint32_t to = (uint32_t)test_below(rng, pair->nums[1] - planted + 1);

        for (uint32_t i = 0; i < planted; i++)
            pair->wide[1][to + i] = pair->wide[0][from + i];
    }
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; i < pair->nums[side]; i++)
            pair->narrow[side][i] = (uint8_t)pair->wide[side][i];
}

/* The longest run that both have, by trying all. */
static uint32_t
longest_run(const struct pair *pair)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < pair->nums[0]; i++)
        for (uint32_t k = 0; k < pair->nums[1]; k++) {
            uint32_t n = 0;

            while (i + n < pair->nums[0] && k + n < pair->nums[1] &&
                   pair->wide[0][i + n] == pair->wide[1][k + n])
                n++;
            most = n > most ? n : most;
        }
    return most;
}

static struct wcp_units
units_of(const struct pair *pair, int side, bool narrow)
{
    return (struct wcp_units){ narrow ? (const void *)pair->narrow[side]
                                      : pair->wide[side],
                               pair->nums[side], narrow };
}

static void
test_like_trying_all(void)
{
    struct test_rng rng = { test_seed() };
    struct wcp_part part = { 0 };
    unsigned num_shared = 0, num_not = 0;

    for (int round = 0; round < 3000; round++) {
        const bool narrow = test_below(&rng, 2) == 0;
        const uint32_t gram = narrow ? 12 : 6;
        const uint64_t letters = 2 + test_below(&rng, 60);
        struct pair pair;
        struct wcp_units a, b;
        bool shared;

        make_pair(&pair, &rng, letters, (uint32_t)test_below(&rng, 16));
        a = units_of(&pair, 0, narrow);
        b = units_of(&pair, 1, narrow);
        CU_ASSERT_FATAL(wcp_part_list(&part, &wcp_memory_libc, &a));
        shared = longest_run(&pair) >= gram;
        num_shared += shared;
        num_not += !shared;
        if (letters >= 8 || shared)
            CU_ASSERT_EQUAL(wcp_part_shares(&part, &b, gram), shared);
        b = units_of(&pair, 1, !narrow);
        CU_ASSERT(wcp_part_shares(&part, &b, gram));
    }
    wcp_part_release(&part, &wcp_memory_libc);
    CU_ASSERT(num_shared > 300 && num_not > 300);
}

/* What repeats itself is not compared place by place. */
static void
test_repetition(void)
{
    struct pair pair = { .nums = { MOST, MOST } };
    struct wcp_part part = { 0 };
    struct wcp_units a, b;

    for (uint32_t i = 0; i < MOST; i++) {
        pair.narrow[0][i] = (uint8_t)(i % 11 == 10 ? 'x' : 'a');
        pair.narrow[1][i] = (uint8_t)(i % 10 == 9 ? 'y' : 'a');
    }
    a = units_of(&pair, 0, true);
    b = units_of(&pair, 1, true);
    CU_ASSERT_FATAL(wcp_part_list(&part, &wcp_memory_libc, &a));
    CU_ASSERT(wcp_part_shares(&part, &b, 12));
    b.num = 11; /* has none of 12 at all */
    a.num = 0;
    CU_ASSERT_FATAL(wcp_part_list(&part, &wcp_memory_libc, &a));
    CU_ASSERT_FALSE(wcp_part_shares(&part, &b, 12));
    wcp_part_release(&part, &wcp_memory_libc);
}

void
suite_shared_gram(void)
{
    CU_pSuite suite = CU_add_suite("shared_gram", NULL, NULL);

    CU_ADD_TEST(suite, test_like_trying_all);
    CU_ADD_TEST(suite, test_repetition);
}
