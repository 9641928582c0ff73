/*
 * cmd_eval.c - "wirecopy eval": how well do groups, or passages, agree with
 * labels?
 */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct eval_args {
    struct cli_corpus_args corpus; /* first: the option tables count on it */
    struct wcp_passage_options passages;
    bool of_passages;
    const char *gold, *errors;
    char *gold_text; /* what came by standard input, or NULL */
    size_t gold_len;
    uint32_t max_errors;
};

static const struct cli_option eval_options[] = {
    { CLI_HEADING, 0, NULL, 0, NULL, "Evaluation", NULL, 0, 0 },
    { CLI_STRING, 'g', "gold", offsetof(struct eval_args, gold), "FILE",
      "labels (-: standard input), lines with tabs: id, cluster; or copy, "
      "original, relation; or "
      "a, b, 0 or 1; with --passages id, begin, end, cluster; the end of a "
      "path "
      "is an id as well",
      NULL, 0, 0 },
    { CLI_STRING, 0, "errors", offsetof(struct eval_args, errors), "FILE",
      "write false and missed pairs to FILE as JSONL, the worst first", NULL, 0,
      0 },
    { CLI_NUMBER, 0, "max-errors", offsetof(struct eval_args, max_errors), "N",
      "write at most N pairs of each kind", NULL, 1, 1000000 },
    { CLI_HEADING, 0, NULL, 0, NULL, "Passages", NULL, 0, 0 },
    { CLI_FLAG, 'p', "passages", offsetof(struct eval_args, of_passages), NULL,
      "score passages, by the characters of spans, instead of groups", NULL, 0,
      0 },
    CLI_PASSAGE_OPTIONS(offsetof(struct eval_args, passages)),
    CLI_CORPUS_OPTIONS,
    { .type = CLI_END },
};

static const char *const eval_columns[] = {
    "documents", "gold", "found", "true_positive", "precision", "recall",
    "f1",        "ari",  NULL
};

static const char *const spans_columns[] = {
    "documents", "gold",  "found",       "true_positive", "precision", "recall",
    "f1",        "spans", "spans_found", "span_recall",   NULL
};

/* ---- the scores ---- */

static double
span_recall(const struct wcp_evaluation *scores)
{
    return scores->spans > 0
               ? (double)scores->spans_found / (double)scores->spans
               : (double)NAN;
}

static void
write_json(FILE *to, const struct wcp_evaluation *scores)
{
    fprintf(to,
            "{\"documents\":%" PRIu64 ",\"gold\":%" PRIu64 ",\"found\":%" PRIu64
            ",\"true_positive\":%" PRIu64,
            scores->documents, scores->gold, scores->found,
            scores->true_positive);
    cli_json_field(to, "precision", scores->precision);
    cli_json_field(to, "recall", scores->recall);
    cli_json_field(to, "f1", scores->f1);
    if (scores->passages != NULL) {
        fprintf(to, ",\"spans\":%" PRIu64 ",\"spans_found\":%" PRIu64,
                scores->spans, scores->spans_found);
        cli_json_field(to, "span_recall", span_recall(scores));
    } else {
        cli_json_field(to, "ari", scores->ari);
    }
    fputs("}\n", to);
}

static void
write_cell(struct cli_row *row, double value)
{
    if (isnan(value))
        cli_row_string(row, cli_string_of(NULL));
    else
        cli_row_number(row, value);
}

static void
write_rows(struct cli_row *row, const struct wcp_evaluation *scores)
{
    cli_row_names(row, scores->passages != NULL ? spans_columns : eval_columns);
    cli_row_count(row, scores->documents);
    cli_row_count(row, scores->gold);
    cli_row_count(row, scores->found);
    cli_row_count(row, scores->true_positive);
    write_cell(row, scores->precision);
    write_cell(row, scores->recall);
    write_cell(row, scores->f1);
    if (scores->passages != NULL) {
        cli_row_count(row, scores->spans);
        cli_row_count(row, scores->spans_found);
        write_cell(row, span_recall(scores));
    } else {
        write_cell(row, scores->ari);
    }
    cli_row_end(row);
}

static void
print_count(FILE *to, const char *name, uint64_t count)
{
    char number[28];

    fprintf(to, "%-20s %14s\n", name, cli_count(count, number));
}

static void
print_ratio(FILE *to, const char *name, double value, const char *none)
{
    if (isnan(value))
        fprintf(to, "%-20s %14s  %s\n", name, "-", none);
    else
        fprintf(to, "%-20s %14.4f\n", name, value);
}

/* 'what' is in the gold, counted in 'units'. */
static void
print_scores(FILE *to, const struct wcp_evaluation *scores, const char *what,
             const char *units)
{
    const uint64_t both = scores->true_positive;
    char label[32];

    snprintf(label, sizeof label, "%s in gold", units);
    print_count(to, label, scores->gold);
    snprintf(label, sizeof label, "%s found", units);
    print_count(to, label, scores->found);
    print_count(to, "  right", both);
    print_count(to, "  false", scores->found - both);
    print_count(to, "  missed", scores->gold - both);
    print_ratio(to, "Precision", scores->precision, "nothing was found");
    snprintf(label, sizeof label, "the gold has no %s", what);
    print_ratio(to, "Recall", scores->recall, label);
    snprintf(label, sizeof label, "there are no %s", what);
    print_ratio(to, "F1", scores->f1, label);
}

static void
write_table(FILE *to, const struct wcp_evaluation *scores)
{
    print_count(to, "Documents", scores->documents);
    if (scores->labelled > 0)
        print_count(to, "Pairs with a label", scores->labelled);
    print_scores(to, scores, "pairs", "Pairs");
    print_ratio(to, "Adjusted Rand index", scores->ari,
                scores->labelled > 0 ? "not for labelled pairs"
                                     : "nothing to adjust");
}

static void
write_spans_table(FILE *to, const struct wcp_evaluation *scores)
{
    print_count(to, "Documents", scores->documents);
    print_scores(to, scores, "spans", "Characters");
    print_count(to, "Spans in gold", scores->spans);
    print_count(to, "  found with a copy", scores->spans_found);
    print_ratio(to, "Recall of spans", span_recall(scores),
                "the gold has no spans");
}

/* ---- the mistakes ---- */

static int32_t
on_mistake(void *ctx, enum wcp_mistake_kind kind, const struct wcp_pair *pair)
{
    struct cli_output *out = ctx;
    FILE *to = out->to;

    fprintf(to, "{\"error\":\"%s\",\"a\":",
            kind == WCP_FALSE_PAIR ? "false" : "missed");
    cli_json_string(to, (struct cli_string){ pair->a->id, pair->a->id_len });
    fputs(",\"b\":", to);
    cli_json_string(to, (struct cli_string){ pair->b->id, pair->b->id_len });
    cli_json_field(to, "jaccard", pair->jaccard);
    cli_json_field(to, "a_in_b", pair->a_in_b);
    cli_json_field(to, "b_in_a", pair->b_in_a);
    fputs("}\n", to);
    return !cli_output_ok(out);
}

/* ---- the command ---- */

static void
write_scores(struct cli_output *out, const struct wcp_evaluation *scores)
{
    struct cli_row row = { .line.to = out->to,
                           .tabs = out->format == CLI_FORMAT_TSV };

    switch (out->format) {
    case CLI_FORMAT_TABLE:
        if (scores->passages != NULL)
            write_spans_table(out->to, scores);
        else
            write_table(out->to, scores);
        break;
    case CLI_FORMAT_CSV:
    case CLI_FORMAT_TSV:
        write_rows(&row, scores);
        break;
    case CLI_FORMAT_DEFAULT:
    case CLI_FORMAT_JSONL:
        write_json(out->to, scores);
        break;
    }
}

static void
describe_result(const struct wcp_corpus *corpus,
                const struct wcp_evaluation *scores, char *text, size_t size)
{
    struct wcp_stats stats = { .struct_size = sizeof stats };
    char copies[28], falses[28], missed[28];

    wcp_corpus_stats(corpus, &stats);
    if (scores->passages != NULL) {
        snprintf(text, size, "%s copies of %s passage%s",
                 cli_count(stats.passage_copies, copies),
                 cli_count(stats.passages, falses), cli_s(stats.passages));
        return;
    }
    snprintf(text, size, "%s %s, %s false and %s missed pairs",
             cli_count(stats.copies, copies),
             stats.copies == 1 ? "copy" : "copies",
             cli_count(scores->found - scores->true_positive, falses),
             cli_count(scores->gold - scores->true_positive, missed));
}

struct eval_outputs {
    struct cli_output scores, errors;
    bool lists_errors;
};

static bool
open_outputs(struct eval_outputs *out, const struct eval_args *args)
{
    struct cli_corpus_args errors = args->corpus;

    errors.output = args->errors;
    out->lists_errors = args->errors != NULL;
    if (!cli_output_open(&out->scores, &args->corpus))
        return false;
    if (!out->lists_errors || cli_output_open(&out->errors, &errors))
        return true;
    cli_output_close(&out->scores, false, CLI_FAILED);
    return false;
}

/* Neither file gets its name before both are written. */
static int
close_outputs(struct eval_outputs *out, int status)
{
    bool keep = status == CLI_OK || status == CLI_PARTIAL;

    keep = cli_output_finish(&out->scores) && keep;
    if (out->lists_errors) {
        keep = cli_output_finish(&out->errors) && keep;
        status = cli_output_close(&out->errors, keep, status);
        keep = keep && status != CLI_FAILED;
    }
    return cli_output_close(&out->scores, keep, status);
}

static int
evaluate(struct eval_args *args, struct eval_outputs *out, int num_inputs,
         char **inputs)
{
    struct wcp_evaluation scores = {
        .struct_size = sizeof scores,
        .gold_path = args->gold,
        .gold_text = args->gold_text,
        .gold_len = args->gold_len,
        .max_mistakes = args->max_errors,
        .on_mistake = out->lists_errors ? on_mistake : NULL,
        .ctx = &out->errors,
        .passages = args->of_passages ? &args->passages : NULL,
    };
    struct cli_run run;
    struct wcp_error err;
    char result[128];
    int status = CLI_OK;

    /* Labels often lie beside the texts, but are none of them. */
    args->corpus.lib.skip_path = args->gold;
    args->corpus.side_output = args->errors;
    if (!cli_run_open(&run, &args->corpus, num_inputs, inputs, &status))
        return status;
    if (wcp_corpus_eval(run.corpus, &scores, &err) != WCP_OK) {
        if (err.status != WCP_STOPPED)
            return cli_run_fail(&run, &err);
        cli_run_end(&run); /* closing says why */
        return CLI_FAILED;
    }
    write_scores(&out->scores, &scores);
    describe_result(run.corpus, &scores, result, sizeof result);
    cli_output_flush(&out->scores);
    return cli_run_close(&run, result);
}

static void
init_eval(void *to)
{
    struct eval_args *args = to;

    *args = (struct eval_args){ .corpus = cli_corpus_defaults(),
                                .max_errors = 1000 };
    wcp_passage_options_init(&args->passages, sizeof args->passages);
}

/* Neither the inputs nor the labels are to be replaced. */
static bool
outputs_are_safe(const struct eval_args *args, int num_inputs, char **inputs)
{
    const char *const outputs[] = { args->corpus.output, args->errors };
    char gold[4096], *golds[] = { gold };

    if (!cli_check_outputs(num_inputs, inputs, outputs, 2) ||
        !cli_check_outside(num_inputs, inputs, outputs[0]) ||
        !cli_check_outside(num_inputs, inputs, outputs[1]))
        return false;
    if (args->errors != NULL && cli_same_output(args->errors, outputs[0])) {
        cli_say("--errors and the scores cannot both go to '%s'", args->errors);
        return false;
    }
    if (args->gold == NULL ||
        snprintf(gold, sizeof gold, "%s", args->gold) >= (int)sizeof gold)
        return true;
    return cli_check_outputs(1, golds, outputs, 2);
}

/* Labels that come by standard input.  CLI_OK, or the exit status after a
 * message. */
static int
read_gold(struct eval_args *args, int num_inputs, char **inputs)
{
    const char *list = args->corpus.files_from;
    bool taken = list != NULL ? strcmp(list, "-") == 0 : num_inputs == 0;

    for (int i = 0; i < num_inputs; i++)
        taken |= strcmp(inputs[i], "-") == 0;
    if (taken) {
        cli_say("standard input cannot be both the labels and the texts; name "
                "a file");
        return CLI_USAGE;
    }
    args->gold_text = cli_read_stream(stdin, &args->gold_len);
    if (args->gold_text != NULL)
        return CLI_OK;
    cli_say("%s: cannot read: %s", args->gold, strerror(errno));
    return CLI_FAILED;
}

static int
run_eval(const struct cli_command *command, int argc, char **argv)
{
    struct eval_args args;
    struct eval_outputs out;
    int num_inputs, status = CLI_OK;

    init_eval(&args);
    num_inputs = cli_parse(command, &args, argc, argv);
    if (num_inputs < 0)
        return -1 - num_inputs;
    if (!outputs_are_safe(&args, num_inputs, argv))
        return CLI_USAGE;
    if (args.gold == NULL) {
        cli_say("eval needs --gold FILE; see 'wirecopy eval --help'");
        return CLI_USAGE;
    }
    if (args.of_passages && args.errors != NULL) {
        cli_say("--errors is a list of pairs, which passages are not");
        return CLI_USAGE;
    }
    if (strcmp(args.gold, "-") == 0)
        status = read_gold(&args, num_inputs, argv);
    if (status == CLI_OK && !open_outputs(&out, &args))
        status = CLI_FAILED;
    else if (status == CLI_OK)
        status = close_outputs(&out, evaluate(&args, &out, num_inputs, argv));
    free(args.gold_text);
    return status;
}

static const struct cli_field eval_fields[] = {
    { "documents", "number of documents" },
    { "gold, found, true_positive",
      "pairs that are labelled copies, that were found, and that are both" },
    { "precision, recall, f1", "of pairs" },
    { "ari", "adjusted Rand index of the groups; none of labelled pairs, nor "
             "with --passages" },
    { "gold, found, true_positive, precision, recall, f1",
      "with --passages: of characters, those in the spans of the gold, in "
      "passages, and in both" },
    { "spans", "with --passages: spans of the gold that have another one in "
               "their cluster" },
    { "spans_found", "those of which nine tenths lie in a passage that covers "
                     "another one of the cluster as much" },
    { "span_recall", "their share" },
    { NULL, NULL },
};

/* Labels, too, are held in memory. */
static const char *const eval_without[] = { "memory", NULL };

const struct cli_command cli_cmd_eval = {
    .name = "eval",
    .summary = "Measure groups, or passages, against labels.",
    .usage = "wirecopy eval --gold FILE [OPTION]... [INPUT]...",
    .examples =
        "  wirecopy eval --gold gold.tsv news.jsonl\n"
        "  wirecopy eval -g gold.tsv -t 0.7 --errors wrong.jsonl news/\n"
        "  wirecopy eval --passages -g spans.tsv -l 60 pages/\n",
    .options = eval_options,
    .fields = eval_fields,
    .without = eval_without,
    .args_size = sizeof(struct eval_args),
    .init = init_eval,
    .run = run_eval,
};
