/*
 * threads.c - running a body on several threads, and clocks
 *
 * Work is handed out from a shared counter, so that a slow thread holds
 * nothing up and a thread that could not be started is not missed.
 */
#include "base/base.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 256 };

struct thread_start {
    void (*body)(void *ctx, unsigned thread);
    void *ctx;
    unsigned number;
};

static void *
thread_main(void *arg)
{
    const struct thread_start *start = arg;

    start->body(start->ctx, start->number);
    return NULL;
}

unsigned
wcp_num_processors(void)
{
#if defined(__linux__)
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    return online > 0 ? (unsigned)online : 1;
}

void
wcp_run_threads(unsigned num_threads, void (*body)(void *ctx, unsigned),
                void *ctx)
{
    struct thread_start starts[MAX_THREADS];
    pthread_t threads[MAX_THREADS];
    unsigned started = 1;

    if (num_threads > MAX_THREADS)
        num_threads = MAX_THREADS;
    for (; started < num_threads; started++) {
        starts[started] = (struct thread_start){ body, ctx, started };
        if (pthread_create(&threads[started], NULL, thread_main,
                           &starts[started]) != 0)
            break;
    }
    body(ctx, 0);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
}

struct loop {
    void (*body)(void *ctx, unsigned thread, size_t i);
    void *ctx;
    size_t num, grain;
    atomic_size_t next;
};

static void
loop_body(void *arg, unsigned thread)
{
    struct loop *loop = arg;

    for (;;) {
        size_t begin = atomic_fetch_add(&loop->next, loop->grain);
        size_t end;

        if (begin >= loop->num)
            return;
        end = loop->num - begin < loop->grain ? loop->num : begin + loop->grain;
        for (size_t i = begin; i < end; i++)
            loop->body(loop->ctx, thread, i);
    }
}

void
wcp_parallel_for(unsigned num_threads, size_t num, size_t grain,
                 void (*body)(void *ctx, unsigned thread, size_t i), void *ctx)
{
    struct loop loop = { body, ctx, num, grain > 0 ? grain : 1, 0 };

    wcp_run_threads(wcp_threads_for(num_threads, num, loop.grain), loop_body,
                    &loop);
}

double
wcp_wall_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double
wcp_cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

uint64_t
wcp_peak_memory(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
#if defined(__APPLE__)
    return (uint64_t)usage.ru_maxrss;
#else
    return (uint64_t)usage.ru_maxrss * 1024;
#endif
}
