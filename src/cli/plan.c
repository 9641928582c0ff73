/*
 * plan.c - --plan: what a command would come to, beforehand
 */
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>

/* Two digits say as much as a sample knows. */
static uint64_t
rounded(uint64_t number)
{
    uint64_t unit = 1;

    while (number / unit >= 1000)
        unit *= 10;
    return (number + unit / 2) / unit * unit;
}

static void
write_table(FILE *to, const struct cli_corpus_args *args,
            const struct wcp_forecast *forecast, uint32_t threads)
{
    char documents[28], bytes[28], memory[28], least[28], temporary[28];
    const bool exact = forecast->sampled >= forecast->documents;
    const double seconds = ceil(forecast->seconds);

    fprintf(
        to, "documents        %s%s, %s\n", exact ? "" : "about ",
        cli_count(exact ? forecast->documents : rounded(forecast->documents),
                  documents),
        cli_bytes((double)forecast->bytes, bytes));
    fprintf(to, "memory           up to %s%s; with --memory at least %s\n",
            cli_bytes((double)forecast->memory, memory),
            args->lib.memory > 0 ? "" : " without a limit",
            cli_bytes((double)forecast->least_memory, least));
    fprintf(to, "temporary files  %s\n",
            forecast->temporary > 0
                ? cli_bytes((double)forecast->temporary, temporary)
                : "none");
    if (seconds < 120)
        fprintf(to, "time             about %.0f s", seconds);
    else
        fprintf(to, "time             about %.0f min", ceil(seconds / 60));
    fprintf(to, " on %" PRIu32 " thread%s\n", threads, cli_s(threads));
}

static void
write_json(FILE *to, const struct wcp_forecast *forecast)
{
    fprintf(to,
            "{\"documents\":%" PRIu64 ",\"bytes\":%" PRIu64
            ",\"memory\":%" PRIu64 ",\"least_memory\":%" PRIu64
            ",\"temporary\":%" PRIu64 ",\"seconds\":",
            forecast->documents, forecast->bytes, forecast->memory,
            forecast->least_memory, forecast->temporary);
    cli_json_number(to, forecast->seconds);
    fprintf(to, ",\"sampled\":%" PRIu64 "}\n", forecast->sampled);
}

static void
write_row(FILE *to, const struct wcp_forecast *forecast, bool tabs)
{
    static const char *const names[] = { "documents",    "bytes",     "memory",
                                         "least_memory", "temporary", "seconds",
                                         "sampled",      NULL };
    struct cli_row row = { .line.to = to, .tabs = tabs };

    cli_row_names(&row, names);
    cli_row_count(&row, forecast->documents);
    cli_row_count(&row, forecast->bytes);
    cli_row_count(&row, forecast->memory);
    cli_row_count(&row, forecast->least_memory);
    cli_row_count(&row, forecast->temporary);
    cli_row_number(&row, forecast->seconds);
    cli_row_count(&row, forecast->sampled);
    cli_row_end(&row);
}

/* A plan of nothing is no plan: the exit status is that of the command. */
static int
end_plan(struct cli_run *run, const struct wcp_forecast *forecast)
{
    const bool quiet = run->args->quiet;
    const int status = cli_run_end(run);

    if (forecast->documents > 0)
        return status;
    if (forecast->bytes > 0)
        cli_say("no documents were found; without --plan it is said why");
    else if (!quiet)
        cli_say("no documents were found");
    return status == CLI_OK && forecast->bytes == 0 ? CLI_OK : CLI_FAILED;
}

static int
write_plan(struct cli_output *out, struct cli_run *run)
{
    struct wcp_forecast forecast = { .struct_size = sizeof forecast };
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_error err;

    if (wcp_corpus_forecast(run->corpus, &forecast, &err) != WCP_OK)
        return cli_run_fail(run, &err);
    wcp_corpus_stats(run->corpus, &stats);
    if (out->format == CLI_FORMAT_TABLE)
        write_table(out->to, run->args, &forecast, stats.threads);
    else if (out->format == CLI_FORMAT_CSV || out->format == CLI_FORMAT_TSV)
        write_row(out->to, &forecast, out->format == CLI_FORMAT_TSV);
    else
        write_json(out->to, &forecast);
    return end_plan(run, &forecast);
}

int
cli_plan(struct cli_corpus_args *args, int num_inputs, char **inputs)
{
    struct cli_output out;
    struct cli_run run;
    int status = CLI_OK;

    args->output = args->side_output = NULL; /* nothing is to be written yet */
    if (!cli_output_open(&out, args))
        return CLI_FAILED;
    if (cli_run_open(&run, args, num_inputs, inputs, &status))
        status = write_plan(&out, &run);
    return cli_output_close(&out, status == CLI_OK || status == CLI_PARTIAL,
                            status);
}
