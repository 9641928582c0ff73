/*
 * wirecopy_eval.c - the public API: groups against labels, passages against
 * spans
 */
#include "wirecopy_passages.h"

#include "group/score.h"
#include "group/spans.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* "gold.tsv:17: what is wrong there" */
static enum wcp_code
name_gold_line(const char *path, enum wcp_code code, struct wcp_fault *fault)
{
    char text[sizeof fault->text];

    if (code != WCP_CODE_BAD_RECORD && code != WCP_CODE_BAD_TEXT &&
        code != WCP_CODE_TOO_LONG)
        return code;
    memcpy(text, fault->text, sizeof text);
    if (fault->at > 0)
        wcp_fail(fault, code, 0, "%.100s:%" PRIu64 ": %s", path, fault->at,
                 text);
    else
        wcp_fail(fault, code, 0, "%.100s: %s", path, text);
    return code;
}

/* 'unknown' is one of the ids. */
static void
say_about_gold(struct wcp_corpus *corpus, const char *path,
               uint64_t num_unknown, const char *unknown)
{
    char text[240];
    struct wcp_message message = { .kind = WCP_MESSAGE_SKIPPED,
                                   .status = WCP_BAD_RECORD,
                                   .path = path,
                                   .text = text };

    if (corpus->opts.on_message == NULL)
        return;
    if (num_unknown > 0) {
        snprintf(text, sizeof text,
                 num_unknown == 1
                     ? "%" PRIu64 " id is that of no document: '%s'"
                     : "%" PRIu64 " ids are those of no document, such as '%s'",
                 num_unknown, unknown);
        corpus->opts.on_message(corpus->opts.ctx, &message);
    }
}

static enum wcp_code
hand_out_mistakes(struct wcp_corpus *corpus,
                  const struct wcp_evaluation *evaluation,
                  const struct wcp_gold *gold, const uint32_t *found,
                  struct wcp_fault *fault)
{
    struct wcp_mistakes mistakes = { 0 };
    enum wcp_code code;

    if (evaluation->on_mistake == NULL || evaluation->max_mistakes == 0)
        return WCP_CODE_OK;
    code = wcp_mistakes_find(&mistakes, corpus->store, gold, found,
                             evaluation->max_mistakes < UINT32_MAX
                                 ? (size_t)evaluation->max_mistakes
                                 : UINT32_MAX,
                             fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < mistakes.list.num; i++) {
        const struct wcp_mistake *from = &mistakes.list.at[i];
        const struct wcp_overlap *overlap = &from->overlap;
        const struct wcp_entry *entries = corpus->store->entries;
        struct wcp_pair pair = {
            .a = wcp_corpus_describe(corpus, from->a, 0),
            .b = wcp_corpus_describe(corpus, from->b, 1),
            .jaccard = from->empty ? (double)NAN : wcp_jaccard(overlap),
            .a_in_b = from->empty
                          ? (double)NAN
                          : wcp_overlap_share(overlap->common, overlap->size_a),
            .b_in_a = from->empty
                          ? (double)NAN
                          : wcp_overlap_share(overlap->common, overlap->size_b),
            .relation = WCP_UNRELATED,
        };

        if (!from->empty && pair.jaccard >= wcp_corpus_threshold(corpus))
            pair.relation = (enum wcp_relation)wcp_relate(
                entries[from->a].class_number == entries[from->b].class_number,
                pair.a_in_b, pair.b_in_a, wcp_corpus_threshold(corpus));
        if (pair.a == NULL || pair.b == NULL)
            code = wcp_no_memory(fault);
        else if (evaluation->on_mistake(evaluation->ctx,
                                        from->missed ? WCP_MISSED_PAIR
                                                     : WCP_FALSE_PAIR,
                                        &pair) != 0)
            code = wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    if (mistakes.incomplete && code == WCP_CODE_OK &&
        corpus->opts.on_message != NULL) {
        struct wcp_message message = {
            .kind = WCP_MESSAGE_WARNING,
            .text = "too many mistakes to look at all of them: the worst are "
                    "those of a part",
        };

        corpus->opts.on_message(corpus->opts.ctx, &message);
    }
    wcp_mistakes_release(&mistakes);
    return code;
}

static enum wcp_code
score_groups(struct wcp_corpus *corpus, struct wcp_evaluation *evaluation,
             const struct wcp_gold *gold, struct wcp_fault *fault)
{
    uint32_t num = corpus->store->num_documents;
    uint32_t *found = wcp_new_array(&corpus->mem, num, sizeof *found);
    struct wcp_groups groups = { 0 };
    struct wcp_pair_counts counts = { 0 };
    enum wcp_code code =
        found == NULL ? wcp_no_memory(fault)
                      : wcp_corpus_group(corpus, &groups, WCP_ORDER_ORIGINAL,
                                         false, fault);

    if (code == WCP_CODE_OK) {
        wcp_label_groups(&groups, corpus->store, found);
        if (gold->form == WCP_GOLD_PAIRS)
            wcp_count_labelled(gold, found, &counts);
        else
            code = wcp_count_pairs(&corpus->mem, gold->labels, found, num,
                                   &counts, fault);
    }
    wcp_groups_release(&groups);
    if (code == WCP_CODE_OK)
        code = hand_out_mistakes(corpus, evaluation, gold, found, fault);
    wcp_free_array(&corpus->mem, found, num, sizeof *found);
    if (code != WCP_CODE_OK)
        return code;
    evaluation->documents = num;
    evaluation->gold = counts.gold;
    evaluation->found = counts.found;
    evaluation->true_positive = counts.both;
    evaluation->precision = wcp_precision(&counts);
    evaluation->recall = wcp_recall(&counts);
    evaluation->f1 = wcp_f1(&counts);
    evaluation->ari =
        gold->form == WCP_GOLD_PAIRS ? (double)NAN : wcp_adjusted_rand(&counts);
    evaluation->labelled = gold->pairs.num;
    evaluation->unknown_ids = gold->num_unknown;
    return WCP_CODE_OK;
}

/* ---- passages ---- */

static enum wcp_code
list_found(const struct wcp_passages_job *job, struct wcp_text_spans *found,
           struct wcp_fault *fault)
{
    found->mem = job->mem;
    if (!wcp_array_reserve(job->mem, &found->list, job->copies.num))
        return wcp_no_memory(fault);
    for (size_t p = 0; p < job->passages.num; p++) {
        const struct wcp_placed_passage *passage = &job->passages.at[p];

        for (size_t i = passage->first; i < passage->first + passage->num; i++)
            found->list.at[found->list.num++] =
                (struct wcp_text_span){ job->copies.at[i].document, (uint32_t)p,
                                        job->copies.at[i].chars[0],
                                        job->copies.at[i].chars[1] };
    }
    return WCP_CODE_OK;
}

static double
ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

static void
take_counts(struct wcp_evaluation *evaluation,
            const struct wcp_span_counts *counts)
{
    evaluation->gold = counts->gold;
    evaluation->found = counts->found;
    evaluation->true_positive = counts->both;
    evaluation->precision = ratio(counts->both, counts->found);
    evaluation->recall = ratio(counts->both, counts->gold);
    evaluation->f1 = ratio(2 * counts->both, counts->gold + counts->found);
    evaluation->ari = (double)NAN;
    evaluation->spans = counts->spans;
    evaluation->spans_found = counts->spans_found;
}

static enum wcp_code
score_passages(struct wcp_corpus *corpus, struct wcp_evaluation *evaluation,
               struct wcp_text_spans *gold,
               const struct wcp_passage_limits *limits, struct wcp_fault *fault)
{
    struct wcp_text_spans found = { 0 };
    struct wcp_span_counts counts;
    struct wcp_passages_job job;
    enum wcp_code code;

    wcp_passages_job_init(&job, corpus, WCP_ORDER_DATE);
    code = wcp_passages_job_find(&job, limits, fault);
    if (code == WCP_CODE_OK)
        code = wcp_passages_job_locate(&job, fault);
    if (code == WCP_CODE_OK)
        code = list_found(&job, &found, fault);
    corpus->stats.passages = job.passages.num;
    corpus->stats.passage_copies = job.copies.num;
    wcp_passages_job_release(&job);
    if (code == WCP_CODE_OK)
        code = wcp_count_spans(gold, &found, &counts, fault);
    wcp_text_spans_release(&found);
    if (code != WCP_CODE_OK)
        return code;
    take_counts(evaluation, &counts);
    evaluation->documents = corpus->store->num_documents;
    evaluation->labelled = 0;
    evaluation->unknown_ids = gold->num_unknown;
    return WCP_CODE_OK;
}

/* A gold that was read, against passages. */
static enum wcp_code
eval_passages(struct wcp_corpus *corpus, struct wcp_evaluation *evaluation,
              const char *path, struct wcp_string text, struct wcp_fault *fault)
{
    struct wcp_text_spans gold = { 0 };
    struct wcp_passage_limits limits;
    enum wcp_code code = wcp_passage_options_take(&limits, evaluation->passages,
                                                  corpus->stats.threads, fault);

    if (code == WCP_CODE_OK)
        code = wcp_corpus_check_texts(corpus, "passages", fault);
    if (code == WCP_CODE_OK)
        code = wcp_passages_read(corpus, fault);
    if (code == WCP_CODE_OK)
        code = name_gold_line(path,
                              wcp_text_spans_read(&gold, corpus->store,
                                                  text.data, text.len, fault),
                              fault);
    if (code == WCP_CODE_OK) {
        say_about_gold(corpus, path, gold.num_unknown, gold.unknown);
        code = score_passages(corpus, evaluation, &gold, &limits, fault);
    }
    wcp_text_spans_release(&gold);
    return code;
}

/* The same, against groups. */
static enum wcp_code
eval_groups(struct wcp_corpus *corpus, struct wcp_evaluation *evaluation,
            const char *path, struct wcp_string text, struct wcp_fault *fault)
{
    struct wcp_gold gold = { 0 };
    enum wcp_code code = wcp_corpus_link_texts(corpus, fault);

    if (code == WCP_CODE_OK)
        code = wcp_corpus_mark_own(corpus, fault);
    if (code == WCP_CODE_OK)
        code = name_gold_line(
            path,
            wcp_gold_make(&gold, corpus->store, text.data, text.len,
                          wcp_corpus_relations(corpus), fault),
            fault);
    if (code == WCP_CODE_OK && gold.looks_like_pairs)
        code = wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "%.100s: the second column holds ids, but two columns "
                        "mean id and cluster; of copy and original write "
                        "'reprint' in a third, of labelled pairs 1 or 0",
                        path);
    if (code == WCP_CODE_OK) {
        say_about_gold(corpus, path, gold.num_unknown, gold.unknown);
        code = score_groups(corpus, evaluation, &gold, fault);
    }
    wcp_gold_release(&gold);
    return code;
}

enum wcp_status
wcp_corpus_eval(struct wcp_corpus *corpus, struct wcp_evaluation *evaluation,
                struct wcp_error *err)
{
    struct wcp_evaluation copy = { 0 };
    struct wcp_fault fault = { 0 };
    struct wcp_buffer bytes;
    struct wcp_string text;
    const char *path;
    enum wcp_code code =
        wcp_struct_take(&copy, sizeof copy, evaluation,
                        WCP_SIZE_TO(struct wcp_evaluation, unknown_ids),
                        "wcp_evaluation", &fault);

    wcp_buffer_init(&bytes, &corpus->mem, 0);
    path = copy.gold_path != NULL ? copy.gold_path : "gold";
    text = (struct wcp_string){ copy.gold_text, copy.gold_len };
    if (code == WCP_CODE_OK && text.data == NULL) {
        code = wcp_gold_read(path, &bytes, &fault);
        text = (struct wcp_string){ (const char *)bytes.data, bytes.len };
    }
    if (code == WCP_CODE_OK)
        code = wcp_corpus_lift_limit(corpus, &fault);
    if (code == WCP_CODE_OK)
        code = copy.passages != NULL
                   ? eval_passages(corpus, &copy, path, text, &fault)
                   : eval_groups(corpus, &copy, path, text, &fault);
    if (code == WCP_CODE_OK)
        wcp_struct_give(evaluation, &copy, sizeof copy);
    wcp_buffer_release(&bytes);
    return wcp_corpus_tell(corpus, err, code, &fault);
}
