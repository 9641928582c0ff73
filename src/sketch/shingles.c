/*
 * shingles.c - how many shingles two texts share, without sorting them
 *
 * The one text gets a table from hash to the place where it first stands; the
 * other is looked up there, window by window.  Texts that are worth comparing
 * share long runs, so that after a hit both are compared as they stand for as
 * long as they agree, which takes a tenth of a look-up.  Found places are
 * marked in a bitmap; a shingle that stands in several places counts for the
 * first of them.  What was not found is little, and sorted to be counted once.
 *
 * Nothing is assumed of the hashes: where they would make long chains in the
 * table, it is made again with another choice of their bits.
 */
#include "sketch/sketcher.h"

#include <string.h>

/* Slots for each shingle.  With two, every third shingle meets another on its
 * way, which the processor does not foresee: 3.8 ns for each instead of 2.5
 * with four, and with eight, of two bytes, a tenth less.  That pays as long as
 * the table stays in the second cache. */
enum { SLOTS = 8, SLOTS_OF_LONG = 2, LONG = 1 << 13 };

/* Steps to a free slot.  Evenly spread hashes in a table that is at most half
 * full do not come near it. */
#define MAX_STEPS 256

/* A text with so many times as many marks and repeats as another has shingles
 * is long. */
enum { MARKS_OF_LONG = 4 };

/* Places that tell that hashes differ: 1 KB of bits. */
#define NUM_PLACES 8192

/* What hashes are multiplied by before their top bits are taken. */
static const uint64_t multipliers[] = { 1, UINT64_C(0x9E3779B97F4A7C15),
                                        UINT64_C(0xD6E8FEB86659FD93),
                                        UINT64_C(0xA0761D6478BD642F) };
#define NUM_MULTIPLIERS (sizeof multipliers / sizeof *multipliers)

/* Of the table, if there is one. */
static size_t
num_slots(const struct wcp_shingles *shingles)
{
    return shingles->table != NULL ? (size_t)1 << (64 - shingles->shift) : 0;
}

static size_t
slot_size(const struct wcp_shingles *shingles)
{
    return shingles->short_table ? sizeof(uint16_t) : sizeof(uint32_t);
}

static void
drop_table(struct wcp_sketcher *sketcher, struct wcp_shingles *shingles)
{
    wcp_free_array(sketcher->mem, shingles->table, num_slots(shingles),
                   slot_size(shingles));
    shingles->table = NULL;
}

bool
wcp_shingles_make(struct wcp_sketcher *sketcher, const uint16_t *units,
                  size_t num, struct wcp_shingles *shingles)
{
    if (!wcp_array_reserve(sketcher->mem, &shingles->list, num))
        return false;
    shingles->list.num = 0;
    shingles->num_distinct = 0;
    shingles->repeats.num = 0;
    drop_table(sketcher, shingles);
    shingles->text = NULL;
    if (num == 0)
        return true;
    shingles->list.num = sketcher->kernels->hash_windows(
        units, num, num, sketcher->shingle, shingles->list.at);
    if (shingles->list.num == 0)
        shingles->list.at[shingles->list.num++] = wcp_text_hash(units, num);
    return true;
}

void
wcp_shingles_release(struct wcp_sketcher *sketcher,
                     struct wcp_shingles *shingles)
{
    drop_table(sketcher, shingles);
    wcp_array_release(sketcher->mem, &shingles->list);
    wcp_array_release(sketcher->mem, &shingles->repeats);
    *shingles = (struct wcp_shingles){ 0 };
}

size_t
wcp_shingles_bytes(const struct wcp_shingles *shingles)
{
    return shingles->list.cap * sizeof *shingles->list.at +
           num_slots(shingles) * slot_size(shingles) +
           shingles->repeats.cap * sizeof *shingles->repeats.at;
}

/* ---- table ---- */

static inline void
set_slot(void *table, size_t slot, size_t place, bool is_short)
{
    if (is_short)
        ((uint16_t *)table)[slot] = (uint16_t)place;
    else
        ((uint32_t *)table)[slot] = (uint32_t)place;
}

/* Enter all hashes.  False when out of memory, or with *crowded_ret set. */
static inline bool
fill_table_of(struct wcp_sketcher *sketcher, struct wcp_shingles *shingles,
              size_t max_steps, bool is_short, bool *crowded_ret)
{
    const size_t num = shingles->list.num, mask = num_slots(shingles) - 1;
    const uint64_t *const hashes = shingles->list.at;
    void *const table = shingles->table;

    *crowded_ret = false;
    memset(table, 0, (mask + 1) * slot_size(shingles));
    shingles->repeats.num = 0;
    for (size_t i = 0; i < num; i++) {
        const uint64_t hash = hashes[i];
        size_t slot = (size_t)(hash * shingles->multiplier >> shingles->shift);
        size_t steps = 0, place;

        while ((place = wcp_slot_of(table, slot, is_short)) != 0 &&
               hashes[place - 1] != hash) {
            slot = (slot + 1) & mask;
            if (++steps > max_steps) {
                *crowded_ret = true;
                return false;
            }
        }
        if (place == 0) {
            set_slot(table, slot, i + 1, is_short);
            continue;
        }
        if (!wcp_array_grow(sketcher->mem, &shingles->repeats))
            return false;
        shingles->repeats.at[shingles->repeats.num++] =
            (struct wcp_repeat){ (uint32_t)i, (uint32_t)place - 1 };
    }
    return true;
}

/* The same, compiled for each kind of table. */
static bool
fill_table(struct wcp_sketcher *sketcher, struct wcp_shingles *shingles,
           size_t max_steps, bool *crowded_ret)
{
    return shingles->short_table
               ? fill_table_of(sketcher, shingles, max_steps, true, crowded_ret)
               : fill_table_of(sketcher, shingles, max_steps, false,
                               crowded_ret);
}

bool
wcp_shingles_index(struct wcp_sketcher *sketcher, struct wcp_shingles *shingles)
{
    unsigned bits = 4;
    bool crowded = true;
    size_t slots;

    if (shingles->table != NULL)
        return true;
    if (!wcp_shingles_list(sketcher, shingles))
        return false;
    slots = shingles->list.num < LONG ? SLOTS : SLOTS_OF_LONG;
    while ((size_t)1 << bits < slots * shingles->list.num)
        bits++;
    shingles->short_table = shingles->list.num < LONG;
    shingles->table =
        wcp_new_array(sketcher->mem, (size_t)1 << bits, slot_size(shingles));
    if (shingles->table == NULL)
        return false;
    shingles->shift = (uint8_t)(64 - bits);
    for (size_t i = 0; crowded && i < NUM_MULTIPLIERS; i++) {
        const bool last = i == NUM_MULTIPLIERS - 1;

        shingles->multiplier = multipliers[i];
        if (!fill_table(sketcher, shingles, last ? SIZE_MAX : MAX_STEPS,
                        &crowded) &&
            !crowded) {
            drop_table(sketcher, shingles);
            return false;
        }
    }
    shingles->num_distinct = shingles->list.num - shingles->repeats.num;
    return true;
}

/* ---- comparison ---- */

/* How many of two arrays' first elements are equal, in turn. */
static size_t
common_run(const uint64_t *a, const uint64_t *b, size_t num)
{
    size_t i = 0;

    for (; i + 8 <= num; i += 8) {
        uint64_t differ = 0;

        for (size_t k = 0; k < 8; k++)
            differ |= a[i + k] ^ b[i + k];
        if (differ != 0)
            break;
    }
    while (i < num && a[i] == b[i])
        i++;
    return i;
}

/* A place that repeats another counts for that. */
static void
mark_firsts(const struct wcp_shingles *shingles, uint64_t *marks)
{
    for (size_t i = 0; i < shingles->repeats.num; i++) {
        const struct wcp_repeat repeat = shingles->repeats.at[i];
        const uint64_t bit = marks[repeat.at / 64] >> repeat.at % 64 & 1;

        marks[repeat.at / 64] &= ~(bit << repeat.at % 64);
        marks[repeat.first / 64] |= bit << repeat.first % 64;
    }
}

static size_t
count_marks(const uint64_t *marks, size_t num)
{
    size_t num_set = 0;

    for (size_t i = 0; i < num; i++)
        num_set += (size_t)__builtin_popcountll(marks[i]);
    return num_set;
}

/* Sort hashes and leave each once; how many are left. */
static size_t
sort_distinct(uint64_t *hashes, uint64_t *scratch, size_t num)
{
    size_t n = num > 0;

    wcp_sort_u64(hashes, scratch, num);
    for (size_t i = 1; i < num; i++)
        if (hashes[i] != hashes[i - 1])
            hashes[n++] = hashes[i];
    return n;
}

/* Mark places of a where shingles of b stand, unless marks is NULL, and list
 * what is missing there; how much that is. */
static inline size_t
mark_list(const struct wcp_shingles *a, const struct wcp_shingles *b,
          uint64_t *marks, uint64_t *missing)
{
    const size_t num_a = a->list.num, num_b = b->list.num;
    const uint64_t *const in_a = a->list.at, *const in_b = b->list.at;
    size_t num_missing = 0;

    for (size_t i = 0; i < num_b;) {
        const size_t found = wcp_shingles_look_up(a, in_b[i]);

        if (found == 0) {
            missing[num_missing++] = in_b[i++];
        } else {
            const size_t at = found - 1;
            const size_t most = num_a - at < num_b - i ? num_a - at : num_b - i;
            const size_t num =
                1 + common_run(in_a + at + 1, in_b + i + 1, most - 1);

            if (marks != NULL)
                wcp_mark_bits(marks, at, num);
            i += num;
        }
    }
    return num_missing;
}

/* The same with all marks, by their texts if these are at hand. */
static size_t
mark_all(const struct wcp_sketcher *sketcher, const struct wcp_shingles *a,
         const struct wcp_shingles *b, uint64_t *marks, uint64_t *missing)
{
    size_t num_missing;

    memset(marks, 0, wcp_shingles_num_marks(a) * sizeof *marks);
    num_missing = wcp_shingles_have_texts(a, b)
                      ? wcp_shingles_mark_text(sketcher, a, b, marks, missing)
                      : mark_list(a, b, marks, missing);
    mark_firsts(a, marks);
    return num_missing;
}

/* Whether there are more different ones than so many among the hashes that
 * have no bit in 'but', which may be NULL.  False also where places do not
 * tell. */
static bool
differ_more(const uint64_t *hashes, size_t num, const uint64_t *but,
            double than)
{
    uint64_t seen[NUM_PLACES / 64] = { 0 };
    size_t different = 0;

    for (size_t i = 0; i < num && (double)different <= than; i++) {
        const size_t place = hashes[i] % NUM_PLACES;
        const uint64_t bit = UINT64_C(1) << place % 64;

        if (but != NULL && (but[place / 64] & bit) != 0)
            continue;
        different += (seen[place / 64] & bit) == 0;
        seen[place / 64] |= bit;
    }
    return (double)different > than;
}

/* How many others than these a text must have for them to be less than a
 * 'share' of it; one part in 10^9 is for rounding. */
static double
most_others(size_t num, double share)
{
    return (1 + 1e-9) * (double)num * (1 / share - 1);
}

bool
wcp_shingles_apart(const struct wcp_shingles *a, const struct wcp_shingles *b,
                   double share)
{
    uint64_t bits[NUM_PLACES / 64] = { 0 };
    size_t num = 0, common = 0;

    if (share <= 0 || a->list.num > NUM_PLACES / 16)
        return false;
    for (size_t i = 0; i < a->list.num; i++) {
        const size_t place = a->list.at[i] % NUM_PLACES;

        bits[place / 64] |= UINT64_C(1) << place % 64;
    }
    for (size_t i = 0; i < NUM_PLACES / 64; i++)
        num += (size_t)__builtin_popcountll(bits[i]);
    for (size_t i = 0; i < b->list.num; i++) {
        const size_t place = b->list.at[i] % NUM_PLACES;

        common += bits[place / 64] >> place % 64 & 1;
    }
    return (double)common < share * (1 - 1e-9) * (double)num &&
           differ_more(b->list.at, b->list.num, bits,
                       most_others(common, share));
}

/* The same where a is so long that to look through its marks takes longer than
 * to sort what b has. */
static bool
common_with_long(struct wcp_sketcher *sketcher, const struct wcp_shingles *a,
                 struct wcp_shingles *b, size_t *common_ret)
{
    uint64_t *missing;
    size_t num_missing, num_b;

    if (!wcp_shingles_list(sketcher, b))
        return false;
    num_b = b->list.num;
    if (!wcp_sketcher_scratch(sketcher, 2 * num_b))
        return false;
    missing = sketcher->scratch;
    if (b->num_distinct == 0) {
        memcpy(missing, b->list.at, num_b * sizeof *missing);
        b->num_distinct = sort_distinct(missing, missing + num_b, num_b);
    }
    num_missing = mark_list(a, b, NULL, missing);
    *common_ret =
        b->num_distinct - sort_distinct(missing, missing + num_b, num_missing);
    return true;
}

bool
wcp_shingles_common(struct wcp_sketcher *sketcher, const struct wcp_shingles *a,
                    struct wcp_shingles *b, double share, size_t *common_ret)
{
    const size_t num_marks = wcp_shingles_num_marks(a);
    uint64_t *marks, *missing;
    size_t num_missing, num_b;

    if (!wcp_shingles_have_texts(a, b) && !wcp_shingles_list(sketcher, b))
        return false;
    num_b = wcp_shingles_most(b);
    if (num_b > 0 && (num_marks + a->repeats.num) / MARKS_OF_LONG > num_b)
        return common_with_long(sketcher, a, b, common_ret);
    if (!wcp_sketcher_scratch(sketcher, num_marks + 2 * num_b))
        return false;
    marks = sketcher->scratch;
    missing = marks + num_marks;
    num_missing = mark_all(sketcher, a, b, marks, missing);
    *common_ret = count_marks(marks, num_marks);
    if ((double)*common_ret / (double)a->num_distinct < share &&
        differ_more(missing, num_missing, NULL,
                    most_others(*common_ret, share)))
        return true;
    if (b->num_distinct == 0)
        b->num_distinct =
            *common_ret + sort_distinct(missing, missing + num_b, num_missing);
    return true;
}

bool
wcp_shingles_mark(struct wcp_sketcher *sketcher, const struct wcp_shingles *a,
                  struct wcp_shingles *b, uint64_t *marks, uint64_t *missing,
                  size_t *num_missing_ret)
{
    size_t num;

    if ((!wcp_shingles_have_texts(a, b) && !wcp_shingles_list(sketcher, b)) ||
        !wcp_sketcher_scratch(sketcher, wcp_shingles_most(b)))
        return false;
    num = mark_all(sketcher, a, b, marks, missing);
    *num_missing_ret = sort_distinct(missing, sketcher->scratch, num);
    return true;
}

bool
wcp_shingles_glance(struct wcp_sketcher *sketcher, const struct wcp_shingles *a,
                    const struct wcp_shingles *b, size_t *least_ret)
{
    const size_t num_marks = wcp_shingles_num_marks(a);

    *least_ret = 0;
    if (!wcp_shingles_have_texts(a, b))
        return true;
    if (!wcp_sketcher_scratch(sketcher, num_marks))
        return false;
    memset(sketcher->scratch, 0, num_marks * sizeof *sketcher->scratch);
    wcp_shingles_mark_runs(sketcher, a, b, sketcher->scratch);
    mark_firsts(a, sketcher->scratch);
    *least_ret = count_marks(sketcher->scratch, num_marks);
    return true;
}
