/*
 * csv.c - the header and the rows of CSV and TSV -> documents
 *
 * The header is read once, when the file is looked into: from then on a row is
 * taken apart by the numbers of the wanted columns, so that it can be read
 * again by itself.  CSV is taken apart by libcsv; TSV knows no quotes, its
 * lines are split at tabs.  A row is decoded by itself: no byte of a longer
 * character looks like a quote or a line end in the encodings that are read.
 */
#include "input/reader.h"

#include <string.h>
#ifdef WCP_HAVE_LIBCSV
#include <csv.h>
#endif

enum { TEXT, ID, TITLE, DATE, SOURCE, NUM_VALUES };
enum { KEEP_BYTES = 1 << 24, MAX_COLUMNS = UINT16_MAX - 1 };

struct wcp_csv {
    const struct wcp_reader *reader;
    const uint16_t *columns; /* of the source; NULL: this is the header */
    uint16_t found[NUM_VALUES];
    size_t num;        /* fields so far */
    size_t num_filled; /* up to the last that is not empty */
    struct {
        size_t begin, len;
        bool there;
    } values[NUM_VALUES];
    struct wcp_buffer store; /* the values, or the names of the header */
    bool no_memory;
#ifdef WCP_HAVE_LIBCSV
    struct csv_parser parser;
    bool parsing; /* the parser is set up */
#endif
};

bool
wcp_is_table(const struct wcp_source *source)
{
    return source->format == WCP_FORMAT_CSV || source->format == WCP_FORMAT_TSV;
}

static void
free_parser(struct wcp_csv *csv)
{
#ifdef WCP_HAVE_LIBCSV
    if (csv->parsing)
        csv_free(&csv->parser);
    csv->parsing = false;
#else
    (void)csv;
#endif
}

void
wcp_csv_free(struct wcp_worker *worker)
{
    struct wcp_csv *csv = worker->csv;

    if (csv == NULL)
        return;
    free_parser(csv);
    wcp_buffer_release(&csv->store);
    wcp_free_array(&worker->reader->mem, csv, 1, sizeof *csv);
    worker->csv = NULL;
}

/* Ready for the fields of a row, or of a header (columns NULL). */
static bool
begin_row(struct wcp_worker *worker, const uint16_t *columns)
{
    struct wcp_csv *csv = worker->csv;

    if (csv == NULL) {
        csv = wcp_new_zeroed(&worker->reader->mem, 1, sizeof *csv);
        if (csv == NULL)
            return false;
        csv->reader = worker->reader;
        wcp_buffer_init(&csv->store, &worker->reader->mem, 0);
        worker->csv = csv;
    }
    /* Give back what only a very long row needed. */
    if (csv->store.cap > KEEP_BYTES) {
        wcp_buffer_release(&csv->store);
        free_parser(csv);
    }
    csv->columns = columns;
    csv->num = csv->num_filled = 0;
    csv->no_memory = false;
    csv->store.len = 0;
    memset(csv->values, 0, sizeof csv->values);
    memset(csv->found, 0, sizeof csv->found);
    return true;
}

/* ---- fields ---- */

static void
take_name(struct wcp_csv *csv, const char *data, size_t len)
{
    if (csv->num > MAX_COLUMNS)
        return;
    for (size_t i = 0; i < NUM_VALUES; i++) {
        const struct wcp_json_name *name = &csv->reader->fields[i];

        if (csv->found[i] == 0 && name->len == len &&
            memcmp(name->data, data, len) == 0)
            csv->found[i] = (uint16_t)csv->num;
    }
    if (csv->store.len < 256 &&
        ((csv->num > 1 && !wcp_buffer_append(&csv->store, ", ", 2)) ||
         !wcp_buffer_append(&csv->store, data, len)))
        csv->no_memory = true;
}

/* Append a field, undoing the escapes of TSV. */
static bool
append_plain(struct wcp_buffer *out, const char *data, size_t len)
{
    while (len > 0) {
        const char *escape = memchr(data, '\\', len);
        size_t num = escape != NULL ? (size_t)(escape - data) : len;
        char c = '\\';

        if (!wcp_buffer_append(out, data, num))
            return false;
        data += num;
        len -= num;
        if (len == 0)
            break;
        if (len > 1 && strchr("tnr\\", data[1]) != NULL && data[1] != '\0') {
            c = data[1] == 't'   ? '\t'
                : data[1] == 'n' ? '\n'
                : data[1] == 'r' ? '\r'
                                 : '\\';
            data++;
            len--;
        }
        data++;
        len--;
        if (!wcp_buffer_append(out, &c, 1))
            return false;
    }
    return true;
}

static void
take_field(struct wcp_csv *csv, const char *data, size_t len, bool escaped)
{
    csv->num++;
    if (len > 0)
        csv->num_filled = csv->num;
    if (csv->columns == NULL) {
        take_name(csv, data, len);
        return;
    }
    for (size_t i = 0; i < NUM_VALUES; i++) {
        struct wcp_buffer *store = &csv->store;
        size_t begin = store->len;

        if (csv->columns[i] != csv->num)
            continue;
        if (escaped ? !append_plain(store, data, len)
                    : !wcp_buffer_append(store, data, len)) {
            csv->no_memory = true;
            return;
        }
        csv->values[i].begin = begin;
        csv->values[i].len = store->len - begin;
        csv->values[i].there = true;
    }
}

static void
split_tabs(struct wcp_csv *csv, const char *data, size_t len)
{
    for (;;) {
        const char *tab = len > 0 ? memchr(data, '\t', len) : NULL;
        size_t num = tab != NULL ? (size_t)(tab - data) : len;

        take_field(csv, data, num, true);
        if (tab == NULL)
            return;
        data = tab + 1;
        len -= num + 1;
    }
}

#ifdef WCP_HAVE_LIBCSV

static void
on_field(void *data, size_t len, void *ctx)
{
    take_field(ctx, data != NULL ? data : "", len, false);
}

/* A carriage return by itself is text. */
static int
is_line_feed(unsigned char c)
{
    return c == '\n';
}

static bool
split_quoted(struct wcp_csv *csv, char delimiter, const char *data, size_t len)
{
    if (!csv->parsing) {
        if (csv_init(&csv->parser, 0) != 0)
            return false;
        csv->parsing = true;
        csv_set_term_func(&csv->parser, is_line_feed);
        csv_set_blk_size(&csv->parser, 1 << 16);
    }
    csv_set_delim(&csv->parser, (unsigned char)delimiter);
    if (csv_parse(&csv->parser, data, len, on_field, NULL, csv) == len &&
        csv_fini(&csv->parser, on_field, NULL, csv) == 0)
        return true;
    free_parser(csv); /* what it has of the row must not meet the next one */
    return false;
}

#else

static bool
split_quoted(struct wcp_csv *csv, char delimiter, const char *data, size_t len)
{
    (void)csv;
    (void)delimiter;
    (void)data;
    (void)len;
    return true;
}

#endif

/* Take the row apart, which is UTF-8 without its line end. */
static enum wcp_code
split(struct wcp_csv *csv, const struct wcp_source *source, const char *text,
      size_t len)
{
    if (source->named == WCP_FORMAT_TSV)
        split_tabs(csv, text, len);
    else if (!split_quoted(csv, source->delimiter, text, len))
        csv->no_memory = true;
    return csv->no_memory ? WCP_CODE_NO_MEMORY : WCP_CODE_OK;
}

/* ---- a row as UTF-8 ---- */

static enum wcp_code
repair(struct wcp_worker *worker, enum wcp_bad_bytes policy,
       struct wcp_string *row, struct wcp_mended *mended,
       struct wcp_fault *fault)
{
    size_t valid = wcp_utf8_valid_prefix(row->data, row->len);

    if (valid == row->len)
        return WCP_CODE_OK;
    if (policy == WCP_BAD_FAIL) {
        wcp_fail(fault, WCP_CODE_BAD_TEXT, 0, "illegal bytes in UTF-8");
        if (fault != NULL)
            fault->at = valid + 1;
        return WCP_CODE_BAD_TEXT;
    }
    worker->mended.len = 0;
    worker->mended.max = SIZE_MAX / 2;
    if (!wcp_utf8_repair(row->data, row->len, policy, &worker->mended,
                         &mended->num, &mended->first))
        return wcp_no_memory(fault);
    row->data = (const char *)worker->mended.data;
    row->len = worker->mended.len;
    return WCP_CODE_OK;
}

static enum wcp_code
decode(struct wcp_worker *worker, const struct wcp_row *raw,
       enum wcp_bad_bytes policy, struct wcp_string *row,
       struct wcp_mended *mended, struct wcp_fault *fault)
{
    enum wcp_code code;

    *mended = (struct wcp_mended){ .what = "illegal bytes" };
    *row = (struct wcp_string){ (const char *)raw->data, raw->len };
    if (raw->encoding == WCP_ENC_UTF8) {
        if (row->len >= 3 && memcmp(row->data, "\xEF\xBB\xBF", 3) == 0) {
            row->data += 3;
            row->len -= 3;
        }
        code = repair(worker, policy, row, mended, fault);
    } else {
        worker->text.len = 0;
        worker->text.max = SIZE_MAX / 2;
        code = wcp_decode(worker->decoder, raw->encoding, policy, raw->data,
                          raw->len, &worker->text, &mended->num, &mended->first,
                          fault);
        if (code == WCP_CODE_BAD_TEXT && fault != NULL)
            fault->at++;
        row->data = worker->text.len > 0 ? (const char *)worker->text.data : "";
        row->len = worker->text.len;
    }
    if (row->len > 0 && row->data[row->len - 1] == '\r')
        row->len--;
    return code;
}

/* ---- header ---- */

/* The most frequent of those that stand outside quotes. */
static char
choose_delimiter(const char *text, size_t len)
{
    static const char kinds[] = { ',', ';', '\t', '|' };
    size_t counts[sizeof kinds] = { 0 }, best = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        for (size_t k = 0; k < sizeof kinds && !quoted; k++)
            counts[k] += text[i] == kinds[k];
    }
    for (size_t k = 1; k < sizeof kinds; k++)
        if (counts[k] > counts[best])
            best = k;
    return kinds[best];
}

/* The first row that is not blank, which ends at *end_ret. */
static enum wcp_code
first_row(struct wcp_worker *worker, const struct wcp_source *source,
          const struct wcp_sample *sample, struct wcp_string *row,
          size_t *end_ret, struct wcp_fault *fault)
{
    const uint8_t *data = sample->data + *end_ret, *end, *next;
    struct wcp_mended mended;
    bool open = false;

    end = sample->data + sample->len;
    do {
        struct wcp_row raw = { .encoding = source->encoding, .data = data };
        enum wcp_code code;

        if (source->named == WCP_FORMAT_TSV)
            next = wcp_line_end(data, end, source->encoding);
        else
            next = wcp_row_end(data, end, source->encoding, &open);
        if (next == NULL && !sample->whole)
            return wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                            "the header is longer than a MiB");
        if (next == NULL && open)
            return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                            "a quoted field of the header does not end");
        raw.len = (size_t)((next != NULL ? next : end) - data);
        if (next != NULL)
            raw.len -= wcp_unit_width(source->encoding);
        code = decode(worker, &raw, WCP_BAD_REPLACE, row, &mended, fault);
        if (code != WCP_CODE_OK)
            return code;
        data = next;
    } while (row->len == 0 && next != NULL);
    *end_ret = (size_t)((next != NULL ? next : end) - sample->data);
    return WCP_CODE_OK;
}

/* The columns are named by the option. */
static void
split_option(struct wcp_csv *csv, const char *names)
{
    for (;;) {
        const char *comma = strchr(names, ',');

        take_field(csv, names,
                   comma != NULL ? (size_t)(comma - names) : strlen(names),
                   false);
        if (comma == NULL)
            return;
        names = comma + 1;
    }
}

static enum wcp_code
check_source(const struct wcp_source *source, struct wcp_fault *fault)
{
    if (source->named == WCP_FORMAT_TSV)
        return WCP_CODE_OK;
#ifndef WCP_HAVE_LIBCSV
    return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0,
                    "CSV cannot be read: built without libcsv");
#else
    if (wcp_unit_width(source->encoding) == 1 &&
        !wcp_encoding_keeps_lines(source->encoding))
        return wcp_fail(fault, WCP_CODE_BAD_TEXT, 0,
                        "CSV in %s cannot be read; convert it to UTF-8",
                        wcp_encoding_name(source->encoding));
    return WCP_CODE_OK;
#endif
}

/* Take the names of the columns from the header, or from the option: then the
 * first row, which is none, has no more fields than there are names.  Too few
 * may have left one out, and all behind it would be taken for the next. */
static enum wcp_code
take_names(struct wcp_worker *worker, const struct wcp_source *source,
           struct wcp_string row, struct wcp_fault *fault)
{
    const char *names = worker->reader->opts.columns;
    size_t num_filled;

    if (!begin_row(worker, NULL) ||
        split(worker->csv, source, row.data, row.len) != WCP_CODE_OK)
        return wcp_no_memory(fault);
    if (names == NULL)
        return WCP_CODE_OK;
    num_filled = worker->csv->num_filled;
    if (!begin_row(worker, NULL))
        return wcp_no_memory(fault);
    split_option(worker->csv, names);
    if (num_filled > worker->csv->num)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "the first row has %zu fields, but --columns %zu "
                        "name%s; name all, some may be empty",
                        num_filled, worker->csv->num,
                        worker->csv->num == 1 ? "" : "s");
    return WCP_CODE_OK;
}

enum wcp_code
wcp_read_header(struct wcp_worker *worker, uint32_t index,
                const struct wcp_sample *sample, struct wcp_fault *fault)
{
    struct wcp_source *source = &worker->reader->sources.at[index];
    const char *names = worker->reader->opts.columns;
    struct wcp_string row = { NULL, 0 };
    const struct wcp_csv *csv;
    size_t end = 0;
    enum wcp_code code = check_source(source, fault);

    if (code == WCP_CODE_OK)
        code = first_row(worker, source, sample, &row, &end, fault);
    if (code != WCP_CODE_OK)
        return code;
    source->delimiter = source->named == WCP_FORMAT_TSV
                            ? '\t'
                            : choose_delimiter(row.data, row.len);
    code = take_names(worker, source, row, fault);
    if (code != WCP_CODE_OK)
        return code;
    csv = worker->csv;
    source->header_end = names != NULL ? 0 : (uint32_t)end;
    source->num_columns =
        csv->num < MAX_COLUMNS ? (uint16_t)csv->num : MAX_COLUMNS;
    memcpy(source->columns, csv->found, sizeof source->columns);
    if (csv->found[TEXT] == 0 && row.len > 0)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "no column '%s' (--text-field%s); %s: %.*s",
                        worker->reader->opts.text_field,
                        names != NULL ? ""
                                      : ", or --columns if there is no header",
                        names != NULL ? "--columns has" : "the header has",
                        (int)csv->store.len, (const char *)csv->store.data);
    return WCP_CODE_OK;
}

/* ---- rows ---- */

/* An empty field is no value. */
static struct wcp_string
value(const struct wcp_csv *csv, size_t i)
{
    struct wcp_string none = { NULL, 0 };

    if (!csv->values[i].there || csv->values[i].len == 0)
        return none;
    return (struct wcp_string){
        (const char *)csv->store.data + csv->values[i].begin, csv->values[i].len
    };
}

/* A delimiter stands in a field that has no quotes, most often in the text,
 * which would be read up to there only. */
static bool
has_more(const struct wcp_csv *csv, const struct wcp_source *source)
{
    return csv->num_filled > source->num_columns &&
           source->num_columns < MAX_COLUMNS;
}

enum wcp_code
wcp_parse_row(struct wcp_worker *worker, const struct wcp_row *raw,
              struct wcp_document *doc, struct wcp_mended *mended,
              struct wcp_fault *fault)
{
    const struct wcp_reader *reader = worker->reader;
    const struct wcp_source *source = &reader->sources.at[raw->source];
    struct wcp_string row;
    struct wcp_csv *csv;
    enum wcp_code code =
        decode(worker, raw, reader->opts.on_bad_bytes, &row, mended, fault);

    *doc = (struct wcp_document){ .date_ms = WCP_NO_DATE };
    if (code != WCP_CODE_OK || row.len == 0)
        return code;
    if (!begin_row(worker, source->columns))
        return wcp_no_memory(fault);
    csv = worker->csv;
    if (split(csv, source, row.data, row.len) != WCP_CODE_OK)
        return wcp_no_memory(fault);
    if (csv->num == 0) /* blanks only */
        return WCP_CODE_OK;
    if (!csv->values[TEXT].there || has_more(csv, source))
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "%zu field%s, but %s %u",
                        csv->num, csv->num == 1 ? "" : "s",
                        reader->opts.columns != NULL ? "--columns names"
                                                     : "the header has",
                        (unsigned)source->num_columns);
    if (csv->values[TEXT].len > reader->opts.max_document)
        return wcp_too_long(&reader->opts, fault);
    doc->text = value(csv, TEXT);
    if (doc->text.data == NULL)
        doc->text.data = "";
    doc->id = value(csv, ID);
    doc->title = value(csv, TITLE);
    doc->date = value(csv, DATE);
    doc->source = value(csv, SOURCE);
    if (doc->date.data != NULL)
        doc->date_ms = wcp_parse_date(doc->date.data, doc->date.len);
    doc->num_bad = mended->num;
    return WCP_CODE_OK;
}

static void
say_open_quote(struct wcp_worker *worker, const struct wcp_place *place)
{
    struct wcp_fault fault;

    wcp_fail(&fault, WCP_CODE_BAD_RECORD, 0, "a quoted field does not end");
    wcp_notify(worker, WCP_NOTICE_SKIPPED, place, &fault);
}

static uint64_t
count_lines(const uint8_t *data, const uint8_t *end, wcp_encoding enc)
{
    uint64_t num = 0;

    while (data < end) {
        const uint8_t *next = wcp_line_end(data, end, enc);

        num++;
        data = next != NULL ? next : end;
    }
    return num;
}

static bool
ends_in(const uint8_t *row, size_t len, wcp_encoding enc, uint8_t c)
{
    size_t width = wcp_unit_width(enc);

    return len >= width && len % width == 0 &&
           wcp_unit_at(row + len - width, width, wcp_is_big_endian(enc)) == c;
}

/* How long the row is without its line end, CR LF or LF; the file's last one
 * may have none. */
static size_t
row_len(const uint8_t *row, size_t len, wcp_encoding enc)
{
    size_t width = wcp_unit_width(enc);

    if (!ends_in(row, len, enc, '\n'))
        return len;
    len -= width;
    return ends_in(row, len, enc, '\r') ? len - width : len;
}

enum wcp_code
wcp_process_rows(struct wcp_worker *worker, uint32_t index, const uint8_t *data,
                 size_t len, uint64_t offset, uint64_t *num_lines)
{
    struct wcp_quotes quotes = { 0 };
    struct wcp_rows rows = wcp_rows_of(worker->reader, index, &quotes);
    const uint8_t *row = data, *next;
    enum wcp_code code = WCP_CODE_OK;

    rows.data = data;
    rows.end = data + len;
    rows.offset = offset;
    rows.last = true;
    for (; row < rows.end && code == WCP_CODE_OK; row = next) {
        struct wcp_place place = { .source = index,
                                   .line = *num_lines + 1,
                                   .offset = offset + (uint64_t)(row - data) };
        enum wcp_row_kind kind = wcp_next_row(&rows, row, &next);

        *num_lines += count_lines(row, next, rows.encoding);
        if (place.offset < rows.header_end)
            continue;
        if (kind == WCP_ROW_OPEN)
            say_open_quote(worker, &place);
        else
            code = wcp_process_record(
                worker, &place, row,
                row_len(row, (size_t)(next - row), rows.encoding));
    }
    return code;
}
