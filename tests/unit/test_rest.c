/*
 * test_rest.c - what a page holds besides a story, against a naive count
 */
#include "group/rest.h"

#include "made_corpus.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

enum { MAX_PARAGRAPHS = 12, MAX_BYTES = 1 << 14 };

/* A page, its paragraphs one by one, and which of them are the story's. */
struct page {
    char text[MAX_BYTES], story[MAX_BYTES];
    struct wcp_folded paragraphs[MAX_PARAGRAPHS];
    size_t num;
};

static void
fold_string(struct wcp_folded *folded, const char *text)
{
    wcp_folded_init(folded, &wcp_memory_libc);
    CU_ASSERT_FATAL(wcp_fold_with_offsets(folded, text, strlen(text)));
}

/* Words of a few, so that some windows are the same by chance; lines are
 * broken where no sentence ends. */
static void
make_paragraph(struct test_rng *rng, char *to)
{
    static const char *const words[] = { "alder", "birch",  "cedar",   "elm",
                                         "ferns", "gorse",  "hazel",   "ivy",
                                         "larch", "mallow", "nettles", "oak" };
    static const char *const signs[] = { "\xE4\xB8\x80", "\xE4\xBA\xBA",
                                         "\xE5\xB1\xB1", "\xE6\xB0\xB4",
                                         "\xE6\x9C\x88", "\xE6\x97\xA5" };
    const bool is_chinese = test_below(rng, 2) == 0;
    const size_t num = 3 + test_below(rng, 40);

    *to = '\0';
    for (size_t i = 0; i < num; i++) {
        strcat(to, is_chinese ? signs[test_below(rng, 6)]
                              : words[test_below(rng, 12)]);
        if (i + 1 < num)
            strcat(to, test_below(rng, 9) == 0 ? "\n" : is_chinese ? "" : " ");
    }
    strcat(to, is_chinese ? "\xE3\x80\x82" : ".");
}

static void
make_page(struct page *page, struct test_rng *rng)
{
    const size_t first = test_below(rng, 4), most = 1 + test_below(rng, 5);

    page->text[0] = page->story[0] = '\0';
    page->num = first + most + test_below(rng, 4);
    for (size_t i = 0; i < page->num; i++) {
        char text[1024];

        make_paragraph(rng, text);
        fold_string(&page->paragraphs[i], text);
        strcat(page->text, text);
        strcat(page->text, test_below(rng, 2) == 0 ? "\n" : "  \n\n");
        if (i >= first && i < first + most && test_below(rng, 8) > 0)
            strcat(page->story, text);
    }
}

static size_t
window_length(const struct wcp_folded *text, size_t at)
{
    return wcp_unit_is_east_asian(text->units[at]) ? 3 : 8;
}

/* Whether a window stands in a text, as one of its windows. */
static bool
has_window(const struct wcp_folded *text, const uint16_t *units, size_t num)
{
    for (size_t i = 0; i + num <= text->num; i++)
        if (memcmp(&text->units[i], units, num * sizeof *units) == 0)
            return true;
    return false;
}

struct naive {
    struct wcp_rest rest;
    uint32_t behind, num_of_story;
};

static bool
is_of_story(const struct wcp_folded *paragraph, const struct wcp_folded *story)
{
    size_t num = 0, shared = 0;

    for (size_t i = 0; i < paragraph->num; i += 3) {
        const size_t len = window_length(paragraph, i);

        if (i + len > paragraph->num)
            continue;
        num++;
        shared += has_window(story, &paragraph->units[i], len);
    }
    return 4 * shared > num;
}

/* In how many of these paragraphs a window of the story stands. */
static size_t
count_in(const struct page *page, const bool *of_story, bool wanted,
         const uint16_t *units, size_t num)
{
    size_t found = 0;

    for (size_t i = 0; i < page->num; i++)
        if (page->paragraphs[i].num > 0 && of_story[i] == wanted)
            found += has_window(&page->paragraphs[i], units, num);
    return found;
}

static uint64_t
weigh(const struct wcp_folded *text)
{
    uint64_t han = 0;

    for (size_t i = 0; i < text->num; i++)
        han += wcp_unit_is_east_asian(text->units[i]);
    return 2 * han >= text->num ? 5 * text->num
                                : 5 * han + 2 * (text->num - han);
}

static void
count_windows(struct wcp_rest *rest, const struct page *page,
              const struct wcp_folded *story, const bool *of_story)
{
    for (size_t i = 0; i < story->num; i++) {
        const size_t len = window_length(story, i);
        size_t own, others;

        if (i + len > story->num)
            continue;
        for (size_t k = 0; k < i; k++)
            if (k + len <= story->num &&
                memcmp(&story->units[k], &story->units[i],
                       len * sizeof *story->units) == 0)
                goto again;
        own = count_in(page, of_story, true, &story->units[i], len);
        others = count_in(page, of_story, false, &story->units[i], len);
        rest->num_own += own > 0;
        rest->num_repeated += own > 1;
        rest->num_shared += others > 0;
    again:;
    }
}

static void
count_naively(struct wcp_rest *rest, struct page *page,
              const struct wcp_folded *story)
{
    bool of_story[MAX_PARAGRAPHS] = { false };
    uint32_t behind = 0, num_of_story = 0, num = 0;

    *rest = (struct wcp_rest){ .story = weigh(story) };
    for (size_t i = 0; i < page->num; i++) {
        struct wcp_folded *paragraph = &page->paragraphs[i];

        if (weigh(paragraph) < 100)
            paragraph->num = 0; /* it does not count */
        num += paragraph->num > 0;
    }
    if (num <= WCP_MIN_REST_PARAGRAPHS)
        return;
    for (size_t i = 0; i < page->num; i++) {
        const struct wcp_folded *paragraph = &page->paragraphs[i];

        if (paragraph->num == 0)
            continue;
        of_story[i] = is_of_story(paragraph, story);
        if (!of_story[i]) {
            behind++;
            rest->num_paragraphs++;
            for (size_t k = 0; k < paragraph->num; k++)
                rest->num_windows +=
                    k + window_length(paragraph, k) <= paragraph->num;
            continue;
        }
        if (num_of_story++ == 0)
            rest->num_before = behind;
        else
            rest->num_within += behind;
        behind = 0;
    }
    if (rest->num_within == 0) /* else the rest does not matter */
        count_windows(rest, page, story, of_story);
}

static bool
check_page(struct page *page)
{
    const struct wcp_string text = { page->text, strlen(page->text) };
    struct wcp_folded whole, story;
    struct wcp_rest rest, naive;
    bool same;

    fold_string(&whole, page->text);
    fold_string(&story, page->story);
    CU_ASSERT_EQUAL(
        wcp_rest_find(&rest, &wcp_memory_libc, &story, text, &whole, NULL),
        WCP_CODE_OK);
    count_naively(&naive, page, &story);
    same = rest.story == naive.story &&
           (rest.num_within > 0) == (naive.num_within > 0);
    if (naive.num_within == 0)
        same = same && rest.num_paragraphs == naive.num_paragraphs &&
               rest.num_before == naive.num_before &&
               rest.num_windows == naive.num_windows &&
               rest.num_shared == naive.num_shared &&
               rest.num_own == naive.num_own &&
               rest.num_repeated == naive.num_repeated;
    if (!same)
        fprintf(stderr, "page:\n%s\nstory:\n%s\n", page->text, page->story);
    wcp_folded_release(&whole);
    wcp_folded_release(&story);
    return same;
}

static void
test_random_pages(void)
{
    struct test_rng rng = { test_seed() };
    size_t num_pages = 0;

    for (int round = 0; round < 400; round++) {
        struct page page;

        make_page(&page, &rng);
        num_pages += page.num > 3;
        CU_ASSERT(check_page(&page));
        for (size_t i = 0; i < page.num; i++)
            wcp_folded_release(&page.paragraphs[i]);
    }
    CU_ASSERT(num_pages > 0);
}

/* ---- the verdict ---- */

static enum wcp_relation_kind
relation_of(const struct wcp_rest *rest)
{
    const struct wcp_relation_evidence evidence = { .threshold = .8,
                                                    .overlap = { 90, 200, 100 },
                                                    .rest = *rest };

    return wcp_relation(&evidence);
}

static void
test_verdict(void)
{
    const struct wcp_rest page = { .story = 500,
                                   .num_paragraphs = 3,
                                   .num_before = 1,
                                   .num_windows = 1000,
                                   .num_shared = 7,
                                   .num_own = 100 };
    struct wcp_rest other = page;

    CU_ASSERT_EQUAL(relation_of(&page), WCP_REL_EMBEDDED);
    other.story = 499;
    CU_ASSERT_EQUAL(relation_of(&other), WCP_REL_EXPANDED);
    other = page;
    other.num_paragraphs = 2;
    CU_ASSERT_EQUAL(relation_of(&other), WCP_REL_EXPANDED);
    other = page;
    other.num_within = 1;
    CU_ASSERT_EQUAL(relation_of(&other), WCP_REL_EXPANDED);
    other = page;
    other.num_shared = 8;
    CU_ASSERT_EQUAL(relation_of(&other), WCP_REL_EXPANDED);
    /* All of it is behind: does the story repeat its words? */
    other = page;
    other.num_before = 0;
    CU_ASSERT_EQUAL(relation_of(&other), WCP_REL_EXPANDED);
    other.num_repeated = 1;
    CU_ASSERT_EQUAL(relation_of(&other), WCP_REL_EMBEDDED);
}

static void
test_no_memory(void)
{
    struct test_rng rng = { test_seed() };
    struct page page;
    bool done = false;

    do {
        make_page(&page, &rng);
        if (page.num < 8)
            for (size_t i = 0; i < page.num; i++)
                wcp_folded_release(&page.paragraphs[i]);
    } while (page.num < 8);
    for (uint64_t n = 1; !done && n < 100; n++) {
        const struct wcp_string text = { page.text, strlen(page.text) };
        struct made_memory memory;
        struct wcp_folded whole, story;
        struct wcp_rest rest;
        enum wcp_code code;

        fold_string(&whole, page.text);
        fold_string(&story, page.story);
        made_memory_init(&memory);
        made_memory_arm(&memory, n, false);
        code = wcp_rest_find(&rest, &memory.memory, &story, text, &whole, NULL);
        done = memory.num_failed == 0;
        CU_ASSERT_EQUAL(code, done ? WCP_CODE_OK : WCP_CODE_NO_MEMORY);
        CU_ASSERT(memory.live == 0 && !memory.wrong_size);
        wcp_folded_release(&whole);
        wcp_folded_release(&story);
    }
    CU_ASSERT(done);
    for (size_t i = 0; i < page.num; i++)
        wcp_folded_release(&page.paragraphs[i]);
}

void
suite_rest(void)
{
    CU_pSuite suite = CU_add_suite("rest", NULL, NULL);

    CU_add_test(suite, "random pages", test_random_pages);
    CU_add_test(suite, "verdict", test_verdict);
    CU_add_test(suite, "no memory", test_no_memory);
}
