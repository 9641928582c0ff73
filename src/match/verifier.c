/*
 * verifier.c - exact overlaps of shingle sets, with a bounded cache of sets
 *
 * Sets are made when first asked for and kept until their bytes exceed the
 * limit; then about half are let go, chosen by chance.  Callers walk through
 * the sets of originals in order, again and again: a cache that drops the
 * least recently used would then have dropped each just before it is needed.
 * A range of ranks can be pinned, so that many sets can be compared with each
 * that is read.
 */
#include "match/match.h"

#include <string.h>

#define LEAST_KEPT ((size_t)1 << 20) /* bytes that are kept in any case */

struct kept_set {
    struct wcp_shingles shingles;
    size_t num_bytes;
    uint32_t size; /* known for good once compared; 0: not yet */
};

_Static_assert(sizeof(struct kept_set) <= WCP_VERIFIER_CLASS,
               "as much is counted for a class");

struct wcp_verifier {
    struct wcp_store *store;
    struct wcp_store_worker *worker;
    const uint32_t *classes;
    struct kept_set *kept; /* [kept_cap], of which num are in use */
    uint32_t num, kept_cap;
    uint32_t pin_begin, pin_end; /* ranks that are not dropped */
    size_t num_bytes, max_bytes;
    uint64_t num_overlaps, num_drops;
};

/* Where memory is limited, and nobody has said how much is for what, all
 * threads may keep half of what there is. */
static size_t
most_bytes(const struct wcp_store *store, size_t wanted)
{
    const uint64_t left = wcp_quota_left(store->opts.memory);
    const uint64_t share = left / 2 / store->opts.num_threads;

    if (store->opts.keep_bytes > 0)
        return store->opts.keep_bytes;
    return wanted < share       ? wanted
           : share > LEAST_KEPT ? (size_t)share
                                : LEAST_KEPT;
}

enum wcp_code
wcp_verifier_new(struct wcp_store *store, size_t max_bytes,
                 struct wcp_verifier **verifier_ret, struct wcp_fault *fault)
{
    struct wcp_verifier *verifier =
        wcp_new_zeroed(store->mem, 1, sizeof *verifier);
    enum wcp_code code;

    if (verifier == NULL)
        return wcp_no_memory(fault);
    verifier->store = store;
    verifier->max_bytes = most_bytes(store, max_bytes);
    code = wcp_store_worker_new(store, &verifier->worker, fault);
    if (code != WCP_CODE_OK) {
        wcp_verifier_free(verifier);
        return code;
    }
    *verifier_ret = verifier;
    return WCP_CODE_OK;
}

void
wcp_verifier_drop(struct wcp_verifier *verifier, uint32_t a)
{
    struct kept_set *kept = &verifier->kept[a];

    if (!wcp_shingles_are_there(&kept->shingles))
        return;
    verifier->num_bytes -= kept->num_bytes;
    kept->num_bytes = 0;
    wcp_store_release_shingles(verifier->worker, &kept->shingles);
}

static void
drop_all(struct wcp_verifier *verifier)
{
    for (uint32_t i = 0; i < verifier->num; i++)
        wcp_verifier_drop(verifier, i);
}

void
wcp_verifier_free(struct wcp_verifier *verifier)
{
    const struct wcp_memory *mem;

    if (verifier == NULL)
        return;
    mem = verifier->store->mem;
    drop_all(verifier);
    wcp_free_array(mem, verifier->kept, verifier->kept_cap,
                   sizeof *verifier->kept);
    wcp_store_worker_free(verifier->worker);
    wcp_free_array(mem, verifier, 1, sizeof *verifier);
}

enum wcp_code
wcp_verifier_begin(struct wcp_verifier *verifier, const uint32_t *classes,
                   uint32_t num, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = verifier->store->mem;

    drop_all(verifier);
    verifier->num = 0;
    wcp_verifier_pin(verifier, 0, 0);
    if (num > verifier->kept_cap) {
        wcp_free_array(mem, verifier->kept, verifier->kept_cap,
                       sizeof *verifier->kept);
        verifier->kept = wcp_new_array(mem, num, sizeof *verifier->kept);
        verifier->kept_cap = verifier->kept != NULL ? num : 0;
        if (verifier->kept == NULL)
            return wcp_no_memory(fault);
    }
    if (num > 0)
        memset(verifier->kept, 0, num * sizeof *verifier->kept);
    verifier->classes = classes;
    verifier->num = num;
    return WCP_CODE_OK;
}

void
wcp_verifier_pin(struct wcp_verifier *verifier, uint32_t begin, uint32_t end)
{
    verifier->pin_begin = begin;
    verifier->pin_end = end;
}

/* Drop about half of the sets, but not rank 'pinned'. */
static void
drop_some(struct wcp_verifier *verifier, uint32_t pinned)
{
    uint64_t chance = ++verifier->num_drops * UINT64_C(0x9E3779B97F4A7C15);

    for (uint32_t i = 0; i < verifier->num; i++) {
        chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407;
        if (i != pinned && chance >> 63 &&
            !(i >= verifier->pin_begin && i < verifier->pin_end))
            wcp_verifier_drop(verifier, i);
    }
}

/* What a set takes now, be it more or less than before. */
static void
count_bytes(struct wcp_verifier *verifier, struct kept_set *kept)
{
    verifier->num_bytes -= kept->num_bytes;
    kept->num_bytes = wcp_shingles_bytes(&kept->shingles);
    verifier->num_bytes += kept->num_bytes;
}

/* Have the set of rank a, whatever else must go except rank 'pinned'. */
static enum wcp_code
make_set(struct wcp_verifier *verifier, uint32_t a, uint32_t pinned,
         struct wcp_fault *fault)
{
    struct kept_set *kept = &verifier->kept[a];
    enum wcp_code code;

    if (wcp_shingles_are_there(&kept->shingles))
        return WCP_CODE_OK;
    if (verifier->num_bytes > verifier->max_bytes)
        drop_some(verifier, pinned);
    code = wcp_store_take_shingles(verifier->worker, verifier->classes[a],
                                   &kept->shingles, fault);
    if (code == WCP_CODE_OK)
        count_bytes(verifier, kept);
    return code;
}

enum wcp_code
wcp_verifier_shingles(struct wcp_verifier *verifier, uint32_t a,
                      const struct wcp_shingles **shingles_ret,
                      struct wcp_fault *fault)
{
    struct kept_set *kept = &verifier->kept[a];
    enum wcp_code code = make_set(verifier, a, a, fault);

    if (code == WCP_CODE_OK)
        code =
            wcp_store_list_shingles(verifier->worker, &kept->shingles, fault);
    if (code != WCP_CODE_OK)
        return code;
    count_bytes(verifier, kept);
    *shingles_ret = &kept->shingles;
    return code;
}

enum wcp_code
wcp_verifier_index(struct wcp_verifier *verifier, uint32_t a,
                   struct wcp_fault *fault)
{
    struct kept_set *kept = &verifier->kept[a];
    enum wcp_code code = WCP_CODE_OK;

    if (verifier->store->opts.estimate)
        return WCP_CODE_OK;
    code = make_set(verifier, a, a, fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_index(verifier->worker, &kept->shingles, fault);
    if (code == WCP_CODE_OK)
        count_bytes(verifier, kept);
    return code;
}

/* The Jaccard index is at most the smaller size over the larger. */
static bool
sizes_rule_out(uint32_t size_a, uint32_t size_b, double threshold)
{
    uint32_t less = size_a < size_b ? size_a : size_b;
    uint32_t more = size_a < size_b ? size_b : size_a;

    return less > 0 && (double)less / (double)more < threshold;
}

static enum wcp_code
make_overlap(struct wcp_verifier *verifier, struct kept_set *a,
             struct kept_set *b, size_t *common_ret, struct wcp_fault *fault)
{
    enum wcp_code code = wcp_store_common(verifier->worker, &b->shingles,
                                          &a->shingles, common_ret, fault);

    if (code != WCP_CODE_OK)
        return code;
    a->size = (uint32_t)a->shingles.num_distinct;
    b->size = (uint32_t)b->shingles.num_distinct;
    count_bytes(verifier, a);
    count_bytes(verifier, b);
    return WCP_CODE_OK;
}

/*
 * The overlap of two made-up sets of one size whose Jaccard index is what the
 * signatures let expect.  Of the values of unlike texts one in 256 agrees in
 * its low 8 bits by chance: with e of n that agree, (e - 1/2) / (n - 1/2) is
 * the estimate for n = 128, and 1 if all do.
 */
static struct wcp_overlap
estimate(const struct wcp_verifier *verifier, uint32_t a, uint32_t b)
{
    const struct wcp_store *store = verifier->store;
    const uint8_t *values = store->values;
    const size_t x = verifier->classes[a], y = verifier->classes[b];
    const unsigned equal =
        wcp_count_equal(values + x * WCP_NUM_BINS, values + y * WCP_NUM_BINS);
    const uint32_t common = equal > 0 ? 4 * equal - 2 : 0;
    const uint32_t size = 2 * WCP_NUM_BINS - 1 + common / 2;

    return (struct wcp_overlap){ common, size, size };
}

enum wcp_code
wcp_verifier_overlap(struct wcp_verifier *verifier, uint32_t a, uint32_t b,
                     double threshold, struct wcp_overlap *overlap_ret,
                     struct wcp_fault *fault)
{
    struct kept_set *kept_a = &verifier->kept[a];
    struct kept_set *kept_b = &verifier->kept[b];
    struct wcp_overlap overlap = { 0, 0, 0 };
    size_t common = 0;
    enum wcp_code code;

    if (verifier->store->opts.estimate) {
        *overlap_ret = estimate(verifier, a, b);
        verifier->num_overlaps++;
        return WCP_CODE_OK;
    }
    if (!sizes_rule_out(kept_a->size, kept_b->size, threshold)) {
        code = make_set(verifier, a, b, fault);
        if (code == WCP_CODE_OK)
            code = make_set(verifier, b, a, fault);
        if (code == WCP_CODE_OK)
            code = make_overlap(verifier, kept_a, kept_b, &common, fault);
        if (code != WCP_CODE_OK)
            return code;
        if (!sizes_rule_out(kept_a->size, kept_b->size, threshold)) {
            overlap.common = (uint32_t)common;
            verifier->num_overlaps++;
        }
    }
    overlap.size_a = kept_a->size;
    overlap.size_b = kept_b->size;
    *overlap_ret = overlap;
    return WCP_CODE_OK;
}

enum wcp_code
wcp_verifier_included(struct wcp_verifier *verifier, uint32_t part,
                      uint32_t whole, double share,
                      struct wcp_overlap *overlap_ret, struct wcp_fault *fault)
{
    struct kept_set *kept = &verifier->kept[part];
    struct kept_set *kept_whole = &verifier->kept[whole];
    size_t common = 0;
    enum wcp_code code;

    if (verifier->store->opts.estimate)
        return wcp_verifier_overlap(verifier, part, whole, 0, overlap_ret,
                                    fault);
    code = make_set(verifier, part, whole, fault);
    if (code == WCP_CODE_OK)
        code = make_set(verifier, whole, part, fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_included(verifier->worker, &kept->shingles,
                                  &kept_whole->shingles, share, &common, fault);
    if (code != WCP_CODE_OK)
        return code;
    count_bytes(verifier, kept);
    count_bytes(verifier, kept_whole);
    verifier->num_overlaps++;
    *overlap_ret = (struct wcp_overlap){ 0 };
    if (kept->shingles.num_distinct > 0 &&
        kept_whole->shingles.num_distinct > 0)
        *overlap_ret =
            (struct wcp_overlap){ (uint32_t)common,
                                  (uint32_t)kept->shingles.num_distinct,
                                  (uint32_t)kept_whole->shingles.num_distinct };
    return WCP_CODE_OK;
}

size_t
wcp_verifier_most(const struct wcp_verifier *verifier)
{
    return verifier->max_bytes;
}

uint64_t
wcp_verifier_count(const struct wcp_verifier *verifier)
{
    return verifier->num_overlaps;
}

static uint64_t
union_size(const struct wcp_overlap *overlap)
{
    return (uint64_t)overlap->size_a + overlap->size_b - overlap->common;
}

double
wcp_jaccard(const struct wcp_overlap *overlap)
{
    uint64_t all = union_size(overlap);

    return all > 0 ? (double)overlap->common / (double)all : 0;
}

double
wcp_overlap_share(uint32_t common, uint32_t size)
{
    return size > 0 ? (double)common / size : 0;
}

int
wcp_overlap_compare(const struct wcp_overlap *x, const struct wcp_overlap *y)
{
    /* Sizes are below 2^32, unions below 2^33: the products fit 2^65 at
     * worst, but sizes are bounded by the longest document, 2^30. */
    uint64_t left = x->common * union_size(y);
    uint64_t right = y->common * union_size(x);

    return (left > right) - (left < right);
}
