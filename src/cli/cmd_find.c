/*
 * cmd_find.c - "wirecopy find": which documents are copies of one another?
 */
#include "cli/listing.h"

#include "cli/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_option find_options[] = {
    { CLI_HEADING, 0, NULL, 0, NULL, "What is listed", NULL, 0, 0 },
    { CLI_STRING, 0, "of", offsetof(struct cli_listing_args, of), "ID",
      "only the groups with this document: its id, or the end of it from a / "
      "on",
      NULL, 1, 0 },
    { CLI_STRING, 0, "credits", CLI_AT(lib.credits), "FILE",
      "more agencies for the field credit; a line is a name, a tab, and a "
      "spelling of it or a pattern",
      NULL, 0, 0 },
    { .type = CLI_HEADING, .help = "Text that stands everywhere" },
    { .type = CLI_STRING,
      .name = "boilerplate",
      .offset = CLI_LISTING_AT(boilerplate),
      .value = "FILE",
      .help = "write what stands in many documents that are no copies to "
              "FILE, with its places" },
    { .type = CLI_NUMBER,
      .name = "boilerplate-documents",
      .offset = CLI_LISTING_AT(boilerplate_documents),
      .value = "N",
      .help = "in how many; the copies of one original count once",
      .min = 2,
      .max = 1000000000 },
    { .type = CLI_NUMBER,
      .name = "boilerplate-length",
      .offset = CLI_LISTING_AT(boilerplate_length),
      .value = "N",
      .help = "least letters and digits, Han, kana or Hangul; of other scripts "
              "2.5 times as many",
      .min = 8,
      .max = 1000000 },
    CLI_SIGNATURE_OPTIONS,
    CLI_CORPUS_OPTIONS,
    CLI_CHECKPOINT_OPTIONS,
    CLI_PLAN_OPTION,
    { .type = CLI_END },
};

static struct cli_string
id_of(const struct wcp_group_member *member)
{
    return (struct cli_string){ member->document->id,
                                member->document->id_len };
}

static struct cli_string
title_of(const struct wcp_group_member *member)
{
    return (struct cli_string){ member->document->title,
                                member->document->title_len };
}

static struct cli_string
date_of(const struct wcp_group_member *member)
{
    return (struct cli_string){ member->document->date,
                                member->document->date_len };
}

static struct cli_string
source_of(const struct wcp_group_member *member)
{
    return (struct cli_string){ member->document->source,
                                member->document->source_len };
}

static struct cli_string
credit_of(const struct wcp_group_member *member)
{
    return (struct cli_string){ member->credit, member->credit_len };
}

static struct cli_string
dateline_of(const struct wcp_group_member *member)
{
    return (struct cli_string){ member->dateline, member->dateline_len };
}

/* ---- JSONL ---- */

/* 'before' is what stands between the value before and this one. */
static inline void
put_field(struct cli_line *to, const char *before, struct cli_string value)
{
    cli_line_text(to, before);
    cli_line_string(to, value);
}

static inline void
put_ratio(struct cli_line *to, const char *before, double value)
{
    cli_line_text(to, before);
    cli_line_number(to, value);
}

static void
put_json_member(struct cli_line *to, const struct wcp_group_member *member)
{
    put_field(to, "{\"id\":", id_of(member));
    put_field(to, ",\"path\":", cli_string_of(member->document->path));
    cli_line_text(to, ",\"line\":");
    if (member->document->line > 0)
        cli_line_count(to, member->document->line);
    else
        cli_line_text(to, "null");
    put_field(to, ",\"title\":", title_of(member));
    put_field(to, ",\"date\":", date_of(member));
    put_field(to, ",\"source\":", source_of(member));
    put_field(to, ",\"relation\":",
              cli_string_of(wcp_relation_text(member->relation)));
    put_ratio(to, ",\"jaccard\":", member->jaccard);
    put_ratio(to, ",\"covers\":", member->covers);
    put_ratio(to, ",\"covered\":", member->covered);
    put_field(to, ",\"credit\":", credit_of(member));
    put_field(to, ",\"dateline\":", dateline_of(member));
    cli_line_text(to, "}");
}

static enum wcp_status
write_json(struct cli_listing *sink, const struct wcp_group *group)
{
    const struct wcp_group_member *member;
    struct cli_line line;

    cli_line_begin(&line, sink->out.to);
    cli_line_text(&line, "{\"group\":");
    cli_line_count(&line, group->number);
    cli_line_text(&line, ",\"size\":");
    cli_line_count(&line, group->size);
    for (uint64_t i = 0; i < group->size; i++) {
        enum wcp_status status = wcp_group_get(group, i, &member);

        if (status != WCP_OK)
            return status;
        if (i == 0) {
            put_field(&line, ",\"original\":", id_of(member));
            put_ratio(&line, ",\"weakest\":", group->weakest);
            cli_line_text(&line, ",\"members\":[");
        } else {
            cli_line_text(&line, ",");
        }
        put_json_member(&line, member);
    }
    cli_line_text(&line, sink->estimate ? "],\"exact\":false}\n" : "]}\n");
    cli_line_end(&line);
    return WCP_OK;
}

/* ---- CSV and TSV: a row for each member ---- */

static const char *const find_columns[] = {
    "group",  "size",    "original", "weakest",  "id",       "path",
    "line",   "title",   "date",     "source",   "relation", "jaccard",
    "covers", "covered", "credit",   "dateline", NULL
};

static void
write_row(struct cli_listing *sink, const struct wcp_group *group,
          struct cli_string original, const struct wcp_group_member *member)
{
    struct cli_row *row = &sink->row;

    cli_row_count(row, group->number);
    cli_row_count(row, group->size);
    cli_row_string(row, original);
    cli_row_number(row, group->weakest);
    cli_row_string(row, id_of(member));
    cli_row_string(row, cli_string_of(member->document->path));
    if (member->document->line > 0)
        cli_row_count(row, member->document->line);
    else
        cli_row_string(row, cli_string_of(NULL));
    cli_row_string(row, title_of(member));
    cli_row_string(row, date_of(member));
    cli_row_string(row, source_of(member));
    cli_row_string(row, cli_string_of(wcp_relation_text(member->relation)));
    cli_row_number(row, member->jaccard);
    cli_row_number(row, member->covers);
    cli_row_number(row, member->covered);
    cli_row_string(row, credit_of(member));
    cli_row_string(row, dateline_of(member));
    if (sink->estimate)
        cli_row_string(row, cli_string_of("false"));
    cli_row_end(row);
}

static enum wcp_status
write_rows(struct cli_listing *sink, const struct wcp_group *group)
{
    const struct wcp_group_member *member;
    struct cli_string original;
    enum wcp_status status = wcp_group_get(group, 0, &member);
    char *copy;

    if (status != WCP_OK)
        return status;
    original = id_of(member);
    copy = malloc(original.len + 1);
    if (copy == NULL)
        return WCP_NO_MEMORY;
    memcpy(copy, original.data, original.len);
    original.data = copy;
    for (uint64_t i = 0; status == WCP_OK && i < group->size; i++) {
        status = wcp_group_get(group, i, &member);
        if (status == WCP_OK)
            write_row(sink, group, original, member);
    }
    free(copy);
    return status;
}

/* ---- table ---- */

static struct cli_shares
shares_of(const struct wcp_group_member *member)
{
    return (struct cli_shares){ member->covers, member->covered };
}

/* ", weakest 0.893": of the numbers that will be shown the least, be they
 * Jaccard indexes or shares. */
static enum wcp_status
describe_weakest(const struct wcp_group *group, bool estimate, char out[40])
{
    char alike[CLI_ALIKE_BYTES] = "";
    double least = 2;

    for (uint64_t i = 1; i < group->size; i++) {
        const struct wcp_group_member *member;
        enum wcp_status status = wcp_group_get(group, i, &member);
        struct cli_shares shares;
        double shown;

        if (status != WCP_OK)
            return status;
        shares = shares_of(member);
        shown = cli_shows_share(member->relation, shares)
                    ? fmax(shares.a, shares.b)
                    : member->jaccard;
        if (shown >= least)
            continue;
        least = shown;
        cli_alike(member->relation, member->jaccard, shares, alike);
    }
    snprintf(out, 40, ", weakest %s%s", estimate ? "about " : "",
             alike + (alike[0] == ' '));
    return WCP_OK;
}

static enum wcp_status
write_table(struct cli_listing *sink, const struct wcp_group *group)
{
    struct cli_columns *columns = &sink->columns;
    char text[96], weakest[40], alike[CLI_ALIKE_BYTES];
    enum wcp_status found = describe_weakest(group, sink->estimate, weakest);

    if (found != WCP_OK)
        return found;
    if (sink->num_listed > 0)
        cli_columns_line(columns, CLI_PLAIN, "");
    snprintf(text, sizeof text, "Group %" PRIu64 "  %" PRIu64 " documents%s",
             group->number, group->size, weakest);
    cli_columns_line(columns, CLI_FAINT, text);
    for (uint64_t i = 0; i < group->size; i++) {
        const struct wcp_group_member *member;
        enum wcp_status status = wcp_group_get(group, i, &member);

        if (status != WCP_OK)
            return status;
        cli_alike(member->relation, member->jaccard, shares_of(member), alike);
        snprintf(text, sizeof text, "  %-*s %c%s", sink->relation_width,
                 wcp_relation_text(member->relation),
                 sink->estimate ? '~' : ' ', alike);
        cli_columns_member(columns, cli_relation_style(member->relation), text,
                           member);
    }
    return WCP_OK;
}

/* ---- the command ---- */

static enum wcp_status
has_wanted(const struct cli_listing *sink, const struct wcp_group *group,
           bool *has_ret)
{
    const struct wcp_group_member *member;

    *has_ret = sink->of.num == 0;
    for (uint64_t i = 0; !*has_ret && i < group->size; i++) {
        enum wcp_status status = wcp_group_get(group, i, &member);

        if (status != WCP_OK)
            return status;
        *has_ret = cli_is_wanted(&sink->of, member->document->number);
    }
    return WCP_OK;
}

static int32_t
on_group(void *ctx, const struct wcp_group *group)
{
    struct cli_listing *sink = ctx;
    bool wanted;
    enum wcp_status status = has_wanted(sink, group, &wanted);

    if (status != WCP_OK || !wanted)
        return status != WCP_OK;
    switch (sink->out.format) {
    case CLI_FORMAT_TABLE:
        status = write_table(sink, group);
        break;
    case CLI_FORMAT_CSV:
    case CLI_FORMAT_TSV:
        status = write_rows(sink, group);
        break;
    case CLI_FORMAT_DEFAULT:
    case CLI_FORMAT_JSONL:
        status = write_json(sink, group);
        break;
    }
    sink->num_listed++;
    return status != WCP_OK || !cli_output_ok(&sink->out);
}

static enum wcp_status
list_groups(struct wcp_corpus *corpus, struct cli_listing *listing,
            struct wcp_error *err)
{
    return wcp_corpus_find(corpus, on_group, listing, err);
}

static void
describe(const struct cli_listing *listing, const struct wcp_stats *stats,
         char *text, size_t size)
{
    char copies[28], groups[28], in[128] = "";

    if (listing->id != NULL && listing->num_listed > 0)
        snprintf(in, sizeof in, "; '%.60s' is in %s group%s", listing->id,
                 cli_count(listing->num_listed, groups),
                 cli_s(listing->num_listed));
    else if (listing->id != NULL)
        snprintf(in, sizeof in, "; '%.60s' is a copy of none, and none of it",
                 listing->id);
    snprintf(text, size, "%s %s of %s %s%s", cli_count(stats->copies, copies),
             stats->copies == 1 ? "copy" : "copies",
             cli_count(stats->groups, groups),
             stats->groups == 1 ? "original" : "originals", in);
}

static int
run_find(const struct cli_command *command, int argc, char **argv)
{
    static const struct cli_listing_kind kind = { find_columns, list_groups,
                                                  describe };

    return cli_list(command, &kind, argc, argv);
}

static const struct cli_field find_fields[] = {
    { "group", "number, from 1, in the order of the originals" },
    { "size", "documents in the group" },
    { "original",
      "id of the earliest; of one date that which an agency published itself, "
      "as source or path say, else the most complete; without dates the first "
      "id" },
    { "weakest", "least Jaccard index of a member with the original" },
    { "members",
      "JSONL: the original, then the copies by date and id, each with the "
      "fields below; in CSV and TSV each is a row" },
    { "id, path, line", "which document, and where it stands; the line is that "
                        "of a record" },
    { "title, date, source", "as in the input" },
    { "relation",
      "original; identical: the same letters and digits; reprint: a copy with "
      "changes; abridged: it lies in the original, which has more; expanded: "
      "the reverse; embedded: a page with the original and other stories" },
    { "jaccard", "Jaccard index with the original" },
    { "covers, covered",
      "share of the original that stands in the copy, and of the copy that "
      "stands in the original" },
    { "credit", "whom the text names as its agency, by the name of the table "
                "of agencies; others as they stand" },
    { "dateline", "place, date and reporter, as they stand" },
    { "exact", "with --estimate only: false" },
    { "boilerplate", "--boilerplate, JSONL: number, by length times copies" },
    { "documents, length",
      "that have the text, those of a group counted once; its letters and "
      "digits" },
    { "text, copies", "up to 400 bytes of it; where it stands: id, path, line, "
                      "begin and end in bytes, char_begin and char_end" },
    { NULL, NULL },
};

const struct cli_command cli_cmd_find = {
    .name = "find",
    .summary = "Find which documents are copies of one another.",
    .usage = "wirecopy find [OPTION]... [INPUT]...",
    .examples =
        "  wirecopy find news/\n"
        "  wirecopy find -t 0.7 --format csv -o groups.csv a.jsonl.zst\n"
        "  wirecopy find --of dunvale/tram.txt news/\n",
    .options = find_options,
    .fields = find_fields,
    .args_size = sizeof(struct cli_listing_args),
    .init = cli_listing_init,
    .run = run_find,
};
