/*
 * inclusions.c - which texts seem to lie in others
 *
 * The samples of all texts are parted by value, part after part is sorted, and
 * what occurs in one text only is dropped: most does.  Each class then has the
 * list of its samples that others have too, with their document frequencies.
 *
 * A text lies in another one only if nearly all of its samples occur there.
 * So of m samples at most m - need may be missing, and one of any m - need + 1
 * is in the other text; the rarest ones are asked (prefix filter: Bayardo, Ma,
 * Srikant 2007).  Nothing frequent is dropped, it is just not what finds
 * candidates.  Most texts end here: more than m - need of their samples occur
 * nowhere else.
 *
 * An edit takes away samples of whole windows around it, so that the share of
 * samples in common is below that of shingles: 'need' is SLACK below what the
 * threshold asks.  Of a form that very many texts fill in even the rarest
 * samples of each are in very many others; there it is less, down to
 * LEAST_SLACK, so that texts close to the threshold are not all held against
 * all.
 */
#include "match/match.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum {
    PART_TARGET = 1 << 14, /* samples in a part */
    MAX_PART_BITS = 12,
    FILTER_BITS = 17,
    FILTER_WORDS = 1 << (FILTER_BITS - 6),
    BLOCKS_A_THREAD = 4,
    MANY = 1 << 11,   /* texts that have the rarest samples: a form */
    AHEAD = 8,        /* classes that are asked for before they are looked at */
    OFFSET_BITS = 40, /* of a hit; the rest is how frequent it is */
};

/* How far the share of samples may be below that of shingles. */
#define SLACK .2
#define LEAST_SLACK .05

/*
 * Lists of classes that have a sample in common stand where the samples of
 * their part stood: the number of classes, then these, ascending.
 */
struct index {
    const struct wcp_store *store;
    const uint8_t *asked;
    double share; /* the threshold */
    unsigned part_bits;
    size_t num_blocks;
    size_t total;
    uint64_t *samples;          /* [total], by part */
    size_t *begins;             /* [parts + 1] */
    size_t *cursors;            /* [num_blocks][parts] */
    size_t *list_ends;          /* [parts], in 32-bit words from samples */
    struct of_class *classes;   /* [num_classes] */
    _Atomic uint32_t *num_hits; /* [num_classes + 1] */
    size_t *hit_begins;         /* [num_classes + 1] */
    uint64_t *hits;             /* by class: frequency << OFFSET_BITS | list */
    size_t num_all_hits;
    struct part_scratch *scratch; /* one a thread */
    atomic_bool no_memory;
};

/* What is asked of very many classes, side by side. */
struct of_class {
    _Atomic uint32_t size; /* different samples */
    uint32_t num_sample;   /* samples */
    uint32_t num_units;    /* of the text */
    bool wanted;           /* hits are needed */
};

struct part_scratch {
    uint64_t *sorted;
    size_t cap;
    uint64_t seen[FILTER_WORDS], seen_twice[FILTER_WORDS];
};

static const struct wcp_entry *
entry_of(const struct wcp_store *store, uint32_t c)
{
    return &store->entries[store->class_documents[store->class_begins[c]]];
}

static size_t
num_parts(const struct index *index)
{
    return (size_t)1 << index->part_bits;
}

static size_t
part_of(const struct index *index, uint32_t value)
{
    return value & (num_parts(index) - 1);
}

/* Different samples of a class, once parts were listed. */
static uint32_t
size_of(const struct index *index, uint32_t c)
{
    return atomic_load_explicit(&index->classes[c].size, memory_order_relaxed);
}

/* How many of them must be in another text. */
static uint32_t
least_shared(const struct index *index, uint32_t c, double slack)
{
    const double share = index->share - slack;
    const uint32_t need =
        share > 0 ? (uint32_t)ceil(share * size_of(index, c)) : 0;

    return need > 0 ? need : 1;
}

/* ---- samples -> parts ---- */

static uint32_t
block_begin(const struct index *index, size_t block)
{
    return (uint32_t)((uint64_t)index->store->num_classes * block /
                      index->num_blocks);
}

static void
count_block(void *ctx, unsigned thread, size_t block)
{
    struct index *index = ctx;
    size_t *counts = index->cursors + block * num_parts(index);

    (void)thread;
    for (uint32_t c = block_begin(index, block);
         c < block_begin(index, block + 1); c++) {
        const struct wcp_entry *entry = entry_of(index->store, c);

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
    struct index *index = ctx;
    size_t *cursors = index->cursors + block * num_parts(index);

    (void)thread;
    for (uint32_t c = block_begin(index, block);
         c < block_begin(index, block + 1); c++) {
        const struct wcp_entry *entry = entry_of(index->store, c);

        for (uint32_t i = 0; i < entry->num_sample; i++) {
            const uint32_t value = entry->sample[i];

            index->samples[cursors[part_of(index, value)]++] =
                (uint64_t)value << 32 | c;
        }
    }
}

static void
place_blocks(struct index *index)
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
drop_lonely(struct part_scratch *scratch, const uint64_t *part, size_t num)
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
part_scratch_prepare(struct part_scratch *scratch, const struct wcp_memory *mem,
                     size_t num)
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
write_list(struct index *index, const uint64_t *sorted, size_t num,
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
    struct index *index = ctx;
    struct part_scratch *scratch = &index->scratch[thread];
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

/* ---- lists -> hits of each class ---- */

static void
hand_out_part(void *ctx, unsigned thread, size_t part)
{
    struct index *index = ctx;
    const uint32_t *words = (const uint32_t *)(const void *)index->samples;
    const uint64_t max_frequency = (UINT64_C(1) << (64 - OFFSET_BITS)) - 1;

    (void)thread;
    for (size_t at = 2 * index->begins[part]; at < index->list_ends[part];
         at += words[at] + 1) {
        const uint64_t num = words[at];
        const uint64_t hit =
            (num < max_frequency ? num : max_frequency) << OFFSET_BITS | at;

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
static bool
hand_out_hits(struct index *index)
{
    const size_t n = index->store->num_classes;
    size_t at = 0;

    for (uint32_t c = 0; c < n; c++) {
        const uint32_t num =
            atomic_load_explicit(&index->num_hits[c], memory_order_relaxed);

        index->hit_begins[c] = at;
        index->classes[c].wanted = (index->asked == NULL || index->asked[c]) &&
                                   num >= least_shared(index, c, SLACK);
        if (index->classes[c].wanted)
            at += num;
    }
    index->hit_begins[n] = index->num_all_hits = at;
    index->hits = wcp_new_array(index->store->mem, at, sizeof *index->hits);
    if (index->hits == NULL)
        return false;
    wcp_parallel_for(index->store->opts.num_threads, num_parts(index), 1,
                     hand_out_part, index);
    return true;
}

/* ---- life of an index ---- */

static void
index_release(struct index *index)
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
    wcp_free_array(mem, index->hits, index->num_all_hits, sizeof *index->hits);
    for (unsigned i = 0;
         index->scratch != NULL && i < index->store->opts.num_threads; i++)
        wcp_free_array(mem, index->scratch[i].sorted, index->scratch[i].cap,
                       sizeof *index->scratch[i].sorted);
    wcp_free_array(mem, index->scratch, index->store->opts.num_threads,
                   sizeof *index->scratch);
}

static bool
index_allocate(struct index *index)
{
    const struct wcp_memory *mem = index->store->mem;
    const size_t n = index->store->num_classes;
    size_t parts;

    for (uint32_t c = 0; c < n; c++)
        index->total += entry_of(index->store, c)->num_sample;
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

static bool
index_make(struct index *index)
{
    const unsigned num_threads = index->store->opts.num_threads;

    if (!index_allocate(index))
        return false;
    wcp_parallel_for(num_threads, index->num_blocks, 1, count_block, index);
    place_blocks(index);
    wcp_parallel_for(num_threads, index->num_blocks, 1, spread_block, index);
    wcp_parallel_for(num_threads, num_parts(index), 1, list_part, index);
    return !atomic_load(&index->no_memory) && hand_out_hits(index);
}

/* ---- asking ---- */

struct asking {
    const struct index *index;
    struct wcp_inclusions *inclusions;
};

struct asking_thread {
    const struct asking *asking;
    uint32_t *counts; /* [num_classes]: samples in common, 0 between calls */
    WCP_ARRAY(uint32_t) touched;
    WCP_ARRAY(uint64_t) hits, scratch;
    WCP_ARRAY(struct wcp_inclusion) found;
};

enum { GRAIN = 256 }; /* classes that a thread takes at a time */

static const uint32_t *
list_at(const struct index *index, uint64_t hit)
{
    const uint32_t *words = (const uint32_t *)(const void *)index->samples;

    return words + (hit & ((UINT64_C(1) << OFFSET_BITS) - 1));
}

static bool
list_has(const uint32_t *list, uint32_t c)
{
    uint32_t low = 1, high = list[0] + 1;

    while (low + 1 < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (list[middle] <= c)
            low = middle;
        else
            high = middle;
    }
    return list[low] == c;
}

/* Count whoever has a sample that is among the rarest. */
static bool
count_all(struct asking_thread *thread, const uint32_t *list, uint32_t c)
{
    if (!wcp_array_reserve(thread->asking->index->store->mem, &thread->touched,
                           thread->touched.num + list[0]))
        return false;
    for (uint32_t i = 1; i <= list[0]; i++)
        if (list[i] != c && thread->counts[list[i]]++ == 0)
            thread->touched.at[thread->touched.num++] = list[i];
    return true;
}

/* What a class that is asked for must have in common with another one. */
struct wanted {
    uint32_t c, need; /* samples */
    double size;      /* of its shingle set, about */
};

/*
 * Whether signatures leave it possible that a share t of a text stands in
 * another one.  With sets of x and y shingles their Jaccard index is then at
 * least t x / (x + y - t x); two and a half standard deviations
 * of a binomial are allowed for; signatures of short texts vary less.  This
 * is what tells texts of about one length apart, of which thousands fill in
 * the same form: their samples are few.
 */
static bool
signatures_allow(const struct asking_thread *thread,
                 const struct wanted *wanted, uint32_t other)
{
    const struct wcp_store *store = thread->asking->index->store;
    const struct index *index = thread->asking->index;
    const double both = index->share * wanted->size;
    const double jaccard =
        both / (wanted->size + index->classes[other].num_units - both);
    const double least = WCP_NUM_BINS * jaccard -
                         2.5 * sqrt(WCP_NUM_BINS * jaccard * (1 - jaccard));

    if (store->values == NULL || least < 4)
        return true;
    return wcp_count_equal(store->values + (size_t)wanted->c * WCP_NUM_BINS,
                           store->values + (size_t)other * WCP_NUM_BINS) >=
           (unsigned)least;
}

/* Have what drop_unlike() looks at come from memory. */
static void
ask_for(const struct index *index, uint32_t c)
{
    __builtin_prefetch(&index->classes[c]);
    if (index->store->values != NULL)
        __builtin_prefetch(index->store->values + (size_t)c * WCP_NUM_BINS);
}

/* Forget those that signatures rule out. */
static void
drop_unlike(struct asking_thread *thread, const struct wanted *wanted)
{
    const struct index *index = thread->asking->index;
    size_t kept = 0;

    for (size_t i = 0; i < thread->touched.num; i++) {
        const uint32_t other = thread->touched.at[i];

        if (i + AHEAD < thread->touched.num)
            ask_for(index, thread->touched.at[i + AHEAD]);
        if (size_of(index, other) >= wanted->need &&
            signatures_allow(thread, wanted, other))
            thread->touched.at[kept++] = other;
        else
            thread->counts[other] = 0;
    }
    thread->touched.num = kept;
}

/* Forget those that cannot come to 'need' with so many more samples. */
static void
drop_hopeless(struct asking_thread *thread, uint32_t need, size_t num_more)
{
    size_t kept = 0;

    for (size_t i = 0; i < thread->touched.num; i++) {
        const uint32_t other = thread->touched.at[i];

        if (thread->counts[other] + num_more >= need)
            thread->touched.at[kept++] = other;
        else
            thread->counts[other] = 0;
    }
    thread->touched.num = kept;
}

/* Count those that were touched before. */
static void
count_touched(struct asking_thread *thread, const uint32_t *list)
{
    if (list[0] / 16 < thread->touched.num) {
        for (uint32_t i = 1; i <= list[0]; i++)
            thread->counts[list[i]] += thread->counts[list[i]] > 0;
        return;
    }
    for (size_t i = 0; i < thread->touched.num; i++)
        thread->counts[thread->touched.at[i]] +=
            list_has(list, thread->touched.at[i]);
}

static bool
take_touched(struct asking_thread *thread, uint32_t c)
{
    const struct wcp_memory *mem = thread->asking->index->store->mem;
    const size_t num = thread->found.num + thread->touched.num;

    if (!wcp_array_reserve(mem, &thread->found, num))
        return false;
    for (size_t i = 0; i < thread->touched.num; i++) {
        thread->found.at[thread->found.num++] =
            (struct wcp_inclusion){ thread->touched.at[i], c };
        thread->counts[thread->touched.at[i]] = 0;
    }
    thread->touched.num = 0;
    return true;
}

/* How many samples must be shared; thread->hits has those of the class. */
static uint32_t
choose_need(const struct asking_thread *thread, uint32_t c, size_t num)
{
    const struct index *index = thread->asking->index;

    for (double slack = SLACK;; slack -= .05) {
        const uint32_t need = least_shared(index, c, slack);
        uint64_t total = 0;

        for (size_t i = 0; i + need <= num && total <= MANY; i++)
            total += thread->hits.at[i] >> OFFSET_BITS;
        if (total <= MANY || slack < LEAST_SLACK + .01)
            return need;
    }
}

static bool
ask(struct asking_thread *thread, uint32_t c)
{
    const struct index *index = thread->asking->index;
    const struct wcp_memory *mem = index->store->mem;
    const size_t begin = index->hit_begins[c];
    const size_t num = index->hit_begins[c + 1] - begin;
    const struct of_class *its = &index->classes[c];
    struct wanted wanted = { .c = c };
    uint32_t need;
    size_t rarest;

    if (num == 0)
        return true;
    /* What is sampled twice stands there twice. */
    wanted.size = .97 * (its->num_units - WCP_SHINGLE_OTHER + 1.0) *
                  size_of(index, c) / its->num_sample;
    if (!wcp_array_reserve(mem, &thread->hits, num) ||
        !wcp_array_reserve(mem, &thread->scratch, num))
        return false;
    memcpy(thread->hits.at, index->hits + begin, num * sizeof *index->hits);
    wcp_sort_u64(thread->hits.at, thread->scratch.at, num);
    need = wanted.need = choose_need(thread, c, num);
    if (num < need)
        return true;
    rarest = num - need + 1;
    for (size_t i = 0; i < num; i++)
        __builtin_prefetch(list_at(index, thread->hits.at[i]));
    for (size_t i = 0; i < rarest; i++)
        if (!count_all(thread, list_at(index, thread->hits.at[i]), c))
            return false;
    drop_unlike(thread, &wanted);
    for (size_t i = rarest; i < num && thread->touched.num > 0; i++) {
        count_touched(thread, list_at(index, thread->hits.at[i]));
        drop_hopeless(thread, need, num - i - 1);
    }
    drop_hopeless(thread, need, 0);
    return take_touched(thread, c);
}

static enum wcp_code
merge_found(struct asking_thread *thread, struct wcp_fault *fault)
{
    struct wcp_inclusions *to = thread->asking->inclusions;
    const size_t num = to->list.num + thread->found.num;

    if (!wcp_array_reserve(to->mem, &to->list, num))
        return wcp_no_memory(fault);
    if (thread->found.num > 0)
        memcpy(to->list.at + to->list.num, thread->found.at,
               thread->found.num * sizeof *thread->found.at);
    to->list.num = num;
    return WCP_CODE_OK;
}

static enum wcp_code
ask_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct asking *asking = wcp_team_ctx(team);
    const struct wcp_store *store = asking->index->store;
    const size_t n = store->num_classes;
    struct asking_thread thread = { .asking = asking };
    enum wcp_code code = WCP_CODE_OK;

    thread.counts = wcp_new_zeroed(store->mem, n, sizeof *thread.counts);
    if (thread.counts == NULL)
        code = wcp_no_memory(fault);
    while (code == WCP_CODE_OK) {
        const size_t begin = wcp_team_next(team) * GRAIN;
        const size_t end = n - begin < GRAIN ? n : begin + GRAIN;

        if (begin >= n)
            break;
        code = wcp_team_check(team, number, fault);
        for (size_t c = begin; code == WCP_CODE_OK && c < end; c++)
            if (!ask(&thread, (uint32_t)c))
                code = wcp_no_memory(fault);
        wcp_team_did(team, end - begin);
    }
    if (code == WCP_CODE_OK) {
        wcp_team_lock(team);
        code = merge_found(&thread, fault);
        wcp_team_unlock(team);
    }
    wcp_free_array(store->mem, thread.counts, n, sizeof *thread.counts);
    wcp_array_release(store->mem, &thread.touched);
    wcp_array_release(store->mem, &thread.hits);
    wcp_array_release(store->mem, &thread.scratch);
    wcp_array_release(store->mem, &thread.found);
    return code;
}

enum wcp_code
wcp_inclusions_find(struct wcp_inclusions *inclusions,
                    const struct wcp_store *store, const uint8_t *asked,
                    double threshold, struct wcp_fault *fault)
{
    struct index index = { .store = store, .asked = asked, .share = threshold };
    const struct asking asking = { &index, inclusions };
    enum wcp_code code = WCP_CODE_OK;

    *inclusions = (struct wcp_inclusions){ .mem = store->mem };
    if (!index_make(&index))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = wcp_run_team(store->opts.num_threads, &store->opts.watch,
                            store->num_classes, ask_main,
                            (void *)(uintptr_t)&asking, fault);
    index_release(&index);
    if (code != WCP_CODE_OK)
        wcp_inclusions_release(inclusions);
    return code;
}

void
wcp_inclusions_release(struct wcp_inclusions *inclusions)
{
    if (inclusions->mem == NULL)
        return;
    wcp_array_release(inclusions->mem, &inclusions->list);
    *inclusions = (struct wcp_inclusions){ 0 };
}
