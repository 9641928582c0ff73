/*
 * cuts.c - what can be cut so that of every passage one copy stays
 *
 * To cut all copies but the first would lose text.  Copies need not be the
 * same: one may have a paragraph more, which stands nowhere else; or it stands
 * in others too, as a passage whose first copy has just been cut as a part of
 * this one.  So documents are taken in the order in which they are kept, and of
 * each it is noted which units stand elsewhere: they are matched with units of
 * the passage's first copy, which is earlier, and those stand there still or
 * were cut because they stand elsewhere.  A run of others in a copy is kept if
 * it is as long as a passage; shorter ones (a changed word) go with the copy,
 * and are noted as lost, unless there are many of them: then it is a form that
 * was filled in anew.
 */
#include "passage/passage.h"

#include <stdlib.h>
#include <string.h>

enum {
    COVERED = 1, /* lies in a copy that is to go */
    HELD = 2,    /* stands elsewhere */
};

/* The shortest run that counts as held between longer ones that are not: a few
 * letters are alike by chance. */
enum { SOLID = 8 * WCP_WEIGHT_HAN };

/* The share of what is cut that must stand elsewhere.  A document is dropped
 * for .8 of its shingles, which one change in twenty letters breaks: so this is
 * no stricter. */
#define LEAST_HELD .9

struct lost_span {
    uint32_t document, begin, end;
};

struct cutting {
    const struct wcp_memory *mem;
    const struct wcp_units *texts;
    const struct wcp_repetition *repeats;
    struct wcp_passage_limits limits;
    uint64_t least;  /* weight of min_length */
    uint32_t *order; /* repeats by document, begin, and end from the last on */
    uint8_t *marks;  /* of the units of the document at hand */
    WCP_ARRAY(struct lost_span) lost; /* by document and begin */
    struct wcp_unit_cuts *result;
};

/* ---- the order ---- */

struct sort_key {
    uint32_t document, begin, end, repeat;
};

static int
compare_keys(const void *x, const void *y)
{
    const struct sort_key *a = x, *b = y;

    if (a->document != b->document)
        return a->document < b->document ? -1 : 1;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end)
        return a->end > b->end ? -1 : 1;
    return a->repeat < b->repeat ? -1 : a->repeat > b->repeat;
}

static bool
sort_repeats(struct cutting *c, size_t num)
{
    struct sort_key *keys = wcp_new_array(c->mem, num, sizeof *keys);

    if (keys == NULL)
        return false;
    for (size_t i = 0; i < num; i++)
        keys[i] =
            (struct sort_key){ c->repeats[i].document, c->repeats[i].begin,
                               c->repeats[i].end, (uint32_t)i };
    if (num > 0)
        qsort(keys, num, sizeof *keys, compare_keys);
    for (size_t i = 0; i < num; i++)
        c->order[i] = keys[i].repeat;
    wcp_free_array(c->mem, keys, num, sizeof *keys);
    return true;
}

/* ---- what stands elsewhere ---- */

/* The first lost span of the document that ends behind 'at'. */
static size_t
find_lost(const struct cutting *c, uint32_t document, uint32_t at)
{
    size_t low = 0, high = c->lost.num;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct lost_span *span = &c->lost.at[middle];

        if (span->document < document ||
            (span->document == document && span->end <= at))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Units begin .. of the repeat are the same as those of the kept copy from
 * 'there' on. */
static void
hold(struct cutting *c, const struct wcp_repetition *repeat,
     struct wcp_block block)
{
    const struct wcp_repetition *kept = &c->repeats[repeat->first];
    size_t lost;

    if (kept->document == repeat->document) {
        /* What this copy covers itself is no other place. */
        for (uint32_t i = 0; i < block.num && block.b + i < repeat->begin; i++)
            if ((c->marks[block.b + i] & (COVERED | HELD)) != COVERED)
                c->marks[block.a + i] |= HELD;
        return;
    }
    lost = find_lost(c, kept->document, block.b);
    for (uint32_t i = 0; i < block.num; i++) {
        uint32_t at = block.b + i;

        while (lost < c->lost.num && c->lost.at[lost].end <= at &&
               c->lost.at[lost].document == kept->document)
            lost++;
        if (lost == c->lost.num ||
            c->lost.at[lost].document != kept->document ||
            c->lost.at[lost].begin > at)
            c->marks[block.a + i] |= HELD;
    }
}

static struct wcp_units
cut_out(const struct cutting *c, const struct wcp_repetition *repeat)
{
    const struct wcp_units *text = &c->texts[repeat->text];
    size_t width = text->narrow ? 1 : 2;

    return (struct wcp_units){ (const uint8_t *)text->at +
                                   width * repeat->begin,
                               repeat->end - repeat->begin, text->narrow };
}

static enum wcp_code
cover(struct cutting *c, const struct wcp_repetition *repeat,
      struct wcp_fault *fault)
{
    const struct wcp_repetition *kept = &c->repeats[repeat->first];
    const struct wcp_units a = cut_out(c, repeat), b = cut_out(c, kept);
    struct wcp_alignments found;
    enum wcp_code code;

    for (uint32_t i = repeat->begin; i < repeat->end; i++)
        c->marks[i] |= COVERED;
    if (a.num == b.num && a.narrow == b.narrow &&
        memcmp(a.at, b.at, (size_t)a.num * (a.narrow ? 1 : 2)) == 0) {
        hold(c, repeat,
             (struct wcp_block){ repeat->begin, kept->begin, a.num });
        return WCP_CODE_OK;
    }
    code = wcp_align(&found, c->mem, &a, &b, &c->limits, fault);
    if (code != WCP_CODE_OK)
        return code;
    for (size_t i = 0; i < found.blocks.num; i++) {
        const struct wcp_block *block = &found.blocks.at[i];

        hold(c, repeat,
             (struct wcp_block){ repeat->begin + block->a,
                                 kept->begin + block->b, block->num });
    }
    wcp_alignments_release(&found);
    return WCP_CODE_OK;
}

/* ---- runs of marks ---- */

/* Behind the last unit from 'at' on that has just these marks. */
static uint32_t
run_end(const struct cutting *c, uint32_t at, uint32_t end, uint8_t marks)
{
    while (at < end && c->marks[at] == marks)
        at++;
    return at;
}

static uint32_t
covered_end(const struct cutting *c, uint32_t at, uint32_t end)
{
    while (at < end && (c->marks[at] & COVERED) != 0)
        at++;
    return at;
}

/* A few held units in a long run of others are held by chance. */
static void
drop_chance(struct cutting *c, const struct wcp_units *text, uint32_t begin,
            uint32_t end)
{
    uint64_t before = 0;

    for (uint32_t at = begin, held, next; at < end; at = next) {
        uint64_t weight, after;

        held = run_end(c, at, end, COVERED);
        next = run_end(c, held, end, COVERED | HELD);
        before += wcp_units_weight(text, at, held);
        weight = wcp_units_weight(text, held, next);
        after = wcp_units_weight(text, next, run_end(c, next, end, COVERED));
        if (weight < SOLID && weight < before && weight < after) {
            memset(c->marks + held, COVERED, next - held);
            before += weight;
        } else {
            before = 0;
        }
    }
}

static bool
mostly_held(const struct cutting *c, uint32_t begin, uint32_t end)
{
    uint32_t num = 0;

    for (uint32_t i = begin; i < end; i++)
        num += (c->marks[i] & HELD) != 0;
    return num >= LEAST_HELD * (end - begin);
}

/* Keep runs of at least 'limit' that would be lost. */
static void
keep_lost(struct cutting *c, const struct wcp_units *text, uint32_t begin,
          uint32_t end, uint64_t limit)
{
    for (uint32_t at = begin, next; at < end; at = next) {
        next = run_end(c, at, end, COVERED | HELD);
        if (next > at)
            continue;
        next = run_end(c, at, end, COVERED);
        if (wcp_units_weight(text, at, next) >= limit)
            memset(c->marks + at, 0, next - at);
    }
}

/* Have what goes begin and end with what stands elsewhere, or keep it if it is
 * too short. */
static void
trim(struct cutting *c, const struct wcp_units *text, uint32_t begin,
     uint32_t end)
{
    uint32_t first = run_end(c, begin, end, COVERED), last = end;

    while (last > first && c->marks[last - 1] == COVERED)
        last--;
    if (wcp_units_weight(text, first, last) < c->least)
        last = first; /* all of it */
    memset(c->marks + begin, 0, first - begin);
    memset(c->marks + last, 0, end - last);
}

/*
 * Of a covered run, keep what would be lost; then, where too much would be lost
 * still, ever shorter runs, so that what stands elsewhere can go in pieces; and
 * at last what is too short to be cut by itself.
 */
static void
keep_runs(struct cutting *c, const struct wcp_units *text, uint32_t begin,
          uint32_t end)
{
    drop_chance(c, text, begin, end);
    keep_lost(c, text, begin, end, c->least);
    for (uint64_t limit = c->least / 2; limit > 0; limit /= 2)
        for (uint32_t at = begin, next; at < end; at = next + 1) {
            next = covered_end(c, at, end);
            if (next > at && !mostly_held(c, at, next))
                keep_lost(c, text, at, next, limit);
        }
    for (uint32_t at = begin, next; at < end; at = next + 1) {
        next = covered_end(c, at, end);
        if (next > at)
            trim(c, text, at, next);
    }
}

/* ---- one document ---- */

static bool
note_lost(struct cutting *c, uint32_t document, uint32_t num_units)
{
    for (uint32_t at = 0, end; at < num_units; at = end) {
        end = run_end(c, at, num_units, COVERED);
        if (end == at) {
            end++;
            continue;
        }
        if (!wcp_array_grow(c->mem, &c->lost))
            return false;
        c->lost.at[c->lost.num++] = (struct lost_span){ document, at, end };
    }
    return true;
}

/* Say which copy each unit goes with: the one that begins first. */
static bool
list_cuts(struct cutting *c, const uint32_t *order, size_t num)
{
    uint32_t reached = 0;

    for (size_t i = 0; i < num; i++) {
        const struct wcp_repetition *repeat = &c->repeats[order[i]];
        uint32_t at = repeat->begin > reached ? repeat->begin : reached;

        if (repeat->first == order[i])
            continue;
        for (uint32_t end; at < repeat->end; at = end + 1) {
            end = covered_end(c, at, repeat->end);
            if (end == at)
                continue;
            if (!wcp_array_grow(c->mem, &c->result->list))
                return false;
            c->result->list.at[c->result->list.num++] =
                (struct wcp_unit_cut){ order[i], at, end };
        }
        if (reached < repeat->end)
            reached = repeat->end;
    }
    return true;
}

static enum wcp_code
cut_document(struct cutting *c, const uint32_t *order, size_t num,
             struct wcp_fault *fault)
{
    const struct wcp_repetition *any = &c->repeats[order[0]];
    const struct wcp_units *text = &c->texts[any->text];

    memset(c->marks, 0, text->num);
    for (size_t i = 0; i < num; i++) {
        const struct wcp_repetition *repeat = &c->repeats[order[i]];
        enum wcp_code code;

        if (repeat->first == order[i])
            continue;
        code = cover(c, repeat, fault);
        if (code != WCP_CODE_OK)
            return code;
    }
    for (uint32_t at = 0, end; at < text->num; at = end + 1) {
        /* Units that are held but in no copy that goes are of no interest. */
        end = covered_end(c, at, text->num);
        keep_runs(c, text, at, end);
    }
    if (!note_lost(c, any->document, text->num) || !list_cuts(c, order, num))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_cuts_find(struct wcp_unit_cuts *result, const struct wcp_memory *mem,
              const struct wcp_units *texts,
              const struct wcp_repetition *repeats, size_t num,
              const struct wcp_passage_limits *opts, struct wcp_fault *fault)
{
    struct cutting c = { .mem = mem,
                         .texts = texts,
                         .repeats = repeats,
                         .limits = { WCP_PASSAGE_MIN_LENGTH, 2, 0, 1, 0 },
                         .least = (uint64_t)opts->min_length * WCP_WEIGHT_HAN,
                         .result = result };
    enum wcp_code code = WCP_CODE_OK;
    uint32_t longest = 0;

    *result = (struct wcp_unit_cuts){ .mem = mem };
    for (size_t i = 0; i < num; i++)
        if (texts[repeats[i].text].num > longest)
            longest = texts[repeats[i].text].num;
    c.order = wcp_new_array(mem, num, sizeof *c.order);
    c.marks = wcp_new_array(mem, longest, 1);
    if (c.order == NULL || c.marks == NULL || !sort_repeats(&c, num))
        code = wcp_no_memory(fault);
    for (size_t i = 0, end; code == WCP_CODE_OK && i < num; i = end) {
        uint32_t document = repeats[c.order[i]].document;

        for (end = i; end < num; end++)
            if (repeats[c.order[end]].document != document)
                break;
        code = cut_document(&c, c.order + i, end - i, fault);
    }
    wcp_free_array(mem, c.order, num, sizeof *c.order);
    wcp_free_array(mem, c.marks, longest, 1);
    wcp_array_release(mem, &c.lost);
    if (code != WCP_CODE_OK)
        wcp_unit_cuts_release(result);
    return code;
}

void
wcp_unit_cuts_release(struct wcp_unit_cuts *result)
{
    if (result->mem != NULL)
        wcp_array_release(result->mem, &result->list);
    *result = (struct wcp_unit_cuts){ 0 };
}
