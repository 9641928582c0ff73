/*
 * cmd_pairs.c - "wirecopy pairs": which two documents are alike, and how much?
 */
#include "cli/cli.h"

static const struct cli_option pairs_options[] = {
    CLI_CORPUS_OPTIONS,
    { .type = CLI_END },
};

static const char *const pairs_columns[] = { "a",      "b",      "jaccard",
                                             "a_in_b", "b_in_a", "relation",
                                             NULL };

/* What the callback needs to write one pair. */
struct pairs_sink {
    struct cli_output out;
    struct cli_row row;
};

static void
write_json(FILE *to, const struct wcp_pair *pair)
{
    fputs("{\"a\":", to);
    cli_json_string(to, (struct cli_string){ pair->a->id, pair->a->id_len });
    fputs(",\"b\":", to);
    cli_json_string(to, (struct cli_string){ pair->b->id, pair->b->id_len });
    fputs(",\"jaccard\":", to);
    cli_json_number(to, pair->jaccard);
    fputs(",\"a_in_b\":", to);
    cli_json_number(to, pair->a_in_b);
    fputs(",\"b_in_a\":", to);
    cli_json_number(to, pair->b_in_a);
    fprintf(to, ",\"relation\":\"%s\"}\n", wcp_relation_text(pair->relation));
}

static void
write_row(struct cli_row *row, const struct wcp_pair *pair)
{
    cli_row_string(row, (struct cli_string){ pair->a->id, pair->a->id_len });
    cli_row_string(row, (struct cli_string){ pair->b->id, pair->b->id_len });
    cli_row_number(row, pair->jaccard);
    cli_row_number(row, pair->a_in_b);
    cli_row_number(row, pair->b_in_a);
    cli_row_string(row, cli_string_of(wcp_relation_text(pair->relation)));
    cli_row_end(row);
}

/* Two ids side by side, each in half of what the numbers leave. */
static void
write_table(const struct cli_output *out, const struct wcp_pair *pair)
{
    size_t width = (out->width - 20) / 2;

    fprintf(out->to, "%.3f  %-9s  ", pair->jaccard,
            wcp_relation_text(pair->relation));
    cli_print_padded(
        out->to, (struct cli_string){ pair->a->id, pair->a->id_len }, width);
    fputs("  ", out->to);
    cli_print_cut(out->to, (struct cli_string){ pair->b->id, pair->b->id_len },
                  width);
    fputc('\n', out->to);
}

static int32_t
on_pair(void *ctx, const struct wcp_pair *pair)
{
    struct pairs_sink *sink = ctx;

    switch (sink->out.format) {
    case CLI_FORMAT_TABLE:
        write_table(&sink->out, pair);
        break;
    case CLI_FORMAT_CSV:
    case CLI_FORMAT_TSV:
        write_row(&sink->row, pair);
        break;
    case CLI_FORMAT_DEFAULT:
    case CLI_FORMAT_JSONL:
        write_json(sink->out.to, pair);
        break;
    }
    return !cli_output_ok(&sink->out);
}

static int
run_pairs(const struct cli_command *command, int argc, char **argv)
{
    struct cli_corpus_args args = cli_corpus_defaults();
    struct pairs_sink sink = { 0 };
    struct cli_run run;
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_error err;
    char result[64], pairs[28];
    int status = CLI_OK;
    int num_inputs = cli_parse(command, &args, argc, argv);

    if (num_inputs < 0)
        return -1 - num_inputs;
    if (!cli_check_outputs(num_inputs, argv, &args.output, 1))
        return CLI_USAGE;
    if (!cli_output_open(&sink.out, &args))
        return CLI_FAILED;
    if (!cli_run_open(&run, &args, num_inputs, argv, &status))
        return cli_output_close(&sink.out, false, status);
    sink.row = (struct cli_row){ sink.out.to, sink.out.format == CLI_FORMAT_TSV,
                                 false };
    if (sink.out.format == CLI_FORMAT_CSV || sink.out.format == CLI_FORMAT_TSV)
        cli_row_names(&sink.row, pairs_columns);
    if (wcp_corpus_pairs(run.corpus, on_pair, &sink, &err) != WCP_OK &&
        cli_output_ok(&sink.out)) {
        status = cli_run_fail(&run, &err);
        return cli_output_close(&sink.out, false, status);
    }
    wcp_corpus_stats(run.corpus, &stats);
    snprintf(result, sizeof result, "%s %s", cli_count(stats.pairs, pairs),
             stats.pairs == 1 ? "pair" : "pairs");
    cli_output_flush(&sink.out);
    status = cli_run_close(&run, result);
    return cli_output_close(&sink.out, status != CLI_FAILED, status);
}

const struct cli_command cli_cmd_pairs = {
    .name = "pairs",
    .summary = "List the pairs of documents that are alike, verified exactly.",
    .usage = "wirecopy pairs [OPTION]... [INPUT]...",
    .examples = "  wirecopy pairs -t 0.5 news.jsonl\n"
                "  zstdcat *.zst | wirecopy pairs --format tsv > pairs.tsv\n",
    .options = pairs_options,
    .args_size = sizeof(struct cli_corpus_args),
    .init = cli_corpus_init,
    .run = run_pairs,
};
