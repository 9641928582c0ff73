/*
 * input_log.h - real files and a log of what a reader delivers from them
 *
 * A suite that uses it passes test_log_make_root() and _remove_root() to
 * CU_add_suite(); all its files live in that directory.
 */
#ifndef WCP_TESTS_INPUT_LOG_H
#define WCP_TESTS_INPUT_LOG_H

#include "input/input.h"
#include "support.h"

#include <pthread.h>

/* A document or a notice, as a line of text. */
struct test_entry {
    uint64_t batch;
    size_t seq;
    uint64_t line;
    char *text;
    bool is_document;
    struct wcp_location at;
    char *body;
    size_t body_len;
};

struct test_run {
    struct wcp_input_options opts;
    unsigned num_threads;
    struct wcp_reader *reader;
    pthread_mutex_t lock;
    struct test_entry *entries;
    size_t num, cap;
    struct wcp_batch_info *infos;
    size_t num_infos, infos_cap;
};

/* What one thread's callbacks need. */
struct test_tap {
    struct test_run *run;
    uint64_t batch;
    size_t seq;
};

int test_log_make_root(void);
int test_log_remove_root(void);

/* A path in the directory; the last eight stay valid. */
const char *test_log_path(const char *name);
const char *test_log_base_name(const char *path);
void test_log_write_bytes(const char *name, const void *data, size_t len);
void test_log_write(const char *name, const char *text);
/* Lines of many lengths, some of them no records; the first one is. */
void test_log_write_lines(const char *name, struct test_rng *rng, unsigned num);
/* Run a command in the directory; false if it fails. */
__attribute__((format(printf, 1, 2))) bool test_log_shell(const char *format,
                                                          ...);

/* The consumer's callbacks; their context is a struct test_tap. */
bool test_log_document(void *ctx, const struct wcp_document *doc);
void test_log_notice(void *ctx, const struct wcp_notice *notice);

/* new: default options, one thread; then open, add, read_all, close. */
struct test_run test_log_new(void);
void test_log_open(struct test_run *run);
void test_log_add(struct test_run *run, const char *path);
/* Read all batches; returns the log, to be freed by the caller. */
char *test_log_read_all(struct test_run *run);
void test_log_clear(struct test_run *run);
void test_log_close(struct test_run *run);
/* open, add one path, read_all, check_fetch. */
char *test_log_read(struct test_run *run, const char *path);
/* All of it for a file of the directory, with what is cut out below. */
char *test_log_of_file(const char *name, size_t batch_bytes,
                       unsigned num_threads);

/* The same of standard input, to which 'command' (NULL: the file) writes. */
char *test_log_of_stdin(const char *name, const char *command,
                        size_t batch_bytes);

/* Take out the "repaired" lines: there is one for each batch. */
char *test_log_without_repairs(char *log);
void test_log_same(const char *what, const char *got, const char *want);
void test_log_expect(struct test_run run, const char *name, const char *want);

#endif /* WCP_TESTS_INPUT_LOG_H */
