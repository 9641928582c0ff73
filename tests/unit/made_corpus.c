/*
 * made_corpus.c - corpora made up for the tests of store, match and group
 */
#include "made_corpus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
made_say(const char *file, int line, uint64_t number)
{
    fprintf(stderr, "%s:%d: case %" PRIu64 " of WCP_TEST_SEED=%" PRIu64 "\n",
            file, line, number, test_seed());
}

struct test_rng
made_rng(uint64_t number)
{
    struct test_rng rng = { test_seed() ^ number * 0xD1B54A32D192ED03u };

    return rng;
}

static void *
must(void *ptr)
{
    if (ptr == NULL) {
        perror("made_corpus");
        exit(EXIT_FAILURE);
    }
    return ptr;
}

/* ---- memory ---- */

/* In front of each block, so that the old size can be checked. */
struct header {
    size_t size;
    size_t padding;
};

static bool
must_fail(struct made_memory *memory)
{
    uint64_t call = ++memory->num_calls;

    return memory->fail_at > 0 && (call == memory->fail_at ||
                                   (memory->fail_on && call > memory->fail_at));
}

static void *
resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct made_memory *memory = ctx;
    struct header *header = ptr, *bigger;

    if (header != NULL)
        header--;
    if ((header != NULL ? header->size : 0) != old_size)
        memory->wrong_size = true;
    if (new_size == 0) {
        memory->live -= (int64_t)old_size;
        free(header);
        return NULL;
    }
    if (must_fail(memory)) {
        memory->num_failed++;
        return NULL;
    }
    /* A new block each time, so that stale pointers are seen. */
    bigger = must(malloc(sizeof *bigger + new_size));
    memset(bigger + 1, 0xA5, new_size);
    if (header != NULL)
        memcpy(bigger + 1, header + 1,
               old_size < new_size ? old_size : new_size);
    free(header);
    bigger->size = new_size;
    memory->live += (int64_t)new_size - (int64_t)old_size;
    return bigger + 1;
}

void
made_memory_init(struct made_memory *memory)
{
    memset(memory, 0, sizeof *memory);
    memory->memory = (struct wcp_memory){ resize, memory };
}

void
made_memory_arm(struct made_memory *memory, uint64_t n, bool fail_on)
{
    memory->num_calls = memory->num_failed = 0;
    memory->fail_at = n;
    memory->fail_on = fail_on;
}

/* ---- texts ---- */

static void
append(struct made_text *text, uint32_t c)
{
    if (text->num == text->cap) {
        text->cap = text->cap > 0 ? 2 * text->cap : 64;
        text->chars =
            must(realloc(text->chars, text->cap * sizeof *text->chars));
    }
    text->chars[text->num++] = c;
}

/* Small numbers are likelier by far. */
static uint64_t
skewed(struct test_rng *rng, uint64_t bound)
{
    return test_below(rng, test_below(rng, bound) + 1);
}

/* Word number w of the vocabulary: letters that follow from w alone. */
static void
append_word(struct made_text *text, uint64_t w)
{
    struct test_rng letters = { w };
    size_t len = 2 + test_below(&letters, 7);

    for (size_t i = 0; i < len; i++)
        append(text, 'a' + (uint32_t)test_below(&letters, 26));
    append(text, ' ');
}

static void
append_random(struct made_text *text, struct test_rng *rng,
              enum made_script script, size_t num)
{
    size_t end = text->num + num;

    while (text->num < end) {
        if (script == MADE_CHINESE)
            append(text, 0x4E00 + (uint32_t)skewed(rng, 3000));
        else
            append_word(text, skewed(rng, 2000));
    }
    text->num = end;
}

void
made_text_random(struct made_text *text, struct test_rng *rng,
                 enum made_script script, size_t num)
{
    text->num = 0;
    append_random(text, rng, script, num);
}

void
made_text_copy(struct made_text *text, const struct made_text *from)
{
    text->num = 0;
    for (size_t i = 0; i < from->num; i++)
        append(text, from->chars[i]);
}

void
made_text_edit(struct made_text *text, struct test_rng *rng, unsigned per_mille)
{
    struct made_text edited = { 0 };
    enum made_script script =
        text->num > 0 && text->chars[0] >= 0x4E00 ? MADE_CHINESE : MADE_ENGLISH;

    for (size_t i = 0; i < text->num; i++) {
        if (test_below(rng, 1000) >= per_mille) {
            append(&edited, text->chars[i]);
            continue;
        }
        switch (test_below(rng, 4)) {
        case 0: /* cut */
            i += test_below(rng, 8);
            break;
        case 1: /* insert */
            append_random(&edited, rng, script, 1 + test_below(rng, 8));
            append(&edited, text->chars[i]);
            break;
        default:
            append_random(&edited, rng, script, 1);
            break;
        }
    }
    free(text->chars);
    *text = edited;
}

void
made_text_join(struct made_text *text, const struct made_text *more)
{
    for (size_t i = 0; i < more->num; i++)
        append(text, more->chars[i]);
}

char *
made_text_utf8(const struct made_text *text)
{
    char *utf8 = must(malloc(3 * text->num + 1)), *at = utf8;

    for (size_t i = 0; i < text->num; i++) {
        uint32_t c = text->chars[i];

        if (c < 0x80) {
            *at++ = (char)c;
            continue;
        }
        *at++ = (char)(0xE0 | c >> 12);
        *at++ = (char)(0x80 | (c >> 6 & 0x3F));
        *at++ = (char)(0x80 | (c & 0x3F));
    }
    *at = '\0';
    return utf8;
}

void
made_text_release(struct made_text *text)
{
    free(text->chars);
    *text = (struct made_text){ 0 };
}

/* ---- corpora ---- */

void
made_corpus_add(struct made_corpus *corpus, char *text, const char *id,
                int64_t date_ms)
{
    struct made_document *doc;

    if (corpus->num == corpus->cap) {
        corpus->cap = corpus->cap > 0 ? 2 * corpus->cap : 64;
        corpus->at = must(realloc(corpus->at, corpus->cap * sizeof *doc));
    }
    doc = &corpus->at[corpus->num++];
    *doc = (struct made_document){ .text = text, .date_ms = date_ms };
    snprintf(doc->id, sizeof doc->id, "%s", id);
}

/* Three letters over and over: texts of different length, equal sets. */
static void
make_periodic(struct made_text *text, struct test_rng *rng)
{
    size_t num = 12 + test_below(rng, 30);

    text->num = 0;
    for (size_t i = 0; i < num; i++)
        append(text, 'x' + (uint32_t)(i % 3));
}

void
made_corpus_random(struct made_corpus *corpus, struct test_rng *rng, size_t num,
                   size_t num_families)
{
    static const unsigned rates[] = { 0, 1, 3, 5, 8, 12, 25, 60 };
    struct made_text *bases = must(calloc(num_families, sizeof *bases));
    struct made_text text = { 0 };

    for (size_t i = 0; i < num_families; i++)
        made_text_random(&bases[i], rng,
                         (enum made_script)test_below(rng, MADE_NUM_SCRIPTS),
                         test_below(rng, 8) == 0 ? test_below(rng, 12)
                                                 : 60 + test_below(rng, 300));
    for (size_t i = 0; i < num; i++) {
        size_t family = test_below(rng, num_families);
        unsigned rate = rates[test_below(rng, sizeof rates / sizeof *rates)];
        int64_t date = (int64_t)test_below(rng, 6) * 1000;
        char id[24];

        made_text_copy(&text, &bases[family]);
        made_text_edit(&text, rng, rate);
        if (test_below(rng, 40) == 0)
            make_periodic(&text, rng);
        /* A family wanders, so that likeness is no equivalence. */
        if (test_below(rng, 8) == 0)
            made_text_copy(&bases[family], &text);
        snprintf(id, sizeof id, "%" PRIx64 "-%zu", test_below(rng, 300), i);
        made_corpus_add(corpus, made_text_utf8(&text), id,
                        date == 0 ? WCP_NO_DATE : date);
    }
    made_text_release(&text);
    for (size_t i = 0; i < num_families; i++)
        made_text_release(&bases[i]);
    free(bases);
}

void
made_corpus_shuffle(struct made_corpus *corpus, struct test_rng *rng)
{
    for (size_t i = corpus->num; i > 1; i--) {
        size_t k = test_below(rng, i);
        struct made_document swap = corpus->at[k];

        corpus->at[k] = corpus->at[i - 1];
        corpus->at[i - 1] = swap;
    }
}

void
made_corpus_release(struct made_corpus *corpus)
{
    for (size_t i = 0; i < corpus->num; i++)
        free(corpus->at[i].text);
    free(corpus->at);
    *corpus = (struct made_corpus){ 0 };
}

/* ---- stores ---- */

struct wcp_plan
made_plan(double threshold, double recall)
{
    struct wcp_plan plan = { .kind = WCP_SIG_MINHASH };

    wcp_plan_minhash(&plan, threshold, recall);
    return plan;
}

struct wcp_plan
made_simhash_plan(double threshold, unsigned distance)
{
    return (struct wcp_plan){ .kind = WCP_SIG_SIMHASH,
                              .threshold = threshold,
                              .distance = distance,
                              .recall = 1 };
}

enum wcp_code
made_store_fill(const struct wcp_memory *mem, const struct made_corpus *corpus,
                const struct wcp_plan *plan, struct wcp_store **store_ret)
{
    const struct wcp_store_options opts = { .kind = plan->kind,
                                            .num_bands = plan->num_bands,
                                            .num_rows = plan->num_rows,
                                            .num_threads = 1,
                                            .sample = true };
    struct wcp_store *store = NULL;
    enum wcp_code code = wcp_store_new(mem, &opts, NULL, &store, NULL);

    for (size_t i = 0; code == WCP_CODE_OK && i < corpus->num; i++) {
        const struct made_document *from = &corpus->at[i];
        struct wcp_document doc = {
            .text = { from->text, strlen(from->text) },
            .id = { from->id[0] ? from->id : NULL, strlen(from->id) },
            .date_ms = from->date_ms,
        };

        code = wcp_store_add(store, &doc, NULL);
    }
    if (code == WCP_CODE_OK)
        *store_ret = store;
    else
        wcp_store_free(store);
    return code;
}

struct wcp_store *
made_store(const struct made_corpus *corpus, const struct wcp_plan *plan)
{
    struct wcp_store *store = NULL;

    if (made_store_fill(&wcp_memory_libc, corpus, plan, &store) !=
            WCP_CODE_OK ||
        wcp_store_close(store, NULL, NULL) != WCP_CODE_OK) {
        fprintf(stderr, "made_store: a store cannot be made\n");
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < corpus->num; i++)
        if (corpus->at[i].own)
            store->entries[i].flags |= WCP_ENTRY_OWN;
    return store;
}
