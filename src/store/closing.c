/*
 * closing.c - chunks -> one store: numbers, lines, classes, notices
 *
 * Chunks are walked in the order of their batches, which is the order of the
 * input, so that every number given here is the same for any number of
 * threads.  Identical folded texts are found by their 128-bit digest; two
 * different texts share one with probability 2^-128.
 */
#include "store/chunk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Equal ids that are named one by one. */
enum { MAX_EQUAL_IDS = 5 };

/* An open-addressing table of document numbers + 1, at most half full. */
struct table {
    uint32_t *slots;
    size_t num_slots;
};

static bool
table_init(struct table *table, const struct wcp_memory *mem, size_t num)
{
    table->num_slots = 16;
    while (table->num_slots < 2 * num)
        table->num_slots *= 2;
    table->slots = wcp_new_zeroed(mem, table->num_slots, sizeof *table->slots);
    return table->slots != NULL;
}

static void
table_release(struct table *table, const struct wcp_memory *mem)
{
    wcp_free_array(mem, table->slots, table->num_slots, sizeof *table->slots);
}

static void
deliver(const struct wcp_store_listener *listener,
        const struct wcp_notice *notice)
{
    if (listener != NULL && listener->notice != NULL)
        listener->notice(listener->ctx, notice);
}

/* What of one source's notices has been said, over its chunks. */
struct saying {
    const struct wcp_store_listener *listener;
    uint32_t source;
    uint64_t num_said, num_unsaid;
};

static void
finish_source(struct saying *saying)
{
    struct wcp_notice notice = { .kind = WCP_NOTICE_SKIPPED,
                                 .source = saying->source };

    if (saying->num_unsaid > 0) {
        snprintf(notice.text, sizeof notice.text,
                 "%" PRIu64 " more messages like these", saying->num_unsaid);
        deliver(saying->listener, &notice);
    }
    saying->num_said = saying->num_unsaid = 0;
}

static void
say_notices(struct saying *saying, const struct wcp_chunk *chunk,
            uint64_t first_line)
{
    enum { MAX_SAID = 10 };

    for (size_t i = 0; i < chunk->notices.num; i++) {
        struct wcp_notice notice = chunk->notices.at[i].notice;

        if (notice.source != saying->source) {
            finish_source(saying);
            saying->source = notice.source;
        }
        if (notice.line > 0)
            notice.line += first_line;
        if (notice.kind != WCP_NOTICE_DETAIL && ++saying->num_said > MAX_SAID)
            saying->num_unsaid++;
        else
            deliver(saying->listener, &notice);
        saying->num_unsaid += chunk->notices.at[i].num_dropped;
    }
}

/* Number lines, say notices, gather entries and counts in input order. */
static enum wcp_code
gather_entries(struct wcp_store *store,
               const struct wcp_store_listener *listener,
               struct wcp_fault *fault)
{
    struct saying saying = { .listener = listener, .source = UINT32_MAX };
    uint64_t lines_before = 0;
    size_t total = 0, num = 0;

    for (size_t i = 0; i < store->chunks.num; i++)
        if (store->chunks.at[i] != NULL)
            total += store->chunks.at[i]->entries.num;
    if (total >= WCP_NO_CLASS)
        return wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                        "more than %" PRIu32 " documents", WCP_NO_CLASS - 1);
    store->entries = wcp_new_array(store->mem, total, sizeof *store->entries);
    if (store->entries == NULL)
        return wcp_no_memory(fault);
    store->num_documents = (uint32_t)total;
    for (size_t i = 0; i < store->chunks.num; i++) {
        const struct wcp_chunk *chunk = store->chunks.at[i];

        if (chunk == NULL)
            continue;
        if (chunk->info.starts_source)
            lines_before = 0;
        say_notices(&saying, chunk, lines_before);
        for (size_t k = 0; k < chunk->entries.num; k++) {
            struct wcp_entry *entry = &store->entries[num++];

            *entry = chunk->entries.at[k];
            if (entry->line > 0)
                entry->line += (uint32_t)lines_before;
        }
        lines_before += chunk->info.num_lines;
        store->counts.bytes += chunk->info.num_bytes;
        store->counts.shingles += chunk->num_shingles;
        store->counts.skipped += chunk->num_skipped;
        store->counts.repaired += chunk->num_repaired;
        store->counts.bad_dates += chunk->num_bad_dates;
    }
    finish_source(&saying);
    store->counts.documents = total;
    return WCP_CODE_OK;
}

/* Give every document its class; returns false when out of memory. */
static bool
number_classes(struct wcp_store *store)
{
    struct table table;
    uint32_t num_classes = 0;

    if (!table_init(&table, store->mem, store->num_documents))
        return false;
    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        struct wcp_entry *entry = &store->entries[doc];
        size_t slot = (size_t)entry->digest[0] & (table.num_slots - 1);

        if (entry->class_number == WCP_NO_CLASS) {
            store->counts.empty++;
            continue;
        }
        for (; table.slots[slot] != 0;
             slot = (slot + 1) & (table.num_slots - 1)) {
            const struct wcp_entry *other =
                &store->entries[table.slots[slot] - 1];

            if (memcmp(other->digest, entry->digest, sizeof entry->digest) ==
                0) {
                entry->class_number = other->class_number;
                break;
            }
        }
        if (table.slots[slot] == 0) {
            table.slots[slot] = doc + 1;
            entry->class_number = num_classes++;
        }
    }
    table_release(&table, store->mem);
    store->num_classes = num_classes;
    store->counts.classes = num_classes;
    return true;
}

/* Lists of documents by class (counting sort). */
static bool
list_classes(struct wcp_store *store)
{
    size_t n = store->num_classes;
    uint32_t *begins = wcp_new_zeroed(store->mem, n + 1, sizeof *begins);

    store->class_begins = begins;
    store->class_documents = wcp_new_array(store->mem, store->num_documents,
                                           sizeof *store->class_documents);
    if (begins == NULL || store->class_documents == NULL)
        return false;
    for (uint32_t doc = 0; doc < store->num_documents; doc++)
        if (store->entries[doc].class_number != WCP_NO_CLASS)
            begins[store->entries[doc].class_number + 1]++;
    for (size_t i = 0; i < n; i++)
        begins[i + 1] += begins[i];
    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        uint32_t c = store->entries[doc].class_number;

        if (c != WCP_NO_CLASS)
            store->class_documents[begins[c]++] = doc;
    }
    for (size_t i = n; i > 0; i--)
        begins[i] = begins[i - 1];
    begins[0] = 0;
    return true;
}

static bool
allocate_signatures(struct wcp_store *store)
{
    size_t n = store->num_classes;

    if (store->opts.kind == WCP_SIG_SIMHASH) {
        store->simhashes =
            wcp_new_array(store->mem, n, sizeof *store->simhashes);
        return store->simhashes != NULL;
    }
    store->values = wcp_new_array(store->mem, n, WCP_NUM_BINS);
    store->keys = wcp_new_array(store->mem, n * store->opts.num_bands,
                                sizeof *store->keys);
    return store->values != NULL && store->keys != NULL;
}

static void
copy_signature(struct wcp_store *store, uint32_t c,
               const struct wcp_chunk *chunk, size_t i)
{
    unsigned num_bands = store->opts.num_bands;

    if (store->opts.kind == WCP_SIG_SIMHASH) {
        store->simhashes[c] = chunk->simhashes.at[i];
        return;
    }
    memcpy(store->values + (size_t)c * WCP_NUM_BINS,
           chunk->values.data + i * WCP_NUM_BINS, WCP_NUM_BINS);
    for (unsigned band = 0; band < num_bands; band++)
        store->keys[(size_t)band * store->num_classes + c] =
            chunk->keys.at[i * num_bands + band];
}

/* Move the signature of each class's first document; empty the chunks. */
static void
gather_signatures(struct wcp_store *store)
{
    uint32_t doc = 0;

    for (size_t i = 0; i < store->chunks.num; i++) {
        struct wcp_chunk *chunk = store->chunks.at[i];

        if (chunk == NULL)
            continue;
        for (size_t k = 0; k < chunk->entries.num; k++, doc++) {
            uint32_t c = store->entries[doc].class_number;

            if (c != WCP_NO_CLASS &&
                store->class_documents[store->class_begins[c]] == doc)
                copy_signature(store, c, chunk, k);
        }
        wcp_chunk_strip(store->mem, chunk);
    }
}

/* How many bytes of a text to quote: at most max, whole characters. */
static int
quoted_len(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return (int)len;
    while (max > 0 && ((unsigned char)text[max] & 0xC0) == 0x80)
        max--;
    return (int)max;
}

static void
say_equal_id(struct wcp_store *store, const struct wcp_store_listener *listener,
             uint32_t doc, uint32_t first)
{
    const struct wcp_entry *entry = &store->entries[doc];
    const struct wcp_entry *other = &store->entries[first];
    /* Nothing is wrong with the record itself. */
    struct wcp_notice notice = { .kind = WCP_NOTICE_SKIPPED,
                                 .code = WCP_CODE_OK,
                                 .source = entry->source,
                                 .line = entry->line };
    const char *path = other->source == UINT32_MAX
                           ? "memory"
                           : wcp_source_path(store->reader, other->source);

    if (store->counts.equal_ids++ >= MAX_EQUAL_IDS)
        return;
    if (entry->source == UINT32_MAX)
        notice.path = "memory";
    snprintf(notice.text, sizeof notice.text,
             "id '%.*s' was used before, at %.*s:%" PRIu32 "; both are read",
             quoted_len(entry->strings, entry->id_len, 60), entry->strings,
             quoted_len(path, strlen(path), 100), path, other->line);
    deliver(listener, &notice);
}

/* Count the dates that are not understood, and name the first. */
static void
say_bad_dates(const struct wcp_store *store,
              const struct wcp_store_listener *listener)
{
    uint64_t num = store->counts.bad_dates;
    const struct wcp_entry *entry = store->entries;
    struct wcp_notice notice = { .kind = WCP_NOTICE_REPAIRED,
                                 .code = WCP_CODE_OK };
    struct wcp_string date;
    char others[48] = "";

    if (num == 0)
        return;
    while (date = wcp_entry_date(entry),
           date.data == NULL || entry->date_ms != WCP_NO_DATE)
        entry++;
    notice.source = entry->source;
    notice.line = entry->line;
    if (entry->source == UINT32_MAX)
        notice.path = "memory";
    if (num > 1)
        snprintf(others, sizeof others, ", nor %s %" PRIu64 " other%s",
                 num == 2 ? "is" : "are", num - 1, num == 2 ? "" : "s");
    snprintf(
        notice.text, sizeof notice.text,
        "date '%.*s' is not understood%s: such documents come last, by id; "
        "understood are 2006-05-09, 20060509, "
        "2006\345\271\2645\346\234\2109\346\227\245 and seconds since 1970",
        quoted_len(date.data, date.len, 60), date.data, others);
    deliver(listener, &notice);
}

/* A field that somebody named and no record has is a slip: what it is for, such
 * as the order of documents, would be as if there were none. */
static void
say_absent_fields(const struct wcp_store *store,
                  const struct wcp_store_listener *listener)
{
    const struct wcp_input_options *opts = wcp_reader_options(store->reader);
    const struct {
        const char *name, *usual;
        uint8_t flag;
    } fields[] = {
        { opts->id_field, "id", WCP_ENTRY_HAS_ID },
        { opts->title_field, "title", WCP_ENTRY_HAS_TITLE },
        { opts->date_field, "date", WCP_ENTRY_HAS_DATE },
        { opts->source_field, "source", WCP_ENTRY_HAS_SOURCE },
    };
    uint64_t num_records = 0;
    unsigned flags = 0;

    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        if (store->entries[doc].line == 0)
            continue;
        num_records++;
        flags |= store->entries[doc].flags;
    }
    for (size_t i = 0; num_records > 0 && i < sizeof fields / sizeof *fields;
         i++) {
        struct wcp_notice notice = { .kind = WCP_NOTICE_REPAIRED,
                                     .code = WCP_CODE_OK,
                                     .source = UINT32_MAX };

        if ((flags & fields[i].flag) != 0 ||
            strcmp(fields[i].name, fields[i].usual) == 0)
            continue;
        snprintf(notice.text, sizeof notice.text,
                 "no record has a value in field '%.120s'", fields[i].name);
        deliver(listener, &notice);
    }
}

/* Returns false when out of memory. */
static bool
find_equal_ids(struct wcp_store *store,
               const struct wcp_store_listener *listener)
{
    struct table table;

    if (!table_init(&table, store->mem, store->num_documents))
        return false;
    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        const struct wcp_string id = wcp_entry_id(&store->entries[doc]);
        size_t slot;

        if (id.data == NULL)
            continue;
        slot = (size_t)XXH3_64bits(id.data, id.len) & (table.num_slots - 1);
        for (; table.slots[slot] != 0;
             slot = (slot + 1) & (table.num_slots - 1)) {
            uint32_t first = table.slots[slot] - 1;
            const struct wcp_string other =
                wcp_entry_id(&store->entries[first]);

            if (other.len == id.len &&
                memcmp(other.data, id.data, id.len) == 0) {
                say_equal_id(store, listener, doc, first);
                break;
            }
        }
        if (table.slots[slot] == 0)
            table.slots[slot] = doc + 1;
    }
    table_release(&table, store->mem);
    return true;
}

enum wcp_code
wcp_store_close(struct wcp_store *store,
                const struct wcp_store_listener *listener,
                struct wcp_fault *fault)
{
    enum wcp_code code;

    if (store->added != NULL) {
        wcp_chunk_seal(store->added);
        if (!wcp_array_grow(store->mem, &store->chunks))
            return wcp_no_memory(fault);
        store->chunks.at[store->chunks.num++] = store->added;
        store->added = NULL;
    }
    code = gather_entries(store, listener, fault);
    if (code != WCP_CODE_OK)
        return code;
    say_absent_fields(store, listener);
    say_bad_dates(store, listener);
    if (!find_equal_ids(store, listener) || !number_classes(store) ||
        !list_classes(store) ||
        (!store->opts.keep_folded && !allocate_signatures(store)))
        return wcp_no_memory(fault);
    if (!store->opts.keep_folded)
        gather_signatures(store);
    store->closed = true;
    return WCP_CODE_OK;
}
