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

static inline wcp_encoding
named(const char *name)
{
    return wcp_encoding_by_name(name, strlen(name));
}

#endif /* WCP_TESTS_DECODERS_H */
