/*
 * cmd_passages.c - "wirecopy passages": which passages occur more than once,
 * and where?
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <time.h>

struct passages_args {
    struct cli_corpus_args corpus; /* first */
    struct wcp_passage_options passages;
};

#define PASSAGES_AT(field) offsetof(struct passages_args, passages.field)

static const struct cli_option passages_options[] = {
    { .type = CLI_HEADING, .help = "What counts as a passage" },
    { .type = CLI_NUMBER,
      .short_name = 'l',
      .name = "min-length",
      .offset = PASSAGES_AT(min_length),
      .value = "N",
      .help = "letters and digits, Han, kana or Hangul; of other scripts 2.5 "
              "times as many",
      .min = 8,
      .max = 1000000 },
    { .type = CLI_NUMBER,
      .short_name = 'c',
      .name = "min-copies",
      .offset = PASSAGES_AT(min_copies),
      .value = "N",
      .help = "places where it stands",
      .min = 2,
      .max = 1000000000 },
    { .type = CLI_RATIO,
      .short_name = 's',
      .name = "min-similarity",
      .offset = PASSAGES_AT(min_similarity),
      .value = "S",
      .help = "share of letters and digits that a copy has in common with the "
              "first",
      .min = 0,
      .max = 1 },
    CLI_READING_OPTIONS,
    { .type = CLI_END },
};

static const char *const passages_columns[] = {
    "passage", "length",     "size",     "id",         "path", "begin",
    "end",     "char_begin", "char_end", "similarity", NULL
};

struct passages_sink {
    struct cli_output out;
    struct cli_row row;
    bool no_memory;
};

static struct cli_string
id_of(const struct wcp_passage_copy *copy)
{
    return (struct cli_string){ copy->document->id, copy->document->id_len };
}

/* ---- JSONL ---- */

static void
write_json_copy(FILE *to, const struct wcp_passage_copy *copy)
{
    fputs("{\"id\":", to);
    cli_json_string(to, id_of(copy));
    fputs(",\"path\":", to);
    cli_json_string(to, cli_string_of(copy->document->path));
    fprintf(to,
            ",\"begin\":%" PRIu64 ",\"end\":%" PRIu64 ",\"char_begin\":%" PRIu64
            ",\"char_end\":%" PRIu64 ",\"similarity\":",
            copy->begin, copy->end, copy->char_begin, copy->char_end);
    cli_json_number(to, copy->similarity);
    fputc('}', to);
}

static bool
write_json(FILE *to, const struct wcp_passage *passage)
{
    fprintf(to, "{\"passage\":%" PRIu64 ",\"length\":%" PRIu64 ",\"copies\":[",
            passage->number, passage->length);
    for (uint64_t i = 0; i < passage->num_copies; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);

        if (copy == NULL)
            return false;
        if (i > 0)
            fputc(',', to);
        write_json_copy(to, copy);
    }
    fputs("]}\n", to);
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
        cli_row_end(row);
    }
    return true;
}

/* ---- table ---- */

enum {
    TABLE_COPIES = 20, /* shown of a passage */
    MAX_DATE = 10,     /* a day */
    COPY_WIDTH = 29,   /* "  0.951  1234567-1234567  " and a little */
};

/* The day of a date that was understood, else the beginning of what it says. */
static void
write_date(FILE *to, const struct wcp_document_info *document)
{
    struct cli_string date = { document->date, document->date_len };
    int64_t ms = document->date_ms;
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    char day[MAX_DATE + 8];
    struct tm tm;

    if (date.data == NULL)
        return;
    if (ms != INT64_MIN && gmtime_r(&seconds, &tm) != NULL &&
        strftime(day, sizeof day, "%Y-%m-%d", &tm) > 0)
        date = cli_string_of(day);
    fputs("  ", to);
    cli_print_padded(to, date, MAX_DATE);
}

static bool
write_table(const struct cli_output *out, const struct wcp_passage *passage)
{
    FILE *to = out->to;
    struct cli_string excerpt = { passage->excerpt, passage->excerpt_len };

    fprintf(to,
            "%s%sPassage %" PRIu64 "%s  %" PRIu64 " copies of %" PRIu64
            " letters and digits\n  ",
            passage->number > 1 ? "\n" : "", out->terminal ? "\033[1m" : "",
            passage->number, out->terminal ? "\033[0m" : "",
            passage->num_copies, passage->length);
    cli_print_cut(to, excerpt, out->width > 4 ? out->width - 4 : 1);
    if (passage->excerpt_len < passage->first_length &&
        cli_text_width(excerpt) <= out->width - 4)
        fputs("\xE2\x80\xA6", to);
    fputc('\n', to);
    for (uint64_t i = 0; i < passage->num_copies && i < TABLE_COPIES; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);
        char place[48];

        if (copy == NULL)
            return false;
        snprintf(place, sizeof place, "%" PRIu64 "-%" PRIu64, copy->begin,
                 copy->end);
        fprintf(to, "  %.3f  %-15s", copy->similarity, place);
        write_date(to, copy->document);
        fputs("  ", to);
        cli_print_cut(to, id_of(copy),
                      out->width > COPY_WIDTH + 20 ? out->width - COPY_WIDTH
                                                   : 20);
        fputc('\n', to);
    }
    if (passage->num_copies > TABLE_COPIES)
        fprintf(to, "  and %" PRIu64 " more\n",
                passage->num_copies - TABLE_COPIES);
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
        done = write_table(&sink->out, passage);
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
    wcp_passage_options_init(&to->passages);
}

static int
run_passages(const struct cli_command *command, int argc, char **argv)
{
    struct passages_args args;
    struct passages_sink sink = { 0 };
    struct cli_run run;
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_error err;
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
    sink.row = (struct cli_row){ sink.out.to, sink.out.format == CLI_FORMAT_TSV,
                                 false };
    if (sink.out.format == CLI_FORMAT_CSV || sink.out.format == CLI_FORMAT_TSV)
        cli_row_names(&sink.row, passages_columns);
    if (wcp_corpus_passages(run.corpus, &args.passages, on_passage, &sink,
                            &err) != WCP_OK &&
        cli_output_ok(&sink.out)) {
        status = cli_run_fail(&run, &err);
        return cli_output_close(&sink.out, false, status);
    }
    wcp_corpus_stats(run.corpus, &stats);
    snprintf(result, sizeof result, "%s passage%s in %s places",
             cli_count(stats.passages, passages), cli_s(stats.passages),
             cli_count(stats.passage_copies, copies));
    cli_output_flush(&sink.out);
    status = cli_run_close(&run, result);
    return cli_output_close(&sink.out, status != CLI_FAILED, status);
}

const struct cli_command cli_cmd_passages = {
    .name = "passages",
    .summary = "Find the passages that stand in several places, and where.",
    .usage = "wirecopy passages [OPTION]... [INPUT]...",
    .examples = "  wirecopy passages papers/\n"
                "  wirecopy passages -l 100 -c 5 --format csv news.jsonl\n",
    .options = passages_options,
    .args_size = sizeof(struct passages_args),
    .init = init_passages,
    .run = run_passages,
};
