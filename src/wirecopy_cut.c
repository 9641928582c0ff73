/*
 * wirecopy_cut.c - the public API: a corpus without repeated passages
 *
 * What goes is decided on folded texts, in the order in which documents are
 * kept.  The documents with copies are read again for the bytes; and once more
 * when they are written, as their files are copied but for these bytes.
 */
#include "wirecopy_passages.h"

#include <stdio.h>

#define NO_CUT UINT32_MAX

/* A part of a copy that goes; bytes[0] == bytes[1]: nothing of it after all. */
struct placed_cut {
    uint32_t document, copy;
    uint32_t begin, end; /* units */
    uint64_t bytes[2], chars[2];
};

struct cutting {
    struct wcp_corpus *corpus;
    const struct wcp_store *store;
    const struct wcp_cut_sink *sink;
    struct wcp_passages_job job;
    WCP_ARRAY(struct placed_cut) cuts; /* of each document together */
    uint32_t *first_cut;               /* [num_documents], NO_CUT: none */
    bool *dropped;                     /* [num_documents] */
    struct wcp_exciser *exciser;
    WCP_ARRAY(struct wcp_range) ranges; /* records with cuts in a source */
    WCP_ARRAY(struct wcp_range) parts;  /* of a document */
    WCP_ARRAY(uint32_t) documents;      /* those of 'ranges' */
    struct wcp_joint joint;
    struct wcp_fault *fault;
};

/* ---- what goes ---- */

/* Every copy with its document's place in the order and its text. */
static bool
list_repeats(const struct cutting *c, struct wcp_repetition *repeats)
{
    const struct wcp_passages_job *job = &c->job;
    size_t num_classes = c->store->num_classes;
    uint32_t *text_of = wcp_new_array(job->mem, num_classes, sizeof *text_of);

    if (text_of == NULL)
        return false;
    for (uint32_t i = 0; i < job->num; i++)
        text_of[job->classes[i]] = i;
    for (size_t p = 0; p < job->passages.num; p++) {
        const struct wcp_placed_passage *passage = &job->passages.at[p];

        for (size_t i = passage->first; i < passage->first + passage->num;
             i++) {
            const struct wcp_placed_copy *copy = &job->copies.at[i];

            repeats[i] = (struct wcp_repetition){
                .document = job->ranks[copy->document],
                .text = text_of[c->store->entries[copy->document].class_number],
                .begin = copy->begin,
                .end = copy->end,
                .first = (uint32_t)passage->first,
            };
        }
    }
    wcp_free_array(job->mem, text_of, num_classes, sizeof *text_of);
    return true;
}

static enum wcp_code
take_cuts(struct cutting *c, const struct wcp_unit_cuts *found)
{
    const struct wcp_memory *mem = c->job.mem;

    for (uint32_t i = 0; i < c->store->num_documents; i++)
        c->first_cut[i] = NO_CUT;
    if (found->list.num >= NO_CUT)
        return wcp_fail(c->fault, WCP_CODE_TOO_LONG, 0,
                        "more than 4,294,967,294 cuts");
    if (!wcp_array_reserve(mem, &c->cuts, found->list.num))
        return wcp_no_memory(c->fault);
    for (size_t i = 0; i < found->list.num; i++) {
        const struct wcp_unit_cut *cut = &found->list.at[i];
        uint32_t document = c->job.copies.at[cut->repeat].document;

        if (c->first_cut[document] == NO_CUT)
            c->first_cut[document] = (uint32_t)i;
        c->cuts.at[c->cuts.num++] = (struct placed_cut){ .document = document,
                                                         .copy = cut->repeat,
                                                         .begin = cut->begin,
                                                         .end = cut->end };
    }
    return WCP_CODE_OK;
}

static enum wcp_code
decide(struct cutting *c, const struct wcp_passage_limits *limits)
{
    const struct wcp_memory *mem = c->job.mem;
    size_t num = c->job.copies.num, num_documents = c->store->num_documents;
    struct wcp_repetition *repeats = wcp_new_array(mem, num, sizeof *repeats);
    struct wcp_unit_cuts found = { 0 };
    enum wcp_code code = WCP_CODE_OK;

    c->first_cut = wcp_new_array(mem, num_documents, sizeof *c->first_cut);
    c->dropped = wcp_new_zeroed(mem, num_documents, sizeof *c->dropped);
    if (repeats == NULL || c->first_cut == NULL || c->dropped == NULL ||
        !list_repeats(c, repeats))
        code = wcp_no_memory(c->fault);
    if (code == WCP_CODE_OK)
        code = wcp_cuts_find(&found, mem, c->job.texts, repeats, num, limits,
                             c->fault);
    if (code == WCP_CODE_OK)
        code = take_cuts(c, &found);
    wcp_unit_cuts_release(&found);
    wcp_free_array(mem, repeats, num, sizeof *repeats);
    return code;
}

/* ---- where it stands ---- */

/* Cuts first .. end - 1, which follow each other without a gap. */
static void
place_run(struct placed_cut *cuts, size_t num,
          const struct wcp_located_text *text, bool whole)
{
    const struct wcp_folded *folded = text->folded;
    struct wcp_cut_place place = { cuts[0].begin, cuts[num - 1].end, { 0, 0 } };

    if (whole) {
        place.bytes[0] = folded->begins[place.begin];
        place.bytes[1] = folded->ends[place.end - 1];
    } else if (!wcp_cut_joint(folded, text->text.data, text->text.len, &place))
        return;
    for (size_t i = 0; i < num; i++) {
        struct placed_cut *cut = &cuts[i];
        bool begins = cut->begin <= place.begin, ends = cut->end >= place.end;

        if (cut->end <= place.begin || cut->begin >= place.end)
            continue; /* a word that stays */
        cut->bytes[0] = begins ? place.bytes[0] : folded->begins[cut->begin];
        cut->bytes[1] = ends ? place.bytes[1] : folded->begins[cut->end];
        for (int k = 0; k < 2; k++)
            cut->chars[k] =
                wcp_characters_before(text->characters, cut->bytes[k]);
    }
}

static enum wcp_code
place_cuts(void *ctx, uint32_t document, const struct wcp_located_text *text)
{
    struct cutting *c = ctx;
    struct placed_cut *cuts = c->cuts.at;
    size_t at = c->first_cut[document], next;

    for (; at != NO_CUT && at < c->cuts.num && cuts[at].document == document;
         at = next) {
        bool whole;

        for (next = at + 1; next < c->cuts.num; next++)
            if (cuts[next].document != document ||
                cuts[next].begin != cuts[next - 1].end)
                break;
        whole = cuts[at].begin == 0 && cuts[next - 1].end == text->folded->num;
        c->dropped[document] |= whole;
        place_run(cuts + at, next - at, text, whole);
    }
    return WCP_CODE_OK;
}

/* ---- reports ---- */

static enum wcp_code
stop(const struct cutting *c)
{
    return wcp_fail(c->fault, WCP_CODE_STOPPED, 0, "stopped");
}

static const struct wcp_placed_passage *
passage_of(const struct cutting *c, uint32_t copy)
{
    const struct wcp_placed_passage *list = c->job.passages.at;
    size_t low = 0, high = c->job.passages.num;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (list[middle].first <= copy)
            low = middle;
        else
            high = middle;
    }
    return &list[low];
}

static enum wcp_code
report_cut(struct cutting *c, const struct placed_cut *cut)
{
    const struct wcp_placed_passage *passage = passage_of(c, cut->copy);
    const struct wcp_placed_copy *kept = &c->job.copies.at[passage->first];
    struct wcp_cut report = {
        .document = wcp_corpus_describe(c->corpus, cut->document, 0),
        .begin = cut->bytes[0],
        .end = cut->bytes[1],
        .char_begin = cut->chars[0],
        .char_end = cut->chars[1],
        .kept = wcp_corpus_describe(c->corpus, kept->document, 1),
        .kept_begin = kept->bytes[0],
        .kept_end = kept->bytes[1],
        .kept_char_begin = kept->chars[0],
        .kept_char_end = kept->chars[1],
        .similarity = c->job.copies.at[cut->copy].similarity,
        .passage = (uint64_t)(passage - c->job.passages.at) + 1,
        .dropped = c->dropped[cut->document],
    };

    if (report.document == NULL || report.kept == NULL)
        return wcp_no_memory(c->fault);
    if (c->sink->on_cut == NULL || c->sink->on_cut(c->sink->ctx, &report) == 0)
        return WCP_CODE_OK;
    return stop(c);
}

static enum wcp_code
report_document(struct cutting *c, uint32_t document)
{
    for (size_t i = c->first_cut[document];
         i < c->cuts.num && c->cuts.at[i].document == document; i++) {
        const struct placed_cut *cut = &c->cuts.at[i];
        enum wcp_code code = WCP_CODE_OK;

        if (cut->bytes[0] < cut->bytes[1])
            code = report_cut(c, cut);
        if (code != WCP_CODE_OK)
            return code;
    }
    return WCP_CODE_OK;
}

/* ---- the corpus without what goes ---- */

/* The parts of a document that go, into c->parts. */
static bool
list_parts(struct cutting *c, uint32_t document)
{
    c->parts.num = 0;
    for (size_t i = c->first_cut[document];
         i < c->cuts.num && c->cuts.at[i].document == document; i++) {
        const struct placed_cut *cut = &c->cuts.at[i];

        if (cut->bytes[0] == cut->bytes[1])
            continue;
        if (!wcp_array_grow(c->job.mem, &c->parts))
            return false;
        c->parts.at[c->parts.num++] =
            (struct wcp_range){ cut->bytes[0], cut->bytes[1] - cut->bytes[0] };
    }
    return true;
}

static struct wcp_location
location_of(const struct cutting *c, uint32_t document)
{
    const struct wcp_entry *entry = &c->store->entries[document];

    return (struct wcp_location){ entry->source, entry->encoding, entry->line,
                                  entry->offset, entry->len };
}

/* What became of a document that was to be cut: *left_ret NULL: it stays as it
 * is, which was said. */
static enum wcp_code
settle(struct cutting *c, uint32_t document, enum wcp_code code,
       const struct wcp_fault *why, struct wcp_string *left_ret)
{
    const struct wcp_entry *entry = &c->store->entries[document];
    struct wcp_notice notice = { .kind = WCP_NOTICE_SKIPPED,
                                 .code = code,
                                 .source = entry->source,
                                 .line = entry->line };

    if (code == WCP_CODE_OK)
        return report_document(c, document);
    *left_ret = (struct wcp_string){ NULL, 0 };
    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(c->fault);
    if (code != WCP_CODE_NO_SUPPORT)
        return wcp_fail(c->fault, code, why->sys_errno, "'%s' %s",
                        wcp_source_path(c->store->reader, entry->source),
                        why->text);
    snprintf(notice.text, sizeof notice.text, "left whole: %.200s", why->text);
    wcp_corpus_pass_notice(c->corpus, &notice);
    return WCP_CODE_OK;
}

static enum wcp_code
replace_record(void *ctx, size_t i, struct wcp_string bytes,
               struct wcp_string *instead_ret, struct wcp_fault *fault)
{
    struct cutting *c = ctx;
    uint32_t document = c->documents.at[i];
    struct wcp_location at = location_of(c, document);
    struct wcp_excision what = { .bytes = bytes.data, .len = bytes.len };
    struct wcp_fault why = { 0 };
    enum wcp_code code;

    (void)fault; /* c->fault is the same */
    if (c->dropped[document])
        return report_document(c, document);
    if (!list_parts(c, document))
        return wcp_no_memory(c->fault);
    what.cuts = c->parts.at;
    what.num = c->parts.num;
    code = wcp_excise(c->exciser, &at, &what, instead_ret, &why);
    code = settle(c, document, code, &why, instead_ret);
    if (instead_ret->data == NULL)
        *instead_ret = bytes;
    return code;
}

static bool
pass_bytes(void *ctx, const void *data, size_t len)
{
    const struct cutting *c = ctx;

    return c->sink->on_bytes(c->sink->ctx, data, len) == 0;
}

/* Whether anything goes of a document. */
static bool
has_cuts(const struct cutting *c, uint32_t document)
{
    for (size_t i = c->first_cut[document];
         i < c->cuts.num && c->cuts.at[i].document == document; i++)
        if (c->cuts.at[i].bytes[0] < c->cuts.at[i].bytes[1])
            return true;
    return false;
}

static enum wcp_code
copy_records(struct cutting *c, uint32_t source, uint32_t first, uint32_t end)
{
    const struct wcp_memory *mem = c->job.mem;
    struct wcp_cuts cuts = { .joint = &c->joint,
                             .replace = replace_record,
                             .replace_ctx = c };
    enum wcp_code code = WCP_CODE_OK;

    c->ranges.num = c->documents.num = 0;
    for (uint32_t doc = first; code == WCP_CODE_OK && doc < end; doc++) {
        const struct wcp_entry *entry = &c->store->entries[doc];

        if (!has_cuts(c, doc))
            continue;
        if (c->sink->on_bytes == NULL)
            code = report_document(c, doc);
        if (!wcp_array_grow(mem, &c->ranges) ||
            !wcp_array_grow(mem, &c->documents))
            return wcp_no_memory(c->fault);
        c->ranges.at[c->ranges.num++] =
            (struct wcp_range){ entry->offset, entry->len };
        c->documents.at[c->documents.num++] = doc;
    }
    if (c->sink->on_bytes == NULL || code != WCP_CODE_OK)
        return code;
    cuts.at = c->ranges.at;
    cuts.num = c->ranges.num;
    return wcp_source_copy(c->store->reader, source, &cuts, pass_bytes, c,
                           c->fault);
}

/* A text file with cuts: what it holds now, or NULL as in settle(). */
static enum wcp_code
cut_file(struct cutting *c, uint32_t document, struct wcp_string *left_ret)
{
    struct wcp_location at = location_of(c, document);
    struct wcp_fault why = { 0 };
    enum wcp_code code;

    if (!list_parts(c, document))
        return wcp_no_memory(c->fault);
    code = wcp_excise_file(c->exciser, &at, c->parts.at, c->parts.num, left_ret,
                           &why);
    return settle(c, document, code, &why, left_ret);
}

static enum wcp_code
pass_file(struct cutting *c, uint32_t source, uint32_t first, uint32_t end)
{
    const struct wcp_reader *reader = c->store->reader;
    const char *path = wcp_source_name(reader, source);
    struct wcp_string left = { NULL, 0 };
    enum wcp_code code = WCP_CODE_OK;
    bool cut = first < end && has_cuts(c, first);

    if (c->sink->on_file != NULL && path == NULL && first < end)
        return wcp_fail(c->fault, WCP_CODE_NO_SUPPORT, 0,
                        "a text from standard input has no file to cut; name "
                        "a file, or the --input-format if it is csv or tsv");
    if (cut && (c->dropped[first] || c->sink->on_file == NULL))
        return report_document(c, first);
    if (c->sink->on_file == NULL || path == NULL)
        return WCP_CODE_OK;
    if (cut)
        code = cut_file(c, first, &left);
    if (code != WCP_CODE_OK ||
        c->sink->on_file(c->sink->ctx, path, left.data, left.len) == 0)
        return code;
    return stop(c);
}

static enum wcp_code
pass_sources(struct cutting *c)
{
    const struct wcp_store *store = c->store;
    uint32_t num_sources = wcp_reader_num_sources(store->reader), doc = 0;
    enum wcp_code code = WCP_CODE_OK;
    bool has_texts = false; /* a stray table among texts is no mixture */

    for (uint32_t source = 0; source < num_sources; source++)
        has_texts |=
            wcp_source_format(store->reader, source) == WCP_FORMAT_TEXT;
    for (uint32_t source = 0; code == WCP_CODE_OK && source < num_sources;
         source++) {
        uint32_t first = doc;

        while (doc < store->num_documents &&
               store->entries[doc].source == source)
            doc++;
        /* What could not be read has no format.  Among texts it is kept; it
         * was skipped, and is no part of a file of records. */
        if (wcp_source_format(store->reader, source) == WCP_FORMAT_TEXT ||
            (has_texts && first == doc))
            code = pass_file(c, source, first, doc);
        else if (wcp_source_format(store->reader, source) != WCP_FORMAT_AUTO)
            code = copy_records(c, source, first, doc);
    }
    /* Documents from memory come last. */
    for (; code == WCP_CODE_OK && doc < store->num_documents; doc++)
        if (has_cuts(c, doc))
            code = report_document(c, doc);
    return code;
}

static void
release(struct cutting *c)
{
    const struct wcp_memory *mem = c->job.mem;
    size_t num = c->store->num_documents;

    wcp_exciser_free(c->exciser);
    wcp_free_array(mem, c->first_cut, num, sizeof *c->first_cut);
    wcp_free_array(mem, c->dropped, num, sizeof *c->dropped);
    wcp_array_release(mem, &c->cuts);
    wcp_array_release(mem, &c->ranges);
    wcp_array_release(mem, &c->parts);
    wcp_array_release(mem, &c->documents);
    wcp_passages_job_release(&c->job);
}

static enum wcp_code
cut_corpus(struct cutting *c, const struct wcp_passage_limits *limits,
           enum wcp_order order)
{
    enum wcp_code code;

    wcp_passages_job_init(&c->job, c->corpus, order);
    c->job.on_document = place_cuts;
    c->job.ctx = c;
    code = wcp_passages_job_find(&c->job, limits, c->fault);
    if (code == WCP_CODE_OK)
        code = decide(c, limits);
    if (code == WCP_CODE_OK)
        code = wcp_passages_job_locate(&c->job, c->fault);
    if (code == WCP_CODE_OK)
        code = wcp_exciser_new(c->store->reader, &c->exciser, c->fault);
    if (code == WCP_CODE_OK) {
        c->corpus->stats.passages = c->job.passages.num;
        c->corpus->stats.passage_copies = c->job.copies.num;
        code = pass_sources(c);
    }
    release(c);
    return code;
}

enum wcp_status
wcp_corpus_cut(struct wcp_corpus *corpus, enum wcp_keep keep,
               const struct wcp_passage_options *opts,
               const struct wcp_cut_sink *sink, struct wcp_error *err)
{
    static const enum wcp_order orders[] = { WCP_ORDER_INPUT, WCP_ORDER_DATE,
                                             WCP_ORDER_LONGEST };
    struct wcp_fault fault = { 0 };
    struct wcp_cut_sink copy = { 0 };
    struct wcp_passage_limits limits;
    struct cutting c = {
        .corpus = corpus, .store = corpus->store, .sink = &copy, .fault = &fault
    };
    enum wcp_code code = wcp_struct_take(&copy, sizeof copy, sink,
                                         WCP_SIZE_TO(struct wcp_cut_sink, ctx),
                                         "wcp_cut_sink", &fault);

    if (code == WCP_CODE_OK && (unsigned)keep >= sizeof orders / sizeof *orders)
        code = wcp_fail(&fault, WCP_CODE_BAD_OPTION, 0,
                        "keep must be first, earliest or longest");
    if (code == WCP_CODE_OK)
        code = wcp_passage_options_take(&limits, opts, corpus->stats.threads,
                                        &fault);
    if (code == WCP_CODE_OK)
        code =
            wcp_corpus_check_files(corpus, "a corpus without passages", &fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_lift_limit(corpus, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_passages_read(corpus, &fault);
    if (code == WCP_CODE_OK)
        code = cut_corpus(&c, &limits, orders[keep]);
    return wcp_tell(err, code, &fault);
}
