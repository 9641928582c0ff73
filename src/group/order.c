/*
 * order.c - sorting documents and members
 *
 * A merge sort, because qsort() passes no context in C11 and qsort_r() has a
 * different signature on every system.
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

void
wcp_sort_documents(const struct wcp_store *store, enum wcp_order order,
                   uint32_t *documents, size_t num, uint32_t *scratch)
{
    size_t half = num / 2;

    if (num < 2)
        return;
    wcp_sort_documents(store, order, documents, half, scratch);
    wcp_sort_documents(store, order, documents + half, num - half, scratch);
    merge(store, order, documents, half, num, scratch);
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
