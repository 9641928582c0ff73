/*
 * band_keys.c - the LSH keys of a MinHash signature
 *
 * A band's key is a 32-bit hash of its rows, all 32 bits of each value: the
 * upper half of a sum of products with random 64-bit numbers, one for each
 * place in the signature.  Two documents whose band differs then get the same
 * key once in 2^32 (multilinear hashing: Carter, Wegman 1979; Lemire, Kaser
 * 2014).  With ten million documents that adds some ten thousand false
 * candidates a band, nothing beside those that LSH lets through on purpose.
 * The products do not wait for one another, which a mixing step for each row
 * would.  The numbers are those of the MinHash functions, of half a signature
 * away: a value may have been made with the numbers of its own place.
 */
#include "sketch/constants.h"

#include <assert.h>

/* Inlined, so that the usual number of rows makes no loop. */
__attribute__((always_inline)) static inline void
make_keys(const uint32_t *minhash, unsigned num_bands, const unsigned num_rows,
          uint32_t *keys)
{
    for (unsigned band = 0; band < num_bands; band++) {
        const uint32_t *values = minhash + (size_t)band * num_rows;
        const uint64_t *factors = wcp_band_factors + (size_t)band * num_rows;
        uint64_t sum = 0;

        for (unsigned row = 0; row < num_rows; row++)
            sum += values[row] * factors[row];
        keys[band] = (uint32_t)(sum >> 32);
    }
}

void
wcp_band_keys(const uint32_t *minhash, unsigned num_bands, unsigned num_rows,
              uint32_t *keys)
{
    assert(num_bands * num_rows <= WCP_NUM_BINS);

    if (num_rows == 6) /* at the threshold by default */
        make_keys(minhash, num_bands, 6, keys);
    else
        make_keys(minhash, num_bands, num_rows, keys);
}
