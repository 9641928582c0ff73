/*
 * boilerplate.c - find --boilerplate: text that stands in very many documents
 *
 * It goes to a file of its own, always JSONL, which gets its name together
 * with the groups: both or none are there.
 */
#include "cli/listing.h"

#include <inttypes.h>

bool
cli_boilerplate_check(const struct cli_listing_args *args)
{
    if (args->boilerplate == NULL)
        return true;
    if (args->corpus.lib.memory > 0) {
        cli_say("--memory is not for --boilerplate, which holds all texts");
        return false;
    }
    if (!cli_same_output(args->boilerplate, args->corpus.output))
        return true;
    cli_say("--boilerplate and the result cannot both go to '%s'",
            args->corpus.output != NULL ? args->corpus.output : "-");
    return false;
}

bool
cli_boilerplate_open(struct cli_boilerplate *boilerplate,
                     const struct cli_listing_args *args)
{
    struct cli_corpus_args corpus = args->corpus;

    *boilerplate = (struct cli_boilerplate){ .args = args };
    if (args->boilerplate == NULL)
        return true;
    corpus.output = args->boilerplate;
    corpus.format = CLI_FORMAT_JSONL;
    boilerplate->opened = cli_output_open(&boilerplate->out, &corpus);
    return boilerplate->opened;
}

static void
write_copy(FILE *to, const struct wcp_passage_copy *copy)
{
    fputs("{\"id\":", to);
    cli_json_string(
        to, (struct cli_string){ copy->document->id, copy->document->id_len });
    fputs(",\"path\":", to);
    cli_json_string(to, cli_string_of(copy->document->path));
    if (copy->document->line > 0)
        fprintf(to, ",\"line\":%" PRIu64, copy->document->line);
    else
        fputs(",\"line\":null", to);
    fprintf(to,
            ",\"begin\":%" PRIu64 ",\"end\":%" PRIu64 ",\"char_begin\":%" PRIu64
            ",\"char_end\":%" PRIu64 "}",
            copy->begin, copy->end, copy->char_begin, copy->char_end);
}

static int32_t
on_boilerplate(void *ctx, const struct wcp_boilerplate *found)
{
    struct cli_boilerplate *boilerplate = ctx;
    const struct wcp_passage *passage = found->passage;
    FILE *to = boilerplate->out.to;

    fprintf(to,
            "{\"boilerplate\":%" PRIu64 ",\"documents\":%" PRIu64
            ",\"length\":%" PRIu64 ",\"text\":",
            found->number, found->documents, passage->length);
    cli_json_string(
        to, (struct cli_string){ passage->excerpt, passage->excerpt_len });
    fputs(",\"copies\":[", to);
    for (uint64_t i = 0; i < passage->num_copies; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);

        if (copy == NULL) {
            boilerplate->no_memory = true;
            return 1;
        }
        if (i > 0)
            fputc(',', to);
        write_copy(to, copy);
    }
    fputs("]}\n", to);
    boilerplate->num = found->number;
    return !cli_output_ok(&boilerplate->out);
}

int
cli_boilerplate_write(struct cli_boilerplate *boilerplate, struct cli_run *run)
{
    struct wcp_boilerplate_options opts;
    struct wcp_error err;
    char number[28], documents[28];

    if (!boilerplate->opened)
        return CLI_OK;
    wcp_boilerplate_options_init(&opts, sizeof opts);
    opts.min_length = boilerplate->args->boilerplate_length;
    opts.min_documents = boilerplate->args->boilerplate_documents;
    if (wcp_corpus_boilerplate(run->corpus, &opts, on_boilerplate, boilerplate,
                               &err) != WCP_OK &&
        cli_output_ok(&boilerplate->out)) {
        if (boilerplate->no_memory)
            snprintf(err.text, sizeof err.text, "out of memory");
        return cli_run_fail(run, &err);
    }
    if (!run->args->quiet)
        cli_say("%s text%s in %s or more documents that are no copies: '%s'",
                cli_count(boilerplate->num, number),
                boilerplate->num == 1 ? " stands" : "s stand",
                cli_count(opts.min_documents, documents),
                boilerplate->args->boilerplate);
    return CLI_OK;
}

int
cli_boilerplate_close(struct cli_boilerplate *boilerplate, bool *keep,
                      int status)
{
    if (!boilerplate->opened)
        return status;
    *keep = cli_output_finish(&boilerplate->out) && *keep;
    status = cli_output_close(&boilerplate->out, *keep, status);
    *keep = *keep && status != CLI_FAILED;
    return status;
}
