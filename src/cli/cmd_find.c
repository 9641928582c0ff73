/*
 * cmd_find.c - "wirecopy find": which documents are copies of one another?
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct cli_option find_options[] = {
    { CLI_HEADING, 0, NULL, 0, NULL, "What is listed", NULL, 0, 0 },
    { CLI_STRING, 0, "of", offsetof(struct cli_listing_args, of), "ID",
      "only the groups with this document: its id, or the end of it from a / "
      "on",
      NULL, 0, 0 },
    CLI_CORPUS_OPTIONS,
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

/* ---- JSONL ---- */

static void
write_json_field(FILE *to, const char *name, struct cli_string value)
{
    fprintf(to, ",\"%s\":", name);
    cli_json_string(to, value);
}

static void
write_json_ratio(FILE *to, const char *name, double value)
{
    fprintf(to, ",\"%s\":", name);
    cli_json_number(to, value);
}

static void
write_json_member(FILE *to, const struct wcp_group_member *member)
{
    fputs("{\"id\":", to);
    cli_json_string(to, id_of(member));
    write_json_field(to, "path", cli_string_of(member->document->path));
    if (member->document->line > 0)
        fprintf(to, ",\"line\":%" PRIu64, member->document->line);
    else
        fputs(",\"line\":null", to);
    write_json_field(to, "title", title_of(member));
    write_json_field(to, "date", date_of(member));
    write_json_field(to, "source", source_of(member));
    write_json_field(to, "relation",
                     cli_string_of(wcp_relation_text(member->relation)));
    write_json_ratio(to, "jaccard", member->jaccard);
    write_json_ratio(to, "covers", member->covers);
    write_json_ratio(to, "covered", member->covered);
    fputc('}', to);
}

static enum wcp_status
write_json(struct cli_listing *sink, const struct wcp_group *group)
{
    FILE *to = sink->out.to;
    const struct wcp_group_member *member;

    fprintf(to, "{\"group\":%" PRIu64 ",\"size\":%" PRIu64 ",\"original\":",
            group->number, group->size);
    for (uint64_t i = 0; i < group->size; i++) {
        enum wcp_status status = wcp_group_get(group, i, &member);

        if (status != WCP_OK)
            return status;
        if (i == 0) {
            cli_json_string(to, id_of(member));
            write_json_ratio(to, "weakest", group->weakest);
            fputs(",\"members\":[", to);
        } else {
            fputc(',', to);
        }
        write_json_member(to, member);
    }
    fputs("]}\n", to);
    return WCP_OK;
}

/* ---- CSV and TSV: a row for each member ---- */

static const char *const find_columns[] = { "group",   "size",     "original",
                                            "weakest", "id",       "path",
                                            "line",    "title",    "date",
                                            "source",  "relation", "jaccard",
                                            "covers",  "covered",  NULL };

static void
write_row(struct cli_row *row, const struct wcp_group *group,
          struct cli_string original, const struct wcp_group_member *member)
{
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
            write_row(&sink->row, group, original, member);
    }
    free(copy);
    return status;
}

/* ---- table ---- */

enum {
    MEASURED_MEMBERS = 1000,
    RELATION_WIDTH = 18, /* "  identical  1.000" */
    MAX_DATE = 10,       /* a day */
    MAX_SOURCE = 16,
    MIN_ID = 8,
    GOOD_TITLE = 30,
};

/* Columns that a group's members get; 0: not shown. */
struct widths {
    size_t id, date, source, title;
};

static void
widen(size_t *width, struct cli_string string, size_t most)
{
    size_t needed = cli_text_width(string);

    if (needed > most)
        needed = most;
    if (needed > *width)
        *width = needed;
}

static size_t
with_gap(size_t width)
{
    return width > 0 ? width + 2 : 0;
}

/* The day of a date that was understood, else the beginning of what it says. */
static struct cli_string
day_of(const struct wcp_group_member *member, char *day)
{
    int64_t ms = member->document->date_ms;
    struct cli_string date = date_of(member);
    time_t seconds;
    struct tm tm;

    if (date.data == NULL || ms == INT64_MIN)
        return date;
    seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(day, MAX_DATE + 8, "%Y-%m-%d", &tm) == 0)
        return date;
    return cli_string_of(day);
}

static enum wcp_status
measure(const struct wcp_group *group, bool uncut, struct widths *widths)
{
    size_t max_date = uncut ? CLI_NO_WIDTH : MAX_DATE;
    size_t max_source = uncut ? CLI_NO_WIDTH : MAX_SOURCE;
    uint64_t num = uncut || group->size < MEASURED_MEMBERS ? group->size
                                                           : MEASURED_MEMBERS;

    for (uint64_t i = 0; i < num; i++) {
        char day[MAX_DATE + 8];
        const struct wcp_group_member *member;
        enum wcp_status status = wcp_group_get(group, i, &member);

        if (status != WCP_OK)
            return status;
        widen(&widths->id, id_of(member), CLI_NO_WIDTH);
        widen(&widths->date, day_of(member, day), max_date);
        widen(&widths->source, source_of(member), max_source);
        widen(&widths->title, title_of(member), CLI_NO_WIDTH);
    }
    return WCP_OK;
}

/* Titles are what people read: ids give way to them, then sources. */
static void
fit(struct widths *widths, size_t room)
{
    size_t wanted = widths->title < GOOD_TITLE ? widths->title : GOOD_TITLE;
    size_t least_id = widths->id < MIN_ID ? widths->id : MIN_ID;
    size_t used = with_gap(widths->date) + with_gap(widths->source);

    if (widths->title > 0 && used + with_gap(least_id) + wanted + 2 > room) {
        widths->source = 0;
        used = with_gap(widths->date);
    }
    if (used + with_gap(widths->id) + with_gap(wanted) > room) {
        size_t taken = used + 2 + with_gap(wanted);

        widths->id = room > taken + MIN_ID ? room - taken : MIN_ID;
    }
    used += with_gap(widths->id);
    if (widths->title > 0)
        widths->title = room > used + 6 ? room - used - 2 : 0;
}

static void
write_column(FILE *to, struct cli_string string, size_t width)
{
    if (width == 0)
        return;
    fputs("  ", to);
    cli_print_padded(to, string, width);
}

static void
write_table_member(const struct cli_output *out, const struct widths *widths,
                   const struct wcp_group_member *member)
{
    enum cli_style style = cli_relation_style(member->relation);
    bool original = member->relation == WCP_ORIGINAL;
    char day[MAX_DATE + 8];
    struct cli_string date = day_of(member, day);
    FILE *to = out->to;

    /* Of an original the whole line stands out, of a copy what it is. */
    fputs("  ", to);
    cli_begin_style(out, style);
    fprintf(to, "%-9s  %.3f", wcp_relation_text(member->relation),
            member->jaccard);
    if (!original)
        cli_end_style(out, style);
    write_column(to, date, widths->date);
    write_column(to, source_of(member), widths->source);
    fputs("  ", to);
    if (widths->title > 0) {
        /* Ids differ at their ends. */
        cli_print_padded_left(to, id_of(member), widths->id);
        fputs("  ", to);
        cli_print_cut(to, title_of(member), widths->title);
    } else {
        cli_print_cut(to, id_of(member), widths->id);
    }
    if (original)
        cli_end_style(out, style);
    fputc('\n', to);
}

static enum wcp_status
write_table(struct cli_listing *sink, const struct wcp_group *group)
{
    FILE *to = sink->out.to;
    struct widths widths = { 0 };
    enum wcp_status status =
        measure(group, sink->out.width == CLI_NO_WIDTH, &widths);

    if (status != WCP_OK)
        return status;
    fit(&widths, sink->out.width - RELATION_WIDTH);
    if (sink->num_listed > 0)
        fputc('\n', to);
    cli_begin_style(&sink->out, CLI_FAINT);
    fprintf(to, "Group %" PRIu64 "  %" PRIu64 " documents, weakest %.3f",
            group->number, group->size, group->weakest);
    cli_end_style(&sink->out, CLI_FAINT);
    fputc('\n', to);
    for (uint64_t i = 0; i < group->size; i++) {
        const struct wcp_group_member *member;

        status = wcp_group_get(group, i, &member);
        if (status != WCP_OK)
            return status;
        write_table_member(&sink->out, &widths, member);
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

const struct cli_command cli_cmd_find = {
    .name = "find",
    .summary = "Find which documents are copies of one another.",
    .usage = "wirecopy find [OPTION]... [INPUT]...",
    .examples =
        "  wirecopy find news/\n"
        "  wirecopy find -t 0.7 --format csv -o groups.csv a.jsonl.zst\n"
        "  wirecopy find --of dunvale/tram.txt news/\n",
    .options = find_options,
    .args_size = sizeof(struct cli_listing_args),
    .init = cli_listing_init,
    .run = run_find,
};
