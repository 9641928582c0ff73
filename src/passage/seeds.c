/*
 * seeds.c - places of a text that every copy of it picks as well
 *
 * Every place has the hash of the short window that begins there (a shingle:
 * 5 units of Han, 8 of others).  A seed is a run of consecutive windows of
 * which the first or the last has the least hash: a closed syncmer (Edgar,
 * "Syncmers are more sensitive than minimizers", 2021).  Whether a run is a
 * seed is seen from itself alone, so unlike a minimizer it survives whatever
 * is changed beside it; of any stretch as long as two seeds less a window and
 * a unit, one is picked.
 *
 * "Least" means less than all others.  So text that repeats itself every few
 * characters has no seeds, which keeps rows of dashes or of one letter from
 * matching themselves at every distance.
 *
 * Six windows of Han (10 characters) and nine of others (16): of planted
 * copies of 100 Han or 250 letters with a tenth of them changed, 998 and 997
 * in a thousand hold an unchanged seed; a third and two ninths of all places
 * are seeds.
 */
#include "passage/engine.h"
#include "sketch/kernels.h"
#include "sketch/sketcher.h"

#include <string.h>

enum {
    MAX_WINDOW_HAN = 6,
    MAX_WINDOW_OTHER = 9,
    MARGIN = 16, /* windows beyond a block that are looked at, or more */
    NUM = WCP_SEED_BLOCK + MARGIN,
    /* Units that these windows have. */
    NUM_UNITS = NUM + WCP_SHINGLE_OTHER,
};

/* No window begins there. */
#define NO_HASH UINT64_MAX

struct wcp_seeder {
    const struct wcp_memory *mem;
    const struct wcp_kernels *kernels;
    struct wcp_seed_plan plan;
    uint16_t units[NUM_UNITS];
    uint64_t hashes[NUM];
    /* Their order, by the top 16 bits; least of 2, 4, 8 from each place. */
    int16_t least[4][NUM + MARGIN];
    int16_t others[NUM + MARGIN];
    uint8_t is_seed[2][NUM]; /* if it were one of others, of Han: 1 */
    uint8_t is_han[NUM];     /* likewise */
    uint16_t marked[WCP_SEED_BLOCK + 1];
    struct wcp_seed seeds[WCP_SEED_BLOCK + 1];
};

static unsigned
at_most(uint64_t number, unsigned most)
{
    return number < most ? (unsigned)number : most;
}

/* A stretch of 2 * window + shingle - 3 units has a seed. */
void
wcp_seed_plan(struct wcp_seed_plan *plan, uint32_t min_length)
{
    uint64_t letters = (uint64_t)min_length * WCP_WEIGHT_HAN / WCP_WEIGHT_OTHER;

    plan->window_han =
        min_length < WCP_SHINGLE_HAN
            ? 1
            : at_most((min_length + 3 - WCP_SHINGLE_HAN) / 2, MAX_WINDOW_HAN);
    plan->window_other =
        letters < WCP_SHINGLE_OTHER
            ? 1
            : at_most((letters + 3 - WCP_SHINGLE_OTHER) / 2, MAX_WINDOW_OTHER);
}

/* Units whose seeds are short; a rough and quick wcp_unit_is_east_asian(). */
static inline uint8_t
is_short(uint16_t unit)
{
    return unit >= 0x2E80;
}

unsigned
wcp_seed_length(const struct wcp_seed_plan *plan, uint16_t unit)
{
    return is_short(unit) ? plan->window_han + WCP_SHINGLE_HAN - 1
                          : plan->window_other + WCP_SHINGLE_OTHER - 1;
}

struct wcp_seeder *
wcp_seeder_new(const struct wcp_memory *mem, const struct wcp_seed_plan *plan)
{
    struct wcp_seeder *seeder = wcp_new_array(mem, 1, sizeof *seeder);

    if (seeder == NULL)
        return NULL;
    seeder->mem = mem;
    seeder->kernels = wcp_kernels_best();
    seeder->plan = *plan;
    return seeder;
}

void
wcp_seeder_free(struct wcp_seeder *seeder)
{
    if (seeder != NULL)
        wcp_free_array(seeder->mem, seeder, 1, sizeof *seeder);
}

static bool
is_low(uint16_t unit)
{
    return (unit & 0xFC00) == 0xDC00;
}

/* splitmix64's finish (Steele, Lea, Flood 2014). */
static inline uint64_t
mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

/* Does a character of two units end here? */
static bool
has_low(const uint16_t *units, size_t num)
{
    unsigned any = 0;

    for (size_t i = 0; i < num; i++)
        any |= (units[i] & 0xFC00) == 0xDC00;
    return any != 0;
}

/*
 * The kernel writes one hash behind another where a window does not fit, which
 * happens in the last few units only, or would begin in mid-character.  Put
 * each where it belongs.  Half characters get one that follows from the first
 * half's.
 */
static void
spread_hashes(struct wcp_seeder *seeder, const uint16_t *units, size_t starts,
              size_t left, size_t num)
{
    uint64_t *hashes = seeder->hashes;
    bool low = has_low(units, starts);
    size_t first = 0;

    if (!low && left >= WCP_SHINGLE_OTHER)
        first = left - WCP_SHINGLE_OTHER + 1;
    for (size_t i = starts; i-- > first;) {
        size_t need = wcp_unit_is_east_asian(units[i]) ? WCP_SHINGLE_HAN
                                                       : WCP_SHINGLE_OTHER;

        if (!is_low(units[i]) && left - i >= need && num > 0)
            hashes[i] = hashes[--num];
        else
            hashes[i] = NO_HASH;
    }
    for (size_t i = 1; low && i < starts; i++)
        if (is_low(units[i]) && hashes[i - 1] != NO_HASH)
            hashes[i] = mix(hashes[i - 1]) >> 1;
}

/* others[i]: the least of 'num' from i on, for i up to 'ends'. */
static void
find_least(struct wcp_seeder *seeder, unsigned num, size_t ends)
{
    unsigned level = num >= 8 ? 3 : num >= 4 ? 2 : num >= 2 ? 1 : 0;
    const int16_t *a = seeder->least[level];
    const int16_t *b = a + (num - (1u << level));

    for (size_t i = 0; i <= ends; i++)
        seeder->others[i] = a[i] < b[i] ? a[i] : b[i];
}

static void
mark_seeds(struct wcp_seeder *seeder, unsigned window, size_t ends,
           uint8_t *is_seed)
{
    const int16_t *order = seeder->least[0], *others = seeder->others;

    if (window == 1) {
        memset(is_seed, 1, ends);
        return;
    }
    find_least(seeder, window - 1, ends);
    for (size_t i = 0; i < ends; i++)
        is_seed[i] = (uint8_t)((order[i] < others[i + 1]) |
                               (order[i + window - 1] < others[i]));
}

/* The order of the hashes that begin in the block, and those of a margin. */
static void
order_hashes(struct wcp_seeder *seeder, size_t starts, size_t ends)
{
    int16_t *order = seeder->least[0];
    const size_t num = ends + MARGIN;

    for (size_t i = 0; i < starts; i++)
        order[i] = (int16_t)(seeder->hashes[i] >> 48);
    for (size_t i = starts; i < num + MARGIN; i++)
        order[i] = INT16_MAX;
    for (size_t i = starts; i < num; i++)
        seeder->hashes[i] = NO_HASH;
    for (unsigned level = 1; level < 4; level++) {
        const int16_t *from = seeder->least[level - 1];
        int16_t *to = seeder->least[level];
        size_t step = (size_t)1 << (level - 1);

        for (size_t i = 0; i < num; i++)
            to[i] = from[i] < from[i + step] ? from[i] : from[i + step];
        for (size_t i = num; i < num + MARGIN; i++)
            to[i] = INT16_MAX;
    }
}

/*
 * Which of the first 'ends' places are seeds, in seeder->marked; returns how
 * many.  Storing always and advancing by one or none spares a branch that
 * nobody can foretell.
 */
static size_t
mark_all(struct wcp_seeder *seeder, const uint16_t *units, size_t ends)
{
    const uint8_t *other = seeder->is_seed[0], *han = seeder->is_seed[1];
    size_t num = 0;

    mark_seeds(seeder, seeder->plan.window_other, ends, seeder->is_seed[0]);
    mark_seeds(seeder, seeder->plan.window_han, ends, seeder->is_seed[1]);
    for (size_t i = 0; i < ends; i++)
        seeder->is_han[i] = is_short(units[i]);
    for (size_t i = 0; i < ends; i++) {
        seeder->marked[num] = (uint16_t)i;
        num += (other[i] & (uint8_t)~seeder->is_han[i]) |
               (han[i] & seeder->is_han[i]);
    }
    return num;
}

/* The hash of a seed, from its first and its last window. */
static inline uint64_t
join(uint64_t first, uint64_t last)
{
    return mix(first ^ (last << 1 | last >> 63));
}

static size_t
collect(struct wcp_seeder *seeder, uint32_t begin, size_t num_marked,
        const struct wcp_seed **seeds_ret)
{
    const unsigned windows[2] = { seeder->plan.window_other - 1,
                                  seeder->plan.window_han - 1 };
    size_t num = 0;

    for (size_t k = 0; k < num_marked; k++) {
        size_t i = seeder->marked[k];
        uint64_t first = seeder->hashes[i];
        uint64_t last = seeder->hashes[i + windows[seeder->is_han[i]]];

        seeder->seeds[num].hash = join(first, last);
        seeder->seeds[num].at = begin + (uint32_t)i;
        num += (first != NO_HASH) & (last != NO_HASH);
    }
    *seeds_ret = seeder->seeds;
    return num;
}

size_t
wcp_seeder_find(struct wcp_seeder *seeder, const struct wcp_units *text,
                uint32_t begin, const struct wcp_seed **seeds_ret)
{
    size_t left = text->num - begin, num = 0;
    size_t starts = left < NUM ? left : NUM;
    size_t ends = left < WCP_SEED_BLOCK ? left : WCP_SEED_BLOCK;
    const uint16_t *units = seeder->units;

    if (text->narrow)
        wcp_widen(text, begin,
                  begin + (uint32_t)(left < NUM_UNITS ? left : NUM_UNITS),
                  seeder->units);
    else
        units = (const uint16_t *)text->at + begin;
    if (left > NUM_UNITS)
        left = NUM_UNITS;
    num = seeder->kernels->hash_windows(units, starts, left, 0, seeder->hashes);
    if (num < starts)
        spread_hashes(seeder, units, starts, left, num);
    order_hashes(seeder, starts, ends);
    return collect(seeder, begin, mark_all(seeder, units, ends), seeds_ret);
}

/* The hash of the window at units[at], by itself; NO_HASH: there is none, or
 * it would begin in mid-character. */
static uint64_t
hash_window(const uint16_t *units, size_t at, size_t num)
{
    size_t len =
        wcp_unit_is_east_asian(units[at]) ? WCP_SHINGLE_HAN : WCP_SHINGLE_OTHER;

    if (is_low(units[at]) || num - at < len)
        return NO_HASH;
    return wcp_text_hash(units + at, len);
}

uint64_t
wcp_seeder_hash(struct wcp_seeder *seeder, const struct wcp_units *text,
                uint32_t at)
{
    enum { MOST = MAX_WINDOW_OTHER + WCP_SHINGLE_OTHER };
    const struct wcp_seed *seeds;
    const uint16_t *units = seeder->units;
    size_t left = text->num - at < MOST ? text->num - at : MOST, num;
    uint64_t first = NO_HASH, last = NO_HASH;
    unsigned window;

    if (text->narrow)
        wcp_widen(text, at, at + (uint32_t)left, seeder->units);
    else
        units = (const uint16_t *)text->at + at;
    window = is_short(units[0]) ? seeder->plan.window_han
                                : seeder->plan.window_other;
    if (window <= left) {
        first = hash_window(units, 0, left);
        last = hash_window(units, window - 1, left);
    }
    if (first != NO_HASH && last != NO_HASH)
        return join(first, last);
    num = wcp_seeder_find(seeder, text, at - at % WCP_SEED_BLOCK, &seeds);
    for (size_t i = 0; i < num; i++)
        if (seeds[i].at == at)
            return seeds[i].hash;
    return 0;
}

static inline uint64_t
join_four(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return a | b << 16 | c << 32 | d << 48;
}

/* Units at .. at + 3 as one number, the same for narrow texts and others. */
static inline uint64_t
four_units(const struct wcp_units *text, uint32_t at)
{
    if (text->narrow) {
        const uint8_t *u = (const uint8_t *)text->at + at;

        return join_four(u[0], u[1], u[2], u[3]);
    } else {
        const uint16_t *u = (const uint16_t *)text->at + at;

        return join_four(u[0], u[1], u[2], u[3]);
    }
}

bool
wcp_long_seed(const struct wcp_seed_plan *plan, const struct wcp_units *text,
              uint32_t at, unsigned level, uint64_t *hash_ret)
{
    unsigned len = wcp_seed_length(plan, wcp_unit(text, at));
    uint64_t hash = level;

    len = level == 1 ? len * 2 : len * 7 / 2;
    if (text->num - at < len)
        return false;
    /* The last four may have some units of those before them. */
    for (uint32_t i = 0; i < len; i += 4) {
        hash = (hash ^ four_units(text, at + (i + 4 <= len ? i : len - 4))) *
               UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    *hash_ret = mix(hash);
    return true;
}
