/*
 * wcs_sources.c - where the texts of a signature file stand
 */
#include "store/wcs.h"

#include <string.h>

enum { HEAD_BYTES = 8, SOURCE_BYTES = 50 };

enum {
    ONCE = 1,
    NAMED_PACKED = 2,
    IS_ARCHIVE = 4,
    NESTED = 8,
    HAS_PATH = 16,
    ALL_FLAGS = 31
};

static bool
add_string(struct wcp_buffer *bytes, const char *string)
{
    return wcp_buffer_append(bytes, string, strlen(string) + 1);
}

static bool
add_source(struct wcp_buffer *bytes, const struct wcp_source_state *state)
{
    uint8_t fixed[SOURCE_BYTES], *at = fixed + 32;

    wcp_store64(fixed, state->size);
    wcp_store64(fixed + 8, (uint64_t)state->changed);
    wcp_store32(fixed + 16, state->archive);
    wcp_store32(fixed + 20, state->member);
    wcp_store32(fixed + 24, state->num_members);
    wcp_store32(fixed + 28, state->header_end);
    for (size_t i = 0; i < 5; i++, at += 2)
        wcp_store16(at, state->columns[i]);
    wcp_store16(at, state->num_columns);
    at[2] = state->format;
    at[3] = state->packed;
    at[4] = state->access;
    at[5] = state->named;
    at[6] = (uint8_t)state->delimiter;
    at[7] = (uint8_t)((state->once ? ONCE : 0) |
                      (state->named_packed ? NAMED_PACKED : 0) |
                      (state->is_archive ? IS_ARCHIVE : 0) |
                      (state->nested ? NESTED : 0) |
                      (state->path != NULL ? HAS_PATH : 0));
    return wcp_buffer_append(bytes, fixed, sizeof fixed) &&
           add_string(bytes, state->encoding != WCP_ENC_AUTO
                                 ? wcp_encoding_name(state->encoding)
                                 : "") &&
           add_string(bytes, state->shown) &&
           add_string(bytes, state->path != NULL ? state->path : "");
}

enum wcp_code
wcp_wcs_put_sources(struct wcp_wcs_writer *writer, const struct wcp_memory *mem,
                    const struct wcp_reader *reader, uint32_t end,
                    struct wcp_fault *fault)
{
    struct wcp_wcs_part part = { .tag = WCP_WCS_SRCS };
    const uint32_t first = writer->num_sources;
    enum wcp_code code = WCP_CODE_OK;
    uint8_t head[HEAD_BYTES];

    if (end <= first)
        return WCP_CODE_OK;
    wcp_buffer_init(&part.bytes, mem, 0);
    wcp_store32(head, first);
    wcp_store32(head + 4, end - first);
    if (!wcp_buffer_append(&part.bytes, head, sizeof head))
        code = wcp_no_memory(fault);
    for (uint32_t i = first; code == WCP_CODE_OK && i < end; i++) {
        struct wcp_source_state state;

        wcp_source_state(reader, i, &state);
        if (!add_source(&part.bytes, &state))
            code = wcp_no_memory(fault);
    }
    if (code == WCP_CODE_OK) {
        part.hash = wcp_wcs_hash(&part.bytes);
        code = wcp_wcs_put(writer, &part, fault);
    }
    if (code == WCP_CODE_OK)
        writer->num_sources = end;
    wcp_buffer_release(&part.bytes);
    return code;
}

/* ---- reading ---- */

/* The string at *at, which then is what stands behind it; NULL: it does not
 * end, or is not UTF-8 where it must be. */
static const char *
take_string(const uint8_t **at, const uint8_t *end, bool utf8)
{
    const char *string = (const char *)*at;
    const uint8_t *nul = memchr(*at, 0, (size_t)(end - *at));

    if (nul == NULL ||
        (utf8 && wcp_utf8_valid_prefix(string, (size_t)(nul - *at)) !=
                     (size_t)(nul - *at)))
        return NULL;
    *at = nul + 1;
    return string;
}

/* The source at *at; false: there is none. */
static bool
take_source(const uint8_t **at, const uint8_t *end,
            struct wcp_source_state *state)
{
    const uint8_t *from = *at, *rest = from + 32;
    const char *encoding, *path;

    if (end - from < SOURCE_BYTES)
        return false;
    *state = (struct wcp_source_state){
        .size = wcp_load64(from),
        .changed = (int64_t)wcp_load64(from + 8),
        .archive = wcp_load32(from + 16),
        .member = wcp_load32(from + 20),
        .num_members = wcp_load32(from + 24),
        .header_end = wcp_load32(from + 28),
    };
    for (size_t i = 0; i < 5; i++, rest += 2)
        state->columns[i] = wcp_load16(rest);
    state->num_columns = wcp_load16(rest);
    state->format = rest[2];
    state->packed = rest[3];
    state->access = rest[4];
    state->named = rest[5];
    state->delimiter = (char)rest[6];
    if ((rest[7] & ~ALL_FLAGS) != 0)
        return false;
    state->once = (rest[7] & ONCE) != 0;
    state->named_packed = (rest[7] & NAMED_PACKED) != 0;
    state->is_archive = (rest[7] & IS_ARCHIVE) != 0;
    state->nested = (rest[7] & NESTED) != 0;
    *at = from + SOURCE_BYTES;
    encoding = take_string(at, end, true);
    state->shown = encoding != NULL ? take_string(at, end, true) : NULL;
    path = state->shown != NULL ? take_string(at, end, false) : NULL;
    if (path == NULL)
        return false;
    if ((rest[7] & HAS_PATH) != 0)
        state->path = path;
    state->encoding = encoding[0] != '\0'
                          ? wcp_encoding_by_name(encoding, strlen(encoding))
                          : WCP_ENC_AUTO;
    return true;
}

enum wcp_code
wcp_wcs_each_source(struct wcp_wcs_file *file,
                    const struct wcp_wcs_section *section,
                    const struct wcp_buffer *bytes,
                    enum wcp_code (*each)(void *ctx,
                                          const struct wcp_source_state *state,
                                          struct wcp_fault *fault),
                    void *ctx, struct wcp_fault *fault)
{
    const uint8_t *at = bytes->data, *end = at + bytes->len;
    uint32_t num;

    if (bytes->len < HEAD_BYTES || wcp_load32(at) != file->num_sources)
        return wcp_wcs_damaged(file, section->at,
                               "its files are not those that come next", fault);
    num = wcp_load32(at + 4);
    at += HEAD_BYTES;
    for (; num > 0; num--) {
        const uint64_t place = section->at + (uint64_t)(at - bytes->data);
        struct wcp_source_state state;
        enum wcp_code code;

        if (file->num_sources >= UINT32_MAX - 1 ||
            !take_source(&at, end, &state))
            return wcp_wcs_damaged(file, place, "this is no file", fault);
        code = each(ctx, &state, fault);
        if (code != WCP_CODE_OK)
            return code;
        file->num_sources++;
    }
    if (at != end)
        return wcp_wcs_damaged(file, section->at, "its files do not fill it",
                               fault);
    return WCP_CODE_OK;
}
