/*
 * made_corpus.h - corpora made up for the tests of store, match and group
 *
 * Texts are English-like (words of a small vocabulary) or Chinese-like (few
 * characters often, many rarely) and come in families that were edited from a
 * common base, so that all degrees of likeness occur.  A failed set-up ends
 * the run.
 */
#ifndef WCP_TESTS_MADE_CORPUS_H
#define WCP_TESTS_MADE_CORPUS_H

#include "match/match.h"
#include "support.h"

#include <CUnit/CUnit.h>

/* ---- checks that say their case ---- */

void made_say(const char *file, int line, uint64_t number);

/* CU_ASSERT() for case 'number' of a random test. */
#define MADE_CHECK(condition, number)                                       \
    do {                                                                    \
        const bool made_holds = (condition);                                \
                                                                            \
        if (!made_holds)                                                    \
            made_say(__FILE__, __LINE__, (number));                         \
        CU_assertImplementation(made_holds, __LINE__, #condition, __FILE__, \
                                "", CU_FALSE);                              \
    } while (0)

/* The generator of case 'number' of this run. */
struct test_rng made_rng(uint64_t number);

/* ---- memory that counts and fails ---- */

struct made_memory {
    struct wcp_memory memory;
    _Atomic uint64_t num_calls; /* that asked for memory */
    _Atomic uint64_t num_failed;
    uint64_t fail_at; /* 0: never */
    bool fail_on;     /* all calls from fail_at on, not only that one */
    _Atomic int64_t live;
    _Atomic bool wrong_size; /* an old size was not the one given before */
};

void made_memory_init(struct made_memory *memory);
/* Fail from now on at the n-th call; 0: never. */
void made_memory_arm(struct made_memory *memory, uint64_t n, bool fail_on);

/* ---- texts ---- */

struct made_text {
    uint32_t *chars;
    size_t num, cap;
};

enum made_script { MADE_ENGLISH, MADE_CHINESE, MADE_NUM_SCRIPTS };

void made_text_random(struct made_text *text, struct test_rng *rng,
                      enum made_script script, size_t num);
void made_text_copy(struct made_text *text, const struct made_text *from);
/* Replace, delete and insert at about 'per_mille' of the characters. */
void made_text_edit(struct made_text *text, struct test_rng *rng,
                    unsigned per_mille);
/* UTF-8 that ends in NUL, from malloc(). */
/* Put more behind it. */
void made_text_join(struct made_text *text, const struct made_text *more);
char *made_text_utf8(const struct made_text *text);
void made_text_release(struct made_text *text);

/* ---- corpora ---- */

struct made_document {
    char *text;
    char id[24];     /* empty: none */
    int64_t date_ms; /* or WCP_NO_DATE */
    bool own;        /* WCP_ENTRY_OWN of a closed store */
};

struct made_corpus {
    struct made_document *at;
    size_t num, cap;
};

/* Takes 'text', which is from malloc(). */
void made_corpus_add(struct made_corpus *corpus, char *text, const char *id,
                     int64_t date_ms);
/* num documents of num_families families, ids of their own, few dates. */
void made_corpus_random(struct made_corpus *corpus, struct test_rng *rng,
                        size_t num, size_t num_families);
void made_corpus_shuffle(struct made_corpus *corpus, struct test_rng *rng);
void made_corpus_release(struct made_corpus *corpus);

/* ---- stores ---- */

struct wcp_plan made_plan(double threshold, double recall);
struct wcp_plan made_simhash_plan(double threshold, unsigned distance);

/* A new store, not yet closed, with the documents added. */
enum wcp_code made_store_fill(const struct wcp_memory *mem,
                              const struct made_corpus *corpus,
                              const struct wcp_plan *plan,
                              struct wcp_store **store_ret);
/* The same, closed; must succeed. */
struct wcp_store *made_store(const struct made_corpus *corpus,
                             const struct wcp_plan *plan);

#endif /* WCP_TESTS_MADE_CORPUS_H */
