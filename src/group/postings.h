/*
 * postings.h - who has the samples of some texts, for the files of this layer
 */
#ifndef WCP_GROUP_POSTINGS_H
#define WCP_GROUP_POSTINGS_H

#include "group/strangers.h"

/* All samples that are looked up, with who has them. */
struct wcp_postings {
    const struct wcp_store *store;
    uint32_t *classes; /* [num_classes], by digest */
    uint32_t *places;  /* [num_classes]: where they stand there */
    uint64_t *wanted;  /* a bit for each hash of a sample that is looked up */
    unsigned wanted_bits; /* in the number of a bit */
    /* [num], sorted: wcp_postings_key() << 32 | place in classes */
    uint64_t *entries;
    size_t num, cap;
    size_t *firsts; /* [2^first_bits + 1]: entries by their first bits */
    unsigned first_bits;
};

/* What stands for a sample in the entries. */
static inline uint32_t
wcp_postings_key(uint32_t sample)
{
    /* Samples are the least of many hashes; so that their first bits tell them
     * apart they are multiplied by an odd number, which leaves different ones
     * different. */
    return sample * UINT32_C(0x9E3779B1);
}

/* Look up the samples of these parts in all texts; zeroed but for the store.
 * False when out of memory; it is to be released in any case. */
bool wcp_postings_init(struct wcp_postings *postings,
                       const struct wcp_part *parts, size_t num_parts);
void wcp_postings_release(struct wcp_postings *postings);
/* Only 'classes' and 'places', which have room: the classes by digest; equal
 * beginnings of digests do not matter.  False when out of memory. */
bool wcp_postings_order(struct wcp_postings *postings);
/* The first entry of a sample. */
size_t wcp_postings_find(const struct wcp_postings *postings, uint32_t sample);
/* Have the entries of the samples of a text come from memory. */
void wcp_postings_fetch_ahead(const struct wcp_postings *postings,
                              const struct wcp_entry *entry);

#endif /* WCP_GROUP_POSTINGS_H */
