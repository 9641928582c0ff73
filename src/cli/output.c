/*
 * output.c - where results go: standard output, or a file that appears whole
 *
 * A file has no name while it is written, where the system can do that, so that
 * nothing is left of it whatever ends the program; at the end it gets a
 * temporary name beside its final one and is renamed.  Elsewhere it has the
 * temporary name from the beginning, which must be known to the signal handler:
 * the one reason for the file-scope variable here.
 */
#include "cli/cli.h"
#include "cli/table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#if defined(__linux__)
#include <stdio_ext.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEFAULT_WIDTH = 80, MIN_WIDTH = 40, BUFFER_BYTES = 1 << 16 };

/* Two outputs and a file that is copied, and one to spare. */
enum { MAX_PENDING = 4 };
static char pending_paths[MAX_PENDING][PATH_MAX]; /* empty: free */

static void
remove_pending(void)
{
    for (int i = 0; i < MAX_PENDING; i++)
        if (pending_paths[i][0] != '\0')
            unlink(pending_paths[i]);
}

static void
remove_pending_and_die(int sig)
{
    remove_pending();
    signal(sig, SIG_DFL);
    raise(sig);
}

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };

void
cli_hold_signals(sigset_t *before)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        sigaddset(&set, caught[i]);
    pthread_sigmask(SIG_BLOCK, &set, before);
}

void
cli_release_signals(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static void
catch_signals(void)
{
    struct sigaction action = { .sa_handler = remove_pending_and_die };
    static bool registered;

    /* libarchive calls exit() when it has no memory. */
    if (!registered)
        registered = atexit(remove_pending) == 0;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        struct sigaction old;

        if (sigaction(caught[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
    }
}

/* What goes to no terminal is cut nowhere, unless somebody says so. */
static unsigned
table_width(bool terminal)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (columns != NULL && atoi(columns) >= MIN_WIDTH)
        return (unsigned)atoi(columns);
    if (!terminal)
        return CLI_NO_WIDTH;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col >= MIN_WIDTH)
        return size.ws_col;
    return DEFAULT_WIDTH;
}

/* The mode of the file that is replaced, or what a new one would get. */
static mode_t
wanted_mode(const char *path)
{
    struct stat status;
    mode_t mask;

    if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
        return status.st_mode & 0777;
    mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

bool
cli_is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Devices and pipes cannot be replaced by a rename and are written directly. */
static bool
is_special(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
           !S_ISDIR(status.st_mode);
}

/* The last part of a path; what leads there goes to 'dir'. */
static const char *
split_name(const char *path, char dir[PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    snprintf(dir, PATH_MAX, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1,
             slash != NULL ? path : ".");
    return slash != NULL ? slash + 1 : path;
}

/* Give a file without a name that name. */
static bool
link_unnamed(int fd, const char *name)
{
    char link[32];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* A file without a name in the folder of the file 'pending', which then goes;
 * -1: that cannot be had, or would get no name in the end.  It is tried by
 * giving it that of a file that is there. */
static int
new_unnamed(const char *pending)
{
#if defined(O_TMPFILE)
    char dir[PATH_MAX];
    int fd;

    split_name(pending, dir);
    fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0 && !link_unnamed(fd, pending) && errno == EEXIST) {
        unlink(pending);
        return fd;
    }
    if (fd >= 0)
        close(fd);
#endif
    return -1;
}

/* A file beside 'path' under a hidden name, or none but that one in the end,
 * that is removed when the program is stopped, until forget_temporary(); -1
 * with errno.  At most four. */
static int
new_temporary(const char *path, char **pending_ret, bool *unnamed_ret)
{
    const char *slash = strrchr(path, '/');
    int dir_len = slash != NULL ? (int)(slash - path) + 1 : 0;
    char *pending = pending_paths[0];
    sigset_t signals;
    int fd = -1, len, unnamed = -1;

    while (pending[0] != '\0')
        pending += PATH_MAX;
    cli_hold_signals(&signals); /* the handler must not see names change */
    catch_signals();
    /* Hidden, so that a walk of the directory it is in passes it over; no
     * longer than a name may be. */
    len = snprintf(pending, PATH_MAX, "%.*s.%.200s.XXXXXX", dir_len, path,
                   path + dir_len);
    if (len >= 0 && len < PATH_MAX)
        fd = mkostemp(pending, O_CLOEXEC);
    else
        errno = ENAMETOOLONG;
    if (fd < 0)
        pending[0] = '\0';
    else
        unnamed = new_unnamed(pending);
    cli_release_signals(&signals);
    *pending_ret = pending;
    *unnamed_ret = unnamed >= 0;
    if (unnamed < 0)
        return fd;
    close(fd);
    return unnamed;
}

static void
forget_temporary(char *pending)
{
    sigset_t signals;

    cli_hold_signals(&signals);
    pending[0] = '\0';
    cli_release_signals(&signals);
}

static bool
open_temporary(struct cli_output *out)
{
    /* A variable of the shell that is not set, say: found out at once. */
    if (out->path[0] == '\0' || cli_is_directory(out->path)) {
        errno = out->path[0] == '\0' ? ENOENT : EISDIR;
        return false;
    }
    out->fd = new_temporary(out->path, &out->pending, &out->unnamed);
    if (out->fd < 0) {
        out->pending = NULL;
        return false;
    }
    fchmod(out->fd, wanted_mode(out->path));
    return true;
}

/* Wrap out->fd, which stays open beyond the FILE. */
static bool
open_stream(struct cli_output *out)
{
    const char *ending = cli_compressed_ending(out->path);
    int copy;

    if (ending != NULL) {
        out->to = cli_open_compressed(out->fd, ending);
        return out->to != NULL;
    }
    copy = dup(out->fd);
    out->to = copy >= 0 ? fdopen(copy, "w") : NULL;
    return out->to != NULL;
}

static bool
open_path(struct cli_output *out)
{
    if (is_special(out->path))
        out->fd = open(out->path, O_WRONLY | O_CLOEXEC);
    else if (!open_temporary(out))
        return false;
    return out->fd >= 0 && open_stream(out);
}

static void
drop_pending(struct cli_output *out)
{
    if (out->pending == NULL)
        return;
    unlink(out->pending);
    forget_temporary(out->pending);
    out->pending = NULL;
}

/* The names of standard output lead to whatever file it is; that must not be
 * replaced by another. */
static bool
is_stdout(const char *path)
{
    static const char *const names[] = { "-", "/dev/stdout", "/dev/fd/1",
                                         "/proc/self/fd/1" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return false;
}

/* ---- are two outputs one file? ---- */

static bool
look(const char *path, struct stat *status)
{
    return (strcmp(path, "-") == 0 ? fstat(STDOUT_FILENO, status)
                                   : stat(path, status)) == 0;
}

bool
cli_same_output(const char *a, const char *b)
{
    char x_dir[PATH_MAX], y_dir[PATH_MAX];
    const char *x_name, *y_name;
    struct stat x, y;
    bool x_there, y_there;

    a = a != NULL ? a : "-";
    b = b != NULL ? b : "-";
    x_there = look(a, &x);
    y_there = look(b, &y);
    if (strcmp(a, b) == 0)
        return true;
    if (x_there != y_there)
        return false;
    if (x_there)
        return !S_ISCHR(x.st_mode) && x.st_dev == y.st_dev &&
               x.st_ino == y.st_ino;
    /* Neither is there yet: the same name in the same folder? */
    x_name = split_name(a, x_dir);
    y_name = split_name(b, y_dir);
    return strcmp(x_name, y_name) == 0 && stat(x_dir, &x) == 0 &&
           stat(y_dir, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* ---- an output ---- */

/*
 * One thread writes, in many small parts: to take a lock for each takes as long
 * as the writing, and so do calls to the system for a page each.  What a
 * terminal shows must not wait.
 */
static void
write_fast(struct cli_output *out)
{
#if defined(__linux__)
    __fsetlocking(out->to, FSETLOCKING_BYCALLER);
#endif
    if (out->terminal)
        return;
    out->buffer = malloc(BUFFER_BYTES);
    if (out->buffer != NULL)
        setvbuf(out->to, out->buffer, _IOFBF, BUFFER_BYTES);
}

bool
cli_output_open(struct cli_output *out, const struct cli_corpus_args *args)
{
    *out = (struct cli_output){ .to = stdout,
                                .fd = -1,
                                .path = args->output,
                                .name = args->output,
                                .format = (enum cli_format)args->format };
    /* A reader that has seen enough closes the pipe; that is an error of
     * write(), not a reason to die without a word.  So is a file that would be
     * larger than the limit for files. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (out->path != NULL && is_stdout(out->path))
        out->path = NULL;
    /* A link stays, and what it leads to is replaced. */
    if (out->path != NULL && realpath(out->path, out->real_path) != NULL)
        out->path = out->real_path;
    if (out->path == NULL) {
        out->terminal = isatty(STDOUT_FILENO) != 0;
    } else if (!open_path(out)) {
        cli_say("cannot create '%s': %s", args->output, strerror(errno));
        drop_pending(out);
        return false;
    }
    write_fast(out);
    if (out->format == CLI_FORMAT_DEFAULT)
        out->format = cli_format_of_name(out->name);
    if (out->format == CLI_FORMAT_DEFAULT)
        out->format = out->terminal ? CLI_FORMAT_TABLE : CLI_FORMAT_JSONL;
    out->color = cli_wants_color((enum cli_color)args->color, out->terminal);
    out->width = table_width(out->terminal);
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

void
cli_output_flush(struct cli_output *out)
{
    fflush(out->to); /* a failure is seen when it is closed */
}

static void
note_failure(struct cli_output *out)
{
    if (!out->failed)
        out->sys_errno = errno;
    out->failed = true;
}

/* Have the finished file on disk before it gets its name. */
static void
sync_file(struct cli_output *out)
{
    if (fsync(out->fd) != 0 && errno != EINVAL && errno != EROFS)
        note_failure(out);
}

bool
cli_output_finish(struct cli_output *out)
{
    if (!out->finished) {
        out->finished = true;
        cli_output_ok(out);
        if (fflush(out->to) != 0)
            note_failure(out);
        if (out->path != NULL) {
            if (fclose(out->to) != 0)
                note_failure(out);
            free(out->buffer); /* that of stdout stays with it */
        }
        if (out->pending != NULL && !out->failed)
            sync_file(out);
    }
    return !out->failed || out->sys_errno == EPIPE;
}

/* Move the finished file to its name. */
static void
settle_file(struct cli_output *out)
{
    if ((out->unnamed && !link_unnamed(out->fd, out->pending)) ||
        rename(out->pending, out->path) != 0) {
        note_failure(out);
        return;
    }
    forget_temporary(out->pending);
    out->pending = NULL;
}

int
cli_output_close(struct cli_output *out, bool keep, int status)
{
    bool good;

    if (!keep)
        drop_pending(out); /* nobody waits for it to be on disk */
    good = cli_output_finish(out);
    if (out->pending != NULL && !out->failed) {
        settle_file(out);
        good = !out->failed;
    }
    drop_pending(out);
    if (out->fd >= 0)
        close(out->fd);
    if (good)
        return status;
    if (out->path == NULL)
        cli_say("cannot write standard output: %s", strerror(out->sys_errno));
    else
        cli_say("cannot write '%s': %s", out->name, strerror(out->sys_errno));
    return CLI_FAILED;
}
