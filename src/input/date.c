/*
 * date.c - the dates of records -> UTC milliseconds
 *
 * No locale, no time zone database, no struct tm: a proleptic Gregorian day
 * count and the few ways in which archives write a date.  What is not
 * understood as a whole is not understood at all; half a date would put a
 * copy before its original.  So 2/3/1987 and two digits for a year are none.
 */
#include "input/input.h"

#include <string.h>

struct cursor {
    const char *at, *end;
};

struct moment {
    int year, month, day, hour, minute, second, ms;
    int zone; /* minutes east of UTC */
};

static size_t
rest(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

static bool
take(struct cursor *c, const char *text)
{
    size_t len = strlen(text);

    if (rest(c) < len || memcmp(c->at, text, len) != 0)
        return false;
    c->at += len;
    return true;
}

static size_t
num_digits(const struct cursor *c)
{
    size_t num = 0;

    while (num < rest(c) && c->at[num] >= '0' && c->at[num] <= '9')
        num++;
    return num;
}

/* Exactly 'num' digits, which further ones may follow. */
static bool
take_digits(struct cursor *c, size_t num, int *value_ret)
{
    int value = 0;

    if (num_digits(c) < num)
        return false;
    for (size_t i = 0; i < num; i++)
        value = value * 10 + (*c->at++ - '0');
    *value_ret = value;
    return true;
}

/* One or two digits, and no more. */
static bool
take_short(struct cursor *c, int *value_ret)
{
    size_t num = num_digits(c);

    return num >= 1 && num <= 2 && take_digits(c, num, value_ret);
}

static void
skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' ||
                              *c->at == '\r' || *c->at == '\n'))
        c->at++;
}

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01; years begin in March here, so that the leap day is the
 * last one.  year is 0 .. 9999. */
static int64_t
day_number(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t era = (y + 400) / 400 - 1; /* y may be -1 */
    int64_t of_era = y - era * 400;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
           (153 * m + 2) / 5 + (day - 1) - 719468;
}

static bool
is_possible(const struct moment *m)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };
    int last;

    if (m->month < 1 || m->month > 12)
        return false;
    last = days[m->month - 1] + (m->month == 2 && is_leap(m->year));
    if (m->day < 1 || m->day > last)
        return false;
    /* 24:00 is the end of a day, second 60 a leap second. */
    if (m->hour == 24 && m->minute == 0 && m->second == 0 && m->ms == 0)
        return true;
    return m->hour <= 23 && m->minute <= 59 && m->second <= 60;
}

static int64_t
milliseconds(const struct moment *m)
{
    int64_t minutes;

    if (!is_possible(m))
        return WCP_NO_DATE;
    minutes = day_number(m->year, m->month, m->day) * 1440 + m->hour * 60 +
              m->minute - m->zone;
    return (minutes * 60 + m->second) * 1000 + m->ms;
}

/* Up to milliseconds count; further digits are read over. */
static bool
take_fraction(struct cursor *c, struct moment *m)
{
    size_t num;

    if (!take(c, ".") && !take(c, ","))
        return true;
    num = num_digits(c);
    for (size_t i = 0; i < 3; i++)
        m->ms = m->ms * 10 + (i < num ? c->at[i] - '0' : 0);
    c->at += num;
    return num > 0;
}

/* The names of RFC 2822, but for CST, which is China's as well. */
static bool
take_zone_name(struct cursor *c, struct moment *m)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {
        { "Z", 0 },    { "z", 0 },    { "UTC", 0 },  { "UT", 0 },
        { "GMT", 0 },  { "EDT", -4 }, { "EST", -5 }, { "CDT", -5 },
        { "MDT", -6 }, { "MST", -7 }, { "PDT", -7 }, { "PST", -8 },
    };

    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        if (take(c, zones[i].name)) {
            m->zone = zones[i].hours * 60;
            return true;
        }
    return false;
}

/* Z, +HH, +HHMM, +HH:MM, a name or nothing, perhaps behind a blank. */
static bool
take_zone(struct cursor *c, struct moment *m)
{
    int sign, hours, minutes = 0;

    skip_blanks(c);
    if (rest(c) == 0 || take_zone_name(c, m))
        return true;
    sign = take(c, "+") ? 1 : take(c, "-") ? -1 : 0;
    if (sign == 0 || !take_digits(c, 2, &hours))
        return false;
    if (take(c, ":")) {
        if (!take_digits(c, 2, &minutes))
            return false;
    } else if (rest(c) > 0 && !take_digits(c, 2, &minutes)) {
        return false;
    }
    m->zone = sign * (hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

/* [H]H:MM[:SS[.fraction]] */
static bool
take_clock(struct cursor *c, struct moment *m)
{
    if (!take_short(c, &m->hour) || !take(c, ":") ||
        !take_digits(c, 2, &m->minute))
        return false;
    if (!take(c, ":"))
        return true;
    return take_digits(c, 2, &m->second) && take_fraction(c, m);
}

/* HHMM[SS[.fraction]] */
static bool
take_short_clock(struct cursor *c, struct moment *m)
{
    if (!take_digits(c, 2, &m->hour) || !take_digits(c, 2, &m->minute))
        return false;
    if (num_digits(c) == 0)
        return true;
    return take_digits(c, 2, &m->second) && take_fraction(c, m);
}

/* YYYY-MM-DD, or with strokes or full stops and digits that lack; the year
 * stands first, so that this has one meaning. */
static bool
take_day(struct cursor *c, struct moment *m)
{
    static const char *const between[] = { "-", "/", "." };
    size_t i = 0;

    if (!take_digits(c, 4, &m->year))
        return false;
    while (i < 3 && !take(c, between[i]))
        i++;
    return i < 3 && take_short(c, &m->month) && take(c, between[i]) &&
           take_short(c, &m->day);
}

/* Such a day, then perhaps T or a blank and a time, then perhaps a zone. */
static int64_t
parse_iso(struct cursor c)
{
    struct moment m = { 0 };

    if (!take_day(&c, &m))
        return WCP_NO_DATE;
    if (rest(&c) == 0)
        return milliseconds(&m);
    if ((!take(&c, "T") && !take(&c, "t") && !take(&c, " ")) ||
        !take_clock(&c, &m) || !take_zone(&c, &m) || rest(&c) > 0)
        return WCP_NO_DATE;
    return milliseconds(&m);
}

/* YYYYMMDD[[T]HHMM[SS]], with a zone only after T. */
static int64_t
parse_compact(struct cursor c)
{
    struct moment m = { 0 };

    if (!take_digits(&c, 4, &m.year) || !take_digits(&c, 2, &m.month) ||
        !take_digits(&c, 2, &m.day))
        return WCP_NO_DATE;
    if (rest(&c) == 0)
        return milliseconds(&m);
    if (take(&c, "T") || take(&c, "t")) {
        if (!take_short_clock(&c, &m) || !take_zone(&c, &m))
            return WCP_NO_DATE;
    } else if (!take_short_clock(&c, &m)) {
        return WCP_NO_DATE;
    }
    return rest(&c) > 0 ? WCP_NO_DATE : milliseconds(&m);
}

/* 10时20分30秒, or 10:20[:30] */
static bool
take_chinese_clock(struct cursor *c, struct moment *m)
{
    struct cursor start = *c;

    if (take_clock(c, m) && rest(c) == 0)
        return true;
    *c = start;
    m->hour = m->minute = m->second = m->ms = 0;
    if (!take_short(c, &m->hour) ||
        (!take(c, "时") && !take(c, "時") && !take(c, "点") && !take(c, "點")))
        return false;
    if (rest(c) == 0)
        return true;
    if (!take_short(c, &m->minute) || !take(c, "分"))
        return false;
    if (rest(c) == 0)
        return true;
    return take_short(c, &m->second) && take(c, "秒") && rest(c) == 0;
}

/* 2006年5月9日 */
static int64_t
parse_chinese(struct cursor c)
{
    struct moment m = { 0 };

    if (!take_digits(&c, 4, &m.year) || !take(&c, "年") ||
        !take_short(&c, &m.month) || !take(&c, "月") ||
        !take_short(&c, &m.day) || !take(&c, "日"))
        return WCP_NO_DATE;
    skip_blanks(&c);
    if (rest(&c) > 0 && !take_chinese_clock(&c, &m))
        return WCP_NO_DATE;
    return milliseconds(&m);
}

/* One of the words, or its beginning of three letters and more: 0, 1, 2 and so
 * on, -1 if it is none.  A full stop may follow. */
static int
take_word(struct cursor *c, const char *const *words, int num_words)
{
    const size_t left = rest(c);
    size_t len = 0;

    while (len < left && ((c->at[len] >= 'a' && c->at[len] <= 'z') ||
                          (c->at[len] >= 'A' && c->at[len] <= 'Z')))
        len++;
    for (int i = 0; len >= 3 && i < num_words; i++) {
        size_t same = 0;

        while (same < len && words[i][same] == (c->at[same] | 0x20))
            same++;
        if (same == len) {
            c->at += len;
            take(c, ".");
            return i;
        }
    }
    return -1;
}

static bool
take_month(struct cursor *c, struct moment *m)
{
    static const char *const months[] = { "january", "february", "march",
                                          "april",   "may",      "june",
                                          "july",    "august",   "september",
                                          "october", "november", "december" };

    m->month = take_word(c, months, 12) + 1;
    return m->month > 0;
}

/* 26 Feb 1987, 26-FEB-1987, or February 26, 1987; before it perhaps a day of
 * the week, which is not compared. */
static bool
take_named_day(struct cursor *c, struct moment *m)
{
    static const char *const days[] = { "monday",   "tuesday", "wednesday",
                                        "thursday", "friday",  "saturday",
                                        "sunday" };

    if (take_word(c, days, 7) >= 0) {
        if (!take(c, ",") && !take(c, " "))
            return false;
        skip_blanks(c);
    }
    if (take_short(c, &m->day)) {
        const bool dashes = take(c, "-");

        skip_blanks(c);
        if (!take_month(c, m) || take(c, "-") != dashes)
            return false;
    } else {
        if (!take_month(c, m))
            return false;
        skip_blanks(c);
        if (!take_short(c, &m->day) || !take(c, ","))
            return false;
    }
    skip_blanks(c);
    return num_digits(c) == 4 && take_digits(c, 4, &m->year);
}

/* Such a day, then perhaps a time and a zone, as in letters and feeds (RFC
 * 2822); what stands in parentheses at the end is a comment. */
static int64_t
parse_named(struct cursor c)
{
    struct moment m = { 0 };
    const char *comment;

    if (!take_named_day(&c, &m))
        return WCP_NO_DATE;
    if (rest(&c) > 0 && c.end[-1] == ')') {
        comment = memchr(c.at, '(', rest(&c));
        if (comment == NULL ||
            memchr(comment, '\0', (size_t)(c.end - comment)) != NULL)
            return WCP_NO_DATE;
        c.end = comment;
    }
    skip_blanks(&c);
    if (rest(&c) > 0 && (!take_clock(&c, &m) || !take_zone(&c, &m)))
        return WCP_NO_DATE;
    skip_blanks(&c);
    return rest(&c) > 0 ? WCP_NO_DATE : milliseconds(&m);
}

static int64_t
parse_epoch(struct cursor c)
{
    size_t num = num_digits(&c);
    int64_t value = 0;

    if (num > 13)
        return WCP_NO_DATE;
    for (size_t i = 0; i < num; i++)
        value = value * 10 + (c.at[i] - '0');
    if (num == 9 || num == 10)
        return value * 1000;
    if (num == 12 || num == 13)
        return value;
    return WCP_NO_DATE;
}

int64_t
wcp_parse_date(const char *text, size_t len)
{
    struct cursor c = { text, text + len };
    int64_t date;

    if (len == 0)
        return WCP_NO_DATE;
    skip_blanks(&c);
    while (c.end > c.at && (c.end[-1] == ' ' || c.end[-1] == '\t' ||
                            c.end[-1] == '\r' || c.end[-1] == '\n'))
        c.end--;
    if (num_digits(&c) < 4)
        return parse_named(c);
    if (num_digits(&c) == 4) {
        date = parse_iso(c);
        return date != WCP_NO_DATE ? date : parse_chinese(c);
    }
    /* Twelve digits may be YYYYMMDDHHMM or milliseconds: few of the latter
     * read as a date and a time. */
    date = parse_compact(c);
    if (date == WCP_NO_DATE && num_digits(&c) == rest(&c))
        date = parse_epoch(c);
    return date;
}
