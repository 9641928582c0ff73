/*
 * reader.h - what the files of this layer share
 *
 * walk.c      paths -> sources
 * identity.c  which files were named before
 * bytes.c     files -> padded buffers
 * reader.c    sources -> batches (everything here runs under one mutex)
 * stream.c    a file, pipe or compressed file as a stream of bytes
 * spool.c     a pipe's first bytes, to see whether it is an archive
 * archive.c   a tar or zip file as a row of members
 * members.c   an archive -> sources and batches
 * gunzip.c    gzip -> bytes
 * sniff.c     compression, format and encoding from the first bytes
 * lines.c     where lines end; cutting a stream at line ends
 * batch.c     a batch -> documents: slices, runs of small files
 * rows.c      where the rows of CSV end
 * jsonl.c     a line of JSON -> a document
 * csv.c       the header and the rows of CSV and TSV -> documents
 * plain.c     a text file -> a document
 * hints.c     the encoding that most files of a directory have
 * fetch.c     one document again
 * adopt.c     sources that another reader has read
 * copy.c      a file of records without some of them
 * excise.c    a document without parts of its text
 */
#ifndef WCP_INPUT_READER_H
#define WCP_INPUT_READER_H

#include "input/input.h"
#include "input/json.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>

/* ---- stream.c ---- */

enum wcp_compression {
    WCP_PLAIN,
    WCP_GZIP,
    WCP_ZSTD,
    WCP_XZ,
    WCP_BZIP2,
    WCP_LZ4
};

/* Bytes in order, decompressed if they were compressed. */
struct wcp_stream;

/*
 * Read 'fd' from its start if it is seekable (with pread, so that its offset
 * does not matter), else from where it is.  The stream closes fd in every
 * case.
 */
struct wcp_stream_from {
    int fd;
    bool seekable;
    int spool_fd;       /* > 0: write what is read there too, from its start */
    uint64_t spool_len; /* what is there already, to be read first */
    struct wcp_quota *disk; /* what is written is taken from; may be NULL */
    /* If set, read this instead of fd, which is not closed.  0 at the end, -1
     * with the fault filled in. */
    ssize_t (*read)(void *ctx, void *data, size_t len, struct wcp_fault *fault);
    void *ctx;
};
enum wcp_code wcp_stream_open(const struct wcp_memory *mem,
                              const struct wcp_stream_from *from,
                              struct wcp_stream **stream_ret,
                              struct wcp_fault *fault);
void wcp_stream_close(struct wcp_stream *stream);
/* Add the bytes read so far, and from now on all that are read. */
void wcp_stream_count(struct wcp_stream *stream, _Atomic uint64_t *progress);
enum wcp_compression wcp_stream_compression(const struct wcp_stream *stream);
/* Fill 'data'; less than len only at the end or a failure. */
size_t wcp_stream_read(struct wcp_stream *stream, void *data, size_t len);
/* Up to 'want' of the next bytes without consuming them.  The pointer is valid
 * until the next call. */
const uint8_t *wcp_stream_peek(struct wcp_stream *stream, size_t want,
                               size_t *len_ret);
/* Put the last len bytes back that were read since the last call of this. */
void wcp_stream_unread(struct wcp_stream *stream, const void *data, size_t len);
/* What ended the stream before its end, else NULL. */
const struct wcp_fault *wcp_stream_fault(const struct wcp_stream *stream);
/* Whether what came through a pipe could not be kept: then nothing is wrong
 * with the input, but all behind this point would be lost. */
bool wcp_stream_spool_failed(const struct wcp_stream *stream);

/* ---- gunzip.c ---- */

struct wcp_gunzip;
struct wcp_gunzip_io {
    const uint8_t *in; /* moved on past what was used */
    size_t in_len;
    uint8_t *out; /* likewise */
    size_t out_len;
};
enum wcp_gunzip_status {
    WCP_GUNZIP_MORE,    /* give it more, or take what there is */
    WCP_GUNZIP_BETWEEN, /* a member has ended; the input may end here */
    WCP_GUNZIP_ENDED,   /* what follows is not gzip */
    WCP_GUNZIP_DAMAGED,
    WCP_GUNZIP_NO_MEMORY
};
struct wcp_gunzip *wcp_gunzip_new(const struct wcp_memory *mem);
void wcp_gunzip_free(struct wcp_gunzip *gunzip);
enum wcp_gunzip_status wcp_gunzip(struct wcp_gunzip *gunzip,
                                  struct wcp_gunzip_io *io);

/* ---- archive.c ---- */

/* The members of a tar or zip file, in order. */
struct wcp_archive;
enum wcp_member_kind {
    WCP_MEMBER_FILE,
    WCP_MEMBER_DIRECTORY,
    WCP_MEMBER_LINK,
    WCP_MEMBER_OTHER
};
struct wcp_member {
    uint32_t number; /* from 0, counting all kinds */
    enum wcp_member_kind kind;
    const char *name; /* as it stands there; valid until the next member */
};
bool wcp_looks_archive(const uint8_t *data, size_t len);
/* The same of a stream that was just opened. */
bool wcp_stream_archive(struct wcp_stream *stream);
/* Closes fd in every case. */
enum wcp_code wcp_archive_open(const struct wcp_memory *mem, int fd,
                               uint64_t size, struct wcp_archive **archive_ret,
                               struct wcp_fault *fault);
void wcp_archive_close(struct wcp_archive *archive);
/* False at the end, or where the archive breaks off. */
bool wcp_archive_next(struct wcp_archive *archive,
                      struct wcp_member *member_ret);
/* The next bytes of the member; 'ctx' is the archive. */
ssize_t wcp_archive_read(void *ctx, void *data, size_t len,
                         struct wcp_fault *fault);
/* What ended the archive before its end, else NULL. */
const struct wcp_fault *wcp_archive_fault(const struct wcp_archive *archive);

/* "cannot open: Permission denied". */
enum wcp_code wcp_fail_errno(struct wcp_fault *fault, int sys_errno,
                             const char *what);

/* ---- sources ---- */

struct wcp_source {
    const char *path;  /* to open it; NULL: standard input */
    const char *shown; /* to show it */
    uint64_t size;     /* in bytes, when last looked at */
    int64_t changed;   /* then its time of modification, nanoseconds */
    uint32_t dir;
    bool once;    /* a pipe: no size; spooled to be read again */
    int spool_fd; /* > 0: what came through the pipe */
    bool unread;  /* of it only the first spool_len bytes, by spool.c */
    uint64_t spool_len;
    int spool_errno;   /* why these are not all that were read; 0: they are */
    bool named_packed; /* the name ends like that of a compressed file */
    uint8_t named;     /* enum wcp_format by option or name, or AUTO */
    /* Decided when it is first read, by whoever holds the source then. */
    uint8_t format; /* AUTO: not yet */
    uint8_t packed; /* enum wcp_compression */
    uint8_t access;
    uint8_t reason; /* enum wcp_enc_reason */
    wcp_encoding encoding;
    /* CSV and TSV: where text, id, title, date and source stand, from 1; 0:
     * there is no such column. */
    uint16_t columns[5];
    uint16_t num_columns;
    char delimiter;
    /* Archives are followed by their members, which are opened through them. */
    bool is_archive;
    bool nested;          /* a member that is named like an archive */
    uint32_t num_members; /* of an archive */
    uint32_t archive;     /* of a member: index of the archive + 1; else 0 */
    uint32_t member;      /* its number in the archive, counting all kinds */
    uint32_t header_end;  /* offset behind the header; 0: there is none */
};

/* Note size and time of a regular file. */
void wcp_source_note(struct wcp_source *source, const struct stat *status);

/* The files directly in it are among sources first .. last. */
struct wcp_dir {
    uint32_t first, last;
    wcp_encoding hint;
    bool known;
};

/* Which file it is, whatever it is called. */
struct wcp_identity {
    uint64_t device, inode; /* inode 0: none */
};

/* The files that were named, by open addressing, at most half full. */
struct wcp_files {
    struct wcp_identity *at;
    size_t num, cap;
};

/* Memory for many small strings, released as one. */
struct wcp_arena {
    struct wcp_arena_block *last;
    size_t used, cap;
};

/* ---- batches ---- */

/* Lines or rows cut from a stream. */
struct wcp_cut {
    uint64_t begin;     /* offset of the first byte */
    bool long_line;     /* none of them, but a line above max_line follows */
    uint64_t long_len;  /* its length */
    bool ended;         /* nothing follows */
    enum wcp_code code; /* OK or NO_MEMORY */
};
/* The way of all rows of CSV that are in quotes where a line ends before
 * 'until'; begins zeroed. */
struct wcp_quotes {
    uint64_t until; /* offset up to which it is known */
    uint8_t state;  /* there; rows.c knows its values */
};
/* How far the cutting has come; begins zeroed. */
struct wcp_course {
    uint64_t at; /* offset of the next byte */
    struct wcp_quotes quotes;
};

enum wcp_batch_kind {
    WCP_BATCH_EMPTY,  /* notices only */
    WCP_BATCH_RUN,    /* whole files, read by the worker */
    WCP_BATCH_SLICE,  /* a range of a file of records */
    WCP_BATCH_LINES,  /* whole lines, in worker->in */
    WCP_BATCH_TEXT,   /* a whole text, in worker->in */
    WCP_BATCH_MEMBERS /* texts of an archive, in worker->in */
};

enum { WCP_RUN_MAX = 64 };

struct wcp_batch {
    enum wcp_batch_kind kind;
    enum wcp_code failure; /* NO_MEMORY while it was made, or IO: see notice */
    uint64_t number;
    uint32_t source;
    bool starts_source;
    uint64_t begin, end; /* SLICE: the range */
    uint32_t run[WCP_RUN_MAX];
    uint32_t num_run;
    size_t run_end[WCP_RUN_MAX]; /* MEMBERS: where each ends */
    uint32_t fault_source;       /* of what wcp_take_members() failed with */
    struct wcp_cut cut;          /* LINES */
    bool has_notice;             /* to be delivered last */
    struct wcp_notice notice;
};

struct wcp_reader {
    struct wcp_memory mem;
    struct wcp_input_options opts;
    struct wcp_json_name fields[5]; /* text, id, title, date, source */
    size_t batch_bytes;
    uint64_t max_line;
    struct wcp_arena names;
    WCP_ARRAY(struct wcp_source) sources;
    WCP_ARRAY(struct wcp_dir) dirs;
    struct wcp_files files;

    pthread_mutex_t turn; /* guards what follows, up to the blank line */
    uint64_t num_batches;
    uint32_t position;         /* the source that is next or under way */
    uint64_t slice;            /* where the next slice begins, if slicing */
    bool slicing, starting;    /* starting: no batch of it was given yet */
    struct wcp_stream *stream; /* under way, else NULL */
    struct wcp_course course;
    struct wcp_archive *archive; /* under way, else NULL */
    uint32_t archive_source;
    struct wcp_stream *waiting; /* of the member at 'position', or NULL */
    uint8_t *wanted;            /* by source, in a second pass; else NULL */

    pthread_mutex_t hint_turn; /* guards dirs[].hint and .known */
    _Atomic uint64_t done;
    uint64_t total;
    bool total_unknown;
};

struct wcp_worker {
    struct wcp_reader *reader;
    struct wcp_batch batch;
    struct wcp_decoder *decoder;
    struct wcp_json *json;
    struct wcp_buffer in;     /* bytes as they were read */
    struct wcp_buffer text;   /* decoded */
    struct wcp_buffer mended; /* a line that was repaired */
    struct wcp_buffer sample; /* other files, for a hint */
    struct wcp_buffer ahead;  /* what was read ahead, of fd_source */
    uint64_t ahead_at;        /* where it stands there */
    struct wcp_json_value values[5];
    struct wcp_csv *csv; /* csv.c; made when it is needed */
    int fd; /* of the file read last, by slices or fetches; -1: none */
    uint32_t fd_source;
    /* while a batch is processed */
    const struct wcp_consumer *consumer;
    struct wcp_batch_info info;
    bool said_repaired; /* in this source and batch */
};

/* The source's file, open for the worker until it asks for another. */
enum wcp_code wcp_worker_open(struct wcp_worker *worker, uint32_t source,
                              int *fd_ret, struct wcp_fault *fault);
/* Open a source; of standard input, which stays open, a duplicate. */
enum wcp_code wcp_source_open(const struct wcp_source *source, int *fd_ret,
                              struct wcp_fault *fault);
/* The source as a stream from its start, decompressed. */
enum wcp_code wcp_source_stream(struct wcp_reader *reader, uint32_t index,
                                struct wcp_stream **stream_ret,
                                struct wcp_fault *fault);
/* Room for len more bytes and the padding in a buffer; pad it with zeros. */
bool wcp_input_reserve(struct wcp_buffer *buf, uint64_t len);
void wcp_input_pad(struct wcp_buffer *buf);
/* Append up to len bytes of fd at 'offset'; fewer at the end of the file. */
enum wcp_code wcp_input_read(struct wcp_buffer *buf, int fd, uint64_t len,
                             uint64_t offset, struct wcp_fault *fault);
/*
 * Read all of a file that was so many bytes into an empty buffer, by one call:
 * a byte more is asked for, and what comes short of that has ended.  False,
 * and the buffer is empty: it cannot be had by this, whatever the reason.
 */
bool wcp_input_read_whole(struct wcp_buffer *buf, int fd, uint64_t size);

/* What is said of records that broke off there. */
struct wcp_fault wcp_broken_records(const struct wcp_fault *fault,
                                    uint64_t offset);
/* All of a stream into worker->in, but no more than one byte above
 * max_document.  OK or NO_MEMORY; the stream has its fault. */
enum wcp_code wcp_read_text(struct wcp_worker *worker,
                            struct wcp_stream *stream);

/* Where a notice points. */
struct wcp_place {
    uint32_t source;
    uint64_t line, column, offset;
};
void wcp_notify(struct wcp_worker *worker, enum wcp_notice_kind kind,
                const struct wcp_place *place, const struct wcp_fault *fault);

/* ---- fetch.c ---- */

/* The bytes of a location in a DIRECT source into worker->in, padded. */
enum wcp_code wcp_read_location(struct wcp_worker *worker,
                                const struct wcp_location *at,
                                struct wcp_fault *fault);

/* ---- members.c ---- */

bool wcp_named_archive(const char *path);
/* Whether a file is one, by its name or its first bytes. */
bool wcp_is_archive(struct wcp_reader *reader, uint32_t index);
/* Append the members of a source as sources.  OK or NO_MEMORY. */
enum wcp_code wcp_list_archive(struct wcp_reader *reader, uint32_t index,
                               const struct wcp_consumer *consumer);
/* Open the archive that a source is. */
enum wcp_code wcp_source_archive(struct wcp_reader *reader, uint32_t index,
                                 struct wcp_archive **archive_ret,
                                 struct wcp_fault *fault);

/* Take the next members of reader->archive, from 'position' on. */
enum wcp_took {
    WCP_TOOK_NONE,   /* there are none: the archive is left */
    WCP_TOOK_RUN,    /* texts, into batch and worker->in */
    WCP_TOOK_STREAM, /* records: reader->stream is open */
    WCP_TOOK_FAULT   /* of batch->fault_source; texts may be there, too */
};
enum wcp_took wcp_take_members(struct wcp_reader *reader,
                               struct wcp_worker *worker,
                               struct wcp_fault *fault);
void wcp_leave_archive(struct wcp_reader *reader);

/* ---- spool.c ---- */

/* See whether an archive comes through a pipe that is open already; if so, make
 * it a file, even of what came before a failure.  IO, NO_MEMORY. */
enum wcp_code wcp_spool_archive(struct wcp_reader *reader, uint32_t index,
                                bool *archive_ret, struct wcp_fault *fault);

/* ---- identity.c ---- */

struct wcp_identity wcp_identity_of(const struct stat *status);
/* Note a file; *seen_ret: it was noted before.  False when out of memory. */
bool wcp_files_note(struct wcp_files *files, const struct wcp_memory *mem,
                    const struct wcp_identity *file, bool *seen_ret);
void wcp_files_release(struct wcp_files *files, const struct wcp_memory *mem);

/* ---- path.c ---- */

void wcp_arena_release(struct wcp_arena *arena, const struct wcp_memory *mem);
/* A copy of the bytes and a NUL; NULL when out of memory. */
char *wcp_arena_copy(struct wcp_arena *arena, const struct wcp_memory *mem,
                     const char *text, size_t len);
/* 'path' as it is shown: itself if nothing in it must be escaped. */
const char *wcp_shown_path(struct wcp_arena *arena,
                           const struct wcp_memory *mem, const char *path);
/* What a name says; *packed_ret: it ends like that of a compressed file. */
enum wcp_format wcp_format_by_name(const char *path, bool *packed_ret);

/* ---- sniff.c ---- */

/* How much is looked at to decide the encoding of a file of records. */
enum { WCP_SAMPLE_BYTES = 1 << 20, WCP_MAGIC_BYTES = 6 };

enum wcp_compression wcp_sniff_compression(const uint8_t *data, size_t len);
const char *wcp_compression_name(enum wcp_compression packed);
/* The part of a sample that ends with a line or at least with a character. */
size_t wcp_sample_cut(const uint8_t *data, size_t len);

/*
 * Fill in the source's format, access and, for records, its encoding, from
 * its first bytes ('whole': these are all).  BAD_TEXT: it is binary.
 */
struct wcp_sample {
    const uint8_t *data;
    size_t len;
    bool whole;
};
enum wcp_code wcp_sniff(struct wcp_worker *worker, uint32_t index,
                        const struct wcp_sample *sample,
                        struct wcp_fault *fault);
/* Whether what is not blank begins with '{', in whatever encoding; *blank_ret:
 * there is nothing else. */
bool wcp_begins_with_brace(const uint8_t *data, size_t len, bool *blank_ret);
/* The same for a stream, whose first bytes are looked at. */
enum wcp_code wcp_sniff_stream(struct wcp_worker *worker, uint32_t index,
                               struct wcp_stream *stream,
                               struct wcp_fault *fault);
/* The encoding of a whole text, with the directory's hint if need be. */
wcp_encoding wcp_sniff_encoding(struct wcp_worker *worker, uint32_t source,
                                const uint8_t *data, size_t len,
                                enum wcp_enc_reason *reason_ret);
/* Say what was decided, unless it is plain UTF-8. */
void wcp_say_encoding(struct wcp_worker *worker, uint32_t source,
                      wcp_encoding encoding, enum wcp_enc_reason reason);

/* ---- lines.c ---- */

/* The first byte after the next line end in data .. end, which begins at a
 * whole unit; NULL: none. */
const uint8_t *wcp_line_end(const uint8_t *data, const uint8_t *end,
                            wcp_encoding enc);
/* How many bytes of data are whole lines. */
size_t wcp_whole_lines(const uint8_t *data, size_t len, wcp_encoding enc);

/* Fill worker->in with about batch_bytes of whole lines, or rows of CSV. */
void wcp_cut_lines(struct wcp_worker *worker, struct wcp_stream *stream,
                   uint32_t source, struct wcp_course *course,
                   struct wcp_cut *cut_ret);
/* worker->in begins with a line above max_line: skip it. */
void wcp_skip_long_line(struct wcp_worker *worker, struct wcp_stream *stream,
                        wcp_encoding enc, struct wcp_cut *cut);

/* ---- rows.c ---- */

/* The first byte after the row of CSV that begins at data, with any of the
 * delimiters; NULL: it does not end there, *open_ret: because of its quotes. */
const uint8_t *wcp_row_end(const uint8_t *data, const uint8_t *end,
                           wcp_encoding enc, bool *open_ret);

/* A part of a file that begins with a row or inside the header. */
struct wcp_rows {
    const uint8_t *data, *end;
    uint64_t offset; /* of data in the file */
    wcp_encoding encoding;
    char delimiter;
    uint64_t header_end, max_line;
    bool last; /* no row goes on behind 'end' */
    struct wcp_quotes *quotes;
};
enum wcp_row_kind {
    WCP_ROW_WHOLE,
    WCP_ROW_OPEN, /* a line given up: its quotes are open to the end of the
                   * file, or for more than max_line bytes */
    WCP_ROW_LONG, /* a line above max_line, if it ends here */
    WCP_ROW_MORE  /* not known before there are more bytes */
};
/* What begins at 'row', and where the next one does.  Rows and lines given up
 * are the same wherever the file is cut between them. */
enum wcp_row_kind wcp_next_row(const struct wcp_rows *rows, const uint8_t *row,
                               const uint8_t **next_ret);
/* With data, end, offset and last still to be filled in. */
struct wcp_rows wcp_rows_of(const struct wcp_reader *reader, uint32_t index,
                            struct wcp_quotes *quotes);
/* wcp_cut_lines() for CSV. */
void wcp_cut_rows(struct wcp_worker *worker, struct wcp_stream *stream,
                  uint32_t index, struct wcp_course *course,
                  struct wcp_cut *cut);

/* ---- jsonl.c ---- */

/* Deliver the lines of 'data', which is padded; *num_lines counts on. */
enum wcp_code wcp_process_lines(struct wcp_worker *worker, uint32_t source,
                                const uint8_t *data, size_t len,
                                uint64_t offset, uint64_t *num_lines);
/* Say that a line is too long. */
void wcp_say_long_line(struct wcp_worker *worker,
                       const struct wcp_place *place);

/*
 * The document of a line (padded).  OK with doc->text.data NULL: blank.  Else
 * what is wrong, with fault->at the 1-based column or 0.  'mended_ret' says
 * what had to be repaired, if anything.
 */
struct wcp_mended {
    uint64_t num;
    uint64_t first;   /* offset in the line */
    const char *what; /* "illegal bytes" */
};
enum wcp_code wcp_parse_record(struct wcp_worker *worker, wcp_encoding enc,
                               const uint8_t *line, size_t len,
                               struct wcp_document *doc,
                               struct wcp_mended *mended_ret,
                               struct wcp_fault *fault);

/* Deliver a record, a line or row without its end. */
enum wcp_code wcp_process_record(struct wcp_worker *worker,
                                 const struct wcp_place *where,
                                 const uint8_t *line, size_t len);

/* ---- csv.c ---- */

/* Whether the source is CSV or TSV. */
bool wcp_is_table(const struct wcp_source *source);
void wcp_csv_free(struct wcp_worker *worker);
/* Find the columns in the first row of a sample, whose encoding is known. */
enum wcp_code wcp_read_header(struct wcp_worker *worker, uint32_t index,
                              const struct wcp_sample *sample,
                              struct wcp_fault *fault);
/* Like wcp_process_lines(), for CSV. */
enum wcp_code wcp_process_rows(struct wcp_worker *worker, uint32_t index,
                               const uint8_t *data, size_t len, uint64_t offset,
                               uint64_t *num_lines);
/* Like wcp_parse_record(), for a row. */
struct wcp_row {
    uint32_t source;
    wcp_encoding encoding;
    const uint8_t *data;
    size_t len;
};
enum wcp_code wcp_parse_row(struct wcp_worker *worker,
                            const struct wcp_row *raw, struct wcp_document *doc,
                            struct wcp_mended *mended_ret,
                            struct wcp_fault *fault);

/* ---- plain.c, hints.c ---- */

/* Of texts and lines above max_document: TOO_LONG. */
enum wcp_code wcp_too_long(const struct wcp_input_options *opts,
                           struct wcp_fault *fault);
/* Decode a whole text into 'doc'. */
enum wcp_code wcp_decode_text(struct wcp_worker *worker, wcp_encoding enc,
                              const uint8_t *data, size_t len,
                              struct wcp_document *doc,
                              struct wcp_mended *mended_ret,
                              struct wcp_fault *fault);
/* Deliver a text file. */
enum wcp_code wcp_process_text(struct wcp_worker *worker, uint32_t index,
                               const uint8_t *data, size_t len);

/* The encoding that most files of the source's directory have, or AUTO. */
wcp_encoding wcp_directory_hint(struct wcp_worker *worker, uint32_t source);

#endif /* WCP_INPUT_READER_H */
