/*
 * sniff.c - compression, format and encoding from the first bytes
 *
 * The encoding of a file of records is decided once, from its first MiB, so
 * that every slice and every line is read alike.  A file of records is UTF-8
 * even with a few illegal bytes: one broken line must not turn the others into
 * Latin.
 */
#include "input/reader.h"

#include <string.h>
#include <strings.h>

static const struct {
    enum wcp_compression packed;
    const char *name;
    uint8_t len, magic[WCP_MAGIC_BYTES];
} kinds[] = {
    { WCP_GZIP, "gzip", 3, { 0x1F, 0x8B, 0x08 } },
    { WCP_ZSTD, "zstd", 4, { 0x28, 0xB5, 0x2F, 0xFD } },
    { WCP_XZ, "xz", 6, { 0xFD, '7', 'z', 'X', 'Z', 0 } },
    { WCP_BZIP2, "bzip2", 3, { 'B', 'Z', 'h' } },
    { WCP_LZ4, "lz4", 4, { 0x04, 0x22, 0x4D, 0x18 } },
};

enum wcp_compression
wcp_sniff_compression(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (len < kinds[i].len || memcmp(data, kinds[i].magic, kinds[i].len))
            continue;
        /* "BZh" begins words too; the level follows, then the block. */
        if (kinds[i].packed == WCP_BZIP2 &&
            (len < 5 || data[3] < '1' || data[3] > '9' ||
             (data[4] != 0x31 && data[4] != 0x17)))
            continue;
        return kinds[i].packed;
    }
    return WCP_PLAIN;
}

const char *
wcp_compression_name(enum wcp_compression packed)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].packed == packed)
            return kinds[i].name;
    return "plain";
}

size_t
wcp_sample_cut(const uint8_t *data, size_t len)
{
    size_t cut;

    /* UTF-16 and UTF-32: whole units, wherever the lines end. */
    if (len > 0 && memchr(data, 0, len) != NULL)
        return len - len % 4;
    cut = wcp_whole_lines(data, len, WCP_ENC_UTF8);
    if (cut > 0)
        return cut;
    /* No byte below 30 is part of a longer character in any encoding that
     * keeps lines. */
    for (cut = len; cut > 0 && data[cut - 1] >= 0x30; cut--)
        continue;
    return cut > 0 ? cut : len;
}

/* Whether the bytes are UTF-8 beyond doubt: a NUL may mean UTF-16, an escape
 * ISO-2022, a byte-order mark is for wcp_detect() to name. */
static bool
is_plain_utf8(const uint8_t *data, size_t len)
{
    return len == 0 || (data[0] != 0xEF && memchr(data, 0, len) == NULL &&
                        memchr(data, 0x1B, len) == NULL &&
                        wcp_utf8_valid_prefix((const char *)data, len) == len);
}

wcp_encoding
wcp_sniff_encoding(struct wcp_worker *worker, uint32_t source,
                   const uint8_t *data, size_t len,
                   enum wcp_enc_reason *reason_ret)
{
    wcp_encoding given = worker->reader->opts.encoding, hint = WCP_ENC_AUTO;

    *reason_ret = WCP_ENC_GIVEN;
    if (given != WCP_ENC_AUTO)
        return given;
    *reason_ret = WCP_ENC_STRICT_UTF8;
    if (is_plain_utf8(data, len))
        return WCP_ENC_UTF8;
    if (wcp_utf8_valid_prefix((const char *)data, len) < len)
        hint = wcp_directory_hint(worker, source);
    return wcp_detect(worker->decoder, data, len, hint, reason_ret);
}

/* What is in a sample, as UTF-8. */
struct census {
    size_t good_lines, bad_lines; /* of those that are not ASCII */
    size_t good, bad;             /* longer characters, illegal places */
};

static void
count_characters(struct census *census, const uint8_t *data, size_t len)
{
    size_t bad_before = census->bad;

    while (len > 0) {
        size_t valid = wcp_utf8_valid_prefix((const char *)data, len);

        for (size_t i = 0; i < valid; i++)
            census->good += data[i] >= 0xC0;
        if (valid == len)
            break;
        census->bad++;
        data += valid + 1;
        len -= valid + 1;
    }
    if (census->bad > bad_before)
        census->bad_lines++;
    else
        census->good_lines++;
}

/*
 * Whether it is UTF-8, if with some illegal bytes: most lines that are not
 * ASCII are valid, or fewer than one in 200 longer characters is illegal.  In
 * a file that is else ASCII, three places that are far apart are not an
 * encoding yet.
 */
static bool
mostly_utf8(const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len, *next, *line;
    struct census census = { 0 };

    if (len == 0 || memchr(data, 0, len) != NULL ||
        memchr(data, 0x1B, len) != NULL)
        return false;
    for (line = data; line < end; line = next) {
        size_t line_len, i = 0;

        next = wcp_line_end(line, end, WCP_ENC_UTF8);
        if (next == NULL)
            next = end;
        line_len = (size_t)(next - line);
        while (i < line_len && line[i] < 0x80)
            i++;
        if (i < line_len)
            count_characters(&census, line + i, line_len - i);
    }
    if (census.good_lines > census.bad_lines || census.bad * 200 < census.good)
        return true;
    return census.good == 0 && census.bad > 0 && census.bad <= 3 &&
           census.bad * 200 < len;
}

static void
sniff_records(struct wcp_worker *worker, uint32_t index,
              const struct wcp_sample *sample)
{
    struct wcp_source *source = &worker->reader->sources.at[index];
    enum wcp_enc_reason reason = WCP_ENC_STRICT_UTF8;
    size_t len = sample->len;

    if (!sample->whole)
        len = wcp_sample_cut(sample->data, len);
    if (worker->reader->opts.encoding == WCP_ENC_AUTO &&
        mostly_utf8(sample->data, len))
        source->encoding = WCP_ENC_UTF8;
    else
        source->encoding =
            wcp_sniff_encoding(worker, index, sample->data, len, &reason);
    source->reason = (uint8_t)reason;
}

/* The first line that is not blank, among the first few KiB. */
static size_t
first_line(const uint8_t *data, size_t len, size_t *begin_ret)
{
    size_t begin = 0, end;

    while (begin < len && strchr(" \t\r\n", data[begin]) != NULL &&
           data[begin] != 0)
        begin++;
    for (end = begin; end < len && data[end] != '\n'; end++)
        continue;
    *begin_ret = begin;
    return end - begin;
}

/* Whether what is not blank begins with '{', byte-order marks and the zero
 * bytes of wide encodings aside: cheap, and true for few texts. */
bool
wcp_begins_with_brace(const uint8_t *data, size_t len, bool *blank_ret)
{
    *blank_ret = false;
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '{')
            return true;
        if (data[i] == 0 || data[i] == 0xEF || data[i] == 0xBB ||
            data[i] == 0xBF || data[i] == 0xFE || data[i] == 0xFF)
            continue;
        if (strchr(" \t\r\n", data[i]) == NULL)
            return false;
    }
    *blank_ret = true;
    return false;
}

static size_t
skip_blanks(const uint8_t *data, size_t len, size_t at)
{
    while (at < len && data[at] != 0 && strchr(" \t\r\n", data[at]) != NULL)
        at++;
    return at;
}

/* Whether it begins like {"name": which no text does. */
static bool
begins_object(const uint8_t *data, size_t len)
{
    size_t at = 0;

    if (len == 0 || data[0] != '{')
        return false;
    at = skip_blanks(data, len, 1);
    if (at == len || data[at] != '"')
        return false;
    do
        at++;
    while (at < len && data[at] != '"' && data[at] != '\n');
    if (at == len || data[at] != '"')
        return false;
    at = skip_blanks(data, len, at + 1);
    return at < len && data[at] == ':';
}

/* Whether a line after the first begins an object. */
static bool
has_more_objects(const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len, *line = data;

    while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        const uint8_t *next;

        line++;
        next = memchr(line, '\n', (size_t)(end - line));
        if (begins_object(line, (size_t)((next != NULL ? next : end) - line)))
            return true;
    }
    return false;
}

/* Whether one object fills several lines. */
static bool
is_over_lines(const uint8_t *data, size_t len)
{
    const uint8_t *feed = memchr(data, '\n', len);
    struct wcp_json_flaw flaw = { 0 };

    return feed != NULL && begins_object(data, len) &&
           !wcp_json_check((const char *)data, (size_t)(feed - data), &flaw) &&
           flaw.incomplete && !has_more_objects(data, len);
}

/* JSONL if the first line that is not blank is an object, or is meant to be:
 * one line that is damaged does not make all the others one text. */
static enum wcp_code
is_records(struct wcp_worker *worker, uint32_t index,
           const struct wcp_sample *sample, bool *records_ret,
           struct wcp_fault *fault)
{
    struct wcp_source *source = &worker->reader->sources.at[index];
    struct wcp_json_flaw flaw = { 0 };
    uint64_t num_bad, first_bad;
    enum wcp_code code;
    size_t begin, len;
    bool blank;

    *records_ret = false;
    if (!wcp_begins_with_brace(sample->data, sample->len, &blank))
        return WCP_CODE_OK;
    sniff_records(worker, index, sample);
    worker->text.len = 0;
    worker->text.max = SIZE_MAX / 2;
    code = wcp_decode(worker->decoder, source->encoding, WCP_BAD_REPLACE,
                      sample->data, sample->len, &worker->text, &num_bad,
                      &first_bad, fault);
    if (code == WCP_CODE_NO_SUPPORT)
        return WCP_CODE_OK;
    if (code != WCP_CODE_OK)
        return code;
    if (worker->text.len == 0)
        return WCP_CODE_OK;
    len = first_line(worker->text.data, worker->text.len, &begin);
    *records_ret =
        len > 0 && worker->text.data[begin] == '{' &&
        (wcp_json_check((const char *)worker->text.data + begin, len, &flaw) ||
         (flaw.incomplete && !sample->whole &&
          begin + len == worker->text.len) ||
         (begins_object(worker->text.data + begin, worker->text.len - begin) &&
          !is_over_lines(worker->text.data + begin, worker->text.len - begin)));
    return WCP_CODE_OK;
}

/* Whether the text at data begins with the word, letters of either case. */
static bool
begins_with(const uint8_t *data, size_t len, const char *word)
{
    size_t word_len = strlen(word);

    return len >= word_len &&
           strncasecmp((const char *)data, word, word_len) == 0;
}

static bool
is_named(const struct wcp_source *source, const char *suffix)
{
    size_t len = strlen(source->shown), suffix_len = strlen(suffix);

    return len > suffix_len &&
           strcasecmp(source->shown + len - suffix_len, suffix) == 0;
}

/* Pages of the web in one file, whose first bytes of content can be anything;
 * NULL: none of these. */
static const char *
web_archive(const uint8_t *data, size_t len)
{
    if (begins_with(data, len, "WARC/1.") || begins_with(data, len, "WARC/0."))
        return "WARC is not read; take the texts out of it first, as JSONL or "
               "as files";
    if (begins_with(data, len, "filedesc://"))
        return "ARC is not read; take the texts out of it first, as JSONL or "
               "as files";
    return NULL;
}

/* Signature files are not for this layer, and not found by it, but those who
 * send them through a pipe should hear why that is of no use. */
static const char *
why_not_binary(const struct wcp_source *source, const struct wcp_sample *sample)
{
    static const uint8_t signatures[] = { 0x89, 'W', 'C', 'S' };

    if (sample->len < sizeof signatures ||
        memcmp(sample->data, signatures, sizeof signatures) != 0)
        return "binary file";
    if (source->packed != WCP_PLAIN)
        return "a compressed signature file; unpack it first";
    if (source->path == NULL || source->once)
        return "a signature file, which is not read from a pipe; save it as a "
               "file and name that";
    return "a signature file; find and pairs read it where it is named itself";
}

/* Where a sample's text begins: what is before are a byte-order mark and
 * blanks. */
static size_t
text_begin(const uint8_t *data, size_t len)
{
    return skip_blanks(
        data, len, len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
}

/* What is JSON, but not a line an object; NULL: something else. */
static const char *
why_not_lines(const struct wcp_source *source, const uint8_t *data, size_t len)
{
    const bool json = is_named(source, ".json");
    const size_t at = text_begin(data, len);
    const size_t inner = skip_blanks(data, len, at + 1);

    if (at == len)
        return NULL;
    if (is_over_lines(data + at, len - at) || (json && data[at] == '{'))
        return "JSON over several lines; one object a line is read, as jq -c . "
               "writes it";
    if (data[at] == '[' && (json || (inner < len && data[inner] == '{')))
        return "a JSON array; one object a line is read, as jq -c '.[]' writes "
               "it";
    return NULL;
}

/* What would be taken for one long text, and is something else; NULL: it may
 * be a text. */
static const char *
what_else(const struct wcp_source *source, const uint8_t *data, size_t len)
{
    const size_t at = text_begin(data, len);

    if (at == len)
        return NULL;
    if (begins_with(data + at, len - at, "<!doctype html") ||
        begins_with(data + at, len - at, "<html") ||
        is_named(source, ".html") || is_named(source, ".htm"))
        return "HTML is not read; --input-format text takes it as it is";
    return why_not_lines(source, data, len);
}

static uint8_t
access_of(const struct wcp_source *source)
{
    if (source->archive > 0)
        return WCP_ACCESS_STREAM;
    if (source->packed != WCP_PLAIN && source->format != WCP_FORMAT_TEXT)
        return WCP_ACCESS_STREAM;
    return WCP_ACCESS_DIRECT;
}

/* Why an archive that is found where it was not looked for is not read. */
static const char *
why_no_archive(const struct wcp_source *source)
{
    if (source->archive > 0)
        return "an archive in an archive is not read; unpack it first";
    if (source->packed != WCP_PLAIN)
        return "an archive in a compressed file is not read; unpack it first";
    if (source->once)
        return "an archive in a named pipe is not read; give it as standard "
               "input";
    return "an archive that is not named like one, as .zip or .tar are";
}

enum wcp_code
wcp_sniff(struct wcp_worker *worker, uint32_t index,
          const struct wcp_sample *sample, struct wcp_fault *fault)
{
    struct wcp_source *source = &worker->reader->sources.at[index];
    uint8_t format = source->named;
    const char *why = NULL;
    bool records;

    if (source->format != WCP_FORMAT_AUTO)
        return WCP_CODE_OK; /* a second pass */
    if (sample->len == 0 && source->named_packed && source->packed == WCP_PLAIN)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "truncated compressed data: 0 bytes");
    /* Of a filter that found nothing: no records, not an empty text. */
    if (sample->len == 0 && (source->path == NULL || source->once) &&
        source->named <= WCP_FORMAT_TEXT)
        format = WCP_FORMAT_JSONL;
    if (source->nested || wcp_looks_archive(sample->data, sample->len))
        return wcp_fail(fault, WCP_CODE_BAD_TEXT, 0, "%s",
                        why_no_archive(source));
    /* A name that says text is believed: archives have texts padded with
     * NUL. */
    if (worker->reader->opts.format == WCP_FORMAT_AUTO &&
        source->named != WCP_FORMAT_TEXT) {
        why = web_archive(sample->data, sample->len);
        if (why != NULL)
            return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0, "%s", why);
        if (wcp_looks_binary(sample->data, sample->len))
            return wcp_fail(fault, WCP_CODE_BAD_TEXT, 0, "%s",
                            why_not_binary(source, sample));
    }
    if (format == WCP_FORMAT_AUTO) {
        enum wcp_code code = is_records(worker, index, sample, &records, fault);

        if (code != WCP_CODE_OK)
            return code;
        if (!records)
            why = what_else(source, sample->data, sample->len);
        format = records ? WCP_FORMAT_JSONL : WCP_FORMAT_TEXT;
    } else if (format != WCP_FORMAT_TEXT) {
        if (format == WCP_FORMAT_JSONL && sample->len > 0 &&
            worker->reader->opts.format == WCP_FORMAT_AUTO)
            why = why_not_lines(source, sample->data, sample->len);
        sniff_records(worker, index, sample);
    }
    if (why != NULL)
        return wcp_fail(fault, WCP_CODE_NO_SUPPORT, 0, "%s", why);
    if (format == WCP_FORMAT_CSV || format == WCP_FORMAT_TSV) {
        enum wcp_code code = wcp_read_header(worker, index, sample, fault);

        if (code != WCP_CODE_OK)
            return code;
    }
    source->format = format;
    source->access = access_of(source);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_sniff_stream(struct wcp_worker *worker, uint32_t index,
                 struct wcp_stream *stream, struct wcp_fault *fault)
{
    struct wcp_sample sample;
    const struct wcp_fault *broken;

    sample.data = wcp_stream_peek(stream, WCP_SAMPLE_BYTES, &sample.len);
    sample.whole = sample.len < WCP_SAMPLE_BYTES;
    broken = wcp_stream_fault(stream);
    if (broken != NULL && sample.len == 0) {
        *fault = *broken;
        return broken->code;
    }
    /* What broke off is not whole. */
    if (broken != NULL)
        sample.whole = false;
    return wcp_sniff(worker, index, &sample, fault);
}

void
wcp_say_encoding(struct wcp_worker *worker, uint32_t source,
                 wcp_encoding encoding, enum wcp_enc_reason reason)
{
    static const char *const reasons[] = {
        [WCP_ENC_GIVEN] = "as given",
        [WCP_ENC_BOM] = "byte-order mark",
        [WCP_ENC_ZEROS] = "pattern of zero bytes",
        [WCP_ENC_STRICT_UTF8] = "valid throughout",
        [WCP_ENC_DECLARED] = "declared in the file",
        [WCP_ENC_NEIGHBOURS] = "as most files beside it",
        [WCP_ENC_GUESSED] = "guessed",
        [WCP_ENC_NONE] = "nothing fits",
    };
    struct wcp_place place = { .source = source };
    struct wcp_fault fault;

    if (reason == WCP_ENC_STRICT_UTF8 || reason == WCP_ENC_GIVEN)
        return;
    wcp_fail(&fault, WCP_CODE_OK, 0, "encoding %s (%s)",
             wcp_encoding_name(encoding), reasons[reason]);
    wcp_notify(worker, WCP_NOTICE_DETAIL, &place, &fault);
}
