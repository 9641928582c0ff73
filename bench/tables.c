/*
 * tables.c - figures in rows and columns, for people
 *
 * The unit and which way is better stand in the title where all columns agree,
 * else under each column's name with a + (more is better) or - (less is
 * better).  A cell is the median; a line below says what the fastest runs
 * were, since how far they are off is what a figure is worth.
 */
#include "bench.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
bench_table_init(struct bench_table *table, const char *command,
                 const char *name, const char *title)
{
    *table = (struct bench_table){ 0 };
    snprintf(table->command, sizeof table->command, "%s", command);
    snprintf(table->name, sizeof table->name, "%s", name);
    snprintf(table->title, sizeof table->title, "%s", title);
}

void
bench_table_release(struct bench_table *table)
{
    free(table->rows);
    *table = (struct bench_table){ 0 };
}

size_t
bench_add_column(struct bench_table *table, const char *name, const char *unit,
                 enum bench_better better)
{
    struct bench_column *column = &table->columns[table->num_columns];

    if (table->num_columns == BENCH_MAX_COLUMNS)
        bench_die("a table has more than %d columns", BENCH_MAX_COLUMNS);
    snprintf(column->name, sizeof column->name, "%s", name);
    snprintf(column->unit, sizeof column->unit, "%s", unit);
    column->better = better;
    return table->num_columns++;
}

struct bench_row *
bench_add_row(struct bench_table *table, const char *format, ...)
{
    struct bench_row *row;
    va_list args;

    if (table->num_rows == table->cap_rows) {
        table->cap_rows = 2 * table->cap_rows + 8;
        table->rows =
            realloc(table->rows, table->cap_rows * sizeof *table->rows);
        if (table->rows == NULL)
            bench_die("out of memory");
    }
    row = &table->rows[table->num_rows++];
    va_start(args, format);
    vsnprintf(row->name, sizeof row->name, format, args);
    va_end(args);
    for (size_t i = 0; i < BENCH_MAX_COLUMNS; i++)
        row->cells[i] = (struct bench_cell){ NAN, NAN, 0 };
    return row;
}

/* ---- cells ---- */

struct bench_cell
bench_counted(double value)
{
    return (struct bench_cell){ value, value, 0 };
}

struct bench_cell
bench_cell_mb(const struct bench_sample *sample, double bytes)
{
    return (struct bench_cell){ bench_mb_per_second(bytes, sample->median),
                                bench_mb_per_second(bytes, sample->fastest),
                                sample->runs };
}

struct bench_cell
bench_cell_ns(const struct bench_sample *sample, double items)
{
    return (struct bench_cell){ bench_ns_each(sample->median, items),
                                bench_ns_each(sample->fastest, items),
                                sample->runs };
}

struct bench_cell
bench_cell_ratio(const struct bench_sample *a, const struct bench_sample *b)
{
    return (struct bench_cell){ a->median / b->median, a->fastest / b->fastest,
                                a->runs };
}

/* "1234567" -> "1,234,567", where it is long enough to need it. */
static void
group_digits(char *text, size_t size)
{
    const size_t first = text[0] == '-', len = strlen(text);
    const size_t digits = len - first, commas = (digits - 1) / 3;

    if (digits < 4 || len + commas >= size)
        return;
    text[len + commas] = '\0';
    for (size_t i = 0, to = len + commas; i < digits; i++) {
        if (i > 0 && i % 3 == 0)
            text[--to] = ',';
        text[--to] = text[len - 1 - i];
    }
}

void
bench_format(double value, char *out, size_t size)
{
    const double magnitude = fabs(value);

    if (isnan(value)) {
        snprintf(out, size, ".");
    } else if (magnitude >= 1e15) {
        snprintf(out, size, "%.3g", value);
    } else if (value == floor(value) || magnitude >= 99.95) {
        snprintf(out, size, "%.0f", value);
        group_digits(out, size);
    } else if (magnitude >= 9.995) {
        snprintf(out, size, "%.1f", value);
    } else if (magnitude >= .9995) {
        snprintf(out, size, "%.2f", value);
    } else if (magnitude >= .0995) {
        snprintf(out, size, "%.3f", value);
    } else {
        snprintf(out, size, magnitude >= .000995 ? "%.4f" : "%.0e", value);
    }
}

/* ---- a table ---- */

static bool
columns_agree(const struct bench_table *table)
{
    for (size_t i = 1; i < table->num_columns; i++)
        if (strcmp(table->columns[i].unit, table->columns[0].unit) != 0 ||
            table->columns[i].better != table->columns[0].better)
            return false;
    return true;
}

static void
format_cell(const struct bench_cell *cell, bool fastest, char out[32])
{
    bench_format(fastest ? cell->fastest : cell->median, out, 32);
}

static void
format_unit(const struct bench_column *column, char out[32])
{
    snprintf(out, 32, "%s%s", column->unit,
             column->better == BENCH_MORE   ? " +"
             : column->better == BENCH_LESS ? " -"
                                            : "");
}

static int
column_width(const struct bench_table *table, size_t i, bool units,
             bool fastest)
{
    size_t width = strlen(table->columns[i].name);
    char text[32];

    format_unit(&table->columns[i], text);
    if (units && strlen(text) > width)
        width = strlen(text);
    for (size_t r = 0; r < table->num_rows; r++) {
        format_cell(&table->rows[r].cells[i], fastest, text);
        if (strlen(text) > width)
            width = strlen(text);
    }
    return (int)width;
}

static void
print_title(const struct bench_table *table, bool agree, FILE *to)
{
    const struct bench_column *first = &table->columns[0];

    fprintf(to, "\n%s", table->title);
    if (agree) {
        fprintf(to, "%s%s", first->unit[0] != '\0' ? ", " : "", first->unit);
        if (first->better != BENCH_NEITHER)
            fprintf(to, " (%s is better)",
                    first->better == BENCH_MORE ? "more" : "less");
    }
    fputc('\n', to);
}

/* By how much the fastest runs were better than the medians. */
static void
print_spread(const struct bench_table *table, bool fastest, FILE *to)
{
    double mean = 0, most = 0;
    unsigned num = 0, runs = 0;

    for (size_t r = 0; r < table->num_rows; r++)
        for (size_t i = 0; i < table->num_columns; i++) {
            const struct bench_cell *cell = &table->rows[r].cells[i];
            double ratio = cell->fastest / cell->median;

            if (cell->runs < 2 || !(ratio > 0))
                continue;
            ratio = ratio > 1 ? ratio - 1 : 1 / ratio - 1;
            runs = cell->runs;
            mean += ratio;
            most = ratio > most ? ratio : most;
            num++;
        }
    if (num > 0)
        fprintf(to,
                fastest ? "  the fastest of %u runs; %.0f %% better than "
                          "their medians, at most %.0f %%\n"
                        : "  medians of %u runs; the fastest are %.0f %% "
                          "better, at most %.0f %%\n",
                runs, 100 * mean / num, 100 * most);
}

struct layout {
    int widths[BENCH_MAX_COLUMNS], label;
    bool agree, fastest;
};

/* The columns from 'begin' up to 'end', each row with its name. */
static void
print_columns(const struct bench_table *table, const struct layout *layout,
              size_t begin, size_t end, FILE *to)
{
    char text[32];

    fprintf(to, "  %-*s", layout->label, "");
    for (size_t i = begin; i < end; i++)
        fprintf(to, "  %*s", layout->widths[i], table->columns[i].name);
    if (!layout->agree) {
        fprintf(to, "\n  %-*s", layout->label, "");
        for (size_t i = begin; i < end; i++) {
            format_unit(&table->columns[i], text);
            fprintf(to, "  %*s", layout->widths[i], text);
        }
    }
    fputc('\n', to);
    for (size_t r = 0; r < table->num_rows; r++) {
        fprintf(to, "  %-*s", layout->label, table->rows[r].name);
        for (size_t i = begin; i < end; i++) {
            format_cell(&table->rows[r].cells[i], layout->fastest, text);
            fprintf(to, "  %*s", layout->widths[i], text);
        }
        fputc('\n', to);
    }
}

/* The end of the columns from 'begin' on that a usual terminal has room for. */
static size_t
end_of_part(const struct bench_table *table, const struct layout *layout,
            size_t begin)
{
    enum { WIDTH = 80 };
    int width = 2 + layout->label;
    size_t end = begin;

    for (; end < table->num_columns; end++) {
        width += 2 + column_width(table, end, !layout->agree, layout->fastest);
        if (width > WIDTH && end > begin)
            break;
    }
    return end;
}

void
bench_print_table(const struct bench_table *table, bool fastest, FILE *to)
{
    struct layout layout = { { 0 }, 0, columns_agree(table), fastest };

    print_title(table, layout.agree, to);
    for (size_t r = 0; r < table->num_rows; r++) {
        const int len = (int)strlen(table->rows[r].name);

        layout.label = len > layout.label ? len : layout.label;
    }
    for (size_t i = 0; i < table->num_columns; i++)
        layout.widths[i] = column_width(table, i, !layout.agree, fastest);
    for (size_t begin = 0, end; begin < table->num_columns; begin = end) {
        end = end_of_part(table, &layout, begin);
        if (begin > 0)
            fputc('\n', to);
        print_columns(table, &layout, begin, end, to);
    }
    if (!layout.agree)
        fputs("  + more is better, - less is better\n", to);
    print_spread(table, fastest, to);
    if (table->notes != NULL)
        fputs(table->notes, to);
}
