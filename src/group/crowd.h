/*
 * crowd.h - pairs of a form that has very many issues, without judging each
 */
#ifndef WCP_GROUP_CROWD_H
#define WCP_GROUP_CROWD_H

#include "match/match.h"

/* What is to become of a pair. */
enum wcp_turn {
    WCP_TURN_NONE,  /* nobody looks at it */
    WCP_TURN_FIRST, /* it is judged, in any case */
    WCP_TURN_LATER, /* once the first ones are, if they leave it open */
};

struct wcp_issues {
    struct wcp_store *store;
    const struct wcp_class_pair *pairs;
    size_t num;
    uint8_t *turns;    /* [num]: enum wcp_turn */
    uint32_t *numbers; /* [num_classes]: of those in a crowd, from 1 */
    struct wcp_crowded *crowded;
    size_t num_crowded, num_later;
};

/*
 * Say of pairs that are to be judged, which is FIRST in turns[], which are
 * LATER.  False when out of memory; it is to be released in any case.
 */
bool wcp_crowd_find(struct wcp_issues *crowd, struct wcp_store *store,
                    const struct wcp_class_pair *pairs, size_t num,
                    uint8_t *turns);
/* The first ones have their relations in 'pairs', which are those given.  Say
 * TEMPLATE of the later ones that need not be judged; those have no turn
 * then.  Reads the texts of issues. */
enum wcp_code wcp_crowd_settle(struct wcp_issues *crowd,
                               struct wcp_class_pair *pairs,
                               struct wcp_fault *fault);
void wcp_crowd_release(struct wcp_issues *crowd);

#endif /* WCP_GROUP_CROWD_H */
