/*
 * kernels_avx512.c - the sketching kernels with 512-bit vectors; windows are
 * in windows_avx512.c
 *
 * minhash_linear() takes the functions that are wanted out of their tables,
 * side by side, and walks all hashes past up to 64 of them in four registers.
 * Of few functions, which is what a text of some hundred shingles needs, it
 * computes one of 16 hashes instead.
 *
 * simhash_count() keeps eight sets of bit-sliced counters, one a lane, and
 * adds them at the end without leaving the vectors.
 *
 * intersect() compares eight elements of each set at a time, every one with
 * every other, and then drops the eight whose last is smaller.
 */
#include "sketch/kernels.h"

#if defined(__x86_64__)
#include "sketch/sketch.h"

#include <immintrin.h>
#include <string.h>

#define AVX512 \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi2")))
#define INLINE AVX512 __attribute__((always_inline)) static inline

/* ---- MinHash ---- */

#define LANES 16 /* values in a vector */

/* The functions that are wanted; a vector of nothing stands behind them. */
struct functions {
    uint32_t mul[WCP_NUM_BINS + LANES];
    uint32_t add[WCP_NUM_BINS + LANES];
    uint32_t least[WCP_NUM_BINS + LANES];
};

INLINE __mmask16
wanted_at(const uint64_t which[2], size_t j)
{
    return (__mmask16)(which[j / 64] >> j % 64);
}

AVX512 static void
find_empty(const uint32_t *bins, uint64_t which[2])
{
    which[0] = which[1] = 0;
    for (size_t j = 0; j < WCP_NUM_BINS; j += LANES)
        which[j / 64] |=
            (uint64_t)_mm512_cmpeq_epi32_mask(_mm512_loadu_si512(bins + j),
                                              _mm512_set1_epi32(-1))
            << j % 64;
}

AVX512 static void
mark_filled(uint32_t *bins, const uint64_t which[2])
{
    for (size_t j = 0; j < WCP_NUM_BINS; j += LANES) {
        const __m512i old = _mm512_loadu_si512(bins + j);
        const __m512i half = _mm512_srli_epi32(old, 1);

        _mm512_storeu_si512(bins + j, _mm512_mask_or_epi32(
                                          old, wanted_at(which, j), half,
                                          _mm512_set1_epi32((int)0x80000000u)));
    }
}

AVX512 static void
take_out(struct functions *f, const uint32_t *values, const uint64_t which[2],
         const uint32_t *mul, const uint32_t *add)
{
    size_t n = 0;

    for (size_t j = 0; j < WCP_NUM_BINS; j += LANES) {
        const __mmask16 m = wanted_at(which, j);

        _mm512_storeu_si512(f->mul + n, _mm512_maskz_compress_epi32(
                                            m, _mm512_loadu_si512(mul + j)));
        _mm512_storeu_si512(f->add + n, _mm512_maskz_compress_epi32(
                                            m, _mm512_loadu_si512(add + j)));
        _mm512_storeu_si512(
            f->least + n,
            _mm512_maskz_compress_epi32(m, _mm512_loadu_si512(values + j)));
        n += (size_t)__builtin_popcount(m);
    }
    _mm512_storeu_si512(f->mul + n, _mm512_setzero_si512());
    _mm512_storeu_si512(f->add + n, _mm512_setzero_si512());
    _mm512_storeu_si512(f->least + n, _mm512_setzero_si512());
}

AVX512 static void
put_back(const struct functions *f, uint32_t *values, const uint64_t which[2])
{
    size_t n = 0;

    for (size_t j = 0; j < WCP_NUM_BINS; j += LANES) {
        const __mmask16 m = wanted_at(which, j);

        _mm512_storeu_si512(values + j, _mm512_mask_expand_epi32(
                                            _mm512_loadu_si512(values + j), m,
                                            _mm512_loadu_si512(f->least + n)));
        n += (size_t)__builtin_popcount(m);
    }
}

/* min(best, mul * x + add), lane by lane */
INLINE __m512i
lower(__m512i best, __m512i mul, __m512i add, __m512i x)
{
    return _mm512_min_epu32(best,
                            _mm512_add_epi32(_mm512_mullo_epi32(mul, x), add));
}

/* As many vectors of functions, past which one hash after the other goes. */
INLINE void
lower_vectors(struct functions *f, size_t at, const size_t num_vectors,
              const uint64_t *hashes, size_t num)
{
    __m512i mul[4], add[4], least[4];

    for (size_t v = 0; v < num_vectors; v++) {
        mul[v] = _mm512_loadu_si512(f->mul + at + v * LANES);
        add[v] = _mm512_loadu_si512(f->add + at + v * LANES);
        least[v] = _mm512_loadu_si512(f->least + at + v * LANES);
    }
    for (size_t i = 0; i < num; i++) {
        const __m512i x = _mm512_set1_epi32((int)(hashes[i] >> 32));

        for (size_t v = 0; v < num_vectors; v++)
            least[v] = lower(least[v], mul[v], add[v], x);
    }
    for (size_t v = 0; v < num_vectors; v++)
        _mm512_storeu_si512(f->least + at + v * LANES, least[v]);
}

/* The high halves of 16 hashes. */
INLINE __m512i
load_high(const uint64_t *hashes)
{
    const __m512i odd = _mm512_set_epi32(31, 29, 27, 25, 23, 21, 19, 17, 15, 13,
                                         11, 9, 7, 5, 3, 1);

    return _mm512_permutex2var_epi32(_mm512_loadu_si512(hashes), odd,
                                     _mm512_loadu_si512(hashes + 8));
}

#define FEW 4                /* functions computed of 16 hashes at a time */
#define MAX_FEW ((size_t)12) /* up to so many in this way */

/* num >= LANES */
AVX512 static void
lower_few(uint32_t *values, const uint8_t which[FEW], const uint32_t *from_mul,
          const uint32_t *from_add, const uint64_t *hashes, size_t num)
{
    __m512i mul[FEW], add[FEW], least[FEW];

    for (size_t k = 0; k < FEW; k++) {
        mul[k] = _mm512_set1_epi32((int)from_mul[which[k]]);
        add[k] = _mm512_set1_epi32((int)from_add[which[k]]);
        least[k] = _mm512_set1_epi32(-1);
    }
    for (size_t i = 0; i < num; i += LANES) {
        /* The last vector goes back so that it is full. */
        const size_t begin = num - i < LANES ? num - LANES : i;
        const __m512i x = load_high(hashes + begin);

        for (size_t k = 0; k < FEW; k++)
            least[k] = lower(least[k], mul[k], add[k], x);
    }
    for (size_t k = 0; k < FEW; k++) {
        const uint32_t value = _mm512_reduce_min_epu32(least[k]);

        if (value < values[which[k]])
            values[which[k]] = value;
    }
}

AVX512 static void
lower_all_few(uint32_t *values, const uint64_t which[2], const uint32_t *mul,
              const uint32_t *add, const uint64_t *hashes, size_t num)
{
    uint8_t list[MAX_FEW + FEW];
    size_t n = 0;

    for (size_t w = 0; w < 2; w++)
        for (uint64_t bits = which[w]; bits != 0; bits &= bits - 1)
            list[n++] = (uint8_t)(64 * w + (size_t)__builtin_ctzll(bits));
    /* One function several times does no harm: the results are equal. */
    for (size_t k = 0; n > 0 && k < FEW; k++)
        list[n + k] = list[0];
    for (size_t at = 0; at < n; at += FEW)
        lower_few(values, list + at, mul, add, hashes, num);
}

AVX512 static void
minhash_linear(uint32_t *values, const uint64_t which[2], const uint32_t *mul,
               const uint32_t *add, const uint64_t *hashes, size_t num)
{
    const size_t n = (size_t)__builtin_popcountll(which[0]) +
                     (size_t)__builtin_popcountll(which[1]);
    struct functions f;
    size_t at = 0;

    if (n <= MAX_FEW && num >= LANES) {
        lower_all_few(values, which, mul, add, hashes, num);
        return;
    }
    take_out(&f, values, which, mul, add);
    for (; n > at + 3 * LANES; at += 4 * LANES)
        lower_vectors(&f, at, 4, hashes, num);
    if (n > at + 2 * LANES)
        lower_vectors(&f, at, 3, hashes, num);
    else if (n > at + LANES)
        lower_vectors(&f, at, 2, hashes, num);
    else if (n > at)
        lower_vectors(&f, at, 1, hashes, num);
    put_back(&f, values, which);
}

/* ---- SimHash ---- */

#define NUM_PLANES 12 /* a lane counts up to 2^12 - 1 */
#define VECTOR 8      /* hashes */
#define TREE (16 * VECTOR)
#define MAX_SLICE (254 * TREE) /* adds at most 16 a lane and tree */

/* a, b and c have weight 1; returns the carry of weight 2, leaves the sum. */
INLINE __m512i
add_bits(__m512i *sum, __m512i b, __m512i c)
{
    const __m512i a = *sum;

    *sum = _mm512_ternarylogic_epi64(a, b, c, 0x96);
    return _mm512_ternarylogic_epi64(a, b, c, 0xE8);
}

INLINE __m512i
add_4(__m512i *plane, const uint64_t *hashes)
{
    const __m512i a = add_bits(&plane[0], _mm512_loadu_si512(hashes),
                               _mm512_loadu_si512(hashes + VECTOR));
    const __m512i b =
        add_bits(&plane[0], _mm512_loadu_si512(hashes + 2 * VECTOR),
                 _mm512_loadu_si512(hashes + 3 * VECTOR));

    return add_bits(&plane[1], a, b);
}

/* Harley and Seal's tree, as in kernels_portable.c; returns weight 16. */
INLINE __m512i
add_tree(__m512i *plane, const uint64_t *hashes)
{
    const __m512i a = add_4(plane, hashes),
                  b = add_4(plane, hashes + 4 * VECTOR);
    const __m512i c = add_bits(&plane[2], a, b);
    const __m512i d = add_4(plane, hashes + 8 * VECTOR);
    const __m512i e = add_4(plane, hashes + 12 * VECTOR);
    const __m512i f = add_bits(&plane[2], d, e);

    return add_bits(&plane[3], c, f);
}

/* Add what has the weight of plane[first]. */
INLINE void
carry_on(__m512i *plane, size_t first, size_t end, __m512i carry)
{
    for (size_t p = first; p < end; p++) {
        const __m512i both = _mm512_and_si512(plane[p], carry);

        plane[p] = _mm512_xor_si512(plane[p], carry);
        carry = both;
    }
}

/* Add each lane's counters to those of the lane that 'order' puts onto it. */
INLINE void
add_lanes(__m512i *plane, size_t num_planes, __m512i order)
{
    __m512i carry = _mm512_setzero_si512();

    for (size_t p = 0; p < num_planes; p++)
        carry = add_bits(&plane[p], carry,
                         _mm512_permutexvar_epi64(order, plane[p]));
    plane[num_planes] = carry;
}

/* counts[i] += the counter of bit i, summed over all lanes */
AVX512 static void
flush_planes(uint32_t *counts, __m512i *plane, size_t num_planes)
{
    __m512i low = _mm512_setzero_si512(), high = low;

    add_lanes(plane, num_planes++, _mm512_set_epi64(3, 2, 1, 0, 7, 6, 5, 4));
    add_lanes(plane, num_planes++, _mm512_set_epi64(5, 4, 7, 6, 1, 0, 3, 2));
    add_lanes(plane, num_planes++, _mm512_set_epi64(6, 7, 4, 5, 2, 3, 0, 1));
    for (size_t p = 0; p < num_planes; p++) {
        const uint64_t bits =
            (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(plane[p]));
        const __m512i weight = _mm512_set1_epi16((short)(1u << p));

        low = _mm512_mask_add_epi16(low, (__mmask32)bits, low, weight);
        high =
            _mm512_mask_add_epi16(high, (__mmask32)(bits >> 32), high, weight);
    }
    for (size_t i = 0; i < 64; i += 16) {
        const __m512i half = i < 32 ? low : high;
        const __m256i part = i % 32 == 0 ? _mm512_castsi512_si256(half)
                                         : _mm512_extracti64x4_epi64(half, 1);

        _mm512_storeu_si512(counts + i,
                            _mm512_add_epi32(_mm512_loadu_si512(counts + i),
                                             _mm512_cvtepu16_epi32(part)));
    }
}

AVX512 static void
count_slice(uint32_t *counts, const uint64_t *hashes, size_t num)
{
    __m512i plane[NUM_PLANES + 3];
    __m512i low[4]; /* apart, so that it stays in registers */
    size_t num_planes = 4, i = 0;

    for (size_t p = 0; p < 4; p++)
        low[p] = _mm512_setzero_si512();
    for (; num - i >= TREE; i += TREE) {
        const __m512i carry = add_tree(low, hashes + i);

        /* So many trees need so many planes. */
        if (i / TREE + 1 == (size_t)1 << (num_planes - 4))
            plane[num_planes++] = _mm512_setzero_si512();
        carry_on(plane, 4, num_planes, carry);
    }
    memcpy(plane, low, sizeof low);
    /* What is left counts for less than one tree. */
    if (num / TREE + 1 == (size_t)1 << (num_planes - 4))
        plane[num_planes++] = _mm512_setzero_si512();
    for (; num - i >= 4 * VECTOR; i += 4 * VECTOR)
        carry_on(plane, 2, num_planes, add_4(plane, hashes + i));
    for (; i < num; i += VECTOR) {
        const unsigned some = num - i < VECTOR ? (unsigned)(num - i) : VECTOR;

        carry_on(plane, 0, num_planes,
                 _mm512_maskz_loadu_epi64((__mmask8)_bzhi_u32(0xFF, some),
                                          hashes + i));
    }
    flush_planes(counts, plane, num_planes);
}

AVX512 static void
simhash_count(uint32_t *counts, const uint64_t *hashes, size_t num)
{
    while (num > 0) {
        const size_t slice = num < MAX_SLICE ? num : MAX_SLICE;

        count_slice(counts, hashes, slice);
        hashes += slice;
        num -= slice;
    }
}

/* ---- samples ---- */

/* Lanes by..7 of low, then the first of high. */
#define SHIFTED(high, low, by) _mm512_alignr_epi64(high, low, by)

INLINE __m512i
load_some(const uint64_t *hashes, size_t num, size_t at)
{
    const size_t left = at < num ? num - at : 0;

    return _mm512_maskz_loadu_epi64(
        (__mmask8)_bzhi_u32(0xFF, left < 8 ? (unsigned)left : 8), hashes + at);
}

/* Eight windows at a time, in registers: of the least of 1, 2, 4 and 8 hashes
 * from each place on, and of 4 behind these.  Hashes past the end are 0, but
 * windows with such are not looked at. */
AVX512 static size_t
sample(const uint64_t *hashes, size_t num, uint64_t *last, uint32_t *samples)
{
    const size_t num_windows =
        num >= WCP_SAMPLE_WINDOW ? num - (WCP_SAMPLE_WINDOW - 1) : 0;
    __m512i one[3], two[2], four, least = _mm512_set1_epi64((long long)*last);
    uint64_t lanes[8];
    size_t n = 0;

    if (num_windows == 0)
        return 0;
    one[0] = load_some(hashes, num, 0);
    one[1] = load_some(hashes, num, 8);
    one[2] = load_some(hashes, num, 16);
    two[0] = _mm512_min_epu64(one[0], SHIFTED(one[1], one[0], 1));
    two[1] = _mm512_min_epu64(one[1], SHIFTED(one[2], one[1], 1));
    four = _mm512_min_epu64(two[0], SHIFTED(two[1], two[0], 2));
    for (size_t i = 0; i < num_windows; i += 8) {
        const size_t left = num_windows - i;
        const __m512i next = load_some(hashes, num, i + 24);
        const __m512i two_on =
            _mm512_min_epu64(one[2], SHIFTED(next, one[2], 1));
        const __m512i four_on =
            _mm512_min_epu64(two[1], SHIFTED(two_on, two[1], 2));
        const __m512i eight = _mm512_min_epu64(four, SHIFTED(four_on, four, 4));
        const __m512i before = least;
        __mmask8 changes;

        least = _mm512_min_epu64(eight, four_on);
        changes = _mm512_mask_cmpneq_epi64_mask(
            (__mmask8)_bzhi_u32(0xFF, left < 8 ? (unsigned)left : 8), least,
            SHIFTED(least, before, 7));
        _mm256_storeu_si256(
            (__m256i *)(void *)(samples + n),
            _mm256_maskz_compress_epi32(changes, _mm512_cvtepi64_epi32(least)));
        n += (size_t)__builtin_popcount(changes);
        one[2] = next;
        two[1] = two_on;
        four = four_on;
    }
    _mm512_storeu_si512(lanes, least);
    *last = lanes[(num_windows - 1) % 8];
    return n;
}

/* ---- sets ---- */

/* Those of eight elements that are among eight others. */
INLINE __mmask8
found_among(__m512i a, __m512i b)
{
    __m512i turned = b;
    __mmask8 found = _mm512_cmpeq_epi64_mask(a, b);

    for (size_t k = 1; k < 8; k++) {
        turned = _mm512_alignr_epi64(turned, turned, 1);
        found |= _mm512_cmpeq_epi64_mask(a, turned);
    }
    return found;
}

AVX512 static size_t
intersect(const uint64_t *a, size_t num_a, const uint64_t *b, size_t num_b)
{
    size_t i = 0, j = 0, common = 0;

    if (num_a == 0 || num_b == 0)
        return 0; /* and no pointers need be there */
    /* Of very unequal sets the shorter one is looked up in the longer. */
    if (num_a / 16 <= num_b && num_b / 16 <= num_a)
        while (num_a - i >= 8 && num_b - j >= 8) {
            const uint64_t last_a = a[i + 7], last_b = b[j + 7];

            common += (size_t)__builtin_popcount(found_among(
                _mm512_loadu_si512(a + i), _mm512_loadu_si512(b + j)));
            i += 8 * (size_t)(last_a <= last_b);
            j += 8 * (size_t)(last_b <= last_a);
        }
    return common + wcp_intersect_portable(a + i, num_a - i, b + j, num_b - j);
}

const struct wcp_kernels wcp_kernels_avx512 = {
    .name = "avx512",
    .hash_windows = wcp_hash_windows_avx512,
    .bin_windows = wcp_bin_windows_avx512,
    .minhash_bins = wcp_minhash_bins_avx512,
    .find_empty = find_empty,
    .mark_filled = mark_filled,
    .minhash_linear = minhash_linear,
    .simhash_count = simhash_count,
    .sample = sample,
    .intersect = intersect,
};
#endif
