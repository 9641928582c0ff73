/*
 * leaders.c - the originals of a component, looked up by signature
 *
 * MinHash: a hash table from (band, key) to the leaders in that bucket.
 * Leaders are not alike among themselves, so that a bucket holds few, unless
 * very many documents fill in the same form.  A bucket that overflows is
 * split: its leaders are entered again under further rows of their
 * signatures, in so many further bands that a pair at the threshold still
 * shares one with probability SPLIT_RECALL; the list itself is looked at no
 * more.  Splits nest.
 *
 * SimHash: the distance is one instruction away, so all leaders of the
 * component are compared.
 */
#include "match/match.h"

#include <math.h>
#include <string.h>

enum {
    MAX_BUCKET = 64, /* leaders in a bucket before it is split */
    MAX_SPLIT_BANDS = 24,
    MAX_DEPTH = 3,
};
#define SPLIT_RECALL .998

struct bucket {
    uint64_t key;  /* 0: free */
    uint32_t head; /* node + 1 */
    uint32_t num;
    bool split;
};

struct node {
    uint32_t leader, next; /* next: node + 1 */
};

struct wcp_leaders {
    const struct wcp_store *store;
    struct wcp_plan plan;
    unsigned split_bands, split_rows;
    WCP_ARRAY(uint32_t) classes; /* by leader */
    WCP_ARRAY(struct node) nodes;
    struct bucket *buckets; /* open addressing, at most half full */
    size_t num_buckets, num_used;
    WCP_ARRAY(uint32_t) found;
    WCP_ARRAY(uint32_t) stamps; /* by leader: the look-up that saw it last */
    uint32_t stamp;
};

static uint64_t
mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (x ^ (x >> 31)) | 1; /* 0 marks a free bucket */
}

/* The most rows that keep SPLIT_RECALL within MAX_SPLIT_BANDS.  At thresholds
 * below .23 not even one row does, and no bucket is split. */
static void
plan_split(struct wcp_leaders *leaders)
{
    double threshold = leaders->plan.threshold;

    leaders->split_bands = leaders->split_rows = 0;
    for (unsigned rows = 1; rows <= 8; rows++) {
        double hit = pow(threshold, rows);
        double bands = hit < 1 ? ceil(log(1 - SPLIT_RECALL) / log1p(-hit)) : 1;

        if (bands > MAX_SPLIT_BANDS)
            break;
        leaders->split_bands = (unsigned)bands;
        leaders->split_rows = rows;
    }
}

enum wcp_code
wcp_leaders_new(const struct wcp_store *store, const struct wcp_plan *plan,
                struct wcp_leaders **leaders_ret, struct wcp_fault *fault)
{
    struct wcp_leaders *leaders =
        wcp_new_zeroed(store->mem, 1, sizeof *leaders);

    if (leaders == NULL)
        return wcp_no_memory(fault);
    leaders->store = store;
    leaders->plan = *plan;
    if (plan->kind != WCP_SIG_SIMHASH)
        plan_split(leaders);
    *leaders_ret = leaders;
    return WCP_CODE_OK;
}

void
wcp_leaders_free(struct wcp_leaders *leaders)
{
    const struct wcp_memory *mem;

    if (leaders == NULL)
        return;
    mem = leaders->store->mem;
    wcp_array_release(mem, &leaders->classes);
    wcp_array_release(mem, &leaders->nodes);
    wcp_array_release(mem, &leaders->found);
    wcp_array_release(mem, &leaders->stamps);
    wcp_free_array(mem, leaders->buckets, leaders->num_buckets,
                   sizeof *leaders->buckets);
    wcp_free_array(mem, leaders, 1, sizeof *leaders);
}

void
wcp_leaders_clear(struct wcp_leaders *leaders)
{
    /* A giant component leaves a giant table; small ones must not clear it
     * again and again. */
    if (leaders->num_buckets > 4096) {
        wcp_free_array(leaders->store->mem, leaders->buckets,
                       leaders->num_buckets, sizeof *leaders->buckets);
        leaders->buckets = NULL;
        leaders->num_buckets = 0;
    }
    if (leaders->num_used > 0 && leaders->buckets != NULL)
        memset(leaders->buckets, 0,
               leaders->num_buckets * sizeof *leaders->buckets);
    leaders->num_used = 0;
    leaders->classes.num = leaders->nodes.num = 0;
    leaders->stamps.num = 0;
    leaders->stamp = 0;
}

uint32_t
wcp_leaders_num(const struct wcp_leaders *leaders)
{
    return (uint32_t)leaders->classes.num;
}

uint32_t
wcp_leaders_class(const struct wcp_leaders *leaders, uint32_t leader)
{
    return leaders->classes.at[leader];
}

/* ---- buckets ---- */

/* The bucket of a key, or the free one where it would stand. */
static struct bucket *
find_bucket(const struct wcp_leaders *leaders, uint64_t key)
{
    size_t slot = (size_t)(key >> 8) & (leaders->num_buckets - 1);

    while (leaders->buckets[slot].key != 0 && leaders->buckets[slot].key != key)
        slot = (slot + 1) & (leaders->num_buckets - 1);
    return &leaders->buckets[slot];
}

static bool
grow_buckets(struct wcp_leaders *leaders)
{
    const struct wcp_memory *mem = leaders->store->mem;
    struct bucket *old = leaders->buckets;
    size_t num_old = leaders->num_buckets;
    size_t num = num_old == 0 ? 1024 : 2 * num_old;
    struct bucket *buckets = wcp_new_zeroed(mem, num, sizeof *buckets);

    if (buckets == NULL)
        return false;
    leaders->buckets = buckets;
    leaders->num_buckets = num;
    for (size_t i = 0; i < num_old; i++)
        if (old[i].key != 0)
            *find_bucket(leaders, old[i].key) = old[i];
    wcp_free_array(mem, old, num_old, sizeof *old);
    return true;
}

static uint64_t
band_key(const struct wcp_leaders *leaders, unsigned band, uint32_t c)
{
    const struct wcp_store *store = leaders->store;

    return mix((uint64_t)band << 32 |
               store->keys[(size_t)band * store->num_classes + c]);
}

/*
 * The key of a further band below a bucket.  Rows are drawn from all 128 with
 * a stride that is prime to 128, different at each depth.
 */
static uint64_t
split_key(const struct wcp_leaders *leaders, uint64_t above, unsigned depth,
          unsigned band, uint32_t c)
{
    const uint8_t *values = leaders->store->values + (size_t)c * WCP_NUM_BINS;
    unsigned row = (depth * 37 + (unsigned)(above >> 40)) % WCP_NUM_BINS;
    unsigned stride = 2 * (depth * 11 + 14) + 1;
    uint64_t key = above + ((uint64_t)depth << 32) + band;

    row += band * leaders->split_rows * stride;
    for (unsigned i = 0; i < leaders->split_rows; i++, row += stride)
        key = key << 8 | (key >> 56 ^ values[row % WCP_NUM_BINS]);
    return mix(mix(key) ^ above ^ band);
}

static bool enter(struct wcp_leaders *leaders, uint64_t key, unsigned depth,
                  uint32_t leader);

static bool
enter_below(struct wcp_leaders *leaders, uint64_t key, unsigned depth,
            uint32_t leader)
{
    uint32_t c = leaders->classes.at[leader];

    for (unsigned band = 0; band < leaders->split_bands; band++)
        if (!enter(leaders, split_key(leaders, key, depth + 1, band, c),
                   depth + 1, leader))
            return false;
    return true;
}

static bool
split_bucket(struct wcp_leaders *leaders, uint64_t key, unsigned depth)
{
    struct bucket *bucket = find_bucket(leaders, key);
    uint32_t at = bucket->head;

    bucket->split = true;
    bucket->head = 0;
    while (at != 0) {
        struct node node = leaders->nodes.at[at - 1];

        if (!enter_below(leaders, key, depth, node.leader))
            return false;
        at = node.next;
    }
    return true;
}

static bool
enter(struct wcp_leaders *leaders, uint64_t key, unsigned depth,
      uint32_t leader)
{
    struct bucket *bucket;

    if (2 * (leaders->num_used + 1) > leaders->num_buckets &&
        !grow_buckets(leaders))
        return false;
    bucket = find_bucket(leaders, key);
    if (bucket->key == 0) {
        bucket->key = key;
        leaders->num_used++;
    }
    if (bucket->split)
        return enter_below(leaders, key, depth, leader);
    if (!wcp_array_grow(leaders->store->mem, &leaders->nodes))
        return false;
    leaders->nodes.at[leaders->nodes.num++] =
        (struct node){ leader, bucket->head };
    bucket->head = (uint32_t)leaders->nodes.num;
    bucket->num++;
    if (bucket->num > MAX_BUCKET && depth < MAX_DEPTH &&
        leaders->split_bands > 0)
        return split_bucket(leaders, key, depth);
    return true;
}

bool
wcp_leaders_add(struct wcp_leaders *leaders, uint32_t class_number)
{
    const struct wcp_memory *mem = leaders->store->mem;
    uint32_t leader = (uint32_t)leaders->classes.num;

    if (!wcp_array_grow(mem, &leaders->classes) ||
        !wcp_array_grow(mem, &leaders->stamps))
        return false;
    leaders->classes.at[leaders->classes.num++] = class_number;
    leaders->stamps.at[leaders->stamps.num++] = 0;
    if (leaders->plan.kind == WCP_SIG_SIMHASH)
        return true;
    for (unsigned band = 0; band < leaders->plan.num_bands; band++)
        if (!enter(leaders, band_key(leaders, band, class_number), 0, leader))
            return false;
    return true;
}

/* ---- look-up ---- */

struct lookup {
    uint32_t class_number, from;
};

static bool
add_found(struct wcp_leaders *leaders, uint32_t leader)
{
    if (!wcp_array_grow(leaders->store->mem, &leaders->found))
        return false;
    leaders->found.at[leaders->found.num++] = leader;
    return true;
}

static bool
look_at_bucket(struct wcp_leaders *leaders, const struct lookup *look,
               uint64_t key, unsigned depth)
{
    const uint8_t *values = leaders->store->values;
    const uint8_t *mine = values + (size_t)look->class_number * WCP_NUM_BINS;
    const struct bucket *bucket = find_bucket(leaders, key);

    if (bucket->key == 0)
        return true;
    if (bucket->split) {
        for (unsigned band = 0; band < leaders->split_bands; band++)
            if (!look_at_bucket(leaders, look,
                                split_key(leaders, key, depth + 1, band,
                                          look->class_number),
                                depth + 1))
                return false;
        return true;
    }
    for (uint32_t at = bucket->head; at != 0;) {
        struct node node = leaders->nodes.at[at - 1];
        const uint8_t *theirs;

        at = node.next;
        if (node.leader < look->from ||
            leaders->stamps.at[node.leader] == leaders->stamp)
            continue;
        leaders->stamps.at[node.leader] = leaders->stamp;
        theirs =
            values + (size_t)leaders->classes.at[node.leader] * WCP_NUM_BINS;
        if (wcp_count_equal(mine, theirs) >= leaders->plan.min_equal &&
            !add_found(leaders, node.leader))
            return false;
    }
    return true;
}

static bool
look_at_all(struct wcp_leaders *leaders, const struct lookup *look)
{
    const uint64_t *simhashes = leaders->store->simhashes;
    uint64_t mine = simhashes[look->class_number];

    for (uint32_t i = look->from; i < leaders->classes.num; i++)
        if ((unsigned)__builtin_popcountll(mine ^
                                           simhashes[leaders->classes.at[i]]) <=
                leaders->plan.distance &&
            !add_found(leaders, i))
            return false;
    return true;
}

/* Few are found as a rule, and the buckets give them nearly in order. */
static void
sort_found(uint32_t *found, size_t num)
{
    for (size_t i = 1; i < num; i++) {
        uint32_t value = found[i];
        size_t at = i;

        for (; at > 0 && found[at - 1] > value; at--)
            found[at] = found[at - 1];
        found[at] = value;
    }
}

bool
wcp_leaders_lookup(struct wcp_leaders *leaders, uint32_t class_number,
                   uint32_t from, const uint32_t **found_ret, size_t *num_ret)
{
    const struct lookup look = { class_number, from };

    leaders->found.num = 0;
    leaders->stamp++;
    if (leaders->plan.kind == WCP_SIG_SIMHASH) {
        if (!look_at_all(leaders, &look))
            return false;
    } else if (leaders->num_buckets > 0) {
        for (unsigned band = 0; band < leaders->plan.num_bands; band++)
            if (!look_at_bucket(leaders, &look,
                                band_key(leaders, band, class_number), 0))
                return false;
    }
    sort_found(leaders->found.at, leaders->found.num);
    *found_ret = leaders->found.at;
    *num_ret = leaders->found.num;
    return true;
}
