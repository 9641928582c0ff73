/*
 * chunk.h - what one batch of the input became
 */
#ifndef WCP_STORE_CHUNK_H
#define WCP_STORE_CHUNK_H

#include "store/store.h"

/* A notice, and how many more of its source were not kept. */
struct wcp_kept_notice {
    struct wcp_notice notice;
    uint64_t num_dropped;
};

struct wcp_chunk_counts {
    uint64_t shingles, repaired, bad_dates;
    uint64_t skipped; /* all of them, kept or not */
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
    bool packed;          /* lies in slabs but for notices and folded texts */
    uint32_t kept_source; /* notices are kept up to a number a source */
    uint32_t num_kept;
};

/* ---- slab.c ---- */

/* num_bytes of memory of any alignment up to a cache line; NULL: none left. */
void *wcp_slabs_take(const struct wcp_memory *mem, struct wcp_slabs *slabs,
                     size_t num_bytes);
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
/* Drop the documents, but not what is known and was said of all of them. */
void wcp_chunk_strip(struct wcp_chunk *chunk);
/* Turn the entries' offsets into pointers. */
void wcp_chunk_seal(struct wcp_chunk *chunk);

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

/* Append len bytes to the spool, from any thread. */
enum wcp_code wcp_store_spool(struct wcp_store *store, const void *data,
                              size_t len, uint64_t *offset_ret,
                              struct wcp_fault *fault);

#endif /* WCP_STORE_CHUNK_H */
