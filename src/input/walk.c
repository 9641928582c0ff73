/*
 * walk.c - paths -> sources, in bytewise order of the whole path
 *
 * A directory is read to its end, closed, sorted and only then entered, so that
 * depth costs no descriptors.  "a/" sorts as it will stand in the paths of its
 * files: after "a-b" and before "a0".  Sizes are asked for here, so that
 * batches can be made without touching the files.  That takes longer than all
 * else does: what is in the directories is put on a list, in order, and each
 * time that there is much of it several threads look it up.
 */
#include "input/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdlib.h>

enum { MAX_DEPTH = 256 };

/* What becomes of a directory's entry. */
enum fate {
    UNKNOWN, /* to be looked up */
    REGULAR,
    DIRECTORY, /* of one that was named: its entries follow */
    PASSED_OVER,
    FAILED
};

struct entry {
    enum fate fate;
    int error;        /* FAILED: of the system, or 0 */
    const char *why;  /* PASSED_OVER, FAILED */
    const char *path; /* in reader->names */
    size_t len;
};

struct entries {
    struct entry *at;
    size_t num, cap;
};

/* An entry on the list of those to be looked up and taken. */
struct listed {
    struct entry entry;
    uint32_t dir;                 /* that it is in; of a DIRECTORY its own */
    struct wcp_identity identity; /* of a REGULAR one, and as of a source: */
    uint64_t size;
    int64_t changed;
};

/* How many are looked up at once, and how many are worth further threads. */
enum { MOST_LISTED = 1 << 13, LEAST_SHARED = 1 << 9 };

struct walk {
    struct wcp_reader *reader;
    const struct wcp_consumer *consumer;
    struct wcp_identity skip; /* left out of directories; inode 0: none */
    size_t num_seen;          /* files of a directory that were named before */
    bool failed;              /* something of it; that was said */
    WCP_ARRAY(struct listed) list;
};

static void
notify(const struct walk *walk, enum wcp_notice_kind kind, const char *path,
       const struct wcp_fault *fault)
{
    struct wcp_notice notice = { .kind = kind,
                                 .code = fault->code,
                                 .source = UINT32_MAX };
    struct wcp_reader *reader = walk->reader;

    if (walk->consumer == NULL || walk->consumer->notice == NULL)
        return;
    notice.path = wcp_shown_path(&reader->names, &reader->mem, path);
    if (notice.path == NULL)
        notice.path = "?";
    memcpy(notice.text, fault->text, sizeof notice.text);
    walk->consumer->notice(walk->consumer->ctx, &notice);
}

static void
notify_errno(const struct walk *walk, const char *path, int sys_errno,
             const char *what)
{
    struct wcp_fault fault;

    wcp_fail_errno(&fault, sys_errno, what);
    notify(walk, WCP_NOTICE_SKIPPED, path, &fault);
}

static void
notify_text(const struct walk *walk, enum wcp_notice_kind kind,
            const char *path, const char *text)
{
    struct wcp_fault fault;

    wcp_fail(&fault, kind == WCP_NOTICE_SKIPPED ? WCP_CODE_IO : WCP_CODE_OK, 0,
             "%s", text);
    notify(walk, kind, path, &fault);
}

/* Append a source; NULL when out of memory. */
static struct wcp_source *
add_source(struct wcp_reader *reader, const char *path, uint32_t dir)
{
    struct wcp_source *source;
    const char *shown = "-";

    if (path != NULL)
        shown = wcp_shown_path(&reader->names, &reader->mem, path);
    if (shown == NULL || reader->sources.num >= UINT32_MAX - 1 ||
        !wcp_array_grow(&reader->mem, &reader->sources))
        return NULL;
    source = &reader->sources.at[reader->sources.num++];
    *source = (struct wcp_source){ .path = path, .shown = shown, .dir = dir };
    source->named = (uint8_t)reader->opts.format;
    if (path != NULL) {
        enum wcp_format named = wcp_format_by_name(path, &source->named_packed);

        if (reader->opts.format == WCP_FORMAT_AUTO)
            source->named = (uint8_t)named;
    }
    if (dir != UINT32_MAX)
        reader->dirs.at[dir].last = (uint32_t)reader->sources.num - 1;
    return source;
}

static uint32_t
last_source(const struct wcp_reader *reader)
{
    return (uint32_t)reader->sources.num - 1;
}

static void
set_size(struct wcp_reader *reader, struct wcp_source *source,
         const struct stat *status)
{
    source->once = !S_ISREG(status->st_mode);
    if (source->once) {
        reader->total_unknown = true;
        return;
    }
    wcp_source_note(source, status);
    reader->total += source->size;
}

/* Its files come next. */
static void
begin_dir(struct wcp_reader *reader, uint32_t dir)
{
    uint32_t first = (uint32_t)reader->sources.num;

    reader->dirs.at[dir] = (struct wcp_dir){ .first = first, .last = first };
}

static bool
add_dir(struct wcp_reader *reader, uint32_t *dir_ret)
{
    if (reader->dirs.num >= UINT32_MAX - 1 ||
        !wcp_array_grow(&reader->mem, &reader->dirs))
        return false;
    *dir_ret = (uint32_t)reader->dirs.num++;
    begin_dir(reader, *dir_ret);
    return true;
}

/* ---- one directory ---- */

static const char *
kind_name(mode_t mode)
{
    return S_ISFIFO(mode)   ? "a named pipe is passed over"
           : S_ISSOCK(mode) ? "a socket is passed over"
                            : "a device is passed over";
}

/* Whether it is a directory and no link to one, as its entry says or, where
 * entries do not say that, as it is. */
static bool
is_directory(int dir_fd, const struct dirent *item)
{
    struct stat status;

#if defined(DT_UNKNOWN)
    if (item->d_type != DT_UNKNOWN)
        return item->d_type == DT_DIR;
#endif
    return fstatat(dir_fd, item->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

/* Decide what becomes of an entry as far as its name and kind say. */
static void
judge(int dir_fd, const struct dirent *item, struct entry *entry)
{
    if (item->d_name[0] == '.') {
        entry->fate = PASSED_OVER;
        entry->why = "a hidden entry is passed over";
    } else if (is_directory(dir_fd, item)) {
        entry->fate = DIRECTORY;
    }
}

/* Name the entry by its whole path. */
static bool
name_entry(struct wcp_reader *reader, const char *dir, const char *name,
           struct wcp_buffer *path, struct entry *entry)
{
    size_t len = strlen(dir);

    path->len = 0;
    if (!wcp_buffer_append(path, dir, len) ||
        (len > 0 && dir[len - 1] != '/' && !wcp_buffer_append(path, "/", 1)) ||
        !wcp_buffer_append(path, name, strlen(name)))
        return false;
    entry->len = path->len;
    entry->path = wcp_arena_copy(&reader->names, &reader->mem,
                                 (const char *)path->data, path->len);
    return entry->path != NULL;
}

static enum wcp_code
read_entries(struct wcp_reader *reader, DIR *stream, const char *dir,
             struct entries *entries, int *error_ret)
{
    enum wcp_code code = WCP_CODE_OK;
    struct wcp_buffer path;
    struct dirent *item;

    wcp_buffer_init(&path, &reader->mem, 0);

    while (errno = 0, (item = readdir(stream)) != NULL) {
        struct entry *entry;

        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        code = WCP_CODE_NO_MEMORY;
        if (!wcp_array_grow(&reader->mem, entries))
            break;
        entry = &entries->at[entries->num];
        *entry = (struct entry){ .fate = UNKNOWN };
        judge(dirfd(stream), item, entry);
        if (!name_entry(reader, dir, item->d_name, &path, entry))
            break;
        entries->num++;
        code = WCP_CODE_OK;
    }
    *error_ret = errno;
    wcp_buffer_release(&path);
    return code;
}

/* Bytewise, directories as if they ended in '/'. */
static int
compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->path, y->path, len), next_x, next_y;

    if (order != 0)
        return order;
    next_x = x->len > len           ? (unsigned char)x->path[len]
             : x->fate == DIRECTORY ? '/'
                                    : -1;
    next_y = y->len > len           ? (unsigned char)y->path[len]
             : y->fate == DIRECTORY ? '/'
                                    : -1;
    return (next_x > next_y) - (next_x < next_y);
}

/* ---- the list ---- */

/* What a file of which this is known comes to. */
static void
note_found(struct listed *listed, const struct stat *status)
{
    struct wcp_source found = { 0 };

    wcp_source_note(&found, status);
    listed->identity = wcp_identity_of(status);
    listed->size = found.size;
    listed->changed = found.changed;
}

/* See what an entry is; by any thread. */
static void
look_up(void *ctx, unsigned thread, size_t i)
{
    struct walk *walk = ctx;
    struct entry *entry = &walk->list.at[i].entry;
    struct stat status;
    bool is_link = false;

    (void)thread;
    if (entry->fate != UNKNOWN)
        return;
    entry->fate = FAILED;
    entry->why = "cannot open";
    if (lstat(entry->path, &status) != 0) {
        entry->error = errno;
        return;
    }
    if (S_ISLNK(status.st_mode)) {
        is_link = true;
        if (stat(entry->path, &status) != 0) {
            entry->error = errno;
            return;
        }
    }
    if (S_ISREG(status.st_mode)) {
        entry->fate = REGULAR;
        note_found(&walk->list.at[i], &status);
    } else if (S_ISDIR(status.st_mode) && !is_link) {
        entry->error = EISDIR; /* it was none a moment ago */
    } else {
        entry->fate = PASSED_OVER;
        entry->why = S_ISDIR(status.st_mode)
                         ? "a link to a directory is passed over"
                         : kind_name(status.st_mode);
    }
}

static enum wcp_code
take_file(struct walk *walk, const struct listed *listed)
{
    const struct wcp_identity *file = &listed->identity;
    struct wcp_reader *reader = walk->reader;
    const char *path = listed->entry.path;
    struct wcp_source *source;
    bool seen;

    if (walk->skip.inode != 0 && walk->skip.inode == file->inode &&
        walk->skip.device == file->device) {
        notify_text(walk, WCP_NOTICE_DETAIL, path, "the output is passed over");
        return WCP_CODE_OK;
    }
    if (!wcp_files_note(&reader->files, &reader->mem, file, &seen))
        return WCP_CODE_NO_MEMORY;
    if (seen) {
        walk->num_seen++;
        return WCP_CODE_OK;
    }
    source = add_source(reader, path, listed->dir);
    if (source == NULL)
        return WCP_CODE_NO_MEMORY;
    source->size = listed->size;
    source->changed = listed->changed;
    reader->total += source->size;
    return wcp_named_archive(path)
               ? wcp_list_archive(reader, last_source(reader), walk->consumer)
               : WCP_CODE_OK;
}

static enum wcp_code
take_listed(struct walk *walk, const struct listed *listed)
{
    const struct entry *entry = &listed->entry;

    switch (entry->fate) {
    case PASSED_OVER:
        notify_text(walk, WCP_NOTICE_DETAIL, entry->path, entry->why);
        break;
    case FAILED:
        walk->failed = true;
        if (entry->error != 0)
            notify_errno(walk, entry->path, entry->error, entry->why);
        else
            notify_text(walk, WCP_NOTICE_SKIPPED, entry->path, entry->why);
        break;
    case DIRECTORY:
        begin_dir(walk->reader, listed->dir);
        break;
    case REGULAR:
        return take_file(walk, listed);
    case UNKNOWN:
        break;
    }
    return WCP_CODE_OK;
}

/* Look up what is on the list and take it. */
static enum wcp_code
take_list(struct walk *walk)
{
    const size_t num = walk->list.num;
    unsigned num_threads = walk->reader->opts.num_threads;
    enum wcp_code code = WCP_CODE_OK;

    if (num < LEAST_SHARED || num_threads == 0)
        num_threads = 1;
    wcp_parallel_for(num_threads, num, 64, look_up, walk);
    for (size_t i = 0; i < num && code == WCP_CODE_OK; i++)
        code = take_listed(walk, &walk->list.at[i]);
    walk->list.num = 0;
    return code;
}

static enum wcp_code
list_entry(struct walk *walk, const struct entry *entry, uint32_t dir)
{
    if (walk->list.num == MOST_LISTED) {
        enum wcp_code code = take_list(walk);

        if (code != WCP_CODE_OK)
            return code;
    }
    if (!wcp_array_grow(&walk->reader->mem, &walk->list))
        return WCP_CODE_NO_MEMORY;
    walk->list.at[walk->list.num].entry = *entry;
    walk->list.at[walk->list.num++].dir = dir;
    return WCP_CODE_OK;
}

/* ---- directories ---- */

static enum wcp_code
walk_directory(struct walk *walk, const char *dir, unsigned depth)
{
    struct wcp_reader *reader = walk->reader;
    struct entry self = { .fate = FAILED, .path = dir, .why = "cannot open" };
    struct entries entries = { 0 };
    enum wcp_code code;
    uint32_t index = 0;
    DIR *stream;

    if (depth >= MAX_DEPTH) {
        self.why = "directories are nested too deep";
        return list_entry(walk, &self, 0);
    }
    stream = opendir(dir);
    if (stream == NULL) {
        self.error = errno;
        return list_entry(walk, &self, 0);
    }
    code = read_entries(reader, stream, dir, &entries, &self.error);
    closedir(stream);
    self.why = "cannot read the directory";
    if (code == WCP_CODE_OK && self.error != 0)
        code = list_entry(walk, &self, 0);
    if (entries.num > 1)
        qsort(entries.at, entries.num, sizeof *entries.at, compare_entries);
    if (code == WCP_CODE_OK && !add_dir(reader, &index))
        code = WCP_CODE_NO_MEMORY;
    self.fate = DIRECTORY;
    if (code == WCP_CODE_OK)
        code = list_entry(walk, &self, index);
    for (size_t i = 0; i < entries.num && code == WCP_CODE_OK; i++)
        code = entries.at[i].fate == DIRECTORY
                   ? walk_directory(walk, entries.at[i].path, depth + 1)
                   : list_entry(walk, &entries.at[i], index);
    wcp_array_release(&reader->mem, &entries);
    return code;
}

/* ---- arguments ---- */

static size_t
directory_len(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? (size_t)(slash - path) : 0;
}

/* The directory of a file that was named itself: that of the file before, if
 * it is the same, as after a shell has expanded a pattern. */
static bool
argument_dir(struct wcp_reader *reader, const char *path, uint32_t *dir_ret)
{
    const struct wcp_source *last;
    size_t len = directory_len(path);

    if (reader->sources.num > 0) {
        last = &reader->sources.at[reader->sources.num - 1];
        if (last->path != NULL && last->dir != UINT32_MAX &&
            directory_len(last->path) == len &&
            memcmp(last->path, path, len) == 0) {
            *dir_ret = last->dir;
            return true;
        }
    }
    return add_dir(reader, dir_ret);
}

/* Whether a pipe that was named is one that the shell has opened. */
static bool
is_open_pipe(const char *path)
{
    return path == NULL || strncmp(path, "/dev/", 5) == 0 ||
           strncmp(path, "/proc/", 6) == 0;
}

/* If what was named is an archive, list its members. */
static enum wcp_code
open_archive(const struct walk *walk, uint32_t index)
{
    struct wcp_reader *reader = walk->reader;
    const struct wcp_source *source = &reader->sources.at[index];
    struct wcp_fault fault;
    bool archive = false;

    if (source->once && is_open_pipe(source->path)) {
        enum wcp_code code = wcp_spool_archive(reader, index, &archive, &fault);

        if (code == WCP_CODE_NO_MEMORY)
            return code;
        /* Of what is no archive it will be said when that is read. */
        if (code != WCP_CODE_OK && archive)
            notify(walk, WCP_NOTICE_SKIPPED, source->shown, &fault);
    } else if (!source->once) {
        archive = wcp_is_archive(reader, index);
    }
    return archive ? wcp_list_archive(reader, index, walk->consumer)
                   : WCP_CODE_OK;
}

static enum wcp_code
add_stdin(const struct walk *walk)
{
    struct wcp_source *source;
    struct stat status;

    if (fstat(0, &status) != 0) {
        notify_errno(walk, "-", errno, "cannot read");
        return WCP_CODE_OK;
    }
    if (S_ISDIR(status.st_mode)) {
        notify_errno(walk, "-", EISDIR, "cannot read");
        return WCP_CODE_OK;
    }
    source = add_source(walk->reader, NULL, UINT32_MAX);
    if (source == NULL)
        return WCP_CODE_NO_MEMORY;
    /* A file that another program has read a part of goes on from there. */
    if (S_ISREG(status.st_mode) && lseek(0, 0, SEEK_CUR) != 0)
        status.st_mode = S_IFIFO;
    set_size(walk->reader, source, &status);
    return open_archive(walk, last_source(walk->reader));
}

static enum wcp_code
add_file(const struct walk *walk, const char *path, const struct stat *status)
{
    struct wcp_reader *reader = walk->reader;
    struct wcp_source *source;
    char *copy;
    uint32_t dir;

    if (S_ISREG(status->st_mode)) {
        const struct wcp_identity file = wcp_identity_of(status);
        bool seen;

        if (!wcp_files_note(&reader->files, &reader->mem, &file, &seen))
            return WCP_CODE_NO_MEMORY;
        if (seen) {
            notify_text(walk, WCP_NOTICE_REPAIRED, path,
                        "given twice; read once");
            return WCP_CODE_OK;
        }
    }
    copy = wcp_arena_copy(&reader->names, &reader->mem, path, strlen(path));
    if (copy == NULL || !argument_dir(reader, path, &dir))
        return WCP_CODE_NO_MEMORY;
    source = add_source(reader, copy, dir);
    if (source == NULL)
        return WCP_CODE_NO_MEMORY;
    set_size(reader, source, status);
    return open_archive(walk, last_source(reader));
}

static enum wcp_code
add_path(struct walk *walk, const char *path)
{
    size_t num_before = walk->reader->sources.num;
    struct stat status;
    enum wcp_code code;

    if (strcmp(path, "-") == 0)
        return add_stdin(walk);
    if (stat(path, &status) != 0) {
        notify_errno(walk, path, errno, "cannot open");
        return WCP_CODE_OK;
    }
    if (!S_ISDIR(status.st_mode))
        return add_file(walk, path, &status);
    code = walk_directory(walk, path, 0);
    if (code == WCP_CODE_OK)
        code = take_list(walk);
    wcp_array_release(&walk->reader->mem, &walk->list);
    if (code == WCP_CODE_OK && walk->num_seen > 0) {
        struct wcp_fault fault;

        wcp_fail(&fault, WCP_CODE_OK, 0, "%zu file%s given twice; read once",
                 walk->num_seen, walk->num_seen == 1 ? "" : "s");
        notify(walk, WCP_NOTICE_REPAIRED, path, &fault);
    } else if (code == WCP_CODE_OK && !walk->failed &&
               walk->reader->sources.num == num_before)
        notify_text(walk, WCP_NOTICE_SKIPPED, path,
                    "the directory holds no files to read");
    return code;
}

enum wcp_code
wcp_reader_add(struct wcp_reader *reader, const char *path,
               const struct wcp_consumer *consumer, struct wcp_fault *fault)
{
    struct walk walk = { .reader = reader, .consumer = consumer };
    struct stat status;

    if (reader->opts.skip_path != NULL &&
        stat(reader->opts.skip_path, &status) == 0 && S_ISREG(status.st_mode))
        walk.skip = wcp_identity_of(&status);
    if (add_path(&walk, path) != WCP_CODE_OK)
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}
