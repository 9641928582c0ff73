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
#include "group/strangers.h"

#include <math.h>
#include <stdlib.h>

/* The share of samples falls behind that of shingles, see inclusions.c. */
#define SAMPLES .5

enum { MAX_LISTED = WCP_SAMPLE_LISTED };

/* All samples that are looked up, with who has them. */
struct postings {
    const struct wcp_store *store;
    uint32_t *classes; /* [num_classes], by digest */
    uint32_t *places;  /* [num_classes]: where they stand there */
    uint64_t *wanted;  /* a bit for each hash of a sample that is looked up */
    unsigned wanted_bits; /* in the number of a bit */
    /* [num], sorted: sample, spread() << 32 | place in classes */
    uint64_t *entries;
    size_t num, cap;
    size_t *firsts; /* [2^first_bits + 1]: entries by their first bits */
    unsigned first_bits;
    uint32_t *counts; /* [num_classes], by place: samples of the part */
    WCP_ARRAY(uint32_t) touched;        /* places that have some */
    WCP_ARRAY(uint64_t) lists, scratch; /* entries of the part's samples */
};

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

enum { MIN_WANTED_BITS = 15, MAX_WANTED_BITS = 26 };
enum { MIN_FIRST_BITS = 1, MAX_FIRST_BITS = 26 };

static const struct wcp_entry *
entry_of(const struct wcp_store *store, uint32_t c)
{
    return &store->entries[store->class_documents[store->class_begins[c]]];
}

/* Samples are the least of many hashes; so that their first bits tell them
 * apart they are multiplied by an odd number, which leaves different ones
 * different. */
static uint32_t
spread(uint32_t sample)
{
    return sample * UINT32_C(0x9E3779B1);
}

static size_t
wanted_bit(const struct postings *p, uint32_t sample)
{
    return spread(sample) >> (32 - p->wanted_bits);
}

static size_t
num_words(const struct postings *p)
{
    return ((size_t)1 << p->wanted_bits) / 64;
}

/* The classes by digest; equal beginnings of digests do not matter. */
static bool
order_classes(struct postings *p)
{
    const struct wcp_store *store = p->store;
    const size_t n = store->num_classes;
    uint64_t *keys = wcp_new_array(store->mem, 2 * n, sizeof *keys);

    if (keys == NULL)
        return false;
    for (uint32_t c = 0; c < n; c++)
        keys[c] = entry_of(store, c)->digest[0] >> 32 << 32 | c;
    wcp_sort_u64(keys, keys + n, n);
    for (size_t i = 0; i < n; i++)
        p->places[p->classes[i] = (uint32_t)keys[i]] = (uint32_t)i;
    wcp_free_array(store->mem, keys, 2 * n, sizeof *keys);
    return true;
}

static bool
add_entries(struct postings *p, uint32_t c)
{
    const struct wcp_entry *entry = entry_of(p->store, c);

    for (uint32_t i = 0; i < entry->num_sample; i++) {
        const uint32_t sample = entry->sample[i];
        const size_t bit = wanted_bit(p, sample);

        if ((p->wanted[bit / 64] >> bit % 64 & 1) == 0)
            continue;
        if (p->num == p->cap &&
            !wcp_array_reserve_raw(p->store->mem, (void **)&p->entries, &p->cap,
                                   p->num + 1, sizeof *p->entries))
            return false;
        p->entries[p->num++] = (uint64_t)spread(sample) << 32 | p->places[c];
    }
    return true;
}

/* Sort the entries and leave each once. */
static bool
sort_entries(struct postings *p)
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
note_firsts(struct postings *p)
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
mark_wanted(struct postings *p, const struct wcp_part *parts, size_t num_parts)
{
    size_t num = 0;

    for (size_t i = 0; i < num_parts; i++)
        num += entry_of(p->store, parts[i].class_number)->num_sample;
    p->wanted_bits = MIN_WANTED_BITS;
    while (p->wanted_bits < MAX_WANTED_BITS &&
           num > ((size_t)1 << p->wanted_bits) / 16)
        p->wanted_bits++;
    p->wanted = wcp_new_zeroed(p->store->mem, num_words(p), sizeof *p->wanted);
    if (p->wanted == NULL)
        return false;
    for (size_t i = 0; i < num_parts; i++) {
        const struct wcp_entry *entry =
            entry_of(p->store, parts[i].class_number);

        for (uint32_t k = 0; k < entry->num_sample; k++) {
            const size_t bit = wanted_bit(p, entry->sample[k]);

            p->wanted[bit / 64] |= UINT64_C(1) << bit % 64;
        }
    }
    return true;
}

static bool
postings_init(struct postings *p, const struct wcp_part *parts,
              size_t num_parts)
{
    const struct wcp_memory *mem = p->store->mem;
    const uint32_t n = p->store->num_classes;

    p->classes = wcp_new_array(mem, n, sizeof *p->classes);
    p->places = wcp_new_array(mem, n, sizeof *p->places);
    p->counts = wcp_new_zeroed(mem, n, sizeof *p->counts);
    if (p->classes == NULL || p->places == NULL || p->counts == NULL ||
        !order_classes(p) || !mark_wanted(p, parts, num_parts))
        return false;
    for (uint32_t c = 0; c < n; c++)
        if (!add_entries(p, c))
            return false;
    return sort_entries(p) && note_firsts(p);
}

static void
postings_release(struct postings *p)
{
    const struct wcp_memory *mem = p->store->mem;
    const size_t n = p->store->num_classes;

    wcp_free_array(mem, p->classes, n, sizeof *p->classes);
    wcp_free_array(mem, p->counts, n, sizeof *p->counts);
    wcp_free_array(mem, p->places, n, sizeof *p->places);
    wcp_array_release(mem, &p->touched);
    wcp_array_release(mem, &p->lists);
    wcp_array_release(mem, &p->scratch);
    wcp_free_array(mem, p->wanted, num_words(p), sizeof *p->wanted);
    wcp_free_array(mem, p->entries, p->cap, sizeof *p->entries);
    wcp_free_array(mem, p->firsts, ((size_t)1 << p->first_bits) + 1,
                   sizeof *p->firsts);
}

static const size_t *
first_of(const struct postings *p, uint32_t sample)
{
    return &p->firsts[spread(sample) >> (32 - p->first_bits)];
}

/* The first entry of a sample. */
static size_t
find_sample(const struct postings *p, uint32_t sample)
{
    const uint32_t wanted = spread(sample);
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
static void
fetch_ahead(const struct postings *p, const struct wcp_entry *entry)
{
    for (uint32_t i = 0; i < entry->num_sample; i++)
        __builtin_prefetch(first_of(p, entry->sample[i]));
    for (uint32_t i = 0; i < entry->num_sample; i++)
        __builtin_prefetch(&p->entries[*first_of(p, entry->sample[i])]);
}

/* List the entries of each sample of a part, as far as they count, those of the
 * rarest first. */
static bool
list_entries(struct postings *p, const struct wcp_entry *entry)
{
    const struct wcp_memory *mem = p->store->mem;

    if (!wcp_array_reserve(mem, &p->lists, entry->num_sample) ||
        !wcp_array_reserve(mem, &p->scratch, entry->num_sample))
        return false;
    fetch_ahead(p, entry);
    for (uint32_t i = 0; i < entry->num_sample; i++) {
        const uint32_t wanted = spread(entry->sample[i]);
        const size_t begin = find_sample(p, entry->sample[i]);
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
        p->lists.at[i] = (uint64_t)(low - begin) << NUM_SHIFT | begin;
    }
    wcp_sort_u64(p->lists.at, p->scratch.at, entry->num_sample);
    return true;
}

/* Count all that have one of the first 'num' lists' samples; their places. */
static bool
count_all(struct postings *p, size_t num)
{
    p->touched.num = 0;
    for (size_t i = 0; i < num; i++) {
        const uint64_t *entries = &p->entries[list_begin(p->lists.at[i])];
        const size_t len = list_len(p->lists.at[i]);

        if (!wcp_array_reserve(p->store->mem, &p->touched,
                               p->touched.num + len))
            return false;
        for (size_t k = 0; k < len; k++) {
            const uint32_t place = (uint32_t)entries[k];

            p->touched.at[p->touched.num] = place;
            p->touched.num += p->counts[place]++ == 0;
        }
    }
    return true;
}

static bool
list_has(const struct postings *p, uint64_t list, uint32_t place)
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
    const uint32_t units = entry_of(judge->store, whole)->num_units;
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
drop(struct postings *p, const struct wcp_judge *judge,
     const struct wcp_part *part, double need, size_t num_more)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->touched.num; i++) {
        const uint32_t place = p->touched.at[i];

        if (p->counts[place] + (double)num_more >= need &&
            (part == NULL || is_wanted(judge, part, p->classes[place])))
            p->touched.at[kept++] = place;
        else
            p->counts[place] = 0;
    }
    p->touched.num = kept;
}

/*
 * The places that have at least SAMPLES of the samples of a part.
 * They have one at least of those that are left when so many but one are set
 * aside; the most frequent ones are, and asked of what has been found.
 */
static bool
list_places(struct wcp_neighbours *near, struct postings *p,
            const struct wcp_judge *judge, const struct wcp_part *part)
{
    const struct wcp_entry *entry = entry_of(p->store, part->class_number);
    const size_t num = entry->num_sample;
    const double need = SAMPLES * (double)num;
    const size_t aside = need > 1 ? (size_t)ceil(need) - 1 : 0;
    bool listed = list_entries(p, entry) && count_all(p, num - aside);

    if (!listed)
        return false;
    drop(p, judge, part, need, aside);
    for (size_t i = num - aside; i < num && p->touched.num > 0; i++) {
        for (size_t k = 0; k < p->touched.num; k++)
            p->counts[p->touched.at[k]] +=
                list_has(p, p->lists.at[i], p->touched.at[k]);
        if (i % 8 == 0)
            drop(p, judge, NULL, need, num - i - 1);
    }
    drop(p, judge, NULL, need, 0);
    listed = wcp_array_reserve(p->store->mem, &near->list,
                               near->list.num + p->touched.num);
    for (size_t i = 0; i < p->touched.num; i++) {
        if (listed)
            near->list.at[near->list.num++] = p->touched.at[i];
        p->counts[p->touched.at[i]] = 0;
    }
    return listed;
}

static int
compare_numbers(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* List the neighbours of all parts. */
static bool
list_all(struct wcp_neighbours *near, struct postings *p,
         const struct wcp_judge *judge, struct wcp_part *parts, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        const size_t begin = near->list.num;

        parts[i].near = begin;
        if (!list_places(near, p, judge, &parts[i]))
            return false;
        if (near->list.num - begin > 1)
            qsort(near->list.at + begin, near->list.num - begin,
                  sizeof *near->list.at, compare_numbers);
    }
    parts[num].near = near->list.num;
    for (size_t i = 0; i < near->list.num; i++)
        near->list.at[i] = p->classes[near->list.at[i]];
    return true;
}

static enum wcp_code
look_up(struct wcp_neighbours *near, const struct wcp_judge *judge,
        struct wcp_part *parts, size_t num, struct wcp_fault *fault)
{
    struct postings postings = { .store = judge->store };
    enum wcp_code code = WCP_CODE_OK;

    if (!postings_init(&postings, parts, num) ||
        !list_all(near, &postings, judge, parts, num))
        code = wcp_no_memory(fault);
    postings_release(&postings);
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
    struct postings p = { .store = store };
    uint64_t *keys = wcp_new_array(mem, 2 * num, sizeof *keys);
    bool listed;

    p.classes = wcp_new_array(mem, n, sizeof *p.classes);
    p.places = wcp_new_array(mem, n, sizeof *p.places);
    listed = keys != NULL && p.classes != NULL && p.places != NULL &&
             order_classes(&p) && wcp_array_reserve(mem, &near->list, num);
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
