/*
 * test_band_keys.c - the key of each band against the sum that defines it
 */
#include "oracle_sketch.h"
#include "sketch/sketch.h"
#include "support.h"

#include <CUnit/CUnit.h>

/* As band_keys.c says it, with numbers made anew. */
static uint32_t
oracle_band_key(const uint32_t *minhash, unsigned begin, unsigned end)
{
    uint64_t sum = 0;

    for (unsigned at = begin; at < end; at++) {
        uint32_t mul, add;

        oracle_constants((at + WCP_NUM_BINS / 2) % WCP_NUM_BINS, &mul, &add);
        sum += minhash[at] * ((uint64_t)mul * 65536 * 65536 + add);
    }
    return (uint32_t)(sum >> 32);
}

static void
test_any_rows(void)
{
    struct test_rng rng = { test_seed() };

    for (unsigned rows = 1; rows <= WCP_NUM_BINS; rows++) {
        const unsigned bands =
            1 + (unsigned)test_below(&rng, WCP_NUM_BINS / rows);
        uint32_t minhash[WCP_NUM_BINS], keys[WCP_NUM_BINS];

        for (unsigned j = 0; j < WCP_NUM_BINS; j++)
            minhash[j] = (uint32_t)test_random(&rng);
        wcp_band_keys(minhash, bands, rows, keys);
        for (unsigned b = 0; b < bands; b++)
            CU_ASSERT_EQUAL(keys[b],
                            oracle_band_key(minhash, b * rows, (b + 1) * rows));
    }
}

void
suite_band_keys(void)
{
    CU_pSuite suite = CU_add_suite("band_keys", NULL, NULL);

    CU_add_test(suite, "any number of rows", test_any_rows);
}
