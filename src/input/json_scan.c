/*
 * json_scan.c - the lines that the fast parser refuses: where they are wrong,
 * and how they can be mended
 *
 * simdjson says that a line is wrong, not where.  It also refuses what other
 * parsers let pass and archives are full of: escapes of half a surrogate pair
 * (a text that was cut between two UTF-16 units) and numbers beyond 64 bits.
 * None of this runs for a line that is only read and fine, so it is written to
 * be short.
 */
#include "input/json.h"

#include <string.h>

/* A position in a line.  'open' has a bit for each open bracket: 1 object. */
struct scanner {
    const char *line;
    size_t len, at;
    struct wcp_json_flaw *flaw;
    size_t depth;
    uint8_t open[WCP_JSON_MAX_DEPTH / 8];
};

static bool
fail(struct scanner *s, const char *reason)
{
    s->flaw->reason = reason;
    s->flaw->at = s->at;
    s->flaw->incomplete = s->at >= s->len;
    if (s->flaw->incomplete)
        s->flaw->reason = "the line ends too early";
    return false;
}

static int
peek(const struct scanner *s)
{
    return s->at < s->len ? (unsigned char)s->line[s->at] : -1;
}

static void
skip_blanks(struct scanner *s)
{
    while (s->at < s->len && strchr(" \t\r\n", s->line[s->at]) != NULL &&
           s->line[s->at] != '\0')
        s->at++;
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit, -1 for anything else. */
static int
hex_value(int c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool
scan_escape(struct scanner *s)
{
    int c = peek(s);

    if (c == 'u') {
        s->at++;
        for (int i = 0; i < 4; i++, s->at++)
            if (hex_value(peek(s)) < 0)
                return fail(s, "\\u without four hexadecimal digits");
        return true;
    }
    if (c <= 0 || strchr("\"\\/bfnrt", c) == NULL)
        return fail(s, "unknown escape in a string");
    s->at++;
    return true;
}

static bool
scan_string(struct scanner *s)
{
    s->at++;
    for (;;) {
        int c = peek(s);

        if (c < 0)
            return fail(s, "string without end");
        if (c < 0x20)
            return fail(s, "control character in a string");
        s->at++;
        if (c == '"')
            return true;
        if (c == '\\' && !scan_escape(s))
            return false;
    }
}

static bool
scan_digits(struct scanner *s)
{
    if (!is_digit(peek(s)))
        return fail(s, "malformed number");
    while (is_digit(peek(s)))
        s->at++;
    return true;
}

static bool
scan_number(struct scanner *s)
{
    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0')
        s->at++;
    else if (!scan_digits(s))
        return false;
    if (peek(s) == '.') {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        if (!scan_digits(s))
            return false;
    }
    return true;
}

static bool
scan_word(struct scanner *s, const char *word)
{
    for (; *word != '\0'; word++, s->at++)
        if (peek(s) != *word)
            return fail(s, "unknown word");
    return true;
}

/* A value that holds no others. */
static bool
scan_leaf(struct scanner *s)
{
    int c = peek(s);

    if (c == '"')
        return scan_string(s);
    if (c == '-' || is_digit(c))
        return scan_number(s);
    if (c == 't')
        return scan_word(s, "true");
    if (c == 'f')
        return scan_word(s, "false");
    if (c == 'n')
        return scan_word(s, "null");
    return fail(s, "a value is missing");
}

static bool
in_object(const struct scanner *s)
{
    return (s->open[(s->depth - 1) / 8] >> ((s->depth - 1) % 8) & 1) != 0;
}

static bool
push(struct scanner *s, bool object)
{
    uint8_t bit = (uint8_t)(1u << (s->depth % 8));

    /* simdjson counts the root too, and allows one level less than its
     * limit. */
    if (s->depth + 1 >= WCP_JSON_MAX_DEPTH)
        return fail(s, "nested too deep");
    if (object)
        s->open[s->depth / 8] |= bit;
    else
        s->open[s->depth / 8] &= (uint8_t)~bit;
    s->depth++;
    s->at++;
    return true;
}

/* A member's name and the colon. */
static bool
scan_name(struct scanner *s)
{
    skip_blanks(s);
    if (peek(s) != '"')
        return fail(s, "a name in quotes is missing");
    if (!scan_string(s))
        return false;
    skip_blanks(s);
    if (peek(s) != ':')
        return fail(s, "':' is missing");
    s->at++;
    return true;
}

/* Close brackets and step over commas until a value must follow, or the
 * outermost value has ended (then *done_ret). */
static bool
scan_after_value(struct scanner *s, bool *done_ret)
{
    for (;;) {
        bool object;

        if (s->depth == 0) {
            *done_ret = true;
            return true;
        }
        object = in_object(s);
        skip_blanks(s);
        if (peek(s) == ',') {
            s->at++;
            return !object || scan_name(s);
        }
        if (peek(s) != (object ? '}' : ']'))
            return fail(s, object ? "',' or '}' is missing"
                                  : "',' or ']' is missing");
        s->at++;
        s->depth--;
    }
}

/* An opening bracket; *empty_ret if its closing one follows at once. */
static bool
scan_open(struct scanner *s, bool *empty_ret)
{
    bool object = peek(s) == '{';

    if (!push(s, object))
        return false;
    skip_blanks(s);
    *empty_ret = peek(s) == (object ? '}' : ']');
    if (*empty_ret) {
        s->at++;
        s->depth--;
        return true;
    }
    return !object || scan_name(s);
}

/* One value with all that it holds. */
static bool
scan_value(struct scanner *s)
{
    bool done = false;

    while (!done) {
        bool ended = true;

        skip_blanks(s);
        if (peek(s) == '{' || peek(s) == '[') {
            if (!scan_open(s, &ended))
                return false;
        } else if (!scan_leaf(s)) {
            return false;
        }
        if (ended && !scan_after_value(s, &done))
            return false;
    }
    return true;
}

bool
wcp_json_check(const char *line, size_t len, struct wcp_json_flaw *flaw_ret)
{
    struct scanner s = { .line = line, .len = len, .flaw = flaw_ret };

    if (!scan_value(&s))
        return false;
    skip_blanks(&s);
    if (s.at < s.len)
        return fail(&s, "something follows the value");
    return true;
}

/* Go to the value of the ordinal-th member of the object that follows. */
static bool
enter_member(struct scanner *s, uint32_t ordinal)
{
    skip_blanks(s);
    if (peek(s) != '{')
        return false;
    s->at++;
    for (uint32_t i = 0; scan_name(s); i++) {
        if (i == ordinal)
            return true;
        s->depth = 0;
        if (!scan_value(s))
            return false;
        skip_blanks(s);
        if (peek(s) != ',')
            return false;
        s->at++;
    }
    return false;
}

bool
wcp_json_number_text(const char *line, size_t len, struct wcp_json_value *value)
{
    struct wcp_json_flaw flaw;
    struct scanner s = { .line = line, .len = len, .flaw = &flaw };
    size_t begin;

    for (unsigned i = 0; i < value->num_ordinals; i++)
        if (!enter_member(&s, value->ordinals[i]))
            return false;
    skip_blanks(&s);
    begin = s.at;
    if (!scan_number(&s))
        return false;
    value->data = line + begin;
    value->len = s.at - begin;
    return true;
}

bool
wcp_json_string_place(const char *line, size_t len,
                      const struct wcp_json_value *value, size_t *begin_ret)
{
    struct wcp_json_flaw flaw;
    struct scanner s = { .line = line, .len = len, .flaw = &flaw };

    for (unsigned i = 0; i < value->num_ordinals; i++)
        if (!enter_member(&s, value->ordinals[i]))
            return false;
    skip_blanks(&s);
    *begin_ret = s.at + 1;
    return value->num_ordinals > 0 && peek(&s) == '"';
}

int
wcp_json_escaped_unit(const char *p, const char *end)
{
    int unit = 0;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int value = hex_value((unsigned char)p[i]);

        if (value < 0)
            return -1;
        unit = unit * 16 + value;
    }
    return unit;
}

uint64_t
wcp_json_mend_surrogates(char *line, size_t *len, bool drop, size_t *first_ret)
{
    const char *from = line, *end = line + *len;
    char *to = line;
    uint64_t num = 0;

    while (from < end) {
        int unit = wcp_json_escaped_unit(from, end);
        size_t step = 1;

        if (unit >= 0xD800 && unit <= 0xDFFF) {
            int next = wcp_json_escaped_unit(from + 6, end);

            if (unit >= 0xDC00 || next < 0xDC00 || next > 0xDFFF) {
                if (num++ == 0)
                    *first_ret = (size_t)(from - line);
                from += 6;
                if (!drop) {
                    memcpy(to, "\\uFFFD", 6);
                    to += 6;
                }
                continue;
            }
            step = 12;
        } else if (*from == '\\' && end - from > 1) {
            step = 2;
        }
        memmove(to, from, step);
        to += step;
        from += step;
    }
    *len = (size_t)(to - line);
    return num;
}

void
wcp_json_mend_numbers(char *line, size_t len)
{
    bool in_string = false;

    for (size_t i = 0; i < len; i++) {
        if (in_string && line[i] == '\\') {
            i++;
        } else if (line[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && (line[i] == '-' || is_digit(line[i]))) {
            line[i++] = '0';
            while (i < len && line[i] != '\0' &&
                   strchr("+-.0123456789eE", line[i]) != NULL)
                line[i++] = ' ';
            i--;
        }
    }
}
