/*
 * store.h - the documents of a run: metadata, signatures, where they stand
 *
 * Filled in one parallel pass over the input (reading.c), then closed, which
 * numbers the documents in input order and collapses identical folded texts
 * into classes; after that neither these nor what was signed change.  Texts are
 * read, decoded and folded again when somebody fetches them, from the spool if
 * they came in a stream, unless they were kept (keep_folded,
 * wcp_store_keep_texts()).  Where memory is limited all the rest may leave it,
 * too: see portion.h.
 *
 *   document   0 .. num_documents - 1, in input order
 *   class      0 .. num_classes - 1, documents with the same folded text, in
 *              order of their first document; empty texts have none
 *
 * Signatures belong to classes: 8 bits of each MinHash value (the band keys
 * are made from all 32), or the SimHash.
 *
 * Threads    Filling and closing are for one thread, reading has threads of
 *            its own; a closed store may be read by any number of threads,
 *            each with a wcp_store_worker.
 */
#ifndef WCP_STORE_STORE_H
#define WCP_STORE_STORE_H

#include "base/base.h"
#include "input/input.h"
#include "sketch/sketch.h"
#include "text/text.h"

#include <pthread.h>
#include <stdatomic.h>

#define WCP_NO_CLASS UINT32_MAX

struct wcp_chunk;

/* Is given the documents of each batch, by any thread and in any order. */
struct wcp_tap {
    enum wcp_code (*take)(void *ctx, const struct wcp_chunk *chunk,
                          struct wcp_fault *fault);
    void *ctx;
};

/* Is given each text that is kept, as it was read, by any thread. */
struct wcp_text_tap {
    void (*take)(void *ctx, uint32_t document, struct wcp_string text);
    void *ctx;
};

struct wcp_store_options {
    enum wcp_signature_kind kind;
    unsigned shingle;   /* 0: by script */
    unsigned num_bands; /* 0 for SimHash */
    unsigned num_rows;
    unsigned num_threads;   /* at least 1 */
    const char *tmpdir;     /* NULL: /tmp */
    struct wcp_watch watch; /* of what takes long once all was read */
    bool keep_folded;       /* folded texts are kept and nothing is signed; may
                             * be set until the reading begins */
    bool sample;            /* keep samples of the texts that are signed */
    const struct wcp_tap *tap; /* or NULL; likewise */
    bool estimate;   /* texts are not read again: signatures must do */
    bool signs_only; /* documents go to the tap, MinHash values whole, and are
                      * not kept; likewise */
    /* NULL, or a limit of 0: all is kept in memory. */
    struct wcp_quota *memory;
    struct wcp_quota *disk; /* of temporary files; may be NULL */
    size_t keep_bytes; /* of shingle sets that a thread keeps; 0: as it likes */
    size_t most_samples; /* in memory, where that is not limited; 0: all */
};

/* id, title, date and source, those there are, stand one after another in
 * 'strings', each with a NUL that its length does not count. */
struct wcp_entry {
    uint64_t digest[2]; /* of the folded text */
    /* wcp_bytes_hash() of the text before that, by which whoever reads it
     * again, or has one of the same class, knows it; 0: not known. */
    uint64_t text_hash;
    int64_t date_ms; /* or WCP_NO_DATE */
    uint64_t offset; /* in its source, or in the spool */
    uint64_t len;
    const char *strings;
    const void *folded; /* uint16_t units, or uint8_t (WCP_ENTRY_NARROW); NULL:
                         * not kept */
    /* Samples of the text, made as it was signed.  If these have left memory:
     * the place of the first in the file, not a pointer. */
    const uint32_t *sample;
    uint32_t id_len, title_len, date_len, source_len;
    uint32_t num_units; /* of the folded text */
    uint32_t line;      /* absolute, 1-based; 0 for a whole file */
    uint32_t source;    /* index in the reader, UINT32_MAX: added from memory */
    uint32_t class_number;
    uint32_t num_sample;
    wcp_encoding encoding;
    uint8_t flags; /* WCP_ENTRY_... */
};

enum {
    WCP_ENTRY_HAS_ID = 1,
    WCP_ENTRY_HAS_TITLE = 2,
    WCP_ENTRY_HAS_DATE = 4,
    WCP_ENTRY_HAS_SOURCE = 8,
    WCP_ENTRY_SPOOLED = 16,   /* offset and len are the spool's */
    WCP_ENTRY_RESPOOLED = 32, /* respooled[] has the place in the spool */
    WCP_ENTRY_NARROW = 64,    /* all units of 'folded' are below 256 */
    WCP_ENTRY_OWN = 128,      /* its source is the agency that wrote it; set
                               * by whoever orders by WCP_ORDER_ORIGINAL */
};

/* Where a text of a stream was spooled. */
struct wcp_spool_place {
    uint64_t offset, len;
};

/* Counts for messages; complete once the store is closed. */
struct wcp_store_counts {
    uint64_t documents, classes, empty, bytes, shingles;
    uint64_t skipped;   /* SKIPPED notices, delivered or not */
    uint64_t repaired;  /* documents with illegal bytes */
    uint64_t bad_dates; /* dates given but not understood */
    uint64_t equal_ids;
};

/* What is told while the store works; every field may be NULL.  Both are
 * called on the thread that called into the store, notices in input order. */
struct wcp_store_listener {
    void (*notice)(void *ctx, const struct wcp_notice *notice);
    /* Return false to stop; the call then returns WCP_CODE_STOPPED. */
    bool (*progress)(void *ctx, uint64_t documents, uint64_t bytes_done,
                     uint64_t bytes_total);
    void *ctx;
};

/* Memory in large pieces (slab.c). */
struct wcp_slabs {
    struct wcp_slab *first;
    size_t used; /* bytes of the first */
    size_t most; /* bytes of one; 0: as it likes */
};
enum {
    WCP_SLABS_STRINGS,    /* and chunks: live as long as the store */
    WCP_SLABS_ENTRIES,    /* until they are numbered */
    WCP_SLABS_SIGNATURES, /* until classes have them */
    WCP_SLABS_SAMPLES,    /* as long as the store */
    WCP_SLABS_TEXTS,      /* likewise */
    WCP_NUM_SLABS
};

struct wcp_store {
    const struct wcp_memory *mem;
    struct wcp_store_options opts;
    struct wcp_reader *reader;
    struct wcp_store_counts counts;
    bool closed;

    uint32_t num_documents, num_classes;
    uint32_t most_units;       /* of a document */
    struct wcp_entry *entries; /* [num_documents] */
    uint8_t *values;           /* [num_classes][WCP_NUM_BINS], MinHash */
    uint32_t *keys;            /* [num_bands][wcp_keys_stride()], MinHash */
    /* NULL; else where in keys those of a class stand, [num_classes]. */
    uint32_t *key_places;
    /* What the above have room for; 0: just for all. */
    size_t entries_cap, values_cap;
    uint32_t num_keys;
    uint64_t *simhashes;       /* [num_classes], SimHash */
    uint32_t *class_begins;    /* [num_classes + 1] into class_documents */
    uint32_t *class_documents; /* documents by class, in input order */

    WCP_ARRAY(struct wcp_chunk *) chunks; /* by batch number; strings live on */
    struct wcp_slabs slabs[WCP_NUM_SLABS]; /* what the chunks are in */
    struct wcp_placing *placing;           /* while they are read; or NULL */
    uint64_t kept_bytes;                   /* by wcp_store_keep_texts() */
    const struct wcp_text_tap *kept_tap;   /* for that and waves; or NULL */
    WCP_ARRAY(struct wcp_chunk *) aside;   /* of those added, before the last */
    struct wcp_chunk *added;           /* documents from memory, last chunk */
    struct wcp_spool_place *respooled; /* [num_documents] or NULL */
    uint32_t *numbers;       /* [num_documents], of a portion: as in the whole;
                              * else NULL */
    struct wcp_store *whole; /* of a portion: whose spool it uses */
    struct wcp_spill *spill; /* what has left memory; NULL: nothing */
    struct wcp_outline *outline; /* what has stayed; NULL: all, or nothing */
    atomic_bool spilling;        /* what is read goes there */
    struct wcp_sample_file *sample_file; /* NULL: samples are in memory */
    _Atomic uint64_t num_samples;        /* of all that was put away */
    atomic_bool samples_stay;            /* there is no room for a file */
    pthread_mutex_t spool_lock;          /* for opening it */
    int spool_fd;                        /* -1: none yet */
    int checkpoint_fd;                   /* its folder, locked; -1: none */
    _Atomic uint64_t spool_len;
};

/* Whether two documents of one class have the same text, byte for byte; false
 * also where that is not known. */
static inline bool
wcp_entry_same_text(const struct wcp_entry *a, const struct wcp_entry *b)
{
    return a->text_hash != 0 && a->text_hash == b->text_hash;
}

/* The first document of a class, which stands for the others. */
static inline uint32_t
wcp_class_document(const struct wcp_store *store, uint32_t c)
{
    return store->class_documents[store->class_begins[c]];
}

static inline const struct wcp_entry *
wcp_class_entry(const struct wcp_store *store, uint32_t c)
{
    return &store->entries[wcp_class_document(store, c)];
}

/*
 * What is asked of documents and classes again and again, anywhere in the
 * store.  With samples it stays in memory when entries leave it, in so many
 * bytes.
 */
struct wcp_class_facts {
    uint32_t num_units, num_sample;
    uint32_t tag;             /* see wcp_class_tag() */
    uint32_t sample_place[2]; /* the lower half first */
};
struct wcp_outline {
    uint32_t *class_of; /* [num_documents]; that of the spill */
    uint32_t *ranks;    /* [num_documents], in WCP_ORDER_DATE */
    /* By rank: a bit where another date begins than that of the rank before;
     * 64 bits each, and how many there are in those before.  Those from
     * 'num_dated' on have none. */
    uint64_t *new_dates;
    uint32_t *num_before; /* [num_documents / 64 + 1], as new_dates */
    uint32_t num_dated;
    uint8_t *own;                  /* a bit for each document: WCP_ENTRY_OWN */
    struct wcp_class_facts *facts; /* [num_classes] */
};

static inline uint32_t
wcp_document_class(const struct wcp_store *store, uint32_t document)
{
    return store->outline != NULL ? store->outline->class_of[document]
                                  : store->entries[document].class_number;
}

/* Units of the folded text of a class. */
static inline uint32_t
wcp_class_units(const struct wcp_store *store, uint32_t c)
{
    return store->outline != NULL ? store->outline->facts[c].num_units
                                  : wcp_class_entry(store, c)->num_units;
}

static inline uint32_t
wcp_class_num_sample(const struct wcp_store *store, uint32_t c)
{
    return store->outline != NULL ? store->outline->facts[c].num_sample
                                  : wcp_class_entry(store, c)->num_sample;
}

/* The upper half of the digest's first number: an order by texts alone. */
static inline uint32_t
wcp_class_tag(const struct wcp_store *store, uint32_t c)
{
    return store->outline != NULL
               ? store->outline->facts[c].tag
               : (uint32_t)(wcp_class_entry(store, c)->digest[0] >> 32);
}

/* From a key to that of the next band. */
static inline size_t
wcp_keys_stride(const struct wcp_store *store)
{
    return store->num_keys > 0 ? store->num_keys : store->num_classes;
}

static inline uint32_t
wcp_class_key(const struct wcp_store *store, unsigned band, uint32_t c)
{
    if (store->key_places != NULL)
        c = store->key_places[c];
    return store->keys[band * wcp_keys_stride(store) + c];
}

/* Of no other classes than these, each once, are band keys needed any more:
 * they are let go, if there is memory to do so and it saves a quarter of it. */
void wcp_store_keep_keys(struct wcp_store *store, const uint32_t *classes,
                         size_t num);

/* Whether a class comes before another by their digests, so that ties are
 * broken in the same way whatever order files are read in. */
bool wcp_class_precedes(const struct wcp_store *store, uint32_t a, uint32_t b);

/* The MinHash values of a class, which may be read into 'room'; NULL: it has
 * none, or they cannot be read, which wcp_samples_check() says. */
const uint8_t *wcp_class_values(const struct wcp_store *store, uint32_t c,
                                uint8_t room[WCP_NUM_BINS]);

/* 'reader' may be NULL and must outlive the store. */
enum wcp_code wcp_store_new(const struct wcp_memory *mem,
                            const struct wcp_store_options *opts,
                            struct wcp_reader *reader,
                            struct wcp_store **store_ret,
                            struct wcp_fault *fault);
void wcp_store_free(struct wcp_store *store);

/* Read and sign all that the reader has.  Once only. */
enum wcp_code wcp_store_read(struct wcp_store *store,
                             const struct wcp_store_listener *listener,
                             struct wcp_fault *fault);

/* ---- signature files (signing.c, loading.c; wcs.h has the format) ---- */

/*
 * Read and sign all there is and write a signature file; 'options' are names
 * and values, each with a NUL behind it.  Instead of wcp_store_read(); closing
 * then only says what there is to say.
 */
enum wcp_code wcp_store_sign(struct wcp_store *store, int fd,
                             const struct wcp_buffer *options,
                             const struct wcp_store_listener *listener,
                             uint64_t *num_documents_ret,
                             struct wcp_fault *fault);

struct wcp_wcs_file;
/* Where the texts of signature files are. */
struct wcp_texts {
    const char *folder; /* their paths begin there; NULL: as they are */
    bool needed;        /* it is an error if they are not as they were */
};
/*
 * Take the documents of a signature file behind those that are there, instead
 * of reading.  Its signatures are of the store's kind and were made with its
 * options, which is for the caller to see to.  'texts' NULL: its sources are
 * those of the reader, from file->num_sources on, which get to know what was
 * found out of them.
 */
enum wcp_code wcp_store_load(struct wcp_store *store, struct wcp_wcs_file *file,
                             const struct wcp_texts *texts,
                             struct wcp_fault *fault);

/* ---- checkpoints (checkpoint.c) ---- */

struct wcp_checkpoint {
    const char *folder;
    uint64_t part_bytes;              /* of input, about; 0: 256 MiB */
    const struct wcp_buffer *options; /* as of a signature file */
    /* Whether those of a file are the same; fails with what differs. */
    enum wcp_code (*compare)(void *ctx, const struct wcp_wcs_file *file,
                             struct wcp_fault *fault);
    void *ctx;
};

/*
 * wcp_store_read() that keeps in a folder, which is made, what was read and
 * signed, and goes on from there if something is there.  BAD_OPTION: that was
 * of other options; IO: an input has changed or cannot be read again, another
 * process is at it; BAD_RECORD: it is damaged.
 */
enum wcp_code wcp_store_read_on(struct wcp_store *store,
                                const struct wcp_checkpoint *checkpoint,
                                const struct wcp_store_listener *listener,
                                struct wcp_fault *fault);
/* Remove what that has left in a folder, and the folder if nothing else is in
 * it. */
enum wcp_code wcp_checkpoint_clear(const char *folder, struct wcp_fault *fault);

/* What reading all would come to (sampling.c). */
struct wcp_store_sample {
    uint64_t sampled;   /* documents that were looked at */
    uint64_t documents; /* in all */
    double bytes;       /* decompressed */
    double strings;     /* bytes of a document's id, title, date and source */
    double samples;     /* of a document's shingles */
    uint64_t parts;     /* bytes that those of a file take besides */
    double seconds;     /* of one processor, to read and sign all */
};
/* Look at some of what the reader has; instead of wcp_store_read().
 * BAD_OPTION if it is not known how much there is. */
enum wcp_code wcp_store_sample(struct wcp_store *store,
                               struct wcp_store_sample *sample,
                               struct wcp_fault *fault);

/* Add one document; its text is spooled.  doc->at is ignored. */
enum wcp_code wcp_store_add(struct wcp_store *store,
                            const struct wcp_document *doc,
                            struct wcp_fault *fault);

/* Number, collapse, free what is no longer needed.  TOO_LONG for more than
 * 2^32 - 2 documents. */
enum wcp_code wcp_store_close(struct wcp_store *store,
                              const struct wcp_store_listener *listener,
                              struct wcp_fault *fault);

/*
 * Make the texts of these classes fit to be fetched where they stand in
 * streams: those are read once more and the texts spooled.
 */
enum wcp_code wcp_store_spool_classes(struct wcp_store *store,
                                      const uint32_t *classes, size_t num,
                                      struct wcp_fault *fault);

/* The same for single documents. */
enum wcp_code wcp_store_spool_documents(struct wcp_store *store,
                                        const uint32_t *documents, size_t num,
                                        struct wcp_fault *fault);
/* Whether any source is a stream, which can only be read from its start. */
bool wcp_store_has_streams(const struct wcp_store *store);

/* The document's id as it is shown: given, or its path, or PATH:LINE.
 * Appended to 'out', no NUL.  False when out of memory. */
bool wcp_store_id(const struct wcp_store *store, uint32_t document,
                  struct wcp_buffer *out);
/* The same of an entry that is not in the store's list: 'number' is that of the
 * document. */
bool wcp_entry_shown_id(const struct wcp_store *store,
                        const struct wcp_entry *entry, uint32_t number,
                        struct wcp_buffer *out);
struct wcp_string wcp_entry_id(const struct wcp_entry *entry);
struct wcp_string wcp_entry_title(const struct wcp_entry *entry);
struct wcp_string wcp_entry_date(const struct wcp_entry *entry);
struct wcp_string wcp_entry_source(const struct wcp_entry *entry);

/*
 * Order of documents everywhere: date (none last), then id bytewise, ids made
 * of a path and a line by path, then line; equal ids by digest, then by place,
 * so that the order of the files matters only for documents that are the same
 * in every respect.  < 0, 0, > 0.
 */
int wcp_store_compare(const struct wcp_store *store, uint32_t a, uint32_t b);

/* Which of two documents comes first, and so is the original. */
enum wcp_order {
    WCP_ORDER_DATE,    /* wcp_store_compare() */
    WCP_ORDER_INPUT,   /* as they were read */
    WCP_ORDER_LONGEST, /* by folded length, longest first, then by date */
    /* By date, none last; of one date an agency's own first, then the longest
     * folded text; then as wcp_store_compare().  A bare day is its first
     * second, so documents that know the day alone are of one date.  Without a
     * date nothing tells that two are of one day, so length says nothing. */
    WCP_ORDER_ORIGINAL,
};
int wcp_store_compare_by(const struct wcp_store *store, enum wcp_order order,
                         uint32_t a, uint32_t b);
/* The same of documents wherever they are. */
struct wcp_placed {
    const struct wcp_entry *entry;
    uint32_t number;
};
int wcp_placed_compare(const struct wcp_store *store, enum wcp_order order,
                       const struct wcp_placed *a, const struct wcp_placed *b);

/* One thread's means to fetch texts of a closed store. */
struct wcp_store_worker;
enum wcp_code wcp_store_worker_new(struct wcp_store *store,
                                   struct wcp_store_worker **worker_ret,
                                   struct wcp_fault *fault);
void wcp_store_worker_free(struct wcp_store_worker *worker);

/*
 * The text of a document, folded (with_offsets: and with places in *text_ret)
 * and checked against the digest: IO with a message that names the file if it
 * has changed.  Both are valid until the worker's next call.  Who does not need
 * the text itself gives NULL for it, which is faster.
 */
enum wcp_code wcp_store_fetch_folded(struct wcp_store_worker *worker,
                                     uint32_t document, bool with_offsets,
                                     struct wcp_string *text_ret,
                                     const struct wcp_folded **folded_ret,
                                     struct wcp_fault *fault);

/* The text alone, checked likewise. */
enum wcp_code wcp_store_fetch_text(struct wcp_store_worker *worker,
                                   uint32_t document,
                                   struct wcp_string *text_ret,
                                   struct wcp_fault *fault);

/* The shingles of a class, in order, its text being checked likewise; and
 * back. */
enum wcp_code wcp_store_fetch_shingles(struct wcp_store_worker *worker,
                                       uint32_t class_number,
                                       struct wcp_shingles *shingles,
                                       struct wcp_fault *fault);
/* The same for as long as the store's texts are kept; if the class has one,
 * hashes are made of it when they are needed (wcp_shingles_take()). */
enum wcp_code wcp_store_take_shingles(struct wcp_store_worker *worker,
                                      uint32_t class_number,
                                      struct wcp_shingles *shingles,
                                      struct wcp_fault *fault);
enum wcp_code wcp_store_list_shingles(struct wcp_store_worker *worker,
                                      struct wcp_shingles *shingles,
                                      struct wcp_fault *fault);
void wcp_store_release_shingles(struct wcp_store_worker *worker,
                                struct wcp_shingles *shingles);

/*
 * How many different shingles of b are in a; the 'num_distinct' of both is
 * known after that.  The one that has a table already is asked, or gets one:
 * a, if neither has.
 */
enum wcp_code wcp_store_common(struct wcp_store_worker *worker,
                               struct wcp_shingles *a, struct wcp_shingles *b,
                               size_t *common_ret, struct wcp_fault *fault);
/*
 * Likewise where less than 'share' of either need not be known: then the
 * 'num_distinct' of the other may stay 0.  A whole that has a table is asked,
 * else the part, which gets one.
 */
enum wcp_code wcp_store_included(struct wcp_store_worker *worker,
                                 struct wcp_shingles *part,
                                 struct wcp_shingles *whole, double share,
                                 size_t *common_ret, struct wcp_fault *fault);
/* At least how many there are, see wcp_shingles_glance(); a gets a table. */
enum wcp_code wcp_store_glance(struct wcp_store_worker *worker,
                               struct wcp_shingles *a,
                               const struct wcp_shingles *b, size_t *least_ret,
                               struct wcp_fault *fault);
/* Which shingles of b are in a, see wcp_shingles_mark(); a gets a table. */
enum wcp_code wcp_store_mark(struct wcp_store_worker *worker,
                             struct wcp_shingles *a, struct wcp_shingles *b,
                             uint64_t *marks, uint64_t *missing,
                             size_t *num_missing_ret, struct wcp_fault *fault);

/* Give a text a table, for it will be compared with many. */
enum wcp_code wcp_store_index(struct wcp_store_worker *worker,
                              struct wcp_shingles *shingles,
                              struct wcp_fault *fault);

/*
 * Read the texts of these classes again now and keep them folded, as far as
 * there is room, so that fetching them later costs next to nothing.
 */
void wcp_store_keep_texts(struct wcp_store *store, const uint32_t *classes,
                          size_t num);
/*
 * Texts that were kept were not read again.  If their files seem to have been
 * written to since, read them now: IO as wcp_store_fetch_text() says it, so
 * that it does not depend on what was kept whether a change is noticed.
 */
enum wcp_code wcp_store_check_kept(struct wcp_store *store,
                                   struct wcp_fault *fault);

/*
 * Texts that are kept for a short time, each thread its own (waves.c).  The
 * same as above for some classes, those of the calls before being dropped;
 * nobody else may ask for these meanwhile.
 */
struct wcp_wave;
enum wcp_code wcp_wave_new(struct wcp_store *store, struct wcp_wave **wave_ret,
                           struct wcp_fault *fault);
void wcp_wave_free(struct wcp_wave *wave);
void wcp_wave_read(struct wcp_wave *wave, const uint32_t *classes, size_t num);
void wcp_wave_drop(struct wcp_wave *wave);

/*
 * The worker's next fetches are of these documents, in ascending order: read
 * at once as many of the first ones as stand near each other.  Returns how
 * many they are, at least one if num > 0.
 */
size_t wcp_store_read_ahead(struct wcp_store_worker *worker,
                            const uint32_t *documents, size_t num);

/* ---- samples that have left memory (samples.c) ---- */

/* They leave memory with all else, see below; or alone, when there are very
 * many: then entries are in memory, and all samples are in the file. */
struct wcp_sample_file {
    int fd;
    _Atomic uint64_t num, num_bytes; /* samples; bytes on disk */
    /* Ranges of classes that are worth reading at once: where each begins, and
     * the end of the last. */
    uint32_t *ranges, num_ranges;
    bool noted; /* notes were made */
    atomic_bool failed;
    struct wcp_fault fault; /* of what could not say so; if failed */
};

/* The samples of some classes. */
struct wcp_sample_range {
    uint32_t begin, end;      /* classes */
    WCP_ARRAY(size_t) begins; /* of each; and the end */
    WCP_ARRAY(uint32_t) samples;
    WCP_ARRAY(uint16_t) notes; /* of each sample */
    WCP_ARRAY(uint8_t) raw;
};

/* Read them; the range begins zeroed and may be used again.  Any thread. */
enum wcp_code wcp_sample_range_load(const struct wcp_store *store,
                                    uint32_t begin, uint32_t end,
                                    bool with_notes,
                                    struct wcp_sample_range *range,
                                    struct wcp_fault *fault);
/* Those of a class, wherever they are, perhaps in 'range', where they last
 * until others are asked for; it is fastest for classes in order.  NULL: there
 * are none, or they cannot be read, which wcp_samples_check() says. */
const uint32_t *wcp_class_sample(const struct wcp_store *store, uint32_t c,
                                 struct wcp_sample_range *range);
/* Those of a class in the file, without notes; false: wcp_samples_check() says
 * why. */
bool wcp_sample_range_load_one(const struct wcp_store *store, uint32_t c,
                               struct wcp_sample_range *range);
enum wcp_code wcp_samples_check(const struct wcp_store *store,
                                struct wcp_fault *fault);
/* Write their notes. */
enum wcp_code wcp_sample_range_note(const struct wcp_store *store,
                                    struct wcp_sample_range *range,
                                    struct wcp_fault *fault);
void wcp_sample_range_release(const struct wcp_store *store,
                              struct wcp_sample_range *range);

#endif /* WCP_STORE_STORE_H */
