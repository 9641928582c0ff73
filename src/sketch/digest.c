/*
 * digest.c - hashes of a whole folded text
 *
 * XXH3 is fed the units as little-endian bytes.  A little-endian host hands
 * them over as they lie; a big-endian one swaps piece by piece into a small
 * buffer and streams, so that a long text needs no copy of its own.
 */
#include "sketch/sketcher.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define PIECE 512 /* units swapped at a time */

static inline bool
host_is_big_endian(void)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 0;
}

/* Swap up to PIECE units; returns how many. */
static size_t
swap_piece(uint16_t *swapped, const uint16_t *units, size_t num)
{
    const size_t len = num < PIECE ? num : PIECE;

    for (size_t i = 0; i < len; i++)
        swapped[i] = (uint16_t)(units[i] << 8 | units[i] >> 8);
    return len;
}

static uint64_t
hash_swapped(const uint16_t *units, size_t num)
{
    XXH3_state_t state;
    uint16_t swapped[PIECE];

    XXH3_64bits_reset(&state);
    while (num > 0) {
        const size_t len = swap_piece(swapped, units, num);

        XXH3_64bits_update(&state, swapped, len * 2);
        units += len;
        num -= len;
    }
    return XXH3_64bits_digest(&state);
}

static XXH128_hash_t
digest_swapped(const uint16_t *units, size_t num)
{
    XXH3_state_t state;
    uint16_t swapped[PIECE];

    XXH3_128bits_reset(&state);
    while (num > 0) {
        const size_t len = swap_piece(swapped, units, num);

        XXH3_128bits_update(&state, swapped, len * 2);
        units += len;
        num -= len;
    }
    return XXH3_128bits_digest(&state);
}

uint64_t
wcp_text_hash(const uint16_t *units, size_t num)
{
    if (host_is_big_endian())
        return hash_swapped(units, num);
    return XXH3_64bits(units, num * 2);
}

void
wcp_text_digest(const uint16_t *units, size_t num, uint64_t digest[2])
{
    XXH128_hash_t hash;

    if (host_is_big_endian())
        hash = digest_swapped(units, num);
    else
        hash = XXH3_128bits(units, num * 2);
    digest[0] = hash.low64;
    digest[1] = hash.high64;
}

uint64_t
wcp_bytes_hash(const void *bytes, size_t len)
{
    return XXH3_64bits(bytes, len);
}
