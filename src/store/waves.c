/*
 * waves.c - the folded texts of a few components, kept while they are verified
 *
 * What is compared in one go is read again in the order of the files and kept
 * in memory that serves the next ones in turn: so each text is read and folded
 * once, stays in the processor's cache until it has been compared, and no
 * memory is touched that was not before, which takes longer than all else.  A
 * text that was not kept, for whatever reason, is fetched by whoever needs it.
 */
#include "store/chunk.h"

enum {
    BLOCK = 1 << 20,     /* bytes of memory had at a time, or of one text */
    MOST = 1 << 26,      /* bytes that are kept */
    MAX_UNITS = 1 << 20, /* of a text that is kept */
    ALIGNMENT = 64
};

struct block {
    uint8_t *bytes;
    size_t size;
};

struct wcp_wave {
    struct wcp_store *store;
    struct wcp_store_worker *worker;
    WCP_ARRAY(struct block) blocks; /* stay until the end */
    size_t block, used;             /* of the one at hand */
    size_t num_bytes;               /* in use */
    WCP_ARRAY(uint64_t) order;      /* of what is to be read */
    WCP_ARRAY(uint64_t) scratch;
    WCP_ARRAY(uint32_t) documents; /* the same, in order of the input */
};

enum wcp_code
wcp_wave_new(struct wcp_store *store, struct wcp_wave **wave_ret,
             struct wcp_fault *fault)
{
    struct wcp_wave *wave = wcp_new_zeroed(store->mem, 1, sizeof *wave);
    enum wcp_code code;

    if (wave == NULL)
        return wcp_no_memory(fault);
    wave->store = store;
    code = wcp_store_worker_new(store, &wave->worker, fault);
    if (code != WCP_CODE_OK) {
        wcp_wave_free(wave);
        return code;
    }
    *wave_ret = wave;
    return WCP_CODE_OK;
}

void
wcp_wave_free(struct wcp_wave *wave)
{
    const struct wcp_memory *mem;

    if (wave == NULL)
        return;
    mem = wave->store->mem;
    wcp_wave_drop(wave);
    for (size_t i = 0; i < wave->blocks.num; i++)
        wcp_free_array(mem, wave->blocks.at[i].bytes, wave->blocks.at[i].size,
                       1);
    wcp_array_release(mem, &wave->blocks);
    wcp_array_release(mem, &wave->order);
    wcp_array_release(mem, &wave->scratch);
    wcp_array_release(mem, &wave->documents);
    wcp_store_worker_free(wave->worker);
    wcp_free_array(mem, wave, 1, sizeof *wave);
}

/* Room until the wave is dropped; NULL: there is none. */
static void *
take(struct wcp_wave *wave, size_t num_bytes)
{
    const struct wcp_memory *mem = wave->store->mem;
    struct block *block;

    num_bytes = (num_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (num_bytes > MOST - wave->num_bytes)
        return NULL;
    while (wave->block < wave->blocks.num &&
           wave->blocks.at[wave->block].size - wave->used < num_bytes) {
        wave->block++;
        wave->used = 0;
    }
    if (wave->block == wave->blocks.num) {
        struct block new = { .size = num_bytes > BLOCK ? num_bytes : BLOCK };

        if (!wcp_array_grow(mem, &wave->blocks))
            return NULL;
        new.bytes = wcp_new_array(mem, new.size, 1);
        if (new.bytes == NULL)
            return NULL;
        wave->blocks.at[wave->blocks.num++] = new;
    }
    block = &wave->blocks.at[wave->block];
    wave->used += num_bytes;
    wave->num_bytes += num_bytes;
    return block->bytes + (wave->used - num_bytes);
}

/* False: no more is to be kept. */
static bool
read_text(struct wcp_wave *wave, uint32_t document)
{
    struct wcp_store *store = wave->store;
    struct wcp_entry *entry = &store->entries[document];
    const struct wcp_text_tap *tap = store->kept_tap;
    const struct wcp_folded *folded;
    struct wcp_kept_text *kept;
    struct wcp_string text;
    bool narrow;

    if (wcp_store_fetch_folded(wave->worker, document, false, &text, &folded,
                               NULL) != WCP_CODE_OK)
        return true;
    narrow = wcp_units_are_narrow(folded);
    kept = take(wave, sizeof *kept + (narrow ? 1 : 2) * folded->num);
    if (kept == NULL)
        return false;
    /* Nobody asks for it, but there is one before each text that is kept. */
    *kept = (struct wcp_kept_text){ .text = { NULL, 0 } };
    wcp_units_pack(folded, narrow, kept + 1);
    if (narrow)
        entry->flags |= WCP_ENTRY_NARROW;
    entry->folded = kept + 1;
    if (tap != NULL)
        tap->take(tap->ctx, document, text);
    return true;
}

static bool
list_documents(struct wcp_wave *wave, const uint32_t *classes, size_t num)
{
    const struct wcp_store *store = wave->store;
    const struct wcp_memory *mem = store->mem;

    if (!wcp_array_reserve(mem, &wave->order, num) ||
        !wcp_array_reserve(mem, &wave->scratch, num) ||
        !wcp_array_reserve(mem, &wave->documents, num))
        return false;
    wave->order.num = 0;
    for (size_t i = 0; i < num; i++) {
        const uint32_t doc = wcp_class_document(store, classes[i]);
        const struct wcp_entry *entry = &store->entries[doc];

        if (entry->folded == NULL && entry->num_units <= MAX_UNITS)
            wave->order.at[wave->order.num++] = doc;
    }
    wcp_sort_u64(wave->order.at, wave->scratch.at, wave->order.num);
    wave->documents.num = wave->order.num;
    for (size_t i = 0; i < wave->order.num; i++)
        wave->documents.at[i] = (uint32_t)wave->order.at[i];
    return true;
}

void
wcp_wave_read(struct wcp_wave *wave, const uint32_t *classes, size_t num)
{
    size_t num_ahead = 0;

    wcp_wave_drop(wave);
    if (!list_documents(wave, classes, num))
        return;
    for (size_t i = 0; i < wave->documents.num; i++) {
        if (num_ahead == 0)
            num_ahead = wcp_store_read_ahead(
                wave->worker, wave->documents.at + i, wave->documents.num - i);
        num_ahead--;
        if (!read_text(wave, wave->documents.at[i]))
            return;
    }
}

void
wcp_wave_drop(struct wcp_wave *wave)
{
    for (size_t i = 0; i < wave->documents.num; i++) {
        struct wcp_entry *entry = &wave->store->entries[wave->documents.at[i]];

        entry->folded = NULL;
        entry->flags &= (uint8_t)~WCP_ENTRY_NARROW;
    }
    wave->documents.num = 0;
    wave->block = wave->used = wave->num_bytes = 0;
}
