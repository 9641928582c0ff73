/*
 * store.c - life of a store, ids and the order of documents
 */
#include "store/chunk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum wcp_code
wcp_store_new(const struct wcp_memory *mem,
              const struct wcp_store_options *opts, struct wcp_reader *reader,
              struct wcp_store **store_ret, struct wcp_fault *fault)
{
    struct wcp_store *store = wcp_new_zeroed(mem, 1, sizeof *store);

    if (store == NULL)
        return wcp_no_memory(fault);
    store->mem = mem;
    store->opts = *opts;
    store->reader = reader;
    store->spool_fd = -1;
    store->checkpoint_fd = -1;
    pthread_mutex_init(&store->spool_lock, NULL);
    *store_ret = store;
    return WCP_CODE_OK;
}

void
wcp_store_free(struct wcp_store *store)
{
    const struct wcp_memory *mem;
    size_t n;

    if (store == NULL)
        return;
    mem = store->mem;
    n = store->num_classes;
    wcp_placing_free(store);
    for (size_t i = 0; i < store->chunks.num; i++)
        wcp_chunk_free(mem, store->chunks.at[i]);
    wcp_array_release(mem, &store->chunks);
    for (size_t i = 0; i < store->aside.num; i++)
        wcp_chunk_free(mem, store->aside.at[i]);
    wcp_array_release(mem, &store->aside);
    wcp_chunk_free(mem, store->added);
    for (size_t i = 0; i < WCP_NUM_SLABS; i++)
        wcp_slabs_release(mem, &store->slabs[i]);
    wcp_free_array(mem, store->entries,
                   store->entries_cap > 0 ? store->entries_cap
                                          : store->num_documents,
                   sizeof *store->entries);
    wcp_free_array(mem, store->values,
                   store->values_cap > 0 ? store->values_cap : n, WCP_NUM_BINS);
    wcp_free_array(mem, store->keys,
                   wcp_keys_stride(store) * store->opts.num_bands,
                   sizeof *store->keys);
    wcp_free_array(mem, store->key_places, n, sizeof *store->key_places);
    wcp_free_array(mem, store->simhashes, n, sizeof *store->simhashes);
    wcp_free_array(mem, store->class_begins, n + 1,
                   sizeof *store->class_begins);
    wcp_free_array(mem, store->class_documents, store->num_documents,
                   sizeof *store->class_documents);
    wcp_free_array(mem, store->respooled, store->num_documents,
                   sizeof *store->respooled);
    wcp_outline_free(store);
    wcp_spill_free(store);
    wcp_samples_close(store);
    wcp_free_array(mem, store->numbers, store->num_documents,
                   sizeof *store->numbers);
    if (store->spool_fd >= 0)
        close(store->spool_fd);
    if (store->checkpoint_fd >= 0)
        close(store->checkpoint_fd);
    pthread_mutex_destroy(&store->spool_lock);
    wcp_free_array(mem, store, 1, sizeof *store);
}

/* Most texts share no bucket with any other, and what finds originals looks at
 * the others alone. */
void
wcp_store_keep_keys(struct wcp_store *store, const uint32_t *classes,
                    size_t num)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_classes, num_bands = store->opts.num_bands;
    const size_t stride = wcp_keys_stride(store);
    uint32_t *keys, *places;

    if (store->keys == NULL || store->key_places != NULL || num > n / 4 * 3)
        return;
    keys = wcp_new_array(mem, num * num_bands, sizeof *keys);
    places = wcp_new_array(mem, n, sizeof *places);
    if (keys == NULL || places == NULL) {
        wcp_free_array(mem, keys, num * num_bands, sizeof *keys);
        wcp_free_array(mem, places, n, sizeof *places);
        return;
    }
    for (size_t i = 0; i < num; i++)
        places[classes[i]] = (uint32_t)i;
    for (size_t band = 0; band < num_bands; band++)
        for (size_t i = 0; i < num; i++)
            keys[band * num + i] = store->keys[band * stride + classes[i]];
    wcp_free_array(mem, store->keys, stride * num_bands, sizeof *store->keys);
    store->keys = keys;
    store->num_keys = (uint32_t)num;
    store->key_places = places;
}

/* What was added is put away by as many documents as a batch may have, so that
 * it can leave memory. */
static enum wcp_code
put_added_aside(struct wcp_store *store, struct wcp_fault *fault)
{
    enum { AT_ONCE = 1024 };

    if (store->added->entries.num < AT_ONCE)
        return WCP_CODE_OK;
    if (!wcp_array_grow(store->mem, &store->aside))
        return wcp_no_memory(fault);
    store->aside.at[store->aside.num] = NULL;
    return wcp_chunk_put_away(store, store->slabs, store->added,
                              &store->aside.at[store->aside.num++], fault);
}

enum wcp_code
wcp_store_add(struct wcp_store *store, const struct wcp_document *doc,
              struct wcp_fault *fault)
{
    struct wcp_document copy = *doc;
    struct wcp_signer signer;
    enum wcp_code code = wcp_signer_init(&signer, store, fault);

    copy.at = (struct wcp_location){ .source = UINT32_MAX,
                                     .encoding = WCP_ENC_UTF8,
                                     .len = doc->text.len };
    if (code == WCP_CODE_OK && store->added == NULL)
        store->added = wcp_chunk_new(store->mem);
    if (code == WCP_CODE_OK)
        code = wcp_store_spool(store, doc->text.data, doc->text.len,
                               &copy.at.offset, fault);
    if (code == WCP_CODE_OK &&
        (store->added == NULL ||
         !wcp_signer_append(&signer, store->added, &copy)))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK) {
        store->added->entries.at[store->added->entries.num - 1].flags |=
            WCP_ENTRY_SPOOLED;
        store->added->info.num_bytes += doc->text.len;
        code = put_added_aside(store, fault);
    }
    wcp_signer_release(&signer);
    return code;
}

/* The string of a flag, which stands after those of the flags below it. */
static struct wcp_string
string_at(const struct wcp_entry *entry, unsigned flag)
{
    const uint32_t lens[] = { entry->id_len, entry->title_len, entry->date_len,
                              entry->source_len };
    const char *at = entry->strings;
    size_t i = 0;

    _Static_assert(WCP_ENTRY_HAS_ID == 1 && WCP_ENTRY_HAS_TITLE == 2 &&
                       WCP_ENTRY_HAS_DATE == 4 && WCP_ENTRY_HAS_SOURCE == 8,
                   "the lengths above are in order of the flags");
    if (!(entry->flags & flag))
        return (struct wcp_string){ NULL, 0 };
    for (; 1u << i != flag; i++)
        if (entry->flags >> i & 1)
            at += (size_t)lens[i] + 1;
    return (struct wcp_string){ at, lens[i] };
}

struct wcp_string
wcp_entry_id(const struct wcp_entry *entry)
{
    return string_at(entry, WCP_ENTRY_HAS_ID);
}

struct wcp_string
wcp_entry_title(const struct wcp_entry *entry)
{
    return string_at(entry, WCP_ENTRY_HAS_TITLE);
}

struct wcp_string
wcp_entry_date(const struct wcp_entry *entry)
{
    return string_at(entry, WCP_ENTRY_HAS_DATE);
}

struct wcp_string
wcp_entry_source(const struct wcp_entry *entry)
{
    return string_at(entry, WCP_ENTRY_HAS_SOURCE);
}

struct wcp_shown_id
wcp_entry_show(const struct wcp_store *store, const struct wcp_entry *entry,
               uint32_t number)
{
    struct wcp_shown_id id = { "", 0, 0 };

    if (entry->flags & WCP_ENTRY_HAS_ID) {
        id.data = entry->strings;
        id.len = entry->id_len;
    } else if (entry->source != UINT32_MAX) {
        id.data = wcp_source_path(store->reader, entry->source);
        id.len = strlen(id.data);
        id.number = entry->line;
    } else {
        id.number = number + 1;
    }
    return id;
}

bool
wcp_entry_shown_id(const struct wcp_store *store, const struct wcp_entry *entry,
                   uint32_t number, struct wcp_buffer *out)
{
    struct wcp_shown_id id = wcp_entry_show(store, entry, number);
    char text[24];
    int len = 0;

    if (id.number > 0)
        len = snprintf(text, sizeof text, id.len > 0 ? ":%" PRIu32 : "%" PRIu32,
                       id.number);
    return wcp_buffer_append(out, id.data, id.len) &&
           wcp_buffer_append(out, text, len > 0 ? (size_t)len : 0);
}

/* The number that a document has in the whole store. */
static uint32_t
number_of(const struct wcp_store *store, uint32_t document)
{
    return store->numbers != NULL ? store->numbers[document] : document;
}

bool
wcp_store_id(const struct wcp_store *store, uint32_t document,
             struct wcp_buffer *out)
{
    return wcp_entry_shown_id(store, &store->entries[document],
                              number_of(store, document), out);
}

/* By the string, bytewise, then by the number: line 2 of a file comes before
 * its line 10. */
static int
compare_ids(const struct wcp_shown_id *a, const struct wcp_shown_id *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    int order = len > 0 ? memcmp(a->data, b->data, len) : 0;

    if (order == 0)
        order = (a->len > b->len) - (a->len < b->len);
    if (order == 0)
        order = (a->number > b->number) - (a->number < b->number);
    return order;
}

static int
compare_by_date(const struct wcp_store *store, const struct wcp_placed *a,
                const struct wcp_placed *b)
{
    const struct wcp_entry *x = a->entry, *y = b->entry;
    bool x_dated = x->date_ms != WCP_NO_DATE,
         y_dated = y->date_ms != WCP_NO_DATE;
    struct wcp_shown_id x_id, y_id;
    int order;

    if (x_dated != y_dated)
        return x_dated ? -1 : 1;
    if (x->date_ms != y->date_ms)
        return x->date_ms < y->date_ms ? -1 : 1;
    x_id = wcp_entry_show(store, x, a->number);
    y_id = wcp_entry_show(store, y, b->number);
    order = compare_ids(&x_id, &y_id);
    if (order != 0)
        return order;
    for (int i = 0; i < 2; i++)
        if (x->digest[i] != y->digest[i])
            return x->digest[i] < y->digest[i] ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* Of two documents of one date: an agency's own, then the more complete. */
static int
compare_claims(const struct wcp_entry *x, const struct wcp_entry *y)
{
    bool x_own = (x->flags & WCP_ENTRY_OWN) != 0,
         y_own = (y->flags & WCP_ENTRY_OWN) != 0;

    if (x_own != y_own)
        return x_own ? -1 : 1;
    return (x->num_units < y->num_units) - (x->num_units > y->num_units);
}

int
wcp_placed_compare(const struct wcp_store *store, enum wcp_order order,
                   const struct wcp_placed *a, const struct wcp_placed *b)
{
    const uint32_t a_len = a->entry->num_units, b_len = b->entry->num_units;

    if (order == WCP_ORDER_INPUT)
        return (a->number > b->number) - (a->number < b->number);
    if (order == WCP_ORDER_LONGEST && a_len != b_len)
        return a_len > b_len ? -1 : 1;
    if (order == WCP_ORDER_ORIGINAL && a->entry->date_ms == b->entry->date_ms &&
        a->entry->date_ms != WCP_NO_DATE) {
        const int claims = compare_claims(a->entry, b->entry);

        if (claims != 0)
            return claims;
    }
    return compare_by_date(store, a, b);
}

int
wcp_store_compare(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    return wcp_store_compare_by(store, WCP_ORDER_DATE, a, b);
}

int
wcp_store_compare_by(const struct wcp_store *store, enum wcp_order order,
                     uint32_t a, uint32_t b)
{
    struct wcp_placed x, y;

    if (store->outline != NULL)
        return wcp_outline_compare(store, order, a, b);
    x = (struct wcp_placed){ &store->entries[a], number_of(store, a) };
    y = (struct wcp_placed){ &store->entries[b], number_of(store, b) };
    return wcp_placed_compare(store, order, &x, &y);
}
