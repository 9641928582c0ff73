/*
 * test_signatures.c - signature files through the public API: what comes out of
 * one, every byte of one damaged, every request for memory refused
 */
#include "api_calls.h"
#include "made_corpus.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file {
    char path[40];
    int fd;
};

static struct file
new_file(void)
{
    struct file file = { .path = "/tmp/wirecopy-test-XXXXXX" };

    file.fd = mkstemp(file.path);
    CU_ASSERT_FATAL(file.fd >= 0);
    return file;
}

static void
drop_file(struct file *file)
{
    close(file->fd);
    unlink(file->path);
}

/* A file that was emptied first would be flushed to disk each time. */
static void
rewrite(struct file *file, const void *data, size_t len)
{
    CU_ASSERT_EQUAL_FATAL(pwrite(file->fd, data, len, 0), (ssize_t)len);
    CU_ASSERT_EQUAL_FATAL(ftruncate(file->fd, (off_t)len), 0);
}

static size_t
read_back(const struct file *file, uint8_t *data, size_t max)
{
    const ssize_t len = pread(file->fd, data, max, 0);

    CU_ASSERT_FATAL(len > 0 && (size_t)len < max);
    return (size_t)len;
}

/* A dispatch, its reprint and a stranger. */
static struct wcp_corpus *
new_corpus(const struct wcp_options *opts)
{
    struct wcp_corpus *corpus = api_new_corpus(opts);

    CU_ASSERT_EQUAL(api_add(corpus, api_stranger, "c", NULL), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "a", "2020-01-01"), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_reprint, "b", "2020-01-02"), WCP_OK);
    return corpus;
}

static void
sign(const struct wcp_options *opts, struct file *file)
{
    struct wcp_corpus *corpus = new_corpus(opts);
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_error err = { 0 };

    CU_ASSERT_EQUAL(ftruncate(file->fd, 0), 0);
    CU_ASSERT_EQUAL(lseek(file->fd, 0, SEEK_SET), 0);
    CU_ASSERT_EQUAL(wcp_corpus_sign(corpus, file->fd, &err), WCP_OK);
    wcp_corpus_stats(corpus, &stats);
    CU_ASSERT_EQUAL(stats.documents, 3);
    /* Of a corpus that was signed nothing else can be had. */
    CU_ASSERT_NOT_EQUAL(wcp_corpus_sign(corpus, file->fd, &err), WCP_OK);
    CU_ASSERT_NOT_EQUAL(wcp_corpus_find(corpus, api_print_group, NULL, &err),
                        WCP_OK);
    wcp_corpus_free(corpus);
}

static struct wcp_options
options(bool estimate)
{
    struct wcp_options opts;

    wcp_options_init(&opts, sizeof opts);
    opts.estimate = estimate;
    return opts;
}

static void
test_estimate(void)
{
    const struct wcp_options opts = options(true);
    struct file file = new_file();
    struct wcp_corpus *corpus;

    for (int32_t kind = WCP_MINHASH; kind <= WCP_MINHASH_CLASSIC; kind++) {
        struct wcp_options own = opts;

        own.signature = kind;
        sign(&own, &file);
        CU_ASSERT_EQUAL(wcp_signatures_kind(file.path), kind);
        corpus = api_new_corpus(&opts);
        CU_ASSERT_EQUAL(wcp_corpus_add_signatures(corpus, file.path, NULL),
                        WCP_OK);
        api_find(corpus, "a=original b=reprint\n");
        api_pairs(corpus, "a-b=reprint\n");
        wcp_corpus_free(corpus);
    }
    /* Without a file, too. */
    corpus = new_corpus(&opts);
    api_find(corpus, "a=original b=reprint\n");
    wcp_corpus_free(corpus);
    drop_file(&file);
}

static void
test_texts_are_needed(void)
{
    const struct wcp_options opts = options(false);
    struct file file = new_file();
    struct wcp_corpus *corpus = api_new_corpus(&opts);
    struct wcp_error err = { 0 };

    sign(&opts, &file);
    CU_ASSERT_EQUAL(wcp_corpus_add_signatures(corpus, file.path, &err), WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_find(corpus, api_print_group, NULL, &err),
                    WCP_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "in memory"));
    wcp_corpus_free(corpus);
    drop_file(&file);
}

static void
test_no_mixture(void)
{
    const struct wcp_options opts = options(true);
    struct file file = new_file(), other = new_file();
    struct wcp_options four = opts;
    struct wcp_corpus *corpus;
    struct wcp_error err = { 0 };

    sign(&opts, &file);
    four.shingle = 4;
    sign(&four, &other);
    corpus = new_corpus(&opts);
    CU_ASSERT_EQUAL(wcp_corpus_add_signatures(corpus, file.path, &err),
                    WCP_BAD_OPTION);
    api_find(corpus, "a=original b=reprint\n");
    CU_ASSERT_EQUAL(wcp_corpus_add_signatures(corpus, file.path, &err),
                    WCP_BAD_OPTION);
    wcp_corpus_free(corpus);

    corpus = api_new_corpus(&opts);
    CU_ASSERT_EQUAL(wcp_corpus_add_signatures(corpus, file.path, &err), WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_add_signatures(corpus, other.path, &err),
                    WCP_BAD_OPTION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "shingle 4"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, other.path));
    CU_ASSERT_EQUAL(api_add(corpus, "more", "d", NULL), WCP_BAD_OPTION);
    CU_ASSERT_EQUAL(wcp_corpus_add_path(corpus, "/tmp", &err), WCP_BAD_OPTION);
    CU_ASSERT_EQUAL(wcp_corpus_sign(corpus, 1, &err), WCP_BAD_OPTION);
    CU_ASSERT_EQUAL(
        wcp_corpus_dedup(corpus, WCP_KEEP_FIRST,
                         &(struct wcp_dedup_sink){
                             .struct_size = sizeof(struct wcp_dedup_sink) },
                         &err),
        WCP_BAD_OPTION);
    /* None of this was of any harm. */
    api_find(corpus, "a=original b=reprint\n");
    wcp_corpus_free(corpus);
    drop_file(&file);
    drop_file(&other);
}

/* ---- damage ---- */

/* Whether the file is taken, to the end. */
static enum wcp_status
take(const char *path, struct wcp_error *err)
{
    struct wcp_options opts = options(true);
    struct wcp_corpus *corpus;
    struct api_printed printed = { .good = true };
    enum wcp_status status;

    opts.threads = 1;
    corpus = api_new_corpus(&opts);
    status = wcp_corpus_add_signatures(corpus, path, err);
    if (status == WCP_OK)
        status = wcp_corpus_find(corpus, api_print_group, &printed, err);
    wcp_corpus_free(corpus);
    return status;
}

static void
test_every_byte(void)
{
    const struct wcp_options opts = options(true);
    struct test_rng rng = { test_seed() };
    struct file file = new_file();
    uint8_t data[8192];
    size_t len;

    sign(&opts, &file);
    len = read_back(&file, data, sizeof data);
    CU_ASSERT_EQUAL(take(file.path, NULL), WCP_OK);
    for (size_t at = 0; at < len; at++) {
        const uint8_t bit = (uint8_t)(1u << test_below(&rng, 8));
        struct wcp_error err = { 0 };
        enum wcp_status status;

        data[at] ^= bit;
        rewrite(&file, data, len);
        status = take(file.path, &err);
        MADE_CHECK(status == WCP_BAD_RECORD, at);
        MADE_CHECK(strstr(err.text, file.path) != NULL, at);
        data[at] ^= bit;
        rewrite(&file, data, at);
        MADE_CHECK(take(file.path, &err) == WCP_BAD_RECORD, at);
        MADE_CHECK(at < 8 || err.offset <= at, at);
    }
    data[len] = 0;
    rewrite(&file, data, len + 1);
    CU_ASSERT_EQUAL(take(file.path, NULL), WCP_BAD_RECORD);
    rewrite(&file, data, len);
    CU_ASSERT_EQUAL(take(file.path, NULL), WCP_OK);
    drop_file(&file);
}

static void
test_other_files(void)
{
    struct wcp_error err = { 0 };

    CU_ASSERT_EQUAL(wcp_signatures_kind("/does/not/exist"), -1);
    CU_ASSERT_EQUAL(wcp_signatures_kind("/dev/null"), -1);
    CU_ASSERT_EQUAL(wcp_signatures_kind("/tmp"), -1);
    CU_ASSERT_EQUAL(take("/does/not/exist", &err), WCP_IO);
    CU_ASSERT_EQUAL(take("/dev/null", &err), WCP_BAD_RECORD);
    CU_ASSERT_EQUAL(take("/tmp", &err), WCP_BAD_RECORD);
}

/* ---- memory ---- */

static void *
resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    const struct made_memory *memory = ctx;

    return memory->memory.resize(memory->memory.ctx, ptr, old_size, new_size);
}

/* Sign to 'to' and take 'from' with little memory. */
static bool
try_all(struct made_memory *memory, const struct file *to, const char *from)
{
    const struct wcp_allocator allocator = { resize, memory };
    struct wcp_options opts = options(true);
    struct api_printed printed = { .good = true };
    struct wcp_corpus *corpus = NULL;
    enum wcp_status status;

    opts.threads = 1;
    opts.allocator = &allocator;
    status = wcp_corpus_new(&opts, &corpus, NULL);
    if (status == WCP_OK)
        status = api_add(corpus, api_dispatch, "a", NULL);
    if (status == WCP_OK)
        status = wcp_corpus_sign(corpus, to->fd, NULL);
    wcp_corpus_free(corpus);
    corpus = NULL;
    if (status == WCP_OK)
        status = wcp_corpus_new(&opts, &corpus, NULL);
    if (status == WCP_OK)
        status = wcp_corpus_add_signatures(corpus, from, NULL);
    if (status == WCP_OK)
        status = wcp_corpus_find(corpus, api_print_group, &printed, NULL);
    wcp_corpus_free(corpus);
    CU_ASSERT(status == WCP_OK || status == WCP_NO_MEMORY);
    return status == WCP_OK;
}

static void
test_little_memory(void)
{
    const struct wcp_options opts = options(true);
    struct file file = new_file(), to = new_file();
    struct made_memory memory;
    uint64_t num_calls, num_harmless = 0;

    sign(&opts, &file);
    made_memory_init(&memory);
    CU_ASSERT(try_all(&memory, &to, file.path));
    num_calls = memory.num_calls;
    CU_ASSERT(num_calls > 20);
    for (uint64_t n = 1; n <= num_calls; n++) {
        made_memory_init(&memory);
        made_memory_arm(&memory, n, false);
        num_harmless += try_all(&memory, &to, file.path);
        MADE_CHECK(memory.live == 0 && !memory.wrong_size, n);
    }
    /* What only makes things faster may be missing. */
    CU_ASSERT(num_harmless < num_calls / 20);
    drop_file(&file);
    drop_file(&to);
}

void
suite_signatures(void)
{
    CU_pSuite suite = CU_add_suite("signatures", NULL, NULL);

    CU_add_test(suite, "estimates, of a file and of texts", test_estimate);
    CU_add_test(suite, "texts are needed", test_texts_are_needed);
    CU_add_test(suite, "no mixture", test_no_mixture);
    CU_add_test(suite, "every byte", test_every_byte);
    CU_add_test(suite, "other files", test_other_files);
    CU_add_test(suite, "little memory", test_little_memory);
}
