/*
 * story_pairs.h - pairs of texts of which one may lie in the other
 *
 * A place is the number of a pair; they are in order of the earlier class, then
 * of the later one.  Edge i of a class is one of the pairs that it is in.
 */
#ifndef WCP_GROUP_STORY_PAIRS_H
#define WCP_GROUP_STORY_PAIRS_H

#include "group/relation.h"

/*
 * What is not known of a pair yet, in place of its relation.  Once it is
 * settled that is APART, 0, EMBEDDED, or what the judge says.
 */
enum {
    WCP_PAIR_NEW = -4,      /* how much they share, which is 0 so far */
    WCP_PAIR_APART = -3,    /* nothing: neither stands in the other */
    WCP_PAIR_COMPARED = -2, /* what the judge says */
    WCP_PAIR_JUDGED = -1,   /* whether it is a page and a story on it; nothing
                             * speaks against a copy */
};

/* A state: what the pair is, and whether it is wanted. */
enum { WCP_STATE_WANTED = 0x80, WCP_STATE_RELATION = 8 };

_Static_assert(WCP_STATE_RELATION + WCP_PAIR_NEW >= 0 &&
                   WCP_STATE_RELATION + WCP_REL_NUM_KINDS <= WCP_STATE_WANTED,
               "a relation fits into a state");

struct wcp_story_pairs {
    const struct wcp_memory *mem;
    uint32_t num_classes;
    /* By the earlier class, the others ascending. */
    uint32_t *begins;            /* [num_classes + 1], or NULL: no pairs */
    WCP_ARRAY(uint32_t) others;  /* the later class */
    WCP_ARRAY(uint32_t) commons; /* shingles in common, once compared */
    WCP_ARRAY(uint8_t) states;   /* the relation, and whether it is wanted */
    /* By the later class, ascending. */
    uint32_t *back_begins; /* [num_classes + 1] */
    uint32_t *backs;       /* [num_backs] the earlier class */
    size_t num_backs;
    uint32_t *sizes; /* [num_classes + 1] shingles, once compared */
};

void wcp_story_pairs_init(struct wcp_story_pairs *pairs,
                          const struct wcp_memory *mem, uint32_t num_classes);
void wcp_story_pairs_release(struct wcp_story_pairs *pairs);
/* Take in those that are not there, as NEW, and mark their classes; places and
 * edges change.  'inclusions' is released.  False when out of memory. */
bool wcp_story_pairs_add(struct wcp_story_pairs *pairs,
                         struct wcp_inclusions *inclusions, uint8_t *changed);

static inline size_t
wcp_story_pairs_num(const struct wcp_story_pairs *pairs)
{
    return pairs->others.num;
}

/* Where a pair a < b stands; false: it is not there. */
bool wcp_story_pairs_find(const struct wcp_story_pairs *pairs, uint32_t a,
                          uint32_t b, size_t *place_ret);
/* What any two classes share; false: it is not known here. */
bool wcp_story_overlap(const struct wcp_story_pairs *pairs, uint32_t a,
                       uint32_t b, struct wcp_overlap *overlap_ret);
struct wcp_class_pair wcp_story_pair(const struct wcp_story_pairs *pairs,
                                     size_t place);
/* The same for places in order: the earlier class is not before 'a', 0 at first
 * and then what it was the last time. */
struct wcp_class_pair wcp_story_pair_from(const struct wcp_story_pairs *pairs,
                                          uint32_t *a, size_t place);

static inline int32_t
wcp_story_relation(const struct wcp_story_pairs *pairs, size_t place)
{
    return (pairs->states.at[place] & ~WCP_STATE_WANTED) - WCP_STATE_RELATION;
}

/* Whether a pair is wanted and has come so far. */
static inline bool
wcp_story_waits(const struct wcp_story_pairs *pairs, size_t place,
                int32_t relation)
{
    return pairs->states.at[place] ==
           (WCP_STATE_WANTED | (relation + WCP_STATE_RELATION));
}

static inline void
wcp_story_relate(struct wcp_story_pairs *pairs, size_t place, int32_t relation)
{
    uint8_t *state = &pairs->states.at[place];

    *state = (uint8_t)((*state & WCP_STATE_WANTED) |
                       (relation + WCP_STATE_RELATION));
}

static inline bool
wcp_story_is_wanted(const struct wcp_story_pairs *pairs, size_t place)
{
    return (pairs->states.at[place] & WCP_STATE_WANTED) != 0;
}

static inline void
wcp_story_want(struct wcp_story_pairs *pairs, size_t place, bool wanted)
{
    uint8_t *state = &pairs->states.at[place];

    *state = (uint8_t)((*state & ~WCP_STATE_WANTED) |
                       (wanted ? WCP_STATE_WANTED : 0));
}

static inline uint32_t
wcp_num_edges(const struct wcp_story_pairs *pairs, uint32_t c)
{
    if (pairs->begins == NULL)
        return 0;
    return pairs->back_begins[c + 1] - pairs->back_begins[c] +
           pairs->begins[c + 1] - pairs->begins[c];
}

static inline uint32_t
wcp_edge_other(const struct wcp_story_pairs *pairs, uint32_t c, uint32_t i)
{
    const uint32_t num_back = pairs->back_begins[c + 1] - pairs->back_begins[c];

    return i < num_back ? pairs->backs[pairs->back_begins[c] + i]
                        : pairs->others.at[pairs->begins[c] + i - num_back];
}

/* What the two share is known. */
void wcp_story_compared(struct wcp_story_pairs *pairs, size_t place,
                        const struct wcp_class_pair *pair);

size_t wcp_edge_place(const struct wcp_story_pairs *pairs, uint32_t c,
                      uint32_t i);
struct wcp_class_pair wcp_edge_pair(const struct wcp_story_pairs *pairs,
                                    uint32_t c, uint32_t i);

#endif /* WCP_GROUP_STORY_PAIRS_H */
