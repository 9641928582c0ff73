/*
 * test_widen.c - groups with what was cut, expanded or stands on a page,
 * against an oracle that compares everything
 */
#include "oracle_widen.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- corpora ---- */

static void
add(struct made_corpus *corpus, struct test_rng *rng,
    const struct made_text *text)
{
    int64_t date = (int64_t)test_below(rng, 6) * 1000;
    char id[24];

    snprintf(id, sizeof id, "%" PRIx64 "-%zu", test_below(rng, 300),
             corpus->num);
    made_corpus_add(corpus, made_text_utf8(text), id,
                    date == 0 ? WCP_NO_DATE : date);
}

enum { NUM_STORIES = 8 };

/* A story as a paper has it: whole, cut, with more behind it, retouched. */
static void
make_copy(struct made_text *text, struct test_rng *rng,
          const struct made_text *story)
{
    struct made_text more = { 0 };

    made_text_copy(text, story);
    switch (test_below(rng, 5)) {
    case 0:
        text->num -= test_below(rng, 1 + text->num * 2 / 3);
        break;
    case 1:
        made_text_random(&more, rng, MADE_CHINESE,
                         test_below(rng, 1 + text->num));
        made_text_join(text, &more);
        break;
    case 2:
        made_text_edit(text, rng, 6);
        break;
    default:
        break;
    }
    made_text_release(&more);
}

static void
make_page(struct made_text *page, struct test_rng *rng,
          const struct made_text *stories)
{
    struct made_text part = { 0 };
    size_t num = 1 + test_below(rng, 4);

    page->num = 0;
    for (size_t i = 0; i < num; i++) {
        make_copy(&part, rng, &stories[test_below(rng, NUM_STORIES)]);
        made_text_join(page, &part);
        made_text_random(&part, rng, MADE_CHINESE, test_below(rng, 60));
        made_text_join(page, &part);
    }
    made_text_release(&part);
}

static void
make_corpus(struct made_corpus *corpus, struct test_rng *rng, size_t num)
{
    struct made_text stories[NUM_STORIES] = { { 0 } }, text = { 0 };

    for (size_t i = 0; i < NUM_STORIES; i++)
        made_text_random(&stories[i], rng,
                         (enum made_script)test_below(rng, MADE_NUM_SCRIPTS),
                         60 + test_below(rng, 300));
    for (size_t i = 0; i < num; i++) {
        if (test_below(rng, 4) == 0)
            make_page(&text, rng, stories);
        else
            make_copy(&text, rng, &stories[test_below(rng, NUM_STORIES)]);
        add(corpus, rng, &text);
        /* Copies of copies: what was cut may be cut again. */
        if (test_below(rng, 12) == 0)
            made_text_copy(&stories[test_below(rng, NUM_STORIES)], &text);
    }
    for (size_t i = 0; i < NUM_STORIES; i++)
        made_text_release(&stories[i]);
    made_text_release(&text);
}

/* ---- running ---- */

static struct wcp_store *
widen(struct wcp_groups *groups, const struct made_corpus *corpus,
      const struct wcp_copy_rules *rules, unsigned threads)
{
    struct wcp_plan plan = made_plan(rules->threshold, .9999);
    struct wcp_store *store = made_store(corpus, &plan);
    struct wcp_components components = { 0 };

    store->opts.num_threads = threads;
    CU_ASSERT_FATAL(wcp_components_find(&components, store, &plan, NULL) ==
                    WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_groups_find(groups, store, &plan, &components,
                                    rules->order, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_groups_widen(groups, store, rules, NULL) ==
                    WCP_CODE_OK);
    wcp_components_release(&components);
    return store;
}

/* "original member relation jaccard" lines. */
static char *
print_groups(const struct wcp_groups *groups, const struct made_corpus *corpus)
{
    size_t size = 1 + groups->members.num * 100, at = 0;
    char *text = malloc(size);

    text[0] = '\0';
    for (size_t i = 0; i < groups->members.num; i++) {
        const struct wcp_member *member = &groups->members.at[i];

        at += (size_t)snprintf(
            text + at, size - at, "%s %s %s %.17g\n",
            corpus->at[member->original].id, corpus->at[member->document].id,
            wcp_relation_name(member->relation), wcp_jaccard(&member->overlap));
    }
    return text;
}

static char *
print_copies(const struct oracle_copy *copies, size_t num,
             const struct made_corpus *corpus, const struct oracle_sets *sets)
{
    size_t size = 1 + 2 * num * 100, at = 0;
    char *text = malloc(size);

    text[0] = '\0';
    for (size_t i = 0; i < num; i++) {
        const char *original = corpus->at[copies[i].original].id;

        if (i == 0 || copies[i - 1].original != copies[i].original)
            at += (size_t)snprintf(text + at, size - at, "%s %s original 1\n",
                                   original, original);
        at += (size_t)snprintf(text + at, size - at, "%s %s %s %.17g\n",
                               original, corpus->at[copies[i].document].id,
                               wcp_relation_name(copies[i].relation),
                               oracle_jaccard(&sets->at[copies[i].document],
                                              &sets->at[copies[i].original]));
    }
    return text;
}

static void
check_same(const char *found, const char *expected, uint64_t number)
{
    MADE_CHECK(strcmp(found, expected) == 0, number);
    if (strcmp(found, expected) != 0 && getenv("WCP_TEST_VERBOSE") != NULL)
        fprintf(stderr, "found\n%sexpected\n%s", found, expected);
}

static bool
check_corpus(struct made_corpus *corpus, struct test_rng *rng,
             const struct wcp_copy_rules *rules, uint64_t number)
{
    struct oracle_sets sets;
    bool comparable;
    char *expected;
    size_t num;

    oracle_sets_init(&sets, corpus);
    comparable = oracle_samples_suffice(&sets, rules->threshold);
    if (comparable) {
        struct oracle_copy *copies = oracle_widen(corpus, &sets, rules, &num);

        expected = print_copies(copies, num, corpus, &sets);
        free(copies);
    } else {
        struct wcp_groups groups = { 0 };
        struct wcp_store *store = widen(&groups, corpus, rules, 1);

        expected = print_groups(&groups, corpus);
        wcp_groups_release(&groups);
        wcp_store_free(store);
    }
    /* The same for any number of threads and any order of documents. */
    for (unsigned threads = 1; threads < 9; threads *= 2) {
        struct wcp_groups groups = { 0 };
        struct wcp_store *store = widen(&groups, corpus, rules, threads);
        char *found = print_groups(&groups, corpus);

        check_same(found, expected, number);
        free(found);
        wcp_groups_release(&groups);
        wcp_store_free(store);
        if (rules->order != WCP_ORDER_INPUT)
            made_corpus_shuffle(corpus, rng);
    }
    free(expected);
    oracle_sets_release(&sets);
    return comparable;
}

static void
test_against_oracle(void)
{
    static const double thresholds[] = { .8, .8, .7, .9, .8, 1 };
    static const unsigned relations[] = {
        WCP_REL_COPIES,
        WCP_REL_COPIES,
        WCP_REL_COPIES,
        WCP_REL_BIT(WCP_REL_IDENTICAL) | WCP_REL_BIT(WCP_REL_REPRINT),
        WCP_REL_COPIES & ~WCP_REL_BIT(WCP_REL_REPRINT),
        WCP_REL_BIT(WCP_REL_ABRIDGED) | WCP_REL_BIT(WCP_REL_EMBEDDED),
        WCP_REL_BIT(WCP_REL_IDENTICAL),
    };
    size_t num_comparable = 0, num = 0;

    for (uint64_t number = 8000; number < 8060; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        const struct wcp_copy_rules rules = {
            .order = (enum wcp_order)(number % 5 % 3),
            .relations = relations[number % 7],
            .threshold = thresholds[number % 6],
            .for_dropping = number % 4 == 3,
        };

        make_corpus(&corpus, &rng, test_below(&rng, 60));
        num_comparable += check_corpus(&corpus, &rng, &rules, number);
        num++;
        made_corpus_release(&corpus);
    }
    CU_ASSERT(num_comparable * 4 > num);
}

/* ---- what takes long ---- */

/* Each text has the one before and more.  Where that makes no copy all of them
 * stay originals, and each has to wait for those before it. */
static void
test_rows(void)
{
    for (uint64_t number = 8100; number < 8110; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        struct made_text text = { 0 }, more = { 0 };
        const struct wcp_copy_rules rules = {
            .order = (enum wcp_order)(number % 3),
            .relations = number % 2 == 0 ? WCP_REL_COPIES
                                         : WCP_REL_BIT(WCP_REL_IDENTICAL) |
                                               WCP_REL_BIT(WCP_REL_REPRINT),
            .threshold = .8,
        };

        made_text_random(&text, &rng, MADE_CHINESE, 60);
        for (int i = 0; i < 12; i++) {
            add(&corpus, &rng, &text);
            made_text_random(&more, &rng, MADE_CHINESE, 1 + text.num * 2 / 5);
            made_text_join(&text, &more);
        }
        check_corpus(&corpus, &rng, &rules, number);
        made_text_release(&text);
        made_text_release(&more);
        made_corpus_release(&corpus);
    }
}

/* Not all of so many stories on a page are looked at. */
static void
test_long_page(void)
{
    enum { NUM = 300 };
    struct test_rng rng = made_rng(8200);
    struct made_corpus corpus = { 0 };
    struct made_text page = { 0 }, text = { 0 };
    struct wcp_groups groups = { 0 };
    struct wcp_store *store;
    size_t num_embedded = 0;
    const struct wcp_copy_rules rules = { .order = WCP_ORDER_DATE,
                                          .relations = WCP_REL_COPIES,
                                          .threshold = .8 };

    for (size_t i = 0; i < NUM; i++) {
        made_text_random(&text, &rng, MADE_CHINESE, 50 + test_below(&rng, 50));
        add(&corpus, &rng, &text);
        made_text_join(&page, &text);
    }
    add(&corpus, &rng, &page);
    store = widen(&groups, &corpus, &rules, 2);
    for (size_t i = 0; i < groups.members.num; i++)
        num_embedded += groups.members.at[i].relation == WCP_REL_EMBEDDED;
    /* Samples of some of them may tell nothing. */
    CU_ASSERT(num_embedded > NUM * 9 / 10);
    CU_ASSERT_EQUAL(groups.members.num, 2 * num_embedded);
    wcp_groups_release(&groups);
    wcp_store_free(store);
    made_text_release(&page);
    made_text_release(&text);
    made_corpus_release(&corpus);
}

void
suite_widen(void)
{
    CU_pSuite suite = CU_add_suite("widen", NULL, NULL);

    CU_add_test(suite, "each text has the one before", test_rows);
    CU_add_test(suite, "a page of very many stories", test_long_page);
    CU_add_test(suite, "groups are those of an oracle", test_against_oracle);
}
