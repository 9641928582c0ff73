/*
 * credit_match.h - one try of a pattern at a place of a text (internal)
 */
#ifndef WCP_GROUP_CREDIT_MATCH_H
#define WCP_GROUP_CREDIT_MATCH_H

#include "group/credit.h"

/* Characters that a pattern can take in. */
enum { WCP_MATCH_MAX = 127 };

/* A set of places, counted from where the pattern began. */
struct wcp_places {
    uint64_t bits[2];
};

/* Characters that mean something in slots, as units. */
enum {
    WCP_UNITS_NUMERALS, /* Han numerals */
    WCP_UNITS_DATE,     /* year, month, day, and another word for day */
    WCP_UNITS_TODAY,    /* the first of "today", "yesterday" */
    WCP_UNITS_DAY,      /* and the second */
    WCP_UNITS_HOURS,    /* "evening", "before dawn" */
    WCP_UNITS_NO_PLACE, /* what is in no place's name, but in sentences */
    WCP_UNITS_NO_NAME,  /* what is in no reporter's */
    WCP_UNITS_REPORTER,
    WCP_UNITS_PAPER,
    WCP_UNITS_NO_WORD, /* what makes "dispatch" another word: television */
    WCP_NUM_UNIT_SETS
};
struct wcp_unit_set {
    const uint16_t *units;
    size_t num;
};

struct wcp_match {
    const struct wcp_view *view;
    const struct wcp_pattern_pool *pool;
    const struct wcp_spelling *spellings; /* by first unit */
    size_t num_spellings;
    const struct wcp_unit_set *sets;
    size_t start;              /* where the pattern began */
    struct wcp_places crossed; /* line breaks that it may go over */
    /* Who was named, if anybody: the first time. */
    bool named;
    uint32_t agency;
    size_t name_begin, name_end;
};

static inline void
wcp_places_add(const struct wcp_match *match, struct wcp_places *places,
               size_t at)
{
    size_t i = at - match->start;

    if (i <= WCP_MATCH_MAX)
        places->bits[i / 64] |= UINT64_C(1) << i % 64;
}

static inline bool
wcp_places_has(const struct wcp_match *match, const struct wcp_places *places,
               size_t at)
{
    size_t i = at - match->start;

    return i <= WCP_MATCH_MAX && places->bits[i / 64] >> i % 64 & 1;
}

static inline void
wcp_match_name(struct wcp_match *match, uint32_t agency, size_t begin,
               size_t end)
{
    if (match->named)
        return;
    match->named = true;
    match->agency = agency;
    match->name_begin = begin;
    match->name_end = end;
}

/* Where the units end that begin at 'at'; 0: they are not there. */
size_t wcp_match_units(const struct wcp_match *match, uint32_t first,
                       uint32_t num, size_t at, bool capitals);
/* The same for the longest spelling of an agency. */
size_t wcp_match_agency(const struct wcp_match *match, size_t at,
                        uint32_t *agency_ret);
/* Add where the slot can end if it begins at 'at'. */
void wcp_match_slot(struct wcp_match *match, enum wcp_pattern_slot slot,
                    size_t at, struct wcp_places *ends);

#endif /* WCP_GROUP_CREDIT_MATCH_H */
