/*
 * oracle_sketch.c - sketching as sketch.h defines it, obviously right and slow
 */
#include "oracle_sketch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <xxhash.h>

/* The blocks of the East Asian scripts that folded text can hold, and what
 * lies between them, by the names of Unicode 15. */
static const struct {
    uint32_t first, last;
} short_blocks[] = {
    { 0x1100, 0x11FF },   /* Hangul Jamo */
    { 0x2E80, 0x2EFF },   /* CJK Radicals Supplement */
    { 0x2F00, 0x2FDF },   /* Kangxi Radicals */
    { 0x2FE0, 0x2FFF },   /* nothing; Ideographic Description Characters */
    { 0x3000, 0x303F },   /* CJK Symbols and Punctuation */
    { 0x3040, 0x309F },   /* Hiragana */
    { 0x30A0, 0x30FF },   /* Katakana */
    { 0x3100, 0x312F },   /* Bopomofo */
    { 0x3130, 0x318F },   /* Hangul Compatibility Jamo */
    { 0x3190, 0x31EF },   /* Kanbun; Bopomofo Extended; CJK Strokes */
    { 0x31F0, 0x31FF },   /* Katakana Phonetic Extensions */
    { 0x3200, 0x33FF },   /* Enclosed CJK; CJK Compatibility */
    { 0x3400, 0x4DBF },   /* CJK Extension A */
    { 0x4DC0, 0x4DFF },   /* Yijing Hexagram Symbols */
    { 0x4E00, 0x9FFF },   /* CJK Unified Ideographs */
    { 0xAC00, 0xD7AF },   /* Hangul Syllables */
    { 0xD7B0, 0xD7FF },   /* Hangul Jamo Extended-B */
    { 0x1B000, 0x1B3FF }, /* kana supplements, Nushu */
    { 0x20000, 0x2FFFF }, /* Supplementary Ideographic Plane */
    { 0x30000, 0x3FFFF }, /* Tertiary Ideographic Plane */
};

/* The code point that begins at units[0]; half a pair counts as the first of
 * those that begin with it. */
static uint32_t
code_point(const uint16_t *units, size_t num)
{
    const uint32_t high = units[0];
    uint32_t low = 0xDC00;

    if (high < 0xD800 || high > 0xDBFF)
        return high;
    if (num > 1 && units[1] >= 0xDC00 && units[1] <= 0xDFFF)
        low = units[1];
    return 0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00);
}

static size_t
window_len(const uint16_t *units, size_t num, unsigned shingle)
{
    const uint32_t c = code_point(units, num);

    if (shingle > 0)
        return shingle;
    for (size_t i = 0; i < sizeof short_blocks / sizeof *short_blocks; i++) {
        if (short_blocks[i].first <= c && c <= short_blocks[i].last)
            return 5;
    }
    return 8;
}

static uint64_t
hash_of(const uint16_t *units, size_t num)
{
    uint8_t *bytes = malloc(2 * num);
    uint64_t hash;

    if (!bytes)
        abort();
    for (size_t i = 0; i < num; i++) {
        bytes[2 * i] = (uint8_t)(units[i] % 256);
        bytes[2 * i + 1] = (uint8_t)(units[i] / 256);
    }
    hash = XXH3_64bits(bytes, 2 * num);
    free(bytes);
    return hash;
}

size_t
oracle_windows(const uint16_t *units, size_t num_starts, size_t num,
               unsigned shingle, uint64_t *hashes)
{
    size_t n = 0;

    for (size_t i = 0; i < num_starts; i++) {
        const bool is_start = units[i] < 0xDC00 || units[i] > 0xDFFF;
        const size_t len = window_len(units + i, num - i, shingle);

        if (is_start && i + len <= num)
            hashes[n++] = hash_of(units + i, len);
    }
    return n;
}

size_t
oracle_shingles(const uint16_t *units, size_t num, unsigned shingle,
                uint64_t *hashes)
{
    const size_t n = oracle_windows(units, num, num, shingle, hashes);

    if (n > 0 || num == 0)
        return n;
    hashes[0] = hash_of(units, num);
    return 1;
}

void
oracle_constants(unsigned j, uint32_t *mul_ret, uint32_t *add_ret)
{
    const char *letters = "wirecopy";
    uint64_t start = 0, z;

    for (int i = 0; i < 8; i++)
        start = start * 256 + (uint64_t)letters[i];
    z = start + (j + 1) * UINT64_C(11400714819323198485);
    z = (z ^ (z >> 30)) * UINT64_C(13787848793156543929);
    z = (z ^ (z >> 27)) * UINT64_C(10723151780598845931);
    z = z ^ (z >> 31);
    *mul_ret = (uint32_t)(z >> 32) | 1;
    *add_ret = (uint32_t)z;
}

/* The least of mul * x + add over all upper halves x, all ones for none. */
static uint32_t
least_linear(const uint64_t *hashes, size_t num, unsigned j)
{
    uint64_t least = UINT32_MAX;
    uint32_t mul, add;

    oracle_constants(j, &mul, &add);
    for (size_t i = 0; i < num; i++) {
        const uint64_t x = hashes[i] / 0x100000000;
        const uint64_t value = (mul * x + add) % 0x100000000;

        if (value < least)
            least = value;
    }
    return (uint32_t)least;
}

void
oracle_minhash(const uint64_t *hashes, size_t num, uint32_t *values)
{
    for (unsigned j = 0; j < 128; j++) {
        bool is_empty = true;

        values[j] = UINT32_MAX;
        for (size_t i = 0; i < num; i++) {
            const uint32_t value = (uint32_t)(hashes[i] / 0x200000000);

            if (hashes[i] % 128 != j)
                continue;
            is_empty = false;
            if (value < values[j])
                values[j] = value;
        }
        if (is_empty)
            values[j] = 0x80000000 + least_linear(hashes, num, j) / 2;
    }
}

void
oracle_classic(const uint64_t *hashes, size_t num, uint32_t *values)
{
    for (unsigned j = 0; j < 128; j++)
        values[j] = least_linear(hashes, num, j);
}

uint64_t
oracle_simhash(const uint64_t *hashes, size_t num)
{
    uint64_t result = 0;

    for (unsigned bit = 0; bit < 64; bit++) {
        int64_t vote = 0;

        for (size_t i = 0; i < num; i++)
            vote += hashes[i] >> bit & 1 ? 1 : -1;
        if (vote > 0)
            result += (uint64_t)1 << bit;
    }
    return result;
}

static int
compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

size_t
oracle_unique(uint64_t *hashes, size_t num)
{
    size_t n = 0;

    if (num > 0)
        qsort(hashes, num, sizeof *hashes, compare);
    for (size_t i = 0; i < num; i++) {
        if (i == 0 || hashes[i] != hashes[i - 1])
            hashes[n++] = hashes[i];
    }
    return n;
}

size_t
oracle_common(const uint64_t *a, size_t num_a, const uint64_t *b, size_t num_b)
{
    size_t common = 0;

    for (size_t i = 0; i < num_a; i++) {
        for (size_t j = 0; j < num_b; j++)
            common += a[i] == b[j];
    }
    return common;
}
