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

    wcp_stories_expect(stories);
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
         struct wcp_one_story *one)
{
    const uint32_t other = wcp_edge_other(&stories->pairs, page, edge);

    return other != one->story && !wcp_stories_share(stories, one, other);
}

/* Whether stories besides 'story' lie in 'page' and share no text with it. */
static enum wcp_shown
find_others(const struct wcp_stories *stories, uint32_t story, uint32_t page,
            bool is_small)
{
    const struct wcp_crowd crowd = crowd_of(stories, page);
    struct wcp_one_story one = { .story = story };
    enum wcp_shown shown = WCP_NOT_SHOWN;

    if (is_small && crowd.num_stories > MOST_OTHERS)
        return WCP_SHOWN;
    for (uint32_t i = 0; i < crowd.num_looked && shown != WCP_SHOWN; i++) {
        const uint32_t edge = edge_at(stories, &crowd, i);
        const enum holding holding = holds_story(stories, page, edge);

        if (holding == HOLDS_NOT ||
            (holding == MAY_HOLD && shown == WCP_NOT_KNOWN) ||
            !is_other(stories, page, edge, &one))
            continue;
        shown = holding == HOLDS ? WCP_SHOWN : WCP_NOT_KNOWN;
    }
    wcp_one_story_release(stories, &one);
    return shown;
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
    struct wcp_one_story one = { .story = story };

    for (uint32_t i = 0; i < crowd.num_looked; i++) {
        const uint32_t edge = edge_at(stories, &crowd, i);

        if (holds_story(stories, page, edge) == MAY_HOLD &&
            is_other(stories, page, edge, &one))
            wcp_story_want(&stories->pairs,
                           wcp_edge_place(&stories->pairs, page, edge), true);
    }
    wcp_one_story_release(stories, &one);
}
