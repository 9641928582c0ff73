/*
 * fuzz_date.c - dates of records against regular expressions and timegm()
 */
#include "fuzz.h"

#include <regex.h>
#include <strings.h>
#include <time.h>

#include "input/input.h"

/* Where the parts of a date stand among a pattern's groups; 0: nowhere. */
struct pattern {
    const char *text;
    struct {
        int year, month, day, hour, minute, second, fraction, zone;
        int weekday, name; /* the month's */
    } at;
};

#define Y4 "^([0-9]{4})"
#define D2 "([0-9]{2})"
#define D12 "([0-9]{1,2})"
#define FRACTION "([.,][0-9]+)?"
#define BLANKS "[ \t\r\n]*"
#define ZONE BLANKS "(Z|z|UTC?|GMT|[ECMP][DS]T|[+-][0-9]{2}(:?[0-9]{2})?)?"
#define CLOCK "([Tt ]" D12 ":" D2 "(:" D2 FRACTION ")?" ZONE ")?$"
#define WEEKDAY "^(([A-Za-z]{3,9})[.]?[, ]" BLANKS ")?"
#define NAME "([A-Za-z]{3,9})[.]?"
#define NAMED_CLOCK                                                 \
    "([ \t\r\n]+" D12 ":" D2 "(:" D2 FRACTION ")?" ZONE ")?" BLANKS \
    "([(].*[)])?$"

static const struct pattern patterns[] = {
    { Y4 "-" D12 "-" D12 CLOCK, { 1, 2, 3, 5, 6, 8, 9, 10, 0, 0 } },
    { Y4 "/" D12 "/" D12 CLOCK, { 1, 2, 3, 5, 6, 8, 9, 10, 0, 0 } },
    { Y4 "[.]" D12 "[.]" D12 CLOCK, { 1, 2, 3, 5, 6, 8, 9, 10, 0, 0 } },
    { Y4 D2 D2 "$", { 1, 2, 3, 0, 0, 0, 0, 0, 0, 0 } },
    { Y4 D2 D2 D2 D2 "(" D2 FRACTION ")?$", { 1, 2, 3, 4, 5, 7, 8, 0, 0, 0 } },
    { Y4 D2 D2 "[Tt]" D2 D2 "(" D2 FRACTION ")?" ZONE "$",
      { 1, 2, 3, 4, 5, 7, 8, 9, 0, 0 } },
    { Y4 "年" D12 "月" D12 "日[ \t\r\n]*$", { 1, 2, 3, 0, 0, 0, 0, 0, 0, 0 } },
    { Y4 "年" D12 "月" D12 "日[ \t\r\n]*" D12 ":" D2 "(:" D2 FRACTION ")?$",
      { 1, 2, 3, 4, 5, 7, 8, 0, 0, 0 } },
    { Y4 "年" D12 "月" D12 "日[ \t\r\n]*" D12 "(时|時|点|點)(" D12 "分(" D12
         "秒)?)?$",
      { 1, 2, 3, 4, 7, 9, 0, 0, 0, 0 } },
    { WEEKDAY D12 BLANKS NAME BLANKS "([0-9]{4})" NAMED_CLOCK,
      { 5, 0, 3, 7, 8, 10, 11, 12, 2, 4 } },
    { WEEKDAY D12 "-" BLANKS NAME "-" BLANKS "([0-9]{4})" NAMED_CLOCK,
      { 5, 0, 3, 7, 8, 10, 11, 12, 2, 4 } },
    { WEEKDAY NAME BLANKS D12 "," BLANKS "([0-9]{4})" NAMED_CLOCK,
      { 5, 0, 4, 7, 8, 10, 11, 12, 2, 3 } },
};
enum { NUM_PATTERNS = sizeof patterns / sizeof *patterns, MAX_GROUPS = 16 };

static int
number(const char *text, const regmatch_t *group)
{
    int value = 0;

    for (regoff_t i = group->rm_so; i < group->rm_eo; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static int
part(const char *text, const regmatch_t *groups, int at)
{
    return at == 0 || groups[at].rm_so < 0 ? 0 : number(text, &groups[at]);
}

static int
milliseconds(const char *text, const regmatch_t *group)
{
    int value = 0;

    for (int i = 1; i <= 3; i++)
        value = value * 10 + (group->rm_so + i < group->rm_eo
                                  ? text[group->rm_so + i] - '0'
                                  : 0);
    return value;
}

/* Which of twelve months or seven days, whose names the C library has, 0: none
 * begins so. */
static int
named(const char *text, const regmatch_t *group, bool month)
{
    const size_t len = (size_t)(group->rm_eo - group->rm_so);
    char name[32];

    for (int i = 0; i < (month ? 12 : 7); i++) {
        struct tm tm = { .tm_mon = month ? i : 0, .tm_wday = month ? 0 : i };

        strftime(name, sizeof name, month ? "%B" : "%A", &tm);
        if (len <= strlen(name) &&
            strncasecmp(name, text + group->rm_so, len) == 0)
            return i + 1;
    }
    return 0;
}

/* Hours west of Greenwich, in summer one less. */
static int
american(const char *name)
{
    static const char zones[] = "ECMP"; /* 5 to 8 */

    return (int)(strchr(zones, name[0]) - zones) + 5 - (name[1] == 'D');
}

/* Seconds east of UTC; false when that is no zone. */
static bool
zone_seconds(const char *text, const regmatch_t *group, int *seconds_ret)
{
    char digits[5] = "0000";
    int num = 0, value;

    *seconds_ret = 0;
    if (group->rm_so < 0 || strchr("ZzUG", text[group->rm_so]) != NULL)
        return true;
    if (strchr("+-", text[group->rm_so]) == NULL) {
        *seconds_ret = american(text + group->rm_so) * -3600;
        return strncmp(text + group->rm_so, "CST", 3) != 0;
    }
    for (regoff_t i = group->rm_so; i < group->rm_eo; i++)
        if (text[i] >= '0' && text[i] <= '9')
            digits[num++] = text[i];
    value = atoi(digits);
    *seconds_ret = (value / 100 * 60 + value % 100) * 60;
    if (text[group->rm_so] == '-')
        *seconds_ret = -*seconds_ret;
    return value / 100 <= 23 && value % 100 <= 59;
}

/* UTC milliseconds of broken-down time, if there is such a time: what
 * timegm() would have to set right was none. */
static int64_t
utc(struct tm *tm, int ms, int zone)
{
    const struct tm given = *tm;
    bool end_of_day = given.tm_hour == 24 && given.tm_min == 0 &&
                      given.tm_sec == 0 && ms == 0;
    struct tm day = given;
    time_t seconds;

    day.tm_hour = day.tm_min = day.tm_sec = 0;
    timegm(&day);
    if (day.tm_mday != given.tm_mday || day.tm_mon != given.tm_mon ||
        day.tm_year != given.tm_year)
        return WCP_NO_DATE;
    if (!end_of_day &&
        (given.tm_hour > 23 || given.tm_min > 59 || given.tm_sec > 60))
        return WCP_NO_DATE;
    seconds = timegm(tm);
    return ((int64_t)seconds - zone) * 1000 + ms;
}

static int64_t
match(const struct pattern *pattern, const regex_t *regex, const char *text)
{
    regmatch_t groups[MAX_GROUPS];
    struct tm tm = { 0 };
    int ms = 0, zone = 0;

    if (regexec(regex, text, MAX_GROUPS, groups, 0) != 0)
        return WCP_NO_DATE;
    tm.tm_year = part(text, groups, pattern->at.year) - 1900;
    tm.tm_mon = part(text, groups, pattern->at.month) - 1;
    tm.tm_mday = part(text, groups, pattern->at.day);
    tm.tm_hour = part(text, groups, pattern->at.hour);
    tm.tm_min = part(text, groups, pattern->at.minute);
    tm.tm_sec = part(text, groups, pattern->at.second);
    if (pattern->at.fraction != 0 && groups[pattern->at.fraction].rm_so >= 0)
        ms = milliseconds(text, &groups[pattern->at.fraction]);
    if (pattern->at.zone != 0 &&
        !zone_seconds(text, &groups[pattern->at.zone], &zone))
        return WCP_NO_DATE;
    if (pattern->at.name != 0)
        tm.tm_mon = named(text, &groups[pattern->at.name], true) - 1;
    if (tm.tm_mon < 0 ||
        (pattern->at.weekday != 0 && groups[pattern->at.weekday].rm_so >= 0 &&
         named(text, &groups[pattern->at.weekday], false) == 0))
        return WCP_NO_DATE;
    return utc(&tm, ms, zone);
}

static int64_t
epoch(const char *text)
{
    const size_t len = strlen(text);

    if (strspn(text, "0123456789") != len)
        return WCP_NO_DATE;
    if (len == 9 || len == 10)
        return strtoll(text, NULL, 10) * 1000;
    return len == 12 || len == 13 ? strtoll(text, NULL, 10) : WCP_NO_DATE;
}

static int64_t
naive_date(const char *text)
{
    static regex_t regexes[NUM_PATTERNS];
    static bool ready;
    int64_t date = WCP_NO_DATE;

    for (size_t i = 0; !ready && i < NUM_PATTERNS; i++)
        MUST(regcomp(&regexes[i], patterns[i].text, REG_EXTENDED) == 0);
    ready = true;
    for (size_t i = 0; date == WCP_NO_DATE && i < NUM_PATTERNS; i++)
        date = match(&patterns[i], &regexes[i], text);
    return date != WCP_NO_DATE ? date : epoch(text);
}

static void
write_date(char *text, size_t size, const struct tm *tm, int way)
{
    const int year = tm->tm_year + 1900, month = tm->tm_mon + 1;
    const int day = tm->tm_mday, hour = tm->tm_hour, minute = tm->tm_min;
    const int second = tm->tm_sec;
    char name[32];

    strftime(name, sizeof name, "%B", tm);
    if (way == 0)
        snprintf(text, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day,
                 hour, minute, second);
    else if (way == 1)
        snprintf(text, size, "%04d%02d%02d%02d%02d%02d", year, month, day, hour,
                 minute, second);
    else if (way == 2)
        snprintf(text, size, "%04d年%d月%02d日 %02d时%d分%02d秒", year, month,
                 day, hour, minute, second);
    else if (way == 3)
        snprintf(text, size, " %04d-%02d-%02d %02d:%02d:%02d+0000\n", year,
                 month, day, hour, minute, second);
    else if (way == 4)
        snprintf(text, size, "%d-%.3s-%04d %02d:%02d:%02d", day, name, year,
                 hour, minute, second);
    else if (way == 5)
        snprintf(text, size, "%04d/%d/%d %d:%02d:%02d", year, month, day, hour,
                 minute, second);
    else
        snprintf(text, size, "Mon, %s %d, %04d %02d:%02d:%02d GMT (no)", name,
                 day, year, hour, minute, second);
}

/* A date at random in one of the usual ways, and read back: noise hardly ever
 * is a date. */
static void
check_written(const uint8_t *data)
{
    const long long day = (data[0] | data[1] << 8 | data[2] << 16) % 2932896;
    const long long second = (data[3] | data[4] << 8 | data[5] << 16) % 86400;
    const time_t time = (time_t)((day - 719162) * 86400 + second);
    char text[128];
    struct tm tm;

    MUST(gmtime_r(&time, &tm) != NULL);
    write_date(text, sizeof text, &tm, data[6] % 7);
    MUST(wcp_parse_date(text, strlen(text)) == (int64_t)time * 1000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t date = wcp_parse_date((const char *)data, size);
    char text[256];
    size_t begin = 0, end = size;

    if (size >= 7)
        check_written(data);
    while (begin < end && memchr(" \t\r\n", data[begin], 4) != NULL)
        begin++;
    while (end > begin && memchr(" \t\r\n", data[end - 1], 4) != NULL)
        end--;
    if (memchr(data + begin, 0, end - begin) != NULL) {
        MUST(date == WCP_NO_DATE);
        return 0;
    }
    if (end - begin >= sizeof text)
        return 0;
    memcpy(text, data + begin, end - begin);
    text[end - begin] = '\0';
    MUST(date == naive_date(text));
    return 0;
}
