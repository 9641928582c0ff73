/*
 * strangers.c - who else holds what two texts share
 *
 * A stranger of a and b holds STRANGER of the shingles that they share, and is
 * a copy of neither.  So most of the shorter of a and b stands in it: of that
 * one's samples at least SAMPLES are in the stranger too.
 *
 * Only the samples of such shorter texts are looked up, in all texts.  A form
 * of which there are thousands would make that square, and two strangers are
 * all that matters: of the texts that have a sample the first MAX_LISTED are
 * counted, in an order that is the same for all samples, that of the digests.
 * Where there are more, enough of the same texts are among the first of each.
 * What is found is compared exactly.
 */
#include "group/judge.h"

#include <stdlib.h>
#include <string.h>

/* Of 337 copies that were read 5 have two strangers or more at .7, none has at
 * .8. */
#define STRANGER .8
/* The share of samples falls behind that of shingles, see inclusions.c. */
#define SAMPLES .5
/* A text that lies in another with less of its shingles has something of its
 * own that is missing there. */
#define WITH_OWN .9

enum { MAX_LISTED = 256 };

/* A text in which the shorter one of a pair nearly stands. */
struct neighbour {
    uint32_t part, whole;
};

struct search {
    struct wcp_store *store;
    struct wcp_class_pair *pairs;
    const size_t *suspects; /* places in pairs */
    size_t num_suspects;
    double threshold;
    /* By part, ascending; the wholes by digest. */
    WCP_ARRAY(struct neighbour) near;
};

static bool
is_copy(const struct search *j, const struct wcp_overlap *overlap)
{
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;

    return less > 0 && (double)overlap->common / less >= j->threshold;
}

/* The class that is asked what it nearly stands in. */
static uint32_t
shorter(const struct wcp_class_pair *pair)
{
    return pair->overlap.size_a <= pair->overlap.size_b ? pair->a : pair->b;
}

enum { SET_A, SET_B, CANDIDATE, FIRST, NUM_ROLES };

/* Sets are kept, for texts of one form are asked for again and again; those of
 * long texts are not. */
enum { NUM_KEPT = 512, MAX_HASHES = 1 << 13 };

struct kept_set {
    uint32_t class_number;
    bool known;
    unsigned num_users;
    struct wcp_shingle_set set;
};

/* What a thread compares. */
struct comparing {
    struct wcp_store_worker *worker;
    struct kept_set *kept; /* [NUM_KEPT + NUM_ROLES]: by class; any other */
    struct kept_set *in[NUM_ROLES];
    uint64_t *shared; /* hashes that a and b share */
    size_t num_shared, shared_cap;
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

static enum wcp_code
take(struct comparing *c, int role, uint32_t class_number,
     struct wcp_fault *fault)
{
    struct kept_set *kept = &c->kept[class_number % NUM_KEPT];
    enum wcp_code code = WCP_CODE_OK;

    let_go(c, role);
    if (!kept->known || kept->class_number != class_number) {
        for (size_t i = NUM_KEPT; kept->num_users > 0; i++)
            kept = &c->kept[i];
        kept->class_number = class_number;
        code = wcp_store_fetch_set(c->worker, class_number, &kept->set, fault);
        kept->known = code == WCP_CODE_OK;
    }
    kept->num_users++;
    c->in[role] = kept;
    return code;
}

static const struct wcp_shingle_set *
set_of(const struct comparing *c, int role)
{
    return &c->in[role]->set;
}

static bool
share_sets(struct comparing *c, const struct wcp_memory *mem)
{
    const struct wcp_shingle_set *a = set_of(c, SET_A);
    const struct wcp_shingle_set *b = set_of(c, SET_B);
    size_t i = 0, k = 0;

    if (a->num > c->shared_cap) {
        wcp_free_array(mem, c->shared, c->shared_cap, sizeof *c->shared);
        c->shared = wcp_new_array(mem, a->num, sizeof *c->shared);
        c->shared_cap = c->shared != NULL ? a->num : 0;
        if (c->shared == NULL)
            return false;
    }
    c->num_shared = 0;
    while (i < a->num && k < b->num) {
        if (a->hashes[i] == b->hashes[k])
            c->shared[c->num_shared++] = a->hashes[i];
        if (a->hashes[i] < b->hashes[k])
            i++;
        else if (b->hashes[k] < a->hashes[i])
            k++;
        else
            i++, k++;
    }
    return true;
}

static bool
are_copies(const struct search *j, const struct wcp_shingle_set *x,
           const struct wcp_shingle_set *y)
{
    const struct wcp_overlap overlap = { (uint32_t)wcp_shingle_set_common(x, y),
                                         (uint32_t)x->num, (uint32_t)y->num };

    return is_copy(j, &overlap);
}

/*
 * Whether the candidate is no copy of one of a pair.  A short caption is little
 * more than the frame, which lies in all others: that they hold it makes none
 * of them a copy, if what it has of its own is missing there as it is in the
 * other of the pair.
 */
static bool
is_strange_to(const struct search *j, const struct comparing *c,
              const struct wcp_shingle_set *one)
{
    const struct wcp_shingle_set *candidate = set_of(c, CANDIDATE);
    const double common = (double)wcp_shingle_set_common(one, candidate);
    const double own = WITH_OWN * (double)one->num;

    if (common >= j->threshold * (double)candidate->num)
        return false;
    return common < j->threshold * (double)one->num ||
           (common < own && (double)c->num_shared < own);
}

/* Whether the candidate holds what a and b share, and is no copy of these. */
static bool
is_stranger(const struct search *j, const struct comparing *c)
{
    const struct wcp_shingle_set shared = { c->shared, c->num_shared,
                                            c->num_shared };

    return (double)wcp_shingle_set_common(&shared, set_of(c, CANDIDATE)) >=
               STRANGER * (double)c->num_shared &&
           is_strange_to(j, c, set_of(c, SET_A)) &&
           is_strange_to(j, c, set_of(c, SET_B));
}

/* The first neighbour of class c, or where it would be. */
static size_t
find_part(const struct search *j, uint32_t c)
{
    size_t low = 0, high = j->near.num;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (j->near.at[middle].part < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether there are candidates enough to find two strangers. */
static bool
has_candidates(const struct search *j, const struct wcp_class_pair *pair)
{
    const uint32_t part = shorter(pair);
    size_t num = 0;

    for (size_t i = find_part(j, part);
         num < 2 && i < j->near.num && j->near.at[i].part == part; i++)
        num += j->near.at[i].whole != pair->a && j->near.at[i].whole != pair->b;
    return num >= 2;
}

/* Count strangers that are no copies of each other, as far as it matters: two.
 */
static enum wcp_code
count_strangers(const struct search *j, struct comparing *c,
                const struct wcp_class_pair *pair, uint32_t *num_ret,
                struct wcp_fault *fault)
{
    const uint32_t part = shorter(pair);
    enum wcp_code code = take(c, SET_A, pair->a, fault);

    *num_ret = 0;
    if (code == WCP_CODE_OK)
        code = take(c, SET_B, pair->b, fault);
    if (code == WCP_CODE_OK && !share_sets(c, j->store->mem))
        code = wcp_no_memory(fault);
    for (size_t i = find_part(j, part);
         code == WCP_CODE_OK && *num_ret < 2 && i < j->near.num &&
         j->near.at[i].part == part;
         i++) {
        const uint32_t whole = j->near.at[i].whole;

        if (whole == pair->a || whole == pair->b)
            continue;
        code = take(c, CANDIDATE, whole, fault);
        if (code != WCP_CODE_OK || !is_stranger(j, c) ||
            (*num_ret > 0 &&
             are_copies(j, set_of(c, CANDIDATE), set_of(c, FIRST))))
            continue;
        if ((*num_ret)++ == 0) {
            let_go(c, FIRST);
            c->in[FIRST] = c->in[CANDIDATE];
            c->in[CANDIDATE] = NULL;
        }
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
    wcp_free_array(mem, c->shared, c->shared_cap, sizeof *c->shared);
    wcp_store_worker_free(c->worker);
}

static enum wcp_code
strangers_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct search *j = wcp_team_ctx(team);
    struct comparing c = { 0 };
    enum wcp_code code = wcp_store_worker_new(j->store, &c.worker, fault);

    c.kept =
        wcp_new_zeroed(j->store->mem, NUM_KEPT + NUM_ROLES, sizeof *c.kept);
    if (code == WCP_CODE_OK && c.kept == NULL)
        code = wcp_no_memory(fault);
    while (code == WCP_CODE_OK) {
        const size_t i = wcp_team_next(team);
        struct wcp_class_pair *pair;
        struct wcp_relation_evidence evidence = { .threshold = j->threshold };

        if (i >= j->num_suspects)
            break;
        pair = &j->pairs[j->suspects[i]];
        evidence.overlap = pair->overlap;
        code = wcp_team_check(team, number, fault);
        if (code == WCP_CODE_OK && has_candidates(j, pair))
            code = count_strangers(j, &c, pair, &evidence.num_strangers, fault);
        if (wcp_relation(&evidence) == WCP_REL_BOILERPLATE)
            pair->relation = WCP_REL_BOILERPLATE;
        else
            pair->relation = 0;
        wcp_team_did(team, 1);
    }
    comparing_release(&c, j->store->mem);
    return code;
}

/* ---- neighbours ---- */

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
};

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

/* Mark the samples of all shorter texts. */
static bool
mark_wanted(struct postings *p, const struct search *j)
{
    size_t num = 0;

    for (size_t i = 0; i < j->num_suspects; i++)
        num +=
            entry_of(p->store, shorter(&j->pairs[j->suspects[i]]))->num_sample;
    p->wanted_bits = MIN_WANTED_BITS;
    while (p->wanted_bits < MAX_WANTED_BITS &&
           num > ((size_t)1 << p->wanted_bits) / 16)
        p->wanted_bits++;
    p->wanted = wcp_new_zeroed(p->store->mem, num_words(p), sizeof *p->wanted);
    if (p->wanted == NULL)
        return false;
    for (size_t i = 0; i < j->num_suspects; i++) {
        const struct wcp_entry *entry =
            entry_of(p->store, shorter(&j->pairs[j->suspects[i]]));

        for (uint32_t k = 0; k < entry->num_sample; k++) {
            const size_t bit = wanted_bit(p, entry->sample[k]);

            p->wanted[bit / 64] |= UINT64_C(1) << bit % 64;
        }
    }
    return true;
}

static bool
postings_init(struct postings *p, const struct search *j)
{
    const struct wcp_memory *mem = j->store->mem;
    const uint32_t n = j->store->num_classes;

    p->store = j->store;
    p->classes = wcp_new_array(mem, n, sizeof *p->classes);
    p->places = wcp_new_array(mem, n, sizeof *p->places);
    p->counts = wcp_new_zeroed(mem, n, sizeof *p->counts);
    if (p->classes == NULL || p->places == NULL || p->counts == NULL ||
        !order_classes(p) || !mark_wanted(p, j))
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
    wcp_free_array(mem, p->wanted, num_words(p), sizeof *p->wanted);
    wcp_free_array(mem, p->entries, p->cap, sizeof *p->entries);
    wcp_free_array(mem, p->firsts, ((size_t)1 << p->first_bits) + 1,
                   sizeof *p->firsts);
}

/* The first entry of a sample. */
static size_t
find_sample(const struct postings *p, uint32_t sample)
{
    const uint32_t wanted = spread(sample);
    const size_t *first = &p->firsts[wanted >> (32 - p->first_bits)];
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

/* The places that have at least SAMPLES of the samples of a class. */
static bool
list_neighbours(struct search *j, struct postings *p, uint32_t part)
{
    const struct wcp_entry *entry = entry_of(p->store, part);
    const double need = SAMPLES * entry->num_sample;

    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < entry->num_sample; i++) {
            const size_t begin = find_sample(p, entry->sample[i]);

            for (size_t k = begin;
                 k < p->num && k < begin + MAX_LISTED &&
                 p->entries[k] >> 32 == spread(entry->sample[i]);
                 k++) {
                const uint32_t place = (uint32_t)p->entries[k];

                if (round == 0) {
                    p->counts[place]++;
                    continue;
                }
                if (p->counts[place] >= need && p->classes[place] != part) {
                    if (!wcp_array_grow(p->store->mem, &j->near))
                        return false;
                    j->near.at[j->near.num++] =
                        (struct neighbour){ part, place };
                }
                p->counts[place] = 0;
            }
        }
    return true;
}

static int
compare_neighbours(const void *a, const void *b)
{
    const struct neighbour *x = a, *y = b;

    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return (x->whole > y->whole) - (x->whole < y->whole);
}

static int
compare_numbers(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Neighbours of all the shorter texts, each asked once. */
static bool
list_all_neighbours(struct search *j, struct postings *p)
{
    const struct wcp_memory *mem = j->store->mem;
    const size_t num = j->num_suspects;
    uint32_t *parts = wcp_new_array(mem, num, sizeof *parts);
    bool listed = parts != NULL;

    for (size_t i = 0; listed && i < num; i++)
        parts[i] = shorter(&j->pairs[j->suspects[i]]);
    if (listed && num > 1)
        qsort(parts, num, sizeof *parts, compare_numbers);
    for (size_t i = 0; listed && i < num; i++)
        if (i == 0 || parts[i] != parts[i - 1])
            listed = list_neighbours(j, p, parts[i]);
    wcp_free_array(mem, parts, num, sizeof *parts);
    if (!listed)
        return false;
    if (j->near.num > 1)
        qsort(j->near.at, j->near.num, sizeof *j->near.at, compare_neighbours);
    for (size_t i = 0; i < j->near.num; i++)
        j->near.at[i].whole = p->classes[j->near.at[i].whole];
    return true;
}

/* Find what the shorter texts of suspects nearly stand in. */
static enum wcp_code
find_neighbours(struct search *j, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = j->store->mem;
    struct postings postings = { 0 };
    uint32_t *classes = NULL;
    enum wcp_code code = WCP_CODE_OK;

    if (!postings_init(&postings, j) || !list_all_neighbours(j, &postings))
        code = wcp_no_memory(fault);
    postings_release(&postings);
    if (code != WCP_CODE_OK)
        return code;
    classes = wcp_new_array(mem, j->near.num, sizeof *classes);
    if (classes == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < j->near.num; i++)
        classes[i] = j->near.at[i].whole;
    code = wcp_store_spool_classes(j->store, classes, j->near.num, fault);
    wcp_free_array(mem, classes, j->near.num, sizeof *classes);
    return code;
}

enum wcp_code
wcp_judge_strangers(struct wcp_store *store, struct wcp_class_pair *pairs,
                    const size_t *suspects, size_t num_suspects,
                    double threshold, struct wcp_fault *fault)
{
    struct search search = { .store = store,
                             .pairs = pairs,
                             .suspects = suspects,
                             .num_suspects = num_suspects,
                             .threshold = threshold };
    enum wcp_code code = find_neighbours(&search, fault);

    if (code == WCP_CODE_OK)
        code = wcp_run_team(store->opts.num_threads, &store->opts.watch,
                            num_suspects, strangers_main, &search, fault);
    wcp_array_release(store->mem, &search.near);
    return code;
}
