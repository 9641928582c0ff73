/*
 * made_text.c - text that looks like Chinese or English to a machine
 *
 * A vocabulary of made words, drawn with probabilities like 1 / rank (Zipf):
 * an octave of ranks is drawn first, then a rank in it.  All of it is whole
 * numbers, so that a seed gives the same text everywhere.  What matters to
 * the speed of folding, hashing and signing is there: bytes a character,
 * words that repeat, punctuation and blanks that fold away, some of it beyond
 * ASCII, some digits, letters among Chinese, capitals.
 */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_OCTAVES = 15, NUM_WORDS = 1 << WORD_OCTAVES, MAX_WORD = 24 };

struct bench_words {
    enum bench_lang lang;
    char text[NUM_WORDS][MAX_WORD]; /* in UTF-8, with NUL */
};

void
bench_append(struct bench_bytes *bytes, const void *data, size_t len)
{
    if (bytes->cap - bytes->len < len) {
        bytes->cap = 2 * bytes->cap + len + 256;
        bytes->data = realloc(bytes->data, bytes->cap);
        if (bytes->data == NULL)
            bench_die("out of memory");
    }
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
}

/* A rank below 2^octaves, with a probability like 1 / (rank + 1). */
static uint64_t
draw_rank(struct bench_random *random, unsigned octaves)
{
    const uint64_t octave = bench_below(random, octaves);

    return ((uint64_t)1 << octave) - 1 +
           bench_below(random, (uint64_t)1 << octave);
}

/* ---- words ---- */

/* One of 4,096 characters of the block 4E00, the frequent ones spread over
 * it. */
static size_t
add_han(struct bench_random *random, char *out)
{
    const unsigned rank = (unsigned)draw_rank(random, 12);
    const unsigned code = 0x4E00 + rank * 2887 % 20480;

    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
}

static void
make_chinese(struct bench_random *random, size_t rank, char *out)
{
    size_t chars = rank < 200 ? 1 : 2 + (bench_below(random, 6) == 0), len = 0;

    if (rank % 97 == 96) { /* a number, or letters */
        const char *base = bench_below(random, 2) ? "0" : "A";

        for (; len < 2 + chars; len++)
            out[len] = (char)(*base + (int)bench_below(random, 10));
    } else {
        while (chars-- > 0)
            len += add_han(random, out + len);
    }
    out[len] = '\0';
}

static void
make_english(struct bench_random *random, size_t rank, char *out)
{
    static const char onsets[] = "tnsrhldcmfpgwybvkjxqz";
    static const char vowels[] = "eaoiu";
    size_t syllables = 1, len = 0;

    for (size_t limit = 40; rank >= limit; limit *= 16)
        syllables++;
    syllables += bench_below(random, 3) == 0;
    while (syllables-- > 0) {
        out[len++] = onsets[draw_rank(random, 4)];
        out[len++] = vowels[bench_below(random, 5)];
        if (bench_below(random, 2) == 0)
            out[len++] = onsets[draw_rank(random, 4)];
    }
    out[len] = '\0';
}

struct bench_words *
bench_words_new(enum bench_lang lang, uint64_t seed)
{
    struct bench_words *words = bench_alloc(1, sizeof *words);
    struct bench_random random = { seed };

    words->lang = lang;
    for (size_t rank = 0; rank < NUM_WORDS; rank++) {
        if (lang == BENCH_ZH)
            make_chinese(&random, rank, words->text[rank]);
        else
            make_english(&random, rank, words->text[rank]);
    }
    return words;
}

void
bench_words_free(struct bench_words *words)
{
    free(words);
}

/* ---- documents ---- */

static void
append_string(struct bench_bytes *out, const char *text)
{
    bench_append(out, text, strlen(text));
}

static void
add_word(struct bench_words *words, struct bench_random *random, bool is_first,
         struct bench_bytes *out)
{
    const size_t begin = out->len;

    append_string(out, words->text[draw_rank(random, WORD_OCTAVES)]);
    if (is_first && words->lang == BENCH_EN)
        out->data[begin] = (char)(out->data[begin] - 'a' + 'A');
}

static void
add_sentence(struct bench_words *words, struct bench_random *random,
             struct bench_bytes *out)
{
    const bool is_chinese = words->lang == BENCH_ZH;
    const uint64_t num = 6 + bench_below(random, 24);
    const bool is_speech = bench_below(random, 6) == 0;

    if (is_speech)
        append_string(out, "“");
    for (uint64_t i = 0; i < num; i++) {
        if (i > 0) {
            if (bench_below(random, 9) == 0)
                append_string(out, is_chinese ? "，" : ", ");
            else if (!is_chinese)
                append_string(out, " ");
        }
        add_word(words, random, i == 0, out);
    }
    append_string(out, is_chinese ? "。" : ".");
    if (is_speech)
        append_string(out, "”");
    if (!is_chinese)
        append_string(out, " ");
}

void
bench_make_document(struct bench_words *words, struct bench_random *random,
                    size_t len, struct bench_bytes *out)
{
    const size_t end = out->len + len;

    do {
        add_sentence(words, random, out);
        if (bench_below(random, 5) == 0)
            append_string(out, "\n");
    } while (out->len < end);
}
