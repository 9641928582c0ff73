/*
 * cmd_passages.c - "wirecopy passages": which passages occur more than once,
 * and where?
 */
#include "cli/cli.h"
#include "cli/table.h"

#include <inttypes.h>
#include <math.h>

struct passages_args {
    struct cli_corpus_args corpus; /* first */
    struct wcp_passage_options passages;
};

static const struct cli_option passages_options[] = {
    { .type = CLI_HEADING, .help = "What counts as a passage" },
    CLI_PASSAGE_OPTIONS(offsetof(struct passages_args, passages)),
    CLI_READING_OPTIONS,
    { .type = CLI_END },
};

static const char *const passages_columns[] = {
    "passage", "length",     "size",     "id",         "path", "begin",
    "end",     "char_begin", "char_end", "similarity", "line", "title",
    "date",    "source",     "text",     NULL
};

struct passages_sink {
    struct cli_output out;
    struct cli_row row;
    struct cli_columns columns; /* of a table */
    bool no_memory;
};

static struct cli_string
id_of(const struct wcp_passage_copy *copy)
{
    return (struct cli_string){ copy->document->id, copy->document->id_len };
}

static struct cli_string
title_of(const struct wcp_passage_copy *copy)
{
    return (struct cli_string){ copy->document->title,
                                copy->document->title_len };
}

static struct cli_string
date_of(const struct wcp_passage_copy *copy)
{
    return (struct cli_string){ copy->document->date,
                                copy->document->date_len };
}

static struct cli_string
source_of(const struct wcp_passage_copy *copy)
{
    return (struct cli_string){ copy->document->source,
                                copy->document->source_len };
}

/* ---- JSONL ---- */

/* 'before' is what stands between the value before and this one. */
static inline void
put_count(struct cli_line *to, const char *before, uint64_t number)
{
    cli_line_text(to, before);
    cli_line_count(to, number);
}

static inline void
put_field(struct cli_line *to, const char *before, struct cli_string value)
{
    cli_line_text(to, before);
    cli_line_string(to, value);
}

static void
put_json_copy(struct cli_line *to, const struct wcp_passage_copy *copy)
{
    put_field(to, "{\"id\":", id_of(copy));
    put_field(to, ",\"path\":", cli_string_of(copy->document->path));
    put_count(to, ",\"begin\":", copy->begin);
    put_count(to, ",\"end\":", copy->end);
    put_count(to, ",\"char_begin\":", copy->char_begin);
    put_count(to, ",\"char_end\":", copy->char_end);
    cli_line_text(to, ",\"similarity\":");
    cli_line_number(to, copy->similarity);
    if (copy->document->line > 0)
        put_count(to, ",\"line\":", copy->document->line);
    else
        cli_line_text(to, ",\"line\":null");
    put_field(to, ",\"title\":", title_of(copy));
    put_field(to, ",\"date\":", date_of(copy));
    put_field(to, ",\"source\":", source_of(copy));
    cli_line_text(to, "}");
}

static bool
write_json(FILE *to, const struct wcp_passage *passage)
{
    struct cli_line line;

    cli_line_begin(&line, to);
    put_count(&line, "{\"passage\":", passage->number);
    put_count(&line, ",\"length\":", passage->length);
    cli_line_text(&line, ",\"copies\":[");
    for (uint64_t i = 0; i < passage->num_copies; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);

        if (copy == NULL)
            return false;
        if (i > 0)
            cli_line_text(&line, ",");
        put_json_copy(&line, copy);
    }
    put_field(&line, "],\"text\":",
              (struct cli_string){ passage->excerpt, passage->excerpt_len });
    cli_line_text(&line, "}\n");
    cli_line_end(&line);
    return true;
}

/* ---- CSV and TSV: a row for each copy ---- */

static bool
write_rows(struct cli_row *row, const struct wcp_passage *passage)
{
    for (uint64_t i = 0; i < passage->num_copies; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);

        if (copy == NULL)
            return false;
        cli_row_count(row, passage->number);
        cli_row_count(row, passage->length);
        cli_row_count(row, passage->num_copies);
        cli_row_string(row, id_of(copy));
        cli_row_string(row, cli_string_of(copy->document->path));
        cli_row_count(row, copy->begin);
        cli_row_count(row, copy->end);
        cli_row_count(row, copy->char_begin);
        cli_row_count(row, copy->char_end);
        cli_row_number(row, copy->similarity);
        if (copy->document->line > 0)
            cli_row_count(row, copy->document->line);
        else
            cli_row_string(row, cli_string_of(NULL));
        cli_row_string(row, title_of(copy));
        cli_row_string(row, date_of(copy));
        cli_row_string(row, source_of(copy));
        cli_row_string(
            row, (struct cli_string){ passage->excerpt, passage->excerpt_len });
        cli_row_end(row);
    }
    return true;
}

/* ---- table ---- */

enum { TABLE_COPIES = 20 }; /* shown of a passage */

/* NAN: out of memory. */
static double
weakest_of(const struct wcp_passage *passage)
{
    double weakest = 1;

    for (uint64_t i = 0; i < passage->num_copies; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);

        if (copy == NULL)
            return (double)NAN;
        if (copy->similarity < weakest)
            weakest = copy->similarity;
    }
    return weakest;
}

/* What the passage is, and how it begins. */
static void
write_head(struct cli_columns *columns, const struct wcp_passage *passage,
           double weakest)
{
    char text[512];

    if (passage->number > 1)
        cli_columns_line(columns, CLI_PLAIN, "");
    snprintf(text, sizeof text,
             "Passage %" PRIu64 "  %" PRIu64 " copies of %" PRIu64
             " letters and digits, weakest %.3f",
             passage->number, passage->num_copies, passage->length, weakest);
    cli_columns_line(columns, CLI_FAINT, text);
    snprintf(text, sizeof text, "  %.*s%s", (int)passage->excerpt_len,
             passage->excerpt,
             passage->excerpt_len < passage->first_length ? "\xE2\x80\xA6"
                                                          : "");
    cli_columns_line(columns, CLI_PLAIN, text);
}

static bool
write_table(struct cli_columns *columns, const struct wcp_passage *passage)
{
    double weakest = weakest_of(passage);
    char text[96];

    if (isnan(weakest))
        return false;
    write_head(columns, passage, weakest);
    for (uint64_t i = 0; i < passage->num_copies && i < TABLE_COPIES; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);
        struct wcp_document_info document;

        if (copy == NULL)
            return false;
        /* The text says more than the titles of what it stands in. */
        document = *copy->document;
        document.title = NULL;
        document.title_len = 0;
        snprintf(text, sizeof text, "  %.3f  bytes %" PRIu64 "-%" PRIu64,
                 copy->similarity, copy->begin, copy->end);
        cli_columns_document(columns, CLI_COLUMNS_DOCUMENT,
                             copy->similarity < 1 ? CLI_CHANGED : CLI_SAME,
                             text, &document);
    }
    if (passage->num_copies <= TABLE_COPIES)
        return true;
    snprintf(text, sizeof text, "  and %" PRIu64 " more",
             passage->num_copies - TABLE_COPIES);
    cli_columns_line(columns, CLI_PLAIN, text);
    return true;
}

/* ---- the command ---- */

static int32_t
on_passage(void *ctx, const struct wcp_passage *passage)
{
    struct passages_sink *sink = ctx;
    bool done = false;

    switch (sink->out.format) {
    case CLI_FORMAT_TABLE:
        done = write_table(&sink->columns, passage);
        break;
    case CLI_FORMAT_CSV:
    case CLI_FORMAT_TSV:
        done = write_rows(&sink->row, passage);
        break;
    case CLI_FORMAT_DEFAULT:
    case CLI_FORMAT_JSONL:
        done = write_json(sink->out.to, passage);
        break;
    }
    sink->no_memory = !done;
    return !done || !cli_output_ok(&sink->out);
}

static void
init_passages(void *args)
{
    struct passages_args *to = args;

    to->corpus = cli_corpus_defaults();
    wcp_passage_options_init(&to->passages, sizeof to->passages);
}

static int
run_passages(const struct cli_command *command, int argc, char **argv)
{
    struct passages_args args;
    struct passages_sink sink = { 0 };
    struct cli_run run;
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_error err;
    enum wcp_status done;
    char result[96], passages[28], copies[28];
    int status = CLI_OK, num_inputs;

    init_passages(&args);
    num_inputs = cli_parse(command, &args, argc, argv);
    if (num_inputs < 0)
        return -1 - num_inputs;
    if (!cli_check_outputs(num_inputs, argv, &args.corpus.output, 1))
        return CLI_USAGE;
    if (!cli_output_open(&sink.out, &args.corpus))
        return CLI_FAILED;
    if (!cli_run_open(&run, &args.corpus, num_inputs, argv, &status))
        return cli_output_close(&sink.out, false, status);
    sink.row = (struct cli_row){ .line.to = sink.out.to,
                                 .tabs = sink.out.format == CLI_FORMAT_TSV };
    if (sink.out.format == CLI_FORMAT_CSV || sink.out.format == CLI_FORMAT_TSV)
        cli_row_names(&sink.row, passages_columns);
    sink.columns = (struct cli_columns){ .out = &sink.out };
    done = wcp_corpus_passages(run.corpus, &args.passages, on_passage, &sink,
                               &err);
    cli_columns_settle(&sink.columns);
    if (done != WCP_OK && cli_output_ok(&sink.out)) {
        status = cli_run_fail(&run, &err);
        return cli_output_close(&sink.out, false, status);
    }
    cli_output_flush(&sink.out);
    wcp_corpus_stats(run.corpus, &stats);
    /* Whoever reads them may leave before they are counted. */
    snprintf(result, sizeof result, "%s%s copies of %s passage%s",
             cli_output_ok(&sink.out) ? "" : "at least ",
             cli_count(stats.passage_copies, copies),
             cli_count(stats.passages, passages), cli_s(stats.passages));
    status = cli_run_close(&run, result);
    return cli_output_close(&sink.out, status != CLI_FAILED, status);
}

static const struct cli_field passages_fields[] = {
    { "passage", "number, from 1, by length times copies, most first" },
    { "length", "letters and digits of the longest copy" },
    { "size", "CSV and TSV: number of copies" },
    { "copies", "JSONL: the copies, the earliest first, each with the fields "
                "below; in CSV and TSV each is a row" },
    { "id, path", "which document, and where it stands" },
    { "begin, end", "bytes of the text as UTF-8" },
    { "char_begin, char_end", "characters of the text" },
    { "similarity", "to the first copy: share of the letters and digits of "
                    "both that stand in both" },
    { "line, title, date, source", "of the document, as in the input" },
    { "text", "how the first copy begins, up to 400 bytes of it" },
    { NULL, NULL },
};

/* Texts are kept to be compared. */
static const char *const passages_without[] = { "memory", NULL };

const struct cli_command cli_cmd_passages = {
    .name = "passages",
    .summary = "Find the passages that stand in several places, and where.",
    .usage = "wirecopy passages [OPTION]... [INPUT]...",
    .operands = CLI_INPUTS
    "\n\n"
    "The passages with the most letters and digits in all their copies come "
    "first,\nand of the copies the earliest.  Where a copy begins and ends is "
    "counted in\nbytes of the text as UTF-8, in JSONL and CSV also in "
    "characters.",
    .examples = "  wirecopy passages papers/\n"
                "  wirecopy passages -l 100 -c 5 --format csv news.jsonl\n",
    .options = passages_options,
    .fields = passages_fields,
    .without = passages_without,
    .args_size = sizeof(struct passages_args),
    .init = init_passages,
    .run = run_passages,
};
