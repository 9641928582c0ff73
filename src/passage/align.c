/*
 * align.c - what two texts share, piece by piece
 *
 * The same way as in a corpus of two texts, the second asked about the first.
 */
#include "passage/engine.h"

#include <stdlib.h>

static int
compare_alignments(const void *x, const void *y)
{
    const struct wcp_alignment *p = x, *q = y;

    if (p->a_begin != q->a_begin)
        return p->a_begin < q->a_begin ? -1 : 1;
    if (p->a_end != q->a_end)
        return p->a_end < q->a_end ? -1 : 1;
    return p->b_begin < q->b_begin ? -1 : p->b_begin > q->b_begin;
}

static bool
take_spans(struct wcp_alignments *to, struct wcp_query_result *from)
{
    if (!wcp_array_reserve(to->mem, &to->list, from->list.num))
        return false;
    for (size_t i = 0; i < from->list.num; i++) {
        const struct wcp_span_pair *span = &from->list.at[i];

        to->list.at[to->list.num++] = (struct wcp_alignment){
            .a_begin = span->begin,
            .a_end = span->end,
            .b_begin = span->other_begin,
            .b_end = span->other_end,
            .matched = span->matched,
            .first_block = span->first_block,
            .num_blocks = span->num_blocks,
        };
    }
    to->blocks.at = from->blocks.list.at;
    to->blocks.num = from->blocks.list.num;
    to->blocks.cap = from->blocks.list.cap;
    from->blocks = (struct wcp_blocks){ 0 };
    if (to->list.num > 0)
        qsort(to->list.at, to->list.num, sizeof *to->list.at,
              compare_alignments);
    return true;
}

enum wcp_code
wcp_align(struct wcp_alignments *result, const struct wcp_memory *mem,
          const struct wcp_units *a, const struct wcp_units *b,
          const struct wcp_passage_limits *opts, struct wcp_fault *fault)
{
    const struct wcp_units texts[2] = { *b, *a };
    struct wcp_places places = { 0 };
    struct wcp_seed_plan plan;
    struct wcp_lookup *lookup = NULL;
    struct wcp_query *query = NULL;
    struct wcp_query_result spans = { 0 };
    enum wcp_code code;

    *result = (struct wcp_alignments){ .mem = mem };
    if (opts->min_length < WCP_PASSAGE_MIN_LENGTH)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "min-length must be at least %d",
                        WCP_PASSAGE_MIN_LENGTH);
    wcp_seed_plan(&plan, opts->min_length);
    code = wcp_places_init(&places, mem, texts, 2, fault);
    if (code == WCP_CODE_OK)
        code = wcp_lookup_new(&places, &plan, 1, &lookup, fault);
    if (code == WCP_CODE_OK)
        code = wcp_query_new(&places, lookup, &plan, opts, true, &query, fault);
    if (code == WCP_CODE_OK && (!wcp_query_text(query, 1, true, &spans) ||
                                !take_spans(result, &spans)))
        code = wcp_no_memory(fault);
    wcp_query_free(query);
    wcp_lookup_free(lookup);
    wcp_places_release(&places);
    wcp_array_release(mem, &spans.list);
    wcp_array_release(mem, &spans.blocks.list);
    if (code != WCP_CODE_OK)
        wcp_alignments_release(result);
    return code;
}

void
wcp_alignments_release(struct wcp_alignments *result)
{
    if (result->mem == NULL)
        return;
    wcp_array_release(result->mem, &result->list);
    wcp_array_release(result->mem, &result->blocks);
    *result = (struct wcp_alignments){ 0 };
}
