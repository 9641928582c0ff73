/*
 * spans.c - how alike are two spans, and where in one is a part of the other?
 *
 * Most spans that are asked about are nearly the same, so that one extension
 * goes from the start of both to their ends.  Where text was inserted or
 * replaced it does not; then the two are aligned like texts of their own.
 */
#include "passage/engine.h"

#include <string.h>

enum wcp_code
wcp_matcher_init(struct wcp_matcher *matcher, const struct wcp_places *places,
                 const struct wcp_passage_limits *opts, struct wcp_fault *fault)
{
    *matcher = (struct wcp_matcher){ .mem = places->mem,
                                     .places = places,
                                     .opts = *opts };
    matcher->opts.min_length = WCP_PASSAGE_MIN_LENGTH;
    matcher->extender = wcp_extender_new(places->mem);
    return matcher->extender != NULL ? WCP_CODE_OK : wcp_no_memory(fault);
}

void
wcp_matcher_release(struct wcp_matcher *matcher)
{
    if (matcher->mem == NULL)
        return;
    wcp_extender_free(matcher->extender);
    wcp_array_release(matcher->mem, &matcher->wide);
    wcp_array_release(matcher->mem, &matcher->blocks.list);
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

/* Units of x, made wide if need be; NULL: out of memory. */
static const uint16_t *
wide_units(struct wcp_matcher *matcher, const struct wcp_units *x)
{
    if (!x->narrow)
        return x->at;
    if (!wcp_array_reserve(matcher->mem, &matcher->wide, x->num))
        return NULL;
    wcp_widen(x, 0, x->num, matcher->wide.at);
    return matcher->wide.at;
}

static double
share(uint64_t matched, const struct wcp_units *x, const struct wcp_units *y)
{
    return 2.0 * (double)matched / ((double)x->num + (double)y->num);
}

/* The best alignment of x with y; matched 0 if there is none. */
static enum wcp_code
best_alignment(struct wcp_matcher *matcher, const struct wcp_units *x,
               const struct wcp_units *y, struct wcp_alignment *best,
               struct wcp_fault *fault)
{
    struct wcp_passage_limits opts = matcher->opts;
    struct wcp_alignments found;
    enum wcp_code code;

    opts.min_similarity = 0;
    *best = (struct wcp_alignment){ 0 };
    code = wcp_align(&found, matcher->mem, x, y, &opts, fault);
    if (code != WCP_CODE_OK)
        return code;
    for (size_t i = 0; i < found.list.num; i++)
        if (found.list.at[i].matched > best->matched)
            *best = found.list.at[i];
    wcp_alignments_release(&found);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_match_spans(struct wcp_matcher *matcher, struct wcp_span x,
                struct wcp_span y, double *similarity_ret,
                struct wcp_fault *fault)
{
    const struct wcp_units a = cut_out(matcher->places, x);
    const struct wcp_units b = cut_out(matcher->places, y);
    struct wcp_extension ext = { .b = &b, .a_end = a.num, .b_end = b.num };
    struct wcp_alignment best;
    struct wcp_reach reach;
    enum wcp_code code;

    if (are_same(&a, &b)) {
        *similarity_ret = 1;
        return WCP_CODE_OK;
    }
    ext.a = wide_units(matcher, &a);
    if (ext.a == NULL || !wcp_extend(matcher->extender, &ext, NULL, &reach))
        return wcp_no_memory(fault);
    *similarity_ret = share(reach.matched, &a, &b);
    if (*similarity_ret > .9)
        return WCP_CODE_OK;
    code = best_alignment(matcher, &a, &b, &best, fault);
    if (code == WCP_CODE_OK && share(best.matched, &a, &b) > *similarity_ret)
        *similarity_ret = share(best.matched, &a, &b);
    return code;
}

/* ---- a part ---- */

enum wcp_code
wcp_find_span(struct wcp_matcher *matcher, struct wcp_span part,
              struct wcp_span within, uint32_t guess,
              struct wcp_span *found_ret, struct wcp_fault *fault)
{
    uint32_t len = part.end - part.begin, slack = len / 2 + 128;
    struct wcp_span window = {
        guess > within.begin + slack ? guess - slack : within.begin,
        within.end - guess > len + slack ? guess + len + slack : within.end,
    };
    const struct wcp_units a = cut_out(matcher->places, part);
    const struct wcp_units b = cut_out(matcher->places, window);
    struct wcp_extension ext = {
        .b = &b, .b_at = guess - window.begin, .a_end = a.num, .b_end = b.num
    };
    struct wcp_alignment best;
    struct wcp_reach reach;
    enum wcp_code code;

    ext.a = wide_units(matcher, &a);
    matcher->blocks.list.num = 0;
    if (ext.a == NULL ||
        !wcp_extend(matcher->extender, &ext, &matcher->blocks, &reach))
        return wcp_no_memory(fault);
    if (reach.a == a.num && reach.matched >= a.num - a.num / 8) {
        found_ret->begin = window.begin + matcher->blocks.list.at[0].b;
        found_ret->end = guess + reach.b;
        return WCP_CODE_OK;
    }
    code = best_alignment(matcher, &a, &b, &best, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (best.matched < len / 2)
        best = (struct wcp_alignment){ 0 };
    *found_ret = (struct wcp_span){ window.begin + best.b_begin,
                                    window.begin + best.b_end };
    return WCP_CODE_OK;
}
