/*
 * compare_words.c - how two documents overlap, in words
 *
 * Shares are of letters and digits, rounded down, so that "all" means all.
 * They are not those by which the relation goes: many small changes leave most
 * letters in place, but few whole shingles.
 * Where one begins later or ends earlier than the other is said if they
 * share half of one of them at least, and if the first (last) run of both is
 * that in either; else a few words in common would make a beginning or an end.
 */
#include "cli/side_by_side.h"

#include <math.h>
#include <stdlib.h>

/* Letters and digits of one document that stand only in it, before and behind
 * all that stands in both. */
struct edges {
    uint64_t head, tail;
};

static bool
is_shared(const struct wcp_run *run, bool of_b)
{
    return run->in == WCP_IN_BOTH || run->in == WCP_MOVED ||
           run->in == (of_b ? WCP_AGAIN_IN_B : WCP_AGAIN_IN_A);
}

static uint64_t
count_shared(const struct cli_runs *runs, bool of_b)
{
    uint64_t shared = 0;

    for (size_t i = 0; i < runs->num; i++)
        if (is_shared(&runs->list[i], of_b))
            shared += runs->list[i].length;
    return shared;
}

/* The run in both that is the first or the last of A and of B; else NULL. */
static const struct wcp_run *
outermost(const struct cli_runs *runs, bool last)
{
    const struct wcp_run *in_a = NULL, *in_b = NULL;

    for (size_t i = 0; i < runs->num; i++) {
        const struct wcp_run *run = &runs->list[i];

        if (run->in != WCP_IN_BOTH)
            continue;
        if (in_a == NULL || (run->a_begin > in_a->a_begin) == last)
            in_a = run;
        if (in_b == NULL || (run->b_begin > in_b->b_begin) == last)
            in_b = run;
    }
    return in_a == in_b ? in_a : NULL;
}

static struct edges
measure_edges(const struct cli_runs *runs, const struct wcp_run *first,
              const struct wcp_run *last, bool of_b)
{
    struct edges edges = { 0, 0 };

    for (size_t i = 0; i < runs->num; i++) {
        const struct wcp_run *run = &runs->list[i];

        if (run->in == WCP_IN_BOTH ||
            (run->in == WCP_IN_B || run->in == WCP_AGAIN_IN_B) != of_b)
            continue;
        if (of_b ? run->b_end <= first->b_begin : run->a_end <= first->a_begin)
            edges.head += run->length;
        if (of_b ? run->b_begin >= last->b_end : run->a_begin >= last->a_end)
            edges.tail += run->length;
    }
    return edges;
}

/* "All" or "85%" */
static const char *
share(uint64_t part, uint64_t whole, const char *all, char out[8])
{
    if (part == whole)
        return all;
    if (part > 0 && (double)part / (double)whole < .01)
        return "<1%";
    snprintf(out, 8, "%u%%", (unsigned)((double)part / (double)whole * 100));
    return out;
}

/* B lacks the beginning or the end of A, and has nothing in its place; or the
 * other way round, which the names and 'length', of the longer one, say. */
static void
print_edges(FILE *to, const char names[2], const struct edges *longer,
            const struct edges *other, uint64_t length)
{
    char number[28], all[28];

    if (longer->head > 0 && other->head == 0)
        fprintf(to, "  %c begins %s %s into %c.\n", names[1],
                cli_count(longer->head, number),
                cli_letters_and_digits(longer->head), names[0]);
    if (longer->tail > 0 && other->tail == 0)
        fprintf(to,
                "  %c ends after %s of the %s letters and digits of "
                "%c.\n",
                names[1], cli_count(length - longer->tail, number),
                cli_count(length, all), names[0]);
}

/* What was moved, and what one of the two has again. */
static void
print_out_of_order(FILE *to, const struct cli_runs *runs)
{
    static const struct {
        enum wcp_run_place in;
        const char *one, *many;
    } kinds[] = {
        { WCP_MOVED, "passage was moved", "passages were moved" },
        { WCP_AGAIN_IN_A, "passage stands in A once more than in B",
          "passages stand in A once more than in B" },
        { WCP_AGAIN_IN_B, "passage stands in B once more than in A",
          "passages stand in B once more than in A" },
    };

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        uint64_t num = 0, letters = 0, last = 0;
        char count[28], number[28];

        for (size_t i = 0; i < runs->num; i++) {
            const struct wcp_run *run = &runs->list[i];

            if (run->in != kinds[k].in)
                continue;
            num += run->piece > last;
            last = run->piece > last ? run->piece : last;
            letters += run->length;
        }
        if (num > 0)
            fprintf(to, "  %s %s: %s %s.\n", cli_count(num, count),
                    num == 1 ? kinds[k].one : kinds[k].many,
                    cli_count(letters, number),
                    cli_letters_and_digits(letters));
    }
}

static bool
has_moves(const struct cli_runs *runs)
{
    for (size_t i = 0; i < runs->num; i++)
        if (runs->list[i].in == WCP_MOVED)
            return true;
    return false;
}

void
cli_print_overlap(FILE *to, const struct wcp_comparison *comparison,
                  const struct cli_runs *runs)
{
    uint64_t a = count_shared(runs, false), b = count_shared(runs, true);
    const struct wcp_run *first = outermost(runs, false);
    const struct wcp_run *last = outermost(runs, true);
    struct edges of_a, of_b;
    char a_share[8], b_share[8];

    if (a == 0 && b == 0)
        return;
    fprintf(to, "  %s of A's letters stand in B, and %s of B's in A.\n",
            share(a, comparison->a_length, "All", a_share),
            share(b, comparison->b_length, "all", b_share));
    print_out_of_order(to, runs);
    if (first == NULL || last == NULL || has_moves(runs) ||
        (2 * a < comparison->a_length && 2 * b < comparison->b_length))
        return;
    of_a = measure_edges(runs, first, last, false);
    of_b = measure_edges(runs, first, last, true);
    print_edges(to, "AB", &of_a, &of_b, comparison->a_length);
    print_edges(to, "BA", &of_b, &of_a, comparison->b_length);
}

/* What two texts are that are no copies of one another. */
static const char *
unrelated(const struct wcp_comparison *comparison, const struct cli_runs *runs)
{
    uint64_t a = count_shared(runs, false), b = count_shared(runs, true);

    if (isnan(comparison->jaccard))
        return "There is nothing to compare.";
    if (a == 0 && b == 0)
        return "A and B have nothing in common.";
    if (2 * a >= comparison->a_length || 2 * b >= comparison->b_length)
        return "A and B are versions of one text, but too different to count "
               "as copies.";
    if (20 * a < comparison->a_length && 20 * b < comparison->b_length)
        return "A and B have hardly anything in common.";
    return "A and B have passages in common, and most of both is different.";
}

void
cli_print_verdict(FILE *to, const struct wcp_comparison *comparison,
                  const struct cli_runs *runs)
{
    const char *text = "";

    switch (comparison->relation) {
    case WCP_IDENTICAL:
        text = "B is identical to A: the same letters and digits.";
        break;
    case WCP_REPRINT:
        text = "B is a reprint of A.";
        break;
    case WCP_ABRIDGED:
        text = "B is abridged: it lies in A, which has more.";
        break;
    case WCP_EXPANDED:
        text = "B is expanded: A lies in it, and it has more.";
        break;
    case WCP_EMBEDDED:
        text = comparison->a_in_b >= comparison->b_in_a
                   ? "A is embedded in B, a page that holds other stories."
                   : "B is embedded in A, a page that holds other stories.";
        break;
    case WCP_TEMPLATE:
        text = "A and B are one form, filled with other names and figures.";
        break;
    case WCP_BOILERPLATE:
        text = "A and B share only text that stands in very many documents.";
        break;
    case WCP_EXCERPT:
    case WCP_UNRELATED:
    case WCP_ORIGINAL:
        text = unrelated(comparison, runs);
        break;
    }
    fputs(text, to);
}

bool
cli_runs_add(struct cli_runs *runs, const struct wcp_run *run)
{
    struct wcp_run *more;

    if (runs->num == runs->cap) {
        size_t cap = runs->cap > 0 ? 2 * runs->cap : 64;

        more = cap <= SIZE_MAX / sizeof *more
                   ? realloc(runs->list, cap * sizeof *more)
                   : NULL;
        if (more == NULL)
            return false;
        runs->list = more;
        runs->cap = cap;
    }
    runs->list[runs->num++] = *run;
    return true;
}
