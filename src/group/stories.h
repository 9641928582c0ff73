/*
 * stories.h - which texts lie in which, for the files of this layer
 *
 * An edge joins two classes one of which may stand in the other with
 * 'threshold' of its shingles.  Only what some class with asked[c] stands in is
 * known.
 */
#ifndef WCP_GROUP_STORIES_H
#define WCP_GROUP_STORIES_H

#include "group/group.h"
#include "group/story_pairs.h"

struct wcp_judge;

/* A text that has very many edges. */
struct wcp_crowd {
    uint32_t page;
    uint32_t num_stories; /* that seem to lie in it */
    uint32_t num_looked;  /* edges that are looked at */
    bool is_chosen;       /* these are some of them, whose numbers */
    size_t chosen;        /* begin here */
};

struct wcp_stories {
    struct wcp_store *store;
    double threshold;
    struct wcp_judge *judge; /* or NULL: none */
    struct wcp_story_pairs pairs;
    uint8_t *is_story; /* [num_classes]: may be one of those on a page */
    WCP_ARRAY(struct wcp_crowd) crowds; /* ascending */
    WCP_ARRAY(uint32_t) chosen;         /* edges of all crowds */
    uint64_t num_verified;
    struct wcp_sample_index *index; /* unless it is the judge's */
    /* [2 << shared_bits]: pairs that share nothing, and such as do, in turn;
     * see shared_text.c */
    _Atomic uint64_t *shared;
    unsigned shared_bits;
};

enum wcp_code wcp_stories_init(struct wcp_stories *stories,
                               struct wcp_store *store, double threshold,
                               struct wcp_fault *fault);
void wcp_stories_release(struct wcp_stories *stories);

/*
 * Find what the classes with asked[c] seem to stand in.  Pairs of which keep(),
 * which any thread calls, does not say so are left out unseen; it may be NULL.
 * If there is a rank(), see match.h, most pairs of a crowd are left out as
 * well. May be called again for others; edges do not outlive that, and what was
 * settled may have to be settled anew.
 */
enum wcp_code wcp_stories_add(
    struct wcp_stories *stories, const uint8_t *asked,
    bool (*keep)(const void *ctx, uint32_t part, uint32_t whole),
    bool (*rank)(const void *ctx, const uint32_t *asked, uint32_t *ranks),
    const void *ctx, struct wcp_fault *fault);

/* The overlap of a pair with 'copy' as a. */
struct wcp_overlap wcp_overlap_of(const struct wcp_class_pair *pair,
                                  uint32_t copy);

/*
 * What class 'copy' is to the other one of a pair that is settled.  If it lies
 * in that, and that is a page that holds other stories, the answer is EMBEDDED
 * too: then it is the page that is the copy.
 */
enum wcp_relation_kind wcp_stories_relate(const struct wcp_stories *stories,
                                          const struct wcp_class_pair *pair,
                                          uint32_t copy);

/* ---- settle.c ---- */

static inline bool
wcp_is_settled(int32_t relation)
{
    return relation >= 0 || relation == WCP_PAIR_APART;
}

/* Settle what is wanted; or only those that may be a page and a story on it;
 * or all.  Verdicts do not depend on what else is settled, then or before; but
 * when all are, not each pair of a large form is looked at, see crowd.h. */
enum wcp_code wcp_stories_settle(struct wcp_stories *stories,
                                 struct wcp_fault *fault);
enum wcp_code wcp_stories_settle_pages(struct wcp_stories *stories,
                                       struct wcp_fault *fault);
enum wcp_code wcp_stories_settle_all(struct wcp_stories *stories,
                                     struct wcp_fault *fault);

/* Say EMBEDDED of pairs, which are none of the stories' own, that have relation
 * 0 and that other stories show to be a page and a story on it. */
enum wcp_code wcp_stories_show(struct wcp_stories *stories,
                               struct wcp_class_pair *pairs, size_t num,
                               struct wcp_fault *fault);

/* ---- shown.c ---- */

enum wcp_shown { WCP_NOT_SHOWN, WCP_SHOWN, WCP_NOT_KNOWN };

/* Choose what is looked at where there is very much.  False when out of
 * memory. */
bool wcp_stories_choose(struct wcp_stories *stories);

/* Whether other stories show that a pair is a page and a story on it. */
enum wcp_shown wcp_stories_shown(const struct wcp_stories *stories,
                                 const struct wcp_class_pair *pair);
/* Want what must be known of others to know that. */
void wcp_stories_want_others(struct wcp_stories *stories,
                             const struct wcp_class_pair *pair);

/* ---- shared_text.c ---- */

/* A story that others are held against; zeroed but for its class. */
struct wcp_one_story {
    uint32_t story;
    struct wcp_sample_range its, other; /* where samples have left memory */
};

/* Have room for what will be asked, if there is any, of the pairs at hand. */
void wcp_stories_expect(struct wcp_stories *stories);
void wcp_stories_forget(struct wcp_stories *stories);
/* Whether enough of the shorter text's samples are in the other. */
bool wcp_stories_share(const struct wcp_stories *stories,
                       struct wcp_one_story *one, uint32_t other);
void wcp_one_story_release(const struct wcp_stories *stories,
                           struct wcp_one_story *one);

/* ---- join.c ---- */

/* Who joins whom. */
struct wcp_joining {
    struct wcp_stories *stories;
    enum wcp_order order;
    uint32_t *leaders;  /* [num_classes]: the original in it, or NO_CLASS */
    uint32_t *moved_to; /* [num_classes], NO_CLASS: whose original it joined */
    uint32_t *by;       /* [num_classes]: the place of the pair by which */
    /* Whether class 'copy' of a pair that is settled may be a copy. */
    bool (*may_join)(const void *ctx, const struct wcp_class_pair *pair,
                     uint32_t copy);
    const void *ctx;
};

/*
 * Let each leader, in order, join the most similar of the earlier ones that
 * joined none (the earliest of equals).  It is said in moved_to and by.
 */
enum wcp_code wcp_join_leaders(struct wcp_joining *joining,
                               struct wcp_fault *fault);

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
/* Put other groups, of other originals, among those of a list.  False when out
 * of memory. */
bool wcp_groups_merge(struct wcp_groups *groups, const struct wcp_groups *more,
                      const struct wcp_store *store,
                      const struct wcp_copy_rules *rules);

#endif /* WCP_GROUP_STORIES_H */
