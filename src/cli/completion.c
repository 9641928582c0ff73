/*
 * completion.c - completion for bash, zsh and fish, from the option tables
 *
 * What a value is, its name in --help says: FILE and DIR are completed as
 * such, choices by their names, and everything else is left to whoever types.
 * Operands are files.
 */
#include "cli/cli.h"

#include <string.h>

static bool
is_value(const struct cli_option *option, const char *value)
{
    return option->value != NULL && strcmp(option->value, value) == 0;
}

static void
put_choices(FILE *to, const struct cli_option *option)
{
    const char *blank = "";

    for (size_t i = 0; option->choices[i] != NULL; i++)
        if (option->choices[i][0] != '\0') {
            fprintf(to, "%s%s", blank, option->choices[i]);
            blank = " ";
        }
}

static void
put_names(FILE *to, const struct cli_command *const *commands)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(to, "%s ", commands[i]->name);
    fputs("help version", to);
}

/* Text in single quotes, with a backslash in front of the characters in
 * 'special'.  A quote ends the quotation and begins the next. */
static void
put_escaped(FILE *to, const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", to);
            continue;
        }
        if (strchr(special, *text) != NULL)
            fputc('\\', to);
        fputc(*text, to);
    }
}

/* ---- bash ---- */

/* The words that may follow an option, for each that takes a value. */
static void
put_bash_values(FILE *to, const struct cli_command *command)
{
    for (const struct cli_option *o = cli_next_option(command, NULL); o != NULL;
         o = cli_next_option(command, o)) {
        if (o->name == NULL || o->type == CLI_FLAG)
            continue;
        fprintf(to, "    %s:--%s", command->name, o->name);
        if (o->short_name != 0)
            fprintf(to, " | %s:-%c", command->name, o->short_name);
        fputs(") ", to);
        if (o->type == CLI_CHOICE) {
            fputs("words='", to);
            put_choices(to, o);
            fputs("' ;;\n", to);
        } else {
            fputs(is_value(o, "FILE")  ? "kind=file ;;\n"
                  : is_value(o, "DIR") ? "kind=directory ;;\n"
                                       : "kind=any ;;\n",
                  to);
        }
    }
}

static void
put_bash_options(FILE *to, const struct cli_command *command)
{
    fprintf(to, "    %s) words='", command->name);
    for (const struct cli_option *o = cli_next_option(command, NULL); o != NULL;
         o = cli_next_option(command, o))
        if (o->name != NULL)
            fprintf(to, "--%s ", o->name);
    fputs("--help' ;;\n", to);
}

static void
put_bash(const struct cli_command *const *commands, FILE *to)
{
    fputs("# bash completion, written by 'wirecopy help --completion bash'\n"
          "_wirecopy() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} words= kind=\n"
          "    local prev=${COMP_WORDS[COMP_CWORD - 1]} "
          "command=${COMP_WORDS[1]}\n"
          "    COMPREPLY=()\n"
          "    # --option=value comes as three words.\n"
          "    if [ \"$cur\" = = ]; then\n"
          "        cur=\n"
          "    elif [ \"$prev\" = = ]; then\n"
          "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
          "        words='",
          to);
    put_names(to, commands);
    fputs(" --help --version'\n"
          "    else\n"
          "    case $command:$prev in\n"
          "    help:help) words='",
          to);
    put_names(to, commands);
    fputs("' ;;\n    version:version) words=--verbose ;;\n", to);
    for (size_t i = 0; commands[i] != NULL; i++)
        put_bash_values(to, commands[i]);
    fputs("    esac\n"
          "    fi\n"
          "    if [ -z \"$words$kind\" ] && [[ $cur == -* ]]; then\n"
          "    case $command in\n",
          to);
    for (size_t i = 0; commands[i] != NULL; i++)
        put_bash_options(to, commands[i]);
    fputs("    esac\n"
          "    fi\n"
          "    if [ -n \"$words\" ]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "    elif [ \"$kind\" = any ]; then\n"
          "        compopt +o default 2>/dev/null\n"
          "    elif [ \"$kind\" = directory ]; then\n"
          "        compopt -o dirnames +o default 2>/dev/null\n"
          "    fi\n"
          "}\n"
          "complete -o default -F _wirecopy wirecopy\n",
          to);
}

/* ---- zsh ---- */

static void
put_zsh_option(FILE *to, const struct cli_option *option)
{
    const char *sign = option->type == CLI_FLAG ? "" : "=";

    fputs("        ", to);
    if (option->short_name != 0)
        fprintf(to, "'(-%c --%s)'{-%c%s,--%s%s}'", option->short_name,
                option->name, option->short_name,
                option->type == CLI_FLAG ? "" : "+", option->name, sign);
    else
        fprintf(to, "'--%s%s", option->name, sign);
    fputc('[', to);
    put_escaped(to, option->help, "[]\\:");
    fputc(']', to);
    if (option->type != CLI_FLAG) {
        fprintf(to, ":%s:", option->value);
        if (option->type == CLI_CHOICE) {
            fputc('(', to);
            put_choices(to, option);
            fputc(')', to);
        } else {
            fputs(is_value(option, "FILE")  ? "_files"
                  : is_value(option, "DIR") ? "_files -/"
                                            : "",
                  to);
        }
    }
    fputs("' \\\n", to);
}

static void
put_zsh(const struct cli_command *const *commands, FILE *to)
{
    fputs("#compdef wirecopy\n"
          "# zsh completion, written by 'wirecopy help --completion zsh'\n"
          "_wirecopy() {\n"
          "    local -a commands=(\n",
          to);
    for (size_t i = 0; commands[i] != NULL; i++) {
        fprintf(to, "        '%s:", commands[i]->name);
        put_escaped(to, commands[i]->summary, "\\:");
        fputs("'\n", to);
    }
    fputs("        'help:Describe a command.'\n"
          "        'version:Say which version this is.'\n"
          "    )\n"
          "    if ((CURRENT == 2)); then\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    local command=$words[2]\n"
          "    words=(wirecopy \"${(@)words[3,-1]}\")\n"
          "    ((CURRENT--))\n"
          "    case $command in\n"
          "    help) _describe command commands ;;\n",
          to);
    for (size_t i = 0; commands[i] != NULL; i++) {
        fprintf(to, "    %s)\n        _arguments -s -S \\\n",
                commands[i]->name);
        for (const struct cli_option *o = cli_next_option(commands[i], NULL);
             o != NULL; o = cli_next_option(commands[i], o))
            if (o->name != NULL)
                put_zsh_option(to, o);
        fputs("        '--help[describe the command]' \\\n"
              "        '*:input:_files' ;;\n",
              to);
    }
    fputs("    esac\n"
          "}\n"
          "_wirecopy \"$@\"\n",
          to);
}

/* ---- fish ---- */

static void
put_fish_option(FILE *to, const struct cli_command *command,
                const struct cli_option *option)
{
    fprintf(to,
            "complete -c wirecopy -n '__fish_seen_subcommand_from %s' -l %s",
            command->name, option->name);
    if (option->short_name != 0)
        fprintf(to, " -s %c", option->short_name);
    if (option->type == CLI_CHOICE) {
        fputs(" -x -a '", to);
        put_choices(to, option);
        fputc('\'', to);
    } else if (is_value(option, "DIR")) {
        fputs(" -x -a '(__fish_complete_directories)'", to);
    } else if (option->type != CLI_FLAG) {
        fputs(is_value(option, "FILE") ? " -r -F" : " -x", to);
    }
    fputs(" -d '", to);
    put_escaped(to, option->help, "\\");
    fputs("'\n", to);
}

static void
put_fish(const struct cli_command *const *commands, FILE *to)
{
    fputs("# fish completion, written by 'wirecopy help --completion fish'\n"
          "complete -c wirecopy -n __fish_use_subcommand -f -l help -d "
          "'list the commands'\n"
          "complete -c wirecopy -n __fish_use_subcommand -f -l version -d "
          "'say which version this is'\n"
          "complete -c wirecopy -n __fish_use_subcommand -f -a help -d "
          "'Describe a command.'\n"
          "complete -c wirecopy -n __fish_use_subcommand -f -a version -d "
          "'Say which version this is.'\n"
          "complete -c wirecopy -n '__fish_seen_subcommand_from help' -f -a '",
          to);
    put_names(to, commands);
    fputs("'\n", to);
    for (size_t i = 0; commands[i] != NULL; i++) {
        fprintf(to,
                "complete -c wirecopy -n __fish_use_subcommand -f -a %s -d '",
                commands[i]->name);
        put_escaped(to, commands[i]->summary, "\\");
        fputs("'\n", to);
        for (const struct cli_option *o = cli_next_option(commands[i], NULL);
             o != NULL; o = cli_next_option(commands[i], o))
            if (o->name != NULL)
                put_fish_option(to, commands[i], o);
    }
}

bool
cli_print_completion(const struct cli_command *const *commands,
                     const char *shell, FILE *to)
{
    if (strcmp(shell, "bash") == 0)
        put_bash(commands, to);
    else if (strcmp(shell, "zsh") == 0)
        put_zsh(commands, to);
    else if (strcmp(shell, "fish") == 0)
        put_fish(commands, to);
    else
        return false;
    return true;
}
