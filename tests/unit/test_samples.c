/*
 * test_samples.c - samples of shingles against their definition, by every
 * table of kernels
 */
#include "oracle_widen.h"
#include "sketch/sketcher.h"

#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

/* Chinese, English, or both, and runs that repeat themselves. */
static void
make_units(struct test_rng *rng, uint16_t *units, size_t num)
{
    const bool repeats = test_below(rng, 4) == 0;
    const unsigned script = (unsigned)test_below(rng, 3);

    for (size_t i = 0; i < num; i++) {
        if (repeats && i >= 30)
            units[i] = units[i - 30];
        else if (script == 0 || (script == 2 && test_below(rng, 2) == 0))
            units[i] = (uint16_t)(0x4E00 + test_below(rng, 3000));
        else
            units[i] = (uint16_t)('a' + test_below(rng, 26));
    }
}

static void
check_text(const uint16_t *units, size_t num, uint64_t number)
{
    struct wcp_sketcher *sketcher = NULL;
    struct oracle_set set = { .num_units = num };
    uint32_t *expected;
    size_t num_expected;

    set.units = malloc(num * sizeof *set.units + 1);
    if (num > 0)
        memcpy(set.units, units, num * sizeof *units);
    expected = oracle_sample(&set, &num_expected);
    CU_ASSERT_FATAL(wcp_sketcher_new(&wcp_memory_libc, 0, &sketcher, NULL) ==
                    WCP_CODE_OK);
    for (size_t i = 0; wcp_kernels_at(i) != NULL; i++) {
        struct wcp_signature sig;
        struct wcp_sample sample;

        sketcher->kernels = wcp_kernels_at(i);
        MADE_CHECK(wcp_sketcher_prepare(sketcher, num), number);
        wcp_sketch(sketcher, units, num, WCP_WANT_MINHASH | WCP_WANT_SAMPLE,
                   &sig);
        sample = wcp_sketcher_sample(sketcher);
        MADE_CHECK(sample.num == num_expected, number);
        MADE_CHECK(
            sample.num == num_expected &&
                (sample.num == 0 || memcmp(sample.at, expected,
                                           sample.num * sizeof *expected) == 0),
            number);
    }
    wcp_sketcher_free(sketcher);
    free(expected);
    free(set.units);
}

/* Lengths about a window, a vector and a block, and any. */
static void
test_samples_of_texts(void)
{
    static const size_t around[] = { 0,    12,   16,   19,   24,   32,  64,
                                     2048, 2060, 4096, 4107, 6144, 9000 };
    const size_t most = 9100;
    uint16_t *units = malloc(most * sizeof *units);

    for (uint64_t number = 8500; number < 8640; number++) {
        struct test_rng rng = made_rng(number);
        size_t num = around[test_below(&rng, sizeof around / sizeof *around)];

        num += test_below(&rng, 24);
        if (number % 4 == 0)
            num = test_below(&rng, most);
        make_units(&rng, units, num);
        check_text(units, num, number);
    }
    free(units);
}

/* What is a window long and stands in two texts is sampled in both. */
static void
test_shared_run(void)
{
    for (uint64_t number = 8700; number < 8760; number++) {
        struct test_rng rng = made_rng(number);
        struct oracle_set a = { 0 }, b = { 0 };
        size_t num_a, num_b, common = 0;
        const size_t run = 16; /* 12 shingles of Han */
        uint16_t texts[2][300];
        uint32_t *x, *y;

        for (int i = 0; i < 2; i++)
            for (size_t k = 0; k < 300; k++)
                texts[i][k] = (uint16_t)(0x4E00 + test_below(&rng, 6000));
        memcpy(texts[1] + test_below(&rng, 300 - run),
               texts[0] + test_below(&rng, 300 - run), run * sizeof(uint16_t));
        a.units = texts[0];
        b.units = texts[1];
        a.num_units = b.num_units = 300;
        x = oracle_sample(&a, &num_a);
        y = oracle_sample(&b, &num_b);
        for (size_t i = 0; i < num_a; i++)
            for (size_t k = 0; k < num_b; k++)
                common += x[i] == y[k];
        MADE_CHECK(common > 0, number);
        free(x);
        free(y);
    }
}

void
suite_samples(void)
{
    CU_pSuite suite = CU_add_suite("samples", NULL, NULL);

    CU_add_test(suite, "of texts, by every kernel", test_samples_of_texts);
    CU_add_test(suite, "of a run that two texts share", test_shared_run);
}
