/*
 * judge.h - what speaks against pairs of texts that look like copies
 */
#ifndef WCP_GROUP_JUDGE_H
#define WCP_GROUP_JUDGE_H

#include "group/group.h"

/*
 * For each pair of which one class stands in the other with 'threshold' of its
 * shingles: WCP_REL_TEMPLATE or WCP_REL_BOILERPLATE in 'relation', or 0 if
 * nothing speaks against a copy.  Others are not looked at and get 0.  A
 * verdict does not depend on which other pairs are asked about, nor on the
 * order of a and b. Best if pairs of one class a follow each other.
 */
enum wcp_code wcp_judge_pairs(struct wcp_store *store,
                              struct wcp_class_pair *pairs, size_t num,
                              double threshold, struct wcp_fault *fault);

/*
 * Likewise, for these pairs, whether they are BOILERPLATE: two texts that are
 * copies neither of each other nor of a or b hold most of what a and b share.
 * Needs the samples of the store; without, nothing is found.
 */
enum wcp_code wcp_judge_strangers(struct wcp_store *store,
                                  struct wcp_class_pair *pairs,
                                  const size_t *suspects, size_t num_suspects,
                                  double threshold, struct wcp_fault *fault);

/*
 * Take out of the groups of wcp_groups_find() what is no copy of the original
 * by its relation, if the rules do not call for it; of what is taken out,
 * copies of each other make groups.
 */
enum wcp_code wcp_groups_sift(struct wcp_groups *groups,
                              struct wcp_store *store,
                              const struct wcp_copy_rules *rules,
                              struct wcp_fault *fault);

#endif /* WCP_GROUP_JUDGE_H */
