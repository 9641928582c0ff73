/*
 * test_boilerplate.c - text that stands in many documents that are no copies
 *
 * Corpora are made of texts that nobody shares, copies of some of them, and
 * notices that are put into some; so it is known without looking at a text
 * which notice stands in how many documents, those of one story counted once.
 */
#include "support.h"
#include "wirecopy.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void suite_boilerplate(void);

enum {
    NUM_NOTICES = 3,
    NUM_STORIES = 24,
    MAX_COPIES = 3,
    NUM_DOCUMENTS = NUM_STORIES * MAX_COPIES,
    NOTICE = 90, /* letters */
    STORY = 900,
    LEAST = 5,
};

struct made {
    char notices[NUM_NOTICES][NOTICE + 1];
    char *texts[NUM_DOCUMENTS];
    size_t num;
    uint64_t stories[NUM_NOTICES]; /* in how many each notice stands */
};

/* Letters that stand nowhere else: of as many nobody shares 20 in a row. */
static void
make_letters(struct test_rng *rng, char *to, size_t num)
{
    for (size_t i = 0; i < num; i++)
        to[i] = (char)('a' + test_below(rng, 26));
    to[num] = '\0';
}

static void
make(struct made *made, struct test_rng *rng)
{
    memset(made, 0, sizeof *made);
    for (size_t i = 0; i < NUM_NOTICES; i++)
        make_letters(rng, made->notices[i], NOTICE);
    for (size_t s = 0; s < NUM_STORIES; s++) {
        char story[STORY + 1], text[2 * STORY];
        size_t copies = 1 + test_below(rng, MAX_COPIES);
        size_t notice = test_below(rng, 2 * NUM_NOTICES);

        make_letters(rng, story, STORY);
        if (notice < NUM_NOTICES)
            made->stories[notice]++;
        for (size_t c = 0; c < copies; c++) {
            snprintf(text, sizeof text, "%s. %s! (%zu)", story,
                     notice < NUM_NOTICES ? made->notices[notice] : "", c);
            made->texts[made->num++] = strdup(text);
        }
    }
}

static void
release(struct made *made)
{
    for (size_t i = 0; i < made->num; i++)
        free(made->texts[i]);
}

static struct wcp_corpus *
corpus_of(const struct made *made, uint32_t threads)
{
    struct wcp_options opts;
    struct wcp_corpus *corpus = NULL;

    wcp_options_init(&opts, sizeof opts);
    opts.threads = threads;
    CU_ASSERT_FATAL(wcp_corpus_new(&opts, &corpus, NULL) == WCP_OK);
    for (size_t i = 0; i < made->num; i++) {
        struct wcp_text text = { .struct_size = sizeof text,
                                 .text = made->texts[i],
                                 .text_len = strlen(made->texts[i]) };

        CU_ASSERT_FATAL(wcp_corpus_add_text(corpus, &text, NULL) == WCP_OK);
    }
    return corpus;
}

struct seen {
    const struct made *made;
    bool wrong;
    uint64_t last;
    uint64_t documents[NUM_NOTICES]; /* as they were handed out */
};

/* Each copy must be the notice, but for letters at its ends that the texts have
 * in common by chance. */
static int32_t
on_boilerplate(void *ctx, const struct wcp_boilerplate *found)
{
    struct seen *seen = ctx;
    size_t notice = 0;

    seen->wrong |= found->number != ++seen->last;
    while (notice < NUM_NOTICES &&
           strstr(found->passage->excerpt, seen->made->notices[notice]) == NULL)
        notice++;
    if (notice == NUM_NOTICES) {
        seen->wrong = true;
        return 0;
    }
    seen->wrong |= seen->documents[notice] != 0;
    seen->documents[notice] = found->documents;
    for (uint64_t i = 0; i < found->passage->num_copies; i++) {
        const struct wcp_passage_copy *copy =
            wcp_passage_copy_at(found->passage, i);
        const char *text = seen->made->texts[copy->document->number - 1];

        seen->wrong |=
            copy->end - copy->begin > NOTICE + 24 || copy->end > strlen(text) ||
            strstr(text, seen->made->notices[notice]) < text + copy->begin;
    }
    return 0;
}

static void
test_against_made(void)
{
    for (uint64_t number = 0; number < 12; number++) {
        struct test_rng rng = { test_seed() + number };
        struct wcp_boilerplate_options opts;
        struct made made;
        struct seen seen = { .made = &made };
        struct wcp_corpus *corpus;

        make(&made, &rng);
        corpus = corpus_of(&made, 1 + (uint32_t)number % 3);
        wcp_boilerplate_options_init(&opts, sizeof opts);
        opts.min_documents = LEAST;
        CU_ASSERT_EQUAL(
            wcp_corpus_boilerplate(corpus, &opts, on_boilerplate, &seen, NULL),
            WCP_OK);
        for (size_t i = 0; i < NUM_NOTICES; i++) {
            uint64_t want = made.stories[i] >= LEAST ? made.stories[i] : 0;

            if (seen.documents[i] != want || seen.wrong)
                fprintf(stderr, "seed %" PRIu64 ", number %" PRIu64 "\n",
                        test_seed(), number);
            CU_ASSERT_EQUAL(seen.documents[i], want);
        }
        CU_ASSERT(!seen.wrong);
        wcp_corpus_free(corpus);
        release(&made);
    }
}

static int32_t
stop(void *ctx, const struct wcp_boilerplate *found)
{
    (void)ctx;
    (void)found;
    return 1;
}

static int32_t
count_group(void *ctx, const struct wcp_group *group)
{
    (void)group;
    ++*(uint64_t *)ctx;
    return 0;
}

/* It can be asked for before and after other results, again, and stopped. */
static void
test_calls(void)
{
    struct test_rng rng = { test_seed() };
    struct wcp_boilerplate_options opts = { .struct_size = sizeof opts };
    struct wcp_error err;
    struct made made;
    struct seen seen = { .made = &made }, again = { .made = &made };
    struct wcp_corpus *corpus;
    uint64_t before = 0, after = 0;

    make(&made, &rng);
    while (made.stories[0] < LEAST) {
        release(&made);
        make(&made, &rng);
    }
    corpus = corpus_of(&made, 2);
    CU_ASSERT_EQUAL(
        wcp_corpus_boilerplate(corpus, &opts, on_boilerplate, &seen, &err),
        WCP_BAD_OPTION);
    CU_ASSERT_STRING_EQUAL(err.text, "min_documents must be at least 2");
    opts.struct_size = 4;
    CU_ASSERT_EQUAL(
        wcp_corpus_boilerplate(corpus, &opts, on_boilerplate, &seen, NULL),
        WCP_BAD_OPTION);
    wcp_boilerplate_options_init(&opts, sizeof opts);
    CU_ASSERT_EQUAL(opts.min_documents, 8);
    opts.min_documents = LEAST;
    CU_ASSERT_EQUAL(wcp_corpus_find(corpus, count_group, &before, NULL),
                    WCP_OK);
    CU_ASSERT_EQUAL(
        wcp_corpus_boilerplate(corpus, &opts, on_boilerplate, &seen, NULL),
        WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_boilerplate(corpus, &opts, stop, NULL, NULL),
                    WCP_STOPPED);
    CU_ASSERT_EQUAL(
        wcp_corpus_boilerplate(corpus, &opts, on_boilerplate, &again, NULL),
        WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_find(corpus, count_group, &after, NULL), WCP_OK);
    CU_ASSERT_EQUAL(before, after);
    CU_ASSERT(seen.last > 0 && seen.last == again.last);
    CU_ASSERT_EQUAL(seen.documents[0], made.stories[0]);
    CU_ASSERT_EQUAL(again.documents[0], made.stories[0]);
    wcp_corpus_free(corpus);
    release(&made);
}

void
suite_boilerplate(void)
{
    CU_pSuite suite = CU_add_suite("boilerplate", NULL, NULL);

    CU_add_test(suite, "against what was put in", test_against_made);
    CU_add_test(suite, "calls", test_calls);
}
