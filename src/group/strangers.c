/*
 * strangers.c - who else holds what two texts share
 *
 * A stranger of a and b holds STRANGER of the shingles that they share, and is
 * a copy of neither.  So most of the shorter of a and b, the part, stands in
 * it: it is one of the part's neighbours (neighbours.c).
 *
 * Pairs come as stars: an original and its copies.  All pairs of one text, the
 * hub, are looked at together.  Overlaps that are known rule out most
 * neighbours by numbers alone.  Of any other text it is found out once which
 * shingles of the hub it has, and which besides; what three texts share is
 * then counted in bits, and what two share in bits and what they have besides.
 */
#include "group/strangers.h"

#include <string.h>

/* Of 337 copies that were read 5 have two strangers or more at .7, none has at
 * .8. */
#define STRANGER .8
/* A text that lies in another with less of its shingles has something of its
 * own that is missing there. */
#define WITH_OWN .9

/* A text that most of its pairs have in common. */
struct hub {
    uint32_t class_number;
    size_t pairs; /* where they begin; they end where the next one's do */
};

struct search {
    const struct wcp_judge *judge;
    struct wcp_class_pair *pairs;
    const size_t *suspects; /* [num_suspects] places in pairs */
    size_t num_suspects;
    uint64_t *order;   /* [num_suspects] hub << 32 | number of the suspect */
    uint32_t *part_of; /* [num_suspects] number of its part */
    struct hub *hubs;  /* [num_hubs + 1] */
    struct wcp_part *parts; /* [num_parts + 1] */
    size_t num_hubs, num_parts;
    struct wcp_neighbours near;
};

/* ---- verdicts from numbers ---- */

static bool
is_copy(const struct wcp_judge *judge, const struct wcp_overlap *overlap,
        size_t num_shared)
{
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;

    (void)num_shared;
    return less > 0 && (double)overlap->common / less >= judge->threshold;
}

/*
 * Whether the candidate, 'b' of the overlap, is no copy of one of a pair that
 * shares so much.  A short caption is little more than the frame, which lies in
 * all others: that they hold it makes none of them a copy, if what it has of
 * its own is missing there as it is in the other of the pair.
 */
static bool
is_strange_to(const struct wcp_judge *judge, const struct wcp_overlap *overlap,
              size_t num_shared)
{
    const double common = (double)overlap->common;
    const double own = WITH_OWN * (double)overlap->size_a;

    if (common >= judge->threshold * (double)overlap->size_b)
        return false;
    return common < judge->threshold * (double)overlap->size_a ||
           (common < own && (double)num_shared < own);
}

bool
wcp_may_be_strange(const struct wcp_judge *judge,
                   const struct wcp_overlap *overlap)
{
    return is_strange_to(judge, overlap, 0);
}

bool
wcp_is_long_enough(uint32_t size, uint32_t part_size)
{
    /* It has STRANGER of what is shared, which is the threshold's share of the
     * part; and what it has is less than the threshold's share of itself. */
    return (double)size + 1 >= STRANGER * (double)part_size;
}

/* The class that is asked what it nearly stands in. */
static uint32_t
shorter(const struct wcp_store *store, const struct wcp_class_pair *pair)
{
    const uint32_t a = pair->overlap.size_a, b = pair->overlap.size_b;

    if (a == b)
        return wcp_class_precedes(store, pair->b, pair->a) ? pair->b : pair->a;
    return a < b ? pair->a : pair->b;
}

/* ---- texts around a hub ---- */

/* Words of all marks, before they are made anew; less where memory is short. */
enum { MOST_MARKS = 1 << 20, LEAST_MARKS = 1 << 14 };

/* What is known of a text, seen from the hub. */
struct seen {
    uint32_t class_number;
    bool is_counted;            /* the overlap is known */
    bool is_marked;             /* so is all below */
    bool is_copy;               /* no stranger to any pair of the hub */
    struct wcp_overlap overlap; /* a: the hub */
    size_t marks;               /* where those of the hub's shingles begin */
    size_t num_missing;         /* behind: hashes that the hub has not */
};

/* What a thread compares. */
struct comparing {
    const struct search *search;
    const struct wcp_memory *mem;
    struct wcp_store_worker *worker;
    uint32_t hub_class;
    bool has_hub;                  /* its shingles are there */
    struct wcp_shingles hub, text; /* text: any other */
    WCP_ARRAY(struct seen) seen;
    uint32_t *slots; /* [num_slots] number of one seen, + 1; 0: free */
    size_t num_slots;
    WCP_ARRAY(uint64_t) marks;
    size_t most_marks;
    struct wcp_fault *fault;
};

enum { MIN_SLOTS = 1 << 8 };
enum { HUBS = 4 }; /* for which another thread pays */

static size_t
find_slot(const struct comparing *c, uint32_t class_number)
{
    size_t slot = class_number * UINT32_C(0x9E3779B1) >> 8;

    while (c->slots[slot & (c->num_slots - 1)] != 0 &&
           c->seen.at[c->slots[slot & (c->num_slots - 1)] - 1].class_number !=
               class_number)
        slot++;
    return slot & (c->num_slots - 1);
}

/* Room for one more that is seen. */
static bool
make_room(struct comparing *c)
{
    const size_t num = c->num_slots > 0 ? 2 * c->num_slots : MIN_SLOTS;
    uint32_t *slots;

    if (!wcp_array_grow(c->mem, &c->seen))
        return false;
    if (2 * (c->seen.num + 1) <= c->num_slots)
        return true;
    slots = wcp_new_zeroed(c->mem, num, sizeof *slots);
    if (slots == NULL)
        return false;
    wcp_free_array(c->mem, c->slots, c->num_slots, sizeof *c->slots);
    c->slots = slots;
    c->num_slots = num;
    for (size_t i = 0; i < c->seen.num; i++)
        c->slots[find_slot(c, c->seen.at[i].class_number)] = (uint32_t)i + 1;
    return true;
}

/* The number that a class has among those seen. */
static enum wcp_code
see(struct comparing *c, uint32_t class_number, size_t *number_ret)
{
    struct seen *seen;
    size_t slot;

    if (!make_room(c))
        return wcp_no_memory(c->fault);
    slot = find_slot(c, class_number);
    if (c->slots[slot] == 0) {
        seen = &c->seen.at[c->seen.num++];
        *seen = (struct seen){ .class_number = class_number };
        seen->is_counted =
            wcp_known_find(&c->search->judge->known, c->hub_class, class_number,
                           &seen->overlap);
        c->slots[slot] = (uint32_t)c->seen.num;
    }
    *number_ret = c->slots[slot] - 1;
    return WCP_CODE_OK;
}

/* Have the hub's shingles in a table. */
static enum wcp_code
fetch_hub(struct comparing *c)
{
    enum wcp_code code;

    if (c->has_hub)
        return WCP_CODE_OK;
    code = wcp_store_take_shingles(c->worker, c->hub_class, &c->hub, c->fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_index(c->worker, &c->hub, c->fault);
    c->has_hub = code == WCP_CODE_OK;
    return code;
}

/* Have the hub, and in 'text' another one. */
static enum wcp_code
fetch(struct comparing *c, uint32_t class_number)
{
    const enum wcp_code code = fetch_hub(c);

    return code == WCP_CODE_OK
               ? wcp_store_take_shingles(c->worker, class_number, &c->text,
                                         c->fault)
               : code;
}

/* Find out what 'text' has of the hub, and what besides. */
static enum wcp_code
mark_text(struct comparing *c, struct seen *seen)
{
    enum wcp_code code;
    size_t num_words, common = 0;

    num_words = wcp_shingles_num_marks(&c->hub);
    if (!wcp_array_reserve(c->mem, &c->marks,
                           c->marks.num + num_words +
                               wcp_shingles_most(&c->text)))
        return wcp_no_memory(c->fault);
    seen->marks = c->marks.num;
    code = wcp_store_mark(
        c->worker, &c->hub, &c->text, c->marks.at + seen->marks,
        c->marks.at + seen->marks + num_words, &seen->num_missing, c->fault);
    if (code != WCP_CODE_OK)
        return code;
    c->marks.num += num_words + seen->num_missing;
    for (size_t i = 0; i < num_words; i++)
        common += (size_t)__builtin_popcountll(c->marks.at[seen->marks + i]);
    seen->overlap =
        (struct wcp_overlap){ (uint32_t)common, (uint32_t)c->hub.num_distinct,
                              (uint32_t)(common + seen->num_missing) };
    seen->is_counted = seen->is_marked = true;
    return WCP_CODE_OK;
}

static enum wcp_code
mark(struct comparing *c, size_t number)
{
    struct seen *seen = &c->seen.at[number];
    enum wcp_code code;

    if (seen->is_marked)
        return WCP_CODE_OK;
    code = fetch(c, seen->class_number);
    return code == WCP_CODE_OK ? mark_text(c, seen) : code;
}

/* The same of a candidate, unless a glance shows that nearly all of the hub
 * stands in it, or nearly all of it in the hub: it is strange to no pair. */
static enum wcp_code
mark_candidate(struct comparing *c, size_t number)
{
    const double threshold = c->search->judge->threshold;
    const double own = threshold > WITH_OWN ? threshold : WITH_OWN;
    struct seen *seen = &c->seen.at[number];
    size_t least = 0;
    enum wcp_code code;

    if (seen->is_marked)
        return WCP_CODE_OK;
    code = fetch(c, seen->class_number);
    if (code == WCP_CODE_OK && !seen->is_counted)
        code = wcp_store_glance(c->worker, &c->hub, &c->text, &least, c->fault);
    if (code != WCP_CODE_OK)
        return code;
    seen->is_copy =
        least > 0 &&
        ((double)least >= own * (double)c->hub.num_distinct ||
         (double)least >= threshold * (double)wcp_shingles_most(&c->text));
    return seen->is_copy ? WCP_CODE_OK : mark_text(c, seen);
}

/* Marks that have become too many are made anew. */
static void
limit_marks(struct comparing *c)
{
    if (c->marks.num <= c->most_marks)
        return;
    c->marks.num = 0;
    for (size_t i = 0; i < c->seen.num; i++)
        c->seen.at[i].is_marked = false;
}

/* How many shingles of the hub two have that are marked. */
static uint32_t
common_in_hub(const struct comparing *c, const struct seen *x,
              const struct seen *y)
{
    const uint64_t *p = c->marks.at + x->marks, *q = c->marks.at + y->marks;
    const size_t num_words = wcp_shingles_num_marks(&c->hub);
    uint32_t num = 0;

    for (size_t i = 0; i < num_words; i++)
        num += (uint32_t)__builtin_popcountll(p[i] & q[i]);
    return num;
}

/*
 * Whether something holds of the overlap of two that are marked, a: x.  Either
 * it holds for all that share more, or for all that share less; so mostly what
 * they have besides the hub need not be compared.
 */
static bool
holds(const struct comparing *c,
      bool (*test)(const struct wcp_judge *judge,
                   const struct wcp_overlap *overlap, size_t num_shared),
      const struct seen *x, const struct seen *y, size_t num_shared)
{
    const struct wcp_judge *judge = c->search->judge;
    const size_t num_words = wcp_shingles_num_marks(&c->hub);
    const struct wcp_shingle_set besides[2] = {
        { c->marks.at + x->marks + num_words, x->num_missing, x->num_missing },
        { c->marks.at + y->marks + num_words, y->num_missing, y->num_missing },
    };
    struct wcp_overlap overlap;
    uint32_t least;
    bool at_least, at_most;

    if (wcp_known_find(&judge->known, x->class_number, y->class_number,
                       &overlap))
        return test(judge, &overlap, num_shared);
    least = common_in_hub(c, x, y);
    overlap =
        (struct wcp_overlap){ least, x->overlap.size_b, y->overlap.size_b };
    at_least = test(judge, &overlap, num_shared);
    overlap.common +=
        (uint32_t)(x->num_missing < y->num_missing ? x->num_missing
                                                   : y->num_missing);
    at_most = test(judge, &overlap, num_shared);
    if (at_least == at_most)
        return at_least;
    overlap.common =
        least + (uint32_t)wcp_shingle_set_common(&besides[0], &besides[1]);
    return test(judge, &overlap, num_shared);
}

/* ---- strangers of a pair ---- */

/* Whether a text is strange to the hub, and may hold what a pair shares. */
static bool
is_strange_to_hub(const struct comparing *c, size_t number, uint32_t shared)
{
    const struct wcp_overlap *overlap = &c->seen.at[number].overlap;

    return !c->seen.at[number].is_copy &&
           is_strange_to(c->search->judge, overlap, shared) &&
           (double)overlap->common >= STRANGER * (double)shared;
}

/* Whether a neighbour holds what the hub and another text share and is no copy
 * of these, from what is cheap to what is not. */
static enum wcp_code
check_stranger(struct comparing *c, size_t number, size_t other,
               uint32_t shared, bool *is_ret)
{
    const struct wcp_judge *judge = c->search->judge;
    const double need = STRANGER * (double)shared;
    struct wcp_overlap overlap;
    enum wcp_code code;

    *is_ret = false;
    if (c->seen.at[number].is_copy || (c->seen.at[number].is_counted &&
                                       !is_strange_to_hub(c, number, shared)))
        return WCP_CODE_OK;
    if (wcp_known_find(&judge->known, c->seen.at[other].class_number,
                       c->seen.at[number].class_number, &overlap) &&
        ((double)overlap.common < need ||
         !is_strange_to(judge, &overlap, shared)))
        return WCP_CODE_OK;
    limit_marks(c);
    code = mark_candidate(c, number);
    if (code != WCP_CODE_OK || !is_strange_to_hub(c, number, shared))
        return code;
    code = mark(c, other);
    if (code == WCP_CODE_OK)
        *is_ret = (double)common_in_hub(c, &c->seen.at[other],
                                        &c->seen.at[number]) >= need &&
                  holds(c, is_strange_to, &c->seen.at[other],
                        &c->seen.at[number], shared);
    return code;
}

/* Count strangers that are no copies of each other, as far as it matters: two.
 */
static enum wcp_code
count_strangers(struct comparing *c, const struct wcp_part *part,
                const struct wcp_class_pair *pair, uint32_t *num_ret)
{
    const struct search *search = c->search;
    size_t other, number = 0, first = 0;
    enum wcp_code code =
        see(c, pair->a == c->hub_class ? pair->b : pair->a, &other);

    *num_ret = 0;
    for (size_t i = part->near;
         code == WCP_CODE_OK && *num_ret < 2 && i < part[1].near; i++) {
        const uint32_t class_number = search->near.list.at[i];
        bool is_stranger = false;

        if (class_number == pair->a || class_number == pair->b)
            continue;
        code = see(c, class_number, &number);
        if (code == WCP_CODE_OK)
            code = check_stranger(c, number, other, pair->overlap.common,
                                  &is_stranger);
        if (code == WCP_CODE_OK && is_stranger && *num_ret > 0) {
            code = mark(c, first);
            is_stranger =
                code == WCP_CODE_OK &&
                !holds(c, is_copy, &c->seen.at[first], &c->seen.at[number], 0);
        }
        if (code == WCP_CODE_OK && is_stranger && (*num_ret)++ == 0)
            first = number;
    }
    return code;
}

static enum wcp_code
judge_hub(struct comparing *c, const struct hub *hub)
{
    const struct search *search = c->search;
    enum wcp_code code = WCP_CODE_OK;

    if (c->num_slots > 0)
        memset(c->slots, 0, c->num_slots * sizeof *c->slots);
    c->seen.num = c->marks.num = 0;
    c->has_hub = false;
    c->hub_class = hub->class_number;
    for (size_t i = hub->pairs; code == WCP_CODE_OK && i < hub[1].pairs; i++) {
        const uint32_t k = (uint32_t)search->order[i];
        const struct wcp_part *part = &search->parts[search->part_of[k]];
        struct wcp_class_pair *pair = &search->pairs[search->suspects[k]];
        struct wcp_relation_evidence evidence = { .threshold =
                                                      search->judge->threshold,
                                                  .overlap = pair->overlap };

        if (part[1].near - part->near >= 2)
            code = count_strangers(c, part, pair, &evidence.num_strangers);
        pair->relation = wcp_relation(&evidence) == WCP_REL_BOILERPLATE
                             ? WCP_REL_BOILERPLATE
                             : 0;
    }
    return code;
}

/* Of a thread; a sixteenth of what is left is for all. */
static size_t
most_marks(const struct wcp_store *store)
{
    const uint64_t num = wcp_quota_left(store->opts.memory) / 16 /
                         sizeof(uint64_t) / store->opts.num_threads;

    return num > MOST_MARKS    ? MOST_MARKS
           : num < LEAST_MARKS ? LEAST_MARKS
                               : (size_t)num;
}

static void
comparing_release(struct comparing *c)
{
    if (c->worker != NULL) {
        wcp_store_release_shingles(c->worker, &c->hub);
        wcp_store_release_shingles(c->worker, &c->text);
    }
    wcp_array_release(c->mem, &c->seen);
    wcp_array_release(c->mem, &c->marks);
    wcp_free_array(c->mem, c->slots, c->num_slots, sizeof *c->slots);
    wcp_store_worker_free(c->worker);
}

static enum wcp_code
strangers_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct search *search = wcp_team_ctx(team);
    struct wcp_store *store = search->judge->store;
    struct comparing c = { .search = search,
                           .mem = store->mem,
                           .most_marks = most_marks(store),
                           .fault = fault };
    enum wcp_code code = wcp_store_worker_new(store, &c.worker, fault);

    while (code == WCP_CODE_OK) {
        const size_t i = wcp_team_next(team);

        if (i >= search->num_hubs)
            break;
        code = wcp_team_check(team, number, fault);
        if (code == WCP_CODE_OK)
            code = judge_hub(&c, &search->hubs[i]);
        wcp_team_did(team, search->hubs[i + 1].pairs - search->hubs[i].pairs);
    }
    comparing_release(&c);
    return code;
}

/* ---- hubs and parts ---- */

static const struct wcp_class_pair *
suspect(const struct search *search, uint64_t key)
{
    return &search->pairs[search->suspects[(uint32_t)key]];
}

/* Put the suspects in order of their hubs, which are in more of them than what
 * they are paired with, and list these. */
static bool
list_hubs(struct search *search, uint64_t *scratch)
{
    const struct wcp_store *store = search->judge->store;
    const size_t num = search->num_suspects;
    uint32_t *nums =
        wcp_new_zeroed(store->mem, store->num_classes, sizeof *nums);

    if (nums == NULL)
        return false;
    for (size_t k = 0; k < num; k++) {
        nums[suspect(search, k)->a]++;
        nums[suspect(search, k)->b]++;
    }
    for (size_t k = 0; k < num; k++) {
        const struct wcp_class_pair *pair = suspect(search, k);

        search->order[k] =
            (uint64_t)(nums[pair->a] >= nums[pair->b] ? pair->a : pair->b)
                << 32 |
            k;
    }
    wcp_free_array(store->mem, nums, store->num_classes, sizeof *nums);
    wcp_sort_u64(search->order, scratch, num);
    for (size_t i = 0; i < num; i++)
        if (i == 0 || search->order[i] >> 32 != search->order[i - 1] >> 32)
            search->hubs[search->num_hubs++] =
                (struct hub){ (uint32_t)(search->order[i] >> 32), i };
    search->hubs[search->num_hubs].pairs = num;
    return true;
}

/* Likewise the parts; 'keys' is room for them. */
static void
list_parts(struct search *search, uint64_t *keys, uint64_t *scratch)
{
    const size_t num = search->num_suspects;

    for (size_t k = 0; k < num; k++)
        keys[k] = (uint64_t)shorter(search->judge->store, suspect(search, k))
                      << 32 |
                  k;
    wcp_sort_u64(keys, scratch, num);
    for (size_t i = 0; i < num; i++) {
        const struct wcp_overlap *overlap = &suspect(search, keys[i])->overlap;

        if (i == 0 || keys[i] >> 32 != keys[i - 1] >> 32)
            search->parts[search->num_parts++] = (struct wcp_part){
                .class_number = (uint32_t)(keys[i] >> 32),
                .size = overlap->size_a < overlap->size_b ? overlap->size_a
                                                          : overlap->size_b,
            };
        search->part_of[(uint32_t)keys[i]] = (uint32_t)search->num_parts - 1;
    }
}

static bool
search_init(struct search *search)
{
    const struct wcp_memory *mem = search->judge->store->mem;
    const size_t num = search->num_suspects;
    uint64_t *scratch = wcp_new_array(mem, 2 * num, sizeof *scratch);
    bool listed;

    search->order = wcp_new_array(mem, num, sizeof *search->order);
    search->part_of = wcp_new_array(mem, num, sizeof *search->part_of);
    search->hubs = wcp_new_array(mem, num + 1, sizeof *search->hubs);
    search->parts = wcp_new_array(mem, num + 1, sizeof *search->parts);
    listed = scratch != NULL && search->order != NULL &&
             search->part_of != NULL && search->hubs != NULL &&
             search->parts != NULL && list_hubs(search, scratch);
    if (listed)
        list_parts(search, scratch, scratch + num);
    wcp_free_array(mem, scratch, 2 * num, sizeof *scratch);
    return listed;
}

static void
search_release(struct search *search)
{
    const struct wcp_memory *mem = search->judge->store->mem;
    const size_t num = search->num_suspects;

    wcp_neighbours_release(&search->near);
    wcp_free_array(mem, search->order, num, sizeof *search->order);
    wcp_free_array(mem, search->part_of, num, sizeof *search->part_of);
    wcp_free_array(mem, search->hubs, num + 1, sizeof *search->hubs);
    wcp_free_array(mem, search->parts, num + 1, sizeof *search->parts);
}

enum wcp_code
wcp_judge_strangers(struct wcp_judge *judge, struct wcp_class_pair *pairs,
                    const size_t *suspects, size_t num_suspects,
                    struct wcp_fault *fault)
{
    struct search search = { .judge = judge,
                             .pairs = pairs,
                             .suspects = suspects,
                             .num_suspects = num_suspects };
    enum wcp_code code = WCP_CODE_OK;

    if (!search_init(&search))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = wcp_neighbours_find(&search.near, judge, search.parts,
                                   search.num_parts, fault);
    if (code == WCP_CODE_OK)
        code = wcp_run_team(wcp_threads_for(judge->store->opts.num_threads,
                                            search.num_hubs, HUBS),
                            &judge->store->opts.watch, num_suspects,
                            strangers_main, &search, fault);
    search_release(&search);
    return code;
}
