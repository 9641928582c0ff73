/*
 * slots.h - what differs between two texts, for the verdict on them
 */
#ifndef WCP_GROUP_SLOTS_H
#define WCP_GROUP_SLOTS_H

#include "group/relation.h"
#include "text/text.h"

/* Longer texts are not aligned: no form is so long.  A text this many times as
 * long as the other is no other issue of its form, see relation.c. */
enum { WCP_SLOTS_MAX_UNITS = 1 << 17, WCP_SLOTS_MAX_RATIO = 4 };

/*
 * Align the texts and count what lies between their main blocks.  The order of
 * the two does not matter.  NO_MEMORY, TOO_LONG (2^32 units together).
 */
enum wcp_code wcp_slots_find(struct wcp_slots *slots,
                             const struct wcp_memory *mem,
                             const struct wcp_folded *a,
                             const struct wcp_folded *b,
                             struct wcp_fault *fault);

#endif /* WCP_GROUP_SLOTS_H */
