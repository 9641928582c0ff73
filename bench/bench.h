/*
 * bench.h - what the files of wirecopy-bench share
 *
 * A command fills tables, of cells that were timed or counted, and hands each
 * to bench_report(): for people it is printed, for machines each cell is a
 * line of JSON that 'compare' reads again.
 *
 * This is a program, not a library: what cannot go on ends it with a message.
 */
#ifndef WCP_BENCH_BENCH_H
#define WCP_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct wcp_kernels;

/* ---- settings (arguments.c) ---- */

enum { BENCH_MAX_COLUMNS = 16, BENCH_MAX_RUNS = 1000 };

enum bench_lang { BENCH_ZH, BENCH_EN };

struct bench_settings {
    const char *command;   /* NULL: the short overview */
    const char *text_path; /* NULL: a made text */
    enum bench_lang lang;
    uint64_t seed;
    uint64_t size;    /* bytes of text */
    uint64_t number;  /* of signatures for lsh */
    unsigned runs;    /* counted runs of each figure */
    unsigned threads; /* most threads */
    unsigned bands, rows;
    unsigned lengths[BENCH_MAX_COLUMNS]; /* of shingles, in units */
    size_t num_lengths;
    double min_seconds; /* of one timed run */
    bool quick;         /* small amounts: to see that all works */
    bool json;          /* no tables */
    bool fastest;       /* tables show the fastest run, not the median */
    const char *save_path;
    char **operands;
    int num_operands;
};

/* False: not understood, which was said; or help was asked for and printed,
 * then *status_ret is 0. */
bool bench_arguments(struct bench_settings *settings, int argc, char **argv,
                     int *status_ret);

/* "wirecopy-bench: " and the text on standard error. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void
bench_say(const char *format, ...);
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2), noreturn))
#endif
void
bench_die(const char *format, ...);
/* Memory, or the end. */
void *bench_alloc(size_t num, size_t size);

/* ---- arithmetic (statistics.c) ---- */

/* Seconds of several runs of one thing. */
struct bench_sample {
    double median, fastest;
    unsigned runs;
};

/* Sorts the values. */
double bench_median(double *values, size_t num);
struct bench_sample bench_sample_of(double *seconds, size_t num);
/* 1e6 bytes a second; nanoseconds for each of 'items'. */
double bench_mb_per_second(double bytes, double seconds);
double bench_ns_each(double seconds, double items);
/* Pairs among n different keys that random hashes of so many bits would give
 * equal values. */
double bench_expected_collisions(double n, unsigned bits);
/* Pairs of equal values; sorts them with the help of scratch. */
uint64_t bench_equal_pairs(uint64_t *values, uint64_t *scratch, size_t num);
/* The largest of 'num' standard deviations that chance alone would show. */
double bench_expected_extreme(double num);

/* Errors of an estimate, as they come. */
struct bench_errors {
    double num, sum, sum_squares;
};

void bench_errors_add(struct bench_errors *errors, double error);
double bench_bias(const struct bench_errors *errors);
double bench_rmse(const struct bench_errors *errors);
/* Of the bias: by how much it would vary over repetitions. */
double bench_bias_error(const struct bench_errors *errors);
/* The standard deviation of the share of 128 independent values that agree. */
double bench_minhash_deviation(double jaccard);
/* The Jaccard index of two sets of one size whose SimHashes differ in so many
 * of 64 bits: the angle is pi * distance / 64, its cosine 2J / (1 + J). */
double bench_simhash_jaccard(unsigned distance);
double bench_geometric_mean(const double *values, size_t num);

/* ---- numbers that look random (statistics.c) ---- */

struct bench_random {
    uint64_t state;
};

/* The next of a splitmix64 sequence, and one of 0 .. bound - 1. */
uint64_t bench_random(struct bench_random *random);
uint64_t bench_below(struct bench_random *random, uint64_t bound);

/* ---- timing (timing.c) ---- */

enum bench_clock {
    BENCH_CPU, /* of this thread: what other programs do does not count */
    BENCH_WALL
};

/* One thing to be timed: a pass is repeated until it takes min_seconds. */
struct bench_job {
    void (*pass)(void *ctx);
    void *ctx;
    enum bench_clock clock;
    struct bench_sample sample; /* result: seconds a pass */
    uint64_t loops;
};

/*
 * Time all jobs: a warm-up that finds out how often to repeat each, then
 * settings->runs rounds over all of them, so that a machine that slows down
 * does so for each alike.
 */
void bench_measure(struct bench_job *jobs, size_t num,
                   const struct bench_settings *settings);
/* Keep the optimiser from dropping what was computed. */
void bench_keep(const void *data);

/* ---- tables (tables.c) ---- */

enum bench_better { BENCH_NEITHER, BENCH_LESS, BENCH_MORE };

struct bench_column {
    char name[20], unit[12];
    enum bench_better better;
};

/* Nothing: median NaN.  Counted, not timed: runs 0. */
struct bench_cell {
    double median, fastest;
    unsigned runs;
};

struct bench_row {
    char name[40];
    struct bench_cell cells[BENCH_MAX_COLUMNS];
};

struct bench_table {
    char command[16], name[24];
    char title[100];
    const char *notes; /* whole lines or NULL */
    struct bench_column columns[BENCH_MAX_COLUMNS];
    size_t num_columns;
    struct bench_row *rows;
    size_t num_rows, cap_rows;
};

void bench_table_init(struct bench_table *table, const char *command,
                      const char *name, const char *title);
void bench_table_release(struct bench_table *table);
size_t bench_add_column(struct bench_table *table, const char *name,
                        const char *unit, enum bench_better better);
/* A row of empty cells; the pointer holds until the next one is added. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
struct bench_row *
bench_add_row(struct bench_table *table, const char *format, ...);
struct bench_cell bench_counted(double value);
struct bench_cell bench_cell_mb(const struct bench_sample *sample,
                                double bytes);
struct bench_cell bench_cell_ns(const struct bench_sample *sample,
                                double items);
/* How often b's time goes into a's; b's runs may be 0: NaN. */
struct bench_cell bench_cell_ratio(const struct bench_sample *a,
                                   const struct bench_sample *b);
/* Three digits, or all of a whole number. */
void bench_format(double value, char *out, size_t size);
void bench_print_table(const struct bench_table *table, bool fastest, FILE *to);

/* ---- figures: tables as lines of JSON (figures.c) ---- */

struct bench_figure {
    char command[16], table[24], row[40], column[20], unit[12];
    enum bench_better better;
    double median, fastest; /* NaN: null */
    unsigned runs;
};

struct bench_figures {
    char machine[96], compiler[160], date[32], text[128];
    struct bench_figure *at;
    size_t num, cap;
};

void bench_write_string(FILE *to, const char *text);
void bench_write_table(const struct bench_table *table, FILE *to);
/* False after a message. */
bool bench_read_figures(struct bench_figures *figures, const char *path);
void bench_figures_release(struct bench_figures *figures);

/* ---- the report (report.c) ---- */

struct bench_text;

struct bench_report {
    const struct bench_settings *settings;
    FILE *save;         /* JSON goes here, or NULL */
    double rate, nanos; /* for the overview's last sentence: signing MB/s,
                           hashing ns a shingle; 0: not measured */
    char best[24];      /* with these kernels */
};

/* text may be NULL: the command has none. */
void bench_begin(struct bench_report *report,
                 const struct bench_settings *settings,
                 const struct bench_text *text);
/* Print or write a finished table and release it. */
void bench_report_table(struct bench_report *report, struct bench_table *table);
/* Close files; the exit status. */
int bench_end(struct bench_report *report);

/* What the machine is (machine.c). */
void bench_machine_name(char *out, size_t size);
void bench_system_name(char *out, size_t size);
/* "avx512 avx2 portable" */
void bench_kernel_names(char *out, size_t size);
const char *bench_flags(void);

/* ---- texts (sample_text.c, made_text.c) ---- */

struct bench_text {
    char name[128];
    char *bytes; /* valid UTF-8 */
    size_t len;
    size_t *begins; /* [num + 1] of documents in bytes */
    size_t num;
    uint16_t *units; /* the folded documents, one behind the other */
    size_t num_units;
    size_t *unit_begins; /* [num + 1] */
    unsigned shingle;    /* units: that of most of the text */
};

/* The text of the settings: 'size' bytes of their file or of a made text. */
void bench_text_init(struct bench_text *text,
                     const struct bench_settings *settings, uint64_t size);
void bench_text_release(struct bench_text *text);

/* A document in the making. */
struct bench_bytes {
    char *data;
    size_t len, cap;
};

void bench_append(struct bench_bytes *bytes, const void *data, size_t len);

struct bench_words;

/* A vocabulary, and documents made of it: Zipf-like, the same on every
 * machine. */
struct bench_words *bench_words_new(enum bench_lang lang, uint64_t seed);
void bench_words_free(struct bench_words *words);
/* Append a document of about so many bytes. */
void bench_make_document(struct bench_words *words, struct bench_random *random,
                         size_t len, struct bench_bytes *out);

/* ---- hash functions (hashes.c, bulk_hash.c) ---- */

struct bench_hash {
    const char *name;
    unsigned bits;
    /* Either may be NULL, not both. */
    uint64_t (*one)(const void *data, size_t len);
    void (*windows)(const uint16_t *units, size_t num, unsigned len,
                    uint64_t *hashes);
};

/* The i-th function that this machine can run; NULL: no more. */
const struct bench_hash *bench_hash_at(size_t i);
/* Hash the windows of len units that begin in units[0 .. num). */
void bench_hash_windows(const struct bench_hash *hash, const uint16_t *units,
                        size_t num, unsigned len, uint64_t *hashes);

/* XXH3 of long inputs, one for each instruction set it was compiled for. */
struct bench_bulk {
    const char *name;
    uint64_t (*hash)(const void *data, size_t len);
};

const struct bench_bulk *bench_bulk_at(size_t i);

/* ---- commands ---- */

void bench_limits(struct bench_report *report);
void bench_hash(struct bench_report *report, const struct bench_text *text);
void bench_quality(struct bench_report *report, const struct bench_text *text);
void bench_sign(struct bench_report *report, const struct bench_text *text);
void bench_estimates(struct bench_report *report);
void bench_lsh(struct bench_report *report);
void bench_pipeline(struct bench_report *report);
int bench_compare(const struct bench_settings *settings);

/* Seconds of 'md5sum' over an open file, from its start; NaN where there is
 * no such program (limits). */
double bench_md5sum_seconds(int fd);

#endif /* WCP_BENCH_BENCH_H */
