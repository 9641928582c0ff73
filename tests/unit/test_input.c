/*
 * test_input.c - lines and text files -> documents
 *
 * The log of what was delivered is compared with what was written, or with the
 * log of another way to read the same: other batch sizes, more threads, one
 * by one.
 */
#include "input_log.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- lines ---- */

static void
test_lines(void)
{
    test_log_write("a.jsonl", "{\"id\":1,\"text\":\"one\"}\n\r\n  \n"
                              "{\"id\":\"b\",\"text\":\"two\",\"title\":\"t\","
                              "\"date\":20060509,\"source\":\"s\"}\r\n"
                              "{\"text\":\"\"}");
    test_log_expect(test_log_new(), "a.jsonl",
                    "1 +0 21 UTF-8 1|-|-|-|0|one\n"
                    "4 +27 65 UTF-8 b|t|20060509|s|0|two\n"
                    "5 +93 11 UTF-8 -|-|-|-|0|\n");
    test_log_write("bom.jsonl", "\xEF\xBB\xBF{\"text\":\"x\"}\n");
    test_log_expect(test_log_new(), "bom.jsonl", "1 +0 15 UTF-8 -|-|-|-|0|x\n");
    test_log_write("empty.jsonl", "");
    test_log_expect(test_log_new(), "empty.jsonl", "");
    test_log_write("blank.jsonl", "\n\n \r\n\t");
    test_log_expect(test_log_new(), "blank.jsonl", "");
}

static void
test_bad_lines(void)
{
    struct test_run run = test_log_new();

    run.opts.encoding = WCP_ENC_UTF8;
    test_log_write("bad.jsonl", "[1]\n"
                                "{\"text\":1}\n"
                                "{\"text\":null}\n"
                                "{\"a\" 1}\n"
                                "{\"text\":\"a\\ud83db\"}\n"
                                "{\"text\":\"a\xFF"
                                "b\"}\n"
                                "{\"id\":123456789012345678901234567890,"
                                "\"text\":\"big\"}\n"
                                "{\"id\":1.10,\"text\":\"v\"}\n"
                                "nonsense\n"
                                "{\"text\":\"good\"}\n");
    test_log_expect(
        run, "bad.jsonl",
        "1 skipped bad.jsonl:0 not a JSON object\n"
        "2 skipped bad.jsonl:0 field 'text' is not a string\n"
        "3 skipped bad.jsonl:0 field 'text' is null\n"
        "4 skipped bad.jsonl:6 malformed JSON: ':' is missing\n"
        "5 repaired bad.jsonl:11 lone surrogate\n"
        "5 +37 19 UTF-8 -|-|-|-|1|a\xEF\xBF\xBD"
        "b\n"
        "6 +57 14 UTF-8 -|-|-|-|1|a\xEF\xBF\xBD"
        "b\n"
        "7 +72 50 UTF-8 123456789012345678901234567890|-|-|-|0|big\n"
        "8 +123 22 UTF-8 1.10|-|-|-|0|v\n"
        "9 skipped bad.jsonl:2 malformed JSON: unknown word\n"
        "10 +155 15 UTF-8 -|-|-|-|0|good\n");
    test_log_write("bytes.jsonl",
                   "{\"text\":\"\\ud83da\"}\n{\"text\":\"\xFFz\"}\n");
    run.opts.on_bad_bytes = WCP_BAD_SKIP;
    test_log_expect(run, "bytes.jsonl",
                    "1 repaired bytes.jsonl:10 lone surrogate\n"
                    "1 +0 18 UTF-8 -|-|-|-|1|a\n2 +19 13 UTF-8 -|-|-|-|1|z\n");
    run.opts.on_bad_bytes = WCP_BAD_FAIL;
    test_log_expect(run, "bytes.jsonl",
                    "1 skipped bytes.jsonl:10 lone surrogate\n"
                    "2 skipped bytes.jsonl:10 illegal bytes in UTF-8\n");
}

static void
test_fields(void)
{
    struct test_run run = test_log_new();

    run.opts.text_field = "body.zh";
    run.opts.id_field = "meta.id";
    test_log_write("f.jsonl",
                   "{\"meta\":{\"id\":2.50},\"body\":{\"zh\":\"x\"}}\n"
                   "{\"body.zh\":\"own\",\"body\":{\"zh\":\"in\"},\"meta\":3}\n"
                   "{\"text\":\"x\"}\n");
    test_log_expect(
        run, "f.jsonl",
        "1 +0 38 UTF-8 2.50|-|-|-|0|x\n"
        "2 +39 45 UTF-8 -|-|-|-|0|own\n"
        "3 skipped f.jsonl:0 no field 'body.zh' (--text-field); the "
        "record has: text\n");
}

static void
test_slices(void)
{
    struct test_rng rng = { test_seed() };

    for (unsigned round = 0; round < 12; round++) {
        char *whole, *cut;

        test_log_write_lines("r.jsonl", &rng, 1 + 5 * round);
        whole = test_log_of_file("r.jsonl", 1 << 20, 1);
        for (size_t bytes = 1; bytes <= 64; bytes++) {
            cut = test_log_of_file("r.jsonl", bytes, bytes % 16 == 0 ? 3 : 1);
            if (strcmp(cut, whole) != 0) {
                printf("\n    batch_bytes %zu", bytes);
                test_log_same("slices", cut, whole);
                bytes = 64;
            }
            free(cut);
        }
        free(whole);
    }
    CU_PASS("slices");
}

/* A batch of several pieces, against batches that are less than one. */
static void
test_pieces(void)
{
    struct test_rng rng = { test_seed() };
    struct stat status;
    char *pieces, *cut;

    test_log_write_lines("p.jsonl", &rng, 20000);
    CU_ASSERT_EQUAL_FATAL(stat(test_log_path("p.jsonl"), &status), 0);
    CU_ASSERT_TRUE(status.st_size > 600000);
    pieces = test_log_of_file("p.jsonl", 1 << 20, 1);
    for (size_t bytes = 1 << 15; bytes < 1 << 20; bytes = 3 * bytes + 1) {
        cut = test_log_of_file("p.jsonl", bytes, 2);
        test_log_same("pieces", cut, pieces);
        free(cut);
    }
    free(pieces);
}

/* ---- encodings ---- */

/* GB18030 text with the trail byte 5C, a backslash to a parser. */
static void
test_gbk(void)
{
    static const char line[] = "{\"text\":\"\x95\x5C\x81\x5C\xD6\xD0\xB9\xFA"
                               "\xC8\xCB\xC3\xF1\"}\n";
    struct test_run run = test_log_new();
    char *log, *cut;

    run.opts.encoding = wcp_encoding_by_name("gbk", 3);
    test_log_write("g.jsonl", line);
    test_log_expect(run, "g.jsonl",
                    "1 +0 23 GB18030 -|-|-|-|0|\xE6\x98\x9E\xE4\xB9\x97"
                    "\xE4\xB8\xAD\xE5\x9B\xBD\xE4\xBA\xBA\xE6\xB0\x91\n");
    for (int i = 0; i < 6; i++)
        CU_ASSERT_TRUE(
            test_log_shell("cat g.jsonl g.jsonl > h && mv h g.jsonl"));
    log = test_log_read(&run, test_log_path("g.jsonl"));
    CU_ASSERT_EQUAL(run.num, 64);
    test_log_close(&run);
    for (size_t bytes = 1; bytes < 64; bytes += 3) {
        run = test_log_new();
        run.opts.encoding = WCP_ENC_GB18030;
        run.opts.batch_bytes = bytes;
        cut = test_log_read(&run, test_log_path("g.jsonl"));
        test_log_same("gbk slices", cut, log);
        free(cut);
        test_log_close(&run);
    }
    free(log);
}

static void
test_utf16(void)
{
    static const char *const names[] = { "UTF-16LE", "UTF-16BE", "UTF-32LE",
                                         "UTF-32BE" };
    char name[40];

    /* U+0A00 and U+010A hold the byte of a line feed. */
    test_log_write(
        "u.jsonl",
        "\xEF\xBB\xBF{\"id\":1,\"text\":\"\xE0\xA8\x80\xC4\x8A\"}\r\n\n"
        "{\"id\":2,\"text\":\"\xE4\xB8\xAD\"}\n{\"x\n"
        "{\"id\":3,\"text\":\"end\"}");
    for (size_t i = 0; i < 4; i++) {
        size_t width = i < 2 ? 2 : 4;
        char want[400];

        snprintf(name, sizeof name, "%s.jsonl", names[i]);
        if (!test_log_shell("iconv -f UTF-8 -t %s u.jsonl > %s", names[i],
                            name)) {
            printf("SKIPPED: no iconv command ");
            return;
        }
        snprintf(want, sizeof want,
                 "1 +0 %zu %s 1|-|-|-|0|\xE0\xA8\x80\xC4\x8A\n"
                 "3 +%zu %zu %s 2|-|-|-|0|\xE4\xB8\xAD\n"
                 "4 skipped %s:4 malformed JSON: the line ends too early\n"
                 "5 +%zu %zu %s 3|-|-|-|0|end\n",
                 22 * width, names[i], 24 * width, 19 * width, names[i], name,
                 48 * width, 21 * width, names[i]);
        for (size_t bytes = 1; bytes < 200; bytes = bytes * 2 + 1) {
            struct test_run run = test_log_new();

            run.opts.batch_bytes = bytes;
            test_log_expect(run, name, want);
        }
        test_log_expect(test_log_new(), name, want);
    }
}

/* A short file is read as most of its neighbours. */
static void
test_neighbours(void)
{
    static const char text[] =
        "\xD6\xD0\xB9\xFA\xC8\xCB\xC3\xF1\xB4\xFA\xB1\xED\xB4\xF3\xBB\xE1"
        "\xD4\xDA\xB1\xB1\xBE\xA9\xD5\xD9\xBF\xAA\xA3\xAC\xD0\xC2\xBB\xAA"
        "\xC9\xE7\xBC\xC7\xD5\xDF\xB1\xA8\xB5\xC0\xA1\xA3\n";
    struct test_run run = test_log_new();
    char name[40], *log, *single;

    CU_ASSERT_TRUE(test_log_shell("mkdir -p gbk"));
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "gbk/%d.txt", i);
        test_log_write(name, text);
    }
    test_log_write("gbk/short.txt", "\xC4\xE3\xBA\xC3");
    log = test_log_read(&run, test_log_path("gbk"));
    CU_ASSERT_EQUAL(run.num, 6);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(log, "0 +0 4 GB18030 -|-|-|-|0|\xE4\xBD\xA0\xE5\xA5\xBD\n"));
    test_log_close(&run);
    for (unsigned threads = 2; threads <= 4; threads++) {
        run = test_log_new();
        run.num_threads = threads;
        run.opts.batch_bytes = 1;
        single = test_log_read(&run, test_log_path("gbk"));
        test_log_same("neighbours", single, log);
        free(single);
        test_log_close(&run);
    }
    free(log);
}

/* ---- limits ---- */

static void
test_limits(void)
{
    struct test_run run = test_log_new();

    run.opts.max_document = 10;
    test_log_write("long.txt", "12345678901");
    test_log_expect(
        run, "long.txt",
        "0 skipped long.txt:0 longer than --max-document (10 bytes)\n");
    test_log_write("fits.txt", "1234567890");
    test_log_expect(run, "fits.txt", "0 +0 10 UTF-8 -|-|-|-|0|1234567890\n");
    test_log_write("long.jsonl",
                   "{\"text\":\"12345678901\"}\n{\"text\":\"x\"}\n");
    test_log_expect(
        run, "long.jsonl",
        "1 skipped long.jsonl:0 longer than --max-document (10 bytes)\n"
        "2 +23 12 UTF-8 -|-|-|-|0|x\n");
#ifdef WCP_HAVE_LIBARCHIVE
    CU_ASSERT_TRUE(test_log_shell("gzip -c long.txt > long.txt.gz"));
    test_log_expect(run, "long.txt.gz",
                    "0 skipped long.txt.gz:0 longer than --max-document (10 "
                    "bytes)\n");
    CU_ASSERT_TRUE(test_log_shell("gzip -c fits.txt > fits.txt.gz"));
    test_log_expect(run, "fits.txt.gz", "0 +0 10 UTF-8 -|-|-|-|0|1234567890\n");
#endif
}

/* A line of several MiB among others is passed over, wherever it is cut. */
static void
test_long_lines(void)
{
    static const size_t sizes[] = { 4096, 1 << 16, 1 << 20, 1 << 24 };
    static const char *const kinds[] = { "l.jsonl", "l.jsonl.gz" };
    static char filler[1 << 16];
    FILE *file = fopen(test_log_path("l.jsonl"), "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    memset(filler, 'x', sizeof filler);
    fprintf(file, "{\"text\":\"a\"}\n{\"text\":\"");
    for (int i = 0; i < 64; i++)
        fwrite(filler, 1, sizeof filler, file);
    fprintf(file, "\"}\n{\"text\":\"b\"}\n");
    fclose(file);
    CU_ASSERT_TRUE(test_log_shell("gzip -c l.jsonl > l.jsonl.gz"));
    for (size_t i = 0; i < 8; i++) {
        const char *name = kinds[i % 2];
        struct test_run run = test_log_new();
        char want[300];

#ifndef WCP_HAVE_LIBARCHIVE
        if (i % 2 == 1)
            continue;
#endif
        run.opts.max_document = 1000;
        run.opts.batch_bytes = sizes[i / 2];
        snprintf(want, sizeof want,
                 "1 +0 12 UTF-8 -|-|-|-|0|a\n"
                 "2 skipped %s:0 longer than --max-document (1000 bytes)\n"
                 "3 +%d 12 UTF-8 -|-|-|-|0|b\n",
                 name, 13 + 12 + (64 << 16));
        test_log_expect(run, name, want);
    }
}

static bool
stop_at_once(void *ctx, const struct wcp_document *doc)
{
    (void)doc;
    ++*(int *)ctx;
    return false;
}

static void
test_stopped(void)
{
    struct test_run run = test_log_new();
    int num = 0;
    struct wcp_consumer consumer = { stop_at_once, NULL, &num };
    struct wcp_worker *worker;
    uint64_t number;

    test_log_write("o.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n");
    test_log_open(&run);
    test_log_add(&run, test_log_path("o.jsonl"));
    CU_ASSERT_EQUAL_FATAL(wcp_worker_new(run.reader, &worker, NULL),
                          WCP_CODE_OK);
    CU_ASSERT_TRUE(wcp_reader_next(run.reader, worker, &number));
    CU_ASSERT_EQUAL(wcp_worker_process(worker, &consumer, NULL, NULL),
                    WCP_CODE_STOPPED);
    CU_ASSERT_EQUAL(num, 1);
    wcp_worker_free(worker);
    test_log_close(&run);
}

static void
test_options(void)
{
    struct wcp_input_options opts = { .max_document = 0 };
    struct wcp_reader *reader = NULL;
    struct wcp_fault fault;

    CU_ASSERT_EQUAL(wcp_reader_new(&wcp_memory_libc, &opts, &reader, &fault),
                    WCP_CODE_BAD_OPTION);
    CU_ASSERT_PTR_NULL(reader);
    opts.max_document = 1;
    opts.encoding = WCP_ENC_UNKNOWN;
    CU_ASSERT_EQUAL(wcp_reader_new(&wcp_memory_libc, &opts, &reader, &fault),
                    WCP_CODE_BAD_OPTION);
}

/* ---- jsontestsuite ---- */

/* Files of one line that must be refused are, between two that survive. */
static void
test_suite_lines(void)
{
    const char *shared = test_shared();
    struct test_run run = test_log_new();
    unsigned num_good = 0, num_other = 0, num_files;
    char *log, line[100];
    FILE *count;

    if (shared == NULL) {
        printf("SKIPPED: no shared data ");
        return;
    }
    CU_ASSERT_TRUE(test_log_shell(
        "for f in %s/jsontestsuite/test_parsing/n_*; do "
        "if [ $(tr -d '\\r' < $f | wc -l) = 0 ] && [ -s $f ]; then "
        "printf '{\"text\":\"good\"}\\n'; cat $f; printf '\\n'; echo $f "
        ">> names; fi; done > n.jsonl",
        shared));
    count = fopen(test_log_path("names"), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(count);
    for (num_files = 0; fgets(line, sizeof line, count) != NULL;)
        num_files += strchr(line, '\n') != NULL;
    fclose(count);
    CU_ASSERT_TRUE(num_files > 150);
    run.opts.encoding = WCP_ENC_UTF8;
    log = test_log_read(&run, test_log_path("n.jsonl"));
    for (size_t i = 0; i < run.num; i++) {
        num_good += run.entries[i].is_document;
        num_other += strncmp(run.entries[i].text, "skipped", 7) == 0;
    }
    CU_ASSERT_EQUAL(num_good, num_files);
    /* A few hold nothing but blanks. */
    CU_ASSERT_TRUE(num_other >= num_files - 2 && num_other <= num_files);
    free(log);
    test_log_close(&run);
}

void suite_input(void);

void
suite_input(void)
{
    CU_pSuite suite =
        CU_add_suite("input", test_log_make_root, test_log_remove_root);

    CU_add_test(suite, "lines", test_lines);
    CU_add_test(suite, "bad lines", test_bad_lines);
    CU_add_test(suite, "fields", test_fields);
    CU_add_test(suite, "slices of any size", test_slices);
    CU_add_test(suite, "pieces of a slice", test_pieces);
    CU_add_test(suite, "GBK lines", test_gbk);
    CU_add_test(suite, "UTF-16 and UTF-32 lines", test_utf16);
    CU_add_test(suite, "neighbours", test_neighbours);
    CU_add_test(suite, "limits", test_limits);
    CU_add_test(suite, "long lines", test_long_lines);
    CU_add_test(suite, "stopped", test_stopped);
    CU_add_test(suite, "options", test_options);
    CU_add_test(suite, "jsontestsuite lines", test_suite_lines);
}
