/*
 * spool.c - a pipe's first bytes, to see whether it is an archive
 *
 * The members of an archive are sources of their own and must be known before
 * anything is read, and a zip file has its directory at its end: an archive
 * that comes through a pipe is copied to a temporary file as a whole when it is
 * named, and is a file like any other from then on.  To tell, a few bytes are
 * enough, or as many as it takes to unpack a few.  They are kept where stream.c
 * keeps all that comes through a pipe, and are read from there first.
 *
 * Only pipes that were open before are looked into.  To open a named one could
 * wait for a program that waits for another input to be read.
 */
#include "input/reader.h"

#include <errno.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 16, HEAD_BYTES = 512 };

struct head {
    struct wcp_reader *reader;
    struct wcp_source *source;
    int fd; /* of the pipe */
    bool ended;
    uint8_t block[BLOCK_BYTES];
};

/* Keep what comes next, until 'want' bytes are there in all. */
static enum wcp_code
read_on(struct head *head, uint64_t want, struct wcp_fault *fault)
{
    struct wcp_source *source = head->source;

    while (!head->ended && source->spool_len < want) {
        struct wcp_fault why = { 0 };
        ssize_t got = read(head->fd, head->block, BLOCK_BYTES);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return wcp_fail_errno(fault, errno, "cannot read");
        head->ended = got == 0;
        if (wcp_temp_write(head->reader->opts.disk, source->spool_fd,
                           head->block, (size_t)got, source->spool_len,
                           &why) != WCP_CODE_OK) {
            source->spool_errno = why.sys_errno;
            return WCP_CODE_OK;
        }
        source->spool_len += (uint64_t)got;
    }
    return WCP_CODE_OK;
}

/* Whether it is an archive by what has come; *more_ret: it is too early. */
static bool
looks_archive(const struct head *head, bool *more_ret)
{
    struct wcp_stream *stream;
    size_t len;
    bool yes;

    *more_ret = false;
    if (wcp_source_stream(head->reader,
                          (uint32_t)(head->source - head->reader->sources.at),
                          &stream, NULL) != WCP_CODE_OK)
        return false;
    wcp_stream_peek(stream, HEAD_BYTES, &len);
    yes = wcp_stream_archive(stream);
    *more_ret = !yes && len < HEAD_BYTES && !head->ended;
    wcp_stream_close(stream);
    return yes;
}

static enum wcp_code
look(struct head *head, bool *archive_ret, struct wcp_fault *fault)
{
    struct wcp_source *source = head->source;
    uint64_t want = HEAD_BYTES;
    enum wcp_code code;
    bool more;

    do {
        code = read_on(head, want, fault);
        if (code != WCP_CODE_OK || source->spool_errno != 0)
            return code;
        source->unread = false;
        *archive_ret = looks_archive(head, &more);
        source->unread = true;
        want = 2 * source->spool_len;
    } while (more);
    if (*archive_ret)
        code = read_on(head, UINT64_MAX, fault);
    return code;
}

enum wcp_code
wcp_spool_archive(struct wcp_reader *reader, uint32_t index, bool *archive_ret,
                  struct wcp_fault *fault)
{
    struct wcp_source *source = &reader->sources.at[index];
    struct wcp_fault why = { 0 };
    struct head *head;
    enum wcp_code code;

    *archive_ret = false;
    if (wcp_temp_open(reader->opts.tmpdir, &source->spool_fd, &why) !=
        WCP_CODE_OK)
        return wcp_fail_errno(fault, why.sys_errno, why.text);
    source->unread = true;
    head = wcp_new_zeroed(&reader->mem, 1, sizeof *head);
    if (head == NULL)
        return wcp_no_memory(fault);
    head->reader = reader;
    head->source = source;
    code = wcp_source_open(source, &head->fd, fault);
    if (code == WCP_CODE_OK) {
        code = look(head, archive_ret, fault);
        close(head->fd);
    }
    wcp_free_array(&reader->mem, head, 1, sizeof *head);
    if (code == WCP_CODE_OK && source->spool_errno != 0)
        *archive_ret = false; /* the reader fails when it comes to it */
    if (*archive_ret) {
        source->once = source->unread = false;
        source->size = source->spool_len;
    }
    return code;
}
