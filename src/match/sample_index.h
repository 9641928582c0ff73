/*
 * sample_index.h - who has which samples of shingles, for the files of this
 * layer
 */
#ifndef WCP_MATCH_SAMPLE_INDEX_H
#define WCP_MATCH_SAMPLE_INDEX_H

#include "match/match.h"

#include <math.h>
#include <stdatomic.h>

/* How far the share of samples may be below that of shingles. */
#define WCP_SAMPLE_SLACK .2

enum { WCP_HIT_BITS = 40 }; /* of a hit; the rest is how frequent it is */

/*
 * Lists of classes that have a sample in common stand where the samples of
 * their part stood, side by side: the number of classes, then these, ascending.
 */
struct wcp_sample_index {
    const struct wcp_store *store;
    double share; /* the threshold */
    unsigned part_bits;
    size_t num_blocks;
    size_t total;
    uint64_t *samples; /* [total], by part */
    size_t *begins;    /* [parts + 1]; of lists, once they are there: words */
    size_t *cursors;   /* [num_blocks][parts] */
    size_t *list_ends; /* [parts], in 32-bit words from samples */
    struct wcp_sampled_class *classes; /* [num_classes] */
    _Atomic uint32_t *num_hits;        /* [num_classes + 1] */
    size_t *hit_begins;                /* [num_classes + 1] */
    uint64_t *hits; /* by class: frequency << WCP_HIT_BITS | list */
    size_t num_all_hits;
    struct wcp_part_scratch *scratch; /* one a thread */
    atomic_bool no_memory;
};

/* What is asked of very many classes, side by side. */
struct wcp_sampled_class {
    _Atomic uint32_t size; /* different samples */
    uint32_t num_sample;   /* samples */
    uint32_t num_units;    /* of the text */
    bool wanted;           /* hits are needed */
};

/* Different samples of a class, once parts were listed. */
static inline uint32_t
wcp_sample_size(const struct wcp_sample_index *index, uint32_t c)
{
    return atomic_load_explicit(&index->classes[c].size, memory_order_relaxed);
}

/* How many of so many samples must be in another text. */
static inline uint32_t
wcp_inclusion_least(double share, uint32_t size, double slack)
{
    const uint32_t need =
        share > slack ? (uint32_t)ceil((share - slack) * size) : 0;

    return need > 0 ? need : 1;
}

static inline uint32_t
wcp_least_shared(const struct wcp_sample_index *index, uint32_t c, double slack)
{
    return wcp_inclusion_least(index->share, wcp_sample_size(index, c), slack);
}

/* ---- rules (inclusions.c) ---- */

/* The same of a text with these hits, frequency << WCP_HIT_BITS | any, sorted:
 * with less slack, if the rarest are in very many. */
uint32_t wcp_inclusion_need(double share, uint32_t size, const uint64_t *hits,
                            size_t num);

/* What a class that is asked for must have in common with another one. */
struct wcp_wanted {
    uint32_t need;         /* samples */
    double size;           /* of its shingle set, about */
    const uint8_t *values; /* of its signature; NULL: none */
};
/* That size; of num_sample samples num_distinct are different. */
double wcp_inclusion_size(uint32_t num_units, uint32_t num_distinct,
                          uint32_t num_sample);
/* Whether signatures leave it possible that a share of what is wanted stands
 * in another class, of so many units. */
bool wcp_inclusion_allowed(const struct wcp_store *store, double share,
                           const struct wcp_wanted *wanted, uint32_t other,
                           uint32_t other_units);

/* wcp_inclusions_find() where samples have left memory (sample_asking.c). */
enum wcp_code wcp_inclusions_find_out(struct wcp_inclusions *inclusions,
                                      struct wcp_store *store,
                                      const uint8_t *asked, double threshold,
                                      struct wcp_fault *fault);

/* Zeroed but for store and share.  False when out of memory; it is to be
 * released in any case. */
bool wcp_sample_index_make(struct wcp_sample_index *index);
/* Have the hits of the classes with asked[c] (NULL: of all).  False when out of
 * memory. */
bool wcp_sample_index_hand_out(struct wcp_sample_index *index,
                               const uint8_t *asked);
void wcp_sample_index_take_back(struct wcp_sample_index *index);
void wcp_sample_index_release(struct wcp_sample_index *index);

#endif /* WCP_MATCH_SAMPLE_INDEX_H */
