/*
 * stream.c - a file, pipe or compressed file as a stream of bytes
 *
 * The first bytes tell the compression, whatever the name says.  libarchive
 * decompresses, with only that one filter and the raw format switched on, and
 * gunzip.c what is gzip: a stream is unpacked once, never run through an
 * external program, and members that follow each other are one stream.  A
 * stream that breaks off delivers what could be unpacked before the break, then
 * its fault.
 */
#include "input/reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#ifdef WCP_HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

enum { BLOCK_BYTES = 1 << 18 };

struct wcp_stream {
    struct wcp_memory mem;
    struct wcp_stream_from from;
    uint64_t file_at;
    _Atomic uint64_t *progress;
    uint8_t *block; /* BLOCK_BYTES, the file's next block_len - block_at */
    size_t block_len, block_at;
    enum wcp_compression packed;
    struct wcp_gunzip *gunzip;
    struct archive *archive;
    const uint8_t *unpacked; /* libarchive's, the next unpacked_len bytes */
    size_t unpacked_len;
    struct wcp_buffer ahead; /* unpacked and not yet consumed, from ahead_at */
    size_t ahead_at;
    bool ended;
    bool failed;
    bool spool_failed;
    struct wcp_fault fault;
};

enum wcp_code
wcp_fail_errno(struct wcp_fault *fault, int sys_errno, const char *what)
{
    char buf[128];
    const char *text;

    /* strerror() is not safe with threads; of strerror_r() there are two. */
#if defined(__GLIBC__)
    text = strerror_r(sys_errno, buf, sizeof buf);
#else
    text = strerror_r(sys_errno, buf, sizeof buf) == 0 ? buf : "unknown error";
#endif
    return wcp_fail(fault, WCP_CODE_IO, sys_errno, "%s: %s", what, text);
}

/* One read of the file; 0 at the end, -1 with the fault set. */
static ssize_t
read_file(struct wcp_stream *stream, void *data, size_t len)
{
    size_t kept = stream->file_at < stream->from.spool_len
                      ? (size_t)(stream->from.spool_len - stream->file_at)
                      : 0;
    ssize_t got;

    if (stream->from.read != NULL) {
        got = stream->from.read(stream->from.ctx, data, len, &stream->fault);
        stream->failed = got < 0;
        return got;
    }
    do {
        if (stream->from.seekable)
            got = pread(stream->from.fd, data, len, (off_t)stream->file_at);
        else if (kept > 0)
            got = pread(stream->from.spool_fd, data, len < kept ? len : kept,
                        (off_t)stream->file_at);
        else
            got = read(stream->from.fd, data, len);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        wcp_fail_errno(&stream->fault, errno, "cannot read");
        stream->failed = true;
        return -1;
    }
    if (stream->from.spool_fd > 0 && kept == 0 &&
        wcp_temp_write(stream->from.disk, stream->from.spool_fd, data,
                       (size_t)got, stream->file_at,
                       &stream->fault) != WCP_CODE_OK) {
        wcp_fail_errno(&stream->fault, stream->fault.sys_errno,
                       "cannot write the temporary file");
        stream->failed = true;
        stream->spool_failed = true;
        return -1;
    }
    stream->file_at += (uint64_t)got;
    if (stream->progress != NULL)
        atomic_fetch_add_explicit(stream->progress, (uint64_t)got,
                                  memory_order_relaxed);
    return got;
}

#ifdef WCP_HAVE_LIBARCHIVE

/* Give libarchive the block that was read to see the magic number, then
 * further ones. */
static la_ssize_t
read_packed(struct archive *archive, void *ctx, const void **data_ret)
{
    struct wcp_stream *stream = ctx;
    ssize_t got = (ssize_t)(stream->block_len - stream->block_at);

    if (got > 0) {
        *data_ret = stream->block + stream->block_at;
        stream->block_at = stream->block_len;
        return got;
    }
    *data_ret = stream->block;
    got = read_file(stream, stream->block, BLOCK_BYTES);
    if (got < 0)
        archive_set_error(archive, stream->fault.sys_errno, "cannot read");
    return got;
}

static int
support_filter(struct archive *archive, enum wcp_compression packed)
{
    switch (packed) {
    case WCP_GZIP:
        return archive_read_support_filter_gzip(archive);
    case WCP_ZSTD:
        return archive_read_support_filter_zstd(archive);
    case WCP_XZ:
        return archive_read_support_filter_xz(archive);
    case WCP_BZIP2:
        return archive_read_support_filter_bzip2(archive);
    case WCP_LZ4:
        return archive_read_support_filter_lz4(archive);
    case WCP_PLAIN:
        break;
    }
    return ARCHIVE_FATAL;
}

static void
damaged(struct wcp_stream *stream)
{
    const char *text = archive_error_string(stream->archive);
    const char *how = "damaged";

    if (stream->failed)
        return;
    /* liblzma has its own words for an early end. */
    if (text == NULL || strcasestr(text, "truncated") != NULL ||
        strcasestr(text, "no progress") != NULL)
        how = "truncated";
    stream->failed = true;
    wcp_fail(&stream->fault, WCP_CODE_BAD_RECORD, 0, "%s %s data", how,
             wcp_compression_name(stream->packed));
}

static enum wcp_code
unpack_open(struct wcp_stream *stream, struct wcp_fault *fault)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    int got;

    if (archive == NULL)
        return wcp_no_memory(fault);
    stream->archive = archive;
    /* ARCHIVE_WARN would mean that an external program is run. */
    if (support_filter(archive, stream->packed) != ARCHIVE_OK)
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "%s data cannot be read: this libarchive lacks it",
                        wcp_compression_name(stream->packed));
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    got = archive_read_open(archive, stream, NULL, read_packed, NULL);
    if (got == ARCHIVE_OK)
        got = archive_read_next_header(archive, &entry);
    /* A header that is cut short is not recognized, and taken for data. */
    if (got < ARCHIVE_WARN || archive_filter_code(archive, 0) == 0)
        damaged(stream);
    else if (got == ARCHIVE_EOF)
        stream->ended = true;
    return WCP_CODE_OK;
}

/* By blocks: archive_read_data() would lose what it has copied before an
 * error. */
static size_t
unpack_read(struct wcp_stream *stream, void *data, size_t len)
{
    if (stream->unpacked_len == 0) {
        const void *block;
        la_int64_t offset;
        int got = archive_read_data_block(stream->archive, &block,
                                          &stream->unpacked_len, &offset);

        if (got != ARCHIVE_OK) {
            stream->unpacked_len = 0;
            if (got != ARCHIVE_EOF)
                damaged(stream);
            return 0;
        }
        stream->unpacked = block;
    }
    if (len > stream->unpacked_len)
        len = stream->unpacked_len;
    if (len > 0)
        memcpy(data, stream->unpacked, len);
    stream->unpacked += len;
    stream->unpacked_len -= len;
    return len;
}

static void
unpack_close(struct wcp_stream *stream)
{
    if (stream->archive != NULL)
        archive_read_free(stream->archive);
}

#else

static enum wcp_code
unpack_open(struct wcp_stream *stream, struct wcp_fault *fault)
{
    return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                    "%s data cannot be read: built without libarchive",
                    wcp_compression_name(stream->packed));
}

static size_t
unpack_read(struct wcp_stream *stream, void *data, size_t len)
{
    (void)stream;
    (void)data;
    (void)len;
    return 0;
}

static void
unpack_close(struct wcp_stream *stream)
{
    (void)stream;
}

#endif

#ifdef WCP_HAVE_ZLIB

static bool
gunzip_open(struct wcp_stream *stream)
{
    stream->gunzip = wcp_gunzip_new(&stream->mem);
    return stream->gunzip != NULL;
}

static void
gunzip_close(struct wcp_stream *stream)
{
    wcp_gunzip_free(stream->gunzip);
}

static size_t
gunzip_read(struct wcp_stream *stream, void *data, size_t len)
{
    enum wcp_gunzip_status status = WCP_GUNZIP_MORE;
    struct wcp_gunzip_io io = { .out = data, .out_len = len };
    bool going = true;

    while (io.out_len > 0 && going &&
           (status == WCP_GUNZIP_MORE || status == WCP_GUNZIP_BETWEEN)) {
        size_t rest = io.out_len;

        if (stream->block_at == stream->block_len) {
            ssize_t got = read_file(stream, stream->block, BLOCK_BYTES);

            stream->block_at = 0;
            stream->block_len = got > 0 ? (size_t)got : 0;
        }
        io.in = stream->block + stream->block_at;
        io.in_len = stream->block_len - stream->block_at;
        /* Without more input, too: the call before may have had no room for
         * the last bytes, and only it knows whether the end is one. */
        going = io.in_len > 0;
        status = wcp_gunzip(stream->gunzip, &io);
        going = going || io.out_len < rest;
        stream->block_at = stream->block_len - io.in_len;
    }
    if (io.out_len > 0 && !stream->failed) {
        stream->ended = true;
        stream->failed =
            status != WCP_GUNZIP_BETWEEN && status != WCP_GUNZIP_ENDED;
        if (status == WCP_GUNZIP_NO_MEMORY)
            wcp_no_memory(&stream->fault);
        else if (stream->failed)
            wcp_fail(&stream->fault, WCP_CODE_BAD_RECORD, 0, "%s gzip data",
                     status == WCP_GUNZIP_MORE ? "truncated" : "damaged");
    }
    return len - io.out_len;
}

#else

static bool
gunzip_open(struct wcp_stream *stream)
{
    (void)stream;
    return false;
}

static void
gunzip_close(struct wcp_stream *stream)
{
    (void)stream;
}

static size_t
gunzip_read(struct wcp_stream *stream, void *data, size_t len)
{
    (void)stream;
    (void)data;
    (void)len;
    return 0;
}

#endif

/* Fill the first block far enough to see a magic number. */
static void
read_magic(struct wcp_stream *stream)
{
    while (stream->block_len < WCP_MAGIC_BYTES) {
        ssize_t got = read_file(stream, stream->block + stream->block_len,
                                BLOCK_BYTES - stream->block_len);

        if (got <= 0)
            break;
        stream->block_len += (size_t)got;
    }
    stream->packed = wcp_sniff_compression(stream->block, stream->block_len);
}

enum wcp_code
wcp_stream_open(const struct wcp_memory *mem,
                const struct wcp_stream_from *from,
                struct wcp_stream **stream_ret, struct wcp_fault *fault)
{
    struct wcp_stream *stream = wcp_new_zeroed(mem, 1, sizeof *stream);
    enum wcp_code code = WCP_CODE_OK;

    if (stream == NULL) {
        if (from->read == NULL)
            close(from->fd);
        return wcp_no_memory(fault);
    }
    stream->mem = *mem;
    stream->from = *from;
    wcp_buffer_init(&stream->ahead, &stream->mem, 0);
    stream->block = wcp_new_array(mem, BLOCK_BYTES, 1);
    if (stream->block == NULL) {
        code = wcp_no_memory(fault);
        goto close;
    }
    read_magic(stream);
    if (stream->packed != WCP_PLAIN &&
        (stream->packed != WCP_GZIP || !gunzip_open(stream)))
        code = unpack_open(stream, fault);
    if (code != WCP_CODE_OK)
        goto close;
    *stream_ret = stream;
    return WCP_CODE_OK;
close:
    wcp_stream_close(stream);
    return code;
}

void
wcp_stream_close(struct wcp_stream *stream)
{
    struct wcp_memory mem;

    if (stream == NULL)
        return;
    gunzip_close(stream);
    unpack_close(stream);
    if (stream->from.read == NULL)
        close(stream->from.fd);
    mem = stream->mem;
    wcp_buffer_release(&stream->ahead);
    wcp_free_array(&mem, stream->block, BLOCK_BYTES, 1);
    wcp_free_array(&mem, stream, 1, sizeof *stream);
}

void
wcp_stream_count(struct wcp_stream *stream, _Atomic uint64_t *progress)
{
    stream->progress = progress;
    atomic_fetch_add_explicit(progress, stream->file_at, memory_order_relaxed);
}

enum wcp_compression
wcp_stream_compression(const struct wcp_stream *stream)
{
    return stream->packed;
}

const struct wcp_fault *
wcp_stream_fault(const struct wcp_stream *stream)
{
    return stream->failed ? &stream->fault : NULL;
}

bool
wcp_stream_spool_failed(const struct wcp_stream *stream)
{
    return stream->spool_failed;
}

/* The next bytes of a plain file: the block that was read first, then
 * straight into the caller's memory. */
static size_t
plain_read(struct wcp_stream *stream, void *data, size_t len)
{
    size_t rest = stream->block_len - stream->block_at;
    ssize_t got;

    if (rest > 0) {
        if (rest > len)
            rest = len;
        memcpy(data, stream->block + stream->block_at, rest);
        stream->block_at += rest;
        return rest;
    }
    if (len > (size_t)1 << 30)
        len = (size_t)1 << 30;
    got = read_file(stream, data, len);
    return got > 0 ? (size_t)got : 0;
}

/* Fill 'data' past what was read ahead. */
static size_t
read_fresh(struct wcp_stream *stream, uint8_t *data, size_t len)
{
    size_t num = 0;

    while (num < len && !stream->ended && !stream->failed) {
        size_t got = stream->packed == WCP_PLAIN
                         ? plain_read(stream, data + num, len - num)
                     : stream->gunzip != NULL
                         ? gunzip_read(stream, data + num, len - num)
                         : unpack_read(stream, data + num, len - num);

        num += got;
        if (got == 0)
            stream->ended = true;
    }
    return num;
}

size_t
wcp_stream_read(struct wcp_stream *stream, void *data, size_t len)
{
    size_t num = stream->ahead.len - stream->ahead_at;

    if (num > len)
        num = len;
    if (num > 0)
        memcpy(data, stream->ahead.data + stream->ahead_at, num);
    stream->ahead_at += num;
    return num + read_fresh(stream, (uint8_t *)data + num, len - num);
}

static void
out_of_memory(struct wcp_stream *stream)
{
    stream->failed = true;
    wcp_no_memory(&stream->fault);
}

const uint8_t *
wcp_stream_peek(struct wcp_stream *stream, size_t want, size_t *len_ret)
{
    struct wcp_buffer *ahead = &stream->ahead;
    size_t len = ahead->len - stream->ahead_at;

    if (want > len) {
        if (len > 0)
            memmove(ahead->data, ahead->data + stream->ahead_at, len);
        ahead->len = len;
        stream->ahead_at = 0;
        if (wcp_buffer_reserve(ahead, want - len))
            ahead->len += read_fresh(stream, ahead->data + len, want - len);
        else
            out_of_memory(stream);
    }
    *len_ret = ahead->len - stream->ahead_at;
    return *len_ret > 0 ? ahead->data + stream->ahead_at : stream->block;
}

void
wcp_stream_unread(struct wcp_stream *stream, const void *data, size_t len)
{
    struct wcp_buffer *ahead = &stream->ahead;

    if (len == 0)
        return;
    /* Bytes that came from 'ahead' still stand there. */
    if (stream->ahead_at < ahead->len && stream->ahead_at >= len) {
        stream->ahead_at -= len;
        return;
    }
    ahead->len = stream->ahead_at = 0;
    if (!wcp_buffer_append(ahead, data, len))
        out_of_memory(stream);
}
