/*
 * known.c - overlaps of classes that were computed already
 *
 * A pair is asked for far more often than it is told: all neighbours of two
 * texts are held against both.  So it is a table with open slots.
 */
#include "group/known.h"

enum { MIN_SLOTS = 1 << 8 };

/* Of a < b, so that it is never 0, which is a free slot. */
static uint64_t
key_of(uint32_t a, uint32_t b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

/* Where a key stands, or the slot that it may have. */
static size_t
find_slot(const struct wcp_known *known, uint64_t key)
{
    const uint64_t mixed = key * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)((mixed >> 32) * known->num_slots >> 32);

    while (known->keys[slot] != 0 && known->keys[slot] != key)
        slot = slot + 1 < known->num_slots ? slot + 1 : 0;
    return slot;
}

void
wcp_known_init(struct wcp_known *known, const struct wcp_memory *mem,
               uint32_t num_classes)
{
    *known = (struct wcp_known){ .mem = mem, .num_classes = num_classes };
}

void
wcp_known_release(struct wcp_known *known)
{
    if (known->mem == NULL)
        return;
    wcp_free_array(known->mem, known->keys, known->num_slots,
                   sizeof *known->keys);
    wcp_free_array(known->mem, known->commons, known->num_slots,
                   sizeof *known->commons);
    wcp_free_array(known->mem, known->sizes, known->num_classes,
                   sizeof *known->sizes);
    *known = (struct wcp_known){ 0 };
}

/* Slots for so many pairs, at most two thirds of them taken. */
static bool
make_slots(struct wcp_known *known, size_t num)
{
    struct wcp_known old = *known;
    const size_t num_slots = num + num / 2 + MIN_SLOTS;

    if (2 * known->num_slots >= 3 * num)
        return true;
    known->num_slots = num_slots;
    known->keys =
        wcp_new_zeroed(known->mem, known->num_slots, sizeof *known->keys);
    known->commons =
        wcp_new_array(known->mem, known->num_slots, sizeof *known->commons);
    if (known->keys == NULL || known->commons == NULL) {
        wcp_free_array(known->mem, known->keys, known->num_slots,
                       sizeof *known->keys);
        wcp_free_array(known->mem, known->commons, known->num_slots,
                       sizeof *known->commons);
        *known = old;
        return false;
    }
    for (size_t i = 0; i < old.num_slots; i++)
        if (old.keys[i] != 0) {
            const size_t slot = find_slot(known, old.keys[i]);

            known->keys[slot] = old.keys[i];
            known->commons[slot] = old.commons[i];
        }
    wcp_free_array(known->mem, old.keys, old.num_slots, sizeof *old.keys);
    wcp_free_array(known->mem, old.commons, old.num_slots, sizeof *old.commons);
    return true;
}

static bool
find_in_pairs(const struct wcp_known *known, uint32_t a, uint32_t b,
              struct wcp_overlap *overlap_ret)
{
    return known->pairs != NULL &&
           wcp_story_overlap(known->pairs, a, b, overlap_ret);
}

bool
wcp_known_add(struct wcp_known *known, const struct wcp_class_pair *pairs,
              size_t num)
{
    struct wcp_overlap overlap;
    size_t num_new = 0;

    for (size_t i = 0; i < num; i++)
        num_new += !find_in_pairs(known, pairs[i].a, pairs[i].b, &overlap);
    if (num_new == 0)
        return true;
    if (known->sizes == NULL)
        known->sizes = wcp_new_zeroed(known->mem, known->num_classes,
                                      sizeof *known->sizes);
    if (known->sizes == NULL || num_new > SIZE_MAX / 8 - known->num ||
        !make_slots(known, known->num + num_new))
        return false;
    for (size_t i = 0; i < num; i++) {
        const uint64_t key = key_of(pairs[i].a, pairs[i].b);
        size_t slot;

        if (find_in_pairs(known, pairs[i].a, pairs[i].b, &overlap))
            continue;
        slot = find_slot(known, key);
        known->num += known->keys[slot] == 0;
        known->keys[slot] = key;
        known->commons[slot] = pairs[i].overlap.common;
        known->sizes[pairs[i].a] = pairs[i].overlap.size_a;
        known->sizes[pairs[i].b] = pairs[i].overlap.size_b;
    }
    return true;
}

bool
wcp_known_find(const struct wcp_known *known, uint32_t a, uint32_t b,
               struct wcp_overlap *overlap_ret)
{
    const uint64_t key = key_of(a, b);
    size_t slot;

    if (known->num == 0)
        return find_in_pairs(known, a, b, overlap_ret);
    slot = find_slot(known, key);
    if (known->keys[slot] != key)
        return find_in_pairs(known, a, b, overlap_ret);
    *overlap_ret = (struct wcp_overlap){ known->commons[slot], known->sizes[a],
                                         known->sizes[b] };
    return true;
}
