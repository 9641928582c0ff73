/*
 * sample_text.c - the text that is measured on: documents, and their fold
 *
 * A file is read by the library, so that it may be whatever 'wirecopy find'
 * reads.  Its documents are measured as they are, but a long one is cut into
 * pieces of the length of news: the length decides what a signature costs.
 */
#include "bench.h"

#include "sketch/sketch.h"
#include "text/text.h"
#include "wirecopy.h"

#include <stdlib.h>
#include <string.h>

/* A longer document is cut into pieces of PIECE bytes. */
enum { LONGEST = 65536, PIECE = 3000 };

struct gathering {
    struct bench_bytes bytes;
    size_t *begins;
    size_t num, cap;
    uint64_t size;
};

static void
end_document(struct gathering *g)
{
    if (g->num + 1 >= g->cap) {
        g->cap = 2 * g->cap + 1024;
        g->begins = realloc(g->begins, g->cap * sizeof *g->begins);
        if (g->begins == NULL)
            bench_die("out of memory");
        g->begins[0] = 0;
    }
    if (g->bytes.len > g->begins[g->num])
        g->begins[++g->num] = g->bytes.len;
}

/* So many bytes, or fewer: to the end of a character. */
static size_t
piece_len(const char *text, size_t len, size_t most)
{
    if (len <= most)
        return len;
    while (most > 1 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return most;
}

static int32_t
on_document(void *ctx, const struct wcp_document_info *document,
            const char *text, size_t len)
{
    struct gathering *g = ctx;
    const bool is_long = len > LONGEST;

    (void)document;
    while (len > 0 && g->bytes.len < g->size) {
        const size_t left = (size_t)g->size - g->bytes.len;
        const size_t most = is_long ? PIECE : LONGEST;
        const size_t n = piece_len(text, len, most < left ? most : left);

        bench_append(&g->bytes, text, n);
        end_document(g);
        text += n;
        len -= n;
    }
    return g->bytes.len >= g->size;
}

static void
on_message(void *ctx, const struct wcp_message *message)
{
    (void)ctx;
    bench_say("%s: %s", message->path != NULL ? message->path : "input",
              message->text);
}

static void
read_documents(struct gathering *g, const char *path)
{
    struct wcp_options opts;
    struct wcp_corpus *corpus = NULL;
    struct wcp_error err = { 0 };
    enum wcp_status status;

    wcp_options_init(&opts, sizeof opts);
    opts.on_message = on_message;
    status = wcp_corpus_new(&opts, &corpus, &err);
    if (status == WCP_OK)
        status = wcp_corpus_add_path(corpus, path, &err);
    if (status == WCP_OK)
        status = wcp_corpus_read(corpus, on_document, g, &err);
    wcp_corpus_free(corpus);
    if (status != WCP_OK && status != WCP_STOPPED)
        bench_die("cannot read '%s': %s", path, err.text);
    if (g->num == 0)
        bench_die("'%s' holds no text", path);
}

static void
make_documents(struct gathering *g, const struct bench_settings *settings)
{
    struct bench_words *words = bench_words_new(settings->lang, settings->seed);
    struct bench_random random = { ~settings->seed };

    while (g->bytes.len < g->size) {
        const size_t least = (size_t)512 << bench_below(&random, 4);

        bench_make_document(words, &random, least + bench_below(&random, least),
                            &g->bytes);
        end_document(g);
    }
    bench_words_free(words);
}

/* Fold all documents; the units of one stand behind those of another. */
static void
fold_documents(struct bench_text *text)
{
    struct wcp_folded folded;
    size_t short_ones = 0;

    wcp_folded_init(&folded, &wcp_memory_libc);
    text->units = bench_alloc(text->len + 64, sizeof *text->units);
    text->unit_begins = bench_alloc(text->num + 1, sizeof *text->unit_begins);
    for (size_t i = 0; i < text->num; i++) {
        if (!wcp_fold(&folded, text->bytes + text->begins[i],
                      text->begins[i + 1] - text->begins[i]))
            bench_die("out of memory");
        if (folded.num > text->len - text->num_units) /* few letters unfold */
            folded.num = text->len - text->num_units;
        memcpy(text->units + text->num_units, folded.units,
               folded.num * sizeof *folded.units);
        text->num_units += folded.num;
        text->unit_begins[i + 1] = text->num_units;
    }
    wcp_folded_release(&folded);
    for (size_t i = 0; i < text->num_units; i++)
        short_ones += wcp_unit_is_east_asian(text->units[i]);
    text->shingle =
        2 * short_ones > text->num_units ? WCP_SHINGLE_HAN : WCP_SHINGLE_OTHER;
    if (text->num_units < 2 * WCP_SHINGLE_MAX)
        bench_die("the text has only %zu letters and digits, too few to "
                  "measure on",
                  text->num_units);
}

void
bench_text_init(struct bench_text *text, const struct bench_settings *settings,
                uint64_t size)
{
    struct gathering g = { .size = size };
    char source[64];

    end_document(&g);
    if (settings->text_path != NULL) {
        const char *slash = strrchr(settings->text_path, '/');

        read_documents(&g, settings->text_path);
        snprintf(source, sizeof source, "%.60s",
                 slash != NULL ? slash + 1 : settings->text_path);
    } else {
        make_documents(&g, settings);
        snprintf(source, sizeof source, "made %s (seed %llu)",
                 settings->lang == BENCH_ZH ? "Chinese" : "English",
                 (unsigned long long)settings->seed);
    }
    *text = (struct bench_text){ .bytes = g.bytes.data,
                                 .len = g.bytes.len,
                                 .begins = g.begins,
                                 .num = g.num };
    fold_documents(text);
    snprintf(text->name, sizeof text->name,
             "%s, %.1f MB, %zu documents, %.2f bytes a letter", source,
             (double)text->len / 1e6, text->num,
             (double)text->len / (double)text->num_units);
}

void
bench_text_release(struct bench_text *text)
{
    free(text->bytes);
    free(text->begins);
    free(text->units);
    free(text->unit_begins);
    *text = (struct bench_text){ 0 };
}
