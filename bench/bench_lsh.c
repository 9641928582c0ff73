/*
 * bench_lsh.c - "wirecopy-bench lsh": from signatures to linked candidates
 *
 * The keys of each band are made here as those of a corpus would come out: a
 * tenth of the documents are copies of a document not far before them, with a
 * Jaccard index of 0.9, and share each band's key with a probability of
 * 0.9^rows; all else is chance.  Linking is what 'find' runs between reading
 * and verifying.
 */
#include "bench.h"

#include "match/match.h"
#include "sketch/sketch.h"

#include <math.h>
#include <stdlib.h>

#define COPY_JACCARD .9

enum { COPY_EVERY = 10, COPY_REACH = 1000 };

struct linking {
    struct wcp_store store;
    struct wcp_plan plan;
    uint32_t num_linked, num_components;
};

/* Which document c copies; c itself for an original. */
static uint32_t
model_of(uint32_t c, uint64_t seed)
{
    struct bench_random random = { seed ^ (uint64_t)c << 20 };
    uint64_t back;

    if (c == 0 || bench_below(&random, COPY_EVERY) != 0)
        return c;
    back = 1 + bench_below(&random, COPY_REACH);
    return back <= c ? c - (uint32_t)back : 0;
}

static void
make_keys(struct linking *l, const struct bench_settings *settings)
{
    const uint32_t n = l->store.num_classes;
    const double agree = pow(COPY_JACCARD, settings->rows);
    const uint64_t limit = (uint64_t)(agree * 4294967296.0);

    l->store.keys =
        bench_alloc((size_t)n * settings->bands, sizeof *l->store.keys);
    for (unsigned band = 0; band < settings->bands; band++) {
        struct bench_random random = { settings->seed + band };
        uint32_t *keys = l->store.keys + (size_t)band * n;

        for (uint32_t c = 0; c < n; c++) {
            const uint64_t bits = bench_random(&random);
            const uint32_t model = model_of(c, settings->seed);

            keys[c] = model != c && (bits & 0xFFFFFFFF) < limit
                          ? keys[model]
                          : (uint32_t)(bits >> 32);
        }
    }
}

/* As many bits as a copy's hash differs in: 0 to 6. */
static void
make_simhashes(struct linking *l, const struct bench_settings *settings)
{
    const uint32_t n = l->store.num_classes;
    struct bench_random random = { settings->seed };

    l->store.simhashes = bench_alloc(n, sizeof *l->store.simhashes);
    for (uint32_t c = 0; c < n; c++) {
        const uint32_t model = model_of(c, settings->seed);
        uint64_t hash = bench_random(&random);

        if (model != c) {
            hash = l->store.simhashes[model];
            for (uint64_t i = bench_below(&random, 7); i > 0; i--)
                hash ^= (uint64_t)1 << bench_below(&random, 64);
        }
        l->store.simhashes[c] = hash;
    }
}

static void
pass_link(void *ctx)
{
    struct linking *l = ctx;
    struct wcp_components components;
    struct wcp_fault fault;

    if (wcp_components_find(&components, &l->store, &l->plan, &fault) !=
        WCP_CODE_OK)
        bench_die("%s", fault.text);
    l->num_linked = components.num_classes;
    l->num_components = components.num;
    wcp_components_release(&components);
}

/* 1, 2, 4 ... and the most. */
static unsigned
next_threads(unsigned threads, unsigned most)
{
    if (threads == most)
        return 0;
    return 2 * threads < most ? 2 * threads : most;
}

static void
time_linking(struct bench_table *table, struct linking *l, const char *name,
             double keys, const struct bench_settings *settings)
{
    const double n = l->store.num_classes;

    for (unsigned threads = 1; threads != 0;
         threads = next_threads(threads, settings->threads)) {
        struct bench_job job = { .pass = pass_link,
                                 .ctx = l,
                                 .clock =
                                     threads == 1 ? BENCH_CPU : BENCH_WALL };
        struct bench_row *row;

        l->store.opts.num_threads = threads;
        bench_measure(&job, 1, settings);
        row = bench_add_row(table, "%s, %u thread%s", name, threads,
                            threads == 1 ? "" : "s");
        row->cells[0] = bench_cell_ns(&job.sample, 1e9);
        row->cells[1] = bench_cell_ns(&job.sample, n * keys);
        row->cells[2] = bench_counted(l->num_linked);
        row->cells[3] = bench_counted(l->num_components);
    }
}

/* ---- keys from signatures ---- */

enum { NUM_SIGNATURES = 256 };

struct keying {
    uint32_t *minhash; /* [NUM_SIGNATURES][WCP_NUM_BINS] */
    unsigned bands, rows;
};

static void
pass_keys(void *ctx)
{
    const struct keying *k = ctx;
    uint32_t keys[WCP_NUM_BINS];

    for (size_t i = 0; i < NUM_SIGNATURES; i++) {
        wcp_band_keys(k->minhash + i * WCP_NUM_BINS, k->bands, k->rows, keys);
        bench_keep(keys);
    }
}

static void
time_keys(struct bench_table *table, const struct bench_settings *settings)
{
    struct bench_random random = { settings->seed };
    struct keying keying = { .bands = settings->bands, .rows = settings->rows };
    struct bench_job job = { .pass = pass_keys, .ctx = &keying };
    struct bench_row *row;

    keying.minhash =
        bench_alloc(NUM_SIGNATURES * WCP_NUM_BINS, sizeof *keying.minhash);
    for (size_t i = 0; i < NUM_SIGNATURES * WCP_NUM_BINS; i++)
        keying.minhash[i] = (uint32_t)(bench_random(&random) >> 32);
    bench_measure(&job, 1, settings);
    row = bench_add_row(table, "keys of the bands, while signing");
    row->cells[0] = bench_cell_ns(&job.sample, NUM_SIGNATURES * 1e9 /
                                                   (double)settings->number);
    row->cells[1] =
        bench_cell_ns(&job.sample, (double)NUM_SIGNATURES * settings->bands);
    free(keying.minhash);
}

void
bench_lsh(struct bench_report *report)
{
    const struct bench_settings *settings = report->settings;
    const uint32_t n = (uint32_t)settings->number;
    struct linking l = { .plan = { .num_bands = settings->bands,
                                   .num_rows = settings->rows } };
    struct bench_table table;
    char title[100], number[32];

    l.store.mem = &wcp_memory_libc;
    l.store.num_classes = n;
    l.store.opts.num_bands = settings->bands;
    l.store.class_begins = bench_alloc((size_t)n + 1, sizeof(uint32_t));
    for (uint32_t c = 0; c <= n; c++)
        l.store.class_begins[c] = c;
    bench_format(n, number, sizeof number);
    snprintf(title, sizeof title, "LSH: %s signatures, %u bands of %u values",
             number, settings->bands, settings->rows);
    bench_table_init(&table, "lsh", "link", title);
    bench_add_column(&table, "time", "s", BENCH_LESS);
    bench_add_column(&table, "a key", "ns", BENCH_LESS);
    bench_add_column(&table, "linked", "documents", BENCH_NEITHER);
    bench_add_column(&table, "in", "groups", BENCH_NEITHER);
    time_keys(&table, settings);
    make_keys(&l, settings);
    time_linking(&table, &l, "link by bands", settings->bands, settings);
    free(l.store.keys);
    l.store.keys = NULL;
    l.plan.kind = WCP_SIG_SIMHASH;
    l.plan.distance = 3;
    make_simhashes(&l, settings);
    time_linking(&table, &l, "link SimHashes within 3", 1, settings);
    free(l.store.simhashes);
    free(l.store.class_begins);
    bench_report_table(report, &table);
}
