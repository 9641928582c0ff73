/*
 * test_credits.c - whom texts credit, and their datelines
 *
 * Examples of every form, made up in the manner of real ones; patterns without
 * slots against a list of all that they stand for; and anything at all, which
 * must not be read beyond its end or named where it is not.
 */
#include "group/credit.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void suite_credits(void);

static struct wcp_credits *
made_table(const char *more)
{
    struct wcp_credits *credits = NULL;
    struct wcp_fault fault = { 0 };
    enum wcp_code code =
        wcp_credits_new(&wcp_memory_libc, more, more != NULL ? strlen(more) : 0,
                        "f", &credits, &fault);

    if (code != WCP_CODE_OK)
        fprintf(stderr, "%s\n", fault.text);
    CU_ASSERT_FATAL(code == WCP_CODE_OK);
    return credits;
}

static char *
guarded_copy(const char *text, size_t len)
{
    uint8_t *copy = test_guarded(len);

    memcpy(copy, text, len);
    return (char *)copy;
}

/* ---- examples ---- */

struct example {
    const char *text, *credit, *dateline; /* NULL: none */
};

static bool
agrees(const struct wcp_credits *credits, const struct example *example)
{
    struct wcp_credit found;
    const char *name = NULL;
    size_t name_len = 0, len = strlen(example->text);
    char *text = guarded_copy(example->text, len);
    bool good;

    wcp_credits_find(credits, text, len, &found);
    if (found.has_credit && found.agency != WCP_NO_AGENCY) {
        name = wcp_credits_name(credits, found.agency);
        name_len = strlen(name);
    } else if (found.has_credit) {
        name = text + found.begin;
        name_len = found.end - found.begin;
    }
    good = (name == NULL) == (example->credit == NULL) &&
           found.has_dateline == (example->dateline != NULL);
    if (good && name != NULL)
        good = name_len == strlen(example->credit) &&
               memcmp(name, example->credit, name_len) == 0;
    if (good && found.has_dateline)
        good = found.dateline_end - found.dateline_begin ==
                   strlen(example->dateline) &&
               memcmp(text + found.dateline_begin, example->dateline,
                      strlen(example->dateline)) == 0;
    if (!good)
        fprintf(stderr, "'%s': credit '%.*s', dateline '%.*s'\n", example->text,
                (int)name_len, name != NULL ? name : "",
                (int)(found.dateline_end - found.dateline_begin),
                text + found.dateline_begin);
    test_guarded_free((uint8_t *)text, len);
    return good;
}

static const struct example chinese[] = {
    { "新华社北京1月5日电 渡口今天开航。", "Xinhua", "新华社北京1月5日电" },
    { "新华社北京1月5日电(记者 王敏)渡口", "Xinhua",
      "新华社北京1月5日电(记者 王敏)" },
    { "新華社北京1月5日電 （記者王敏）渡口", "Xinhua",
      "新華社北京1月5日電 （記者王敏）" },
    { "　　新　华　社　北京１月５日电渡口", "Xinhua",
      "新　华　社　北京１月５日电" },
    { "&nbsp;&nbsp;新华网海口４月２７日专电（记者周平）渡口", "Xinhua",
      "新华网海口４月２７日专电（记者周平）" },
    { "新华社阿里（西藏）4月27日电 渡口", "Xinhua",
      "新华社阿里（西藏）4月27日电" },
    { "【新华社北京5月9日电】渡口", "Xinhua", "新华社北京5月9日电" },
    { "渡口开航\n\n新华社北京1月5日电 渡口", "Xinhua", "新华社北京1月5日电" },
    { "渡口开航 新华社北京1月5日电 渡口", "Xinhua", "新华社北京1月5日电" },
    { "据新华社电 渡口今天开航。", "Xinhua", "据新华社电" },
    { "据 新华社 北京 1月5日 电 渡口", "Xinhua", "据 新华社 北京 1月5日 电" },
    { "综合新华社电 渡口", "Xinhua", "综合新华社电" },
    { "中新社北京五月九日电(记者 魏晞)渡口", "China News Service",
      "中新社北京五月九日电(记者 魏晞)" },
    { "中新网5月8日电 据报道，渡口", "China News Service", "中新网5月8日电" },
    { "中央社記者王明台北5日電 渡口", "Central News Agency",
      "中央社記者王明台北5日電" },
    { "（中央社台北5日電）渡口", "Central News Agency", "中央社台北5日電" },
    { "人民网北京5月9日讯 渡口", "People's Daily", "人民网北京5月9日讯" },
    { "新(xīn)华(huá)社(shè)北京1月5日电 渡口", "Xinhua",
      "新(xīn)华(huá)社(shè)北京1月5日电" },
    { "本报讯(记者 王鑫)渡口昨天开航。", NULL, "本报讯(记者 王鑫)" },
    { "本報訊 渡口昨天開航。", NULL, "本報訊" },
    { "本报记者马方发自广州\n渡口", NULL, "本报记者马方发自广州" },
    { "渡口开航。\n（本报武汉4月24日电）", NULL, "本报武汉4月24日电" },
    { "都市快报讯 渡口", "都市快报", "都市快报讯" },
    { "晚报讯 渡口", NULL, "晚报讯" },
    { "东港社东港4月2日电 渡口", "东港社", "东港社东港4月2日电" },
    { "渡口昨天开航。（来源：新华网）", "Xinhua", NULL },
    { "渡口昨天开航。\n来源：东港早报 编辑：王", "东港早报", NULL },
    { "来源：《东港早报》\n渡口", "东港早报", NULL },
    { "渡口昨天开航。\n来源：[东港早报]", "东港早报", NULL },
    { "来源：http://www.example.com/1.html\n渡口昨天开航。", NULL, NULL },
    { "渡口昨天开航。\n来源：https://example.com/", NULL, NULL },
    { "转自：人民网\n渡口", "People's Daily", NULL },
    { "渡口昨天开航。(据新华社)", "Xinhua", NULL },
    /* The agency of the dateline, not the site that had the copy. */
    { "来源：新浪网\n新华社北京1月5日电 渡口", "Xinhua", "新华社北京1月5日电" },
    /* None of these is one. */
    { "渡口昨天开航，新华社也报道了。", NULL, NULL },
    { "新华社电视台今天说", NULL, NULL },
    { "举报电话：123", NULL, NULL },
    { "本报电话：123", NULL, NULL },
    { "数据来源：统计局", NULL, NULL },
    { "他对新华社记者说，渡口昨天开航。", NULL, NULL },
    { "新华社记者从渡口获悉，昨天开航。双方讨论船票。\n", NULL, NULL },
    { "新华社记者王敏获悉\n渡口昨天开航。", NULL, NULL },
    { "", NULL, NULL },
    { "　\n　\n", NULL, NULL },
};

static const struct example english[] = {
    { "LONDON, March 3 (Reuters) - The ferry", "Reuters",
      "LONDON, March 3 (Reuters)" },
    { "WASHINGTON (AP) _ The ferry", "AP", "WASHINGTON (AP)" },
    { "Ferry back\n\nNEW YORK, Feb. 12, 2004 (AP) - The", "AP",
      "NEW YORK, Feb. 12, 2004 (AP)" },
    { "BEIJING, Jan. 5 (Xinhua) -- The ferry", "Xinhua",
      "BEIJING, Jan. 5 (Xinhua)" },
    { "ST. PETERSBURG, Russia, May 3 (Itar-Tass) - The", "TASS",
      "ST. PETERSBURG, Russia, May 3 (Itar-Tass)" },
    { "PARIS, 3 March (AFP) - The ferry", "AFP", "PARIS, 3 March (AFP)" },
    { "PARIS AFP - The ferry", "AFP", "PARIS AFP" },
    { "ＬＯＮＤＯＮ，Ｍａｒｃｈ３（Ｒｅｕｔｅｒｓ）-- The", "Reuters",
      "ＬＯＮＤＯＮ，Ｍａｒｃｈ３（Ｒｅｕｔｅｒｓ）" },
    { "DUNVALE, Dec 10 (Gannet Press) - A storm", "Gannet Press",
      "DUNVALE, Dec 10 (Gannet Press)" },
    { "LONDON, March 3 - The ferry", NULL, "LONDON, March 3" },
    { "By JANE SMITH\nAssociated Press Writer\n\nThe ferry", "AP",
      "By JANE SMITH\nAssociated Press Writer" },
    { "By Jane Smith, Associated Press\nThe ferry", "AP",
      "By Jane Smith, Associated Press" },
    { "(Reuters) - The ferry", "Reuters", NULL },
    { "The ferry is back.\n Reuter\n", "Reuters", NULL },
    { "The ferry is back. (AP)", "AP", NULL },
    { "The ferry is back.\nSource: The Dunvale Post\n", "The Dunvale Post",
      NULL },
    { "The ferry.\nCopyright 2005 The Associated Press. All rights", "AP",
      NULL },
    { "The captain told Reuters.", NULL, NULL },
    { "A MAP - of the ferry", NULL, NULL },
    { "CCTV-1 had the ferry", NULL, NULL },
    { "TOKYO RUBBER (YEN PER KILO) - 3", NULL, NULL },
    { "Ap - not in capitals", NULL, NULL },
};

static void
test_chinese(void)
{
    struct wcp_credits *credits = made_table(NULL);

    for (size_t i = 0; i < sizeof chinese / sizeof *chinese; i++)
        CU_ASSERT(agrees(credits, &chinese[i]));
    wcp_credits_free(credits);
}

static void
test_english(void)
{
    struct wcp_credits *credits = made_table(NULL);

    for (size_t i = 0; i < sizeof english / sizeof *english; i++)
        CU_ASSERT(agrees(credits, &english[i]));
    wcp_credits_free(credits);
}

/* A line near the end of a long text, and one in its middle. */
static void
test_places(void)
{
    struct wcp_credits *credits = made_table(NULL);
    struct example example = { NULL, "Reuters", NULL };
    char text[9000];

    memset(text, 'x', sizeof text);
    strcpy(text + sizeof text - 20, "y.\n Reuter\n");
    example.text = text;
    CU_ASSERT(agrees(credits, &example));
    memset(text, 'x', sizeof text);
    memcpy(text + 5000, "\nReuter\n", 8);
    text[sizeof text - 1] = '\0';
    example.credit = NULL;
    CU_ASSERT(agrees(credits, &example));
    wcp_credits_free(credits);
}

/* ---- the user's own ---- */

static void
test_own(void)
{
    static const struct example own[] = {
        { "DUNVALE, Dec 10 (GP) - A storm", "Gannet Press",
          "DUNVALE, Dec 10 (GP)" },
        { "东社澜汀4月12日电 渡口", "东港社", "东社澜汀4月12日电" },
        { "渡口。\n来源：東社", "东港社", NULL },
        { "via the gull\nThe ferry", "Gull", NULL },
        { "快线 王明：渡口", "快线", "快线 王明" },
        /* Without braces, too. */
        { "看东港早报网\n渡口", "东港早报", NULL },
        /* Before what is known already. */
        { "新华社澜汀4月12日电 渡口", "国社", "新华社澜汀4月12日电" },
        { "新华网澜汀4月12日电 渡口", "Xinhua", "新华网澜汀4月12日电" },
        { "本报记者 王明\n渡口", "快线", "本报记者 王明" },
    };
    struct wcp_credits *credits =
        made_table("# agencies\r\n\r\nGannet Press\tGP\r\n东港社\t东社\n"
                   "Gull\t^via [the |a ]gull{end}\n快线\t^快线{who}{stop}\n"
                   "东港早报\t^看东港早报网\n国社\t新华社\n"
                   "快线\t^本报记者{who}{end}");

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        CU_ASSERT(agrees(credits, &own[i]));
    wcp_credits_free(credits);
}

static void
test_bad_lines(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "no tab", "f:1: a line is a name, a tab, and a spelling or a "
                    "pattern" },
        { "#\n\nA\t", "f:3: a line is a name, a tab, and a spelling or a "
                      "pattern" },
        { "A\tb\tc", "f:1: a line is a name, a tab, and a spelling or a "
                     "pattern" },
        { "\tab", "f:1: a spelling has no name before it" },
        { "A\tb", "f:1: a spelling has two characters or more" },
        { "A\t{plaec}", "f:1: there is no slot {plaec}; there are {agency}, "
                        "{name}, {place}, {date}, {who}, {by} and others" },
        { "A\t{place", "f:1: a { has no } behind it" },
        { "A\tplace}{date}", "f:1: a } has no { before it" },
        { "A\t[a{date}", "f:1: a [ has no ] behind it" },
        { "A\t<a{date}]", "f:1: a < has no > behind it" },
        { "A\ta|{date}", "f:1: a | with no [ or < before it" },
        { "A\t^", "f:1: the pattern is empty" },
        { "A\t~[b|c]", "f:1: all of the pattern may be absent" },
        { "A\t[{date}]", "f:1: all of the pattern may be absent" },
        { "A\t[[[[[{date}]]]]]", "f:1: choices within choices go too deep" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wcp_credits *credits = NULL;
        struct wcp_fault fault = { 0 };

        CU_ASSERT_EQUAL(wcp_credits_new(&wcp_memory_libc, cases[i].text,
                                        strlen(cases[i].text), "f", &credits,
                                        &fault),
                        WCP_CODE_BAD_RECORD);
        CU_ASSERT_STRING_EQUAL(fault.text, cases[i].message);
        CU_ASSERT_PTR_NULL(credits);
    }
}

/* ---- sources ---- */

static void
test_sources(void)
{
    static const struct {
        const char *source, *agency;
    } cases[] = {
        { "新华社", "Xinhua" },
        { "新華網", "Xinhua" },
        { "www.xinhuanet.com", "Xinhua" },
        { "data/chinanews/2006/1.txt", "China News Service" },
        { "AP", "AP" },
        { "ap", NULL },
        { "maps/1.txt", NULL },
        { "东港早报", NULL },
        { "", NULL },
    };
    struct wcp_credits *credits = made_table(NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t agency = wcp_credits_agency_of(credits, cases[i].source,
                                                strlen(cases[i].source));

        if (cases[i].agency == NULL)
            CU_ASSERT_EQUAL(agency, WCP_NO_AGENCY);
        if (cases[i].agency != NULL && agency != WCP_NO_AGENCY)
            CU_ASSERT_STRING_EQUAL(wcp_credits_name(credits, agency),
                                   cases[i].agency);
        CU_ASSERT_EQUAL(agency == WCP_NO_AGENCY, cases[i].agency == NULL);
    }
    wcp_credits_free(credits);
}

/* ---- choices against all that they stand for ---- */

enum { MAX_WORDS = 512, MAX_WORD = 64 };

struct words {
    char at[MAX_WORDS][MAX_WORD];
    size_t num;
};

static const char *const letters[] = { "东", "南", "西", "北" };

/* Append a random pattern to 'pattern', and what it stands for to each of the
 * words; depth 0: letters only. */
static void
make_pattern(struct test_rng *rng, char *pattern, struct words *words,
             int depth)
{
    size_t num = 1 + test_below(rng, 3);

    for (size_t i = 0; i < num; i++) {
        struct words *all, before = *words;
        size_t num_choices = 1 + test_below(rng, 2);
        bool may_lack = test_below(rng, 2);

        if (depth == 0 || test_below(rng, 2)) {
            const char *letter = letters[test_below(rng, 4)];

            strcat(pattern, letter);
            for (size_t k = 0; k < words->num; k++)
                strcat(words->at[k], letter);
            continue;
        }
        all = calloc(1, sizeof *all);
        if (may_lack)
            *all = before;
        for (size_t k = 0; k < num_choices; k++) {
            *words = before;
            strcat(pattern, k > 0 ? "|" : may_lack ? "[" : "<");
            make_pattern(rng, pattern, words, depth - 1);
            for (size_t m = 0; m < words->num && all->num < MAX_WORDS; m++)
                strcpy(all->at[all->num++], words->at[m]);
        }
        strcat(pattern, may_lack ? "]" : ">");
        *words = *all;
        free(all);
    }
}

static bool
begins_with_any(const char *text, const struct words *words)
{
    for (size_t i = 0; i < words->num; i++) {
        size_t len = strlen(words->at[i]);

        if (len > 0 && strncmp(text, words->at[i], len) == 0 &&
            (text[len] == '\0' || text[len] == '!'))
            return true;
    }
    return false;
}

static void
test_choices(void)
{
    struct test_rng rng = { test_seed() };
    struct words *words = malloc(sizeof *words);

    for (int i = 0; i < 60; i++) {
        char line[1024] = "X\t^", text[256] = "";
        struct wcp_credits *credits = NULL;
        struct wcp_credit found;

        words->num = 1;
        words->at[0][0] = '\0';
        make_pattern(&rng, line, words, 2);
        if (words->num == MAX_WORDS)
            continue;
        strcat(line, "{stop}");
        if (wcp_credits_new(&wcp_memory_libc, line, strlen(line), "f", &credits,
                            NULL) != WCP_CODE_OK)
            continue;
        for (int k = 0; k < 40; k++) {
            size_t len = test_below(&rng, 8);

            /* Words of the pattern, and words that need not be. */
            text[0] = '\0';
            if (k % 2 == 0)
                strcpy(text, words->at[test_below(&rng, words->num)]);
            else
                for (size_t m = 0; m < len; m++)
                    strcat(text, letters[test_below(&rng, 4)]);
            if (test_below(&rng, 2))
                strcat(text, "!");
            wcp_credits_find(credits, text, strlen(text), &found);
            if (found.has_credit != begins_with_any(text, words))
                fprintf(stderr, "%s: '%s', seed %" PRIu64 "\n", line, text,
                        test_seed());
            CU_ASSERT_EQUAL(found.has_credit, begins_with_any(text, words));
        }
        wcp_credits_free(credits);
    }
    free(words);
}

/* ---- anything ---- */

/* Pieces of what patterns look for, in any order. */
static size_t
make_anything(struct test_rng *rng, char *text, size_t size)
{
    static const char *const pieces[] = {
        "新华社", "据",    "北京",   "1月5日", "电",      "(",    ")",
        "记者",   "来源:", "\n",     " ",      "本报",    "讯",   "[",
        "]",      "AP",    "LONDON", ",",      "March 3", "-",    "Reuters",
        "By ",    "《",    "》",     "报道",   "&nbsp;",  "\x80", "x",
    };
    size_t num = test_below(rng, 200), len = 0;

    for (size_t i = 0; i < num; i++) {
        const char *piece =
            pieces[test_below(rng, sizeof pieces / sizeof *pieces)];

        if (len + strlen(piece) >= size)
            break;
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return len;
}

static void
test_anything(void)
{
    struct test_rng rng = { test_seed() };
    struct wcp_credits *credits = made_table(NULL);

    for (int i = 0; i < 300; i++) {
        char text[4096];
        size_t len = make_anything(&rng, text, sizeof text);
        char *guarded = guarded_copy(text, len);
        struct wcp_credit found;

        wcp_credits_find(credits, guarded, len, &found);
        CU_ASSERT(!found.has_credit ||
                  (found.begin <= found.end && found.end <= len));
        CU_ASSERT(!found.has_dateline ||
                  (found.dateline_begin < found.dateline_end &&
                   found.dateline_end <= len));
        test_guarded_free((uint8_t *)guarded, len);
    }
    wcp_credits_free(credits);
}

/* ---- text with and without wide characters ---- */

/* Pieces of what patterns in Latin letters look for, between words. */
static size_t
make_narrow(struct test_rng *rng, char *text, size_t len)
{
    static const char *const pieces[] = {
        "AP",        "Reuters", "REUTERS", "The Associated Press",
        "LONDON",    "U.N.",    "By ",     "Source:",
        "Copyright", "(c)",     "*",       "(",
        "[",         ")",       "-",       "--",
        ":",         ",",       "\"",      "March 3",
        "2006",      " ",       "  ",      "\n",
        "\r\n",      "\t",      "the ",    "company ",
        "so ",       "Xinhua",  "afp",     "AT&T",
        "\xC3\xA9",  "A",       "Staff",   "\xE2\x80\x9C",
        "\xC2\xA9",  "x",       "Int",     "\x7F",
    };
    const size_t num = sizeof pieces / sizeof *pieces;
    bool ascii = test_below(rng, 2) == 0;
    size_t at = 0;

    memset(text, 'm', len);
    while (at < len) {
        const char *piece = pieces[test_below(rng, num)];
        size_t size = strlen(piece);

        if (ascii && (unsigned char)piece[0] >= 0x80)
            continue;
        memcpy(text + at, piece, size <= len - at ? size : 0);
        at += size + test_below(rng, 3) * test_below(rng, 20);
    }
    return len;
}

static bool
same_credit(const struct wcp_credit *a, const struct wcp_credit *b)
{
    if (a->has_credit != b->has_credit || a->has_dateline != b->has_dateline)
        return false;
    return (!a->has_credit || (a->agency == b->agency && a->begin == b->begin &&
                               a->end == b->end)) &&
           (!a->has_dateline || (a->dateline_begin == b->dateline_begin &&
                                 a->dateline_end == b->dateline_end));
}

/* A Chinese character behind all that is looked at of the beginning, and one
 * in the midst of a long word near the end, change the way that is gone and
 * not what is found. */
static void
test_narrow(void)
{
    enum { HEAD = 4000, LEN = 4600 };
    struct test_rng rng = { test_seed() };
    struct wcp_credits *credits = made_table(NULL);

    for (int i = 0; i < 200; i++) {
        char text[LEN], wide[LEN];
        struct wcp_credit found[2];

        make_narrow(&rng, text, HEAD - 1);
        memset(text + HEAD - 1, 'm', LEN - HEAD + 1);
        make_narrow(&rng, text + LEN - 480, 400);
        memcpy(wide, text, LEN);
        memcpy(wide + HEAD, "中", strlen("中"));
        memcpy(wide + LEN - 40, "中", strlen("中"));
        wcp_credits_find(credits, text, LEN, &found[0]);
        wcp_credits_find(credits, wide, LEN, &found[1]);
        if (!same_credit(&found[0], &found[1]))
            fprintf(stderr, "round %d, seed %" PRIu64 "\n", i, test_seed());
        CU_ASSERT(same_credit(&found[0], &found[1]));
    }
    wcp_credits_free(credits);
}

void
suite_credits(void)
{
    CU_pSuite suite = CU_add_suite("credits", NULL, NULL);

    CU_add_test(suite, "forms in Chinese", test_chinese);
    CU_add_test(suite, "forms in Latin letters", test_english);
    CU_add_test(suite, "the end of a long text", test_places);
    CU_add_test(suite, "lines of the user's own", test_own);
    CU_add_test(suite, "lines that cannot be understood", test_bad_lines);
    CU_add_test(suite, "sources and paths", test_sources);
    CU_add_test(suite, "choices against a list", test_choices);
    CU_add_test(suite, "anything", test_anything);
    CU_add_test(suite, "wide characters or none", test_narrow);
}
