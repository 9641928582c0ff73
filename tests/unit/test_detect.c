/*
 * test_detect.c - finding out encodings; telling text from binary files
 *
 * The texts are written here and brought into each encoding by iconv.
 * test_detect_files.c measures the same on real files.
 */
#include "decoders.h"
#include "support.h"
#include "text/text.h"

#include <CUnit/CUnit.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char simplified[] =
    "　　新华社北京5月9日电　记者今天从有关部门了解到，为了方便群众出行，"
    "全市将在今年年底以前新开二十条公共汽车线路，并且调整其中一些线路的发车时间"
    "。"
    "负责人介绍说，新的线路主要经过城市南部的几个大型居民区，那里的人口在过去三"
    "年"
    "里增加了将近一倍，但是公共交通的发展没有能够跟上。许多市民表示，他们每天上"
    "班"
    "要换两次车，路上需要一个多小时。\n"
    "　　专家认为，仅仅增加线路是不够的，还应该提高现有车辆的使用效率，并且让不"
    "同"
    "的交通工具之间能够更好地连接起来。有关方面对此表示赞同，说下一步会在车站附"
    "近"
    "建设自行车停放点，让人们可以先骑车到车站，再坐地铁进城工作。\n";
static const char traditional[] =
    "　　中央社臺北9日電　記者今天從有關部門了解到，為了方便民眾出門，全市將在"
    "今年"
    "年底以前新開二十條公車路線，並且調整其中一些路線的發車時間。負責人說，新的"
    "路"
    "線主要經過城市南邊的幾個大型社區，那裡的人口在過去三年裡增加了將近一倍，但"
    "是"
    "公共交通的發展沒有能夠跟上。許多市民表示，他們每天上班要換兩次車，路上需要"
    "一"
    "個多小時。\n"
    "　　專家認為，只是增加路線還不夠，也應該提高現有車輛的使用效率，並且讓不同"
    "的交"
    "通工具之間能夠更好地連接起來。有關方面對此表示同意，說下一步會在車站附近設"
    "置"
    "自行車停放點，讓人們可以先騎車到車站，再坐捷運進城工作。\n";
static const char japanese[] =
    "　市の発表によると、来年の春から新しいバスの路線が二十本ふえる。これまで駅"
    "から"
    "遠い地区に住む人たちは、毎朝二回も乗りかえなければならず、会社に着くまで一"
    "時間"
    "以上かかっていた。新しい路線は、この三年間で人口がほとんど二倍になった南の"
    "住宅"
    "地をおもに通る。担当者は「バスをふやすだけでは足りない。自転車で駅まで来て"
    "、"
    "そこから電車に乗れるように、駅の前に駐輪場をつくることも考えている」と話し"
    "た。\n"
    "　一方、料金については今のところ変える予定はないという。\n";
static const char korean[] =
    "시는 내년 봄부터 새로운 버스 노선 스무 개를 운행한다고 어제 발표했다. "
    "지금까지 "
    "지하철역에서 먼 곳에 사는 사람들은 아침마다 두 번씩 갈아타야 했고, 회사에 "
    "가는 데 "
    "한 시간이 넘게 걸렸다. 새 노선은 지난 삼 년 동안 인구가 거의 두 배로 "
    "늘어난 남쪽의 "
    "주택가를 주로 지나간다. 담당자는 버스를 늘리는 것만으로는 충분하지 "
    "않다며, 역 앞에 "
    "자전거를 세울 수 있는 곳을 만드는 것도 생각하고 있다고 말했다.\n"
    "한편 요금은 당분간 바꾸지 않을 예정이라고 한다.\n";
static const char russian[] =
    "Со следующей весны в городе появится двадцать новых автобусных маршрутов, "
    "сообщили вчера в мэрии. До сих пор жители дальних районов должны были "
    "каждое утро делать две пересадки, и дорога на работу занимала больше "
    "часа. "
    "Новые маршруты пройдут прежде всего через южные кварталы, население "
    "которых за последние три года выросло почти вдвое.\n";
static const char french[] =
    "À partir du printemps prochain, la ville mettra en service vingt "
    "nouvelles "
    "lignes d'autobus, a annoncé hier la mairie. Jusqu'à présent, les "
    "habitants "
    "des quartiers éloignés devaient changer deux fois chaque matin et "
    "mettaient "
    "plus d'une heure pour se rendre à leur travail. Les élus précisent que le "
    "tarif restera le même, mais qu'il pourrait être réévalué l'été suivant.\n";

/* Text in another encoding, after 'mark'; the caller frees. */
static char *
encode(const char *iconv_name, const char *mark, size_t mark_len,
       const char *text, size_t *len_ret)
{
    iconv_t cd = iconv_open(iconv_name, "UTF-8");
    size_t left = strlen(text), room = 4 * left + 64 + mark_len;
    char *in = strdup(text), *from = in, *out = malloc(room), *to = out;

    CU_ASSERT_FATAL(cd != (iconv_t)-1 && in != NULL && out != NULL);
    memcpy(to, mark, mark_len);
    to += mark_len;
    room -= mark_len;
    CU_ASSERT_EQUAL_FATAL(iconv(cd, &from, &left, &to, &room), 0);
    CU_ASSERT_EQUAL_FATAL(iconv(cd, NULL, NULL, &to, &room), 0);
    iconv_close(cd);
    free(in);
    *len_ret = (size_t)(to - out);
    return out;
}

/* wcp_detect() on a copy that ends at an unmapped page. */
static wcp_encoding
detect(struct wcp_decoder *decoder, const void *bytes, size_t len,
       wcp_encoding neighbours, enum wcp_enc_reason *reason)
{
    uint8_t *copy = test_guarded(len);
    wcp_encoding enc;

    memcpy(copy, bytes, len);
    enc = wcp_detect(decoder, copy, len, neighbours, reason);
    test_guarded_free(copy, len);
    return enc;
}

/* ---- whole texts ---- */

static void
test_texts(void)
{
#define MARK(string) string, sizeof string - 1
    static const struct {
        const char *iconv_name, *mark;
        size_t mark_len;
        const char *text;
        const char *name; /* expected */
        enum wcp_enc_reason reason;
    } cases[] = {
        { "UTF-8", MARK(""), simplified, "UTF-8", WCP_ENC_STRICT_UTF8 },
        { "UTF-8", MARK("\xEF\xBB\xBF"), simplified, "UTF-8", WCP_ENC_BOM },
        { "UTF-16LE", MARK(""), simplified, "UTF-16LE", WCP_ENC_ZEROS },
        { "UTF-16BE", MARK(""), simplified, "UTF-16BE", WCP_ENC_ZEROS },
        { "UTF-16LE", MARK(""), traditional, "UTF-16LE", WCP_ENC_ZEROS },
        { "UTF-16BE", MARK(""), japanese, "UTF-16BE", WCP_ENC_ZEROS },
        { "UTF-16LE", MARK(""), korean, "UTF-16LE", WCP_ENC_ZEROS },
        { "UTF-16BE", MARK(""), russian, "UTF-16BE", WCP_ENC_ZEROS },
        { "UTF-16LE", MARK(""), french, "UTF-16LE", WCP_ENC_ZEROS },
        { "UTF-16LE", MARK("\xFF\xFE"), simplified, "UTF-16LE", WCP_ENC_BOM },
        { "UTF-16BE", MARK("\xFE\xFF"), simplified, "UTF-16BE", WCP_ENC_BOM },
        { "UTF-32LE", MARK(""), simplified, "UTF-32LE", WCP_ENC_ZEROS },
        { "UTF-32BE", MARK(""), simplified, "UTF-32BE", WCP_ENC_ZEROS },
        { "UTF-32LE", MARK("\xFF\xFE\0\0"), french, "UTF-32LE", WCP_ENC_BOM },
        { "UTF-32BE", MARK("\0\0\xFE\xFF"), french, "UTF-32BE", WCP_ENC_BOM },
        { "GBK", MARK(""), simplified, "GB18030", WCP_ENC_GUESSED },
        { "GBK", MARK(""), traditional, "GB18030", WCP_ENC_GUESSED },
        { "GB18030", MARK(""), simplified, "GB18030", WCP_ENC_GUESSED },
        { "BIG5", MARK(""), traditional, "Big5-HKSCS", WCP_ENC_GUESSED },
        { "EUC-TW", MARK(""), traditional, "EUC-TW", WCP_ENC_GUESSED },
        { "CP932", MARK(""), japanese, "Shift_JIS", WCP_ENC_GUESSED },
        { "EUC-JP", MARK(""), japanese, "EUC-JP", WCP_ENC_GUESSED },
        { "ISO-2022-JP", MARK(""), japanese, "ISO-2022-JP", WCP_ENC_GUESSED },
        { "EUC-KR", MARK(""), korean, "CP949", WCP_ENC_GUESSED },
        { "JOHAB", MARK(""), korean, "Johab", WCP_ENC_GUESSED },
        { "ISO-2022-KR", MARK(""), korean, "ISO-2022-KR", WCP_ENC_GUESSED },
        { "CP1252", MARK(""), french, "windows-1252", WCP_ENC_GUESSED },
#ifdef WCP_HAVE_UCHARDET
        { "CP1251", MARK(""), russian, "windows-1251", WCP_ENC_GUESSED },
        { "KOI8-R", MARK(""), russian, "KOI8-R", WCP_ENC_GUESSED },
#endif
    };
#undef MARK
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len;
        char *bytes = encode(cases[i].iconv_name, cases[i].mark,
                             cases[i].mark_len, cases[i].text, &len);
        enum wcp_enc_reason reason = WCP_ENC_NONE;
        const wcp_encoding enc =
            detect(decoder, bytes, len, WCP_ENC_AUTO, &reason);
        struct wcp_buffer out = decode_all(decoder, enc, bytes, len);

        if (strcmp(wcp_encoding_name(enc), cases[i].name) != 0)
            printf("\ncase %zu, %s: %s\n", i, cases[i].iconv_name,
                   wcp_encoding_name(enc));
        CU_ASSERT_STRING_EQUAL(wcp_encoding_name(enc), cases[i].name);
        CU_ASSERT_EQUAL(reason, cases[i].reason);
        CU_ASSERT_EQUAL(out.len, strlen(cases[i].text));
        CU_ASSERT(out.len == strlen(cases[i].text) &&
                  memcmp(out.data, cases[i].text, out.len) == 0);
        CU_ASSERT_FALSE(wcp_looks_binary(bytes, len));
        wcp_buffer_release(&out);
        free(bytes);
    }
    wcp_decoder_free(decoder);
}

/* Chinese without line feeds, digits and spaces has no zero byte in UTF-16,
 * or those of U+3000 and U+4E00, which stand on the other side. */
static void
test_wide_without_helpful_zeros(void)
{
    static const char *const texts[] = {
        "记者今天从有关部门了解到，全市将在今年年底以前增设公共汽车线路",
        "　记者今天从一个有关部门了解到，全市将在今年年底以前增设一条公共汽车线"
        "路",
    };
    static const char *const names[] = { "UTF-16LE", "UTF-16BE" };
    struct wcp_decoder *decoder = new_decoder();

    for (int i = 0; i < 4; i++) {
        enum wcp_enc_reason reason;
        size_t len;
        char *bytes = encode(names[i % 2], "", 0, texts[i / 2], &len);

        CU_ASSERT_EQUAL(memchr(bytes, 0, len) != NULL, i / 2 == 1);
        CU_ASSERT_EQUAL(detect(decoder, bytes, len, WCP_ENC_AUTO, &reason),
                        named(names[i % 2]));
        CU_ASSERT_EQUAL(reason, i / 2 == 1 ? WCP_ENC_ZEROS : WCP_ENC_GUESSED);
        free(bytes);
    }
    wcp_decoder_free(decoder);
}

/* Every beginning of 20 bytes and more, cut inside characters too. */
static void
test_beginnings(void)
{
    static const struct {
        const char *iconv_name, *text;
    } cases[] = {
        { "GBK", simplified }, { "BIG5", traditional },
        { "CP932", japanese }, { "EUC-JP", japanese },
        { "UHC", korean },     { "UTF-8", simplified },
        { "UTF-8", korean },
    };
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len;
        char *bytes = encode(cases[i].iconv_name, "", 0, cases[i].text, &len);

        for (size_t cut = 40; cut <= len; cut++) {
            enum wcp_enc_reason reason;
            const wcp_encoding enc =
                detect(decoder, bytes, cut, WCP_ENC_AUTO, &reason);

            if (enc != named(cases[i].iconv_name))
                printf("\n%s, %zu bytes: %s\n", cases[i].iconv_name, cut,
                       wcp_encoding_name(enc));
            CU_ASSERT_EQUAL(enc, named(cases[i].iconv_name));
        }
        free(bytes);
    }
    wcp_decoder_free(decoder);
}

/* ---- rules ---- */

/* A declaration in front of a text in some encoding. */
static wcp_encoding
detect_declared(struct wcp_decoder *decoder, const char *declaration,
                const char *iconv_name, const char *text,
                enum wcp_enc_reason *reason)
{
    size_t len;
    char *bytes =
        encode(iconv_name, declaration, strlen(declaration), text, &len);
    const wcp_encoding enc = detect(decoder, bytes, len, WCP_ENC_AUTO, reason);

    free(bytes);
    return enc;
}

/* What stands before and after the name. */
static const char *const forms[][2] = {
    { "<?xml version=\"1.0\" encoding=\"", "\"?>\n<a>" },
    { "\n<?xml version='1.0' encoding = '", "' ?>" },
    { "<html><meta charset=", "><p>" },
    { "<html><META Charset=\"", "\"/><p>" },
    { "<meta name=a><meta http-equiv=\"Content-Type\" "
      "content=\"text/html; charset=",
      "\"><p>" },
};

static void
test_declarations(void)
{
    struct wcp_decoder *decoder = new_decoder();
    enum wcp_enc_reason reason;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char text[200];

        snprintf(text, sizeof text, "%siso-8859-5%s", forms[i][0], forms[i][1]);
        /* Believed where a guess could not know. */
        CU_ASSERT_EQUAL(
            detect_declared(decoder, text, "ISO-8859-5", "Да", &reason),
            named("iso-8859-5"));
        CU_ASSERT_EQUAL(reason, WCP_ENC_DECLARED);
        snprintf(text, sizeof text, "%sGB2312%s", forms[i][0], forms[i][1]);
        CU_ASSERT_EQUAL(detect_declared(decoder, text, "GBK", "中", &reason),
                        WCP_ENC_GB18030);
        CU_ASSERT_EQUAL(reason, WCP_ENC_DECLARED);
        /* Not believed: strict UTF-8, or another reads much better. */
        CU_ASSERT_EQUAL(
            detect_declared(decoder, text, "UTF-8", simplified, &reason),
            WCP_ENC_UTF8);
        CU_ASSERT_EQUAL(reason, WCP_ENC_STRICT_UTF8);
        CU_ASSERT_EQUAL(
            detect_declared(decoder, text, "BIG5", traditional, &reason),
            WCP_ENC_BIG5HKSCS);
        CU_ASSERT_EQUAL(reason, WCP_ENC_GUESSED);
        snprintf(text, sizeof text, "%siso-8859-1%s", forms[i][0], forms[i][1]);
        CU_ASSERT_EQUAL(
            detect_declared(decoder, text, "GBK", simplified, &reason),
            WCP_ENC_GB18030);
        snprintf(text, sizeof text, "%sno-such-thing%s", forms[i][0],
                 forms[i][1]);
        CU_ASSERT_EQUAL(
            detect_declared(decoder, text, "EUC-KR", korean, &reason),
            named("euc-kr"));
        CU_ASSERT_EQUAL(reason, WCP_ENC_GUESSED);
    }
    wcp_decoder_free(decoder);
}

/* Cut or endless tags, names without an end. */
static void
test_malformed_declarations(void)
{
    static const char *const texts[] = {
        "<?xml",
        "<?xml encoding",
        "<?xml encoding=",
        "<?xml encoding=\"",
        "<?xml encoding=\"gbk",
        "<meta",
        "<meta charset",
        "<meta charset=",
        "<meta charset='",
        "<meta charset=gb",
        "<meta content='charset charset=gbk'",
    };
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        enum wcp_enc_reason reason;

        CU_ASSERT_EQUAL(
            detect(decoder, texts[i], strlen(texts[i]), WCP_ENC_AUTO, &reason),
            WCP_ENC_UTF8);
        CU_ASSERT_EQUAL(reason, WCP_ENC_STRICT_UTF8);
        detect_declared(decoder, texts[i], "GBK", "中", &reason);
    }
    CU_ASSERT_EQUAL(detect(decoder, "\xD6<meta charset=\"gbk", 19, WCP_ENC_AUTO,
                           &(enum wcp_enc_reason){ 0 }),
                    WCP_ENC_GB18030);
    wcp_decoder_free(decoder);
}

static void
test_neighbours(void)
{
    struct wcp_decoder *decoder = new_decoder();
    enum wcp_enc_reason reason;
    size_t len;
    char *bytes = encode("GBK", "", 0, "中文", &len);

    /* Two characters prove nothing, so the neighbours decide if they fit. */
    CU_ASSERT_EQUAL(detect(decoder, bytes, len, WCP_ENC_GB18030, &reason),
                    WCP_ENC_GB18030);
    CU_ASSERT_EQUAL(reason, WCP_ENC_NEIGHBOURS);
    CU_ASSERT_EQUAL(detect(decoder, bytes, len, named("euc-kr"), &reason),
                    named("euc-kr"));
    CU_ASSERT_NOT_EQUAL(
        detect(decoder, "\xFF\xFF zz", 5, WCP_ENC_GB18030, &reason),
        WCP_ENC_GB18030);
    CU_ASSERT_NOT_EQUAL(reason, WCP_ENC_NEIGHBOURS);
    free(bytes);

    /* A whole text speaks for itself, whatever stands around it. */
    bytes = encode("BIG5", "", 0, traditional, &len);
    CU_ASSERT_EQUAL(detect(decoder, bytes, len, WCP_ENC_GB18030, &reason),
                    WCP_ENC_BIG5HKSCS);
    CU_ASSERT_EQUAL(detect(decoder, bytes, len, named("koi8-r"), &reason),
                    WCP_ENC_BIG5HKSCS);
    CU_ASSERT_EQUAL(detect(decoder, bytes, len, WCP_ENC_UTF16LE, &reason),
                    WCP_ENC_BIG5HKSCS);
    CU_ASSERT_EQUAL(detect(decoder, bytes, len, WCP_ENC_UNKNOWN, &reason),
                    WCP_ENC_BIG5HKSCS);
    CU_ASSERT_EQUAL(detect(decoder, bytes, len, WCP_ENC_BIG5HKSCS, &reason),
                    WCP_ENC_BIG5HKSCS);
    CU_ASSERT_EQUAL(reason, WCP_ENC_NEIGHBOURS);
    free(bytes);
    /* ASCII is UTF-8 among any neighbours. */
    CU_ASSERT_EQUAL(detect(decoder, "plain", 5, WCP_ENC_GB18030, &reason),
                    WCP_ENC_UTF8);
    CU_ASSERT_EQUAL(reason, WCP_ENC_STRICT_UTF8);
    wcp_decoder_free(decoder);
}

static void
test_few_illegal_bytes(void)
{
    struct wcp_decoder *decoder = new_decoder();
    enum wcp_enc_reason reason;
    char text[sizeof simplified];
    size_t len;
    char *bytes;

    memcpy(text, simplified, sizeof text);
    text[100] = '\xFF';
    CU_ASSERT_EQUAL(
        detect(decoder, text, strlen(text), WCP_ENC_GB18030, &reason),
        WCP_ENC_UTF8);
    CU_ASSERT_EQUAL(reason, WCP_ENC_GUESSED);
    bytes = encode("GBK", "", 0, simplified, &len);
    *strchr(bytes, '\n') = '\xFF';
    CU_ASSERT_EQUAL(detect(decoder, bytes, len, WCP_ENC_AUTO, &reason),
                    WCP_ENC_GB18030);
    free(bytes);
    wcp_decoder_free(decoder);
}

static void
test_seven_bits(void)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        { "", "UTF-8" },
        { "plain text\n", "UTF-8" },
        { "\x1B[31mred\x1B[0m", "UTF-8" },
        { "\x1B", "UTF-8" },
        { "\x1B$", "UTF-8" },
        { "a~{not Chinese~}b", "UTF-8" },
        { "~{", "UTF-8" },
        { "for~{<:Ky2;S{#,NpJ)l6HK!#~}once", "HZ" },
        { "\x1B$B$3$s$K$A$O\x1B(B", "ISO-2022-JP" },
        { "\x1B$)C\x0E\x3C\x72\x3F\x6F\x0F", "ISO-2022-KR" },
    };
    struct wcp_decoder *decoder = new_decoder();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum wcp_enc_reason reason;
        const wcp_encoding enc =
            detect(decoder, cases[i].text, strlen(cases[i].text), WCP_ENC_AUTO,
                   &reason);

        CU_ASSERT_STRING_EQUAL(wcp_encoding_name(enc), cases[i].name);
    }
    wcp_decoder_free(decoder);
}

/* Archives pad with NUL; that must not hide the text. */
static void
test_padding(void)
{
    struct wcp_decoder *decoder = new_decoder();
    enum wcp_enc_reason reason;
    size_t len;
    char *bytes = encode("GBK", "", 0, simplified, &len);
    char *padded = calloc(3, len);

    CU_ASSERT_FATAL(padded != NULL);
    memcpy(padded, bytes, len);
    CU_ASSERT_EQUAL(detect(decoder, padded, 3 * len, WCP_ENC_AUTO, &reason),
                    WCP_ENC_GB18030);
    CU_ASSERT_EQUAL(detect(decoder, padded, 3 * len, WCP_ENC_GB18030, &reason),
                    WCP_ENC_GB18030);
    CU_ASSERT_EQUAL(reason, WCP_ENC_NEIGHBOURS);
    CU_ASSERT_FALSE(wcp_looks_binary(padded, 3 * len));
    free(padded);
    free(bytes);
    wcp_decoder_free(decoder);
}

static void
test_punctuation_only(void)
{
    static const char text[] = "\xA1\xA1\xA1\xA1"
                               "England\xA1\xAFs hopes\n";
    struct wcp_decoder *decoder = new_decoder();
    enum wcp_enc_reason reason;

    CU_ASSERT_EQUAL(detect(decoder, text, strlen(text), WCP_ENC_AUTO, &reason),
                    WCP_ENC_GB18030);
    wcp_decoder_free(decoder);
}

static void
test_random_bytes(void)
{
    struct wcp_decoder *decoder = new_decoder();
    struct test_rng rng = { test_seed() + 2 };

    for (int i = 0; i < 2000; i++) {
        const size_t len = (size_t)test_below(&rng, i % 50 == 0 ? 70000 : 200);
        uint8_t *bytes = test_guarded(len);
        enum wcp_enc_reason reason = WCP_ENC_GIVEN;
        wcp_encoding enc;
        struct wcp_buffer out;

        for (size_t k = 0; k < len; k++)
            bytes[k] = (uint8_t)test_below(&rng, i % 3 == 0 ? 128 : 256);
        enc = wcp_detect(decoder, bytes, len,
                         (wcp_encoding)test_below(&rng, 256), &reason);
        CU_ASSERT_NOT_EQUAL(enc, WCP_ENC_AUTO);
        CU_ASSERT_NOT_EQUAL(reason, WCP_ENC_GIVEN);
        out = decode_all(decoder, enc, bytes, len);
        wcp_buffer_release(&out);
        wcp_looks_binary(bytes, len);
        test_guarded_free(bytes, len);
    }
    wcp_decoder_free(decoder);
}

/* ---- binary files ---- */

static void
test_binary(void)
{
#define BYTES(string) string, sizeof string - 1
    static const struct {
        const char *bytes;
        size_t len;
        bool binary;
    } cases[] = {
        { BYTES("\x89PNG\r\n\x1A\n\0\0"), true },
        { BYTES("\xFF\xD8\xFF\xE0\0\x10JFIF"), true },
        { BYTES("GIF89a"), true },
        { BYTES("%PDF-1.4\n%text"), true },
        { BYTES("PK\x03\x04\x14"), true },
        { BYTES("\x1F\x8B\x08\0"), true },
        { BYTES("BZh91AY&SY"), true },
        { BYTES("\x28\xB5\x2F\xFD"), true },
        { BYTES("\x7F"
                "ELF\x02\x01"),
          true },
        { BYTES("RIFF\x24\0\0\0WAVEfmt "), true },
        { BYTES("\0\0\0\x20"
                "ftypisom"),
          true },
        { BYTES("\x80\0\x01\0\xFF\xFE\xFD"), true },
        { BYTES("\0\x01\x02\x03\xFF\xFF\xFF\xFF"), true },
        { BYTES(""), false },
        { BYTES("RIFF is a word"), false },
        { BYTES("GIF is a format"), false },
        { BYTES("BZh is no word"), false },
        { BYTES("PK"), false },
        { BYTES("a\0b"), false }, /* valid UTF-8 */
        { BYTES("\xD6\xD0\xCE\xC4"), false },
        { BYTES("\xD6\xD0\xCE\xC4\0\0"), false }, /* padded GBK */
        { BYTES("\xFF\xFE\x2D\x4E\0\0"), false }, /* a mark */
        { BYTES("n\0e\0w\0s\0"), false },
        { BYTES("\0\0\0n\0\0\0e\0\0\0w\0\0\0s"), false },
    };
#undef BYTES

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *copy = test_guarded(cases[i].len);

        memcpy(copy, cases[i].bytes, cases[i].len);
        if (wcp_looks_binary(copy, cases[i].len) != cases[i].binary)
            printf("\ncase %zu\n", i);
        CU_ASSERT_EQUAL(wcp_looks_binary(copy, cases[i].len), cases[i].binary);
        test_guarded_free(copy, cases[i].len);
    }
}

void
suite_detect(void)
{
    CU_pSuite suite = CU_add_suite("detect", NULL, NULL);

    CU_add_test(suite, "texts", test_texts);
    CU_add_test(suite, "wide without helpful zeros",
                test_wide_without_helpful_zeros);
    CU_add_test(suite, "beginnings", test_beginnings);
    CU_add_test(suite, "declarations", test_declarations);
    CU_add_test(suite, "malformed declarations", test_malformed_declarations);
    CU_add_test(suite, "neighbours", test_neighbours);
    CU_add_test(suite, "few illegal bytes", test_few_illegal_bytes);
    CU_add_test(suite, "seven bits", test_seven_bits);
    CU_add_test(suite, "padding", test_padding);
    CU_add_test(suite, "punctuation only", test_punctuation_only);
    CU_add_test(suite, "random bytes", test_random_bytes);
    CU_add_test(suite, "binary", test_binary);
}
