/*
 * table.c - text in columns of a terminal, where Han characters take two, and
 * its colours
 *
 * Colours only repeat what the words say, and only the eight that every
 * terminal has are used, as its owner has set them.
 */
#include "cli/table.h"
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

struct range {
    uint32_t first, last;
};

/* Wide and full-width characters, in the large (UAX #11). */
static const struct range wide[] = {
    { 0x1100, 0x115F },   { 0x2E80, 0x303E },   { 0x3041, 0xA4CF },
    { 0xA960, 0xA97F },   { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },
    { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },   { 0xFFE0, 0xFFE6 },
    { 0x1F300, 0x1F64F }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
};

/* Marks and format characters that take no room. */
static const struct range narrow[] = {
    { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x202A, 0x202E },
    { 0x2060, 0x2064 }, { 0x20D0, 0x20F0 }, { 0xFE00, 0xFE0F },
    { 0xFEFF, 0xFEFF },
};

bool
cli_wants_color(enum cli_color color, bool terminal)
{
    const char *none = getenv("NO_COLOR"), *kind = getenv("TERM");

    if (color != CLI_COLOR_AUTO)
        return color == CLI_COLOR_ALWAYS;
    if (none != NULL && none[0] != '\0')
        return false;
    return terminal && kind != NULL && kind[0] != '\0' &&
           strcmp(kind, "dumb") != 0;
}

void
cli_begin_style(const struct cli_output *out, enum cli_style style)
{
    static const char *const codes[] = {
        [CLI_STRONG] = "1",        [CLI_FAINT] = "2",
        [CLI_SAME] = "32",         [CLI_CHANGED] = "36",
        [CLI_PARTLY] = "33",       [CLI_REMOVED] = "31",
        [CLI_ADDED] = "32",        [CLI_REMOVED_PART] = "4;31",
        [CLI_ADDED_PART] = "4;32",
    };

    if (out->color && style != CLI_PLAIN)
        fprintf(out->to, "\033[%sm", codes[style]);
}

void
cli_end_style(const struct cli_output *out, enum cli_style style)
{
    if (out->color && style != CLI_PLAIN)
        fputs("\033[0m", out->to);
}

enum cli_style
cli_relation_style(enum wcp_relation relation)
{
    switch (relation) {
    case WCP_ORIGINAL:
        return CLI_STRONG;
    case WCP_IDENTICAL:
        return CLI_SAME;
    case WCP_REPRINT:
        return CLI_CHANGED;
    case WCP_ABRIDGED:
    case WCP_EXPANDED:
    case WCP_EMBEDDED:
    case WCP_EXCERPT:
        return CLI_PARTLY;
    case WCP_TEMPLATE:
    case WCP_BOILERPLATE:
    case WCP_UNRELATED:
        break;
    }
    return CLI_PLAIN;
}

static bool
is_in(const struct range *ranges, size_t num, uint32_t c)
{
    for (size_t i = 0; i < num; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

uint32_t
cli_take_character(const char *text, size_t len, size_t *bytes_ret)
{
    unsigned char lead = (unsigned char)text[0];
    size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint32_t c = bytes == 1 ? lead : lead & (0x7Fu >> bytes);

    if (bytes > len)
        bytes = len;
    for (size_t i = 1; i < bytes; i++)
        c = c << 6 | ((unsigned char)text[i] & 0x3F);
    *bytes_ret = bytes;
    return c;
}

size_t
cli_character_width(uint32_t c)
{
    if (c < 0x300)
        return 1;
    if (is_in(wide, sizeof wide / sizeof *wide, c))
        return 2;
    return is_in(narrow, sizeof narrow / sizeof *narrow, c) ? 0 : 1;
}

size_t
cli_text_width(struct cli_string string)
{
    size_t width = 0, bytes;

    for (size_t i = 0; i < string.len; i += bytes)
        width += cli_character_width(
            cli_take_character(string.data + i, string.len - i, &bytes));
    return width;
}

/* Write the text in at most 'width' columns; returns how many it took. */
static size_t
print_within(FILE *to, struct cli_string string, size_t width)
{
    bool cut = cli_text_width(string) > width;
    size_t room = cut && width > 0 ? width - 1 : width;
    size_t used = 0, bytes;

    for (size_t i = 0; i < string.len; i += bytes) {
        uint32_t c =
            cli_take_character(string.data + i, string.len - i, &bytes);
        size_t columns = cli_character_width(c);

        if (used + columns > room)
            break;
        if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            fputc(' ', to);
        else
            fwrite(string.data + i, 1, bytes, to);
        used += columns;
    }
    if (cut && width > 0) {
        fputs("\xE2\x80\xA6", to);
        used++;
    }
    return used;
}

void
cli_print_padded(FILE *to, struct cli_string string, size_t width)
{
    size_t used = print_within(to, string, width);

    for (; used < width; used++)
        fputc(' ', to);
}

void
cli_print_cut(FILE *to, struct cli_string string, size_t width)
{
    print_within(to, string, width);
}

void
cli_print_padded_left(FILE *to, struct cli_string string, size_t width)
{
    size_t total = cli_text_width(string), bytes, columns = 0;

    if (total <= width || width == 0) {
        cli_print_padded(to, string, width);
        return;
    }
    while (string.len > 0 && total - columns > width - 1) {
        columns += cli_character_width(
            cli_take_character(string.data, string.len, &bytes));
        string.data += bytes;
        string.len -= bytes;
    }
    fputs("\xE2\x80\xA6", to);
    cli_print_padded(to, string, width - 1);
}
