/*
 * postings.c - who has the samples of some texts
 *
 * Samples that are looked up set a bit; all texts are gone through for what has
 * one.  A sample of another text that has the bit by chance does no harm.
 */
#include "group/postings.h"

#include <string.h>

/* Entries of some classes, which are put in order together. */
struct block {
    WCP_ARRAY(uint64_t) entries;
    bool no_memory;
};

struct filling {
    const struct wcp_postings *postings;
    struct block *blocks; /* [num_blocks] */
    size_t num_blocks;
};

enum { BLOCKS_A_THREAD = 4 };

enum { MIN_WANTED_BITS = 15, MAX_WANTED_BITS = 26 };
enum { MIN_FIRST_BITS = 1, MAX_FIRST_BITS = 26 };

static size_t
wanted_bit(const struct wcp_postings *p, uint32_t sample)
{
    return wcp_postings_key(sample) >> (32 - p->wanted_bits);
}

static size_t
num_words(const struct wcp_postings *p)
{
    return ((size_t)1 << p->wanted_bits) / 64;
}

bool
wcp_postings_order(struct wcp_postings *p)
{
    const struct wcp_store *store = p->store;
    const size_t n = store->num_classes;
    uint64_t *keys = wcp_new_array(store->mem, 2 * n, sizeof *keys);

    if (keys == NULL)
        return false;
    for (uint32_t c = 0; c < n; c++)
        keys[c] = (uint64_t)wcp_class_tag(store, c) << 32 | c;
    wcp_sort_u64(keys, keys + n, n);
    for (size_t i = 0; i < n; i++)
        p->places[p->classes[i] = (uint32_t)keys[i]] = (uint32_t)i;
    wcp_free_array(store->mem, keys, 2 * n, sizeof *keys);
    return true;
}

static bool
add_entries(const struct wcp_postings *p, struct block *block, uint32_t c)
{
    const struct wcp_entry *entry = wcp_class_entry(p->store, c);

    for (uint32_t i = 0; i < entry->num_sample; i++) {
        const uint32_t sample = entry->sample[i];
        const size_t bit = wanted_bit(p, sample);

        if ((p->wanted[bit / 64] >> bit % 64 & 1) == 0)
            continue;
        if (!wcp_array_grow(p->store->mem, &block->entries))
            return false;
        block->entries.at[block->entries.num++] =
            (uint64_t)wcp_postings_key(sample) << 32 | p->places[c];
    }
    return true;
}

static void
fill_block(void *ctx, unsigned thread, size_t number)
{
    const struct filling *filling = ctx;
    const struct wcp_postings *p = filling->postings;
    struct block *block = &filling->blocks[number];
    const uint64_t n = p->store->num_classes;
    const uint32_t end = (uint32_t)(n * (number + 1) / filling->num_blocks);

    (void)thread;
    for (uint32_t c = (uint32_t)(n * number / filling->num_blocks);
         c < end && !block->no_memory; c++)
        block->no_memory = !add_entries(p, block, c);
}

/* The entries of all blocks one after the other. */
static bool
join_blocks(struct wcp_postings *p, const struct filling *filling)
{
    bool joined = true;

    for (size_t i = 0; i < filling->num_blocks; i++) {
        joined &= !filling->blocks[i].no_memory;
        p->cap += filling->blocks[i].entries.num;
    }
    if (joined)
        p->entries = wcp_new_array(p->store->mem, p->cap, sizeof *p->entries);
    joined = joined && p->entries != NULL;
    for (size_t i = 0; i < filling->num_blocks; i++) {
        struct block *block = &filling->blocks[i];

        if (joined && block->entries.num > 0)
            memcpy(p->entries + p->num, block->entries.at,
                   block->entries.num * sizeof *p->entries);
        p->num += block->entries.num;
        wcp_array_release(p->store->mem, &block->entries);
    }
    if (!joined)
        p->cap = p->num = 0;
    return joined;
}

static bool
fill_entries(struct wcp_postings *p)
{
    const struct wcp_memory *mem = p->store->mem;
    const unsigned num_threads = p->store->opts.num_threads;
    struct filling filling = { p, NULL, (size_t)BLOCKS_A_THREAD * num_threads };
    bool filled;

    filling.blocks =
        wcp_new_zeroed(mem, filling.num_blocks, sizeof *filling.blocks);
    if (filling.blocks == NULL)
        return false;
    wcp_parallel_for(num_threads, filling.num_blocks, 1, fill_block, &filling);
    filled = join_blocks(p, &filling);
    wcp_free_array(mem, filling.blocks, filling.num_blocks,
                   sizeof *filling.blocks);
    return filled;
}

/* Sort the entries and leave each once. */
static bool
sort_entries(struct wcp_postings *p)
{
    uint64_t *scratch = wcp_new_array(p->store->mem, p->num, sizeof *scratch);
    size_t kept = 0;

    if (scratch == NULL)
        return false;
    wcp_sort_u64(p->entries, scratch, p->num);
    for (size_t i = 0; i < p->num; i++)
        if (kept == 0 || p->entries[kept - 1] != p->entries[i])
            p->entries[kept++] = p->entries[i];
    wcp_free_array(p->store->mem, scratch, p->num, sizeof *scratch);
    p->num = kept;
    return true;
}

/* Note where the entries of each first bits begin. */
static bool
note_firsts(struct wcp_postings *p)
{
    size_t at = 0, num;

    p->first_bits = MIN_FIRST_BITS;
    while (p->first_bits < MAX_FIRST_BITS && p->num > (size_t)2
                                                          << p->first_bits)
        p->first_bits++;
    num = (size_t)1 << p->first_bits;
    p->firsts = wcp_new_array(p->store->mem, num + 1, sizeof *p->firsts);
    if (p->firsts == NULL)
        return false;
    for (size_t first = 0; first <= num; first++) {
        while (at < p->num && p->entries[at] >> (64 - p->first_bits) < first)
            at++;
        p->firsts[first] = at;
    }
    return true;
}

/* Mark the samples of all parts. */
static bool
mark_wanted(struct wcp_postings *p, const struct wcp_part *parts,
            size_t num_parts)
{
    size_t num = 0;

    for (size_t i = 0; i < num_parts; i++)
        num += wcp_class_entry(p->store, parts[i].class_number)->num_sample;
    p->wanted_bits = MIN_WANTED_BITS;
    while (p->wanted_bits < MAX_WANTED_BITS &&
           num > ((size_t)1 << p->wanted_bits) / 16)
        p->wanted_bits++;
    p->wanted = wcp_new_zeroed(p->store->mem, num_words(p), sizeof *p->wanted);
    if (p->wanted == NULL)
        return false;
    for (size_t i = 0; i < num_parts; i++) {
        const struct wcp_entry *entry =
            wcp_class_entry(p->store, parts[i].class_number);

        for (uint32_t k = 0; k < entry->num_sample; k++) {
            const size_t bit = wanted_bit(p, entry->sample[k]);

            p->wanted[bit / 64] |= UINT64_C(1) << bit % 64;
        }
    }
    return true;
}

bool
wcp_postings_init(struct wcp_postings *p, const struct wcp_part *parts,
                  size_t num_parts)
{
    const struct wcp_memory *mem = p->store->mem;
    const uint32_t n = p->store->num_classes;

    p->classes = wcp_new_array(mem, n, sizeof *p->classes);
    p->places = wcp_new_array(mem, n, sizeof *p->places);
    return p->classes != NULL && p->places != NULL && wcp_postings_order(p) &&
           mark_wanted(p, parts, num_parts) && fill_entries(p) &&
           sort_entries(p) && note_firsts(p);
}

void
wcp_postings_release(struct wcp_postings *p)
{
    const struct wcp_memory *mem = p->store->mem;
    const size_t n = p->store->num_classes;

    wcp_free_array(mem, p->classes, n, sizeof *p->classes);
    wcp_free_array(mem, p->places, n, sizeof *p->places);
    wcp_free_array(mem, p->wanted, num_words(p), sizeof *p->wanted);
    wcp_free_array(mem, p->entries, p->cap, sizeof *p->entries);
    wcp_free_array(mem, p->firsts, ((size_t)1 << p->first_bits) + 1,
                   sizeof *p->firsts);
}

static const size_t *
first_of(const struct wcp_postings *p, uint32_t sample)
{
    return &p->firsts[wcp_postings_key(sample) >> (32 - p->first_bits)];
}

size_t
wcp_postings_find(const struct wcp_postings *p, uint32_t sample)
{
    const uint32_t wanted = wcp_postings_key(sample);
    const size_t *first = first_of(p, sample);
    size_t low = first[0], high = first[1];

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (p->entries[middle] >> 32 < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Entries are everywhere in memory: those of all samples are asked for before
 * the first is looked at. */
void
wcp_postings_fetch_ahead(const struct wcp_postings *p,
                         const struct wcp_entry *entry)
{
    for (uint32_t i = 0; i < entry->num_sample; i++)
        __builtin_prefetch(first_of(p, entry->sample[i]));
    for (uint32_t i = 0; i < entry->num_sample; i++)
        __builtin_prefetch(&p->entries[*first_of(p, entry->sample[i])]);
}
