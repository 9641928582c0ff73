/*
 * windows_avx2.c - the hashes of all windows, four at a time
 *
 * As windows_avx512.c, with what AVX2 lacks made up for: 64-bit products are
 * put together from 32-bit ones, and a shuffle reaches 16 bytes only.  The
 * words that end windows of 5 and of 8 units lie in eight units, for two
 * windows at a time: so each half of the vector is loaded for itself and one
 * shuffle takes either, as the script says.
 *
 * 16 windows are taken at a time.  If one of them begins in the middle of a
 * character, or the text ends too soon, they are left to the portable kernel.
 */
#include "sketch/kernels.h"

#if defined(__x86_64__)
#include "sketch/sketch.h"
#include "sketch/xxh3.h"

#include <immintrin.h>
#include <stdbool.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE AVX2 __attribute__((always_inline)) static inline

#define GROUP 4  /* windows per vector */
#define BLOCK 16 /* windows per look at the units */

INLINE __m256i
set1(uint64_t x)
{
    return _mm256_set1_epi64x((long long)x);
}

INLINE void
store(uint64_t *hashes, __m256i x)
{
    _mm256_storeu_si256((__m256i *)(void *)hashes, x);
}

/* ---- XXH3 of four windows ---- */

/* The two halves of the 128-bit product of each lane, folded together. */
INLINE __m256i
multiply_fold(__m256i a, __m256i b)
{
    const __m256i a_high = _mm256_srli_epi64(a, 32);
    const __m256i b_high = _mm256_srli_epi64(b, 32);
    const __m256i low_low = _mm256_mul_epu32(a, b);
    const __m256i middle = _mm256_add_epi64(_mm256_mul_epu32(a_high, b),
                                            _mm256_srli_epi64(low_low, 32));
    const __m256i cross =
        _mm256_add_epi64(_mm256_mul_epu32(a, b_high),
                         _mm256_and_si256(middle, set1(0xFFFFFFFF)));
    const __m256i high =
        _mm256_add_epi64(_mm256_add_epi64(_mm256_mul_epu32(a_high, b_high),
                                          _mm256_srli_epi64(middle, 32)),
                         _mm256_srli_epi64(cross, 32));
    /* The low half: the low word of 'cross' above that of 'low_low'. */
    const __m256i low =
        _mm256_blend_epi32(low_low, _mm256_slli_epi64(cross, 32), 0xAA);

    return _mm256_xor_si256(low, high);
}

/* The same where all units are below NARROW: windows_avx512.c says why less
 * does. */
#define NARROW 0x800

INLINE __m256i
multiply_fold_narrow(__m256i a, __m256i b)
{
    const __m256i a_high = _mm256_srli_epi64(a, 32);
    const __m256i b_high = _mm256_srli_epi64(b, 32);
    const __m256i low_low = _mm256_mul_epu32(a, b);
    const __m256i middle =
        _mm256_add_epi64(_mm256_add_epi64(_mm256_mul_epu32(a_high, b),
                                          _mm256_mul_epu32(a, b_high)),
                         _mm256_srli_epi64(low_low, 32));
    const __m256i high = _mm256_add_epi64(_mm256_mul_epu32(a_high, b_high),
                                          _mm256_srli_epi64(middle, 32));
    const __m256i low =
        _mm256_blend_epi32(low_low, _mm256_slli_epi64(middle, 32), 0xAA);

    return _mm256_xor_si256(low, high);
}

/* x * factor mod 2^64 */
INLINE __m256i
multiply(__m256i x, uint64_t factor)
{
    const __m256i low = set1(factor), high = set1(factor >> 32);
    const __m256i middle =
        _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(x, 32), low),
                         _mm256_mul_epu32(x, high));

    return _mm256_add_epi64(_mm256_mul_epu32(x, low),
                            _mm256_slli_epi64(middle, 32));
}

INLINE __m256i
xor_shifted(__m256i x, const int bits)
{
    return _mm256_xor_si256(x, _mm256_srli_epi64(x, bits));
}

INLINE __m256i
avalanche(__m256i x)
{
    return xor_shifted(multiply(xor_shifted(x, 37), XXH3_AVALANCHE), 32);
}

INLINE __m256i
hash_9to16(__m256i low, __m256i high, __m256i num_bytes, const bool narrow)
{
    const __m256i swap = _mm256_broadcastsi128_si256(
        _mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    __m256i x;

    low = _mm256_xor_si256(low, set1(XXH3_FLIP_LOW));
    high = _mm256_xor_si256(high, set1(XXH3_FLIP_HIGH));
    x = _mm256_add_epi64(_mm256_shuffle_epi8(low, swap),
                         _mm256_add_epi64(num_bytes, high));
    return avalanche(_mm256_add_epi64(x, narrow
                                             ? multiply_fold_narrow(low, high)
                                             : multiply_fold(low, high)));
}

INLINE __m256i
rotate(__m256i x, const int bits)
{
    return _mm256_or_si256(_mm256_slli_epi64(x, bits),
                           _mm256_srli_epi64(x, 64 - bits));
}

/* 'ends': the last four bytes below the first four. */
INLINE __m256i
hash_4to8(__m256i ends, __m256i num_bytes)
{
    __m256i x = _mm256_xor_si256(ends, set1(XXH3_FLIP_4TO8));

    x = _mm256_xor_si256(x, _mm256_xor_si256(rotate(x, 49), rotate(x, 24)));
    x = multiply(x, XXH3_RRMXMX);
    x = _mm256_xor_si256(x,
                         _mm256_add_epi64(_mm256_srli_epi64(x, 35), num_bytes));
    return xor_shifted(multiply(x, XXH3_RRMXMX), 28);
}

/* One unit a lane. */
INLINE __m256i
hash_2(__m256i unit)
{
    /* From above: its second byte, the first, the length, the second. */
    __m256i x = _mm256_or_si256(_mm256_slli_epi64(unit, 16),
                                _mm256_srli_epi64(unit, 8));

    x = _mm256_xor_si256(x, set1(XXH3_FLIP_1TO3 ^ 2 << 8));
    x = multiply(xor_shifted(x, 33), XXH3_PRIME_2);
    x = multiply(xor_shifted(x, 29), XXH3_PRIME_3);
    return xor_shifted(x, 32);
}

/* ---- windows ---- */

enum path {
    BY_SCRIPT,
    UNITS_1,
    UNITS_2TO4,
    UNITS_5TO8,
    UNITS_5TO8_NARROW,
    UNITS_9TO64
};

INLINE __m128i
load_8(const uint16_t *units)
{
    return _mm_loadu_si128((const __m128i *)(const void *)units);
}

/* For lane j, units j .. j + 3. */
INLINE __m256i
words_at(const uint16_t *units)
{
    const __m256i order =
        _mm256_set_epi8(13, 12, 11, 10, 9, 8, 7, 6, 11, 10, 9, 8, 7, 6, 5, 4, 9,
                        8, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1, 0);

    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(load_8(units)),
                               order);
}

/* For lane j, units j + 4 .. j + 7, or j + 1 .. j + 4 where 'east'. */
INLINE __m256i
last_words(const uint16_t *units, __m256i east)
{
    /* From unit 1 in the lower half, from unit 3 in the upper. */
    const __m256i some = _mm256_inserti128_si256(
        _mm256_castsi128_si256(load_8(units + 1)), load_8(units + 3), 1);
    const __m256i order = _mm256_broadcastsi128_si256(
        _mm_set_epi8(15, 14, 13, 12, 11, 10, 9, 8, 13, 12, 11, 10, 9, 8, 7, 6));
    const __m256i nearer = _mm256_and_si256(east, _mm256_set1_epi8(6));

    return _mm256_shuffle_epi8(some, _mm256_sub_epi8(order, nearer));
}

/* XXH3 of 17 to 128 bytes: 16 from the begin and from the end, then further
 * in as long as they do not meet. */
INLINE __m256i
hash_17to128(const uint16_t *units, size_t len)
{
    const size_t rounds = (len - 1) / 16 + 1;
    __m256i x = set1(2 * len * XXH3_PRIME_1);

    for (size_t k = 0; k < 2 * rounds && k < 8; k++) {
        const size_t in = k % 2 == 0 ? k / 2 * 8 : len - (k / 2 + 1) * 8;

        x = _mm256_add_epi64(
            x, multiply_fold(_mm256_xor_si256(words_at(units + in),
                                              set1(xxh3_secret[2 * k])),
                             _mm256_xor_si256(words_at(units + in + 4),
                                              set1(xxh3_secret[2 * k + 1]))));
    }
    return avalanche(x);
}

/* 'east': all ones in the lanes of windows that are to be short. */
INLINE __m256i
hash_group(const uint16_t *units, size_t len, __m256i east,
           const enum path path)
{
    const __m256i bytes = set1(2 * len);

    if (path == UNITS_9TO64)
        return hash_17to128(units, len);
    if (path == UNITS_1)
        return hash_2(_mm256_cvtepu16_epi64(
            _mm_loadl_epi64((const __m128i *)(const void *)units)));
    if (path == UNITS_2TO4)
        return hash_4to8(
            _mm256_blend_epi32(words_at(units + len - 2),
                               _mm256_slli_epi64(words_at(units), 32), 0xAA),
            bytes);
    if (path == UNITS_5TO8 || path == UNITS_5TO8_NARROW)
        return hash_9to16(words_at(units), words_at(units + len - 4), bytes,
                          path == UNITS_5TO8_NARROW);
    return hash_9to16(
        words_at(units), last_words(units, east),
        _mm256_sub_epi64(
            bytes, _mm256_and_si256(
                       east, set1(2 * (WCP_SHINGLE_OTHER - WCP_SHINGLE_HAN)))),
        false);
}

/* ---- blocks ---- */

/* All ones in the lanes of units in first .. last. */
INLINE __m256i
is_in(__m256i units, uint16_t first, uint16_t last)
{
    const __m256i from =
        _mm256_sub_epi16(units, _mm256_set1_epi16((short)first));
    const __m256i width = _mm256_set1_epi16((short)(last - first));

    return _mm256_cmpeq_epi16(_mm256_min_epu16(from, width), from);
}

/* wcp_unit_is_east_asian(), lane by lane. */
INLINE __m256i
is_east_asian(__m256i units)
{
    return _mm256_or_si256(
        _mm256_or_si256(_mm256_or_si256(is_in(units, 0x2E80, 0x9FFF),
                                        is_in(units, 0xAC00, 0xD7FF)),
                        _mm256_or_si256(is_in(units, 0x1100, 0x11FF),
                                        is_in(units, 0xD840, 0xD8BF))),
        is_in(units, 0xD82C, 0xD82C));
}

/* Windows of both lengths. */
INLINE void
hash_mixed(const uint16_t *units, __m256i east, uint64_t *hashes)
{
    __m128i half = _mm256_castsi256_si128(east);

    for (size_t g = 0; g < BLOCK; g += GROUP) {
        const __m128i four = g % 8 == 0 ? half : _mm_srli_si128(half, 8);

        store(hashes + g, hash_group(units + g, WCP_SHINGLE_OTHER,
                                     _mm256_cvtepi16_epi64(four), BY_SCRIPT));
        if (g == GROUP)
            half = _mm256_extracti128_si256(east, 1);
    }
}

INLINE void
hash_equal(const uint16_t *units, size_t len, uint64_t *hashes,
           const enum path path)
{
    for (size_t g = 0; g < BLOCK; g += GROUP)
        store(hashes + g,
              hash_group(units + g, len, _mm256_setzero_si256(), path));
}

/* Whether the windows that begin in the 16 units have none from NARROW on, up
 * to the last, eight units further. */
INLINE bool
is_narrow(const uint16_t *units, __m256i firsts)
{
    const __m256i lasts =
        _mm256_loadu_si256((const __m256i *)(const void *)(units + 8));

    return _mm256_testz_si256(_mm256_or_si256(firsts, lasts),
                              _mm256_set1_epi16((short)-NARROW));
}

/* Hash the windows that begin in 16 units, if all begin at a character.  Most
 * blocks are of one script, and hashed in two thirds of the time. */
INLINE bool
hash_block(const uint16_t *units, size_t len, uint64_t *hashes,
           const enum path path)
{
    const __m256i firsts =
        _mm256_loadu_si256((const __m256i *)(const void *)units);

    if ((path == BY_SCRIPT || path == UNITS_5TO8) && is_narrow(units, firsts)) {
        hash_equal(units, len, hashes, UNITS_5TO8_NARROW);
        return true;
    }
    if (_mm256_movemask_epi8(is_in(firsts, 0xDC00, 0xDFFF)) != 0)
        return false;
    if (path == BY_SCRIPT) {
        const __m256i east = is_east_asian(firsts);
        const int mask = _mm256_movemask_epi8(east);

        if (mask == 0)
            hash_equal(units, WCP_SHINGLE_OTHER, hashes, UNITS_5TO8);
        else if (mask == -1)
            hash_equal(units, WCP_SHINGLE_HAN, hashes, UNITS_5TO8);
        else
            hash_mixed(units, east, hashes);
    } else {
        hash_equal(units, len, hashes, path);
    }
    return true;
}

INLINE size_t
hash_all(const uint16_t *units, size_t num_starts, size_t num, unsigned shingle,
         uint64_t *hashes, const enum path path)
{
    const size_t len = path == BY_SCRIPT ? WCP_SHINGLE_OTHER : shingle;
    /* From the first unit of a block to the last that may be read. */
    const size_t reach = BLOCK + (len < 8 ? 8 : len);
    size_t at = 0, n = 0;

    while (at < num_starts) {
        size_t part = num_starts - at;

        if (part >= BLOCK && num - at >= reach) {
            part = BLOCK;
            if (hash_block(units + at, len, hashes + n, path)) {
                at += BLOCK;
                n += BLOCK;
                continue;
            }
        }
        n += wcp_kernels_portable.hash_windows(units + at, part, num - at,
                                               shingle, hashes + n);
        at += part;
    }
    return n;
}

AVX2 size_t
wcp_hash_windows_avx2(const uint16_t *units, size_t num_starts, size_t num,
                      unsigned shingle, uint64_t *hashes)
{
    if (shingle == 0)
        return hash_all(units, num_starts, num, shingle, hashes, BY_SCRIPT);
    if (shingle == 1)
        return hash_all(units, num_starts, num, shingle, hashes, UNITS_1);
    if (shingle <= 4)
        return hash_all(units, num_starts, num, shingle, hashes, UNITS_2TO4);
    if (shingle <= 8)
        return hash_all(units, num_starts, num, shingle, hashes, UNITS_5TO8);
    return hash_all(units, num_starts, num, shingle, hashes, UNITS_9TO64);
}
#endif
