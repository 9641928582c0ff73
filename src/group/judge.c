/*
 * judge.c - what speaks against pairs of texts that look like copies
 *
 * The texts of each pair are read again and aligned (slots.c).  Where one has
 * words of its own in place of the other's, others are looked for that hold
 * what the two share (strangers.c).
 */
#include "group/judge.h"

#include "group/crowd.h"
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

/* Pairs that are judged at a time: so that their places are short, and what is
 * listed of them takes a share of what memory there is.  Each time samples are
 * gone through. */
enum { MOST_PAIRS = 1 << 26, LEAST_PAIRS = 1 << 14, PAIR_BYTES = 104 };

enum standing { SETTLED, NOT_ALIGNED, OPEN };

struct judging {
    struct wcp_judge *judge;
    struct wcp_store *store;
    struct wcp_class_pair *pairs;
    size_t num;
    size_t *open; /* [num_open] places of pairs, those of one text together */
    size_t num_open;
    size_t *suspects; /* [num_suspects] those whose strangers matter */
    size_t num_suspects;
};

/* The folded text of a class, kept until another one is asked for. */
struct side {
    struct wcp_store_worker *worker;
    uint32_t class_number;
    const struct wcp_folded *folded;
    struct wcp_figures figures;
    bool has_figures; /* they are those of the text */
};

static bool
is_copy(const struct judging *j, const struct wcp_overlap *overlap)
{
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;

    return less > 0 && (double)overlap->common / less >= j->judge->threshold;
}

/* ---- alignment ---- */

static enum wcp_code
fetch(const struct judging *j, struct side *side, uint32_t c,
      struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    if (side->worker == NULL)
        code = wcp_store_worker_new(j->store, &side->worker, fault);
    else if (side->folded != NULL && side->class_number == c)
        return WCP_CODE_OK;
    side->folded = NULL;
    side->has_figures = false;
    side->class_number = c;
    if (code == WCP_CODE_OK)
        code = wcp_store_fetch_folded(side->worker,
                                      wcp_class_document(j->store, c), false,
                                      NULL, &side->folded, fault);
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

/* Whether shares and lengths say it all; if not, whether the texts matter, or
 * only strangers do. */
static enum standing
standing_of(const struct judging *j, const struct wcp_class_pair *pair)
{
    const struct wcp_overlap *overlap = &pair->overlap;
    const uint32_t less =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;
    const uint32_t a = wcp_class_units(j->store, pair->a);
    const uint32_t b = wcp_class_units(j->store, pair->b);

    /* Nothing in the one is put for something in the other. */
    if (!is_copy(j, overlap) || overlap->common == less ||
        a > WCP_SLOTS_MAX_UNITS || b > WCP_SLOTS_MAX_UNITS)
        return SETTLED;
    if (a / WCP_SLOTS_MAX_RATIO <= b && b / WCP_SLOTS_MAX_RATIO <= a)
        return OPEN;
    return less - overlap->common >= OWN_SHINGLES * less ? NOT_ALIGNED
                                                         : SETTLED;
}

/* Whether by their shingles both have OWN of their own; what they hold in
 * another order, or more often, is none of it. */
static bool
may_have_own(const struct wcp_overlap *overlap)
{
    return (double)overlap->size_a + (double)overlap->size_b >=
           (2 + OWN) * (double)overlap->common;
}

static uint64_t
weigh(const struct wcp_folded *text)
{
    const struct wcp_units units = { text->units, (uint32_t)text->num, false };

    return wcp_units_weight(&units, 0, units.num);
}

/* What figures are found with, and room for a few of them. */
struct figure_tools {
    struct wcp_figure_reader *reader;
    struct wcp_figures room[2];
};

/* Whether so many figures may stand in place of others as in a form. */
static enum wcp_code
may_be_form(const struct judging *j, struct side sides[2],
            struct figure_tools *tools, bool *may_ret, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = j->store->mem;
    uint64_t weights[2];
    bool follow;
    size_t num;

    *may_ret = false;
    if (!wcp_figures_glance(tools->reader, sides[0].folded, sides[1].folded,
                            tools->room, &follow))
        return wcp_no_memory(fault);
    if (follow)
        return WCP_CODE_OK;
    for (int i = 0; i < 2; i++) {
        if (!sides[i].has_figures &&
            !wcp_figures_read(&sides[i].figures, tools->reader,
                              sides[i].folded))
            return wcp_no_memory(fault);
        sides[i].has_figures = true;
    }
    if (wcp_figures_follow(&sides[0].figures, &sides[1].figures))
        return WCP_CODE_OK;
    if (!wcp_figures_exchanged(mem, &sides[0].figures, &sides[1].figures, &num))
        return wcp_no_memory(fault);
    for (int i = 0; i < 2; i++)
        weights[i] = weigh(sides[i].folded);
    *may_ret = num >= wcp_least_figures(weights[0], weights[1]);
    return WCP_CODE_OK;
}

/* Look at the texts of a pair that is boilerplate by its strangers, or not. */
static enum wcp_code
judge_pair(const struct judging *j, struct side sides[2],
           struct figure_tools *tools, struct wcp_class_pair *pair,
           struct wcp_fault *fault)
{
    struct wcp_relation_evidence evidence = { .threshold = j->judge->threshold,
                                              .overlap = pair->overlap };
    const bool strange = pair->relation == WCP_REL_BOILERPLATE;
    const bool a_first = pair->overlap.size_a <= pair->overlap.size_b;
    bool may_be_template = false;
    enum wcp_code code =
        fetch(j, &sides[0], a_first ? pair->a : pair->b, fault);

    if (code == WCP_CODE_OK)
        code = fetch(j, &sides[1], a_first ? pair->b : pair->a, fault);
    if (code == WCP_CODE_OK)
        code = may_be_form(j, sides, tools, &may_be_template, fault);
    if (code != WCP_CODE_OK)
        return code;
    pair->relation = 0;
    if ((!strange && !may_be_template) ||
        is_insertion(sides[0].folded, sides[1].folded))
        return WCP_CODE_OK;
    code = may_be_template
               ? wcp_slots_find(&evidence.slots, j->store->mem, sides[0].folded,
                                sides[1].folded, fault)
               : wcp_slots_weigh(&evidence.slots, j->store->mem,
                                 sides[0].folded, sides[1].folded, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (may_be_template && wcp_relation(&evidence) == WCP_REL_TEMPLATE)
        pair->relation = WCP_REL_TEMPLATE;
    else if (strange && have_own(&evidence.slots))
        pair->relation = WCP_REL_BOILERPLATE;
    return WCP_CODE_OK;
}

struct wcp_pair_judge {
    struct judging j;
    struct wcp_judge judge; /* of which only store and threshold matter */
    struct side sides[2];
    struct figure_tools tools;
};

static bool
pair_judge_init(struct wcp_pair_judge *judge, const struct judging *j)
{
    *judge = (struct wcp_pair_judge){ .j = *j };
    judge->tools.reader = wcp_figure_reader_new(j->store->mem);
    return judge->tools.reader != NULL;
}

static void
pair_judge_release(struct wcp_pair_judge *judge)
{
    const struct wcp_memory *mem = judge->j.store->mem;

    for (int i = 0; i < 2; i++) {
        wcp_store_worker_free(judge->sides[i].worker);
        wcp_array_release(mem, &judge->sides[i].figures);
        wcp_array_release(mem, &judge->tools.room[i]);
    }
    wcp_figure_reader_free(judge->tools.reader);
}

static enum wcp_code
align_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct judging *j = wcp_team_ctx(team);
    struct wcp_pair_judge judge;
    enum wcp_code code =
        pair_judge_init(&judge, j) ? WCP_CODE_OK : wcp_no_memory(fault);

    while (code == WCP_CODE_OK) {
        const size_t begin = wcp_team_next(team) * RUN;

        if (begin >= j->num_open)
            break;
        for (size_t i = begin;
             code == WCP_CODE_OK && i < begin + RUN && i < j->num_open; i++) {
            struct wcp_class_pair *pair = &j->pairs[j->open[i]];

            code = wcp_team_check(team, number, fault);
            if (code == WCP_CODE_OK && standing_of(j, pair) == OPEN)
                code = judge_pair(j, judge.sides, &judge.tools, pair, fault);
            wcp_team_did(team, 1);
        }
    }
    pair_judge_release(&judge);
    return code;
}

/* ---- one pair at a time ---- */

enum wcp_code
wcp_pair_judge_new(struct wcp_store *store, double threshold,
                   struct wcp_pair_judge **judge_ret, struct wcp_fault *fault)
{
    struct wcp_pair_judge *judge = wcp_new_array(store->mem, 1, sizeof *judge);
    const struct judging j = { .store = store };

    if (judge == NULL)
        return wcp_no_memory(fault);
    if (!pair_judge_init(judge, &j)) {
        wcp_pair_judge_free(judge);
        return wcp_no_memory(fault);
    }
    judge->judge = (struct wcp_judge){ .store = store, .threshold = threshold };
    judge->j.judge = &judge->judge;
    *judge_ret = judge;
    return WCP_CODE_OK;
}

void
wcp_pair_judge_free(struct wcp_pair_judge *judge)
{
    if (judge == NULL)
        return;
    pair_judge_release(judge);
    wcp_free_array(judge->j.store->mem, judge, 1, sizeof *judge);
}

enum wcp_code
wcp_judge_pair(struct wcp_pair_judge *judge, struct wcp_class_pair *pair,
               struct wcp_fault *fault)
{
    pair->relation = 0;
    return standing_of(&judge->j, pair) == OPEN
               ? judge_pair(&judge->j, judge->sides, &judge->tools, pair, fault)
               : WCP_CODE_OK;
}

/* ---- all pairs ---- */

/* The texts of all pairs are to be read. */
static enum wcp_code
spool_pairs(const struct judging *j, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = j->store->mem;
    uint32_t *classes = wcp_new_array(mem, 2 * j->num_open, sizeof *classes);
    enum wcp_code code;

    if (classes == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < j->num_open; i++) {
        classes[2 * i] = j->pairs[j->open[i]].a;
        classes[2 * i + 1] = j->pairs[j->open[i]].b;
    }
    code = wcp_store_spool_classes(j->store, classes, 2 * j->num_open, fault);
    wcp_free_array(mem, classes, 2 * j->num_open, sizeof *classes);
    return code;
}

/* List what shares and lengths do not settle, by the shorter text. */
static bool
list_open(struct judging *j)
{
    const struct wcp_memory *mem = j->store->mem;
    uint64_t *keys = wcp_new_array(mem, 2 * j->num, sizeof *keys);

    j->open = wcp_new_array(mem, j->num, sizeof *j->open);
    j->suspects = wcp_new_array(mem, j->num, sizeof *j->suspects);
    if (keys == NULL || j->open == NULL || j->suspects == NULL) {
        wcp_free_array(mem, keys, 2 * j->num, sizeof *keys);
        return false;
    }
    for (size_t i = 0; i < j->num; i++) {
        struct wcp_class_pair *pair = &j->pairs[i];

        pair->relation = 0;
        if (standing_of(j, pair) != SETTLED)
            keys[j->num_open++] =
                (uint64_t)(pair->overlap.size_a <= pair->overlap.size_b
                               ? pair->a
                               : pair->b)
                    << 32 |
                i;
    }
    wcp_sort_u64(keys, keys + j->num, j->num_open);
    for (size_t i = 0; i < j->num_open; i++) {
        j->open[i] = (uint32_t)keys[i];
        if (may_have_own(&j->pairs[j->open[i]].overlap))
            j->suspects[j->num_suspects++] = j->open[i];
    }
    wcp_free_array(mem, keys, 2 * j->num, sizeof *keys);
    return true;
}

static enum wcp_code
judge_some(struct judging *j, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = j->store->mem;
    enum wcp_code code = WCP_CODE_OK;

    if (!list_open(j))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK && j->num_open > 0)
        code = spool_pairs(j, fault);
    if (code == WCP_CODE_OK && j->num_suspects > 0)
        code = wcp_judge_strangers(j->judge, j->pairs, j->suspects,
                                   j->num_suspects, fault);
    if (code == WCP_CODE_OK && j->num_open > 0)
        code = wcp_run_team(
            wcp_threads_for(j->store->opts.num_threads, j->num_open, RUN),
            &j->store->opts.watch, j->num_open, align_main, j, fault);
    wcp_free_array(mem, j->open, j->num, sizeof *j->open);
    wcp_free_array(mem, j->suspects, j->num, sizeof *j->suspects);
    return code;
}

static size_t
num_at_once(const struct wcp_store *store)
{
    const uint64_t num = wcp_quota_left(store->opts.memory) / 4 / PAIR_BYTES;

    return num > MOST_PAIRS    ? MOST_PAIRS
           : num < LEAST_PAIRS ? LEAST_PAIRS
                               : (size_t)num;
}

/* How many texts there are around the pairs is not known before: if these are
 * too many, less is judged at a time. */
static enum wcp_code
judge_at_most(struct wcp_judge *judge, struct wcp_class_pair *pairs,
              size_t *num, struct wcp_fault *fault)
{
    for (;; *num /= 2) {
        struct judging j = {
            .judge = judge,
            .store = judge->store,
            .pairs = pairs,
            .num = *num,
        };
        const enum wcp_code code = judge_some(&j, fault);

        if (code != WCP_CODE_NO_MEMORY || *num <= LEAST_PAIRS / 4 ||
            wcp_quota_left(judge->store->opts.memory) == UINT64_MAX)
            return code;
    }
}

static enum wcp_code
judge_all(struct wcp_judge *judge, struct wcp_class_pair *pairs, size_t num,
          struct wcp_fault *fault)
{
    size_t step = num_at_once(judge->store);
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; code == WCP_CODE_OK && i < num; i += step) {
        step = num - i < step ? num - i : step;
        code = judge_at_most(judge, pairs + i, &step, fault);
    }
    return code;
}

/* ---- those of large forms ---- */

/* Judge the pairs that have this turn. */
static enum wcp_code
judge_turn(struct wcp_judge *judge, struct wcp_class_pair *pairs, size_t num,
           const uint8_t *turns, enum wcp_turn turn, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = judge->store->mem;
    struct wcp_class_pair *some;
    size_t num_some = 0, most = 0;
    enum wcp_code code;

    for (size_t i = 0; i < num; i++)
        most += turns[i] == turn;
    if (most == 0)
        return WCP_CODE_OK;
    some = wcp_new_array(mem, most, sizeof *some);
    if (some == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num; i++)
        if (turns[i] == turn)
            some[num_some++] = pairs[i];
    code = judge_all(judge, some, num_some, fault);
    num_some = 0;
    for (size_t i = 0; i < num; i++)
        if (turns[i] == turn)
            pairs[i].relation = some[num_some++].relation;
    wcp_free_array(mem, some, most, sizeof *some);
    return code;
}

static enum wcp_code
judge_crowd(struct wcp_judge *judge, struct wcp_class_pair *pairs, size_t num,
            uint8_t *turns, struct wcp_fault *fault)
{
    const struct judging j = { .judge = judge, .store = judge->store };
    struct wcp_issues crowd;
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; i < num; i++) {
        pairs[i].relation = 0;
        turns[i] =
            standing_of(&j, &pairs[i]) == OPEN ? WCP_TURN_FIRST : WCP_TURN_NONE;
    }
    if (!wcp_crowd_find(&crowd, judge->store, pairs, num, turns))
        code = wcp_no_memory(fault);
    /* Those that are not aligned are no issues. */
    for (size_t i = 0; i < num; i++)
        if (turns[i] == WCP_TURN_NONE &&
            standing_of(&j, &pairs[i]) == NOT_ALIGNED)
            turns[i] = WCP_TURN_FIRST;
    if (code == WCP_CODE_OK && crowd.num_later == 0)
        code = judge_all(judge, pairs, num, fault);
    else if (code == WCP_CODE_OK)
        code = judge_turn(judge, pairs, num, turns, WCP_TURN_FIRST, fault);
    if (code == WCP_CODE_OK && crowd.num_later > 0) {
        code = wcp_crowd_settle(&crowd, pairs, fault);
        if (code == WCP_CODE_OK)
            code = judge_turn(judge, pairs, num, turns, WCP_TURN_LATER, fault);
    }
    wcp_crowd_release(&crowd);
    return code;
}

enum wcp_code
wcp_judge_pairs(struct wcp_judge *judge, struct wcp_class_pair *pairs,
                size_t num, struct wcp_fault *fault)
{
    if (num == 0)
        return WCP_CODE_OK;
    if (!wcp_known_add(&judge->known, pairs, num))
        return wcp_no_memory(fault);
    return judge_all(judge, pairs, num, fault);
}

enum wcp_code
wcp_judge_all_pairs(struct wcp_judge *judge, struct wcp_class_pair *pairs,
                    size_t num, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = judge->store->mem;
    uint8_t *turns;
    enum wcp_code code;

    if (num == 0)
        return WCP_CODE_OK;
    if (!wcp_known_add(&judge->known, pairs, num))
        return wcp_no_memory(fault);
    turns = wcp_new_array(mem, num, sizeof *turns);
    code = turns != NULL ? judge_crowd(judge, pairs, num, turns, fault)
                         : wcp_no_memory(fault);
    wcp_free_array(mem, turns, num, sizeof *turns);
    return code;
}

void
wcp_judge_init(struct wcp_judge *judge, struct wcp_store *store,
               double threshold)
{
    *judge = (struct wcp_judge){ .store = store, .threshold = threshold };
    wcp_known_init(&judge->known, store->mem, store->num_classes);
}

void
wcp_judge_release(struct wcp_judge *judge)
{
    wcp_known_release(&judge->known);
    wcp_free_array(judge->store->mem, judge->form_of, judge->store->num_classes,
                   sizeof *judge->form_of);
    judge->form_of = NULL;
    wcp_sample_index_free(judge->index);
    judge->index = NULL;
}
