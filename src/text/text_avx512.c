/*
 * text_avx512.c - validating and folding with 512-bit vectors
 *
 * 64 bytes of ASCII are folded as they lie: letters and digits are told by
 * comparison, lowered, moved together and widened.
 *
 * Other bytes are folded in chunks, which take three steps through buffers
 * that stay in the L1 cache: decode to 16-bit codes, all lengths alike; look
 * each up in the table, by loads of one each, than which gathers are no faster,
 * but put eight into a vector, for stores take longest; move together what is
 * not dropped.  Each step reads what the one before
 * wrote some time ago: loading a vector of what was just stored in parts
 * would stall.
 *
 * A character that needs care ends the run.  Decoding what stands behind it
 * was for nothing, so chunks are short after one and grow again.
 */
#include "text/text_kernels.h"

#if defined(__x86_64__)
#include "text/fold_table.h"
#include "text/utf8_block.h"

#include <immintrin.h>

#define AVX512                                                             \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi," \
                          "avx512vbmi2,avx2,bmi2,popcnt")))
#define INLINE AVX512 __attribute__((always_inline)) static inline

INLINE __m512i
set1(uint8_t byte)
{
    return _mm512_set1_epi8((char)byte);
}

/* The first 'num' of 64. */
INLINE uint64_t
first_bits(size_t num)
{
    return num < 64 ? _bzhi_u64(UINT64_MAX, (unsigned)num) : UINT64_MAX;
}

INLINE unsigned
trailing_zeros(uint64_t x)
{
    return (unsigned)__builtin_ctzll(x);
}

INLINE unsigned
count(uint64_t x)
{
    return (unsigned)__builtin_popcountll(x);
}

INLINE __mmask64
at_least(__m512i bytes, uint8_t least)
{
    return _mm512_cmpge_epu8_mask(bytes, set1(least));
}

INLINE __mmask64
are(__m512i bytes, uint8_t byte)
{
    return _mm512_cmpeq_epi8_mask(bytes, set1(byte));
}

/* ---- validating ---- */

AVX512 static size_t
valid_prefix(const uint8_t *text, size_t len)
{
    struct utf8_block before = { 0 };

    for (size_t at = 0; at < len; at += 64) {
        const __m512i bytes =
            _mm512_maskz_loadu_epi8(first_bits(len - at), text + at);
        struct utf8_block now = { 0 };
        struct utf8_ranges ranges;

        if (_mm512_movepi8_mask(bytes) != 0 || utf8_cut(&before) != 0) {
            now.lead = at_least(bytes, 0xC0);
            now.lead3 = at_least(bytes, 0xE0);
            now.lead4 = at_least(bytes, 0xF0);
            now.e0 = are(bytes, 0xE0);
            now.ed = are(bytes, 0xED);
            ranges.more = _mm512_movepi8_mask(bytes) & ~now.lead;
            ranges.from_a0 = at_least(bytes, 0xA0);
            ranges.never = now.lead & ~at_least(bytes, 0xC2);
            ranges.from_90 = 0;
            if ((now.lead4 | before.lead4) != 0) {
                now.f0 = are(bytes, 0xF0);
                now.f4 = are(bytes, 0xF4);
                ranges.from_90 = at_least(bytes, 0x90);
                ranges.never |= at_least(bytes, 0xF5);
            }
            if (utf8_errors(&now, &before, &ranges) != 0) {
                at = utf8_step_back(text, at);
                return at + wcp_utf8_valid_prefix_portable(text + at, len - at);
            }
        }
        before = now;
    }
    if (utf8_cut(&before) != 0) {
        const size_t at = utf8_step_back(text, len);

        return at + wcp_utf8_valid_prefix_portable(text + at, len - at);
    }
    return len;
}

/* ---- ASCII ---- */

/* Widen the first num of 64 bytes to units. */
INLINE void
append_bytes(struct wcp_fold_run *run, __m512i bytes, unsigned num)
{
    uint16_t *to = run->units + run->num;

    _mm512_storeu_si512(to,
                        _mm512_cvtepu8_epi16(_mm512_castsi512_si256(bytes)));
    if (num > 32)
        _mm512_storeu_si512(
            to + 32, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(bytes, 1)));
    run->num += num;
}

/* Bytes of a block that are worth folding alone. */
enum { LEAST_PLAIN = 32 };

/* What fold_ascii() met; up to it, all is folded. */
enum met { MET_STOP, MET_SPECIAL, MET_OTHER };

/*
 * Of a block that is no ASCII alone: the bytes before the first that is neither
 * ASCII nor of a quotation mark, a dash or what else stands from U+2000 to
 * U+203F.  All that is dropped, as is done with bytes that are no letters.
 */
INLINE unsigned
with_punctuation(__m512i bytes)
{
    const uint64_t above = _mm512_movepi8_mask(bytes);
    const uint64_t lead = are(bytes, 0xE2) & are(bytes, 0x80) >> 1 &
                          _mm512_cmplt_epu8_mask(bytes, set1(0xC0)) >> 2 &
                          above >> 2;
    const uint64_t other = above & ~(lead | lead << 1 | lead << 2);

    return other != 0 ? trailing_zeros(other) : 64;
}

/*
 * Blocks of ASCII and such punctuation.  An ampersand may begin an entity; a
 * parenthesis is of interest only right after a character that is no ASCII.
 */
INLINE enum met
fold_ascii(struct wcp_fold_run *run)
{
    while (run->at < run->stop) {
        const uint8_t *text = run->text + run->at;
        const size_t left = run->len - run->at;
        size_t num = left < 64 ? left : 64;
        __m512i bytes = _mm512_maskz_loadu_epi8(first_bits(left), text);
        __mmask64 keep, special;

        if (_mm512_movepi8_mask(bytes) != 0) {
            const unsigned plain = with_punctuation(bytes);

            if (plain < LEAST_PLAIN)
                return MET_OTHER;
            if (plain < num) {
                num = plain;
                bytes = _mm512_maskz_mov_epi8(first_bits(num), bytes);
            }
        }
        special = are(bytes, '&');
        if (run->at > 0 && text[0] == '(' && text[-1] >= 0x80)
            special |= 1;
        keep =
            _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, set1('0')), set1(9));
        bytes = _mm512_or_si512(bytes, set1(0x20)); /* digits have that bit */
        keep |= _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, set1('a')),
                                       set1('z' - 'a'));
        if (special != 0)
            keep &= first_bits(trailing_zeros(special));
        append_bytes(run, _mm512_maskz_compress_epi8(keep, bytes), count(keep));
        if (special != 0) {
            run->at += trailing_zeros(special);
            return MET_SPECIAL;
        }
        run->at += num;
    }
    return MET_STOP;
}

/* ---- chunks ---- */

/*
 * A block is the 62 bytes in which the characters end that it decodes, so that
 * each begins a fixed step behind the one before: were it where the last
 * character ended, blocks would wait for one another.  Two bytes before them
 * are loaded as well.
 */
#define STEP 62
#define MAX_BLOCKS 16
#define LANES 32 /* codes in a vector */

/* Apart from what is stored into, so that it stays in registers. */
struct decoded {
    size_t num, num_blocks;
};

struct chunk {
    uint16_t codes[MAX_BLOCKS * 64];
    uint16_t values[MAX_BLOCKS * 64];
    size_t begin; /* in the text, of the first character */
    struct decoded decoded;
    struct {
        size_t first;  /* in codes */
        uint64_t ends; /* the bytes at which characters end */
    } blocks[MAX_BLOCKS];
};

/*
 * The codes of characters that end at the given places.  A lane takes its last
 * byte and the one before by one permutation and a third, if there is one, by
 * another.
 */
INLINE __m512i
decode_at(__m512i bytes, __m512i ends)
{
    const __m512i last =
        _mm512_or_si512(ends, _mm512_slli_epi16(ends, 8)); /* twice */
    const __m512i two = _mm512_permutexvar_epi8(
        _mm512_sub_epi16(last, _mm512_set1_epi16(0x0100)), bytes);
    const __m512i third = _mm512_permutexvar_epi8(
        _mm512_sub_epi16(ends, _mm512_set1_epi16(2)), bytes);
    const __mmask32 many = _mm512_test_epi16_mask(two, _mm512_set1_epi16(0x80));
    const __mmask32 three =
        many & _mm512_testn_epi16_mask(two, _mm512_set1_epi16(0x4000));
    /* Six bits of the last byte, above them those of the one before, of
     * which C0 and DF set no other. */
    const __m512i low = _mm512_and_si512(
        _mm512_ternarylogic_epi32(_mm512_set1_epi16(0x3F), two,
                                  _mm512_srli_epi16(two, 2), 0xCA),
        _mm512_set1_epi16(0xFFF));
    const __m512i high = _mm512_maskz_slli_epi16(three, third, 12);

    return _mm512_mask_mov_epi16(_mm512_and_si512(two, _mm512_set1_epi16(0x7F)),
                                 many, _mm512_or_si512(low, high));
}

/* The bytes of text[at - 2 .. at + STEP), 0 where there are none. */
INLINE __m512i
load_block(const uint8_t *text, size_t at, size_t len)
{
    const __m512i ahead = _mm512_set_epi64(
        0x3D3C3B3A39383736, 0x3534333231302F2E, 0x2D2C2B2A29282726,
        0x2524232221201F1E, 0x1D1C1B1A19181716, 0x1514131211100F0E,
        0x0D0C0B0A09080706, 0x050403020100FFFE);

    if (at >= 2)
        return _mm512_maskz_loadu_epi8(first_bits(len - at + 2), text + at - 2);
    return _mm512_maskz_permutexvar_epi8(
        ~UINT64_C(3), ahead,
        _mm512_maskz_loadu_epi8(first_bits(len - at), text + at));
}

/* The numbers of the bits that are set, as bytes. */
INLINE __m512i
bit_numbers(uint64_t bits)
{
    const __m512i numbers = _mm512_set_epi64(
        0x3F3E3D3C3B3A3938, 0x3736353433323130, 0x2F2E2D2C2B2A2928,
        0x2726252423222120, 0x1F1E1D1C1B1A1918, 0x1716151413121110,
        0x0F0E0D0C0B0A0908, 0x0706050403020100);

    return _mm512_maskz_compress_epi8(bits, numbers);
}

/*
 * Decode the characters that end in the next block.  False when the chunk ends
 * here: at a sequence of four bytes, one that is not well-formed, or a block
 * of ASCII that is not the first.
 */
INLINE bool
decode_block(struct chunk *chunk, struct decoded *decoded, const uint8_t *text,
             size_t len)
{
    const size_t at = chunk->begin + decoded->num_blocks * STEP;
    const __m512i bytes = load_block(text, at, len);
    const uint64_t above = _mm512_movepi8_mask(bytes);
    /* What stands before the chunk has been dealt with. */
    const uint64_t open = decoded->num_blocks > 0 ? UINT64_MAX : ~UINT64_C(3);
    const uint64_t lead = at_least(bytes, 0xC0) & open;
    const uint64_t lead3 = at_least(bytes, 0xE0) & open;
    const uint64_t lead4 = at_least(bytes, 0xF0);
    const uint64_t in = first_bits(len - at + 2) & ~UINT64_C(3);
    /* Characters end before the first of these. */
    const uint64_t bad =
        in & (((lead << 1 | lead3 << 2) ^ (above & ~lead)) | lead4);
    uint64_t ends = in & (~above | (lead & ~lead3) << 1 | lead3 << 2);
    uint16_t *codes = chunk->codes + decoded->num;
    __m512i numbers;

    if ((above & in) == 0 && decoded->num_blocks > 0)
        return false;
    if (bad != 0)
        ends &= (bad & -bad) - 1;
    numbers = bit_numbers(ends);
    _mm512_storeu_si512(codes,
                        decode_at(bytes, _mm512_cvtepu8_epi16(
                                             _mm512_castsi512_si256(numbers))));
    if (count(ends) > LANES)
        _mm512_storeu_si512(
            codes + LANES,
            decode_at(bytes, _mm512_cvtepu8_epi16(
                                 _mm512_extracti64x4_epi64(numbers, 1))));
    chunk->blocks[decoded->num_blocks].first = decoded->num;
    chunk->blocks[decoded->num_blocks++].ends = ends;
    decoded->num += count(ends);
    return bad == 0;
}

/* Where in the text the i-th character of the chunk begins. */
AVX512 static size_t
place_of(const struct chunk *chunk, size_t i)
{
    size_t b = chunk->decoded.num_blocks - 1;
    uint64_t end;

    if (i == 0)
        return chunk->begin;
    /* It begins where the one before ends. */
    while (chunk->blocks[b].first > i - 1)
        b--;
    end = _pdep_u64(UINT64_C(1) << (i - 1 - chunk->blocks[b].first),
                    chunk->blocks[b].ends);
    return chunk->begin + b * STEP + trailing_zeros(end) - 1;
}

INLINE short
value_of(uint16_t code)
{
    return (short)wcp_fold_bmp[code];
}

/* The values of eight codes. */
INLINE __m128i
look_up_8(const uint16_t *codes)
{
    return _mm_set_epi16(value_of(codes[7]), value_of(codes[6]),
                         value_of(codes[5]), value_of(codes[4]),
                         value_of(codes[3]), value_of(codes[2]),
                         value_of(codes[1]), value_of(codes[0]));
}

/* Rounded up: the last block wrote codes of no meaning behind its own. */
INLINE void
look_up(struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->decoded.num; i += 8)
        _mm_storeu_si128((__m128i *)(void *)(chunk->values + i),
                         look_up_8(chunk->codes + i));
}

/*
 * A parenthesis of which its neighbours say that no annotation begins there
 * (pinyin.c): before it stands no Chinese character, or behind it no letter
 * that pinyin uses; those are from a to U+1E3F.
 */
INLINE bool
is_plain_parenthesis(const struct chunk *chunk, size_t i)
{
    const uint16_t *codes = chunk->codes;

    return chunk->values[i] == WCP_FOLD_PARENTHESIS &&
           ((i > 0 && codes[i - 1] < 0x3007) ||
            (i + 1 < chunk->decoded.num &&
             (codes[i + 1] < 'a' || codes[i + 1] > 0x1E3F)));
}

/* Append what is not dropped, up to a character that needs care; returns the
 * number of that. */
INLINE size_t
append_values(struct wcp_fold_run *run, const struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->decoded.num; i += LANES) {
        const uint32_t in = (uint32_t)first_bits(chunk->decoded.num - i);
        const __m512i values = _mm512_loadu_si512(chunk->values + i);
        uint32_t keep = in & _mm512_test_epi16_mask(values, values);
        uint32_t special =
            in & _mm512_cmpeq_epi16_mask(
                     _mm512_and_si512(values, _mm512_set1_epi16((short)0xF800)),
                     _mm512_set1_epi16((short)WCP_FOLD_EXPANSION));

        while (special != 0 &&
               is_plain_parenthesis(chunk, i + trailing_zeros(special))) {
            keep &= ~(special & -special);
            special &= special - 1;
        }
        if (special != 0)
            keep &= (special & -special) - 1;
        _mm512_storeu_si512(run->units + run->num,
                            _mm512_maskz_compress_epi16(keep, values));
        run->num += count(keep);
        if (special != 0)
            return i + trailing_zeros(special);
    }
    return chunk->decoded.num;
}

/* False when the next character needs care. */
INLINE bool
fold_chunk(struct wcp_fold_run *run)
{
    struct decoded decoded = { 0, 0 };
    struct chunk chunk;
    size_t at = run->at, done;

    chunk.begin = at;
    while (decode_block(&chunk, &decoded, run->text, run->len)) {
        at += STEP;
        if (at >= run->stop || decoded.num_blocks >= run->pace)
            break;
    }
    chunk.decoded = decoded;
    look_up(&chunk);
    done = append_values(run, &chunk);
    run->at = place_of(&chunk, done);
    if (done < decoded.num || done == 0) {
        run->pace = 1;
        return false;
    }
    run->pace = run->pace < MAX_BLOCKS / 2 ? 2 * run->pace : MAX_BLOCKS;
    return true;
}

AVX512 static void
fold_plain(struct wcp_fold_run *given)
{
    /* A copy, of which the compiler knows that vector stores do not hit it. */
    struct wcp_fold_run run = *given;

    if (run.pace == 0)
        run.pace = 8;
    while (fold_ascii(&run) == MET_OTHER && fold_chunk(&run))
        ;
    *given = run;
}

const struct wcp_text_kernels wcp_text_kernels_avx512 = {
    .name = "avx512",
    .valid_prefix = valid_prefix,
    .fold_plain = fold_plain,
};
#endif
