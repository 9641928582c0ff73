/*
 * test_simhash_tables.c - SimHashes joined by tables against all pairs
 */
#include "oracle_match.h"

#include <stdlib.h>

/* Turn over exactly 'num' bits, anywhere or side by side. */
static uint64_t
flip(struct test_rng *rng, uint64_t value, unsigned num)
{
    unsigned first = (unsigned)test_below(rng, 64);
    bool together = test_below(rng, 3) == 0;
    uint64_t bits = 0;

    for (unsigned done = 0; done < num;) {
        unsigned at =
            together ? (first + done) % 64 : (unsigned)test_below(rng, 64);

        done += !(bits >> at & 1);
        bits |= UINT64_C(1) << at;
    }
    return value ^ bits;
}

static void
plant(uint64_t *simhashes, uint32_t num, struct test_rng *rng)
{
    static const uint64_t corners[] = { 0, UINT64_MAX, UINT64_C(1) << 63, 1 };

    for (uint32_t c = 0; c < num; c++) {
        uint64_t kind = test_below(rng, 10);

        if (c == 0 || kind < 3)
            simhashes[c] = test_random(rng);
        else if (kind < 9) /* near any earlier one: chains grow */
            simhashes[c] = flip(rng, simhashes[test_below(rng, c)],
                                (unsigned)test_below(rng, 12));
        else
            simhashes[c] = corners[test_below(rng, 4)];
    }
}

static void
check_join(struct wcp_store *store, unsigned distance, uint64_t number)
{
    uint32_t num = store->num_classes;
    _Atomic uint32_t *parents = malloc((num + 1) * sizeof *parents);
    uint32_t *labels = malloc((num + 1) * sizeof *labels);
    bool agree = true;

    if (!parents || !labels)
        abort();
    for (uint32_t c = 0; c < num; c++)
        parents[c] = c;
    MADE_CHECK(wcp_simhash_join(store, distance, parents, NULL) == WCP_CODE_OK,
               number);
    oracle_label_by_distance(store->simhashes, num, distance, labels);
    for (uint32_t c = 0; c < num; c++)
        agree &= wcp_sets_root(parents, c) == labels[c];
    MADE_CHECK(agree, number);
    free(parents);
    free(labels);
}

static void
test_all_distances(void)
{
    static const uint32_t nums[] = { 0, 1, 2, 3, 40, 150 };
    static uint64_t simhashes[150];
    struct wcp_store store = { .mem = &wcp_memory_libc,
                               .simhashes = simhashes };
    uint64_t number = 500;

    store.opts.kind = WCP_SIG_SIMHASH;
    for (unsigned distance = 0; distance <= WCP_DISTANCE_MAX; distance++)
        for (size_t i = 0; i < sizeof nums / sizeof *nums; i++)
            for (unsigned threads = 1; threads < 9; threads += 7) {
                struct test_rng rng = made_rng(number);

                store.num_classes = nums[i];
                store.opts.num_threads = threads;
                plant(simhashes, nums[i], &rng);
                check_join(&store, distance, number++);
            }
}

/* One pair at each way to spread the bits: every choice of blocks matters. */
static void
test_pairs_alone(void)
{
    uint64_t simhashes[2];
    struct wcp_store store = { .mem = &wcp_memory_libc,
                               .simhashes = simhashes,
                               .num_classes = 2 };

    store.opts.num_threads = 1;
    for (uint64_t number = 600; number < 1500; number++) {
        struct test_rng rng = made_rng(number);
        unsigned distance = (unsigned)test_below(&rng, WCP_DISTANCE_MAX + 1);
        unsigned differ = distance + (unsigned)test_below(&rng, 2);
        _Atomic uint32_t parents[2];

        parents[0] = 0;
        parents[1] = 1;
        simhashes[0] = test_random(&rng);
        simhashes[1] = flip(&rng, simhashes[0], differ);
        MADE_CHECK(wcp_simhash_join(&store, distance, parents, NULL) ==
                       WCP_CODE_OK,
                   number);
        MADE_CHECK((wcp_sets_root(parents, 1) == 0) == (differ <= distance),
                   number);
    }
}

/*
 * So many that more and longer blocks pay.  All pairs are too many to compare
 * here: pairs are planted among random values, which are far from all others.
 */
static void
test_many_values(void)
{
    enum { NUM = 30000, PAIRS = 3000 };
    static const unsigned distances[] = { 3, 8 };
    static uint64_t simhashes[NUM];
    static _Atomic uint32_t parents[NUM];
    struct wcp_store store = { .mem = &wcp_memory_libc,
                               .simhashes = simhashes,
                               .num_classes = NUM };

    store.opts.num_threads = 2;
    for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
        struct test_rng rng = made_rng(1600 + i);
        bool complete = true;
        uint32_t num_joined = 0;

        for (uint32_t c = 0; c < NUM; c++) {
            simhashes[c] =
                c < NUM - PAIRS
                    ? test_random(&rng)
                    : flip(&rng, simhashes[c - NUM + PAIRS], distances[i]);
            parents[c] = c;
        }
        MADE_CHECK(wcp_simhash_join(&store, distances[i], parents, NULL) ==
                       WCP_CODE_OK,
                   1600 + i);
        for (uint32_t c = NUM - PAIRS; c < NUM; c++)
            complete &= wcp_sets_root(parents, c) ==
                        wcp_sets_root(parents, c - NUM + PAIRS);
        MADE_CHECK(complete, 1600 + i);
        for (uint32_t c = 0; c < NUM; c++)
            num_joined += wcp_sets_root(parents, c) != c;
        /* Two random values are within 8 bits once in three thousand million
         * pairs: a few strays at most. */
        MADE_CHECK(num_joined >= PAIRS && num_joined < PAIRS + 10, 1600 + i);
    }
}

static void
test_components_of_texts(void)
{
    for (uint64_t number = 1700; number < 1706; number++) {
        struct test_rng rng = made_rng(number);
        struct wcp_plan plan =
            made_simhash_plan(-1, (unsigned)test_below(&rng, 9));
        struct made_corpus corpus = { 0 };
        struct wcp_components components;
        struct wcp_store *store;
        uint32_t *labels;

        made_corpus_random(&corpus, &rng, 100, 12);
        store = made_store(&corpus, &plan);
        labels = malloc((store->num_classes + 1) * sizeof *labels);
        oracle_label_by_distance(store->simhashes, store->num_classes,
                                 plan.distance, labels);
        MADE_CHECK(wcp_components_find(&components, store, &plan, NULL) ==
                       WCP_CODE_OK,
                   number);
        MADE_CHECK(oracle_components_agree(&components, store, labels), number);
        wcp_components_release(&components);
        free(labels);
        wcp_store_free(store);
        made_corpus_release(&corpus);
    }
}

void
suite_simhash_tables(void)
{
    CU_pSuite suite = CU_add_suite("simhash_tables", NULL, NULL);

    CU_add_test(suite, "all distances", test_all_distances);
    CU_add_test(suite, "pairs alone", test_pairs_alone);
    CU_add_test(suite, "many values", test_many_values);
    CU_add_test(suite, "components of texts", test_components_of_texts);
}
