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

void
cli_json_string(FILE *to, struct cli_string string)
{
    size_t plain = 0;

    if (string.data == NULL) {
        fputs("null", to);
        return;
    }
    fputc('"', to);
    for (size_t i = 0; i < string.len; i++) {
        unsigned char c = (unsigned char)string.data[i];
        const char *short_form = NULL;

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        fwrite(string.data + plain, 1, i - plain, to);
        plain = i + 1;
        switch (c) {
        case '"':
            short_form = "\\\"";
            break;
        case '\\':
            short_form = "\\\\";
            break;
        case '\n':
            short_form = "\\n";
            break;
        case '\r':
            short_form = "\\r";
            break;
        case '\t':
            short_form = "\\t";
            break;
        default:
            break;
        }
        if (short_form != NULL)
            fputs(short_form, to);
        else
            fprintf(to, "\\u%04x", c);
    }
    fwrite(string.data + plain, 1, string.len - plain, to);
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
