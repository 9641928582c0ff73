/*
 * test_sample_bits.c - long lists counted in bits, against one by one
 */
#include "made_corpus.h"
#include "match/sample_index.h"

#include <stdlib.h>
#include <string.h>

/* ---- counts ---- */

enum { MOST_CLASSES = 10000, MOST_LISTS = 63 };

struct counts {
    uint32_t least;
    uint32_t want[MOST_CLASSES]; /* 0 once it was visited */
    uint32_t next;               /* class that may come */
    bool wrong;
};

static void
visit(void *ctx, uint32_t c, uint32_t num)
{
    struct counts *counts = ctx;

    if (c < counts->next || c >= MOST_CLASSES || num != counts->want[c]) {
        counts->wrong = true;
        return;
    }
    counts->want[c] = 0;
    counts->next = c + 1;
}

static void
check_counts(struct test_rng *rng, struct counts *counts, uint64_t number)
{
    const size_t num_classes = 1 + (size_t)test_below(rng, MOST_CLASSES);
    const size_t num_lists = 1 + (size_t)test_below(rng, MOST_LISTS);
    struct wcp_sample_bits bits = { .num_words = (num_classes + 63) / 64 };
    const struct wcp_sample_visit wanted = { counts->least, visit, counts };
    const uint64_t *lists[MOST_LISTS];
    uint64_t *words = calloc(num_lists * bits.num_words, sizeof *words);
    const uint64_t one_in = 1 + test_below(rng, 3);

    CU_ASSERT_FATAL(words != NULL);
    memset(counts->want, 0, sizeof counts->want);
    for (size_t i = 0; i < num_lists; i++) {
        uint64_t *list = words + i * bits.num_words;

        lists[i] = list;
        for (size_t c = 0; c < num_classes; c++)
            if (test_below(rng, one_in) == 0) {
                list[c / 64] |= UINT64_C(1) << c % 64;
                counts->want[c]++;
            }
    }
    wcp_sample_bits_visit(&bits, lists, num_lists, &wanted);
    MADE_CHECK(!counts->wrong, number);
    for (size_t c = 0; c < num_classes; c++)
        MADE_CHECK(counts->want[c] < counts->least, number);
    free(words);
}

static void
test_counts(void)
{
    enum { NUM_CASES = 30 };
    struct counts *counts = malloc(sizeof *counts);

    CU_ASSERT_FATAL(counts != NULL);
    for (uint64_t number = 0; number < NUM_CASES; number++) {
        struct test_rng rng = made_rng(number);

        counts->least = 1 + (uint32_t)test_below(&rng, MOST_LISTS);
        counts->next = 0;
        counts->wrong = false;
        check_counts(&rng, counts, number);
    }
    free(counts);
}

/* ---- a crowd ---- */

enum { NUM_TEXTS = 1500, FRAME = 400, OWN = 120, LEN = FRAME + OWN };

static void
random_letters(struct test_rng *rng, char *text, size_t num)
{
    for (size_t i = 0; i < num; i++)
        text[i] = (char)('a' + test_below(rng, 26));
}

/* Two forms that are filled in, and other texts, some of which hold a form. */
static struct wcp_store *
open_store(struct test_rng *rng)
{
    const struct wcp_plan plan = made_plan(.8, .99);
    const struct wcp_store_options opts = { .kind = plan.kind,
                                            .num_bands = plan.num_bands,
                                            .num_rows = plan.num_rows,
                                            .num_threads = 2,
                                            .sample = true };
    struct wcp_store *store = NULL;
    char forms[2][FRAME], text[3 * LEN];

    random_letters(rng, forms[0], FRAME);
    random_letters(rng, forms[1], FRAME);
    CU_ASSERT_FATAL(wcp_store_new(&wcp_memory_libc, &opts, NULL, &store,
                                  NULL) == WCP_CODE_OK);
    for (size_t i = 0; i < NUM_TEXTS; i++) {
        const uint64_t kind = test_below(rng, 20);
        struct wcp_document doc = { .date_ms = WCP_NO_DATE };

        random_letters(rng, text, sizeof text);
        if (kind < 18)
            memcpy(text, forms[kind % 2 == 0], FRAME);
        /* A word of the form is another one. */
        if (kind < 18)
            random_letters(rng, text + test_below(rng, FRAME - 9), 9);
        doc.text = (struct wcp_string){
            text, kind < 18 ? FRAME + (size_t)test_below(rng, OWN)
                            : (size_t)test_below(rng, sizeof text)
        };
        CU_ASSERT_FATAL(wcp_store_add(store, &doc, NULL) == WCP_CODE_OK);
    }
    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    return store;
}

static int
compare_inclusions(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct wcp_inclusion));
}

static void
find(struct wcp_store *store, struct wcp_sample_index **index,
     struct wcp_inclusions *found)
{
    CU_ASSERT_FATAL(wcp_inclusions_find(found, store, index, NULL, .8, NULL,
                                        NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(found->list.num > NUM_TEXTS);
    qsort(found->list.at, found->list.num, sizeof *found->list.at,
          compare_inclusions);
}

static void
test_crowd(void)
{
    enum { MADE = 1, NO_ROOM = 2, NUM_CASES = 4 };

    for (uint64_t number = 0; number < NUM_CASES; number++) {
        struct test_rng rng = made_rng(100 + number);
        struct wcp_store *store = open_store(&rng);
        struct wcp_sample_index *index = NULL;
        struct wcp_inclusions x = { 0 }, y = { 0 };

        find(store, &index, &x);
        MADE_CHECK(atomic_load(&index->bits.state) == MADE, number);
        MADE_CHECK(index->bits.num > 10, number);
        atomic_store(&index->bits.state, NO_ROOM);
        find(store, &index, &y);
        MADE_CHECK(x.list.num == y.list.num &&
                       memcmp(x.list.at, y.list.at,
                              x.list.num * sizeof *x.list.at) == 0,
                   number);
        wcp_inclusions_release(&x);
        wcp_inclusions_release(&y);
        wcp_sample_index_free(index);
        wcp_store_free(store);
    }
}

void suite_sample_bits(void);

void
suite_sample_bits(void)
{
    CU_pSuite suite = CU_add_suite("sample_bits", NULL, NULL);

    CU_add_test(suite, "classes in many lists", test_counts);
    CU_add_test(suite, "a form that many fill in", test_crowd);
}
