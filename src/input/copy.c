/*
 * copy.c - a file of records without some of them, byte for byte
 *
 * What is cut goes with the line end behind it; everything else stays as it
 * came, blank lines and records that could not be parsed included.  A record
 * can also be replaced, and keeps its line end.  Several sources become one
 * file: a last line without end is ended when another source follows, whose
 * byte-order mark and header of columns are left out.
 */
#include "input/reader.h"

#include <string.h>
#include <sys/stat.h>

enum { COPY_BYTES = 1 << 18 };

struct copy {
    struct wcp_stream *stream;
    wcp_encoding encoding;
    uint8_t *block; /* COPY_BYTES, of which len are filled, from 'at' on */
    size_t len, at;
    uint64_t offset; /* of block[at] in the stream */
    struct wcp_joint *joint;
    struct wcp_buffer range; /* one to be replaced */
    uint8_t last[4];         /* the last bytes that were written */
    bool wrote;
    bool (*write)(void *ctx, const void *data, size_t len);
    void *ctx;
};

/* Write, after the line end that a source before this one lacks. */
static bool
put(struct copy *copy, const uint8_t *data, size_t len)
{
    size_t width = wcp_unit_width(copy->encoding);
    uint8_t feed[4] = { 0 };

    feed[wcp_is_big_endian(copy->encoding) ? width - 1 : 0] = '\n';
    if (copy->joint->open_line && !copy->write(copy->ctx, feed, width))
        return false;
    copy->joint->open_line = false;
    copy->wrote = true;
    if (!copy->write(copy->ctx, data, len))
        return false;
    for (size_t i = len > 4 ? len - 4 : 0; i < len; i++) {
        memmove(copy->last, copy->last + 1, 3);
        copy->last[3] = data[i];
    }
    return true;
}

/* Have bytes at hand; false at the end of the stream. */
static bool
fill(struct copy *copy)
{
    if (copy->at == copy->len) {
        copy->at = 0;
        copy->len = wcp_stream_read(copy->stream, copy->block, COPY_BYTES);
    }
    return copy->at < copy->len;
}

/* Write up to 'end'; false if the writer has had enough. */
static bool
copy_until(struct copy *copy, uint64_t end)
{
    while (copy->offset < end && fill(copy)) {
        size_t num = copy->len - copy->at;

        if (num > end - copy->offset)
            num = (size_t)(end - copy->offset);
        if (!put(copy, copy->block + copy->at, num))
            return false;
        copy->at += num;
        copy->offset += num;
    }
    return true;
}

static void
skip_until(struct copy *copy, uint64_t end)
{
    while (copy->offset < end && fill(copy)) {
        size_t num = copy->len - copy->at;

        if (num > end - copy->offset)
            num = (size_t)(end - copy->offset);
        copy->at += num;
        copy->offset += num;
    }
}

/* Unit by unit: there is at most a carriage return before it. */
static void
skip_line_end(struct copy *copy)
{
    size_t width = wcp_unit_width(copy->encoding);
    uint8_t unit[4];

    while (fill(copy)) {
        size_t num = 0;

        while (num < width && fill(copy)) {
            unit[num++] = copy->block[copy->at++];
            copy->offset++;
        }
        if (num < width || wcp_line_end(unit, unit + num, copy->encoding))
            return;
    }
}

/* Write what stands instead of a range. */
static enum wcp_code
replace_range(struct copy *copy, const struct wcp_cuts *cuts, size_t i,
              struct wcp_fault *fault)
{
    uint64_t end = cuts->at[i].offset + cuts->at[i].len;
    struct wcp_string instead = { NULL, 0 };
    enum wcp_code code;

    copy->range.len = 0;
    while (copy->offset < end && fill(copy)) {
        size_t num = copy->len - copy->at;

        if (num > end - copy->offset)
            num = (size_t)(end - copy->offset);
        if (!wcp_buffer_append(&copy->range, copy->block + copy->at, num))
            return wcp_no_memory(fault);
        copy->at += num;
        copy->offset += num;
    }
    if (copy->offset < end) /* check_whole() says so */
        return WCP_CODE_OK;
    code = cuts->replace(
        cuts->replace_ctx, i,
        (struct wcp_string){ (const char *)copy->range.data, copy->range.len },
        &instead, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (instead.data == NULL)
        skip_line_end(copy);
    else if (!put(copy, (const uint8_t *)instead.data, instead.len))
        return wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    return WCP_CODE_OK;
}

/* What every file has at its start, the one that is written has once. */
static void
skip_start(struct copy *copy, const struct wcp_source *from)
{
    static const uint8_t mark[] = { 0xEF, 0xBB, 0xBF };
    size_t width = wcp_unit_width(copy->encoding);
    bool big = wcp_is_big_endian(copy->encoding);

    if (from->header_end > 0 && from->columns[0] > 0) {
        skip_until(copy, from->header_end);
        return;
    }
    if (!fill(copy) || copy->len < 4)
        return;
    if (width > 1 && wcp_unit_at(copy->block, width, big) == 0xFEFF)
        skip_until(copy, width);
    else if (width == 1 && memcmp(copy->block, mark, 3) == 0)
        skip_until(copy, 3);
}

/* Begin behind what went before, if it goes together. */
static enum wcp_code
join(struct copy *copy, const struct wcp_source *from, struct wcp_fault *fault)
{
    const struct wcp_joint *joint = copy->joint;
    wcp_encoding enc = copy->encoding;

    if (!joint->any || !fill(copy))
        return WCP_CODE_OK;
    if (enc != joint->encoding &&
        (wcp_unit_width(enc) > 1 || wcp_unit_width(joint->encoding) > 1))
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "'%s' is in %s and cannot follow %s in one file",
                        from->shown, wcp_encoding_name(enc),
                        wcp_encoding_name(joint->encoding));
    if (from->format != joint->format ||
        (from->format == WCP_FORMAT_CSV && from->delimiter != joint->delimiter))
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "'%s' has another format than the file before it",
                        from->shown);
    if (from->columns[0] > 0 &&
        (from->num_columns != joint->num_columns ||
         memcmp(from->columns, joint->columns, sizeof joint->columns) != 0))
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "'%s' has other columns than the file before it",
                        from->shown);
    skip_start(copy, from);
    return WCP_CODE_OK;
}

static void
note_end(struct copy *copy, const struct wcp_source *from)
{
    struct wcp_joint *joint = copy->joint;
    const uint8_t *end = copy->last + sizeof copy->last;
    const uint8_t *unit = end - wcp_unit_width(copy->encoding);

    joint->any = true;
    joint->encoding = copy->encoding;
    joint->open_line = wcp_line_end(unit, end, copy->encoding) == NULL;
    joint->format = from->format;
    joint->delimiter = from->delimiter;
    joint->num_columns = from->num_columns;
    memcpy(joint->columns, from->columns, sizeof joint->columns);
}

/* Where to stop.  What was appended to a file of lines after it was read is
 * not known to be a copy of anything, nor to be whole: it is left. */
static uint64_t
end_of(const struct wcp_source *from)
{
    return from->packed == WCP_PLAIN && !from->once && !wcp_is_table(from)
               ? from->size
               : UINT64_MAX;
}

void
wcp_source_note(struct wcp_source *source, const struct stat *status)
{
#if defined(__APPLE__)
    const struct timespec *changed = &status->st_mtimespec;
#else
    const struct timespec *changed = &status->st_mtim;
#endif

    source->size = status->st_size > 0 ? (uint64_t)status->st_size : 0;
    source->changed = (int64_t)((uint64_t)changed->tv_sec * 1000000000 +
                                (uint64_t)changed->tv_nsec);
}

/* Another time but the same size: what was read is not what was copied.  A
 * file of another size is told by where it ends. */
static bool
was_rewritten(const struct wcp_source *from)
{
    struct wcp_source now = *from;
    struct stat status;

    if (from->once || from->path == NULL || stat(from->path, &status) != 0)
        return false;
    wcp_source_note(&now, &status);
    return now.size == from->size && now.changed != from->changed;
}

bool
wcp_source_is_changed(const struct wcp_reader *reader, uint32_t source)
{
    const struct wcp_source *from = &reader->sources.at[source];
    struct wcp_source now = *from;
    struct stat status;

    if (from->once || from->path == NULL)
        return false;
    if (stat(from->path, &status) != 0)
        return true;
    wcp_source_note(&now, &status);
    return now.size != from->size || now.changed != from->changed;
}

/* What is said of a source that could not be copied.  The damage of a packed
 * file was said when it was read, and what could be unpacked then is what was
 * copied now; all else would be a loss that nobody hears of. */
static enum wcp_code
check_whole(const struct copy *copy, const struct wcp_source *from,
            const struct wcp_cuts *cuts, struct wcp_fault *fault)
{
    const struct wcp_fault *broken = wcp_stream_fault(copy->stream);
    uint64_t least = from->packed == WCP_PLAIN && !from->once ? from->size : 0;

    if (broken != NULL && broken->code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (broken != NULL && broken->code == WCP_CODE_IO)
        return wcp_fail(fault, WCP_CODE_IO, 0, "'%s': %s", from->shown,
                        broken->text);
    for (size_t i = 0; i < cuts->num; i++)
        if (least < cuts->at[i].offset + cuts->at[i].len)
            least = cuts->at[i].offset + cuts->at[i].len;
    if (was_rewritten(from))
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "'%s' was changed while it was being read",
                        from->shown);
    /* Of a table that has grown, rows may have been read or not. */
    if (copy->offset >= least &&
        (from->packed != WCP_PLAIN || from->once || copy->offset <= from->size))
        return WCP_CODE_OK;
    return wcp_fail(fault, WCP_CODE_IO, 0,
                    "'%s' became %s while it was being read", from->shown,
                    copy->offset >= least ? "longer" : "shorter");
}

enum wcp_code
wcp_source_copy(struct wcp_reader *reader, uint32_t source,
                const struct wcp_cuts *cuts,
                bool (*write)(void *ctx, const void *data, size_t len),
                void *ctx, struct wcp_fault *fault)
{
    const struct wcp_source *from = &reader->sources.at[source];
    struct copy copy = { .encoding = from->encoding,
                         .joint = cuts->joint,
                         .write = write,
                         .ctx = ctx };
    struct wcp_fault why = { 0 };
    bool going = true;
    enum wcp_code code = wcp_source_stream(reader, source, &copy.stream, &why);

    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (code != WCP_CODE_OK)
        return wcp_fail(fault, code, 0, "'%s': %s", from->shown, why.text);
    wcp_buffer_init(&copy.range, &reader->mem, 0);
    copy.block = wcp_new_array(&reader->mem, COPY_BYTES, 1);
    if (copy.block == NULL) {
        wcp_stream_close(copy.stream);
        return wcp_no_memory(fault);
    }
    code = join(&copy, from, fault);
    going = code == WCP_CODE_OK;
    for (size_t i = 0; going && i < cuts->num; i++) {
        going = copy_until(&copy, cuts->at[i].offset);
        if (going && cuts->replace != NULL) {
            code = replace_range(&copy, cuts, i, fault);
            going = code == WCP_CODE_OK;
            continue;
        }
        skip_until(&copy, cuts->at[i].offset + cuts->at[i].len);
        skip_line_end(&copy);
    }
    going = going && copy_until(&copy, end_of(from));
    if (copy.wrote)
        note_end(&copy, from);
    if (going)
        code = check_whole(&copy, from, cuts, fault);
    else if (code == WCP_CODE_OK)
        code = wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    wcp_stream_close(copy.stream);
    wcp_buffer_release(&copy.range);
    wcp_free_array(&reader->mem, copy.block, COPY_BYTES, 1);
    return code;
}
