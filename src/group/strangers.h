/*
 * strangers.h - who else holds what two texts share, for the files of this
 * layer
 */
#ifndef WCP_GROUP_STRANGERS_H
#define WCP_GROUP_STRANGERS_H

#include "group/judge.h"

/* The shorter text of some pairs: what nearly holds all of it is looked at. */
struct wcp_part {
    uint32_t class_number;
    uint32_t size; /* shingles */
    size_t near;   /* where its neighbours begin; they end where the next one's
                    * do */
};

struct wcp_neighbours {
    const struct wcp_memory *mem;
    WCP_ARRAY(uint32_t) list; /* classes; those of a part by digest */
};

/* Whether the second class, 'b' of the overlap, may be a stranger to the first
 * and some other text. */
bool wcp_may_be_strange(const struct wcp_judge *judge,
                        const struct wcp_overlap *overlap);
/* Whether one of at most 'size' shingles may be one to a part of so many. */
bool wcp_is_long_enough(uint32_t size, uint32_t part_size);

/* Find the texts in which parts nearly stand and that may be strangers;
 * parts[num] is for the end. */
enum wcp_code wcp_neighbours_find(struct wcp_neighbours *near,
                                  struct wcp_judge *judge,
                                  struct wcp_part *parts, size_t num,
                                  struct wcp_fault *fault);
void wcp_neighbours_release(struct wcp_neighbours *near);

#endif /* WCP_GROUP_STRANGERS_H */
