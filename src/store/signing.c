/*
 * signing.c - a corpus -> a signature file, in one pass and little memory
 *
 * Threads bring the blocks of their batches in any order; whoever brings the
 * one that is next writes it, and those that had waited for it.  So the file
 * is the same for any number of threads.
 */
#include "store/wcs.h"

void
wcp_queue_init(struct wcp_wcs_queue *queue, const struct wcp_memory *mem)
{
    *queue = (struct wcp_wcs_queue){ .mem = mem };
    pthread_mutex_init(&queue->lock, NULL);
}

void
wcp_queue_release(struct wcp_wcs_queue *queue)
{
    while (queue->waiting != NULL) {
        struct wcp_wcs_block *block = queue->waiting;

        queue->waiting = block->next;
        wcp_wcs_block_free(queue->mem, block);
    }
    pthread_mutex_destroy(&queue->lock);
}

enum wcp_code
wcp_queue_bring(struct wcp_wcs_queue *queue, struct wcp_wcs_block *block,
                struct wcp_fault *fault)
{
    struct wcp_wcs_block **at = &queue->waiting;
    enum wcp_code code;

    pthread_mutex_lock(&queue->lock);
    while (*at != NULL && (*at)->number < block->number)
        at = &(*at)->next;
    block->next = *at;
    *at = block;
    while (queue->fault.code == WCP_CODE_OK && queue->waiting != NULL &&
           queue->waiting->number == queue->next) {
        block = queue->waiting;
        queue->waiting = block->next;
        queue->next++;
        queue->fault.code = queue->put(queue->ctx, block, &queue->fault);
        wcp_wcs_block_free(queue->mem, block);
    }
    code = queue->fault.code;
    if (code != WCP_CODE_OK)
        *fault = queue->fault;
    pthread_mutex_unlock(&queue->lock);
    return code;
}

/* ---- a signature file ---- */

struct signing {
    struct wcp_store *store;
    struct wcp_wcs_queue queue;
    struct wcp_wcs_writer writer;
};

static enum wcp_code
put_block(void *ctx, const struct wcp_wcs_block *block, struct wcp_fault *fault)
{
    struct signing *signing = ctx;
    const struct wcp_store *store = signing->store;
    enum wcp_code code = WCP_CODE_OK;

    if (block->num_documents == 0)
        return code;
    if (store->reader != NULL)
        code = wcp_wcs_put_sources(&signing->writer, store->mem, store->reader,
                                   block->end_source, fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_put_block(&signing->writer, block, fault);
    return code;
}

static enum wcp_code
take_chunk(void *ctx, const struct wcp_chunk *chunk, struct wcp_fault *fault)
{
    struct signing *signing = ctx;
    const struct wcp_store *store = signing->store;
    struct wcp_wcs_block *block =
        wcp_wcs_encode(store->mem, &store->opts, chunk, false);

    if (block == NULL)
        return wcp_no_memory(fault);
    return wcp_queue_bring(&signing->queue, block, fault);
}

/* Sign a document from memory once more, of which only what finding needs was
 * kept. */
static enum wcp_code
sign_again(struct wcp_signer *signer, const struct wcp_entry *entry,
           struct wcp_buffer *text, struct wcp_chunk *chunk,
           struct wcp_fault *fault)
{
    const struct wcp_store *store = signer->store;
    struct wcp_document doc = {
        .id = wcp_entry_id(entry),
        .title = wcp_entry_title(entry),
        .date = wcp_entry_date(entry),
        .source = wcp_entry_source(entry),
        .date_ms = entry->date_ms,
        .at = { .source = UINT32_MAX,
                .encoding = WCP_ENC_UTF8,
                .len = entry->len },
    };
    enum wcp_code code;

    text->len = 0;
    if (!wcp_buffer_reserve(text, (size_t)entry->len))
        return wcp_no_memory(fault);
    code = wcp_read_at(store->spool_fd, text->data, (size_t)entry->len,
                       entry->offset, fault);
    doc.text =
        (struct wcp_string){ (const char *)text->data, (size_t)entry->len };
    if (code == WCP_CODE_OK && !wcp_signer_append(signer, chunk, &doc))
        code = wcp_no_memory(fault);
    return code;
}

static enum wcp_code
take_added(struct signing *signing, struct wcp_fault *fault)
{
    struct wcp_store *store = signing->store;
    struct wcp_chunk *chunk = wcp_chunk_new(store->mem);
    struct wcp_buffer text;
    struct wcp_signer signer;
    enum wcp_code code = wcp_signer_init(&signer, store, fault);

    wcp_buffer_init(&text, store->mem, 0);
    if (code == WCP_CODE_OK && chunk == NULL)
        code = wcp_no_memory(fault);
    wcp_chunk_seal(store->added);
    for (size_t i = 0; code == WCP_CODE_OK && i < store->added->entries.num;
         i++)
        code = sign_again(&signer, &store->added->entries.at[i], &text, chunk,
                          fault);
    if (code == WCP_CODE_OK) {
        chunk->info = store->added->info;
        chunk->info.number = signing->queue.next;
        code = take_chunk(signing, chunk, fault);
    }
    wcp_chunk_strip(store->added);
    wcp_signer_release(&signer);
    wcp_buffer_release(&text);
    wcp_chunk_free(store->mem, chunk);
    return code;
}

/* Documents from memory, the rest of the sources, the end. */
static enum wcp_code
finish(struct signing *signing, struct wcp_fault *fault)
{
    struct wcp_store *store = signing->store;
    enum wcp_code code = WCP_CODE_OK;

    if (store->added != NULL)
        code = take_added(signing, fault);
    if (code == WCP_CODE_OK && store->reader != NULL)
        code =
            wcp_wcs_put_sources(&signing->writer, store->mem, store->reader,
                                wcp_reader_num_sources(store->reader), fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_end(&signing->writer, fault);
    return code;
}

enum wcp_code
wcp_store_sign(struct wcp_store *store, int fd,
               const struct wcp_buffer *options,
               const struct wcp_store_listener *listener,
               uint64_t *num_documents_ret, struct wcp_fault *fault)
{
    struct signing signing = { .store = store };
    const struct wcp_tap tap = { take_chunk, &signing };
    enum wcp_code code = wcp_wcs_begin(&signing.writer, fd, options, fault);

    wcp_queue_init(&signing.queue, store->mem);
    signing.queue.put = put_block;
    signing.queue.ctx = &signing;
    store->opts.signs_only = true;
    store->opts.sample = store->opts.kind != WCP_SIG_SIMHASH;
    store->opts.tap = &tap;
    if (code == WCP_CODE_OK && store->reader != NULL)
        code = wcp_store_read(store, listener, fault);
    if (code == WCP_CODE_OK)
        code = finish(&signing, fault);
    store->opts.tap = NULL;
    *num_documents_ret = signing.writer.num_documents;
    wcp_queue_release(&signing.queue);
    return code;
}
