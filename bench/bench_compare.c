/*
 * bench_compare.c - "wirecopy-bench compare A.json B.json": which is better?
 *
 * Figures are paired by command, table, row and column.  The gain is B over A
 * where more is better and A over B where less is: above 1, B is better.  A
 * change counts only if it is larger than what the runs of either side vary
 * among themselves (median against fastest) and than 3 %.
 */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_CHANGE .03

struct pairing {
    const struct bench_figures *a, *b;
    double *gains; /* of the table at hand */
    size_t num_gains;
    unsigned num_better, num_worse, num_same, num_alone;
};

static bool
is_same(const struct bench_figure *a, const struct bench_figure *b)
{
    return strcmp(a->command, b->command) == 0 &&
           strcmp(a->table, b->table) == 0 && strcmp(a->row, b->row) == 0 &&
           strcmp(a->column, b->column) == 0 && strcmp(a->unit, b->unit) == 0;
}

/* The figure of 'list' that is x's; most often it stands at 'at' as well. */
static const struct bench_figure *
find_figure(const struct bench_figures *list, const struct bench_figure *x,
            size_t at)
{
    if (at < list->num && is_same(&list->at[at], x))
        return &list->at[at];
    for (size_t i = 0; i < list->num; i++)
        if (is_same(&list->at[i], x))
            return &list->at[i];
    return NULL;
}

static double
spread(const struct bench_figure *f)
{
    const double ratio = f->fastest / f->median;

    if (!(ratio > 0) || f->runs < 2)
        return 0;
    return ratio > 1 ? ratio - 1 : 1 / ratio - 1;
}

/* NaN where there is no better. */
static double
gain(const struct bench_figure *a, const struct bench_figure *b)
{
    if (a->better == BENCH_NEITHER || !(a->median > 0) || !(b->median > 0))
        return NAN;
    return a->better == BENCH_MORE ? b->median / a->median
                                   : a->median / b->median;
}

static const char *
judge(struct pairing *pairing, const struct bench_figure *a,
      const struct bench_figure *b, double g)
{
    double least = LEAST_CHANGE;

    if (isnan(g))
        return a->median == b->median ? "" : "differs";
    if (a->runs == 0) /* counted, not timed: not part of the means */
        return a->median == b->median ? "" : "differs";
    least = spread(a) > least ? spread(a) : least;
    least = spread(b) > least ? spread(b) : least;
    pairing->gains[pairing->num_gains++] = g;
    if (g > 1 + least) {
        pairing->num_better++;
        return "better";
    }
    if (g < 1 / (1 + least)) {
        pairing->num_worse++;
        return "worse";
    }
    pairing->num_same++;
    return "";
}

static void
end_table(struct pairing *pairing)
{
    if (pairing->num_gains > 0)
        printf("  mean gain %.3f\n",
               bench_geometric_mean(pairing->gains, pairing->num_gains));
    pairing->num_gains = 0;
}

static void
begin_table(const struct bench_figure *f)
{
    printf("\n%s, %s\n  %-40s %12s %12s %7s\n", f->command, f->table, "", "A",
           "B", "gain");
}

static void
print_pair(struct pairing *pairing, const struct bench_figure *a,
           const struct bench_figure *b)
{
    const double g = gain(a, b);
    const char *verdict = judge(pairing, a, b, g);
    char label[80], text_a[32], text_b[32], text_g[32] = "";

    snprintf(label, sizeof label, "%s, %s%s%s", a->row, a->column,
             a->unit[0] != '\0' ? " " : "", a->unit);
    bench_format(a->median, text_a, sizeof text_a);
    bench_format(b->median, text_b, sizeof text_b);
    if (!isnan(g))
        snprintf(text_g, sizeof text_g, "%.3f", g);
    printf("  %-40s %12s %12s", label, text_a, text_b);
    if (text_g[0] != '\0' || verdict[0] != '\0')
        printf(" %7s", text_g);
    printf("%s%s\n", verdict[0] != '\0' ? "  " : "", verdict);
}

static void
print_heads(const struct bench_figures *a, const struct bench_figures *b)
{
    const struct bench_figures *const both[] = { a, b };

    for (size_t i = 0; i < 2; i++)
        printf("%c  %s, %s\n   %s, text: %s\n", i == 0 ? 'A' : 'B',
               both[i]->machine, both[i]->date, both[i]->compiler,
               both[i]->text);
}

static void
print_pairs(struct pairing *pairing)
{
    const struct bench_figure *before = NULL;

    for (size_t i = 0; i < pairing->a->num; i++) {
        const struct bench_figure *a = &pairing->a->at[i];
        const struct bench_figure *b = find_figure(pairing->b, a, i);

        if (b == NULL) {
            pairing->num_alone++;
            continue;
        }
        if (before == NULL || strcmp(before->command, a->command) != 0 ||
            strcmp(before->table, a->table) != 0) {
            end_table(pairing);
            begin_table(a);
        }
        print_pair(pairing, a, b);
        before = a;
    }
    end_table(pairing);
    for (size_t i = 0; i < pairing->b->num; i++)
        if (find_figure(pairing->a, &pairing->b->at[i], i) == NULL)
            pairing->num_alone++;
}

int
bench_compare(const struct bench_settings *settings)
{
    struct bench_figures a = { 0 }, b = { 0 };
    struct pairing pairing = { .a = &a, .b = &b };
    int status = 1;

    if (settings->num_operands != 2) {
        bench_say("compare takes two files that --json or --save wrote");
        return 2;
    }
    if (bench_read_figures(&a, settings->operands[0]) &&
        bench_read_figures(&b, settings->operands[1])) {
        pairing.gains = bench_alloc(a.num, sizeof *pairing.gains);
        print_heads(&a, &b);
        print_pairs(&pairing);
        printf("\n%u better, %u worse, %u within the noise; %u in one file "
               "only\n"
               "A gain above 1 says that B is better.\n",
               pairing.num_better, pairing.num_worse, pairing.num_same,
               pairing.num_alone);
        status = fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
        free(pairing.gains);
    }
    bench_figures_release(&a);
    bench_figures_release(&b);
    return status;
}
