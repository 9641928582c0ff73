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

/* Bytes before one that JSON text has to escape, or DEL, eight at a time.  Of
 * each byte the highest bit tells; what a difference below 0 takes from the
 * byte above it can only make that one be looked at in vain. */
static size_t
plain_bytes(const char *text, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t i = 0;

    for (; len - i >= 8; i += 8) {
        uint64_t eight, found;

        memcpy(&eight, text + i, sizeof eight);
        found = (eight - ones * 0x20) | ((eight ^ ones * '"') - ones) |
                ((eight ^ ones * '\\') - ones) | ((eight ^ ones * 0x7F) - ones);
        if ((found & ~eight & ones * 0x80) != 0)
            break;
    }
    for (; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F)
            break;
    }
    return i;
}

static void
write_escape(FILE *to, unsigned char c)
{
    switch (c) {
    case '"':
        fputs("\\\"", to);
        break;
    case '\\':
        fputs("\\\\", to);
        break;
    case '\n':
        fputs("\\n", to);
        break;
    case '\r':
        fputs("\\r", to);
        break;
    case '\t':
        fputs("\\t", to);
        break;
    default:
        fprintf(to, "\\u%04x", c);
        break;
    }
}

void
cli_json_string(FILE *to, struct cli_string string)
{
    char quoted[256];
    size_t at;

    if (string.data == NULL) {
        fputs("null", to);
        return;
    }
    at = plain_bytes(string.data, string.len);
    if (at == string.len && at <= sizeof quoted - 2) {
        quoted[0] = quoted[at + 1] = '"';
        memcpy(quoted + 1, string.data, at);
        fwrite(quoted, 1, at + 2, to);
        return;
    }
    fputc('"', to);
    fwrite(string.data, 1, at, to);
    while (at < string.len) {
        const char *rest = string.data + at + 1;
        const size_t plain = plain_bytes(rest, string.len - at - 1);

        write_escape(to, (unsigned char)string.data[at]);
        fwrite(rest, 1, plain, to);
        at += 1 + plain;
    }
    fputc('"', to);
}

void
cli_json_count(FILE *to, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    fwrite(digits + at, 1, sizeof digits - at, to);
}

/*
 * A ratio from .1 to below 1 as "%.10g" has it, which takes ten times as long.
 * False where the product below, which is off by a millionth at most, does not
 * decide how the tenth digit is rounded.
 */
static bool
write_ratio(FILE *to, double ratio)
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
    fwrite(text, 1, len, to);
    return true;
}

/* Ten digits: more than enough to tell any two ratios of counts below 10^5
 * apart, and short for the usual ones. */
void
cli_json_number(FILE *to, double number)
{
    if (isnan(number))
        fputs("null", to);
    else if (number == 1)
        fputc('1', to);
    else if (!(number >= .1 && number < 1) || !write_ratio(to, number))
        fprintf(to, "%.10g", number);
}

void
cli_json_field(FILE *to, const char *key, double number)
{
    fprintf(to, ",\"%s\":", key);
    cli_json_number(to, number);
}

static void
begin_field(struct cli_row *row)
{
    if (row->started)
        fputc(row->tabs ? '\t' : ',', row->to);
    row->started = true;
}

/* Backslash, tab and line ends as \\ \t \n \r, so that a row is a line. */
static void
write_tsv(FILE *to, struct cli_string string)
{
    for (size_t i = 0; i < string.len; i++) {
        char c = string.data[i];

        if (c == '\\' || c == '\t' || c == '\n' || c == '\r') {
            fputc('\\', to);
            c = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
        }
        fputc(c, to);
    }
}

/* RFC 4180: quoted where needed, quotes doubled. */
static void
write_csv(FILE *to, struct cli_string string)
{
    bool quote = false;

    for (size_t i = 0; i < string.len; i++)
        if (strchr(",\"\n\r", string.data[i]) != NULL)
            quote = true;
    if (!quote) {
        fwrite(string.data, 1, string.len, to);
        return;
    }
    fputc('"', to);
    for (size_t i = 0; i < string.len; i++) {
        if (string.data[i] == '"')
            fputc('"', to);
        fputc(string.data[i], to);
    }
    fputc('"', to);
}

void
cli_row_string(struct cli_row *row, struct cli_string string)
{
    begin_field(row);
    if (string.data == NULL)
        return;
    if (row->tabs)
        write_tsv(row->to, string);
    else
        write_csv(row->to, string);
}

void
cli_row_count(struct cli_row *row, uint64_t number)
{
    begin_field(row);
    cli_json_count(row->to, number);
}

void
cli_row_number(struct cli_row *row, double number)
{
    begin_field(row);
    cli_json_number(row->to, number);
}

void
cli_row_end(struct cli_row *row)
{
    fputs(row->tabs ? "\n" : "\r\n", row->to);
    row->started = false;
}

void
cli_row_names(struct cli_row *row, const char *const *names)
{
    for (; *names != NULL; names++)
        cli_row_string(row, cli_string_of(*names));
    cli_row_end(row);
}
