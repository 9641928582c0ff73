/*
 * credit_try.c - one pattern at one place of a text
 *
 * A pattern's steps only lead onwards and a set of places is carried along
 * (after Thompson, "Regular expression search algorithm", 1968), so that no
 * text makes a pattern go back: the time has a limit that the views and the
 * table set.  Patterns that are tried at one place begin alike, so what the
 * slots take is found once for all of them.
 */
#include "group/credit_match.h"

#include <string.h>

static bool
takes_no_room(enum wcp_pattern_slot slot)
{
    return slot == WCP_SLOT_STOP || slot == WCP_SLOT_WORD ||
           slot == WCP_SLOT_LINE || slot == WCP_SLOT_END ||
           slot == WCP_SLOT_SHUT;
}

/* Whether a step may read the character at 'at'. */
static bool
may_read(const struct wcp_match *match, size_t at)
{
    return wcp_view_has(match->view, at) &&
           (at == match->start ||
            (match->view->flags[at] & WCP_VIEW_LINE) == 0 ||
            wcp_places_has(match, &match->crossed, at));
}

static void
merge(struct wcp_places *to, const struct wcp_places *from)
{
    to->bits[0] |= from->bits[0];
    to->bits[1] |= from->bits[1];
}

/* Where a slot can end, which patterns that begin alike ask for again. */
static void
run_slot(struct wcp_match *match, enum wcp_pattern_slot slot, size_t at,
         struct wcp_places *ends)
{
    size_t i = at - match->start, k = (size_t)slot - WCP_FIRST_KEPT;
    struct wcp_kept *kept;

    if (k >= WCP_NUM_KEPT) {
        wcp_match_slot(match, slot, at, ends);
        return;
    }
    kept = &match->kept[k];
    if (!wcp_places_has(match, &kept->known, at)) {
        wcp_places_add(match, &kept->known, at);
        kept->ends[i] = (struct wcp_places){ { 0, 0 } };
        wcp_match_slot(match, slot, at, &kept->ends[i]);
    }
    merge(ends, &kept->ends[i]);
}

/* Places that follow from one. */
static void
run_step(struct wcp_match *match, const struct wcp_pattern_step *step,
         size_t at, struct wcp_places *ends)
{
    size_t end;

    if (step->kind == WCP_STEP_UNITS) {
        end = may_read(match, at)
                  ? wcp_match_units(match, step->first, step->num, at, false)
                  : 0;
        if (end > 0)
            wcp_places_add(match, ends, end);
    } else if (takes_no_room((enum wcp_pattern_slot)step->slot) ||
               may_read(match, at)) {
        run_slot(match, (enum wcp_pattern_slot)step->slot, at, ends);
    }
}

/* The same from all of a set. */
static struct wcp_places
run_steps(struct wcp_match *match, const struct wcp_pattern_step *step,
          const struct wcp_places *from)
{
    struct wcp_places ends = { { 0, 0 } };
    struct wcp_view *view = match->view;
    uint16_t first = step->kind == WCP_STEP_UNITS
                         ? match->credits->pool.units.at[step->first]
                         : 0;

    for (size_t half = 0; half < 2; half++)
        for (uint64_t bits = from->bits[half]; bits != 0; bits &= bits - 1) {
            size_t at =
                match->start + 64 * half + (size_t)__builtin_ctzll(bits);

            if (first == 0 ||
                (wcp_view_has(view, at) && view->units[at] == first))
                run_step(match, step, at, &ends);
        }
    return ends;
}

/* The last of a set of places, counted from the start; 0: none beyond it. */
static size_t
last_place(const struct wcp_places *places)
{
    for (size_t half = 2; half-- > 0;)
        if (places->bits[half] != 0)
            return 64 * half + 63 - (size_t)__builtin_clzll(places->bits[half]);
    return 0;
}

void
wcp_match_begin(struct wcp_match *match, size_t at)
{
    match->start = at;
    match->agency = WCP_NO_AGENCY;
    match->agency_end = wcp_match_agency(match, at, &match->agency);
    for (size_t i = 0; i < WCP_NUM_KEPT; i++)
        match->kept[i].known = (struct wcp_places){ { 0, 0 } };
}

/* The steps of a pattern that can be reached, and from where. */
struct course {
    uint64_t reached[WCP_MAX_STEPS / 64 + 1];
    struct wcp_places at[WCP_MAX_STEPS + 1]; /* of those */
};

static void
reach(struct course *course, size_t step, const struct wcp_places *from)
{
    uint64_t bit = UINT64_C(1) << step % 64;

    if ((from->bits[0] | from->bits[1]) == 0)
        return;
    if ((course->reached[step / 64] & bit) != 0) {
        merge(&course->at[step], from);
        return;
    }
    course->reached[step / 64] |= bit;
    course->at[step] = *from;
}

size_t
wcp_match_pattern(struct wcp_match *match, const struct wcp_pattern *pattern)
{
    const struct wcp_pattern_step *steps =
        match->credits->pool.steps.at + pattern->steps;
    struct course course;

    memset(course.reached, 0, sizeof course.reached);
    match->crossed = (struct wcp_places){ { 0, 0 } };
    match->name.named = false;
    reach(&course, 0, &(struct wcp_places){ { 1, 0 } });
    for (size_t word = 0; word <= pattern->num / 64; word++)
        /* Steps lead onwards only, so the lowest is done for good. */
        while (course.reached[word] != 0) {
            size_t i =
                64 * word + (size_t)__builtin_ctzll(course.reached[word]);
            const struct wcp_pattern_step *step = &steps[i];
            struct wcp_places ends;

            if (i == pattern->num - 1)
                return last_place(&course.at[i]);
            course.reached[word] &= course.reached[word] - 1;
            if (step->kind == WCP_STEP_FORK) {
                reach(&course, step->next, &course.at[i]);
                if (step->alt > 0)
                    reach(&course, step->alt, &course.at[i]);
                continue;
            }
            ends = run_steps(match, step, &course.at[i]);
            reach(&course, step->next, &ends);
        }
    return 0;
}
