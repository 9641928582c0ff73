/*
 * api_calls.h - short ways to call the library, for the tests of wirecopy.h
 *
 * Nothing but the public header is used.  Texts have no title; what must not
 * fail is asserted.
 */
#ifndef WCP_TESTS_API_CALLS_H
#define WCP_TESTS_API_CALLS_H

#include "wirecopy.h"

#include <stdbool.h>

/* A text, one that differs in a word, and one that has nothing to do with
 * it. */
extern const char api_dispatch[], api_reprint[], api_stranger[];

struct wcp_corpus *api_new_corpus(const struct wcp_options *opts);
struct wcp_corpus *api_default_corpus(void);
enum wcp_status api_add(struct wcp_corpus *corpus, const char *text,
                        const char *id, const char *date);

/* Results spelt out: "a=original b=reprint" a group, "a-b=reprint" a pair. */
struct api_printed {
    char text[4000];
    size_t len;
    int32_t answer;         /* what the callback returns */
    unsigned num;           /* groups or pairs */
    bool good;              /* what is said twice agrees */
    enum wcp_status status; /* the last failure of wcp_group_get() */
};

int32_t api_print_group(void *ctx, const struct wcp_group *group);
int32_t api_print_pair(void *ctx, const struct wcp_pair *pair);
/* Must give exactly this. */
void api_find(struct wcp_corpus *corpus, const char *expected);
void api_pairs(struct wcp_corpus *corpus, const char *expected);

#endif /* WCP_TESTS_API_CALLS_H */
