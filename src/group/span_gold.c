/*
 * span_gold.c - a file of marked spans -> spans of documents
 *
 * As in gold.c, the different ids are numbered and the documents walked once
 * to see which of the ids are theirs.
 */
#include "group/score.h"
#include "group/spans.h"

#include <string.h>

#define SEVERAL (WCP_NOBODY - 1)

struct parse {
    struct wcp_text_spans *spans; /* their documents are ids at first */
    const struct wcp_store *store;
    struct wcp_names ids, clusters;
    WCP_ARRAY(uint32_t) documents; /* [ids] or WCP_NOBODY */
    WCP_ARRAY(uint32_t) ends;      /* [ids], the first whose path ends so */
    WCP_ARRAY(uint64_t) lines;     /* [ids], where each was met first */
    WCP_ARRAY(uint32_t) counts;    /* [clusters], spans */
    struct wcp_fault *fault;
};

static enum wcp_code
bad_line(struct parse *parse, uint64_t line, enum wcp_code code,
         const char *what)
{
    wcp_fail(parse->fault, code, 0, "%s", what);
    if (parse->fault != NULL)
        parse->fault->at = line;
    return code;
}

/* ---- lines ---- */

/* Exactly four fields. */
static bool
split(const char *line, size_t len, struct wcp_string fields[4])
{
    const char *end = line + len;

    for (int i = 0; i < 4; i++) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        const char *stop = tab != NULL ? tab : end;

        if ((tab == NULL) != (i == 3))
            return false;
        fields[i] = (struct wcp_string){ line, (size_t)(stop - line) };
        line = stop + (tab != NULL);
    }
    return true;
}

static bool
take_number(struct wcp_string from, uint64_t *to)
{
    *to = 0;
    if (from.len == 0 || from.len > 18)
        return false;
    for (size_t i = 0; i < from.len; i++) {
        if (from.data[i] < '0' || from.data[i] > '9')
            return false;
        *to = 10 * *to + (uint64_t)(from.data[i] - '0');
    }
    return true;
}

static enum wcp_code
add_span(struct parse *parse, uint64_t line, const struct wcp_string *fields,
         struct wcp_text_span span)
{
    const struct wcp_memory *mem = parse->spans->mem;
    size_t num_ids = parse->ids.list.num;

    if (num_ids >= WCP_NOBODY - 2 || parse->clusters.list.num >= WCP_NOBODY - 2)
        return bad_line(parse, line, WCP_CODE_TOO_LONG,
                        "too many different ids");
    if (!wcp_names_add(&parse->ids, fields[0], &span.document) ||
        !wcp_names_add(&parse->clusters, fields[3], &span.number) ||
        !wcp_array_grow(mem, &parse->spans->list) ||
        !wcp_array_grow(mem, &parse->lines))
        return wcp_no_memory(parse->fault);
    if (parse->ids.list.num > num_ids)
        parse->lines.at[parse->lines.num++] = line;
    parse->spans->list.at[parse->spans->list.num++] = span;
    return WCP_CODE_OK;
}

static enum wcp_code
take_line(struct parse *parse, uint64_t line, const char *text, size_t len,
          bool first)
{
    struct wcp_string fields[4];
    struct wcp_text_span span = { 0 };
    bool is_number, are_numbers;

    if (!split(text, len, fields))
        return bad_line(parse, line, WCP_CODE_BAD_RECORD,
                        "4 fields with tabs between are needed: id, begin, "
                        "end, cluster");
    is_number = take_number(fields[1], &span.begin);
    are_numbers = take_number(fields[2], &span.end) && is_number;
    if (first && !is_number)
        return WCP_CODE_OK; /* names of columns */
    if (!are_numbers || span.begin >= span.end)
        return bad_line(parse, line, WCP_CODE_BAD_RECORD,
                        "begin and end are no numbers of characters, the first "
                        "below the second");
    if (fields[0].len == 0 || fields[3].len == 0)
        return bad_line(parse, line, WCP_CODE_BAD_RECORD, "a field is empty");
    return add_span(parse, line, fields, span);
}

static enum wcp_code
take_lines(struct parse *parse, const char *text, size_t len)
{
    size_t valid = wcp_utf8_valid_prefix(text, len), at = 0;
    enum wcp_code code = WCP_CODE_OK;
    bool first = true;

    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        at = 3;
    for (uint64_t line = 1; code == WCP_CODE_OK && at < len; line++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t next = end != NULL ? (size_t)(end - text) + 1 : len;
        size_t stop = end != NULL ? next - 1 : len;

        if (valid < next)
            return bad_line(parse, line, WCP_CODE_BAD_TEXT,
                            "this line is not UTF-8");
        if (stop > at && text[stop - 1] == '\r')
            stop--;
        if (stop > at && text[at] != '#') {
            code = take_line(parse, line, text + at, stop - at, first);
            first = false;
        }
        at = next;
    }
    return code;
}

/* ---- ids -> documents ---- */

/* The document's id, or else what its path ends in, the longest first. */
static void
note_document(struct parse *parse, uint32_t document, struct wcp_string id,
              bool is_path)
{
    uint32_t number = wcp_names_find(&parse->ids, id);

    if (number != WCP_NOBODY) {
        if (parse->documents.at[number] == WCP_NOBODY)
            parse->documents.at[number] = document;
        return;
    }
    while (is_path && id.len > 0) {
        id.data++;
        id.len--;
        if (id.data[-1] != '/' && id.data[-1] != '!')
            continue;
        number = wcp_names_find(&parse->ids, id);
        if (number == WCP_NOBODY)
            continue;
        parse->ends.at[number] =
            parse->ends.at[number] == WCP_NOBODY ? document : SEVERAL;
        return;
    }
}

static enum wcp_code
find_documents(struct parse *parse)
{
    const struct wcp_memory *mem = parse->spans->mem;
    size_t num = parse->ids.list.num;
    enum wcp_code code = WCP_CODE_OK;
    struct wcp_buffer buf;

    if (!wcp_array_reserve(mem, &parse->documents, num) ||
        !wcp_array_reserve(mem, &parse->ends, num))
        return wcp_no_memory(parse->fault);
    for (size_t i = 0; i < num; i++)
        parse->documents.at[i] = parse->ends.at[i] = WCP_NOBODY;
    wcp_buffer_init(&buf, mem, 0);
    for (uint32_t doc = 0;
         code == WCP_CODE_OK && doc < parse->store->num_documents; doc++) {
        bool is_path = wcp_entry_id(&parse->store->entries[doc]).data == NULL;

        buf.len = 0;
        if (!wcp_store_id(parse->store, doc, &buf))
            code = wcp_no_memory(parse->fault);
        else
            note_document(
                parse, doc,
                (struct wcp_string){ (const char *)buf.data, buf.len },
                is_path);
    }
    wcp_buffer_release(&buf);
    return code;
}

/* Ids without documents; BAD_RECORD if that is all of them. */
static enum wcp_code
count_unknown(struct parse *parse)
{
    struct wcp_text_spans *spans = parse->spans;
    size_t num = parse->ids.list.num;

    for (size_t i = 0; i < num; i++) {
        struct wcp_string name = parse->ids.list.at[i];

        if (parse->documents.at[i] == WCP_NOBODY)
            parse->documents.at[i] = parse->ends.at[i];
        if (parse->documents.at[i] == SEVERAL)
            return bad_line(parse, parse->lines.at[i], WCP_CODE_BAD_RECORD,
                            "the paths of several documents end in this id: "
                            "write more of it");
        if (parse->documents.at[i] == WCP_NOBODY && spans->num_unknown++ == 0)
            memcpy(spans->unknown, name.data, (size_t)wcp_shown_len(name));
    }
    if (num == 0 || spans->num_unknown < num)
        return WCP_CODE_OK;
    return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                    "no document has any of these ids, such as '%s'",
                    spans->unknown);
}

/* Leave out spans of no document, and those that stand alone. */
static enum wcp_code
settle(struct parse *parse)
{
    struct wcp_text_spans *spans = parse->spans;
    size_t num = 0, num_clusters = parse->clusters.list.num;

    if (!wcp_array_reserve(spans->mem, &parse->counts, num_clusters))
        return wcp_no_memory(parse->fault);
    for (size_t i = 0; i < num_clusters; i++)
        parse->counts.at[i] = 0;
    for (size_t i = 0; i < spans->list.num; i++) {
        struct wcp_text_span *span = &spans->list.at[i];

        span->document = parse->documents.at[span->document];
        if (span->document != WCP_NOBODY)
            parse->counts.at[span->number]++;
    }
    for (size_t i = 0; i < spans->list.num; i++) {
        struct wcp_text_span span = spans->list.at[i];

        if (span.document != WCP_NOBODY && parse->counts.at[span.number] > 1)
            spans->list.at[num++] = span;
    }
    spans->list.num = num;
    return WCP_CODE_OK;
}

enum wcp_code
wcp_text_spans_read(struct wcp_text_spans *spans, const struct wcp_store *store,
                    const char *text, size_t len, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    struct parse parse = { .spans = spans,
                           .store = store,
                           .ids = { .mem = mem },
                           .clusters = { .mem = mem },
                           .fault = fault };
    enum wcp_code code;

    *spans = (struct wcp_text_spans){ .mem = mem };
    code = take_lines(&parse, text, len);
    if (code == WCP_CODE_OK)
        code = find_documents(&parse);
    if (code == WCP_CODE_OK)
        code = count_unknown(&parse);
    if (code == WCP_CODE_OK)
        code = settle(&parse);
    wcp_names_release(&parse.ids);
    wcp_names_release(&parse.clusters);
    wcp_array_release(mem, &parse.documents);
    wcp_array_release(mem, &parse.ends);
    wcp_array_release(mem, &parse.lines);
    wcp_array_release(mem, &parse.counts);
    if (code != WCP_CODE_OK)
        wcp_text_spans_release(spans);
    return code;
}

void
wcp_text_spans_release(struct wcp_text_spans *spans)
{
    if (spans->mem != NULL)
        wcp_array_release(spans->mem, &spans->list);
    *spans = (struct wcp_text_spans){ 0 };
}
