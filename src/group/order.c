/*
 * order.c - sorting documents and members
 *
 * A merge sort, because qsort() passes no context in C11 and qsort_r() has a
 * different signature on every system.  Entries lie anywhere in memory, and to
 * compare them takes that long; of many documents the dates are gathered and
 * sorted as numbers, and entries compared where these are equal.
 */
#include "group/group.h"

#include <string.h>

static void
merge(const struct wcp_store *store, enum wcp_order order, uint32_t *documents,
      size_t num_left, size_t num, uint32_t *scratch)
{
    size_t left = 0, right = num_left, at = 0;

    /* Already in order, as most inputs are: nothing to do. */
    if (wcp_store_compare_by(store, order, documents[num_left - 1],
                             documents[num_left]) <= 0)
        return;
    memcpy(scratch, documents, num_left * sizeof *documents);
    while (left < num_left && right < num)
        documents[at++] = wcp_store_compare_by(store, order, scratch[left],
                                               documents[right]) <= 0
                              ? scratch[left++]
                              : documents[right++];
    while (left < num_left)
        documents[at++] = scratch[left++];
}

static void
sort_by_comparing(const struct wcp_store *store, enum wcp_order order,
                  uint32_t *documents, size_t num, uint32_t *scratch)
{
    size_t half = num / 2;

    if (num < 2)
        return;
    sort_by_comparing(store, order, documents, half, scratch);
    sort_by_comparing(store, order, documents + half, num - half, scratch);
    merge(store, order, documents, half, num, scratch);
}

/* ---- by dates ---- */

enum { MANY = 256 };

/* Dates from the least on, in units in which all fit, above 32 bits for the
 * document; those that have none come last. */
static void
list_dates(const struct wcp_store *store, const uint32_t *documents, size_t num,
           uint64_t *keys)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    unsigned drop = 0;

    for (size_t i = 0; i < num; i++) {
        const int64_t date = store->entries[documents[i]].date_ms;

        keys[i] = (uint64_t)date;
        if (date != WCP_NO_DATE) {
            least = date < least ? date : least;
            most = date > most ? date : most;
        }
    }
    while (least < most &&
           ((uint64_t)most - (uint64_t)least) >> drop >= UINT32_MAX)
        drop++;
    for (size_t i = 0; i < num; i++) {
        const uint64_t date = (int64_t)keys[i] == WCP_NO_DATE
                                  ? UINT32_MAX
                                  : (keys[i] - (uint64_t)least) >> drop;

        keys[i] = date << 32 | documents[i];
    }
}

/* False when out of memory. */
static bool
sort_by_dates(const struct wcp_store *store, enum wcp_order order,
              uint32_t *documents, size_t num, uint32_t *scratch)
{
    uint64_t *keys = wcp_new_array(store->mem, 2 * num, sizeof *keys);

    if (keys == NULL)
        return false;
    list_dates(store, documents, num, keys);
    wcp_sort_u64(keys, keys + num, num);
    for (size_t i = 0; i < num; i++)
        documents[i] = (uint32_t)keys[i];
    for (size_t begin = 0, end; begin < num; begin = end) {
        end = begin + 1;
        while (end < num && keys[end] >> 32 == keys[begin] >> 32)
            end++;
        sort_by_comparing(store, order, documents + begin, end - begin,
                          scratch);
    }
    wcp_free_array(store->mem, keys, 2 * num, sizeof *keys);
    return true;
}

void
wcp_sort_documents(const struct wcp_store *store, enum wcp_order order,
                   uint32_t *documents, size_t num, uint32_t *scratch)
{
    const bool dated = order == WCP_ORDER_DATE || order == WCP_ORDER_ORIGINAL;

    if (num < MANY || !dated || store->outline != NULL ||
        !sort_by_dates(store, order, documents, num, scratch))
        sort_by_comparing(store, order, documents, num, scratch);
}

void
wcp_sort_members(const struct wcp_store *store, struct wcp_member *members,
                 size_t num, struct wcp_member *scratch)
{
    size_t half = num / 2, left = 0, right = half, at = 0;

    if (num < 2)
        return;
    wcp_sort_members(store, members, half, scratch);
    wcp_sort_members(store, members + half, num - half, scratch);
    if (wcp_store_compare(store, members[half - 1].document,
                          members[half].document) <= 0)
        return;
    memcpy(scratch, members, half * sizeof *members);
    while (left < half && right < num)
        members[at++] = wcp_store_compare(store, scratch[left].document,
                                          members[right].document) <= 0
                            ? scratch[left++]
                            : members[right++];
    while (left < half)
        members[at++] = scratch[left++];
}
