/*
 * stories.h - which texts lie in which, for the files of this layer
 *
 * An edge joins two classes one of which stands in the other with 'threshold'
 * of its shingles.  Only what some class with asked[c] stands in is known.
 */
#ifndef WCP_GROUP_STORIES_H
#define WCP_GROUP_STORIES_H

#include "group/group.h"

struct wcp_judge;

struct wcp_edge {
    uint32_t other, pair; /* a class; a place in the stories' pairs */
};

struct wcp_stories {
    struct wcp_store *store;
    double threshold;
    struct wcp_judge *judge;                /* of what is added; or NULL */
    WCP_ARRAY(struct wcp_class_pair) pairs; /* a < b, ascending, each once */
    WCP_ARRAY(size_t) added;                /* places of those added last */
    size_t *begins;                         /* [num_classes + 2] into edges */
    struct wcp_edge *edges;
    size_t num_edges;
    uint8_t *is_story; /* [num_classes]: may be one of those on a page */
    uint64_t num_verified;
    struct wcp_sample_index *index; /* unless it is the judge's */
};

enum wcp_code wcp_stories_init(struct wcp_stories *stories,
                               struct wcp_store *store, double threshold,
                               struct wcp_fault *fault);
void wcp_stories_release(struct wcp_stories *stories);

/*
 * Find what the classes with asked[c] stand in.  Pairs of which keep(), which
 * any thread calls, does not say so are left out unseen; it may be NULL.  May
 * be called again for others; edges do not outlive that.
 */
enum wcp_code wcp_stories_add(struct wcp_stories *stories, const uint8_t *asked,
                              bool (*keep)(const void *ctx, uint32_t part,
                                           uint32_t whole),
                              const void *ctx, struct wcp_fault *fault);

static inline const struct wcp_class_pair *
wcp_edge_pair(const struct wcp_stories *stories, const struct wcp_edge *edge)
{
    return &stories->pairs.at[edge->pair];
}

/* The overlap of a pair with 'copy' as a. */
struct wcp_overlap wcp_overlap_of(const struct wcp_class_pair *pair,
                                  uint32_t copy);

/*
 * What class 'copy' is to class 'original'.  If it lies in the original, and
 * that is a page that holds other stories, the answer is EMBEDDED too: then it
 * is the page that is the copy.
 */
enum wcp_relation_kind wcp_stories_relate(const struct wcp_stories *stories,
                                          const struct wcp_class_pair *pair,
                                          uint32_t copy, uint32_t original);

/* ---- arrange.c ---- */

/*
 * Replace what is in 'groups' by the groups of these copies, in order, those
 * left out whose relation makes no copy; within a group by document, the
 * original first.  'copies' is reordered.  False when out of memory: nothing
 * has changed.
 */
bool wcp_groups_arrange(struct wcp_groups *groups,
                        const struct wcp_store *store,
                        const struct wcp_copy_rules *rules,
                        struct wcp_member *copies, size_t num);

#endif /* WCP_GROUP_STORIES_H */
