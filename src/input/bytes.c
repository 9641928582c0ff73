/*
 * bytes.c - what stands in an open file, with the padding that parsers want
 */
#include "input/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum wcp_code
wcp_source_open(const struct wcp_source *source, int *fd_ret,
                struct wcp_fault *fault)
{
    int fd;

    do {
        if (source->spool_fd > 0 && !source->unread)
            fd = fcntl(source->spool_fd, F_DUPFD_CLOEXEC, 3);
        else if (source->path == NULL)
            fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
        else
            fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return wcp_fail_errno(fault, errno, "cannot open");
    *fd_ret = fd;
    return WCP_CODE_OK;
}

bool
wcp_input_reserve(struct wcp_buffer *buf, uint64_t len)
{
    buf->max = SIZE_MAX / 2;
    return len < SIZE_MAX / 4 &&
           wcp_buffer_reserve(buf, (size_t)len + WCP_JSON_PADDING);
}

void
wcp_input_pad(struct wcp_buffer *buf)
{
    memset(buf->data + buf->len, 0, WCP_JSON_PADDING);
}

enum wcp_code
wcp_input_read(struct wcp_buffer *buf, int fd, uint64_t len, uint64_t offset,
               struct wcp_fault *fault)
{
    if (!wcp_input_reserve(buf, len))
        return wcp_no_memory(fault);
    while (len > 0) {
        size_t want = len < (1u << 30) ? (size_t)len : 1u << 30;
        ssize_t got = pread(fd, buf->data + buf->len, want, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return wcp_fail_errno(fault, errno, "cannot read");
        if (got == 0)
            break;
        buf->len += (size_t)got;
        offset += (uint64_t)got;
        len -= (uint64_t)got;
    }
    wcp_input_pad(buf);
    return WCP_CODE_OK;
}

bool
wcp_input_read_whole(struct wcp_buffer *buf, int fd, uint64_t size)
{
    ssize_t got;

    if (size == 0 || size >= (uint64_t)1 << 30 ||
        !wcp_input_reserve(buf, size + 1))
        return false;
    got = pread(fd, buf->data, (size_t)size + 1, 0);
    if (got < 0 || (uint64_t)got != size)
        return false;
    buf->len = (size_t)got;
    wcp_input_pad(buf);
    return true;
}
