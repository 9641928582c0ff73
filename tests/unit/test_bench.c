/*
 * test_bench.c - the benchmark's own arithmetic, its files, its texts and the
 * hash functions that it compares
 */
#include "bench.h"

#include "support.h"
#include "text/text.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEAR(a, b) CU_ASSERT_DOUBLE_EQUAL(a, b, 1e-9 * (1 + fabs((double)(b))))

/* ---- statistics ---- */

static void
test_median(void)
{
    double odd[] = { 5, 1, 4 }, even[] = { 8, 2, 4, 1 }, one[] = { 7 };
    double seconds[] = { .3, .1, .2, .5 };
    struct bench_sample sample = bench_sample_of(seconds, 4);

    CU_ASSERT_EQUAL(bench_median(odd, 3), 4);
    CU_ASSERT_EQUAL(bench_median(even, 4), 3);
    CU_ASSERT_EQUAL(bench_median(one, 1), 7);
    CU_ASSERT(isnan(bench_median(one, 0)));
    NEAR(sample.median, .25);
    CU_ASSERT_EQUAL(sample.fastest, .1);
    CU_ASSERT_EQUAL(sample.runs, 4);
}

static void
test_rates(void)
{
    const struct bench_sample a = { 2e-3, 1e-3, 5 }, b = { 1e-3, .25e-3, 5 };
    struct bench_cell cell;

    NEAR(bench_mb_per_second(3e6, 2), 1.5);
    NEAR(bench_ns_each(1e-3, 1000), 1000);
    cell = bench_cell_mb(&a, 4e6);
    NEAR(cell.median, 2000);
    NEAR(cell.fastest, 4000);
    CU_ASSERT_EQUAL(cell.runs, 5);
    cell = bench_cell_ns(&a, 1e4);
    NEAR(cell.median, 200);
    NEAR(cell.fastest, 100);
    cell = bench_cell_ratio(&a, &b);
    NEAR(cell.median, 2);
    NEAR(cell.fastest, 4);
}

static void
test_collisions(void)
{
    enum { NUM = 600, BITS = 10, ROUNDS = 60 };
    struct test_rng rng = { test_seed() };
    uint64_t values[NUM], scratch[NUM];
    double found = 0, expected;

    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t pairs = 0;

        for (size_t i = 0; i < NUM; i++)
            values[i] = test_below(&rng, 1 << BITS);
        for (size_t i = 0; i < NUM; i++)
            for (size_t k = 0; k < i; k++)
                pairs += values[i] == values[k];
        CU_ASSERT_EQUAL(bench_equal_pairs(values, scratch, NUM), pairs);
        found += (double)pairs;
    }
    expected = ROUNDS * bench_expected_collisions(NUM, BITS);
    /* Pairs collide almost independently: six standard deviations. */
    CU_ASSERT_DOUBLE_EQUAL(found, expected, 6 * sqrt(expected));
    NEAR(bench_expected_collisions(2, 1), .5);
    NEAR(bench_expected_collisions(1, 1), 0);
    NEAR(bench_expected_collisions(1e6, 64), 1e6 * (1e6 - 1) / 2 / 0x1p64);
    CU_ASSERT_EQUAL(bench_equal_pairs(values, scratch, 0), 0);
}

static void
test_errors(void)
{
    static const double made[] = { .5, -.1, .2, 0, -.4, .7 };
    const double num = sizeof made / sizeof *made;
    struct bench_errors errors = { 0 };
    double mean = 0, squares = 0, variance = 0;

    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        bench_errors_add(&errors, made[i]);
        mean += made[i] / num;
        squares += made[i] * made[i] / num;
    }
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        variance += (made[i] - mean) * (made[i] - mean) / num;
    NEAR(bench_bias(&errors), mean);
    NEAR(bench_rmse(&errors), sqrt(squares));
    NEAR(bench_bias_error(&errors), sqrt(variance / num));
}

static void
test_estimates(void)
{
    const double two[] = { 2, 8 };

    NEAR(bench_minhash_deviation(.5), .5 / sqrt(128));
    NEAR(bench_minhash_deviation(0), 0);
    NEAR(bench_minhash_deviation(1), 0);
    NEAR(bench_simhash_jaccard(0), 1);
    NEAR(bench_simhash_jaccard(32), 0);
    NEAR(bench_simhash_jaccard(64), 0);
    for (unsigned d = 1; d < 32; d++) { /* and back again */
        const double jaccard = bench_simhash_jaccard(d);

        NEAR(64 * acos(2 * jaccard / (1 + jaccard)) / acos(-1), d);
        CU_ASSERT(jaccard < bench_simhash_jaccard(d - 1));
    }
    NEAR(bench_geometric_mean(two, 2), 4);
    CU_ASSERT(isnan(bench_geometric_mean(two, 0)));
    CU_ASSERT_EQUAL(bench_expected_extreme(1), 0);
    NEAR(bench_expected_extreme(exp(8)), 4);
}

/* ---- timing ---- */

static void
count_pass(void *ctx)
{
    volatile uint64_t *passes = ctx;

    for (int i = 0; i < 1000; i++)
        *passes = *passes + 1;
}

static void
test_measure(void)
{
    struct bench_settings settings = { .runs = 3, .min_seconds = 1e-4 };
    uint64_t passes[2] = { 0 };
    struct bench_job jobs[2] = {
        { .pass = count_pass, .ctx = &passes[0], .clock = BENCH_CPU },
        { .pass = count_pass, .ctx = &passes[1], .clock = BENCH_WALL },
    };

    bench_measure(jobs, 2, &settings);
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT(jobs[i].loops >= 1);
        CU_ASSERT(passes[i] % 1000 == 0);
        CU_ASSERT(passes[i] / 1000 >= 4 * jobs[i].loops);
        CU_ASSERT(jobs[i].sample.runs == 3);
        CU_ASSERT(jobs[i].sample.fastest > 0);
        CU_ASSERT(jobs[i].sample.fastest <= jobs[i].sample.median);
    }
}

/* ---- tables and files ---- */

static void
test_format(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { 1, "1" },
        { 999, "999" },
        { 1000, "1,000" },
        { 1234567, "1,234,567" },
        { -1234, "-1,234" },
        { 1234.4, "1,234" },
        { 99.94, "99.9" },
        { 99.96, "100" },
        { 9.994, "9.99" },
        { 9.996, "10.0" },
        { .65432, "0.654" },
        { .0123, "0.0123" },
        { 1.2e-7, "1e-07" },
        { 1e18, "1e+18" },
        { (double)NAN, "." },
    };
    char text[32];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench_format(cases[i].value, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
    }
}

static void
make_table(struct bench_table *table)
{
    bench_table_init(table, "sign", "chain", "A table");
    bench_add_column(table, "a", "MB/s", BENCH_MORE);
    bench_add_column(table, "b \"x\"", "ns", BENCH_LESS);
    bench_add_column(table, "c", "", BENCH_NEITHER);
    bench_add_row(table, "row \\ one")->cells[0] =
        (struct bench_cell){ 1234.5678901, 1300, 5 };
    table->rows[0].cells[1] = bench_counted(1e-12);
    bench_add_row(table, "漢字")->cells[2] = bench_counted(7);
}

/* A file with a head, then what 'write' adds; the path is made. */
static FILE *
open_figures(char *path)
{
    const int fd = mkstemp(path);
    FILE *to = fd >= 0 ? fdopen(fd, "wb") : NULL;

    if (to == NULL)
        abort();
    fputs("{\"program\":\"wirecopy-bench\",\"machine\":\"M\",\"compiler\":"
          "\"C\",\"date\":\"D\",\"text\":\"T\"}\n",
          to);
    return to;
}

static void
test_round_trip(void)
{
    char path[] = "/tmp/wirecopy-test.XXXXXX";
    FILE *to = open_figures(path);
    struct bench_figures figures;
    struct bench_table table;

    make_table(&table);
    bench_write_table(&table, to);
    fclose(to);
    CU_ASSERT_FATAL(bench_read_figures(&figures, path));
    CU_ASSERT_STRING_EQUAL(figures.machine, "M");
    CU_ASSERT_STRING_EQUAL(figures.text, "T");
    CU_ASSERT_EQUAL_FATAL(figures.num, 3); /* empty cells are left out */
    CU_ASSERT_STRING_EQUAL(figures.at[0].command, "sign");
    CU_ASSERT_STRING_EQUAL(figures.at[0].table, "chain");
    CU_ASSERT_STRING_EQUAL(figures.at[0].row, "row \\ one");
    CU_ASSERT_STRING_EQUAL(figures.at[0].unit, "MB/s");
    CU_ASSERT_EQUAL(figures.at[0].better, BENCH_MORE);
    CU_ASSERT_EQUAL(figures.at[0].runs, 5);
    NEAR(figures.at[0].median, 1234.56789);
    CU_ASSERT_EQUAL(figures.at[0].fastest, 1300);
    CU_ASSERT_STRING_EQUAL(figures.at[1].column, "b \"x\"");
    CU_ASSERT_DOUBLE_EQUAL(figures.at[1].median, 1e-12, 1e-20);
    CU_ASSERT_STRING_EQUAL(figures.at[2].row, "漢字");
    CU_ASSERT_EQUAL(figures.at[2].better, BENCH_NEITHER);
    bench_figures_release(&figures);
    bench_table_release(&table);
    unlink(path);
}

/* Each line, alone behind a good head, must be refused. */
static void
test_bad_figures(void)
{
#define BEFORE \
    "{\"command\":\"a\",\"table\":\"b\",\"row\":\"c\",\"column\":\"d\","
    static const char *const lines[] = {
        "",
        "[]",
        "{",
        "{}",
        BEFORE "\"unit\":\"e\",\"better\":\"up\",\"median\":1,\"fastest\":1,"
               "\"runs\":1}",
        BEFORE "\"unit\":\"e\",\"better\":\"more\",\"median\":\"1\","
               "\"fastest\":1,\"runs\":1}",
        BEFORE "\"unit\":\"e\",\"better\":\"more\",\"median\":1,"
               "\"fastest\":1,\"runs\":-1}",
        BEFORE "\"unit\":\"much too long a unit\",\"better\":\"more\","
               "\"median\":1,\"fastest\":1,\"runs\":1}",
        BEFORE "\"better\":\"more\",\"median\":1,\"fastest\":1,\"runs\":1}",
    };
#undef BEFORE

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char path[] = "/tmp/wirecopy-test.XXXXXX";
        FILE *to = open_figures(path);
        struct bench_figures figures;

        fprintf(to, "%s\n", lines[i]);
        fclose(to);
        CU_ASSERT_FALSE(bench_read_figures(&figures, path));
        CU_ASSERT_PTR_NULL(figures.at);
        unlink(path);
    }
}

/* ---- hash functions ---- */

static void
check_hash(const char *name, const char *text, uint64_t expected)
{
    const struct bench_hash *hash;

    for (size_t i = 0; (hash = bench_hash_at(i)) != NULL; i++)
        if (strncmp(hash->name, name, strlen(name)) == 0) {
            CU_ASSERT_EQUAL(hash->one(text, strlen(text)), expected);
            return;
        }
    CU_FAIL("no such hash function");
}

/* Values that their authors published. */
static void
test_hash_values(void)
{
    check_hash("XXH32", "", 0x02CC5D05);
    check_hash("XXH64", "", UINT64_C(0xEF46DB3751D8E999));
    check_hash("XXH3_64", "", UINT64_C(0x2D06800538D394C2));
    check_hash("FNV-1a", "a", UINT64_C(0xAF63DC4C8601EC8C));
    check_hash("FNV-1a", "foobar", UINT64_C(0x85944171F73967E8));
    check_hash("CRC32C", "123456789", 0xE3069283);
}

/* From window to window the same as each window by itself; and every bulk
 * XXH3 gives the same. */
static void
test_hash_windows(void)
{
    enum { UNITS = 200 };
    struct test_rng rng = { test_seed() };
    const struct bench_hash *hash;
    uint16_t units[UNITS];
    uint64_t all[UNITS], one;

    for (size_t i = 0; i < UNITS; i++)
        units[i] = (uint16_t)test_random(&rng);
    for (size_t h = 0; (hash = bench_hash_at(h)) != NULL; h++)
        for (unsigned len = 1; len <= 70; len += 3) {
            const size_t num = UNITS - len + 1;

            bench_hash_windows(hash, units, num, len, all);
            for (size_t i = 0; i < num; i++) {
                bench_hash_windows(hash, units + i, 1, len, &one);
                CU_ASSERT_EQUAL(all[i], one);
                CU_ASSERT(hash->bits == 64 || one >> hash->bits == 0);
            }
        }
    for (size_t i = 0; bench_bulk_at(i) != NULL; i++)
        CU_ASSERT_EQUAL(bench_bulk_at(i)->hash(units, sizeof units),
                        bench_hash_at(0)->one(units, sizeof units));
}

/* ---- made texts ---- */

static void
test_made_text(void)
{
    for (int lang = BENCH_ZH; lang <= BENCH_EN; lang++) {
        struct bench_settings settings = { .lang = (enum bench_lang)lang,
                                           .seed = 5 };
        struct bench_text a, b, c;

        bench_text_init(&a, &settings, 100000);
        bench_text_init(&b, &settings, 100000);
        settings.seed = 6;
        bench_text_init(&c, &settings, 100000);
        CU_ASSERT(a.len >= 100000 && a.len < 120000);
        CU_ASSERT_EQUAL(wcp_utf8_valid_prefix(a.bytes, a.len), a.len);
        CU_ASSERT(a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0);
        CU_ASSERT(memcmp(a.bytes, c.bytes, 1000) != 0);
        CU_ASSERT(a.num > 10 && a.begins[a.num] == a.len);
        CU_ASSERT_EQUAL(a.unit_begins[a.num], a.num_units);
        CU_ASSERT_EQUAL(a.shingle, lang == BENCH_ZH ? 5 : 8);
        if (lang == BENCH_ZH)
            CU_ASSERT(a.len > 3 * a.num_units && a.len < 4 * a.num_units);
        if (lang == BENCH_EN)
            CU_ASSERT(a.len > a.num_units && a.len < 2 * a.num_units);
        bench_text_release(&a);
        bench_text_release(&b);
        bench_text_release(&c);
    }
}

void
suite_bench(void)
{
    CU_pSuite suite = CU_add_suite("bench", NULL, NULL);

    CU_add_test(suite, "median", test_median);
    CU_add_test(suite, "rates", test_rates);
    CU_add_test(suite, "collisions", test_collisions);
    CU_add_test(suite, "errors", test_errors);
    CU_add_test(suite, "estimates", test_estimates);
    CU_add_test(suite, "measuring", test_measure);
    CU_add_test(suite, "format", test_format);
    CU_add_test(suite, "figures there and back", test_round_trip);
    CU_add_test(suite, "bad figures", test_bad_figures);
    CU_add_test(suite, "values of hash functions", test_hash_values);
    CU_add_test(suite, "hashes of windows", test_hash_windows);
    CU_add_test(suite, "made texts", test_made_text);
}
