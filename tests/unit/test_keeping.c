/*
 * test_keeping.c - texts that are kept, or read ahead, are those of the files
 */
#include "made_corpus.h"
#include "store/store.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUM_FILES = 3, IN_FILE = 300, NUM = NUM_FILES * IN_FILE };
enum { MAX_TEXT = 3000 };

struct library {
    char folder[40], paths[NUM_FILES][64];
    char *texts[NUM]; /* in order of the files */
    struct wcp_reader *reader;
    struct wcp_store *store;
};

/* A text without anything that JSON escapes, never the same twice. */
static char *
random_text(struct test_rng *rng, size_t number)
{
    static const char *const pieces[] = { "a",  "b ", "Z",  "1",  "é",  "ß",
                                          "中", "國", "，", "ｗ", "𠀀", "한" };
    const size_t kinds =
        test_below(rng, 2) == 0 ? 4 : sizeof pieces / sizeof *pieces;
    const size_t num = test_below(rng, 10) == 0 ? 0 : test_below(rng, 500);
    char *text = calloc(1, MAX_TEXT);
    size_t len;

    CU_ASSERT_FATAL(text != NULL);
    len = (size_t)snprintf(text, MAX_TEXT, "%zux", number);
    for (size_t i = 0; i < num; i++)
        len += (size_t)snprintf(text + len, MAX_TEXT - len, "%s",
                                pieces[test_below(rng, kinds)]);
    return text;
}

/* What lies between the texts is little or much. */
static void
write_file(struct library *library, struct test_rng *rng, size_t number)
{
    FILE *file = fopen(library->paths[number], "w");

    CU_ASSERT_FATAL(file != NULL);
    for (size_t i = 0; i < IN_FILE; i++) {
        const size_t at = number * IN_FILE + i;
        const size_t gap = test_below(rng, 8) == 0 ? test_below(rng, 20000)
                                                   : test_below(rng, 20);

        library->texts[at] = random_text(rng, at);
        fprintf(file, "%*s{\"text\": \"%s\"}\n", (int)gap, "",
                library->texts[at]);
    }
    fclose(file);
}

static void
ignore_notice(void *ctx, const struct wcp_notice *notice)
{
    (void)ctx;
    (void)notice;
}

static void
open_library(struct library *library, uint64_t seed,
             const struct wcp_memory *mem, unsigned num_threads)
{
    const struct wcp_input_options input = { .text_field = "text",
                                             .id_field = "id",
                                             .title_field = "title",
                                             .date_field = "date",
                                             .source_field = "source",
                                             .max_document = 1 << 20 };
    const struct wcp_store_options opts = { .kind = WCP_SIG_MINHASH,
                                            .num_bands = 20,
                                            .num_rows = 6,
                                            .num_threads = num_threads };
    const struct wcp_consumer consumer = { NULL, ignore_notice, NULL };
    struct test_rng rng = { test_seed() ^ seed };

    snprintf(library->folder, sizeof library->folder, "/tmp/wcp-keep-XXXXXX");
    CU_ASSERT_FATAL(mkdtemp(library->folder) != NULL);
    CU_ASSERT_FATAL(wcp_reader_new(&wcp_memory_libc, &input, &library->reader,
                                   NULL) == WCP_CODE_OK);
    for (size_t i = 0; i < NUM_FILES; i++) {
        snprintf(library->paths[i], sizeof library->paths[i], "%s/%zu.jsonl",
                 library->folder, i);
        write_file(library, &rng, i);
        CU_ASSERT(wcp_reader_add(library->reader, library->paths[i], &consumer,
                                 NULL) == WCP_CODE_OK);
    }
    CU_ASSERT_FATAL(wcp_store_new(mem, &opts, library->reader, &library->store,
                                  NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_store_read(library->store, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_store_close(library->store, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_EQUAL_FATAL(library->store->num_documents, NUM);
    CU_ASSERT_EQUAL_FATAL(library->store->num_classes, NUM);
}

static void
close_library(struct library *library)
{
    wcp_store_free(library->store);
    wcp_reader_free(library->reader);
    for (size_t i = 0; i < NUM; i++)
        free(library->texts[i]);
    for (size_t i = 0; i < NUM_FILES; i++)
        unlink(library->paths[i]);
    CU_ASSERT_EQUAL(rmdir(library->folder), 0);
}

static bool
is_text(const struct wcp_string *text, const char *expected)
{
    return text->len == strlen(expected) &&
           memcmp(text->data, expected, text->len) == 0;
}

/* Fetch a document in all ways. */
static void
check_document(const struct library *library, struct wcp_store_worker *worker,
               uint32_t doc)
{
    const char *expected = library->texts[doc];
    const struct wcp_folded *folded;
    struct wcp_folded own;
    struct wcp_string text;

    wcp_folded_init(&own, &wcp_memory_libc);
    CU_ASSERT(wcp_fold(&own, expected, strlen(expected)));
    CU_ASSERT_FATAL(wcp_store_fetch_folded(worker, doc, false, NULL, &folded,
                                           NULL) == WCP_CODE_OK);
    CU_ASSERT_EQUAL(folded->num, own.num);
    CU_ASSERT(folded->num == own.num &&
              memcmp(folded->units, own.units, 2 * own.num) == 0);
    CU_ASSERT_FATAL(wcp_store_fetch_folded(worker, doc, true, &text, &folded,
                                           NULL) == WCP_CODE_OK);
    CU_ASSERT(is_text(&text, expected));
    CU_ASSERT(folded->num == own.num && folded->ends[own.num - 1] <= text.len);
    CU_ASSERT_FATAL(wcp_store_fetch_text(worker, doc, &text, NULL) ==
                    WCP_CODE_OK);
    CU_ASSERT(is_text(&text, expected));
    wcp_folded_release(&own);
}

/* Some of the documents, ascending; returns how many. */
static size_t
choose(struct test_rng *rng, uint32_t *chosen)
{
    const uint64_t share = 1 + test_below(rng, 3);
    size_t num = 0;

    for (uint32_t i = 0; i < NUM; i++)
        if (test_below(rng, 3) < share)
            chosen[num++] = i;
    return num;
}

/* Ahead of the documents that are fetched, and of others. */
static void
check_ahead(const struct library *library, struct test_rng *rng)
{
    struct wcp_store_worker *worker = NULL;
    uint32_t chosen[NUM];
    size_t num = choose(rng, chosen), most = 0;

    CU_ASSERT_FATAL(wcp_store_worker_new(library->store, &worker, NULL) ==
                    WCP_CODE_OK);
    CU_ASSERT_EQUAL(wcp_store_read_ahead(worker, chosen, 0), 0);
    for (size_t i = 0; i < num;) {
        const size_t ahead = wcp_store_read_ahead(worker, chosen + i, num - i);

        CU_ASSERT_FATAL(ahead > 0 && ahead <= num - i);
        most = ahead > most ? ahead : most;
        for (size_t k = 0; k < ahead; k++)
            check_document(library, worker, chosen[i + k]);
        if (test_below(rng, 10) == 0)
            check_document(library, worker, (uint32_t)test_below(rng, NUM));
        i += ahead;
    }
    CU_ASSERT(most > 1);
    wcp_store_worker_free(worker);
}

static size_t
num_kept(const struct wcp_store *store)
{
    size_t num = 0;

    for (uint32_t i = 0; i < store->num_documents; i++)
        num += store->entries[i].folded != NULL;
    return num;
}

/* Texts that are kept, each once, as they were read. */
struct taken {
    const struct library *library;
    bool documents[NUM];
    _Atomic bool wrong;
};

static void
take_text(void *ctx, uint32_t document, struct wcp_string text)
{
    struct taken *taken = ctx;
    const char *expected = taken->library->texts[document];

    if (taken->documents[document] || text.len != strlen(expected) ||
        memcmp(text.data, expected, text.len) != 0)
        taken->wrong = true;
    taken->documents[document] = true;
}

/* Once some are kept, then more, then all again. */
static void
test_kept_texts(void)
{
    for (unsigned num_threads = 1; num_threads <= 3; num_threads += 2) {
        struct test_rng rng = { test_seed() ^ 7700 ^ num_threads };
        struct library library = { 0 };
        struct taken taken = { .library = &library };
        const struct wcp_text_tap tap = { take_text, &taken };
        struct wcp_store *store;
        uint32_t chosen[NUM];
        size_t num;

        open_library(&library, 7600, &wcp_memory_libc, num_threads);
        store = library.store;
        check_ahead(&library, &rng);
        wcp_store_keep_texts(store, NULL, 0);
        CU_ASSERT_EQUAL(num_kept(store), 0);
        for (uint32_t i = 0; i < NUM; i++)
            chosen[i] = NUM - 1 - i;
        num = NUM / 2;
        wcp_store_keep_texts(store, chosen, num);
        CU_ASSERT_EQUAL(num_kept(store), num);
        check_ahead(&library, &rng);
        store->kept_tap = &tap;
        wcp_store_keep_texts(store, chosen, NUM);
        store->kept_tap = NULL;
        CU_ASSERT_EQUAL(num_kept(store), NUM);
        for (uint32_t i = 0; i < NUM; i++)
            CU_ASSERT_EQUAL(taken.documents[chosen[i]], i >= num);
        CU_ASSERT(!taken.wrong);
        wcp_store_keep_texts(store, chosen, NUM);
        check_ahead(&library, &rng);
        close_library(&library);
    }
}

/* Which texts are kept is what was asked for last, and they are right. */
static void
check_wave(const struct library *library, const uint32_t *chosen, size_t num)
{
    struct wcp_store_worker *worker = NULL;

    CU_ASSERT_EQUAL(num_kept(library->store), num);
    CU_ASSERT_FATAL(wcp_store_worker_new(library->store, &worker, NULL) ==
                    WCP_CODE_OK);
    for (size_t i = 0; i < num; i++) {
        CU_ASSERT(library->store->entries[chosen[i]].folded != NULL);
        check_document(library, worker, chosen[i]);
    }
    wcp_store_worker_free(worker);
}

/* Texts that are kept for a while, in any order, and then others. */
static void
test_waves(void)
{
    struct test_rng rng = { test_seed() ^ 7650 };
    struct library library = { 0 };
    struct taken taken = { .library = &library };
    const struct wcp_text_tap tap = { take_text, &taken };
    struct wcp_wave *wave = NULL;
    uint32_t chosen[NUM];

    open_library(&library, 7640, &wcp_memory_libc, 1);
    CU_ASSERT_FATAL(wcp_wave_new(library.store, &wave, NULL) == WCP_CODE_OK);
    library.store->kept_tap = &tap;
    for (int i = 0; i < 4; i++) {
        const size_t num = i == 2 ? 0 : choose(&rng, chosen);

        for (size_t k = num; k > 1; k--) {
            const size_t other = test_below(&rng, k);
            const uint32_t doc = chosen[other];

            chosen[other] = chosen[k - 1];
            chosen[k - 1] = doc;
        }
        memset(taken.documents, 0, sizeof taken.documents);
        wcp_wave_read(wave, chosen, num);
        check_wave(&library, chosen, num);
        for (size_t k = 0; k < num; k++)
            CU_ASSERT(taken.documents[chosen[k]]);
        CU_ASSERT(!taken.wrong);
    }
    wcp_wave_drop(wave);
    CU_ASSERT_EQUAL(num_kept(library.store), 0);
    /* What cannot be read is left to whoever needs it. */
    unlink(library.paths[1]);
    for (uint32_t i = 0; i < NUM; i++)
        chosen[i] = i;
    memset(taken.documents, 0, sizeof taken.documents);
    wcp_wave_read(wave, chosen, NUM);
    CU_ASSERT_EQUAL(num_kept(library.store), NUM - IN_FILE);
    wcp_wave_free(wave);
    CU_ASSERT_EQUAL(num_kept(library.store), 0);
    close_library(&library);
}

/* Another letter in the place of the last one of a text. */
static void
change_text(const struct library *library, uint32_t doc)
{
    const struct wcp_entry *entry = &library->store->entries[doc];
    FILE *file = fopen(library->paths[doc / IN_FILE], "r+");
    const char *text = library->texts[doc];

    CU_ASSERT_FATAL(file != NULL);
    /* Behind it stands the end of the record. */
    fseek(file, (long)(entry->offset + entry->len) - 3, SEEK_SET);
    fputc(text[strlen(text) - 1] == 'q' ? 'x' : 'q', file);
    fclose(file);
}

/* A file that changes once its texts are kept. */
static void
test_changed_file(void)
{
    struct library library = { 0 };
    struct wcp_store_worker *worker = NULL;
    const struct wcp_folded *folded;
    uint32_t all[NUM], doc = 0;
    struct wcp_fault fault;
    struct wcp_string text;

    open_library(&library, 7800, &wcp_memory_libc, 1);
    for (uint32_t i = 0; i < NUM; i++)
        all[i] = i;
    wcp_store_keep_texts(library.store, all, IN_FILE);
    /* One that is kept, folded alone, for it is not short, and ends in a letter
     * of one byte; one that is not. */
    while (strlen(library.texts[doc]) <= 512 ||
           (unsigned char)library.texts[doc][strlen(library.texts[doc]) - 1] <
               '0' ||
           (unsigned char)library.texts[doc][strlen(library.texts[doc]) - 1] >
               'z')
        doc++;
    CU_ASSERT_FATAL(doc < IN_FILE);
    change_text(&library, doc);
    CU_ASSERT_FATAL(wcp_store_worker_new(library.store, &worker, NULL) ==
                    WCP_CODE_OK);
    CU_ASSERT(wcp_store_fetch_folded(worker, doc, false, NULL, &folded, NULL) ==
              WCP_CODE_OK);
    CU_ASSERT(wcp_store_fetch_text(worker, doc, &text, &fault) == WCP_CODE_IO);
    CU_ASSERT(strstr(fault.text, library.paths[0]) != NULL);
    CU_ASSERT(wcp_store_fetch_folded(worker, doc, true, &text, &folded, NULL) ==
              WCP_CODE_IO);
    unlink(library.paths[2]);
    CU_ASSERT(wcp_store_read_ahead(worker, all + NUM - 2, 2) > 0);
    CU_ASSERT(wcp_store_fetch_text(worker, NUM - 1, &text, &fault) ==
              WCP_CODE_IO);
    CU_ASSERT(strstr(fault.text, library.paths[2]) != NULL);
    /* Who asks for all has those that can be had. */
    wcp_store_keep_texts(library.store, all, NUM);
    CU_ASSERT_EQUAL(num_kept(library.store), 2 * IN_FILE);
    /* What was kept is looked at in the end. */
    CU_ASSERT(wcp_store_check_kept(library.store, &fault) == WCP_CODE_IO);
    CU_ASSERT(strstr(fault.text, library.paths[0]) != NULL);
    wcp_store_worker_free(worker);
    close_library(&library);
}

/* A file that only has another time, or more, is what it was. */
static void
test_touched_file(void)
{
    struct library library = { 0 };
    uint32_t all[NUM];
    FILE *file;

    open_library(&library, 7850, &wcp_memory_libc, 2);
    for (uint32_t i = 0; i < NUM; i++)
        all[i] = i;
    CU_ASSERT(wcp_store_check_kept(library.store, NULL) == WCP_CODE_OK);
    wcp_store_keep_texts(library.store, all, NUM);
    CU_ASSERT(wcp_store_check_kept(library.store, NULL) == WCP_CODE_OK);
    file = fopen(library.paths[1], "a");
    CU_ASSERT_FATAL(file != NULL);
    fputs("{\"text\": \"more\"}\n", file);
    fclose(file);
    CU_ASSERT(wcp_store_check_kept(library.store, NULL) == WCP_CODE_OK);
    close_library(&library);
}

static void
test_without_memory(void)
{
    struct made_memory memory;
    struct library library = { 0 };
    uint32_t all[NUM];
    struct test_rng rng = { test_seed() ^ 7950 };
    uint64_t n = 0;

    for (uint32_t i = 0; i < NUM; i++)
        all[i] = i;
    made_memory_init(&memory);
    open_library(&library, 7900, &memory.memory, 1);
    do {
        n++;
        made_memory_arm(&memory, n, n % 2 == 0);
        wcp_store_keep_texts(library.store, all, NUM);
        CU_ASSERT(memory.num_failed > 0 || num_kept(library.store) == NUM);
    } while (memory.num_failed > 0);
    made_memory_arm(&memory, 0, false);
    CU_ASSERT_EQUAL(num_kept(library.store), NUM);
    check_ahead(&library, &rng);
    close_library(&library);
    CU_ASSERT_EQUAL(memory.live, 0);
}

void
suite_keeping(void)
{
    CU_pSuite suite = CU_add_suite("keeping", NULL, NULL);

    CU_add_test(suite, "kept texts", test_kept_texts);
    CU_add_test(suite, "waves", test_waves);
    CU_add_test(suite, "changed file", test_changed_file);
    CU_add_test(suite, "a file that was touched", test_touched_file);
    CU_add_test(suite, "without memory", test_without_memory);
}
