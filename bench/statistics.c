/*
 * statistics.c - the arithmetic of the figures, and numbers that look random
 */
#include "bench.h"

#include "sketch/sketch.h"

#include <math.h>
#include <stdlib.h>

/* ---- runs ---- */

static int
compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double
bench_median(double *values, size_t num)
{
    if (num == 0)
        return NAN;
    qsort(values, num, sizeof *values, compare_doubles);
    return num % 2 == 1 ? values[num / 2]
                        : (values[num / 2 - 1] + values[num / 2]) / 2;
}

struct bench_sample
bench_sample_of(double *seconds, size_t num)
{
    struct bench_sample sample = { .median = bench_median(seconds, num),
                                   .fastest = num > 0 ? seconds[0] : NAN,
                                   .runs = (unsigned)num };

    return sample;
}

double
bench_mb_per_second(double bytes, double seconds)
{
    return bytes / 1e6 / seconds;
}

double
bench_ns_each(double seconds, double items)
{
    return seconds * 1e9 / items;
}

/* ---- collisions and avalanche ---- */

double
bench_expected_collisions(double n, unsigned bits)
{
    return ldexp(n * (n - 1) / 2, -(int)bits);
}

uint64_t
bench_equal_pairs(uint64_t *values, uint64_t *scratch, size_t num)
{
    uint64_t pairs = 0, before = 0; /* so many equal ones stand before */

    wcp_sort_u64(values, scratch, num);
    for (size_t i = 1; i < num; i++) {
        before = values[i] == values[i - 1] ? before + 1 : 0;
        pairs += before;
    }
    return pairs;
}

/* The leading term of the normal distribution's extreme value. */
double
bench_expected_extreme(double num)
{
    return num > 1 ? sqrt(2 * log(num)) : 0;
}

/* ---- errors of an estimate ---- */

void
bench_errors_add(struct bench_errors *errors, double error)
{
    errors->num++;
    errors->sum += error;
    errors->sum_squares += error * error;
}

double
bench_bias(const struct bench_errors *errors)
{
    return errors->sum / errors->num;
}

double
bench_rmse(const struct bench_errors *errors)
{
    return sqrt(errors->sum_squares / errors->num);
}

double
bench_bias_error(const struct bench_errors *errors)
{
    const double bias = bench_bias(errors);
    const double variance = errors->sum_squares / errors->num - bias * bias;

    return sqrt((variance > 0 ? variance : 0) / errors->num);
}

double
bench_minhash_deviation(double jaccard)
{
    return sqrt(jaccard * (1 - jaccard) / WCP_NUM_BINS);
}

double
bench_simhash_jaccard(unsigned distance)
{
    const double pi = 3.14159265358979323846;
    const double cosine = cos(pi * distance / 64);

    return distance >= 32 ? 0 : cosine / (2 - cosine);
}

double
bench_geometric_mean(const double *values, size_t num)
{
    double sum = 0;

    for (size_t i = 0; i < num; i++)
        sum += log(values[i]);
    return num > 0 ? exp(sum / (double)num) : NAN;
}

/* ---- numbers that look random ---- */

/* splitmix64 (Steele, Lea, Flood 2014). */
uint64_t
bench_random(struct bench_random *random)
{
    uint64_t x = random->state += UINT64_C(0x9E3779B97F4A7C15);

    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

/* By the upper half: 2^32 is so much larger than the bounds in use that the
 * remainder's bias does not show. */
uint64_t
bench_below(struct bench_random *random, uint64_t bound)
{
    return (bench_random(random) >> 32) % bound;
}
