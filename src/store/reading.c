/*
 * reading.c - the one parallel pass that fills a store
 *
 * Threads take batches from the reader, sign the documents of each into a
 * chunk of their own and hang a copy of it, of just its size, into the list at
 * the batch's number: arrays that grow are written again and again, and in
 * memory that no other batch has used yet that costs more than the copy.
 * Entries and signatures go to where they stay as soon as those before them
 * have (placing.c).  Nothing else is shared on the way, so the store that
 * results does not depend on how many threads there were.
 */
#include "store/chunk.h"

#include "store/portion.h"

#include <pthread.h>
#include <stdatomic.h>

/* Notices of one source that are kept in a chunk; more are only counted. */
enum { MAX_NOTICES = 10 };

/* What a thread takes beside the least of what comes later. */
#define READING_BY_THREAD ((uint64_t)2 << 20)

struct reading {
    struct wcp_store *store;
    const struct wcp_store_listener *listener;
    pthread_mutex_t lock; /* store->chunks, fault */
    struct wcp_fault fault;
    atomic_bool stop;
    atomic_uint_fast64_t num_documents;
    /* By what memory did not last for, if it did not: of the longest text of
     * each thread. */
    uint64_t needed, needed_alike;
};

/* What a thread's consumer needs.  The chunk goes with what is placed as it is
 * read. */
struct sink {
    struct reading *reading;
    struct wcp_signer signer;
    struct wcp_chunk *chunk; /* of the batch at hand */
    struct wcp_slabs slabs[WCP_NUM_SLABS];
    struct wcp_fault fault;
    size_t longest, longest_units; /* of the texts so far */
    bool had_text;                 /* at hand when memory did not last */
};

/* UTF-16 units of a text, or not many less. */
static size_t
count_units(struct wcp_string text)
{
    size_t num = 0;

    for (size_t i = 0; i < text.len; i++)
        num += ((uint8_t)text.data[i] & 0xC0) != 0x80;
    return num;
}

static bool
on_document(void *ctx, const struct wcp_document *doc)
{
    struct sink *sink = ctx;

    if (doc->text.len > sink->longest) {
        sink->longest = doc->text.len;
        sink->longest_units = count_units(doc->text);
    }
    if (wcp_signer_append(&sink->signer, sink->chunk, doc))
        return true;
    sink->had_text = true;
    wcp_no_memory(&sink->fault);
    return false;
}

static bool
repeats_last(const struct wcp_chunk *chunk, const struct wcp_notice *notice)
{
    const struct wcp_kept_notice *last;

    if (chunk->num_kept == 0)
        return false;
    last = &chunk->notices.at[chunk->notices.num - 1];
    return last->notice.source == notice->source &&
           wcp_notice_goes_on(last, last->notice.line, notice);
}

static void
on_notice(void *ctx, const struct wcp_notice *notice)
{
    struct sink *sink = ctx;
    struct wcp_chunk *chunk = sink->chunk;

    chunk->counts.skipped += notice->kind == WCP_NOTICE_SKIPPED;
    if (notice->source != chunk->kept_source) {
        chunk->kept_source = notice->source;
        chunk->num_kept = 0;
    }
    /* Details are few, and each source must be able to say its own. */
    if (notice->kind != WCP_NOTICE_DETAIL &&
        (repeats_last(chunk, notice) || ++chunk->num_kept > MAX_NOTICES)) {
        chunk->notices.at[chunk->notices.num - 1].num_dropped++;
        return;
    }
    if (!wcp_array_grow(sink->reading->store->mem, &chunk->notices)) {
        chunk->num_kept = 0; /* there is no last one */
        wcp_no_memory(&sink->fault);
        return;
    }
    chunk->notices.at[chunk->notices.num++] =
        (struct wcp_kept_notice){ *notice, 0 };
}

/* Hang the chunk in at its number; chunks of other numbers may still lack. */
static enum wcp_code
keep_chunk(struct sink *sink, struct wcp_chunk *chunk, uint64_t number)
{
    struct reading *reading = sink->reading;
    struct wcp_store *store = reading->store;
    enum wcp_code code = WCP_CODE_OK;
    bool kept;

    pthread_mutex_lock(&reading->lock);
    kept = wcp_array_reserve(store->mem, &store->chunks, (size_t)number + 1);
    if (kept) {
        while (store->chunks.num <= number)
            store->chunks.at[store->chunks.num++] = NULL;
        store->chunks.at[number] = chunk;
    }
    if (kept && store->placing != NULL) {
        code = wcp_placing_go_on(store, &reading->lock, &sink->fault);
        sink->chunk = wcp_placing_spare(store);
    }
    pthread_mutex_unlock(&reading->lock);
    if (!kept)
        wcp_chunk_free(store->mem, chunk);
    return kept && sink->chunk != NULL ? code : wcp_no_memory(&sink->fault);
}

static enum wcp_code
put_away(struct sink *sink, struct wcp_chunk **packed_ret)
{
    struct wcp_store *store = sink->reading->store;

    if (store->placing == NULL)
        return wcp_chunk_put_away(store, sink->slabs, sink->chunk, packed_ret,
                                  &sink->fault);
    wcp_samples_relieve(store, sink->chunk);
    *packed_ret = wcp_chunk_pack_some(store, &sink->reading->lock, sink->chunk);
    if (*packed_ret == NULL)
        return wcp_no_memory(&sink->fault);
    sink->chunk = NULL;
    return WCP_CODE_OK;
}

static void
fail_reading(struct reading *reading, const struct wcp_fault *fault)
{
    pthread_mutex_lock(&reading->lock);
    if (reading->fault.code == WCP_CODE_OK)
        reading->fault = *fault;
    pthread_mutex_unlock(&reading->lock);
    atomic_store(&reading->stop, true);
}

static void
report_progress(struct reading *reading)
{
    const struct wcp_store_listener *listener = reading->listener;
    uint64_t done, total;

    if (listener == NULL || listener->progress == NULL)
        return;
    wcp_reader_progress(reading->store->reader, &done, &total);
    if (!listener->progress(listener->ctx, reading->num_documents, done,
                            total)) {
        struct wcp_fault fault = { 0 };

        wcp_fail(&fault, WCP_CODE_STOPPED, 0, "stopped");
        fail_reading(reading, &fault);
    }
}

/* Take and sign one batch.  False when there is none left. */
static bool
read_batch(struct sink *sink, struct wcp_worker *worker)
{
    struct reading *reading = sink->reading;
    const struct wcp_consumer consumer = { on_document, on_notice, sink };
    const struct wcp_tap *tap = reading->store->opts.tap;
    struct wcp_fault fault = { 0 };
    struct wcp_chunk *packed;
    size_t num_documents;
    enum wcp_code code;
    uint64_t number;

    if (!wcp_reader_next(reading->store->reader, worker, &number))
        return false;
    code = wcp_worker_process(worker, &consumer, &sink->chunk->info, &fault);
    if (code != WCP_CODE_OK) {
        /* A callback that stopped the worker has said why. */
        if (sink->fault.code == WCP_CODE_OK)
            sink->fault = fault;
        return false;
    }
    num_documents = sink->chunk->entries.num;
    if (tap != NULL &&
        tap->take(tap->ctx, sink->chunk, &sink->fault) != WCP_CODE_OK)
        return false;
    if (reading->store->opts.signs_only)
        wcp_chunk_strip(sink->chunk);
    if (put_away(sink, &packed) != WCP_CODE_OK ||
        keep_chunk(sink, packed, number) != WCP_CODE_OK)
        return false;
    atomic_fetch_add(&reading->num_documents, num_documents);
    return true;
}

/* Memory did not last for a text, most often a very long one: what would have?
 * To read and sign one took 8 bytes for each of 10 million Latin letters, with
 * samples, and 3 without; 10 and 5 for each Chinese one.  If it has a copy it
 * will be compared. */
static void
note_need(struct reading *reading, const struct sink *sink)
{
    const struct wcp_store_options *opts = &reading->store->opts;
    const double by_unit = opts->sample ? 5.5 : 1.5;
    size_t bytes = sink->longest, units = sink->longest_units;

    /* It was not known how long it is: what was refused was a place for it. */
    if (sink->fault.code == WCP_CODE_NO_MEMORY && !sink->had_text &&
        opts->memory != NULL && bytes < opts->memory->refused)
        bytes = units = (size_t)opts->memory->refused;
    reading->needed += bytes + (uint64_t)(by_unit * (double)units);
    reading->needed_alike += (uint64_t)units * WCP_COMPARED_BYTES;
}

static void
read_thread(void *ctx, unsigned thread)
{
    struct reading *reading = ctx;
    const struct wcp_memory *mem = reading->store->mem;
    struct sink sink = { .reading = reading, .chunk = wcp_chunk_new(mem) };
    struct wcp_worker *worker = NULL;

    if (sink.chunk == NULL)
        wcp_no_memory(&sink.fault);
    else if (wcp_worker_new(reading->store->reader, &worker, &sink.fault) ==
                 WCP_CODE_OK &&
             wcp_signer_init(&sink.signer, reading->store, &sink.fault) ==
                 WCP_CODE_OK)
        while (!atomic_load(&reading->stop) && read_batch(&sink, worker))
            if (thread == 0)
                report_progress(reading);
    if (sink.fault.code != WCP_CODE_OK)
        fail_reading(reading, &sink.fault);
    wcp_signer_release(&sink.signer);
    wcp_worker_free(worker);
    wcp_chunk_free(mem, sink.chunk);
    pthread_mutex_lock(&reading->lock);
    for (size_t i = 0; i < WCP_NUM_SLABS; i++)
        wcp_slabs_move(&reading->store->slabs[i], &sink.slabs[i]);
    note_need(reading, &sink);
    pthread_mutex_unlock(&reading->lock);
}

static void
name_need(const struct reading *reading)
{
    const struct wcp_store *store = reading->store;
    struct wcp_quota *memory = store->opts.memory;
    uint64_t fixed, least, done, total, num = reading->num_documents;

    if (memory == NULL || memory->limit == 0)
        return;
    if (store->reader != NULL) {
        wcp_reader_progress(store->reader, &done, &total);
        if (done > 0 && total > done)
            num = (uint64_t)((double)num * (double)total / (double)done);
    }
    fixed = wcp_store_sizes(store, num, 0, 0).least +
            store->opts.num_threads * READING_BY_THREAD;
    /* More than was too little, whatever it was. */
    least = memory->limit + memory->limit / 16;
    memory->needed = fixed + reading->needed;
    if (memory->needed < least)
        memory->needed = least;
    memory->needed_alike = fixed + reading->needed_alike;
}

enum wcp_code
wcp_store_read(struct wcp_store *store,
               const struct wcp_store_listener *listener,
               struct wcp_fault *fault)
{
    struct reading reading = { .store = store, .listener = listener };

    if (!wcp_placing_begin(store))
        return wcp_no_memory(fault);
    pthread_mutex_init(&reading.lock, NULL);
    wcp_run_threads(store->opts.num_threads, read_thread, &reading);
    pthread_mutex_destroy(&reading.lock);
    if (reading.fault.code == WCP_CODE_NO_MEMORY)
        name_need(&reading);
    if (reading.fault.code != WCP_CODE_OK && fault != NULL)
        *fault = reading.fault;
    return reading.fault.code;
}
