/*
 * wirecopy_passages.h - what passages and what is made of them share
 */
#ifndef WCP_WIRECOPY_PASSAGES_H
#define WCP_WIRECOPY_PASSAGES_H

#include "wirecopy_internal.h"

#include "passage/passage.h"

#include <pthread.h>

enum { WCP_PASSAGE_EXCERPT = 400 }; /* bytes */

/* A copy in a document, in units and then in bytes. */
struct wcp_placed_copy {
    uint32_t document, begin, end;
    float similarity;
    uint64_t bytes[2], chars[2];
};

struct wcp_placed_passage {
    size_t first, num; /* in copies */
    uint32_t length;
    char *excerpt; /* WCP_PASSAGE_EXCERPT + 1 bytes, or NULL: none yet */
    size_t excerpt_len;
};

/* A text that was read again. */
struct wcp_located_text {
    struct wcp_string text;
    const struct wcp_folded *folded; /* with offsets */
    const struct wcp_characters *characters;
};

struct wcp_passages_job {
    struct wcp_corpus *corpus;
    const struct wcp_memory *mem;
    struct wcp_store *store;
    enum wcp_order order;
    uint32_t *sorted; /* documents in that order */
    uint32_t *ranks;  /* of each document in it */
    uint32_t num;     /* of texts, those of classes in that order */
    uint32_t *classes, *counts;
    struct wcp_units *texts;
    struct wcp_buffer fetched; /* texts that the store did not keep */
    WCP_ARRAY(struct wcp_placed_passage) passages;
    WCP_ARRAY(struct wcp_placed_copy) copies;
    uint64_t *by_document; /* document << 32 | copy, ascending */
    uint32_t *passage_of;  /* [copies], UINT32_MAX but for first ones */
    struct wcp_store_worker **workers;
    WCP_ARRAY(uint32_t) documents; /* those with copies */
    pthread_mutex_t lock;          /* fault */
    struct wcp_fault fault;
    /* May be NULL: called for each document with copies, whose text was read
     * again, by any thread. */
    enum wcp_code (*on_document)(void *ctx, uint32_t document,
                                 const struct wcp_located_text *text);
    void *ctx;
};

/* The defaults, and what the caller has set. */
enum wcp_code wcp_passage_options_take(struct wcp_passage_limits *limits,
                                       const struct wcp_passage_options *opts,
                                       unsigned num_threads,
                                       struct wcp_fault *fault);

/* Read the corpus, if that has not been done, keeping its folded texts. */
enum wcp_code wcp_passages_read(struct wcp_corpus *corpus,
                                struct wcp_fault *fault);
/* Passages with their copies, in units; then where these are. */
enum wcp_code wcp_passages_job_find(struct wcp_passages_job *job,
                                    const struct wcp_passage_limits *limits,
                                    struct wcp_fault *fault);
enum wcp_code wcp_passages_job_locate(struct wcp_passages_job *job,
                                      struct wcp_fault *fault);
void wcp_passages_job_init(struct wcp_passages_job *job,
                           struct wcp_corpus *corpus, enum wcp_order order);
void wcp_passages_job_release(struct wcp_passages_job *job);

#endif /* WCP_WIRECOPY_PASSAGES_H */
