/*
 * fold_records.c - documents as others are given them: id, tab, folded text
 *
 *   wirecopy-fold INPUT >folded.tsv
 *
 * What other programs find depends on how the text is prepared.  So they are
 * given the letters and digits that wirecopy compares, and nothing else.
 */
#include "text/text.h"
#include "wirecopy.h"

#include <stdio.h>

/* One unit as UTF-8, surrogates joined; the bytes written. */
static size_t
put_unit(const uint16_t *unit, bool is_last, size_t *used_ret, char *out)
{
    uint32_t code = unit[0];

    *used_ret = 1;
    if (code >= 0xD800 && code <= 0xDBFF && !is_last) {
        code = 0x10000 + ((code - 0xD800) << 10) + (unit[1] - 0xDC00u);
        *used_ret = 2;
        out[0] = (char)(0xF0 | code >> 18);
        out[1] = (char)(0x80 | (code >> 12 & 63));
        out[2] = (char)(0x80 | (code >> 6 & 63));
        out[3] = (char)(0x80 | (code & 63));
        return 4;
    }
    if (code >= 0x800) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 63));
        out[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    if (code >= 0x80) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    out[0] = (char)code;
    return 1;
}

static int32_t
on_document(void *ctx, const struct wcp_document_info *document,
            const char *text, size_t len)
{
    struct wcp_folded *folded = ctx;
    size_t used;

    if (!wcp_fold(folded, text, len))
        return 1;
    fputs(document->id, stdout);
    putchar('\t');
    for (size_t i = 0; i < folded->num; i += used) {
        char out[4];
        const size_t n =
            put_unit(folded->units + i, i + 1 == folded->num, &used, out);

        fwrite(out, 1, n, stdout);
    }
    putchar('\n');
    return ferror(stdout) != 0;
}

int
main(int argc, char **argv)
{
    struct wcp_options opts;
    struct wcp_corpus *corpus = NULL;
    struct wcp_folded folded;
    struct wcp_error err = { 0 };
    enum wcp_status status;

    if (argc != 2) {
        fputs("usage: wirecopy-fold INPUT >folded.tsv\n", stderr);
        return 2;
    }
    wcp_folded_init(&folded, &wcp_memory_libc);
    wcp_options_init(&opts, sizeof opts);
    status = wcp_corpus_new(&opts, &corpus, &err);
    if (status == WCP_OK)
        status = wcp_corpus_add_path(corpus, argv[1], &err);
    if (status == WCP_OK)
        status = wcp_corpus_read(corpus, on_document, &folded, &err);
    wcp_corpus_free(corpus);
    wcp_folded_release(&folded);
    if (status == WCP_OK && fflush(stdout) == 0)
        return 0;
    fprintf(stderr, "wirecopy-fold: cannot read '%s': %s\n", argv[1], err.text);
    return 1;
}
