/*
 * test_api_failures.c - the library as its users see it: what goes wrong, and
 * several corpora at once
 */
#include "api_calls.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- texts that are not good ---- */

static void
test_bad_utf8(void)
{
    static const char bad[] = "\xFF the talks \xE6\x96 went on \xC0\x80\xF0";
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_options opts;
    struct wcp_corpus *corpus;

    for (int32_t policy = WCP_REPLACE; policy <= WCP_SKIP; policy++) {
        wcp_options_init(&opts, sizeof opts);
        opts.on_bad_bytes = policy;
        corpus = api_new_corpus(&opts);
        CU_ASSERT_EQUAL(api_add(corpus, bad, "bad", NULL), WCP_OK);
        CU_ASSERT_EQUAL(api_add(corpus, "The talks went on.", "good", NULL),
                        WCP_OK);
        api_find(corpus, "bad=original good=identical\n");
        wcp_corpus_stats(corpus, &stats);
        CU_ASSERT_EQUAL(stats.repaired, 1);
        CU_ASSERT_EQUAL(stats.documents, 2);
        wcp_corpus_free(corpus);
    }
}

/* Whoever asks to fail is told where. */
static void
test_bad_utf8_is_refused(void)
{
    const struct wcp_text text = { .struct_size = sizeof text,
                                   .text = "abc\xFF",
                                   .text_len = 4 };
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    struct wcp_error err = { 0 };

    wcp_options_init(&opts, sizeof opts);
    opts.on_bad_bytes = WCP_FAIL;
    corpus = api_new_corpus(&opts);
    CU_ASSERT_EQUAL(wcp_corpus_add_text(corpus, &text, &err), WCP_BAD_TEXT);
    CU_ASSERT_EQUAL(err.status, WCP_BAD_TEXT);
    CU_ASSERT_EQUAL(err.offset, 3);
    api_find(corpus, "");
    wcp_corpus_free(corpus);
}

static void
test_limits(void)
{
    const struct wcp_text nothing = { .struct_size = sizeof nothing,
                                      .text = NULL,
                                      .text_len = 0 };
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_options opts;
    struct wcp_corpus *corpus;

    wcp_options_init(&opts, sizeof opts);
    opts.max_document = 10;
    corpus = api_new_corpus(&opts);
    CU_ASSERT_EQUAL(api_add(corpus, "0123456789", NULL, NULL), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, "0123456789a", NULL, NULL), WCP_TOO_LONG);
    CU_ASSERT_EQUAL(wcp_corpus_add_text(corpus, &nothing, NULL), WCP_OK);
    api_find(corpus, "");
    wcp_corpus_stats(corpus, &stats);
    CU_ASSERT_EQUAL(stats.documents, 2);
    wcp_corpus_free(corpus);
}

static void
test_no_temporary_folder(void)
{
    const struct wcp_text text = { .struct_size = sizeof text,
                                   .text = "x",
                                   .text_len = 1 };
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    struct wcp_error err = { 0 };

    wcp_options_init(&opts, sizeof opts);
    opts.tmpdir = "/does/not/exist";
    corpus = api_new_corpus(&opts);
    CU_ASSERT_EQUAL(wcp_corpus_add_text(corpus, &text, &err), WCP_IO);
    CU_ASSERT_EQUAL(err.status, WCP_IO);
    CU_ASSERT_EQUAL(err.sys_errno, ENOENT);
    wcp_corpus_free(corpus);
}

/* ---- messages ---- */

struct heard {
    unsigned num;
    struct wcp_message last;
    char path[200], text[200];
};

static void
hear(void *ctx, const struct wcp_message *message)
{
    struct heard *heard = ctx;

    heard->num++;
    heard->last = *message;
    snprintf(heard->path, sizeof heard->path, "%s",
             message->path ? message->path : "");
    snprintf(heard->text, sizeof heard->text, "%s", message->text);
}

static void
test_missing_path_is_a_message(void)
{
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct heard heard = { 0 };
    struct wcp_options opts;
    struct wcp_corpus *corpus;

    wcp_options_init(&opts, sizeof opts);
    opts.on_message = hear;
    opts.ctx = &heard;
    corpus = api_new_corpus(&opts);
    CU_ASSERT_EQUAL(wcp_corpus_add_path(corpus, "/does/not/exist", NULL),
                    WCP_OK);
    api_find(corpus, "");
    CU_ASSERT_EQUAL(heard.num, 1);
    CU_ASSERT_EQUAL(heard.last.kind, WCP_MESSAGE_SKIPPED);
    CU_ASSERT_STRING_EQUAL(heard.path, "/does/not/exist");
    CU_ASSERT(heard.text[0] != '\0');
    wcp_corpus_stats(corpus, &stats);
    CU_ASSERT_EQUAL(stats.skipped, 1);
    wcp_corpus_free(corpus);
}

/* A message is UTF-8 whatever it quotes. */
static void
test_long_equal_ids_are_cut_well(void)
{
    static const char id[] = "1"
                             "\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87"
                             "\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87"
                             "\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87"
                             "\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87"
                             "\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87"
                             "\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87\xE6\x96\x87";
    struct heard heard = { 0 };
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    unsigned num_open = 0;

    wcp_options_init(&opts, sizeof opts);
    opts.on_message = hear;
    opts.ctx = &heard;
    corpus = api_new_corpus(&opts);
    api_add(corpus, api_dispatch, id, NULL);
    api_add(corpus, api_stranger, id, NULL);
    api_find(corpus, "");
    CU_ASSERT_EQUAL(heard.num, 1);
    /* All characters quoted have three bytes. */
    for (const char *at = heard.text; *at != '\0'; at++)
        num_open += (unsigned char)*at >= 0x80;
    CU_ASSERT(num_open > 0 && num_open % 3 == 0);
    wcp_corpus_free(corpus);
}

/* ---- files ---- */

static int32_t
stop_progress(void *ctx, const struct wcp_progress *progress)
{
    (void)ctx;
    (void)progress;
    return 1;
}

/* A folder with one JSONL file; its path in 'path'. */
static void
make_file(char *path, size_t size, unsigned num_records)
{
    FILE *file;
    int fd;

    snprintf(path, size, "/tmp/wcp-api-XXXXXX.jsonl");
    fd = mkstemps(path, 6);
    CU_ASSERT_FATAL(fd >= 0);
    file = fdopen(fd, "w");
    for (unsigned i = 0; i < num_records; i++)
        fprintf(file, "{\"id\":\"r%u\",\"text\":\"%s\"}\n", i,
                i % 2 ? api_stranger : api_dispatch);
    fclose(file);
}

static void
test_files_and_texts(void)
{
    struct wcp_corpus *corpus = api_default_corpus();
    char path[64];

    make_file(path, sizeof path, 3);
    CU_ASSERT_EQUAL(api_add(corpus, api_reprint, "s", NULL), WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_add_path(corpus, path, NULL), WCP_OK);
    api_find(corpus, "r0=original r2=identical s=reprint\n");
    wcp_corpus_free(corpus);
    unlink(path);
}

/* Stopped while reading: nothing is known, and it is not pretended that it
 * were. */
static void
test_stopped_reading_stays_failed(void)
{
    struct api_printed printed = { .good = true };
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    char path[64];

    make_file(path, sizeof path, 20000);
    wcp_options_init(&opts, sizeof opts);
    opts.on_progress = stop_progress;
    opts.threads = 2;
    corpus = api_new_corpus(&opts);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "s", NULL), WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_add_path(corpus, path, NULL), WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_find(corpus, api_print_group, &printed, NULL),
                    WCP_STOPPED);
    CU_ASSERT_EQUAL(printed.num, 0);
    CU_ASSERT_NOT_EQUAL(
        wcp_corpus_find(corpus, api_print_group, &printed, NULL), WCP_OK);
    CU_ASSERT_EQUAL(printed.num, 0);
    wcp_corpus_free(corpus);
    unlink(path);
}

/* ---- memory ---- */

/* Counts what is held and can fail; each block remembers its size. */
struct ledger {
    pthread_mutex_t lock;
    int64_t held;
    uint64_t num_calls, fail_at, num_failed;
    bool wrong_size;
};

static void *
keep_ledger(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct ledger *ledger = ctx;
    size_t *block = ptr, *moved = NULL;
    bool fails;

    pthread_mutex_lock(&ledger->lock);
    if ((block != NULL ? block[-2] : 0) != old_size)
        ledger->wrong_size = true;
    /* What is to be smaller may stay as it is. */
    fails = new_size > old_size && ++ledger->num_calls == ledger->fail_at;
    ledger->num_failed += fails;
    if (!fails)
        ledger->held += (int64_t)new_size - (int64_t)old_size;
    pthread_mutex_unlock(&ledger->lock);
    if (fails)
        return NULL;
    if (new_size > 0) {
        moved = malloc(2 * sizeof *moved + new_size);
        if (moved == NULL)
            abort();
        moved[0] = new_size;
        moved += 2;
        if (block != NULL)
            memcpy(moved, block, old_size < new_size ? old_size : new_size);
    }
    if (block != NULL)
        free(block - 2);
    return moved;
}

#define WHOLE_TEXTS (1U << WCP_IDENTICAL | 1U << WCP_REPRINT)

/* Everything once, and groups once more.  After a failure the corpus is asked
 * again, which may succeed or fail but nothing else. */
static enum wcp_status
do_everything(struct ledger *ledger, int32_t signature, uint64_t relations,
              const char *path)
{
    const struct wcp_allocator allocator = { keep_ledger, ledger };
    struct api_printed printed = { .good = true };
    struct wcp_options opts;
    struct wcp_corpus *corpus = NULL;
    enum wcp_status status;

    wcp_options_init(&opts, sizeof opts);
    opts.allocator = &allocator;
    opts.signature = signature;
    opts.relations = relations;
    opts.threads = 2;
    opts.tmpdir = "/tmp";
    opts.threshold = .5;
    status = wcp_corpus_new(&opts, &corpus, NULL);
    if (status == WCP_OK && path != NULL)
        status = wcp_corpus_add_path(corpus, path, NULL);
    if (status == WCP_OK)
        status = api_add(corpus, api_dispatch, "a", "2020-01-01");
    if (status == WCP_OK)
        status = api_add(corpus, api_reprint, NULL, NULL);
    if (status == WCP_OK)
        status = api_add(corpus,
                         "\xFF"
                         "bad bytes",
                         "c", NULL);
    if (status == WCP_OK)
        status = wcp_corpus_find(corpus, api_print_group, &printed, NULL);
    if (status == WCP_OK)
        status = wcp_corpus_pairs(corpus, api_print_pair, &printed, NULL);
    if (status == WCP_OK)
        status = wcp_corpus_find(corpus, api_print_group, &printed, NULL);
    if (status == WCP_OK)
        status = printed.status;
    if (status != WCP_OK && corpus != NULL) {
        wcp_corpus_find(corpus, api_print_group, &printed, NULL);
        wcp_corpus_pairs(corpus, api_print_pair, &printed, NULL);
    }
    wcp_corpus_free(corpus);
    return status;
}

static void
test_allocator_is_balanced(void)
{
    char path[64];

    make_file(path, sizeof path, 50);
    for (int i = 0; i < 2 * (WCP_SIMHASH + 1); i++) {
        struct ledger ledger = { .lock = PTHREAD_MUTEX_INITIALIZER };

        CU_ASSERT_EQUAL(
            do_everything(&ledger, i / 2, i % 2 ? WHOLE_TEXTS : 0, path),
            WCP_OK);
        CU_ASSERT(ledger.num_calls > 50);
        CU_ASSERT_EQUAL(ledger.held, 0);
        CU_ASSERT(!ledger.wrong_size);
    }
    unlink(path);
}

/* Refuse one call after the other.  Whether a notice can be kept is no reason
 * to fail, so that with files a refusal may pass unseen; nor is it whether
 * texts can be kept, which each find and pairs try: as threads take turns
 * in other ways each time, that may be met by several numbers. */
static void
refuse_each(int32_t signature, uint64_t relations, const char *path)
{
    enum { MOST_UNSEEN = 18 };
    unsigned num_unseen = 0;

    for (uint64_t n = 1;; n++) {
        struct ledger ledger = { .lock = PTHREAD_MUTEX_INITIALIZER,
                                 .fail_at = n };
        enum wcp_status status =
            do_everything(&ledger, signature, relations, path);
        bool good = ledger.held == 0 && !ledger.wrong_size;

        if (ledger.num_failed == 0)
            good &= status == WCP_OK;
        else
            good &= status == WCP_NO_MEMORY ||
                    (status == WCP_OK && (path || num_unseen++ < MOST_UNSEEN));
        if (!good)
            fprintf(stderr,
                    "call %" PRIu64 " refused: status %d, %" PRId64 " held\n",
                    n, (int)status, ledger.held);
        CU_ASSERT(good);
        if (ledger.num_failed == 0)
            break;
    }
}

static void
test_every_refusal_of_memory(void)
{
    char path[64];

    make_file(path, sizeof path, 3);
    refuse_each(WCP_MINHASH, 0, NULL);
    refuse_each(WCP_SIMHASH, 0, NULL);
    refuse_each(WCP_MINHASH, 0, path);
    refuse_each(WCP_MINHASH, WHOLE_TEXTS, path);
    unlink(path);
}

/* ---- several at once ---- */

static void *
work_alone(void *arg)
{
    struct api_printed *printed = arg;
    struct wcp_options opts;
    struct wcp_corpus *corpus = NULL;
    enum wcp_status status;

    wcp_options_init(&opts, sizeof opts);
    opts.threads = 2;
    status = wcp_corpus_new(&opts, &corpus, NULL);
    for (unsigned i = 0; status == WCP_OK && i < 40; i++) {
        char id[8];

        snprintf(id, sizeof id, "%02u", i);
        status = api_add(corpus,
                         i % 4 == 0   ? api_dispatch
                         : i % 4 == 1 ? api_reprint
                                      : id,
                         id, NULL);
    }
    if (status == WCP_OK)
        status = wcp_corpus_find(corpus, api_print_group, printed, NULL);
    printed->good &= status == WCP_OK;
    wcp_corpus_free(corpus);
    return NULL;
}

static void
test_two_corpora_at_once(void)
{
    enum { NUM = 4 };
    static struct api_printed printed[NUM];
    pthread_t threads[NUM];

    for (int i = 0; i < NUM; i++) {
        printed[i] = (struct api_printed){ .good = true };
        CU_ASSERT_FATAL(
            pthread_create(&threads[i], NULL, work_alone, &printed[i]) == 0);
    }
    for (int i = 0; i < NUM; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < NUM; i++) {
        CU_ASSERT(printed[i].good);
        CU_ASSERT_EQUAL(printed[i].num, 1);
        CU_ASSERT_STRING_EQUAL(printed[i].text, printed[0].text);
    }
}

/* Two in turn on one thread. */
static void
test_two_corpora_in_turn(void)
{
    struct wcp_corpus *one = api_default_corpus(), *two = api_default_corpus();

    api_add(one, api_dispatch, "a", NULL);
    api_add(two, api_stranger, "c", NULL);
    api_add(one, api_dispatch, "b", NULL);
    api_find(one, "a=original b=identical\n");
    api_add(two, api_dispatch, "d", NULL);
    api_find(two, "");
    api_find(one, "a=original b=identical\n");
    wcp_corpus_free(one);
    api_find(two, "");
    wcp_corpus_free(two);
}

void
suite_api_failures(void)
{
    CU_pSuite suite = CU_add_suite("api_failures", NULL, NULL);

    CU_add_test(suite, "bad UTF-8", test_bad_utf8);
    CU_add_test(suite, "bad UTF-8 is refused", test_bad_utf8_is_refused);
    CU_add_test(suite, "limits", test_limits);
    CU_add_test(suite, "no temporary folder", test_no_temporary_folder);
    CU_add_test(suite, "a missing path is a message",
                test_missing_path_is_a_message);
    CU_add_test(suite, "long equal ids are cut well",
                test_long_equal_ids_are_cut_well);
    CU_add_test(suite, "files and texts", test_files_and_texts);
    CU_add_test(suite, "stopped reading stays failed",
                test_stopped_reading_stays_failed);
    CU_add_test(suite, "allocator is balanced", test_allocator_is_balanced);
    CU_add_test(suite, "every refusal of memory", test_every_refusal_of_memory);
    CU_add_test(suite, "two corpora at once", test_two_corpora_at_once);
    CU_add_test(suite, "two corpora in turn", test_two_corpora_in_turn);
}
