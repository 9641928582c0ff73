/*
 * merge.c - pairs of spans -> passages with all their copies
 *
 * Spans that overlap for the most part are one locus.  Loci that were aligned
 * with one another belong to one passage: a union of sets.  That leaves
 * passages inside of longer ones, where a third document took over a part
 * only.  A text is aligned once with what it copies, so the shorter passage
 * does not know yet of the copies that lie in copies of the longer: from the
 * longest to the shortest, what lies in a copy of a longer passage is looked
 * for in its other copies.  A passage that then has no more copies than the
 * one around it is left out.
 *
 * For each passage and each place in a longer one that is done once, so time
 * goes with the copies that are reported.
 */
#include "passage/merge.h"

#include <stdlib.h>
#include <string.h>

/* ---- loci ---- */

static int
compare_members(const void *x, const void *y)
{
    const struct wcp_sorting *p = x, *q = y;

    if (wcp_span_length(p->span) != wcp_span_length(q->span))
        return wcp_span_length(p->span) > wcp_span_length(q->span) ? -1 : 1;
    if (p->span.begin != q->span.begin)
        return p->span.begin < q->span.begin ? -1 : 1;
    return p->number < q->number ? -1 : p->number > q->number;
}

void
wcp_list_spans(const struct wcp_places *places, const struct wcp_linked *pairs,
               size_t num_pairs, const uint32_t *texts, size_t num_texts,
               struct wcp_sorting *spans)
{
    uint32_t number = 0;

    for (size_t i = 0; i < num_pairs; i++) {
        *spans++ = (struct wcp_sorting){ pairs[i].span, number++ };
        *spans++ = (struct wcp_sorting){ pairs[i].other, number++ };
    }
    for (size_t i = 0; i < num_texts; i++) {
        const uint32_t *begins = places->begins + texts[i];

        *spans++ = (struct wcp_sorting){ { begins[0], begins[1] }, number++ };
    }
}

static bool
list_members(struct wcp_merging *m)
{
    const size_t num = 2 * m->num_pairs + m->num_texts;

    if (!wcp_array_reserve(m->mem, &m->members, num))
        return false;
    m->members.num = num;
    wcp_list_spans(m->places, m->pairs, m->num_pairs, m->texts, m->num_texts,
                   m->members.at);
    if (num > 0)
        qsort(m->members.at, num, sizeof *m->members.at, compare_members);
    return true;
}

/* The locus that has most of a span. */
struct choice {
    const struct wcp_merging *m;
    struct wcp_span span;
    uint32_t best, overlap;
};

static bool
choose_locus(void *ctx, uint32_t number)
{
    struct choice *choice = ctx;
    struct wcp_span at = choice->m->loci.list.at[number].span;
    uint32_t overlap = wcp_span_overlap(at, choice->span);

    if ((uint64_t)overlap * 5 >= (uint64_t)wcp_span_length(at) * 4 &&
        (overlap > choice->overlap ||
         (overlap == choice->overlap && number < choice->best))) {
        choice->best = number;
        choice->overlap = overlap;
    }
    return true;
}

/* Note a span that is taken for a locus but goes beyond it by so much that a
 * shorter passage may stand there. */
static bool
note_beyond(struct wcp_merging *m, struct wcp_span span, uint32_t locus)
{
    const struct wcp_sorting *last =
        m->beyond.num > 0 ? &m->beyond.at[m->beyond.num - 1] : NULL;
    uint32_t overlap = wcp_span_overlap(span, m->loci.list.at[locus].span);

    if (wcp_span_length(span) - overlap < m->opts->min_length ||
        (last != NULL && last->number == locus &&
         last->span.begin == span.begin && last->span.end == span.end))
        return true;
    if (!wcp_array_grow(m->mem, &m->beyond))
        return false;
    m->beyond.at[m->beyond.num++] = (struct wcp_sorting){ span, locus };
    return true;
}

/* Longest first, so that a locus has its extent when it is made. */
static bool
make_loci(struct wcp_merging *m)
{
    for (size_t i = 0; i < m->members.num; i++) {
        const struct wcp_sorting *member = &m->members.at[i];
        uint32_t len = wcp_span_length(member->span);
        struct choice choice = { m, member->span, NONE, 0 };

        wcp_loci_each(&m->loci, member->span, len,
                      len > UINT32_MAX / 2 ? UINT32_MAX : len + len / 4 + 1,
                      choose_locus, &choice);
        if (choice.best == NONE &&
            !wcp_loci_add(&m->loci, member->span, NONE, &choice.best))
            return false;
        if (!note_beyond(m, member->span, choice.best))
            return false;
        if (member->number < 2 * m->num_pairs)
            m->locus_of[member->number] = choice.best;
    }
    wcp_array_release(m->mem, &m->members);
    return true;
}

/* ---- sets ---- */

static int
compare_passages(const void *x, const void *y)
{
    const struct wcp_merged *p = x, *q = y;

    if (p->longest != q->longest)
        return p->longest > q->longest ? -1 : 1;
    return p->begin < q->begin ? -1 : p->begin > q->begin;
}

static bool
add_locus(struct wcp_merging *m, struct wcp_merged *passage, uint32_t number)
{
    struct wcp_span span = m->loci.list.at[number].span;

    if (!wcp_array_grow(m->mem, &passage->loci))
        return false;
    passage->loci.at[passage->loci.num++] = number;
    if (wcp_span_length(span) > passage->longest)
        passage->longest = wcp_span_length(span);
    if (span.begin < passage->begin)
        passage->begin = span.begin;
    return true;
}

static bool
list_passages(struct wcp_merging *m, uint32_t *parents)
{
    uint32_t num = (uint32_t)m->loci.list.num;

    for (uint32_t i = 0; i < num; i++) {
        struct wcp_locus *locus = &m->loci.list.at[i];
        uint32_t root = wcp_root_of(parents, i);

        if (root == i) { /* the least of its set: met first */
            if (!wcp_array_grow(m->mem, &m->passages))
                return false;
            locus->owner = (uint32_t)m->passages.num;
            m->passages.at[m->passages.num++] =
                (struct wcp_merged){ .begin = UINT32_MAX, .root = i };
        }
        locus->owner = m->loci.list.at[root].owner;
        if (!add_locus(m, &m->passages.at[locus->owner], i))
            return false;
    }
    if (m->passages.num > 0)
        qsort(m->passages.at, m->passages.num, sizeof *m->passages.at,
              compare_passages);
    for (uint32_t i = 0; i < m->passages.num; i++) {
        struct wcp_merged *passage = &m->passages.at[i];

        passage->made_longest = passage->longest;
        passage->made_begin = passage->begin;
        for (size_t k = 0; k < passage->loci.num; k++)
            m->loci.list.at[passage->loci.at[k]].owner = i;
    }
    return true;
}

/* The pairs are in order, and of two that are as good the first counts. */
static void
make_partners(struct wcp_merging *m, uint32_t a, uint32_t b, uint32_t matched)
{
    struct wcp_locus *x = &m->loci.list.at[a], *y = &m->loci.list.at[b];

    if (a == b)
        return;
    if (matched > x->matched) {
        x->partner = b;
        x->matched = matched;
    }
    if (matched > y->matched) {
        y->partner = a;
        y->matched = matched;
    }
}

static bool
make_passages(struct wcp_merging *m)
{
    size_t num = m->loci.list.num;
    uint32_t *parents = wcp_new_array(m->mem, num, sizeof *parents);
    bool done = parents != NULL;

    for (uint32_t i = 0; done && i < num; i++)
        parents[i] = i;
    for (size_t i = 0; done && i < m->num_pairs; i++) {
        uint32_t a = m->locus_of[2 * i], b = m->locus_of[2 * i + 1];
        uint32_t x = wcp_root_of(parents, a), y = wcp_root_of(parents, b);

        make_partners(m, a, b, m->pairs[i].matched);
        parents[x > y ? x : y] = x < y ? x : y;
    }
    done = done && list_passages(m, parents);
    wcp_free_array(m->mem, parents, num, sizeof *parents);
    return done;
}

/* What shorter passages are looked for in as well. */
static bool
look_beyond(struct wcp_merging *m)
{
    for (size_t i = 0; i < m->beyond.num; i++) {
        const struct wcp_sorting *beyond = &m->beyond.at[i];
        struct wcp_merged *passage =
            &m->passages.at[m->loci.list.at[beyond->number].owner];
        uint32_t number;

        if (!wcp_loci_add(&m->loci, beyond->span, NONE, &number) ||
            !wcp_array_grow(m->mem, &passage->lost))
            return false;
        passage->lost.at[passage->lost.num++] = number;
    }
    wcp_array_release(m->mem, &m->beyond);
    return true;
}

/* ---- copies ---- */

/*
 * A locus gives way to another one of its passage.  Shorter passages may stand
 * where it goes beyond that; and if it is linked to yet another, it may be
 * reported with that.
 */
static bool
lose_locus(struct wcp_merging *m, struct wcp_merged *passage,
           const struct wcp_sorting *lost, const struct wcp_sorting *stays)
{
    uint32_t overlap = wcp_span_overlap(lost->span, stays->span);
    uint32_t len = wcp_span_length(lost->span);

    m->loci.list.at[lost->number].owner = NONE;
    if (len - overlap >= m->opts->min_length) {
        if (!wcp_array_grow(m->mem, &passage->lost))
            return false;
        passage->lost.at[passage->lost.num++] = lost->number;
    }
    if (m->loci.list.at[lost->number].partner == NONE || overlap * 5 > len * 4)
        return true;
    if (!wcp_array_grow(m->mem, &m->orphans))
        return false;
    m->orphans.at[m->orphans.num++] =
        (struct wcp_orphan){ lost->number, m->at_hand };
    return true;
}

/* Put the loci in order and drop of two that overlap the shorter one, so that
 * a copy counts once. */
static bool
settle_loci(struct wcp_merging *m, struct wcp_merged *passage)
{
    size_t num = passage->loci.num, kept = 0;
    struct wcp_sorting *sorted = wcp_new_array(m->mem, num, sizeof *sorted);

    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < num; i++)
        sorted[i] =
            (struct wcp_sorting){ m->loci.list.at[passage->loci.at[i]].span,
                                  passage->loci.at[i] };
    if (num > 0)
        qsort(sorted, num, sizeof *sorted, wcp_compare_sorting);
    for (size_t i = 0; i < num; i++) {
        if (kept > 0 && sorted[i].span.begin < sorted[kept - 1].span.end) {
            bool longer = wcp_span_length(sorted[i].span) >
                          wcp_span_length(sorted[kept - 1].span);
            const struct wcp_sorting *last = &sorted[kept - 1];

            if (!lose_locus(m, passage, longer ? last : &sorted[i],
                            longer ? &sorted[i] : last)) {
                wcp_free_array(m->mem, sorted, num, sizeof *sorted);
                return false;
            }
            if (longer)
                sorted[kept - 1] = sorted[i];
            continue;
        }
        sorted[kept++] = sorted[i];
    }
    passage->loci.num = kept;
    passage->num_copies = 0;
    for (size_t i = 0; i < kept; i++) {
        passage->loci.at[i] = sorted[i].number;
        passage->num_copies +=
            m->counts == NULL
                ? 1
                : m->counts[wcp_place_text(m->places, sorted[i].span.begin)];
    }
    wcp_free_array(m->mem, sorted, num, sizeof *sorted);
    return true;
}

/* ---- passages in longer ones ---- */

/* Copies of longer passages around a locus. */
struct around {
    struct wcp_merging *m;
    struct wcp_span span;
    uint32_t passage;
    uint64_t most_copies;
    bool no_memory;
    WCP_ARRAY(uint32_t) inner;  /* loci of the passage that are looked at */
    WCP_ARRAY(uint32_t) copies; /* loci */
    WCP_ARRAY(size_t) ends;     /* of those around each of 'inner' */
};

static bool
see_around(void *ctx, uint32_t number)
{
    struct around *around = ctx;
    const struct wcp_locus *locus = &around->m->loci.list.at[number];
    uint32_t overlap = wcp_span_overlap(locus->span, around->span);

    if (locus->owner >= around->passage ||
        around->m->passages.at[locus->owner].dropped ||
        (uint64_t)overlap * 10 < (uint64_t)wcp_span_length(around->span) * 9)
        return true;
    if (!wcp_array_grow(around->m->mem, &around->copies)) {
        around->no_memory = true;
        return false;
    }
    around->copies.at[around->copies.num++] = number;
    return true;
}

/* Has the passage a locus about here? */
struct having {
    const struct wcp_merging *m;
    struct wcp_span span;
    uint32_t passage;
    bool found;
};

static bool
see_own(void *ctx, uint32_t number)
{
    struct having *having = ctx;
    const struct wcp_locus *locus = &having->m->loci.list.at[number];

    if (locus->owner == having->passage &&
        wcp_span_overlap(locus->span, having->span) * 2 >=
            wcp_span_length(locus->span))
        having->found = true;
    return !having->found;
}

static bool
has_locus(const struct wcp_merging *m, uint32_t passage, struct wcp_span span)
{
    struct having having = { m, span, passage, false };
    uint32_t len = wcp_span_length(span);

    wcp_loci_each(&m->loci, span, len / 4 + 1,
                  len < UINT32_MAX / 4 ? 2 * len : len, see_own, &having);
    return having.found;
}

/* Whether this nest is known; it is from now on. */
static bool
know_nest(struct wcp_merging *m, uint32_t owner, uint32_t at, uint32_t len,
          bool *known)
{
    *known = true;
    for (size_t i = 0; i < m->nests.num; i++) {
        const struct wcp_nest *nest = &m->nests.at[i];
        uint32_t apart = nest->at > at ? nest->at - at : at - nest->at;

        if (nest->owner == owner && apart <= len / 2)
            return true;
    }
    *known = false;
    if (!wcp_array_grow(m->mem, &m->nests))
        return false;
    m->nests.at[m->nests.num++] = (struct wcp_nest){ owner, at };
    return true;
}

/* List the copies of longer passages around a locus of the passage. */
static bool
look_around(struct around *around, uint32_t locus)
{
    const struct wcp_memory *mem = around->m->mem;

    if (!wcp_array_grow(mem, &around->inner) ||
        !wcp_array_grow(mem, &around->ends))
        return false;
    around->span = around->m->loci.list.at[locus].span;
    wcp_loci_each(&around->m->loci, around->span, wcp_span_length(around->span),
                  UINT32_MAX, see_around, around);
    around->inner.at[around->inner.num++] = locus;
    around->ends.at[around->ends.num++] = around->copies.num;
    return !around->no_memory;
}

/* A place that has what a locus of the passage has, if that is not known. */
static bool
add_inner(struct around *around, struct wcp_span span, struct wcp_span found)
{
    struct wcp_merging *m = around->m;
    uint32_t number;

    if (found.end == found.begin || has_locus(m, around->passage, found))
        return true;
    return wcp_loci_add(&m->loci, found, around->passage, &number) &&
           add_locus(m, &m->passages.at[around->passage], number) &&
           (!wcp_same_units(m->places, span, found) ||
            look_around(around, number));
}

/*
 * Look for the locus 'part', which lies in 'from', in another copy of that:
 * where it is expected and, if it is there unit for unit, anywhere.
 */
static enum wcp_code
carry_to(struct around *around, uint32_t part, struct wcp_span from,
         struct wcp_span to, struct wcp_fault *fault)
{
    struct wcp_merging *m = around->m;
    const struct wcp_span span = m->loci.list.at[part].span;
    const uint32_t len = wcp_span_length(span);
    uint32_t at = span.begin > from.begin ? span.begin - from.begin : 0;
    uint32_t guess = (uint32_t)(to.begin + (uint64_t)at * wcp_span_length(to) /
                                               wcp_span_length(from));
    struct wcp_span found = { guess,
                              to.end - guess < len ? to.end : guess + len };
    bool may_find;
    enum wcp_code code =
        wcp_may_find_span(&m->matcher, span, to, guess, &may_find, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (may_find && !has_locus(m, around->passage, found)) {
        code = wcp_find_span(&m->matcher, span, to, guess, &found, fault);
        if (code != WCP_CODE_OK)
            return code;
        if (!add_inner(around, span, found))
            return wcp_no_memory(fault);
    }
    for (uint32_t i = to.begin;
         (i = wcp_find_same(m->places, span, to, i)) < to.end; i += len)
        if (!add_inner(around, span, (struct wcp_span){ i, i + len }))
            return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

/*
 * Look for the locus 'part', which lies in 'outer', a copy of a longer passage,
 * in the other copies of that.  What is found may lie in others as well; only
 * if it is the same is it carried on from there, for what is a little shorter
 * and a little different each time soon is another text.
 */
static enum wcp_code
carry_over(struct around *around, uint32_t part, uint32_t outer,
           struct wcp_fault *fault)
{
    struct wcp_merging *m = around->m;
    const struct wcp_span span = m->loci.list.at[part].span;
    const struct wcp_span from = m->loci.list.at[outer].span;
    uint32_t owner = m->loci.list.at[outer].owner;
    uint32_t at = span.begin > from.begin ? span.begin - from.begin : 0;
    bool known;

    if (!know_nest(m, owner, at, wcp_span_length(span), &known))
        return wcp_no_memory(fault);
    for (size_t i = 0, num = m->passages.at[owner].loci.num;
         !known && i < num + m->passages.at[owner].lost.num; i++) {
        uint32_t copy = i < num ? m->passages.at[owner].loci.at[i]
                                : m->passages.at[owner].lost.at[i - num];
        enum wcp_code code;

        if (copy == outer)
            continue;
        code = carry_to(around, part, from, m->loci.list.at[copy].span, fault);
        if (code != WCP_CODE_OK)
            return code;
    }
    return WCP_CODE_OK;
}

/*
 * A form that is filled in day by day yields passages of nearly the same
 * copies, each a little shorter.  One that has few copies outside of a longer
 * passage, at least half as long, gives them to that: true, and *absorbed.
 */
static bool
absorb(struct around *around, bool *absorbed)
{
    struct wcp_merging *m = around->m;
    struct wcp_merged *passage = &m->passages.at[around->passage], *to = NULL;
    size_t num_outside = 0;

    for (size_t i = 0; i < around->copies.num; i++) {
        struct wcp_merged *owner =
            &m->passages.at[m->loci.list.at[around->copies.at[i]].owner];

        if (owner->longest / 2 <= passage->longest &&
            (to == NULL || owner->num_copies > to->num_copies))
            to = owner;
    }
    *absorbed = false;
    if (to == NULL)
        return true;
    for (size_t i = 0, k = 0; i < passage->loci.num; i++) {
        bool inside = false;

        for (; k < around->ends.at[i]; k++)
            inside |=
                &m->passages.at[m->loci.list.at[around->copies.at[k]].owner] ==
                to;
        m->outside.at[i] = !inside;
        num_outside += !inside;
    }
    if (num_outside * 4 > to->num_copies)
        return true;
    for (size_t i = 0; i < passage->loci.num; i++) {
        uint32_t number = passage->loci.at[i];

        if (!m->outside.at[i])
            continue;
        m->loci.list.at[number].owner = (uint32_t)(to - m->passages.at);
        if (!add_locus(m, to, number))
            return false;
    }
    passage->dropped = *absorbed = true;
    return settle_loci(m, to);
}

/* Carry over what lies in longer passages to their other copies. */
static enum wcp_code
complete(struct around *around, struct wcp_fault *fault)
{
    struct wcp_merging *m = around->m;
    struct wcp_merged *passage = &m->passages.at[around->passage];
    bool inside = true; /* all of its loci are */

    m->nests.num = 0;
    for (size_t i = 0, k = 0; i < around->inner.num; i++) {
        inside &= k < around->ends.at[i];
        for (; k < around->ends.at[i]; k++) {
            uint32_t copy = around->copies.at[k];
            const struct wcp_merged *owner =
                &m->passages.at[m->loci.list.at[copy].owner];
            enum wcp_code code;

            if (owner->num_copies > around->most_copies)
                around->most_copies = owner->num_copies;
            code = carry_over(around, around->inner.at[i], copy, fault);
            if (code != WCP_CODE_OK)
                return code;
        }
    }
    if (!settle_loci(m, passage))
        return wcp_no_memory(fault);
    passage->dropped = (inside && passage->num_copies <= around->most_copies) ||
                       passage->num_copies < 2;
    return WCP_CODE_OK;
}

static enum wcp_code
nest_passage(struct wcp_merging *m, uint32_t number, struct wcp_fault *fault)
{
    struct around around = { .m = m, .passage = number };
    const size_t num = m->passages.at[number].loci.num;
    bool done = wcp_array_reserve(m->mem, &m->outside, num), absorbed = false;
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; done && i < num; i++)
        done = look_around(&around, m->passages.at[number].loci.at[i]);
    if (!done || !absorb(&around, &absorbed))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK && !absorbed)
        code = complete(&around, fault);
    wcp_array_release(m->mem, &around.inner);
    wcp_array_release(m->mem, &around.copies);
    wcp_array_release(m->mem, &around.ends);
    return code;
}

/* ---- all of it ---- */

void
wcp_merging_release(struct wcp_merging *m)
{
    for (size_t i = 0; i < m->passages.num; i++) {
        wcp_array_release(m->mem, &m->passages.at[i].loci);
        wcp_array_release(m->mem, &m->passages.at[i].lost);
    }
    wcp_array_release(m->mem, &m->passages);
    wcp_array_release(m->mem, &m->members);
    wcp_array_release(m->mem, &m->beyond);
    wcp_array_release(m->mem, &m->nests);
    wcp_array_release(m->mem, &m->outside);
    wcp_array_release(m->mem, &m->todo);
    wcp_array_release(m->mem, &m->orphans);
    wcp_array_release(m->mem, &m->orders);
    wcp_loci_release(&m->loci);
    wcp_free_array(m->mem, m->locus_of, 2 * m->num_pairs, sizeof *m->locus_of);
    wcp_matcher_release(&m->matcher);
}

/* What gives way now is put as if this passage had been merged with all. */
static void
take_in_hand(struct wcp_merging *m, enum wcp_put_phase phase, uint32_t number)
{
    const struct wcp_merged *passage = &m->passages.at[number];

    m->at_hand = (struct wcp_put_order){ phase, passage->made_longest,
                                         passage->made_begin };
}

enum wcp_code
wcp_merge_pairs(struct wcp_merging *m, struct wcp_fault *fault)
{
    enum wcp_code code = wcp_matcher_init(&m->matcher, m->places, fault);

    m->locus_of = wcp_new_array(m->mem, 2 * m->num_pairs, sizeof *m->locus_of);
    if (code == WCP_CODE_OK &&
        (m->locus_of == NULL ||
         !wcp_loci_init(&m->loci, m->mem, 2 * m->num_pairs) ||
         !list_members(m) || !make_loci(m) || !make_passages(m) ||
         !look_beyond(m)))
        code = wcp_no_memory(fault);
    for (uint32_t i = 0; code == WCP_CODE_OK && i < m->passages.num; i++) {
        take_in_hand(m, WCP_PUT_SETTLED, i);
        if (!settle_loci(m, &m->passages.at[i]))
            code = wcp_no_memory(fault);
    }
    for (uint32_t i = 0; code == WCP_CODE_OK && i < m->passages.num; i++) {
        take_in_hand(m, WCP_PUT_NESTED, i);
        code = nest_passage(m, i, fault);
    }
    return code;
}
