/*
 * jsonl.c - a line of JSON -> a document
 *
 * A line that is fine is parsed where it lies: nothing is copied, the text is
 * unescaped once by the parser, which also proves it valid UTF-8.  A line that
 * the parser refuses is looked at again: its place is found, or what can be
 * mended is mended in a copy, which is then parsed.
 */
#include "input/reader.h"

#include <string.h>

enum { TEXT, ID, TITLE, DATE, SOURCE };

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A line as UTF-8, without the blanks around it; 'lead' bytes were before. */
struct record {
    const char *text;
    size_t len, lead;
};

static enum wcp_code
decode_line(struct wcp_worker *worker, wcp_encoding enc, const uint8_t *line,
            size_t len, struct wcp_mended *mended, struct wcp_fault *fault)
{
    enum wcp_code code;

    worker->text.len = 0;
    worker->text.max = SIZE_MAX / 2;
    code = wcp_decode(worker->decoder, enc, worker->reader->opts.on_bad_bytes,
                      line, len, &worker->text, &mended->num, &mended->first,
                      fault);
    if (code != WCP_CODE_OK) {
        if (fault != NULL && code == WCP_CODE_BAD_TEXT)
            fault->at++;
        return code;
    }
    if (!wcp_input_reserve(&worker->text, 0))
        return wcp_no_memory(fault);
    wcp_input_pad(&worker->text);
    return WCP_CODE_OK;
}

static void
trim(struct record *record)
{
    size_t len = record->len, lead = 0;

    while (len > 0 && is_blank(record->text[len - 1]))
        len--;
    /* Files that were joined have byte-order marks within. */
    if (len >= 3 && memcmp(record->text, "\xEF\xBB\xBF", 3) == 0)
        lead = 3;
    while (lead < len && is_blank(record->text[lead]))
        lead++;
    record->text += lead;
    record->len = len - lead;
    record->lead = lead;
}

/* Copy the record to worker->mended, repairing what is not UTF-8. */
static enum wcp_code
copy_repaired(struct wcp_worker *worker, const struct record *record,
              struct wcp_mended *mended, struct wcp_fault *fault)
{
    enum wcp_bad_bytes policy = worker->reader->opts.on_bad_bytes;
    size_t valid = wcp_utf8_valid_prefix(record->text, record->len);
    uint64_t num = 0, first = 0;
    bool ok;

    worker->mended.len = 0;
    if (valid < record->len && policy == WCP_BAD_FAIL) {
        wcp_fail(fault, WCP_CODE_BAD_TEXT, 0, "illegal bytes in UTF-8");
        if (fault != NULL)
            fault->at = record->lead + valid + 1;
        return WCP_CODE_BAD_TEXT;
    }
    if (valid == record->len)
        ok = wcp_buffer_append(&worker->mended, record->text, record->len);
    else
        ok = wcp_utf8_repair(record->text, record->len, policy, &worker->mended,
                             &num, &first);
    if (!ok)
        return wcp_no_memory(fault);
    if (num > 0 && mended->num == 0)
        mended->first = record->lead + first;
    mended->num += num;
    return WCP_CODE_OK;
}

static enum wcp_code
mend_surrogates(struct wcp_worker *worker, const struct record *record,
                struct wcp_mended *mended, struct wcp_fault *fault)
{
    enum wcp_bad_bytes policy = worker->reader->opts.on_bad_bytes;
    size_t first = 0;
    uint64_t num;

    num = wcp_json_mend_surrogates((char *)worker->mended.data,
                                   &worker->mended.len, policy == WCP_BAD_SKIP,
                                   &first);
    if (num > 0 && policy == WCP_BAD_FAIL) {
        wcp_fail(fault, WCP_CODE_BAD_TEXT, 0, "lone surrogate");
        if (fault != NULL)
            fault->at = record->lead + first + 1;
        return WCP_CODE_BAD_TEXT;
    }
    if (num > 0 && mended->num == 0) {
        mended->what = "lone surrogate";
        mended->first = record->lead + first;
    }
    mended->num += num;
    return WCP_CODE_OK;
}

static enum wcp_json_status
parse(struct wcp_worker *worker, const char *text, size_t len)
{
    return wcp_json_parse(worker->json, text, len, worker->reader->fields, 5,
                          worker->values);
}

static enum wcp_json_status
parse_mended(struct wcp_worker *worker)
{
    return parse(worker, (const char *)worker->mended.data, worker->mended.len);
}

/* The parser has refused the line: find out why, mend it or complain. */
static enum wcp_code
mend_record(struct wcp_worker *worker, const struct record *record,
            enum wcp_json_status *status_ret, struct wcp_mended *mended,
            struct wcp_fault *fault)
{
    struct wcp_json_flaw flaw = { 0 };
    enum wcp_code code;

    if (!wcp_json_check(record->text, record->len, &flaw)) {
        wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "malformed JSON: %s",
                 flaw.reason);
        if (fault != NULL)
            fault->at = record->lead + flaw.at + 1;
        return WCP_CODE_BAD_RECORD;
    }
    code = copy_repaired(worker, record, mended, fault);
    if (code == WCP_CODE_OK)
        code = mend_surrogates(worker, record, mended, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (!wcp_input_reserve(&worker->mended, 0))
        return wcp_no_memory(fault);
    wcp_input_pad(&worker->mended);
    *status_ret = parse_mended(worker);
    if (*status_ret != WCP_JSON_REFUSED)
        return WCP_CODE_OK;
    wcp_json_mend_numbers((char *)worker->mended.data, worker->mended.len);
    *status_ret = parse_mended(worker);
    /* Their values mean nothing now: take all numbers from the line itself. */
    for (size_t i = 0; *status_ret == WCP_JSON_OK && i < 5; i++)
        if (worker->values[i].kind == WCP_JSON_INTEGER)
            worker->values[i].kind = WCP_JSON_DOUBLE;
    return WCP_CODE_OK;
}

/* A string or a number; data NULL for anything else. */
static struct wcp_string
scalar(struct wcp_json_value *value, const struct record *record)
{
    struct wcp_string none = { NULL, 0 };

    if (value->kind == WCP_JSON_DOUBLE &&
        !wcp_json_number_text(record->text, record->len, value))
        return none;
    if (value->kind == WCP_JSON_NONE || value->kind == WCP_JSON_OTHER)
        return none;
    return (struct wcp_string){ value->data, value->len };
}

/* Say what the record has where its text should be, and what else. */
static enum wcp_code
say_no_text(struct wcp_worker *worker, struct wcp_fault *fault)
{
    const char *name = worker->reader->opts.text_field, *inner;
    char members[120];

    wcp_json_members(worker->json, members, sizeof members);
    if (worker->values[TEXT].kind == WCP_JSON_NONE)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "no field '%s' (--text-field); the record %s%s", name,
                        members[0] != '\0' ? "has: " : "is empty", members);
    inner = strstr(members, name);
    if (inner != NULL && inner[strlen(name)] == '.')
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "field '%s' is an object (--text-field); the record "
                        "has: %s",
                        name, members);
    return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "field '%s' is not a string",
                    name);
}

static enum wcp_code
take_text(struct wcp_worker *worker, struct wcp_document *doc,
          struct wcp_fault *fault)
{
    const struct wcp_input_options *opts = &worker->reader->opts;
    const struct wcp_json_value *text = &worker->values[TEXT];

    if (text->kind == WCP_JSON_NONE && text->num_ordinals > 0)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "field '%s' is null",
                        opts->text_field);
    if (text->kind != WCP_JSON_STRING)
        return say_no_text(worker, fault);
    if (text->len > opts->max_document)
        return wcp_too_long(opts, fault);
    doc->text = (struct wcp_string){ text->data, text->len };
    return WCP_CODE_OK;
}

static enum wcp_code
take_fields(struct wcp_worker *worker, const struct record *record,
            struct wcp_document *doc, struct wcp_fault *fault)
{
    enum wcp_code code = take_text(worker, doc, fault);

    if (code != WCP_CODE_OK)
        return code;
    doc->id = scalar(&worker->values[ID], record);
    if (doc->id.len == 0) /* an empty id names nothing */
        doc->id.data = NULL;
    doc->title = scalar(&worker->values[TITLE], record);
    doc->date = scalar(&worker->values[DATE], record);
    doc->source = scalar(&worker->values[SOURCE], record);
    if (doc->date.len == 0) /* no date, not one that is not understood */
        doc->date.data = NULL;
    if (doc->date.data != NULL)
        doc->date_ms = wcp_parse_date(doc->date.data, doc->date.len);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_parse_record(struct wcp_worker *worker, wcp_encoding enc,
                 const uint8_t *line, size_t len, struct wcp_document *doc,
                 struct wcp_mended *mended, struct wcp_fault *fault)
{
    struct record record = { (const char *)line, len, 0 };
    enum wcp_code code = WCP_CODE_OK;
    enum wcp_json_status status;

    *doc = (struct wcp_document){ .date_ms = WCP_NO_DATE };
    *mended = (struct wcp_mended){ .what = "illegal bytes" };
    if (enc != WCP_ENC_UTF8) {
        code = decode_line(worker, enc, line, len, mended, fault);
        if (code != WCP_CODE_OK)
            return code;
        record.text = (const char *)worker->text.data;
        record.len = worker->text.len;
    }
    trim(&record);
    if (record.len == 0)
        return WCP_CODE_OK;
    status = parse(worker, record.text, record.len);
    if (status == WCP_JSON_REFUSED)
        code = mend_record(worker, &record, &status, mended, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (status == WCP_JSON_NO_MEMORY)
        return wcp_no_memory(fault);
    if (status == WCP_JSON_REFUSED)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "malformed JSON");
    if (status == WCP_JSON_NOT_OBJECT)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "not a JSON object");
    doc->num_bad = mended->num;
    return take_fields(worker, &record, doc, fault);
}

static void
say_mended(struct wcp_worker *worker, const struct wcp_place *where,
           const struct wcp_mended *mended)
{
    struct wcp_place place = *where;
    struct wcp_fault fault;

    if (mended->num == 0 || worker->said_repaired)
        return;
    worker->said_repaired = true;
    place.column = mended->first + 1;
    place.offset += mended->first;
    wcp_fail(&fault, WCP_CODE_BAD_TEXT, 0, "%s", mended->what);
    wcp_notify(worker, WCP_NOTICE_REPAIRED, &place, &fault);
}

void
wcp_say_long_line(struct wcp_worker *worker, const struct wcp_place *place)
{
    struct wcp_fault fault;

    (void)wcp_too_long(&worker->reader->opts, &fault);
    wcp_notify(worker, WCP_NOTICE_SKIPPED, place, &fault);
}

enum wcp_code
wcp_process_record(struct wcp_worker *worker, const struct wcp_place *where,
                   const uint8_t *line, size_t len)
{
    const struct wcp_source *source =
        &worker->reader->sources.at[where->source];
    const struct wcp_row row = { where->source, source->encoding, line, len };
    wcp_encoding enc = source->encoding;
    struct wcp_place place = *where;
    struct wcp_mended mended;
    struct wcp_document doc;
    struct wcp_fault fault = { 0 };
    enum wcp_code code;

    if (len > worker->reader->max_line) {
        wcp_say_long_line(worker, where);
        return WCP_CODE_OK;
    }
    if (wcp_is_table(source))
        code = wcp_parse_row(worker, &row, &doc, &mended, &fault);
    else
        code = wcp_parse_record(worker, enc, line, len, &doc, &mended, &fault);
    if (code == WCP_CODE_NO_MEMORY)
        return code;
    if (code != WCP_CODE_OK) {
        place.column = fault.at;
        if (enc == WCP_ENC_UTF8 && fault.at > 0)
            place.offset += fault.at - 1;
        wcp_notify(worker, WCP_NOTICE_SKIPPED, &place, &fault);
        return WCP_CODE_OK;
    }
    if (doc.text.data == NULL)
        return WCP_CODE_OK;
    say_mended(worker, where, &mended);
    doc.at = (struct wcp_location){ .source = where->source,
                                    .encoding = enc,
                                    .line = where->line,
                                    .offset = where->offset,
                                    .len = len };
    return worker->consumer->document(worker->consumer->ctx, &doc)
               ? WCP_CODE_OK
               : WCP_CODE_STOPPED;
}

enum wcp_code
wcp_process_lines(struct wcp_worker *worker, uint32_t source,
                  const uint8_t *data, size_t len, uint64_t offset,
                  uint64_t *num_lines)
{
    const struct wcp_source *from = &worker->reader->sources.at[source];
    wcp_encoding enc = from->encoding;
    size_t width = wcp_unit_width(enc);
    const uint8_t *line = data, *end = data + len, *next;
    enum wcp_code code = WCP_CODE_OK;

    if (from->format == WCP_FORMAT_CSV)
        return wcp_process_rows(worker, source, data, len, offset, num_lines);
    for (; line < end && code == WCP_CODE_OK; line = next) {
        struct wcp_place place = { .source = source,
                                   .line = ++*num_lines,
                                   .offset = offset + (uint64_t)(line - data) };
        size_t line_len;

        next = wcp_line_end(line, end, enc);
        line_len = (size_t)((next != NULL ? next - width : end) - line);
        if (next == NULL)
            next = end;
        if (place.offset >= from->header_end)
            code = wcp_process_record(worker, &place, line, line_len);
    }
    wcp_json_trim(worker->json);
    return code;
}
