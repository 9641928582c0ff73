/*
 * test_judge.c - forms and captions make no groups; a naive count of strangers
 */
#include "group/judge.h"
#include "oracle_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

static void
add(struct made_corpus *corpus, const struct made_text *text, const char *kind)
{
    char id[24];

    snprintf(id, sizeof id, "%s-%03zu", kind, corpus->num);
    made_corpus_add(corpus, made_text_utf8(text), id, WCP_NO_DATE);
}

/* Words of its own before a frame. */
static void
make_caption(struct made_text *text, struct test_rng *rng,
             const struct made_text *frame, size_t num_own)
{
    made_text_random(text, rng, MADE_CHINESE, num_own);
    made_text_join(text, frame);
}

/* ---- running ---- */

static struct wcp_copy_rules
usual_rules(void)
{
    return (struct wcp_copy_rules){ .order = WCP_ORDER_DATE,
                                    .relations = WCP_REL_COPIES,
                                    .threshold = .8,
                                    .judged = true };
}

/* How members are judged. */
enum how {
    WITH_SAMPLES,    /* of the store */
    WITHOUT_SAMPLES, /* when all groups are known */
    ON_THE_WAY       /* as they are found */
};

/* "original member relation" lines, from malloc(). */
static char *
find_groups_as(const struct made_corpus *corpus,
               const struct wcp_copy_rules *rules, unsigned threads,
               enum how how)
{
    struct wcp_plan plan = made_plan(rules->threshold, .9999);
    struct wcp_store *store = made_store(corpus, &plan);
    struct wcp_components components = { 0 };
    struct wcp_groups groups = { 0 };
    size_t at = 0, size;
    char *text;

    store->opts.num_threads = threads;
    CU_ASSERT_FATAL(wcp_components_find(&components, store, &plan, NULL) ==
                    WCP_CODE_OK);
    store->opts.sample = how == WITH_SAMPLES;
    CU_ASSERT_EQUAL(wcp_groups_in_waves(store, &plan, rules),
                    how != WITH_SAMPLES);
    if (how == ON_THE_WAY)
        CU_ASSERT_FATAL(wcp_groups_find_judged(&groups, store, &plan,
                                               &components, rules,
                                               NULL) == WCP_CODE_OK);
    if (how != ON_THE_WAY)
        CU_ASSERT_FATAL(wcp_groups_find(&groups, store, &plan, &components,
                                        rules->order, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_groups_widen(&groups, store, rules, NULL) ==
                    WCP_CODE_OK);
    size = 1 + groups.members.num * 80;
    text = malloc(size);
    text[0] = '\0';
    for (size_t i = 0; i < groups.members.num; i++) {
        const struct wcp_member *member = &groups.members.at[i];

        if (member->document != member->original)
            at += (size_t)snprintf(text + at, size - at, "%s %s %s\n",
                                   corpus->at[member->original].id,
                                   corpus->at[member->document].id,
                                   wcp_relation_name(member->relation));
    }
    wcp_groups_release(&groups);
    wcp_components_release(&components);
    wcp_store_free(store);
    return text;
}

static char *
find_groups(const struct made_corpus *corpus,
            const struct wcp_copy_rules *rules, unsigned threads)
{
    return find_groups_as(corpus, rules, threads, WITH_SAMPLES);
}

static void
check_groups(const struct made_corpus *corpus, const char *expected)
{
    const struct wcp_copy_rules rules = usual_rules();
    char *found = find_groups(corpus, &rules, 1);

    CU_ASSERT_STRING_EQUAL(found, expected);
    if (strcmp(found, expected) != 0)
        fprintf(stderr, "%s", found);
    free(found);
}

static void
add_plain(struct made_corpus *corpus, const char *id, const char *text)
{
    made_corpus_add(corpus, strdup(text), id, WCP_NO_DATE);
}

/* ---- forms ---- */

static void
add_bulletin(struct made_corpus *corpus, int day, const char *id,
             const char *tail)
{
    char text[400];

    snprintf(text, sizeof text,
             "Bulletin of the harbour office: on the %dth the inner basin took "
             "in %d boats with %d tons of fish, the outer one none. Ice is to "
             "be had at the usual price, and the crane will not work on "
             "Sunday.%s",
             day, 11 * day, 91 - 7 * day, tail);
    add_plain(corpus, id, text);
}

static void
make_notice(char *text, size_t size, unsigned i)
{
    snprintf(text, size,
             "Bulletin of the harbour office, number %u: the inner basin took "
             "in %u boats with %u tons of fish, the outer one %u boats with %u "
             "tons. Ice is to be had at the usual price, and the crane will "
             "not work on Sunday. Masters who have not paid their dues are "
             "asked to call at the window before noon, where %u letters wait "
             "for those that they are addressed to. The tide tables for the "
             "coming month can be bought there as well, and so can charts.",
             4711 + i, 100 + 7919 * i % 800, 100 + 6133 * i % 900,
             100 + 4241 * i % 700, 100 + 9973 * i % 1000, 100 + 3571 * i % 600);
}

/* Of a form with very many issues one was cut by a little, so that it is as
 * alike to others, and one by much. */
static void
test_many_issues(void)
{
    enum { NUM_ISSUES = 90 };
    struct made_corpus corpus = { 0 };
    char text[800], id[24];

    for (unsigned i = 0; i < NUM_ISSUES; i++) {
        make_notice(text, sizeof text, i);
        snprintf(id, sizeof id, "issue%02u", i);
        add_plain(&corpus, id, text);
    }
    make_notice(text, sizeof text, 40);
    text[strlen(text) * 9 / 10] = '\0';
    add_plain(&corpus, "z-cut40", text);
    make_notice(text, sizeof text, 70);
    text[strlen(text) * 6 / 10] = '\0';
    add_plain(&corpus, "z-cut70", text);
    check_groups(&corpus, "issue40 z-cut40 reprint\n"
                          "issue70 z-cut70 abridged\n");
    made_corpus_release(&corpus);
}

/* One day's bulletin is printed twice; the days are no copies. */
static void
test_form(void)
{
    struct made_corpus corpus = { 0 };
    char id[16];

    for (int day = 3; day < 9; day++) {
        snprintf(id, sizeof id, "day%d", day);
        add_bulletin(&corpus, day, id, "");
    }
    add_bulletin(&corpus, 6, "day6-dunvale", " Dunvale Post");
    check_groups(&corpus, "day6 day6-dunvale reprint\n");
    made_corpus_release(&corpus);
}

/* Whoever wants forms gets them. */
static void
test_form_wanted(void)
{
    struct wcp_copy_rules rules = usual_rules();
    struct made_corpus corpus = { 0 };
    char *found;

    rules.relations |= WCP_REL_BIT(WCP_REL_TEMPLATE);
    add_plain(
        &corpus, "a",
        "澜汀港五月十二日进港船只三十四艘，候潮七艘，航道水深正常，引航站"
        "照常值班，请各船注意收听频道。渡船班次不变，末班十点半从内港开出，"
        "遇雾停航时另行通知，票款可退。");
    add_plain(
        &corpus, "b",
        "澜汀港五月十三日进港船只三十六艘，候潮七艘，航道水深正常，引航站"
        "照常值班，请各船注意收听频道。渡船班次不变，末班十点半从内港开出，"
        "遇雾停航时另行通知，票款可退。");
    found = find_groups(&corpus, &rules, 1);
    CU_ASSERT_STRING_EQUAL(found, "a b template\n");
    free(found);
    check_groups(&corpus, "");
    made_corpus_release(&corpus);
}

/* Issues of two forms, printed once or more, some of them with changes. */
static void
make_issues(struct made_corpus *corpus, struct test_rng *rng)
{
    char text[800], id[24];

    for (unsigned i = 0; i < 120; i++) {
        snprintf(id, sizeof id, "%02u-%03u", (unsigned)test_below(rng, 90), i);
        if (test_below(rng, 3) == 0) {
            add_bulletin(corpus, (int)test_below(rng, 12), id,
                         test_below(rng, 2) == 0 ? "" : " Dunvale Post");
            continue;
        }
        make_notice(text, sizeof text, (unsigned)test_below(rng, 40));
        if (test_below(rng, 4) == 0)
            text[strlen(text) - 1 - test_below(rng, 60)] = '\0';
        add_plain(corpus, id, text);
    }
}

/* What is judged on the way is what is judged later. */
static void
test_on_the_way(void)
{
    struct test_rng rng = made_rng(9150);

    for (unsigned i = 0; i < 12; i++) {
        struct made_corpus corpus = { 0 };
        struct wcp_copy_rules rules = usual_rules();
        char *later, *on_the_way;

        rules.order = i % 3 == 0 ? WCP_ORDER_ORIGINAL : WCP_ORDER_DATE;
        rules.relations =
            WCP_REL_BIT(WCP_REL_IDENTICAL) | WCP_REL_BIT(WCP_REL_REPRINT);
        if (i % 4 == 1)
            rules.relations |= WCP_REL_BIT(WCP_REL_TEMPLATE);
        if (i % 4 == 2)
            rules.relations = WCP_REL_BIT(WCP_REL_REPRINT);
        make_issues(&corpus, &rng);
        later = find_groups_as(&corpus, &rules, 1, WITHOUT_SAMPLES);
        on_the_way = find_groups_as(&corpus, &rules, 1 + i % 3, ON_THE_WAY);
        CU_ASSERT(later[0] != '\0');
        CU_ASSERT_STRING_EQUAL(later, on_the_way);
        free(later);
        free(on_the_way);
        made_corpus_release(&corpus);
    }
}

/* ---- captions ---- */

static void
test_captions(void)
{
    struct test_rng rng = made_rng(9100);
    struct made_text frame = { 0 }, text = { 0 }, story = { 0 };
    struct made_corpus corpus = { 0 };

    made_text_random(&frame, &rng, MADE_CHINESE, 100);
    made_text_random(&story, &rng, MADE_CHINESE, 100);
    for (int i = 0; i < 6; i++) {
        make_caption(&text, &rng, &frame, 14 + 8 * (size_t)i);
        add(&corpus, &text, "caption");
    }
    /* Another paper prints the last, and a story has two leads. */
    add(&corpus, &text, "again");
    for (int i = 0; i < 2; i++) {
        make_caption(&text, &rng, &story, 14);
        add(&corpus, &text, "story");
    }
    check_groups(&corpus, "again-006 caption-005 identical\n"
                          "story-007 story-008 reprint\n");
    made_corpus_release(&corpus);
    made_text_release(&frame);
    made_text_release(&text);
    made_text_release(&story);
}

/* A dispatch in many papers, each with its dateline, stays one. */
static void
test_wire(void)
{
    struct test_rng rng = made_rng(9200);
    struct made_text dispatch = { 0 }, text = { 0 };
    struct made_corpus corpus = { 0 };
    const struct wcp_copy_rules rules = usual_rules();
    char *found;
    size_t lines = 0;

    made_text_random(&dispatch, &rng, MADE_CHINESE, 400);
    for (int i = 0; i < 40; i++) {
        make_caption(&text, &rng, &dispatch, 10);
        if (i % 4 == 1)
            text.num = 300;
        add(&corpus, &text, "paper");
    }
    found = find_groups(&corpus, &rules, 2);
    for (const char *at = found; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    CU_ASSERT_EQUAL(lines, 39);
    CU_ASSERT_PTR_NULL(strstr(found, "template"));
    free(found);
    made_corpus_release(&corpus);
    made_text_release(&dispatch);
    made_text_release(&text);
}

/* ---- strangers ---- */

static bool
are_copies(const struct oracle_set *a, const struct oracle_set *b)
{
    const size_t less = a->num < b->num ? a->num : b->num;

    return less > 0 && (double)oracle_set_common(a, b) / (double)less >= .8;
}

static bool
is_strange_to(const struct oracle_set *one, const struct oracle_set *other,
              const struct oracle_set *shared)
{
    const double common = (double)oracle_set_common(one, other);

    if (common >= .8 * (double)other->num)
        return false;
    return common < .8 * (double)one->num ||
           (common < .9 * (double)one->num &&
            (double)shared->num < .9 * (double)one->num);
}

/* Whether two strangers are no copies of each other. */
static bool
oracle_boilerplate(const struct oracle_sets *sets, size_t a, size_t b)
{
    const struct oracle_set *x = &sets->at[a], *y = &sets->at[b];
    uint64_t *hashes = malloc((x->num + 1) * sizeof *hashes);
    struct oracle_set shared = { .hashes = hashes };
    size_t *strangers = malloc(sets->num * sizeof *strangers), num = 0;
    bool found = false;

    for (size_t i = 0; i < x->num; i++) {
        struct oracle_set one = { .hashes = &x->hashes[i], .num = 1 };

        if (oracle_set_common(&one, y) > 0)
            hashes[shared.num++] = x->hashes[i];
    }
    for (size_t i = 0; i < sets->num; i++) {
        const struct oracle_set *other = &sets->at[i];

        if ((double)oracle_set_common(&shared, other) <
                .8 * (double)shared.num ||
            !is_strange_to(x, other, &shared) ||
            !is_strange_to(y, other, &shared))
            continue;
        for (size_t k = 0; k < num; k++)
            found |= !are_copies(other, &sets->at[strangers[k]]);
        strangers[num++] = i;
    }
    free(strangers);
    free(hashes);
    return found;
}

static void
make_families(struct made_corpus *corpus, struct test_rng *rng)
{
    struct made_text frame = { 0 }, text = { 0 }, more = { 0 };

    for (int family = 0; family < 5; family++) {
        const size_t own = 4 + test_below(rng, 30);
        const size_t num = 2 + test_below(rng, 6);

        made_text_random(&frame, rng, MADE_CHINESE, 80 + test_below(rng, 60));
        for (size_t i = 0; i < num; i++) {
            make_caption(&text, rng, &frame, own);
            if (test_below(rng, 3) == 0) {
                made_text_random(&more, rng, MADE_CHINESE, test_below(rng, 60));
                made_text_join(&text, &more);
            }
            made_text_edit(&text, rng, (unsigned)test_below(rng, 8));
            add(corpus, &text, "f");
        }
    }
    made_text_release(&frame);
    made_text_release(&text);
    made_text_release(&more);
}

/* All pairs of classes that are copies by their shares. */
static struct wcp_class_pair *
list_pairs(const struct wcp_store *store, const struct oracle_sets *sets,
           size_t *num_ret)
{
    const size_t n = store->num_classes;
    struct wcp_class_pair *pairs = malloc((n * n + 1) * sizeof *pairs);
    size_t num = 0;

    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + 1; b < n; b++) {
            const struct oracle_set *x =
                &sets->at[store->class_documents[store->class_begins[a]]];
            const struct oracle_set *y =
                &sets->at[store->class_documents[store->class_begins[b]]];

            if (are_copies(x, y))
                pairs[num++] = (struct wcp_class_pair){
                    .a = a,
                    .b = b,
                    .overlap = { (uint32_t)oracle_set_common(x, y),
                                 (uint32_t)x->num, (uint32_t)y->num },
                };
        }
    *num_ret = num;
    return pairs;
}

/* What a judge knows of all pairs of classes: nothing, some, all. */
enum { KNOWS_NOTHING, KNOWS_SOME, KNOWS_ALL, NUM_KNOWING };

static void
tell(struct wcp_judge *judge, const struct oracle_sets *sets, int knowing,
     struct test_rng *rng)
{
    const struct wcp_store *store = judge->store;
    const uint32_t n = store->num_classes;

    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + 1; b < n; b++) {
            const struct oracle_set *x =
                &sets->at[store->class_documents[store->class_begins[a]]];
            const struct oracle_set *y =
                &sets->at[store->class_documents[store->class_begins[b]]];
            const struct wcp_class_pair pair = {
                .a = b,
                .b = a,
                .overlap = { (uint32_t)oracle_set_common(x, y),
                             (uint32_t)y->num, (uint32_t)x->num },
            };

            if (knowing == KNOWS_ALL ||
                (knowing == KNOWS_SOME && test_below(rng, 2) == 0))
                CU_ASSERT_FATAL(wcp_known_add(&judge->known, &pair, 1));
        }
}

struct tally {
    size_t num, num_hit, num_missed;
};

/* Verdicts of strangers on all pairs, held against the oracle's. */
static void
check_strangers(struct wcp_store *store, const struct oracle_sets *sets,
                const struct wcp_class_pair *all, size_t num, uint64_t number,
                struct tally *tally)
{
    struct wcp_class_pair *pairs = malloc((num + 1) * sizeof *pairs);
    struct wcp_class_pair *first = malloc((num + 1) * sizeof *first);
    size_t *suspects = malloc((num + 1) * sizeof *suspects);
    struct test_rng rng = made_rng(number);

    for (int knowing = 0; knowing < NUM_KNOWING; knowing++) {
        struct wcp_judge judge;

        memcpy(pairs, all, num * sizeof *pairs);
        for (size_t i = 0; i < num; i++)
            suspects[i] = knowing == KNOWS_SOME ? num - 1 - i : i;
        wcp_judge_init(&judge, store, .8);
        tell(&judge, sets, knowing, &rng);
        CU_ASSERT_FATAL(wcp_judge_strangers(&judge, pairs, suspects, num,
                                            NULL) == WCP_CODE_OK);
        wcp_judge_release(&judge);
        if (knowing == KNOWS_NOTHING)
            memcpy(first, pairs, num * sizeof *pairs);
        for (size_t i = 0; i < num; i++)
            MADE_CHECK(pairs[i].relation == first[i].relation, number);
    }
    for (size_t i = 0; i < num; i++) {
        const bool expected = oracle_boilerplate(
            sets, store->class_documents[store->class_begins[all[i].a]],
            store->class_documents[store->class_begins[all[i].b]]);
        const bool found = first[i].relation == WCP_REL_BOILERPLATE;

        MADE_CHECK(expected || !found, number);
        tally->num_missed += expected && !found;
        tally->num_hit += expected && found;
    }
    tally->num += num;
    free(suspects);
    free(first);
    free(pairs);
}

/* Each verdict is the oracle's, whatever is known before; that samples hide a
 * stranger is rare. */
static void
test_against_oracle(void)
{
    struct tally tally = { 0 };

    for (uint64_t number = 9300; number < 9330; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        struct wcp_plan plan = made_plan(.8, .99);
        struct oracle_sets sets;
        struct wcp_store *store;
        struct wcp_class_pair *pairs;
        size_t num;

        make_families(&corpus, &rng);
        oracle_sets_init(&sets, &corpus);
        store = made_store(&corpus, &plan);
        store->opts.num_threads = 1 + (unsigned)test_below(&rng, 3);
        pairs = list_pairs(store, &sets, &num);
        check_strangers(store, &sets, pairs, num, number, &tally);
        free(pairs);
        wcp_store_free(store);
        oracle_sets_release(&sets);
        made_corpus_release(&corpus);
    }
    CU_ASSERT(tally.num > 0);
    CU_ASSERT(tally.num_missed <= tally.num_hit / 4);
}

/* The same for any order of documents and number of threads. */
static void
test_order(void)
{
    const struct wcp_copy_rules rules = usual_rules();

    for (uint64_t number = 9400; number < 9412; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        char *expected;

        make_families(&corpus, &rng);
        expected = find_groups(&corpus, &rules, 1);
        for (unsigned threads = 1; threads < 5; threads++) {
            char *found;

            made_corpus_shuffle(&corpus, &rng);
            found = find_groups(&corpus, &rules, threads);
            MADE_CHECK(strcmp(found, expected) == 0, number);
            free(found);
        }
        free(expected);
        made_corpus_release(&corpus);
    }
}

void
suite_judge(void)
{
    CU_pSuite suite = CU_add_suite("judge", NULL, NULL);

    CU_add_test(suite, "a form", test_form);
    CU_add_test(suite, "very many issues", test_many_issues);
    CU_add_test(suite, "a form that is wanted", test_form_wanted);
    CU_add_test(suite, "judged on the way", test_on_the_way);
    CU_add_test(suite, "captions", test_captions);
    CU_add_test(suite, "a wire", test_wire);
    CU_add_test(suite, "against a naive count", test_against_oracle);
    CU_add_test(suite, "order of documents", test_order);
}
