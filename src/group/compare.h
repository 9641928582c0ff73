/*
 * compare.h - two texts side by side: how alike, and where
 */
#ifndef WCP_GROUP_COMPARE_H
#define WCP_GROUP_COMPARE_H

#include "group/group.h"

enum wcp_run_kind {
    WCP_RUN_BOTH,
    WCP_RUN_A,
    WCP_RUN_B,
    WCP_RUN_A_AGAIN, /* in both, but it is a that repeats it here */
    WCP_RUN_B_AGAIN,
};

/* A run of letters and digits, with what stands between them. */
struct wcp_text_run {
    enum wcp_run_kind in;
    uint32_t length; /* letters and digits */
    /* Bytes of the texts; both 0 for the text that does not have it. */
    uint32_t a_begin, a_end, b_begin, b_end;
};

struct wcp_likeness {
    struct wcp_overlap overlap;  /* of the shingle sets; all 0: empty texts */
    bool same_text;              /* once folded; false for empty texts */
    uint32_t equal_values;       /* of WCP_NUM_BINS */
    uint32_t simhash_distance;   /* of 64 bits */
    uint32_t a_length, b_length; /* letters and digits */
};

struct wcp_side_by_side {
    const struct wcp_memory *mem;
    struct wcp_likeness likeness;
    WCP_ARRAY(struct wcp_text_run) runs;
};

/*
 * Compare two texts of valid UTF-8.  'shingle' as for wcp_sketcher_new(),
 * 'kind' says which MinHash.
 *
 * The runs cover every letter and digit of both texts.  A run in both is the
 * same on both sides once folded and as long as a shingle at least (half a
 * character less where one of two units is cut); what is in one text only
 * holds no whole shingle that the other has too.  Runs go in
 * the order of a; those of b stand behind what precedes them in b.  Where one
 * text repeats what the other has once, all but the first are "again".
 *
 * NO_MEMORY, BAD_OPTION, TOO_LONG (a text of 4 GiB).
 */
enum wcp_code wcp_compare_texts(struct wcp_side_by_side *result,
                                const struct wcp_memory *mem,
                                const struct wcp_string texts[2],
                                unsigned shingle, enum wcp_signature_kind kind,
                                struct wcp_fault *fault);
void wcp_side_by_side_release(struct wcp_side_by_side *result);

#endif /* WCP_GROUP_COMPARE_H */
