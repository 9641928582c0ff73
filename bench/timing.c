/*
 * timing.c - how long a pass takes
 *
 * A run repeats the pass so often that the clock's own cost and grain do not
 * show.  Rounds go over all jobs, so that what is compared was measured at the
 * same time.  What computes on one thread is timed by that thread's processor
 * time: a busy machine makes it slower by its caches only.
 */
#include "bench.h"

#include <stdlib.h>
#include <time.h>

void
bench_keep(const void *data)
{
    __asm__ volatile("" : : "r"(data) : "memory");
}

static double
now(enum bench_clock clock)
{
    struct timespec time;

    clock_gettime(
        clock == BENCH_CPU ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double
run(const struct bench_job *job)
{
    const double start = now(job->clock);

    for (uint64_t i = 0; i < job->loops; i++)
        job->pass(job->ctx);
    return (now(job->clock) - start) / (double)job->loops;
}

/* Find out how often to repeat the pass; all of it is warm-up. */
static void
calibrate(struct bench_job *job, double min_seconds)
{
    job->loops = 1;
    for (;;) {
        const double seconds = run(job) * (double)job->loops;
        double factor = 1.2 * min_seconds / (seconds > 1e-9 ? seconds : 1e-9);

        if (seconds >= min_seconds)
            return;
        if (factor > 16)
            factor = 16;
        job->loops = (uint64_t)((double)job->loops * factor) + 1;
    }
}

void
bench_measure(struct bench_job *jobs, size_t num,
              const struct bench_settings *settings)
{
    const size_t runs = settings->runs;
    double *seconds = bench_alloc(num * runs, sizeof *seconds);

    for (size_t i = 0; i < num; i++)
        calibrate(&jobs[i], settings->min_seconds);
    for (size_t r = 0; r < runs; r++)
        for (size_t i = 0; i < num; i++)
            seconds[i * runs + r] = run(&jobs[i]);
    for (size_t i = 0; i < num; i++)
        jobs[i].sample = bench_sample_of(seconds + i * runs, runs);
    free(seconds);
}
