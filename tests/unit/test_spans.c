/*
 * test_spans.c - found passages against spans, by counting characters one by
 * one; and the lines that say where the spans are
 */
#include "api_calls.h"
#include "support.h"

#include "group/spans.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DOCUMENTS = 4, LENGTH = 120, MOST = 24, NUMBERS = 5 };

struct made {
    struct wcp_text_span spans[MOST];
    size_t num;
};

static void
make_spans(struct test_rng *rng, struct made *made)
{
    made->num = test_below(rng, MOST + 1);
    for (size_t i = 0; i < made->num; i++) {
        uint64_t begin = test_below(rng, LENGTH);
        uint64_t len = 1 + test_below(rng, test_below(rng, 2) ? 12 : 60);

        if (len > LENGTH - begin)
            len = LENGTH - begin;
        made->spans[i] =
            (struct wcp_text_span){ (uint32_t)test_below(rng, DOCUMENTS),
                                    (uint32_t)test_below(rng, NUMBERS), begin,
                                    begin + len };
    }
}

/* ---- the oracle ---- */

static bool
lies_in(const struct made *made, size_t document, uint64_t at)
{
    for (size_t i = 0; i < made->num; i++)
        if (made->spans[i].document == document && made->spans[i].begin <= at &&
            at < made->spans[i].end)
            return true;
    return false;
}

/* How many tenths of a span passage 'number' covers, rounded down. */
static uint64_t
tenths(const struct made *found, uint32_t number,
       const struct wcp_text_span *span)
{
    struct made passage = { .num = 0 };
    uint64_t num = 0;

    for (size_t i = 0; i < found->num; i++)
        if (found->spans[i].number == number)
            passage.spans[passage.num++] = found->spans[i];
    for (uint64_t at = span->begin; at < span->end; at++)
        num += lies_in(&passage, span->document, at);
    return 10 * num / (span->end - span->begin);
}

static bool
is_found(const struct made *gold, const struct made *found, size_t i)
{
    for (uint32_t number = 0; number < NUMBERS; number++)
        for (size_t k = 0; k < gold->num; k++)
            if (k != i && gold->spans[k].number == gold->spans[i].number &&
                tenths(found, number, &gold->spans[i]) >= 9 &&
                tenths(found, number, &gold->spans[k]) >= 9)
                return true;
    return false;
}

static struct wcp_text_spans
list_of(const struct made *made)
{
    struct wcp_text_spans spans = { .mem = &wcp_memory_libc };

    CU_ASSERT_FATAL(wcp_array_reserve(spans.mem, &spans.list, made->num));
    for (size_t i = 0; i < made->num; i++)
        spans.list.at[spans.list.num++] = made->spans[i];
    return spans;
}

static void
test_random_spans(void)
{
    struct test_rng rng = { test_seed() };

    for (int round = 0; round < 2000; round++) {
        struct wcp_span_counts want = { 0 }, counts = { 0 };
        struct wcp_text_spans of_gold, of_found;
        struct made gold, found;

        make_spans(&rng, &gold);
        make_spans(&rng, &found);
        for (size_t i = 0; i < found.num && i < gold.num; i++)
            if (test_below(&rng, 2))
                found.spans[i] = gold.spans[i];
        for (size_t document = 0; document < DOCUMENTS; document++)
            for (uint64_t at = 0; at < LENGTH; at++) {
                bool a = lies_in(&gold, document, at);
                bool b = lies_in(&found, document, at);

                want.gold += a;
                want.found += b;
                want.both += a && b;
            }
        want.spans = gold.num;
        for (size_t i = 0; i < gold.num; i++)
            want.spans_found += is_found(&gold, &found, i);
        of_gold = list_of(&gold);
        of_found = list_of(&found);
        CU_ASSERT_EQUAL(wcp_count_spans(&of_gold, &of_found, &counts, NULL),
                        WCP_CODE_OK);
        CU_ASSERT_EQUAL(counts.gold, want.gold);
        CU_ASSERT_EQUAL(counts.found, want.found);
        CU_ASSERT_EQUAL(counts.both, want.both);
        CU_ASSERT_EQUAL(counts.spans, want.spans);
        CU_ASSERT_EQUAL(counts.spans_found, want.spans_found);
        wcp_text_spans_release(&of_gold);
        wcp_text_spans_release(&of_found);
    }
}

/* ---- by way of the library ---- */

static enum wcp_status
evaluate(const char *gold, struct wcp_evaluation *scores, struct wcp_error *err)
{
    struct wcp_corpus *corpus = api_default_corpus();
    struct wcp_passage_options opts;
    char text[600];
    enum wcp_status status;

    wcp_passage_options_init(&opts, sizeof opts);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "a", NULL), WCP_OK);
    snprintf(text, sizeof text, "Ж: %s", api_dispatch);
    CU_ASSERT_EQUAL(api_add(corpus, text, "b", NULL), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_stranger, "c", NULL), WCP_OK);
    *scores = (struct wcp_evaluation){ .struct_size = sizeof *scores,
                                       .gold_path = "spans.tsv",
                                       .gold_text = gold,
                                       .gold_len = strlen(gold),
                                       .passages = &opts };
    status = wcp_corpus_eval(corpus, scores, err);
    wcp_corpus_free(corpus);
    return status;
}

static void
test_scores(void)
{
    struct wcp_evaluation scores;
    struct wcp_error err;
    char gold[300];
    unsigned len = (unsigned)strlen(api_dispatch) - 1; /* without the stop */

    snprintf(gold, sizeof gold,
             "\xEF\xBB\xBFid\tbegin\tend\tcluster\r\n# both\n\na\t0\t%u\tx\r\n"
             "b\t3\t%u\tx\nc\t0\t10\talone\nd\t0\t5\tx",
             len, 3 + len);
    CU_ASSERT_EQUAL(evaluate(gold, &scores, &err), WCP_OK);
    CU_ASSERT_EQUAL(scores.documents, 3);
    CU_ASSERT_EQUAL(scores.gold, 2 * len);
    CU_ASSERT_EQUAL(scores.found, 2 * len);
    CU_ASSERT_EQUAL(scores.true_positive, 2 * len);
    CU_ASSERT_EQUAL(scores.f1, 1);
    CU_ASSERT(isnan(scores.ari));
    CU_ASSERT_EQUAL(scores.spans, 2);
    CU_ASSERT_EQUAL(scores.spans_found, 2);
    CU_ASSERT_EQUAL(scores.unknown_ids, 1);
    /* Half of a copy, and a span that no passage is in. */
    snprintf(gold, sizeof gold, "a\t0\t%u\tx\nc\t0\t10\tx\n", len / 2);
    CU_ASSERT_EQUAL(evaluate(gold, &scores, &err), WCP_OK);
    CU_ASSERT_EQUAL(scores.gold, len / 2 + 10);
    CU_ASSERT_EQUAL(scores.true_positive, len / 2);
    CU_ASSERT_EQUAL(scores.spans, 2);
    CU_ASSERT_EQUAL(scores.spans_found, 0);
    CU_ASSERT_EQUAL(evaluate("# nothing\n", &scores, &err), WCP_OK);
    CU_ASSERT(isnan(scores.recall));
    CU_ASSERT_EQUAL(scores.precision, 0);
}

static void
test_bad_lines(void)
{
    static const struct {
        const char *gold, *said;
    } cases[] = {
        { "a\t0\t5\n", "spans.tsv:1: 4 fields with tabs between are needed" },
        { "a\t0\t5\tx\ty\n", "spans.tsv:1: 4 fields" },
        { "a\t0\t5\tx\n\nb\t5\t5\tx\n", "spans.tsv:3: begin and end are no" },
        { "id\tbegin\tend\tc\na\tx\t5\tx\n", "spans.tsv:2: begin and end" },
        { "a\t1\t-5\tx\n", "spans.tsv:1: begin and end are no" },
        { "a\t1\t12345678901234567890\tx\n", "spans.tsv:1: begin and end" },
        { "\t1\t5\tx\n", "spans.tsv:1: a field is empty" },
        { "a\t1\t5\t\n", "spans.tsv:1: a field is empty" },
        { "a\t1\t5\tx\nb\t1\t5\t\xFF\n",
          "spans.tsv:2: this line is not UTF-8" },
        { "d\t1\t5\tx\ne\t1\t5\tx\n",
          "no document has any of these ids, such as 'd'" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wcp_evaluation scores;
        struct wcp_error err = { .status = WCP_OK };
        enum wcp_status status = evaluate(cases[i].gold, &scores, &err);

        CU_ASSERT(status == WCP_BAD_RECORD || status == WCP_BAD_TEXT);
        if (strstr(err.text, cases[i].said) == NULL)
            fprintf(stderr, "case %zu: %s\n", i, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].said));
    }
}

void
suite_spans(void)
{
    CU_pSuite suite = CU_add_suite("spans", NULL, NULL);

    CU_ADD_TEST(suite, test_random_spans);
    CU_ADD_TEST(suite, test_scores);
    CU_ADD_TEST(suite, test_bad_lines);
}
