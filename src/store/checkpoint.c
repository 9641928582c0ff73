/*
 * checkpoint.c - reading and signing that can be broken off and taken up again
 *
 * A folder holds a manifest, which says what the inputs and the options are,
 * and parts, each with the documents of some batches: all of them signature
 * files (wcs.h).  A file is written under another name, brought to disk, given
 * its name, and the folder is brought to disk: so whatever is there by name is
 * whole, and part n + 1 is there only if part n is.  Batches are the same in
 * every run, so to go on means to take the parts and leave out as many
 * batches as they have.
 *
 * What comes after signing is done anew: it needs no more than the texts of
 * candidates.
 */
#include "store/wcs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_BYTES = 1 << 28, NAME_BYTES = 32 };
static const char manifest_name[] = "manifest.wcs";
static const char pending_name[] = "pending.tmp";

struct run {
    struct wcp_store *store;
    const struct wcp_checkpoint *checkpoint;
    int folder; /* of the store */
    uint32_t num_parts;
    uint32_t num_sources; /* that the parts know of */
    struct wcp_wcs_queue queue;
    /* The part that is being written; fd < 0: none. */
    struct wcp_wcs_writer writer;
    int fd;
    uint64_t num_bytes;
};

static void
part_name(uint32_t number, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "part-%06" PRIu32 ".wcs", number);
}

static enum wcp_code
fail_in(const struct run *run, const char *what, const char *name,
        struct wcp_fault *fault)
{
    return wcp_fail(fault, WCP_CODE_IO, errno, "cannot %s '%.120s/%s'", what,
                    run->checkpoint->folder, name);
}

/* ---- files that appear whole ---- */

static enum wcp_code
open_pending(struct run *run, struct wcp_fault *fault)
{
    run->fd =
        openat(run->folder, pending_name,
               O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    return run->fd >= 0 ? WCP_CODE_OK
                        : fail_in(run, "create", pending_name, fault);
}

static enum wcp_code
settle_pending(struct run *run, const char *name, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    if (fsync(run->fd) != 0 && errno != EINVAL)
        code = fail_in(run, "write", name, fault);
    close(run->fd);
    run->fd = -1;
    if (code == WCP_CODE_OK &&
        renameat(run->folder, pending_name, run->folder, name) != 0)
        code = fail_in(run, "create", name, fault);
    if (code == WCP_CODE_OK && fsync(run->folder) != 0 && errno != EINVAL)
        code = fail_in(run, "write", name, fault);
    return code;
}

/* ---- the folder ---- */

static enum wcp_code
open_folder(struct run *run, struct wcp_fault *fault)
{
    const char *folder = run->checkpoint->folder;

    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return wcp_fail(fault, WCP_CODE_IO, errno,
                        "cannot make the folder '%.150s'", folder);
    run->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->folder < 0)
        return wcp_fail(fault, WCP_CODE_IO, errno,
                        "cannot open the folder '%.150s'", folder);
    run->store->checkpoint_fd = run->folder;
    if (flock(run->folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "another process works with the checkpoint in '%.150s'",
                        folder);
    return WCP_CODE_OK;
}

/* How many parts there are, in a row. */
static uint32_t
count_parts(int folder)
{
    struct stat status;
    char name[NAME_BYTES];
    uint32_t num = 0;

    do
        part_name(num++, name);
    while (fstatat(folder, name, &status, 0) == 0);
    return num - 1;
}

/* Parts go last to first, then the manifest: what is left at any time is a
 * checkpoint that has come less far. */
enum wcp_code
wcp_checkpoint_clear(const char *folder, struct wcp_fault *fault)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum wcp_code code = WCP_CODE_OK;
    char name[NAME_BYTES];

    if (fd < 0)
        return wcp_fail(fault, WCP_CODE_IO, errno,
                        "cannot open the folder '%.150s'", folder);
    for (uint32_t i = count_parts(fd); i > 0; i--) {
        part_name(i - 1, name);
        unlinkat(fd, name, 0);
    }
    unlinkat(fd, pending_name, 0);
    if (unlinkat(fd, manifest_name, 0) != 0 && errno != ENOENT)
        code = wcp_fail(fault, WCP_CODE_IO, errno,
                        "cannot remove the checkpoint in '%.150s'", folder);
    close(fd);
    if (code == WCP_CODE_OK)
        rmdir(folder); /* unless something else is in it */
    return code;
}

/* A new checkpoint is begun in a folder of its own. */
static enum wcp_code
check_empty(const struct run *run, struct wcp_fault *fault)
{
    const int copy =
        openat(run->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    enum wcp_code code = WCP_CODE_OK;

    if (entries == NULL) {
        if (copy >= 0)
            close(copy);
        return fail_in(run, "read", ".", fault);
    }
    while (code == WCP_CODE_OK && (entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, pending_name) != 0)
            code = wcp_fail(fault, WCP_CODE_IO, 0,
                            "'%.120s' holds no checkpoint, but '%.60s': name "
                            "another folder",
                            run->checkpoint->folder, entry->d_name);
    closedir(entries);
    return code;
}

static enum wcp_code
open_file(const struct run *run, const char *name, struct wcp_wcs_file *file,
          struct wcp_fault *fault)
{
    const struct wcp_memory *mem = run->store->mem;
    const char *folder = run->checkpoint->folder;
    const size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = wcp_new_array(mem, size, 1);
    enum wcp_code code;

    if (path == NULL)
        return wcp_no_memory(fault);
    snprintf(path, size, "%s/%s", folder, name);
    code = wcp_wcs_open(mem, path, file, fault);
    wcp_free_array(mem, path, size, 1);
    return code;
}

/* ---- the manifest ---- */

static enum wcp_code
write_manifest(struct run *run, struct wcp_fault *fault)
{
    const struct wcp_store *store = run->store;
    struct wcp_wcs_writer writer;
    enum wcp_code code = check_empty(run, fault);

    if (code == WCP_CODE_OK)
        code = open_pending(run, fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_begin(&writer, run->fd, run->checkpoint->options, fault);
    if (code == WCP_CODE_OK)
        code =
            wcp_wcs_put_sources(&writer, store->mem, store->reader,
                                wcp_reader_num_sources(store->reader), fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_end(&writer, fault);
    if (code == WCP_CODE_OK)
        code = settle_pending(run, manifest_name, fault);
    return code;
}

struct inputs {
    const struct run *run;
    struct wcp_wcs_file *manifest;
};

/* Whether an input is what it was. */
static enum wcp_code
compare_input(void *ctx, const struct wcp_source_state *then,
              struct wcp_fault *fault)
{
    const struct inputs *inputs = ctx;
    const struct wcp_reader *reader = inputs->run->store->reader;
    const uint32_t number = inputs->manifest->num_sources;
    const char *folder = inputs->run->checkpoint->folder;
    struct wcp_source_state now;

    if (number >= wcp_reader_num_sources(reader))
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "'%.80s' is no input any more, but was when the "
                        "checkpoint in '%.60s' was begun",
                        then->shown, folder);
    wcp_source_state(reader, number, &now);
    if (strcmp(now.shown, then->shown) != 0)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "'%.60s' is an input now, where '%.60s' was when the "
                        "checkpoint in '%.40s' was begun",
                        now.shown, then->shown, folder);
    if (now.size != then->size)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "'%.80s' had %" PRIu64 " bytes when the checkpoint in "
                        "'%.60s' was begun, and has %" PRIu64,
                        now.shown, then->size, folder, now.size);
    if (now.changed != then->changed || now.archive != then->archive ||
        now.member != then->member)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "'%.80s' was changed after the checkpoint in '%.60s' "
                        "was begun",
                        now.shown, folder);
    return WCP_CODE_OK;
}

static enum wcp_code
compare_inputs(const struct run *run, struct wcp_wcs_file *manifest,
               struct wcp_fault *fault)
{
    struct inputs inputs = { run, manifest };
    enum wcp_code code = WCP_CODE_OK;
    struct wcp_buffer bytes;

    wcp_buffer_init(&bytes, run->store->mem, 0);
    while (code == WCP_CODE_OK && !manifest->ended) {
        struct wcp_wcs_section section;

        code = wcp_wcs_next(manifest, &section, fault);
        if (code != WCP_CODE_OK || section.tag != WCP_WCS_SRCS)
            continue;
        code = wcp_wcs_load(manifest, &section, &bytes, fault);
        if (code == WCP_CODE_OK)
            code = wcp_wcs_each_source(manifest, &section, &bytes,
                                       compare_input, &inputs, fault);
    }
    wcp_buffer_release(&bytes);
    if (code == WCP_CODE_OK &&
        manifest->num_sources < wcp_reader_num_sources(run->store->reader))
        code = wcp_fail(
            fault, WCP_CODE_IO, 0,
            "'%.80s' was no input when the checkpoint in '%.60s' was begun",
            wcp_source_path(run->store->reader, manifest->num_sources),
            run->checkpoint->folder);
    return code;
}

static enum wcp_code
read_manifest(struct run *run, struct wcp_fault *fault)
{
    struct wcp_wcs_file manifest;
    enum wcp_code code = open_file(run, manifest_name, &manifest, fault);

    if (code != WCP_CODE_OK)
        return code;
    code = run->checkpoint->compare(run->checkpoint->ctx, &manifest, fault);
    if (code == WCP_CODE_OK)
        code = compare_inputs(run, &manifest, fault);
    wcp_wcs_close(&manifest);
    return code;
}

/* ---- parts ---- */

/* The checkpoint's options, and where the part stands. */
static enum wcp_code
part_options(const struct run *run, uint64_t first_batch,
             struct wcp_buffer *options, struct wcp_fault *fault)
{
    const struct wcp_buffer *own = run->checkpoint->options;
    char place[48];
    int len =
        snprintf(place, sizeof place, "first-batch%c%" PRIu64, 0, first_batch);

    options->len = 0;
    if (len > 0 && wcp_buffer_append(options, own->data, own->len) &&
        wcp_buffer_append(options, place, (size_t)len + 1))
        return WCP_CODE_OK;
    return wcp_no_memory(fault);
}

static enum wcp_code
load_part(struct run *run, const char *name, struct wcp_fault *fault)
{
    struct wcp_store *store = run->store;
    struct wcp_wcs_file part;
    struct wcp_buffer options;
    enum wcp_code code = open_file(run, name, &part, fault);

    if (code != WCP_CODE_OK)
        return code;
    wcp_buffer_init(&options, store->mem, 0);
    code = part_options(run, store->chunks.num, &options, fault);
    if (code == WCP_CODE_OK &&
        (options.len != part.options.len ||
         memcmp(options.data, part.options.data, options.len) != 0))
        code = wcp_wcs_damaged(&part, WCP_WCS_HEADER + WCP_WCS_SECTION,
                               "it is of another checkpoint", fault);
    part.num_sources = run->num_sources;
    if (code == WCP_CODE_OK)
        code = wcp_store_load(store, &part, NULL, fault);
    run->num_sources = part.num_sources;
    wcp_buffer_release(&options);
    wcp_wcs_close(&part);
    return code;
}

static enum wcp_code
load_parts(struct run *run, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;
    struct stat status;
    char name[NAME_BYTES];

    while (code == WCP_CODE_OK) {
        part_name(run->num_parts, name);
        if (fstatat(run->folder, name, &status, 0) != 0)
            return WCP_CODE_OK;
        code = load_part(run, name, fault);
        run->num_parts++;
    }
    return code;
}

static enum wcp_code
begin_part(struct run *run, uint64_t first_batch, struct wcp_fault *fault)
{
    struct wcp_buffer options;
    enum wcp_code code;

    wcp_buffer_init(&options, run->store->mem, 0);
    code = part_options(run, first_batch, &options, fault);
    if (code == WCP_CODE_OK)
        code = open_pending(run, fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_begin(&run->writer, run->fd, &options, fault);
    run->writer.num_sources = run->num_sources;
    run->num_bytes = 0;
    wcp_buffer_release(&options);
    return code;
}

static enum wcp_code
end_part(struct run *run, struct wcp_fault *fault)
{
    char name[NAME_BYTES];
    enum wcp_code code = wcp_wcs_end(&run->writer, fault);

    part_name(run->num_parts, name);
    if (code == WCP_CODE_OK)
        code = settle_pending(run, name, fault);
    run->num_parts++;
    run->num_sources = run->writer.num_sources;
    return code;
}

static enum wcp_code
put_block(void *ctx, const struct wcp_wcs_block *block, struct wcp_fault *fault)
{
    struct run *run = ctx;
    const struct wcp_store *store = run->store;
    const uint64_t part_bytes = run->checkpoint->part_bytes;
    enum wcp_code code = WCP_CODE_OK;

    if (run->fd < 0)
        code = begin_part(run, block->number, fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_put_sources(&run->writer, store->mem, store->reader,
                                   block->end_source, fault);
    if (code == WCP_CODE_OK)
        code = wcp_wcs_put_block(&run->writer, block, fault);
    run->num_bytes += block->num_bytes;
    if (code == WCP_CODE_OK &&
        run->num_bytes >= (part_bytes > 0 ? part_bytes : PART_BYTES))
        code = end_part(run, fault);
    return code;
}

static enum wcp_code
take_chunk(void *ctx, const struct wcp_chunk *chunk, struct wcp_fault *fault)
{
    struct run *run = ctx;
    const struct wcp_store *store = run->store;
    struct wcp_wcs_block *block =
        wcp_wcs_encode(store->mem, &store->opts, chunk, true);

    if (block == NULL)
        return wcp_no_memory(fault);
    return wcp_queue_bring(&run->queue, block, fault);
}

/* ---- the whole ---- */

/* What comes through a pipe is not there any more after a kill. */
static enum wcp_code
check_sources(const struct run *run, struct wcp_fault *fault)
{
    const struct wcp_reader *reader = run->store->reader;

    for (uint32_t i = 0; i < wcp_reader_num_sources(reader); i++) {
        struct wcp_source_state state;

        wcp_source_state(reader, i, &state);
        if (state.once || state.path == NULL)
            return wcp_fail(fault, WCP_CODE_IO, 0,
                            "'%.150s' cannot be read twice: a checkpoint needs "
                            "files",
                            state.shown);
    }
    return WCP_CODE_OK;
}

/* Leave out the batches that the parts have. */
static enum wcp_code
skip_batches(const struct run *run, struct wcp_fault *fault)
{
    struct wcp_store *store = run->store;
    struct wcp_worker *worker = NULL;
    enum wcp_code code = wcp_worker_new(store->reader, &worker, fault);

    for (size_t i = 0; code == WCP_CODE_OK && i < store->chunks.num; i++)
        if (!wcp_reader_skip(store->reader, worker))
            code = wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                            "the checkpoint in '%.120s' has more than the "
                            "inputs",
                            run->checkpoint->folder);
    wcp_worker_free(worker);
    return code;
}

static void
say_what_is_there(const struct run *run,
                  const struct wcp_store_listener *listener)
{
    struct wcp_notice notice = { .kind = WCP_NOTICE_REPAIRED,
                                 .source = UINT32_MAX };
    uint64_t documents = 0, bytes = 0;
    struct wcp_fault text;

    for (size_t i = 0; i < run->store->chunks.num; i++) {
        documents += run->store->chunks.at[i]->entries.num;
        bytes += run->store->chunks.at[i]->info.num_bytes;
    }
    if (run->num_parts == 0 || listener->notice == NULL)
        return;
    wcp_fail(&text, WCP_CODE_OK, 0,
             "the checkpoint '%.120s' has %llu documents, %.1f MB of the "
             "input; going on from there",
             run->checkpoint->folder, (unsigned long long)documents,
             (double)bytes / 1e6);
    memcpy(notice.text, text.text, sizeof notice.text);
    listener->notice(listener->ctx, &notice);
}

static enum wcp_code
read_rest(struct run *run, const struct wcp_store_listener *listener,
          struct wcp_fault *fault)
{
    struct wcp_store *store = run->store;
    const struct wcp_tap tap = { take_chunk, run };
    enum wcp_code code;

    wcp_queue_init(&run->queue, store->mem);
    run->queue.next = store->chunks.num;
    run->queue.put = put_block;
    run->queue.ctx = run;
    store->opts.tap = &tap;
    code = wcp_store_read(store, listener, fault);
    store->opts.tap = NULL;
    if (code == WCP_CODE_OK && run->fd >= 0)
        code = end_part(run, fault);
    wcp_queue_release(&run->queue);
    return code;
}

enum wcp_code
wcp_store_read_on(struct wcp_store *store,
                  const struct wcp_checkpoint *checkpoint,
                  const struct wcp_store_listener *listener,
                  struct wcp_fault *fault)
{
    struct run run = { .store = store, .checkpoint = checkpoint, .fd = -1 };
    struct stat status;
    enum wcp_code code = check_sources(&run, fault);

    if (code == WCP_CODE_OK)
        code = open_folder(&run, fault);
    if (code == WCP_CODE_OK)
        code = fstatat(run.folder, manifest_name, &status, 0) == 0
                   ? read_manifest(&run, fault)
                   : write_manifest(&run, fault);
    if (code == WCP_CODE_OK)
        code = load_parts(&run, fault);
    if (code == WCP_CODE_OK)
        code = skip_batches(&run, fault);
    if (code == WCP_CODE_OK)
        say_what_is_there(&run, listener);
    if (code == WCP_CODE_OK)
        code = read_rest(&run, listener, fault);
    if (run.fd >= 0)
        close(run.fd);
    return code;
}
