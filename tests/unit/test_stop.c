/*
 * test_stop.c - whoever calls is asked whether to go on, at every stage, and
 * a giant component is no stage without a question
 */
#include "api_calls.h"
#include "base/base.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <unistd.h>

/* ---- through the library ---- */

struct asked {
    unsigned num[3];   /* by stage */
    unsigned patience; /* questions while comparing that are answered with 0 */
    uint64_t steps, total;
    bool good;
};

static int32_t
answer(void *ctx, const struct wcp_progress *progress)
{
    struct asked *asked = ctx;

    asked->num[progress->stage]++;
    if (progress->stage != WCP_COMPARING)
        return 0;
    asked->good &= progress->steps_done <= progress->steps_total &&
                   progress->steps_total > 0 && progress->documents > 0;
    asked->steps = progress->steps_done;
    asked->total = progress->steps_total;
    return asked->num[WCP_COMPARING] > asked->patience;
}

/* A form that is filled with different names: alike enough to be looked at
 * with all others, not enough to be a copy of any. */
static void
add_form(struct wcp_corpus *corpus, struct test_rng *rng)
{
    char text[1000];
    size_t len = (size_t)snprintf(text, sizeof text, "%s", api_dispatch);

    for (int i = 0; i < 50; i++)
        text[len++] = (char)('a' + test_below(rng, 26));
    text[len] = '\0';
    CU_ASSERT_EQUAL(api_add(corpus, text, NULL, NULL), WCP_OK);
}

static enum wcp_status
compare_forms(struct asked *asked, unsigned num, uint32_t threads, bool pairs)
{
    struct api_printed printed = { .good = true };
    struct test_rng rng = { test_seed() };
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    enum wcp_status status;

    wcp_options_init(&opts, sizeof opts);
    opts.threads = threads;
    opts.on_progress = answer;
    opts.ctx = asked;
    corpus = api_new_corpus(&opts);
    for (unsigned i = 0; i < num; i++)
        add_form(corpus, &rng);
    status = pairs ? wcp_corpus_pairs(corpus, api_print_pair, &printed, NULL)
                   : wcp_corpus_find(corpus, api_print_group, &printed, NULL);
    CU_ASSERT(asked->good);
    if (status == WCP_STOPPED) {
        CU_ASSERT(asked->steps < asked->total);
        /* The corpus is as good as before. */
        asked->num[WCP_COMPARING] = asked->patience = 0;
        asked->steps = 0;
        CU_ASSERT_EQUAL(
            pairs ? wcp_corpus_pairs(corpus, api_print_pair, &printed, NULL)
                  : wcp_corpus_find(corpus, api_print_group, &printed, NULL),
            WCP_STOPPED);
    }
    wcp_corpus_free(corpus);
    return status;
}

/* However fast the machine is, some number of forms takes it long enough to be
 * asked more than once. */
static void
test_stop_inside_a_component(void)
{
    for (int i = 0; i < 4; i++) {
        const uint32_t threads = 1 + (uint32_t)(i / 2);
        enum wcp_status status = WCP_OK;

        for (unsigned num = 1000; status == WCP_OK && num < 1000000; num *= 2) {
            struct asked asked = { .patience = 2, .good = true };

            status = compare_forms(&asked, num, threads, i % 2 == 1);
        }
        CU_ASSERT_EQUAL(status, WCP_STOPPED);
    }
}

/* So many forms that some two of them are sure to share a band. */
static void
test_asked_at_once(void)
{
    struct asked asked = { .patience = 0, .good = true };

    CU_ASSERT_EQUAL(compare_forms(&asked, 100, 1, false), WCP_STOPPED);
    CU_ASSERT_EQUAL(asked.num[WCP_COMPARING], 1);
    asked = (struct asked){ .patience = 0, .good = true };
    CU_ASSERT_EQUAL(compare_forms(&asked, 100, 1, true), WCP_STOPPED);
}

/* ---- teams ---- */

struct work {
    size_t num, fails_at;
    size_t done[1000]; /* how often each */
    size_t asked, stop_at;
    bool started;
};

static bool
go_on(void *ctx, size_t num_done, size_t total)
{
    struct work *work = ctx;

    CU_ASSERT_EQUAL(total, work->num);
    CU_ASSERT(num_done <= total);
    return ++work->asked < work->stop_at;
}

static enum wcp_code
work_body(struct wcp_team *team, unsigned thread, struct wcp_fault *fault)
{
    struct work *work = wcp_team_ctx(team);
    enum wcp_code code = WCP_CODE_OK;
    size_t i;

    while (code == WCP_CODE_OK && (i = wcp_team_next(team)) < work->num) {
        wcp_team_lock(team);
        work->done[i]++;
        wcp_team_unlock(team);
        wcp_team_did(team, 1);
        code = i == work->fails_at
                   ? wcp_fail(fault, WCP_CODE_IO, 5, "item %zu", i)
                   : wcp_team_check(team, thread, fault);
    }
    return code;
}

static void
test_team(void)
{
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct work work = { .num = 1000, .fails_at = SIZE_MAX };
        struct wcp_fault fault = { 0 };

        CU_ASSERT_EQUAL(
            wcp_run_team(threads, NULL, 1000, work_body, &work, &fault),
            WCP_CODE_OK);
        for (size_t i = 0; i < work.num; i++)
            CU_ASSERT_EQUAL(work.done[i], 1);
        work.fails_at = 500;
        CU_ASSERT_EQUAL(
            wcp_run_team(threads, NULL, 1000, work_body, &work, &fault),
            WCP_CODE_IO);
        CU_ASSERT_EQUAL(fault.sys_errno, 5);
        CU_ASSERT_STRING_EQUAL(fault.text, "item 500");
        CU_ASSERT_EQUAL(
            wcp_run_team(threads, NULL, 1000, work_body, &work, NULL),
            WCP_CODE_IO);
    }
}

/* The caller says stop at the first question. */
static void
test_team_is_stopped(void)
{
    struct work work = { .num = 1000, .fails_at = SIZE_MAX, .stop_at = 1 };
    const struct wcp_watch watch = { go_on, &work };
    struct wcp_fault fault = { 0 };

    CU_ASSERT_EQUAL(wcp_run_team(1, &watch, 1000, work_body, &work, &fault),
                    WCP_CODE_STOPPED);
    CU_ASSERT_EQUAL(fault.code, WCP_CODE_STOPPED);
    CU_ASSERT_EQUAL(work.asked, 1);
    CU_ASSERT_EQUAL(work.done[0], 1);
    CU_ASSERT_EQUAL(work.done[1], 0);
}

/* Thread 0 has nothing to do; the others work until they are told to stop. */
static enum wcp_code
endless_body(struct wcp_team *team, unsigned thread, struct wcp_fault *fault)
{
    struct work *work = wcp_team_ctx(team);
    enum wcp_code code = WCP_CODE_OK;
    bool ready = thread != 0;

    if (thread != 0) {
        wcp_team_lock(team);
        work->started = true;
        wcp_team_unlock(team);
    }
    while (!ready) {
        wcp_team_lock(team);
        ready = work->started;
        wcp_team_unlock(team);
    }
    while (thread != 0 && code == WCP_CODE_OK) {
        usleep(1000);
        code = wcp_team_check(team, thread, fault);
    }
    return code;
}

static void
test_waiting_thread_asks(void)
{
    struct work work = { .num = 7, .stop_at = 3 };
    const struct wcp_watch watch = { go_on, &work };

    CU_ASSERT_EQUAL(wcp_run_team(3, &watch, 7, endless_body, &work, NULL),
                    WCP_CODE_STOPPED);
    CU_ASSERT_EQUAL(work.asked, 3);
}

void
suite_stop(void)
{
    CU_pSuite suite = CU_add_suite("stop", NULL, NULL);

    CU_add_test(suite, "inside a component", test_stop_inside_a_component);
    CU_add_test(suite, "asked at once", test_asked_at_once);
    CU_add_test(suite, "team", test_team);
    CU_add_test(suite, "team is stopped", test_team_is_stopped);
    CU_add_test(suite, "waiting thread asks", test_waiting_thread_asks);
}
