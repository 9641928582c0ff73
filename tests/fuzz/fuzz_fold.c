/*
 * fuzz_fold.c - folding: offsets, idempotence, nothing left that must go
 *
 * The input is repaired and then folded where it ends with its heap block,
 * so that the address sanitizer sees a read beyond it.
 */
#include "fuzz.h"

#include "text/text_kernels.h"

/* The valid UTF-8 to fold, in a block of exactly its size. */
static char *
make_text(const uint8_t *data, size_t size, size_t *len_ret)
{
    struct wcp_buffer out;
    uint64_t num_bad, first_bad;
    char *text;

    wcp_buffer_init(&out, &wcp_memory_libc, 0);
    MUST(wcp_utf8_repair((const char *)data, size, WCP_BAD_REPLACE, &out,
                         &num_bad, &first_bad));
    text = malloc(out.len > 0 ? out.len : 1);
    MUST(text != NULL);
    if (out.len > 0)
        memcpy(text, out.data, out.len);
    *len_ret = out.len;
    wcp_buffer_release(&out);
    return text;
}

/* UTF-16 as UTF-8; the units must be whole characters. */
static char *
encode(const struct wcp_folded *folded, size_t *len_ret)
{
    char *text = malloc(folded->num * 3 + 1), *exact;
    size_t len = 0;

    MUST(text != NULL);
    for (size_t i = 0; i < folded->num; i++) {
        uint32_t c = folded->units[i];

        MUST(c < 0xDC00 || c > 0xDFFF);
        if (c >= 0xD800 && c <= 0xDBFF) {
            MUST(i + 1 < folded->num);
            MUST(folded->units[i + 1] >> 10 == 0xDC00 >> 10);
            c = 0x10000 + ((c & 0x3FF) << 10) + (folded->units[++i] & 0x3FFu);
            text[len++] = (char)(0xF0 | c >> 18);
            text[len++] = (char)(0x80 | (c >> 12 & 0x3F));
        } else if (c >= 0x800) {
            text[len++] = (char)(0xE0 | c >> 12);
        }
        if (c >= 0x800)
            text[len++] = (char)(0x80 | (c >> 6 & 0x3F));
        else if (c >= 0x80)
            text[len++] = (char)(0xC0 | c >> 6);
        text[len++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c);
    }
    exact = malloc(len > 0 ? len : 1);
    MUST(exact != NULL);
    memcpy(exact, text, len);
    free(text);
    *len_ret = len;
    return exact;
}

/* Of ASCII digits and small letters are kept, of the rest nothing that is a
 * blank, a control, a line end or East Asian punctuation. */
static void
check_units(const struct wcp_folded *folded)
{
    for (size_t i = 0; i < folded->num; i++) {
        const uint16_t u = folded->units[i];

        if (u < 0x80)
            MUST((u >= '0' && u <= '9') || (u >= 'a' && u <= 'z'));
        MUST(u < 0x80 || u > 0xBF);
        MUST(u < 0xC0 || u > 0xDE);
        MUST(u < 0x2000 || u > 0x206F);
        MUST(u < 0x3000 || u > 0x3004);
        MUST(u < 0x3008 || u > 0x3020);
        MUST(u < 0xE000 || u > 0xF8FF);
        MUST(u < 0xFE00 || u > 0xFE1F);
        MUST(u < 0xFF00);
    }
}

/* Every unit came from somewhere in the text, in order, and where it begins
 * and ends is between characters. */
static void
check_offsets(const struct wcp_folded *folded, const char *text, size_t len)
{
    for (size_t i = 0; i < folded->num; i++) {
        const uint32_t begin = folded->begins[i], end = folded->ends[i];

        MUST(begin < end && end <= len);
        MUST(((uint8_t)text[begin] & 0xC0) != 0x80);
        MUST(end == len || ((uint8_t)text[end] & 0xC0) != 0x80);
        if (i > 0) {
            MUST(folded->begins[i - 1] <= begin);
            MUST(folded->ends[i - 1] <= end);
        }
    }
}

static bool
is_same(const struct wcp_folded *a, const struct wcp_folded *b)
{
    return a->num == b->num &&
           (a->num == 0 || memcmp(a->units, b->units, a->num * 2) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wcp_folded plain, placed, again;
    size_t len, folded_len;
    char *text = make_text(data, size, &len), *folded_text;

    wcp_folded_init(&plain, &wcp_memory_libc);
    wcp_folded_init(&placed, &wcp_memory_libc);
    wcp_folded_init(&again, &wcp_memory_libc);
    MUST(wcp_fold(&plain, text, len));
    MUST(wcp_fold_with_offsets(&placed, text, len));
    MUST(is_same(&plain, &placed));
    check_units(&plain);
    check_offsets(&placed, text, len);
    folded_text = encode(&plain, &folded_len);
    MUST(wcp_fold(&again, folded_text, folded_len));
    MUST(is_same(&plain, &again));
    /* Memory that was used before changes nothing, nor do the vectors. */
    for (size_t i = 0; wcp_text_kernels_at(i) != NULL; i++) {
        MUST(wcp_fold_by(wcp_text_kernels_at(i), &again, text, len));
        MUST(is_same(&plain, &again));
    }
    wcp_folded_release(&plain);
    wcp_folded_release(&placed);
    wcp_folded_release(&again);
    free(text);
    free(folded_text);
    return 0;
}
