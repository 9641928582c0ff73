/*
 * test_stream.c - compressed files, pipes, second passes; what changes or
 * fails while it is read
 */
#include "input_log.h"

#include "input/reader.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
compress(const char *name, const char *command)
{
    static const struct {
        const char *suffix, *command;
    } ways[] = {
        { "gz", "gzip -c" },    { "zst", "zstd -qc" },  { "xz", "xz -0c" },
        { "bz2", "bzip2 -1c" }, { "lz4", "lz4 -qB4c" },
    };

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(ways[i].suffix, command) == 0)
            return test_log_shell("%s %s > %s.%s 2>/dev/null", ways[i].command,
                                  name, name, command);
    return false;
}

static const char *const suffixes[] = { "gz", "zst", "xz", "bz2", "lz4" };
enum { NUM_SUFFIXES = 5 };

static void
test_compressed(void)
{
    struct test_rng rng = { test_seed() };
    char name[40], *plain, *packed;

#ifndef WCP_HAVE_LIBARCHIVE
    printf("SKIPPED: built without libarchive ");
    return;
#endif
    test_log_write_lines("c.jsonl", &rng, 300);
    plain = test_log_of_file("c.jsonl", 1 << 20, 1);
    for (size_t i = 0; i < NUM_SUFFIXES; i++) {
        if (!compress("c.jsonl", suffixes[i])) {
            printf("SKIPPED: %s ", suffixes[i]);
            continue;
        }
        snprintf(name, sizeof name, "c.jsonl.%s", suffixes[i]);
        for (size_t bytes = 1; bytes < 100000; bytes = bytes * 5 + 3) {
            packed = test_log_of_file(name, bytes, 2);
            test_log_without_repairs(packed);
            for (char *p; (p = strstr(packed, name)) != NULL;)
                memmove(p + 7, p + strlen(name), strlen(p + strlen(name)) + 1);
            test_log_same(name, packed, plain);
            free(packed);
        }
        /* The name does not matter where the file is small. */
        CU_ASSERT_TRUE(test_log_shell("cp %s c.%s.data && rm %s", name,
                                      suffixes[i], name));
    }
    CU_ASSERT_TRUE(
        test_log_shell("rm -rf data && mkdir data && mv c.*.data data"));
    free(plain);
}

/* Two members or frames one after the other are one stream. */
static void
test_joined(void)
{
    char name[40], *once, *twice;

#ifndef WCP_HAVE_LIBARCHIVE
    return;
#endif
    test_log_write("j.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n");
    CU_ASSERT_TRUE(test_log_shell("cat j.jsonl j.jsonl > jj.jsonl"));
    once = test_log_of_file("jj.jsonl", 1 << 20, 1);
    for (size_t i = 0; i < NUM_SUFFIXES; i++) {
        if (!compress("j.jsonl", suffixes[i]))
            continue;
        snprintf(name, sizeof name, "jj.jsonl.%s", suffixes[i]);
        CU_ASSERT_TRUE(test_log_shell("cat j.jsonl.%s j.jsonl.%s > %s",
                                      suffixes[i], suffixes[i], name));
        twice = test_log_of_file(name, 0, 1);
        test_log_same(name, twice, once);
        free(twice);
    }
    free(once);
}

/* All that a stream gives if 'step' bytes are asked for at a time. */
static size_t
read_by_steps(const char *name, size_t step, char *data, bool *broken_ret)
{
    struct wcp_stream_from from = { .seekable = true };
    struct wcp_stream *stream = NULL;
    size_t len = 0, got;

    from.fd = open(test_log_path(name), O_RDONLY);
    CU_ASSERT_EQUAL_FATAL(
        wcp_stream_open(&wcp_memory_libc, &from, &stream, NULL), WCP_CODE_OK);
    do {
        got = wcp_stream_read(stream, data + len, step);
        len += got;
    } while (got == step);
    *broken_ret = wcp_stream_fault(stream) != NULL;
    wcp_stream_close(stream);
    return len;
}

/* Bytes and end are the same however much is asked for, of a file that breaks
 * off anywhere, too. */
static void
test_steps(void)
{
    enum { LEN = 420 };
    /* Some end with the data. */
    static const size_t steps[] = { 1, 5, 7, 60, 97, 210, LEN, LEN + 1 };
    char data[LEN + 2 * LEN], first[LEN + 2 * LEN], packed[1024], name[40];

    for (size_t i = 0; i < LEN; i++)
        data[i] = i % 100 < 70 ? 'a' : (char)('a' + i * i % 23);
    test_log_write_bytes("steps", data, LEN);
    for (size_t i = 0; i < NUM_SUFFIXES; i++) {
        size_t packed_len;
        FILE *file;

        if (!compress("steps", suffixes[i]))
            continue;
        snprintf(name, sizeof name, "steps.%s", suffixes[i]);
        file = fopen(test_log_path(name), "rb");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        packed_len = fread(packed, 1, sizeof packed, file);
        fclose(file);
        for (size_t cut = 8; cut <= packed_len; cut++) {
            bool broken, first_broken;
            size_t len;

            test_log_write_bytes("cut", packed, cut);
            len = read_by_steps("cut", 2 * LEN, first, &first_broken);
            CU_ASSERT_TRUE(cut < packed_len || (!first_broken && len == LEN));
            for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
                CU_ASSERT_EQUAL(read_by_steps("cut", steps[k], data, &broken),
                                len);
                CU_ASSERT_EQUAL(broken, first_broken);
                CU_ASSERT_EQUAL(memcmp(data, first, len), 0);
            }
        }
    }
}

/* What was read before the break is delivered, then it is said. */
static void
test_truncated(void)
{
    FILE *file = fopen(test_log_path("t.jsonl"), "wb");
    char name[40];

#ifndef WCP_HAVE_LIBARCHIVE
    fclose(file);
    return;
#endif
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (unsigned i = 0; i < 60000; i++)
        fprintf(file, "{\"id\":%u,\"text\":\"%u %u\"}\n", i, i * 2654435761u,
                i * 40503u);
    fclose(file);
    for (size_t i = 0; i < NUM_SUFFIXES; i++) {
        struct test_run run = test_log_new();
        char *log, *end, want[140];

        if (!compress("t.jsonl", suffixes[i]))
            continue;
        snprintf(name, sizeof name, "t.jsonl.%s", suffixes[i]);
        CU_ASSERT_TRUE(
            test_log_shell("head -c $(($(wc -c < %s) * 4 / 5)) %s > cut_%s",
                           name, name, name));
        snprintf(name, sizeof name, "cut_t.jsonl.%s", suffixes[i]);
        log = test_log_read(&run, test_log_path(name));
        CU_ASSERT_TRUE(run.num > 1000);
        snprintf(want, sizeof want,
                 "0 skipped %s:0 truncated %s data; the records before that "
                 "were read\n",
                 name,
                 suffixes[i][0] == 'g'   ? "gzip"
                 : suffixes[i][0] == 'z' ? "zstd"
                 : suffixes[i][0] == 'b' ? "bzip2"
                                         : suffixes[i]);
        end =
            strlen(log) > strlen(want) ? log + strlen(log) - strlen(want) : log;
        test_log_same(name, end, want);
        for (size_t j = 0; j + 1 < run.num; j++)
            if (!run.entries[j].is_document) {
                CU_FAIL("a broken line was delivered");
                break;
            }
        free(log);
        test_log_close(&run);
    }
}

/* ---- standard input, second passes, changes ---- */

static void
test_stdin(void)
{
    struct test_rng rng = { test_seed() };
    char *file, *piped, *dribble;

    test_log_write_lines("s.jsonl", &rng, 100);
    file = test_log_of_stdin("s.jsonl", NULL, 0);
    for (size_t bytes = 1; bytes < 5000; bytes = bytes * 7 + 1) {
        piped = test_log_of_stdin("s.jsonl", "cat s.jsonl", bytes);
        test_log_same("pipe", piped, file);
        free(piped);
        piped = test_log_of_stdin("s.jsonl", NULL, bytes);
        test_log_same("redirected", piped, file);
        free(piped);
    }
    dribble = test_log_of_stdin("s.jsonl",
                                "(head -c 10 s.jsonl; sleep 0.05; "
                                "tail -c +11 s.jsonl)",
                                64);
    test_log_same("slow pipe", dribble, file);
    free(dribble);
    free(file);
    piped = test_log_of_stdin("", "printf 'a text\\n'", 0);
    test_log_same("text", piped, "0 +0 7 UTF-8 -|-|-|-|0|a text\n\n");
    free(piped);
}

static bool
want_all(void *ctx, uint32_t source)
{
    (void)ctx;
    (void)source;
    return true;
}

static void
test_rewind(void)
{
    struct test_rng rng = { test_seed() };
    struct test_run run = test_log_new();
    uint64_t done, total;
    char *first, *second, *third;

#ifndef WCP_HAVE_LIBARCHIVE
    return;
#endif
    test_log_write_lines("p.jsonl", &rng, 200);
    CU_ASSERT_TRUE(
        test_log_shell("rm -rf p && mkdir p && gzip -c p.jsonl > p/b.jsonl.gz"
                       " && gzip -c p.jsonl > p/c && bzip2 -c p.jsonl > p/d"));
    run.opts.batch_bytes = 100;
    run.num_threads = 2;
    test_log_open(&run);
    test_log_add(&run, test_log_path("p"));
    first = test_log_read_all(&run);
    CU_ASSERT_EQUAL(wcp_source_access(run.reader, 0), WCP_ACCESS_STREAM);
    wcp_reader_progress(run.reader, &done, &total);
    CU_ASSERT_TRUE(total > 0);
    CU_ASSERT_EQUAL(done, total);
    for (int pass = 0; pass < 2; pass++) {
        test_log_clear(&run);
        CU_ASSERT_EQUAL(wcp_reader_rewind(run.reader, want_all, NULL, NULL),
                        WCP_CODE_OK);
        second = test_log_read_all(&run);
        test_log_same("second pass", second, first);
        free(second);
    }
    test_log_clear(&run);
    test_log_add(&run, test_log_path("missing"));
    third = test_log_read_all(&run);
    CU_ASSERT_PTR_NULL(strchr(third, '+'));
    free(third);
    free(first);
    test_log_close(&run);
}

static void
test_changed(void)
{
    struct test_run run = test_log_new();
    struct wcp_worker *worker;
    struct wcp_document doc;
    char *log;

    test_log_write("v.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n");
    test_log_write("v.txt", "text");
    test_log_open(&run);
    test_log_add(&run, test_log_path("v.jsonl"));
    test_log_add(&run, test_log_path("v.txt"));
    log = test_log_read_all(&run);
    CU_ASSERT_EQUAL_FATAL(run.num, 3);
    test_log_write("v.jsonl", "{\"text\":\"one\"}\n");
    test_log_write("v.txt", "tex");
    CU_ASSERT_EQUAL_FATAL(wcp_worker_new(run.reader, &worker, NULL),
                          WCP_CODE_OK);
    CU_ASSERT_EQUAL(wcp_fetch(worker, &run.entries[0].at, &doc, NULL),
                    WCP_CODE_OK);
    CU_ASSERT_EQUAL(wcp_fetch(worker, &run.entries[1].at, &doc, NULL),
                    WCP_CODE_BAD_RECORD);
    CU_ASSERT_EQUAL(wcp_fetch(worker, &run.entries[2].at, &doc, NULL),
                    WCP_CODE_BAD_RECORD);
    CU_ASSERT_TRUE(test_log_shell("rm v.txt"));
    wcp_worker_free(worker);
    CU_ASSERT_EQUAL_FATAL(wcp_worker_new(run.reader, &worker, NULL),
                          WCP_CODE_OK);
    CU_ASSERT_EQUAL(wcp_fetch(worker, &run.entries[2].at, &doc, NULL),
                    WCP_CODE_IO);
    wcp_worker_free(worker);
    free(log);
    test_log_close(&run);
}

/* A file that shrinks between two batches is a notice, not a failure. */
static void
test_shrinking(void)
{
    struct test_run run = test_log_new();
    struct test_tap tap = { &run, 1, 0 };
    struct wcp_consumer consumer = { test_log_document, test_log_notice, &tap };
    struct wcp_worker *worker;
    uint64_t number;

    CU_ASSERT_TRUE(
        test_log_shell("for i in $(seq 100); do echo '{\"text\":\"line\"}'; "
                       "done > k.jsonl"));
    run.opts.batch_bytes = 400;
    test_log_open(&run);
    test_log_add(&run, test_log_path("k.jsonl"));
    CU_ASSERT_EQUAL_FATAL(wcp_worker_new(run.reader, &worker, NULL),
                          WCP_CODE_OK);
    CU_ASSERT_TRUE(wcp_reader_next(run.reader, worker, &number));
    CU_ASSERT_EQUAL(truncate(test_log_path("k.jsonl"), 100), 0);
    do {
        CU_ASSERT_EQUAL(wcp_worker_process(worker, &consumer, NULL, NULL),
                        WCP_CODE_OK);
    } while (wcp_reader_next(run.reader, worker, &number));
    CU_ASSERT_TRUE(run.num >= 1);
    for (size_t i = 0; i < run.num; i++)
        CU_ASSERT_PTR_NOT_NULL(
            strstr(run.entries[i].text, "the file became shorter"));
    wcp_worker_free(worker);
    test_log_close(&run);
}

/* ---- memory runs out ---- */

struct rationed {
    _Atomic long left;
    _Atomic long held;
};

static void *
rationed_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct rationed *ration = ctx;

    if (new_size > 0 && ration->left-- <= 0)
        return NULL;
    ration->held += (long)new_size - (long)(ptr != NULL ? old_size : 0);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static bool
ignore_document(void *ctx, const struct wcp_document *doc)
{
    (void)ctx;
    (void)doc;
    return true;
}

/* Fail the n-th allocation; true if none had to fail. */
static bool
survives(long n, const char *path)
{
    struct rationed ration = { n, 0 };
    struct wcp_memory mem = { rationed_resize, &ration };
    struct wcp_input_options opts = { .max_document = 1 << 20,
                                      .batch_bytes = 50 };
    struct wcp_consumer consumer = { ignore_document, NULL, NULL };
    struct wcp_reader *reader = NULL;
    struct wcp_worker *worker = NULL;
    enum wcp_code code, all = WCP_CODE_OK;
    uint64_t number;

    code = wcp_reader_new(&mem, &opts, &reader, NULL);
    if (code == WCP_CODE_OK)
        code = wcp_reader_add(reader, path, &consumer, NULL);
    if (code == WCP_CODE_OK)
        code = wcp_worker_new(reader, &worker, NULL);
    while (code == WCP_CODE_OK && wcp_reader_next(reader, worker, &number)) {
        enum wcp_code one = wcp_worker_process(worker, &consumer, NULL, NULL);

        if (one != WCP_CODE_OK)
            all = one;
    }
    wcp_worker_free(worker);
    wcp_reader_free(reader);
    CU_ASSERT_EQUAL(ration.held, 0);
    if (code == WCP_CODE_OK)
        code = all;
    CU_ASSERT_TRUE(code == WCP_CODE_OK || code == WCP_CODE_NO_MEMORY);
    return code == WCP_CODE_OK && ration.left > 0;
}

static void
test_memory(void)
{
    long n = 0;

    test_log_write("m.jsonl", "{\"text\":\"one\"}\n{\"text\":\"\xFF\"}\n"
                              "{\"text\":\"\\ud800\"}\n");
    test_log_write("bom.jsonl", "\xEF\xBB\xBF{\"text\":\"x\"}\n");
    test_log_write("short.txt", "\xC4\xE3\xBA\xC3");
    CU_ASSERT_TRUE(
        test_log_shell("rm -rf m && mkdir -p m/n && cp m.jsonl m/a && "
                       "gzip -c m.jsonl > m/b.jsonl.gz && "
                       "cp bom.jsonl short.txt m/n && "
                       "iconv -f UTF-8 -t UTF-16 m/n/bom.jsonl > m/n/u.jsonl"));
    while (n < 2000 && !survives(n, test_log_path("m")))
        n++;
    CU_ASSERT_TRUE(n > 10 && n < 2000);
}

void suite_stream(void);

void
suite_stream(void)
{
    CU_pSuite suite =
        CU_add_suite("stream", test_log_make_root, test_log_remove_root);

    CU_add_test(suite, "compressed", test_compressed);
    CU_add_test(suite, "joined members", test_joined);
    CU_add_test(suite, "any step", test_steps);
    CU_add_test(suite, "truncated", test_truncated);
    CU_add_test(suite, "standard input", test_stdin);
    CU_add_test(suite, "second pass", test_rewind);
    CU_add_test(suite, "changed files", test_changed);
    CU_add_test(suite, "shrinking file", test_shrinking);
    CU_add_test(suite, "memory runs out", test_memory);
}
