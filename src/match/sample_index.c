/*
 * sample_index.c - who has which samples of shingles
 *
 * The samples of all texts are parted by value, part after part is sorted, and
 * what occurs in one text only is dropped: most does.  Each class that is asked
 * for then gets the list of its samples that others have too, with their
 * document frequencies, unless they are too few for it to lie in another one.
 */
#include "match/sample_index.h"

#include <string.h>

enum {
    PART_TARGET = 1 << 14, /* samples in a part */
    MAX_PART_BITS = 12,
    FILTER_BITS = 17,
    FILTER_WORDS = 1 << (FILTER_BITS - 6),
    BLOCKS_A_THREAD = 4,
};

struct wcp_part_scratch {
    uint64_t *sorted;
    size_t cap;
    uint64_t seen[FILTER_WORDS], seen_twice[FILTER_WORDS];
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

/* ---- samples -> parts ---- */

static uint32_t
block_begin(const struct wcp_sample_index *index, size_t block)
{
    return (uint32_t)((uint64_t)index->store->num_classes * block /
                      index->num_blocks);
}

static void
count_block(void *ctx, unsigned thread, size_t block)
{
    struct wcp_sample_index *index = ctx;
    size_t *counts = index->cursors + block * num_parts(index);

    (void)thread;
    for (uint32_t c = block_begin(index, block);
         c < block_begin(index, block + 1); c++) {
        const struct wcp_entry *entry = wcp_class_entry(index->store, c);

        atomic_init(&index->classes[c].size, entry->num_sample);
        index->classes[c].num_sample = entry->num_sample;
        index->classes[c].num_units = entry->num_units;
        for (uint32_t i = 0; i < entry->num_sample; i++)
            counts[part_of(index, entry->sample[i])]++;
    }
}

static void
spread_block(void *ctx, unsigned thread, size_t block)
{
    struct wcp_sample_index *index = ctx;
    size_t *cursors = index->cursors + block * num_parts(index);

    (void)thread;
    for (uint32_t c = block_begin(index, block);
         c < block_begin(index, block + 1); c++) {
        const struct wcp_entry *entry = wcp_class_entry(index->store, c);

        for (uint32_t i = 0; i < entry->num_sample; i++) {
            const uint32_t value = entry->sample[i];

            index->samples[cursors[part_of(index, value)]++] =
                (uint64_t)value << 32 | c;
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
    uint32_t n = 0, last = WCP_NO_CLASS;

    for (size_t i = 0; i < num; i++) {
        const uint32_t c = (uint32_t)sorted[i];

        if (c != last)
            list[1 + n++] = c;
        else
            atomic_fetch_sub_explicit(&index->classes[c].size, 1,
                                      memory_order_relaxed);
        last = c;
    }
    if (n < 2)
        return 0;
    list[0] = n;
    for (uint32_t i = 0; i < n; i++)
        atomic_fetch_add_explicit(&index->num_hits[list[1 + i]], 1,
                                  memory_order_relaxed);
    return n + 1;
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
         at += words[at] + 1) {
        const uint64_t num = words[at];
        const uint64_t hit =
            (num < max_frequency ? num : max_frequency) << WCP_HIT_BITS | at;

        for (size_t i = 1; i <= num; i++) {
            const uint32_t c = words[at + i];
            uint32_t place;

            if (!index->classes[c].wanted)
                continue;
            place = atomic_fetch_sub_explicit(&index->num_hits[c], 1,
                                              memory_order_relaxed);

            index->hits[index->hit_begins[c] + place - 1] = hit;
        }
    }
}

/* Most texts have too few samples in common with anybody to be looked for. */
bool
wcp_sample_index_hand_out(struct wcp_sample_index *index, const uint8_t *asked)
{
    const size_t n = index->store->num_classes;
    size_t at = 0;

    for (uint32_t c = 0; c < n; c++) {
        const uint32_t num =
            atomic_load_explicit(&index->num_hits[c], memory_order_relaxed);

        index->hit_begins[c] = at;
        index->classes[c].wanted =
            (asked == NULL || asked[c]) &&
            num >= wcp_inclusion_least(index->share, wcp_sample_size(index, c),
                                       WCP_SAMPLE_SLACK);
        if (index->classes[c].wanted)
            at += num;
    }
    index->hit_begins[n] = index->num_all_hits = at;
    index->hits = wcp_new_array(index->store->mem, at, sizeof *index->hits);
    if (index->hits == NULL)
        return false;
    wcp_parallel_for(index->store->opts.num_threads, num_parts(index), 1,
                     hand_out_part, index);
    for (uint32_t c = 0; c < n; c++)
        if (index->classes[c].wanted)
            atomic_init(
                &index->num_hits[c],
                (uint32_t)(index->hit_begins[c + 1] - index->hit_begins[c]));
    return true;
}

void
wcp_sample_index_take_back(struct wcp_sample_index *index)
{
    wcp_free_array(index->store->mem, index->hits, index->num_all_hits,
                   sizeof *index->hits);
    index->hits = NULL;
    index->num_all_hits = 0;
}

/* ---- life of an index ---- */

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
    wcp_free_array(mem, index->num_hits, n, sizeof *index->num_hits);
    wcp_free_array(mem, index->hit_begins, n + 1, sizeof *index->hit_begins);
    wcp_sample_index_take_back(index);
    for (unsigned i = 0;
         index->scratch != NULL && i < index->store->opts.num_threads; i++)
        wcp_free_array(mem, index->scratch[i].sorted, index->scratch[i].cap,
                       sizeof *index->scratch[i].sorted);
    wcp_free_array(mem, index->scratch, index->store->opts.num_threads,
                   sizeof *index->scratch);
}

static bool
index_allocate(struct wcp_sample_index *index)
{
    const struct wcp_memory *mem = index->store->mem;
    const size_t n = index->store->num_classes;
    size_t parts;

    for (uint32_t c = 0; c < n; c++)
        index->total += wcp_class_entry(index->store, c)->num_sample;
    while (index->part_bits < MAX_PART_BITS &&
           index->total >> index->part_bits > PART_TARGET)
        index->part_bits++;
    parts = num_parts(index);
    index->num_blocks =
        (size_t)BLOCKS_A_THREAD * index->store->opts.num_threads;
    index->samples = wcp_new_array(mem, index->total, sizeof *index->samples);
    index->begins = wcp_new_array(mem, parts + 1, sizeof *index->begins);
    index->cursors =
        wcp_new_zeroed(mem, index->num_blocks * parts, sizeof *index->cursors);
    index->list_ends = wcp_new_array(mem, parts, sizeof *index->list_ends);
    index->classes = wcp_new_array(mem, n, sizeof *index->classes);
    index->num_hits = wcp_new_zeroed(mem, n, sizeof *index->num_hits);
    index->hit_begins = wcp_new_array(mem, n + 1, sizeof *index->hit_begins);
    index->scratch = wcp_new_zeroed(mem, index->store->opts.num_threads,
                                    sizeof *index->scratch);
    return index->samples != NULL && index->begins != NULL &&
           index->cursors != NULL && index->list_ends != NULL &&
           index->classes != NULL && index->num_hits != NULL &&
           index->hit_begins != NULL && index->scratch != NULL;
}

bool
wcp_sample_index_make(struct wcp_sample_index *index)
{
    const unsigned num_threads = index->store->opts.num_threads;

    if (!index_allocate(index))
        return false;
    wcp_parallel_for(num_threads, index->num_blocks, 1, count_block, index);
    place_blocks(index);
    wcp_parallel_for(num_threads, index->num_blocks, 1, spread_block, index);
    wcp_parallel_for(num_threads, num_parts(index), 1, list_part, index);
    if (atomic_load(&index->no_memory))
        return false;
    close_up(index);
    return true;
}
