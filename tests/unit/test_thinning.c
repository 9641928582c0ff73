/*
 * test_thinning.c - what of crowds is listed, by its definition and all pairs
 *
 * A form that very many fill in, a text that many quote and pages that hold it,
 * in memory and not.
 */
#include "made_corpus.h"

#include <stdlib.h>
#include <string.h>

enum { MANY = 64, MOST_ALIKE = 8, EARLIEST = 16 };

static void
add(struct made_corpus *corpus, struct test_rng *rng,
    const struct made_text *text, unsigned per_mille, size_t num_own)
{
    struct made_text edited = { 0 }, own = { 0 };
    char *a, *b;

    made_text_copy(&edited, text);
    made_text_edit(&edited, rng, per_mille);
    made_text_random(&own, rng, MADE_ENGLISH, num_own);
    a = made_text_utf8(&edited);
    b = made_text_utf8(&own);
    a = realloc(a, strlen(a) + strlen(b) + 2);
    strcat(strcat(a, " "), b);
    made_corpus_add(corpus, a, "", WCP_NO_DATE);
    free(b);
    made_text_release(&edited);
    made_text_release(&own);
}

/* Issues of a form of any length, and a story with texts that hold it and as
 * much again, or ten times as much. */
static void
make_corpus(struct made_corpus *corpus, struct test_rng *rng)
{
    const size_t num_issues = 50 + test_below(rng, 60);
    struct made_text form = { 0 }, story = { 0 };

    made_text_random(&form, rng, MADE_ENGLISH, 500);
    made_text_random(&story, rng, MADE_ENGLISH, 300);
    for (size_t i = 0; i < num_issues; i++)
        add(corpus, rng, &form, 3, 20 + test_below(rng, 90));
    for (size_t i = 0; i < 10; i++) /* cuts */
        form.num -= 30, add(corpus, rng, &form, 1, 10);
    add(corpus, rng, &story, 0, 0);
    for (size_t i = 0; i < 80; i++)
        add(corpus, rng, &story, 1, i % 2 ? 280 : 3000);
    made_corpus_shuffle(corpus, rng);
    made_text_release(&form);
    made_text_release(&story);
}

/* ---- by definition ---- */

struct question {
    const struct wcp_store *store;
    uint32_t *ranks;
    uint32_t multiplier; /* of classes, to be their ranks */
};

static uint32_t
rank_of(const struct question *q, uint32_t c)
{
    return c % 7 == 3 ? UINT32_MAX : c * q->multiplier % 65537;
}

static bool
rank(const void *ctx, const uint32_t *asked, uint32_t *ranks)
{
    const struct question *q = ctx;

    for (uint32_t c = 0; c < q->store->num_classes; c++)
        ranks[c] = asked[c] != 0 ? rank_of(q, c) : c; /* not looked at */
    return true;
}

static bool
is_near(const struct question *q, const struct wcp_inclusion *found)
{
    return wcp_class_units(q->store, found->whole) <
           4 * (wcp_class_units(q->store, found->part) + 1);
}

/* How many near ones have that part, or whole. */
static size_t
count(const struct question *q, const struct wcp_inclusions *all, uint32_t part,
      uint32_t whole)
{
    size_t num = 0;

    for (size_t i = 0; i < all->list.num; i++)
        num +=
            (all->list.at[i].part == part || all->list.at[i].whole == whole) &&
            is_near(q, &all->list.at[i]);
    return num;
}

static bool
in_crowd(const struct question *q, const struct wcp_inclusions *all, size_t i)
{
    const struct wcp_inclusion *its = &all->list.at[i];

    return is_near(q, its) && count(q, all, its->part, UINT32_MAX) > MANY &&
           count(q, all, UINT32_MAX, its->whole) > MANY;
}

/* How many of the part's crowd come before this one. */
static size_t
num_more_alike(const struct question *q, const struct wcp_inclusions *all,
               const bool *crowded, size_t i)
{
    const struct wcp_inclusion *x = &all->list.at[i], *y;
    size_t num = 0;

    for (size_t k = 0; k < all->list.num; k++) {
        y = &all->list.at[k];
        num += crowded[k] && y->part == x->part &&
               rank_of(q, y->whole) != UINT32_MAX &&
               (y->common > x->common ||
                (y->common == x->common &&
                 rank_of(q, y->whole) < rank_of(q, x->whole)));
    }
    return num;
}

/* How many different ones of the crowd around the later of the two come before
 * the earlier one. */
static size_t
num_earlier(const struct question *q, const struct wcp_inclusions *all,
            const bool *crowded, size_t i)
{
    const struct wcp_inclusion *x = &all->list.at[i], *y;
    const bool part_first = rank_of(q, x->part) < rank_of(q, x->whole);
    const uint32_t first = part_first ? x->part : x->whole;
    const uint32_t later = part_first ? x->whole : x->part;
    uint8_t *seen = calloc(q->store->num_classes, 1);
    size_t num = 0;

    for (size_t k = 0; k < all->list.num; k++) {
        y = &all->list.at[k];
        if (crowded[k] && rank_of(q, y->whole) != UINT32_MAX &&
            (y->part == later || y->whole == later)) {
            const uint32_t other = y->part == later ? y->whole : y->part;

            num += rank_of(q, other) < rank_of(q, first) && !seen[other];
            seen[other] = 1;
        }
    }
    free(seen);
    return num;
}

static uint64_t
key_of(const struct wcp_inclusion *found)
{
    return found->part < found->whole
               ? (uint64_t)found->part << 32 | found->whole
               : (uint64_t)found->whole << 32 | found->part;
}

static int
compare_keys(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Pairs, each once; how many. */
static size_t
sort_pairs(uint64_t *keys, size_t num)
{
    size_t kept = 0;

    qsort(keys, num, sizeof *keys, compare_keys);
    for (size_t i = 0; i < num; i++)
        if (i == 0 || keys[i] != keys[i - 1])
            keys[kept++] = keys[i];
    return kept;
}

/* The pairs that are to be listed, from malloc(); *num_ret of them. */
static uint64_t *
list_wanted(const struct question *q, const struct wcp_inclusions *all,
            size_t *num_ret)
{
    uint64_t *keys = malloc((all->list.num + 1) * sizeof *keys);
    bool *crowded = malloc(all->list.num + 1);
    size_t num = 0;

    for (size_t i = 0; i < all->list.num; i++)
        crowded[i] = in_crowd(q, all, i);
    for (size_t i = 0; i < all->list.num; i++) {
        const struct wcp_inclusion *its = &all->list.at[i];

        if (!crowded[i] || (rank_of(q, its->whole) != UINT32_MAX &&
                            (num_more_alike(q, all, crowded, i) < MOST_ALIKE ||
                             num_earlier(q, all, crowded, i) < EARLIEST)))
            keys[num++] = key_of(its);
    }
    free(crowded);
    *num_ret = sort_pairs(keys, num);
    return keys;
}

/* ---- cases ---- */

static void
check(struct wcp_store *store, const struct question *q,
      const struct wcp_inclusion_question *asking, const uint64_t *want,
      size_t num_want)
{
    struct wcp_sample_index *index = NULL;
    struct wcp_inclusions found;
    uint64_t *keys;
    size_t num;

    CU_ASSERT_FATAL(wcp_inclusions_find_thinned(&found, store, &index, asking,
                                                NULL) == WCP_CODE_OK);
    keys = malloc((found.list.num + 1) * sizeof *keys);
    for (size_t i = 0; i < found.list.num; i++)
        keys[i] = key_of(&found.list.at[i]);
    num = sort_pairs(keys, found.list.num);
    MADE_CHECK(num == num_want, q->multiplier);
    MADE_CHECK(num != num_want || memcmp(keys, want, num * sizeof *keys) == 0,
               q->multiplier);
    free(keys);
    wcp_sample_index_free(index);
    wcp_inclusions_release(&found);
}

/* The same documents in a store that has next to no memory. */
static void
check_out(const struct made_corpus *corpus, const struct question *q,
          const struct wcp_inclusion_question *asking, const uint64_t *want,
          size_t num_want)
{
    const struct wcp_plan plan = made_plan(.8, .99);
    struct wcp_quota memory = { .limit = UINT64_C(1) << 30 }, disk = { 0 };
    struct wcp_store *store;

    CU_ASSERT_FATAL(made_store_fill(&wcp_memory_libc, corpus, &plan, &store) ==
                    WCP_CODE_OK);
    store->opts.memory = &memory;
    store->opts.disk = &disk;
    store->opts.num_threads = 2;
    atomic_store(&store->spilling, true);
    CU_ASSERT_FATAL(wcp_store_close(store, NULL, NULL) == WCP_CODE_OK);
    memory.limit = 1;
    check(store, q, asking, want, num_want);
    wcp_store_free(store);
}

static void
test_by_definition(void)
{
    const struct wcp_plan plan = made_plan(.8, .99);
    size_t num_left_out = 0;

    for (uint32_t number = 9301; number < 9305; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        struct wcp_sample_index *index = NULL;
        struct question q = { .multiplier = 2 * number + 1 };
        const struct wcp_inclusion_question asking = { NULL, .8, NULL, rank,
                                                       &q };
        struct wcp_inclusions all;
        struct wcp_store *store;
        uint64_t *want;
        size_t num_want;

        make_corpus(&corpus, &rng);
        store = made_store(&corpus, &plan);
        q.store = store;
        CU_ASSERT_FATAL(wcp_inclusions_find(&all, store, &index, NULL, .8, NULL,
                                            NULL, NULL) == WCP_CODE_OK);
        want = list_wanted(&q, &all, &num_want);
        num_left_out += all.list.num > 2 * num_want;
        check(store, &q, &asking, want, num_want);
        check_out(&corpus, &q, &asking, want, num_want);
        free(want);
        wcp_inclusions_release(&all);
        wcp_sample_index_free(index);
        wcp_store_free(store);
        made_corpus_release(&corpus);
    }
    CU_ASSERT(num_left_out > 0);
}

void
suite_thinning(void)
{
    CU_pSuite suite = CU_add_suite("thinning", NULL, NULL);

    CU_add_test(suite, "by definition", test_by_definition);
}
