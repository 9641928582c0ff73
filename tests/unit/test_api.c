/*
 * test_api.c - the library as its users see it: options and results
 */
#include "api_calls.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- options ---- */

/* Must be refused with an error that names the option, or taken. */
static void
try_options(const struct wcp_options *opts, const char *name)
{
    struct wcp_corpus *corpus = NULL;
    struct wcp_error err;
    enum wcp_status status;

    memset(&err, 0x55, sizeof err);
    status = wcp_corpus_new(opts, &corpus, &err);
    if (name == NULL) {
        CU_ASSERT_EQUAL(status, WCP_OK);
        CU_ASSERT_EQUAL(err.status, 0x55555555);
        wcp_corpus_free(corpus);
        return;
    }
    CU_ASSERT_EQUAL(status, WCP_BAD_OPTION);
    CU_ASSERT_EQUAL(err.status, WCP_BAD_OPTION);
    CU_ASSERT_EQUAL(err.sys_errno, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, name));
    if (strstr(err.text, name) == NULL)
        fprintf(stderr, "'%s' is not named by '%s'\n", name, err.text);
    CU_ASSERT_PTR_NULL(corpus);
    CU_ASSERT_EQUAL(wcp_corpus_new(opts, &corpus, NULL), WCP_BAD_OPTION);
}

#define TRY(field, value, name)               \
    do {                                      \
        wcp_options_init(&opts, sizeof opts); \
        opts.field = (value);                 \
        try_options(&opts, (name));           \
    } while (0)

static void
test_option_ranges(void)
{
    struct wcp_options opts;

    TRY(signature, -1, "signature");
    TRY(signature, 3, "signature");
    TRY(signature, WCP_MINHASH_CLASSIC, NULL);
    TRY(threshold, 0, "threshold");
    TRY(threshold, 1.001, "threshold");
    TRY(threshold, (double)NAN, "threshold");
    TRY(threshold, (double)INFINITY, "threshold");
    TRY(threshold, 1, NULL);
    TRY(threshold, 1e-9, NULL);
    TRY(threshold, -1e-9, NULL);
    TRY(recall, .499, "recall");
    TRY(recall, .99991, "recall");
    TRY(recall, (double)NAN, "recall");
    TRY(recall, .5, NULL);
    TRY(recall, .9999, NULL);
    TRY(distance, 9, "distance");
    TRY(distance, UINT32_MAX, "distance");
    TRY(distance, 8, NULL);
    TRY(shingle, 65, "shingle");
    TRY(shingle, 64, NULL);
    TRY(threads, 257, "threads");
    TRY(threads, 256, NULL);
    TRY(input_format, -1, "input-format");
    TRY(input_format, 5, "input-format");
    TRY(on_bad_bytes, -1, "on-bad-bytes");
    TRY(on_bad_bytes, 3, "on-bad-bytes");
    TRY(max_document, 0, "max-document");
    TRY(max_document, UINT64_MAX, "max-document");
    TRY(max_document, 1, NULL);
    TRY(text_field, NULL, "text-field");
    TRY(text_field, "", "text-field");
    TRY(encoding, "no-such-encoding", "no-such-encoding");
    TRY(encoding, "gbk", NULL);
    TRY(encoding, NULL, NULL);
}

static void
test_defaults(void)
{
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_corpus *corpus = api_default_corpus();

    wcp_corpus_stats(corpus, &stats);
    CU_ASSERT_EQUAL(stats.bands, 20);
    CU_ASSERT_EQUAL(stats.rows, 6);
    CU_ASSERT(stats.expected_recall >= .99 && stats.expected_recall < 1);
    CU_ASSERT(stats.threads >= 1 && stats.threads <= 256);
    CU_ASSERT_EQUAL(stats.documents, 0);
    api_find(corpus, "");
    api_pairs(corpus, "");
    wcp_corpus_free(corpus);
    wcp_corpus_free(NULL);
}

static void
test_strings_are_copied(void)
{
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    char field[] = "body", name[] = "utf-8", folder[] = "/tmp";

    wcp_options_init(&opts, sizeof opts);
    opts.text_field = opts.id_field = opts.title_field = field;
    opts.date_field = opts.source_field = field;
    opts.encoding = name;
    opts.tmpdir = folder;
    corpus = api_new_corpus(&opts);
    memset(field, 'x', 4);
    memset(name, 'x', 5);
    memset(folder, 'x', 4);
    memset(&opts, 0xEE, sizeof opts);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "a", NULL), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "b", NULL), WCP_OK);
    api_find(corpus, "a=original b=identical\n");
    wcp_corpus_free(corpus);
}

static void
test_names(void)
{
    static const int statuses[] = { WCP_OK,         WCP_NO_MEMORY,
                                    WCP_BAD_OPTION, WCP_BAD_TEXT,
                                    WCP_TOO_LONG,   WCP_BAD_RECORD,
                                    WCP_IO,         WCP_NO_SUPPORT,
                                    WCP_STOPPED,    11 };
    const size_t num = sizeof statuses / sizeof *statuses;

    for (size_t i = 0; i < num; i++)
        for (size_t k = 0; k < i; k++)
            CU_ASSERT_STRING_NOT_EQUAL(
                wcp_status_name((enum wcp_status)statuses[i]),
                wcp_status_name((enum wcp_status)statuses[k]));
    CU_ASSERT_STRING_EQUAL(wcp_relation_text(WCP_REPRINT), "reprint");
    CU_ASSERT_PTR_NOT_NULL(wcp_relation_text((enum wcp_relation)99));
}

/* ---- results ---- */

static void
test_find_and_pairs(void)
{
    struct wcp_corpus *corpus = api_default_corpus();
    struct wcp_stats stats = { .struct_size = sizeof stats };

    CU_ASSERT_EQUAL(api_add(corpus, api_reprint, "late", "2020-01-03"), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_stranger, "other", "2020-01-01"),
                    WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "same", "2020-01-02"),
                    WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "first", "2020-01-01"),
                    WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, "...", "empty", "2020-01-01"), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, "", "empty", "yesterday"), WCP_OK);
    api_find(corpus, "first=original same=identical late=reprint\n");
    api_pairs(corpus,
              "first-same=identical\nfirst-late=reprint\nsame-late=reprint\n");
    api_find(corpus, "first=original same=identical late=reprint\n");
    wcp_corpus_stats(corpus, &stats);
    CU_ASSERT_EQUAL(stats.documents, 6);
    CU_ASSERT_EQUAL(stats.empty, 2);
    CU_ASSERT_EQUAL(stats.texts, 3);
    CU_ASSERT_EQUAL(stats.skipped, 0);
    CU_ASSERT_EQUAL(stats.repaired, 0);
    CU_ASSERT_EQUAL(stats.bad_dates, 1);
    CU_ASSERT_EQUAL(stats.equal_ids, 1);
    CU_ASSERT_EQUAL(stats.candidates, 2);
    CU_ASSERT_EQUAL(stats.groups, 1);
    CU_ASSERT_EQUAL(stats.copies, 2);
    CU_ASSERT_EQUAL(stats.pairs, 3);
    CU_ASSERT(stats.verified >= 1);
    CU_ASSERT(stats.shingles > 300);
    CU_ASSERT(stats.read_seconds >= 0 && stats.link_seconds >= 0 &&
              stats.verify_seconds >= 0);
    wcp_corpus_free(corpus);
}

static void
test_bytes_of_added_texts_are_counted(void)
{
    struct wcp_corpus *corpus = api_default_corpus();
    struct wcp_stats stats = { .struct_size = sizeof stats };

    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "a", NULL), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_reprint, "b", NULL), WCP_OK);
    api_find(corpus, "a=original b=reprint\n");
    wcp_corpus_stats(corpus, &stats);
    CU_ASSERT_EQUAL(stats.bytes, strlen(api_dispatch) + strlen(api_reprint));
    wcp_corpus_free(corpus);
}

/* The Jaccard index is below both containments: what meets the threshold is a
 * reprint, however much of it is in the other. */
static void
test_parts_that_meet_the_threshold(void)
{
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    char cut[300] = "";

    memcpy(cut, api_dispatch, strlen(api_dispatch) * 7 / 10);
    wcp_options_init(&opts, sizeof opts);
    opts.threshold = .6;
    corpus = api_new_corpus(&opts);
    api_add(corpus, api_dispatch, "whole", "2020-01-01");
    api_add(corpus, cut, "part", "2020-01-02");
    api_find(corpus, "whole=original part=reprint\n");
    api_pairs(corpus, "whole-part=reprint\n");
    wcp_corpus_free(corpus);
    opts.threshold = .75;
    corpus = api_new_corpus(&opts);
    api_add(corpus, api_dispatch, "whole", "2020-01-01");
    api_add(corpus, cut, "part", "2020-01-02");
    api_find(corpus, "whole=original part=abridged\n");
    api_pairs(corpus, "whole-part=abridged\n");
    wcp_corpus_free(corpus);
    opts.relations = 1u << WCP_IDENTICAL | 1u << WCP_REPRINT;
    corpus = api_new_corpus(&opts);
    api_add(corpus, api_dispatch, "whole", "2020-01-01");
    api_add(corpus, cut, "part", "2020-01-02");
    api_find(corpus, "");
    api_pairs(corpus, "");
    wcp_corpus_free(corpus);
}

static int32_t
check_measures(void *ctx, const struct wcp_pair *pair)
{
    int *num = ctx;

    ++*num;
    CU_ASSERT_EQUAL(pair->a->number, 2);
    CU_ASSERT_EQUAL(pair->b->number, 1);
    CU_ASSERT_STRING_EQUAL(pair->a->id, "2");
    CU_ASSERT_STRING_EQUAL(pair->a->title, "title");
    CU_ASSERT_EQUAL(pair->a->title_len, 5);
    CU_ASSERT_STRING_EQUAL(pair->a->source, "");
    CU_ASSERT_STRING_EQUAL(pair->a->date, "2020-01-01");
    CU_ASSERT_PTR_NULL(pair->b->title);
    CU_ASSERT_PTR_NULL(pair->b->date);
    CU_ASSERT_PTR_NULL(pair->a->path);
    CU_ASSERT_EQUAL(pair->a->line, 0);
    /* abcdefghij has the windows of eight abcdefgh, bcdefghi, cdefghij;
     * abcdefghi has the first two. */
    CU_ASSERT_DOUBLE_EQUAL(pair->jaccard, 2. / 3, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(pair->a_in_b, 2. / 3, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(pair->b_in_a, 1, 1e-12);
    return 0;
}

static void
test_what_is_handed_out(void)
{
    const struct wcp_text text = { .struct_size = sizeof text,
                                   .text = "abc-defg-hij",
                                   .text_len = 12,
                                   .title = "title",
                                   .source = "",
                                   .date = "2020-01-01" };
    struct wcp_options opts;
    struct wcp_corpus *corpus;
    int num = 0;

    wcp_options_init(&opts, sizeof opts);
    opts.threshold = .05;
    corpus = api_new_corpus(&opts);
    CU_ASSERT_EQUAL(api_add(corpus, "ABCDEFGHI", NULL, NULL), WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_add_text(corpus, &text, NULL), WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_pairs(corpus, check_measures, &num, NULL),
                    WCP_OK);
    CU_ASSERT_EQUAL(num, 1);
    wcp_corpus_free(corpus);
}

static void
test_every_signature(void)
{
    for (int32_t signature = WCP_MINHASH; signature <= WCP_SIMHASH;
         signature++) {
        struct wcp_options opts;
        struct wcp_corpus *corpus;

        wcp_options_init(&opts, sizeof opts);
        opts.signature = signature;
        opts.distance = 8;
        corpus = api_new_corpus(&opts);
        api_add(corpus, api_stranger, "c", NULL);
        api_add(corpus, api_reprint, "b", NULL);
        api_add(corpus, api_dispatch, "a", NULL);
        api_find(corpus, "a=original b=reprint\n");
        api_pairs(corpus, "a-b=reprint\n");
        wcp_corpus_free(corpus);
    }
}

/* ---- order of calls ---- */

static void
test_adding_after_results(void)
{
    const struct wcp_text text = { .struct_size = sizeof text,
                                   .text = "x",
                                   .text_len = 1 };
    struct wcp_corpus *corpus = api_default_corpus();
    struct wcp_error err;

    api_add(corpus, api_dispatch, "a", NULL);
    api_find(corpus, "");
    memset(&err, 0, sizeof err);
    CU_ASSERT_EQUAL(wcp_corpus_add_text(corpus, &text, &err), WCP_BAD_OPTION);
    CU_ASSERT_EQUAL(err.status, WCP_BAD_OPTION);
    CU_ASSERT(err.text[0] != '\0');
    CU_ASSERT_EQUAL(wcp_corpus_add_path(corpus, "/tmp", &err), WCP_BAD_OPTION);
    api_find(corpus, "");
    wcp_corpus_free(corpus);
}

static void
test_callbacks_that_stop(void)
{
    struct wcp_corpus *corpus = api_default_corpus();
    struct api_printed printed = { .answer = 1, .good = true };
    struct wcp_error err = { 0 };

    api_add(corpus, api_dispatch, "a1", NULL);
    api_add(corpus, api_dispatch, "a2", NULL);
    api_add(corpus, api_stranger, "b1", NULL);
    api_add(corpus, api_stranger, "b2", NULL);
    CU_ASSERT_EQUAL(wcp_corpus_find(corpus, api_print_group, &printed, &err),
                    WCP_STOPPED);
    CU_ASSERT_EQUAL(err.status, WCP_STOPPED);
    CU_ASSERT_EQUAL(printed.num, 1);
    printed.num = 0;
    CU_ASSERT_EQUAL(wcp_corpus_pairs(corpus, api_print_pair, &printed, NULL),
                    WCP_STOPPED);
    CU_ASSERT_EQUAL(printed.num, 1);
    api_find(corpus, "a1=original a2=identical\nb1=original b2=identical\n");
    api_pairs(corpus, "a1-a2=identical\nb1-b2=identical\n");
    wcp_corpus_free(corpus);
}

/* Documents as they were handed out, "1 a" each. */
struct handed {
    char text[200];
    size_t len;
    unsigned most; /* then it stops */
};

static int32_t
note_document(void *ctx, const struct wcp_document_info *document)
{
    struct handed *handed = ctx;

    handed->len += (size_t)snprintf(
        handed->text + handed->len, sizeof handed->text - handed->len,
        "%u %s%s\n", (unsigned)document->number, document->id,
        document->date_ms == INT64_MIN ? "" : " dated");
    return --handed->most == 0;
}

static void
test_documents(void)
{
    struct wcp_corpus *corpus = api_default_corpus();
    struct handed handed = { .most = 100 }, first = { .most = 2 };

    CU_ASSERT_EQUAL(api_add(corpus, api_reprint, "late", "2020-01-03"), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, "...", "empty", "yesterday"), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_dispatch, "first", NULL), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, api_stranger, "first", NULL), WCP_OK);
    CU_ASSERT_EQUAL(wcp_corpus_documents(corpus, note_document, &handed, NULL),
                    WCP_OK);
    CU_ASSERT_STRING_EQUAL(handed.text,
                           "1 late dated\n2 empty\n3 first\n4 first\n");
    CU_ASSERT_EQUAL(wcp_corpus_documents(corpus, note_document, &first, NULL),
                    WCP_STOPPED);
    CU_ASSERT_STRING_EQUAL(first.text, "1 late dated\n2 empty\n");
    /* Results can be asked for as before. */
    api_find(corpus, "late=original first=reprint\n");
    wcp_corpus_free(corpus);
}

void
suite_api(void)
{
    CU_pSuite suite = CU_add_suite("api", NULL, NULL);

    CU_add_test(suite, "option ranges", test_option_ranges);
    CU_add_test(suite, "defaults", test_defaults);
    CU_add_test(suite, "strings are copied", test_strings_are_copied);
    CU_add_test(suite, "names", test_names);
    CU_add_test(suite, "find and pairs", test_find_and_pairs);
    CU_add_test(suite, "documents", test_documents);
    CU_add_test(suite, "bytes of added texts",
                test_bytes_of_added_texts_are_counted);
    CU_add_test(suite, "parts that meet the threshold",
                test_parts_that_meet_the_threshold);
    CU_add_test(suite, "what is handed out", test_what_is_handed_out);
    CU_add_test(suite, "every signature", test_every_signature);
    CU_add_test(suite, "adding after results", test_adding_after_results);
    CU_add_test(suite, "callbacks that stop", test_callbacks_that_stop);
}
