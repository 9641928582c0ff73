/*
 * test_placing.c - documents that are placed while others are read are those
 * of the input, in its order, on any number of threads and whatever was guessed
 * of how many there will be
 */
#include "made_corpus.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUM = 900, NUM_FILES = 3, MAX_TEXT = 1200 };

struct placed {
    char path[NUM_FILES][40];
    char *texts[NUM];
    uint32_t lines[NUM], files[NUM];
};

/* Texts of a few kinds of length, some of them twice, some with nothing to
 * compare.  What comes later is shorter, or longer. */
static char *
placed_text(struct test_rng *rng, const struct placed *placed, size_t i,
            bool shrinking)
{
    const size_t later = shrinking ? NUM - i : i;
    const size_t most = 1 + later * later / NUM;
    const size_t len = test_below(rng, most < MAX_TEXT ? most : MAX_TEXT - 1);
    char *text = calloc(1, MAX_TEXT);

    CU_ASSERT_FATAL(text != NULL);
    if (i > 0 && test_below(rng, 6) == 0) {
        memcpy(text, placed->texts[test_below(rng, i)], MAX_TEXT);
        return text;
    }
    for (size_t k = 0; k < len; k++)
        text[k] = "abcdefgh .,12345"[test_below(rng, 16)];
    return text;
}

/* Blank lines and lines that are no records are counted. */
static void
placed_write(struct placed *placed, struct test_rng *rng)
{
    const bool shrinking = test_below(rng, 2) == 0;
    FILE *file = NULL;
    uint32_t line = 0;

    for (size_t i = 0; i < NUM; i++) {
        const size_t number = i * NUM_FILES / NUM;

        if (i == 0 || number != (i - 1) * NUM_FILES / NUM) {
            if (file != NULL)
                fclose(file);
            strcpy(placed->path[number], "/tmp/wcp-place-XXXXXX.jsonl");
            file = fdopen(mkstemps(placed->path[number], 6), "w");
            CU_ASSERT_FATAL(file != NULL);
            line = 0;
        }
        for (; test_below(rng, 5) == 0; line++)
            fputs(test_below(rng, 2) == 0 ? "\n" : "{\"text\": 1}\n", file);
        placed->texts[i] = placed_text(rng, placed, i, shrinking);
        placed->lines[i] = ++line;
        placed->files[i] = (uint32_t)number;
        fprintf(file, "{\"id\": \"%zu\", \"text\": \"%s\"}\n", i,
                placed->texts[i]);
    }
    fclose(file);
}

static void
placed_release(struct placed *placed)
{
    for (size_t i = 0; i < NUM; i++)
        free(placed->texts[i]);
    for (size_t i = 0; i < NUM_FILES; i++)
        unlink(placed->path[i]);
}

static void
ignore_notice(void *ctx, const struct wcp_notice *notice)
{
    (void)ctx;
    (void)notice;
}

static struct wcp_store_options
options_for(unsigned num_threads)
{
    return (struct wcp_store_options){ .kind = WCP_SIG_MINHASH,
                                       .num_bands = 20,
                                       .num_rows = 6,
                                       .sample = true,
                                       .num_threads = num_threads };
}

static struct wcp_reader *
placed_reader(const struct placed *placed, size_t batch_bytes)
{
    const struct wcp_input_options input = { .text_field = "text",
                                             .id_field = "id",
                                             .title_field = "title",
                                             .date_field = "date",
                                             .source_field = "source",
                                             .max_document = 1 << 20,
                                             .batch_bytes = batch_bytes };
    const struct wcp_consumer consumer = { NULL, ignore_notice, NULL };
    struct wcp_reader *reader = NULL;

    CU_ASSERT_FATAL(wcp_reader_new(&wcp_memory_libc, &input, &reader, NULL) ==
                    WCP_CODE_OK);
    for (size_t i = 0; i < NUM_FILES; i++)
        CU_ASSERT(wcp_reader_add(reader, placed->path[i], &consumer, NULL) ==
                  WCP_CODE_OK);
    return reader;
}

/* One document at a time, from memory. */
static struct wcp_store *
added_store(const struct placed *placed)
{
    const struct wcp_store_options opts = options_for(1);
    struct wcp_store *store = NULL;

    CU_ASSERT_FATAL(wcp_store_new(&wcp_memory_libc, &opts, NULL, &store,
                                  NULL) == WCP_CODE_OK);
    for (size_t i = 0; i < NUM; i++) {
        const struct wcp_document doc = {
            .text = { placed->texts[i], strlen(placed->texts[i]) },
            .date_ms = WCP_NO_DATE,
        };

        CU_ASSERT_FATAL(wcp_store_add(store, &doc, NULL) == WCP_CODE_OK);
    }
    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    return store;
}

static bool
same_document(const struct placed *placed, const struct wcp_store *a,
              const struct wcp_store *b, uint32_t doc)
{
    const struct wcp_entry *x = &a->entries[doc], *y = &b->entries[doc];
    const struct wcp_string id = wcp_entry_id(x);
    char expected[12];
    const int len = snprintf(expected, sizeof expected, "%u", doc);

    return id.len == (size_t)len &&
           memcmp(id.data, expected, (size_t)len) == 0 &&
           x->line == placed->lines[doc] && x->source == placed->files[doc] &&
           x->class_number == y->class_number && x->num_units == y->num_units &&
           x->num_sample == y->num_sample &&
           (x->num_sample == 0 ||
            memcmp(x->sample, y->sample, x->num_sample * sizeof *x->sample) ==
                0);
}

static bool
same_class(const struct wcp_store *a, const struct wcp_store *b, uint32_t c)
{
    bool same = wcp_class_document(a, c) == wcp_class_document(b, c) &&
                memcmp(a->values + (size_t)c * WCP_NUM_BINS,
                       b->values + (size_t)c * WCP_NUM_BINS, WCP_NUM_BINS) == 0;

    for (unsigned band = 0; same && band < a->opts.num_bands; band++)
        same = wcp_class_key(a, band, c) == wcp_class_key(b, band, c);
    return same;
}

static void
check_same(const struct placed *placed, const struct wcp_store *store,
           const struct wcp_store *added, uint64_t number)
{
    MADE_CHECK(store->num_documents == NUM, number);
    MADE_CHECK(store->num_classes == added->num_classes, number);
    MADE_CHECK(store->counts.classes == added->counts.classes, number);
    MADE_CHECK(store->counts.empty == added->counts.empty, number);
    for (uint32_t doc = 0; doc < NUM; doc++)
        MADE_CHECK(same_document(placed, store, added, doc), number);
    for (uint32_t c = 0; c < added->num_classes; c++)
        MADE_CHECK(same_class(store, added, c), number);
}

static void
test_placed(void)
{
    for (uint64_t number = 7300; number < 7316; number++) {
        struct test_rng rng = made_rng(number);
        struct placed placed = { 0 };
        struct wcp_store *added;

        placed_write(&placed, &rng);
        added = added_store(&placed);
        for (unsigned threads = 1; threads < 6; threads += 2) {
            const size_t batch = (size_t)64 << test_below(&rng, 12);
            const struct wcp_store_options opts = options_for(threads);
            struct wcp_reader *reader = placed_reader(&placed, batch);
            struct wcp_store *store = NULL;

            CU_ASSERT_FATAL(wcp_store_new(&wcp_memory_libc, &opts, reader,
                                          &store, NULL) == WCP_CODE_OK);
            CU_ASSERT_FATAL(wcp_store_read(store, NULL, NULL) == WCP_CODE_OK);
            CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
            check_same(&placed, store, added, number);
            wcp_store_free(store);
            wcp_reader_free(reader);
        }
        wcp_store_free(added);
        placed_release(&placed);
    }
}

/* Whatever is refused: the store fails, or is as it should be. */
static void
test_without_memory(void)
{
    struct test_rng rng = made_rng(7400);
    struct placed placed = { 0 };
    struct made_memory memory;
    struct wcp_store *added;
    bool failed = true;

    made_memory_init(&memory);
    placed_write(&placed, &rng);
    added = added_store(&placed);
    for (uint64_t n = 1; failed; n += 1 + test_below(&rng, 3)) {
        const struct wcp_store_options opts =
            options_for(1 + (unsigned)(n % 3));
        struct wcp_reader *reader = placed_reader(&placed, 4096);
        struct wcp_store *store = NULL;

        made_memory_arm(&memory, n, n % 2 == 0);
        failed = wcp_store_new(&memory.memory, &opts, reader, &store, NULL) !=
                     WCP_CODE_OK ||
                 wcp_store_read(store, NULL, NULL) != WCP_CODE_OK ||
                 wcp_store_close(store, NULL, NULL) != WCP_CODE_OK;
        if (!failed)
            check_same(&placed, store, added, n);
        failed |= memory.num_failed > 0;
        wcp_store_free(store);
        wcp_reader_free(reader);
        MADE_CHECK(memory.live == 0, n);
        MADE_CHECK(!memory.wrong_size, n);
    }
    wcp_store_free(added);
    placed_release(&placed);
}

void
suite_placing(void)
{
    CU_pSuite suite = CU_add_suite("placing", NULL, NULL);

    CU_add_test(suite, "as they are read", test_placed);
    CU_add_test(suite, "without memory", test_without_memory);
}
