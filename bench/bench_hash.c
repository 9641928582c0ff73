/*
 * bench_hash.c - "wirecopy-bench hash": what hashing a shingle costs
 *
 * All windows of a folded text are hashed, a block at a time that stays in the
 * cache with its hashes.  The first rows are wirecopy's kernels, which give
 * the bits of XXH3_64; the others are called window by window.
 */
#include "bench.h"

#include "sketch/kernels.h"
#include "sketch/sketch.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 2048, MAX_UNITS = 1 << 15, BULK = 128 << 10 };

/* One function at one length. */
struct hashing {
    const struct wcp_kernels *kernels; /* or NULL */
    const struct bench_hash *hash;
    const uint16_t *units;
    size_t num;
    unsigned len;
    uint64_t *hashes; /* [BLOCK], shared by all */
};

static void
pass_windows(void *ctx)
{
    const struct hashing *h = ctx;
    const size_t num = h->num - h->len + 1;

    for (size_t at = 0; at < num; at += BLOCK) {
        const size_t n = num - at < BLOCK ? num - at : BLOCK;

        if (h->kernels != NULL)
            h->kernels->hash_windows(h->units + at, n, h->num - at, h->len,
                                     h->hashes);
        else
            bench_hash_windows(h->hash, h->units + at, n, h->len, h->hashes);
        bench_keep(h->hashes);
    }
}

/* A job for each function and length, row by row. */
static struct bench_job *
make_jobs(struct bench_table *table, const struct bench_settings *settings,
          const struct hashing *common, size_t *num_ret)
{
    const size_t columns = settings->num_lengths;
    struct bench_job *jobs = NULL;
    struct hashing h = *common;
    size_t num = 0;

    for (size_t i = 0, k = 0;; i++) {
        h.kernels = k == i ? wcp_kernels_at(k) : NULL;
        k += h.kernels != NULL;
        h.hash = h.kernels == NULL ? bench_hash_at(i - k) : NULL;
        if (h.kernels == NULL && h.hash == NULL)
            break;
        if (h.kernels != NULL)
            bench_add_row(table, "XXH3_64, kernels %s", h.kernels->name);
        else
            bench_add_row(table, "%s", h.hash->name);
        jobs = realloc(jobs, (num + columns) * sizeof *jobs);
        if (jobs == NULL)
            bench_die("out of memory");
        for (size_t c = 0; c < columns; c++) {
            struct hashing *own = bench_alloc(1, sizeof *own);

            h.len = settings->lengths[c];
            *own = h;
            jobs[num++] =
                (struct bench_job){ .pass = pass_windows, .ctx = own };
        }
    }
    *num_ret = num;
    return jobs;
}

static void
add_lengths(struct bench_table *table, const struct bench_settings *settings,
            const char *unit, enum bench_better better)
{
    char name[8];

    for (size_t c = 0; c < settings->num_lengths; c++) {
        snprintf(name, sizeof name, "%u", settings->lengths[c]);
        bench_add_column(table, name, unit, better);
    }
}

/* The same runs as bytes of windows: what is known from bulk figures. */
static void
fill_rates(struct bench_table *rates, const struct bench_table *of,
           const struct bench_job *jobs, const struct bench_settings *settings,
           double units)
{
    const size_t columns = settings->num_lengths;

    add_lengths(rates, settings, "GB/s", BENCH_MORE);
    for (size_t r = 0; r < of->num_rows; r++) {
        struct bench_row *row = bench_add_row(rates, "%s", of->rows[r].name);

        for (size_t c = 0; c < columns; c++) {
            const double len = settings->lengths[c];
            const double bytes = (units - len + 1) * 2 * len / 1000;

            row->cells[c] = bench_cell_mb(&jobs[r * columns + c].sample, bytes);
        }
    }
}

/* ---- long inputs ---- */

struct bulk {
    const struct bench_bulk *bulk; /* or NULL */
    const struct bench_hash *hash;
    const void *data;
    size_t len;
    uint64_t sum;
};

static void
pass_bulk(void *ctx)
{
    struct bulk *b = ctx;

    b->sum += b->bulk != NULL ? b->bulk->hash(b->data, b->len)
                              : b->hash->one(b->data, b->len);
    bench_keep(&b->sum);
}

static void
report_bulk(struct bench_report *report, const struct bench_text *text)
{
    enum { MAX = 24 };
    struct bench_job jobs[MAX];
    struct bulk bulks[MAX];
    struct bench_table table;
    const size_t len = text->len < BULK ? text->len : BULK;
    size_t num = 0;

    bench_table_init(&table, "hash", "bulk",
                     "One long input in the cache, of a library's call");
    bench_add_column(&table, "128 KB", "GB/s", BENCH_MORE);
    for (size_t i = 0; bench_bulk_at(i) != NULL && num < MAX; i++, num++) {
        bulks[num] =
            (struct bulk){ bench_bulk_at(i), NULL, text->bytes, len, 0 };
        bench_add_row(&table, "XXH3_64, %s", bulks[num].bulk->name);
    }
    for (size_t i = 0; bench_hash_at(i) != NULL && num < MAX; i++) {
        const struct bench_hash *hash = bench_hash_at(i);

        if (hash->one == NULL || strcmp(hash->name, "XXH3_64") == 0)
            continue;
        bulks[num++] = (struct bulk){ NULL, hash, text->bytes, len, 0 };
        bench_add_row(&table, "%s", hash->name);
    }
    for (size_t i = 0; i < num; i++)
        jobs[i] = (struct bench_job){ .pass = pass_bulk, .ctx = &bulks[i] };
    bench_measure(jobs, num, report->settings);
    for (size_t i = 0; i < num; i++)
        table.rows[i].cells[0] =
            bench_cell_mb(&jobs[i].sample, (double)len / 1000);
    bench_report_table(report, &table);
}

void
bench_hash(struct bench_report *report, const struct bench_text *text)
{
    const struct bench_settings *settings = report->settings;
    const size_t columns = settings->num_lengths;
    struct hashing common = { .units = text->units };
    struct bench_table table, rates;
    struct bench_job *jobs;
    size_t num;

    common.num = text->num_units < MAX_UNITS ? text->num_units : MAX_UNITS;
    common.hashes = bench_alloc(BLOCK, sizeof *common.hashes);
    bench_table_init(&table, "hash", "shingles",
                     "Hash of one shingle, by characters a shingle");
    add_lengths(&table, settings, "ns", BENCH_LESS);
    jobs = make_jobs(&table, settings, &common, &num);
    bench_measure(jobs, num, settings);
    for (size_t i = 0; i < num; i++) {
        const struct hashing *h = jobs[i].ctx;

        table.rows[i / columns].cells[i % columns] =
            bench_cell_ns(&jobs[i].sample, (double)(common.num - h->len + 1));
        if (i / columns == 0 && h->len == text->shingle) {
            report->nanos = table.rows[0].cells[i].median;
            snprintf(report->best, sizeof report->best, "%s", h->kernels->name);
        }
    }
    table.notes = "  a character is a UTF-16 unit, 2 bytes; wirecopy takes 5 "
                  "for Chinese,\n  8 for English\n";
    bench_table_init(&rates, "hash", "rates",
                     "The same as bytes of windows, by characters a shingle");
    fill_rates(&rates, &table, jobs, settings, (double)common.num);
    bench_report_table(report, &table);
    bench_report_table(report, &rates);
    for (size_t i = 0; i < num; i++)
        free(jobs[i].ctx);
    free(jobs);
    free(common.hashes);
    report_bulk(report, text);
}
