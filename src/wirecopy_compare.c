/*
 * wirecopy_compare.c - the public API: reading documents, comparing two
 */
#include "wirecopy_internal.h"

#include "group/compare.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)WCP_IN_BOTH == (int)WCP_RUN_BOTH &&
                   (int)WCP_IN_A == (int)WCP_RUN_A &&
                   (int)WCP_IN_B == (int)WCP_RUN_B &&
                   (int)WCP_AGAIN_IN_A == (int)WCP_RUN_A_AGAIN &&
                   (int)WCP_AGAIN_IN_B == (int)WCP_RUN_B_AGAIN &&
                   (int)WCP_MOVED == (int)WCP_RUN_MOVED,
               "public and internal places of runs are the same");

/* ---- reading ---- */

struct read_view {
    struct wcp_corpus *corpus;
    int32_t (*on_document)(void *ctx, const struct wcp_document_info *document,
                           const char *text, size_t text_len);
    void *ctx;
    bool no_memory;
};

/* The id, with a NUL; then the other strings likewise. */
static bool
copy_strings(struct wcp_buffer *id, struct wcp_buffer *strings,
             const struct wcp_document *doc, const char *path)
{
    const struct wcp_string copied[] = { doc->title, doc->date, doc->source };
    char number[24];
    int len = 0;

    id->len = strings->len = 0;
    if (doc->at.line > 0)
        len = snprintf(number, sizeof number, ":%" PRIu64, doc->at.line);
    if (doc->id.data != NULL ? !wcp_buffer_append(id, doc->id.data, doc->id.len)
                             : !wcp_buffer_append(id, path, strlen(path)) ||
                                   !wcp_buffer_append(id, number, (size_t)len))
        return false;
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        if (!wcp_buffer_append(strings, copied[i].data, copied[i].len) ||
            !wcp_buffer_append(strings, "", 1))
            return false;
    return wcp_buffer_append(id, "", 1);
}

static bool
pass_document(void *ctx, const struct wcp_document *doc)
{
    struct read_view *view = ctx;
    struct wcp_corpus *corpus = view->corpus;
    const char *path = wcp_source_path(corpus->reader, doc->at.source);
    struct wcp_buffer *id = &corpus->ids[0], *strings = &corpus->ids[1];
    const char *at;

    if (!copy_strings(id, strings, doc, path)) {
        view->no_memory = true;
        return false;
    }
    at = (const char *)strings->data;
    return view->on_document(
               view->ctx,
               &(struct wcp_document_info){
                   .number = ++corpus->stats.documents,
                   .id = (const char *)id->data,
                   .id_len = id->len - 1,
                   .path = path,
                   .line = doc->at.line,
                   .title = doc->title.data != NULL ? at : NULL,
                   .date =
                       doc->date.data != NULL ? at + doc->title.len + 1 : NULL,
                   .source = doc->source.data != NULL
                                 ? at + doc->title.len + doc->date.len + 2
                                 : NULL,
                   .title_len = doc->title.len,
                   .date_len = doc->date.len,
                   .source_len = doc->source.len,
                   .date_ms = doc->date_ms,
               },
               doc->text.data, doc->text.len) == 0;
}

static void
pass_read_notice(void *ctx, const struct wcp_notice *notice)
{
    const struct read_view *view = ctx;

    wcp_corpus_pass_notice(view->corpus, notice);
}

static bool
go_on_reading(void *ctx)
{
    const struct read_view *view = ctx;
    uint64_t done, total;

    wcp_reader_progress(view->corpus->reader, &done, &total);
    return wcp_corpus_pass_progress(view->corpus, view->corpus->stats.documents,
                                    done, total);
}

enum wcp_status
wcp_corpus_read(struct wcp_corpus *corpus,
                int32_t (*on_document)(void *ctx,
                                       const struct wcp_document_info *document,
                                       const char *text, size_t text_len),
                void *ctx, struct wcp_error *err)
{
    struct read_view view = { corpus, on_document, ctx, false };
    const struct wcp_each each = { { pass_document, pass_read_notice, &view },
                                   go_on_reading };
    struct wcp_fault fault = { 0 };
    enum wcp_code code = wcp_corpus_check_open(corpus, &fault);

    if (code == WCP_CODE_OK)
        code = wcp_corpus_check_texts(corpus, "texts", &fault);
    /* Closed, so that nothing can be asked of what was not stored. */
    if (code == WCP_CODE_OK)
        code = wcp_store_close(corpus->store, NULL, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_reader_each(corpus->reader, &each, &corpus->stats.bytes,
                               &fault);
    if (view.no_memory)
        code = wcp_no_memory(&fault);
    return wcp_tell(err, code, &fault);
}

/* ---- two texts ---- */

static enum wcp_code
take_text(struct wcp_text *to, const struct wcp_text *from,
          struct wcp_fault *fault)
{
    enum wcp_code code = wcp_text_take(to, from, fault);
    size_t valid;

    if (code != WCP_CODE_OK)
        return code;
    valid = wcp_utf8_valid_prefix(to->text, to->text_len);
    if (valid == to->text_len)
        return WCP_CODE_OK;
    wcp_fail(fault, WCP_CODE_BAD_TEXT, 0, "the text is not UTF-8");
    fault->at = valid;
    return WCP_CODE_BAD_TEXT;
}

/* Of what a judge sees, other texts that hold these are not at hand. */
static enum wcp_relation
relate(const struct wcp_likeness *likeness, double threshold)
{
    struct wcp_relation_evidence evidence = {
        .threshold = threshold,
        .same_text = likeness->same_text,
        .overlap = likeness->overlap, /* a: the copy */
        .slots = likeness->slots,
        .rest = likeness->rest,
    };
    enum wcp_relation_kind relation = wcp_relation(&evidence);

    if (relation == WCP_REL_EMBEDDED) /* a is the page */
        return WCP_EMBEDDED;
    evidence.overlap.size_a = likeness->overlap.size_b;
    evidence.overlap.size_b = likeness->overlap.size_a;
    relation = wcp_relation(&evidence);
    return relation == WCP_REL_EXCERPT ? WCP_UNRELATED
                                       : (enum wcp_relation)relation;
}

static void
fill_comparison(struct wcp_comparison *to, const struct wcp_likeness *from,
                double threshold)
{
    const struct wcp_overlap *overlap = &from->overlap;
    bool empty = overlap->size_a == 0 || overlap->size_b == 0;

    to->a_length = from->a_length;
    to->b_length = from->b_length;
    to->simhash_distance = from->simhash_distance;
    to->jaccard = empty ? (double)NAN : wcp_jaccard(overlap);
    to->a_in_b = empty ? (double)NAN
                       : wcp_overlap_share(overlap->common, overlap->size_a);
    to->b_in_a = empty ? (double)NAN
                       : wcp_overlap_share(overlap->common, overlap->size_b);
    to->minhash =
        empty ? (double)NAN : (double)from->equal_values / WCP_NUM_BINS;
    to->relation = relate(from, threshold);
}

static enum wcp_code
hand_out_runs(const struct wcp_comparison *comparison,
              const struct wcp_side_by_side *side,
              const struct wcp_characters characters[2],
              struct wcp_fault *fault)
{
    for (size_t i = 0; i < side->runs.num; i++) {
        const struct wcp_text_run *from = &side->runs.at[i];
        const struct wcp_run run = {
            .in = (enum wcp_run_place)from->in,
            .length = from->length,
            .a_begin = from->a_begin,
            .a_end = from->a_end,
            .b_begin = from->b_begin,
            .b_end = from->b_end,
            .a_char_begin =
                wcp_characters_before(&characters[0], from->a_begin),
            .a_char_end = wcp_characters_before(&characters[0], from->a_end),
            .b_char_begin =
                wcp_characters_before(&characters[1], from->b_begin),
            .b_char_end = wcp_characters_before(&characters[1], from->b_end),
            .piece = from->piece,
            .ends_sentence = from->ends_sentence,
        };

        if (comparison->on_run(comparison->ctx, &run) != 0)
            return wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    return WCP_CODE_OK;
}

static enum wcp_code
count_and_hand_out(const struct wcp_comparison *comparison,
                   const struct wcp_side_by_side *side,
                   const struct wcp_string texts[2], struct wcp_fault *fault)
{
    struct wcp_characters characters[2];
    enum wcp_code code = WCP_CODE_OK;

    for (int i = 0; i < 2; i++)
        if (!wcp_characters_init(&characters[i], side->mem, texts[i].data,
                                 texts[i].len))
            code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = hand_out_runs(comparison, side, characters, fault);
    for (int i = 0; i < 2; i++)
        wcp_characters_release(&characters[i]);
    return code;
}

enum wcp_status
wcp_compare(const struct wcp_options *opts, const struct wcp_text *a,
            const struct wcp_text *b, struct wcp_comparison *comparison,
            struct wcp_error *err)
{
    struct wcp_comparison result = { 0 };
    struct wcp_text from_a, from_b;
    struct wcp_string texts[2];
    struct wcp_compare_settings settings;
    struct wcp_options copy;
    struct wcp_fault fault = { 0 };
    struct wcp_side_by_side side = { 0 };
    struct wcp_memory mem;
    enum wcp_code code = wcp_options_copy(&copy, opts, &fault);

    if (code == WCP_CODE_OK)
        code = wcp_options_check(&copy, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_struct_take(&result, sizeof result, comparison,
                               WCP_SIZE_TO(struct wcp_comparison, b_length),
                               "wcp_comparison", &fault);
    if (code == WCP_CODE_OK)
        code = take_text(&from_a, a, &fault);
    if (code == WCP_CODE_OK)
        code = take_text(&from_b, b, &fault);
    if (code != WCP_CODE_OK)
        return wcp_tell(err, code, &fault);
    mem = wcp_options_memory(&copy);
    texts[0] = (struct wcp_string){ from_a.text, from_a.text_len };
    texts[1] = (struct wcp_string){ from_b.text, from_b.text_len };
    settings = (struct wcp_compare_settings){
        copy.shingle, (enum wcp_signature_kind)copy.signature,
        result.sentences != 0,
        copy.threshold > 0 ? copy.threshold : WCP_DEFAULT_THRESHOLD
    };
    code = wcp_compare_texts(&side, &mem, texts, &settings, &fault);
    if (code == WCP_CODE_OK) {
        fill_comparison(&result, &side.likeness, settings.threshold);
        wcp_struct_give(comparison, &result, sizeof result);
        if (result.on_run != NULL)
            code = count_and_hand_out(&result, &side, texts, &fault);
    }
    wcp_side_by_side_release(&side);
    return wcp_tell(err, code, &fault);
}
