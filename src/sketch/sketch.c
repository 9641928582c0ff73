/*
 * sketch.c - sign a folded text
 *
 * The text is hashed in blocks of windows that stay in the L1 cache while
 * each signature takes what it needs from them.  A default MinHash signature
 * may then have bins into which no shingle fell; they are filled by a linear
 * function each, over all shingles again.  This is what short texts spend
 * their time on, but theirs is a single block, whose hashes are still at hand.
 * A longer text with an empty bin (it repeats itself: 2,048 different shingles
 * leave one in 70,000 texts) is hashed a second time.
 */
#include "sketch/constants.h"
#include "sketch/sketcher.h"

#define NOTHING 0xFFFFFFFFu

/* A signature in the making. */
struct signing {
    const struct wcp_kernels *kernels;
    unsigned wanted;
    uint64_t num;
    uint32_t *values; /* WCP_NUM_BINS */
    uint32_t counts[64];
    uint64_t which[2]; /* the linear functions to be computed, a bit each */
};

/* Not inlined: where gcc sees how many and what, it makes of this a string
 * instruction that takes longer than signing ten shingles. */
__attribute__((noinline)) static void
set_all(uint32_t *to, size_t num, uint32_t value)
{
    for (size_t i = 0; i < num; i++)
        to[i] = value;
}

static void
signing_init(struct signing *s, const struct wcp_kernels *kernels,
             unsigned wanted, struct wcp_signature *sig)
{
    s->kernels = kernels;
    s->wanted = wanted;
    s->num = 0;
    s->values = sig->minhash;
    s->which[0] = s->which[1] = 0;
    if (wanted & (WCP_WANT_MINHASH | WCP_WANT_CLASSIC))
        set_all(s->values, WCP_NUM_BINS, NOTHING);
    if ((wanted & WCP_WANT_CLASSIC) && !(wanted & WCP_WANT_MINHASH))
        s->which[0] = s->which[1] = UINT64_MAX;
    if (wanted & WCP_WANT_SIMHASH)
        set_all(s->counts, 64, 0);
}

static void
lower_linear(struct signing *s, const uint64_t *hashes, size_t num)
{
    s->kernels->minhash_linear(s->values, s->which, wcp_minhash_mul,
                               wcp_minhash_add, hashes, num);
}

/* What hashes give that are in their bins already. */
static void
signing_count(struct signing *s, const uint64_t *hashes, size_t num)
{
    s->num += num;
    if (s->wanted & WCP_WANT_CLASSIC)
        lower_linear(s, hashes, num);
    if (s->wanted & WCP_WANT_SIMHASH)
        s->kernels->simhash_count(s->counts, hashes, num);
}

static void
signing_add(struct signing *s, const uint64_t *hashes, size_t num)
{
    if (s->wanted & WCP_WANT_MINHASH)
        s->kernels->minhash_bins(s->values, hashes, num);
    signing_count(s, hashes, num);
}

/* After all was added: which bins have to be filled.  False: none. */
static bool
find_empty(struct signing *s)
{
    if (!(s->wanted & WCP_WANT_MINHASH) || s->num == 0)
        return false;
    s->kernels->find_empty(s->values, s->which);
    return (s->which[0] | s->which[1]) != 0;
}

static void
signing_finish(const struct signing *s, struct wcp_signature *sig)
{
    const uint32_t half = (uint32_t)(s->num / 2);
    uint8_t majority[64];

    sig->num_shingles = s->num;
    if (!(s->wanted & WCP_WANT_SIMHASH))
        return;
    for (size_t i = 0; i < 64; i++)
        majority[i] = s->counts[i] > half;
    sig->simhash = wcp_pack_bits(majority);
}

/* ---- a text ---- */

/* Hash the windows of the block that begins at 'at', into 'bins' if not NULL.
 */
static size_t
hash_block(struct wcp_sketcher *sketcher, const uint16_t *units, size_t num,
           size_t at, uint32_t *bins)
{
    const size_t left = num - at;
    const size_t num_starts = left < WCP_SKETCH_BLOCK ? left : WCP_SKETCH_BLOCK;

    uint64_t *block = wcp_sketcher_block(sketcher);

    if (bins != NULL)
        return sketcher->kernels->bin_windows(units + at, num_starts, left,
                                              sketcher->shingle, block, bins);
    return sketcher->kernels->hash_windows(units + at, num_starts, left,
                                           sketcher->shingle, block);
}

void
wcp_sketch(struct wcp_sketcher *sketcher, const uint16_t *units, size_t num,
           unsigned wanted, struct wcp_signature *sig)
{
    struct signing s;
    uint32_t *bins = wanted & WCP_WANT_MINHASH ? sig->minhash : NULL;
    uint64_t *block = wcp_sketcher_block(sketcher);
    bool at_hand = num <= WCP_SKETCH_BLOCK;
    size_t n = 0;

    signing_init(&s, sketcher->kernels, wanted, sig);
    wcp_sampler_begin(&sketcher->sampler);
    for (size_t at = 0; at < num; at += WCP_SKETCH_BLOCK) {
        n = hash_block(sketcher, units, num, at, bins);
        signing_count(&s, block, n);
        if (wanted & WCP_WANT_SAMPLE)
            wcp_sampler_add(sketcher, n);
    }
    if (s.num == 0 && num > 0) {
        block[0] = wcp_text_hash(units, num);
        n = 1;
        at_hand = true;
        signing_add(&s, block, n);
    }
    if (find_empty(&s)) {
        if (at_hand) {
            lower_linear(&s, block, n);
        } else {
            for (size_t at = 0; at < num; at += WCP_SKETCH_BLOCK) {
                n = hash_block(sketcher, units, num, at, NULL);
                lower_linear(&s, block, n);
            }
        }
        s.kernels->mark_filled(s.values, s.which);
    }
    signing_finish(&s, sig);
}

void
wcp_sketch_hashes(const uint64_t *hashes, size_t num, unsigned wanted,
                  struct wcp_signature *sig)
{
    struct signing s;

    signing_init(&s, wcp_kernels_best(), wanted, sig);
    for (size_t at = 0; at < num; at += WCP_SKETCH_BLOCK) {
        const size_t left = num - at;

        signing_add(&s, hashes + at,
                    left < WCP_SKETCH_BLOCK ? left : WCP_SKETCH_BLOCK);
    }
    if (find_empty(&s)) {
        lower_linear(&s, hashes, num);
        s.kernels->mark_filled(s.values, s.which);
    }
    signing_finish(&s, sig);
}

/* ---- the sketcher ---- */

enum wcp_code
wcp_sketcher_new(const struct wcp_memory *mem, unsigned shingle,
                 struct wcp_sketcher **sketcher_ret, struct wcp_fault *fault)
{
    struct wcp_sketcher *sketcher;

    if (shingle > WCP_SHINGLE_MAX)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "shingle length %u is above %d", shingle,
                        WCP_SHINGLE_MAX);
    sketcher = wcp_new_array(mem, 1, sizeof *sketcher);
    if (sketcher == NULL)
        return wcp_no_memory(fault);
    sketcher->mem = mem;
    sketcher->kernels = wcp_kernels_best();
    sketcher->shingle = shingle;
    sketcher->scratch = NULL;
    sketcher->scratch_cap = 0;
    sketcher->sampler = (struct wcp_sampler){ 0 };
    *sketcher_ret = sketcher;
    return WCP_CODE_OK;
}

void
wcp_sketcher_free(struct wcp_sketcher *sketcher)
{
    if (sketcher == NULL)
        return;
    wcp_free_array(sketcher->mem, sketcher->scratch, sketcher->scratch_cap,
                   sizeof *sketcher->scratch);
    wcp_free_array(sketcher->mem, sketcher->sampler.at, sketcher->sampler.cap,
                   sizeof *sketcher->sampler.at);
    wcp_free_array(sketcher->mem, sketcher, 1, sizeof *sketcher);
}
