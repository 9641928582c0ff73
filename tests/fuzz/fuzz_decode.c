/*
 * fuzz_decode.c - detection and decoding of bytes in any encoding
 *
 * The first byte chooses the encoding (many values: find out), the second the
 * neighbours and a limit for the output; the rest is the text.
 */
#include "fuzz.h"

#include "text/encoding.h"

struct result {
    enum wcp_code code;
    struct wcp_buffer out;
    uint64_t num_bad, first_bad;
    struct wcp_fault fault;
};

/* Decode behind "abc", which must stay. */
static struct result
decode(struct wcp_decoder *decoder, wcp_encoding enc, enum wcp_bad_bytes policy,
       const uint8_t *data, size_t size)
{
    struct result r = { .num_bad = 0 };

    wcp_buffer_init(&r.out, &wcp_memory_libc, 0);
    MUST(wcp_buffer_append(&r.out, "abc", 3));
    r.code = wcp_decode(decoder, enc, policy, data, size, &r.out, &r.num_bad,
                        &r.first_bad, &r.fault);
    MUST(r.out.len >= 3 && memcmp(r.out.data, "abc", 3) == 0);
    MUST(fuzz_is_utf8(r.out.data, r.out.len));
    if (r.code != WCP_CODE_OK)
        MUST(r.out.len == 3 && r.fault.code == r.code);
    if (r.code == WCP_CODE_OK && r.num_bad > 0)
        MUST(r.first_bad < size);
    return r;
}

static bool
is_same(const struct result *a, const struct result *b)
{
    return a->code == b->code && a->num_bad == b->num_bad &&
           (a->num_bad == 0 || a->first_bad == b->first_bad) &&
           a->out.len == b->out.len &&
           memcmp(a->out.data, b->out.data, a->out.len) == 0;
}

static void
check_policies(struct wcp_decoder *decoder, wcp_encoding enc,
               const struct result *replaced, const uint8_t *data, size_t size)
{
    struct result skip = decode(decoder, enc, WCP_BAD_SKIP, data, size);
    struct result fail = decode(decoder, enc, WCP_BAD_FAIL, data, size);

    MUST(skip.code == WCP_CODE_OK);
    MUST(skip.num_bad == replaced->num_bad);
    MUST(skip.out.len <= replaced->out.len);
    if (replaced->num_bad == 0) {
        MUST(is_same(&fail, replaced) && is_same(&skip, replaced));
    } else {
        MUST(fail.code == WCP_CODE_BAD_TEXT);
        MUST(fail.fault.at == replaced->first_bad);
        MUST(skip.first_bad == replaced->first_bad);
    }
    wcp_buffer_release(&skip.out);
    wcp_buffer_release(&fail.out);
}

/* A converter that has seen other text must not remember it. */
static void
check_memory(struct wcp_decoder *decoder, wcp_encoding enc,
             const struct result *first, const uint8_t *data, size_t size)
{
    struct result cut =
        decode(decoder, enc, WCP_BAD_REPLACE, data, size - size / 3);
    struct result again = decode(decoder, enc, WCP_BAD_REPLACE, data, size);

    MUST(is_same(first, &again));
    wcp_buffer_release(&cut.out);
    wcp_buffer_release(&again.out);
}

static void
check_limit(struct wcp_decoder *decoder, wcp_encoding enc,
            const struct result *whole, const uint8_t *data, size_t size,
            size_t limit)
{
    struct result r = { .num_bad = 0 };

    wcp_buffer_init(&r.out, &wcp_memory_libc, limit);
    r.code = wcp_decode(decoder, enc, WCP_BAD_REPLACE, data, size, &r.out,
                        &r.num_bad, &r.first_bad, &r.fault);
    MUST(r.out.len <= limit && r.out.cap <= limit);
    MUST(r.code == WCP_CODE_OK || r.code == WCP_CODE_TOO_LONG);
    if (r.code == WCP_CODE_OK) {
        MUST(r.out.len + 3 == whole->out.len && r.num_bad == whole->num_bad);
        MUST(r.out.len == 0 ||
             memcmp(r.out.data, whole->out.data + 3, r.out.len) == 0);
    } else {
        /* A mark that is dropped at the end may be what was too long. */
        MUST(r.out.len == 0 && whole->out.len - 3 + 3 > limit);
    }
    wcp_buffer_release(&r.out);
}

static void
check_fits(struct wcp_decoder *decoder, wcp_encoding enc,
           const struct result *whole, const uint8_t *data, size_t size)
{
    uint64_t num_bad = 0;

    MUST(wcp_decode_fits(decoder, enc, data, size, whole->num_bad, &num_bad));
    MUST(num_bad == whole->num_bad);
    if (num_bad > 0)
        MUST(!wcp_decode_fits(decoder, enc, data, size, num_bad - 1, &num_bad));
}

static wcp_encoding
detect(struct wcp_decoder *decoder, wcp_encoding neighbours,
       const uint8_t *data, size_t size)
{
    enum wcp_enc_reason reason = WCP_ENC_GIVEN, reason_again = WCP_ENC_GIVEN;
    wcp_encoding enc = wcp_detect(decoder, data, size, neighbours, &reason);
    struct wcp_decoder *other;

    MUST(wcp_decoder_new(&wcp_memory_libc, &other, NULL) == WCP_CODE_OK);
    MUST(wcp_detect(other, data, size, neighbours, &reason_again) == enc);
    wcp_decoder_free(other);
    MUST(reason == reason_again && reason != WCP_ENC_GIVEN);
    MUST(wcp_encoding_info(enc) != NULL);
    if (reason == WCP_ENC_STRICT_UTF8)
        MUST(enc == WCP_ENC_UTF8 && fuzz_is_utf8(data, size));
    if (reason == WCP_ENC_NEIGHBOURS)
        MUST(enc == neighbours);
    if (reason == WCP_ENC_NONE)
        MUST(enc == WCP_ENC_UTF8);
    return enc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wcp_decoder *decoder;
    struct result whole;
    wcp_encoding enc;
    uint8_t second;

    if (size < 2)
        return 0;
    enc = data[0];
    second = data[1];
    data += 2;
    size -= 2;
    MUST(wcp_decoder_new(&wcp_memory_libc, &decoder, NULL) == WCP_CODE_OK);
    if (wcp_encoding_info(enc) == NULL)
        enc = detect(decoder, second < WCP_NUM_ENCODINGS ? second : 0, data,
                     size);
    (void)wcp_looks_binary(data, size);
    whole = decode(decoder, enc, WCP_BAD_REPLACE, data, size);
    MUST(whole.code == WCP_CODE_OK || whole.code == WCP_CODE_NO_SUPPORT);
    if (whole.code == WCP_CODE_OK) {
        check_policies(decoder, enc, &whole, data, size);
        check_memory(decoder, enc, &whole, data, size);
        check_fits(decoder, enc, &whole, data, size);
        if (second > 0)
            check_limit(decoder, enc, &whole, data, size, second);
    }
    wcp_buffer_release(&whole.out);
    wcp_decoder_free(decoder);
    return 0;
}
