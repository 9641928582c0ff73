/*
 * input.h - files, archives, JSONL, CSV -> documents
 *
 * A wcp_reader holds an ordered list of sources (files, standard input).  It
 * hands out batches, numbered in input order; any number of threads take
 * batches and process them, each with a wcp_worker of its own.  Processing a
 * batch calls the consumer for every document and every notice in it, in
 * input order.  The batches of an input are the same however many threads
 * take them, so whoever stores results by batch number gets results that do
 * not depend on threads.
 *
 *   path -> walk -> sources -> [next] batches -> [process] decode, parse
 *        -> documents
 *
 * Large uncompressed files of records are split into byte ranges that are read
 * in parallel: a batch owns the lines that begin in its range.  Compressed
 * records and pipes are read by whoever calls next, one at a time, cut at line
 * ends.  Small files and whole texts are taken by runs and read by the worker.
 * The members of an archive are sources of their own, read in its order.
 * Every line is decoded by itself, so UTF-16 is split before it is decoded, and
 * offsets always count the bytes of the file (decompressed).
 *
 * Limits     max_document bounds the bytes of a text file and of a document's
 *            text.  A record line may have six times as many (escapes) and a
 *            MiB more.  What is larger is skipped with a notice and not held in
 *            memory.  A record may be nested 1023 deep.  An archive ends after
 *            a million members, or where it unpacks to more than a GiB and a
 *            thousand times its size.
 * Threads    wcp_reader_next() may be called from any thread; a wcp_worker
 *            serves one thread; the rest is for one thread at a time, before or
 *            after.
 */
#ifndef WCP_INPUT_INPUT_H
#define WCP_INPUT_INPUT_H

#include "base/base.h"
#include "text/text.h"

enum wcp_format {
    WCP_FORMAT_AUTO,  /* by name (.jsonl, .ndjson, .csv, .tsv before .gz .zst
                       * .xz .bz2; .txt),  else by content: JSONL if the first
                       * line that is not  blank is a JSON object, else text */
    WCP_FORMAT_TEXT,  /* one document a file */
    WCP_FORMAT_JSONL, /* one document a line */
    WCP_FORMAT_CSV,   /* one document a row, RFC 4180; the header row decides
                       * whether fields end at , ; | or tabs */
    WCP_FORMAT_TSV,   /* one document a line, with tabs between fields, in
                       * which \t \n \r \\ stand for themselves */
};

struct wcp_input_options {
    enum wcp_format format;
    /* Names of top-level members (NULL: text, id, title, date, source); dots
     * lead into nested objects ("a.b"), at most eight levels; a member whose
     * own name holds the dot is preferred.  Of members of the same name the
     * first counts. */
    const char *text_field, *id_field, *title_field, *date_field, *source_field;
    /* Names of the columns of CSV and TSV, with commas between them, when no
     * row of the file says them; NULL: the first row does. */
    const char *columns;
    wcp_encoding encoding; /* WCP_ENC_AUTO: detect for each file */
    enum wcp_bad_bytes on_bad_bytes;
    uint64_t max_document;  /* bytes, at least 1 */
    const char *tmpdir;     /* what comes through pipes is kept there while the
                             * reader lives, without a name; NULL: /tmp */
    struct wcp_quota *disk; /* of temporary files; may be NULL */
    const char *skip_path; /* a file that is left out of directories, or NULL */
    size_t batch_bytes;    /* how much a batch holds, 0: 1 MiB */
    unsigned num_threads;  /* that look up files; 0: one */
};

/* Where a document stands, to read it again. */
struct wcp_location {
    uint32_t source;       /* index, in input order */
    wcp_encoding encoding; /* as decided when it was first read */
    uint64_t line;   /* 1-based, relative to its batch; 0 for a whole file */
    uint64_t offset; /* bytes of the file, or of the decompressed stream */
    uint64_t len;
};

#define WCP_NO_DATE INT64_MIN

/* A string that need not end in NUL; data NULL means "no value". */
struct wcp_string {
    const char *data;
    size_t len;
};

/* Valid while the callback runs; text and strings are valid UTF-8. */
struct wcp_document {
    struct wcp_string text;
    /* A string, or a number as it is written; data NULL: none given (or it is
     * empty), the caller makes one. */
    struct wcp_string id;
    struct wcp_string title, date, source;
    int64_t date_ms; /* UTC milliseconds or WCP_NO_DATE; a date that is given
                      * but not understood has date.data and WCP_NO_DATE */
    struct wcp_location at;
    uint64_t num_bad; /* illegal bytes (sequences) replaced or dropped */
};

/* Something was skipped, repaired or decided; said to the user by the caller.
 */
enum wcp_notice_kind {
    WCP_NOTICE_SKIPPED,  /* a document, record or file was not read: exit status
                            3 */
    WCP_NOTICE_REPAIRED, /* illegal bytes or surrogates replaced: a warning; at
                          * most one for each source in a batch, the first */
    WCP_NOTICE_DETAIL,   /* for -v: entries passed over; encodings and why,
                          * unless given or UTF-8 throughout */
};

struct wcp_notice {
    enum wcp_notice_kind kind;
    enum wcp_code code;
    uint32_t source;  /* index, or UINT32_MAX: see path */
    const char *path; /* set only when source is UINT32_MAX */
    uint64_t line;    /* 1-based, relative to the batch; 0: none */
    uint64_t column;  /* 1-based byte in the line as UTF-8; 0: none */
    uint64_t offset;  /* byte in the file or stream */
    char text[240];   /* "malformed JSON: ...", without path and line */
};

struct wcp_consumer {
    /* Return false to stop: process() then returns WCP_CODE_STOPPED. */
    bool (*document)(void *ctx, const struct wcp_document *doc);
    void (*notice)(void *ctx, const struct wcp_notice *notice);
    void *ctx;
};

struct wcp_reader;
struct wcp_worker;
struct wcp_batch;

/* 'opts' and the strings in it are copied.  NO_MEMORY, BAD_OPTION. */
enum wcp_code wcp_reader_new(const struct wcp_memory *mem,
                             const struct wcp_input_options *opts,
                             struct wcp_reader **reader_ret,
                             struct wcp_fault *fault);
void wcp_reader_free(struct wcp_reader *reader);
/* Its own copy, in which no field is NULL that has a default. */
const struct wcp_input_options *
wcp_reader_options(const struct wcp_reader *reader);

/*
 * Add a file, a directory (walked in bytewise order of the whole path; hidden
 * entries and symbolic links to directories below it are passed over with a
 * DETAIL notice; links to files are read; depth at most 256) or "-", standard
 * input.  An archive (tar, also compressed, or zip: by its magic number, in a
 * directory only if it is named like one) is a source without documents that
 * is followed by its members, shown as ARCHIVE!MEMBER; archives in archives are
 * skipped.  Standard input and pipes in /dev are read here far enough to see
 * whether they are one, and to their end if they are; archives in named pipes
 * are skipped.  Where not a byte comes through there is no document; a file
 * without one is an empty text.  A file that was added before, by whatever
 * name, is not added again, which is a REPAIRED notice.  A path that is missing
 * or cannot be opened is a SKIPPED notice to 'consumer' and not a failure, so
 * is an empty directory.  NO_MEMORY only.
 */
enum wcp_code wcp_reader_add(struct wcp_reader *reader, const char *path,
                             const struct wcp_consumer *consumer,
                             struct wcp_fault *fault);

uint32_t wcp_reader_num_sources(const struct wcp_reader *reader);
/* As it is shown: bytes that are not UTF-8 and control characters as %XX (and %
 * itself as it is);
 * "-" for standard input. */
const char *wcp_source_path(const struct wcp_reader *reader, uint32_t source);
/* The path to open it by; NULL for standard input and in an archive. */
const char *wcp_source_name(const struct wcp_reader *reader, uint32_t source);
bool wcp_source_in_archive(const struct wcp_reader *reader, uint32_t source);
/* Known once a batch of it was processed: any but AUTO. */
enum wcp_format wcp_source_format(const struct wcp_reader *reader,
                                  uint32_t source);

/* How a document of the source can be read again. */
enum wcp_access {
    WCP_ACCESS_DIRECT, /* wcp_fetch() */
    WCP_ACCESS_STREAM, /* compressed records, members: only in order, by
                          wcp_reader_rewind() */
};
/* Known as soon as the first document of the source is delivered. */
enum wcp_access wcp_source_access(const struct wcp_reader *reader,
                                  uint32_t source);

enum wcp_code wcp_worker_new(struct wcp_reader *reader,
                             struct wcp_worker **worker_ret,
                             struct wcp_fault *fault);
void wcp_worker_free(struct wcp_worker *worker);

/*
 * Take the next batch into the worker's hands.  False when there is none left.
 * Failures to open or read a source are delivered as notices when the batch is
 * processed.
 */
bool wcp_reader_next(struct wcp_reader *reader, struct wcp_worker *worker,
                     uint64_t *number_ret);

/* What a processed batch was.  A batch of several sources (small files) has
 * whole ones only: lines count from the beginning of each. */
struct wcp_batch_info {
    uint64_t number;
    uint32_t source;     /* the (first) source it came from */
    uint32_t end_source; /* behind the last of them */
    bool starts_source;  /* its first line is line 1 of the source */
    uint64_t num_lines;  /* line ends seen, to number the lines of the batches
                            after it */
    uint64_t num_bytes;  /* bytes of input, decompressed */
};

/* Process the batch taken last.  OK, NO_MEMORY or STOPPED. */
enum wcp_code wcp_worker_process(struct wcp_worker *worker,
                                 const struct wcp_consumer *consumer,
                                 struct wcp_batch_info *info_ret,
                                 struct wcp_fault *fault);

/* One thread's way through all documents, in input order (each.c). */
struct wcp_each {
    struct wcp_consumer
        consumer;             /* lines are counted from the source's start */
    bool (*go_on)(void *ctx); /* asked between batches; may be NULL */
};

/* OK, NO_MEMORY or STOPPED; *num_bytes_ret is filled in any case. */
enum wcp_code wcp_reader_each(struct wcp_reader *reader,
                              const struct wcp_each *each,
                              uint64_t *num_bytes_ret, struct wcp_fault *fault);

/*
 * Start over, handing out only the batches of those STREAM sources for which
 * wanted(ctx, source) is true; they deliver the same documents with the same
 * at.offset, in the same order.
 */
enum wcp_code wcp_reader_rewind(struct wcp_reader *reader,
                                bool (*wanted)(void *ctx, uint32_t source),
                                void *ctx, struct wcp_fault *fault);

/*
 * Read one document of a DIRECT source again.  The result is valid until the
 * worker's next call.  IO, BAD_RECORD (the file has changed), NO_MEMORY.
 */
enum wcp_code wcp_fetch(struct wcp_worker *worker,
                        const struct wcp_location *at,
                        struct wcp_document *doc_ret, struct wcp_fault *fault);

/*
 * The worker's next fetches are of this part of a DIRECT source: read it at
 * once, if it is one of records.  Where that fails each fetch reads for itself
 * and says why it cannot.
 */
void wcp_fetch_ahead(struct wcp_worker *worker, uint32_t source,
                     uint64_t offset, uint64_t len);

/* ---- sources that were read before (adopt.c) ---- */

/* What is known of a source once all of it was read, for a file that keeps it.
 * Strings end in NUL and belong to the reader. */
struct wcp_source_state {
    const char *shown, *path; /* path NULL: there is none to open it by */
    uint64_t size;            /* of the file, in bytes */
    int64_t changed;          /* its time of modification, nanoseconds */
    uint32_t archive;         /* of a member: its archive's index + 1; else 0 */
    uint32_t member, num_members, header_end;
    uint16_t columns[5], num_columns;
    uint8_t format, packed, access, named;
    wcp_encoding encoding;
    char delimiter;
    bool once, named_packed, is_archive, nested;
};

void wcp_source_state(const struct wcp_reader *reader, uint32_t source,
                      struct wcp_source_state *state_ret);
/*
 * Give a source, which must be that of 'state', what reading it had found out.
 * BAD_RECORD: it is another.
 */
enum wcp_code wcp_source_restore(struct wcp_reader *reader, uint32_t index,
                                 const struct wcp_source_state *state,
                                 struct wcp_fault *fault);
/* Take a batch and forget it; as wcp_reader_next(). */
bool wcp_reader_skip(struct wcp_reader *reader, struct wcp_worker *worker);
/* How many bytes a batch has, about. */
size_t wcp_reader_batch_bytes(const struct wcp_reader *reader);
/* Of a source with documents, once it was read or adopted. */
wcp_encoding wcp_source_encoding(const struct wcp_reader *reader,
                                 uint32_t source);
/* Whether a document can stand at this place of an adopted source. */
bool wcp_source_holds(const struct wcp_reader *reader, uint32_t source,
                      uint64_t offset, uint64_t len);
/*
 * Append a source that another reader has read, in the order of that reader,
 * so that its documents can be fetched; 'archive' counts from this reader's
 * first source.  Nothing of it is believed that memory safety rests on.
 * 'folder' is put before its path, or NULL.  'check': the file must be there
 * and have its size, or IO.
 * BAD_RECORD: there is no such source.
 */
enum wcp_code wcp_reader_adopt(struct wcp_reader *reader,
                               const struct wcp_source_state *state,
                               const char *folder, bool check,
                               struct wcp_fault *fault);

/* Whether a file is not what it was when it was read, by its size and time.
 * Of what cannot be looked up by a path it is not known: false. */
bool wcp_source_is_changed(const struct wcp_reader *reader, uint32_t source);

/* Parts of a source's decompressed stream, ascending. */
struct wcp_cuts {
    const struct wcp_range {
        uint64_t offset, len;
    } * at;
    size_t num;
    struct wcp_joint *joint;
    /* NULL: they go.  Else asked for each what stands there instead, given its
     * bytes; data NULL: it goes. */
    enum wcp_code (*replace)(void *ctx, size_t i, struct wcp_string bytes,
                             struct wcp_string *instead_ret,
                             struct wcp_fault *fault);
    void *replace_ctx;
};

/* How far the file that several sources are copied to has come; zero at the
 * start. */
struct wcp_joint {
    bool any;       /* something was written */
    bool open_line; /* the last line has no line end */
    wcp_encoding encoding;
    uint8_t format; /* enum wcp_format */
    char delimiter;
    uint16_t num_columns, columns[5]; /* of a table; 0: of none */
};

/*
 * Hand all of a source of records to 'write' but the cuts and the line end
 * behind each, or with what replaces them.  What follows another source begins
 * on a line of its own and without byte-order mark and header.  NO_SUPPORT for
 * archives, their members and what has other columns than what went before;
 * STOPPED when write() returns false; IO, NO_MEMORY.
 */
enum wcp_code wcp_source_copy(struct wcp_reader *reader, uint32_t source,
                              const struct wcp_cuts *cuts,
                              bool (*write)(void *ctx, const void *data,
                                            size_t len),
                              void *ctx, struct wcp_fault *fault);

/* ---- parts of a document (excise.c) ---- */

/* A record as it stands in its file, without its line end, and what is to be
 * taken out of its text: bytes of that as UTF-8, ascending. */
struct wcp_excision {
    const void *bytes;
    size_t len;
    const struct wcp_range *cuts;
    size_t num;
};

struct wcp_exciser;
enum wcp_code wcp_exciser_new(struct wcp_reader *reader,
                              struct wcp_exciser **exciser_ret,
                              struct wcp_fault *fault);
void wcp_exciser_free(struct wcp_exciser *exciser);
/*
 * What is left, until the next call; all that is not cut is byte for byte the
 * same.  NO_SUPPORT, with the reason: it cannot be cut exactly; IO: it is not
 * what was read; NO_MEMORY.
 */
enum wcp_code wcp_excise(struct wcp_exciser *exciser,
                         const struct wcp_location *at,
                         const struct wcp_excision *what,
                         struct wcp_string *left_ret, struct wcp_fault *fault);
/* The same for a text file, which is read again. */
enum wcp_code wcp_excise_file(struct wcp_exciser *exciser,
                              const struct wcp_location *at,
                              const struct wcp_range *cuts, size_t num,
                              struct wcp_string *left_ret,
                              struct wcp_fault *fault);

/* Bytes of the files read so far and their total (0 when unknown); any thread.
 */
void wcp_reader_progress(const struct wcp_reader *reader, uint64_t *done_ret,
                         uint64_t *total_ret);

/* ---- dates (date.c) ---- */

/*
 * ISO 8601 and RFC 3339 (with offset, with space for T, fractions), the same
 * with strokes or full stops in the day and digits that lack (2006/5/9 8:05),
 * YYYYMMDD (also followed by HHMM or HHMMSS), 2006年5月9日 (also with 时分秒),
 * 9 May 2006, 9-MAY-2006 and May 9, 2006 (also with a day of the week, a time,
 * a zone and a comment in parentheses, as in RFC 2822; English names), epoch
 * seconds (10 digits or fewer, at least 9) or milliseconds (12 or 13 digits).
 * Blanks around it are allowed, nothing else.  A date without a zone is UTC, a
 * bare day is its first second.  Twelve digits are YYYYMMDDHHMM if there is
 * such a minute.  WCP_NO_DATE for anything else, such as 30 February.
 */
int64_t wcp_parse_date(const char *text, size_t len);

#endif /* WCP_INPUT_INPUT_H */
