/*
 * credit_slots.c - what fits the slots of a pattern
 *
 * Each slot is asked where it can end if it begins at a place; the answer is
 * a set of places, because only what follows tells how long a name is.
 */
#include "group/credit_match.h"

#include <string.h>

enum {
    MAX_PLACE_HAN = 20,
    MAX_PLACE = 40,
    MAX_REGION = 12,
    MAX_WHO = 40,
    MAX_BY = 60,
    MAX_NAME = 40,
    MAX_NAME_HAN = 24,
    MAX_PAPER = 10,
};

/* ---- characters ---- */

static uint16_t
unit_at(const struct wcp_match *match, size_t at)
{
    return wcp_view_has(match->view, at) ? match->view->units[at] : 0;
}

static bool
has(const struct wcp_match *match, size_t at, unsigned flag)
{
    return wcp_view_has(match->view, at) &&
           (match->view->flags[at] & flag) != 0;
}

static bool
is_latin(const struct wcp_match *match, size_t at)
{
    return has(match, at, WCP_VIEW_LETTER) &&
           !wcp_unit_is_east_asian(match->view->units[at]);
}

static bool
is_han(const struct wcp_match *match, size_t at)
{
    return has(match, at, WCP_VIEW_LETTER) &&
           wcp_unit_is_east_asian(match->view->units[at]);
}

/* Whether the character may be read by a step that began before it. */
static bool
goes_on(const struct wcp_match *match, size_t at)
{
    return at < match->start + WCP_MATCH_MAX && wcp_view_has(match->view, at) &&
           !has(match, at, WCP_VIEW_LINE);
}

/* Whether a word of Latin letters goes on at 'at'. */
static bool
splits_word(const struct wcp_match *match, size_t at)
{
    return at > 0 && is_latin(match, at) && is_latin(match, at - 1) &&
           !has(match, at, WCP_VIEW_SPACE);
}

static bool
is_one_of(const struct wcp_match *match, uint16_t unit, unsigned number)
{
    const struct wcp_unit_set *set = &match->credits->sets[number];

    if ((match->credits->set_rows[wcp_credit_row_of(unit)] >> number & 1) == 0)
        return false;
    for (size_t i = 0; i < set->num; i++)
        if (set->units[i] == unit)
            return true;
    return false;
}

/* ---- units of the table ---- */

size_t
wcp_match_units(const struct wcp_match *match, uint32_t first, uint32_t num,
                size_t at, bool capitals)
{
    const struct wcp_pattern_pool *pool = &match->credits->pool;
    struct wcp_view *view = match->view;

    for (uint32_t i = 0; i < num; i++) {
        bool space = pool->spaces.at[first + i] != 0;

        if (!wcp_view_has(view, at + i) ||
            view->units[at + i] != pool->units.at[first + i])
            return 0;
        if (capitals && is_latin(match, at + i) &&
            !has(match, at + i, WCP_VIEW_UPPER))
            return 0;
        if (i == 0)
            continue;
        if (space
                ? !has(match, at + i, WCP_VIEW_SPACE)
                : has(match, at + i, WCP_VIEW_LINE) ||
                      (has(match, at + i, WCP_VIEW_SPACE) &&
                       is_latin(match, at + i) && is_latin(match, at + i - 1)))
            return 0;
    }
    return splits_word(match, at) || splits_word(match, at + num) ? 0
                                                                  : at + num;
}

size_t
wcp_match_agency(const struct wcp_match *match, size_t at, uint32_t *agency_ret)
{
    const struct wcp_credits *credits = match->credits;
    const uint16_t *units = credits->pool.units.at;
    uint16_t first = unit_at(match, at), second = unit_at(match, at + 1);
    size_t row = wcp_credit_row_of(first), end = 0;

    for (size_t i = credits->row_begins[row]; i < credits->row_begins[row + 1];
         i++) {
        const struct wcp_spelling *spelling = &credits->spellings.at[i];
        size_t found;

        if (units[spelling->first] != first ||
            units[spelling->first + 1] != second)
            continue;
        found = wcp_match_units(match, spelling->first, spelling->num, at,
                                spelling->capitals);
        if (found <= end)
            continue;
        end = found;
        *agency_ret = spelling->agency;
    }
    return end;
}

/* ---- dates ---- */

static size_t
digits_at(const struct wcp_match *match, size_t at, size_t max)
{
    size_t num = 0;

    while (num < max && has(match, at + num, WCP_VIEW_DIGIT) &&
           (num == 0 || (goes_on(match, at + num) &&
                         !has(match, at + num, WCP_VIEW_SPACE))))
        num++;
    return num;
}

/* A number in digits or Han numerals; its length. */
static size_t
number_at(const struct wcp_match *match, size_t at, size_t max)
{
    size_t num = digits_at(match, at, max);

    if (num > 0)
        return num;
    while (num < max && goes_on(match, at + num) &&
           is_one_of(match, unit_at(match, at + num), WCP_UNITS_NUMERALS))
        num++;
    return num;
}

/* [2006 year] [1 month] 5 day; at least the day.  0: none. */
static size_t
chinese_date(const struct wcp_match *match, size_t at)
{
    const struct wcp_unit_set *marks = &match->credits->sets[WCP_UNITS_DATE];
    size_t end = at, num;

    for (size_t i = 0; i < 3; i++) {
        num = number_at(match, end, i == 0 ? 4 : 3);
        if (num > 0 && goes_on(match, end + num) &&
            (unit_at(match, end + num) == marks->units[i] ||
             (i == 2 && unit_at(match, end + num) == marks->units[3])))
            end += num + 1;
        else if (i == 2)
            return 0;
    }
    return end;
}

/* Today, yesterday; with hours of the day. */
static size_t
day_word(const struct wcp_match *match, size_t at)
{
    return goes_on(match, at + 1) &&
                   is_one_of(match, unit_at(match, at), WCP_UNITS_TODAY) &&
                   is_one_of(match, unit_at(match, at + 1), WCP_UNITS_DAY)
               ? at + 2
               : 0;
}

/* A word of Latin letters, in lower case; its end, or 0. */
static size_t
word_at(const struct wcp_match *match, size_t at, char *word, size_t size)
{
    size_t len = 0;

    while (len + 1 < size && is_latin(match, at + len) &&
           (len == 0 || (goes_on(match, at + len) &&
                         !has(match, at + len, WCP_VIEW_SPACE)))) {
        word[len] = (char)unit_at(match, at + len);
        len++;
    }
    word[len] = '\0';
    return len > 0 && !splits_word(match, at + len) ? at + len : 0;
}

static bool
begins_one_of(const char *word, const char *const *names)
{
    size_t len = strlen(word);

    for (; *names != NULL; names++)
        if (len >= 3 && strncmp(word, *names, len) == 0)
            return true;
    return false;
}

static size_t
skip_mark(const struct wcp_match *match, size_t at, uint16_t mark)
{
    return goes_on(match, at) && unit_at(match, at) == mark ? at + 1 : at;
}

/* [Tuesday,] March 3[, 2006] or 3 March [2006]; 0: none. */
static size_t
english_date(const struct wcp_match *match, size_t at)
{
    static const char *const months[] = { "january", "february", "march",
                                          "april",   "may",      "june",
                                          "july",    "august",   "september",
                                          "october", "november", "december",
                                          "sept",    NULL };
    static const char *const days[] = { "monday",   "tuesday", "wednesday",
                                        "thursday", "friday",  "saturday",
                                        "sunday",   "tues",    "thurs",
                                        NULL };
    char word[12];
    size_t end = word_at(match, at, word, sizeof word), num, year;

    if (end > 0 && begins_one_of(word, days)) {
        at = skip_mark(match, skip_mark(match, end, '.'), ',');
        end = goes_on(match, at) ? word_at(match, at, word, sizeof word) : 0;
    }
    if (end > 0 && begins_one_of(word, months)) {
        end = skip_mark(match, end, '.');
        num = goes_on(match, end) ? digits_at(match, end, 2) : 0;
        if (num == 0)
            return 0;
        end += num;
    } else {
        num = digits_at(match, at, 2);
        end = num > 0 && goes_on(match, at + num)
                  ? word_at(match, at + num, word, sizeof word)
                  : 0;
        if (end == 0 || !begins_one_of(word, months))
            return 0;
        end = skip_mark(match, end, '.');
    }
    year = skip_mark(match, end, ',');
    return goes_on(match, year) && digits_at(match, year, 5) == 4 ? year + 4
                                                                  : end;
}

/* 2006-05-09, 5/9 and the like. */
static size_t
numeric_date(const struct wcp_match *match, size_t at)
{
    size_t end = at, parts = 0;

    while (parts < 3) {
        size_t num = digits_at(match, end, parts == 0 ? 4 : 2);

        if (num == 0)
            break;
        parts++;
        end += num;
        if (parts == 3 || !goes_on(match, end + 1) ||
            (unit_at(match, end) != '-' && unit_at(match, end) != '/' &&
             unit_at(match, end) != '.'))
            break;
        end++;
    }
    return parts == 3 ? end : 0;
}

/* Whether a date may begin with a character: a digit, a numeral, a letter of a
 * month or a day, or the first of "today". */
static bool
may_begin_date(const struct wcp_match *match, size_t at)
{
    uint16_t unit = unit_at(match, at);

    if (unit < 0x80)
        return has(match, at, WCP_VIEW_DIGIT) ||
               (unit >= 'a' && unit <= 'w' &&
                strchr("jfmasondtw", unit) != NULL);
    return is_one_of(match, unit, WCP_UNITS_NUMERALS) ||
           is_one_of(match, unit, WCP_UNITS_TODAY);
}

static void
add_date(const struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    size_t end;

    if (!may_begin_date(match, at))
        return;
    end = chinese_date(match, at);
    if (end == 0)
        end = day_word(match, at);
    if (end > 0) {
        wcp_places_add(match, ends, end);
        /* in the evening, before dawn */
        if (goes_on(match, end + 1) &&
            is_one_of(match, unit_at(match, end), WCP_UNITS_HOURS))
            wcp_places_add(match, ends,
                           end + 1 +
                               (size_t)is_one_of(match, unit_at(match, end + 1),
                                                 WCP_UNITS_HOURS));
        return;
    }
    end = english_date(match, at);
    if (end == 0)
        end = numeric_date(match, at);
    if (end > 0)
        wcp_places_add(match, ends, end);
}

/* ---- names ---- */

/* A region in brackets, which may stand behind a town; its end, or 'at'. */
static size_t
skip_region(const struct wcp_match *match, size_t at)
{
    size_t end = at + 1;

    if (unit_at(match, at) != '(' && unit_at(match, at) != '[')
        return at;
    while (end < at + MAX_REGION && goes_on(match, end) &&
           has(match, end, WCP_VIEW_LETTER))
        end++;
    if (end < at + MAX_REGION && goes_on(match, end) &&
        (unit_at(match, end) == '[' || unit_at(match, end) == '('))
        end = skip_region(match, end);
    return goes_on(match, end) &&
                   (unit_at(match, end) == ')' || unit_at(match, end) == ']')
               ? end + 1
               : at;
}

static void
add_place(const struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    size_t max = is_han(match, at) ? MAX_PLACE_HAN : MAX_PLACE, i = 0;

    while (i < max && (i == 0 || goes_on(match, at + i))) {
        uint16_t unit = unit_at(match, at + i);
        size_t region = i > 0 ? skip_region(match, at + i) : at;

        if (region > at + i) {
            i = region - at;
            wcp_places_add(match, ends, region);
            continue;
        }
        if (has(match, at + i, WCP_VIEW_LETTER)) {
            if (is_one_of(match, unit, WCP_UNITS_NO_PLACE))
                return;
            if (!splits_word(match, at + i + 1))
                wcp_places_add(match, ends, at + i + 1);
        } else if (i == 0 || !wcp_joins_names(unit)) {
            return;
        } else if (unit == '.') {
            wcp_places_add(match, ends, at + i + 1);
        }
        i++;
    }
}

/* Words in capitals, the first of two letters or more: U.N. and ST. too. */
static void
add_caps(const struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    size_t letters = 0;

    for (size_t i = 0; i < MAX_PLACE && (i == 0 || goes_on(match, at + i));
         i++) {
        uint16_t unit = unit_at(match, at + i);

        if (has(match, at + i, WCP_VIEW_UPPER))
            letters++;
        else if (i == 0 || !wcp_joins_names(unit))
            return;
        if (letters >= 2 && (unit == '.' || !splits_word(match, at + i + 1)))
            wcp_places_add(match, ends, at + i + 1);
    }
}

static void
add_who(const struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    for (size_t i = 0; i < MAX_WHO && (i == 0 || goes_on(match, at + i)); i++) {
        uint16_t unit = unit_at(match, at + i);

        if (has(match, at + i, WCP_VIEW_LETTER)) {
            if (is_one_of(match, unit, WCP_UNITS_NO_NAME))
                return;
            if (!splits_word(match, at + i + 1) && i > 0)
                wcp_places_add(match, ends, at + i + 1);
        } else if (unit != ',' && !wcp_joins_names(unit) &&
                   (i > 0 || unit != ':')) {
            return;
        }
    }
}

/* ( ... reporter ... ), which must say so. */
static void
add_by(const struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    bool says = false;

    if (unit_at(match, at) != '(' && unit_at(match, at) != '[')
        return;
    for (size_t i = 1; i < MAX_BY && goes_on(match, at + i); i++) {
        uint16_t unit = unit_at(match, at + i);

        says |= is_one_of(match, unit, WCP_UNITS_REPORTER);
        if (unit != ')' && unit != ']')
            continue;
        if (says)
            wcp_places_add(match, ends, at + i + 1);
        return;
    }
}

/* "http" is nobody. */
static bool
is_scheme(const struct wcp_match *match, size_t end)
{
    return goes_on(match, end) && unit_at(match, end) == ':' &&
           goes_on(match, end + 1) && unit_at(match, end + 1) == '/';
}

/* Whoever is named as the source: an agency, or up to a mark or a space. */
static void
add_name(struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    size_t begin = at, end, max = MAX_NAME;
    uint32_t agency = WCP_NO_AGENCY;

    while (begin < at + 2 && goes_on(match, begin) &&
           (unit_at(match, begin) == '"' || unit_at(match, begin) == ':' ||
            unit_at(match, begin) == '['))
        begin++;
    end = goes_on(match, begin) ? wcp_match_agency(match, begin, &agency) : 0;
    if (end == 0) {
        if (is_han(match, begin))
            max = MAX_NAME_HAN;
        for (end = begin; end < begin + max && goes_on(match, end); end++) {
            if (!has(match, end, WCP_VIEW_LETTER | WCP_VIEW_DIGIT) &&
                (!wcp_joins_names(unit_at(match, end)) ||
                 !goes_on(match, end + 1) ||
                 has(match, end + 1, WCP_VIEW_SPACE)))
                break;
            if (end > begin && has(match, end, WCP_VIEW_SPACE) &&
                (is_han(match, end) || is_han(match, end - 1)))
                break;
        }
        if (end < begin + 2 || end == begin + max ||
            !has(match, begin, WCP_VIEW_LETTER) || is_scheme(match, end))
            return;
    }
    wcp_match_name(match, agency, begin, end);
    wcp_places_add(match, ends, end);
}

size_t
wcp_match_paper(const struct wcp_match *match, size_t at)
{
    for (size_t i = 0; i < MAX_PAPER && is_han(match, at + i) &&
                       (i == 0 || (goes_on(match, at + i) &&
                                   !has(match, at + i, WCP_VIEW_SPACE)));
         i++) {
        uint16_t unit = unit_at(match, at + i);

        if (is_one_of(match, unit, WCP_UNITS_NO_PLACE))
            return 0;
        if (is_one_of(match, unit, WCP_UNITS_PAPER))
            return i < 1 ? 0 : at + i + 1;
    }
    return 0;
}

static void
add_paper(struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    size_t end = wcp_match_paper(match, at);

    if (end == 0)
        return;
    /* "Evening paper" is what a paper calls itself. */
    if (end - at > 2)
        wcp_match_name(match, WCP_NO_AGENCY, at, end);
    wcp_places_add(match, ends, end);
}

static void
add_agency(struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    uint32_t agency = match->agency;
    size_t end = at == match->start ? match->agency_end
                                    : wcp_match_agency(match, at, &agency);

    if (end == 0)
        return;
    wcp_match_name(match, agency, at, end);
    wcp_places_add(match, ends, end);
}

/* ---- what takes no room ---- */

static bool
is_mark(const struct wcp_match *match, size_t at)
{
    return !has(match, at, WCP_VIEW_LETTER | WCP_VIEW_DIGIT);
}

static bool
ends_line(const struct wcp_match *match, size_t at)
{
    while (wcp_view_has(match->view, at) && !has(match, at, WCP_VIEW_LINE) &&
           is_mark(match, at))
        at++;
    return wcp_view_has(match->view, at) ? has(match, at, WCP_VIEW_LINE)
                                         : match->view->at_end && !match->cut;
}

static bool
stops(const struct wcp_match *match, size_t at)
{
    return !wcp_view_has(match->view, at)
               ? match->view->at_end && !match->cut
               : has(match, at, WCP_VIEW_SPACE) || is_mark(match, at);
}

static void
add_dash(const struct wcp_match *match, size_t at, struct wcp_places *ends)
{
    size_t end = at;

    while (end < at + 4 && (end == at || goes_on(match, end)) &&
           (unit_at(match, end) == '-' || unit_at(match, end) == '_'))
        end++;
    /* CCTV-1 and the like are names. */
    if (end == at + 1 && !has(match, at, WCP_VIEW_SPACE) &&
        goes_on(match, end) && !has(match, end, WCP_VIEW_SPACE))
        return;
    if (end == at && unit_at(match, at) == ':')
        end++;
    if (end > at)
        wcp_places_add(match, ends, end);
}

void
wcp_match_slot(struct wcp_match *match, enum wcp_pattern_slot slot, size_t at,
               struct wcp_places *ends)
{
    switch (slot) {
    case WCP_SLOT_AGENCY:
        add_agency(match, at, ends);
        break;
    case WCP_SLOT_NAME:
        add_name(match, at, ends);
        break;
    case WCP_SLOT_PAPER:
        add_paper(match, at, ends);
        break;
    case WCP_SLOT_PLACE:
        add_place(match, at, ends);
        break;
    case WCP_SLOT_CAPS:
        add_caps(match, at, ends);
        break;
    case WCP_SLOT_DATE:
        add_date(match, at, ends);
        break;
    case WCP_SLOT_YEAR:
        if (digits_at(match, at, 5) == 4)
            wcp_places_add(match, ends, at + 4);
        break;
    case WCP_SLOT_WHO:
        add_who(match, at, ends);
        break;
    case WCP_SLOT_BY:
        add_by(match, at, ends);
        break;
    case WCP_SLOT_DASH:
        add_dash(match, at, ends);
        break;
    case WCP_SLOT_STOP:
        if (stops(match, at))
            wcp_places_add(match, ends, at);
        break;
    case WCP_SLOT_WORD:
        if (!is_one_of(match, unit_at(match, at), WCP_UNITS_NO_WORD) ||
            has(match, at, WCP_VIEW_SPACE))
            wcp_places_add(match, ends, at);
        break;
    case WCP_SLOT_LINE:
        if (has(match, at, WCP_VIEW_LINE)) {
            wcp_places_add(match, &match->crossed, at);
            wcp_places_add(match, ends, at);
        }
        break;
    case WCP_SLOT_END:
        if (ends_line(match, at))
            wcp_places_add(match, ends, at);
        break;
    case WCP_SLOT_SHUT:
        if (unit_at(match, at) == ')' || unit_at(match, at) == ']' ||
            ends_line(match, at))
            wcp_places_add(match, ends, at);
        break;
    case WCP_NUM_SLOTS:
        break;
    }
}
