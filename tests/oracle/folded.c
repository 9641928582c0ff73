/*
 * folded.c - reads folded texts and cuts them into windows
 *
 * Slow and plain on purpose.  The scripts are told apart by the blocks of
 * Unicode, by code point, and not by UTF-16 units as the program does.
 */
#include "folded.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT_WINDOW = 5, LONG_WINDOW = 8 };

void
give_up(const char *what, const char *subject)
{
    fprintf(stderr, "oracle: %s '%s'\n", what, subject);
    exit(EXIT_FAILURE);
}

void *
must_alloc(size_t num, size_t size)
{
    void *memory = calloc(num ? num : 1, size);

    if (!memory)
        give_up("out of memory", "calloc");
    return memory;
}

static const struct {
    uint32_t first, last;
} short_blocks[] = {
    { 0x1100, 0x11FF },   /* Hangul Jamo */
    { 0x2E80, 0x2EFF },   /* CJK Radicals Supplement */
    { 0x2F00, 0x2FDF },   /* Kangxi Radicals */
    { 0x3000, 0x303F },   /* 々 and 〇 among CJK punctuation */
    { 0x3040, 0x309F },   /* Hiragana */
    { 0x30A0, 0x30FF },   /* Katakana */
    { 0x3100, 0x312F },   /* Bopomofo */
    { 0x3130, 0x318F },   /* Hangul Compatibility Jamo */
    { 0x31A0, 0x31BF },   /* Bopomofo Extended */
    { 0x31F0, 0x31FF },   /* Katakana Phonetic Extensions */
    { 0x3400, 0x4DBF },   /* Extension A */
    { 0x4E00, 0x9FFF },   /* CJK Unified Ideographs */
    { 0xA960, 0xA97F },   /* Hangul Jamo Extended-A */
    { 0xAC00, 0xD7FF },   /* Hangul Syllables, Jamo Extended-B */
    { 0xF900, 0xFAFF },   /* the twelve compatibility ideographs that stay */
    { 0x1AFF0, 0x1AFFF }, /* Kana Extended-B */
    { 0x1B000, 0x1B16F }, /* Kana Supplement, Extended-A, Small Extension */
    { 0x20000, 0x3FFFF }, /* the ideographic planes */
};

static bool
is_short(uint32_t c)
{
    for (size_t i = 0; i < sizeof short_blocks / sizeof short_blocks[0]; i++)
        if (c >= short_blocks[i].first && c <= short_blocks[i].last)
            return true;
    return false;
}

/* The code point at *p of UTF-8 that Python wrote, and is valid therefore. */
static uint32_t
next_character(const unsigned char **p)
{
    const unsigned char *s = *p;
    const size_t len = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    uint32_t c = len == 1 ? s[0] : s[0] & (0x7Fu >> len);

    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            give_up("not UTF-8", (const char *)s);
        c = c << 6 | (s[i] & 0x3F);
    }
    *p = s + len;
    return c;
}

static void
set_units(struct text *text, const char *utf8)
{
    const unsigned char *p = (const unsigned char *)utf8;
    uint16_t *units = must_alloc(strlen(utf8), sizeof *units);
    size_t num = 0;

    while (*p) {
        uint32_t c = next_character(&p);

        if (c > 0xFFFF) {
            c -= 0x10000;
            units[num++] = (uint16_t)(0xD800 + (c >> 10));
            c = 0xDC00 + (c & 0x3FF);
        }
        units[num++] = (uint16_t)c;
    }
    text->units = units;
    text->num = num;
}

static char *
read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *data;
    long size;

    if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
        fseek(file, 0, SEEK_SET) != 0)
        give_up("cannot read", path);
    data = must_alloc((size_t)size + 1, 1);
    if (fread(data, 1, (size_t)size, file) != (size_t)size)
        give_up("cannot read", path);
    fclose(file);
    if (strlen(data) != (size_t)size)
        give_up("holds a NUL byte", path);
    return data;
}

struct texts
read_texts(const char *path)
{
    char *line = read_whole(path), *end, *tab;
    struct texts texts = { NULL, 0 };
    size_t max = 0;

    for (const char *p = line; (p = strchr(p, '\n')); p++)
        max++;
    texts.at = must_alloc(max, sizeof *texts.at);
    for (; (end = strchr(line, '\n')); line = end + 1) {
        struct text *text = &texts.at[texts.num++];

        *end = '\0';
        tab = strchr(line, '\t');
        if (!tab)
            give_up("a line without a tab", line);
        *tab = '\0';
        text->id = line;
        set_units(text, tab + 1);
    }
    if (*line)
        give_up("the last line has no end in", path);
    return texts;
}

/*
 * The window that begins at or after *at: moves *at to it and returns its
 * length in units, 0 when there is none left.  A window begins at a character
 * and holds 5 units if that is Han, kana, bopomofo or Hangul, else 8.
 */
static size_t
next_window(const struct text *text, size_t *at)
{
    for (; *at < text->num; ++*at) {
        const uint16_t *u = text->units + *at;
        uint32_t c = u[0];
        size_t len;

        if (c >= 0xDC00 && c <= 0xDFFF)
            continue;
        if (c >= 0xD800 && c <= 0xDBFF)
            c = 0x10000 + ((c - 0xD800) << 10) + (u[1] - 0xDC00u);
        len = is_short(c) ? SHORT_WINDOW : LONG_WINDOW;
        if (text->num - *at >= len)
            return len;
    }
    return 0;
}

void
for_each_window(const struct text *text,
                void (*visit)(void *ctx, const uint16_t *units, size_t num),
                void *ctx)
{
    size_t at = 0, len, seen = 0;

    for (; (len = next_window(text, &at)) > 0; at++, seen++)
        visit(ctx, text->units + at, len);
    if (seen == 0 && text->num > 0)
        visit(ctx, text->units, text->num);
}
