/*
 * engine.h - what the files of this layer share
 */
#ifndef WCP_PASSAGE_ENGINE_H
#define WCP_PASSAGE_ENGINE_H

#include "passage/passage.h"
#include "sketch/sketch.h"
#include "text/text.h"

/* ---- texts, one behind another ---- */

/*
 * A place is counted through all texts.  There are fewer than 2^32 units, so
 * that a place takes four bytes.
 */
struct wcp_places {
    const struct wcp_memory *mem;
    const struct wcp_units *texts;
    uint32_t num_texts;
    uint32_t *begins; /* [num_texts + 1] */
    uint32_t *coarse; /* the text of every 2^WCP_COARSE_BITS-th place */
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

/* Write units begin .. end - 1 to 'out'. */
void wcp_widen(const struct wcp_units *text, uint32_t begin, uint32_t end,
               uint16_t *out);

/* ---- seeds (seeds.c) ---- */

/* Windows whose least one must be at an end, for Han and for others. */
struct wcp_seed_plan {
    unsigned window_han, window_other;
};

struct wcp_seed {
    uint64_t hash;
    uint32_t at; /* in the text */
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
 * The seeds that begin in 'begin' .. begin + WCP_SEED_BLOCK - 1, ascending,
 * in *seeds_ret until the next call.
 */
size_t wcp_seeder_find(struct wcp_seeder *seeder, const struct wcp_units *text,
                       uint32_t begin, const struct wcp_seed **seeds_ret);

/* The hash of the seed that begins at 'at'. */
uint64_t wcp_seeder_hash(struct wcp_seeder *seeder,
                         const struct wcp_units *text, uint32_t at);

/* The hash of a longer seed of level 1 or 2 that begins at 'at'; false where
 * the text ends before. */
#define WCP_SEED_LEVELS 3
bool wcp_long_seed(const struct wcp_seed_plan *plan,
                   const struct wcp_units *text, uint32_t at, unsigned level,
                   uint64_t *hash_ret);

/* ---- lookup (lookup.c) ---- */

/* The most places of a seed that are all looked at. */
#define WCP_FEW_PLACES 8

struct wcp_lookup;

/* What a seed leads to. */
struct wcp_seed_places {
    const uint32_t *at; /* ascending */
    uint32_t num;       /* 0: it stands in one place only */
    bool many;          /* at[0] is the first of many, num is 1 */
};

enum wcp_code wcp_lookup_new(const struct wcp_places *places,
                             const struct wcp_seed_plan *plan,
                             unsigned num_threads,
                             struct wcp_lookup **lookup_ret,
                             struct wcp_fault *fault);
void wcp_lookup_free(struct wcp_lookup *lookup);
/*
 * In three steps, so that of many seeds each can be taken before the next
 * step, and memory has time to come: prefetch, seek, read.
 */
void wcp_lookup_prefetch(const struct wcp_lookup *lookup, unsigned level,
                         uint64_t hash);
/* NULL: it stands in one place only. */
const uint32_t *wcp_lookup_seek(const struct wcp_lookup *lookup, unsigned level,
                                uint64_t hash);
struct wcp_seed_places wcp_lookup_read(const uint32_t *entry);
/* A bit for each place, set where a seed begins that stands before it too. */
const _Atomic uint64_t *wcp_lookup_shared(const struct wcp_lookup *lookup);
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

/* ---- chains (chain.c) ---- */

/* A seed of the text at p and its like at place q: q << 32 | p, ascending. */
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
/* Chain hits that lie in one text; 'a' is the text asked about.  Chains are
 * appended.  False when out of memory. */
bool wcp_chain_hits(struct wcp_chainer *chainer,
                    const struct wcp_seed_plan *plan, const uint16_t *a,
                    const uint64_t *hits, uint32_t num);

/* How far apart two seeds of one chain may be, in units. */
#define WCP_CHAIN_GAP 400

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
};

/* A span that lies in one text; places. */
struct wcp_span {
    uint32_t begin, end;
};

enum wcp_code wcp_matcher_init(struct wcp_matcher *matcher,
                               const struct wcp_places *places,
                               struct wcp_fault *fault);
void wcp_matcher_release(struct wcp_matcher *matcher);
/* How alike two spans are, 0 to 1. */
enum wcp_code wcp_match_spans(struct wcp_matcher *matcher, struct wcp_span x,
                              struct wcp_span y, double *similarity_ret,
                              struct wcp_fault *fault);
/* The part of 'within' that is like 'part', near 'guess'; begin == end: there
 * is none. */
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
    uint32_t *cells; /* first locus of each, or UINT32_MAX */
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
