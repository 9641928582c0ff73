/*
 * sampling.c - what reading everything would come to, from a part of it
 *
 * Of all batches every so many-th is read and signed, as it would be, and
 * thrown away.  Files of records are cut into batches without being read, so
 * that the sample comes from all over the input and costs the same for any
 * size; what is compressed has to be unpacked up to where it is looked at,
 * which ends after a while.  What was found is taken for the share of the
 * input's bytes that it was found in.
 */
#include "store/chunk.h"

#include <math.h>

/* About how much is looked at, and for how long. */
#define SAMPLE_BYTES ((uint64_t)64 << 20)
#define MAX_SECONDS 5.0

struct sampling {
    struct wcp_store *store;
    struct wcp_signer signer;
    struct wcp_chunk *chunk;
    struct wcp_fault fault;
    uint64_t sampled; /* bytes of the files that were looked at */
    uint64_t strings; /* bytes */
    uint64_t samples;
    size_t most_num, most_strings; /* of a batch */
};

static bool
on_document(void *ctx, const struct wcp_document *doc)
{
    struct sampling *sampling = ctx;

    if (wcp_signer_append(&sampling->signer, sampling->chunk, doc))
        return true;
    wcp_no_memory(&sampling->fault);
    return false;
}

static void
on_notice(void *ctx, const struct wcp_notice *notice)
{
    (void)ctx;
    (void)notice;
}

static uint64_t
bytes_done(const struct wcp_store *store)
{
    uint64_t done, total;

    wcp_reader_progress(store->reader, &done, &total);
    return done;
}

/* Read the batch at hand and add what it is to the sample. */
static enum wcp_code
sample_batch(struct sampling *sampling, struct wcp_worker *worker,
             struct wcp_store_sample *sample, struct wcp_fault *fault)
{
    const struct wcp_consumer consumer = { on_document, on_notice, sampling };
    struct wcp_chunk *chunk = sampling->chunk;
    enum wcp_code code =
        wcp_worker_process(worker, &consumer, &chunk->info, fault);

    if (code != WCP_CODE_OK) {
        if (sampling->fault.code != WCP_CODE_OK && fault != NULL)
            *fault = sampling->fault;
        return sampling->fault.code != WCP_CODE_OK ? sampling->fault.code
                                                   : code;
    }
    sample->sampled += chunk->entries.num;
    sample->bytes += (double)chunk->info.num_bytes;
    sampling->strings += chunk->strings.len;
    sampling->samples += chunk->samples.num;
    if (sampling->most_num < chunk->entries.num)
        sampling->most_num = chunk->entries.num;
    if (sampling->most_strings < chunk->strings.len)
        sampling->most_strings = chunk->strings.len;
    wcp_chunk_strip(chunk);
    return WCP_CODE_OK;
}

static enum wcp_code
sample_all(struct sampling *sampling, struct wcp_worker *worker,
           struct wcp_store_sample *sample, struct wcp_fault *fault)
{
    const double start = wcp_cpu_seconds();
    struct wcp_reader *reader = sampling->store->reader;
    enum wcp_code code = WCP_CODE_OK;
    uint64_t done, total, step, number;

    wcp_reader_progress(reader, &done, &total);
    step = total / SAMPLE_BYTES + 1;
    for (uint64_t i = 0; code == WCP_CODE_OK; i++) {
        const uint64_t before = bytes_done(sampling->store);

        if (!wcp_reader_next(reader, worker, &number))
            break;
        if (i % step != 0)
            continue;
        code = sample_batch(sampling, worker, sample, fault);
        sampling->sampled += bytes_done(sampling->store) - before;
        if (wcp_cpu_seconds() - start > MAX_SECONDS)
            break;
    }
    sample->seconds = wcp_cpu_seconds() - start;
    return code;
}

enum wcp_code
wcp_store_sample(struct wcp_store *store, struct wcp_store_sample *sample,
                 struct wcp_fault *fault)
{
    struct sampling sampling = { .store = store,
                                 .chunk = wcp_chunk_new(store->mem) };
    struct wcp_worker *worker = NULL;
    uint64_t done, total;
    double times;
    enum wcp_code code;

    *sample = (struct wcp_store_sample){ 0 };
    if (sampling.chunk == NULL)
        return wcp_no_memory(fault);
    code = wcp_worker_new(store->reader, &worker, fault);
    if (code == WCP_CODE_OK)
        code = wcp_signer_init(&sampling.signer, store, fault);
    if (code == WCP_CODE_OK)
        code = sample_all(&sampling, worker, sample, fault);
    wcp_signer_release(&sampling.signer);
    wcp_worker_free(worker);
    wcp_chunk_free(store->mem, sampling.chunk);
    if (code != WCP_CODE_OK)
        return code;
    wcp_reader_progress(store->reader, &done, &total);
    if (total == 0 && sample->sampled > 0)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "what comes through a pipe cannot be known beforehand; "
                        "name files");
    times = sampling.sampled > 0 ? (double)total / (double)sampling.sampled : 0;
    if (times < 1 && sampling.sampled > 0)
        times = 1;
    sample->documents = (uint64_t)llround((double)sample->sampled * times);
    sample->bytes *= times;
    sample->parts =
        wcp_parts_bytes(store, sampling.most_num, sampling.most_strings);
    sample->seconds *= times;
    if (sample->sampled > 0) {
        sample->strings = (double)sampling.strings / (double)sample->sampled;
        sample->samples = (double)sampling.samples / (double)sample->sampled;
    }
    return WCP_CODE_OK;
}
