/*
 * wcs_file.c - the sections of a signature file, written and read
 *
 * The number of each section is part of its header, and the last section has
 * a hash over all headers: so a section that is missing, stands twice or comes
 * from another file is noticed, too.
 */
#include "store/wcs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* "\x89WCS\r\n\x1A\n": what changes line ends changes it. */
static const uint8_t magic[8] = { 0x89, 'W', 'C', 'S', 0x0D, 0x0A, 0x1A, 0x0A };

enum { MAX_OPTIONS = 1 << 16, ENDS_BYTES = 24 };

/* ---- writing ---- */

uint64_t
wcp_wcs_hash(const struct wcp_buffer *bytes)
{
    return XXH3_64bits(bytes->data, bytes->len);
}

enum wcp_code
wcp_wcs_put(struct wcp_wcs_writer *writer, const struct wcp_wcs_part *part,
            struct wcp_fault *fault)
{
    uint8_t head[WCP_WCS_SECTION];
    enum wcp_code code;

    wcp_store32(head, part->tag);
    wcp_store32(head + 4, writer->num_sections++);
    wcp_store64(head + 8, part->bytes.len);
    wcp_store64(head + 16, part->hash);
    wcp_store64(head + 24, XXH3_64bits(head, 24));
    writer->chain = XXH3_64bits_withSeed(head, sizeof head, writer->chain);
    code = wcp_write_all(writer->fd, head, sizeof head, fault);
    if (code == WCP_CODE_OK)
        code =
            wcp_write_all(writer->fd, part->bytes.data, part->bytes.len, fault);
    return code;
}

enum wcp_code
wcp_wcs_begin(struct wcp_wcs_writer *writer, int fd,
              const struct wcp_buffer *options, struct wcp_fault *fault)
{
    const struct wcp_wcs_part part = { WCP_WCS_OPTS, wcp_wcs_hash(options),
                                       *options };
    uint8_t head[WCP_WCS_HEADER];
    enum wcp_code code;

    *writer = (struct wcp_wcs_writer){ .fd = fd };
    memcpy(head, magic, sizeof magic);
    wcp_store32(head + 8, WCP_WCS_VERSION);
    wcp_store32(head + 12, WCP_SIGNATURES);
    wcp_store64(head + 16, XXH3_64bits(head, 16));
    code = wcp_write_all(fd, head, sizeof head, fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_put(writer, &part, fault);
    return code;
}

enum wcp_code
wcp_wcs_end(struct wcp_wcs_writer *writer, struct wcp_fault *fault)
{
    uint8_t ends[ENDS_BYTES] = { 0 };
    struct wcp_wcs_part part = {
        .tag = WCP_WCS_ENDS, .bytes = { .data = ends, .len = sizeof ends }
    };

    wcp_store64(ends, writer->num_documents);
    wcp_store32(ends + 8, writer->num_sources);
    wcp_store64(ends + 16, writer->chain);
    part.hash = wcp_wcs_hash(&part.bytes);
    return wcp_wcs_put(writer, &part, fault);
}

/* ---- reading ---- */

enum wcp_code
wcp_wcs_damaged(const struct wcp_wcs_file *file, uint64_t at, const char *what,
                struct wcp_fault *fault)
{
    enum wcp_code code = wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                                  "'%.120s' is damaged at byte %llu: %s",
                                  file->name, (unsigned long long)at, what);

    if (fault != NULL)
        fault->at = at;
    return code;
}

static enum wcp_code
read_bytes(const struct wcp_wcs_file *file, void *data, size_t len, uint64_t at,
           struct wcp_fault *fault)
{
    struct wcp_fault why = { 0 };

    if (len > file->size || at > file->size - len)
        return wcp_wcs_damaged(file, file->size, "it ends early", fault);
    if (wcp_read_at(file->fd, data, len, at, &why) == WCP_CODE_OK)
        return WCP_CODE_OK;
    if (why.sys_errno == 0)
        return wcp_wcs_damaged(file, at, "it ends early", fault);
    return wcp_fail(fault, WCP_CODE_IO, why.sys_errno, "cannot read '%.120s'",
                    file->name);
}

enum wcp_code
wcp_wcs_load(const struct wcp_wcs_file *file,
             const struct wcp_wcs_section *section, struct wcp_buffer *bytes,
             struct wcp_fault *fault)
{
    enum wcp_code code;

    bytes->len = 0;
    if (section->len > SIZE_MAX / 4 ||
        !wcp_buffer_reserve(bytes, (size_t)section->len))
        return wcp_no_memory(fault);
    code =
        read_bytes(file, bytes->data, (size_t)section->len, section->at, fault);
    if (code != WCP_CODE_OK)
        return code;
    bytes->len = (size_t)section->len;
    if (wcp_wcs_hash(bytes) != section->hash)
        return wcp_wcs_damaged(file, section->at,
                               "what follows has another hash", fault);
    return WCP_CODE_OK;
}

/* The last section says how much there was, and nothing follows it. */
static enum wcp_code
check_end(struct wcp_wcs_file *file, const struct wcp_wcs_section *section,
          uint64_t chain, struct wcp_fault *fault)
{
    uint8_t ends[ENDS_BYTES];
    struct wcp_buffer bytes = { .data = ends, .len = sizeof ends };
    enum wcp_code code;

    if (section->len != sizeof ends)
        return wcp_wcs_damaged(file, section->at, "the end is no end", fault);
    code = read_bytes(file, ends, sizeof ends, section->at, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (wcp_wcs_hash(&bytes) != section->hash)
        return wcp_wcs_damaged(file, section->at,
                               "what follows has another hash", fault);
    if (wcp_load64(ends) != file->num_documents ||
        wcp_load32(ends + 8) != file->num_sources ||
        wcp_load64(ends + 16) != chain)
        return wcp_wcs_damaged(file, section->at,
                               "some of it is missing or of another file",
                               fault);
    if (file->at != file->size)
        return wcp_wcs_damaged(file, file->at, "something follows its end",
                               fault);
    file->ended = true;
    return WCP_CODE_OK;
}

enum wcp_code
wcp_wcs_next(struct wcp_wcs_file *file, struct wcp_wcs_section *section,
             struct wcp_fault *fault)
{
    const uint64_t chain = file->chain;
    uint8_t head[WCP_WCS_SECTION];
    enum wcp_code code = read_bytes(file, head, sizeof head, file->at, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (wcp_load64(head + 24) != XXH3_64bits(head, 24))
        return wcp_wcs_damaged(file, file->at, "no section begins here", fault);
    *section = (struct wcp_wcs_section){
        .tag = wcp_load32(head),
        .at = file->at + sizeof head,
        .len = wcp_load64(head + 8),
        .hash = wcp_load64(head + 16),
    };
    if (wcp_load32(head + 4) != file->num_sections)
        return wcp_wcs_damaged(file, file->at,
                               "a section is missing or stands twice", fault);
    if (section->len > file->size - section->at)
        return wcp_wcs_damaged(file, file->size, "it ends early", fault);
    file->num_sections++;
    file->at = section->at + section->len;
    file->chain = XXH3_64bits_withSeed(head, sizeof head, chain);
    if (section->tag == WCP_WCS_ENDS)
        return check_end(file, section, chain, fault);
    return WCP_CODE_OK;
}

/* Names and values, each with a NUL behind it. */
static bool
is_options(const struct wcp_buffer *bytes)
{
    size_t num = 0;

    if (bytes->len > MAX_OPTIONS)
        return false;
    for (size_t i = 0; i < bytes->len; i++)
        num += bytes->data[i] == 0;
    return num % 2 == 0 &&
           (bytes->len == 0 || bytes->data[bytes->len - 1] == 0) &&
           wcp_utf8_valid_prefix((const char *)bytes->data, bytes->len) ==
               bytes->len;
}

static enum wcp_code
read_head(struct wcp_wcs_file *file, struct wcp_fault *fault)
{
    struct wcp_wcs_section section;
    uint8_t head[WCP_WCS_HEADER];
    enum wcp_code code;

    if (file->size < sizeof magic)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "'%.120s' is no signature file", file->name);
    code = read_bytes(file, head, sizeof magic, 0, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (memcmp(head, magic, sizeof magic) != 0)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "'%.120s' is no signature file", file->name);
    code = read_bytes(file, head, sizeof head, 0, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (wcp_load64(head + 16) != XXH3_64bits(head, 16))
        return wcp_wcs_damaged(file, 8, "its header has another hash", fault);
    if (wcp_load32(head + 8) != WCP_WCS_VERSION)
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "'%.120s' has version %u of the format; this program "
                        "reads version %u",
                        file->name, (unsigned)wcp_load32(head + 8),
                        (unsigned)WCP_WCS_VERSION);
    if (wcp_load32(head + 12) != WCP_SIGNATURES)
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "'%.120s' has signatures of version %u; this program "
                        "makes version %u",
                        file->name, (unsigned)wcp_load32(head + 12),
                        (unsigned)WCP_SIGNATURES);
    file->at = sizeof head;
    code = wcp_wcs_next(file, &section, fault);
    if (code == WCP_CODE_OK && section.tag != WCP_WCS_OPTS)
        code =
            wcp_wcs_damaged(file, WCP_WCS_HEADER, "it has no options", fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_load(file, &section, &file->options, fault);
    if (code == WCP_CODE_OK && !is_options(&file->options))
        code = wcp_wcs_damaged(file, section.at, "these are no options", fault);
    return code;
}

enum wcp_code
wcp_wcs_open(const struct wcp_memory *mem, const char *path,
             struct wcp_wcs_file *file, struct wcp_fault *fault)
{
    struct stat status;
    enum wcp_code code = WCP_CODE_OK;

    *file = (struct wcp_wcs_file){ .fd = -1 };
    snprintf(file->name, sizeof file->name, "%s", path);
    wcp_buffer_init(&file->options, mem, 0);
    do
        file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (file->fd < 0 && errno == EINTR);
    if (file->fd < 0 || fstat(file->fd, &status) != 0)
        code =
            wcp_fail(fault, WCP_CODE_IO, errno, "cannot open '%.150s'", path);
    else if (!S_ISREG(status.st_mode))
        code = wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "'%.120s' is no regular file", path);
    if (code == WCP_CODE_OK) {
        file->device = (uint64_t)status.st_dev;
        file->inode = (uint64_t)status.st_ino;
        file->size = (uint64_t)status.st_size;
        code = read_head(file, fault);
    }
    if (code != WCP_CODE_OK)
        wcp_wcs_close(file);
    return code;
}

bool
wcp_wcs_is(const char *path)
{
    uint8_t head[sizeof magic];
    struct stat status;
    bool yes = false;
    int fd;

    /* A pipe must not be looked into. */
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return false;
    if (wcp_read_at(fd, head, sizeof head, 0, NULL) == WCP_CODE_OK)
        yes = memcmp(head, magic, sizeof head) == 0;
    close(fd);
    return yes;
}

void
wcp_wcs_close(struct wcp_wcs_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    wcp_buffer_release(&file->options);
}
