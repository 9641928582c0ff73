/*
 * wirecopy.h - find reprinted, syndicated and near-duplicate text
 *
 * A corpus is a set of documents under one set of options.  Name files and
 * directories, or add texts from memory; then ask for groups or pairs.  What
 * is reported was verified exactly on the shingle sets.
 *
 * Units      Texts and strings are UTF-8 with a length; those that the library
 *            hands out also end in NUL.  Offsets and lengths count bytes, lines
 *            and columns count from 1, times are seconds.
 * Growth     Later versions append fields to structs and values to enums; the
 *            soname stays.  A struct that you make begins with struct_size:
 *            zero it and set struct_size to its sizeof.  Every size from that
 *            of the first version on is taken, others are WCP_BAD_OPTION;
 *            fields that only you have are left alone, fields that only the
 *            library has act as if zero (in wcp_options: as the default).  A
 *            struct that the library makes comes as a pointer and may be
 *            longer than you know.  wcp_error and wcp_allocator stay as they
 *            are.
 * Errors     A call that can fail returns an enum wcp_status and, on failure,
 *            fills *err ('err' may be NULL) and leaves its outputs as they
 *            were.  One unreadable input is no failure: it is a message, and
 *            the rest is processed.  The library never prints, never exits and
 *            never touches the locale, signal handlers or the environment.
 * Ownership  X_new() and X_free() come in pairs; freeing NULL does nothing.
 *            Options and their strings are copied.  What a callback receives
 *            is valid until it returns.
 * Threads    A wcp_corpus serves one thread at a time and uses opts.threads
 *            threads of its own; any number of corpora may be at work at once.
 *            Callbacks run on the thread that called.  What takes no corpus
 *            may be called by any number of threads.
 * Promises   Within one WCP_SIGNATURE_VERSION the same UTF-8 text and options
 *            give the same signature on every machine.  Results do not depend
 *            on the number of threads or, with ids of their own, on the order
 *            in which documents were added.  Timing, memory use and the
 *            number of candidates are not promised.
 */
#ifndef WIRECOPY_H
#define WIRECOPY_H

#include <stddef.h>
#include <stdint.h>

#define WCP_VERSION "0.1.0"
#define WCP_SIGNATURE_VERSION 1

#ifndef WCP_API
#if defined(__GNUC__)
#define WCP_API __attribute__((visibility("default")))
#else
#define WCP_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- status ---- */

/* Values are fixed for good; new ones go into the gaps. */
enum wcp_status {
    WCP_OK = 0,
    WCP_NO_MEMORY = 10,
    WCP_BAD_OPTION = 20, /* out of range; err->text names it and the range */
    WCP_BAD_TEXT = 30,   /* not decodable in the stated encoding */
    WCP_TOO_LONG = 31,   /* above a limit */
    WCP_BAD_RECORD = 32, /* a record that cannot be parsed */
    WCP_IO = 40,         /* err->sys_errno may be set */
    WCP_NO_SUPPORT = 50, /* built without the library it needs */
    WCP_STOPPED = 60,    /* a callback asked to stop */
};

/* What went wrong.  Filled in on failure only, so one can be reused. */
struct wcp_error {
    enum wcp_status status;
    int32_t sys_errno; /* 0 when the operating system was not involved */
    uint64_t document; /* number of the document, 0 when meaningless */
    uint64_t offset;   /* byte in the text or file, 0 when meaningless */
    char text[240];    /* lower case, no full stop */
};

/* A constant string such as "out of memory"; never NULL. */
WCP_API const char *wcp_status_name(enum wcp_status status);

/* ---- options ---- */

enum wcp_signature_type {
    WCP_MINHASH = 0,         /* one permutation, empty bins filled */
    WCP_MINHASH_CLASSIC = 1, /* 128 linear hash functions, the reference */
    WCP_SIMHASH = 2,         /* 64 bits */
};

enum wcp_input_format {
    WCP_AUTO = 0,
    WCP_TEXT = 1,
    WCP_JSONL = 2,
    WCP_CSV = 3,
    WCP_TSV = 4,
};

enum wcp_bad_byte_policy { WCP_REPLACE = 0, WCP_SKIP = 1, WCP_FAIL = 2 };

/* realloc() that is told the old size; new_size 0 frees and returns NULL.
 * Called from several threads at once. */
struct wcp_allocator {
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
};

enum wcp_message_kind {
    WCP_MESSAGE_SKIPPED = 0, /* an input was left out */
    WCP_MESSAGE_WARNING = 1, /* something was repaired */
    WCP_MESSAGE_DETAIL = 2,  /* how the library decided */
};

struct wcp_message {
    enum wcp_message_kind kind;
    enum wcp_status status;
    const char *path; /* NULL: about no file */
    uint64_t line;    /* 0: none */
    uint64_t column;  /* 0: none */
    const char *text; /* lower case, no full stop, without path and line */
};

enum wcp_stage {
    WCP_READING = 0,
    WCP_READING_AGAIN = 1, /* candidates in compressed files */
    WCP_COMPARING = 2,     /* candidates */
};

struct wcp_progress {
    uint64_t documents;   /* read so far */
    uint64_t bytes_done;  /* of the files read */
    uint64_t bytes_total; /* 0: not known */
    enum wcp_stage stage;
    /* Of comparing, which is done in several rounds; 0: not known. */
    uint64_t steps_done, steps_total;
};

/* Set every field with wcp_options_init(), then change what you need. */
struct wcp_options {
    size_t struct_size; /* set by wcp_options_init() */

    int32_t signature;  /* enum wcp_signature_type; WCP_MINHASH */
    double threshold;   /* least Jaccard index, above 0 to 1; below 0: 0.8 for
                           MinHash, none for SimHash */
    double recall;      /* share of the pairs at the threshold that must be
                           found, 0.5 to 0.9999; 0.99 */
    uint32_t distance;  /* SimHash: most differing bits, 0 to 8; 3 */
    uint32_t shingle;   /* UTF-16 units, 1 to 64; 0: 5 for Han, kana and
                           Hangul, 8 for other scripts */
    uint32_t threads;   /* 1 to 256; 0: as many as processors */
    const char *tmpdir; /* for texts that cannot be read twice; NULL: /tmp */

    int32_t input_format;     /* enum wcp_input_format; WCP_AUTO */
    const char *text_field;   /* "text"; dots lead into nested objects */
    const char *id_field;     /* "id" */
    const char *title_field;  /* "title" */
    const char *date_field;   /* "date" */
    const char *source_field; /* "source" */
    const char *encoding;     /* a name, or "auto" */
    int32_t on_bad_bytes;     /* enum wcp_bad_byte_policy; WCP_REPLACE */
    uint64_t max_document;    /* bytes, at least 1; 64 MiB */

    const struct wcp_allocator *allocator; /* NULL: malloc() */
    /* Either may be NULL.  on_progress is called several times a second for
     * as long as a call may take, and returns 0 to go on. */
    void (*on_message)(void *ctx, const struct wcp_message *message);
    int32_t (*on_progress)(void *ctx, const struct wcp_progress *progress);
    void *ctx;

    /* CSV and TSV: the names of the columns, with commas between them, where
     * the first row does not say them; NULL: it does. */
    const char *columns;
    const char *skip_path; /* a file that is left out of directories; NULL */

    const char *texts; /* the folder that the paths in signature files begin
                          in; NULL: they are as they are */
    uint64_t estimate; /* 1: no text is read again, and what is reported is
                          estimated by MinHash signatures: Jaccard indexes are
                          off by .035 at .8 (standard error), and containments
                          are NaN; 0 */
    /* A file of agencies and of patterns that name them, beside those that the
     * library knows; UTF-8, a line NAME<TAB>SPELLING or NAME<TAB>PATTERN as in
     * the README; NULL: none. */
    const char *credits;
    /* What counts as a copy: 1 << WCP_REPRINT and so on, any of WCP_IDENTICAL
     * to WCP_BOILERPLATE; 0: identical, reprint, abridged, expanded and
     * embedded.  Without the last three only a Jaccard index makes a reprint,
     * and SimHash and estimates know no others. */
    uint64_t relations;

    /* A folder, which is made, that keeps what was read and signed, so that
     * another call with the same inputs and options goes on there if this one
     * was broken off; NULL: none.  Inputs must be files.  What is in it stays
     * until wcp_checkpoint_remove(). */
    const char *checkpoint;
    uint64_t checkpoint_bytes; /* of input, after which something is written
                                  there; 0: 256 MiB */
    /* Bytes; 0: no limit.  'memory' is what the process may have resident, as
     * far as it is the library's; what does not fit is kept in temporary files,
     * of which there are at most 'tmp_limit' bytes.  Results are the same.
     * Where texts are looked for within others (MinHash, any relation but
     * WCP_IDENTICAL and WCP_REPRINT, no estimate), all has to fit.  Too little
     * of either is an error that says how much is enough, as far as that can be
     * known: WCP_BAD_OPTION before anything was read, then WCP_NO_MEMORY or
     * WCP_IO. 'memory' is for groups and pairs and for removing copies; it does
     * not bound passages, boilerplate and evaluations. */
    uint64_t memory;
    uint64_t tmp_limit;
};

/* 'struct_size' is sizeof *opts. */
WCP_API void wcp_options_init(struct wcp_options *opts, size_t struct_size);

/* ---- corpus ---- */

struct wcp_corpus;

/* Returns WCP_OK, WCP_BAD_OPTION, WCP_NO_SUPPORT or WCP_NO_MEMORY; of
 * opts->credits also WCP_IO, WCP_TOO_LONG or WCP_BAD_RECORD, which names the
 * line. */
WCP_API enum wcp_status wcp_corpus_new(const struct wcp_options *opts,
                                       struct wcp_corpus **corpus_ret,
                                       struct wcp_error *err);
WCP_API void wcp_corpus_free(struct wcp_corpus *corpus);

/*
 * Name a file, a directory (walked in bytewise order) or "-", standard input.
 * The members of tar and zip files are inputs of their own.  What is named
 * twice is read once, which is a message.
 * Files are read when results are first asked for.  What cannot be opened is
 * a message.  WCP_OK, WCP_NO_MEMORY; WCP_BAD_OPTION once results were asked
 * for.
 */
WCP_API enum wcp_status wcp_corpus_add_path(struct wcp_corpus *corpus,
                                            const char *path,
                                            struct wcp_error *err);

/*
 * Name a signature file, whose documents are taken instead of being read.  The
 * first decides the options of signing and reading (signature, shingle,
 * input_format to max_document, columns), whatever the corpus was made with,
 * and others must agree.  Unless the corpus estimates, the texts must be found
 * where they were, with the same sizes; one that has changed meanwhile fails
 * when it comes to it.  Results are then the same as of the texts.  One file
 * that is named twice is read once, which is a message.
 * WCP_OK, WCP_IO, WCP_BAD_RECORD (damaged, or none; err->offset),
 * WCP_NO_SUPPORT (of another version), WCP_NO_MEMORY; WCP_BAD_OPTION: the
 * options are others, something else was added before, or results were asked
 * for.  What is behind the options is looked at when results are asked for.
 */
WCP_API enum wcp_status wcp_corpus_add_signatures(struct wcp_corpus *corpus,
                                                  const char *path,
                                                  struct wcp_error *err);

/* The kind of signature in a file, enum wcp_signature_type; -1: it does not
 * begin like a signature file.  Of one whose kind cannot be told, which cannot
 * be added, it is WCP_MINHASH. */
WCP_API int32_t wcp_signatures_kind(const char *path);

/* A document in memory.  Strings are UTF-8 and may be NULL, but for text. */
struct wcp_text {
    size_t struct_size; /* set by the caller */
    const char *text;
    size_t text_len;
    const char *id, *title, *source; /* end in NUL */
    const char *date; /* as in the README; NULL or not understood: none */
};

/* Add a document.  WCP_OK, WCP_NO_MEMORY, WCP_IO (the temporary file),
 * WCP_TOO_LONG, WCP_BAD_TEXT (with WCP_FAIL; err->offset), WCP_BAD_OPTION as
 * above. */
WCP_API enum wcp_status wcp_corpus_add_text(struct wcp_corpus *corpus,
                                            const struct wcp_text *text,
                                            struct wcp_error *err);

/* ---- groups ---- */

enum wcp_relation {
    WCP_UNRELATED = -1, /* of wcp_compare() only */
    WCP_ORIGINAL = 0,
    WCP_IDENTICAL = 1, /* the same folded text */
    WCP_REPRINT = 2,   /* contained in each other */
    WCP_ABRIDGED = 3,  /* the copy lies in the original */
    WCP_EXPANDED = 4,  /* the original lies in the copy */
    WCP_EMBEDDED = 5,  /* so it does, among other stories */
    WCP_EXCERPT = 6,   /* they share a passage, no more */
    /* No copies: one form filled with other names, dates and figures; */
    WCP_TEMPLATE = 7,
    /* only text in common that stands in very many documents. */
    WCP_BOILERPLATE = 8,
};

/* "reprint"; never NULL. */
WCP_API const char *wcp_relation_text(enum wcp_relation relation);

/* Who a document is.  Strings are NULL where there is no value. */
struct wcp_document_info {
    uint64_t
        number;     /* in order of input, from 1; texts from memory come last */
    const char *id; /* given, or the path, or PATH:LINE */
    size_t id_len;
    const char *path;
    uint64_t line; /* 0: none */
    const char *title, *date, *source;
    size_t title_len, date_len, source_len;
    int64_t date_ms; /* UTC, since 1970; INT64_MIN: none or not understood */
};

/*
 * Read the corpus, if that has not been done, and call on_document for every
 * document in order of number.  on_document returns 0 to go on.  Like
 * wcp_corpus_find() otherwise.
 */
WCP_API enum wcp_status wcp_corpus_documents(
    struct wcp_corpus *corpus,
    int32_t (*on_document)(void *ctx, const struct wcp_document_info *document),
    void *ctx, struct wcp_error *err);

struct wcp_group_member {
    const struct wcp_document_info *document;
    enum wcp_relation relation;
    double jaccard; /* with the original */
    double covers;  /* share of the original's shingles in this document */
    double covered; /* share of this document's shingles in the original */
    /* Evidence of syndication; NULL where there is none.  It decides nothing
     * about who is a copy. */
    const char *credit; /* whom the text names: an agency by its name in the
                           table, others as it stands */
    size_t credit_len;
    const char *dateline; /* place, date and reporter, as they stand */
    size_t dateline_len;
};

struct wcp_group {
    uint64_t number; /* from 1, in order of the originals */
    uint64_t size;   /* members, the original first */
    double weakest;  /* least Jaccard index of a member with the original */
};

/*
 * Call on_group for every group of two and more documents.  A group's original
 * is its first in order of date; of one date that which an agency published
 * itself (its source or path names the agency, its text credits no other), then
 * the one with the most letters and digits, then by id, as those without dates.
 * Every member meets the threshold against it; copies come by date and id.
 * on_group returns 0 to go on.
 *
 * WCP_OK, WCP_NO_MEMORY, WCP_IO (an input changed, the temporary file),
 * WCP_STOPPED.
 */
WCP_API enum wcp_status
wcp_corpus_find(struct wcp_corpus *corpus,
                int32_t (*on_group)(void *ctx, const struct wcp_group *group),
                void *ctx, struct wcp_error *err);

/* Member i of the group that on_group was called with; valid until the next
 * call of this function.  WCP_OK, WCP_NO_MEMORY, WCP_BAD_OPTION (i). */
WCP_API enum wcp_status
wcp_group_get(const struct wcp_group *group, uint64_t i,
              const struct wcp_group_member **member_ret);

/* ---- pairs ---- */

struct wcp_pair {
    const struct wcp_document_info *a, *b; /* in order of date, then id */
    double jaccard;
    double a_in_b, b_in_a;      /* containments */
    enum wcp_relation relation; /* of b to a */
};

/* Call on_pair for every pair that meets the threshold, in order of a, then
 * b.  Like wcp_corpus_find() otherwise. */
WCP_API enum wcp_status
wcp_corpus_pairs(struct wcp_corpus *corpus,
                 int32_t (*on_pair)(void *ctx, const struct wcp_pair *pair),
                 void *ctx, struct wcp_error *err);

/* ---- dedup ---- */

/* Which document of a group is kept. */
enum wcp_keep {
    WCP_KEEP_FIRST = 0,    /* the least number: first in order of input */
    WCP_KEEP_EARLIEST = 1, /* in order of date, then id */
    WCP_KEEP_LONGEST = 2,  /* most letters and digits, then the earliest */
};

/* A document that is left out, and the kept one that it copies. */
struct wcp_removal {
    const struct wcp_document_info *removed, *kept;
    double jaccard;
    enum wcp_relation relation; /* of the removed to the kept document */
};

/* Where a corpus without its copies goes; any callback may be NULL, and
 * returns 0 to go on. */
struct wcp_dedup_sink {
    size_t struct_size; /* set by the caller */
    /* In order of input. */
    int32_t (*on_removed)(void *ctx, const struct wcp_removal *removal);
    /* A text file that is kept, by its path as it was found. */
    int32_t (*on_file)(void *ctx, const char *path);
    /* Files of records (decompressed) without the records of removed
     * documents, byte for byte, one file after another.  What could not be
     * parsed is kept. */
    int32_t (*on_bytes)(void *ctx, const void *data, size_t len);
    void *ctx;
};

/*
 * Hand the corpus to 'sink' without its copies: every removed document meets
 * the threshold with a kept one.  Like wcp_corpus_find() otherwise, but what is
 * in an archive is NO_SUPPORT.
 */
WCP_API enum wcp_status wcp_corpus_dedup(struct wcp_corpus *corpus,
                                         enum wcp_keep keep,
                                         const struct wcp_dedup_sink *sink,
                                         struct wcp_error *err);

/* ---- passages ---- */

/* Set every field with wcp_passage_options_init(opts, sizeof *opts). */
struct wcp_passage_options {
    size_t struct_size;
    uint32_t min_length;   /* letters and digits, of Han, kana or Hangul; of
                              other scripts 2.5 times as many; at least 8; 40 */
    uint32_t min_copies;   /* at least 2; 2 */
    double min_similarity; /* of a copy to the first, 0 to 1; 0.5 */
};

WCP_API void wcp_passage_options_init(struct wcp_passage_options *opts,
                                      size_t struct_size);

/* One place where a passage stands.  Made by the library, which may append
 * fields. */
struct wcp_passage_copy {
    const struct wcp_document_info *document;
    uint64_t begin, end;           /* bytes of the text as UTF-8 */
    uint64_t char_begin, char_end; /* characters (code points) of it */
    double similarity; /* to the first copy: the share of the letters and
                          digits of both that stand in both */
};

/* Likewise. */
struct wcp_passage {
    uint64_t number;     /* from 1, by length times copies, most first */
    uint64_t num_copies; /* the first in order of date, then id, first */
    uint64_t length;     /* letters and digits of the longest copy */
    const char *excerpt; /* the beginning of the first copy, up to 400 bytes,
                            as it stands; ends in NUL */
    size_t excerpt_len;
    uint64_t first_length; /* bytes of the first copy */
};

/*
 * Call on_passage for every run of text that stands in several places, of one
 * document or of several.  A passage is as long as its copies go on being
 * alike; a shorter one inside of it is handed out if it has more copies.
 * 'opts' may be NULL.  on_passage returns 0 to go on.  WCP_OK, WCP_NO_MEMORY,
 * WCP_BAD_OPTION, WCP_TOO_LONG (more than 2^32 letters and digits), WCP_IO (an
 * input changed, the temporary file), WCP_STOPPED.  A corpus that was asked for
 * passages first can be asked for nothing else. */
WCP_API enum wcp_status wcp_corpus_passages(
    struct wcp_corpus *corpus, const struct wcp_passage_options *opts,
    int32_t (*on_passage)(void *ctx, const struct wcp_passage *passage),
    void *ctx, struct wcp_error *err);

/* Copy i of the passage that on_passage was called with; valid until the next
 * call of this function.  NULL: there is no such copy, or no memory. */
WCP_API const struct wcp_passage_copy *
wcp_passage_copy_at(const struct wcp_passage *passage, uint64_t i);

/* ---- passages cut out ---- */

/* A copy of a passage, or a part of one, that was taken out of a document.
 * Made by the library, which may append fields. */
struct wcp_cut {
    const struct wcp_document_info *document, *kept; /* has the first copy */
    uint64_t begin, end, char_begin, char_end; /* as in wcp_passage_copy */
    uint64_t kept_begin, kept_end, kept_char_begin, kept_char_end;
    double similarity; /* of the copy to the first */
    uint64_t passage;  /* its number */
    int32_t dropped;   /* 1: nothing else was in the document, which is gone */
};

/* Like wcp_dedup_sink; data NULL: the file holds what it held.  Cuts come in
 * order of input, and in a document of its text. */
struct wcp_cut_sink {
    size_t struct_size; /* set by the caller */
    int32_t (*on_cut)(void *ctx, const struct wcp_cut *cut);
    int32_t (*on_file)(void *ctx, const char *path, const void *data,
                       size_t len);
    int32_t (*on_bytes)(void *ctx, const void *data, size_t len);
    void *ctx;
};

/* Hand the corpus to 'sink' with one copy of every passage, that in the
 * document which 'keep' says; all others are cut out of their texts, as the
 * README says, and nothing else changes by a byte.  What cannot be cut exactly
 * stays whole, which is a message.  Otherwise like wcp_corpus_passages() and
 * wcp_corpus_dedup(). */
WCP_API enum wcp_status wcp_corpus_cut(struct wcp_corpus *corpus,
                                       enum wcp_keep keep,
                                       const struct wcp_passage_options *opts,
                                       const struct wcp_cut_sink *sink,
                                       struct wcp_error *err);
/* ---- boilerplate ---- */

struct wcp_boilerplate_options {
    size_t struct_size;
    uint32_t min_length;    /* as in wcp_passage_options; 20 */
    uint32_t min_documents; /* that are no copies of one another; at least 2;
                               8 */
};

/* 'struct_size' is sizeof *opts. */
WCP_API void wcp_boilerplate_options_init(struct wcp_boilerplate_options *opts,
                                          size_t struct_size);

/* Text that stands in many documents which are otherwise different.  Made by
 * the library, which may append fields. */
struct wcp_boilerplate {
    uint64_t number;    /* from 1, by length times copies, most first */
    uint64_t documents; /* that have it; the copies of one original, as
                           wcp_corpus_find() has them, count once */
    const struct wcp_passage *passage; /* all places, for
                                          wcp_passage_copy_at() */
};

/*
 * Call on_boilerplate for every passage that stands in min_documents documents
 * which are no copies of one another; not for what nearly always stands within
 * one that was handed out.  'opts' may be NULL.  on_boilerplate returns 0 to go
 * on.  Like wcp_corpus_passages() otherwise, but the corpus can be asked for
 * other results before and afterwards; BAD_OPTION if it estimates.
 */
WCP_API enum wcp_status wcp_corpus_boilerplate(
    struct wcp_corpus *corpus, const struct wcp_boilerplate_options *opts,
    int32_t (*on_boilerplate)(void *ctx,
                              const struct wcp_boilerplate *boilerplate),
    void *ctx, struct wcp_error *err);

/* ---- what was done ---- */

struct wcp_stats {
    size_t struct_size; /* set by the caller */
    uint64_t documents, bytes, shingles;
    uint64_t empty;                 /* documents without letters or digits */
    uint64_t texts;                 /* different folded texts */
    uint64_t skipped;               /* inputs left out */
    uint64_t repaired;              /* documents with illegal bytes */
    uint64_t bad_dates;             /* dates not understood */
    uint64_t equal_ids;             /* ids used more than once */
    uint64_t candidates;            /* texts linked by shared buckets */
    uint64_t verified;              /* exact comparisons */
    uint64_t groups, copies, pairs; /* reported */
    double read_seconds, link_seconds, verify_seconds;
    /* Peak resident memory of the process at the end of each, in bytes. */
    uint64_t read_memory, link_memory, verify_memory;
    uint32_t bands, rows;   /* MinHash */
    double expected_recall; /* of pairs at the threshold; 1 for SimHash */
    uint32_t threads;
    uint64_t passages, passage_copies; /* reported */
    uint64_t seeds, seed_hits;         /* of passages: places that were looked
                                          up, and like ones that were chained */
    uint64_t temporary; /* most bytes of temporary files at once */
};

/* Counts so far.  Nothing is written if struct_size is too small. */
WCP_API void wcp_corpus_stats(const struct wcp_corpus *corpus,
                              struct wcp_stats *stats);

/* ---- checkpoints ---- */

/* Remove what opts.checkpoint has left in a folder, and the folder if nothing
 * else is in it: when results are where they are safe.  WCP_OK, WCP_IO. */
WCP_API enum wcp_status wcp_checkpoint_remove(const char *folder,
                                              struct wcp_error *err);

/* ---- signatures ---- */

/*
 * Read and sign the corpus and write a signature file to the descriptor, which
 * may be a pipe's and is not closed.  Unless WCP_OK is returned what was
 * written is good for nothing.  The corpus can be asked for nothing else then.
 * The file depends on the inputs, their paths and times and the options of
 * signing and reading alone; store/wcs.h in the source has its format.  Memory
 * does not grow with the corpus but for a little for each file. WCP_OK,
 * WCP_NO_MEMORY, WCP_IO, WCP_STOPPED, WCP_BAD_OPTION (of signature files, or
 * results were asked for).
 */
WCP_API enum wcp_status wcp_corpus_sign(struct wcp_corpus *corpus,
                                        int32_t descriptor,
                                        struct wcp_error *err);

/* ---- beforehand ---- */

/* What finding groups would come to.  Made from a sample, but for what is
 * counted to the end while it is small. */
struct wcp_forecast {
    size_t struct_size; /* set by the caller */
    uint64_t documents;
    uint64_t bytes;        /* of the inputs, decompressed */
    uint64_t memory;       /* resident at most; with a limit, at most that */
    uint64_t least_memory; /* a limit that will about do, unless very many
                              documents are linked with one another */
    uint64_t temporary;    /* bytes of temporary files, with the limit */
    double seconds;        /* wall time, roughly, on a machine at rest */
    uint64_t sampled;      /* documents that were looked at */
};

/*
 * Look at a part of the inputs, a few seconds at most, and say what finding
 * groups would come to.  Afterwards the corpus can only be freed.
 * WCP_OK, WCP_NO_MEMORY; WCP_BAD_OPTION for pipes and signature files.
 */
WCP_API enum wcp_status wcp_corpus_forecast(struct wcp_corpus *corpus,
                                            struct wcp_forecast *forecast,
                                            struct wcp_error *err);

/* ---- evaluation: groups against labels ---- */

enum wcp_mistake_kind {
    WCP_FALSE_PAIR = 0,  /* in one group, but apart in the gold */
    WCP_MISSED_PAIR = 1, /* together in the gold, but not in one group */
};

/*
 * The gold is lines with tabs between fields, of one of these forms:
 *   ID CLUSTER              documents not listed stand alone
 *   COPY ORIGINAL RELATION  none, template, boilerplate and embedded: not
 *                           together; a page is in no group of its stories
 *   A B LABEL               1 together, 0 apart; only these pairs count
 * Empty lines, those that begin with # and a first line that names columns are
 * skipped.  An ID is a document's, or else the end of the path of one that has
 * no other id, from a "/" on.
 */
struct wcp_evaluation {
    /* Set by the caller: */
    size_t struct_size;
    const char *gold_path; /* a file, or the name of gold_text in messages */
    const char *gold_text; /* UTF-8, or NULL: read the file */
    size_t gold_len;
    uint64_t max_mistakes; /* to be handed out, of each kind */
    /* May be NULL.  False pairs come first, the least alike before others,
     * then missed ones, the most alike first; jaccard is exact, or NaN where
     * a text is empty.  Returns 0 to go on. */
    int32_t (*on_mistake)(void *ctx, enum wcp_mistake_kind kind,
                          const struct wcp_pair *pair);
    void *ctx;

    /* Results; ratios are NaN where 0 would be divided by 0. */
    uint64_t documents;
    uint64_t gold, found, true_positive; /* pairs */
    double precision, recall, f1;
    double ari;           /* adjusted Rand index; NaN for labelled pairs */
    uint64_t labelled;    /* pairs that have labels; 0 for other forms */
    uint64_t unknown_ids; /* ids of the gold that no document has: a message */
    /* Set by the caller: not NULL, to compare passages with a gold of lines ID
     * BEGIN END CLUSTER (characters), by characters; without mistakes. */
    const struct wcp_passage_options *passages;
    /* Results: spans of the gold with another one in their cluster; those that
     * a passage covers to nine tenths, as it does such another one. */
    uint64_t spans, spans_found;
};

/*
 * Find groups and compare them with the gold, by pairs of documents.  Fails
 * with WCP_BAD_RECORD or WCP_BAD_TEXT where the gold cannot be understood,
 * contradicts itself or knows no document of the corpus; WCP_IO also if it
 * cannot be read.  Otherwise like wcp_corpus_find().
 */
WCP_API enum wcp_status wcp_corpus_eval(struct wcp_corpus *corpus,
                                        struct wcp_evaluation *evaluation,
                                        struct wcp_error *err);

/* ---- reading ---- */

/*
 * Read the inputs and hand out each document's text, in order of input, decoded
 * and not folded; nothing is compared.  Documents that were added as texts are
 * left out.  Afterwards the corpus can only be freed.  on_document returns 0 to
 * go on; what it stops ends with WCP_STOPPED.
 */
WCP_API enum wcp_status wcp_corpus_read(
    struct wcp_corpus *corpus,
    int32_t (*on_document)(void *ctx, const struct wcp_document_info *document,
                           const char *text, size_t text_len),
    void *ctx, struct wcp_error *err);

/* ---- one text ---- */

/* Made by the same rules for as long as WCP_SIGNATURE_VERSION is the same. */
struct wcp_text_signature {
    size_t struct_size;    /* set by the caller */
    uint32_t minhash[128]; /* the share that two texts have in common estimates
                              their Jaccard index; all ones for a text without
                              letters and digits */
    uint64_t simhash;      /* 0 for such a text */
    uint64_t num_shingles; /* counted as often as they occur */
};

/*
 * Sign a text of UTF-8, which may be NULL if 'len' is 0.  opts->signature says
 * which MinHash (WCP_SIMHASH: WCP_MINHASH); the SimHash is always there.
 * WCP_OK, WCP_BAD_OPTION, WCP_BAD_TEXT (not UTF-8; err->offset), WCP_TOO_LONG
 * (max_document), WCP_NO_MEMORY.
 */
WCP_API enum wcp_status wcp_sign(const struct wcp_options *opts,
                                 const char *text, size_t len,
                                 struct wcp_text_signature *sig,
                                 struct wcp_error *err);

/* ---- two texts ---- */

enum wcp_run_place {
    WCP_IN_BOTH = 0,
    WCP_IN_A = 1,
    WCP_IN_B = 2,
    WCP_AGAIN_IN_A = 3, /* in both, but it is a that repeats it here */
    WCP_AGAIN_IN_B = 4,
    WCP_MOVED = 5, /* in both, but b has it elsewhere */
};

/* Text that stands in both or only in one.  Begin and end are bytes, and
 * below code points; all 0 for the text that does not have it. */
struct wcp_run {
    enum wcp_run_place in;
    uint64_t length; /* letters and digits */
    uint64_t a_begin, a_end, b_begin, b_end;
    uint64_t a_char_begin, a_char_end, b_char_begin, b_char_end;
    uint64_t piece; /* 1, 2 ...: runs that were moved together, or that one of
                       the texts has again; 0: others */
    int32_t ends_sentence; /* 1: a sentence ends behind it, in a text that has
                              it; 0: not */
};

struct wcp_comparison {
    /* Set by the caller: */
    size_t struct_size;
    /* May be NULL.  Runs cover every letter and digit of both texts, once
     * but for what the other has again.  What is in both is the same on both
     * sides, case, punctuation, white space and the like aside.  Runs in
     * WCP_IN_BOTH ascend in a and in b; between two of them come the others
     * of a in its order, then those of b.  All that both have of 8 Han, kana
     * or Hangul characters or 20 others is found, unless it repeats itself
     * every few characters; shorter runs where they lie between others.  The
     * results are there by then.  Returns 0 to go on. */
    int32_t (*on_run)(void *ctx, const struct wcp_run *run);
    void *ctx;
    int32_t sentences; /* 1: cut runs behind sentences too, and within very
                          long ones; 0: do not */

    /* Results; NaN where a text has no letter or digit: */
    double jaccard, a_in_b, b_in_a;
    double minhash; /* share of the signatures' values that agree */
    /* Of b to a; never WCP_BOILERPLATE, which takes other documents to tell.
     * WCP_EMBEDDED: one lies in the other, which is a page. */
    enum wcp_relation relation;
    uint32_t simhash_distance;   /* of 64 bits */
    uint64_t a_length, b_length; /* letters and digits */
};

/*
 * Compare two texts; only text and text_len of each are looked at.  WCP_OK,
 * WCP_BAD_OPTION, WCP_BAD_TEXT (not UTF-8), WCP_TOO_LONG (4 GiB),
 * WCP_NO_MEMORY, WCP_STOPPED.
 */
WCP_API enum wcp_status wcp_compare(const struct wcp_options *opts,
                                    const struct wcp_text *a,
                                    const struct wcp_text *b,
                                    struct wcp_comparison *comparison,
                                    struct wcp_error *err);

/* ---- the build ---- */

/* What the library is made of.  Values are fixed, new ones are added. */
enum wcp_build_part {
    WCP_BUILD_VERSION = 0,    /* of the library itself: "0.1.0" */
    WCP_BUILD_SIGNATURES = 1, /* WCP_SIGNATURE_VERSION */
    WCP_BUILD_KERNELS = 2,    /* which inner loops this processor runs */
    WCP_BUILD_COMPILER = 3,
    WCP_BUILD_ICONV = 4, /* whose: "glibc", "libiconv" */
    WCP_BUILD_ICONV_VERSION = 5,
    WCP_BUILD_XXHASH = 6,
    WCP_BUILD_SIMDJSON = 7,
    WCP_BUILD_LIBARCHIVE = 8,
    WCP_BUILD_UCHARDET = 9,
    WCP_BUILD_LIBCSV = 10,
    WCP_BUILD_ZLIB = 11,
};

/* A constant string, or NULL: the library was built without it. */
WCP_API const char *wcp_build_info(enum wcp_build_part part);

#ifdef __cplusplus
}
#endif

#endif /* WIRECOPY_H */
