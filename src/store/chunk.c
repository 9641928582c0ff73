/*
 * chunk.c - documents of one batch -> entries with signatures
 *
 * A chunk belongs to the thread that fills it.  Strings move while their
 * buffer grows, so entries hold offsets until the chunk is sealed.
 */
#include "store/chunk.h"

/* Bytes, so that little is left of the last where memory is limited. */
#define LIMITED_SLAB ((size_t)1 << 20)

#include <string.h>

struct wcp_chunk *
wcp_chunk_new(const struct wcp_memory *mem)
{
    struct wcp_chunk *chunk = wcp_new_zeroed(mem, 1, sizeof *chunk);

    if (chunk == NULL)
        return NULL;
    wcp_buffer_init(&chunk->strings, mem, 0);
    wcp_buffer_init(&chunk->folded, mem, 0);
    wcp_buffer_init(&chunk->values, mem, 0);
    chunk->kept_source = UINT32_MAX;
    return chunk;
}

void
wcp_chunk_free(const struct wcp_memory *mem, struct wcp_chunk *chunk)
{
    if (chunk == NULL)
        return;
    wcp_buffer_release(&chunk->folded);
    wcp_array_release(mem, &chunk->notices);
    if (chunk->packed) {
        wcp_chunk_free(mem, chunk->from);
        return;
    }
    wcp_array_release(mem, &chunk->entries);
    wcp_buffer_release(&chunk->strings);
    wcp_buffer_release(&chunk->values);
    wcp_array_release(mem, &chunk->keys);
    wcp_array_release(mem, &chunk->simhashes);
    wcp_array_release(mem, &chunk->samples);
    wcp_array_release(mem, &chunk->whole);
    wcp_free_array(mem, chunk, 1, sizeof *chunk);
}

/* A copy of some bytes in slabs; NULL when out of memory. */
static void *
copy_bytes(const struct wcp_memory *mem, struct wcp_slabs *slabs,
           const void *from, size_t num_bytes)
{
    void *to = wcp_slabs_take(mem, slabs, num_bytes);

    if (to != NULL && num_bytes > 0)
        memcpy(to, from, num_bytes);
    return to;
}

#define COPY_ARRAY(mem, slabs, to, from)                        \
    (((to)->at = copy_bytes((mem), (slabs), (from)->at,         \
                            (from)->num * sizeof *(from)->at)), \
     ((to)->num = (to)->cap = (from)->num), (to)->at != NULL)
#define COPY_BUFFER(mem, slabs, to, from)                                  \
    (((to)->data = copy_bytes((mem), (slabs), (from)->data, (from)->len)), \
     ((to)->len = (to)->cap = (from)->len), (to)->data != NULL)

static void
count_records(const struct wcp_chunk *chunk, struct wcp_chunk_counts *counts)
{
    for (size_t i = 0; i < chunk->entries.num; i++) {
        const struct wcp_entry *entry = &chunk->entries.at[i];

        if (counts->most_units < entry->num_units)
            counts->most_units = entry->num_units;
        if (entry->line == 0)
            continue;
        counts->records++;
        counts->record_flags |= entry->flags;
    }
}

/* What is not in slabs, nor in the file; 'chunk' is then empty. */
static void
take_rest(struct wcp_chunk *packed, struct wcp_chunk *chunk)
{
    packed->info = chunk->info;
    packed->counts = chunk->counts;
    count_records(chunk, &packed->counts);
    /* These are large, or none at all, and go over as they are. */
    packed->folded = chunk->folded;
    wcp_buffer_init(&chunk->folded, chunk->values.mem, 0);
    packed->notices.at = chunk->notices.at;
    packed->notices.num = chunk->notices.num;
    packed->notices.cap = chunk->notices.cap;
    chunk->notices.at = NULL;
    chunk->notices.num = chunk->notices.cap = 0;
    wcp_chunk_strip(chunk);
    chunk->counts = (struct wcp_chunk_counts){ 0 };
    chunk->kept_source = UINT32_MAX;
    chunk->num_kept = 0;
}

struct wcp_chunk *
wcp_chunk_pack(const struct wcp_memory *mem,
               struct wcp_slabs slabs[WCP_NUM_SLABS], struct wcp_chunk *chunk)
{
    struct wcp_slabs *strings = &slabs[WCP_SLABS_STRINGS];
    struct wcp_slabs *signatures = &slabs[WCP_SLABS_SIGNATURES];
    struct wcp_chunk *packed = wcp_slabs_take(mem, strings, sizeof *packed);

    if (packed == NULL)
        return NULL;
    *packed =
        (struct wcp_chunk){ .packed = true, .no_samples = chunk->no_samples };
    if (!COPY_BUFFER(mem, strings, &packed->strings, &chunk->strings) ||
        !COPY_ARRAY(mem, &slabs[WCP_SLABS_SAMPLES], &packed->samples,
                    &chunk->samples) ||
        !COPY_ARRAY(mem, &slabs[WCP_SLABS_ENTRIES], &packed->entries,
                    &chunk->entries) ||
        !COPY_BUFFER(mem, signatures, &packed->values, &chunk->values) ||
        !COPY_ARRAY(mem, signatures, &packed->keys, &chunk->keys) ||
        !COPY_ARRAY(mem, signatures, &packed->simhashes, &chunk->simhashes))
        return NULL;
    take_rest(packed, chunk);
    wcp_chunk_seal(packed);
    return packed;
}

struct wcp_chunk *
wcp_chunk_pack_some(struct wcp_store *store, pthread_mutex_t *lock,
                    struct wcp_chunk *chunk)
{
    struct wcp_slabs *slabs = &store->slabs[WCP_SLABS_STRINGS];
    const size_t num_bytes = chunk->samples.num * sizeof *chunk->samples.at;
    struct wcp_chunk *packed;
    void *strings, *samples;

    pthread_mutex_lock(lock);
    packed = wcp_slabs_take(store->mem, slabs, sizeof *packed);
    strings = wcp_slabs_take(store->mem, slabs, chunk->strings.len);
    samples =
        wcp_slabs_take(store->mem, &store->slabs[WCP_SLABS_SAMPLES], num_bytes);
    pthread_mutex_unlock(lock);
    if (packed == NULL || strings == NULL || samples == NULL)
        return NULL;
    *packed =
        (struct wcp_chunk){ .packed = true, .no_samples = chunk->no_samples };
    packed->strings.data = strings;
    packed->strings.len = packed->strings.cap = chunk->strings.len;
    packed->samples.at = samples;
    packed->samples.num = packed->samples.cap = chunk->samples.num;
    if (chunk->strings.len > 0)
        memcpy(strings, chunk->strings.data, chunk->strings.len);
    if (num_bytes > 0)
        memcpy(samples, chunk->samples.at, num_bytes);
    packed->entries.at = chunk->entries.at;
    packed->entries.num = chunk->entries.num;
    packed->values = chunk->values;
    packed->keys.at = chunk->keys.at;
    packed->keys.num = chunk->keys.num;
    take_rest(packed, chunk);
    wcp_chunk_seal(packed);
    packed->from = chunk;
    return packed;
}

/* The same, but the file has what the slabs would. */
static enum wcp_code
spill_chunk(struct wcp_store *store, struct wcp_slabs slabs[WCP_NUM_SLABS],
            struct wcp_chunk *chunk, struct wcp_chunk **spilled_ret,
            struct wcp_fault *fault)
{
    struct wcp_chunk *spilled =
        wcp_slabs_take(store->mem, &slabs[WCP_SLABS_STRINGS], sizeof *spilled);
    enum wcp_code code;

    if (spilled == NULL)
        return wcp_no_memory(fault);
    *spilled = (struct wcp_chunk){ .packed = true };
    code = wcp_spill_chunk(store, chunk, fault);
    if (code != WCP_CODE_OK)
        return code;
    spilled->spilled = true;
    spilled->spilled_at = chunk->spilled_at;
    spilled->entries.num = chunk->entries.num;
    spilled->strings.len = chunk->strings.len;
    take_rest(spilled, chunk);
    *spilled_ret = spilled;
    return WCP_CODE_OK;
}

enum wcp_code
wcp_chunk_put_away(struct wcp_store *store,
                   struct wcp_slabs slabs[WCP_NUM_SLABS],
                   struct wcp_chunk *chunk, struct wcp_chunk **kept_ret,
                   struct wcp_fault *fault)
{
    const struct wcp_store_options *opts = &store->opts;
    const bool limited = opts->memory != NULL && opts->memory->limit > 0;
    struct wcp_chunk *packed;

    for (size_t i = 0; limited && i < WCP_NUM_SLABS; i++)
        slabs[i].most = LIMITED_SLAB;
    /* Closing takes as much again and half of it, and what follows its
     * part. */
    if (limited && !opts->keep_folded && !opts->signs_only &&
        atomic_load(&opts->memory->used) > opts->memory->limit / 3)
        atomic_store(&store->spilling, true);
    if (atomic_load(&store->spilling))
        return spill_chunk(store, slabs, chunk, kept_ret, fault);
    wcp_samples_relieve(store, chunk);
    packed = wcp_chunk_pack(store->mem, slabs, chunk);
    if (packed == NULL)
        return wcp_no_memory(fault);
    *kept_ret = packed;
    return WCP_CODE_OK;
}

void
wcp_chunk_strip(struct wcp_chunk *chunk)
{
    chunk->entries.num = chunk->keys.num = chunk->simhashes.num = 0;
    chunk->strings.len = chunk->values.len = 0;
    chunk->whole.num = chunk->samples.num = 0;
    chunk->no_samples = false;
    chunk->counts.bad_dates = 0; /* there is none to be named */
}

void
wcp_chunk_seal(struct wcp_chunk *chunk)
{
    const char *base = (const char *)chunk->strings.data;
    const uint8_t *folded = chunk->folded.data;
    const uint32_t *sample = chunk->samples.at;

    for (size_t i = 0; i < chunk->entries.num; i++) {
        struct wcp_entry *entry = &chunk->entries.at[i];
        size_t offset = (size_t)(uintptr_t)entry->strings;

        entry->strings = base != NULL ? base + offset : "";
        if (folded != NULL)
            entry->folded = folded + (size_t)(uintptr_t)entry->folded;
        if (entry->num_sample > 0 && !chunk->no_samples) {
            entry->sample = sample;
            sample += entry->num_sample;
        }
    }
}

enum wcp_code
wcp_signer_init(struct wcp_signer *signer, const struct wcp_store *store,
                struct wcp_fault *fault)
{
    *signer = (struct wcp_signer){ .store = store };
    wcp_folded_init(&signer->folded, store->mem);
    return wcp_sketcher_new(store->mem, store->opts.shingle, &signer->sketcher,
                            fault);
}

void
wcp_signer_release(struct wcp_signer *signer)
{
    wcp_folded_release(&signer->folded);
    wcp_sketcher_free(signer->sketcher);
    signer->sketcher = NULL;
}

/* With a NUL after it.  Returns false when out of memory. */
static bool
add_string(struct wcp_chunk *chunk, const struct wcp_string *string,
           uint32_t *len_ret, uint8_t *flags, uint8_t flag)
{
    if (string->data == NULL)
        return true;
    if (string->len > UINT32_MAX ||
        !wcp_buffer_append(&chunk->strings, string->data, string->len) ||
        !wcp_buffer_append(&chunk->strings, "", 1))
        return false;
    *len_ret = (uint32_t)string->len;
    *flags |= flag;
    return true;
}

/* A byte a unit where that is enough: half of all text is ASCII. */
static bool
add_folded(struct wcp_chunk *chunk, const struct wcp_folded *folded,
           struct wcp_entry *entry)
{
    struct wcp_buffer *to = &chunk->folded;
    uint16_t all = 0;
    uint8_t *at;

    for (size_t i = 0; i < folded->num; i++)
        all |= folded->units[i];
    /* Units of two bytes begin at even places. */
    if (!wcp_buffer_reserve(to, 2 * folded->num + 2))
        return false;
    to->len += to->len & 1;
    at = to->data + to->len;
    entry->folded = (const void *)(uintptr_t)to->len;
    if (all < 256) {
        for (size_t i = 0; i < folded->num; i++)
            at[i] = (uint8_t)folded->units[i];
        entry->flags |= WCP_ENTRY_NARROW;
        to->len += folded->num;
    } else {
        memcpy(at, folded->units, 2 * folded->num);
        to->len += 2 * folded->num;
    }
    return true;
}

static bool
add_signature(struct wcp_chunk *chunk, const struct wcp_store_options *opts,
              const struct wcp_signature *sig)
{
    const struct wcp_memory *mem = chunk->values.mem;
    size_t num = chunk->keys.num;
    uint8_t *values;

    if (opts->kind == WCP_SIG_SIMHASH) {
        if (!wcp_array_grow(mem, &chunk->simhashes))
            return false;
        chunk->simhashes.at[chunk->simhashes.num++] = sig->simhash;
        return true;
    }
    if (opts->signs_only) {
        num = chunk->whole.num;
        if (!wcp_array_reserve(mem, &chunk->whole, num + WCP_NUM_BINS))
            return false;
        memcpy(chunk->whole.at + num, sig->minhash, sizeof sig->minhash);
        chunk->whole.num += WCP_NUM_BINS;
        return true;
    }
    if (!wcp_buffer_reserve(&chunk->values, WCP_NUM_BINS) ||
        !wcp_array_reserve(mem, &chunk->keys, num + opts->num_bands))
        return false;
    values = chunk->values.data + chunk->values.len;
    for (size_t i = 0; i < WCP_NUM_BINS; i++)
        values[i] = (uint8_t)sig->minhash[i];
    chunk->values.len += WCP_NUM_BINS;
    wcp_band_keys(sig->minhash, opts->num_bands, opts->num_rows,
                  chunk->keys.at + num);
    chunk->keys.num += opts->num_bands;
    return true;
}

static unsigned
wanted_parts(enum wcp_signature_kind kind)
{
    switch (kind) {
    case WCP_SIG_MINHASH:
        return WCP_WANT_MINHASH;
    case WCP_SIG_MINHASH_CLASSIC:
        return WCP_WANT_CLASSIC;
    case WCP_SIG_SIMHASH:
    case WCP_SIG_NUM_KINDS:
        break;
    }
    return WCP_WANT_SIMHASH;
}

/* Room is there. */
static void
add_sample(struct wcp_chunk *chunk, const struct wcp_sample *sample)
{
    if (sample->num > 0)
        memcpy(chunk->samples.at + chunk->samples.num, sample->at,
               sample->num * sizeof *sample->at);
    chunk->samples.num += sample->num;
}

bool
wcp_signer_append(struct wcp_signer *signer, struct wcp_chunk *chunk,
                  const struct wcp_document *doc)
{
    const struct wcp_store_options *opts = &signer->store->opts;
    struct wcp_folded *folded = &signer->folded;
    struct wcp_sample sample = { NULL, 0 };
    struct wcp_signature sig;
    struct wcp_entry entry = {
        .date_ms = doc->date_ms,
        .offset = doc->at.offset,
        .len = doc->at.len,
        .strings = (const char *)(uintptr_t)chunk->strings.len,
        .line = (uint32_t)doc->at.line,
        .source = doc->at.source,
        .class_number = WCP_NO_CLASS,
        .encoding = doc->at.encoding,
    };

    if (!wcp_fold(folded, doc->text.data, doc->text.len) ||
        !add_string(chunk, &doc->id, &entry.id_len, &entry.flags,
                    WCP_ENTRY_HAS_ID) ||
        !add_string(chunk, &doc->title, &entry.title_len, &entry.flags,
                    WCP_ENTRY_HAS_TITLE) ||
        !add_string(chunk, &doc->date, &entry.date_len, &entry.flags,
                    WCP_ENTRY_HAS_DATE) ||
        !add_string(chunk, &doc->source, &entry.source_len, &entry.flags,
                    WCP_ENTRY_HAS_SOURCE))
        return false;
    entry.num_units = (uint32_t)folded->num;
    if (folded->num > 0)
        entry.class_number = 0; /* the real one is known when all are read */
    wcp_text_digest(folded->units, folded->num, entry.digest);
    if (!opts->keep_folded && !opts->signs_only)
        entry.text_hash = wcp_bytes_hash(doc->text.data, doc->text.len);
    if (folded->num == 0 || opts->keep_folded) {
        memset(&sig, 0, sizeof sig);
    } else {
        if (opts->sample &&
            !wcp_sketcher_prepare(signer->sketcher, folded->num))
            return false;
        wcp_sketch(signer->sketcher, folded->units, folded->num,
                   wanted_parts(opts->kind) |
                       (opts->sample ? WCP_WANT_SAMPLE : 0),
                   &sig);
        if (opts->sample)
            sample = wcp_sketcher_sample(signer->sketcher);
    }
    entry.num_sample = (uint32_t)sample.num;
    if (!wcp_array_grow(chunk->values.mem, &chunk->entries) ||
        !wcp_array_reserve(chunk->values.mem, &chunk->samples,
                           chunk->samples.num + sample.num) ||
        (opts->keep_folded ? !add_folded(chunk, folded, &entry)
                           : !add_signature(chunk, opts, &sig)))
        return false;
    add_sample(chunk, &sample);
    chunk->entries.at[chunk->entries.num++] = entry;
    chunk->counts.shingles += sig.num_shingles;
    chunk->counts.repaired += doc->num_bad > 0;
    chunk->counts.bad_dates +=
        doc->date.data != NULL && doc->date_ms == WCP_NO_DATE;
    return true;
}
