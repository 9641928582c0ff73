/*
 * fold_table.h - the tables and context rules behind fold.c (internal)
 *
 * Characters of the basic plane take one look-up in a flat table of 128 KB: a
 * text touches few of its pages, and a second level would put another load
 * into the chain.  Supplementary planes are rare in news: sorted ranges, found
 * by bisection.
 */
#ifndef WCP_TEXT_FOLD_TABLE_H
#define WCP_TEXT_FOLD_TABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * wcp_fold_bmp[c]: 0 when c is dropped; the folded unit; or a value where no
 * unit can be (surrogates are never folded): WCP_FOLD_EXPANSION + index into
 * wcp_fold_expansions, or a character whose fold depends on what follows.
 */
#define WCP_FOLD_EXPANSION 0xD800
#define WCP_FOLD_AMPERSAND 0xDFF0
#define WCP_FOLD_PARENTHESIS 0xDFF1
#define WCP_FOLD_LAST_SPECIAL 0xDFFF

extern const uint16_t wcp_fold_bmp[65536];

/*
 * A sequence of units that one character becomes.  'careful' when its first
 * character may combine with what was written before it: a Hangul vowel or
 * final, or a mark that is subject to canonical ordering.
 */
struct wcp_fold_expansion {
    uint16_t start; /* in wcp_fold_pool */
    uint8_t len;
    uint8_t careful;
};

extern const struct wcp_fold_expansion wcp_fold_expansions[];
extern const uint16_t wcp_fold_pool[];

enum {
    WCP_FOLD_KIND_SHIFT,   /* c becomes c + by */
    WCP_FOLD_KIND_CAREFUL, /* likewise, with care as above */
    WCP_FOLD_KIND_EXPAND   /* by: index into wcp_fold_expansions */
};

/* Characters first .. last above U+FFFF; what is in no range is dropped. */
struct wcp_fold_range {
    uint32_t first, last;
    int32_t by;
    uint8_t kind;
};

extern const struct wcp_fold_range wcp_fold_ranges[];
extern const size_t wcp_fold_num_ranges;

/* Canonical combining classes of the kept marks, where not 0. */
struct wcp_fold_class {
    uint32_t first, last;
    uint8_t ccc;
};

extern const struct wcp_fold_class wcp_fold_classes[];
extern const size_t wcp_fold_num_classes;

/* ---- context (entity.c, pinyin.c) ---- */

/*
 * The entity that begins with the ampersand at text[0]: its length in bytes
 * and its character; 0 when there is none.
 */
size_t wcp_entity_match(const uint8_t *text, size_t len, uint32_t *code_ret);

/*
 * The length in bytes of the pinyin annotation that begins with the
 * parenthesis at text[at], both parentheses included; 0 when there is none.
 */
size_t wcp_pinyin_match(const uint8_t *text, size_t len, size_t at);

/*
 * The character at text[0], len > 0: its length in bytes.  Where valid UTF-8
 * does not hold or is cut off, 1 and U+FFFD, which is dropped.  Inline, for
 * it is the slow half of every loop.
 */
static inline size_t
wcp_fold_decode(const uint8_t *text, size_t len, uint32_t *code_ret)
{
    uint32_t first = text[0];

    if (first < 0x80) {
        *code_ret = first;
        return 1;
    }
    if (first >= 0xE0 && first < 0xF0 && len >= 3) {
        *code_ret =
            (first & 0xF) << 12 | (text[1] & 0x3FU) << 6 | (text[2] & 0x3FU);
        return 3;
    }
    if (first >= 0xC0 && first < 0xE0 && len >= 2) {
        *code_ret = (first & 0x1F) << 6 | (text[1] & 0x3FU);
        return 2;
    }
    if (first >= 0xF0 && first < 0xF8 && len >= 4) {
        *code_ret = (first & 7) << 18 | (text[1] & 0x3FU) << 12 |
                    (text[2] & 0x3FU) << 6 | (text[3] & 0x3FU);
        return 4;
    }
    *code_ret = 0xFFFD;
    return 1;
}

#endif /* WCP_TEXT_FOLD_TABLE_H */
