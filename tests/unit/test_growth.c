/*
 * test_growth.c - programs that were compiled with another version of
 * wirecopy.h: their structs are shorter or longer than the library's
 */
#include "api_calls.h"
#include "wirecopy_internal.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#define SIZE_TO WCP_SIZE_TO

enum { LATER = 40, FILL = 0x77 };

/* A struct of the caller, as a version has it that knows more. */
struct caller {
    union {
        size_t struct_size;
        struct wcp_options options;
        struct wcp_text text;
        struct wcp_dedup_sink sink;
        struct wcp_stats stats;
        struct wcp_passage_options passage_options;
        struct wcp_boilerplate_options boilerplate_options;
        struct wcp_cut_sink cut_sink;
        struct wcp_evaluation evaluation;
        struct wcp_text_signature signature;
        struct wcp_comparison comparison;
        char bytes[1024];
    } as;
    struct wcp_error err;
    unsigned num_called;
};

static int32_t
count_removal(void *ctx, const struct wcp_removal *removal)
{
    struct caller *caller = ctx;

    CU_ASSERT_STRING_EQUAL(removal->removed->id, "b");
    CU_ASSERT_STRING_EQUAL(removal->kept->id, "a");
    caller->num_called++;
    return 0;
}

static int32_t
count_run(void *ctx, const struct wcp_run *run)
{
    struct caller *caller = ctx;

    CU_ASSERT_EQUAL(run->in, WCP_IN_BOTH);
    CU_ASSERT_EQUAL(caller->as.comparison.jaccard, 1);
    caller->num_called++;
    return 0;
}

static struct wcp_corpus *
two_copies(void)
{
    struct wcp_corpus *corpus = api_default_corpus();

    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "a", NULL), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "b", NULL), WCP_OK);
    return corpus;
}

static enum wcp_status
call_with_options(struct caller *caller)
{
    struct wcp_options *opts = &caller->as.options;
    size_t size = opts->struct_size;
    struct wcp_corpus *corpus = NULL;
    enum wcp_status status;

    if (size >= SIZE_TO(struct wcp_options, ctx) && size <= sizeof caller->as)
        wcp_options_init(opts, size);
    status = wcp_corpus_new(opts, &corpus, &caller->err);
    if (status == WCP_OK) {
        CU_ASSERT_EQUAL(opts->struct_size, size);
        api_find(corpus, "");
    }
    wcp_corpus_free(corpus);
    return status;
}

static enum wcp_status
call_with_text(struct caller *caller)
{
    struct wcp_corpus *corpus = two_copies();
    struct wcp_text *text = &caller->as.text;
    enum wcp_status status;

    text->text = api_dispatch;
    text->text_len = strlen(api_dispatch);
    text->id = "c";
    text->title = text->source = NULL;
    text->date = "2020-01-01";
    status = wcp_corpus_add_text(corpus, text, &caller->err);
    api_find(corpus, status == WCP_OK ? "c=original a=identical b=identical\n"
                                      : "a=original b=identical\n");
    wcp_corpus_free(corpus);
    return status;
}

static enum wcp_status
call_with_sink(struct caller *caller)
{
    struct wcp_corpus *corpus = two_copies();
    struct wcp_dedup_sink *sink = &caller->as.sink;
    enum wcp_status status;

    sink->on_removed = count_removal;
    sink->on_file = NULL;
    sink->on_bytes = NULL;
    sink->ctx = caller;
    status = wcp_corpus_dedup(corpus, WCP_KEEP_FIRST, sink, &caller->err);
    CU_ASSERT_EQUAL(caller->num_called, status == WCP_OK);
    wcp_corpus_free(corpus);
    return status;
}

static int32_t
count_passage(void *ctx, const struct wcp_passage *passage)
{
    struct caller *caller = ctx;

    CU_ASSERT_EQUAL(passage->num_copies, 2);
    caller->num_called++;
    return 0;
}

static enum wcp_status
call_with_passage_options(struct caller *caller)
{
    struct wcp_passage_options *opts = &caller->as.passage_options;
    size_t size = opts->struct_size;
    struct wcp_corpus *corpus = two_copies();
    enum wcp_status status;

    if (size >= SIZE_TO(struct wcp_passage_options, min_similarity) &&
        size <= sizeof caller->as)
        wcp_passage_options_init(opts, size);
    status =
        wcp_corpus_passages(corpus, opts, count_passage, caller, &caller->err);
    if (status == WCP_OK)
        CU_ASSERT_EQUAL(opts->struct_size, size);
    CU_ASSERT_EQUAL(caller->num_called, status == WCP_OK);
    wcp_corpus_free(corpus);
    return status;
}

static int32_t
count_boilerplate(void *ctx, const struct wcp_boilerplate *boilerplate)
{
    struct caller *caller = ctx;

    CU_ASSERT_EQUAL(boilerplate->documents, 2);
    caller->num_called++;
    return 0;
}

static enum wcp_status
call_with_boilerplate_options(struct caller *caller)
{
    static const char line[] = "All rights in this page are reserved by the "
                               "Selwick Courier and heirs. ";
    struct wcp_boilerplate_options *opts = &caller->as.boilerplate_options;
    size_t size = opts->struct_size;
    struct wcp_corpus *corpus = api_default_corpus();
    char texts[2][1024];
    enum wcp_status status;

    snprintf(texts[0], sizeof texts[0], "%s%s", line, api_dispatch);
    snprintf(texts[1], sizeof texts[1], "%s%s", line, api_stranger);
    CU_ASSERT_EQUAL(api_add(corpus, texts[0], "a", NULL), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, texts[1], "b", NULL), WCP_OK);
    if (size >= SIZE_TO(struct wcp_boilerplate_options, min_documents) &&
        size <= sizeof caller->as) {
        wcp_boilerplate_options_init(opts, size);
        CU_ASSERT_EQUAL(opts->min_documents, 8);
        opts->min_documents = 2;
    }
    status = wcp_corpus_boilerplate(corpus, opts, count_boilerplate, caller,
                                    &caller->err);
    if (status == WCP_OK)
        CU_ASSERT_EQUAL(opts->struct_size, size);
    CU_ASSERT_EQUAL(caller->num_called, status == WCP_OK);
    wcp_corpus_free(corpus);
    return status;
}

static int32_t
count_cut(void *ctx, const struct wcp_cut *cut)
{
    struct caller *caller = ctx;

    CU_ASSERT_STRING_EQUAL(cut->document->id, "b");
    CU_ASSERT_STRING_EQUAL(cut->kept->id, "a");
    caller->num_called++;
    return 0;
}

static enum wcp_status
call_with_cut_sink(struct caller *caller)
{
    struct wcp_corpus *corpus = two_copies();
    struct wcp_cut_sink *sink = &caller->as.cut_sink;
    enum wcp_status status;

    sink->on_cut = count_cut;
    sink->on_file = NULL;
    sink->on_bytes = NULL;
    sink->ctx = caller;
    status = wcp_corpus_cut(corpus, WCP_KEEP_FIRST, NULL, sink, &caller->err);
    CU_ASSERT_EQUAL(caller->num_called, status == WCP_OK);
    wcp_corpus_free(corpus);
    return status;
}

static enum wcp_status
call_with_evaluation(struct caller *caller)
{
    struct wcp_corpus *corpus = two_copies();
    struct wcp_evaluation *evaluation = &caller->as.evaluation;
    enum wcp_status status;

    evaluation->gold_path = NULL;
    evaluation->gold_text = "a\t1\nb\t1\n";
    evaluation->gold_len = 8;
    evaluation->max_mistakes = 0;
    evaluation->on_mistake = NULL;
    evaluation->passages = NULL;
    evaluation->unknown_ids = 99;
    status = wcp_corpus_eval(corpus, evaluation, &caller->err);
    if (status == WCP_OK) {
        CU_ASSERT_EQUAL(evaluation->true_positive, 1);
        CU_ASSERT_EQUAL(evaluation->f1, 1);
    }
    CU_ASSERT_EQUAL(evaluation->unknown_ids, status == WCP_OK ? 0 : 99);
    wcp_corpus_free(corpus);
    return status;
}

static enum wcp_status
call_with_signature(struct caller *caller)
{
    struct wcp_text_signature *sig = &caller->as.signature;
    struct wcp_options opts;
    enum wcp_status status;

    wcp_options_init(&opts, sizeof opts);
    sig->num_shingles = 99;
    status = wcp_sign(&opts, "harrowmere", 10, sig, &caller->err);
    CU_ASSERT_EQUAL(sig->num_shingles, status == WCP_OK ? 3 : 99);
    return status;
}

static enum wcp_status
call_with_comparison(struct caller *caller)
{
    const struct wcp_text text = { .struct_size = sizeof text,
                                   .text = api_dispatch,
                                   .text_len = strlen(api_dispatch) };
    struct wcp_comparison *comparison = &caller->as.comparison;
    struct wcp_options opts;
    enum wcp_status status;

    wcp_options_init(&opts, sizeof opts);
    comparison->on_run = count_run;
    comparison->ctx = caller;
    comparison->sentences = 0;
    comparison->b_length = 99;
    status = wcp_compare(&opts, &text, &text, comparison, &caller->err);
    CU_ASSERT_EQUAL(caller->num_called, status == WCP_OK);
    if (status == WCP_OK)
        CU_ASSERT_EQUAL(comparison->b_length, comparison->a_length);
    CU_ASSERT((comparison->b_length == 99) == (status != WCP_OK));
    return status;
}

static enum wcp_status
call_compare_with_text(struct caller *caller)
{
    const struct wcp_text good = { .struct_size = sizeof good,
                                   .text = "harrowmere",
                                   .text_len = 10 };
    struct wcp_comparison comparison = { .struct_size = sizeof comparison };
    struct wcp_text *text = &caller->as.text;
    struct wcp_options opts;
    struct wcp_error err;
    enum wcp_status status;

    wcp_options_init(&opts, sizeof opts);
    text->text = good.text;
    text->text_len = good.text_len;
    status = wcp_compare(&opts, text, &good, &comparison, &caller->err);
    CU_ASSERT_EQUAL(wcp_compare(&opts, &good, text, &comparison, &err), status);
    CU_ASSERT_EQUAL(comparison.jaccard, status == WCP_OK);
    return status;
}

/* ---- every struct, every kind of size ---- */

static const struct sized {
    const char *name;
    size_t first, size; /* of the first version; of this one */
    /* Calls the library with such a struct; the result must be right if it says
     * that all went well. */
    enum wcp_status (*call)(struct caller *caller);
} structs[] = {
    { "wcp_options", SIZE_TO(struct wcp_options, ctx),
      sizeof(struct wcp_options), call_with_options },
    { "wcp_text", SIZE_TO(struct wcp_text, date), sizeof(struct wcp_text),
      call_with_text },
    { "wcp_text", SIZE_TO(struct wcp_text, date), sizeof(struct wcp_text),
      call_compare_with_text },
    { "wcp_dedup_sink", SIZE_TO(struct wcp_dedup_sink, ctx),
      sizeof(struct wcp_dedup_sink), call_with_sink },
    { "wcp_passage_options",
      SIZE_TO(struct wcp_passage_options, min_similarity),
      sizeof(struct wcp_passage_options), call_with_passage_options },
    { "wcp_boilerplate_options",
      SIZE_TO(struct wcp_boilerplate_options, min_documents),
      sizeof(struct wcp_boilerplate_options), call_with_boilerplate_options },
    { "wcp_cut_sink", SIZE_TO(struct wcp_cut_sink, ctx),
      sizeof(struct wcp_cut_sink), call_with_cut_sink },
    { "wcp_evaluation", SIZE_TO(struct wcp_evaluation, unknown_ids),
      sizeof(struct wcp_evaluation), call_with_evaluation },
    { "wcp_text_signature", SIZE_TO(struct wcp_text_signature, num_shingles),
      sizeof(struct wcp_text_signature), call_with_signature },
    { "wcp_comparison", SIZE_TO(struct wcp_comparison, b_length),
      sizeof(struct wcp_comparison), call_with_comparison },
};
enum { NUM_STRUCTS = sizeof structs / sizeof *structs };

/* What the caller has behind its struct is its own. */
static bool
is_untouched(const struct caller *caller, size_t size)
{
    for (size_t i = size; i < sizeof caller->as; i++)
        if (caller->as.bytes[i] != FILL)
            return false;
    return true;
}

static void
try_size(const struct sized *sized, size_t size, bool good)
{
    struct caller caller = { .num_called = 0 };
    enum wcp_status status;

    memset(&caller.as, FILL, sizeof caller.as);
    caller.as.struct_size = size;
    status = sized->call(&caller);
    CU_ASSERT_EQUAL(status, good ? WCP_OK : WCP_BAD_OPTION);
    if ((status == WCP_OK) != good)
        fprintf(stderr, "%s of %zu bytes: %s\n", sized->name, size,
                caller.err.text);
    if (!good) {
        char said[100];

        CU_ASSERT_EQUAL(caller.err.status, WCP_BAD_OPTION);
        snprintf(said, sizeof said, "struct_size of struct %s must be set",
                 sized->name);
        CU_ASSERT_PTR_NOT_NULL(strstr(caller.err.text, said));
    }
    /* The tests set all fields of this version. */
    CU_ASSERT(is_untouched(&caller, size > sized->size ? size : sized->size));
}

static void
test_too_small(void)
{
    for (int i = 0; i < NUM_STRUCTS; i++) {
        try_size(&structs[i], 0, false);
        try_size(&structs[i], 1, false);
        try_size(&structs[i], sizeof(size_t), false);
        try_size(&structs[i], structs[i].first - 1, false);
    }
}

/* What was never set is an address more often than not. */
static void
test_never_set(void)
{
    for (int i = 0; i < NUM_STRUCTS; i++) {
        try_size(&structs[i], SIZE_MAX, false);
        try_size(&structs[i], (size_t)(uintptr_t)&structs[i], false);
    }
}

static void
test_first_version(void)
{
    for (int i = 0; i < NUM_STRUCTS; i++) {
        try_size(&structs[i], structs[i].first, true);
        try_size(&structs[i], structs[i].size, true);
    }
}

static void
test_later_version(void)
{
    for (int i = 0; i < NUM_STRUCTS; i++)
        try_size(&structs[i], structs[i].size + LATER, true);
}

/* ---- options ---- */

/* What this version does not know of is 0. */
static void
check_init(void (*init)(void *opts, size_t size), size_t known)
{
    struct caller caller;

    memset(&caller.as, FILL, sizeof caller.as);
    init(&caller.as, known + LATER);
    CU_ASSERT_EQUAL(caller.as.struct_size, known + LATER);
    for (size_t i = known; i < known + LATER; i++)
        CU_ASSERT_EQUAL(caller.as.bytes[i], 0);
    CU_ASSERT(is_untouched(&caller, known + LATER));
}

static void
init_options(void *opts, size_t size)
{
    wcp_options_init(opts, size);
}

static void
init_passages(void *opts, size_t size)
{
    wcp_passage_options_init(opts, size);
}

static void
init_boilerplate(void *opts, size_t size)
{
    wcp_boilerplate_options_init(opts, size);
}

static void
test_init(void)
{
    check_init(init_options, sizeof(struct wcp_options));
    check_init(init_passages, sizeof(struct wcp_passage_options));
    check_init(init_boilerplate, sizeof(struct wcp_boilerplate_options));
}

/* Nothing is written behind what the caller has, and nothing is read there. */
static void
test_options_of_an_older_version(void)
{
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    const char *columns;

    memset(&opts, FILL, sizeof opts);
    columns = opts.columns;
    wcp_options_init(&opts, offsetof(struct wcp_options, columns));
    CU_ASSERT_EQUAL(opts.struct_size, offsetof(struct wcp_options, columns));
    CU_ASSERT_EQUAL(opts.distance, 3);
    CU_ASSERT_PTR_EQUAL(opts.columns, columns);
    CU_ASSERT_PTR_EQUAL(opts.skip_path, columns);
    corpus = api_new_corpus(&opts);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "a", NULL), WCP_OK);
    api_find(corpus, "");
    wcp_corpus_free(corpus);
}

/* Fields that this version does not know begin as zero. */
static void
test_options_of_a_later_version(void)
{
    struct caller caller;
    char zero[LATER] = { 0 };

    memset(&caller, FILL, sizeof caller);
    wcp_options_init(&caller.as.options, sizeof(struct wcp_options) + LATER);
    CU_ASSERT_EQUAL(
        memcmp(caller.as.bytes + sizeof(struct wcp_options), zero, sizeof zero),
        0);
    CU_ASSERT(is_untouched(&caller, sizeof(struct wcp_options) + LATER));
}

/* ---- counts ---- */

static void
try_stats(struct wcp_corpus *corpus, size_t size)
{
    size_t end =
        size < sizeof(struct wcp_stats) ? size : sizeof(struct wcp_stats);
    struct caller caller;

    memset(&caller, FILL, sizeof caller);
    caller.as.struct_size = size;
    wcp_corpus_stats(corpus, &caller.as.stats);
    CU_ASSERT_EQUAL(caller.as.struct_size, size);
    CU_ASSERT(is_untouched(&caller, end < sizeof size ? sizeof size : end));
    if (end > offsetof(struct wcp_stats, documents))
        CU_ASSERT_EQUAL(caller.as.stats.documents, 2);
    if (end > offsetof(struct wcp_stats, copies))
        CU_ASSERT_EQUAL(caller.as.stats.copies, 1);
}

static void
test_stats(void)
{
    struct wcp_corpus *corpus = two_copies();

    api_find(corpus, "a=original b=identical\n");
    for (size_t size = 0; size <= sizeof(struct wcp_stats) + LATER; size += 8)
        try_stats(corpus, size);
    wcp_corpus_free(corpus);
}

/* ---- a struct that has grown ---- */

struct grown {
    size_t struct_size;
    uint64_t old, later;
};

/* No struct has grown since its first version but wcp_options: how it will be
 * is tried with one that no function takes. */
static void
test_taking_and_giving(void)
{
    const size_t first = SIZE_TO(struct grown, old);
    struct grown older = { first, 2, 3 }, taken = { 0, 0, 9 };
    struct grown newer = { sizeof newer, 4, 5 };
    struct wcp_fault fault;

    CU_ASSERT_EQUAL(
        wcp_struct_take(&taken, sizeof taken, &older, first, "grown", &fault),
        WCP_CODE_OK);
    CU_ASSERT(taken.old == 2 && taken.later == 9);
    taken = (struct grown){ sizeof taken, 6, 7 };
    wcp_struct_give(&older, &taken, sizeof taken);
    CU_ASSERT(older.struct_size == first);
    CU_ASSERT(older.old == 6 && older.later == 3);

    CU_ASSERT_EQUAL(
        wcp_struct_take(&taken, first, &newer, first, "grown", &fault),
        WCP_CODE_OK);
    CU_ASSERT(taken.old == 4 && taken.later == 7);
    wcp_struct_give(&newer, &older, first);
    CU_ASSERT(newer.struct_size == sizeof newer);
    CU_ASSERT(newer.old == 6 && newer.later == 5);
}

void
suite_growth(void)
{
    CU_pSuite suite = CU_add_suite("growth", NULL, NULL);

    CU_add_test(suite, "too small", test_too_small);
    CU_add_test(suite, "never set", test_never_set);
    CU_add_test(suite, "first version", test_first_version);
    CU_add_test(suite, "later version", test_later_version);
    CU_add_test(suite, "fields that init does not know", test_init);
    CU_add_test(suite, "options of an older version",
                test_options_of_an_older_version);
    CU_add_test(suite, "options of a later version",
                test_options_of_a_later_version);
    CU_add_test(suite, "stats", test_stats);
    CU_add_test(suite, "taking and giving", test_taking_and_giving);
}
