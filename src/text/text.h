/*
 * text.h - from bytes in some encoding to the folded text that is compared
 *
 * Two steps.  decode: bytes -> valid UTF-8.  fold: valid UTF-8 -> letters and
 * digits as UTF-16 units, by a generated table and two rules that look at
 * context: entities and pinyin annotations.
 *
 * Threads    All functions may run in any number of threads; a wcp_decoder
 *            serves one at a time.
 */
#ifndef WCP_TEXT_TEXT_H
#define WCP_TEXT_TEXT_H

#include "base/base.h"

/* ---- UTF-8 (utf8.c) ---- */

/* The length of the longest valid prefix: len when all is valid UTF-8
 * (Unicode 15, table 3-7: no surrogates, nothing overlong or above 10FFFF). */
size_t wcp_utf8_valid_prefix(const char *text, size_t len);

/* What to do with bytes that are illegal in the encoding. */
enum wcp_bad_bytes { WCP_BAD_REPLACE, WCP_BAD_SKIP, WCP_BAD_FAIL };

/*
 * Append text to 'out' with each maximal ill-formed subsequence (Unicode 15,
 * section 3.9, "U+FFFD Substitution of Maximal Subparts") replaced by U+FFFD
 * or dropped.  *num_bad_ret counts them, *first_bad_ret is the byte offset of
 * the first.  False when out of memory.
 */
bool wcp_utf8_repair(const char *text, size_t len, enum wcp_bad_bytes policy,
                     struct wcp_buffer *out, uint64_t *num_bad_ret,
                     uint64_t *first_bad_ret);

/* ---- characters (characters.c) ---- */

/* How much of a UTF-8 text is whole characters of at most so many bytes. */
size_t wcp_characters_within(const char *text, size_t len, size_t most);

/* Counts of the characters of a UTF-8 text, which stays where it is. */
struct wcp_characters {
    const char *text;
    struct wcp_buffer before; /* uint64_t at every so many bytes */
};

/* False when out of memory; to be released also then. */
bool wcp_characters_init(struct wcp_characters *characters,
                         const struct wcp_memory *mem, const char *text,
                         size_t len);
void wcp_characters_release(struct wcp_characters *characters);
/* How many begin before byte 'at', at <= len. */
uint64_t wcp_characters_before(const struct wcp_characters *characters,
                               uint64_t at);

/* ---- encodings (encoding.c: names; detect.c; decode.c) ---- */

/*
 * An encoding is a small number that is valid for the life of the process's
 * tables: an index into a constant list of those that can be detected or
 * named.  WCP_ENC_AUTO is "find out".
 */
typedef uint8_t wcp_encoding;
enum {
    WCP_ENC_AUTO = 0,
    WCP_ENC_UTF8 = 1,
    WCP_ENC_UTF16LE = 2,
    WCP_ENC_UTF16BE = 3,
    WCP_ENC_UTF32LE = 4,
    WCP_ENC_UTF32BE = 5,
    WCP_ENC_GB18030 = 6,   /* GB2312, GBK, CP936 are read as this */
    WCP_ENC_BIG5HKSCS = 7, /* Big5, CP950 are read as this */
    /* further ones have no name here: wcp_encoding_by_name() */
    WCP_ENC_UNKNOWN = 255
};

/* Bytes of a unit: 2 of UTF-16, 4 of UTF-32, else 1. */
static inline size_t
wcp_unit_width(wcp_encoding enc)
{
    if (enc == WCP_ENC_UTF16LE || enc == WCP_ENC_UTF16BE)
        return 2;
    return enc == WCP_ENC_UTF32LE || enc == WCP_ENC_UTF32BE ? 4 : 1;
}
static inline bool
wcp_is_big_endian(wcp_encoding enc)
{
    return enc == WCP_ENC_UTF16BE || enc == WCP_ENC_UTF32BE;
}
/* The unit at p. */
static inline uint32_t
wcp_unit_at(const uint8_t *p, size_t width, bool big)
{
    uint32_t unit = 0;

    for (size_t i = 0; i < width; i++)
        unit |= (uint32_t)p[i] << 8 * (big ? width - 1 - i : i);
    return unit;
}

/* Any usual label, case and punctuation ignored ("utf8", "GBK", "cp936",
 * "big-5", "shift_jis", "latin1"); WCP_ENC_UNKNOWN if none matches or this
 * platform's iconv cannot convert from it. */
wcp_encoding wcp_encoding_by_name(const char *name, size_t len);
/* "GB18030", for messages; never NULL. */
const char *wcp_encoding_name(wcp_encoding enc);
/* True when a byte 0x0A can only be a line feed, so that lines can be split
 * before decoding (false for UTF-16, UTF-32, ISO-2022 and UTF-7 kinds). */
bool wcp_encoding_keeps_lines(wcp_encoding enc);

/* How a decision was reached, for -v. */
enum wcp_enc_reason {
    WCP_ENC_GIVEN,
    WCP_ENC_BOM,
    WCP_ENC_ZEROS,
    WCP_ENC_STRICT_UTF8,
    WCP_ENC_DECLARED,
    WCP_ENC_NEIGHBOURS,
    WCP_ENC_GUESSED,
    WCP_ENC_NONE
};

/*
 * The encoding of a whole file's bytes; detect.c says what is asked in which
 * order.  'neighbours' is the encoding that most files of the directory have,
 * WCP_ENC_AUTO for none.  Never fails: text that nothing fits is UTF-8 with
 * illegal bytes, reason WCP_ENC_NONE.  'decoder' supplies the converters for
 * the strict checks.
 */
struct wcp_decoder;
wcp_encoding wcp_detect(struct wcp_decoder *decoder, const void *bytes,
                        size_t len, wcp_encoding neighbours,
                        enum wcp_enc_reason *reason_ret);

/* True when the bytes look like no text in any encoding (NUL bytes among other
 * control characters without being UTF-16/32 or valid UTF-8; known magic
 * numbers of pictures, archives, PDF, executables).  Text padded with NUL is
 * text. */
bool wcp_looks_binary(const void *bytes, size_t len);

/* Holds open iconv descriptors; one thread at a time. */
enum wcp_code wcp_decoder_new(const struct wcp_memory *mem,
                              struct wcp_decoder **decoder_ret,
                              struct wcp_fault *fault);
void wcp_decoder_free(struct wcp_decoder *decoder);

/*
 * Append the text as valid UTF-8 to 'out', without a byte-order mark at the
 * start.  A character cut by the end of the bytes is illegal too.
 * WCP_CODE_OK, _NO_MEMORY, _TOO_LONG (out->max), _NO_SUPPORT (iconv lacks the
 * encoding) or, with WCP_BAD_FAIL, _BAD_TEXT with fault->at.
 */
enum wcp_code wcp_decode(struct wcp_decoder *decoder, wcp_encoding enc,
                         enum wcp_bad_bytes policy, const void *bytes,
                         size_t len, struct wcp_buffer *out,
                         uint64_t *num_bad_ret, uint64_t *first_bad_ret,
                         struct wcp_fault *fault);

/*
 * Replace places in the decoded text, ascending, each where a character begins
 * or the text ends, by those in the bytes (places.c).  False, with some of
 * them replaced: the encoding keeps a state, bytes are illegal, or a place is
 * none.  An encoding whose converter looks ahead may give a later place, so
 * whoever cuts there decodes what is left and compares.
 */
bool wcp_decode_places(struct wcp_decoder *decoder, wcp_encoding enc,
                       const void *bytes, size_t len, uint64_t *places,
                       size_t num);

/* ---- folding (fold.c, pinyin.c, entity.c, fold_table.c) ---- */

/* Changes with anything that changes a folded text. */
#define WCP_FOLD_VERSION 1

/* Folded text: UTF-16 units in native order. */
struct wcp_folded {
    const struct wcp_memory *mem;
    uint16_t *units;
    size_t num, cap;
    /* Filled only by wcp_fold_with_offsets(), then num entries each: where in
     * the UTF-8 input the character begins and ends from which the unit came.
     * (An entity and its replacement count as one character, so does a
     * sequence that was composed.) */
    uint32_t *begins, *ends;
    size_t offsets_cap;
};

void wcp_folded_init(struct wcp_folded *folded, const struct wcp_memory *mem);
void wcp_folded_release(struct wcp_folded *folded);

/*
 * Replace folded's contents by the fold of valid UTF-8.  Reads no byte beyond
 * len.  False when out of memory.
 *
 *   - Compatibility decomposition and case folding; Hangul is composed.
 *   - Nonspacing marks of Latin, Greek, Cyrillic, Hebrew, Arabic and kana go,
 *     those of other scripts stay.
 *   - White space, punctuation, symbols, controls and zero-width characters go.
 *   - A Chinese character becomes the smallest code point of its class: all
 *     that OpenCC has as simplified, traditional, Taiwan or Hong Kong forms of
 *     one another, directly or through others.
 *   - An entity left in the text is what it stands for (entity.c).
 *   - Pinyin behind a Han character, in parentheses, goes (pinyin.c).
 */
bool wcp_fold(struct wcp_folded *folded, const char *utf8, size_t len);
/* Like wcp_fold(), but fills begins and ends; len < 2^32. */
bool wcp_fold_with_offsets(struct wcp_folded *folded, const char *utf8,
                           size_t len);

/* ---- views (view.c) ---- */

/*
 * A stretch of text as patterns see it: letters and digits folded, one unit
 * each; punctuation in its ASCII form; white space and entities for it told by
 * flags of what follows; annotations of how a character is read left out.
 */
enum { WCP_VIEW_MAX = 512, WCP_VIEW_STEP = 16 };
enum {
    WCP_VIEW_SPACE = 1,  /* white space before it, or a line break */
    WCP_VIEW_LINE = 2,   /* a line break before it */
    WCP_VIEW_UPPER = 4,  /* a capital letter A to Z, of any width */
    WCP_VIEW_LETTER = 8, /* a letter */
    WCP_VIEW_DIGIT = 16, /* 0 to 9, of any width */
};

/* It is made as far as it is looked at: most of it never is. */
struct wcp_view {
    size_t num;  /* so far */
    bool whole;  /* nothing comes behind them */
    bool at_end; /* and in the text there is nothing but white space */
    uint16_t units[WCP_VIEW_MAX];
    uint8_t flags[WCP_VIEW_MAX];
    size_t begins[WCP_VIEW_MAX]; /* where they begin in the text */
    /* view.c only */
    const uint8_t *text;
    size_t len, next;
    uint8_t pending; /* flags of the next one */
};

/* The view of what begins at text[at], valid UTF-8, at <= len, which stays
 * where it is as long as the view is used; empty at first. */
void wcp_view_begin(struct wcp_view *view, const char *text, size_t len,
                    size_t at);
/* Go on until it has 'num' characters, or is whole. */
void wcp_view_extend(struct wcp_view *view, size_t num);
/* Go on up to a byte of the text; the number of the first character that
 * begins there or behind it, or of all. */
size_t wcp_view_find(struct wcp_view *view, size_t byte);
/* Where the i-th character, i < num, ends in the text. */
size_t wcp_view_end(const struct wcp_view *view, size_t i);

/* Whether there is an i-th character. */
static inline bool
wcp_view_has(struct wcp_view *view, size_t i)
{
    if (i >= view->num && !view->whole)
        wcp_view_extend(view, i + WCP_VIEW_STEP);
    return i < view->num;
}

/*
 * True for the folded units of Han, kana, bopomofo and Hangul (and the high
 * surrogates of Han and kana planes): windows that begin with one are short.
 */
static inline bool
wcp_unit_is_east_asian(uint16_t u)
{
    return ((uint16_t)(u - 0x2E80) <= 0x9FFF - 0x2E80) |
           ((uint16_t)(u - 0xAC00) <= 0xD7FF - 0xAC00) |
           ((uint16_t)(u - 0x1100) <= 0x11FF - 0x1100) |
           ((uint16_t)(u - 0xD840) <= 0xD8BF - 0xD840) | (u == 0xD82C);
}

/* ---- cutting (joint.c) ---- */

/*
 * The bytes to take out of a text that was folded with offsets, so that its
 * units begin .. end - 1 go and what is left reads on:
 *   - words of which only a part would go stay whole, unless a script without
 *     spaces makes them very long;
 *   - marks on the last letter, its pinyin, and a run of . , : ; ! ? and their
 *     like right behind it go too;
 *   - of the white space on both sides one stays, that with more line ends,
 *     and none at the beginning or end of the text.
 * False: nothing is left to take.
 */
struct wcp_cut_place {
    uint32_t begin, end; /* units; in: what should go, out: what goes */
    uint64_t bytes[2];
};
bool wcp_cut_joint(const struct wcp_folded *folded, const char *text,
                   size_t len, struct wcp_cut_place *cut);

#endif /* WCP_TEXT_TEXT_H */
