/*
 * judge.h - what speaks against pairs of texts that look like copies
 */
#ifndef WCP_GROUP_JUDGE_H
#define WCP_GROUP_JUDGE_H

#include "group/group.h"
#include "group/known.h"

/* What is kept from one call to the next. */
struct wcp_judge {
    struct wcp_store *store;
    double threshold;
    struct wcp_known known;         /* of all pairs that were judged */
    struct wcp_sample_index *index; /* NULL until something was asked */
    /* [num_classes], or NULL: of what form that has very many issues, which
     * wcp_groups_sift() has told apart, a class is one; 0: of none. */
    uint32_t *form_of;
};

void wcp_judge_init(struct wcp_judge *judge, struct wcp_store *store,
                    double threshold);
void wcp_judge_release(struct wcp_judge *judge);

/*
 * For each pair of which one class stands in the other with 'threshold' of its
 * shingles: WCP_REL_TEMPLATE or WCP_REL_BOILERPLATE in 'relation', or 0 if
 * nothing speaks against a copy.  Others are not looked at and get 0.  A
 * verdict does not depend on which other pairs are asked about before or with
 * it, nor on the order of a and b.
 */
enum wcp_code wcp_judge_pairs(struct wcp_judge *judge,
                              struct wcp_class_pair *pairs, size_t num,
                              struct wcp_fault *fault);

/*
 * The verdict of wcp_judge_pairs() on one pair, in a store without samples: no
 * text is BOILERPLATE there.  What is known of the texts at hand is kept, for
 * those that have one in common with the pair before.
 */
struct wcp_pair_judge;
enum wcp_code wcp_pair_judge_new(struct wcp_store *store, double threshold,
                                 struct wcp_pair_judge **judge_ret,
                                 struct wcp_fault *fault);
void wcp_pair_judge_free(struct wcp_pair_judge *judge);
enum wcp_code wcp_judge_pair(struct wcp_pair_judge *judge,
                             struct wcp_class_pair *pair,
                             struct wcp_fault *fault);

/*
 * The same for all pairs that there are of each of the classes, in one call: if
 * these are very many not each is looked at (crowd.h), so that a verdict hangs
 * on the pairs beside it.
 */
enum wcp_code wcp_judge_all_pairs(struct wcp_judge *judge,
                                  struct wcp_class_pair *pairs, size_t num,
                                  struct wcp_fault *fault);

/*
 * Likewise, for these pairs, whether they are BOILERPLATE: two texts that are
 * copies neither of each other nor of a or b hold most of what a and b share.
 * Needs the samples of the store; without, nothing is found.
 */
enum wcp_code wcp_judge_strangers(struct wcp_judge *judge,
                                  struct wcp_class_pair *pairs,
                                  const size_t *suspects, size_t num_suspects,
                                  struct wcp_fault *fault);

/* Whether two classes are issues of one form that has very many. */
static inline bool
wcp_are_issues(const struct wcp_judge *judge, uint32_t a, uint32_t b)
{
    return judge->form_of != NULL && judge->form_of[a] != 0 &&
           judge->form_of[a] == judge->form_of[b];
}

/*
 * Of the pairs at these places (NULL: the first 'num') say EMBEDDED of those
 * with relation 0 of which one is a page by what it holds besides the other
 * (rest.c).  Texts of judged pairs only.
 */
enum wcp_code wcp_judge_pages(struct wcp_store *store,
                              struct wcp_class_pair *pairs,
                              const size_t *places, size_t num,
                              double threshold, struct wcp_fault *fault);

/*
 * Take out of the groups of wcp_groups_find() what is no copy of the original
 * by its relation, if the rules do not call for it; of what is taken out,
 * copies of each other make groups.
 */
enum wcp_code wcp_groups_sift(struct wcp_groups *groups,
                              struct wcp_judge *judge,
                              const struct wcp_copy_rules *rules,
                              struct wcp_fault *fault);

#endif /* WCP_GROUP_JUDGE_H */
