/*
 * oracle_passage.h - runs that texts share, by looking at every pair of places
 */
#ifndef WCP_TESTS_ORACLE_PASSAGE_H
#define WCP_TESTS_ORACLE_PASSAGE_H

#include <stddef.h>
#include <stdint.h>

struct oracle_run {
    size_t a, b, num;
};

/*
 * Call for each run of at least 'least' units that is the same in a and b and
 * cannot be made longer.  With a == b: for those of two places of one text
 * that do not overlap (the run may be cut for that).
 */
void oracle_runs(const uint16_t *a, size_t num_a, const uint16_t *b,
                 size_t num_b, size_t least,
                 void (*see)(void *ctx, const struct oracle_run *run),
                 void *ctx);

/* How often units[0 .. num) stand in text. */
size_t oracle_count(const uint16_t *text, size_t num_text,
                    const uint16_t *units, size_t num);

#endif /* WCP_TESTS_ORACLE_PASSAGE_H */
