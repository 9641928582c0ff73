/*
 * decoders.h - what the tests of encodings share
 */
#ifndef WCP_TESTS_DECODERS_H
#define WCP_TESTS_DECODERS_H

#include "text/text.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* The caller frees it. */
static inline struct wcp_decoder *
new_decoder(void)
{
    struct wcp_decoder *decoder = NULL;

    CU_ASSERT_EQUAL_FATAL(wcp_decoder_new(&wcp_memory_libc, &decoder, NULL),
                          WCP_CODE_OK);
    return decoder;
}

/* The text as wcp_decode() gives it; the caller releases. */
static inline struct wcp_buffer
decode_all(struct wcp_decoder *decoder, wcp_encoding enc, const void *bytes,
           size_t len)
{
    struct wcp_buffer out;
    uint64_t num_bad, first_bad;

    wcp_buffer_init(&out, &wcp_memory_libc, 0);
    CU_ASSERT_EQUAL(wcp_decode(decoder, enc, WCP_BAD_REPLACE, bytes, len, &out,
                               &num_bad, &first_bad, NULL),
                    WCP_CODE_OK);
    return out;
}

static inline wcp_encoding
named(const char *name)
{
    return wcp_encoding_by_name(name, strlen(name));
}

#endif /* WCP_TESTS_DECODERS_H */
