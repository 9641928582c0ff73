/*
 * test_outline.c - what is known of documents that have left memory is what is
 * known in memory
 */
#include "made_corpus.h"

#include <string.h>
#include <unistd.h>

/* For what is not in the headers of the layer: the file of the spill. */
#include "store/chunk.h"
#include "store/portion.h"

/* The same documents in memory and out of it. */
struct both {
    struct wcp_store *in, *out;
    struct wcp_quota memory, disk;
};

static void
open_both(struct both *both, const struct made_corpus *corpus,
          const struct wcp_plan *plan)
{
    memset(both, 0, sizeof *both);
    both->memory.limit = UINT64_C(1) << 30;
    both->in = made_store(corpus, plan);
    CU_ASSERT_FATAL(made_store_fill(&wcp_memory_libc, corpus, plan,
                                    &both->out) == WCP_CODE_OK);
    both->out->opts.memory = &both->memory;
    both->out->opts.disk = &both->disk;
    atomic_store(&both->out->spilling, true);
    CU_ASSERT_FATAL(wcp_store_close(both->out, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(both->out->outline != NULL && both->out->entries == NULL);
}

static void
close_both(struct both *both)
{
    wcp_store_free(both->in);
    wcp_store_free(both->out);
    CU_ASSERT_EQUAL(both->disk.used, 0);
}

/* Ids of which one begins with the other, some of them several times, or none;
 * of any length around that which is compared at once. */
static void
make_corpus(struct made_corpus *corpus, struct test_rng *rng, size_t num)
{
    made_corpus_random(corpus, rng, num, 1 + num / 8);
    for (size_t i = 0; i < corpus->num; i++) {
        struct made_document *doc = &corpus->at[i];
        const size_t len = test_below(rng, sizeof doc->id);

        if (test_below(rng, 3) == 0)
            doc->date_ms = (int64_t)test_below(rng, 3) - 1;
        if (test_below(rng, 8) == 0)
            doc->date_ms = test_below(rng, 2) ? INT64_MAX : INT64_MIN + 1;
        doc->own = test_below(rng, 3) == 0;
        memset(doc->id, 0, sizeof doc->id);
        memset(doc->id, 'a', len);
        if (len > 0 && test_below(rng, 2) == 0)
            doc->id[test_below(rng, len)] = test_below(rng, 2) ? '\xFF' : '\1';
        if (i > 0 && test_below(rng, 4) == 0)
            memcpy(doc->id, corpus->at[test_below(rng, i)].id, sizeof doc->id);
    }
}

static int
sign_of(int order)
{
    return (order > 0) - (order < 0);
}

static void
check_orders(const struct both *both, const struct made_corpus *corpus,
             uint64_t number)
{
    static const enum wcp_order orders[] = { WCP_ORDER_DATE, WCP_ORDER_INPUT,
                                             WCP_ORDER_LONGEST,
                                             WCP_ORDER_ORIGINAL };

    for (uint32_t i = 0; i < corpus->num; i++)
        if (corpus->at[i].own) {
            both->in->entries[i].flags |= WCP_ENTRY_OWN;
            both->out->outline->own[i / 8] |= (uint8_t)(1 << i % 8);
        }
    for (uint32_t a = 0; a < corpus->num; a++)
        for (uint32_t b = 0; b < corpus->num; b++)
            for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
                MADE_CHECK(
                    sign_of(wcp_store_compare_by(both->in, orders[i], a, b)) ==
                        sign_of(
                            wcp_store_compare_by(both->out, orders[i], a, b)),
                    number);
}

static void
check_classes(const struct both *both, uint64_t number)
{
    const struct wcp_store *in = both->in, *out = both->out;
    uint8_t room[2][WCP_NUM_BINS];

    MADE_CHECK(in->num_classes == out->num_classes, number);
    for (uint32_t c = 0; c < in->num_classes; c++) {
        const uint8_t *x = wcp_class_values(in, c, room[0]);
        const uint8_t *y = wcp_class_values(out, c, room[1]);

        MADE_CHECK(wcp_class_document(in, c) == wcp_class_document(out, c),
                   number);
        MADE_CHECK(wcp_class_units(in, c) == wcp_class_units(out, c), number);
        MADE_CHECK(wcp_class_num_sample(in, c) == wcp_class_num_sample(out, c),
                   number);
        MADE_CHECK(wcp_class_tag(in, c) == wcp_class_tag(out, c), number);
        MADE_CHECK((x == NULL) == (y == NULL), number);
        MADE_CHECK(x == NULL || memcmp(x, y, WCP_NUM_BINS) == 0, number);
        for (uint32_t other = 0; other < in->num_classes; other++)
            MADE_CHECK(wcp_class_precedes(in, c, other) ==
                           wcp_class_precedes(out, c, other),
                       number);
    }
    CU_ASSERT_EQUAL(wcp_samples_check(out, NULL), WCP_CODE_OK);
}

static void
check_documents(const struct both *both, uint64_t number)
{
    struct wcp_store_worker *worker = NULL;
    struct wcp_buffer ids[2], strings;
    struct wcp_string text;

    wcp_buffer_init(&ids[0], &wcp_memory_libc, 0);
    wcp_buffer_init(&ids[1], &wcp_memory_libc, 0);
    wcp_buffer_init(&strings, &wcp_memory_libc, 0);
    CU_ASSERT_FATAL(wcp_store_worker_new(both->out, &worker, NULL) ==
                    WCP_CODE_OK);
    for (uint32_t doc = 0; doc < both->in->num_documents; doc++) {
        const struct wcp_entry *mine = &both->in->entries[doc], *its = NULL;
        struct wcp_entry room;

        MADE_CHECK(wcp_document_class(both->in, doc) ==
                       wcp_document_class(both->out, doc),
                   number);
        CU_ASSERT_FATAL(wcp_store_entry(both->out, doc, &room, &strings, &its,
                                        NULL) == WCP_CODE_OK);
        ids[0].len = ids[1].len = 0;
        CU_ASSERT(wcp_store_id(both->in, doc, &ids[0]));
        CU_ASSERT(wcp_entry_shown_id(both->out, its, doc, &ids[1]));
        MADE_CHECK(ids[0].len == ids[1].len &&
                       memcmp(ids[0].data, ids[1].data, ids[0].len) == 0,
                   number);
        MADE_CHECK(mine->date_ms == its->date_ms &&
                       mine->num_units == its->num_units,
                   number);
        MADE_CHECK(wcp_store_fetch_text(worker, doc, &text, NULL) ==
                           WCP_CODE_OK &&
                       text.len == mine->len,
                   number);
    }
    wcp_store_worker_free(worker);
    wcp_buffer_release(&ids[0]);
    wcp_buffer_release(&ids[1]);
    wcp_buffer_release(&strings);
}

static void
test_as_in_memory(void)
{
    static const size_t nums[] = { 1, 2, 7, 60, 150 };

    for (uint64_t n = 0; n < 20; n++) {
        const uint64_t number = 9100 + n;
        struct test_rng rng = made_rng(number);
        const struct wcp_plan plan =
            n % 4 == 3 ? made_simhash_plan(.8, 3) : made_plan(.8, .99);
        struct made_corpus corpus = { 0 };
        struct both both;

        make_corpus(&corpus, &rng,
                    nums[test_below(&rng, sizeof nums / sizeof *nums)]);
        open_both(&both, &corpus, &plan);
        check_orders(&both, &corpus, number);
        check_classes(&both, number);
        check_documents(&both, number);
        close_both(&both);
        made_corpus_release(&corpus);
    }
}

/* What cannot be read is said by whoever has a way to. */
static void
test_truncated(void)
{
    const struct wcp_plan plan = made_plan(.8, .99);
    struct test_rng rng = made_rng(9150);
    struct made_corpus corpus = { 0 };
    struct wcp_fault fault = { 0 };
    uint8_t room[WCP_NUM_BINS];
    const struct wcp_entry *entry = NULL;
    struct wcp_entry own;
    struct both both;

    make_corpus(&corpus, &rng, 60);
    open_both(&both, &corpus, &plan);
    CU_ASSERT_FATAL(ftruncate(both.out->spill->fd, 0) == 0);
    CU_ASSERT_EQUAL(wcp_store_entry(both.out, 7, &own, NULL, &entry, &fault),
                    WCP_CODE_IO);
    CU_ASSERT_PTR_NULL(entry);
    CU_ASSERT_EQUAL(wcp_samples_check(both.out, NULL), WCP_CODE_OK);
    CU_ASSERT_PTR_NULL(wcp_class_values(both.out, 0, room));
    CU_ASSERT_EQUAL(wcp_samples_check(both.out, &fault), WCP_CODE_IO);
    close_both(&both);
    made_corpus_release(&corpus);
}

/* Without memory, at whichever call, closing says so and nothing is lost. */
static void
test_without_memory(void)
{
    const struct wcp_plan plan = made_plan(.8, .99);
    struct test_rng rng = made_rng(9160);
    struct made_corpus corpus = { 0 };
    struct wcp_quota limit = { .limit = UINT64_C(1) << 30 };
    struct made_memory memory;
    bool closed = false;

    make_corpus(&corpus, &rng, 40);
    made_memory_init(&memory);
    for (uint64_t n = 1; !closed; n++) {
        struct wcp_store *store;
        enum wcp_code code;

        CU_ASSERT_FATAL(made_store_fill(&memory.memory, &corpus, &plan,
                                        &store) == WCP_CODE_OK);
        store->opts.memory = &limit;
        atomic_store(&store->spilling, true);
        made_memory_arm(&memory, n, false);
        code = wcp_store_close(store, NULL, NULL);
        closed = memory.num_failed == 0;
        CU_ASSERT_EQUAL(code, closed ? WCP_CODE_OK : WCP_CODE_NO_MEMORY);
        made_memory_arm(&memory, 0, false);
        wcp_store_free(store);
        CU_ASSERT_EQUAL(memory.live, 0);
    }
    made_corpus_release(&corpus);
}

void
suite_outline(void)
{
    CU_pSuite suite = CU_add_suite("outline", NULL, NULL);

    CU_add_test(suite, "as in memory", test_as_in_memory);
    CU_add_test(suite, "a file that breaks off", test_truncated);
    CU_add_test(suite, "without memory", test_without_memory);
}
