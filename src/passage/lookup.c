/*
 * lookup.c - where does a seed stand before?
 *
 * For each place of which the seed may stand elsewhere there is one number: the
 * place before it that has the same seed.  From there it goes on, to all places
 * that come before.  To fill that in, seeds are gathered by the first bits of
 * their hashes into parts, each part is sorted in cache by hash, then place,
 * and what that says is brought back to the places.
 *
 * A seed that stands in many places leads from each of them to the first, and
 * at each of its places a longer seed begins, which goes through the same on
 * the next level.  Text that is the same in 20,000 places so costs each of them
 * one look, and two documents that share a paragraph made of phrases that all
 * the others use as well still meet: in the longer seeds.
 *
 * Two seeds count as the same if 40 bits of their hashes are.  Text is compared
 * later on.
 */
#include "passage/gather.h"

#include <string.h>

enum {
    MAX_ROUNDS = 16,
    AHEAD = 16,       /* places */
    FILLED = 1 << 20, /* by one thread */
    PART = 1 << 15,   /* seeds that are sorted in a cache */
};

#define NONE UINT32_MAX

/* ---- parts ---- */

static size_t
run_length(const uint64_t *sorted, size_t num)
{
    size_t end = 1;

    while (end < num && sorted[end] >> 32 == sorted[0] >> 32)
        end++;
    return end;
}

/* Only the places of a seed that stands in many have one place before them. */
static inline bool
is_of_many(const uint64_t *pairs, size_t i, size_t num)
{
    const uint32_t place = (uint32_t)pairs[i];

    return (i > 0 && (uint32_t)pairs[i - 1] == place) ||
           (i + 1 < num && (uint32_t)pairs[i + 1] == place);
}

/*
 * What longer seeds, or few, lead to if they stand more than once, in
 * g->scratch:
 * place << 32 | place before it.  Their indices come from memory that is far
 * apart, so this takes steps between which it has time to come.
 */
static void
put_before(struct wcp_building *b, struct wcp_gatherer *g, size_t num)
{
    const struct wcp_lookup *lookup = b->lookup;
    const struct wcp_bits *members = &lookup->levels[0].members;
    const struct wcp_bits *many = &lookup->levels[b->level].many;
    uint32_t *before = lookup->levels[b->level].before;
    uint64_t *pairs = g->scratch.at;

    for (size_t i = 0; i < num + AHEAD; i++) {
        if (i < num) {
            size_t word = pairs[i] >> 32 >> 6;

            __builtin_prefetch(&members->words[word]);
            __builtin_prefetch(&members->ranks[word]);
        }
        if (i >= AHEAD) {
            uint64_t pair = pairs[i - AHEAD];
            uint32_t index =
                wcp_seed_index(lookup, b->level, (uint32_t)(pair >> 32));

            __builtin_prefetch(&before[index], 1);
            if (is_of_many(pairs, i - AHEAD, num) && many->words != NULL)
                wcp_bits_add(many, index);
            pairs[i - AHEAD] = (uint64_t)index << 32 | (uint32_t)pair;
        }
        if (i >= 2 * AHEAD)
            before[pairs[i - 2 * AHEAD] >> 32] = (uint32_t)pairs[i - 2 * AHEAD];
    }
    for (size_t i = num > AHEAD ? num - AHEAD : 0; i < num; i++)
        before[pairs[i] >> 32] = (uint32_t)pairs[i];
}

static bool
build_part(struct wcp_building *b, struct wcp_gatherer *g, unsigned number)
{
    const bool settle = b->level == 0 && b->part_bits > 0;
    const uint64_t *run;
    size_t num_pairs = 0;

    if (!wcp_sort_part(b, g, number))
        return false;
    run = g->sorted.at;
    for (size_t at = 0, num; at < g->sorted.num; at += num, run += num) {
        bool many;

        num = run_length(run, g->sorted.num - at);
        many = num > WCP_FEW_PLACES;
        if (settle && b->compact && num > 1 &&
            !wcp_note_before(b, g, (uint32_t)run[0], NONE, false))
            return false;
        for (size_t i = 1; i < num && settle; i++)
            if (!wcp_note_before(b, g, (uint32_t)run[i],
                                 (uint32_t)run[many ? 0 : i - 1], many))
                return false;
        for (size_t i = 1; i < num && !settle; i++)
            g->scratch.at[num_pairs++] =
                run[i] << 32 | (uint32_t)run[many ? 0 : i - 1];
    }
    put_before(b, g, num_pairs);
    return true;
}

static void
build_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;
    size_t part;

    while ((part = atomic_fetch_add(&b->next_task, 1)) >> b->part_bits == 0 &&
           !atomic_load(&b->no_memory))
        if (!build_part(b, &b->gatherers[thread], (unsigned)part))
            atomic_store(&b->no_memory, true);
}

/* ---- levels ---- */

/*
 * Bytes that are no burden: what the seeds lead to and what they are gathered
 * in may take three eighths of the bytes of narrow texts and two thirds of
 * those of others, which were three bytes a unit when they were read.  Where
 * more was read, as markup or other fields, all may be five quarters of that.
 */
static uint64_t
plan_bytes(const struct wcp_places *places)
{
    const uint64_t all = places->input_bytes / 4 * 5;
    uint64_t most = 0, kept = places->begins[places->num_texts] / 16 * 3;

    for (uint32_t i = 0; i < places->num_texts; i++) {
        const uint64_t units = places->texts[i].num;

        most += places->texts[i].narrow ? units * 23 / 32 : units * 4 / 3;
        kept += places->texts[i].narrow ? units : 2 * units;
    }
    return all > kept && all - kept > most ? all - kept : most;
}

/*
 * In how many rounds so many seeds are gathered; an eighth of narrow texts and
 * a sixth of others are no burden in any case.
 */
unsigned
wcp_plan_rounds(const struct wcp_building *b, uint64_t num)
{
    const struct wcp_places *places = b->places;
    const uint64_t before = num * sizeof(uint32_t);
    const uint64_t most = plan_bytes(places);
    uint64_t least = 0;
    unsigned rounds = 1;

    for (uint32_t i = 0; i < places->num_texts; i++) {
        const uint64_t units = places->texts[i].num;

        least += places->texts[i].narrow ? units / 8 : units / 3;
    }
    if (most > before + least)
        least = most - before;
    while (rounds < MAX_ROUNDS && num * sizeof(uint64_t) > least * rounds)
        rounds++;
    return num > WCP_FEW_SEEDS ? rounds : 1;
}

/*
 * All seeds are gathered, and of those that are kept what is noted stays until
 * the end.  How many that will be is not known: of one round it may be all, of
 * several a third is reckoned with.  If they are more all stay members, which
 * takes a fifth more than that.
 */
unsigned
wcp_plan_all(const struct wcp_building *b, uint64_t num)
{
    const uint64_t most = plan_bytes(b->places);
    const uint64_t seed = sizeof(uint64_t), before = sizeof(uint32_t);
    unsigned rounds = 2;

    if (num <= WCP_FEW_SEEDS || num * (seed + before) <= most)
        return 1;
    while (rounds < MAX_ROUNDS &&
           num * (seed + (seed * (rounds - 1) + before * rounds) / 3) >
               most * rounds)
        rounds++;
    return rounds;
}

void
wcp_plan_parts(struct wcp_building *b, uint64_t num, bool one)
{
    b->part_bits = one ? 0 : WCP_MIN_PART_BITS;
    while (!one && b->part_bits < WCP_MAX_PART_BITS &&
           num >> b->part_bits > PART)
        b->part_bits++;
}

static void
fill_thread(void *ctx, unsigned thread)
{
    const struct wcp_building *b = ctx;
    const struct wcp_seed_level *level = &b->lookup->levels[b->level];
    const size_t num = level->members.num_set;
    const size_t begin = num * thread / b->num_threads;
    const size_t end = num * (thread + 1) / b->num_threads;

    memset(level->before + begin, 0xFF, (end - begin) * sizeof *level->before);
}

/* No seed has been before.  The pages are new, and several threads get them
 * sooner. */
static void
fill_before(struct wcp_building *b)
{
    struct wcp_seed_level *level = &b->lookup->levels[b->level];

    if (level->members.num_set > FILLED)
        wcp_run_threads(b->num_threads, fill_thread, b);
    else
        memset(level->before, 0xFF,
               level->members.num_set * sizeof *level->before);
}

bool
wcp_level_init(struct wcp_building *b, uint32_t num)
{
    const struct wcp_memory *mem = b->lookup->mem;
    struct wcp_seed_level *level = &b->lookup->levels[b->level];

    level->before = wcp_new_array(mem, num, sizeof *level->before);
    return level->before != NULL && (b->level + 1 == WCP_SEED_LEVELS ||
                                     wcp_bits_init(&level->many, mem, num));
}

/* Gather the seeds of the level at hand and see where they stand before. */
static bool
gather_rounds(struct wcp_building *b)
{
    const uint32_t num = b->lookup->levels[b->level].members.num_set;
    const bool all = b->level == 0 && !b->sifted;
    bool settle;

    b->num_rounds = all ? wcp_plan_all(b, num) : wcp_plan_rounds(b, num);
    if (b->level > 0 || !b->gathered)
        wcp_plan_parts(b, num / b->num_rounds,
                       b->level == 0 ? b->few : num <= WCP_FEW_SEEDS);
    settle = b->level == 0 && b->part_bits > 0;
    b->compact = settle && all;
    if (!settle) {
        if (!wcp_level_init(b, num))
            return false;
        fill_before(b);
    }
    for (b->round = 0; b->round < b->num_rounds; b->round++) {
        if (b->level > 0 || !b->gathered)
            wcp_gather_all(b);
        atomic_store(&b->next_task, 0);
        wcp_run_threads(b->part_bits == 0 ? 1 : b->num_threads, build_thread,
                        b);
        if (settle && !wcp_settle_round(b))
            return false;
    }
    return true;
}

static void
empty_thread(void *ctx, unsigned thread)
{
    struct wcp_building *b = ctx;

    wcp_gatherer_empty(b->lookup->mem, &b->gatherers[thread]);
}

static bool
build_level(struct wcp_building *b)
{
    struct wcp_lookup *lookup = b->lookup;

    if (!gather_rounds(b))
        return false;
    if (b->part_bits > 0) {
        wcp_run_threads(b->num_threads, empty_thread, b);
        wcp_memory_tidy(lookup->mem);
    }
    for (unsigned i = 1; b->level == 0 && i < WCP_SEED_LEVELS; i++)
        if (!wcp_bits_init(&lookup->levels[i].members, lookup->mem,
                           lookup->levels[0].members.num_set))
            return false;
    return !atomic_load(&b->no_memory) && wcp_list_longer(b);
}

static void
release_building(struct wcp_building *b)
{
    const struct wcp_memory *mem = b->lookup->mem;

    for (unsigned t = 0; b->gatherers != NULL && t < b->num_threads; t++)
        wcp_gatherer_release(mem, &b->gatherers[t]);
    wcp_free_array(mem, b->gatherers, b->num_threads, sizeof *b->gatherers);
}

static bool
build(struct wcp_building *b)
{
    const struct wcp_memory *mem = b->lookup->mem;
    struct wcp_seed_level *levels = b->lookup->levels;

    wcp_choose_turns(b);
    b->place_shift = 6;
    while (b->places->begins[b->places->num_texts] >> b->place_shift >=
           WCP_PLACE_PARTS)
        b->place_shift++;
    b->gatherers = wcp_new_zeroed(mem, b->num_threads, sizeof *b->gatherers);
    if (b->gatherers == NULL ||
        !wcp_bits_init(&levels[0].members, mem,
                       b->places->begins[b->places->num_texts]))
        return false;
    for (unsigned t = 0; t < b->num_threads; t++) {
        b->gatherers[t].seeder = wcp_seeder_new(mem, b->plan);
        if (b->gatherers[t].seeder == NULL)
            return false;
    }
    if (!wcp_find_seeds(b))
        return false;
    for (b->level = 0; b->level < WCP_SEED_LEVELS; b->level++)
        if ((b->level > 0 && !wcp_bits_count(&levels[b->level].members)) ||
            !build_level(b))
            return false;
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
                              .num_threads = num_threads,
                              .num_rounds = 1 };
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
    for (unsigned i = 0; i < WCP_SEED_LEVELS; i++) {
        struct wcp_seed_level *level = &lookup->levels[i];

        if (level->before != NULL)
            wcp_free_array(lookup->mem, level->before, level->members.num_set,
                           sizeof *level->before);
        wcp_bits_release(&level->members);
        wcp_bits_release(&level->many);
    }
    wcp_free_array(lookup->mem, lookup, 1, sizeof *lookup);
}

/* ---- looking up ---- */

const uint32_t *
wcp_lookup_before(const struct wcp_lookup *lookup)
{
    return lookup->levels[0].before;
}

const struct wcp_bits *
wcp_lookup_seeds(const struct wcp_lookup *lookup)
{
    return &lookup->levels[0].members;
}

/* Memory is far apart, so every step is taken for all seeds of a batch before
 * the next. */
static void
read_level(const struct wcp_lookup *lookup, unsigned level,
           const uint32_t *indices, uint32_t num, struct wcp_seed_places *found)
{
    const struct wcp_bits *members = &lookup->levels[0].members;
    const struct wcp_bits *many = &lookup->levels[level].many;
    const uint32_t *before = lookup->levels[level].before;
    uint32_t ways[WCP_LOOKUP_BATCH], next[WCP_LOOKUP_BATCH], num_ways = 0;

    for (uint32_t i = 0; i < num; i++) {
        uint32_t place = before[indices[i]];

        found[i].many = many->words != NULL && wcp_bits_has(many, indices[i]);
        found[i].num = place != NONE;
        found[i].at[0] = place;
        if (place == NONE || found[i].many)
            continue;
        __builtin_prefetch(&members->words[place / 64]);
        __builtin_prefetch(&members->ranks[place / 64]);
        ways[num_ways++] = i;
    }
    while (num_ways > 0) {
        uint32_t num_left = 0;

        for (uint32_t i = 0; i < num_ways; i++) {
            const struct wcp_seed_places *at = &found[ways[i]];

            next[i] = wcp_seed_index(lookup, level, at->at[at->num - 1]);
            __builtin_prefetch(&before[next[i]]);
        }
        for (uint32_t i = 0; i < num_ways; i++) {
            struct wcp_seed_places *at = &found[ways[i]];
            uint32_t place = before[next[i]];

            if (place == NONE || at->num == WCP_FEW_PLACES)
                continue;
            at->at[at->num++] = place;
            __builtin_prefetch(&members->words[place / 64]);
            __builtin_prefetch(&members->ranks[place / 64]);
            ways[num_left++] = ways[i];
        }
        num_ways = num_left;
    }
}

void
wcp_lookup_read(const struct wcp_lookup *lookup, const uint32_t *indices,
                uint32_t num, struct wcp_seed_places *found)
{
    read_level(lookup, 0, indices, num, found);
}

void
wcp_lookup_longer(const struct wcp_lookup *lookup, unsigned level,
                  uint32_t index, struct wcp_seed_places *found)
{
    const struct wcp_bits *members = &lookup->levels[level].members;

    if (wcp_bits_has(members, index)) {
        index = wcp_bits_rank(members, index);
        read_level(lookup, level, &index, 1, found);
    } else {
        found->many = level + 1 < WCP_SEED_LEVELS;
    }
}

uint64_t
wcp_lookup_num_seeds(const struct wcp_lookup *lookup)
{
    return lookup->num_seeds;
}
