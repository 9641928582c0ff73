/*
 * merge_parts.c - passages of parts of the corpus that have nothing in common
 *
 * Passages meet where their spans overlap, and pairs link spans.  So pairs
 * fall into sets that have nothing to do with one another, and each thread
 * merges those of some sets.  One set may have a good part of all: it is begun
 * first, and who has nothing left to merge puts passages of what is merged.
 * What is found is the same as if all were merged at once.
 */
#include "passage/merge.h"

#include <stdlib.h>
#include <string.h>

enum {
    FEW = 1024, /* so many are merged at once */
    PARTS = 4,  /* for a thread */
};

/* What is merged by itself. */
struct part {
    uint64_t load; /* pairs and texts */
    WCP_ARRAY(struct wcp_linked) pairs;
    WCP_ARRAY(uint32_t) texts;
    struct wcp_merging m;
    struct wcp_putting *putting; /* when it has been merged */
    atomic_bool merged;
    enum wcp_code code;
    struct wcp_fault fault;
};

/* The pairs come first, then the texts. */
struct dividing {
    const struct wcp_memory *mem;
    const struct wcp_places *places;
    const struct wcp_linked *pairs;
    size_t num_pairs, num;
    WCP_ARRAY(uint32_t) texts;
    uint32_t *parents;         /* [num], of the sets */
    uint64_t *sizes;           /* [num], of the sets by their roots */
    struct wcp_sorting *spans; /* [2 * num] */
    uint64_t *order;           /* [4 * num], of spans; half to sort with */
    struct part *parts;        /* [num_parts] */
    unsigned num_parts;
    struct wcp_matcher *matchers; /* [num_threads], to put with */
    atomic_size_t next_part;
    atomic_size_t num_merged;
};

/* ---- sets ---- */

/* Texts that stand more than once, and are long enough, are passages. */
static bool
list_texts(struct dividing *d, const uint32_t *counts,
           const struct wcp_passage_limits *opts)
{
    const struct wcp_places *places = d->places;

    for (uint32_t i = 0; counts != NULL && i < places->num_texts; i++) {
        if (counts[i] < 2 ||
            wcp_units_weight(&places->texts[i], 0, places->texts[i].num) <
                (uint64_t)opts->min_length * WCP_WEIGHT_HAN)
            continue;
        if (!wcp_array_grow(d->mem, &d->texts))
            return false;
        d->texts.at[d->texts.num++] = i;
    }
    d->num = d->num_pairs + d->texts.num;
    return true;
}

/* The number of the pair or text that a listed span is of. */
static uint32_t
number_of(const struct dividing *d, const struct wcp_sorting *listed)
{
    return listed->number < 2 * d->num_pairs
               ? listed->number / 2
               : listed->number - (uint32_t)d->num_pairs;
}

/* Whatever overlaps is in one set. */
static bool
find_sets(struct dividing *d)
{
    const size_t num_spans = 2 * d->num_pairs + d->texts.num;
    uint32_t end = 0, last = 0;

    d->parents = wcp_new_array(d->mem, d->num, sizeof *d->parents);
    d->sizes = wcp_new_zeroed(d->mem, d->num, sizeof *d->sizes);
    d->spans = wcp_new_array(d->mem, 2 * d->num, sizeof *d->spans);
    d->order = wcp_new_array(d->mem, 4 * d->num, sizeof *d->order);
    if (d->parents == NULL || d->sizes == NULL || d->spans == NULL ||
        d->order == NULL)
        return false;
    for (uint32_t i = 0; i < d->num; i++)
        d->parents[i] = i;
    wcp_list_spans(d->places, d->pairs, d->num_pairs, d->texts.at, d->texts.num,
                   d->spans);
    /* Which of those that begin alike comes first does not matter. */
    for (size_t i = 0; i < num_spans; i++)
        d->order[i] = (uint64_t)d->spans[i].span.begin << 32 | i;
    wcp_sort_u64(d->order, d->order + num_spans, num_spans);
    for (size_t i = 0; i < num_spans; i++) {
        const struct wcp_sorting *at = &d->spans[(uint32_t)d->order[i]];
        const uint32_t number = number_of(d, at);

        if (i > 0 && at->span.begin < end)
            d->parents[wcp_root_of(d->parents, number)] =
                wcp_root_of(d->parents, last);
        if (at->span.end > end)
            end = at->span.end;
        last = number;
    }
    for (uint32_t i = 0; i < d->num; i++)
        d->sizes[wcp_root_of(d->parents, i)]++;
    return true;
}

/* ---- parts ---- */

static bool
put_into(struct dividing *d, struct part *part, size_t i)
{
    if (i >= d->num_pairs) {
        if (!wcp_array_grow(d->mem, &part->texts))
            return false;
        part->texts.at[part->texts.num++] = d->texts.at[i - d->num_pairs];
        return true;
    }
    if (!wcp_array_grow(d->mem, &part->pairs))
        return false;
    part->pairs.at[part->pairs.num++] = d->pairs[i];
    return true;
}

/* The part that has least. */
static uint32_t
lightest(const struct dividing *d)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < d->num_parts; i++)
        if (d->parts[i].load < d->parts[best].load)
            best = i;
    return best;
}

/* Deal out the sets, each when the first of it comes. */
static bool
deal_out(struct dividing *d)
{
    uint32_t *part_of = wcp_new_array(d->mem, d->num, sizeof *part_of);
    bool done = part_of != NULL;

    if (done)
        memset(part_of, 0xFF, d->num * sizeof *part_of);
    for (uint32_t i = 0; done && i < d->num; i++) {
        const uint32_t root = wcp_root_of(d->parents, i);

        if (part_of[root] == NONE) {
            part_of[root] = lightest(d);
            d->parts[part_of[root]].load += d->sizes[root];
        }
        done = put_into(d, &d->parts[part_of[root]], i);
    }
    wcp_free_array(d->mem, part_of, d->num, sizeof *part_of);
    return done;
}

static int
compare_parts(const void *x, const void *y)
{
    const struct part *p = x, *q = y;

    return p->load > q->load ? -1 : p->load < q->load;
}

static bool
divide(struct dividing *d, unsigned num_threads)
{
    const bool once = num_threads == 1 || d->num <= FEW;

    d->num_parts = once ? 1 : PARTS * num_threads;
    d->parts = wcp_new_zeroed(d->mem, d->num_parts, sizeof *d->parts);
    if (d->parts == NULL)
        return false;
    if (once)
        return true;
    if (!find_sets(d) || !deal_out(d))
        return false;
    qsort(d->parts, d->num_parts, sizeof *d->parts, compare_parts);
    return true;
}

static void
begin_parts(struct dividing *d, const uint32_t *counts,
            const struct wcp_passage_limits *opts)
{
    for (unsigned i = 0; i < d->num_parts; i++) {
        struct part *part = &d->parts[i];
        const bool all = d->num_parts == 1;

        part->m = (struct wcp_merging){
            .mem = d->mem,
            .places = d->places,
            .counts = counts,
            .pairs = all ? d->pairs : part->pairs.at,
            .num_pairs = all ? d->num_pairs : part->pairs.num,
            .texts = all ? d->texts.at : part->texts.at,
            .num_texts = all ? d->texts.num : part->texts.num,
            .opts = opts,
        };
    }
}

static void
merge_part(struct dividing *d, struct part *part)
{
    part->code = wcp_merge_pairs(&part->m, &part->fault);
    if (part->code == WCP_CODE_OK) {
        part->putting = wcp_putting_new(&part->m);
        if (part->putting == NULL)
            part->code = wcp_no_memory(&part->fault);
    }
    atomic_store(&part->merged, true);
    atomic_fetch_add(&d->num_merged, 1);
}

/* Put the passages of parts that have been merged; 'while_merging': as long as
 * others are not. */
static void
put_merged(struct dividing *d, unsigned thread, bool while_merging)
{
    for (size_t i = 0;
         i < d->num_parts &&
         (!while_merging || atomic_load(&d->num_merged) < d->num_parts);) {
        const struct part *part = &d->parts[i];

        if (!atomic_load(&part->merged) || part->putting == NULL ||
            !wcp_put_some(part->putting, thread, &d->matchers[thread]))
            i++;
    }
}

static void
merge_thread(void *ctx, unsigned thread)
{
    struct dividing *d = ctx;
    size_t i;

    while ((i = atomic_fetch_add(&d->next_part, 1)) < d->num_parts)
        merge_part(d, &d->parts[i]);
    put_merged(d, thread, true);
}

static void
put_thread(void *ctx, unsigned thread)
{
    put_merged(ctx, thread, false);
}

static void
release_sets(struct dividing *d)
{
    wcp_free_array(d->mem, d->parents, d->num, sizeof *d->parents);
    wcp_free_array(d->mem, d->sizes, d->num, sizeof *d->sizes);
    wcp_free_array(d->mem, d->spans, 2 * d->num, sizeof *d->spans);
    wcp_free_array(d->mem, d->order, 4 * d->num, sizeof *d->order);
    d->parents = NULL;
    d->sizes = NULL;
    d->spans = NULL;
    d->order = NULL;
}

static void
release_parts(struct dividing *d)
{
    for (unsigned i = 0; d->parts != NULL && i < d->num_parts; i++) {
        wcp_putting_free(d->parts[i].putting);
        if (d->parts[i].m.mem != NULL)
            wcp_merging_release(&d->parts[i].m);
        wcp_array_release(d->mem, &d->parts[i].pairs);
        wcp_array_release(d->mem, &d->parts[i].texts);
    }
    wcp_free_array(d->mem, d->parts, d->num_parts, sizeof *d->parts);
    wcp_array_release(d->mem, &d->texts);
}

/* Merge the parts and put what they make, on all threads. */
static enum wcp_code
merge_all(struct dividing *d, unsigned num_threads, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    d->matchers = wcp_new_zeroed(d->mem, num_threads, sizeof *d->matchers);
    if (d->matchers == NULL)
        return wcp_no_memory(fault);
    for (unsigned t = 0; code == WCP_CODE_OK && t < num_threads; t++)
        code = wcp_matcher_init(&d->matchers[t], d->places, fault);
    if (code == WCP_CODE_OK) {
        wcp_run_threads(d->num_parts == 1 ? 1 : num_threads, merge_thread, d);
        wcp_run_threads(d->num <= FEW ? 1 : num_threads, put_thread, d);
    }
    for (unsigned t = 0; t < num_threads; t++)
        wcp_matcher_release(&d->matchers[t]);
    wcp_free_array(d->mem, d->matchers, num_threads, sizeof *d->matchers);
    return code;
}

/* ---- the result ---- */

struct ordered {
    struct wcp_text_passage passage;
    struct wcp_put_order order;
};

static int
compare_ordered(const void *x, const void *y)
{
    const struct ordered *p = x, *q = y;
    uint64_t p_size = p->passage.num_copies * p->passage.length;
    uint64_t q_size = q->passage.num_copies * q->passage.length;

    if (p_size != q_size)
        return p_size > q_size ? -1 : 1;
    if (p->order.phase != q->order.phase)
        return p->order.phase < q->order.phase ? -1 : 1;
    if (p->order.longest != q->order.longest)
        return p->order.longest > q->order.longest ? -1 : 1;
    if (p->order.begin != q->order.begin)
        return p->order.begin < q->order.begin ? -1 : 1;
    return p->passage.first < q->passage.first
               ? -1
               : p->passage.first > q->passage.first;
}

/* The largest first. */
static bool
sort_passages(const struct dividing *d, struct wcp_passages *result)
{
    const size_t num = result->list.num;
    struct ordered *all = wcp_new_array(d->mem, num, sizeof *all);
    size_t at = 0;

    if (all == NULL)
        return false;
    for (unsigned i = 0; i < d->num_parts; i++) {
        const struct wcp_merging *m = &d->parts[i].m;

        for (size_t k = 0; k < m->orders.num; k++, at++)
            all[at] = (struct ordered){ result->list.at[at], m->orders.at[k] };
    }
    if (num > 0)
        qsort(all, num, sizeof *all, compare_ordered);
    for (size_t i = 0; i < num; i++)
        result->list.at[i] = all[i].passage;
    wcp_free_array(d->mem, all, num, sizeof *all);
    return true;
}

static enum wcp_code
put_all(struct dividing *d, struct wcp_passages *result,
        struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    for (unsigned i = 0; code == WCP_CODE_OK && i < d->num_parts; i++) {
        struct part *part = &d->parts[i];

        code = part->code;
        if (code != WCP_CODE_OK && fault != NULL)
            *fault = part->fault;
        if (code == WCP_CODE_OK)
            code = wcp_put_passages(part->putting, result, fault);
        if (code == WCP_CODE_OK)
            code = wcp_put_orphans(&part->m, result, fault);
    }
    if (code == WCP_CODE_OK && !sort_passages(d, result))
        code = wcp_no_memory(fault);
    return code;
}

enum wcp_code
wcp_merge(struct wcp_passages *result, const struct wcp_places *places,
          const uint32_t *counts, const struct wcp_linked *pairs, size_t num,
          const struct wcp_passage_limits *opts, struct wcp_fault *fault)
{
    struct dividing d = {
        .mem = places->mem, .places = places, .pairs = pairs, .num_pairs = num
    };
    enum wcp_code code = WCP_CODE_OK;

    if (!list_texts(&d, counts, opts) || !divide(&d, opts->num_threads))
        code = wcp_no_memory(fault);
    release_sets(&d);
    if (code == WCP_CODE_OK) {
        begin_parts(&d, counts, opts);
        code = merge_all(&d, opts->num_threads, fault);
        if (code == WCP_CODE_OK)
            code = put_all(&d, result, fault);
    }
    release_parts(&d);
    return code;
}
