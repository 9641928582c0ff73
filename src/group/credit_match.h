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

/* Patterns by what they may begin with, and where. */
enum wcp_credit_row {
    WCP_ROW_CHARACTERS = 256, /* rows before are of characters */
    WCP_ROW_AGENCY = WCP_ROW_CHARACTERS,
    WCP_ROW_ANY,
    WCP_ROW_CAPS,
    WCP_ROW_PAPER,
    WCP_ROW_NARROW, /* may fit where there is nothing wide */
    WCP_ROW_AT,     /* + WCP_AT_... */
    WCP_NUM_ROWS = WCP_ROW_AT + (WCP_AT_LINE | WCP_AT_WORD | WCP_AT_TAIL) + 1
};
enum {
    WCP_FILTER_BITS = 4096, /* for two characters together */
    WCP_NUM_BYTES = 256,
    WCP_BEHIND_BLANKS = 8, /* blanks behind it are none of it */
};

struct wcp_credits {
    const struct wcp_memory *mem;
    struct wcp_pattern_pool pool;
    WCP_ARRAY(char *) names;
    WCP_ARRAY(struct wcp_spelling) spellings; /* by row of the first unit */
    WCP_ARRAY(struct wcp_pattern) patterns;
    struct wcp_unit_set sets[WCP_NUM_UNIT_SETS];
    /* By row: a bit for each set that may have the unit. */
    uint16_t set_rows[WCP_ROW_CHARACTERS];
    /* By row: the first spelling. */
    uint32_t row_begins[WCP_ROW_CHARACTERS + 1];
    /* By a pair of characters: whether a name or, within a line, a pattern may
     * begin so. */
    uint64_t filter[WCP_FILTER_BITS / 64];
    /* By enum wcp_credit_row: a bit for each pattern that may begin so. */
    uint64_t *may; /* [WCP_NUM_ROWS][num_words] */
    size_t num_words;
    /* For text with nothing wide, by bytes: WCP_AT_... of what may begin
     * behind one, and of what may begin with two and has a second and third
     * like these. */
    uint8_t behind[WCP_NUM_BYTES]; /* WCP_BEHIND_BLANKS, too */
    uint8_t kinds[WCP_NUM_BYTES];  /* < 128: for the next */
    uint8_t openings[128][128], seconds[128][128];
    uint8_t loose[128]; /* which first ones tell nothing of the third */
};

static inline size_t
wcp_credit_row_of(uint16_t unit)
{
    return (unit ^ unit >> 8) % WCP_ROW_CHARACTERS;
}

/* Marks before a dateline that are none of it. */
static inline bool
wcp_opens_dateline(uint16_t unit)
{
    return unit == '(' || unit == '[' || unit == '*' || unit == '"' ||
           unit == '-';
}

/* Marks within names. */
static inline bool
wcp_joins_names(uint16_t unit)
{
    return unit == '.' || unit == '-' || unit == '/' || unit == '\'';
}

/* ---- credit_filter.c ---- */

/* All that follows from spellings and patterns; false when out of memory. */
bool wcp_credits_index(struct wcp_credits *credits);
/* Whether a name or a pattern may begin at a place within a line. */
bool wcp_credits_may_begin(const struct wcp_credits *credits,
                           struct wcp_view *view, size_t at);

/* ---- credit_scan.c ---- */

/* A stretch of text. */
struct wcp_stretch {
    const uint8_t *bytes;
    size_t begin, end;
    bool narrow; /* no character of East Asia, no entity */
    bool plain;  /* ASCII */
};
/* The stretch from 'begin' that a view of text[begin .. len) has.  If it is
 * narrow but not plain, it may be longer. */
struct wcp_stretch wcp_credit_stretch(const char *text, size_t len,
                                      size_t begin);

/* The places of a narrow stretch where something may begin. */
struct wcp_scan {
    const struct wcp_credits *credits;
    const struct wcp_stretch *stretch;
    unsigned where; /* WCP_AT_... */
    size_t block, next;
    uint64_t mask; /* places of the block */
};
void wcp_scan_begin(struct wcp_scan *scan, const struct wcp_credits *credits,
                    const struct wcp_stretch *stretch, unsigned where);
/* The next one; stretch->end: there are no more. */
size_t wcp_scan_next(struct wcp_scan *scan);
/* Where the last letter or digit before a place is, or the stretch begins. */
size_t wcp_scan_word(const struct wcp_scan *scan, size_t at);

/* ---- a try ---- */

/* Who was named, if anybody: the first time. */
struct wcp_found_name {
    bool named;
    uint32_t agency;
    size_t begin, end;
};

/* Where a slot can end, by where it begins, as far as it was asked for. */
struct wcp_kept {
    struct wcp_places known;
    struct wcp_places ends[WCP_MATCH_MAX + 1];
};
/* Slots that are kept: what they take depends on nothing else. */
enum {
    WCP_FIRST_KEPT = WCP_SLOT_PLACE,
    WCP_LAST_KEPT = WCP_SLOT_DASH,
    WCP_NUM_KEPT = WCP_LAST_KEPT - WCP_FIRST_KEPT + 1,
};

struct wcp_match {
    const struct wcp_credits *credits;
    struct wcp_view *view;
    bool cut;     /* the text goes on where the view ends */
    size_t start; /* where the patterns begin */
    /* The agency that stands there; its end is 0: none does. */
    uint32_t agency;
    size_t agency_end;
    struct wcp_kept kept[WCP_NUM_KEPT];
    /* of one pattern */
    struct wcp_places crossed; /* line breaks that it may go over */
    struct wcp_found_name name;
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
    if (!match->name.named)
        match->name = (struct wcp_found_name){ true, agency, begin, end };
}

/* ---- credit_try.c ---- */

/* Go to another place. */
void wcp_match_begin(struct wcp_match *match, size_t at);
/* How far the pattern goes from there at most; 0: it does not fit. */
size_t wcp_match_pattern(struct wcp_match *match,
                         const struct wcp_pattern *pattern);

/* ---- credit_slots.c ---- */

/* Where the units end that begin at 'at'; 0: they are not there. */
size_t wcp_match_units(const struct wcp_match *match, uint32_t first,
                       uint32_t num, size_t at, bool capitals);
/* The same for the longest spelling of an agency. */
size_t wcp_match_agency(const struct wcp_match *match, size_t at,
                        uint32_t *agency_ret);
/* Where Han characters up to the first that names a paper or a site end; 0:
 * they are not there. */
size_t wcp_match_paper(const struct wcp_match *match, size_t at);
/* Add where the slot can end if it begins at 'at'. */
void wcp_match_slot(struct wcp_match *match, enum wcp_pattern_slot slot,
                    size_t at, struct wcp_places *ends);

#endif /* WCP_GROUP_CREDIT_MATCH_H */
