/*
 * fuzz_utf8.c - validation and repair of UTF-8 against the definition
 *
 * The oracle knows nothing of tables of byte ranges: it decodes a character
 * and looks at its value.  A maximal subpart is what becomes a character when
 * continuation bytes are put behind it.
 */
#include "fuzz.h"

#include "text/text_kernels.h"

/* The length of the maximal subpart at text[0], where no character is. */
static size_t
maximal_subpart(const uint8_t *text, size_t len)
{
    for (size_t keep = len < 3 ? len : 3; keep > 1; keep--) {
        uint8_t whole[4];

        memset(whole, 0x80, sizeof whole);
        memcpy(whole, text, keep);
        if (fuzz_character(whole, sizeof whole) > keep)
            return keep;
    }
    return 1;
}

static void
check_repair(const uint8_t *data, size_t size, enum wcp_bad_bytes policy)
{
    struct wcp_buffer out, want;
    uint64_t num_bad = 77, first_bad = 77, num_want = 0;
    size_t at = 0;

    wcp_buffer_init(&out, &wcp_memory_libc, 0);
    wcp_buffer_init(&want, &wcp_memory_libc, 0);
    while (at < size) {
        size_t step = fuzz_character(data + at, size - at);

        if (step > 0) {
            MUST(wcp_buffer_append(&want, data + at, step));
        } else {
            step = maximal_subpart(data + at, size - at);
            if (policy == WCP_BAD_REPLACE)
                MUST(wcp_buffer_append(&want, "\xEF\xBF\xBD", 3));
            num_want++;
        }
        at += step;
    }
    MUST(wcp_utf8_repair((const char *)data, size, policy, &out, &num_bad,
                         &first_bad));
    MUST(num_bad == num_want);
    MUST(out.len == want.len);
    MUST(out.len == 0 || memcmp(out.data, want.data, out.len) == 0);
    MUST(fuzz_is_utf8(out.data, out.len));
    if (num_bad > 0)
        MUST(first_bad == fuzz_valid_prefix(data, size));
    wcp_buffer_release(&out);
    wcp_buffer_release(&want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;

    MUST(wcp_utf8_valid_prefix(text, size) == fuzz_valid_prefix(data, size));
    /* Every start and end: the fast paths depend on both. */
    for (size_t i = 1; i < size && i <= 16; i++) {
        MUST(wcp_utf8_valid_prefix(text + i, size - i) ==
             fuzz_valid_prefix(data + i, size - i));
        MUST(wcp_utf8_valid_prefix(text, size - i) ==
             fuzz_valid_prefix(data, size - i));
    }
    for (size_t i = 0; wcp_text_kernels_at(i) != NULL; i++)
        MUST(wcp_text_kernels_at(i)->valid_prefix(data, size) ==
             fuzz_valid_prefix(data, size));
    check_repair(data, size, WCP_BAD_REPLACE);
    check_repair(data, size, WCP_BAD_SKIP);
    return 0;
}
