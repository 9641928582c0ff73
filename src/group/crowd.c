/*
 * crowd.c - pairs of a form that has very many issues, without judging each
 *
 * Issues of a form are all alike: n of them are n^2 pairs, and to find out that
 * one of these is a template takes as long as of any other.  So of texts that
 * have more than MANY pairs each, only the MAX_NEAR nearest ones are judged
 * first, those of which most lies in the other.  If all of these are templates,
 * the text is an issue, and two issues that are less alike are no copies of
 * each other either: what was printed twice, or cut, is nearer to what it was
 * than two issues are.  Of a dispatch that very many papers have cut the
 * nearest ones are copies, and all others are looked at as well.
 *
 * Each paper may have a frame of its own around a form that all of them print:
 * then the same issue in two papers is less alike than two issues in one.  But
 * it has the same figures.  So each issue is read once, and two are judged in
 * any case unless each has a figure that the other lacks.
 *
 * What is nearest hangs on the texts alone.
 */
#include "group/crowd.h"

#include "group/relation.h"
#include "group/slots.h"

enum {
    MANY = 64, /* pairs of a text */
    MAX_NEAR = 8,
    FIGURE_WORDS = 8 /* of 64 bits, one for each hash of a figure */
};

/* A class that has many pairs, and the places of its nearest ones. */
struct wcp_crowded {
    size_t near[MAX_NEAR];
    uint32_t num;
    uint32_t class_number;
    bool is_issue;
    uint64_t figures[FIGURE_WORDS]; /* that an issue has */
};

static uint32_t
other_of(const struct wcp_class_pair *pair, uint32_t c)
{
    return pair->a == c ? pair->b : pair->a;
}

/* Whether a pair of c comes before another one. */
static bool
is_nearer(const struct wcp_issues *crowd, uint32_t c, size_t i, size_t k)
{
    const struct wcp_class_pair *x = &crowd->pairs[i], *y = &crowd->pairs[k];
    const struct wcp_overlap *p = &x->overlap, *q = &y->overlap;
    const uint32_t min_x = p->size_a < p->size_b ? p->size_a : p->size_b;
    const uint32_t min_y = q->size_a < q->size_b ? q->size_a : q->size_b;
    const uint32_t max_x = p->size_a < p->size_b ? p->size_b : p->size_a;
    const uint32_t max_y = q->size_a < q->size_b ? q->size_b : q->size_a;
    const uint64_t share_x = (uint64_t)p->common * min_y;
    const uint64_t share_y = (uint64_t)q->common * min_x;
    const uint32_t a = other_of(x, c), b = other_of(y, c);

    if (share_x != share_y)
        return share_x > share_y;
    if (max_x != max_y)
        return max_x < max_y;
    if (wcp_class_tag(crowd->store, a) != wcp_class_tag(crowd->store, b))
        return wcp_class_tag(crowd->store, a) < wcp_class_tag(crowd->store, b);
    return wcp_class_precedes(crowd->store, a, b);
}

/* Keep a pair of c if it is among the nearest so far. */
static void
keep_near(const struct wcp_issues *crowd, uint32_t c, size_t i)
{
    struct wcp_crowded *its;
    uint32_t at;

    if (crowd->numbers[c] == 0)
        return;
    its = &crowd->crowded[crowd->numbers[c] - 1];
    at = its->num;
    if (at == MAX_NEAR && !is_nearer(crowd, c, i, its->near[at - 1]))
        return;
    at -= at == MAX_NEAR;
    its->num = at + 1;
    for (; at > 0 && is_nearer(crowd, c, i, its->near[at - 1]); at--)
        its->near[at] = its->near[at - 1];
    its->near[at] = i;
}

/* Number the classes that have many pairs; false when out of memory. */
static bool
number_crowded(struct wcp_issues *crowd)
{
    const struct wcp_memory *mem = crowd->store->mem;
    const size_t n = crowd->store->num_classes;

    crowd->numbers = wcp_new_zeroed(mem, n, sizeof *crowd->numbers);
    if (crowd->numbers == NULL)
        return false;
    for (size_t i = 0; i < crowd->num; i++)
        if (crowd->turns[i] != WCP_TURN_NONE) {
            crowd->numbers[crowd->pairs[i].a]++;
            crowd->numbers[crowd->pairs[i].b]++;
        }
    for (size_t c = 0; c < n; c++)
        crowd->numbers[c] =
            crowd->numbers[c] > MANY ? (uint32_t)++crowd->num_crowded : 0;
    crowd->crowded =
        wcp_new_zeroed(mem, crowd->num_crowded, sizeof *crowd->crowded);
    if (crowd->crowded == NULL)
        return false;
    for (uint32_t c = 0; c < n; c++)
        if (crowd->numbers[c] != 0)
            crowd->crowded[crowd->numbers[c] - 1].class_number = c;
    return true;
}

static bool
are_crowded(const struct wcp_issues *crowd, const struct wcp_class_pair *pair)
{
    return crowd->numbers[pair->a] != 0 && crowd->numbers[pair->b] != 0;
}

bool
wcp_crowd_find(struct wcp_issues *crowd, struct wcp_store *store,
               const struct wcp_class_pair *pairs, size_t num, uint8_t *turns)
{
    *crowd = (struct wcp_issues){
        .store = store, .pairs = pairs, .num = num, .turns = turns
    };
    if (!number_crowded(crowd))
        return false;
    for (size_t i = 0; i < num; i++)
        if (turns[i] != WCP_TURN_NONE) {
            keep_near(crowd, pairs[i].a, i);
            keep_near(crowd, pairs[i].b, i);
        }
    for (size_t i = 0; i < num; i++)
        if (turns[i] != WCP_TURN_NONE && are_crowded(crowd, &pairs[i]))
            turns[i] = WCP_TURN_LATER;
    for (size_t k = 0; k < crowd->num_crowded; k++)
        for (uint32_t i = 0; i < crowd->crowded[k].num; i++)
            turns[crowd->crowded[k].near[i]] = WCP_TURN_FIRST;
    for (size_t i = 0; i < num; i++)
        crowd->num_later += turns[i] == WCP_TURN_LATER;
    return true;
}

/* ---- figures of issues ---- */

static void
mark_figures(struct wcp_crowded *its, const struct wcp_figures *figures)
{
    for (size_t i = 0; i < figures->num; i++) {
        const size_t bit =
            (size_t)(figures->at[i].value * UINT64_C(0x9E3779B97F4A7C15) >> 55);

        its->figures[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

static enum wcp_code
read_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct wcp_issues *crowd = wcp_team_ctx(team);
    const struct wcp_memory *mem = crowd->store->mem;
    struct wcp_figure_reader *reader = wcp_figure_reader_new(mem);
    struct wcp_figures figures = { .at = NULL };
    struct wcp_store_worker *worker = NULL;
    enum wcp_code code =
        reader != NULL ? wcp_store_worker_new(crowd->store, &worker, fault)
                       : wcp_no_memory(fault);
    size_t i;

    while (code == WCP_CODE_OK &&
           (i = wcp_team_next(team)) < crowd->num_crowded) {
        struct wcp_crowded *its = &crowd->crowded[i];
        const struct wcp_folded *folded;

        code = wcp_team_check(team, number, fault);
        if (code == WCP_CODE_OK && its->is_issue) {
            code = wcp_store_fetch_folded(
                worker, wcp_class_document(crowd->store, its->class_number),
                false, NULL, &folded, fault);
            if (code == WCP_CODE_OK &&
                !wcp_figures_read(&figures, reader, folded))
                code = wcp_no_memory(fault);
            if (code == WCP_CODE_OK)
                mark_figures(its, &figures);
        }
        wcp_team_did(team, 1);
    }
    wcp_array_release(mem, &figures);
    wcp_store_worker_free(worker);
    wcp_figure_reader_free(reader);
    return code;
}

static enum wcp_code
read_figures(struct wcp_issues *crowd, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = crowd->store->mem;
    uint32_t *classes = wcp_new_array(mem, crowd->num_crowded, sizeof *classes);
    size_t num = 0;
    enum wcp_code code = WCP_CODE_OK;

    if (classes == NULL)
        return wcp_no_memory(fault);
    for (size_t k = 0; k < crowd->num_crowded; k++)
        if (crowd->crowded[k].is_issue)
            classes[num++] = crowd->crowded[k].class_number;
    if (num > 0)
        code = wcp_store_spool_classes(crowd->store, classes, num, fault);
    wcp_free_array(mem, classes, crowd->num_crowded, sizeof *classes);
    if (code == WCP_CODE_OK && num > 0)
        code = wcp_run_team(crowd->store->opts.num_threads,
                            &crowd->store->opts.watch, crowd->num_crowded,
                            read_main, crowd, fault);
    return code;
}

/* Whether the one has figures that the other lacks, and that of it. */
static bool
have_own_figures(const struct wcp_crowded *x, const struct wcp_crowded *y)
{
    uint64_t of_x = 0, of_y = 0;

    for (size_t i = 0; i < FIGURE_WORDS; i++) {
        of_x |= x->figures[i] & ~y->figures[i];
        of_y |= y->figures[i] & ~x->figures[i];
    }
    return of_x != 0 && of_y != 0;
}

/* ---- the later ones ---- */

enum wcp_code
wcp_crowd_settle(struct wcp_issues *crowd, struct wcp_class_pair *pairs,
                 struct wcp_fault *fault)
{
    enum wcp_code code;

    for (size_t k = 0; k < crowd->num_crowded; k++) {
        struct wcp_crowded *its = &crowd->crowded[k];

        its->is_issue = true;
        for (uint32_t i = 0; i < its->num; i++)
            if (pairs[its->near[i]].relation != WCP_REL_TEMPLATE)
                its->is_issue = false;
    }
    code = read_figures(crowd, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < crowd->num; i++) {
        struct wcp_class_pair *pair = &pairs[i];
        const struct wcp_crowded *a, *b;

        if (crowd->turns[i] != WCP_TURN_LATER)
            continue;
        a = &crowd->crowded[crowd->numbers[pair->a] - 1];
        b = &crowd->crowded[crowd->numbers[pair->b] - 1];
        if (!a->is_issue || !b->is_issue || !have_own_figures(a, b))
            continue;
        pair->relation = WCP_REL_TEMPLATE;
        crowd->turns[i] = WCP_TURN_NONE;
        crowd->num_later--;
    }
    return code;
}

void
wcp_crowd_release(struct wcp_issues *crowd)
{
    const struct wcp_memory *mem = crowd->store->mem;

    wcp_free_array(mem, crowd->numbers, crowd->store->num_classes,
                   sizeof *crowd->numbers);
    wcp_free_array(mem, crowd->crowded, crowd->num_crowded,
                   sizeof *crowd->crowded);
    crowd->numbers = NULL;
    crowd->crowded = NULL;
}
