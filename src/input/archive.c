/*
 * archive.c - the members of a tar or zip file, one after another
 *
 * libarchive reads them, with no other format than these two, and compressed
 * tar files from a stream that is unpacked as any other.  A zip file is
 * read by its directory; one that has none, because its end is missing, from
 * its start.  Names come as the bytes that stand in the archive: libarchive
 * converts those that are marked as UTF-8 to the locale, which is therefore
 * one with UTF-8 while it works, on this thread only.
 *
 * A few bytes can unpack to a disk full.  What is read of the members is
 * counted, and the archive ends when that is out of all proportion.
 */
#include "input/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#ifdef WCP_HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#endif

/* Members that an archive may have, and how it may swell. */
enum { MAX_MEMBERS = 1000000, MAX_RATIO = 1000 };
#define MIN_BOMB ((uint64_t)1 << 30)

bool
wcp_looks_archive(const uint8_t *data, size_t len)
{
    if (len >= 4 &&
        (memcmp(data, "PK\3\4", 4) == 0 || memcmp(data, "PK\5\6", 4) == 0))
        return true;
    /* Of POSIX and of GNU; with less of it a text may have the word there. */
    return len >= 265 && (memcmp(data + 257, "ustar", 6) == 0 ||
                          memcmp(data + 257, "ustar  ", 8) == 0);
}

#ifdef WCP_HAVE_LIBARCHIVE

enum { BLOCK_BYTES = 1 << 16 };

struct wcp_archive {
    struct wcp_memory mem;
    struct archive *archive;
    struct archive_entry *first; /* read to see that it is one */
    locale_t utf8;
    int fd;
    uint64_t size, at; /* of the file */
    uint64_t num_members, num_unpacked;
    bool by_directory;   /* a zip file */
    bool unpack_to_skip; /* what is passed over must be unpacked all the same */
    struct wcp_stream *stream; /* of a compressed tar file, else NULL */
    const uint8_t *data; /* libarchive's, the next 'len' bytes of a member */
    size_t len;
    bool ended, failed; /* nothing follows */
    bool member_failed; /* nothing follows of this member */
    struct wcp_fault fault, member_fault;
    uint8_t block[BLOCK_BYTES];
};

/* More than an archive can mean; true if it is the end of it. */
static bool
swells(struct wcp_archive *archive)
{
    if (archive->num_unpacked <= MIN_BOMB ||
        archive->num_unpacked / MAX_RATIO <= archive->size)
        return false;
    archive->ended = archive->failed = archive->member_failed = true;
    wcp_fail(&archive->fault, WCP_CODE_TOO_LONG, 0,
             "unpacks to more than %d times its size", MAX_RATIO);
    archive->member_fault = archive->fault;
    return true;
}

/* Of a compressed tar file. */
static la_ssize_t
read_unpacked(struct wcp_archive *archive, struct archive *libarchive,
              const void **data_ret)
{
    size_t got = wcp_stream_read(archive->stream, archive->block, BLOCK_BYTES);
    const struct wcp_fault *fault = wcp_stream_fault(archive->stream);

    archive->num_unpacked += got;
    *data_ret = archive->block;
    if (got > 0 && !swells(archive))
        return (la_ssize_t)got;
    if (fault == NULL && !archive->failed)
        return 0;
    if (!archive->failed)
        archive->fault = *fault;
    archive->failed = true;
    archive_set_error(libarchive, EIO, "cannot read");
    return -1;
}

static la_ssize_t
read_block(struct archive *libarchive, void *ctx, const void **data_ret)
{
    struct wcp_archive *archive = ctx;
    ssize_t got;

    if (archive->stream != NULL)
        return read_unpacked(archive, libarchive, data_ret);
    do
        got =
            pread(archive->fd, archive->block, BLOCK_BYTES, (off_t)archive->at);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        wcp_fail_errno(&archive->fault, errno, "cannot read");
        archive->failed = true;
        archive_set_error(libarchive, errno, "cannot read");
        return -1;
    }
    *data_ret = archive->block;
    archive->at += (uint64_t)got;
    return got;
}

/* Not beyond the end, so that a missing end is noticed. */
static la_int64_t
skip_bytes(struct archive *libarchive, void *ctx, la_int64_t request)
{
    struct wcp_archive *archive = ctx;
    uint64_t rest =
        archive->size > archive->at ? archive->size - archive->at : 0;

    (void)libarchive;
    if (request < 0 || archive->stream != NULL)
        return 0;
    if ((uint64_t)request < rest)
        rest = (uint64_t)request;
    archive->at += rest;
    return (la_int64_t)rest;
}

static la_int64_t
seek_to(struct archive *libarchive, void *ctx, la_int64_t offset, int whence)
{
    struct wcp_archive *archive = ctx;
    la_int64_t base = whence == SEEK_SET   ? 0
                      : whence == SEEK_CUR ? (la_int64_t)archive->at
                                           : (la_int64_t)archive->size;

    (void)libarchive;
    if (offset < -base || archive->stream != NULL)
        return ARCHIVE_FATAL;
    archive->at = (uint64_t)(base + offset);
    return (la_int64_t)archive->at;
}

/* Say what libarchive found, in our own words. */
static void
damaged(const struct wcp_archive *archive, struct wcp_fault *fault)
{
    const char *text = archive_error_string(archive->archive);

    if (text == NULL)
        text = "";
    if (strcasestr(text, "passphrase") != NULL ||
        strcasestr(text, "encrypt") != NULL)
        wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0, "it is encrypted");
    else if (strcasestr(text, "truncated") != NULL ||
             strcasestr(text, "no progress") != NULL)
        wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "truncated archive");
    else if (strcasestr(text, "unsupported") != NULL)
        wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                 "compressed in a way that is not known");
    else if (strcasestr(text, "unrecognized") != NULL)
        wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "not a tar or zip file");
    else
        wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "damaged archive");
}

static enum wcp_code
open_libarchive(struct wcp_archive *archive, bool zip, struct wcp_fault *fault)
{
    struct archive *from = archive_read_new();

    if (from == NULL)
        return wcp_no_memory(fault);
    archive->archive = from;
    archive->at = 0;
    if (zip && archive->by_directory) {
        archive_read_support_format_zip_seekable(from);
    } else if (zip) {
        archive_read_support_format_zip_streamable(from);
    } else {
        archive_read_support_format_tar(from);
    }
    archive_read_set_read_callback(from, read_block);
    archive_read_set_skip_callback(from, skip_bytes);
    archive_read_set_seek_callback(from, seek_to);
    archive_read_set_callback_data(from, archive);
    return archive_read_open1(from) == ARCHIVE_OK ? WCP_CODE_OK
                                                  : WCP_CODE_BAD_RECORD;
}

/* The next header; NULL at the end, or with failed set. */
static struct archive_entry *
next_header(struct wcp_archive *archive)
{
    struct archive_entry *entry = NULL;
    locale_t before = (locale_t)0;
    int got;

    if (archive->utf8 != (locale_t)0)
        before = uselocale(archive->utf8);
    got = archive_read_next_header(archive->archive, &entry);
    if (before != (locale_t)0)
        uselocale(before);
    if (got >= ARCHIVE_WARN && got != ARCHIVE_EOF)
        return entry;
    archive->ended = true;
    if (got != ARCHIVE_EOF && !archive->failed) {
        archive->failed = true;
        damaged(archive, &archive->fault);
    }
    return NULL;
}

/* A tar file, if it is compressed: libarchive is given what is unpacked here,
 * to the last byte before a break and no more than is bearable. */
static enum wcp_code
open_stream(struct wcp_archive *archive, struct wcp_fault *fault)
{
    struct wcp_stream_from from = { .seekable = true };
    enum wcp_code code;

    from.fd = fcntl(archive->fd, F_DUPFD_CLOEXEC, 3);
    if (from.fd < 0)
        return wcp_fail_errno(fault, errno, "cannot open");
    code = wcp_stream_open(&archive->mem, &from, &archive->stream, fault);
    if (code == WCP_CODE_OK &&
        wcp_stream_compression(archive->stream) == WCP_PLAIN) {
        wcp_stream_close(archive->stream);
        archive->stream = NULL;
    }
    return code;
}

static enum wcp_code
start(struct wcp_archive *archive, struct wcp_fault *fault)
{
    uint8_t magic[2] = { 0 };
    enum wcp_code code;
    bool zip;

    archive->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    code = wcp_read_at(archive->fd, magic, sizeof magic, 0, fault);
    if (code != WCP_CODE_OK)
        return code;
    zip = magic[0] == 'P' && magic[1] == 'K';
    archive->by_directory = zip;
    if (!zip)
        code = open_stream(archive, fault);
    if (code == WCP_CODE_OK)
        code = open_libarchive(archive, zip, fault);
    if (code == WCP_CODE_OK)
        archive->first = next_header(archive);
    if (zip && (code == WCP_CODE_BAD_RECORD || archive->failed)) {
        archive_read_free(archive->archive);
        archive->by_directory = archive->ended = archive->failed = false;
        code = open_libarchive(archive, zip, fault);
        if (code == WCP_CODE_OK)
            archive->first = next_header(archive);
    }
    if (code == WCP_CODE_BAD_RECORD && archive->archive != NULL &&
        !archive->failed)
        damaged(archive, fault);
    if (code == WCP_CODE_BAD_RECORD && archive->failed)
        *fault = archive->fault;
    if (code == WCP_CODE_OK && archive->failed) {
        *fault = archive->fault;
        return fault->code;
    }
    archive->unpack_to_skip = zip && !archive->by_directory;
    return code;
}

enum wcp_code
wcp_archive_open(const struct wcp_memory *mem, int fd, uint64_t size,
                 struct wcp_archive **archive_ret, struct wcp_fault *fault)
{
    struct wcp_archive *archive = wcp_new_zeroed(mem, 1, sizeof *archive);
    struct wcp_fault own = { 0 };
    enum wcp_code code;

    if (archive == NULL) {
        close(fd);
        return wcp_no_memory(fault);
    }
    archive->mem = *mem;
    archive->fd = fd;
    archive->size = size;
    code = start(archive, &own);
    if (code != WCP_CODE_OK) {
        wcp_archive_close(archive);
        if (fault != NULL)
            *fault = own;
        return code;
    }
    *archive_ret = archive;
    return WCP_CODE_OK;
}

void
wcp_archive_close(struct wcp_archive *archive)
{
    struct wcp_memory mem;

    if (archive == NULL)
        return;
    mem = archive->mem;
    if (archive->archive != NULL)
        archive_read_free(archive->archive);
    if (archive->utf8 != (locale_t)0)
        freelocale(archive->utf8);
    wcp_stream_close(archive->stream);
    close(archive->fd);
    wcp_free_array(&mem, archive, 1, sizeof *archive);
}

static bool
next_block(struct wcp_archive *archive)
{
    const void *data;
    la_int64_t offset;
    int got;

    if (archive->ended || archive->member_failed)
        return false;
    got = archive_read_data_block(archive->archive, &data, &archive->len,
                                  &offset);
    if (got != ARCHIVE_OK && got != ARCHIVE_WARN) {
        archive->len = 0;
        if (got == ARCHIVE_EOF)
            return false;
        archive->member_failed = true;
        if (archive->failed)
            archive->member_fault = archive->fault;
        else
            damaged(archive, &archive->member_fault);
        if (got == ARCHIVE_FATAL) {
            archive->ended = archive->failed = true;
            archive->fault = archive->member_fault;
        }
        return false;
    }
    archive->data = data;
    if (archive->stream == NULL)
        archive->num_unpacked += archive->len;
    return !swells(archive);
}

/* Go over the rest of the member.  libarchive's own way would unpack all of it
 * in one call, however much it is. */
static void
skip_member(struct wcp_archive *archive)
{
    while (archive->unpack_to_skip && next_block(archive))
        continue;
    archive->len = 0;
    archive->member_failed = false;
}

static enum wcp_member_kind
kind_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry) != NULL ||
        archive_entry_filetype(entry) == AE_IFLNK)
        return WCP_MEMBER_LINK;
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return WCP_MEMBER_DIRECTORY;
    /* Some zip files do not say what a member is. */
    if (archive_entry_filetype(entry) == AE_IFREG ||
        archive_entry_filetype(entry) == 0)
        return WCP_MEMBER_FILE;
    return WCP_MEMBER_OTHER;
}

bool
wcp_archive_next(struct wcp_archive *archive, struct wcp_member *member_ret)
{
    struct archive_entry *entry = archive->first;
    const char *name;

    archive->first = NULL;
    if (entry == NULL) {
        if (!archive->ended)
            skip_member(archive);
        if (archive->ended)
            return false;
        entry = next_header(archive);
    }
    if (entry == NULL)
        return false;
    if (archive->num_members == MAX_MEMBERS) {
        archive->ended = archive->failed = true;
        wcp_fail(&archive->fault, WCP_CODE_TOO_LONG, 0,
                 "more than %d members in an archive", MAX_MEMBERS);
        return false;
    }
    name = archive_entry_pathname(entry);
    if (name == NULL)
        name = archive_entry_pathname_utf8(entry);
    *member_ret =
        (struct wcp_member){ .number = (uint32_t)archive->num_members++,
                             .kind = kind_of(entry),
                             .name = name != NULL ? name : "" };
    return true;
}

ssize_t
wcp_archive_read(void *ctx, void *data, size_t len, struct wcp_fault *fault)
{
    struct wcp_archive *archive = ctx;

    while (archive->len == 0)
        if (!next_block(archive)) {
            if (!archive->member_failed)
                return 0;
            *fault = archive->member_fault;
            return -1;
        }
    if (len > archive->len)
        len = archive->len;
    memcpy(data, archive->data, len);
    archive->data += len;
    archive->len -= len;
    return (ssize_t)len;
}

const struct wcp_fault *
wcp_archive_fault(const struct wcp_archive *archive)
{
    return archive->failed ? &archive->fault : NULL;
}

#else

enum wcp_code
wcp_archive_open(const struct wcp_memory *mem, int fd, uint64_t size,
                 struct wcp_archive **archive_ret, struct wcp_fault *fault)
{
    (void)mem;
    (void)size;
    (void)archive_ret;
    close(fd);
    return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                    "archives cannot be read: built without libarchive");
}

void
wcp_archive_close(struct wcp_archive *archive)
{
    (void)archive;
}

bool
wcp_archive_next(struct wcp_archive *archive, struct wcp_member *member_ret)
{
    (void)archive;
    (void)member_ret;
    return false;
}

ssize_t
wcp_archive_read(void *ctx, void *data, size_t len, struct wcp_fault *fault)
{
    (void)ctx;
    (void)data;
    (void)len;
    (void)fault;
    return 0;
}

const struct wcp_fault *
wcp_archive_fault(const struct wcp_archive *archive)
{
    (void)archive;
    return NULL;
}

#endif
