/*
 * gunzip.c - gzip -> bytes, with zlib
 *
 * libarchive reads gzip too, but of a file that breaks off it drops what was
 * unpacked last, up to 64 KiB.  This delivers every byte before the break.
 * Members that follow each other are one stream; what follows the last one and
 * is none is left alone, as the gzip program does.
 */
#include "input/reader.h"

#ifdef WCP_HAVE_ZLIB

#include <zlib.h>

struct wcp_gunzip {
    struct wcp_memory mem;
    z_stream z;
    bool between; /* members */
};

struct wcp_gunzip *
wcp_gunzip_new(const struct wcp_memory *mem)
{
    struct wcp_gunzip *gunzip = wcp_new_zeroed(mem, 1, sizeof *gunzip);

    if (gunzip == NULL)
        return NULL;
    gunzip->mem = *mem;
    if (inflateInit2(&gunzip->z, 15 + 16) != Z_OK) {
        wcp_free_array(mem, gunzip, 1, sizeof *gunzip);
        return NULL;
    }
    return gunzip;
}

void
wcp_gunzip_free(struct wcp_gunzip *gunzip)
{
    struct wcp_memory mem;

    if (gunzip == NULL)
        return;
    mem = gunzip->mem;
    inflateEnd(&gunzip->z);
    wcp_free_array(&mem, gunzip, 1, sizeof *gunzip);
}

enum wcp_gunzip_status
wcp_gunzip(struct wcp_gunzip *gunzip, struct wcp_gunzip_io *io)
{
    z_stream *z = &gunzip->z;
    const uInt most = (uInt)1 << 30;
    enum wcp_gunzip_status status = WCP_GUNZIP_MORE;
    int got = Z_OK;

    if (gunzip->between) {
        if (io->in_len == 0)
            return WCP_GUNZIP_BETWEEN;
        if (io->in[0] != 0x1F)
            return WCP_GUNZIP_ENDED;
        inflateReset(z);
        gunzip->between = false;
    }
    z->next_in = (Bytef *)(uintptr_t)io->in;
    z->avail_in = io->in_len < most ? (uInt)io->in_len : most;
    z->next_out = io->out;
    z->avail_out = io->out_len < most ? (uInt)io->out_len : most;
    got = inflate(z, Z_NO_FLUSH);
    if (got == Z_STREAM_END) {
        gunzip->between = true;
        status = WCP_GUNZIP_BETWEEN;
    } else if (got == Z_MEM_ERROR) {
        status = WCP_GUNZIP_NO_MEMORY;
    } else if (got != Z_OK && got != Z_BUF_ERROR) {
        status = WCP_GUNZIP_DAMAGED;
    }
    io->in_len -= (size_t)(z->next_in - io->in);
    io->in = z->next_in;
    io->out_len -= (size_t)(z->next_out - io->out);
    io->out = z->next_out;
    return status;
}

#endif
