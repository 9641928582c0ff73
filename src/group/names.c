/*
 * names.c - different strings, numbered as they come
 *
 * An open-addressing table of numbers; the strings stay where they are.
 */
#include "group/score.h"

#include <string.h>

static uint64_t
hash_name(struct wcp_string name)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a */

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (uint8_t)name.data[i]) * UINT64_C(0x100000001B3);
    return hash ^ hash >> 29;
}

/* The slot of the name, or the free one where it would go. */
static size_t
find_slot(const struct wcp_names *names, struct wcp_string name)
{
    size_t slot = (size_t)hash_name(name) & (names->num_slots - 1);

    for (; names->slots[slot] != 0;
         slot = (slot + 1) & (names->num_slots - 1)) {
        struct wcp_string other = names->list.at[names->slots[slot] - 1];

        if (other.len == name.len &&
            memcmp(other.data, name.data, name.len) == 0)
            break;
    }
    return slot;
}

uint32_t
wcp_names_find(const struct wcp_names *names, struct wcp_string name)
{
    return names->num_slots == 0
               ? WCP_NOBODY
               : names->slots[find_slot(names, name)] - 1; /* 0: WCP_NOBODY */
}

static bool
grow_slots(struct wcp_names *names)
{
    size_t old_num = names->num_slots, num = old_num > 0 ? 2 * old_num : 64;
    uint32_t *old = names->slots;
    uint32_t *slots = wcp_new_zeroed(names->mem, num, sizeof *slots);

    if (slots == NULL)
        return false;
    names->slots = slots;
    names->num_slots = num;
    for (uint32_t i = 0; i < names->list.num; i++)
        slots[find_slot(names, names->list.at[i])] = i + 1;
    wcp_free_array(names->mem, old, old_num, sizeof *old);
    return true;
}

bool
wcp_names_add(struct wcp_names *names, struct wcp_string name,
              uint32_t *number_ret)
{
    size_t slot;

    if (2 * (names->list.num + 1) > names->num_slots && !grow_slots(names))
        return false;
    slot = find_slot(names, name);
    if (names->slots[slot] == 0) {
        if (!wcp_array_grow(names->mem, &names->list))
            return false;
        names->list.at[names->list.num++] = name;
        names->slots[slot] = (uint32_t)names->list.num;
    }
    *number_ret = names->slots[slot] - 1;
    return true;
}

void
wcp_names_release(struct wcp_names *names)
{
    wcp_free_array(names->mem, names->slots, names->num_slots,
                   sizeof *names->slots);
    wcp_array_release(names->mem, &names->list);
}
