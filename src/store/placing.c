/*
 * placing.c - chunks -> documents and classes, while others are still read
 *
 * What a chunk has is numbered and copied to where it stays as soon as all that
 * stand before it were; this is the order of the input, so that no number
 * depends on the threads.  To keep all chunks and to do so in the end takes the
 * memory of entries and signatures twice, and memory that is new costs more
 * than what is done here.
 *
 * One thread at a time does this, without the lock: what it writes to is new
 * memory, which may be long in coming.  The others go on reading.
 *
 * Room is made for as much as all of the input will be if it goes on as it
 * began; what is not used of it is never touched.
 *
 * Not where memory is limited, for all may leave it then.
 */
#include "store/chunk.h"

#include <inttypes.h>
#include <string.h>

struct wcp_placing {
    struct wcp_firsts digests;
    size_t room; /* documents that all arrays have room for */
    size_t next; /* of the store's chunks */
    uint64_t lines_before, num_bytes;
    bool at_work; /* a thread is */
    /* Chunks that are empty, with memory of their own. */
    WCP_ARRAY(struct wcp_chunk *) spare;
};

/* ---- finding what is equal ---- */

bool
wcp_firsts_init(struct wcp_firsts *firsts, const struct wcp_memory *mem,
                size_t num)
{
    firsts->num = 16;
    while (firsts->num < num + num / 2)
        firsts->num *= 2;
    firsts->at = wcp_new_zeroed(mem, firsts->num, sizeof *firsts->at);
    return firsts->at != NULL;
}

void
wcp_firsts_release(struct wcp_firsts *firsts, const struct wcp_memory *mem)
{
    wcp_free_array(mem, firsts->at, firsts->num, sizeof *firsts->at);
    firsts->at = NULL;
}

bool
wcp_class_number(struct wcp_store *store, const struct wcp_firsts *firsts,
                 uint32_t doc)
{
    struct wcp_entry *entry = &store->entries[doc];
    const uint32_t tag = (uint32_t)entry->digest[1];
    struct wcp_first *slot = wcp_firsts_at(firsts, entry->digest[0]);

    for (; slot->document != 0; slot = wcp_firsts_next(firsts, slot)) {
        const struct wcp_entry *other = &store->entries[slot->document - 1];

        if (slot->tag == tag &&
            memcmp(other->digest, entry->digest, sizeof entry->digest) == 0) {
            entry->class_number = other->class_number;
            return false;
        }
    }
    *slot = (struct wcp_first){ doc + 1, tag };
    entry->class_number = store->num_classes++;
    return true;
}

void
wcp_class_signatures(struct wcp_store *store, const struct wcp_chunk *chunk,
                     const uint32_t *which, size_t num, uint32_t c)
{
    const unsigned num_bands = store->opts.num_bands;

    if (store->opts.kind == WCP_SIG_SIMHASH) {
        for (size_t i = 0; i < num; i++)
            store->simhashes[c + i] = chunk->simhashes.at[which[i]];
        return;
    }
    for (size_t i = 0; i < num; i++)
        memcpy(store->values + (c + i) * WCP_NUM_BINS,
               chunk->values.data + (size_t)which[i] * WCP_NUM_BINS,
               WCP_NUM_BINS);
    for (unsigned band = 0; band < num_bands; band++) {
        uint32_t *to = store->keys + (size_t)band * wcp_keys_stride(store) + c;

        for (size_t i = 0; i < num; i++)
            to[i] = chunk->keys.at[(size_t)which[i] * num_bands + band];
    }
}

enum wcp_code
wcp_too_many_documents(struct wcp_fault *fault)
{
    return wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                    "more than %" PRIu32 " documents", WCP_NO_CLASS - 1);
}

/* ---- room ---- */

/* Documents that there will be, if 'num' are in so many bytes. */
static size_t
guess_documents(const struct wcp_store *store, size_t num, uint64_t known)
{
    uint64_t done, total;
    double guess;

    wcp_reader_progress(store->reader, &done, &total);
    if (known == 0 || total <= known)
        return num + num / 2 + 1024;
    guess = 1.05 * (double)num * ((double)total / (double)known) + 1024.;
    return guess < (double)WCP_NO_CLASS ? (size_t)guess : WCP_NO_CLASS;
}

/* False when out of memory, and then there is what there was. */
static bool
widen_keys(struct wcp_store *store, size_t cap)
{
    const struct wcp_memory *mem = store->mem;
    const size_t old = store->num_keys, num_bands = store->opts.num_bands;
    uint32_t *keys = wcp_new_array(mem, cap * num_bands, sizeof *keys);

    if (keys == NULL)
        return false;
    for (size_t band = 0; band < num_bands && store->num_classes > 0; band++)
        memcpy(keys + band * cap, store->keys + band * old,
               store->num_classes * sizeof *keys);
    wcp_free_array(mem, store->keys, old * num_bands, sizeof *keys);
    store->keys = keys;
    store->num_keys = (uint32_t)cap;
    return true;
}

static bool
widen(const struct wcp_memory *mem, void **at, size_t old, size_t cap,
      size_t size)
{
    void *to = cap > SIZE_MAX / 2 / size
                   ? NULL
                   : mem->resize(mem->ctx, *at, old * size, cap * size);

    if (to != NULL)
        *at = to;
    return to != NULL;
}

static bool
widen_firsts(struct wcp_store *store, size_t cap)
{
    struct wcp_firsts *firsts = &store->placing->digests, wider;

    if (firsts->at != NULL && cap + cap / 2 <= firsts->num)
        return true;
    if (!wcp_firsts_init(&wider, store->mem, cap))
        return false;
    for (size_t i = 0; firsts->at != NULL && i < firsts->num; i++) {
        const struct wcp_first old = firsts->at[i];
        struct wcp_first *slot;

        if (old.document == 0)
            continue;
        slot =
            wcp_firsts_at(&wider, store->entries[old.document - 1].digest[0]);
        while (slot->document != 0)
            slot = wcp_firsts_next(&wider, slot);
        *slot = old;
    }
    wcp_firsts_release(firsts, store->mem);
    *firsts = wider;
    return true;
}

static bool
make_room_for(struct wcp_store *store, size_t cap)
{
    void *entries = store->entries, *values = store->values;
    bool made = widen(store->mem, &entries, store->entries_cap, cap,
                      sizeof *store->entries);

    store->entries = entries;
    if (!made)
        return false;
    store->entries_cap = cap;
    made = widen(store->mem, &values, store->values_cap, cap, WCP_NUM_BINS);
    store->values = values;
    if (!made)
        return false;
    store->values_cap = cap;
    made = widen_keys(store, cap) && widen_firsts(store, cap);
    if (made)
        store->placing->room = cap;
    return made;
}

/* For the documents of a chunk. */
static bool
make_room(struct wcp_store *store, const struct wcp_chunk *chunk)
{
    const struct wcp_placing *placing = store->placing;
    const size_t need = store->num_documents + chunk->entries.num;
    size_t guess;

    if (need <= placing->room)
        return true;
    guess = guess_documents(store, need,
                            placing->num_bytes + chunk->info.num_bytes);
    return make_room_for(store, guess > need ? guess : need) ||
           make_room_for(store, need);
}

/* ---- placing ---- */

static void
place_entries(struct wcp_store *store, const struct wcp_chunk *chunk)
{
    struct wcp_placing *placing = store->placing;
    struct wcp_entry *to = store->entries + store->num_documents;

    if (chunk->info.starts_source)
        placing->lines_before = 0;
    for (size_t k = 0; k < chunk->entries.num; k++) {
        to[k] = chunk->entries.at[k];
        if (to[k].line > 0)
            to[k].line += (uint32_t)placing->lines_before;
        __builtin_prefetch(wcp_firsts_at(&placing->digests, to[k].digest[0]));
    }
    placing->lines_before += chunk->info.num_lines;
    placing->num_bytes += chunk->info.num_bytes;
}

/* A few at a time: their keys are read for each band anew. */
static void
place_classes(struct wcp_store *store, const struct wcp_chunk *chunk)
{
    enum { MAX_WHICH = 128 };
    uint32_t which[MAX_WHICH], num = 0, c = store->num_classes;

    for (uint32_t k = 0; k < chunk->entries.num; k++) {
        const uint32_t doc = store->num_documents + k;

        if (store->entries[doc].class_number == WCP_NO_CLASS)
            store->counts.empty++;
        else if (wcp_class_number(store, &store->placing->digests, doc))
            which[num++] = k;
        if (num == MAX_WHICH) {
            wcp_class_signatures(store, chunk, which, num, c);
            c += num;
            num = 0;
        }
    }
    wcp_class_signatures(store, chunk, which, num, c);
}

static enum wcp_code
place(struct wcp_store *store, struct wcp_chunk *chunk, struct wcp_fault *fault)
{
    struct wcp_placing *placing = store->placing;
    const size_t num = chunk->entries.num;

    if (num >= WCP_NO_CLASS - store->num_documents)
        return wcp_too_many_documents(fault);
    if (!make_room(store, chunk))
        return wcp_no_memory(fault);
    place_entries(store, chunk);
    place_classes(store, chunk);
    store->num_documents += (uint32_t)num;
    chunk->entries.at = NULL;
    chunk->values = (struct wcp_buffer){ .mem = store->mem };
    chunk->keys.at = NULL;
    chunk->keys.num = 0;
    placing->next++;
    return WCP_CODE_OK;
}

/* What it was filled from may be filled again. */
static bool
spare(struct wcp_store *store, struct wcp_chunk *chunk)
{
    struct wcp_placing *placing = store->placing;

    if (chunk->from == NULL)
        return true;
    if (!wcp_array_grow(store->mem, &placing->spare))
        return false;
    placing->spare.at[placing->spare.num++] = chunk->from;
    chunk->from = NULL;
    return true;
}

bool
wcp_placing_begin(struct wcp_store *store)
{
    const struct wcp_store_options *opts = &store->opts;

    if (opts->kind == WCP_SIG_SIMHASH || opts->keep_folded ||
        opts->signs_only || (opts->memory != NULL && opts->memory->limit > 0) ||
        store->chunks.num > 0)
        return true;
    store->placing = wcp_new_zeroed(store->mem, 1, sizeof *store->placing);
    return store->placing != NULL;
}

enum wcp_code
wcp_placing_go_on(struct wcp_store *store, pthread_mutex_t *lock,
                  struct wcp_fault *fault)
{
    struct wcp_placing *placing = store->placing;
    enum wcp_code code = WCP_CODE_OK;

    if (placing->at_work)
        return WCP_CODE_OK;
    placing->at_work = true;
    while (code == WCP_CODE_OK && placing->next < store->chunks.num &&
           store->chunks.at[placing->next] != NULL) {
        struct wcp_chunk *chunk = store->chunks.at[placing->next];

        pthread_mutex_unlock(lock);
        code = place(store, chunk, fault);
        pthread_mutex_lock(lock);
        if (code == WCP_CODE_OK && !spare(store, chunk))
            code = wcp_no_memory(fault);
    }
    placing->at_work = false;
    return code;
}

struct wcp_chunk *
wcp_placing_spare(struct wcp_store *store)
{
    struct wcp_placing *placing = store->placing;

    if (placing->spare.num > 0)
        return placing->spare.at[--placing->spare.num];
    return wcp_chunk_new(store->mem);
}

enum wcp_code
wcp_placing_end(struct wcp_store *store, struct wcp_fault *fault)
{
    struct wcp_placing *placing = store->placing;
    enum wcp_code code = WCP_CODE_OK;
    uint32_t first = 0;

    while (code == WCP_CODE_OK && placing->next < store->chunks.num) {
        struct wcp_chunk *chunk = store->chunks.at[placing->next];

        if (chunk == NULL)
            placing->next++; /* there is none of this number */
        else if ((code = place(store, chunk, fault)) == WCP_CODE_OK &&
                 !spare(store, chunk))
            code = wcp_no_memory(fault);
    }
    for (size_t i = 0; code == WCP_CODE_OK && i < store->chunks.num; i++) {
        struct wcp_chunk *chunk = store->chunks.at[i];

        if (chunk == NULL)
            continue;
        chunk->entries.at = store->entries + first;
        first += (uint32_t)chunk->entries.num;
    }
    wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_ENTRIES]);
    wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_SIGNATURES]);
    store->counts.classes = store->num_classes;
    wcp_placing_free(store);
    return code;
}

void
wcp_placing_free(struct wcp_store *store)
{
    struct wcp_placing *placing = store->placing;

    if (placing == NULL)
        return;
    for (size_t i = 0; i < placing->spare.num; i++)
        wcp_chunk_free(store->mem, placing->spare.at[i]);
    wcp_array_release(store->mem, &placing->spare);
    wcp_firsts_release(&placing->digests, store->mem);
    wcp_free_array(store->mem, placing, 1, sizeof *placing);
    store->placing = NULL;
}
