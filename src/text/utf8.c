/*
 * utf8.c - is this UTF-8, and what to make of it where it is not
 *
 * Table 3-7 of the Unicode standard allows, for a given first byte, one range
 * for the second and 80..BF for the others.  sequence_at() says this once; it
 * also finds the maximal subpart that the standard recommends to replace as
 * one.  The fast paths in front of it accept what needs no exceptions: eight
 * ASCII bytes, or a three-byte character, tested as a word.
 */
#include "text/text_kernels.h"

#include <string.h>

/*
 * The sequence at text[0], len > 0: its length.  *valid_ret says whether it is
 * a character; if not, the length is that of the maximal subpart, at least 1.
 */
static size_t
sequence_at(const uint8_t *text, size_t len, bool *valid_ret)
{
    uint8_t first = text[0], low = 0x80, high = 0xBF;
    size_t need, at = 1;

    *valid_ret = first < 0x80;
    if (first < 0xC2 || first > 0xF4)
        return 1;
    need = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    while (at < need && at < len && text[at] >= low && text[at] <= high) {
        low = 0x80;
        high = 0xBF;
        at++;
    }
    *valid_ret = at == need;
    return at;
}

/* A three-byte character in the low bytes of a little-endian word, neither
 * overlong (E0 80..9F) nor a surrogate (ED A0..BF). */
static inline bool
is_three_bytes(uint32_t word)
{
    uint32_t edge = word & 0x200F;

    return (word & 0xC0C0F0) == 0x8080E0 && edge != 0 && edge != 0x200D;
}

static inline bool
is_ascii(const uint8_t *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

size_t
wcp_utf8_valid_prefix_portable(const uint8_t *text, size_t len)
{
    size_t at = 0;

    while (at < len) {
        bool valid;
        size_t sequence_len;

        while (len - at >= 8 && is_ascii(text + at))
            at += 8;
        while (len - at >= 4 && is_three_bytes(wcp_load32(text + at)))
            at += 3;
        if (at == len)
            break;
        sequence_len = sequence_at(text + at, len - at, &valid);
        if (!valid)
            break;
        at += sequence_len;
    }
    return at;
}

size_t
wcp_utf8_valid_prefix(const char *text, size_t len)
{
    return wcp_text_kernels_best()->valid_prefix((const uint8_t *)text, len);
}

bool
wcp_utf8_repair(const char *text, size_t len, enum wcp_bad_bytes policy,
                struct wcp_buffer *out, uint64_t *num_bad_ret,
                uint64_t *first_bad_ret)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t at = 0, old_len = out->len;
    uint64_t num_bad = 0, first_bad = 0;

    while (at < len) {
        size_t good = wcp_utf8_valid_prefix(text + at, len - at);
        bool valid;

        if (!wcp_buffer_append(out, bytes + at, good))
            goto no_memory;
        at += good;
        if (at == len)
            break;
        if (num_bad++ == 0)
            first_bad = at;
        at += sequence_at(bytes + at, len - at, &valid);
        if (policy == WCP_BAD_REPLACE &&
            !wcp_buffer_append(out, "\xEF\xBF\xBD", 3))
            goto no_memory;
    }
    *num_bad_ret = num_bad;
    *first_bad_ret = first_bad;
    return true;

no_memory:
    out->len = old_len;
    return false;
}
