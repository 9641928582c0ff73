/*
 * test_find_same.c - where a part of one text stands in another
 */
#include "support.h"

#include "passage/engine.h"

#include <CUnit/CUnit.h>
#include <string.h>

enum { MOST = 400 };

/* Two texts of few different units, so that much stands in both by chance. */
struct two_texts {
    uint8_t narrow[2][MOST];
    uint16_t wide[2][MOST];
    struct wcp_units units[2];
    struct wcp_places places;
};

static void
make_texts(struct two_texts *t, struct test_rng *rng)
{
    const uint64_t letters = 1 + test_below(rng, 4);
    const bool narrow = test_below(rng, 2) == 0;
    const uint16_t base = narrow ? 'a' : 0x4E00;

    for (int side = 0; side < 2; side++) {
        const uint32_t num = (uint32_t)(100 + test_below(rng, MOST - 99));

        for (uint32_t i = 0; i < num; i++) {
            uint16_t unit = (uint16_t)(base + test_below(rng, letters));

            t->wide[side][i] = unit;
            t->narrow[side][i] = (uint8_t)unit;
        }
        t->units[side] = (struct wcp_units){
            narrow ? (const void *)t->narrow[side] : t->wide[side], num, narrow
        };
    }
    CU_ASSERT_EQUAL_FATAL(
        wcp_places_init(&t->places, &wcp_memory_libc, t->units, 2, NULL),
        WCP_CODE_OK);
}

/* Copy a part of the first text to the second. */
static void
plant(struct two_texts *t, struct wcp_span part, uint32_t to)
{
    const uint32_t len = part.end - part.begin;

    memcpy(t->wide[1] + to, t->wide[0] + part.begin, len * sizeof(uint16_t));
    memcpy(t->narrow[1] + to, t->narrow[0] + part.begin, len);
}

/* The same, unit by unit. */
static uint32_t
find_slowly(const struct two_texts *t, struct wcp_span part,
            struct wcp_span within, uint32_t from)
{
    const uint32_t len = part.end - part.begin, other = t->units[0].num;

    for (uint32_t at = from; at + len <= within.end; at++) {
        uint32_t n = 0;

        while (n < len &&
               t->wide[0][part.begin + n] == t->wide[1][at - other + n])
            n++;
        if (n == len)
            return at;
    }
    return within.end;
}

static void
test_like_slow_search(void)
{
    struct test_rng rng = { test_seed() };
    uint32_t num_found = 0;

    for (int round = 0; round < 2000; round++) {
        struct two_texts t;
        struct wcp_span part, within;
        uint32_t len = (uint32_t)(4 + test_below(&rng, 90)), other, from;

        make_texts(&t, &rng);
        other = t.units[0].num;
        part.begin = (uint32_t)test_below(&rng, other - len);
        part.end = part.begin + len;
        if (test_below(&rng, 3) > 0)
            plant(&t, part, (uint32_t)test_below(&rng, t.units[1].num - len));
        within.begin = other + (uint32_t)test_below(&rng, t.units[1].num);
        within.end = other + t.units[1].num;
        from = within.begin +
               (uint32_t)test_below(&rng, within.end - within.begin);
        for (int k = 0; k < 3; k++) {
            const uint32_t at = find_slowly(&t, part, within, from);

            CU_ASSERT_EQUAL(wcp_find_same(&t.places, part, within, from), at);
            num_found += at < within.end;
            if (at == within.end)
                break;
            from = at + 1;
        }
        wcp_places_release(&t.places);
    }
    CU_ASSERT(num_found > 100);
}

void
suite_find_same(void)
{
    CU_pSuite suite = CU_add_suite("find_same", NULL, NULL);

    CU_ADD_TEST(suite, test_like_slow_search);
}
