/*
 * rest.h - what a text holds besides a story that lies in it
 */
#ifndef WCP_GROUP_REST_H
#define WCP_GROUP_REST_H

#include "group/relation.h"
#include "text/text.h"

/* Longer texts are not looked at: no page of news is so long. */
enum { WCP_REST_MAX_UNITS = 1 << 20 };

/* A text that may be a page, to be held against several stories. */
struct wcp_page {
    const struct wcp_memory *mem;
    /* Of paragraphs that are not very short, in order; the last is for the
     * end.  Too few for a page have none. */
    WCP_ARRAY(size_t) begins; /* of each one's windows */
    WCP_ARRAY(uint32_t) windows;
};

/* How many paragraphs count; 0: it is none, whatever the story. */
static inline size_t
wcp_page_num_paragraphs(const struct wcp_page *page)
{
    return page->begins.num > 0 ? page->begins.num - 1 : 0;
}

/* Replace the contents; 'page' is zeroed before first use, but for 'mem'.
 * 'folded' is the text's fold with its offsets.  NO_MEMORY. */
enum wcp_code wcp_page_read(struct wcp_page *page, struct wcp_string text,
                            const struct wcp_folded *folded,
                            struct wcp_fault *fault);
void wcp_page_release(struct wcp_page *page);

/* Look at the paragraphs of a page that are not in 'story'.  NO_MEMORY. */
enum wcp_code wcp_page_rest(const struct wcp_page *page,
                            const struct wcp_folded *story,
                            struct wcp_rest *rest, struct wcp_fault *fault);

/* Both at once; 'folded' is the page's fold. */
enum wcp_code wcp_rest_find(struct wcp_rest *rest, const struct wcp_memory *mem,
                            const struct wcp_folded *story,
                            struct wcp_string text,
                            const struct wcp_folded *folded,
                            struct wcp_fault *fault);

#endif /* WCP_GROUP_REST_H */
