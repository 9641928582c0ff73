/*
 * keeping.c - the folded texts of many classes, read again once and kept
 *
 * What may be a copy is read again by each stage that compares texts, anywhere
 * in the files: a call to the system, a parse and a fold each time.  Here all
 * of it is read ahead of these stages, in the order of the files, and kept, as
 * far as there is room.  A text that was not kept, for whatever reason,
 * which may be a lack of memory, is fetched by whoever needs it.
 *
 * To open a file takes longest of all, and to find a short record longer than
 * to copy it: these are kept as they were read, too.
 */
#include "store/chunk.h"

#include <stdatomic.h>
#include <string.h>

/* Of all texts, or more as long as the whole process takes no more than
 * ALL_BYTES; a store whose memory is limited keeps none. */
#define KEPT_BYTES ((uint64_t)128 << 20)
#define ALL_BYTES ((uint64_t)768 << 20)
/* Bytes that the index of samples takes of each. */
#define INDEX_SAMPLE 5

enum {
    LEAST_TEXTS = 256,   /* so few are not worth a pass of their own */
    RANGE = 256,         /* classes that a thread takes at a time */
    MAX_UNITS = 1 << 20, /* of a text that is kept */
    SHORT_BYTES = 512    /* of a record that is kept as it was read */
};

struct keeping {
    struct wcp_store *store;
    uint8_t *wanted; /* [num_classes] */
    _Atomic uint32_t next_range;
    _Atomic uint64_t num_bytes;
    uint64_t most_bytes;
    pthread_mutex_t lock; /* store->slabs */
};

struct keeper {
    struct keeping *keeping;
    struct wcp_store_worker *worker;
    struct wcp_slabs slabs;
    uint32_t documents[RANGE]; /* of the range at hand */
};

bool
wcp_units_are_narrow(const struct wcp_folded *folded)
{
    uint16_t all = 0;

    for (size_t i = 0; i < folded->num; i++)
        all |= folded->units[i];
    return all < 256;
}

/* In blocks, of which the compiler knows that they are nowhere else. */
static void
copy_narrow(const struct wcp_folded *folded, uint8_t *to)
{
    enum { BLOCK = 64 };
    const uint16_t *units = folded->units;
    const size_t num = folded->num;
    size_t i = 0;

    for (; i + BLOCK <= num; i += BLOCK) {
        uint8_t block[BLOCK];

        for (size_t k = 0; k < BLOCK; k++)
            block[k] = (uint8_t)units[i + k];
        memcpy(to + i, block, BLOCK);
    }
    for (; i < num; i++)
        to[i] = (uint8_t)units[i];
}

void
wcp_units_pack(const struct wcp_folded *folded, bool narrow, void *to)
{
    if (narrow)
        copy_narrow(folded, to);
    else
        memcpy(to, folded->units, folded->num * sizeof *folded->units);
}

/* False: no more is to be kept. */
static bool
keep_text(struct keeper *keeper, uint32_t document)
{
    struct keeping *keeping = keeper->keeping;
    struct wcp_entry *entry = &keeping->store->entries[document];
    const struct wcp_folded *folded;
    struct wcp_kept_text *kept;
    struct wcp_string text;
    size_t units_bytes, num_bytes;
    uint8_t *units;
    bool narrow, whole;

    if (wcp_store_fetch_folded(keeper->worker, document, false, &text, &folded,
                               NULL) != WCP_CODE_OK)
        return true;
    narrow = wcp_units_are_narrow(folded);
    units_bytes = narrow ? folded->num : 2 * folded->num;
    num_bytes = sizeof *kept + units_bytes;
    whole = entry->line == 0 || text.len <= SHORT_BYTES;
    if (whole)
        num_bytes += text.len;
    if (atomic_fetch_add(&keeping->num_bytes, num_bytes) + num_bytes >
        keeping->most_bytes)
        return false;
    kept = wcp_slabs_take(keeping->store->mem, &keeper->slabs, num_bytes);
    if (kept == NULL)
        return false;
    units = (uint8_t *)(kept + 1);
    *kept = (struct wcp_kept_text){ { NULL, 0 } };
    if (whole) {
        memcpy(units + units_bytes, text.data, text.len);
        kept->text =
            (struct wcp_string){ (char *)units + units_bytes, text.len };
    }
    wcp_units_pack(folded, narrow, units);
    if (narrow)
        entry->flags |= WCP_ENTRY_NARROW;
    entry->folded = units;
    if (keeping->store->kept_tap != NULL)
        keeping->store->kept_tap->take(keeping->store->kept_tap->ctx, document,
                                       text);
    return true;
}

const struct wcp_kept_text *
wcp_kept_text(const struct wcp_store *store, const struct wcp_entry *entry)
{
    if (entry->folded == NULL || store->kept_bytes == 0)
        return NULL;
    return (const struct wcp_kept_text *)entry->folded - 1;
}

static bool
keep_range(struct keeper *keeper, size_t begin)
{
    const struct wcp_store *store = keeper->keeping->store;
    const size_t n = store->num_classes;
    size_t num = 0, num_ahead = 0;

    for (size_t c = begin; c < n && c < begin + RANGE; c++) {
        const uint32_t doc = store->class_documents[store->class_begins[c]];
        const struct wcp_entry *entry = &store->entries[doc];

        if (keeper->keeping->wanted[c] && entry->folded == NULL &&
            entry->num_units <= MAX_UNITS)
            keeper->documents[num++] = doc;
    }
    for (size_t i = 0; i < num; i++) {
        if (num_ahead == 0)
            num_ahead = wcp_store_read_ahead(keeper->worker,
                                             keeper->documents + i, num - i);
        num_ahead--;
        if (!keep_text(keeper, keeper->documents[i]))
            return false;
    }
    return true;
}

static void
keep_thread(void *ctx, unsigned thread)
{
    struct keeping *keeping = ctx;
    struct keeper keeper = { .keeping = keeping };
    bool more = wcp_store_worker_new(keeping->store, &keeper.worker, NULL) ==
                WCP_CODE_OK;

    (void)thread;
    while (more) {
        const size_t begin =
            (size_t)atomic_fetch_add(&keeping->next_range, 1) * RANGE;

        more =
            begin < keeping->store->num_classes && keep_range(&keeper, begin);
    }
    wcp_store_worker_free(keeper.worker);
    pthread_mutex_lock(&keeping->lock);
    wcp_slabs_move(&keeping->store->slabs[WCP_SLABS_TEXTS], &keeper.slabs);
    pthread_mutex_unlock(&keeping->lock);
}

/* How many bytes texts may take, with those that have been kept.  So many that
 * their samples are in a file leave less room. */
static uint64_t
most_bytes(const struct wcp_store *store)
{
    const uint64_t least =
        store->sample_file != NULL ? KEPT_BYTES / 2 : KEPT_BYTES;
    const uint64_t taken =
        wcp_peak_memory() +
        (store->sample_file != NULL ? INDEX_SAMPLE * store->num_samples : 0);
    const uint64_t more = taken < ALL_BYTES ? ALL_BYTES - taken : 0;

    return store->kept_bytes + more > least ? store->kept_bytes + more : least;
}

void
wcp_store_keep_texts(struct wcp_store *store, const uint32_t *classes,
                     size_t num)
{
    const struct wcp_quota *memory = store->opts.memory;
    struct keeping keeping = { .store = store,
                               .num_bytes = store->kept_bytes,
                               .most_bytes = most_bytes(store) };

    if (num < LEAST_TEXTS || (memory != NULL && memory->limit > 0) ||
        store->opts.estimate || store->opts.keep_folded ||
        store->kept_bytes > keeping.most_bytes)
        return;
    keeping.wanted = wcp_new_zeroed(store->mem, store->num_classes, 1);
    if (keeping.wanted == NULL)
        return;
    for (size_t i = 0; i < num; i++)
        keeping.wanted[classes[i]] = 1;
    pthread_mutex_init(&keeping.lock, NULL);
    wcp_run_threads(store->opts.num_threads, keep_thread, &keeping);
    pthread_mutex_destroy(&keeping.lock);
    store->kept_bytes = keeping.num_bytes;
    wcp_free_array(store->mem, keeping.wanted, store->num_classes, 1);
}

/* ---- what was kept, in the end ---- */

/* What is known of a source. */
enum { SAME, TO_LOOK_UP, CHANGED };

struct looking {
    const struct wcp_store *store;
    uint8_t *sources; /* [num] */
};

static void
look_up(void *ctx, unsigned thread, size_t i)
{
    const struct looking *looking = ctx;
    uint8_t *source = &looking->sources[i];

    (void)thread;
    if (*source == TO_LOOK_UP)
        *source = wcp_source_is_changed(looking->store->reader, (uint32_t)i)
                      ? CHANGED
                      : SAME;
}

/* Mark the sources of texts that were kept, if they have changed. */
static bool
mark_changed(const struct wcp_store *store, uint8_t *sources, uint32_t num)
{
    struct looking looking = { store, sources };
    bool any = false;

    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        const struct wcp_entry *entry = &store->entries[doc];

        if (entry->folded != NULL && wcp_entry_is_direct(entry))
            sources[entry->source] = TO_LOOK_UP;
    }
    wcp_parallel_for(store->opts.num_threads, num, 256, look_up, &looking);
    for (uint32_t i = 0; i < num; i++) {
        sources[i] = sources[i] == CHANGED;
        any |= sources[i] != 0;
    }
    return any;
}

static enum wcp_code
read_changed(struct wcp_store *store, const uint8_t *sources,
             struct wcp_fault *fault)
{
    struct wcp_store_worker *worker = NULL;
    const struct wcp_folded *folded;
    struct wcp_string text;
    enum wcp_code code = wcp_store_worker_new(store, &worker, fault);

    for (uint32_t doc = 0; code == WCP_CODE_OK && doc < store->num_documents;
         doc++) {
        const struct wcp_entry *entry = &store->entries[doc];

        if (entry->folded != NULL && wcp_entry_is_direct(entry) &&
            sources[entry->source])
            code = wcp_store_fetch_folded(worker, doc, false, &text, &folded,
                                          fault);
    }
    wcp_store_worker_free(worker);
    return code;
}

enum wcp_code
wcp_store_check_kept(struct wcp_store *store, struct wcp_fault *fault)
{
    const uint32_t num =
        store->reader != NULL ? wcp_reader_num_sources(store->reader) : 0;
    uint8_t *sources;
    enum wcp_code code = WCP_CODE_OK;

    if (store->kept_bytes == 0 || num == 0)
        return WCP_CODE_OK;
    sources = wcp_new_zeroed(store->mem, num, 1);
    if (sources == NULL)
        return wcp_no_memory(fault);
    if (mark_changed(store, sources, num))
        code = read_changed(store, sources, fault);
    wcp_free_array(store->mem, sources, num, 1);
    return code;
}
