/*
 * support.c - what the unit tests share: seeds, guarded memory, shared data
 *
 * A failed set-up ends the run: a test that goes on without its memory would
 * report something else than what went wrong.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void
give_up(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

uint64_t
test_seed(void)
{
    static uint64_t seed;
    static int known;
    struct timespec now;

    if (!known) {
        const char *given = getenv("WCP_TEST_SEED");

        clock_gettime(CLOCK_REALTIME, &now);
        seed = given
                   ? strtoull(given, NULL, 0)
                   : (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        known = 1;
    }
    return seed;
}

uint64_t
test_random(struct test_rng *rng)
{
    uint64_t z = rng->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t
test_below(struct test_rng *rng, uint64_t bound)
{
    /* Values below 2^64 mod bound would make the small results likelier. */
    const uint64_t unfair = (0 - bound) % bound;
    uint64_t value;

    do
        value = test_random(rng);
    while (value < unfair);
    return value % bound;
}

const char *
test_shared(void)
{
    const char *folder = getenv("WCP_SHARED_DATA");
    struct stat info;

    if (!folder)
        folder = WCP_SOURCE_DIR "/../shared/data";
    return stat(folder, &info) == 0 && S_ISDIR(info.st_mode) ? folder : NULL;
}

/* Whole pages that hold len bytes, and one page more. */
static size_t
guarded_size(size_t len)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (len + page - 1) / page * page + page;
}

uint8_t *
test_guarded(size_t len)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t size = guarded_size(len);
    uint8_t *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (base == MAP_FAILED)
        give_up("mmap");
    if (mprotect(base + size - page, page, PROT_NONE) != 0)
        give_up("mprotect");
    return base + size - page - len;
}

void
test_guarded_free(uint8_t *data, size_t len)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t size = guarded_size(len);

    if (data)
        munmap(data + len + page - size, size);
}

void *
test_ration(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    int *left = ctx;

    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return (*left)-- > 0 ? realloc(ptr, new_size) : NULL;
}
