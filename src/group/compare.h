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
    WCP_RUN_MOVED, /* in both, but not in the same order */
};

/* A run of letters and digits, with what stands between them. */
struct wcp_text_run {
    enum wcp_run_kind in;
    uint32_t piece;  /* 1, 2 ...: what was moved or repeated in one; else 0 */
    uint32_t length; /* letters and digits */
    /* Bytes of the texts; both 0 for the text that does not have it. */
    uint32_t a_begin, a_end, b_begin, b_end;
    bool ends_sentence; /* a sentence ends behind it, in a text that has it */
};

struct wcp_likeness {
    struct wcp_overlap overlap;  /* of the shingle sets; all 0: empty texts */
    bool same_text;              /* once folded; false for empty texts */
    struct wcp_slots slots;      /* where they may tell a form */
    struct wcp_rest rest;        /* of the longer text */
    uint32_t equal_values;       /* of WCP_NUM_BINS */
    uint32_t simhash_distance;   /* of 64 bits */
    uint32_t a_length, b_length; /* letters and digits */
};

struct wcp_side_by_side {
    const struct wcp_memory *mem;
    struct wcp_likeness likeness;
    WCP_ARRAY(struct wcp_text_run) runs;
};

struct wcp_compare_settings {
    unsigned shingle;             /* as for wcp_sketcher_new() */
    enum wcp_signature_kind kind; /* which MinHash */
    bool sentences;               /* cut runs behind sentences, and very long
                                     sentences at a word, or anywhere */
    double threshold;             /* of a copy; 0: slots are not looked for */
};

/*
 * Compare two texts of valid UTF-8.
 *
 * The runs cover every letter and digit of both texts once, but for what the
 * other text has again.  A run in both is the same on both sides once folded.
 * Those in order (BOTH) ascend in both texts, and with them the list: between
 * two of them come those of a, by their place in it, then those that only b
 * has.  What was moved is listed where a has it.  pieces.h says what is found.
 *
 * NO_MEMORY, BAD_OPTION, TOO_LONG (a text of 4 GiB).
 */
enum wcp_code wcp_compare_texts(struct wcp_side_by_side *result,
                                const struct wcp_memory *mem,
                                const struct wcp_string texts[2],
                                const struct wcp_compare_settings *settings,
                                struct wcp_fault *fault);
void wcp_side_by_side_release(struct wcp_side_by_side *result);

/* ---- sentences (sentence.c) ---- */

enum wcp_break { WCP_BREAK_NONE, WCP_BREAK_WORD, WCP_BREAK_SENTENCE };

/* What the bytes between two letters of the text, or behind the last, part. */
enum wcp_break wcp_break_between(struct wcp_string text, size_t begin,
                                 size_t end);

#endif /* WCP_GROUP_COMPARE_H */
