/*
 * shingle_text.c - shingles of texts that are at hand, compared as they stand
 *
 * Two copies are mostly the same text.  Where a window of the one was found in
 * the other the texts themselves tell how far they go on together: a tenth of
 * the memory that the hashes take, and of all but a few windows of the second
 * text no hash is made at all.
 *
 * That takes a text in which the windows are numbered as its units are, but
 * for the last ones: one without surrogates, for none begins within a pair.
 */
#include "sketch/sketcher.h"

#include <string.h>

enum {
    BLOCK = 16,  /* windows that are hashed at a time */
    STRIDE = 32, /* from one window to the next at a glance */
    /* Hashes take less time than this does with less. */
    LEAST_UNITS = 4 * WCP_SHINGLE_MAX
};

/* Units of the longest window. */
static size_t
window_len(const struct wcp_sketcher *sketcher)
{
    return sketcher->shingle > 0 ? sketcher->shingle : WCP_SHINGLE_OTHER;
}

static bool
has_surrogates(const uint16_t *units, size_t num)
{
    unsigned any = 0;

    for (size_t i = 0; i < num; i++)
        any |= (units[i] & 0xF800) == 0xD800;
    return any != 0;
}

/* Units begin .. begin + num - 1 of the text, which may be put into 'room'. */
static const uint16_t *
units_of(const struct wcp_shingles *shingles, size_t begin, size_t num,
         uint16_t *room)
{
    const uint8_t *const bytes = (const uint8_t *)shingles->text + begin;

    if (!shingles->narrow)
        return (const uint16_t *)shingles->text + begin;
    for (size_t i = 0; i < num; i++)
        room[i] = bytes[i];
    return room;
}

/* Make the list of what was taken. */
static bool
make_list(struct wcp_sketcher *sketcher, struct wcp_shingles *shingles)
{
    const size_t num = shingles->num_units;
    const void *const text = shingles->text;
    const bool narrow = shingles->narrow;
    const size_t num_distinct = shingles->num_distinct;
    bool made = true;

    if (narrow) {
        made = wcp_sketcher_scratch(sketcher, num / 4 + 1);
        if (made)
            units_of(shingles, 0, num, (uint16_t *)(void *)sketcher->scratch);
    }
    made = made && wcp_shingles_make(sketcher,
                                     narrow ? (void *)sketcher->scratch : text,
                                     num, shingles);
    shingles->text = text;
    shingles->num_distinct = num_distinct;
    return made;
}

bool
wcp_shingles_take(struct wcp_sketcher *sketcher, const void *text, size_t num,
                  bool narrow, struct wcp_shingles *shingles)
{
    wcp_shingles_release(sketcher, shingles);
    shingles->text = text;
    shingles->num_units = (uint32_t)num;
    shingles->narrow = narrow;
    if (num >= LEAST_UNITS && (narrow || !has_surrogates(text, num)))
        return true;
    if (!make_list(sketcher, shingles))
        return false;
    shingles->text = NULL;
    return true;
}

bool
wcp_shingles_list(struct wcp_sketcher *sketcher, struct wcp_shingles *shingles)
{
    return shingles->list.num > 0 || shingles->text == NULL ||
           make_list(sketcher, shingles);
}

/* How many of the first bytes of both are equal. */
static size_t
common_bytes(const uint8_t *x, const uint8_t *y, size_t num)
{
    size_t i = 0;

    while (i + 64 <= num && memcmp(x + i, y + i, 64) == 0)
        i += 64;
    while (i + 8 <= num && memcmp(x + i, y + i, 8) == 0)
        i += 8;
    while (i < num && x[i] == y[i])
        i++;
    return i;
}

/* How many units are equal from a's unit 'at' and b's unit 'i' on. */
static size_t
common_units(const struct wcp_shingles *a, size_t at,
             const struct wcp_shingles *b, size_t i)
{
    const size_t size = a->narrow ? 1 : sizeof(uint16_t);
    const size_t in_a = a->num_units - at, in_b = b->num_units - i;

    return common_bytes((const uint8_t *)a->text + at * size,
                        (const uint8_t *)b->text + i * size,
                        (in_a < in_b ? in_a : in_b) * size) /
           size;
}

/* The hashes of some windows that begin one unit apart. */
struct windows {
    size_t begin, end;
    uint64_t hashes[BLOCK];
};

/* The hash of window i, of which 'num' begin one unit apart. */
static uint64_t
hash_at(const struct wcp_sketcher *sketcher, const struct wcp_shingles *b,
        struct windows *windows, size_t i, size_t num)
{
    uint16_t room[BLOCK + WCP_SHINGLE_MAX];

    if (i < windows->begin || i >= windows->end) {
        const size_t num_starts = num - i < BLOCK ? num - i : BLOCK;
        const size_t len = num_starts + window_len(sketcher) - 1;

        sketcher->kernels->hash_windows(units_of(b, i, len, room), num_starts,
                                        len, sketcher->shingle,
                                        windows->hashes);
        windows->begin = i;
        windows->end = i + num_starts;
    }
    return windows->hashes[i - windows->begin];
}

size_t
wcp_shingles_mark_text(const struct wcp_sketcher *sketcher,
                       const struct wcp_shingles *a,
                       const struct wcp_shingles *b, uint64_t *marks,
                       uint64_t *missing)
{
    const size_t len = window_len(sketcher);
    /* All windows that begin before these are numbered as the units are. */
    const size_t num_a = a->num_units - len + 1, num_b = b->num_units - len + 1;
    struct windows windows = { .begin = 0, .end = 0 };
    uint16_t room[WCP_SHINGLE_MAX];
    uint64_t last[WCP_SHINGLE_MAX];
    size_t num_missing = 0, num_last;

    for (size_t i = 0; i < num_b;) {
        const uint64_t hash = hash_at(sketcher, b, &windows, i, num_b);
        const size_t found = wcp_shingles_look_up(a, hash);
        size_t run = 0, num;

        if (found > 0 && found <= num_a)
            run = common_units(a, found - 1, b, i);
        num = run > len ? run - len + 1 : 1;
        if (found > 0)
            wcp_mark_bits(marks, found - 1, num);
        else
            missing[num_missing++] = hash;
        i += num;
    }
    num_last = sketcher->kernels->hash_windows(
        units_of(b, num_b, len - 1, room), len - 1, len - 1, sketcher->shingle,
        last);
    for (size_t i = 0; i < num_last; i++) {
        const size_t found = wcp_shingles_look_up(a, last[i]);

        if (found == 0)
            missing[num_missing++] = last[i];
        else
            wcp_mark_bits(marks, found - 1, 1);
    }
    return num_missing;
}

/* How many units in front of these are equal, at most so many. */
static size_t
common_before(const struct wcp_shingles *a, size_t at,
              const struct wcp_shingles *b, size_t i, size_t most)
{
    const size_t size = a->narrow ? 1 : sizeof(uint16_t);
    const uint8_t *x = (const uint8_t *)a->text + at * size;
    const uint8_t *y = (const uint8_t *)b->text + i * size;
    size_t num = 0;

    most = most < at ? most : at;
    while (num < most && memcmp(x - size, y - size, size) == 0) {
        x -= size;
        y -= size;
        num++;
    }
    return num;
}

void
wcp_shingles_mark_runs(const struct wcp_sketcher *sketcher,
                       const struct wcp_shingles *a,
                       const struct wcp_shingles *b, uint64_t *marks)
{
    const size_t len = window_len(sketcher);
    const size_t num_a = a->num_units - len + 1, num_b = b->num_units - len + 1;
    uint16_t room[WCP_SHINGLE_MAX];
    size_t end = 0; /* of what has been looked at */

    for (size_t i = 0, num; i < num_b; i += num) {
        uint64_t hash;
        size_t found, run;

        sketcher->kernels->hash_windows(units_of(b, i, len, room), 1, len,
                                        sketcher->shingle, &hash);
        found = wcp_shingles_look_up(a, hash);
        num = STRIDE;
        if (found == 0 || found > num_a)
            continue;
        run = common_units(a, found - 1, b, i);
        if (run < len)
            continue;
        num = common_before(a, found - 1, b, i, i - end);
        wcp_mark_bits(marks, found - 1 - num, num + run - len + 1);
        /* The next one begins behind the unit that differs. */
        num = run + 1;
        end = i + run;
    }
}
