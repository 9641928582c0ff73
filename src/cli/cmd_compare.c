/*
 * cmd_compare.c - "wirecopy compare": how alike are these two, and where?
 */
#include "cli/side_by_side.h"

#include "cli/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct compare_args {
    struct cli_corpus_args corpus; /* first */
    bool full;
};

static const struct cli_option compare_options[] = {
    { .type = CLI_HEADING, .help = "What is shown" },
    { .type = CLI_FLAG,
      .name = "full",
      .offset = offsetof(struct compare_args, full),
      .help = "table: both texts from beginning to end, not only where they "
              "differ" },
    CLI_CORPUS_OPTIONS,
    { .type = CLI_END },
};

/* It searches for nothing, and knows its two inputs. */
static const char *const compare_without[] = { "recall",     "distance",
                                               "files-from", "memory",
                                               "tmp-limit",  NULL };

/* ---- writing ---- */

struct compare_sink {
    struct cli_output out;
    struct cli_row row;
    struct cli_operand operands[2];
    struct wcp_comparison comparison;
    bool full, verbose;
    double threshold;
    uint32_t shingle;
    uint64_t num_runs;
    struct cli_runs runs; /* of a table, which begins with what they say */
    bool begun, no_memory;
};

static struct cli_string
id_of(const struct cli_operand *operand)
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
static const char *const place_names[] = { "both", "a",    "b",
                                           "both", "both", "both" };
static const char *const again_names[] = { NULL, NULL, NULL, "a", "b", NULL };

static void
begin_json(struct compare_sink *sink)
{
    const struct wcp_comparison *c = &sink->comparison;
    FILE *to = sink->out.to;

    fputs("{\"a\":", to);
    cli_json_string(to, id_of(&sink->operands[0]));
    fputs(",\"b\":", to);
    cli_json_string(to, id_of(&sink->operands[1]));
    cli_json_field(to, "jaccard", c->jaccard);
    cli_json_field(to, "a_in_b", c->a_in_b);
    cli_json_field(to, "b_in_a", c->b_in_a);
    if (c->relation == WCP_UNRELATED)
        fputs(",\"relation\":null", to);
    else
        fprintf(to, ",\"relation\":\"%s\"", wcp_relation_text(c->relation));
    cli_json_field(to, "minhash", c->minhash);
    if (isnan(c->minhash))
        fputs(",\"simhash_distance\":null", to);
    else
        fprintf(to, ",\"simhash_distance\":%" PRIu32, c->simhash_distance);
    fprintf(to, ",\"a_length\":%" PRIu64 ",\"b_length\":%" PRIu64 ",\"runs\":[",
            c->a_length, c->b_length);
}

static void
write_offsets(FILE *to, const char *side, bool has, const uint64_t at[4])
{
    static const char *const names[] = { "begin", "end", "char_begin",
                                         "char_end" };

    for (int i = 0; i < 4; i++)
        if (has)
            fprintf(to, ",\"%s_%s\":%" PRIu64, side, names[i], at[i]);
        else
            fprintf(to, ",\"%s_%s\":null", side, names[i]);
}

static void
write_json_run(struct compare_sink *sink, const struct wcp_run *run)
{
    const uint64_t a[] = { run->a_begin, run->a_end, run->a_char_begin,
                           run->a_char_end };
    const uint64_t b[] = { run->b_begin, run->b_end, run->b_char_begin,
                           run->b_char_end };
    FILE *to = sink->out.to;

    fprintf(to, "%s{\"in\":\"%s\",\"again\":", sink->num_runs > 0 ? "," : "",
            place_names[run->in]);
    cli_json_string(to, cli_string_of(again_names[run->in]));
    fprintf(to, ",\"moved\":%s", run->in == WCP_MOVED ? "true" : "false");
    if (run->piece > 0)
        fprintf(to, ",\"piece\":%" PRIu64, run->piece);
    else
        fputs(",\"piece\":null", to);
    fprintf(to, ",\"length\":%" PRIu64, run->length);
    write_offsets(to, "a", run->in != WCP_IN_B, a);
    write_offsets(to, "b", run->in != WCP_IN_A, b);
    fputc('}', to);
}

/* ---- CSV and TSV: a row for each run ---- */

static const char *const compare_columns[] = { "in",    "again",   "moved",
                                               "piece", "length",  "a_begin",
                                               "a_end", "b_begin", "b_end",
                                               "text",  NULL };

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
    cli_row_count(row, run->in == WCP_MOVED);
    if (run->piece > 0)
        cli_row_count(row, run->piece);
    else
        cli_row_string(row, cli_string_of(NULL));
    cli_row_count(row, run->length);
    write_cells(row, run->in != WCP_IN_B, run->a_begin, run->a_end);
    write_cells(row, run->in != WCP_IN_A, run->b_begin, run->b_end);
    cli_row_string(row, text_of(sink, run));
    cli_row_end(row);
}

/* ---- table ---- */

/* As it stands; of seconds or milliseconds since 1970, the day. */
static struct cli_string
date_of(const struct cli_operand *operand, char day[CLI_DAY_BYTES])
{
    struct cli_string date = { operand->date, operand->date_len };

    for (size_t i = 0; i < date.len; i++)
        if (date.data[i] < '0' || date.data[i] > '9')
            return date;
    return date.len > 8 ? cli_day_of(date, operand->date_ms, day) : date;
}

static void
print_document(const struct compare_sink *sink, int i)
{
    const struct cli_operand *operand = &sink->operands[i];
    uint64_t length =
        i == 0 ? sink->comparison.a_length : sink->comparison.b_length;
    size_t width = sink->out.width;
    FILE *to = sink->out.to;
    char number[28], day[CLI_DAY_BYTES];

    fprintf(to, "%c  ", operand->name);
    cli_print_cut(to, id_of(operand), width - 3);
    if (operand->title_len > 0) {
        fputs("\n   ", to);
        cli_print_cut(to,
                      (struct cli_string){ operand->title, operand->title_len },
                      width - 3);
    }
    fputs("\n   ", to);
    if (operand->date_len > 0) {
        cli_print_cut(to, date_of(operand, day), width / 2);
        fputs(", ", to);
    }
    fprintf(to, "%s %s\n", cli_count(length, number),
            cli_letters_and_digits(length));
}

static void
print_figures(const struct compare_sink *sink)
{
    const struct wcp_comparison *c = &sink->comparison;
    FILE *to = sink->out.to;

    fprintf(to, "  Jaccard %.3f, A in B %.3f, B in A %.3f (runs of ",
            c->jaccard, c->a_in_b, c->b_in_a);
    if (sink->shingle > 0)
        fprintf(to, "%" PRIu32 " letters)\n", sink->shingle);
    else
        fputs("5 Han or 8 other letters)\n", to);
    if (c->relation == WCP_UNRELATED && c->jaccard > 0)
        fprintf(to,
                "  A copy has a share of %g of these runs; one change breaks "
                "several.\n",
                sink->threshold);
    if (sink->verbose)
        fprintf(to,
                "  MinHash estimate %.3f (%.0f of 128 equal), SimHash %" PRIu32
                " of 64 bits differ\n",
                c->minhash, c->minhash * 128, c->simhash_distance);
}

static void
print_summary(struct compare_sink *sink)
{
    const struct wcp_comparison *c = &sink->comparison;
    FILE *to = sink->out.to;

    print_document(sink, 0);
    print_document(sink, 1);
    fputc('\n', to);
    cli_begin_style(&sink->out, CLI_STRONG);
    cli_print_verdict(to, c, &sink->runs);
    cli_end_style(&sink->out, CLI_STRONG);
    fputc('\n', to);
    if (isnan(c->jaccard))
        return;
    if (c->relation != WCP_IDENTICAL)
        cli_print_overlap(to, c, &sink->runs);
    print_figures(sink);
}

/* The summary says what the runs come to, so that it waits for them. */
static void
write_table(struct compare_sink *sink)
{
    struct cli_rows rows;

    print_summary(sink);
    if (sink->comparison.relation == WCP_IDENTICAL && !sink->full)
        return;
    sink->no_memory = !cli_rows_make(&rows, sink->operands, &sink->runs);
    if (!sink->no_memory && rows.num > 0) {
        fputc('\n', sink->out.to);
        cli_print_rows(&sink->out, &rows, sink->full);
    }
    cli_rows_release(&rows);
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
compare(struct compare_sink *sink, const struct compare_args *all)
{
    const struct cli_operand *a = &sink->operands[0], *b = &sink->operands[1];
    const struct wcp_text texts[2] = {
        { .struct_size = sizeof texts[0],
          .text = a->text,
          .text_len = a->text_len },
        { .struct_size = sizeof texts[1],
          .text = b->text,
          .text_len = b->text_len },
    };
    const struct cli_corpus_args *args = &all->corpus;
    struct wcp_error err;

    sink->full = all->full;
    sink->verbose = args->verbose;
    sink->shingle = args->lib.shingle;
    sink->threshold = args->lib.threshold > 0 ? args->lib.threshold : .8;
    sink->comparison.sentences = sink->out.format == CLI_FORMAT_TABLE;
    sink->comparison.struct_size = sizeof sink->comparison;
    sink->comparison.on_run = on_run;
    sink->comparison.ctx = sink;
    sink->row = (struct cli_row){ .line.to = sink->out.to,
                                  .tabs = sink->out.format == CLI_FORMAT_TSV };
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
run_sink(struct compare_sink *sink, struct compare_args *args, char **given)
{
    int status = CLI_OK;

    for (int i = 0; i < 2; i++) {
        sink->operands[i].name = (char)('A' + i);
        if (!cli_operand_split(&sink->operands[i], given[i])) {
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
        int read = cli_operand_read(&sink->operands[i], &args->corpus);

        if (read == CLI_FAILED || read == CLI_USAGE)
            return read;
        status = read != CLI_OK ? read : status;
    }
    if (!cli_output_open(&sink->out, &args->corpus))
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
    struct compare_args args = { .corpus = cli_corpus_defaults() };
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
    cli_operand_release(&sink.operands[0]);
    cli_operand_release(&sink.operands[1]);
    return status;
}

static const struct cli_field compare_fields[] = {
    { "a, b, jaccard, a_in_b, b_in_a, relation", "JSONL: as in pairs" },
    { "minhash, simhash_distance",
      "JSONL: estimate of the Jaccard index, and bits that differ" },
    { "a_length, b_length", "JSONL: letters and digits" },
    { "runs", "JSONL: spans of the texts, each with the fields below; in CSV "
              "and TSV each is a row" },
    { "in", "where the run stands: both, a or b" },
    { "again", "the text that has it once more" },
    { "moved", "whether b has it in another place" },
    { "piece", "the same for runs that were moved, or repeated, together" },
    { "length", "letters and digits" },
    { "a_begin, a_end, b_begin, b_end", "bytes of each text as UTF-8" },
    { "a_char_begin, a_char_end, b_char_begin, b_char_end",
      "JSONL: the same in characters" },
    { "text", "CSV and TSV: the run as it stands" },
    { NULL, NULL },
};

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
    .fields = compare_fields,
    .without = compare_without,
    .args_size = sizeof(struct compare_args),
    .init = cli_corpus_init,
    .run = run_compare,
};
