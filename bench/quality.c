/*
 * quality.c - whether a hash function is good enough for shingles
 *
 * Three things can go wrong.  Different shingles get one hash: counted over
 * all different shingles of the text, against what chance gives.  Bits of the
 * input do not reach bits of the hash: each bit of a window is flipped, each
 * bit of the hash should flip in half of the cases.  And the estimate of
 * MinHash is off, because the least of a set's hashes is not equally likely
 * to be any of them: signatures of overlapping stretches of the text are
 * compared with their true Jaccard index, found without any hash.
 */
#include "bench.h"

#include "sketch/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WINDOWS = 1 << 20, STRETCH = 200, MAX_BYTES = 16 };

/* The windows of the text, and which of them are the same. */
struct windows {
    const uint16_t *units;
    size_t num;
    unsigned len;
    uint32_t *ids;    /* [num], equal for equal windows only */
    uint32_t *firsts; /* [num_different], where each stands first */
    size_t num_different;
    uint64_t *values, *scratch; /* [num] */
};

/* A window's units and where it stands. */
struct placed {
    uint16_t units[MAX_BYTES / 2];
    uint32_t at;
};

static int
compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    const int order = memcmp(x->units, y->units, sizeof x->units);

    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static void
windows_init(struct windows *w, const struct bench_text *text,
             const struct bench_settings *settings)
{
    const size_t all = text->num_units - text->shingle + 1;
    struct placed *placed;

    *w = (struct windows){ .units = text->units, .len = text->shingle };
    w->num = settings->quick && all > 1 << 16 ? 1 << 16 : all;
    w->num = w->num < MAX_WINDOWS ? w->num : MAX_WINDOWS;
    w->ids = bench_alloc(w->num, sizeof *w->ids);
    w->firsts = bench_alloc(w->num, sizeof *w->firsts);
    w->values = bench_alloc(w->num + STRETCH, sizeof *w->values);
    w->scratch = bench_alloc(w->num + STRETCH, sizeof *w->scratch);
    placed = bench_alloc(w->num, sizeof *placed);
    for (size_t i = 0; i < w->num; i++) {
        memcpy(placed[i].units, w->units + i, 2 * (size_t)w->len);
        placed[i].at = (uint32_t)i;
    }
    qsort(placed, w->num, sizeof *placed, compare_placed);
    for (size_t i = 0; i < w->num; i++) {
        if (i == 0 || memcmp(placed[i].units, placed[i - 1].units,
                             sizeof placed[i].units) != 0)
            w->firsts[w->num_different++] = placed[i].at;
        w->ids[placed[i].at] = (uint32_t)w->num_different;
    }
    free(placed);
}

static void
windows_release(struct windows *w)
{
    free(w->ids);
    free(w->firsts);
    free(w->values);
    free(w->scratch);
}

/* ---- collisions ---- */

static uint64_t
count_collisions(struct windows *w, const struct bench_hash *hash)
{
    for (size_t i = 0; i < w->num_different; i++)
        bench_hash_windows(hash, w->units + w->firsts[i], 1, w->len,
                           &w->values[i]);
    return bench_equal_pairs(w->values, w->scratch, w->num_different);
}

/* ---- avalanche ---- */

/* Add 1 to the count of each bit that is set. */
static void
count_bits(uint32_t *counts, uint64_t bits)
{
    for (; bits != 0; bits &= bits - 1)
        counts[__builtin_ctzll(bits)]++;
}

/* The largest distance of a bit's frequency of flipping from a half. */
static double
worst_avalanche(const struct windows *w, const struct bench_hash *hash,
                size_t samples, uint64_t seed)
{
    const unsigned in_bits = 16 * w->len;
    uint32_t *counts = bench_alloc((size_t)in_bits * 64, sizeof *counts);
    struct bench_random random = { seed };
    uint16_t window[MAX_BYTES / 2];
    double worst = 0;

    for (size_t s = 0; s < samples; s++) {
        uint64_t before, after;

        memcpy(window, w->units + bench_below(&random, w->num),
               2 * (size_t)w->len);
        bench_hash_windows(hash, window, 1, w->len, &before);
        for (unsigned bit = 0; bit < in_bits; bit++) {
            window[bit / 16] ^= (uint16_t)(1u << bit % 16);
            bench_hash_windows(hash, window, 1, w->len, &after);
            window[bit / 16] ^= (uint16_t)(1u << bit % 16);
            count_bits(counts + (size_t)bit * 64, before ^ after);
        }
    }
    for (size_t i = 0; i < (size_t)in_bits * 64; i++) {
        const double off = fabs((double)counts[i] / (double)samples - .5);

        if (i % 64 < hash->bits && off > worst)
            worst = off;
    }
    free(counts);
    return worst;
}

/* ---- MinHash ---- */

static size_t
sign_stretch(struct windows *w, const struct bench_hash *hash, size_t at,
             uint64_t *ids, struct wcp_signature *sig)
{
    uint64_t *const hashes = w->values;
    size_t num = 1;

    bench_hash_windows(hash, w->units + at, STRETCH, w->len, hashes);
    if (hash->bits == 32) /* a bin and a rank are taken from 64 */
        for (size_t i = 0; i < STRETCH; i++)
            hashes[i] |= hashes[i] << 32;
    wcp_sketch_hashes(hashes, STRETCH, WCP_WANT_MINHASH, sig);
    for (size_t i = 0; i < STRETCH; i++)
        ids[i] = w->ids[at + i];
    wcp_sort_u64(ids, w->scratch, STRETCH);
    for (size_t i = 1; i < STRETCH; i++)
        if (ids[i] != ids[num - 1])
            ids[num++] = ids[i];
    return num;
}

static double
true_jaccard(const uint64_t *a, size_t num_a, const uint64_t *b, size_t num_b)
{
    size_t i = 0, j = 0, common = 0;

    while (i < num_a && j < num_b) {
        const uint64_t x = a[i], y = b[j];

        common += x == y;
        i += x <= y;
        j += y <= x;
    }
    return (double)common / (double)(num_a + num_b - common);
}

/* Of the estimate, over overlapping stretches of the text.  *theory_ret is
 * the error that independent values would have. */
static void
measure_bias(struct windows *w, const struct bench_hash *hash, size_t trials,
             uint64_t seed, struct bench_errors *errors, double *theory_ret)
{
    struct bench_random random = { seed };
    uint64_t a[STRETCH], b[STRETCH];
    struct wcp_signature sig_a, sig_b;
    double squares = 0;

    *errors = (struct bench_errors){ 0 };
    for (size_t t = 0; t < trials; t++) {
        const size_t shift = 6 + bench_below(&random, STRETCH / 2);
        const size_t at =
            bench_below(&random, w->num - STRETCH - w->len - shift);
        const size_t num_a = sign_stretch(w, hash, at, a, &sig_a);
        const size_t num_b = sign_stretch(w, hash, at + shift, b, &sig_b);
        const double jaccard = true_jaccard(a, num_a, b, num_b);
        const double deviation = bench_minhash_deviation(jaccard);
        unsigned equal = 0;

        for (size_t j = 0; j < WCP_NUM_BINS; j++)
            equal += sig_a.minhash[j] == sig_b.minhash[j];
        bench_errors_add(errors, (double)equal / WCP_NUM_BINS - jaccard);
        squares += deviation * deviation;
    }
    *theory_ret = sqrt(squares / (double)trials);
}

/* ---- the table ---- */

enum { COLLISIONS, EXPECTED, AVALANCHE, BIAS, BIAS_ERROR, RMSE };

static void
add_quality(struct bench_table *table, struct windows *w,
            const struct bench_hash *hash,
            const struct bench_settings *settings)
{
    const size_t samples = settings->quick ? 1000 : 10000;
    struct bench_row *row = bench_add_row(table, "%s", hash->name);
    struct bench_errors errors;
    double theory;

    row->cells[COLLISIONS] = bench_counted((double)count_collisions(w, hash));
    row->cells[EXPECTED] = bench_counted(
        bench_expected_collisions((double)w->num_different, hash->bits));
    row->cells[AVALANCHE] =
        bench_counted(100 * worst_avalanche(w, hash, samples, settings->seed));
    measure_bias(w, hash, settings->quick ? 300 : 5000, settings->seed, &errors,
                 &theory);
    row->cells[BIAS] = bench_counted(100 * bench_bias(&errors));
    row->cells[BIAS_ERROR] = bench_counted(100 * bench_bias_error(&errors));
    row->cells[RMSE] = bench_counted(bench_rmse(&errors) / theory);
}

void
bench_quality(struct bench_report *report, const struct bench_text *text)
{
    const struct bench_settings *settings = report->settings;
    const double samples = settings->quick ? 1000 : 10000;
    const struct bench_hash *hash;
    struct bench_table table;
    struct windows w;
    char title[100], notes[300], number[32];

    windows_init(&w, text, settings);
    if (w.num < 4 * STRETCH) {
        bench_say("the text is too short to judge hash functions on");
        windows_release(&w);
        return;
    }
    bench_format((double)w.num_different, number, sizeof number);
    snprintf(title, sizeof title,
             "Quality on %s different shingles of %u characters", number,
             w.len);
    bench_table_init(&table, "hash", "quality", title);
    bench_add_column(&table, "collisions", "pairs", BENCH_LESS);
    bench_add_column(&table, "by chance", "pairs", BENCH_NEITHER);
    bench_add_column(&table, "avalanche", "% off", BENCH_LESS);
    bench_add_column(&table, "MinHash bias", "%", BENCH_NEITHER);
    bench_add_column(&table, "+/-", "%", BENCH_NEITHER);
    bench_add_column(&table, "its error", "theory", BENCH_LESS);
    for (size_t i = 0; (hash = bench_hash_at(i)) != NULL; i++)
        add_quality(&table, &w, hash, settings);
    snprintf(notes, sizeof notes,
             "  avalanche: the worst pair of input and output bit; chance "
             "alone gives %.1f\n"
             "  MinHash bias: mean error of the estimate, one standard error "
             "behind it;\n"
             "  its error: root mean square, as a multiple of "
             "sqrt(J (1 - J) / 128)\n",
             100 * .5 / sqrt(samples) *
                 bench_expected_extreme(16.0 * w.len * 64));
    table.notes = notes;
    bench_report_table(report, &table);
    windows_release(&w);
}
