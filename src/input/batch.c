/*
 * batch.c - a batch -> documents: slices, lines of streams, runs of files
 *
 * A slice owns the lines that begin in its range.  Whether one begins at its
 * very start is told by the unit before it; the last one is read on past the
 * end.  So slices need not know of each other and any number of threads can
 * read one file, each batch by pread into memory of the worker's own.  A batch
 * takes its slice in pieces, which are slices themselves: what has been read
 * is then still in the second cache when it is parsed.
 */
#include "input/reader.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE_BYTES = 1 << 18,  /* a multiple of all units */
    AHEAD_BYTES = 1 << 12,  /* read past a slice's end at once: a line's rest */
    FURTHER_BYTES = 1 << 16 /* and then if that was not enough */
};

enum wcp_code
wcp_worker_new(struct wcp_reader *reader, struct wcp_worker **worker_ret,
               struct wcp_fault *fault)
{
    const struct wcp_memory *mem = &reader->mem;
    struct wcp_worker *worker = wcp_new_zeroed(mem, 1, sizeof *worker);
    enum wcp_code code;

    if (worker == NULL)
        return wcp_no_memory(fault);
    worker->reader = reader;
    worker->fd = -1;
    wcp_buffer_init(&worker->in, mem, 0);
    wcp_buffer_init(&worker->text, mem, 0);
    wcp_buffer_init(&worker->mended, mem, 0);
    wcp_buffer_init(&worker->sample, mem, 0);
    wcp_buffer_init(&worker->ahead, mem, 0);
    code = wcp_decoder_new(mem, &worker->decoder, fault);
    if (code == WCP_CODE_OK) {
        worker->json = wcp_json_new();
        if (worker->json == NULL)
            code = wcp_no_memory(fault);
    }
    if (code != WCP_CODE_OK) {
        wcp_worker_free(worker);
        return code;
    }
    *worker_ret = worker;
    return WCP_CODE_OK;
}

void
wcp_worker_free(struct wcp_worker *worker)
{
    if (worker == NULL)
        return;
    if (worker->fd >= 0)
        close(worker->fd);
    wcp_json_free(worker->json);
    wcp_csv_free(worker);
    wcp_decoder_free(worker->decoder);
    wcp_buffer_release(&worker->in);
    wcp_buffer_release(&worker->text);
    wcp_buffer_release(&worker->mended);
    wcp_buffer_release(&worker->sample);
    wcp_buffer_release(&worker->ahead);
    wcp_free_array(&worker->reader->mem, worker, 1, sizeof *worker);
}

enum wcp_code
wcp_worker_open(struct wcp_worker *worker, uint32_t source, int *fd_ret,
                struct wcp_fault *fault)
{
    if (worker->fd < 0 || worker->fd_source != source) {
        enum wcp_code code;

        if (worker->fd >= 0)
            close(worker->fd);
        worker->fd = -1;
        worker->ahead.len = 0;
        code = wcp_source_open(&worker->reader->sources.at[source], &worker->fd,
                               fault);
        if (code != WCP_CODE_OK)
            return code;
        worker->fd_source = source;
    }
    *fd_ret = worker->fd;
    return WCP_CODE_OK;
}

void
wcp_notify(struct wcp_worker *worker, enum wcp_notice_kind kind,
           const struct wcp_place *place, const struct wcp_fault *fault)
{
    struct wcp_notice notice = { .kind = kind,
                                 .code = fault->code,
                                 .source = place->source,
                                 .line = place->line,
                                 .column = place->column,
                                 .offset = place->offset };

    if (worker->consumer->notice == NULL)
        return;
    memcpy(notice.text, fault->text, sizeof notice.text);
    worker->consumer->notice(worker->consumer->ctx, &notice);
}

/* NO_MEMORY ends the batch, all else is a notice. */
static enum wcp_code
skip_source(struct wcp_worker *worker, uint32_t source, enum wcp_code code,
            const struct wcp_fault *fault)
{
    struct wcp_place place = { .source = source };

    if (code == WCP_CODE_NO_MEMORY)
        return code;
    wcp_notify(worker, WCP_NOTICE_SKIPPED, &place, fault);
    return WCP_CODE_OK;
}

static enum wcp_code
skip_too_long(struct wcp_worker *worker, uint32_t source)
{
    struct wcp_place place = { .source = source };

    wcp_say_long_line(worker, &place);
    return WCP_CODE_OK;
}

/* Give back memory that only an uncommonly large document needed. */
static void
shrink(struct wcp_worker *worker, struct wcp_buffer *buf)
{
    size_t keep = ((size_t)8 << 20) + 4 * worker->reader->batch_bytes;

    if (buf->cap > keep)
        wcp_buffer_release(buf);
}

/* A line above max_line, unless it is the header, which has been read. */
static void
skip_long_line(struct wcp_worker *worker, uint32_t source, uint64_t offset)
{
    struct wcp_place place = { .source = source,
                               .line = ++worker->info.num_lines,
                               .offset = offset };

    if (offset >= worker->reader->sources.at[source].header_end)
        wcp_say_long_line(worker, &place);
}

/* ---- slices ---- */

/* A piece, and where its own bytes stand in worker->in. */
struct span {
    uint64_t piece_begin, piece_end; /* in the file */
    uint64_t from;                   /* offset of in.data[0] in the file */
    size_t begin, end;               /* the lines that it owns */
    bool long_line;                  /* and one more that is too long */
};

static enum wcp_code
read_on(struct wcp_worker *worker, int fd, uint64_t len,
        const struct span *span, struct wcp_fault *fault)
{
    struct wcp_buffer *in = &worker->in;
    uint64_t size = worker->reader->sources.at[worker->batch.source].size;
    uint64_t at = span->from + in->len, want = size - at;
    size_t old = in->len;
    enum wcp_code code;

    if (want > len)
        want = len;
    code = wcp_input_read(in, fd, want, at, fault);
    if (code == WCP_CODE_OK && in->len - old < want)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "the file became shorter while it was read");
    return code;
}

/* Read on to the end of the line that begins at span->end. */
static enum wcp_code
complete_line(struct wcp_worker *worker, int fd, struct span *span,
              struct wcp_fault *fault)
{
    const struct wcp_source *source =
        &worker->reader->sources.at[worker->batch.source];
    struct wcp_buffer *in = &worker->in;
    size_t seen = (size_t)(span->piece_end - span->from);
    uint64_t step = FURTHER_BYTES;

    for (;;) {
        const uint8_t *next =
            wcp_line_end(in->data + seen, in->data + in->len, source->encoding);
        enum wcp_code code;

        if (next != NULL) {
            span->end = (size_t)(next - in->data);
            return WCP_CODE_OK;
        }
        seen = in->len - in->len % wcp_unit_width(source->encoding);
        if (in->len - span->end > worker->reader->max_line) {
            span->long_line = true;
            return WCP_CODE_OK;
        }
        if (span->from + in->len == source->size) {
            span->end = in->len;
            return WCP_CODE_OK;
        }
        code = read_on(worker, fd, step, span, fault);
        if (code != WCP_CODE_OK)
            return code;
        step += step;
    }
}

/* Read the piece and find the lines that begin in it. */
static enum wcp_code
read_piece(struct wcp_worker *worker, struct span *span,
           struct wcp_fault *fault)
{
    const uint32_t source = worker->batch.source;
    wcp_encoding enc = worker->reader->sources.at[source].encoding;
    size_t before = span->piece_begin > 0 ? wcp_unit_width(enc) : 0, own;
    struct wcp_buffer *in = &worker->in;
    enum wcp_code code;
    int fd;

    code = wcp_worker_open(worker, source, &fd, fault);
    if (code != WCP_CODE_OK)
        return code;
    in->len = 0;
    span->from = span->piece_begin - before;
    own = (size_t)(span->piece_end - span->from);
    code = read_on(worker, fd, (uint64_t)own + AHEAD_BYTES, span, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (before > 0) {
        const uint8_t *first = wcp_line_end(in->data, in->data + own, enc);

        span->begin = first != NULL ? (size_t)(first - in->data) : own;
    }
    span->end = span->begin +
                wcp_whole_lines(in->data + span->begin, own - span->begin, enc);
    if (span->end < own)
        code = complete_line(worker, fd, span, fault);
    if (code == WCP_CODE_OK && !wcp_input_reserve(in, 0))
        return wcp_no_memory(fault);
    wcp_input_pad(in);
    return code;
}

static enum wcp_code
process_piece(struct wcp_worker *worker, const struct span *span)
{
    const uint32_t source = worker->batch.source;
    enum wcp_code code = wcp_process_lines(
        worker, source, worker->in.data + span->begin, span->end - span->begin,
        span->from + span->begin, &worker->info.num_lines);

    if (code == WCP_CODE_OK && span->long_line)
        skip_long_line(worker, source, span->from + span->end);
    return code;
}

static enum wcp_code
process_slice(struct wcp_worker *worker)
{
    const struct wcp_batch *batch = &worker->batch;
    enum wcp_code code = WCP_CODE_OK;
    uint64_t at = batch->begin;

    worker->info.num_bytes = batch->end - batch->begin;
    while (code == WCP_CODE_OK && at < batch->end) {
        const uint64_t left = batch->end - at;
        struct span span = {
            .piece_begin = at,
            .piece_end = at + (left < PIECE_BYTES ? left : PIECE_BYTES),
        };
        struct wcp_fault fault;

        code = read_piece(worker, &span, &fault);
        if (code == WCP_CODE_NO_MEMORY)
            return code;
        if (code != WCP_CODE_OK) {
            struct wcp_place place = { .source = batch->source, .offset = at };

            wcp_notify(worker, WCP_NOTICE_SKIPPED, &place, &fault);
            return WCP_CODE_OK;
        }
        code = process_piece(worker, &span);
        at = span.piece_end;
    }
    return code;
}

/* ---- lines of a stream ---- */

static enum wcp_code
process_cut(struct wcp_worker *worker, uint32_t source,
            const struct wcp_cut *cut)
{
    uint64_t begin = cut->begin;
    enum wcp_code code;

    code = wcp_process_lines(worker, source, worker->in.data, worker->in.len,
                             begin, &worker->info.num_lines);
    if (code == WCP_CODE_OK && cut->long_line)
        skip_long_line(worker, source, begin + worker->in.len);
    return code;
}

struct wcp_fault
wcp_broken_records(const struct wcp_fault *fault, uint64_t offset)
{
    struct wcp_fault broken = *fault;

    if (offset > 0)
        wcp_fail(&broken, fault->code, fault->sys_errno,
                 "%s; the records before that were read", fault->text);
    return broken;
}

/* Say where a stream has broken off: behind the last byte that was of use. */
static enum wcp_code
say_broken(struct wcp_worker *worker, uint32_t source,
           const struct wcp_fault *broken, uint64_t offset)
{
    const struct wcp_place place = { .source = source, .offset = offset };

    if (broken->code != WCP_CODE_NO_MEMORY)
        wcp_notify(worker, WCP_NOTICE_SKIPPED, &place, broken);
    return broken->code == WCP_CODE_NO_MEMORY ? broken->code : WCP_CODE_OK;
}

/* All the lines of a small compressed file, or the rows of one. */
static enum wcp_code
process_stream(struct wcp_worker *worker, uint32_t source,
               struct wcp_stream *stream)
{
    struct wcp_course course = { 0 };
    struct wcp_cut cut = { 0 };
    struct wcp_fault broken;

    while (!cut.ended) {
        enum wcp_code code;

        wcp_cut_lines(worker, stream, source, &course, &cut);
        code = cut.code;
        if (code == WCP_CODE_OK)
            code = process_cut(worker, source, &cut);
        if (code != WCP_CODE_OK)
            return code;
    }
    worker->info.num_bytes += course.at;
    if (wcp_stream_fault(stream) == NULL)
        return WCP_CODE_OK;
    broken = wcp_broken_records(wcp_stream_fault(stream), course.at);
    return say_broken(worker, source, &broken, course.at);
}

/* ---- whole files ---- */

static enum wcp_code
process_text(struct wcp_worker *worker, uint32_t index, const uint8_t *data,
             size_t len)
{
    if (len > worker->reader->opts.max_document)
        return skip_too_long(worker, index);
    worker->info.num_bytes += len;
    return wcp_process_text(worker, index, data, len);
}

static enum wcp_code
process_whole_text(struct wcp_worker *worker, uint32_t index)
{
    return process_text(worker, index, worker->in.data, worker->in.len);
}

/* A compressed file: what it holds decides its format. */
static enum wcp_code
process_unpacked(struct wcp_worker *worker, uint32_t index,
                 struct wcp_stream *stream)
{
    const struct wcp_source *source = &worker->reader->sources.at[index];
    struct wcp_fault fault;
    enum wcp_code code;

    code = wcp_sniff_stream(worker, index, stream, &fault);
    if (code != WCP_CODE_OK)
        return skip_source(worker, index, code, &fault);
    if (source->format != WCP_FORMAT_TEXT) {
        wcp_say_encoding(worker, index, source->encoding,
                         (enum wcp_enc_reason)source->reason);
        return process_stream(worker, index, stream);
    }
    code = wcp_read_text(worker, stream);
    if (code != WCP_CODE_OK)
        return code;
    if (wcp_stream_fault(stream) != NULL)
        return say_broken(worker, index, wcp_stream_fault(stream),
                          worker->in.len);
    return process_whole_text(worker, index);
}

static enum wcp_code
process_packed(struct wcp_worker *worker, uint32_t index)
{
    struct wcp_stream_from from = { .seekable = true };
    struct wcp_stream *stream;
    struct wcp_fault fault;
    enum wcp_code code;

    code =
        wcp_source_open(&worker->reader->sources.at[index], &from.fd, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_stream_open(&worker->reader->mem, &from, &stream, &fault);
    if (code != WCP_CODE_OK)
        return skip_source(worker, index, code, &fault);
    worker->reader->sources.at[index].packed =
        (uint8_t)wcp_stream_compression(stream);
    code = process_unpacked(worker, index, stream);
    wcp_stream_close(stream);
    return code;
}

/* All of a file that is not CSV; WCP_JSON_PADDING bytes follow it. */
static enum wcp_code
process_bytes(struct wcp_worker *worker, uint32_t index, const uint8_t *data,
              size_t len)
{
    const struct wcp_source *source = &worker->reader->sources.at[index];
    struct wcp_sample sample = { data, len, len < WCP_SAMPLE_BYTES };
    struct wcp_fault fault;
    enum wcp_code code;

    /* No more than of a stream, or it could be taken for something else. */
    if (!sample.whole)
        sample.len = WCP_SAMPLE_BYTES;
    code = wcp_sniff(worker, index, &sample, &fault);
    if (code != WCP_CODE_OK)
        return skip_source(worker, index, code, &fault);
    if (source->format == WCP_FORMAT_TEXT)
        return process_text(worker, index, data, len);
    wcp_say_encoding(worker, index, source->encoding,
                     (enum wcp_enc_reason)source->reason);
    worker->info.num_bytes += len;
    return wcp_process_lines(worker, index, data, len, 0,
                             &worker->info.num_lines);
}

/* Whether no text of this size is taken. */
static bool
is_too_long(const struct wcp_reader *reader, const struct wcp_source *source)
{
    return source->size > reader->opts.max_document &&
           (source->size > reader->batch_bytes ||
            source->named == WCP_FORMAT_TEXT);
}

/* Read a file that is not as it was when it was listed, or is too long. */
static enum wcp_code
read_anew(struct wcp_worker *worker, struct wcp_source *source, int fd,
          bool *too_long_ret, struct wcp_fault *fault)
{
    struct wcp_buffer *in = &worker->in;
    enum wcp_code code;
    struct stat status;

    if (fstat(fd, &status) != 0)
        return wcp_fail_errno(fault, errno, "cannot read");
    wcp_source_note(source, &status);
    *too_long_ret = is_too_long(worker->reader, source);
    code = wcp_input_read(
        in, fd, *too_long_ret ? WCP_MAGIC_BYTES : source->size, 0, fault);
    if (code == WCP_CODE_OK && !*too_long_ret && in->len < source->size)
        code = wcp_fail(fault, WCP_CODE_IO, 0,
                        "the file became shorter while it was read");
    return code;
}

/*
 * Read a whole file into worker->in, which is left empty if it is a text above
 * the limit (*too_long_ret), or if its magic number says that it is
 * compressed.
 */
static enum wcp_code
read_file(struct wcp_worker *worker, uint32_t index, bool *too_long_ret,
          bool *packed_ret, struct wcp_fault *fault)
{
    struct wcp_source *source = &worker->reader->sources.at[index];
    struct wcp_buffer *in = &worker->in;
    enum wcp_code code;
    int fd;

    in->len = 0;
    *too_long_ret = false;
    code = wcp_source_open(source, &fd, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (is_too_long(worker->reader, source) ||
        !wcp_input_read_whole(in, fd, source->size))
        code = read_anew(worker, source, fd, too_long_ret, fault);
    *packed_ret = wcp_sniff_compression(in->data, in->len) != WCP_PLAIN;
    close(fd);
    return code;
}

static enum wcp_code
process_file(struct wcp_worker *worker, uint32_t index)
{
    struct wcp_reader *reader = worker->reader;
    uint64_t size = reader->sources.at[index].size;
    bool too_long = false, packed = false;
    struct wcp_fault fault;
    enum wcp_code code;

    worker->said_repaired = false;
    worker->info.num_lines = 0;
    code = read_file(worker, index, &too_long, &packed, &fault);
    if (code != WCP_CODE_OK)
        code = skip_source(worker, index, code, &fault);
    else if (packed || reader->sources.at[index].named == WCP_FORMAT_CSV)
        code = process_packed(worker, index);
    else if (too_long)
        code = skip_too_long(worker, index);
    else
        code = process_bytes(worker, index, worker->in.data, worker->in.len);
    atomic_fetch_add_explicit(&reader->done, size, memory_order_relaxed);
    return code;
}

static enum wcp_code
process_run(struct wcp_worker *worker)
{
    enum wcp_code code = WCP_CODE_OK;

    for (uint32_t i = 0; i < worker->batch.num_run && code == WCP_CODE_OK; i++)
        code = process_file(worker, worker->batch.run[i]);
    return code;
}

/* Texts of an archive. */
static enum wcp_code
process_members(struct wcp_worker *worker)
{
    const struct wcp_batch *batch = &worker->batch;
    enum wcp_code code = WCP_CODE_OK;
    size_t begin = 0;

    if (!wcp_input_reserve(&worker->in, 0))
        return WCP_CODE_NO_MEMORY;
    wcp_input_pad(&worker->in);
    for (uint32_t i = 0; i < batch->num_run && code == WCP_CODE_OK; i++) {
        worker->said_repaired = false;
        worker->info.num_lines = 0;
        code = process_bytes(worker, batch->run[i], worker->in.data + begin,
                             batch->run_end[i] - begin);
        begin = batch->run_end[i];
    }
    return code;
}

/* ---- any batch ---- */

static enum wcp_code
process_batch(struct wcp_worker *worker)
{
    const struct wcp_batch *batch = &worker->batch;
    const struct wcp_source *source =
        &worker->reader->sources.at[batch->source];

    if (batch->starts_source &&
        (batch->kind == WCP_BATCH_SLICE || batch->kind == WCP_BATCH_LINES))
        wcp_say_encoding(worker, batch->source, source->encoding,
                         (enum wcp_enc_reason)source->reason);
    switch (batch->kind) {
    case WCP_BATCH_EMPTY:
        break;
    case WCP_BATCH_RUN:
        return process_run(worker);
    case WCP_BATCH_SLICE:
        return process_slice(worker);
    case WCP_BATCH_LINES:
        worker->info.num_bytes = worker->in.len + batch->cut.long_len;
        return process_cut(worker, batch->source, &batch->cut);
    case WCP_BATCH_TEXT:
        return process_whole_text(worker, batch->source);
    case WCP_BATCH_MEMBERS:
        return process_members(worker);
    }
    return WCP_CODE_OK;
}

enum wcp_code
wcp_worker_process(struct wcp_worker *worker,
                   const struct wcp_consumer *consumer,
                   struct wcp_batch_info *info_ret, struct wcp_fault *fault)
{
    struct wcp_batch *batch = &worker->batch;
    enum wcp_code code = batch->failure;

    worker->consumer = consumer;
    worker->said_repaired = false;
    worker->info =
        (struct wcp_batch_info){ .number = batch->number,
                                 .source = batch->source,
                                 .end_source = batch->source + 1,
                                 .starts_source = batch->starts_source };
    if (batch->num_run > 0)
        worker->info.end_source = batch->run[batch->num_run - 1] + 1;
    if (code == WCP_CODE_OK)
        code = process_batch(worker);
    if (code == WCP_CODE_OK && batch->has_notice && consumer->notice != NULL) {
        batch->notice.line = 0;
        consumer->notice(consumer->ctx, &batch->notice);
    }
    worker->consumer = NULL;
    shrink(worker, &worker->in);
    shrink(worker, &worker->text);
    shrink(worker, &worker->mended);
    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (batch->failure != WCP_CODE_OK)
        return wcp_fail(fault, code, 0, "%s", batch->notice.text);
    if (code != WCP_CODE_OK)
        return wcp_fail(fault, code, 0, "stopped");
    if (info_ret != NULL)
        *info_ret = worker->info;
    return WCP_CODE_OK;
}
