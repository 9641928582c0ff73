/*
 * fuzz_options.c - the parser of command lines
 *
 * The input's strings, each ended by a NUL, are the arguments.  What the
 * program would print goes nowhere.
 */
#include "fuzz.h"

static FILE *nowhere;

/* Only the program's files below see these. */
#pragma push_macro("stderr")
#pragma push_macro("stdout")
#undef stderr
#undef stdout
#define stderr nowhere
#define stdout nowhere
#include "cli/compress.c"
#include "cli/help.c"
#include "cli/messages.c"
#include "cli/names.c"
#include "cli/options.c"
#pragma pop_macro("stderr")
#pragma pop_macro("stdout")

enum { MAX_ARGS = 24 };

/* Those of corpus.c; the shell of the program is not under test. */
const char *const cli_signature_names[] = { "minhash", "minhash-classic",
                                            "simhash", NULL };
const char *const cli_relation_names[] = {
    "",         "identical", "reprint",  "abridged",    "expanded",
    "embedded", "excerpt",   "template", "boilerplate", NULL
};
const char *const cli_input_formats[] = { "auto", "text", "jsonl", NULL };
const char *const cli_bad_byte_names[] = { "replace", "skip", "fail", NULL };
const char *const cli_format_names[] = { "",    "table", "jsonl",
                                         "csv", "tsv",   NULL };
const char *const cli_color_names[] = { "auto", "always", "never", NULL };

bool
cli_is_directory(const char *path)
{
    return path[0] == '\0';
}

static const struct cli_option options[] = {
    CLI_CORPUS_OPTIONS,
    { .type = CLI_END },
};

static const struct cli_command command = { .name = "find",
                                            .summary = "groups of copies",
                                            .usage = "wirecopy find",
                                            .examples = "  wirecopy find .\n",
                                            .options = options };
const struct cli_command *const cli_commands[] = { &command, NULL };

static bool
is_argument(const char *text, char *const *args, int num)
{
    for (int i = 0; text != NULL && i < num; i++)
        if (text >= args[i] && text <= args[i] + strlen(args[i]))
            return true;
    return text == NULL;
}

static void
check_values(const struct cli_corpus_args *values,
             const struct cli_corpus_args *defaults, char *const *args, int num)
{
    const struct wcp_options *lib = &values->lib;

    MUST((lib->threshold >= 1e-6 && lib->threshold <= 1) ||
         lib->threshold == defaults->lib.threshold);
    MUST(lib->recall >= .5 && lib->recall <= .9999);
    MUST(lib->distance <= 8 && lib->shingle <= 64 && lib->threads <= 256);
    MUST(lib->max_document >= 1 && lib->max_document <= 1 << 30);
    MUST(lib->signature >= WCP_MINHASH && lib->signature <= WCP_SIMHASH);
    MUST(lib->input_format >= WCP_AUTO && lib->input_format <= WCP_JSONL);
    MUST(lib->on_bad_bytes >= WCP_REPLACE && lib->on_bad_bytes <= WCP_FAIL);
    MUST(values->format >= CLI_FORMAT_DEFAULT &&
         values->format <= CLI_FORMAT_TSV);
    MUST(is_argument(values->output, args, num));
    MUST(lib->encoding == defaults->lib.encoding ||
         is_argument(lib->encoding, args, num));
    MUST(lib->text_field == defaults->lib.text_field ||
         is_argument(lib->text_field, args, num));
}

/* A size is digits, perhaps with a point, sign or exponent, then a unit. */
static void
check_size(const char *arg)
{
    static const char name[] = "--max-document=";
    const char *text = arg + sizeof name - 1;

    if (strncmp(arg, name, sizeof name - 1) != 0)
        return;
    text += strspn(text, "0123456789.+-eE");
    text += *text != '\0' && strchr("KMGkmg", *text) != NULL;
    text += *text == 'i';
    text += *text == 'B';
    MUST(*text == '\0');
}

/* Operands are arguments, in order, and come first. */
static void
check_operands(char *const *argv, int num_operands, char *const *args, int num)
{
    int at = 0;

    for (int i = 0; i < num_operands; i++) {
        while (at < num && args[at] != argv[i])
            at++;
        MUST(at < num);
        at++;
    }
}

static int
split(char *text, size_t len, char **args)
{
    int num = 0;

    for (char *end = text + len; text < end && num < MAX_ARGS;) {
        args[num++] = text;
        text += strlen(text) + 1;
    }
    return num;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cli_corpus_args values = { .format = CLI_FORMAT_DEFAULT }, defaults;
    char *args[MAX_ARGS], *argv[MAX_ARGS], *text = malloc(size + 1);
    int num, result;

    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    MUST(nowhere != NULL && text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    num = split(text, size, args);
    memcpy(argv, args, sizeof(char *) * (size_t)num);
    wcp_options_init(&values.lib, sizeof values.lib);
    defaults = values;
    result = cli_parse(&command, &values, num, argv);
    /* Help that could not be printed is no status here: nothing failed. */
    MUST(result == -1 - CLI_OK || result == -1 - CLI_USAGE ||
         (result >= 0 && result <= num));
    check_values(&values, &defaults, args, num);
    if (result >= 0)
        check_operands(argv, result, args, num);
    if (num == 1 && result == 0)
        check_size(args[0]);
    (void)cli_suggest(text, cli_bad_byte_names, 3);
    free(text);
    return 0;
}
