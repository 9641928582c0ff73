/*
 * walk.c - paths -> sources, in bytewise order of the whole path
 *
 * A directory is read to its end, closed, sorted and only then entered, so that
 * depth costs no descriptors.  "a/" sorts as it will stand in the paths of its
 * files: after "a-b" and before "a0".  Sizes are asked for here, where the
 * directory is open and a look-up is cheap: batches can then be made without
 * touching the files.
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
enum fate { REGULAR, DIRECTORY, PASSED_OVER, FAILED };

struct entry {
    enum fate fate;
    int error; /* FAILED */
    struct wcp_identity identity;
    const char *why;    /* PASSED_OVER */
    struct stat status; /* REGULAR */
    const char *path;   /* in reader->names */
    size_t len;
};

struct entries {
    struct entry *at;
    size_t num, cap;
};

struct walk {
    struct wcp_reader *reader;
    const struct wcp_consumer *consumer;
    struct wcp_identity skip; /* left out of directories; inode 0: none */
    size_t num_seen;          /* files of a directory that were named before */
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

static bool
add_dir(struct wcp_reader *reader, uint32_t *dir_ret)
{
    uint32_t first = (uint32_t)reader->sources.num;

    if (reader->dirs.num >= UINT32_MAX - 1 ||
        !wcp_array_grow(&reader->mem, &reader->dirs))
        return false;
    *dir_ret = (uint32_t)reader->dirs.num;
    reader->dirs.at[reader->dirs.num++] =
        (struct wcp_dir){ .first = first, .last = first };
    return true;
}

/* ---- the same file twice ---- */

static struct wcp_identity
identity_of(const struct stat *status)
{
    return (struct wcp_identity){ (uint64_t)status->st_dev,
                                  (uint64_t)status->st_ino };
}

/* The slot of a file in the table, or the free one where it belongs. */
static struct wcp_identity *
find_file(const struct wcp_files *files, const struct wcp_identity *file)
{
    uint64_t hash = (file->inode ^ file->device << 32) * 0x9E3779B97F4A7C15u;
    size_t mask = files->cap - 1, slot = (size_t)(hash >> 32) & mask;

    while (files->at[slot].inode != 0 &&
           (files->at[slot].inode != file->inode ||
            files->at[slot].device != file->device))
        slot = (slot + 1) & mask;
    return &files->at[slot];
}

static bool
grow_files(struct wcp_reader *reader)
{
    struct wcp_files *files = &reader->files, more = { .num = files->num };

    more.cap = files->cap > 0 ? 2 * files->cap : 64;
    more.at = wcp_new_zeroed(&reader->mem, more.cap, sizeof *more.at);
    if (more.at == NULL)
        return false;
    for (size_t i = 0; i < files->cap; i++)
        if (files->at[i].inode != 0)
            *find_file(&more, &files->at[i]) = files->at[i];
    wcp_free_array(&reader->mem, files->at, files->cap, sizeof *files->at);
    *files = more;
    return true;
}

/* Note a file; *seen_ret: it was noted before.  False when out of memory. */
static bool
note_file(struct wcp_reader *reader, const struct wcp_identity *file,
          bool *seen_ret)
{
    struct wcp_files *files = &reader->files;
    struct wcp_identity *slot;

    *seen_ret = false;
    if (file->inode == 0) /* of a file system that has no such numbers */
        return true;
    if (2 * files->num >= files->cap && !grow_files(reader))
        return false;
    slot = find_file(files, file);
    *seen_ret = slot->inode != 0;
    files->num += !*seen_ret;
    *slot = *file;
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

/* Decide what becomes of an entry by what it is. */
static void
judge(int dir_fd, const struct dirent *item, struct entry *entry)
{
    struct stat status;
    bool is_link = false;

    if (item->d_name[0] == '.') {
        entry->fate = PASSED_OVER;
        entry->why = "a hidden entry is passed over";
        return;
    }
    entry->fate = FAILED;
    if (fstatat(dir_fd, item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        entry->error = errno;
        return;
    }
    if (S_ISLNK(status.st_mode)) {
        is_link = true;
        if (fstatat(dir_fd, item->d_name, &status, 0) != 0) {
            entry->error = errno;
            return;
        }
    }
    if (S_ISREG(status.st_mode)) {
        entry->fate = REGULAR;
        entry->identity = identity_of(&status);
        entry->status = status;
    } else if (S_ISDIR(status.st_mode) && !is_link) {
        entry->fate = DIRECTORY;
    } else {
        entry->fate = PASSED_OVER;
        entry->why = S_ISDIR(status.st_mode)
                         ? "a link to a directory is passed over"
                         : kind_name(status.st_mode);
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
read_entries(const struct walk *walk, DIR *stream, const char *dir,
             struct wcp_buffer *path, struct entries *entries)
{
    struct wcp_reader *reader = walk->reader;
    struct dirent *item;

    while (errno = 0, (item = readdir(stream)) != NULL) {
        struct entry *entry;

        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        if (!wcp_array_grow(&reader->mem, entries))
            return WCP_CODE_NO_MEMORY;
        entry = &entries->at[entries->num];
        *entry = (struct entry){ .fate = FAILED };
        judge(dirfd(stream), item, entry);
        if (!name_entry(reader, dir, item->d_name, path, entry))
            return WCP_CODE_NO_MEMORY;
        entries->num++;
    }
    if (errno != 0)
        notify_errno(walk, dir, errno, "cannot read the directory");
    return WCP_CODE_OK;
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

static enum wcp_code walk_directory(struct walk *walk, const char *dir,
                                    unsigned depth);

static enum wcp_code
take_entry(struct walk *walk, const struct entry *entry, uint32_t dir,
           unsigned depth)
{
    struct wcp_source *source;
    bool seen;

    switch (entry->fate) {
    case PASSED_OVER:
        notify_text(walk, WCP_NOTICE_DETAIL, entry->path, entry->why);
        break;
    case FAILED:
        notify_errno(walk, entry->path, entry->error, "cannot open");
        break;
    case DIRECTORY:
        return walk_directory(walk, entry->path, depth + 1);
    case REGULAR:
        if (walk->skip.inode != 0 &&
            walk->skip.inode == entry->identity.inode &&
            walk->skip.device == entry->identity.device) {
            notify_text(walk, WCP_NOTICE_DETAIL, entry->path,
                        "the output is passed over");
            break;
        }
        if (!note_file(walk->reader, &entry->identity, &seen))
            return WCP_CODE_NO_MEMORY;
        if (seen) {
            walk->num_seen++;
            break;
        }
        source = add_source(walk->reader, entry->path, dir);
        if (source == NULL)
            return WCP_CODE_NO_MEMORY;
        wcp_source_note(source, &entry->status);
        walk->reader->total += source->size;
        if (wcp_named_archive(entry->path))
            return wcp_list_archive(walk->reader, last_source(walk->reader),
                                    walk->consumer);
        break;
    }
    return WCP_CODE_OK;
}

static enum wcp_code
walk_directory(struct walk *walk, const char *dir, unsigned depth)
{
    struct wcp_reader *reader = walk->reader;
    struct entries entries = { 0 };
    struct wcp_buffer path;
    enum wcp_code code;
    uint32_t index = 0;
    DIR *stream;

    if (depth >= MAX_DEPTH) {
        notify_text(walk, WCP_NOTICE_SKIPPED, dir,
                    "directories are nested too deep");
        return WCP_CODE_OK;
    }
    stream = opendir(dir);
    if (stream == NULL) {
        notify_errno(walk, dir, errno, "cannot open");
        return WCP_CODE_OK;
    }
    wcp_buffer_init(&path, &reader->mem, 0);
    code = read_entries(walk, stream, dir, &path, &entries);
    closedir(stream);
    if (entries.num > 1)
        qsort(entries.at, entries.num, sizeof *entries.at, compare_entries);
    if (code == WCP_CODE_OK && !add_dir(reader, &index))
        code = WCP_CODE_NO_MEMORY;
    for (size_t i = 0; i < entries.num && code == WCP_CODE_OK; i++)
        code = take_entry(walk, &entries.at[i], index, depth);
    wcp_array_release(&reader->mem, &entries);
    wcp_buffer_release(&path);
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
        const struct wcp_identity file = identity_of(status);
        bool seen;

        if (!note_file(reader, &file, &seen))
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
    if (code == WCP_CODE_OK && walk->num_seen > 0) {
        struct wcp_fault fault;

        wcp_fail(&fault, WCP_CODE_OK, 0, "%zu file%s given twice; read once",
                 walk->num_seen, walk->num_seen == 1 ? "" : "s");
        notify(walk, WCP_NOTICE_REPAIRED, path, &fault);
    } else if (code == WCP_CODE_OK && walk->reader->sources.num == num_before)
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
        walk.skip = identity_of(&status);
    if (add_path(&walk, path) != WCP_CODE_OK)
        return wcp_no_memory(fault);
    return WCP_CODE_OK;
}
