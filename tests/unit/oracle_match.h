/*
 * oracle_match.h - matching and grouping as match.h and group.h define them,
 * obviously right and slow
 *
 * Every pair is compared with every other; nothing is shared with the program
 * but the fold, which has an oracle of its own.
 */
#ifndef WCP_TESTS_ORACLE_MATCH_H
#define WCP_TESTS_ORACLE_MATCH_H

#include "made_corpus.h"

/* ---- shingle sets of documents ---- */

struct oracle_set {
    uint64_t *hashes; /* ascending, each once */
    size_t num;
    uint16_t *units; /* the folded text */
    size_t num_units;
};

struct oracle_sets {
    struct oracle_set *at; /* by document, in the corpus's order */
    size_t num;
};

void oracle_sets_init(struct oracle_sets *sets,
                      const struct made_corpus *corpus);
void oracle_sets_release(struct oracle_sets *sets);
/* |a n b| */
size_t oracle_set_common(const struct oracle_set *a,
                         const struct oracle_set *b);
/* 0 for an empty text. */
double oracle_jaccard(const struct oracle_set *a, const struct oracle_set *b);
bool oracle_same_text(const struct oracle_set *a, const struct oracle_set *b);

/* Which of two fractions is larger: < 0, 0, > 0; denominators above 0. */
int oracle_compare_fractions(uint64_t num_a, uint64_t den_a, uint64_t num_b,
                             uint64_t den_b);

/* ---- what signatures let through ---- */

/* How many signature values of two classes agree. */
unsigned oracle_num_equal(const struct wcp_store *store, uint32_t a,
                          uint32_t b);
/* The two classes share a band key and enough values. */
bool oracle_is_candidate(const struct wcp_store *store,
                         const struct wcp_plan *plan, uint32_t a, uint32_t b);
unsigned oracle_distance(uint64_t a, uint64_t b);

/* ---- components ---- */

/* labels[c] is the least class that c is linked to over equal band keys. */
void oracle_label_by_keys(const uint32_t *keys, unsigned num_bands,
                          uint32_t num, uint32_t *labels);
/* The same over distances. */
void oracle_label_by_distance(const uint64_t *simhashes, uint32_t num,
                              unsigned distance, uint32_t *labels);
/* Whether the components are those of the labels, listed as promised. */
bool oracle_components_agree(const struct wcp_components *components,
                             const struct wcp_store *store,
                             const uint32_t *labels);

/* ---- groups ---- */

/* Documents in order: by date (none last), then id; as they were added; the
 * longest folded text first, then by date; or by date, those of one date their
 * agency's own first, then the longest, then by id. */
void oracle_order(const struct made_corpus *corpus,
                  const struct oracle_sets *sets, enum wcp_order by,
                  size_t *order);
/*
 * originals[i] is the document that document i joins, itself included;
 * SIZE_MAX for empty texts.
 */
void oracle_groups(const struct made_corpus *corpus,
                   const struct oracle_sets *sets, enum wcp_order by,
                   double threshold, size_t *originals);

#endif /* WCP_TESTS_ORACLE_MATCH_H */
