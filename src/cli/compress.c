/*
 * compress.c - a FILE whose bytes are compressed on their way to a file
 *
 * libarchive's writer behind fopencookie(): everything that prints can then
 * print into a compressed file.
 */
#include "cli/cli.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#if defined(WCP_HAVE_LIBARCHIVE) && defined(__GLIBC__)
#include <archive.h>
#include <archive_entry.h>

static ssize_t
write_compressed(void *cookie, const char *data, size_t len)
{
    struct archive *archive = cookie;
    la_ssize_t put = archive_write_data(archive, data, len);

    if (put >= 0)
        return (ssize_t)put;
    errno = archive_errno(archive) > 0 ? archive_errno(archive) : EIO;
    return 0; /* fopencookie() wants 0, not -1, for a failure */
}

static int
close_compressed(void *cookie)
{
    struct archive *archive = cookie;
    int closed = archive_write_close(archive);
    int why = archive_errno(archive);

    archive_write_free(archive);
    if (closed == ARCHIVE_OK)
        return 0;
    errno = why > 0 ? why : EIO;
    return -1;
}

static int
add_filter(struct archive *archive, const char *ending)
{
    if (strcmp(ending, ".gz") == 0)
        return archive_write_add_filter_gzip(archive);
    if (strcmp(ending, ".zst") == 0)
        return archive_write_add_filter_zstd(archive);
    if (strcmp(ending, ".xz") == 0)
        return archive_write_add_filter_xz(archive);
    if (strcmp(ending, ".lz4") == 0)
        return archive_write_add_filter_lz4(archive);
    return archive_write_add_filter_bzip2(archive);
}

FILE *
cli_open_compressed(int fd, const char *ending)
{
    const cookie_io_functions_t functions = { .write = write_compressed,
                                              .close = close_compressed };
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    FILE *file = NULL;

    if (archive != NULL && entry != NULL &&
        archive_write_set_format_raw(archive) == ARCHIVE_OK &&
        add_filter(archive, ending) == ARCHIVE_OK &&
        archive_write_open_fd(archive, fd) == ARCHIVE_OK) {
        archive_entry_set_filetype(entry, AE_IFREG);
        if (archive_write_header(archive, entry) == ARCHIVE_OK)
            file = fopencookie(archive, "w", functions);
    }
    if (file == NULL) {
        errno = archive == NULL || entry == NULL ? ENOMEM : ENOTSUP;
        archive_write_free(archive);
    }
    archive_entry_free(entry);
    return file;
}

#else

FILE *
cli_open_compressed(int fd, const char *ending)
{
    (void)fd;
    (void)ending;
    errno = ENOTSUP;
    return NULL;
}

#endif

const char *
cli_compressed_ending(const char *path)
{
    static const char *const endings[] = { ".gz", ".zst", ".xz", ".bz2",
                                           ".lz4" };
    size_t len = strlen(path);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);

        if (len > ending && strcasecmp(path + len - ending, endings[i]) == 0)
            return endings[i];
    }
    return NULL;
}
