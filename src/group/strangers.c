/*
 * strangers.c - who else holds what two texts share
 *
 * A stranger of a and b holds STRANGER of the shingles that they share, and is
 * a copy of neither.  So most of the shorter of a and b, the part, stands in
 * it: it is one of the part's neighbours (neighbours.c).
 *
 * All pairs of one part are looked at together.  Overlaps that are known, as
 * those of an original and its copies are, rule out most neighbours by numbers
 * alone.  Of the others it is marked once which shingles of the part they
 * have; what three texts share is then counted in bits.
 */
#include "group/strangers.h"

#include <string.h>

/* Of 337 copies that were read 5 have two strangers or more at .7, none has at
 * .8. */
#define STRANGER .8
/* A text that lies in another with less of its shingles has something of its
 * own that is missing there. */
#define WITH_OWN .9

struct search {
    const struct wcp_judge *judge;
    struct wcp_class_pair *pairs;
    uint64_t *order; /* [num_suspects] part << 32 | place in pairs, ascending */
    size_t num_suspects;
    struct wcp_part *parts; /* [num_parts + 1] */
    size_t num_parts;
    struct wcp_neighbours near;
};

/* ---- verdicts from numbers ---- */

static bool
is_copy(const struct wcp_judge *judge, const struct wcp_overlap *overlap)
{
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;

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
shorter(const struct wcp_class_pair *pair)
{
    return pair->overlap.size_a <= pair->overlap.size_b ? pair->a : pair->b;
}

/* ---- sets ---- */

enum { PART, OTHER, CANDIDATE, FIRST, NUM_ROLES };

/* Sets are kept, for texts of one form are asked for again and again; those of
 * long texts are not. */
enum { NUM_KEPT = 512, MAX_HASHES = 1 << 13 };

struct kept_set {
    uint32_t class_number;
    bool known;
    unsigned num_users;
    struct wcp_shingle_set set;
};

/* What is known of a neighbour of the part at hand. */
struct seen {
    uint32_t class_number;
    bool is_counted;            /* the overlap is known */
    bool is_marked;             /* so are its bits */
    struct wcp_overlap overlap; /* a: the part */
    size_t bits;                /* where they begin */
};

/* What a thread compares. */
struct comparing {
    const struct search *search;
    struct wcp_store_worker *worker;
    struct kept_set *kept; /* [NUM_KEPT + NUM_ROLES]: by class; any other */
    struct kept_set *in[NUM_ROLES];
    WCP_ARRAY(struct seen) seen;
    WCP_ARRAY(uint64_t) bits; /* of the other text, then of those marked */
    size_t num_words;         /* in the bits of each */
    bool other_is_marked;
    struct wcp_fault *fault;
};

static void
let_go(struct comparing *c, int role)
{
    struct kept_set *kept = c->in[role];

    c->in[role] = NULL;
    if (kept == NULL || --kept->num_users > 0 || kept->set.num <= MAX_HASHES)
        return;
    wcp_store_release_set(c->worker, &kept->set);
    kept->set = (struct wcp_shingle_set){ NULL, 0, 0 };
    kept->known = false;
}

/* Have the set of a class in this role. */
static enum wcp_code
take(struct comparing *c, int role, uint32_t class_number)
{
    struct kept_set *kept = &c->kept[class_number % NUM_KEPT];
    enum wcp_code code = WCP_CODE_OK;

    if (c->in[role] != NULL && c->in[role]->class_number == class_number)
        return WCP_CODE_OK;
    let_go(c, role);
    if (!kept->known || kept->class_number != class_number) {
        for (size_t i = NUM_KEPT; kept->num_users > 0; i++)
            kept = &c->kept[i];
        kept->class_number = class_number;
        kept->known = false;
        code =
            wcp_store_fetch_set(c->worker, class_number, &kept->set, c->fault);
        if (code != WCP_CODE_OK)
            return code;
        kept->known = true;
    }
    kept->num_users++;
    c->in[role] = kept;
    return WCP_CODE_OK;
}

static const struct wcp_shingle_set *
set_of(const struct comparing *c, int role)
{
    return &c->in[role]->set;
}

/* The overlap of two classes, known or computed in these roles. */
static enum wcp_code
compare(struct comparing *c, const uint32_t classes[2], const int roles[2],
        struct wcp_overlap *overlap)
{
    enum wcp_code code = WCP_CODE_OK;
    const struct wcp_shingle_set *x, *y;

    if (wcp_known_find(&c->search->judge->known, classes[0], classes[1],
                       overlap))
        return WCP_CODE_OK;
    for (int i = 0; i < 2 && code == WCP_CODE_OK; i++)
        code = take(c, roles[i], classes[i]);
    if (code != WCP_CODE_OK)
        return code;
    x = set_of(c, roles[0]);
    y = set_of(c, roles[1]);
    *overlap = (struct wcp_overlap){ (uint32_t)wcp_shingle_set_common(x, y),
                                     (uint32_t)x->num, (uint32_t)y->num };
    return WCP_CODE_OK;
}

/* ---- bits ---- */

/* Mark which shingles of the part the set in this role has. */
static enum wcp_code
mark(struct comparing *c, const struct wcp_part *part, int role,
     uint32_t class_number, size_t at)
{
    const struct wcp_shingle_set *x, *y;
    enum wcp_code code = take(c, PART, part->class_number);
    uint64_t *bits = c->bits.at + at;
    size_t i = 0, k = 0, num;

    if (code == WCP_CODE_OK)
        code = take(c, role, class_number);
    if (code != WCP_CODE_OK)
        return code;
    x = set_of(c, PART);
    y = set_of(c, role);
    num = x->num < part->size ? x->num : part->size;
    memset(bits, 0, c->num_words * sizeof *bits);
    while (i < num && k < y->num) {
        const uint64_t p = x->hashes[i], q = y->hashes[k];

        bits[i / 64] |= (uint64_t)(p == q) << i % 64;
        i += p <= q;
        k += q <= p;
    }
    return WCP_CODE_OK;
}

static enum wcp_code
mark_seen(struct comparing *c, const struct wcp_part *part, struct seen *seen)
{
    enum wcp_code code;
    uint32_t common = 0;

    if (seen->is_marked)
        return WCP_CODE_OK;
    if (!wcp_array_reserve(c->search->judge->store->mem, &c->bits,
                           c->bits.num + c->num_words))
        return wcp_no_memory(c->fault);
    code = mark(c, part, CANDIDATE, seen->class_number, c->bits.num);
    if (code != WCP_CODE_OK)
        return code;
    seen->bits = c->bits.num;
    c->bits.num += c->num_words;
    for (size_t i = 0; i < c->num_words; i++)
        common += (uint32_t)__builtin_popcountll(c->bits.at[seen->bits + i]);
    seen->overlap =
        (struct wcp_overlap){ common, (uint32_t)set_of(c, PART)->num,
                              (uint32_t)set_of(c, CANDIDATE)->num };
    seen->is_counted = seen->is_marked = true;
    return WCP_CODE_OK;
}

/* ---- strangers of a pair ---- */

/* Whether a neighbour is strange to the part, and may hold what a pair shares.
 */
static bool
is_strange_part(const struct comparing *c, const struct seen *seen,
                uint32_t shared)
{
    return is_strange_to(c->search->judge, &seen->overlap, shared) &&
           (double)seen->overlap.common >= STRANGER * (double)shared;
}

/* Whether a neighbour holds what the pair shares and is no copy of these, from
 * what is cheap to what is not. */
static enum wcp_code
check_stranger(struct comparing *c, const struct wcp_part *part,
               const struct wcp_class_pair *pair, struct seen *seen,
               bool *is_ret)
{
    const struct wcp_judge *judge = c->search->judge;
    const uint32_t shared = pair->overlap.common;
    const uint32_t other = part->class_number == pair->a ? pair->b : pair->a;
    const double need = STRANGER * (double)shared;
    struct wcp_overlap overlap;
    enum wcp_code code = WCP_CODE_OK;
    uint32_t common = 0;
    bool known;

    *is_ret = false;
    if (seen->is_counted && !is_strange_part(c, seen, shared))
        return WCP_CODE_OK;
    known = wcp_known_find(&judge->known, other, seen->class_number, &overlap);
    if (known && !is_strange_to(judge, &overlap, shared))
        return WCP_CODE_OK;
    if (!seen->is_counted)
        code = mark_seen(c, part, seen);
    if (code != WCP_CODE_OK || !is_strange_part(c, seen, shared))
        return code;
    code = mark_seen(c, part, seen);
    if (code == WCP_CODE_OK && !c->other_is_marked)
        code = mark(c, part, OTHER, other, 0);
    if (code != WCP_CODE_OK)
        return code;
    c->other_is_marked = true;
    for (size_t i = 0; i < c->num_words; i++)
        common += (uint32_t)__builtin_popcountll(c->bits.at[i] &
                                                 c->bits.at[seen->bits + i]);
    if ((double)common < need)
        return WCP_CODE_OK;
    if (!known)
        code = compare(c, (const uint32_t[]){ other, seen->class_number },
                       (const int[]){ OTHER, CANDIDATE }, &overlap);
    *is_ret = code == WCP_CODE_OK && is_strange_to(judge, &overlap, shared);
    return code;
}

/* Count strangers that are no copies of each other, as far as it matters: two.
 */
static enum wcp_code
count_strangers(struct comparing *c, const struct wcp_part *part,
                const struct wcp_class_pair *pair, uint32_t *num_ret)
{
    enum wcp_code code = WCP_CODE_OK;
    uint32_t first = 0;

    *num_ret = 0;
    c->other_is_marked = false;
    for (size_t i = 0; code == WCP_CODE_OK && *num_ret < 2 && i < c->seen.num;
         i++) {
        struct seen *seen = &c->seen.at[i];
        struct wcp_overlap overlap;
        bool is_stranger = false;

        if (seen->class_number != pair->a && seen->class_number != pair->b)
            code = check_stranger(c, part, pair, seen, &is_stranger);
        if (code != WCP_CODE_OK || !is_stranger)
            continue;
        if ((*num_ret)++ == 0) {
            first = seen->class_number;
            continue;
        }
        code = compare(c, (const uint32_t[]){ first, seen->class_number },
                       (const int[]){ FIRST, CANDIDATE }, &overlap);
        if (code == WCP_CODE_OK && is_copy(c->search->judge, &overlap))
            --*num_ret;
    }
    return code;
}

/* Begin with the neighbours of a part. */
static bool
begin_part(struct comparing *c, const struct wcp_part *part)
{
    const struct search *search = c->search;
    const struct wcp_memory *mem = search->judge->store->mem;
    const size_t num = part[1].near - part->near;

    c->num_words = ((size_t)part->size + 63) / 64;
    c->bits.num = c->num_words;
    if (!wcp_array_reserve(mem, &c->seen, num) ||
        !wcp_array_reserve(mem, &c->bits, c->num_words))
        return false;
    c->seen.num = num;
    for (size_t i = 0; i < num; i++) {
        struct seen *seen = &c->seen.at[i];

        *seen = (struct seen){
            .class_number = search->near.list.at[part->near + i],
        };
        seen->is_counted =
            wcp_known_find(&search->judge->known, part->class_number,
                           seen->class_number, &seen->overlap);
    }
    return true;
}

static enum wcp_code
judge_part(struct comparing *c, const struct wcp_part *part)
{
    const struct search *search = c->search;
    enum wcp_code code = WCP_CODE_OK;

    if (!begin_part(c, part))
        return wcp_no_memory(c->fault);
    for (size_t i = part->pairs; code == WCP_CODE_OK && i < part[1].pairs;
         i++) {
        struct wcp_class_pair *pair =
            &search->pairs[(uint32_t)search->order[i]];
        struct wcp_relation_evidence evidence = { .threshold =
                                                      search->judge->threshold,
                                                  .overlap = pair->overlap };

        /* One of them may be the other of the pair. */
        if (c->seen.num >= 2)
            code = count_strangers(c, part, pair, &evidence.num_strangers);
        pair->relation = wcp_relation(&evidence) == WCP_REL_BOILERPLATE
                             ? WCP_REL_BOILERPLATE
                             : 0;
    }
    return code;
}

static void
comparing_release(struct comparing *c, const struct wcp_memory *mem)
{
    const size_t num = NUM_KEPT + NUM_ROLES;

    for (size_t i = 0; c->worker != NULL && c->kept != NULL && i < num; i++)
        wcp_store_release_set(c->worker, &c->kept[i].set);
    wcp_free_array(mem, c->kept, num, sizeof *c->kept);
    wcp_array_release(mem, &c->seen);
    wcp_array_release(mem, &c->bits);
    wcp_store_worker_free(c->worker);
}

static enum wcp_code
strangers_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct search *search = wcp_team_ctx(team);
    struct wcp_store *store = search->judge->store;
    struct comparing c = { .search = search, .fault = fault };
    enum wcp_code code = wcp_store_worker_new(store, &c.worker, fault);

    c.kept = wcp_new_zeroed(store->mem, NUM_KEPT + NUM_ROLES, sizeof *c.kept);
    if (code == WCP_CODE_OK && c.kept == NULL)
        code = wcp_no_memory(fault);
    while (code == WCP_CODE_OK) {
        const size_t i = wcp_team_next(team);

        if (i >= search->num_parts)
            break;
        code = wcp_team_check(team, number, fault);
        if (code == WCP_CODE_OK)
            code = judge_part(&c, &search->parts[i]);
        wcp_team_did(team, search->parts[i + 1].pairs - search->parts[i].pairs);
    }
    comparing_release(&c, store->mem);
    return code;
}

/* Put the suspects in order of their parts, and list these. */
static bool
list_parts(struct search *search, const size_t *suspects)
{
    const struct wcp_memory *mem = search->judge->store->mem;
    const size_t num = search->num_suspects;
    uint64_t *scratch = wcp_new_array(mem, num, sizeof *scratch);

    search->order = wcp_new_array(mem, num, sizeof *search->order);
    search->parts = wcp_new_array(mem, num + 1, sizeof *search->parts);
    if (scratch == NULL || search->order == NULL || search->parts == NULL) {
        wcp_free_array(mem, scratch, num, sizeof *scratch);
        return false;
    }
    for (size_t i = 0; i < num; i++)
        search->order[i] =
            (uint64_t)shorter(&search->pairs[suspects[i]]) << 32 | suspects[i];
    wcp_sort_u64(search->order, scratch, num);
    wcp_free_array(mem, scratch, num, sizeof *scratch);
    for (size_t i = 0; i < num; i++) {
        const struct wcp_overlap *overlap =
            &search->pairs[(uint32_t)search->order[i]].overlap;

        if (i == 0 || search->order[i] >> 32 != search->order[i - 1] >> 32)
            search->parts[search->num_parts++] = (struct wcp_part){
                .class_number = (uint32_t)(search->order[i] >> 32),
                .size = overlap->size_a < overlap->size_b ? overlap->size_a
                                                          : overlap->size_b,
                .pairs = i,
            };
    }
    search->parts[search->num_parts].pairs = num;
    return true;
}

enum wcp_code
wcp_judge_strangers(const struct wcp_judge *judge, struct wcp_class_pair *pairs,
                    const size_t *suspects, size_t num_suspects,
                    struct wcp_fault *fault)
{
    const struct wcp_memory *mem = judge->store->mem;
    struct search search = { .judge = judge,
                             .pairs = pairs,
                             .num_suspects = num_suspects };
    enum wcp_code code = WCP_CODE_OK;

    if (!list_parts(&search, suspects))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = wcp_neighbours_find(&search.near, judge, search.parts,
                                   search.num_parts, fault);
    if (code == WCP_CODE_OK)
        code = wcp_run_team(judge->store->opts.num_threads,
                            &judge->store->opts.watch, num_suspects,
                            strangers_main, &search, fault);
    wcp_neighbours_release(&search.near);
    wcp_free_array(mem, search.order, num_suspects, sizeof *search.order);
    wcp_free_array(mem, search.parts, num_suspects + 1, sizeof *search.parts);
    return code;
}
