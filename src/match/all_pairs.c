/*
 * all_pairs.c - every pair of classes that meets the plan
 *
 * Each component is cut into blocks of classes; a thread takes a block and
 * works through it by tiles, whose sets fit into the cache: it finds the later
 * partners of each class of a tile and then verifies each partner with all of
 * the tile, so that a set is made once a tile and not once a pair.  Small
 * components are compared all against all by signature, larger ones through
 * their buckets, by an index that is made before: each band's keys, sorted.
 */
#include "match/match.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 }; /* classes */
/* Candidates that a tile may gather. */
enum { MAX_GATHERED = 1 << 20 };
/* Sets that a thread keeps. */
#define KEEP_BYTES ((size_t)24 << 20)

/* One class in one band, by its rank in the component. */
struct banded {
    uint32_t key, rank;
};

/* The bands of a large component, each sorted by key, then rank. */
struct index {
    struct banded *bands; /* [num_bands][num] */
    uint32_t *places;     /* [num_bands][num]: where a rank stands */
};

struct block {
    uint32_t component, begin, end; /* ranks */
};

struct pair_run {
    struct wcp_store *store;
    const struct wcp_plan *plan;
    const struct wcp_components *components;
    struct index *indexes; /* by component; only large ones have one */
    WCP_ARRAY(struct block) blocks;
    struct wcp_class_pairs *pairs;
};

/* Two ranks, the later first: partners are verified in its order. */
struct gathered {
    uint32_t later, rank;
};

struct pair_thread {
    const struct pair_run *run;
    struct wcp_team *team;
    unsigned number;
    struct wcp_verifier *verifier;
    const uint32_t *classes; /* of the component at hand */
    uint32_t num, component;
    WCP_ARRAY(uint32_t) partners; /* of the class at hand */
    WCP_ARRAY(struct gathered) gathered;
    WCP_ARRAY(uint32_t) stamps; /* by rank: the rank that saw it last, + 1 */
    WCP_ARRAY(struct wcp_class_pair) found;
    struct wcp_fault *fault;
};

static int
compare_banded(const void *a, const void *b)
{
    const struct banded *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static uint32_t
component_size(const struct wcp_components *components, size_t i)
{
    return components->begins[i + 1] - components->begins[i];
}

static bool
needs_index(const struct pair_run *run, size_t i)
{
    return run->plan->kind != WCP_SIG_SIMHASH &&
           component_size(run->components, i) > WCP_SMALL_COMPONENT;
}

static void
make_index(void *ctx, unsigned thread, size_t i)
{
    struct pair_run *run = ctx;
    const struct wcp_store *store = run->store;
    uint32_t num = component_size(run->components, i);
    const uint32_t *classes =
        run->components->classes + run->components->begins[i];
    size_t total = (size_t)num * run->plan->num_bands;
    struct index *index = &run->indexes[i];

    (void)thread;
    if (!needs_index(run, i))
        return;
    index->bands = wcp_new_array(store->mem, total, sizeof *index->bands);
    index->places = wcp_new_array(store->mem, total, sizeof *index->places);
    if (index->bands == NULL || index->places == NULL)
        return; /* noticed where the index is needed */
    for (unsigned band = 0; band < run->plan->num_bands; band++) {
        struct banded *list = index->bands + (size_t)band * num;
        uint32_t *places = index->places + (size_t)band * num;

        for (uint32_t rank = 0; rank < num; rank++)
            list[rank] =
                (struct banded){ wcp_class_key(store, band, classes[rank]),
                                 rank };
        qsort(list, num, sizeof *list, compare_banded);
        for (uint32_t at = 0; at < num; at++)
            places[list[at].rank] = at;
    }
}

/* ---- partners of one class ---- */

static bool
signatures_allow(const struct pair_thread *thread, uint32_t a, uint32_t b)
{
    return wcp_signatures_allow(thread->run->store, thread->run->plan,
                                thread->classes[a], thread->classes[b]);
}

static bool
add_partner(struct pair_thread *thread, uint32_t rank)
{
    if (!wcp_array_grow(thread->run->store->mem, &thread->partners))
        return false;
    thread->partners.at[thread->partners.num++] = rank;
    return true;
}

static bool
list_partners_in_bands(struct pair_thread *thread, uint32_t a)
{
    const struct index *index = &thread->run->indexes[thread->component];

    if (index->bands == NULL || index->places == NULL)
        return false;
    for (unsigned band = 0; band < thread->run->plan->num_bands; band++) {
        const struct banded *list = index->bands + (size_t)band * thread->num;
        uint32_t at = index->places[(size_t)band * thread->num + a];
        uint32_t key = list[at].key;

        for (at++; at < thread->num && list[at].key == key; at++) {
            uint32_t b = list[at].rank;

            if (thread->stamps.at[b] == a + 1)
                continue;
            thread->stamps.at[b] = a + 1;
            if (signatures_allow(thread, a, b) && !add_partner(thread, b))
                return false;
        }
    }
    return true;
}

/* The ranks above a that its signature allows. */
static bool
list_partners(struct pair_thread *thread, uint32_t a)
{
    thread->partners.num = 0;
    if (needs_index(thread->run, thread->component))
        return list_partners_in_bands(thread, a);
    for (uint32_t b = a + 1; b < thread->num; b++)
        if (signatures_allow(thread, a, b) && !add_partner(thread, b))
            return false;
    return true;
}

static bool
gather_partners(struct pair_thread *thread, uint32_t a)
{
    const struct wcp_memory *mem = thread->run->store->mem;

    if (!list_partners(thread, a) ||
        !wcp_array_reserve(mem, &thread->gathered,
                           thread->gathered.num + thread->partners.num))
        return false;
    for (size_t i = 0; i < thread->partners.num; i++)
        thread->gathered.at[thread->gathered.num++] =
            (struct gathered){ thread->partners.at[i], a };
    return true;
}

static int
compare_gathered(const void *a, const void *b)
{
    const struct gathered *x = a, *y = b;

    if (x->later != y->later)
        return x->later < y->later ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* The rank of the tile goes last: it is compared with many. */
static enum wcp_code
verify(struct pair_thread *thread, struct gathered ranks,
       struct wcp_overlap *overlap_ret)
{
    struct wcp_overlap overlap;
    enum wcp_code code = wcp_verifier_overlap(
        thread->verifier, ranks.later, ranks.rank, thread->run->plan->threshold,
        &overlap, thread->fault);

    if (code != WCP_CODE_OK)
        return code;
    *overlap_ret =
        (struct wcp_overlap){ overlap.common, overlap.size_b, overlap.size_a };
    return WCP_CODE_OK;
}

static enum wcp_code
verify_gathered(struct pair_thread *thread)
{
    const struct wcp_plan *plan = thread->run->plan;

    if (thread->gathered.num > 1)
        qsort(thread->gathered.at, thread->gathered.num,
              sizeof *thread->gathered.at, compare_gathered);
    for (size_t i = 0; i < thread->gathered.num; i++) {
        struct gathered ranks = thread->gathered.at[i];
        struct wcp_class_pair pair = { .a = thread->classes[ranks.rank],
                                       .b = thread->classes[ranks.later] };
        enum wcp_code code =
            wcp_team_check(thread->team, thread->number, thread->fault);

        if (code == WCP_CODE_OK)
            code = verify(thread, ranks, &pair.overlap);
        if (code != WCP_CODE_OK)
            return code;
        if (wcp_jaccard(&pair.overlap) < plan->threshold)
            continue;
        if (!wcp_array_grow(thread->run->store->mem, &thread->found))
            return wcp_no_memory(thread->fault);
        thread->found.at[thread->found.num++] = pair;
    }
    return WCP_CODE_OK;
}

/* ---- blocks ---- */

static enum wcp_code
enter_component(struct pair_thread *thread, uint32_t component)
{
    const struct wcp_components *components = thread->run->components;
    const struct wcp_memory *mem = thread->run->store->mem;

    if (thread->component == component)
        return WCP_CODE_OK;
    thread->component = component;
    thread->num = component_size(components, component);
    thread->classes = components->classes + components->begins[component];
    if (!wcp_array_reserve(mem, &thread->stamps, thread->num))
        return wcp_no_memory(thread->fault);
    memset(thread->stamps.at, 0, thread->num * sizeof *thread->stamps.at);
    return wcp_verifier_begin(thread->verifier, thread->classes, thread->num,
                              thread->fault);
}

/* About what the set of a class takes. */
static size_t
set_bytes(const struct pair_thread *thread, uint32_t rank)
{
    const struct wcp_store *store = thread->run->store;
    uint32_t c = thread->classes[rank];

    return sizeof(uint64_t) * wcp_class_units(store, c);
}

static enum wcp_code
run_block(struct pair_thread *thread, const struct block *block)
{
    const size_t most = wcp_verifier_most(thread->verifier) / 2;
    enum wcp_code code = enter_component(thread, block->component);
    uint32_t a = block->begin;

    while (code == WCP_CODE_OK && a < block->end) {
        uint32_t begin = a;
        size_t num_bytes = 0;

        thread->gathered.num = 0;
        do {
            code = wcp_team_check(thread->team, thread->number, thread->fault);
            if (code == WCP_CODE_OK && !gather_partners(thread, a))
                code = wcp_no_memory(thread->fault);
            if (code != WCP_CODE_OK)
                return code;
            num_bytes += set_bytes(thread, a);
            a++;
        } while (a < block->end && thread->gathered.num < MAX_GATHERED &&
                 num_bytes + set_bytes(thread, a) <= most);
        wcp_verifier_pin(thread->verifier, begin, a);
        code = verify_gathered(thread);
        wcp_verifier_pin(thread->verifier, 0, 0);
        for (uint32_t i = begin; i < a; i++)
            wcp_verifier_drop(thread->verifier, i);
        wcp_team_did(thread->team, a - begin);
    }
    return code;
}

/* Hand over what the thread found. */
static enum wcp_code
merge_found(struct pair_thread *thread)
{
    struct wcp_class_pairs *pairs = thread->run->pairs;
    size_t num = pairs->list.num + thread->found.num;

    if (!wcp_array_reserve(pairs->mem, &pairs->list, num))
        return wcp_no_memory(thread->fault);
    if (thread->found.num > 0)
        memcpy(pairs->list.at + pairs->list.num, thread->found.at,
               thread->found.num * sizeof *thread->found.at);
    pairs->list.num = num;
    wcp_array_release(pairs->mem, &thread->found);
    pairs->num_candidates += wcp_verifier_count(thread->verifier);
    return WCP_CODE_OK;
}

static enum wcp_code
pair_thread_main(struct wcp_team *team, unsigned number,
                 struct wcp_fault *fault)
{
    const struct pair_run *run = wcp_team_ctx(team);
    const struct wcp_memory *mem = run->store->mem;
    struct pair_thread thread = { .run = run,
                                  .team = team,
                                  .number = number,
                                  .component = UINT32_MAX,
                                  .fault = fault };
    enum wcp_code code =
        wcp_verifier_new(run->store, KEEP_BYTES, &thread.verifier, fault);

    while (code == WCP_CODE_OK) {
        size_t i = wcp_team_next(team);

        if (i >= run->blocks.num)
            break;
        code = run_block(&thread, &run->blocks.at[i]);
    }
    if (code == WCP_CODE_OK) {
        wcp_team_lock(team);
        code = merge_found(&thread);
        wcp_team_unlock(team);
    }
    wcp_verifier_free(thread.verifier);
    wcp_array_release(mem, &thread.partners);
    wcp_array_release(mem, &thread.gathered);
    wcp_array_release(mem, &thread.stamps);
    wcp_array_release(mem, &thread.found);
    return code;
}

static bool
list_blocks(struct pair_run *run)
{
    for (uint32_t i = 0; i < run->components->num; i++) {
        uint32_t num = component_size(run->components, i);

        for (uint32_t begin = 0; num > 1 && begin < num; begin += BLOCK) {
            uint32_t end = num - begin < BLOCK ? num : begin + BLOCK;

            if (!wcp_array_grow(run->store->mem, &run->blocks))
                return false;
            run->blocks.at[run->blocks.num++] = (struct block){ i, begin, end };
        }
    }
    return true;
}

static void
free_indexes(struct pair_run *run)
{
    const struct wcp_memory *mem = run->store->mem;

    for (uint32_t i = 0; run->indexes != NULL && i < run->components->num;
         i++) {
        size_t total =
            (size_t)component_size(run->components, i) * run->plan->num_bands;

        wcp_free_array(mem, run->indexes[i].bands, total,
                       sizeof *run->indexes[i].bands);
        wcp_free_array(mem, run->indexes[i].places, total,
                       sizeof *run->indexes[i].places);
    }
    wcp_free_array(mem, run->indexes, run->components->num,
                   sizeof *run->indexes);
}

enum wcp_code
wcp_class_pairs_find(struct wcp_class_pairs *pairs, struct wcp_store *store,
                     const struct wcp_plan *plan,
                     const struct wcp_components *components,
                     struct wcp_fault *fault)
{
    struct pair_run run = {
        .store = store, .plan = plan, .components = components, .pairs = pairs
    };
    enum wcp_code code = WCP_CODE_OK;
    size_t num_classes = 0;

    *pairs = (struct wcp_class_pairs){ .mem = store->mem };
    run.indexes =
        wcp_new_zeroed(store->mem, components->num, sizeof *run.indexes);
    if (run.indexes == NULL || !list_blocks(&run)) {
        code = wcp_no_memory(fault);
        goto out;
    }
    wcp_parallel_for(store->opts.num_threads, components->num, 1, make_index,
                     &run);
    for (size_t i = 0; i < run.blocks.num; i++)
        num_classes += run.blocks.at[i].end - run.blocks.at[i].begin;
    code = wcp_run_team(store->opts.num_threads, &store->opts.watch,
                        num_classes, pair_thread_main, &run, fault);
    wcp_class_pairs_sort(pairs->list.at, pairs->list.num);
out:
    free_indexes(&run);
    wcp_array_release(store->mem, &run.blocks);
    if (code != WCP_CODE_OK)
        wcp_class_pairs_release(pairs);
    return code;
}

void
wcp_class_pairs_release(struct wcp_class_pairs *pairs)
{
    if (pairs->mem == NULL)
        return;
    wcp_array_release(pairs->mem, &pairs->list);
    *pairs = (struct wcp_class_pairs){ 0 };
}
