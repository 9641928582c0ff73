/*
 * test_sample_file.c - samples that leave memory alone, against those that stay
 */
#include "made_corpus.h"
#include "match/match.h"
#include "store/chunk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_DOCUMENTS = 4000, MOST_LEN = 200 };

struct texts {
    char at[MOST_DOCUMENTS][MOST_LEN];
    unsigned num;
};

/* More than is put away at once, some of them several times, or most of one in
 * another. */
static void
make_texts(struct texts *texts, struct test_rng *rng)
{
    texts->num = 1100 + (unsigned)test_below(rng, MOST_DOCUMENTS - 1100);
    for (unsigned i = 0; i < texts->num; i++) {
        const size_t len = (size_t)test_below(rng, MOST_LEN);

        for (size_t k = 0; k < len; k++)
            texts->at[i][k] = (char)('a' + test_below(rng, 26));
        texts->at[i][len] = '\0';
        if (i % 3 == 2)
            memcpy(texts->at[i], texts->at[test_below(rng, i)], MOST_LEN);
        if (i % 3 == 1)
            memcpy(texts->at[i], texts->at[i - 1],
                   strlen(texts->at[i - 1]) * 3 / 4);
    }
}

static struct wcp_store *
fill_store(const struct texts *texts, size_t most, struct wcp_quota *disk)
{
    const struct wcp_plan plan = made_plan(.8, .99);
    const struct wcp_store_options opts = { .kind = plan.kind,
                                            .num_bands = plan.num_bands,
                                            .num_rows = plan.num_rows,
                                            .num_threads = 1,
                                            .sample = true,
                                            .disk = disk,
                                            .most_samples = most };
    struct wcp_store *store = NULL;

    CU_ASSERT_FATAL(wcp_store_new(&wcp_memory_libc, &opts, NULL, &store,
                                  NULL) == WCP_CODE_OK);
    for (unsigned i = 0; i < texts->num; i++) {
        const struct wcp_document doc = {
            .text = { texts->at[i], strlen(texts->at[i]) },
            .date_ms = WCP_NO_DATE,
        };

        CU_ASSERT_FATAL(wcp_store_add(store, &doc, NULL) == WCP_CODE_OK);
    }
    return store;
}

static struct wcp_store *
open_store(const struct texts *texts, size_t most)
{
    struct wcp_store *store = fill_store(texts, most, NULL);

    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    return store;
}

static size_t
count_samples(const struct wcp_store *store)
{
    size_t num = 0;

    for (uint32_t i = 0; i < store->num_documents; i++)
        num += store->entries[i].num_sample;
    return num;
}

/* Of all classes in order, then of some in any. */
static bool
same_samples(const struct wcp_store *in, const struct wcp_store *out,
             struct test_rng *rng)
{
    struct wcp_sample_range range = { 0 };
    bool same = in->num_classes == out->num_classes;

    for (uint32_t i = 0; same && i < 2 * in->num_classes; i++) {
        const uint32_t c = i < in->num_classes
                               ? i
                               : (uint32_t)test_below(rng, in->num_classes);
        const uint32_t num = wcp_class_num_sample(in, c);
        const uint32_t *samples = wcp_class_sample(out, c, &range);

        same = num == wcp_class_num_sample(out, c) &&
               (num == 0 || (samples != NULL &&
                             memcmp(samples, wcp_class_entry(in, c)->sample,
                                    num * sizeof *samples) == 0));
    }
    wcp_sample_range_release(out, &range);
    return same && wcp_samples_check(out, NULL) == WCP_CODE_OK;
}

static int
compare_inclusions(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct wcp_inclusion));
}

/* Which texts seem to lie in others, in some order; by what is asked of all or
 * of every other one. */
static enum wcp_code
find_inclusions(struct wcp_store *store, bool nearly, bool all,
                struct wcp_inclusions *found)
{
    struct wcp_sample_index *index = NULL;
    uint8_t *asked = calloc(store->num_classes, 1);
    enum wcp_code code;

    CU_ASSERT_FATAL(asked != NULL);
    for (uint32_t c = 0; c < store->num_classes; c++)
        asked[c] = all || c % 2 == 0;
    code = nearly ? wcp_nearly_in_find(found, store, &index, asked, .5, NULL,
                                       NULL, NULL)
                  : wcp_inclusions_find(found, store, &index, asked, .8, NULL,
                                        NULL, NULL);
    if (code == WCP_CODE_OK && found->list.num > 0)
        qsort(found->list.at, found->list.num, sizeof *found->list.at,
              compare_inclusions);
    wcp_sample_index_free(index);
    free(asked);
    return code;
}

static bool
same_inclusions(struct wcp_store *in, struct wcp_store *out, uint64_t number)
{
    struct wcp_inclusions x = { 0 }, y = { 0 };
    const bool nearly = number % 2 == 1, all = number % 4 < 2;
    bool same = find_inclusions(in, nearly, all, &x) == WCP_CODE_OK &&
                find_inclusions(out, nearly, all, &y) == WCP_CODE_OK;

    same = same && x.list.num > 0 && x.list.num == y.list.num &&
           memcmp(x.list.at, y.list.at, x.list.num * sizeof *x.list.at) == 0;
    wcp_inclusions_release(&x);
    wcp_inclusions_release(&y);
    return same;
}

/* ---- tests ---- */

static void
test_file_alone(void)
{
    enum { NUM_CASES = 12 };
    struct texts *texts = malloc(sizeof *texts);

    CU_ASSERT_FATAL(texts != NULL);
    for (uint64_t number = 0; number < NUM_CASES; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_store *in, *out;
        size_t total, most;

        make_texts(texts, &rng);
        in = open_store(texts, 0);
        CU_ASSERT_PTR_NULL(in->sample_file);
        total = count_samples(in);
        most = number == 0 ? total : 1 + (size_t)test_below(&rng, total - 1);
        out = open_store(texts, most);
        MADE_CHECK((out->sample_file == NULL) == (most == total), number);
        MADE_CHECK(same_samples(in, out, &rng), number);
        out->opts.num_threads = 1 + (unsigned)(number % 3);
        MADE_CHECK(same_inclusions(in, out, number), number);
        wcp_store_free(in);
        wcp_store_free(out);
    }
    free(texts);
}

/* Where there is no room for all of them they come back. */
static void
test_full_disk(void)
{
    enum { NUM_CASES = 6 };
    struct texts *texts = malloc(sizeof *texts);
    unsigned num_full = 0;

    CU_ASSERT_FATAL(texts != NULL);
    for (uint64_t number = 0; number < NUM_CASES; number++) {
        struct test_rng rng = made_rng(100 + number);
        struct wcp_quota disk = { 0 };
        struct wcp_store *in, *out;
        uint64_t left;

        make_texts(texts, &rng);
        in = open_store(texts, 0);
        out = fill_store(texts, 1, &disk);
        CU_ASSERT_FATAL(out->sample_file != NULL);
        left = (count_samples(in) - out->sample_file->num) * sizeof(uint32_t);
        disk.limit = disk.used + test_below(&rng, left + 1);
        CU_ASSERT_FATAL(wcp_store_close(out, NULL, NULL) == WCP_CODE_OK);
        MADE_CHECK((disk.refused > 0) == (out->sample_file == NULL), number);
        MADE_CHECK(same_samples(in, out, &rng), number);
        num_full += disk.refused > 0;
        wcp_store_free(in);
        wcp_store_free(out);
    }
    CU_ASSERT(num_full > 0);
    free(texts);
}

/* Where the disk is limited, it is kept for what has to go there. */
static void
test_limited_disk(void)
{
    struct texts *texts = malloc(sizeof *texts);
    struct wcp_quota disk = { .limit = UINT64_C(1) << 30 };
    struct test_rng rng = made_rng(300);
    struct wcp_store *store;

    CU_ASSERT_FATAL(texts != NULL);
    make_texts(texts, &rng);
    store = fill_store(texts, 1, &disk);
    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_PTR_NULL(store->sample_file);
    wcp_store_free(store);
    free(texts);
}

/* What cannot be read is said at the end. */
static void
test_broken_file(void)
{
    struct texts *texts = malloc(sizeof *texts);
    struct test_rng rng = made_rng(200);
    struct wcp_sample_range range = { 0 };
    struct wcp_inclusions found = { 0 };
    struct wcp_store *store;
    uint32_t c = 0;

    CU_ASSERT_FATAL(texts != NULL);
    make_texts(texts, &rng);
    store = open_store(texts, 1);
    CU_ASSERT_FATAL(store->sample_file != NULL);
    CU_ASSERT_FATAL(ftruncate(store->sample_file->fd, 0) == 0);
    while (wcp_class_num_sample(store, c) == 0)
        c++;
    CU_ASSERT_PTR_NULL(wcp_class_sample(store, c, &range));
    CU_ASSERT_EQUAL(find_inclusions(store, false, true, &found), WCP_CODE_IO);
    CU_ASSERT_EQUAL(wcp_samples_check(store, NULL), WCP_CODE_IO);
    wcp_sample_range_release(store, &range);
    wcp_store_free(store);
    free(texts);
}

void suite_sample_file(void);

void
suite_sample_file(void)
{
    CU_pSuite suite = CU_add_suite("sample_file", NULL, NULL);

    CU_add_test(suite, "samples in a file alone", test_file_alone);
    CU_add_test(suite, "a disk that is too small", test_full_disk);
    CU_add_test(suite, "a disk that is limited", test_limited_disk);
    CU_add_test(suite, "a file that cannot be read", test_broken_file);
}
