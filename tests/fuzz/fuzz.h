/*
 * fuzz.h - what the fuzz targets share
 *
 * A target fails by abort(), which an engine and replay.c both notice.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unlike assert(), it cannot be compiled out. */
#define MUST(condition)                                                      \
    do {                                                                     \
        if (!(condition)) {                                                  \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, \
                    #condition);                                             \
            abort();                                                         \
        }                                                                    \
    } while (0)

/* Is this valid UTF-8?  By the definition: the shortest form of a scalar
 * value. */
static inline size_t
fuzz_character(const uint8_t *text, size_t len)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint32_t code;
    size_t need = 1;

    if (len == 0)
        return 0;
    code = text[0];
    if (code >= 0x80) {
        need = code >= 0xF0 ? 4 : code >= 0xE0 ? 3 : 2;
        if (code < 0xC0 || code >= 0xF8 || len < need)
            return 0;
        code &= 0x7Fu >> need;
    }
    for (size_t i = 1; i < need; i++) {
        if (text[i] >> 6 != 2)
            return 0;
        code = code << 6 | (text[i] & 0x3Fu);
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ||
        code < least[need])
        return 0;
    return need;
}

static inline size_t
fuzz_valid_prefix(const void *text, size_t len)
{
    const uint8_t *bytes = text;
    size_t at = 0, step;

    while ((step = fuzz_character(bytes + at, len - at)) > 0)
        at += step;
    return at;
}

static inline bool
fuzz_is_utf8(const void *text, size_t len)
{
    return len == 0 || fuzz_valid_prefix(text, len) == len;
}

#endif /* FUZZ_FUZZ_H */
