/*
 * names.c - what the names of outputs promise
 *
 * Whoever names an output .parquet or .zip expects that; a file of JSONL by
 * that name would be found out much later, by another program.
 */
#include "cli/cli.h"

#include <string.h>
#include <strings.h>

/* Formats that are not written; JSONL is called .json by many. */
static const char *const formats[] = { ".xlsx", ".xls",   ".ods",     ".html",
                                       ".htm",  ".xml",   ".md",      ".yaml",
                                       ".yml",  ".pdf",   ".parquet", ".orc",
                                       ".avro", ".arrow", ".feather", ".pkl",
                                       ".npy",  ".db",    ".sqlite",  NULL };

/* Those that are, but not everywhere. */
static const char *const tables[] = { ".csv", ".tsv", NULL };
static const char *const records[] = { ".jsonl", ".ndjson", ".json", NULL };
static const char *const signatures[] = { ".wcs", NULL };

/* Nor are these: with them, not even -f says what comes out. */
static const char *const packings[] = { ".tar.gz", ".zip", ".7z", ".rar",
                                        ".tar",    ".tgz", ".Z",  ".br",
                                        ".lzma",   ".lz",  NULL };

/* The one of the endings that the name of an output has, before that of a
 * compressed file; NULL: none. */
static const char *
ending_of(const char *path, const char *const *endings)
{
    const char *packed = cli_compressed_ending(path);
    size_t whole = strlen(path);
    size_t len = whole - (packed != NULL ? strlen(packed) : 0);

    for (; *endings != NULL; endings++) {
        size_t end_len = strlen(*endings);

        if (len > end_len &&
            strncasecmp(path + len - end_len, *endings, end_len) == 0)
            return *endings;
        if (whole > end_len &&
            strcasecmp(path + whole - end_len, *endings) == 0)
            return *endings;
    }
    return NULL;
}

static bool
is_packed_otherwise(const char *path)
{
    const char *ending = ending_of(path, packings);

    if (ending != NULL)
        cli_say("%s is not written; for compressed output name it .gz, .zst, "
                ".xz, .bz2 or .lz4",
                ending);
    return ending != NULL;
}

/* NULL: the command has no such option. */
static const struct cli_option *
option_of(const struct cli_command *command, const char *name)
{
    const struct cli_option *o = NULL;

    while ((o = cli_next_option(command, o)) != NULL)
        if (o->name != NULL && strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

/* Outputs beside the one of -o are JSONL, whatever they are called.  False
 * after a message. */
static bool
check_side_outputs(const struct cli_command *command, const void *args)
{
    static const char *const names[] = { "removed", "errors", "boilerplate" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct cli_option *option = option_of(command, names[i]);
        const char *path = NULL, *ending;

        if (option != NULL)
            path = *(const char *const *)((const char *)args + option->offset);
        if (path == NULL)
            continue;
        if (is_packed_otherwise(path))
            return false;
        ending = ending_of(path, tables);
        ending = ending != NULL ? ending : ending_of(path, formats);
        ending = ending != NULL ? ending : ending_of(path, signatures);
        if (ending == NULL)
            continue;
        cli_say("--%s is JSONL, not %s; name it .jsonl", names[i], ending);
        return false;
    }
    return true;
}

/* Of dedup and sign, which have no formats to choose from. */
static bool
check_fixed_format(const struct cli_command *command, const char *path)
{
    const bool signs = strcmp(command->name, "sign") == 0;
    const char *ending = ending_of(path, formats);

    if (ending == NULL)
        ending = ending_of(path, signs ? tables : signatures);
    if (ending == NULL && signs)
        ending = ending_of(path, records);
    if (ending == NULL)
        return true;
    if (signs)
        cli_say("sign writes a signature file, not %s; name it .wcs", ending);
    else
        cli_say("%s is not written; what is kept stays what it was: name the "
                "output as the input is named",
                ending);
    return false;
}

bool
cli_check_names(const struct cli_command *command,
                const struct cli_corpus_args *args, bool format_given)
{
    const char *path = args->output;
    const char *ending;

    if (!check_side_outputs(command, args))
        return false;
    if (path == NULL || cli_is_directory(path))
        return true;
    if (is_packed_otherwise(path))
        return false;
    if (option_of(command, "format") == NULL)
        return check_fixed_format(command, path);
    ending = format_given ? NULL : ending_of(path, formats);
    if (ending != NULL)
        cli_say("%s is not written; name the output .csv, .tsv or .jsonl, or "
                "say which of them it is with -f",
                ending);
    else if (ending_of(path, signatures) != NULL)
        cli_say("signature files are written by wirecopy sign; name the output "
                ".csv, .tsv or .jsonl");
    else
        return true;
    return false;
}
