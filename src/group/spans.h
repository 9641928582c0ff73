/*
 * spans.h - found passages against spans that people marked
 */
#ifndef WCP_GROUP_SPANS_H
#define WCP_GROUP_SPANS_H

#include "store/store.h"

/* Characters of a document's text that belong to a passage, or cluster. */
struct wcp_text_span {
    uint32_t document, number;
    uint64_t begin, end;
};

struct wcp_text_spans {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_text_span) list;
    uint64_t num_unknown; /* ids that no document has: their spans are left */
    char unknown[80];     /* one of them */
};

/*
 * Spans of lines "ID BEGIN END CLUSTER" with tabs between; lines that are empty
 * or begin with # are skipped, so is a first one whose BEGIN is no number.  Ids
 * are as in wcp_gold_make().  A cluster of which one span is known is left out:
 * it stands nowhere else.
 *
 * BAD_TEXT (not UTF-8) and BAD_RECORD with fault->at, the line; NO_MEMORY.
 */
enum wcp_code wcp_text_spans_read(struct wcp_text_spans *spans,
                                  const struct wcp_store *store,
                                  const char *text, size_t len,
                                  struct wcp_fault *fault);
void wcp_text_spans_release(struct wcp_text_spans *spans);

struct wcp_span_counts {
    uint64_t gold, found, both; /* characters, each counted once */
    uint64_t spans, spans_found;
};

/*
 * Count characters that lie in spans.  A span of the gold is found if a passage
 * covers nine tenths of it and as much of another one of its cluster.  Both
 * lists are sorted.  NO_MEMORY.
 */
enum wcp_code wcp_count_spans(struct wcp_text_spans *gold,
                              struct wcp_text_spans *found,
                              struct wcp_span_counts *counts,
                              struct wcp_fault *fault);

#endif /* WCP_GROUP_SPANS_H */
