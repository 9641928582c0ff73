/*
 * shared_text.c - whether two stories have something to do with each other
 *
 * A page of n stories asks that of n^2 pairs, and of a dispatch that is cut
 * everywhere the same pairs are asked about on page after page: of 400,000 made
 * documents a million times, of 160,000 pairs.  So what came out is kept in a
 * table of fixed size, in which a later pair takes the place of an earlier one;
 * to ask again brings the same.
 */
#include "group/stories.h"

/*
 * Two stories have nothing to do with each other if they share less than a
 * third of the shorter one's samples: what frames a page, and the list of parts
 * that an article in parts has before each of them.  Two cuts of one dispatch
 * may share less than half of it.  Where the bound was a half, of 5,000 times
 * that a made text was called a page 1,450 were of one dispatch; with a quarter
 * it is 340, with an eighth 148, but then four parts of a real article of which
 * a third is such a list are one story.
 */
enum { SHARED = 3 };

/* Bits that tell what few samples are not among. */
enum { NUM_BITS = 1 << 13, FEW_SAMPLES = NUM_BITS / 2 };

/* Whether enough of the first text's samples are in the other's.  Those that
 * are in it have a bit set; few others have.  Both are in the order of the
 * texts, so that the next one mostly stands near the last one. */
static bool
are_few_in(const uint32_t *x, size_t num_x, const uint32_t *y, size_t num_y)
{
    uint64_t bits[NUM_BITS / 64] = { 0 };
    size_t missing = 0, common = 0, at = 0;

    for (size_t k = 0; k < num_y; k++)
        bits[y[k] % NUM_BITS / 64] |= UINT64_C(1) << y[k] % 64;
    for (size_t i = 0; i < num_x && SHARED * (num_x - missing) >= num_x; i++)
        missing += (bits[x[i] % NUM_BITS / 64] >> x[i] % 64 & 1) == 0;
    if (SHARED * (num_x - missing) < num_x)
        return false;
    for (size_t i = 0; i < num_x && SHARED * common < num_x; i++) {
        if ((bits[x[i] % NUM_BITS / 64] >> x[i] % 64 & 1) == 0)
            continue;
        for (size_t k = 0; k < num_y; k++, at = at + 1 < num_y ? at + 1 : 0)
            if (x[i] == y[at]) {
                common++;
                break;
            }
    }
    return SHARED * common >= num_x;
}

/* The slot of a value in a table of places in y, + 1. */
static uint32_t *
find_place(uint32_t *slots, size_t mask, const uint32_t *y, uint32_t value)
{
    size_t slot = value * UINT32_C(0x9E3779B1) & mask;

    while (slots[slot] != 0 && y[slots[slot] - 1] != value)
        slot = (slot + 1) & mask;
    return &slots[slot];
}

/* Likewise of any number.  Without memory it takes longer. */
static bool
are_in(const struct wcp_memory *mem, const uint32_t *x, uint32_t num_x,
       const uint32_t *y, uint32_t num_y)
{
    size_t num_slots = 2 * FEW_SAMPLES, common = 0;
    uint32_t *slots = NULL;

    while (num_slots / 2 < num_y)
        num_slots *= 2;
    if (num_y > FEW_SAMPLES)
        slots = wcp_new_zeroed(mem, num_slots, sizeof *slots);
    if (slots == NULL)
        return are_few_in(x, num_x, y, num_y);
    for (uint32_t k = 0; k < num_y; k++)
        *find_place(slots, num_slots - 1, y, y[k]) = k + 1;
    for (uint32_t i = 0; i < num_x; i++)
        common += *find_place(slots, num_slots - 1, y, x[i]) != 0;
    wcp_free_array(mem, slots, num_slots, sizeof *slots);
    return SHARED * common >= num_x;
}

/* ---- samples ---- */

static bool
is_shorter(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    const uint32_t num_a = wcp_class_num_sample(store, a);
    const uint32_t num_b = wcp_class_num_sample(store, b);

    return num_a < num_b ||
           (num_a == num_b && !wcp_class_precedes(store, b, a));
}

/* Those of a class; false: they cannot be read, which is known at the end. */
static bool
have_samples(const struct wcp_store *store, uint32_t c,
             struct wcp_sample_range *range, const uint32_t **samples_ret)
{
    if (store->sample_file == NULL) {
        *samples_ret = wcp_class_entry(store, c)->sample;
        return true;
    }
    if ((range->end == 0 || range->begin != c) &&
        !wcp_sample_range_load_one(store, c, range)) {
        range->end = 0;
        return false;
    }
    *samples_ret = range->samples.at;
    return true;
}

/* Whether enough of the shorter text's samples are in the other. */
static bool
share_text(const struct wcp_store *store, struct wcp_one_story *one,
           uint32_t other)
{
    const uint32_t num_one = wcp_class_num_sample(store, one->story);
    const uint32_t num_other = wcp_class_num_sample(store, other);
    const uint32_t *x, *y;

    if (!have_samples(store, one->story, &one->its, &x) ||
        !have_samples(store, other, &one->other, &y))
        return false;
    return is_shorter(store, one->story, other)
               ? are_in(store->mem, x, num_one, y, num_other)
               : are_in(store->mem, y, num_other, x, num_one);
}

/* ---- what came out ---- */

enum { LEAST_BITS = 8, MOST_BITS = 16 };

static size_t
num_slots(const struct wcp_stories *stories)
{
    return (size_t)2 << stories->shared_bits;
}

void
wcp_stories_forget(struct wcp_stories *stories)
{
    if (stories->shared != NULL)
        wcp_free_array(stories->store->mem, stories->shared, num_slots(stories),
                       sizeof *stories->shared);
    stories->shared = NULL;
}

void
wcp_stories_expect(struct wcp_stories *stories)
{
    const size_t num = wcp_story_pairs_num(&stories->pairs);

    wcp_stories_forget(stories);
    stories->shared_bits = LEAST_BITS;
    while (stories->shared_bits < MOST_BITS && num >> stories->shared_bits > 0)
        stories->shared_bits++;
    stories->shared = wcp_new_zeroed(stories->store->mem, num_slots(stories),
                                     sizeof *stories->shared);
}

bool
wcp_stories_share(const struct wcp_stories *stories, struct wcp_one_story *one,
                  uint32_t other)
{
    const uint64_t a = one->story < other ? one->story : other;
    const uint64_t key = a << 32 | (one->story < other ? other : one->story);
    _Atomic uint64_t *slots;
    bool shares;

    if (stories->shared == NULL)
        return share_text(stories->store, one, other);
    slots = stories->shared + 2 * (key * UINT64_C(0x9E3779B97F4A7C15) >>
                                   (64 - stories->shared_bits));
    for (size_t is = 0; is < 2; is++)
        if (atomic_load_explicit(&slots[is], memory_order_relaxed) == key)
            return is == 1;
    shares = share_text(stories->store, one, other);
    atomic_store_explicit(&slots[shares], key, memory_order_relaxed);
    return shares;
}

void
wcp_one_story_release(const struct wcp_stories *stories,
                      struct wcp_one_story *one)
{
    wcp_sample_range_release(stories->store, &one->its);
    wcp_sample_range_release(stories->store, &one->other);
}
