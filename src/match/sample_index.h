/*
 * sample_index.h - who has which samples of shingles, for the files of this
 * layer
 */
#ifndef WCP_MATCH_SAMPLE_INDEX_H
#define WCP_MATCH_SAMPLE_INDEX_H

#include "match/match.h"

#include <math.h>
#include <pthread.h>
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
    uint32_t *slots, *values;
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
/* The bound alone; UINT32_MAX where it is all.  It may be less in a text of
 * just as many different samples as are chosen. */
bool wcp_sample_bound(struct wcp_sample_chooser *chooser,
                      const uint32_t *samples, size_t num, uint32_t *bound_ret);
/* So many are different, at least; not more than enough. */
uint32_t wcp_samples_differ(const uint32_t *samples, size_t num,
                            uint32_t enough);
void wcp_sample_chooser_release(struct wcp_sample_chooser *chooser);
/* How many of those that are chosen must be in another text, for a share of all
 * to be there; so much (0 .. 1) of what chance may hide is allowed for. */
uint32_t wcp_sample_least(const struct wcp_sample_choice *choice, double share,
                          double allowance);

/* ---- parts (sample_parts.c) ---- */

/* Samples that end with the same bits are a part; the classes of which all but
 * so many bits of the number are the same, a block. */
struct wcp_sample_parts {
    const struct wcp_store *store;
    unsigned part_bits;
    /* [num_items], by part, then by block: the sample, but for its last bits
     * those of the class */
    uint32_t *items;
    size_t num_items;
    size_t *cursors; /* [blocks][parts]: where the items of each end */
    /* A bit for each hash of a sample that is chosen, until they are taken, and
     * by which; NULL: all are taken. */
    _Atomic uint64_t *asked;
    uint32_t *bounds;    /* [num_classes] */
    unsigned asked_bits; /* in the number of a bit */
    /* Likewise: a bit for each sample of a block, whether it is taken, and
     * where those of each block begin. */
    uint64_t *taken;
    size_t num_taken, *taken_begins;
    struct wcp_sample_chooser *choosers; /* one a thread */
    struct wcp_sample_range *ranges;     /* likewise: what is read of a file */
    atomic_bool failed;
};

static inline size_t
wcp_sample_num_parts(const struct wcp_sample_parts *parts)
{
    return (size_t)1 << parts->part_bits;
}

static inline size_t
wcp_sample_num_blocks(const struct wcp_sample_parts *parts)
{
    return (parts->store->num_classes + wcp_sample_num_parts(parts) - 1) >>
           parts->part_bits;
}

static inline uint32_t
wcp_sample_block_begin(const struct wcp_sample_parts *parts, size_t block)
{
    const uint64_t begin = (uint64_t)block << parts->part_bits;
    const uint32_t n = parts->store->num_classes;

    return begin < n ? (uint32_t)begin : n;
}

static inline size_t
wcp_sample_part_begin(const struct wcp_sample_parts *parts, size_t part)
{
    const size_t last =
        (wcp_sample_num_blocks(parts) - 1) * wcp_sample_num_parts(parts);

    return part > 0 ? parts->cursors[last + part - 1] : 0;
}

/* Zeroed but for the store, which has a class.  False when out of memory, or
 * for what wcp_samples_check() says; it is to be released in any case. */
bool wcp_sample_parts_make(struct wcp_sample_parts *parts);
/* The items, which are the most of it, are not needed any more. */
void wcp_sample_parts_free_items(struct wcp_sample_parts *parts);
void wcp_sample_parts_release(struct wcp_sample_parts *parts);

/* ---- index (sample_index.c) ---- */

enum { WCP_HIT_BITS = 46 }; /* of a hit; the rest is how frequent it is */

/*
 * Lists of classes that have a sample in common stand side by side, those of a
 * part among those of one thread: the number of classes, the sample, then the
 * classes, ascending; where there are more than WCP_SAMPLE_LISTED, first those
 * that are listed, then the others.
 */
enum { WCP_LIST_HEAD = 2 };

struct wcp_sample_lists {
    uint32_t *at;
    size_t num, cap;
};

/* Of the place of a list, among those of its thread; above is the thread. */
enum { WCP_LIST_BITS = 32, WCP_PLACE_BITS = 40 };

/* What the index says of a list: its place, above it how the order in which
 * samples are chosen begins, then how many classes there are or, of more than
 * matter, some. */
enum {
    WCP_MIX_BITS = 12,
    WCP_FREQUENCY_BITS = 64 - WCP_MIX_BITS - WCP_PLACE_BITS,
};

/* Of long lists a bit for each class (sample_bits.c). */
struct wcp_sample_bits {
    uint32_t least; /* classes of such a list */
    atomic_int state;
    pthread_mutex_t lock;
    size_t num, num_words; /* lists; words of each */
    uint64_t *places;      /* [num], ascending */
    uint64_t *words;       /* [num][num_words] */
};

struct wcp_sample_index {
    const struct wcp_store *store;
    double share; /* of its samples that a class which is asked for must have in
                   * common with another one, at least */
    struct wcp_sample_lists *lists; /* [threads] */
    uint32_t *units;                /* [num_classes]: of the texts */
    /* [num_classes + 1]: hits of each; none, if it cannot have that share */
    size_t *hit_begins;
    uint64_t *hits; /* of chosen samples, and maybe others */
    struct wcp_sample_bits bits;
};

static inline const uint32_t *
wcp_sample_index_list(const struct wcp_sample_index *index, uint64_t at)
{
    return index->lists[at >> WCP_LIST_BITS].at +
           (at & ((UINT64_C(1) << WCP_LIST_BITS) - 1));
}

/* ---- bits (sample_bits.c) ---- */

void wcp_sample_bits_init(struct wcp_sample_bits *bits, size_t num_classes);
void wcp_sample_bits_release(struct wcp_sample_bits *bits,
                             const struct wcp_memory *mem);
/* Make them, unless they are there or there is no room.  Any thread. */
bool wcp_sample_bits_have(struct wcp_sample_index *index);
/* Those of a list that has bits->least classes or more; then they are there. */
const uint64_t *wcp_sample_bits_of(const struct wcp_sample_bits *bits,
                                   uint64_t place);

/* What is to be done with the classes that are in so many lists, at least 1. */
struct wcp_sample_visit {
    uint32_t least;
    void (*body)(void *ctx, uint32_t c, uint32_t num);
    void *ctx;
};
/* Of so many lists, less than 64. */
void wcp_sample_bits_visit(const struct wcp_sample_bits *bits,
                           const uint64_t *const *lists, size_t num,
                           const struct wcp_sample_visit *visit);

/* ---- rules (inclusions.c) ---- */

/* How many of the chosen samples must be in another text, of which these are,
 * frequency << WCP_HIT_BITS | any, sorted: with less slack, if the rarest are
 * in very many. */
uint32_t wcp_inclusion_need(double share,
                            const struct wcp_sample_choice *choice,
                            const uint64_t *hits, size_t num);

/*
 * Whether so many of a class's samples are in lists, or of those that are
 * chosen, that a share of those may be in one other text.  Most classes end
 * here, so it is said without knowing how many samples are different, or which
 * are chosen.
 */
bool wcp_inclusion_may_be(double share, const struct wcp_store *store,
                          uint32_t c, size_t num,
                          struct wcp_sample_range *range);

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

/* ---- crowds (thinning.c) ---- */

struct wcp_thinning;

/* Note how many wholes of a part, or some of them, were found, and leave out
 * what is not to be listed; how many are left. */
size_t wcp_thin(struct wcp_thinning *thinning, struct wcp_inclusion *found,
                size_t num);

/* What is asked, in memory or not. */
struct wcp_sample_question {
    const uint8_t *asked; /* by class; NULL: all */
    double share;
    /* wcp_nearly_in_find(), or wcp_inclusions_find() */
    bool nearly;
    bool (*keep)(const void *ctx, uint32_t part, uint32_t whole);
    const void *ctx;
    struct wcp_thinning *thinning; /* NULL: none */
};

enum wcp_code wcp_samples_ask(struct wcp_inclusions *inclusions,
                              struct wcp_store *store,
                              struct wcp_sample_index **index,
                              const struct wcp_sample_question *question,
                              struct wcp_fault *fault);

/* Where samples have left memory (sample_asking.c). */
enum wcp_code wcp_samples_ask_out(struct wcp_inclusions *inclusions,
                                  struct wcp_store *store,
                                  const struct wcp_sample_question *question,
                                  struct wcp_fault *fault);

/* Zeroed but for store and share.  False when out of memory; it is to be
 * released in any case. */
bool wcp_sample_index_make(struct wcp_sample_index *index);
void wcp_sample_index_release(struct wcp_sample_index *index);

#endif /* WCP_MATCH_SAMPLE_INDEX_H */
