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
 * given up and reading goes on behind the first line of it.  A file that is
 * full of them would be read over and over: after MAX_OPEN of them every line
 * counts as a row, up to where the last search gave up.
 */
#include "input/reader.h"

#include <string.h>

enum { MAX_OPEN = 16 };

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

static uint32_t
unit_at(const uint8_t *p, size_t width, bool big)
{
    uint32_t unit = 0;

    for (size_t i = 0; i < width; i++)
        unit = unit << 8 | p[big ? i : width - 1 - i];
    return unit;
}

/* Behind the byte-order mark, if there is one. */
static const uint8_t *
skip_mark(const uint8_t *data, const uint8_t *end, size_t width, bool big)
{
    size_t len = (size_t)(end - data);

    if (width == 1)
        return len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? data + 3
                                                                : data;
    return len >= width && unit_at(data, width, big) == 0xFEFF ? data + width
                                                               : data;
}

const uint8_t *
wcp_row_end(const uint8_t *data, const uint8_t *end, wcp_encoding enc,
            char delimiter, bool *open_ret)
{
    size_t width = wcp_unit_width(enc);
    bool big = enc == WCP_ENC_UTF16BE || enc == WCP_ENC_UTF32BE;
    const uint8_t *p = skip_mark(data, end, width, big);
    enum state state = START;

    *open_ret = false;
    for (; (size_t)(end - p) >= width; p += width) {
        if (state == QUOTED && width == 1) {
            p = memchr(p, '"', (size_t)(end - p));
            if (p == NULL)
                break;
        }
        state =
            step(state, width == 1 ? *p : unit_at(p, width, big), delimiter);
        if (state == ENDED)
            return p + width;
    }
    *open_ret = state == QUOTED;
    return NULL;
}

/* How many bytes of data are whole rows of no more than max_line bytes;
 * *open_ret: what follows them is in quotes at its end. */
static size_t
whole_rows(const uint8_t *data, size_t len, const struct wcp_source *source,
           uint64_t max_line, bool *open_ret)
{
    const uint8_t *row = data, *end = data + len;

    while (row < end) {
        const uint8_t *next = wcp_row_end(row, end, source->encoding,
                                          (char)source->delimiter, open_ret);

        if (next == NULL || (uint64_t)(next - row) > max_line)
            break;
        row = next;
    }
    return (size_t)(row - data);
}

/* How many bytes of data are lines, up to the one that ends at 'until' or
 * behind it. */
static size_t
whole_lines_until(const uint8_t *data, size_t len, wcp_encoding enc,
                  uint64_t until)
{
    size_t whole = wcp_whole_lines(data, len, enc), width = wcp_unit_width(enc);
    const uint8_t *next;

    if (whole <= until)
        return whole;
    until = until > width ? until - width : 0;
    next = wcp_line_end(data + (until - until % width), data + whole, enc);
    return next != NULL ? (size_t)(next - data) : whole;
}

/* The row at the start of 'in' does not end: give up its first line. */
static void
give_up(struct wcp_worker *worker, struct wcp_stream *stream, wcp_encoding enc,
        struct wcp_course *course, struct wcp_cut *cut)
{
    struct wcp_buffer *in = &worker->in;
    uint64_t max = worker->reader->max_line;
    const uint8_t *end = in->data + in->len, *next;

    next = wcp_line_end(in->data, end, enc);
    if (next == NULL && cut->ended)
        next = end;
    if (next == NULL) {
        wcp_skip_long_line(worker, stream, enc, cut);
        return;
    }
    cut->open_quote = (uint64_t)(next - in->data) <= max;
    if (cut->open_quote && ++course->num_open >= MAX_OPEN) {
        course->num_open = 0;
        course->lines_until = course->at + (in->len > max ? max + 1 : in->len);
    }
    cut->long_line = true;
    cut->long_len = (uint64_t)(next - in->data);
    cut->ended = cut->ended && next == end;
    wcp_stream_unread(stream, next, (size_t)(end - next));
    in->len = 0;
}

/* Read up to 'target' bytes; true when a batch is there. */
static bool
fill_rows(struct wcp_worker *worker, struct wcp_stream *stream,
          const struct wcp_source *source, size_t target,
          struct wcp_course *course, struct wcp_cut *cut)
{
    struct wcp_buffer *in = &worker->in;
    bool open = false, broken;
    size_t whole;

    if (!wcp_input_reserve(in, target - in->len)) {
        cut->code = WCP_CODE_NO_MEMORY;
        return true;
    }
    in->len += wcp_stream_read(stream, in->data + in->len, target - in->len);
    cut->ended = in->len < target;
    broken = wcp_stream_fault(stream) != NULL;
    if (cut->lines_only)
        whole = whole_lines_until(in->data, in->len, source->encoding,
                                  course->lines_until - course->at);
    else
        whole = whole_rows(in->data, in->len, source, worker->reader->max_line,
                           &open);
    if (cut->ended && !broken && !open &&
        in->len - whole <= worker->reader->max_line && !cut->lines_only)
        whole = in->len;
    if (cut->ended && broken && whole == 0)
        in->len = 0; /* what breaks off is no row */
    if (cut->ended && cut->lines_only && whole == 0)
        whole = in->len;
    if (whole > 0) {
        cut->ended = cut->ended && (whole == in->len || broken);
        if (!cut->ended)
            wcp_stream_unread(stream, in->data + whole, in->len - whole);
        in->len = whole;
        return true;
    }
    if (in->len > worker->reader->max_line || (cut->ended && in->len > 0)) {
        give_up(worker, stream, source->encoding, course, cut);
        return true;
    }
    return cut->ended;
}

void
wcp_cut_rows(struct wcp_worker *worker, struct wcp_stream *stream,
             uint32_t index, struct wcp_course *course, struct wcp_cut *cut)
{
    const struct wcp_reader *reader = worker->reader;
    size_t target = (reader->batch_bytes + 3) & ~(size_t)3;

    *cut = (struct wcp_cut){ .begin = course->at,
                             .lines_only = course->at < course->lines_until };
    worker->in.len = 0;
    while (!fill_rows(worker, stream, &reader->sources.at[index], target,
                      course, cut))
        target += target;
    if (cut->code == WCP_CODE_OK && wcp_input_reserve(&worker->in, 0))
        wcp_input_pad(&worker->in);
    else
        cut->code = WCP_CODE_NO_MEMORY;
    course->at += worker->in.len + cut->long_len;
}
