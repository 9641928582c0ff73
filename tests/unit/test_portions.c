/*
 * test_portions.c - stores whose documents have left memory, against the same
 * stores in memory
 */
#include "group/runs.h"
#include "made_corpus.h"
#include "store/chunk.h"
#include "store/portion.h"

#include <stdio.h>
#include <string.h>

/* ---- two stores of one corpus ---- */

struct both {
    struct wcp_store *whole, *spilled;
    struct wcp_components components[2];
    struct wcp_quota memory, disk;
};

static void
open_both(struct both *both, const struct made_corpus *corpus,
          const struct wcp_plan *plan, uint64_t limit, unsigned threads)
{
    memset(both, 0, sizeof *both);
    both->memory.limit = limit;
    both->whole = made_store(corpus, plan);
    CU_ASSERT_FATAL(made_store_fill(&wcp_memory_libc, corpus, plan,
                                    &both->spilled) == WCP_CODE_OK);
    both->spilled->opts.memory = &both->memory;
    both->spilled->opts.disk = &both->disk;
    both->spilled->opts.num_threads = threads;
    atomic_store(&both->spilled->spilling, true);
    CU_ASSERT_FATAL(wcp_store_close(both->spilled, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_components_find(&both->components[0], both->whole, plan,
                                        NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_components_find(&both->components[1], both->spilled,
                                        plan, NULL) == WCP_CODE_OK);
}

static void
close_both(struct both *both)
{
    wcp_components_release(&both->components[0]);
    wcp_components_release(&both->components[1]);
    wcp_store_free(both->whole);
    wcp_store_free(both->spilled);
    /* Nothing is taken from the disk any more but the spool. */
    CU_ASSERT_EQUAL(both->memory.used, 0);
}

static bool
same_counts(const struct wcp_store_counts *a, const struct wcp_store_counts *b)
{
    return a->documents == b->documents && a->classes == b->classes &&
           a->empty == b->empty && a->bytes == b->bytes &&
           a->shingles == b->shingles && a->equal_ids == b->equal_ids &&
           a->bad_dates == b->bad_dates;
}

/* Every document is there as it was, with its class. */
static bool
same_entries(const struct both *both)
{
    struct wcp_entry_walk walk = { .store = both->spilled };
    const struct wcp_entry *entry;
    enum wcp_code code = WCP_CODE_OK;
    bool same = true;

    for (uint32_t i = 0; i < both->whole->num_documents; i++) {
        const struct wcp_entry *other = &both->whole->entries[i];

        entry = wcp_entry_walk_next(&walk, &code, NULL);
        if (entry == NULL)
            return false;
        same = same && entry->class_number == other->class_number &&
               memcmp(entry->digest, other->digest, 16) == 0 &&
               entry->date_ms == other->date_ms && entry->line == other->line &&
               entry->num_units == other->num_units &&
               entry->flags == other->flags && entry->id_len == other->id_len &&
               memcmp(entry->strings, other->strings,
                      wcp_entry_strings_len(other)) == 0;
    }
    same = same && wcp_entry_walk_next(&walk, &code, NULL) == NULL;
    wcp_entry_walk_release(&walk);
    return same && code == WCP_CODE_OK;
}

static bool
same_keys(const struct both *both)
{
    const uint32_t n = both->whole->num_classes;

    for (unsigned band = 0; band < both->whole->opts.num_bands; band++) {
        struct wcp_key_walk walk = { .store = both->spilled, .band = band };
        uint32_t next = 0;
        bool same = true;

        while (wcp_key_walk_next(&walk, NULL) == WCP_CODE_OK && walk.num > 0) {
            same = same && walk.first == next && walk.num <= n - next &&
                   memcmp(walk.at, both->whole->keys + (size_t)band * n + next,
                          walk.num * sizeof *walk.at) == 0;
            next += (uint32_t)walk.num;
        }
        wcp_key_walk_release(&walk);
        if (!same || next != n)
            return false;
    }
    return true;
}

static bool
same_components(const struct both *both)
{
    const struct wcp_components *a = &both->components[0];
    const struct wcp_components *b = &both->components[1];

    return a->num == b->num && a->num_classes == b->num_classes &&
           memcmp(a->begins, b->begins, (a->num + 1) * sizeof *a->begins) ==
               0 &&
           memcmp(a->classes, b->classes,
                  a->num_classes * sizeof *a->classes) == 0;
}

/* ---- groups, by portions ---- */

struct finding {
    const struct wcp_plan *plan;
    enum wcp_order order;
    struct wcp_runs runs;
    unsigned num_portions;
    uint64_t fail_first; /* calls that are refused, to be made again */
};

static enum wcp_code
find_groups(void *ctx, struct wcp_store *portion,
            const struct wcp_components *components, struct wcp_fault *fault)
{
    struct finding *finding = ctx;
    struct wcp_groups groups;

    if (finding->fail_first > 0 && components->num > 1) {
        finding->fail_first--;
        return wcp_no_memory(fault);
    }
    finding->num_portions++;
    CU_ASSERT_FATAL(wcp_groups_find(&groups, portion, finding->plan, components,
                                    finding->order, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_runs_begin(&finding->runs));
    for (size_t i = 0; i < groups.begins.num; i++) {
        const struct wcp_result result = {
            .portion = portion,
            .members = groups.members.at + groups.begins.at[i],
            .num = groups.begins.at[i + 1] - groups.begins.at[i],
        };

        CU_ASSERT_FATAL(wcp_runs_add(&finding->runs, &result, NULL) ==
                        WCP_CODE_OK);
    }
    wcp_groups_release(&groups);
    return WCP_CODE_OK;
}

static bool
same_overlap(const struct wcp_overlap *a, const struct wcp_overlap *b)
{
    return a->common == b->common && a->size_a == b->size_a &&
           a->size_b == b->size_b;
}

/* The group at hand is the one of these members, in whatever order asked. */
static bool
same_group(struct wcp_runs *runs, const struct wcp_store *whole,
           const struct wcp_member *members, size_t num, bool backwards)
{
    for (size_t k = 0; k < num; k++) {
        const size_t i = backwards ? num - 1 - k : k;
        const struct wcp_found *found;
        const struct wcp_entry *entry = &whole->entries[members[i].document];

        if (wcp_runs_get(runs, i, &found, NULL) != WCP_CODE_OK ||
            found->number != members[i].document ||
            !same_overlap(&found->overlap, &members[i].overlap) ||
            found->same_text !=
                (entry->class_number ==
                 whole->entries[members[0].document].class_number) ||
            memcmp(found->entry.strings, entry->strings,
                   wcp_entry_strings_len(entry)) != 0)
            return false;
    }
    return wcp_runs_first(runs)->number == members[0].document;
}

static bool
same_groups(struct both *both, struct finding *finding)
{
    const struct wcp_portion_costs costs = { 1, 1, 1 };
    struct wcp_groups groups;
    bool same = true;
    uint64_t num;

    CU_ASSERT_FATAL(wcp_groups_find(&groups, both->whole, finding->plan,
                                    &both->components[0], finding->order,
                                    NULL) == WCP_CODE_OK);
    wcp_runs_init(&finding->runs, both->spilled, finding->order);
    CU_ASSERT_FATAL(wcp_portions_each(both->spilled, &both->components[1],
                                      &costs, find_groups, finding,
                                      NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_runs_merge(&finding->runs, NULL) == WCP_CODE_OK);
    for (size_t i = 0; i < groups.begins.num; i++) {
        const size_t begin = groups.begins.at[i];

        same = same &&
               wcp_runs_next(&finding->runs, &num, NULL) == WCP_CODE_OK &&
               num == groups.begins.at[i + 1] - begin &&
               same_group(&finding->runs, both->whole,
                          groups.members.at + begin, (size_t)num, i % 2);
    }
    same = same && wcp_runs_next(&finding->runs, &num, NULL) == WCP_CODE_OK &&
           num == 0;
    wcp_runs_release(&finding->runs);
    wcp_groups_release(&groups);
    return same;
}

/* ---- tests ---- */

static void
test_random_corpora(void)
{
    enum { NUM_CASES = 12 };
    unsigned most_portions = 0;

    for (uint64_t number = 0; number < NUM_CASES; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        struct both both;
        struct wcp_plan plan = number % 4 == 3
                                   ? made_simhash_plan(.5, 6)
                                   : made_plan(number % 2 ? .5 : .8, .99);
        struct finding finding = {
            .plan = &plan,
            .order = (enum wcp_order)(number % 3),
            .fail_first = number % 5 == 4 ? 2 : 0,
        };

        made_corpus_random(&corpus, &rng, 60 + test_random(&rng) % 100,
                           10 + test_random(&rng) % 20);
        made_corpus_add(&corpus, strdup(""), "", WCP_NO_DATE);
        /* What each thread keeps is 1 MiB at least. */
        open_both(&both, &corpus, &plan,
                  ((uint64_t)24 << 20) + test_random(&rng) % (8 << 20),
                  1 + (unsigned)(number % 3));
        MADE_CHECK(same_counts(&both.whole->counts, &both.spilled->counts),
                   number);
        MADE_CHECK(same_entries(&both), number);
        if (plan.kind != WCP_SIG_SIMHASH)
            MADE_CHECK(same_keys(&both), number);
        MADE_CHECK(same_components(&both), number);
        MADE_CHECK(same_groups(&both, &finding), number);
        if (most_portions < finding.num_portions)
            most_portions = finding.num_portions;
        close_both(&both);
        made_corpus_release(&corpus);
    }
    /* Calls that were refused are made again for fewer. */
    CU_ASSERT(most_portions > 1);
}

/* More than is put away at once, added one by one. */
static void
test_many_added(void)
{
    struct test_rng rng = made_rng(99);
    struct made_corpus corpus = { 0 };
    struct wcp_plan plan = made_plan(.8, .99);
    struct both both;

    for (unsigned i = 0; i < 3000; i++) {
        char text[64], id[24];

        snprintf(text, sizeof text, "the text of number %u",
                 (unsigned)(test_random(&rng) % 1500));
        snprintf(id, sizeof id, "%u", i % 2999);
        made_corpus_add(&corpus, strdup(text), id, (int64_t)i % 7);
    }
    open_both(&both, &corpus, &plan, (uint64_t)64 << 20, 2);
    CU_ASSERT(both.spilled->spill->num_parts == 3);
    CU_ASSERT(same_counts(&both.whole->counts, &both.spilled->counts));
    CU_ASSERT_EQUAL(both.spilled->counts.equal_ids, 1);
    CU_ASSERT(same_entries(&both));
    CU_ASSERT(same_keys(&both));
    CU_ASSERT(same_components(&both));
    close_both(&both);
    made_corpus_release(&corpus);
}

/* A part of a band that is larger than all that is parted at once: what most
 * classes have in common. */
static void
test_one_bucket(void)
{
    enum { NUM = 70000 };
    struct wcp_plan plan = made_plan(.8, .99);
    struct made_corpus corpus = { 0 };
    struct wcp_quota memory = { .limit = 1 };
    struct wcp_components components;
    struct wcp_store *store = NULL;
    char text[32];

    made_corpus_add(&corpus, strdup("a text"), "", WCP_NO_DATE);
    CU_ASSERT_FATAL(made_store_fill(&wcp_memory_libc, &corpus, &plan, &store) ==
                    WCP_CODE_OK);
    for (unsigned i = 1; i < NUM; i++) {
        struct wcp_document doc = { .date_ms = WCP_NO_DATE };

        snprintf(text, sizeof text, "%u", i);
        doc.text = (struct wcp_string){ text, strlen(text) };
        CU_ASSERT_FATAL(wcp_store_add(store, &doc, NULL) == WCP_CODE_OK);
    }
    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_EQUAL_FATAL(store->num_classes, NUM);
    /* All keys of the last band but those of every tenth class are equal. */
    for (uint32_t c = 0; c < NUM; c++) {
        for (unsigned band = 0; band < plan.num_bands; band++)
            store->keys[(size_t)band * NUM + c] = band * NUM + c;
        if (c % 10 != 0)
            store->keys[(size_t)(plan.num_bands - 1) * NUM + c] = 7;
    }
    store->opts.memory = &memory;
    CU_ASSERT_FATAL(wcp_components_find(&components, store, &plan, NULL) ==
                    WCP_CODE_OK);
    CU_ASSERT_EQUAL(components.num, 1);
    CU_ASSERT_EQUAL(components.num_classes, NUM / 10 * 9);
    wcp_components_release(&components);
    wcp_store_free(store);
    made_corpus_release(&corpus);
}

static void
test_too_little(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct made_corpus corpus = { 0 };
    struct test_rng rng = made_rng(7);
    struct wcp_quota memory = { .limit = 1000 };
    struct wcp_store *store = NULL;

    made_corpus_random(&corpus, &rng, 30, 5);
    CU_ASSERT_FATAL(made_store_fill(&wcp_memory_libc, &corpus, &plan, &store) ==
                    WCP_CODE_OK);
    store->opts.memory = &memory;
    atomic_store(&store->spilling, true);
    CU_ASSERT(wcp_store_close(store, NULL, NULL) == WCP_CODE_NO_MEMORY);
    CU_ASSERT(memory.needed > memory.limit);
    wcp_store_free(store);
    made_corpus_release(&corpus);
}

/* What is written to temporary files is bounded. */
static void
test_disk(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct made_corpus corpus = { 0 };
    struct test_rng rng = made_rng(8);
    struct wcp_quota disk = { .limit = 100 };
    struct wcp_store *store = NULL;
    struct wcp_fault fault = { 0 };

    made_corpus_random(&corpus, &rng, 30, 5);
    CU_ASSERT_FATAL(made_store_fill(&wcp_memory_libc, &corpus, &plan, &store) ==
                    WCP_CODE_OK);
    store->opts.disk = &disk;
    atomic_store(&store->spilling, true);
    CU_ASSERT(wcp_store_close(store, NULL, &fault) == WCP_CODE_IO);
    CU_ASSERT(disk.refused > 0);
    CU_ASSERT(disk.peak <= disk.limit);
    wcp_store_free(store);
    made_corpus_release(&corpus);
}

static void
test_size_codes(void)
{
    uint8_t last = 0;

    for (uint64_t len = 0; len < (UINT64_C(15) << 28); len += 1 + len / 7) {
        const uint8_t code = wcp_size_code((size_t)len);
        const uint64_t size = wcp_size_of(code);

        MADE_CHECK(size >= len, len);
        MADE_CHECK(size <= len + len / 8, len);
        MADE_CHECK(code >= last, len);
        last = code;
    }
}

void suite_portions(void);

void
suite_portions(void)
{
    CU_pSuite suite = CU_add_suite("portions", NULL, NULL);

    CU_add_test(suite, "random corpora", test_random_corpora);
    CU_add_test(suite, "many added one by one", test_many_added);
    CU_add_test(suite, "one bucket of nearly all", test_one_bucket);
    CU_add_test(suite, "too little memory", test_too_little);
    CU_add_test(suite, "too little disk", test_disk);
    CU_add_test(suite, "sizes in a byte", test_size_codes);
}
