/*
 * identity.c - which files were named before, by whatever name
 *
 * A file is told by its device and its number there; a table of them, by open
 * addressing, at most half full.
 */
#include "input/reader.h"

struct wcp_identity
wcp_identity_of(const struct stat *status)
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
grow_files(struct wcp_files *files, const struct wcp_memory *mem)
{
    struct wcp_files more = { .num = files->num };

    more.cap = files->cap > 0 ? 2 * files->cap : 64;
    more.at = wcp_new_zeroed(mem, more.cap, sizeof *more.at);
    if (more.at == NULL)
        return false;
    for (size_t i = 0; i < files->cap; i++)
        if (files->at[i].inode != 0)
            *find_file(&more, &files->at[i]) = files->at[i];
    wcp_files_release(files, mem);
    *files = more;
    return true;
}

void
wcp_files_release(struct wcp_files *files, const struct wcp_memory *mem)
{
    wcp_free_array(mem, files->at, files->cap, sizeof *files->at);
    *files = (struct wcp_files){ 0 };
}

bool
wcp_files_note(struct wcp_files *files, const struct wcp_memory *mem,
               const struct wcp_identity *file, bool *seen_ret)
{
    struct wcp_identity *slot;

    *seen_ret = false;
    if (file->inode == 0) /* of a file system that has no such numbers */
        return true;
    if (2 * files->num >= files->cap && !grow_files(files, mem))
        return false;
    slot = find_file(files, file);
    *seen_ret = slot->inode != 0;
    files->num += !*seen_ret;
    *slot = *file;
    return true;
}
