/*
 * test_known.c - overlaps that are known against a plain list of them
 */
#include "group/known.h"
#include "made_corpus.h"

enum { NUM_CLASSES = 60 };

static struct wcp_class_pair
make_pair(struct test_rng *rng)
{
    struct wcp_class_pair pair = { .a =
                                       (uint32_t)test_below(rng, NUM_CLASSES) };

    do
        pair.b = (uint32_t)test_below(rng, NUM_CLASSES);
    while (pair.b == pair.a);
    pair.overlap =
        (struct wcp_overlap){ pair.a * pair.b, 1000 + pair.a, 1000 + pair.b };
    return pair;
}

/* Every pair that was told is known from both sides, and no other. */
static void
check_all(const struct wcp_known *known, bool told[][NUM_CLASSES])
{
    size_t num_wrong = 0, num_told = 0;

    for (uint32_t a = 0; a < NUM_CLASSES; a++)
        for (uint32_t b = 0; b < NUM_CLASSES; b++) {
            struct wcp_overlap found = { 1, 2, 3 };

            if (a == b)
                continue;
            num_told += told[a][b];
            if (wcp_known_find(known, a, b, &found) != told[a][b])
                num_wrong++;
            else if (told[a][b])
                num_wrong += found.common != a * b ||
                             found.size_a != 1000 + a ||
                             found.size_b != 1000 + b;
        }
    CU_ASSERT_EQUAL(num_wrong, 0);
    CU_ASSERT_EQUAL(2 * known->num, num_told);
}

static void
test_list(void)
{
    static bool told[NUM_CLASSES][NUM_CLASSES];
    struct test_rng rng = made_rng(9500);
    struct wcp_known known;

    wcp_known_init(&known, &wcp_memory_libc, NUM_CLASSES);
    check_all(&known, told);
    for (int round = 0; round < 40; round++) {
        struct wcp_class_pair pairs[100];
        const size_t num = test_below(&rng, 100);

        for (size_t i = 0; i < num; i++) {
            pairs[i] = make_pair(&rng);
            told[pairs[i].a][pairs[i].b] = told[pairs[i].b][pairs[i].a] = true;
        }
        CU_ASSERT_FATAL(wcp_known_add(&known, pairs, num));
        check_all(&known, told);
    }
    wcp_known_release(&known);
    wcp_known_release(&known);
}

void
suite_known(void)
{
    CU_pSuite suite = CU_add_suite("known", NULL, NULL);

    CU_add_test(suite, "against a list", test_list);
}
