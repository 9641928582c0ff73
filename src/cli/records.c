/*
 * records.c - values in JSON, CSV and TSV
 */
#include "cli/cli.h"

#include <math.h>
#include <string.h>

struct cli_string
cli_string_of(const char *text)
{
    return (struct cli_string){ text, text != NULL ? strlen(text) : 0 };
}

/* Whether one of eight bytes is one that JSON text has to escape, or DEL.  Of
 * each byte the highest bit tells; what a difference below 0 takes from the
 * byte above it can only make that one be looked at in vain. */
static bool
may_be_special(const char *eight_bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t eight, found;

    memcpy(&eight, eight_bytes, sizeof eight);
    found = (eight - ones * 0x20) | ((eight ^ ones * '"') - ones) |
            ((eight ^ ones * '\\') - ones) | ((eight ^ ones * 0x7F) - ones);
    return (found & ~eight & ones * 0x80) != 0;
}

/* Bytes before the first of those; the last eight may be looked at twice. */
static size_t
plain_bytes(const char *text, size_t len)
{
    size_t i = 0;

    while (len - i >= 8 && !may_be_special(text + i))
        i += 8;
    if (len >= 8 && len - i < 8 && !may_be_special(text + len - 8))
        return len;
    for (; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F)
            break;
    }
    return i;
}

void
cli_line_end(struct cli_line *line)
{
    if (line->len > 0)
        fwrite(line->data, 1, line->len, line->to);
    line->len = 0;
}

void
cli_line_put(struct cli_line *line, const char *data, size_t len)
{
    if (len > CLI_LINE_BYTES - line->len) {
        cli_line_end(line);
        if (len > CLI_LINE_BYTES) {
            fwrite(data, 1, len, line->to);
            return;
        }
    }
    memcpy(line->data + line->len, data, len);
    line->len += len;
}

static void
put_byte(struct cli_line *line, char byte)
{
    if (line->len == CLI_LINE_BYTES)
        cli_line_end(line);
    line->data[line->len++] = byte;
}

static void
put_escape(struct cli_line *line, unsigned char c)
{
    char code[8];

    switch (c) {
    case '"':
    case '\\':
        put_byte(line, '\\');
        put_byte(line, (char)c);
        break;
    case '\n':
        cli_line_text(line, "\\n");
        break;
    case '\r':
        cli_line_text(line, "\\r");
        break;
    case '\t':
        cli_line_text(line, "\\t");
        break;
    default:
        snprintf(code, sizeof code, "\\u%04x", c);
        cli_line_text(line, code);
        break;
    }
}

void
cli_line_string(struct cli_line *line, struct cli_string string)
{
    size_t at;

    if (string.data == NULL) {
        cli_line_text(line, "null");
        return;
    }
    put_byte(line, '"');
    at = plain_bytes(string.data, string.len);
    cli_line_put(line, string.data, at);
    while (at < string.len) {
        const char *rest = string.data + at + 1;
        const size_t plain = plain_bytes(rest, string.len - at - 1);

        put_escape(line, (unsigned char)string.data[at]);
        cli_line_put(line, rest, plain);
        at += 1 + plain;
    }
    put_byte(line, '"');
}

void
cli_line_count(struct cli_line *line, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    cli_line_put(line, digits + at, sizeof digits - at);
}

/*
 * A ratio from .1 to below 1 as "%.10g" has it, which takes ten times as long.
 * False where the product below, which is off by a millionth at most, does not
 * decide how the tenth digit is rounded.
 */
static bool
put_ratio(struct cli_line *line, double ratio)
{
    const double scaled = ratio * 1e10;
    const uint64_t whole = (uint64_t)scaled;
    const double rest = scaled - (double)whole;
    char text[12] = "0.";
    uint64_t left = whole + (rest > .5);
    size_t len = sizeof text;

    if ((rest > .4999 && rest < .5001) || left >= 10000000000)
        return false;
    for (size_t i = len; i-- > 2; left /= 10)
        text[i] = (char)('0' + left % 10);
    while (text[len - 1] == '0')
        len--;
    cli_line_put(line, text, len);
    return true;
}

/* Ten digits: more than enough to tell any two ratios of counts below 10^5
 * apart, and short for the usual ones. */
void
cli_line_number(struct cli_line *line, double number)
{
    char text[40];

    if (isnan(number)) {
        cli_line_text(line, "null");
    } else if (number == 1) {
        put_byte(line, '1');
    } else if (!(number >= .1 && number < 1) || !put_ratio(line, number)) {
        snprintf(text, sizeof text, "%.10g", number);
        cli_line_text(line, text);
    }
}

/* ---- at once ---- */

void
cli_json_string(FILE *to, struct cli_string string)
{
    struct cli_line line;

    cli_line_begin(&line, to);
    cli_line_string(&line, string);
    cli_line_end(&line);
}

void
cli_json_number(FILE *to, double number)
{
    struct cli_line line;

    cli_line_begin(&line, to);
    cli_line_number(&line, number);
    cli_line_end(&line);
}

void
cli_json_field(FILE *to, const char *key, double number)
{
    fprintf(to, ",\"%s\":", key);
    cli_json_number(to, number);
}

/* ---- rows ---- */

static void
begin_field(struct cli_row *row)
{
    if (row->started)
        put_byte(&row->line, row->tabs ? '\t' : ',');
    row->started = true;
}

/* Marks, tabs and line ends, which make a cell special, are few, and one test
 * of each byte is enough: in UTF-8 they are no part of another character. */
static bool
is_special(char byte, bool tabs)
{
    return byte == '\n' || byte == '\r' ||
           (tabs ? byte == '\t' || byte == '\\'
                 : byte == ',' || byte == '"' || byte == '\0');
}

static size_t
plain_cell(struct cli_string string, bool tabs)
{
    size_t i = 0;

    while (i < string.len && !is_special(string.data[i], tabs))
        i++;
    return i;
}

/* Backslash, tab and line ends as \\ \t \n \r, so that a row is a line. */
static void
put_tsv(struct cli_line *to, struct cli_string string)
{
    size_t i = plain_cell(string, true);

    cli_line_put(to, string.data, i);
    for (; i < string.len; i++) {
        char c = string.data[i];

        if (is_special(c, true)) {
            put_byte(to, '\\');
            c = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
        }
        put_byte(to, c);
    }
}

/* RFC 4180: quoted where needed, quotes doubled. */
static void
put_csv(struct cli_line *to, struct cli_string string)
{
    if (plain_cell(string, false) == string.len) {
        cli_line_put(to, string.data, string.len);
        return;
    }
    put_byte(to, '"');
    for (size_t i = 0; i < string.len; i++) {
        if (string.data[i] == '"')
            put_byte(to, '"');
        put_byte(to, string.data[i]);
    }
    put_byte(to, '"');
}

void
cli_row_string(struct cli_row *row, struct cli_string string)
{
    begin_field(row);
    if (string.data == NULL)
        return;
    if (row->tabs)
        put_tsv(&row->line, string);
    else
        put_csv(&row->line, string);
}

void
cli_row_count(struct cli_row *row, uint64_t number)
{
    begin_field(row);
    cli_line_count(&row->line, number);
}

void
cli_row_number(struct cli_row *row, double number)
{
    begin_field(row);
    cli_line_number(&row->line, number);
}

void
cli_row_end(struct cli_row *row)
{
    cli_line_text(&row->line, row->tabs ? "\n" : "\r\n");
    cli_line_end(&row->line);
    row->started = false;
}

void
cli_row_names(struct cli_row *row, const char *const *names)
{
    for (; *names != NULL; names++)
        cli_row_string(row, cli_string_of(*names));
    cli_row_end(row);
}
