/*
 * fetch.c - one document of a file that can be read again
 *
 * The bytes that are read are those of the location and nothing else, so a
 * file that has changed meanwhile shows up as a record that cannot be parsed
 * or a text of another length; that it was replaced by another of the same
 * shape cannot be seen.
 *
 * To read a record alone takes several times as long as to copy it: whoever
 * knows of many near each other has them read ahead.
 */
#include "input/reader.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static enum wcp_code
changed(struct wcp_fault *fault)
{
    return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                    "the file has changed since it was read");
}

static enum wcp_code
read_packed(struct wcp_worker *worker, uint32_t index, struct wcp_fault *fault)
{
    struct wcp_stream_from from = { .seekable = true };
    struct wcp_stream *stream;
    enum wcp_code code;

    code = wcp_source_open(&worker->reader->sources.at[index], &from.fd, fault);
    if (code == WCP_CODE_OK)
        code = wcp_stream_open(&worker->reader->mem, &from, &stream, fault);
    if (code != WCP_CODE_OK)
        return code;
    code = wcp_read_text(worker, stream);
    if (code != WCP_CODE_OK)
        code = wcp_no_memory(fault);
    else if (wcp_stream_fault(stream) != NULL)
        code = changed(fault);
    wcp_stream_close(stream);
    return code;
}

enum wcp_code
wcp_read_location(struct wcp_worker *worker, const struct wcp_location *at,
                  struct wcp_fault *fault)
{
    const struct wcp_source *source = &worker->reader->sources.at[at->source];
    enum wcp_code code;
    struct stat status;
    int fd;

    worker->in.len = 0;
    if (source->packed != WCP_PLAIN) {
        code = read_packed(worker, at->source, fault);
    } else {
        code = wcp_worker_open(worker, at->source, &fd, fault);
        if (code != WCP_CODE_OK)
            return code;
        if (source->format == WCP_FORMAT_TEXT) {
            if (wcp_input_read_whole(&worker->in, fd, at->len))
                return WCP_CODE_OK;
            if (fstat(fd, &status) != 0)
                return wcp_fail_errno(fault, errno, "cannot read");
            if (status.st_size < 0 || (uint64_t)status.st_size != at->len)
                return changed(fault);
        }
        code = wcp_input_read(&worker->in, fd, at->len, at->offset, fault);
    }
    if (code == WCP_CODE_OK && worker->in.len != at->len)
        return changed(fault);
    return code;
}

void
wcp_fetch_ahead(struct wcp_worker *worker, uint32_t source, uint64_t offset,
                uint64_t len)
{
    const struct wcp_source *from = &worker->reader->sources.at[source];
    int fd;

    worker->ahead.len = 0;
    worker->ahead_at = offset;
    if (from->packed != WCP_PLAIN || from->format == WCP_FORMAT_TEXT ||
        wcp_worker_open(worker, source, &fd, NULL) != WCP_CODE_OK ||
        wcp_input_read(&worker->ahead, fd, len, offset, NULL) != WCP_CODE_OK)
        worker->ahead.len = 0;
}

/* The bytes of a record, of which as many as the padding follow; NULL: they
 * were not read ahead. */
static const uint8_t *
bytes_ahead(const struct wcp_worker *worker, const struct wcp_location *at)
{
    const size_t len = worker->ahead.len;

    if (len == 0 || worker->fd_source != at->source ||
        at->offset < worker->ahead_at || at->offset - worker->ahead_at > len ||
        at->len > len - (at->offset - worker->ahead_at))
        return NULL;
    return worker->ahead.data + (at->offset - worker->ahead_at);
}

enum wcp_code
wcp_fetch(struct wcp_worker *worker, const struct wcp_location *at,
          struct wcp_document *doc_ret, struct wcp_fault *fault)
{
    const struct wcp_reader *reader = worker->reader;
    const uint8_t *bytes = bytes_ahead(worker, at);
    struct wcp_mended mended;
    struct wcp_document doc;
    enum wcp_code code;

    if (at->source >= reader->sources.num ||
        reader->sources.at[at->source].access != WCP_ACCESS_DIRECT)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "the source cannot be read again");
    if (bytes == NULL) {
        code = wcp_read_location(worker, at, fault);
        if (code != WCP_CODE_OK)
            return code;
        bytes = worker->in.data;
    }
    if (reader->sources.at[at->source].format == WCP_FORMAT_TEXT) {
        code = wcp_decode_text(worker, at->encoding, worker->in.data,
                               worker->in.len, &doc, &mended, fault);
    } else {
        const struct wcp_row row = { at->source, at->encoding, bytes,
                                     (size_t)at->len };

        if (wcp_is_table(&reader->sources.at[at->source]))
            code = wcp_parse_row(worker, &row, &doc, &mended, fault);
        else
            code = wcp_parse_record(worker, row.encoding, row.data, row.len,
                                    &doc, &mended, fault);
        if (code == WCP_CODE_OK && doc.text.data == NULL)
            code = changed(fault);
    }
    if (code == WCP_CODE_NO_MEMORY)
        return code;
    if (code != WCP_CODE_OK)
        return changed(fault);
    doc.at = *at;
    *doc_ret = doc;
    return WCP_CODE_OK;
}
