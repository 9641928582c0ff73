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

/* Once for each kind of vectors. */
#if defined(__GNUC__)
#define INLINE __attribute__((always_inline)) static inline
#else
#define INLINE static inline
#endif

/* The units from the begin of a block on. */
struct block {
    const uint16_t *units;
    size_t starts, ends; /* of windows that are hashed, of places */
    bool narrow;
    bool cut; /* some windows do not fit */
};

struct wcp_seeder {
    const struct wcp_memory *mem;
    const struct wcp_kernels *kernels;
    void (*mark)(struct wcp_seeder *seeder, const struct block *block,
                 uint64_t *words);
    struct wcp_seed_plan plan;
    uint16_t units[NUM_UNITS];
    uint64_t hashes[NUM];
    /* Their order, by the top 16 bits; least of 2, 4, 8 from each place. */
    int16_t least[4][NUM + MARGIN];
    int16_t others[NUM + MARGIN];
    /* If it were one of others, of Han: 1.  No more than a block is used. */
    uint8_t is_seed[2][NUM];
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
INLINE void
find_least(struct wcp_seeder *seeder, unsigned num, size_t ends)
{
    unsigned level = num >= 8 ? 3 : num >= 4 ? 2 : num >= 2 ? 1 : 0;
    const int16_t *a = seeder->least[level];
    const int16_t *b = a + (num - (1u << level));

    for (size_t i = 0; i <= ends; i++)
        seeder->others[i] = a[i] < b[i] ? a[i] : b[i];
}

INLINE void
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
INLINE void
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

/* The seeds among the first 'ends' places, in seeder->is_seed[0]. */
INLINE void
mark_all(struct wcp_seeder *seeder, const uint16_t *units, size_t ends,
         bool narrow)
{
    uint8_t *other = seeder->is_seed[0];
    const uint8_t *han = seeder->is_seed[1];

    mark_seeds(seeder, seeder->plan.window_other, ends, seeder->is_seed[0]);
    if (!narrow) {
        mark_seeds(seeder, seeder->plan.window_han, ends, seeder->is_seed[1]);
        for (size_t i = 0; i < ends; i++)
            other[i] = is_short(units[i]) ? han[i] : other[i];
    }
    memset(other + ends, 0, WCP_SEED_BLOCK - ends);
}

/* A seed has a first window and a last one. */
INLINE void
unmark_cut(struct wcp_seeder *seeder, const uint16_t *units, size_t ends)
{
    const unsigned windows[2] = { seeder->plan.window_other - 1,
                                  seeder->plan.window_han - 1 };

    for (size_t i = 0; i < ends; i++)
        seeder->is_seed[0][i] &=
            (uint8_t)((seeder->hashes[i] != NO_HASH) &
                      (seeder->hashes[i + windows[is_short(units[i])]] !=
                       NO_HASH));
}

/* 64 bytes that are 0 or 1, as bits. */
INLINE uint64_t
pack_bytes(const uint8_t *bytes)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 8; i++)
        bits |= wcp_load64(bytes + 8 * i) * UINT64_C(0x0102040810204080) >>
                56 << 8 * i;
    return bits;
}

INLINE void
mark_block(struct wcp_seeder *seeder, const struct block *block,
           uint64_t *words)
{
    order_hashes(seeder, block->starts, block->ends);
    mark_all(seeder, block->units, block->ends, block->narrow);
    if (block->cut)
        unmark_cut(seeder, block->units, block->ends);
    for (size_t i = 0; i < WCP_SEED_BLOCK / 64; i++)
        words[i] = pack_bytes(seeder->is_seed[0] + 64 * i);
}

static void
mark_portable(struct wcp_seeder *seeder, const struct block *block,
              uint64_t *words)
{
    mark_block(seeder, block, words);
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) static void
mark_avx2(struct wcp_seeder *seeder, const struct block *block, uint64_t *words)
{
    mark_block(seeder, block, words);
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2"))) static void
mark_avx512(struct wcp_seeder *seeder, const struct block *block,
            uint64_t *words)
{
    mark_block(seeder, block, words);
}
#endif

static void
choose_marks(struct wcp_seeder *seeder)
{
    seeder->mark = mark_portable;
#if defined(__x86_64__) && defined(__GNUC__)
    if (wcp_cpu_has(WCP_CPU_AVX512))
        seeder->mark = mark_avx512;
    else if (wcp_cpu_has(WCP_CPU_AVX2))
        seeder->mark = mark_avx2;
#endif
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
    choose_marks(seeder);
    return seeder;
}

void
wcp_seeder_free(struct wcp_seeder *seeder)
{
    if (seeder != NULL)
        wcp_free_array(seeder->mem, seeder, 1, sizeof *seeder);
}

void
wcp_seeder_find(struct wcp_seeder *seeder, const struct wcp_units *text,
                uint32_t begin, uint64_t words[WCP_SEED_BLOCK / 64])
{
    size_t left = text->num - begin, num = 0;
    struct block block = { .units = seeder->units,
                           .starts = left < NUM ? left : NUM,
                           .ends =
                               left < WCP_SEED_BLOCK ? left : WCP_SEED_BLOCK,
                           .narrow = text->narrow };

    if (text->narrow)
        wcp_widen(text, begin,
                  begin + (uint32_t)(left < NUM_UNITS ? left : NUM_UNITS),
                  seeder->units);
    else
        block.units = (const uint16_t *)text->at + begin;
    if (left > NUM_UNITS)
        left = NUM_UNITS;
    num = seeder->kernels->hash_windows(block.units, block.starts, left, 0,
                                        seeder->hashes);
    if (num < block.starts)
        spread_hashes(seeder, block.units, block.starts, left, num);
    block.cut = num < NUM;
    seeder->mark(seeder, &block, words);
}

/* ---- hashes ---- */

/* The last four may have some units of those before them. */
static inline uint64_t
hash_units(uint64_t hash, const void *units, uint32_t at, unsigned len,
           const bool narrow)
{
    for (uint32_t i = 0; i < len; i += 4) {
        uint32_t four = at + (i + 4 <= len ? i : len - 4);

        hash = (hash ^ wcp_four_units(units, four, narrow)) *
               UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return mix(hash);
}

/* Units from the first of the first window to the last of the last one, which
 * in mid-character is that of the character. */
static inline unsigned
covered_length(const struct wcp_seed_plan *plan, const uint16_t *units)
{
    unsigned last =
        (is_short(units[0]) ? plan->window_han : plan->window_other) - 1;

    if ((uint16_t)(units[last] - 0x4E00) < 0xA000 - 0x4E00) /* as a rule */
        return last + WCP_SHINGLE_HAN;
    last -= last > 0 && is_low(units[last]);
    return last + (wcp_unit_is_east_asian(units[last]) ? WCP_SHINGLE_HAN
                                                       : WCP_SHINGLE_OTHER);
}

static inline uint64_t
stir(uint64_t hash, uint64_t units)
{
    hash = (hash ^ units) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

/* Units at .. at + 7 of a wide text, without their high bytes. */
static inline uint64_t
eight_low(const uint16_t *units)
{
    uint64_t eight = 0;

    for (int i = 0; i < 2; i++) {
        uint64_t x = wcp_four_units(units + 4 * i, 0, false);

        x &= UINT64_C(0x00FF00FF00FF00FF);
        x = (x | x >> 8) & UINT64_C(0x0000FFFF0000FFFF);
        eight |= ((x | x >> 16) & UINT32_MAX) << 32 * i;
    }
    return eight;
}

/* Of scripts with small alphabets the high bytes are all the same. */
static inline uint64_t
hash_letters(uint64_t first, uint64_t last)
{
    return stir(stir(stir(0, first), last), 0);
}

static inline uint64_t
hash_wide(const struct wcp_seed_plan *plan, const uint16_t *units)
{
    const unsigned len = covered_length(plan, units);
    uint64_t hash;

    if (!is_short(units[0]))
        return hash_letters(eight_low(units), eight_low(units + len - 8));
    hash = stir(0, wcp_four_units(units, 0, false));
    hash = stir(hash, wcp_four_units(units, len < 8 ? len - 4 : 4, false));
    if (len > 12)
        hash = stir(hash, wcp_four_units(units, 8, false));
    return stir(stir(hash, wcp_four_units(units, len - 4, false)), 0);
}

void
wcp_hash_seeds(const struct wcp_seed_plan *plan, const struct wcp_units *text,
               uint32_t begin, const uint32_t *places, size_t num,
               uint64_t *hashes)
{
    if (text->narrow) {
        const uint8_t *units = text->at;
        const unsigned len = plan->window_other + WCP_SHINGLE_OTHER - 1;

        for (size_t i = 0; i < num; i++) {
            const uint8_t *at = units + (places[i] - begin);

            hashes[i] = hash_letters(wcp_load64(at), wcp_load64(at + len - 8));
        }
        return;
    }
    for (size_t i = 0; i < num; i++)
        hashes[i] =
            hash_wide(plan, (const uint16_t *)text->at + (places[i] - begin));
}

unsigned
wcp_long_seed_length(const struct wcp_seed_plan *plan, uint16_t unit,
                     unsigned level)
{
    unsigned len = wcp_seed_length(plan, unit);

    return level == 1 ? len * 2 : len * 7 / 2;
}

uint64_t
wcp_hash_long_seed(const struct wcp_seed_plan *plan,
                   const struct wcp_units *text, uint32_t at, unsigned level)
{
    unsigned len = wcp_long_seed_length(plan, wcp_unit(text, at), level);

    return text->narrow ? hash_units(level, text->at, at, len, true)
                        : hash_units(level, text->at, at, len, false);
}
