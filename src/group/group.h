/*
 * group.h - documents that are copies of one original, and what each copy is
 */
#ifndef WCP_GROUP_GROUP_H
#define WCP_GROUP_GROUP_H

#include "group/relation.h"

/* What counts as a copy besides what meets the plan. */
struct wcp_copy_rules {
    enum wcp_order order; /* that of wcp_groups_find() */
    unsigned relations;   /* WCP_REL_BIT() of each that makes a copy */
    double threshold;     /* of containment */
    bool for_dropping;    /* only what lies in its original is a copy */
    bool judged; /* forms and frames are told from copies, see judge.h */
};

/* A document in a group; the original is the first member of its own. */
struct wcp_member {
    uint32_t document, original;
    /* a: the copy, b: the original */
    struct wcp_overlap overlap;
    enum wcp_relation_kind relation; /* after wcp_groups_widen() */
};

struct wcp_groups {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_member) members; /* by group, then document order */
    WCP_ARRAY(size_t) begins;             /* groups, then members.num */
    uint64_t num_verified;                /* overlaps computed */
};

/*
 * Who is the original of copies that are there on one day?  wcp_groups_find()
 * in WCP_ORDER_ORIGINAL takes the document that an agency published itself and
 * that credits no other (WCP_ENTRY_OWN), then the one with the most letters
 * and digits: cuts are made by those who reprint.  It is the order in which
 * documents become originals, not a choice among the members of a group, so
 * that what holds of groups goes on to hold.
 *
 * Documents in the given order: each joins the most similar
 * earlier original that meets the plan (the earliest of equals), else becomes
 * an original.  So every member meets the plan against its original, no chain
 * of small steps merges strangers, and the result does not depend on threads.
 * Only groups of two and more are listed, in order of their originals, those
 * and the copies of each by date and id in WCP_ORDER_ORIGINAL too.
 */
enum wcp_code wcp_groups_find(struct wcp_groups *groups,
                              struct wcp_store *store,
                              const struct wcp_plan *plan,
                              const struct wcp_components *components,
                              enum wcp_order order, struct wcp_fault *fault);
/*
 * The same by the rules' order.  In waves the members that are no copies by
 * their texts are told from the others on the way: then 'relation' is
 * IDENTICAL, REPRINT or TEMPLATE, and 0 of originals alone.
 */
enum wcp_code wcp_groups_find_judged(struct wcp_groups *groups,
                                     struct wcp_store *store,
                                     const struct wcp_plan *plan,
                                     const struct wcp_components *components,
                                     const struct wcp_copy_rules *rules,
                                     struct wcp_fault *fault);
/* Whether texts are read as they are needed, a few components at a time, since
 * nothing asks for them later.  Those of components of WCP_LARGE_WAVE classes
 * are better kept for a while. */
bool wcp_groups_in_waves(const struct wcp_store *store,
                         const struct wcp_plan *plan,
                         const struct wcp_copy_rules *rules);
enum { WCP_LARGE_WAVE = 1 << 10 };
void wcp_groups_release(struct wcp_groups *groups);
/* Put members that were found in parts of the store in that order, those of
 * each group being in theirs.  False when out of memory. */
bool wcp_groups_put_in_order(struct wcp_groups *groups,
                             const struct wcp_store *store,
                             enum wcp_order order);

/*
 * Let groups take in what lies in an original or holds it, and say what each
 * copy is.  Deterministic, whatever order the files and documents were read
 * in, and in time that goes with what is found.  Of a crowd (match/thinning.c),
 * of which each text seems to lie in very many others of about its length and
 * very many in it, each text is held against few: the earliest originals and
 * those it seems most to lie in.
 *
 *   1  Groups are those of wcp_groups_find().
 *   2  Their originals, those of one document included, in order: one joins
 *      the most similar of the earlier ones that stayed originals and that it
 *      lies in, or that lie in it (the earliest of equals), unless one of both
 *      is a page to the other, see relation.h.  Its copies go with it if they
 *      lie in the new original or it in them.  Those that do not are left
 *      over: they join the most similar earlier one among them with a Jaccard
 *      index at the threshold, or are originals.
 *   3  A page, whenever it came, is a member of the group of each original
 *      that lies in it, too; never of one because of another page.
 *
 * For dropping, an original and its copies only join one that they lie in,
 * and there is no 3.
 */
enum wcp_code wcp_groups_widen(struct wcp_groups *groups,
                               struct wcp_store *store,
                               const struct wcp_copy_rules *rules,
                               struct wcp_fault *fault);

/* Sort members of a group by date and id; likewise. */
void wcp_sort_members(const struct wcp_store *store, struct wcp_member *members,
                      size_t num, struct wcp_member *scratch);
/* Sort documents; scratch has room for half of them. */
void wcp_sort_documents(const struct wcp_store *store, enum wcp_order order,
                        uint32_t *documents, size_t num, uint32_t *scratch);

/* ---- pairs of documents (document_pairs.c) ---- */

struct wcp_document_pair {
    uint32_t a, b; /* documents, a before b in document order */
    struct wcp_overlap overlap;
    bool same_text;
    enum wcp_relation_kind relation; /* after wcp_class_pairs_widen() */
};

/*
 * Add the pairs of which one lies in the other, say what each is, and leave
 * only those that the rules call copies, seen from either side (the caller
 * looks again once it is known which document is the first); their order is
 * for groups and does not matter here.  A page and a story on it are EMBEDDED,
 * whichever came first.
 */
enum wcp_code wcp_class_pairs_widen(struct wcp_class_pairs *pairs,
                                    struct wcp_store *store,
                                    const struct wcp_copy_rules *rules,
                                    struct wcp_fault *fault);

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
