/*
 * closing.c - chunks -> one store: numbers, lines, classes, notices
 *
 * What was placed while it was read (placing.c) has its numbers.  Other chunks
 * are walked in the order of their batches, which is the order of the input, so
 * that every number given here is the same for any number of threads. Identical
 * folded texts are found by their 128-bit digest; two different texts share one
 * with probability 2^-128.
 */
#include "store/chunk.h"

#include "store/portion.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Equal ids that are named one by one. */
enum { MAX_EQUAL_IDS = 10 };

/* One chunk, once it is known what stands before it. */
struct part {
    struct wcp_chunk *chunk;
    uint64_t lines_before; /* in its source */
    uint32_t first;        /* document */
};

struct closing {
    struct wcp_store *store;
    const struct wcp_store_listener *listener;
    struct part *parts; /* [store->chunks.num], num_parts in use */
    size_t num_parts;
    struct wcp_chunk_counts counts; /* of all, what the store has not */
    bool placed; /* entries and signatures, and classes have numbers */
    atomic_bool no_memory;
    pthread_mutex_t lock; /* store->slabs, while chunks are copied */
    struct {
        uint32_t document, first;
    } equal_ids[MAX_EQUAL_IDS]; /* as many as there are, and were counted */
};

/* Documents whose firsts are asked for together, to wait for memory once. */
enum { LOOK_AHEAD = 32 };

/* ---- chunks -> entries ---- */

/* Put the chunks in a row, say their notices and add up their counts. */
static enum wcp_code
line_up(struct closing *closing, struct wcp_fault *fault)
{
    struct wcp_store *store = closing->store;
    struct wcp_saying saying = { .listener = closing->listener,
                                 .source = UINT32_MAX };
    uint64_t lines_before = 0;
    uint32_t first = 0;
    size_t total = 0;

    for (size_t i = 0; i < store->chunks.num; i++)
        if (store->chunks.at[i] != NULL)
            total += store->chunks.at[i]->entries.num;
    if (total >= WCP_NO_CLASS)
        return wcp_too_many_documents(fault);
    for (size_t i = 0; i < store->chunks.num; i++) {
        struct wcp_chunk *chunk = store->chunks.at[i];

        if (chunk == NULL)
            continue;
        if (chunk->info.starts_source)
            lines_before = 0;
        wcp_say_notices(&saying, chunk, lines_before);
        closing->parts[closing->num_parts++] =
            (struct part){ chunk, lines_before, first };
        first += (uint32_t)chunk->entries.num;
        lines_before += chunk->info.num_lines;
        store->counts.bytes += chunk->info.num_bytes;
        store->counts.shingles += chunk->counts.shingles;
        store->counts.skipped += chunk->counts.skipped;
        store->counts.repaired += chunk->counts.repaired;
        store->counts.bad_dates += chunk->counts.bad_dates;
        closing->counts.records += chunk->counts.records;
        closing->counts.record_flags |= chunk->counts.record_flags;
        if (store->most_units < chunk->counts.most_units)
            store->most_units = chunk->counts.most_units;
    }
    wcp_say_notices(&saying, NULL, 0);
    store->num_documents = first;
    store->counts.documents = total;
    return WCP_CODE_OK;
}

/* What a chunk has in slabs was copied.  That makes room for what is copied
 * next: memory that no process had for a while takes longest to get. */
static void
give_back(struct closing *closing, unsigned kind, const void *taken, size_t num)
{
    struct wcp_store *store = closing->store;

    if (num == 0)
        return;
    pthread_mutex_lock(&closing->lock);
    wcp_slabs_give_back(store->mem, &store->slabs[kind], taken);
    pthread_mutex_unlock(&closing->lock);
}

static void
copy_entries(void *ctx, unsigned thread, size_t i)
{
    struct closing *closing = ctx;
    const struct part *part = &closing->parts[i];
    const struct wcp_chunk *chunk = part->chunk;
    struct wcp_entry *to = closing->store->entries + part->first;

    (void)thread;
    for (size_t k = 0; k < chunk->entries.num; k++) {
        to[k] = chunk->entries.at[k];
        if (to[k].line > 0)
            to[k].line += (uint32_t)part->lines_before;
    }
    give_back(closing, WCP_SLABS_ENTRIES, chunk->entries.at,
              chunk->entries.num);
}

static bool
gather_entries(struct closing *closing)
{
    struct wcp_store *store = closing->store;

    store->entries =
        wcp_new_array(store->mem, store->num_documents, sizeof *store->entries);
    if (store->entries == NULL)
        return false;
    wcp_parallel_for(store->opts.num_threads, closing->num_parts, 1,
                     copy_entries, closing);
    wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_ENTRIES]);
    return true;
}

/* ---- entries -> classes ---- */

/* Give every document its class; returns false when out of memory. */
static bool
number_classes(struct wcp_store *store)
{
    const uint32_t n = store->num_documents;
    struct wcp_firsts firsts;

    if (!wcp_firsts_init(&firsts, store->mem, n))
        return false;
    for (uint32_t doc = 0; doc < n; doc++) {
        if (n - doc > LOOK_AHEAD)
            __builtin_prefetch(wcp_firsts_at(
                &firsts, store->entries[doc + LOOK_AHEAD].digest[0]));
        if (store->entries[doc].class_number == WCP_NO_CLASS)
            store->counts.empty++;
        else
            wcp_class_number(store, &firsts, doc);
    }
    wcp_firsts_release(&firsts, store->mem);
    store->counts.classes = store->num_classes;
    return true;
}

/* Lists of documents by class (counting sort). */
bool
wcp_store_list_classes(struct wcp_store *store)
{
    size_t n = store->num_classes;
    uint32_t *begins = wcp_new_zeroed(store->mem, n + 1, sizeof *begins);

    store->class_begins = begins;
    store->class_documents = wcp_new_array(store->mem, store->num_documents,
                                           sizeof *store->class_documents);
    if (begins == NULL || store->class_documents == NULL)
        return false;
    for (uint32_t doc = 0; doc < store->num_documents; doc++)
        if (wcp_document_class(store, doc) != WCP_NO_CLASS)
            begins[wcp_document_class(store, doc) + 1]++;
    for (size_t i = 0; i < n; i++)
        begins[i + 1] += begins[i];
    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        uint32_t c = wcp_document_class(store, doc);

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

/* Move the signatures of the classes that begin in a chunk.  A few at a time:
 * their keys are read for each band anew. */
static void
gather_chunk(struct wcp_store *store, const struct part *part)
{
    enum { MAX_WHICH = 128 };
    const size_t num_entries = part->chunk->entries.num;
    uint32_t which[MAX_WHICH], num = 0, c = 0;

    for (uint32_t k = 0; k < num_entries; k++) {
        const uint32_t doc = part->first + k;
        const uint32_t of = store->entries[doc].class_number;

        if (of == WCP_NO_CLASS ||
            store->class_documents[store->class_begins[of]] != doc)
            continue;
        if (num == MAX_WHICH) {
            wcp_class_signatures(store, part->chunk, which, num, c);
            num = 0;
        }
        if (num == 0)
            c = of;
        which[num++] = k;
    }
    wcp_class_signatures(store, part->chunk, which, num, c);
}

static void
gather_part(void *ctx, unsigned thread, size_t i)
{
    struct closing *closing = ctx;
    const struct wcp_chunk *chunk = closing->parts[i].chunk;

    (void)thread;
    gather_chunk(closing->store, &closing->parts[i]);
    give_back(closing, WCP_SLABS_SIGNATURES, chunk->values.data,
              chunk->values.len);
    give_back(closing, WCP_SLABS_SIGNATURES, chunk->keys.at, chunk->keys.num);
    give_back(closing, WCP_SLABS_SIGNATURES, chunk->simhashes.at,
              chunk->simhashes.num);
}

static bool
gather_signatures(struct closing *closing)
{
    struct wcp_store *store = closing->store;

    if (!allocate_signatures(store))
        return false;
    wcp_parallel_for(store->opts.num_threads, closing->num_parts, 1,
                     gather_part, closing);
    wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_SIGNATURES]);
    return true;
}

/* ---- ids ---- */

static void
look_up_id(struct closing *closing, const struct wcp_firsts *firsts,
           uint32_t doc, uint64_t hash)
{
    struct wcp_store *store = closing->store;
    const struct wcp_string id = wcp_entry_id(&store->entries[doc]);
    const uint32_t tag = (uint32_t)(hash >> 32);
    struct wcp_first *slot = wcp_firsts_at(firsts, hash);

    if (id.data == NULL)
        return;
    for (; slot->document != 0; slot = wcp_firsts_next(firsts, slot)) {
        const uint32_t first = slot->document - 1;
        struct wcp_string other;

        if (slot->tag != tag)
            continue;
        other = wcp_entry_id(&store->entries[first]);
        if (other.len == id.len && memcmp(other.data, id.data, id.len) == 0) {
            const uint64_t num = store->counts.equal_ids++;

            if (num < MAX_EQUAL_IDS) {
                closing->equal_ids[num].document = doc;
                closing->equal_ids[num].first = first;
            }
            return;
        }
    }
    *slot = (struct wcp_first){ doc + 1, tag };
}

/* Returns false when out of memory. */
static bool
find_equal_ids(struct closing *closing)
{
    const struct wcp_store *store = closing->store;
    struct wcp_firsts firsts;

    if (!wcp_firsts_init(&firsts, store->mem, store->num_documents))
        return false;
    for (uint32_t begin = 0; begin < store->num_documents;
         begin += LOOK_AHEAD) {
        uint64_t hashes[LOOK_AHEAD];
        uint32_t num = store->num_documents - begin;

        if (num > LOOK_AHEAD)
            num = LOOK_AHEAD;
        for (uint32_t i = 0; i < num; i++) {
            const struct wcp_string id =
                wcp_entry_id(&store->entries[begin + i]);

            hashes[i] = XXH3_64bits(id.data, id.len);
            __builtin_prefetch(wcp_firsts_at(&firsts, hashes[i]));
        }
        for (uint32_t i = 0; i < num; i++)
            look_up_id(closing, &firsts, begin + i, hashes[i]);
    }
    wcp_firsts_release(&firsts, store->mem);
    return true;
}

/* Two things that need nothing of each other. */
static void
find_equals(void *ctx, unsigned thread, size_t i)
{
    struct closing *closing = ctx;
    bool found;

    (void)thread;
    if (i == 0)
        found = find_equal_ids(closing);
    else
        found = (closing->placed || number_classes(closing->store)) &&
                wcp_store_list_classes(closing->store);
    if (!found)
        atomic_store(&closing->no_memory, true);
}

/* ---- closing ---- */

/* What was added from memory stands last. */
static bool
take_added(struct wcp_store *store)
{
    struct wcp_chunk *packed;

    if (store->added == NULL)
        return true;
    if (!wcp_array_reserve(store->mem, &store->chunks,
                           store->chunks.num + store->aside.num + 1))
        return false;
    for (size_t i = 0; i < store->aside.num; i++)
        store->chunks.at[store->chunks.num++] = store->aside.at[i];
    store->aside.num = 0;
    wcp_samples_relieve(store, store->added);
    packed = wcp_chunk_pack(store->mem, store->slabs, store->added);
    if (packed == NULL)
        return false;
    store->chunks.at[store->chunks.num++] = packed;
    wcp_chunk_free(store->mem, store->added);
    store->added = NULL;
    return true;
}

/* The first date that is not understood, if there is one, is named. */
static void
say_bad_dates(const struct closing *closing)
{
    const struct wcp_store *store = closing->store;
    const struct wcp_entry *entry = store->entries;

    if (store->counts.bad_dates == 0)
        return;
    while (wcp_entry_date(entry).data == NULL || entry->date_ms != WCP_NO_DATE)
        entry++;
    wcp_say_bad_dates(store, closing->listener, entry);
}

static enum wcp_code
close_spilled(struct closing *closing, struct wcp_fault *fault)
{
    struct wcp_store *store = closing->store;
    uint64_t *lines_before =
        wcp_new_array(store->mem, closing->num_parts, sizeof *lines_before);
    enum wcp_code code;

    if (lines_before == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < closing->num_parts; i++)
        lines_before[i] = closing->parts[i].lines_before;
    code = wcp_store_settle(store, lines_before, closing->listener, fault);
    wcp_free_array(store->mem, lines_before, closing->num_parts,
                   sizeof *lines_before);
    store->closed = code == WCP_CODE_OK;
    return code;
}

static uint64_t
count_samples(const struct closing *closing)
{
    uint64_t num = 0;

    for (size_t i = 0; i < closing->num_parts; i++)
        num += closing->parts[i].chunk->samples.num;
    return num;
}

static uint64_t
count_strings(const struct closing *closing)
{
    uint64_t num_bytes = 0;

    for (size_t i = 0; i < closing->num_parts; i++)
        num_bytes += closing->parts[i].chunk->strings.len;
    return num_bytes;
}

/* Whether all can stay in memory with what comes, which is more than was ever
 * seen. */
static bool
fits(const struct closing *closing)
{
    const struct wcp_store *store = closing->store;
    const struct wcp_quota *memory = store->opts.memory;
    const uint64_t n = store->num_documents;

    return !store->opts.sample || memory == NULL || memory->limit == 0 ||
           n == 0 ||
           2 * wcp_store_sizes(store, n,
                               (double)count_strings(closing) / (double)n,
                               (double)count_samples(closing) / (double)n)
                       .peak <=
               memory->limit;
}

/*
 * Of documents with the same text only the first needs it: what the others of
 * a chunk have kept is given back.  The buffer may move when it is cut, so
 * that meanwhile 'folded' says where in it a text begins.
 */
static void
drop_equal_texts(void *ctx, unsigned thread, size_t i)
{
    const struct closing *closing = ctx;
    const struct wcp_store *store = closing->store;
    const struct part *part = &closing->parts[i];
    struct wcp_buffer *texts = &part->chunk->folded;
    struct wcp_entry *entries = store->entries + part->first;
    const size_t num = part->chunk->entries.num;
    size_t len = 0;

    (void)thread;
    if (texts->data == NULL)
        return;
    for (size_t k = 0; k < num; k++) {
        struct wcp_entry *entry = &entries[k];
        const bool narrow = (entry->flags & WCP_ENTRY_NARROW) != 0;
        const size_t size = (size_t)entry->num_units * (narrow ? 1 : 2);
        const uint32_t c = entry->class_number;

        if (c == WCP_NO_CLASS ||
            store->class_documents[store->class_begins[c]] != part->first + k) {
            entry->folded = NULL;
            continue;
        }
        if (!narrow)
            len += len & 1;
        memmove(texts->data + len, entry->folded, size);
        entry->folded = (const void *)(uintptr_t)(len + 1);
        len += size;
    }
    texts->len = len;
    wcp_buffer_cut(texts);
    for (size_t k = 0; k < num; k++)
        if (entries[k].folded != NULL)
            entries[k].folded =
                texts->data + (size_t)(uintptr_t)entries[k].folded - 1;
}

static enum wcp_code
close_parts(struct closing *closing, struct wcp_fault *fault)
{
    struct wcp_store *store = closing->store;
    enum wcp_code code = line_up(closing, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (store->reader != NULL)
        wcp_say_absent_fields(store, &closing->counts, closing->listener);
    if (atomic_load(&store->spilling) || !fits(closing))
        return close_spilled(closing, fault);
    if (store->sample_file != NULL)
        code = wcp_samples_unite(store, fault);
    if (code != WCP_CODE_OK)
        return code;
    if (!closing->placed && !gather_entries(closing))
        return wcp_no_memory(fault);
    say_bad_dates(closing);
    wcp_parallel_for(store->opts.num_threads, 2, 1, find_equals, closing);
    if (atomic_load(&closing->no_memory))
        return wcp_no_memory(fault);
    for (size_t i = 0; i < MAX_EQUAL_IDS && i < store->counts.equal_ids; i++)
        wcp_say_equal_id(store, closing->listener,
                         &store->entries[closing->equal_ids[i].document],
                         &store->entries[closing->equal_ids[i].first]);
    if (store->opts.keep_folded)
        wcp_parallel_for(store->opts.num_threads, closing->num_parts, 1,
                         drop_equal_texts, closing);
    else if (!closing->placed && !gather_signatures(closing))
        return wcp_no_memory(fault);
    if (store->sample_file != NULL)
        code = wcp_samples_list(store, fault);
    store->closed = code == WCP_CODE_OK;
    return code;
}

enum wcp_code
wcp_store_close(struct wcp_store *store,
                const struct wcp_store_listener *listener,
                struct wcp_fault *fault)
{
    struct closing closing = { .store = store, .listener = listener };
    enum wcp_code code;
    size_t num_chunks;

    if (!take_added(store))
        return wcp_no_memory(fault);
    closing.placed = store->placing != NULL;
    code = closing.placed ? wcp_placing_end(store, fault) : WCP_CODE_OK;
    if (code != WCP_CODE_OK)
        return code;
    num_chunks = store->chunks.num;
    closing.parts =
        wcp_new_array(store->mem, num_chunks, sizeof *closing.parts);
    if (closing.parts == NULL)
        return wcp_no_memory(fault);
    pthread_mutex_init(&closing.lock, NULL);
    code = close_parts(&closing, fault);
    pthread_mutex_destroy(&closing.lock);
    wcp_free_array(store->mem, closing.parts, num_chunks,
                   sizeof *closing.parts);
    return code;
}
