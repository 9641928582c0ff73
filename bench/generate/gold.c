/*
 * gold.c - how alike an original and its copy are, exactly
 *
 * Texts are folded and cut into shingles by the library, so that its Jaccard
 * index is meant.  That the figures are right is for the tests to show: they
 * count again without the library.
 */
#include "generate.h"

#include "sketch/sketch.h"
#include "text/text.h"

#include <stdlib.h>
#include <string.h>

struct gen_gold {
    struct wcp_folded original, copy;
    struct wcp_sketcher *sketcher;
    struct wcp_shingle_set a, b;
};

struct gen_gold *
gen_gold_new(void)
{
    struct gen_gold *gold = bench_alloc(1, sizeof *gold);

    wcp_folded_init(&gold->original, &wcp_memory_libc);
    wcp_folded_init(&gold->copy, &wcp_memory_libc);
    if (wcp_sketcher_new(&wcp_memory_libc, 0, &gold->sketcher, NULL) !=
        WCP_CODE_OK)
        gen_die("out of memory");
    return gold;
}

void
gen_gold_free(struct gen_gold *gold)
{
    if (gold == NULL)
        return;
    wcp_folded_release(&gold->original);
    wcp_folded_release(&gold->copy);
    wcp_shingle_set_release(gold->sketcher, &gold->a);
    wcp_shingle_set_release(gold->sketcher, &gold->b);
    wcp_sketcher_free(gold->sketcher);
    free(gold);
}

void
gen_gold_compare(struct gen_gold *gold, const struct bench_bytes *original,
                 const struct bench_bytes *copy, struct gen_likeness *out)
{
    struct wcp_folded *a = &gold->original, *b = &gold->copy;
    double common;

    if (!wcp_fold(a, original->data, original->len) ||
        !wcp_fold(b, copy->data, copy->len))
        gen_die("out of memory");
    out->identical = a->num == b->num &&
                     memcmp(a->units, b->units, a->num * sizeof *a->units) == 0;
    out->jaccard = out->covers = out->covered = 1;
    if (out->identical)
        return;
    if (!wcp_shingle_set_make(gold->sketcher, a->units, a->num, &gold->a) ||
        !wcp_shingle_set_make(gold->sketcher, b->units, b->num, &gold->b))
        gen_die("out of memory");
    common = (double)wcp_shingle_set_common(&gold->a, &gold->b);
    out->jaccard =
        common / ((double)gold->a.num + (double)gold->b.num - common);
    out->covers = common / (double)gold->a.num;
    out->covered = common / (double)gold->b.num;
}

const char *
gen_relation(const struct gen_likeness *likeness, bool is_page)
{
    const double threshold = .8;

    if (likeness->identical)
        return "identical";
    if (likeness->covers >= threshold && likeness->covered >= threshold)
        return "reprint";
    if (likeness->covered >= threshold)
        return "abridged";
    if (likeness->covers >= threshold)
        return is_page ? "embedded" : "expanded";
    return "excerpt";
}
