/*
 * shown.c - which texts are pages by the other stories that lie in them
 *
 * A page holds stories that have nothing to do with one another.  Whether one
 * does may hang on pairs that nobody has looked at yet: then these are said to
 * be wanted, as few as possible.
 */
#include "group/stories.h"

#include <stdlib.h>

static bool
is_share(const struct wcp_stories *stories, uint32_t common, uint32_t size)
{
    return size > 0 && (double)common / size >= stories->threshold;
}

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

/* Where samples have left memory; a failure is known at the end. */
static bool
share_text_out(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    struct wcp_sample_range x = { 0 }, y = { 0 };
    bool share = false;

    if (wcp_sample_range_load_one(store, a, &x) &&
        wcp_sample_range_load_one(store, b, &y))
        share = are_in(store->mem, x.samples.at, (uint32_t)x.begins.at[1],
                       y.samples.at, (uint32_t)y.begins.at[1]);
    wcp_sample_range_release(store, &x);
    wcp_sample_range_release(store, &y);
    return share;
}

/* Whether enough of the shorter text's samples are in the other. */
static bool
share_text(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    const uint32_t num_a = wcp_class_num_sample(store, a);
    const uint32_t num_b = wcp_class_num_sample(store, b);

    if (num_a > num_b || (num_a == num_b && wcp_class_precedes(store, b, a)))
        return share_text(store, b, a);
    if (store->sample_file != NULL)
        return share_text_out(store, a, b);
    return are_in(store->mem, wcp_class_entry(store, a)->sample, num_a,
                  wcp_class_entry(store, b)->sample, num_b);
}

/* ---- other stories ---- */

enum holding { HOLDS_NOT, HOLDS, MAY_HOLD };

/* Whether the other class of an edge is a story that lies in the page and is
 * not nearly all of it. */
static enum holding
holds_story(const struct wcp_stories *stories, uint32_t page, uint32_t edge)
{
    const struct wcp_story_pairs *pairs = &stories->pairs;
    struct wcp_class_pair pair;
    struct wcp_overlap overlap;

    if (!stories->is_story[wcp_edge_other(pairs, page, edge)])
        return HOLDS_NOT;
    pair = wcp_edge_pair(pairs, page, edge);
    overlap = wcp_overlap_of(&pair, page);
    if (pair.relation == WCP_PAIR_NEW)
        return MAY_HOLD;
    if (!is_share(stories, overlap.common, overlap.size_b) ||
        is_share(stories, overlap.common, overlap.size_a))
        return HOLDS_NOT;
    if (pair.relation == WCP_PAIR_COMPARED)
        return MAY_HOLD;
    return pair.relation == 0 || pair.relation == WCP_PAIR_JUDGED ||
                   pair.relation == WCP_REL_EMBEDDED
               ? HOLDS
               : HOLDS_NOT;
}

/*
 * Stories of a page that are looked at; of twice as many or more about so many,
 * chosen by their texts.  It is as good as certain that some of these have
 * nothing to do with any one story, unless all of them are cuts of one
 * dispatch, of which there may be thousands.
 */
enum { MOST_OTHERS = 64 };
/* A story that is so small a part of a text on which there are more than that
 * is on a page, whatever they share: a form that all fill in. */
enum { SMALL_PART = 16 };

static bool
is_chosen(const struct wcp_stories *stories, uint32_t other, uint32_t one_in)
{
    return (uint64_t)wcp_class_tag(stories->store, other) * one_in >> 32 == 0;
}

/* Choose among the edges of a text. */
static bool
choose(struct wcp_stories *stories, struct wcp_crowd *crowd)
{
    const struct wcp_story_pairs *pairs = &stories->pairs;
    const uint32_t page = crowd->page, num = wcp_num_edges(pairs, page);
    const uint32_t most = wcp_class_units(stories->store, page);

    crowd->num_looked = num;
    crowd->chosen = stories->chosen.num;
    for (uint32_t i = 0; i < num; i++) {
        const uint32_t other = wcp_edge_other(pairs, page, i);

        crowd->num_stories += stories->is_story[other] &&
                              wcp_class_units(stories->store, other) < most;
    }
    if (crowd->num_stories < 2 * MOST_OTHERS)
        return true;
    crowd->is_chosen = true;
    for (uint32_t i = 0; i < num; i++) {
        if (!is_chosen(stories, wcp_edge_other(pairs, page, i),
                       crowd->num_stories / MOST_OTHERS))
            continue;
        if (!wcp_array_grow(stories->store->mem, &stories->chosen))
            return false;
        stories->chosen.at[stories->chosen.num++] = i;
    }
    crowd->num_looked = (uint32_t)(stories->chosen.num - crowd->chosen);
    return true;
}

bool
wcp_stories_choose(struct wcp_stories *stories)
{
    const uint32_t n = stories->store->num_classes;

    stories->crowds.num = stories->chosen.num = 0;
    for (uint32_t c = 0; c < n; c++) {
        if (wcp_num_edges(&stories->pairs, c) <= MOST_OTHERS)
            continue;
        if (!wcp_array_grow(stories->store->mem, &stories->crowds))
            return false;
        stories->crowds.at[stories->crowds.num] =
            (struct wcp_crowd){ .page = c };
        if (!choose(stories, &stories->crowds.at[stories->crowds.num++]))
            return false;
    }
    return true;
}

static int
compare_crowds(const void *a, const void *b)
{
    const struct wcp_crowd *x = a, *y = b;

    return (x->page > y->page) - (x->page < y->page);
}

/* What of a page is looked at. */
static struct wcp_crowd
crowd_of(const struct wcp_stories *stories, uint32_t page)
{
    const struct wcp_crowd wanted = { .page = page };
    const uint32_t num = wcp_num_edges(&stories->pairs, page);
    const struct wcp_crowd *found = NULL;

    if (num > MOST_OTHERS)
        found = bsearch(&wanted, stories->crowds.at, stories->crowds.num,
                        sizeof wanted, compare_crowds);
    return found != NULL
               ? *found
               : (struct wcp_crowd){ .page = page, .num_looked = num };
}

/* The number of edge i of those that are looked at. */
static uint32_t
edge_at(const struct wcp_stories *stories, const struct wcp_crowd *crowd,
        uint32_t i)
{
    return crowd->is_chosen ? stories->chosen.at[crowd->chosen + i] : i;
}

/* Whether an edge is to another story, which has nothing to do with the one. */
static bool
is_other(const struct wcp_stories *stories, uint32_t page, uint32_t edge,
         uint32_t story)
{
    const uint32_t other = wcp_edge_other(&stories->pairs, page, edge);

    return other != story && !share_text(stories->store, story, other);
}

/* Whether stories besides 'story' lie in 'page' and share no text with it. */
static enum wcp_shown
find_others(const struct wcp_stories *stories, uint32_t story, uint32_t page,
            bool is_small)
{
    const struct wcp_crowd crowd = crowd_of(stories, page);
    bool is_open = false;

    if (is_small && crowd.num_stories > MOST_OTHERS)
        return WCP_SHOWN;
    for (uint32_t i = 0; i < crowd.num_looked; i++) {
        const uint32_t edge = edge_at(stories, &crowd, i);
        const enum holding holding = holds_story(stories, page, edge);

        if (holding == HOLDS_NOT || (holding == MAY_HOLD && is_open) ||
            !is_other(stories, page, edge, story))
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
    return find_others(stories, page == pair->a ? pair->b : pair->a, page,
                       overlap.size_b < overlap.size_a / SMALL_PART);
}

void
wcp_stories_want_others(struct wcp_stories *stories,
                        const struct wcp_class_pair *pair)
{
    const uint32_t page = page_of(pair);
    const uint32_t story = page == pair->a ? pair->b : pair->a;
    const struct wcp_crowd crowd = crowd_of(stories, page);

    for (uint32_t i = 0; i < crowd.num_looked; i++) {
        const uint32_t edge = edge_at(stories, &crowd, i);

        if (holds_story(stories, page, edge) == MAY_HOLD &&
            is_other(stories, page, edge, story))
            wcp_story_want(&stories->pairs,
                           wcp_edge_place(&stories->pairs, page, edge), true);
    }
}
