/*
 * test_merge_parts.c - passages that several threads merge are those of one
 */
#include "support.h"

#include "passage/passage.h"

#include <CUnit/CUnit.h>
#include <string.h>

enum {
    STORIES = 300, /* that documents take from */
    STORY = 160,
    DOCUMENTS = 1200,
    MOST = 4 * STORY,
};

struct corpus {
    uint16_t stories[STORIES][STORY];
    uint16_t texts[DOCUMENTS][MOST];
    struct wcp_units units[DOCUMENTS];
    uint32_t counts[DOCUMENTS];
};

static uint16_t
any_unit(struct test_rng *rng)
{
    return (uint16_t)(0x4E00 + test_below(rng, 3000));
}

/* A document: the whole of some stories or a part, with a unit changed here
 * and there, and text of its own between them. */
static void
write_document(struct corpus *c, uint32_t number, struct test_rng *rng)
{
    uint16_t *to = c->texts[number];
    uint32_t num = 0;
    uint64_t stories = 1 + test_below(rng, 3);

    for (uint64_t i = 0; i < stories; i++) {
        const uint16_t *from = c->stories[test_below(rng, STORIES)];
        uint32_t begin = (uint32_t)test_below(rng, 2) * 50;
        uint32_t len = (uint32_t)(60 + test_below(rng, STORY - begin - 59));

        for (uint32_t k = 0; k < len; k++)
            to[num++] =
                test_below(rng, 60) == 0 ? any_unit(rng) : from[begin + k];
        for (uint64_t k = test_below(rng, 20); k > 0; k--)
            to[num++] = any_unit(rng);
    }
    c->units[number] = (struct wcp_units){ to, num, false };
    c->counts[number] = 1 + (test_below(rng, 20) == 0);
}

/* Some stories share a stretch, so that some sets of pairs become one. */
static void
write_corpus(struct corpus *c, struct test_rng *rng)
{
    for (uint32_t i = 0; i < STORIES; i++)
        for (uint32_t k = 0; k < STORY; k++)
            c->stories[i][k] = any_unit(rng);
    for (uint32_t i = 0; i + 1 < STORIES; i += 7)
        memcpy(c->stories[i + 1] + 20, c->stories[i] + 60,
               70 * sizeof(uint16_t));
    for (uint32_t i = 0; i < DOCUMENTS; i++)
        write_document(c, i, rng);
}

static void
find(const struct corpus *c, unsigned num_threads, struct wcp_passages *found)
{
    const struct wcp_passage_limits limits = { 40, 2, .5, num_threads, 0 };

    CU_ASSERT_EQUAL_FATAL(wcp_passages_find(found, &wcp_memory_libc, c->units,
                                            c->counts, DOCUMENTS, &limits,
                                            NULL),
                          WCP_CODE_OK);
}

static bool
are_same_copies(const struct wcp_text_copy *x, const struct wcp_text_copy *y)
{
    return x->text == y->text && x->begin == y->begin && x->end == y->end &&
           memcmp(&x->similarity, &y->similarity, sizeof x->similarity) == 0;
}

static void
compare(const struct wcp_passages *x, const struct wcp_passages *y)
{
    size_t num_different = 0;

    CU_ASSERT_EQUAL_FATAL(x->list.num, y->list.num);
    for (size_t i = 0; i < x->list.num; i++) {
        const struct wcp_text_passage *p = &x->list.at[i], *q = &y->list.at[i];

        CU_ASSERT_EQUAL_FATAL(p->num, q->num);
        num_different +=
            p->num_copies != q->num_copies || p->length != q->length;
        for (size_t k = 0; k < p->num; k++)
            num_different += !are_same_copies(&x->copies.at[p->first + k],
                                              &y->copies.at[q->first + k]);
    }
    CU_ASSERT_EQUAL(num_different, 0);
}

static void
test_threads(void)
{
    struct test_rng rng = { test_seed() };
    struct corpus *c =
        wcp_new_zeroed(&wcp_memory_libc, 1, sizeof(struct corpus));
    struct wcp_passages one, more;

    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    write_corpus(c, &rng);
    find(c, 1, &one);
    CU_ASSERT(one.num_pairs > 1024); /* so that they are divided */
    CU_ASSERT(one.list.num > STORIES);
    for (unsigned t = 2; t <= 5; t += 3) {
        find(c, t, &more);
        compare(&one, &more);
        wcp_passages_release(&more);
    }
    wcp_passages_release(&one);
    wcp_free_array(&wcp_memory_libc, c, 1, sizeof *c);
}

void
suite_merge_parts(void)
{
    CU_pSuite suite = CU_add_suite("merge_parts", NULL, NULL);

    CU_ADD_TEST(suite, test_threads);
}
