/*
 * fuzz_sketch.c - shingles, signatures and sets against their definitions
 *
 * The first byte is the shingle length, the second says how often the rest,
 * taken as folded units, is repeated: long texts take several blocks.  The
 * oracle copies each window, one by one, to bytes and gives it to the xxHash
 * library.
 */
#include "fuzz.h"

#include "sketch/constants.h"
#include "sketch/sketcher.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { MAX_UNITS = 4500 };

struct text {
    uint16_t units[MAX_UNITS];
    size_t num;
    uint64_t hashes[MAX_UNITS]; /* of all windows */
    size_t num_hashes;
};

static uint64_t
hash_bytes(const uint16_t *units, size_t num)
{
    static uint8_t bytes[MAX_UNITS * 2];

    for (size_t i = 0; i < num; i++) {
        bytes[2 * i] = (uint8_t)(units[i] & 0xFF);
        bytes[2 * i + 1] = (uint8_t)(units[i] >> 8);
    }
    return XXH3_64bits(bytes, num * 2);
}

static size_t
window_len(uint16_t first, unsigned shingle)
{
    static const uint16_t east_asian[][2] = { { 0x1100, 0x11FF },
                                              { 0x2E80, 0x9FFF },
                                              { 0xAC00, 0xD7FF },
                                              { 0xD82C, 0xD82C },
                                              { 0xD840, 0xD8BF } };

    if (shingle != 0)
        return shingle;
    for (size_t i = 0; i < sizeof east_asian / sizeof *east_asian; i++)
        if (first >= east_asian[i][0] && first <= east_asian[i][1])
            return 5;
    return 8;
}

static void
find_windows(struct text *text, unsigned shingle)
{
    text->num_hashes = 0;
    for (size_t i = 0; i < text->num; i++) {
        const uint16_t first = text->units[i];
        const size_t len = window_len(first, shingle);

        if ((first < 0xDC00 || first > 0xDFFF) && i + len <= text->num)
            text->hashes[text->num_hashes++] = hash_bytes(text->units + i, len);
    }
}

static void
add_whole(struct text *text)
{
    if (text->num_hashes == 0 && text->num > 0)
        text->hashes[text->num_hashes++] = hash_bytes(text->units, text->num);
}

static void
check_windows(const struct wcp_kernels *kernels, const struct text *text,
              unsigned shingle)
{
    /* Exactly as many units as there are, so that a read beyond shows. */
    uint16_t *units = malloc(text->num * 2 + 1);
    uint64_t *hashes = malloc(text->num * 8 + 1);
    size_t num;

    MUST(units != NULL && hashes != NULL);
    if (text->num > 0)
        memcpy(units, text->units, text->num * 2);
    num = kernels->hash_windows(units, text->num, text->num, shingle, hashes);
    MUST(num == text->num_hashes);
    MUST(num == 0 || memcmp(hashes, text->hashes, num * 8) == 0);
    free(units);
    free(hashes);
}

/* The other kernels, against the table that is the definition.  What is
 * intersected are the places of some hashes: ascending, and not all in both. */
static void
check_others(const struct wcp_kernels *kernels, const struct text *text)
{
    const struct wcp_kernels *portable = &wcp_kernels_portable;
    static uint64_t even[MAX_UNITS], third[MAX_UNITS];
    const size_t num = text->num_hashes;
    uint32_t values[2][WCP_NUM_BINS], counts[2][64] = { { 0 } };
    uint64_t which[2] = { 0 };
    size_t num_even = 0, num_third = 0;

    for (size_t j = 0; j < WCP_NUM_BINS; j += 1 + num % 5)
        which[j / 64] |= (uint64_t)1 << j % 64;
    memset(values, 0xFF, sizeof values);
    for (int i = 0; i < 2; i++) {
        const struct wcp_kernels *k = i == 0 ? portable : kernels;

        k->minhash_bins(values[i], text->hashes, num);
        k->minhash_linear(values[i], which, wcp_minhash_mul, wcp_minhash_add,
                          text->hashes, num);
        k->simhash_count(counts[i], text->hashes, num);
    }
    MUST(memcmp(values[0], values[1], sizeof values[0]) == 0);
    MUST(memcmp(counts[0], counts[1], sizeof counts[0]) == 0);
    for (size_t i = 0; i < num; i++) {
        if (text->hashes[i] % 2 == 0)
            even[num_even++] = i;
        if (text->hashes[i] % 3 == 0)
            third[num_third++] = i;
    }
    MUST(kernels->intersect(even, num_even, third, num_third) ==
         portable->intersect(even, num_even, third, num_third));
}

static uint32_t
naive_linear(const struct text *text, size_t j)
{
    uint32_t least = UINT32_MAX;

    for (size_t i = 0; i < text->num_hashes; i++) {
        const uint64_t x = text->hashes[i] >> 32;
        const uint32_t value =
            (uint32_t)(wcp_minhash_mul[j] * x + wcp_minhash_add[j]);

        if (value < least)
            least = value;
    }
    return least;
}

static uint32_t
naive_bin(const struct text *text, size_t j)
{
    uint64_t least = UINT64_MAX;

    for (size_t i = 0; i < text->num_hashes; i++)
        if (text->hashes[i] % 128 == j && text->hashes[i] >> 33 < least)
            least = text->hashes[i] >> 33;
    if (least != UINT64_MAX)
        return (uint32_t)least;
    if (text->num_hashes == 0)
        return UINT32_MAX;
    return 0x80000000u | naive_linear(text, j) >> 1;
}

static uint64_t
naive_simhash(const struct text *text)
{
    uint64_t simhash = 0;

    for (unsigned bit = 0; bit < 64; bit++) {
        size_t num = 0;

        for (size_t i = 0; i < text->num_hashes; i++)
            num += text->hashes[i] >> bit & 1;
        if (2 * num > text->num_hashes)
            simhash |= UINT64_C(1) << bit;
    }
    return simhash;
}

static void
check_signature(struct wcp_sketcher *sketcher, const struct text *text)
{
    struct wcp_signature sig, classic, same;

    wcp_sketch(sketcher, text->units, text->num,
               WCP_WANT_MINHASH | WCP_WANT_SIMHASH, &sig);
    wcp_sketch(sketcher, text->units, text->num, WCP_WANT_CLASSIC, &classic);
    MUST(sig.num_shingles == text->num_hashes);
    MUST(classic.num_shingles == text->num_hashes);
    MUST(sig.simhash == naive_simhash(text));
    /* All values of short texts, some of long ones. */
    for (size_t j = 0; j<128; j += text->num> 500 ? 37 : 1) {
        MUST(sig.minhash[j] == naive_bin(text, j));
        MUST(classic.minhash[j] == naive_linear(text, j));
    }
    wcp_sketch_hashes(text->hashes, text->num_hashes,
                      WCP_WANT_MINHASH | WCP_WANT_SIMHASH, &same);
    MUST(memcmp(same.minhash, sig.minhash, sizeof sig.minhash) == 0);
    MUST(same.simhash == sig.simhash);
}

/* The signature of all is the least of those of two parts. */
static void
check_merge(const struct text *text, size_t cut, unsigned wanted)
{
    struct wcp_signature a, b, all;

    wcp_sketch_hashes(text->hashes, cut, wanted, &a);
    wcp_sketch_hashes(text->hashes + cut, text->num_hashes - cut, wanted, &b);
    wcp_sketch_hashes(text->hashes, text->num_hashes, wanted, &all);
    for (size_t j = 0; j < WCP_NUM_BINS; j++)
        MUST(all.minhash[j] ==
             (a.minhash[j] < b.minhash[j] ? a.minhash[j] : b.minhash[j]));
}

static bool
has(const struct wcp_shingle_set *set, uint64_t hash)
{
    for (size_t i = 0; i < set->num; i++)
        if (set->hashes[i] == hash)
            return true;
    return false;
}

static size_t
naive_common(const struct wcp_shingle_set *a, const struct wcp_shingle_set *b)
{
    size_t num = 0;

    for (size_t i = 0; i < a->num; i++)
        num += has(b, a->hashes[i]);
    return num;
}

static void
check_sets(struct wcp_sketcher *sketcher, const struct text *text)
{
    struct wcp_shingle_set all = { NULL, 0, 0 }, half = { NULL, 0, 0 };
    size_t common;

    MUST(wcp_shingle_set_make(sketcher, text->units, text->num, &all));
    MUST(wcp_shingle_set_make(sketcher, text->units, text->num / 2, &half));
    for (size_t i = 1; i < all.num; i++)
        MUST(all.hashes[i - 1] < all.hashes[i]);
    MUST(all.num <= text->num_hashes);
    if (text->num <= 500) {
        for (size_t i = 0; i < text->num_hashes; i++)
            MUST(has(&all, text->hashes[i]));
        MUST(wcp_shingle_set_common(&all, &half) == naive_common(&all, &half));
    }
    common = wcp_shingle_set_common(&all, &half);
    MUST(common == wcp_shingle_set_common(&half, &all));
    MUST(common <= half.num && common <= all.num);
    MUST(wcp_shingle_set_common(&all, &all) == all.num);
    wcp_shingle_set_release(sketcher, &all);
    wcp_shingle_set_release(sketcher, &half);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct text text;
    struct wcp_sketcher *sketcher;
    unsigned shingle, times;
    size_t num;

    if (size < 2)
        return 0;
    shingle = data[0] % (WCP_SHINGLE_MAX + 1);
    times = data[1] % 16 == 15 ? MAX_UNITS : data[1] % 4 + 1;
    num = (size - 2) / 2;
    text.num = 0;
    while (times-- > 0 && text.num + num <= MAX_UNITS)
        for (size_t i = 0; i < num; i++)
            text.units[text.num++] =
                (uint16_t)(data[2 + 2 * i] | data[3 + 2 * i] << 8);
    find_windows(&text, shingle);
    for (size_t i = 0; wcp_kernels_at(i) != NULL; i++) {
        check_windows(wcp_kernels_at(i), &text, shingle);
        check_others(wcp_kernels_at(i), &text);
    }
    add_whole(&text);
    MUST(wcp_sketcher_new(&wcp_memory_libc, shingle, &sketcher, NULL) ==
         WCP_CODE_OK);
    check_signature(sketcher, &text);
    check_merge(&text, text.num_hashes * (data[1] % 16) / 16, WCP_WANT_MINHASH);
    check_merge(&text, text.num_hashes * (data[1] % 16) / 16, WCP_WANT_CLASSIC);
    check_sets(sketcher, &text);
    wcp_sketcher_free(sketcher);
    return 0;
}
