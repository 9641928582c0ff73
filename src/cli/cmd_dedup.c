/*
 * cmd_dedup.c - "wirecopy dedup": the corpus without its copies
 *
 * Files of records come out as they went in, byte for byte, without the
 * records of copies.  For text files the paths of those that are kept are
 * listed, or, with -o DIR/, the files are copied there.
 */
#include "cli/listing.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const keep_names[] = { "first", "earliest", "longest",
                                          NULL };

struct dedup_args {
    struct cli_corpus_args corpus; /* first: the common options count on it */
    struct wcp_passage_options passages;
    int32_t keep;
    bool cuts_passages;
    const char *removed;
};

static const struct cli_option dedup_options[] = {
    { CLI_HEADING, 0, NULL, 0, NULL, "What is kept", NULL, 0, 0 },
    { CLI_CHOICE, 'k', "keep", offsetof(struct dedup_args, keep), "WHICH",
      "first, earliest or longest", keep_names, 0, 0 },
    { CLI_STRING, 0, "removed", offsetof(struct dedup_args, removed), "FILE",
      "list what was removed in FILE as JSONL", NULL, 0, 0 },
    { CLI_HEADING, 0, NULL, 0, NULL, "Passages", NULL, 0, 0 },
    { CLI_FLAG, 'p', "passages", offsetof(struct dedup_args, cuts_passages),
      NULL,
      "cut passages that stand elsewhere too out of documents, instead of "
      "removing documents",
      NULL, 0, 0 },
    CLI_PASSAGE_OPTIONS(offsetof(struct dedup_args, passages)),
    CLI_CORPUS_OPTIONS,
    CLI_CHECKPOINT_OPTIONS,
    CLI_PLAN_OPTION,
    { .type = CLI_END },
};

/* What it writes is as it was read. */
static const char *const dedup_without[] = { "format", "color", NULL };

struct dedup_sink {
    struct cli_output out, removed;
    bool lists_removed;
    bool wrote_bytes, wrote_files;
    char first_file[PATH_MAX]; /* of those, as far as it fits */
    struct cli_tree *tree;     /* where text files are copied to, or NULL */
    const char *tmpdir;
    char **inputs;
    int num_inputs;
    uint64_t num_cuts, num_cut, num_dropped; /* passages; documents */
    uint64_t last_cut;                       /* number of a document */
    bool failed;                             /* a message was said */
};

/* ---- copies of files ---- */

/* Whether a path begins with "." or "..", which are no names: they lead out
 * of the folder that the copies go to. */
static bool
is_dots(const char *path)
{
    path += *path == '.';
    path += *path == '.';
    return *path == '/' || *path == '\0';
}

/* The longest input that is a folder above the path, without the slashes at
 * its end; NULL if there is none. */
static const char *
input_above(const struct dedup_sink *sink, const char *path, size_t *len_ret)
{
    const char *best = NULL;

    for (int i = 0; i < sink->num_inputs; i++) {
        const char *input = sink->inputs[i];
        size_t len = strlen(input);

        while (len > 1 && input[len - 1] == '/')
            len--;
        if (strncmp(path, input, len) != 0 || path[len] != '/' ||
            (best != NULL && len <= *len_ret))
            continue;
        best = input;
        *len_ret = len;
    }
    return best;
}

/* A path without what leads out of the folder that the copies go to: the
 * root, and all up to the last "..". */
static const char *
path_inside(const char *path)
{
    const char *inside = path + strspn(path, "/");

    for (const char *at = inside; *at != '\0';) {
        size_t len = strcspn(at, "/");
        const char *next = at + len + strspn(at + len, "/");

        if (len <= 2 && strncmp(at, "..", len) == 0 &&
            (len == 2 || at == inside))
            inside = next;
        at = next;
    }
    return inside;
}

static bool
is_operand(const struct dedup_sink *sink, const char *path)
{
    for (int i = 0; i < sink->num_inputs; i++)
        if (strcmp(sink->inputs[i], path) == 0)
            return true;
    return false;
}

/*
 * Where the copy of a file goes, below the folder of copies.  As with cp, an
 * operand leaves its folder behind, and what is found in an operand keeps its
 * path below it; with several operands also the operand's own name, so that
 * their files do not meet.  As with tar and rsync, what was listed keeps the
 * path it was listed by.
 */
static const char *
place_of(const struct dedup_sink *sink, const char *path)
{
    const char *name = strrchr(path, '/');
    size_t len = 0, last;

    if (is_operand(sink, path))
        return name != NULL ? name + 1 : path;
    if (input_above(sink, path, &len) == NULL)
        return path_inside(path);
    for (last = len; last > 0 && path[last - 1] != '/';)
        last--;
    if (sink->num_inputs > 1 && !is_dots(path + last))
        return path + last;
    for (path += len; *path == '/';)
        path++;
    return path;
}

/* ---- callbacks ---- */

static void
write_field(FILE *to, const char *name, const char *of, struct cli_string value)
{
    fprintf(to, ",\"%s%s\":", of, name);
    cli_json_string(to, value);
}

/* Where a document stands and what it is called: ids can be equal. */
static void
write_place(FILE *to, const char *of, const struct wcp_document_info *document)
{
    write_field(to, "path", of, cli_string_of(document->path));
    fprintf(to, ",\"%sline\":", of);
    if (document->line > 0)
        fprintf(to, "%" PRIu64, document->line);
    else
        fputs("null", to);
    write_field(to, "title", of,
                (struct cli_string){ document->title, document->title_len });
}

static int32_t
on_removed(void *ctx, const struct wcp_removal *removal)
{
    const struct wcp_document_info *removed = removal->removed;
    const struct wcp_document_info *kept = removal->kept;
    struct dedup_sink *sink = ctx;
    FILE *to = sink->removed.to;

    if (!sink->lists_removed)
        return 0;
    fputs("{\"id\":", to);
    cli_json_string(to, (struct cli_string){ removed->id, removed->id_len });
    write_field(to, "kept", "", (struct cli_string){ kept->id, kept->id_len });
    fputs(",\"jaccard\":", to);
    cli_json_number(to, removal->jaccard);
    fprintf(to, ",\"relation\":\"%s\"", wcp_relation_text(removal->relation));
    write_place(to, "", removed);
    write_place(to, "kept_", kept);
    fputs("}\n", to);
    return !cli_output_ok(&sink->removed) && sink->removed.sys_errno != EPIPE;
}

static int32_t
on_cut(void *ctx, const struct wcp_cut *cut)
{
    struct dedup_sink *sink = ctx;
    FILE *to = sink->removed.to;

    sink->num_cuts++;
    if (sink->last_cut != cut->document->number) {
        sink->num_cut++;
        sink->num_dropped += cut->dropped != 0;
    }
    sink->last_cut = cut->document->number;
    if (!sink->lists_removed)
        return 0;
    fputs("{\"id\":", to);
    cli_json_string(
        to, (struct cli_string){ cut->document->id, cut->document->id_len });
    fprintf(to,
            ",\"begin\":%" PRIu64 ",\"end\":%" PRIu64 ",\"char_begin\":%" PRIu64
            ",\"char_end\":%" PRIu64,
            cut->begin, cut->end, cut->char_begin, cut->char_end);
    write_field(to, "kept", "",
                (struct cli_string){ cut->kept->id, cut->kept->id_len });
    fprintf(to,
            ",\"kept_begin\":%" PRIu64 ",\"kept_end\":%" PRIu64
            ",\"similarity\":",
            cut->kept_begin, cut->kept_end);
    cli_json_number(to, cut->similarity);
    fprintf(to, ",\"passage\":%" PRIu64 ",\"dropped\":%s", cut->passage,
            cut->dropped != 0 ? "true" : "false");
    write_place(to, "", cut->document);
    write_place(to, "kept_", cut->kept);
    fputs("}\n", to);
    return !cli_output_ok(&sink->removed) && sink->removed.sys_errno != EPIPE;
}

static bool
refuse_mixture(struct dedup_sink *sink)
{
    if (!sink->wrote_bytes || !sink->wrote_files)
        return false;
    cli_say("text files, such as '%s', and files of records cannot be mixed in "
            "one run",
            sink->first_file);
    sink->failed = true;
    return true;
}

static void
note_file(struct dedup_sink *sink, const char *path)
{
    if (!sink->wrote_files)
        snprintf(sink->first_file, sizeof sink->first_file, "%s", path);
    sink->wrote_files = true;
}

/* Whether to stop writing the result.  A reader that has seen enough of it
 * does not stop the list of what was removed, which is whole or not at all. */
static bool
is_over(struct dedup_sink *sink)
{
    return !cli_output_ok(&sink->out) &&
           !(sink->lists_removed && sink->out.sys_errno == EPIPE);
}

static int32_t
on_file(void *ctx, const char *path)
{
    struct dedup_sink *sink = ctx;

    note_file(sink, path);
    if (refuse_mixture(sink))
        return 1;
    if (sink->tree == NULL) {
        if (!sink->out.failed)
            fprintf(sink->out.to, "%s\n", path);
        return is_over(sink);
    }
    sink->failed = !cli_tree_add(sink->tree, path, place_of(sink, path));
    return sink->failed;
}

static int32_t
on_cut_file(void *ctx, const char *path, const void *data, size_t len)
{
    struct dedup_sink *sink = ctx;
    const struct cli_string changed = { data, len };

    note_file(sink, path);
    if (refuse_mixture(sink))
        return 1;
    if (sink->tree == NULL) {
        cli_say("text files that are cut need a folder to go to: -o DIR/");
        sink->failed = true;
    } else if (data == NULL) {
        sink->failed = !cli_tree_add(sink->tree, path, place_of(sink, path));
    } else {
        sink->failed = !cli_tree_add_changed(
            sink->tree, path, place_of(sink, path), &changed, sink->tmpdir);
    }
    return sink->failed;
}

static int32_t
on_bytes(void *ctx, const void *data, size_t len)
{
    struct dedup_sink *sink = ctx;

    sink->wrote_bytes = true;
    if (refuse_mixture(sink))
        return 1;
    if (sink->tree != NULL) {
        cli_say("-o must name a file, not a directory, for files of records");
        sink->failed = true;
        return 1;
    }
    if (!sink->out.failed)
        fwrite(data, 1, len, sink->out.to);
    return is_over(sink);
}

/* ---- the command ---- */

static bool
names_directory(const char *path)
{
    struct stat status;

    if (path == NULL || path[0] == '\0')
        return false;
    return path[strlen(path) - 1] == '/' ||
           (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

/* "clean/" where clean is a file: false after a message. */
static bool
can_be_directory(const char *path)
{
    char name[PATH_MAX];
    size_t len = strlen(path);
    struct stat status;

    while (len > 1 && path[len - 1] == '/')
        len--;
    snprintf(name, sizeof name, "%.*s", (int)(len < PATH_MAX ? len : 0), path);
    if (stat(name, &status) != 0 || S_ISDIR(status.st_mode))
        return true;
    cli_say("'%s' is a file, so no files can be copied to '%s'; remove it or "
            "choose another name",
            name, path);
    return false;
}

/* Whoever wanted the files named no folder, or did not know that they are
 * files of text. */
static void
hint_at_copies(const struct dedup_sink *sink, const struct dedup_args *args)
{
    const char *output = args->corpus.output, *name;
    const enum cli_format said = cli_format_of_name(output);

    if (output == NULL || sink->tree != NULL || !sink->wrote_files ||
        args->corpus.quiet)
        return;
    if (said != CLI_FORMAT_DEFAULT && said != CLI_FORMAT_TABLE)
        cli_say("'%s' is a list of paths, which is no %s", output,
                cli_format_names[said]);
    name = strrchr(output, '/');
    if (strchr(name != NULL ? name : output, '.') == NULL &&
        strcmp(output, "-") != 0)
        cli_say("'%s' is a list of paths; to copy the files, write -o %s/",
                output, output);
}

static bool
check_outputs(const struct dedup_sink *sink, const struct dedup_args *args)
{
    const char *const outputs[] = { args->corpus.output, args->removed };
    const char *output =
        args->corpus.output != NULL ? args->corpus.output : "-";

    if (!cli_check_outputs(sink->num_inputs, sink->inputs, outputs, 2) ||
        !cli_check_outside(sink->num_inputs, sink->inputs, args->removed))
        return false;
    if (args->removed == NULL || !cli_same_output(args->removed, outputs[0]))
        return true;
    cli_say("--removed and the result cannot both go to '%s'", output);
    return false;
}

static bool
open_outputs(struct dedup_sink *sink, const struct dedup_args *args)
{
    struct cli_corpus_args removed = args->corpus;

    removed.output = args->removed;
    if (args->removed != NULL && !cli_output_open(&sink->removed, &removed))
        return false;
    sink->lists_removed = args->removed != NULL;
    if (names_directory(args->corpus.output)) {
        sink->tree = cli_tree_new(args->corpus.output);
        if (sink->tree != NULL)
            return true;
        cli_say("out of memory");
    } else if (cli_output_open(&sink->out, &args->corpus)) {
        return true;
    }
    if (sink->lists_removed)
        cli_output_close(&sink->removed, false, CLI_FAILED);
    return false;
}

/* Neither file gets its name before both are written. */
static int
close_outputs(struct dedup_sink *sink, bool keep, int status)
{
    if (sink->tree != NULL)
        /* What could not be read was said, and cannot be copied either. */
        keep = keep && cli_tree_stage(sink->tree, status != CLI_PARTIAL);
    else
        keep = cli_output_finish(&sink->out) && keep;
    if (sink->lists_removed) {
        keep = cli_output_finish(&sink->removed) && keep;
        status = cli_output_close(&sink->removed, keep, status);
        keep = keep && status != CLI_FAILED;
    }
    if (sink->tree == NULL)
        return cli_output_close(&sink->out, keep, status);
    if (keep)
        keep = cli_tree_settle(sink->tree);
    cli_tree_free(sink->tree);
    return keep || status == CLI_USAGE ? status : CLI_FAILED;
}

static void
describe_result(const struct dedup_sink *sink, const struct dedup_args *args,
                const struct wcp_corpus *corpus, char *text, size_t size)
{
    struct wcp_stats stats = { .struct_size = sizeof stats };
    char numbers[3][28];

    wcp_corpus_stats(corpus, &stats);
    if (args->cuts_passages)
        snprintf(text, size,
                 "%s passage%s cut out of %s document%s, %s dropped",
                 cli_count(sink->num_cuts, numbers[0]), cli_s(sink->num_cuts),
                 cli_count(sink->num_cut, numbers[1]), cli_s(sink->num_cut),
                 cli_count(sink->num_dropped, numbers[2]));
    else
        snprintf(text, size, "%s kept, %s removed",
                 cli_count(stats.documents - stats.copies, numbers[0]),
                 cli_count(stats.copies, numbers[1]));
}

static int
finish(struct dedup_sink *sink, const struct dedup_args *args,
       struct cli_run *run)
{
    char result[128];
    int status;

    describe_result(sink, args, run->corpus, result, sizeof result);
    if (sink->tree == NULL)
        cli_output_flush(&sink->out);
    status = cli_run_close(run, result);
    if (status != CLI_FAILED)
        hint_at_copies(sink, args);
    return close_outputs(sink, status != CLI_FAILED, status);
}

static void
init_dedup(void *to)
{
    struct dedup_args *args = to;

    *args = (struct dedup_args){ .corpus = cli_corpus_defaults(),
                                 .keep = WCP_KEEP_FIRST };
    wcp_passage_options_init(&args->passages, sizeof args->passages);
    /* Whoever removes copies wants none left; on news texts a hundredth of
     * the misses costs a quarter more candidates. */
    args->corpus.lib.recall = .9999;
}

static enum wcp_status
dedup(struct wcp_corpus *corpus, const struct dedup_args *args,
      struct dedup_sink *sink, struct wcp_error *err)
{
    const struct wcp_dedup_sink documents = { sizeof documents, on_removed,
                                              on_file, on_bytes, sink };
    const struct wcp_cut_sink passages = { sizeof passages, on_cut, on_cut_file,
                                           on_bytes, sink };
    enum wcp_keep keep = (enum wcp_keep)args->keep;

    if (args->cuts_passages)
        return wcp_corpus_cut(corpus, keep, &args->passages, &passages, err);
    return wcp_corpus_dedup(corpus, keep, &documents, err);
}

static int
run_dedup(const struct cli_command *command, int argc, char **argv)
{
    struct dedup_args args;
    struct dedup_sink sink = { .inputs = argv };
    struct cli_run run;
    struct wcp_error err;
    int status = CLI_OK;
    enum wcp_status done;

    init_dedup(&args);
    sink.num_inputs = cli_parse(command, &args, argc, argv);
    if (sink.num_inputs < 0)
        return -1 - sink.num_inputs;
    if (args.cuts_passages &&
        (args.corpus.plan || args.corpus.lib.memory > 0)) {
        cli_say("--%s is not for --passages, which holds all texts",
                args.corpus.plan ? "plan" : "memory");
        return CLI_USAGE;
    }
    if (args.corpus.plan)
        return cli_plan(&args.corpus, sink.num_inputs, argv);
    args.corpus.side_output = args.removed;
    if (!check_outputs(&sink, &args) ||
        !cli_check_checkpoint(&args.corpus, sink.num_inputs, argv))
        return CLI_USAGE;
    if (!names_directory(args.corpus.output)) {
        if (!cli_check_kept(&args.corpus, sink.num_inputs, argv))
            return CLI_USAGE;
    } else if (!can_be_directory(args.corpus.output)) {
        return CLI_FAILED;
    }
    if (!open_outputs(&sink, &args))
        return CLI_FAILED;
    if (!cli_run_open(&run, &args.corpus, sink.num_inputs, argv, &status))
        return close_outputs(&sink, false, status);
    sink.tmpdir = args.corpus.lib.tmpdir;
    done = dedup(run.corpus, &args, &sink, &err);
    if (done == WCP_OK)
        return cli_drop_checkpoint(&args.corpus, finish(&sink, &args, &run));
    if (done == WCP_STOPPED) {
        /* Said already, or an output that failed, which closing says: but a
         * reader that has seen enough of the result is no failure. */
        cli_run_end(&run);
        status = sink.failed ? CLI_FAILED : CLI_OK;
        return cli_drop_checkpoint(&args.corpus,
                                   close_outputs(&sink, false, status));
    }
    status = cli_run_fail(&run, &err);
    return close_outputs(&sink, false, status);
}

/* Of --removed. */
static const struct cli_field dedup_fields[] = {
    { "id", "of a removed document, with --removed, always JSONL; with "
            "--passages, of one out of which a passage was cut" },
    { "kept", "id of the document that stays for it, or has the passage's "
              "first copy" },
    { "jaccard, relation", "of the two, as in find; not with --passages" },
    { "begin, end", "with --passages, as what follows: what was cut, in bytes "
                    "of the text as UTF-8" },
    { "char_begin, char_end", "the same in characters of the text" },
    { "kept_begin, kept_end", "where the first copy stands; a part of it may "
                              "be cut too, for an earlier place" },
    { "similarity", "of the copy to the first, as in passages" },
    { "passage", "number, from 1, by length times copies, most first" },
    { "dropped", "true: nothing else was in the document, which is gone" },
    { "path, line, title", "of the removed document" },
    { "kept_path, kept_line, kept_title", "of the one that stays" },
    { NULL, NULL },
};

const struct cli_command cli_cmd_dedup = {
    .name = "dedup",
    .summary = "Write the corpus without its copies, byte for byte.",
    .usage = "wirecopy dedup [OPTION]... [INPUT]...",
    .operands = CLI_INPUTS
    "\n\n"
    "Records come out as they went in.  Of text files, the paths of those "
    "that are\nkept are listed, or, with -o DIR/, the files are copied there: "
    "all, or none if\none of them is there already.  They keep their paths "
    "below an INPUT, and as they\nare listed with --files-from.\n\n"
    "With --passages, the copy of a passage in the document that --keep "
    "names stays,\nand all others are cut out of their texts; nothing "
    "else changes by a byte.  At a\ncut no word is split, the punctuation "
    "right behind goes, and of white space on\nboth sides one stays.  New "
    "text of --min-length in a copy stays as well.  A\ndocument that has "
    "no letter or digit left is dropped.  Text files need -o DIR/.",
    .examples =
        "  wirecopy dedup news.jsonl -o clean.jsonl.zst --removed gone.jsonl\n"
        "  wirecopy dedup -t 0.7 --keep longest articles/ -o clean/\n"
        "  wirecopy dedup --passages pages/ -o clean/ --removed gone.jsonl\n",
    .options = dedup_options,
    .fields = dedup_fields,
    .without = dedup_without,
    .args_size = sizeof(struct dedup_args),
    .init = init_dedup,
    .run = run_dedup,
};
