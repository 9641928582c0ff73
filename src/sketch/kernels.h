/*
 * kernels.h - the inner loops of sketching, one table per instruction set
 *
 * Every table gives the same bits as wcp_kernels_portable, which is the
 * definition.
 */
#ifndef WCP_SKETCH_KERNELS_H
#define WCP_SKETCH_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define WCP_SAMPLE_WINDOW 12 /* shingles */

struct wcp_kernels {
    const char *name;

    /*
     * The hashes of all windows that begin in units[0 .. num_starts) and end
     * at or before num; returns how many were written to 'hashes' (room for
     * num_starts).  shingle 0: by script.
     */
    size_t (*hash_windows)(const uint16_t *units, size_t num_starts, size_t num,
                           unsigned shingle, uint64_t *hashes);

    /* hash_windows(), then minhash_bins() of what it wrote. */
    size_t (*bin_windows)(const uint16_t *units, size_t num_starts, size_t num,
                          unsigned shingle, uint64_t *hashes, uint32_t *bins);

    /* Lower bins[h mod 128] to h >> 33 for each hash. */
    void (*minhash_bins)(uint32_t *bins, const uint64_t *hashes, size_t num);

    /* which: bit j mod 64 of which[j / 64] for each bin j that holds all ones,
     * and no other. */
    void (*find_empty)(const uint32_t *bins, uint64_t which[2]);
    /* Halve those bins and set their top bits. */
    void (*mark_filled)(uint32_t *bins, const uint64_t which[2]);

    /*
     * For each j < 128 whose bit is set, bit j mod 64 of which[j / 64]: lower
     * values[j] to mul[j] * (h >> 32) + add[j] mod 2^32 over all hashes.
     */
    void (*minhash_linear)(uint32_t *values, const uint64_t which[2],
                           const uint32_t *mul, const uint32_t *add,
                           const uint64_t *hashes, size_t num);

    /* counts[i] += number of hashes with bit i set, i < 64. */
    void (*simhash_count)(uint32_t *counts, const uint64_t *hashes, size_t num);

    /*
     * The least hash of each window of WCP_SAMPLE_WINDOW consecutive ones; the
     * low half of each that is not the one before it goes to 'samples', which
     * has room for num.  *last is the one before the first and becomes the
     * last one.  Returns how many were written.
     */
    size_t (*sample)(const uint64_t *hashes, size_t num, uint64_t *last,
                     uint32_t *samples);

    /* Length of the intersection of two strictly ascending arrays. */
    size_t (*intersect)(const uint64_t *a, size_t num_a, const uint64_t *b,
                        size_t num_b);
};

extern const struct wcp_kernels wcp_kernels_portable;
#if defined(__x86_64__)
extern const struct wcp_kernels wcp_kernels_avx2, wcp_kernels_avx512;
#endif

/* What the other tables use of the portable one, and of another file. */
void wcp_find_empty_portable(const uint32_t *bins, uint64_t which[2]);
void wcp_mark_filled_portable(uint32_t *bins, const uint64_t which[2]);
void wcp_minhash_bins_portable(uint32_t *bins, const uint64_t *hashes,
                               size_t num);
size_t wcp_sample_portable(const uint64_t *hashes, size_t num, uint64_t *last,
                           uint32_t *samples);
size_t wcp_intersect_portable(const uint64_t *a, size_t num_a,
                              const uint64_t *b, size_t num_b);
#if defined(__x86_64__)
size_t wcp_hash_windows_avx2(const uint16_t *units, size_t num_starts,
                             size_t num, unsigned shingle, uint64_t *hashes);
size_t wcp_hash_windows_avx512(const uint16_t *units, size_t num_starts,
                               size_t num, unsigned shingle, uint64_t *hashes);
size_t wcp_bin_windows_avx512(const uint16_t *units, size_t num_starts,
                              size_t num, unsigned shingle, uint64_t *hashes,
                              uint32_t *bins);
void wcp_minhash_bins_avx512(uint32_t *bins, const uint64_t *hashes,
                             size_t num);
#endif

/* Bit i is bytes[i], which is 0 or 1, of 64. */
uint64_t wcp_pack_bits(const uint8_t *bytes);

/* The best table this processor can run. */
const struct wcp_kernels *wcp_kernels_best(void);
/* Of the tables this processor can run, the best first, the one at 'wanted';
 * NULL: no more. */
const struct wcp_kernels *wcp_kernels_at(size_t wanted);

#endif /* WCP_SKETCH_KERNELS_H */
