/*
 * adopt.c - what is known of a source, and a source made of it
 *
 * Whoever keeps signatures keeps with them where the texts stand.  A source
 * that is adopted is not read from its beginning but only asked for single
 * documents, so what reading would have found out of it comes along.  It may
 * come from anywhere: what does not fit together is refused here, and what
 * fits but is wrong shows up as a text that has another hash.
 */
#include "input/reader.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void
wcp_source_state(const struct wcp_reader *reader, uint32_t source,
                 struct wcp_source_state *state)
{
    const struct wcp_source *from = &reader->sources.at[source];

    *state = (struct wcp_source_state){
        .shown = from->shown,
        .path = from->path,
        .size = from->size,
        .changed = from->changed,
        .archive = from->archive,
        .member = from->member,
        .num_members = from->num_members,
        .header_end = from->header_end,
        .num_columns = from->num_columns,
        .format = from->format,
        .packed = from->packed,
        .access = from->access,
        .named = from->named,
        .encoding = from->encoding,
        .delimiter = from->delimiter,
        .once = from->once,
        .named_packed = from->named_packed,
        .is_archive = from->is_archive,
        .nested = from->nested,
    };
    memcpy(state->columns, from->columns, sizeof state->columns);
}

wcp_encoding
wcp_source_encoding(const struct wcp_reader *reader, uint32_t source)
{
    return reader->sources.at[source].encoding;
}

bool
wcp_source_holds(const struct wcp_reader *reader, uint32_t source,
                 uint64_t offset, uint64_t len)
{
    const struct wcp_source *from = &reader->sources.at[source];

    if (from->format == WCP_FORMAT_AUTO || from->encoding == WCP_ENC_AUTO ||
        from->is_archive)
        return false;
    return from->once || from->access == WCP_ACCESS_STREAM ||
           from->packed != WCP_PLAIN ||
           (offset <= from->size && len <= from->size - offset);
}

/* Whether a reader could have come to know this of its next source. */
static bool
is_possible(const struct wcp_reader *reader,
            const struct wcp_source_state *state)
{
    const size_t num = reader->sources.num;
    const struct wcp_source *archive;

    if (num >= UINT32_MAX - 1 || state->format > WCP_FORMAT_TSV ||
        state->named > WCP_FORMAT_TSV || state->packed > WCP_LZ4 ||
        state->access > WCP_ACCESS_STREAM ||
        (state->path != NULL && state->path[0] == '\0') ||
        memchr(",;|\t", state->delimiter, 5) == NULL)
        return false;
    if (state->archive == 0)
        return !state->nested;
    if (state->is_archive || state->archive > num || state->path == NULL)
        return false;
    /* Members follow their archive, each with a higher number. */
    archive = &reader->sources.at[state->archive - 1];
    return archive->is_archive && num - state->archive < archive->num_members &&
           (num == state->archive ||
            state->member > reader->sources.at[num - 1].member);
}

/* The path to open it by, in the reader's memory; NULL when out of memory. */
static const char *
place_in(struct wcp_reader *reader, const char *path, const char *folder)
{
    struct wcp_buffer whole;
    const char *copy = NULL;

    wcp_buffer_init(&whole, &reader->mem, 0);
    if ((folder == NULL || (wcp_buffer_append(&whole, folder, strlen(folder)) &&
                            wcp_buffer_append(&whole, "/", 1))) &&
        wcp_buffer_append(&whole, path, strlen(path)))
        copy = wcp_arena_copy(&reader->names, &reader->mem,
                              (const char *)whole.data, whole.len);
    wcp_buffer_release(&whole);
    return copy;
}

/* Whether its texts can be read again, as they were. */
static enum wcp_code
check_source(const struct wcp_source *source, struct wcp_fault *fault)
{
    struct stat status;

    if (source->encoding == WCP_ENC_UNKNOWN)
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "'%.120s' has an encoding that is not known here",
                        source->shown);
    if (source->archive > 0)
        return WCP_CODE_OK;
    if (source->once || source->path == NULL)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "the texts of '%.120s' came through a pipe and cannot "
                        "be read again: without them there is --estimate",
                        source->shown);
    if (stat(source->path, &status) != 0)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "cannot open '%.120s' with the texts: %s; --texts says "
                        "where they are, --estimate does without",
                        source->path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return wcp_fail(fault, WCP_CODE_IO, 0, "'%.150s' is no regular file",
                        source->path);
    if ((uint64_t)status.st_size != source->size)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "'%.120s' has changed: it had %llu bytes when it was "
                        "signed, and has %llu",
                        source->path, (unsigned long long)source->size,
                        (unsigned long long)status.st_size);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_reader_adopt(struct wcp_reader *reader,
                 const struct wcp_source_state *state, const char *folder,
                 bool check, struct wcp_fault *fault)
{
    struct wcp_source source = {
        .size = state->size,
        .changed = state->changed,
        .dir = UINT32_MAX,
        .once = state->once,
        .named_packed = state->named_packed,
        .named = state->named,
        .format = state->format,
        .packed = state->packed,
        .access = state->access,
        .encoding = state->encoding,
        .num_columns = state->num_columns,
        .delimiter = state->delimiter,
        .is_archive = state->is_archive,
        .nested = state->nested,
        .num_members = state->num_members,
        .archive = state->archive,
        .member = state->member,
        .header_end = state->header_end,
    };

    if (!is_possible(reader, state))
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "it has a source that cannot be");
    memcpy(source.columns, state->columns, sizeof source.columns);
    source.shown = wcp_arena_copy(&reader->names, &reader->mem, state->shown,
                                  strlen(state->shown));
    if (state->archive > 0)
        source.path = reader->sources.at[state->archive - 1].path;
    else if (state->path != NULL)
        source.path = place_in(reader, state->path, folder);
    if (source.shown == NULL || (state->path != NULL && source.path == NULL) ||
        !wcp_array_grow(&reader->mem, &reader->sources))
        return wcp_no_memory(fault);
    if (check) {
        enum wcp_code code = check_source(&source, fault);

        if (code != WCP_CODE_OK)
            return code;
    }
    if (source.encoding == WCP_ENC_UNKNOWN)
        source.encoding = WCP_ENC_UTF8; /* nobody will decode it */
    reader->sources.at[reader->sources.num++] = source;
    return WCP_CODE_OK;
}

/* ---- going on where another reader was ---- */

enum wcp_code
wcp_source_restore(struct wcp_reader *reader, uint32_t index,
                   const struct wcp_source_state *state,
                   struct wcp_fault *fault)
{
    struct wcp_source *source = &reader->sources.at[index];

    if (state->format > WCP_FORMAT_TSV || state->packed > WCP_LZ4 ||
        state->access > WCP_ACCESS_STREAM ||
        state->encoding == WCP_ENC_UNKNOWN ||
        strcmp(state->shown, source->shown) != 0)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "'%.120s' is another",
                        source->shown);
    source->size = state->size;
    source->changed = state->changed;
    source->format = state->format;
    source->packed = state->packed;
    source->access = state->access;
    source->encoding = state->encoding;
    memcpy(source->columns, state->columns, sizeof source->columns);
    source->num_columns = state->num_columns;
    source->delimiter = state->delimiter;
    source->header_end = state->header_end;
    return WCP_CODE_OK;
}

bool
wcp_reader_skip(struct wcp_reader *reader, struct wcp_worker *worker)
{
    uint64_t number;

    return wcp_reader_next(reader, worker, &number);
}

size_t
wcp_reader_batch_bytes(const struct wcp_reader *reader)
{
    return reader->batch_bytes;
}
