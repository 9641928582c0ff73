/*
 * portion.c - some of the classes of a store that has left memory, as a store
 *
 * Documents and classes are numbered anew, in the order that they have in the
 * whole, so that whatever decides by numbers decides the same.
 */
#include "store/chunk.h"

#include "store/portion.h"

#include <stdatomic.h>
#include <string.h>

bool
wcp_class_has_copies(const struct wcp_store *store, uint32_t c)
{
    if (store->spill != NULL)
        return store->spill->copied[c / 8] >> c % 8 & 1;
    return store->class_begins[c + 1] - store->class_begins[c] > 1;
}

/* What a portion takes for each document and class, without strings. */
static uint32_t
units(size_t num_bytes)
{
    return (uint32_t)((num_bytes + WCP_COST_UNIT - 1) / WCP_COST_UNIT);
}

void
wcp_store_costs(const struct wcp_store *store, uint32_t by_document,
                uint32_t by_class, uint32_t *costs)
{
    const struct wcp_spill *spill = store->spill;
    const size_t of_document = sizeof(struct wcp_entry) + 2 * sizeof(uint32_t) +
                               sizeof(struct wcp_spool_place) + by_document;
    const uint32_t of_class =
        units(by_class + sizeof(uint32_t) +
              wcp_section_width(store, WCP_SECTION_KEYS) +
              wcp_section_width(store, WCP_SECTION_VALUES));
    uint32_t num = 0;

    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        const uint32_t c = spill->class_of[doc];
        uint64_t cost;

        if (c == WCP_NO_CLASS)
            continue;
        cost = (uint64_t)costs[c] +
               units(of_document + wcp_size_of(spill->sizes[doc]));
        if (c == num) {
            cost += of_class;
            num++;
        }
        costs[c] = cost < UINT32_MAX ? (uint32_t)cost : UINT32_MAX;
    }
}

void
wcp_store_class_units(const struct wcp_store *store, uint8_t *units)
{
    const struct wcp_spill *spill = store->spill;

    for (uint32_t doc = 0; doc < store->num_documents; doc++)
        if (spill->class_of[doc] != WCP_NO_CLASS)
            units[spill->class_of[doc]] = spill->units[doc];
}

size_t
wcp_units_of(uint8_t units)
{
    return wcp_size_of(units);
}

uint32_t
wcp_portion_class(const struct wcp_store *whole, uint32_t c)
{
    return whole->spill->local_of[c];
}

void
wcp_portions_end(struct wcp_store *whole)
{
    struct wcp_spill *spill = whole->spill;

    wcp_free_array(whole->mem, spill->local_of, whole->num_classes,
                   sizeof *spill->local_of);
    spill->local_of = NULL;
}

/* ---- making one ---- */

struct portioning {
    struct wcp_store *whole, *portion;
    uint32_t *firsts;   /* by part: the portion's documents before it */
    size_t *strings_at; /* by part: bytes of their strings */
    char *strings;      /* of all */
    atomic_bool failed;
    pthread_mutex_t lock; /* the fault */
    struct wcp_fault fault;
};

/* Which number classes get, in their order. */
static void
number_classes(struct portioning *p, const uint32_t *classes, size_t num)
{
    uint32_t *local_of = p->whole->spill->local_of;
    uint32_t next = 0;

    for (uint32_t c = 0; c < p->whole->num_classes; c++)
        local_of[c] = WCP_NO_CLASS;
    for (size_t i = 0; i < num; i++)
        local_of[classes[i]] = 0;
    for (uint32_t c = 0; c < p->whole->num_classes; c++)
        if (local_of[c] == 0)
            local_of[c] = next++;
    p->portion->num_classes = next;
}

static uint32_t
local_class(const struct wcp_spill *spill, uint32_t doc)
{
    const uint32_t c = spill->class_of[doc];

    return c == WCP_NO_CLASS ? WCP_NO_CLASS : spill->local_of[c];
}

/* Number the documents, count those of each class and the strings of all. */
static size_t
number_documents(struct portioning *p)
{
    const struct wcp_spill *spill = p->whole->spill;
    size_t num_bytes = 0;
    uint32_t num = 0;

    for (size_t i = 0; i < spill->num_parts; i++) {
        const struct wcp_spilled *part = &spill->parts[i];

        p->firsts[i] = num;
        p->strings_at[i] = num_bytes;
        for (uint32_t doc = part->first; doc < part->first + part->num; doc++)
            if (local_class(spill, doc) != WCP_NO_CLASS) {
                num++;
                num_bytes += wcp_size_of(spill->sizes[doc]);
            }
    }
    p->firsts[spill->num_parts] = num;
    p->portion->num_documents = num;
    return num_bytes;
}

static bool
allocate(struct portioning *p, size_t strings_bytes)
{
    struct wcp_store *portion = p->portion;
    const struct wcp_memory *mem = portion->mem;
    const size_t n = portion->num_documents, m = portion->num_classes;

    portion->entries = wcp_new_array(mem, n, sizeof *portion->entries);
    portion->numbers = wcp_new_array(mem, n, sizeof *portion->numbers);
    if (p->whole->spill->has_places)
        portion->respooled = wcp_new_array(mem, n, sizeof *portion->respooled);
    if (portion->opts.kind == WCP_SIG_SIMHASH) {
        portion->simhashes = wcp_new_array(mem, m, sizeof *portion->simhashes);
    } else {
        portion->values = wcp_new_array(mem, m, WCP_NUM_BINS);
        portion->keys = wcp_new_array(mem, m * portion->opts.num_bands,
                                      sizeof *portion->keys);
    }
    p->strings = wcp_slabs_take(mem, &portion->slabs[WCP_SLABS_STRINGS],
                                strings_bytes + 1);
    return portion->entries != NULL && portion->numbers != NULL &&
           (!p->whole->spill->has_places || portion->respooled != NULL) &&
           (portion->simhashes != NULL ||
            (portion->values != NULL && portion->keys != NULL)) &&
           p->strings != NULL;
}

/* What a thread reads a section of a part into. */
static void *
load(struct portioning *p, const struct wcp_spilled *part,
     enum wcp_section section, struct wcp_buffer *to)
{
    const size_t num_bytes =
        section == WCP_SECTION_STRINGS
            ? part->strings_len
            : part->num * wcp_section_width(p->whole, section);
    struct wcp_fault fault = { 0 };
    enum wcp_code code = WCP_CODE_OK;

    to->len = 0;
    if (!wcp_buffer_reserve(to, num_bytes + 1))
        code = wcp_no_memory(&fault);
    if (code == WCP_CODE_OK)
        code = wcp_spill_load(p->whole, part, section, to->data, &fault);
    if (code == WCP_CODE_OK)
        return to->data;
    pthread_mutex_lock(&p->lock);
    if (p->fault.code == WCP_CODE_OK)
        p->fault = fault;
    pthread_mutex_unlock(&p->lock);
    atomic_store(&p->failed, true);
    return NULL;
}

static bool
take_entries(struct portioning *p, size_t i, struct wcp_buffer *scratch)
{
    const struct wcp_spill *spill = p->whole->spill;
    const struct wcp_spilled *part = &spill->parts[i];
    struct wcp_store *portion = p->portion;
    char *strings = p->strings + p->strings_at[i];
    uint32_t to = p->firsts[i];
    const struct wcp_spool_place *places =
        spill->has_places ? load(p, part, WCP_SECTION_PLACES, &scratch[2])
                          : NULL;
    const struct wcp_entry *entries =
        load(p, part, WCP_SECTION_ENTRIES, &scratch[0]);
    const char *from = entries != NULL
                           ? load(p, part, WCP_SECTION_STRINGS, &scratch[1])
                           : NULL;

    for (uint32_t k = 0; from != NULL && k < part->num; k++) {
        const uint32_t doc = part->first + k, c = local_class(spill, doc);
        struct wcp_entry *entry = &portion->entries[to];
        size_t len;

        if (c == WCP_NO_CLASS)
            continue;
        *entry = entries[k];
        entry->class_number = c;
        if (entry->line > 0)
            entry->line += (uint32_t)part->lines_before;
        len = wcp_entry_strings_len(entry);
        memcpy(strings, from + (uintptr_t)entry->strings, len);
        entry->strings = strings;
        strings += len;
        if (places != NULL && places[k].len > 0) {
            portion->respooled[to] = places[k];
            entry->flags |= WCP_ENTRY_RESPOOLED;
        }
        portion->numbers[to++] = doc;
    }
    return from != NULL;
}

/* Of the classes that begin in a part. */
static bool
take_signatures(struct portioning *p, size_t i, struct wcp_buffer *scratch)
{
    const struct wcp_spill *spill = p->whole->spill;
    const struct wcp_spilled *part = &spill->parts[i];
    const unsigned num_bands = p->whole->opts.num_bands;
    struct wcp_store *portion = p->portion;
    const uint8_t *keys = load(p, part, WCP_SECTION_KEYS, &scratch[0]);
    const uint8_t *values =
        keys != NULL ? load(p, part, WCP_SECTION_VALUES, &scratch[1]) : NULL;
    uint32_t next = part->first_class;

    for (uint32_t k = 0; values != NULL && k < part->num; k++) {
        uint32_t c = spill->class_of[part->first + k];

        if (c != next)
            continue;
        next++;
        c = spill->local_of[c];
        if (c == WCP_NO_CLASS)
            continue;
        if (portion->simhashes != NULL) {
            memcpy(&portion->simhashes[c], keys + 8 * (size_t)k, 8);
            continue;
        }
        memcpy(portion->values + (size_t)c * WCP_NUM_BINS,
               values + (size_t)k * WCP_NUM_BINS, WCP_NUM_BINS);
        for (unsigned band = 0; band < num_bands; band++)
            memcpy(&portion->keys[(size_t)band * portion->num_classes + c],
                   keys + 4 * ((size_t)band * part->num + k), 4);
    }
    return values != NULL;
}

struct taking {
    struct portioning *p;
    struct wcp_buffer (*scratch)[3]; /* one a thread */
};

static void
take_part(void *ctx, unsigned thread, size_t i)
{
    const struct taking *taking = ctx;
    struct portioning *p = taking->p;
    struct wcp_buffer *scratch = taking->scratch[thread];

    if (p->firsts[i] == p->firsts[i + 1] || atomic_load(&p->failed))
        return;
    if (take_entries(p, i, scratch))
        take_signatures(p, i, scratch);
}

static enum wcp_code
take_parts(struct portioning *p, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = p->whole->mem;
    const unsigned num_threads = p->whole->opts.num_threads;
    struct taking taking = { .p = p };

    taking.scratch = wcp_new_array(mem, num_threads, sizeof *taking.scratch);
    if (taking.scratch == NULL)
        return wcp_no_memory(fault);
    for (unsigned i = 0; i < 3 * num_threads; i++)
        wcp_buffer_init(&taking.scratch[i / 3][i % 3], mem, 0);
    pthread_mutex_init(&p->lock, NULL);
    wcp_parallel_for(num_threads, p->whole->spill->num_parts, 1, take_part,
                     &taking);
    pthread_mutex_destroy(&p->lock);
    for (unsigned i = 0; i < 3 * num_threads; i++)
        wcp_buffer_release(&taking.scratch[i / 3][i % 3]);
    wcp_free_array(mem, taking.scratch, num_threads, sizeof *taking.scratch);
    if (p->fault.code != WCP_CODE_OK && fault != NULL)
        *fault = p->fault;
    return p->fault.code;
}

/* Everything but the portion itself, which is freed after a failure. */
static enum wcp_code
fill(struct portioning *p, const uint32_t *classes, size_t num,
     struct wcp_fault *fault)
{
    struct wcp_store *whole = p->whole;
    struct wcp_spill *spill = whole->spill;
    enum wcp_code code;

    if (spill->local_of == NULL)
        spill->local_of = wcp_new_array(whole->mem, whole->num_classes,
                                        sizeof *spill->local_of);
    if (spill->local_of == NULL)
        return wcp_no_memory(fault);
    number_classes(p, classes, num);
    if (!allocate(p, number_documents(p)))
        return wcp_no_memory(fault);
    code = take_parts(p, fault);
    if (code == WCP_CODE_OK && !wcp_store_list_classes(p->portion))
        code = wcp_no_memory(fault);
    return code;
}

enum wcp_code
wcp_store_portion(struct wcp_store *whole, const uint32_t *classes, size_t num,
                  struct wcp_store **portion_ret, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = whole->mem;
    const size_t num_parts = whole->spill->num_parts;
    struct portioning p = { .whole = whole };
    enum wcp_code code =
        wcp_store_new(mem, &whole->opts, whole->reader, &p.portion, fault);

    if (code != WCP_CODE_OK)
        return code;
    p.portion->closed = true;
    p.portion->whole = whole;
    p.portion->most_units = whole->most_units;
    p.firsts = wcp_new_array(mem, num_parts + 1, sizeof *p.firsts);
    p.strings_at = wcp_new_array(mem, num_parts, sizeof *p.strings_at);
    code = p.firsts == NULL || p.strings_at == NULL
               ? wcp_no_memory(fault)
               : fill(&p, classes, num, fault);
    wcp_free_array(mem, p.firsts, num_parts + 1, sizeof *p.firsts);
    wcp_free_array(mem, p.strings_at, num_parts, sizeof *p.strings_at);
    if (code != WCP_CODE_OK) {
        wcp_store_free(p.portion);
        return code;
    }
    *portion_ret = p.portion;
    return WCP_CODE_OK;
}
