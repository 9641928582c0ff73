/*
 * constants.c - the linear functions of MinHash, as tables
 *
 * They have nothing up their sleeve: a splitmix64 generator (Steele, Lea,
 * Flood 2014) is started with the ASCII letters "wirecopy" read as a
 * big-endian number, 0x77697265636F7079.  Its output number j = 0, 1, ...
 * gives mul[j], the upper half with the lowest bit set, and add[j], the lower
 * half.  An odd multiplier makes the function a permutation of the 32-bit
 * numbers.  A unit test computes the tables anew.
 *
 * Tables rather than a computation, so that the library needs no start-up
 * code and no state.
 */
#include "sketch/constants.h"

/* mul[j] and add[j] of either half. */
#define FIRST_HALF(F)                                         \
    F(0x819f8f65, 0x215ded6e), F(0x3cd28005, 0xfb6ee768),     \
        F(0xfbe92fe1, 0xcf0135af), F(0x3d8f8ad9, 0xb9d73168), \
        F(0x8e41eba1, 0xf3a1ad96), F(0xfe81fc37, 0x038c529f), \
        F(0xb2eff281, 0x7b979f8b), F(0xbe84320b, 0x301c7150), \
        F(0x4a2fedb3, 0x84920ee8), F(0x2f391095, 0x9ed8f305), \
        F(0xc571275f, 0x6f86e8d0), F(0x60950645, 0xa3fa1b78), \
        F(0xee5f3c9b, 0x16600e3d), F(0x42e4435d, 0xe462ad7d), \
        F(0x1282fe5b, 0x19ee3cf9), F(0x3ac61a15, 0x0458f2c8), \
        F(0x42775761, 0xee96ccaa), F(0xeed49091, 0xf5206b3e), \
        F(0xd7618997, 0x772a722c), F(0x0dfdb151, 0xcd891784), \
        F(0x2552ac41, 0x5f96b441), F(0x5714e7ef, 0x6cd26cea), \
        F(0xc6418c4d, 0x2b5c48a2), F(0x0bdbaac7, 0xe0dabc74), \
        F(0xf34dbc61, 0xb7022234), F(0x8172ffab, 0x19a38ce3), \
        F(0x32edfe85, 0x443247ff), F(0xa33f3769, 0xd191c798), \
        F(0xbdcfb39f, 0xe6e85cab), F(0x236b796f, 0x372374df), \
        F(0xe6699e3d, 0xa458ff20), F(0x9dc79a6b, 0x05a179f3), \
        F(0xf0a97d73, 0xfefe7e33), F(0xd218ed69, 0x1558e815), \
        F(0x63808fb5, 0x0c5485ea), F(0x659eaf1f, 0x35c59281), \
        F(0xa8ec4917, 0x37ac314d), F(0x80dce19d, 0x2f6b6048), \
        F(0x181858d3, 0x71b6106f), F(0xd27914f5, 0x44d58e1e), \
        F(0xa8eec31f, 0xe093476e), F(0x2d411635, 0xded3b2d9), \
        F(0xc790f865, 0xd93cdf12), F(0xab6d42b9, 0xaa3a732e), \
        F(0x0de94ae5, 0xedf06a7d), F(0xdbe76599, 0x974d1fcb), \
        F(0x1b84a53f, 0xefd4496f), F(0xca16f63d, 0x7a43339a), \
        F(0x555c8ef1, 0xc29f2ed3), F(0x0466ca19, 0x08c21c0e), \
        F(0x3adaa44f, 0x6c95bcf1), F(0x9e156261, 0x4ea0ca34), \
        F(0xab0c7d7f, 0x98591e60), F(0x03d3d601, 0x9e29e4f0), \
        F(0xd67f1da9, 0xb64e042f), F(0x0aa971f9, 0x32ea8066), \
        F(0xd09431b7, 0x7a78eb24), F(0x12d8b42f, 0x88fead7a), \
        F(0xaac69291, 0x4a3ddd6c), F(0xcdb15b4b, 0x8fe02ee7), \
        F(0x505fe271, 0xcab649b1), F(0x5047da05, 0x25356d46), \
        F(0xa6fdb0b7, 0xc0ab17cd), F(0xe617d581, 0xc4f084f5)

#define SECOND_HALF(F)                                        \
    F(0x0d0bd0bf, 0x65703e23), F(0x04ee5847, 0x589f1cf1),     \
        F(0x11e96b77, 0xfa032e42), F(0x5dbb4055, 0x405db5fe), \
        F(0xee308597, 0x13b1ed28), F(0x63952a81, 0x26d02fbe), \
        F(0xf3e0d725, 0xf7a6bc00), F(0x627ae1fb, 0x3bf8b036), \
        F(0xe1796c65, 0x3b25c7ff), F(0x35401a23, 0x84829926), \
        F(0x41c3e901, 0x0a71902d), F(0xa6b32c1d, 0xc66d9782), \
        F(0xfcb71a63, 0xe49a67cc), F(0x8d7bb9fd, 0x1a5b8023), \
        F(0xf38b2967, 0xeb9dbc19), F(0x0addeec7, 0x314a2038), \
        F(0xe42aae0b, 0xa25bee00), F(0x9defe6d1, 0xb19b695f), \
        F(0xdfebca0b, 0x048e2181), F(0x296d89ab, 0x73a7db33), \
        F(0xfb83f361, 0x9c982453), F(0xbadd53fd, 0x9f3e8f5f), \
        F(0xfa2f950d, 0x3ca58953), F(0x7e7cc16b, 0x7c12b525), \
        F(0xd6310405, 0xc715caea), F(0x71f5cc41, 0x73927450), \
        F(0xe4fbd897, 0x4ec0c3ad), F(0x9d71a0e3, 0x903afcfe), \
        F(0xc4f4fc31, 0x0a24bd18), F(0x41a0e40f, 0xa99b1c28), \
        F(0xfc057e4f, 0xe8c23995), F(0x40f647ab, 0x5362aebe), \
        F(0x15752437, 0x5152cfd9), F(0xcec7caf7, 0x28d883c0), \
        F(0xac040393, 0x40544f0a), F(0xbd58d347, 0xfd2dbccf), \
        F(0x3daa078b, 0xf40ad402), F(0xa1dd5f9b, 0x050bc3f7), \
        F(0x28d217b9, 0xc7c99584), F(0x815df36d, 0x2f83fcad), \
        F(0xa233f1df, 0xddd88117), F(0x04d98821, 0x71cf0453), \
        F(0xe3f60bfb, 0x6c1cc241), F(0x36624ec1, 0xfb48e504), \
        F(0x3d2d93fb, 0xd702fff2), F(0x6096ea49, 0x83fd91c2), \
        F(0xbb226b71, 0x3d1d41a7), F(0xbba015bd, 0x026f1952), \
        F(0xa245b629, 0x6c29756e), F(0x8fcc3677, 0xdb07c360), \
        F(0xd4f47423, 0x8015bc13), F(0xa1c21373, 0xea1d65ae), \
        F(0x7fd385c1, 0x94f3222e), F(0x9b5e2bfd, 0x0058a1f1), \
        F(0x3bf00fe5, 0xd32dacd0), F(0xaa2297f9, 0xae15ed60), \
        F(0xbc4ac343, 0x429473c2), F(0x7ada0fc3, 0xae605543), \
        F(0x9c8b49b7, 0x7206a4c8), F(0x549b5cf7, 0x0b18cd17), \
        F(0x3ba1e03f, 0x2e78f632), F(0xa0e88267, 0x49421c0f), \
        F(0x73614421, 0x4bb3e5dd), F(0x0a069a7b, 0x9749f486)

#define MUL(mul, add) mul
#define ADD(mul, add) add
#define BOTH(mul, add) ((uint64_t)(mul) << 32 | (add))

const uint32_t wcp_minhash_mul[WCP_NUM_BINS] = { FIRST_HALF(MUL),
                                                 SECOND_HALF(MUL) };
const uint32_t wcp_minhash_add[WCP_NUM_BINS] = { FIRST_HALF(ADD),
                                                 SECOND_HALF(ADD) };
const uint64_t wcp_band_factors[WCP_NUM_BINS] = { SECOND_HALF(BOTH),
                                                  FIRST_HALF(BOTH) };
