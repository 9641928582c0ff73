/*
 * constants.h - the linear functions of MinHash, and the factors of band keys
 */
#ifndef WCP_SKETCH_CONSTANTS_H
#define WCP_SKETCH_CONSTANTS_H

#include "sketch/sketch.h"

/* Function j maps x to mul[j] * x + add[j] mod 2^32; mul[j] is odd. */
extern const uint32_t wcp_minhash_mul[WCP_NUM_BINS];
extern const uint32_t wcp_minhash_add[WCP_NUM_BINS];
/* mul[j] << 32 | add[j] for j half a signature away. */
extern const uint64_t wcp_band_factors[WCP_NUM_BINS];

#endif /* WCP_SKETCH_CONSTANTS_H */
