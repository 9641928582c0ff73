/*
 * respool.c - texts of streams, when the documents have left memory
 *
 * As in spool.c, streams are read a second time and the texts of candidates
 * are spooled.  Which document it is that comes is found by where it stands:
 * the parts of the file are in the order of the input, and the part at hand is
 * mostly that of the document before.
 */
#include "store/chunk.h"

#include <stdatomic.h>

/* Where the first document of a part stands. */
struct place {
    uint64_t offset;
    uint32_t source;
};

struct again {
    struct wcp_store *store;
    uint8_t *wanted;         /* a bit for each document */
    uint8_t *wanted_sources; /* one for each */
    uint32_t num_sources;
    struct place *firsts; /* by part */
    size_t num_wanted;
    atomic_size_t num_found;
};

static bool
comes_after(const struct place *a, uint32_t source, uint64_t offset)
{
    return a->source != source ? a->source > source : a->offset > offset;
}

/* A thread's way through the second reading. */
struct again_thread {
    struct again *again;
    size_t part; /* whose entries are there; num_parts: none */
    struct wcp_buffer entries;
    struct wcp_fault fault;
};

static const struct wcp_entry *
load_entries(struct again_thread *thread, size_t i)
{
    const struct wcp_store *store = thread->again->store;
    const struct wcp_spilled *part = &store->spill->parts[i];

    if (thread->part != i) {
        thread->entries.len = 0;
        if (!wcp_buffer_reserve(&thread->entries,
                                part->num * sizeof(struct wcp_entry) + 1)) {
            wcp_no_memory(&thread->fault);
            return NULL;
        }
        if (wcp_spill_load(store, part, WCP_SECTION_ENTRIES,
                           thread->entries.data, &thread->fault) != WCP_CODE_OK)
            return NULL;
        thread->part = i;
    }
    return (const struct wcp_entry *)(const void *)thread->entries.data;
}

/* Where texts of a part were spooled before. */
static const struct wcp_spool_place *
load_places(struct again_thread *thread, size_t i, struct wcp_buffer *room)
{
    const struct wcp_store *store = thread->again->store;
    const struct wcp_spilled *part = &store->spill->parts[i];

    room->len = 0;
    if (!wcp_buffer_reserve(room,
                            part->num * sizeof(struct wcp_spool_place) + 1)) {
        wcp_no_memory(&thread->fault);
        return NULL;
    }
    if (wcp_spill_load(store, part, WCP_SECTION_PLACES, room->data,
                       &thread->fault) != WCP_CODE_OK)
        return NULL;
    return (const struct wcp_spool_place *)(const void *)room->data;
}

/* Where a document is among the parts; false: it is none of them, or there was
 * a fault. */
static bool
find_document(struct again_thread *thread, uint32_t source, uint64_t offset,
              uint32_t *i_ret)
{
    const struct again *again = thread->again;
    const struct wcp_spill *spill = again->store->spill;
    const struct wcp_entry *entries;
    size_t low = 0, high = spill->num_parts;
    uint32_t begin = 0, end;

    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;

        if (comes_after(&again->firsts[middle], source, offset))
            high = middle;
        else
            low = middle;
    }
    entries = load_entries(thread, low);
    if (entries == NULL)
        return false;
    end = spill->parts[low].num;
    while (begin < end) {
        const uint32_t middle = begin + (end - begin) / 2;
        const struct place place = { entries[middle].offset,
                                     entries[middle].source };

        if (place.source == source && place.offset == offset) {
            *i_ret = middle;
            return true;
        }
        if (comes_after(&place, source, offset))
            end = middle;
        else
            begin = middle + 1;
    }
    return false;
}

static bool
take_document(void *ctx, const struct wcp_document *doc)
{
    struct again_thread *thread = ctx;
    struct again *again = thread->again;
    struct wcp_store *store = again->store;
    const struct wcp_spilled *part;
    struct wcp_spool_place place = { 0, doc->text.len };
    uint32_t i, number;

    if (!find_document(thread, doc->at.source, doc->at.offset, &i))
        return thread->fault.code == WCP_CODE_OK;
    part = &store->spill->parts[thread->part];
    number = part->first + i;
    if (!(again->wanted[number / 8] >> number % 8 & 1))
        return true;
    atomic_fetch_add(&again->num_found, 1);
    return wcp_store_spool(store, doc->text.data, doc->text.len, &place.offset,
                           &thread->fault) == WCP_CODE_OK &&
           wcp_spill_write(
               store, &place, sizeof place,
               wcp_section_place(store, part, WCP_SECTION_PLACES, i),
               &thread->fault) == WCP_CODE_OK;
}

static void
take_notice(void *ctx, const struct wcp_notice *notice)
{
    struct again_thread *thread = ctx;

    if (notice->code == WCP_CODE_IO && notice->source != UINT32_MAX &&
        thread->fault.code == WCP_CODE_OK)
        wcp_fail(&thread->fault, WCP_CODE_IO, 0, "'%s': %s",
                 wcp_source_path(thread->again->store->reader, notice->source),
                 notice->text);
}

static enum wcp_code
again_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    struct again *again = wcp_team_ctx(team);
    struct wcp_reader *reader = again->store->reader;
    struct again_thread thread = { .again = again,
                                   .part = again->store->spill->num_parts };
    const struct wcp_consumer consumer = { take_document, take_notice,
                                           &thread };
    struct wcp_worker *worker = NULL;
    struct wcp_batch_info info;
    uint64_t batch;
    enum wcp_code code = wcp_worker_new(reader, &worker, fault);

    wcp_buffer_init(&thread.entries, again->store->mem, 0);
    while (code == WCP_CODE_OK && wcp_reader_next(reader, worker, &batch)) {
        code = wcp_worker_process(worker, &consumer, &info, fault);
        if (thread.fault.code != WCP_CODE_OK) {
            *fault = thread.fault;
            code = fault->code;
        }
        if (code == WCP_CODE_OK)
            code = wcp_team_check(team, number, fault);
    }
    wcp_worker_free(worker);
    wcp_buffer_release(&thread.entries);
    return code;
}

/* ---- what is wanted ---- */

/* Mark the first documents of the classes, whatever they stand in. */
static bool
mark_classes(struct again *again, const uint32_t *classes, size_t num)
{
    const struct wcp_store *store = again->store;
    const struct wcp_spill *spill = store->spill;
    const size_t size = (size_t)store->num_classes / 8 + 1;
    uint8_t *marked = wcp_new_zeroed(store->mem, size, 1);
    uint32_t next = 0;

    if (marked == NULL)
        return false;
    for (size_t i = 0; i < num; i++)
        marked[classes[i] / 8] |= (uint8_t)(1 << classes[i] % 8);
    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        const uint32_t c = spill->class_of[doc];

        if (c != next)
            continue;
        next++;
        if (marked[c / 8] >> c % 8 & 1)
            again->wanted[doc / 8] |= (uint8_t)(1 << doc % 8);
    }
    wcp_free_array(store->mem, marked, size, 1);
    return true;
}

static bool
mark_documents(struct again *again, const uint32_t *documents, size_t num)
{
    for (size_t i = 0; i < num; i++)
        again->wanted[documents[i] / 8] |= (uint8_t)(1 << documents[i] % 8);
    return true;
}

/* Of the marked documents only those in streams are wanted, and not those that
 * are there. */
static enum wcp_code
mark_streams(struct again *again, struct wcp_fault *fault)
{
    const struct wcp_store *store = again->store;
    const struct wcp_spill *spill = store->spill;
    struct again_thread thread = { .again = again, .part = spill->num_parts };
    struct wcp_buffer room;

    wcp_buffer_init(&thread.entries, store->mem, 0);
    wcp_buffer_init(&room, store->mem, 0);
    for (size_t p = 0; p < spill->num_parts; p++) {
        const struct wcp_spilled *part = &spill->parts[p];
        const struct wcp_entry *entries = load_entries(&thread, p);
        const struct wcp_spool_place *places = NULL;

        if (entries != NULL && spill->has_places)
            places = load_places(&thread, p, &room);
        if (entries == NULL || (places == NULL && spill->has_places))
            break;
        again->firsts[p] = part->num > 0 ? (struct place){ entries[0].offset,
                                                           entries[0].source }
                           : p > 0       ? again->firsts[p - 1]
                                         : (struct place){ 0, 0 };
        for (uint32_t i = 0; i < part->num; i++) {
            const uint32_t doc = part->first + i, source = entries[i].source;
            uint8_t *byte = &again->wanted[doc / 8];

            if (!(*byte >> doc % 8 & 1))
                continue;
            if ((entries[i].flags & WCP_ENTRY_SPOOLED) ||
                source >= again->num_sources ||
                wcp_source_access(store->reader, source) != WCP_ACCESS_STREAM ||
                (places != NULL && places[i].len > 0)) {
                *byte &= (uint8_t) ~(1 << doc % 8);
                continue;
            }
            again->wanted_sources[source] = 1;
            again->num_wanted++;
        }
    }
    wcp_buffer_release(&thread.entries);
    wcp_buffer_release(&room);
    if (thread.fault.code != WCP_CODE_OK && fault != NULL)
        *fault = thread.fault;
    return thread.fault.code;
}

static bool
is_wanted_source(void *ctx, uint32_t source)
{
    const struct again *again = ctx;

    return again->wanted_sources[source] != 0;
}

static const char *
any_wanted_path(const struct again *again)
{
    uint32_t source = 0;

    while (!again->wanted_sources[source])
        source++;
    return wcp_source_path(again->store->reader, source);
}

static enum wcp_code
read_again(struct again *again, struct wcp_fault *fault)
{
    struct wcp_store *store = again->store;
    enum wcp_code code =
        wcp_reader_rewind(store->reader, is_wanted_source, again, fault);

    store->spill->has_places = true;
    if (code == WCP_CODE_OK)
        code = wcp_run_team(store->opts.num_threads, &store->opts.watch, 0,
                            again_main, again, fault);
    if (code == WCP_CODE_OK &&
        atomic_load(&again->num_found) != again->num_wanted)
        return wcp_fail(fault, WCP_CODE_IO, 0,
                        "'%s' or another input changed while it was being read",
                        any_wanted_path(again));
    return code;
}

static bool
has_streams(const struct again *again)
{
    const struct wcp_reader *reader = again->store->reader;

    for (uint32_t i = 0; i < again->num_sources; i++)
        if (wcp_source_access(reader, i) == WCP_ACCESS_STREAM)
            return true;
    return false;
}

/* Spool the texts of these documents, or of the first ones of these classes. */
static enum wcp_code
spool(struct wcp_store *store, const uint32_t *which, size_t num,
      bool (*mark)(struct again *again, const uint32_t *which, size_t num),
      struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    const size_t size = (size_t)store->num_documents / 8 + 1;
    const size_t num_parts = store->spill->num_parts;
    struct again again = { .store = store };
    enum wcp_code code;

    if (store->reader != NULL)
        again.num_sources = wcp_reader_num_sources(store->reader);
    if (!has_streams(&again) || num == 0)
        return WCP_CODE_OK;
    again.wanted = wcp_new_zeroed(mem, size, 1);
    again.wanted_sources = wcp_new_zeroed(mem, again.num_sources, 1);
    again.firsts = wcp_new_array(mem, num_parts, sizeof *again.firsts);
    if (again.wanted == NULL || again.wanted_sources == NULL ||
        again.firsts == NULL || !mark(&again, which, num))
        code = wcp_no_memory(fault);
    else
        code = mark_streams(&again, fault);
    if (code == WCP_CODE_OK && again.num_wanted > 0)
        code = read_again(&again, fault);
    wcp_free_array(mem, again.wanted, size, 1);
    wcp_free_array(mem, again.wanted_sources, again.num_sources, 1);
    wcp_free_array(mem, again.firsts, num_parts, sizeof *again.firsts);
    return code;
}

enum wcp_code
wcp_spill_spool_classes(struct wcp_store *store, const uint32_t *classes,
                        size_t num, struct wcp_fault *fault)
{
    return spool(store, classes, num, mark_classes, fault);
}

enum wcp_code
wcp_spill_spool_documents(struct wcp_store *store, const uint32_t *documents,
                          size_t num, struct wcp_fault *fault)
{
    return spool(store, documents, num, mark_documents, fault);
}
