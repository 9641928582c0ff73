/*
 * cmd_pairs.c - "wirecopy pairs": which two documents are alike, and how much?
 */
#include "cli/listing.h"

#include "cli/table.h"

static const struct cli_option pairs_options[] = {
    { CLI_HEADING, 0, NULL, 0, NULL, "What is listed", NULL, 0, 0 },
    { CLI_STRING, 0, "of", offsetof(struct cli_listing_args, of), "ID",
      "only the pairs with this document: its id, or the end of it from a / "
      "on",
      NULL, 1, 0 },
    CLI_SIGNATURE_OPTIONS,
    CLI_CORPUS_OPTIONS,
    CLI_CHECKPOINT_OPTIONS,
    CLI_PLAN_OPTION,
    { .type = CLI_END },
};

static const char *const pairs_columns[] = { "a",      "b",      "jaccard",
                                             "a_in_b", "b_in_a", "relation",
                                             NULL };

static void
write_json(const struct cli_listing *sink, const struct wcp_pair *pair)
{
    FILE *to = sink->out.to;

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
    fprintf(to, ",\"relation\":\"%s\"%s}\n", wcp_relation_text(pair->relation),
            sink->estimate ? ",\"exact\":false" : "");
}

static void
write_row(struct cli_listing *sink, const struct wcp_pair *pair)
{
    struct cli_row *row = &sink->row;

    cli_row_string(row, (struct cli_string){ pair->a->id, pair->a->id_len });
    cli_row_string(row, (struct cli_string){ pair->b->id, pair->b->id_len });
    cli_row_number(row, pair->jaccard);
    cli_row_number(row, pair->a_in_b);
    cli_row_number(row, pair->b_in_a);
    cli_row_string(row, cli_string_of(wcp_relation_text(pair->relation)));
    if (sink->estimate)
        cli_row_string(row, cli_string_of("false"));
    cli_row_end(row);
}

static void
write_table(struct cli_listing *sink, const struct wcp_pair *pair)
{
    struct cli_columns *columns = &sink->columns;
    char lead[48], alike[CLI_ALIKE_BYTES];

    cli_alike(pair->relation, pair->jaccard,
              (struct cli_shares){ pair->a_in_b, pair->b_in_a }, alike);
    snprintf(lead, sizeof lead, "%s%s  %-*s", sink->estimate ? "~" : "", alike,
             sink->relation_width, wcp_relation_text(pair->relation));
    cli_columns_document(columns, CLI_COLUMNS_FIRST,
                         cli_relation_style(pair->relation), lead, pair->a);
    cli_columns_document(columns, CLI_COLUMNS_SECOND, CLI_PLAIN, "", pair->b);
}

static int32_t
on_pair(void *ctx, const struct wcp_pair *pair)
{
    struct cli_listing *sink = ctx;

    if (sink->of.num > 0 && !cli_is_wanted(&sink->of, pair->a->number) &&
        !cli_is_wanted(&sink->of, pair->b->number))
        return 0;
    sink->num_listed++;
    switch (sink->out.format) {
    case CLI_FORMAT_TABLE:
        write_table(sink, pair);
        break;
    case CLI_FORMAT_CSV:
    case CLI_FORMAT_TSV:
        write_row(sink, pair);
        break;
    case CLI_FORMAT_DEFAULT:
    case CLI_FORMAT_JSONL:
        write_json(sink, pair);
        break;
    }
    return !cli_output_ok(&sink->out);
}

static enum wcp_status
list_pairs(struct wcp_corpus *corpus, struct cli_listing *listing,
           struct wcp_error *err)
{
    return wcp_corpus_pairs(corpus, on_pair, listing, err);
}

static void
describe(const struct cli_listing *listing, const struct wcp_stats *stats,
         char *text, size_t size)
{
    /* Whoever reads them may leave before they are counted. */
    const bool all = !listing->out.failed;
    char pairs[28], in[128] = "";

    if (listing->id != NULL && all)
        snprintf(in, sizeof in, "; '%.60s' is in %s of them", listing->id,
                 listing->num_listed > 0 ? cli_count(listing->num_listed, pairs)
                                         : "none");
    snprintf(text, size, "%s%s pair%s%s", all ? "" : "at least ",
             cli_count(stats->pairs, pairs), cli_s(stats->pairs), in);
}

static int
run_pairs(const struct cli_command *command, int argc, char **argv)
{
    static const struct cli_listing_kind kind = { pairs_columns, list_pairs,
                                                  describe };

    return cli_list(command, &kind, argc, argv);
}

static const struct cli_field pairs_fields[] = {
    { "a, b", "ids, the earlier first" },
    { "jaccard", "Jaccard index of the two" },
    { "a_in_b, b_in_a", "share of the one that stands in the other" },
    { "relation",
      "of b to a, as in find; a page and a story on it are embedded "
      "whichever is b" },
    { "exact", "with --estimate only: false" },
    { NULL, NULL },
};

const struct cli_command cli_cmd_pairs = {
    .name = "pairs",
    .summary = "List the pairs of documents that are alike, verified exactly.",
    .usage = "wirecopy pairs [OPTION]... [INPUT]...",
    .examples = "  wirecopy pairs -t 0.5 news.jsonl\n"
                "  wirecopy pairs -t 0.1 --of dunvale/tram.txt news/\n"
                "  zstdcat *.zst | wirecopy pairs --format tsv > pairs.tsv\n",
    .options = pairs_options,
    .fields = pairs_fields,
    .args_size = sizeof(struct cli_listing_args),
    .init = cli_listing_init,
    .run = run_pairs,
};
