/*
 * names.c - what the names of outputs promise
 *
 * One rule: a file holds what its name says.  Whoever names an output .parquet
 * or .zip expects that, and of .csv with --format jsonl one of the two is a
 * slip; the file would be found out much later, by another program.  So all
 * such names are refused before anything is read.  .txt fits all that is text.
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

enum cli_format
cli_format_of_name(const char *path)
{
    static const struct {
        const char *ending;
        enum cli_format format;
    } endings[] = {
        { ".jsonl", CLI_FORMAT_JSONL },     { ".ndjson", CLI_FORMAT_JSONL },
        { ".jsonlines", CLI_FORMAT_JSONL }, { ".json", CLI_FORMAT_JSONL },
        { ".txt", CLI_FORMAT_TABLE },       { ".csv", CLI_FORMAT_CSV },
        { ".tsv", CLI_FORMAT_TSV }
    };
    const char *compressed;
    size_t len;

    if (path == NULL)
        return CLI_FORMAT_DEFAULT;
    compressed = cli_compressed_ending(path);
    len = strlen(path) - (compressed != NULL ? strlen(compressed) : 0);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t end_len = strlen(endings[i].ending);

        if (len > end_len &&
            strncasecmp(path + len - end_len, endings[i].ending, end_len) == 0)
            return endings[i].format;
    }
    return CLI_FORMAT_DEFAULT;
}

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

/* -f says one thing and the name another.  True after a message. */
static bool
contradicts(const char *path, enum cli_format given)
{
    const enum cli_format said = cli_format_of_name(path);

    if (given == CLI_FORMAT_DEFAULT || said == CLI_FORMAT_DEFAULT ||
        said == CLI_FORMAT_TABLE || said == given)
        return false;
    cli_say("-f %s contradicts the name '%s', which says %s",
            cli_format_names[given], path, cli_format_names[said]);
    return true;
}

bool
cli_check_names(const struct cli_command *command,
                const struct cli_corpus_args *args)
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
    ending = ending_of(path, formats);
    if (ending != NULL)
        cli_say("%s is not written; name the output .csv, .tsv, .jsonl or, for "
                "a table, .txt",
                ending);
    else if (ending_of(path, signatures) != NULL)
        cli_say("signature files are written by wirecopy sign; name the output "
                ".csv, .tsv or .jsonl");
    else
        return !contradicts(path, (enum cli_format)args->format);
    return false;
}

bool
cli_check_kept(const struct cli_corpus_args *args, int num_inputs,
               char **inputs)
{
    static const enum cli_format by_option[] = {
        [WCP_AUTO] = CLI_FORMAT_DEFAULT, [WCP_TEXT] = CLI_FORMAT_TABLE,
        [WCP_JSONL] = CLI_FORMAT_JSONL,  [WCP_CSV] = CLI_FORMAT_CSV,
        [WCP_TSV] = CLI_FORMAT_TSV,
    };
    const enum cli_format option = by_option[args->lib.input_format];
    const enum cli_format out = cli_format_of_name(args->output);

    if (out == CLI_FORMAT_DEFAULT || out == CLI_FORMAT_TABLE)
        return true;
    for (int i = 0; i < num_inputs || i == 0; i++) {
        const char *input = i < num_inputs ? inputs[i] : "-";
        const enum cli_format in =
            option != CLI_FORMAT_DEFAULT ? option : cli_format_of_name(input);

        if (in == CLI_FORMAT_DEFAULT || in == out)
            continue;
        cli_say("what is kept of '%s' stays %s: the name '%s' says %s", input,
                in == CLI_FORMAT_TABLE ? "text" : cli_format_names[in],
                args->output, cli_format_names[out]);
        return false;
    }
    return true;
}
