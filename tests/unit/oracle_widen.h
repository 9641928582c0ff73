/*
 * oracle_widen.h - what lies in what, and groups that take it in, as group.h
 * says, every document compared with every other
 */
#ifndef WCP_TESTS_ORACLE_WIDEN_H
#define WCP_TESTS_ORACLE_WIDEN_H

#include "group/group.h"
#include "oracle_match.h"

/* The low halves of the least hashes of all windows of 12 shingles, each as
 * often as it changes; from malloc(). */
uint32_t *oracle_sample(const struct oracle_set *set, size_t *num_ret);

/* Whether the samples of all pairs that matter have as much in common as
 * inclusions.c asks for. */
bool oracle_samples_suffice(const struct oracle_sets *sets, double threshold);

struct oracle_copy {
    size_t document, original;
    enum wcp_relation_kind relation;
};

/* The copies of all groups, by order of original, then of document; from
 * malloc(). */
struct oracle_copy *oracle_widen(const struct made_corpus *corpus,
                                 const struct oracle_sets *sets,
                                 const struct wcp_copy_rules *rules,
                                 size_t *num_ret);

#endif /* WCP_TESTS_ORACLE_WIDEN_H */
