/*
 * spool.c - a temporary file for texts that cannot be read where they stand
 *
 * Texts from memory are spooled when they are added.  Compressed files of
 * records can be read again, but only from the start: when it is known which
 * of their documents are candidates, they are read a second time and only
 * those texts are spooled.
 */
#include "store/chunk.h"

#include <stdatomic.h>

/* The file is opened by the first thread that needs it. */
static enum wcp_code
open_spool(struct wcp_store *store, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    pthread_mutex_lock(&store->spool_lock);
    if (store->spool_fd < 0)
        code = wcp_temp_open(store->opts.tmpdir, &store->spool_fd, fault);
    pthread_mutex_unlock(&store->spool_lock);
    return code;
}

enum wcp_code
wcp_store_spool(struct wcp_store *store, const void *data, size_t len,
                uint64_t *offset_ret, struct wcp_fault *fault)
{
    enum wcp_code code;
    uint64_t offset;

    if (store->whole != NULL)
        store = store->whole;
    code = open_spool(store, fault);
    if (code != WCP_CODE_OK)
        return code;
    offset = atomic_fetch_add(&store->spool_len, len);
    code = wcp_temp_write(store->opts.disk, store->spool_fd, data, len, offset,
                          fault);
    if (code == WCP_CODE_OK)
        *offset_ret = offset;
    return code;
}

/* ---- the second reading of streams ---- */

struct respool {
    struct wcp_store *store;
    uint8_t *wanted;         /* one for each document */
    uint8_t *wanted_sources; /* one for each source */
    uint32_t *begins;        /* first document of each source */
};

/* The document that stands at this place of the source, or UINT32_MAX; those
 * of a source are in ascending order of their offsets. */
static uint32_t
document_at(const struct respool *re, uint32_t source, uint64_t offset)
{
    const struct wcp_entry *entries = re->store->entries;
    uint32_t low = re->begins[source], end = re->begins[source + 1];
    uint32_t high = end;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (entries[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && entries[low].offset == offset ? low : UINT32_MAX;
}

struct respool_sink {
    struct respool *re;
    struct wcp_fault fault;
};

static bool
respool_document(void *ctx, const struct wcp_document *doc)
{
    struct respool_sink *sink = ctx;
    struct respool *re = sink->re;
    uint32_t number = document_at(re, doc->at.source, doc->at.offset);
    struct wcp_spool_place *place;

    if (number == UINT32_MAX || !re->wanted[number])
        return true;
    place = &re->store->respooled[number];
    place->len = doc->text.len;
    return wcp_store_spool(re->store, doc->text.data, doc->text.len,
                           &place->offset, &sink->fault) == WCP_CODE_OK;
}

/* What there is to say was said in the first reading, but for a file that
 * cannot be read any more. */
static void
respool_notice(void *ctx, const struct wcp_notice *notice)
{
    struct respool_sink *sink = ctx;

    if (notice->code != WCP_CODE_IO || notice->source == UINT32_MAX ||
        sink->fault.code != WCP_CODE_OK)
        return;
    wcp_fail(&sink->fault, WCP_CODE_IO, 0, "'%s': %s",
             wcp_source_path(sink->re->store->reader, notice->source),
             notice->text);
}

static enum wcp_code
respool_thread(struct wcp_team *team, unsigned thread, struct wcp_fault *fault)
{
    struct respool *re = wcp_team_ctx(team);
    struct respool_sink sink = { re, { 0 } };
    const struct wcp_consumer consumer = { respool_document, respool_notice,
                                           &sink };
    struct wcp_worker *worker = NULL;
    struct wcp_batch_info info;
    uint64_t number;
    enum wcp_code code = wcp_worker_new(re->store->reader, &worker, fault);

    while (code == WCP_CODE_OK &&
           wcp_reader_next(re->store->reader, worker, &number)) {
        code = wcp_worker_process(worker, &consumer, &info, fault);
        if (sink.fault.code != WCP_CODE_OK) {
            *fault = sink.fault;
            code = fault->code;
        }
        if (code == WCP_CODE_OK)
            code = wcp_team_check(team, thread, fault);
    }
    wcp_worker_free(worker);
    return code;
}

static bool
is_wanted_source(void *ctx, uint32_t source)
{
    const struct respool *re = ctx;

    return re->wanted_sources[source] != 0;
}

bool
wcp_store_has_streams(const struct wcp_store *store)
{
    const uint32_t num =
        store->reader != NULL ? wcp_reader_num_sources(store->reader) : 0;

    for (uint32_t i = 0; i < num; i++)
        if (wcp_source_access(store->reader, i) == WCP_ACCESS_STREAM)
            return true;
    return false;
}

/* Mark what is wanted.  Returns how many documents. */
static size_t
mark_wanted(struct respool *re, const uint32_t *documents, size_t num)
{
    struct wcp_store *store = re->store;
    size_t num_wanted = 0;

    for (size_t i = 0; i < num; i++) {
        uint32_t doc = documents[i];
        const struct wcp_entry *entry = &store->entries[doc];

        if ((entry->flags & (WCP_ENTRY_SPOOLED | WCP_ENTRY_RESPOOLED)) ||
            entry->source == UINT32_MAX ||
            wcp_source_access(store->reader, entry->source) !=
                WCP_ACCESS_STREAM)
            continue;
        re->wanted[doc] = 1;
        re->wanted_sources[entry->source] = 1;
        num_wanted++;
    }
    return num_wanted;
}

static enum wcp_code
read_again(struct respool *re, struct wcp_fault *fault)
{
    struct wcp_store *store = re->store;
    enum wcp_code code =
        wcp_reader_rewind(store->reader, is_wanted_source, re, fault);

    if (code != WCP_CODE_OK)
        return code;
    for (uint32_t doc = 0; doc < store->num_documents; doc++)
        if (re->wanted[doc])
            store->respooled[doc].len = UINT64_MAX;
    code = wcp_run_team(store->opts.num_threads, &store->opts.watch, 0,
                        respool_thread, re, fault);
    if (code != WCP_CODE_OK)
        return code;
    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        struct wcp_entry *entry = &store->entries[doc];

        if (!re->wanted[doc])
            continue;
        if (store->respooled[doc].len == UINT64_MAX)
            return wcp_fail(fault, WCP_CODE_IO, 0,
                            "'%s' changed while it was being read",
                            wcp_source_path(store->reader, entry->source));
        entry->flags |= WCP_ENTRY_RESPOOLED;
    }
    return WCP_CODE_OK;
}

/* Where the documents of each source begin. */
static void
list_begins(struct respool *re, uint32_t num_sources)
{
    const struct wcp_store *store = re->store;

    for (uint32_t doc = 0; doc < store->num_documents; doc++)
        if (store->entries[doc].source < num_sources)
            re->begins[store->entries[doc].source + 1] = doc + 1;
    for (uint32_t i = 0; i < num_sources; i++)
        if (re->begins[i + 1] < re->begins[i])
            re->begins[i + 1] = re->begins[i];
}

enum wcp_code
wcp_store_spool_documents(struct wcp_store *store, const uint32_t *documents,
                          size_t num, struct wcp_fault *fault)
{
    struct respool re = { .store = store };
    const struct wcp_memory *mem = store->mem;
    uint32_t num_sources =
        store->reader != NULL ? wcp_reader_num_sources(store->reader) : 0;
    enum wcp_code code = WCP_CODE_OK;

    if (store->spill != NULL)
        return wcp_spill_spool_documents(store, documents, num, fault);
    if (!wcp_store_has_streams(store))
        return WCP_CODE_OK;
    re.wanted = wcp_new_zeroed(mem, store->num_documents, 1);
    re.wanted_sources = wcp_new_zeroed(mem, num_sources, 1);
    re.begins = wcp_new_zeroed(mem, (size_t)num_sources + 1, sizeof *re.begins);
    if (re.wanted == NULL || re.wanted_sources == NULL || re.begins == NULL) {
        code = wcp_no_memory(fault);
    } else if (mark_wanted(&re, documents, num) > 0) {
        if (store->respooled == NULL)
            store->respooled = wcp_new_zeroed(mem, store->num_documents,
                                              sizeof *store->respooled);
        list_begins(&re, num_sources);
        code = store->respooled == NULL ? wcp_no_memory(fault)
                                        : read_again(&re, fault);
    }
    wcp_free_array(mem, re.wanted, store->num_documents, 1);
    wcp_free_array(mem, re.wanted_sources, num_sources, 1);
    wcp_free_array(mem, re.begins, (size_t)num_sources + 1, sizeof *re.begins);
    return code;
}

enum wcp_code
wcp_store_spool_classes(struct wcp_store *store, const uint32_t *classes,
                        size_t num, struct wcp_fault *fault)
{
    uint32_t *documents;
    enum wcp_code code;

    if (store->spill != NULL)
        return wcp_spill_spool_classes(store, classes, num, fault);
    documents = wcp_new_array(store->mem, num, sizeof *documents);
    if (documents == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num; i++)
        documents[i] = store->class_documents[store->class_begins[classes[i]]];
    code = wcp_store_spool_documents(store, documents, num, fault);
    wcp_free_array(store->mem, documents, num, sizeof *documents);
    return code;
}
