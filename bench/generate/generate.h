/*
 * generate.h - what the files of wirecopy-generate share
 *
 * Nothing is kept: a plan says of each document, by its number, which story it
 * prints, and a story is written again from its number whenever a copy needs
 * it.  So a corpus may be of any size, and memory does not grow with it.
 *
 *   words    a vocabulary, made by rule
 *   story    a number -> sentences: the original
 *   copy     an original -> what a paper makes of it
 *   plan     a document's number -> story, copy or not, date, source
 *   gold     original and copy -> how alike they are
 *
 * This is a program, not a library: what cannot go on ends it with a message.
 */
#ifndef WCP_BENCH_GENERATE_H
#define WCP_BENCH_GENERATE_H

#include "bench.h"

#include <stdbool.h>
#include <stdint.h>

enum gen_lang { GEN_ZH, GEN_EN, GEN_MIXED };

struct gen_settings {
    uint64_t documents; /* 0: as many as 'size' holds */
    uint64_t size;      /* bytes, about */
    uint64_t seed;
    unsigned copies; /* of a million documents */
    enum gen_lang lang;
    const char *output, *gold, *values; /* paths or NULL */
};

/* False: not understood, which was said; or help was asked for and printed,
 * then *status_ret is 0. */
bool gen_arguments(struct gen_settings *settings, int argc, char **argv,
                   int *status_ret);
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2), noreturn))
#endif
void
gen_die(const char *format, ...);

/* ---- numbers that look random ---- */

/* What a stream of them is for; each document or story has its own. */
enum gen_purpose { GEN_WORDS, GEN_STORY, GEN_WHEN, GEN_CHOICE, GEN_EDITS };

struct bench_random gen_stream(uint64_t seed, enum gen_purpose purpose,
                               uint64_t number);
/* True in so many of a hundred cases. */
bool gen_chance(struct bench_random *random, unsigned percent);

/* ---- words (words.c) ---- */

/* Ranks 2^FIRST - 1 to 2^(FIRST + OCTAVES) - 2 are drawn: the most frequent
 * words take a fiftieth of a text each, as in real ones. */
enum { GEN_FIRST = 2, GEN_OCTAVES = 13, GEN_NUM_WORDS = 1 << 15 };
enum { GEN_WORD = 16 };

/* Bytes first, their number in the last: a word is copied whole and then only
 * its length counts. */
struct gen_words {
    char text[2][GEN_NUM_WORDS][GEN_WORD]; /* by language, in order of rank */
    uint16_t han[4096]; /* characters, the frequent ones first */
    size_t num_han;
    uint16_t traditional[0x9FFF - 0x4E00 + 1]; /* 0: the same */
};

struct gen_words *gen_words_new(uint64_t seed);

/* Room for 'len' bytes and a few words more. */
char *gen_room(struct bench_bytes *bytes, size_t len);
void gen_string(struct bench_bytes *bytes, const char *text);
/* One word, "Capital" if asked; a sentence with its full stop; a headline. */
void gen_word(const struct gen_words *words, enum gen_lang lang, bool capital,
              struct bench_random *random, struct bench_bytes *out);
void gen_sentence(const struct gen_words *words, enum gen_lang lang,
                  struct bench_random *random, struct bench_bytes *out);
void gen_headline(const struct gen_words *words, enum gen_lang lang,
                  struct bench_random *random, struct bench_bytes *out);
/* The name of one of the papers and agencies; the text that it puts into
 * every page, of several kinds. */
enum { GEN_AGENCIES = 8, GEN_SOURCES = 200 };
enum gen_notice { GEN_COPYRIGHT, GEN_ADVERT, GEN_NUM_NOTICES };

void gen_source(const struct gen_words *words, enum gen_lang lang,
                unsigned source, struct bench_bytes *out);
void gen_notice(const struct gen_words *words, enum gen_lang lang,
                unsigned source, enum gen_notice notice,
                struct bench_bytes *out);

/* ---- stories (story.c) ---- */

/* A sentence, somewhere in the bytes of its story. */
struct gen_piece {
    size_t begin, len;
    bool ends_paragraph;
};

enum { GEN_MAX_PIECES = 1024 };

/* A dateline is the first piece, of no paragraph of its own. */
struct gen_story {
    enum gen_lang lang; /* zh or en */
    struct bench_bytes bytes;
    struct gen_piece pieces[GEN_MAX_PIECES];
    size_t num;
};

struct gen_plan;

/* Replace what 'out' holds by a story as it was first printed. */
void gen_story_make(const struct gen_plan *plan, uint64_t story,
                    struct gen_story *out);
/* Add a sentence that was written just now behind 'begin'. */
void gen_add_piece(struct gen_story *story, size_t begin, bool ends_paragraph);
/* A dateline: place, day and agency. */
void gen_dateline(const struct gen_plan *plan, enum gen_lang lang,
                  uint64_t second, struct bench_random *random,
                  struct bench_bytes *out);
/* Add the text of all pieces to 'out', a line for each paragraph. */
void gen_story_text(const struct gen_story *story, struct bench_bytes *out);

/* ---- copies (copy.c) ---- */

/*
 * Add to 'out' what a paper prints of a story; 'work' is overwritten.  A page
 * holds other stories too: their numbers are put into also[], as many as
 * *num_also says.
 */
enum { GEN_MAX_ALSO = 3 };

struct gen_copy {
    uint64_t story;
    unsigned source;
    uint64_t also[GEN_MAX_ALSO];
    unsigned num_also;
    bool is_page;
};

void gen_copy_make(const struct gen_plan *plan, struct gen_copy *copy,
                   struct bench_random *random, struct gen_story *work,
                   struct bench_bytes *out);

/* ---- the plan (plan.c) ---- */

struct gen_plan {
    const struct gen_words *words;
    uint64_t seed;
    enum gen_lang lang;
    uint64_t documents, stories;
    unsigned copies;         /* of a million documents */
    uint64_t stride, offset; /* rank of a story -> its number */
    unsigned octaves;        /* of ranks */
    uint32_t limits[40];     /* of the octaves, in 2^32 */
};

void gen_plan_init(struct gen_plan *plan, const struct gen_settings *settings,
                   const struct gen_words *words);
/* Does a document copy?  If not, *story_ret is its own story. */
bool gen_plan_copies(const struct gen_plan *plan, uint64_t document,
                     uint64_t *story_ret);
/* The document that prints a story first. */
uint64_t gen_plan_original(const struct gen_plan *plan, uint64_t story);
/* A story to copy: Zipf. */
uint64_t gen_plan_choose(const struct gen_plan *plan,
                         struct bench_random *random);
/* Seconds since 1970 of the original. */
uint64_t gen_plan_when(const struct gen_plan *plan, uint64_t story);

/* Year, month and day of a second since 1970. */
void gen_calendar(uint64_t second, unsigned date_ret[3]);

/* ---- gold (gold.c) ---- */

struct gen_gold;

struct gen_likeness {
    bool identical;
    double jaccard, covers, covered; /* covers: share of the original */
};

struct gen_gold *gen_gold_new(void);
void gen_gold_free(struct gen_gold *gold);
void gen_gold_compare(struct gen_gold *gold, const struct bench_bytes *original,
                      const struct bench_bytes *copy, struct gen_likeness *out);
/* The relation at a threshold of .8; of a page: embedded for expanded. */
const char *gen_relation(const struct gen_likeness *likeness, bool is_page);

#endif /* WCP_BENCH_GENERATE_H */
