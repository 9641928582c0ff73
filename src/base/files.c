/*
 * files.c - temporary files and positioned reads and writes
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One system call moves at most this much, so that ssize_t cannot overflow. */
enum { TRANSFER_MAX = 1 << 30 };

enum wcp_code
wcp_temp_open(const char *dir, int *fd_ret, struct wcp_fault *fault)
{
    char path[PATH_MAX];
    int fd, len;

    if (dir == NULL)
        dir = "/tmp";
#if defined(O_TMPFILE)
    /* Not every file system has this; what fails for another reason does so
     * again below. */
    fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0) {
        *fd_ret = fd;
        return WCP_CODE_OK;
    }
#endif
    len = snprintf(path, sizeof path, "%s/wirecopy-XXXXXX", dir);
    if (len < 0 || (size_t)len >= sizeof path)
        return wcp_fail(fault, WCP_CODE_IO, ENAMETOOLONG,
                        "cannot create a temporary file: the directory's "
                        "name is too long");
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return wcp_fail(fault, WCP_CODE_IO, errno,
                        "cannot create a temporary file in '%s'", dir);
    unlink(path);
    *fd_ret = fd;
    return WCP_CODE_OK;
}

enum wcp_code
wcp_read_at(int fd, void *data, size_t len, uint64_t offset,
            struct wcp_fault *fault)
{
    uint8_t *to = data;

    while (len > 0) {
        size_t want = len < TRANSFER_MAX ? len : TRANSFER_MAX;
        ssize_t got = pread(fd, to, want, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return wcp_fail(fault, WCP_CODE_IO, errno, "cannot read");
        if (got == 0)
            return wcp_fail(fault, WCP_CODE_IO, 0, "file ended early");
        to += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return WCP_CODE_OK;
}

enum wcp_code
wcp_write_at(int fd, const void *data, size_t len, uint64_t offset,
             struct wcp_fault *fault)
{
    const uint8_t *from = data;

    while (len > 0) {
        size_t want = len < TRANSFER_MAX ? len : TRANSFER_MAX;
        ssize_t done = pwrite(fd, from, want, (off_t)offset);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return wcp_fail(fault, WCP_CODE_IO, errno,
                            "cannot write to a temporary file");
        from += done;
        offset += (uint64_t)done;
        len -= (size_t)done;
    }
    return WCP_CODE_OK;
}

enum wcp_code
wcp_write_all(int fd, const void *data, size_t len, struct wcp_fault *fault)
{
    const uint8_t *from = data;

    while (len > 0) {
        size_t want = len < TRANSFER_MAX ? len : TRANSFER_MAX;
        ssize_t done = write(fd, from, want);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return wcp_fail(fault, WCP_CODE_IO, errno,
                            "cannot write the signatures");
        from += done;
        len -= (size_t)done;
    }
    return WCP_CODE_OK;
}

enum wcp_code
wcp_temp_write(struct wcp_quota *quota, int fd, const void *data, size_t len,
               uint64_t offset, struct wcp_fault *fault)
{
    if (quota != NULL && !wcp_quota_take(quota, len))
        return wcp_fail(fault, WCP_CODE_IO, EDQUOT,
                        "temporary files would take more than was allowed");
    return wcp_write_at(fd, data, len, offset, fault);
}
