/*
 * rows.c - where the rows of CSV end, and how a stream is cut there
 *
 * A line end inside quotes ends no row, so where a row ends is known only when
 * it has been read from its beginning.  The rules about quotes are those of
 * libcsv, which takes the rows apart afterwards (csv.c): blanks around a
 * quoted field do not count, and a quote that is neither doubled nor before a
 * delimiter is part of the text.
 *
 * A quote that is never closed would swallow all that follows.  Such a row is
 * given up: its first line is lost and reading goes on behind it.  So a row
 * that does not end within max_line bytes costs one line, wherever the stream
 * is cut, and every byte might be looked at once for each line that is given
 * up.  But a row that has not ended at a line end is in quotes there, in
 * whatever line it began: from there on all such rows go the same way.  How
 * far that way is known (struct wcp_quotes) is kept from row to row and from
 * batch to batch, and every byte is followed once.
 */
#include "input/reader.h"

#include <string.h>

/* What the unit before means for the next one. */
enum state {
    START,  /* of a field */
    PLAIN,  /* in a field without quotes */
    QUOTED, /* in quotes */
    CLOSED, /* a quote in quotes: the end, or the first of two */
    SPACED, /* blanks after that */
    RETURN, /* a carriage return after that */
    ENDED
};

static bool
is_delimiter(uint32_t c, char delimiter)
{
    if (delimiter != 0)
        return c == (uint32_t)delimiter;
    return c == ',' || c == ';' || c == '|' || c == '\t';
}

/* After a quote in quotes, 'spaced' if blanks came between. */
static enum state
step_closed(uint32_t c, char delimiter, bool spaced)
{
    if (c == '\n')
        return ENDED;
    if (is_delimiter(c, delimiter))
        return START;
    if (c == '\r')
        return RETURN;
    if (c == ' ' || c == '\t')
        return SPACED;
    return c == '"' && spaced ? CLOSED : QUOTED;
}

static enum state
step(enum state state, uint32_t c, char delimiter)
{
    switch (state) {
    case START:
        if (c == '\n')
            return ENDED;
        if (c == '"')
            return QUOTED;
        return is_delimiter(c, delimiter) || c == ' ' || c == '\t' ? START
                                                                   : PLAIN;
    case PLAIN:
        if (c == '\n')
            return ENDED;
        return is_delimiter(c, delimiter) ? START : PLAIN;
    case RETURN:
        if (c == '\n')
            return ENDED;
        return c == '"' ? CLOSED : QUOTED;
    case QUOTED:
        return c == '"' ? CLOSED : QUOTED;
    case CLOSED:
    case SPACED:
        return step_closed(c, delimiter, state == SPACED);
    case ENDED:
        break;
    }
    return ENDED;
}

/* Behind the byte-order mark, if there is one. */
static const uint8_t *
skip_mark(const uint8_t *data, const uint8_t *end, wcp_encoding enc)
{
    size_t len = (size_t)(end - data), width = wcp_unit_width(enc);
    bool big = wcp_is_big_endian(enc);

    if (width == 1)
        return len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? data + 3
                                                                : data;
    return len >= width && wcp_unit_at(data, width, big) == 0xFEFF
               ? data + width
               : data;
}

/* Go on from p in *state to the end of the row, or to the last whole unit. */
static const uint8_t *
follow(const struct wcp_rows *rows, const uint8_t *p, const uint8_t *end,
       enum state *state)
{
    size_t width = wcp_unit_width(rows->encoding);
    bool big = wcp_is_big_endian(rows->encoding);

    for (; (size_t)(end - p) >= width; p += width) {
        if (*state == QUOTED && width == 1) {
            p = memchr(p, '"', (size_t)(end - p));
            if (p == NULL)
                return end;
        }
        *state = step(*state, width == 1 ? *p : wcp_unit_at(p, width, big),
                      rows->delimiter);
        if (*state == ENDED)
            return p + width;
    }
    return p;
}

const uint8_t *
wcp_row_end(const uint8_t *data, const uint8_t *end, wcp_encoding enc,
            bool *open_ret)
{
    const struct wcp_rows rows = { .encoding = enc };
    enum state state = START;
    const uint8_t *next = follow(&rows, skip_mark(data, end, enc), end, &state);

    *open_ret = state == QUOTED;
    return state == ENDED ? next : NULL;
}

/* The header ends where it was found to end when the delimiter was not known
 * yet. */
static enum wcp_row_kind
next_header(const struct wcp_rows *rows, const uint8_t **next_ret)
{
    uint64_t len = rows->header_end - rows->offset;

    if (len > (uint64_t)(rows->end - rows->data)) {
        *next_ret = rows->end;
        return rows->last ? WCP_ROW_WHOLE : WCP_ROW_MORE;
    }
    *next_ret = rows->data + len;
    return WCP_ROW_WHOLE;
}

/* The row at 'row' is in quotes at *next_ret, where its first line ends. */
static enum wcp_row_kind
next_open(const struct wcp_rows *rows, const uint8_t *row,
          const uint8_t **next_ret)
{
    struct wcp_quotes *quotes = rows->quotes;
    uint64_t line_end = rows->offset + (uint64_t)(*next_ret - rows->data);
    uint64_t end = rows->offset + (uint64_t)(rows->end - rows->data);
    uint64_t limit =
        rows->offset + (uint64_t)(row - rows->data) + rows->max_line;
    enum state state = QUOTED;

    if (quotes->until > line_end)
        state = (enum state)quotes->state;
    else
        quotes->until = line_end;
    if (state != ENDED && quotes->until < end) {
        const uint8_t *p = rows->data + (quotes->until - rows->offset);

        p = follow(rows, p, rows->end, &state);
        quotes->until = rows->offset + (uint64_t)(p - rows->data);
    }
    quotes->state = (uint8_t)state;
    if (quotes->until > limit)
        return WCP_ROW_OPEN;
    if (state == ENDED && quotes->until <= end) {
        *next_ret = rows->data + (quotes->until - rows->offset);
        return WCP_ROW_WHOLE;
    }
    if (!rows->last)
        return WCP_ROW_MORE;
    if (state == QUOTED || end > limit)
        return WCP_ROW_OPEN;
    *next_ret = rows->end;
    return WCP_ROW_WHOLE;
}

enum wcp_row_kind
wcp_next_row(const struct wcp_rows *rows, const uint8_t *row,
             const uint8_t **next_ret)
{
    const uint8_t *next = wcp_line_end(row, rows->end, rows->encoding);
    bool whole_line = next != NULL;
    enum state state = START;

    if (rows->offset + (uint64_t)(row - rows->data) < rows->header_end)
        return next_header(rows, next_ret);
    if (!whole_line)
        next = rows->end;
    *next_ret = next;
    if ((uint64_t)(next - row) > rows->max_line)
        return WCP_ROW_LONG;
    if (!whole_line && !rows->last)
        return WCP_ROW_MORE;
    follow(rows, skip_mark(row, next, rows->encoding), next, &state);
    if (state == ENDED || (!whole_line && state != QUOTED))
        return WCP_ROW_WHOLE;
    return whole_line ? next_open(rows, row, next_ret) : WCP_ROW_OPEN;
}

/* ---- cutting ---- */

struct wcp_rows
wcp_rows_of(const struct wcp_reader *reader, uint32_t index,
            struct wcp_quotes *quotes)
{
    const struct wcp_source *source = &reader->sources.at[index];

    return (struct wcp_rows){ .encoding = source->encoding,
                              .delimiter = source->delimiter,
                              .header_end = source->header_end,
                              .max_line = reader->max_line,
                              .quotes = quotes };
}

/* How many bytes of a part are rows or lines that are given up; *kind_ret:
 * why what follows them is neither. */
static size_t
whole_rows(const struct wcp_rows *rows, enum wcp_row_kind *kind_ret)
{
    const uint8_t *row = rows->data, *next;

    *kind_ret = WCP_ROW_WHOLE;
    while (row < rows->end) {
        *kind_ret = wcp_next_row(rows, row, &next);
        if (*kind_ret == WCP_ROW_MORE || *kind_ret == WCP_ROW_LONG)
            break;
        row = next;
    }
    return (size_t)(row - rows->data);
}

/* Read up to 'target' bytes; true when a batch is there. */
static bool
fill_rows(struct wcp_worker *worker, struct wcp_stream *stream, uint32_t index,
          size_t target, struct wcp_course *course, struct wcp_cut *cut)
{
    struct wcp_buffer *in = &worker->in;
    enum wcp_row_kind kind;
    struct wcp_rows rows;
    bool broken;
    size_t whole;

    if (!wcp_input_reserve(in, target - in->len)) {
        cut->code = WCP_CODE_NO_MEMORY;
        return true;
    }
    in->len += wcp_stream_read(stream, in->data + in->len, target - in->len);
    cut->ended = in->len < target;
    broken = wcp_stream_fault(stream) != NULL;
    rows = wcp_rows_of(worker->reader, index, &course->quotes);
    rows.data = in->data;
    rows.end = in->data + in->len;
    rows.offset = course->at;
    rows.last = cut->ended && !broken;
    whole = whole_rows(&rows, &kind);
    if (whole == 0 && kind == WCP_ROW_LONG) {
        wcp_skip_long_line(worker, stream, rows.encoding, cut);
        return true;
    }
    if (whole == 0 && kind == WCP_ROW_MORE && !cut->ended)
        return false;
    /* What breaks off is no row. */
    if (kind != WCP_ROW_MORE || !cut->ended) {
        cut->ended = cut->ended && whole == in->len;
        wcp_stream_unread(stream, in->data + whole, in->len - whole);
    }
    in->len = whole;
    return true;
}

/*
 * The next size to try.  To see that a row does not end takes max_line bytes:
 * of a quarter more, all the lines that are given up in that quarter are known
 * at once, and what is read ahead is moved a few times and not for each batch.
 */
static size_t
next_target(const struct wcp_reader *reader, size_t target)
{
    uint64_t most = reader->max_line + reader->max_line / 4;

    if (target < most && target > most / 2)
        return (size_t)(most + 4) & ~(size_t)3;
    return target + target;
}

void
wcp_cut_rows(struct wcp_worker *worker, struct wcp_stream *stream,
             uint32_t index, struct wcp_course *course, struct wcp_cut *cut)
{
    size_t target = (worker->reader->batch_bytes + 3) & ~(size_t)3;

    *cut = (struct wcp_cut){ .begin = course->at };
    worker->in.len = 0;
    while (!fill_rows(worker, stream, index, target, course, cut))
        target = next_target(worker->reader, target);
    if (cut->code == WCP_CODE_OK && wcp_input_reserve(&worker->in, 0))
        wcp_input_pad(&worker->in);
    else
        cut->code = WCP_CODE_NO_MEMORY;
    course->at += worker->in.len + cut->long_len;
}
