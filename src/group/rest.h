/*
 * rest.h - what a text holds besides a story that lies in it
 */
#ifndef WCP_GROUP_REST_H
#define WCP_GROUP_REST_H

#include "group/relation.h"
#include "text/text.h"

/* Longer texts are not looked at: no page of news is so long. */
enum { WCP_REST_MAX_UNITS = 1 << 20 };

/*
 * Look at the paragraphs of 'page' that are not in 'story'.  'folded' is the
 * page's fold with its offsets.  NO_MEMORY.
 */
enum wcp_code wcp_rest_find(struct wcp_rest *rest, const struct wcp_memory *mem,
                            const struct wcp_folded *story,
                            struct wcp_string page,
                            const struct wcp_folded *folded,
                            struct wcp_fault *fault);

#endif /* WCP_GROUP_REST_H */
