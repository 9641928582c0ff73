/*
 * spill.c - what a store keeps of its documents, in a temporary file
 *
 * Each chunk is written as it is, but by what is later read together: all
 * digests, all keys of a band.  A part of the file so belongs to one chunk, and
 * what is read from it is small and in order.  Nothing is mapped: pages of a
 * mapped file count as memory of the process.
 */
#include "store/chunk.h"

#include "store/portion.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- sizes of strings in a byte ---- */

/* Up to 31 as they are, then in eighths of a power of two, rounded up; the
 * last stands for 15 * 2^28, which no document has. */
size_t
wcp_size_of(uint8_t code)
{
    const unsigned power = code >> 3;

    return power < 4 ? code : (size_t)(8 + (code & 7)) << (power - 3);
}

uint8_t
wcp_size_code(size_t len)
{
    unsigned code = 0;

    while (code < 255 && wcp_size_of((uint8_t)code) < len)
        code +=
            code + 8 < 256 && wcp_size_of((uint8_t)(code + 8)) < len ? 8 : 1;
    return (uint8_t)code;
}

/* ---- parts ---- */

size_t
wcp_section_width(const struct wcp_store *store, enum wcp_section section)
{
    const bool simhash = store->opts.kind == WCP_SIG_SIMHASH;

    switch (section) {
    case WCP_SECTION_DIGESTS:
    case WCP_SECTION_IDS:
        return 2 * sizeof(uint64_t);
    case WCP_SECTION_PLACES:
        return sizeof(struct wcp_spool_place);
    case WCP_SECTION_ENTRIES:
        return sizeof(struct wcp_entry);
    case WCP_SECTION_KEYS:
        return simhash ? sizeof(uint64_t)
                       : store->opts.num_bands * sizeof(uint32_t);
    case WCP_SECTION_VALUES:
        return simhash ? 0 : WCP_NUM_BINS;
    case WCP_SECTION_SIZES:
    case WCP_SECTION_UNITS:
    case WCP_SECTION_STRINGS:
    case WCP_NUM_SECTIONS:
        break;
    }
    return 1;
}

/* Where a section begins in a part of num documents. */
static uint64_t
section_begin(const struct wcp_store *store, size_t num,
              enum wcp_section section)
{
    uint64_t begin = 0;

    for (int i = 0; i < (int)section; i++)
        begin += num * wcp_section_width(store, (enum wcp_section)i);
    return begin;
}

uint64_t
wcp_section_place(const struct wcp_store *store, const struct wcp_spilled *part,
                  enum wcp_section section, uint32_t i)
{
    return part->at + section_begin(store, part->num, section) +
           (uint64_t)i * wcp_section_width(store, section);
}

static enum wcp_code
open_spill(struct wcp_store *store, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;
    struct wcp_spill *spill;

    pthread_mutex_lock(&store->spool_lock);
    if (store->spill == NULL) {
        spill = wcp_new_zeroed(store->mem, 1, sizeof *spill);
        if (spill == NULL) {
            code = wcp_no_memory(fault);
        } else {
            code = wcp_temp_open(store->opts.tmpdir, &spill->fd, fault);
            if (code == WCP_CODE_OK)
                store->spill = spill;
            else
                wcp_free_array(store->mem, spill, 1, sizeof *spill);
        }
    }
    pthread_mutex_unlock(&store->spool_lock);
    return code;
}

void
wcp_spill_free(struct wcp_store *store)
{
    const struct wcp_memory *mem = store->mem;
    struct wcp_spill *spill = store->spill;

    if (spill == NULL)
        return;
    wcp_free_array(mem, spill->parts, spill->parts_cap, sizeof *spill->parts);
    wcp_free_array(mem, spill->class_of, store->num_documents,
                   sizeof *spill->class_of);
    wcp_free_array(mem, spill->sizes, store->num_documents, 1);
    wcp_free_array(mem, spill->units, store->num_documents, 1);
    wcp_free_array(mem, spill->copied, (size_t)store->num_classes / 8 + 1, 1);
    wcp_free_array(mem, spill->local_of, store->num_classes,
                   sizeof *spill->local_of);
    close(spill->fd);
    if (store->opts.disk != NULL)
        wcp_quota_give(store->opts.disk, spill->written);
    wcp_free_array(mem, spill, 1, sizeof *spill);
    store->spill = NULL;
}

/* ---- writing ---- */

/* What is made for the file, before what is written as it is. */
struct made {
    uint64_t *digests, *ids; /* [num][2] */
    uint8_t *sizes, *units;
    uint32_t *keys; /* [num_bands][num], MinHash */
};

size_t
wcp_entry_strings_len(const struct wcp_entry *entry)
{
    const uint32_t lens[] = { entry->id_len, entry->title_len, entry->date_len,
                              entry->source_len };
    size_t len = 0;

    for (size_t i = 0; i < 4; i++)
        if (entry->flags >> i & 1)
            len += (size_t)lens[i] + 1;
    return len;
}

static void
fill_made(const struct wcp_store *store, struct wcp_chunk *chunk, bool sealed,
          const struct made *made)
{
    const size_t num = chunk->entries.num;
    const unsigned num_bands = store->opts.num_bands;
    const char *base = (const char *)chunk->strings.data;

    memset(made->ids, 0, num * 16);
    memset(made->digests, 0, num * 16);
    for (size_t i = 0; i < num; i++) {
        struct wcp_entry *entry = &chunk->entries.at[i];

        if (sealed)
            entry->strings =
                base != NULL ? (const char *)(uintptr_t)(entry->strings - base)
                             : NULL;
        if (entry->class_number != WCP_NO_CLASS)
            memcpy(made->digests + 2 * i, entry->digest, sizeof entry->digest);
        if (base != NULL && (entry->flags & WCP_ENTRY_HAS_ID) != 0) {
            const XXH128_hash_t hash =
                XXH3_128bits(base + (uintptr_t)entry->strings, entry->id_len);

            made->ids[2 * i] = hash.low64;
            made->ids[2 * i + 1] = hash.high64;
        }
        made->units[i] = wcp_size_code(entry->num_units);
        made->sizes[i] = wcp_size_code(wcp_entry_strings_len(entry));
    }
    for (unsigned band = 0; made->keys != NULL && band < num_bands; band++)
        for (size_t i = 0; i < num; i++)
            made->keys[band * num + i] = chunk->keys.at[i * num_bands + band];
}

enum wcp_code
wcp_spill_write(struct wcp_store *store, const void *data, size_t num_bytes,
                uint64_t at, struct wcp_fault *fault)
{
    enum wcp_code code = wcp_temp_write(store->opts.disk, store->spill->fd,
                                        data, num_bytes, at, fault);

    if (code == WCP_CODE_OK)
        atomic_fetch_add(&store->spill->written, num_bytes);
    return code;
}

static enum wcp_code
write_section(struct wcp_store *store, const struct wcp_chunk *chunk,
              enum wcp_section section, const void *data, size_t num_bytes,
              struct wcp_fault *fault)
{
    if (num_bytes == 0)
        return WCP_CODE_OK;
    return wcp_spill_write(
        store, data, num_bytes,
        chunk->spilled_at + section_begin(store, chunk->entries.num, section),
        fault);
}

static enum wcp_code
write_chunk(struct wcp_store *store, const struct wcp_chunk *chunk,
            const struct made *made, size_t made_bytes, struct wcp_fault *fault)
{
    const size_t num = chunk->entries.num;
    enum wcp_code code = write_section(store, chunk, WCP_SECTION_DIGESTS,
                                       made->digests, made_bytes, fault);

    if (code == WCP_CODE_OK)
        code =
            write_section(store, chunk, WCP_SECTION_ENTRIES, chunk->entries.at,
                          num * sizeof(struct wcp_entry), fault);
    if (code == WCP_CODE_OK && made->keys != NULL)
        code = write_section(store, chunk, WCP_SECTION_KEYS, made->keys,
                             num * wcp_section_width(store, WCP_SECTION_KEYS),
                             fault);
    else if (code == WCP_CODE_OK)
        code =
            write_section(store, chunk, WCP_SECTION_KEYS, chunk->simhashes.at,
                          num * sizeof(uint64_t), fault);
    if (code == WCP_CODE_OK && made->keys != NULL)
        code = write_section(store, chunk, WCP_SECTION_VALUES,
                             chunk->values.data, num * WCP_NUM_BINS, fault);
    if (code == WCP_CODE_OK)
        code = write_section(store, chunk, WCP_SECTION_STRINGS,
                             chunk->strings.data, chunk->strings.len, fault);
    return code;
}

enum wcp_code
wcp_spill_chunk(struct wcp_store *store, struct wcp_chunk *chunk,
                struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    const size_t num = chunk->entries.num;
    const size_t num_keys =
        store->opts.kind == WCP_SIG_SIMHASH ? 0 : num * store->opts.num_bands;
    const size_t made_bytes =
        (size_t)section_begin(store, num, WCP_SECTION_PLACES);
    struct made made = { 0 };
    enum wcp_code code = open_spill(store, fault);

    if (code == WCP_CODE_OK && store->opts.sample)
        code = wcp_samples_leave(store, chunk, fault);
    if (code != WCP_CODE_OK)
        return code;
    made.digests = wcp_new_array(mem, made_bytes, 1);
    if (num_keys > 0)
        made.keys = wcp_new_array(mem, num_keys, sizeof *made.keys);
    if (made.digests == NULL || (num_keys > 0 && made.keys == NULL)) {
        code = wcp_no_memory(fault);
        goto out;
    }
    made.ids = made.digests + 2 * num;
    made.sizes = (uint8_t *)(made.ids + 2 * num);
    made.units = made.sizes + num;
    fill_made(store, chunk, chunk->packed, &made);
    chunk->spilled_at = atomic_fetch_add(
        &store->spill->len,
        section_begin(store, num, WCP_SECTION_STRINGS) + chunk->strings.len);
    code = write_chunk(store, chunk, &made, made_bytes, fault);
out:
    wcp_free_array(mem, made.digests, made_bytes, 1);
    wcp_free_array(mem, made.keys, num_keys, sizeof *made.keys);
    return code;
}

/* ---- reading ---- */

static enum wcp_code
load(const struct wcp_store *store, void *to, size_t num_bytes, uint64_t at,
     struct wcp_fault *fault)
{
    struct wcp_fault why = { 0 };

    if (num_bytes == 0 ||
        wcp_read_at(store->spill->fd, to, num_bytes, at, &why) == WCP_CODE_OK)
        return WCP_CODE_OK;
    return wcp_fail(fault, WCP_CODE_IO, why.sys_errno,
                    "the temporary file cannot be read");
}

enum wcp_code
wcp_spill_load(const struct wcp_store *store, const struct wcp_spilled *part,
               enum wcp_section section, void *to, struct wcp_fault *fault)
{
    const size_t num_bytes =
        section == WCP_SECTION_STRINGS
            ? part->strings_len
            : part->num * wcp_section_width(store, section);

    return load(store, to, num_bytes,
                part->at + section_begin(store, part->num, section), fault);
}

/* One band of a part. */
static enum wcp_code
load_band(const struct wcp_store *store, const struct wcp_spilled *part,
          unsigned band, uint32_t *to, struct wcp_fault *fault)
{
    const size_t num_bytes = part->num * sizeof *to;

    return load(store, to, num_bytes,
                part->at + section_begin(store, part->num, WCP_SECTION_KEYS) +
                    band * num_bytes,
                fault);
}

/* The part that a document is in. */
static const struct wcp_spilled *
part_of(const struct wcp_spill *spill, uint32_t doc)
{
    size_t low = 0, high = spill->num_parts;

    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;

        if (spill->parts[middle].first <= doc)
            low = middle;
        else
            high = middle;
    }
    return &spill->parts[low];
}

enum wcp_code
wcp_spill_load_one(const struct wcp_store *store, uint32_t doc,
                   enum wcp_section section, void *to, struct wcp_fault *fault)
{
    const struct wcp_spilled *part = part_of(store->spill, doc);

    return load(store, to, wcp_section_width(store, section),
                wcp_section_place(store, part, section, doc - part->first),
                fault);
}

enum wcp_code
wcp_spill_load_entry(const struct wcp_store *store, uint32_t doc,
                     struct wcp_entry *entry_ret, struct wcp_buffer *strings,
                     struct wcp_fault *fault)
{
    const struct wcp_spill *spill = store->spill;
    const struct wcp_spilled *part = part_of(spill, doc);
    struct wcp_spool_place place = { 0, 0 };
    struct wcp_entry entry = { 0 };
    size_t len;
    enum wcp_code code =
        wcp_spill_load_one(store, doc, WCP_SECTION_ENTRIES, &entry, fault);

    if (code == WCP_CODE_OK && spill->has_places)
        code =
            wcp_spill_load_one(store, doc, WCP_SECTION_PLACES, &place, fault);
    if (code != WCP_CODE_OK)
        return code;
    len = wcp_entry_strings_len(&entry);
    if (strings != NULL) {
        strings->len = 0;
        if (!wcp_buffer_reserve(strings, len + 1))
            return wcp_no_memory(fault);
        code = load(store, strings->data, len,
                    part->at +
                        section_begin(store, part->num, WCP_SECTION_STRINGS) +
                        (uintptr_t)entry.strings,
                    fault);
        entry.strings = (const char *)strings->data;
    }
    if (entry.line > 0)
        entry.line += (uint32_t)part->lines_before;
    if (place.len > 0) {
        entry.offset = place.offset;
        entry.len = place.len;
        entry.flags |= WCP_ENTRY_SPOOLED;
    }
    entry.class_number = spill->class_of[doc];
    *entry_ret = entry;
    return code;
}

/* ---- all documents in a row ---- */

enum wcp_code
wcp_entry_walk_load(struct wcp_entry_walk *walk, size_t number,
                    struct wcp_fault *fault)
{
    const struct wcp_store *store = walk->store;
    const struct wcp_spilled *part = &store->spill->parts[number];
    enum wcp_code code;

    if (walk->strings.mem == NULL)
        wcp_buffer_init(&walk->strings, store->mem, 0);
    walk->strings.len = 0;
    if (!wcp_array_reserve(store->mem, &walk->entries, part->num) ||
        !wcp_buffer_reserve(&walk->strings, part->strings_len + 1))
        return wcp_no_memory(fault);
    code = wcp_spill_load(store, part, WCP_SECTION_ENTRIES, walk->entries.at,
                          fault);
    if (code == WCP_CODE_OK)
        code = wcp_spill_load(store, part, WCP_SECTION_STRINGS,
                              walk->strings.data, fault);
    for (size_t k = 0; code == WCP_CODE_OK && k < part->num; k++) {
        struct wcp_entry *entry = &walk->entries.at[k];

        entry->strings =
            (const char *)walk->strings.data + (uintptr_t)entry->strings;
        if (entry->line > 0)
            entry->line += (uint32_t)part->lines_before;
        entry->class_number = store->spill->class_of[part->first + k];
    }
    walk->entries.num = part->num;
    walk->at = 0;
    return code;
}

const struct wcp_entry *
wcp_entry_walk_next(struct wcp_entry_walk *walk, enum wcp_code *code_ret,
                    struct wcp_fault *fault)
{
    const struct wcp_store *store = walk->store;

    if (walk->next >= store->num_documents)
        return NULL;
    if (store->spill == NULL)
        return &store->entries[walk->next++];
    while (walk->at == walk->entries.num) {
        enum wcp_code code =
            wcp_entry_walk_load(walk, walk->next_part++, fault);

        if (code != WCP_CODE_OK) {
            *code_ret = code;
            return NULL;
        }
    }
    walk->next++;
    return &walk->entries.at[walk->at++];
}

void
wcp_entry_walk_release(struct wcp_entry_walk *walk)
{
    wcp_array_release(walk->store->mem, &walk->entries);
    if (walk->strings.mem != NULL)
        wcp_buffer_release(&walk->strings);
}

/* ---- the keys of a band ---- */

/* A part's keys of the classes that begin there. */
static enum wcp_code
load_keys(struct wcp_key_walk *walk, const struct wcp_spilled *part,
          struct wcp_fault *fault)
{
    const struct wcp_store *store = walk->store;
    const uint32_t *class_of = store->spill->class_of + part->first;
    uint32_t *keys;
    enum wcp_code code;

    if (!wcp_array_reserve(store->mem, &walk->keys, part->num))
        return wcp_no_memory(fault);
    keys = walk->keys.at;
    code = load_band(store, part, walk->band, keys, fault);
    walk->first = part->first_class;
    walk->num = 0;
    for (uint32_t i = 0; code == WCP_CODE_OK && i < part->num; i++)
        if (class_of[i] == walk->first + walk->num)
            keys[walk->num++] = keys[i];
    walk->at = keys;
    return code;
}

enum wcp_code
wcp_key_walk_next(struct wcp_key_walk *walk, struct wcp_fault *fault)
{
    const struct wcp_store *store = walk->store;
    enum wcp_code code = WCP_CODE_OK;

    walk->num = 0;
    if (store->spill == NULL) {
        if (walk->next_part++ == 0) {
            walk->at = store->keys + walk->band * wcp_keys_stride(store);
            walk->num = store->num_classes;
        }
        return WCP_CODE_OK;
    }
    while (code == WCP_CODE_OK && walk->num == 0 &&
           walk->next_part < store->spill->num_parts)
        code = load_keys(walk, &store->spill->parts[walk->next_part++], fault);
    return code;
}

void
wcp_key_walk_release(struct wcp_key_walk *walk)
{
    wcp_array_release(walk->store->mem, &walk->keys);
}
