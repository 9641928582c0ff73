/*
 * kernels_avx2.c - the sketching kernels with 256-bit vectors
 *
 * As kernels_avx512.c, four windows at a time.  A window's second half is
 * what the first half of the window 'length - 4' units on is, so both are made
 * by the same shuffle, of units loaded from two places.
 */
#include "sketch/kernels.h"

#if defined(__x86_64__)
#include "sketch/sketch.h"

#include <immintrin.h>
#include <string.h>

#define LANES 4 /* windows per vector */
#define AVX2 __attribute__((target("avx2")))

/* As in kernels_avx512.c. */
#define FLIP_LOW (UINT64_C(0x1F67B3B7A4A44072) ^ UINT64_C(0x78E5C0CC4EE679CB))
#define FLIP_HIGH (UINT64_C(0x2172FFCC7DD05A82) ^ UINT64_C(0x8E2443F7744608B8))
#define AVALANCHE UINT64_C(0x165667919E3779F9)

/* ---- windows ---- */

AVX2 static inline __m256i
swap_bytes(__m256i x)
{
    return _mm256_shuffle_epi8(
        x, _mm256_broadcastsi128_si256(_mm_set_epi8(
               8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)));
}

/* The two halves of the 128-bit product of each lane, folded together. */
AVX2 static inline __m256i
multiply_fold(__m256i a, __m256i b)
{
    const __m256i low_half = _mm256_set1_epi64x(0xFFFFFFFF);
    const __m256i a_high = _mm256_srli_epi64(a, 32);
    const __m256i b_high = _mm256_srli_epi64(b, 32);
    const __m256i low_low = _mm256_mul_epu32(a, b);
    const __m256i high_low = _mm256_mul_epu32(a_high, b);
    const __m256i low_high = _mm256_mul_epu32(a, b_high);
    const __m256i high_high = _mm256_mul_epu32(a_high, b_high);
    const __m256i cross =
        _mm256_add_epi64(_mm256_add_epi64(_mm256_srli_epi64(low_low, 32),
                                          _mm256_and_si256(high_low, low_half)),
                         low_high);
    const __m256i high =
        _mm256_add_epi64(_mm256_add_epi64(_mm256_srli_epi64(high_low, 32),
                                          _mm256_srli_epi64(cross, 32)),
                         high_high);
    const __m256i low = _mm256_or_si256(_mm256_slli_epi64(cross, 32),
                                        _mm256_and_si256(low_low, low_half));

    return _mm256_xor_si256(low, high);
}

/* x * AVALANCHE mod 2^64 */
AVX2 static inline __m256i
multiply_avalanche(__m256i x)
{
    const __m256i factor = _mm256_set1_epi64x((long long)AVALANCHE);
    const __m256i factor_high =
        _mm256_set1_epi64x((long long)(AVALANCHE >> 32));
    const __m256i middle =
        _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(x, 32), factor),
                         _mm256_mul_epu32(x, factor_high));

    return _mm256_add_epi64(_mm256_mul_epu32(x, factor),
                            _mm256_slli_epi64(middle, 32));
}

AVX2 static inline __m256i
hash_halves(__m256i low, __m256i high, __m256i num_bytes)
{
    __m256i x;

    low = _mm256_xor_si256(low, _mm256_set1_epi64x((long long)FLIP_LOW));
    high = _mm256_xor_si256(high, _mm256_set1_epi64x((long long)FLIP_HIGH));
    x = _mm256_add_epi64(num_bytes, swap_bytes(low));
    x = _mm256_add_epi64(x, high);
    x = _mm256_add_epi64(x, multiply_fold(low, high));
    x = _mm256_xor_si256(x, _mm256_srli_epi64(x, 37));
    x = multiply_avalanche(x);
    return _mm256_xor_si256(x, _mm256_srli_epi64(x, 32));
}

AVX2 static inline __m128i
load_8(const uint16_t *units)
{
    return _mm_loadu_si128((const __m128i *)(const void *)units);
}

/* For lane j, units j .. j + 3 of the eight loaded. */
AVX2 static inline __m256i
spread(__m128i units)
{
    const __m256i order =
        _mm256_set_epi8(13, 12, 11, 10, 9, 8, 7, 6, 11, 10, 9, 8, 7, 6, 5, 4, 9,
                        8, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1, 0);

    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(units), order);
}

/* All ones in the lanes of units in first .. last. */
AVX2 static inline __m128i
is_in(__m128i units, uint16_t first, uint16_t last)
{
    const __m128i from = _mm_sub_epi16(units, _mm_set1_epi16((short)first));
    const __m128i width = _mm_set1_epi16((short)(last - first));

    return _mm_cmpeq_epi16(_mm_min_epu16(from, width), from);
}

/* wcp_unit_is_east_asian(), lane by lane. */
AVX2 static inline __m128i
is_east_asian(__m128i units)
{
    return _mm_or_si128(
        _mm_or_si128(_mm_or_si128(is_in(units, 0x2E80, 0x9FFF),
                                  is_in(units, 0xAC00, 0xD7FF)),
                     _mm_or_si128(is_in(units, 0x1100, 0x11FF),
                                  is_in(units, 0xD840, 0xD8BF))),
        is_in(units, 0xD82C, 0xD82C));
}

/*
 * Vectors of windows that begin at characters and all fit; stops at the first
 * vector that holds half a character.  Returns how many were hashed.
 */
AVX2 static size_t
hash_vectors(const uint16_t *units, size_t num_starts, size_t num,
             unsigned shingle, uint64_t *hashes)
{
    const unsigned len_a = shingle == 0 ? WCP_SHINGLE_HAN : shingle;
    const unsigned len_b = shingle == 0 ? WCP_SHINGLE_OTHER : shingle;
    const __m256i bytes_a = _mm256_set1_epi64x(2 * len_a);
    const __m256i bytes_b = _mm256_set1_epi64x(2 * len_b);
    size_t i = 0;

    for (; i + LANES <= num_starts && i + 3 * LANES <= num; i += LANES) {
        const __m128i firsts = load_8(units + i);
        const __m128i halves = is_in(firsts, 0xDC00, 0xDFFF);
        const __m256i east = _mm256_cvtepi16_epi64(is_east_asian(firsts));
        const __m256i high =
            _mm256_blendv_epi8(spread(load_8(units + i + len_b - 4)),
                               spread(load_8(units + i + len_a - 4)), east);
        const __m256i bytes = _mm256_blendv_epi8(bytes_b, bytes_a, east);

        if (_mm_movemask_epi8(halves) & 0xFF)
            break;
        _mm256_storeu_si256((__m256i *)(void *)(hashes + i),
                            hash_halves(spread(firsts), high, bytes));
    }
    return i;
}

AVX2 static size_t
hash_windows(const uint16_t *units, size_t num_starts, size_t num,
             unsigned shingle, uint64_t *hashes)
{
    size_t taken = 0;

    if (shingle == 0 || (shingle >= 5 && shingle <= 8))
        taken = hash_vectors(units, num_starts, num, shingle, hashes);
    return taken + wcp_kernels_portable.hash_windows(
                       units + taken, num_starts - taken, num - taken, shingle,
                       hashes + taken);
}

/* ---- MinHash ---- */

AVX2 static inline __m256i
load(const uint32_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

/* min(best, mul * x + add), lane by lane */
AVX2 static inline __m256i
lower(__m256i best, __m256i mul, __m256i add, __m256i x)
{
    return _mm256_min_epu32(best,
                            _mm256_add_epi32(_mm256_mullo_epi32(mul, x), add));
}

/* 32 bins, gathered: four chains keep the multiplier busy. */
AVX2 static void
lower_32(uint32_t *values, const uint32_t *mul, const uint32_t *add,
         const uint64_t *hashes, size_t num)
{
    const __m256i mul_a = load(mul + 0), add_a = load(add + 0);
    const __m256i mul_b = load(mul + 8), add_b = load(add + 8);
    const __m256i mul_c = load(mul + 16), add_c = load(add + 16);
    const __m256i mul_d = load(mul + 24), add_d = load(add + 24);
    __m256i a = load(values + 0), b = load(values + 8);
    __m256i c = load(values + 16), d = load(values + 24);

    for (size_t i = 0; i < num; i++) {
        const __m256i x = _mm256_set1_epi32((int)(hashes[i] >> 32));

        a = lower(a, mul_a, add_a, x);
        b = lower(b, mul_b, add_b, x);
        c = lower(c, mul_c, add_c, x);
        d = lower(d, mul_d, add_d, x);
    }
    _mm256_storeu_si256((__m256i *)(void *)(values + 0), a);
    _mm256_storeu_si256((__m256i *)(void *)(values + 8), b);
    _mm256_storeu_si256((__m256i *)(void *)(values + 16), c);
    _mm256_storeu_si256((__m256i *)(void *)(values + 24), d);
}

AVX2 static void
minhash_linear(uint32_t *values, const uint64_t which[2], const uint32_t *mul,
               const uint32_t *add, const uint64_t *hashes, size_t num)
{
    uint32_t own[WCP_NUM_BINS + 32], own_mul[WCP_NUM_BINS + 32];
    uint32_t own_add[WCP_NUM_BINS + 32];
    uint8_t list[WCP_NUM_BINS];
    size_t n = 0;

    for (size_t w = 0; w < 2; w++)
        for (uint64_t bits = which[w]; bits != 0; bits &= bits - 1)
            list[n++] = (uint8_t)(64 * w + (size_t)__builtin_ctzll(bits));
    for (size_t i = 0; i < n; i++) {
        own[i] = values[list[i]];
        own_mul[i] = mul[list[i]];
        own_add[i] = add[list[i]];
    }
    memset(own + n, 0, 32 * sizeof *own);
    memset(own_mul + n, 0, 32 * sizeof *own_mul);
    memset(own_add + n, 0, 32 * sizeof *own_add);
    for (size_t at = 0; at < n; at += 32)
        lower_32(own + at, own_mul + at, own_add + at, hashes, num);
    for (size_t i = 0; i < n; i++)
        values[list[i]] = own[i];
}

static size_t
bin_windows(const uint16_t *units, size_t num_starts, size_t num,
            unsigned shingle, uint64_t *hashes, uint32_t *bins)
{
    const size_t n = hash_windows(units, num_starts, num, shingle, hashes);

    wcp_minhash_bins_portable(bins, hashes, n);
    return n;
}

static void
simhash_count(uint32_t *counts, const uint64_t *hashes, size_t num)
{
    wcp_kernels_portable.simhash_count(counts, hashes, num);
}

const struct wcp_kernels wcp_kernels_avx2 = {
    .name = "avx2",
    .hash_windows = hash_windows,
    .bin_windows = bin_windows,
    .minhash_bins = wcp_minhash_bins_portable,
    .minhash_linear = minhash_linear,
    .simhash_count = simhash_count,
    .intersect = wcp_intersect_portable,
};
#endif
