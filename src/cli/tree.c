/*
 * tree.c - copies of files in a folder: all of them or none
 *
 * The files are copied into a hidden folder: beside the one that is asked for,
 * which it becomes by a rename; or, where that exists, inside it, and then
 * they are moved to their places one by one, over nothing that is there and
 * through no symbolic link.  Until all of that is done whatever this run made
 * can be taken back.
 *
 * A signal handler could not do so, for there may be any number of files.
 * Signals wait instead, and copying looks for one after each block.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree_file {
    char *from, *to; /* a path; one below the folder */
    bool changed;    /* it holds what is kept in 'changes', at 'begin' */
    off_t begin;
    size_t len;
};

struct cli_tree {
    char *dir; /* without slashes at its end */
    bool existed;
    char *stage; /* the hidden folder, or NULL */
    struct tree_file *files;
    size_t num, cap, num_placed;
    char **made; /* folders that were not there, in the order of making */
    size_t num_made, cap_made;
    FILE *changes; /* a file without a name, or NULL */
    bool settled;  /* all stays */
    bool holds_signals;
    sigset_t signals; /* as they were before */
};

/* Room for one more in an array that doubles.  False: out of memory. */
static bool
grow(void **array, size_t num, size_t *cap, size_t size)
{
    size_t wanted = *cap > 0 ? 2 * *cap : 64;
    void *more;

    if (num < *cap)
        return true;
    more = wanted <= SIZE_MAX / size ? realloc(*array, wanted * size) : NULL;
    if (more == NULL) {
        cli_say("out of memory");
        return false;
    }
    *array = more;
    *cap = wanted;
    return true;
}

struct cli_tree *
cli_tree_new(const char *dir)
{
    struct cli_tree *tree = calloc(1, sizeof *tree);
    size_t len = strlen(dir);

    if (tree == NULL)
        return NULL;
    while (len > 1 && dir[len - 1] == '/')
        len--;
    tree->dir = strndup(dir, len);
    if (tree->dir != NULL)
        return tree;
    free(tree);
    return NULL;
}

static bool
add_file(struct cli_tree *tree, const char *from, const char *to,
         struct tree_file file)
{
    void *files = tree->files;

    if (!grow(&files, tree->num, &tree->cap, sizeof *tree->files))
        return false;
    tree->files = files;
    file.from = strdup(from);
    file.to = strdup(to);
    if (file.from == NULL || file.to == NULL) {
        free(file.from);
        free(file.to);
        cli_say("out of memory");
        return false;
    }
    tree->files[tree->num++] = file;
    return true;
}

bool
cli_tree_add(struct cli_tree *tree, const char *from, const char *to)
{
    return add_file(tree, from, to, (struct tree_file){ .changed = false });
}

/* A file without a name, or NULL. */
static FILE *
open_nameless(const char *dir)
{
    char path[PATH_MAX];
    FILE *file = NULL;
    int fd;

    if (snprintf(path, sizeof path, "%s/wirecopy-XXXXXX",
                 dir != NULL ? dir : "/tmp") >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    fd = mkstemp(path);
    if (fd >= 0) {
        unlink(path);
        file = fdopen(fd, "w+");
    }
    if (fd >= 0 && file == NULL)
        close(fd);
    return file;
}

/* There may be any number of changed files, so they wait on disk. */
bool
cli_tree_add_changed(struct cli_tree *tree, const char *from, const char *to,
                     const struct cli_string *data, const char *tmpdir)
{
    struct tree_file file = { .changed = true, .len = data->len };

    if (tree->changes == NULL)
        tree->changes = open_nameless(tmpdir);
    if (tree->changes != NULL)
        file.begin = ftello(tree->changes);
    if (tree->changes == NULL || file.begin < 0 ||
        fwrite(data->data, 1, data->len, tree->changes) != data->len) {
        cli_say("cannot write to a temporary file: %s", strerror(errno));
        return false;
    }
    return add_file(tree, from, to, file);
}

/* "DIR/NAME" into 'path', of PATH_MAX bytes. */
static bool
join(char *path, const char *dir, const char *name)
{
    const char *slash = strcmp(dir, "/") == 0 ? "" : "/";

    if (snprintf(path, PATH_MAX, "%s%s%s", dir, slash, name) < PATH_MAX)
        return true;
    cli_say("cannot copy to '%s%s%s': the name would be too long", dir, slash,
            name);
    return false;
}

/* ---- are the places free? ---- */

static int
by_place(const void *a, const void *b)
{
    const struct tree_file *x = a, *y = b;
    int order = strcmp(x->to, y->to);

    return order != 0 ? order : strcmp(x->from, y->from);
}

static bool
places_differ(const struct cli_tree *tree)
{
    const struct tree_file *first = NULL;
    char number[28];
    size_t num = 0;

    for (size_t i = 1; i < tree->num; i++) {
        if (strcmp(tree->files[i - 1].to, tree->files[i].to) != 0)
            continue;
        if (num++ == 0)
            first = &tree->files[i - 1];
    }
    if (num == 0)
        return true;
    cli_say("nothing was copied: '%s' and '%s' would both become '%s/%s'",
            first[0].from, first[1].from, tree->dir, first->to);
    if (num > 1)
        cli_say("%s more file%s would meet another so",
                cli_count(num - 1, number), cli_s(num - 1));
    cli_say("name the folders they are in, or list them with --files-from, "
            "which keeps paths");
    return false;
}

/* Whether a folder below the one for the copies leads elsewhere.  'path' is cut
 * behind it then. */
static bool
leads_out(const struct cli_tree *tree, char *path)
{
    char *slash = path + strlen(tree->dir);
    struct stat status;

    while ((slash = strchr(slash + 1, '/')) != NULL) {
        bool is_link;

        *slash = '\0';
        is_link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
        if (is_link)
            return true;
        *slash = '/';
    }
    return false;
}

static bool
places_are_free(const struct cli_tree *tree)
{
    char path[PATH_MAX], first[PATH_MAX], number[28];
    size_t num = 0;

    for (size_t i = 0; i < tree->num; i++) {
        struct stat status;

        if (!join(path, tree->dir, tree->files[i].to))
            return false;
        if (tree->existed && leads_out(tree, path)) {
            cli_say("nothing was copied: '%s' is a symbolic link", path);
            return false;
        }
        if (lstat(path, &status) != 0 && errno != ENOTDIR)
            continue;
        if (num++ == 0)
            strcpy(first, path);
    }
    if (num == 0)
        return true;
    if (num == 1)
        cli_say("nothing was copied: '%s' is there already", first);
    else
        cli_say("nothing was copied: '%s' is there already, and so %s %s other"
                "%s",
                first, num == 2 ? "is" : "are", cli_count(num - 1, number),
                cli_s(num - 1));
    return false;
}

/* ---- copying ---- */

/* Make a folder, and note it if it was not there. */
static bool
make_folder(const char *path, struct cli_tree *notes)
{
    char *copy;

    if (mkdir(path, 0777) == 0) {
        if (notes == NULL)
            return true;
        copy = strdup(path);
        if (copy != NULL) {
            notes->made[notes->num_made++] = copy;
            return true;
        }
        rmdir(path);
        errno = ENOMEM;
    } else if (errno == EEXIST) {
        return true;
    }
    cli_say("cannot create '%s': %s", path, strerror(errno));
    return false;
}

/* Make the folders that lead to a file. */
static bool
make_parents(char *path, struct cli_tree *notes)
{
    bool good = true;

    for (char *slash = strchr(path + 1, '/'); good && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        if (notes != NULL) {
            void *made = notes->made;

            good = grow(&made, notes->num_made, &notes->cap_made,
                        sizeof *notes->made);
            notes->made = made;
        }
        *slash = '\0';
        good = good && make_folder(path, notes);
        *slash = '/';
    }
    return good;
}

static bool
is_stopped(void)
{
    sigset_t set;

    return sigpending(&set) == 0 &&
           (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
            sigismember(&set, SIGHUP) == 1);
}

static bool
put_bytes(int to, const char *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t put = write(to, data + done, len - done);

        if (put < 0 && errno != EINTR)
            return false;
        if (put > 0)
            done += (size_t)put;
    }
    if (!is_stopped())
        return true;
    errno = EINTR;
    return false;
}

static bool
copy_bytes(int from, int to)
{
    char block[1 << 16];
    ssize_t got;

    while ((got = read(from, block, sizeof block)) != 0) {
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0 && !put_bytes(to, block, (size_t)got))
            return false;
    }
    return true;
}

static bool
copy_changed(const struct cli_tree *tree, const struct tree_file *file, int to)
{
    char block[1 << 16];
    size_t left = file->len;

    if (fflush(tree->changes) != 0)
        return false;
    for (off_t at = file->begin; left > 0;) {
        size_t want = left < sizeof block ? left : sizeof block;
        ssize_t got = pread(fileno(tree->changes), block, want, at);

        if (got == 0)
            errno = EIO;
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got < 0)
            continue;
        if (!put_bytes(to, block, (size_t)got))
            return false;
        at += got;
        left -= (size_t)got;
    }
    return true;
}

/* Open a file to copy; what a pipe held was read and is gone. */
static int
open_regular(const char *path, mode_t *mode_ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;

    if (fd >= 0 && fstat(fd, &status) == 0) {
        *mode_ret = status.st_mode & 0777;
        if (S_ISREG(status.st_mode))
            return fd;
        errno = EINVAL;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* *unread_ret: it cannot even be opened. */
static bool
copy_file(const struct cli_tree *tree, const struct tree_file *file,
          const char *to, bool *unread_ret)
{
    mode_t mode = 0;
    int in = open_regular(file->from, &mode), out = -1;
    bool done = false;

    *unread_ret = in < 0;
    if (in >= 0)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out >= 0)
        done = (file->changed ? copy_changed(tree, file, out)
                              : copy_bytes(in, out)) &&
               fchmod(out, mode) == 0;
    if (out >= 0 && close(out) != 0)
        done = false;
    if (!done && !is_stopped())
        cli_say("cannot copy '%s': %s", file->from, strerror(errno));
    if (in >= 0)
        close(in);
    return done;
}

/* Make the hidden folder. */
static bool
make_stage(struct cli_tree *tree)
{
    char path[PATH_MAX], name[PATH_MAX];
    const char *slash = strrchr(tree->dir, '/');
    int len = slash != NULL ? (int)(slash - tree->dir) + 1 : 0;
    mode_t mask = umask(0);

    umask(mask);
    if (tree->existed) {
        if (!join(path, tree->dir, ".wirecopy.XXXXXX"))
            return false;
    } else {
        snprintf(name, sizeof name, ".%.200s.XXXXXX", tree->dir + len);
        if (snprintf(path, sizeof path, "%.*s%s", len, tree->dir, name) >=
            (int)sizeof path) {
            cli_say("cannot create '%s': the name is too long", tree->dir);
            return false;
        }
        if (!make_parents(path, tree))
            return false;
    }
    tree->stage = strdup(path);
    if (tree->stage == NULL || mkdtemp(tree->stage) == NULL) {
        cli_say("cannot create '%s': %s", tree->dir, strerror(errno));
        free(tree->stage);
        tree->stage = NULL;
        return false;
    }
    chmod(tree->stage, 0777 & ~mask);
    return true;
}

/* Remove a file of the hidden folder and the folders that it leaves empty.
 * This takes no memory, which may be what there is none of. */
static void
remove_staged(const struct cli_tree *tree, const char *to)
{
    size_t base = strlen(tree->stage);
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", tree->stage, to);
    unlink(path);
    for (char *slash = strrchr(path, '/'); slash > path + base;
         slash = strrchr(path, '/')) {
        *slash = '\0';
        if (rmdir(path) != 0 && errno != ENOENT)
            break;
    }
}

/* Copy to the hidden folder what can be read, all if 'whole'. */
static bool
copy_all(struct cli_tree *tree, bool whole)
{
    size_t num = tree->num, num_copied = 0;
    char path[PATH_MAX];
    bool good = true;

    for (size_t i = 0; i < num; i++) {
        struct tree_file file = tree->files[i];
        bool unread = false;

        good = good && !is_stopped() && join(path, tree->stage, file.to) &&
               make_parents(path, NULL);
        if (good)
            good = copy_file(tree, &file, path, &unread) || (unread && !whole);
        if (good && unread) {
            remove_staged(tree, file.to);
            free(file.from);
            free(file.to);
            tree->num--;
        } else {
            tree->files[num_copied++] = file;
        }
    }
    return good && !is_stopped();
}

bool
cli_tree_stage(struct cli_tree *tree, bool whole)
{
    struct stat status;

    tree->existed = stat(tree->dir, &status) == 0;
    if (tree->existed && !S_ISDIR(status.st_mode)) {
        cli_say("nothing was copied: '%s' is no directory", tree->dir);
        return false;
    }
    if (tree->num > 0)
        qsort(tree->files, tree->num, sizeof *tree->files, by_place);
    if (!places_differ(tree) || !places_are_free(tree))
        return false;
    cli_hold_signals(&tree->signals);
    tree->holds_signals = true;
    return make_stage(tree) && copy_all(tree, whole);
}

/* ---- moving to their places ---- */

/* File systems without hard links have to be asked first whether something is
 * there. */
static bool
place(const char *staged, const char *to)
{
    struct stat status;

    if (link(staged, to) == 0)
        return true;
    if (errno == EEXIST || lstat(to, &status) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(staged, to) == 0;
}

static bool
place_all(struct cli_tree *tree)
{
    char staged[PATH_MAX], to[PATH_MAX];

    for (; tree->num_placed < tree->num; tree->num_placed++) {
        const char *name = tree->files[tree->num_placed].to;

        if (!join(staged, tree->stage, name) || !join(to, tree->dir, name) ||
            !make_parents(to, tree))
            return false;
        if (!place(staged, to)) {
            cli_say("cannot create '%s': %s", to, strerror(errno));
            return false;
        }
    }
    return true;
}

bool
cli_tree_settle(struct cli_tree *tree)
{
    if (tree->existed) {
        if (!place_all(tree))
            return false;
    } else if (rename(tree->stage, tree->dir) != 0) {
        cli_say("cannot create '%s': %s", tree->dir, strerror(errno));
        return false;
    } else {
        free(tree->stage);
        tree->stage = NULL;
    }
    tree->settled = true;
    return true;
}

/* Remove what is in the hidden folder. */
static void
remove_stage(const struct cli_tree *tree)
{
    for (size_t i = tree->num; i > 0; i--)
        remove_staged(tree, tree->files[i - 1].to);
    rmdir(tree->stage);
}

void
cli_tree_free(struct cli_tree *tree)
{
    char path[PATH_MAX];

    if (tree == NULL)
        return;
    if (tree->stage != NULL)
        remove_stage(tree);
    while (!tree->settled && tree->num_placed > 0)
        if (join(path, tree->dir, tree->files[--tree->num_placed].to))
            unlink(path);
    while (tree->num_made > 0) {
        char *made = tree->made[--tree->num_made];

        if (!tree->settled && made != NULL)
            rmdir(made);
        free(made);
    }
    for (size_t i = 0; i < tree->num; i++) {
        free(tree->files[i].from);
        free(tree->files[i].to);
    }
    if (tree->changes != NULL)
        fclose(tree->changes);
    free(tree->files);
    free(tree->made);
    free(tree->stage);
    free(tree->dir);
    if (tree->holds_signals)
        cli_release_signals(&tree->signals);
    free(tree);
}
