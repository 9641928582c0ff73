/*
 * merge.h - what merge.c, alike.c and merge_parts.c share
 */
#ifndef WCP_PASSAGE_MERGE_H
#define WCP_PASSAGE_MERGE_H

#include "passage/engine.h"

#define NONE UINT32_MAX

/* A span on its way to its place, and what it is the span of. */
struct wcp_sorting {
    struct wcp_span span;
    uint32_t number;
};

/* Where a passage lies in a longer one. */
struct wcp_nest {
    uint32_t owner;
    uint32_t at; /* units behind the begin of its copy */
};

/*
 * Of passages of one size those come first that were put first.  Parts of the
 * corpus that have nothing in common are merged by themselves, so this says
 * when that would have been if they were not.
 */
struct wcp_put_order {
    enum wcp_put_phase {
        WCP_PUT_PASSAGE,
        WCP_PUT_SETTLED, /* an orphan from before passages were nested */
        WCP_PUT_NESTED   /* and from when this one was */
    } phase;
    uint32_t longest, begin; /* of the passage, as it was made */
};

/* A locus that gave way to another one. */
struct wcp_orphan {
    uint32_t locus;
    struct wcp_put_order order;
};

struct wcp_merged {
    uint32_t longest;                  /* of its loci */
    uint32_t begin;                    /* the first of them */
    uint32_t made_longest, made_begin; /* before any were added */
    uint32_t root;                     /* set, while there are sets */
    uint64_t num_copies;
    bool dropped;
    WCP_ARRAY(uint32_t) loci;
    /* Loci that gave way, and spans that became part of one, and go on beyond.
     */
    WCP_ARRAY(uint32_t) lost;
};

struct wcp_merging {
    const struct wcp_memory *mem;
    const struct wcp_places *places;
    const uint32_t *counts;
    const struct wcp_linked *pairs;
    size_t num_pairs;
    const uint32_t *texts; /* that are passages as a whole */
    size_t num_texts;
    const struct wcp_passage_limits *opts;
    struct wcp_loci loci;
    uint32_t *locus_of;                    /* [2 * num_pairs] */
    WCP_ARRAY(struct wcp_sorting) members; /* spans, as they are listed */
    /* Those that go well beyond the locus that they are of, and its number. */
    WCP_ARRAY(struct wcp_sorting) beyond;
    WCP_ARRAY(struct wcp_merged) passages;
    WCP_ARRAY(struct wcp_nest) nests; /* of the passage at hand */
    WCP_ARRAY(bool) outside;          /* likewise, of its loci */
    WCP_ARRAY(struct wcp_orphan) orphans;
    struct wcp_put_order at_hand;
    WCP_ARRAY(struct wcp_put_order) orders; /* of what was put */
    WCP_ARRAY(uint32_t) todo; /* loci that are in no passage yet */
    struct wcp_matcher matcher;
};

static inline uint32_t
wcp_span_length(struct wcp_span span)
{
    return span.end - span.begin;
}

/* By begin; of two that begin alike the longer one first.  For qsort(). */
int wcp_compare_sorting(const void *x, const void *y);

/* ---- sets of numbers, each known by one of them, its root ---- */

static inline uint32_t
wcp_root_of(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i)
        i = parents[i] = parents[parents[i]];
    return i;
}

/* ---- merge.c ---- */

/* The spans of pairs, by 2 * pair + side, and behind them of whole texts:
 * 2 * num_pairs + num_texts. */
void wcp_list_spans(const struct wcp_places *places,
                    const struct wcp_linked *pairs, size_t num_pairs,
                    const uint32_t *texts, size_t num_texts,
                    struct wcp_sorting *spans);
/* Make passages of the pairs and texts, each with all its loci. */
enum wcp_code wcp_merge_pairs(struct wcp_merging *m, struct wcp_fault *fault);
void wcp_merging_release(struct wcp_merging *m);

/* ---- alike.c ---- */

/* The passages that the loci of each make, of those not dropped, put by any
 * threads that have time.  NULL when out of memory. */
struct wcp_putting;
struct wcp_putting *wcp_putting_new(struct wcp_merging *m);
void wcp_putting_free(struct wcp_putting *p);
/* Put some, with the matcher of this thread; false when there are none left. */
bool wcp_put_some(struct wcp_putting *p, unsigned thread,
                  struct wcp_matcher *matcher);
/* When there are none left: append them; and to m->orders when each was put. */
enum wcp_code wcp_put_passages(struct wcp_putting *p,
                               struct wcp_passages *result,
                               struct wcp_fault *fault);
/* Append those of the loci that gave way to others. */
enum wcp_code wcp_put_orphans(struct wcp_merging *m,
                              struct wcp_passages *result,
                              struct wcp_fault *fault);

#endif /* WCP_PASSAGE_MERGE_H */
