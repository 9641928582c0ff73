/*
 * order.c - sorting documents
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
