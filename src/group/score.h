/*
 * score.h - found groups against the labels that people gave
 *
 *   names     the ids in it, numbered
 *   gold      a file of labels -> what belongs together, by document
 *   score     counts of pairs in both, from sizes alone; ratios of them
 *   mistakes  the pairs that only one of the two has, worst first
 *
 * A partition is an array of labels, one a document: those with equal labels
 * belong together.  A label is the number of one of the documents, so that
 * what stands alone has its own number and needs no other mark.
 */
#ifndef WCP_GROUP_SCORE_H
#define WCP_GROUP_SCORE_H

#include "group/group.h"

/* ---- names (names.c) ---- */

/* How much of a name a message shows, for "%.*s". */
static inline int
wcp_shown_len(struct wcp_string name)
{
    return (int)wcp_characters_within(name.data, name.len, 60);
}

#define WCP_NOBODY UINT32_MAX

/* Start with the memory alone set.  The strings must outlive it. */
struct wcp_names {
    const struct wcp_memory *mem;
    uint32_t *slots; /* number + 1, 0: free; at most half of them used */
    size_t num_slots;
    WCP_ARRAY(struct wcp_string) list;
};

/* Its number, or WCP_NOBODY. */
uint32_t wcp_names_find(const struct wcp_names *names, struct wcp_string name);
/* The number of a name, a new one if need be.  False: out of memory. */
bool wcp_names_add(struct wcp_names *names, struct wcp_string name,
                   uint32_t *number_ret);
void wcp_names_release(struct wcp_names *names);

/* ---- gold (gold.c) ---- */

enum wcp_gold_form {
    WCP_GOLD_EMPTY,    /* no lines: nothing belongs together */
    WCP_GOLD_CLUSTERS, /* id, cluster */
    WCP_GOLD_COPIES,   /* copy, original, relation */
    WCP_GOLD_PAIRS,    /* a, b, 0 or 1 */
};

struct wcp_gold_pair {
    uint32_t a, b; /* documents, a < b */
    bool same;
    uint64_t line;
};

struct wcp_gold {
    const struct wcp_memory *mem;
    enum wcp_gold_form form;
    uint32_t *labels; /* [num_documents]; NULL for PAIRS */
    uint32_t num_documents;
    WCP_ARRAY(struct wcp_gold_pair) pairs; /* each once, ascending */
    uint64_t num_unknown;                  /* ids that no document has */
    char unknown[80];                      /* one of them */
    /* Two columns, but both are ids of documents; there are no labels. */
    bool looks_like_pairs;
};

/* Append the file's bytes.  IO with the path in the message, TOO_LONG,
 * NO_MEMORY. */
enum wcp_code wcp_gold_read(const char *path, struct wcp_buffer *out,
                            struct wcp_fault *fault);

/*
 * The labels in 'text', for the documents of a closed store.  Lines that are
 * empty or begin with # are skipped, so is a first line that names columns.
 * An id that several documents have means the first of them; one that none has
 * means the document whose path ends in "/" or "!" and it.  Of copies and
 * originals with a relation those belong together whose relation is one of
 * 'relations', as bits; a page belongs to none of its stories.
 *
 * BAD_TEXT (not UTF-8) and BAD_RECORD (fields, contradictions, not one id
 * known) with fault->at, the line; NO_MEMORY.
 */
enum wcp_code wcp_gold_make(struct wcp_gold *gold,
                            const struct wcp_store *store, const char *text,
                            size_t len, unsigned relations,
                            struct wcp_fault *fault);
void wcp_gold_release(struct wcp_gold *gold);

/* ---- score (score.c) ---- */

/* Pairs of documents; each is at most 'all'. */
struct wcp_pair_counts {
    uint64_t all, gold, found, both;
};

/*
 * Count the pairs inside the groups of two partitions of 'num' documents, and
 * those inside both, from the sizes of groups and of their intersections.
 * NO_MEMORY.
 */
enum wcp_code wcp_count_pairs(const struct wcp_memory *mem,
                              const uint32_t *gold, const uint32_t *found,
                              uint32_t num, struct wcp_pair_counts *counts_ret,
                              struct wcp_fault *fault);
/* The same for labelled pairs; all: those labelled. */
void wcp_count_labelled(const struct wcp_gold *gold, const uint32_t *found,
                        struct wcp_pair_counts *counts_ret);

/* NaN stands for 0/0. */
double wcp_precision(const struct wcp_pair_counts *counts);
double wcp_recall(const struct wcp_pair_counts *counts);
double wcp_f1(const struct wcp_pair_counts *counts);
/*
 * Adjusted for chance: (both - E) / ((gold + found) / 2 - E) with
 * E = gold * found / all.  Source: Hubert and Arabie, "Comparing Partitions"
 * (1985).
 */
double wcp_adjusted_rand(const struct wcp_pair_counts *counts);

/* The label of each document in what was found; [store->num_documents]. */
void wcp_label_groups(const struct wcp_groups *groups,
                      const struct wcp_store *store, uint32_t *labels);

/* ---- mistakes (mistakes.c) ---- */

struct wcp_mistake {
    uint32_t a, b; /* documents, a before b in document order */
    bool missed;   /* in the gold only; else found only */
    bool empty;    /* one has no shingles: nothing to compare */
    struct wcp_overlap overlap;
    const struct wcp_store *store; /* for sorting */
};

struct wcp_mistakes {
    const struct wcp_memory *mem;
    /* False pairs, the least alike first, then missed ones, the most alike
     * first; at most 'limit' of each. */
    WCP_ARRAY(struct wcp_mistake) list;
    bool incomplete; /* there were too many to look at all of them */
};

/*
 * Overlaps are exact.  Where there are more mistakes than can be computed
 * exactly, those that the signatures hold for the worst are taken.
 * NO_MEMORY, IO as wcp_store_fetch_shingles().
 */
enum wcp_code wcp_mistakes_find(struct wcp_mistakes *mistakes,
                                struct wcp_store *store,
                                const struct wcp_gold *gold,
                                const uint32_t *found, size_t limit,
                                struct wcp_fault *fault);
void wcp_mistakes_release(struct wcp_mistakes *mistakes);

#endif /* WCP_GROUP_SCORE_H */
