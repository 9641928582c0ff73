/*
 * cli.h - what the files of the command line share
 *
 * Only wirecopy.h lies beneath.  Results go to standard output or -o FILE,
 * all else to standard error.
 */
#ifndef WCP_CLI_CLI_H
#define WCP_CLI_CLI_H

#include "wirecopy.h"

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Exit statuses; README.md promises them. */
enum {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_PARTIAL = 3, /* done, but something was skipped */
};

/* ---- options (options.c) ---- */

enum cli_option_type {
    CLI_END,     /* ends a table */
    CLI_HEADING, /* begins a group in --help; 'help' is its title */
    CLI_FLAG,    /* bool */
    CLI_STRING,  /* const char * */
    CLI_NUMBER,  /* uint32_t in [min, max] */
    CLI_RATIO,   /* double in [min, max] */
    CLI_SIZE,    /* uint64_t in [min, max]; K, M and G are understood */
    CLI_CHOICE,  /* int32_t, an index into 'choices' */
    CLI_SET,     /* uint64_t: bit i for choices[i]; names with commas, "all" */
};

struct cli_option {
    enum cli_option_type type;
    char short_name; /* or 0 */
    const char *name;
    size_t offset;     /* in the command's arguments */
    const char *value; /* name of the value in --help */
    const char *help;
    const char *const *choices; /* NULL ends it */
    double min, max;            /* of a string, min 1: it is given once */
};

/* A field of the records that a command writes. */
struct cli_field {
    const char *name; /* NULL ends a list; with commas: several */
    const char *meaning;
};

struct cli_command {
    const char *name;
    const char *summary;
    const char *usage;
    const char *operands; /* what they are, a sentence; NULL: INPUTs */
    const char *examples; /* whole lines */
    const struct cli_option *options;
    const struct cli_field *fields; /* of JSONL, CSV and TSV */
    const char *const *without; /* common options it does not have, or NULL */
    size_t args_size;           /* of what the options are parsed into */
    void (*init)(void *args);
    int (*run)(const struct cli_command *command, int argc, char **argv);
};

/*
 * Parse argv (without program and command) into 'args', which holds the
 * defaults.  Operands are moved to the front of argv; returns their number, or
 * -1 - STATUS when the program is to exit with STATUS: after a message, or
 * when help was asked for and printed.
 */
int cli_parse(const struct cli_command *command, void *args, int argc,
              char **argv);
/* The option behind 'o' (NULL: the first) of those that the command has, and
 * headings; NULL: none. */
const struct cli_option *cli_next_option(const struct cli_command *command,
                                         const struct cli_option *o);
/* Whether a common option is one that the command does not have. */
bool cli_is_without(const struct cli_command *command, const char *name);
/* All of them, ended by NULL (main.c). */
extern const struct cli_command *const cli_commands[];
/* The candidate most like 'name', or NULL if none is close. */
const char *cli_suggest(const char *name, const char *const *candidates,
                        size_t num);

/* ---- help from the tables (help.c, manual.c, completion.c) ---- */

/* Lists of commands end in NULL. */

void cli_print_help(const struct cli_command *command, const void *args,
                    FILE *to);
/* " [0.99]", the option's value in 'args'; empty where its help says it. */
void cli_format_default(const void *args, const struct cli_option *option,
                        char *out, size_t size);
/* The manual page, for troff.  False when out of memory. */
bool cli_print_manual(const struct cli_command *const *commands, FILE *to);
/* What completes words for "bash", "zsh" or "fish"; false: another one. */
bool cli_print_completion(const struct cli_command *const *commands,
                          const char *shell, FILE *to);
/* What INPUTs are, for --help. */
#define CLI_INPUTS                                                            \
    "INPUT is a file, a directory, or '-' for standard input, which is also " \
    "read\nwhen there is none."
/* The same, or the command's own operands. */
const char *cli_operands(const struct cli_command *command);

/* ---- messages (messages.c) ---- */

/* Flush standard output: 'status', or CLI_FAILED after a message. */
int cli_close_stdout(int status);
/* "wirecopy: " and the text, escaped, on standard error. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void
cli_say(const char *format, ...);
/* Text that may hold anything: control characters, which could command the
 * terminal, become '?'. */
void cli_say_escaped(const char *text);
/* 1234567 -> "1,234,567"; 'out' holds at least 28 bytes. */
const char *cli_count(uint64_t number, char *out);
/* "s" unless the number is 1. */
const char *cli_s(uint64_t number);
/* "letters and digits", or "letter or digit" if the number is 1. */
const char *cli_letters_and_digits(uint64_t number);
/* 81572874 -> "82 MB"; likewise. */
const char *cli_bytes(double bytes, char *out);

/* ---- a corpus from the command line (corpus.c) ---- */

enum cli_format {
    CLI_FORMAT_DEFAULT,
    CLI_FORMAT_TABLE,
    CLI_FORMAT_JSONL,
    CLI_FORMAT_CSV,
    CLI_FORMAT_TSV
};

enum cli_color {
    CLI_COLOR_AUTO, /* on a terminal that does not say otherwise */
    CLI_COLOR_ALWAYS,
    CLI_COLOR_NEVER
};

/* Arguments of all commands that read a corpus; first in their structs. */
struct cli_corpus_args {
    struct wcp_options lib;
    int32_t format; /* enum cli_format */
    int32_t color;  /* enum cli_color */
    const char *output;
    const char *files_from; /* a file that lists inputs, or "-" */
    bool progress, no_progress, strict, quiet, verbose;
    bool plan;               /* only say what it would come to */
    const char *side_output; /* a second output of the command, or NULL */
    bool takes_signatures;   /* inputs may be signature files */
};

extern const char *const cli_signature_names[],
    *const cli_relation_names[], *const cli_input_formats[],
                                     *const cli_bad_byte_names[],
                                         *const cli_format_names[],
                                             *const cli_color_names[];

/* Option tables begin with the command's own, then this. */
#define CLI_AT(field) offsetof(struct cli_corpus_args, field)
#define CLI_CORPUS_OPTIONS                                                    \
    { CLI_HEADING, 0, NULL, 0, NULL, "What counts as a copy", NULL, 0, 0 },   \
        { CLI_RATIO,                                                          \
          't',                                                                \
          "threshold",                                                        \
          CLI_AT(lib.threshold),                                              \
          "J",                                                                \
          "least Jaccard index of a copy with its original, or share of "     \
          "one in the other [0.8; with simhash: none]",                       \
          NULL,                                                               \
          1e-6,                                                               \
          1 },                                                                \
        { CLI_RATIO, 0,                                                       \
          "recall",  CLI_AT(lib.recall),                                      \
          "R",       "share of the pairs at the threshold to find",           \
          NULL,      .5,                                                      \
          .9999 },                                                            \
        { CLI_NUMBER,                                                         \
          'n',                                                                \
          "shingle",                                                          \
          CLI_AT(lib.shingle),                                                \
          "N",                                                                \
          "characters a shingle in all scripts [5 for Han, kana and Hangul, " \
          "8 "                                                                \
          "for others]",                                                      \
          NULL,                                                               \
          1,                                                                  \
          64 },                                                               \
        { CLI_CHOICE,                                                         \
          0,                                                                  \
          "signature",                                                        \
          CLI_AT(lib.signature),                                              \
          "KIND",                                                             \
          "minhash, minhash-classic or simhash",                              \
          cli_signature_names,                                                \
          0,                                                                  \
          0 },                                                                \
        { CLI_NUMBER, 'd',                                                    \
          "distance", CLI_AT(lib.distance),                                   \
          "BITS",     "simhash: most bits that may differ",                   \
          NULL,       0,                                                      \
          8 },                                                                \
        { CLI_SET,                                                            \
          0,                                                                  \
          "relations",                                                        \
          CLI_AT(lib.relations),                                              \
          "LIST",                                                             \
          "which copies count: identical, reprint, abridged, expanded, "      \
          "embedded, excerpt, template, boilerplate, with commas between, "   \
          "or all [the first five]",                                          \
          cli_relation_names,                                                 \
          0,                                                                  \
          0 },                                                                \
        CLI_READING_OPTIONS

/* What makes a passage; 'at' is the offset of a struct wcp_passage_options. */
#define CLI_PASSAGE_OPTIONS(at)                                                  \
    { CLI_NUMBER,                                                                \
      'l',                                                                       \
      "min-length",                                                              \
      (at) + offsetof(struct wcp_passage_options, min_length),                   \
      "N",                                                                       \
      "letters and digits, Han, kana or Hangul; of other scripts 2.5 times "     \
      "as "                                                                      \
      "many",                                                                    \
      NULL,                                                                      \
      8,                                                                         \
      1000000 },                                                                 \
        { CLI_NUMBER,   'c',                                                     \
          "min-copies", (at) + offsetof(struct wcp_passage_options, min_copies), \
          "N",          "places where it stands",                                \
          NULL,         2,                                                       \
          1000000000 },                                                          \
    {                                                                            \
        CLI_RATIO, 's', "min-similarity",                                        \
            (at) + offsetof(struct wcp_passage_options, min_similarity), "S",    \
            "share of letters and digits that a copy has in common with the "    \
            "first",                                                             \
            NULL, 0, 1                                                           \
    }

/* The same without what makes a copy. */
#define CLI_READING_OPTIONS                                                     \
    { CLI_HEADING, 0, NULL, 0, NULL, "Input", NULL, 0, 0 },                     \
        { CLI_STRING,                                                           \
          0,                                                                    \
          "files-from",                                                         \
          CLI_AT(files_from),                                                   \
          "FILE",                                                               \
          "read also the inputs that FILE lists, one a line or with NUL "       \
          "between; -: standard input",                                         \
          NULL,                                                                 \
          0,                                                                    \
          0 },                                                                  \
        { CLI_CHOICE,                                                           \
          0,                                                                    \
          "input-format",                                                       \
          CLI_AT(lib.input_format),                                             \
          "FORMAT",                                                             \
          "auto, text, jsonl, csv or tsv",                                      \
          cli_input_formats,                                                    \
          0,                                                                    \
          0 },                                                                  \
        { CLI_STRING,                                                           \
          0,                                                                    \
          "text-field",                                                         \
          CLI_AT(lib.text_field),                                               \
          "NAME",                                                               \
          "field with the text; dots lead into nested objects",                 \
          NULL,                                                                 \
          0,                                                                    \
          0 },                                                                  \
        { CLI_STRING, 0,                                                        \
          "id-field", CLI_AT(lib.id_field),                                     \
          "NAME",     "field with the id",                                      \
          NULL,       0,                                                        \
          0 },                                                                  \
        { CLI_STRING,                                                           \
          0,                                                                    \
          "title-field",                                                        \
          CLI_AT(lib.title_field),                                              \
          "NAME",                                                               \
          "field with the title",                                               \
          NULL,                                                                 \
          0,                                                                    \
          0 },                                                                  \
        { CLI_STRING,                                                           \
          0,                                                                    \
          "date-field",                                                         \
          CLI_AT(lib.date_field),                                               \
          "NAME",                                                               \
          "field with the date",                                                \
          NULL,                                                                 \
          0,                                                                    \
          0 },                                                                  \
        { CLI_STRING,                                                           \
          0,                                                                    \
          "source-field",                                                       \
          CLI_AT(lib.source_field),                                             \
          "NAME",                                                               \
          "field with the source",                                              \
          NULL,                                                                 \
          0,                                                                    \
          0 },                                                                  \
        { CLI_STRING,                                                           \
          0,                                                                    \
          "columns",                                                            \
          CLI_AT(lib.columns),                                                  \
          "NAMES",                                                              \
          "csv, tsv: names of the columns where no first row has them",         \
          NULL,                                                                 \
          0,                                                                    \
          0 },                                                                  \
        { CLI_STRING, 'e',                                                      \
          "encoding", CLI_AT(lib.encoding),                                     \
          "NAME",     "encoding of all inputs",                                 \
          NULL,       0,                                                        \
          0 },                                                                  \
        { CLI_CHOICE,                                                           \
          0,                                                                    \
          "on-bad-bytes",                                                       \
          CLI_AT(lib.on_bad_bytes),                                             \
          "HOW",                                                                \
          "replace, skip or fail",                                              \
          cli_bad_byte_names,                                                   \
          0,                                                                    \
          0 },                                                                  \
        { CLI_SIZE,       0,                                                    \
          "max-document", CLI_AT(lib.max_document),                             \
          "SIZE",         "skip documents above SIZE bytes",                    \
          NULL,           1,                                                    \
          1073741824.0 },                                                       \
        { CLI_HEADING, 0, NULL, 0, NULL, "Output", NULL, 0, 0 },                \
        { CLI_CHOICE,                                                           \
          'f',                                                                  \
          "format",                                                             \
          CLI_AT(format),                                                       \
          "FORMAT",                                                             \
          "table, jsonl, csv or tsv [as FILE of -o ends, .txt: table; table "   \
          "on a terminal; else jsonl]",                                         \
          cli_format_names,                                                     \
          0,                                                                    \
          0 },                                                                  \
        { CLI_STRING,     'o',    "output",                                     \
          CLI_AT(output), "FILE", "write results to FILE, whole or not at all", \
          NULL,           0,      0 },                                          \
        { CLI_CHOICE,                                                           \
          0,                                                                    \
          "color",                                                              \
          CLI_AT(color),                                                        \
          "WHEN",                                                               \
          "auto, always or never [auto: tables on a terminal]",                 \
          cli_color_names,                                                      \
          0,                                                                    \
          0 },                                                                  \
        { CLI_FLAG,   0,                                                        \
          "progress", CLI_AT(progress),                                         \
          NULL,       "show progress even if standard error is no terminal",    \
          NULL,       0,                                                        \
          0 },                                                                  \
        { CLI_FLAG,                                                             \
          0,                                                                    \
          "no-progress",                                                        \
          CLI_AT(no_progress),                                                  \
          NULL,                                                                 \
          "never show progress",                                                \
          NULL,                                                                 \
          0,                                                                    \
          0 },                                                                  \
        { CLI_FLAG, 'q', "quiet", CLI_AT(quiet), NULL, "say errors only",       \
          NULL,     0,   0 },                                                   \
        { CLI_FLAG,  'v',                                                       \
          "verbose", CLI_AT(verbose),                                           \
          NULL,      "say how it was decided, and what it cost",                \
          NULL,      0,                                                         \
          0 },                                                                  \
        { CLI_HEADING, 0, NULL, 0, NULL, "Running", NULL, 0, 0 },               \
        { CLI_NUMBER, 'j',                                                      \
          "threads",  CLI_AT(lib.threads),                                      \
          "N",        "threads to use [all processors]",                        \
          NULL,       1,                                                        \
          256 },                                                                \
        { CLI_STRING, 0,                                                        \
          "tmpdir",   CLI_AT(lib.tmpdir),                                       \
          "DIR",      "where temporary files are kept [TMPDIR or /tmp]",        \
          NULL,       0,                                                        \
          0 },                                                                  \
        { CLI_SIZE,                                                             \
          0,                                                                    \
          "memory",                                                             \
          CLI_AT(lib.memory),                                                   \
          "SIZE",                                                               \
          "have at most so much resident, such as 2G; the rest is kept in "     \
          "temporary files [no limit]",                                         \
          NULL,                                                                 \
          1,                                                                    \
          0x1p50 },                                                             \
        { CLI_SIZE,                                                             \
          0,                                                                    \
          "tmp-limit",                                                          \
          CLI_AT(lib.tmp_limit),                                                \
          "SIZE",                                                               \
          "use at most so much disk for temporary files [no limit]",            \
          NULL,                                                                 \
          1,                                                                    \
          0x1p50 },                                                             \
    {                                                                           \
        CLI_FLAG, 0, "strict", CLI_AT(strict), NULL,                            \
            "fail if anything was skipped", NULL, 0, 0                          \
    }

/* Of the commands that find groups or pairs; last. */
#define CLI_PLAN_OPTION                                                    \
    {                                                                      \
        .type = CLI_FLAG, .name = "plan", .offset = CLI_AT(plan),          \
        .help = "only say how many documents there are, and what memory, " \
                "temporary files and time it will take, by a sample"       \
    }

/* The defaults of the struct above. */
struct cli_corpus_args cli_corpus_defaults(void);
void cli_corpus_init(void *args);

/* How often a detail was said, such as "encoding GB18030 (guessed)". */
struct cli_detail {
    char text[96];
    char *example; /* a path, owned */
    uint64_t num;
};

/* A run over one corpus: messages, progress, counts, exit status. */
struct cli_run {
    const struct cli_corpus_args *args;
    struct wcp_corpus *corpus;
    double start;
    double progress_at; /* when the line is to be drawn next; < 0: never */
    unsigned round;     /* of comparing, from 1 */
    uint64_t steps_done, steps_total; /* of it */
    bool progress_shown;
    bool partial;
    struct cli_detail details[32]; /* those of more kinds are said at once */
    size_t num_details;
    struct cli_detail kinds[32]; /* of messages about inputs; no examples */
    size_t num_kinds;
};

/* False after a message if one of the outputs (each may be NULL, which for the
 * first one is standard output) is one of the inputs, which it would replace.
 */
bool cli_check_outputs(int num_inputs, char **inputs,
                       const char *const *outputs, size_t num_outputs);
/* The same for the folder of a checkpoint, which an input must not hold. */
bool cli_check_checkpoint(const struct cli_corpus_args *args, int num_inputs,
                          char **inputs);
/* Remove the checkpoint of a run whose results are safe.  Returns 'status'. */
int cli_drop_checkpoint(const struct cli_corpus_args *args, int status);
/* False after a message if an output (may be NULL) is there already, in a
 * directory that is an input, and nothing else leaves it out. */
bool cli_check_outside(int num_inputs, char **inputs, const char *output);

/* Make the corpus and add the inputs (none: standard input).  False after a
 * message; *status_ret is then the exit status. */
bool cli_run_open(struct cli_run *run, struct cli_corpus_args *args,
                  int num_inputs, char **inputs, int *status_ret);
/* Say what was done ('result' of it: "3 copies ..."), free the corpus and
 * return the exit status. */
int cli_run_close(struct cli_run *run, const char *result);
/* The same without a word about what was done. */
int cli_run_end(struct cli_run *run);
/* --plan: what the command would come to, on standard output (plan.c).  The
 * exit status. */
int cli_plan(struct cli_corpus_args *args, int num_inputs, char **inputs);
/* All of a stream, with a NUL behind it; NULL with errno set. */
char *cli_read_stream(FILE *from, size_t *len_ret);
/* Say why a call failed and return the exit status. */
int cli_run_fail(struct cli_run *run, const struct wcp_error *err);

/* ---- output (output.c) ---- */

/* Of a table that nothing is cut in. */
#define CLI_NO_WIDTH 1000000u

struct cli_output {
    FILE *to;
    char *buffer;     /* of 'to', or NULL */
    const char *path; /* NULL: standard output */
    const char *name; /* as it was given */
    char real_path[4096];
    int fd;        /* of the file; -1: standard output */
    char *pending; /* its temporary name, until it is renamed */
    bool unnamed;  /* which it gets only then */
    enum cli_format format;
    bool terminal;
    bool color;     /* tables have colours */
    unsigned width; /* columns of the terminal, or CLI_NO_WIDTH */
    bool finished;  /* all is on disk but for the name */
    bool failed;    /* a write failed; sys_errno says why */
    int sys_errno;
};

/* Have SIGINT, SIGTERM and SIGHUP wait; 'before' is for the release. */
void cli_hold_signals(sigset_t *before);
void cli_release_signals(const sigset_t *before);

bool cli_is_directory(const char *path);
/* Whether the outputs' names promise nothing else than what is written.  False
 * after a message. */
bool cli_check_names(const struct cli_command *command,
                     const struct cli_corpus_args *args);
/* The same of an output that is what the inputs are. */
bool cli_check_kept(const struct cli_corpus_args *args, int num_inputs,
                    char **inputs);

/* What a name ends in, before ".gz" and such; CLI_FORMAT_DEFAULT: none.  .txt
 * is a table. */
enum cli_format cli_format_of_name(const char *path);

/* Open args->output as a temporary file beside it (compressed if its name
 * ends in .gz, .zst, .xz or .bz2), or standard output, and settle the format.
 * False after a message. */
bool cli_output_open(struct cli_output *out,
                     const struct cli_corpus_args *args);
/* Write out all that is left to write; only the name is missing then.  Of two
 * outputs both are finished before one is closed.  False if that failed, which
 * closing says. */
bool cli_output_finish(struct cli_output *out);
/* Finish, and move the file to its name if 'keep'.  Returns 'status', or
 * CLI_FAILED after a message; a closed pipe is no failure. */
int cli_output_close(struct cli_output *out, bool keep, int status);
/* Whether both names (NULL: standard output) are those of one file. */
bool cli_same_output(const char *a, const char *b);
/* False once a write has failed. */
bool cli_output_ok(struct cli_output *out);
/* Have results appear before what is said after them. */
void cli_output_flush(struct cli_output *out);

/* ---- copies of files (tree.c) ---- */

struct cli_tree;
struct cli_string;

/* Files that are to be copied below a folder.  NULL: out of memory. */
struct cli_tree *cli_tree_new(const char *dir);
/* 'to' is a path below the folder.  False after a message. */
bool cli_tree_add(struct cli_tree *tree, const char *from, const char *to);
/* The same for a file that holds something else now, which waits in 'tmpdir'
 * (NULL: /tmp). */
bool cli_tree_add_changed(struct cli_tree *tree, const char *from,
                          const char *to, const struct cli_string *data,
                          const char *tmpdir);
/* Copy them, but not yet to their places, which must be free.  One that cannot
 * be opened is a message, and left out unless 'whole'.  False after a message,
 * or when a signal waits until the tree is freed. */
bool cli_tree_stage(struct cli_tree *tree, bool whole);
/* Move them to their places.  False after a message. */
bool cli_tree_settle(struct cli_tree *tree);
/* Remove whatever was made, unless all went well. */
void cli_tree_free(struct cli_tree *tree);

/* ---- compressed files (compress.c) ---- */

/* ".gz" if the path ends like that of a compressed file, else NULL. */
const char *cli_compressed_ending(const char *path);
/* A FILE that compresses what is written to it into fd, which the caller
 * closes after it.  NULL with errno. */
FILE *cli_open_compressed(int fd, const char *ending);

/* ---- records (records.c) ---- */

struct cli_string {
    const char *data; /* NULL: no value */
    size_t len;
};

/* A string that ends in NUL, or NULL. */
struct cli_string cli_string_of(const char *text);

/*
 * What is written in many small parts, put together before it goes to 'to':
 * calls of the C library for each part take longer than the writing.  Nothing
 * else may be written to 'to' before it is ended.
 */
enum { CLI_LINE_BYTES = 2048 };
struct cli_line {
    FILE *to;
    size_t len;
    char data[CLI_LINE_BYTES];
};
static inline void
cli_line_begin(struct cli_line *line, FILE *to)
{
    line->to = to;
    line->len = 0;
}
void cli_line_end(struct cli_line *line);
/* Bytes as they are, however many. */
void cli_line_put(struct cli_line *line, const char *data, size_t len);
static inline void
cli_line_text(struct cli_line *line, const char *text)
{
    cli_line_put(line, text, strlen(text));
}
/* Values in JSON. */
void cli_line_string(struct cli_line *line, struct cli_string string);
void cli_line_count(struct cli_line *line, uint64_t number);
void cli_line_number(struct cli_line *line, double number);

/* The same at once, where there is little to write. */
void cli_json_string(FILE *to, struct cli_string string);
void cli_json_number(FILE *to, double number);
/* A comma, a key that needs no escape, and its number. */
void cli_json_field(FILE *to, const char *key, double number);

/* One row of CSV or TSV: begin, fields, end. */
struct cli_row {
    struct cli_line line;
    bool tabs, started;
};
void cli_row_string(struct cli_row *row, struct cli_string string);
void cli_row_count(struct cli_row *row, uint64_t number);
void cli_row_number(struct cli_row *row, double number);
void cli_row_end(struct cli_row *row);
/* The header row; 'names' ends in NULL. */
void cli_row_names(struct cli_row *row, const char *const *names);

extern const struct cli_command cli_cmd_find, cli_cmd_pairs, cli_cmd_compare,
    cli_cmd_eval, cli_cmd_dedup, cli_cmd_passages, cli_cmd_sign;

#endif /* WCP_CLI_CLI_H */
