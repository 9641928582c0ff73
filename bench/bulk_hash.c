/*
 * bulk_hash.c - XXH3 of long inputs, for one instruction set
 *
 * xxHash chooses its vectors when it is compiled; so this file is compiled
 * once for each set, with the compiler's own option, under a name of its own.
 */
#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t BENCH_BULK_NAME(const void *data, size_t len);

uint64_t
BENCH_BULK_NAME(const void *data, size_t len)
{
    return XXH3_64bits(data, len);
}
