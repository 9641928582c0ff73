/*
 * refetch.c - the shingle set of a class, its text read again
 */
#include "store/chunk.h"

#include <string.h>

struct wcp_store_worker {
    struct wcp_store *store;
    struct wcp_worker *reader_worker; /* NULL when there is no reader */
    struct wcp_sketcher *sketcher;
    struct wcp_folded folded;
    struct wcp_buffer text;
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
    wcp_buffer_release(&worker->text);
    wcp_free_array(worker->store->mem, worker, 1, sizeof *worker);
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

enum wcp_code
wcp_store_fetch_folded(struct wcp_store_worker *worker, uint32_t document,
                       bool with_offsets, struct wcp_string *text_ret,
                       const struct wcp_folded **folded_ret,
                       struct wcp_fault *fault)
{
    struct wcp_store *store = worker->store;
    const struct wcp_entry *entry = &store->entries[document];
    struct wcp_string text = { NULL, 0 };
    struct wcp_fault cause = { 0 };
    uint64_t digest[2] = { 0, 0 };
    enum wcp_code code = fetch_text(worker, entry, &text, &cause);

    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (code == WCP_CODE_OK) {
        if (with_offsets
                ? !wcp_fold_with_offsets(&worker->folded, text.data, text.len)
                : !wcp_fold(&worker->folded, text.data, text.len))
            return wcp_no_memory(fault);
        wcp_text_digest(worker->folded.units, worker->folded.num, digest);
    }
    if (code != WCP_CODE_OK ||
        memcmp(digest, entry->digest, sizeof digest) != 0)
        return wcp_fail(fault, WCP_CODE_IO, cause.sys_errno,
                        cause.sys_errno != 0
                            ? "'%s' cannot be read again"
                            : "'%s' changed while it was being read",
                        entry->source == UINT32_MAX || store->reader == NULL
                            ? "the temporary file"
                            : wcp_source_path(store->reader, entry->source));
    *text_ret = text;
    *folded_ret = &worker->folded;
    return WCP_CODE_OK;
}

enum wcp_code
wcp_store_fetch_set(struct wcp_store_worker *worker, uint32_t class_number,
                    struct wcp_shingle_set *set, struct wcp_fault *fault)
{
    struct wcp_store *store = worker->store;
    uint32_t doc = store->class_documents[store->class_begins[class_number]];
    const struct wcp_folded *folded;
    struct wcp_string text;
    enum wcp_code code =
        wcp_store_fetch_folded(worker, doc, false, &text, &folded, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (!wcp_shingle_set_make(worker->sketcher, folded->units, folded->num,
                              set))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

void
wcp_store_release_set(struct wcp_store_worker *worker,
                      struct wcp_shingle_set *set)
{
    wcp_shingle_set_release(worker->sketcher, set);
}

enum wcp_code
wcp_store_fetch_shingles(struct wcp_store_worker *worker, uint32_t class_number,
                         struct wcp_shingles *shingles, struct wcp_fault *fault)
{
    struct wcp_store *store = worker->store;
    uint32_t doc = store->class_documents[store->class_begins[class_number]];
    const struct wcp_folded *folded;
    struct wcp_string text;
    enum wcp_code code =
        wcp_store_fetch_folded(worker, doc, false, &text, &folded, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (!wcp_shingles_make(worker->sketcher, folded->units, folded->num,
                           shingles))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
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
        !wcp_shingles_common(worker->sketcher, a, b, common_ret))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}
