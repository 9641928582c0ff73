/*
 * stories.c - which texts lie in which, and which of these are pages
 *
 * Candidates come from samples of shingles (inclusions.c) and are compared
 * exactly.  Whether a text in which another lies is one longer story or a page
 * is seen by what else lies in it: stories that have nothing to do with the
 * first.
 */
#include "group/stories.h"

#include "group/judge.h"

#include <string.h>

enum wcp_code
wcp_stories_init(struct wcp_stories *stories, struct wcp_store *store,
                 double threshold, struct wcp_fault *fault)
{
    const size_t n = store->num_classes;

    *stories = (struct wcp_stories){ .store = store, .threshold = threshold };
    stories->begins =
        wcp_new_zeroed(store->mem, n + 2, sizeof *stories->begins);
    stories->is_story = wcp_new_zeroed(store->mem, n, 1);
    if (stories->begins != NULL && stories->is_story != NULL)
        return WCP_CODE_OK;
    wcp_stories_release(stories);
    return wcp_no_memory(fault);
}

void
wcp_stories_release(struct wcp_stories *stories)
{
    const struct wcp_memory *mem;
    size_t n;

    if (stories->store == NULL)
        return;
    mem = stories->store->mem;
    n = stories->store->num_classes;
    wcp_array_release(mem, &stories->pairs);
    wcp_array_release(mem, &stories->added);
    wcp_free_array(mem, stories->begins, n + 2, sizeof *stories->begins);
    wcp_free_array(mem, stories->edges, stories->num_edges,
                   sizeof *stories->edges);
    wcp_free_array(mem, stories->is_story, n, 1);
    wcp_sample_index_free(stories->index);
    *stories = (struct wcp_stories){ 0 };
}

/* Pairs of a and b as a << 32 | b, ascending, each once; how many are left. */
static size_t
sort_keys(uint64_t *keys, uint64_t *scratch, size_t num)
{
    size_t kept = 0;

    wcp_sort_u64(keys, scratch, num);
    for (size_t i = 0; i < num; i++)
        if (kept == 0 || keys[kept - 1] != keys[i])
            keys[kept++] = keys[i];
    return kept;
}

/* Merge added pairs, for which there is room behind the others and which are
 * ascending as these are, and note their places.  None is there twice: what is
 * known is not asked again. */
static void
merge_pairs(struct wcp_class_pair *pairs, const struct wcp_class_pair *added,
            size_t num_before, size_t num, size_t *places)
{
    size_t at = num_before + num, i = num_before, k = num;

    if (pairs == NULL)
        return;
    while (k > 0) {
        const struct wcp_class_pair *x = i > 0 ? &pairs[i - 1] : NULL;
        const struct wcp_class_pair *y = &added[k - 1];

        if (x != NULL && (x->a > y->a || (x->a == y->a && x->b > y->b))) {
            pairs[--at] = *x;
            i--;
        } else {
            pairs[--at] = *y;
            places[--k] = at;
        }
    }
}

static bool
list_edges(struct wcp_stories *stories)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t n = stories->store->num_classes;
    size_t *begins = stories->begins;

    if (stories->pairs.num > UINT32_MAX) /* a hundred gigabytes of them */
        return false;
    wcp_free_array(mem, stories->edges, stories->num_edges,
                   sizeof *stories->edges);
    stories->num_edges = 2 * stories->pairs.num;
    stories->edges =
        wcp_new_array(mem, stories->num_edges, sizeof *stories->edges);
    if (stories->edges == NULL)
        return false;
    memset(begins, 0, (n + 2) * sizeof *begins);
    for (size_t i = 0; i < stories->pairs.num; i++) {
        begins[stories->pairs.at[i].a + 2]++;
        begins[stories->pairs.at[i].b + 2]++;
    }
    for (size_t i = 0; i < n; i++)
        begins[i + 2] += begins[i + 1];
    for (size_t i = 0; i < stories->pairs.num; i++) {
        const struct wcp_class_pair *pair = &stories->pairs.at[i];

        stories->edges[begins[pair->a + 1]++] =
            (struct wcp_edge){ pair->b, (uint32_t)i };
        stories->edges[begins[pair->b + 1]++] =
            (struct wcp_edge){ pair->a, (uint32_t)i };
    }
    return true;
}

/* Whether a pair is there already: of two that were asked at different times
 * each may stand in the other. */
static bool
is_there(const struct wcp_stories *stories, uint64_t key)
{
    const struct wcp_class_pair *pairs = stories->pairs.at;
    size_t low = 0, high = stories->pairs.num;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const uint64_t its = (uint64_t)pairs[middle].a << 32 | pairs[middle].b;

        if (its == key)
            return true;
        if (its < key)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Candidates -> keys of pairs that are not there yet. */
static size_t
list_keys(const struct wcp_stories *stories,
          const struct wcp_inclusions *inclusions, uint64_t *keys,
          uint64_t *scratch)
{
    size_t num = 0;

    for (size_t i = 0; i < inclusions->list.num; i++) {
        const uint32_t x = inclusions->list.at[i].part;
        const uint32_t y = inclusions->list.at[i].whole;
        const uint64_t key =
            x < y ? (uint64_t)x << 32 | y : (uint64_t)y << 32 | x;

        if (!is_there(stories, key))
            keys[num++] = key;
    }
    return sort_keys(keys, scratch, num);
}

/* Candidates while they are compared. */
struct candidates {
    uint64_t *keys; /* [most], of which num are in use */
    size_t most, num;
    WCP_ARRAY(struct wcp_class_pair) added; /* of which one lies in the other */
};

/* Compare keys begin .. end - 1 and add what is left of them. */
static enum wcp_code
compare_keys(struct wcp_stories *stories, struct candidates *candidates,
             size_t begin, size_t end, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = stories->store->mem;
    const uint64_t *keys = candidates->keys;
    size_t num = end - begin;
    struct wcp_class_pair *added;
    enum wcp_code code;

    if (!wcp_array_reserve(mem, &candidates->added,
                           candidates->added.num + num))
        return wcp_no_memory(fault);
    added = candidates->added.at + candidates->added.num;
    for (size_t i = 0; i < num; i++)
        added[i] =
            (struct wcp_class_pair){ .a = (uint32_t)(keys[begin + i] >> 32),
                                     .b = (uint32_t)keys[begin + i] };
    code = wcp_overlaps_fill(stories->store, added, &num, stories->threshold,
                             &stories->num_verified, fault);
    if (code == WCP_CODE_OK)
        candidates->added.num += num;
    return code;
}

/* Have the texts of all keys at hand at once, for streams are read again. */
static enum wcp_code
spool_keys(struct wcp_stories *stories, const struct candidates *candidates,
           struct wcp_fault *fault)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t n = stories->store->num_classes;
    uint8_t *wanted = wcp_new_zeroed(mem, n, 1);
    uint32_t *classes = wcp_new_array(mem, n, sizeof *classes);
    size_t num = 0;
    enum wcp_code code = WCP_CODE_OK;

    if (wanted == NULL || classes == NULL)
        code = wcp_no_memory(fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < candidates->num; i++)
        wanted[candidates->keys[i] >> 32] =
            wanted[(uint32_t)candidates->keys[i]] = 1;
    for (uint32_t c = 0; code == WCP_CODE_OK && c < n; c++)
        if (wanted[c])
            classes[num++] = c;
    if (code == WCP_CODE_OK)
        code = wcp_store_spool_classes(stories->store, classes, num, fault);
    wcp_free_array(mem, wanted, n, 1);
    wcp_free_array(mem, classes, n, sizeof *classes);
    return code;
}

/* All at once, or, where memory is short, some after the other: most come to
 * nothing. */
static enum wcp_code
compare_all(struct wcp_stories *stories, struct candidates *candidates,
            struct wcp_fault *fault)
{
    const size_t num = candidates->num;
    const size_t at_once = wcp_overlaps_at_once(stories->store);
    const size_t step = at_once < num ? at_once : num;
    enum wcp_code code = WCP_CODE_OK;

    if (step < num)
        code = spool_keys(stories, candidates, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < num; i += step)
        code = compare_keys(stories, candidates, i,
                            num - i < step ? num : i + step, fault);
    return code;
}

/* Pairs that were added, to the others. */
static bool
take_added(struct wcp_stories *stories, struct candidates *candidates)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t before = stories->pairs.num, num = candidates->added.num;

    if (!wcp_array_reserve(mem, &stories->added, num))
        return false;
    stories->added.num = num;
    if (before == 0) {
        wcp_array_release(mem, &stories->pairs);
        stories->pairs.at = candidates->added.at;
        stories->pairs.num = num;
        stories->pairs.cap = candidates->added.cap;
        candidates->added.at = NULL;
        candidates->added.num = candidates->added.cap = 0;
        for (size_t i = 0; i < num; i++)
            stories->added.at[i] = i;
        return true;
    }
    if (!wcp_array_reserve(mem, &stories->pairs, before + num))
        return false;
    merge_pairs(stories->pairs.at, candidates->added.at, before, num,
                stories->added.at);
    stories->pairs.num = before + num;
    return true;
}

/* Empties the inclusions. */
static bool
list_candidates(const struct wcp_stories *stories,
                struct wcp_inclusions *inclusions,
                struct candidates *candidates)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t most = inclusions->list.num;
    uint64_t *scratch = wcp_new_array(mem, most, sizeof *scratch);

    candidates->most = most;
    candidates->keys = wcp_new_array(mem, most, sizeof *candidates->keys);
    if (candidates->keys != NULL && scratch != NULL)
        candidates->num =
            list_keys(stories, inclusions, candidates->keys, scratch);
    wcp_free_array(mem, scratch, most, sizeof *scratch);
    wcp_inclusions_release(inclusions);
    return candidates->keys != NULL && scratch != NULL;
}

static enum wcp_code
add_candidates(struct wcp_stories *stories, struct wcp_inclusions *inclusions,
               struct wcp_fault *fault)
{
    const struct wcp_memory *mem = stories->store->mem;
    struct candidates candidates = { .num = 0 };
    enum wcp_code code = WCP_CODE_OK;

    if (!list_candidates(stories, inclusions, &candidates))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = compare_all(stories, &candidates, fault);
    wcp_free_array(mem, candidates.keys, candidates.most,
                   sizeof *candidates.keys);
    if (code == WCP_CODE_OK && stories->judge != NULL)
        code = wcp_judge_pairs(stories->judge, candidates.added.at,
                               candidates.added.num, fault);
    if (code == WCP_CODE_OK && !take_added(stories, &candidates))
        code = wcp_no_memory(fault);
    wcp_array_release(mem, &candidates.added);
    return code;
}

/* ---- what an edge means ---- */

struct wcp_overlap
wcp_overlap_of(const struct wcp_class_pair *pair, uint32_t copy)
{
    struct wcp_overlap overlap = pair->overlap;

    if (pair->a != copy) {
        overlap.size_a = pair->overlap.size_b;
        overlap.size_b = pair->overlap.size_a;
    }
    return overlap;
}

static bool
is_share(const struct wcp_stories *stories, uint32_t common, uint32_t size)
{
    return size > 0 && (double)common / size >= stories->threshold;
}

/* Bits that tell what few samples are not among. */
enum { NUM_BITS = 1 << 13, FEW_SAMPLES = NUM_BITS / 2 };

/* Whether half of the first text's samples are in the other's.  Those that are
 * in it have a bit set; few others have.  Both are in the order of the texts,
 * so that the next one mostly stands near the last one. */
static bool
are_half_in_few(const uint32_t *x, size_t num_x, const uint32_t *y,
                size_t num_y)
{
    uint64_t bits[NUM_BITS / 64] = { 0 };
    size_t missing = 0, common = 0, at = 0;

    for (size_t k = 0; k < num_y; k++)
        bits[y[k] % NUM_BITS / 64] |= UINT64_C(1) << y[k] % 64;
    for (size_t i = 0; i < num_x && 2 * missing <= num_x; i++)
        missing += (bits[x[i] % NUM_BITS / 64] >> x[i] % 64 & 1) == 0;
    if (2 * missing > num_x)
        return false;
    for (size_t i = 0; i < num_x && 2 * common < num_x; i++) {
        if ((bits[x[i] % NUM_BITS / 64] >> x[i] % 64 & 1) == 0)
            continue;
        for (size_t k = 0; k < num_y; k++, at = at + 1 < num_y ? at + 1 : 0)
            if (x[i] == y[at]) {
                common++;
                break;
            }
    }
    return 2 * common >= num_x;
}

/* The slot of a value in a table of places in y, + 1. */
static uint32_t *
find_place(uint32_t *slots, size_t mask, const uint32_t *y, uint32_t value)
{
    size_t slot = value * UINT32_C(0x9E3779B1) & mask;

    while (slots[slot] != 0 && y[slots[slot] - 1] != value)
        slot = (slot + 1) & mask;
    return &slots[slot];
}

/* Likewise of any number.  Without memory it takes longer. */
static bool
are_half_in(const struct wcp_memory *mem, const uint32_t *x, uint32_t num_x,
            const uint32_t *y, uint32_t num_y)
{
    size_t num_slots = 2 * FEW_SAMPLES, common = 0;
    uint32_t *slots = NULL;

    while (num_slots / 2 < num_y)
        num_slots *= 2;
    if (num_y > FEW_SAMPLES)
        slots = wcp_new_zeroed(mem, num_slots, sizeof *slots);
    if (slots == NULL)
        return are_half_in_few(x, num_x, y, num_y);
    for (uint32_t k = 0; k < num_y; k++)
        *find_place(slots, num_slots - 1, y, y[k]) = k + 1;
    for (uint32_t i = 0; i < num_x; i++)
        common += *find_place(slots, num_slots - 1, y, x[i]) != 0;
    wcp_free_array(mem, slots, num_slots, sizeof *slots);
    return 2 * common >= num_x;
}

/* Where samples have left memory; a failure is known at the end. */
static bool
share_text_out(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    struct wcp_sample_range x = { 0 }, y = { 0 };
    bool share = false;

    if (wcp_sample_range_load_one(store, a, &x) &&
        wcp_sample_range_load_one(store, b, &y))
        share = are_half_in(store->mem, x.samples.at, (uint32_t)x.begins.at[1],
                            y.samples.at, (uint32_t)y.begins.at[1]);
    wcp_sample_range_release(store, &x);
    wcp_sample_range_release(store, &y);
    return share;
}

/* Whether half of the shorter text's samples are in the other. */
static bool
share_text(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    const uint32_t num_a = wcp_class_num_sample(store, a);
    const uint32_t num_b = wcp_class_num_sample(store, b);

    if (num_a > num_b || (num_a == num_b && wcp_class_precedes(store, b, a)))
        return share_text(store, b, a);
    if (store->sample_file != NULL)
        return share_text_out(store, a, b);
    return are_half_in(store->mem, wcp_class_entry(store, a)->sample, num_a,
                       wcp_class_entry(store, b)->sample, num_b);
}

/* Whether the other class of an edge is a story that lies in the page and is
 * not nearly all of it. */
static bool
holds_story(const struct wcp_stories *stories, const struct wcp_edge *edge,
            uint32_t page)
{
    const struct wcp_class_pair *pair = wcp_edge_pair(stories, edge);
    const struct wcp_overlap overlap = wcp_overlap_of(pair, page);

    return stories->is_story[edge->other] &&
           (pair->relation == 0 || pair->relation == WCP_REL_EMBEDDED) &&
           is_share(stories, overlap.common, overlap.size_b) &&
           !is_share(stories, overlap.common, overlap.size_a);
}

/*
 * Originals that lie in one text are no copies of each other, so that each that
 * holds another one is a quarter longer than it: a story that grew has but a
 * few dozen.  What holds more is a page, and texts need not be compared.
 */
enum { MOST_OF_ONE = 64 };

/* Stories besides 'story' that lie in 'page' and share no text with it: 0, or
 * 1 if there are any. */
static uint32_t
count_others(const struct wcp_stories *stories, uint32_t story, uint32_t page)
{
    const size_t begin = stories->begins[page], end = stories->begins[page + 1];
    uint32_t num = 0;

    for (size_t i = begin; i < end && num <= MOST_OF_ONE; i++)
        num += holds_story(stories, &stories->edges[i], page);
    if (num > MOST_OF_ONE)
        return 1;
    for (size_t i = begin; i < end; i++) {
        const struct wcp_edge *edge = &stories->edges[i];

        if (edge->other != story && holds_story(stories, edge, page) &&
            !share_text(stories->store, story, edge->other))
            return 1;
    }
    return 0;
}

enum wcp_relation_kind
wcp_stories_relate(const struct wcp_stories *stories,
                   const struct wcp_class_pair *pair, uint32_t copy,
                   uint32_t original)
{
    const struct wcp_overlap overlap = wcp_overlap_of(pair, copy);
    const bool lies_in = is_share(stories, overlap.common, overlap.size_a);
    struct wcp_relation_evidence evidence = { .threshold = stories->threshold,
                                              .overlap = overlap };

    if (pair->relation != 0) /* it was judged */
        return (enum wcp_relation_kind)pair->relation;
    if (is_share(stories, overlap.common, overlap.size_b)) {
        if (!lies_in)
            evidence.num_other_stories = count_others(stories, original, copy);
        return wcp_relation(&evidence);
    }
    if (lies_in) {
        struct wcp_relation_evidence turned = evidence;

        turned.overlap = wcp_overlap_of(pair, original);
        turned.num_other_stories = count_others(stories, copy, original);
        if (wcp_relation(&turned) == WCP_REL_EMBEDDED)
            return WCP_REL_EMBEDDED;
    }
    return wcp_relation(&evidence);
}

/* ---- more edges ---- */

/* Whether a pair is a page and a story on it, as other stories show. */
static bool
is_on_page(const struct wcp_stories *stories, const struct wcp_class_pair *pair)
{
    const bool is_a = pair->overlap.size_a > pair->overlap.size_b;
    const struct wcp_overlap overlap =
        wcp_overlap_of(pair, is_a ? pair->a : pair->b);

    return is_share(stories, overlap.common, overlap.size_b) &&
           !is_share(stories, overlap.common, overlap.size_a) &&
           count_others(stories, is_a ? pair->b : pair->a,
                        is_a ? pair->a : pair->b) > 0;
}

enum { BLOCK = 64 }; /* pairs that are looked at in one go */

/* What other stories show of the pairs. */
struct showing {
    const struct wcp_stories *stories;
    const uint8_t *changed; /* [num_classes]: there are others on it now */
    uint8_t *shown;         /* [pairs.num] */
};

static void
show_block(void *ctx, unsigned thread, size_t block)
{
    const struct showing *s = ctx;
    const size_t begin = block * BLOCK;
    const size_t left = s->stories->pairs.num - begin;

    (void)thread;
    for (size_t i = begin; i < begin + (left < BLOCK ? left : BLOCK); i++) {
        const struct wcp_class_pair *pair = &s->stories->pairs.at[i];

        s->shown[i] = pair->relation == 0 &&
                      (s->changed[pair->a] || s->changed[pair->b]) &&
                      is_on_page(s->stories, pair);
    }
}

/* Mark the pages on which others may be now: asked ones, or added pairs. */
static void
mark_changed(struct wcp_stories *stories, const uint8_t *asked,
             uint8_t *changed)
{
    for (size_t i = 0; i < stories->added.num; i++) {
        const struct wcp_class_pair *pair =
            &stories->pairs.at[stories->added.at[i]];

        changed[pair->a] = changed[pair->b] = 1;
    }
    for (uint32_t c = 0; c < stories->store->num_classes; c++) {
        if (stories->is_story[c] || (asked != NULL && !asked[c]))
            continue;
        stories->is_story[c] = 1;
        for (size_t i = stories->begins[c]; i < stories->begins[c + 1]; i++)
            changed[stories->edges[i].other] = 1;
    }
}

/* Say EMBEDDED of pairs that other stories show to be on a page. */
static bool
show_pages(struct wcp_stories *stories, const uint8_t *changed)
{
    const struct wcp_memory *mem = stories->store->mem;
    const size_t num = stories->pairs.num;
    struct showing s = { stories, changed, wcp_new_array(mem, num, 1) };

    if (s.shown == NULL)
        return false;
    wcp_parallel_for(stories->store->opts.num_threads,
                     (num + BLOCK - 1) / BLOCK, 1, show_block, &s);
    for (size_t i = 0; i < num; i++)
        if (s.shown[i])
            stories->pairs.at[i].relation = WCP_REL_EMBEDDED;
    wcp_free_array(mem, s.shown, num, 1);
    return true;
}

/* What no other story shows to be a page may do so itself: two texts say the
 * same each time, so only those are read that were added. */
static enum wcp_code
judge_pages(struct wcp_stories *stories, const uint8_t *changed,
            struct wcp_fault *fault)
{
    if (!show_pages(stories, changed))
        return wcp_no_memory(fault);
    return wcp_judge_pages(stories->store, stories->pairs.at, stories->added.at,
                           stories->added.num, stories->threshold, fault);
}

enum wcp_code
wcp_stories_add(struct wcp_stories *stories, const uint8_t *asked,
                bool (*keep)(const void *ctx, uint32_t part, uint32_t whole),
                const void *ctx, struct wcp_fault *fault)
{
    const size_t n = stories->store->num_classes;
    uint8_t *changed = wcp_new_zeroed(stories->store->mem, n, 1);
    struct wcp_inclusions inclusions = { 0 };
    enum wcp_code code = changed != NULL ? WCP_CODE_OK : wcp_no_memory(fault);

    if (code == WCP_CODE_OK && stories->store->opts.sample)
        code = wcp_inclusions_find(
            &inclusions, stories->store,
            stories->judge != NULL ? &stories->judge->index : &stories->index,
            asked, stories->threshold, keep, ctx, fault);
    if (code == WCP_CODE_OK)
        code = add_candidates(stories, &inclusions, fault);
    wcp_inclusions_release(&inclusions);
    if (code == WCP_CODE_OK && !list_edges(stories))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        mark_changed(stories, asked, changed);
    if (code == WCP_CODE_OK && stories->judge != NULL)
        code = judge_pages(stories, changed, fault);
    wcp_free_array(stories->store->mem, changed, n, 1);
    return code;
}
