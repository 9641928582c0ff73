/*
 * loading.c - signature files -> chunks, as if their documents had been read
 *
 * First one thread walks along the sections: sources are adopted, and of the
 * blocks it is noted where they are.  Then all threads take blocks, read and
 * check them.
 */
#include "store/wcs.h"

struct loading {
    struct wcp_store *store;
    struct wcp_wcs_file *file;
    const struct wcp_texts *texts; /* NULL: the sources are there already */
    uint32_t first_source;         /* of the file */
    size_t first_chunk;
    WCP_ARRAY(struct wcp_wcs_sections) blocks;
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
restore(void *ctx, const struct wcp_source_state *state,
        struct wcp_fault *fault)
{
    struct loading *loading = ctx;
    struct wcp_reader *reader = loading->store->reader;
    const uint32_t source = loading->file->num_sources;

    if (source >= wcp_reader_num_sources(reader))
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "'%.120s' is not among the inputs", state->shown);
    return wcp_source_restore(reader, source, state, fault);
}

static enum wcp_code
take_sources(struct loading *loading, const struct wcp_wcs_section *section,
             struct wcp_fault *fault)
{
    struct wcp_wcs_file *file = loading->file;
    struct wcp_buffer bytes;
    enum wcp_code code;

    wcp_buffer_init(&bytes, loading->store->mem, 0);
    code = wcp_wcs_load(file, section, &bytes, fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_each_source(file, section, &bytes,
                                   loading->texts != NULL ? adopt : restore,
                                   loading, fault);
    wcp_buffer_release(&bytes);
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
is_passed_over(uint32_t tag)
{
    return (tag & 0x20) != 0 && tag != WCP_WCS_SMPL;
}

static enum wcp_code
take_section(struct loading *loading, const struct wcp_wcs_section *section,
             bool *in_block, struct wcp_fault *fault)
{
    struct wcp_wcs_file *file = loading->file;
    struct wcp_wcs_sections *block;

    if (section->tag == WCP_WCS_ENDS || is_passed_over(section->tag))
        return WCP_CODE_OK;
    if (section->tag == WCP_WCS_SRCS) {
        *in_block = false;
        return take_sources(loading, section, fault);
    }
    if (section->tag == WCP_WCS_DOCS) {
        *in_block = true;
        if (!wcp_array_grow(loading->store->mem, &loading->blocks))
            return wcp_no_memory(fault);
        loading->blocks.at[loading->blocks.num++] = (struct wcp_wcs_sections){
            .num_sources = file->num_sources,
            .first_source = loading->first_source,
        };
    }
    if (!*in_block)
        return wcp_wcs_damaged(file, section->at, "it is of no block", fault);
    block = &loading->blocks.at[loading->blocks.num - 1];
    if (block->num == WCP_WCS_MAX_PARTS)
        return wcp_wcs_damaged(file, section->at, "its block has too many",
                               fault);
    block->at[block->num++] = *section;
    return section->tag == WCP_WCS_DOCS ? count_documents(file, section, fault)
                                        : WCP_CODE_OK;
}

static enum wcp_code
walk(struct loading *loading, struct wcp_fault *fault)
{
    struct wcp_wcs_file *file = loading->file;
    enum wcp_code code = WCP_CODE_OK;
    bool in_block = false;

    while (code == WCP_CODE_OK && !file->ended) {
        struct wcp_wcs_section section;

        code = wcp_wcs_next(file, &section, fault);
        if (code == WCP_CODE_OK)
            code = take_section(loading, &section, &in_block, fault);
    }
    return code;
}

/* ---- the blocks ---- */

static enum wcp_code
load_thread(struct wcp_team *team, unsigned thread, struct wcp_fault *fault)
{
    const struct loading *loading = wcp_team_ctx(team);
    struct wcp_store *store = loading->store;
    struct wcp_slabs slabs[WCP_NUM_SLABS] = { { 0 } };
    struct wcp_chunk *chunk = wcp_chunk_new(store->mem);
    enum wcp_code code = chunk != NULL ? WCP_CODE_OK : wcp_no_memory(fault);
    struct wcp_buffer bytes;

    wcp_buffer_init(&bytes, store->mem, 0);
    while (code == WCP_CODE_OK) {
        const size_t i = wcp_team_next(team);
        struct wcp_chunk *packed;

        if (i >= loading->blocks.num)
            break;
        code = wcp_wcs_decode(loading->file, &loading->blocks.at[i], store,
                              &bytes, chunk, fault);
        if (code != WCP_CODE_OK)
            break;
        code = wcp_chunk_put_away(store, slabs, chunk, &packed, fault);
        if (code != WCP_CODE_OK)
            break;
        store->chunks.at[loading->first_chunk + i] = packed;
        code = wcp_team_check(team, thread, fault);
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
wcp_store_load(struct wcp_store *store, struct wcp_wcs_file *file,
               const struct wcp_texts *texts, struct wcp_fault *fault)
{
    struct loading loading = {
        .store = store,
        .file = file,
        .texts = texts,
        .first_source =
            texts != NULL ? wcp_reader_num_sources(store->reader) : 0,
        .first_chunk = store->chunks.num,
    };
    enum wcp_code code = walk(&loading, fault);

    if (code == WCP_CODE_OK &&
        !wcp_array_reserve(store->mem, &store->chunks,
                           loading.first_chunk + loading.blocks.num))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK) {
        for (size_t i = 0; i < loading.blocks.num; i++)
            store->chunks.at[store->chunks.num++] = NULL;
        code = wcp_run_team(store->opts.num_threads, &store->opts.watch,
                            loading.blocks.num, load_thread, &loading, fault);
    }
    wcp_array_release(store->mem, &loading.blocks);
    return code;
}
