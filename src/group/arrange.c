/*
 * arrange.c - copies of originals -> groups in order
 */
#include "group/stories.h"

#include <string.h>

struct arranging {
    const struct wcp_store *store;
    enum wcp_order order;
    uint32_t *sizes; /* [num_documents]: members of its group */
    size_t *places;  /* [num_documents]: next place of its group's members,
                      * then the place of a member of the group at hand */
    uint32_t *originals, *scratch; /* [num_documents] */
};

/* Originals that have copies, in order. */
static size_t
list_originals(struct arranging *a, const struct wcp_member *copies, size_t num)
{
    size_t num_originals = 0;

    for (size_t i = 0; i < num; i++)
        a->sizes[copies[i].original]++;
    for (uint32_t doc = 0; doc < a->store->num_documents; doc++)
        if (a->sizes[doc] > 0) {
            a->sizes[doc]++;
            a->originals[num_originals++] = doc;
        }
    wcp_sort_documents(a->store, a->order, a->originals, num_originals,
                       a->scratch);
    return num_originals;
}

/* Sort the copies of one group; scratch has room for all of them twice. */
static void
sort_copies(struct arranging *a, struct wcp_member *copies, size_t num,
            struct wcp_member *unsorted)
{
    uint32_t *documents = a->scratch;

    if (num < 2)
        return;
    memcpy(unsorted, copies, num * sizeof *copies);
    for (size_t i = 0; i < num; i++) {
        documents[i] = unsorted[i].document;
        a->places[documents[i]] = i;
    }
    wcp_sort_documents(a->store, a->order, documents, num, documents + num);
    for (size_t i = 0; i < num; i++)
        copies[i] = unsorted[a->places[documents[i]]];
}

static bool
fill_groups(struct wcp_groups *groups, struct arranging *a,
            const struct wcp_member *copies, size_t num)
{
    const size_t num_originals = list_originals(a, copies, num);
    const size_t total = num_originals + num;
    struct wcp_member *members, *unsorted;
    size_t at = 0;

    if (!wcp_array_reserve(groups->mem, &groups->begins, num_originals + 1))
        return false;
    members = wcp_new_array(groups->mem, total, sizeof *members);
    unsorted = wcp_new_array(groups->mem, total, sizeof *unsorted);
    if (members == NULL || unsorted == NULL) {
        wcp_free_array(groups->mem, members, total, sizeof *members);
        wcp_free_array(groups->mem, unsorted, total, sizeof *unsorted);
        return false;
    }
    for (size_t i = 0; i < num_originals; i++) {
        const uint32_t doc = a->originals[i];

        groups->begins.at[i] = at;
        members[at] =
            (struct wcp_member){ doc, doc, { 1, 1, 1 }, WCP_REL_ORIGINAL };
        a->places[doc] = at + 1;
        at += a->sizes[doc];
    }
    groups->begins.at[num_originals] = at;
    groups->begins.num = num_originals;
    for (size_t i = 0; i < num; i++)
        members[a->places[copies[i].original]++] = copies[i];
    for (size_t i = 0; i < num_originals; i++)
        sort_copies(a, members + groups->begins.at[i] + 1,
                    groups->begins.at[i + 1] - groups->begins.at[i] - 1,
                    unsorted);
    wcp_free_array(groups->mem, unsorted, total, sizeof *unsorted);
    wcp_array_release(groups->mem, &groups->members);
    groups->members.at = members;
    groups->members.num = total;
    groups->members.cap = total > 0 ? total : 1;
    return true;
}

/* What is most complete is no order to read a list in. */
static enum wcp_order
list_order(const struct wcp_copy_rules *rules)
{
    return rules->order == WCP_ORDER_ORIGINAL ? WCP_ORDER_DATE : rules->order;
}

bool
wcp_groups_arrange(struct wcp_groups *groups, const struct wcp_store *store,
                   const struct wcp_copy_rules *rules,
                   struct wcp_member *copies, size_t num)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_documents;
    struct arranging a = {
        .store = store,
        .order = list_order(rules),
        .sizes = wcp_new_zeroed(mem, n, sizeof *a.sizes),
        .places = wcp_new_array(mem, n, sizeof *a.places),
        .originals = wcp_new_array(mem, n, sizeof *a.originals),
        .scratch = wcp_new_array(mem, 2 * n, sizeof *a.scratch),
    };
    bool arranged = a.sizes != NULL && a.places != NULL &&
                    a.originals != NULL && a.scratch != NULL;
    size_t kept = 0;

    for (size_t i = 0; i < num; i++)
        if ((rules->relations & WCP_REL_BIT(copies[i].relation)) != 0)
            copies[kept++] = copies[i];
    arranged = arranged && fill_groups(groups, &a, copies, kept);
    wcp_free_array(mem, a.sizes, n, sizeof *a.sizes);
    wcp_free_array(mem, a.places, n, sizeof *a.places);
    wcp_free_array(mem, a.originals, n, sizeof *a.originals);
    wcp_free_array(mem, a.scratch, 2 * n, sizeof *a.scratch);
    return arranged;
}

/* Of groups in order, the first 'num': before which one with this original
 * belongs. */
static size_t
place_of(const struct wcp_groups *groups, size_t num,
         const struct wcp_store *store, enum wcp_order order, uint32_t original)
{
    size_t low = 0, high = num;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const uint32_t other =
            groups->members.at[groups->begins.at[middle]].original;

        if (wcp_store_compare_by(store, order, other, original) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool
wcp_groups_merge(struct wcp_groups *groups, const struct wcp_groups *more,
                 const struct wcp_store *store,
                 const struct wcp_copy_rules *rules)
{
    size_t num = groups->begins.num, end = groups->members.num;
    size_t to = end + more->members.num; /* what is behind 'end' goes here */
    struct wcp_member *members;
    size_t *begins;

    if (!wcp_array_reserve(groups->mem, &groups->members, to) ||
        !wcp_array_reserve(groups->mem, &groups->begins,
                           num + more->begins.num + 1))
        return false;
    members = groups->members.at;
    begins = groups->begins.at;
    groups->begins.num = num + more->begins.num;
    groups->members.num = begins[groups->begins.num] = to;
    for (size_t i = more->begins.num; i-- > 0;) {
        const size_t size = more->begins.at[i + 1] - more->begins.at[i];
        const struct wcp_member *its = more->members.at + more->begins.at[i];
        const size_t place =
            place_of(groups, num, store, list_order(rules), its[0].original);
        const size_t begin = place < num ? begins[place] : end;

        for (; num > place; num--)
            begins[num + i] = begins[num - 1] + (to - end);
        memmove(members + begin + (to - end), members + begin,
                (end - begin) * sizeof *members);
        to -= end - begin + size;
        end = begin;
        memcpy(members + to, its, size * sizeof *its);
        begins[num + i] = to;
    }
    return true;
}
