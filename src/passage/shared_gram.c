/*
 * shared_gram.c - has a span a gram of another one at all?
 *
 * A passage that lies in a longer one is looked for in all copies of that, and
 * most of them do not have it.  The eight bytes that begin at each unit of the
 * part are listed once.  A gram that it shares with a window has eight bytes
 * in it that begin at every few units of the window, so only those are looked
 * up there.
 */
#include "passage/engine.h"

#include <string.h>

#define NONE UINT32_MAX

enum {
    BYTES = 8,
    MAX_HEADS = 1 << 16,
    MAX_TRIES = 16, /* places of the part for one of the window */
};

static inline uint64_t
bytes_at(const struct wcp_units *x, uint32_t at)
{
    return wcp_load64((const uint8_t *)x->at +
                      (size_t)at * (x->narrow ? 1 : 2));
}

static inline uint32_t *
head_of(const struct wcp_part *part, uint64_t bytes)
{
    return &part->heads.at[bytes * UINT64_C(0x9E3779B97F4A7C15) >> part->shift];
}

bool
wcp_part_list(struct wcp_part *part, const struct wcp_memory *mem,
              const struct wcp_units *units)
{
    const uint32_t num_bytes = units->narrow ? BYTES : BYTES / 2;
    uint32_t num = 256;

    part->units = *units;
    part->shift = 56;
    while (num < 4 * (uint64_t)units->num && num < MAX_HEADS) {
        num *= 2;
        part->shift--;
    }
    if (!wcp_array_reserve(mem, &part->heads, num) ||
        !wcp_array_reserve(mem, &part->nexts, units->num))
        return false;
    memset(part->heads.at, 0xFF, num * sizeof *part->heads.at);
    for (uint32_t i = 0; i + num_bytes <= units->num; i++) {
        uint32_t *head = head_of(part, bytes_at(units, i));

        part->nexts.at[i] = *head;
        *head = i;
    }
    return true;
}

void
wcp_part_release(struct wcp_part *part, const struct wcp_memory *mem)
{
    wcp_array_release(mem, &part->heads);
    wcp_array_release(mem, &part->nexts);
}

/* Are there so many equal units around a place of each? */
static bool
is_gram(const struct wcp_units *x, uint32_t at, const struct wcp_units *y,
        uint32_t y_at, uint32_t gram)
{
    uint32_t before = 0, num = 0;

    while (before < at && before < y_at && before < gram &&
           wcp_unit(x, at - before - 1) == wcp_unit(y, y_at - before - 1))
        before++;
    while (at + num < x->num && y_at + num < y->num && before + num < gram &&
           wcp_unit(x, at + num) == wcp_unit(y, y_at + num))
        num++;
    return before + num >= gram;
}

bool
wcp_part_shares(const struct wcp_part *part, const struct wcp_units *units,
                uint32_t gram)
{
    const uint32_t num_bytes = units->narrow ? BYTES : BYTES / 2;
    const uint32_t step = gram - num_bytes + 1;

    if (units->narrow != part->units.narrow || gram < num_bytes)
        return true; /* perhaps */
    for (uint32_t i = 0; i + num_bytes <= units->num; i += step) {
        uint32_t k = *head_of(part, bytes_at(units, i));

        for (unsigned tries = 0; k != NONE; k = part->nexts.at[k])
            if (++tries > MAX_TRIES || is_gram(&part->units, k, units, i, gram))
                return true;
    }
    return false;
}
