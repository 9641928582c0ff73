/*
 * group.h - documents that are copies of one original, and what each copy is
 */
#ifndef WCP_GROUP_GROUP_H
#define WCP_GROUP_GROUP_H

#include "group/relation.h"

/* A document in a group; the original is the first member of its own. */
struct wcp_member {
    uint32_t document, original;
    /* a: the copy, b: the original */
    struct wcp_overlap overlap;
};

struct wcp_groups {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_member) members; /* by group, then document order */
    WCP_ARRAY(size_t) begins;             /* groups, then members.num */
    uint64_t num_verified;                /* overlaps computed */
};

/*
 * Documents in the given order: each joins the most similar
 * earlier original that meets the plan (the earliest of equals), else becomes
 * an original.  So every member meets the plan against its original, no chain
 * of small steps merges strangers, and the result does not depend on threads.
 * Only groups of two and more are listed, in order of their originals.
 */
enum wcp_code wcp_groups_find(struct wcp_groups *groups,
                              struct wcp_store *store,
                              const struct wcp_plan *plan,
                              const struct wcp_components *components,
                              enum wcp_order order, struct wcp_fault *fault);
void wcp_groups_release(struct wcp_groups *groups);

/* Sort documents; scratch has room for half of them. */
void wcp_sort_documents(const struct wcp_store *store, enum wcp_order order,
                        uint32_t *documents, size_t num, uint32_t *scratch);

/* ---- pairs of documents (document_pairs.c) ---- */

struct wcp_document_pair {
    uint32_t a, b; /* documents, a before b in document order */
    struct wcp_overlap overlap;
    bool same_text;
};

/*
 * Expand pairs of classes to pairs of documents, those with the same text
 * included, and call 'each' in order of a, then b.  A callback that returns
 * false ends the call with STOPPED.
 */
enum wcp_code wcp_document_pairs_each(
    const struct wcp_store *store, const struct wcp_class_pairs *pairs,
    bool (*each)(void *ctx, const struct wcp_document_pair *pair), void *ctx,
    struct wcp_fault *fault);

#endif /* WCP_GROUP_GROUP_H */
