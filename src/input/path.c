/*
 * path.c - names: where they are kept, how they are shown, what they say
 *
 * A corpus may have a million files, so their paths stand one behind the other
 * in large blocks.  Names may be any bytes; what is shown must be valid UTF-8
 * on one line.
 */
#include "input/reader.h"

#include <string.h>
#include <strings.h>

struct wcp_arena_block {
    struct wcp_arena_block *before;
    size_t size;
    char data[];
};

enum { BLOCK_BYTES = 1 << 16 };

void
wcp_arena_release(struct wcp_arena *arena, const struct wcp_memory *mem)
{
    struct wcp_arena_block *block = arena->last;

    while (block != NULL) {
        struct wcp_arena_block *before = block->before;

        wcp_free_array(mem, block, block->size, 1);
        block = before;
    }
    *arena = (struct wcp_arena){ 0 };
}

static char *
arena_take(struct wcp_arena *arena, const struct wcp_memory *mem, size_t len)
{
    struct wcp_arena_block *block = arena->last;
    char *p;

    if (block == NULL || arena->cap - arena->used < len) {
        size_t room = len > BLOCK_BYTES ? len : BLOCK_BYTES;

        block = wcp_new_array(mem, sizeof *block + room, 1);
        if (block == NULL)
            return NULL;
        block->before = arena->last;
        block->size = sizeof *block + room;
        arena->last = block;
        arena->used = 0;
        arena->cap = room;
    }
    p = block->data + arena->used;
    arena->used += len;
    return p;
}

char *
wcp_arena_copy(struct wcp_arena *arena, const struct wcp_memory *mem,
               const char *text, size_t len)
{
    char *copy = arena_take(arena, mem, len + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static bool
must_escape(unsigned char c)
{
    return c < 0x20 || c == 0x7F;
}

/* How many bytes at p can be shown as they are, 0 if p[0] cannot. */
static size_t
showable(const char *p, size_t len)
{
    size_t num = wcp_utf8_valid_prefix(p, len);

    for (size_t i = 0; i < num; i++)
        if (must_escape((unsigned char)p[i]))
            return i;
    return num;
}

const char *
wcp_shown_path(struct wcp_arena *arena, const struct wcp_memory *mem,
               const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = strlen(path), at = showable(path, len);
    char *shown, *to;

    if (at == len)
        return path;
    shown = to = arena_take(arena, mem, 3 * len + 1);
    if (shown == NULL)
        return NULL;
    for (at = 0; at < len;) {
        size_t num = showable(path + at, len - at);

        memcpy(to, path + at, num);
        to += num;
        at += num;
        if (at < len) {
            unsigned char c = (unsigned char)path[at++];

            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    *to = '\0';
    return shown;
}

/* Whether 'name' (len bytes) ends in 'suffix', letters of either case; then
 * *len is what stands before. */
static bool
take_suffix(const char *name, size_t *len, const char *suffix)
{
    size_t suffix_len = strlen(suffix);

    if (*len <= suffix_len ||
        strncasecmp(name + *len - suffix_len, suffix, suffix_len) != 0)
        return false;
    *len -= suffix_len;
    return true;
}

enum wcp_format
wcp_format_by_name(const char *path, bool *packed_ret)
{
    static const char *const packed[] = { ".gz", ".zst", ".xz", ".bz2",
                                          ".lz4" };
    static const char *const records[] = { ".jsonl", ".ndjson", ".jsonlines" };
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t len = strlen(name);

    *packed_ret = false;
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
        if (take_suffix(name, &len, packed[i])) {
            *packed_ret = true;
            break;
        }
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
        if (take_suffix(name, &len, records[i]))
            return WCP_FORMAT_JSONL;
    if (take_suffix(name, &len, ".csv"))
        return WCP_FORMAT_CSV;
    if (take_suffix(name, &len, ".tsv"))
        return WCP_FORMAT_TSV;
    if (take_suffix(name, &len, ".txt"))
        return WCP_FORMAT_TEXT;
    return WCP_FORMAT_AUTO;
}
