/*
 * test_date.c - dates of records
 *
 * The oracle for day counts is the C library's timegm(), which shares nothing
 * with date.c.
 */
#include "input/input.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
parse(const char *text)
{
    return wcp_parse_date(text, strlen(text));
}

static void
expect(const char *text, int64_t want)
{
    int64_t got = parse(text);

    if (got != want)
        printf("\n    date '%s': got %" PRId64 ", want %" PRId64, text, got,
               want);
    CU_ASSERT_EQUAL(got, want);
}

/* 2006-05-09T00:00:00Z */
#define DAY INT64_C(1147132800000)

static void
test_forms(void)
{
    expect("2006-05-09", DAY);
    expect("  2006-05-09\r\n", DAY);
    expect("20060509", DAY);
    expect("2006-5-9", DAY);
    expect("2006/5/9", DAY);
    expect("2006/05/09 8:05", DAY + 29100000);
    expect("2006.5.09", DAY);
    expect("2006年5月9日 8:05", DAY + 29100000);
    expect("2006年5月9日", DAY);
    expect("2006年05月09日", DAY);
    expect("2006-05-09T10:20", DAY + 37200000);
    expect("2006-05-09T10:20:30", DAY + 37230000);
    expect("2006-05-09 10:20:30", DAY + 37230000);
    expect("2006-05-09t10:20:30z", DAY + 37230000);
    expect("2006-05-09T10:20:30.5Z", DAY + 37230500);
    expect("2006-05-09T10:20:30.123456789Z", DAY + 37230123);
    expect("2006-05-09T10:20:30,25Z", DAY + 37230250);
    expect("2006-05-09T10:20:30+08:00", DAY + 37230000 - 28800000);
    expect("2006-05-09T10:20:30-0330", DAY + 37230000 + 12600000);
    expect("2006-05-09T10:20:30+08", DAY + 37230000 - 28800000);
    expect("20060509T102030Z", DAY + 37230000);
    expect("20060509T1020+0800", DAY + 37200000 - 28800000);
    expect("200605091020", DAY + 37200000);
    expect("20060509102030", DAY + 37230000);
    expect("2006年5月9日10时", DAY + 36000000);
    expect("2006年5月9日 10时20分", DAY + 37200000);
    expect("2006年5月9日10時20分30秒", DAY + 37230000);
    expect("2006年5月9日 10:20:30", DAY + 37230000);
    expect("2006-05-09T24:00:00Z", DAY + 86400000);
    expect("2005-12-31T23:59:60Z", INT64_C(1136073600000));
    expect("1147132800", DAY);
    expect("1147132800123", DAY + 123);
    expect("999999999", INT64_C(999999999000));
    expect("946684800000", INT64_C(946684800000));
    expect("2000-02-29", INT64_C(951782400000));
    expect("0000-01-01", INT64_C(-62167219200000));
    expect("9999-12-31", INT64_C(253402214400000));
}

/* 26 February 1987, 15:01:01 */
#define REUTERS INT64_C(541350061000)

static void
test_named_months(void)
{
    expect("26-FEB-1987 15:01:01.79", REUTERS + 790);
    expect(" 2-MAR-1987 15:01:01.00", REUTERS + 4 * 86400000);
    expect("Thu, 26 Feb 1987 15:01:01 +0000", REUTERS);
    expect("Thu, 26 Feb 1987 15:01:01 +0800 (CST)", REUTERS - 28800000);
    expect("26 Feb 1987 15:01:01 GMT", REUTERS);
    expect("26 Feb 1987 15:01:01 EST", REUTERS + 18000000);
    expect("26 Feb 1987 15:01:01 -0330", REUTERS + 12600000);
    expect("Thursday 26 February 1987 15:01", REUTERS - 1000);
    expect("26  february  1987", REUTERS - 54061000);
    expect("26-Feb-1987", REUTERS - 54061000);
    expect("February 26, 1987", REUTERS - 54061000);
    expect("Thurs., FEB. 26,1987", REUTERS - 54061000);
    expect("Feb 26, 1987 15:01:01 UTC", REUTERS);
    expect("May 9, 2006", DAY);
    expect("9 May 2006 (a Tuesday)", DAY);
    expect("1 Sept 2006", DAY + INT64_C(115) * 86400000);
    expect("2006-05-09 10:20:30 UTC", DAY + 37230000);
    expect("2006-05-09 10:20:30 +0800", DAY + 37230000 - 28800000);
}

static void
test_refused(void)
{
    static const char *const bad[] = {
        "",
        " ",
        "x",
        "2006",
        "2006-05",
        "2006-5/9",
        "2006-5-",
        "2006-005-9",
        "2006:5:9",
        "6/5/9",
        "2006-02-30",
        "2006-02-29",
        "1900-02-29",
        "2006-13-01",
        "2006-00-01",
        "2006-01-00",
        "2006-01-32",
        "20061301",
        "2006-05-09x",
        "2006-05-09T",
        "2006-05-09T25:00",
        "2006-05-09T24:01",
        "2006-05-09T10:60",
        "2006-05-09T10:20:61",
        "2006-05-09T10:20:30.",
        "2006-05-09T10:20:30+24:00",
        "2006-05-09T10:20:30+08:60",
        "2006-05-09T10:20:30+8",
        "2006-05-09T10:20:30 ZZ",
        "2006年5月",
        "2006年5月9",
        "2006年13月9日",
        "2006年5月9日10",
        "2006年5月9日10时20",
        "2006年5月9日25时",
        "12345678901",
        "12345678901234567890",
        "-1147132800",
        "1147132800.5",
        "May 9 2006",
        "May 2006",
        "Ma 9, 2006",
        "Mayo 9, 2006",
        "9 May 06",
        "9 May 20060",
        "9-May 2006",
        "9 May-2006",
        "9May2006x",
        "31 June 2006",
        "0 May 2006",
        "9/5/2006",
        "9.5.2006",
        "Tue 9",
        "Tuesday",
        "9 May 2006 10",
        "9 May 2006 605:12:19",
        "9 May 2006 10:20 CST",
        "9 May 2006 10:20 ESTX",
        "9 May 2006 10:20 +08 x",
        "9 May 2006 10:20 GMT)",
        "9 May 2006 (10:20) GMT",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect(bad[i], WCP_NO_DATE);
}

static void
test_every_day(void)
{
    char text[3][60], name[20];
    struct tm tm;

    for (int year = 1; year <= 9999;
         year += year < 1850 || year > 2100 ? 97 : 1)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 31; day++) {
                int64_t want;

                memset(&tm, 0, sizeof tm);
                tm.tm_year = year - 1900;
                tm.tm_mon = month - 1;
                tm.tm_mday = day;
                strftime(name, sizeof name, "%B", &tm);
                want = (int64_t)timegm(&tm) * 1000;
                if (tm.tm_mday != day)
                    want = WCP_NO_DATE;
                snprintf(text[0], sizeof *text, "%04d-%02d-%02d", year, month,
                         day);
                snprintf(text[1], sizeof *text, "%s %d, %04d", name, day, year);
                snprintf(text[2], sizeof *text, "Mon, %d %.3s %04d 00:00 GMT",
                         day, name, year);
                for (int i = 0; i < 3; i++)
                    if (parse(text[i]) != want) {
                        expect(text[i], want);
                        return;
                    }
            }
}

/* No bytes may be read beyond the text, and none may crash. */
static void
test_any_bytes(void)
{
    static const char alphabet[] = "0123456789-:TZ+ .,()";
    struct test_rng rng = { test_seed() };

    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)test_below(&rng, 30);
        uint8_t *text = test_guarded(len);

        for (size_t i = 0; i < len; i++)
            text[i] = (uint8_t)alphabet[test_below(&rng, sizeof alphabet - 1)];
        if (len > 12 && round % 3 > 0)
            memcpy(text, round % 3 == 1 ? "2006-05-09  " : "9 May 2006 1", 12);
        (void)wcp_parse_date((const char *)text, len);
        for (size_t cut = 0; cut <= len; cut++)
            (void)wcp_parse_date((const char *)text + cut, len - cut);
        test_guarded_free(text, len);
    }
    CU_PASS("no fault");
}

void suite_date(void);

void
suite_date(void)
{
    CU_pSuite suite = CU_add_suite("date", NULL, NULL);

    CU_add_test(suite, "forms", test_forms);
    CU_add_test(suite, "names of months", test_named_months);
    CU_add_test(suite, "refused", test_refused);
    CU_add_test(suite, "every day against timegm", test_every_day);
    CU_add_test(suite, "any bytes", test_any_bytes);
}
