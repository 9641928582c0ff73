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

/* ---- choice (sample_choice.c) ---- */

enum { WCP_SAMPLES_ASKED = 48 };

/* What of a text is asked about: the different samples of which
 * wcp_sample_mix() is not above the bound. */
struct wcp_sample_choice {
    uint32_t bound;
    uint32_t num;
    uint32_t num_distinct; /* of all its samples */
};

/* Room to choose; zeroed but for mem. */
struct wcp_sample_chooser {
    const struct wcp_memory *mem;
    uint32_t *slots;
    uint64_t *values;
    size_t num_slots;
};

/* The order in which they are chosen; different ones stay different. */
static inline uint32_t
wcp_sample_mix(uint32_t sample)
{
    return (sample ^ sample >> 15) * UINT32_C(0x2C1B3C6D);
}

/* False when out of memory. */
bool wcp_sample_choose(struct wcp_sample_chooser *chooser,
                       const uint32_t *samples, size_t num,
                       struct wcp_sample_choice *choice);
void wcp_sample_chooser_release(struct wcp_sample_chooser *chooser);
/* How many of those that are chosen must be in another text, for a share of all
 * to be there; so much (0 .. 1) of what chance may hide is allowed for. */
uint32_t wcp_sample_least(const struct wcp_sample_choice *choice, double share,
                          double allowance);

/* ---- index (sample_index.c) ---- */

enum { WCP_HIT_BITS = 40 }; /* of a hit; the rest is how frequent it is */

/*
 * Classes go by their place in the order of digests.  Lists of classes that
 * have a sample in common stand where the samples of their part stood, side by
 * side: the number of classes, the sample, then the classes, ascending.
 */
enum { WCP_LIST_HEAD = 2 };

struct wcp_sample_index {
    const struct wcp_store *store;
    unsigned part_bits;
    size_t num_blocks;
    size_t total;
    uint64_t *samples; /* [total], by part */
    size_t *begins;    /* [parts + 1]; of lists, once they are there: words */
    size_t *cursors;   /* [num_blocks][parts] */
    size_t *list_ends; /* [parts], in 32-bit words from samples */
    struct wcp_sampled_class *classes; /* [num_classes] */
    _Atomic uint64_t
        *asked;          /* a bit for each hash of a sample that is chosen */
    unsigned asked_bits; /* in the number of a bit */
    _Atomic uint32_t *num_hits; /* [num_classes] */
    size_t *hit_begins;         /* [num_classes + 1] */
    uint64_t *hits;             /* by class: frequency << WCP_HIT_BITS | list */
    struct wcp_part_scratch *scratch; /* one a thread */
    atomic_bool no_memory;
};

/* What is asked of very many classes, side by side. */
struct wcp_sampled_class {
    uint32_t c;
    uint32_t num_units; /* of the text */
    uint32_t num_sample;
    struct wcp_sample_choice choice;
};

/* ---- rules (inclusions.c) ---- */

/* How many of the chosen samples must be in another text, of which these are,
 * frequency << WCP_HIT_BITS | any, sorted: with less slack, if the rarest are
 * in very many. */
uint32_t wcp_inclusion_need(double share,
                            const struct wcp_sample_choice *choice,
                            const uint64_t *hits, size_t num);

/* What a class that is asked for must have in common with another one. */
struct wcp_wanted {
    uint32_t c;
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

/* What is asked, in memory or not. */
struct wcp_sample_question {
    const uint8_t *asked; /* by class; NULL: all */
    double share;
    /* wcp_nearly_in_find(), or wcp_inclusions_find() */
    bool nearly;
    bool (*keep)(const void *ctx, uint32_t part, uint32_t whole);
    const void *ctx;
};

/* Where samples have left memory (sample_asking.c). */
enum wcp_code wcp_samples_ask_out(struct wcp_inclusions *inclusions,
                                  struct wcp_store *store,
                                  const struct wcp_sample_question *question,
                                  struct wcp_fault *fault);

/* Zeroed but for store.  False when out of memory; it is to be released in any
 * case. */
bool wcp_sample_index_make(struct wcp_sample_index *index);
void wcp_sample_index_release(struct wcp_sample_index *index);

#endif /* WCP_MATCH_SAMPLE_INDEX_H */
