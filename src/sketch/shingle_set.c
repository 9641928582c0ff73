/*
 * shingle_set.c - the set of a text's shingle hashes, for exact comparison
 *
 * All windows are hashed, sorted and made unique in place.  Both arrays have
 * room for one hash a unit before anything is changed, so that running out of
 * memory leaves the set as it was.
 */
#include "sketch/sketcher.h"

/* Room for num elements in an array whose contents are not needed any more. */
static bool
make_room(const struct wcp_memory *mem, uint64_t **array, size_t *cap,
          size_t num)
{
    uint64_t *bigger;

    if (num <= *cap)
        return true;
    /* Some more, so that texts of rising length do not each allocate. */
    if (num <= SIZE_MAX - num / 8)
        num += num / 8;
    bigger = wcp_new_array(mem, num, sizeof *bigger);
    if (bigger == NULL)
        return false;
    wcp_free_array(mem, *array, *cap, sizeof **array);
    *array = bigger;
    *cap = num;
    return true;
}

bool
wcp_sketcher_scratch(struct wcp_sketcher *sketcher, size_t num)
{
    return make_room(sketcher->mem, &sketcher->scratch, &sketcher->scratch_cap,
                     num);
}

static size_t
make_unique(uint64_t *hashes, size_t num)
{
    size_t n = 0;

    if (num == 0)
        return 0;
    for (size_t i = 0; i + 1 < num; i++) {
        hashes[n] = hashes[i];
        n += hashes[i] != hashes[i + 1];
    }
    hashes[n] = hashes[num - 1];
    return n + 1;
}

bool
wcp_shingle_set_make(struct wcp_sketcher *sketcher, const uint16_t *units,
                     size_t num, struct wcp_shingle_set *set)
{
    size_t n;

    /* There may be no arrays yet to give to the kernels. */
    if (num == 0) {
        set->num = 0;
        return true;
    }
    if (!wcp_sketcher_scratch(sketcher, num) ||
        !make_room(sketcher->mem, &set->hashes, &set->cap, num))
        return false;
    n = sketcher->kernels->hash_windows(units, num, num, sketcher->shingle,
                                        set->hashes);
    if (n == 0)
        set->hashes[n++] = wcp_text_hash(units, num);
    wcp_sort_u64(set->hashes, sketcher->scratch, n);
    set->num = make_unique(set->hashes, n);
    return true;
}

void
wcp_shingle_set_release(struct wcp_sketcher *sketcher,
                        struct wcp_shingle_set *set)
{
    wcp_free_array(sketcher->mem, set->hashes, set->cap, sizeof *set->hashes);
    set->hashes = NULL;
    set->num = set->cap = 0;
}

size_t
wcp_shingle_set_common(const struct wcp_shingle_set *a,
                       const struct wcp_shingle_set *b)
{
    return wcp_kernels_best()->intersect(a->hashes, a->num, b->hashes, b->num);
}
