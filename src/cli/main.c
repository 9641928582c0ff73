/*
 * main.c - the list of commands, help and version
 */
#include "cli/cli.h"

#include <string.h>

static const struct cli_command *const commands[] = {
    &cli_cmd_find, &cli_cmd_pairs, &cli_cmd_dedup, &cli_cmd_compare,
    &cli_cmd_eval
};
enum { NUM_COMMANDS = sizeof commands / sizeof *commands };

static void
print_overview(FILE *to)
{
    fputs("usage: wirecopy COMMAND [OPTION]... [INPUT]...\n"
          "\n"
          "Find reprinted, syndicated and near-duplicate text, in any script "
          "and encoding.\n"
          "\n"
          "Commands:\n",
          to);
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        fprintf(to, "  %-10s%s\n", commands[i]->name, commands[i]->summary);
    fputs("\n"
          "'wirecopy COMMAND --help' describes a command; --version says "
          "which this is.\n",
          to);
}

static void
print_version(void)
{
    printf("wirecopy %s\n", WCP_VERSION);
}

static const struct cli_command *
find_command(const char *name)
{
    const char *names[NUM_COMMANDS], *similar;

    for (size_t i = 0; i < NUM_COMMANDS; i++) {
        names[i] = commands[i]->name;
        if (strcmp(names[i], name) == 0)
            return commands[i];
    }
    similar = cli_suggest(name, names, NUM_COMMANDS);
    if (similar != NULL)
        cli_say("unknown command '%s'; did you mean '%s'?", name, similar);
    else
        cli_say("unknown command '%s'; see 'wirecopy --help'", name);
    return NULL;
}

int
main(int argc, char **argv)
{
    char help[] = "--help", *help_args[] = { help };
    const struct cli_command *command;

    if (argc < 2) {
        print_overview(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        (strcmp(argv[1], "help") == 0 && argc == 2)) {
        print_overview(stdout);
        return cli_close_stdout(CLI_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version();
        return cli_close_stdout(CLI_OK);
    }
    command = find_command(argv[1 + (strcmp(argv[1], "help") == 0)]);
    if (command == NULL)
        return CLI_USAGE;
    if (strcmp(argv[1], "help") == 0)
        return command->run(command, 1, help_args);
    return command->run(command, argc - 2, argv + 2);
}
