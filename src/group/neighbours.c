/*
 * neighbours.c - in which texts others nearly stand
 *
 * What is looked up are samples of shingles.  A form of which there are
 * thousands would make that square, and two strangers are all that matters: of
 * the texts that have a sample the first MAX_LISTED count, in an order
 * that is the same for all samples, that of the digests.  Where there are more,
 * enough of the same texts are among the first of each.
 *
 * Nearly all neighbours of a dispatch are its copies, and known to be.  These
 * are not listed, nor is what is too short to be a stranger.
 */
#include "group/postings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The share of samples falls behind that of shingles, see inclusions.c. */
#define SAMPLES .5

enum { MAX_LISTED = WCP_SAMPLE_LISTED };

/* What a thread counts. */
struct counting {
    const struct wcp_postings *postings;
    const struct wcp_memory *mem;
    uint32_t *counts; /* [num_classes], by place: samples of the part */
    WCP_ARRAY(uint32_t) touched;        /* places that have some */
    WCP_ARRAY(uint64_t) lists, scratch; /* entries of the part's samples */
};

enum { PARTS_A_BLOCK = 64 };

/* Entries that stand together: how many, and where they begin. */
enum { NUM_SHIFT = 48 };

static size_t
list_begin(uint64_t list)
{
    return (size_t)(list & ((UINT64_C(1) << NUM_SHIFT) - 1));
}

static size_t
list_len(uint64_t list)
{
    return (size_t)(list >> NUM_SHIFT);
}

/* List the entries of each sample of a part, as far as they count, those of the
 * rarest first. */
static bool
list_entries(struct counting *c, const struct wcp_entry *entry)
{
    const struct wcp_postings *p = c->postings;

    if (!wcp_array_reserve(c->mem, &c->lists, entry->num_sample) ||
        !wcp_array_reserve(c->mem, &c->scratch, entry->num_sample))
        return false;
    wcp_postings_fetch_ahead(p, entry);
    for (uint32_t i = 0; i < entry->num_sample; i++) {
        const uint32_t wanted = wcp_postings_key(entry->sample[i]);
        const size_t begin = wcp_postings_find(p, entry->sample[i]);
        size_t low = begin, high = p->num;

        if (high > begin + MAX_LISTED)
            high = begin + MAX_LISTED;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;

            if (p->entries[middle] >> 32 == wanted)
                low = middle + 1;
            else
                high = middle;
        }
        c->lists.at[i] = (uint64_t)(low - begin) << NUM_SHIFT | begin;
    }
    wcp_sort_u64(c->lists.at, c->scratch.at, entry->num_sample);
    return true;
}

/* Count all that have one of the first 'num' lists' samples; their places. */
static bool
count_all(struct counting *c, size_t num)
{
    c->touched.num = 0;
    for (size_t i = 0; i < num; i++) {
        const uint64_t *entries =
            &c->postings->entries[list_begin(c->lists.at[i])];
        const size_t len = list_len(c->lists.at[i]);

        if (!wcp_array_reserve(c->mem, &c->touched, c->touched.num + len))
            return false;
        for (size_t k = 0; k < len; k++) {
            const uint32_t place = (uint32_t)entries[k];

            c->touched.at[c->touched.num] = place;
            c->touched.num += c->counts[place]++ == 0;
        }
    }
    return true;
}

static bool
list_has(const struct wcp_postings *p, uint64_t list, uint32_t place)
{
    size_t low = list_begin(list), high = low + list_len(list);

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if ((uint32_t)p->entries[middle] == place)
            return true;
        if ((uint32_t)p->entries[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Whether a class may be a stranger to a part and to some other text. */
static bool
is_wanted(const struct wcp_judge *judge, const struct wcp_part *part,
          uint32_t whole)
{
    const uint32_t units = wcp_class_units(judge->store, whole);
    struct wcp_overlap overlap;

    if (whole == part->class_number)
        return false;
    if (wcp_known_find(&judge->known, part->class_number, whole, &overlap))
        return wcp_may_be_strange(judge, &overlap);
    /* It has not more shingles than units, or one. */
    return wcp_is_long_enough(units > 0 ? units : 1, part->size);
}

/* Leave of those touched the ones that are wanted and can come to 'need' with
 * so many more. */
static void
drop(struct counting *c, const struct wcp_judge *judge,
     const struct wcp_part *part, double need, size_t num_more)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->touched.num; i++) {
        const uint32_t place = c->touched.at[i];

        if (c->counts[place] + (double)num_more >= need &&
            (part == NULL ||
             is_wanted(judge, part, c->postings->classes[place])))
            c->touched.at[kept++] = place;
        else
            c->counts[place] = 0;
    }
    c->touched.num = kept;
}

/*
 * The places that have at least SAMPLES of the samples of a part.
 * They have one at least of those that are left when so many but one are set
 * aside; the most frequent ones are, and asked of what has been found.
 */
static bool
list_places(struct wcp_neighbours *near, struct counting *c,
            const struct wcp_judge *judge, const struct wcp_part *part)
{
    const struct wcp_postings *p = c->postings;
    const struct wcp_entry *entry =
        wcp_class_entry(p->store, part->class_number);
    const size_t num = entry->num_sample;
    const double need = SAMPLES * (double)num;
    const size_t aside = need > 1 ? (size_t)ceil(need) - 1 : 0;
    bool listed = list_entries(c, entry) && count_all(c, num - aside);

    if (!listed)
        return false;
    drop(c, judge, part, need, aside);
    for (size_t i = num - aside; i < num && c->touched.num > 0; i++) {
        for (size_t k = 0; k < c->touched.num; k++)
            c->counts[c->touched.at[k]] +=
                list_has(p, c->lists.at[i], c->touched.at[k]);
        if (i % 8 == 0)
            drop(c, judge, NULL, need, num - i - 1);
    }
    drop(c, judge, NULL, need, 0);
    listed =
        wcp_array_reserve(c->mem, &near->list, near->list.num + c->touched.num);
    for (size_t i = 0; i < c->touched.num; i++) {
        if (listed)
            near->list.at[near->list.num++] = c->touched.at[i];
        c->counts[c->touched.at[i]] = 0;
    }
    return listed;
}

static int
compare_numbers(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* All parts are looked at in blocks, each of which has a list of its own. */
struct listing {
    const struct wcp_postings *postings;
    const struct wcp_judge *judge;
    struct wcp_part *parts;
    size_t num, num_blocks;
    struct counting *countings;    /* [num_threads] */
    struct wcp_neighbours *blocks; /* [num_blocks]; 'mem' NULL: no memory */
};

static bool
list_part(struct counting *c, struct wcp_neighbours *near,
          const struct wcp_judge *judge, struct wcp_part *part)
{
    const struct wcp_postings *p = c->postings;
    const size_t begin = near->list.num;

    if (c->counts == NULL)
        c->counts =
            wcp_new_zeroed(c->mem, p->store->num_classes, sizeof *c->counts);
    part->near = begin;
    if (c->counts == NULL || !list_places(near, c, judge, part))
        return false;
    if (near->list.num - begin > 1)
        qsort(near->list.at + begin, near->list.num - begin,
              sizeof *near->list.at, compare_numbers);
    for (size_t i = begin; i < near->list.num; i++)
        near->list.at[i] = p->classes[near->list.at[i]];
    return true;
}

static void
list_block(void *ctx, unsigned thread, size_t number)
{
    const struct listing *listing = ctx;
    struct wcp_neighbours *block = &listing->blocks[number];
    struct counting *c = &listing->countings[thread];
    size_t end = (number + 1) * PARTS_A_BLOCK;

    if (end > listing->num)
        end = listing->num;
    c->postings = listing->postings;
    c->mem = block->mem = listing->postings->store->mem;
    for (size_t i = number * PARTS_A_BLOCK; i < end && block->mem != NULL; i++)
        if (!list_part(c, block, listing->judge, &listing->parts[i]))
            block->mem = NULL;
}

/* The lists of all blocks one after the other. */
static bool
join_lists(struct wcp_neighbours *near, const struct listing *listing)
{
    bool joined = true;
    size_t num = 0;

    for (size_t i = 0; i < listing->num_blocks; i++) {
        joined &= listing->blocks[i].mem != NULL;
        num += listing->blocks[i].list.num;
    }
    joined = joined && wcp_array_reserve(near->mem, &near->list, num);
    for (size_t i = 0; joined && i < listing->num; i++) {
        const struct wcp_neighbours *block =
            &listing->blocks[i / PARTS_A_BLOCK];

        if (i % PARTS_A_BLOCK == 0 && block->list.num > 0)
            memcpy(near->list.at + near->list.num, block->list.at,
                   block->list.num * sizeof *near->list.at);
        listing->parts[i].near += near->list.num;
        if (i + 1 == listing->num || (i + 1) % PARTS_A_BLOCK == 0)
            near->list.num += block->list.num;
    }
    listing->parts[listing->num].near = near->list.num;
    return joined;
}

/* List the neighbours of all parts. */
static bool
list_all(struct wcp_neighbours *near, const struct wcp_postings *p,
         const struct wcp_judge *judge, struct wcp_part *parts, size_t num)
{
    const struct wcp_memory *mem = p->store->mem;
    const unsigned num_threads = p->store->opts.num_threads;
    struct listing listing = {
        p,    judge, parts, num, (num + PARTS_A_BLOCK - 1) / PARTS_A_BLOCK,
        NULL, NULL
    };
    bool listed;

    listing.countings =
        wcp_new_zeroed(mem, num_threads, sizeof *listing.countings);
    listing.blocks =
        wcp_new_zeroed(mem, listing.num_blocks, sizeof *listing.blocks);
    listed = listing.countings != NULL && listing.blocks != NULL;
    if (listed)
        wcp_parallel_for(num_threads, listing.num_blocks, 1, list_block,
                         &listing);
    listed = listed && join_lists(near, &listing);
    for (unsigned i = 0; listing.countings != NULL && i < num_threads; i++) {
        struct counting *c = &listing.countings[i];

        wcp_free_array(mem, c->counts, p->store->num_classes,
                       sizeof *c->counts);
        wcp_array_release(mem, &c->touched);
        wcp_array_release(mem, &c->lists);
        wcp_array_release(mem, &c->scratch);
    }
    for (size_t i = 0; listing.blocks != NULL && i < listing.num_blocks; i++)
        wcp_array_release(mem, &listing.blocks[i].list);
    wcp_free_array(mem, listing.countings, num_threads,
                   sizeof *listing.countings);
    wcp_free_array(mem, listing.blocks, listing.num_blocks,
                   sizeof *listing.blocks);
    return listed;
}

static enum wcp_code
look_up(struct wcp_neighbours *near, const struct wcp_judge *judge,
        struct wcp_part *parts, size_t num, struct wcp_fault *fault)
{
    struct wcp_postings postings = { .store = judge->store };
    enum wcp_code code = WCP_CODE_OK;

    if (!wcp_postings_init(&postings, parts, num) ||
        !list_all(near, &postings, judge, parts, num))
        code = wcp_no_memory(fault);
    wcp_postings_release(&postings);
    return code;
}

/* ---- where samples have left memory ---- */

struct asking {
    const struct wcp_judge *judge;
    const struct wcp_part *parts; /* ascending */
    size_t num;
};

static bool
is_wanted_of(const void *ctx, uint32_t part, uint32_t whole)
{
    const struct asking *asking = ctx;
    size_t low = 0, high = asking->num;

    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;

        if (asking->parts[middle].class_number <= part)
            low = middle;
        else
            high = middle;
    }
    return is_wanted(asking->judge, &asking->parts[low], whole);
}

/* Put what was found in order: by part, then by digest. */
static bool
list_found(struct wcp_neighbours *near, const struct wcp_store *store,
           struct wcp_part *parts, size_t num_parts,
           const struct wcp_inclusions *found)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_classes, num = found->list.num;
    struct wcp_postings p = { .store = store };
    uint64_t *keys = wcp_new_array(mem, 2 * num, sizeof *keys);
    bool listed;

    p.classes = wcp_new_array(mem, n, sizeof *p.classes);
    p.places = wcp_new_array(mem, n, sizeof *p.places);
    listed = keys != NULL && p.classes != NULL && p.places != NULL &&
             wcp_postings_order(&p) && wcp_array_reserve(mem, &near->list, num);
    for (size_t i = 0; listed && i < num; i++)
        keys[i] = (uint64_t)found->list.at[i].part << 32 |
                  p.places[found->list.at[i].whole];
    if (listed)
        wcp_sort_u64(keys, keys + num, num);
    for (size_t i = 0, k = 0; listed && i <= num_parts; i++) {
        parts[i].near = k;
        for (;
             i < num_parts && k < num && keys[k] >> 32 == parts[i].class_number;
             k++)
            near->list.at[near->list.num++] = p.classes[(uint32_t)keys[k]];
    }
    wcp_free_array(mem, keys, 2 * num, sizeof *keys);
    wcp_free_array(mem, p.classes, n, sizeof *p.classes);
    wcp_free_array(mem, p.places, n, sizeof *p.places);
    return listed;
}

static enum wcp_code
ask(struct wcp_neighbours *near, const struct wcp_judge *judge,
    struct wcp_part *parts, size_t num, struct wcp_fault *fault)
{
    struct wcp_store *store = judge->store;
    const struct asking asking = { judge, parts, num };
    struct wcp_inclusions found = { 0 };
    uint8_t *asked = wcp_new_zeroed(store->mem, store->num_classes, 1);
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; asked != NULL && i < num; i++)
        asked[parts[i].class_number] = 1;
    code = asked == NULL ? wcp_no_memory(fault)
                         : wcp_nearly_in_find(&found, store, asked, SAMPLES,
                                              is_wanted_of, &asking, fault);
    wcp_free_array(store->mem, asked, store->num_classes, 1);
    if (code == WCP_CODE_OK && !list_found(near, store, parts, num, &found))
        code = wcp_no_memory(fault);
    wcp_inclusions_release(&found);
    return code;
}

enum wcp_code
wcp_neighbours_find(struct wcp_neighbours *near, const struct wcp_judge *judge,
                    struct wcp_part *parts, size_t num, struct wcp_fault *fault)
{
    enum wcp_code code;

    *near = (struct wcp_neighbours){ .mem = judge->store->mem };
    code = judge->store->sample_file != NULL
               ? ask(near, judge, parts, num, fault)
               : look_up(near, judge, parts, num, fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_spool_classes(judge->store, near->list.at,
                                       near->list.num, fault);
    if (code != WCP_CODE_OK)
        wcp_neighbours_release(near);
    return code;
}

void
wcp_neighbours_release(struct wcp_neighbours *near)
{
    if (near->mem != NULL)
        wcp_array_release(near->mem, &near->list);
    *near = (struct wcp_neighbours){ 0 };
}
