/*
 * cmd_compare.c - "wirecopy compare": how alike are these two, and where?
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cli_option compare_options[] = {
    CLI_CORPUS_OPTIONS,
    { .type = CLI_END },
};

/* It searches for nothing, and knows its two inputs. */
static const char *const compare_without[] = { "recall", "distance",
                                               "files-from", NULL };

/* ---- which document is meant ---- */

/* A file, or CORPUS#ID. */
struct operand {
    char name; /* 'A' or 'B' */
    char *path;
    const char *id; /* NULL: the only document */
    uint64_t num_seen;
    int fit; /* of the document that was taken */
    bool several, no_memory;
    char place[256], other_place[256]; /* of the one taken and one like it */
    char *text, *shown_id, *title;
    size_t text_len, shown_id_len, title_len;
};

static bool
exists(const char *path)
{
    return strcmp(path, "-") == 0 || access(path, F_OK) == 0;
}

/* A name with # in it may be that of a file; otherwise the shortest corpus
 * that exists is meant, because ids may have # too. */
static bool
split_operand(struct operand *operand, const char *given)
{
    operand->path = strdup(given);
    if (operand->path == NULL)
        return false;
    if (exists(given))
        return true;
    for (char *hash = strchr(operand->path, '#'); hash != NULL;
         hash = strchr(hash + 1, '#')) {
        *hash = '\0';
        if (operand->path[0] != '\0' && exists(operand->path)) {
            operand->id = hash + 1;
            return true;
        }
        *hash = '#';
    }
    return true;
}

static char *
copy_bytes(const char *from, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, from, len);
    copy[len] = '\0';
    return copy;
}

/* How well a document fits what was typed; the best counts. */
enum { NOT_MEANT, END_OF_ID, MEANT };

/* What of an id follows the corpus in PATH/NAME or PATH:LINE; else the id. */
static const char *
id_in_corpus(const struct operand *operand, const char *id)
{
    size_t len = strlen(operand->path);

    while (len > 1 && operand->path[len - 1] == '/')
        len--;
    return strncmp(id, operand->path, len) == 0 &&
                   (id[len] == '/' || id[len] == ':')
               ? id + len + 1
               : id;
}

/* The id itself, what follows the corpus, or the end of it from a "/" on. */
static int
fit_of(const struct operand *operand, const struct wcp_document_info *document)
{
    size_t len;

    if (operand->id == NULL || strcmp(operand->id, document->id) == 0 ||
        strcmp(operand->id, id_in_corpus(operand, document->id)) == 0)
        return MEANT;
    len = strlen(operand->id);
    if (len == 0 || document->id_len <= len ||
        strcmp(document->id + document->id_len - len, operand->id) != 0)
        return NOT_MEANT;
    return strchr("/!", document->id[document->id_len - len - 1]) != NULL
               ? END_OF_ID
               : NOT_MEANT;
}

/* PATH or PATH:LINE */
static void
write_place(char place[256], const struct wcp_document_info *document)
{
    const char *path = document->path != NULL ? document->path : "-";

    if (document->line > 0)
        snprintf(place, 256, "%.220s:%" PRIu64, path, document->line);
    else
        snprintf(place, 256, "%.220s", path);
}

static void
release_document(struct operand *operand)
{
    free(operand->text);
    free(operand->shown_id);
    free(operand->title);
    operand->text = operand->shown_id = operand->title = NULL;
}

static int32_t
on_document(void *ctx, const struct wcp_document_info *document,
            const char *text, size_t text_len)
{
    struct operand *operand = ctx;
    int fit = fit_of(operand, document);

    if (fit < operand->fit || fit == NOT_MEANT)
        return 0;
    if (fit == operand->fit) {
        if (!operand->several)
            write_place(operand->other_place, document);
        operand->several = true;
        return operand->id == NULL;
    }
    release_document(operand);
    operand->fit = fit;
    operand->several = false;
    write_place(operand->place, document);
    operand->text = copy_bytes(text, text_len);
    operand->shown_id = copy_bytes(document->id, document->id_len);
    operand->title = copy_bytes(document->title, document->title_len);
    operand->no_memory = operand->text == NULL || operand->shown_id == NULL ||
                         operand->title == NULL;
    operand->text_len = text_len;
    operand->shown_id_len = document->id_len;
    operand->title_len = document->title_len;
    return operand->no_memory;
}

/* Read one text.  The exit status; CLI_FAILED and _USAGE after a message. */
static int
read_operand(struct operand *operand, struct cli_corpus_args *args)
{
    struct wcp_error err;
    struct cli_run run;
    int status = CLI_OK;
    bool partial;

    if (!cli_run_open(&run, args, 1, &operand->path, &status))
        return status;
    if (wcp_corpus_read(run.corpus, on_document, operand, &err) != WCP_OK &&
        err.status != WCP_STOPPED)
        return cli_run_fail(&run, &err);
    status = cli_run_end(&run);
    partial = status != CLI_OK;
    if (operand->no_memory) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    if (operand->several && operand->fit == END_OF_ID) {
        cli_say("several ids end in '%s', such as those of '%s' and '%s'; name "
                "one",
                operand->id, operand->place, operand->other_place);
        return CLI_USAGE;
    }
    if (operand->several && operand->id != NULL) {
        cli_say("%s: id '%s' was used before, at %s, which is compared",
                operand->other_place, operand->id, operand->place);
        return args->strict ? CLI_FAILED : CLI_PARTIAL;
    }
    if (operand->several) {
        cli_say("'%s' holds several documents; name one, as in '%s#%s'",
                operand->path, operand->path,
                id_in_corpus(operand, operand->shown_id));
        return CLI_USAGE;
    }
    if (operand->fit != NOT_MEANT)
        return status;
    if (operand->id != NULL)
        cli_say("no document '%s' in '%s'", operand->id, operand->path);
    else if (!partial)
        cli_say("no document in '%s'", operand->path);
    return CLI_FAILED;
}

static void
release_operand(struct operand *operand)
{
    free(operand->path);
    release_document(operand);
}

/* ---- writing ---- */

struct compare_sink {
    struct cli_output out;
    struct cli_row row;
    struct operand operands[2];
    struct wcp_comparison comparison;
    double threshold;
    uint64_t num_runs;
    struct cli_runs runs; /* of a table, which begins with what they say */
    bool begun, no_memory;
};

static struct cli_string
id_of(const struct operand *operand)
{
    return (struct cli_string){ operand->shown_id, operand->shown_id_len };
}

/* The text of a run; that of a where both have it. */
static struct cli_string
text_of(const struct compare_sink *sink, const struct wcp_run *run)
{
    if (run->in == WCP_IN_B || run->in == WCP_AGAIN_IN_B)
        return (struct cli_string){ sink->operands[1].text + run->b_begin,
                                    run->b_end - run->b_begin };
    return (struct cli_string){ sink->operands[0].text + run->a_begin,
                                run->a_end - run->a_begin };
}

/* ---- JSONL ---- */

/* By enum wcp_run_place. */
static const char *const place_names[] = { "both", "a", "b", "both", "both" };
static const char *const again_names[] = { NULL, NULL, NULL, "a", "b" };

static void
write_ratio(FILE *to, const char *name, double value)
{
    fprintf(to, ",\"%s\":", name);
    if (isnan(value))
        fputs("null", to);
    else
        cli_json_number(to, value);
}

static void
begin_json(struct compare_sink *sink)
{
    const struct wcp_comparison *c = &sink->comparison;
    FILE *to = sink->out.to;

    fputs("{\"a\":", to);
    cli_json_string(to, id_of(&sink->operands[0]));
    fputs(",\"b\":", to);
    cli_json_string(to, id_of(&sink->operands[1]));
    write_ratio(to, "jaccard", c->jaccard);
    write_ratio(to, "a_in_b", c->a_in_b);
    write_ratio(to, "b_in_a", c->b_in_a);
    if (c->relation == WCP_UNRELATED)
        fputs(",\"relation\":null", to);
    else
        fprintf(to, ",\"relation\":\"%s\"", wcp_relation_text(c->relation));
    write_ratio(to, "minhash", c->minhash);
    if (isnan(c->minhash))
        fputs(",\"simhash_distance\":null", to);
    else
        fprintf(to, ",\"simhash_distance\":%" PRIu32, c->simhash_distance);
    fprintf(to, ",\"a_length\":%" PRIu64 ",\"b_length\":%" PRIu64 ",\"runs\":[",
            c->a_length, c->b_length);
}

static void
write_offsets(FILE *to, char side, bool has, uint64_t begin, uint64_t end)
{
    if (has)
        fprintf(to, ",\"%c_begin\":%" PRIu64 ",\"%c_end\":%" PRIu64, side,
                begin, side, end);
    else
        fprintf(to, ",\"%c_begin\":null,\"%c_end\":null", side, side);
}

static void
write_json_run(struct compare_sink *sink, const struct wcp_run *run)
{
    FILE *to = sink->out.to;

    fprintf(to, "%s{\"in\":\"%s\",\"again\":", sink->num_runs > 0 ? "," : "",
            place_names[run->in]);
    cli_json_string(to, cli_string_of(again_names[run->in]));
    fprintf(to, ",\"length\":%" PRIu64, run->length);
    write_offsets(to, 'a', run->in != WCP_IN_B, run->a_begin, run->a_end);
    write_offsets(to, 'b', run->in != WCP_IN_A, run->b_begin, run->b_end);
    fputc('}', to);
}

/* ---- CSV and TSV: a row for each run ---- */

static const char *const compare_columns[] = { "in",      "again", "length",
                                               "a_begin", "a_end", "b_begin",
                                               "b_end",   "text",  NULL };

static void
write_cells(struct cli_row *row, bool has, uint64_t begin, uint64_t end)
{
    if (has) {
        cli_row_count(row, begin);
        cli_row_count(row, end);
    } else {
        cli_row_string(row, cli_string_of(NULL));
        cli_row_string(row, cli_string_of(NULL));
    }
}

static void
write_row_run(struct compare_sink *sink, const struct wcp_run *run)
{
    struct cli_row *row = &sink->row;

    cli_row_string(row, cli_string_of(place_names[run->in]));
    cli_row_string(row, cli_string_of(again_names[run->in]));
    cli_row_count(row, run->length);
    write_cells(row, run->in != WCP_IN_B, run->a_begin, run->a_end);
    write_cells(row, run->in != WCP_IN_A, run->b_begin, run->b_end);
    cli_row_string(row, text_of(sink, run));
    cli_row_end(row);
}

/* ---- table ---- */

/* Where the excerpts begin: "- only in A  1234567  " */
enum { EXCERPT_COLUMN = 22 };

static void
print_document(const struct compare_sink *sink, int i)
{
    const struct operand *operand = &sink->operands[i];
    uint64_t length =
        i == 0 ? sink->comparison.a_length : sink->comparison.b_length;
    size_t width = sink->out.width;
    char number[28];

    fprintf(sink->out.to, "%c  ", operand->name);
    cli_print_cut(sink->out.to, id_of(operand), width - 3);
    if (operand->title_len > 0) {
        fputs("\n   ", sink->out.to);
        cli_print_cut(sink->out.to,
                      (struct cli_string){ operand->title, operand->title_len },
                      width - 3);
    }
    fprintf(sink->out.to, "\n   %s letter%s and digits\n",
            cli_count(length, number), cli_s(length));
}

static void
print_verdict(const struct compare_sink *sink)
{
    FILE *to = sink->out.to;

    cli_begin_style(&sink->out, CLI_STRONG);
    switch (sink->comparison.relation) {
    case WCP_IDENTICAL:
        fputs("B is identical to A: the same letters and digits.", to);
        break;
    case WCP_REPRINT:
        fputs("B is a reprint of A.", to);
        break;
    case WCP_ABRIDGED:
        fputs("B is abridged: it lies in A, which has more.", to);
        break;
    case WCP_EXPANDED:
        fputs("B is expanded: A lies in it, and it has more.", to);
        break;
    case WCP_UNRELATED:
    case WCP_ORIGINAL:
        if (isnan(sink->comparison.jaccard))
            fputs("There is nothing to compare.", to);
        else
            fprintf(to,
                    "Not a copy: less than %g of either stands in the other.",
                    sink->threshold);
        break;
    }
    cli_end_style(&sink->out, CLI_STRONG);
    fputc('\n', to);
}

static void
print_summary(struct compare_sink *sink)
{
    const struct wcp_comparison *c = &sink->comparison;
    FILE *to = sink->out.to;

    print_document(sink, 0);
    print_document(sink, 1);
    fputc('\n', to);
    print_verdict(sink);
    if (!isnan(c->jaccard)) {
        if (c->relation != WCP_IDENTICAL)
            cli_print_overlap(to, c, &sink->runs);
        fprintf(to,
                "  Jaccard index %.3f   A in B %.3f   B in A %.3f\n"
                "  MinHash estimate %.3f (%.0f of 128 equal)   SimHash %" PRIu32
                " of 64 bits differ\n",
                c->jaccard, c->a_in_b, c->b_in_a, c->minhash, c->minhash * 128,
                c->simhash_distance);
    }
    fputc('\n', to);
}

/* Length of white space at the start of valid UTF-8, ideographic and no-break
 * spaces included. */
static size_t
space_len(const char *text, size_t len)
{
    if (len >= 1 && (unsigned char)text[0] <= ' ')
        return 1;
    if (len >= 2 && memcmp(text, "\xC2\xA0", 2) == 0)
        return 2;
    return len >= 3 && memcmp(text, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

/* A copy with one space for each run of white space.  NULL: out of memory. */
static char *
tidy(struct cli_string from, size_t *len_ret)
{
    char *to = malloc(from.len + 1);
    size_t num = 0;

    for (size_t i = 0; to != NULL && i < from.len;) {
        size_t space = space_len(from.data + i, from.len - i);

        if (space == 0)
            to[num++] = from.data[i++];
        else if (num == 0 || to[num - 1] != ' ')
            to[num++] = ' ';
        i += space;
    }
    *len_ret = num;
    return to;
}

/* An excerpt is one, even where nothing else is cut. */
static size_t
excerpt_width(const struct compare_sink *sink)
{
    enum { USUAL_WIDTH = 80 };

    return (sink->out.width == CLI_NO_WIDTH ? USUAL_WIDTH : sink->out.width) -
           EXCERPT_COLUMN;
}

static void
write_table_run(struct compare_sink *sink, const struct wcp_run *run)
{
    static const char *const labels[] = { "= in both   ", "- only in A ",
                                          "+ only in B ", "- again in A",
                                          "+ again in B" };
    static const enum cli_style styles[] = { CLI_PLAIN, CLI_REMOVED, CLI_ADDED,
                                             CLI_REMOVED, CLI_ADDED };
    struct cli_string excerpt;
    char *text = tidy(text_of(sink, run), &excerpt.len);
    FILE *to = sink->out.to;
    char number[28];

    if (text == NULL) {
        sink->no_memory = true;
        return;
    }
    excerpt.data = text;
    cli_begin_style(&sink->out, styles[run->in]);
    fprintf(to, "%s%8s  ", labels[run->in], cli_count(run->length, number));
    cli_print_middle_cut(to, excerpt, excerpt_width(sink));
    cli_end_style(&sink->out, styles[run->in]);
    fputc('\n', to);
    free(text);
}

/* The summary says what the runs come to, so that it waits for them. */
static void
write_table(struct compare_sink *sink)
{
    print_summary(sink);
    for (size_t i = 0; i < sink->runs.num; i++)
        write_table_run(sink, &sink->runs.list[i]);
}

/* ---- the command ---- */

static void
begin(struct compare_sink *sink)
{
    if (sink->begun)
        return;
    sink->begun = true;
    switch (sink->out.format) {
    case CLI_FORMAT_TABLE:
        break;
    case CLI_FORMAT_CSV:
    case CLI_FORMAT_TSV:
        cli_row_names(&sink->row, compare_columns);
        break;
    case CLI_FORMAT_DEFAULT:
    case CLI_FORMAT_JSONL:
        begin_json(sink);
        break;
    }
}

static int32_t
on_run(void *ctx, const struct wcp_run *run)
{
    struct compare_sink *sink = ctx;

    begin(sink);
    switch (sink->out.format) {
    case CLI_FORMAT_TABLE:
        sink->no_memory = !cli_runs_add(&sink->runs, run);
        break;
    case CLI_FORMAT_CSV:
    case CLI_FORMAT_TSV:
        write_row_run(sink, run);
        break;
    case CLI_FORMAT_DEFAULT:
    case CLI_FORMAT_JSONL:
        write_json_run(sink, run);
        break;
    }
    sink->num_runs++;
    return sink->no_memory || !cli_output_ok(&sink->out);
}

static int
compare(struct compare_sink *sink, const struct cli_corpus_args *args)
{
    const struct operand *a = &sink->operands[0], *b = &sink->operands[1];
    const struct wcp_text texts[2] = {
        { .struct_size = sizeof texts[0],
          .text = a->text,
          .text_len = a->text_len },
        { .struct_size = sizeof texts[1],
          .text = b->text,
          .text_len = b->text_len },
    };
    struct wcp_error err;

    sink->comparison.struct_size = sizeof sink->comparison;
    sink->comparison.on_run = on_run;
    sink->comparison.ctx = sink;
    sink->threshold = args->lib.threshold > 0 ? args->lib.threshold : .8;
    sink->row = (struct cli_row){ sink->out.to,
                                  sink->out.format == CLI_FORMAT_TSV, false };
    if (wcp_compare(&args->lib, &texts[0], &texts[1], &sink->comparison,
                    &err) != WCP_OK &&
        cli_output_ok(&sink->out)) {
        cli_say("%s", sink->no_memory ? "out of memory" : err.text);
        return err.status == WCP_BAD_OPTION ? CLI_USAGE : CLI_FAILED;
    }
    begin(sink);
    if (sink->out.format == CLI_FORMAT_JSONL)
        fputs("]}\n", sink->out.to);
    if (sink->out.format == CLI_FORMAT_TABLE)
        write_table(sink);
    if (!sink->no_memory)
        return CLI_OK;
    cli_say("out of memory");
    return CLI_FAILED;
}

/* Read both, compare, write.  The exit status. */
static int
run_sink(struct compare_sink *sink, struct cli_corpus_args *args, char **given)
{
    int status = CLI_OK;

    for (int i = 0; i < 2; i++) {
        sink->operands[i].name = (char)('A' + i);
        if (!split_operand(&sink->operands[i], given[i])) {
            cli_say("out of memory");
            return CLI_FAILED;
        }
    }
    if (strcmp(sink->operands[0].path, "-") == 0 &&
        strcmp(sink->operands[1].path, "-") == 0) {
        cli_say("only one of A and B can be standard input");
        return CLI_USAGE;
    }
    for (int i = 0; i < 2; i++) {
        int read = read_operand(&sink->operands[i], args);

        if (read == CLI_FAILED || read == CLI_USAGE)
            return read;
        status = read != CLI_OK ? read : status;
    }
    if (!cli_output_open(&sink->out, args))
        return CLI_FAILED;
    {
        int compared = compare(sink, args);

        status = compared != CLI_OK ? compared : status;
    }
    return cli_output_close(&sink->out,
                            status == CLI_OK || status == CLI_PARTIAL, status);
}

static int
run_compare(const struct cli_command *command, int argc, char **argv)
{
    struct cli_corpus_args args = cli_corpus_defaults();
    struct compare_sink sink = { .num_runs = 0 };
    int num_operands = cli_parse(command, &args, argc, argv);
    int status;

    if (num_operands < 0)
        return -1 - num_operands;
    if (num_operands != 2) {
        cli_say("compare needs two documents, A and B; see 'wirecopy compare "
                "--help'");
        return CLI_USAGE;
    }
    status = run_sink(&sink, &args, argv);
    free(sink.runs.list);
    release_operand(&sink.operands[0]);
    release_operand(&sink.operands[1]);
    return status;
}

const struct cli_command cli_cmd_compare = {
    .name = "compare",
    .summary = "Say how alike two documents are, and where they differ.",
    .usage = "wirecopy compare [OPTION]... A B",
    .operands = "A and B are files, '-', or CORPUS#ID: a document of a file or "
                "directory, by its\nid or the end of it from a / on.",
    .examples =
        "  wirecopy compare morning.txt evening.txt\n"
        "  wirecopy compare news.jsonl#story-12 papers/#dunvale/tram.txt"
        "\n",
    .options = compare_options,
    .without = compare_without,
    .args_size = sizeof(struct cli_corpus_args),
    .init = cli_corpus_init,
    .run = run_compare,
};
