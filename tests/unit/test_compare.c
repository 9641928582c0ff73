/*
 * test_compare.c - two texts side by side against what runs promise
 *
 * Where runs begin is the program's choice; what they say is checked letter by
 * letter: they tile both texts, what is in both is the same, those in order
 * ascend, and what is only in one holds no long run that the other has too.
 */
#include "group/compare.h"
#include "oracle_match.h"

#include <stdlib.h>
#include <string.h>

static const struct wcp_compare_settings usual = { 0, WCP_SIG_MINHASH, false,
                                                   .3 };

/* A folded text with its offsets, and who has which unit. */
struct checked {
    struct wcp_folded folded;
    uint8_t *owner; /* runs that hold the unit */
    uint8_t *alone; /* 1: a run of this text only */
};

static void
checked_init(struct checked *checked, struct wcp_string text)
{
    wcp_folded_init(&checked->folded, &wcp_memory_libc);
    CU_ASSERT_FATAL(
        wcp_fold_with_offsets(&checked->folded, text.data, text.len));
    checked->owner = calloc(checked->folded.num + 1, 1);
    checked->alone = calloc(checked->folded.num + 1, 1);
    CU_ASSERT_FATAL(checked->owner != NULL && checked->alone != NULL);
}

static void
checked_release(struct checked *checked)
{
    wcp_folded_release(&checked->folded);
    free(checked->owner);
    free(checked->alone);
}

/* Units begin .. end of the run that goes from byte to byte.  (Texts here
 * have one unit or two for a character, never two characters for a unit.) */
static size_t
units_of(const struct checked *checked, uint32_t begin, uint32_t end,
         size_t *first_ret)
{
    const struct wcp_folded *folded = &checked->folded;
    size_t first = 0, num = 0;

    while (first < folded->num && folded->begins[first] < begin)
        first++;
    while (first + num < folded->num && folded->ends[first + num] <= end)
        num++;
    *first_ret = first;
    return num;
}

/* Units of the run from i on that is long enough to be found: 8 Han characters
 * or 20 letters. */
static size_t
window_at(const struct wcp_folded *folded, size_t i)
{
    unsigned weight = 0;
    size_t len = 0;

    while (weight < 40 && i + len < folded->num)
        weight += wcp_unit_is_east_asian(folded->units[i + len++]) ? 5 : 2;
    return weight >= 40 ? len : 0;
}

static bool
contains(const struct wcp_folded *in, const uint16_t *units, size_t num)
{
    for (size_t i = 0; i + num <= in->num; i++)
        if (memcmp(in->units + i, units, num * sizeof *units) == 0)
            return true;
    return false;
}

static bool
holds_shared_window(const struct checked *x, const struct checked *y)
{
    for (size_t i = 0; i < x->folded.num; i++) {
        size_t len = window_at(&x->folded, i), k = 0;

        while (k < len && x->alone[i + k])
            k++;
        if (len > 0 && k == len &&
            contains(&y->folded, x->folded.units + i, len))
            return true;
    }
    return false;
}

static void
take_run(struct checked *checked, uint32_t begin, uint32_t end, bool alone,
         uint64_t number)
{
    size_t first, num = units_of(checked, begin, end, &first);

    MADE_CHECK(num > 0 && begin < end, number);
    for (size_t i = first; i < first + num; i++) {
        checked->owner[i]++;
        checked->alone[i] = alone;
    }
}

static void
check_run(struct checked sides[2], const struct wcp_text_run *run,
          uint64_t number)
{
    size_t first[2], num[2];

    if (run->in == WCP_RUN_A) {
        take_run(&sides[0], run->a_begin, run->a_end, true, number);
        MADE_CHECK(run->b_begin == 0 && run->b_end == 0, number);
        return;
    }
    if (run->in == WCP_RUN_B) {
        take_run(&sides[1], run->b_begin, run->b_end, true, number);
        MADE_CHECK(run->a_begin == 0 && run->a_end == 0, number);
        return;
    }
    num[0] = units_of(&sides[0], run->a_begin, run->a_end, &first[0]);
    num[1] = units_of(&sides[1], run->b_begin, run->b_end, &first[1]);
    MADE_CHECK(num[0] == num[1] && num[0] > 0, number);
    MADE_CHECK(num[0] == num[1] && memcmp(sides[0].folded.units + first[0],
                                          sides[1].folded.units + first[1],
                                          num[0] * sizeof(uint16_t)) == 0,
               number);
    if (run->in != WCP_RUN_B_AGAIN)
        take_run(&sides[0], run->a_begin, run->a_end, false, number);
    if (run->in != WCP_RUN_A_AGAIN)
        take_run(&sides[1], run->b_begin, run->b_end, false, number);
    MADE_CHECK((run->piece > 0) == (run->in != WCP_RUN_BOTH), number);
}

static void
check_order(const struct wcp_side_by_side *result, uint64_t number)
{
    uint32_t a_end = 0, b_end = 0;

    for (size_t i = 0; i < result->runs.num; i++) {
        const struct wcp_text_run *run = &result->runs.at[i];

        if (run->in != WCP_RUN_B && run->in != WCP_RUN_B_AGAIN) {
            MADE_CHECK(run->a_begin >= a_end, number);
            a_end = run->a_end;
        }
        if (run->in == WCP_RUN_BOTH || run->in == WCP_RUN_B ||
            run->in == WCP_RUN_B_AGAIN) {
            MADE_CHECK(run->b_begin >= b_end, number);
            b_end = run->b_end;
        }
    }
}

/* Runs that are cut behind sentences make up those that are not: the next one
 * of a run begins behind the last. */
static void
check_sentences(const struct wcp_side_by_side *whole,
                const struct wcp_string texts[2], uint64_t number)
{
    const struct wcp_compare_settings settings = { 0, WCP_SIG_MINHASH, true,
                                                   .3 };
    struct wcp_side_by_side cut;
    size_t k = 0;

    CU_ASSERT_EQUAL_FATAL(
        wcp_compare_texts(&cut, &wcp_memory_libc, texts, &settings, NULL),
        WCP_CODE_OK);
    for (size_t i = 0; i < whole->runs.num; i++) {
        const struct wcp_text_run *run = &whole->runs.at[i], *part = NULL;
        uint32_t length = 0, a = run->a_begin, b = run->b_begin;

        while (k < cut.runs.num && length < run->length) {
            part = &cut.runs.at[k++];
            MADE_CHECK(part->in == run->in && part->piece == run->piece,
                       number);
            MADE_CHECK(part->a_begin >= a && part->b_begin >= b, number);
            a = part->a_end;
            b = part->b_end;
            length += part->length;
            MADE_CHECK(length == run->length || part->ends_sentence, number);
        }
        MADE_CHECK(length == run->length && part != NULL, number);
        MADE_CHECK(a == run->a_end && b == run->b_end, number);
        MADE_CHECK(part == NULL || part->ends_sentence || !run->ends_sentence,
                   number);
    }
    MADE_CHECK(k == cut.runs.num, number);
    wcp_side_by_side_release(&cut);
}

/* What a text repeats every few characters may be missed. */
static void
check_pair(struct wcp_string a, struct wcp_string b, bool repetitive,
           uint64_t number)
{
    const struct wcp_string texts[2] = { a, b };
    struct wcp_side_by_side result;
    struct checked sides[2];

    CU_ASSERT_EQUAL_FATAL(
        wcp_compare_texts(&result, &wcp_memory_libc, texts, &usual, NULL),
        WCP_CODE_OK);
    checked_init(&sides[0], a);
    checked_init(&sides[1], b);
    for (size_t i = 0; i < result.runs.num; i++)
        check_run(sides, &result.runs.at[i], number);
    check_order(&result, number);
    check_sentences(&result, texts, number);
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < sides[side].folded.num; i++)
            MADE_CHECK(sides[side].owner[i] == 1, number);
    if (!repetitive) {
        MADE_CHECK(!holds_shared_window(&sides[0], &sides[1]), number);
        MADE_CHECK(!holds_shared_window(&sides[1], &sides[0]), number);
    }
    checked_release(&sides[0]);
    checked_release(&sides[1]);
    wcp_side_by_side_release(&result);
}

static struct wcp_string
string_of(const char *text)
{
    return (struct wcp_string){ text, strlen(text) };
}

/* ---- random texts ---- */

static void
test_edited(void)
{
    static const size_t sizes[] = { 0, 1, 4, 5, 7, 8, 9, 40, 300, 900 };
    static const unsigned edits[] = { 0, 5, 30, 200, 1000 };

    for (uint64_t number = 0; number < 200; number++) {
        struct test_rng rng = made_rng(number);
        struct made_text a = { 0 }, b = { 0 };
        char *utf8_a, *utf8_b;

        made_text_random(&a, &rng,
                         number % 2 == 0 ? MADE_ENGLISH : MADE_CHINESE,
                         sizes[number % 10]);
        made_text_copy(&b, &a);
        made_text_edit(&b, &rng, edits[number / 10 % 5]);
        utf8_a = made_text_utf8(&a);
        utf8_b = made_text_utf8(&b);
        check_pair(string_of(utf8_a), string_of(utf8_b), false, number);
        free(utf8_a);
        free(utf8_b);
        made_text_release(&a);
        made_text_release(&b);
    }
}

/* Few different letters, some of two units, so that all repeats itself. */
static void
test_repetitive(void)
{
    static const char *const letters[] = { "a",  "b",  "一", "丁",
                                           "𠀀", "𠀁", " ",  "。" };

    for (uint64_t number = 0; number < 300; number++) {
        struct test_rng rng = made_rng(number);
        char texts[2][600] = { "", "" };
        size_t kinds = 1 + test_below(&rng, 8);

        for (int side = 0; side < 2; side++) {
            size_t num = test_below(&rng, 100);

            for (size_t i = 0; i < num; i++)
                strcat(texts[side], letters[test_below(&rng, kinds)]);
        }
        check_pair(string_of(texts[0]), string_of(texts[1]), true, number);
    }
}

/* ---- chosen texts ---- */

static void
compare_strings(struct wcp_side_by_side *result, const char *a, const char *b)
{
    const struct wcp_string texts[2] = { string_of(a), string_of(b) };

    CU_ASSERT_EQUAL_FATAL(
        wcp_compare_texts(result, &wcp_memory_libc, texts, &usual, NULL),
        WCP_CODE_OK);
}

static void
expect_run(const struct wcp_side_by_side *result, size_t i,
           enum wcp_run_kind in, uint32_t length)
{
    CU_ASSERT_FATAL(i < result->runs.num);
    CU_ASSERT_EQUAL(result->runs.at[i].in, in);
    CU_ASSERT_EQUAL(result->runs.at[i].length, length);
}

/* What both begin and end with is found even if it only repeats itself. */
static void
test_monotonous(void)
{
    struct wcp_side_by_side result;

    compare_strings(&result, "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈",
                    "哈哈哈哈哈哈哈哈哈哈哈水哈哈哈哈哈哈哈哈哈");
    CU_ASSERT_EQUAL(result.runs.num, 3);
    expect_run(&result, 0, WCP_RUN_BOTH, 11);
    expect_run(&result, 1, WCP_RUN_B, 1);
    expect_run(&result, 2, WCP_RUN_BOTH, 9);
    wcp_side_by_side_release(&result);
}

static void
test_inserted(void)
{
    struct wcp_side_by_side result;

    compare_strings(&result, "渡轮码头明天关闭。旧桥后天开放。",
                    "渡轮码头明天关闭。版权所有！旧桥后天开放。");
    CU_ASSERT_EQUAL(result.runs.num, 3);
    expect_run(&result, 0, WCP_RUN_BOTH, 8);
    expect_run(&result, 1, WCP_RUN_B, 4);
    expect_run(&result, 2, WCP_RUN_BOTH, 6);
    CU_ASSERT_EQUAL(result.runs.at[1].b_begin, 27);
    CU_ASSERT_EQUAL(result.runs.at[1].b_end, 39);
    CU_ASSERT_EQUAL(result.runs.at[2].a_begin, 27);
    CU_ASSERT_EQUAL(result.runs.at[2].b_begin, 42);
    CU_ASSERT_EQUAL(result.likeness.a_length, 14);
    CU_ASSERT_EQUAL(result.likeness.b_length, 18);
    CU_ASSERT(!result.likeness.same_text);
    wcp_side_by_side_release(&result);
}

static void
test_replaced(void)
{
    struct wcp_side_by_side result;

    compare_strings(&result, "the quick brown fox jumped over it",
                    "the quick brown cat jumped over it");
    CU_ASSERT_EQUAL(result.runs.num, 4);
    expect_run(&result, 0, WCP_RUN_BOTH, 13);
    expect_run(&result, 1, WCP_RUN_A, 3);
    expect_run(&result, 2, WCP_RUN_B, 3);
    expect_run(&result, 3, WCP_RUN_BOTH, 12);
    wcp_side_by_side_release(&result);
}

#define STORY "the quick brown fox jumped over it"
#define OTHER "a heron stood still in the shallow water"

static void
test_moved_and_repeated(void)
{
    struct wcp_side_by_side result;

    compare_strings(&result, STORY " " OTHER, OTHER " " STORY);
    CU_ASSERT_EQUAL(result.runs.num, 2);
    expect_run(&result, 0, WCP_RUN_MOVED, 28);
    expect_run(&result, 1, WCP_RUN_BOTH, 33);
    CU_ASSERT_EQUAL(result.runs.at[0].piece, 1);
    CU_ASSERT_EQUAL(result.runs.at[0].b_begin, strlen(OTHER) + 1);
    CU_ASSERT_EQUAL(result.runs.at[1].b_begin, 0);
    wcp_side_by_side_release(&result);

    compare_strings(&result, STORY, STORY ". " STORY);
    CU_ASSERT_EQUAL(result.runs.num, 2);
    expect_run(&result, 0, WCP_RUN_BOTH, 28);
    expect_run(&result, 1, WCP_RUN_B_AGAIN, 28);
    CU_ASSERT_EQUAL(result.runs.at[1].a_end, strlen(STORY));
    CU_ASSERT_EQUAL(result.runs.at[1].b_begin, strlen(STORY) + 2);
    wcp_side_by_side_release(&result);

    compare_strings(&result, STORY ". " STORY, STORY);
    CU_ASSERT_EQUAL(result.runs.num, 2);
    expect_run(&result, 0, WCP_RUN_BOTH, 28);
    expect_run(&result, 1, WCP_RUN_A_AGAIN, 28);
    wcp_side_by_side_release(&result);
}

/* Paragraphs in any order, some left out, some twice, others between. */
static void
test_shuffled(void)
{
    for (uint64_t number = 0; number < 100; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_buffer texts[2];
        char *parts[8];

        for (size_t i = 0; i < 8; i++) {
            struct made_text part = { 0 };

            made_text_random(&part, &rng,
                             number % 2 == 0 ? MADE_ENGLISH : MADE_CHINESE,
                             40 + test_below(&rng, 200));
            parts[i] = made_text_utf8(&part);
            made_text_release(&part);
        }
        for (int side = 0; side < 2; side++) {
            wcp_buffer_init(&texts[side], &wcp_memory_libc, 0);
            for (size_t i = 0; i < 6; i++) {
                const char *part = parts[test_below(&rng, 8)];

                CU_ASSERT_FATAL(
                    wcp_buffer_append(&texts[side], part, strlen(part)));
            }
        }
        check_pair((struct wcp_string){ (char *)texts[0].data, texts[0].len },
                   (struct wcp_string){ (char *)texts[1].data, texts[1].len },
                   false, number);
        for (size_t i = 0; i < 8; i++)
            free(parts[i]);
        wcp_buffer_release(&texts[0]);
        wcp_buffer_release(&texts[1]);
    }
}

static void
test_same_and_empty(void)
{
    struct wcp_side_by_side result;

    compare_strings(&result, "瀾汀大橋", "澜汀 大桥!");
    CU_ASSERT(result.likeness.same_text);
    CU_ASSERT_EQUAL(result.runs.num, 1);
    expect_run(&result, 0, WCP_RUN_BOTH, 4);
    CU_ASSERT_EQUAL(result.likeness.overlap.common, 1);
    CU_ASSERT_EQUAL(result.likeness.equal_values, 128);
    CU_ASSERT_EQUAL(result.likeness.simhash_distance, 0);
    wcp_side_by_side_release(&result);

    compare_strings(&result, "", "...");
    CU_ASSERT(!result.likeness.same_text);
    CU_ASSERT_EQUAL(result.runs.num, 0);
    CU_ASSERT_EQUAL(result.likeness.overlap.size_a, 0);
    wcp_side_by_side_release(&result);

    compare_strings(&result, "abc", "");
    CU_ASSERT_EQUAL(result.runs.num, 1);
    expect_run(&result, 0, WCP_RUN_A, 3);
    wcp_side_by_side_release(&result);

    compare_strings(&result, "abc", "abd");
    CU_ASSERT_EQUAL(result.runs.num, 2);
    expect_run(&result, 0, WCP_RUN_A, 3);
    expect_run(&result, 1, WCP_RUN_B, 3);
    wcp_side_by_side_release(&result);
}

static void
test_no_memory(void)
{
    const struct wcp_string texts[2] = {
        string_of("the quick brown fox jumped over it; the quick brown fox"),
        string_of("over it the quick brown cat jumped"),
    };
    bool done = false;

    for (uint64_t n = 1; !done && n < 5000; n++) {
        struct made_memory memory;
        struct wcp_side_by_side result = { 0 };
        enum wcp_code code;

        made_memory_init(&memory);
        made_memory_arm(&memory, n, false);
        code = wcp_compare_texts(&result, &memory.memory, texts, &usual, NULL);
        done = memory.num_failed == 0;
        MADE_CHECK(code == (done ? WCP_CODE_OK : WCP_CODE_NO_MEMORY), n);
        made_memory_arm(&memory, 0, false);
        wcp_side_by_side_release(&result);
        MADE_CHECK(memory.live == 0 && !memory.wrong_size, n);
    }
    CU_ASSERT(done);
}

void
suite_compare(void)
{
    CU_pSuite suite = CU_add_suite("compare", NULL, NULL);

    CU_add_test(suite, "edited texts", test_edited);
    CU_add_test(suite, "repetitive texts", test_repetitive);
    CU_add_test(suite, "shuffled texts", test_shuffled);
    CU_add_test(suite, "monotonous", test_monotonous);
    CU_add_test(suite, "inserted", test_inserted);
    CU_add_test(suite, "replaced", test_replaced);
    CU_add_test(suite, "moved and repeated", test_moved_and_repeated);
    CU_add_test(suite, "the same and empty", test_same_and_empty);
    CU_add_test(suite, "no memory", test_no_memory);
}
