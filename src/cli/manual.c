/*
 * manual.c - the manual page wirecopy(1), from the option tables
 *
 * The tables are the one source of --help, of this page and of the
 * completions.  Options that every command has are described once, with a
 * word on the commands whose default is another; each command's section has
 * what is its own.  Only the macros of man(7) are used, which groff, mandoc
 * and others know.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

struct manual {
    FILE *to;
    const struct cli_command *const *commands;
    void **args; /* the defaults of each command */
};

/* ---- text for troff ---- */

static void
put_char(FILE *to, char c, bool begins_line)
{
    if (c == '\\')
        fputs("\\e", to);
    else if (c == '-')
        fputs("\\-", to);
    else if (c == '\'')
        fputs("\\(aq", to);
    else if (c == '.' && begins_line)
        fputs("\\&.", to);
    else
        fputc(c, to);
}

static void
put_text(FILE *to, const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        put_char(to, *at, at == text || at[-1] == '\n');
}

static bool
is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* A synopsis: what is typed as it stands is bold, the rest italic. */
static void
put_usage(FILE *to, const char *usage)
{
    while (*usage != '\0') {
        bool literal = *usage == '-' || (*usage >= 'a' && *usage <= 'z');

        if (!is_name(*usage)) {
            put_char(to, *usage++, false);
            continue;
        }
        fputs(literal ? "\\fB" : "\\fI", to);
        while (is_name(*usage))
            put_char(to, *usage++, false);
        fputs("\\fR", to);
    }
    fputc('\n', to);
}

/* ---- options ---- */

static const struct cli_option *
same_option(const struct cli_command *command, const struct cli_option *option)
{
    for (const struct cli_option *o = cli_next_option(command, NULL); o != NULL;
         o = cli_next_option(command, o))
        if (o->type == option->type && o->name != NULL &&
            option->name != NULL && strcmp(o->name, option->name) == 0 &&
            strcmp(o->help, option->help) == 0)
            return o;
    return NULL;
}

static bool
is_common(const struct manual *man, const struct cli_option *option)
{
    for (size_t i = 0; man->commands[i] != NULL; i++)
        if (same_option(man->commands[i], option) == NULL &&
            !cli_is_without(man->commands[i], option->name))
            return false;
    return true;
}

/* " [0.99; dedup: 0.9999; not compare]" */
static void
put_default(const struct manual *man, size_t command,
            const struct cli_option *option, bool common)
{
    const char *between = " [";
    char first[64], other[64];

    cli_format_default(man->args[command], option, first, sizeof first);
    if (first[0] != '\0') {
        first[strlen(first) - 1] = '\0'; /* the bracket */
        put_text(man->to, first);
        between = "; ";
    }
    for (size_t i = 0; common && man->commands[i] != NULL; i++) {
        const struct cli_option *same = same_option(man->commands[i], option);

        if (same == NULL) {
            fprintf(man->to, "%snot %s", between, man->commands[i]->name);
            between = "; ";
            continue;
        }
        cli_format_default(man->args[i], same, other, sizeof other);
        if (first[0] == '\0')
            continue;
        other[strlen(other) - 1] = '\0';
        if (strcmp(first, other) != 0) {
            fprintf(man->to, "%s%s: ", between, man->commands[i]->name);
            put_text(man->to, other + 2); /* without " [" */
        }
    }
    if (strcmp(between, "; ") == 0)
        fputc(']', man->to);
}

static void
put_option(const struct manual *man, size_t command,
           const struct cli_option *option, bool common)
{
    FILE *to = man->to;

    fputs(".TP\n", to);
    if (option->short_name != 0)
        fprintf(to, "\\fB\\-%c\\fR, ", option->short_name);
    fputs("\\fB\\-\\-", to);
    put_text(to, option->name);
    fputs("\\fR", to);
    if (option->value != NULL) {
        fputs(" \\fI", to);
        put_text(to, option->value);
        fputs("\\fR", to);
    }
    fputc('\n', to);
    put_text(to, option->help);
    put_default(man, command, option, common);
    fputc('\n', to);
}

/* The options of a command that are common to all, or those that are not,
 * each group under its title. */
static void
put_options(const struct manual *man, size_t command, bool common)
{
    const struct cli_option *heading = NULL;

    for (const struct cli_option *o =
             cli_next_option(man->commands[command], NULL);
         o != NULL; o = cli_next_option(man->commands[command], o)) {
        if (o->type == CLI_HEADING) {
            heading = o;
            continue;
        }
        if (is_common(man, o) != common)
            continue;
        if (common && heading != NULL)
            fprintf(man->to, ".SS %s\n", heading->help);
        heading = NULL;
        put_option(man, command, o, common);
    }
}

/* ---- sections ---- */

static void
put_synopsis(const struct manual *man)
{
    fputs(".SH SYNOPSIS\n", man->to);
    for (size_t i = 0; man->commands[i] != NULL; i++) {
        if (i > 0)
            fputs(".br\n", man->to);
        put_usage(man->to, man->commands[i]->usage);
    }
    fputs(".br\n", man->to);
    put_usage(man->to, "wirecopy help [COMMAND]");
    fputs(".br\n", man->to);
    put_usage(man->to, "wirecopy version");
}

/* Lines indented by two spaces, as they stand. */
static void
put_examples(FILE *to, const char *lines)
{
    fputs(".PP\n.nf\n", to);
    while (*lines != '\0') {
        size_t len;

        lines += strspn(lines, " ");
        len = strcspn(lines, "\n");
        fputs(".RS 4\n", to);
        for (size_t i = 0; i < len; i++)
            put_char(to, lines[i], i == 0);
        fputs("\n.RE\n", to);
        lines += len + (lines[len] == '\n');
    }
    fputs(".fi\n", to);
}

static void
put_commands(const struct manual *man)
{
    fputs(".SH COMMANDS\n", man->to);
    for (size_t i = 0; man->commands[i] != NULL; i++) {
        const struct cli_command *command = man->commands[i];

        fputs(".SS ", man->to);
        put_text(man->to, command->name);
        fputc('\n', man->to);
        put_text(man->to, command->summary);
        fputc('\n', man->to);
        if (command->operands != NULL) {
            put_text(man->to, command->operands);
            fputc('\n', man->to);
        }
        put_options(man, i, false);
        put_examples(man->to, command->examples);
    }
    fputs(".SS help\nDescribe a command, or list them.\n"
          ".SS version\n"
          "Say which version this is, which signatures it makes, and with "
          "which libraries it was built.\n",
          man->to);
}

static void
put_fields(const struct manual *man)
{
    fputs(".SH OUTPUT\nJSONL is an object a line, in UTF-8, with null for what "
          "is not there; CSV and TSV are rows of the same fields under a "
          "header.\n",
          man->to);
    for (size_t i = 0; man->commands[i] != NULL; i++) {
        const struct cli_field *field = man->commands[i]->fields;

        if (field == NULL)
            continue;
        fputs(".SS Fields of ", man->to);
        put_text(man->to, man->commands[i]->name);
        fputc('\n', man->to);
        for (; field->name != NULL; field++) {
            fputs(".TP\n\\fB", man->to);
            put_text(man->to, field->name);
            fputs("\\fR\n", man->to);
            put_text(man->to, field->meaning);
            fputc('\n', man->to);
        }
    }
}

static void
put_rest(FILE *to)
{
    fputs(".SH \"EXIT STATUS\"\n"
          ".TP\n0\nDone.\n"
          ".TP\n1\nFailed, or nothing could be read; the output is not to be "
          "trusted.\n"
          ".TP\n2\nWrong usage.\n"
          ".TP\n3\nDone, but something was skipped; with \\fB\\-\\-strict\\fR "
          "that is a failure.\n"
          ".SH ENVIRONMENT\n"
          ".TP\n\\fBTMPDIR\\fR\nWhere texts that can be read only once are "
          "kept, unless \\fB\\-\\-tmpdir\\fR says it.\n"
          ".TP\n\\fBCOLUMNS\\fR\nWidth of a table.  Without it "
          "a table is as wide as the terminal, and nothing is cut where it "
          "goes elsewhere.\n"
          ".TP\n\\fBNO_COLOR\\fR\nSet to anything: tables have no colours, "
          "unless \\fB\\-\\-color\\fR says so.\n",
          to);
}

static void
put_page(const struct manual *man)
{
    fputs(".\\\" Written by 'wirecopy help --man'.\n", man->to);
    fprintf(man->to, ".TH WIRECOPY 1 \"\" \"wirecopy %s\" \"User Commands\"\n",
            wcp_build_info(WCP_BUILD_VERSION));
    fputs(".SH NAME\n"
          "wirecopy \\- find reprinted, syndicated and near\\-duplicate "
          "text\n",
          man->to);
    put_synopsis(man);
    fputs(".SH DESCRIPTION\n"
          "Texts are compared by the letters and digits in them, in any "
          "script and encoding.\n"
          "Whatever is reported has been compared exactly.\n",
          man->to);
    put_text(man->to, cli_operands(man->commands[0]));
    fputs("\nCompressed files are opened as they are.\n"
          ".PP\n"
          "Results go to standard output, everything else to standard "
          "error.\n",
          man->to);
    put_commands(man);
    fputs(".SH OPTIONS\nThose that all commands have, but for those that are "
          "named.\n",
          man->to);
    put_options(man, 0, true);
    fputs(".SS Help\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n"
          "describe the command\n"
          ".PP\n"
          "\\fB\\-\\-no\\-\\fR in front of the name of an option without a "
          "value takes it back.\n",
          man->to);
    put_fields(man);
    put_rest(man->to);
}

bool
cli_print_manual(const struct cli_command *const *commands, FILE *to)
{
    struct manual man = { to, commands, NULL };
    size_t num = 0, made = 0;

    do
        num++;
    while (commands[num] != NULL);
    man.args = calloc(num, sizeof *man.args);
    if (man.args == NULL)
        return false;
    for (; made < num; made++) {
        man.args[made] = malloc(commands[made]->args_size);
        if (man.args[made] == NULL)
            break;
        commands[made]->init(man.args[made]);
    }
    if (made == num)
        put_page(&man);
    for (size_t i = 0; i < made; i++)
        free(man.args[i]);
    free(man.args);
    return made == num;
}
