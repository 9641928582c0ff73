/*
 * sample_index.c - who has which samples of shingles
 *
 * Those samples of all texts that any is asked about are parted by value, part
 * after part is sorted, and what occurs in one text only is dropped: most does.
 * Each class then gets the list of its chosen samples that others have too,
 * with their document frequencies.
 */
#include "match/sample_index.h"

#include <string.h>

enum {
    PART_TARGET = 1 << 14, /* samples in a part */
    MAX_PART_BITS = 12,
    FILTER_BITS = 17,
    FILTER_WORDS = 1 << (FILTER_BITS - 6),
    BLOCKS_A_THREAD = 4,
    MIN_ASKED_BITS = 15,
    MAX_ASKED_BITS = 30,
    AHEAD = 4, /* classes whose samples come from memory meanwhile */
};

struct wcp_part_scratch {
    uint64_t *sorted;
    size_t cap;
    uint64_t seen[FILTER_WORDS], seen_twice[FILTER_WORDS];
    struct wcp_sample_chooser chooser;
};

static size_t
num_parts(const struct wcp_sample_index *index)
{
    return (size_t)1 << index->part_bits;
}

static size_t
part_of(const struct wcp_sample_index *index, uint32_t value)
{
    return value & (num_parts(index) - 1);
}

static uint32_t
block_begin(const struct wcp_sample_index *index, size_t block)
{
    return (uint32_t)((uint64_t)index->store->num_classes * block /
                      index->num_blocks);
}

/* The text of the class at a place.  Of those behind it each step of the way
 * to the samples is asked for, one after the other, for each may be anywhere in
 * memory. */
static const struct wcp_entry *
entry_at(const struct wcp_sample_index *index, uint32_t at)
{
    const struct wcp_store *store = index->store;
    const struct wcp_sampled_class *classes = index->classes + at;

    if (store->num_classes - at > 4 * AHEAD) {
        const uint32_t *begins = store->class_begins;

        __builtin_prefetch(&begins[classes[4 * AHEAD].c]);
        __builtin_prefetch(
            &store->class_documents[begins[classes[3 * AHEAD].c]]);
        __builtin_prefetch(wcp_class_entry(store, classes[2 * AHEAD].c));
        __builtin_prefetch(wcp_class_entry(store, classes[AHEAD].c)->sample);
    }
    return wcp_class_entry(store, classes->c);
}

/* ---- what is asked about ---- */

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

static bool
order_classes(struct wcp_sample_index *index)
{
    const struct wcp_store *store = index->store;
    const size_t n = store->num_classes;
    uint64_t *keys = wcp_classes_by_digest(store);

    if (keys == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        index->classes[i] =
            (struct wcp_sampled_class){ .c = (uint32_t)keys[i] };
    wcp_free_array(store->mem, keys, 2 * n, sizeof *keys);
    return true;
}

static size_t
asked_place(const struct wcp_sample_index *index, uint32_t sample)
{
    return sample * UINT32_C(0x9E3779B1) >> (32 - index->asked_bits);
}

static void
choose_block(void *ctx, unsigned thread, size_t block)
{
    struct wcp_sample_index *index = ctx;
    struct wcp_sample_chooser *chooser = &index->scratch[thread].chooser;

    chooser->mem = index->store->mem;
    for (uint32_t at = block_begin(index, block);
         at < block_begin(index, block + 1); at++) {
        const struct wcp_entry *entry = entry_at(index, at);
        struct wcp_sampled_class *its = &index->classes[at];

        its->num_units = entry->num_units;
        its->num_sample = entry->num_sample;
        if (!wcp_sample_choose(chooser, entry->sample, entry->num_sample,
                               &its->choice)) {
            atomic_store(&index->no_memory, true);
            return;
        }
        for (uint32_t i = 0; i < entry->num_sample; i++) {
            const size_t bit = asked_place(index, entry->sample[i]);

            if (wcp_sample_mix(entry->sample[i]) <= its->choice.bound)
                atomic_fetch_or_explicit(&index->asked[bit / 64],
                                         UINT64_C(1) << bit % 64,
                                         memory_order_relaxed);
        }
    }
}

static bool
is_asked(const struct wcp_sample_index *index, uint32_t sample)
{
    const size_t bit = asked_place(index, sample);

    return atomic_load_explicit(&index->asked[bit / 64],
                                memory_order_relaxed) >>
               bit % 64 &
           1;
}

/* ---- samples -> parts ---- */

static void
count_block(void *ctx, unsigned thread, size_t block)
{
    struct wcp_sample_index *index = ctx;
    size_t *counts = index->cursors + block * num_parts(index);

    (void)thread;
    for (uint32_t at = block_begin(index, block);
         at < block_begin(index, block + 1); at++) {
        const struct wcp_entry *entry = entry_at(index, at);

        for (uint32_t i = 0; i < entry->num_sample; i++)
            counts[part_of(index, entry->sample[i])] +=
                is_asked(index, entry->sample[i]);
    }
}

static void
spread_block(void *ctx, unsigned thread, size_t block)
{
    struct wcp_sample_index *index = ctx;
    size_t *cursors = index->cursors + block * num_parts(index);

    (void)thread;
    for (uint32_t at = block_begin(index, block);
         at < block_begin(index, block + 1); at++) {
        const struct wcp_entry *entry = entry_at(index, at);

        for (uint32_t i = 0; i < entry->num_sample; i++) {
            const uint32_t value = entry->sample[i];

            if (is_asked(index, value))
                index->samples[cursors[part_of(index, value)]++] =
                    (uint64_t)value << 32 | at;
        }
    }
}

static void
place_blocks(struct wcp_sample_index *index)
{
    const size_t n = num_parts(index);
    size_t at = 0;

    for (size_t part = 0; part < n; part++) {
        index->begins[part] = at;
        for (size_t block = 0; block < index->num_blocks; block++) {
            const size_t num = index->cursors[block * n + part];

            index->cursors[block * n + part] = at;
            at += num;
        }
    }
    index->begins[n] = at;
}

/* ---- parts -> lists ---- */

static size_t
filter_place(uint64_t sample)
{
    return (size_t)((sample >> 32) * UINT32_C(0x9E3779B1) & UINT32_MAX) >>
           (32 - FILTER_BITS);
}

/* Copy what may occur twice to 'sorted'; how many. */
static size_t
drop_lonely(struct wcp_part_scratch *scratch, const uint64_t *part, size_t num)
{
    uint64_t *const seen = scratch->seen, *const twice = scratch->seen_twice;
    size_t kept = 0;

    memset(seen, 0, sizeof scratch->seen);
    memset(twice, 0, sizeof scratch->seen_twice);
    for (size_t i = 0; i < num; i++) {
        const size_t at = filter_place(part[i]);
        const uint64_t bit = UINT64_C(1) << at % 64, before = seen[at / 64];

        seen[at / 64] = before | bit;
        twice[at / 64] |= before & bit;
    }
    for (size_t i = 0; i < num; i++) {
        const size_t at = filter_place(part[i]);

        scratch->sorted[kept] = part[i];
        kept += twice[at / 64] >> at % 64 & 1;
    }
    return kept;
}

static bool
part_scratch_prepare(struct wcp_part_scratch *scratch,
                     const struct wcp_memory *mem, size_t num)
{
    if (2 * num <= scratch->cap)
        return true;
    wcp_free_array(mem, scratch->sorted, scratch->cap, sizeof *scratch->sorted);
    scratch->sorted = wcp_new_array(mem, 2 * num, sizeof *scratch->sorted);
    scratch->cap = scratch->sorted != NULL ? 2 * num : 0;
    return scratch->sorted != NULL;
}

/* The sorted samples of one value, each class once, to 'list' if there are
 * two; how many words were written. */
static size_t
write_list(struct wcp_sample_index *index, const uint64_t *sorted, size_t num,
           uint32_t *list)
{
    const uint32_t value = (uint32_t)(sorted[0] >> 32);
    const uint32_t mix = wcp_sample_mix(value);
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
    for (uint32_t i = 0; i < n; i++)
        if (mix <= index->classes[classes[i]].choice.bound)
            atomic_fetch_add_explicit(&index->num_hits[classes[i]], 1,
                                      memory_order_relaxed);
    return n + WCP_LIST_HEAD;
}

static void
list_part(void *ctx, unsigned thread, size_t part)
{
    struct wcp_sample_index *index = ctx;
    struct wcp_part_scratch *scratch = &index->scratch[thread];
    const size_t begin = index->begins[part];
    const size_t num = index->begins[part + 1] - begin;
    uint32_t *words = (uint32_t *)(void *)index->samples;
    size_t at = 2 * begin, kept;

    index->list_ends[part] = at;
    if (!part_scratch_prepare(scratch, index->store->mem, num + 1)) {
        atomic_store(&index->no_memory, true);
        return;
    }
    kept = drop_lonely(scratch, index->samples + begin, num);
    wcp_sort_u64(scratch->sorted, scratch->sorted + num + 1, kept);
    for (size_t i = 0, end; i < kept; i = end) {
        for (end = i + 1; end < kept && scratch->sorted[end] >> 32 ==
                                            scratch->sorted[i] >> 32;
             end++) {
        }
        if (end - i > 1)
            at += write_list(index, scratch->sorted + i, end - i, words + at);
    }
    index->list_ends[part] = at;
}

/* Lists take less room than the samples did: have them side by side and give
 * back the rest. */
static void
close_up(struct wcp_sample_index *index)
{
    const struct wcp_memory *mem = index->store->mem;
    const size_t size = sizeof *index->samples;
    uint32_t *words = (uint32_t *)(void *)index->samples;
    size_t at = 0, total;
    void *samples;

    for (size_t part = 0; part < num_parts(index); part++) {
        const size_t begin = 2 * index->begins[part];
        const size_t num = index->list_ends[part] - begin;

        memmove(words + at, words + begin, num * sizeof *words);
        index->begins[part] = at;
        index->list_ends[part] = at += num;
    }
    total = at / 2 + 1;
    if (total >= index->total)
        return;
    samples = mem->resize(mem->ctx, index->samples, index->total * size,
                          total * size);
    if (samples == NULL) /* then it stays as it was */
        return;
    index->samples = samples;
    index->total = total;
}

/* ---- lists -> hits of each class ---- */

static void
hand_out_part(void *ctx, unsigned thread, size_t part)
{
    struct wcp_sample_index *index = ctx;
    const uint32_t *words = (const uint32_t *)(const void *)index->samples;
    const uint64_t max_frequency = (UINT64_C(1) << (64 - WCP_HIT_BITS)) - 1;

    (void)thread;
    for (size_t at = index->begins[part]; at < index->list_ends[part];
         at += words[at] + WCP_LIST_HEAD) {
        const uint64_t num = words[at];
        const uint32_t mix = wcp_sample_mix(words[at + 1]);
        const uint64_t hit =
            (num < max_frequency ? num : max_frequency) << WCP_HIT_BITS | at;

        for (size_t i = 0; i < num; i++) {
            const uint32_t c = words[at + WCP_LIST_HEAD + i];
            uint32_t place;

            if (mix > index->classes[c].choice.bound)
                continue;
            place = atomic_fetch_sub_explicit(&index->num_hits[c], 1,
                                              memory_order_relaxed);

            index->hits[index->hit_begins[c] + place - 1] = hit;
        }
    }
}

static bool
hand_out(struct wcp_sample_index *index)
{
    const size_t n = index->store->num_classes;
    size_t at = 0;

    for (uint32_t c = 0; c < n; c++) {
        index->hit_begins[c] = at;
        at += atomic_load_explicit(&index->num_hits[c], memory_order_relaxed);
    }
    index->hit_begins[n] = at;
    index->hits = wcp_new_array(index->store->mem, at, sizeof *index->hits);
    if (index->hits == NULL)
        return false;
    wcp_parallel_for(index->store->opts.num_threads, num_parts(index), 1,
                     hand_out_part, index);
    return true;
}

/* ---- life of an index ---- */

static size_t
num_asked_words(const struct wcp_sample_index *index)
{
    return ((size_t)1 << index->asked_bits) / 64;
}

static void
free_asked(struct wcp_sample_index *index)
{
    if (index->asked != NULL)
        wcp_free_array(index->store->mem, index->asked, num_asked_words(index),
                       sizeof *index->asked);
    index->asked = NULL;
}

void
wcp_sample_index_release(struct wcp_sample_index *index)
{
    const struct wcp_memory *mem = index->store->mem;
    const size_t n = index->store->num_classes, parts = num_parts(index);

    wcp_free_array(mem, index->samples, index->total, sizeof *index->samples);
    wcp_free_array(mem, index->begins, parts + 1, sizeof *index->begins);
    wcp_free_array(mem, index->cursors, index->num_blocks * parts,
                   sizeof *index->cursors);
    wcp_free_array(mem, index->list_ends, parts, sizeof *index->list_ends);
    wcp_free_array(mem, index->classes, n, sizeof *index->classes);
    free_asked(index);
    wcp_free_array(mem, index->num_hits, n, sizeof *index->num_hits);
    if (index->hits != NULL)
        wcp_free_array(mem, index->hits, index->hit_begins[n],
                       sizeof *index->hits);
    wcp_free_array(mem, index->hit_begins, n + 1, sizeof *index->hit_begins);
    for (unsigned i = 0;
         index->scratch != NULL && i < index->store->opts.num_threads; i++) {
        wcp_free_array(mem, index->scratch[i].sorted, index->scratch[i].cap,
                       sizeof *index->scratch[i].sorted);
        wcp_sample_chooser_release(&index->scratch[i].chooser);
    }
    wcp_free_array(mem, index->scratch, index->store->opts.num_threads,
                   sizeof *index->scratch);
}

static bool
index_allocate(struct wcp_sample_index *index)
{
    const struct wcp_memory *mem = index->store->mem;
    const size_t n = index->store->num_classes;
    size_t total = 0, num_asked = 0, parts;

    for (uint32_t c = 0; c < n; c++) {
        const size_t num = wcp_class_num_sample(index->store, c);

        total += num;
        num_asked += num < WCP_SAMPLES_ASKED ? num : WCP_SAMPLES_ASKED;
    }
    while (index->part_bits < MAX_PART_BITS &&
           total >> index->part_bits > PART_TARGET)
        index->part_bits++;
    index->asked_bits = MIN_ASKED_BITS;
    while (index->asked_bits < MAX_ASKED_BITS &&
           num_asked > ((size_t)1 << index->asked_bits) / 8)
        index->asked_bits++;
    parts = num_parts(index);
    index->num_blocks =
        (size_t)BLOCKS_A_THREAD * index->store->opts.num_threads;
    index->asked =
        wcp_new_zeroed(mem, num_asked_words(index), sizeof *index->asked);
    index->begins = wcp_new_array(mem, parts + 1, sizeof *index->begins);
    index->cursors =
        wcp_new_zeroed(mem, index->num_blocks * parts, sizeof *index->cursors);
    index->list_ends = wcp_new_array(mem, parts, sizeof *index->list_ends);
    index->classes = wcp_new_array(mem, n, sizeof *index->classes);
    index->num_hits = wcp_new_zeroed(mem, n, sizeof *index->num_hits);
    index->hit_begins = wcp_new_array(mem, n + 1, sizeof *index->hit_begins);
    index->scratch = wcp_new_zeroed(mem, index->store->opts.num_threads,
                                    sizeof *index->scratch);
    return index->asked != NULL && index->begins != NULL &&
           index->cursors != NULL && index->list_ends != NULL &&
           index->classes != NULL && index->num_hits != NULL &&
           index->hit_begins != NULL && index->scratch != NULL;
}

bool
wcp_sample_index_make(struct wcp_sample_index *index)
{
    const unsigned num_threads = index->store->opts.num_threads;

    if (!index_allocate(index) || !order_classes(index))
        return false;
    wcp_parallel_for(num_threads, index->num_blocks, 1, choose_block, index);
    if (atomic_load(&index->no_memory))
        return false;
    wcp_parallel_for(num_threads, index->num_blocks, 1, count_block, index);
    place_blocks(index);
    index->total = index->begins[num_parts(index)];
    index->samples =
        wcp_new_array(index->store->mem, index->total, sizeof *index->samples);
    if (index->samples == NULL)
        return false;
    wcp_parallel_for(num_threads, index->num_blocks, 1, spread_block, index);
    free_asked(index);
    wcp_parallel_for(num_threads, num_parts(index), 1, list_part, index);
    if (atomic_load(&index->no_memory))
        return false;
    close_up(index);
    return hand_out(index);
}
