/*
 * figures.c - the figures of a text, to see whether some may be exchanged
 *
 * Where a form is filled in anew one figure stands in place of another
 * (slots.c).  That takes an alignment to see; but if all figures of the one
 * text stand in the other in the same order, nothing was exchanged.  So it is
 * with nearly all copies.  If they do not, those that stand between other
 * characters there are counted: a form has many.
 *
 * English has no spaces left between its words, so that every place where the
 * letters of a number stand is one: ten in often, may in mayor.  Where a word
 * was put for another the same letters stand on both sides, unless digits go
 * with it.  What is too much makes an alignment at worst.
 */
#include "group/slots.h"

#include <string.h>

enum { MONTH = 1000 }; /* added to that of a month */

static const struct {
    const char *word;
    uint32_t value;
} words[] = {
    { "one", 1 },
    { "two", 2 },
    { "three", 3 },
    { "four", 4 },
    { "five", 5 },
    { "six", 6 },
    { "seven", 7 },
    { "eight", 8 },
    { "nine", 9 },
    { "ten", 10 },
    { "eleven", 11 },
    { "twelve", 12 },
    { "thirteen", 13 },
    { "fourteen", 14 },
    { "fifteen", 15 },
    { "twenty", 20 },
    { "thirty", 30 },
    { "forty", 40 },
    { "fifty", 50 },
    { "january", MONTH + 1 },
    { "february", MONTH + 2 },
    { "march", MONTH + 3 },
    { "april", MONTH + 4 },
    { "may", MONTH + 5 },
    { "june", MONTH + 6 },
    { "july", MONTH + 7 },
    { "august", MONTH + 8 },
    { "september", MONTH + 9 },
    { "october", MONTH + 10 },
    { "november", MONTH + 11 },
    { "december", MONTH + 12 },
    { "jan", MONTH + 1 },
    { "feb", MONTH + 2 },
    { "mar", MONTH + 3 },
    { "apr", MONTH + 4 },
    { "jun", MONTH + 6 },
    { "jul", MONTH + 7 },
    { "aug", MONTH + 8 },
    { "sept", MONTH + 9 },
    { "oct", MONTH + 10 },
    { "nov", MONTH + 11 },
    { "dec", MONTH + 12 },
};

enum { NUM_WORDS = sizeof words / sizeof *words };

uint32_t
wcp_number_word(const char *letters)
{
    for (size_t i = 0; i < NUM_WORDS; i++)
        if (strcmp(words[i].word, letters) == 0)
            return words[i].value;
    return 0;
}

/* 〇一七万三九二五亿八六十千四百零, as they fold */
static const uint16_t chinese[] = { 0x3007, 0x4E00, 0x4E03, 0x4E07,
                                    0x4E09, 0x4E5D, 0x4E8C, 0x4E94,
                                    0x4EBF, 0x516B, 0x516D, 0x5341,
                                    0x5343, 0x56DB, 0x767E, 0x96F6 };

enum { NUM_CHINESE = sizeof chinese / sizeof *chinese };

bool
wcp_is_chinese_numeral(uint16_t u)
{
    bool is_one = false;

    for (size_t i = 0; i < NUM_CHINESE; i++)
        is_one |= chinese[i] == u;
    return is_one;
}

/* ---- words in a text ---- */

enum { LETTER_BITS = 5, KEY_BITS = 3 * LETTER_BITS }; /* of a word's first 3 */

/* What figures begin with. */
struct wcp_figure_reader {
    const struct wcp_memory *mem;
    uint32_t keys[NUM_WORDS];
    uint64_t any[(1 << KEY_BITS) / 64]; /* a bit for each key there is */
    uint64_t numerals[(1 << 16) / 64];  /* for each digit and numeral */
};

/* The key of three letters from that of those before. */
static uint32_t
next_key(uint32_t key, uint16_t letter)
{
    return (key << LETTER_BITS | (letter & ((1 << LETTER_BITS) - 1))) &
           ((1 << KEY_BITS) - 1);
}

static void
set_bit(uint64_t *bits, uint32_t at)
{
    bits[at / 64] |= UINT64_C(1) << at % 64;
}

static bool
has_bit(const uint64_t *bits, uint32_t at)
{
    return (bits[at / 64] >> at % 64 & 1) != 0;
}

static void
list_beginnings(struct wcp_figure_reader *reader)
{
    for (size_t i = 0; i < NUM_WORDS; i++) {
        uint32_t key = 0;

        for (int k = 0; k < 3; k++)
            key = next_key(key, (uint16_t)words[i].word[k]);
        reader->keys[i] = key;
        set_bit(reader->any, key);
    }
    for (uint32_t u = '0'; u <= '9'; u++)
        set_bit(reader->numerals, u);
    for (size_t i = 0; i < NUM_CHINESE; i++)
        set_bit(reader->numerals, chinese[i]);
}

struct wcp_figure_reader *
wcp_figure_reader_new(const struct wcp_memory *mem)
{
    struct wcp_figure_reader *reader = wcp_new_zeroed(mem, 1, sizeof *reader);

    if (reader != NULL) {
        reader->mem = mem;
        list_beginnings(reader);
    }
    return reader;
}

void
wcp_figure_reader_free(struct wcp_figure_reader *reader)
{
    if (reader != NULL)
        wcp_free_array(reader->mem, reader, 1, sizeof *reader);
}

static uint64_t
mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

/* Characters before and behind a figure that tell its place. */
enum { AROUND = 3 };

static uint32_t
unit_before(const struct wcp_folded *text, size_t at)
{
    return at > 0 ? text->units[at - 1] : 0;
}

static uint32_t
unit_at(const struct wcp_folded *text, size_t at)
{
    return at < text->num ? text->units[at] : 0;
}

static enum wcp_figure_kind
kind_of(const struct wcp_folded *text, size_t begin, size_t end)
{
    const uint16_t unit = text->units[begin];

    if (wcp_is_digit(unit))
        return WCP_FIGURE_DIGITS;
    if (unit < 'a' || unit > 'z')
        return WCP_FIGURE_CHINESE;
    return wcp_is_digit((uint16_t)unit_before(text, begin)) ||
                   wcp_is_digit((uint16_t)unit_at(text, end))
               ? WCP_FIGURE_DATE
               : WCP_FIGURE_WORD;
}

/* Add a figure that stands in units begin .. end - 1. */
static bool
add(struct wcp_figures *figures, const struct wcp_figure_reader *reader,
    const struct wcp_folded *text, size_t begin, size_t end, uint64_t value)
{
    uint64_t in_place = value;

    if (!wcp_array_grow(reader->mem, figures))
        return false;
    for (size_t i = 0; i < AROUND; i++) {
        in_place = mix(in_place, i <= begin ? unit_before(text, begin - i) : 0);
        in_place = mix(in_place, unit_at(text, end + i));
    }
    figures->at[figures->num++] = (struct wcp_figure){
        value, in_place, unit_before(text, begin) << 16 | unit_at(text, end),
        kind_of(text, begin, end)
    };
    return true;
}

/* Add the words that begin with a key at unit 'at'. */
static bool
add_words(struct wcp_figures *figures, const struct wcp_figure_reader *reader,
          const struct wcp_folded *text, size_t at, uint32_t key)
{
    for (size_t i = 0; i < NUM_WORDS; i++) {
        size_t k = 0;

        if (reader->keys[i] != key)
            continue;
        while (at + k < text->num && words[i].word[k] != '\0' &&
               text->units[at + k] == (uint16_t)words[i].word[k])
            k++;
        if (words[i].word[k] == '\0' &&
            !add(figures, reader, text, at, at + k, words[i].value))
            return false;
    }
    return true;
}

/* ---- runs of numerals ---- */

/* The numerals of one kind from unit 'at' on; behind them. */
static size_t
hash_run(const struct wcp_folded *text, size_t at, uint64_t *hash)
{
    const bool is_digit = wcp_is_digit(text->units[at]);

    *hash = UINT64_C(1) << 63;
    while (at < text->num &&
           (is_digit ? wcp_is_digit(text->units[at])
                     : wcp_is_chinese_numeral(text->units[at])))
        *hash = mix(*hash, text->units[at++]);
    return at;
}

bool
wcp_figures_read(struct wcp_figures *figures,
                 const struct wcp_figure_reader *reader,
                 const struct wcp_folded *text)
{
    uint32_t key = 0;

    figures->num = 0;
    for (size_t i = 0; i < text->num;) {
        const uint16_t unit = text->units[i];
        uint64_t hash;

        if (unit >= 'a' && unit <= 'z') {
            key = next_key(key, unit);
            i++;
            if (i >= 3 && has_bit(reader->any, key) &&
                !add_words(figures, reader, text, i - 3, key))
                return false;
        } else if (has_bit(reader->numerals, unit)) {
            const size_t end = hash_run(text, i, &hash);

            if (!add(figures, reader, text, i, end, hash))
                return false;
            i = end;
        } else {
            i++;
        }
    }
    return true;
}

bool
wcp_figures_follow(const struct wcp_figures *x, const struct wcp_figures *y)
{
    const struct wcp_figures *less = x->num < y->num ? x : y;
    const struct wcp_figures *more = x->num < y->num ? y : x;
    size_t k = 0;

    for (size_t i = 0; i < more->num && k < less->num; i++)
        k += more->at[i].value == less->at[k].value;
    return k == less->num;
}

/* ---- figures that stand elsewhere ---- */

/* A text's figures that do not stand between the same characters in the other.
 */
struct missing {
    const struct wcp_figures *figures;
    uint64_t *places; /* [figures->num]: of all, ascending, and their numbers */
    uint64_t *arounds; /* [num] <= [figures->num]: but for Chinese ones, << 8,
                        * and their kinds */
    size_t num;
    size_t nums[WCP_FIGURE_NUM_KINDS];
};

static void
sort_places(struct missing *m, uint64_t *scratch)
{
    for (size_t i = 0; i < m->figures->num; i++)
        m->places[i] = (m->figures->at[i].in_place >> 32) << 32 | i;
    wcp_sort_u64(m->places, scratch, m->figures->num);
}

/* List what is missing in the other; in either each counts as often as it is
 * there. */
static void
list_missing(struct missing *m, const struct missing *other, uint64_t *scratch)
{
    size_t k = 0;

    for (size_t i = 0; i < m->figures->num; i++) {
        const uint64_t place = m->places[i] >> 32;
        const struct wcp_figure *figure =
            &m->figures->at[(uint32_t)m->places[i]];

        while (k < other->figures->num && other->places[k] >> 32 < place)
            k++;
        if (k < other->figures->num && other->places[k] >> 32 == place) {
            k++;
            continue;
        }
        m->nums[figure->kind]++;
        if (figure->kind != WCP_FIGURE_CHINESE)
            m->arounds[m->num++] = (uint64_t)figure->around << 8 | figure->kind;
    }
    wcp_sort_u64(m->arounds, scratch, m->num);
}

/* How many missing words may be exchanged for something. */
static size_t
count_words(const struct missing *m, const struct missing *other)
{
    size_t num = m->nums[WCP_FIGURE_DATE], k = 0;

    for (size_t i = 0; i < m->num; i++) {
        while (k < other->num && other->arounds[k] >> 8 < m->arounds[i] >> 8)
            k++;
        num += (m->arounds[i] & 0xFF) == WCP_FIGURE_WORD && k < other->num &&
               other->arounds[k] >> 8 == m->arounds[i] >> 8;
    }
    return num;
}

static size_t
lesser(size_t x, size_t y)
{
    return x < y ? x : y;
}

static size_t
count_exchanged(const struct missing m[2])
{
    size_t nums[2] = { 0, 0 }, num;

    for (int i = 0; i < 2; i++)
        for (int kind = 0; kind < WCP_FIGURE_NUM_KINDS; kind++)
            nums[i] += m[i].nums[kind];
    num = lesser(m[0].nums[WCP_FIGURE_DIGITS], m[1].nums[WCP_FIGURE_DIGITS]) +
          lesser(m[0].nums[WCP_FIGURE_CHINESE], m[1].nums[WCP_FIGURE_CHINESE]) +
          count_words(&m[0], &m[1]) + count_words(&m[1], &m[0]);
    return 2 * lesser(num, lesser(nums[0], nums[1]));
}

bool
wcp_figures_exchanged(const struct wcp_memory *mem, const struct wcp_figures *x,
                      const struct wcp_figures *y, size_t *num_ret)
{
    const size_t all = x->num + y->num;
    uint64_t *keys = wcp_new_array(mem, 3 * all, sizeof *keys);
    struct missing m[2] = { { .figures = x }, { .figures = y } };

    if (keys == NULL)
        return false;
    for (int i = 0; i < 2; i++) {
        m[i].places = keys + (i == 0 ? 0 : x->num);
        m[i].arounds = m[i].places + all;
        sort_places(&m[i], keys + 2 * all);
    }
    for (int i = 0; i < 2; i++)
        list_missing(&m[i], &m[1 - i], keys + 2 * all);
    *num_ret = count_exchanged(m);
    wcp_free_array(mem, keys, 3 * all, sizeof *keys);
    return true;
}
