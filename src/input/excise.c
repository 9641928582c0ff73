/*
 * excise.c - a record or a text file without parts of its text
 *
 * Nothing is written anew: the bytes that stand for the parts are taken out of
 * the bytes that were read, so all others stay as they are, escapes included.
 * A place in the text leads to one in its field by undoing escapes, and that
 * to one in the file by decoding.  Neither way back is taken on trust: what is
 * left is read again like any input, and must be the text without the parts.
 * If it is not, or what was read is not what stands there, the document cannot
 * be cut exactly, and is not cut.
 */
#include "input/reader.h"

#include <string.h>

enum { TEXT, KEEP_BYTES = 1 << 24 };

struct wcp_exciser {
    struct wcp_worker *worker;
    struct wcp_buffer raw, left; /* before and after, padded */
    struct wcp_buffer expected;  /* the text that must be left */
    WCP_ARRAY(uint64_t) places;  /* begin and end of each part */
};

enum wcp_code
wcp_exciser_new(struct wcp_reader *reader, struct wcp_exciser **exciser_ret,
                struct wcp_fault *fault)
{
    struct wcp_exciser *exciser =
        wcp_new_zeroed(&reader->mem, 1, sizeof *exciser);
    enum wcp_code code;

    if (exciser == NULL)
        return wcp_no_memory(fault);
    code = wcp_worker_new(reader, &exciser->worker, fault);
    if (code != WCP_CODE_OK) {
        wcp_free_array(&reader->mem, exciser, 1, sizeof *exciser);
        return code;
    }
    wcp_buffer_init(&exciser->raw, &reader->mem, 0);
    wcp_buffer_init(&exciser->left, &reader->mem, 0);
    wcp_buffer_init(&exciser->expected, &reader->mem, 0);
    *exciser_ret = exciser;
    return WCP_CODE_OK;
}

void
wcp_exciser_free(struct wcp_exciser *exciser)
{
    const struct wcp_memory *mem;

    if (exciser == NULL)
        return;
    mem = exciser->raw.mem;
    wcp_buffer_release(&exciser->raw);
    wcp_buffer_release(&exciser->left);
    wcp_buffer_release(&exciser->expected);
    wcp_array_release(mem, &exciser->places);
    wcp_worker_free(exciser->worker);
    wcp_free_array(mem, exciser, 1, sizeof *exciser);
}

static enum wcp_code
changed(struct wcp_fault *fault)
{
    return wcp_fail(fault, WCP_CODE_IO, 0, "changed while it was being read");
}

static enum wcp_code
read_document(struct wcp_exciser *exciser, const struct wcp_location *at,
              const struct wcp_buffer *bytes, struct wcp_document *doc,
              struct wcp_mended *mended)
{
    struct wcp_worker *worker = exciser->worker;
    const struct wcp_source *source = &worker->reader->sources.at[at->source];
    const struct wcp_row row = { at->source, at->encoding, bytes->data,
                                 bytes->len };

    if (source->format == WCP_FORMAT_TEXT)
        return wcp_decode_text(worker, at->encoding, bytes->data, bytes->len,
                               doc, mended, NULL);
    if (wcp_is_table(source))
        return wcp_parse_row(worker, &row, doc, mended, NULL);
    return wcp_parse_record(worker, at->encoding, bytes->data, bytes->len, doc,
                            mended, NULL);
}

/* ---- from the text to its field ---- */

/* A field as it stands in a line of UTF-8. */
struct field {
    const char *line;
    size_t at, end; /* in the line */
};

/* How many bytes stand for how many of the text. */
struct piece {
    size_t raw, text;
};

/* Places in the text -> places in the line. */
static bool
unescape_places(const struct field *field, uint64_t *places, size_t num,
                struct piece (*next)(const char *p, size_t len))
{
    size_t at = field->at;
    uint64_t text = 0;

    for (size_t i = 0; i < num; i++) {
        while (text < places[i]) {
            struct piece piece;

            if (at >= field->end)
                return false;
            piece = next(field->line + at, field->end - at);
            if (piece.raw == 0 || piece.raw > field->end - at)
                return false;
            at += piece.raw;
            text += piece.text;
        }
        if (text != places[i])
            return false;
        places[i] = at;
    }
    return true;
}

static struct piece
next_json(const char *p, size_t len)
{
    size_t raw = 1;
    int unit;

    if (p[0] != '\\')
        return (struct piece){ 1, 1 };
    unit = wcp_json_escaped_unit(p, p + len);
    if (unit < 0)
        return (struct piece){ 2, 1 };
    raw = 6;
    if (unit >= 0xD800 && unit <= 0xDFFF)
        return (struct piece){ 2 * raw, 4 };
    return (struct piece){ raw, unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3 };
}

static struct piece
next_quoted(const char *p, size_t len)
{
    (void)len;
    return (struct piece){ p[0] == '"' ? 2 : 1, 1 };
}

static struct piece
next_plain(const char *p, size_t len)
{
    (void)p;
    (void)len;
    return (struct piece){ 1, 1 };
}

static struct piece
next_tsv(const char *p, size_t len)
{
    bool escapes = p[0] == '\\' && len > 1 && p[1] != '\0' &&
                   strchr("tnr\\", p[1]) != NULL;

    return (struct piece){ escapes ? 2 : 1, 1 };
}

/* Field 'number' (from 1) of a line of TSV. */
static bool
find_tsv(struct field *field, size_t len, unsigned number)
{
    size_t at = field->at;

    for (; number > 1; number--) {
        const char *tab = memchr(field->line + at, '\t', len - at);

        if (tab == NULL)
            return false;
        at = (size_t)(tab - field->line) + 1;
    }
    field->at = at;
    while (at < len && field->line[at] != '\t')
        at++;
    field->end = at;
    return true;
}

/* Where a quoted field that begins behind its quote ends. */
static size_t
quoted_end(const char *line, size_t len, size_t at)
{
    while (at < len &&
           (line[at] != '"' || (at + 1 < len && line[at + 1] == '"')))
        at += line[at] == '"' ? 2 : 1;
    return at < len ? at : len;
}

/* Field 'number' (from 1) of a row of CSV; blanks around it do not count. */
static bool
find_csv(struct field *field, size_t len, const struct wcp_source *source,
         bool *quoted_ret)
{
    const char *line = field->line;
    size_t at = field->at;

    for (unsigned number = source->columns[TEXT];; number--) {
        size_t end;

        while (at < len && (line[at] == ' ' || line[at] == '\t') &&
               line[at] != source->delimiter)
            at++;
        *quoted_ret = at < len && line[at] == '"';
        field->at = at + *quoted_ret;
        end = *quoted_ret ? quoted_end(line, len, at + 1) : at;
        field->end = end;
        while (end < len && line[end] != source->delimiter)
            end++;
        if (!*quoted_ret)
            field->end = end;
        if (number == 1)
            return true;
        if (end >= len)
            return false;
        at = end + 1;
    }
}

/* Places in the text -> places in the line of UTF-8 that the worker has. */
static bool
find_in_line(struct wcp_exciser *exciser, const struct wcp_location *at,
             uint64_t *places, size_t num)
{
    struct wcp_worker *worker = exciser->worker;
    const struct wcp_source *source = &worker->reader->sources.at[at->source];
    const struct wcp_buffer *line =
        at->encoding == WCP_ENC_UTF8 ? &exciser->raw : &worker->text;
    struct field field = { (const char *)line->data, 0, 0 };
    bool quoted = false;

    if (source->format == WCP_FORMAT_TEXT)
        return true;
    if (line->len >= 3 && memcmp(line->data, "\xEF\xBB\xBF", 3) == 0)
        field.at = 3;
    if (source->format == WCP_FORMAT_TSV)
        return find_tsv(&field, line->len, source->columns[TEXT]) &&
               unescape_places(&field, places, num, next_tsv);
    if (source->format == WCP_FORMAT_CSV)
        return find_csv(&field, line->len, source, &quoted) &&
               unescape_places(&field, places, num,
                               quoted ? next_quoted : next_plain);
    if (!wcp_json_string_place(field.line + field.at, line->len - field.at,
                               &worker->values[TEXT], &field.end))
        return false;
    field.at += field.end;
    field.end = line->len;
    return unescape_places(&field, places, num, next_json);
}

/* Places in the line -> places in the bytes.  A mark before a line of UTF-8 was
 * counted. */
static bool
find_in_bytes(struct wcp_exciser *exciser, const struct wcp_location *at,
              uint64_t *places, size_t num)
{
    const struct wcp_worker *worker = exciser->worker;
    const struct wcp_source *source = &worker->reader->sources.at[at->source];

    if (at->encoding == WCP_ENC_UTF8 && source->format != WCP_FORMAT_TEXT)
        return true;
    return wcp_decode_places(worker->decoder, at->encoding, exciser->raw.data,
                             exciser->raw.len, places, num);
}

/* ---- what is left ---- */

/* 'from' without what lies between each two places, into 'to'. */
static bool
leave_out(struct wcp_buffer *to, const void *from, size_t len,
          const uint64_t *places, size_t num)
{
    const uint8_t *bytes = from;
    uint64_t at = 0;

    to->len = 0;
    if (!wcp_input_reserve(to, len))
        return false;
    for (size_t i = 0; i < num; i += 2) {
        if (!wcp_buffer_append(to, bytes + at, (size_t)(places[i] - at)))
            return false;
        at = places[i + 1];
    }
    if (!wcp_buffer_append(to, bytes + at, (size_t)(len - at)))
        return false;
    wcp_input_pad(to);
    return true;
}

static enum wcp_code
take_places(struct wcp_exciser *exciser, const struct wcp_document *doc,
            const struct wcp_range *cuts, size_t num, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = exciser->raw.mem;
    uint64_t at = 0;

    exciser->places.num = 0;
    if (!wcp_array_reserve(mem, &exciser->places, 2 * num))
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num; i++) {
        if (cuts[i].offset < at || cuts[i].offset > doc->text.len ||
            cuts[i].len > doc->text.len - cuts[i].offset)
            return changed(fault);
        at = cuts[i].offset + cuts[i].len;
        exciser->places.at[exciser->places.num++] = cuts[i].offset;
        exciser->places.at[exciser->places.num++] = at;
    }
    if (!leave_out(&exciser->expected, doc->text.data, doc->text.len,
                   exciser->places.at, exciser->places.num))
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}

static enum wcp_code
no_way(const struct wcp_exciser *exciser, const struct wcp_location *at,
       struct wcp_fault *fault)
{
    const struct wcp_reader *reader = exciser->worker->reader;
    bool is_csv = reader->sources.at[at->source].format == WCP_FORMAT_CSV;

    return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0, "%s cannot be cut exactly",
                    is_csv ? "the field" : wcp_encoding_name(at->encoding));
}

/* Whether what is left reads as it must. */
static enum wcp_code
check_left(struct wcp_exciser *exciser, const struct wcp_location *at,
           struct wcp_fault *fault)
{
    struct wcp_mended mended;
    struct wcp_document doc;
    enum wcp_code code =
        read_document(exciser, at, &exciser->left, &doc, &mended);

    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (code == WCP_CODE_OK && mended.num == 0 && doc.text.data != NULL &&
        doc.text.len == exciser->expected.len &&
        (doc.text.len == 0 ||
         memcmp(doc.text.data, exciser->expected.data, doc.text.len) == 0))
        return WCP_CODE_OK;
    return no_way(exciser, at, fault);
}

enum wcp_code
wcp_excise(struct wcp_exciser *exciser, const struct wcp_location *at,
           const struct wcp_excision *what, struct wcp_string *left_ret,
           struct wcp_fault *fault)
{
    uint64_t *places;
    struct wcp_mended mended;
    struct wcp_document doc;
    enum wcp_code code;

    exciser->raw.len = 0;
    if (exciser->raw.cap > KEEP_BYTES)
        wcp_buffer_release(&exciser->raw);
    if (!wcp_input_reserve(&exciser->raw, what->len) ||
        !wcp_buffer_append(&exciser->raw, what->bytes, what->len))
        return wcp_no_memory(fault);
    wcp_input_pad(&exciser->raw);
    code = read_document(exciser, at, &exciser->raw, &doc, &mended);
    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (code != WCP_CODE_OK || doc.text.data == NULL)
        return changed(fault);
    if (mended.num > 0)
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "what is illegal in it was replaced");
    code = take_places(exciser, &doc, what->cuts, what->num, fault);
    if (code != WCP_CODE_OK)
        return code;
    places = exciser->places.at;
    if (!find_in_line(exciser, at, places, exciser->places.num) ||
        !find_in_bytes(exciser, at, places, exciser->places.num))
        return no_way(exciser, at, fault);
    if (!leave_out(&exciser->left, exciser->raw.data, exciser->raw.len, places,
                   exciser->places.num))
        return wcp_no_memory(fault);
    code = check_left(exciser, at, fault);
    if (code == WCP_CODE_OK)
        *left_ret = (struct wcp_string){ (const char *)exciser->left.data,
                                         exciser->left.len };
    return code;
}

enum wcp_code
wcp_excise_file(struct wcp_exciser *exciser, const struct wcp_location *at,
                const struct wcp_range *cuts, size_t num,
                struct wcp_string *left_ret, struct wcp_fault *fault)
{
    struct wcp_worker *worker = exciser->worker;
    struct wcp_excision what = { .cuts = cuts, .num = num };
    enum wcp_code code;

    if (worker->reader->sources.at[at->source].packed != WCP_PLAIN)
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                        "a compressed text file is not cut");
    code = wcp_read_location(worker, at, fault);
    if (code == WCP_CODE_NO_MEMORY)
        return code;
    if (code != WCP_CODE_OK)
        return changed(fault);
    what.bytes = worker->in.data;
    what.len = worker->in.len;
    return wcp_excise(exciser, at, &what, left_ret, fault);
}
