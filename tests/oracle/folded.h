/*
 * folded.h - what the oracles share: texts that are folded already, as windows
 *
 * Nothing here is the program's: the oracles must be able to disagree.
 */
#ifndef WCP_TESTS_FOLDED_H
#define WCP_TESTS_FOLDED_H

#include <stddef.h>
#include <stdint.h>

struct text {
    const char *id;
    const uint16_t *units; /* UTF-16 */
    size_t num;
};

struct texts {
    struct text *at;
    size_t num;
};

/* Print what is wrong and end the run. */
_Noreturn void give_up(const char *what, const char *subject);
/* Zeroed memory for num elements, or the end of the run. */
void *must_alloc(size_t num, size_t size);

/* Read lines "ID<TAB>folded text in UTF-8"; what is wrong ends the run. */
struct texts read_texts(const char *path);

/*
 * Call visit(ctx, units, num) for each window, or for the whole text where no
 * window fits, or not at all for an empty text.
 */
void for_each_window(const struct text *text,
                     void (*visit)(void *ctx, const uint16_t *units,
                                   size_t num),
                     void *ctx);

#endif /* WCP_TESTS_FOLDED_H */
