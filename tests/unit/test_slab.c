/*
 * test_slab.c - what was taken stays as it is until it is given back
 */
#include "store/chunk.h"
#include "support.h"

#include <CUnit/CUnit.h>

#include <stdlib.h>
#include <string.h>

enum { NUM_THINGS = 400 };

struct thing {
    uint8_t *at;
    size_t len;
};

/* The number of bytes that are given out is at 'ctx'. */
static void *
count_live(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    size_t *live = ctx;

    *live += new_size - old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static bool
is_whole(const struct thing *thing, size_t number)
{
    for (size_t i = 0; i < thing->len; i++)
        if (thing->at[i] != (uint8_t)number)
            return false;
    return true;
}

/* Things of all sizes, more than a piece of memory holds; some are empty. */
static void
take_all(const struct wcp_memory *mem, struct wcp_slabs *slabs,
         struct thing *things, struct test_rng *rng)
{
    for (size_t i = 0; i < NUM_THINGS; i++) {
        things[i].len = test_below(rng, 4) == 0 ? 0 : test_below(rng, 40000);
        things[i].at = wcp_slabs_take(mem, slabs, things[i].len);
        CU_ASSERT_PTR_NOT_NULL_FATAL(things[i].at);
        if (things[i].at != NULL) /* for who does not know of FATAL */
            memset(things[i].at, (int)(uint8_t)i, things[i].len);
    }
}

static void
test_giving_back(void)
{
    struct test_rng rng = { test_seed() };
    struct thing things[NUM_THINGS];
    size_t order[NUM_THINGS], live = 0, before;
    const struct wcp_memory mem = { count_live, &live };
    struct wcp_slabs slabs = { .most = 1 << 16 };
    bool whole = true;

    take_all(&mem, &slabs, things, &rng);
    for (size_t i = 0; i < NUM_THINGS; i++) {
        const size_t k = test_below(&rng, i + 1);

        order[i] = order[k];
        order[k] = i;
    }
    before = live;
    for (size_t i = 0; i < NUM_THINGS; i++) {
        const struct thing *thing = &things[order[i]];

        whole &= is_whole(thing, order[i]);
        if (thing->len > 0)
            wcp_slabs_give_back(&mem, &slabs, thing->at);
        CU_ASSERT(live <= before);
        before = live;
    }
    CU_ASSERT(whole);
    CU_ASSERT_EQUAL(live, 0);
    CU_ASSERT_PTR_NULL(slabs.first);
}

/* The piece that things are taken from may be the one that goes. */
static void
test_taking_again(void)
{
    struct test_rng rng = { test_seed() };
    struct thing things[NUM_THINGS], more[NUM_THINGS];
    size_t live = 0;
    const struct wcp_memory mem = { count_live, &live };
    struct wcp_slabs slabs = { .most = 1 << 16 };

    take_all(&mem, &slabs, things, &rng);
    for (size_t i = NUM_THINGS; i-- > NUM_THINGS / 2;)
        if (things[i].len > 0)
            wcp_slabs_give_back(&mem, &slabs, things[i].at);
    take_all(&mem, &slabs, more, &rng);
    for (size_t i = 0; i < NUM_THINGS; i++) {
        CU_ASSERT(i >= NUM_THINGS / 2 || is_whole(&things[i], i));
        CU_ASSERT(is_whole(&more[i], i));
    }
    wcp_slabs_release(&mem, &slabs);
    CU_ASSERT_EQUAL(live, 0);
}

void
suite_slab(void)
{
    CU_pSuite suite = CU_add_suite("slab", NULL, NULL);

    CU_add_test(suite, "giving back", test_giving_back);
    CU_add_test(suite, "taking again", test_taking_again);
}
