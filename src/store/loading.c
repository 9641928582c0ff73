/*
 * loading.c - signature files -> chunks, as if their documents had been read
 *
 * First one thread walks along the sections: sources are adopted, and of the
 * blocks it is noted where they are.  Then all threads take blocks, read and
 * check them.
 */
#include "store/wcs.h"

#include <string.h>

/* A block and the file it is in. */
struct place {
    uint32_t file;
    struct wcp_wcs_sections sections;
};

struct loading {
    struct wcp_store *store;
    struct wcp_wcs_file *files;
    const struct wcp_texts *texts;
    uint32_t first_source; /* of the file at hand */
    WCP_ARRAY(struct place) places;
};

/* ---- the walk ---- */

static enum wcp_code
adopt(void *ctx, const struct wcp_source_state *state, struct wcp_fault *fault)
{
    struct loading *loading = ctx;
    struct wcp_source_state own = *state;

    if (own.archive > UINT32_MAX - loading->first_source)
        own.archive = UINT32_MAX; /* which is none */
    else if (own.archive > 0)
        own.archive += loading->first_source;
    return wcp_reader_adopt(loading->store->reader, &own,
                            loading->texts->folder, loading->texts->needed,
                            fault);
}

static enum wcp_code
take_sources(struct loading *loading, struct wcp_wcs_file *file,
             const struct wcp_wcs_section *section, struct wcp_fault *fault)
{
    struct wcp_fault why = { 0 };
    struct wcp_buffer bytes;
    enum wcp_code code;

    wcp_buffer_init(&bytes, loading->store->mem, 0);
    code = wcp_wcs_load(file, section, &bytes, &why);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_each_source(file, section, &bytes, adopt, loading, &why);
    wcp_buffer_release(&bytes);
    if (code == WCP_CODE_OK || fault == NULL)
        return code;
    *fault = why;
    return code;
}

/* How many documents the block has, which is in its first bytes. */
static enum wcp_code
count_documents(struct wcp_wcs_file *file,
                const struct wcp_wcs_section *section, struct wcp_fault *fault)
{
    uint8_t num[4];

    if (section->len < sizeof num ||
        wcp_read_at(file->fd, num, sizeof num, section->at, NULL) !=
            WCP_CODE_OK)
        return wcp_wcs_damaged(file, section->at, "it is too short", fault);
    file->num_documents += wcp_load32(num);
    return WCP_CODE_OK;
}

static bool
is_optional(uint32_t tag)
{
    return (tag & 0x20) != 0;
}

static enum wcp_code
take_section(struct loading *loading, uint32_t index,
             const struct wcp_wcs_section *section, bool *in_block,
             struct wcp_fault *fault)
{
    struct wcp_wcs_file *file = &loading->files[index];
    struct wcp_wcs_sections *block;

    if (section->tag == WCP_WCS_ENDS || is_optional(section->tag))
        return WCP_CODE_OK;
    if (section->tag == WCP_WCS_SRCS) {
        *in_block = false;
        return take_sources(loading, file, section, fault);
    }
    if (section->tag == WCP_WCS_DOCS) {
        *in_block = true;
        if (!wcp_array_grow(loading->store->mem, &loading->places))
            return wcp_no_memory(fault);
        loading->places.at[loading->places.num++] = (struct place){
            .file = index,
            .sections = { .num_sources = file->num_sources,
                          .first_source = loading->first_source },
        };
    }
    if (!*in_block)
        return wcp_wcs_damaged(file, section->at, "it is of no block", fault);
    block = &loading->places.at[loading->places.num - 1].sections;
    if (block->num == WCP_WCS_MAX_PARTS)
        return wcp_wcs_damaged(file, section->at, "its block has too many",
                               fault);
    block->at[block->num++] = *section;
    return section->tag == WCP_WCS_DOCS ? count_documents(file, section, fault)
                                        : WCP_CODE_OK;
}

static enum wcp_code
walk(struct loading *loading, uint32_t index, struct wcp_fault *fault)
{
    struct wcp_wcs_file *file = &loading->files[index];
    enum wcp_code code = WCP_CODE_OK;
    bool in_block = false;

    loading->first_source = wcp_reader_num_sources(loading->store->reader);
    while (code == WCP_CODE_OK && !file->ended) {
        struct wcp_wcs_section section;

        code = wcp_wcs_next(file, &section, fault);
        if (code == WCP_CODE_OK)
            code = take_section(loading, index, &section, &in_block, fault);
    }
    return code;
}

/* ---- the blocks ---- */

static enum wcp_code
load_thread(struct wcp_team *team, unsigned thread, struct wcp_fault *fault)
{
    const struct loading *loading = wcp_team_ctx(team);
    struct wcp_store *store = loading->store;
    struct wcp_slabs slabs[WCP_NUM_SLABS] = { { NULL, 0 } };
    struct wcp_chunk *chunk = wcp_chunk_new(store->mem);
    enum wcp_code code = chunk != NULL ? WCP_CODE_OK : wcp_no_memory(fault);
    struct wcp_buffer bytes;

    wcp_buffer_init(&bytes, store->mem, 0);
    while (code == WCP_CODE_OK) {
        const size_t i = wcp_team_next(team);
        struct wcp_chunk *packed;

        if (i >= loading->places.num)
            break;
        code = wcp_wcs_decode(&loading->files[loading->places.at[i].file],
                              &loading->places.at[i].sections, store, &bytes,
                              chunk, fault);
        if (code != WCP_CODE_OK)
            break;
        packed = wcp_chunk_pack(store->mem, slabs, chunk);
        store->chunks.at[i] = packed;
        code = packed != NULL ? wcp_team_check(team, thread, fault)
                              : wcp_no_memory(fault);
        wcp_team_did(team, 1);
    }
    wcp_buffer_release(&bytes);
    wcp_chunk_free(store->mem, chunk);
    wcp_team_lock(team);
    for (size_t i = 0; i < WCP_NUM_SLABS; i++)
        wcp_slabs_move(&store->slabs[i], &slabs[i]);
    wcp_team_unlock(team);
    return code;
}

enum wcp_code
wcp_store_load(struct wcp_store *store, struct wcp_wcs_file *files,
               size_t num_files, const struct wcp_texts *texts,
               struct wcp_fault *fault)
{
    struct loading loading = { .store = store, .files = files, .texts = texts };
    enum wcp_code code = WCP_CODE_OK;

    for (uint32_t i = 0; code == WCP_CODE_OK && i < num_files; i++)
        code = walk(&loading, i, fault);
    if (code == WCP_CODE_OK &&
        !wcp_array_reserve(store->mem, &store->chunks, loading.places.num))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK) {
        for (size_t i = 0; i < loading.places.num; i++)
            store->chunks.at[i] = NULL;
        store->chunks.num = loading.places.num;
        code = wcp_run_team(store->opts.num_threads, &store->opts.watch,
                            loading.places.num, load_thread, &loading, fault);
    }
    wcp_array_release(store->mem, &loading.places);
    return code;
}
