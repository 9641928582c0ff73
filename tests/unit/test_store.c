/*
 * test_store.c - what a store keeps of documents, and that nothing it or the
 * layers above ask of memory may be refused with more harm than an error
 */
#include "group/group.h"
#include "oracle_match.h"
#include "oracle_sketch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- documents from memory ---- */

static struct wcp_string
string_of(const char *text)
{
    return (struct wcp_string){ text, text != NULL ? strlen(text) : 0 };
}

static bool
is_string(struct wcp_string string, const char *text)
{
    if (text == NULL || string.data == NULL)
        return text == NULL && string.data == NULL;
    return string.len == strlen(text) &&
           memcmp(string.data, text, string.len) == 0;
}

static struct wcp_store *
new_store(const struct wcp_plan *plan, const char *tmpdir)
{
    const struct wcp_store_options opts = { .kind = plan->kind,
                                            .num_bands = plan->num_bands,
                                            .num_rows = plan->num_rows,
                                            .num_threads = 1,
                                            .tmpdir = tmpdir };
    struct wcp_store *store = NULL;

    CU_ASSERT_FATAL(wcp_store_new(&wcp_memory_libc, &opts, NULL, &store,
                                  NULL) == WCP_CODE_OK);
    return store;
}

static void
test_metadata(void)
{
    static const struct {
        const char *id, *title, *date, *source;
    } docs[] = {
        { "id", "title", "2020-01-01", "source" },
        { NULL, NULL, NULL, NULL },
        { "", "", "", "" },
        { NULL, "only a title", NULL, "" },
        { "only an id", NULL, NULL, NULL },
    };
    const size_t num = sizeof docs / sizeof *docs;
    struct wcp_plan plan = made_plan(.8, .99);
    struct wcp_store *store = new_store(&plan, NULL);
    struct wcp_buffer id;

    for (size_t i = 0; i < num; i++) {
        struct wcp_document doc = { .text = string_of("a text"),
                                    .id = string_of(docs[i].id),
                                    .title = string_of(docs[i].title),
                                    .date = string_of(docs[i].date),
                                    .source = string_of(docs[i].source),
                                    .date_ms = i == 0 ? 77 : WCP_NO_DATE };

        doc.num_bad = i == 3;
        CU_ASSERT(wcp_store_add(store, &doc, NULL) == WCP_CODE_OK);
    }
    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_EQUAL(store->num_documents, num);
    CU_ASSERT_EQUAL(store->counts.documents, num);
    CU_ASSERT_EQUAL(store->counts.repaired, 1);
    CU_ASSERT_EQUAL(store->counts.bad_dates, 1);
    CU_ASSERT_EQUAL(store->counts.equal_ids, 0);
    CU_ASSERT_EQUAL(store->entries[0].date_ms, 77);
    for (size_t i = 0; i < num; i++) {
        const struct wcp_entry *entry = &store->entries[i];

        CU_ASSERT(is_string(wcp_entry_id(entry), docs[i].id));
        CU_ASSERT(is_string(wcp_entry_title(entry), docs[i].title));
        CU_ASSERT(is_string(wcp_entry_date(entry), docs[i].date));
        CU_ASSERT(is_string(wcp_entry_source(entry), docs[i].source));
    }
    wcp_buffer_init(&id, &wcp_memory_libc, 0);
    CU_ASSERT(wcp_store_id(store, 1, &id));
    CU_ASSERT(wcp_store_id(store, 4, &id));
    CU_ASSERT(is_string((struct wcp_string){ (char *)id.data, id.len },
                        "2only an id"));
    wcp_buffer_release(&id);
    wcp_store_free(store);
}

struct notices {
    unsigned num;
    char text[240];
};

static void
take_notice(void *ctx, const struct wcp_notice *notice)
{
    struct notices *notices = ctx;

    notices->num++;
    memcpy(notices->text, notice->text, sizeof notices->text);
}

static void
test_equal_ids(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct notices notices = { 0 };
    struct wcp_store_listener listener = { take_notice, NULL, &notices };

    for (size_t times = 1; times < 17; times += 5) {
        struct made_corpus corpus = { 0 };
        struct wcp_store *store = NULL;

        notices.num = 0;
        made_corpus_add(&corpus, strdup("x"), "x", 1);
        made_corpus_add(&corpus, strdup("y"), "xx", 1);
        made_corpus_add(&corpus, strdup("y"), "", 1);
        made_corpus_add(&corpus, strdup("y"), "", 1);
        for (size_t i = 0; i < times; i++)
            made_corpus_add(&corpus, strdup("z"), "equal", 1);
        CU_ASSERT_FATAL(made_store_fill(&wcp_memory_libc, &corpus, &plan,
                                        &store) == WCP_CODE_OK);
        CU_ASSERT(wcp_store_close(store, &listener, NULL) == WCP_CODE_OK);
        CU_ASSERT_EQUAL(store->counts.equal_ids, times - 1);
        CU_ASSERT_EQUAL(store->num_documents, times + 4);
        CU_ASSERT_EQUAL(notices.num, times < 11 ? times - 1 : 10);
        CU_ASSERT(times == 1 || strstr(notices.text, "'equal'") != NULL);
        wcp_store_free(store);
        made_corpus_release(&corpus);
    }
}

/* ---- classes and signatures ---- */

static void
test_same_text_in_other_forms(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct made_corpus corpus = { 0 };
    struct wcp_store *store;
    static const struct {
        const char *text;
        uint32_t class_number;
    } docs[] = {
        { "The Foreign Ministry, on 5 May!", 0 },
        { "\xE6\x96\xB0\xE5\x8D\x8E\xE7\xA4\xBE\xE5\x8C\x97\xE4\xBA\xAC", 1 },
        { "  the foreign ministry \n on 5 may", 0 },
        { "", WCP_NO_CLASS },
        /* traditional */
        { "\xE6\x96\xB0\xE8\x8F\xAF\xE7\xA4\xBE\xE5\x8C\x97\xE4\xBA\xAC", 1 },
        { " .,;\xE3\x80\x82", WCP_NO_CLASS },
        /* full width: ABC */
        { "\xEF\xBC\xA1\xEF\xBC\xA2\xEF\xBC\xA3", 2 },
        { "abc", 2 },
        { "abcd", 3 },
    };
    const size_t num = sizeof docs / sizeof *docs;

    for (size_t i = 0; i < num; i++)
        made_corpus_add(&corpus, strdup(docs[i].text), "", 0);
    store = made_store(&corpus, &plan);
    for (size_t i = 0; i < num; i++)
        CU_ASSERT_EQUAL(store->entries[i].class_number, docs[i].class_number);
    CU_ASSERT_EQUAL(store->num_classes, 4);
    CU_ASSERT_EQUAL(store->counts.classes, 4);
    CU_ASSERT_EQUAL(store->counts.empty, 2);
    wcp_store_free(store);
    made_corpus_release(&corpus);
}

/* Classes in order of their first documents, each with its list. */
static bool
classes_agree(const struct wcp_store *store, const struct oracle_sets *sets)
{
    uint32_t num = 0;
    size_t at = 0;
    bool agree = true;

    for (uint32_t i = 0; i < sets->num; i++) {
        uint32_t c = num;

        if (sets->at[i].num == 0) {
            agree &= store->entries[i].class_number == WCP_NO_CLASS;
            continue;
        }
        for (uint32_t k = 0; k < i && c == num; k++)
            if (oracle_same_text(&sets->at[i], &sets->at[k]))
                c = store->entries[k].class_number;
        agree &= store->entries[i].class_number == c;
        num += c == num;
    }
    agree &= store->num_classes == num;
    for (uint32_t c = 0; agree && c < num; c++) {
        agree &= store->class_begins[c] == at;
        for (uint32_t i = 0; i < sets->num; i++)
            if (store->entries[i].class_number == c)
                agree &= store->class_documents[at++] == i;
    }
    return agree && store->class_begins[num] == at;
}

static bool
signature_agrees(const struct wcp_store *store, const struct wcp_plan *plan,
                 uint32_t c, const struct oracle_set *set)
{
    uint64_t *hashes = malloc((set->num_units + 1) * sizeof *hashes);
    size_t num = oracle_shingles(set->units, set->num_units, 0, hashes);
    uint32_t values[WCP_NUM_BINS], keys[WCP_NUM_BINS];
    bool agree = true;

    if (plan->kind == WCP_SIG_SIMHASH) {
        agree = store->simhashes[c] == oracle_simhash(hashes, num);
        free(hashes);
        return agree;
    }
    if (plan->kind == WCP_SIG_MINHASH)
        oracle_minhash(hashes, num, values);
    else
        oracle_classic(hashes, num, values);
    wcp_band_keys(values, plan->num_bands, plan->num_rows, keys);
    for (size_t i = 0; i < WCP_NUM_BINS; i++)
        agree &=
            store->values[(size_t)c * WCP_NUM_BINS + i] == (uint8_t)values[i];
    for (size_t i = 0; i < plan->num_bands; i++)
        agree &= store->keys[i * store->num_classes + c] == keys[i];
    free(hashes);
    return agree;
}

/* Keys of some classes, in any order, after the others' have been let go. */
static void
check_kept_keys(struct wcp_store *store, const struct wcp_plan *plan,
                struct test_rng *rng, uint64_t number)
{
    const uint32_t n = store->num_classes;
    const size_t size = (size_t)n * plan->num_bands;
    uint32_t *before = malloc((size + 1) * sizeof *before), num = 0;
    uint32_t *classes = malloc((n + 1) * sizeof *classes);

    CU_ASSERT_FATAL(before != NULL && classes != NULL);
    memcpy(before, store->keys, size * sizeof *before);
    for (uint32_t c = n; c-- > 0 && num < n / 2;)
        if (test_below(rng, 2) == 0)
            classes[num++] = c;
    wcp_store_keep_keys(store, classes, num);
    MADE_CHECK(store->key_places != NULL, number);
    for (uint32_t i = 0; i < num; i++)
        for (unsigned band = 0; band < plan->num_bands; band++)
            MADE_CHECK(wcp_class_key(store, band, classes[i]) ==
                           before[(size_t)band * n + classes[i]],
                       number);
    free(before);
    free(classes);
}

static void
test_kept_keys(void)
{
    enum { NUM_CASES = 8 };

    for (uint64_t number = 7100; number < 7100 + NUM_CASES; number++) {
        struct test_rng rng = made_rng(number);
        const struct wcp_plan plan = made_plan(number % 2 ? .5 : .8, .99);
        struct made_corpus corpus = { 0 };
        struct wcp_store *store;
        uint32_t *all;

        made_corpus_random(&corpus, &rng, 20 + test_below(&rng, 100), 40);
        store = made_store(&corpus, &plan);
        all = malloc(store->num_classes * sizeof *all);
        CU_ASSERT_FATAL(all != NULL);
        for (uint32_t c = 0; c < store->num_classes; c++)
            all[c] = c;
        wcp_store_keep_keys(store, all, store->num_classes);
        MADE_CHECK(store->key_places == NULL, number);
        check_kept_keys(store, &plan, &rng, number);
        wcp_store_free(store);
        made_corpus_release(&corpus);
        free(all);
    }
}

static void
test_random_corpora(void)
{
    for (uint64_t number = 7000; number < 7018; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan =
            number % 3 == 2 ? made_simhash_plan(-1, 3) : made_plan(.7, .99);
        struct made_corpus corpus = { 0 };
        struct oracle_sets sets;
        struct wcp_store *store;
        bool agree = true;

        if (number % 3 == 1)
            plan.kind = WCP_SIG_MINHASH_CLASSIC;
        made_corpus_random(&corpus, &rng, test_below(&rng, 50), 5);
        oracle_sets_init(&sets, &corpus);
        store = made_store(&corpus, &plan);
        MADE_CHECK(classes_agree(store, &sets), number);
        for (uint32_t c = 0; c < store->num_classes; c++)
            agree &= signature_agrees(
                store, &plan, c,
                &sets.at[store->class_documents[store->class_begins[c]]]);
        MADE_CHECK(agree, number);
        wcp_store_free(store);
        oracle_sets_release(&sets);
        made_corpus_release(&corpus);
    }
}

/* ---- the spool ---- */

static bool
fetch_agrees(struct wcp_store_worker *worker, const struct wcp_store *store,
             const struct oracle_sets *sets, uint32_t c)
{
    const struct oracle_set *expected =
        &sets->at[store->class_documents[store->class_begins[c]]];
    struct wcp_shingles shingles = { 0 };
    size_t num;
    bool agree;

    if (wcp_store_fetch_shingles(worker, c, &shingles, NULL) != WCP_CODE_OK)
        return false;
    num = oracle_unique(shingles.list.at, shingles.list.num);
    agree = num == expected->num && memcmp(shingles.list.at, expected->hashes,
                                           num * sizeof *expected->hashes) == 0;
    wcp_store_release_shingles(worker, &shingles);
    return agree;
}

static void
test_spool_round_trip(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct test_rng rng = made_rng(7100);
    struct made_corpus corpus = { 0 };
    struct made_text text = { 0 };
    struct wcp_store_worker *workers[2] = { NULL, NULL };
    struct oracle_sets sets;
    struct wcp_store *store;
    bool agree = true;

    made_corpus_random(&corpus, &rng, 60, 10);
    made_text_random(&text, &rng, MADE_CHINESE, 100000);
    made_corpus_add(&corpus, made_text_utf8(&text), "long", 0);
    oracle_sets_init(&sets, &corpus);
    store = made_store(&corpus, &plan);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_FATAL(wcp_store_worker_new(store, &workers[i], NULL) ==
                        WCP_CODE_OK);
    CU_ASSERT(wcp_store_spool_classes(store, store->class_documents, 0, NULL) ==
              WCP_CODE_OK);
    for (unsigned i = 0; i < 200; i++)
        agree &= fetch_agrees(workers[i % 2], store, &sets,
                              (uint32_t)test_below(&rng, store->num_classes));
    MADE_CHECK(agree, 7100);
    agree = fetch_agrees(workers[0], store, &sets, store->num_classes - 1);
    MADE_CHECK(agree, 7100);
    wcp_store_worker_free(workers[0]);
    wcp_store_worker_free(workers[1]);
    wcp_store_worker_free(NULL);
    wcp_store_free(store);
    made_text_release(&text);
    oracle_sets_release(&sets);
    made_corpus_release(&corpus);
}

static void
test_damaged_spool(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct made_corpus corpus = { 0 };
    struct wcp_shingles shingles = { 0 };
    struct wcp_store_worker *worker = NULL;
    struct wcp_fault fault = { 0 };
    struct wcp_store *store;

    made_corpus_add(&corpus, strdup("the first text"), "", 0);
    made_corpus_add(&corpus, strdup("the second text"), "", 0);
    store = made_store(&corpus, &plan);
    CU_ASSERT_FATAL(wcp_store_worker_new(store, &worker, NULL) == WCP_CODE_OK);
    CU_ASSERT_EQUAL(pwrite(store->spool_fd, "T", 1, 0), 1);
    CU_ASSERT(wcp_store_fetch_shingles(worker, 0, &shingles, NULL) ==
              WCP_CODE_OK);
    wcp_store_release_shingles(worker, &shingles);
    CU_ASSERT_EQUAL(pwrite(store->spool_fd, "s", 1, 0), 1);
    CU_ASSERT(wcp_store_fetch_shingles(worker, 0, &shingles, &fault) ==
              WCP_CODE_IO);
    CU_ASSERT(fault.code == WCP_CODE_IO);
    CU_ASSERT(strstr(fault.text, "temporary file") != NULL);
    CU_ASSERT(!wcp_shingles_are_there(&shingles));
    CU_ASSERT(wcp_store_fetch_shingles(worker, 1, &shingles, NULL) ==
              WCP_CODE_OK);
    wcp_store_release_shingles(worker, &shingles);
    CU_ASSERT_EQUAL(ftruncate(store->spool_fd, 20), 0);
    CU_ASSERT(wcp_store_fetch_shingles(worker, 1, &shingles, NULL) ==
              WCP_CODE_IO);
    wcp_store_worker_free(worker);
    wcp_store_free(store);
    made_corpus_release(&corpus);
}

static void
test_no_temporary_folder(void)
{
    struct wcp_plan plan = made_plan(.8, .99);
    struct wcp_store *store = new_store(&plan, "/does/not/exist");
    struct wcp_document doc = { .text = string_of("a text"),
                                .date_ms = WCP_NO_DATE };
    struct wcp_fault fault = { 0 };

    CU_ASSERT(wcp_store_add(store, &doc, &fault) == WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.sys_errno, ENOENT);
    CU_ASSERT(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_EQUAL(store->num_documents, 0);
    wcp_store_free(store);
    wcp_store_free(NULL);
}

/* ---- memory that is refused ---- */

static bool
go_on(void *ctx, const struct wcp_document_pair *pair)
{
    (void)ctx;
    (void)pair;
    return true;
}

/* All that is done with a closed store. */
static enum wcp_code
match_and_group(struct wcp_store *store, const struct wcp_plan *plan)
{
    struct wcp_components components = { 0 };
    struct wcp_class_pairs pairs = { 0 };
    struct wcp_groups groups = { 0 };
    enum wcp_code code = wcp_components_find(&components, store, plan, NULL);

    if (code == WCP_CODE_OK)
        code = wcp_store_spool_classes(store, components.classes,
                                       components.num_classes, NULL);
    if (code == WCP_CODE_OK)
        code = wcp_class_pairs_find(&pairs, store, plan, &components, NULL);
    if (code == WCP_CODE_OK)
        code = wcp_document_pairs_each(store, &pairs, go_on, NULL, NULL);
    if (code == WCP_CODE_OK)
        code = wcp_groups_find(&groups, store, plan, &components,
                               WCP_ORDER_DATE, NULL);
    wcp_class_pairs_release(&pairs);
    wcp_groups_release(&groups);
    wcp_components_release(&components);
    return code;
}

static enum wcp_code
fill_and_close(const struct wcp_memory *mem, const struct made_corpus *corpus,
               const struct wcp_plan *plan)
{
    struct wcp_store *store = NULL;
    enum wcp_code code = made_store_fill(mem, corpus, plan, &store);

    if (code == WCP_CODE_OK)
        code = wcp_store_close(store, NULL, NULL);
    wcp_store_free(store);
    return code;
}

/* After a run that was refused memory at call n or not at all: true to go on
 * with n + 1. */
static bool
check_refusal(const struct made_memory *memory, enum wcp_code code,
              int64_t live_before, uint64_t n)
{
    MADE_CHECK(code == (memory->num_failed ? WCP_CODE_NO_MEMORY : WCP_CODE_OK),
               n);
    MADE_CHECK(memory->live == live_before, n);
    MADE_CHECK(!memory->wrong_size, n);
    return memory->num_failed > 0;
}

static void
test_filling_without_memory(void)
{
    struct made_memory memory;
    struct test_rng rng = made_rng(7200);
    struct made_corpus corpus = { 0 };

    made_memory_init(&memory);
    made_corpus_random(&corpus, &rng, 20, 3);
    for (unsigned kind = 0; kind < 2; kind++)
        for (unsigned fail_on = 0; fail_on < 2; fail_on++) {
            struct wcp_plan plan =
                kind ? made_simhash_plan(-1, 3) : made_plan(.8, .99);
            uint64_t n = 0;
            enum wcp_code code;

            do {
                made_memory_arm(&memory, ++n, fail_on);
                code = fill_and_close(&memory.memory, &corpus, &plan);
            } while (check_refusal(&memory, code, 0, n));
            CU_ASSERT(n > 40);
        }
    made_corpus_release(&corpus);
}

static void
check_matching(const struct made_corpus *corpus, const struct wcp_plan *plan,
               unsigned threads)
{
    struct made_memory memory;
    struct wcp_store *store = NULL;
    int64_t live;

    made_memory_init(&memory);
    CU_ASSERT_FATAL(made_store_fill(&memory.memory, corpus, plan, &store) ==
                    WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    store->opts.num_threads = threads;
    live = memory.live;
    for (unsigned fail_on = 0; fail_on < 2; fail_on++) {
        uint64_t n = 0;
        enum wcp_code code;

        do {
            made_memory_arm(&memory, ++n, fail_on);
            code = match_and_group(store, plan);
        } while (check_refusal(&memory, code, live, n));
        CU_ASSERT(n > 20);
    }
    wcp_store_free(store);
    CU_ASSERT_EQUAL(memory.live, 0);
}

/* A component that is large enough for an index, and small ones. */
static void
test_matching_without_memory(void)
{
    struct wcp_plan minhash = made_plan(.5, .99);
    struct wcp_plan simhash = made_simhash_plan(-1, 4);
    struct test_rng rng = made_rng(7300);
    struct made_corpus corpus = { 0 };
    struct made_text base = { 0 }, text = { 0 };

    made_corpus_random(&corpus, &rng, 12, 4);
    made_text_random(&base, &rng, MADE_ENGLISH, 90);
    for (int i = 0; i < 70; i++) {
        made_text_copy(&text, &base);
        made_text_edit(&text, &rng, 8);
        made_corpus_add(&corpus, made_text_utf8(&text), "", 0);
    }
    check_matching(&corpus, &minhash, 1);
    check_matching(&corpus, &minhash, 2);
    check_matching(&corpus, &simhash, 1);
    check_matching(&corpus, &simhash, 2);
    made_text_release(&base);
    made_text_release(&text);
    made_corpus_release(&corpus);
}

/* Add, look up and clear; so many that the table of buckets is given back. */
static bool
use_leaders(struct wcp_store *store, const struct wcp_plan *plan)
{
    struct wcp_leaders *leaders = NULL;
    const uint32_t *found;
    size_t num;
    bool good = wcp_leaders_new(store, plan, &leaders, NULL) == WCP_CODE_OK;

    for (unsigned turn = 0; good && turn < 2; turn++) {
        for (uint32_t c = 0; good && c < store->num_classes; c++)
            good = wcp_leaders_lookup(leaders, c, 0, &found, &num) &&
                   wcp_leaders_add(leaders, c);
        if (good)
            wcp_leaders_clear(leaders);
    }
    wcp_leaders_free(leaders);
    return good;
}

static void
test_leaders_without_memory(void)
{
    struct wcp_plan plan = made_plan(.5, .99);
    struct test_rng rng = made_rng(7400);
    struct made_corpus corpus = { 0 };
    struct made_memory memory;
    struct wcp_store *store;
    const struct wcp_memory *libc;
    uint64_t n = 0;
    bool good;

    made_memory_init(&memory);
    made_corpus_random(&corpus, &rng, 300, 1);
    store = made_store(&corpus, &plan);
    /* One bucket for all, so that it is split. */
    memset(store->keys, 0, store->num_classes * sizeof *store->keys);
    libc = store->mem;
    store->mem = &memory.memory;
    do {
        made_memory_arm(&memory, ++n, false);
        good = use_leaders(store, &plan);
        MADE_CHECK(good == (memory.num_failed == 0), n);
        MADE_CHECK(memory.live == 0 && !memory.wrong_size, n);
    } while (memory.num_failed > 0);
    store->mem = libc;
    wcp_store_free(store);
    made_corpus_release(&corpus);
}

void
suite_store(void)
{
    CU_pSuite suite = CU_add_suite("store", NULL, NULL);

    CU_add_test(suite, "kept band keys", test_kept_keys);
    CU_add_test(suite, "metadata", test_metadata);
    CU_add_test(suite, "equal ids", test_equal_ids);
    CU_add_test(suite, "the same text in other forms",
                test_same_text_in_other_forms);
    CU_add_test(suite, "random corpora", test_random_corpora);
    CU_add_test(suite, "spool round trip", test_spool_round_trip);
    CU_add_test(suite, "damaged spool", test_damaged_spool);
    CU_add_test(suite, "no temporary folder", test_no_temporary_folder);
    CU_add_test(suite, "filling without memory", test_filling_without_memory);
    CU_add_test(suite, "matching without memory", test_matching_without_memory);
    CU_add_test(suite, "leaders without memory", test_leaders_without_memory);
}
