/*
 * sample_index.c - who has which samples of shingles
 *
 * Part after part of the samples of all texts (sample_parts.c) is sorted, and
 * what occurs in one text only is dropped: most does.  The others get lists of
 * classes, which are found by value.
 */
#include "match/sample_index.h"

#include <string.h>

enum { FILTER_BITS = 17, FILTER_WORDS = 1 << (FILTER_BITS - 6) };

/* Threads that lists can say that they are of. */
enum { MOST_THREADS = 1 << (WCP_HIT_BITS - WCP_LIST_BITS) };

/* Of a thread's lists; there may be as many again behind them. */
#define MOST_WORDS ((UINT64_C(1) << WCP_LIST_BITS) / 4)

/* What a thread sorts a part in. */
struct part_scratch {
    uint64_t *sorted;
    size_t cap;
    uint8_t *num_shared; /* [num_classes], in the lists of this thread */
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

uint64_t *
wcp_classes_by_digest(const struct wcp_store *store)
{
    const size_t n = store->num_classes;
    uint64_t *keys = wcp_new_array(store->mem, 2 * n, sizeof *keys);

    if (keys == NULL)
        return NULL;
    for (uint32_t c = 0; c < n; c++)
        keys[c] = (uint64_t)wcp_class_tag(store, c) << 32 | c;
    wcp_sort_u64(keys, keys + n, n);
    return keys;
}

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

/* Add the lists of a part to those of the thread; how many.  There is room for
 * them, at most two words a sample. */
static size_t
write_lists(const uint32_t *tags, struct wcp_sample_lists *lists,
            const uint64_t *sorted, size_t num, uint64_t *room)
{
    size_t num_lists = 0;

    for (size_t i = 0, end; i < num; i = end) {
        const size_t before = lists->num;

        for (end = i + 1; end < num && sorted[end] >> 32 == sorted[i] >> 32;
             end++) {
        }
        if (end - i > 1)
            lists->num += write_list(tags, sorted + i, end - i,
                                     lists->at + lists->num, room);
        num_lists += lists->num > before;
    }
    return num_lists;
}

/* Count for each class the lists that it is in. */
static void
count_shared(struct part_scratch *scratch, const uint32_t *lists, size_t num)
{
    for (size_t at = 0; at < num;) {
        const uint32_t *classes = lists + at + WCP_LIST_HEAD;
        const uint32_t n = lists[at];

        for (uint32_t i = 0; i < n; i++)
            if (scratch->num_shared[classes[i]] < UINT8_MAX)
                scratch->num_shared[classes[i]]++;
        at += n + WCP_LIST_HEAD;
    }
}

static bool
list_part(struct making *making, unsigned thread, size_t part)
{
    struct wcp_sample_index *index = making->index;
    const struct wcp_memory *mem = index->store->mem;
    struct wcp_sample_lists *lists = &index->lists[thread];
    struct part_scratch *scratch = &making->scratch[thread];
    const size_t begin = wcp_sample_part_begin(&making->parts, part);
    const size_t num = wcp_sample_part_begin(&making->parts, part + 1) - begin;
    const size_t before = lists->num;
    size_t kept;

    if (!part_scratch_prepare(scratch, mem, num + 1))
        return false;
    note_twice(scratch, making->parts.items + begin, num);
    kept = drop_lonely(&making->parts, scratch, part);
    if (before > MOST_WORDS || kept > MOST_WORDS ||
        !wcp_array_reserve(mem, lists, before + 2 * kept))
        return false;
    wcp_sort_u64(scratch->sorted, scratch->sorted + num + 1, kept);
    index->slot_begins[part + 1] = write_lists(
        making->tags, lists, scratch->sorted, kept, scratch->sorted + num + 1);
    count_shared(scratch, lists->at + before, lists->num - before);
    index->begins[part] = (uint64_t)thread << WCP_LIST_BITS | before;
    index->num_words[part] = (uint32_t)(lists->num - before);
    return true;
}

static void
list_each(void *ctx, unsigned thread, size_t part)
{
    struct making *making = ctx;

    if (!atomic_load(&making->no_memory) && !list_part(making, thread, part))
        atomic_store(&making->no_memory, true);
}

/* ---- lists -> slots ---- */

/* Twice as many slots as lists, at least; a power of two for each part. */
static bool
place_slots(struct wcp_sample_index *index)
{
    size_t at = 0;

    for (size_t part = 0; part < wcp_sample_index_parts(index); part++) {
        size_t num = 1;

        while (num < 2 * index->slot_begins[part + 1])
            num *= 2;
        index->slot_begins[part + 1] = at += num;
    }
    index->slots = wcp_new_zeroed(index->store->mem, at, sizeof *index->slots);
    return index->slots != NULL;
}

/* The slot of a sample, or a free one. */
static uint64_t *
find_slot(const struct wcp_sample_index *index, uint32_t sample)
{
    const size_t part = wcp_sample_index_part(index, sample);
    uint64_t *const slots = index->slots + index->slot_begins[part];
    const size_t mask =
        index->slot_begins[part + 1] - index->slot_begins[part] - 1;
    size_t at = sample >> index->part_bits & mask;

    while (slots[at] != 0 && slots[at] >> 32 != sample)
        at = (at + 1) & mask;
    return &slots[at];
}

static void
fill_slots(void *ctx, unsigned thread, size_t part)
{
    const struct wcp_sample_index *index = ctx;
    const uint32_t *lists = wcp_sample_index_list(index, index->begins[part]);

    (void)thread;
    for (uint32_t at = 0; at < index->num_words[part];) {
        const uint32_t *list = lists + at;

        *find_slot(index, list[1]) = (uint64_t)list[1] << 32 | (at + 1);
        at += list[0] + WCP_LIST_HEAD;
    }
}

bool
wcp_sample_index_find(const struct wcp_sample_index *index, uint32_t sample,
                      uint64_t *at_ret)
{
    const uint64_t slot = *find_slot(index, sample);

    *at_ret = index->begins[wcp_sample_index_part(index, sample)] +
              (uint32_t)slot - 1;
    return slot != 0;
}

/* ---- life of an index ---- */

void
wcp_sample_index_release(struct wcp_sample_index *index)
{
    const struct wcp_memory *mem = index->store->mem;
    const size_t n = index->store->num_classes;
    const size_t parts = wcp_sample_index_parts(index);
    const unsigned num_threads = index->store->opts.num_threads;

    for (unsigned i = 0; index->lists != NULL && i < num_threads; i++)
        wcp_array_release(mem, &index->lists[i]);
    wcp_free_array(mem, index->lists, num_threads, sizeof *index->lists);
    wcp_free_array(mem, index->begins, parts, sizeof *index->begins);
    wcp_free_array(mem, index->num_words, parts, sizeof *index->num_words);
    wcp_free_array(mem, index->units, n, sizeof *index->units);
    wcp_free_array(mem, index->num_shared, n, 1);
    if (index->slots != NULL)
        wcp_free_array(mem, index->slots, index->slot_begins[parts],
                       sizeof *index->slots);
    wcp_free_array(mem, index->slot_begins, parts + 1,
                   sizeof *index->slot_begins);
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
        wcp_free_array(mem, making->scratch[i].num_shared, store->num_classes,
                       1);
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
    const size_t parts = wcp_sample_index_parts(index);

    index->lists = wcp_new_zeroed(mem, index->store->opts.num_threads,
                                  sizeof *index->lists);
    index->begins = wcp_new_array(mem, parts, sizeof *index->begins);
    index->num_words = wcp_new_array(mem, parts, sizeof *index->num_words);
    index->slot_begins =
        wcp_new_zeroed(mem, parts + 1, sizeof *index->slot_begins);
    making->scratch =
        wcp_new_zeroed(mem, making->num_threads, sizeof *making->scratch);
    for (unsigned i = 0; making->scratch != NULL && i < making->num_threads;
         i++) {
        making->scratch[i].num_shared =
            wcp_new_zeroed(mem, index->store->num_classes, 1);
        if (making->scratch[i].num_shared == NULL)
            return false;
    }
    return index->lists != NULL && index->begins != NULL &&
           index->num_words != NULL && index->slot_begins != NULL &&
           making->scratch != NULL;
}

/* Add up what threads have counted, up to what fits; the first has it then. */
static uint8_t *
take_num_shared(struct making *making)
{
    uint8_t *sums = making->scratch[0].num_shared;

    for (unsigned i = 1; i < making->num_threads; i++)
        for (uint32_t c = 0; c < making->index->store->num_classes; c++) {
            const unsigned sum = sums[c] + making->scratch[i].num_shared[c];

            sums[c] = sum < UINT8_MAX ? (uint8_t)sum : UINT8_MAX;
        }
    making->scratch[0].num_shared = NULL;
    return sums;
}

static bool
make(struct making *making)
{
    struct wcp_sample_index *index = making->index;

    if (!note_texts(making) || !wcp_sample_parts_make(&making->parts))
        return false;
    index->part_bits = making->parts.part_bits;
    if (!allocate_lists(making))
        return false;
    wcp_parallel_for(making->num_threads, wcp_sample_index_parts(index), 1,
                     list_each, making);
    if (atomic_load(&making->no_memory) || !place_slots(index))
        return false;
    index->num_shared = take_num_shared(making);
    wcp_parallel_for(making->num_threads, wcp_sample_index_parts(index), 1,
                     fill_slots, index);
    return true;
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
    made = make(&making);
    making_release(&making);
    return made;
}
