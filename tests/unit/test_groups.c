/*
 * test_groups.c - groups against a greedy that compares everything exactly
 */
#include "group/group.h"
#include "oracle_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- running ---- */

/* A corpus grouped; the caller releases all of it. */
struct grouped {
    struct wcp_store *store;
    struct wcp_components components;
    struct wcp_groups groups;
};

static void
group(struct grouped *grouped, const struct made_corpus *corpus,
      const struct wcp_plan *plan, enum wcp_order by, unsigned threads)
{
    memset(grouped, 0, sizeof *grouped);
    grouped->store = made_store(corpus, plan);
    grouped->store->opts.num_threads = threads;
    CU_ASSERT_FATAL(wcp_components_find(&grouped->components, grouped->store,
                                        plan, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_groups_find(&grouped->groups, grouped->store, plan,
                                    &grouped->components, by,
                                    NULL) == WCP_CODE_OK);
}

static void
ungroup(struct grouped *grouped)
{
    wcp_groups_release(&grouped->groups);
    wcp_components_release(&grouped->components);
    wcp_store_free(grouped->store);
}

static size_t
group_of_size(const struct wcp_groups *groups, size_t i)
{
    return groups->begins.at[i + 1] - groups->begins.at[i];
}

/* Whether no pair that meets the threshold was lost by its signature. */
static bool
nothing_is_lost(const struct wcp_store *store, const struct oracle_sets *sets,
                const struct wcp_plan *plan)
{
    for (uint32_t a = 0; a < store->num_classes; a++)
        for (uint32_t b = a + 1; b < store->num_classes; b++) {
            uint32_t doc_a = store->class_documents[store->class_begins[a]];
            uint32_t doc_b = store->class_documents[store->class_begins[b]];

            if (oracle_jaccard(&sets->at[doc_a], &sets->at[doc_b]) >=
                    plan->threshold &&
                !oracle_is_candidate(store, plan, a, b))
                return false;
        }
    return true;
}

/* ---- against the oracle ---- */

static bool
is_member(const struct wcp_member *member, const struct oracle_sets *sets,
          size_t document, size_t original)
{
    return member->document == document && member->original == original &&
           wcp_jaccard(&member->overlap) ==
               oracle_jaccard(&sets->at[document], &sets->at[original]);
}

/* Whether the groups are what 'originals' says, in the promised order, with
 * exact overlaps. */
static bool
groups_agree(const struct wcp_groups *groups, const struct made_corpus *corpus,
             const struct oracle_sets *sets, enum wcp_order by,
             const size_t *originals)
{
    size_t *order = malloc((corpus->num + 1) * sizeof *order);
    size_t at = 0, num = 0;
    bool agree = true;

    /* What is most complete is no order to list documents in. */
    oracle_order(corpus, sets, by == WCP_ORDER_ORIGINAL ? WCP_ORDER_DATE : by,
                 order);
    for (size_t i = 0; agree && i < corpus->num; i++) {
        size_t original = order[i], size = 0;

        for (size_t k = 0; k < corpus->num; k++)
            size += originals[k] == original;
        if (size < 2)
            continue;
        agree &= num < groups->begins.num && groups->begins.at[num] == at;
        agree &= at + size <= groups->members.num;
        agree &= agree &&
                 is_member(&groups->members.at[at++], sets, original, original);
        for (size_t k = 0; agree && k < corpus->num; k++)
            if (originals[order[k]] == original && order[k] != original)
                agree &= is_member(&groups->members.at[at++], sets, order[k],
                                   original);
        num++;
    }
    free(order);
    return agree && num == groups->begins.num && at == groups->members.num &&
           groups->begins.at[num] == at;
}

/* What holds even where LSH lost a pair: members meet the threshold and come
 * after their original, each document stands once.  'lost' counts pairs of
 * originals that do meet it. */
static void
check_invariants(const struct grouped *grouped, const struct oracle_sets *sets,
                 double threshold, enum wcp_order by, uint64_t number,
                 size_t lost[1])
{
    const struct wcp_groups *groups = &grouped->groups;
    uint8_t *seen = calloc(sets->num + 1, 1);
    bool good = true;

    for (size_t i = 0; i < groups->members.num; i++) {
        const struct wcp_member *member = &groups->members.at[i];
        const struct oracle_set *set = &sets->at[member->document];

        good &= !seen[member->document]++;
        good &=
            member->document == member->original ||
            (oracle_jaccard(set, &sets->at[member->original]) >= threshold &&
             wcp_store_compare_by(grouped->store, by, member->original,
                                  member->document) < 0);
    }
    MADE_CHECK(good, number);
    for (size_t i = 0; i < groups->begins.num; i++) {
        uint32_t a = groups->members.at[groups->begins.at[i]].original;

        MADE_CHECK(group_of_size(groups, i) >= 2, number);
        for (size_t k = i + 1; k < groups->begins.num; k++) {
            uint32_t b = groups->members.at[groups->begins.at[k]].original;

            lost[0] += oracle_jaccard(&sets->at[a], &sets->at[b]) >= threshold;
        }
    }
    free(seen);
}

static bool
same_groups(const struct wcp_groups *a, const struct wcp_groups *b)
{
    return a->members.num == b->members.num && a->begins.num == b->begins.num &&
           a->num_verified == b->num_verified &&
           memcmp(a->begins.at, b->begins.at,
                  (a->begins.num + 1) * sizeof *a->begins.at) == 0 &&
           (a->members.num == 0 ||
            memcmp(a->members.at, b->members.at,
                   a->members.num * sizeof *a->members.at) == 0);
}

/* Returns whether the corpus could be compared with the oracle. */
static bool
check_corpus(const struct made_corpus *corpus, const struct wcp_plan *plan,
             enum wcp_order by, uint64_t number)
{
    double threshold = plan->threshold;
    size_t *originals = malloc((corpus->num + 1) * sizeof *originals);
    size_t lost[1] = { 0 };
    struct oracle_sets sets;
    struct grouped grouped, other;
    bool comparable;

    oracle_sets_init(&sets, corpus);
    oracle_groups(corpus, &sets, by, threshold, originals);
    group(&grouped, corpus, plan, by, 1);
    comparable = nothing_is_lost(grouped.store, &sets, plan);
    if (comparable)
        MADE_CHECK(groups_agree(&grouped.groups, corpus, &sets, by, originals),
                   number);
    check_invariants(&grouped, &sets, threshold, by, number, lost);
    MADE_CHECK(!comparable || lost[0] == 0, number);
    for (unsigned threads = 2; threads < 9; threads += 6) {
        group(&other, corpus, plan, by, threads);
        MADE_CHECK(same_groups(&grouped.groups, &other.groups), number);
        ungroup(&other);
    }
    ungroup(&grouped);
    oracle_sets_release(&sets);
    free(originals);
    return comparable;
}

static void
test_against_exact_greedy(void)
{
    static const double thresholds[] = { .3, .5, .8, .9, 1 };
    static const size_t nums[] = { 0, 1, 2, 30, 80, 200 };
    size_t num_comparable = 0, num = 0;

    for (uint64_t number = 5000; number < 5048; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan = made_plan(thresholds[number % 5], .9999);
        struct made_corpus corpus = { 0 };
        enum wcp_order by = (enum wcp_order)(number % 7 % 4);
        size_t size = nums[number % 6];

        made_corpus_random(&corpus, &rng, size, 1 + size / 15);
        for (size_t i = 0; i < corpus.num; i++)
            corpus.at[i].own = test_below(&rng, 4) == 0;
        num_comparable += check_corpus(&corpus, &plan, by, number);
        num++;
        made_corpus_release(&corpus);
    }
    CU_ASSERT(num_comparable * 2 > num);
}

/* A low recall loses pairs; what is said must hold all the same. */
/* So many texts of one form that they are looked up by their rare shingles; one
 * in eight is another one with a word changed. */
static void
test_forms(void)
{
    enum { NUM_FORMS = 1000, NUM_WORDS = 6 };
    static unsigned words[NUM_FORMS][NUM_WORDS];
    struct test_rng rng = made_rng(5100);
    struct wcp_plan plan = made_plan(.8, .9999);
    struct made_corpus corpus = { 0 };

    for (unsigned i = 0; i < NUM_FORMS; i++) {
        char text[512], id[24];

        for (unsigned k = 0; k < NUM_WORDS; k++)
            words[i][k] = (unsigned)test_below(&rng, 40000);
        if (i > 0 && test_below(&rng, 8) == 0) {
            memcpy(words[i], words[test_below(&rng, i)], sizeof words[i]);
            words[i][test_below(&rng, NUM_WORDS)] = i;
        }
        snprintf(
            text, sizeof text,
            "on monday the council of town %u agreed to spend %u pounds on "
            "repairs to the bridge number %u over the river while member "
            "%u asked for a delay of %u weeks and the vote was put off to "
            "meeting %u of the council in the autumn of this year",
            words[i][0], words[i][1], words[i][2], words[i][3], words[i][4],
            words[i][5]);
        snprintf(id, sizeof id, "form%04u", i);
        made_corpus_add(&corpus, strcpy(malloc(strlen(text) + 1), text), id,
                        WCP_NO_DATE);
    }
    check_corpus(&corpus, &plan, WCP_ORDER_DATE, 5100);
    made_corpus_release(&corpus);
}

static void
test_low_recall(void)
{
    for (uint64_t number = 5100; number < 5110; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan = made_plan(.7, .5);
        struct made_corpus corpus = { 0 };

        made_corpus_random(&corpus, &rng, 120, 4);
        check_corpus(&corpus, &plan, WCP_ORDER_DATE, number);
        made_corpus_release(&corpus);
    }
}

/* ---- the order in which documents were added ---- */

/* The groups as ids: "original member jaccard" lines. */
static char *
print_groups(const struct wcp_groups *groups, const struct made_corpus *corpus)
{
    size_t size = 1, at = 0;
    char *text;

    size += groups->members.num * 100;
    text = malloc(size);
    text[0] = '\0';
    for (size_t i = 0; i < groups->members.num; i++) {
        const struct wcp_member *member = &groups->members.at[i];

        at += (size_t)snprintf(text + at, size - at, "%s %s %.17g\n",
                               corpus->at[member->original].id,
                               corpus->at[member->document].id,
                               wcp_jaccard(&member->overlap));
    }
    return text;
}

static void
test_shuffled_input(void)
{
    for (uint64_t number = 5200; number < 5210; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan = made_plan(number % 2 ? .5 : .8, .99);
        struct made_corpus corpus = { 0 };
        enum wcp_order by =
            number % 4 < 2 ? WCP_ORDER_DATE : WCP_ORDER_ORIGINAL;
        struct grouped grouped;
        char *before, *after;

        made_corpus_random(&corpus, &rng, 90, 6);
        for (size_t i = 0; i < corpus.num; i++)
            corpus.at[i].own = test_below(&rng, 4) == 0;
        group(&grouped, &corpus, &plan, by, 1);
        before = print_groups(&grouped.groups, &corpus);
        ungroup(&grouped);
        made_corpus_shuffle(&corpus, &rng);
        group(&grouped, &corpus, &plan, by, 2);
        after = print_groups(&grouped.groups, &corpus);
        ungroup(&grouped);
        MADE_CHECK(strcmp(before, after) == 0, number);
        free(before);
        free(after);
        made_corpus_release(&corpus);
    }
}

/* ---- constructed cases ---- */

/*
 * A thousand random letters, of which those from 'begin' to 'end' are replaced
 * by ones that occur nowhere else.
 */
static char *
make_variant(size_t begin, size_t end)
{
    struct test_rng rng = { 12345 }, other = { begin * 1000 + end };
    char *text = malloc(1001);

    for (size_t i = 0; i < 1000; i++) {
        char usual = (char)('a' + test_below(&rng, 26));
        char unusual = (char)('a' + test_below(&other, 26));

        text[i] = begin <= i && i < end ? unusual : usual;
    }
    text[1000] = '\0';
    return text;
}

/* Run a corpus of few documents and say whose original each one's is. */
static void
find_originals(struct made_corpus *corpus, double threshold, uint32_t *found)
{
    struct wcp_plan plan = made_plan(threshold, .9999);
    struct oracle_sets sets;
    struct grouped grouped;

    for (uint32_t i = 0; i < corpus->num; i++)
        found[i] = i;
    group(&grouped, corpus, &plan, WCP_ORDER_DATE, 1);
    oracle_sets_init(&sets, corpus);
    /* The texts are fixed, so this holds always or never. */
    CU_ASSERT(nothing_is_lost(grouped.store, &sets, &plan));
    for (size_t i = 0; i < grouped.groups.members.num; i++)
        found[grouped.groups.members.at[i].document] =
            grouped.groups.members.at[i].original;
    oracle_sets_release(&sets);
    ungroup(&grouped);
    made_corpus_release(corpus);
}

/* Of two identical texts the later meets an original that is more like them
 * than the one that the earlier had to join. */
static void
test_later_copy_joins_newer_original(void)
{
    struct made_corpus corpus = { 0 };
    uint32_t found[5];

    made_corpus_add(&corpus, make_variant(0, 0), "copy-2", 4000);
    made_corpus_add(&corpus, make_variant(950, 1000), "newer", 3000);
    made_corpus_add(&corpus, make_variant(0, 0), "copy-1", 2000);
    made_corpus_add(&corpus, make_variant(0, 90), "older", 1000);
    made_corpus_add(&corpus, make_variant(0, 0), "copy-3", 5000);
    find_originals(&corpus, .8, found);
    CU_ASSERT_EQUAL(found[3], 3);
    CU_ASSERT_EQUAL(found[2], 3);
    CU_ASSERT_EQUAL(found[1], 1);
    CU_ASSERT_EQUAL(found[0], 1);
    CU_ASSERT_EQUAL(found[4], 1);
}

static void
test_tie_goes_to_earliest(void)
{
    for (int64_t turn = 0; turn < 2; turn++) {
        struct made_corpus corpus = { 0 };
        struct oracle_sets sets;
        uint32_t found[3];

        made_corpus_add(&corpus, make_variant(0, 90), "head", 1000 + turn);
        made_corpus_add(&corpus, make_variant(910, 1000), "tail", 1001 - turn);
        made_corpus_add(&corpus, make_variant(0, 0), "copy", 2000);
        oracle_sets_init(&sets, &corpus);
        CU_ASSERT_EQUAL(oracle_jaccard(&sets.at[2], &sets.at[0]),
                        oracle_jaccard(&sets.at[2], &sets.at[1]));
        oracle_sets_release(&sets);
        find_originals(&corpus, .8, found);
        CU_ASSERT_EQUAL(found[0], 0);
        CU_ASSERT_EQUAL(found[1], 1);
        CU_ASSERT_EQUAL(found[2], turn == 0 ? 0 : 1);
    }
}

static void
test_order_of_identical_texts(void)
{
    struct made_corpus corpus = { 0 };
    uint32_t found[6];

    made_corpus_add(&corpus, make_variant(0, 0), "a", WCP_NO_DATE);
    made_corpus_add(&corpus, make_variant(0, 0), "b", INT64_MAX);
    made_corpus_add(&corpus, make_variant(0, 0), "d", -5);
    made_corpus_add(&corpus, make_variant(0, 0), "c", -5);
    made_corpus_add(&corpus, make_variant(0, 0), "a", -4);
    made_corpus_add(&corpus, strdup(" .,!"), "0", -9);
    find_originals(&corpus, .8, found);
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(found[i], 3);
    CU_ASSERT_EQUAL(found[5], 5);
}

/* A chain of small steps does not merge strangers. */
static void
test_chain(void)
{
    struct made_corpus corpus = { 0 };
    uint32_t found[10];

    for (size_t i = 0; i < 10; i++) {
        char id[8];

        snprintf(id, sizeof id, "%zu", i);
        made_corpus_add(&corpus, make_variant(0, 60 * i), id, 1000);
    }
    find_originals(&corpus, .8, found);
    CU_ASSERT_EQUAL(found[0], 0);
    CU_ASSERT_EQUAL(found[1], 0);
    CU_ASSERT_EQUAL(found[9], 9);
}

/* SimHash: whatever is within the distance, the most similar by Jaccard. */
static void
test_simhash(void)
{
    for (uint64_t number = 5300; number < 5306; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan = made_simhash_plan(number % 2 ? -1 : .6, 5);
        struct made_corpus corpus = { 0 };
        struct oracle_sets sets;
        struct grouped grouped;
        const uint64_t *simhashes;
        bool good = true;

        made_corpus_random(&corpus, &rng, 100, 5);
        oracle_sets_init(&sets, &corpus);
        group(&grouped, &corpus, &plan, WCP_ORDER_DATE, 2);
        simhashes = grouped.store->simhashes;
        for (size_t i = 0; i < grouped.groups.members.num; i++) {
            const struct wcp_member *m = &grouped.groups.members.at[i];
            const struct wcp_entry *entries = grouped.store->entries;
            double jaccard =
                oracle_jaccard(&sets.at[m->document], &sets.at[m->original]);

            good &= oracle_distance(
                        simhashes[entries[m->document].class_number],
                        simhashes[entries[m->original].class_number]) <= 5 &&
                    jaccard >= plan.threshold &&
                    wcp_jaccard(&m->overlap) == jaccard;
        }
        MADE_CHECK(good, number);
        ungroup(&grouped);
        oracle_sets_release(&sets);
        made_corpus_release(&corpus);
    }
}

void
suite_groups(void)
{
    CU_pSuite suite = CU_add_suite("groups", NULL, NULL);

    CU_add_test(suite, "against the exact greedy", test_against_exact_greedy);
    CU_add_test(suite, "forms", test_forms);
    CU_add_test(suite, "low recall", test_low_recall);
    CU_add_test(suite, "shuffled input", test_shuffled_input);
    CU_add_test(suite, "a later copy joins a newer original",
                test_later_copy_joins_newer_original);
    CU_add_test(suite, "a tie goes to the earliest", test_tie_goes_to_earliest);
    CU_add_test(suite, "order of identical texts",
                test_order_of_identical_texts);
    CU_add_test(suite, "a chain", test_chain);
    CU_add_test(suite, "SimHash", test_simhash);
}
