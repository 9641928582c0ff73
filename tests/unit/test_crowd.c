/*
 * test_crowd.c - many issues of a form at once, against each pair alone
 */
#include "group/crowd.h"
#include "group/judge.h"
#include "oracle_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUM_TEXTS = 96, MOST_BYTES = 2000 };

struct crowd {
    struct made_corpus corpus;
    struct wcp_store *store;
    struct wcp_class_pair *pairs;
    size_t num;
};

static void
add_text(struct crowd *crowd, const char *text)
{
    char id[16];

    snprintf(id, sizeof id, "%04zu", crowd->corpus.num);
    made_corpus_add(&crowd->corpus, strdup(text), id, WCP_NO_DATE);
}

/* Of all pairs those of which one lies in the other. */
static void
list_pairs(struct crowd *crowd)
{
    struct wcp_plan plan = made_plan(.8, .9999);
    uint64_t num_verified = 0;
    uint32_t n;

    crowd->store = made_store(&crowd->corpus, &plan);
    n = crowd->store->num_classes;
    crowd->pairs = calloc((size_t)n * n / 2, sizeof *crowd->pairs);
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + 1; b < n; b++)
            crowd->pairs[crowd->num++] =
                (struct wcp_class_pair){ .a = a, .b = b };
    CU_ASSERT_FATAL(wcp_overlaps_fill(crowd->store, crowd->pairs, &crowd->num,
                                      .8, &num_verified, NULL) == WCP_CODE_OK);
}

static void
crowd_free(struct crowd *crowd)
{
    free(crowd->pairs);
    wcp_store_free(crowd->store);
    made_corpus_release(&crowd->corpus);
}

/*
 * Judge all pairs, then each alone; how many are of this relation alone.  They
 * are the same, but for two issues that look like copies by chance, which they
 * do not in the crowd: *num_chance_ret of them.
 */
static size_t
check_alone(struct crowd *crowd, int32_t relation, size_t *num_chance_ret)
{
    struct wcp_judge judge;
    size_t num = 0;

    *num_chance_ret = 0;
    wcp_judge_init(&judge, crowd->store, .8);
    CU_ASSERT_FATAL(wcp_judge_all_pairs(&judge, crowd->pairs, crowd->num,
                                        NULL) == WCP_CODE_OK);
    for (size_t i = 0; i < crowd->num; i++) {
        struct wcp_class_pair alone = crowd->pairs[i];

        CU_ASSERT_FATAL(wcp_judge_pairs(&judge, &alone, 1, NULL) ==
                        WCP_CODE_OK);
        if (alone.relation != crowd->pairs[i].relation) {
            CU_ASSERT_EQUAL(crowd->pairs[i].relation, WCP_REL_TEMPLATE);
            ++*num_chance_ret;
        }
        num += alone.relation == relation;
    }
    wcp_judge_release(&judge);
    return num;
}

static unsigned
figure(struct test_rng *rng, unsigned most)
{
    return 100 + (unsigned)(test_random(rng) % most);
}

static char
letter(struct test_rng *rng)
{
    return (char)('a' + test_random(rng) % 26);
}

static void
make_issue(struct test_rng *rng, char *text)
{
    const unsigned tons = figure(rng, 900), boats = figure(rng, 900);

    snprintf(text, MOST_BYTES,
             "Bulletin of the harbour office, number %u: the inner basin took "
             "in %u boats with %u tons of fish, the outer one %u boats with %u "
             "tons. Ice is to be had at the usual price, and the crane will "
             "not work on Sunday. Masters who have not paid their dues are "
             "asked to call at the window before noon, where %u letters wait "
             "for those that they are addressed to. The tide tables for the "
             "coming month can be bought there as well.",
             figure(rng, 90000), boats, tons, figure(rng, 900),
             figure(rng, 900), figure(rng, 900));
}

/* The pair of these documents; NULL: neither lies in the other. */
static const struct wcp_class_pair *
pair_of(const struct crowd *crowd, uint32_t x, uint32_t y)
{
    const uint32_t a = crowd->store->entries[x].class_number;
    const uint32_t b = crowd->store->entries[y].class_number;

    for (size_t i = 0; i < crowd->num; i++)
        if (crowd->pairs[i].a == a && crowd->pairs[i].b == b)
            return &crowd->pairs[i];
    return NULL;
}

/* Issues are no copies of each other; of one of them another paper has added a
 * line, and a third one has left out the end. */
static void
test_issues(void)
{
    struct test_rng rng = { test_seed() ^ 7300 };
    struct crowd crowd = { .num = 0 };
    char text[MOST_BYTES], other[MOST_BYTES + 32];
    const struct wcp_class_pair *longer, *cut;
    const size_t num_pairs = NUM_TEXTS * (NUM_TEXTS - 1) / 2;
    size_t num_chance;

    for (int i = 0; i < NUM_TEXTS; i++) {
        make_issue(&rng, text);
        add_text(&crowd, text);
    }
    snprintf(other, sizeof other, "%s Thus the Dunvale Post.", text);
    add_text(&crowd, other);
    text[strlen(text) * 2 / 3] = '\0';
    add_text(&crowd, text);
    list_pairs(&crowd);
    CU_ASSERT(crowd.num > num_pairs);
    CU_ASSERT(check_alone(&crowd, WCP_REL_TEMPLATE, &num_chance) >=
              num_pairs - num_pairs / 100);
    CU_ASSERT(num_chance <= num_pairs / 100);
    longer = pair_of(&crowd, NUM_TEXTS - 1, NUM_TEXTS);
    cut = pair_of(&crowd, NUM_TEXTS - 1, NUM_TEXTS + 1);
    CU_ASSERT(longer != NULL && longer->relation == 0);
    CU_ASSERT(cut != NULL && cut->relation == 0);
    crowd_free(&crowd);
}

/* Texts that all are copies stay copies, however many there are. */
static void
test_copies(void)
{
    struct test_rng rng = { test_seed() ^ 7310 };
    struct crowd crowd = { .num = 0 };
    char text[MOST_BYTES], other[MOST_BYTES + 32];
    size_t num_chance;

    make_issue(&rng, text);
    for (unsigned i = 0; i < NUM_TEXTS; i++) {
        const size_t at = test_random(&rng) % (strlen(text) - 20);

        snprintf(other, sizeof other, "%c%c%c %.*s%s", letter(&rng),
                 letter(&rng), letter(&rng), (int)at, text, text + at + 12);
        add_text(&crowd, other);
    }
    list_pairs(&crowd);
    CU_ASSERT(crowd.num > 0);
    CU_ASSERT(check_alone(&crowd, 0, &num_chance) > crowd.num / 2);
    CU_ASSERT_EQUAL(num_chance, 0);
    crowd_free(&crowd);
}

/* Two papers print each issue, each behind lines of its own: so that what is
 * nearest to an issue are others in the same paper. */
static void
test_papers(void)
{
    enum { NUM_ISSUES = 80 };
    static const char *const heads[] = {
        "From our own correspondent at the quays, who has watched the boats "
        "come home since before dawn. ",
        "Shipping and fisheries; all notices on this page are free of charge "
        "to the members of the guild. "
    };
    struct test_rng rng = { test_seed() ^ 7315 };
    struct crowd crowd = { .num = 0 };
    char text[MOST_BYTES], other[MOST_BYTES + 128];
    size_t num_chance;

    for (int i = 0; i < NUM_ISSUES; i++) {
        make_issue(&rng, text);
        for (int k = 0; k < 2; k++) {
            snprintf(other, sizeof other, "%s%s", heads[k], text);
            add_text(&crowd, other);
        }
    }
    list_pairs(&crowd);
    CU_ASSERT(crowd.num > 4096);
    CU_ASSERT(check_alone(&crowd, 0, &num_chance) >= NUM_ISSUES);
    for (uint32_t i = 0; i < NUM_ISSUES; i++) {
        const struct wcp_class_pair *pair = pair_of(&crowd, 2 * i, 2 * i + 1);

        CU_ASSERT(pair != NULL && pair->relation == 0);
    }
    crowd_free(&crowd);
}

/* Of a text's many pairs the nearest are judged first, and as few as may be. */
static void
test_turns(void)
{
    struct test_rng rng = { test_seed() ^ 7320 };
    struct crowd crowd = { .num = 0 };
    char text[MOST_BYTES];
    struct wcp_issues found;
    uint8_t *turns;
    size_t num_first = 0, num_none = 0;

    for (int i = 0; i < NUM_TEXTS; i++) {
        make_issue(&rng, text);
        add_text(&crowd, text);
    }
    list_pairs(&crowd);
    turns = malloc(crowd.num);
    memset(turns, WCP_TURN_FIRST, crowd.num);
    turns[0] = WCP_TURN_NONE;
    CU_ASSERT_FATAL(
        wcp_crowd_find(&found, crowd.store, crowd.pairs, crowd.num, turns));
    for (size_t i = 0; i < crowd.num; i++) {
        num_first += turns[i] == WCP_TURN_FIRST;
        num_none += turns[i] == WCP_TURN_NONE;
        crowd.pairs[i].relation =
            turns[i] == WCP_TURN_FIRST ? WCP_REL_TEMPLATE : 0;
    }
    CU_ASSERT_EQUAL(num_none, 1);
    CU_ASSERT(num_first >= NUM_TEXTS * 8 / 2 && num_first <= NUM_TEXTS * 8);
    CU_ASSERT_EQUAL(found.num_later, crowd.num - num_first - 1);
    CU_ASSERT(wcp_crowd_settle(&found, crowd.pairs, NULL) == WCP_CODE_OK);
    CU_ASSERT_EQUAL(found.num_later, 0);
    for (size_t i = 1; i < crowd.num; i++)
        CU_ASSERT_EQUAL(crowd.pairs[i].relation, WCP_REL_TEMPLATE);
    CU_ASSERT_EQUAL(crowd.pairs[0].relation, 0);
    wcp_crowd_release(&found);
    free(turns);
    crowd_free(&crowd);
}

void suite_crowd(void);

void
suite_crowd(void)
{
    CU_pSuite suite = CU_add_suite("crowd", NULL, NULL);

    CU_add_test(suite, "issues", test_issues);
    CU_add_test(suite, "copies", test_copies);
    CU_add_test(suite, "papers", test_papers);
    CU_add_test(suite, "turns", test_turns);
}
