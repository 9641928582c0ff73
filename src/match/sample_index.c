/*
 * sample_index.c - who has which samples of shingles
 *
 * Part after part of the samples of all texts (sample_parts.c) is sorted, and
 * what occurs in one text only is dropped: most does.  The others get lists of
 * classes.  A thread counts for each class those of its lists that the class
 * is in; most classes are in too few to be in another text, and only the others
 * are told in which.
 */
#include "match/sample_index.h"

#include <string.h>

enum { FILTER_BITS = 17, FILTER_WORDS = 1 << (FILTER_BITS - 6) };

/* Threads that lists can say that they are of. */
enum { MOST_THREADS = 1 << (WCP_PLACE_BITS - WCP_LIST_BITS) };

#define MOST_WORDS ((uint64_t)1 << WCP_LIST_BITS) /* of a thread's lists */

#define NOWHERE SIZE_MAX

enum { GRAIN = 1 << 12 }; /* classes that a thread settles at a time */

/* What a thread sorts a part in. */
struct part_scratch {
    uint64_t *sorted;
    size_t cap;
    /* [num_classes]: the lists of this thread that the class is in, then where
     * the next of them goes, or NOWHERE */
    size_t *hits;
    uint64_t seen[FILTER_WORDS], twice[FILTER_WORDS];
};

struct making {
    struct wcp_sample_index *index;
    struct wcp_sample_parts parts;
    unsigned num_threads;
    uint32_t *tags;               /* [num_classes] */
    struct part_scratch *scratch; /* one a thread */
    atomic_bool no_memory;
};

/* ---- parts -> lists ---- */

static void
note_twice(struct part_scratch *scratch, const uint32_t *items, size_t num)
{
    uint64_t *const seen = scratch->seen, *const twice = scratch->twice;

    memset(seen, 0, sizeof scratch->seen);
    memset(twice, 0, sizeof scratch->twice);
    for (size_t i = 0; i < num; i++) {
        const uint32_t at = items[i] >> (32 - FILTER_BITS);
        const uint64_t bit = UINT64_C(1) << at % 64, before = seen[at / 64];

        seen[at / 64] = before | bit;
        twice[at / 64] |= before & bit;
    }
}

/* Copy what may occur twice, as sample << 32 | class, to 'sorted'; how many. */
static size_t
drop_lonely(const struct wcp_sample_parts *parts, struct part_scratch *scratch,
            size_t part)
{
    const uint64_t *const twice = scratch->twice;
    const uint32_t ending = (uint32_t)wcp_sample_num_parts(parts) - 1;
    size_t i = wcp_sample_part_begin(parts, part), kept = 0;

    for (size_t block = 0; block < wcp_sample_num_blocks(parts); block++) {
        const size_t end =
            parts->cursors[block * wcp_sample_num_parts(parts) + part];
        const uint32_t first = wcp_sample_block_begin(parts, block);

        for (; i < end; i++) {
            const uint32_t item = parts->items[i];
            const uint32_t at = item >> (32 - FILTER_BITS);

            scratch->sorted[kept] =
                (uint64_t)((item & ~ending) | (uint32_t)part) << 32 |
                (first + (item & ending));
            kept += twice[at / 64] >> at % 64 & 1;
        }
    }
    return kept;
}

/* Room for so many to sort, and twice as many behind them. */
static bool
part_scratch_prepare(struct part_scratch *scratch, const struct wcp_memory *mem,
                     size_t num)
{
    if (3 * num <= scratch->cap)
        return true;
    wcp_free_array(mem, scratch->sorted, scratch->cap, sizeof *scratch->sorted);
    scratch->sorted = wcp_new_array(mem, 3 * num, sizeof *scratch->sorted);
    scratch->cap = scratch->sorted != NULL ? 3 * num : 0;
    return scratch->sorted != NULL;
}

/* Put those first that are listed; there is room for twice as many. */
static void
put_listed_first(const uint32_t *tags, uint32_t *classes, uint32_t num,
                 uint64_t *room)
{
    for (uint32_t i = 0; i < num; i++)
        room[i] = (uint64_t)tags[classes[i]] << 32 | classes[i];
    wcp_sort_u64(room, room + num, num);
    for (uint32_t i = 0; i < num; i++)
        room[i] = (uint32_t)room[i];
    wcp_sort_u64(room, room + num, WCP_SAMPLE_LISTED);
    wcp_sort_u64(room + WCP_SAMPLE_LISTED, room + num, num - WCP_SAMPLE_LISTED);
    for (uint32_t i = 0; i < num; i++)
        classes[i] = (uint32_t)room[i];
}

/* The sorted samples of one value, each class once, to 'list' if there are
 * two; how many words were written.  There is room for twice as many. */
static size_t
write_list(const uint32_t *tags, const uint64_t *sorted, size_t num,
           uint32_t *list, uint64_t *room)
{
    const uint32_t value = (uint32_t)(sorted[0] >> 32);
    uint32_t *const classes = list + WCP_LIST_HEAD;
    uint32_t n = 0, last = WCP_NO_CLASS;

    for (size_t i = 0; i < num; i++) {
        if ((uint32_t)sorted[i] != last)
            classes[n++] = (uint32_t)sorted[i];
        last = (uint32_t)sorted[i];
    }
    if (n < 2)
        return 0;
    list[0] = n;
    list[1] = value;
    if (n > WCP_SAMPLE_LISTED)
        put_listed_first(tags, classes, n, room);
    return n + WCP_LIST_HEAD;
}

/* Add the lists of a part to those of the thread.  There is room for them, at
 * most two words a sample. */
static void
write_lists(const uint32_t *tags, struct wcp_sample_lists *lists,
            const uint64_t *sorted, size_t num, uint64_t *room)
{
    for (size_t i = 0, end; i < num; i = end) {
        for (end = i + 1; end < num && sorted[end] >> 32 == sorted[i] >> 32;
             end++) {
        }
        if (end - i > 1)
            lists->num += write_list(tags, sorted + i, end - i,
                                     lists->at + lists->num, room);
    }
}

static bool
is_chosen(const uint32_t *bounds, uint32_t mix, uint32_t c)
{
    return bounds == NULL || mix <= bounds[c];
}

/* Count for each class the lists that it is in. */
static void
count_hits(size_t *hits, const uint32_t *bounds, const uint32_t *lists,
           size_t num)
{
    for (size_t at = 0; at < num; at += lists[at] + WCP_LIST_HEAD) {
        const uint32_t *classes = lists + at + WCP_LIST_HEAD;
        const uint32_t mix = wcp_sample_mix(lists[at + 1]);

        for (uint32_t i = 0; i < lists[at]; i++)
            hits[classes[i]] += is_chosen(bounds, mix, classes[i]);
    }
}

static bool
list_part(struct making *making, unsigned thread, size_t part)
{
    const struct wcp_memory *mem = making->index->store->mem;
    struct wcp_sample_lists *lists = &making->index->lists[thread];
    struct part_scratch *scratch = &making->scratch[thread];
    const size_t begin = wcp_sample_part_begin(&making->parts, part);
    const size_t num = wcp_sample_part_begin(&making->parts, part + 1) - begin;
    const size_t before = lists->num;
    size_t kept;

    if (!part_scratch_prepare(scratch, mem, num + 1))
        return false;
    note_twice(scratch, making->parts.items + begin, num);
    kept = drop_lonely(&making->parts, scratch, part);
    if (kept == 0) /* there may be no lists yet to count in */
        return true;
    if (kept > MOST_WORDS / 2 || before > MOST_WORDS - 2 * kept ||
        !wcp_array_reserve(mem, lists, before + 2 * kept))
        return false;
    wcp_sort_u64(scratch->sorted, scratch->sorted + num + 1, kept);
    write_lists(making->tags, lists, scratch->sorted, kept,
                scratch->sorted + num + 1);
    count_hits(scratch->hits, making->parts.bounds, lists->at + before,
               lists->num - before);
    return true;
}

static void
list_each(void *ctx, unsigned thread, size_t part)
{
    struct making *making = ctx;

    if (!atomic_load(&making->no_memory) && !list_part(making, thread, part))
        atomic_store(&making->no_memory, true);
}

/* ---- lists -> hits of each class ---- */

/* Find out which classes are told their hits, and how many these are. */
static void
settle_classes(void *ctx, unsigned thread, size_t i)
{
    struct making *making = ctx;
    struct wcp_sample_index *index = making->index;
    const size_t n = index->store->num_classes;
    const size_t end = (i + 1) * GRAIN < n ? (i + 1) * GRAIN : n;

    for (size_t c = i * GRAIN; c < end; c++) {
        size_t num = 0;

        for (unsigned t = 0; t < making->num_threads; t++)
            num += making->scratch[t].hits[c];
        if (!wcp_inclusion_may_be(index->share, index->store, (uint32_t)c, num,
                                  &making->parts.ranges[thread]))
            num = 0;
        index->hit_begins[c + 1] = num;
    }
}

/* Counts become places. */
static void
place_hits(struct making *making)
{
    size_t *begins = making->index->hit_begins;

    begins[0] = 0;
    for (size_t c = 0; c < making->index->store->num_classes; c++) {
        size_t at = begins[c];

        for (unsigned t = 0; t < making->num_threads; t++) {
            size_t *hits = &making->scratch[t].hits[c];
            const size_t num = *hits;

            *hits = begins[c + 1] > 0 ? at : NOWHERE;
            at += num;
        }
        begins[c + 1] += begins[c];
    }
}

/* Those of the lists of a thread. */
static void
hand_out(void *ctx, unsigned thread, size_t owner)
{
    struct making *making = ctx;
    const struct wcp_sample_lists *lists = &making->index->lists[owner];
    const uint64_t most = (UINT64_C(1) << WCP_FREQUENCY_BITS) - 1;
    const uint32_t *bounds = making->parts.bounds;
    size_t *const places = making->scratch[owner].hits;
    uint64_t *const hits = making->index->hits;

    (void)thread;
    for (size_t at = 0; at < lists->num; at += lists->at[at] + WCP_LIST_HEAD) {
        const uint32_t num = lists->at[at];
        const uint32_t mix = wcp_sample_mix(lists->at[at + 1]);
        const uint32_t *classes = lists->at + at + WCP_LIST_HEAD;
        const uint64_t frequency = num < most ? num : most;
        const uint64_t hit =
            (frequency << WCP_MIX_BITS | mix >> (32 - WCP_MIX_BITS))
                << WCP_PLACE_BITS |
            (uint64_t)owner << WCP_LIST_BITS | at;

        for (uint32_t i = 0; i < num; i++)
            if (is_chosen(bounds, mix, classes[i]) &&
                places[classes[i]] != NOWHERE)
                hits[places[classes[i]]++] = hit;
    }
}

static bool
make_hits(struct making *making)
{
    struct wcp_sample_index *index = making->index;
    const struct wcp_store *store = index->store;
    const size_t n = store->num_classes;

    wcp_parallel_for(making->num_threads, (n + GRAIN - 1) / GRAIN, 1,
                     settle_classes, making);
    place_hits(making);
    index->hits =
        wcp_new_array(store->mem, index->hit_begins[n], sizeof *index->hits);
    if (index->hits == NULL)
        return false;
    wcp_parallel_for(making->num_threads, making->num_threads, 1, hand_out,
                     making);
    return true;
}

/* ---- life of an index ---- */

void
wcp_sample_index_release(struct wcp_sample_index *index)
{
    const struct wcp_memory *mem = index->store->mem;
    const size_t n = index->store->num_classes;
    const unsigned num_threads = index->store->opts.num_threads;

    for (unsigned i = 0; index->lists != NULL && i < num_threads; i++)
        wcp_array_release(mem, &index->lists[i]);
    wcp_free_array(mem, index->lists, num_threads, sizeof *index->lists);
    wcp_free_array(mem, index->units, n, sizeof *index->units);
    if (index->hits != NULL)
        wcp_free_array(mem, index->hits, index->hit_begins[n],
                       sizeof *index->hits);
    wcp_free_array(mem, index->hit_begins, n + 1, sizeof *index->hit_begins);
    wcp_sample_bits_release(&index->bits, mem);
}

static void
making_release(struct making *making)
{
    const struct wcp_store *store = making->index->store;
    const struct wcp_memory *mem = store->mem;

    wcp_sample_parts_release(&making->parts);
    wcp_free_array(mem, making->tags, store->num_classes, sizeof *making->tags);
    for (unsigned i = 0; making->scratch != NULL && i < making->num_threads;
         i++) {
        wcp_free_array(mem, making->scratch[i].sorted, making->scratch[i].cap,
                       sizeof *making->scratch[i].sorted);
        wcp_free_array(mem, making->scratch[i].hits, store->num_classes,
                       sizeof *making->scratch[i].hits);
    }
    wcp_free_array(mem, making->scratch, making->num_threads,
                   sizeof *making->scratch);
}

/* What is known of the texts themselves. */
static bool
note_texts(struct making *making)
{
    struct wcp_sample_index *index = making->index;
    const struct wcp_store *store = index->store;
    const size_t n = store->num_classes;

    index->units = wcp_new_array(store->mem, n, sizeof *index->units);
    making->tags = wcp_new_array(store->mem, n, sizeof *making->tags);
    if (index->units == NULL || making->tags == NULL)
        return false;
    for (uint32_t c = 0; c < n; c++) {
        index->units[c] = wcp_class_units(store, c);
        making->tags[c] = wcp_class_tag(store, c);
    }
    return true;
}

static bool
allocate_lists(struct making *making)
{
    struct wcp_sample_index *index = making->index;
    const struct wcp_memory *mem = index->store->mem;
    const size_t n = index->store->num_classes;

    index->lists = wcp_new_zeroed(mem, index->store->opts.num_threads,
                                  sizeof *index->lists);
    index->hit_begins = wcp_new_array(mem, n + 1, sizeof *index->hit_begins);
    making->scratch =
        wcp_new_zeroed(mem, making->num_threads, sizeof *making->scratch);
    if (index->lists == NULL || index->hit_begins == NULL ||
        making->scratch == NULL)
        return false;
    for (unsigned i = 0; i < making->num_threads; i++) {
        making->scratch[i].hits =
            wcp_new_zeroed(mem, n, sizeof *making->scratch[i].hits);
        if (making->scratch[i].hits == NULL)
            return false;
        /* About what they need: pages that are not used cost nothing. */
        if (wcp_quota_left(index->store->opts.memory) == UINT64_MAX &&
            !wcp_array_reserve(mem, &index->lists[i],
                               making->parts.num_items / making->num_threads))
            return false;
    }
    return true;
}

static bool
make(struct making *making)
{
    if (!note_texts(making) || !wcp_sample_parts_make(&making->parts) ||
        !allocate_lists(making))
        return false;
    wcp_parallel_for(making->num_threads, wcp_sample_num_parts(&making->parts),
                     1, list_each, making);
    wcp_sample_parts_free_items(&making->parts);
    return !atomic_load(&making->no_memory) && make_hits(making);
}

bool
wcp_sample_index_make(struct wcp_sample_index *index)
{
    const unsigned num_threads = index->store->opts.num_threads;
    struct making making = {
        .index = index,
        .parts = { .store = index->store },
        .num_threads = num_threads < MOST_THREADS ? num_threads : MOST_THREADS,
    };
    bool made;

    if (index->store->num_classes == 0)
        return true;
    wcp_sample_bits_init(&index->bits, index->store->num_classes);
    made = make(&making);
    making_release(&making);
    return made;
}
