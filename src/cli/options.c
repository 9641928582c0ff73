/*
 * options.c - option tables: parsing, and what does not go together
 */
#include "cli/cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- suggestions ---- */

/* Levenshtein's distance, of names shorter than 32 characters. */
static unsigned
edit_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    unsigned row[33];

    if (a_len > 32 || b_len > 32)
        return 99;
    for (unsigned j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned corner = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned change = corner + (a[i - 1] != b[j - 1]);
            unsigned best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            corner = row[j];
            row[j] = change < best ? change : best;
        }
    }
    return row[b_len];
}

const char *
cli_suggest(const char *name, const char *const *candidates, size_t num)
{
    const char *best = NULL;
    unsigned least = 3;

    for (size_t i = 0; i < num; i++) {
        unsigned distance = edit_distance(name, candidates[i]);

        if (strlen(name) > 2 && strncmp(name, candidates[i], strlen(name)) == 0)
            distance = 1; /* cut short */
        if (distance < least) {
            least = distance;
            best = candidates[i];
        }
    }
    return best;
}

/* ---- values ---- */

static bool
parse_plain_number(const char *text, double *number_ret, const char **end_ret)
{
    char *end;

    /* strtod() alone would take "nan", "0x10" and leading blanks. */
    if (!((*text >= '0' && *text <= '9') || *text == '.' || *text == '-' ||
          *text == '+') ||
        strpbrk(text, "xXnN") != NULL)
        return false;
    *number_ret = strtod(text, &end);
    *end_ret = end;
    return end != text && isfinite(*number_ret);
}

static bool
parse_number(const struct cli_option *option, const char *text,
             double *number_ret)
{
    double number, factor = 1;
    const char *end;

    if (!parse_plain_number(text, &number, &end))
        return false;
    if (option->type == CLI_SIZE && *end != '\0') {
        static const char units[] = "KkMmGg";
        const char *unit = strchr(units, *end);

        if (unit == NULL)
            return false;
        factor = unit < units + 2   ? 1024.0
                 : unit < units + 4 ? 1048576.0
                                    : 1073741824.0;
        end++;
        if (end[0] == 'i')
            end++;
        if (end[0] == 'B')
            end++;
    }
    number *= factor;
    if (*end != '\0' || number < option->min || number > option->max ||
        (option->type != CLI_RATIO && number != floor(number)))
        return false;
    *number_ret = number;
    return true;
}

static void
say_bad_number(const struct cli_option *option, const char *text)
{
    if (option->type == CLI_RATIO && option->min > 0 && option->min < 1e-5)
        cli_say("--%s must be a number above 0 and at most %g, not '%s'",
                option->name, option->max, text);
    else if (option->type == CLI_SIZE)
        cli_say("--%s must be a size from %.0f byte to %.0fG, with K, M or G "
                "if you like, not '%s'",
                option->name, option->min, option->max / 1073741824.0, text);
    else if (option->type == CLI_RATIO)
        cli_say("--%s must be a number from %g to %g, not '%s'", option->name,
                option->min, option->max, text);
    else
        cli_say("--%s must be a whole number from %.0f to %.0f, not '%s'",
                option->name, option->min, option->max, text);
}

/* The help of a choice lists its names, then perhaps " [default]". */
static int
choices_len(const char *help)
{
    const char *bracket = strstr(help, " [");

    return bracket != NULL ? (int)(bracket - help) : (int)strlen(help);
}

static bool
set_choice(const struct cli_option *option, const char *text, int32_t *to)
{
    for (int32_t i = 0; option->choices[i] != NULL; i++)
        if (option->choices[i][0] != '\0' &&
            strcmp(option->choices[i], text) == 0) {
            *to = i;
            return true;
        }
    cli_say("--%s must be %.*s, not '%s'", option->name,
            choices_len(option->help), option->help, text);
    return false;
}

static int32_t
find_choice(const struct cli_option *option, const char *name, size_t len)
{
    for (int32_t i = 0; option->choices[i] != NULL; i++)
        if (len > 0 && strlen(option->choices[i]) == len &&
            memcmp(option->choices[i], name, len) == 0)
            return i;
    return -1;
}

static void
say_bad_name(const struct cli_option *option, const char *name, size_t len)
{
    char names[160] = "";
    size_t at = 0;

    for (size_t i = 0; option->choices[i] != NULL; i++)
        if (option->choices[i][0] != '\0' && at < sizeof names)
            at += (size_t)snprintf(names + at, sizeof names - at, "%s, ",
                                   option->choices[i]);
    cli_say("--%s knows %sand all, not '%.*s'", option->name, names,
            (int)(len < 40 ? len : 40), name);
}

static bool
set_set(const struct cli_option *option, const char *text, uint64_t *to)
{
    uint64_t set = 0;

    for (const char *at = text;;) {
        const size_t len = strcspn(at, ",");
        const int32_t choice = find_choice(option, at, len);

        if (choice >= 0) {
            set |= UINT64_C(1) << choice;
        } else if (len == 3 && memcmp(at, "all", 3) == 0) {
            for (int32_t i = 0; option->choices[i] != NULL; i++)
                if (option->choices[i][0] != '\0')
                    set |= UINT64_C(1) << i;
        } else {
            say_bad_name(option, at, len);
            return false;
        }
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    *to = set;
    return true;
}

static bool
set_value(const struct cli_option *option, void *args, const char *text)
{
    void *to = (char *)args + option->offset;
    double number = 0;

    switch (option->type) {
    case CLI_FLAG:
        *(bool *)to = true;
        return true;
    case CLI_STRING:
        *(const char **)to = text;
        return true;
    case CLI_CHOICE:
        return set_choice(option, text, to);
    case CLI_SET:
        return set_set(option, text, to);
    case CLI_NUMBER:
    case CLI_RATIO:
    case CLI_SIZE:
        if (!parse_number(option, text, &number)) {
            say_bad_number(option, text);
            return false;
        }
        break;
    case CLI_END:
    case CLI_HEADING:
        return false;
    }
    if (option->type == CLI_NUMBER)
        *(uint32_t *)to = (uint32_t)number;
    else if (option->type == CLI_SIZE)
        *(uint64_t *)to = (uint64_t)number;
    else
        *(double *)to = number;
    return true;
}

/* ---- which options there are ---- */

bool
cli_is_without(const struct cli_command *command, const char *name)
{
    const char *const *without = command->without;

    for (; without != NULL && *without != NULL; without++)
        if (strcmp(*without, name) == 0)
            return true;
    return false;
}

const struct cli_option *
cli_next_option(const struct cli_command *command, const struct cli_option *o)
{
    for (o = o == NULL ? command->options : o + 1; o->type != CLI_END; o++)
        if (o->name == NULL || !cli_is_without(command, o->name))
            return o;
    return NULL;
}

/* ---- arguments ---- */

static const struct cli_option *
find_long(const struct cli_command *command, const char *name, size_t len)
{
    for (const struct cli_option *o = cli_next_option(command, NULL); o != NULL;
         o = cli_next_option(command, o))
        if (o->name != NULL && strlen(o->name) == len &&
            memcmp(o->name, name, len) == 0)
            return o;
    return NULL;
}

static const struct cli_option *
find_short(const struct cli_command *command, char name)
{
    for (const struct cli_option *o = cli_next_option(command, NULL); o != NULL;
         o = cli_next_option(command, o))
        if (o->name != NULL && o->short_name == name)
            return o;
    return NULL;
}

/* The names of the commands that have an option, with commas between: by its
 * long name, or if that is NULL by its short one. */
static void
list_commands(const char *name, char short_name, char *out, size_t size)
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; cli_commands[i] != NULL && at < size; i++)
        if (name != NULL
                ? find_long(cli_commands[i], name, strlen(name)) != NULL
                : find_short(cli_commands[i], short_name) != NULL)
            at += (size_t)snprintf(out + at, size - at, "%s%s",
                                   at > 0 ? ", " : "", cli_commands[i]->name);
}

/* Of a command without this option, which others have.  False: none has. */
static bool
say_elsewhere(const struct cli_command *command, const char *name,
              char short_name)
{
    const char shown[] = { '-', short_name, '\0' };
    char others[128];

    list_commands(name, short_name, others, sizeof others);
    if (others[0] == '\0')
        return false;
    cli_say("%s has no option %s%s; %s %s", command->name,
            name != NULL ? "--" : "", name != NULL ? name : shown, others,
            strchr(others, ',') != NULL ? "have" : "has");
    return true;
}

static void
say_unknown(const struct cli_command *command, const char *name, size_t len)
{
    const char *names[64], *similar;
    char copy[40];
    size_t num = 0;

    for (const struct cli_option *o = cli_next_option(command, NULL); o != NULL;
         o = cli_next_option(command, o))
        if (o->name != NULL && num < 64)
            names[num++] = o->name;
    snprintf(copy, sizeof copy, "%.*s", (int)(len > 39 ? 39 : len), name);
    if (say_elsewhere(command, copy, '\0'))
        return;
    similar = cli_suggest(copy, names, num);
    if (similar != NULL)
        cli_say("unknown option '--%.*s'; did you mean '--%s'?", (int)len, name,
                similar);
    else
        cli_say("unknown option '--%.*s'; see 'wirecopy %s --help'", (int)len,
                name, command->name);
}

/* What is left of the command line while it is parsed. */
struct cursor {
    const struct cli_command *command;
    void *args;
    char **argv;
    int argc, at;
    uint64_t given; /* by index in the table: options with a value */
};

/* The value of an option: after the sign of equality, or the next argument. */
static bool
take_value(struct cursor *cursor, const struct cli_option *option,
           const char *attached)
{
    if (option->type == CLI_FLAG && attached != NULL) {
        cli_say("--%s takes no value", option->name);
        return false;
    }
    if (option->type != CLI_FLAG && attached == NULL) {
        if (cursor->at + 1 >= cursor->argc) {
            cli_say("--%s needs a value", option->name);
            return false;
        }
        attached = cursor->argv[++cursor->at];
    }
    if (option->type == CLI_STRING && option->min >= 1 &&
        (cursor->given >> (option - cursor->command->options) & 1) != 0) {
        cli_say("--%s can be given only once; run %s once for each of them",
                option->name, cursor->command->name);
        return false;
    }
    cursor->given |= UINT64_C(1) << (option - cursor->command->options);
    return set_value(option, cursor->args, attached);
}

static bool
parse_long(struct cursor *cursor, const char *arg)
{
    const char *equals = strchr(arg, '=');
    size_t len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
    const struct cli_option *option = find_long(cursor->command, arg, len);

    if (option == NULL && len > 3 && memcmp(arg, "no-", 3) == 0) {
        option = find_long(cursor->command, arg + 3, len - 3);
        if (option != NULL && option->type == CLI_FLAG && equals == NULL) {
            *(bool *)((char *)cursor->args + option->offset) = false;
            return true;
        }
        option = NULL;
    }
    if (option == NULL) {
        say_unknown(cursor->command, arg, len);
        return false;
    }
    return take_value(cursor, option, equals != NULL ? equals + 1 : NULL);
}

/* -qv, -o FILE, -oFILE */
static bool
parse_short(struct cursor *cursor, const char *arg)
{
    for (; *arg != '\0'; arg++) {
        const struct cli_option *option = find_short(cursor->command, *arg);

        if (option == NULL) {
            if (!say_elsewhere(cursor->command, NULL, *arg))
                cli_say("unknown option '-%c'; see 'wirecopy %s --help'", *arg,
                        cursor->command->name);
            return false;
        }
        if (option->type != CLI_FLAG)
            return take_value(cursor, option, arg[1] != '\0' ? arg + 1 : NULL);
        if (!take_value(cursor, option, NULL))
            return false;
    }
    return true;
}

/* ---- options that need others ---- */

static bool
is_given(const struct cursor *cursor, const char *name)
{
    const struct cli_option *o = cursor->command->options;

    for (size_t i = 0; o[i].type != CLI_END; i++)
        if (o[i].name != NULL && strcmp(o[i].name, name) == 0)
            return (cursor->given >> i & 1) != 0;
    return false;
}

/* The first operand that is a signature file, or NULL. */
static const char *
find_signatures(const struct cursor *cursor, int num_operands)
{
    const struct cli_corpus_args *args = cursor->args;

    for (int i = 0; args->takes_signatures && i < num_operands; i++)
        if (wcp_signatures_kind(cursor->argv[i]) >= 0)
            return cursor->argv[i];
    return NULL;
}

/* Of signature files their options of signing and reading are known.  False
 * after a message. */
static bool
check_signatures(const struct cursor *cursor, const char *file)
{
    static const char *const known[] = {
        "shingle",  "signature",   "input-format", "text-field",
        "id-field", "title-field", "date-field",   "source-field",
        "columns",  "encoding",    "on-bad-bytes", "max-document"
    };
    const struct cli_corpus_args *args = cursor->args;

    if (file == NULL && args->files_from == NULL && is_given(cursor, "texts")) {
        cli_say("--texts needs signature files");
        return false;
    }
    if (file != NULL && is_given(cursor, "boilerplate")) {
        cli_say("--boilerplate needs the texts, not signatures such as '%s'",
                file);
        return false;
    }
    if (file != NULL && is_given(cursor, "checkpoint")) {
        cli_say("'%s' is a signature file, which needs no --checkpoint", file);
        return false;
    }
    for (size_t i = 0; file != NULL && i < sizeof known / sizeof *known; i++)
        if (is_given(cursor, known[i])) {
            cli_say("'%s' says by which --%s it was signed; leave that out",
                    file, known[i]);
            return false;
        }
    return true;
}

/* Of commands that have --passages: passages are no copies of documents.
 * False after a message. */
static bool
check_passages(const struct cursor *cursor)
{
    static const char *const of_passages[] = { "min-length", "min-copies",
                                               "min-similarity" };
    static const char *const of_documents[] = { "threshold", "recall",
                                                "shingle", "signature",
                                                "distance" };

    if (find_long(cursor->command, "passages", 8) == NULL)
        return true;
    if (!is_given(cursor, "passages")) {
        for (size_t i = 0; i < sizeof of_passages / sizeof *of_passages; i++)
            if (is_given(cursor, of_passages[i])) {
                cli_say("--%s needs --passages", of_passages[i]);
                return false;
            }
        return true;
    }
    for (size_t i = 0; i < sizeof of_documents / sizeof *of_documents; i++)
        if (is_given(cursor, of_documents[i])) {
            cli_say("--%s is about whole documents; with --passages, see "
                    "--min-length and --min-similarity",
                    of_documents[i]);
            return false;
        }
    return true;
}

/* What would have no effect is a mistake of whoever typed it.  False after a
 * message. */
static bool
check_combinations(const struct cursor *cursor, int32_t signature)
{
    static const char *const fields[] = { "text-field", "id-field",
                                          "title-field", "date-field",
                                          "source-field" };
    const struct cli_corpus_args *args = cursor->args;
    int32_t input = args->lib.input_format;

    if (!check_passages(cursor))
        return false;
    if (is_given(cursor, "distance") && signature != WCP_SIMHASH)
        cli_say("--distance needs --signature simhash");
    else if (is_given(cursor, "recall") && signature == WCP_SIMHASH)
        cli_say("--recall needs a MinHash: with simhash all pairs within "
                "--distance are found");
    else if (is_given(cursor, "columns") &&
             (input == WCP_TEXT || input == WCP_JSONL))
        cli_say("--columns needs csv or tsv, not --input-format %s",
                cli_input_formats[input]);
    else if (is_given(cursor, "checkpoint-every") &&
             !is_given(cursor, "checkpoint"))
        cli_say("--checkpoint-every needs --checkpoint DIR");
    else if (is_given(cursor, "max-errors") && !is_given(cursor, "errors"))
        cli_say("--max-errors needs --errors FILE");
    else {
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (input == WCP_TEXT && is_given(cursor, fields[i])) {
                cli_say("--%s needs records, not --input-format text",
                        fields[i]);
                return false;
            }
        return true;
    }
    return false;
}

static bool
check_given(const struct cursor *cursor, int num_operands)
{
    const struct cli_corpus_args *args = cursor->args;
    const char *file = find_signatures(cursor, num_operands);

    return cli_check_names(cursor->command, args) &&
           check_signatures(cursor, file) &&
           check_combinations(cursor, file != NULL ? wcp_signatures_kind(file)
                                                   : args->lib.signature);
}

int
cli_parse(const struct cli_command *command, void *args, int argc, char **argv)
{
    struct cursor cursor = { command, args, argv, argc, 0, 0 };
    int num_operands = 0;
    bool options = true;

    for (; cursor.at < argc; cursor.at++) {
        char *arg = argv[cursor.at];

        if (!options || arg[0] != '-' || arg[1] == '\0' || arg[1] == '#') {
            /* "-" is standard input, "-#ID" a document of it. */
            argv[num_operands++] = arg;
        } else if (strcmp(arg, "--") == 0) {
            options = false;
        } else if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
            cli_print_help(command, args, stdout);
            return -1 - cli_close_stdout(CLI_OK);
        } else if (arg[1] == '-' ? !parse_long(&cursor, arg + 2)
                                 : !parse_short(&cursor, arg + 1)) {
            return -1 - CLI_USAGE;
        }
    }
    return check_given(&cursor, num_operands) ? num_operands : -1 - CLI_USAGE;
}
