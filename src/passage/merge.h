/*
 * merge.h - what merge.c and alike.c share
 */
#ifndef WCP_PASSAGE_MERGE_H
#define WCP_PASSAGE_MERGE_H

#include "passage/engine.h"

#define NONE UINT32_MAX

/* A span of a pair, to be put on a locus. */
struct wcp_member_span {
    struct wcp_span span;
    uint32_t pair; /* 2 * pair + side, or NONE: a whole text */
};

/* Where a passage lies in a longer one. */
struct wcp_nest {
    uint32_t owner;
    uint32_t at; /* units behind the begin of its copy */
};

struct wcp_merged {
    uint32_t longest; /* of its loci */
    uint32_t begin;   /* the first of them */
    uint32_t root;    /* set, while there are sets */
    uint64_t num_copies;
    bool dropped;
    WCP_ARRAY(uint32_t) loci;
    WCP_ARRAY(uint32_t) lost; /* loci that gave way, and go on beyond */
};

struct wcp_merging {
    const struct wcp_memory *mem;
    const struct wcp_places *places;
    const uint32_t *counts;
    const struct wcp_passage_limits *opts;
    struct wcp_loci loci;
    uint32_t *locus_of; /* [2 * num pairs] */
    size_t num_pairs;
    WCP_ARRAY(struct wcp_member_span) members;
    WCP_ARRAY(struct wcp_merged) passages;
    WCP_ARRAY(struct wcp_nest) nests; /* of the passage at hand */
    WCP_ARRAY(bool) outside;          /* likewise, of its loci */
    WCP_ARRAY(uint32_t) orphans;      /* loci that gave way to others */
    WCP_ARRAY(uint32_t) todo;         /* loci that are in no passage yet */
    struct wcp_matcher matcher;
};

static inline uint32_t
wcp_span_length(struct wcp_span span)
{
    return span.end - span.begin;
}

/* A locus on its way to its place. */
struct wcp_sorting {
    struct wcp_span span;
    uint32_t number;
};

/* By begin; of two that begin alike the longer one first.  For qsort(). */
int wcp_compare_sorting(const void *x, const void *y);

/* ---- alike.c ---- */

/* Append the passages that the loci of each make, of those not dropped. */
enum wcp_code wcp_put_passages(struct wcp_merging *m,
                               struct wcp_passages *result,
                               struct wcp_fault *fault);
/* Append those of the loci that gave way to others. */
enum wcp_code wcp_put_orphans(struct wcp_merging *m,
                              struct wcp_passages *result,
                              struct wcp_fault *fault);

#endif /* WCP_PASSAGE_MERGE_H */
