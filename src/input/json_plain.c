/*
 * json_plain.c - the lines that most files of records have
 *
 * One object, flat: strings, whole numbers and words, no escapes but those of
 * one character.  Such a line needs no list of all its brackets and quotes to
 * be made first, as any other does (json_simdjson.cpp): each string is looked
 * through once and stays where it is, unless it has an escape.
 *
 * What is accepted here is accepted there, with the same values; at the first
 * sign of anything else the line is left to that parser.
 */
#include "input/input.h"
#include "input/json.h"
#include "text/text.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    BLOCK = 16, /* bytes looked at together: no more than are padding */
    MAX_DIGITS = 18
};

_Static_assert((int)BLOCK <= (int)WCP_JSON_PADDING,
               "blocks may begin at the last byte");

struct reading {
    const char *at, *end;
    char *room; /* for what is unescaped next */
};

/* ---- strings ---- */

/* What does not stand for itself in a string. */
static inline bool
is_special(uint8_t byte)
{
    return (byte == '"') | (byte == '\\') | (byte < 0x20);
}

#if defined(__SSE2__)
/* A bit for each of 16 bytes that is special. */
static inline unsigned
specials(const char *p)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i low = _mm_min_epu8(bytes, _mm_set1_epi8(0x1F));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(
        _mm_cmpeq_epi8(bytes, low), _mm_or_si128(quotes, slashes)));
}

/* The next special byte, or the end. */
static inline const char *
find_special(const char *p, const char *end)
{
    for (; p < end; p += BLOCK) {
        const unsigned bits = specials(p);

        if (bits != 0) {
            p += __builtin_ctz(bits);
            break;
        }
    }
    return p < end ? p : end;
}
#else
static inline const char *
find_special(const char *p, const char *end)
{
    while (p < end && !is_special((uint8_t)*p))
        p++;
    return p;
}
#endif

/* What a backslash and this byte stand for; 0: more than a byte, or an
 * error. */
static char
unescaped(char byte)
{
    switch (byte) {
    case '"':
    case '\\':
    case '/':
        return byte;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* Copy a string from 'begin' on, whose first escape is at p. */
static bool
unescape(struct reading *r, const char *begin, const char *p,
         struct wcp_string *string_ret)
{
    char *to = r->room;

    for (;;) {
        const size_t num = (size_t)(p - begin);
        char byte;

        memcpy(to, begin, num);
        to += num;
        if (p == r->end)
            return false;
        if (*p == '"')
            break;
        if (*p != '\\' || r->end - p < 2 || (byte = unescaped(p[1])) == 0)
            return false;
        *to++ = byte;
        begin = p + 2;
        p = find_special(begin, r->end);
    }
    *string_ret = (struct wcp_string){ r->room, (size_t)(to - r->room) };
    r->room = to;
    r->at = p + 1;
    return true;
}

static bool
read_string(struct reading *r, struct wcp_string *string_ret)
{
    const char *begin = r->at + 1, *p = find_special(begin, r->end);

    if (p < r->end && *p == '\\')
        return unescape(r, begin, p, string_ret);
    if (p == r->end || *p != '"')
        return false;
    *string_ret = (struct wcp_string){ begin, (size_t)(p - begin) };
    r->at = p + 1;
    return true;
}

/* ---- other values ---- */

static int
peek(const struct reading *r)
{
    return r->at < r->end ? (unsigned char)*r->at : -1;
}

static void
skip_blanks(struct reading *r)
{
    int c;

    while ((c = peek(r)) == ' ' || c == '\t' || c == '\r' || c == '\n')
        r->at++;
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* One that is written as its value is; what may follow it is seen to by
 * whoever reads on. */
static bool
read_integer(struct reading *r, struct wcp_string *string_ret)
{
    const char *begin = r->at;
    const bool negative = *begin == '-';
    size_t num = 0;

    for (r->at += negative; is_digit(peek(r)); r->at++)
        num++;
    if (num == 0 || num > MAX_DIGITS ||
        (begin[negative] == '0' && (num > 1 || negative)))
        return false;
    *string_ret = (struct wcp_string){ begin, (size_t)(r->at - begin) };
    return true;
}

static bool
read_word(struct reading *r, const char *word)
{
    const size_t len = strlen(word);

    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return false;
    r->at += len;
    return true;
}

static bool
read_value(struct reading *r, enum wcp_json_kind *kind_ret,
           struct wcp_string *string_ret)
{
    const int c = peek(r);

    *string_ret = (struct wcp_string){ NULL, 0 };
    if (c == '"') {
        *kind_ret = WCP_JSON_STRING;
        return read_string(r, string_ret);
    }
    if (c == '-' || is_digit(c)) {
        *kind_ret = WCP_JSON_INTEGER;
        return read_integer(r, string_ret);
    }
    if (c == 'n') {
        *kind_ret = WCP_JSON_NONE;
        return read_word(r, "null");
    }
    *kind_ret = WCP_JSON_OTHER;
    return c >= 0 && read_word(r, c == 't' ? "true" : "false");
}

/* ---- the object ---- */

/* A member's name and the colon. */
static bool
read_name(struct reading *r, struct wcp_string *name_ret)
{
    const char *begin;

    skip_blanks(r);
    if (peek(r) != '"')
        return false;
    begin = ++r->at;
    while (r->at < r->end && !is_special((uint8_t)*r->at))
        r->at++;
    if (peek(r) != '"')
        return false;
    *name_ret = (struct wcp_string){ begin, (size_t)(r->at++ - begin) };
    skip_blanks(r);
    if (peek(r) != ':')
        return false;
    r->at++;
    skip_blanks(r);
    return true;
}

/* Members up to the bracket, none of which is anything else. */
static bool
read_members(struct reading *r, const struct wcp_json_name *names,
             size_t num_names, struct wcp_json_value *values)
{
    for (uint32_t ordinal = 0;; ordinal++) {
        struct wcp_string name, string;
        enum wcp_json_kind kind;

        if (!read_name(r, &name) || !read_value(r, &kind, &string))
            return false;
        for (size_t i = 0; i < num_names; i++) {
            if (name.len != names[i].len || values[i].num_ordinals > 0 ||
                memcmp(name.data, names[i].data, name.len) != 0)
                continue;
            values[i].kind = kind;
            values[i].data = string.data;
            values[i].len = string.len;
            values[i].num_ordinals = 1;
            values[i].ordinals[0] = ordinal;
        }
        skip_blanks(r);
        if (peek(r) == '}')
            return true;
        if (peek(r) != ',')
            return false;
        r->at++;
    }
}

bool
wcp_json_plain(const char *line, size_t len, const struct wcp_json_name *names,
               size_t num_names, struct wcp_json_value *values, char *room)
{
    struct reading r = { line, line + len, room };

    for (size_t i = 0; i < num_names; i++) {
        values[i].kind = WCP_JSON_NONE;
        values[i].data = NULL;
        values[i].len = 0;
        values[i].num_ordinals = 0;
    }
    skip_blanks(&r);
    if (peek(&r) != '{')
        return false;
    r.at++;
    if (!read_members(&r, names, num_names, values))
        return false;
    r.at++;
    skip_blanks(&r);
    /* In a flat object there is nothing for dots to lead into. */
    return r.at == r.end && wcp_utf8_valid_prefix(line, len) == len;
}
