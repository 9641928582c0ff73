/*
 * reading.h - a file's documents and notices as strings of bytes
 *
 * Two ways to read a file are alike when these are.  Lines count from the
 * source's beginning.  Of notices about repairs only the first is taken, for
 * each batch says one of its own; details are left out, for how an encoding
 * was found depends on whether the file has a directory.
 */
#ifndef FUZZ_READING_H
#define FUZZ_READING_H

#include "fuzz.h"

#include <unistd.h>

#include "input/reader.h"

enum { MAX_KEPT = 64 };

struct reading {
    struct wcp_reader *reader;
    struct wcp_worker *worker;
    struct wcp_buffer documents, notices;
    uint64_t lines; /* of the source's batches before */
    uint64_t max_document;
    bool repaired, all_streamed;
    /* Of the first documents: where they are, and their part of the log. */
    struct wcp_location kept[MAX_KEPT];
    size_t kept_begin[MAX_KEPT], kept_end[MAX_KEPT];
    size_t num_kept;
};

static inline void
log_bytes(struct wcp_buffer *log, const void *data, size_t len)
{
    MUST(wcp_buffer_append(log, data, len));
}

static inline void
log_number(struct wcp_buffer *log, uint64_t number)
{
    log_bytes(log, &number, sizeof number);
}

static inline void
log_string(struct wcp_buffer *log, struct wcp_string string)
{
    MUST(fuzz_is_utf8(string.data, string.len));
    log_number(log, string.data == NULL);
    log_number(log, string.len);
    log_bytes(log, string.len > 0 ? string.data : "", string.len);
}

static inline void
log_document(struct reading *r, const struct wcp_document *doc)
{
    struct wcp_buffer *log = &r->documents;

    MUST(doc->text.data != NULL && doc->text.len <= r->max_document);
    log_string(log, doc->text);
    log_string(log, doc->id);
    log_string(log, doc->title);
    log_string(log, doc->date);
    log_string(log, doc->source);
    log_number(log, (uint64_t)doc->date_ms);
    log_number(log, doc->num_bad);
    log_number(log, doc->at.source);
    log_number(log, doc->at.encoding);
    log_number(log, doc->at.offset);
    log_number(log, doc->at.len);
}

static inline bool
on_document(void *ctx, const struct wcp_document *doc)
{
    struct reading *r = ctx;
    const size_t begin = r->documents.len;

    r->all_streamed &=
        wcp_source_access(r->reader, doc->at.source) == WCP_ACCESS_STREAM;
    log_document(r, doc);
    if (r->num_kept < MAX_KEPT) {
        r->kept[r->num_kept] = doc->at;
        r->kept_begin[r->num_kept] = begin;
        r->kept_end[r->num_kept++] = r->documents.len;
    }
    log_number(&r->documents, doc->at.line > 0 ? r->lines + doc->at.line : 0);
    return true;
}

static inline void
on_notice(void *ctx, const struct wcp_notice *notice)
{
    struct reading *r = ctx;
    struct wcp_buffer *log = &r->notices;

    MUST(memchr(notice->text, 0, sizeof notice->text) != NULL);
    MUST(fuzz_is_utf8(notice->text, strlen(notice->text)));
    if (notice->kind == WCP_NOTICE_DETAIL ||
        (notice->kind == WCP_NOTICE_REPAIRED && r->repaired))
        return;
    r->repaired |= notice->kind == WCP_NOTICE_REPAIRED;
    log_number(log, notice->kind);
    log_number(log, notice->code);
    log_number(log, notice->line > 0 ? r->lines + notice->line : 0);
    log_number(log, notice->column);
    log_number(log, notice->offset);
    log_bytes(log, notice->text, strlen(notice->text));
}

/* All that is left of the reader's input. */
static inline void
read_all(struct reading *r)
{
    const struct wcp_consumer consumer = { on_document, on_notice, r };
    struct wcp_batch_info info;
    uint64_t number;

    r->lines = 0;
    r->repaired = false;
    r->all_streamed = true;
    while (wcp_reader_next(r->reader, r->worker, &number)) {
        if (r->worker->batch.starts_source)
            r->lines = 0;
        MUST(wcp_worker_process(r->worker, &consumer, &info, NULL) ==
             WCP_CODE_OK);
        r->lines += info.num_lines;
    }
}

/* max_line 0: as the reader has it. */
static inline void
reading_init(struct reading *r, const struct wcp_input_options *opts,
             uint64_t max_line, int fd)
{
    const struct wcp_consumer consumer = { on_document, on_notice, r };
    char path[64];

    memset(r, 0, sizeof *r);
    wcp_buffer_init(&r->documents, &wcp_memory_libc, 0);
    wcp_buffer_init(&r->notices, &wcp_memory_libc, 0);
    r->max_document = opts->max_document;
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    MUST(wcp_reader_new(&wcp_memory_libc, opts, &r->reader, NULL) ==
         WCP_CODE_OK);
    if (max_line > 0)
        r->reader->max_line = max_line;
    MUST(wcp_reader_add(r->reader, path, &consumer, NULL) == WCP_CODE_OK);
    MUST(wcp_worker_new(r->reader, &r->worker, NULL) == WCP_CODE_OK);
    read_all(r);
}

static inline void
reading_release(struct reading *r)
{
    wcp_worker_free(r->worker);
    wcp_reader_free(r->reader);
    wcp_buffer_release(&r->documents);
    wcp_buffer_release(&r->notices);
}

static inline bool
is_same_log(const struct wcp_buffer *a, const struct wcp_buffer *b)
{
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static inline bool
is_same_reading(const struct reading *a, const struct reading *b)
{
    return is_same_log(&a->documents, &b->documents) &&
           is_same_log(&a->notices, &b->notices);
}

/* A file without a byte is one empty text, a pipe without one is nothing. */
static inline bool
has_same_documents(const struct reading *piped, const struct reading *file)
{
    if (file->num_kept == 1 && file->kept[0].len == 0 &&
        piped->documents.len == 0)
        return true;
    return is_same_log(&piped->documents, &file->documents);
}

/* Every document again, the last first. */
static inline void
check_fetches(struct reading *r)
{
    struct wcp_buffer *log = &r->documents;

    for (size_t i = r->num_kept; i-- > 0;) {
        const size_t begin = r->kept_begin[i], end = r->kept_end[i];
        const size_t old_len = log->len;
        struct wcp_document doc;

        if (wcp_source_access(r->reader, r->kept[i].source) !=
            WCP_ACCESS_DIRECT)
            continue;
        MUST(wcp_fetch(r->worker, &r->kept[i], &doc, NULL) == WCP_CODE_OK);
        log_document(r, &doc);
        MUST(log->len - old_len == end - begin);
        MUST(memcmp(log->data + old_len, log->data + begin, end - begin) == 0);
        log->len = old_len;
    }
}

/* In memory, where the system has a place for that. */
static inline const char *
fuzz_tmpdir(void)
{
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL;
}

static inline int
make_file(const uint8_t *data, size_t size)
{
    int fd = -1;

    MUST(wcp_temp_open(fuzz_tmpdir(), &fd, NULL) == WCP_CODE_OK);
    MUST(wcp_write_at(fd, data, size, 0, NULL) == WCP_CODE_OK);
    return fd;
}

/* The same through a pipe; size must fit its buffer. */
enum { MAX_PIPED = 1 << 16 };

static inline int
make_pipe(const uint8_t *data, size_t size)
{
    int ends[2];

    MUST(pipe(ends) == 0);
    MUST(size == 0 || write(ends[1], data, size) == (ssize_t)size);
    close(ends[1]);
    return ends[0];
}

/* A file of records read whole, in pieces of batch_bytes and from a pipe:
 * always the same, and every document is found again. */
static inline void
check_ways(struct wcp_input_options *opts, size_t batch_bytes,
           uint64_t max_line, const uint8_t *data, size_t size)
{
    struct reading whole, pieces, piped;
    int file, end;

    if (size > MAX_PIPED)
        size = MAX_PIPED;
    opts->tmpdir = fuzz_tmpdir();
    file = make_file(data, size);
    end = make_pipe(data, size);
    opts->batch_bytes = 1 << 20;
    reading_init(&whole, opts, max_line, file);
    opts->batch_bytes = batch_bytes;
    reading_init(&pieces, opts, max_line, file);
    MUST(is_same_reading(&pieces, &whole));
    reading_init(&piped, opts, max_line, end);
    MUST(has_same_documents(&piped, &whole));
    MUST(is_same_log(&piped.notices, &whole.notices));
    check_fetches(&whole);
    check_fetches(&pieces);
    check_fetches(&piped);
    reading_release(&whole);
    reading_release(&pieces);
    reading_release(&piped);
    close(file);
    close(end);
}

#endif /* FUZZ_READING_H */
