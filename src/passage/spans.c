/*
 * spans.c - how alike are two spans, and where in one is a part of the other?
 *
 * Both spans are short and known to share much, so this walks along the two:
 * where a few units of the first stand in the second, both are extended as far
 * as that goes, and the walk goes on behind.  What was inserted or replaced is
 * stepped over, by the least step in either: the first place that is found may
 * be far ahead in the second, where a phrase of what was inserted stands as
 * well, and all that lies before it would be lost.
 *
 * The step is short as a rule, so the units of the second that come next are
 * listed before all of them are.
 *
 * Where that leaves much unmatched, the walk is done again along the longest
 * chain of common grams that ascends in both (the least ends of chains of each
 * length, as in patience sorting), and what matches more counts.
 */
#include "passage/engine.h"

#include <string.h>

#define NONE UINT32_MAX

enum {
    GRAM_WIDE = 6,
    GRAM_NARROW = 12,
    MAX_TRIES = 16,  /* places of a gram that are looked at */
    SEARCHED = 64,   /* units of a window that is moved along */
    MAX_LINKS = 4,   /* places of a gram that may be in the chain */
    FIRST_STEP = 64, /* units that are listed for a hop at first */
    MORE_STEPS = 8,  /* times as many, if there is no hop among them */
};

enum wcp_code
wcp_matcher_init(struct wcp_matcher *matcher, const struct wcp_places *places,
                 struct wcp_fault *fault)
{
    *matcher = (struct wcp_matcher){ .mem = places->mem, .places = places };
    matcher->extender = wcp_extender_new(places->mem);
    return matcher->extender != NULL ? WCP_CODE_OK : wcp_no_memory(fault);
}

void
wcp_matcher_release(struct wcp_matcher *matcher)
{
    if (matcher->mem == NULL)
        return;
    wcp_extender_free(matcher->extender);
    for (int i = 0; i < 2; i++)
        wcp_array_release(matcher->mem, &matcher->wide[i].list);
    wcp_array_release(matcher->mem, &matcher->heads);
    wcp_array_release(matcher->mem, &matcher->nexts);
    wcp_array_release(matcher->mem, &matcher->links);
    wcp_array_release(matcher->mem, &matcher->ends);
    wcp_part_release(&matcher->part, matcher->mem);
    *matcher = (struct wcp_matcher){ 0 };
}

/* The units of a span, as a text of its own. */
static struct wcp_units
cut_out(const struct wcp_places *places, struct wcp_span span)
{
    uint32_t number = wcp_place_text(places, span.begin);
    const struct wcp_units *text = &places->texts[number];
    size_t at = span.begin - places->begins[number];

    return (struct wcp_units){
        text->narrow ? (const void *)((const uint8_t *)text->at + at)
                     : (const void *)((const uint16_t *)text->at + at),
        span.end - span.begin,
        text->narrow,
    };
}

static bool
are_same(const struct wcp_units *x, const struct wcp_units *y)
{
    return x->num == y->num && x->narrow == y->narrow &&
           memcmp(x->at, y->at, (size_t)x->num * (x->narrow ? 1 : 2)) == 0;
}

bool
wcp_same_units(const struct wcp_places *places, struct wcp_span x,
               struct wcp_span y)
{
    const struct wcp_units a = cut_out(places, x), b = cut_out(places, y);

    if (a.num != b.num || a.narrow == b.narrow)
        return are_same(&a, &b);
    for (uint32_t i = 0; i < a.num; i++)
        if (wcp_unit(&a, i) != wcp_unit(&b, i))
            return false;
    return true;
}

static inline uint8_t
hash_four(const struct wcp_units *x, size_t at)
{
    return (uint8_t)(wcp_four_units(x->at, (uint32_t)at, x->narrow) *
                         UINT64_C(0x9E3779B97F4A7C15) >>
                     56);
}

/* Where in b, from a place on, a stands; or the end of b.  From the last four
 * units of a window of b follows by how much it can be moved on (after Wu and
 * Manber, "A fast algorithm for multi-pattern searching", 1994). */
static size_t
search(const struct wcp_units *a, const struct wcp_units *b, size_t from)
{
    const size_t unit = a->narrow ? 1 : 2;
    const uint32_t window = a->num < SEARCHED ? a->num : SEARCHED;
    uint8_t steps[256];

    memset(steps, (int)(window - 3), sizeof steps);
    for (uint32_t i = 0; i + 4 <= window; i++)
        steps[hash_four(a, i)] = (uint8_t)(window - 4 - i);
    for (size_t i = from; i <= b->num - a->num;) {
        const uint8_t step = steps[hash_four(b, i + window - 4)];

        if (step == 0 && memcmp((const uint8_t *)b->at + i * unit, a->at,
                                a->num * unit) == 0)
            return i;
        i += step > 0 ? step : 1;
    }
    return b->num;
}

uint32_t
wcp_find_same(const struct wcp_places *places, struct wcp_span part,
              struct wcp_span within, uint32_t from)
{
    const struct wcp_units a = cut_out(places, part);
    const struct wcp_units b = cut_out(places, within);

    if (a.narrow != b.narrow || a.num < 4 || b.num < a.num)
        return within.end;
    return within.begin + (uint32_t)search(&a, &b, from - within.begin);
}

/* The same units in two bytes each; false when out of memory. */
static bool
widen(struct wcp_matcher *matcher, int side, struct wcp_units *x)
{
    if (!x->narrow)
        return true;
    if (!wcp_array_reserve(matcher->mem, &matcher->wide[side].list, x->num))
        return false;
    wcp_widen(x, 0, x->num, matcher->wide[side].list.at);
    x->at = matcher->wide[side].list.at;
    x->narrow = false;
    return true;
}

/* ---- walking ---- */

struct walk {
    struct wcp_matcher *matcher;
    struct wcp_units a, b; /* wide */
    uint32_t gram, mask;
    uint32_t a_done, b_done; /* behind what was matched last */
    uint32_t expected;       /* where in b the place a_done is expected */
    uint32_t slack;          /* how far off that may be */
    uint32_t matched, b_begin;
    bool listed; /* all grams of b are */
};

/* The last four units have some of those before them. */
static inline uint32_t
hash_gram(const struct walk *walk, const uint16_t *units)
{
    uint64_t hash =
        wcp_four_units(units, 0, false) * UINT64_C(0x9E3779B97F4A7C15);

    if (walk->gram > 8)
        hash ^= wcp_four_units(units, 4, false) * UINT64_C(0xBF58476D1CE4E5B9);
    hash ^= wcp_four_units(units, walk->gram - 4, false) *
            UINT64_C(0x94D049BB133111EB);
    return (uint32_t)(hash >> 40) & walk->mask;
}

/* Lists of the places of each gram that begins in the next 'ahead' units of b,
 * ascending. */
static bool
list_grams(struct walk *walk, uint32_t ahead)
{
    struct wcp_matcher *matcher = walk->matcher;
    const uint32_t grams = walk->b.num - walk->gram + 1 - walk->b_done;
    const uint32_t listed = ahead < grams ? ahead : grams;
    uint32_t num = 64;

    while (num < listed && num < UINT32_C(1) << 24)
        num *= 2;
    walk->mask = num - 1;
    walk->listed = listed == grams;
    if (!wcp_array_reserve(matcher->mem, &matcher->heads, num) ||
        !wcp_array_reserve(matcher->mem, &matcher->nexts, walk->b.num))
        return false;
    memset(matcher->heads.at, 0xFF, num * sizeof *matcher->heads.at);
    for (uint32_t i = walk->b_done + listed; i-- > walk->b_done;) {
        uint32_t *head =
            &matcher->heads
                 .at[hash_gram(walk, (const uint16_t *)walk->b.at + i)];

        matcher->nexts.at[i] = *head;
        *head = i;
    }
    return true;
}

/* A gram that stands in both, how much is stepped over to get there, and how
 * much more of the one than of the other. */
struct hop {
    uint32_t a, b, step, drift;
};

static uint32_t
apart(uint32_t x, uint32_t y)
{
    return x > y ? x - y : y - x;
}

/* Is there a better hop from the gram of a at 'at'? */
static void
try_gram(const struct walk *walk, uint32_t at, struct hop *best)
{
    const struct wcp_matcher *matcher = walk->matcher;
    const uint16_t *a = (const uint16_t *)walk->a.at + at;
    const uint16_t *b = walk->b.at;
    uint32_t *head = &matcher->heads.at[hash_gram(walk, a)];
    uint32_t i, a_step = at - walk->a_done;

    while (*head != NONE && *head < walk->b_done)
        *head = matcher->nexts.at[*head];
    i = *head;
    for (int tries = 0; i != NONE && tries < MAX_TRIES; tries++) {
        uint32_t off = apart(i, walk->expected);
        uint32_t b_step = off > walk->slack ? off - walk->slack : 0;
        struct hop hop = { at, i, a_step > b_step ? a_step : b_step,
                           apart(i, walk->expected + a_step) };

        if ((hop.step < best->step ||
             (hop.step == best->step && hop.drift < best->drift)) &&
            memcmp(a, b + i, walk->gram * sizeof *a) == 0)
            *best = hop;
        i = matcher->nexts.at[i];
    }
}

/* The least hop from where the walk is, over 'most' units or fewer.  As many
 * units are tried as it steps over, so that all of them together are no more
 * than both texts have. */
static bool
find_hop(const struct walk *walk, uint32_t most, struct hop *hop)
{
    *hop = (struct hop){ NONE, NONE, UINT32_MAX, UINT32_MAX };
    for (uint32_t at = walk->a_done;
         at + walk->gram <= walk->a.num && at - walk->a_done <= most &&
         at - walk->a_done < hop->step;
         at++)
        try_gram(walk, at, hop);
    return hop->step <= most;
}

/* A hop over nothing: the next gram of a in b, where that may begin anywhere
 * about the expected place. */
static bool
find_begin(const struct walk *walk, struct hop *hop)
{
    const uint16_t *a = (const uint16_t *)walk->a.at + walk->a_done;
    const uint16_t *b = walk->b.at;
    const uint64_t four = wcp_four_units(a, 0, false);
    int tries = 0;

    *hop = (struct hop){ walk->a_done, NONE, 0, UINT32_MAX };
    for (uint32_t i = walk->b_done;
         i + walk->gram <= walk->b.num && tries < MAX_TRIES; i++) {
        uint32_t off = apart(i, walk->expected);

        if (wcp_four_units(b, i, false) != four ||
            memcmp(a, b + i, walk->gram * sizeof *a) != 0)
            continue;
        tries++;
        if (off > walk->slack || off >= hop->drift)
            continue;
        hop->b = i;
        hop->drift = off;
    }
    return hop->b != NONE;
}

/* From where the walk is to what both have next.  False when out of memory. */
static bool
find_next(struct walk *walk, struct hop *hop, bool *found)
{
    uint32_t ahead = FIRST_STEP;

    *found = walk->slack > 0 && find_begin(walk, hop);
    if (walk->slack > 0)
        ahead = UINT32_MAX;
    while (!*found) {
        if (!walk->listed && !list_grams(walk, ahead))
            return false;
        if (walk->listed)
            ahead = UINT32_MAX - 1;
        *found = find_hop(walk, ahead - 1, hop);
        if (walk->listed)
            return true;
        ahead =
            ahead < UINT32_MAX / MORE_STEPS ? ahead * MORE_STEPS : UINT32_MAX;
    }
    return true;
}

/* Take what is alike around the gram. */
static bool
take_gram(struct walk *walk, uint32_t a_at, uint32_t b_at)
{
    struct wcp_matcher *matcher = walk->matcher;
    struct wcp_extension ext = { walk->a.at,   &walk->b,     a_at, b_at,
                                 walk->a_done, walk->b_done, true };
    struct wcp_reach left, right;

    if (!wcp_extend(matcher->extender, &ext, NULL, &left))
        return false;
    ext.left = false;
    ext.a_end = walk->a.num;
    ext.b_end = walk->b.num;
    if (!wcp_extend(matcher->extender, &ext, NULL, &right))
        return false;
    if (walk->matched == 0)
        walk->b_begin = b_at - left.b;
    walk->matched += left.matched + right.matched;
    walk->a_done = a_at + right.a;
    walk->b_done = b_at + right.b;
    walk->expected = walk->b_done;
    walk->slack = 0;
    return true;
}

static bool
begin_walk(struct walk *walk, struct wcp_matcher *matcher,
           const struct wcp_units *a, const struct wcp_units *b)
{
    *walk = (struct walk){ .matcher = matcher,
                           .a = *a,
                           .b = *b,
                           .gram = a->narrow && b->narrow ? GRAM_NARROW
                                                          : GRAM_WIDE };
    return widen(matcher, 0, &walk->a) && widen(matcher, 1, &walk->b);
}

/* Do both go on alike where that is expected?  Nothing is better then. */
static bool
goes_on(const struct walk *walk)
{
    return walk->b.num - walk->expected >= walk->gram &&
           memcmp((const uint16_t *)walk->a.at + walk->a_done,
                  (const uint16_t *)walk->b.at + walk->expected,
                  walk->gram * sizeof(uint16_t)) == 0;
}

/* Walk along a, which begins in b at 'expected', or up to 'slack' off.  Of two
 * spans that are nearly the same no gram is looked for. */
static bool
walk_along(struct walk *walk, uint32_t expected, uint32_t slack)
{
    walk->expected = expected;
    walk->slack = slack;
    while (walk->a.num - walk->a_done >= walk->gram &&
           walk->b.num - walk->b_done >= walk->gram) {
        struct hop hop = { walk->a_done, walk->expected, 0, 0 };
        bool found = true;

        if (!goes_on(walk) && !find_next(walk, &hop, &found))
            return false;
        if (!found)
            return true;
        if (!take_gram(walk, hop.a, hop.b))
            return false;
    }
    return true;
}

/* ---- the longest chain ---- */

/* The places of the gram of a at 'at', the last first; how many. */
static uint32_t
places_of(const struct walk *walk, uint32_t at, uint32_t places[MAX_LINKS])
{
    const struct wcp_matcher *matcher = walk->matcher;
    const uint16_t *a = (const uint16_t *)walk->a.at + at;
    const uint16_t *b = walk->b.at;
    uint32_t i = matcher->heads.at[hash_gram(walk, a)], num = 0;

    for (; i != NONE && num < MAX_LINKS; i = matcher->nexts.at[i])
        if (memcmp(a, b + i, walk->gram * sizeof *a) == 0)
            places[num++] = i;
    for (uint32_t k = 0; k < num / 2; k++) {
        uint32_t place = places[k];

        places[k] = places[num - 1 - k];
        places[num - 1 - k] = place;
    }
    return num;
}

/* The gram of a at 'at' and of b at 'place' goes behind the longest chain that
 * it can go behind. */
static bool
put_link(struct wcp_matcher *matcher, uint32_t at, uint32_t place)
{
    size_t low = 0, high = matcher->ends.num;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (matcher->links.at[matcher->ends.at[middle]].b < place)
            low = middle + 1;
        else
            high = middle;
    }
    if (!wcp_array_grow(matcher->mem, &matcher->links) ||
        !wcp_array_grow(matcher->mem, &matcher->ends))
        return false;
    matcher->links.at[matcher->links.num] =
        (struct wcp_link){ at, place,
                           low > 0 ? matcher->ends.at[low - 1] : NONE };
    matcher->ends.at[low] = (uint32_t)matcher->links.num++;
    if (low == matcher->ends.num)
        matcher->ends.num++;
    return true;
}

/* Walk along the longest chain; the lists of grams are made anew. */
static bool
walk_chain(struct walk *walk)
{
    struct wcp_matcher *matcher = walk->matcher;
    uint32_t place = NONE, places[MAX_LINKS];

    matcher->links.num = matcher->ends.num = 0;
    if (walk->a.num < walk->gram || walk->b.num < walk->gram)
        return true;
    if (!list_grams(walk, UINT32_MAX))
        return false;
    for (uint32_t at = 0; at + walk->gram <= walk->a.num; at++) {
        uint32_t num = places_of(walk, at, places);

        for (uint32_t i = 0; i < num; i++)
            if (!put_link(matcher, at, places[i]))
                return false;
    }
    /* From its end back, and then forth. */
    if (matcher->ends.num > 0)
        place = matcher->ends.at[matcher->ends.num - 1];
    for (size_t i = matcher->ends.num; i-- > 0;) {
        matcher->ends.at[i] = place;
        place = matcher->links.at[place].before;
    }
    for (size_t i = 0; i < matcher->ends.num; i++) {
        const struct wcp_link *link = &matcher->links.at[matcher->ends.at[i]];

        if (link->a >= walk->a_done && link->b >= walk->b_done &&
            !take_gram(walk, link->a, link->b))
            return false;
    }
    return true;
}

enum wcp_code
wcp_match_spans(struct wcp_matcher *matcher, struct wcp_span x,
                struct wcp_span y, double *similarity_ret,
                struct wcp_fault *fault)
{
    const struct wcp_units a = cut_out(matcher->places, x);
    const struct wcp_units b = cut_out(matcher->places, y);
    const uint32_t shorter = a.num < b.num ? a.num : b.num;
    struct walk walk, again;
    uint32_t matched;

    if (are_same(&a, &b)) {
        *similarity_ret = 1;
        return WCP_CODE_OK;
    }
    if (!begin_walk(&walk, matcher, &a, &b))
        return wcp_no_memory(fault);
    again = walk;
    if (!walk_along(&walk, 0, 0))
        return wcp_no_memory(fault);
    matched = walk.matched;
    if (matched < shorter - shorter / 10) {
        if (!walk_chain(&again))
            return wcp_no_memory(fault);
        matched = again.matched > matched ? again.matched : matched;
    }
    *similarity_ret = 2.0 * matched / ((double)a.num + (double)b.num);
    return WCP_CODE_OK;
}

/* Where the part is looked for: about the guess. */
static struct wcp_span
window_of(struct wcp_span part, struct wcp_span within, uint32_t guess,
          uint32_t slack)
{
    const uint32_t len = part.end - part.begin;

    return (struct wcp_span){
        guess > within.begin + slack ? guess - slack : within.begin,
        within.end - guess > len + slack ? guess + len + slack : within.end,
    };
}

static uint32_t
slack_of(struct wcp_span part)
{
    return (part.end - part.begin) / 2 + 128;
}

enum wcp_code
wcp_may_find_span(struct wcp_matcher *matcher, struct wcp_span part,
                  struct wcp_span within, uint32_t guess, bool *may_ret,
                  struct wcp_fault *fault)
{
    const struct wcp_units *listed = &matcher->part.units;
    const struct wcp_units a = cut_out(matcher->places, part);
    const struct wcp_units b = cut_out(
        matcher->places, window_of(part, within, guess, slack_of(part)));

    if ((listed->at != a.at || listed->num != a.num) &&
        !wcp_part_list(&matcher->part, matcher->mem, &a))
        return wcp_no_memory(fault);
    *may_ret =
        wcp_part_shares(&matcher->part, &b, b.narrow ? GRAM_NARROW : GRAM_WIDE);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_find_span(struct wcp_matcher *matcher, struct wcp_span part,
              struct wcp_span within, uint32_t guess,
              struct wcp_span *found_ret, struct wcp_fault *fault)
{
    const uint32_t len = part.end - part.begin, slack = slack_of(part);
    const struct wcp_span window = window_of(part, within, guess, slack);
    const struct wcp_units a = cut_out(matcher->places, part);
    const struct wcp_units b = cut_out(matcher->places, window);
    struct walk walk;

    if (!begin_walk(&walk, matcher, &a, &b) ||
        !walk_along(&walk, guess - window.begin, slack))
        return wcp_no_memory(fault);
    *found_ret = (struct wcp_span){ window.begin, window.begin };
    if (walk.matched >= len / 2 && walk.matched > 0)
        *found_ret = (struct wcp_span){ window.begin + walk.b_begin,
                                        window.begin + walk.b_done };
    return WCP_CODE_OK;
}
