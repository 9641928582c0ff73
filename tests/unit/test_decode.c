/*
 * test_decode.c - names of encodings, decoding, illegal bytes
 *
 * The oracle for legacy encodings is iconv in the other direction: text
 * written here in UTF-8 is converted by it and must come back.  Illegal bytes
 * are tables with the expected text written out.
 */
#include "decoders.h"
#include "support.h"
#include "text/text.h"

#include <CUnit/CUnit.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One decoding and all it returned. */
struct result {
    enum wcp_code code;
    struct wcp_buffer out;
    uint64_t num_bad, first_bad;
    struct wcp_fault fault;
};

static struct result
decode(struct wcp_decoder *decoder, wcp_encoding enc, enum wcp_bad_bytes policy,
       const void *bytes, size_t len)
{
    struct result r = { .num_bad = 99, .first_bad = 99 };
    uint8_t *copy = test_guarded(len);

    memcpy(copy, bytes, len);
    wcp_buffer_init(&r.out, &wcp_memory_libc, 0);
    wcp_buffer_append(&r.out, "<", 1);
    r.code = wcp_decode(decoder, enc, policy, copy, len, &r.out, &r.num_bad,
                        &r.first_bad, &r.fault);
    test_guarded_free(copy, len);
    return r;
}

/* True when the text is '<', which was there before, and what is expected. */
static bool
is_text(const struct result *r, const void *expected, size_t len)
{
    return r->code == WCP_CODE_OK && r->out.len == len + 1 &&
           r->out.data[0] == '<' && memcmp(r->out.data + 1, expected, len) == 0;
}

/* ---- names ---- */

static void
test_labels(void)
{
    static const struct {
        const char *label, *name;
    } cases[] = {
        { "utf8", "UTF-8" },
        { "UTF-8", "UTF-8" },
        { "us-ascii", "UTF-8" },
        { " Utf_16 LE ", "UTF-16LE" },
        { "UTF-16", "UTF-16LE" },
        { "utf-32be", "UTF-32BE" },
        { "GBK", "GB18030" },
        { "gb2312", "GB18030" },
        { "cp936", "GB18030" },
        { "GB_2312-80", "GB18030" },
        { "big-5", "Big5-HKSCS" },
        { "CP950", "Big5-HKSCS" },
        { "Shift_JIS", "Shift_JIS" },
        { "x-sjis", "Shift_JIS" },
        { "windows-31j", "Shift_JIS" },
        { "euc-jp", "EUC-JP" },
        { "ISO-2022-JP", "ISO-2022-JP" },
        { "EUC-KR", "CP949" },
        { "ks_c_5601-1987", "CP949" },
        { "johab", "Johab" },
        { "latin1", "windows-1252" },
        { "ISO_8859-1:1987", "windows-1252" },
        { "iso-8859-15", "ISO-8859-15" },
        { "Koi8-R", "KOI8-R" },
        { "x-mac-cyrillic", "MacCyrillic" },
        { "TIS-620", "windows-874" },
        { "HZ-GB-2312", "HZ" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const wcp_encoding enc = named(cases[i].label);

        CU_ASSERT_NOT_EQUAL(enc, WCP_ENC_UNKNOWN);
        CU_ASSERT_STRING_EQUAL(wcp_encoding_name(enc), cases[i].name);
    }
}

static void
test_unknown_labels(void)
{
    static const char *const unknown[] = {
        "",      "-",       "utf",     "utf-9",
        "gb",    "iso8859", "latin11", "a-name-much-longer-than-any-encoding's",
        "utf8 x"
    };

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        CU_ASSERT_EQUAL(named(unknown[i]), WCP_ENC_UNKNOWN);
    /* The length counts, not a NUL; a NUL is one more character to ignore. */
    CU_ASSERT_EQUAL(wcp_encoding_by_name("gbkx", 3), WCP_ENC_GB18030);
    CU_ASSERT_PTR_NOT_NULL(wcp_encoding_name(WCP_ENC_UNKNOWN));
    CU_ASSERT_PTR_NOT_NULL(wcp_encoding_name(200));
}

/* How many encodings the table has. */
static unsigned
count_encodings(void)
{
    unsigned n = 1;

    while (strcmp(wcp_encoding_name((wcp_encoding)n), "unknown") != 0)
        n++;
    return n;
}

static void
test_each_encoding_opens(void)
{
    struct wcp_decoder *decoder = new_decoder();
    const unsigned num = count_encodings();

    CU_ASSERT(num > 50);
    CU_ASSERT(num < WCP_ENC_UNKNOWN);
    for (unsigned i = 1; i < num; i++) {
        const wcp_encoding enc = (wcp_encoding)i;
        struct result r = decode(decoder, enc, WCP_BAD_REPLACE, "news", 4);

        CU_ASSERT_EQUAL(named(wcp_encoding_name(enc)), enc);
        if (enc < WCP_ENC_UTF16LE || enc > WCP_ENC_UTF32BE) {
            CU_ASSERT(is_text(&r, "news", 4));
            CU_ASSERT_EQUAL(r.num_bad, 0);
        }
        wcp_buffer_release(&r.out);
    }
    wcp_decoder_free(decoder);
}

static void
test_not_an_encoding(void)
{
    static const wcp_encoding not_any[] = { WCP_ENC_AUTO, WCP_ENC_UNKNOWN,
                                            200 };
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof not_any; i++) {
        struct result r = decode(decoder, not_any[i], WCP_BAD_SKIP, "news", 4);

        CU_ASSERT_EQUAL(r.code, WCP_CODE_NO_SUPPORT);
        CU_ASSERT_EQUAL(r.fault.code, WCP_CODE_NO_SUPPORT);
        CU_ASSERT_EQUAL(r.out.len, 1);
        CU_ASSERT_EQUAL(r.num_bad, 99);
        wcp_buffer_release(&r.out);
    }
    wcp_decoder_free(decoder);
    wcp_decoder_free(NULL);
}

static void
test_keeps_lines(void)
{
    CU_ASSERT(wcp_encoding_keeps_lines(WCP_ENC_UTF8));
    CU_ASSERT(wcp_encoding_keeps_lines(WCP_ENC_GB18030));
    CU_ASSERT(wcp_encoding_keeps_lines(WCP_ENC_BIG5HKSCS));
    CU_ASSERT(wcp_encoding_keeps_lines(named("shift_jis")));
    CU_ASSERT_FALSE(wcp_encoding_keeps_lines(WCP_ENC_AUTO));
    CU_ASSERT_FALSE(wcp_encoding_keeps_lines(WCP_ENC_UTF16LE));
    CU_ASSERT_FALSE(wcp_encoding_keeps_lines(WCP_ENC_UTF32BE));
    CU_ASSERT_FALSE(wcp_encoding_keeps_lines(named("iso-2022-jp")));
    CU_ASSERT_FALSE(wcp_encoding_keeps_lines(named("utf-7")));
    CU_ASSERT_FALSE(wcp_encoding_keeps_lines(named("hz")));
    CU_ASSERT_FALSE(wcp_encoding_keeps_lines(WCP_ENC_UNKNOWN));
}

/* ---- legal text ---- */

/* Convert UTF-8 with iconv; the caller frees. */
static char *
encode(const char *iconv_name, const char *text, size_t len, size_t *len_ret)
{
    iconv_t cd = iconv_open(iconv_name, "UTF-8");
    size_t left = len, room = 4 * len + 64;
    char *in = malloc(len + 1), *from = in, *out = malloc(room), *to = out;

    CU_ASSERT_FATAL(cd != (iconv_t)-1 && in != NULL && out != NULL);
    memcpy(in, text, len);
    CU_ASSERT_EQUAL_FATAL(iconv(cd, &from, &left, &to, &room), 0);
    CU_ASSERT_EQUAL_FATAL(iconv(cd, NULL, NULL, &to, &room), 0);
    iconv_close(cd);
    free(in);
    *len_ret = (size_t)(to - out);
    return out;
}

static const char simplified[] =
    "新华社北京电：记者从会议上获悉，五十部门Ａ级。\n";
static const char traditional[] =
    "中央社臺北電：記者從會議上獲悉，五十部門Ａ級。\n";
static const char japanese[] = "東京の新聞は、カタカナとひらがなを使う。\n";
static const char korean[] = "서울의 신문은 오늘 아침에 보도했다.\n";
static const char russian[] = "Газета вышла утром.\n";
static const char czech[] = "Příliš žluťoučký kůň.\n";

static void
test_against_iconv(void)
{
    static const struct {
        const char *iconv_name, *label, *text;
    } cases[] = {
        { "GB2312", "GB2312", simplified },
        { "GBK", "GBK", simplified },
        { "GBK", "GBK", traditional },
        { "GB18030", "GB18030", "𠀀 € 한국 ñ\n" },
        { "BIG5", "Big5", traditional },
        { "CP950", "Big5", traditional },
        { "BIG5-HKSCS", "Big5-HKSCS", "香港嘅報紙 Ê̄ ê̌ Ê" },
        { "EUC-TW", "EUC-TW", traditional },
        { "SHIFT_JIS", "Shift_JIS", japanese },
        { "CP932", "CP932", "①㈱ ｶﾅ\n" },
        { "EUC-JP", "EUC-JP", japanese },
        { "ISO-2022-JP", "ISO-2022-JP", japanese },
        { "EUC-KR", "EUC-KR", korean },
        { "UHC", "CP949", "펲시 맨 뷁\n" },
        { "JOHAB", "Johab", korean },
        { "ISO-2022-KR", "ISO-2022-KR", korean },
        { "ISO-2022-CN", "ISO-2022-CN", "新闻" },
        { "UTF-7", "UTF-7", simplified },
        { "KOI8-R", "KOI8-R", russian },
        { "CP1251", "windows-1251", russian },
        { "CP866", "IBM866", russian },
        { "IBM855", "IBM855", russian },
        { "ISO-8859-5", "ISO-8859-5", russian },
        { "MAC-CYRILLIC", "MacCyrillic", russian },
        { "ISO-8859-2", "ISO-8859-2", czech },
        { "CP1250", "windows-1250", czech },
        { "ISO-8859-1", "latin1", "déjà vu, Straße\n" },
        { "TIS-620", "TIS-620", "ข่าววันนี้\n" },
        { "UTF-16LE", "UTF-16LE", "a𠀀中\n" },
        { "UTF-16BE", "UTF-16BE", "a𠀀中\n" },
        { "UTF-16", "UTF-16", "a𠀀中\n" }, /* with a mark */
        { "UTF-32LE", "UTF-32LE", "a𠀀中\n" },
        { "UTF-32BE", "UTF-32BE", "a𠀀中\n" },
    };
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const size_t text_len = strlen(cases[i].text);
        size_t len;
        char *bytes =
            encode(cases[i].iconv_name, cases[i].text, text_len, &len);
        struct result r =
            decode(decoder, named(cases[i].label), WCP_BAD_FAIL, bytes, len);

        if (!is_text(&r, cases[i].text, text_len))
            printf("\n%s from %s came back as '%.*s'\n", cases[i].label,
                   cases[i].iconv_name, (int)r.out.len,
                   (const char *)r.out.data);
        CU_ASSERT(is_text(&r, cases[i].text, text_len));
        CU_ASSERT_EQUAL(r.num_bad, 0);
        wcp_buffer_release(&r.out);
        free(bytes);
    }
    wcp_decoder_free(decoder);
}

static void
check(struct wcp_decoder *decoder, const char *label, const char *bytes,
      size_t len, const char *expected)
{
    struct result r = decode(decoder, named(label), WCP_BAD_FAIL, bytes, len);

    CU_ASSERT(is_text(&r, expected, strlen(expected)));
    wcp_buffer_release(&r.out);
}

/* What iconv cannot write or platforms differ on. */
static void
test_by_hand(void)
{
    struct wcp_decoder *decoder = new_decoder();

    check(decoder, "hz", "a~{VPND~}b~~\n", 13, "a中文b~\n");
    check(decoder, "hz", "x~\ny", 4, "xy");
    check(decoder, "hz", "~{VP\nND", 7, "中\nND"); /* a line ends the shift */
    check(decoder, "latin1", "\x93quoted\x94 \x80", 10, "“quoted” €");
    /* Big5 characters that HKSCS has elsewhere */
    check(decoder, "big5", "\xA1\xFE\xA2\xCC\xA4\x51\xA3\xE1", 8, "／十十€");
    /* HKSCS: a letter that might get an accent, at the end and before ASCII */
    check(decoder, "big5", "\x88\x66", 2, "Ê");
    check(decoder, "big5", "\x88\x66x\x88\x62", 5, "ÊxÊ̄");
    /* euro sign of GBK's four-byte brother, private use */
    check(decoder, "gbk", "\xA2\xE3\x81\x30\x81\x30", 6, "€\xC2\x80");
    wcp_decoder_free(decoder);
}

static void
test_marks_are_removed(void)
{
    struct wcp_decoder *decoder = new_decoder();

    check(decoder, "utf-8", "\xEF\xBB\xBFx", 4, "x");
    check(decoder, "utf-8", "\xEF\xBB\xBF", 3, "");
    /* only the first */
    check(decoder, "utf-8", "\xEF\xBB\xBF\xEF\xBB\xBF", 6, "\xEF\xBB\xBF");
    check(decoder, "utf-16le", "\xFF\xFEx\0", 4, "x");
    check(decoder, "utf-16be", "\xFE\xFF\0x", 4, "x");
    check(decoder, "utf-16le", "\xFE\xFF\0x", 4, "x"); /* the mark wins */
    check(decoder, "utf-16be", "\xFF\xFEx\0", 4, "x");
    check(decoder, "utf-32le", "\xFF\xFE\0\0x\0\0\0", 8, "x");
    check(decoder, "utf-32le", "\0\0\xFE\xFF\0\0\0x", 8, "x");
    check(decoder, "utf-16le", "\xFF\xFE", 2, "");
    check(decoder, "gb18030", "\x84\x31\x95\x33x", 5, "x");
    check(decoder, "utf-16le", "x\0\xFF\xFE", 4, "x\xEF\xBB\xBF");
    check(decoder, "utf-8", "", 0, "");
    check(decoder, "gbk", "", 0, "");
    wcp_decoder_free(decoder);
}

static void
test_nul_is_kept(void)
{
    struct wcp_decoder *decoder = new_decoder();
    static const char *const labels[] = { "utf-8", "gbk", "big5", "koi8-r" };

    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        struct result r =
            decode(decoder, named(labels[i]), WCP_BAD_FAIL, "a\0b\0", 4);

        CU_ASSERT(is_text(&r, "a\0b\0", 4));
        wcp_buffer_release(&r.out);
    }
    wcp_decoder_free(decoder);
}

/* Any sequence of characters comes back from the encodings that have all. */
static void
test_random_unicode(void)
{
    static const char *const names[] = { "UTF-16LE", "UTF-16BE", "UTF-32LE",
                                         "UTF-32BE", "GB18030",  "UTF-8" };
    struct wcp_decoder *decoder = new_decoder();
    struct test_rng rng = { test_seed() };

    for (int round = 0; round < 300; round++) {
        const char *name = names[round % 6];
        const size_t num = (size_t)test_below(&rng, 300);
        char text[4 * 300];
        size_t len = 0, bytes_len;
        char *bytes;
        struct result r;

        for (size_t i = 0; i < num; i++) {
            static const uint32_t tops[] = { 0x7F, 0x7FF, 0xD7FF, 0x10FFFF };
            const uint32_t c =
                1 + (uint32_t)test_below(&rng, tops[test_below(&rng, 4)]);

            /* glibc maps some private characters of GB18030 one way only. */
            if ((c >= 0xD800 && c <= 0xF8FF) || c == 0xFEFF || c == 0xFFFE)
                continue;
            if (c >= 0x10000)
                text[len++] = (char)(0xF0 | c >> 18);
            if (c >= 0x800)
                text[len++] = (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 63)
                                                  : 0xE0 | c >> 12);
            if (c >= 0x80)
                text[len++] =
                    (char)(c >= 0x800 ? 0x80 | (c >> 6 & 63) : 0xC0 | c >> 6);
            text[len++] = (char)(c >= 0x80 ? 0x80 | (c & 63) : c);
        }
        bytes = encode(name, text, len, &bytes_len);
        r = decode(decoder, named(name), WCP_BAD_FAIL, bytes, bytes_len);
        if (!is_text(&r, text, len))
            printf("\nseed %llu, round %d: %s differs\n",
                   (unsigned long long)test_seed(), round, name);
        CU_ASSERT(is_text(&r, text, len));
        wcp_buffer_release(&r.out);
        free(bytes);
    }
    wcp_decoder_free(decoder);
}

/* ---- illegal bytes ---- */

#define BYTES(string) string, sizeof string - 1

static void
test_illegal_bytes(void)
{
    /* '*' stands for what is replaced or skipped. */
    static const struct {
        const char *label, *bytes;
        size_t len;
        const char *text;
        uint64_t first_bad;
    } cases[] = {
        { "utf-8", BYTES("ab\xFF\xC3(c"), "ab**(c", 2 },
        { "utf-8", BYTES("\xEF\xBB\xBFx\x80"), "x*", 4 },
        { "utf-8", BYTES("x\xE4\xB8"), "x*", 1 },
        { "gbk",
          BYTES("a\x80"
                "b\xFF"
                "c"),
          "a*b*c", 1 },
        { "gbk", BYTES("\xD6\xD0\xC4\n\xCE\xC4"), "中*\n文", 2 },
        { "gbk", BYTES("\xC4<b>"), "*<b>", 0 },
        { "gb18030", BYTES("x\x81\x30\x81"), "x*", 1 },
        { "big5", BYTES("\xA4\xA4\xFF\xA4\xE5"), "中*文", 2 },
        { "big5", BYTES("\x88\x66\xFF"), "Ê*", 2 }, /* Ê was kept back */
        { "big5", BYTES("\x88\x66\xA4"), "Ê*", 2 },
        { "big5", BYTES("\xA4<\xA4\xA4"), "*<中", 0 },
        { "shift_jis", BYTES("\x82\xA0\x82\n\x82\xA0"), "あ*\nあ", 2 },
        { "euc-jp", BYTES("\xA4\xA2\xFF\xA4"), "あ**", 2 },
        { "euc-kr",
          BYTES("\xB0\xA1\xFF"
                "1"),
          "가*1", 2 },
        { "windows-1252", BYTES("a\x81z"), "a*z", 1 },
        { "hz", BYTES("a\xFF~{VP\x7F\x7F~}~x"), "a*中***x", 1 },
        { "utf-16le", BYTES("x\0\0\xD8y\0"), "x*y", 2 },
        { "utf-16le", BYTES("x\0\0\xDCy\0"), "x*y", 2 },
        { "utf-16le", BYTES("\0\xDC\0\xD8\0\xDC"), "*\xF0\x90\x80\x80", 0 },
        { "utf-16le", BYTES("\0\xD8\0\xD8\0\xDC"), "*\xF0\x90\x80\x80", 0 },
        { "utf-16le", BYTES("x\0y"), "x*", 2 },
        { "utf-16be", BYTES("\0x\xD8\0"), "x*", 2 },
        { "utf-16be", BYTES("\0x\xD8\0\xDC"), "x*", 2 },
        { "utf-16be", BYTES("\xFE\xFF\0x\xDC\0"), "x*", 4 },
        { "utf-32le", BYTES("x\0\0\0\0\0\x11\0y\0\0\0"), "x*y", 4 },
        { "utf-32be", BYTES("\0\0\xD8\0\0\0\0y"), "*y", 0 },
        { "utf-32be", BYTES("\0\0\0y\0\0\0"), "y*", 4 },
    };
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const wcp_encoding enc = named(cases[i].label);
        char replaced[64] = "", skipped[64] = "";
        uint64_t num_bad = 0;
        struct result r;

        for (const char *p = cases[i].text; *p != '\0'; p++) {
            if (*p == '*') {
                strcat(replaced, "\xEF\xBF\xBD");
                num_bad++;
            } else {
                strncat(replaced, p, 1);
                strncat(skipped, p, 1);
            }
        }
        r = decode(decoder, enc, WCP_BAD_REPLACE, cases[i].bytes, cases[i].len);
        if (!is_text(&r, replaced, strlen(replaced)))
            printf("\ncase %zu (%s) came out as '%.*s'\n", i, cases[i].label,
                   (int)r.out.len, (const char *)r.out.data);
        CU_ASSERT(is_text(&r, replaced, strlen(replaced)));
        CU_ASSERT_EQUAL(r.num_bad, num_bad);
        CU_ASSERT_EQUAL(r.first_bad, cases[i].first_bad);
        wcp_buffer_release(&r.out);

        r = decode(decoder, enc, WCP_BAD_SKIP, cases[i].bytes, cases[i].len);
        CU_ASSERT(is_text(&r, skipped, strlen(skipped)));
        CU_ASSERT_EQUAL(r.num_bad, num_bad);
        CU_ASSERT_EQUAL(r.first_bad, cases[i].first_bad);
        wcp_buffer_release(&r.out);

        r = decode(decoder, enc, WCP_BAD_FAIL, cases[i].bytes, cases[i].len);
        CU_ASSERT_EQUAL(r.code, WCP_CODE_BAD_TEXT);
        CU_ASSERT_EQUAL(r.fault.code, WCP_CODE_BAD_TEXT);
        CU_ASSERT_EQUAL(r.fault.at, cases[i].first_bad);
        CU_ASSERT_EQUAL(r.out.len, 1);
        CU_ASSERT_EQUAL(r.num_bad, 99);
        wcp_buffer_release(&r.out);
    }
    wcp_decoder_free(decoder);
}

/* A text cut anywhere loses at most its last character. */
static void
test_truncation(void)
{
    static const struct {
        const char *iconv_name, *text;
    } cases[] = {
        { "GB18030", "新闻𠀀한€ a报" }, { "BIG5", traditional },
        { "BIG5-HKSCS", "Ê̄ 香港嘅 Ê" }, { "UTF-16LE", "a𠀀中𠀁" },
        { "UTF-16BE", "a𠀀中𠀁" },      { "UTF-32LE", "a𠀀中" },
        { "UTF-8", "aé中𠀀" },          { "EUC-JP", japanese },
        { "CP932", japanese },          { "UHC", korean },
        { "EUC-TW", traditional },
    };
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const wcp_encoding enc = named(cases[i].iconv_name);
        size_t len;
        char *bytes = encode(cases[i].iconv_name, cases[i].text,
                             strlen(cases[i].text), &len);

        for (size_t cut = 0; cut <= len; cut++) {
            struct result r = decode(decoder, enc, WCP_BAD_SKIP, bytes, cut);

            CU_ASSERT_EQUAL(r.code, WCP_CODE_OK);
            CU_ASSERT(r.num_bad <= (cut < len));
            CU_ASSERT(r.num_bad == 0 ||
                      (r.first_bad < cut && cut - r.first_bad < 4));
            CU_ASSERT(r.out.len - 1 <= strlen(cases[i].text));
            wcp_buffer_release(&r.out);
        }
        free(bytes);
    }
    wcp_decoder_free(decoder);
}

/* Whatever the bytes, in whatever encoding: valid UTF-8, and the three
 * policies agree with one another. */
static void
test_random_bytes(void)
{
    struct wcp_decoder *decoder = new_decoder();
    const unsigned num = count_encodings();
    struct test_rng rng = { test_seed() + 1 };

    for (unsigned i = 0; i < 40 * num; i++) {
        const wcp_encoding enc = (wcp_encoding)(1 + i % (num - 1));
        const size_t len = (size_t)test_below(&rng, i % 7 == 0 ? 9000 : 40);
        const uint64_t mask = test_below(&rng, 3) == 0 ? 0x7F : 0xFF;
        uint8_t *bytes = malloc(len + 1);
        struct result a, b, c;

        for (size_t k = 0; k < len; k++)
            bytes[k] = (uint8_t)(test_random(&rng) & mask);
        a = decode(decoder, enc, WCP_BAD_REPLACE, bytes, len);
        b = decode(decoder, enc, WCP_BAD_SKIP, bytes, len);
        c = decode(decoder, enc, WCP_BAD_FAIL, bytes, len);
        if (a.num_bad != b.num_bad)
            printf("\nseed %llu, %s\n", (unsigned long long)test_seed(),
                   wcp_encoding_name(enc));
        CU_ASSERT_EQUAL(a.code, WCP_CODE_OK);
        CU_ASSERT_EQUAL(b.code, WCP_CODE_OK);
        CU_ASSERT_EQUAL(a.num_bad, b.num_bad);
        CU_ASSERT_EQUAL(a.first_bad, b.first_bad);
        CU_ASSERT_EQUAL(a.out.len, b.out.len + 3 * a.num_bad);
        CU_ASSERT_EQUAL(
            wcp_utf8_valid_prefix((const char *)a.out.data, a.out.len),
            a.out.len);
        CU_ASSERT_EQUAL(c.code,
                        a.num_bad > 0 ? WCP_CODE_BAD_TEXT : WCP_CODE_OK);
        if (a.num_bad > 0)
            CU_ASSERT_EQUAL(c.fault.at, a.first_bad);
        wcp_buffer_release(&a.out);
        wcp_buffer_release(&b.out);
        wcp_buffer_release(&c.out);
        free(bytes);
    }
    wcp_decoder_free(decoder);
}

/* ---- limits ---- */

static void
test_longest_output(void)
{
    static const struct {
        const char *label, *bytes;
        size_t len, out_len;
    } cases[] = {
        { "gbk", "\xD6\xD0\xCE\xC4", 4, 6 },
        { "utf-8", "\xE4\xB8\xAD", 3, 3 },
        { "utf-16le", "\x2D\x4E\x87\x65", 4, 6 },
        { "utf-8", "a\xFF", 2, 4 },
        { "hz", "~{VP~}", 6, 3 },
    };
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t max = 1; max <= cases[i].out_len + 1; max++) {
            const bool fits = max >= cases[i].out_len;
            struct wcp_buffer out;
            uint64_t num_bad, first_bad;
            struct wcp_fault fault;

            wcp_buffer_init(&out, &wcp_memory_libc, max);
            CU_ASSERT_EQUAL(wcp_decode(decoder, named(cases[i].label),
                                       WCP_BAD_REPLACE, cases[i].bytes,
                                       cases[i].len, &out, &num_bad, &first_bad,
                                       &fault),
                            fits ? WCP_CODE_OK : WCP_CODE_TOO_LONG);
            CU_ASSERT_EQUAL(out.len, fits ? cases[i].out_len : 0);
            wcp_buffer_release(&out);
        }
    wcp_decoder_free(decoder);
}

static void
test_out_of_memory(void)
{
    int left;
    const struct wcp_memory mem = { test_ration, &left };
    struct wcp_decoder *decoder = NULL;
    struct wcp_buffer out;
    uint64_t num_bad, first_bad;
    struct wcp_fault fault;

    left = 0;
    CU_ASSERT_EQUAL(wcp_decoder_new(&mem, &decoder, &fault),
                    WCP_CODE_NO_MEMORY);
    CU_ASSERT_PTR_NULL(decoder);
    left = 1;
    CU_ASSERT_EQUAL_FATAL(wcp_decoder_new(&mem, &decoder, &fault), WCP_CODE_OK);
    wcp_buffer_init(&out, &mem, 0);
    CU_ASSERT_EQUAL(wcp_decode(decoder, WCP_ENC_GB18030, WCP_BAD_SKIP, "news",
                               4, &out, &num_bad, &first_bad, &fault),
                    WCP_CODE_NO_MEMORY);
    CU_ASSERT_EQUAL(fault.code, WCP_CODE_NO_MEMORY);
    CU_ASSERT_EQUAL(out.len, 0);
    wcp_buffer_release(&out);
    wcp_decoder_free(decoder);
}

void
suite_decode(void)
{
    CU_pSuite suite = CU_add_suite("decode", NULL, NULL);

    CU_add_test(suite, "labels", test_labels);
    CU_add_test(suite, "unknown labels", test_unknown_labels);
    CU_add_test(suite, "each encoding opens", test_each_encoding_opens);
    CU_add_test(suite, "not an encoding", test_not_an_encoding);
    CU_add_test(suite, "keeps lines", test_keeps_lines);
    CU_add_test(suite, "against iconv", test_against_iconv);
    CU_add_test(suite, "by hand", test_by_hand);
    CU_add_test(suite, "marks are removed", test_marks_are_removed);
    CU_add_test(suite, "NUL is kept", test_nul_is_kept);
    CU_add_test(suite, "random Unicode", test_random_unicode);
    CU_add_test(suite, "illegal bytes", test_illegal_bytes);
    CU_add_test(suite, "truncation", test_truncation);
    CU_add_test(suite, "random bytes", test_random_bytes);
    CU_add_test(suite, "longest output", test_longest_output);
    CU_add_test(suite, "out of memory", test_out_of_memory);
}
