/*
 * plain.c - a text file -> a document
 */
#include "input/reader.h"

#include <string.h>

enum wcp_code
wcp_too_long(const struct wcp_input_options *opts, struct wcp_fault *fault)
{
    const unsigned long long max = opts->max_document;
    const bool round = max % (1 << 20) == 0;

    return wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                    round ? "longer than --max-document (%lluM)"
                          : "longer than --max-document (%llu bytes)",
                    round ? max >> 20 : max);
}

enum wcp_code
wcp_decode_text(struct wcp_worker *worker, wcp_encoding enc,
                const uint8_t *data, size_t len, struct wcp_document *doc,
                struct wcp_mended *mended_ret, struct wcp_fault *fault)
{
    const struct wcp_input_options *opts = &worker->reader->opts;
    size_t bom = len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    const char *text = (const char *)data + bom;
    enum wcp_code code;

    *mended_ret = (struct wcp_mended){ .what = "illegal bytes" };
    *doc = (struct wcp_document){ .date_ms = WCP_NO_DATE };
    doc->text = (struct wcp_string){ text, len - bom };
    if (enc == WCP_ENC_UTF8 &&
        wcp_utf8_valid_prefix(text, len - bom) == len - bom)
        return WCP_CODE_OK;
    worker->text.len = 0;
    worker->text.max = opts->max_document < SIZE_MAX / 2
                           ? (size_t)opts->max_document
                           : SIZE_MAX / 2;
    code =
        wcp_decode(worker->decoder, enc, opts->on_bad_bytes, data, len,
                   &worker->text, &mended_ret->num, &mended_ret->first, fault);
    if (code == WCP_CODE_TOO_LONG)
        return wcp_too_long(opts, fault);
    if (code != WCP_CODE_OK)
        return code;
    doc->num_bad = mended_ret->num;
    doc->text.data =
        worker->text.len > 0 ? (const char *)worker->text.data : "";
    doc->text.len = worker->text.len;
    return WCP_CODE_OK;
}

enum wcp_code
wcp_process_text(struct wcp_worker *worker, uint32_t index, const uint8_t *data,
                 size_t len)
{
    struct wcp_place place = { .source = index };
    enum wcp_enc_reason reason;
    struct wcp_mended mended;
    struct wcp_document doc;
    struct wcp_fault fault;
    wcp_encoding enc;
    enum wcp_code code;

    enc = wcp_sniff_encoding(worker, index, data, len, &reason);
    worker->reader->sources.at[index].encoding = enc;
    wcp_say_encoding(worker, index, enc, reason);
    code = wcp_decode_text(worker, enc, data, len, &doc, &mended, &fault);
    if (code == WCP_CODE_NO_MEMORY)
        return code;
    if (code != WCP_CODE_OK) {
        place.offset = fault.at;
        wcp_notify(worker, WCP_NOTICE_SKIPPED, &place, &fault);
        return WCP_CODE_OK;
    }
    if (mended.num > 0) {
        place.offset = mended.first;
        wcp_fail(&fault, WCP_CODE_BAD_TEXT, 0, "%s in %s", mended.what,
                 wcp_encoding_name(enc));
        wcp_notify(worker, WCP_NOTICE_REPAIRED, &place, &fault);
    }
    doc.at =
        (struct wcp_location){ .source = index, .encoding = enc, .len = len };
    return worker->consumer->document(worker->consumer->ctx, &doc)
               ? WCP_CODE_OK
               : WCP_CODE_STOPPED;
}
