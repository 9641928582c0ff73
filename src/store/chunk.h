/*
 * chunk.h - what one batch of the input became
 */
#ifndef WCP_STORE_CHUNK_H
#define WCP_STORE_CHUNK_H

#include "store/portion.h"
#include "store/store.h"

/* A notice, and how many more of its source were not kept. */
struct wcp_kept_notice {
    struct wcp_notice notice;
    uint64_t num_dropped;
};

struct wcp_chunk_counts {
    uint64_t shingles, repaired, bad_dates;
    uint64_t skipped; /* all of them, kept or not */
    uint64_t records; /* documents with a line */
    uint32_t most_units;
    uint8_t record_flags; /* WCP_ENTRY_... that any record has */
};

struct wcp_chunk {
    struct wcp_batch_info info;
    WCP_ARRAY(struct wcp_entry) entries;
    struct wcp_buffer strings; /* entries' strings are offsets until sealed */
    struct wcp_buffer folded;  /* likewise; empty unless kept */
    struct wcp_buffer values;  /* uint8_t[WCP_NUM_BINS] for each entry */
    WCP_ARRAY(uint32_t) keys;  /* [entry][num_bands] */
    WCP_ARRAY(uint64_t) simhashes;
    WCP_ARRAY(uint32_t) samples; /* of all entries */
    WCP_ARRAY(uint32_t)
    whole; /* [entry][WCP_NUM_BINS], MinHash, if the store
            * only signs */
    WCP_ARRAY(struct wcp_kept_notice) notices;
    struct wcp_chunk_counts counts;
    /* NULL; else whose memory its entries and signatures are in, until they are
     * placed. */
    struct wcp_chunk *from;
    bool packed;     /* lies in slabs but for that, notices and folded texts */
    bool spilled;    /* or in a file: of the arrays only 'num' is true */
    bool no_samples; /* they are in a file of their own */
    uint64_t spilled_at;
    uint32_t kept_source; /* notices are kept up to a number a source */
    uint32_t num_kept;
};

/* ---- slab.c ---- */

/* num_bytes of memory of any alignment up to a cache line; NULL: none left. */
void *wcp_slabs_take(const struct wcp_memory *mem, struct wcp_slabs *slabs,
                     size_t num_bytes);
/* What was taken at this place, at least a byte, is needed no more: memory of
 * which that holds for all is given back. */
void wcp_slabs_give_back(const struct wcp_memory *mem, struct wcp_slabs *slabs,
                         const void *taken);
/* Empty 'from' into 'to'. */
void wcp_slabs_move(struct wcp_slabs *to, struct wcp_slabs *from);
void wcp_slabs_release(const struct wcp_memory *mem, struct wcp_slabs *slabs);

/* ---- chunk.c ---- */

struct wcp_chunk *wcp_chunk_new(const struct wcp_memory *mem);
/* All of it, or what of a packed chunk is not in slabs. */
void wcp_chunk_free(const struct wcp_memory *mem, struct wcp_chunk *chunk);
/* A sealed copy in slabs of what was appended to a chunk, which is then empty
 * and keeps its memory for the next batch.  NULL when out of memory. */
struct wcp_chunk *wcp_chunk_pack(const struct wcp_memory *mem,
                                 struct wcp_slabs slabs[WCP_NUM_SLABS],
                                 struct wcp_chunk *chunk);
/* The same of strings and samples alone, in slabs that threads share: of each
 * kind one is not full, and not one a thread.  The rest stays where it is, and
 * the chunk is the copy's if this succeeds. */
struct wcp_chunk *wcp_chunk_pack_some(struct wcp_store *store,
                                      pthread_mutex_t *lock,
                                      struct wcp_chunk *chunk);
/* Pack it whole or write it, by what memory the store has left. */
enum wcp_code wcp_chunk_put_away(struct wcp_store *store,
                                 struct wcp_slabs slabs[WCP_NUM_SLABS],
                                 struct wcp_chunk *chunk,
                                 struct wcp_chunk **kept_ret,
                                 struct wcp_fault *fault);
/* Drop the documents, but not what is known and was said of all of them. */
void wcp_chunk_strip(struct wcp_chunk *chunk);
/* Turn the entries' offsets into pointers. */
void wcp_chunk_seal(struct wcp_chunk *chunk);

/* ---- placing.c ---- */

/* Open addressing: document + 1, and part of its hash, so that others need
 * not be looked at.  At most two thirds full. */
struct wcp_first {
    uint32_t document, tag;
};

struct wcp_firsts {
    struct wcp_first *at;
    size_t num;
};

bool wcp_firsts_init(struct wcp_firsts *firsts, const struct wcp_memory *mem,
                     size_t num_documents);
void wcp_firsts_release(struct wcp_firsts *firsts,
                        const struct wcp_memory *mem);

static inline struct wcp_first *
wcp_firsts_at(const struct wcp_firsts *firsts, uint64_t hash)
{
    return &firsts->at[(size_t)hash & (firsts->num - 1)];
}

static inline struct wcp_first *
wcp_firsts_next(const struct wcp_firsts *firsts, struct wcp_first *slot)
{
    return slot + 1 < firsts->at + firsts->num ? slot + 1 : firsts->at;
}

/* Number the class of a document that is not empty; true if it is new, for no
 * other has its digest. */
bool wcp_class_number(struct wcp_store *store, const struct wcp_firsts *slots,
                      uint32_t doc);
/* Copy the signatures of 'num' documents of a chunk to those of the classes
 * from 'c' on. */
void wcp_class_signatures(struct wcp_store *store,
                          const struct wcp_chunk *chunk, const uint32_t *which,
                          size_t num, uint32_t c);

enum wcp_code wcp_too_many_documents(struct wcp_fault *fault);

/* What each thread holds of parts of a file while all are read in order, if the
 * largest has so many documents and bytes of strings. */
uint64_t wcp_parts_bytes(const struct wcp_store *store, size_t num,
                         size_t strings);

/* Place chunks while others are read, if this store is one where that is done:
 * then store->placing is not NULL.  False when out of memory. */
bool wcp_placing_begin(struct wcp_store *store);
/* Place all that have none before them that is missing, unless another thread
 * is at it.  The caller has the lock of store->chunks, and is without it for
 * some of the time. */
enum wcp_code wcp_placing_go_on(struct wcp_store *store, pthread_mutex_t *lock,
                                struct wcp_fault *fault);
/* An empty chunk.  With the lock. */
struct wcp_chunk *wcp_placing_spare(struct wcp_store *store);
/* Place what is left: all documents and classes are numbered then. */
enum wcp_code wcp_placing_end(struct wcp_store *store, struct wcp_fault *fault);
void wcp_placing_free(struct wcp_store *store);

/* ---- chunk.c ---- */

/* One thread's tools for turning documents into entries. */
struct wcp_signer {
    const struct wcp_store *store;
    struct wcp_sketcher *sketcher;
    struct wcp_folded folded;
};

enum wcp_code wcp_signer_init(struct wcp_signer *signer,
                              const struct wcp_store *store,
                              struct wcp_fault *fault);
void wcp_signer_release(struct wcp_signer *signer);
/* Fold and sign a document and append it.  False when out of memory. */
bool wcp_signer_append(struct wcp_signer *signer, struct wcp_chunk *chunk,
                       const struct wcp_document *doc);

/* ---- spill.c ---- */

/* What is written of a chunk, one after another. */
enum wcp_section {
    WCP_SECTION_DIGESTS, /* uint64_t[2] for each entry; 0: an empty text */
    WCP_SECTION_IDS,     /* XXH3-128 of the id; 0: it has none */
    WCP_SECTION_SIZES,   /* wcp_size_code() of the strings of each */
    WCP_SECTION_UNITS,   /* and of its folded text */
    WCP_SECTION_PLACES,  /* struct wcp_spool_place, if spill->has_places */
    WCP_SECTION_ENTRIES, /* their strings are offsets into the last section */
    WCP_SECTION_KEYS,    /* [num_bands][num], or SimHashes */
    WCP_SECTION_VALUES,
    WCP_SECTION_STRINGS,
    WCP_NUM_SECTIONS
};

/* A chunk in the file, once it is known what stands before it. */
struct wcp_spilled {
    uint64_t at; /* in the file */
    uint64_t lines_before;
    size_t strings_len;
    uint32_t num, first, first_class;
};

struct wcp_spill {
    int fd;
    _Atomic uint64_t len, written; /* with what is left free; without */
    struct wcp_spilled *parts;     /* [num_parts], in order of the input */
    size_t num_parts, parts_cap;
    uint32_t *class_of;     /* [num_documents] or WCP_NO_CLASS */
    uint8_t *sizes, *units; /* [num_documents], from the sections */
    uint8_t *copied;        /* a bit for each class: it has two documents */
    uint32_t *local_of;     /* [num_classes], while there is a portion */
    size_t most_num, most_strings; /* of a part */
    bool has_places;               /* texts of streams were spooled */
};

/* Strings of len bytes take at most wcp_size_of(wcp_size_code(len)), which is
 * not much more. */
uint8_t wcp_size_code(size_t len);
size_t wcp_size_of(uint8_t code);

/* Where an element of a section stands in the file. */
uint64_t wcp_section_place(const struct wcp_store *store,
                           const struct wcp_spilled *part,
                           enum wcp_section section, uint32_t i);
/* Write a chunk's arrays, sealed or not, and note where. */
enum wcp_code wcp_spill_chunk(struct wcp_store *store, struct wcp_chunk *chunk,
                              struct wcp_fault *fault);
/* Write what the file did not have. */
enum wcp_code wcp_spill_write(struct wcp_store *store, const void *data,
                              size_t num_bytes, uint64_t at,
                              struct wcp_fault *fault);
/* Bytes of a section; 'num' elements of it from 'first' on are read to 'to'. */
size_t wcp_section_width(const struct wcp_store *store,
                         enum wcp_section section);
enum wcp_code wcp_spill_load(const struct wcp_store *store,
                             const struct wcp_spilled *part,
                             enum wcp_section section, void *to,
                             struct wcp_fault *fault);
/* What a section has of one document. */
enum wcp_code wcp_spill_load_one(const struct wcp_store *store, uint32_t doc,
                                 enum wcp_section section, void *to,
                                 struct wcp_fault *fault);
/* One document; its strings are in 'strings', or not read if that is NULL.  Of
 * one whose text was spooled the place is the spool's. */
enum wcp_code wcp_spill_load_entry(const struct wcp_store *store, uint32_t doc,
                                   struct wcp_entry *entry_ret,
                                   struct wcp_buffer *strings,
                                   struct wcp_fault *fault);
void wcp_spill_free(struct wcp_store *store);

/* Read a part, which may be any, to the walk's entries and strings. */
enum wcp_code wcp_entry_walk_load(struct wcp_entry_walk *walk, size_t number,
                                  struct wcp_fault *fault);

/* ---- outline.c, ranking.c ---- */

/* For a store that has left memory, with samples. */
enum wcp_code wcp_outline_make(struct wcp_store *store,
                               struct wcp_fault *fault);
void wcp_outline_free(struct wcp_store *store);
/* wcp_store_compare_by() */
int wcp_outline_compare(const struct wcp_store *store, enum wcp_order order,
                        uint32_t a, uint32_t b);
/* Find the ranks and dates of all documents; the outline is there. */
enum wcp_code wcp_store_rank(struct wcp_store *store, struct wcp_fault *fault);

/* ---- store.c ---- */

/* An id as it is shown: a string, then perhaps a number. */
struct wcp_shown_id {
    const char *data;
    size_t len;
    uint32_t number; /* 0: none */
};
struct wcp_shown_id wcp_entry_show(const struct wcp_store *store,
                                   const struct wcp_entry *entry,
                                   uint32_t number);

/* ---- samples.c ---- */

/* wcp_samples_check() says this, if it is the first. */
void wcp_samples_fail(const struct wcp_store *store,
                      const struct wcp_fault *fault);

/* Write the samples of a chunk; any thread.  Its entries have the places of
 * their samples then. */
enum wcp_code wcp_samples_leave(struct wcp_store *store,
                                struct wcp_chunk *chunk,
                                struct wcp_fault *fault);
/* Do so if the store has too many of them, nothing is limited and there is a
 * file to be had. */
void wcp_samples_relieve(struct wcp_store *store, struct wcp_chunk *chunk);
/* When some have left memory alone: all do, or these come back. */
enum wcp_code wcp_samples_unite(struct wcp_store *store,
                                struct wcp_fault *fault);
/* List the ranges of the file; classes are known. */
enum wcp_code wcp_samples_list(struct wcp_store *store,
                               struct wcp_fault *fault);
void wcp_samples_close(struct wcp_store *store);
/* Likewise, and have room for notes. */
enum wcp_code wcp_samples_settle(struct wcp_store *store,
                                 struct wcp_fault *fault);

/* ---- respool.c ---- */

/* What wcp_store_spool_classes() and ..._documents() do for a store that has
 * left memory. */
enum wcp_code wcp_spill_spool_classes(struct wcp_store *store,
                                      const uint32_t *classes, size_t num,
                                      struct wcp_fault *fault);
enum wcp_code wcp_spill_spool_documents(struct wcp_store *store,
                                        const uint32_t *documents, size_t num,
                                        struct wcp_fault *fault);

/* ---- keeping.c ---- */

/* What wcp_store_keep_texts() has kept besides a folded text. */
struct wcp_kept_text {
    struct wcp_string text; /* as it was read, or NULL */
};
/* Whether all units of a text fit into a byte; and put them, 'narrow' if so, to
 * where there is room for them. */
bool wcp_units_are_narrow(const struct wcp_folded *folded);
void wcp_units_pack(const struct wcp_folded *folded, bool narrow, void *to);
/* Whether a document's place is one in a file. */
bool wcp_entry_is_direct(const struct wcp_entry *entry);
/* NULL: the entry's text was not kept. */
const struct wcp_kept_text *wcp_kept_text(const struct wcp_store *store,
                                          const struct wcp_entry *entry);

/* ---- closing.c ---- */

/* List documents by the classes that their entries have; false when out of
 * memory. */
bool wcp_store_list_classes(struct wcp_store *store);

/* ---- settling.c ---- */

/* Number and collapse what is in the file; 'store' is lined up. */
enum wcp_code wcp_store_settle(struct wcp_store *store,
                               const uint64_t *lines_before,
                               const struct wcp_store_listener *listener,
                               struct wcp_fault *fault);

/* ---- notices.c ---- */

/* Of a batch's chunks, whose first line is first_line + 1; ends in one call
 * with NULL. */
struct wcp_saying {
    const struct wcp_store_listener *listener;
    uint32_t source;
    uint64_t num_said, num_unsaid;
    const struct wcp_kept_notice *last; /* of this source, or NULL */
    uint64_t last_line;                 /* where that is in the source */
};
/* Whether the line behind the one of 'last', which is in line last_line, and of
 * those that were dropped has the same flaw.  What records have instead, after
 * a semicolon, may differ. */
bool wcp_notice_goes_on(const struct wcp_kept_notice *last, uint64_t last_line,
                        const struct wcp_notice *notice);
void wcp_say_notices(struct wcp_saying *saying, const struct wcp_chunk *chunk,
                     uint64_t first_line);
void wcp_say_equal_id(const struct wcp_store *store,
                      const struct wcp_store_listener *listener,
                      const struct wcp_entry *entry,
                      const struct wcp_entry *first);
/* The first document whose date is not understood. */
void wcp_say_bad_dates(const struct wcp_store *store,
                       const struct wcp_store_listener *listener,
                       const struct wcp_entry *entry);
void wcp_say_absent_fields(const struct wcp_store *store,
                           const struct wcp_chunk_counts *counts,
                           const struct wcp_store_listener *listener);

/* Append len bytes to the spool, from any thread. */
enum wcp_code wcp_store_spool(struct wcp_store *store, const void *data,
                              size_t len, uint64_t *offset_ret,
                              struct wcp_fault *fault);

#endif /* WCP_STORE_CHUNK_H */
