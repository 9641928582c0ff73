/*
 * wirecopy_dedup.c - the public API: a corpus without its copies
 *
 * Groups decide: the first of a group, in the order that 'keep' asks for, is
 * kept, its copies are not.  What is kept is never built up again from parsed
 * records but copied from its file, so that it is the same to the byte.
 */
#include "wirecopy_internal.h"

#include "store/portion.h"

/* A document that goes, and the one that is kept for it. */
struct removed {
    uint32_t number, kept_number; /* of the documents; UINT32_MAX: no more */
    const struct wcp_entry *entry, *kept;
    struct wcp_overlap overlap;
    enum wcp_relation_kind relation;
};

struct dedup {
    struct wcp_corpus *corpus;
    const struct wcp_dedup_sink *sink;
    /* By document, NULL: kept; or what has left memory. */
    const struct wcp_member **members;
    struct wcp_runs runs;
    uint32_t next_document;      /* of 'members' */
    struct wcp_entry entries[2]; /* of 'next', read for it */
    struct wcp_buffer strings[2];
    struct removed next;              /* that is not reported yet */
    struct wcp_entry_walk walk;       /* all documents */
    const struct wcp_entry *here;     /* the one that the walk is at */
    WCP_ARRAY(struct wcp_range) cuts; /* of the source at hand */
    struct wcp_joint joint;
    struct wcp_fault *fault;
};

static enum wcp_code
stop(struct dedup *dedup)
{
    return wcp_fail(dedup->fault, WCP_CODE_STOPPED, 0, "stopped");
}

/* ---- what goes, in order ---- */

static enum wcp_code
next_of_runs(struct dedup *dedup)
{
    const struct wcp_found *removed, *kept;
    uint64_t num;
    enum wcp_code code = wcp_runs_next(&dedup->runs, &num, dedup->fault);

    if (code != WCP_CODE_OK || num == 0)
        return code;
    code = wcp_runs_get(&dedup->runs, 1, &kept, dedup->fault);
    if (code != WCP_CODE_OK)
        return code;
    removed = wcp_runs_first(&dedup->runs);
    dedup->next = (struct removed){
        .number = removed->number,
        .kept_number = kept->number,
        .entry = &removed->entry,
        .kept = &kept->entry,
        .overlap = removed->overlap,
        .relation = removed->relation,
    };
    return WCP_CODE_OK;
}

static enum wcp_code
next_of_members(struct dedup *dedup)
{
    const struct wcp_store *store = dedup->corpus->store;
    const struct wcp_member *member = NULL;
    struct removed *next = &dedup->next;
    enum wcp_code code;

    while (member == NULL && dedup->next_document < store->num_documents)
        member = dedup->members[dedup->next_document++];
    if (member == NULL)
        return WCP_CODE_OK;
    *next = (struct removed){
        .number = member->document,
        .kept_number = member->original,
        .overlap = member->overlap,
        .relation = member->relation,
    };
    code = wcp_store_entry(store, next->number, &dedup->entries[0],
                           &dedup->strings[0], &next->entry, dedup->fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_entry(store, next->kept_number, &dedup->entries[1],
                               &dedup->strings[1], &next->kept, dedup->fault);
    return code;
}

static enum wcp_code
next_removed(struct dedup *dedup)
{
    dedup->next.number = UINT32_MAX;
    return dedup->members == NULL ? next_of_runs(dedup)
                                  : next_of_members(dedup);
}

static enum wcp_code
report_removal(struct dedup *dedup)
{
    struct wcp_corpus *corpus = dedup->corpus;
    const struct removed *next = &dedup->next;
    struct wcp_removal removal = {
        .removed =
            wcp_corpus_describe_entry(corpus, next->entry, next->number, 0),
        .kept =
            wcp_corpus_describe_entry(corpus, next->kept, next->kept_number, 1),
        .jaccard = wcp_jaccard(&next->overlap),
    };

    if (removal.removed == NULL || removal.kept == NULL)
        return wcp_no_memory(dedup->fault);
    removal.relation = (enum wcp_relation)next->relation;
    corpus->stats.copies++;
    if (dedup->sink->on_removed == NULL ||
        dedup->sink->on_removed(dedup->sink->ctx, &removal) == 0)
        return WCP_CODE_OK;
    return stop(dedup);
}

/* ---- what stays ---- */

static bool
pass_bytes(void *ctx, const void *data, size_t len)
{
    const struct dedup *dedup = ctx;

    return dedup->sink->on_bytes(dedup->sink->ctx, data, len) == 0;
}

/* Copy a file of records but for what was cut. */
static enum wcp_code
copy_records(struct dedup *dedup, uint32_t source)
{
    const struct wcp_cuts cuts = { .at = dedup->cuts.at,
                                   .num = dedup->cuts.num,
                                   .joint = &dedup->joint };

    if (dedup->sink->on_bytes == NULL)
        return WCP_CODE_OK;
    return wcp_source_copy(dedup->corpus->reader, source, &cuts, pass_bytes,
                           dedup, dedup->fault);
}

/* Pass the path of a text file, unless its document goes.  A file that was
 * skipped is not known to be a copy of anything: it is kept. */
static enum wcp_code
pass_file(struct dedup *dedup, uint32_t source, bool has_document)
{
    const struct wcp_reader *reader = dedup->corpus->reader;
    const char *path = wcp_source_name(reader, source);

    if (dedup->sink->on_file != NULL && path == NULL && has_document)
        return wcp_fail(dedup->fault, WCP_CODE_NO_SUPPORT, 0,
                        "a text from standard input has no file to keep; name "
                        "a file, or the --input-format if it is csv or tsv");
    if (dedup->sink->on_file == NULL || path == NULL || dedup->cuts.num > 0 ||
        dedup->sink->on_file(dedup->sink->ctx, path) == 0)
        return WCP_CODE_OK;
    return stop(dedup);
}

/* Go to the next document; false when there is none, or after a failure. */
static bool
step(struct dedup *dedup, enum wcp_code *code)
{
    dedup->here = wcp_entry_walk_next(&dedup->walk, code, dedup->fault);
    return dedup->here != NULL;
}

/* Report those documents of a source that go, and note what to cut. */
static enum wcp_code
pass_documents(struct dedup *dedup, uint32_t source, bool *has_document_ret)
{
    enum wcp_code code = WCP_CODE_OK;

    dedup->cuts.num = 0;
    *has_document_ret = false;
    for (; dedup->here != NULL && dedup->here->source == source;
         step(dedup, &code)) {
        *has_document_ret = true;
        if (dedup->walk.next - 1 != dedup->next.number)
            continue;
        code = report_removal(dedup);
        if (code == WCP_CODE_OK &&
            !wcp_array_grow(&dedup->corpus->mem, &dedup->cuts))
            code = wcp_no_memory(dedup->fault);
        if (code != WCP_CODE_OK)
            return code;
        dedup->cuts.at[dedup->cuts.num++] =
            (struct wcp_range){ dedup->here->offset, dedup->here->len };
        code = next_removed(dedup);
        if (code != WCP_CODE_OK)
            return code;
    }
    return code;
}

static enum wcp_code
pass_sources(struct dedup *dedup)
{
    const struct wcp_reader *reader = dedup->corpus->reader;
    uint32_t num_sources = wcp_reader_num_sources(reader);
    enum wcp_code code = next_removed(dedup);
    bool has_texts = false; /* a stray table among texts is no mixture */
    bool has_document;

    for (uint32_t source = 0; source < num_sources; source++)
        has_texts |= wcp_source_format(reader, source) == WCP_FORMAT_TEXT;
    if (code == WCP_CODE_OK)
        step(dedup, &code);
    for (uint32_t source = 0; code == WCP_CODE_OK && source < num_sources;
         source++) {
        code = pass_documents(dedup, source, &has_document);
        if (code != WCP_CODE_OK)
            break;
        /* What could not be read has no format.  Among texts it is kept; it
         * was skipped, and is no part of a file of records. */
        if (wcp_source_format(reader, source) == WCP_FORMAT_TEXT ||
            (has_texts && !has_document))
            code = pass_file(dedup, source, has_document);
        else if (wcp_source_format(reader, source) != WCP_FORMAT_AUTO)
            code = copy_records(dedup, source);
    }
    /* Documents from memory come last. */
    if (code == WCP_CODE_OK)
        code = pass_documents(dedup, UINT32_MAX, &has_document);
    return code;
}

/* Who is removed, in memory: lists in order of the documents. */
static enum wcp_code
find_members(struct dedup *dedup, enum wcp_order order,
             struct wcp_groups *groups)
{
    struct wcp_corpus *corpus = dedup->corpus;
    const struct wcp_store *store = corpus->store;
    enum wcp_code code =
        wcp_corpus_group(corpus, groups, order, true, dedup->fault);

    if (code == WCP_CODE_OK)
        code = wcp_store_check_kept(corpus->store, dedup->fault);
    if (code != WCP_CODE_OK)
        return code;
    dedup->members = wcp_new_zeroed(store->mem, store->num_documents,
                                    sizeof *dedup->members);
    if (dedup->members == NULL)
        return wcp_no_memory(dedup->fault);
    for (size_t i = 0; i < groups->members.num; i++) {
        const struct wcp_member *member = &groups->members.at[i];

        if (member->document != member->original)
            dedup->members[member->document] = member;
    }
    return WCP_CODE_OK;
}

static enum wcp_code
dedup_groups(struct dedup *dedup, enum wcp_order order)
{
    struct wcp_corpus *corpus = dedup->corpus;
    const struct wcp_store *store = corpus->store;
    struct wcp_groups groups = { 0 };
    enum wcp_code code =
        store->spill != NULL && store->outline == NULL
            ? wcp_corpus_removals(corpus, order, &dedup->runs, dedup->fault)
            : find_members(dedup, order, &groups);

    wcp_buffer_init(&dedup->strings[0], store->mem, 0);
    wcp_buffer_init(&dedup->strings[1], store->mem, 0);
    dedup->walk.store = store;
    corpus->stats.copies = 0;
    if (code == WCP_CODE_OK)
        code = pass_sources(dedup);
    wcp_free_array(store->mem, dedup->members, store->num_documents,
                   sizeof *dedup->members);
    wcp_array_release(store->mem, &dedup->cuts);
    wcp_buffer_release(&dedup->strings[0]);
    wcp_buffer_release(&dedup->strings[1]);
    wcp_entry_walk_release(&dedup->walk);
    wcp_runs_release(&dedup->runs);
    wcp_groups_release(&groups);
    return code;
}

enum wcp_code
wcp_corpus_check_files(const struct wcp_corpus *corpus, const char *what,
                       struct wcp_fault *fault)
{
    const struct wcp_reader *reader = corpus->reader;
    const uint32_t num_sources = wcp_reader_num_sources(reader);

    for (uint32_t source = 0; source < num_sources; source++)
        if (wcp_source_in_archive(reader, source))
            return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                            "'%s': an archive cannot be copied; unpack it "
                            "first",
                            wcp_source_path(reader, source));
    return wcp_corpus_check_texts(corpus, what, fault);
}

enum wcp_status
wcp_corpus_dedup(struct wcp_corpus *corpus, enum wcp_keep keep,
                 const struct wcp_dedup_sink *sink, struct wcp_error *err)
{
    static const enum wcp_order orders[] = { WCP_ORDER_INPUT, WCP_ORDER_DATE,
                                             WCP_ORDER_LONGEST };
    struct wcp_fault fault = { 0 };
    struct wcp_dedup_sink copy = { 0 };
    struct dedup dedup = { .corpus = corpus, .sink = &copy, .fault = &fault };
    enum wcp_code code = wcp_struct_take(
        &copy, sizeof copy, sink, WCP_SIZE_TO(struct wcp_dedup_sink, ctx),
        "wcp_dedup_sink", &fault);

    if (code == WCP_CODE_OK && (unsigned)keep >= sizeof orders / sizeof *orders)
        code = wcp_fail(&fault, WCP_CODE_BAD_OPTION, 0,
                        "keep must be first, earliest or longest");
    if (code == WCP_CODE_OK)
        code = wcp_corpus_check_files(corpus, "a corpus without its copies",
                                      &fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_link(corpus, &fault);
    if (code == WCP_CODE_OK)
        code = dedup_groups(&dedup, orders[keep]);
    return wcp_corpus_tell(corpus, err, code, &fault);
}
