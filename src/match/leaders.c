/*
 * leaders.c - the originals of a component, looked up by signature
 *
 * MinHash: a hash table from (band, key) to the leaders in that bucket.
 * Leaders are not alike among themselves, so that a bucket holds few, unless
 * very many documents fill in the same form.  A bucket that overflows is
 * split: its leaders are entered again under further rows of their
 * signatures, in so many further bands that a pair at the threshold still
 * shares one with probability SPLIT_RECALL; the list itself is looked at no
 * more.  Entering a leader in some twenty further buckets costs more than
 * comparing it with a thousand others, so only large buckets are split, once,
 * and only if a sample shows that it parts them: forms just below the
 * threshold share nearly every further band too.
 *
 * SimHash: the distance is one instruction away, so all leaders of the
 * component are compared.
 */
#include "match/match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BUCKET = 1024, /* leaders in a bucket before it is split */
    MAX_SPLIT_BANDS = 24,
    NUM_SAMPLED = 64, /* pairs */
};
#define SPLIT_RECALL .998

struct bucket {
    uint64_t key;  /* 0: free */
    uint32_t head; /* node + 1 */
    uint32_t num;
    uint32_t split_at; /* number at which a split is thought of */
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
    uint64_t num_compared;
    bool whole; /* no more buckets are split */
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
    leaders->num_compared = 0;
    leaders->whole = false;
}

void
wcp_leaders_split_no_more(struct wcp_leaders *leaders)
{
    leaders->whole = true;
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

    return mix((uint64_t)band << 32 | wcp_class_key(store, band, c));
}

/*
 * The key of a further band below a bucket.  Rows are drawn from all 128 with
 * a stride that is prime to 128.
 */
static uint64_t
split_key(const struct wcp_leaders *leaders, uint64_t above, unsigned band,
          uint32_t c)
{
    const uint8_t *values = leaders->store->values + (size_t)c * WCP_NUM_BINS;
    const unsigned stride = 51;
    unsigned row =
        (unsigned)(above >> 40) + band * leaders->split_rows * stride;
    uint64_t key = above + band;

    for (unsigned i = 0; i < leaders->split_rows; i++, row += stride)
        key = key << 8 | (key >> 56 ^ values[row % WCP_NUM_BINS]);
    return mix(mix(key) ^ above ^ ((uint64_t)band + 1) << 56);
}

/* The bucket of a key, made if need be; NULL when out of memory. */
static struct bucket *
have_bucket(struct wcp_leaders *leaders, uint64_t key)
{
    struct bucket *bucket;

    if (2 * (leaders->num_used + 1) > leaders->num_buckets &&
        !grow_buckets(leaders))
        return NULL;
    bucket = find_bucket(leaders, key);
    if (bucket->key == 0) {
        bucket->key = key;
        bucket->split_at = MAX_BUCKET;
        leaders->num_used++;
    }
    return bucket;
}

static bool
push(struct wcp_leaders *leaders, uint64_t key, uint32_t leader)
{
    struct bucket *bucket = have_bucket(leaders, key);

    if (bucket == NULL || leaders->nodes.num >= UINT32_MAX ||
        !wcp_array_grow(leaders->store->mem, &leaders->nodes))
        return false;
    leaders->nodes.at[leaders->nodes.num++] =
        (struct node){ leader, bucket->head };
    bucket->head = (uint32_t)leaders->nodes.num;
    bucket->num++;
    return true;
}

static bool
push_below(struct wcp_leaders *leaders, uint64_t key, uint32_t leader)
{
    uint32_t c = leaders->classes.at[leader];

    for (unsigned band = 0; band < leaders->split_bands; band++)
        if (!push(leaders, split_key(leaders, key, band, c), leader))
            return false;
    return true;
}

/* Whether two leaders would meet again below the bucket. */
static bool
share_split(const struct wcp_leaders *leaders, uint64_t key, uint32_t a,
            uint32_t b)
{
    for (unsigned band = 0; band < leaders->split_bands; band++)
        if (split_key(leaders, key, band, leaders->classes.at[a]) ==
            split_key(leaders, key, band, leaders->classes.at[b]))
            return true;
    return false;
}

/* Neighbours in the list are a sample: it is in order of documents. */
static bool
would_part(const struct wcp_leaders *leaders, const struct bucket *bucket)
{
    uint32_t at = bucket->head, last = UINT32_MAX;
    unsigned num = 0, shared = 0;

    for (uint32_t i = 0; at != 0 && num < NUM_SAMPLED; i++) {
        struct node node = leaders->nodes.at[at - 1];

        if (i % 8 == 0) {
            if (last != UINT32_MAX) {
                shared += share_split(leaders, bucket->key, last, node.leader);
                num++;
            }
            last = node.leader;
        }
        at = node.next;
    }
    return shared <= num / 4;
}

static bool
split_bucket(struct wcp_leaders *leaders, uint64_t key)
{
    struct bucket *bucket = find_bucket(leaders, key);
    uint32_t at = bucket->head;

    bucket->split = true;
    bucket->head = 0;
    while (at != 0) {
        struct node node = leaders->nodes.at[at - 1];

        if (!push_below(leaders, key, node.leader))
            return false;
        at = node.next;
    }
    return true;
}

static bool
enter(struct wcp_leaders *leaders, uint64_t key, uint32_t leader)
{
    struct bucket *bucket = have_bucket(leaders, key);

    if (bucket == NULL)
        return false;
    if (bucket->split)
        return push_below(leaders, key, leader);
    if (!push(leaders, key, leader))
        return false;
    bucket = find_bucket(leaders, key);
    if (bucket->num < bucket->split_at || leaders->split_bands == 0 ||
        leaders->whole)
        return true;
    if (would_part(leaders, bucket))
        return split_bucket(leaders, key);
    bucket->split_at *= 2;
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
        if (!enter(leaders, band_key(leaders, band, class_number), leader))
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
look_at_list(struct wcp_leaders *leaders, const struct lookup *look,
             uint32_t at)
{
    const uint8_t *values = leaders->store->values;
    const uint8_t *mine = values + (size_t)look->class_number * WCP_NUM_BINS;

    while (at != 0) {
        struct node node = leaders->nodes.at[at - 1];
        const uint8_t *theirs;

        at = node.next;
        if (node.leader < look->from ||
            leaders->stamps.at[node.leader] == leaders->stamp)
            continue;
        leaders->stamps.at[node.leader] = leaders->stamp;
        leaders->num_compared++;
        theirs =
            values + (size_t)leaders->classes.at[node.leader] * WCP_NUM_BINS;
        if (wcp_count_equal(mine, theirs) >= leaders->plan.min_equal &&
            !add_found(leaders, node.leader))
            return false;
    }
    return true;
}

static bool
look_at_bucket(struct wcp_leaders *leaders, const struct lookup *look,
               uint64_t key)
{
    const struct bucket *bucket = find_bucket(leaders, key);

    if (bucket->key == 0)
        return true;
    if (!bucket->split)
        return look_at_list(leaders, look, bucket->head);
    for (unsigned band = 0; band < leaders->split_bands; band++) {
        uint64_t below = split_key(leaders, key, band, look->class_number);

        if (!look_at_list(leaders, look, find_bucket(leaders, below)->head))
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

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
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
                                band_key(leaders, band, class_number)))
                return false;
    }
    if (leaders->found.num > 1)
        qsort(leaders->found.at, leaders->found.num, sizeof *leaders->found.at,
              compare_numbers);
    *found_ret = leaders->found.at;
    *num_ret = leaders->found.num;
    return true;
}

uint64_t
wcp_leaders_count(const struct wcp_leaders *leaders)
{
    return leaders->num_compared;
}

static uint64_t
bucket_cost(const struct wcp_leaders *leaders, uint64_t key,
            uint32_t class_number)
{
    const struct bucket *bucket = find_bucket(leaders, key);
    uint64_t num = 0;

    if (!bucket->split)
        return bucket->num;
    for (unsigned band = 0; band < leaders->split_bands; band++) {
        uint64_t below = split_key(leaders, key, band, class_number);

        num += find_bucket(leaders, below)->num;
    }
    return num;
}

uint64_t
wcp_leaders_cost(const struct wcp_leaders *leaders, uint32_t class_number)
{
    uint64_t num = 0;

    if (leaders->plan.kind == WCP_SIG_SIMHASH)
        return leaders->classes.num;
    for (unsigned band = 0;
         leaders->num_buckets > 0 && band < leaders->plan.num_bands; band++)
        num += bucket_cost(leaders, band_key(leaders, band, class_number),
                           class_number);
    return num;
}
