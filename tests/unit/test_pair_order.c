/*
 * test_pair_order.c - pairs of classes are sorted, and none is lost
 */
#include "made_corpus.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
    const struct wcp_class_pair *x = a, *y = b;

    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return (x->relation > y->relation) - (x->relation < y->relation);
}

/* Equal ones may stand in any order. */
static void
check(struct wcp_class_pair *pairs, size_t num, uint64_t number)
{
    struct wcp_class_pair *want = malloc((num + 1) * sizeof *want);

    CU_ASSERT_FATAL(want != NULL);
    memcpy(want, pairs, num * sizeof *want);
    qsort(want, num, sizeof *want, compare);
    wcp_class_pairs_sort(pairs, num);
    for (size_t i = 1; i < num; i++)
        MADE_CHECK(
            pairs[i - 1].a < pairs[i].a ||
                (pairs[i - 1].a == pairs[i].a && pairs[i - 1].b <= pairs[i].b),
            number);
    qsort(pairs, num, sizeof *pairs, compare);
    for (size_t i = 0; i < num; i++)
        MADE_CHECK(compare(&pairs[i], &want[i]) == 0, number);
    free(want);
}

/* Of few values or many, in any order, ascending, descending or both. */
static void
fill(struct wcp_class_pair *pairs, size_t num, unsigned kind,
     struct test_rng *rng)
{
    const uint64_t most = kind == 0 ? 1 : kind == 1 ? 1 + num / 8 : UINT32_MAX;

    for (size_t i = 0; i < num; i++) {
        const size_t at = kind == 4            ? num - i
                          : kind == 5 && i % 2 ? num - i
                                               : i;

        pairs[i] = (struct wcp_class_pair){
            .a = kind < 3 ? (uint32_t)test_below(rng, most) : (uint32_t)at,
            .b = (uint32_t)test_below(rng, most),
            .relation = (int32_t)i,
        };
    }
}

static void
test_sorted(void)
{
    enum { MOST = 3000 };
    struct wcp_class_pair *pairs = malloc(MOST * sizeof *pairs);

    CU_ASSERT_FATAL(pairs != NULL);
    wcp_class_pairs_sort(NULL, 0);
    for (uint64_t n = 0; n < 120; n++) {
        struct test_rng rng = made_rng(9200 + n);
        const size_t num =
            n % 2 == 0 ? test_below(&rng, 40) : test_below(&rng, MOST);

        fill(pairs, num, (unsigned)(n % 6), &rng);
        check(pairs, num, 9200 + n);
    }
    free(pairs);
}

void
suite_pair_order(void)
{
    CU_pSuite suite = CU_add_suite("pair_order", NULL, NULL);

    CU_add_test(suite, "sorted", test_sorted);
}
