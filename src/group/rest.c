/*
 * rest.c - what a text holds besides a story that lies in it
 *
 * A text that was added to a story goes on about it, and so has words of it:
 * names above all.  What stands beside it on a page has not.  Words are windows
 * of 3 Han, kana or Hangul characters, or of 8 others; how many of those of the
 * rest are in the story is counted, wherever they stand.
 *
 * The rest are the paragraphs of which less than a quarter stands in the story,
 * if they are not very short.  A paragraph ends with a line that ends a
 * sentence: so a heading goes with what follows, and broken lines together.
 */
#include "group/rest.h"

#include "group/compare.h"
#include "passage/passage.h"

#include <string.h>

enum { EAST_ASIAN_WINDOW = 3, OTHER_WINDOW = 8 };
enum { STEP = 3 }; /* windows of which one is looked up, at first */
/* Shorter paragraphs do not count: 20 Han characters, 50 letters. */
enum { MIN_PARAGRAPH = 20 * WCP_WEIGHT_HAN };

/* A window of a story, and who has it. */
struct slot {
    uint32_t key;       /* 0: the slot is free */
    uint16_t paragraph; /* the first of the story's, from 1; 0: none yet */
    bool is_repeated;   /* another one of these has it, too */
    bool is_shared;     /* the rest has it, too */
};

/* Most windows of a page are not in the story, which a bit says that is always
 * near. */
enum { FILTER_BITS = 16 };

struct windows {
    struct slot *slots;
    size_t num; /* a power of two */
    uint64_t filter[(1 << FILTER_BITS) / 64];
};

static void
set_filter(struct windows *windows, uint32_t key)
{
    windows->filter[key >> (32 - FILTER_BITS + 6)] |=
        UINT64_C(1) << (key >> (32 - FILTER_BITS)) % 64;
}

static bool
may_have(const struct windows *windows, uint32_t key)
{
    return (windows->filter[key >> (32 - FILTER_BITS + 6)] >>
                (key >> (32 - FILTER_BITS)) % 64 &
            1) != 0;
}

/* Four units as one number; they are loaded at once where that is the order of
 * bytes. */
static inline uint64_t
four_units(const uint16_t *units)
{
    return units[0] | (uint64_t)units[1] << 16 | (uint64_t)units[2] << 32 |
           (uint64_t)units[3] << 48;
}

/* A number for the window that begins at a unit; 0: none fits. */
static inline uint32_t
window_at(const struct wcp_folded *text, size_t at, size_t end)
{
    const uint16_t *units = &text->units[at];
    uint64_t key;

    _Static_assert(EAST_ASIAN_WINDOW == 3 && OTHER_WINDOW == 8, "windows");
    if (wcp_unit_is_east_asian(*units)) {
        if (end - at < EAST_ASIAN_WINDOW)
            return 0;
        key = (units[0] | (uint64_t)units[1] << 16 | (uint64_t)units[2] << 32) *
              UINT64_C(0x9E3779B97F4A7C15);
        key = (key ^ key >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    } else {
        if (end - at < OTHER_WINDOW)
            return 0;
        key = four_units(units) * UINT64_C(0x9E3779B97F4A7C15);
        key = (key ^ key >> 32 ^ four_units(units + 4)) *
              UINT64_C(0xD6E8FEB86659FD93);
    }
    key >>= 32;
    return (uint32_t)key + (key == 0);
}

static struct slot *
find_slot(const struct windows *windows, uint32_t key)
{
    size_t i = key & (windows->num - 1);

    while (windows->slots[i].key != 0 && windows->slots[i].key != key)
        i = (i + 1) & (windows->num - 1);
    return &windows->slots[i];
}

static bool
windows_init(struct windows *windows, const struct wcp_memory *mem,
             const struct wcp_folded *story)
{
    windows->num = 16;
    while (windows->num < 2 * story->num)
        windows->num *= 2;
    windows->slots = wcp_new_zeroed(mem, windows->num, sizeof *windows->slots);
    for (size_t i = 0; windows->slots != NULL && i < story->num; i++) {
        const uint32_t key = window_at(story, i, story->num);

        if (key == 0)
            continue;
        find_slot(windows, key)->key = key;
        set_filter(windows, key);
    }
    return windows->slots != NULL;
}

/* What has been read of a page. */
struct reading {
    const uint32_t *keys;          /* of the page's windows */
    const struct windows *windows; /* of the story */
    struct wcp_rest *rest;
    uint16_t num_of_story; /* paragraphs */
    uint32_t behind;       /* paragraphs of the rest since the last of these */
};

/* The window of the story that is one of the page, too, or NULL. */
static struct slot *
slot_at(const struct reading *r, size_t at)
{
    const uint32_t key = r->keys[at];
    struct slot *slot;

    if (key == 0 || !may_have(r->windows, key))
        return NULL;
    slot = find_slot(r->windows, key);
    return slot->key == key ? slot : NULL;
}

/* Whether a quarter of it stands in the story, to go by some of its windows. */
static bool
is_of_story(const struct reading *r, size_t begin, size_t end)
{
    uint64_t num = 0, num_shared = 0;

    for (size_t i = begin; i < end; i += STEP) {
        num_shared += slot_at(r, i) != NULL;
        num += r->keys[i] != 0;
    }
    return 4 * num_shared > num;
}

static void
add_of_story(struct reading *r, size_t begin, size_t end)
{
    struct wcp_rest *rest = r->rest;

    if (++r->num_of_story == 1)
        rest->num_before = r->behind;
    else
        rest->num_within += r->behind;
    r->behind = 0;
    for (size_t i = begin; i < end; i++) {
        struct slot *slot = slot_at(r, i);

        if (slot == NULL)
            continue;
        if (slot->paragraph == 0) {
            slot->paragraph = r->num_of_story;
            rest->num_own++;
        } else if (slot->paragraph != r->num_of_story && !slot->is_repeated) {
            slot->is_repeated = true;
            rest->num_repeated++;
        }
    }
}

/* Windows of the story count once: what stands in each line of a page says no
 * more for that. */
static void
add_rest(struct reading *r, size_t begin, size_t end)
{
    r->behind++;
    r->rest->num_paragraphs++;
    for (size_t i = begin; i < end; i++) {
        struct slot *slot = slot_at(r, i);

        r->rest->num_windows += r->keys[i] != 0;
        if (slot != NULL && !slot->is_shared) {
            slot->is_shared = true;
            r->rest->num_shared++;
        }
    }
}

static void
add_paragraph(struct reading *r, size_t begin, size_t end)
{
    if (is_of_story(r, begin, end))
        add_of_story(r, begin, end);
    else
        add_rest(r, begin, end);
}

/* ---- paragraphs ---- */

/* The first unit that begins at a byte or behind it. */
static uint32_t
unit_behind(const struct wcp_folded *folded, size_t at)
{
    size_t low = 0, high = folded->num;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (folded->begins[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* The paragraph that begins at a unit ends where? */
static uint32_t
paragraph_end(struct wcp_string page, const struct wcp_folded *folded,
              uint32_t begin)
{
    uint32_t last = begin;
    size_t at = folded->begins[begin];

    for (const char *line;
         (line = memchr(page.data + at, '\n', page.len - at)) != NULL; at++) {
        uint32_t unit;

        at = (size_t)(line - page.data);
        unit = unit_behind(folded, at);
        if (unit == last || unit == folded->num)
            continue;
        last = unit;
        if (wcp_break_between(page, folded->ends[unit - 1], at) ==
            WCP_BREAK_SENTENCE)
            return unit;
    }
    return (uint32_t)folded->num;
}

/* A paragraph has a number of 16 bits. */
_Static_assert(WCP_REST_MAX_UNITS / (MIN_PARAGRAPH / WCP_WEIGHT_HAN) <
                   UINT16_MAX,
               "paragraphs of a page");

/* The weight of units of a text. */
static uint64_t
weigh(const struct wcp_folded *text, uint32_t begin, uint32_t end)
{
    const struct wcp_units units = { text->units, (uint32_t)text->num, false };

    return wcp_units_weight(&units, begin, end);
}

/* List the windows of all paragraphs that are not very short. */
static bool
list_windows(struct wcp_page *page, struct wcp_string text,
             const struct wcp_folded *folded)
{
    uint32_t end;

    for (uint32_t begin = 0; begin < folded->num; begin = end) {
        end = paragraph_end(text, folded, begin);
        if (weigh(folded, begin, end) < MIN_PARAGRAPH)
            continue;
        if (!wcp_array_grow(page->mem, &page->begins) ||
            !wcp_array_reserve(page->mem, &page->windows,
                               page->windows.num + (end - begin)))
            return false;
        page->begins.at[page->begins.num++] = page->windows.num;
        for (size_t i = begin; i < end; i++)
            page->windows.at[page->windows.num++] = window_at(folded, i, end);
    }
    if (!wcp_array_grow(page->mem, &page->begins))
        return false;
    page->begins.at[page->begins.num++] = page->windows.num;
    return true;
}

enum wcp_code
wcp_page_read(struct wcp_page *page, struct wcp_string text,
              const struct wcp_folded *folded, struct wcp_fault *fault)
{
    page->begins.num = page->windows.num = 0;
    if (folded->num > WCP_REST_MAX_UNITS)
        return WCP_CODE_OK;
    if (!list_windows(page, text, folded))
        return wcp_no_memory(fault);
    /* One is of the story, or it is nowhere. */
    if (wcp_page_num_paragraphs(page) <= WCP_MIN_REST_PARAGRAPHS)
        page->begins.num = 0;
    return WCP_CODE_OK;
}

void
wcp_page_release(struct wcp_page *page)
{
    wcp_array_release(page->mem, &page->begins);
    wcp_array_release(page->mem, &page->windows);
}

enum wcp_code
wcp_page_rest(const struct wcp_page *page, const struct wcp_folded *story,
              struct wcp_rest *rest, struct wcp_fault *fault)
{
    const size_t num = wcp_page_num_paragraphs(page);
    const size_t *begins = page->begins.at;
    struct windows windows = { .slots = NULL };
    struct reading reading = { page->windows.at, &windows, rest, 0, 0 };

    *rest = (struct wcp_rest){ .story = weigh(story, 0, (uint32_t)story->num) };
    if (num == 0)
        return WCP_CODE_OK;
    if (!windows_init(&windows, page->mem, story))
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num && rest->num_within == 0; i++)
        add_paragraph(&reading, begins[i], begins[i + 1]);
    wcp_free_array(page->mem, windows.slots, windows.num,
                   sizeof *windows.slots);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_rest_find(struct wcp_rest *rest, const struct wcp_memory *mem,
              const struct wcp_folded *story, struct wcp_string text,
              const struct wcp_folded *folded, struct wcp_fault *fault)
{
    struct wcp_page page = { .mem = mem };
    enum wcp_code code = wcp_page_read(&page, text, folded, fault);

    if (code == WCP_CODE_OK)
        code = wcp_page_rest(&page, story, rest, fault);
    wcp_page_release(&page);
    return code;
}
