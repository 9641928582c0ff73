/*
 * pinyin.c - annotations of how a Chinese character is read
 *
 * Some pages print the reading after characters that their readers may not
 * know, or that a machine picked: U+570B followed by "(guo)", with its tone
 * mark.  The copy without annotations must fold alike.
 *
 * Much else stands in parentheses after a Chinese character: names, initials,
 * translations.  So an annotation is exactly one lower-case syllable that a
 * Mandarin speaker could say, with exactly one tone mark, and nothing more: no
 * white space, no second syllable, no neutral tone.  Tone marks may be
 * precomposed or follow the vowel; the breve passes for the caron, and the
 * phonetic letters U+0251 and U+0261 for a and g, because pages use them so.
 * "v" does not pass for u with diaeresis: pages that write v write tones as
 * digits.
 */
#include "text/fold_table.h"

#include <stdbool.h>
#include <string.h>

/* A letter with what was on it. */
struct letter {
    char base; /* lower-case ASCII */
    bool diaeresis, tone;
};

/* The precomposed letters: those with a tone, in order of code point. */
static const struct {
    uint16_t code;
    char base;
    bool diaeresis;
} toned[] = {
    { 0xE0, 'a', false },  { 0xE1, 'a', false },  { 0xE8, 'e', false },
    { 0xE9, 'e', false },  { 0xEC, 'i', false },  { 0xED, 'i', false },
    { 0xF2, 'o', false },  { 0xF3, 'o', false },  { 0xF9, 'u', false },
    { 0xFA, 'u', false },  { 0x101, 'a', false }, { 0x103, 'a', false },
    { 0x113, 'e', false }, { 0x115, 'e', false }, { 0x11B, 'e', false },
    { 0x12B, 'i', false }, { 0x12D, 'i', false }, { 0x144, 'n', false },
    { 0x148, 'n', false }, { 0x14D, 'o', false }, { 0x14F, 'o', false },
    { 0x16B, 'u', false }, { 0x16D, 'u', false }, { 0x1CE, 'a', false },
    { 0x1D0, 'i', false }, { 0x1D2, 'o', false }, { 0x1D4, 'u', false },
    { 0x1D6, 'u', true },  { 0x1D8, 'u', true },  { 0x1DA, 'u', true },
    { 0x1DC, 'u', true },  { 0x1F9, 'n', false }, { 0x1E3F, 'm', false },
};

static struct letter
read_letter(uint32_t code)
{
    struct letter letter = { '\0', false, false };

    if (code >= 'a' && code <= 'z')
        letter.base = (char)code;
    else if (code == 0x251)
        letter.base = 'a';
    else if (code == 0x261)
        letter.base = 'g';
    else if (code == 0xFC)
        letter = (struct letter){ 'u', true, false };
    for (size_t i = 0; i < sizeof toned / sizeof *toned; i++)
        if (toned[i].code == code)
            letter = (struct letter){ toned[i].base, toned[i].diaeresis, true };
    return letter;
}

static bool
is_tone_mark(uint32_t code)
{
    return code == 0x300 || code == 0x301 || code == 0x304 || code == 0x306 ||
           code == 0x30C;
}

enum { MAX_SYLLABLE = 6 }; /* zhuang */

/* The letter at text[0] with the combining marks that follow it; returns its
 * length, 0 when it is none that pinyin uses. */
static size_t
next_letter(const uint8_t *text, size_t len, struct letter *letter_ret)
{
    uint32_t code;
    size_t at;

    if (len == 0)
        return 0;
    at = wcp_fold_decode(text, len, &code);
    *letter_ret = read_letter(code);
    if (letter_ret->base == '\0')
        return 0;
    while (at < len) {
        size_t mark_len = wcp_fold_decode(text + at, len - at, &code);

        if (code == 0x308 && letter_ret->base == 'u' &&
            !letter_ret->diaeresis && !letter_ret->tone)
            letter_ret->diaeresis = true;
        else if (is_tone_mark(code) && !letter_ret->tone)
            letter_ret->tone = true;
        else
            break;
        at += mark_len;
    }
    return at;
}

static bool
is_vowel(char c)
{
    return c != '\0' && strchr("aeiou", c) != NULL;
}

static size_t
initial_len(const struct letter *letters, size_t num)
{
    char first = letters[0].base;

    if (strchr("bpmfdtnlgkhjqxrzcsyw", first) == NULL)
        return 0;
    if (num > 1 && strchr("zcs", first) != NULL && letters[1].base == 'h')
        return 2;
    return 1;
}

/* One syllable with one tone, num > 0: initial, one to three vowels and n, ng
 * or r; or the syllabic m, n, ng. */
static bool
is_syllable(const struct letter *letters, size_t num)
{
    size_t at = initial_len(letters, num), begin, tones = 0, tone_at = 0;
    size_t rest;

    for (size_t i = 0; i < num; i++) {
        tones += letters[i].tone;
        if (letters[i].tone)
            tone_at = i;
    }
    if (tones != 1)
        return false;
    if (tone_at == 0 && letters[0].base == 'm')
        return num == 1;
    if (tone_at == 0 && letters[0].base == 'n')
        return num == 1 || (num == 2 && letters[1].base == 'g');
    begin = at;
    while (at < num && at - begin < 3 && is_vowel(letters[at].base))
        at++;
    if (tone_at < begin || tone_at >= at)
        return false;
    rest = num - at;
    return rest == 0 ||
           (rest == 1 &&
            (letters[at].base == 'n' || letters[at].base == 'r')) ||
           (rest == 2 && letters[at].base == 'n' &&
            letters[at + 1].base == 'g');
}

static bool
is_han(uint32_t code)
{
    return (code >= 0x4E00 && code <= 0x9FFF) ||
           (code >= 0x3400 && code <= 0x4DBF) ||
           (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0x20000 && code <= 0x3FFFF) || code == 0x3007;
}

/* Whether a Chinese character ends right before text[at].  The decoder looks
 * at first bytes only; here the others are what tells where one begins. */
static bool
han_before(const uint8_t *text, size_t at)
{
    size_t len = 1;
    uint32_t code;

    while (len < 4 && len < at && (text[at - len] & 0xC0) == 0x80)
        len++;
    return len >= 3 && len <= at &&
           wcp_fold_decode(text + at - len, len, &code) == len && is_han(code);
}

size_t
wcp_pinyin_match(const uint8_t *text, size_t len, size_t at)
{
    struct letter letters[MAX_SYLLABLE];
    size_t open_at = at, num = 0, letter_len, close_len;
    uint32_t close;

    if (!han_before(text, at))
        return 0;
    at += text[at] == '(' ? 1 : 3;
    while (num < MAX_SYLLABLE && at < len &&
           (letter_len = next_letter(text + at, len - at, letters + num)) > 0) {
        at += letter_len;
        num++;
    }
    if (num == 0 || at >= len || !is_syllable(letters, num))
        return 0;
    close_len = wcp_fold_decode(text + at, len - at, &close);
    if (close != ')' && close != 0xFF09)
        return 0;
    return at + close_len - open_at;
}
