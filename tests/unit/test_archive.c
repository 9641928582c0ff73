/*
 * test_archive.c - members of tar and zip files -> documents
 */
#include "input_log.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Make a.tar, a.tar.gz, a.tar.zst and a.zip of the same members. */
static void
make_archives(void)
{
    CU_ASSERT_TRUE(test_log_shell(
        "mkdir -p d/.git d/sub && printf one > d/1.txt && "
        "printf '{\"text\":\"r1\"}\\n\\n{\"text\":\"r2\"}\\n{\"x\":1}\\n' "
        "> d/2.jsonl && printf hidden > d/.git/x.txt && "
        "printf 'text,id\\n\"a\nb\",1\\nc,2\\n' > d/3.csv && "
        "printf '\\326\\320\\271\\372\\310\\313\\303\\361' > d/sub/4 && "
        "printf '{\"text\":\"r3\"}' > d/5 && "
        "printf packed | gzip -c > d/6.txt.gz && "
        "printf '\\177ELF\\0\\1\\2\\377' > d/7 && printf last > d/8.txt"));
    CU_ASSERT_TRUE(test_log_shell(
        "tar cf a.tar d/1.txt d/2.jsonl d/.git d/3.csv d/sub d/5 d/6.txt.gz "
        "d/7 d/8.txt && gzip -kf a.tar && zstd -qf a.tar && "
        "python3 -c 'import sys, zipfile\n"
        "with zipfile.ZipFile(\"a.zip\", \"w\", zipfile.ZIP_DEFLATED) as z:\n"
        "    for name in sys.argv[1:]: z.write(name)' "
        "d/1.txt d/2.jsonl d/.git/x.txt d/3.csv d/sub/4 d/5 d/6.txt.gz d/7 "
        "d/8.txt"));
}

/* What reading them gives, but for the archive's own name. */
static const char members_log[] =
    "0 +0 3 UTF-8 -|-|-|-|0|one\n"
    "1 +0 13 UTF-8 -|-|-|-|0|r1\n"
    "3 +15 13 UTF-8 -|-|-|-|0|r2\n"
    "4 skipped A!d/2.jsonl:0 no field 'text' (--text-field); the record "
    "has: x\n"
    "2 +8 7 UTF-8 1|-|-|-|0|a\nb\n"
    "4 +16 3 UTF-8 2|-|-|-|0|c\n"
    "0 +0 8 GB18030 -|-|-|-|0|中国人民\n"
    "1 +0 13 UTF-8 -|-|-|-|0|r3\n"
    "0 +0 6 UTF-8 -|-|-|-|0|packed\n"
    "0 skipped A!d/7:0 binary file\n"
    "0 +0 4 UTF-8 -|-|-|-|0|last\n";

/* Call the archive A in its log. */
static char *
rename_archive(char *log, const char *name)
{
    size_t len = strlen(name);
    char *at;

    while ((at = strstr(log, name)) != NULL) {
        *at = 'A';
        memmove(at + 1, at + len, strlen(at + len) + 1);
    }
    return log;
}

static void
test_members(void)
{
    static const char *const names[] = { "a.tar", "a.tar.gz", "a.tar.zst",
                                         "a.zip" };

    make_archives();
    for (size_t i = 0; i < 4; i++)
        for (size_t bytes = 1; bytes <= 1 << 20; bytes *= 32)
            for (unsigned threads = 1; threads <= 3; threads += 2) {
                char *log = test_log_of_file(names[i], bytes, threads);

                test_log_same(names[i], rename_archive(log, names[i]),
                              members_log);
                free(log);
            }
}

static char *
rename_pipe(char *log)
{
    char *at;

    while ((at = strstr(log, "-!")) != NULL)
        *at = 'A';
    return log;
}

/* Through a pipe they are the same, however it is delivered. */
static void
test_piped(void)
{
    static const char *const names[] = { "a.tar",     "a.tar.gz", "a.tar.zst",
                                         "a.tar.bz2", "a.tar.xz", "a.zip" };
    char command[200], *log;

    make_archives();
    CU_ASSERT_TRUE(test_log_shell("bzip2 -kf a.tar && xz -kf a.tar"));
    for (size_t i = 0; i < 6; i++)
        for (size_t bytes = 1; bytes <= 1 << 20; bytes *= 1024) {
            snprintf(command, sizeof command,
                     "(head -c 100 %s; sleep 0.02; tail -c +101 %s)", names[i],
                     names[i]);
            log = test_log_of_stdin(names[i], command, bytes);
            test_log_same(names[i], rename_pipe(log), members_log);
            free(log);
            log = test_log_of_stdin(names[i], NULL, bytes);
            test_log_same(names[i], rename_pipe(log), members_log);
            free(log);
        }
}

/* A text may have tar's magic word where tar has it. */
static void
test_ustar(void)
{
    char text[400], want[500];

    memset(text, 'x', sizeof text);
    memcpy(text, "{\"text\":\"", 9);
    memcpy(text + 257, "ustar", 5);
    memcpy(text + sizeof text - 4, "\"}\n", 4);
    test_log_write("u.jsonl", text);
    snprintf(want, sizeof want, "1 +0 398 UTF-8 -|-|-|-|0|%.*s\n", 387,
             text + 9);
    test_log_expect(test_log_new(), "u.jsonl", want);
}

static void
test_sources(void)
{
    struct test_run run = test_log_new();
    char *log;

    make_archives();
    CU_ASSERT_TRUE(test_log_shell("mkdir -p w && mv a.zip w/B.ZIP && "
                                  "printf x > w/C.txt"));
    log = test_log_read(&run, test_log_path("w"));
    CU_ASSERT_EQUAL(wcp_reader_num_sources(run.reader), 10);
    CU_ASSERT_STRING_EQUAL(test_log_base_name(wcp_source_path(run.reader, 0)),
                           "w/B.ZIP");
    CU_ASSERT_STRING_EQUAL(test_log_base_name(wcp_source_path(run.reader, 2)),
                           "w/B.ZIP!d/2.jsonl");
    CU_ASSERT_STRING_EQUAL(test_log_base_name(wcp_source_path(run.reader, 9)),
                           "w/C.txt");
    CU_ASSERT_EQUAL(wcp_source_format(run.reader, 1), WCP_FORMAT_TEXT);
    CU_ASSERT_EQUAL(wcp_source_format(run.reader, 2), WCP_FORMAT_JSONL);
    CU_ASSERT_EQUAL(wcp_source_format(run.reader, 3), WCP_FORMAT_CSV);
    CU_ASSERT_EQUAL(wcp_source_access(run.reader, 1), WCP_ACCESS_STREAM);
    CU_ASSERT_EQUAL(wcp_source_access(run.reader, 9), WCP_ACCESS_DIRECT);
    free(log);
    test_log_close(&run);
    CU_ASSERT_TRUE(test_log_shell("rm -r w"));
}

static bool
wants(void *ctx, uint32_t source)
{
    const uint32_t *only = ctx;

    return *only == UINT32_MAX || *only == source;
}

/* A second reading gives the same, and can be asked for a part. */
static void
test_rewind(void)
{
    struct test_run run = test_log_new();
    uint32_t only = UINT32_MAX;
    char *log;

    make_archives();
    run.opts.batch_bytes = 8;
    run.num_threads = 2;
    log = test_log_read(&run, test_log_path("a.tar.gz"));
    free(log);
    test_log_clear(&run);
    CU_ASSERT_EQUAL(wcp_reader_rewind(run.reader, wants, &only, NULL),
                    WCP_CODE_OK);
    log = rename_archive(test_log_read_all(&run), "a.tar.gz");
    CU_ASSERT_PTR_NULL(strstr(log, "binary")); /* it has no documents */
    CU_ASSERT_EQUAL(strlen(log), strlen(members_log) -
                                     strlen("0 skipped A!d/7:0 binary file\n"));
    free(log);
    test_log_clear(&run);
    only = 3;
    CU_ASSERT_EQUAL(wcp_reader_rewind(run.reader, wants, &only, NULL),
                    WCP_CODE_OK);
    log = test_log_read_all(&run);
    test_log_same("one", log,
                  "2 +8 7 UTF-8 1|-|-|-|0|a\nb\n"
                  "4 +16 3 UTF-8 2|-|-|-|0|c\n");
    free(log);
    test_log_close(&run);
}

static size_t
read_whole(const char *name, char *data, size_t cap)
{
    FILE *file = fopen(test_log_path(name), "rb");
    size_t len;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    len = fread(data, 1, cap, file);
    fclose(file);
    return len;
}

/* The documents of a log, without notices. */
static char *
documents_only(char *log)
{
    char *from = log, *to = log;

    while (*from != '\0') {
        size_t len = strcspn(from, "\n") + 1;
        const char *blank = memchr(from, ' ', len);

        if (blank == NULL || strncmp(blank, " skipped", 8) != 0) {
            memmove(to, from, len);
            to += len;
        }
        from += len;
    }
    *to = '\0';
    return log;
}

/* Of an archive that breaks off, what is before is read; never more. */
static void
test_truncated(void)
{
    static const char *const names[] = { "a.tar", "a.tar.gz", "a.zip" };
    static char data[1 << 16], want[sizeof members_log];

    make_archives();
    strcpy(want, members_log);
    documents_only(want);
    for (size_t i = 0; i < 3; i++) {
        size_t len = read_whole(names[i], data, sizeof data), most = 0;
        const char *cut_name = i == 2 ? "cut.zip" : "cut.tar";

        for (size_t cut = 0; cut < len; cut += 1 + len / 97) {
            char *log;

            test_log_write_bytes(cut_name, data, cut);
            log = documents_only(test_log_of_file(cut_name, 64, 1));
            CU_ASSERT_EQUAL(strncmp(log, want, strlen(log)), 0);
            if (strlen(log) > most)
                most = strlen(log);
            free(log);
        }
        CU_ASSERT_TRUE(most > strlen(want) / 2);
    }
}

/* Bytes from anywhere in an archive must do no harm. */
static void
test_damaged(void)
{
    static const char *const names[] = { "a.tar", "a.tar.gz", "a.zip" };
    struct test_rng rng = { test_seed() };
    static char data[1 << 16];

    make_archives();
    for (unsigned round = 0; round < 150; round++) {
        const char *name = names[round % 3];
        size_t len = read_whole(name, data, sizeof data);
        const char *bad_name = round % 3 == 2 ? "bad.zip" : "bad.tar";
        char *log;

        for (uint64_t n = 1 + test_below(&rng, 6); n > 0; n--)
            data[test_below(&rng, len)] = (char)test_random(&rng);
        test_log_write_bytes(bad_name, data, len);
        log = test_log_of_file(bad_name, 64, 2);
        CU_ASSERT_PTR_NOT_NULL(log);
        free(log);
    }
}

void suite_archive(void);

void
suite_archive(void)
{
    CU_pSuite suite =
        CU_add_suite("archive", test_log_make_root, test_log_remove_root);

    CU_add_test(suite, "members", test_members);
    CU_add_test(suite, "through a pipe", test_piped);
    CU_add_test(suite, "tar's magic word", test_ustar);
    CU_add_test(suite, "sources", test_sources);
    CU_add_test(suite, "rewind", test_rewind);
    CU_add_test(suite, "truncated", test_truncated);
    CU_add_test(suite, "damaged", test_damaged);
}
