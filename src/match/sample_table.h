/*
 * sample_table.h - samples that have left memory, some of them at a time
 *
 *   table    samples of some values and some classes, sorted
 *   notes    of each sample: how many texts have it
 *   asking   who has much of the sample of another one
 */
#ifndef WCP_MATCH_SAMPLE_TABLE_H
#define WCP_MATCH_SAMPLE_TABLE_H

#include "match/match.h"

#include <stdatomic.h>

enum {
    WCP_NUM_BUCKETS = 1 << 12,
    WCP_BUCKET_SHIFT = 64 - 12, /* of an item */
};

/* A note: how many classes have the sample, up to WCP_NOTE_MOST (or 1, if it is
 * chosen of none of their texts, so that nobody asks about it), whether the
 * class does not ask about it here, since it is not chosen or not for the first
 * time, and whether the class is not among the
 * first WCP_SAMPLE_LISTED of them. */
#define WCP_NOTE_MOST 0x3FFF
#define WCP_NOTE_UNASKED 0x4000
#define WCP_NOTE_UNLISTED 0x8000

/* Samples are the least of many hashes; so that the first bits tell them apart
 * they are multiplied by an odd number, which leaves different ones
 * different. */
static inline uint32_t
wcp_sample_spread(uint32_t sample)
{
    return sample * UINT32_C(0x9E3779B1);
}

static inline uint32_t
wcp_sample_unspread(uint32_t spread)
{
    return spread * UINT32_C(0xE8B2F51);
}

/* Items are a spread sample << 32 | a class, or whatever is known of it. */
struct wcp_sample_table {
    struct wcp_store *store;
    /* What of the samples: ranges and buckets, from .. to - 1; and those whose
     * note is at least 'least' and has no bit of 'without'. */
    uint32_t first_range, end_range, first_bucket, end_bucket;
    uint16_t least, without; /* 0, 0: there are no notes */
    uint32_t minus;          /* what is taken off the number of a class */
    /* A bit for each spread sample >> filter_shift; NULL: all are taken. */
    _Atomic uint64_t *filter;
    unsigned filter_shift;

    uint64_t *items;
    size_t cap;                             /* of items */
    size_t begins[WCP_NUM_BUCKETS + 1];     /* of buckets in items */
    _Atomic uint64_t ends[WCP_NUM_BUCKETS]; /* what of them is used */
    uint32_t
        *firsts; /* [2^first_bits], in items, see wcp_sample_table_find() */
    unsigned first_bits;
    size_t num_firsts;

    struct wcp_sample_range *ranges; /* one a thread */
    uint64_t **scratch;              /* one a thread, of twice the largest */
    size_t scratch_cap;
    pthread_mutex_t lock;
    struct wcp_fault fault; /* the first */
    _Atomic bool failed;
};

enum wcp_code wcp_sample_table_init(struct wcp_sample_table *table,
                                    struct wcp_store *store,
                                    struct wcp_fault *fault);
void wcp_sample_table_release(struct wcp_sample_table *table);
/* Note that a thread has failed; the first one counts. */
void wcp_sample_table_fail(struct wcp_sample_table *table,
                           const struct wcp_fault *fault);

/* Take only samples that wcp_sample_table_take() is given, and a few besides
 * that cannot be told from these: 'num' at most.  If those are too many for the
 * memory there is, all are taken still. */
enum wcp_code wcp_sample_table_filter(struct wcp_sample_table *table,
                                      uint64_t num, struct wcp_fault *fault);

/* By any thread. */
static inline void
wcp_sample_table_take(struct wcp_sample_table *table, uint32_t sample)
{
    const uint32_t bit = wcp_sample_spread(sample) >> table->filter_shift;

    atomic_fetch_or_explicit(&table->filter[bit / 64], UINT64_C(1) << bit % 64,
                             memory_order_relaxed);
}

static inline bool
wcp_sample_table_takes(const struct wcp_sample_table *table, uint32_t sample)
{
    const uint32_t bit = wcp_sample_spread(sample) >> table->filter_shift;

    return table->filter == NULL ||
           (atomic_load_explicit(&table->filter[bit / 64],
                                 memory_order_relaxed) >>
                bit % 64 &
            1) != 0;
}

/* How many samples each bucket has: counts[WCP_NUM_BUCKETS]; and how many are
 * of each range, by its number, unless that is NULL. */
enum wcp_code wcp_sample_table_count(struct wcp_sample_table *table,
                                     uint64_t *counts, uint32_t *by_range,
                                     struct wcp_fault *fault);
/* Have items, sorted within buckets, by what the fields above say; counts as
 * of that call.  each(table, thread, bucket), if given, may then shorten a
 * bucket. */
enum wcp_code
wcp_sample_table_fill(struct wcp_sample_table *table, const uint64_t *counts,
                      void (*each)(struct wcp_sample_table *table,
                                   unsigned thread, size_t bucket),
                      struct wcp_fault *fault);

/* Where to look for a spread sample; have it come from memory. */
static inline void
wcp_sample_table_ask(const struct wcp_sample_table *table, uint32_t spread)
{
    __builtin_prefetch(&table->firsts[spread >> (32 - table->first_bits)]);
}

static inline void
wcp_sample_table_await(const struct wcp_sample_table *table, uint32_t spread)
{
    __builtin_prefetch(
        &table->items[table->firsts[spread >> (32 - table->first_bits)]]);
}

/* The first item of a spread sample in *at_ret, or none: false.  The items of
 * its bucket end at *end_ret. */
static inline bool
wcp_sample_table_find(const struct wcp_sample_table *table, uint32_t spread,
                      size_t *at_ret, size_t *end_ret)
{
    const size_t end = (size_t)atomic_load_explicit(
        &table->ends[spread >> (WCP_BUCKET_SHIFT - 32)], memory_order_relaxed);
    size_t at = table->firsts[spread >> (32 - table->first_bits)];

    while (at < end && table->items[at] >> 32 < spread)
        at++;
    *at_ret = at;
    *end_ret = end;
    return at < end && table->items[at] >> 32 == spread;
}

/* ---- sample_notes.c ---- */

/* What a table may take of what memory is left. */
uint64_t wcp_sample_table_bytes(const struct wcp_store *store);

/* Make the notes, unless they are there. */
enum wcp_code wcp_samples_note(struct wcp_store *store,
                               struct wcp_fault *fault);

#endif /* WCP_MATCH_SAMPLE_TABLE_H */
