/*
 * kernels_avx512.c - the sketching kernels with 512-bit vectors
 *
 * hash_windows() is the path of XXH3 for 9 to 16 bytes, eight windows at a
 * time.  A window's two halves are 64 bits that begin at unit i and end with
 * unit i + length - 1, so that one permutation of 16-bit lanes makes eight of
 * each from 16 loaded units.  By script, both lengths differ in the second
 * permutation and one operand only: the permutation's indexes are blended.
 *
 * minhash_linear() keeps 64 bins in four registers and walks all hashes past
 * them.  A multiply has a latency of several cycles: four chains keep the
 * multiplier busy.
 *
 * What is not here (bins, bit counts, intersections) gains less and is called
 * from the portable table.
 */
#include "sketch/kernels.h"

#if defined(__x86_64__)
#include "sketch/sketch.h"

#include <immintrin.h>
#include <string.h>

#define LANES 8 /* windows per vector */
#define AVX512 \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi2")))

/* XXH3's default secret at bytes 24 and 32, 40 and 48, folded as the path uses
 * them, and its last multiplier (xxHash 0.8, XXH3_len_9to16_64b). */
#define FLIP_LOW (UINT64_C(0x1F67B3B7A4A44072) ^ UINT64_C(0x78E5C0CC4EE679CB))
#define FLIP_HIGH (UINT64_C(0x2172FFCC7DD05A82) ^ UINT64_C(0x8E2443F7744608B8))
#define AVALANCHE UINT64_C(0x165667919E3779F9)

/* ---- windows ---- */

AVX512 static inline __m512i
swap_bytes(__m512i x)
{
    const __m128i order =
        _mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);

    return _mm512_shuffle_epi8(x, _mm512_broadcast_i32x4(order));
}

/* The two halves of the 128-bit product of each lane, folded together. */
AVX512 static inline __m512i
multiply_fold(__m512i a, __m512i b)
{
    const __m512i low_half = _mm512_set1_epi64(0xFFFFFFFF);
    const __m512i a_high = _mm512_srli_epi64(a, 32);
    const __m512i b_high = _mm512_srli_epi64(b, 32);
    const __m512i low_low = _mm512_mul_epu32(a, b);
    const __m512i high_low = _mm512_mul_epu32(a_high, b);
    const __m512i low_high = _mm512_mul_epu32(a, b_high);
    const __m512i high_high = _mm512_mul_epu32(a_high, b_high);
    const __m512i cross =
        _mm512_add_epi64(_mm512_add_epi64(_mm512_srli_epi64(low_low, 32),
                                          _mm512_and_si512(high_low, low_half)),
                         low_high);
    const __m512i high =
        _mm512_add_epi64(_mm512_add_epi64(_mm512_srli_epi64(high_low, 32),
                                          _mm512_srli_epi64(cross, 32)),
                         high_high);
    const __m512i low = _mm512_or_si512(_mm512_slli_epi64(cross, 32),
                                        _mm512_and_si512(low_low, low_half));

    return _mm512_xor_si512(low, high);
}

AVX512 static inline __m512i
hash_halves(__m512i low, __m512i high, __m512i num_bytes)
{
    __m512i x;

    low = _mm512_xor_si512(low, _mm512_set1_epi64((long long)FLIP_LOW));
    high = _mm512_xor_si512(high, _mm512_set1_epi64((long long)FLIP_HIGH));
    x = _mm512_add_epi64(num_bytes, swap_bytes(low));
    x = _mm512_add_epi64(x, high);
    x = _mm512_add_epi64(x, multiply_fold(low, high));
    x = _mm512_xor_si512(x, _mm512_srli_epi64(x, 37));
    x = _mm512_mullo_epi64(x, _mm512_set1_epi64((long long)AVALANCHE));
    return _mm512_xor_si512(x, _mm512_srli_epi64(x, 32));
}

/* For lane j, the lanes j + first .. j + first + 3 of 16 bits. */
AVX512 static inline __m512i
spread_indexes(uint64_t first)
{
    const __m512i lanes = _mm512_set_epi64(
        0x000A000900080007, 0x0009000800070006, 0x0008000700060005,
        0x0007000600050004, 0x0006000500040003, 0x0005000400030002,
        0x0004000300020001, 0x0003000200010000);

    return _mm512_add_epi16(lanes, _mm512_set1_epi16((short)first));
}

AVX512 static inline __mmask8
is_in(__m128i units, uint16_t first, uint16_t last)
{
    const __m128i from = _mm_sub_epi16(units, _mm_set1_epi16((short)first));

    return _mm_cmple_epu16_mask(from, _mm_set1_epi16((short)(last - first)));
}

/* wcp_unit_is_east_asian(), lane by lane. */
AVX512 static inline __mmask8
is_east_asian(__m128i units)
{
    return (
        __mmask8)(is_in(units, 0x2E80, 0x9FFF) | is_in(units, 0xAC00, 0xD7FF) |
                  is_in(units, 0x1100, 0x11FF) | is_in(units, 0xD840, 0xD8BF) |
                  is_in(units, 0xD82C, 0xD82C));
}

/*
 * Vectors of windows that all fit, from 2 * LANES units each; *num_ret starts
 * were taken, and what is left is for the portable kernel.  A store may write
 * up to seven places past what counts, all of them below num_starts.
 */
AVX512 static size_t
hash_vectors(const uint16_t *units, size_t num_starts, size_t num,
             unsigned shingle, uint64_t *hashes, size_t *taken_ret)
{
    const unsigned len_a = shingle == 0 ? WCP_SHINGLE_HAN : shingle;
    const unsigned len_b = shingle == 0 ? WCP_SHINGLE_OTHER : shingle;
    const __m512i low_at = spread_indexes(0);
    const __m512i high_at_a = spread_indexes(len_a - 4);
    const __m512i high_at_b = spread_indexes(len_b - 4);
    const __m512i bytes_a = _mm512_set1_epi64(2 * len_a);
    const __m512i bytes_b = _mm512_set1_epi64(2 * len_b);
    size_t i = 0, n = 0;

    for (; i + LANES <= num_starts && i + 2 * LANES <= num; i += LANES) {
        const __m256i loaded =
            _mm256_loadu_si256((const __m256i *)(const void *)(units + i));
        const __m128i firsts = _mm256_castsi256_si128(loaded);
        const __m512i window = _mm512_castsi256_si512(loaded);
        const __mmask8 starts = (__mmask8)~is_in(firsts, 0xDC00, 0xDFFF);
        const __mmask8 east = is_east_asian(firsts);
        const __m512i high_at = _mm512_mask_blend_epi16(
            (__mmask32)_pdep_u32(east, 0x11111111) * 0xF, high_at_b, high_at_a);
        const __m512i hash =
            hash_halves(_mm512_permutexvar_epi16(low_at, window),
                        _mm512_permutexvar_epi16(high_at, window),
                        _mm512_mask_blend_epi64(east, bytes_b, bytes_a));

        _mm512_storeu_si512(
            hashes + n,
            starts == 0xFF ? hash : _mm512_maskz_compress_epi64(starts, hash));
        n += (size_t)__builtin_popcount(starts);
    }
    *taken_ret = i;
    return n;
}

AVX512 static size_t
hash_windows(const uint16_t *units, size_t num_starts, size_t num,
             unsigned shingle, uint64_t *hashes)
{
    size_t taken = 0, n = 0;

    if (shingle == 0 || (shingle >= 5 && shingle <= 8))
        n = hash_vectors(units, num_starts, num, shingle, hashes, &taken);
    return n +
           wcp_kernels_portable.hash_windows(units + taken, num_starts - taken,
                                             num - taken, shingle, hashes + n);
}

/* ---- MinHash ---- */

/* min(best, mul * x + add), lane by lane */
AVX512 static inline __m512i
lower(__m512i best, __m512i mul, __m512i add, __m512i x)
{
    return _mm512_min_epu32(best,
                            _mm512_add_epi32(_mm512_mullo_epi32(mul, x), add));
}

AVX512 static inline __m512i
gather(const uint32_t *from, const uint8_t *which)
{
    const __m512i at = _mm512_cvtepu8_epi32(
        _mm_loadu_si128((const __m128i *)(const void *)which));

    return _mm512_i32gather_epi32(at, (const int *)(const void *)from, 4);
}

AVX512 static inline void
scatter(uint32_t *to, const uint8_t *which, size_t num, __m512i values)
{
    uint32_t lanes[16];

    _mm512_storeu_si512(lanes, values);
    for (size_t i = 0; i < num && i < 16; i++)
        to[which[i]] = lanes[i];
}

/* 64 bins; of which only the first num count, the others repeat one. */
AVX512 static void
lower_64(uint32_t *values, const uint8_t *which, size_t num,
         const uint32_t *mul, const uint32_t *add, const uint64_t *hashes,
         size_t num_hashes)
{
    const __m512i mul_a = gather(mul, which + 0),
                  add_a = gather(add, which + 0);
    const __m512i mul_b = gather(mul, which + 16);
    const __m512i mul_c = gather(mul, which + 32);
    const __m512i mul_d = gather(mul, which + 48);
    const __m512i add_b = gather(add, which + 16);
    const __m512i add_c = gather(add, which + 32);
    const __m512i add_d = gather(add, which + 48);
    __m512i a = gather(values, which + 0), b = gather(values, which + 16);
    __m512i c = gather(values, which + 32), d = gather(values, which + 48);

    for (size_t i = 0; i < num_hashes; i++) {
        const __m512i x = _mm512_set1_epi32((int)(hashes[i] >> 32));

        a = lower(a, mul_a, add_a, x);
        b = lower(b, mul_b, add_b, x);
        c = lower(c, mul_c, add_c, x);
        d = lower(d, mul_d, add_d, x);
    }
    scatter(values, which, num, a);
    scatter(values, which + 16, num > 16 ? num - 16 : 0, b);
    scatter(values, which + 32, num > 32 ? num - 32 : 0, c);
    scatter(values, which + 48, num > 48 ? num - 48 : 0, d);
}

AVX512 static void
minhash_linear(uint32_t *values, const uint8_t *which, size_t num_which,
               const uint32_t *mul, const uint32_t *add, const uint64_t *hashes,
               size_t num)
{
    for (size_t j = 0; j < num_which; j += 64) {
        size_t group = num_which - j < 64 ? num_which - j : 64;
        uint8_t padded[64];

        memset(padded, which[j], sizeof padded);
        memcpy(padded, which + j, group);
        lower_64(values, padded, group, mul, add, hashes, num);
    }
}

/* ---- from the portable table ---- */

static void
minhash_bins(uint32_t *bins, const uint64_t *hashes, size_t num)
{
    wcp_kernels_portable.minhash_bins(bins, hashes, num);
}

static void
simhash_count(uint32_t *counts, const uint64_t *hashes, size_t num)
{
    wcp_kernels_portable.simhash_count(counts, hashes, num);
}

static size_t
intersect(const uint64_t *a, size_t num_a, const uint64_t *b, size_t num_b)
{
    return wcp_kernels_portable.intersect(a, num_a, b, num_b);
}

const struct wcp_kernels wcp_kernels_avx512 = {
    .name = "avx512",
    .hash_windows = hash_windows,
    .minhash_bins = minhash_bins,
    .minhash_linear = minhash_linear,
    .simhash_count = simhash_count,
    .intersect = intersect,
};
#endif
