/*
 * bench_sign.c - "wirecopy-bench sign": from text to signatures
 *
 * First the chain as wirecopy runs it, document by document: UTF-8 in memory,
 * folded, hashed, signed.  Then the kernels alone, on hashes that lie in the
 * cache.  Each for every kernel set that this machine can run.
 */
#include "bench.h"

#include "sketch/constants.h"
#include "sketch/sketcher.h"
#include "text/text_kernels.h"

#include <stdlib.h>
#include <string.h>

/* ---- the chain ---- */

/* Else: what wcp_sketch() wants. */
enum { VALIDATE = -3, FOLD_ONLY = -2, HASH_ONLY = -1 };

struct chain {
    const struct bench_text *text;
    const struct wcp_text_kernels *kernels;
    struct wcp_sketcher *sketcher;
    struct wcp_folded *folded;
    int wanted;
    uint64_t shingles; /* of the last pass */
};

static size_t
hash_only(struct chain *c)
{
    struct wcp_sketcher *s = c->sketcher;
    const struct wcp_folded *folded = c->folded;
    size_t total = 0;

    for (size_t at = 0; at < folded->num; at += WCP_SKETCH_BLOCK) {
        const size_t left = folded->num - at;

        total += s->kernels->hash_windows(
            folded->units + at,
            left < WCP_SKETCH_BLOCK ? left : WCP_SKETCH_BLOCK, left, s->shingle,
            wcp_sketcher_block(s));
        bench_keep(wcp_sketcher_block(s));
    }
    return total;
}

static void
pass_chain(void *ctx)
{
    struct chain *c = ctx;
    const struct bench_text *text = c->text;
    struct wcp_signature sig;

    c->shingles = 0;
    for (size_t i = 0; i < text->num; i++) {
        const char *bytes = text->bytes + text->begins[i];
        const size_t len = text->begins[i + 1] - text->begins[i];

        if (c->wanted == VALIDATE) {
            c->shingles +=
                c->kernels->valid_prefix((const uint8_t *)bytes, len);
            bench_keep(c);
            continue;
        }
        if (!wcp_fold_by(c->kernels, c->folded, bytes, len))
            bench_die("out of memory");
        bench_keep(c->folded->units);
        if (c->wanted == FOLD_ONLY)
            continue;
        if (c->wanted == HASH_ONLY) {
            c->shingles += hash_only(c);
            continue;
        }
        wcp_sketch(c->sketcher, c->folded->units, c->folded->num,
                   (unsigned)c->wanted, &sig);
        c->shingles += sig.num_shingles;
        bench_keep(&sig);
    }
}

static const struct {
    const char *name;
    int wanted;
} stages[] = {
    { "validate", VALIDATE },
    { "fold", FOLD_ONLY },
    { "fold+hash", HASH_ONLY },
    { "minhash", WCP_WANT_MINHASH },
    { "simhash", WCP_WANT_SIMHASH },
    { "both", WCP_WANT_MINHASH | WCP_WANT_SIMHASH },
    { "classic", WCP_WANT_CLASSIC },
};
enum { NUM_STAGES = sizeof stages / sizeof *stages, BOTH = 5, MAX_SETS = 8 };

static struct wcp_sketcher *
new_sketcher(const struct wcp_kernels *kernels)
{
    struct wcp_sketcher *sketcher = NULL;

    if (wcp_sketcher_new(&wcp_memory_libc, 0, &sketcher, NULL) != WCP_CODE_OK)
        bench_die("out of memory");
    sketcher->kernels = kernels;
    return sketcher;
}

/* The kernels for text that go with those for hashes. */
static const struct wcp_text_kernels *
text_kernels_of(const struct wcp_kernels *kernels)
{
    const struct wcp_text_kernels *found;

    for (size_t i = 0; (found = wcp_text_kernels_at(i)) != NULL; i++)
        if (strcmp(found->name, kernels->name) == 0)
            return found;
    return &wcp_text_kernels_portable;
}

static void
report_chain(struct bench_report *report, const struct bench_text *text)
{
    struct chain chains[MAX_SETS * NUM_STAGES];
    struct bench_job jobs[MAX_SETS * NUM_STAGES];
    const struct wcp_kernels *kernels;
    struct wcp_folded folded;
    struct bench_table table;
    size_t num = 0;

    bench_table_init(&table, "sign", "chain",
                     "From UTF-8 text to signatures on one core");
    for (size_t i = 0; i < NUM_STAGES; i++)
        bench_add_column(&table, stages[i].name, "MB/s", BENCH_MORE);
    table.notes = "  validate and fold by themselves; the others fold first: "
                  "minhash is\n"
                  "  fold + hash + MinHash, both is MinHash and SimHash, "
                  "classic is MinHash with\n  one function a value\n";
    wcp_folded_init(&folded, &wcp_memory_libc);
    for (size_t k = 0; k < MAX_SETS && (kernels = wcp_kernels_at(k)) != NULL;
         k++) {
        struct wcp_sketcher *sketcher = new_sketcher(kernels);

        bench_add_row(&table, "%s", kernels->name);
        for (size_t i = 0; i < NUM_STAGES; i++, num++) {
            chains[num] =
                (struct chain){ text,    text_kernels_of(kernels), sketcher,
                                &folded, stages[i].wanted,         0 };
            jobs[num] =
                (struct bench_job){ .pass = pass_chain, .ctx = &chains[num] };
        }
    }
    bench_measure(jobs, num, report->settings);
    for (size_t i = 0; i < num; i++)
        table.rows[i / NUM_STAGES].cells[i % NUM_STAGES] =
            bench_cell_mb(&jobs[i].sample, (double)text->len);
    report->rate = table.rows[0].cells[BOTH].median;
    bench_report_table(report, &table);
    for (size_t i = 0; i < num; i += NUM_STAGES)
        wcp_sketcher_free(chains[i].sketcher);
    wcp_folded_release(&folded);
}

/* ---- kernels alone ---- */

enum { NUM_HASHES = 1000 };

struct kernel {
    const struct wcp_kernels *kernels;
    const struct bench_text *text;
    const uint64_t *hashes, *others; /* [NUM_HASHES], ascending */
    uint64_t *block;
};

static void
pass_hash(void *ctx)
{
    const struct kernel *k = ctx;

    k->kernels->hash_windows(k->text->units, NUM_HASHES, k->text->num_units,
                             k->text->shingle, k->block);
    bench_keep(k->block);
}

static void
pass_bins(void *ctx)
{
    const struct kernel *k = ctx;
    uint32_t bins[WCP_NUM_BINS];

    memset(bins, 0xFF, sizeof bins);
    k->kernels->minhash_bins(bins, k->hashes, NUM_HASHES);
    bench_keep(bins);
}

static void
pass_linear(void *ctx)
{
    const struct kernel *k = ctx;
    const uint64_t all[2] = { UINT64_MAX, UINT64_MAX };
    uint32_t values[WCP_NUM_BINS];

    memset(values, 0xFF, sizeof values);
    k->kernels->minhash_linear(values, all, wcp_minhash_mul, wcp_minhash_add,
                               k->hashes, NUM_HASHES);
    bench_keep(values);
}

static void
pass_simhash(void *ctx)
{
    const struct kernel *k = ctx;
    uint32_t counts[64] = { 0 };

    k->kernels->simhash_count(counts, k->hashes, NUM_HASHES);
    bench_keep(counts);
}

static void
pass_intersect(void *ctx)
{
    const struct kernel *k = ctx;
    size_t common =
        k->kernels->intersect(k->hashes, NUM_HASHES, k->others, NUM_HASHES);

    bench_keep(&common);
}

static void (*const kernel_passes[])(void *) = { pass_hash, pass_bins,
                                                 pass_simhash, pass_linear,
                                                 pass_intersect };
enum { NUM_PASSES = sizeof kernel_passes / sizeof *kernel_passes };

static void
make_hashes(uint64_t *a, uint64_t *b, uint64_t *scratch, uint64_t seed)
{
    struct bench_random random = { seed };

    for (size_t i = 0; i < NUM_HASHES; i++) {
        a[i] = bench_random(&random);
        b[i] = i % 10 == 0 ? bench_random(&random) : a[i];
    }
    wcp_sort_u64(a, scratch, NUM_HASHES);
    wcp_sort_u64(b, scratch, NUM_HASHES);
}

static void
fill_kernel_table(struct bench_table *table, const struct bench_job *jobs)
{
    const size_t portable = table->num_rows - 1;
    const struct bench_job *hash = &jobs[portable * NUM_PASSES];

    for (size_t r = 0; r < table->num_rows; r++) {
        struct bench_row *row = &table->rows[r];
        const struct bench_job *own = jobs + r * NUM_PASSES;

        for (size_t i = 0; i < NUM_PASSES; i++)
            row->cells[i] = bench_cell_ns(
                &own[i].sample, (i + 1 < NUM_PASSES ? 1 : 2) * NUM_HASHES);
        for (size_t i = 0; i < 2; i++)
            row->cells[NUM_PASSES + i] =
                bench_cell_ratio(&own[1 + i].sample, &hash->sample);
    }
}

static void
report_kernels(struct bench_report *report, const struct bench_text *text)
{
    uint64_t hashes[NUM_HASHES], others[NUM_HASHES], block[NUM_HASHES];
    struct bench_job jobs[MAX_SETS * NUM_PASSES];
    struct kernel sets[MAX_SETS];
    const struct wcp_kernels *kernels;
    struct bench_table table;
    size_t num = 0;

    make_hashes(hashes, others, block, report->settings->seed);
    bench_table_init(&table, "sign", "kernels",
                     "Kernels alone, on 1,000 shingles in the cache");
    bench_add_column(&table, "hash", "ns", BENCH_LESS);
    bench_add_column(&table, "minhash", "ns", BENCH_LESS);
    bench_add_column(&table, "simhash", "ns", BENCH_LESS);
    bench_add_column(&table, "classic", "ns", BENCH_LESS);
    bench_add_column(&table, "intersect", "ns", BENCH_LESS);
    bench_add_column(&table, "min/hash", "ratio", BENCH_LESS);
    bench_add_column(&table, "sim/hash", "ratio", BENCH_LESS);
    table.notes = "  ns a shingle (intersect: an element of either set); the "
                  "last two: of the time\n"
                  "  that portable scalar XXH3 takes for the window\n";
    for (size_t k = 0; k < MAX_SETS && (kernels = wcp_kernels_at(k)) != NULL;
         k++) {
        sets[k] = (struct kernel){ kernels, text, hashes, others, block };
        bench_add_row(&table, "%s", kernels->name);
        for (size_t i = 0; i < NUM_PASSES; i++)
            jobs[num++] =
                (struct bench_job){ .pass = kernel_passes[i], .ctx = &sets[k] };
    }
    if (text->num_units < NUM_HASHES + text->shingle) {
        bench_say("the text is too short for the kernels");
        bench_table_release(&table);
        return;
    }
    bench_measure(jobs, num, report->settings);
    fill_kernel_table(&table, jobs);
    bench_report_table(report, &table);
}

/* ---- documents of one length ---- */

static const size_t lengths[] = { 1, 20, 100, 300, 1000, 5000 };
enum { NUM_LENGTHS = sizeof lengths / sizeof *lengths };

struct document {
    struct wcp_sketcher *sketcher;
    const uint16_t *units;
    size_t num;
    unsigned wanted;
};

static void
pass_document(void *ctx)
{
    const struct document *d = ctx;
    struct wcp_signature sig;

    wcp_sketch(d->sketcher, d->units, d->num, d->wanted, &sig);
    bench_keep(&sig);
}

static void
report_documents(struct bench_report *report, const struct bench_text *text)
{
    static const struct {
        const char *name;
        unsigned wanted;
    } kinds[] = { { "minhash", WCP_WANT_MINHASH },
                  { "simhash", WCP_WANT_SIMHASH },
                  { "minhash-classic", WCP_WANT_CLASSIC } };
    enum { KINDS = 3, MAX = MAX_SETS * KINDS * NUM_LENGTHS };
    struct bench_job *jobs = bench_alloc(MAX, sizeof *jobs);
    struct document *documents = bench_alloc(MAX, sizeof *documents);
    struct wcp_sketcher *sketchers[MAX_SETS];
    const struct wcp_kernels *kernels;
    struct bench_table table;
    size_t num = 0, sets = 0;
    char name[24];

    bench_table_init(&table, "sign", "documents",
                     "Hash and sign a folded document, by its shingles");
    for (size_t i = 0; i < NUM_LENGTHS; i++) {
        bench_format((double)lengths[i], name, sizeof name);
        bench_add_column(&table, name, "ns", BENCH_LESS);
    }
    for (; sets < MAX_SETS && (kernels = wcp_kernels_at(sets)) != NULL; sets++)
        sketchers[sets] = new_sketcher(kernels);
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t k = 0; k < sets; k++) {
            bench_add_row(&table, "%s, %s", kinds[kind].name,
                          sketchers[k]->kernels->name);
            for (size_t i = 0; i < NUM_LENGTHS; i++, num++) {
                const size_t units = lengths[i] + text->shingle - 1;

                documents[num] = (struct document){ sketchers[k], text->units,
                                                    units < text->num_units
                                                        ? units
                                                        : text->num_units,
                                                    kinds[kind].wanted };
                jobs[num] = (struct bench_job){ .pass = pass_document,
                                                .ctx = &documents[num] };
            }
        }
    bench_measure(jobs, num, report->settings);
    for (size_t i = 0; i < num; i++)
        table.rows[i / NUM_LENGTHS].cells[i % NUM_LENGTHS] =
            bench_cell_ns(&jobs[i].sample, 1);
    bench_report_table(report, &table);
    for (size_t k = 0; k < sets; k++)
        wcp_sketcher_free(sketchers[k]);
    free(jobs);
    free(documents);
}

void
bench_sign(struct bench_report *report, const struct bench_text *text)
{
    report_chain(report, text);
    report_kernels(report, text);
    report_documents(report, text);
}
