/*
 * test_shared_text.c - whether two stories share text, against counting it;
 * samples in memory or not, pairs asked about for the first time or again
 */
#include "group/stories.h"
#include "made_corpus.h"

#include <string.h>

enum { NUM_TEXTS = 1200, LEN = 400 };

/* Random ones, and such as begin or go on like one before. */
static struct wcp_store *
open_store(struct test_rng *rng, size_t most_samples)
{
    static char texts[NUM_TEXTS][LEN];
    const struct wcp_plan plan = made_plan(.8, .99);
    const struct wcp_store_options opts = { .kind = plan.kind,
                                            .num_bands = plan.num_bands,
                                            .num_rows = plan.num_rows,
                                            .num_threads = 1,
                                            .sample = true,
                                            .most_samples = most_samples };
    struct wcp_store *store = NULL;

    CU_ASSERT_FATAL(wcp_store_new(&wcp_memory_libc, &opts, NULL, &store,
                                  NULL) == WCP_CODE_OK);
    for (size_t i = 0; i < NUM_TEXTS; i++) {
        struct wcp_document doc = {
            .text = { texts[i], (size_t)test_below(rng, LEN) },
            .date_ms = WCP_NO_DATE,
        };
        const size_t from = (size_t)test_below(rng, LEN);

        for (size_t k = 0; k < LEN; k++)
            texts[i][k] = (char)('a' + test_below(rng, 26));
        if (i > 0 && test_below(rng, 2) == 0)
            memcpy(texts[i] + from, texts[i - 1] + from, LEN - from);
        else if (i > 0)
            memcpy(texts[i], texts[i - 1], from);
        CU_ASSERT_FATAL(wcp_store_add(store, &doc, NULL) == WCP_CODE_OK);
    }
    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    return store;
}

/* Whether a third of the shorter one's samples are in the other; of equally
 * many, of the first one's. */
static bool
count_shared(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    const struct wcp_entry *x = wcp_class_entry(store, a);
    const struct wcp_entry *y = wcp_class_entry(store, b);
    uint32_t common = 0;

    if (y->num_sample < x->num_sample ||
        (y->num_sample == x->num_sample && wcp_class_precedes(store, b, a))) {
        const struct wcp_entry *z = x;

        x = y;
        y = z;
    }
    for (uint32_t i = 0; i < x->num_sample; i++) {
        uint32_t k = 0;

        while (k < y->num_sample && y->sample[k] != x->sample[i])
            k++;
        common += k < y->num_sample;
    }
    return 3 * common >= x->num_sample;
}

/* Of each text those that stand near it, twice over. */
static void
ask_all(struct wcp_stories *stories, const struct wcp_store *in,
        uint64_t number)
{
    const uint32_t n = in->num_classes;
    size_t num_shared = 0, num_apart = 0;

    for (uint32_t i = 0; i < 2 * n; i++) {
        struct wcp_one_story one = { .story = i % n };

        for (uint32_t k = 1; k < 6; k++) {
            const uint32_t other = (one.story + k) % n;
            const bool shared = count_shared(in, one.story, other);

            MADE_CHECK(wcp_stories_share(stories, &one, other) == shared,
                       number);
            num_shared += shared;
            num_apart += !shared;
        }
        wcp_one_story_release(stories, &one);
    }
    CU_ASSERT(num_shared > 0 && num_apart > 0);
}

static void
test_shares(void)
{
    enum { NUM_CASES = 4 };

    for (uint64_t number = 0; number < NUM_CASES; number++) {
        struct test_rng rng = made_rng(number), same = rng;
        struct wcp_store *in = open_store(&rng, 0);
        struct wcp_store *out = open_store(&same, 1);
        struct wcp_stories stories;

        CU_ASSERT_FATAL(in->sample_file == NULL && out->sample_file != NULL);
        CU_ASSERT_FATAL(wcp_stories_init(&stories, number % 2 == 0 ? in : out,
                                         .8, NULL) == WCP_CODE_OK);
        if (number >= 2) { /* remember; fewer than there are */
            wcp_stories_expect(&stories);
            CU_ASSERT_PTR_NOT_NULL(stories.shared);
        }
        ask_all(&stories, in, number);
        wcp_stories_release(&stories);
        wcp_store_free(in);
        wcp_store_free(out);
    }
}

void suite_shared_text(void);

void
suite_shared_text(void)
{
    CU_pSuite suite = CU_add_suite("shared_text", NULL, NULL);

    CU_add_test(suite, "stories that share text", test_shares);
}
