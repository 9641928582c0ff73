/*
 * columns.c - documents in columns that are the same in a whole table
 *
 * How wide the columns can be depends on all rows, but whoever waits for a long
 * table wants to see its beginning.  So the first rows are held back, the
 * widths are decided by these, and the others follow as they come.
 *
 * Where there is not room for all, credits are left out, then ids give way:
 * most are long, and titles, dates and sources are what people know documents
 * by.
 */
#include "cli/cli.h"
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    HELD = 1000,
    MAX_DATE = 10, /* a day */
    MAX_SOURCE = 16,
    LEAST_SOURCE = 12,
    MAX_CREDIT = 20,
    MAX_CREDIT_BYTES = 240,
    LEAST_ID = 10,
    GOOD_TITLE = 30,
    LEAST_TITLE = 10,
};

/* One line, or one document in a line. */
struct row {
    enum cli_style style;
    enum cli_columns_row kind;
    struct cli_string lead, cells[CLI_NUM_CELLS];
};

struct cli_held_row {
    struct row row;
    char data[]; /* all its strings */
};

struct cli_string
cli_day_of(struct cli_string date, int64_t ms, char day[CLI_DAY_BYTES])
{
    time_t seconds;
    struct tm tm;

    if (date.data == NULL || ms == INT64_MIN)
        return date;
    seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(day, CLI_DAY_BYTES, "%Y-%m-%d", &tm) == 0)
        return date;
    return cli_string_of(day);
}

/* ---- widths ---- */

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t
with_gap(size_t width)
{
    return width > 0 ? width + 2 : 0;
}

static void
measure(struct cli_columns *columns, const struct row *row)
{
    for (int i = 0; i < CLI_NUM_CELLS; i++) {
        size_t width = cli_text_width(row->cells[i]);

        if (columns->widths[i] < width)
            columns->widths[i] = width;
    }
}

/* Credits go where ids would be cut for them, ids give way to titles, then
 * sources to both, then titles to ids. */
static void
fit(size_t *widths, size_t room)
{
    size_t *date = &widths[CLI_CELL_DATE], *source = &widths[CLI_CELL_SOURCE];
    size_t *credit = &widths[CLI_CELL_CREDIT];
    size_t *id = &widths[CLI_CELL_ID], *title = &widths[CLI_CELL_TITLE];
    size_t least_id = smaller(*id, LEAST_ID), rest, wanted;

    *date = smaller(*date, MAX_DATE);
    *source = smaller(*source, MAX_SOURCE);
    *credit = smaller(*credit, MAX_CREDIT);
    rest = room - smaller(room, with_gap(*date));
    wanted = with_gap(least_id) + with_gap(smaller(*title, LEAST_TITLE));
    if (with_gap(*source) + with_gap(*credit) + with_gap(*id) +
            with_gap(smaller(*title, GOOD_TITLE)) >
        rest)
        *credit = 0;
    rest -= with_gap(*credit);
    if (with_gap(*source) + wanted > rest)
        *source = smaller(*source, LEAST_SOURCE);
    if (with_gap(*source) + with_gap(least_id) > rest)
        *source = 0;
    rest -= with_gap(*source);
    wanted = with_gap(smaller(*title, GOOD_TITLE));
    if (with_gap(*id) + wanted > rest)
        *id = rest > wanted + 2 + least_id ? rest - wanted - 2 : least_id;
    rest -= smaller(rest, with_gap(*id));
    if (*title == 0)
        return;
    if (rest < LEAST_TITLE + 2) {
        *id += rest;
        *title = 0;
    } else {
        *title = rest - 2;
    }
}

/* With nothing to show but ids, two of them stand on a line where they can. */
static bool
fits_side_by_side(const struct cli_columns *columns)
{
    const size_t *widths = columns->widths;

    return widths[CLI_CELL_DATE] + widths[CLI_CELL_SOURCE] +
                   widths[CLI_CELL_CREDIT] + widths[CLI_CELL_TITLE] ==
               0 &&
           columns->lead + 2 * with_gap(widths[CLI_CELL_ID]) <=
               columns->out->width;
}

/* ---- writing ---- */

/* In a table that is cut nowhere a cell may be longer than those measured. */
static size_t
room_for(const struct cli_columns *columns, struct cli_string string,
         size_t width)
{
    size_t needed = cli_text_width(string);

    return columns->out->width == CLI_NO_WIDTH && needed > width ? needed
                                                                 : width;
}

static void
write_cell(const struct cli_columns *columns, const struct row *row,
           enum cli_cell cell)
{
    struct cli_string string = row->cells[cell];
    size_t width = columns->widths[cell];
    FILE *to = columns->out->to;

    if (width == 0)
        return;
    width = room_for(columns, string, width);
    fputs("  ", to);
    if (cell == CLI_CELL_ID)
        cli_print_padded_left(to, string, width); /* ids differ at their ends */
    else
        cli_print_padded(to, string, width);
}

/* What ends a line is not padded. */
static void
write_last_cell(const struct cli_columns *columns, const struct row *row,
                enum cli_cell cell)
{
    struct cli_string string = row->cells[cell];
    size_t width = cli_text_width(string);

    fputs("  ", columns->out->to);
    if (width > columns->widths[cell])
        width = room_for(columns, string, columns->widths[cell]);
    if (cell == CLI_CELL_ID)
        cli_print_padded_left(columns->out->to, string, width);
    else
        cli_print_cut(columns->out->to, string, width);
}

static void
write_lead(const struct cli_columns *columns, const struct row *row)
{
    const struct cli_output *out = columns->out;
    size_t indent = 0;

    while (indent < row->lead.len && row->lead.data[indent] == ' ')
        indent++;
    fwrite(row->lead.data, 1, indent, out->to);
    cli_begin_style(out, row->style);
    fwrite(row->lead.data + indent, 1, row->lead.len - indent, out->to);
    /* Of an original the whole line stands out, of a copy what it is. */
    if (row->style != CLI_STRONG)
        cli_end_style(out, row->style);
    for (size_t i = row->lead.len; i < columns->lead; i++)
        fputc(' ', out->to);
}

static void
write_document(const struct cli_columns *columns, const struct row *row)
{
    static const enum cli_cell order[] = { CLI_CELL_DATE, CLI_CELL_SOURCE,
                                           CLI_CELL_CREDIT, CLI_CELL_ID,
                                           CLI_CELL_TITLE };
    const struct cli_output *out = columns->out;
    size_t last = columns->widths[CLI_CELL_TITLE] > 0 ? 4 : 3;

    write_lead(columns, row);
    for (size_t i = 0; i < last; i++)
        write_cell(columns, row, order[i]);
    write_last_cell(columns, row, order[last]);
    if (row->style == CLI_STRONG)
        cli_end_style(out, row->style);
    fputc('\n', out->to);
}

static void
write_row(const struct cli_columns *columns, const struct row *row)
{
    const struct cli_output *out = columns->out;

    switch (row->kind) {
    case CLI_COLUMNS_LINE:
        cli_begin_style(out, row->style);
        cli_print_cut(out->to, row->lead, out->width);
        cli_end_style(out, row->style);
        fputc('\n', out->to);
        break;
    case CLI_COLUMNS_FIRST:
        if (columns->side_by_side) {
            write_lead(columns, row);
            write_cell(columns, row, CLI_CELL_ID);
            break;
        }
        write_document(columns, row);
        break;
    case CLI_COLUMNS_SECOND:
        if (columns->side_by_side) {
            write_last_cell(columns, row, CLI_CELL_ID);
            fputc('\n', out->to);
            break;
        }
        write_document(columns, row);
        break;
    case CLI_COLUMNS_DOCUMENT:
        write_document(columns, row);
        break;
    }
}

/* ---- rows as they come ---- */

static void
release_held(struct cli_columns *columns)
{
    for (size_t i = 0; i < columns->num_held; i++)
        free(columns->held[i]);
    free(columns->held);
    columns->held = NULL;
    columns->num_held = 0;
}

void
cli_columns_settle(struct cli_columns *columns)
{
    if (columns->settled)
        return;
    columns->settled = true;
    columns->side_by_side = fits_side_by_side(columns);
    if (!columns->side_by_side && columns->out->width != CLI_NO_WIDTH)
        fit(columns->widths, columns->out->width - columns->lead);
    for (size_t i = 0; i < columns->num_held; i++)
        write_row(columns, &columns->held[i]->row);
    release_held(columns);
}

/* Append a string to those of a held row. */
static void
keep(struct cli_string *string, char **at)
{
    if (string->data == NULL)
        return;
    memcpy(*at, string->data, string->len);
    string->data = *at;
    *at += string->len;
}

/* False: out of memory. */
static bool
hold(struct cli_columns *columns, const struct row *row)
{
    size_t size = sizeof(struct cli_held_row) + row->lead.len;
    struct cli_held_row *held;
    char *at;

    if (columns->held == NULL)
        columns->held = malloc(HELD * sizeof *columns->held);
    if (columns->held == NULL)
        return false;
    for (int i = 0; i < CLI_NUM_CELLS; i++)
        size += row->cells[i].len;
    held = malloc(size);
    if (held == NULL)
        return false;
    held->row = *row;
    at = held->data;
    keep(&held->row.lead, &at);
    for (int i = 0; i < CLI_NUM_CELLS; i++)
        keep(&held->row.cells[i], &at);
    columns->held[columns->num_held++] = held;
    return true;
}

/* Without memory the widths are decided by what there is. */
static void
add_row(struct cli_columns *columns, const struct row *row)
{
    if (!columns->settled)
        measure(columns, row);
    if (!columns->settled && hold(columns, row)) {
        if (columns->num_held == HELD)
            cli_columns_settle(columns);
        return;
    }
    cli_columns_settle(columns);
    write_row(columns, row);
}

void
cli_columns_line(struct cli_columns *columns, enum cli_style style,
                 const char *text)
{
    struct row row = { .style = style,
                       .kind = CLI_COLUMNS_LINE,
                       .lead = cli_string_of(text) };

    add_row(columns, &row);
}

static struct row
row_of(enum cli_columns_row kind, enum cli_style style, const char *lead,
       const struct wcp_document_info *document, char day[CLI_DAY_BYTES])
{
    return (struct row){
        .style = style,
        .kind = kind,
        .lead = cli_string_of(lead),
        .cells = { [CLI_CELL_DATE] =
                       cli_day_of((struct cli_string){ document->date,
                                                       document->date_len },
                                  document->date_ms, day),
                   [CLI_CELL_SOURCE] = { document->source,
                                         document->source_len },
                   [CLI_CELL_ID] = { document->id, document->id_len },
                   [CLI_CELL_TITLE] = { document->title,
                                        document->title_len } },
    };
}

static void
add_document(struct cli_columns *columns, const struct row *row)
{
    if (columns->lead < row->lead.len)
        columns->lead = row->lead.len;
    add_row(columns, row);
}

void
cli_columns_document(struct cli_columns *columns, enum cli_columns_row kind,
                     enum cli_style style, const char *lead,
                     const struct wcp_document_info *document)
{
    char day[CLI_DAY_BYTES];
    struct row row = row_of(kind, style, lead, document, day);

    add_document(columns, &row);
}

static bool
is_source(const struct wcp_group_member *member)
{
    const struct wcp_document_info *document = member->document;

    return document->source != NULL &&
           document->source_len == member->credit_len &&
           memcmp(document->source, member->credit, member->credit_len) == 0;
}

void
cli_columns_member(struct cli_columns *columns, enum cli_style style,
                   const char *lead, const struct wcp_group_member *member)
{
    char day[CLI_DAY_BYTES], credit[256];
    struct row row =
        row_of(CLI_COLUMNS_DOCUMENT, style, lead, member->document, day);

    /* Of a source that names itself there is nothing to add. */
    if (member->credit != NULL && !is_source(member)) {
        int len = snprintf(credit, sizeof credit, "(%.*s)",
                           (int)smaller(member->credit_len, MAX_CREDIT_BYTES),
                           member->credit);

        row.cells[CLI_CELL_CREDIT] = (struct cli_string){ credit, (size_t)len };
    }
    add_document(columns, &row);
}
