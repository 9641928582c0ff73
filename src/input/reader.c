/*
 * reader.c - a list of sources, handed out as batches
 *
 * wcp_reader_next() runs under a mutex and does as little there as it can.
 * Small files and texts are given out by name only, large files of records
 * as ranges; only what can be read in no other way than in order (pipes,
 * compressed records) is read here, into the taker's memory.  Nothing about a
 * batch depends on who takes it or when.
 */
#include "input/reader.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH_BYTES = 1 << 20 };

/* A copy of an option's string, or of its default. */
static const char *
copy_name(struct wcp_reader *reader, const char *name, const char *fallback,
          struct wcp_json_name *field_ret)
{
    const char *text = name != NULL ? name : fallback;

    field_ret->len = strlen(text);
    field_ret->data =
        wcp_arena_copy(&reader->names, &reader->mem, text, field_ret->len);
    return field_ret->data;
}

/* Replace a string by a copy, unless it is NULL. */
static bool
copy_string(struct wcp_reader *reader, const char **string)
{
    if (*string == NULL)
        return true;
    *string =
        wcp_arena_copy(&reader->names, &reader->mem, *string, strlen(*string));
    return *string != NULL;
}

static bool
copy_options(struct wcp_reader *reader, const struct wcp_input_options *opts)
{
    struct wcp_input_options *own = &reader->opts;
    struct wcp_json_name *fields = reader->fields;

    *own = *opts;
    own->text_field = copy_name(reader, opts->text_field, "text", &fields[0]);
    own->id_field = copy_name(reader, opts->id_field, "id", &fields[1]);
    own->title_field =
        copy_name(reader, opts->title_field, "title", &fields[2]);
    own->date_field = copy_name(reader, opts->date_field, "date", &fields[3]);
    own->source_field =
        copy_name(reader, opts->source_field, "source", &fields[4]);
    for (size_t i = 0; i < 5; i++)
        if (fields[i].data == NULL)
            return false;
    if (!copy_string(reader, &own->columns) ||
        !copy_string(reader, &own->skip_path) ||
        !copy_string(reader, &own->tmpdir))
        return false;
    reader->batch_bytes = opts->batch_bytes;
    if (reader->batch_bytes == 0)
        reader->batch_bytes = BATCH_BYTES;
    /* Escapes make a text up to six times as long; the rest of a record is
     * given a MiB. */
    reader->max_line = opts->max_document < SIZE_MAX / 32
                           ? 6 * opts->max_document + ((uint64_t)1 << 20)
                           : SIZE_MAX / 4;
    return true;
}

/* Whether the text is among the columns. */
static bool
names_text(const struct wcp_input_options *opts)
{
    const char *text = opts->text_field != NULL ? opts->text_field : "text";
    const char *name = opts->columns;
    size_t len = strlen(text);

    for (;;) {
        size_t name_len = strcspn(name, ",");

        if (name_len == len && memcmp(name, text, len) == 0)
            return true;
        if (name[name_len] == '\0')
            return false;
        name += name_len + 1;
    }
}

static enum wcp_code
check_options(const struct wcp_input_options *opts, struct wcp_fault *fault)
{
    if (opts->max_document < 1)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "max_document must be at least 1");
    if (opts->format > WCP_FORMAT_TSV)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0, "unknown input format");
    if (opts->columns != NULL && !names_text(opts))
        return wcp_fail(
            fault, WCP_CODE_BAD_OPTION, 0,
            "--columns does not name the field of the texts, '%.80s' "
            "(--text-field)",
            opts->text_field != NULL ? opts->text_field : "text");
    if (opts->on_bad_bytes > WCP_BAD_FAIL)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "unknown policy for illegal bytes");
    if (opts->encoding == WCP_ENC_UNKNOWN)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0, "unknown encoding");
    if (opts->batch_bytes > SIZE_MAX / 8)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "batch_bytes is too large");
    return WCP_CODE_OK;
}

enum wcp_code
wcp_reader_new(const struct wcp_memory *mem,
               const struct wcp_input_options *opts,
               struct wcp_reader **reader_ret, struct wcp_fault *fault)
{
    enum wcp_code code = check_options(opts, fault);
    struct wcp_reader *reader;

    if (code != WCP_CODE_OK)
        return code;
    reader = wcp_new_zeroed(mem, 1, sizeof *reader);
    if (reader == NULL)
        return wcp_no_memory(fault);
    reader->mem = *mem;
    atomic_init(&reader->done, 0);
    pthread_mutex_init(&reader->turn, NULL);
    pthread_mutex_init(&reader->hint_turn, NULL);
    if (!copy_options(reader, opts)) {
        wcp_reader_free(reader);
        return wcp_no_memory(fault);
    }
    *reader_ret = reader;
    return WCP_CODE_OK;
}

static void
drop_wanted(struct wcp_reader *reader)
{
    wcp_free_array(&reader->mem, reader->wanted, reader->sources.num, 1);
    reader->wanted = NULL;
}

void
wcp_reader_free(struct wcp_reader *reader)
{
    struct wcp_memory mem;

    if (reader == NULL)
        return;
    mem = reader->mem;
    wcp_stream_close(reader->stream);
    wcp_leave_archive(reader);
    drop_wanted(reader);
    for (size_t i = 0; i < reader->sources.num; i++)
        if (reader->sources.at[i].spool_fd > 0)
            close(reader->sources.at[i].spool_fd);
    wcp_array_release(&mem, &reader->sources);
    wcp_array_release(&mem, &reader->dirs);
    wcp_files_release(&reader->files, &mem);
    wcp_arena_release(&reader->names, &mem);
    pthread_mutex_destroy(&reader->turn);
    pthread_mutex_destroy(&reader->hint_turn);
    wcp_free_array(&mem, reader, 1, sizeof *reader);
}

uint32_t
wcp_reader_num_sources(const struct wcp_reader *reader)
{
    return (uint32_t)reader->sources.num;
}

const char *
wcp_source_name(const struct wcp_reader *reader, uint32_t source)
{
    const struct wcp_source *from = &reader->sources.at[source];

    return from->archive > 0 || from->is_archive ? NULL : from->path;
}

bool
wcp_source_in_archive(const struct wcp_reader *reader, uint32_t source)
{
    return reader->sources.at[source].archive > 0;
}

const struct wcp_input_options *
wcp_reader_options(const struct wcp_reader *reader)
{
    return &reader->opts;
}

const char *
wcp_source_path(const struct wcp_reader *reader, uint32_t source)
{
    return reader->sources.at[source].shown;
}

enum wcp_format
wcp_source_format(const struct wcp_reader *reader, uint32_t source)
{
    return (enum wcp_format)reader->sources.at[source].format;
}

enum wcp_access
wcp_source_access(const struct wcp_reader *reader, uint32_t source)
{
    return (enum wcp_access)reader->sources.at[source].access;
}

void
wcp_reader_progress(const struct wcp_reader *reader, uint64_t *done_ret,
                    uint64_t *total_ret)
{
    *done_ret = atomic_load_explicit(&reader->done, memory_order_relaxed);
    *total_ret = reader->total_unknown ? 0 : reader->total;
}

/* ---- batches, under the mutex ---- */

static void
make_batch(struct wcp_reader *reader, struct wcp_batch *batch,
           enum wcp_batch_kind kind)
{
    batch->kind = kind;
    batch->source = reader->position;
    batch->starts_source = reader->starting;
    reader->starting = false;
}

static void
add_notice(struct wcp_reader *reader, struct wcp_batch *batch,
           const struct wcp_fault *fault, uint64_t offset)
{
    if (fault->code == WCP_CODE_NO_MEMORY) {
        batch->failure = fault->code;
        return;
    }
    batch->has_notice = true;
    batch->notice = (struct wcp_notice){ .kind = WCP_NOTICE_SKIPPED,
                                         .code = fault->code,
                                         .source = reader->position,
                                         .offset = offset };
    memcpy(batch->notice.text, fault->text, sizeof batch->notice.text);
    if (reader->stream != NULL && wcp_stream_spool_failed(reader->stream))
        batch->failure = WCP_CODE_IO;
}

static bool
is_wanted(const struct wcp_reader *reader, uint32_t index)
{
    return reader->wanted == NULL || reader->wanted[index] != 0;
}

/* Whether the worker can read the source by itself, as a whole. */
static bool
joins_run(const struct wcp_reader *reader, const struct wcp_source *source)
{
    if (source->once || source->is_archive || source->archive > 0)
        return false;
    return source->named == WCP_FORMAT_TEXT ||
           (!source->named_packed && source->size <= reader->batch_bytes);
}

static void
take_run(struct wcp_reader *reader, struct wcp_batch *batch)
{
    uint64_t num_bytes = 0;

    make_batch(reader, batch, WCP_BATCH_RUN);
    batch->starts_source = true;
    for (; reader->position < reader->sources.num; reader->position++) {
        const struct wcp_source *source = &reader->sources.at[reader->position];

        if (!is_wanted(reader, reader->position))
            continue;
        if (!joins_run(reader, source) || batch->num_run == WCP_RUN_MAX ||
            (batch->num_run > 0 &&
             num_bytes + source->size > reader->batch_bytes))
            break;
        num_bytes += source->size;
        batch->run[batch->num_run++] = reader->position;
    }
}

static void
take_slice(struct wcp_reader *reader, struct wcp_batch *batch)
{
    const struct wcp_source *source = &reader->sources.at[reader->position];
    /* Whole units of UTF-16 and UTF-32. */
    uint64_t step = ((uint64_t)reader->batch_bytes + 3) & ~(uint64_t)3;

    if (wcp_unit_width(source->encoding) == 1)
        step = reader->batch_bytes;
    make_batch(reader, batch, WCP_BATCH_SLICE);
    batch->begin = reader->slice;
    batch->end = source->size - reader->slice > step ? reader->slice + step
                                                     : source->size;
    atomic_fetch_add_explicit(&reader->done, batch->end - batch->begin,
                              memory_order_relaxed);
    reader->slice = batch->end;
    if (batch->end == source->size) {
        reader->slicing = false;
        reader->position++;
    }
}

static void
end_stream(struct wcp_reader *reader)
{
    wcp_stream_close(reader->stream);
    reader->stream = NULL;
    reader->position++;
}

static void
take_lines(struct wcp_reader *reader, struct wcp_worker *worker)
{
    struct wcp_batch *batch = &worker->batch;
    const struct wcp_fault *fault;
    struct wcp_cut *cut = &batch->cut;

    make_batch(reader, batch, WCP_BATCH_LINES);
    wcp_cut_lines(worker, reader->stream, reader->position, &reader->course,
                  cut);
    batch->failure = cut->code;
    fault = wcp_stream_fault(reader->stream);
    if (fault != NULL && cut->ended) {
        const struct wcp_fault broken =
            wcp_broken_records(fault, reader->course.at);

        add_notice(reader, batch, &broken, reader->course.at);
    }
    if (cut->ended || cut->code != WCP_CODE_OK)
        end_stream(reader);
}

enum wcp_code
wcp_read_text(struct wcp_worker *worker, struct wcp_stream *stream)
{
    struct wcp_buffer *in = &worker->in;
    uint64_t limit = worker->reader->opts.max_document;
    uint64_t want = BATCH_BYTES;

    in->len = 0;
    while (in->len <= limit) {
        size_t got;

        if (want > limit + 1 - in->len)
            want = limit + 1 - in->len;
        if (!wcp_input_reserve(in, want))
            return WCP_CODE_NO_MEMORY;
        got = wcp_stream_read(stream, in->data + in->len, (size_t)want);
        in->len += got;
        if (got < want)
            break;
        want = in->len;
    }
    return WCP_CODE_OK;
}

/* A text that comes through a pipe. */
static void
take_text(struct wcp_reader *reader, struct wcp_worker *worker)
{
    struct wcp_batch *batch = &worker->batch;
    const struct wcp_fault *fault;

    make_batch(reader, batch, WCP_BATCH_TEXT);
    batch->failure = wcp_read_text(worker, reader->stream);
    fault = wcp_stream_fault(reader->stream);
    if (fault != NULL) {
        batch->kind = WCP_BATCH_EMPTY;
        add_notice(reader, batch, fault, worker->in.len);
    }
    end_stream(reader);
}

/* What comes through a pipe must be read again to be verified. */
static enum wcp_code
start_spool(const struct wcp_reader *reader, struct wcp_source *source,
            struct wcp_stream_from *from, struct wcp_fault *fault)
{
    struct wcp_fault why = { 0 };

    if (source->spool_fd <= 0 &&
        wcp_temp_open(reader->opts.tmpdir, &source->spool_fd, &why) !=
            WCP_CODE_OK)
        return wcp_fail_errno(fault, why.sys_errno, why.text);
    from->spool_fd = source->spool_fd;
    from->disk = reader->opts.disk;
    from->spool_len = source->spool_len;
    source->unread = false;
    if (source->spool_errno != 0)
        return wcp_fail_errno(fault, source->spool_errno,
                              "cannot write the temporary file");
    return WCP_CODE_OK;
}

/* Open the source at 'position' as reader->stream and look into it. */
static enum wcp_code
start_stream(struct wcp_reader *reader, struct wcp_worker *worker,
             struct wcp_fault *fault)
{
    struct wcp_source *source = &reader->sources.at[reader->position];
    struct wcp_stream_from from = { .seekable = !source->once };
    struct stat status;
    enum wcp_code code = wcp_source_open(source, &from.fd, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (source->spool_fd > 0 && !source->unread)
        from.seekable = true;
    else if (source->once)
        code = start_spool(reader, source, &from, fault);
    if (code != WCP_CODE_OK) {
        close(from.fd);
        return code;
    }
    if (!source->once && fstat(from.fd, &status) == 0)
        wcp_source_note(source, &status);
    code = wcp_stream_open(&reader->mem, &from, &reader->stream, fault);
    if (code != WCP_CODE_OK)
        return code;
    source->packed = (uint8_t)wcp_stream_compression(reader->stream);
    return wcp_sniff_stream(worker, reader->position, reader->stream, fault);
}

/* The archive at 'position'.  False: there is a batch that says why not. */
static bool
start_archive(struct wcp_reader *reader, struct wcp_worker *worker)
{
    uint32_t index = reader->position;
    const struct wcp_source *source = &reader->sources.at[index];
    struct wcp_fault fault;
    enum wcp_code code = WCP_CODE_OK;

    /* One without members was spoken of when it was listed. */
    if (source->num_members > 0)
        code = wcp_source_archive(reader, index, &reader->archive, &fault);
    atomic_fetch_add_explicit(&reader->done, source->size,
                              memory_order_relaxed);
    reader->archive_source = index;
    reader->position++;
    if (code == WCP_CODE_OK)
        return true;
    reader->starting = true;
    make_batch(reader, &worker->batch, WCP_BATCH_EMPTY);
    add_notice(reader, &worker->batch, &fault, 0);
    worker->batch.source = worker->batch.notice.source = index;
    reader->position += source->num_members;
    return false;
}

/* True if this made a batch. */
static bool
take_members(struct wcp_reader *reader, struct wcp_worker *worker)
{
    struct wcp_batch *batch = &worker->batch;
    struct wcp_fault fault;
    enum wcp_took took = wcp_take_members(reader, worker, &fault);

    reader->starting = true;
    reader->course = (struct wcp_course){ 0 };
    if (took == WCP_TOOK_NONE || took == WCP_TOOK_STREAM)
        return false;
    make_batch(reader, batch, WCP_BATCH_MEMBERS);
    batch->source = batch->num_run > 0 ? batch->run[0] : batch->fault_source;
    if (took == WCP_TOOK_FAULT) {
        add_notice(reader, batch, &fault, 0);
        batch->notice.source = batch->fault_source;
    }
    return true;
}

enum wcp_code
wcp_source_stream(struct wcp_reader *reader, uint32_t index,
                  struct wcp_stream **stream_ret, struct wcp_fault *fault)
{
    const struct wcp_source *source = &reader->sources.at[index];
    struct wcp_stream_from from = { .seekable = true };
    enum wcp_code code;

    if (source->is_archive || source->archive > 0)
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "an archive cannot be copied; unpack it first");
    if (source->once && (source->spool_fd <= 0 || source->unread))
        return wcp_fail(fault, WCP_CODE_IO, 0, "a pipe was not read yet");
    code = wcp_source_open(source, &from.fd, fault);
    if (code != WCP_CODE_OK)
        return code;
    return wcp_stream_open(&reader->mem, &from, stream_ret, fault);
}

/* Begin with the source at 'position'.  True if this made a batch already. */
static bool
start_source(struct wcp_reader *reader, struct wcp_worker *worker)
{
    const struct wcp_source *source = &reader->sources.at[reader->position];
    struct wcp_batch *batch = &worker->batch;
    struct wcp_fault fault;

    reader->starting = true;
    reader->course = (struct wcp_course){ 0 };
    if (start_stream(reader, worker, &fault) != WCP_CODE_OK) {
        make_batch(reader, batch, WCP_BATCH_EMPTY);
        add_notice(reader, batch, &fault, 0);
        if (source->spool_errno != 0)
            batch->failure = WCP_CODE_IO;
        end_stream(reader);
        return true;
    }
    if (source->format == WCP_FORMAT_TEXT && source->once) {
        take_text(reader, worker);
        return true;
    }
    if (source->format == WCP_FORMAT_TEXT) {
        make_batch(reader, batch, WCP_BATCH_RUN);
        batch->run[batch->num_run++] = reader->position;
        end_stream(reader);
        return true;
    }
    /* Where a row of CSV begins is known only from what is before it. */
    if (source->packed != WCP_PLAIN || source->once ||
        source->format == WCP_FORMAT_CSV) {
        wcp_stream_count(reader->stream, &reader->done);
        return false;
    }
    wcp_stream_close(reader->stream);
    reader->stream = NULL;
    reader->slicing = true;
    reader->slice = 0;
    return false;
}

static bool
take(struct wcp_reader *reader, struct wcp_worker *worker)
{
    for (;;) {
        if (reader->stream != NULL) {
            take_lines(reader, worker);
            return true;
        }
        if (reader->slicing) {
            take_slice(reader, &worker->batch);
            return true;
        }
        if (reader->archive != NULL) {
            if (take_members(reader, worker))
                return true;
            continue;
        }
        while (reader->position < reader->sources.num &&
               !is_wanted(reader, reader->position))
            reader->position++;
        if (reader->position >= reader->sources.num)
            return false;
        if (reader->sources.at[reader->position].is_archive) {
            if (!start_archive(reader, worker))
                return true;
            continue;
        }
        if (joins_run(reader, &reader->sources.at[reader->position])) {
            take_run(reader, &worker->batch);
            return true;
        }
        if (start_source(reader, worker))
            return true;
    }
}

bool
wcp_reader_next(struct wcp_reader *reader, struct wcp_worker *worker,
                uint64_t *number_ret)
{
    struct wcp_batch *batch = &worker->batch;
    bool taken;

    pthread_mutex_lock(&reader->turn);
    batch->kind = WCP_BATCH_EMPTY;
    batch->failure = WCP_CODE_OK;
    batch->num_run = 0;
    batch->has_notice = false;
    batch->begin = batch->end = 0;
    taken = take(reader, worker);
    if (taken) {
        batch->number = reader->num_batches++;
        *number_ret = batch->number;
    }
    pthread_mutex_unlock(&reader->turn);
    return taken;
}

enum wcp_code
wcp_reader_rewind(struct wcp_reader *reader,
                  bool (*wanted)(void *ctx, uint32_t source), void *ctx,
                  struct wcp_fault *fault)
{
    uint8_t *marks = wcp_new_zeroed(&reader->mem, reader->sources.num, 1);

    if (marks == NULL)
        return wcp_no_memory(fault);
    wcp_stream_close(reader->stream);
    reader->stream = NULL;
    wcp_leave_archive(reader);
    reader->slicing = false;
    reader->position = 0;
    reader->num_batches = 0;
    drop_wanted(reader);
    reader->wanted = marks;
    reader->total = 0;
    reader->total_unknown = false;
    for (uint32_t i = 0; i < reader->sources.num; i++) {
        const struct wcp_source *source = &reader->sources.at[i];

        if (source->access != WCP_ACCESS_STREAM ||
            source->format == WCP_FORMAT_AUTO ||
            (wanted != NULL && !wanted(ctx, i)))
            continue;
        marks[i] = 1;
        reader->total += source->size;
        if (source->archive > 0 && !marks[source->archive - 1]) {
            marks[source->archive - 1] = 1;
            reader->total += reader->sources.at[source->archive - 1].size;
        }
    }
    atomic_store_explicit(&reader->done, 0, memory_order_relaxed);
    return WCP_CODE_OK;
}
