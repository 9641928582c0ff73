/*
 * passage.h - folded texts -> seeds -> chains -> passages
 *
 * A passage is a run of text that stands in several places, its copies; they
 * need not be the same to the letter.  Texts are folded units; all places are
 * counted in them.
 *
 *   seeds      places that two copies pick alike (closed syncmers)
 *   tally      which of them may stand in more than one place
 *   gather     these brought together by their hashes, sorted
 *   settle     what that says brought back to their places
 *   lookup     where did this seed stand before?
 *   extend     from a place that two texts share to the ends of what they share
 *   clusters   hits that lie close together, but for those that lead nowhere
 *   chain      hits -> collinear chains -> spans with their similarity
 *   query      all spans that a text shares with those before it
 *   align      two texts, without a corpus
 *   merge      pairs of spans -> passages with all their copies
 *   cuts       passages -> what can be cut so that each stays once
 *
 * Lengths are weighed: a unit of Han, kana or Hangul counts WCP_WEIGHT_HAN,
 * any other WCP_WEIGHT_OTHER, so that 40 Han characters weigh what 100 letters
 * do.  Digits and letters among as many Han units or more count like those.
 *
 * Guarantee  Every unchanged run of min_length that two texts share holds a
 *            seed of both, unless it repeats itself every few characters.  The
 *            length of seeds follows min_length.
 * Cost       Linear in the text and in what is reported: a seed that stands in
 *            many places leads to the first of them and, by longer seeds that
 *            begin with it, to those whose text goes on alike.  It never leads
 *            to all of them, and none is left out for being frequent.
 * Threads    Results do not depend on how many there are.
 */
#ifndef WCP_PASSAGE_PASSAGE_H
#define WCP_PASSAGE_PASSAGE_H

#include "base/base.h"

#define WCP_WEIGHT_HAN 5
#define WCP_WEIGHT_OTHER 2

/* Folded text: uint16_t units, or uint8_t if all are below 256. */
struct wcp_units {
    const void *at;
    uint32_t num;
    bool narrow;
};

struct wcp_passage_limits {
    uint32_t min_length;   /* Han characters (2.5 times as many letters) */
    uint32_t min_copies;   /* at least 2 */
    double min_similarity; /* of a copy to the first, 0 to 1 */
    unsigned num_threads;  /* at least 1 */
    uint64_t input_bytes;  /* that the texts were read from; 0: not known.  How
                              much memory is taken follows from that */
};

#define WCP_PASSAGE_MIN_LENGTH 8 /* the least that may be asked for */

/* BAD_OPTION, with the range, if one is out of its range. */
enum wcp_code wcp_passage_limits_check(const struct wcp_passage_limits *limits,
                                       struct wcp_fault *fault);

/* What the units weigh. */
uint64_t wcp_units_weight(const struct wcp_units *text, uint32_t begin,
                          uint32_t end);

/* ---- two texts (align.c) ---- */

/* A run of units that is the same in both. */
struct wcp_block {
    uint32_t a, b, num;
};

/* A span of each text, the one a copy of the other. */
struct wcp_alignment {
    uint32_t a_begin, a_end, b_begin, b_end;
    uint32_t matched; /* units that stand in both, in this order */
    size_t first_block, num_blocks;
};

struct wcp_alignments {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_alignment) list; /* ascending by a_begin, a_end */
    WCP_ARRAY(struct wcp_block) blocks;   /* of each, ascending in both */
};

/*
 * What two texts share: spans of at least min_length that are min_similarity
 * alike (min_copies and num_threads do not matter).  Pieces that were moved
 * are alignments of their own, out of order in b.  Of a place of a that stands
 * in b more than once the best is listed, others only where they go beyond it.
 * NO_MEMORY, BAD_OPTION (min_length), TOO_LONG (2^32 units together).
 */
enum wcp_code wcp_align(struct wcp_alignments *result,
                        const struct wcp_memory *mem, const struct wcp_units *a,
                        const struct wcp_units *b,
                        const struct wcp_passage_limits *opts,
                        struct wcp_fault *fault);
void wcp_alignments_release(struct wcp_alignments *result);

/* ---- many texts (passages.c) ---- */

struct wcp_text_copy {
    uint32_t text;       /* index */
    uint32_t begin, end; /* units */
    float similarity;    /* to the passage's first copy */
};

struct wcp_text_passage {
    uint64_t num_copies; /* with each text counted as often as it stands */
    size_t first, num;   /* in copies */
    uint32_t length;     /* units of the longest copy */
};

struct wcp_passages {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_text_passage)
    list;                                   /* by length x copies, descending */
    WCP_ARRAY(struct wcp_text_copy) copies; /* of each, in order of texts */
    uint64_t num_seeds, num_hits, num_extended, num_pairs; /* for -v */
};

/*
 * The passages of texts.  'counts' says how often each stands in the corpus
 * (NULL: once); a text that stands more than once is a passage as a whole.
 * The first of several copies is the one in the text with the least index, so
 * the texts should be in an order that means something.  NO_MEMORY,
 * BAD_OPTION, TOO_LONG (2^32 units or more in all).
 */
enum wcp_code wcp_passages_find(struct wcp_passages *result,
                                const struct wcp_memory *mem,
                                const struct wcp_units *texts,
                                const uint32_t *counts, uint32_t num_texts,
                                const struct wcp_passage_limits *opts,
                                struct wcp_fault *fault);
void wcp_passages_release(struct wcp_passages *result);

/* ---- what can be cut (cuts.c) ---- */

/* A copy of a passage in a document, which is one of those with this text. */
struct wcp_repetition {
    uint32_t document; /* its place in the order in which they are kept */
    uint32_t text, begin, end;
    uint32_t first; /* index of the passage's first copy, which is kept: of an
                       earlier document, or before this one; or of itself */
};

/* Units of a copy that go. */
struct wcp_unit_cut {
    uint32_t repeat, begin, end;
};

struct wcp_unit_cuts {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_unit_cut)
    list; /* by document, then by begin; no two
             overlap */
};

/*
 * What to cut so that of every passage one copy stays.  Of each copy goes what
 * stands in the passage's first one, there or where that was cut in turn; what
 * else it has goes too, but never as much as min_length (in one run) and never
 * more than a tenth; and nothing shorter than min_length is cut.  NO_MEMORY,
 * BAD_OPTION.
 */
enum wcp_code wcp_cuts_find(struct wcp_unit_cuts *result,
                            const struct wcp_memory *mem,
                            const struct wcp_units *texts,
                            const struct wcp_repetition *repeats, size_t num,
                            const struct wcp_passage_limits *opts,
                            struct wcp_fault *fault);
void wcp_unit_cuts_release(struct wcp_unit_cuts *result);

#endif /* WCP_PASSAGE_PASSAGE_H */
