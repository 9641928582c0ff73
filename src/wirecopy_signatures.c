/*
 * wirecopy_signatures.c - the public API: signature files, written and taken
 *
 * A signature file says by which options its documents were read and signed.
 * Whoever takes it need not repeat them, and files that were made by others
 * cannot be mixed up.
 */
#include "wirecopy_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const signature_names[] = { "minhash", "minhash-classic",
                                               "simhash", NULL };
static const char *const format_names[] = { "auto", "text", "jsonl",
                                            "csv",  "tsv",  NULL };
static const char *const policy_names[] = { "replace", "skip", "fail", NULL };

/* ---- options as names and values ---- */

static bool
put(struct wcp_buffer *to, const char *name, const char *value)
{
    return wcp_buffer_append(to, name, strlen(name) + 1) &&
           wcp_buffer_append(to, value, strlen(value) + 1);
}

static bool
put_number(struct wcp_buffer *to, const char *name, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, number);
    return put(to, name, text);
}

/* The options of signing and reading, as a signature file has them. */
static bool
put_options(const struct wcp_corpus *corpus, struct wcp_buffer *to)
{
    const struct wcp_options *opts = &corpus->opts;
    const struct wcp_input_options *in = wcp_reader_options(corpus->reader);

    return put(to, "program", "wirecopy " WCP_VERSION) &&
           put(to, "signature", signature_names[opts->signature]) &&
           put_number(to, "bins", WCP_NUM_BINS) &&
           put_number(to, "fold", WCP_FOLD_VERSION) &&
           put_number(to, "shingle", opts->shingle) &&
           put(to, "input-format", format_names[opts->input_format]) &&
           put(to, "text-field", in->text_field) &&
           put(to, "id-field", in->id_field) &&
           put(to, "title-field", in->title_field) &&
           put(to, "date-field", in->date_field) &&
           put(to, "source-field", in->source_field) &&
           put(to, "columns", in->columns != NULL ? in->columns : "") &&
           put(to, "encoding",
               in->encoding != WCP_ENC_AUTO ? wcp_encoding_name(in->encoding)
                                            : "auto") &&
           put(to, "on-bad-bytes", policy_names[opts->on_bad_bytes]) &&
           put_number(to, "max-document", opts->max_document);
}

/* The value of an option, or NULL. */
static const char *
value_of(const struct wcp_buffer *options, const char *name)
{
    const char *at = (const char *)options->data, *end;

    if (options->len == 0)
        return NULL;
    end = at + options->len;
    while (at < end) {
        const char *value = at + strlen(at) + 1;

        if (strcmp(at, name) == 0)
            return value;
        at = value + strlen(value) + 1;
    }
    return NULL;
}

/* What changes neither a signature nor which text it is of. */
static bool
may_differ(const char *name)
{
    static const char *const names[] = { "program", "id-field", "title-field",
                                         "date-field", "source-field" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* "shingle 5", "no columns". */
static void
describe(const char *name, const char *value, char *out, size_t size)
{
    if (value == NULL || value[0] == '\0')
        snprintf(out, size, "no %.20s", name);
    else if (strcmp(name, "shingle") == 0 && strcmp(value, "0") == 0)
        snprintf(out, size, "shingles by script");
    else
        snprintf(out, size, "%.20s %.24s", name, value);
}

/* Every option of one file must be one of the other. */
static enum wcp_code
compare_options(const char *path, const struct wcp_buffer *options,
                const struct wcp_wcs_file *b, struct wcp_fault *fault)
{
    const char *at = (const char *)options->data; /* never empty */
    const char *end = at + options->len;

    while (at < end) {
        const char *value = at + strlen(at) + 1;
        const char *other = value_of(&b->options, at);
        char x[56], y[56];

        if (!may_differ(at) && (other == NULL || strcmp(value, other) != 0)) {
            describe(at, value, x, sizeof x);
            describe(at, other, y, sizeof y);
            return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                            "'%.50s' was signed with %s, but '%.50s' with %s",
                            path, x, b->name, y);
        }
        at = value + strlen(value) + 1;
    }
    return WCP_CODE_OK;
}

/* ---- and back ---- */

static bool
take_choice(const struct wcp_buffer *options, const char *name,
            const char *const *names, int32_t *to)
{
    const char *value = value_of(options, name);

    for (int32_t i = 0; value != NULL && names[i] != NULL; i++)
        if (strcmp(value, names[i]) == 0) {
            *to = i;
            return true;
        }
    return false;
}

static bool
take_number(const struct wcp_buffer *options, const char *name, uint64_t *to)
{
    const char *value = value_of(options, name);
    char *end;

    if (value == NULL || value[0] < '0' || value[0] > '9' || strlen(value) > 18)
        return false;
    *to = strtoull(value, &end, 10);
    return *end == '\0';
}

static bool
take_string(const struct wcp_buffer *options, const char *name, const char **to)
{
    *to = value_of(options, name);
    return *to != NULL;
}

/* The options of a file, which must outlive their strings' use. */
static bool
take_options(const struct wcp_buffer *options, struct wcp_options *to)
{
    uint64_t bins, fold, shingle;

    if (!take_choice(options, "signature", signature_names, &to->signature) ||
        !take_choice(options, "input-format", format_names,
                     &to->input_format) ||
        !take_choice(options, "on-bad-bytes", policy_names,
                     &to->on_bad_bytes) ||
        !take_number(options, "bins", &bins) || bins != WCP_NUM_BINS ||
        !take_number(options, "fold", &fold) || fold != WCP_FOLD_VERSION ||
        !take_number(options, "shingle", &shingle) ||
        shingle > WCP_SHINGLE_MAX ||
        !take_number(options, "max-document", &to->max_document) ||
        !take_string(options, "text-field", &to->text_field) ||
        !take_string(options, "id-field", &to->id_field) ||
        !take_string(options, "title-field", &to->title_field) ||
        !take_string(options, "date-field", &to->date_field) ||
        !take_string(options, "source-field", &to->source_field) ||
        !take_string(options, "columns", &to->columns) ||
        !take_string(options, "encoding", &to->encoding))
        return false;
    to->shingle = (uint32_t)shingle;
    if (to->columns[0] == '\0')
        to->columns = NULL;
    return true;
}

/* Make the corpus one of the file's options. */
static enum wcp_code
follow(struct wcp_corpus *corpus, const struct wcp_wcs_file *file,
       struct wcp_fault *fault)
{
    const struct wcp_options before = corpus->opts;
    struct wcp_reader *reader = corpus->reader;
    struct wcp_store *store = corpus->store;
    enum wcp_code code = WCP_CODE_OK;

    if (!take_options(&file->options, &corpus->opts))
        code = wcp_wcs_damaged(file, WCP_WCS_HEADER + WCP_WCS_SECTION,
                               "an option is missing or unknown", fault);
    if (code == WCP_CODE_OK)
        code = wcp_options_check(&corpus->opts, fault);
    if (code != WCP_CODE_OK) {
        corpus->opts = before;
        return code;
    }
    corpus->reader = NULL;
    corpus->store = NULL;
    code = wcp_corpus_open_layers(corpus, fault);
    if (code != WCP_CODE_OK) {
        wcp_store_free(corpus->store);
        wcp_reader_free(corpus->reader);
        corpus->opts = before;
        corpus->reader = reader;
        corpus->store = store;
        return code;
    }
    wcp_store_free(store);
    wcp_reader_free(reader);
    return WCP_CODE_OK;
}

/* ---- taking signature files ---- */

int32_t
wcp_signatures_kind(const char *path)
{
    struct wcp_wcs_file file;
    int32_t kind = WCP_MINHASH;

    if (!wcp_wcs_is(path))
        return -1;
    if (wcp_wcs_open(&wcp_memory_libc, path, &file, NULL) != WCP_CODE_OK)
        return kind;
    take_choice(&file.options, "signature", signature_names, &kind);
    wcp_wcs_close(&file);
    return kind;
}

static void
say_twice(struct wcp_corpus *corpus, const char *path)
{
    struct wcp_notice notice = { .kind = WCP_NOTICE_REPAIRED,
                                 .source = UINT32_MAX,
                                 .path = path };

    snprintf(notice.text, sizeof notice.text, "given twice; read once");
    wcp_corpus_pass_notice(corpus, &notice);
}

/* Hold the file's options against those of the others, and keep them. */
static enum wcp_code
keep_file(struct wcp_corpus *corpus, const char *path,
          struct wcp_wcs_file *file, struct wcp_fault *fault)
{
    const size_t size = strlen(path) + 1;
    struct wcp_signature_file *kept;
    enum wcp_code code;
    char *copy;

    if (corpus->signatures.num == 0)
        code = follow(corpus, file, fault);
    else
        code = compare_options(corpus->signatures.at[0].path,
                               &corpus->signatures.at[0].options, file, fault);
    if (code != WCP_CODE_OK)
        return code;
    copy = wcp_new_array(&corpus->mem, size, 1);
    if (copy == NULL)
        return wcp_no_memory(fault);
    memcpy(copy, path, size);
    kept = &corpus->signatures.at[corpus->signatures.num++];
    *kept = (struct wcp_signature_file){ .path = copy,
                                         .device = file->device,
                                         .inode = file->inode,
                                         .options = file->options };
    wcp_buffer_init(&file->options, &corpus->mem, 0);
    return WCP_CODE_OK;
}

static enum wcp_code
add_signatures(struct wcp_corpus *corpus, const char *path,
               struct wcp_fault *fault)
{
    struct wcp_wcs_file file;
    bool twice = false;
    enum wcp_code code;

    if (corpus->signatures.num == 0 &&
        (wcp_reader_num_sources(corpus->reader) > 0 ||
         corpus->store->added != NULL))
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "signature files and other inputs cannot be mixed: "
                        "sign the others first");
    if (!wcp_array_grow(&corpus->mem, &corpus->signatures))
        return wcp_no_memory(fault);
    code = wcp_wcs_open(&corpus->mem, path, &file, fault);
    if (code != WCP_CODE_OK)
        return code;
    for (size_t i = 0; i < corpus->signatures.num; i++)
        twice |= corpus->signatures.at[i].inode == file.inode &&
                 corpus->signatures.at[i].device == file.device;
    if (twice)
        say_twice(corpus, path);
    else
        code = keep_file(corpus, path, &file, fault);
    wcp_wcs_close(&file);
    return code;
}

void
wcp_corpus_free_signatures(struct wcp_corpus *corpus)
{
    for (size_t i = 0; i < corpus->signatures.num; i++) {
        struct wcp_signature_file *file = &corpus->signatures.at[i];

        wcp_free_array(&corpus->mem, file->path, strlen(file->path) + 1, 1);
        wcp_buffer_release(&file->options);
    }
    wcp_array_release(&corpus->mem, &corpus->signatures);
}

enum wcp_status
wcp_corpus_add_signatures(struct wcp_corpus *corpus, const char *path,
                          struct wcp_error *err)
{
    struct wcp_fault fault = { 0 };
    enum wcp_code code = wcp_corpus_check_open(corpus, &fault);

    if (code == WCP_CODE_OK)
        code = add_signatures(corpus, path, &fault);
    return wcp_tell(err, code, &fault);
}

/* One after the other: there may be more than a process may have open. */
enum wcp_code
wcp_corpus_load(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    const struct wcp_texts texts = { corpus->texts,
                                     corpus->opts.estimate == 0 };
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; code == WCP_CODE_OK && i < corpus->signatures.num; i++) {
        const struct wcp_signature_file *from = &corpus->signatures.at[i];
        struct wcp_wcs_file file;

        code = wcp_wcs_open(&corpus->mem, from->path, &file, fault);
        if (code != WCP_CODE_OK)
            break;
        if (file.device != from->device || file.inode != from->inode ||
            file.options.len != from->options.len ||
            memcmp(file.options.data, from->options.data, file.options.len) !=
                0)
            code = wcp_fail(fault, WCP_CODE_IO, 0,
                            "'%.150s' was replaced by another", from->path);
        if (code == WCP_CODE_OK)
            code = wcp_store_load(corpus->store, &file, &texts, fault);
        wcp_wcs_close(&file);
    }
    return code;
}

enum wcp_code
wcp_corpus_check_texts(const struct wcp_corpus *corpus, const char *what,
                       struct wcp_fault *fault)
{
    if (corpus->signatures.num == 0)
        return WCP_CODE_OK;
    return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                    "%s cannot be had of signature files: name the texts",
                    what);
}

/* ---- making one ---- */

static enum wcp_code
sign(struct wcp_corpus *corpus, int descriptor, struct wcp_fault *fault)
{
    const struct wcp_store_listener listener = { wcp_corpus_pass_read_notice,
                                                 wcp_corpus_pass_progress,
                                                 corpus };
    struct wcp_store *store = corpus->store;
    double start = wcp_wall_seconds();
    struct wcp_buffer options;
    uint64_t num_documents = 0;
    enum wcp_code code;

    wcp_buffer_init(&options, &corpus->mem, 0);
    code = put_options(corpus, &options)
               ? wcp_store_sign(store, descriptor, &options, &listener,
                                &num_documents, fault)
               : wcp_no_memory(fault);
    wcp_buffer_release(&options);
    if (code == WCP_CODE_OK)
        code = wcp_store_close(store, &listener, fault);
    if (code != WCP_CODE_OK)
        return code;
    wcp_corpus_take_counts(corpus);
    corpus->stats.documents = num_documents;
    corpus->stats.read_seconds = wcp_wall_seconds() - start;
    corpus->stats.read_memory = wcp_peak_memory();
    return WCP_CODE_OK;
}

enum wcp_status
wcp_corpus_sign(struct wcp_corpus *corpus, int32_t descriptor,
                struct wcp_error *err)
{
    struct wcp_fault fault = { 0 };
    enum wcp_code code = wcp_corpus_check_open(corpus, &fault);

    if (code == WCP_CODE_OK)
        code = wcp_corpus_check_texts(corpus, "signatures", &fault);
    if (code == WCP_CODE_OK) {
        corpus->failed = true; /* of this corpus nothing else can be had */
        code = sign(corpus, descriptor, &fault);
    }
    return wcp_tell(err, code, &fault);
}

/* ---- checkpoints ---- */

/* What else decides about the parts of a checkpoint. */
static bool
put_checkpoint_options(const struct wcp_corpus *corpus, struct wcp_buffer *to)
{
    const struct wcp_plan *plan = &corpus->plan;
    char threshold[32], recall[32];

    snprintf(threshold, sizeof threshold, "%.12g",
             wcp_corpus_threshold(corpus));
    snprintf(recall, sizeof recall, "%.12g", corpus->opts.recall);
    return put_options(corpus, to) && put(to, "threshold", threshold) &&
           put(to, "recall", recall) &&
           put_number(to, "bands", plan->num_bands) &&
           put_number(to, "rows", plan->num_rows) &&
           put_number(to, "samples", corpus->store->opts.sample) &&
           put_number(to, "batch-bytes",
                      wcp_reader_batch_bytes(corpus->reader));
}

struct comparing {
    const char *folder;
    const struct wcp_buffer *options; /* of this run */
};

static enum wcp_code
compare_checkpoint(void *ctx, const struct wcp_wcs_file *manifest,
                   struct wcp_fault *fault)
{
    const struct comparing *comparing = ctx;
    const char *at = (const char *)comparing->options->data;
    const char *end = at + comparing->options->len;

    while (at < end) {
        const char *value = at + strlen(at) + 1;
        const char *then = value_of(&manifest->options, at);
        char x[56], y[56];

        if (then == NULL || strcmp(value, then) != 0) {
            describe(at, value, x, sizeof x);
            describe(at, then, y, sizeof y);
            return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                            "the checkpoint in '%.80s' was begun with %s, not "
                            "%s",
                            comparing->folder, y, x);
        }
        at = value + strlen(value) + 1;
    }
    return WCP_CODE_OK;
}

enum wcp_code
wcp_corpus_read_on(struct wcp_corpus *corpus,
                   const struct wcp_store_listener *listener,
                   struct wcp_fault *fault)
{
    struct wcp_buffer options;
    struct comparing comparing = { corpus->checkpoint, &options };
    const struct wcp_checkpoint checkpoint = {
        .folder = corpus->checkpoint,
        .part_bytes = corpus->opts.checkpoint_bytes,
        .options = &options,
        .compare = compare_checkpoint,
        .ctx = &comparing,
    };
    enum wcp_code code;

    wcp_buffer_init(&options, &corpus->mem, 0);
    code = put_checkpoint_options(corpus, &options)
               ? wcp_store_read_on(corpus->store, &checkpoint, listener, fault)
               : wcp_no_memory(fault);
    wcp_buffer_release(&options);
    return code;
}

enum wcp_status
wcp_checkpoint_remove(const char *folder, struct wcp_error *err)
{
    struct wcp_fault fault = { 0 };

    return wcp_tell(err, wcp_checkpoint_clear(folder, &fault), &fault);
}
