/*
 * support.h - what the unit tests share: seeds, guarded memory, shared data
 */
#ifndef WCP_TESTS_SUPPORT_H
#define WCP_TESTS_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

struct test_rng {
    uint64_t state;
};

/* The seed of this run: WCP_TEST_SEED from the environment, else one taken
 * from the clock; main() prints it. */
uint64_t test_seed(void);
/* The next of a splitmix64 sequence. */
uint64_t test_random(struct test_rng *rng);
/* Uniform in 0 .. bound - 1, bound > 0. */
uint64_t test_below(struct test_rng *rng, uint64_t bound);

/* The folder of the shared data ("../shared/data" from the project's root,
 * or WCP_SHARED_DATA), or NULL where it is absent. */
const char *test_shared(void);

/* len bytes that end right at an unmapped page. */
uint8_t *test_guarded(size_t len);
void test_guarded_free(uint8_t *data, size_t len);

/* An allocator that gives out as many blocks as the int at 'ctx' says, and no
 * more. */
void *test_ration(void *ctx, void *ptr, size_t old_size, size_t new_size);

#endif /* WCP_TESTS_SUPPORT_H */
