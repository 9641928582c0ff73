/*
 * test_components.c - classes linked by buckets against repeated levelling
 */
#include "oracle_match.h"

#include <stdlib.h>

static const unsigned thread_counts[] = { 1, 2, 8 };

/* A store of planted keys, and what it points to. */
struct planted {
    struct wcp_store store;
    uint32_t *labels;
};

static void
plant(struct planted *planted, uint32_t num, unsigned num_bands)
{
    struct wcp_store *store = &planted->store;

    *planted = (struct planted){ 0 };
    store->mem = &wcp_memory_libc;
    store->opts.kind = WCP_SIG_MINHASH;
    store->opts.num_bands = num_bands;
    store->num_classes = num;
    store->keys = malloc(((size_t)num * num_bands + 1) * sizeof *store->keys);
    store->class_begins = malloc((num + 1) * sizeof *store->class_begins);
    planted->labels = malloc((num + 1) * sizeof *planted->labels);
    if (!store->keys || !store->class_begins || !planted->labels)
        abort();
}

static void
uproot(struct planted *planted)
{
    free(planted->store.keys);
    free(planted->store.class_begins);
    free(planted->labels);
}

/* Look for the components with all numbers of threads. */
static void
check_store(struct wcp_store *store, const struct wcp_plan *plan,
            const uint32_t *labels, uint64_t number)
{
    for (size_t i = 0; i < sizeof thread_counts / sizeof *thread_counts; i++) {
        struct wcp_components components;
        enum wcp_code code;

        store->opts.num_threads = thread_counts[i];
        code = wcp_components_find(&components, store, plan, NULL);
        MADE_CHECK(code == WCP_CODE_OK, number);
        if (code != WCP_CODE_OK)
            continue;
        MADE_CHECK(oracle_components_agree(&components, store, labels), number);
        wcp_components_release(&components);
        MADE_CHECK(components.classes == NULL && components.num == 0, number);
    }
}

/* Keys out of 'range' different ones, spread over all 32 bits or not. */
static void
check_planted(uint32_t num, unsigned num_bands, uint32_t range, uint64_t number)
{
    struct test_rng rng = made_rng(number);
    struct wcp_plan plan = { .kind = WCP_SIG_MINHASH, .num_bands = num_bands };
    uint32_t spread = test_below(&rng, 2) ? 0x9E3779B1u : 1;
    struct planted planted;

    plant(&planted, num, num_bands);
    for (size_t i = 0; i < (size_t)num * num_bands; i++)
        planted.store.keys[i] = (uint32_t)test_below(&rng, range) * spread;
    planted.store.class_begins[0] = 0;
    for (uint32_t c = 0; c < num; c++)
        planted.store.class_begins[c + 1] =
            planted.store.class_begins[c] + 1 + (test_below(&rng, 5) == 0);
    oracle_label_by_keys(planted.store.keys, num_bands, num, planted.labels);
    check_store(&planted.store, &plan, planted.labels, number);
    uproot(&planted);
}

static void
test_planted_keys(void)
{
    static const uint32_t nums[] = { 0, 1, 2, 3, 15, 16, 17, 64, 65, 300 };
    uint64_t number = 100;

    for (size_t i = 0; i < sizeof nums / sizeof *nums; i++)
        for (uint32_t range = 1; range < 3000; range *= 7)
            for (unsigned bands = 1; bands < 8; bands += 3)
                check_planted(nums[i], bands, range, number++);
}

/* Sizes around those where the keys are parted once and several times. */
static void
test_many_classes(void)
{
    static const uint32_t nums[] = { 4095, 16384, 16385, 32768, 70001 };
    uint64_t number = 200;

    for (size_t i = 0; i < sizeof nums / sizeof *nums; i++) {
        check_planted(nums[i], 3, nums[i] * 4, number++);
        check_planted(nums[i], 2, 3, number++);
    }
}

/* Every class is linked to the next in one of two bands: one component. */
static void
test_long_chain(void)
{
    enum { NUM = 5000 };
    struct wcp_plan plan = { .kind = WCP_SIG_MINHASH, .num_bands = 2 };
    struct planted planted;

    plant(&planted, NUM, 2);
    for (uint32_t c = 0; c < NUM; c++) {
        planted.store.keys[c] = c / 2 * 0x10001u;
        planted.store.keys[NUM + c] = (c + 1) / 2 * 0x10001u;
        planted.store.class_begins[c] = c;
        planted.labels[c] = 0;
    }
    planted.store.class_begins[NUM] = NUM;
    check_store(&planted.store, &plan, planted.labels, 0);
    uproot(&planted);
}

static void
test_made_texts(void)
{
    static const double thresholds[] = { .3, .5, .8, 1 };

    for (uint64_t number = 300; number < 312; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan = made_plan(thresholds[number % 4], .99);
        struct made_corpus corpus = { 0 };
        struct wcp_store *store;
        uint32_t *labels;

        made_corpus_random(&corpus, &rng, test_below(&rng, 120),
                           1 + test_below(&rng, 30));
        store = made_store(&corpus, &plan);
        labels = malloc((store->num_classes + 1) * sizeof *labels);
        oracle_label_by_keys(store->keys, plan.num_bands, store->num_classes,
                             labels);
        check_store(store, &plan, labels, number);
        free(labels);
        wcp_store_free(store);
        made_corpus_release(&corpus);
    }
}

/* ---- disjoint sets ---- */

enum { NUM_ELEMENTS = 2000, NUM_JOINS = 1500 };

struct joining {
    _Atomic uint32_t parents[NUM_ELEMENTS];
    uint32_t pairs[NUM_JOINS][2];
};

static void
join_pair(void *ctx, unsigned thread, size_t i)
{
    struct joining *joining = ctx;

    (void)thread;
    wcp_sets_join(joining->parents, joining->pairs[i][0], joining->pairs[i][1]);
}

static void
test_sets_by_many_threads(void)
{
    static struct joining joining;
    static uint32_t labels[NUM_ELEMENTS];

    for (uint64_t number = 400; number < 402; number++) {
        struct test_rng rng = made_rng(number);

        for (uint32_t c = 0; c < NUM_ELEMENTS; c++)
            joining.parents[c] = c;
        for (size_t i = 0; i < NUM_JOINS; i++) {
            uint32_t *pair = joining.pairs[i];

            pair[0] = (uint32_t)test_below(&rng, NUM_ELEMENTS);
            pair[1] = (uint32_t)test_below(&rng, NUM_ELEMENTS);
        }
        wcp_parallel_for(8, NUM_JOINS, 1, join_pair, &joining);
        for (uint32_t c = 0; c < NUM_ELEMENTS; c++)
            labels[c] = c;
        for (bool changed = true; changed;) {
            changed = false;
            for (size_t i = 0; i < NUM_JOINS; i++) {
                uint32_t *a = &labels[joining.pairs[i][0]];
                uint32_t *b = &labels[joining.pairs[i][1]];

                changed |= *a != *b;
                *a = *b = *a < *b ? *a : *b;
            }
        }
        for (uint32_t c = 0; c < NUM_ELEMENTS; c++)
            MADE_CHECK(wcp_sets_root(joining.parents, c) == labels[c], number);
    }
}

void
suite_components(void)
{
    CU_pSuite suite = CU_add_suite("components", NULL, NULL);

    CU_add_test(suite, "planted keys", test_planted_keys);
    CU_add_test(suite, "many classes", test_many_classes);
    CU_add_test(suite, "a long chain", test_long_chain);
    CU_add_test(suite, "made texts", test_made_texts);
    CU_add_test(suite, "sets joined by many threads",
                test_sets_by_many_threads);
}
