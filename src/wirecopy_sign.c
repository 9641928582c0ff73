/*
 * wirecopy_sign.c - the public API: one text's signature
 */
#include "wirecopy_internal.h"

#include <string.h>

_Static_assert(sizeof((struct wcp_text_signature *)NULL)->minhash ==
                   sizeof((struct wcp_signature *)NULL)->minhash,
               "public and internal signatures are as long");

static enum wcp_code
sign(const struct wcp_options *opts, const char *text, size_t len,
     struct wcp_signature *sig, struct wcp_fault *fault)
{
    const struct wcp_memory mem = wcp_options_memory(opts);
    unsigned wanted =
        (opts->signature == WCP_MINHASH_CLASSIC ? WCP_WANT_CLASSIC
                                                : WCP_WANT_MINHASH) |
        WCP_WANT_SIMHASH;
    struct wcp_sketcher *sketcher = NULL;
    struct wcp_folded folded;
    enum wcp_code code =
        wcp_sketcher_new(&mem, opts->shingle, &sketcher, fault);

    wcp_folded_init(&folded, &mem);
    if (code == WCP_CODE_OK && !wcp_fold(&folded, text, len))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        wcp_sketch(sketcher, folded.units, folded.num, wanted, sig);
    wcp_folded_release(&folded);
    wcp_sketcher_free(sketcher);
    return code;
}

enum wcp_status
wcp_sign(const struct wcp_options *opts, const char *text, size_t len,
         struct wcp_text_signature *sig, struct wcp_error *err)
{
    struct wcp_options copy;
    struct wcp_text_signature given = { 0 };
    struct wcp_signature result;
    struct wcp_fault fault = { 0 };
    enum wcp_code code = wcp_options_copy(&copy, opts, &fault);

    if (code == WCP_CODE_OK)
        code = wcp_struct_take(
            &given, sizeof given, sig,
            WCP_SIZE_TO(struct wcp_text_signature, num_shingles),
            "wcp_text_signature", &fault);
    if (code == WCP_CODE_OK)
        code = wcp_options_check(&copy, &fault);
    if (code == WCP_CODE_OK && len > copy.max_document)
        code = wcp_fail(&fault, WCP_CODE_TOO_LONG, 0,
                        "the text is longer than max_document");
    if (code == WCP_CODE_OK) {
        size_t valid = wcp_utf8_valid_prefix(text, len);

        if (valid < len) {
            code =
                wcp_fail(&fault, WCP_CODE_BAD_TEXT, 0, "the text is not UTF-8");
            fault.at = valid;
        }
    }
    if (code == WCP_CODE_OK)
        code = sign(&copy, text, len, &result, &fault);
    if (code == WCP_CODE_OK) {
        memcpy(given.minhash, result.minhash, sizeof given.minhash);
        given.simhash = result.simhash;
        given.num_shingles = result.num_shingles;
        wcp_struct_give(sig, &given, sizeof given);
    }
    return wcp_tell(err, code, &fault);
}
