/*
 * signing.c - a corpus -> a signature file, in one pass and little memory
 *
 * Threads bring the blocks of their batches in any order; whoever brings the
 * one that is next writes it, and those that had waited for it.  So the file
 * is the same for any number of threads.
 */
#include "store/wcs.h"

#include <string.h>

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

/* Documents from memory, the rest of the sources, the end. */
static enum wcp_code
finish(struct signing *signing, struct wcp_fault *fault)
{
    struct wcp_store *store = signing->store;
    enum wcp_code code = WCP_CODE_OK;

    if (store->added != NULL) {
        store->added->info.number = signing->queue.next;
        code = take_chunk(signing, store->added, fault);
        wcp_chunk_strip(store->added);
    }
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
