/*
 * portion.h - documents that have left memory, and stores of some of them
 *
 * All of it is done with the store that they belong to, see store.h.
 */
#ifndef WCP_STORE_PORTION_H
#define WCP_STORE_PORTION_H

#include "store/store.h"

/* ---- what has left memory (spill.c, settling.c, portion.c) ---- */

/*
 * As soon as a store holds a third of the memory that it may have, what is
 * read is written to a temporary file: store->spill is not NULL, and entries,
 * values, keys, simhashes, class_begins and class_documents are.  What is left
 * is a few bytes a document.  Then the bands are linked from the file, and the
 * rest is done with portions: stores of some of the classes, in memory, in
 * which documents and classes have other numbers, in the same order.
 *
 * With samples, store->outline, class_begins and class_documents are there as
 * well, a hundred bytes a document, and only groups by whole texts and their
 * pairs are found in portions.
 */

/* Documents in order of number, wherever they are.  Begins zeroed but for
 * 'store'. */
struct wcp_entry_walk {
    const struct wcp_store *store;
    uint32_t next;
    size_t next_part, at;
    WCP_ARRAY(struct wcp_entry) entries; /* of the part at hand */
    struct wcp_buffer strings;
};
/* NULL at the end or, with *code_ret, after a failure.  Valid until the next
 * call; class_number is not set if all has left memory. */
const struct wcp_entry *wcp_entry_walk_next(struct wcp_entry_walk *walk,
                                            enum wcp_code *code_ret,
                                            struct wcp_fault *fault);
void wcp_entry_walk_release(struct wcp_entry_walk *walk);

/* The band keys of all classes, in order, by as many as are there at once.
 * Begins zeroed but for 'store' and 'band'. */
struct wcp_key_walk {
    const struct wcp_store *store;
    unsigned band;
    size_t next_part;
    WCP_ARRAY(uint32_t) keys;
    uint32_t first; /* class */
    const uint32_t *at;
    size_t num; /* of 'at'; 0: the end */
};
enum wcp_code wcp_key_walk_next(struct wcp_key_walk *walk,
                                struct wcp_fault *fault);
void wcp_key_walk_release(struct wcp_key_walk *walk);

/* Bytes of all strings of a document, with the NULs. */
size_t wcp_entry_strings_len(const struct wcp_entry *entry);
/* Bytes that so many documents take, each with so many of strings and of
 * samples: in memory, as they are read; in memory at the peak, if all of it is
 * kept; in the temporary file; at least in memory; at least, were there no
 * samples. */
struct wcp_store_sizes {
    uint64_t reading, peak, file, least, apart;
};
struct wcp_store_sizes wcp_store_sizes(const struct wcp_store *store,
                                       uint64_t documents, double strings,
                                       double samples);

/* How much memory, in units of WCP_COST_UNIT bytes, each class takes in a
 * portion, and so many bytes more for it and for each of its documents:
 * costs[num_classes], begins zeroed. */
enum { WCP_COST_UNIT = 64 };
void wcp_store_costs(const struct wcp_store *store, uint32_t by_document,
                     uint32_t by_class, uint32_t *costs);
/* To compare two texts: two shingle sets, and the text that a third is made of,
 * by unit.  Of two books of 5 million letters 49 bytes were needed. */
enum { WCP_COMPARED_BYTES = 54 };
/* The units of a class's folded text, or somewhat more: units[num_classes]. */
void wcp_store_class_units(const struct wcp_store *store, uint8_t *units);
size_t wcp_units_of(uint8_t units);
/* Whether more than one document is of the class; both kinds of stores. */
bool wcp_class_has_copies(const struct wcp_store *store, uint32_t c);

/*
 * A store of these classes, each once.  Only one at a time.  It is released
 * with wcp_store_free() and must not outlive the whole, whose spool it uses.
 */
enum wcp_code wcp_store_portion(struct wcp_store *whole,
                                const uint32_t *classes, size_t num,
                                struct wcp_store **portion_ret,
                                struct wcp_fault *fault);
/* There will be none for some time: what they need is let go. */
void wcp_portions_end(struct wcp_store *whole);
/* As many shingle sets may be kept as memory allows by now. */
void wcp_store_limit_kept(struct wcp_store *store);
/* Note which documents of a portion are their agency's own. */
void wcp_outline_take_own(struct wcp_store *whole,
                          const struct wcp_store *portion);
/* The entry of a document, wherever it is; what has left memory is read to
 * 'room' and 'strings' (NULL: without its strings). */
enum wcp_code wcp_store_entry(const struct wcp_store *store, uint32_t document,
                              struct wcp_entry *room,
                              struct wcp_buffer *strings,
                              const struct wcp_entry **entry_ret,
                              struct wcp_fault *fault);
/* The number that a class of the whole has in its portion. */
uint32_t wcp_portion_class(const struct wcp_store *whole, uint32_t c);

#endif /* WCP_STORE_PORTION_H */
