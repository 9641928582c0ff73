/*
 * test_cut.c - wcp_corpus_cut(), by way of the public header
 */
#include "api_calls.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two stories and what frames them. */
static const char ferry[] =
    "All passengers were taken off the ferry on Tuesday after a fire broke out "
    "in her engine room, and nobody was hurt; the captain had turned the ship "
    "into the wind.";
static const char bridge[] =
    "跨海大桥上午正式通车，大桥全长六公里，双向六车道，原来乘渡轮要一个多小时"
    "的路程，今后开车只要十八分钟。";

struct seen {
    char cuts[2000];
    size_t len;
    char bytes[4000];
    size_t num_bytes;
    unsigned num_files;
    int32_t answer;
};

static int32_t
on_cut(void *ctx, const struct wcp_cut *cut)
{
    struct seen *seen = ctx;

    seen->len += (size_t)snprintf(
        seen->cuts + seen->len, sizeof seen->cuts - seen->len,
        "%s %u-%u (%u-%u) %s %u-%u %.2f %u%s\n", cut->document->id,
        (unsigned)cut->begin, (unsigned)cut->end, (unsigned)cut->char_begin,
        (unsigned)cut->char_end, cut->kept->id, (unsigned)cut->kept_begin,
        (unsigned)cut->kept_end, cut->similarity, (unsigned)cut->passage,
        cut->dropped != 0 ? " dropped" : "");
    return seen->answer;
}

static int32_t
on_bytes(void *ctx, const void *data, size_t len)
{
    struct seen *seen = ctx;

    CU_ASSERT_FATAL(len < sizeof seen->bytes - seen->num_bytes);
    memcpy(seen->bytes + seen->num_bytes, data, len);
    seen->num_bytes += len;
    seen->bytes[seen->num_bytes] = '\0';
    return 0;
}

static int32_t
on_file(void *ctx, const char *path, const void *data, size_t len)
{
    struct seen *seen = ctx;

    CU_ASSERT_PTR_NOT_NULL(path);
    CU_ASSERT_EQUAL(data == NULL, len == 0);
    seen->num_files++;
    return data != NULL ? on_bytes(ctx, data, len) : 0;
}

static struct wcp_corpus *
made_corpus(void)
{
    struct wcp_corpus *corpus = api_default_corpus();
    char text[1000];

    snprintf(text, sizeof text, "Page one.\n%s\n\n%s\n", ferry, bridge);
    CU_ASSERT_EQUAL(api_add(corpus, text, "page", "2020-01-02"), WCP_OK);
    CU_ASSERT_EQUAL(api_add(corpus, bridge, "bridge", "2020-01-01"), WCP_OK);
    snprintf(text, sizeof text, "Ferry: %s", ferry);
    CU_ASSERT_EQUAL(api_add(corpus, text, "ferry", "2020-01-03"), WCP_OK);
    return corpus;
}

static enum wcp_status
cut(struct wcp_corpus *corpus, enum wcp_keep keep, struct seen *seen,
    struct wcp_error *err)
{
    const struct wcp_cut_sink sink = { sizeof sink, on_cut, on_file, on_bytes,
                                       seen };

    seen->len = 0;
    seen->cuts[0] = '\0';
    return wcp_corpus_cut(corpus, keep, NULL, &sink, err);
}

/* Lengths are those of the stories. */
static void
test_keep(void)
{
    struct seen seen = { .answer = 0 };
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_corpus *corpus = made_corpus();
    struct wcp_error err;
    char want[400];
    unsigned f = (unsigned)strlen(ferry), b = (unsigned)strlen(bridge);

    CU_ASSERT_EQUAL(cut(corpus, WCP_KEEP_FIRST, &seen, &err), WCP_OK);
    snprintf(want, sizeof want,
             "bridge 0-%u (0-%u) page %u-%u 1.00 2 dropped\n"
             "ferry 6-%u (6-%u) page 10-%u 1.00 1\n",
             b - 3, b / 3 - 1, 12 + f, 12 + f + b - 3, 7 + f, 7 + f,
             10 + f - 1);
    CU_ASSERT_STRING_EQUAL(seen.cuts, want);
    CU_ASSERT_EQUAL(seen.num_bytes, 0);
    wcp_corpus_stats(corpus, &stats);
    CU_ASSERT_EQUAL(stats.passages, 2);
    CU_ASSERT_EQUAL(stats.passage_copies, 4);
    CU_ASSERT_EQUAL(cut(corpus, WCP_KEEP_EARLIEST, &seen, &err), WCP_OK);
    snprintf(want, sizeof want,
             "page %u-%u (%u-%u) bridge 0-%u 1.00 2\n"
             "ferry 6-%u (6-%u) page 10-%u 1.00 1\n",
             10 + f, 12 + f + b, 10 + f, 12 + f + b / 3, b - 3, 7 + f, 7 + f,
             10 + f - 1);
    CU_ASSERT_STRING_EQUAL(seen.cuts, want);
    CU_ASSERT_EQUAL(cut(corpus, WCP_KEEP_LONGEST, &seen, &err), WCP_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen.cuts, "bridge 0-"));
    wcp_corpus_free(corpus);
}

static void
test_failures(void)
{
    struct seen seen = { .answer = 1 };
    struct wcp_passage_options opts;
    const struct wcp_cut_sink nothing = { .struct_size = sizeof nothing };
    struct wcp_corpus *corpus = made_corpus();
    struct wcp_error err;

    CU_ASSERT_EQUAL(cut(corpus, WCP_KEEP_FIRST, &seen, &err), WCP_STOPPED);
    CU_ASSERT_STRING_EQUAL(err.text, "stopped");
    CU_ASSERT_EQUAL(cut(corpus, (enum wcp_keep)3, &seen, &err), WCP_BAD_OPTION);
    CU_ASSERT_STRING_EQUAL(err.text, "keep must be first, earliest or longest");
    wcp_passage_options_init(&opts, sizeof opts);
    opts.min_length = 7;
    CU_ASSERT_EQUAL(
        wcp_corpus_cut(corpus, WCP_KEEP_FIRST, &opts, &nothing, &err),
        WCP_BAD_OPTION);
    opts.min_length = 1000;
    CU_ASSERT_EQUAL(
        wcp_corpus_cut(corpus, WCP_KEEP_FIRST, &opts, &nothing, NULL), WCP_OK);
    wcp_corpus_free(corpus);
}

/* A path below /tmp with this ending and content. */
static void
write_file(char *path, size_t size, const char *ending, const char *text)
{
    FILE *file;
    int fd;

    snprintf(path, size, "/tmp/wirecopy-cut-XXXXXX%s", ending);
    fd = mkstemps(path, (int)strlen(ending));
    CU_ASSERT_FATAL(fd >= 0);
    file = fdopen(fd, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void
test_files(void)
{
    struct seen seen = { .answer = 0 };
    struct wcp_corpus *corpus = api_default_corpus();
    char text[1000], want[1200], path[2][64];
    struct wcp_error err;

    snprintf(text, sizeof text, "{\"id\":1,\"text\":\"%s\"}\n", ferry);
    write_file(path[0], sizeof path[0], ".jsonl", text);
    snprintf(want, sizeof want, "%s{\"text\":\"Again:\",\"id\":2 }\n", text);
    snprintf(text, sizeof text, "{\"text\":\"Again: %s\",\"id\":2 }\n", ferry);
    write_file(path[1], sizeof path[1], ".jsonl", text);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(wcp_corpus_add_path(corpus, path[i], NULL), WCP_OK);
    CU_ASSERT_EQUAL(cut(corpus, WCP_KEEP_FIRST, &seen, &err), WCP_OK);
    CU_ASSERT_STRING_EQUAL(seen.bytes, want);
    wcp_corpus_free(corpus);
    unlink(path[0]);
    unlink(path[1]);
    write_file(path[0], sizeof path[0], ".txt", ferry);
    snprintf(text, sizeof text, "Und: %s\n", ferry);
    write_file(path[1], sizeof path[1], ".txt", text);
    corpus = api_default_corpus();
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(wcp_corpus_add_path(corpus, path[i], NULL), WCP_OK);
    seen.num_bytes = 0;
    CU_ASSERT_EQUAL(cut(corpus, WCP_KEEP_FIRST, &seen, &err), WCP_OK);
    CU_ASSERT_EQUAL(seen.num_files, 2);
    CU_ASSERT_STRING_EQUAL(seen.bytes, "Und:\n");
    wcp_corpus_free(corpus);
    unlink(path[0]);
    unlink(path[1]);
}

void
suite_cut(void)
{
    CU_pSuite suite = CU_add_suite("cut", NULL, NULL);

    CU_ADD_TEST(suite, test_keep);
    CU_ADD_TEST(suite, test_failures);
    CU_ADD_TEST(suite, test_files);
}
