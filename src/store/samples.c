/*
 * samples.c - samples of shingles that have left memory
 *
 * A text has a sample of a tenth of its shingles, which is a fifth of its
 * bytes: the largest part of what is kept of very many texts.  They are asked
 * for in order, a few times at all, so they can be in a file, with all else or
 * alone.  If there is no room for that, they stay in memory.
 *
 * They are written chunk by chunk as they come, and an entry has the place of
 * its sample in the file instead of a pointer.  They are read in order of
 * classes, a stretch of the file at a time.  Beside each sample there is room
 * for a note of two bytes, which is found out later by passing over all.
 */
#include "store/chunk.h"

#include <string.h>
#include <unistd.h>

/* Samples of other documents that are read with those that are wanted, rather
 * than to begin anew behind them. */
enum { GAP = 1 << 12 };

static enum wcp_code
open_file(struct wcp_store *store, struct wcp_fault *fault)
{
    struct wcp_sample_file *file;
    enum wcp_code code = WCP_CODE_OK;

    pthread_mutex_lock(&store->spool_lock);
    if (store->sample_file == NULL) {
        file = wcp_new_zeroed(store->mem, 1, sizeof *file);
        code = file == NULL
                   ? wcp_no_memory(fault)
                   : wcp_temp_open(store->opts.tmpdir, &file->fd, fault);
        if (code == WCP_CODE_OK)
            store->sample_file = file;
        else
            wcp_free_array(store->mem, file, 1, sizeof *file);
    }
    pthread_mutex_unlock(&store->spool_lock);
    return code;
}

void
wcp_samples_close(struct wcp_store *store)
{
    struct wcp_sample_file *file = store->sample_file;

    if (file == NULL)
        return;
    close(file->fd);
    if (store->opts.disk != NULL)
        wcp_quota_give(store->opts.disk, file->num_bytes);
    wcp_free_array(store->mem, file->ranges, file->num_ranges + 1,
                   sizeof *file->ranges);
    wcp_free_array(store->mem, file, 1, sizeof *file);
    store->sample_file = NULL;
}

enum wcp_code
wcp_samples_leave(struct wcp_store *store, struct wcp_chunk *chunk,
                  struct wcp_fault *fault)
{
    const size_t num = chunk->samples.num;
    const size_t num_bytes = num * sizeof *chunk->samples.at;
    struct wcp_sample_file *file;
    uint64_t place;
    enum wcp_code code = open_file(store, fault);

    if (code != WCP_CODE_OK)
        return code;
    file = store->sample_file;
    place = atomic_fetch_add(&file->num, num);
    if (num > 0)
        code = wcp_temp_write(store->opts.disk, file->fd, chunk->samples.at,
                              num_bytes, place * sizeof(uint32_t), fault);
    if (code != WCP_CODE_OK)
        return code;
    atomic_fetch_add(&file->num_bytes, num_bytes);
    chunk->samples.num = 0;
    chunk->no_samples = true;
    for (size_t i = 0; i < chunk->entries.num; i++) {
        struct wcp_entry *entry = &chunk->entries.at[i];

        entry->sample = (const uint32_t *)(uintptr_t)place;
        place += entry->num_sample;
    }
    return code;
}

/* ---- samples that leave memory alone ---- */

void
wcp_samples_relieve(struct wcp_store *store, struct wcp_chunk *chunk)
{
    const struct wcp_quota *memory = store->opts.memory;
    const struct wcp_quota *disk = store->opts.disk;
    const uint64_t most = store->opts.most_samples;
    const size_t num = chunk->samples.num;

    if (most == 0 || num == 0 || (memory != NULL && memory->limit > 0) ||
        (disk != NULL && disk->limit > 0) || atomic_load(&store->samples_stay))
        return;
    if (atomic_fetch_add(&store->num_samples, num) + num > most &&
        wcp_samples_leave(store, chunk, NULL) != WCP_CODE_OK)
        atomic_store(&store->samples_stay, true);
}

/* Read those of a chunk that have left. */
static enum wcp_code
bring_back(struct wcp_store *store, struct wcp_chunk *chunk,
           struct wcp_fault *fault)
{
    uint64_t place = 0;
    size_t num = 0;
    uint32_t *samples;
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; i < chunk->entries.num; i++)
        num += chunk->entries.at[i].num_sample;
    samples = wcp_slabs_take(store->mem, &store->slabs[WCP_SLABS_SAMPLES],
                             num * sizeof *samples);
    if (samples == NULL)
        return wcp_no_memory(fault);
    if (num > 0) {
        place = (uintptr_t)chunk->entries.at[0].sample;
        code =
            wcp_read_at(store->sample_file->fd, samples, num * sizeof *samples,
                        place * sizeof *samples, fault);
    }
    for (size_t i = 0; code == WCP_CODE_OK && i < chunk->entries.num; i++) {
        struct wcp_entry *entry = &chunk->entries.at[i];

        entry->sample = samples + ((uintptr_t)entry->sample - place);
    }
    return code;
}

enum wcp_code
wcp_samples_unite(struct wcp_store *store, struct wcp_fault *fault)
{
    const size_t num = store->chunks.num;
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; i < num && !atomic_load(&store->samples_stay); i++) {
        struct wcp_chunk *chunk = store->chunks.at[i];

        if (chunk != NULL && !chunk->no_samples &&
            wcp_samples_leave(store, chunk, NULL) != WCP_CODE_OK)
            atomic_store(&store->samples_stay, true);
    }
    if (!atomic_load(&store->samples_stay)) {
        wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_SAMPLES]);
        return WCP_CODE_OK;
    }
    for (size_t i = 0; code == WCP_CODE_OK && i < num; i++)
        if (store->chunks.at[i] != NULL && store->chunks.at[i]->no_samples)
            code = bring_back(store, store->chunks.at[i], fault);
    if (code == WCP_CODE_OK)
        wcp_samples_close(store);
    return code;
}

/* ---- ranges of classes ---- */

static uint64_t
place_of(const struct wcp_store *store, uint32_t c)
{
    const struct wcp_class_facts *facts;

    if (store->outline == NULL)
        return (uintptr_t)wcp_class_entry(store, c)->sample;
    facts = &store->outline->facts[c];
    return (uint64_t)facts->sample_place[1] << 32 | facts->sample_place[0];
}

/* Classes begin .. end - 1, whose samples are in the file from 'place' on. */
struct stretch {
    uint32_t begin, end;
    uint64_t place;
    size_t num; /* samples, with those of others in between */
};

/* With at most 'gap' samples of others between two.  A class that has none
 * does not make it longer: what is before its place may never be written. */
static void
find_stretch(const struct wcp_store *store, uint32_t begin, uint32_t end,
             uint64_t gap, struct stretch *stretch)
{
    *stretch = (struct stretch){ begin, begin + 1, place_of(store, begin),
                                 wcp_class_num_sample(store, begin) };
    while (stretch->end < end) {
        const uint64_t behind = stretch->place + stretch->num;
        const uint64_t place = place_of(store, stretch->end);
        const size_t num = wcp_class_num_sample(store, stretch->end);

        if (num > 0) {
            if (place < behind || place > behind + gap)
                break;
            stretch->num = (size_t)(place - stretch->place) + num;
        }
        stretch->end++;
    }
}

/* Where a note stands in the file. */
static uint64_t
note_at(const struct wcp_sample_file *file, uint64_t place)
{
    return file->num * sizeof(uint32_t) + place * sizeof(uint16_t);
}

static enum wcp_code
read_stretch(const struct wcp_store *store, const struct stretch *stretch,
             bool notes, struct wcp_sample_range *range,
             struct wcp_fault *fault)
{
    const struct wcp_sample_file *file = store->sample_file;
    const size_t size = notes ? sizeof(uint16_t) : sizeof(uint32_t);
    uint8_t *to =
        notes ? (uint8_t *)range->notes.at : (uint8_t *)range->samples.at;
    enum wcp_code code = WCP_CODE_OK;

    if (!wcp_array_reserve(store->mem, &range->raw, stretch->num * size))
        return wcp_no_memory(fault);
    if (stretch->num > 0)
        code = wcp_read_at(file->fd, range->raw.at, stretch->num * size,
                           notes ? note_at(file, stretch->place)
                                 : stretch->place * size,
                           fault);
    for (uint32_t c = stretch->begin; code == WCP_CODE_OK && c < stretch->end;
         c++) {
        const uint32_t num = wcp_class_num_sample(store, c);

        if (num > 0)
            memcpy(to + range->begins.at[c - range->begin] * size,
                   range->raw.at + (place_of(store, c) - stretch->place) * size,
                   num * size);
    }
    return code;
}

enum wcp_code
wcp_sample_range_load(const struct wcp_store *store, uint32_t begin,
                      uint32_t end, bool with_notes,
                      struct wcp_sample_range *range, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    struct stretch stretch = { .end = begin };
    enum wcp_code code = WCP_CODE_OK;
    size_t num = 0;

    range->begin = begin;
    range->end = end;
    if (!wcp_array_reserve(mem, &range->begins, (size_t)(end - begin) + 1))
        return wcp_no_memory(fault);
    for (uint32_t c = begin; c < end; c++) {
        range->begins.at[c - begin] = num;
        num += wcp_class_num_sample(store, c);
    }
    range->begins.at[end - begin] = num;
    if (!wcp_array_reserve(mem, &range->samples, num) ||
        !wcp_array_reserve(mem, &range->notes, num))
        return wcp_no_memory(fault);
    if (!with_notes && num > 0)
        memset(range->notes.at, 0, num * sizeof *range->notes.at);
    while (code == WCP_CODE_OK && stretch.end < end) {
        find_stretch(store, stretch.end, end, GAP, &stretch);
        code = read_stretch(store, &stretch, false, range, fault);
        if (code == WCP_CODE_OK && with_notes)
            code = read_stretch(store, &stretch, true, range, fault);
    }
    return code;
}

bool
wcp_sample_range_load_one(const struct wcp_store *store, uint32_t c,
                          struct wcp_sample_range *range)
{
    struct wcp_fault fault = { 0 };

    if (wcp_sample_range_load(store, c, c + 1, false, range, &fault) ==
        WCP_CODE_OK)
        return true;
    wcp_samples_fail(store, &fault);
    return false;
}

/* The range of the file that a class is in. */
static const uint32_t *
range_of(const struct wcp_sample_file *file, uint32_t c)
{
    uint32_t low = 0, high = file->num_ranges;

    while (low + 1 < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (file->ranges[middle] <= c)
            low = middle;
        else
            high = middle;
    }
    return file->ranges + low;
}

const uint32_t *
wcp_class_sample(const struct wcp_store *store, uint32_t c,
                 struct wcp_sample_range *range)
{
    struct wcp_fault fault = { 0 };

    if (store->sample_file == NULL)
        return wcp_class_entry(store, c)->sample;
    if (wcp_class_num_sample(store, c) == 0)
        return NULL;
    if (c < range->begin || c >= range->end) {
        const uint32_t *at = range_of(store->sample_file, c);

        if (wcp_sample_range_load(store, at[0], at[1], false, range, &fault) !=
            WCP_CODE_OK) {
            range->begin = range->end = 0;
            wcp_samples_fail(store, &fault);
            return NULL;
        }
    }
    return range->samples.at + range->begins.at[c - range->begin];
}

void
wcp_samples_fail(const struct wcp_store *store, const struct wcp_fault *fault)
{
    struct wcp_sample_file *file = store->sample_file;

    if (!atomic_exchange(&file->failed, true))
        file->fault = *fault;
}

enum wcp_code
wcp_samples_check(const struct wcp_store *store, struct wcp_fault *fault)
{
    const struct wcp_sample_file *file = store->sample_file;

    if (file == NULL || !atomic_load(&file->failed))
        return WCP_CODE_OK;
    if (fault != NULL)
        *fault = file->fault;
    return file->fault.code;
}

/* Nothing in between is written: it may be of others, for samples come to the
 * file in the order in which threads are done with them. */
enum wcp_code
wcp_sample_range_note(const struct wcp_store *store,
                      struct wcp_sample_range *range, struct wcp_fault *fault)
{
    const struct wcp_sample_file *file = store->sample_file;
    const size_t size = sizeof(uint16_t);
    struct stretch stretch = { .end = range->begin };
    enum wcp_code code = WCP_CODE_OK;

    while (code == WCP_CODE_OK && stretch.end < range->end) {
        find_stretch(store, stretch.end, range->end, 0, &stretch);
        if (stretch.num == 0)
            continue;
        if (!wcp_array_reserve(store->mem, &range->raw, stretch.num * size))
            return wcp_no_memory(fault);
        for (uint32_t c = stretch.begin; c < stretch.end; c++) {
            const uint32_t num = wcp_class_num_sample(store, c);

            if (num > 0)
                memcpy(range->raw.at +
                           (place_of(store, c) - stretch.place) * size,
                       range->notes.at + range->begins.at[c - range->begin],
                       num * size);
        }
        code = wcp_write_at(file->fd, range->raw.at, stretch.num * size,
                            note_at(file, stretch.place), fault);
    }
    return code;
}

void
wcp_sample_range_release(const struct wcp_store *store,
                         struct wcp_sample_range *range)
{
    const struct wcp_memory *mem = store->mem;

    wcp_array_release(mem, &range->begins);
    wcp_array_release(mem, &range->samples);
    wcp_array_release(mem, &range->notes);
    wcp_array_release(mem, &range->raw);
}

/* ---- all of them ---- */

/* Ranges of classes that have about so many samples. */
enum { RANGE = 1 << 14 };

static uint32_t
list_ranges(const struct wcp_store *store, uint32_t *ranges)
{
    uint32_t num = 0;
    size_t samples = RANGE;

    for (uint32_t c = 0; c < store->num_classes; c++) {
        if (samples >= RANGE) {
            if (ranges != NULL)
                ranges[num] = c;
            num++;
            samples = 0;
        }
        samples += wcp_class_num_sample(store, c);
    }
    if (ranges != NULL)
        ranges[num] = store->num_classes;
    return num;
}

enum wcp_code
wcp_samples_list(struct wcp_store *store, struct wcp_fault *fault)
{
    struct wcp_sample_file *file = store->sample_file;

    file->num_ranges = list_ranges(store, NULL);
    file->ranges = wcp_new_array(store->mem, (size_t)file->num_ranges + 1,
                                 sizeof *file->ranges);
    if (file->ranges == NULL)
        return wcp_no_memory(fault);
    list_ranges(store, file->ranges);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_samples_settle(struct wcp_store *store, struct wcp_fault *fault)
{
    struct wcp_sample_file *file = store->sample_file;
    const uint64_t num_bytes = file->num * sizeof(uint16_t);

    if (store->opts.disk != NULL &&
        !wcp_quota_take(store->opts.disk, num_bytes))
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "temporary files would take more than was allowed");
    file->num_bytes += num_bytes;
    return wcp_samples_list(store, fault);
}
