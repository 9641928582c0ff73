/*
 * corpus.c - a corpus from the command line: inputs, messages, progress
 */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* The progress line: first after a second, then at most six times a second. */
#define FIRST_PROGRESS 1.0
#define NEXT_PROGRESS (1 / 6.0)

/* Messages of one kind without -v, as many as the library says of one input;
 * more are only counted. */
enum { MAX_SAID = 10 };

/* Bytes of ru_maxrss. */
#if defined(__APPLE__)
#define MAXRSS_UNIT 1.0
#else
#define MAXRSS_UNIT 1024.0
#endif

const char *const cli_signature_names[] = { "minhash", "minhash-classic",
                                            "simhash", NULL };
/* By enum wcp_relation; the first is that of an original to itself. */
const char *const cli_relation_names[] = {
    "",         "identical", "reprint",  "abridged",    "expanded",
    "embedded", "excerpt",   "template", "boilerplate", NULL
};
const char *const cli_input_formats[] = { "auto", "text", "jsonl",
                                          "csv",  "tsv",  NULL };
const char *const cli_bad_byte_names[] = { "replace", "skip", "fail", NULL };
/* The first stands for "as fits the output" and cannot be named. */
const char *const cli_format_names[] = { "",    "table", "jsonl",
                                         "csv", "tsv",   NULL };
const char *const cli_color_names[] = { "auto", "always", "never", NULL };

struct cli_corpus_args
cli_corpus_defaults(void)
{
    struct cli_corpus_args args = { .format = CLI_FORMAT_DEFAULT };

    wcp_options_init(&args.lib, sizeof args.lib);
    return args;
}

void
cli_corpus_init(void *args)
{
    *(struct cli_corpus_args *)args = cli_corpus_defaults();
}

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void
wipe_progress(struct cli_run *run)
{
    if (run->progress_shown)
        fputs("\r\033[K", stderr);
    run->progress_shown = false;
}

/* Details come by the thousand, a file each: they are counted by their text
 * and said at the end.  False if there is no room to count this one. */
static bool
count_detail(struct cli_run *run, const struct wcp_message *message)
{
    struct cli_detail *detail = run->details;
    struct cli_detail *end = run->details + run->num_details;

    while (detail < end && strcmp(detail->text, message->text) != 0)
        detail++;
    if (detail == end) {
        if (run->num_details == sizeof run->details / sizeof *detail ||
            strlen(message->text) >= sizeof detail->text)
            return false;
        strcpy(detail->text, message->text);
        detail->example = message->path ? strdup(message->path) : NULL;
        run->num_details++;
    }
    detail->num++;
    return true;
}

/* Whether enough was said of what the message says.  Kinds are told apart by
 * their texts; those that there is no room for are one kind together. */
static bool
is_enough(struct cli_run *run, const struct wcp_message *message)
{
    struct cli_detail *kind = run->kinds;
    size_t max = sizeof run->kinds / sizeof *kind;

    if (run->args->verbose)
        return false;
    while (kind < run->kinds + run->num_kinds &&
           strncmp(kind->text, message->text, sizeof kind->text - 1) != 0)
        kind++;
    if (kind == run->kinds + run->num_kinds) {
        if (run->num_kinds == max)
            kind--;
        else
            run->num_kinds++;
        snprintf(kind->text, sizeof kind->text, "%s",
                 run->num_kinds == max ? "of other kinds" : message->text);
    }
    return ++kind->num > MAX_SAID;
}

static void
say_details(struct cli_run *run)
{
    for (size_t i = 0; i < run->num_kinds; i++) {
        const struct cli_detail *kind = &run->kinds[i];
        char unsaid[28];

        if (kind->num > MAX_SAID)
            cli_say("%s more such message%s (-v shows all): %s",
                    cli_count(kind->num - MAX_SAID, unsaid),
                    cli_s(kind->num - MAX_SAID), kind->text);
    }
    run->num_kinds = 0;
    for (size_t i = 0; i < run->num_details; i++) {
        struct cli_detail *detail = &run->details[i];
        const char *example = detail->example ? detail->example : "-";
        char number[28];

        if (detail->num == 1)
            cli_say("%s: %s", example, detail->text);
        else
            cli_say("%s inputs: %s, such as %s", cli_count(detail->num, number),
                    detail->text, example);
        free(detail->example);
    }
    run->num_details = 0;
}

static void
on_message(void *ctx, const struct wcp_message *message)
{
    struct cli_run *run = ctx;

    if (message->kind == WCP_MESSAGE_SKIPPED)
        run->partial = true;
    if (message->kind == WCP_MESSAGE_DETAIL && run->args->verbose &&
        count_detail(run, message))
        return;
    if ((message->kind == WCP_MESSAGE_DETAIL && !run->args->verbose) ||
        (message->kind == WCP_MESSAGE_WARNING && run->args->quiet))
        return;
    /* Of equal ids and the like the library says few. */
    if ((message->kind == WCP_MESSAGE_WARNING || message->status != WCP_OK) &&
        is_enough(run, message))
        return;
    wipe_progress(run);
    fputs("wirecopy: ", stderr);
    if (message->path != NULL) {
        fputs(message->path[0] != '\0' ? message->path : "''", stderr);
        if (message->line > 0)
            fprintf(stderr, ":%" PRIu64, message->line);
        if (message->line > 0 && message->column > 0)
            fprintf(stderr, ":%" PRIu64, message->column);
        fputs(": ", stderr);
    }
    cli_say_escaped(message->text);
    fputc('\n', stderr);
}

/* Comparing is done in rounds, of which each counts anew. */
static void
draw_comparing(const struct cli_run *run, const struct wcp_progress *progress)
{
    char documents[28];

    fprintf(stderr, "\r\033[K%s documents, comparing",
            cli_count(progress->documents, documents));
    if (run->round > 1)
        fprintf(stderr, ", round %u", run->round);
    if (progress->steps_total > 0)
        fprintf(stderr, ", %.0f%%",
                100. * (double)progress->steps_done /
                    (double)progress->steps_total);
    fflush(stderr);
}

static void
draw_reading(const struct wcp_progress *progress, double elapsed)
{
    char documents[28], done[28], total[28], speed[28];
    double bytes = (double)progress->bytes_done;

    fprintf(stderr, "\r\033[K%s documents, %s",
            cli_count(progress->documents, documents), cli_bytes(bytes, done));
    if (progress->bytes_total > 0)
        fprintf(stderr, " of %s",
                cli_bytes((double)progress->bytes_total, total));
    fprintf(stderr, ", %s/s", cli_bytes(bytes / elapsed, speed));
    if (progress->bytes_total > progress->bytes_done && bytes > 0)
        fprintf(stderr, ", %.0f s left",
                elapsed * ((double)progress->bytes_total / bytes - 1));
    fflush(stderr);
}

static int32_t
on_progress(void *ctx, const struct wcp_progress *progress)
{
    struct cli_run *run = ctx;
    double time = now();

    if (progress->stage != WCP_READING) {
        run->round += run->round == 0 ||
                      progress->steps_total != run->steps_total ||
                      progress->steps_done < run->steps_done / 2;
        run->steps_done = progress->steps_done;
        run->steps_total = progress->steps_total;
    }
    if (run->progress_at < 0 || time < run->progress_at)
        return 0;
    run->progress_at = time + NEXT_PROGRESS;
    run->progress_shown = true;
    if (progress->stage == WCP_READING)
        draw_reading(progress, time - run->start);
    else
        draw_comparing(run, progress);
    return 0;
}

int
cli_run_fail(struct cli_run *run, const struct wcp_error *err)
{
    wipe_progress(run);
    say_details(run);
    if (err->sys_errno != 0)
        cli_say("%s: %s", err->text, strerror(err->sys_errno));
    else
        cli_say("%s", err->text);
    wcp_corpus_free(run->corpus);
    run->corpus = NULL;
    return err->status == WCP_BAD_OPTION || err->status == WCP_NO_SUPPORT
               ? CLI_USAGE
               : CLI_FAILED;
}

char *
cli_read_stream(FILE *from, size_t *len_ret)
{
    size_t cap = 1 << 16, len = 0;
    char *data = malloc(cap);

    while (data != NULL) {
        size_t want = cap - 1 - len, got = fread(data + len, 1, want, from);
        char *more;

        len += got;
        if (got < want)
            break;
        more = realloc(data, 2 * cap);
        if (more == NULL)
            free(data);
        data = more;
        cap *= 2;
    }
    if (data != NULL && ferror(from)) {
        free(data);
        return NULL;
    }
    if (data != NULL)
        data[len] = '\0';
    *len_ret = len;
    return data;
}

/* False after a message: the list of inputs is itself an input. */
static bool
is_not_list(const struct cli_corpus_args *args, const char *path)
{
    if (args->files_from == NULL || strcmp(args->files_from, "-") != 0 ||
        strcmp(path, "-") != 0)
        return true;
    cli_say("standard input cannot be both an input and the list of them");
    return false;
}

/* Add an input, which may be a signature file.  CLI_OK, or the exit status
 * after a message. */
static int
add_input(struct cli_run *run, const char *path)
{
    struct wcp_error err;
    enum wcp_status status;

    if (wcp_signatures_kind(path) < 0) {
        status = wcp_corpus_add_path(run->corpus, path, &err);
    } else if (run->args->takes_signatures) {
        status = wcp_corpus_add_signatures(run->corpus, path, &err);
    } else {
        cli_say("'%s' is a signature file, which only find and pairs take",
                path);
        wcp_corpus_free(run->corpus);
        run->corpus = NULL;
        return CLI_USAGE;
    }
    return status == WCP_OK ? CLI_OK : cli_run_fail(run, &err);
}

/* Add an input that a list names, unless an output would replace it. */
static bool
add_one(struct cli_run *run, char *path, int *status_ret)
{
    const char *const outputs[] = { run->args->output, run->args->side_output };

    if (!is_not_list(run->args, path) ||
        !cli_check_outputs(1, &path, outputs, 2)) {
        wcp_corpus_free(run->corpus);
        run->corpus = NULL;
        *status_ret = CLI_USAGE;
        return false;
    }
    *status_ret = add_input(run, path);
    return *status_ret == CLI_OK;
}

/* Add the inputs that a list names: one a line, or with NUL between them if
 * there is a NUL anywhere. */
static bool
add_listed(struct cli_run *run, const char *list, int *status_ret)
{
    bool is_stdin = strcmp(list, "-") == 0;
    FILE *from = is_stdin ? stdin : fopen(list, "rb");
    char *data = NULL, *at, *end;
    bool going = true;
    size_t len;
    int between;

    if (from != NULL)
        data = cli_read_stream(from, &len);
    if (data == NULL)
        cli_say("%s: cannot read: %s", list, strerror(errno));
    if (from != NULL && !is_stdin)
        fclose(from);
    if (data == NULL) {
        wcp_corpus_free(run->corpus);
        run->corpus = NULL;
        *status_ret = CLI_FAILED;
        return false;
    }
    between = memchr(data, '\0', len) != NULL ? '\0' : '\n';
    for (at = data; going && at < data + len; at = end + 1) {
        end = memchr(at, between, len - (size_t)(at - data));
        if (end == NULL)
            end = data + len;
        *end = '\0';
        if (between == '\n' && end > at && end[-1] == '\r')
            end[-1] = '\0';
        going = *at == '\0' || add_one(run, at, status_ret);
    }
    free(data);
    return going;
}

int
cli_drop_checkpoint(const struct cli_corpus_args *args, int status)
{
    struct wcp_error err;

    if (args->lib.checkpoint == NULL ||
        (status != CLI_OK && status != CLI_PARTIAL) ||
        wcp_checkpoint_remove(args->lib.checkpoint, &err) == WCP_OK)
        return status;
    if (!args->quiet)
        cli_say("%s: %s", err.text, strerror(err.sys_errno));
    return status;
}

bool
cli_run_open(struct cli_run *run, struct cli_corpus_args *args, int num_inputs,
             char **inputs, int *status_ret)
{
    char from_stdin[] = "-", *no_inputs[] = { from_stdin };
    struct wcp_error err;

    *run = (struct cli_run){ .args = args, .start = now() };
    run->progress_at = -1;
    if (!args->no_progress && !args->quiet &&
        (args->progress || isatty(STDERR_FILENO)))
        run->progress_at = run->start + (args->progress ? 0 : FIRST_PROGRESS);
    if (args->lib.tmpdir == NULL)
        args->lib.tmpdir = getenv("TMPDIR");
    if (args->lib.tmpdir != NULL && args->lib.tmpdir[0] == '\0')
        args->lib.tmpdir = NULL;
    args->lib.on_message = on_message;
    args->lib.on_progress = on_progress;
    args->lib.ctx = run;
    if (args->lib.skip_path == NULL)
        args->lib.skip_path = args->output;
    if (num_inputs == 0 && args->files_from == NULL) {
        if (isatty(STDIN_FILENO) && !args->quiet)
            cli_say("reading standard input; see 'wirecopy --help'");
        inputs = no_inputs;
        num_inputs = 1;
    }
    for (int i = 0; i < num_inputs; i++)
        if (!is_not_list(args, inputs[i])) {
            *status_ret = CLI_USAGE;
            return false;
        }
    if (wcp_corpus_new(&args->lib, &run->corpus, &err) != WCP_OK) {
        *status_ret = cli_run_fail(run, &err);
        return false;
    }
    for (int i = 0; i < num_inputs; i++) {
        int status = add_input(run, inputs[i]);

        if (status != CLI_OK) {
            *status_ret = status;
            return false;
        }
    }
    return args->files_from == NULL ||
           add_listed(run, args->files_from, status_ret);
}

static double
cpu_seconds(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e-6;
}

/* How groups and pairs were found. */
static void
say_matching(const struct cli_corpus_args *args, const struct wcp_stats *stats)
{
    char number[28], other[28];

    if (args->lib.shingle > 0)
        cli_say("%s of shingles of %u characters",
                cli_signature_names[args->lib.signature], args->lib.shingle);
    else
        cli_say("%s of shingles of 5 characters for Han, kana and Hangul, 8 "
                "for others",
                cli_signature_names[args->lib.signature]);
    if (stats->bands > 0)
        cli_say("%u bands x %u rows, expected recall %.4f at the threshold",
                stats->bands, stats->rows, stats->expected_recall);
    else
        cli_say("all pairs within %u bits", args->lib.distance);
    cli_say("%s different text%s, %s of them in buckets with others",
            cli_count(stats->texts, number), cli_s(stats->texts),
            cli_count(stats->candidates, other));
    cli_say("%s pair%s compared exactly", cli_count(stats->verified, number),
            cli_s(stats->verified));
}

static void
say_costs(const struct cli_corpus_args *args, const struct wcp_stats *stats)
{
    char number[28], other[28], texts[28], read[28], link[28], verify[28];
    struct rusage usage;

    if (stats->seeds > 0)
        cli_say("%s different text%s, %s seeds, %s like places looked at",
                cli_count(stats->texts, texts), cli_s(stats->texts),
                cli_count(stats->seeds, number),
                cli_count(stats->seed_hits, other));
    else
        say_matching(args, stats);
    cli_say("reading and signing %.3f s, to %s; linking %.3f s, to %s; "
            "verifying %.3f s, to %s",
            stats->read_seconds, cli_bytes((double)stats->read_memory, read),
            stats->link_seconds, cli_bytes((double)stats->link_memory, link),
            stats->verify_seconds,
            cli_bytes((double)stats->verify_memory, verify));
    if (stats->temporary > 0)
        cli_say("%s of temporary files",
                cli_bytes((double)stats->temporary, number));
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        cli_say("%u threads, %.3f s CPU, %s peak memory", stats->threads,
                cpu_seconds(&usage),
                cli_bytes((double)usage.ru_maxrss * MAXRSS_UNIT, number));
}

static void
say_oddities(const struct cli_corpus_args *args, const struct wcp_stats *stats)
{
    const bool most = stats->repaired > stats->documents / 2;
    const bool guessed =
        args->lib.encoding == NULL || strcmp(args->lib.encoding, "auto") == 0;
    char number[28], hint[96] = "";

    if (most && !guessed)
        snprintf(hint, sizeof hint, "; is --encoding %.40s right?",
                 args->lib.encoding);
    else if (most && stats->repaired > 1)
        snprintf(hint, sizeof hint, "; -v says what encoding was guessed");
    if (stats->repaired > 0)
        cli_say("%s document%s had illegal bytes, which were replaced or "
                "dropped%s",
                cli_count(stats->repaired, number), cli_s(stats->repaired),
                hint);
    if (stats->equal_ids > 0)
        cli_say("%s document%s an id that was used before",
                cli_count(stats->equal_ids, number),
                stats->equal_ids == 1 ? " has" : "s have");
}

int
cli_run_end(struct cli_run *run)
{
    struct wcp_stats stats = { .struct_size = sizeof stats };
    bool partial;

    wipe_progress(run);
    say_details(run);
    wcp_corpus_stats(run->corpus, &stats);
    partial = run->partial || stats.skipped > 0;
    wcp_corpus_free(run->corpus);
    run->corpus = NULL;
    if (partial && run->args->strict)
        return CLI_FAILED;
    return partial ? CLI_PARTIAL : CLI_OK;
}

static void
say_result(const struct cli_run *run, const struct wcp_stats *stats,
           const char *result)
{
    char documents[28], bytes[28], speed[28], skipped[28];
    double elapsed = now() - run->start;

    if (stats->documents > 0)
        cli_say("%s document%s, %s in %.2f s (%s/s): %s",
                cli_count(stats->documents, documents), cli_s(stats->documents),
                cli_bytes((double)stats->bytes, bytes), elapsed,
                cli_bytes((double)stats->bytes / elapsed, speed), result);
    else
        cli_say("no documents were found");
    if (stats->documents > 0 && stats->bytes == 0)
        cli_say("the input is empty");
    if (stats->skipped > 0)
        cli_say(stats->skipped == 1 ? "%s input or record was skipped"
                                    : "%s inputs or records were skipped",
                cli_count(stats->skipped, skipped));
}

int
cli_run_close(struct cli_run *run, const char *result)
{
    struct wcp_stats stats = { .struct_size = sizeof stats };
    bool partial;

    wipe_progress(run);
    wcp_corpus_stats(run->corpus, &stats);
    partial = run->partial || stats.skipped > 0 || stats.equal_ids > 0;
    say_details(run);
    if (!run->args->quiet)
        say_oddities(run->args, &stats);
    if (run->args->verbose)
        say_costs(run->args, &stats);
    if (!run->args->quiet)
        say_result(run, &stats, result);
    wcp_corpus_free(run->corpus);
    run->corpus = NULL;
    if (partial && (run->args->strict || stats.documents == 0))
        return CLI_FAILED;
    return partial ? CLI_PARTIAL : CLI_OK;
}
