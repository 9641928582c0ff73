/*
 * input_log.c - real files and a log of what a reader delivers from them
 */
#include "input_log.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- files ---- */

static char root[64];

int
test_log_make_root(void)
{
    strcpy(root, "/tmp/wcp-test-input-XXXXXX");
    return mkdtemp(root) == NULL;
}

int
test_log_remove_root(void)
{
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command) != 0;
}

const char *
test_log_path(const char *name)
{
    static char paths[8][400];
    static unsigned turn;
    char *path = paths[turn++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

void
test_log_write_bytes(const char *name, const void *data, size_t len)
{
    FILE *file = fopen(test_log_path(name), "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(data, 1, len, file), len);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

void
test_log_write(const char *name, const char *text)
{
    test_log_write_bytes(name, text, strlen(text));
}

/* Run a command in the directory; false if it fails. */
bool
test_log_shell(const char *format, ...)
{
    char command[600];
    va_list args;
    int len = snprintf(command, sizeof command, "cd %s && ", root);

    va_start(args, format);
    vsnprintf(command + len, sizeof command - (size_t)len, format, args);
    va_end(args);
    return system(command) == 0;
}

/* ---- the log of a reading ---- */

__attribute__((format(printf, 1, 2))) static char *
format_text(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    return text;
}

static void
add_entry(struct test_tap *tap, const struct test_entry *entry)
{
    struct test_run *run = tap->run;

    pthread_mutex_lock(&run->lock);
    if (run->num == run->cap) {
        run->cap = run->cap ? 2 * run->cap : 64;
        run->entries = realloc(run->entries, run->cap * sizeof run->entries[0]);
        if (run->entries == NULL)
            abort();
    }
    run->entries[run->num] = *entry;
    run->entries[run->num].batch = tap->batch;
    run->entries[run->num++].seq = tap->seq++;
    pthread_mutex_unlock(&run->lock);
}

const char *
test_log_base_name(const char *path)
{
    size_t len = strlen(root);

    return strncmp(path, root, len) == 0 ? path + len + 1 : path;
}

#define SHOW(s) (s).data == NULL ? 1 : (int)(s).len, (s).data ? (s).data : "-"

bool
test_log_document(void *ctx, const struct wcp_document *doc)
{
    struct test_tap *tap = ctx;
    struct test_entry entry = { .is_document = true,
                                .at = doc->at,
                                .line = doc->at.line };

    CU_ASSERT_PTR_NOT_NULL(doc->text.data);
    CU_ASSERT_EQUAL(wcp_utf8_valid_prefix(doc->text.data, doc->text.len),
                    doc->text.len);
    entry.text = format_text(
        "+%" PRIu64 " %" PRIu64 " %s %.*s|%.*s|%.*s|%.*s|%" PRIu64 "|%.*s",
        doc->at.offset, doc->at.len, wcp_encoding_name(doc->at.encoding),
        SHOW(doc->id), SHOW(doc->title), SHOW(doc->date), SHOW(doc->source),
        doc->num_bad, SHOW(doc->text));
    entry.body = malloc(doc->text.len + 1);
    if (entry.body == NULL)
        abort();
    memcpy(entry.body, doc->text.data, doc->text.len);
    entry.body_len = doc->text.len;
    add_entry(tap, &entry);
    return true;
}

void
test_log_notice(void *ctx, const struct wcp_notice *notice)
{
    struct test_tap *tap = ctx;
    struct test_entry entry = { .line = notice->line };
    const char *path = notice->path;

    if (notice->kind == WCP_NOTICE_DETAIL)
        return;
    if (notice->source != UINT32_MAX)
        path = wcp_source_path(tap->run->reader, notice->source);
    entry.text =
        format_text("%s %s:%" PRIu64 " %s",
                    notice->kind == WCP_NOTICE_SKIPPED ? "skipped" : "repaired",
                    test_log_base_name(path), notice->column, notice->text);
    add_entry(tap, &entry);
}

static void
read_batches(void *ctx, unsigned thread)
{
    struct test_run *run = ctx;
    struct test_tap tap = { run, 0, 0 };
    struct wcp_consumer consumer = { test_log_document, test_log_notice, &tap };
    struct wcp_batch_info info;
    struct wcp_worker *worker;

    (void)thread;
    if (wcp_worker_new(run->reader, &worker, NULL) != WCP_CODE_OK)
        abort();
    while (wcp_reader_next(run->reader, worker, &tap.batch)) {
        tap.batch++;
        tap.seq = 0;
        if (wcp_worker_process(worker, &consumer, &info, NULL) != WCP_CODE_OK)
            abort();
        pthread_mutex_lock(&run->lock);
        if (run->num_infos == run->infos_cap) {
            run->infos_cap = run->infos_cap ? 2 * run->infos_cap : 64;
            run->infos =
                realloc(run->infos, run->infos_cap * sizeof run->infos[0]);
            if (run->infos == NULL)
                abort();
        }
        run->infos[run->num_infos++] = info;
        pthread_mutex_unlock(&run->lock);
    }
    wcp_worker_free(worker);
}

static int
compare_entries(const void *a, const void *b)
{
    const struct test_entry *x = a, *y = b;

    if (x->batch != y->batch)
        return x->batch < y->batch ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int
compare_infos(const void *a, const void *b)
{
    const struct wcp_batch_info *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

static void
finish_log(struct test_run *run)
{
    uint64_t base = 0;
    size_t j = 0;

    if (run->num > 0)
        qsort(run->entries, run->num, sizeof run->entries[0], compare_entries);
    if (run->num_infos > 0)
        qsort(run->infos, run->num_infos, sizeof run->infos[0], compare_infos);
    for (size_t i = 0; i < run->num_infos; i++) {
        CU_ASSERT_EQUAL(run->infos[i].number, i);
        if (run->infos[i].starts_source)
            base = 0;
        while (j < run->num && run->entries[j].batch < i + 1)
            j++;
        for (; j < run->num && run->entries[j].batch == i + 1; j++)
            if (run->entries[j].line > 0)
                run->entries[j].line += base;
        base += run->infos[i].num_lines;
    }
}

struct test_run
test_log_new(void)
{
    struct test_run run = { .num_threads = 1 };

    run.opts.max_document = 1 << 20;
    return run;
}

void
test_log_open(struct test_run *run)
{
    pthread_mutex_init(&run->lock, NULL);
    CU_ASSERT_EQUAL_FATAL(
        wcp_reader_new(&wcp_memory_libc, &run->opts, &run->reader, NULL),
        WCP_CODE_OK);
}

void
test_log_add(struct test_run *run, const char *path)
{
    struct test_tap tap = { run, 0, run->num };
    struct wcp_consumer consumer = { test_log_document, test_log_notice, &tap };

    CU_ASSERT_EQUAL(wcp_reader_add(run->reader, path, &consumer, NULL),
                    WCP_CODE_OK);
}

/* Read all batches; returns the log, to be freed by the caller. */
char *
test_log_read_all(struct test_run *run)
{
    char *log = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&log, &len);

    wcp_run_threads(run->num_threads, read_batches, run);
    finish_log(run);
    for (size_t i = 0; i < run->num; i++)
        fprintf(out, "%" PRIu64 " %s\n", run->entries[i].line,
                run->entries[i].text);
    fclose(out);
    return log;
}

void
test_log_clear(struct test_run *run)
{
    for (size_t i = 0; i < run->num; i++) {
        free(run->entries[i].text);
        free(run->entries[i].body);
    }
    run->num = run->num_infos = 0;
}

void
test_log_close(struct test_run *run)
{
    test_log_clear(run);
    free(run->entries);
    free(run->infos);
    wcp_reader_free(run->reader);
    pthread_mutex_destroy(&run->lock);
}

/* Every document of a DIRECT source, fetched, has the same text. */
static void
check_fetch(struct test_run *run)
{
    struct wcp_worker *worker;

    CU_ASSERT_EQUAL_FATAL(wcp_worker_new(run->reader, &worker, NULL),
                          WCP_CODE_OK);
    for (size_t i = run->num; i > 0; i--) {
        const struct test_entry *entry = &run->entries[i - 1];
        struct wcp_document doc;
        struct wcp_fault fault;

        if (!entry->is_document ||
            wcp_source_access(run->reader, entry->at.source) !=
                WCP_ACCESS_DIRECT)
            continue;
        if (wcp_fetch(worker, &entry->at, &doc, &fault) != WCP_CODE_OK) {
            printf("\n    %s", fault.text);
            CU_FAIL("fetch");
            continue;
        }
        CU_ASSERT_EQUAL(doc.text.len, entry->body_len);
        CU_ASSERT_EQUAL(memcmp(doc.text.data, entry->body, entry->body_len), 0);
    }
    wcp_worker_free(worker);
}

char *
test_log_read(struct test_run *run, const char *path)
{
    char *log;

    test_log_open(run);
    test_log_add(run, path);
    log = test_log_read_all(run);
    check_fetch(run);
    return log;
}

void
test_log_same(const char *what, const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        printf("\n--- %s: got\n%s--- want\n%s", what, got, want);
    CU_ASSERT_STRING_EQUAL(got, want);
}

void
test_log_expect(struct test_run run, const char *name, const char *want)
{
    char *log = test_log_read(&run, test_log_path(name));

    test_log_same(name, log, want);
    free(log);
    test_log_close(&run);
}

/* Lines of many lengths, some of them no records. */
void
test_log_write_lines(const char *name, struct test_rng *rng, unsigned num)
{
    FILE *file = fopen(test_log_path(name), "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (unsigned i = 0; i < num; i++) {
        /* The first one must show that these are records. */
        uint64_t kind = i == 0 ? 5 : test_below(rng, 12);
        const char *end = test_below(rng, 4) == 0 ? "\r\n" : "\n";

        if (i + 1 == num && test_below(rng, 2) == 0)
            end = "";
        if (kind == 0) {
            fprintf(file, "%s", end);
        } else if (kind == 1) {
            fprintf(file, "{\"broken\":%u%s", i, end);
        } else if (kind == 2) {
            fprintf(file, "{\"id\":%u,\"text\":\"\\ud8%02x\"}%s", i, i % 256,
                    end);
        } else {
            fprintf(file, "{\"id\":\"n%u\",\"text\":\"", i);
            for (uint64_t n = test_below(rng, kind == 3 ? 300 : 20); n > 0; n--)
                fprintf(file, "%s", n % 3 ? "中" : "ab");
            fprintf(file, "\"}%s", end);
        }
    }
    fclose(file);
}

/* The "repaired" lines depend on how a source is cut: one for each batch. */
char *
test_log_without_repairs(char *log)
{
    char *from = log, *to = log;

    while (*from != '\0') {
        size_t len = strcspn(from, "\n") + 1;
        const char *blank = memchr(from, ' ', len);

        if (blank == NULL || strncmp(blank, " repaired", 9) != 0) {
            memmove(to, from, len);
            to += len;
        }
        from += len;
    }
    *to = '\0';
    return log;
}

char *
test_log_of_file(const char *name, size_t batch_bytes, unsigned num_threads)
{
    struct test_run run = test_log_new();
    char *log;

    run.opts.batch_bytes = batch_bytes;
    run.num_threads = num_threads;
    log = test_log_read(&run, test_log_path(name));
    test_log_close(&run);
    return test_log_without_repairs(log);
}

/* Read standard input as 'command' (NULL: the file) gives it. */
char *
test_log_of_stdin(const char *name, const char *command, size_t batch_bytes)
{
    struct test_run run = test_log_new();
    int saved = dup(0), fds[2] = { -1, -1 };
    FILE *pipe_from = NULL;
    char *log, line[600];

    if (command != NULL) {
        snprintf(line, sizeof line, "cd %s && %s", test_log_path("."), command);
        pipe_from = popen(line, "r");
        CU_ASSERT_PTR_NOT_NULL_FATAL(pipe_from);
        dup2(fileno(pipe_from), 0);
    } else {
        fds[0] = open(test_log_path(name), O_RDONLY);
        dup2(fds[0], 0);
        close(fds[0]);
    }
    run.opts.batch_bytes = batch_bytes;
    test_log_open(&run);
    test_log_add(&run, "-");
    log = test_log_read_all(&run);
    check_fetch(&run);
    if (run.num > 0 && run.entries[0].is_document &&
        !wcp_source_in_archive(run.reader, run.entries[0].at.source))
        CU_ASSERT_EQUAL(wcp_source_access(run.reader, 0), WCP_ACCESS_DIRECT);
    CU_ASSERT_STRING_EQUAL(wcp_source_path(run.reader, 0), "-");
    test_log_close(&run);
    dup2(saved, 0);
    close(saved);
    if (pipe_from != NULL)
        pclose(pipe_from);
    return test_log_without_repairs(log);
}
