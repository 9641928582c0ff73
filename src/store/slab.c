/*
 * slab.c - memory for what is kept of each batch, in few large pieces
 *
 * What a batch leaves behind is small and there are many batches; all of it is
 * given back together, or each piece with the last thing in it.  Pieces become
 * larger as more is kept, so that little input takes little memory and much
 * input can be held in large pages.
 */
#include "store/chunk.h"

enum {
    ALIGNMENT = 64,
    FIRST_BYTES = 1 << 19,
    LAST_BYTES = 1 << 24 /* a piece has at most this much, or one thing */
};

/* What is taken begins behind it. */
struct wcp_slab {
    struct wcp_slab *next;
    size_t num_bytes; /* with this */
    size_t num_taken; /* things of at least a byte that are in it */
};

static struct wcp_slab *
new_slab(const struct wcp_memory *mem, const struct wcp_slabs *slabs,
         size_t need)
{
    const struct wcp_slab *last = slabs->first;
    size_t num_bytes = FIRST_BYTES;
    struct wcp_slab *slab;

    if (last != NULL)
        num_bytes =
            last->num_bytes < LAST_BYTES / 4 ? 4 * last->num_bytes : LAST_BYTES;
    if (slabs->most > 0 && num_bytes > slabs->most)
        num_bytes = slabs->most;
    if (num_bytes < need)
        num_bytes = need;
    slab = wcp_new_array(mem, num_bytes, 1);
    if (slab != NULL)
        *slab = (struct wcp_slab){ .num_bytes = num_bytes };
    return slab;
}

void *
wcp_slabs_take(const struct wcp_memory *mem, struct wcp_slabs *slabs,
               size_t num_bytes)
{
    struct wcp_slab *slab = slabs->first;
    const size_t before =
        (sizeof *slab + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *taken;

    if (num_bytes > SIZE_MAX / 4)
        return NULL;
    num_bytes = (num_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (slab == NULL || slab->num_bytes - slabs->used < num_bytes) {
        slab = new_slab(mem, slabs, before + num_bytes);
        if (slab == NULL)
            return NULL;
        slab->next = slabs->first;
        slabs->first = slab;
        slabs->used = before;
    }
    taken = (uint8_t *)slab + slabs->used;
    slabs->used += num_bytes;
    slab->num_taken += num_bytes > 0;
    return taken;
}

void
wcp_slabs_give_back(const struct wcp_memory *mem, struct wcp_slabs *slabs,
                    const void *taken)
{
    const uintptr_t at = (uintptr_t)taken;
    struct wcp_slab **link = &slabs->first;
    struct wcp_slab *slab;

    while (*link != NULL && (at <= (uintptr_t)*link ||
                             at - (uintptr_t)*link >= (*link)->num_bytes))
        link = &(*link)->next;
    slab = *link;
    if (slab == NULL || --slab->num_taken > 0)
        return;
    *link = slab->next;
    /* What follows in the piece that is now first is not to be had. */
    if (link == &slabs->first)
        slabs->used = *link != NULL ? (*link)->num_bytes : 0;
    wcp_free_array(mem, slab, slab->num_bytes, 1);
}

void
wcp_slabs_move(struct wcp_slabs *to, struct wcp_slabs *from)
{
    struct wcp_slab *slab = from->first;

    if (slab == NULL)
        return;
    while (slab->next != NULL)
        slab = slab->next;
    slab->next = to->first;
    *to = *from;
    *from = (struct wcp_slabs){ .most = to->most };
}

void
wcp_slabs_release(const struct wcp_memory *mem, struct wcp_slabs *slabs)
{
    while (slabs->first != NULL) {
        struct wcp_slab *slab = slabs->first;

        slabs->first = slab->next;
        wcp_free_array(mem, slab, slab->num_bytes, 1);
    }
    slabs->used = 0;
}
