/*
 * thinning.c - which texts seem to lie in others, without all pairs of a crowd
 *
 * Issues of a form that differ in much lie in one another all the same, and so
 * do cuts of a dispatch: n of them are n^2 pairs.  But who joins whom hangs on
 * few: on the earlier ones, for they are the originals, and on the most alike,
 * for they may be the same issue.
 *
 * Only texts that are near one another in length are a crowd.  What is a small
 * part of a page is listed, whatever else is on it, and so is what stands in
 * very many texts that hold little else.
 */
#include "match/sample_index.h"

#include <stdlib.h>
#include <string.h>

enum {
    MANY = 64,      /* that one lies in, and that lie in one: a crowd */
    NEAR = 4,       /* times as long, at most */
    MOST_ALIKE = 8, /* of a crowd that are listed */
    EARLIEST = 16   /* and more of them */
};

/* The earliest ones of the crowd around a class. */
struct earliest {
    atomic_flag is_taken;
    uint32_t num;
    uint32_t classes[EARLIEST]; /* ascending ranks */
};

struct wcp_thinning {
    const struct wcp_store *store;
    /* [num_classes]: in how many each seems to lie, and how many in it, of
     * those that are near it in length; MANY + 1: or more */
    _Atomic uint8_t *wholes, *parts;

    /* Once these are counted: */
    uint32_t *ranks;           /* [num_classes], of those in a crowd */
    uint32_t *numbers;         /* [num_classes] + 1 in a crowd; 0: in none */
    struct earliest *earliest; /* [num_crowded] */
    size_t num_crowded;
};

static bool
are_near(const struct wcp_thinning *thinning, const struct wcp_inclusion *found)
{
    return wcp_class_units(thinning->store, found->whole) / NEAR <=
           wcp_class_units(thinning->store, found->part);
}

/* ---- counts ---- */

static void
note(_Atomic uint8_t *count, size_t num)
{
    const uint8_t most = num > MANY ? MANY + 1 : (uint8_t)num;
    uint8_t before = atomic_load_explicit(count, memory_order_relaxed), after;

    do {
        if (before > MANY)
            return;
        after = before + most > MANY ? MANY + 1 : (uint8_t)(before + most);
    } while (!atomic_compare_exchange_weak_explicit(
        count, &before, after, memory_order_relaxed, memory_order_relaxed));
}

/* Count, and leave out those of about one length if they are too many. */
static size_t
count(struct wcp_thinning *thinning, struct wcp_inclusion *found, size_t num)
{
    size_t num_near = 0, kept = 0;

    for (size_t i = 0; i < num; i++)
        if (are_near(thinning, &found[i])) {
            note(&thinning->parts[found[i].whole], 1);
            num_near++;
        }
    if (num_near > 0)
        note(&thinning->wholes[found->part], num_near);
    if (num_near <= MANY)
        return num;
    for (size_t i = 0; i < num; i++)
        if (!are_near(thinning, &found[i]))
            found[kept++] = found[i];
    return kept;
}

/* ---- choice ---- */

/* Where a rank stands among the earliest, or would. */
static uint32_t
first_at(const struct wcp_thinning *thinning, const struct earliest *earliest,
         uint32_t rank)
{
    uint32_t at = earliest->num;

    while (at > 0 && rank <= thinning->ranks[earliest->classes[at - 1]])
        at--;
    return at;
}

/* Keep an earlier one of those around a class, if it is among the earliest. */
static void
keep_earliest(struct wcp_thinning *thinning, uint32_t earlier, uint32_t c)
{
    const uint32_t *ranks = thinning->ranks;
    struct earliest *its = &thinning->earliest[thinning->numbers[c] - 1];
    uint32_t at;

    while (
        atomic_flag_test_and_set_explicit(&its->is_taken, memory_order_acquire))
        ;
    at = first_at(thinning, its, ranks[earlier]);
    /* One may lie in the other both ways. */
    if (at < EARLIEST && (at == its->num || its->classes[at] != earlier)) {
        its->num += its->num < EARLIEST;
        memmove(its->classes + at + 1, its->classes + at,
                (its->num - 1 - at) * sizeof *its->classes);
        its->classes[at] = earlier;
    }
    atomic_flag_clear_explicit(&its->is_taken, memory_order_release);
}

/* Those that have most in common with a part. */
struct alike {
    struct wcp_inclusion at[MOST_ALIKE];
    size_t num;
};

static bool
is_more_alike(const struct wcp_thinning *thinning,
              const struct wcp_inclusion *x, const struct wcp_inclusion *y)
{
    return x->common != y->common
               ? x->common > y->common
               : thinning->ranks[x->whole] < thinning->ranks[y->whole];
}

static void
keep_alike(const struct wcp_thinning *thinning, struct alike *alike,
           const struct wcp_inclusion *found)
{
    size_t at = alike->num;

    if (at == MOST_ALIKE && !is_more_alike(thinning, found, &alike->at[at - 1]))
        return;
    at -= at == MOST_ALIKE;
    alike->num = at + 1;
    for (; at > 0 && is_more_alike(thinning, found, &alike->at[at - 1]); at--)
        alike->at[at] = alike->at[at - 1];
    alike->at[at] = *found;
}

/* Choose among the wholes of a part of which there are too many; those of
 * another length are listed already. */
static size_t
choose(struct wcp_thinning *thinning, struct wcp_inclusion *found, size_t num)
{
    const uint32_t *ranks = thinning->ranks;
    struct alike alike = { .num = 0 };
    size_t kept = 0;

    for (size_t i = 0; i < num; i++) {
        const struct wcp_inclusion its = found[i];
        const uint32_t part = its.part, whole = its.whole;

        if (!are_near(thinning, &its))
            continue;
        if (thinning->parts[whole] <= MANY) {
            found[kept++] = its;
            continue;
        }
        if (ranks[whole] == UINT32_MAX)
            continue;
        keep_alike(thinning, &alike, &its);
        if (ranks[whole] < ranks[part])
            keep_earliest(thinning, whole, part);
        else
            keep_earliest(thinning, part, whole);
    }
    memcpy(found + kept, alike.at, alike.num * sizeof *found);
    return kept + alike.num;
}

/* List the earliest ones, too. */
static bool
list_earliest(const struct wcp_thinning *thinning,
              struct wcp_inclusions *inclusions)
{
    const size_t n = thinning->store->num_classes;

    for (uint32_t c = 0; c < n; c++) {
        const uint32_t number = thinning->numbers[c];
        const struct earliest *its;

        if (number == 0)
            continue;
        its = &thinning->earliest[number - 1];
        if (!wcp_array_reserve(inclusions->mem, &inclusions->list,
                               inclusions->list.num + its->num))
            return false;
        for (uint32_t i = 0; i < its->num; i++)
            inclusions->list.at[inclusions->list.num++] =
                (struct wcp_inclusion){ its->classes[i], c, 0 };
    }
    return true;
}

size_t
wcp_thin(struct wcp_thinning *thinning, struct wcp_inclusion *found, size_t num)
{
    return thinning->ranks == NULL ? count(thinning, found, num)
                                   : choose(thinning, found, num);
}

/* ---- both in turn ---- */

static bool
thinning_init(struct wcp_thinning *thinning, const struct wcp_store *store)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_classes;

    *thinning = (struct wcp_thinning){
        .store = store,
        .wholes = wcp_new_zeroed(mem, n, sizeof *thinning->wholes),
        .parts = wcp_new_zeroed(mem, n, sizeof *thinning->parts),
    };
    return thinning->wholes != NULL && thinning->parts != NULL;
}

static void
thinning_release(struct wcp_thinning *thinning)
{
    const struct wcp_memory *mem = thinning->store->mem;
    const size_t n = thinning->store->num_classes;

    wcp_free_array(mem, thinning->wholes, n, sizeof *thinning->wholes);
    wcp_free_array(mem, thinning->parts, n, sizeof *thinning->parts);
    wcp_free_array(mem, thinning->ranks, n, sizeof *thinning->ranks);
    wcp_free_array(mem, thinning->numbers, n, sizeof *thinning->numbers);
    wcp_free_array(mem, thinning->earliest, thinning->num_crowded,
                   sizeof *thinning->earliest);
}

static bool
is_crowded(const struct wcp_thinning *thinning, uint32_t part)
{
    return thinning->wholes[part] > MANY;
}

static bool
are_crowded(const struct wcp_thinning *thinning)
{
    for (uint32_t c = 0; c < thinning->store->num_classes; c++)
        if (is_crowded(thinning, c))
            return true;
    return false;
}

/* Have room for what is chosen. */
static bool
make_choice(struct wcp_thinning *thinning,
            const struct wcp_inclusion_question *question)
{
    const struct wcp_memory *mem = thinning->store->mem;
    const size_t n = thinning->store->num_classes;

    thinning->numbers = wcp_new_array(mem, n, sizeof *thinning->numbers);
    if (thinning->numbers == NULL)
        return false;
    for (uint32_t c = 0; c < n; c++)
        thinning->numbers[c] =
            is_crowded(thinning, c) || thinning->parts[c] > MANY
                ? (uint32_t)++thinning->num_crowded
                : 0;
    thinning->earliest =
        wcp_new_zeroed(mem, thinning->num_crowded, sizeof *thinning->earliest);
    thinning->ranks = wcp_new_array(mem, n, sizeof *thinning->ranks);
    return thinning->earliest != NULL && thinning->ranks != NULL &&
           question->rank(question->ctx, thinning->numbers, thinning->ranks);
}

static int
compare_parts(const void *a, const void *b)
{
    const struct wcp_inclusion *x = a, *y = b;

    return (x->part > y->part) - (x->part < y->part);
}

/* Samples that have left memory are asked of some texts after others, and of
 * each of these was chosen. */
static void
choose_again(struct wcp_thinning *thinning, struct wcp_inclusions *inclusions)
{
    struct wcp_inclusion *list = inclusions->list.at;
    const size_t num = inclusions->list.num;
    size_t kept = 0;

    if (num > 1)
        qsort(list, num, sizeof *list, compare_parts);
    for (size_t i = 0, end; i < num; i = end) {
        size_t its;

        for (end = i; end < num && list[end].part == list[i].part; end++)
            ;
        its = choose(thinning, list + i, end - i);
        memmove(list + kept, list + i, its * sizeof *list);
        kept += its;
    }
    inclusions->list.num = kept;
}

/* Leave out what was listed for the same reason. */
static void
drop_crowded(const struct wcp_thinning *thinning,
             struct wcp_inclusions *inclusions)
{
    struct wcp_inclusion *list = inclusions->list.at;
    size_t kept = 0;

    for (size_t i = 0; i < inclusions->list.num; i++)
        if (!is_crowded(thinning, list[i].part) ||
            !are_near(thinning, &list[i]))
            list[kept++] = list[i];
    inclusions->list.num = kept;
}

static bool
append(struct wcp_inclusions *to, const struct wcp_inclusions *from)
{
    if (!wcp_array_reserve(to->mem, &to->list, to->list.num + from->list.num))
        return false;
    if (from->list.num > 0)
        memcpy(to->list.at + to->list.num, from->list.at,
               from->list.num * sizeof *from->list.at);
    to->list.num += from->list.num;
    return true;
}

/* Ask for what the crowded ones lie in again, and choose. */
static enum wcp_code
ask_crowded(struct wcp_inclusions *inclusions, struct wcp_thinning *thinning,
            struct wcp_store *store, struct wcp_sample_index **index,
            struct wcp_sample_question *question, struct wcp_fault *fault)
{
    const size_t n = store->num_classes;
    uint8_t *crowded = wcp_new_array(store->mem, n, sizeof *crowded);
    struct wcp_inclusions chosen = { 0 };
    enum wcp_code code = WCP_CODE_OK;

    if (crowded == NULL)
        return wcp_no_memory(fault);
    for (uint32_t c = 0; c < n; c++)
        crowded[c] = is_crowded(thinning, c);
    question->asked = crowded;
    drop_crowded(thinning, inclusions);
    code = wcp_samples_ask(&chosen, store, index, question, fault);
    wcp_free_array(store->mem, crowded, n, sizeof *crowded);
    if (code != WCP_CODE_OK)
        return code;
    choose_again(thinning, &chosen);
    if (!append(inclusions, &chosen) || !list_earliest(thinning, inclusions))
        code = wcp_no_memory(fault);
    wcp_inclusions_release(&chosen);
    return code;
}

enum wcp_code
wcp_inclusions_find_thinned(struct wcp_inclusions *inclusions,
                            struct wcp_store *store,
                            struct wcp_sample_index **index,
                            const struct wcp_inclusion_question *question,
                            struct wcp_fault *fault)
{
    struct wcp_thinning thinning;
    struct wcp_sample_question asking = { question->asked, question->threshold,
                                          false,           question->keep,
                                          question->ctx,   &thinning };
    enum wcp_code code = WCP_CODE_OK;

    *inclusions = (struct wcp_inclusions){ .mem = store->mem };
    if (!thinning_init(&thinning, store))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = wcp_samples_ask(inclusions, store, index, &asking, fault);
    if (code == WCP_CODE_OK && are_crowded(&thinning)) {
        if (!make_choice(&thinning, question))
            code = wcp_no_memory(fault);
        if (code == WCP_CODE_OK)
            code = ask_crowded(inclusions, &thinning, store, index, &asking,
                               fault);
    }
    thinning_release(&thinning);
    if (code != WCP_CODE_OK)
        wcp_inclusions_release(inclusions);
    return code;
}
