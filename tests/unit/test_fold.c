/*
 * test_fold.c - folding: the rules by example, and what must hold for any text
 *
 * Expectations are written as UTF-8; tests/oracle/fold_oracle.py compares
 * whole corpora.
 */
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/text.h"

#define NUM(array) (sizeof(array) / sizeof *(array))

/* ---- support ---- */

static size_t
encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* The folded text as UTF-8 with a NUL; the caller frees it. */
static char *
to_utf8(const struct wcp_folded *folded)
{
    char *text = malloc(3 * folded->num + 1);
    size_t len = 0;

    if (text == NULL)
        abort();
    for (size_t i = 0; i < folded->num; i++) {
        uint32_t code = folded->units[i];

        if (code >= 0xD800 && code < 0xDC00 && i + 1 < folded->num)
            code = 0x10000 + ((code - 0xD800) << 10) +
                   (folded->units[++i] - 0xDC00U);
        len += encode(code, text + len);
    }
    text[len] = '\0';
    return text;
}

static bool
same_units(const struct wcp_folded *a, const struct wcp_folded *b)
{
    return a->num == b->num &&
           (a->num == 0 ||
            memcmp(a->units, b->units, a->num * sizeof *a->units) == 0);
}

struct example {
    const char *text, *folded;
};

static void
check_examples(const struct example *examples, size_t num)
{
    struct wcp_folded folded;

    wcp_folded_init(&folded, &wcp_memory_libc);
    for (size_t i = 0; i < num; i++) {
        char *got;

        CU_ASSERT_TRUE(
            wcp_fold(&folded, examples[i].text, strlen(examples[i].text)));
        got = to_utf8(&folded);
        CU_ASSERT_STRING_EQUAL(got, examples[i].folded);
        if (strcmp(got, examples[i].folded) != 0)
            printf("\n'%s' gave '%s'\n", examples[i].text, got);
        free(got);
    }
    wcp_folded_release(&folded);
}

/* ---- rules ---- */

static void
test_alphabets(void)
{
    static const struct example examples[] = {
        { "", "" },
        { "The U.S. Dollar, 1,234.50%!", "theusdollar123450" },
        { "Café Ångström ŁÓDŹ", "cafeangstromłodz" },
        { "cafe\u0301", "cafe" },
        { "Straße STRASSE ẞ", "strassestrassess" },
        { "ﬁne ﬃ Ĳ ŉ", "fineffiijʼn" },
        { "İstanbul ısı", "istanbulısı" },
        { "ΆΣ ας ᾳ", "ασασα" },
        { "Ёлка й", "елкаи" },
        { "שָׁלוֹם", "שלום" },
        { "مُحَمَّد ﷺ", "محمدصلىاللهعليهوسلم" },
        { "ＡＢＣ　１２３，。", "abc123" },
        { "① ⑴ ½ ㎏ ℃ № ™ ª²", "11"
                               "12kgcnotma2" },
        { "𝐀𝒃𝟗 𐐀 🄐", "ab9𐐨a" },
        { "a\u00ADb\u200Bc\u2060d\uFEFFe\uFFFDf\uE000g", "abcdefg" },
        { "I ❤ 😀 ©®…—", "i" },
    };

    check_examples(examples, NUM(examples));
}

static void
test_east_asia(void)
{
    static const struct example examples[] = {
        { "中国，人民 日報。\n", "中国人民日報" },
        { "中國人民日报", "中国人民日報" },
        { "ガ ｶﾞ ぱ カ\u3099", "カカはカ" },
        { "㈠㊙㍿", "一祕株式会社" },
        { "〇々ー", "〇々ー" },
        { "⼀\uF900", "一岂" },
        { "𠀀 𠮷", "𠀀𠮷" },
        { "각 가\u11A8 \u1100\u1161\u11A8", "각각각" },
        { "\u1100 \u1161, \u11A8", "각" },
        { "ㄱㅏ ﾡￂ ㈎ ㉠", "가가가\u1100" },
        { "갔\u11A8", "갔\u11A8" },
        { "a\u1161\u3164b", "a\u1161b" },
    };
    static const char *const alike[][2] = {
        { "著 瞭 覆 藉 鐘 裏 麵 隻 髮", "着 了 复 借 钟 里 面 只 发" },
        { "家具坐标兼收并蓄", "傢俱座標兼收幷蓄" },
    };
    struct wcp_folded a, b;

    check_examples(examples, NUM(examples));
    wcp_folded_init(&a, &wcp_memory_libc);
    wcp_folded_init(&b, &wcp_memory_libc);
    for (size_t i = 0; i < NUM(alike); i++) {
        CU_ASSERT_TRUE(wcp_fold(&a, alike[i][0], strlen(alike[i][0])));
        CU_ASSERT_TRUE(wcp_fold(&b, alike[i][1], strlen(alike[i][1])));
        CU_ASSERT_TRUE(a.num > 0 && same_units(&a, &b));
    }
    wcp_folded_release(&a);
    wcp_folded_release(&b);
}

static void
test_kept_marks(void)
{
    static const struct example examples[] = {
        { "हिन्दी", "हिन्दी" },
        { "ภาษาไทย น้ำ", "ภาษาไทยน\u0E49\u0E4Dา" },
        { "\u0958", "\u0915\u093C" },
        /* nukta (7) goes before virama (9), whatever was dropped between */
        { "\u0915\u094D\u093C", "\u0915\u093C\u094D" },
        { "\u0915\u094D\u034F \u093C", "\u0915\u093C\u094D" },
        { "\u0F40\u0F74\u0F73", "\u0F40\u0F71\u0F72\u0F74" },
        { "\U00011099\U000110B9\U000110BA", "\U00011099\U000110BA\U000110B9" },
    };

    check_examples(examples, NUM(examples));
}

static void
test_entities(void)
{
    static const struct example examples[] = {
        { "新华社&nbsp;北京&nbsp&NBSP电", "新华社北京电" },
        { "a&nbspb", "ab" },
        { "&#38472;&#x9648;&#X9648;&#0038472;", "陈陈陈陈" },
        { "&#0;&#xD800;&#x110000;", "0xd800x110000" },
        { "&#99999999999;&#;&#x;&#65", "99999999999x65" },
        { "caf&eacute; &Uuml;ber &szlig; &AElig;", "cafeuberssæ" },
        { "&ldquo;x&rdquo;&mdash;&hellip;&yen;&apos;&trade;", "xtm" },
        { "&alpha;&thetasym;&frac12;", "αθ12" },
        { "AT&T &unknown; &eacute", "attunknowneacute" },
        { "a&ampb a&amp b &lt&gt&quot", "aampbab" },
        { "&amp国", "国" },
        { "&amp;nbsp;x&amp;amp;nbsp;&amp;#65;&amp;x", "xax" },
        { "&amp;eacute;&amp;lt", "e" },
        { "国&#40;guó)", "国guo" },
        { "&", "" },
        { "&&#65;&;", "a" },
    };

    check_examples(examples, NUM(examples));
}

static void
test_pinyin(void)
{
    static const struct example examples[] = {
        { "中国(guó)人", "中国人" },
        { "中国（guó）人(rén）", "中国人" },
        { "陈(chén)女(nǚ)儿(ér)装(zhuāng)嗯(ńg)呒(ḿ)", "陈女儿装嗯呒" },
        { "国(guo\u0301)女(nu\u0308\u030C)女(nü\u030C)", "国女女" },
        { "国(ɡuŏ)", "国" },
        { "𠀀(a\u0304)〇(líng)", "𠀀〇" },
        { "人(AI)(GDP)", "人aigdp" },
        { "电(记者 王鑫)", "电記者王鑫" },
        { "法国(café)我(le)了(bā bā)", "法国cafe我le了baba" },
        { "国( guó)国(Guó)国(gúó)国(guó国(guo2)",
          "国guo国guo国guo国guo国guo2" },
        { "a(guó)国 (guó)。(guó)", "aguo国guoguo" },
        { "国(nv\u030C)国(zhuàngu)国(\u0301)国()", "国nv国zhuangu国国" },
        { "国(guó", "国guo" },
        { "(guó)", "guo" },
        { "国(", "国" },
    };

    check_examples(examples, NUM(examples));
}

/* ---- properties ---- */

/* Characters whose fold does not depend on their neighbours. */
static const char *const plain_pieces[] = {
    "a",  "Z",  "7",  "news ", "\n", ".",  "é", "ß", "中", "國", "，",
    "ガ", "각", "１", "ﷺ",     "㍿", "𠀀", "😀", "𝐀", "ि",  "—",  "ﬃ",
};
/* Those with context, and parts of them. */
static const char *const other_pieces[] = {
    "&",      "&nbsp",  "&amp;",  "&#65;",      "&#x4E2D;",   "&eacute;",
    "(",      "（",     "guó",    ")",          "国(guó)",    "\u1100",
    "\u1161", "\u11A8", "\u093C", "\u094D",     "\u0301",     "\u0F73",
    "\u0F74", "ㅏ",     ";",      "\U000110BA", "\U00011046", "\u034F",
};

/* Random text of about len bytes in guarded memory of *len_ret bytes. */
static uint8_t *
random_text(struct test_rng *rng, size_t len, bool plain, size_t *len_ret)
{
    char *made = malloc(len + 32);
    size_t at = 0;
    uint8_t *text;

    if (made == NULL)
        abort();
    while (at < len) {
        const char *piece = plain_pieces[test_below(rng, NUM(plain_pieces))];

        if (!plain && test_below(rng, 2) == 0)
            piece = other_pieces[test_below(rng, NUM(other_pieces))];
        memcpy(made + at, piece, strlen(piece));
        at += strlen(piece);
    }
    text = test_guarded(at);
    if (at > 0)
        memcpy(text, made, at);
    free(made);
    *len_ret = at;
    return text;
}

/* Lengths near nothing, the eight-byte step and the block of fold.c. */
static size_t
random_len(struct test_rng *rng)
{
    switch (test_below(rng, 8)) {
    case 0:
        return 16384 - 20 + (size_t)test_below(rng, 40);
    case 1:
        return 32768 - 20 + (size_t)test_below(rng, 40);
    default:
        return (size_t)test_below(rng, 40);
    }
}

static bool
offsets_are_good(const struct wcp_folded *folded, const uint8_t *text,
                 size_t len)
{
    for (size_t i = 0; i < folded->num; i++) {
        uint32_t begin = folded->begins[i], end = folded->ends[i];

        if (begin >= end || end > len || (text[begin] & 0xC0) == 0x80 ||
            (end < len && (text[end] & 0xC0) == 0x80))
            return false;
        if (i > 0 &&
            (begin < folded->begins[i - 1] || end < folded->ends[i - 1]))
            return false;
    }
    return true;
}

/* With and without offsets, and once more. */
static void
test_offsets_and_idempotence(void)
{
    struct test_rng rng = { test_seed() };
    struct wcp_folded bare, with, again;

    wcp_folded_init(&bare, &wcp_memory_libc);
    wcp_folded_init(&with, &wcp_memory_libc);
    wcp_folded_init(&again, &wcp_memory_libc);
    for (int round = 0; round < 3000; round++) {
        size_t len;
        uint8_t *text = random_text(&rng, random_len(&rng), false, &len);
        char *once;
        bool good = wcp_fold(&bare, (char *)text, len) &&
                    wcp_fold_with_offsets(&with, (char *)text, len) &&
                    same_units(&bare, &with) &&
                    offsets_are_good(&with, text, len);

        once = to_utf8(&bare);
        good = good && wcp_fold(&again, once, strlen(once)) &&
               same_units(&bare, &again);
        free(once);
        test_guarded_free(text, len);
        CU_ASSERT_TRUE(good);
        if (!good) {
            printf("seed %" PRIu64 " round %d\n", test_seed(), round);
            break;
        }
    }
    wcp_folded_release(&bare);
    wcp_folded_release(&with);
    wcp_folded_release(&again);
}

/* The length of the character at text[0]. */
static size_t
character_len(const uint8_t *text)
{
    return text[0] < 0x80 ? 1 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;
}

/* Where nothing looks at context, a text folds as its characters do. */
static void
test_character_by_character(void)
{
    struct test_rng rng = { test_seed() };
    struct wcp_folded whole, one;

    wcp_folded_init(&whole, &wcp_memory_libc);
    wcp_folded_init(&one, &wcp_memory_libc);
    for (int round = 0; round < 500; round++) {
        size_t len, at = 0, num = 0;
        uint8_t *text = random_text(&rng, random_len(&rng), true, &len);
        bool good = wcp_fold_with_offsets(&whole, (char *)text, len);

        while (good && at < len) {
            size_t step = character_len(text + at);

            good = wcp_fold(&one, (char *)text + at, step) &&
                   num + one.num <= whole.num;
            for (size_t i = 0; good && i < one.num; i++, num++)
                good = whole.units[num] == one.units[i] &&
                       whole.begins[num] == at && whole.ends[num] == at + step;
            at += step;
        }
        good = good && num == whole.num;
        test_guarded_free(text, len);
        CU_ASSERT_TRUE(good);
        if (!good) {
            printf("seed %" PRIu64 " round %d\n", test_seed(), round);
            break;
        }
    }
    wcp_folded_release(&whole);
    wcp_folded_release(&one);
}

static void
test_known_offsets(void)
{
    static const char text[] = "a,&nbsp;国(guó)½&#65;\u1100\u1161\u11A8"
                               "\u0915\u094D\u093C";
    static const uint32_t begins[] = { 0, 8, 17, 17, 19, 24, 33, 36, 36 };
    static const uint32_t ends[] = { 1, 11, 19, 19, 24, 33, 36, 42, 42 };
    struct wcp_folded folded;

    wcp_folded_init(&folded, &wcp_memory_libc);
    CU_ASSERT_TRUE(wcp_fold_with_offsets(&folded, text, sizeof text - 1));
    CU_ASSERT_EQUAL(folded.num, NUM(begins));
    for (size_t i = 0; i < NUM(begins) && i < folded.num; i++) {
        CU_ASSERT_EQUAL(folded.begins[i], begins[i]);
        CU_ASSERT_EQUAL(folded.ends[i], ends[i]);
    }
    wcp_folded_release(&folded);
}

/* Not promised to mean anything, but not to read or write elsewhere. */
static void
test_malformed_input(void)
{
    static const uint8_t bytes[] = { 0x80, 0xBF, 0xC0, 0xA8, 0xE4, 0xED,
                                     0xF0, 0xF4, 0xFF, '&',  '(',  'a' };
    struct test_rng rng = { test_seed() };
    struct wcp_folded bare, with;

    wcp_folded_init(&bare, &wcp_memory_libc);
    wcp_folded_init(&with, &wcp_memory_libc);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)test_below(&rng, 24);
        uint8_t *text = test_guarded(len);

        for (size_t i = 0; i < len; i++)
            text[i] = test_below(&rng, 2) ? bytes[test_below(&rng, NUM(bytes))]
                                          : (uint8_t)test_random(&rng);
        CU_ASSERT_TRUE(wcp_fold(&bare, (char *)text, len));
        CU_ASSERT_TRUE(wcp_fold_with_offsets(&with, (char *)text, len));
        CU_ASSERT_TRUE(same_units(&bare, &with));
        test_guarded_free(text, len);
    }
    wcp_folded_release(&bare);
    wcp_folded_release(&with);
}

/* A run of marks that alternate is what makes insertion quadratic; one of
 * long expansions is what makes a text grow. */
static void
test_hostile_runs(void)
{
    static const char marks[] = "\u094D\u093C";
    enum { TIMES = 200000 };
    char *text = malloc(TIMES * 6);
    struct wcp_folded folded;
    size_t len = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    wcp_folded_init(&folded, &wcp_memory_libc);
    for (size_t i = 0; i < TIMES; i++, len += 6)
        memcpy(text + len, marks, 6);
    CU_ASSERT_TRUE(wcp_fold_with_offsets(&folded, text, len));
    CU_ASSERT_EQUAL(folded.num, 32);
    for (size_t i = 0; i < folded.num; i++)
        CU_ASSERT_EQUAL(folded.units[i], i < 16 ? 0x093C : 0x094D);
    for (len = 0; len < 3 * TIMES; len += 3)
        memcpy(text + len, "\uFDFA", 3);
    CU_ASSERT_TRUE(wcp_fold_with_offsets(&folded, text, len));
    CU_ASSERT_EQUAL(folded.num, 15 * (size_t)TIMES);
    wcp_folded_release(&folded);
    free(text);
}

/* An allocator whose blocks end where memory ends. */
static void *
guarded_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    uint8_t *block = NULL;

    (void)ctx;
    if (new_size > 0)
        block = test_guarded(new_size);
    if (ptr != NULL && block != NULL)
        memcpy(block, ptr, old_size < new_size ? old_size : new_size);
    if (ptr != NULL)
        test_guarded_free(ptr, old_size);
    return block;
}

/* A fresh object has no room to spare, so that a unit too many is a crash. */
static void
test_room_in_output(void)
{
    static const char *const runs[] = { "\uFDFA",     "a",        "ß",
                                        "中",         "각",       "🄐",
                                        "\U00020000", "&#65018;", "&lt" };
    const struct wcp_memory mem = { guarded_resize, NULL };

    for (size_t i = 0; i < NUM(runs); i++)
        for (size_t times = 0; times < 40; times++) {
            char text[512] = "";
            struct wcp_folded with, bare;

            for (size_t k = 0; k < times; k++)
                strcat(text, runs[i]);
            wcp_folded_init(&with, &mem);
            wcp_folded_init(&bare, &mem);
            CU_ASSERT_TRUE(wcp_fold_with_offsets(&with, text, strlen(text)));
            CU_ASSERT_TRUE(wcp_fold(&bare, text, strlen(text)));
            CU_ASSERT_TRUE(same_units(&with, &bare));
            CU_ASSERT_TRUE(bare.num <= bare.cap);
            wcp_folded_release(&with);
            wcp_folded_release(&bare);
        }
}

/* The step of eight letters may run over the end of a block. */
static void
test_room_at_block_end(void)
{
    static char text[3 + 16384 + 8];
    const struct wcp_memory mem = { guarded_resize, NULL };

    memset(text, 'a', sizeof text);
    memcpy(text, "中", 3);
    for (size_t len = sizeof text - 16; len <= sizeof text; len++) {
        struct wcp_folded folded;

        wcp_folded_init(&folded, &mem);
        CU_ASSERT_TRUE(wcp_fold_with_offsets(&folded, text, len));
        CU_ASSERT_EQUAL(folded.num, len - 2);
        wcp_folded_release(&folded);
    }
}

static void
test_out_of_memory(void)
{
    enum { LEN = 60000 };
    char *text = malloc(LEN);
    bool done = false;
    int allowed;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < LEN; i += 3)
        memcpy(text + i, "\uFDFA", 3);
    for (allowed = 0; allowed < 200 && !done; allowed++) {
        int left = allowed;
        struct wcp_memory mem = { test_ration, &left };
        struct wcp_folded folded;

        wcp_folded_init(&folded, &mem);
        done = wcp_fold_with_offsets(&folded, text, LEN);
        CU_ASSERT_EQUAL(folded.num, done ? LEN * 5 : 0);
        wcp_folded_release(&folded);
        CU_ASSERT_PTR_NULL(folded.units);
    }
    CU_ASSERT_TRUE(done && allowed > 3);
    free(text);
}

/* ---- NormalizationTest.txt ---- */

/* A field of code points in hex, up to the semicolon, as UTF-8. */
static const char *
read_field(const char *line, char *out, size_t *len_ret)
{
    size_t len = 0;

    while (*line != ';' && *line != '\0') {
        char *end;
        unsigned long code = strtoul(line, &end, 16);

        if (end == line)
            return NULL;
        len += encode((uint32_t)code, out + len);
        line = end;
        while (*line == ' ')
            line++;
    }
    *len_ret = len;
    return *line == ';' ? line + 1 : NULL;
}

static bool
columns_fold_alike(const char *line, struct wcp_folded *first,
                   struct wcp_folded *other)
{
    char text[512];
    size_t len;

    for (int column = 0; column < 5; column++) {
        struct wcp_folded *folded = column == 0 ? first : other;

        line = read_field(line, text, &len);
        if (line == NULL || !wcp_fold(folded, text, len) ||
            (column > 0 && !same_units(first, other)))
            return false;
    }
    return true;
}

static void
test_normalization_forms(void)
{
    const char *shared = test_shared();
    char line[4096];
    FILE *file = NULL;
    struct wcp_folded first, other;
    size_t num = 0;

    if (shared != NULL) {
        snprintf(line, sizeof line, "%s/unicode/NormalizationTest.txt", shared);
        file = fopen(line, "r");
    }
    if (file == NULL) {
        printf("SKIPPED: no unicode/NormalizationTest.txt\n");
        return;
    }
    wcp_folded_init(&first, &wcp_memory_libc);
    wcp_folded_init(&other, &wcp_memory_libc);
    while (fgets(line, sizeof line, file) != NULL) {
        bool alike;

        if (line[0] == '#' || line[0] == '@')
            continue;
        alike = columns_fold_alike(line, &first, &other);
        CU_ASSERT_TRUE(alike);
        if (!alike)
            printf("%s", line);
        num++;
    }
    CU_ASSERT_TRUE(num > 18000);
    fclose(file);
    wcp_folded_release(&first);
    wcp_folded_release(&other);
}

void
suite_fold(void)
{
    CU_pSuite suite = CU_add_suite("fold", NULL, NULL);

    CU_add_test(suite, "alphabets", test_alphabets);
    CU_add_test(suite, "Chinese, Japanese, Korean", test_east_asia);
    CU_add_test(suite, "marks that are kept", test_kept_marks);
    CU_add_test(suite, "entities", test_entities);
    CU_add_test(suite, "pinyin annotations", test_pinyin);
    CU_add_test(suite, "offsets and idempotence", test_offsets_and_idempotence);
    CU_add_test(suite, "character by character", test_character_by_character);
    CU_add_test(suite, "known offsets", test_known_offsets);
    CU_add_test(suite, "malformed input", test_malformed_input);
    CU_add_test(suite, "hostile runs", test_hostile_runs);
    CU_add_test(suite, "room in the output", test_room_in_output);
    CU_add_test(suite, "room at the end of a block", test_room_at_block_end);
    CU_add_test(suite, "out of memory", test_out_of_memory);
    CU_add_test(suite, "NormalizationTest.txt", test_normalization_forms);
}
