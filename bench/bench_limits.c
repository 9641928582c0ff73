/*
 * bench_limits.c - "wirecopy-bench limits": what could not be faster anyway
 *
 * Reading memory is the least that any pass over a text costs; reading from
 * the page cache, the least for a file; md5sum, what people are used to wait
 * for.  Dependent loads are what a hash table larger than the caches costs.
 */
#include "bench.h"

#include "base/base.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { CACHED = 128 << 10, READ_SIZE = 256 << 10 };

/* What the passes work on. */
struct arena {
    uint64_t *words; /* [num], larger than the caches */
    uint64_t *copy;
    size_t num;
    unsigned threads;
    uint64_t sums[256]; /* one a thread */
    uint32_t *chain;    /* [chain_num], a cycle */
    size_t chain_num;
    const struct bench_bulk *bulk;
    size_t bulk_len;
    int fd;
};

/* ---- passes ---- */

static uint64_t
sum_words(const uint64_t *words, size_t num)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < num; i++)
        sum += words[i];
    return sum;
}

static void
sum_part(void *ctx, unsigned thread, size_t part)
{
    struct arena *arena = ctx;
    const size_t n = arena->num / 64;

    arena->sums[thread] += sum_words(arena->words + part * n, n);
}

static void
pass_read(void *ctx)
{
    struct arena *arena = ctx;

    wcp_parallel_for(arena->threads, 64, 1, sum_part, arena);
    bench_keep(arena->sums);
}

static void
pass_copy(void *ctx)
{
    struct arena *arena = ctx;

    memcpy(arena->copy, arena->words, arena->num * sizeof *arena->words);
    bench_keep(arena->copy);
}

static void
pass_chain(void *ctx)
{
    struct arena *arena = ctx;
    uint32_t at = (uint32_t)arena->sums[0] % (uint32_t)arena->chain_num;

    for (size_t i = 0; i < 100000; i++)
        at = arena->chain[at];
    arena->sums[0] = at;
}

static void
pass_bulk(void *ctx)
{
    struct arena *arena = ctx;

    arena->sums[0] += arena->bulk->hash(arena->words, arena->bulk_len);
    bench_keep(arena->sums);
}

static void
pass_file(void *ctx)
{
    struct arena *arena = ctx;
    ssize_t n = 1;

    if (lseek(arena->fd, 0, SEEK_SET) != 0)
        bench_die("cannot read the temporary file");
    while (n > 0)
        n = read(arena->fd, arena->copy, READ_SIZE);
    if (n < 0)
        bench_die("cannot read the temporary file");
}

double
bench_md5sum_seconds(int fd)
{
    char name[] = "md5sum", *argv[] = { name, NULL };
    posix_spawn_file_actions_t actions;
    double start;
    pid_t pid;
    int status = 1;
    bool started;

    if (lseek(fd, 0, SEEK_SET) != 0 ||
        posix_spawn_file_actions_init(&actions) != 0)
        return NAN;
    posix_spawn_file_actions_adddup2(&actions, fd, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    start = wcp_wall_seconds();
    started = posix_spawnp(&pid, name, &actions, NULL, argv, environ) == 0 &&
              waitpid(pid, &status, 0) == pid;
    posix_spawn_file_actions_destroy(&actions);
    return started && status == 0 ? wcp_wall_seconds() - start : NAN;
}

/* ---- the arena ---- */

/* A cycle through all places (Sattolo), so that no load can be guessed. */
static void
make_chain(struct arena *arena, struct bench_random *random)
{
    arena->chain_num = arena->num / 2;
    arena->chain = bench_alloc(arena->chain_num, sizeof *arena->chain);
    for (size_t i = 0; i < arena->chain_num; i++)
        arena->chain[i] = (uint32_t)i;
    for (size_t i = arena->chain_num - 1; i > 0; i--) {
        const size_t k = bench_below(random, i);
        const uint32_t swap = arena->chain[i];

        arena->chain[i] = arena->chain[k];
        arena->chain[k] = swap;
    }
}

static void
arena_init(struct arena *arena, const struct bench_settings *settings)
{
    struct bench_random random = { settings->seed };
    const char *tmpdir = getenv("TMPDIR");
    struct wcp_fault fault;
    size_t len;

    *arena = (struct arena){ .fd = -1 };
    arena->num = settings->quick             ? 1 << 17
                 : settings->command == NULL ? 1 << 24
                                             : 1 << 25;
    len = arena->num * sizeof *arena->words;
    arena->words = bench_alloc(len, 1);
    arena->copy = bench_alloc(len, 1);
    for (size_t i = 0; i < arena->num; i++)
        arena->words[i] = bench_random(&random);
    make_chain(arena, &random);
    if (wcp_temp_open(tmpdir, &arena->fd, &fault) != WCP_CODE_OK ||
        wcp_write_at(arena->fd, arena->words, len, 0, &fault) != WCP_CODE_OK)
        bench_die("temporary file: %s", fault.text);
}

static void
arena_release(struct arena *arena)
{
    close(arena->fd);
    free(arena->words);
    free(arena->copy);
    free(arena->chain);
}

/* ---- tables ---- */

static void
add_rate(struct bench_table *table, const char *name,
         const struct bench_sample *sample, double bytes)
{
    bench_add_row(table, "%s", name)->cells[0] =
        bench_cell_mb(sample, bytes / 1000);
}

static void
time_pass(struct bench_table *table, const char *name, void (*pass)(void *),
          struct arena *arena, const struct bench_settings *settings)
{
    const bool is_alone = pass != pass_read || arena->threads == 1;
    struct bench_job job = { .pass = pass,
                             .ctx = arena,
                             .clock = is_alone ? BENCH_CPU : BENCH_WALL };

    bench_measure(&job, 1, settings);
    add_rate(table, name, &job.sample,
             pass == pass_bulk ? (double)arena->bulk_len
                               : (double)arena->num * sizeof *arena->words);
}

static void
time_md5sum(struct bench_table *table, const struct arena *arena,
            const struct bench_settings *settings)
{
    double *seconds = bench_alloc(settings->runs, sizeof *seconds);
    struct bench_sample sample;

    for (unsigned i = 0; i < settings->runs; i++)
        seconds[i] = bench_md5sum_seconds(arena->fd);
    if (!isnan(seconds[0])) {
        sample = bench_sample_of(seconds, settings->runs);
        add_rate(table, "md5sum, the program, same file", &sample,
                 (double)arena->num * sizeof *arena->words);
    }
    free(seconds);
}

static void
time_bulk(struct bench_table *table, struct arena *arena,
          const struct bench_settings *settings)
{
    char name[40];

    for (size_t i = 0; (arena->bulk = bench_bulk_at(i)) != NULL; i++) {
        arena->bulk_len = arena->num * sizeof *arena->words;
        snprintf(name, sizeof name, "XXH3 %s, memory", arena->bulk->name);
        time_pass(table, name, pass_bulk, arena, settings);
        arena->bulk_len = CACHED;
        snprintf(name, sizeof name, "XXH3 %s, in cache", arena->bulk->name);
        time_pass(table, name, pass_bulk, arena, settings);
    }
}

static void
report_latency(struct bench_report *report, struct arena *arena)
{
    struct bench_job job = { .pass = pass_chain, .ctx = arena };
    struct bench_table table;

    bench_table_init(&table, "limits", "latency",
                     "Loads that wait for one another");
    bench_add_column(&table, "a load", "ns", BENCH_LESS);
    bench_measure(&job, 1, report->settings);
    bench_add_row(&table, "anywhere in %zu MB",
                  arena->chain_num * sizeof *arena->chain >> 20)
        ->cells[0] = bench_cell_ns(&job.sample, 100000);
    bench_report_table(report, &table);
}

void
bench_limits(struct bench_report *report)
{
    const struct bench_settings *settings = report->settings;
    struct bench_table table;
    struct arena arena;
    char name[40];

    arena_init(&arena, settings);
    bench_table_init(&table, "limits", "rates", "Limits of this machine");
    bench_add_column(&table, "rate", "GB/s", BENCH_MORE);
    arena.threads = 1;
    time_pass(&table, "read memory, 1 thread", pass_read, &arena, settings);
    if (settings->threads > 1) {
        arena.threads = settings->threads;
        snprintf(name, sizeof name, "read memory, %u threads", arena.threads);
        time_pass(&table, name, pass_read, &arena, settings);
    }
    time_pass(&table, "memcpy", pass_copy, &arena, settings);
    time_pass(&table, "read() from the page cache", pass_file, &arena,
              settings);
    time_bulk(&table, &arena, settings);
    time_md5sum(&table, &arena, settings);
    bench_report_table(report, &table);
    report_latency(report, &arena);
    arena_release(&arena);
}
