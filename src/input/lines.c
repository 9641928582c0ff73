/*
 * lines.c - where lines end, and how a stream is cut there
 *
 * A line end is a line feed of the file's own encoding, so that UTF-16 and
 * UTF-32 can be split before they are decoded too: every line is then decoded
 * by itself, offsets are those of the file, and no encoding needs the file to
 * be read in order.  The stateful 7-bit encodings (ISO-2022, UTF-7) return to
 * ASCII before each line feed, and no byte of theirs looks like one.
 */
#include "input/reader.h"

#include <string.h>

const uint8_t *
wcp_line_end(const uint8_t *data, const uint8_t *end, wcp_encoding enc)
{
    size_t width = wcp_unit_width(enc);
    const uint8_t *p = data;

    if (data == end)
        return NULL;
    if (width == 1) {
        p = memchr(data, '\n', (size_t)(end - data));
        return p != NULL ? p + 1 : NULL;
    }
    for (; (size_t)(end - p) >= width; p += width)
        if (wcp_unit_at(p, width, wcp_is_big_endian(enc)) == '\n')
            return p + width;
    return NULL;
}

size_t
wcp_whole_lines(const uint8_t *data, size_t len, wcp_encoding enc)
{
    size_t width = wcp_unit_width(enc);

    for (len -= len % width; len > 0; len -= width)
        if (wcp_unit_at(data + len - width, width, wcp_is_big_endian(enc)) ==
            '\n')
            break;
    return len;
}

/* Let go what is in the buffer up to the line end, and read on to it. */
void
wcp_skip_long_line(struct wcp_worker *worker, struct wcp_stream *stream,
                   wcp_encoding enc, struct wcp_cut *cut)
{
    struct wcp_buffer *in = &worker->in;
    size_t block = (size_t)1 << 18;
    const uint8_t *next;

    cut->long_line = true;
    while ((next = wcp_line_end(in->data, in->data + in->len, enc)) == NULL) {
        cut->long_len += in->len;
        /* The buffer is far larger than a block: it held a long line. */
        in->len = wcp_stream_read(
            stream, in->data, block < in->cap ? block : in->cap & ~(size_t)3);
        if (in->len == 0) {
            cut->ended = true;
            return;
        }
    }
    cut->long_len += (uint64_t)(next - in->data);
    cut->ended = cut->ended && next == in->data + in->len;
    wcp_stream_unread(stream, next, (size_t)(in->data + in->len - next));
    in->len = 0;
}

/* Read up to 'target' bytes in all; true when the buffer ends with the last
 * line of the stream or has a whole line. */
static bool
fill(struct wcp_worker *worker, struct wcp_stream *stream, wcp_encoding enc,
     size_t target, struct wcp_cut *cut)
{
    struct wcp_buffer *in = &worker->in;
    size_t old = in->len, whole;
    bool too_long;

    if (!wcp_input_reserve(in, target - old)) {
        cut->code = WCP_CODE_NO_MEMORY;
        return true;
    }
    in->len += wcp_stream_read(stream, in->data + old, target - old);
    cut->ended = in->len < target;
    if (cut->ended && wcp_stream_fault(stream) == NULL)
        return true;
    whole = old + wcp_whole_lines(in->data + old, in->len - old, enc);
    if (whole == old)
        whole = 0;
    /* What a broken stream has after its last line end is no line, but what
     * is too long anyway is spoken of. */
    too_long = in->len - whole > worker->reader->max_line;
    if (whole == 0 && (too_long || !cut->ended))
        return false;
    if (too_long || !cut->ended) {
        wcp_stream_unread(stream, in->data + whole, in->len - whole);
        cut->ended = false;
    }
    in->len = whole;
    return true;
}

void
wcp_cut_lines(struct wcp_worker *worker, struct wcp_stream *stream,
              uint32_t source, struct wcp_course *course,
              struct wcp_cut *cut_ret)
{
    const struct wcp_reader *reader = worker->reader;
    wcp_encoding enc = reader->sources.at[source].encoding;
    size_t step = (reader->batch_bytes + 3) & ~(size_t)3, target = step;

    if (reader->sources.at[source].format == WCP_FORMAT_CSV) {
        wcp_cut_rows(worker, stream, source, course, cut_ret);
        return;
    }
    *cut_ret = (struct wcp_cut){ .begin = course->at };
    worker->in.len = 0;
    while (!fill(worker, stream, enc, target, cut_ret)) {
        if (worker->in.len > reader->max_line) {
            wcp_skip_long_line(worker, stream, enc, cut_ret);
            break;
        }
        target += target;
    }
    if (cut_ret->code == WCP_CODE_OK && wcp_input_reserve(&worker->in, 0))
        wcp_input_pad(&worker->in);
    else
        cut_ret->code = WCP_CODE_NO_MEMORY;
    course->at += worker->in.len + cut_ret->long_len;
}
