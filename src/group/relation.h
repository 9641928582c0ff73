/*
 * relation.h - evidence on a copy and its original -> the verdict
 *
 * wirecopy.h has the relations.  All decisions are in relation.c; whoever has
 * texts at hand gathers the evidence, and what was not looked at stays 0, which
 * never speaks against a copy.
 */
#ifndef WCP_GROUP_RELATION_H
#define WCP_GROUP_RELATION_H

#include "match/match.h"

enum wcp_relation_kind {
    WCP_REL_ORIGINAL, /* the original itself */
    WCP_REL_IDENTICAL,
    WCP_REL_REPRINT,
    WCP_REL_ABRIDGED,
    WCP_REL_EXPANDED,
    WCP_REL_EMBEDDED,
    WCP_REL_EXCERPT,
    WCP_REL_TEMPLATE,
    WCP_REL_BOILERPLATE,
    WCP_REL_NUM_KINDS
};

/* A set of relations: bit 1 << kind.  Those that make a copy by default. */
#define WCP_REL_BIT(kind) (1U << (kind))
#define WCP_REL_COPIES                                               \
    (WCP_REL_BIT(WCP_REL_IDENTICAL) | WCP_REL_BIT(WCP_REL_REPRINT) | \
     WCP_REL_BIT(WCP_REL_ABRIDGED) | WCP_REL_BIT(WCP_REL_EXPANDED) | \
     WCP_REL_BIT(WCP_REL_EMBEDDED))

/*
 * What lies between the runs that two aligned texts share, see slots.c.
 * Weights are those of passage.h: 5 for a Han character, 2 for a letter.
 */
struct wcp_slots {
    bool known;            /* the texts were aligned */
    uint32_t num_figures;  /* other figures in the one than in the other */
    uint32_t num_words;    /* other words */
    uint32_t num_passages; /* and longer ones */
    uint32_t num_inserted; /* only one of both has something there */
    uint64_t frame, replaced, inserted; /* weights; both texts' replaced */
};

/* What a copy holds besides its original, see rest.c. */
struct wcp_rest {
    uint64_t story; /* weight of the original */
    /* Paragraphs of the rest; those before all of the original, and those with
     * some of it on both sides */
    uint32_t num_paragraphs, num_before, num_within;
    uint64_t num_windows, num_shared; /* all; those that the original has */
    /* Windows of the original; those that two of its paragraphs have */
    uint64_t num_own, num_repeated;
};

/* Fewer of them, and no page is told; units of a text that may be one. */
enum { WCP_MIN_REST_PARAGRAPHS = 3 };
enum { WCP_MIN_STORY_UNITS = 100, WCP_MIN_REST_UNITS = 60 };

struct wcp_relation_evidence {
    double threshold;
    bool same_text;             /* the same folded text: nothing else counts */
    struct wcp_overlap overlap; /* of shingle sets; a: the copy */
    /* Originals besides this one that lie in the copy as well, and share no
     * text with it. */
    uint32_t num_other_stories;
    struct wcp_rest rest;
    struct wcp_slots slots;
    /* Texts that hold most of what copy and original share, and are copies
     * of neither. */
    uint32_t num_strangers;
};

enum wcp_relation_kind
wcp_relation(const struct wcp_relation_evidence *evidence);

/* How many exchanged figures two texts of these weights have at least if they
 * are of one form; UINT32_MAX: they are of none. */
uint32_t wcp_least_figures(uint64_t x, uint64_t y);

/*
 * From shares alone: 'covers' is the containment of the original in the copy,
 * 'covered' that of the copy in the original; 'threshold' what is asked of both
 * for a reprint.  What has neither is called a reprint too, as SimHash finds
 * such.
 */
enum wcp_relation_kind wcp_relate(bool same_text, double covers, double covered,
                                  double threshold);
/* "reprint"; never NULL. */
const char *wcp_relation_name(enum wcp_relation_kind relation);

#endif /* WCP_GROUP_RELATION_H */
