/*
 * judge.c - what speaks against pairs of texts that look like copies
 *
 * The texts of each pair are read again and aligned (slots.c).  Where one has
 * words of its own in place of the other's, others are looked for that hold
 * what the two share (strangers.c).
 */
#include "group/judge.h"

#include "group/slots.h"
#include "passage/passage.h"

enum { RUN = 16 }; /* pairs that a thread takes at a time */
/* Units of a beginning or an end that weigh enough for pieces.c. */
enum { LEAST_END = 3 * WCP_PASSAGE_MIN_LENGTH };
/* Texts that have less of their own, as a part of the frame, have no room for
 * another story: below .05 no caption was seen. */
#define OWN .05

/* Where one text is too long to be another issue of the other's form (slots.h)
 * the shorter one has something of its own if so much of its shingles is
 * missing in the longer. */
#define OWN_SHINGLES .1

/* Verdicts of relation.h, and for the time being */
enum { SUSPECT = WCP_REL_NUM_KINDS };

struct judging {
    struct wcp_store *store;
    struct wcp_class_pair *pairs;
    size_t num;
    double threshold;
};

/* The folded text of a class, kept until another one is asked for. */
struct side {
    struct wcp_store_worker *worker;
    uint32_t class_number;
    const struct wcp_folded *folded;
};

static uint32_t
document_of(const struct wcp_store *store, uint32_t c)
{
    return store->class_documents[store->class_begins[c]];
}

static uint32_t
units_of(const struct wcp_store *store, uint32_t c)
{
    return store->entries[document_of(store, c)].num_units;
}

static bool
is_copy(const struct judging *j, const struct wcp_overlap *overlap)
{
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;

    return less > 0 && (double)overlap->common / less >= j->threshold;
}

/* ---- alignment ---- */

static enum wcp_code
fetch(const struct judging *j, struct side *side, uint32_t c,
      struct wcp_fault *fault)
{
    struct wcp_string text;
    enum wcp_code code = WCP_CODE_OK;

    if (side->worker == NULL)
        code = wcp_store_worker_new(j->store, &side->worker, fault);
    else if (side->folded != NULL && side->class_number == c)
        return WCP_CODE_OK;
    side->folded = NULL;
    side->class_number = c;
    if (code == WCP_CODE_OK)
        code = wcp_store_fetch_folded(side->worker, document_of(j->store, c),
                                      false, &text, &side->folded, fault);
    return code;
}

static bool
is_low_surrogate(uint16_t unit)
{
    return (unit & 0xFC00) == 0xDC00;
}

/*
 * Whether one text is the other with something put in at one place.  Then
 * nothing is in another's place, which is all that a form or a caption is known
 * by, and both ends are what an alignment begins with: none is needed.
 */
static bool
is_insertion(const struct wcp_folded *a, const struct wcp_folded *b)
{
    const struct wcp_folded *less = a->num < b->num ? a : b;
    const struct wcp_folded *more = a->num < b->num ? b : a;
    size_t head = 0, tail = 0;

    while (head < less->num && less->units[head] == more->units[head])
        head++;
    while (tail < less->num - head && less->units[less->num - 1 - tail] ==
                                          more->units[more->num - 1 - tail])
        tail++;
    return head >= LEAST_END && tail >= LEAST_END && head + tail == less->num &&
           !is_low_surrogate(less->units[head]) &&
           !is_low_surrogate(more->units[head]) &&
           !is_low_surrogate(more->units[more->num - tail]);
}

/* Whether both may tell stories of their own around what they share. */
static bool
have_own(const struct wcp_slots *slots)
{
    return slots->num_figures + slots->num_words + slots->num_passages > 0 &&
           (double)(slots->replaced + slots->inserted) >=
               OWN * (double)slots->frame;
}

/* Whether shares and lengths say it all; then the verdict stands. */
static bool
is_settled(const struct judging *j, struct wcp_class_pair *pair)
{
    const struct wcp_overlap *overlap = &pair->overlap;
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;
    const uint32_t a = units_of(j->store, pair->a);
    const uint32_t b = units_of(j->store, pair->b);

    /* Nothing in the one is put for something in the other. */
    if (!is_copy(j, overlap) || overlap->common == less ||
        a > WCP_SLOTS_MAX_UNITS || b > WCP_SLOTS_MAX_UNITS)
        return true;
    if (a / WCP_SLOTS_MAX_RATIO <= b && b / WCP_SLOTS_MAX_RATIO <= a)
        return false;
    if (less - overlap->common >= OWN_SHINGLES * less)
        pair->relation = SUSPECT;
    return true;
}

static enum wcp_code
judge_pair(const struct judging *j, struct side sides[2],
           struct wcp_class_pair *pair, struct wcp_fault *fault)
{
    struct wcp_relation_evidence evidence = { .threshold = j->threshold,
                                              .overlap = pair->overlap };
    enum wcp_code code = WCP_CODE_OK;

    pair->relation = 0;
    if (is_settled(j, pair))
        return WCP_CODE_OK;
    code = fetch(j, &sides[0], pair->a, fault);
    if (code == WCP_CODE_OK)
        code = fetch(j, &sides[1], pair->b, fault);
    if (code == WCP_CODE_OK && is_insertion(sides[0].folded, sides[1].folded))
        return WCP_CODE_OK;
    if (code == WCP_CODE_OK)
        code = wcp_slots_find(&evidence.slots, j->store->mem, sides[0].folded,
                              sides[1].folded, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (wcp_relation(&evidence) == WCP_REL_TEMPLATE)
        pair->relation = WCP_REL_TEMPLATE;
    else if (have_own(&evidence.slots))
        pair->relation = SUSPECT;
    return WCP_CODE_OK;
}

static enum wcp_code
align_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct judging *j = wcp_team_ctx(team);
    struct side sides[2] = { { 0 } };
    enum wcp_code code = WCP_CODE_OK;

    while (code == WCP_CODE_OK) {
        const size_t begin = wcp_team_next(team) * RUN;

        if (begin >= j->num)
            break;
        for (size_t i = begin;
             code == WCP_CODE_OK && i < begin + RUN && i < j->num; i++) {
            code = wcp_team_check(team, number, fault);
            if (code == WCP_CODE_OK)
                code = judge_pair(j, sides, &j->pairs[i], fault);
            wcp_team_did(team, 1);
        }
    }
    wcp_store_worker_free(sides[0].worker);
    wcp_store_worker_free(sides[1].worker);
    return code;
}

/* Look at pairs that are suspect for strangers. */
static enum wcp_code
judge_suspects(const struct judging *j, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = j->store->mem;
    size_t *suspects, num = 0;
    enum wcp_code code;

    for (size_t i = 0; i < j->num; i++)
        num += j->pairs[i].relation == SUSPECT;
    if (num == 0)
        return WCP_CODE_OK;
    suspects = wcp_new_array(mem, num, sizeof *suspects);
    if (suspects == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0, k = 0; i < j->num; i++)
        if (j->pairs[i].relation == SUSPECT)
            suspects[k++] = i;
    code = wcp_judge_strangers(j->store, j->pairs, suspects, num, j->threshold,
                               fault);
    wcp_free_array(mem, suspects, num, sizeof *suspects);
    return code;
}

/* The texts of all pairs are to be read. */
static enum wcp_code
spool_pairs(const struct judging *j, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = j->store->mem;
    uint32_t *classes = wcp_new_array(mem, 2 * j->num, sizeof *classes);
    enum wcp_code code;

    if (classes == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < j->num; i++) {
        classes[2 * i] = j->pairs[i].a;
        classes[2 * i + 1] = j->pairs[i].b;
    }
    code = wcp_store_spool_classes(j->store, classes, 2 * j->num, fault);
    wcp_free_array(mem, classes, 2 * j->num, sizeof *classes);
    return code;
}

enum wcp_code
wcp_judge_pairs(struct wcp_store *store, struct wcp_class_pair *pairs,
                size_t num, double threshold, struct wcp_fault *fault)
{
    const struct judging j = {
        .store = store, .pairs = pairs, .num = num, .threshold = threshold
    };
    enum wcp_code code = WCP_CODE_OK;

    if (num == 0)
        return WCP_CODE_OK;
    code = spool_pairs(&j, fault);
    if (code == WCP_CODE_OK)
        code = wcp_run_team(store->opts.num_threads, &store->opts.watch, num,
                            align_main, (void *)(uintptr_t)&j, fault);
    if (code == WCP_CODE_OK)
        code = judge_suspects(&j, fault);
    return code;
}
