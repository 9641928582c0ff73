/*
 * test_relation.c - the verdict on two texts, and what it goes by
 *
 * Texts were made for the test, as papers and agencies write them.
 */
#include "group/slots.h"
#include "oracle_match.h"
#include "passage/passage.h"

#include <stdio.h>
#include <string.h>

/* ---- from shares ---- */

static void
test_names(void)
{
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_ORIGINAL), "original");
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_IDENTICAL), "identical");
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_REPRINT), "reprint");
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_ABRIDGED), "abridged");
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_EXPANDED), "expanded");
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_EMBEDDED), "embedded");
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_EXCERPT), "excerpt");
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_TEMPLATE), "template");
    CU_ASSERT_STRING_EQUAL(wcp_relation_name(WCP_REL_BOILERPLATE),
                           "boilerplate");
}

static void
test_two_shares(void)
{
    CU_ASSERT_EQUAL(wcp_relate(true, 1, 1, .8), WCP_REL_IDENTICAL);
    CU_ASSERT_EQUAL(wcp_relate(true, 0, 0, .8), WCP_REL_IDENTICAL);
    CU_ASSERT_EQUAL(wcp_relate(false, .8, .8, .8), WCP_REL_REPRINT);
    CU_ASSERT_EQUAL(wcp_relate(false, 1, 1, 1), WCP_REL_REPRINT);
    CU_ASSERT_EQUAL(wcp_relate(false, .79, .8, .8), WCP_REL_ABRIDGED);
    CU_ASSERT_EQUAL(wcp_relate(false, .8, .79, .8), WCP_REL_EXPANDED);
    CU_ASSERT_EQUAL(wcp_relate(false, .1, .2, -1), WCP_REL_REPRINT);
}

/* Of 'common' shingles in a copy of 'copy' and an original of 'original'. */
static enum wcp_relation_kind
relation_of(uint32_t common, uint32_t copy, uint32_t original, uint32_t others)
{
    struct wcp_relation_evidence evidence = {
        .threshold = .8,
        .overlap = { common, copy, original },
        .num_other_stories = others,
    };

    return wcp_relation(&evidence);
}

static void
test_shares(void)
{
    struct wcp_relation_evidence same = { .threshold = .8, .same_text = true };

    CU_ASSERT_EQUAL(wcp_relation(&same), WCP_REL_IDENTICAL);
    CU_ASSERT_EQUAL(relation_of(80, 100, 100, 0), WCP_REL_REPRINT);
    CU_ASSERT_EQUAL(relation_of(80, 100, 100, 5), WCP_REL_REPRINT);
    CU_ASSERT_EQUAL(relation_of(80, 100, 101, 0), WCP_REL_ABRIDGED);
    CU_ASSERT_EQUAL(relation_of(80, 101, 100, 0), WCP_REL_EXPANDED);
    CU_ASSERT_EQUAL(relation_of(80, 101, 100, 1), WCP_REL_EMBEDDED);
    CU_ASSERT_EQUAL(relation_of(79, 100, 100, 1), WCP_REL_EXCERPT);
    CU_ASSERT_EQUAL(relation_of(0, 0, 0, 0), WCP_REL_EXCERPT);
    CU_ASSERT_EQUAL(WCP_REL_COPIES & WCP_REL_BIT(WCP_REL_TEMPLATE), 0);
    CU_ASSERT_EQUAL(WCP_REL_COPIES & WCP_REL_BIT(WCP_REL_BOILERPLATE), 0);
    CU_ASSERT_EQUAL(WCP_REL_COPIES & WCP_REL_BIT(WCP_REL_EXCERPT), 0);
}

static void
test_strangers(void)
{
    struct wcp_relation_evidence evidence = { .threshold = .8,
                                              .overlap = { 90, 100, 100 } };

    evidence.num_strangers = 1;
    CU_ASSERT_EQUAL(wcp_relation(&evidence), WCP_REL_REPRINT);
    evidence.num_strangers = 2;
    CU_ASSERT_EQUAL(wcp_relation(&evidence), WCP_REL_BOILERPLATE);
    evidence.overlap.common = 10;
    CU_ASSERT_EQUAL(wcp_relation(&evidence), WCP_REL_EXCERPT);
    evidence.same_text = true;
    CU_ASSERT_EQUAL(wcp_relation(&evidence), WCP_REL_IDENTICAL);
}

/* ---- from texts ---- */

static void
fold_text(struct wcp_folded *folded, const char *text)
{
    wcp_folded_init(folded, &wcp_memory_libc);
    CU_ASSERT_FATAL(wcp_fold(folded, text, strlen(text)));
}

/* The verdict on texts that are nearly all in common. */
static enum wcp_relation_kind
verdict(const char *a, const char *b)
{
    struct wcp_relation_evidence evidence = { .threshold = .8,
                                              .overlap = { 90, 100, 100 } };
    struct wcp_folded folded[2];
    struct wcp_slots again;

    fold_text(&folded[0], a);
    fold_text(&folded[1], b);
    CU_ASSERT_EQUAL(wcp_slots_find(&evidence.slots, &wcp_memory_libc,
                                   &folded[0], &folded[1], NULL),
                    WCP_CODE_OK);
    CU_ASSERT_EQUAL(
        wcp_slots_find(&again, &wcp_memory_libc, &folded[1], &folded[0], NULL),
        WCP_CODE_OK);
    CU_ASSERT_EQUAL(again.num_figures, evidence.slots.num_figures);
    CU_ASSERT_EQUAL(again.num_inserted, evidence.slots.num_inserted);
    CU_ASSERT_EQUAL(again.replaced, evidence.slots.replaced);
    wcp_folded_release(&folded[0]);
    wcp_folded_release(&folded[1]);
    return wcp_relation(&evidence);
}

static void
test_forms(void)
{
    CU_ASSERT_EQUAL(
        verdict("Harbour master's notice. High water at the old quay on 3 June "
                "is at 0415 and 1640, of 5.2 and 5.4 metres; the lock is open "
                "for two hours before and after it.",
                "Harbour master's notice. High water at the old quay on 4 June "
                "is at 0507 and 1732, of 5.1 and 5.3 metres; the lock is open "
                "for two hours before and after it."),
        WCP_REL_TEMPLATE);
    CU_ASSERT_EQUAL(
        verdict(
            "截至六月三日二十四时，澜汀市累计接种三百一十二人，当日无人就诊。"
            "接种点周末照常开放，市民凭证件领取号码。",
            "截至六月五日二十四时，澜汀市累计接种三百四十九人，当日无人就诊。"
            "接种点周末照常开放，市民凭证件领取号码。"),
        WCP_REL_TEMPLATE);
    /* One figure, and the text is short. */
    CU_ASSERT_EQUAL(verdict("北屿社简讯：北屿港12日无新增滞留旅客，候船大厅"
                            "秩序正常，轮渡公司照常售票。",
                            "北屿社简讯：北屿港14日无新增滞留旅客，候船大厅"
                            "秩序正常，轮渡公司照常售票。"),
                    WCP_REL_TEMPLATE);
    /* A word more besides. */
    CU_ASSERT_EQUAL(verdict("北屿社简讯：北屿港12日无新增滞留旅客，候船大厅"
                            "秩序正常，轮渡公司照常售票。",
                            "北屿社简讯：北屿港14日无新增滞留旅客，各候船大厅"
                            "秩序正常，轮渡公司今天照常售票。"),
                    WCP_REL_TEMPLATE);
}

/* Long forms have many names between few figures. */
static void
test_long_forms(void)
{
    struct wcp_relation_evidence evidence = {
        .threshold = .8,
        .overlap = { 90, 100, 100 },
        .slots = { .known = true,
                   .num_figures = 5,
                   .num_words = 15,
                   .num_inserted = 3,
                   .frame = 12000,
                   .replaced = 2000,
                   .inserted = 60 },
    };

    CU_ASSERT_EQUAL(wcp_relation(&evidence), WCP_REL_TEMPLATE);
    evidence.slots.num_words = 14;
    CU_ASSERT_EQUAL(wcp_relation(&evidence), WCP_REL_REPRINT);
    evidence.slots.num_words = 20;
    evidence.slots.num_figures = 4;
    CU_ASSERT_EQUAL(wcp_relation(&evidence), WCP_REL_REPRINT);
}

/* Numbers and days in words. */
static void
test_english_numbers(void)
{
    CU_ASSERT_EQUAL(
        verdict("Five grain ships were loading and three waiting at the old "
                "quay, the harbour master of Dunvale said.",
                "Six grain ships were loading and two waiting at the old "
                "quay, the harbour master of Dunvale said."),
        WCP_REL_TEMPLATE);
    CU_ASSERT_EQUAL(
        verdict("The levy on barley stays as it was in the week that ends on "
                "March 14, the Corvane exchange said in a notice to members.",
                "The levy on barley stays as it was in the week that ends on "
                "May 30, the Corvane exchange said in a notice to members."),
        WCP_REL_TEMPLATE);
    CU_ASSERT_EQUAL(
        verdict("The Corvane bank lent ten mills one million crowns each and "
                "took their looms for a pledge, it said.",
                "The Corvane bank lent 10 mills 1 million crowns each and "
                "took their looms for a pledge, it said."),
        WCP_REL_REPRINT);
    CU_ASSERT_EQUAL(
        verdict("The ferry company on Friday ordered new rudders for all its "
                "boats, which is what the crews had asked for since spring.",
                "The ferry company yesterday ordered new rudders for all its "
                "boats, that is what the crews had asked for since spring."),
        WCP_REL_REPRINT);
}

static void
test_corrections(void)
{
    CU_ASSERT_EQUAL(
        verdict("The mill at Selwick will close in March with the loss of 65 "
                "jobs, its owners said on Tuesday. Weaving began there in the "
                "year of the great flood.",
                "The mill at Selwick will close in March with the loss of 81 "
                "jobs, its owners said on Tuesday. Weaving began there in the "
                "year of the great flood. (Corrects the number of jobs in the "
                "first paragraph.)"),
        WCP_REL_REPRINT);
    /* The same figure, written otherwise. */
    CU_ASSERT_EQUAL(verdict("澜汀电 澜汀图书馆昨日重新开放，首日接待读者"
                            "一千二百人，新书架上有三万册图书。",
                            "澜汀电 澜汀图书馆昨日重新开放，首日接待读者"
                            "1200人，新书架上有30000册图书。"),
                    WCP_REL_REPRINT);
}

static void
test_edits(void)
{
    /* Another dateline, a cut, other words. */
    CU_ASSERT_EQUAL(
        verdict("HARROWMERE, Nov 6 - The ferry was taken out of service after "
                "its rudder broke off Heron Point, and passengers were landed "
                "by fishing boats. No one was hurt, the harbour master said.",
                "DUNVALE, Nov 7 - A ferry was taken out of service after its "
                "rudder broke off Heron Point, and all passengers were landed "
                "by fishing boats. No one was hurt."),
        WCP_REL_REPRINT);
    CU_ASSERT_EQUAL(verdict("", "Text that nothing has in common with none."),
                    WCP_REL_REPRINT);
    CU_ASSERT_EQUAL(verdict("", ""), WCP_REL_REPRINT);
}

/* A long report of which two figures were put right stays one. */
static void
test_long_text(void)
{
    enum { NUM_WORDS = 900 };
    static char texts[2][12 * NUM_WORDS];
    struct test_rng rng = made_rng(7100);
    size_t at = 0;

    for (int i = 0; i < NUM_WORDS; i++) {
        const uint64_t word = test_random(&rng);
        const bool figure = i == 100 || i == 700;

        for (int k = 0; k < 2; k++)
            snprintf(texts[k] + at, 12,
                     figure ? (k == 0 ? "117 " : "225 ") : "%c%c%c%c%c%c ",
                     (int)('a' + word % 26), (int)('a' + word / 26 % 26),
                     (int)('a' + word / 676 % 26),
                     (int)('a' + word / 17576 % 26),
                     (int)('a' + word / 456976 % 26),
                     (int)('a' + word / 11881376 % 26));
        at += strlen(texts[0] + at);
    }
    CU_ASSERT_EQUAL(verdict(texts[0], texts[1]), WCP_REL_REPRINT);
}

/* ---- counts ---- */

/* Han characters of no numerals, each kind of gap from a range of its own, so
 * that texts differ where they were made to. */
static void
add_frame(struct wcp_folded *sides, struct test_rng *rng, uint64_t *weight)
{
    size_t num = 20 + test_below(rng, 30);

    for (size_t i = 0; i < num; i++) {
        uint16_t u = (uint16_t)(0x6000 + test_below(rng, 0x1000));

        for (int k = 0; k < 2; k++)
            sides[k].units[sides[k].num++] = u;
    }
    *weight += num * WCP_WEIGHT_HAN;
}

static void
add_run(struct wcp_folded *side, uint16_t from, size_t num)
{
    for (size_t i = 0; i < num; i++)
        side->units[side->num++] = (uint16_t)(from + i);
}

static void
add_gap(struct wcp_folded *sides, struct test_rng *rng, struct wcp_slots *want)
{
    size_t num = 1 + test_below(rng, 6);

    switch (test_below(rng, 4)) {
    case 0:
        add_run(&sides[0], '0', num < 4 ? num : 4);
        add_run(&sides[1], '5', num < 4 ? num : 4);
        want->num_figures++;
        /* Digits among digits count like Han characters. */
        break;
    case 1:
        add_run(&sides[0], 0x7100, num);
        add_run(&sides[1], 0x7200, num);
        want->num_words++;
        break;
    case 2:
        add_run(&sides[0], 0x7300, num + 20);
        add_run(&sides[1], 0x7400, num);
        want->num_passages++;
        break;
    default:
        add_run(&sides[test_below(rng, 2)], 0x7500, num);
        want->num_inserted++;
        want->inserted += num * WCP_WEIGHT_HAN;
        break;
    }
}

/* Whatever is called a form has as many exchanged figures as are asked for
 * before texts are aligned. */
static void
test_least_figures(void)
{
    size_t num_forms = 0;

    for (uint64_t number = 7400; number < 17400; number++) {
        struct test_rng rng = made_rng(number);
        const uint64_t most = UINT64_C(1) << (4 + test_below(&rng, 14));
        const struct wcp_relation_evidence evidence = {
            .threshold = .8,
            .overlap = { 90, 100, 100 },
            .slots = { .known = true,
                       .num_figures = (uint32_t)test_below(&rng, 40),
                       .num_words = (uint32_t)test_below(&rng, 20),
                       .num_inserted = (uint32_t)test_below(&rng, 20),
                       .frame = test_below(&rng, most),
                       .replaced = test_below(&rng, most),
                       .inserted = test_below(&rng, most) },
        };
        const struct wcp_slots *slots = &evidence.slots;
        /* The frame is in both, the rest in either. */
        const uint64_t own = slots->replaced + slots->inserted;
        const uint64_t x = test_below(&rng, own + 1);
        const uint32_t least =
            wcp_least_figures(slots->frame + x, slots->frame + own - x);

        if (wcp_relation(&evidence) != WCP_REL_TEMPLATE)
            continue;
        MADE_CHECK(slots->num_figures >= least, number);
        num_forms++;
    }
    CU_ASSERT(num_forms > 100);
}

static bool
figures_follow(const struct wcp_folded sides[2])
{
    struct wcp_figures figures[2] = { { 0 }, { 0 } };
    struct wcp_figure_reader *reader = wcp_figure_reader_new(&wcp_memory_libc);
    bool found;

    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_FATAL(wcp_figures_read(&figures[i], reader, &sides[i]));
    found = wcp_figures_follow(&figures[0], &figures[1]);
    for (int i = 0; i < 2; i++)
        wcp_array_release(&wcp_memory_libc, &figures[i]);
    wcp_figure_reader_free(reader);
    return found;
}

static void
test_counts(void)
{
    static uint16_t units[2][4096];

    for (uint64_t number = 7200; number < 7300; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_folded sides[2] = { { .units = units[0] },
                                       { .units = units[1] } };
        struct wcp_slots want = { 0 }, slots, again;
        size_t num_gaps = test_below(&rng, 20);

        add_frame(sides, &rng, &want.frame);
        for (size_t i = 0; i < num_gaps; i++) {
            add_gap(sides, &rng, &want);
            add_frame(sides, &rng, &want.frame);
        }
        CU_ASSERT_FATAL(wcp_slots_find(&slots, &wcp_memory_libc, &sides[0],
                                       &sides[1], NULL) == WCP_CODE_OK);
        MADE_CHECK(slots.known && slots.num_figures == want.num_figures &&
                       slots.num_words == want.num_words &&
                       slots.num_passages == want.num_passages &&
                       slots.num_inserted == want.num_inserted &&
                       slots.inserted == want.inserted &&
                       slots.frame == want.frame,
                   number);
        CU_ASSERT_FATAL(wcp_slots_weigh(&again, &wcp_memory_libc, &sides[1],
                                        &sides[0], NULL) == WCP_CODE_OK);
        MADE_CHECK(again.frame == slots.frame &&
                       again.replaced == slots.replaced &&
                       again.inserted == slots.inserted &&
                       again.num_figures == slots.num_figures &&
                       again.num_words == slots.num_words &&
                       again.num_passages == slots.num_passages,
                   number);
        /* Where a figure is exchanged, an alignment is asked for. */
        MADE_CHECK(slots.num_figures == 0 || !figures_follow(sides), number);
    }
}

void
suite_relation(void)
{
    CU_pSuite suite = CU_add_suite("relation", NULL, NULL);

    CU_add_test(suite, "names", test_names);
    CU_add_test(suite, "two shares", test_two_shares);
    CU_add_test(suite, "shares", test_shares);
    CU_add_test(suite, "strangers", test_strangers);
    CU_add_test(suite, "forms", test_forms);
    CU_add_test(suite, "long forms", test_long_forms);
    CU_add_test(suite, "numbers in words", test_english_numbers);
    CU_add_test(suite, "least figures", test_least_figures);
    CU_add_test(suite, "corrections", test_corrections);
    CU_add_test(suite, "edits", test_edits);
    CU_add_test(suite, "a long text", test_long_text);
    CU_add_test(suite, "counts", test_counts);
}
