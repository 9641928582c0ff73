/*
 * test_sketch.c - windows, signatures and kernels against the definitions
 *
 * Texts mix the scripts, whole and broken surrogate pairs and the units at
 * the borders of the classes; lengths gather where windows stop fitting and
 * where blocks end.
 */
#include "oracle_sketch.h"
#include "sketch/constants.h"
#include "sketch/kernels.h"
#include "sketch/sketcher.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- texts ---- */

static const struct {
    uint16_t first, last;
} ranges[] = {
    { 'a', 'z' },       { '0', '9' },       { 0x03B1, 0x03C9 },
    { 0x4E00, 0x9FA5 }, { 0x4E00, 0x9FA5 }, { 0x3041, 0x3096 },
    { 0xAC00, 0xD7A3 }, { 0x10FE, 0x1101 }, { 0x11FE, 0x1201 },
    { 0x2E7E, 0x2E81 }, { 0x9FFE, 0xA001 }, { 0xABFE, 0xAC01 },
    { 0xD7FD, 0xD7FF }, { 0xE000, 0xE001 }, { 0xFFFE, 0xFFFF },
    { 0x0000, 0x0001 },
};
static const uint16_t highs[] = { 0xD800, 0xD82B, 0xD82C, 0xD82D, 0xD835,
                                  0xD83F, 0xD840, 0xD8BF, 0xD8C0, 0xDBFF };

#define PICK(rng, array) \
    ((array)[test_below((rng), sizeof(array) / sizeof *(array))])

/* Append a run of one kind; returns the new length. */
static size_t
append_run(struct test_rng *rng, uint16_t *units, size_t len, size_t num)
{
    const unsigned kind = (unsigned)test_below(rng, 10);
    const size_t range = test_below(rng, sizeof ranges / sizeof *ranges);
    const unsigned span = (unsigned)(ranges[range].last - ranges[range].first);
    size_t left = 1 + test_below(rng, test_below(rng, 2) ? 4 : 30);

    for (; left > 0 && len < num; left--) {
        if (kind < 7) {
            units[len++] =
                (uint16_t)(ranges[range].first + test_below(rng, span + 1));
            continue;
        }
        /* kind 7: pairs; 8: mostly pairs; 9: anything */
        if (kind == 7 || test_below(rng, 4) > 0)
            units[len++] = PICK(rng, highs);
        if (len < num)
            units[len++] = (uint16_t)(0xDC00 + test_below(rng, 0x400));
        if (kind == 9 && len < num)
            units[len++] = (uint16_t)test_random(rng);
    }
    return len;
}

/* A text that ends at an unmapped page. */
static uint16_t *
new_text(struct test_rng *rng, size_t num)
{
    uint16_t *units = (void *)test_guarded(num * sizeof *units);
    size_t len = 0;

    while (len < num)
        len = append_run(rng, units, len, num);
    return units;
}

static void
free_text(uint16_t *units, size_t num)
{
    test_guarded_free((uint8_t *)units, num * sizeof *units);
}

static void *
new_hashes(size_t num)
{
    return test_guarded(num * sizeof(uint64_t));
}

static void
free_hashes(uint64_t *hashes, size_t num)
{
    test_guarded_free((uint8_t *)hashes, num * sizeof *hashes);
}

static uint64_t *
random_hashes(struct test_rng *rng, size_t num)
{
    uint64_t *hashes = new_hashes(num);

    for (size_t i = 0; i < num; i++)
        hashes[i] = test_random(rng);
    return hashes;
}

static void
report(const char *what, size_t num, unsigned shingle)
{
    printf("%s: %zu units, shingle %u, WCP_TEST_SEED=%" PRIu64 "\n", what, num,
           shingle, test_seed());
}

/* ---- every table of kernels ---- */

static const struct wcp_kernels *
table(size_t i)
{
    return wcp_kernels_at(i);
}

#define FOR_EACH_TABLE(k)                         \
    for (size_t i_##k = 0; table(i_##k); i_##k++) \
        for (const struct wcp_kernels *k = table(i_##k); k; k = NULL)

static bool
same_values(const uint32_t *a, const uint32_t *b)
{
    return memcmp(a, b, WCP_NUM_BINS * sizeof *a) == 0;
}

/* The least (hash >> 33) by the seven low bits, one bin after the other. */
static void
lower_bins(uint32_t *bins, const uint64_t *hashes, size_t num)
{
    for (size_t j = 0; j < WCP_NUM_BINS; j++)
        for (size_t i = 0; i < num; i++)
            if ((hashes[i] & 127) == j && hashes[i] >> 33 < bins[j])
                bins[j] = (uint32_t)(hashes[i] >> 33);
}

static void
check_windows(const uint16_t *units, size_t num_starts, size_t num,
              unsigned shingle)
{
    uint64_t *expected = new_hashes(num_starts);
    const size_t n = oracle_windows(units, num_starts, num, shingle, expected);

    FOR_EACH_TABLE(k)
    {
        uint64_t *hashes = new_hashes(num_starts);
        uint64_t *again = new_hashes(num_starts);
        uint32_t bins[WCP_NUM_BINS], lowered[WCP_NUM_BINS];
        bool good =
            k->hash_windows(units, num_starts, num, shingle, hashes) == n &&
            memcmp(hashes, expected, n * sizeof *hashes) == 0;

        for (size_t j = 0; j < WCP_NUM_BINS; j++)
            bins[j] = lowered[j] = j % 3 == 0 ? 0x01000000 : UINT32_MAX;
        lower_bins(lowered, expected, n);
        good =
            good &&
            k->bin_windows(units, num_starts, num, shingle, again, bins) == n &&
            memcmp(again, expected, n * sizeof *again) == 0 &&
            same_values(bins, lowered);
        CU_ASSERT(good);
        if (!good)
            report(k->name, num, shingle);
        free_hashes(hashes, num_starts);
        free_hashes(again, num_starts);
    }
    free_hashes(expected, num_starts);
}

static void
test_windows_short_texts(void)
{
    struct test_rng rng = { test_seed() };

    for (size_t num = 0; num <= 200; num++) {
        for (unsigned repeat = 0; repeat < 10; repeat++) {
            uint16_t *units = new_text(&rng, num);
            const unsigned shingle =
                (unsigned)test_below(&rng, WCP_SHINGLE_MAX + 1);

            check_windows(units, num, num, 0);
            check_windows(units, num, num, shingle);
            check_windows(units, test_below(&rng, num + 1), num, 0);
            check_windows(units, test_below(&rng, num + 1), num, shingle);
            free_text(units, num);
        }
    }
}

/* Lengths at which pieces and blocks of windows end. */
static size_t
border(struct test_rng *rng)
{
    static const size_t at[] = { 256, 512, 2048, 4096, 6144 };

    return PICK(rng, at) - 10 + test_below(rng, 20);
}

static void
test_windows_every_length(void)
{
    struct test_rng rng = { test_seed() };

    for (unsigned shingle = 0; shingle <= WCP_SHINGLE_MAX; shingle++) {
        for (size_t num = 60; num <= 70; num++) {
            uint16_t *units = new_text(&rng, num);

            check_windows(units, num, num, shingle);
            free_text(units, num);
        }
    }
    for (unsigned repeat = 0; repeat < 60; repeat++) {
        const size_t num = border(&rng);
        uint16_t *units = new_text(&rng, num);
        const size_t num_starts = num - test_below(&rng, 20);

        check_windows(units, num, num, 0);
        check_windows(units, num_starts, num, 0);
        check_windows(units, num_starts, num, repeat);
        free_text(units, num);
    }
}

/* Units below 800 (hexadecimal), where kernels take a shorter way, with all
 * bits or none and up to the very last, and here and there others. */
static void
test_windows_narrow(void)
{
    static const uint16_t others[] = { 0x0800, 0x0FFF, 0x1100, 0x4E00,
                                       0x8000, 0xD840, 0xDC00, 0xFFFF };
    struct test_rng rng = { test_seed() };

    for (unsigned repeat = 0; repeat < 400; repeat++) {
        const size_t num = 24 + test_below(&rng, 200);
        uint16_t *units = (void *)test_guarded(num * sizeof *units);
        size_t num_others = test_below(&rng, 4);

        for (size_t i = 0; i < num; i++)
            units[i] = (uint16_t)(test_below(&rng, 3) > 0
                                      ? test_below(&rng, 0x800)
                                      : 0x7FF * test_below(&rng, 2));
        for (; num_others > 0; num_others--)
            units[test_below(&rng, num)] = PICK(&rng, others);
        check_windows(units, num, num, 0);
        check_windows(units, num, num, 5 + (unsigned)test_below(&rng, 4));
        free_text(units, num);
    }
}

/* ---- signatures ---- */

/* Sign with all combinations; 'given' are the shingle hashes, in order. */
static bool
signs_as_oracle(struct wcp_sketcher *sketcher, const uint16_t *units,
                size_t num, const uint64_t *given, size_t n)
{
    uint32_t minhash[WCP_NUM_BINS], classic[WCP_NUM_BINS];
    const uint64_t simhash = oracle_simhash(given, n);
    bool good = true;

    oracle_minhash(given, n, minhash);
    oracle_classic(given, n, classic);
    for (unsigned wanted = 1; wanted < 8; wanted++) {
        const uint32_t *expected = minhash;
        struct wcp_signature sigs[2];

        if ((wanted & WCP_WANT_MINHASH) && (wanted & WCP_WANT_CLASSIC))
            continue;
        if (wanted & WCP_WANT_CLASSIC)
            expected = classic;
        memset(sigs, 0x5A, sizeof sigs);
        wcp_sketch(sketcher, units, num, wanted, &sigs[0]);
        wcp_sketch_hashes(given, n, wanted, &sigs[1]);
        for (size_t i = 0; i < 2; i++) {
            uint32_t untouched[WCP_NUM_BINS];

            memset(untouched, 0x5A, sizeof untouched);
            if (wanted == WCP_WANT_SIMHASH)
                expected = untouched;
            good &= same_values(sigs[i].minhash, expected);
            good &= sigs[i].num_shingles == n;
            good &= sigs[i].simhash ==
                    (wanted & WCP_WANT_SIMHASH ? simhash : 0x5A5A5A5A5A5A5A5A);
        }
    }
    return good;
}

static void
check_signatures(const uint16_t *units, size_t num, unsigned shingle)
{
    uint64_t *hashes = new_hashes(num);
    const size_t n = oracle_shingles(units, num, shingle, hashes);
    struct wcp_sketcher *sketcher = NULL;
    bool good;

    CU_ASSERT_EQUAL_FATAL(
        wcp_sketcher_new(&wcp_memory_libc, shingle, &sketcher, NULL),
        WCP_CODE_OK);
    FOR_EACH_TABLE(k)
    {
        sketcher->kernels = k;
        good = signs_as_oracle(sketcher, units, num, hashes, n);
        CU_ASSERT(good);
        if (!good)
            report(k->name, num, shingle);
    }
    wcp_sketcher_free(sketcher);
    free_hashes(hashes, num);
}

static void
test_signatures_random(void)
{
    struct test_rng rng = { test_seed() };

    for (size_t num = 1; num <= 200; num++) {
        uint16_t *units = new_text(&rng, num);

        check_signatures(units, num, 0);
        check_signatures(units, num, 1 + (unsigned)test_below(&rng, 64));
        free_text(units, num);
    }
    for (unsigned repeat = 0; repeat < 12; repeat++) {
        const size_t num = border(&rng);
        uint16_t *units = new_text(&rng, num);

        check_signatures(units, num, 0);
        free_text(units, num);
    }
}

/* Few different shingles in several blocks: empty bins are filled by hashing
 * the text a second time. */
static void
test_signatures_of_repetition(void)
{
    struct test_rng rng = { test_seed() };

    for (size_t period = 1; period < 300; period = period * 3 + 1) {
        static const size_t nums[] = { 2047, 2048, 2049, 2060, 4097, 5000 };

        for (size_t i = 0; i < sizeof nums / sizeof *nums; i++) {
            uint16_t *units = new_text(&rng, nums[i]);

            for (size_t at = period; at < nums[i]; at++)
                units[at] = units[at - period];
            check_signatures(units, nums[i], 0);
            free_text(units, nums[i]);
        }
    }
}

/* Few shingles again, but each block has others: all must be seen by the
 * second pass. */
static void
test_signatures_of_several_repetitions(void)
{
    struct test_rng rng = { test_seed() };

    for (unsigned repeat = 0; repeat < 20; repeat++) {
        const size_t num = border(&rng) + 2048;
        uint16_t *units = new_text(&rng, num);

        for (size_t at = 0; at < num; at++) {
            if (at % 1000 > 3)
                units[at] = units[at - 3];
        }
        check_signatures(units, num, 0);
        free_text(units, num);
    }
}

/* Given hashes are cut into blocks as well. */
static void
test_signatures_of_few_bins(void)
{
    struct test_rng rng = { test_seed() };

    for (size_t num = 2040; num < 7000; num += 1 + num / 9) {
        uint64_t *hashes = random_hashes(&rng, num);
        uint32_t expected[WCP_NUM_BINS];
        struct wcp_signature sig;

        for (size_t i = 0; i < num; i++)
            hashes[i] &= ~(uint64_t)0x5B;
        oracle_minhash(hashes, num, expected);
        wcp_sketch_hashes(hashes, num, WCP_WANT_MINHASH, &sig);
        CU_ASSERT(same_values(sig.minhash, expected));
        free_hashes(hashes, num);
    }
}

/* No window begins anywhere, so the whole text is one shingle. */
static void
test_signatures_without_windows(void)
{
    static const size_t nums[] = { 1, 4, 5, 8, 63, 64, 600, 2048, 2049, 5000 };

    for (size_t i = 0; i < sizeof nums / sizeof *nums; i++) {
        struct test_rng rng = { test_seed() };
        uint16_t *units = new_text(&rng, nums[i]);

        for (size_t at = 0; at < nums[i]; at++)
            units[at] = (uint16_t)(0xDC00 + test_below(&rng, 0x400));
        check_signatures(units, nums[i], 0);
        check_signatures(units, nums[i], 3);
        free_text(units, nums[i]);
    }
}

static void
test_signature_of_nothing(void)
{
    struct wcp_sketcher *sketcher = NULL;
    struct wcp_signature sig = { .simhash = 1, .num_shingles = 1 };

    CU_ASSERT_EQUAL_FATAL(
        wcp_sketcher_new(&wcp_memory_libc, 0, &sketcher, NULL), WCP_CODE_OK);
    wcp_sketch(sketcher, NULL, 0, WCP_WANT_MINHASH | WCP_WANT_SIMHASH, &sig);
    for (size_t j = 0; j < WCP_NUM_BINS; j++)
        CU_ASSERT_EQUAL(sig.minhash[j], UINT32_MAX);
    CU_ASSERT_EQUAL(sig.simhash, 0);
    CU_ASSERT_EQUAL(sig.num_shingles, 0);
    wcp_sketcher_free(sketcher);
    wcp_sketcher_free(NULL);
}

/* The signature of a union is the minimum of the signatures. */
static void
test_signatures_merge(void)
{
    struct test_rng rng = { test_seed() };

    for (unsigned repeat = 0; repeat < 300; repeat++) {
        const size_t num = 1 + test_below(&rng, 600);
        const size_t cut = test_below(&rng, num + 1);
        uint64_t *hashes = random_hashes(&rng, num);
        const unsigned wanted =
            repeat % 2 ? WCP_WANT_MINHASH : WCP_WANT_CLASSIC;
        struct wcp_signature whole, left, right;

        wcp_sketch_hashes(hashes, num, wanted, &whole);
        wcp_sketch_hashes(hashes, cut, wanted, &left);
        wcp_sketch_hashes(hashes + cut, num - cut, wanted, &right);
        for (size_t j = 0; j < WCP_NUM_BINS; j++) {
            if (right.minhash[j] < left.minhash[j])
                left.minhash[j] = right.minhash[j];
        }
        CU_ASSERT(same_values(whole.minhash, left.minhash));
        free_hashes(hashes, num);
    }
}

/* ---- single kernels ---- */

static void
check_simhash_count(const uint64_t *hashes, size_t num)
{
    FOR_EACH_TABLE(k)
    {
        uint32_t counts[64];
        bool good = true;

        for (uint32_t i = 0; i < 64; i++)
            counts[i] = 1000 * i;
        k->simhash_count(counts, hashes, num);
        for (uint32_t i = 0; i < 64; i++) {
            uint32_t expected = 1000 * i;

            for (size_t h = 0; h < num; h++)
                expected += (uint32_t)(hashes[h] >> i & 1);
            good &= counts[i] == expected;
        }
        CU_ASSERT(good);
        if (!good)
            report(k->name, num, 0);
    }
}

static void
test_simhash_count(void)
{
    struct test_rng rng = { test_seed() };

    for (size_t num = 0; num < 9000; num += num < 70 ? 1 : 1 + num / 9) {
        uint64_t *hashes = random_hashes(&rng, num);

        check_simhash_count(hashes, num);
        /* Counters overflow first where every bit is set. */
        if (num > 0)
            memset(hashes, 0xFF, num * sizeof *hashes);
        check_simhash_count(hashes, num);
        free_hashes(hashes, num);
    }
    for (size_t num = 4090; num < 4120; num++) {
        uint64_t *hashes = new_hashes(num);

        memset(hashes, 0xFF, num * sizeof *hashes);
        check_simhash_count(hashes, num);
        free_hashes(hashes, num);
    }
}

static void
check_bins(struct test_rng *rng, const uint64_t *hashes, size_t num)
{
    FOR_EACH_TABLE(k)
    {
        uint32_t bins[WCP_NUM_BINS], expected[WCP_NUM_BINS];

        for (size_t j = 0; j < WCP_NUM_BINS; j++)
            bins[j] = expected[j] =
                test_below(rng, 2) ? UINT32_MAX : (uint32_t)test_random(rng);
        lower_bins(expected, hashes, num);
        k->minhash_bins(bins, hashes, num);
        CU_ASSERT(same_values(bins, expected));
        if (!same_values(bins, expected))
            report(k->name, num, 0);
    }
}

/* Random hashes; few bins; the least and greatest hash, which a kernel might
 * take for "nothing". */
static void
test_minhash_bins(void)
{
    struct test_rng rng = { test_seed() };

    for (size_t num = 0; num < 3000; num += num < 40 ? 1 : 1 + num / 9) {
        uint64_t *hashes = random_hashes(&rng, num);

        check_bins(&rng, hashes, num);
        for (size_t i = 0; i < num; i++)
            hashes[i] &= ~(uint64_t)0x7B;
        check_bins(&rng, hashes, num);
        for (size_t i = 0; i < num; i++)
            hashes[i] = test_below(&rng, 9) > 0 ? hashes[i] : UINT64_MAX;
        check_bins(&rng, hashes, num);
        for (size_t i = 0; i < num; i++)
            hashes[i] = 0 - test_below(&rng, 2);
        check_bins(&rng, hashes, num);
        free_hashes(hashes, num);
    }
}

/* Any number of functions; the others stay as they were. */
static void
check_linear(const struct wcp_kernels *k, struct test_rng *rng,
             size_t num_which, size_t num)
{
    uint64_t *hashes = random_hashes(rng, num);
    uint64_t which[2] = { 0 };
    uint32_t values[WCP_NUM_BINS], expected[WCP_NUM_BINS];
    uint32_t linear[WCP_NUM_BINS];
    const size_t first = test_below(rng, WCP_NUM_BINS);

    oracle_classic(hashes, num, linear);
    for (size_t j = 0; j < WCP_NUM_BINS; j++)
        expected[j] = values[j] = (uint32_t)(test_random(rng) >> 37);
    for (size_t i = 0; i < num_which; i++) {
        const size_t j = (first + 37 * i) % WCP_NUM_BINS;

        which[j / 64] |= (uint64_t)1 << j % 64;
        if (linear[j] < expected[j])
            expected[j] = linear[j];
    }
    k->minhash_linear(values, which, wcp_minhash_mul, wcp_minhash_add, hashes,
                      num);
    CU_ASSERT(same_values(values, expected));
    if (!same_values(values, expected))
        report(k->name, num, (unsigned)num_which);
    free_hashes(hashes, num);
}

static void
test_minhash_linear(void)
{
    struct test_rng rng = { test_seed() };

    FOR_EACH_TABLE(k)
    {
        for (size_t num_which = 0; num_which <= WCP_NUM_BINS; num_which++) {
            check_linear(k, &rng, num_which, test_below(&rng, 20));
            check_linear(k, &rng, num_which, test_below(&rng, 200));
        }
    }
}

/* ---- the rest ---- */

static void
test_constants(void)
{
    for (unsigned j = 0; j < WCP_NUM_BINS; j++) {
        uint32_t mul, add;

        oracle_constants(j, &mul, &add);
        CU_ASSERT_EQUAL(wcp_minhash_mul[j], mul);
        CU_ASSERT_EQUAL(wcp_minhash_add[j], add);
        CU_ASSERT_EQUAL(wcp_minhash_mul[j] % 2, 1);
    }
}

static void
test_digest(void)
{
    struct test_rng rng = { test_seed() };

    for (size_t num = 0; num < 2000; num += 1 + num / 7) {
        uint16_t *units = new_text(&rng, num);
        uint8_t *bytes = malloc(2 * num + 1);
        uint64_t digest[2];
        XXH128_hash_t expected;

        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        for (size_t i = 0; i < num; i++) {
            bytes[2 * i] = (uint8_t)units[i];
            bytes[2 * i + 1] = (uint8_t)(units[i] >> 8);
        }
        expected = XXH3_128bits(bytes, 2 * num);
        wcp_text_digest(units, num, digest);
        CU_ASSERT_EQUAL(digest[0], expected.low64);
        CU_ASSERT_EQUAL(digest[1], expected.high64);
        free(bytes);
        free_text(units, num);
    }
}

static void *
refuse(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    (void)ctx, (void)ptr, (void)old_size, (void)new_size;
    return NULL;
}

static void
test_sketcher_refuses(void)
{
    const struct wcp_memory nothing = { refuse, NULL };
    struct wcp_sketcher *sketcher = NULL;
    struct wcp_fault fault;

    CU_ASSERT_EQUAL(wcp_sketcher_new(&wcp_memory_libc, WCP_SHINGLE_MAX + 1,
                                     &sketcher, &fault),
                    WCP_CODE_BAD_OPTION);
    CU_ASSERT_EQUAL(fault.code, WCP_CODE_BAD_OPTION);
    CU_ASSERT_EQUAL(wcp_sketcher_new(&nothing, 0, &sketcher, &fault),
                    WCP_CODE_NO_MEMORY);
    CU_ASSERT_EQUAL(fault.code, WCP_CODE_NO_MEMORY);
    CU_ASSERT_PTR_NULL(sketcher);
}

void
suite_sketch(void)
{
    CU_pSuite suite = CU_add_suite("sketch", NULL, NULL);

    CU_add_test(suite, "windows of short texts", test_windows_short_texts);
    CU_add_test(suite, "windows of every length", test_windows_every_length);
    CU_add_test(suite, "windows of narrow units", test_windows_narrow);
    CU_add_test(suite, "signatures of random texts", test_signatures_random);
    CU_add_test(suite, "signatures of repetition",
                test_signatures_of_repetition);
    CU_add_test(suite, "signatures of several repetitions",
                test_signatures_of_several_repetitions);
    CU_add_test(suite, "signatures of few bins", test_signatures_of_few_bins);
    CU_add_test(suite, "signatures without windows",
                test_signatures_without_windows);
    CU_add_test(suite, "signature of nothing", test_signature_of_nothing);
    CU_add_test(suite, "signatures merge", test_signatures_merge);
    CU_add_test(suite, "simhash_count", test_simhash_count);
    CU_add_test(suite, "minhash_bins", test_minhash_bins);
    CU_add_test(suite, "minhash_linear", test_minhash_linear);
    CU_add_test(suite, "constants", test_constants);
    CU_add_test(suite, "digest", test_digest);
    CU_add_test(suite, "sketcher refuses", test_sketcher_refuses);
}
