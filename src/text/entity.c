/*
 * entity.c - character references that stand in plain text
 *
 * News archives hold text that was cut out of HTML with its references left
 * in, some without the semicolon, some escaped twice.  What is recognised:
 *
 *   &#38472; &#x9648;   any character but U+0000 and surrogates
 *   &name;              the names of HTML 4 and apos, in any case: the case
 *                       of the name only matters to the case of the letter,
 *                       which folding removes
 *   &nbsp               without a semicolon, whatever follows
 *   &amp &lt &gt &quot  without one when no ASCII letter or digit follows
 *
 * "&amp;" in front of the rest of a reference ("&amp;nbsp;", "&amp;#38472;")
 * is a reference escaped twice, and read as the one that was meant.  Anything
 * else is plain text.
 */
#include "text/fold_table.h"

#include <stdbool.h>
#include <string.h>

enum {
    MAX_NAME = 8,    /* thetasym */
    MAX_DIGITS = 10, /* of a numeric reference, leading zeros included */
    NO_BREAK_SPACE = 0xA0
};

struct entity {
    char name[MAX_NAME + 1];
    uint16_t code;
};

/* Sorted by name.  clang-format would give each a line of its own. */
/* clang-format off */
static const struct entity entities[] = {
    { "aacute", 0xC1 }, { "acirc", 0xC2 }, { "acute", 0xB4 },
    { "aelig", 0xC6 }, { "agrave", 0xC0 }, { "alefsym", 0x2135 },
    { "alpha", 0x391 }, { "amp", 0x26 }, { "and", 0x2227 }, { "ang", 0x2220 },
    { "apos", 0x27 }, { "aring", 0xC5 }, { "asymp", 0x2248 },
    { "atilde", 0xC3 }, { "auml", 0xC4 }, { "bdquo", 0x201E },
    { "beta", 0x392 }, { "brvbar", 0xA6 }, { "bull", 0x2022 },
    { "cap", 0x2229 }, { "ccedil", 0xC7 }, { "cedil", 0xB8 }, { "cent", 0xA2 },
    { "chi", 0x3A7 }, { "circ", 0x2C6 }, { "clubs", 0x2663 },
    { "cong", 0x2245 }, { "copy", 0xA9 }, { "crarr", 0x21B5 },
    { "cup", 0x222A }, { "curren", 0xA4 }, { "dagger", 0x2021 },
    { "darr", 0x21D3 }, { "deg", 0xB0 }, { "delta", 0x394 },
    { "diams", 0x2666 }, { "divide", 0xF7 }, { "eacute", 0xC9 },
    { "ecirc", 0xCA }, { "egrave", 0xC8 }, { "empty", 0x2205 },
    { "emsp", 0x2003 }, { "ensp", 0x2002 }, { "epsilon", 0x395 },
    { "equiv", 0x2261 }, { "eta", 0x397 }, { "eth", 0xD0 }, { "euml", 0xCB },
    { "euro", 0x20AC }, { "exist", 0x2203 }, { "fnof", 0x192 },
    { "forall", 0x2200 }, { "frac12", 0xBD }, { "frac14", 0xBC },
    { "frac34", 0xBE }, { "frasl", 0x2044 }, { "gamma", 0x393 },
    { "ge", 0x2265 }, { "gt", 0x3E }, { "harr", 0x21D4 }, { "hearts", 0x2665 },
    { "hellip", 0x2026 }, { "iacute", 0xCD }, { "icirc", 0xCE },
    { "iexcl", 0xA1 }, { "igrave", 0xCC }, { "image", 0x2111 },
    { "infin", 0x221E }, { "int", 0x222B }, { "iota", 0x399 },
    { "iquest", 0xBF }, { "isin", 0x2208 }, { "iuml", 0xCF },
    { "kappa", 0x39A }, { "lambda", 0x39B }, { "lang", 0x2329 },
    { "laquo", 0xAB }, { "larr", 0x21D0 }, { "lceil", 0x2308 },
    { "ldquo", 0x201C }, { "le", 0x2264 }, { "lfloor", 0x230A },
    { "lowast", 0x2217 }, { "loz", 0x25CA }, { "lrm", 0x200E },
    { "lsaquo", 0x2039 }, { "lsquo", 0x2018 }, { "lt", 0x3C },
    { "macr", 0xAF }, { "mdash", 0x2014 }, { "micro", 0xB5 },
    { "middot", 0xB7 }, { "minus", 0x2212 }, { "mu", 0x39C },
    { "nabla", 0x2207 }, { "nbsp", 0xA0 }, { "ndash", 0x2013 },
    { "ne", 0x2260 }, { "ni", 0x220B }, { "not", 0xAC }, { "notin", 0x2209 },
    { "nsub", 0x2284 }, { "ntilde", 0xD1 }, { "nu", 0x39D },
    { "oacute", 0xD3 }, { "ocirc", 0xD4 }, { "oelig", 0x152 },
    { "ograve", 0xD2 }, { "oline", 0x203E }, { "omega", 0x3A9 },
    { "omicron", 0x39F }, { "oplus", 0x2295 }, { "or", 0x2228 },
    { "ordf", 0xAA }, { "ordm", 0xBA }, { "oslash", 0xD8 }, { "otilde", 0xD5 },
    { "otimes", 0x2297 }, { "ouml", 0xD6 }, { "para", 0xB6 },
    { "part", 0x2202 }, { "permil", 0x2030 }, { "perp", 0x22A5 },
    { "phi", 0x3A6 }, { "pi", 0x3A0 }, { "piv", 0x3D6 }, { "plusmn", 0xB1 },
    { "pound", 0xA3 }, { "prime", 0x2033 }, { "prod", 0x220F },
    { "prop", 0x221D }, { "psi", 0x3A8 }, { "quot", 0x22 },
    { "radic", 0x221A }, { "rang", 0x232A }, { "raquo", 0xBB },
    { "rarr", 0x21D2 }, { "rceil", 0x2309 }, { "rdquo", 0x201D },
    { "real", 0x211C }, { "reg", 0xAE }, { "rfloor", 0x230B },
    { "rho", 0x3A1 }, { "rlm", 0x200F }, { "rsaquo", 0x203A },
    { "rsquo", 0x2019 }, { "sbquo", 0x201A }, { "scaron", 0x160 },
    { "sdot", 0x22C5 }, { "sect", 0xA7 }, { "shy", 0xAD }, { "sigma", 0x3A3 },
    { "sigmaf", 0x3C2 }, { "sim", 0x223C }, { "spades", 0x2660 },
    { "sub", 0x2282 }, { "sube", 0x2286 }, { "sum", 0x2211 },
    { "sup", 0x2283 }, { "sup1", 0xB9 }, { "sup2", 0xB2 }, { "sup3", 0xB3 },
    { "supe", 0x2287 }, { "szlig", 0xDF }, { "tau", 0x3A4 },
    { "there4", 0x2234 }, { "theta", 0x398 }, { "thetasym", 0x3D1 },
    { "thinsp", 0x2009 }, { "thorn", 0xDE }, { "tilde", 0x2DC },
    { "times", 0xD7 }, { "trade", 0x2122 }, { "uacute", 0xDA },
    { "uarr", 0x21D1 }, { "ucirc", 0xDB }, { "ugrave", 0xD9 }, { "uml", 0xA8 },
    { "upsih", 0x3D2 }, { "upsilon", 0x3A5 }, { "uuml", 0xDC },
    { "weierp", 0x2118 }, { "xi", 0x39E }, { "yacute", 0xDD }, { "yen", 0xA5 },
    { "yuml", 0x178 }, { "zeta", 0x396 }, { "zwj", 0x200D },
    { "zwnj", 0x200C },
};
/* clang-format on */

static int
digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static bool
is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* What follows "&#"; the length up to and with the semicolon, or 0. */
static size_t
match_number(const uint8_t *text, size_t len, uint32_t *code_ret)
{
    bool hex = len > 0 && (text[0] | 0x20) == 'x';
    int base = hex ? 16 : 10;
    size_t at = hex ? 1 : 0, begin = at;
    uint64_t value = 0;

    while (at < len && at - begin < MAX_DIGITS &&
           digit_value(text[at]) < base) {
        value = value * (unsigned)base + (unsigned)digit_value(text[at]);
        at++;
    }
    if (at == begin || at == len || text[at] != ';')
        return 0;
    if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 0;
    *code_ret = (uint32_t)value;
    return at + 1;
}

static const struct entity *
find_name(const char *name)
{
    size_t low = 0, high = sizeof entities / sizeof *entities;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(name, entities[mid].name);

        if (order == 0)
            return entities + mid;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

/* True when lower-case 'word' stands at text, in any case. */
static bool
begins_with(const uint8_t *text, size_t len, const char *word)
{
    size_t i;

    for (i = 0; word[i] != '\0'; i++)
        if (i == len ||
            (text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]) !=
                (uint8_t)word[i])
            return false;
    return true;
}

/* The few names that pages leave without a semicolon. */
static size_t
match_bare_name(const uint8_t *text, size_t len, uint32_t *code_ret)
{
    static const struct entity bare[] = {
        { "amp", '&' }, { "gt", '>' }, { "lt", '<' }, { "quot", '"' }
    };

    if (begins_with(text, len, "nbsp")) {
        *code_ret = NO_BREAK_SPACE;
        return 4;
    }
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++) {
        size_t name_len = strlen(bare[i].name);

        if (begins_with(text, len, bare[i].name) &&
            (len == name_len || !is_alphanumeric(text[name_len]))) {
            *code_ret = bare[i].code;
            return name_len;
        }
    }
    return 0;
}

/* What follows the ampersand. */
static size_t
match_reference(const uint8_t *text, size_t len, uint32_t *code_ret)
{
    char name[MAX_NAME + 1];
    size_t i;

    if (len > 0 && text[0] == '#') {
        size_t number_len = match_number(text + 1, len - 1, code_ret);

        return number_len > 0 ? number_len + 1 : 0;
    }
    for (i = 0; i < len && i < MAX_NAME && is_alphanumeric(text[i]); i++)
        name[i] =
            (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
    name[i] = '\0';
    if (i < len && text[i] == ';') {
        const struct entity *found = find_name(name);

        if (found != NULL) {
            *code_ret = found->code;
            return i + 1;
        }
    }
    return match_bare_name(text, len, code_ret);
}

size_t
wcp_entity_match(const uint8_t *text, size_t len, uint32_t *code_ret)
{
    size_t at = 1, rest;

    while (begins_with(text + at, len - at, "amp;"))
        at += 4;
    rest = match_reference(text + at, len - at, code_ret);
    if (rest > 0)
        return at + rest;
    if (at == 1)
        return 0;
    *code_ret = '&';
    return at;
}
