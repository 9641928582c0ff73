/*
 * settle.c - what pairs of texts are, once somebody wants to know
 *
 * They are compared, then judged (judge.c), then it is found out whether one is
 * a page: other stories on it show that (shown.c), or it is read (pages.c).
 * Each step goes over all pairs that are wanted.
 */
#include "group/stories.h"

#include "group/judge.h"

#include <string.h>

/* Places of pairs, ascending. */
struct places {
    uint32_t *at; /* [most] */
    size_t num, most;
};

/* List what is wanted and has that relation. */
static bool
list_wanted(struct wcp_stories *stories, int32_t relation,
            struct places *places)
{
    const struct wcp_story_pairs *pairs = &stories->pairs;
    const size_t num = wcp_story_pairs_num(pairs);

    *places = (struct places){ .at = NULL };
    for (size_t i = 0; i < num; i++)
        places->most += wcp_story_waits(pairs, i, relation);
    places->at =
        wcp_new_array(stories->store->mem, places->most, sizeof *places->at);
    for (size_t i = 0; places->at != NULL && places->num < places->most; i++)
        if (wcp_story_waits(pairs, i, relation))
            places->at[places->num++] = (uint32_t)i;
    return places->at != NULL;
}

static void
places_release(const struct wcp_stories *stories, struct places *places)
{
    wcp_free_array(stories->store->mem, places->at, places->most,
                   sizeof *places->at);
}

/* ---- compared and judged ---- */

/* The pairs at these places, with relation 0. */
static struct wcp_class_pair *
copy_pairs(const struct wcp_stories *stories, const struct places *places)
{
    struct wcp_class_pair *pairs =
        wcp_new_array(stories->store->mem, places->num, sizeof *pairs);
    uint32_t a = 0;

    for (size_t i = 0; pairs != NULL && i < places->num; i++) {
        pairs[i] = wcp_story_pair_from(&stories->pairs, &a, places->at[i]);
        pairs[i].relation = 0;
    }
    return pairs;
}

static enum wcp_code
compare_places(struct wcp_stories *stories, const struct places *places,
               struct wcp_fault *fault)
{
    struct wcp_class_pair *pairs = copy_pairs(stories, places);
    size_t num = places->num, at = 0;
    uint32_t a = 0;
    enum wcp_code code = WCP_CODE_OK;

    if (pairs == NULL)
        return wcp_no_memory(fault);
    code = wcp_overlaps_fill(stories->store, pairs, &num, stories->threshold,
                             &stories->num_verified, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < places->num; i++) {
        const struct wcp_class_pair pair =
            wcp_story_pair_from(&stories->pairs, &a, places->at[i]);

        if (at < num && pairs[at].a == pair.a && pairs[at].b == pair.b)
            wcp_story_compared(&stories->pairs, places->at[i], &pairs[at++]);
        else /* as those are that are left out */
            wcp_story_relate(&stories->pairs, places->at[i], WCP_PAIR_APART);
    }
    wcp_free_array(stories->store->mem, pairs, places->num, sizeof *pairs);
    return code;
}

static enum wcp_code
judge_by(struct wcp_stories *stories, const struct places *places,
         enum wcp_code (*judge)(struct wcp_judge *judge,
                                struct wcp_class_pair *pairs, size_t num,
                                struct wcp_fault *fault),
         struct wcp_fault *fault)
{
    struct wcp_class_pair *pairs = copy_pairs(stories, places);
    enum wcp_code code = WCP_CODE_OK;

    if (pairs == NULL)
        return wcp_no_memory(fault);
    if (stories->judge != NULL)
        code = judge(stories->judge, pairs, places->num, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < places->num; i++)
        wcp_story_relate(&stories->pairs, places->at[i],
                         pairs[i].relation == 0 ? WCP_PAIR_JUDGED
                                                : pairs[i].relation);
    wcp_free_array(stories->store->mem, pairs, places->num, sizeof *pairs);
    return code;
}

static enum wcp_code
judge_places(struct wcp_stories *stories, const struct places *places,
             struct wcp_fault *fault)
{
    return judge_by(stories, places, wcp_judge_pairs, fault);
}

/* Pairs that are copied for a step: where memory is short a share of what there
 * is, so that what is judged goes over all samples as few times as can be.
 * What is listed of a pair besides takes four times as much as itself. */
static size_t
num_at_once(const struct wcp_store *store)
{
    enum {
        LEAST = 1 << 13,
        MOST = 1 << 30,
        PAIR_BYTES = 5 * sizeof(struct wcp_class_pair)
    };
    const uint64_t num = wcp_quota_left(store->opts.memory) / 4 / PAIR_BYTES;

    return num > MOST ? MOST : num > LEAST ? (size_t)num : LEAST;
}

/* Take a step with those that are wanted and have come so far. */
static enum wcp_code
step_wanted(struct wcp_stories *stories, int32_t relation,
            enum wcp_code (*step)(struct wcp_stories *stories,
                                  const struct places *places,
                                  struct wcp_fault *fault),
            struct wcp_fault *fault)
{
    struct places places;
    enum wcp_code code = list_wanted(stories, relation, &places)
                             ? WCP_CODE_OK
                             : wcp_no_memory(fault);
    const size_t most = num_at_once(stories->store);

    for (size_t i = 0; code == WCP_CODE_OK && i < places.num;
         i = places.num - i < most ? places.num : i + most) {
        const size_t left = places.num - i;
        const struct places some = { places.at + i, left < most ? left : most,
                                     0 };

        code = step(stories, &some, fault);
    }
    places_release(stories, &places);
    return code;
}

static enum wcp_code
judge_wanted(struct wcp_stories *stories, struct wcp_fault *fault)
{
    enum wcp_code code =
        step_wanted(stories, WCP_PAIR_NEW, compare_places, fault);

    if (code == WCP_CODE_OK)
        code = step_wanted(stories, WCP_PAIR_COMPARED, judge_places, fault);
    return code;
}

/* ---- shown by others ---- */

enum { BLOCK = 64 }; /* pairs that are looked at in one go */

struct showing {
    struct wcp_stories *stories;
    const struct wcp_class_pair *pairs; /* [num] */
    size_t num;
    uint8_t *shown; /* [num]: enum wcp_shown; NOT_KNOWN is asked for */
};

static void
show_block(void *ctx, unsigned thread, size_t block)
{
    const struct showing *s = ctx;
    const size_t begin = block * BLOCK, left = s->num - begin;

    (void)thread;
    for (size_t i = begin; i < begin + (left < BLOCK ? left : BLOCK); i++)
        if (s->shown[i] == WCP_NOT_KNOWN)
            s->shown[i] = (uint8_t)wcp_stories_shown(s->stories, &s->pairs[i]);
}

static void
show_once(struct showing *s)
{
    wcp_parallel_for(s->stories->store->opts.num_threads,
                     (s->num + BLOCK - 1) / BLOCK, 1, show_block, s);
}

/* Find out what others show.  Where that hangs on pairs that are new, these
 * are judged. */
static enum wcp_code
show_all(struct showing *s, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    for (bool done = false; code == WCP_CODE_OK && !done;) {
        show_once(s);
        done = true;
        for (size_t i = 0; i < s->num; i++)
            if (s->shown[i] == WCP_NOT_KNOWN) {
                wcp_stories_want_others(s->stories, &s->pairs[i]);
                done = false;
            }
        if (!done)
            code = judge_wanted(s->stories, fault);
    }
    return code;
}

enum wcp_code
wcp_stories_show(struct wcp_stories *stories, struct wcp_class_pair *pairs,
                 size_t num, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = stories->store->mem;
    struct showing s = { stories, pairs, num, wcp_new_array(mem, num, 1) };
    enum wcp_code code = WCP_CODE_OK;

    if (s.shown == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num; i++)
        s.shown[i] = pairs[i].relation == 0 ? WCP_NOT_KNOWN : WCP_NOT_SHOWN;
    code = show_all(&s, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < num; i++)
        if (s.shown[i] == WCP_SHOWN)
            pairs[i].relation = WCP_REL_EMBEDDED;
    wcp_free_array(mem, s.shown, num, 1);
    return code;
}

/* ---- all steps ---- */

/* Whether they are pages, of pairs that are judged: others show that, or they
 * are read. */
static enum wcp_code
page_places(struct wcp_stories *stories, const struct places *places,
            struct wcp_fault *fault)
{
    struct wcp_class_pair *pairs = copy_pairs(stories, places);
    enum wcp_code code =
        pairs != NULL ? wcp_stories_show(stories, pairs, places->num, fault)
                      : wcp_no_memory(fault);

    if (code == WCP_CODE_OK && stories->judge != NULL)
        code = wcp_judge_pages(stories->store, pairs, NULL, places->num,
                               stories->threshold, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < places->num; i++)
        wcp_story_relate(&stories->pairs, places->at[i], pairs[i].relation);
    wcp_free_array(stories->store->mem, pairs, places->num, sizeof *pairs);
    return code;
}

enum wcp_code
wcp_stories_settle(struct wcp_stories *stories, struct wcp_fault *fault)
{
    enum wcp_code code = judge_wanted(stories, fault);

    if (code == WCP_CODE_OK)
        code = step_wanted(stories, WCP_PAIR_JUDGED, page_places, fault);
    for (size_t i = 0; i < wcp_story_pairs_num(&stories->pairs); i++)
        wcp_story_want(&stories->pairs, i, false);
    return code;
}

enum wcp_code
wcp_stories_settle_all(struct wcp_stories *stories, struct wcp_fault *fault)
{
    struct places places = { .at = NULL };
    enum wcp_code code;

    for (size_t i = 0; i < wcp_story_pairs_num(&stories->pairs); i++)
        wcp_story_want(&stories->pairs, i, true);
    code = step_wanted(stories, WCP_PAIR_NEW, compare_places, fault);
    /* What need not be judged of a large form is known of all pairs only. */
    if (code == WCP_CODE_OK &&
        !list_wanted(stories, WCP_PAIR_COMPARED, &places))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = judge_by(stories, &places, wcp_judge_all_pairs, fault);
    places_release(stories, &places);
    if (code == WCP_CODE_OK)
        code = wcp_stories_settle(stories, fault);
    return code;
}

/* Want no pair any more that is no page and a story, whatever the judge says.
 * Where others show that, or may, nothing is read. */
static enum wcp_code
drop_others(struct wcp_stories *stories, const struct places *places,
            struct wcp_fault *fault)
{
    const struct wcp_memory *mem = stories->store->mem;
    struct wcp_class_pair *pairs = copy_pairs(stories, places);
    uint8_t *shown = wcp_new_array(mem, places->num, 1);
    struct showing s = { stories, pairs, places->num, shown };
    enum wcp_code code = WCP_CODE_OK;

    if (pairs == NULL || shown == NULL) {
        code = wcp_no_memory(fault);
    } else {
        memset(shown, WCP_NOT_KNOWN, s.num);
        show_once(&s);
        for (size_t i = 0; i < s.num; i++)
            if (shown[i] != WCP_NOT_SHOWN)
                pairs[i].relation = WCP_REL_EMBEDDED;
    }
    if (code == WCP_CODE_OK && stories->judge != NULL)
        code = wcp_judge_pages(stories->store, pairs, NULL, s.num,
                               stories->threshold, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < s.num; i++)
        wcp_story_want(&stories->pairs, places->at[i],
                       pairs[i].relation == WCP_REL_EMBEDDED);
    wcp_free_array(mem, pairs, places->num, sizeof *pairs);
    wcp_free_array(mem, shown, places->num, 1);
    return code;
}

/* To read both texts takes less time than to judge them. */
enum wcp_code
wcp_stories_settle_pages(struct wcp_stories *stories, struct wcp_fault *fault)
{
    enum wcp_code code =
        step_wanted(stories, WCP_PAIR_NEW, compare_places, fault);

    if (code == WCP_CODE_OK)
        code = step_wanted(stories, WCP_PAIR_COMPARED, drop_others, fault);
    if (code == WCP_CODE_OK)
        code = wcp_stories_settle(stories, fault);
    return code;
}
