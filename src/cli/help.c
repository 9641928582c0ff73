/*
 * help.c - --help of a command, from its option table
 */
#include "cli/cli.h"

#include <string.h>

enum { HELP_COLUMN = 26, HELP_WIDTH = 80 };

/* Words of 'text', from 'column' on, wrapped to HELP_COLUMN. */
static void
print_wrapped(FILE *to, const char *text, size_t column)
{
    if (column + 2 > HELP_COLUMN) {
        fputc('\n', to);
        column = 0;
    }
    for (; column < HELP_COLUMN; column++)
        fputc(' ', to);
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column + 1 + len >= HELP_WIDTH) {
            fprintf(to, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (column > HELP_COLUMN) {
            fputc(' ', to);
            column++;
        }
        fwrite(text, 1, len, to);
        column += len;
        text += len + (text[len] == ' ');
    }
    fputc('\n', to);
}

void
cli_format_default(const void *args, const struct cli_option *option, char *out,
                   size_t size)
{
    const void *at = (const char *)args + option->offset;

    out[0] = '\0';
    if (option->help[strlen(option->help) - 1] == ']')
        return;
    switch (option->type) {
    case CLI_RATIO:
        snprintf(out, size, " [%g]", *(const double *)at);
        break;
    case CLI_NUMBER:
        snprintf(out, size, " [%u]", (unsigned)*(const uint32_t *)at);
        break;
    case CLI_SIZE:
        snprintf(out, size, " [%.0fM]",
                 (double)*(const uint64_t *)at / 1048576.0);
        break;
    case CLI_CHOICE:
        snprintf(out, size, " [%s]", option->choices[*(const int32_t *)at]);
        break;
    case CLI_STRING:
        if (*(const char *const *)at != NULL)
            snprintf(out, size, " [%s]", *(const char *const *)at);
        break;
    case CLI_END:
    case CLI_HEADING:
    case CLI_FLAG:
    case CLI_SET:
        break;
    }
}

static void
print_option(const void *args, const struct cli_option *option, FILE *to)
{
    char names[64], text[320], shown_default[64];
    int len;

    if (option->type == CLI_HEADING) {
        fprintf(to, "\n%s:\n", option->help);
        return;
    }
    if (option->short_name != 0)
        len = snprintf(names, sizeof names, "  -%c, --%s", option->short_name,
                       option->name);
    else
        len = snprintf(names, sizeof names, "      --%s", option->name);
    if (option->value != NULL && len > 0)
        len += snprintf(names + len, sizeof names - (size_t)len, " %s",
                        option->value);
    cli_format_default(args, option, shown_default, sizeof shown_default);
    snprintf(text, sizeof text, "%s%s", option->help, shown_default);
    fputs(names, to);
    print_wrapped(to, text, (size_t)len);
}

const char *
cli_operands(const struct cli_command *command)
{
    return command->operands != NULL ? command->operands : CLI_INPUTS;
}

void
cli_print_help(const struct cli_command *command, const void *args, FILE *to)
{
    fprintf(to, "usage: %s\n\n%s\n", command->usage, command->summary);
    for (const struct cli_option *o = cli_next_option(command, NULL); o != NULL;
         o = cli_next_option(command, o))
        print_option(args, o, to);
    fprintf(to,
            "\n%s\n"
            "\nExamples:\n%s"
            "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 done but "
            "something was skipped.\n",
            cli_operands(command), command->examples);
}
