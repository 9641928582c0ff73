/*
 * wirecopy_limits.c - the public API: how much memory and disk may be taken
 *
 * The library counts its own heap.  What else is resident, the program and its
 * libraries, their tables and small pieces of memory that the C library keeps,
 * was measured and is taken off the limit beforehand.
 */
#include "wirecopy_internal.h"

#include "store/portion.h"

#include <inttypes.h>
#include <stdio.h>

#define MIB ((uint64_t)1 << 20)
/* Resident besides the heap: at all, and for each thread. */
#define RESERVE (8 * MIB)
#define THREAD_RESERVE (1 * MIB)
/* The heap that reading a batch takes, which is what a thread does first; and
 * what comes later, of few documents, with samples. */
#define LEAST_HEAP (4 * MIB)
#define LEAST_SAMPLE_HEAP (7 * MIB)
#define LEAST_THREAD_HEAP (6 * MIB)

/* Named beyond what was refused late, so that the first that is named works. */
#define REFUSED_EXTRA (48 * MIB)

static uint64_t
reserve_of(const struct wcp_corpus *corpus)
{
    return RESERVE + corpus->stats.threads * THREAD_RESERVE;
}

/* The least for any documents at all. */
static uint64_t
least_heap(const struct wcp_corpus *corpus, bool with_samples)
{
    return (with_samples ? LEAST_SAMPLE_HEAP : LEAST_HEAP) +
           corpus->stats.threads * LEAST_THREAD_HEAP;
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* "64M": as it may have been given, or 'up' to whole MiB. */
static void
format_size(uint64_t num_bytes, bool up, char out[24])
{
    static const char units[] = { 'G', 'M', 'K' };
    unsigned shift = up ? 20 : 30;

    if (up)
        num_bytes = (num_bytes + MIB - 1) / MIB * MIB;
    for (size_t i = up ? 1 : 0; i < sizeof units; i++, shift -= 10)
        if (num_bytes % (UINT64_C(1) << shift) == 0) {
            snprintf(out, 24, "%" PRIu64 "%c", num_bytes >> shift, units[i]);
            return;
        }
    snprintf(out, 24, "%" PRIu64, num_bytes);
}

/* ", and 98M if the longest texts have copies", where that is known and more.
 */
static const char *
alike_of(const struct wcp_corpus *corpus, uint64_t heap, char out[64])
{
    const uint64_t needed = corpus->heap.quota.needed_alike;
    char size[24];

    out[0] = '\0';
    if (needed > heap) {
        format_size(needed + reserve_of(corpus), true, size);
        snprintf(out, 64, ", and %s if the longest texts have copies", size);
    }
    return out;
}

/* What looking for texts that lie in others takes is known when all has been
 * read; and that less would do without. */
static enum wcp_code
fail_samples(const struct wcp_corpus *corpus, const char *given, uint64_t heap,
             enum wcp_code code, struct wcp_fault *fault)
{
    const struct wcp_store *store = corpus->store;
    /* With what is left of reading. */
    const uint64_t apart =
        wcp_store_sizes(store, store->num_documents, 0, 0).apart +
        (1 + corpus->stats.threads) * MIB;
    char size[24], less[24], alike[64];

    format_size(heap + reserve_of(corpus), true, size);
    format_size(larger(apart, least_heap(corpus, false)) + reserve_of(corpus),
                true, less);
    if (store->num_documents == 0)
        return wcp_fail(fault, code, 0,
                        "memory of %s is too little: with %" PRIu32 " thread%s "
                        "at least %s is needed%s; relations identical,reprint "
                        "need less",
                        given, corpus->stats.threads,
                        corpus->stats.threads == 1 ? "" : "s", size,
                        alike_of(corpus, heap, alike));
    return wcp_fail(fault, code, 0,
                    "memory of %s is too little: at least %s is needed; "
                    "relations identical,reprint work from about %s",
                    given, size, less);
}

static enum wcp_code
fail_memory(const struct wcp_corpus *corpus, uint64_t heap, enum wcp_code code,
            struct wcp_fault *fault)
{
    char size[24], given[24], alike[64];

    heap = larger(heap, least_heap(corpus, wcp_corpus_needs_sample(corpus)));
    format_size(corpus->opts.memory, false, given);
    format_size(heap + reserve_of(corpus), true, size);
    if (corpus->store != NULL && corpus->store->opts.sample)
        return fail_samples(corpus, given, heap, code, fault);
    return wcp_fail(fault, code, 0,
                    "memory of %s is too little: with %" PRIu32 " thread%s at "
                    "least %s is needed%s",
                    given, corpus->stats.threads,
                    corpus->stats.threads == 1 ? "" : "s", size,
                    alike_of(corpus, heap, alike));
}

enum wcp_code
wcp_corpus_set_limits(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    const uint64_t memory = corpus->opts.memory;
    const uint64_t least = least_heap(corpus, wcp_corpus_needs_sample(corpus));

    corpus->disk.limit = corpus->opts.tmp_limit;
    if (memory == 0)
        return WCP_CODE_OK;
    if (memory < reserve_of(corpus) + least)
        return fail_memory(corpus, least, WCP_CODE_BAD_OPTION, fault);
    corpus->heap.quota.limit = memory - reserve_of(corpus);
    corpus->heap.inner = corpus->allocator;
    corpus->heap.all_inner = corpus->opts.allocator != NULL;
    corpus->mem = wcp_memory_counted(&corpus->heap);
    return WCP_CODE_OK;
}

/* ---- beforehand ---- */

/* Documents of which one in two is written with its group. */
enum { FOUND_BYTES = 200 };
/* What verifying takes beside reading, as a rule; the second where texts are
 * looked for in others: .4 to 4 times was seen, by how many copies there are.
 */
#define VERIFY_SHARE .8
#define SEARCH_SHARE 3.
/* Where not all documents are looked at they are counted by a sample, right to
 * a hundredth as a rule: 2,975,234 for 3 million.  What is named shall do, so a
 * fiftieth is added. */
enum { COUNT_ERROR_SHARE = 50 };
/* Texts that have copies are kept, half of all as they may be; folded they take
 * about as many bytes as they have.  Of large corpora that is made up for by
 * what else is counted.  52 MB of English copies: 129 MB are named, 132 seen;
 * 54 of Chinese 87 and 84; 27 of Reuters 82 and 85; 214 of English 430 and 395;
 * 630 of both 595 and 518. */
#define KEPT_SHARE .5
#define MOST_KEPT (48 * MIB)
/* Where they leave memory they are read again, some at a time: 2 to 8 times as
 * long was seen, most where many are copies. */
#define APART_TIMES 4.

/* What of samples goes to a file where nothing is limited. */
static uint64_t
samples_apart(const struct wcp_corpus *corpus,
              const struct wcp_store_sample *sample)
{
    const double num = (double)sample->documents * sample->samples;

    return corpus->opts.memory > 0 || corpus->opts.tmp_limit > 0 ||
                   num <= (double)corpus->store->opts.most_samples
               ? 0
               : (uint64_t)(num * sizeof(uint32_t));
}

/* Texts that are kept folded where nothing is limited. */
static uint64_t
texts_kept(const struct wcp_corpus *corpus,
           const struct wcp_store_sample *sample)
{
    const double kept = KEPT_SHARE * sample->bytes;

    return corpus->opts.memory > 0    ? 0
           : kept < (double)MOST_KEPT ? (uint64_t)kept
                                      : MOST_KEPT;
}

static void
fill_forecast(const struct wcp_corpus *corpus,
              const struct wcp_store_sample *sample,
              struct wcp_forecast *forecast)
{
    const uint32_t threads = corpus->stats.threads;
    const uint64_t limit = corpus->heap.quota.limit;
    /* Where nothing is limited, threads share what is not full. */
    const uint64_t fixed =
        reserve_of(corpus) + threads * (limit > 0 ? 2 : 1) * MIB;
    /* What reading takes besides, as a rule. */
    const uint64_t reading = LEAST_HEAP + threads * 2 * MIB;
    const bool with_samples = corpus->store->opts.sample;
    const struct wcp_store_sizes sizes = wcp_store_sizes(
        corpus->store, sample->documents, sample->strings, sample->samples);
    /* As it is decided while reading, and at the end of it. */
    const bool leaves = limit > 0 && (sizes.reading + reading > limit / 3 ||
                                      (with_samples && 2 * sizes.peak > limit));
    const uint64_t error = sample->sampled < sample->documents
                               ? sizes.least / COUNT_ERROR_SHARE
                               : 0;

    forecast->documents = sample->documents;
    forecast->bytes = (uint64_t)sample->bytes;
    forecast->sampled = sample->sampled;
    forecast->temporary = samples_apart(corpus, sample);
    forecast->memory =
        fixed + sizes.peak - forecast->temporary + texts_kept(corpus, sample);
    forecast->least_memory =
        reserve_of(corpus) + larger(sizes.least + error + sample->parts,
                                    least_heap(corpus, with_samples));
    if (leaves) {
        forecast->memory = corpus->opts.memory;
        forecast->temporary = sizes.file;
        if (!with_samples)
            forecast->temporary +=
                (uint64_t)((double)sample->documents *
                           ((double)FOUND_BYTES + sample->strings) / 2);
    }
    forecast->seconds = sample->seconds *
                        (1 + (with_samples ? SEARCH_SHARE : VERIFY_SHARE)) /
                        threads;
    if (leaves && with_samples)
        forecast->seconds *= APART_TIMES;
}

enum wcp_status
wcp_corpus_forecast(struct wcp_corpus *corpus, struct wcp_forecast *forecast,
                    struct wcp_error *err)
{
    struct wcp_forecast own = { 0 };
    struct wcp_store_sample sample;
    struct wcp_fault fault = { 0 };
    enum wcp_code code = wcp_struct_take(
        &own, sizeof own, forecast, WCP_SIZE_TO(struct wcp_forecast, sampled),
        "wcp_forecast", &fault);

    if (code == WCP_CODE_OK)
        code = wcp_corpus_check_open(corpus, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_check_texts(corpus, "a plan", &fault);
    /* Closed, so that nothing can be asked of what was not stored. */
    if (code == WCP_CODE_OK)
        code = wcp_store_close(corpus->store, NULL, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_sample(corpus->store, &sample, &fault);
    if (code == WCP_CODE_OK) {
        fill_forecast(corpus, &sample, &own);
        if (corpus->opts.memory > 0 && own.least_memory > corpus->opts.memory)
            code = fail_memory(corpus, own.least_memory - reserve_of(corpus),
                               WCP_CODE_NO_MEMORY, &fault);
    }
    if (code == WCP_CODE_OK)
        wcp_struct_give(forecast, &own, sizeof own);
    return wcp_corpus_tell(corpus, err, code, &fault);
}

/* ---- what went wrong ---- */

enum wcp_code
wcp_corpus_lift_limit(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    if (corpus->store->spill != NULL)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "this needs a corpus without a limit of memory");
    corpus->heap.quota.limit = 0;
    return WCP_CODE_OK;
}

enum wcp_status
wcp_corpus_tell(struct wcp_corpus *corpus, struct wcp_error *err,
                enum wcp_code code, struct wcp_fault *fault)
{
    const struct wcp_quota *heap = &corpus->heap.quota;
    char size[24];

    if (code == WCP_CODE_NO_MEMORY && heap->needed > 0)
        fail_memory(corpus, heap->needed, code, fault);
    else if (code == WCP_CODE_NO_MEMORY && heap->refused > 0)
        /* What was refused would not have been the last: of a form with
         * thousands of issues each pair is listed. */
        fail_memory(corpus, 2 * (heap->peak + heap->refused) + REFUSED_EXTRA,
                    code, fault);
    else if (code == WCP_CODE_IO && corpus->disk.refused > 0) {
        format_size(corpus->disk.limit, false, size);
        wcp_fail(fault, code, 0,
                 "the temporary files take more than the %s of tmp-limit",
                 size);
    }
    return wcp_tell(err, code, fault);
}
