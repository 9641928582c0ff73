/*
 * output.c - where results go: standard output, or a file that appears whole
 *
 * A file is written under a temporary name beside its final one and renamed at
 * the end.  The temporary name must be known to the signal handler, which is
 * the one reason for the file-scope variable here.
 */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEFAULT_WIDTH = 80, MIN_WIDTH = 40 };

static char pending_path[PATH_MAX]; /* empty: none */

static void
remove_pending_and_die(int sig)
{
    if (pending_path[0] != '\0')
        unlink(pending_path);
    signal(sig, SIG_DFL);
    raise(sig);
}

static void
catch_signals(void)
{
    const int caught[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = remove_pending_and_die };

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        struct sigaction old;

        if (sigaction(caught[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
    }
}

static unsigned
terminal_width(int fd)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (columns != NULL && atoi(columns) >= MIN_WIDTH)
        return (unsigned)atoi(columns);
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= MIN_WIDTH)
        return size.ws_col;
    return DEFAULT_WIDTH;
}

/* The mode a new file would get. */
static mode_t
usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

static bool
is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool
open_temporary(struct cli_output *out)
{
    const char *slash = strrchr(out->path, '/');
    int dir_len = slash != NULL ? (int)(slash - out->path) + 1 : 0;
    int fd, len;

    if (is_directory(out->path)) {
        errno = EISDIR;
        return false;
    }
    /* Hidden, so that a walk of the directory it is in passes it over. */
    len = snprintf(pending_path, sizeof pending_path, "%.*s.%s.XXXXXX", dir_len,
                   out->path, out->path + dir_len);

    if (len < 0 || (size_t)len >= sizeof pending_path) {
        pending_path[0] = '\0';
        errno = ENAMETOOLONG;
        return false;
    }
    fd = mkstemp(pending_path);
    if (fd < 0) {
        pending_path[0] = '\0';
        return false;
    }
    catch_signals();
    fchmod(fd, usual_mode());
    out->to = fdopen(fd, "w");
    return out->to != NULL;
}

/* Devices and pipes cannot be replaced by a rename and are written directly. */
static bool
is_special(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
           !S_ISDIR(status.st_mode);
}

bool
cli_output_open(struct cli_output *out, const struct cli_corpus_args *args)
{
    *out = (struct cli_output){ .to = stdout,
                                .path = args->output,
                                .format = (enum cli_format)args->format };
    /* A reader that has seen enough closes the pipe; that is an error of
     * write(), not a reason to die without a word. */
    signal(SIGPIPE, SIG_IGN);
    if (out->path != NULL && strcmp(out->path, "-") == 0)
        out->path = NULL;
    if (out->path == NULL)
        out->terminal = isatty(STDOUT_FILENO) != 0;
    else if (is_special(out->path) ? (out->to = fopen(out->path, "w")) == NULL
                                   : !open_temporary(out)) {
        cli_say("cannot create '%s': %s", out->path, strerror(errno));
        return false;
    }
    if (out->format == CLI_FORMAT_DEFAULT)
        out->format = out->terminal ? CLI_FORMAT_TABLE : CLI_FORMAT_JSONL;
    out->width = terminal_width(STDOUT_FILENO);
    return true;
}

bool
cli_output_ok(struct cli_output *out)
{
    if (!out->failed && ferror(out->to)) {
        out->failed = true;
        out->sys_errno = errno;
    }
    return !out->failed;
}

/* Move the finished file to its name, or remove it. */
static bool
settle_file(struct cli_output *out, bool keep)
{
    bool done = true;

    if (pending_path[0] == '\0')
        return true;
    if (keep && !out->failed && rename(pending_path, out->path) != 0) {
        out->sys_errno = errno;
        done = false;
    }
    if (!keep || out->failed || !done)
        unlink(pending_path);
    pending_path[0] = '\0';
    return done;
}

void
cli_output_flush(struct cli_output *out)
{
    fflush(out->to); /* a failure is seen when it is closed */
}

int
cli_output_close(struct cli_output *out, bool keep, int status)
{
    bool special = out->path != NULL && pending_path[0] == '\0';

    cli_output_ok(out);
    if (fflush(out->to) != 0 && !out->failed) {
        out->failed = true;
        out->sys_errno = errno;
    }
    if (out->path != NULL && !special && !out->failed && keep &&
        fsync(fileno(out->to)) != 0 && errno != EINVAL) {
        out->failed = true;
        out->sys_errno = errno;
    }
    if (fclose(out->to) != 0 && !out->failed) {
        out->failed = true;
        out->sys_errno = errno;
    }
    if (!settle_file(out, keep))
        out->failed = true;
    if (!out->failed)
        return status;
    if (out->sys_errno == EPIPE)
        return status;
    if (out->path == NULL)
        cli_say("cannot write standard output: %s", strerror(out->sys_errno));
    else
        cli_say("cannot write '%s': %s", out->path, strerror(out->sys_errno));
    return CLI_FAILED;
}
