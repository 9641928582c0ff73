/*
 * known.h - overlaps of classes that were computed already
 */
#ifndef WCP_GROUP_KNOWN_H
#define WCP_GROUP_KNOWN_H

#include "group/story_pairs.h"

struct wcp_known {
    const struct wcp_memory *mem;
    uint32_t num_classes;
    uint64_t *keys;    /* [num_slots], 0: free */
    uint32_t *commons; /* [num_slots] */
    size_t num, num_slots;
    uint32_t *sizes; /* [num_classes], 0: not known */
    /* What was compared of these is known, too, and not taken in; or NULL. */
    const struct wcp_story_pairs *pairs;
};

void wcp_known_init(struct wcp_known *known, const struct wcp_memory *mem,
                    uint32_t num_classes);
void wcp_known_release(struct wcp_known *known);

/* Take in the overlaps of pairs of different classes, each in any order; some
 * may be known.  False when out of memory: then none is taken in. */
bool wcp_known_add(struct wcp_known *known, const struct wcp_class_pair *pairs,
                   size_t num);
/* False: it is not known.  By any number of threads. */
bool wcp_known_find(const struct wcp_known *known, uint32_t a, uint32_t b,
                    struct wcp_overlap *overlap_ret);

#endif /* WCP_GROUP_KNOWN_H */
