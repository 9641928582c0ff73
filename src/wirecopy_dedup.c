/*
 * wirecopy_dedup.c - the public API: a corpus without its copies
 *
 * Groups decide: the first of a group, in the order that 'keep' asks for, is
 * kept, its copies are not.  What is kept is never built up again from parsed
 * records but copied from its file, so that it is the same to the byte.
 */
#include "wirecopy_internal.h"

#include <string.h>

struct dedup {
    struct wcp_corpus *corpus;
    const struct wcp_dedup_sink *sink;
    const struct wcp_member **removed; /* [num_documents], NULL: kept */
    WCP_ARRAY(struct wcp_range) cuts;
    struct wcp_joint joint;
    struct wcp_fault *fault;
};

static enum wcp_code
stop(struct dedup *dedup)
{
    return wcp_fail(dedup->fault, WCP_CODE_STOPPED, 0, "stopped");
}

static enum wcp_code
report_removal(struct dedup *dedup, const struct wcp_member *member)
{
    struct wcp_corpus *corpus = dedup->corpus;
    struct wcp_removal removal = {
        .removed = wcp_corpus_describe(corpus, member->document, 0),
        .kept = wcp_corpus_describe(corpus, member->original, 1),
        .jaccard = wcp_jaccard(&member->overlap),
    };

    if (removal.removed == NULL || removal.kept == NULL)
        return wcp_no_memory(dedup->fault);
    removal.relation = (enum wcp_relation)member->relation;
    corpus->stats.copies++;
    if (dedup->sink->on_removed == NULL ||
        dedup->sink->on_removed(dedup->sink->ctx, &removal) == 0)
        return WCP_CODE_OK;
    return stop(dedup);
}

static bool
pass_bytes(void *ctx, const void *data, size_t len)
{
    const struct dedup *dedup = ctx;

    return dedup->sink->on_bytes(dedup->sink->ctx, data, len) == 0;
}

/* Copy a file of records but for the documents first .. end that go. */
static enum wcp_code
copy_records(struct dedup *dedup, uint32_t source, uint32_t first, uint32_t end)
{
    const struct wcp_store *store = dedup->corpus->store;
    struct wcp_cuts cuts;

    if (dedup->sink->on_bytes == NULL)
        return WCP_CODE_OK;
    dedup->cuts.num = 0;
    for (uint32_t doc = first; doc < end; doc++) {
        if (dedup->removed[doc] == NULL)
            continue;
        if (!wcp_array_grow(store->mem, &dedup->cuts))
            return wcp_no_memory(dedup->fault);
        dedup->cuts.at[dedup->cuts.num++] =
            (struct wcp_range){ store->entries[doc].offset,
                                store->entries[doc].len };
    }
    cuts = (struct wcp_cuts){ .at = dedup->cuts.at,
                              .num = dedup->cuts.num,
                              .joint = &dedup->joint };
    return wcp_source_copy(store->reader, source, &cuts, pass_bytes, dedup,
                           dedup->fault);
}

/* Pass the path of a text file, unless its document goes.  A file that was
 * skipped is not known to be a copy of anything: it is kept. */
static enum wcp_code
pass_file(struct dedup *dedup, uint32_t source, uint32_t first, uint32_t end)
{
    const struct wcp_reader *reader = dedup->corpus->reader;
    const char *path = wcp_source_name(reader, source);

    if (dedup->sink->on_file != NULL && wcp_source_in_archive(reader, source))
        return wcp_fail(dedup->fault, WCP_CODE_NO_SUPPORT, 0,
                        "'%s': an archive cannot be copied; unpack it first",
                        wcp_source_path(reader, source));
    if (dedup->sink->on_file != NULL && path == NULL && first < end)
        return wcp_fail(dedup->fault, WCP_CODE_NO_SUPPORT, 0,
                        "a text from standard input has no file to keep; name "
                        "a file");
    if (dedup->sink->on_file == NULL || path == NULL ||
        (first < end && dedup->removed[first] != NULL) ||
        dedup->sink->on_file(dedup->sink->ctx, path) == 0)
        return WCP_CODE_OK;
    return stop(dedup);
}

static enum wcp_code
pass_sources(struct dedup *dedup)
{
    const struct wcp_store *store = dedup->corpus->store;
    uint32_t num_sources = wcp_reader_num_sources(store->reader);
    enum wcp_code code = WCP_CODE_OK;
    uint32_t doc = 0;
    bool has_texts = false; /* a stray table among texts is no mixture */

    for (uint32_t source = 0; source < num_sources; source++)
        has_texts |=
            wcp_source_format(store->reader, source) == WCP_FORMAT_TEXT;
    for (uint32_t source = 0; code == WCP_CODE_OK && source < num_sources;
         source++) {
        uint32_t first = doc;

        while (doc < store->num_documents &&
               store->entries[doc].source == source) {
            if (dedup->removed[doc] != NULL)
                code = report_removal(dedup, dedup->removed[doc]);
            if (code != WCP_CODE_OK)
                return code;
            doc++;
        }
        /* What could not be read among texts has no format yet. */
        if (wcp_source_format(store->reader, source) == WCP_FORMAT_TEXT ||
            (has_texts && first == doc))
            code = pass_file(dedup, source, first, doc);
        else
            code = copy_records(dedup, source, first, doc);
    }
    /* Documents from memory come last. */
    for (; code == WCP_CODE_OK && doc < store->num_documents; doc++)
        if (dedup->removed[doc] != NULL)
            code = report_removal(dedup, dedup->removed[doc]);
    return code;
}

static enum wcp_code
dedup_groups(struct dedup *dedup, enum wcp_order order)
{
    struct wcp_corpus *corpus = dedup->corpus;
    const struct wcp_store *store = corpus->store;
    struct wcp_groups groups = { 0 };
    enum wcp_code code =
        wcp_corpus_group(corpus, &groups, order, true, dedup->fault);

    if (code != WCP_CODE_OK)
        return code;
    corpus->stats.copies = 0;
    dedup->removed = wcp_new_zeroed(store->mem, store->num_documents,
                                    sizeof *dedup->removed);
    if (dedup->removed == NULL)
        code = wcp_no_memory(dedup->fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < groups.members.num; i++) {
        const struct wcp_member *member = &groups.members.at[i];

        if (member->document != member->original)
            dedup->removed[member->document] = member;
    }
    if (code == WCP_CODE_OK)
        code = pass_sources(dedup);
    wcp_free_array(store->mem, dedup->removed, store->num_documents,
                   sizeof *dedup->removed);
    wcp_array_release(store->mem, &dedup->cuts);
    wcp_groups_release(&groups);
    return code;
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
        code = wcp_corpus_check_texts(corpus, "a corpus without its copies",
                                      &fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_link(corpus, &fault);
    if (code == WCP_CODE_OK)
        code = dedup_groups(&dedup, orders[keep]);
    return wcp_tell(err, code, &fault);
}
