/*
 * figures.c - figures as lines of JSON, written and read again
 *
 * The first line says on what machine and with what the figures were
 * measured; each other line is one figure with all that tells it from others.
 * What is read may come from anywhere: what is not understood is said, with
 * its line.
 */
#include "bench.h"

#include "input/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

void
bench_write_string(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else if (c < 0x20)
            fprintf(to, "\\u%04x", c);
        else
            fputc(c, to);
    }
    fputc('"', to);
}

static void
write_number(FILE *to, const char *name, double value)
{
    if (isfinite(value))
        fprintf(to, ",\"%s\":%.9g", name, value);
    else
        fprintf(to, ",\"%s\":null", name);
}

static const char *const better_names[] = { "neither", "less", "more" };

static void
write_cell(const struct bench_table *table, const struct bench_row *row,
           size_t i, FILE *to)
{
    const struct bench_column *column = &table->columns[i];
    const struct bench_cell *cell = &row->cells[i];

    fprintf(to, "{\"command\":\"%s\",\"table\":\"%s\",\"row\":", table->command,
            table->name);
    bench_write_string(to, row->name);
    fputs(",\"column\":", to);
    bench_write_string(to, column->name);
    fputs(",\"unit\":", to);
    bench_write_string(to, column->unit);
    fprintf(to, ",\"better\":\"%s\"", better_names[column->better]);
    write_number(to, "median", cell->median);
    write_number(to, "fastest", cell->fastest);
    fprintf(to, ",\"runs\":%u}\n", cell->runs);
}

void
bench_write_table(const struct bench_table *table, FILE *to)
{
    for (size_t r = 0; r < table->num_rows; r++)
        for (size_t i = 0; i < table->num_columns; i++)
            if (!isnan(table->rows[r].cells[i].median))
                write_cell(table, &table->rows[r], i, to);
}

/* ---- reading ---- */

enum member {
    COMMAND,
    TABLE,
    ROW,
    COLUMN,
    UNIT,
    BETTER,
    MEDIAN,
    FASTEST,
    RUNS,
    MACHINE,
    COMPILER,
    DATE,
    TEXT,
    PROGRAM,
    NUM_MEMBERS
};

#define NAME(text)            \
    {                         \
        text, sizeof text - 1 \
    }

static const struct wcp_json_name names[NUM_MEMBERS] = {
    [COMMAND] = NAME("command"),   [TABLE] = NAME("table"),
    [ROW] = NAME("row"),           [COLUMN] = NAME("column"),
    [UNIT] = NAME("unit"),         [BETTER] = NAME("better"),
    [MEDIAN] = NAME("median"),     [FASTEST] = NAME("fastest"),
    [RUNS] = NAME("runs"),         [MACHINE] = NAME("machine"),
    [COMPILER] = NAME("compiler"), [DATE] = NAME("date"),
    [TEXT] = NAME("text"),         [PROGRAM] = NAME("program"),
};

/* A line while it is read. */
struct line {
    const char *text;
    size_t len;
    struct wcp_json_value values[NUM_MEMBERS];
};

/* Control characters could command the terminal that it is printed on. */
static bool
take_string(const struct line *line, enum member member, char *out, size_t size)
{
    const struct wcp_json_value *value = &line->values[member];

    if (value->kind != WCP_JSON_STRING || value->len >= size)
        return false;
    for (size_t i = 0; i < value->len; i++)
        out[i] = (unsigned char)value->data[i] < 0x20 ? '?' : value->data[i];
    out[value->len] = '\0';
    return true;
}

/* A number, or NaN for null and none. */
static bool
take_number(struct line *line, enum member member, double *out)
{
    struct wcp_json_value *value = &line->values[member];
    char text[64], *end;

    *out = NAN;
    if (value->kind == WCP_JSON_NONE)
        return true;
    if (value->kind != WCP_JSON_INTEGER && value->kind != WCP_JSON_DOUBLE)
        return false;
    if (value->data == NULL &&
        !wcp_json_number_text(line->text, line->len, value))
        return false;
    if (value->len >= sizeof text)
        return false;
    memcpy(text, value->data, value->len);
    text[value->len] = '\0';
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

static bool
take_better(const struct line *line, enum bench_better *out)
{
    char text[16];

    if (!take_string(line, BETTER, text, sizeof text))
        return false;
    for (int i = BENCH_NEITHER; i <= BENCH_MORE; i++)
        if (strcmp(text, better_names[i]) == 0) {
            *out = (enum bench_better)i;
            return true;
        }
    return false;
}

static bool
take_figure(struct line *line, struct bench_figure *f)
{
    double runs;

    if (!take_string(line, COMMAND, f->command, sizeof f->command) ||
        !take_string(line, TABLE, f->table, sizeof f->table) ||
        !take_string(line, ROW, f->row, sizeof f->row) ||
        !take_string(line, COLUMN, f->column, sizeof f->column) ||
        !take_string(line, UNIT, f->unit, sizeof f->unit) ||
        !take_better(line, &f->better) ||
        !take_number(line, MEDIAN, &f->median) ||
        !take_number(line, FASTEST, &f->fastest) ||
        !take_number(line, RUNS, &runs) || !(runs >= 0 && runs <= 1e6))
        return false;
    f->runs = (unsigned)runs;
    return true;
}

static bool
take_head(const struct line *line, struct bench_figures *figures)
{
    char program[32];

    if (!take_string(line, PROGRAM, program, sizeof program) ||
        strcmp(program, "wirecopy-bench") != 0)
        return false;
    return take_string(line, MACHINE, figures->machine,
                       sizeof figures->machine) &&
           take_string(line, COMPILER, figures->compiler,
                       sizeof figures->compiler) &&
           take_string(line, DATE, figures->date, sizeof figures->date) &&
           take_string(line, TEXT, figures->text, sizeof figures->text);
}

static bool
take_line(struct bench_figures *figures, struct wcp_json *json,
          struct line *line, size_t number)
{
    if (wcp_json_parse(json, line->text, line->len, names, NUM_MEMBERS,
                       line->values) != WCP_JSON_OK)
        return false;
    if (number == 1)
        return take_head(line, figures);
    if (figures->num == figures->cap) {
        figures->cap = 2 * figures->cap + 64;
        figures->at = realloc(figures->at, figures->cap * sizeof *figures->at);
        if (figures->at == NULL)
            bench_die("out of memory");
    }
    return take_figure(line, &figures->at[figures->num++]);
}

/* The whole file with padding behind it; NULL after a message. */
static char *
read_file(const char *path, size_t *len_ret)
{
    struct bench_bytes bytes = { 0 };
    const char padding[WCP_JSON_PADDING] = { 0 };
    FILE *from = fopen(path, "rb");
    char piece[8192];
    size_t n;

    while (from != NULL && (n = fread(piece, 1, sizeof piece, from)) > 0)
        bench_append(&bytes, piece, n);
    if (from == NULL || ferror(from)) {
        bench_say("cannot read '%s': %s", path, strerror(errno));
        free(bytes.data);
        bytes.data = NULL;
    } else {
        *len_ret = bytes.len;
        bench_append(&bytes, padding, sizeof padding);
    }
    if (from != NULL)
        fclose(from);
    return bytes.data;
}

bool
bench_read_figures(struct bench_figures *figures, const char *path)
{
    struct wcp_json *json;
    size_t len = 0, number = 0;
    char *bytes = read_file(path, &len);
    bool good = true;

    *figures = (struct bench_figures){ 0 };
    if (bytes == NULL)
        return false;
    json = wcp_json_new();
    if (json == NULL)
        bench_die("out of memory");
    for (size_t at = 0; good && at < len;) {
        const char *end = memchr(bytes + at, '\n', len - at);
        struct line line = { .text = bytes + at };

        line.len = end != NULL ? (size_t)(end - line.text) : len - at;
        at += line.len + 1;
        good = take_line(figures, json, &line, ++number);
    }
    if (!good || number == 0)
        bench_say("'%s', line %zu, is not what wirecopy-bench --json writes",
                  path, good ? number + 1 : number);
    wcp_json_free(json);
    free(bytes);
    if (good && number > 0)
        return true;
    bench_figures_release(figures);
    return false;
}

void
bench_figures_release(struct bench_figures *figures)
{
    free(figures->at);
    *figures = (struct bench_figures){ 0 };
}
