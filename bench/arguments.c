/*
 * arguments.c - the command line of wirecopy-bench
 *
 * One table of options for all commands: what a command has no use for is
 * accepted and ignored, so that one set of options can be given to each.
 */
#include "bench.h"

#include "base/base.h"
#include "sketch/sketch.h"

#include <stdlib.h>
#include <string.h>

enum option_type { FLAG, TEXT, SIZE, NUMBER, LANG, LENGTHS };

struct option {
    enum option_type type;
    char short_name;
    const char *name, *value, *help;
    size_t offset;
    double min, max;
};

#define AT(field) offsetof(struct bench_settings, field)

static const struct option options[] = {
    { TEXT, 't', "text", "FILE",
      "measure on this text: anything that wirecopy reads", AT(text_path), 0,
      0 },
    { LANG, 'l', "lang", "zh|en",
      "language of the made text, where no FILE is given [zh]", AT(lang), 0,
      0 },
    { SIZE, 's', "size", "SIZE", "bytes of text [16M; pipeline: 4 times that]",
      AT(size), 4096, 4e9 },
    { NUMBER, 0, "seed", "N", "of the made text and of all samples [1]",
      AT(seed), 0, 1e15 },
    { NUMBER, 'r', "runs", "N", "counted runs of each figure [5]", AT(runs), 1,
      BENCH_MAX_RUNS },
    { NUMBER, 'N', "number", "N", "lsh: signatures [1000000]", AT(number), 1,
      4e9 },
    { NUMBER, 0, "bands", "N", "lsh: bands of a signature [20]", AT(bands), 1,
      WCP_NUM_BINS },
    { NUMBER, 0, "rows", "N", "lsh: values a band [6]", AT(rows), 1,
      WCP_NUM_BINS },
    { NUMBER, 'j', "threads", "N", "most threads [all processors]", AT(threads),
      1, 256 },
    { LENGTHS, 0, "lengths", "LIST",
      "hash: characters a shingle [1,2,4-5,8-9,12,16,24,32]", AT(lengths), 0,
      0 },
    { FLAG, 0, "quick", NULL, "small amounts: sees in seconds that all works",
      AT(quick), 0, 0 },
    { FLAG, 0, "fastest", NULL, "tables show the fastest run, not the median",
      AT(fastest), 0, 0 },
    { FLAG, 0, "json", NULL, "lines of JSON instead of tables", AT(json), 0,
      0 },
    { TEXT, 0, "save", "FILE", "write the JSON to FILE as well", AT(save_path),
      0, 0 },
};
enum { NUM_OPTIONS = sizeof options / sizeof *options };

static const char *const commands[][2] = {
    { "limits", "what memory, page cache, XXH3 and md5sum do here" },
    { "hash", "xxHash and others on shingles: speed and quality" },
    { "sign", "signatures: speed of each kernel set, error of the estimates" },
    { "lsh", "from band keys of many signatures to linked documents" },
    { "pipeline", "from JSONL to groups: documents/s, MB/s, memory" },
    { "all", "all of the above" },
    { "compare", "A.json B.json: which of two earlier runs is better" },
};
enum { NUM_COMMANDS = sizeof commands / sizeof *commands };

static void
print_help(FILE *to)
{
    fputs("usage: wirecopy-bench [COMMAND] [OPTION]...\n\n"
          "How fast, and how accurate, hashing and signing text is on this "
          "machine.\nWithout a COMMAND: the short of limits, hash and sign, "
          "in half a minute.\n\nCommands:\n",
          to);
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        fprintf(to, "  %-10s%s\n", commands[i][0], commands[i][1]);
    fputs("\nOptions:\n", to);
    for (size_t i = 0; i < NUM_OPTIONS; i++) {
        const struct option *o = &options[i];
        char names[40], dash[4] = "   ";

        if (o->short_name != 0)
            snprintf(dash, sizeof dash, "-%c,", o->short_name);
        snprintf(names, sizeof names, "%s --%s %s", dash, o->name,
                 o->value != NULL ? o->value : "");
        fprintf(to, "  %-20s %s\n", names, o->help);
    }
    fputs("\nExamples:\n"
          "  wirecopy-bench\n"
          "  wirecopy-bench sign --text news.jsonl.gz --save before.json\n"
          "  wirecopy-bench lsh -N 10000000 --threads 1\n"
          "  wirecopy-bench compare before.json after.json\n"
          "\nbench/README.md says what each figure means.\n"
          "Exit status: 0 done, 1 failed, 2 wrong usage.\n",
          to);
}

/* ---- values ---- */

static bool
parse_number(const struct option *option, const char *text, double *out)
{
    char *end;

    *out = strtod(text, &end);
    if (end == text || text[0] < '0' || text[0] > '9')
        return false;
    if (option->type == SIZE && *end != '\0') {
        static const char units[] = "KMG";
        const char *unit = strchr(units, *end);

        if (unit == NULL)
            return false;
        for (const char *u = units; u <= unit; u++)
            *out *= 1024;
        end++;
    }
    return *end == '\0' && *out >= option->min && *out <= option->max &&
           *out == (double)(uint64_t)*out;
}

/* "1-8,16" */
static bool
parse_lengths(struct bench_settings *settings, const char *text)
{
    settings->num_lengths = 0;
    while (*text != '\0') {
        char *end;
        unsigned long first = strtoul(text, &end, 10), last = first;

        if (end == text)
            return false;
        if (*end == '-') {
            text = end + 1;
            last = strtoul(text, &end, 10);
            if (end == text)
                return false;
        }
        if (first < 1 || last > WCP_SHINGLE_MAX || first > last ||
            settings->num_lengths + (last - first) >= BENCH_MAX_COLUMNS)
            return false;
        for (; first <= last; first++)
            settings->lengths[settings->num_lengths++] = (unsigned)first;
        if (*end != '\0' && *end != ',')
            return false;
        text = *end == ',' ? end + 1 : end;
    }
    return settings->num_lengths > 0;
}

static bool
set_number(const struct option *option, void *to, const char *text)
{
    double number;

    if (!parse_number(option, text, &number)) {
        bench_say("--%s must be a whole number from %.0f to %.0f%s, not '%s'",
                  option->name, option->min, option->max,
                  option->type == SIZE ? ", with K, M or G if you like" : "",
                  text);
        return false;
    }
    if (option->offset == AT(size) || option->offset == AT(seed) ||
        option->offset == AT(number))
        *(uint64_t *)to = (uint64_t)number;
    else
        *(unsigned *)to = (unsigned)number;
    return true;
}

static bool
set_value(struct bench_settings *settings, const struct option *option,
          const char *text)
{
    void *to = (char *)settings + option->offset;

    switch (option->type) {
    case FLAG:
        *(bool *)to = true;
        return true;
    case TEXT:
        *(const char **)to = text;
        return true;
    case LANG:
        settings->lang = strcmp(text, "en") == 0 ? BENCH_EN : BENCH_ZH;
        if (strcmp(text, "en") == 0 || strcmp(text, "zh") == 0)
            return true;
        bench_say("--lang must be zh or en, not '%s'", text);
        return false;
    case LENGTHS:
        if (parse_lengths(settings, text))
            return true;
        bench_say("--lengths must be at most %d numbers from 1 to %d, such as "
                  "1-8,16, not '%s'",
                  BENCH_MAX_COLUMNS, WCP_SHINGLE_MAX, text);
        return false;
    case SIZE:
    case NUMBER:
        break;
    }
    return set_number(option, to, text);
}

/* ---- arguments ---- */

static const struct option *
find_option(const char *arg, const char **attached_ret)
{
    *attached_ret = NULL;
    for (size_t i = 0; i < NUM_OPTIONS; i++) {
        const struct option *o = &options[i];
        const size_t len = strlen(o->name);

        if (arg[1] != '-') {
            if (arg[1] != o->short_name || o->short_name == 0)
                continue;
            *attached_ret = arg[2] != '\0' ? arg + 2 : NULL;
            return o;
        }
        if (strncmp(arg + 2, o->name, len) == 0 &&
            (arg[2 + len] == '\0' || arg[2 + len] == '=')) {
            *attached_ret = arg[2 + len] == '=' ? arg + 3 + len : NULL;
            return o;
        }
    }
    return NULL;
}

static void
set_defaults(struct bench_settings *settings)
{
    static const unsigned lengths[] = { 1, 2, 4, 5, 8, 9, 12, 16, 24, 32 };

    *settings = (struct bench_settings){ .lang = BENCH_ZH,
                                         .seed = 1,
                                         .size = 16 << 20,
                                         .number = 1000000,
                                         .runs = 5,
                                         .bands = 20,
                                         .rows = 6,
                                         .min_seconds = .03 };
    settings->threads = wcp_num_processors();
    settings->num_lengths = sizeof lengths / sizeof *lengths;
    memcpy(settings->lengths, lengths, sizeof lengths);
}

/* What the command line does not say outright. */
static void
adapt(struct bench_settings *settings, const struct bench_settings *defaults)
{
    const bool is_short = settings->command == NULL || settings->quick;

    if (settings->command == NULL)
        settings->min_seconds = .01;
    if (settings->quick)
        settings->min_seconds = .0005;
    if (is_short && settings->runs == defaults->runs)
        settings->runs = settings->quick ? 2 : 3;
    if (is_short && settings->size == defaults->size)
        settings->size = settings->quick ? 256 << 10 : 4 << 20;
    if (settings->quick && settings->number == defaults->number)
        settings->number = 20000;
}

static bool
take_operand(struct bench_settings *settings, char **argv, char *arg)
{
    if (settings->command != NULL) {
        if (strcmp(settings->command, "compare") == 0) {
            argv[settings->num_operands++] = arg;
            return true;
        }
        bench_say("'%s' takes no '%s'", settings->command, arg);
        return false;
    }
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        if (strcmp(arg, commands[i][0]) == 0) {
            settings->command = commands[i][0];
            return true;
        }
    bench_say("unknown command '%s'; see 'wirecopy-bench --help'", arg);
    return false;
}

bool
bench_arguments(struct bench_settings *settings, int argc, char **argv,
                int *status_ret)
{
    struct bench_settings defaults;

    set_defaults(&defaults);
    *settings = defaults;
    settings->operands = argv;
    *status_ret = 2;
    for (int i = 1; i < argc; i++) {
        const struct option *option;
        const char *value;

        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            if (!take_operand(settings, argv, argv[i]))
                return false;
            continue;
        }
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(stdout);
            *status_ret = 0;
            return false;
        }
        option = find_option(argv[i], &value);
        if (option == NULL) {
            bench_say("unknown option '%s'; see 'wirecopy-bench --help'",
                      argv[i]);
            return false;
        }
        if (option->type != FLAG && value == NULL)
            value = i + 1 < argc ? argv[++i] : NULL;
        if ((option->type == FLAG) != (value == NULL)) {
            bench_say("--%s %s value", option->name,
                      option->type == FLAG ? "takes no" : "needs a");
            return false;
        }
        if (!set_value(settings, option, value))
            return false;
    }
    if ((uint64_t)settings->bands * settings->rows > WCP_NUM_BINS) {
        bench_say("--bands times --rows must not be above %d", WCP_NUM_BINS);
        return false;
    }
    adapt(settings, &defaults);
    return true;
}
