/*
 * outline.c - what stays in memory of documents that have left it
 *
 * With the default relations each document may be a part of any other, so that
 * portions, which know nothing of each other, are not enough.  What is asked
 * again and again is kept: classes, lengths, places of samples, the order of
 * documents.  Entries, ids and signatures are read where one is needed.
 */
#include "store/chunk.h"

#include "store/portion.h"

#include <string.h>

static bool
allocate(struct wcp_store *store)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_documents;
    struct wcp_outline *outline = wcp_new_zeroed(mem, 1, sizeof *outline);

    if (outline == NULL)
        return false;
    store->outline = outline;
    outline->class_of = store->spill->class_of;
    outline->ranks = wcp_new_array(mem, n, sizeof *outline->ranks);
    outline->new_dates =
        wcp_new_array(mem, n / 64 + 1, sizeof *outline->new_dates);
    outline->num_before =
        wcp_new_array(mem, n / 64 + 1, sizeof *outline->num_before);
    outline->own = wcp_new_zeroed(mem, n / 8 + 1, 1);
    outline->facts =
        wcp_new_array(mem, store->num_classes, sizeof *outline->facts);
    return outline->ranks != NULL && outline->new_dates != NULL &&
           outline->num_before != NULL && outline->own != NULL &&
           outline->facts != NULL;
}

void
wcp_outline_free(struct wcp_store *store)
{
    const struct wcp_memory *mem = store->mem;
    struct wcp_outline *outline = store->outline;
    const size_t n = store->num_documents;

    if (outline == NULL)
        return;
    wcp_free_array(mem, outline->ranks, n, sizeof *outline->ranks);
    wcp_free_array(mem, outline->new_dates, n / 64 + 1,
                   sizeof *outline->new_dates);
    wcp_free_array(mem, outline->num_before, n / 64 + 1,
                   sizeof *outline->num_before);
    wcp_free_array(mem, outline->own, n / 8 + 1, 1);
    wcp_free_array(mem, outline->facts, store->num_classes,
                   sizeof *outline->facts);
    wcp_free_array(mem, outline, 1, sizeof *outline);
    store->outline = NULL;
}

/* Those of the first document of each class, which stands for the others. */
static enum wcp_code
take_facts(struct wcp_store *store, struct wcp_fault *fault)
{
    struct wcp_entry_walk walk = { .store = store };
    const struct wcp_entry *entry;
    uint32_t c = 0;
    enum wcp_code code = WCP_CODE_OK;

    while ((entry = wcp_entry_walk_next(&walk, &code, fault)) != NULL) {
        const uint64_t place = (uintptr_t)entry->sample;

        if (entry->class_number != c)
            continue;
        store->outline->facts[c++] = (struct wcp_class_facts){
            .num_units = entry->num_units,
            .num_sample = entry->num_sample,
            .tag = (uint32_t)(entry->digest[0] >> 32),
            .sample_place = { (uint32_t)place, (uint32_t)(place >> 32) },
        };
    }
    wcp_entry_walk_release(&walk);
    return code;
}

enum wcp_code
wcp_outline_make(struct wcp_store *store, struct wcp_fault *fault)
{
    enum wcp_code code =
        allocate(store) ? take_facts(store, fault) : wcp_no_memory(fault);

    if (code == WCP_CODE_OK)
        code = wcp_store_rank(store, fault);
    if (code == WCP_CODE_OK && !wcp_store_list_classes(store))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = wcp_samples_settle(store, fault);
    return code;
}

/* ---- what is asked ---- */

static bool
read_section(const struct wcp_store *store, uint32_t c,
             enum wcp_section section, void *to)
{
    struct wcp_fault fault = { 0 };

    if (wcp_spill_load_one(store, wcp_class_document(store, c), section, to,
                           &fault) == WCP_CODE_OK)
        return true;
    wcp_samples_fail(store, &fault);
    return false;
}

bool
wcp_class_precedes(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    uint64_t x[2], y[2];

    if (wcp_class_tag(store, a) != wcp_class_tag(store, b))
        return wcp_class_tag(store, a) < wcp_class_tag(store, b);
    if (store->outline == NULL) {
        memcpy(x, wcp_class_entry(store, a)->digest, sizeof x);
        memcpy(y, wcp_class_entry(store, b)->digest, sizeof y);
    } else if (!read_section(store, a, WCP_SECTION_DIGESTS, x) ||
               !read_section(store, b, WCP_SECTION_DIGESTS, y)) {
        return false;
    }
    return x[0] < y[0] || (x[0] == y[0] && x[1] < y[1]);
}

const uint8_t *
wcp_class_values(const struct wcp_store *store, uint32_t c,
                 uint8_t room[WCP_NUM_BINS])
{
    if (store->values != NULL)
        return store->values + (size_t)c * WCP_NUM_BINS;
    if (store->outline == NULL || store->opts.kind == WCP_SIG_SIMHASH)
        return NULL;
    return read_section(store, c, WCP_SECTION_VALUES, room) ? room : NULL;
}

/* Which of the different dates a rank has. */
static uint32_t
date_at(const struct wcp_outline *outline, uint32_t rank)
{
    const uint64_t up_to = outline->new_dates[rank / 64] << (63 - rank % 64);

    return outline->num_before[rank / 64] +
           (uint32_t)__builtin_popcountll(up_to);
}

int
wcp_outline_compare(const struct wcp_store *store, enum wcp_order order,
                    uint32_t a, uint32_t b)
{
    const struct wcp_outline *outline = store->outline;
    const uint32_t *class_of = outline->class_of;
    const uint32_t units[] = {
        class_of[a] != WCP_NO_CLASS ? wcp_class_units(store, class_of[a]) : 0,
        class_of[b] != WCP_NO_CLASS ? wcp_class_units(store, class_of[b]) : 0,
    };
    const uint32_t x = outline->ranks[a], y = outline->ranks[b];
    const bool one_day = x < outline->num_dated && y < outline->num_dated &&
                         date_at(outline, x) == date_at(outline, y);

    if (order == WCP_ORDER_INPUT)
        return (a > b) - (a < b);
    if (order == WCP_ORDER_ORIGINAL && one_day) {
        const int its = outline->own[a / 8] >> a % 8 & 1;
        const int others = outline->own[b / 8] >> b % 8 & 1;

        if (its != others)
            return others - its;
    }
    if ((order == WCP_ORDER_LONGEST ||
         (order == WCP_ORDER_ORIGINAL && one_day)) &&
        units[0] != units[1])
        return units[0] > units[1] ? -1 : 1;
    return (x > y) - (x < y);
}

void
wcp_store_limit_kept(struct wcp_store *store)
{
    /* Of a thread; an eighth of what is left is for all. */
    const size_t least = (size_t)1 << 20, most = (size_t)32 << 20;
    const uint64_t share =
        wcp_quota_left(store->opts.memory) / 8 / store->opts.num_threads;

    store->opts.keep_bytes = share < least  ? least
                             : share > most ? most
                                            : (size_t)share;
}

void
wcp_outline_take_own(struct wcp_store *whole, const struct wcp_store *portion)
{
    for (uint32_t i = 0; i < portion->num_documents; i++)
        if (portion->entries[i].flags & WCP_ENTRY_OWN)
            whole->outline->own[portion->numbers[i] / 8] |=
                (uint8_t)(1 << portion->numbers[i] % 8);
}
