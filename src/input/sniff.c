/*
 * sniff.c - compression, format and encoding from the first bytes
 *
 * The encoding of a file of records is decided once, from its first MiB, so
 * that every slice and every line is read alike.  A file of records is UTF-8
 * if most of its lines that are not ASCII are valid UTF-8: one broken line
 * must not turn the others into Latin.
 */
#include "input/reader.h"

#include <stdio.h>
#include <string.h>

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

/* Whether most lines that are not ASCII are valid UTF-8, and one at least. */
static bool
mostly_utf8(const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len, *next;
    size_t good = 0, bad = 0;

    if (len == 0 || memchr(data, 0, len) != NULL ||
        memchr(data, 0x1B, len) != NULL)
        return false;
    for (; data < end; data = next) {
        size_t line, i = 0;

        next = wcp_line_end(data, end, WCP_ENC_UTF8);
        if (next == NULL)
            next = end;
        line = (size_t)(next - data);
        while (i < line && data[i] < 0x80)
            i++;
        if (i == line)
            continue;
        if (wcp_utf8_valid_prefix((const char *)data, line) == line)
            good++;
        else
            bad++;
    }
    return good > bad;
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
static bool
begins_with_brace(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '{')
            return true;
        if (data[i] == 0 || data[i] == 0xEF || data[i] == 0xBB ||
            data[i] == 0xBF || data[i] == 0xFE || data[i] == 0xFF)
            continue;
        if (strchr(" \t\r\n", data[i]) == NULL)
            return false;
    }
    return false;
}

/* JSONL if the first line that is not blank is an object. */
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

    *records_ret = false;
    if (!begins_with_brace(sample->data, sample->len))
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
          begin + len == worker->text.len));
    return WCP_CODE_OK;
}

static uint8_t
access_of(const struct wcp_source *source)
{
    if (source->packed != WCP_PLAIN && source->format == WCP_FORMAT_JSONL)
        return WCP_ACCESS_STREAM;
    return WCP_ACCESS_DIRECT;
}

enum wcp_code
wcp_sniff(struct wcp_worker *worker, uint32_t index,
          const struct wcp_sample *sample, struct wcp_fault *fault)
{
    struct wcp_source *source = &worker->reader->sources.at[index];
    bool records = source->named == WCP_FORMAT_JSONL;

    if (source->format != WCP_FORMAT_AUTO)
        return WCP_CODE_OK; /* a second pass */
    /* A name that says text is believed: archives have texts padded with
     * NUL. */
    if (worker->reader->opts.format == WCP_FORMAT_AUTO &&
        source->named != WCP_FORMAT_TEXT &&
        wcp_looks_binary(sample->data, sample->len))
        return wcp_fail(fault, WCP_CODE_BAD_TEXT, 0, "binary file");
    if (records) {
        sniff_records(worker, index, sample);
    } else if (source->named == WCP_FORMAT_AUTO) {
        enum wcp_code code = is_records(worker, index, sample, &records, fault);

        if (code != WCP_CODE_OK)
            return code;
    }
    source->format = records ? WCP_FORMAT_JSONL : WCP_FORMAT_TEXT;
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
