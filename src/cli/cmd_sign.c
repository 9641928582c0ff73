/*
 * cmd_sign.c - "wirecopy sign": signatures of documents, to be linked elsewhere
 */
#include "cli/cli.h"

#include <errno.h>
#include <unistd.h>

static const struct cli_option sign_options[] = {
    CLI_CORPUS_OPTIONS,
    { .type = CLI_END },
};

/* What decides about copies comes when they are looked for. */
static const char *const sign_without[] = { "threshold", "relations", "recall",
                                            "distance",  "format",    "color",
                                            NULL };

static bool
check_output(const struct cli_corpus_args *args)
{
    const char *ending =
        args->output != NULL ? cli_compressed_ending(args->output) : NULL;

    if (args->output == NULL && isatty(STDOUT_FILENO)) {
        cli_say("a signature file is nothing for a terminal: write -o F.wcs");
        return false;
    }
    if (ending != NULL) {
        cli_say("signatures cannot be compressed, and are read where they "
                "stand: write -o F.wcs, not '%s'",
                ending);
        return false;
    }
    return true;
}

static int
sign(struct cli_run *run, const struct cli_output *out)
{
    const int descriptor = out->path != NULL ? out->fd : STDOUT_FILENO;
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_error err;
    char result[80], number[28];

    /* As everywhere, a reader that has seen enough is no failure. */
    if (wcp_corpus_sign(run->corpus, descriptor, &err) != WCP_OK)
        return err.sys_errno == EPIPE ? cli_run_end(run)
                                      : cli_run_fail(run, &err);
    wcp_corpus_stats(run->corpus, &stats);
    snprintf(result, sizeof result, "%s signature%s",
             cli_count(stats.documents, number), cli_s(stats.documents));
    return cli_run_close(run, result);
}

static int
run_sign(const struct cli_command *command, int argc, char **argv)
{
    struct cli_corpus_args args = cli_corpus_defaults();
    struct cli_output out;
    struct cli_run run;
    int num_inputs = cli_parse(command, &args, argc, argv), status = CLI_OK;

    if (num_inputs < 0)
        return -1 - num_inputs;
    if (!check_output(&args) ||
        !cli_check_outputs(num_inputs, argv, &args.output, 1))
        return CLI_USAGE;
    if (!cli_output_open(&out, &args))
        return CLI_FAILED;
    if (cli_run_open(&run, &args, num_inputs, argv, &status))
        status = sign(&run, &out);
    return cli_output_close(&out, status == CLI_OK || status == CLI_PARTIAL,
                            status);
}

const struct cli_command cli_cmd_sign = {
    .name = "sign",
    .summary =
        "Write a signature file, by which find and pairs link documents.",
    .usage = "wirecopy sign [OPTION]... [INPUT]... -o F.wcs",
    .examples = "  wirecopy sign shard-07.jsonl.zst -o 07.wcs\n"
                "  wirecopy find 01.wcs 02.wcs --texts /shards\n"
                "  wirecopy pairs -t 0.6 *.wcs --estimate\n",
    .options = sign_options,
    .without = sign_without,
    .args_size = sizeof(struct cli_corpus_args),
    .init = cli_corpus_init,
    .run = run_sign,
};
