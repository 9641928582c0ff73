/*
 * match.h - signatures -> candidates -> verified pairs
 *
 *   plan        bands x rows and the signature filter from threshold, recall
 *   components  classes that are linked through shared buckets; nothing in one
 *               component can match anything in another
 *   leaders     the originals of a component, looked up by signature
 *   rarest      the same by their rarest shingles
 *   originals   the same in the cheapest way
 *   verifier    exact intersections of shingle sets, sets kept while they last
 *   pairs       all verified pairs
 *   inclusions  which texts seem to lie in others, by samples of shingles
 *
 * A component is the unit of work: its classes are verified together, so that
 * a text is read again once and not once for each pair.  Inside a component a
 * class goes by its rank, its place in the component's list.
 */
#ifndef WCP_MATCH_MATCH_H
#define WCP_MATCH_MATCH_H

#include "base/base.h"
#include "store/store.h"

/* ---- plan (plan.c) ---- */

struct wcp_plan {
    enum wcp_signature_kind kind;
    double threshold;  /* least Jaccard index; < 0: no matter (SimHash) */
    unsigned distance; /* SimHash: most differing bits */

    /* MinHash only: */
    unsigned num_bands, num_rows;
    unsigned min_equal; /* candidates with fewer equal values are dropped */
    double recall;      /* expected at the threshold, filter included */
};

#define WCP_DISTANCE_MAX 8

/*
 * Bands and rows that find at least 'recall' of the pairs at the threshold:
 * as many rows as allow it, for few false candidates, then as few bands as
 * leave room for the loss of the filter.  threshold in (0, 1], recall in
 * (0, 1).  Where 128 values do not suffice plan->recall says what they give.
 */
void wcp_plan_minhash(struct wcp_plan *plan, double threshold, double recall);

/* How many of two signatures' values agree, of WCP_NUM_BINS. */
unsigned wcp_count_equal(const uint8_t *a, const uint8_t *b);
/* Whether two classes' signatures let them be as alike as the plan wants. */
bool wcp_signatures_allow(const struct wcp_store *store,
                          const struct wcp_plan *plan, uint32_t a, uint32_t b);

/* In components of up to so many classes it is cheaper to compare the
 * signatures of all than to look for buckets. */
#define WCP_SMALL_COMPONENT 64

/* ---- components (components.c, simhash_tables.c) ---- */

struct wcp_components {
    const struct wcp_memory *mem;
    uint32_t num;
    uint32_t *begins;  /* [num + 1] into classes */
    uint32_t *classes; /* each component's in ascending order */
    uint32_t num_classes;
    uint32_t num_begins; /* as allocated */
};

/*
 * The components with at least two documents, the largest first (then by
 * their least class).  Parallel by band; Union by compare-and-swap, so that
 * the result does not depend on threads.
 */
enum wcp_code wcp_components_find(struct wcp_components *components,
                                  const struct wcp_store *store,
                                  const struct wcp_plan *plan,
                                  struct wcp_fault *fault);
void wcp_components_release(struct wcp_components *components);

/*
 * wcp_store_keep_texts() for the classes that may have to be compared.  Many
 * components are of few classes that share a bucket by chance: those that have
 * no other that their signature allows are left out, and so are those of
 * components of less than 'least'.
 */
void wcp_components_keep_texts(const struct wcp_components *components,
                               struct wcp_store *store,
                               const struct wcp_plan *plan, uint32_t least);
/* List those of some components that may have to be compared, at most 'most';
 * returns how many. */
size_t wcp_components_list_likely(const struct wcp_components *components,
                                  const struct wcp_store *store,
                                  const struct wcp_plan *plan, uint32_t begin,
                                  uint32_t end, uint32_t *likely, size_t most);

/* Lock-free disjoint sets over [num] parents, as wcp_components_find() uses
 * them: the root of a set is its least member. */
void wcp_sets_join(_Atomic uint32_t *parents, uint32_t a, uint32_t b);
uint32_t wcp_sets_root(_Atomic uint32_t *parents, uint32_t a);

/* Join all classes that have a band key in common (bands.c). */
enum wcp_code wcp_bands_join(const struct wcp_store *store,
                             _Atomic uint32_t *parents,
                             struct wcp_fault *fault);

/*
 * Join all classes whose SimHashes differ in at most 'distance' bits.
 * Complete.  Source: Manku, Jain, Das Sarma, "Detecting Near-Duplicates for
 * Web Crawling" (2007).
 */
enum wcp_code wcp_simhash_join(const struct wcp_store *store, unsigned distance,
                               _Atomic uint32_t *parents,
                               struct wcp_fault *fault);

/* ---- portions (portions.c) ---- */

/* What is done with a portion takes so much memory besides, in bytes. */
struct wcp_portion_costs {
    uint32_t by_document, by_class;
    uint32_t by_thread_class; /* a thread, of the component that it is at */
};

/*
 * Call each() for the components of a store that has left memory, as many of
 * them at a time as memory holds, in their order: in a portion the classes
 * have the numbers of its store.  Ends with the first failure; after NO_MEMORY
 * the call is made again for fewer of them, if it was for several.
 */
enum wcp_code
wcp_portions_each(struct wcp_store *store,
                  const struct wcp_components *components,
                  const struct wcp_portion_costs *costs,
                  enum wcp_code (*each)(void *ctx, struct wcp_store *portion,
                                        const struct wcp_components *components,
                                        struct wcp_fault *fault),
                  void *ctx, struct wcp_fault *fault);

/* ---- verifier (verifier.c) ---- */

/* Sizes of two shingle sets and of their intersection. */
struct wcp_overlap {
    uint32_t common, size_a, size_b;
};

double wcp_jaccard(const struct wcp_overlap *overlap);
/* The share of 'size' shingles that 'common' are; 0 of none. */
double wcp_overlap_share(uint32_t common, uint32_t size);
/* < 0 if x is less alike than y, exactly. */
int wcp_overlap_compare(const struct wcp_overlap *x,
                        const struct wcp_overlap *y);

struct wcp_verifier;
/* Bytes that one takes at most for each class of wcp_verifier_begin(). */
enum { WCP_VERIFIER_CLASS = 104 };

/* One a thread.  Sets are kept up to max_bytes, or less where memory is
 * limited, but always the two at hand. */
enum wcp_code wcp_verifier_new(struct wcp_store *store, size_t max_bytes,
                               struct wcp_verifier **verifier_ret,
                               struct wcp_fault *fault);
void wcp_verifier_free(struct wcp_verifier *verifier);
/* Turn to the classes of one component; forgets the sets kept so far. */
enum wcp_code wcp_verifier_begin(struct wcp_verifier *verifier,
                                 const uint32_t *classes, uint32_t num,
                                 struct wcp_fault *fault);
/*
 * The overlap of the classes of rank a and b.  When their sizes alone keep
 * them below 'threshold', common is 0 and no overlap was counted.  It is
 * fastest when b is a class that is compared with many others.  In a store
 * that estimates only the Jaccard index means something.
 */
enum wcp_code wcp_verifier_overlap(struct wcp_verifier *verifier, uint32_t a,
                                   uint32_t b, double threshold,
                                   struct wcp_overlap *overlap_ret,
                                   struct wcp_fault *fault);
/*
 * The overlap of two classes, or nothing if what they share is less than
 * 'share' of either.  It is fastest when 'part' is the shorter one, and one
 * whole is compared with all its parts in turn.
 */
enum wcp_code wcp_verifier_included(struct wcp_verifier *verifier,
                                    uint32_t part, uint32_t whole, double share,
                                    struct wcp_overlap *overlap_ret,
                                    struct wcp_fault *fault);
/* The class of rank a will be a whole several times. */
enum wcp_code wcp_verifier_index(struct wcp_verifier *verifier, uint32_t a,
                                 struct wcp_fault *fault);
/* The shingles of the class of rank a, in order; valid until the next call. */
enum wcp_code wcp_verifier_shingles(struct wcp_verifier *verifier, uint32_t a,
                                    const struct wcp_shingles **shingles_ret,
                                    struct wcp_fault *fault);
/* Keep the sets of ranks begin .. end - 1, once made, until another range is
 * pinned; they should not take more than half of that. */
void wcp_verifier_pin(struct wcp_verifier *verifier, uint32_t begin,
                      uint32_t end);
/* The set of rank a will not be needed again soon. */
void wcp_verifier_drop(struct wcp_verifier *verifier, uint32_t a);
/* So many bytes of sets are kept. */
size_t wcp_verifier_most(const struct wcp_verifier *verifier);
/* Intersections made so far. */
uint64_t wcp_verifier_count(const struct wcp_verifier *verifier);

/* ---- leaders (leaders.c) ---- */

struct wcp_leaders;

enum wcp_code wcp_leaders_new(const struct wcp_store *store,
                              const struct wcp_plan *plan,
                              struct wcp_leaders **leaders_ret,
                              struct wcp_fault *fault);
void wcp_leaders_free(struct wcp_leaders *leaders);
/* Forget all leaders. */
void wcp_leaders_clear(struct wcp_leaders *leaders);
uint32_t wcp_leaders_num(const struct wcp_leaders *leaders);
/* Add a class; its number is the number of those before it. */
bool wcp_leaders_add(struct wcp_leaders *leaders, uint32_t class_number);
uint32_t wcp_leaders_class(const struct wcp_leaders *leaders, uint32_t leader);
/*
 * The leaders numbered 'from' or above whose signatures let them be within
 * the threshold (or distance) of the class, ascending, in *found_ret, valid
 * until the next call.  False when out of memory.
 */
bool wcp_leaders_lookup(struct wcp_leaders *leaders, uint32_t class_number,
                        uint32_t from, const uint32_t **found_ret,
                        size_t *num_ret);

/* Let buckets grow from now on, until the leaders are cleared. */
void wcp_leaders_split_no_more(struct wcp_leaders *leaders);
/* How many signatures were compared since the leaders were cleared. */
uint64_t wcp_leaders_count(const struct wcp_leaders *leaders);
/* How many a look-up of the class would compare, at most. */
uint64_t wcp_leaders_cost(const struct wcp_leaders *leaders,
                          uint32_t class_number);

/* ---- rarest shingles (rarest.c) ---- */

struct wcp_rarest;

/* For texts that have num_shingles in all, about. */
enum wcp_code wcp_rarest_new(const struct wcp_memory *mem, double threshold,
                             uint64_t num_shingles,
                             struct wcp_rarest **rarest_ret,
                             struct wcp_fault *fault);
void wcp_rarest_free(struct wcp_rarest *rarest);
/* Count the shingles of a text, for the order; not after the first take. */
void wcp_rarest_count(struct wcp_rarest *rarest, const uint64_t *hashes,
                      size_t num);
/* Make this the text at hand.  False when out of memory. */
bool wcp_rarest_take(struct wcp_rarest *rarest, const uint64_t *hashes,
                     size_t num);
/* Add the text at hand as a leader; its number is the number of those before
 * it.  False when out of memory. */
bool wcp_rarest_add(struct wcp_rarest *rarest);
/* How many entries a look-up of the text at hand would pass, at most. */
uint64_t wcp_rarest_cost(const struct wcp_rarest *rarest);
/*
 * All leaders numbered 'from' or above whose Jaccard index with the text at
 * hand is at the threshold or above, and others, each once, in any order;
 * valid until the next call.  False when out of memory.
 */
bool wcp_rarest_lookup(struct wcp_rarest *rarest, uint32_t from,
                       const uint32_t **found_ret, size_t *num_ret);

/* ---- originals (originals.c) ---- */

struct wcp_originals;

enum wcp_code wcp_originals_new(const struct wcp_store *store,
                                const struct wcp_plan *plan,
                                struct wcp_verifier *verifier,
                                struct wcp_originals **originals_ret,
                                struct wcp_fault *fault);
void wcp_originals_free(struct wcp_originals *originals);
/* Turn to a component, after wcp_verifier_begin(); 'classes' stays there. */
void wcp_originals_begin(struct wcp_originals *originals,
                         const uint32_t *classes, uint32_t num_classes);
/* The class of this rank, which was looked up last, is an original; its number
 * is the number of those before it. */
enum wcp_code wcp_originals_add(struct wcp_originals *originals, uint32_t rank,
                                struct wcp_fault *fault);
uint32_t wcp_originals_num(const struct wcp_originals *originals);
uint32_t wcp_originals_rank(const struct wcp_originals *originals,
                            uint32_t original);
/* The originals numbered 'from' or above whose signatures let them be within
 * the threshold (or distance) of the class, ascending; valid until the next
 * call. */
enum wcp_code wcp_originals_find(struct wcp_originals *originals, uint32_t rank,
                                 uint32_t from, const uint32_t **found_ret,
                                 size_t *num_ret, struct wcp_fault *fault);

/* ---- pairs (all_pairs.c) ---- */

struct wcp_class_pair {
    uint32_t a, b; /* classes, a < b */
    struct wcp_overlap overlap;
    int32_t relation; /* the layer above says so */
};

struct wcp_class_pairs {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_class_pair) list; /* ascending by a, then b */
    uint64_t num_candidates;               /* that were verified */
};

/*
 * All pairs of different classes that meet the plan, all in memory: 24 bytes
 * each, and 32 more while wcp_document_pairs_each() hands them out (55 in all
 * were seen with 8 million).  They cannot leave earlier, component by
 * component: the order of pairs is that of the documents, in which components
 * take turns.  Copies of the same text cost nothing, they are one class.
 */
enum wcp_code wcp_class_pairs_find(struct wcp_class_pairs *pairs,
                                   struct wcp_store *store,
                                   const struct wcp_plan *plan,
                                   const struct wcp_components *components,
                                   struct wcp_fault *fault);
void wcp_class_pairs_release(struct wcp_class_pairs *pairs);
/* Sort them by a, then b, without further memory (pair_order.c). */
void wcp_class_pairs_sort(struct wcp_class_pair *pairs, size_t num);

/* ---- inclusions (inclusions.c) ---- */

/* Two classes; much of 'part' seems to stand in 'whole'. */
struct wcp_inclusion {
    uint32_t whole, part;
    uint32_t common; /* samples, of those that are asked about */
};

struct wcp_inclusions {
    const struct wcp_memory *mem;
    WCP_ARRAY(struct wcp_inclusion) list; /* in no order */
};

/* Who has which samples; made by the first call that is given the place. */
struct wcp_sample_index;
void wcp_sample_index_free(struct wcp_sample_index *index);

/*
 * For each class with asked[c] (NULL: for each) the others in which at least
 * 'threshold' of its shingles may stand, by the samples of the texts; a class
 * of which too few do may be among them, see inclusions.c for what may lack.
 * Time goes with the number of samples and with what is found, not with how
 * often a frequent phrase occurs.  Only those are listed of which keep(), which
 * any thread calls, says so; it may be NULL.  *index is NULL, or what an
 * earlier call with the same store left there; it is the caller's to free.
 */
enum wcp_code wcp_inclusions_find(
    struct wcp_inclusions *inclusions, struct wcp_store *store,
    struct wcp_sample_index **index, const uint8_t *asked, double threshold,
    bool (*keep)(const void *ctx, uint32_t part, uint32_t whole),
    const void *ctx, struct wcp_fault *fault);
void wcp_inclusions_release(struct wcp_inclusions *inclusions);

struct wcp_inclusion_question {
    const uint8_t *asked;
    double threshold;
    bool (*keep)(const void *ctx, uint32_t part, uint32_t whole);
    /* Give each class with asked[c] != 0 its rank in the order in which others
     * may join it, UINT32_MAX: none may; false when out of memory.  NULL: all
     * pairs of crowds are listed, too. */
    bool (*rank)(const void *ctx, const uint32_t *asked, uint32_t *ranks);
    const void *ctx;
};

/* The same, but for most pairs of a crowd: of a form that very many fill in, or
 * of a dispatch that very many have cut, see thinning.c. */
enum wcp_code wcp_inclusions_find_thinned(
    struct wcp_inclusions *inclusions, struct wcp_store *store,
    struct wcp_sample_index **index,
    const struct wcp_inclusion_question *question, struct wcp_fault *fault);

/* Of the classes that have a sample, in order of the first half of their
 * digests' first numbers, then by number, so many are counted below. */
enum { WCP_SAMPLE_LISTED = 256 };

/*
 * For each class with asked[c] the others that have at least 'share' of its
 * samples, as far as those say that it is asked about; keep() and *index as
 * above.
 */
enum wcp_code
wcp_nearly_in_find(struct wcp_inclusions *inclusions, struct wcp_store *store,
                   struct wcp_sample_index **index, const uint8_t *asked,
                   double share,
                   bool (*keep)(const void *ctx, uint32_t part, uint32_t whole),
                   const void *ctx, struct wcp_fault *fault);

/* ---- overlaps of given pairs (overlaps.c) ---- */

/*
 * Fill in the overlaps of these pairs and drop those of which neither class
 * stands in the other with 'threshold' of its shingles; returns how many are
 * left in *num.  *verified is raised by the intersections made.
 */
enum wcp_code wcp_overlaps_fill(struct wcp_store *store,
                                struct wcp_class_pair *pairs, size_t *num,
                                double threshold, uint64_t *verified,
                                struct wcp_fault *fault);

#endif /* WCP_MATCH_MATCH_H */
