/*
 * shown.c - which texts are pages by the other stories that lie in them
 *
 * A page holds stories that have nothing to do with one another.  Whether one
 * does may hang on pairs that nobody has looked at yet: then these are said to
 * be wanted, as few as possible.
 */
#include "group/stories.h"

static bool
is_share(const struct wcp_stories *stories, uint32_t common, uint32_t size)
{
    return size > 0 && (double)common / size >= stories->threshold;
}

/* Bits that tell what few samples are not among. */
enum { NUM_BITS = 1 << 13, FEW_SAMPLES = NUM_BITS / 2 };

/* Whether half of the first text's samples are in the other's.  Those that are
 * in it have a bit set; few others have.  Both are in the order of the texts,
 * so that the next one mostly stands near the last one. */
static bool
are_half_in_few(const uint32_t *x, size_t num_x, const uint32_t *y,
                size_t num_y)
{
    uint64_t bits[NUM_BITS / 64] = { 0 };
    size_t missing = 0, common = 0, at = 0;

    for (size_t k = 0; k < num_y; k++)
        bits[y[k] % NUM_BITS / 64] |= UINT64_C(1) << y[k] % 64;
    for (size_t i = 0; i < num_x && 2 * missing <= num_x; i++)
        missing += (bits[x[i] % NUM_BITS / 64] >> x[i] % 64 & 1) == 0;
    if (2 * missing > num_x)
        return false;
    for (size_t i = 0; i < num_x && 2 * common < num_x; i++) {
        if ((bits[x[i] % NUM_BITS / 64] >> x[i] % 64 & 1) == 0)
            continue;
        for (size_t k = 0; k < num_y; k++, at = at + 1 < num_y ? at + 1 : 0)
            if (x[i] == y[at]) {
                common++;
                break;
            }
    }
    return 2 * common >= num_x;
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
are_half_in(const struct wcp_memory *mem, const uint32_t *x, uint32_t num_x,
            const uint32_t *y, uint32_t num_y)
{
    size_t num_slots = 2 * FEW_SAMPLES, common = 0;
    uint32_t *slots = NULL;

    while (num_slots / 2 < num_y)
        num_slots *= 2;
    if (num_y > FEW_SAMPLES)
        slots = wcp_new_zeroed(mem, num_slots, sizeof *slots);
    if (slots == NULL)
        return are_half_in_few(x, num_x, y, num_y);
    for (uint32_t k = 0; k < num_y; k++)
        *find_place(slots, num_slots - 1, y, y[k]) = k + 1;
    for (uint32_t i = 0; i < num_x; i++)
        common += *find_place(slots, num_slots - 1, y, x[i]) != 0;
    wcp_free_array(mem, slots, num_slots, sizeof *slots);
    return 2 * common >= num_x;
}

/* Where samples have left memory; a failure is known at the end. */
static bool
share_text_out(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    struct wcp_sample_range x = { 0 }, y = { 0 };
    bool share = false;

    if (wcp_sample_range_load_one(store, a, &x) &&
        wcp_sample_range_load_one(store, b, &y))
        share = are_half_in(store->mem, x.samples.at, (uint32_t)x.begins.at[1],
                            y.samples.at, (uint32_t)y.begins.at[1]);
    wcp_sample_range_release(store, &x);
    wcp_sample_range_release(store, &y);
    return share;
}

/* Whether half of the shorter text's samples are in the other. */
static bool
share_text(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    const uint32_t num_a = wcp_class_num_sample(store, a);
    const uint32_t num_b = wcp_class_num_sample(store, b);

    if (num_a > num_b || (num_a == num_b && wcp_class_precedes(store, b, a)))
        return share_text(store, b, a);
    if (store->sample_file != NULL)
        return share_text_out(store, a, b);
    return are_half_in(store->mem, wcp_class_entry(store, a)->sample, num_a,
                       wcp_class_entry(store, b)->sample, num_b);
}

/* ---- other stories ---- */

enum holding { HOLDS_NOT, HOLDS, MAY_HOLD };

/* Whether the other class of an edge is a story that lies in the page and is
 * not nearly all of it. */
static enum holding
holds_story(const struct wcp_stories *stories, const struct wcp_edge *edge,
            uint32_t page)
{
    const struct wcp_class_pair *pair = wcp_edge_pair(stories, edge);
    const struct wcp_overlap overlap = wcp_overlap_of(pair, page);

    if (!stories->is_story[edge->other])
        return HOLDS_NOT;
    if (pair->relation == WCP_PAIR_NEW)
        return MAY_HOLD;
    if (!is_share(stories, overlap.common, overlap.size_b) ||
        is_share(stories, overlap.common, overlap.size_a))
        return HOLDS_NOT;
    if (pair->relation == WCP_PAIR_COMPARED)
        return MAY_HOLD;
    return pair->relation == 0 || pair->relation == WCP_PAIR_JUDGED ||
                   pair->relation == WCP_REL_EMBEDDED
               ? HOLDS
               : HOLDS_NOT;
}

/*
 * Originals that lie in one text are no copies of each other, so that each that
 * holds another one is a quarter longer than it: a story that grew has but a
 * few dozen.  What holds more is a page, and texts need not be compared.
 */
enum { MOST_OF_ONE = 64 };

/* How many stories lie in 'page', and may lie there. */
static void
count_stories(const struct wcp_stories *stories, uint32_t page, size_t *num_ret,
              size_t *num_open_ret)
{
    *num_ret = *num_open_ret = 0;
    for (size_t i = stories->begins[page];
         i < stories->begins[page + 1] && *num_ret <= MOST_OF_ONE; i++) {
        const enum holding holding =
            holds_story(stories, &stories->edges[i], page);

        *num_ret += holding == HOLDS;
        *num_open_ret += holding == MAY_HOLD;
    }
}

/* Whether an edge is to another story, which has nothing to do with the one. */
static bool
is_other(const struct wcp_stories *stories, const struct wcp_edge *edge,
         uint32_t story)
{
    return edge->other != story &&
           !share_text(stories->store, story, edge->other);
}

/* Whether stories besides 'story' lie in 'page' and share no text with it. */
static enum wcp_shown
find_others(const struct wcp_stories *stories, uint32_t story, uint32_t page)
{
    const size_t begin = stories->begins[page], end = stories->begins[page + 1];
    size_t num, num_open;
    bool is_open;

    count_stories(stories, page, &num, &num_open);
    if (num > MOST_OF_ONE)
        return WCP_SHOWN;
    is_open = num + num_open > MOST_OF_ONE;
    for (size_t i = begin; i < end; i++) {
        const struct wcp_edge *edge = &stories->edges[i];
        const enum holding holding = holds_story(stories, edge, page);

        if (holding == HOLDS_NOT || (holding == MAY_HOLD && is_open) ||
            !is_other(stories, edge, story))
            continue;
        if (holding == HOLDS)
            return WCP_SHOWN;
        is_open = true;
    }
    return is_open ? WCP_NOT_KNOWN : WCP_NOT_SHOWN;
}

/* The class of a pair that may be a page for the other one. */
static uint32_t
page_of(const struct wcp_class_pair *pair)
{
    return pair->overlap.size_a > pair->overlap.size_b ? pair->a : pair->b;
}

enum wcp_shown
wcp_stories_shown(const struct wcp_stories *stories,
                  const struct wcp_class_pair *pair)
{
    const uint32_t page = page_of(pair);
    const struct wcp_overlap overlap = wcp_overlap_of(pair, page);

    if (!is_share(stories, overlap.common, overlap.size_b) ||
        is_share(stories, overlap.common, overlap.size_a))
        return WCP_NOT_SHOWN;
    return find_others(stories, page == pair->a ? pair->b : pair->a, page);
}

void
wcp_stories_want_others(struct wcp_stories *stories,
                        const struct wcp_class_pair *pair)
{
    const uint32_t page = page_of(pair);
    const uint32_t story = page == pair->a ? pair->b : pair->a;
    size_t num, num_open, left = SIZE_MAX;
    bool many;

    count_stories(stories, page, &num, &num_open);
    many = num + num_open > MOST_OF_ONE;
    if (many) /* most of which will do */
        left = 2 * (MOST_OF_ONE + 1 - num);
    for (size_t i = stories->begins[page];
         i < stories->begins[page + 1] && left > 0; i++) {
        const struct wcp_edge *edge = &stories->edges[i];

        if (holds_story(stories, edge, page) == MAY_HOLD &&
            (many || is_other(stories, edge, story))) {
            wcp_stories_want(stories, edge->pair);
            left--;
        }
    }
}
