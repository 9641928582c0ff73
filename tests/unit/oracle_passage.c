/*
 * oracle_passage.c - runs that texts share, by looking at every pair of places
 */
#include "oracle_passage.h"

#include <stdbool.h>
#include <string.h>

void
oracle_runs(const uint16_t *a, size_t num_a, const uint16_t *b, size_t num_b,
            size_t least, void (*see)(void *ctx, const struct oracle_run *run),
            void *ctx)
{
    bool same = a == b;

    for (size_t i = 0; i < num_a; i++)
        for (size_t k = 0; k < (same ? i : num_b); k++) {
            size_t num = 0;

            if (i > 0 && k > 0 && a[i - 1] == b[k - 1])
                continue;
            while (i + num < num_a && k + num < num_b &&
                   a[i + num] == b[k + num] && !(same && k + num == i))
                num++;
            if (num >= least)
                see(ctx, &(struct oracle_run){ i, k, num });
        }
}

size_t
oracle_count(const uint16_t *text, size_t num_text, const uint16_t *units,
             size_t num)
{
    size_t count = 0;

    for (size_t i = 0; i + num <= num_text; i++)
        count += memcmp(text + i, units, num * sizeof *units) == 0;
    return count;
}
