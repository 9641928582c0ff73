/*
 * pieces.h - what two folded texts share, each unit at most once
 */
#ifndef WCP_GROUP_PIECES_H
#define WCP_GROUP_PIECES_H

#include "base/base.h"
#include "passage/passage.h"
#include "text/text.h"

/* What a block is to both texts. */
enum wcp_block_kind {
    WCP_BLOCK_MAIN,  /* in the same order in both */
    WCP_BLOCK_MOVED, /* elsewhere */
    WCP_BLOCK_A_AGAIN,
    WCP_BLOCK_B_AGAIN, /* b has it once more than a */
};

/* A run of units that is the same in both. */
struct wcp_piece_block {
    uint32_t a, b, num;
    uint32_t piece; /* those that were moved, or repeated, together; main: 0 */
    enum wcp_block_kind kind;
};

/* What is looked for, from most to least time. */
enum wcp_pieces_want {
    WCP_PIECES_ALL,
    WCP_PIECES_MAIN, /* not what a text has again, which stands in gaps then */
    /* The same; and what was moved may be in more pieces than it was moved in,
     * and short runs that stand in both by chance may be main blocks. */
    WCP_PIECES_MAIN_ROUGHLY,
};

struct wcp_pieces {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_piece_block) blocks; /* ascending by a, then by b */
};

/*
 * The blocks of two texts.  Main and moved ones overlap no other of these in
 * either text; WCP_BLOCK_A_AGAIN overlaps none in a and lies where b has a
 * block, B_AGAIN the other way round.  Main ones ascend in both.  No block
 * begins or ends within a character of two units.
 *
 * Every run of 8 Han characters (20 letters) that both texts have is found,
 * unless it repeats itself every few characters; shorter ones between two main
 * blocks, or two of one piece, where that makes the texts alike there.
 *
 * NO_MEMORY, TOO_LONG (2^32 units together).
 */
enum wcp_code
wcp_pieces_find(struct wcp_pieces *result, const struct wcp_memory *mem,
                const struct wcp_folded *a, const struct wcp_folded *b,
                enum wcp_pieces_want want, struct wcp_fault *fault);
void wcp_pieces_release(struct wcp_pieces *result);

/* ---- what is left (common_run.c) ---- */

/* Units that no folded text has, each on one side: from here on. */
#define WCP_RUN_SEPARATORS 0xFFFE

/* Whether two wide texts may have a shingle in common; false is certain. */
bool wcp_may_share_run(const struct wcp_units *a, const struct wcp_units *b);

/* ---- between blocks (fill.c) ---- */

/* The means to fill gaps. */
struct wcp_filler {
    const struct wcp_memory *mem;
    const uint16_t *a, *b;
    uint64_t cells_left; /* what may still be spent */
    WCP_ARRAY(uint8_t) steps;
    WCP_ARRAY(int16_t) row;
    WCP_ARRAY(uint16_t) units;
    WCP_ARRAY(struct wcp_block) found; /* ascending */
};

/* A gap, and whether there is a block right before and behind it. */
struct wcp_gap {
    uint32_t a_begin, a_end, b_begin, b_end;
    bool after, before;
};

/* Find in filler->found what is the same in a gap, in order; nothing where
 * that is little, or the gap too large.  False when out of memory. */
bool wcp_fill_gap(struct wcp_filler *filler, const struct wcp_gap *gap);
void wcp_filler_release(struct wcp_filler *filler);

/* ---- runs (gap_runs.c) ---- */

struct wcp_run_finder {
    const struct wcp_memory *mem;
    const uint16_t *a, *b;
    WCP_ARRAY(struct wcp_block) found;
};

/* Find runs that both texts have in a gap and that stand once in that of a,
 * the longest first; they may overlap.  Nearly all are found that are of eight
 * units or more.  False when out of memory. */
bool wcp_find_runs(struct wcp_run_finder *finder, const struct wcp_gap *gap);
void wcp_run_finder_release(struct wcp_run_finder *finder);

/* ---- order (ascent.c) ---- */

/* Make blocks, which ascend in a, MAIN, with no piece, or MOVED.  False when
 * out of memory. */
bool wcp_mark_main(const struct wcp_memory *mem, struct wcp_piece_block *blocks,
                   size_t num);

#endif /* WCP_GROUP_PIECES_H */
