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

struct wcp_chunk {
    struct wcp_batch_info info;
    WCP_ARRAY(struct wcp_entry) entries;
    struct wcp_buffer strings; /* entries' strings are offsets until sealed */
    struct wcp_buffer folded;  /* likewise; empty unless kept */
    struct wcp_buffer values;  /* uint8_t[WCP_NUM_BINS] for each entry */
    WCP_ARRAY(uint32_t) keys;  /* [entry][num_bands] */
    WCP_ARRAY(uint64_t) simhashes;
    WCP_ARRAY(struct wcp_kept_notice) notices;
    uint64_t num_shingles, num_repaired, num_bad_dates;
    uint64_t num_skipped; /* all of them, kept or not */
    uint32_t kept_source; /* notices are kept up to a number a source */
    uint32_t num_kept;
};

struct wcp_chunk *wcp_chunk_new(const struct wcp_memory *mem);
void wcp_chunk_free(const struct wcp_memory *mem, struct wcp_chunk *chunk);
/* Free all but the strings and folded texts, which entries point into. */
void wcp_chunk_strip(const struct wcp_memory *mem, struct wcp_chunk *chunk);
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
