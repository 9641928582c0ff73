/*
 * oracle_sketch.h - sketching as sketch.h defines it, obviously right and slow
 *
 * Nothing is shared with the program but the xxHash library, which is called
 * here and inlined there.
 */
#ifndef WCP_TESTS_ORACLE_SKETCH_H
#define WCP_TESTS_ORACLE_SKETCH_H

#include <stddef.h>
#include <stdint.h>

/* The hashes of the windows that begin in units[0 .. num_starts). */
size_t oracle_windows(const uint16_t *units, size_t num_starts, size_t num,
                      unsigned shingle, uint64_t *hashes);
/* The shingle hashes of a text in order; 'hashes' has room for num. */
size_t oracle_shingles(const uint16_t *units, size_t num, unsigned shingle,
                       uint64_t *hashes);

/* mul[j] and add[j], computed. */
void oracle_constants(unsigned j, uint32_t *mul_ret, uint32_t *add_ret);

void oracle_minhash(const uint64_t *hashes, size_t num, uint32_t *values);
void oracle_classic(const uint64_t *hashes, size_t num, uint32_t *values);
uint64_t oracle_simhash(const uint64_t *hashes, size_t num);

/* Sort and make unique; returns the new number. */
size_t oracle_unique(uint64_t *hashes, size_t num);
/* How many elements of a stand in b, each compared with each. */
size_t oracle_common(const uint64_t *a, size_t num_a, const uint64_t *b,
                     size_t num_b);

#endif /* WCP_TESTS_ORACLE_SKETCH_H */
