/*
 * hashes.c - hash functions that may be compared on shingles
 *
 * Each is called through a pointer once a window, as a program calls a
 * library; the rolling hash goes from window to window.  The vector kernels of
 * wirecopy, which give the bits of XXH3_64, are not here: hash asks for them
 * by themselves.
 */
#include "bench.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static uint64_t
xxh3_64(const void *data, size_t len)
{
    return XXH3_64bits(data, len);
}

static uint64_t
xxh3_128(const void *data, size_t len)
{
    return XXH3_128bits(data, len).low64;
}

static uint64_t
xxh64(const void *data, size_t len)
{
    return XXH64(data, len, 0);
}

static uint64_t
xxh32(const void *data, size_t len)
{
    return XXH32(data, len, 0);
}

/* Fowler, Noll, Vo, 64 bits, variant 1a. */
static uint64_t
fnv_1a(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3);
    return hash;
}

/* ---- CRC32C ---- */

/* A bit at a time, by Castagnoli's polynomial, reversed: for machines that
 * have no instruction for it. */
static uint64_t
crc32c_bits(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0x82F63B78 & (0 - (crc & 1)));
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint64_t
crc32c(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint64_t crc = 0xFFFFFFFF;

    for (; len >= 8; len -= 8, bytes += 8) {
        uint64_t word;

        memcpy(&word, bytes, 8);
        crc = __builtin_ia32_crc32di(crc, word);
    }
    for (; len > 0; len--)
        crc = __builtin_ia32_crc32qi((uint32_t)crc, *bytes++);
    return (uint32_t)~crc;
}
#endif

/* ---- rolling ---- */

static uint64_t
rotate(uint64_t x, unsigned by)
{
    return by % 64 == 0 ? x : x << by % 64 | x >> (64 - by % 64);
}

/* What a unit is worth: bits spread by a multiplication and a shift, since a
 * table of all units would fill the cache. */
static uint64_t
worth(uint16_t unit)
{
    const uint64_t x = (unit + UINT64_C(1)) * UINT64_C(0x9E3779B97F4A7C15);

    return (x ^ x >> 32) * UINT64_C(0xD6E8FEB86659FD93);
}

static uint64_t
finalise(uint64_t x)
{
    x = (x ^ x >> 33) * UINT64_C(0xC2B2AE3D27D4EB4F);
    x = (x ^ x >> 29) * UINT64_C(0x165667B19E3779F9);
    return x ^ x >> 32;
}

/*
 * The cyclic polynomial (Cohen 1997): a rotation for each step, exclusive or
 * for what comes in and for what goes out.
 */
static void
rolling(const uint16_t *units, size_t num, unsigned len, uint64_t *hashes)
{
    uint64_t hash = 0;

    if (num == 0)
        return;
    for (unsigned i = 0; i < len; i++)
        hash = rotate(hash, 1) ^ worth(units[i]);
    hashes[0] = finalise(hash);
    for (size_t i = 1; i < num; i++) {
        hash = rotate(hash, 1) ^ rotate(worth(units[i - 1]), len) ^
               worth(units[i + len - 1]);
        hashes[i] = finalise(hash);
    }
}

/* ---- all of them ---- */

static const struct bench_hash hashes_known[] = {
    { "XXH3_64", 64, xxh3_64, NULL },
    { "XXH64", 64, xxh64, NULL },
    { "XXH32", 32, xxh32, NULL },
    { "XXH128 (low half)", 64, xxh3_128, NULL },
    { "FNV-1a 64", 64, fnv_1a, NULL },
    { "CRC32C (bit by bit)", 32, crc32c_bits, NULL },
    { "rolling + finaliser", 64, NULL, rolling },
};

const struct bench_hash *
bench_hash_at(size_t i)
{
#if defined(__x86_64__)
    static const struct bench_hash fast_crc = { "CRC32C (SSE4.2)", 32, crc32c,
                                                NULL };

    if (i < sizeof hashes_known / sizeof *hashes_known &&
        hashes_known[i].one == crc32c_bits && __builtin_cpu_supports("sse4.2"))
        return &fast_crc;
#endif
    return i < sizeof hashes_known / sizeof *hashes_known ? &hashes_known[i]
                                                          : NULL;
}

void
bench_hash_windows(const struct bench_hash *hash, const uint16_t *units,
                   size_t num, unsigned len, uint64_t *hashes)
{
    if (hash->windows != NULL) {
        hash->windows(units, num, len, hashes);
        return;
    }
    for (size_t i = 0; i < num; i++)
        hashes[i] = hash->one(units + i, 2 * (size_t)len);
}
