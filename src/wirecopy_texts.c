/*
 * wirecopy_texts.c - the public API: texts that are read once more, for what
 * they credit or to have them at hand
 */
#include "wirecopy_internal.h"

#include <pthread.h>
#include <stdatomic.h>

/* Documents that a thread takes at a time. */
enum { RANGE = 64 };

struct reading {
    struct wcp_corpus *corpus;
    uint64_t *order; /* [num]: document << 32 | its place, ascending */
    size_t num;
    const struct wcp_credit_taker *taker;
    struct wcp_store_worker **workers;
    atomic_size_t next_range;
    pthread_mutex_t lock; /* fault */
    struct wcp_fault fault;
};

/* Find the credit of a document and hand it out at its first 'num' places: a
 * page is in as many groups as it has stories. */
static enum wcp_code
find_credit(struct reading *job, struct wcp_store_worker *worker,
            const uint64_t *at, size_t num, struct wcp_fault *fault)
{
    struct wcp_string text;
    struct wcp_credit found;
    enum wcp_code code =
        wcp_store_fetch_text(worker, (uint32_t)(*at >> 32), &text, fault);

    if (code != WCP_CODE_OK)
        return code;
    wcp_credits_find(job->corpus->credits, text.data, text.len, &found);
    for (size_t i = 0; i < num; i++)
        if (!job->taker->each(job->taker->ctx, (uint32_t)at[i], &found,
                              text.data))
            return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

static void
find_credits(struct reading *job, unsigned thread, size_t range)
{
    struct wcp_store_worker *worker = job->workers[thread];
    const uint64_t *at = job->order + range * RANGE;
    const size_t left = job->num - range * RANGE;
    const size_t num = left < RANGE ? left : RANGE;
    struct wcp_fault fault = { 0 };
    enum wcp_code code = WCP_CODE_OK;
    uint32_t documents[RANGE]; /* each once */
    size_t begins[RANGE + 1];  /* of their places */
    size_t num_documents = 0, num_ahead = 0;

    for (size_t i = 0; i < num; i++)
        if (i == 0 || at[i] >> 32 != at[i - 1] >> 32) {
            begins[num_documents] = i;
            documents[num_documents++] = (uint32_t)(at[i] >> 32);
        }
    begins[num_documents] = num;
    for (size_t i = 0; code == WCP_CODE_OK && i < num_documents; i++) {
        if (num_ahead == 0)
            num_ahead =
                wcp_store_read_ahead(worker, documents + i, num_documents - i);
        num_ahead--;
        code = find_credit(job, worker, at + begins[i],
                           begins[i + 1] - begins[i], &fault);
    }
    if (code == WCP_CODE_OK)
        return;
    pthread_mutex_lock(&job->lock);
    if (job->fault.code == WCP_CODE_OK)
        job->fault = fault;
    pthread_mutex_unlock(&job->lock);
}

static void
find_all_credits(void *ctx, unsigned thread)
{
    struct reading *job = ctx;
    const size_t num_ranges = (job->num + RANGE - 1) / RANGE;
    size_t range;

    if (thread == 0 && job->taker->meanwhile != NULL &&
        !job->taker->meanwhile->run(job->taker->meanwhile->ctx))
        atomic_store(&job->next_range, num_ranges);
    while ((range = atomic_fetch_add(&job->next_range, 1)) < num_ranges)
        find_credits(job, thread, range);
}

/* Texts are read in the order they stand in.  False when out of memory. */
static bool
order_documents(struct reading *job, const uint32_t *documents)
{
    const struct wcp_memory *mem = &job->corpus->mem;
    uint64_t *scratch = wcp_new_array(mem, job->num, sizeof *scratch);

    job->order = wcp_new_array(mem, job->num, sizeof *job->order);
    if (job->order != NULL && scratch != NULL) {
        for (size_t i = 0; i < job->num; i++)
            job->order[i] = (uint64_t)documents[i] << 32 | i;
        wcp_sort_u64(job->order, scratch, job->num);
    }
    wcp_free_array(mem, scratch, job->num, sizeof *scratch);
    return job->order != NULL && scratch != NULL;
}

enum wcp_code
wcp_corpus_each_credit(struct wcp_corpus *corpus, const uint32_t *documents,
                       size_t num, const struct wcp_credit_taker *taker,
                       struct wcp_fault *fault)
{
    const size_t num_steps = num / RANGE + 1 + (taker->meanwhile != NULL);
    unsigned num_threads = corpus->stats.threads;
    struct reading job = { .corpus = corpus, .num = num, .taker = taker };
    enum wcp_code code =
        wcp_store_spool_documents(corpus->store, documents, num, fault);

    if (code != WCP_CODE_OK)
        return code;
    job.workers = wcp_new_zeroed(&corpus->mem, num_threads,
                                 sizeof(struct wcp_store_worker *));
    if (job.workers == NULL)
        return wcp_no_memory(fault);
    if (!order_documents(&job, documents))
        code = wcp_no_memory(fault);
    for (unsigned t = 0; code == WCP_CODE_OK && t < num_threads; t++)
        code = wcp_store_worker_new(corpus->store, &job.workers[t], fault);
    if (code == WCP_CODE_OK) {
        pthread_mutex_init(&job.lock, NULL);
        wcp_run_threads(wcp_threads_for(num_threads, num_steps, 1),
                        find_all_credits, &job);
        pthread_mutex_destroy(&job.lock);
        code = job.fault.code;
        if (code != WCP_CODE_OK && fault != NULL)
            *fault = job.fault;
    }
    for (unsigned t = 0; t < num_threads; t++)
        wcp_store_worker_free(job.workers[t]);
    wcp_free_array(&corpus->mem, job.workers, num_threads,
                   sizeof(struct wcp_store_worker *));
    wcp_free_array(&corpus->mem, job.order, num, sizeof *job.order);
    return code;
}

/* All documents of the components; false when out of memory. */
static bool
list_linked(const struct wcp_corpus *corpus, uint32_t **documents_ret,
            size_t *num_ret)
{
    const struct wcp_components *components = &corpus->components;
    const struct wcp_store *store = corpus->store;
    size_t num = 0, at = 0;

    for (uint32_t i = 0; i < components->num_classes; i++) {
        uint32_t c = components->classes[i];

        num += store->class_begins[c + 1] - store->class_begins[c];
    }
    *documents_ret = wcp_new_array(&corpus->mem, num, sizeof **documents_ret);
    *num_ret = num;
    if (*documents_ret == NULL)
        return false;
    for (uint32_t i = 0; i < components->num_classes; i++) {
        uint32_t c = components->classes[i];

        for (uint32_t k = store->class_begins[c];
             k < store->class_begins[c + 1]; k++)
            (*documents_ret)[at++] = store->class_documents[k];
    }
    return true;
}

enum wcp_code
wcp_corpus_spool_all(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    uint32_t *documents;
    size_t num;
    enum wcp_code code;

    if (!list_linked(corpus, &documents, &num))
        return wcp_no_memory(fault);
    code = wcp_store_spool_documents(corpus->store, documents, num, fault);
    wcp_free_array(&corpus->mem, documents, num, sizeof *documents);
    return code;
}

enum wcp_code
wcp_corpus_link_texts(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    corpus->wants_texts = true;
    return wcp_corpus_link(corpus, fault);
}
