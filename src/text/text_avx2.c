/*
 * text_avx2.c - validating and folding with 256-bit vectors
 *
 * Validating is that of text_avx512.c with masks of two vectors.
 *
 * Folding knows runs of ASCII and of three-byte characters.  32 bytes of ASCII
 * are lowered at once; what is kept of each eight moves together by a shuffle
 * that is made from the mask.  Eight three-byte characters are decoded at
 * once, looked up one by one and moved together likewise.  Everything between
 * is for the portable kernel, one character at a time.
 */
#include "text/text_kernels.h"

#if defined(__x86_64__)
#include "text/fold_table.h"
#include "text/utf8_block.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))
#define INLINE AVX2 __attribute__((always_inline)) static inline

INLINE __m256i
load_32(const void *bytes)
{
    return _mm256_loadu_si256((const __m256i *)bytes);
}

INLINE __m128i
load_16(const void *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

/* ---- validating ---- */

/* Of 64 bytes, those that are at least 'least', or equal. */
INLINE uint64_t
at_least(const __m256i *bytes, uint8_t least)
{
    const __m256i limit = _mm256_set1_epi8((char)least);
    const __m256i low =
        _mm256_cmpeq_epi8(_mm256_max_epu8(bytes[0], limit), bytes[0]);
    const __m256i high =
        _mm256_cmpeq_epi8(_mm256_max_epu8(bytes[1], limit), bytes[1]);

    return (uint32_t)_mm256_movemask_epi8(low) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

INLINE uint64_t
are(const __m256i *bytes, uint8_t byte)
{
    const __m256i wanted = _mm256_set1_epi8((char)byte);

    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes[0], wanted)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(
               _mm256_cmpeq_epi8(bytes[1], wanted))
               << 32;
}

/* False when the block or a sequence that ends in it is no UTF-8. */
INLINE bool
judge(const __m256i *bytes, struct utf8_block *now,
      const struct utf8_block *before)
{
    struct utf8_ranges ranges;

    now->lead = at_least(bytes, 0xC0);
    now->lead3 = at_least(bytes, 0xE0);
    now->lead4 = at_least(bytes, 0xF0);
    now->e0 = are(bytes, 0xE0);
    now->ed = are(bytes, 0xED);
    ranges.more = at_least(bytes, 0x80) & ~now->lead;
    ranges.from_a0 = at_least(bytes, 0xA0);
    ranges.never = now->lead & ~at_least(bytes, 0xC2);
    ranges.from_90 = 0;
    if ((now->lead4 | before->lead4) != 0) {
        now->f0 = are(bytes, 0xF0);
        now->f4 = are(bytes, 0xF4);
        ranges.from_90 = at_least(bytes, 0x90);
        ranges.never |= at_least(bytes, 0xF5);
    }
    return utf8_errors(now, before, &ranges) == 0;
}

AVX2 static size_t
valid_prefix(const uint8_t *text, size_t len)
{
    struct utf8_block before = { 0 };
    size_t at = 0;

    for (; len - at >= 64; at += 64) {
        const __m256i bytes[2] = { load_32(text + at),
                                   load_32(text + at + 32) };
        struct utf8_block now = { 0 };

        if (_mm256_movemask_epi8(_mm256_or_si256(bytes[0], bytes[1])) != 0 ||
            utf8_cut(&before) != 0) {
            if (!judge(bytes, &now, &before))
                break;
        }
        before = now;
    }
    /* An error, or the last bytes: from the last character that may be cut. */
    at = utf8_step_back(text, at);
    return at + wcp_utf8_valid_prefix_portable(text + at, len - at);
}

/* ---- moving together ---- */

/* The numbers of the bits of 'kept', 8 bits, as bytes; of what stands behind
 * them nothing is said. */
INLINE __m128i
bit_numbers(unsigned kept)
{
    static const uint32_t of_four[16] = {
        0, 0,      1,      0x0100,   2,      0x0200,   0x0201,   0x020100,
        3, 0x0300, 0x0301, 0x030100, 0x0302, 0x030200, 0x030201, 0x03020100,
    };
    const uint64_t low = of_four[kept & 15];
    const uint64_t high = of_four[kept >> 4] + UINT64_C(0x04040404);

    return _mm_cvtsi64_si128(
        (long long)(low | high << 8 * __builtin_popcount(kept & 15)));
}

INLINE void
append(struct wcp_fold_run *run, __m128i units, unsigned kept)
{
    _mm_storeu_si128((__m128i *)(void *)(run->units + run->num), units);
    run->num += (size_t)__builtin_popcount(kept);
}

/* ---- ASCII ---- */

/*
 * The first 'num' of 32 bytes, which are ASCII.  False at an ampersand, up to
 * which all is folded.  A parenthesis is of interest only right after a
 * character that is no ASCII.
 */
INLINE bool
fold_ascii(struct wcp_fold_run *run, __m256i bytes, unsigned num)
{
    const uint8_t *text = run->text + run->at;
    const __m256i case_bit = _mm256_set1_epi8(0x20); /* digits have it */
    const __m256i lower = _mm256_or_si256(bytes, case_bit);
    const __m256i digit = _mm256_sub_epi8(bytes, _mm256_set1_epi8('0'));
    const __m256i letter = _mm256_sub_epi8(lower, _mm256_set1_epi8('a'));
    const __m256i is_kept = _mm256_or_si256(
        _mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(9)), digit),
        _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(25)),
                          letter));
    uint64_t special = (uint32_t)_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('&')));
    uint64_t kept = (uint32_t)_mm256_movemask_epi8(is_kept);
    unsigned end = num;

    if (run->at > 0 && text[0] == '(' && text[-1] >= 0x80)
        special |= 1;
    special &= (UINT64_C(1) << num) - 1;
    if (special != 0)
        end = (unsigned)__builtin_ctzll(special);
    kept &= (UINT64_C(1) << end) - 1;
    for (unsigned i = 0; i < end; i += 8) {
        const unsigned some = kept >> i & 0xFF;
        const __m128i half = i < 16 ? _mm256_castsi256_si128(lower)
                                    : _mm256_extracti128_si256(lower, 1);
        const __m128i eight = i % 16 == 0 ? half : _mm_srli_si128(half, 8);

        append(run,
               _mm_cvtepu8_epi16(_mm_shuffle_epi8(eight, bit_numbers(some))),
               some);
    }
    run->at += end;
    return special == 0;
}

/* ---- characters of three bytes ---- */

#define GROUP 8

/* The codes of what should be eight such characters. */
INLINE void
decode_group(const uint8_t *text, uint32_t codes[GROUP])
{
    const __m256i order =
        _mm256_setr_epi8(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1,
                         2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1);
    const __m256i bytes = _mm256_shuffle_epi8(
        _mm256_inserti128_si256(_mm256_castsi128_si256(load_16(text)),
                                load_16(text + 12), 1),
        order);
    const __m256i last = _mm256_and_si256(bytes, _mm256_set1_epi32(0x3F));
    const __m256i middle =
        _mm256_and_si256(_mm256_srli_epi32(bytes, 2), _mm256_set1_epi32(0xFC0));
    const __m256i first = _mm256_and_si256(_mm256_srli_epi32(bytes, 4),
                                           _mm256_set1_epi32(0xF000));

    _mm256_storeu_si256((__m256i *)(void *)codes,
                        _mm256_or_si256(_mm256_or_si256(last, middle), first));
}

INLINE __m128i
look_up(const uint32_t codes[GROUP])
{
    const uint16_t *table = wcp_fold_bmp;
    __m128i values = _mm_cvtsi32_si128(table[codes[0]]);

    values = _mm_insert_epi16(values, table[codes[1]], 1);
    values = _mm_insert_epi16(values, table[codes[2]], 2);
    values = _mm_insert_epi16(values, table[codes[3]], 3);
    values = _mm_insert_epi16(values, table[codes[4]], 4);
    values = _mm_insert_epi16(values, table[codes[5]], 5);
    values = _mm_insert_epi16(values, table[codes[6]], 6);
    return _mm_insert_epi16(values, table[codes[7]], 7);
}

/* A bit for each lane of 16 bits that is all ones. */
INLINE unsigned
lane_bits(__m128i lanes)
{
    return (unsigned)_mm_movemask_epi8(
        _mm_packs_epi16(lanes, _mm_setzero_si128()));
}

/* How many of the eight are well-formed and have three bytes. */
INLINE unsigned
count_three_bytes(__m256i bytes)
{
    const __m256i more = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0xC0), bytes);
    const __m256i lead =
        _mm256_cmpeq_epi8(_mm256_and_si256(bytes, _mm256_set1_epi8((char)0xF0)),
                          _mm256_set1_epi8((char)0xE0));
    /* A bit at 24 ends the count. */
    const uint32_t wrong = ((uint32_t)_mm256_movemask_epi8(more) ^ 0xDB6DB6) |
                           ((uint32_t)_mm256_movemask_epi8(lead) ^ 0x249249) |
                           1 << 24;

    return (unsigned)__builtin_ctz(wrong) / 3;
}

/* Of the lanes, those in 'kept'. */
INLINE void
append_values(struct wcp_fold_run *run, __m128i values, unsigned kept)
{
    __m128i numbers = bit_numbers(kept);

    numbers = _mm_unpacklo_epi8(numbers, numbers); /* of units: n, n */
    numbers = _mm_add_epi8(_mm_add_epi8(numbers, numbers),
                           _mm_set1_epi16(0x0100)); /* of bytes */
    append(run, _mm_shuffle_epi8(values, numbers), kept);
}

/*
 * Up to eight characters of three bytes; returns how many.  The usual eight
 * are a branch of their own: so the place of the next does not wait for the
 * table.
 */
INLINE unsigned
fold_three_bytes(struct wcp_fold_run *run, __m256i bytes)
{
    unsigned num = count_three_bytes(bytes), special, kept;
    uint32_t codes[GROUP];
    __m128i values;

    if (num == 0)
        return 0;
    decode_group(run->text + run->at, codes);
    values = look_up(codes);
    special = lane_bits(
        _mm_cmpeq_epi16(_mm_and_si128(values, _mm_set1_epi16((short)0xF800)),
                        _mm_set1_epi16((short)WCP_FOLD_EXPANSION)));
    kept = ~lane_bits(_mm_cmpeq_epi16(values, _mm_setzero_si128())) & 0xFF;
    if (num == GROUP && special == 0) {
        append_values(run, values, kept);
        run->at += 3 * GROUP;
        return GROUP;
    }
    num = (unsigned)__builtin_ctz(special | 1u << num);
    append_values(run, values, kept & ((1u << num) - 1));
    run->at += 3 * (size_t)num;
    return num;
}

/* ---- texts ---- */

/* One character of any kind; false when it needs care. */
INLINE bool
fold_one(struct wcp_fold_run *run)
{
    uint32_t code;
    const size_t len =
        wcp_fold_decode(run->text + run->at, run->len - run->at, &code);
    const uint16_t value =
        code > 0xFFFF ? WCP_FOLD_EXPANSION : wcp_fold_bmp[code];

    if ((value & 0xF800) == WCP_FOLD_EXPANSION)
        return false;
    run->units[run->num] = value;
    run->num += value != 0;
    run->at += len;
    return true;
}

AVX2 static void
fold_plain(struct wcp_fold_run *given)
{
    /* A copy, of which the compiler knows that vector stores do not hit it. */
    struct wcp_fold_run run = *given;
    bool plain = true;

    while (plain && run.at < run.stop && run.len - run.at >= 32) {
        const __m256i bytes = load_32(run.text + run.at);
        const uint32_t above = (uint32_t)_mm256_movemask_epi8(bytes);

        if (above == 0)
            plain = fold_ascii(&run, bytes, 32);
        else if ((above & 1) == 0)
            plain = fold_ascii(&run, bytes, (unsigned)__builtin_ctz(above));
        else
            plain = fold_three_bytes(&run, bytes) > 0 || fold_one(&run);
    }
    *given = run;
    if (plain)
        wcp_fold_plain_portable(given);
}

const struct wcp_text_kernels wcp_text_kernels_avx2 = {
    .name = "avx2",
    .valid_prefix = valid_prefix,
    .fold_plain = fold_plain,
};
#endif
