/*
 * main.c - the list of commands, help and version
 */
#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

const struct cli_command *const cli_commands[] = {
    &cli_cmd_find,    &cli_cmd_pairs, &cli_cmd_passages, &cli_cmd_dedup,
    &cli_cmd_compare, &cli_cmd_eval,  &cli_cmd_sign,     NULL
};
enum { NUM_COMMANDS = sizeof cli_commands / sizeof *cli_commands - 1 };

/* ---- help and version ---- */

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
        fprintf(to, "  %-10s%s\n", cli_commands[i]->name,
                cli_commands[i]->summary);
    fputs("\n"
          "'wirecopy help COMMAND' describes a command, 'wirecopy version' "
          "the program.\n",
          to);
}

static void
print_part(const char *name, enum wcp_build_part part)
{
    const char *text = wcp_build_info(part);

    printf("  %-12s%s\n", name, text != NULL ? text : "none");
}

/* What a report of a mistake should say. */
static void
print_version(bool verbose)
{
    const char *iconv_version = wcp_build_info(WCP_BUILD_ICONV_VERSION);

    printf("wirecopy %s\n", wcp_build_info(WCP_BUILD_VERSION));
    if (!verbose)
        return;
    print_part("signatures", WCP_BUILD_SIGNATURES);
    print_part("kernels", WCP_BUILD_KERNELS);
    print_part("compiler", WCP_BUILD_COMPILER);
    printf("  %-12s%s%s%s\n", "iconv", wcp_build_info(WCP_BUILD_ICONV),
           iconv_version != NULL ? " " : "",
           iconv_version != NULL ? iconv_version : "");
    print_part("xxhash", WCP_BUILD_XXHASH);
    print_part("simdjson", WCP_BUILD_SIMDJSON);
    print_part("libarchive", WCP_BUILD_LIBARCHIVE);
    print_part("uchardet", WCP_BUILD_UCHARDET);
    print_part("libcsv", WCP_BUILD_LIBCSV);
    print_part("zlib", WCP_BUILD_ZLIB);
}

/* ---- commands ---- */

static const struct cli_command *
find_command(const char *name)
{
    const char *names[NUM_COMMANDS + 2] = { [NUM_COMMANDS] = "help",
                                            [NUM_COMMANDS + 1] = "version" };
    const char *similar;

    for (size_t i = 0; i < NUM_COMMANDS; i++) {
        names[i] = cli_commands[i]->name;
        if (strcmp(names[i], name) == 0)
            return cli_commands[i];
    }
    similar = cli_suggest(name, names, NUM_COMMANDS + 2);
    if (similar == NULL && access(name, F_OK) == 0)
        cli_say("'%s' is no command; did you mean 'wirecopy find %s'?", name,
                name);
    else if (similar != NULL)
        cli_say("unknown command '%s'; did you mean '%s'?", name, similar);
    else
        cli_say("unknown command '%s'; see 'wirecopy --help'", name);
    return NULL;
}

static bool
is_any(const char *arg, const char *a, const char *b)
{
    return strcmp(arg, a) == 0 || strcmp(arg, b) == 0;
}

/* --version, --version --verbose, version */
static int
run_version(int argc, char **argv)
{
    bool verbose = strcmp(argv[0], "version") == 0;

    for (int i = 1; i < argc; i++) {
        if (!is_any(argv[i], "--verbose", "-v")) {
            cli_say("%s takes no '%s', only --verbose", argv[0], argv[i]);
            return CLI_USAGE;
        }
        verbose = true;
    }
    print_version(verbose);
    return cli_close_stdout(CLI_OK);
}

/* help, help COMMAND; for whoever packs the program also help --man and
 * help --completion SHELL */
static int
run_help(int argc, char **argv)
{
    char help[] = "--help", *help_args[] = { help };
    const struct cli_command *command;

    if (argc < 2 || is_any(argv[1], "help", "version") ||
        is_any(argv[1], "--help", "-h")) {
        print_overview(stdout);
        return cli_close_stdout(CLI_OK);
    }
    if (strcmp(argv[1], "--man") == 0) {
        if (cli_print_manual(cli_commands, stdout))
            return cli_close_stdout(CLI_OK);
        cli_say("out of memory");
        return CLI_FAILED;
    }
    if (strcmp(argv[1], "--completion") == 0) {
        if (argc == 3 && cli_print_completion(cli_commands, argv[2], stdout))
            return cli_close_stdout(CLI_OK);
        cli_say("--completion must be followed by bash, zsh or fish");
        return CLI_USAGE;
    }
    command = find_command(argv[1]);
    if (command == NULL)
        return CLI_USAGE;
    if (argc > 2) {
        cli_say("help takes one command, not '%s' too", argv[2]);
        return CLI_USAGE;
    }
    return command->run(command, 1, help_args);
}

int
main(int argc, char **argv)
{
    const struct cli_command *command;

    /* A message is one write, so that it is not torn by what others print. */
    setvbuf(stderr, NULL, _IOLBF, 4096);
    if (argc < 2) {
        print_overview(stderr);
        return CLI_USAGE;
    }
    if (is_any(argv[1], "--help", "-h"))
        return run_help(1, argv + 1);
    if (strcmp(argv[1], "help") == 0)
        return run_help(argc - 1, argv + 1);
    if (is_any(argv[1], "--version", "version") || strcmp(argv[1], "-V") == 0)
        return run_version(argc - 1, argv + 1);
    if (argv[1][0] == '-') {
        cli_say("the command comes first: wirecopy COMMAND %s; see 'wirecopy "
                "--help'",
                argv[1]);
        return CLI_USAGE;
    }
    command = find_command(argv[1]);
    if (command == NULL)
        return CLI_USAGE;
    return command->run(command, argc - 2, argv + 2);
}
