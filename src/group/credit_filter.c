/*
 * credit_filter.c - what patterns and names may begin with
 *
 * Most places of a text are the beginning of nothing.  What is known of the
 * first two characters of every name and pattern is gathered here by several
 * keys, so that one look-up or two tell so.  A filter may say yes where nothing
 * begins, never no where something does.
 */
#include "group/credit_match.h"

/* ---- spellings ---- */

/* By row of the first unit, and otherwise as they came: few, sorted once. */
static void
sort_spellings(struct wcp_credits *credits)
{
    struct wcp_spelling *at = credits->spellings.at;
    const uint16_t *units = credits->pool.units.at;
    size_t num = credits->spellings.num, next = 0;

    for (size_t i = 1; i < num; i++) {
        struct wcp_spelling spelling = at[i];
        size_t row = wcp_credit_row_of(units[spelling.first]), k = i;

        for (; k > 0 && wcp_credit_row_of(units[at[k - 1].first]) > row; k--)
            at[k] = at[k - 1];
        at[k] = spelling;
    }
    for (size_t row = 0; row <= WCP_ROW_CHARACTERS; row++) {
        while (next < num && wcp_credit_row_of(units[at[next].first]) < row)
            next++;
        credits->row_begins[row] = (uint32_t)next;
    }
}

/* ---- pairs of characters ---- */

static uint32_t
filter_place(uint16_t first, uint16_t second)
{
    _Static_assert(WCP_FILTER_BITS == 1 << 12, "the shift");
    return (first * UINT32_C(0x9E3779B1) + second * UINT32_C(0x85EBCA77)) >> 20;
}

static void
allow(struct wcp_credits *credits, uint16_t first, uint16_t second)
{
    uint32_t place = filter_place(first, second);

    credits->filter[place / 64] |= UINT64_C(1) << place % 64;
}

bool
wcp_credits_may_begin(const struct wcp_credits *credits, struct wcp_view *view,
                      size_t at)
{
    uint16_t second = wcp_view_has(view, at + 1) ? view->units[at + 1] : 0;
    uint32_t one = filter_place(view->units[at], 0);
    uint32_t two = filter_place(view->units[at], second);

    return (credits->filter[one / 64] >> one % 64 & 1) != 0 ||
           (credits->filter[two / 64] >> two % 64 & 1) != 0;
}

/* What begins with a slot can only stand where a line begins, if not near the
 * end. */
static void
fill_filter(struct wcp_credits *credits)
{
    const uint16_t *units = credits->pool.units.at;

    for (size_t i = 0; i < credits->spellings.num; i++) {
        const struct wcp_spelling *spelling = &credits->spellings.at[i];

        allow(credits, units[spelling->first], units[spelling->first + 1]);
    }
    for (size_t i = 0; i < credits->patterns.num; i++) {
        struct wcp_pattern *pattern = &credits->patterns.at[i];

        if ((pattern->at & WCP_AT_WORD) != 0 &&
            (pattern->first_any || pattern->first_caps || pattern->first_paper))
            pattern->at = (uint8_t)((pattern->at & ~WCP_AT_WORD) | WCP_AT_LINE);
        for (size_t k = 0;
             (pattern->at & ~WCP_AT_LINE) != 0 && k < pattern->num_firsts; k++)
            allow(credits, pattern->firsts[k], pattern->seconds[k]);
    }
}

/* ---- patterns by rows ---- */

static bool
is_wide(uint16_t unit)
{
    return unit >= 0x2E80;
}

/* Whether a step may fit where there is nothing wide. */
static bool
may_be_narrow(const struct wcp_credits *credits,
              const struct wcp_pattern_step *step)
{
    if (step->kind == WCP_STEP_SLOT)
        return step->slot != WCP_SLOT_PAPER && step->slot != WCP_SLOT_BY;
    if (step->kind == WCP_STEP_UNITS)
        for (uint32_t i = 0; i < step->num; i++)
            if (is_wide(credits->pool.units.at[step->first + i]))
                return false;
    return true;
}

/* Whether there is a way through the pattern where there is nothing wide. */
static bool
is_narrow(const struct wcp_credits *credits, const struct wcp_pattern *pattern)
{
    const struct wcp_pattern_step *steps =
        credits->pool.steps.at + pattern->steps;
    bool reached[WCP_MAX_STEPS + 1] = { true };

    for (uint32_t i = 0; i + 1 < pattern->num; i++) {
        if (!reached[i] || !may_be_narrow(credits, &steps[i]))
            continue;
        reached[steps[i].next] = true;
        if (steps[i].kind == WCP_STEP_FORK && steps[i].alt > 0)
            reached[steps[i].alt] = true;
    }
    return reached[pattern->num - 1];
}

static void
add_to_row(struct wcp_credits *credits, size_t row, size_t pattern)
{
    credits->may[row * credits->num_words + pattern / 64] |= UINT64_C(1)
                                                             << pattern % 64;
}

static bool
in_row(const struct wcp_credits *credits, size_t row, size_t pattern)
{
    return (credits->may[row * credits->num_words + pattern / 64] >>
                pattern % 64 &
            1) != 0;
}

static bool
fill_rows(struct wcp_credits *credits)
{
    credits->num_words = credits->patterns.num / 64 + 1;
    credits->may = wcp_new_zeroed(
        credits->mem, WCP_NUM_ROWS * credits->num_words, sizeof *credits->may);
    if (credits->may == NULL)
        return false;
    for (size_t i = 0; i < credits->patterns.num; i++) {
        const struct wcp_pattern *pattern = &credits->patterns.at[i];

        for (size_t k = 0; k < pattern->num_firsts; k++)
            add_to_row(credits, wcp_credit_row_of(pattern->firsts[k]), i);
        if (pattern->first_agency)
            add_to_row(credits, WCP_ROW_AGENCY, i);
        if (pattern->first_any)
            add_to_row(credits, WCP_ROW_ANY, i);
        if (pattern->first_caps)
            add_to_row(credits, WCP_ROW_CAPS, i);
        if (pattern->first_paper)
            add_to_row(credits, WCP_ROW_PAPER, i);
        if (is_narrow(credits, pattern))
            add_to_row(credits, WCP_ROW_NARROW, i);
        for (size_t where = 0; where < WCP_NUM_ROWS - WCP_ROW_AT; where++)
            if ((pattern->at & where) != 0)
                add_to_row(credits, WCP_ROW_AT + where, i);
    }
    return true;
}

/* ---- bytes ---- */

/* Kinds of bytes that openings[][] knows beside those of ASCII. */
enum { UNKNOWN, BLANK };

/* What a byte is if it is the second of an opening. */
static uint8_t
kind_of(unsigned byte)
{
    if (byte >= 0x80)
        return UNKNOWN;
    return byte <= 0x20 || byte == 0x7F ? BLANK : (uint8_t)byte;
}

static bool
is_upper(unsigned byte)
{
    return byte - 'A' < 26;
}

/* What a byte of ASCII is in a view. */
static uint16_t
unit_of(unsigned byte)
{
    return (uint16_t)(is_upper(byte) ? byte + 0x20 : byte);
}

/* Note in a table that of two bytes the first is 'byte' and the second, or what
 * stands behind blanks, is 'unit'; 0: anything. */
static void
pair_up(uint8_t (*table)[128], unsigned byte, uint16_t unit, unsigned where)
{
    for (unsigned b = 0; b < 0x7F; b++)
        if (unit == 0 || b <= BLANK || unit_of(b) == unit)
            table[byte][b] |= (uint8_t)where;
}

/* What may begin with these units; 0: any.  In 'capitals' letters must be. */
static void
open_units(struct wcp_credits *credits, const uint16_t units[3], bool capitals,
           unsigned where)
{
    for (unsigned a = 0; a < 0x7F; a++) {
        bool fits = a > BLANK && !(capitals && a - 'a' < 26);

        if (fits && unit_of(a) == units[0]) {
            pair_up(credits->openings, a, units[1], where);
            if (units[1] == 0)
                credits->loose[a] |= (uint8_t)where;
        }
        if (a <= BLANK || (fits && unit_of(a) == units[1]))
            pair_up(credits->seconds, a, a <= BLANK ? 0 : units[2], where);
    }
}

static void
open_capitals(struct wcp_credits *credits, unsigned where)
{
    for (unsigned b = 0; b < 0x7F; b++) {
        if (b > BLANK && !is_upper(b) && !wcp_joins_names((uint16_t)b))
            continue;
        for (unsigned a = 'A'; a <= 'Z'; a++)
            credits->openings[a][b] |= (uint8_t)where;
        pair_up(credits->seconds, b, 0, where);
    }
}

static void
open_anything(struct wcp_credits *credits, unsigned where)
{
    for (unsigned a = 0; a < 0x80; a++) {
        pair_up(credits->openings, a, 0, where);
        credits->loose[a] |= (uint8_t)where;
    }
}

static void
open_pattern(struct wcp_credits *credits, const struct wcp_pattern *pattern)
{
    for (size_t i = 0; i < pattern->num_firsts; i++) {
        const uint16_t units[] = { pattern->firsts[i], pattern->seconds[i],
                                   pattern->thirds[i] };

        open_units(credits, units, false, pattern->at);
    }
    if (pattern->first_caps)
        open_capitals(credits, pattern->at);
    if (pattern->first_any)
        open_anything(credits, pattern->at);
}

static void
fill_openings(struct wcp_credits *credits)
{
    unsigned agencies = 0;

    for (size_t i = 0; i < credits->patterns.num; i++)
        if (in_row(credits, WCP_ROW_NARROW, i)) {
            open_pattern(credits, &credits->patterns.at[i]);
            if (credits->patterns.at[i].first_agency)
                agencies |= credits->patterns.at[i].at;
        }
    for (size_t i = 0; i < credits->spellings.num; i++) {
        const struct wcp_spelling *spelling = &credits->spellings.at[i];
        const uint16_t *from = credits->pool.units.at + spelling->first;
        const uint16_t units[] = { from[0], from[1],
                                   spelling->num > 2 ? from[2] : 0 };

        open_units(credits, units, spelling->capitals, agencies);
    }
}

static void
fill_bytes(struct wcp_credits *credits)
{
    const unsigned anywhere = WCP_AT_LINE | WCP_AT_WORD | WCP_AT_TAIL;

    /* What is unknown is looked at. */
    pair_up(credits->openings, UNKNOWN, 0, anywhere);
    credits->loose[UNKNOWN] = anywhere;
    for (unsigned byte = 0; byte < WCP_NUM_BYTES; byte++) {
        uint8_t kind = kind_of(byte);

        credits->kinds[byte] = kind;
        if (byte == '\n' || byte == '\r' || kind == UNKNOWN ||
            wcp_opens_dateline((uint16_t)byte))
            credits->behind[byte] = anywhere | WCP_BEHIND_BLANKS;
        else if (byte - '0' >= 10 && (byte | 0x20) - 'a' >= 26)
            credits->behind[byte] = WCP_AT_WORD;
    }
}

bool
wcp_credits_index(struct wcp_credits *credits)
{
    sort_spellings(credits);
    fill_filter(credits);
    if (!fill_rows(credits))
        return false;
    fill_openings(credits);
    fill_bytes(credits);
    return true;
}
