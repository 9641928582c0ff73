/*
 * team.c - threads that share one piece of work until one of them must stop
 *
 * Long work is cut into steps that are handed out from a counter.  The first
 * fault ends it for all.  So does the caller, who is asked a few times a
 * second on its own thread: between its steps, and when it has none left while
 * others are still at theirs.
 */
#include "base/base.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* How long a wish to stop may go unnoticed, in seconds. */
#define ASK_AGAIN .05

struct wcp_team {
    enum wcp_code (*body)(struct wcp_team *team, unsigned thread,
                          struct wcp_fault *fault);
    void *ctx;
    const struct wcp_watch *watch;
    size_t total;
    double ask_at; /* thread 0 only */
    atomic_size_t next, num_done;
    atomic_bool stop;
    pthread_mutex_t lock; /* what follows, and the users' results */
    pthread_cond_t left;
    unsigned num_at_work;
    struct wcp_fault fault; /* the first */
};

static void
stop_team(struct wcp_team *team, const struct wcp_fault *fault)
{
    pthread_mutex_lock(&team->lock);
    if (team->fault.code == WCP_CODE_OK)
        team->fault = *fault;
    pthread_mutex_unlock(&team->lock);
    atomic_store(&team->stop, true);
}

static void
ask(struct wcp_team *team)
{
    const struct wcp_watch *watch = team->watch;
    struct wcp_fault fault = { 0 };
    double now = wcp_wall_seconds();

    if (now < team->ask_at || atomic_load(&team->stop))
        return;
    if (!watch->go_on(watch->ctx, atomic_load(&team->num_done), team->total)) {
        wcp_fail(&fault, WCP_CODE_STOPPED, 0, "stopped");
        stop_team(team, &fault);
    }
    team->ask_at = wcp_wall_seconds() + ASK_AGAIN;
}

enum wcp_code
wcp_team_check(struct wcp_team *team, unsigned thread, struct wcp_fault *fault)
{
    if (thread == 0 && team->watch != NULL)
        ask(team);
    if (!atomic_load_explicit(&team->stop, memory_order_relaxed))
        return WCP_CODE_OK;
    return wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
}

void *
wcp_team_ctx(const struct wcp_team *team)
{
    return team->ctx;
}

size_t
wcp_team_next(struct wcp_team *team)
{
    return atomic_fetch_add(&team->next, 1);
}

void
wcp_team_did(struct wcp_team *team, size_t num)
{
    atomic_fetch_add_explicit(&team->num_done, num, memory_order_relaxed);
}

void
wcp_team_lock(struct wcp_team *team)
{
    pthread_mutex_lock(&team->lock);
}

void
wcp_team_unlock(struct wcp_team *team)
{
    pthread_mutex_unlock(&team->lock);
}

/* Wait for the others, and ask meanwhile.  A clock that is set costs a pause
 * of that length between two questions at worst, and none at the end. */
static void
wait_for_others(struct wcp_team *team)
{
    pthread_mutex_lock(&team->lock);
    while (team->num_at_work > 0) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += (long)(ASK_AGAIN * 1e9);
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&team->left, &team->lock, &until);
        if (team->num_at_work > 0) {
            pthread_mutex_unlock(&team->lock);
            ask(team);
            pthread_mutex_lock(&team->lock);
        }
    }
    pthread_mutex_unlock(&team->lock);
}

static void
team_thread(void *ctx, unsigned thread)
{
    struct wcp_team *team = ctx;
    struct wcp_fault fault = { 0 };

    pthread_mutex_lock(&team->lock);
    team->num_at_work++;
    pthread_mutex_unlock(&team->lock);
    if (team->body(team, thread, &fault) != WCP_CODE_OK)
        stop_team(team, &fault);
    pthread_mutex_lock(&team->lock);
    if (--team->num_at_work == 0)
        pthread_cond_signal(&team->left);
    pthread_mutex_unlock(&team->lock);
    if (thread == 0 && team->watch != NULL)
        wait_for_others(team);
}

enum wcp_code
wcp_run_team(unsigned num_threads, const struct wcp_watch *watch, size_t total,
             enum wcp_code (*body)(struct wcp_team *team, unsigned thread,
                                   struct wcp_fault *fault),
             void *ctx, struct wcp_fault *fault)
{
    struct wcp_team team = {
        .body = body,
        .ctx = ctx,
        .watch = watch != NULL && watch->go_on != NULL ? watch : NULL,
        .total = total,
    };

    pthread_mutex_init(&team.lock, NULL);
    pthread_cond_init(&team.left, NULL);
    wcp_run_threads(num_threads, team_thread, &team);
    pthread_cond_destroy(&team.left);
    pthread_mutex_destroy(&team.lock);
    if (team.fault.code != WCP_CODE_OK && fault != NULL)
        *fault = team.fault;
    return team.fault.code;
}
