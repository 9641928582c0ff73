/*
 * sketch.h - folded text -> shingle hashes -> signatures and shingle sets
 *
 * A shingle is a window of consecutive UTF-16 units that begins at a character
 * (never at a low surrogate).  Its length is set by its first character: 5
 * units for Han, kana and Hangul, 8 for everything else, or 'shingle' units
 * everywhere if that is not 0.  Only windows that lie wholly in the text
 * count; where none does, the whole text is one shingle; an empty text has
 * none.  Its hash is XXH3_64bits (seed 0) of its units as little-endian bytes.
 *
 * Threads    A wcp_sketcher serves one thread; everything else is const.
 */
#ifndef WCP_SKETCH_SKETCH_H
#define WCP_SKETCH_SKETCH_H

#include "base/base.h"

#define WCP_NUM_BINS 128    /* values of a MinHash signature */
#define WCP_SHINGLE_HAN 5   /* UTF-16 units */
#define WCP_SHINGLE_OTHER 8 /* UTF-16 units */
#define WCP_SHINGLE_MAX 64
#define WCP_SIGNATURES 1 /* their version: WCP_SIGNATURE_VERSION */

enum wcp_signature_kind {
    WCP_SIG_MINHASH,         /* one permutation, empty bins filled */
    WCP_SIG_MINHASH_CLASSIC, /* one linear hash function a value */
    WCP_SIG_SIMHASH,
    WCP_SIG_NUM_KINDS
};

/*
 * A MinHash value is 32 bits.  The default kind keeps the round in the top
 * bit: 0 for the least (hash >> 33) of the shingles that fall into the bin
 * (bin = hash mod 128), 1 for the fill of an empty bin: the least, over all
 * shingles x, of (mul[j] * (x >> 32) + add[j] mod 2^32) >> 1.  So signatures
 * of two texts merge by minimum, and P[equal] is their Jaccard index.
 * Source: Dahlgaard, Knudsen, Thorup, "Fast Similarity Sketching" (2017),
 * cut to one random round.
 *
 * The classic kind is the least of mul[j] * (x >> 32) + add[j] mod 2^32
 * (Broder 1997).
 *
 * SimHash (Charikar 2002): bit i is set when more than half of the windows
 * (counted as often as they occur) have bit i of their hash set.
 */
struct wcp_signature {
    uint32_t minhash[WCP_NUM_BINS]; /* all ones for an empty text */
    uint64_t simhash;
    uint64_t num_shingles; /* windows, counted as often as they occur */
};

struct wcp_sketcher;

/* shingle: 0 or 1..WCP_SHINGLE_MAX units. WCP_CODE_NO_MEMORY, _BAD_OPTION. */
enum wcp_code wcp_sketcher_new(const struct wcp_memory *mem, unsigned shingle,
                               struct wcp_sketcher **sketcher_ret,
                               struct wcp_fault *fault);
void wcp_sketcher_free(struct wcp_sketcher *sketcher);

/* Which parts of a wcp_signature to compute. */
enum {
    WCP_WANT_MINHASH = 1,
    WCP_WANT_CLASSIC = 2,
    WCP_WANT_SIMHASH = 4,
    WCP_WANT_SAMPLE = 8, /* after wcp_sketcher_prepare() */
};

/*
 * Sign a folded text of less than 2^32 units.  MINHASH and CLASSIC share the
 * field and exclude each other; fields that are not wanted are left alone.
 * Never fails: works in blocks, in memory fixed at wcp_sketcher_new().
 */
void wcp_sketch(struct wcp_sketcher *sketcher, const uint16_t *units,
                size_t num, unsigned wanted, struct wcp_signature *sig);

/*
 * The sample of a text: of each window of WCP_SAMPLE_WINDOW consecutive
 * shingles the least hash, once for as long as it is the least; the low 32
 * bits are kept.  What two texts share is in both samples if it is a window
 * long.  Shorter texts have none.  (Winnowing: Schleimer, Wilkerson, Aiken
 * 2003.)
 */
struct wcp_sample {
    const uint32_t *at;
    size_t num;
};

/* Make room for the sample of a text of so many units.  False when out of
 * memory. */
bool wcp_sketcher_prepare(struct wcp_sketcher *sketcher, size_t num_units);
/* That of the text signed last, valid until the next. */
struct wcp_sample wcp_sketcher_sample(const struct wcp_sketcher *sketcher);

/* Sign given shingle hashes, less than 2^32, as wcp_sketch() signs those of a
 * text. */
void wcp_sketch_hashes(const uint64_t *hashes, size_t num, unsigned wanted,
                       struct wcp_signature *sig);

/* The set of a text's shingle hashes, ascending, each once. */
struct wcp_shingle_set {
    uint64_t *hashes;
    size_t num, cap;
};

/* Replace the set's contents.  False when out of memory. */
bool wcp_shingle_set_make(struct wcp_sketcher *sketcher, const uint16_t *units,
                          size_t num, struct wcp_shingle_set *set);
void wcp_shingle_set_release(struct wcp_sketcher *sketcher,
                             struct wcp_shingle_set *set);
/* |a n b| */
size_t wcp_shingle_set_common(const struct wcp_shingle_set *a,
                              const struct wcp_shingle_set *b);

/* A place in a text whose shingle stands earlier, where first. */
struct wcp_repeat {
    uint32_t at, first;
};

/* A text's shingle hashes in order, less than 2^32, for one text that is
 * compared with many; zeroed before first use. */
struct wcp_shingles {
    WCP_ARRAY(uint64_t) list;
    size_t num_distinct; /* 0: not known yet */
    /* The text, while it is at hand: 'list' is made when it is needed. */
    const void *text; /* NULL: the list is all there is */
    uint32_t num_units;
    bool narrow; /* they are uint8_t, not uint16_t */
    /* Once indexed: */
    uint8_t shift;
    bool short_table; /* its slots are uint16_t, not uint32_t */
    void *table; /* [2^(64 - shift)], place + 1 by hash; NULL: not indexed */
    uint64_t multiplier;
    WCP_ARRAY(struct wcp_repeat) repeats;
};

/* Replace the contents.  False when out of memory. */
bool wcp_shingles_make(struct wcp_sketcher *sketcher, const uint16_t *units,
                       size_t num, struct wcp_shingles *shingles);
/*
 * The same of a text that stays where it is, and as it is, for as long as the
 * shingles do; its units are uint8_t if it is 'narrow'.  Two of which that can
 * be said are compared by their texts.
 */
bool wcp_shingles_take(struct wcp_sketcher *sketcher, const void *text,
                       size_t num, bool narrow, struct wcp_shingles *shingles);
/* Make 'list' if it is not there.  False when out of memory. */
bool wcp_shingles_list(struct wcp_sketcher *sketcher,
                       struct wcp_shingles *shingles);
void wcp_shingles_release(struct wcp_sketcher *sketcher,
                          struct wcp_shingles *shingles);
/* Whether a text was taken, or a list made. */
static inline bool
wcp_shingles_are_there(const struct wcp_shingles *shingles)
{
    return shingles->text != NULL || shingles->list.at != NULL;
}
/* What they take in memory. */
size_t wcp_shingles_bytes(const struct wcp_shingles *shingles);
/* Make 'table' and 'num_distinct'.  False when out of memory. */
bool wcp_shingles_index(struct wcp_sketcher *sketcher,
                        struct wcp_shingles *shingles);
/*
 * How many different shingles of b are in a, which is indexed.  b's
 * 'num_distinct' is known after that, unless it was 0 and what they share is
 * less than 'share' of either; 0: always.  False when out of memory.
 */
bool wcp_shingles_common(struct wcp_sketcher *sketcher,
                         const struct wcp_shingles *a, struct wcp_shingles *b,
                         double share, size_t *common_ret);
/*
 * Whether a glance shows that what a and b share is less than 'share' of
 * either; false if not, and where a is long.
 */
bool wcp_shingles_apart(const struct wcp_shingles *a,
                        const struct wcp_shingles *b, double share);
/* How many shingles there are, or a few more. */
static inline size_t
wcp_shingles_most(const struct wcp_shingles *shingles)
{
    return shingles->list.num > 0 ? shingles->list.num : shingles->num_units;
}
/* Words of a bit for each place of a shingle. */
static inline size_t
wcp_shingles_num_marks(const struct wcp_shingles *shingles)
{
    return shingles->list.num / 64 + 1;
}
/*
 * Of the different shingles of b set the bits of those in a, which is indexed,
 * in marks[wcp_shingles_num_marks(a)], each where it first stands there; and
 * list the others, ascending, in missing[wcp_shingles_most(b)].  False when out
 * of memory.
 */
bool wcp_shingles_mark(struct wcp_sketcher *sketcher,
                       const struct wcp_shingles *a, struct wcp_shingles *b,
                       uint64_t *marks, uint64_t *missing,
                       size_t *num_missing_ret);

/*
 * How many different shingles of b a glance finds in a, which is indexed, and
 * for which its texts must be at hand: long runs that both have.  Of the texts
 * of copies it is nearly all.  False when out of memory.
 */
bool wcp_shingles_glance(struct wcp_sketcher *sketcher,
                         const struct wcp_shingles *a,
                         const struct wcp_shingles *b, size_t *least_ret);

/* XXH3-128 of the units as little-endian bytes, low half first: what makes two
 * folded texts "identical". */
void wcp_text_digest(const uint16_t *units, size_t num, uint64_t digest[2]);
/* XXH3-64 of a text as it was read, before it was folded. */
uint64_t wcp_bytes_hash(const void *bytes, size_t len);

/* Sort ascending; fastest for hashes, linear for anything.  scratch is as long
 * as values and is overwritten. */
void wcp_sort_u64(uint64_t *values, uint64_t *scratch, size_t num);

/*
 * The LSH keys of a signature: keys[b] is a hash of the values b * num_rows ..
 * (b + 1) * num_rows - 1.  num_bands * num_rows <= WCP_NUM_BINS.
 */
void wcp_band_keys(const uint32_t *minhash, unsigned num_bands,
                   unsigned num_rows, uint32_t *keys);

#endif /* WCP_SKETCH_SKETCH_H */
