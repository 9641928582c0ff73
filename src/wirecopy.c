/*
 * wirecopy.c - the public API: composes the layers, no algorithm of its own
 */
#include "wirecopy_internal.h"

#include <string.h>

#define SAME(name) (int)WCP_##name == (int)WCP_CODE_##name
_Static_assert(SAME(OK) && SAME(NO_MEMORY) && SAME(BAD_OPTION) &&
                   SAME(BAD_TEXT) && SAME(TOO_LONG) && SAME(BAD_RECORD) &&
                   SAME(IO) && SAME(NO_SUPPORT) && SAME(STOPPED),
               "public and internal status values are the same");
_Static_assert((int)WCP_MINHASH == (int)WCP_SIG_MINHASH &&
                   (int)WCP_MINHASH_CLASSIC == (int)WCP_SIG_MINHASH_CLASSIC &&
                   (int)WCP_SIMHASH == (int)WCP_SIG_SIMHASH,
               "public and internal signature kinds are the same");
_Static_assert((int)WCP_ORIGINAL == (int)WCP_REL_ORIGINAL &&
                   (int)WCP_IDENTICAL == (int)WCP_REL_IDENTICAL &&
                   (int)WCP_REPRINT == (int)WCP_REL_REPRINT &&
                   (int)WCP_ABRIDGED == (int)WCP_REL_ABRIDGED &&
                   (int)WCP_EXPANDED == (int)WCP_REL_EXPANDED &&
                   (int)WCP_EMBEDDED == (int)WCP_REL_EMBEDDED &&
                   (int)WCP_EXCERPT == (int)WCP_REL_EXCERPT &&
                   (int)WCP_TEMPLATE == (int)WCP_REL_TEMPLATE &&
                   (int)WCP_BOILERPLATE == (int)WCP_REL_BOILERPLATE,
               "public and internal relations are the same");
_Static_assert((int)WCP_MESSAGE_SKIPPED == (int)WCP_NOTICE_SKIPPED &&
                   (int)WCP_MESSAGE_WARNING == (int)WCP_NOTICE_REPAIRED &&
                   (int)WCP_MESSAGE_DETAIL == (int)WCP_NOTICE_DETAIL,
               "public and internal message kinds are the same");
_Static_assert((int)WCP_AUTO == (int)WCP_FORMAT_AUTO &&
                   (int)WCP_TEXT == (int)WCP_FORMAT_TEXT &&
                   (int)WCP_JSONL == (int)WCP_FORMAT_JSONL &&
                   (int)WCP_CSV == (int)WCP_FORMAT_CSV &&
                   (int)WCP_TSV == (int)WCP_FORMAT_TSV,
               "public and internal formats are the same");
_Static_assert((int)WCP_REPLACE == (int)WCP_BAD_REPLACE &&
                   (int)WCP_SKIP == (int)WCP_BAD_SKIP &&
                   (int)WCP_FAIL == (int)WCP_BAD_FAIL,
               "public and internal policies are the same");

_Static_assert(WCP_SIGNATURE_VERSION == WCP_SIGNATURES,
               "public and internal versions are the same");

enum { MAX_THREADS = 256 };

/* ---- status ---- */

const char *
wcp_status_name(enum wcp_status status)
{
    switch (status) {
    case WCP_OK:
        return "no error";
    case WCP_NO_MEMORY:
        return "out of memory";
    case WCP_BAD_OPTION:
        return "option out of range";
    case WCP_BAD_TEXT:
        return "text not decodable";
    case WCP_TOO_LONG:
        return "above a limit";
    case WCP_BAD_RECORD:
        return "malformed record";
    case WCP_IO:
        return "input or output failed";
    case WCP_NO_SUPPORT:
        return "not supported by this build";
    case WCP_STOPPED:
        return "stopped";
    }
    return "unknown status";
}

const char *
wcp_relation_text(enum wcp_relation relation)
{
    if (relation == WCP_UNRELATED)
        return "none";
    return wcp_relation_name((enum wcp_relation_kind)relation);
}

enum wcp_status
wcp_tell(struct wcp_error *err, enum wcp_code code,
         const struct wcp_fault *fault)
{
    if (code != WCP_CODE_OK && err != NULL) {
        memset(err, 0, sizeof *err);
        err->status = (enum wcp_status)code;
        err->sys_errno = fault->sys_errno;
        err->offset = fault->at;
        memcpy(err->text, fault->text, sizeof err->text);
        _Static_assert(sizeof err->text == sizeof fault->text, "one size");
    }
    return (enum wcp_status)code;
}

/* ---- structs of the caller ---- */

/* More than a struct of any version has; what was never set often is. */
enum { MAX_STRUCT = 1 << 16 };

static size_t
size_of(const void *caller)
{
    size_t size;

    memcpy(&size, caller, sizeof size);
    return size;
}

void
wcp_struct_init(void *to, size_t struct_size, const void *defaults, size_t size)
{
    memset(to, 0, struct_size);
    memcpy(to, defaults, struct_size < size ? struct_size : size);
    if (struct_size >= sizeof struct_size)
        memcpy(to, &struct_size, sizeof struct_size);
}

enum wcp_code
wcp_struct_take(void *to, size_t size, const void *from, size_t least,
                const char *name, struct wcp_fault *fault)
{
    size_t has = size_of(from);

    if (has < least || has > MAX_STRUCT)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "struct_size of struct %s must be set to its sizeof",
                        name);
    memcpy(to, from, has < size ? has : size);
    return WCP_CODE_OK;
}

void
wcp_struct_give(void *to, const void *from, size_t size)
{
    size_t has = size_of(to);

    memcpy((char *)to + sizeof has, (const char *)from + sizeof has,
           (has < size ? has : size) - sizeof has);
}

enum wcp_code
wcp_text_take(struct wcp_text *to, const struct wcp_text *from,
              struct wcp_fault *fault)
{
    *to = (struct wcp_text){ 0 };
    return wcp_struct_take(to, sizeof *to, from,
                           WCP_SIZE_TO(struct wcp_text, date), "wcp_text",
                           fault);
}

/* ---- options ---- */

static void
set_defaults(struct wcp_options *opts)
{
    *opts = (struct wcp_options){
        .signature = WCP_MINHASH,
        .threshold = -1,
        .recall = .99,
        .distance = 3,
        .input_format = WCP_AUTO,
        .text_field = "text",
        .id_field = "id",
        .title_field = "title",
        .date_field = "date",
        .source_field = "source",
        .encoding = "auto",
        .on_bad_bytes = WCP_REPLACE,
        .max_document = (uint64_t)64 << 20,
    };
}

void
wcp_options_init(struct wcp_options *opts, size_t struct_size)
{
    struct wcp_options defaults;

    set_defaults(&defaults);
    wcp_struct_init(opts, struct_size, &defaults, sizeof defaults);
}

/* Fields that the caller's version does not have keep their defaults. */
enum wcp_code
wcp_options_copy(struct wcp_options *to, const struct wcp_options *from,
                 struct wcp_fault *fault)
{
    set_defaults(to);
    return wcp_struct_take(to, sizeof *to, from,
                           WCP_SIZE_TO(struct wcp_options, ctx), "wcp_options",
                           fault);
}

enum wcp_code
wcp_options_check(const struct wcp_options *opts, struct wcp_fault *fault)
{
    const char *wrong = NULL;

    if (opts->signature < WCP_MINHASH || opts->signature > WCP_SIMHASH)
        wrong = "signature must be minhash, minhash-classic or simhash";
    else if (!(opts->threshold < 0 ||
               (opts->threshold > 0 && opts->threshold <= 1)))
        wrong = "threshold must be above 0 and at most 1";
    else if (!(opts->recall >= .5 && opts->recall <= .9999))
        wrong = "recall must be from 0.5 to 0.9999";
    else if (opts->distance > WCP_DISTANCE_MAX)
        wrong = "distance must be from 0 to 8";
    else if (opts->shingle > WCP_SHINGLE_MAX)
        wrong = "shingle must be from 1 to 64";
    else if (opts->threads > MAX_THREADS)
        wrong = "threads must be from 1 to 256";
    else if (opts->max_document < 1 || opts->max_document > (uint64_t)256 << 20)
        wrong = "max-document must be from 1 byte to 256 MiB";
    else if (opts->input_format < WCP_AUTO || opts->input_format > WCP_TSV)
        wrong = "input-format must be auto, text, jsonl, csv or tsv";
    else if (opts->on_bad_bytes < WCP_REPLACE || opts->on_bad_bytes > WCP_FAIL)
        wrong = "on-bad-bytes must be replace, skip or fail";
    else if (opts->estimate > 1)
        wrong = "estimate must be 0 or 1";
    else if (opts->estimate == 1 && opts->signature == WCP_SIMHASH)
        wrong = "estimates need MinHash: SimHashes do not tell Jaccard indexes";
    else if (opts->relations % 2 != 0 || opts->relations >> WCP_REL_NUM_KINDS)
        wrong = "relations must be of those that a copy can have";
    else if (opts->text_field == NULL || opts->text_field[0] == '\0')
        wrong = "text-field must have a name";
    if (wrong != NULL)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0, "%s", wrong);
    return WCP_CODE_OK;
}

static enum wcp_code
choose_encoding(const char *name, wcp_encoding *enc_ret,
                struct wcp_fault *fault)
{
    if (name == NULL || strcmp(name, "auto") == 0) {
        *enc_ret = WCP_ENC_AUTO;
        return WCP_CODE_OK;
    }
    *enc_ret = wcp_encoding_by_name(name, strlen(name));
    if (*enc_ret == WCP_ENC_UNKNOWN)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "unknown encoding '%.80s'", name);
    return WCP_CODE_OK;
}

/* ---- corpus ---- */

static void
make_plan(struct wcp_plan *plan, const struct wcp_options *opts)
{
    *plan = (struct wcp_plan){ .kind = (enum wcp_signature_kind)opts->signature,
                               .threshold = opts->threshold,
                               .distance = opts->distance,
                               .recall = 1 };
    if (opts->signature != WCP_SIMHASH)
        wcp_plan_minhash(
            plan, opts->threshold < 0 ? WCP_DEFAULT_THRESHOLD : opts->threshold,
            opts->recall);
}

unsigned
wcp_corpus_relations(const struct wcp_corpus *corpus)
{
    return corpus->opts.relations != 0 ? (unsigned)corpus->opts.relations
                                       : WCP_REL_COPIES;
}

bool
wcp_corpus_needs_sample(const struct wcp_corpus *corpus)
{
    return corpus->opts.signature != WCP_SIMHASH &&
           corpus->opts.estimate == 0 &&
           (wcp_corpus_relations(corpus) &
            ~(WCP_REL_BIT(WCP_REL_IDENTICAL) | WCP_REL_BIT(WCP_REL_REPRINT))) !=
               0;
}

/* What stays in memory where it is not limited, 128 MiB: those of 300,000
 * documents of 700 characters. */
enum { MOST_SAMPLES = 1 << 25 };

enum wcp_code
wcp_corpus_open_layers(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    const struct wcp_options *opts = &corpus->opts;
    struct wcp_input_options input = {
        .format = (enum wcp_format)opts->input_format,
        .text_field = opts->text_field,
        .id_field = opts->id_field,
        .title_field = opts->title_field,
        .date_field = opts->date_field,
        .source_field = opts->source_field,
        .on_bad_bytes = (enum wcp_bad_bytes)opts->on_bad_bytes,
        .max_document = opts->max_document,
        .tmpdir = corpus->tmpdir,
        .disk = &corpus->disk,
        .columns = opts->columns,
        .skip_path = opts->skip_path,
        .num_threads = corpus->stats.threads,
    };
    struct wcp_store_options store = {
        .estimate = opts->estimate != 0,
        .shingle = opts->shingle,
        .num_threads = corpus->stats.threads,
        .sample = wcp_corpus_needs_sample(corpus),
        .most_samples = MOST_SAMPLES,
        .tmpdir = corpus->tmpdir,
        .memory = &corpus->heap.quota,
        .disk = &corpus->disk,
        .watch = { opts->on_progress != NULL ? wcp_corpus_pass_steps : NULL,
                   corpus },
    };
    enum wcp_code code =
        choose_encoding(opts->encoding, &input.encoding, fault);

    make_plan(&corpus->plan, opts);
    corpus->stats.bands = corpus->plan.num_bands;
    corpus->stats.rows = corpus->plan.num_rows;
    corpus->stats.expected_recall = corpus->plan.recall;
    store.kind = corpus->plan.kind;
    store.num_bands = corpus->plan.num_bands;
    store.num_rows = corpus->plan.num_rows;
    if (code == WCP_CODE_OK)
        code = wcp_reader_new(&corpus->mem, &input, &corpus->reader, fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_new(&corpus->mem, &store, corpus->reader,
                             &corpus->store, fault);
    return code;
}

/* A copy that free_string() takes, or NULL of NULL. */
static bool
copy_string(const struct wcp_memory *mem, const char *from, char **to)
{
    const size_t size = from != NULL ? strlen(from) + 1 : 0;

    if (from == NULL)
        return true;
    *to = wcp_new_array(mem, size, 1);
    if (*to != NULL)
        memcpy(*to, from, size);
    return *to != NULL;
}

static void
free_string(const struct wcp_memory *mem, char *string)
{
    if (string != NULL)
        wcp_free_array(mem, string, strlen(string) + 1, 1);
}

struct wcp_memory
wcp_options_memory(const struct wcp_options *opts)
{
    if (opts->allocator == NULL)
        return wcp_memory_libc;
    return (struct wcp_memory){ opts->allocator->resize, opts->allocator->ctx };
}

enum wcp_status
wcp_corpus_new(const struct wcp_options *opts, struct wcp_corpus **corpus_ret,
               struct wcp_error *err)
{
    struct wcp_options copy;
    struct wcp_fault fault = { 0 };
    struct wcp_corpus *corpus;
    struct wcp_memory mem;
    enum wcp_code code = wcp_options_copy(&copy, opts, &fault);

    if (code == WCP_CODE_OK)
        code = wcp_options_check(&copy, &fault);
    if (code != WCP_CODE_OK)
        return wcp_tell(err, code, &fault);
    mem = wcp_options_memory(&copy);
    corpus = wcp_new_zeroed(&mem, 1, sizeof *corpus);
    if (corpus == NULL)
        return wcp_tell(err, wcp_no_memory(&fault), &fault);
    corpus->mem = corpus->allocator = mem;
    corpus->opts = copy;
    corpus->stats.threads =
        copy.threads > 0 ? copy.threads : wcp_num_processors();
    if (corpus->stats.threads > MAX_THREADS)
        corpus->stats.threads = MAX_THREADS;
    wcp_buffer_init(&corpus->ids[0], &corpus->mem, 0);
    wcp_buffer_init(&corpus->ids[1], &corpus->mem, 0);
    wcp_buffer_init(&corpus->strings[0], &corpus->mem, 0);
    wcp_buffer_init(&corpus->strings[1], &corpus->mem, 0);
    code = wcp_corpus_set_limits(corpus, &fault);
    if (code == WCP_CODE_OK &&
        (!copy_string(&corpus->mem, copy.tmpdir, &corpus->tmpdir) ||
         !copy_string(&corpus->mem, copy.texts, &corpus->texts) ||
         !copy_string(&corpus->mem, copy.checkpoint, &corpus->checkpoint)))
        code = wcp_no_memory(&fault);
    if (code == WCP_CODE_OK && copy.credits != NULL)
        code = wcp_corpus_read_credits(corpus, copy.credits, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_open_layers(corpus, &fault);
    if (code != WCP_CODE_OK) {
        wcp_corpus_free(corpus);
        return wcp_tell(err, code, &fault);
    }
    *corpus_ret = corpus;
    return WCP_OK;
}

void
wcp_corpus_free(struct wcp_corpus *corpus)
{
    struct wcp_memory mem;

    if (corpus == NULL)
        return;
    mem = corpus->allocator;
    wcp_components_release(&corpus->components);
    wcp_corpus_free_early(corpus);
    wcp_credits_free(corpus->credits);
    wcp_store_free(corpus->store);
    wcp_reader_free(corpus->reader);
    wcp_buffer_release(&corpus->ids[0]);
    wcp_buffer_release(&corpus->ids[1]);
    wcp_buffer_release(&corpus->strings[0]);
    wcp_buffer_release(&corpus->strings[1]);
    wcp_corpus_free_signatures(corpus);
    free_string(&corpus->mem, corpus->tmpdir);
    free_string(&corpus->mem, corpus->texts);
    free_string(&corpus->mem, corpus->checkpoint);
    wcp_free_array(&mem, corpus, 1, sizeof *corpus);
}

void
wcp_corpus_pass_read_notice(void *ctx, const struct wcp_notice *notice)
{
    struct wcp_corpus *corpus = ctx;
    struct wcp_message message = {
        .kind = (enum wcp_message_kind)notice->kind,
        .status = (enum wcp_status)notice->code,
        .path = notice->path,
        .line = notice->line,
        .column = notice->column,
        .text = notice->text,
    };

    if (notice->path == NULL && notice->source != UINT32_MAX)
        message.path = wcp_source_path(corpus->reader, notice->source);
    if (corpus->opts.on_message != NULL)
        corpus->opts.on_message(corpus->opts.ctx, &message);
}

void
wcp_corpus_pass_notice(void *ctx, const struct wcp_notice *notice)
{
    struct wcp_corpus *corpus = ctx;

    corpus->stats.skipped += notice->kind == WCP_NOTICE_SKIPPED;
    wcp_corpus_pass_read_notice(ctx, notice);
}

static bool
pass_progress(const struct wcp_corpus *corpus)
{
    return corpus->opts.on_progress == NULL ||
           corpus->opts.on_progress(corpus->opts.ctx, &corpus->progress) == 0;
}

bool
wcp_corpus_pass_progress(void *ctx, uint64_t documents, uint64_t done,
                         uint64_t total)
{
    struct wcp_corpus *corpus = ctx;

    corpus->progress = (struct wcp_progress){ .documents = documents,
                                              .bytes_done = done,
                                              .bytes_total = total,
                                              .stage = WCP_READING };
    return pass_progress(corpus);
}

bool
wcp_corpus_pass_steps(void *ctx, size_t done, size_t total)
{
    struct wcp_corpus *corpus = ctx;

    corpus->progress.stage = corpus->linked ? WCP_COMPARING : WCP_READING_AGAIN;
    corpus->progress.steps_done = done;
    corpus->progress.steps_total = total;
    return pass_progress(corpus);
}

enum wcp_code
wcp_corpus_check_open(const struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    if (!corpus->read && !corpus->failed && !corpus->store->closed)
        return WCP_CODE_OK;
    return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                    "nothing can be added once results were asked for");
}

enum wcp_status
wcp_corpus_add_path(struct wcp_corpus *corpus, const char *path,
                    struct wcp_error *err)
{
    const struct wcp_consumer consumer = { NULL, wcp_corpus_pass_notice,
                                           corpus };
    struct wcp_fault fault = { 0 };
    enum wcp_code code = wcp_corpus_check_open(corpus, &fault);

    if (code == WCP_CODE_OK && corpus->signatures.num > 0)
        code = wcp_fail(&fault, WCP_CODE_BAD_OPTION, 0,
                        "signature files and other inputs cannot be mixed: "
                        "sign '%.120s' first",
                        path);
    if (code == WCP_CODE_OK)
        code = wcp_reader_add(corpus->reader, path, &consumer, &fault);
    return wcp_tell(err, code, &fault);
}

static struct wcp_string
string_or_none(const char *text)
{
    return (struct wcp_string){ text, text != NULL ? strlen(text) : 0 };
}

static struct wcp_document
document_of(const struct wcp_text *text)
{
    struct wcp_document doc = {
        .text = { text->text, text->text_len },
        .id = string_or_none(text->id),
        .title = string_or_none(text->title),
        .date = string_or_none(text->date),
        .source = string_or_none(text->source),
        .date_ms = WCP_NO_DATE,
    };

    if (text->date != NULL)
        doc.date_ms = wcp_parse_date(text->date, doc.date.len);
    return doc;
}

enum wcp_status
wcp_corpus_add_text(struct wcp_corpus *corpus, const struct wcp_text *text,
                    struct wcp_error *err)
{
    struct wcp_document doc;
    struct wcp_text copy;
    struct wcp_fault fault = { 0 };
    struct wcp_buffer repaired;
    enum wcp_code code = wcp_text_take(&copy, text, &fault);
    uint64_t first_bad;

    if (code == WCP_CODE_OK)
        code = wcp_corpus_check_open(corpus, &fault);
    if (code == WCP_CODE_OK && corpus->signatures.num > 0)
        code = wcp_fail(&fault, WCP_CODE_BAD_OPTION, 0,
                        "signature files and texts cannot be mixed");
    if (code == WCP_CODE_OK && copy.text_len > corpus->opts.max_document)
        code = wcp_fail(&fault, WCP_CODE_TOO_LONG, 0,
                        "the text is longer than max_document");
    if (code != WCP_CODE_OK)
        return wcp_tell(err, code, &fault);
    doc = document_of(&copy);
    wcp_buffer_init(&repaired, &corpus->mem, 0);
    if (wcp_utf8_valid_prefix(copy.text, copy.text_len) < copy.text_len) {
        if (wcp_utf8_repair(copy.text, copy.text_len,
                            (enum wcp_bad_bytes)corpus->opts.on_bad_bytes,
                            &repaired, &doc.num_bad, &first_bad))
            doc.text = (struct wcp_string){ (const char *)repaired.data,
                                            repaired.len };
        else
            code = wcp_no_memory(&fault);
        if (code == WCP_CODE_OK && corpus->opts.on_bad_bytes == WCP_FAIL) {
            code = wcp_fail(&fault, WCP_CODE_BAD_TEXT, 0,
                            "the text is not valid UTF-8");
            fault.at = first_bad;
        }
    }
    if (code == WCP_CODE_OK)
        code = wcp_store_add(corpus->store, &doc, &fault);
    wcp_buffer_release(&repaired);
    return wcp_tell(err, code, &fault);
}

/* ---- what callers get to know ---- */

double
wcp_corpus_threshold(const struct wcp_corpus *corpus)
{
    return corpus->plan.threshold > 0 ? corpus->plan.threshold
                                      : WCP_DEFAULT_THRESHOLD;
}

void
wcp_corpus_stats(const struct wcp_corpus *corpus, struct wcp_stats *stats)
{
    struct wcp_stats own = corpus->stats;

    own.temporary = corpus->disk.peak;
    if (stats->struct_size >= sizeof stats->struct_size)
        wcp_struct_give(stats, &own, sizeof own);
}
