/*
 * generate_arguments.c - the command line of wirecopy-generate
 */
#include "generate.h"

#include "wirecopy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: wirecopy-generate [OPTION]...\n\n"
    "Write news that nobody wrote, as JSONL, with copies that are known: id, "
    "title,\ndate, source, text.  The same options give the same bytes.\n\n"
    "Options:\n"
    "  -n, --documents N   how many [10000]\n"
    "  -s, --size SIZE     as many as make about SIZE bytes, such as 2G\n"
    "  -c, --copies SHARE  share of the documents that are copies [0.5]\n"
    "  -l, --lang LANG     zh, en or mixed [zh]\n"
    "      --seed N        another seed, another corpus [1]\n"
    "  -o, --output FILE   instead of standard output\n"
    "  -g, --gold FILE     copy, original and relation, for 'wirecopy eval'\n"
    "      --values FILE   copy, original, Jaccard index, share of the "
    "original "
    "that\n                      stands in the copy, share of the copy that "
    "stands in it\n"
    "      --help, --version\n\n"
    "Examples:\n"
    "  wirecopy-generate -n 1000000 -o news.jsonl --gold gold.tsv\n"
    "  wirecopy-generate --size 20G --lang mixed | wirecopy find\n"
    "\nExit status: 0 done, 1 failed, 2 wrong usage.\n";

#if defined(__GNUC__)
__attribute__((format(printf, 1, 0)))
#endif
static void
say(const char *format, va_list args)
{
    fputs("wirecopy-generate: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void
gen_die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    exit(1);
}

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
static bool
refuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    return false;
}

/* Whole numbers, with a unit if 'units' allows it. */
static bool
parse_whole(const char *text, const char *units, uint64_t most, uint64_t *out)
{
    uint64_t value = 0;
    const char *unit;

    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (value > most / 10)
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
    }
    unit = *text != '\0' ? strchr(units, *text) : NULL;
    if (unit != NULL) {
        for (const char *u = units; u <= unit; u++) {
            if (value > most / 1024)
                return false;
            value *= 1024;
        }
        text++;
    }
    *out = value;
    return *text == '\0' && value <= most;
}

static bool
parse_share(const char *text, unsigned *out)
{
    char *end;
    const double share = strtod(text, &end);

    if (end == text || *end != '\0' || !(share >= 0 && share <= .99))
        return false;
    *out = (unsigned)(share * 1e6 + .5);
    return true;
}

static bool
parse_lang(const char *text, enum gen_lang *out)
{
    static const char *const names[] = { "zh", "en", "mixed" };

    for (unsigned i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (enum gen_lang)i;
            return true;
        }
    return false;
}

static bool
set(struct gen_settings *settings, const char *name, const char *value)
{
    switch (name[0]) {
    case 'd':
        settings->size = 0;
        return (parse_whole(value, "", 4000000000, &settings->documents) &&
                settings->documents > 0) ||
               refuse("--documents must be from 1 to 4000000000, not '%s'",
                      value);
    case 's':
        if (name[1] == 'e')
            return parse_whole(value, "", UINT64_MAX / 16, &settings->seed) ||
                   refuse("--seed must be a whole number, not '%s'", value);
        settings->documents = 0;
        return (parse_whole(value, "KMGT", (uint64_t)8 << 40,
                            &settings->size) &&
                settings->size > 0) ||
               refuse("--size must be from 1 to 8T, not '%s'", value);
    case 'c':
        return parse_share(value, &settings->copies) ||
               refuse("--copies must be from 0 to 0.99, not '%s'", value);
    case 'l':
        return parse_lang(value, &settings->lang) ||
               refuse("--lang must be zh, en or mixed, not '%s'", value);
    case 'o':
        settings->output = value;
        return true;
    case 'g':
        settings->gold = value;
        return true;
    default:
        settings->values = value;
        return true;
    }
}

/* The long name of an option, and a value that hangs on it. */
static const char *
find_name(const char *arg, const char **value_ret)
{
    static const char *const names[] = { "documents", "size",  "copies",
                                         "lang",      "seed",  "output",
                                         "gold",      "values" };
    static const char letters[] = "nscl-og-";

    *value_ret = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const size_t len = strlen(names[i]);

        if (arg[1] == '-') {
            if (strncmp(arg + 2, names[i], len) != 0 ||
                (arg[2 + len] != '\0' && arg[2 + len] != '='))
                continue;
            *value_ret = arg[2 + len] == '=' ? arg + 3 + len : NULL;
            return names[i];
        }
        if (arg[1] == letters[i]) {
            *value_ret = arg[2] != '\0' ? arg + 2 : NULL;
            return names[i];
        }
    }
    return NULL;
}

bool
gen_arguments(struct gen_settings *settings, int argc, char **argv,
              int *status_ret)
{
    *settings = (struct gen_settings){ .documents = 10000,
                                       .seed = 1,
                                       .copies = 500000 };
    *status_ret = 0;
    for (int i = 1; i < argc; i++) {
        const char *value, *name;

        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return false;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("wirecopy-generate %s\n", wcp_build_info(WCP_BUILD_VERSION));
            return false;
        }
        *status_ret = 2;
        if (argv[i][0] != '-')
            return refuse("takes no '%s'", argv[i]);
        name = find_name(argv[i], &value);
        if (name == NULL)
            return refuse("unknown option '%s'; see 'wirecopy-generate "
                          "--help'",
                          argv[i]);
        if (value == NULL && ++i < argc)
            value = argv[i];
        if (value == NULL)
            return refuse("--%s needs a value", name);
        if (!set(settings, name, value))
            return false;
    }
    return true;
}
