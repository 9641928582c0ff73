/*
 * characters.c - whole characters, and how many stand before a byte of a text
 *
 * Of the few places that a text is asked about each would take a walk from its
 * beginning; counted once at every STEP-th byte, none is far to go.
 */
#include "text/text.h"

#include <string.h>

enum { STEP = 1024 };

size_t
wcp_characters_within(const char *text, size_t len, size_t most)
{
    if (len <= most)
        return len;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return most;
}

/* Of UTF-8 every byte but those that go on with one begins a character.  Few
 * enough at once for sums of bytes, of which a vector holds the most. */
static uint64_t
count(const char *text, size_t len)
{
    enum { AT_ONCE = 128 };
    uint64_t num = 0;

    for (size_t begin = 0; begin < len; begin += AT_ONCE) {
        const size_t end = len - begin < AT_ONCE ? len : begin + AT_ONCE;
        uint8_t some = 0;

        for (size_t i = begin; i < end; i++)
            some = (uint8_t)(some + (((unsigned char)text[i] & 0xC0) != 0x80));
        num += some;
    }
    return num;
}

bool
wcp_characters_init(struct wcp_characters *characters,
                    const struct wcp_memory *mem, const char *text, size_t len)
{
    uint64_t num = 0;

    characters->text = text;
    wcp_buffer_init(&characters->before, mem, 0);
    for (size_t at = 0;; at += STEP) {
        if (!wcp_buffer_append(&characters->before, &num, sizeof num))
            return false;
        if (len - at < STEP)
            return true;
        num += count(text + at, STEP);
    }
}

void
wcp_characters_release(struct wcp_characters *characters)
{
    wcp_buffer_release(&characters->before);
}

uint64_t
wcp_characters_before(const struct wcp_characters *characters, uint64_t at)
{
    const size_t step = (size_t)at / STEP;
    uint64_t num;

    memcpy(&num, characters->before.data + step * sizeof num, sizeof num);
    return num +
           count(characters->text + step * STEP, (size_t)at - step * STEP);
}
