/*
 * wirecopy_passages.c - the public API: passages with their copies
 *
 * Folded texts are kept while the inputs are read, in order of date and id (or
 * as whoever cuts asks for); for the bytes at which copies begin and end the
 * documents that have some are read once more.
 */
#include "wirecopy_passages.h"

#include <pthread.h>
#include <string.h>

static void
set_defaults(struct wcp_passage_options *opts)
{
    *opts = (struct wcp_passage_options){ .min_length = 40,
                                          .min_copies = 2,
                                          .min_similarity = .5 };
}

void
wcp_passage_options_init(struct wcp_passage_options *opts, size_t struct_size)
{
    struct wcp_passage_options defaults;

    set_defaults(&defaults);
    wcp_struct_init(opts, struct_size, &defaults, sizeof defaults);
}

enum wcp_code
wcp_passage_options_take(struct wcp_passage_limits *limits,
                         const struct wcp_passage_options *opts,
                         unsigned num_threads, struct wcp_fault *fault)
{
    struct wcp_passage_options copy;
    enum wcp_code code = WCP_CODE_OK;

    set_defaults(&copy);
    if (opts != NULL)
        code = wcp_struct_take(
            &copy, sizeof copy, opts,
            WCP_SIZE_TO(struct wcp_passage_options, min_similarity),
            "wcp_passage_options", fault);
    if (code != WCP_CODE_OK)
        return code;
    *limits =
        (struct wcp_passage_limits){ copy.min_length, copy.min_copies,
                                     copy.min_similarity, num_threads, 0 };
    return wcp_passage_limits_check(limits, fault);
}

/* ---- texts in order ---- */

static bool
allocate_texts(struct wcp_passages_job *job)
{
    size_t num = job->store->num_documents;
    size_t num_classes = job->store->num_classes;

    job->sorted = wcp_new_array(job->mem, num, sizeof *job->sorted);
    job->ranks = wcp_new_array(job->mem, num, sizeof *job->ranks);
    job->classes = wcp_new_array(job->mem, num_classes, sizeof *job->classes);
    job->counts = wcp_new_array(job->mem, num_classes, sizeof *job->counts);
    job->texts = wcp_new_array(job->mem, num_classes, sizeof *job->texts);
    return job->sorted != NULL && job->ranks != NULL && job->classes != NULL &&
           job->counts != NULL && job->texts != NULL;
}

static const struct wcp_entry *
entry_of(const struct wcp_passages_job *job, uint32_t i)
{
    const struct wcp_store *store = job->store;
    uint32_t c = job->classes[i];

    return &store->entries[store->class_documents[store->class_begins[c]]];
}

/* Fetch all texts; each is copied behind the others. */
static enum wcp_code
fetch_texts(struct wcp_passages_job *job, struct wcp_fault *fault)
{
    struct wcp_store_worker *worker = NULL;
    enum wcp_code code =
        wcp_store_spool_classes(job->store, job->classes, job->num, fault);
    size_t at = 0;

    if (code == WCP_CODE_OK)
        code = wcp_store_worker_new(job->store, &worker, fault);
    for (uint32_t i = 0; code == WCP_CODE_OK && i < job->num; i++) {
        const struct wcp_folded *folded;
        struct wcp_string text;

        code = wcp_store_fetch_folded(
            worker, (uint32_t)(entry_of(job, i) - job->store->entries), false,
            &text, &folded, fault);
        if (code == WCP_CODE_OK &&
            !wcp_buffer_append(&job->fetched, folded->units, 2 * folded->num))
            code = wcp_no_memory(fault);
    }
    wcp_store_worker_free(worker);
    for (uint32_t i = 0; code == WCP_CODE_OK && i < job->num; i++) {
        job->texts[i].at = job->fetched.data + at;
        at += 2 * (size_t)job->texts[i].num;
    }
    return code;
}

static enum wcp_code
order_texts(struct wcp_passages_job *job, struct wcp_fault *fault)
{
    const struct wcp_store *store = job->store;
    bool kept = true;

    if (!allocate_texts(job))
        return wcp_no_memory(fault);
    for (uint32_t i = 0; i < store->num_documents; i++)
        job->sorted[i] = i;
    wcp_sort_documents(store, job->order, job->sorted, store->num_documents,
                       job->ranks);
    for (uint32_t c = 0; c < store->num_classes; c++)
        job->counts[c] = 0; /* not met yet */
    for (uint32_t i = 0; i < store->num_documents; i++) {
        uint32_t doc = job->sorted[i], c = store->entries[doc].class_number;

        job->ranks[doc] = i;
        if (c != WCP_NO_CLASS && job->counts[c]++ == 0)
            job->classes[job->num++] = c;
    }
    for (uint32_t i = 0; i < job->num; i++) {
        const struct wcp_entry *entry = entry_of(job, i);
        uint32_t c = job->classes[i];

        job->counts[i] = store->class_begins[c + 1] - store->class_begins[c];
        job->texts[i] =
            (struct wcp_units){ entry->folded, entry->num_units,
                                entry->folded != NULL &&
                                    (entry->flags & WCP_ENTRY_NARROW) != 0 };
        kept &= entry->folded != NULL;
    }
    return kept ? WCP_CODE_OK : fetch_texts(job, fault);
}

/* ---- from texts to documents ---- */

static bool
place_copies(struct wcp_passages_job *job, const struct wcp_text_copy *from)
{
    const struct wcp_store *store = job->store;
    uint32_t c = job->classes[from->text];

    for (uint32_t i = store->class_begins[c]; i < store->class_begins[c + 1];
         i++) {
        if (!wcp_array_grow(job->mem, &job->copies))
            return false;
        job->copies.at[job->copies.num++] = (struct wcp_placed_copy){
            .document = store->class_documents[i],
            .begin = from->begin,
            .end = from->end,
            .similarity = from->similarity,
        };
    }
    return true;
}

/* The documents of a text may come between those of others. */
static void
sort_copies(const struct wcp_passages_job *job, struct wcp_placed_copy *copies,
            size_t num, uint64_t *keys, struct wcp_placed_copy *scratch)
{
    for (size_t i = 0; i < num; i++)
        keys[i] = (uint64_t)job->ranks[copies[i].document] << 32 | i;
    wcp_sort_u64(keys, keys + num, num);
    memcpy(scratch, copies, num * sizeof *copies);
    /* Copies in one document were and stay in order. */
    for (size_t i = 0; i < num; i++)
        copies[i] = scratch[(uint32_t)keys[i]];
}

static bool
place_passages(struct wcp_passages_job *job, const struct wcp_passages *found)
{
    size_t most = 0;
    uint64_t *keys;
    struct wcp_placed_copy *scratch;
    bool done;

    if (!wcp_array_reserve(job->mem, &job->passages, found->list.num))
        return false;
    for (size_t i = 0; i < found->list.num; i++) {
        const struct wcp_text_passage *from = &found->list.at[i];
        struct wcp_placed_passage passage = { .first = job->copies.num,
                                              .length = from->length };

        for (size_t k = 0; k < from->num; k++)
            if (!place_copies(job, &found->copies.at[from->first + k]))
                return false;
        passage.num = job->copies.num - passage.first;
        if (passage.num > most)
            most = passage.num;
        job->passages.at[job->passages.num++] = passage;
    }
    keys = wcp_new_array(job->mem, 2 * most, sizeof *keys);
    scratch = wcp_new_array(job->mem, most, sizeof *scratch);
    done = keys != NULL && scratch != NULL;
    for (size_t i = 0; done && i < job->passages.num; i++)
        sort_copies(job, job->copies.at + job->passages.at[i].first,
                    job->passages.at[i].num, keys, scratch);
    wcp_free_array(job->mem, keys, 2 * most, sizeof *keys);
    wcp_free_array(job->mem, scratch, most, sizeof *scratch);
    return done;
}

/* ---- from units to bytes ---- */

static bool
take_excerpt(const struct wcp_passages_job *job,
             struct wcp_placed_passage *passage,
             const struct wcp_placed_copy *copy, struct wcp_string text)
{
    const char *from = text.data + copy->bytes[0];
    const size_t len = wcp_characters_within(
        from, (size_t)(copy->bytes[1] - copy->bytes[0]), WCP_PASSAGE_EXCERPT);

    passage->excerpt = wcp_new_array(job->mem, WCP_PASSAGE_EXCERPT + 1, 1);
    if (passage->excerpt == NULL)
        return false;
    memcpy(passage->excerpt, from, len);
    passage->excerpt[len] = '\0';
    passage->excerpt_len = len;
    return true;
}

static enum wcp_code
locate_in(struct wcp_passages_job *job, struct wcp_store_worker *worker,
          const uint64_t *keys, size_t num, struct wcp_fault *fault)
{
    uint32_t document = (uint32_t)(keys[0] >> 32);
    struct wcp_characters characters;
    struct wcp_located_text text = { .characters = &characters };
    enum wcp_code code = wcp_store_fetch_folded(
        worker, document, true, &text.text, &text.folded, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (!wcp_characters_init(&characters, job->mem, text.text.data,
                             text.text.len))
        code = wcp_no_memory(fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < num; i++) {
        uint32_t number = (uint32_t)keys[i];
        struct wcp_placed_copy *copy = &job->copies.at[number];
        uint32_t passage = job->passage_of[number];

        copy->bytes[0] = text.folded->begins[copy->begin];
        copy->bytes[1] = text.folded->ends[copy->end - 1];
        for (int k = 0; k < 2; k++)
            copy->chars[k] = wcp_characters_before(&characters, copy->bytes[k]);
        if (passage != UINT32_MAX &&
            !take_excerpt(job, &job->passages.at[passage], copy, text.text))
            code = wcp_no_memory(fault);
    }
    if (code == WCP_CODE_OK && job->on_document != NULL)
        code = job->on_document(job->ctx, document, &text);
    wcp_characters_release(&characters);
    return code;
}

static void
locate_document(void *ctx, unsigned thread, size_t i)
{
    struct wcp_passages_job *job = ctx;
    size_t begin = job->documents.at[i];
    size_t end =
        i + 1 < job->documents.num ? job->documents.at[i + 1] : job->copies.num;
    struct wcp_fault fault = { 0 };

    if (locate_in(job, job->workers[thread], job->by_document + begin,
                  end - begin, &fault) == WCP_CODE_OK)
        return;
    pthread_mutex_lock(&job->lock);
    if (job->fault.code == WCP_CODE_OK)
        job->fault = fault;
    pthread_mutex_unlock(&job->lock);
}

/* Where the copies of each document begin in by_document. */
static bool
list_by_document(struct wcp_passages_job *job)
{
    size_t num = job->copies.num;

    job->by_document =
        wcp_new_array(job->mem, 2 * num, sizeof *job->by_document);
    job->passage_of = wcp_new_array(job->mem, num, sizeof *job->passage_of);
    if (job->by_document == NULL || job->passage_of == NULL)
        return false;
    for (size_t i = 0; i < num; i++) {
        job->by_document[i] = (uint64_t)job->copies.at[i].document << 32 | i;
        job->passage_of[i] = UINT32_MAX;
    }
    for (size_t i = 0; i < job->passages.num; i++)
        job->passage_of[job->passages.at[i].first] = (uint32_t)i;
    wcp_sort_u64(job->by_document, job->by_document + num, num);
    for (size_t i = 0; i < num; i++) {
        if (i > 0 && job->by_document[i] >> 32 == job->by_document[i - 1] >> 32)
            continue;
        if (!wcp_array_grow(job->mem, &job->documents))
            return false;
        job->documents.at[job->documents.num++] = (uint32_t)i;
    }
    return true;
}

static enum wcp_code
spool_documents(struct wcp_passages_job *job, struct wcp_fault *fault)
{
    size_t num = job->documents.num;
    uint32_t *numbers = wcp_new_array(job->mem, num, sizeof *numbers);
    enum wcp_code code;

    if (numbers == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num; i++)
        numbers[i] = (uint32_t)(job->by_document[job->documents.at[i]] >> 32);
    code = wcp_store_spool_documents(job->store, numbers, num, fault);
    wcp_free_array(job->mem, numbers, num, sizeof *numbers);
    return code;
}

static enum wcp_code
locate_copies(struct wcp_passages_job *job, struct wcp_fault *fault)
{
    unsigned num_threads = job->corpus->stats.threads;
    enum wcp_code code = WCP_CODE_OK;

    if (job->copies.num > UINT32_MAX - 1)
        return wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                        "more than 4,294,967,294 copies of passages");
    job->workers = wcp_new_zeroed(job->mem, num_threads,
                                  sizeof(struct wcp_store_worker *));
    if (job->workers == NULL || !list_by_document(job))
        return wcp_no_memory(fault);
    code = spool_documents(job, fault);
    for (unsigned t = 0; code == WCP_CODE_OK && t < num_threads; t++)
        code = wcp_store_worker_new(job->store, &job->workers[t], fault);
    if (code != WCP_CODE_OK)
        return code;
    pthread_mutex_init(&job->lock, NULL);
    wcp_parallel_for(num_threads, job->documents.num, 16, locate_document, job);
    pthread_mutex_destroy(&job->lock);
    if (job->fault.code != WCP_CODE_OK)
        *fault = job->fault;
    return job->fault.code;
}

/* ---- handing out ---- */

struct passage_view {
    struct wcp_passage passage; /* first, so that one pointer leads to both */
    struct wcp_passages_job *job;
    const struct wcp_placed_copy *copies;
    struct wcp_passage_copy copy;
};

const struct wcp_passage_copy *
wcp_passage_copy_at(const struct wcp_passage *passage, uint64_t i)
{
    /* The view is not const: it was handed out as such. */
    struct passage_view *view =
        (struct passage_view *)(uintptr_t)(const void *)passage;
    const struct wcp_placed_copy *from;
    const struct wcp_document_info *document;

    if (i >= passage->num_copies)
        return NULL;
    from = &view->copies[i];
    document = wcp_corpus_describe(view->job->corpus, from->document, 0);
    if (document == NULL)
        return NULL;
    view->copy = (struct wcp_passage_copy){
        .document = document,
        .begin = from->bytes[0],
        .end = from->bytes[1],
        .char_begin = from->chars[0],
        .char_end = from->chars[1],
        .similarity = from->similarity,
    };
    return &view->copy;
}

static enum wcp_code
hand_out(struct wcp_passages_job *job,
         int32_t (*on_passage)(void *ctx, const struct wcp_passage *passage),
         void *ctx, struct wcp_fault *fault)
{
    for (size_t i = 0; i < job->passages.num; i++) {
        const struct wcp_placed_passage *from = &job->passages.at[i];
        const struct wcp_placed_copy *copies = &job->copies.at[from->first];
        struct passage_view view = {
            .passage = { .number = i + 1,
                         .num_copies = from->num,
                         .length = from->length,
                         .excerpt = from->excerpt,
                         .excerpt_len = from->excerpt_len,
                         .first_length =
                             copies[0].bytes[1] - copies[0].bytes[0] },
            .job = job,
            .copies = copies,
        };

        job->corpus->stats.passages++;
        job->corpus->stats.passage_copies += from->num;
        if (on_passage(ctx, &view.passage) != 0)
            return wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    return WCP_CODE_OK;
}

void
wcp_passages_job_release(struct wcp_passages_job *job)
{
    const struct wcp_memory *mem = job->mem;
    size_t num = job->store->num_documents;
    size_t num_classes = job->store->num_classes;

    for (size_t i = 0; i < job->passages.num; i++)
        if (job->passages.at[i].excerpt != NULL)
            wcp_free_array(mem, job->passages.at[i].excerpt,
                           WCP_PASSAGE_EXCERPT + 1, 1);
    for (unsigned t = 0; job->workers != NULL && t < job->corpus->stats.threads;
         t++)
        wcp_store_worker_free(job->workers[t]);
    wcp_free_array(mem, job->workers, job->corpus->stats.threads,
                   sizeof(struct wcp_store_worker *));
    wcp_free_array(mem, job->by_document, 2 * job->copies.num,
                   sizeof *job->by_document);
    wcp_free_array(mem, job->passage_of, job->copies.num,
                   sizeof *job->passage_of);
    wcp_array_release(mem, &job->passages);
    wcp_array_release(mem, &job->copies);
    wcp_array_release(mem, &job->documents);
    wcp_free_array(mem, job->sorted, num, sizeof *job->sorted);
    wcp_free_array(mem, job->ranks, num, sizeof *job->ranks);
    wcp_free_array(mem, job->classes, num_classes, sizeof *job->classes);
    wcp_free_array(mem, job->counts, num_classes, sizeof *job->counts);
    wcp_free_array(mem, job->texts, num_classes, sizeof *job->texts);
    wcp_buffer_release(&job->fetched);
}

void
wcp_passages_job_init(struct wcp_passages_job *job, struct wcp_corpus *corpus,
                      enum wcp_order order)
{
    *job = (struct wcp_passages_job){ .corpus = corpus,
                                      .mem = &corpus->mem,
                                      .store = corpus->store,
                                      .order = order };
    wcp_buffer_init(&job->fetched, &corpus->mem, 0);
}

enum wcp_code
wcp_passages_read(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    if (!corpus->store->closed && !corpus->failed)
        corpus->store->opts.keep_folded = true;
    return corpus->read ? WCP_CODE_OK : wcp_corpus_read_store(corpus, fault);
}

enum wcp_code
wcp_passages_job_find(struct wcp_passages_job *job,
                      const struct wcp_passage_limits *limits,
                      struct wcp_fault *fault)
{
    struct wcp_stats *stats = &job->corpus->stats;
    struct wcp_passage_limits with = *limits;
    struct wcp_passages found = { 0 };
    double start = wcp_wall_seconds();
    enum wcp_code code;

    stats->passages = stats->passage_copies = 0;
    with.input_bytes = job->store->counts.bytes;
    code = order_texts(job, fault);
    if (code == WCP_CODE_OK)
        code = wcp_passages_find(&found, job->mem, job->texts, job->counts,
                                 job->num, &with, fault);
    stats->link_seconds = wcp_wall_seconds() - start;
    stats->link_memory = wcp_peak_memory();
    stats->seeds = found.num_seeds;
    stats->seed_hits = found.num_hits;
    if (code == WCP_CODE_OK && !place_passages(job, &found))
        code = wcp_no_memory(fault);
    wcp_passages_release(&found);
    return code;
}

enum wcp_code
wcp_passages_job_locate(struct wcp_passages_job *job, struct wcp_fault *fault)
{
    struct wcp_stats *stats = &job->corpus->stats;
    double start = wcp_wall_seconds();
    enum wcp_code code =
        job->copies.num > 0 ? locate_copies(job, fault) : WCP_CODE_OK;

    stats->verify_seconds = wcp_wall_seconds() - start;
    stats->verify_memory = wcp_peak_memory();
    return code;
}

enum wcp_status
wcp_corpus_passages(struct wcp_corpus *corpus,
                    const struct wcp_passage_options *opts,
                    int32_t (*on_passage)(void *ctx,
                                          const struct wcp_passage *passage),
                    void *ctx, struct wcp_error *err)
{
    struct wcp_fault fault = { 0 };
    struct wcp_passage_limits limits;
    struct wcp_passages_job job;
    enum wcp_code code =
        wcp_passage_options_take(&limits, opts, corpus->stats.threads, &fault);

    if (code == WCP_CODE_OK)
        code = wcp_corpus_check_texts(corpus, "passages", &fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_lift_limit(corpus, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_passages_read(corpus, &fault);
    if (code != WCP_CODE_OK)
        return wcp_corpus_tell(corpus, err, code, &fault);
    wcp_passages_job_init(&job, corpus, WCP_ORDER_DATE);
    code = wcp_passages_job_find(&job, &limits, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_passages_job_locate(&job, &fault);
    if (code == WCP_CODE_OK)
        code = hand_out(&job, on_passage, ctx, &fault);
    wcp_passages_job_release(&job);
    return wcp_corpus_tell(corpus, err, code, &fault);
}
