/*
 * common_run.c - whether two texts may share a run at all
 *
 * The passage engine meets texts at shingles that both have.  What is left of
 * two texts that were aligned mostly has none in common; a table of those of
 * the one tells so in a few microseconds, which is a tenth of what it takes to
 * ask the engine.  It may say yes by chance, never no.
 */
#include "group/pieces.h"

#include "sketch/sketch.h"

#include <string.h>

enum {
    TABLE_BITS = 12,
    MAX_UNITS = 1 << (TABLE_BITS - 1), /* of the text in the table */
};

struct table {
    uint32_t slots[1 << TABLE_BITS]; /* of hashes, 0: free */
    unsigned len;                    /* units of a run */
};

/* Of 5 to 8 units, never 0; their last four may have some of the first. */
static uint32_t
hash_run(const uint16_t *units, unsigned len)
{
    uint64_t first, last;

    memcpy(&first, units, sizeof first);
    memcpy(&last, units + len - 4, sizeof last);
    first = (first ^ last * UINT64_C(0x9E3779B97F4A7C15)) *
            UINT64_C(0xD6E8FEB86659FD93);
    first ^= first >> 32;
    first *= UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(first >> 32) | 1;
}

static uint32_t *
find_slot(struct table *table, uint32_t hash)
{
    uint32_t at = hash >> (32 - TABLE_BITS);

    while (table->slots[at] != 0 && table->slots[at] != hash)
        at = (at + 1) % (1 << TABLE_BITS);
    return &table->slots[at];
}

static bool
may_be_short(const struct wcp_units *text)
{
    const uint16_t *units = text->at;
    unsigned any = 0;

    for (uint32_t i = 0; i < text->num; i++)
        any |= units[i] >= 0x1100 && units[i] < WCP_RUN_SEPARATORS;
    return any != 0;
}

bool
wcp_may_share_run(const struct wcp_units *a, const struct wcp_units *b)
{
    const struct wcp_units *less = a->num < b->num ? a : b;
    const struct wcp_units *more = a->num < b->num ? b : a;
    const uint16_t *units = less->at, *others = more->at;
    struct table table;

    if (less->num > MAX_UNITS)
        return true;
    table.len = may_be_short(less) && may_be_short(more) ? WCP_SHINGLE_HAN
                                                         : WCP_SHINGLE_OTHER;
    memset(table.slots, 0, sizeof table.slots);
    for (uint32_t i = 0; i + table.len <= less->num; i++) {
        const uint32_t hash = hash_run(units + i, table.len);

        *find_slot(&table, hash) = hash;
    }
    for (uint32_t i = 0; i + table.len <= more->num; i++)
        if (*find_slot(&table, hash_run(others + i, table.len)) != 0)
            return true;
    return false;
}
