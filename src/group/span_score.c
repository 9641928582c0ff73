/*
 * span_score.c - characters and spans in both, gold and found
 *
 * Spans overlap: a passage inside of a longer one is one too.  A character
 * counts once, however many spans it lies in.
 */
#include "group/spans.h"

#include <stdlib.h>

/* ---- characters ---- */

static int
compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int
by_place(const void *x, const void *y)
{
    const struct wcp_text_span *a = x, *b = y;
    int order = compare_numbers(a->document, b->document);

    if (order == 0)
        order = compare_numbers(a->begin, b->begin);
    return order != 0 ? order : compare_numbers(b->end, a->end);
}

static int
by_number(const void *x, const void *y)
{
    const struct wcp_text_span *a = x, *b = y;
    int order = compare_numbers(a->number, b->number);

    return order != 0 ? order : by_place(x, y);
}

static void
sort(struct wcp_text_span *spans, size_t num,
     int (*order)(const void *, const void *))
{
    if (num > 0)
        qsort(spans, num, sizeof *spans, order);
}

/* From *at on, the span that this one and those that overlap it make. */
static struct wcp_text_span
next_union(const struct wcp_text_span *spans, size_t num, size_t *at)
{
    struct wcp_text_span all = spans[(*at)++];

    for (; *at < num && spans[*at].document == all.document &&
           spans[*at].begin <= all.end;
         ++*at)
        if (all.end < spans[*at].end)
            all.end = spans[*at].end;
    return all;
}

static uint64_t
count_characters(const struct wcp_text_span *spans, size_t num)
{
    uint64_t sum = 0;

    for (size_t at = 0; at < num;) {
        struct wcp_text_span all = next_union(spans, num, &at);

        sum += all.end - all.begin;
    }
    return sum;
}

static uint64_t
overlap(const struct wcp_text_span *a, const struct wcp_text_span *b)
{
    uint64_t begin = a->begin > b->begin ? a->begin : b->begin;
    uint64_t end = a->end < b->end ? a->end : b->end;

    return a->document == b->document && end > begin ? end - begin : 0;
}

/* Whether a ends before b does. */
static bool
ends_first(const struct wcp_text_span *a, const struct wcp_text_span *b)
{
    return a->document != b->document ? a->document < b->document
                                      : a->end < b->end;
}

static uint64_t
count_common(const struct wcp_text_spans *a, const struct wcp_text_spans *b)
{
    size_t i = 0, k = 0;
    struct wcp_text_span x, y;
    uint64_t sum = 0;

    if (a->list.num == 0 || b->list.num == 0)
        return 0;
    x = next_union(a->list.at, a->list.num, &i);
    y = next_union(b->list.at, b->list.num, &k);
    for (;;) {
        sum += overlap(&x, &y);
        if (ends_first(&x, &y)) {
            if (i == a->list.num)
                return sum;
            x = next_union(a->list.at, a->list.num, &i);
        } else {
            if (k == b->list.num)
                return sum;
            y = next_union(b->list.at, b->list.num, &k);
        }
    }
}

/* ---- spans ---- */

struct covering {
    const struct wcp_text_spans *gold; /* by place */
    uint64_t *reach;   /* [gold], the last end of its document so far */
    uint64_t *covered; /* [gold], characters in the passage at hand */
    bool *found;       /* [gold] */
    WCP_ARRAY(uint32_t) touched;
};

/* The first span of the gold that begins at this place or later. */
static size_t
first_from(const struct wcp_text_spans *gold, uint32_t document, uint64_t place)
{
    size_t low = 0, high = gold->list.num;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct wcp_text_span *span = &gold->list.at[middle];

        if (span->document < document ||
            (span->document == document && span->begin < place))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A part of a passage covers what it covers. */
static bool
cover(struct covering *c, const struct wcp_text_span *part)
{
    const struct wcp_text_span *gold = c->gold->list.at;

    for (size_t i = first_from(c->gold, part->document, part->end);
         i > 0 && gold[i - 1].document == part->document &&
         c->reach[i - 1] > part->begin;
         i--) {
        uint64_t common = overlap(&gold[i - 1], part);

        if (common == 0)
            continue;
        if (c->covered[i - 1] == 0) {
            if (!wcp_array_grow(c->gold->mem, &c->touched))
                return false;
            c->touched.at[c->touched.num++] = (uint32_t)(i - 1);
        }
        c->covered[i - 1] += common;
    }
    return true;
}

/* Those of which nine tenths are covered, if their cluster has two of them. */
static void
settle(struct covering *c)
{
    const struct wcp_text_span *gold = c->gold->list.at;
    size_t num = 0;

    for (size_t i = 0; i < c->touched.num; i++) {
        uint32_t k = c->touched.at[i];

        if (10 * c->covered[k] >= 9 * (gold[k].end - gold[k].begin))
            c->touched.at[num++] = k;
        c->covered[k] = 0;
    }
    for (size_t i = 0; i < num; i++)
        for (size_t k = 0; k < num && !c->found[c->touched.at[i]]; k++)
            c->found[c->touched.at[i]] =
                k != i &&
                gold[c->touched.at[i]].number == gold[c->touched.at[k]].number;
    c->touched.num = 0;
}

static bool
cover_all(struct covering *c, struct wcp_text_spans *found)
{
    struct wcp_text_span *spans = found->list.at;
    size_t num = found->list.num;

    sort(spans, num, by_number);
    for (size_t at = 0, end; at < num; at = end) {
        for (end = at; end < num && spans[end].number == spans[at].number;)
            end++;
        while (at < end) {
            struct wcp_text_span part = next_union(spans, end, &at);

            if (!cover(c, &part))
                return false;
        }
        settle(c);
    }
    return true;
}

static enum wcp_code
count_found(const struct wcp_text_spans *gold, struct wcp_text_spans *found,
            struct wcp_span_counts *counts, struct wcp_fault *fault)
{
    size_t num = gold->list.num;
    struct covering c = {
        .gold = gold,
        .reach = wcp_new_array(gold->mem, num, sizeof *c.reach),
        .covered = wcp_new_zeroed(gold->mem, num, sizeof *c.covered),
        .found = wcp_new_zeroed(gold->mem, num, sizeof *c.found),
    };
    bool done = c.reach != NULL && c.covered != NULL && c.found != NULL;

    for (size_t i = 0; done && i < num; i++) {
        const struct wcp_text_span *span = &gold->list.at[i];

        c.reach[i] = span->end;
        if (i > 0 && span[-1].document == span->document &&
            c.reach[i - 1] > span->end)
            c.reach[i] = c.reach[i - 1];
    }
    done = done && cover_all(&c, found);
    counts->spans = num;
    counts->spans_found = 0;
    for (size_t i = 0; done && i < num; i++)
        counts->spans_found += c.found[i];
    wcp_free_array(gold->mem, c.reach, num, sizeof *c.reach);
    wcp_free_array(gold->mem, c.covered, num, sizeof *c.covered);
    wcp_free_array(gold->mem, c.found, num, sizeof *c.found);
    wcp_array_release(gold->mem, &c.touched);
    return done ? WCP_CODE_OK : wcp_no_memory(fault);
}

enum wcp_code
wcp_count_spans(struct wcp_text_spans *gold, struct wcp_text_spans *found,
                struct wcp_span_counts *counts, struct wcp_fault *fault)
{
    sort(gold->list.at, gold->list.num, by_place);
    sort(found->list.at, found->list.num, by_place);
    counts->gold = count_characters(gold->list.at, gold->list.num);
    counts->found = count_characters(found->list.at, found->list.num);
    counts->both = count_common(gold, found);
    return count_found(gold, found, counts, fault);
}
