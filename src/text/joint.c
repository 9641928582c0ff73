/*
 * joint.c - how a text is cut so that what is left reads on
 *
 * Folding drops everything but letters and digits, so a run of folded units
 * ends at a letter: before the full stop, between white space, and anywhere in
 * a word.  Words are kept apart by white space or punctuation; in scripts that
 * are written without, there is no such thing as half a word.
 */
#include "text/text.h"

enum { LONGEST_WORD = 40 }; /* units */

/* ---- characters ---- */

struct range {
    uint32_t first, last;
};

/* Marks that stand on the letter before them, and joiners. */
static const struct range marks[] = {
    { 0x0300, 0x036F }, { 0x0483, 0x0489 },   { 0x0591, 0x05BD },
    { 0x0610, 0x061A }, { 0x064B, 0x065F },   { 0x1AB0, 0x1AFF },
    { 0x1DC0, 0x1DFF }, { 0x200C, 0x200D },   { 0x20D0, 0x20F0 },
    { 0x302A, 0x302F }, { 0x3099, 0x309A },   { 0xFE00, 0xFE0F },
    { 0xFE20, 0xFE2F }, { 0xE0100, 0xE01EF },
};

/* What ends a sentence or a part of it.  Brackets and quotes are not among
 * them: those come in pairs, one of which may stand elsewhere. */
static const struct range enders[] = {
    { '!', '!' },       { ',', ',' },       { '.', '.' },
    { ':', ';' },       { '?', '?' },       { 0x060C, 0x060C },
    { 0x061B, 0x061B }, { 0x061F, 0x061F }, { 0x06D4, 0x06D4 },
    { 0x0964, 0x0965 }, { 0x2026, 0x2026 }, { 0x3001, 0x3002 },
    { 0xFE50, 0xFE52 }, { 0xFE54, 0xFE57 }, { 0xFF01, 0xFF01 },
    { 0xFF0C, 0xFF0C }, { 0xFF0E, 0xFF0E }, { 0xFF1A, 0xFF1B },
    { 0xFF1F, 0xFF1F }, { 0xFF61, 0xFF61 }, { 0xFF64, 0xFF64 },
};

static const struct range spaces[] = {
    { '\t', '\r' },     { ' ', ' ' },       { 0x0085, 0x0085 },
    { 0x00A0, 0x00A0 }, { 0x2000, 0x200A }, { 0x2028, 0x2029 },
    { 0x202F, 0x202F }, { 0x205F, 0x205F }, { 0x3000, 0x3000 },
};

static const struct range opening[] = { { '(', '(' }, { 0xFF08, 0xFF08 } };
static const struct range closing[] = { { ')', ')' }, { 0xFF09, 0xFF09 } };

#define NUM_OF(ranges) (sizeof(ranges) / sizeof(ranges)[0])

static bool
is_among(uint32_t c, const struct range *ranges, size_t num)
{
    for (size_t i = 0; i < num; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* A character of valid UTF-8. */
static uint32_t
char_at(const char *text, size_t at, size_t *len_ret)
{
    const uint8_t *p = (const uint8_t *)text + at;

    *len_ret = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (p[0] < 0x80)
        return p[0];
    if (p[0] < 0xE0)
        return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    if (p[0] < 0xF0)
        return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 |
           (p[3] & 0x3Fu);
}

/* Behind the characters from 'at' on that are among 'ranges'. */
static size_t
skip(const char *text, size_t len, size_t at, const struct range *ranges,
     size_t num)
{
    size_t step;

    while (at < len && is_among(char_at(text, at, &step), ranges, num))
        at += step;
    return at;
}

/* Where the white space before 'at' begins. */
static size_t
space_before(const char *text, size_t at)
{
    while (at > 0) {
        size_t begin = at - 1, step;

        while (begin > 0 && ((unsigned char)text[begin] & 0xC0) == 0x80)
            begin--;
        if (!is_among(char_at(text, begin, &step), spaces, NUM_OF(spaces)))
            break;
        at = begin;
    }
    return at;
}

static size_t
count_line_ends(const char *text, size_t begin, size_t end)
{
    size_t num = 0;

    for (size_t i = begin; i < end; i++)
        num += text[i] == '\n';
    return num;
}

/* ---- words ---- */

/* Whether unit i goes on with the word of the one before it, or with its
 * character: don't, 12,500 and half-hearted are words. */
static bool
goes_on(const struct wcp_folded *folded, const char *text, uint32_t i)
{
    uint64_t gap = folded->ends[i - 1];
    unsigned num_between = 0;
    size_t step;

    if (folded->begins[i] < gap || folded->begins[i] == folded->begins[i - 1])
        return true;
    if (wcp_unit_is_east_asian(folded->units[i]) ||
        wcp_unit_is_east_asian(folded->units[i - 1]))
        return false;
    for (; gap < folded->begins[i]; gap += step) {
        uint32_t c = char_at(text, gap, &step);

        if (is_among(c, spaces, NUM_OF(spaces)))
            return false;
        num_between += !is_among(c, marks, NUM_OF(marks));
    }
    return num_between <= 1;
}

/* Leave words whole that begin before the cut or end behind it. */
static void
spare_words(const struct wcp_folded *folded, const char *text,
            struct wcp_cut_place *cut)
{
    uint32_t begin = cut->begin, end = cut->end;

    while (begin > 0 && begin < cut->end && begin - cut->begin < LONGEST_WORD &&
           goes_on(folded, text, begin))
        begin++;
    if (begin - cut->begin < LONGEST_WORD)
        cut->begin = begin;
    while (end < folded->num && end > cut->begin &&
           cut->end - end < LONGEST_WORD && goes_on(folded, text, end))
        end--;
    if (cut->end - end < LONGEST_WORD)
        cut->end = end;
}

/* ---- the cut ---- */

/* Behind the pinyin of the letter before 'at': a syllable in brackets that
 * folding has dropped. */
static size_t
skip_pinyin(const char *text, size_t len, size_t at)
{
    size_t step, end;
    uint32_t c;

    if (at >= len || !is_among(char_at(text, at, &step), opening, 2) ||
        at + step >= len)
        return at;
    end = at + step;
    c = char_at(text, end, &step);
    if (!((c >= 'a' && c <= 'z') || (c >= 0xE0 && c <= 0x1EFF)))
        return at;
    for (; end < len; end += step)
        if (is_among(char_at(text, end, &step), closing, 2))
            return end + step;
    return at;
}

/* Behind what belongs to the last letter of what goes; there is no other letter
 * before 'len'. */
static size_t
skip_ending(const char *text, size_t len, size_t at)
{
    at = skip(text, len, at, marks, NUM_OF(marks));
    at = skip_pinyin(text, len, at);
    return skip(text, len, at, enders, NUM_OF(enders));
}

/* Take the white space of one side, if there is some on both. */
static void
close_gap(const char *text, size_t len, uint64_t *bytes)
{
    size_t begin = (size_t)bytes[0], end = (size_t)bytes[1];
    size_t before = space_before(text, begin);
    size_t after = skip(text, len, end, spaces, NUM_OF(spaces));
    bool starts = before == 0, ends = after == len;

    if (starts && !ends) {
        bytes[1] = after;
    } else if (ends) {
        bytes[0] = before;
    } else if (before < begin && after > end) {
        if (count_line_ends(text, before, begin) <
            count_line_ends(text, end, after))
            bytes[0] = before;
        else
            bytes[1] = after;
    }
}

bool
wcp_cut_joint(const struct wcp_folded *folded, const char *text, size_t len,
              struct wcp_cut_place *cut)
{
    size_t next;

    spare_words(folded, text, cut);
    if (cut->begin >= cut->end)
        return false;
    cut->bytes[0] = folded->begins[cut->begin];
    next = cut->end < folded->num ? folded->begins[cut->end] : len;
    cut->bytes[1] = skip_ending(text, next, folded->ends[cut->end - 1]);
    close_gap(text, len, cut->bytes);
    return true;
}
