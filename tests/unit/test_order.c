/*
 * test_order.c - the order of documents against ids spelt out
 */
#include "group/group.h"
#include "made_corpus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUM = 60, NUM_SOURCES = 4 };

/* Paths and ids of which one begins with the other, alone or with a line. */
static const char *const names[NUM_SOURCES] = { "a", "ab", "a:1", "b" };
static const char *const ids[] = {
    "",     "1",      "10", "2",    "a",  "a:1",          "a:10", "a:1:1",
    "a:1:", "a:1:10", "ab", "ab:1", "a:", "\xE6\x96\x87", "b"
};

/* A folder with an empty file of each name. */
struct folder {
    char path[64];
    struct wcp_reader *reader;
};

static void
ignore_notice(void *ctx, const struct wcp_notice *notice)
{
    (void)ctx;
    (void)notice;
}

static void
open_folder(struct folder *folder)
{
    const struct wcp_input_options opts = { .text_field = "text",
                                            .id_field = "id",
                                            .title_field = "title",
                                            .date_field = "date",
                                            .source_field = "source",
                                            .max_document = 1 << 20 };
    const struct wcp_consumer consumer = { NULL, ignore_notice, NULL };

    snprintf(folder->path, sizeof folder->path, "/tmp/wcp-order-XXXXXX");
    folder->reader = NULL;
    CU_ASSERT_FATAL(mkdtemp(folder->path) != NULL);
    CU_ASSERT_FATAL(wcp_reader_new(&wcp_memory_libc, &opts, &folder->reader,
                                   NULL) == WCP_CODE_OK);
    for (int i = 0; i < NUM_SOURCES; i++) {
        char path[128];
        FILE *file;

        snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
        file = fopen(path, "w");
        CU_ASSERT_FATAL(file != NULL);
        fclose(file);
        CU_ASSERT(wcp_reader_add(folder->reader, path, &consumer, NULL) ==
                  WCP_CODE_OK);
    }
    CU_ASSERT_EQUAL(wcp_reader_num_sources(folder->reader), NUM_SOURCES);
}

static void
close_folder(struct folder *folder)
{
    wcp_reader_free(folder->reader);
    for (int i = 0; i < NUM_SOURCES; i++) {
        char path[128];

        snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
        unlink(path);
    }
    rmdir(folder->path);
}

/* What the ids stand for, and where they are kept. */
struct planted {
    struct wcp_entry entries[NUM];
    char strings[NUM][128];
    char shown[NUM][192];
    size_t key_len[NUM];   /* of 'shown', that is compared bytewise */
    uint32_t numbers[NUM]; /* then this: a line, or a place in memory */
};

/* Fill an entry: an id given, a path, a path and a line, or neither. */
static void
plant_entry(struct planted *planted, const struct folder *folder, uint32_t i,
            struct test_rng *rng)
{
    struct wcp_entry *entry = &planted->entries[i];
    const char *id = ids[test_below(rng, sizeof ids / sizeof *ids)];
    uint32_t source = (uint32_t)test_below(rng, NUM_SOURCES);
    char *shown = planted->shown[i];

    planted->numbers[i] = 0;
    planted->key_len[i] = 0;
    *entry = (struct wcp_entry){
        .digest = { test_below(rng, 2), test_below(rng, 2) },
        .date_ms = (int64_t)test_below(rng, 3) - 1,
        .strings = planted->strings[i],
        .source = UINT32_MAX,
    };
    if (test_below(rng, 3) == 0)
        entry->date_ms = test_below(rng, 3) ? WCP_NO_DATE : INT64_MAX;
    switch (test_below(rng, 4)) {
    case 0:
        snprintf(shown, sizeof planted->shown[i], "%" PRIu32, i + 1);
        planted->numbers[i] = i + 1;
        return;
    case 1: /* given */
        snprintf(planted->strings[i], sizeof planted->strings[i], "%s%s%s",
                 test_below(rng, 3) ? folder->path : "",
                 test_below(rng, 2) ? "/" : "", id);
        entry->flags = WCP_ENTRY_HAS_ID;
        entry->id_len = (uint32_t)strlen(planted->strings[i]);
        memcpy(shown, planted->strings[i], sizeof planted->strings[i]);
        planted->key_len[i] = entry->id_len;
        return;
    default:
        entry->source = source;
        entry->line = (uint32_t)test_below(rng, 3) * 5;
        if (entry->line > 0)
            snprintf(shown, sizeof planted->shown[i], "%s/%s:%" PRIu32,
                     folder->path, names[source], entry->line);
        else
            snprintf(shown, sizeof planted->shown[i], "%s/%s", folder->path,
                     names[source]);
        planted->numbers[i] = entry->line;
        planted->key_len[i] = strlen(folder->path) + 1 + strlen(names[source]);
    }
}

static int
sign_of(int order)
{
    return (order > 0) - (order < 0);
}

static int
compare_keys(const struct planted *planted, uint32_t a, uint32_t b)
{
    char x[192] = "", y[192] = "";
    uint32_t i = planted->numbers[a], j = planted->numbers[b];
    int order;

    memcpy(x, planted->shown[a], planted->key_len[a]);
    memcpy(y, planted->shown[b], planted->key_len[b]);
    order = sign_of(strcmp(x, y));
    return order != 0 ? order : (i > j) - (i < j);
}

/* The order by its definition, on ids that are spelt out. */
static int
compare_naively(const struct planted *planted, uint32_t a, uint32_t b)
{
    const struct wcp_entry *x = &planted->entries[a], *y = &planted->entries[b];
    int order;

    if ((x->date_ms == WCP_NO_DATE) != (y->date_ms == WCP_NO_DATE))
        return x->date_ms == WCP_NO_DATE ? 1 : -1;
    if (x->date_ms != y->date_ms)
        return x->date_ms > y->date_ms ? 1 : -1;
    order = compare_keys(planted, a, b);
    if (order == 0)
        order = (x->digest[0] > y->digest[0]) - (x->digest[0] < y->digest[0]);
    if (order == 0)
        order = (x->digest[1] > y->digest[1]) - (x->digest[1] < y->digest[1]);
    return order != 0 ? order : (a > b) - (a < b);
}

static void
check_ids(const struct wcp_store *store, const struct planted *planted,
          uint64_t number)
{
    struct wcp_buffer id;
    bool good = true;

    wcp_buffer_init(&id, &wcp_memory_libc, 0);
    for (uint32_t i = 0; i < NUM; i++) {
        size_t len = strlen(planted->shown[i]);

        id.len = 0;
        good &= wcp_store_id(store, i, &id) && id.len == len &&
                (len == 0 || memcmp(id.data, planted->shown[i], len) == 0);
    }
    MADE_CHECK(good, number);
    wcp_buffer_release(&id);
}

/* Antisymmetric and, as it agrees with keys that are, transitive. */
static void
test_compare(void)
{
    struct folder folder;

    open_folder(&folder);
    for (uint64_t number = 6000; number < 6040; number++) {
        struct test_rng rng = made_rng(number);
        static struct planted planted;
        struct wcp_store store = { .reader = folder.reader,
                                   .entries = planted.entries,
                                   .num_documents = NUM };
        bool good = true;

        memset(&planted, 0, sizeof planted);
        for (uint32_t i = 0; i < NUM; i++)
            plant_entry(&planted, &folder, i, &rng);
        check_ids(&store, &planted, number);
        for (uint32_t a = 0; a < NUM; a++)
            for (uint32_t b = 0; b < NUM; b++)
                good &= sign_of(wcp_store_compare(&store, a, b)) ==
                        compare_naively(&planted, a, b);
        MADE_CHECK(good, number);
    }
    close_folder(&folder);
}

/* ---- sorting ---- */

static void
test_sort(void)
{
    static const size_t nums[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 31, NUM };
    struct folder folder = { "", NULL };
    uint64_t number = 6100;

    snprintf(folder.path, sizeof folder.path, "x");
    for (size_t i = 0; i < sizeof nums / sizeof *nums; i++)
        for (unsigned shape = 0; shape < 3; shape++, number++) {
            struct test_rng rng = made_rng(number);
            static struct planted planted;
            struct wcp_store store = { .entries = planted.entries };
            size_t num = nums[i];
            uint32_t *docs = (void *)test_guarded(num * sizeof *docs);
            uint32_t *scratch = (void *)test_guarded(num / 2 * sizeof *docs);
            uint8_t seen[NUM] = { 0 };
            bool good = true;

            memset(&planted, 0, sizeof planted);
            for (uint32_t k = 0; k < num; k++) {
                do
                    plant_entry(&planted, &folder, k, &rng);
                while (planted.entries[k].source != UINT32_MAX);
                docs[k] = shape == 0 ? k : (uint32_t)num - 1 - k;
                if (shape < 2)
                    planted.entries[k].date_ms = k;
            }
            wcp_sort_documents(&store, WCP_ORDER_DATE, docs, num, scratch);
            for (size_t k = 0; k < num; k++) {
                good &= docs[k] < num && !seen[docs[k]]++;
                good &= k == 0 ||
                        compare_naively(&planted, docs[k - 1], docs[k]) < 0;
            }
            MADE_CHECK(good, number);
            test_guarded_free((uint8_t *)docs, num * sizeof *docs);
            test_guarded_free((uint8_t *)scratch, num / 2 * sizeof *docs);
        }
}

/* So many that their dates are sorted first: few days, or any time at all. */
static void
test_sort_many(void)
{
    enum { MANY = 700 };
    static struct wcp_entry entries[MANY];
    static char strings[MANY][8];
    struct wcp_store store = { .mem = &wcp_memory_libc, .entries = entries };

    for (uint64_t number = 6200; number < 6240; number++) {
        static uint32_t docs[MANY], scratch[MANY / 2];
        static uint8_t seen[MANY];
        struct test_rng rng = made_rng(number);
        const enum wcp_order order =
            number % 2 ? WCP_ORDER_DATE : WCP_ORDER_ORIGINAL;
        const size_t num = 200 + test_below(&rng, MANY - 200);
        bool good = true;

        memset(seen, 0, sizeof seen);
        for (uint32_t k = 0; k < num; k++) {
            const int len = snprintf(strings[k], sizeof strings[k], "%u",
                                     (unsigned)test_below(&rng, 1000));

            entries[k] = (struct wcp_entry){
                .strings = strings[k],
                .id_len = (uint32_t)len,
                .flags = WCP_ENTRY_HAS_ID,
                .source = UINT32_MAX,
                .num_units = (uint32_t)test_below(&rng, 3),
                .date_ms = number % 4 < 2 ? (int64_t)test_below(&rng, 9) * 4711
                                          : (int64_t)test_random(&rng) >>
                                                test_below(&rng, 60),
            };
            if (test_below(&rng, 8) == 0)
                entries[k].date_ms = WCP_NO_DATE;
            docs[k] = k;
        }
        for (size_t k = num; k > 1; k--) {
            const size_t at = test_below(&rng, k);
            const uint32_t doc = docs[k - 1];

            docs[k - 1] = docs[at];
            docs[at] = doc;
        }
        wcp_sort_documents(&store, order, docs, num, scratch);
        for (size_t k = 0; k < num; k++) {
            good &= docs[k] < num && !seen[docs[k]]++;
            good &= k == 0 || wcp_store_compare_by(&store, order, docs[k - 1],
                                                   docs[k]) < 0;
        }
        MADE_CHECK(good, number);
    }
}

void
suite_order(void)
{
    CU_pSuite suite = CU_add_suite("order", NULL, NULL);

    CU_add_test(suite, "comparing documents", test_compare);
    CU_add_test(suite, "sorting documents", test_sort);
    CU_add_test(suite, "sorting very many", test_sort_many);
}
