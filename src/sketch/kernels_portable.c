/*
 * kernels_portable.c - the sketching kernels in plain C; they are the
 * definition that vector kernels must match bit by bit
 *
 * Each loop is written so that it has no branch that depends on the text.
 * A window of 10 or 16 bytes (5 or 8 units) takes the same path of XXH3, in
 * which the length is only an operand; so Chinese with Latin words between
 * costs no mispredicted branch.
 *
 * XXH3 reads little-endian bytes.  Where the host is big-endian the units are
 * swapped into a copy first; elsewhere that code folds away.
 */
#include "sketch/kernels.h"

#include "sketch/sketch.h"
#include "text/text.h"

#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Inline what the function calls by name (one level deep with clang). */
#define FLATTEN __attribute__((flatten))

/* ---- windows ---- */

#define PIECE 256 /* windows prepared at a time */

static inline bool
host_is_big_endian(void)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 0;
}

/* The units as little-endian bytes: where they lie, or swapped to 'copy'. */
static inline const uint16_t *
little_endian(const uint16_t *units, size_t num, uint16_t *copy)
{
    if (!host_is_big_endian())
        return units;
    for (size_t i = 0; i < num; i++)
        copy[i] = (uint16_t)(units[i] << 8 | units[i] >> 8);
    return copy;
}

/* One expression without branches, for a vector of 16-bit numbers. */
static inline uint16_t
starts_character(uint16_t unit)
{
    return (unit & 0xFC00) != 0xDC00;
}

static inline uint8_t
window_by_script(uint16_t first)
{
    return wcp_unit_is_east_asian(first) ? WCP_SHINGLE_HAN : WCP_SHINGLE_OTHER;
}

/* Loops of their own because a compiler makes 16-bit vectors of them. */
static void
find_lengths(uint8_t *lens, const uint16_t *units, size_t num)
{
    for (size_t i = 0; i < num; i++)
        lens[i] = window_by_script(units[i]);
}

static bool
all_start(const uint16_t *units, size_t num)
{
    uint16_t all = 1;

    for (size_t i = 0; i < num; i++)
        all &= starts_character(units[i]);
    return all != 0;
}

/* The compiler is told which path of XXH3 both lengths take. */
static inline uint64_t
hash_5or8(const uint16_t *bytes, size_t len)
{
    if (len < 5 || len > 8)
        __builtin_unreachable();
    return XXH3_64bits(bytes, len * 2);
}

/* Lengths 5 and 8.  Eight windows of one length, which most are, are told to
 * the compiler as such: a constant length saves a quarter of the time. */
FLATTEN static void
hash_short(const uint16_t *bytes, const uint8_t *lens, size_t num,
           uint64_t *hashes)
{
    const uint64_t ones = 0x0101010101010101;
    size_t i = 0;

    for (; i + 8 <= num; i += 8) {
        uint64_t eight;

        memcpy(&eight, lens + i, sizeof eight);
        if (eight == ones * WCP_SHINGLE_HAN) {
            for (size_t k = i; k < i + 8; k++)
                hashes[k] = XXH3_64bits(bytes + k, WCP_SHINGLE_HAN * 2);
        } else if (eight == ones * WCP_SHINGLE_OTHER) {
            for (size_t k = i; k < i + 8; k++)
                hashes[k] = XXH3_64bits(bytes + k, WCP_SHINGLE_OTHER * 2);
        } else {
            for (size_t k = i; k < i + 8; k++)
                hashes[k] = hash_5or8(bytes + k, lens[k]);
        }
    }
    for (; i < num; i++)
        hashes[i] = hash_5or8(bytes + i, lens[i]);
}

FLATTEN static void
hash_equal(const uint16_t *bytes, size_t len, size_t num, uint64_t *hashes)
{
    for (size_t i = 0; i < num; i++)
        hashes[i] = XXH3_64bits(bytes + i, len * 2);
}

/* Drop the hashes of windows that begin in the middle of a character. */
static size_t
drop_halves(uint64_t *hashes, const uint16_t *units, size_t num)
{
    size_t n = 0;

    for (size_t i = 0; i < num; i++) {
        hashes[n] = hashes[i];
        n += starts_character(units[i]);
    }
    return n;
}

/* Hash the windows that begin in units[0 .. num_starts), at most PIECE. */
static size_t
hash_piece(const uint16_t *units, size_t num_starts, size_t num,
           unsigned shingle, uint64_t *hashes)
{
    const size_t longest = shingle == 0 ? WCP_SHINGLE_OTHER : shingle;
    const size_t reach = num_starts + longest - 1;
    size_t num_fit = num_starts, n;
    uint16_t copy[PIECE + WCP_SHINGLE_MAX];
    uint8_t lens[PIECE];
    const uint16_t *bytes;

    if (reach > num)
        num_fit = num < longest ? 0 : num - longest + 1;
    bytes = little_endian(units, reach < num ? reach : num, copy);
    if (shingle == 0) {
        find_lengths(lens, units, num_starts);
        hash_short(bytes, lens, num_fit, hashes);
    } else {
        hash_equal(bytes, shingle, num_fit, hashes);
    }
    n = num_fit;
    if (!all_start(units, num_fit))
        n = drop_halves(hashes, units, num_fit);
    if (shingle != 0)
        return n;
    /* Near the end of the text only the shorter windows fit; those do not
     * begin with a low surrogate. */
    for (size_t i = num_fit; i < num_starts; i++) {
        if (lens[i] <= num - i)
            hash_short(bytes + i, lens + i, 1, hashes + n++);
    }
    return n;
}

static size_t
hash_windows(const uint16_t *units, size_t num_starts, size_t num,
             unsigned shingle, uint64_t *hashes)
{
    size_t n = 0;

    for (size_t i = 0; i < num_starts; i += PIECE) {
        const size_t left = num_starts - i;

        n += hash_piece(units + i, left < PIECE ? left : PIECE, num - i,
                        shingle, hashes + n);
    }
    return n;
}

/* ---- MinHash ---- */

void
wcp_minhash_bins_portable(uint32_t *bins, const uint64_t *hashes, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        uint32_t *bin = &bins[hashes[i] % WCP_NUM_BINS];
        const uint32_t value = (uint32_t)(hashes[i] >> 33), old = *bin;

        *bin = value < old ? value : old;
    }
}

uint64_t
wcp_pack_bits(const uint8_t *bytes)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < 8; i++) {
        /* The product brings byte k to bit 56 + k, and nothing else there. */
        const uint64_t top =
            wcp_load64(bytes + 8 * i) * UINT64_C(0x0102040810204080);

        bits |= top >> 56 << (8 * i);
    }
    return bits;
}

void
wcp_find_empty_portable(const uint32_t *bins, uint64_t which[2])
{
    uint8_t bytes[WCP_NUM_BINS];

    for (size_t j = 0; j < WCP_NUM_BINS; j++)
        bytes[j] = bins[j] == UINT32_MAX;
    which[0] = wcp_pack_bits(bytes);
    which[1] = wcp_pack_bits(bytes + 64);
}

/* A value of round 1 has the top bit set: above any of round 0. */
void
wcp_mark_filled_portable(uint32_t *bins, const uint64_t which[2])
{
    for (size_t w = 0; w < 2; w++)
        for (uint64_t bits = which[w]; bits != 0; bits &= bits - 1) {
            uint32_t *bin = &bins[64 * w + (size_t)__builtin_ctzll(bits)];

            *bin = 0x80000000u | *bin >> 1;
        }
}

static size_t
bin_windows(const uint16_t *units, size_t num_starts, size_t num,
            unsigned shingle, uint64_t *hashes, uint32_t *bins)
{
    const size_t n = hash_windows(units, num_starts, num, shingle, hashes);

    wcp_minhash_bins_portable(bins, hashes, n);
    return n;
}

/*
 * Four lanes in the vector notation of gcc and clang, which any processor can
 * run: a plain loop over lanes is as fast with gcc, but clang makes scalar code
 * of it that takes 1.7 times as long.  Minima are kept with the top bit
 * flipped, as signed numbers, because SSE2 and its like compare only those;
 * flipping is free, as 'add' can do it.
 */
typedef uint32_t lanes __attribute__((vector_size(16)));
typedef int32_t signed_lanes __attribute__((vector_size(16)));

#define LANES 4
#define GROUP (2 * LANES) /* a third strand gains 3 % and wastes lanes */
#define MAX_ALONE 2       /* functions that go faster one by one */
#define SIGN_BIT 0x80000000u

/* min(best, mul * x + add), lane by lane */
static inline signed_lanes
lower(signed_lanes best, lanes mul, lanes add, lanes x)
{
    const signed_lanes value = (signed_lanes)(mul * x + add);
    const signed_lanes is_less = value < best;

    return (value & is_less) | (best & ~is_less);
}

/* Built in registers: four short stores and a long load would stall. */
static inline lanes
gather(const uint32_t *table, const uint8_t *which)
{
    return (lanes){ table[which[0]], table[which[1]], table[which[2]],
                    table[which[3]] };
}

static inline void
scatter(uint32_t *table, const uint8_t *which, signed_lanes best)
{
    for (size_t k = 0; k < LANES; k++)
        table[which[k]] = (uint32_t)best[k] ^ SIGN_BIT;
}

static void
lower_group(uint32_t *values, const uint8_t *which, const uint32_t *mul,
            const uint32_t *add, const uint64_t *hashes, size_t num)
{
    const uint8_t *const which_b = which + LANES;
    const lanes mul_a = gather(mul, which), mul_b = gather(mul, which_b);
    const lanes add_a = gather(add, which) ^ SIGN_BIT;
    const lanes add_b = gather(add, which_b) ^ SIGN_BIT;
    signed_lanes a = (signed_lanes)(gather(values, which) ^ SIGN_BIT);
    signed_lanes b = (signed_lanes)(gather(values, which_b) ^ SIGN_BIT);

    for (size_t i = 0; i < num; i++) {
        const uint32_t high = (uint32_t)(hashes[i] >> 32);
        const lanes x = { high, high, high, high };

        a = lower(a, mul_a, add_a, x);
        b = lower(b, mul_b, add_b, x);
    }
    scatter(values, which, a);
    scatter(values, which_b, b);
}

static void
lower_one(uint32_t *value, uint32_t mul, uint32_t add, const uint64_t *hashes,
          size_t num)
{
    uint32_t least = *value;

    for (size_t i = 0; i < num; i++) {
        const uint32_t x = mul * (uint32_t)(hashes[i] >> 32) + add;

        least = x < least ? x : least;
    }
    *value = least;
}

static void
minhash_linear(uint32_t *values, const uint64_t which[2], const uint32_t *mul,
               const uint32_t *add, const uint64_t *hashes, size_t num)
{
    uint8_t list[WCP_NUM_BINS + GROUP];
    size_t n = 0, at = 0;

    for (size_t w = 0; w < 2; w++)
        for (uint64_t bits = which[w]; bits != 0; bits &= bits - 1)
            list[n++] = (uint8_t)(64 * w + (size_t)__builtin_ctzll(bits));
    /* One function several times does no harm: the results are equal. */
    for (size_t k = 0; n > 0 && k < GROUP; k++)
        list[n + k] = list[n - 1];
    for (; n > at + MAX_ALONE; at += GROUP)
        lower_group(values, list + at, mul, add, hashes, num);
    for (; at < n; at++)
        lower_one(&values[list[at]], mul[list[at]], add[list[at]], hashes, num);
}

/* ---- SimHash ---- */

/*
 * Bit-sliced counters: plane[p] holds bit p of 64 counters, two of each in the
 * vector notation.  Sixteen pairs of hashes go through a tree of carry-save
 * adders, which leaves one pair of weight 16 to be carried on; this is Harley
 * and Seal's way to count bits (Warren, Hacker's Delight, 2nd ed., section
 * 5-1), kept apart by position.
 */
typedef uint64_t pair __attribute__((vector_size(16)));

#define TREE 32       /* hashes */
#define NUM_PLANES 12 /* a lane counts up to 2^12 - 1 */
#define MAX_SLICE (255 * TREE)

/* a, b and c have weight 1; returns the carry of weight 2, leaves the sum. */
static inline pair
add_bits(pair *sum, pair b, pair c)
{
    const pair a = *sum, u = a ^ b;

    *sum = u ^ c;
    return (a & b) | (u & c);
}

static inline pair
load_pair(const uint64_t *hashes)
{
    pair loaded;

    memcpy(&loaded, hashes, sizeof loaded);
    return loaded;
}

static inline pair
add_4(pair *plane, const uint64_t *h)
{
    const pair a = add_bits(&plane[0], load_pair(h), load_pair(h + 2));
    const pair b = add_bits(&plane[0], load_pair(h + 4), load_pair(h + 6));

    return add_bits(&plane[1], a, b);
}

static inline pair
add_tree(pair *plane, const uint64_t *h)
{
    const pair a = add_4(plane, h), b = add_4(plane, h + 8);
    const pair c = add_bits(&plane[2], a, b);
    const pair d = add_4(plane, h + 16), e = add_4(plane, h + 24);
    const pair f = add_bits(&plane[2], d, e);

    return add_bits(&plane[3], c, f);
}

/* Add what has the weight 16, to all planes up to 'end', though the carry may
 * be 0 before: where it is cannot be predicted. */
static inline void
carry_on(pair *plane, size_t end, pair carry)
{
    for (size_t p = 4; p < end; p++) {
        const pair both = plane[p] & carry;

        plane[p] ^= carry;
        carry = both;
    }
}

/* Both lanes together, one plane more. */
static inline void
add_lanes(uint64_t *sum, const pair *plane, size_t num_planes)
{
    uint64_t carry = 0;

    for (size_t p = 0; p < num_planes; p++) {
        const uint64_t a = plane[p][0], b = plane[p][1], u = a ^ b;

        sum[p] = u ^ carry;
        carry = (a & b) | (u & carry);
    }
    sum[num_planes] = carry;
}

/* Bit k of 'bits' (8 bits) becomes byte k, 0 or 1. */
static inline uint64_t
spread_byte(uint64_t bits)
{
    const uint64_t ones = 0x0101010101010101;
    const uint64_t alone = (bits * ones) & 0x8040201008040201;

    /* alone has at most one bit a byte: adding 7F carries into bit 7, except
     * where that bit is set already. */
    return (((alone + 0x7F * ones) | alone) >> 7) & ones;
}

/* counts[i] += the counter of bit i */
static void
flush_planes(uint32_t *counts, const uint64_t *plane, size_t num_planes)
{
    for (size_t byte = 0; byte < 8; byte++) {
        uint64_t low = 0, high = 0;

        for (size_t p = 0; p < num_planes; p++) {
            const uint64_t ones = spread_byte(plane[p] >> (8 * byte) & 0xFF);

            if (p < 8)
                low += ones << p;
            else
                high += ones << (p - 8);
        }
        for (size_t k = 0; k < 8; k++)
            counts[8 * byte + k] += (uint32_t)(low >> (8 * k) & 0xFF) +
                                    ((uint32_t)(high >> (8 * k) & 0xFF) << 8);
    }
}

static void
count_slice(uint32_t *counts, const uint64_t *hashes, size_t num)
{
    pair plane[NUM_PLANES] = { { 0 } };
    pair low[4] = { { 0 } }; /* apart, so that it stays in registers */
    uint64_t last[TREE] = { 0 }, sum[NUM_PLANES + 1];
    size_t num_planes = 4;

    for (size_t i = 0; i < num; i += TREE) {
        const uint64_t *h = hashes + i;

        if (num - i < TREE) {
            memcpy(last, h, (num - i) * sizeof *h);
            h = last;
        }
        /* So many trees need so many planes. */
        num_planes += i / TREE + 1 == (size_t)1 << (num_planes - 4);
        carry_on(plane, num_planes, add_tree(low, h));
    }
    memcpy(plane, low, sizeof low);
    add_lanes(sum, plane, num_planes);
    flush_planes(counts, sum, num_planes + 1);
}

static void
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

static size_t
intersect_merge(const uint64_t *a, size_t num_a, const uint64_t *b,
                size_t num_b)
{
    size_t i = 0, j = 0, common = 0;

    while (i < num_a && j < num_b) {
        const uint64_t x = a[i], y = b[j];

        common += x == y;
        i += x <= y;
        j += y <= x;
    }
    return common;
}

/* The first index >= from at which b is not below x, num_b if none. */
static size_t
gallop(const uint64_t *b, size_t from, size_t num_b, uint64_t x)
{
    size_t step = 1, low = from, high = from;

    while (high < num_b && b[high] < x) {
        low = high + 1;
        high = num_b - high > step ? high + step : num_b;
        step *= 2;
    }
    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (b[mid] < x)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* a is much the shorter one. */
static size_t
intersect_gallop(const uint64_t *a, size_t num_a, const uint64_t *b,
                 size_t num_b)
{
    size_t j = 0, common = 0;

    for (size_t i = 0; i < num_a; i++) {
        j = gallop(b, j, num_b, a[i]);
        if (j == num_b)
            break;
        common += b[j] == a[i];
    }
    return common;
}

size_t
wcp_intersect_portable(const uint64_t *a, size_t num_a, const uint64_t *b,
                       size_t num_b)
{
    if (num_a > num_b)
        return wcp_intersect_portable(b, num_b, a, num_a);
    if (num_b / 16 > num_a)
        return intersect_gallop(a, num_a, b, num_b);
    return intersect_merge(a, num_a, b, num_b);
}

const struct wcp_kernels wcp_kernels_portable = {
    .name = "portable",
    .hash_windows = hash_windows,
    .bin_windows = bin_windows,
    .minhash_bins = wcp_minhash_bins_portable,
    .find_empty = wcp_find_empty_portable,
    .mark_filled = wcp_mark_filled_portable,
    .minhash_linear = minhash_linear,
    .simhash_count = simhash_count,
    .sample = wcp_sample_portable,
    .intersect = wcp_intersect_portable,
};
