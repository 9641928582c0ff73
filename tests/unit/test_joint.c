/*
 * test_joint.c - where a text is cut so that what is left reads on
 *
 * In the cases < and > stand around the letters that should go.
 */
#include "support.h"

#include "text/text.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

struct marked {
    char text[400];
    size_t len, begin, end;
};

static struct marked
take_marks(const char *from)
{
    struct marked marked = { .len = 0 };

    for (; *from != '\0'; from++) {
        if (*from == '<')
            marked.begin = marked.len;
        else if (*from == '>')
            marked.end = marked.len;
        else
            marked.text[marked.len++] = *from;
    }
    return marked;
}

static void
check(const char *from, const char *want)
{
    struct marked marked = take_marks(from);
    struct wcp_cut_place cut = { .begin = UINT32_MAX };
    struct wcp_folded folded;
    char left[400];
    bool cuts;

    wcp_folded_init(&folded, &wcp_memory_libc);
    CU_ASSERT_FATAL(wcp_fold_with_offsets(&folded, marked.text, marked.len));
    for (uint32_t i = 0; i < folded.num; i++)
        if (folded.begins[i] >= marked.begin && folded.ends[i] <= marked.end) {
            cut.begin = cut.begin == UINT32_MAX ? i : cut.begin;
            cut.end = i + 1;
        }
    CU_ASSERT_FATAL(cut.begin != UINT32_MAX);
    cuts = wcp_cut_joint(&folded, marked.text, marked.len, &cut);
    if (cuts)
        snprintf(left, sizeof left, "%.*s%.*s", (int)cut.bytes[0], marked.text,
                 (int)(marked.len - cut.bytes[1]), marked.text + cut.bytes[1]);
    else
        snprintf(left, sizeof left, "%.*s", (int)marked.len, marked.text);
    if (strcmp(left, want) != 0)
        fprintf(stderr, "%s: '%s', not '%s'\n", from, left, want);
    CU_ASSERT_STRING_EQUAL(left, want);
    wcp_folded_release(&folded);
}

static void
test_space(void)
{
    check("One <two three> four.", "One four.");
    check("One <two>\nthree", "One\nthree");
    check("One\n<two> three", "One\nthree");
    check("One\n\n<two>\n\nthree", "One\n\nthree");
    check("One \n<two>\n\n three", "One\n\n three");
    check("<One> two", "two");
    check(" \n<One> \n two", " \ntwo");
    check("One <two>", "One");
    check("One\n\n<two>\n", "One\n");
    check("One\n<two>\n\n\n", "One\n\n\n");
    check("(<one>) two", "() two");
    check("一，<二三>四", "一，四");
    check("一\n　　<二三>\n　　四", "一\n　　四");
    check("一\u2003<二>\u00A0三", "一\u2003三");
}

static void
test_words(void)
{
    check("inter<national news> at ten", "international at ten");
    check("the <new inter>national", "the international");
    check("inter<nation>al", "international");
    check("do<n't go> now", "don't now");
    check("at 12<,500 crowns> now", "at 12,500 now");
    check("<now at 12>,500 crowns", "12,500 crowns");
    check("<it ends at 1>2.5 here", "12.5 here");
    check("half-<hearted and so> on", "half-hearted on");
    check("end. <Next one>. more", "end. more");
    check("\"<Yes>,\" she said", "\"\" she said");
    check("中<文news>中", "中中");
    check("中文<news in> 2019年", "中文 2019年");
    /* Scripts without spaces: no half words. */
    check("ขะกะตะนะมะยะระละวะสะหะอะขากาตา<"
          "นามายาราลาวาสาหาอาขำกำตำนำมำยำรำลำวำสำหำอำ>ขอ",
          "ขะกะตะนะมะยะระละวะสะหะอะขากาตาขอ");
}

static void
test_endings(void)
{
    check("One. <Two>. Three.", "One. Three.");
    check("One. <Two>?! Three.", "One. Three.");
    check("一。<二三>。四。", "一。四。");
    check("一。“<二三>。”四。", "一。“”四。");
    check("One. <Two>… Three.", "One. Three.");
    check("Un cafe\xCC\x81. <Le cafe>\xCC\x81. Trois.",
          "Un cafe\xCC\x81. Trois.");
    check("一二<三国(guó)四国>(guó)，五", "一二五");
    check("一二<三国四国>(见上)，五", "一二(见上)，五");
    check("一二<三国四国>（……）五", "一二（……）五");
    check("一二<三国四国>(guó", "一二(guó");
}

static void
test_nothing_left_to_take(void)
{
    struct wcp_cut_place cut = { 2, 4, { 0, 0 } };
    struct wcp_folded folded;

    wcp_folded_init(&folded, &wcp_memory_libc);
    CU_ASSERT_FATAL(wcp_fold_with_offsets(&folded, "abcdef", 6));
    CU_ASSERT_FALSE(wcp_cut_joint(&folded, "abcdef", 6, &cut));
    wcp_folded_release(&folded);
}

/* Whatever is cut: bytes at the bounds of characters, no more than what should
 * go but for what is no letter, and no two letters next to each other that
 * were not before, unless one is Han. */
static void
test_random_texts(void)
{
    static const char *const pieces[] = { "a",  "bc", "7",         " ",  "\n",
                                          ". ", ",",  "中",        "文", "。",
                                          "　", "é",  "e\xCC\x81", "!",  "'",
                                          "ﬁ",  "𠀀" };
    struct test_rng rng = { test_seed() };

    for (int round = 0; round < 3000; round++) {
        struct wcp_cut_place cut, was;
        struct wcp_folded folded, left;
        char text[300];
        size_t len = 0;

        for (uint64_t num = 1 + test_below(&rng, 40); num > 0; num--) {
            const char *piece =
                pieces[test_below(&rng, sizeof pieces / sizeof *pieces)];

            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        wcp_folded_init(&folded, &wcp_memory_libc);
        wcp_folded_init(&left, &wcp_memory_libc);
        CU_ASSERT_FATAL(wcp_fold_with_offsets(&folded, text, len));
        if (folded.num > 0) {
            was.begin = (uint32_t)test_below(&rng, folded.num);
            was.end = was.begin + 1 +
                      (uint32_t)test_below(&rng, folded.num - was.begin);
            cut = was;
            if (wcp_cut_joint(&folded, text, len, &cut)) {
                CU_ASSERT(cut.begin >= was.begin && cut.end <= was.end);
                CU_ASSERT(cut.bytes[0] <= folded.begins[cut.begin]);
                CU_ASSERT(cut.bytes[1] >= folded.ends[cut.end - 1]);
                CU_ASSERT(wcp_utf8_valid_prefix(text, cut.bytes[0]) ==
                          cut.bytes[0]);
                memmove(text + cut.bytes[0], text + cut.bytes[1],
                        len - cut.bytes[1]);
                len -= cut.bytes[1] - cut.bytes[0];
                CU_ASSERT(wcp_utf8_valid_prefix(text, len) == len);
                CU_ASSERT_FATAL(wcp_fold(&left, text, len));
                CU_ASSERT_EQUAL(left.num, folded.num - (cut.end - cut.begin));
            }
        }
        wcp_folded_release(&folded);
        wcp_folded_release(&left);
    }
}

void
suite_joint(void)
{
    CU_pSuite suite = CU_add_suite("joint", NULL, NULL);

    CU_ADD_TEST(suite, test_space);
    CU_ADD_TEST(suite, test_words);
    CU_ADD_TEST(suite, test_endings);
    CU_ADD_TEST(suite, test_nothing_left_to_take);
    CU_ADD_TEST(suite, test_random_texts);
}
