/*
 * engine.h - what the files of this layer share
 */
#ifndef WCP_PASSAGE_ENGINE_H
#define WCP_PASSAGE_ENGINE_H

#include "passage/passage.h"
#include "sketch/sketch.h"
#include "text/text.h"

#include <stdatomic.h>

/* ---- texts, one behind another ---- */

/*
 * A place is counted through all texts.  There are fewer than 2^32 units, so
 * that a place takes four bytes.
 */
struct wcp_places {
    const struct wcp_memory *mem;
    const struct wcp_units *texts;
    uint32_t num_texts;
    uint64_t input_bytes; /* as in wcp_passage_limits */
    uint32_t *begins;     /* [num_texts + 1] */
    uint32_t *coarse;     /* the text of every 2^WCP_COARSE_BITS-th place */
    size_t num_coarse;
};

#define WCP_COARSE_BITS 10

enum wcp_code wcp_places_init(struct wcp_places *places,
                              const struct wcp_memory *mem,
                              const struct wcp_units *texts, uint32_t num,
                              struct wcp_fault *fault);
void wcp_places_release(struct wcp_places *places);
/* The text in which a place lies. */
uint32_t wcp_place_text(const struct wcp_places *places, uint32_t place);

static inline uint16_t
wcp_unit(const struct wcp_units *text, uint32_t i)
{
    return text->narrow ? ((const uint8_t *)text->at)[i]
                        : ((const uint16_t *)text->at)[i];
}

/* Of a number that is not 0. */
static inline unsigned
wcp_lowest_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned i = 0;

    while (!(bits >> i & 1))
        i++;
    return i;
#endif
}

static inline uint64_t
wcp_join_four(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return a | b << 16 | c << 32 | d << 48;
}

/* Units at .. at + 3 as one number, the same for narrow texts and others. */
static inline uint64_t
wcp_four_units(const void *units, uint32_t at, const bool narrow)
{
    if (narrow) {
        uint64_t x = wcp_load32((const uint8_t *)units + at);

        x = (x | x << 16) & UINT64_C(0x0000FFFF0000FFFF);
        return (x | x << 8) & UINT64_C(0x00FF00FF00FF00FF);
    } else {
        const uint16_t *u = (const uint16_t *)units + at;

        return wcp_join_four(u[0], u[1], u[2], u[3]);
    }
}

/* Write units begin .. end - 1 to 'out'. */
void wcp_widen(const struct wcp_units *text, uint32_t begin, uint32_t end,
               uint16_t *out);

/* ---- sets of numbers (bits.c) ---- */

struct wcp_bits {
    const struct wcp_memory *mem;
    _Atomic uint64_t *words; /* [num_words] */
    uint32_t *ranks;         /* [num_words], of the first number of each */
    size_t num_words;
    uint32_t num_set; /* once they are counted */
};

/* No number below 'num' is set. */
bool wcp_bits_init(struct wcp_bits *bits, const struct wcp_memory *mem,
                   uint32_t num);
void wcp_bits_release(struct wcp_bits *bits);
/* For ranks, when all are set.  False when out of memory. */
bool wcp_bits_count(struct wcp_bits *bits);

static inline uint64_t
wcp_bits_word(const struct wcp_bits *bits, size_t i)
{
    return atomic_load_explicit(&bits->words[i], memory_order_relaxed);
}

/* Whether i, i + 1 ... are members: as many bits as a word has. */
static inline uint64_t
wcp_bits_from(const struct wcp_bits *bits, uint32_t i)
{
    const size_t at = i / 64;
    const uint64_t word = wcp_bits_word(bits, at) >> i % 64;

    return i % 64 == 0 || at + 1 == bits->num_words
               ? word
               : word | wcp_bits_word(bits, at + 1) << (64 - i % 64);
}

static inline bool
wcp_bits_has(const struct wcp_bits *bits, uint32_t i)
{
    return wcp_bits_word(bits, i / 64) >> i % 64 & 1;
}

/* While no other thread writes there. */
static inline void
wcp_bits_put(const struct wcp_bits *bits, size_t i, uint64_t word)
{
    atomic_store_explicit(&bits->words[i], word, memory_order_relaxed);
}

/* By any thread. */
static inline void
wcp_bits_add(const struct wcp_bits *bits, uint32_t i)
{
    atomic_fetch_or_explicit(&bits->words[i / 64], UINT64_C(1) << i % 64,
                             memory_order_relaxed);
}

static inline unsigned
wcp_count_bits(uint64_t x)
{
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) +
        (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (unsigned)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* How many members come before i. */
static inline uint32_t
wcp_bits_rank(const struct wcp_bits *bits, uint32_t i)
{
    uint64_t before = (UINT64_C(1) << i % 64) - 1;

    return bits->ranks[i / 64] +
           wcp_count_bits(wcp_bits_word(bits, i / 64) & before);
}

/* ---- seeds (seeds.c) ---- */

/* Windows whose least one must be at an end, for Han and for others. */
struct wcp_seed_plan {
    unsigned window_han, window_other;
};

void wcp_seed_plan(struct wcp_seed_plan *plan, uint32_t min_length);
/* Units of a seed that begins with this unit. */
unsigned wcp_seed_length(const struct wcp_seed_plan *plan, uint16_t unit);

#define WCP_SEED_BLOCK 1024

/* One thread's means to find seeds. */
struct wcp_seeder;
struct wcp_seeder *wcp_seeder_new(const struct wcp_memory *mem,
                                  const struct wcp_seed_plan *plan);
void wcp_seeder_free(struct wcp_seeder *seeder);
/*
 * Which places from 'begin' on are seeds: a bit of 'words' for each of
 * WCP_SEED_BLOCK.
 */
void wcp_seeder_find(struct wcp_seeder *seeder, const struct wcp_units *text,
                     uint32_t begin, uint64_t words[WCP_SEED_BLOCK / 64]);

/* The hashes of the seeds that begin at these places, of a text that begins at
 * 'begin'. */
void wcp_hash_seeds(const struct wcp_seed_plan *plan,
                    const struct wcp_units *text, uint32_t begin,
                    const uint32_t *places, size_t num, uint64_t *hashes);
/* Units of a longer seed of level 1 or 2 that begins with this unit. */
#define WCP_SEED_LEVELS 3
unsigned wcp_long_seed_length(const struct wcp_seed_plan *plan, uint16_t unit,
                              unsigned level);
/* The hash of one that begins at 'at', and does not go beyond the text. */
uint64_t wcp_hash_long_seed(const struct wcp_seed_plan *plan,
                            const struct wcp_units *text, uint32_t at,
                            unsigned level);

/* ---- lookup (lookup.c) ---- */

/* The most places of a seed that are all looked at. */
#define WCP_FEW_PLACES 8

struct wcp_lookup;

/* What a seed leads to. */
struct wcp_seed_places {
    uint32_t at[WCP_FEW_PLACES]; /* the last first; all before its own */
    uint32_t num;
    bool many; /* it stands in many places, of which this is the first */
};

enum wcp_code wcp_lookup_new(const struct wcp_places *places,
                             const struct wcp_seed_plan *plan,
                             unsigned num_threads,
                             struct wcp_lookup **lookup_ret,
                             struct wcp_fault *fault);
void wcp_lookup_free(struct wcp_lookup *lookup);
/* The places whose seeds may stand elsewhere. */
const struct wcp_bits *wcp_lookup_seeds(const struct wcp_lookup *lookup);
/* Where they stand before, by their ranks; UINT32_MAX: nowhere. */
const uint32_t *wcp_lookup_before(const struct wcp_lookup *lookup);
/* What the seeds with these indices, the ranks of their places, lead to; at
 * most WCP_LOOKUP_BATCH. */
#define WCP_LOOKUP_BATCH 32
void wcp_lookup_read(const struct wcp_lookup *lookup, const uint32_t *indices,
                     uint32_t num, struct wcp_seed_places *found);
/* From what a seed of many places leads to, to what the longer one of the next
 * level does, which does not go beyond the text. */
void wcp_lookup_longer(const struct wcp_lookup *lookup, unsigned level,
                       uint32_t index, struct wcp_seed_places *found);
uint64_t wcp_lookup_num_seeds(const struct wcp_lookup *lookup);

/* ---- extension (extend.c) ---- */

/* How far an extension went.  Lengths are counted away from where it began. */
struct wcp_reach {
    uint32_t a, b;
    uint32_t matched;
    int64_t score; /* two for a unit that matches */
};

struct wcp_extender;
struct wcp_extender *wcp_extender_new(const struct wcp_memory *mem);
void wcp_extender_free(struct wcp_extender *extender);
/*
 * Go on from a[a_at], b[b_at], to the right as far as a_end and b_end, or to
 * the left, down to a_end and b_end, while that pays.  Ends behind a unit that
 * matches.  Blocks are appended to 'blocks' if it is not NULL, going away from
 * the start.  False when out of memory.
 */
struct wcp_extension {
    const uint16_t *a;
    const struct wcp_units *b;
    uint32_t a_at, b_at, a_end, b_end;
    bool left;
};
struct wcp_blocks {
    WCP_ARRAY(struct wcp_block) list;
};
bool wcp_extend(struct wcp_extender *extender, const struct wcp_extension *ext,
                struct wcp_blocks *blocks, struct wcp_reach *reach);
/*
 * At most how many units match in what is extended from a[a_at .. a_at + len
 * - 1], which b has at b_at as well, to both sides; that is sooner seen than
 * how far an extension goes.  Or it is not seen so soon.
 */
#define WCP_MATCH_UNKNOWN UINT32_MAX
uint32_t wcp_match_most(const uint16_t *a, uint32_t a_num,
                        const struct wcp_units *b, uint32_t a_at, uint32_t b_at,
                        uint32_t len);

/* ---- query (query.c) ---- */

/* A span of the text that was asked about, and a place that it copies. */
struct wcp_span_pair {
    uint32_t begin, end;             /* in the text */
    uint32_t other_begin, other_end; /* places */
    uint32_t matched;
    size_t first_block, num_blocks; /* b counts in places */
};

struct wcp_query_result {
    WCP_ARRAY(struct wcp_span_pair) list;
    struct wcp_blocks blocks; /* kept only if the query was asked to */
    uint64_t num_hits, num_extended;
};

struct wcp_query;
enum wcp_code wcp_query_new(const struct wcp_places *places,
                            const struct wcp_lookup *lookup,
                            const struct wcp_seed_plan *plan,
                            const struct wcp_passage_limits *opts,
                            bool keep_blocks, struct wcp_query **query_ret,
                            struct wcp_fault *fault);
void wcp_query_free(struct wcp_query *query);
/* Append what 'text' shares with texts before it and with itself (others_only:
 * not) to 'result'.  False when out of memory. */
bool wcp_query_text(struct wcp_query *query, uint32_t text, bool others_only,
                    struct wcp_query_result *result);

/* ---- clusters (clusters.c) ---- */

/* How far apart two seeds of one chain may be, in units. */
#define WCP_CHAIN_GAP 400

/* A seed of the text at p and its like at place q is a hit, q << 32 | p; hits
 * are ascending. */
struct wcp_hit_cluster {
    uint32_t first, num; /* hits */
    uint32_t text;       /* in which they all lie */
};

struct wcp_clusters {
    const struct wcp_memory *mem;
    uint32_t least; /* hits of a cluster that is listed */
    WCP_ARRAY(struct wcp_hit_cluster) list;
};

void wcp_clusters_release(struct wcp_clusters *clusters);
/* False when out of memory. */
bool wcp_clusters_list(struct wcp_clusters *clusters,
                       const struct wcp_places *places, const uint64_t *hits,
                       size_t num);
/*
 * May what is extended from these hits match in 'least' units?  'a' is the text
 * asked about (not narrow), and 'b' another one, which begins at b_begin; the
 * seed of the last hit has last_len units.
 */
bool wcp_cluster_matches(const uint64_t *hits, uint32_t num, uint32_t last_len,
                         uint32_t least, const struct wcp_units *a,
                         const struct wcp_units *b, uint32_t b_begin);

/* ---- chains (chain.c) ---- */

struct wcp_hit_chain {
    uint32_t first, num; /* in the chained hits */
    int32_t score;       /* units that seeds cover, less what gaps cost */
    uint32_t seed_len;   /* of its first seed */
};

struct wcp_chainer {
    const struct wcp_memory *mem;
    WCP_ARRAY(int32_t) scores;
    WCP_ARRAY(int32_t) before;
    WCP_ARRAY(uint32_t) order;
    WCP_ARRAY(uint64_t) hits; /* of the chains, each ascending in p */
    WCP_ARRAY(struct wcp_hit_chain) chains;
};

void wcp_chainer_release(struct wcp_chainer *chainer);
/* Into their order, which they are in but for their places. */
void wcp_sort_hits(uint64_t *hits, uint64_t *scratch, size_t num);
/* Chain hits that lie in one text; 'a' is the text asked about.  Chains are
 * appended.  False when out of memory. */
bool wcp_chain_hits(struct wcp_chainer *chainer,
                    const struct wcp_seed_plan *plan, const uint16_t *a,
                    const uint64_t *hits, uint32_t num);

/* ---- grams of two spans (shared_gram.c) ---- */

/* What stands where in a part that is looked for in many places. */
struct wcp_part {
    struct wcp_units units;
    unsigned shift; /* from a hash to its head */
    WCP_ARRAY(uint32_t) heads, nexts;
};

/* False when out of memory. */
bool wcp_part_list(struct wcp_part *part, const struct wcp_memory *mem,
                   const struct wcp_units *units);
void wcp_part_release(struct wcp_part *part, const struct wcp_memory *mem);
/* Has the part so many units in a row that these have as well?  True also when
 * that is not seen: where one of them is narrow, or it repeats itself. */
bool wcp_part_shares(const struct wcp_part *part, const struct wcp_units *units,
                     uint32_t gram);

/* ---- two spans (spans.c) ---- */

/* A gram that stands in two spans, and the one before it in its chain. */
struct wcp_link {
    uint32_t a, b, before;
};

/* One thread's means to compare spans of texts. */
struct wcp_matcher {
    const struct wcp_memory *mem;
    const struct wcp_places *places;
    struct wcp_extender *extender;
    struct {
        WCP_ARRAY(uint16_t) list;
    } wide[2];
    WCP_ARRAY(uint32_t) heads, nexts; /* of the places of grams */
    WCP_ARRAY(struct wcp_link) links;
    WCP_ARRAY(uint32_t) ends; /* of the chains of each length */
    struct wcp_part part;     /* that was looked for last */
};

/* A span that lies in one text; places. */
struct wcp_span {
    uint32_t begin, end;
};

enum wcp_code wcp_matcher_init(struct wcp_matcher *matcher,
                               const struct wcp_places *places,
                               struct wcp_fault *fault);
void wcp_matcher_release(struct wcp_matcher *matcher);
bool wcp_same_units(const struct wcp_places *places, struct wcp_span x,
                    struct wcp_span y);
/* Where 'part' stands in 'within' unit for unit, from a place of that on, or
 * the end of it. */
uint32_t wcp_find_same(const struct wcp_places *places, struct wcp_span part,
                       struct wcp_span within, uint32_t from);
/* How alike two spans are, 0 to 1. */
enum wcp_code wcp_match_spans(struct wcp_matcher *matcher, struct wcp_span x,
                              struct wcp_span y, double *similarity_ret,
                              struct wcp_fault *fault);
/* Can there be a part of 'within' that is like 'part', near 'guess'?  That is
 * sooner seen than what it is, of many places one after another. */
enum wcp_code wcp_may_find_span(struct wcp_matcher *matcher,
                                struct wcp_span part, struct wcp_span within,
                                uint32_t guess, bool *may_ret,
                                struct wcp_fault *fault);
/* That part; begin == end: there is none. */
enum wcp_code wcp_find_span(struct wcp_matcher *matcher, struct wcp_span part,
                            struct wcp_span within, uint32_t guess,
                            struct wcp_span *found_ret,
                            struct wcp_fault *fault);

/* ---- loci (loci.c) ---- */

/*
 * Spans that are nearly the same are one locus, which has the extent of the
 * longest.  Loci stand on grids by their lengths, so that those of about one
 * length that overlap a span are found at once.
 */
struct wcp_locus {
    struct wcp_span span;
    uint32_t owner;   /* number of its passage */
    uint32_t next;    /* in its cell, or UINT32_MAX */
    uint32_t partner; /* the locus that it has most in common with, or
                         UINT32_MAX */
    uint32_t matched; /* how many units */
};

struct wcp_loci {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_locus) list;
    uint32_t *cells; /* [num_cells], the first locus of each, or UINT32_MAX */
    uint8_t *marks;  /* [num_cells], of what they have */
    size_t num_cells;
    unsigned last_grid; /* that has any */
};

bool wcp_loci_init(struct wcp_loci *loci, const struct wcp_memory *mem,
                   size_t expected);
void wcp_loci_release(struct wcp_loci *loci);
bool wcp_loci_add(struct wcp_loci *loci, struct wcp_span span, uint32_t owner,
                  uint32_t *number_ret);
/* Call for each locus with a length of min_len to max_len that overlaps the
 * span; returns when see() returns false. */
void wcp_loci_each(const struct wcp_loci *loci, struct wcp_span span,
                   uint32_t min_len, uint32_t max_len,
                   bool (*see)(void *ctx, uint32_t number), void *ctx);

static inline uint32_t
wcp_span_overlap(struct wcp_span x, struct wcp_span y)
{
    uint32_t begin = x.begin > y.begin ? x.begin : y.begin;
    uint32_t end = x.end < y.end ? x.end : y.end;

    return end > begin ? end - begin : 0;
}

/* ---- merge (merge.c) ---- */

/* Two spans that were aligned. */
struct wcp_linked {
    struct wcp_span span, other; /* 'other' lies before */
    uint32_t matched;
};

enum wcp_code wcp_merge(struct wcp_passages *result,
                        const struct wcp_places *places, const uint32_t *counts,
                        const struct wcp_linked *pairs, size_t num,
                        const struct wcp_passage_limits *opts,
                        struct wcp_fault *fault);

#endif /* WCP_PASSAGE_ENGINE_H */
