/*
 * members.c - an archive -> sources, and the batches of their documents
 *
 * The members are listed when the archive is named, so that every one is a
 * source of its own with a place in the order of all inputs.  To be read, the
 * archive is gone through once more, under the reader's mutex: texts are
 * unpacked into the taker's memory, a few to a batch; files of records are
 * streams like any other compressed file.
 */
#include "input/reader.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- listing ---- */

static bool
ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), suffix_len = strlen(suffix);

    return len > suffix_len && strcasecmp(name + len - suffix_len, suffix) == 0;
}

bool
wcp_named_archive(const char *path)
{
    static const char *const names[] = { ".tar",     ".tgz",     ".tbz",
                                         ".tbz2",    ".txz",     ".tzst",
                                         ".tar.gz",  ".tar.zst", ".tar.xz",
                                         ".tar.bz2", ".tar.lz4", ".zip" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ends_with(path, names[i]))
            return true;
    return false;
}

/* Zip files that are something else to their users. */
static bool
named_package(const char *path)
{
    static const char *const names[] = { ".docx", ".xlsx", ".pptx", ".odt",
                                         ".ods",  ".odp",  ".epub", ".jar",
                                         ".apk",  ".whl",  ".npz" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ends_with(path, names[i]))
            return true;
    return false;
}

bool
wcp_stream_archive(struct wcp_stream *stream)
{
    size_t len;
    const uint8_t *data = wcp_stream_peek(stream, 512, &len);

    /* Of what is compressed only tar files are archives, not zip files. */
    return wcp_looks_archive(data, len) &&
           (data[0] != 'P' || wcp_stream_compression(stream) == WCP_PLAIN);
}

bool
wcp_is_archive(struct wcp_reader *reader, uint32_t index)
{
    const char *path = reader->sources.at[index].path;
    struct wcp_stream *stream;
    bool yes;

    if (path != NULL && wcp_named_archive(path))
        return true;
    if ((path != NULL && named_package(path)) ||
        wcp_source_stream(reader, index, &stream, NULL) != WCP_CODE_OK)
        return false;
    yes = wcp_stream_archive(stream);
    wcp_stream_close(stream);
    return yes;
}

/* Whether a part of the name begins with a dot, or is what macOS adds. */
static bool
is_hidden(const char *name)
{
    while (*name != '\0') {
        size_t len = strcspn(name, "/");

        if (name[0] == '.' && len > 1 && !(len == 2 && name[1] == '.'))
            return true;
        if (len == 8 && memcmp(name, "__MACOSX", 8) == 0)
            return true;
        name += len;
        while (*name == '/')
            name++;
    }
    return false;
}

/* A member's name as UTF-8: old zip files have the bytes of the system that
 * they were made on.  Others are shown as they are. */
static const char *
decode_name(struct wcp_decoder *decoder, const char *name,
            struct wcp_buffer *out)
{
    size_t len = strlen(name);
    uint64_t num_bad, first_bad;

    out->len = 0;
    if (wcp_utf8_valid_prefix(name, len) == len ||
        wcp_decode(decoder, WCP_ENC_GB18030, WCP_BAD_FAIL, name, len, out,
                   &num_bad, &first_bad, NULL) != WCP_CODE_OK ||
        !wcp_buffer_append(out, "", 1))
        return name;
    return (const char *)out->data;
}

struct listing {
    struct wcp_reader *reader;
    const struct wcp_consumer *consumer;
    struct wcp_decoder *decoder;
    struct wcp_buffer name, path;
    uint32_t source;
};

static void
notify(struct listing *listing, enum wcp_notice_kind kind, const char *path,
       const struct wcp_fault *fault)
{
    const struct wcp_consumer *consumer = listing->consumer;
    struct wcp_notice notice = {
        .kind = kind, .code = fault->code, .source = UINT32_MAX, .path = path
    };

    if (consumer == NULL || consumer->notice == NULL)
        return;
    memcpy(notice.text, fault->text, sizeof notice.text);
    consumer->notice(consumer->ctx, &notice);
}

/* "ARCHIVE!MEMBER", as it is shown; NULL when out of memory. */
static const char *
member_path(struct listing *listing, const char *name)
{
    struct wcp_reader *reader = listing->reader;
    const char *archive = reader->sources.at[listing->source].shown;
    struct wcp_buffer *path = &listing->path;
    const char *copy;

    path->len = 0;
    if (!wcp_buffer_append(path, archive, strlen(archive)) ||
        !wcp_buffer_append(path, "!", 1) ||
        !wcp_buffer_append(path, name, strlen(name)))
        return NULL;
    copy = wcp_arena_copy(&reader->names, &reader->mem,
                          (const char *)path->data, path->len);
    return copy != NULL ? wcp_shown_path(&reader->names, &reader->mem, copy)
                        : NULL;
}

static enum wcp_code
list_member(struct listing *listing, const struct wcp_member *member)
{
    struct wcp_reader *reader = listing->reader;
    const char *why = NULL, *name, *shown;
    struct wcp_source source;
    struct wcp_fault fault;

    if (member->kind == WCP_MEMBER_DIRECTORY)
        return WCP_CODE_OK;
    name = decode_name(listing->decoder, member->name, &listing->name);
    shown = member_path(listing, name);
    if (shown == NULL)
        return WCP_CODE_NO_MEMORY;
    if (is_hidden(name))
        why = "a hidden entry is passed over";
    else if (member->kind == WCP_MEMBER_LINK)
        why = "a link in an archive is passed over";
    else if (member->kind == WCP_MEMBER_OTHER)
        why = "a device is passed over";
    if (why != NULL) {
        wcp_fail(&fault, WCP_CODE_OK, 0, "%s", why);
        notify(listing, WCP_NOTICE_DETAIL, shown, &fault);
        return WCP_CODE_OK;
    }
    source =
        (struct wcp_source){ .path = reader->sources.at[listing->source].path,
                             .shown = shown,
                             .dir = UINT32_MAX,
                             .archive = listing->source + 1,
                             .member = member->number };
    source.named = (uint8_t)wcp_format_by_name(name, &source.named_packed);
    source.nested = wcp_named_archive(name);
    if (reader->opts.format != WCP_FORMAT_AUTO)
        source.named = (uint8_t)reader->opts.format;
    if (reader->sources.num >= UINT32_MAX - 1 ||
        !wcp_array_grow(&reader->mem, &reader->sources))
        return WCP_CODE_NO_MEMORY;
    reader->sources.at[reader->sources.num++] = source;
    reader->sources.at[listing->source].num_members++;
    return WCP_CODE_OK;
}

static enum wcp_code
list_members(struct listing *listing, struct wcp_archive *archive)
{
    struct wcp_reader *reader = listing->reader;
    const struct wcp_fault *fault;
    struct wcp_member member;
    enum wcp_code code;

    wcp_buffer_init(&listing->name, &reader->mem, 0);
    wcp_buffer_init(&listing->path, &reader->mem, 0);
    code = wcp_decoder_new(&reader->mem, &listing->decoder, NULL);
    while (code == WCP_CODE_OK && wcp_archive_next(archive, &member))
        code = list_member(listing, &member);
    fault = wcp_archive_fault(archive);
    if (code == WCP_CODE_OK && fault != NULL)
        notify(listing, WCP_NOTICE_SKIPPED,
               reader->sources.at[listing->source].shown, fault);
    wcp_decoder_free(listing->decoder);
    wcp_buffer_release(&listing->name);
    wcp_buffer_release(&listing->path);
    return code;
}

enum wcp_code
wcp_list_archive(struct wcp_reader *reader, uint32_t index,
                 const struct wcp_consumer *consumer)
{
    struct listing listing = { .reader = reader,
                               .consumer = consumer,
                               .source = index };
    struct wcp_archive *archive;
    struct wcp_fault fault;
    enum wcp_code code;

    reader->sources.at[index].is_archive = true;
    code = wcp_source_archive(reader, index, &archive, &fault);
    if (code == WCP_CODE_NO_MEMORY)
        return code;
    if (code != WCP_CODE_OK) {
        notify(&listing, WCP_NOTICE_SKIPPED, reader->sources.at[index].shown,
               &fault);
        return WCP_CODE_OK;
    }
    code = list_members(&listing, archive);
    wcp_archive_close(archive);
    return code;
}

/* ---- reading ---- */

enum wcp_code
wcp_source_archive(struct wcp_reader *reader, uint32_t index,
                   struct wcp_archive **archive_ret, struct wcp_fault *fault)
{
    const struct wcp_source *source = &reader->sources.at[index];
    struct stat status;
    int fd;
    enum wcp_code code = wcp_source_open(source, &fd, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (fstat(fd, &status) != 0 || status.st_size < 0)
        status.st_size = 0;
    return wcp_archive_open(&reader->mem, fd, (uint64_t)status.st_size,
                            archive_ret, fault);
}

/* Append a whole text to worker->in, at most a byte above max_document. */
static enum wcp_code
append_text(struct wcp_worker *worker, struct wcp_stream *stream)
{
    enum { STEP = 1 << 16 };
    struct wcp_buffer *in = &worker->in;
    uint64_t rest = worker->reader->opts.max_document + 1;

    while (rest > 0) {
        size_t want = rest < STEP ? (size_t)rest : STEP, got;

        if (!wcp_input_reserve(in, want))
            return WCP_CODE_NO_MEMORY;
        got = wcp_stream_read(stream, in->data + in->len, want);
        in->len += got;
        rest -= got;
        if (got < want)
            break;
    }
    return WCP_CODE_OK;
}

/* Whether the member may be a file of records, which is not read as a whole. */
static bool
may_be_records(const struct wcp_source *source, struct wcp_stream *stream)
{
    size_t want = 1 << 12, len;

    if (source->named != WCP_FORMAT_AUTO)
        return source->named != WCP_FORMAT_TEXT;
    for (;; want *= 4) {
        const uint8_t *data = wcp_stream_peek(stream, want, &len);
        bool blank;

        if (wcp_begins_with_brace(data, len, &blank))
            return true;
        if (!blank || len < want || want >= WCP_SAMPLE_BYTES)
            return false;
    }
}

/* What a member turned out to be. */
enum turn { ADDED, RECORDS, BROKEN };

static enum turn
take_member(struct wcp_reader *reader, struct wcp_worker *worker,
            struct wcp_stream *stream, struct wcp_fault *fault)
{
    struct wcp_source *source = &reader->sources.at[reader->position];
    struct wcp_batch *batch = &worker->batch;
    const struct wcp_fault *broken;
    size_t begin = worker->in.len;
    enum wcp_code code;

    source->packed = (uint8_t)wcp_stream_compression(stream);
    if (may_be_records(source, stream)) {
        if (batch->num_run > 0)
            return RECORDS; /* in a batch of its own */
        code = wcp_sniff_stream(worker, reader->position, stream, fault);
        if (code != WCP_CODE_OK)
            return BROKEN;
        if (source->format != WCP_FORMAT_TEXT)
            return RECORDS;
    }
    code = append_text(worker, stream);
    broken = wcp_stream_fault(stream);
    if (code != WCP_CODE_OK || broken != NULL) {
        worker->in.len = begin;
        if (code != WCP_CODE_OK)
            wcp_no_memory(fault);
        else
            *fault = *broken;
        return BROKEN;
    }
    batch->run_end[batch->num_run] = worker->in.len;
    batch->run[batch->num_run++] = reader->position;
    return ADDED;
}

/* The stream of the member at 'position': the one that waits, or a new one, to
 * be closed before the archive is asked for anything else. */
static enum wcp_code
open_member(struct wcp_reader *reader, struct wcp_stream **stream_ret,
            struct wcp_fault *fault)
{
    struct wcp_archive *archive = reader->archive;
    const struct wcp_stream_from from = { .fd = -1,
                                          .read = wcp_archive_read,
                                          .ctx = archive };
    const struct wcp_fault *broken;
    struct wcp_member member;

    if (reader->waiting != NULL) {
        *stream_ret = reader->waiting;
        reader->waiting = NULL;
        return WCP_CODE_OK;
    }
    while (wcp_archive_next(archive, &member))
        if (member.number == reader->sources.at[reader->position].member)
            return wcp_stream_open(&reader->mem, &from, stream_ret, fault);
    broken = wcp_archive_fault(archive);
    if (broken == NULL)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "the archive has changed while it was read");
    *fault = *broken;
    return fault->code;
}

static uint32_t
last_member(const struct wcp_reader *reader)
{
    return reader->archive_source +
           reader->sources.at[reader->archive_source].num_members;
}

void
wcp_leave_archive(struct wcp_reader *reader)
{
    wcp_stream_close(reader->waiting);
    reader->waiting = NULL;
    wcp_archive_close(reader->archive);
    reader->archive = NULL;
}

enum wcp_took
wcp_take_members(struct wcp_reader *reader, struct wcp_worker *worker,
                 struct wcp_fault *fault)
{
    struct wcp_batch *batch = &worker->batch;
    uint32_t last = last_member(reader);

    worker->in.len = 0;
    for (;; reader->position++) {
        struct wcp_stream *stream = NULL;
        enum turn turn;

        while (reader->position <= last && reader->wanted != NULL &&
               !reader->wanted[reader->position])
            reader->position++;
        if (reader->position > last) {
            wcp_leave_archive(reader);
            return batch->num_run > 0 ? WCP_TOOK_RUN : WCP_TOOK_NONE;
        }
        if (batch->num_run == WCP_RUN_MAX ||
            worker->in.len >= reader->batch_bytes)
            return WCP_TOOK_RUN;
        if (open_member(reader, &stream, fault) != WCP_CODE_OK) {
            /* The archive ends here. */
            batch->fault_source = reader->archive_source;
            wcp_leave_archive(reader);
            reader->position = last + 1;
            return WCP_TOOK_FAULT;
        }
        turn = take_member(reader, worker, stream, fault);
        if (turn == RECORDS && batch->num_run > 0) {
            reader->waiting = stream;
            return WCP_TOOK_RUN;
        }
        if (turn == RECORDS) {
            reader->stream = stream;
            return WCP_TOOK_STREAM;
        }
        wcp_stream_close(stream);
        if (turn == BROKEN) {
            batch->fault_source = reader->position++;
            return WCP_TOOK_FAULT;
        }
    }
}
