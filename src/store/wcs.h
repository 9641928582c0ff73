/*
 * wcs.h - signature files: what is in them, and how they are written and read
 *
 * A signature file (F.wcs) holds what reading and signing some documents has
 * found out, so that they can be linked with others elsewhere or later.  It is
 * written from front to back, so that it can go through a pipe, and is whole
 * only if its last section is there.
 *
 * All numbers are little-endian; nothing is aligned or padded.  "Hash" is
 * XXH3-64 with seed 0 unless another seed is named.
 *
 *   file      header, sections; nothing behind the last section
 *   header    24 bytes
 *      0   8  89 57 43 53 0D 0A 1A 0A (.WCS....)
 *      8   4  version of the format, 1
 *     12   4  WCP_SIGNATURE_VERSION of whoever signed
 *     16   8  hash of the 16 bytes before
 *   section   32 bytes, then the payload
 *      0   4  tag, four ASCII letters
 *      4   4  how many sections stand before it
 *      8   8  length of the payload
 *     16   8  hash of the payload
 *     24   8  hash of the 24 bytes before
 *
 * A reader passes over sections whose tag begins with a small letter if it
 * does not know them, and refuses others.  So sections can be added.
 *
 *   OPTS      first and once: name NUL value NUL and so on; the options that
 *             the documents were read and signed with
 *   SRCS      files, before the first block that has documents of them
 *      0   4  number of the first; 4  4  how many; then of each
 *             8 size in bytes; 8 time of modification, nanoseconds; 4 number
 *             of the archive that it is a member of + 1, or 0; 4 which member,
 *             counting all; 4 members that it has; 4 length of the header row;
 *             5 x 2 columns of text, id, title, date, source, from 1; 2
 *             columns; 1 format, 1 compression, 1 access, 1 format by its
 *             name; 1 delimiter; 1 flags: 1 a pipe, 2 named like a compressed
 *             file, 4 an archive, 8 named like an archive in an archive, 16
 *             it has a path; then three strings, each with a NUL behind it:
 *             encoding (empty: not known), path as it is shown, path to open
 *             it by
 *   DOCS      begins a block, the documents of one piece of input
 *      0   4  documents; 4  4  flags: 1 the block begins a file
 *      8   8  line ends in it; 16  8  bytes of input; 24  8  shingles,
 *             counted as often as they occur; 32  8  documents with illegal
 *             bytes; 40  8  documents that were skipped
 *     48      then of each document 72 bytes:
 *      0  16  XXH3-128 of the folded text, low half first
 *     16   8  date, milliseconds since 1970 UTC, or -2^63
 *     24   8  offset of its bytes in the (decompressed) file; 32  8  length
 *     40   4  length of the folded text in UTF-16 units
 *     44   4  line, counted from where the block begins, or from where the
 *             file does; 0: it is a whole file
 *     48   4  number of the file, 2^32 - 1: it was in memory
 *     52   4  length of the id; 56  4  of the title; 60  4  of the date;
 *     64   4  of the source
 *     68   1  flags: 1 has an id, 2 a title, 4 a date, 8 a source
 *     69   3  zero
 *   STRS      of each document those of id, title, date and source that it
 *             has, each with a NUL behind it
 *   MINH      32-bit MinHash values, 128 of each document, or
 *   MINB      their low 8 bits, followed by
 *   KEYS      band keys, 4 bytes each, those of a document together, or
 *   SIMH      64-bit SimHashes
 *   SMPL      samples of shingles (sketch.h), unless they are SimHashes: of
 *             each document 4 bytes, how many; then those of all, 4 each
 *   NOTE      what there was to say, in files of --checkpoint only
 *   ENDS      last
 *      0   8  documents; 8  4  files; 12  4  zero; 16  8  chain: of each
 *             section before, the hash of its 32 bytes with the chain so far
 *             as seed, which begins with 0
 *
 * Nothing that is read is believed: lengths are held against the size of the
 * file before memory is taken, every byte is covered by a hash, and what the
 * hashes cannot tell (a file that was made to deceive) is checked where it
 * counts.
 */
#ifndef WCP_STORE_WCS_H
#define WCP_STORE_WCS_H

#include "store/chunk.h"

enum {
    WCP_WCS_VERSION = 1,
    WCP_WCS_HEADER = 24,
    WCP_WCS_SECTION = 32,
};

#define WCP_WCS_TAG(a, b, c, d)                                 \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | \
     (uint32_t)(d) << 24)
#define WCP_WCS_OPTS WCP_WCS_TAG('O', 'P', 'T', 'S')
#define WCP_WCS_SRCS WCP_WCS_TAG('S', 'R', 'C', 'S')
#define WCP_WCS_DOCS WCP_WCS_TAG('D', 'O', 'C', 'S')
#define WCP_WCS_STRS WCP_WCS_TAG('S', 'T', 'R', 'S')
#define WCP_WCS_MINH WCP_WCS_TAG('M', 'I', 'N', 'H')
#define WCP_WCS_MINB WCP_WCS_TAG('M', 'I', 'N', 'B')
#define WCP_WCS_KEYS WCP_WCS_TAG('K', 'E', 'Y', 'S')
#define WCP_WCS_SIMH WCP_WCS_TAG('S', 'I', 'M', 'H')
#define WCP_WCS_SMPL WCP_WCS_TAG('S', 'M', 'P', 'L')
#define WCP_WCS_NOTE WCP_WCS_TAG('N', 'O', 'T', 'E')
#define WCP_WCS_ENDS WCP_WCS_TAG('E', 'N', 'D', 'S')

/* ---- sections (wcs_file.c) ---- */

struct wcp_wcs_writer {
    int fd;
    uint32_t num_sections, num_sources;
    uint64_t num_documents, chain;
};

/* Write the header and the options.  IO. */
enum wcp_code wcp_wcs_begin(struct wcp_wcs_writer *writer, int fd,
                            const struct wcp_buffer *options,
                            struct wcp_fault *fault);
/* A section that is ready to be written. */
struct wcp_wcs_part {
    uint32_t tag;
    uint64_t hash;
    struct wcp_buffer bytes;
};
uint64_t wcp_wcs_hash(const struct wcp_buffer *bytes);
enum wcp_code wcp_wcs_put(struct wcp_wcs_writer *writer,
                          const struct wcp_wcs_part *part,
                          struct wcp_fault *fault);
/* Write the last section. */
enum wcp_code wcp_wcs_end(struct wcp_wcs_writer *writer,
                          struct wcp_fault *fault);

struct wcp_wcs_file {
    int fd;
    char name[160]; /* for messages, perhaps cut */
    uint64_t device, inode;
    uint64_t size, at; /* at: where the next section begins */
    uint64_t chain;
    uint32_t num_sections, num_sources;
    uint64_t num_documents; /* that were read of it */
    bool ended;             /* the last section was read, and was right */
    struct wcp_buffer options;
};

struct wcp_wcs_section {
    uint32_t tag;
    uint64_t at, len, hash; /* of the payload */
};

/*
 * Open a file and read its options.  BAD_RECORD: it is no signature file or
 * damaged; NO_SUPPORT: of another version; IO, NO_MEMORY.  Messages of these
 * calls name the file, and where it is damaged the byte.
 */
enum wcp_code wcp_wcs_open(const struct wcp_memory *mem, const char *path,
                           struct wcp_wcs_file *file, struct wcp_fault *fault);
/* Whether a file begins like one. */
bool wcp_wcs_is(const char *path);
void wcp_wcs_close(struct wcp_wcs_file *file);
/* The next section; after the last one 'file->ended' is set and there is none
 * to ask for. */
enum wcp_code wcp_wcs_next(struct wcp_wcs_file *file,
                           struct wcp_wcs_section *section,
                           struct wcp_fault *fault);
/* Replace 'bytes' by the payload; any thread. */
enum wcp_code wcp_wcs_load(const struct wcp_wcs_file *file,
                           const struct wcp_wcs_section *section,
                           struct wcp_buffer *bytes, struct wcp_fault *fault);
/* BAD_RECORD: "'F' is damaged at byte 123: ...". */
enum wcp_code wcp_wcs_damaged(const struct wcp_wcs_file *file, uint64_t at,
                              const char *what, struct wcp_fault *fault);

/* ---- sources (wcs_sources.c) ---- */

/* Write the reader's sources up to 'end' that were not written yet. */
enum wcp_code wcp_wcs_put_sources(struct wcp_wcs_writer *writer,
                                  const struct wcp_memory *mem,
                                  const struct wcp_reader *reader, uint32_t end,
                                  struct wcp_fault *fault);
/* Take the sources of a section one by one: each(ctx, number, state). */
enum wcp_code wcp_wcs_each_source(
    struct wcp_wcs_file *file, const struct wcp_wcs_section *section,
    const struct wcp_buffer *bytes,
    enum wcp_code (*each)(void *ctx, const struct wcp_source_state *state,
                          struct wcp_fault *fault),
    void *ctx, struct wcp_fault *fault);

/* ---- blocks (wcs_block.c) ---- */

enum { WCP_WCS_MAX_PARTS = 8 };

/* What a batch became, in the form that it has in a file. */
struct wcp_wcs_block {
    struct wcp_wcs_block *next;         /* of those that wait to be written */
    uint64_t number;                    /* of the batch */
    uint32_t num_documents, end_source; /* behind the last source it needs */
    uint64_t num_bytes;                 /* of input */
    unsigned num_parts;
    struct wcp_wcs_part parts[WCP_WCS_MAX_PARTS];
};

/* From a chunk that is not sealed.  NULL when out of memory. */
struct wcp_wcs_block *wcp_wcs_encode(const struct wcp_memory *mem,
                                     const struct wcp_store_options *opts,
                                     const struct wcp_chunk *chunk,
                                     bool with_notices);
void wcp_wcs_block_free(const struct wcp_memory *mem,
                        struct wcp_wcs_block *block);
enum wcp_code wcp_wcs_put_block(struct wcp_wcs_writer *writer,
                                const struct wcp_wcs_block *block,
                                struct wcp_fault *fault);

/* ---- in order (signing.c) ---- */

/* Blocks that come in any order and leave in that of their numbers. */
struct wcp_wcs_queue {
    const struct wcp_memory *mem;
    pthread_mutex_t lock;
    uint64_t next;                 /* number of the block that leaves next */
    struct wcp_wcs_block *waiting; /* ascending */
    struct wcp_fault fault;        /* of the first that could not leave */
    enum wcp_code (*put)(void *ctx, const struct wcp_wcs_block *block,
                         struct wcp_fault *fault);
    void *ctx;
};

/* 'put' and 'ctx' are still to be set. */
void wcp_queue_init(struct wcp_wcs_queue *queue, const struct wcp_memory *mem);
void wcp_queue_release(struct wcp_wcs_queue *queue);
/* Takes the block. */
enum wcp_code wcp_queue_bring(struct wcp_wcs_queue *queue,
                              struct wcp_wcs_block *block,
                              struct wcp_fault *fault);

/* The sections of a block, as they stand in a file. */
struct wcp_wcs_sections {
    unsigned num;
    struct wcp_wcs_section at[WCP_WCS_MAX_PARTS];
    uint32_t num_sources;  /* of the file so far */
    uint32_t first_source; /* in the store's reader */
};

/* Read a block into an empty chunk, not sealed, with MinHash values and keys
 * as the store has them.  'bytes' is for its own use. */
enum wcp_code wcp_wcs_decode(const struct wcp_wcs_file *file,
                             const struct wcp_wcs_sections *sections,
                             const struct wcp_store *store,
                             struct wcp_buffer *bytes, struct wcp_chunk *chunk,
                             struct wcp_fault *fault);

#endif /* WCP_STORE_WCS_H */
