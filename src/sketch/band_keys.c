/*
 * band_keys.c - the LSH keys of a MinHash signature
 *
 * A band's key is a 32-bit hash of its rows, all 32 bits of each value.  Two
 * documents whose band differs get the same key once in 2^32: with ten
 * million documents that adds some ten thousand false candidates a band,
 * nothing beside those that LSH lets through on purpose.
 */
#include "sketch/sketch.h"

#include <assert.h>

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t
mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

void
wcp_band_keys(const uint32_t *minhash, unsigned num_bands, unsigned num_rows,
              uint32_t *keys)
{
    assert(num_bands * num_rows <= WCP_NUM_BINS);

    for (unsigned band = 0; band < num_bands; band++) {
        uint64_t key = band;

        for (unsigned row = 0; row < num_rows; row++)
            key = mix(key ^ ((uint64_t)minhash[band * num_rows + row] << 8));
        keys[band] = (uint32_t)(key >> 32);
    }
}
