/*
 * ranking.c - the order of documents that have left memory
 *
 * Dates and ids are compared in the file only once: each document gets its rank
 * in WCP_ORDER_DATE.  All are sorted by their dates; then, as long as any are
 * equal, those are sorted by the next bytes of their ids, which are read in
 * order of the file.  What is equal at last stays in order of the input.
 */
#include "store/chunk.h"

#include "store/portion.h"

#include <string.h>

/* A document by what it is sorted by at present. */
struct ranked {
    uint32_t key[2]; /* the upper half first */
    uint32_t document;
};

struct ranking {
    struct wcp_store *store;
    struct ranked *items; /* [num], in order so far */
    struct ranked *scratch;
    uint8_t *begins; /* [num + 1] a bit: it is not equal to the one before */
    uint32_t num;
};

/* ---- runs of equal documents ---- */

static bool
begins_at(const struct ranking *r, uint32_t i)
{
    return (r->begins[i / 8] >> i % 8 & 1) != 0;
}

static bool
is_alone(const struct ranking *r, uint32_t i)
{
    return begins_at(r, i) && begins_at(r, i + 1);
}

static uint32_t
run_end(const struct ranking *r, uint32_t begin)
{
    uint32_t end = begin + 1;

    while (!begins_at(r, end))
        end++;
    return end;
}

static uint64_t
key_of(const struct ranked *item)
{
    return (uint64_t)item->key[0] << 32 | item->key[1];
}

static void
set_key(struct ranked *item, uint64_t key)
{
    item->key[0] = (uint32_t)(key >> 32);
    item->key[1] = (uint32_t)key;
}

/* Merge sort: equal ones stay as they are. */
static void
sort_run(struct ranked *items, uint32_t num, struct ranked *scratch)
{
    const uint32_t half = num / 2;
    uint32_t left = 0, right = half, at = 0;

    if (num < 2)
        return;
    sort_run(items, half, scratch);
    sort_run(items + half, num - half, scratch);
    if (key_of(&items[half - 1]) <= key_of(&items[half]))
        return;
    memcpy(scratch, items, half * sizeof *items);
    while (left < half && right < num)
        items[at++] = key_of(&scratch[left]) <= key_of(&items[right])
                          ? scratch[left++]
                          : items[right++];
    while (left < half)
        items[at++] = scratch[left++];
}

/* Sort each run by its keys, and part what is different. */
static void
sort_runs(struct ranking *r)
{
    uint32_t *ranks = r->store->outline->ranks;

    for (uint32_t begin = 0, end; begin < r->num; begin = end) {
        end = run_end(r, begin);
        if (end - begin == 1)
            continue;
        sort_run(r->items + begin, end - begin, r->scratch);
        for (uint32_t i = begin; i < end; i++) {
            ranks[r->items[i].document] = i;
            if (i > begin && key_of(&r->items[i - 1]) != key_of(&r->items[i]))
                r->begins[i / 8] |= (uint8_t)(1 << i % 8);
        }
    }
}

/* ---- keys ---- */

enum { ID_BYTES = 7 }; /* of a key; the last one is how many are left */

/* Dates in order, none last. */
static uint64_t
date_key(const struct wcp_entry *entry)
{
    _Static_assert(WCP_NO_DATE == INT64_MIN, "all others are above it");
    return entry->date_ms == WCP_NO_DATE
               ? UINT64_MAX
               : (uint64_t)entry->date_ms + ((uint64_t)1 << 63) - 1;
}

/*
 * Of documents that are equal so far: some bytes of the id and, so that what
 * ends comes first, how many are left; then the number behind the id, then the
 * digest.  False when there is no more.
 */
static bool
next_key(const struct wcp_shown_id *id, const struct wcp_entry *entry,
         size_t step, uint64_t *key_ret)
{
    const size_t num_blocks =
        id->len > 0 ? (id->len + ID_BYTES - 1) / ID_BYTES : 1;
    const size_t at = step * ID_BYTES;
    uint64_t key = 0;
    size_t left;

    if (step >= num_blocks) {
        const uint64_t rest[] = { id->number, entry->digest[0],
                                  entry->digest[1] };

        if (step - num_blocks >= sizeof rest / sizeof *rest)
            return false;
        *key_ret = rest[step - num_blocks];
        return true;
    }
    left = id->len - at;
    for (size_t i = 0; i < ID_BYTES; i++)
        key = key << 8 | (i < left ? (uint8_t)id->data[at + i] : 0);
    *key_ret = key << 8 | (left <= ID_BYTES ? left : ID_BYTES + 1);
    return true;
}

/* Whether any document of a part is equal to another one. */
static bool
has_equals(const struct ranking *r, const struct wcp_spilled *part)
{
    const uint32_t *ranks = r->store->outline->ranks + part->first;

    for (uint32_t i = 0; i < part->num; i++)
        if (!is_alone(r, ranks[i]))
            return true;
    return false;
}

static enum wcp_code
take_part(struct ranking *r, struct wcp_entry_walk *walk, size_t i, size_t step,
          bool *more, struct wcp_fault *fault)
{
    const struct wcp_spilled *part = &r->store->spill->parts[i];
    const uint32_t *ranks = r->store->outline->ranks + part->first;
    enum wcp_code code = wcp_entry_walk_load(walk, i, fault);

    for (uint32_t k = 0; code == WCP_CODE_OK && k < part->num; k++) {
        const struct wcp_entry *entry = &walk->entries.at[k];
        struct wcp_shown_id id;
        uint64_t key = 0;

        if (is_alone(r, ranks[k]))
            continue;
        id = wcp_entry_show(r->store, entry, part->first + k);
        *more |= next_key(&id, entry, step, &key);
        set_key(&r->items[ranks[k]], key);
    }
    return code;
}

static enum wcp_code
sort_by_ids(struct ranking *r, struct wcp_fault *fault)
{
    struct wcp_entry_walk walk = { .store = r->store };
    bool more = true;
    enum wcp_code code = WCP_CODE_OK;

    for (size_t step = 0; code == WCP_CODE_OK && more; step++) {
        more = false;
        for (size_t i = 0;
             code == WCP_CODE_OK && i < r->store->spill->num_parts; i++)
            if (has_equals(r, &r->store->spill->parts[i]))
                code = take_part(r, &walk, i, step, &more, fault);
        if (code == WCP_CODE_OK && more)
            sort_runs(r);
    }
    wcp_entry_walk_release(&walk);
    return code;
}

/* ---- all ---- */

/* By dates alone all are sorted by now. */
static void
note_dates(const struct ranking *r)
{
    struct wcp_outline *outline = r->store->outline;
    uint32_t num = 0;

    outline->num_dated = 0;
    for (uint32_t i = 0; i < r->num; i++) {
        if (i % 64 == 0) {
            outline->new_dates[i / 64] = 0;
            outline->num_before[i / 64] = num;
        }
        if (begins_at(r, i)) {
            outline->new_dates[i / 64] |= UINT64_C(1) << i % 64;
            num++;
        }
        outline->num_dated += key_of(&r->items[i]) != UINT64_MAX;
    }
}

static enum wcp_code
sort_by_dates(struct ranking *r, struct wcp_fault *fault)
{
    struct wcp_entry_walk walk = { .store = r->store };
    const struct wcp_entry *entry;
    enum wcp_code code = WCP_CODE_OK;

    while ((entry = wcp_entry_walk_next(&walk, &code, fault)) != NULL) {
        struct ranked *item = &r->items[walk.next - 1];

        item->document = walk.next - 1;
        set_key(item, date_key(entry));
    }
    wcp_entry_walk_release(&walk);
    if (code != WCP_CODE_OK)
        return code;
    r->begins[0] |= 1;
    r->begins[r->num / 8] |= (uint8_t)(1 << r->num % 8);
    sort_runs(r);
    note_dates(r);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_store_rank(struct wcp_store *store, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_documents;
    struct ranking r = { .store = store, .num = store->num_documents };
    enum wcp_code code;

    if (n == 0)
        return WCP_CODE_OK;
    store->outline->ranks[0] = 0; /* which one alone has */
    r.items = wcp_new_array(mem, n, sizeof *r.items);
    r.scratch = wcp_new_array(mem, n / 2, sizeof *r.scratch);
    r.begins = wcp_new_zeroed(mem, n / 8 + 1, 1);
    code = r.items == NULL || r.scratch == NULL || r.begins == NULL
               ? wcp_no_memory(fault)
               : sort_by_dates(&r, fault);
    if (code == WCP_CODE_OK)
        code = sort_by_ids(&r, fault);
    wcp_free_array(mem, r.items, n, sizeof *r.items);
    wcp_free_array(mem, r.scratch, n / 2, sizeof *r.scratch);
    wcp_free_array(mem, r.begins, n / 8 + 1, 1);
    return code;
}
