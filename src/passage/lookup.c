/*
 * lookup.c - where else does a seed stand?
 *
 * Seeds are gathered by the first byte of their hash into parts, and a part is
 * sorted in cache by hash, then place.  A seed that stands alone is forgotten
 * there: most of them do.  One that stands in a few places keeps them all.
 * One that stands in many keeps its first place only, and at each of its
 * places a longer seed begins, which goes through the same on the next level.
 * Text that is the same in 20,000 places so costs each of them one look, and
 * two documents that share a paragraph made of phrases that all the others
 * use as well still meet: in the longer seeds.
 *
 * Two seeds count as the same if 40 bits of their hashes are.  Text is compared
 * later on.
 */
#include "passage/gather.h"

#include <string.h>

enum {
    MAX_ROUNDS = 6,
    NO_BURDEN = 1 << 14, /* seeds */
};

#define MANY UINT32_C(0x80000000)
#define NO_SLOT UINT64_MAX

/* slots: key << 32 | index in places, by open addressing, in the order of the
 * keys.  At the index stands the number of places (MANY: one of many), behind
 * it the places. */
struct part {
    uint64_t *slots;
    uint32_t num_slots; /* a fourth more than there are keys, or 0 */
    WCP_ARRAY(uint32_t) places;
};

struct wcp_lookup {
    const struct wcp_memory *mem;
    uint64_t num_seeds;
    _Atomic uint64_t *shared; /* [num_words] */
    size_t num_words;
    struct part parts[WCP_SEED_LEVELS][WCP_SEED_PARTS];
};

/* ---- parts ---- */

static size_t
run_length(const struct wcp_list64 *sorted, size_t at)
{
    size_t end = at + 1;

    while (end < sorted->list.num &&
           sorted->list.at[end] >> 32 == sorted->list.at[at] >> 32)
        end++;
    return end - at;
}

static uint32_t
first_slot(const struct part *part, uint32_t key)
{
    return (uint32_t)((uint64_t)key * part->num_slots >> 32);
}

static uint32_t
next_slot(const struct part *part, uint32_t slot)
{
    return slot + 1 < part->num_slots ? slot + 1 : 0;
}

static void
put_slot(struct part *part, uint32_t key, uint32_t index)
{
    uint32_t slot = first_slot(part, key);

    while (part->slots[slot] != NO_SLOT)
        slot = next_slot(part, slot);
    part->slots[slot] = (uint64_t)key << 32 | index;
}

static void
keep_run(struct wcp_building *b, struct wcp_gatherer *g, struct part *part,
         size_t at, size_t num)
{
    const uint64_t *run = g->sorted.list.at + at;
    bool many = num > WCP_FEW_PLACES;
    size_t kept = many ? 1 : num;

    put_slot(part, (uint32_t)(run[0] >> 32), (uint32_t)part->places.num);
    part->places.at[part->places.num++] = many ? MANY : (uint32_t)num;
    for (size_t i = 0; i < kept; i++)
        part->places.at[part->places.num++] = (uint32_t)run[i];
    for (size_t i = 1; b->level == 0 && i < num; i++)
        wcp_set_bit(b->lookup->shared, (uint32_t)run[i]);
    if (!many || b->level + 1 == WCP_SEED_LEVELS)
        return;
    for (size_t i = 0; i < num; i++)
        wcp_set_bit(b->wanted_next, (uint32_t)run[i]);
    g->num_frequent += num;
}

static bool
build_part(struct wcp_building *b, struct wcp_gatherer *g, unsigned number)
{
    const struct wcp_memory *mem = b->lookup->mem;
    struct part *part = &b->lookup->parts[b->level][number];
    size_t num_runs = 0, num_places = 0, num;

    if (!wcp_sort_part(b, g, number))
        return false;
    for (size_t i = 0; i < g->sorted.list.num; i += num) {
        num = run_length(&g->sorted, i);
        num_runs += num > 1;
        num_places += num == 1 ? 0 : num > WCP_FEW_PLACES ? 2 : num + 1;
    }
    if (num_runs == 0)
        return true;
    part->num_slots = (uint32_t)(num_runs + num_runs / 4 + 4);
    part->slots = wcp_new_array(mem, part->num_slots, sizeof *part->slots);
    part->places.at = wcp_new_array(mem, num_places, sizeof *part->places.at);
    if (part->places.at != NULL)
        part->places.cap = num_places;
    if (part->slots == NULL || part->places.at == NULL)
        return false;
    memset(part->slots, 0xFF, part->num_slots * sizeof *part->slots);
    for (size_t i = 0; i < g->sorted.list.num; i += num) {
        num = run_length(&g->sorted, i);
        if (num > 1)
            keep_run(b, g, part, i, num);
    }
    return true;
}

static void
build_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;
    size_t part;

    while ((part = atomic_fetch_add(&b->next_task, 1)) < WCP_SEED_PARTS &&
           !atomic_load(&b->no_memory))
        if (wcp_is_turn_of(b, (unsigned)part) &&
            !build_part(b, &b->gatherers[thread], (unsigned)part))
            atomic_store(&b->no_memory, true);
}

/* ---- levels ---- */

static bool
build_level(struct wcp_building *b)
{
    for (b->round = 0; b->round < b->num_rounds; b->round++) {
        wcp_gather_all(b);
        atomic_store(&b->next_task, 0);
        wcp_run_threads(b->num_threads, build_thread, b);
    }
    return !atomic_load(&b->no_memory);
}

/* In how many rounds so many seeds are gathered: half as many bytes as the
 * texts have are no burden, nor are those of two articles. */
static void
plan_rounds(struct wcp_building *b, uint64_t num)
{
    const struct wcp_places *places = b->places;
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < places->num_texts; i++)
        bytes +=
            (uint64_t)places->texts[i].num * (places->texts[i].narrow ? 1 : 2);
    b->num_rounds = 1;
    while (b->num_rounds < MAX_ROUNDS && num > NO_BURDEN &&
           num * sizeof(uint64_t) > bytes * b->num_rounds / 2)
        b->num_rounds++;
}

/* Seeds among so many units, about. */
static uint64_t
guess_seeds(const struct wcp_places *places)
{
    uint64_t num = 0;

    for (uint32_t i = 0; i < places->num_texts; i++)
        num += places->texts[i].num / (places->texts[i].narrow ? 4 : 3);
    return num;
}

/* What is wanted for the next level becomes wanted; false if nothing is. */
static bool
turn_level(struct wcp_building *b)
{
    _Atomic uint64_t *wanted = b->wanted;
    uint64_t num = 0;

    for (unsigned t = 0; t < b->num_gatherers; t++) {
        num += b->gatherers[t].num_frequent;
        b->gatherers[t].num_frequent = 0;
    }
    b->wanted = b->wanted_next;
    b->wanted_next = wanted;
    for (size_t i = 0; i < b->lookup->num_words; i++)
        atomic_store_explicit(&wanted[i], 0, memory_order_relaxed);
    plan_rounds(b, num);
    return num > 0;
}

static void
release_building(struct wcp_building *b)
{
    const struct wcp_memory *mem = b->lookup->mem;

    for (unsigned t = 0; b->gatherers != NULL && t < b->num_gatherers; t++) {
        b->lookup->num_seeds += b->gatherers[t].num_seeds;
        wcp_gatherer_release(mem, &b->gatherers[t]);
    }
    wcp_free_array(mem, b->gatherers, b->num_gatherers, sizeof *b->gatherers);
    wcp_free_array(mem, b->wanted, b->lookup->num_words, sizeof *b->wanted);
    wcp_free_array(mem, b->wanted_next, b->lookup->num_words,
                   sizeof *b->wanted);
    wcp_array_release(mem, &b->tasks);
}

static bool
build(struct wcp_building *b)
{
    const struct wcp_memory *mem = b->lookup->mem;
    uint32_t total = b->places->begins[b->places->num_texts];

    b->num_gatherers = b->num_threads == 1 ? 1 : 4 * b->num_threads;
    b->gatherers = wcp_new_zeroed(mem, b->num_gatherers, sizeof *b->gatherers);
    b->lookup->num_words = b->num_words = (size_t)total / 64 + 1;
    b->lookup->shared =
        wcp_new_zeroed(mem, b->lookup->num_words, sizeof(uint64_t));
    b->wanted = wcp_new_zeroed(mem, b->lookup->num_words, sizeof(uint64_t));
    b->wanted_next =
        wcp_new_zeroed(mem, b->lookup->num_words, sizeof(uint64_t));
    if (b->gatherers == NULL || b->lookup->shared == NULL ||
        b->wanted == NULL || b->wanted_next == NULL || !wcp_list_tasks(b))
        return false;
    for (unsigned t = 0; t < b->num_gatherers; t++) {
        b->gatherers[t].seeder = wcp_seeder_new(mem, b->plan);
        if (b->gatherers[t].seeder == NULL)
            return false;
    }
    plan_rounds(b, guess_seeds(b->places));
    for (b->level = 0; b->level < WCP_SEED_LEVELS; b->level++) {
        if (!build_level(b))
            return false;
        if (!turn_level(b))
            break;
    }
    return true;
}

enum wcp_code
wcp_lookup_new(const struct wcp_places *places,
               const struct wcp_seed_plan *plan, unsigned num_threads,
               struct wcp_lookup **lookup_ret, struct wcp_fault *fault)
{
    struct wcp_lookup *lookup = wcp_new_zeroed(places->mem, 1, sizeof *lookup);
    struct wcp_building b = { .lookup = lookup,
                              .places = places,
                              .plan = plan,
                              .num_threads = num_threads };
    bool done;

    if (lookup == NULL)
        return wcp_no_memory(fault);
    lookup->mem = places->mem;
    done = build(&b);
    release_building(&b);
    if (!done) {
        wcp_lookup_free(lookup);
        return wcp_no_memory(fault);
    }
    *lookup_ret = lookup;
    return WCP_CODE_OK;
}

void
wcp_lookup_free(struct wcp_lookup *lookup)
{
    if (lookup == NULL)
        return;
    for (unsigned level = 0; level < WCP_SEED_LEVELS; level++)
        for (size_t i = 0; i < WCP_SEED_PARTS; i++) {
            struct part *part = &lookup->parts[level][i];

            if (part->num_slots == 0)
                continue;
            wcp_free_array(lookup->mem, part->slots, part->num_slots,
                           sizeof *part->slots);
            wcp_array_release(lookup->mem, &part->places);
        }
    wcp_free_array(lookup->mem, lookup->shared, lookup->num_words,
                   sizeof *lookup->shared);
    wcp_free_array(lookup->mem, lookup, 1, sizeof *lookup);
}

/* ---- looking up ---- */

void
wcp_lookup_prefetch(const struct wcp_lookup *lookup, unsigned level,
                    uint64_t hash)
{
    const struct part *part = &lookup->parts[level][wcp_seed_part(hash)];

    if (part->num_slots > 0)
        __builtin_prefetch(&part->slots[first_slot(part, wcp_seed_key(hash))]);
}

const uint32_t *
wcp_lookup_seek(const struct wcp_lookup *lookup, unsigned level, uint64_t hash)
{
    const struct part *part = &lookup->parts[level][wcp_seed_part(hash)];
    uint32_t key = wcp_seed_key(hash), slot;
    const uint32_t *entry;

    if (part->num_slots == 0)
        return NULL;
    slot = first_slot(part, key);
    while (part->slots[slot] >> 32 != key) {
        if (part->slots[slot] == NO_SLOT)
            return NULL;
        slot = next_slot(part, slot);
    }
    if (part->slots[slot] == NO_SLOT) /* the key itself is all ones */
        return NULL;
    entry = &part->places.at[(uint32_t)part->slots[slot]];
    __builtin_prefetch(entry);
    return entry;
}

struct wcp_seed_places
wcp_lookup_read(const uint32_t *entry)
{
    if (entry == NULL)
        return (struct wcp_seed_places){ 0 };
    return (struct wcp_seed_places){ entry + 1, *entry == MANY ? 1 : *entry,
                                     *entry == MANY };
}

const _Atomic uint64_t *
wcp_lookup_shared(const struct wcp_lookup *lookup)
{
    return lookup->shared;
}

uint64_t
wcp_lookup_num_seeds(const struct wcp_lookup *lookup)
{
    return lookup->num_seeds;
}
