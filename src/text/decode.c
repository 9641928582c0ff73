/*
 * decode.c - bytes in a known encoding to valid UTF-8
 *
 * UTF-8 is checked and copied.  UTF-16, UTF-32 and HZ are converted here:
 * the first two because iconv implementations differ on unpaired surrogates
 * and byte-order marks, HZ because glibc has none.  All others go through
 * iconv.
 *
 * An illegal place counts once and becomes one U+FFFD.  In the encodings of
 * iconv it is one byte long: what follows a stray lead byte may be an ASCII
 * character, which then is kept.  A character that the end of the text cuts is
 * one illegal place however many bytes it has left.
 *
 * Checks that need no text (wcp_decode_fits) run through the same code with a
 * buffer that is emptied whenever it is full.
 */
#include "text/encoding.h"

#include <errno.h>
#include <string.h>

enum {
    MIN_ROOM = 4096,   /* what the output grows by at least, if it may */
    CHECK_ROOM = 65536 /* the size of the buffer that is emptied */
};

struct decoding {
    struct wcp_buffer *out;
    enum wcp_bad_bytes policy;
    bool discard;     /* empty 'out' when it is full instead of growing it */
    bool cut;         /* the last illegal place was the end of the text */
    uint64_t base;    /* offset of what is decoded now in the whole text */
    uint64_t max_bad; /* give up with WCP_CODE_BAD_TEXT beyond this */
    uint64_t num_bad, first_bad;
};

/* ---- output ---- */

/* Make more room than there is; 'hint' is how much will be needed. */
static enum wcp_code
grow(struct decoding *d, size_t hint)
{
    struct wcp_buffer *out = d->out;
    const size_t room = out->cap - out->len;
    size_t most;

    if (d->discard && out->len > 0) {
        out->len = 0;
        return WCP_CODE_OK;
    }
    most = out->max - out->len;
    if (most <= room)
        return WCP_CODE_TOO_LONG;
    if (hint <= room)
        hint = room + 1;
    if (hint < MIN_ROOM)
        hint = MIN_ROOM;
    if (hint > most)
        hint = most;
    return wcp_buffer_reserve(out, hint) ? WCP_CODE_OK : WCP_CODE_NO_MEMORY;
}

static enum wcp_code
put(struct decoding *d, const void *data, size_t len)
{
    while (d->out->cap - d->out->len < len) {
        const enum wcp_code code = grow(d, len);

        if (code != WCP_CODE_OK)
            return code;
    }
    if (len > 0)
        memcpy(d->out->data + d->out->len, data, len);
    d->out->len += len;
    return WCP_CODE_OK;
}

static enum wcp_code
put_char(struct decoding *d, uint32_t c)
{
    uint8_t b[4];

    if (c < 0x80) {
        b[0] = (uint8_t)c;
        return put(d, b, 1);
    }
    if (c < 0x800) {
        b[0] = (uint8_t)(0xC0 | c >> 6);
        b[1] = (uint8_t)(0x80 | (c & 0x3F));
        return put(d, b, 2);
    }
    if (c < 0x10000) {
        b[0] = (uint8_t)(0xE0 | c >> 12);
        b[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
        b[2] = (uint8_t)(0x80 | (c & 0x3F));
        return put(d, b, 3);
    }
    b[0] = (uint8_t)(0xF0 | c >> 18);
    b[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
    b[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    b[3] = (uint8_t)(0x80 | (c & 0x3F));
    return put(d, b, 4);
}

/* An illegal place at offset 'at' of what is decoded now. */
static enum wcp_code
put_bad(struct decoding *d, size_t at)
{
    if (d->num_bad++ == 0)
        d->first_bad = d->base + at;
    if (d->num_bad > d->max_bad)
        return WCP_CODE_BAD_TEXT;
    return d->policy == WCP_BAD_SKIP ? WCP_CODE_OK : put_char(d, 0xFFFD);
}

/* ---- UTF-8, UTF-16, UTF-32 ---- */

static enum wcp_code
decode_utf8(struct decoding *d, const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    const size_t valid = wcp_utf8_valid_prefix(text, len);
    uint64_t num_bad = 0, first_bad = 0;
    enum wcp_code code = put(d, text, valid);

    if (valid == len || code != WCP_CODE_OK)
        return code;
    d->first_bad = d->base + valid;
    d->num_bad = 1;
    if (d->max_bad == 0)
        return WCP_CODE_BAD_TEXT;
    if (!wcp_utf8_repair(text + valid, len - valid, d->policy, d->out, &num_bad,
                         &first_bad))
        return (d->out->max - d->out->len) / 3 < len - valid /* at worst */
                   ? WCP_CODE_TOO_LONG
                   : WCP_CODE_NO_MEMORY;
    d->num_bad = num_bad;
    return num_bad > d->max_bad ? WCP_CODE_BAD_TEXT : WCP_CODE_OK;
}

/*
 * Where the text begins.  A byte-order mark is skipped; one that reads as
 * U+FFFE says that the order was named wrongly, as "UTF-16" without a suffix
 * is for half of all files.
 */
static size_t
skip_mark(const uint8_t *bytes, size_t len, size_t size, bool *big)
{
    if (len >= size && wcp_unit_at(bytes, size, *big) == 0xFEFF)
        return size;
    if (len >= size && wcp_unit_at(bytes, size, !*big) == 0xFEFF) {
        *big = !*big;
        return size;
    }
    return 0;
}

static enum wcp_code
decode_utf16(struct decoding *d, const uint8_t *bytes, size_t len, bool big)
{
    enum wcp_code code = WCP_CODE_OK;
    size_t i = skip_mark(bytes, len, 2, &big);

    while (len - i >= 2 && code == WCP_CODE_OK) {
        const uint32_t u = wcp_unit_at(bytes + i, 2, big);
        uint32_t next = 0;

        if (u < 0xD800 || u > 0xDFFF) {
            code = put_char(d, u);
            i += 2;
            continue;
        }
        if (u <= 0xDBFF && len - i < 4)
            break; /* half a character */
        if (u <= 0xDBFF)
            next = wcp_unit_at(bytes + i + 2, 2, big);
        if (next >= 0xDC00 && next <= 0xDFFF) {
            code = put_char(d, 0x10000 + ((u - 0xD800) << 10) + next - 0xDC00);
            i += 4;
        } else {
            code = put_bad(d, i);
            i += 2;
        }
    }
    if (code == WCP_CODE_OK && i < len) {
        d->cut = true;
        code = put_bad(d, i);
    }
    return code;
}

static enum wcp_code
decode_utf32(struct decoding *d, const uint8_t *bytes, size_t len, bool big)
{
    enum wcp_code code = WCP_CODE_OK;
    size_t i = skip_mark(bytes, len, 4, &big);

    for (; len - i >= 4 && code == WCP_CODE_OK; i += 4) {
        const uint32_t u = wcp_unit_at(bytes + i, 4, big);

        if (u > 0x10FFFF || (u >= 0xD800 && u <= 0xDFFF))
            code = put_bad(d, i);
        else
            code = put_char(d, u);
    }
    if (code == WCP_CODE_OK && i < len) {
        d->cut = true;
        code = put_bad(d, i);
    }
    return code;
}

/* ---- iconv ---- */

/* iconv() into the output's free room; *left is 0 at success.  in == NULL asks
 * for what the converter has kept back.  The result is 0, E2BIG, EILSEQ or
 * EINVAL. */
static int
convert(struct decoding *d, iconv_t converter, char **in, size_t *left)
{
    struct wcp_buffer *out = d->out;
    char *to = (char *)out->data + out->len;
    size_t room = out->cap - out->len;
    const size_t r = iconv(converter, in, left, &to, &room);
    const int error = r == (size_t)-1 ? errno : 0;

    out->len = out->cap - room;
    return error;
}

/* Big5-HKSCS keeps a letter back to see whether an accent follows. */
static enum wcp_code
flush(struct decoding *d, iconv_t converter)
{
    enum wcp_code code = WCP_CODE_OK;

    while (code == WCP_CODE_OK && convert(d, converter, NULL, NULL) == E2BIG)
        code = grow(d, MIN_ROOM);
    return code;
}

uint32_t
wcp_big5_leftover(const uint8_t *bytes, size_t len)
{
    static const struct {
        uint8_t pair[2];
        uint16_t c;
    } leftovers[] = {
        { { 0xA1, 0x5A }, 0x2574 }, { { 0xA1, 0xC3 }, 0xFFE3 },
        { { 0xA1, 0xC5 }, 0x02CD }, { { 0xA1, 0xFE }, 0xFF0F },
        { { 0xA2, 0x40 }, 0xFF3C }, { { 0xA2, 0xCC }, 0x5341 },
        { { 0xA2, 0xCE }, 0x5345 }, { { 0xA3, 0xE1 }, 0x20AC },
    };

    for (size_t i = 0; i < sizeof leftovers / sizeof leftovers[0]; i++)
        if (len >= 2 && memcmp(bytes, leftovers[i].pair, 2) == 0)
            return leftovers[i].c;
    return 0;
}

static enum wcp_code
decode_iconv(struct decoding *d, iconv_t converter, wcp_encoding enc,
             const uint8_t *bytes, size_t len)
{
    const bool shifts = wcp_encoding_info(enc)->kind == WCP_KIND_SHIFT;
    char *in = (char *)(uintptr_t)bytes; /* iconv() does not write there */
    size_t left = len, step, at;
    enum wcp_code code = WCP_CODE_OK;

    iconv(converter, NULL, NULL, NULL, NULL);
    if (d->out->data == NULL)
        code = grow(d, len);
    for (; left > 0 && code == WCP_CODE_OK; in += step, left -= step) {
        const int error = convert(d, converter, &in, &left);
        uint32_t c = 0;

        step = 0;
        if (error == E2BIG) {
            code = grow(d, left + left / 2);
            continue;
        }
        if (error == 0)
            break;
        /* Flushing also resets the shift state, which must survive. */
        if (!shifts)
            code = flush(d, converter);
        if (code != WCP_CODE_OK)
            break;
        if (enc == WCP_ENC_BIG5HKSCS)
            c = wcp_big5_leftover(bytes + (len - left), left);
        d->cut = error == EINVAL;
        step = d->cut ? left : c != 0 ? 2 : 1;
        /* Some converters (ISO-2022-CN-EXT) step over the byte themselves. */
        if (step > left)
            step = left;
        at = left > 0 ? len - left : len - 1;
        code = c != 0 ? put_char(d, c) : put_bad(d, at);
    }
    return code == WCP_CODE_OK ? flush(d, converter) : code;
}

/* ---- HZ (RFC 1843) ---- */

/* One GB 2312 character at bytes[0..1], as bits 0-6 of its EUC form. */
static enum wcp_code
decode_hz_pair(struct decoding *d, iconv_t converter, const uint8_t *bytes)
{
    const uint8_t pair[2] = { bytes[0] | 0x80, bytes[1] | 0x80 };

    return decode_iconv(d, converter, WCP_ENC_HZ, pair, 2);
}

/* Lenient where RFC 1843 is strict: a line may end inside ~{ ~}. */
static enum wcp_code
decode_hz(struct decoding *d, iconv_t converter, const uint8_t *bytes,
          size_t len)
{
    enum wcp_code code = WCP_CODE_OK;
    bool in_gb = false;
    size_t step;

    for (size_t i = 0; i < len && code == WCP_CODE_OK; i += step) {
        const uint8_t c = bytes[i], next = i + 1 < len ? bytes[i + 1] : 0;

        step = 2;
        d->base = i;
        if (in_gb && c == '~' && next == '}') {
            in_gb = false;
        } else if (in_gb && c >= 0x21 && c <= 0x77 && next >= 0x21 &&
                   next <= 0x7E) {
            code = decode_hz_pair(d, converter, bytes + i);
        } else if (!in_gb && c == '~' && next == '{') {
            in_gb = true;
        } else if (!in_gb && c == '~' && next == '~') {
            code = put(d, "~", 1);
        } else if (!in_gb && c == '~' && next == '\n') {
            continue;
        } else {
            step = 1;
            in_gb = in_gb && c != '\n';
            if (c >= 0x80 || c == '~' || in_gb)
                code = put_bad(d, 0);
            else
                code = put(d, &c, 1);
        }
    }
    d->base = 0;
    return code;
}

/* ---- the decoder ---- */

enum wcp_code
wcp_decoder_new(const struct wcp_memory *mem, struct wcp_decoder **decoder_ret,
                struct wcp_fault *fault)
{
    struct wcp_decoder *decoder = wcp_new_zeroed(mem, 1, sizeof *decoder);

    if (decoder == NULL)
        return wcp_no_memory(fault);
    decoder->mem = mem;
    wcp_buffer_init(&decoder->sample, mem, 0);
    *decoder_ret = decoder;
    return WCP_CODE_OK;
}

void
wcp_decoder_free(struct wcp_decoder *decoder)
{
    if (decoder == NULL)
        return;
    for (int i = 0; i < WCP_NUM_ENCODINGS; i++)
        if (decoder->state[i] == WCP_OPEN)
            iconv_close(decoder->converter[i]);
    wcp_buffer_release(&decoder->sample);
    wcp_free_array(decoder->mem, decoder, 1, sizeof *decoder);
}

bool
wcp_decoder_open(struct wcp_decoder *decoder, wcp_encoding enc)
{
    if (decoder->state[enc] == WCP_UNTRIED) {
        decoder->converter[enc] = wcp_encoding_open(enc);
        decoder->state[enc] =
            decoder->converter[enc] == (iconv_t)-1 ? WCP_MISSING : WCP_OPEN;
    }
    return decoder->state[enc] == WCP_OPEN;
}

static enum wcp_code
run(struct wcp_decoder *decoder, wcp_encoding enc, struct decoding *d,
    const uint8_t *bytes, size_t len)
{
    const struct wcp_encoding_info *info = wcp_encoding_info(enc);

    if (info == NULL)
        return WCP_CODE_NO_SUPPORT;
    switch (info->kind) {
    case WCP_KIND_UTF8:
        return decode_utf8(d, bytes, len);
    case WCP_KIND_UTF16:
        return decode_utf16(d, bytes, len, enc == WCP_ENC_UTF16BE);
    case WCP_KIND_UTF32:
        return decode_utf32(d, bytes, len, enc == WCP_ENC_UTF32BE);
    case WCP_KIND_HZ:
        if (!wcp_decoder_open(decoder, enc))
            return WCP_CODE_NO_SUPPORT;
        return decode_hz(d, decoder->converter[enc], bytes, len);
    case WCP_KIND_TABLE:
    case WCP_KIND_SHIFT:
        if (!wcp_decoder_open(decoder, enc))
            return WCP_CODE_NO_SUPPORT;
        return decode_iconv(d, decoder->converter[enc], enc, bytes, len);
    case WCP_KIND_NONE:
        break;
    }
    return WCP_CODE_NO_SUPPORT;
}

/* UTF-8 and GB18030 can begin with a mark too; it is text to their decoders. */
static void
drop_mark(struct wcp_buffer *out, size_t start)
{
    if (out->len - start < 3 ||
        memcmp(out->data + start, "\xEF\xBB\xBF", 3) != 0)
        return;
    out->len -= 3;
    memmove(out->data + start, out->data + start + 3, out->len - start);
}

static enum wcp_code
fail(enum wcp_code code, wcp_encoding enc, uint64_t at, struct wcp_fault *fault)
{
    const char *name = wcp_encoding_name(enc);

    if (code == WCP_CODE_NO_MEMORY)
        return wcp_no_memory(fault);
    if (code == WCP_CODE_TOO_LONG)
        return wcp_fail(fault, code, 0, "the decoded text is too long");
    if (code == WCP_CODE_NO_SUPPORT)
        return wcp_fail(fault, code, 0, "cannot convert from %s", name);
    wcp_fail(fault, code, 0, "illegal bytes in %s", name);
    if (fault != NULL)
        fault->at = at;
    return code;
}

enum wcp_code
wcp_decode(struct wcp_decoder *decoder, wcp_encoding enc,
           enum wcp_bad_bytes policy, const void *bytes, size_t len,
           struct wcp_buffer *out, uint64_t *num_bad_ret,
           uint64_t *first_bad_ret, struct wcp_fault *fault)
{
    const size_t start = out->len;
    struct decoding d = { .out = out, .policy = policy };
    enum wcp_code code;

    d.max_bad = policy == WCP_BAD_FAIL ? 0 : UINT64_MAX;
    code = run(decoder, enc, &d, bytes, len);
    if (code != WCP_CODE_OK) {
        out->len = start;
        return fail(code, enc, d.first_bad, fault);
    }
    drop_mark(out, start);
    *num_bad_ret = d.num_bad;
    *first_bad_ret = d.first_bad;
    return WCP_CODE_OK;
}

/* ---- checks ---- */

bool
wcp_decode_sample(struct wcp_decoder *decoder, wcp_encoding enc,
                  const uint8_t *bytes, size_t len, uint64_t max_bad,
                  uint64_t *num_bad_ret)
{
    const bool whole = len <= WCP_SAMPLE_LEN;
    struct decoding d = { .out = &decoder->sample,
                          .max_bad = max_bad + !whole };

    decoder->sample.len = 0;
    if (run(decoder, enc, &d, bytes, whole ? len : WCP_SAMPLE_LEN) !=
        WCP_CODE_OK)
        return false;
    *num_bad_ret = d.num_bad - (d.cut && !whole);
    return *num_bad_ret <= max_bad;
}

bool
wcp_decode_fits(struct wcp_decoder *decoder, wcp_encoding enc,
                const uint8_t *bytes, size_t len, uint64_t max_bad,
                uint64_t *num_bad_ret)
{
    struct decoding d = { .out = &decoder->sample,
                          .max_bad = max_bad,
                          .discard = true };

    decoder->sample.len = 0;
    if (!wcp_buffer_reserve(&decoder->sample, CHECK_ROOM) ||
        run(decoder, enc, &d, bytes, len) != WCP_CODE_OK)
        return false;
    *num_bad_ret = d.num_bad;
    return true;
}
