/*
 * test_walk.c - directories, names, and the format that a file is taken for
 */
#include "input_log.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_walk(void)
{
    struct test_run run = test_log_new();
    char *log;

    CU_ASSERT_TRUE(test_log_shell(
        "rm -rf w && mkdir -p w/a w/.h w/c && "
        "printf 1 > w/a-b.txt && printf 2 > w/a/x.txt && "
        "printf 3 > w/a0.txt && printf 4 > w/.h/h.txt && "
        "printf 5 > w/.hidden && ln -s a w/link && "
        "ln -s a0.txt w/z && ln -s nowhere w/y && "
        "printf '\\177ELF\\0\\1\\2\\377' > w/bin && mkfifo w/fifo"));
    log = test_log_read(&run, test_log_path("w"));
    test_log_same("walk", log,
                  "0 skipped w/y:0 cannot open: No such file or directory\n"
                  "0 repaired w:0 1 file given twice; read once\n"
                  "0 +0 1 UTF-8 -|-|-|-|0|1\n"
                  "0 +0 1 UTF-8 -|-|-|-|0|2\n"
                  "0 +0 1 UTF-8 -|-|-|-|0|3\n"
                  "0 skipped w/bin:0 binary file\n");
    CU_ASSERT_EQUAL(wcp_reader_num_sources(run.reader), 4);
    CU_ASSERT_STRING_EQUAL(test_log_base_name(wcp_source_path(run.reader, 0)),
                           "w/a-b.txt");
    CU_ASSERT_STRING_EQUAL(test_log_base_name(wcp_source_path(run.reader, 1)),
                           "w/a/x.txt");
    free(log);
    test_log_close(&run);

    run = test_log_new();
    CU_ASSERT_TRUE(test_log_shell("mkdir -p none"));
    test_log_open(&run);
    test_log_add(&run, test_log_path("none"));
    test_log_add(&run, test_log_path("missing"));
    log = test_log_read_all(&run);
    test_log_same(
        "nothing", log,
        "0 skipped none:0 the directory holds no files to read\n"
        "0 skipped missing:0 cannot open: No such file or directory\n");
    free(log);
    test_log_close(&run);
}

static void
test_names(void)
{
    struct test_run run = test_log_new();
    char *log;

    CU_ASSERT_TRUE(test_log_shell("rm -rf n && mkdir n"));
    test_log_write("n/a\nb.txt", "1");
    test_log_write("n/c\xFF%41.txt", "2");
    test_log_write("n/\xE4\xB8\xAD.txt", "3");
    log = test_log_read(&run, test_log_path("n"));
    CU_ASSERT_STRING_EQUAL(test_log_base_name(wcp_source_path(run.reader, 0)),
                           "n/a%0Ab.txt");
    CU_ASSERT_STRING_EQUAL(test_log_base_name(wcp_source_path(run.reader, 1)),
                           "n/c%FF%41.txt");
    CU_ASSERT_STRING_EQUAL(test_log_base_name(wcp_source_path(run.reader, 2)),
                           "n/\xE4\xB8\xAD.txt");
    CU_ASSERT_EQUAL(run.num, 3);
    free(log);
    test_log_close(&run);
}

static void
test_formats(void)
{
    test_log_write("json.data", "\n \n{\"text\":\"x\"}\n");
    test_log_expect(test_log_new(), "json.data", "3 +3 12 UTF-8 -|-|-|-|0|x\n");
    test_log_write("brace.data", "{ is a brace\n");
    test_log_expect(test_log_new(), "brace.data",
                    "0 +0 13 UTF-8 -|-|-|-|0|{ is a brace\n\n");
    test_log_write("pretty.json", "{\n\"text\":\"x\"}\n");
    test_log_expect(test_log_new(), "pretty.json",
                    "0 skipped pretty.json:0 JSON over several lines; one "
                    "object a line is read, as jq -c . writes it\n");
    /* A damaged first line does not make one text of all the others. */
    test_log_write("first.data", "{\"text\":\"x}\n{\"text\":\"y\"}\n");
    test_log_expect(test_log_new(), "first.data",
                    "1 skipped first.data:12 malformed JSON: the line ends "
                    "too early\n2 +12 12 UTF-8 -|-|-|-|0|y\n");
    test_log_write("quote.data", "{\"x\"} is no object\n");
    test_log_expect(test_log_new(), "quote.data",
                    "0 +0 19 UTF-8 -|-|-|-|0|{\"x\"} is no object\n\n");
    test_log_write("empty.txt", "");
    test_log_expect(test_log_new(), "empty.txt", "0 +0 0 UTF-8 -|-|-|-|0|\n");
    test_log_write("json.txt", "{\"text\":\"x\"}");
    test_log_expect(test_log_new(), "json.txt",
                    "0 +0 12 UTF-8 -|-|-|-|0|{\"text\":\"x\"}\n");
}

/* What is read is what the files hold then, not when they were listed. */
static void
test_rewritten(void)
{
    static const char *const names[] = { "r/longer.txt", "r/same.txt",
                                         "r/shorter.txt" };
    static const char *const before[] = { "one", "two", "three" };
    struct test_run run = test_log_new();
    char *log;

    CU_ASSERT_TRUE(test_log_shell("rm -rf r && mkdir r"));
    for (size_t i = 0; i < 3; i++)
        test_log_write(names[i], before[i]);
    test_log_open(&run);
    test_log_add(&run, test_log_path("r"));
    test_log_write("r/longer.txt", "one and more");
    test_log_write("r/same.txt", "owt");
    test_log_write("r/shorter.txt", "3");
    log = test_log_read_all(&run);
    test_log_same("rewritten", log,
                  "0 +0 12 UTF-8 -|-|-|-|0|one and more\n"
                  "0 +0 3 UTF-8 -|-|-|-|0|owt\n"
                  "0 +0 1 UTF-8 -|-|-|-|0|3\n");
    free(log);
    test_log_close(&run);
}

/* More than are looked up at once, by one thread and by several: all are
 * there, in bytewise order of the whole path, with their sizes. */
static void
test_many(void)
{
    enum { NUM_DIRS = 12, NUM_FILES = 800 };

    CU_ASSERT_TRUE(test_log_shell(
        "rm -rf m && for d in $(seq %d); do mkdir -p m/$d m/$d-b m/$d/c && "
        "(cd m/$d && seq %d | xargs touch && printf x > 7 && "
        "printf xx > ../$d-b/f && touch c/g && ln -s nowhere 7-z); done",
        NUM_DIRS, NUM_FILES));
    for (unsigned num_threads = 0; num_threads < 4; num_threads += 3) {
        struct test_run run = test_log_new();
        uint64_t done, total;
        uint32_t num;

        run.opts.num_threads = num_threads;
        test_log_open(&run);
        test_log_add(&run, test_log_path("m"));
        num = wcp_reader_num_sources(run.reader);
        CU_ASSERT_EQUAL(num, NUM_DIRS * (NUM_FILES + 2));
        for (uint32_t i = 1; i < num; i++)
            CU_ASSERT_TRUE(strcmp(wcp_source_path(run.reader, i - 1),
                                  wcp_source_path(run.reader, i)) < 0);
        wcp_reader_progress(run.reader, &done, &total);
        CU_ASSERT_EQUAL(total, 3 * NUM_DIRS);
        CU_ASSERT_EQUAL(run.num, NUM_DIRS); /* the links */
        test_log_close(&run);
    }
}

void suite_walk(void);

void
suite_walk(void)
{
    CU_pSuite suite =
        CU_add_suite("walk", test_log_make_root, test_log_remove_root);

    CU_add_test(suite, "walk", test_walk);
    CU_add_test(suite, "names", test_names);
    CU_add_test(suite, "formats", test_formats);
    CU_add_test(suite, "rewritten", test_rewritten);
    CU_add_test(suite, "many", test_many);
}
