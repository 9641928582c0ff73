/*
 * compare_view.c - rows of two texts -> lines of the terminal
 *
 * From 80 columns on the texts stand side by side, else one below the other.
 * Between them stands what a row is; characters that differ are marked within
 * the line, by colours or, without them, by brackets.  Lines end where words
 * do, and not before a sign that closes.
 */
#include "cli/side_by_side.h"

#include "cli/table.h"

#include <inttypes.h>
#include <string.h>

enum {
    LEAST_WIDE = 80,   /* columns for two texts */
    USUAL_WIDTH = 100, /* where nothing says how many there are */
    MOST_COLUMN = 100, /* of one text: longer lines are hard to read */
    CONTEXT = 2,       /* rows that are the same around those that differ */
    MOST_ROWS = 8,     /* of one kind on end that are all shown */
    HEAD_ROWS = 3,
    TAIL_ROWS = 2,
};

/* ---- one text of a row as lines ---- */

/* Characters of a row, one after another. */
struct cursor {
    const struct cli_rows *rows;
    const struct cli_compared_row *row;
    int side;
    size_t part;  /* among those of the row */
    size_t at;    /* in the text */
    size_t width; /* of a line */
    bool marks;   /* changes are in brackets, which take room */
};

struct glyph {
    const char *text;
    size_t len, width;
    uint32_t point;
    enum cli_part_style style;
    bool first, last; /* of its part */
};

static const struct cli_part *
part_of(const struct cursor *c)
{
    return &c->rows->parts[c->side][c->row->first[c->side] + c->part];
}

static struct cursor
begin_text(const struct cli_rows *rows, const struct cli_compared_row *row,
           int side)
{
    struct cursor c = { .rows = rows, .row = row, .side = side };

    if (row->num[side] > 0)
        c.at = part_of(&c)->begin;
    return c;
}

static bool
is_space(uint32_t point)
{
    return point <= ' ' || point == 0xA0 || point == 0x3000 ||
           (point >= 0x7F && point < 0xA0);
}

/* The next character; runs of white space count as one space.  False at the
 * end. */
static bool
next_glyph(struct cursor *c, struct glyph *g)
{
    const char *text = c->rows->operands[c->side].text;
    const struct cli_part *part;
    size_t len;

    if (c->part >= c->row->num[c->side])
        return false;
    part = part_of(c);
    g->point = cli_take_character(text + c->at, part->end - c->at, &len);
    g->text = text + c->at;
    g->len = len;
    g->style = part->style;
    g->first = c->at == part->begin;
    c->at += len;
    if (is_space(g->point)) {
        while (c->at < part->end && is_space(cli_take_character(
                                        text + c->at, part->end - c->at, &len)))
            c->at += len;
        g->text = " ";
        g->len = 1;
        g->point = ' ';
    }
    g->last = c->at == part->end;
    g->width = cli_character_width(g->point);
    if (g->last && ++c->part < c->row->num[c->side])
        c->at = part_of(c)->begin;
    return true;
}

static bool
closes(uint32_t p)
{
    return (p < 0x80 && p > ' ' && strchr("!?.,;:)]}%", (int)p) != NULL) ||
           p == 0x2019 || p == 0x201D || p == 0x2026 || p == 0x3001 ||
           p == 0x3002 || p == 0x300B || p == 0x300D || p == 0x300F ||
           p == 0x3011 || p == 0xFF01 || p == 0xFF09 || p == 0xFF0C ||
           p == 0xFF1A || p == 0xFF1B || p == 0xFF1F;
}

static bool
opens(uint32_t p)
{
    return p == '(' || p == '[' || p == '{' || p == 0x2018 || p == 0x201C ||
           p == 0x300A || p == 0x300C || p == 0x300E || p == 0x3010 ||
           p == 0xFF08;
}

/* Whether a line may end between two characters. */
static bool
may_break(const struct glyph *before, const struct glyph *behind)
{
    if (before->point == ' ' || behind->point == ' ')
        return before->point == ' ';
    if (closes(behind->point) || opens(before->point))
        return false;
    return before->width == 2 || behind->width == 2;
}

static size_t
mark_width(const struct cursor *c, const struct glyph *g)
{
    if (!c->marks || g->style != CLI_PART_CHANGED)
        return 0;
    return (g->first ? 2u : 0) + (g->last ? 2u : 0);
}

/* A line of a text. */
struct line {
    struct cursor begin, end;
};

/* Take the next line off the text; a space where lines part is in neither.
 * False at the end of the text. */
static bool
next_line(struct cursor *c, struct line *line)
{
    struct cursor at = *c, part;
    struct glyph g, before = { .point = 0 };
    size_t used = 0;
    bool any = false, can_part = false;

    for (struct cursor skip = at; next_glyph(&skip, &g) && g.point == ' ';)
        at = skip;
    part = line->begin = at;
    for (;;) {
        struct cursor here = at;

        if (!next_glyph(&at, &g))
            break;
        if (any && may_break(&before, &g)) {
            can_part = true;
            part = here;
        }
        used += g.width + mark_width(c, &g);
        if (used > c->width && any && g.point != ' ') {
            *c = line->end = can_part ? part : here;
            return true;
        }
        any = true;
        before = g;
    }
    *c = line->end = at;
    return any;
}

static bool
is_at(const struct cursor *x, const struct cursor *y)
{
    return x->part == y->part &&
           (x->at == y->at || x->part >= x->row->num[x->side]);
}

/* Only what differs within a row is marked; a row that only one has need not
 * be. */
static enum cli_style
style_of(const struct cursor *c, enum cli_part_style style,
         enum cli_style around)
{
    if (style == CLI_PART_OTHER)
        return CLI_FAINT;
    if (style == CLI_PART_SAME || around == CLI_REMOVED || around == CLI_ADDED)
        return around;
    return c->side == 0 ? CLI_REMOVED_PART : CLI_ADDED_PART;
}

static size_t
print_mark(FILE *to, const struct cursor *c, const struct glyph *g, bool begin)
{
    static const char *const marks[2][2] = { { "-]", "[-" }, { "+}", "{+" } };

    if (!c->marks || g->style != CLI_PART_CHANGED ||
        !(begin ? g->first : g->last))
        return 0;
    fputs(marks[c->side][begin], to);
    return 2;
}

/* Print a line; returns the columns it takes. */
static size_t
print_line(const struct cli_output *out, const struct line *line,
           enum cli_style around)
{
    struct cursor at = line->begin;
    enum cli_style now = CLI_PLAIN;
    size_t used = 0;
    struct glyph g;

    while (!is_at(&at, &line->end) && next_glyph(&at, &g)) {
        enum cli_style style = style_of(&at, g.style, around);

        if (g.point == ' ' && is_at(&at, &line->end))
            g.width = g.len = 0;
        if (style != now) {
            cli_end_style(out, now);
            cli_begin_style(out, style);
            now = style;
        }
        used += print_mark(out->to, &at, &g, true);
        fwrite(g.text, 1, g.len, out->to);
        used += g.width + print_mark(out->to, &at, &g, false);
    }
    cli_end_style(out, now);
    return used;
}

/* ---- rows ---- */

struct view {
    const struct cli_output *out;
    const struct cli_rows *rows;
    size_t column; /* columns of one text */
    bool stacked;
    bool full;
    uint64_t piece; /* of the last heading */
    enum cli_row_kind kind;
};

static const char signs[] = {
    [CLI_ROW_SAME] = ' ',      [CLI_ROW_CHANGED] = '~',
    [CLI_ROW_ONLY_A] = '-',    [CLI_ROW_ONLY_B] = '+',
    [CLI_ROW_MOVED_OUT] = '<', [CLI_ROW_MOVED_IN] = '>',
    [CLI_ROW_AGAIN_A] = '*',   [CLI_ROW_AGAIN_B] = '*',
};

static enum cli_style
row_style(const struct cli_compared_row *row, int side)
{
    switch (row->kind) {
    case CLI_ROW_ONLY_A:
        return CLI_REMOVED;
    case CLI_ROW_ONLY_B:
        return CLI_ADDED;
    case CLI_ROW_MOVED_OUT:
    case CLI_ROW_MOVED_IN:
        return CLI_CHANGED;
    case CLI_ROW_AGAIN_A:
    case CLI_ROW_AGAIN_B:
        return CLI_PARTLY;
    case CLI_ROW_CHANGED:
        if (!row->shared)
            return side == 0 ? CLI_REMOVED : CLI_ADDED;
        break;
    case CLI_ROW_SAME:
        break;
    }
    return CLI_PLAIN;
}

static struct cursor
text_of(const struct view *view, const struct cli_compared_row *row, int side)
{
    struct cursor c = begin_text(view->rows, row, side);

    c.width = view->column;
    c.marks =
        !view->out->color && (row->shared || row->kind == CLI_ROW_MOVED_OUT ||
                              row->kind == CLI_ROW_MOVED_IN);
    return c;
}

static void
print_spaces(FILE *to, size_t num)
{
    for (; num > 0; num--)
        fputc(' ', to);
}

static void
print_sign(const struct view *view, char sign, enum cli_style style)
{
    cli_begin_style(view->out, style);
    fputc(sign, view->out->to);
    cli_end_style(view->out, style);
}

static void
print_beside(const struct view *view, const struct cli_compared_row *row)
{
    struct cursor at[2] = { text_of(view, row, 0), text_of(view, row, 1) };
    FILE *to = view->out->to;
    char sign = signs[row->kind];

    for (;;) {
        struct line lines[2];
        bool has_a = next_line(&at[0], &lines[0]);
        bool has_b = next_line(&at[1], &lines[1]);
        size_t used = 0;

        if (!has_a && !has_b)
            return;
        if (has_a)
            used = print_line(view->out, &lines[0], row_style(row, 0));
        if (sign != ' ' || has_b) {
            print_spaces(to, view->column > used ? view->column - used : 0);
            fputc(' ', to);
            print_sign(view, sign,
                       row->kind == CLI_ROW_CHANGED ? CLI_PLAIN
                                                    : row_style(row, 0));
        }
        if (has_b) {
            fputc(' ', to);
            print_line(view->out, &lines[1], row_style(row, 1));
        }
        fputc('\n', to);
    }
}

static void
print_stacked_text(const struct view *view, const struct cli_compared_row *row,
                   int side, char sign)
{
    struct cursor at = text_of(view, row, side);
    enum cli_style style = row_style(row, side);
    struct line line;

    while (next_line(&at, &line)) {
        print_sign(view, sign,
                   row->kind == CLI_ROW_CHANGED
                       ? (side == 0 ? CLI_REMOVED : CLI_ADDED)
                       : style);
        fputc(' ', view->out->to);
        print_line(view->out, &line, style);
        fputc('\n', view->out->to);
    }
}

/* What is the same stands once. */
static void
print_stacked(const struct view *view, const struct cli_compared_row *row)
{
    switch (row->kind) {
    case CLI_ROW_CHANGED:
        print_stacked_text(view, row, 0, '-');
        print_stacked_text(view, row, 1, '+');
        return;
    case CLI_ROW_MOVED_IN:
    case CLI_ROW_AGAIN_B:
    case CLI_ROW_ONLY_B:
        print_stacked_text(view, row, 1, signs[row->kind]);
        return;
    case CLI_ROW_SAME:
    case CLI_ROW_ONLY_A:
    case CLI_ROW_MOVED_OUT:
    case CLI_ROW_AGAIN_A:
        print_stacked_text(view, row, 0, signs[row->kind]);
        return;
    }
}

/* ---- what is said between rows ---- */

static void
print_note(const struct view *view, enum cli_style style, const char *text)
{
    cli_begin_style(view->out, style);
    cli_print_cut(view->out->to, cli_string_of(text),
                  view->stacked ? view->column + 2 : 2 * view->column + 3);
    cli_end_style(view->out, style);
    fputc('\n', view->out->to);
}

static void
print_heading(struct view *view, const struct cli_compared_row *row)
{
    const char *where = row->above ? "above" : "below";
    char text[96] = "";

    if (row->piece == view->piece && row->kind == view->kind)
        return;
    view->piece = row->piece;
    view->kind = row->kind;
    switch (row->kind) {
    case CLI_ROW_MOVED_OUT:
        snprintf(text, sizeof text, "[%" PRIu64 "] moved: B has this %s",
                 row->piece, where);
        break;
    case CLI_ROW_MOVED_IN:
        snprintf(text, sizeof text, "[%" PRIu64 "] moved: A has this %s",
                 row->piece, where);
        break;
    case CLI_ROW_AGAIN_A:
        snprintf(text, sizeof text, "[%" PRIu64 "] A has this once more than B",
                 row->piece);
        break;
    case CLI_ROW_AGAIN_B:
        snprintf(text, sizeof text, "[%" PRIu64 "] B has this once more than A",
                 row->piece);
        break;
    case CLI_ROW_SAME:
    case CLI_ROW_CHANGED:
    case CLI_ROW_ONLY_A:
    case CLI_ROW_ONLY_B:
        return;
    }
    print_note(view, row_style(row, 0), text);
}

/* What stands in the rows that are left out, which are of one kind. */
static void
print_gap(const struct view *view, size_t begin, size_t end, bool more)
{
    static const char *const what[] = {
        [CLI_ROW_SAME] = "the same in both", [CLI_ROW_CHANGED] = "",
        [CLI_ROW_ONLY_A] = "only in A",      [CLI_ROW_ONLY_B] = "only in B",
        [CLI_ROW_MOVED_OUT] = "moved",       [CLI_ROW_MOVED_IN] = "moved",
        [CLI_ROW_AGAIN_A] = "again in A",    [CLI_ROW_AGAIN_B] = "again in B",
    };
    uint64_t letters = 0;
    char text[128], number[28], count[28];

    for (size_t i = begin; i < end; i++)
        letters += view->rows->list[i].letters;
    snprintf(text, sizeof text, "    ... %s%s sentence%s %s (%s character%s)",
             cli_count(end - begin, count), more ? " more" : "",
             cli_s(end - begin), what[view->rows->list[begin].kind],
             cli_count(letters, number), cli_s(letters));
    print_note(view, CLI_FAINT, text);
}

/* ---- which rows ---- */

static bool
are_alike(const struct cli_compared_row *x, const struct cli_compared_row *y)
{
    return x->kind == y->kind && x->piece == y->piece;
}

/* How many of a series of rows of one kind are shown at its start and at its
 * end; 'first' and 'last' say whether it is the first or last of all. */
static void
choose(const struct view *view, size_t begin, size_t end, size_t *head,
       size_t *tail)
{
    size_t num = end - begin, most = MOST_ROWS;
    enum cli_row_kind kind = view->rows->list[begin].kind;

    *head = HEAD_ROWS;
    *tail = TAIL_ROWS;
    if (kind == CLI_ROW_SAME) {
        *head = begin > 0 ? CONTEXT : 0;
        *tail = end < view->rows->num ? CONTEXT : 0;
        most = *head + *tail + 1;
    } else if (kind == CLI_ROW_MOVED_OUT) {
        *head = most = 1; /* the whole of it stands where B has it */
        *tail = 0;
    }
    if (view->full || kind == CLI_ROW_CHANGED || num <= most) {
        *head = num;
        *tail = 0;
    }
}

static void
print_series(struct view *view, size_t begin, size_t end)
{
    size_t head, tail;

    choose(view, begin, end, &head, &tail);
    for (size_t i = begin; i < end; i++) {
        const struct cli_compared_row *row = &view->rows->list[i];

        if (i == begin)
            print_heading(view, row);
        if (i == begin + head && head + tail < end - begin) {
            print_gap(view, i, end - tail, head > 0);
            i = end - tail;
            if (tail == 0)
                return;
            row = &view->rows->list[i];
        }
        if (view->stacked)
            print_stacked(view, row);
        else
            print_beside(view, row);
    }
}

/* Whose text stands in which column. */
static void
print_names(const struct view *view)
{
    const struct cli_operand *operands = view->rows->operands;

    cli_begin_style(view->out, CLI_STRONG);
    for (int side = 0; side < 2; side++) {
        const struct cli_string id = { operands[side].shown_id,
                                       operands[side].shown_id_len };

        fprintf(view->out->to, "%s%c  ", side == 0 ? "" : "   ",
                operands[side].name);
        /* Nothing is padded at the end of a line. */
        if (side == 1 && cli_text_width(id) < view->column - 3)
            cli_print_cut(view->out->to, id, view->column - 3);
        else
            cli_print_padded_left(view->out->to, id, view->column - 3);
    }
    cli_end_style(view->out, CLI_STRONG);
    fputc('\n', view->out->to);
}

void
cli_print_rows(const struct cli_output *out, const struct cli_rows *rows,
               bool full)
{
    size_t width = out->width == CLI_NO_WIDTH ? USUAL_WIDTH : out->width;
    struct view view = {
        .out = out, .rows = rows, .stacked = width < LEAST_WIDE, .full = full
    };
    size_t end;

    view.column = view.stacked ? width - 2 : (width - 3) / 2;
    if (view.column > MOST_COLUMN)
        view.column = MOST_COLUMN;
    if (!view.stacked)
        print_names(&view);
    for (size_t begin = 0; begin < rows->num; begin = end) {
        end = begin + 1;
        while (end < rows->num &&
               are_alike(&rows->list[begin], &rows->list[end]))
            end++;
        print_series(&view, begin, end);
    }
}
