/*
 * credit.h - whom a text names as its agency, and its dateline
 *
 * A table (credit_table.c, and a file of the user's) has the names of agencies
 * with the spellings that they go by, and patterns of datelines, by-lines and
 * credits in which they stand.  What is found is evidence of syndication and
 * decides nothing about who is a copy of whom.
 *
 * Threads    A table does not change once it is made.
 */
#ifndef WCP_GROUP_CREDIT_H
#define WCP_GROUP_CREDIT_H

#include "base/base.h"
#include "text/text.h"

#define WCP_NO_AGENCY UINT32_MAX

/* What a text says; places are bytes of it. */
struct wcp_credit {
    uint32_t agency; /* or WCP_NO_AGENCY: the name is none of the table's */
    bool has_credit, has_dateline;
    size_t begin, end; /* the name as it stands */
    size_t dateline_begin, dateline_end;
};

struct wcp_credits;

/*
 * The table, and what is in 'more': a line is a name, a tab and a spelling, or
 * a pattern if it has a brace.  'more' may be NULL; 'path' is its name in
 * messages.  BAD_RECORD: a line that is neither, which the fault names.
 */
enum wcp_code wcp_credits_new(const struct wcp_memory *mem, const char *more,
                              size_t len, const char *path,
                              struct wcp_credits **credits_ret,
                              struct wcp_fault *fault);
void wcp_credits_free(struct wcp_credits *credits);
/* An agency's name, UTF-8, ending in NUL. */
const char *wcp_credits_name(const struct wcp_credits *credits,
                             uint32_t agency);

/* Look at the beginning and the end of a text, valid UTF-8; takes a time that
 * has a limit, whatever is in it. */
void wcp_credits_find(const struct wcp_credits *credits, const char *text,
                      size_t len, struct wcp_credit *credit);

/* The agency that a source or a path names in one of its words, or
 * WCP_NO_AGENCY. */
uint32_t wcp_credits_agency_of(const struct wcp_credits *credits,
                               const char *name, size_t len);

/* ---- the table (credit_table.c) ---- */

/* As lines of a file: NAME<TAB>SPELLING OR PATTERN; ends in NULL. */
extern const char *const wcp_credit_table[];

/* ---- patterns (credit_pattern.c) ---- */

enum wcp_pattern_step_kind {
    WCP_STEP_UNITS, /* these letters, digits and marks */
    WCP_STEP_FORK,  /* go on here, and there */
    WCP_STEP_SLOT,
    WCP_STEP_DONE,
};

enum wcp_pattern_slot {
    WCP_SLOT_AGENCY, /* a spelling of the table */
    WCP_SLOT_NAME,   /* whoever is named: up to a mark or white space */
    WCP_SLOT_PAPER,  /* Han characters, the last that of a paper or site */
    WCP_SLOT_PLACE,  /* letters */
    WCP_SLOT_CAPS,   /* words in capitals */
    WCP_SLOT_DATE,
    WCP_SLOT_YEAR,
    WCP_SLOT_WHO,  /* names of reporters */
    WCP_SLOT_BY,   /* the same in parentheses */
    WCP_SLOT_DASH, /* - or two, _ or : */
    WCP_SLOT_STOP, /* nothing: white space, a mark or the end is next */
    WCP_SLOT_WORD, /* nothing: the next character makes no other word */
    WCP_SLOT_LINE, /* nothing: a line begins */
    WCP_SLOT_END,  /* nothing but marks to the end of the line */
    WCP_SLOT_SHUT, /* nothing: a bracket is shut, or the line ends */
    WCP_NUM_SLOTS
};

struct wcp_pattern_step {
    uint8_t kind;       /* enum wcp_pattern_step_kind */
    uint8_t slot;       /* enum wcp_pattern_slot */
    uint16_t num;       /* units */
    uint32_t first;     /* of its units, in the table's pool */
    uint16_t next, alt; /* steps; alt: of a fork */
};

enum { WCP_MAX_FIRSTS = 16, WCP_MAX_STEPS = 256 };

/* Where a pattern may begin. */
enum {
    WCP_AT_LINE = 1, /* ^ a line of the beginning of the text */
    WCP_AT_WORD = 2, /* ~ a word of it */
    WCP_AT_TAIL = 4, /* $ a line, or behind a mark, near the end */
};

struct wcp_pattern {
    /* What it may begin with: one of these units, or what a slot takes. */
    uint16_t firsts[WCP_MAX_FIRSTS];
    /* units behind them; 0: any */
    uint16_t seconds[WCP_MAX_FIRSTS], thirds[WCP_MAX_FIRSTS];
    uint8_t num_firsts;
    /* any: whatever is a letter; caps: a capital; paper: a Han character */
    bool first_agency, first_any, first_caps, first_paper;
    uint8_t at;       /* WCP_AT_... */
    bool is_dateline; /* it says place, date or reporter, not the agency only */
    uint32_t agency;  /* whom it stands for; WCP_NO_AGENCY: as a slot says */
    uint32_t steps;   /* the first, in the table's steps */
    uint32_t num;
};

struct wcp_spelling {
    uint32_t first, num; /* units in the pool */
    uint32_t agency;
    bool capitals; /* and only in capitals */
};

/* Steps, and the units that they and the spellings are made of. */
struct wcp_pattern_pool {
    const struct wcp_memory *mem;
    WCP_ARRAY(uint16_t) units;
    WCP_ARRAY(uint8_t) spaces; /* white space is before the unit */
    WCP_ARRAY(struct wcp_pattern_step) steps;
};

/* Append the steps of a pattern.  BAD_RECORD: it cannot be understood. */
enum wcp_code wcp_pattern_make(struct wcp_pattern_pool *pool, const char *text,
                               size_t len, struct wcp_pattern *pattern,
                               struct wcp_fault *fault);
/* Append the units of a text; false when out of memory. */
bool wcp_pattern_add_units(struct wcp_pattern_pool *pool, const char *text,
                           size_t len, uint32_t *first_ret, uint32_t *num_ret);

#endif /* WCP_GROUP_CREDIT_H */
