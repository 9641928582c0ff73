/*
 * compare.c - two texts side by side: how alike, and where
 *
 * Copying in the manner of Lempel and Ziv: walk text a; where a shingle of it
 * stands in b too, take the place in b that goes on being the same for
 * longest, make the whole of it a run, and go on behind.  What was left over
 * in b is then walked likewise against a, which finds what b repeats.  Unlike
 * an alignment this needs no order: paragraphs that were moved are found where
 * they went.  Only few places are tried for a shingle, the nearest ones and the
 * first, so that time stays near linear: a try costs what the longest wins.
 */
#include "group/compare.h"

#include <stdlib.h>
#include <string.h>

/* Places tried on either side of where the last run ended. */
enum { MAX_TRIES = 8 };

/* A folded text and where its shingles stand. */
struct side {
    struct wcp_folded folded;
    uint64_t *places; /* hash << 32 | first unit, ascending */
    size_t num_places;
    size_t num_allocated;
};

/* A run as units of one text and, if it is shared, of the other. */
struct stretch {
    uint32_t at, other_at, num;
    bool shared, again;
};

struct stretches {
    WCP_ARRAY(struct stretch) list;
};

struct pairing {
    const struct wcp_memory *mem;
    struct side sides[2];
    unsigned shingle;
    struct stretches found[2]; /* of a by place in a, of b by place in b */
};

static bool
is_low_surrogate(uint16_t u)
{
    return (u & 0xFC00) == 0xDC00;
}

/* ---- shingles and their places ---- */

/* Units of the shingle that begins at i; 0 where none does. */
static size_t
shingle_at(const struct pairing *p, const struct wcp_folded *folded, size_t i)
{
    size_t len = p->shingle;

    if (is_low_surrogate(folded->units[i]))
        return 0;
    if (len == 0)
        len = wcp_unit_is_east_asian(folded->units[i]) ? WCP_SHINGLE_HAN
                                                       : WCP_SHINGLE_OTHER;
    return len <= folded->num - i ? len : 0;
}

/* Hashes only lead to places, which are compared: 32 bits will do. */
static uint32_t
hash_units(const uint16_t *units, size_t num)
{
    uint64_t hash = num;

    for (size_t i = 0; i < num; i++)
        hash = (hash ^ units[i]) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(hash >> 32);
}

static bool
list_places(const struct pairing *p, struct side *side)
{
    const struct wcp_folded *folded = &side->folded;
    size_t num = 0;
    uint64_t *scratch;

    side->places = wcp_new_array(p->mem, folded->num, sizeof *side->places);
    scratch = wcp_new_array(p->mem, folded->num, sizeof *scratch);
    side->num_allocated = folded->num;
    if (side->places != NULL && scratch != NULL) {
        for (size_t i = 0; i < folded->num; i++) {
            size_t len = shingle_at(p, folded, i);

            if (len > 0)
                side->places[num++] =
                    (uint64_t)hash_units(folded->units + i, len) << 32 | i;
        }
        wcp_sort_u64(side->places, scratch, num);
        side->num_places = num;
    }
    wcp_free_array(p->mem, scratch, folded->num, sizeof *scratch);
    return side->places != NULL && scratch != NULL;
}

/* The index of the first place that is not below 'key'. */
static size_t
first_place(const struct side *side, uint64_t key)
{
    size_t low = 0, high = side->num_places;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (side->places[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- walking one text along the other ---- */

/* One region of text x that is walked along text y. */
struct walk {
    const struct pairing *p;
    const struct side *x, *y;
    size_t end;            /* of the region */
    size_t x_end, y_end;   /* where the last run ended */
    size_t at, len;        /* the shingle at hand */
    size_t best, num_best; /* its longest continuation in y so far */
};

static void
try_place(struct walk *walk, size_t place)
{
    const struct wcp_folded *x = &walk->x->folded, *y = &walk->y->folded;
    size_t most = walk->end - walk->at, num = 0;

    if (place > y->num)
        return;
    if (most > y->num - place)
        most = y->num - place;
    while (num < most && x->units[walk->at + num] == y->units[place + num])
        num++;
    if (num < walk->len || num <= walk->num_best)
        return;
    walk->best = place;
    walk->num_best = num;
}

/* Look for the shingle at hand.  False where y does not have it. */
static bool
look_up(struct walk *walk)
{
    const uint16_t *units = walk->x->folded.units + walk->at;
    const struct side *y = walk->y;
    uint64_t hash = hash_units(units, walk->len);
    uint64_t here = walk->y_end + (walk->at - walk->x_end);
    size_t first = first_place(y, hash << 32);
    size_t next = first_place(y, hash << 32 | (here & UINT32_MAX));

    walk->num_best = 0;
    try_place(walk, (size_t)here);
    if (first < y->num_places && y->places[first] >> 32 == hash)
        try_place(walk, (size_t)(y->places[first] & UINT32_MAX));
    for (size_t i = next, tries = 0;
         i < y->num_places && tries < MAX_TRIES && y->places[i] >> 32 == hash;
         i++, tries++)
        try_place(walk, (size_t)(y->places[i] & UINT32_MAX));
    for (size_t i = next, tries = 0;
         i > 0 && tries < MAX_TRIES && y->places[i - 1] >> 32 == hash;
         i--, tries++)
        try_place(walk, (size_t)(y->places[i - 1] & UINT32_MAX));
    return walk->num_best > 0;
}

static bool
add_stretch(const struct pairing *p, struct stretches *to, size_t at,
            size_t other_at, size_t num)
{
    if (num == 0)
        return true;
    if (!wcp_array_grow(p->mem, &to->list))
        return false;
    to->list.at[to->list.num++] =
        (struct stretch){ (uint32_t)at, (uint32_t)other_at, (uint32_t)num,
                          other_at != SIZE_MAX, false };
    return true;
}

/* A character of two units must not be cut where only its first is shared. */
static size_t
whole_characters(const struct wcp_folded *folded, size_t at, size_t num)
{
    return at + num < folded->num && is_low_surrogate(folded->units[at + num])
               ? num - 1
               : num;
}

/* Walk units begin .. end of text 'side' along the other text. */
static bool
walk_region(const struct pairing *p, int side, size_t begin, size_t end,
            struct stretches *to)
{
    struct walk walk = { .p = p,
                         .x = &p->sides[side],
                         .y = &p->sides[1 - side],
                         .end = end,
                         .x_end = begin };
    size_t i = begin;

    while (i < end) {
        size_t start = i, from, num;

        walk.at = i;
        walk.len = shingle_at(p, &walk.x->folded, i);
        if (walk.len == 0 || walk.len > end - i || !look_up(&walk)) {
            i++;
            continue;
        }
        /* Where scripts meet, letters before the shingle may agree too. */
        from = walk.best;
        while (start > walk.x_end && from > 0 &&
               walk.x->folded.units[start - 1] ==
                   walk.y->folded.units[from - 1]) {
            start--;
            from--;
        }
        if (is_low_surrogate(walk.x->folded.units[start])) {
            start++;
            from++;
        }
        num = whole_characters(&walk.x->folded, start,
                               walk.num_best + (i - start));
        num = whole_characters(&walk.y->folded, from, num);
        if (num == 0) { /* half a character, with shingles of one unit */
            i++;
            continue;
        }
        if (!add_stretch(p, to, walk.x_end, SIZE_MAX, start - walk.x_end) ||
            !add_stretch(p, to, start, from, num))
            return false;
        walk.x_end = i = start + num;
        walk.y_end = from + num;
    }
    return add_stretch(p, to, walk.x_end, SIZE_MAX, end - walk.x_end);
}

/* ---- both texts ---- */

static int
compare_other_at(const void *x, const void *y)
{
    const struct stretch *p = x, *q = y;

    if (p->other_at != q->other_at)
        return p->other_at < q->other_at ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

/* The shared stretches of a, by their place in b.  NULL: out of memory. */
static struct stretch *
sort_by_other(const struct pairing *p, size_t *num_ret)
{
    const struct stretches *found = &p->found[0];
    struct stretch *sorted =
        wcp_new_array(p->mem, found->list.num, sizeof *sorted);
    size_t num = 0;

    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < found->list.num; i++)
        if (found->list.at[i].shared)
            sorted[num++] = found->list.at[i];
    if (num > 0)
        qsort(sorted, num, sizeof *sorted, compare_other_at);
    *num_ret = num;
    return sorted;
}

/* What the runs of a leave over in b. */
static bool
walk_rest(struct pairing *p)
{
    struct stretches *to = &p->found[1];
    size_t num = 0, end = 0;
    struct stretch *sorted = sort_by_other(p, &num);
    bool done = sorted != NULL;

    for (size_t i = 0; done && i < num; i++) {
        size_t begin = sorted[i].other_at;

        if (begin > end)
            done = walk_region(p, 1, end, begin, to);
        if (begin + sorted[i].num > end)
            end = begin + sorted[i].num;
    }
    if (done && end < p->sides[1].folded.num)
        done = walk_region(p, 1, end, p->sides[1].folded.num, to);
    wcp_free_array(p->mem, sorted, p->found[0].list.num, sizeof *sorted);
    return done;
}

static int
compare_lengths(const void *x, const void *y)
{
    const struct stretch *p = *(struct stretch *const *)x;
    const struct stretch *q = *(struct stretch *const *)y;

    if (p->num != q->num)
        return p->num > q->num ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

/* Mark the runs of a whose place in b another one has, for the most part; of
 * two the longer one stays, which is likely to be what it seems.  What b has
 * left over and a has too is a repetition in any case. */
static bool
mark_repetitions(struct pairing *p)
{
    size_t num_used, num = p->sides[1].folded.num;
    size_t num_runs = p->found[0].list.num;
    uint8_t *used = wcp_new_zeroed(p->mem, num, 1);
    struct stretch **runs = wcp_new_array(p->mem, num_runs, sizeof *runs);
    bool made = used != NULL && runs != NULL;

    for (size_t i = 0; made && i < num_runs; i++)
        runs[i] = &p->found[0].list.at[i];
    if (made && num_runs > 0)
        qsort(runs, num_runs, sizeof(struct stretch *), compare_lengths);
    for (size_t i = 0; made && i < num_runs; i++) {
        num_used = 0;
        for (size_t k = 0; runs[i]->shared && k < runs[i]->num; k++) {
            num_used += used[runs[i]->other_at + k];
            used[runs[i]->other_at + k] = 1;
        }
        runs[i]->again = num_used > runs[i]->num / 2;
    }
    for (size_t i = 0; i < p->found[1].list.num; i++)
        p->found[1].list.at[i].again = p->found[1].list.at[i].shared;
    wcp_free_array(p->mem, used, num, 1);
    wcp_free_array(p->mem, runs, num_runs, sizeof(struct stretch *));
    return made;
}

/* Texts without a window are one shingle each: the same or not. */
static bool
pair_whole_texts(struct pairing *p, bool same)
{
    size_t num_a = p->sides[0].folded.num, num_b = p->sides[1].folded.num;

    if (same)
        return add_stretch(p, &p->found[0], 0, 0, num_a);
    return add_stretch(p, &p->found[0], 0, SIZE_MAX, num_a) &&
           add_stretch(p, &p->found[1], 0, SIZE_MAX, num_b);
}

/* ---- units -> runs ---- */

static uint32_t
count_characters(const struct wcp_folded *folded, size_t at, size_t num)
{
    uint32_t count = 0;

    for (size_t i = at; i < at + num; i++)
        count += !is_low_surrogate(folded->units[i]);
    return count;
}

/* A run of one list, and where it goes among those of a. */
struct placed_run {
    struct wcp_text_run run;
    uint32_t slot; /* it stands before this entry of a's list */
    uint32_t order;
};

static void
locate(const struct wcp_folded *folded, size_t at, size_t num,
       uint32_t *begin_ret, uint32_t *end_ret)
{
    *begin_ret = folded->begins[at];
    *end_ret = folded->ends[at + num - 1];
}

static enum wcp_run_kind
kind_of(const struct stretch *stretch, int side)
{
    if (stretch->again)
        return side == 0 ? WCP_RUN_A_AGAIN : WCP_RUN_B_AGAIN;
    if (stretch->shared)
        return WCP_RUN_BOTH;
    return side == 0 ? WCP_RUN_A : WCP_RUN_B;
}

static struct wcp_text_run
make_run(const struct pairing *p, int side, const struct stretch *from)
{
    size_t at[2] = { from->at, from->other_at };
    const struct wcp_folded *a = &p->sides[0].folded;
    const struct wcp_folded *b = &p->sides[1].folded;
    struct wcp_text_run run = {
        .in = kind_of(from, side),
        .length = count_characters(&p->sides[side].folded, from->at, from->num),
    };

    if (side == 0 || from->shared)
        locate(a, at[side], from->num, &run.a_begin, &run.a_end);
    if (side == 1 || from->shared)
        locate(b, at[1 - side], from->num, &run.b_begin, &run.b_end);
    return run;
}

static int
compare_placed(const void *x, const void *y)
{
    const struct placed_run *p = x, *q = y;

    if (p->slot != q->slot)
        return p->slot < q->slot ? -1 : 1;
    return p->order < q->order ? -1 : p->order > q->order;
}

/* The entry of a's list before which a run of b at 'at' goes: behind the run
 * that precedes it in b, and behind what only a has there. */
static size_t
slot_for(const struct stretches *a, const struct stretch *sorted, size_t num,
         size_t at)
{
    size_t low = 0, high = num;
    size_t slot = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sorted[middle].other_at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0) {
        /* Entries of a are ascending by their place in a. */
        size_t first = 0, last = a->list.num;

        while (first + 1 < last) {
            size_t middle = first + (last - first) / 2;

            if (a->list.at[middle].at <= sorted[low - 1].at)
                first = middle;
            else
                last = middle;
        }
        slot = first + 1;
    }
    while (slot < a->list.num && !a->list.at[slot].shared)
        slot++;
    return slot;
}

/* The entries of b, with their slots, in order of those. */
static enum wcp_code
merge_runs(struct wcp_side_by_side *result, const struct pairing *p,
           struct wcp_fault *fault)
{
    const struct stretches *a = &p->found[0], *b = &p->found[1];
    size_t num_b = b->list.num, num = 0, next = 0;
    struct stretch *sorted = sort_by_other(p, &num);
    struct placed_run *placed = wcp_new_array(p->mem, num_b, sizeof *placed);
    bool made =
        sorted != NULL && placed != NULL &&
        wcp_array_reserve(result->mem, &result->runs, a->list.num + num_b);

    for (size_t i = 0; made && i < num_b; i++)
        placed[i] = (struct placed_run){
            .run = make_run(p, 1, &b->list.at[i]),
            .slot = (uint32_t)slot_for(a, sorted, num, b->list.at[i].at),
            .order = (uint32_t)i,
        };
    if (made && num_b > 0)
        qsort(placed, num_b, sizeof *placed, compare_placed);
    for (size_t i = 0; made && i <= a->list.num; i++) {
        for (; next < num_b && placed[next].slot == i; next++)
            result->runs.at[result->runs.num++] = placed[next].run;
        if (i < a->list.num)
            result->runs.at[result->runs.num++] =
                make_run(p, 0, &a->list.at[i]);
    }
    wcp_free_array(p->mem, sorted, a->list.num, sizeof *sorted);
    wcp_free_array(p->mem, placed, num_b, sizeof *placed);
    return made ? WCP_CODE_OK : wcp_no_memory(fault);
}

/* ---- how alike ---- */

static unsigned
count_bits(uint64_t bits)
{
    unsigned num = 0;

    for (; bits != 0; bits &= bits - 1)
        num++;
    return num;
}

static void
compare_signatures(const struct pairing *p, struct wcp_sketcher *sketcher,
                   enum wcp_signature_kind kind, struct wcp_likeness *likeness)
{
    unsigned wanted = (kind == WCP_SIG_MINHASH_CLASSIC ? WCP_WANT_CLASSIC
                                                       : WCP_WANT_MINHASH) |
                      WCP_WANT_SIMHASH;
    struct wcp_signature sigs[2];

    for (int i = 0; i < 2; i++)
        wcp_sketch(sketcher, p->sides[i].folded.units, p->sides[i].folded.num,
                   wanted, &sigs[i]);
    for (int i = 0; i < WCP_NUM_BINS; i++)
        likeness->equal_values += sigs[0].minhash[i] == sigs[1].minhash[i];
    likeness->simhash_distance = count_bits(sigs[0].simhash ^ sigs[1].simhash);
}

static enum wcp_code
measure(const struct pairing *p, enum wcp_signature_kind kind,
        struct wcp_likeness *likeness, struct wcp_fault *fault)
{
    const struct wcp_folded *a = &p->sides[0].folded;
    const struct wcp_folded *b = &p->sides[1].folded;
    struct wcp_shingle_set sets[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
    struct wcp_sketcher *sketcher = NULL;
    enum wcp_code code = wcp_sketcher_new(p->mem, p->shingle, &sketcher, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (wcp_shingle_set_make(sketcher, a->units, a->num, &sets[0]) &&
        wcp_shingle_set_make(sketcher, b->units, b->num, &sets[1])) {
        likeness->overlap = (struct wcp_overlap){
            (uint32_t)wcp_shingle_set_common(&sets[0], &sets[1]),
            (uint32_t)sets[0].num, (uint32_t)sets[1].num
        };
        compare_signatures(p, sketcher, kind, likeness);
    } else {
        code = wcp_no_memory(fault);
    }
    wcp_shingle_set_release(sketcher, &sets[0]);
    wcp_shingle_set_release(sketcher, &sets[1]);
    wcp_sketcher_free(sketcher);
    likeness->a_length = count_characters(a, 0, a->num);
    likeness->b_length = count_characters(b, 0, b->num);
    likeness->same_text =
        a->num > 0 && a->num == b->num &&
        memcmp(a->units, b->units, a->num * sizeof *a->units) == 0;
    return code;
}

static enum wcp_code
find_runs(struct wcp_side_by_side *result, struct pairing *p,
          struct wcp_fault *fault)
{
    bool done;

    if (!list_places(p, &p->sides[0]) || !list_places(p, &p->sides[1]))
        return wcp_no_memory(fault);
    if (p->sides[0].num_places == 0 || p->sides[1].num_places == 0)
        done = pair_whole_texts(p, result->likeness.same_text);
    else
        done = walk_region(p, 0, 0, p->sides[0].folded.num, &p->found[0]) &&
               walk_rest(p) && mark_repetitions(p);
    return done ? merge_runs(result, p, fault) : wcp_no_memory(fault);
}

enum wcp_code
wcp_compare_texts(struct wcp_side_by_side *result, const struct wcp_memory *mem,
                  const struct wcp_string texts[2], unsigned shingle,
                  enum wcp_signature_kind kind, struct wcp_fault *fault)
{
    struct pairing p = { .mem = mem, .shingle = shingle };
    enum wcp_code code = WCP_CODE_OK;

    *result = (struct wcp_side_by_side){ .mem = mem };
    for (int i = 0; i < 2; i++) {
        wcp_folded_init(&p.sides[i].folded, mem);
        if (code == WCP_CODE_OK && texts[i].len >= UINT32_MAX)
            code = wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                            "a text of 4 GiB or more");
        if (code == WCP_CODE_OK &&
            !wcp_fold_with_offsets(&p.sides[i].folded, texts[i].data,
                                   texts[i].len))
            code = wcp_no_memory(fault);
    }
    if (code == WCP_CODE_OK)
        code = measure(&p, kind, &result->likeness, fault);
    if (code == WCP_CODE_OK)
        code = find_runs(result, &p, fault);
    for (int i = 0; i < 2; i++) {
        wcp_free_array(mem, p.sides[i].places, p.sides[i].num_allocated,
                       sizeof *p.sides[i].places);
        wcp_folded_release(&p.sides[i].folded);
        wcp_array_release(mem, &p.found[i].list);
    }
    if (code != WCP_CODE_OK)
        wcp_side_by_side_release(result);
    return code;
}

void
wcp_side_by_side_release(struct wcp_side_by_side *result)
{
    if (result->mem == NULL)
        return;
    wcp_array_release(result->mem, &result->runs);
}
