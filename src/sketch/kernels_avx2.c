/*
 * kernels_avx2.c - the sketching kernels with 256-bit vectors; windows are in
 * windows_avx2.c
 *
 * As kernels_avx512.c, four hashes a vector.  Bins stay portable: they are
 * bound by loads and stores.
 */
#include "sketch/kernels.h"

#if defined(__x86_64__)
#include "sketch/sketch.h"

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,popcnt")))
#define INLINE AVX2 __attribute__((always_inline)) static inline

INLINE __m256i
load(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

INLINE void
store(void *to, __m256i x)
{
    _mm256_storeu_si256((__m256i *)to, x);
}

/* ---- MinHash ---- */

#define LANES 8 /* values in a vector */

/* The functions that are wanted; some of nothing stand behind them. */
struct functions {
    uint32_t mul[WCP_NUM_BINS + 4 * LANES];
    uint32_t add[WCP_NUM_BINS + 4 * LANES];
    uint32_t least[WCP_NUM_BINS + 4 * LANES];
};

/* As many vectors of functions, past which one hash after the other goes. */
INLINE void
lower_vectors(struct functions *f, size_t at, const size_t num_vectors,
              const uint64_t *hashes, size_t num)
{
    __m256i mul[4], add[4], least[4];

    for (size_t v = 0; v < num_vectors; v++) {
        mul[v] = load(f->mul + at + v * LANES);
        add[v] = load(f->add + at + v * LANES);
        least[v] = load(f->least + at + v * LANES);
    }
    for (size_t i = 0; i < num; i++) {
        const __m256i x = _mm256_set1_epi32((int)(hashes[i] >> 32));

        for (size_t v = 0; v < num_vectors; v++)
            least[v] = _mm256_min_epu32(
                least[v],
                _mm256_add_epi32(_mm256_mullo_epi32(mul[v], x), add[v]));
    }
    for (size_t v = 0; v < num_vectors; v++)
        store(f->least + at + v * LANES, least[v]);
}

AVX2 static void
minhash_linear(uint32_t *values, const uint64_t which[2], const uint32_t *mul,
               const uint32_t *add, const uint64_t *hashes, size_t num)
{
    struct functions f;
    uint8_t list[WCP_NUM_BINS];
    size_t n = 0, at = 0;

    for (size_t w = 0; w < 2; w++)
        for (uint64_t bits = which[w]; bits != 0; bits &= bits - 1)
            list[n++] = (uint8_t)(64 * w + (size_t)__builtin_ctzll(bits));
    for (size_t i = 0; i < n; i++) {
        f.mul[i] = mul[list[i]];
        f.add[i] = add[list[i]];
        f.least[i] = values[list[i]];
    }
    for (size_t v = 0; v < 4; v++) {
        store(f.mul + n + v * LANES, _mm256_setzero_si256());
        store(f.add + n + v * LANES, _mm256_setzero_si256());
        store(f.least + n + v * LANES, _mm256_setzero_si256());
    }
    for (; n > at + 2 * LANES; at += 4 * LANES)
        lower_vectors(&f, at, 4, hashes, num);
    if (n > at + LANES)
        lower_vectors(&f, at, 2, hashes, num);
    else if (n > at)
        lower_vectors(&f, at, 1, hashes, num);
    for (size_t i = 0; i < n; i++)
        values[list[i]] = f.least[i];
}

static size_t
bin_windows(const uint16_t *units, size_t num_starts, size_t num,
            unsigned shingle, uint64_t *hashes, uint32_t *bins)
{
    const size_t n =
        wcp_hash_windows_avx2(units, num_starts, num, shingle, hashes);

    wcp_minhash_bins_portable(bins, hashes, n);
    return n;
}

/* ---- SimHash ---- */

#define NUM_PLANES 12 /* a lane counts up to 2^12 - 1 */
#define VECTOR 4      /* hashes */
#define TREE (16 * VECTOR)
#define MAX_SLICE (254 * TREE) /* adds at most 16 a lane and tree */

/* a, b and c have weight 1; returns the carry of weight 2, leaves the sum. */
INLINE __m256i
add_bits(__m256i *sum, __m256i b, __m256i c)
{
    const __m256i a = *sum, u = _mm256_xor_si256(a, b);

    *sum = _mm256_xor_si256(u, c);
    return _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(u, c));
}

INLINE __m256i
add_4(__m256i *plane, const uint64_t *hashes)
{
    const __m256i a = add_bits(&plane[0], load(hashes), load(hashes + VECTOR));
    const __m256i b = add_bits(&plane[0], load(hashes + 2 * VECTOR),
                               load(hashes + 3 * VECTOR));

    return add_bits(&plane[1], a, b);
}

/* Harley and Seal's tree, as in kernels_portable.c; returns weight 16. */
INLINE __m256i
add_tree(__m256i *plane, const uint64_t *hashes)
{
    const __m256i a = add_4(plane, hashes);
    const __m256i b = add_4(plane, hashes + 4 * VECTOR);
    const __m256i c = add_bits(&plane[2], a, b);
    const __m256i d = add_4(plane, hashes + 8 * VECTOR);
    const __m256i e = add_4(plane, hashes + 12 * VECTOR);
    const __m256i f = add_bits(&plane[2], d, e);

    return add_bits(&plane[3], c, f);
}

/* Add what has the weight of plane[first]. */
INLINE void
carry_on(__m256i *plane, size_t first, size_t end, __m256i carry)
{
    for (size_t p = first; p < end; p++) {
        const __m256i both = _mm256_and_si256(plane[p], carry);

        plane[p] = _mm256_xor_si256(plane[p], carry);
        carry = both;
    }
}

/* All ones in lane i of 16 bits when bit i of 'bits' is set. */
INLINE __m256i
spread_bits(uint16_t bits)
{
    const __m256i bit =
        _mm256_set_epi16((short)0x8000, 0x4000, 0x2000, 0x1000, 0x800, 0x400,
                         0x200, 0x100, 0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1);

    return _mm256_cmpeq_epi16(
        _mm256_and_si256(_mm256_set1_epi16((short)bits), bit), bit);
}

/* counts[i] += the counter of bit i, summed over all lanes */
AVX2 static void
flush_planes(uint32_t *counts, __m256i *plane, size_t num_planes)
{
    uint64_t words[NUM_PLANES + 2];
    __m256i carry = _mm256_setzero_si256();

    for (size_t p = 0; p < num_planes; p++)
        carry = add_bits(&plane[p], carry,
                         _mm256_permute4x64_epi64(plane[p], 0x4E));
    plane[num_planes++] = carry;
    carry = _mm256_setzero_si256();
    for (size_t p = 0; p < num_planes; p++)
        carry = add_bits(&plane[p], carry,
                         _mm256_permute4x64_epi64(plane[p], 0xB1));
    plane[num_planes++] = carry;
    for (size_t p = 0; p < num_planes; p++)
        words[p] =
            (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(plane[p]));
    for (size_t i = 0; i < 64; i += 16) {
        __m256i sum = _mm256_setzero_si256();

        for (size_t p = num_planes; p-- > 0;)
            sum = _mm256_sub_epi16(_mm256_add_epi16(sum, sum),
                                   spread_bits((uint16_t)(words[p] >> i)));
        store(counts + i, _mm256_add_epi32(load(counts + i),
                                           _mm256_cvtepu16_epi32(
                                               _mm256_castsi256_si128(sum))));
        store(counts + i + 8,
              _mm256_add_epi32(
                  load(counts + i + 8),
                  _mm256_cvtepu16_epi32(_mm256_extracti128_si256(sum, 1))));
    }
}

AVX2 static void
count_slice(uint32_t *counts, const uint64_t *hashes, size_t num)
{
    __m256i plane[NUM_PLANES + 2];
    __m256i low[4]; /* apart, so that it stays in registers */
    size_t num_planes = 4, i = 0;

    for (size_t p = 0; p < 4; p++)
        low[p] = _mm256_setzero_si256();
    for (; num - i >= TREE; i += TREE) {
        const __m256i carry = add_tree(low, hashes + i);

        /* So many trees need so many planes. */
        if (i / TREE + 1 == (size_t)1 << (num_planes - 4))
            plane[num_planes++] = _mm256_setzero_si256();
        carry_on(plane, 4, num_planes, carry);
    }
    memcpy(plane, low, sizeof low);
    /* What is left counts for less than one tree. */
    if (num / TREE + 1 == (size_t)1 << (num_planes - 4))
        plane[num_planes++] = _mm256_setzero_si256();
    for (; num - i >= 4 * VECTOR; i += 4 * VECTOR)
        carry_on(plane, 2, num_planes, add_4(plane, hashes + i));
    for (; num - i >= VECTOR; i += VECTOR)
        carry_on(plane, 0, num_planes, load(hashes + i));
    for (; i < num; i++)
        carry_on(plane, 0, num_planes,
                 _mm256_set_epi64x(0, 0, 0, (long long)hashes[i]));
    flush_planes(counts, plane, num_planes);
}

AVX2 static void
simhash_count(uint32_t *counts, const uint64_t *hashes, size_t num)
{
    while (num > 0) {
        const size_t slice = num < MAX_SLICE ? num : MAX_SLICE;

        count_slice(counts, hashes, slice);
        hashes += slice;
        num -= slice;
    }
}

/* ---- sets ---- */

/* How many of four elements are among four others. */
INLINE size_t
count_among(__m256i a, __m256i b)
{
    const __m256i found = _mm256_or_si256(
        _mm256_or_si256(
            _mm256_cmpeq_epi64(a, b),
            _mm256_cmpeq_epi64(a, _mm256_permute4x64_epi64(b, 0x39))),
        _mm256_or_si256(
            _mm256_cmpeq_epi64(a, _mm256_permute4x64_epi64(b, 0x4E)),
            _mm256_cmpeq_epi64(a, _mm256_permute4x64_epi64(b, 0x93))));

    return (size_t)__builtin_popcount(
        (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(found)));
}

AVX2 static size_t
intersect(const uint64_t *a, size_t num_a, const uint64_t *b, size_t num_b)
{
    size_t i = 0, j = 0, common = 0;

    if (num_a == 0 || num_b == 0)
        return 0; /* and no pointers need be there */
    /* Of very unequal sets the shorter one is looked up in the longer. */
    if (num_a / 16 <= num_b && num_b / 16 <= num_a)
        while (num_a - i >= 4 && num_b - j >= 4) {
            const uint64_t last_a = a[i + 3], last_b = b[j + 3];

            common += count_among(load(a + i), load(b + j));
            i += 4 * (size_t)(last_a <= last_b);
            j += 4 * (size_t)(last_b <= last_a);
        }
    return common + wcp_intersect_portable(a + i, num_a - i, b + j, num_b - j);
}

const struct wcp_kernels wcp_kernels_avx2 = {
    .name = "avx2",
    .hash_windows = wcp_hash_windows_avx2,
    .bin_windows = bin_windows,
    .minhash_bins = wcp_minhash_bins_portable,
    .find_empty = wcp_find_empty_portable,
    .mark_filled = wcp_mark_filled_portable,
    .minhash_linear = minhash_linear,
    .simhash_count = simhash_count,
    .sample = wcp_sample_portable,
    .intersect = intersect,
};
#endif
