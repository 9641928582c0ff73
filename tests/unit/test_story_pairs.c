/*
 * test_story_pairs.c - pairs of stories against a plain table of them
 */
#include "group/known.h"
#include "made_corpus.h"

#include <string.h>

enum { NUM_CLASSES = 50, NOTHING = -100 };

/* What each pair of classes should be, a < b. */
struct expected {
    int32_t relation[NUM_CLASSES][NUM_CLASSES]; /* NOTHING: no pair */
    bool wanted[NUM_CLASSES][NUM_CLASSES];
    uint32_t common[NUM_CLASSES][NUM_CLASSES];
};

static uint32_t
size_of(uint32_t c)
{
    return 1000 + 7 * c;
}

static struct wcp_overlap
overlap_of(const struct expected *expected, uint32_t a, uint32_t b)
{
    const int32_t relation = expected->relation[a][b];

    if (relation == WCP_PAIR_NEW || relation == WCP_PAIR_APART)
        return (struct wcp_overlap){ 0, 0, 0 };
    return (struct wcp_overlap){ expected->common[a][b], size_of(a),
                                 size_of(b) };
}

static bool
is_same(const struct wcp_overlap *x, const struct wcp_overlap *y)
{
    return x->common == y->common && x->size_a == y->size_a &&
           x->size_b == y->size_b;
}

/* Whether a pair reads as it should, and is known if it was compared. */
static bool
is_right(const struct wcp_story_pairs *pairs, const struct expected *expected,
         uint32_t a, uint32_t b, size_t place)
{
    const struct wcp_class_pair pair = wcp_story_pair(pairs, place);
    const struct wcp_overlap overlap = overlap_of(expected, a, b);
    struct wcp_overlap known = { 0, 0, 0 };
    const bool is_known = wcp_story_overlap(pairs, b, a, &known);

    return pair.a == a && pair.b == b &&
           pair.relation == expected->relation[a][b] &&
           is_same(&pair.overlap, &overlap) &&
           wcp_story_is_wanted(pairs, place) == expected->wanted[a][b] &&
           is_known == (overlap.size_a > 0) &&
           (!is_known ||
            (known.common == overlap.common && known.size_a == size_of(b) &&
             known.size_b == size_of(a)));
}

/* All pairs in order, each where it is looked for, and no others. */
static void
check_pairs(const struct wcp_story_pairs *pairs,
            const struct expected *expected)
{
    size_t num = 0, num_wrong = 0, place = 0;

    for (uint32_t a = 0; a < NUM_CLASSES; a++)
        for (uint32_t b = a + 1; b < NUM_CLASSES; b++) {
            const bool is_there = expected->relation[a][b] != NOTHING;

            if (wcp_story_pairs_find(pairs, a, b, &place) != is_there)
                num_wrong++;
            else if (is_there)
                num_wrong +=
                    place != num++ || !is_right(pairs, expected, a, b, place);
        }
    CU_ASSERT_EQUAL(num_wrong, 0);
    CU_ASSERT_EQUAL(wcp_story_pairs_num(pairs), num);
}

/* The edges of each class lead to all it is paired with, ascending. */
static void
check_edges(const struct wcp_story_pairs *pairs,
            const struct expected *expected)
{
    size_t num_wrong = 0;

    for (uint32_t c = 0; c < NUM_CLASSES; c++) {
        uint32_t i = 0;

        for (uint32_t other = 0; other < NUM_CLASSES; other++) {
            const uint32_t a = c < other ? c : other, b = c < other ? other : c;
            size_t place = 0;

            if (c == other || expected->relation[a][b] == NOTHING)
                continue;
            if (i == wcp_num_edges(pairs, c)) {
                num_wrong++;
                continue;
            }
            wcp_story_pairs_find(pairs, a, b, &place);
            num_wrong += wcp_edge_other(pairs, c, i) != other ||
                         wcp_edge_place(pairs, c, i) != place ||
                         wcp_edge_pair(pairs, c, i).a != a ||
                         wcp_edge_pair(pairs, c, i).b != b;
            i++;
        }
        num_wrong += i != wcp_num_edges(pairs, c);
    }
    CU_ASSERT_EQUAL(num_wrong, 0);
}

/* Add pairs, some of them twice, in either direction, or there already. */
static void
add(struct wcp_story_pairs *pairs, struct expected *expected,
    struct test_rng *rng)
{
    struct wcp_inclusions inclusions = { .mem = &wcp_memory_libc };
    uint8_t changed[NUM_CLASSES] = { 0 }, should[NUM_CLASSES] = { 0 };
    const size_t num = test_below(rng, 3) == 0 ? 0 : test_below(rng, 120);

    CU_ASSERT_FATAL(
        wcp_array_reserve(inclusions.mem, &inclusions.list, num + 1));
    for (size_t i = 0; i < num; i++) {
        const uint32_t x = (uint32_t)test_below(rng, NUM_CLASSES);
        const uint32_t y = (uint32_t)test_below(rng, NUM_CLASSES);
        int32_t *relation = &expected->relation[x < y ? x : y][x < y ? y : x];

        if (x == y)
            continue;
        inclusions.list.at[inclusions.list.num++] =
            (struct wcp_inclusion){ .whole = x, .part = y };
        if (*relation == NOTHING) {
            *relation = WCP_PAIR_NEW;
            should[x] = should[y] = 1;
        }
    }
    CU_ASSERT_TRUE(wcp_story_pairs_add(pairs, &inclusions, changed));
    CU_ASSERT_EQUAL(memcmp(changed, should, sizeof changed), 0);
    wcp_inclusions_release(&inclusions);
}

/* Find out something of some pairs. */
static void
change(struct wcp_story_pairs *pairs, struct expected *expected,
       struct test_rng *rng)
{
    uint32_t a = 0;

    for (size_t place = 0; place < wcp_story_pairs_num(pairs); place++) {
        struct wcp_class_pair pair = wcp_story_pair_from(pairs, &a, place);
        int32_t *relation = &expected->relation[pair.a][pair.b];
        const bool is_new = *relation == WCP_PAIR_NEW;

        if (test_below(rng, 3) == 0) {
            expected->wanted[pair.a][pair.b] = test_below(rng, 2) == 0;
            wcp_story_want(pairs, place, expected->wanted[pair.a][pair.b]);
        }
        if (is_new && test_below(rng, 3) == 0) {
            *relation = WCP_PAIR_APART;
            wcp_story_relate(pairs, place, *relation);
        } else if (is_new && test_below(rng, 2) == 0) {
            *relation = WCP_PAIR_COMPARED;
            expected->common[pair.a][pair.b] =
                1 + (uint32_t)test_below(rng, 900);
            pair.overlap = overlap_of(expected, pair.a, pair.b);
            wcp_story_compared(pairs, place, &pair);
        } else if (!is_new && *relation != WCP_PAIR_APART) {
            *relation = WCP_PAIR_JUDGED +
                        (int32_t)test_below(rng, WCP_REL_NUM_KINDS + 1);
            wcp_story_relate(pairs, place, *relation);
        }
    }
}

static void
test_table(void)
{
    static struct expected expected;
    struct test_rng rng = made_rng(9600);

    for (int run = 0; run < 20; run++) {
        struct wcp_story_pairs pairs;

        memset(&expected, 0, sizeof expected);
        for (size_t a = 0; a < NUM_CLASSES; a++)
            for (size_t b = 0; b < NUM_CLASSES; b++)
                expected.relation[a][b] = NOTHING;
        wcp_story_pairs_init(&pairs, &wcp_memory_libc, NUM_CLASSES);
        check_pairs(&pairs, &expected);
        CU_ASSERT_EQUAL(wcp_num_edges(&pairs, 0), 0);
        for (int round = 0; round < 4; round++) {
            add(&pairs, &expected, &rng);
            check_pairs(&pairs, &expected);
            if (wcp_story_pairs_num(&pairs) > 0)
                check_edges(&pairs, &expected);
            change(&pairs, &expected, &rng);
            check_pairs(&pairs, &expected);
        }
        wcp_story_pairs_release(&pairs);
    }
}

/* What these say of an overlap is known, and is not taken in again. */
static void
test_known(void)
{
    const struct wcp_class_pair told[] = {
        { .a = 3, .b = 5, .overlap = { 40, 90, 80 } },
        { .a = 4, .b = 5, .overlap = { 30, 70, 80 } },
    };
    struct wcp_inclusions inclusions = { .mem = &wcp_memory_libc };
    uint8_t changed[NUM_CLASSES] = { 0 };
    struct wcp_story_pairs pairs;
    struct wcp_known known;
    struct wcp_overlap found;

    wcp_story_pairs_init(&pairs, &wcp_memory_libc, NUM_CLASSES);
    CU_ASSERT_FATAL(wcp_array_reserve(inclusions.mem, &inclusions.list, 1));
    inclusions.list.at[inclusions.list.num++] =
        (struct wcp_inclusion){ .whole = 3, .part = 5 };
    CU_ASSERT_TRUE(wcp_story_pairs_add(&pairs, &inclusions, changed));
    wcp_known_init(&known, &wcp_memory_libc, NUM_CLASSES);
    known.pairs = &pairs;
    CU_ASSERT_FALSE(wcp_known_find(&known, 5, 3, &found));
    wcp_story_compared(&pairs, 0, &told[0]);
    CU_ASSERT_TRUE(wcp_known_add(&known, told, 2));
    CU_ASSERT_EQUAL(known.num, 1);
    CU_ASSERT_TRUE(wcp_known_find(&known, 5, 3, &found));
    CU_ASSERT_EQUAL(found.common, 40);
    CU_ASSERT_EQUAL(found.size_a, 80);
    CU_ASSERT_TRUE(wcp_known_find(&known, 4, 5, &found));
    CU_ASSERT_EQUAL(found.common, 30);
    CU_ASSERT_FALSE(wcp_known_find(&known, 3, 4, &found));
    wcp_known_release(&known);
    wcp_story_pairs_release(&pairs);
}

void
suite_story_pairs(void)
{
    CU_pSuite suite = CU_add_suite("story_pairs", NULL, NULL);

    CU_add_test(suite, "against a table", test_table);
    CU_add_test(suite, "what is known of them", test_known);
}
