/*
 * bench_pipeline.c - "wirecopy-bench pipeline": from a file to groups
 *
 * Each run is a process of its own that asks the public library for the
 * groups of a file, as 'wirecopy find' does; so its peak memory is its own.
 * The file lies in the page cache.  md5sum reads the same file.
 */
#include "bench.h"

#include "base/base.h"
#include "wirecopy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHORT_UNITS = 60, COPY_EVERY = 5 };

/* What a run's process tells. */
struct outcome {
    double seconds, read, link, verify;
    uint64_t documents, bytes, copies, memory;
};

static int32_t
on_group(void *ctx, const struct wcp_group *group)
{
    (void)ctx;
    (void)group;
    return 0;
}

static void
find_groups(const char *path, unsigned threads, struct outcome *outcome)
{
    const double start = wcp_wall_seconds();
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_corpus *corpus = NULL;
    struct wcp_error err = { 0 };
    struct wcp_options opts;

    wcp_options_init(&opts, sizeof opts);
    opts.threads = threads;
    if (wcp_corpus_new(&opts, &corpus, &err) != WCP_OK ||
        wcp_corpus_add_path(corpus, path, &err) != WCP_OK ||
        wcp_corpus_find(corpus, on_group, NULL, &err) != WCP_OK)
        bench_die("'%s': %s", path, err.text);
    wcp_corpus_stats(corpus, &stats);
    wcp_corpus_free(corpus);
    *outcome = (struct outcome){ .seconds = wcp_wall_seconds() - start,
                                 .read = stats.read_seconds,
                                 .link = stats.link_seconds,
                                 .verify = stats.verify_seconds,
                                 .documents = stats.documents,
                                 .bytes = stats.bytes,
                                 .copies = stats.copies };
}

/* In a process of its own. */
static void
run_once(const char *path, unsigned threads, struct outcome *outcome)
{
    struct rusage usage;
    int ends[2], status;
    ssize_t n;
    pid_t pid;

    fflush(NULL);
    if (pipe(ends) != 0 || (pid = fork()) < 0)
        bench_die("cannot start a process: %s", strerror(errno));
    if (pid == 0) {
        close(ends[0]);
        find_groups(path, threads, outcome);
        n = write(ends[1], outcome, sizeof *outcome);
        _exit(n == sizeof *outcome ? 0 : 1);
    }
    close(ends[1]);
    n = read(ends[0], outcome, sizeof *outcome);
    close(ends[0]);
    if (wait4(pid, &status, 0, &usage) != pid || status != 0 ||
        n != sizeof *outcome)
        bench_die("the run on '%s' failed", path);
    outcome->memory = (uint64_t)usage.ru_maxrss;
#if !defined(__APPLE__)
    outcome->memory *= 1024;
#endif
}

/* ---- tables ---- */

enum { DOCUMENTS, RATE, MEMORY, OF_MD5SUM, SPEEDUP, READ, LINK, VERIFY, FOUND };

static void
add_columns(struct bench_table *table)
{
    bench_add_column(table, "documents", "1/s", BENCH_MORE);
    bench_add_column(table, "file", "MB/s", BENCH_MORE);
    bench_add_column(table, "memory", "MB", BENCH_LESS);
    bench_add_column(table, "/md5sum", "time", BENCH_LESS);
    bench_add_column(table, "gain", "x", BENCH_MORE);
    bench_add_column(table, "read", "s", BENCH_LESS);
    bench_add_column(table, "link", "s", BENCH_LESS);
    bench_add_column(table, "verify", "s", BENCH_LESS);
    bench_add_column(table, "copies", "", BENCH_NEITHER);
    table->notes = "  memory: peak of the process; /md5sum: its time divided "
                   "by that of md5sum on\n"
                   "  the same file; gain: over 1 thread\n";
}

struct runs {
    struct bench_sample total, read, link, verify;
    struct outcome last;
};

static struct bench_sample
sample_of(const struct outcome *outcomes, size_t num, size_t offset)
{
    double *values = bench_alloc(num, sizeof *values);
    struct bench_sample sample;

    for (size_t i = 0; i < num; i++)
        values[i] = *(const double *)((const char *)&outcomes[i] + offset);
    sample = bench_sample_of(values, num);
    free(values);
    return sample;
}

static void
run_all(const char *path, unsigned threads,
        const struct bench_settings *settings, struct runs *runs)
{
    struct outcome *all = bench_alloc(settings->runs, sizeof *all);
    uint64_t memory = 0;

    run_once(path, threads, all); /* the warm-up */
    for (unsigned i = 0; i < settings->runs; i++) {
        run_once(path, threads, &all[i]);
        memory = all[i].memory > memory ? all[i].memory : memory;
    }
    runs->last = all[0];
    runs->last.memory = memory;
    runs->total =
        sample_of(all, settings->runs, offsetof(struct outcome, seconds));
    runs->read = sample_of(all, settings->runs, offsetof(struct outcome, read));
    runs->link = sample_of(all, settings->runs, offsetof(struct outcome, link));
    runs->verify =
        sample_of(all, settings->runs, offsetof(struct outcome, verify));
    free(all);
}

static struct bench_sample
time_md5sum(int fd, const struct bench_settings *settings)
{
    double *seconds = bench_alloc(settings->runs, sizeof *seconds);
    struct bench_sample sample = { NAN, NAN, 0 };

    for (unsigned i = 0; i < settings->runs; i++)
        seconds[i] = bench_md5sum_seconds(fd);
    if (!isnan(seconds[0]))
        sample = bench_sample_of(seconds, settings->runs);
    free(seconds);
    return sample;
}

static void
fill_row(struct bench_row *row, const struct runs *runs,
         const struct bench_sample *md5sum, const struct bench_sample *alone)
{
    const struct bench_sample *t = &runs->total;
    const struct bench_cell each =
        bench_cell_ns(t, (double)runs->last.documents);

    row->cells[DOCUMENTS] =
        (struct bench_cell){ 1e9 / each.median, 1e9 / each.fastest, t->runs };
    row->cells[RATE] = bench_cell_mb(t, (double)runs->last.bytes);
    row->cells[MEMORY] = bench_counted((double)runs->last.memory / 1e6);
    row->cells[MEMORY].runs = 1;
    row->cells[OF_MD5SUM] = bench_cell_ratio(t, md5sum);
    row->cells[SPEEDUP] = bench_cell_ratio(alone, t);
    row->cells[READ] = bench_cell_ns(&runs->read, 1e9);
    row->cells[LINK] = bench_cell_ns(&runs->link, 1e9);
    row->cells[VERIFY] = bench_cell_ns(&runs->verify, 1e9);
    row->cells[FOUND] = bench_counted((double)runs->last.copies);
}

static void
report_file(struct bench_report *report, const char *name, const char *title,
            const char *path, int fd)
{
    const struct bench_settings *settings = report->settings;
    const struct bench_sample md5sum = time_md5sum(fd, settings);
    struct bench_sample alone = { NAN, NAN, 0 };
    struct bench_table table;

    bench_table_init(&table, "pipeline", name, title);
    add_columns(&table);
    for (unsigned threads = 1; threads <= settings->threads;
         threads = threads < settings->threads / 2 ? 2 * threads
                   : threads < settings->threads   ? settings->threads
                                                   : threads + 1) {
        struct runs runs;

        run_all(path, threads, settings, &runs);
        if (threads == 1)
            alone = runs.total;
        fill_row(bench_add_row(&table, "%u thread%s", threads,
                               threads == 1 ? "" : "s"),
                 &runs, &md5sum, &alone);
    }
    bench_report_table(report, &table);
}

/* ---- made files ---- */

static void
write_record(FILE *to, size_t number, const char *text, size_t len)
{
    fprintf(to, "{\"id\":\"%zu\",\"text\":\"", number);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            fputs("\\n", to);
        else
            putc(text[i], to);
    }
    fputs("\"}\n", to);
}

/* The bytes of so many characters. */
static size_t
characters(const char *text, size_t len, size_t num)
{
    size_t at = 0;

    for (; at < len; at++)
        if (((unsigned char)text[at] & 0xC0) != 0x80 && num-- == 0)
            break;
    return at;
}

/* Documents of the length of news, or of SHORT_UNITS characters; each fifth
 * is a copy of the one before it, cut at the end. */
static void
make_file(FILE *to, bool is_short, uint64_t size,
          const struct bench_settings *settings)
{
    struct bench_words *words = bench_words_new(settings->lang, settings->seed);
    struct bench_random random = { ~settings->seed };
    struct bench_bytes bytes = { 0 };
    uint64_t written = 0;

    for (size_t number = 1; written < size; number++) {
        size_t len;

        if (number % COPY_EVERY != 0) {
            const size_t least =
                is_short ? 256 : (size_t)512 << bench_below(&random, 4);

            bytes.len = 0;
            bench_make_document(words, &random, least, &bytes);
        }
        len = is_short ? characters(bytes.data, bytes.len, SHORT_UNITS)
                       : bytes.len;
        if (number % COPY_EVERY == 0)
            len = characters(bytes.data, len, len - len / 20);
        write_record(to, number, bytes.data, len);
        written += len;
    }
    free(bytes.data);
    bench_words_free(words);
}

static void
report_made(struct bench_report *report, const char *name, const char *title,
            bool is_short)
{
    const uint64_t size = report->settings->size * (is_short ? 1 : 4);
    const char *tmpdir = getenv("TMPDIR");
    char path[1024];
    FILE *to;
    int fd;

    snprintf(path, sizeof path, "%s/wirecopy-bench.XXXXXX.jsonl",
             tmpdir != NULL && tmpdir[0] != '\0' ? tmpdir : "/tmp");
    fd = mkstemps(path, 6);
    to = fd >= 0 ? fdopen(dup(fd), "wb") : NULL;
    if (to == NULL)
        bench_die("cannot write '%s': %s", path, strerror(errno));
    make_file(to, is_short, size, report->settings);
    if (fclose(to) != 0) {
        unlink(path);
        bench_die("cannot write '%s': %s", path, strerror(errno));
    }
    report_file(report, name, title, path, fd);
    close(fd);
    unlink(path);
}

void
bench_pipeline(struct bench_report *report)
{
    const char *path = report->settings->text_path;

    if (path != NULL) {
        FILE *from = fopen(path, "rb");

        if (from == NULL)
            bench_die("cannot open '%s': %s", path, strerror(errno));
        report_file(report, "file", "From the file to groups", path,
                    fileno(from));
        fclose(from);
        return;
    }
    report_made(report, "news", "From JSONL to groups, made news", false);
    report_made(report, "short",
                "From JSONL to groups, documents of 60 characters", true);
}
