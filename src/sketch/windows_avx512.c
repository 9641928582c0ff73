/*
 * windows_avx512.c - the hashes of all windows, eight at a time
 *
 * Eight windows that begin one unit apart lie in 16 units: one permutation of
 * 16-bit lanes makes the eight words that XXH3 reads at a given place of each.
 * By script, windows of both lengths differ in the second permutation and one
 * operand only: indexes and lengths are blended.
 *
 * Units are looked at 32 at a time: which begin a character, which are East
 * Asian.  The last ones of a text take the same path with masks, so that short
 * texts need no scalar code.
 *
 * Hashing is bound by the vector units, bins by loads and stores: both in one
 * loop take 1.05 ns a window, one after the other 1.17.  The bins of 32 windows
 * are lowered while the next 32 are hashed, for a hash that was just stored
 * cannot be loaded at once.
 */
#include "sketch/kernels.h"

#if defined(__x86_64__)
#include "sketch/sketch.h"
#include "sketch/xxh3.h"

#include <immintrin.h>
#include <stdbool.h>

#define AVX512 \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi2")))
#define INLINE AVX512 __attribute__((always_inline)) static inline

#define GROUP 8  /* windows per vector */
#define BLOCK 32 /* windows per look at the units */

INLINE __m512i
set1(uint64_t x)
{
    return _mm512_set1_epi64((long long)x);
}

/* ---- XXH3 of eight windows ---- */

/* The two halves of the 128-bit product of each lane, folded together. */
INLINE __m512i
multiply_fold(__m512i a, __m512i b)
{
    const __m512i a_high = _mm512_srli_epi64(a, 32);
    const __m512i b_high = _mm512_srli_epi64(b, 32);
    const __m512i low_low = _mm512_mul_epu32(a, b);
    const __m512i middle = _mm512_add_epi64(_mm512_mul_epu32(a_high, b),
                                            _mm512_srli_epi64(low_low, 32));
    const __m512i cross =
        _mm512_add_epi64(_mm512_mul_epu32(a, b_high),
                         _mm512_and_si512(middle, set1(0xFFFFFFFF)));
    const __m512i high =
        _mm512_add_epi64(_mm512_add_epi64(_mm512_mul_epu32(a_high, b_high),
                                          _mm512_srli_epi64(middle, 32)),
                         _mm512_srli_epi64(cross, 32));
    /* The low half: the low word of 'cross' above that of 'low_low'. */
    const __m512i low =
        _mm512_mask_shuffle_epi32(low_low, 0xAAAA, cross, _MM_PERM_CCAA);

    return _mm512_xor_si512(low, high);
}

/*
 * The same for the two words of a window whose units are all below NARROW, as
 * they are flipped: then no more than 68000000, F0000000, B0000000 and 10000000
 * (hexadecimal) are above the halves of a and b, from above, so that the two
 * products in the middle have a sum of 64 bits, and three operations less do.
 */
#define NARROW 0x800

INLINE __m512i
multiply_fold_narrow(__m512i a, __m512i b)
{
    const __m512i a_high = _mm512_srli_epi64(a, 32);
    const __m512i b_high = _mm512_srli_epi64(b, 32);
    const __m512i low_low = _mm512_mul_epu32(a, b);
    const __m512i middle =
        _mm512_add_epi64(_mm512_add_epi64(_mm512_mul_epu32(a_high, b),
                                          _mm512_mul_epu32(a, b_high)),
                         _mm512_srli_epi64(low_low, 32));
    const __m512i high = _mm512_add_epi64(_mm512_mul_epu32(a_high, b_high),
                                          _mm512_srli_epi64(middle, 32));
    const __m512i low =
        _mm512_mask_shuffle_epi32(low_low, 0xAAAA, middle, _MM_PERM_CCAA);

    return _mm512_xor_si512(low, high);
}

INLINE __m512i
avalanche(__m512i x)
{
    x = _mm512_xor_si512(x, _mm512_srli_epi64(x, 37));
    x = _mm512_mullo_epi64(x, set1(XXH3_AVALANCHE));
    return _mm512_xor_si512(x, _mm512_srli_epi64(x, 32));
}

INLINE __m512i
hash_9to16(__m512i low, __m512i high, __m512i num_bytes, const bool narrow)
{
    const __m128i swap =
        _mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    __m512i x;

    low = _mm512_xor_si512(low, set1(XXH3_FLIP_LOW));
    high = _mm512_xor_si512(high, set1(XXH3_FLIP_HIGH));
    x = _mm512_shuffle_epi8(low, _mm512_broadcast_i32x4(swap));
    x = _mm512_add_epi64(x, _mm512_add_epi64(num_bytes, high));
    return avalanche(_mm512_add_epi64(x, narrow
                                             ? multiply_fold_narrow(low, high)
                                             : multiply_fold(low, high)));
}

/* 'ends': the last four bytes below the first four. */
INLINE __m512i
hash_4to8(__m512i ends, __m512i num_bytes)
{
    __m512i x = _mm512_xor_si512(ends, set1(XXH3_FLIP_4TO8));

    x = _mm512_ternarylogic_epi64(x, _mm512_rol_epi64(x, 49),
                                  _mm512_rol_epi64(x, 24), 0x96);
    x = _mm512_mullo_epi64(x, set1(XXH3_RRMXMX));
    x = _mm512_xor_si512(x,
                         _mm512_add_epi64(_mm512_srli_epi64(x, 35), num_bytes));
    x = _mm512_mullo_epi64(x, set1(XXH3_RRMXMX));
    return _mm512_xor_si512(x, _mm512_srli_epi64(x, 28));
}

/* One unit a lane. */
INLINE __m512i
hash_2(__m512i unit)
{
    /* From above: its second byte, the first, the length, the second. */
    __m512i x = _mm512_or_si512(_mm512_slli_epi64(unit, 16),
                                _mm512_srli_epi64(unit, 8));

    x = _mm512_xor_si512(x, set1(XXH3_FLIP_1TO3 ^ 2 << 8));
    x = _mm512_xor_si512(x, _mm512_srli_epi64(x, 33));
    x = _mm512_mullo_epi64(x, set1(XXH3_PRIME_2));
    x = _mm512_xor_si512(x, _mm512_srli_epi64(x, 29));
    x = _mm512_mullo_epi64(x, set1(XXH3_PRIME_3));
    return _mm512_xor_si512(x, _mm512_srli_epi64(x, 32));
}

/* ---- windows ---- */

enum path { BY_SCRIPT, UNITS_1, UNITS_2TO4, UNITS_5TO8, UNITS_9TO64 };

/* What does not change from window to window. */
struct plan {
    unsigned shingle;
    __m512i words;      /* indexes of the word that begins each window */
    __m512i last, east; /* of the word that ends it, by default and if East
                           Asian; for UNITS_2TO4 of both ends */
    __m512i bytes, bytes_east;
};

/* For lane j, the lanes j + first .. j + first + 3 of 16 bits. */
INLINE __m512i
word_at(unsigned first)
{
    const __m512i lanes = _mm512_set_epi64(
        0x000A000900080007, 0x0009000800070006, 0x0008000700060005,
        0x0007000600050004, 0x0006000500040003, 0x0005000400030002,
        0x0004000300020001, 0x0003000200010000);

    return _mm512_add_epi16(lanes, _mm512_set1_epi16((short)first));
}

INLINE struct plan
make_plan(unsigned shingle, const enum path path)
{
    const unsigned len = path == BY_SCRIPT ? WCP_SHINGLE_OTHER : shingle;
    struct plan plan = { .shingle = len };

    plan.words = word_at(0);
    plan.bytes = set1(2 * len);
    plan.bytes_east = set1(2 * WCP_SHINGLE_HAN);
    plan.east = word_at(WCP_SHINGLE_HAN - 4);
    if (path == UNITS_2TO4)
        plan.last = _mm512_mask_shuffle_epi32(word_at(len - 2), 0xAAAA,
                                              word_at(0), _MM_PERM_CCAA);
    else if (path == BY_SCRIPT || path == UNITS_5TO8)
        plan.last = word_at(len - 4);
    else
        plan.last = word_at(4);
    return plan;
}

/* 16 units; if 'tail', no more than 'left' are read. */
INLINE __m512i
load_16(const uint16_t *units, size_t left, const bool tail)
{
    const unsigned some = left < 16 ? (unsigned)left : 16;

    if (!tail)
        return _mm512_castsi256_si512(
            _mm256_loadu_si256((const __m256i *)(const void *)units));
    return _mm512_castsi256_si512(
        _mm256_maskz_loadu_epi16((__mmask16)_bzhi_u32(0xFFFF, some), units));
}

INLINE __m512i
permute(__m512i indexes, __m512i units)
{
    return _mm512_permutexvar_epi16(indexes, units);
}

/* XXH3 of 17 to 128 bytes: 16 from the begin and from the end, then further
 * in as long as they do not meet. */
INLINE __m512i
hash_17to128(const struct plan *plan, const uint16_t *units, size_t left,
             const bool tail)
{
    const size_t len = plan->shingle, rounds = (len - 1) / 16 + 1;
    __m512i x = set1(2 * len * XXH3_PRIME_1);

    for (size_t k = 0; k < 2 * rounds && k < 8; k++) {
        const size_t in = k % 2 == 0 ? k / 2 * 8 : len - (k / 2 + 1) * 8;
        const __m512i part =
            load_16(units + in, left < in ? 0 : left - in, tail);
        const __m512i low = permute(plan->words, part);
        const __m512i high = permute(plan->last, part);

        x = _mm512_add_epi64(
            x, multiply_fold(
                   _mm512_xor_si512(low, set1(xxh3_secret[2 * k])),
                   _mm512_xor_si512(high, set1(xxh3_secret[2 * k + 1]))));
    }
    return avalanche(x);
}

INLINE __m512i
hash_group(const struct plan *plan, const uint16_t *units, size_t left,
           __mmask8 east, const enum path path, const bool tail)
{
    __m512i some, last = plan->last, bytes = plan->bytes;

    if (path == UNITS_9TO64)
        return hash_17to128(plan, units, left, tail);
    some = load_16(units, left, tail);
    if (path == UNITS_1)
        return hash_2(_mm512_cvtepu16_epi64(_mm512_castsi512_si128(some)));
    if (path == UNITS_2TO4)
        return hash_4to8(permute(last, some), bytes);
    if (path == BY_SCRIPT) {
        last = _mm512_mask_mov_epi64(last, east, plan->east);
        bytes = _mm512_mask_mov_epi64(bytes, east, plan->bytes_east);
    }
    return hash_9to16(permute(plan->words, some), permute(last, some), bytes,
                      false);
}

/* Of units that are all below NARROW. */
INLINE __m512i
hash_narrow_group(const struct plan *plan, const uint16_t *units)
{
    const __m512i some = load_16(units, 16, false);

    return hash_9to16(permute(plan->words, some), permute(plan->last, some),
                      plan->bytes, true);
}

/* ---- bins ---- */

/*
 * While a call lasts, bins hold whole hashes: what stands above the bin's
 * number is in the same order, and neither has to be cut out.
 */
INLINE void
lower(uint64_t *bins, uint64_t hash)
{
    uint64_t *bin = &bins[hash % WCP_NUM_BINS], old = *bin;

    *bin = hash < old ? hash : old;
}

/* By vectors: gcc makes a slow string instruction of memset(). */
INLINE void
clear_bins(uint64_t *bins)
{
    for (size_t j = 0; j < WCP_NUM_BINS; j += 8)
        _mm512_storeu_si512(bins + j, set1(UINT64_MAX));
}

/* Windows for which a table of whole hashes does not pay. */
#define FEW 64

/* The same in vector registers: faster where nothing else needs them. */
INLINE void
lower_by_vector(uint64_t *bins, uint64_t hash)
{
    uint64_t *bin = &bins[hash % WCP_NUM_BINS];
    const __m128i old = _mm_set1_epi64x((long long)*bin);
    const __m128i new = _mm_set1_epi64x((long long)hash);

    _mm_storel_epi64((__m128i *)(void *)bin, _mm_min_epu64(old, new));
}

AVX512 static bool
has_all_ones(const uint64_t *hashes, size_t num)
{
    for (size_t i = 0; i < num; i++)
        if (hashes[i] == UINT64_MAX)
            return true;
    return false;
}

/* Lower the caller's bins by those of the call. */
AVX512 static void
merge_bins(const uint64_t *least, uint32_t *bins, const uint64_t *hashes,
           size_t num)
{
    uint32_t *last = &bins[WCP_NUM_BINS - 1];

    for (size_t j = 0; j < WCP_NUM_BINS; j += 8) {
        const __m512i hash = _mm512_loadu_si512(least + j);
        const __mmask8 seen = _mm512_cmpneq_epu64_mask(hash, set1(UINT64_MAX));
        const __m256i value =
            _mm512_cvtepi64_epi32(_mm512_srli_epi64(hash, 33));
        __m256i *to = (__m256i *)(void *)(bins + j);
        const __m256i old = _mm256_loadu_si256(to);

        _mm256_storeu_si256(to, _mm256_mask_min_epu32(old, seen, old, value));
    }
    /* In the last bin "nothing" may have been a hash. */
    if (least[WCP_NUM_BINS - 1] == UINT64_MAX && *last > UINT32_MAX >> 1 &&
        has_all_ones(hashes, num))
        *last = UINT32_MAX >> 1;
}

/* ---- blocks ---- */

/*
 * What the units are, in bits.  A table has a bit for every 128 units, a word
 * for every 2,048: this tells East Asian ones, except among surrogates.  Those
 * are rare and asked for in full.
 */
struct kinds {
    uint32_t starts, east;
};

INLINE __mmask32
is_in(__m512i units, uint16_t first, uint16_t last)
{
    const __m512i from =
        _mm512_sub_epi16(units, _mm512_set1_epi16((short)first));

    return _mm512_cmple_epu16_mask(from,
                                   _mm512_set1_epi16((short)(last - first)));
}

INLINE struct kinds
tell_kinds(__m512i units)
{
    /* 1100..11FF; 2E80..2FFF; 3000..9FFF; AC00..AFFF; B000..D7FF */
    const __m512i table = _mm512_set_epi16(
        0, 0, 0, 0, 0, -1, -1, -1, -1, -1, (short)0xFF00, 0, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, (short)0xE000, 0, 0, 0xC, 0, 0);
    const __m512i part = _mm512_srli_epi16(units, 11);
    const __m512i bit = _mm512_sllv_epi16(
        _mm512_set1_epi16(1),
        _mm512_and_si512(_mm512_srli_epi16(units, 7), _mm512_set1_epi16(15)));
    struct kinds kinds = { UINT32_MAX, 0 };

    kinds.east =
        _mm512_test_epi16_mask(_mm512_permutexvar_epi16(part, table), bit);
    if (_mm512_cmpeq_epi16_mask(part, _mm512_set1_epi16(0xD800 >> 11)) != 0) {
        kinds.starts = ~is_in(units, 0xDC00, 0xDFFF);
        kinds.east |=
            is_in(units, 0xD840, 0xD8BF) | is_in(units, 0xD82C, 0xD82C);
    }
    return kinds;
}

/* The first 'num' of 32. */
INLINE uint32_t
first_bits(size_t num)
{
    return _bzhi_u32(UINT32_MAX, num < 32 ? (unsigned)num : 32);
}

/* The starts from which a window of 'len' units ends in the text. */
INLINE uint32_t
that_fit(size_t left, size_t len)
{
    return first_bits(left < len ? 0 : left - len + 1);
}

struct run {
    const uint16_t *units;
    size_t num_starts, num;
    uint64_t *hashes;
    uint64_t *least; /* bins */
    size_t num_binned;
};

/* Those of the mask; returns the new number of hashes. */
INLINE size_t
store_group(struct run *run, size_t n, __m512i hash, __mmask8 mask,
            const bool tail)
{
    const unsigned count = (unsigned)__builtin_popcount(mask);

    if (mask != 0xFF)
        hash = _mm512_maskz_compress_epi64(mask, hash);
    if (tail)
        _mm512_mask_storeu_epi64(run->hashes + n,
                                 (__mmask8)_bzhi_u32(0xFF, count), hash);
    else
        _mm512_storeu_si512(run->hashes + n, hash);
    return n + count;
}

/* Lower bins by a group of hashes that were stored before the block. */
INLINE void
bin_group(struct run *run, size_t before)
{
    if (run->num_binned + GROUP > before)
        return;
    for (size_t i = 0; i < GROUP; i++)
        lower(run->least, run->hashes[run->num_binned + i]);
    run->num_binned += GROUP;
}

/* Whether the windows that begin in the 32 units have none from NARROW on,
 * up to the last, eight units further. */
INLINE bool
is_narrow(const uint16_t *units, __m512i firsts)
{
    const __m512i wide = _mm512_set1_epi16((short)-NARROW);

    return _mm512_test_epi16_mask(firsts, wide) == 0 &&
           _mm512_test_epi16_mask(_mm512_loadu_si512(units + 8), wide) == 0;
}

/* Hash the windows that begin in units[at .. at + BLOCK); returns the new
 * number of hashes. */
INLINE size_t
hash_block(struct run *run, const struct plan *plan, size_t at, size_t n,
           const enum path path, const bool tail, const bool binning)
{
    const uint16_t *units = run->units + at;
    const size_t left = run->num - at, before = n;
    const __m512i firsts =
        _mm512_maskz_loadu_epi16(tail ? first_bits(left) : UINT32_MAX, units);
    struct kinds kinds;

    /* Most blocks of English are. */
    if (!tail && (path == BY_SCRIPT || path == UNITS_5TO8) &&
        is_narrow(units, firsts)) {
        for (unsigned g = 0; g < BLOCK; g += GROUP) {
            _mm512_storeu_si512(run->hashes + n + g,
                                hash_narrow_group(plan, units + g));
            if (binning)
                bin_group(run, before);
        }
        return n + BLOCK;
    }
    kinds = tell_kinds(firsts);
    if (tail) {
        kinds.starts &= first_bits(run->num_starts - at);
        if (path == BY_SCRIPT)
            kinds.starts &= that_fit(left, WCP_SHINGLE_OTHER) |
                            (that_fit(left, WCP_SHINGLE_HAN) & kinds.east);
        else
            kinds.starts &= that_fit(left, plan->shingle);
    }
    for (unsigned g = 0; g < BLOCK; g += GROUP) {
        __m512i hash;

        if (tail && kinds.starts >> g == 0)
            break;
        hash = hash_group(plan, units + g, left - g,
                          (__mmask8)(kinds.east >> g), path, tail);
        n = store_group(run, n, hash, (__mmask8)(kinds.starts >> g), tail);
        if (binning)
            bin_group(run, before);
    }
    return n;
}

INLINE size_t
hash_all(struct run *run, unsigned shingle, const enum path path,
         const bool binning)
{
    const struct plan plan = make_plan(shingle, path);
    /* From the first unit of a block to the last that may be read. */
    const size_t reach =
        BLOCK + 8 + (path == UNITS_9TO64 ? (size_t)WCP_SHINGLE_MAX : 0);
    size_t at = 0, n = 0;

    for (; at + BLOCK <= run->num_starts && at + reach <= run->num; at += BLOCK)
        n = hash_block(run, &plan, at, n, path, false, binning);
    for (; at < run->num_starts; at += BLOCK)
        n = hash_block(run, &plan, at, n, path, true, binning);
    if (binning)
        for (; run->num_binned < n; run->num_binned++)
            lower(run->least, run->hashes[run->num_binned]);
    return n;
}

AVX512 size_t
wcp_hash_windows_avx512(const uint16_t *units, size_t num_starts, size_t num,
                        unsigned shingle, uint64_t *hashes)
{
    struct run run = { units, num_starts, num, hashes, NULL, 0 };

    if (shingle == 0)
        return hash_all(&run, shingle, BY_SCRIPT, false);
    if (shingle == 1)
        return hash_all(&run, shingle, UNITS_1, false);
    if (shingle <= 4)
        return hash_all(&run, shingle, UNITS_2TO4, false);
    if (shingle <= 8)
        return hash_all(&run, shingle, UNITS_5TO8, false);
    return hash_all(&run, shingle, UNITS_9TO64, false);
}

AVX512 size_t
wcp_bin_windows_avx512(const uint16_t *units, size_t num_starts, size_t num,
                       unsigned shingle, uint64_t *hashes, uint32_t *bins)
{
    struct run run = { units, num_starts, num, hashes, NULL, 0 };
    uint64_t least[WCP_NUM_BINS];
    size_t n;

    if (num_starts < FEW || shingle != 0) {
        n = wcp_hash_windows_avx512(units, num_starts, num, shingle, hashes);
        wcp_minhash_bins_avx512(bins, hashes, n);
        return n;
    }
    clear_bins(least);
    run.least = least;
    n = hash_all(&run, shingle, BY_SCRIPT, true);
    merge_bins(least, bins, hashes, n);
    return n;
}

AVX512 void
wcp_minhash_bins_avx512(uint32_t *bins, const uint64_t *hashes, size_t num)
{
    uint64_t least[WCP_NUM_BINS];
    size_t i = 0;

    if (num < FEW) {
        wcp_minhash_bins_portable(bins, hashes, num);
        return;
    }
    clear_bins(least);
    for (; i + GROUP <= num; i += GROUP)
        for (size_t k = 0; k < GROUP; k++)
            lower_by_vector(least, hashes[i + k]);
    for (; i < num; i++)
        lower(least, hashes[i]);
    merge_bins(least, bins, hashes, num);
}
#endif
