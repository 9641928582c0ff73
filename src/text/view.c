/*
 * view.c - a stretch of text as patterns see it
 *
 * Datelines are told by their letters as much as by the parentheses, dashes
 * and line breaks around them, which the fold drops.  A view keeps these, in
 * one form of the several that each has, so that a pattern that is written
 * once, in ASCII and either kind of Chinese characters, fits all widths and
 * both kinds.
 */
#include "text/text.h"

#include "text/fold_table.h"

struct form {
    uint16_t from;
    char to;
};

/* Punctuation that is neither ASCII nor its full-width form; ascending. */
static const struct form forms[] = {
    { 0xAB, '"' },   { 0xB7, '.' },    { 0xBB, '"' },    { 0x2010, '-' },
    { 0x2011, '-' }, { 0x2012, '-' },  { 0x2013, '-' },  { 0x2014, '-' },
    { 0x2015, '-' }, { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201C, '"' },
    { 0x201D, '"' }, { 0x2022, '*' },  { 0x2027, '.' },  { 0x2212, '-' },
    { 0x2500, '-' }, { 0x2501, '-' },  { 0x3001, ',' },  { 0x3002, '.' },
    { 0x3008, '"' }, { 0x3009, '"' },  { 0x300A, '"' },  { 0x300B, '"' },
    { 0x300C, '"' }, { 0x300D, '"' },  { 0x300E, '"' },  { 0x300F, '"' },
    { 0x3010, '[' }, { 0x3011, ']' },  { 0x3014, '[' },  { 0x3015, ']' },
    { 0x30FB, '.' }, { 0xFE63, '-' },  { 0xFF64, ',' },  { 0xFF65, '.' },
};

/* The ASCII form of what is neither letter nor digit; '*' for symbols. */
static uint16_t
punctuation(uint32_t code)
{
    size_t low = 0, high = sizeof forms / sizeof *forms;

    if (code < 0x80)
        return (uint16_t)code;
    if (code >= 0xFF01 && code <= 0xFF5E)
        return (uint16_t)(code - 0xFEE0);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (forms[middle].from < code)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < sizeof forms / sizeof *forms && forms[low].from == code)
        return (uint16_t)forms[low].to;
    return '*';
}

/* White space, and what is none but shows as nothing or as a box. */
static bool
is_space(uint32_t code)
{
    return code <= 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0xAD ||
           (code >= 0x2000 && code <= 0x200F) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x2060 ||
           code == 0x3000 || code == 0xFEFF ||
           (code >= 0xE000 && code <= 0xF8FF) || code == 0xFFFD;
}

static bool
is_line_break(uint32_t code)
{
    return code == '\n' || code == '\r' || code == 0x2028 || code == 0x2029;
}

/* What the character is as a unit, and its flags. */
static uint16_t
unit_of(uint32_t code, uint8_t *flags)
{
    uint16_t value = code > 0xFFFF ? 0xD840 : wcp_fold_bmp[code];
    uint32_t narrow = code >= 0xFF01 && code <= 0xFF5E ? code - 0xFEE0 : code;

    if (value >= WCP_FOLD_AMPERSAND && value <= WCP_FOLD_LAST_SPECIAL)
        value = 0;
    if (value == 0)
        return punctuation(code);
    if (code <= 0xFFFF && value >= WCP_FOLD_EXPANSION &&
        value < WCP_FOLD_AMPERSAND)
        value = wcp_fold_pool[wcp_fold_expansions[value - WCP_FOLD_EXPANSION]
                                  .start];
    if (value >= '0' && value <= '9')
        *flags |= WCP_VIEW_DIGIT;
    else
        *flags |= WCP_VIEW_LETTER;
    if (narrow >= 'A' && narrow <= 'Z')
        *flags |= WCP_VIEW_UPPER;
    return value;
}

/* Chinese characters, which are most of what there is, and none that a rule
 * looks at. */
static bool
is_plain_han(uint32_t code)
{
    return code >= 0x4E00 && code <= 0x9FFF;
}

/* What stands at bytes[at]: its length.  *flags_io gains those of a space or a
 * unit; *unit_ret is 0 if it is no unit. */
static size_t
read_one(const uint8_t *bytes, size_t len, size_t at, uint16_t *unit_ret,
         uint8_t *flags_io)
{
    uint32_t code;
    size_t size = wcp_fold_decode(bytes + at, len - at, &code), other = 0;

    *unit_ret = 0;
    if (code == '&')
        other = wcp_entity_match(bytes + at, len - at, &code);
    else if (code == '(' || code == 0xFF08)
        other = wcp_pinyin_match(bytes, len, at);
    if (other > 0)
        size = other;
    if (is_space(code)) {
        *flags_io |= WCP_VIEW_SPACE;
        if (is_line_break(code))
            *flags_io |= WCP_VIEW_LINE;
    } else if (other == 0 || (code != '(' && code != 0xFF08)) {
        *unit_ret = unit_of(code, flags_io);
    }
    return size;
}

/* The same for ASCII that no rule looks at: no space, no '&', no '('. */
static uint16_t
read_ascii(uint8_t byte, uint8_t *flags_io)
{
    bool upper = (uint8_t)(byte - 'A') < 26;
    bool letter = (uint8_t)((byte | 0x20) - 'a') < 26;
    bool digit = (uint8_t)(byte - '0') < 10;

    *flags_io |= (uint8_t)(letter * WCP_VIEW_LETTER | digit * WCP_VIEW_DIGIT |
                           upper * WCP_VIEW_UPPER);
    return (uint16_t)(byte + upper * 0x20);
}

static bool
is_plain_ascii(uint8_t byte)
{
    return byte > 0x20 && byte < 0x7F && byte != '&' && byte != '(';
}

void
wcp_view_begin(struct wcp_view *view, const char *text, size_t len, size_t at)
{
    view->num = 0;
    view->whole = view->at_end = false;
    view->text = (const uint8_t *)text;
    view->len = len;
    view->next = at;
    view->pending = 0;
}

void
wcp_view_extend(struct wcp_view *view, size_t num)
{
    const uint8_t *bytes = view->text;
    size_t at = view->next, len = view->len, to = view->num;
    uint8_t flags = view->pending;

    if (num > WCP_VIEW_MAX)
        num = WCP_VIEW_MAX;
    while (at < len && (to < num || num == WCP_VIEW_MAX)) {
        uint16_t unit = 0;
        size_t size = 1;
        uint32_t code;

        if (is_plain_ascii(bytes[at]))
            unit = read_ascii(bytes[at], &flags);
        else if (bytes[at] >= 0xE4 && bytes[at] <= 0xE9 &&
                 (size = wcp_fold_decode(bytes + at, len - at, &code)) == 3 &&
                 is_plain_han(code)) {
            unit = wcp_fold_bmp[code];
            flags |= WCP_VIEW_LETTER;
        } else
            size = read_one(bytes, len, at, &unit, &flags);
        if (unit != 0) {
            if (to == WCP_VIEW_MAX)
                break;
            view->units[to] = unit;
            view->begins[to] = at;
            view->flags[to++] = flags;
            flags = 0;
        }
        at += size;
    }
    view->at_end = at == len;
    view->whole = at == len || (to == WCP_VIEW_MAX && num == WCP_VIEW_MAX);
    view->num = to;
    view->next = at;
    view->pending = flags;
}

size_t
wcp_view_find(struct wcp_view *view, size_t byte)
{
    size_t low = 0, high;

    while (view->next <= byte && !view->whole)
        wcp_view_extend(view, view->num + WCP_VIEW_STEP);
    high = view->num;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (view->begins[middle] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t
wcp_view_end(const struct wcp_view *view, size_t i)
{
    size_t at = view->begins[i];
    uint16_t unit;
    uint8_t flags = 0;

    return at + read_one(view->text, view->len, at, &unit, &flags);
}
