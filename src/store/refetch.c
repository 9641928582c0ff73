/*
 * refetch.c - the shingle set of a class, its text read again
 */
#include "store/chunk.h"

#include "store/portion.h"

#include <string.h>

struct wcp_store_worker {
    struct wcp_store *store;
    struct wcp_worker *reader_worker; /* NULL when there is no reader */
    struct wcp_sketcher *sketcher;
    struct wcp_folded folded;
    struct wcp_folded kept; /* without memory of its own */
    WCP_ARRAY(uint16_t) units;
    struct wcp_buffer text;
    struct wcp_entry entry; /* the last one that was read from the file */
};

enum wcp_code
wcp_store_worker_new(struct wcp_store *store,
                     struct wcp_store_worker **worker_ret,
                     struct wcp_fault *fault)
{
    struct wcp_store_worker *worker =
        wcp_new_zeroed(store->mem, 1, sizeof *worker);
    enum wcp_code code;

    if (worker == NULL)
        return wcp_no_memory(fault);
    worker->store = store;
    wcp_folded_init(&worker->folded, store->mem);
    wcp_buffer_init(&worker->text, store->mem, 0);
    code = wcp_sketcher_new(store->mem, store->opts.shingle, &worker->sketcher,
                            fault);
    if (code == WCP_CODE_OK && store->reader != NULL)
        code = wcp_worker_new(store->reader, &worker->reader_worker, fault);
    if (code != WCP_CODE_OK) {
        wcp_store_worker_free(worker);
        return code;
    }
    *worker_ret = worker;
    return WCP_CODE_OK;
}

void
wcp_store_worker_free(struct wcp_store_worker *worker)
{
    if (worker == NULL)
        return;
    wcp_worker_free(worker->reader_worker);
    wcp_sketcher_free(worker->sketcher);
    wcp_folded_release(&worker->folded);
    wcp_array_release(worker->store->mem, &worker->units);
    wcp_buffer_release(&worker->text);
    wcp_free_array(worker->store->mem, worker, 1, sizeof *worker);
}

enum wcp_code
wcp_store_entry(const struct wcp_store *store, uint32_t document,
                struct wcp_entry *room, struct wcp_buffer *strings,
                const struct wcp_entry **entry_ret, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    if (store->spill != NULL)
        code = wcp_spill_load_entry(store, document, room, strings, fault);
    if (code == WCP_CODE_OK)
        *entry_ret = store->spill != NULL ? room : &store->entries[document];
    return code;
}

/* The UTF-8 text of a document; valid until the worker's next call. */
static enum wcp_code
fetch_text(struct wcp_store_worker *worker, const struct wcp_entry *entry,
           struct wcp_string *text_ret, struct wcp_fault *fault)
{
    const struct wcp_store *store = worker->store;
    struct wcp_spool_place place = { entry->offset, entry->len };
    struct wcp_document doc;
    enum wcp_code code;

    if (entry->flags & WCP_ENTRY_RESPOOLED)
        place = store->respooled[entry - store->entries];
    else if (!(entry->flags & WCP_ENTRY_SPOOLED)) {
        struct wcp_location at = { entry->source, entry->encoding, entry->line,
                                   entry->offset, entry->len };

        code = wcp_fetch(worker->reader_worker, &at, &doc, fault);
        if (code == WCP_CODE_OK)
            *text_ret = doc.text;
        return code;
    }
    worker->text.len = 0;
    if (!wcp_buffer_reserve(&worker->text, (size_t)place.len))
        return wcp_no_memory(fault);
    if (store->whole != NULL)
        store = store->whole;
    code = wcp_read_at(store->spool_fd, worker->text.data, (size_t)place.len,
                       place.offset, fault);
    *text_ret = (struct wcp_string){ (const char *)worker->text.data,
                                     (size_t)place.len };
    return code;
}

bool
wcp_entry_is_direct(const struct wcp_entry *entry)
{
    return entry->source != UINT32_MAX &&
           !(entry->flags & (WCP_ENTRY_SPOOLED | WCP_ENTRY_RESPOOLED));
}

size_t
wcp_store_read_ahead(struct wcp_store_worker *worker, const uint32_t *documents,
                     size_t num)
{
    /* What lies between two texts is read as well, if that takes less time
     * than a call to the system does. */
    enum { MAX_BYTES = 256 << 10, MAX_GAP = 8 << 10 };
    const struct wcp_entry *entries = worker->store->entries;
    const struct wcp_entry *first;
    const struct wcp_kept_text *kept;
    uint64_t end;
    size_t n = 1;

    if (num == 0 || entries == NULL)
        return num > 0;
    first = &entries[documents[0]];
    kept = wcp_kept_text(worker->store, first);
    if (worker->reader_worker == NULL || !wcp_entry_is_direct(first) ||
        (kept != NULL && kept->text.data != NULL))
        return 1;
    end = first->offset + first->len;
    for (; n < num; n++) {
        const struct wcp_entry *entry = &entries[documents[n]];

        if (!wcp_entry_is_direct(entry) || entry->source != first->source ||
            entry->offset < end || entry->offset - end > MAX_GAP ||
            entry->offset + entry->len - first->offset > MAX_BYTES)
            break;
        end = entry->offset + entry->len;
    }
    if (n > 1)
        wcp_fetch_ahead(worker->reader_worker, first->source, first->offset,
                        end - first->offset);
    return n;
}

/* A text that was kept. */
static bool
unpack(struct wcp_store_worker *worker, const struct wcp_entry *entry,
       const struct wcp_folded **folded_ret)
{
    const uint8_t *bytes = entry->folded;
    const size_t num = entry->num_units;

    *folded_ret = &worker->kept;
    worker->kept.num = num;
    if (!(entry->flags & WCP_ENTRY_NARROW)) {
        worker->kept.units = (uint16_t *)(uintptr_t)entry->folded;
        return true;
    }
    if (!wcp_array_reserve(worker->store->mem, &worker->units, num))
        return false;
    worker->kept.units = worker->units.at;
    for (size_t i = 0; i < num; i++)
        worker->kept.units[i] = bytes[i];
    return true;
}

/* Whether a text is the one that was read, by its bytes alone. */
static bool
is_same_text(const struct wcp_entry *entry, struct wcp_string text)
{
    return entry->text_hash != 0 &&
           wcp_bytes_hash(text.data, text.len) == entry->text_hash;
}

static bool
is_same_folded(const struct wcp_entry *entry, const struct wcp_folded *folded)
{
    uint64_t digest[2];

    wcp_text_digest(folded->units, folded->num, digest);
    return memcmp(digest, entry->digest, sizeof digest) == 0;
}

/* A text is not what it was, or cannot be had, which 'cause' says. */
static enum wcp_code
fail_fetch(const struct wcp_store *store, const struct wcp_entry *entry,
           const struct wcp_fault *cause, struct wcp_fault *fault)
{
    return wcp_fail(fault, WCP_CODE_IO, cause->sys_errno,
                    cause->sys_errno != 0
                        ? "'%s' cannot be read again"
                        : "'%s' has changed since it was read",
                    entry->source == UINT32_MAX || store->reader == NULL
                        ? "the temporary file"
                        : wcp_source_path(store->reader, entry->source));
}

enum wcp_code
wcp_store_fetch_folded(struct wcp_store_worker *worker, uint32_t document,
                       bool with_offsets, struct wcp_string *text_ret,
                       const struct wcp_folded **folded_ret,
                       struct wcp_fault *fault)
{
    const struct wcp_entry *entry;
    struct wcp_string text = { NULL, 0 };
    struct wcp_fault cause = { 0 };
    enum wcp_code code = wcp_store_entry(worker->store, document,
                                         &worker->entry, NULL, &entry, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (text_ret == NULL && !with_offsets && entry->folded != NULL)
        return unpack(worker, entry, folded_ret) ? WCP_CODE_OK
                                                 : wcp_no_memory(fault);
    code = fetch_text(worker, entry, &text, &cause);
    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (code == WCP_CODE_OK) {
        if (with_offsets
                ? !wcp_fold_with_offsets(&worker->folded, text.data, text.len)
                : !wcp_fold(&worker->folded, text.data, text.len))
            return wcp_no_memory(fault);
    }
    if (code != WCP_CODE_OK ||
        (!is_same_text(entry, text) && !is_same_folded(entry, &worker->folded)))
        return fail_fetch(worker->store, entry, &cause, fault);
    if (text_ret != NULL)
        *text_ret = text;
    *folded_ret = &worker->folded;
    return WCP_CODE_OK;
}

enum wcp_code
wcp_store_fetch_text(struct wcp_store_worker *worker, uint32_t document,
                     struct wcp_string *text_ret, struct wcp_fault *fault)
{
    const struct wcp_entry *entry;
    const struct wcp_kept_text *kept;
    struct wcp_fault cause = { 0 };
    enum wcp_code code = wcp_store_entry(worker->store, document,
                                         &worker->entry, NULL, &entry, fault);

    if (code != WCP_CODE_OK)
        return code;
    kept = wcp_kept_text(worker->store, entry);
    if (kept != NULL && kept->text.data != NULL) {
        *text_ret = kept->text;
        return WCP_CODE_OK;
    }
    code = fetch_text(worker, entry, text_ret, &cause);
    if (code == WCP_CODE_OK && is_same_text(entry, *text_ret))
        return WCP_CODE_OK;
    if (code == WCP_CODE_OK &&
        !wcp_fold(&worker->folded, text_ret->data, text_ret->len))
        code = WCP_CODE_NO_MEMORY;
    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (code != WCP_CODE_OK || !is_same_folded(entry, &worker->folded))
        return fail_fetch(worker->store, entry, &cause, fault);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_store_fetch_shingles(struct wcp_store_worker *worker, uint32_t class_number,
                         struct wcp_shingles *shingles, struct wcp_fault *fault)
{
    struct wcp_store *store = worker->store;
    uint32_t doc = store->class_documents[store->class_begins[class_number]];
    const struct wcp_folded *folded;
    enum wcp_code code =
        wcp_store_fetch_folded(worker, doc, false, NULL, &folded, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (!wcp_shingles_make(worker->sketcher, folded->units, folded->num,
                           shingles))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_store_take_shingles(struct wcp_store_worker *worker, uint32_t class_number,
                        struct wcp_shingles *shingles, struct wcp_fault *fault)
{
    const struct wcp_store *store = worker->store;
    const struct wcp_entry *entry =
        store->spill == NULL ? wcp_class_entry(store, class_number) : NULL;

    if (entry == NULL || entry->folded == NULL)
        return wcp_store_fetch_shingles(worker, class_number, shingles, fault);
    return wcp_shingles_take(worker->sketcher, entry->folded, entry->num_units,
                             (entry->flags & WCP_ENTRY_NARROW) != 0, shingles)
               ? WCP_CODE_OK
               : wcp_no_memory(fault);
}

enum wcp_code
wcp_store_list_shingles(struct wcp_store_worker *worker,
                        struct wcp_shingles *shingles, struct wcp_fault *fault)
{
    return wcp_shingles_list(worker->sketcher, shingles) ? WCP_CODE_OK
                                                         : wcp_no_memory(fault);
}

void
wcp_store_release_shingles(struct wcp_store_worker *worker,
                           struct wcp_shingles *shingles)
{
    wcp_shingles_release(worker->sketcher, shingles);
}

enum wcp_code
wcp_store_common(struct wcp_store_worker *worker, struct wcp_shingles *a,
                 struct wcp_shingles *b, size_t *common_ret,
                 struct wcp_fault *fault)
{
    if (a->table == NULL && b->table != NULL) {
        struct wcp_shingles *const other = a;

        a = b;
        b = other;
    }
    if (!wcp_shingles_index(worker->sketcher, a) ||
        !wcp_shingles_common(worker->sketcher, a, b, 0, common_ret))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_store_included(struct wcp_store_worker *worker, struct wcp_shingles *part,
                   struct wcp_shingles *whole, double share, size_t *common_ret,
                   struct wcp_fault *fault)
{
    *common_ret = 0;
    if (whole->table != NULL)
        return wcp_shingles_common(worker->sketcher, whole, part, share,
                                   common_ret)
                   ? WCP_CODE_OK
                   : wcp_no_memory(fault);
    if (!wcp_shingles_list(worker->sketcher, part) ||
        !wcp_shingles_list(worker->sketcher, whole))
        return wcp_no_memory(fault);
    if (wcp_shingles_apart(part, whole, share))
        return WCP_CODE_OK;
    if (!wcp_shingles_index(worker->sketcher, part) ||
        !wcp_shingles_common(worker->sketcher, part, whole, share, common_ret))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_store_index(struct wcp_store_worker *worker, struct wcp_shingles *shingles,
                struct wcp_fault *fault)
{
    return wcp_shingles_index(worker->sketcher, shingles)
               ? WCP_CODE_OK
               : wcp_no_memory(fault);
}

enum wcp_code
wcp_store_mark(struct wcp_store_worker *worker, struct wcp_shingles *a,
               struct wcp_shingles *b, uint64_t *marks, uint64_t *missing,
               size_t *num_missing_ret, struct wcp_fault *fault)
{
    if (!wcp_shingles_index(worker->sketcher, a) ||
        !wcp_shingles_mark(worker->sketcher, a, b, marks, missing,
                           num_missing_ret))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_store_glance(struct wcp_store_worker *worker, struct wcp_shingles *a,
                 const struct wcp_shingles *b, size_t *least_ret,
                 struct wcp_fault *fault)
{
    return wcp_shingles_index(worker->sketcher, a) &&
                   wcp_shingles_glance(worker->sketcher, a, b, least_ret)
               ? WCP_CODE_OK
               : wcp_no_memory(fault);
}
